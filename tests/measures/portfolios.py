"""Small random portfolios for the properties of this room."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from procsim.model.portfolio import Portfolio

__all__ = ["portfolios"]

missing = st.just(float("nan"))
shares = st.one_of(missing, st.floats(0, 1))
hours = st.one_of(missing, st.floats(0, 20))
vnd = st.one_of(missing, st.integers(0, 5_000_000).map(float))
marks = st.sampled_from(["", "luật", "công bố", "nhập", "giả định"])


@st.composite
def _procedure(draw: st.DrawFn, key: str) -> dict[str, list[dict[str, object]]]:
    def rows(
        letter: str, most: int, /, **columns: st.SearchStrategy[object]
    ) -> list[dict[str, object]]:
        count = draw(st.integers(0, most))
        return [
            {
                "id": f"{key}/{letter}{i}",
                "procedure": key,
                **{column: draw(values) for column, values in columns.items()},
            }
            for i in range(count)
        ]

    kinds = st.sampled_from(["case", "case", "section", "note"])
    cases = rows("c", 4, kind=kinds)
    for position, case in enumerate(cases, start=1):
        case["position"] = position
    channels = rows(
        "k",
        3,
        method=st.sampled_from(["counter", "post", "online", "unknown"]),
        limit_value=st.one_of(missing, st.integers(0, 90).map(float)),
        limit_unit=st.sampled_from(["working_day", "day", "hour", "month", "year", ""]),
        share=shares,
        share_mark=marks,
    )
    fees = rows(
        "f",
        5,
        kind=st.sampled_from(["phi", "le_phi", "other", "unknown"]),
        channel=st.sampled_from(["", *(str(way["id"]) for way in channels)]),
        amount_vnd=vnd,
        mark=marks,
    )
    requirements = rows(
        "r",
        6,
        case=st.sampled_from([str(case["id"]) for case in cases] or [f"{key}/none"]),
        name=st.just("Giấy tờ"),
        kind=st.sampled_from(["form", "document", "document", "note"]),
        papers=st.sampled_from([1.0, 2.0, 3.0, float("nan")]),
        originals=st.integers(0, 2),
        copies=st.integers(0, 2),
        certified=st.booleans(),
        conditional=st.booleans(),
        share_needed=shares,
        share_needed_mark=marks,
        share_held=shares,
        hours=hours,
        hours_mark=marks,
        purchase_vnd=vnd,
        purchase_mark=marks,
        status=st.sampled_from(["required", "required", "dropped"]),
        coverage=shares,
    )
    for row in requirements:
        most = 1.0 if row["papers"] != row["papers"] else float(str(row["papers"]))
        row["replaced"] = draw(st.sampled_from([0.0, min(1.0, most), most]))
        if row["kind"] == "note":
            row["papers"], row["replaced"] = 0.0, 0.0
    steps = rows("s", 5, days=hours)
    pairs = [(a["id"], b["id"]) for i, b in enumerate(steps) for a in steps[:i]]
    flow = [
        {"id": f"{before}-{after}", "procedure": key, "before": before, "after": after}
        for before, after in pairs
        if draw(st.booleans())
    ]
    procedure = {
        "id": key,
        "name": "Thủ tục",
        "ministry": draw(st.sampled_from(["Bộ A", "Bộ B"])),
        "levels": draw(st.sampled_from(["", "central", "province;commune"])),
        "times_per_year": draw(st.one_of(missing, st.floats(0, 12))),
        "subjects_per_year": draw(st.one_of(missing, st.integers(0, 10**6).map(float))),
        "status": draw(st.sampled_from(["active", "active", "active", "abolished", "merged"])),
    }
    conditions = rows(
        "d", 3, text=st.just("Điều kiện"), status=st.sampled_from(["kept", "cut", "simplified"])
    )
    return {
        "procedures": [procedure],
        "cases": cases,
        "channels": channels,
        "fees": fees,
        "requirements": requirements,
        "steps": steps,
        "flow": flow,
        "conditions": conditions,
    }


@st.composite
def portfolios(draw: st.DrawFn, most: int = 3) -> Portfolio:
    """Return a portfolio of up to `most` procedures, anything in it that is possible."""
    count = draw(st.integers(0, most))
    parts = [draw(_procedure(f"1.{i:06d}")) for i in range(count)]
    tables = {
        name: pd.DataFrame([row for part in parts for row in part[name]])
        for name in (parts[0] if parts else ())
    }
    return Portfolio.from_tables(tables)
