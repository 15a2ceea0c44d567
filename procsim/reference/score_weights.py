"""Dated weights of the monthly score (chấm điểm hàng tháng).

Ministries and provinces are scored monthly, but no official weights were
found: those that ship are procsim's own assumption and say so in their mark.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import cache

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.reference.tables import MARKS, Checker, read_csv, shipped
from procsim.reference.targets import METRICS, targets_table

__all__ = ["TOTAL_WEIGHT", "WEIGHT_COLUMNS", "check_score_weights", "score_weights"]

_FILE = "score_weights.csv"

WEIGHT_COLUMNS: tuple[str, ...] = ("from", "item", "weight", "mark", "source", "note")

TOTAL_WEIGHT = 100.0
"""What the weights of one date add up to."""


def check_score_weights(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check a table of weights as text, and return it with its weights as numbers.

    Parameters
    ----------
    table
        The columns of `WEIGHT_COLUMNS`, every cell as text; line 1 is the heading.
    name
        The name of the file; it opens the place of every fault.

    Raises
    ------
    InvalidValue
        All faults of the table at once.
    """
    check = Checker(name)
    check.filled(table, "from", "source")
    check.dates(table, "from")
    check.one_of(table, "item", {*METRICS, *(target.id for target in targets_table())})
    check.one_of(table, "mark", MARKS)
    weights = pd.to_numeric(table["weight"], errors="coerce").astype(float)
    for row, (cell, weight) in enumerate(zip(table["weight"], weights, strict=True), start=2):
        if not (math.isfinite(weight) and weight >= 0):
            message = Text("trọng số là số không âm", "a weight is a number of 0 or more")
            check.fault(row, "weight", cell, "weight.value", message)
    for row, twice in enumerate(table.duplicated(["from", "item"]), start=2):
        if twice:
            message = Text("chỉ tiêu có hai trọng số", "the item has two weights")
            check.fault(row, "item", table.at[row - 2, "item"], "table.duplicate", message)
    for day, total in weights.groupby(table["from"]).sum().items():
        if not math.isclose(total, TOTAL_WEIGHT):
            message = Text("tổng trọng số phải bằng 100", "the weights must add up to 100")
            check.fault(str(day), "weight", f"{total:g}", "weight.total", message)
    check.stop()
    return table.assign(weight=weights)


@cache
def shipped_weights() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return check_score_weights(read_csv(shipped(_FILE), WEIGHT_COLUMNS), _FILE)


def score_weights(on: dt.date | None = None, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the weights in force on a day.

    Parameters
    ----------
    on
        The day; None for the newest weights.
    table
        All dated weights of an officer, from `check_score_weights`; those that
        ship by default.

    Returns
    -------
    pandas.DataFrame
        One row for each item: ``from`` (ISO date), ``item`` (a metric, or the id
        of one target, which goes before its metric), ``weight`` (they add up to
        100), ``mark``, ``source``, ``note``.

    Raises
    ------
    InvalidValue
        When no weights are in force on that day.

    Examples
    --------
    >>> weights = score_weights(dt.date(2026, 7, 1))
    >>> float(weights["weight"].sum()), set(weights["mark"])
    (100.0, {'giả định'})
    """
    if table is None:
        table = shipped_weights()
    begun = table["from"] if on is None else table["from"][table["from"] <= on.isoformat()]
    if begun.empty:
        raise InvalidValue(
            Fault(
                f"{_FILE} · from",
                shorten(str(on)),
                Text("Chưa có trọng số nào áp dụng vào ngày này.", "No weights hold on this day."),
                Text(
                    f"Chọn ngày từ {table['from'].min()} trở đi, hoặc thêm trọng số.",
                    f"Choose a day from {table['from'].min()} on, or add weights.",
                ),
                code="weight.none",
            )
        )
    return table[table["from"] == begun.max()].reset_index(drop=True)
