"""How ready each database is: đúng, đủ, sạch, sống, thống nhất, dùng chung.

The Government judges data by these six words. No measured value of any of them
was read, so the table that ships holds what was asked of each database, without
values; an officer adds measured ones, each with its date.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.reference.law import database_row
from procsim.reference.tables import MARKS, Checker, Source, read_csv, shipped
from procsim.reference.vocabulary import shipped_databases

CRITERIA: dict[str, Text] = {
    "correct": bilingual("reference.correct"),
    "sufficient": bilingual("reference.sufficient"),
    "clean": bilingual("reference.clean"),
    "live": bilingual("reference.live"),
    "unified": bilingual("reference.unified"),
    "shared": bilingual("reference.shared"),
}
"""The six criteria, by the id that the table uses."""

READINESS_COLUMNS = ("database", "criterion", "value", "date", "source", "mark", "note")
_KEY = ["database", "criterion", "date"]
_NUMBER = re.compile(r"[01]|[01][.,]\d+")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of applicants for whom the data of one database answer.

    Attributes
    ----------
    value
        Share (0–1); NaN unless all six criteria are stated.
    low, high
        Between which shares it lies whatever the six criteria have in common.
    mark
        ``giả định``, for the rule is one; ``""`` without a value.
    reason
        The rule, or what is lacking.
    """

    value: float
    low: float
    high: float
    mark: str
    reason: Text


