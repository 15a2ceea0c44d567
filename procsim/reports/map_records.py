"""The rows of one procedure as plain records: what a procedure map is drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from procsim.measures.base import base_rows
from procsim.measures.conditions import conditions
from procsim.measures.time import channel_days
from procsim.model.portfolio import Portfolio

__all__ = ["Records", "Row", "records"]

Row = dict[str, Any]

_COLUMNS = {
    "cases": ("position", "name", "kind"),
    "channels": ("limit_value", "limit_unit"),
    "flow": ("before", "after"),
    "requirements": (
        "case",
        "position",
        "name",
        "kind",
        "relation",
        "papers",
        "originals",
        "copies",
        "certified",
        "conditional",
        "status",
        "replaced",
        "replaced_by",
    ),
    "steps": ("position", "name", "actor", "days", "days_text", "status"),
}
_MARKS = ("requirement", "database", "class")
_HEAD = ("code", "name", "ministry", "online", "status")


@dataclass(frozen=True, slots=True)
class Records:
    """One procedure; every table in the order of its positions.

    Attributes
    ----------
    head
        Its row in ``procedures``; None where the portfolio does not have it.
    base
        Ids of the requirements in the base case, as the measures count them.
    conditions
        Number of conditions that stand, NaN where not known.
    """

    head: Row | None
    cases: list[Row]
    channels: list[Row]
    flow: list[Row]
    requirements: list[Row]
    steps: list[Row]
    marks: list[Row]
    base: frozenset[str]
    conditions: float

    @property
    def described(self) -> bool:
        """Whether the source gives any content, so that what is not there is known not to be."""
        return not math.isnan(self.conditions)

    @property
    def stands(self) -> bool:
        """Whether the procedure is there and neither abolished nor merged."""
        return self.head is not None and self.head["status"] == "active"


def records(portfolio: Portfolio, key: str) -> Records:
    """Return the rows of one procedure id; no rows where the portfolio does not have it."""
    if key not in portfolio.procedures.index:
        return Records(None, [], [], [], [], [], [], frozenset(), 0.0)
    tables = {name: _rows(portfolio.rows(name, key), columns) for name, columns in _COLUMNS.items()}
    # Steps that a plan drops or merges stay in the table; the map draws what stands.
    tables["steps"] = [row for row in tables["steps"] if row["status"] == "active"]
    # The index of the whole column is hashed once; these are the days of every channel.
    days = channel_days(portfolio)
    for row in tables["channels"]:
        row["days"] = float(days.at[row["id"]])
    asked = [row["id"] for row in tables["requirements"]]
    place = portfolio.requirements.index.get_indexer(asked)
    base = base_rows(portfolio)[place]
    mine = np.isin(portfolio.positions("marks", "requirement"), place)
    return Records(
        head={name: portfolio.procedures.at[key, name] for name in _HEAD},
        marks=_rows(portfolio.marks[mine], _MARKS),
        base=frozenset(own for own, counted in zip(asked, base, strict=True) if counted),
        conditions=float(conditions(portfolio).at[key]),
        **tables,
    )


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[Row]:
    cells = [frame[name].tolist() for name in columns]
    rows = [
        {"id": own, **dict(zip(columns, values, strict=True))}
        for own, values in zip(frame.index, zip(*cells, strict=True), strict=True)
    ]
    return sorted(rows, key=lambda row: row["position"]) if "position" in columns else rows
