"""Small portfolios for the tests of reforms, with ids as the readers make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from procsim.model.portfolio import Portfolio

P = "1.000001"


def portfolio(
    requirements: Sequence[Mapping[str, Any]] = (),
    channels: Sequence[Mapping[str, Any]] = (),
    fees: Sequence[Mapping[str, Any]] = (),
    procedures: Sequence[Mapping[str, Any]] = ({},),
    steps: Sequence[Mapping[str, Any]] = (),
    flow: Sequence[tuple[int, int]] = (),
    conditions: Sequence[Mapping[str, Any]] = (),
) -> Portfolio:
    """Return procedures 1.000001, 1.000002 …; rows belong to the first unless they say so.

    `flow` has pairs of numbers of steps, from 1 through the whole portfolio.
    """
    made = [
        {"id": f"1.{i:06d}", "code": f"1.{i:06d}", "name": f"Thủ tục {i}", "ministry": "Bộ A", **p}
        for i, p in enumerate(procedures, start=1)
    ]
    tables: dict[str, list[dict[str, Any]]] = {
        "procedures": made,
        "cases": [
            {"id": f"{p['id']}/c1", "procedure": p["id"], "position": 1, "name": ""} for p in made
        ],
        "requirements": [],
        "channels": [],
        "fees": [],
    }
    for i, row in enumerate(requirements, start=1):
        owner = row.get("procedure", P)
        tables["requirements"].append(
            {
                "id": f"{owner}/c1/r{i}",
                "procedure": owner,
                "case": f"{owner}/c1",
                "position": i,
                "name": f"Giấy tờ {i}",
                "kind": "document",
                "papers": 1.0,
                **row,
            }
        )
    for i, row in enumerate(channels, start=1):
        owner = row.get("procedure", P)
        tables["channels"].append(
            {
                "id": f"{owner}/k{i}",
                "procedure": owner,
                "position": i,
                "method": ("counter", "post", "online")[(i - 1) % 3],
                "limit_unit": "working_day" if row.get("limit_value") is not None else "",
                **row,
            }
        )
    for i, row in enumerate(fees, start=1):
        owner = row.get("procedure", P)
        tables["fees"].append({"id": f"{owner}/f{i}", "procedure": owner, "position": i, **row})
    for letter, name, rows in (("s", "steps", steps), ("d", "conditions", conditions)):
        tables[name] = [
            {
                "id": f"{row.get('procedure', P)}/{letter}{i}",
                "procedure": P,
                "position": i,
                "text": f"Nội dung {i}",
                **row,
            }
            for i, row in enumerate(rows, start=1)
        ]
    tables["flow"] = [
        {
            "id": f"{tables['steps'][a - 1]['id']}-s{b}",
            "procedure": tables["steps"][a - 1]["procedure"],
            "before": tables["steps"][a - 1]["id"],
            "after": tables["steps"][b - 1]["id"],
        }
        for a, b in flow
    ]
    return Portfolio.from_tables({name: pd.DataFrame(rows) for name, rows in tables.items()})