def check_readiness(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table of texts as readiness rows, or raise with all of its faults.

    Parameters
    ----------
    table
        Texts in the columns `READINESS_COLUMNS`; ``value`` empty or 0–1 (0.8 or
        0,8), ``date`` as 2026-01-31, ``criterion`` an id of `CRITERIA` or its
        Vietnamese word.
    name
        The file, for the places of faults.

    Raises
    ------
    InvalidValue
        All faults at once.
    """
    words = {text.vi: key for key, text in CRITERIA.items()}
    table = table.assign(criterion=table["criterion"].map(lambda cell: words.get(cell, cell)))
    check = Checker(name)
    check.filled(table, "date", "source")
    check.one_of(table, "database", shipped_databases().index)
    check.one_of(table, "criterion", CRITERIA)
    check.one_of(table, "mark", MARKS)
    check.dates(table, "date")
    for row, cell in check.rows(table, "value"):
        if cell and (not _NUMBER.fullmatch(cell) or _number(cell) > 1):
            message = bilingual("reference.value_0_1_empty")
            cure = bilingual("reference.write_0_8_80")
            check.fault(row, "value", cell, "readiness.value", message, cure)
    for row, twice in enumerate(table.duplicated(_KEY).tolist(), start=2):
        if twice:
            message = bilingual("reference.criterion_row_same_day")
            cure = bilingual("reference.keep_two_lines")
            check.fault(row, "date", table["date"].iloc[row - 2], "table.duplicate", message, cure)
    check.stop()
    return table.loc[:, list(READINESS_COLUMNS)].assign(value=table["value"].map(_number))


def _number(cell: str) -> float:
    return float(cell.replace(",", ".")) if cell else math.nan


def load_readiness(source: Source) -> pd.DataFrame:
    """Read and check a table of readiness; see `readiness_table`.

    Raises
    ------
    UnreadableInput
        The file is not there, or is no UTF-8 table.
    InvalidValue
        All faults of the file at once.
    """
    return check_readiness(read_csv(source, READINESS_COLUMNS), source.name)


@cache
def _shipped() -> pd.DataFrame:
    return load_readiness(shipped("readiness.csv"))


def readiness_table() -> pd.DataFrame:
    """Return the rows that ship, the caller's to change.

    Returns
    -------
    pandas.DataFrame
        ``database``, ``criterion`` (see `CRITERIA`), ``value`` (share 0–1, NaN where
        the source states none), ``date`` (ISO), ``source``, ``mark``, ``note``.
    """
    return _shipped().copy()


def merge_readiness(own: pd.DataFrame, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return `table` with an officer's rows; a row of the same day replaces the other.

    Parameters
    ----------
    own
        Rows as `load_readiness` or `check_readiness` returned them.
    table
        What they are added to; by default the table that ships.
    """
    both = [_shipped() if table is None else table, own]
    filled = [frame for frame in both if len(frame)] or both[:1]
    made = pd.concat(filled, ignore_index=True).drop_duplicates(_KEY, keep="last")
    return made.sort_values(_KEY, ignore_index=True)


def readiness_history(database: str, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return every dated row of one database, by criterion and date.

    Raises
    ------
    UnknownName
        For an id that is not in ``databases.csv``.
    """
    database_row(database)
    rows = _shipped() if table is None else table
    own = rows[rows["database"] == database]
    order = own["criterion"].map(list(CRITERIA).index)
    return (
        own.assign(order=order)
        .sort_values(["order", "date"], ignore_index=True)
        .drop(columns="order")
    )


def readiness(on: dt.date, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the six criteria of each database as they stand on a day.

    The latest value whose date is not after `on` counts. A row without a value
    tells what was asked and changes no value stated before.

    Parameters
    ----------
    on
        The day.
    table
        Rows of readiness; by default those that ship.

    Returns
    -------
    pandas.DataFrame
        Index ``database``, every database of ``databases.csv``; a column for each
        criterion, shares 0–1, NaN where nobody stated one.

    Examples
    --------
    >>> own = pd.DataFrame([["csdl_gplx", "clean", 0.8, "2026-01-31", "Báo cáo", "nhập", ""]],
    ...                    columns=READINESS_COLUMNS)
    >>> stated = readiness(dt.date(2026, 2, 1), merge_readiness(own))
    >>> float(stated.at["csdl_gplx", "clean"]), bool(stated.loc["csdl_gplx"].isna().any())
    (0.8, True)
    """
    rows = _shipped() if table is None else table
    counts = rows[rows["value"].notna() & (rows["date"] <= on.isoformat())]
    latest = counts.sort_values("date", kind="stable").drop_duplicates(_KEY[:2], keep="last")
    databases = shipped_databases().index.rename("database")
    known = latest[latest["database"].isin(databases) & latest["criterion"].isin(list(CRITERIA))]
    values = np.full((len(databases), len(CRITERIA)), np.nan)
    rows_at = databases.get_indexer(known["database"])
    values[rows_at, pd.Index(list(CRITERIA)).get_indexer(known["criterion"])] = known["value"]
    return pd.DataFrame(values, index=databases, columns=list(CRITERIA))


def coverage_from_readiness(
    database: str, on: dt.date, table: pd.DataFrame | None = None
) -> Coverage:
    """Return which share of applicants the data of a database answer for.

    Rule, an assumption: data answer for an applicant when they meet all six
    criteria, and the six are met independently, so the shares multiply. With
    nothing assumed about how they go together the share lies between
    max(0, 1 − Σ(1 − c)) and the least c. Unless all six are stated the share is
    unknown, and the measures take the parameter ``coverage_default``.

    Parameters
    ----------
    database
        Id of ``databases.csv``.
    on, table
        As in `readiness`.

    Raises
    ------
    UnknownName
        For an id that is not in ``databases.csv``.

    Examples
    --------
    >>> rows = [["csdl_gplx", c, 0.9, "2026-01-31", "Báo cáo", "nhập", ""] for c in CRITERIA]
    >>> own = pd.DataFrame(rows, columns=READINESS_COLUMNS)
    >>> found = coverage_from_readiness("csdl_gplx", dt.date(2026, 2, 1), own)
    >>> round(found.value, 4), round(found.low, 2), found.high, found.mark
    (0.5314, 0.4, 0.9, 'giả định')
    """
    database_row(database)
    stated = readiness(on, table).loc[database]
    lacking = [CRITERIA[name] for name in stated.index[stated.isna()]]
    known = stated.dropna()
    low = max(0.0, 1.0 - float((1.0 - known).sum())) if not lacking else 0.0
    high = float(known.min()) if len(known) else 1.0
    if lacking:
        vi, en = (", ".join(text[i] for text in lacking) for i in (0, 1))
        reason = bilingual("reference.no_stated_parameter_coverage", words=Text(vi, en))
        return Coverage(math.nan, low, high, "", reason)
    reason = bilingual("reference.product_six_criteria_taken")
    return Coverage(float(known.prod()), low, high, "giả định", reason)
