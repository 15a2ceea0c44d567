"""What each reform waits for, and when it is in force once the dates are known."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd

from procsim.errors import NOTHING, Fault, InvalidValue, Text
from procsim.language.i18n import bilingual, fault_of
from procsim.model.portfolio import Portfolio
from procsim.readers.tables import read_csv_rows
from procsim.reference import Parameters, legal_texts
from procsim.reference.calendar import Day, as_day
from procsim.reference.law import (
    RESOLUTION_NUMBER,
    RESOLUTION_UNTIL,
    price_of_reform,
    rank_of_number,
    texts_to_amend,
)
from procsim.reference.readiness import READINESS_COLUMNS, check_readiness, coverage_from_readiness
from procsim.reforms.base import Reform
from procsim.reforms.kinds import ReplaceByData
from procsim.reforms.plan import Plan

__all__ = [
    "NEVER",
    "NOTHING",
    "Item",
    "Need",
    "Window",
    "agency_of",
    "amended_texts",
    "drafting_price",
    "read_readiness",
    "rests_on_resolution",
    "texts_needed",
    "windows",
    "with_coverage",
]


NEVER = dt.date.max
"""Stands for a date that nobody knows: what waits for it is not in force."""

Window = tuple[dt.date, dt.date | None]
"""First and last day in force; None where nothing ends it."""

_RESOLUTION = RESOLUTION_NUMBER.split("/NQ", 1)[0]


@dataclass(frozen=True, slots=True)
class Item:
    """A database or a legal text that reforms wait for.

    Attributes
    ----------
    key
        Id of the database; number of the text, or ``rank@agency`` of one not named.
    kind
        ``database``, ``text`` or ``resolution`` (Nghị quyết 66.7/2025/NQ-CP itself).
    name
        What it is called.
    ready_on
        From when it can be relied on; None where nobody knows.
    basis
        ``entered``, ``due``, ``lead_time``, ``in_force``, or the basis of
        `procsim.reference.law.DatabaseDate`.
    mark, source
        Where the date comes from.
    reason
        What the reader must know.
    text
        Number or name of a text, whatever day it is promised for.
    """

    key: str
    kind: str
    name: Text
    ready_on: dt.date | None
    basis: str
    mark: str
    source: str
    reason: Text = NOTHING
    text: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Keys of the items that one reform waits for.

    Attributes
    ----------
    databases, texts
        Keys of items.
    resolution
        Whether Nghị quyết 66.7/2025/NQ-CP lets it start before the texts are amended.
    """

    databases: tuple[str, ...]
    texts: tuple[str, ...]
    resolution: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """Every item that the reform has to do with."""
        own = (RESOLUTION_NUMBER,) if self.resolution else ()
        return (*self.databases, *own, *self.texts)


def windows(need: Need, dates: Mapping[str, dt.date]) -> tuple[Window, ...]:
    """Return when a reform is in force.

    A reform takes effect at the latest of what it needs. One that rests on Nghị
    quyết 66.7/2025/NQ-CP starts with the resolution and its databases (Điều 2), but
    the resolution ends on 28/02/2027 (Điều 10): unless the texts are amended by
    then the effect lapses, and comes back with them.

    Parameters
    ----------
    need
        What it waits for.
    dates
        Date of each item; `NEVER` where it is not known.

    Examples
    --------
    >>> need = Need(("csdl_dan_cu",), ("1/2020/NĐ-CP",), resolution=True)
    >>> dates = {"csdl_dan_cu": dt.date(2025, 12, 31), "66.7/2025/NQ-CP": dt.date(2026, 1, 1)}
    >>> for amended in (dt.date(2027, 3, 1), dt.date(2027, 6, 1), NEVER):
    ...     made = windows(need, dates | {"1/2020/NĐ-CP": amended})
    ...     print([(str(first), str(last)) for first, last in made])
    [('2026-01-01', 'None')]
    [('2026-01-01', '2027-02-28'), ('2027-06-01', 'None')]
    [('2026-01-01', '2027-02-28')]
    """
    data = max((dates[key] for key in need.databases), default=dt.date.min)
    amended = max([data, *(dates[key] for key in need.texts)])
    lasting: tuple[Window, ...] = () if amended == NEVER else ((amended, None),)
    if not need.resolution:
        return lasting
    start = max(data, dates[RESOLUTION_NUMBER])
    if start > RESOLUTION_UNTIL:
        return lasting
    if amended <= RESOLUTION_UNTIL + dt.timedelta(days=1):
        return ((min(start, amended), None),)
    return ((start, RESOLUTION_UNTIL), *lasting)


def drafting_price(texts: tuple[tuple[str, str], ...] | None, p: Parameters | None = None) -> float:
    """Return the effort of drafting one reform, in points.

    0 where no text is amended: what rests on Nghị quyết 66.7/2025/NQ-CP itself needs
    no clause.

    Parameters
    ----------
    texts
        What `texts_needed` returns for it.

    Examples
    --------
    >>> drafting_price((("1/2020/TT-BYT", "thong_tu"),)), drafting_price(())
    (1.0, 0.0)
    """
    return price_of_reform(p) if texts else 0.0


def rests_on_resolution(reform: Reform) -> bool:
    """Return whether a reform rests on Nghị quyết 66.7/2025/NQ-CP.

    Điều 2 and 3 let it take effect before the texts are amended. The reform says so
    by its source, its legal text or a number of it.
    """
    places = (reform.source, reform.legal_text, *reform.legal_numbers)
    return any(_RESOLUTION in place for place in places)


def agency_of(reform: Reform, portfolio: Portfolio) -> str:
    """Return who answers for a reform: its lead, else the ministry of its procedure."""
    if reform.lead or reform.procedure_id not in portfolio.procedures.index:
        return reform.lead
    return str(portfolio.procedures.at[reform.procedure_id, "ministry"])


def texts_needed(reform: Reform, portfolio: Portfolio) -> tuple[tuple[str, str], ...] | None:
    """Return (text, rank) of what a reform asks to be amended.

    A reform that gives a rank and names no text asks for one text of that rank from
    its agency, ``"thong_tu@Bộ Y tế"``. Nothing is asked where the reform rests on
    the resolution alone; None where it states no legal route at all.
    """
    named = texts_of(reform)
    if named:
        return named
    if rests_on_resolution(reform):
        return ()
    if reform.rank:
        return ((f"{reform.rank}@{agency_of(reform, portfolio)}", reform.rank),)
    return None


# The legal texts that a plan amends, each once.

_COLUMNS = ("title", "rank", "annex_3", "reforms", "due")
_TEXTS_RESOLUTION = "66.7/2025/NQ-CP"


def texts_of(reform: Reform) -> tuple[tuple[str, str], ...]:
    """Return (text, rank) of what a reform amends: numbers, or the name where none is given.

    Nghị quyết 66.7/2025/NQ-CP, on which reforms may rest, needs no amendment.

    Examples
    --------
    >>> from procsim.reforms import ShortenLimit
    >>> texts_of(ShortenLimit("1.004222", days=3, legal_numbers="113/2017/NĐ-CP"))
    (('113/2017/NĐ-CP', 'nghi_dinh'),)
    """
    if reform.legal_numbers:
        return _amended(reform.legal_numbers, reform.rank)
    name = " ".join(reform.legal_text.split())
    if not name or _TEXTS_RESOLUTION in name:
        return ()
    return ((name, reform.rank or rank_of_number(name)),)


@cache
def _amended(numbers: tuple[str, ...], rank: str) -> tuple[tuple[str, str], ...]:
    return texts_to_amend(numbers, rank)


def amended_texts(plan: Plan, procedures: Collection[str] | None = None) -> pd.DataFrame:
    """Return the distinct legal texts that a plan amends.

    Parameters
    ----------
    plan
        The plan.
    procedures
        Only reforms that touch one of these procedures; None for all.

    Returns
    -------
    pandas.DataFrame
        Index ``text`` (its number, or its name where no number is given), in the
        order of the plan; ``title``, ``rank``, ``annex_3`` (whether Phụ lục III of
        Nghị quyết 66.7/2025/NQ-CP lists it), ``reforms`` (how many need it) and
        ``due``: the latest due date of those reforms (ISO). Where one of them
        states none it is the date of Phụ lục III, empty for a text not listed there.
    """
    listed = legal_texts()
    found: dict[str, tuple[str, str, list[str]]] = {}
    wanted = None if procedures is None else frozenset(procedures)
    for reform in plan.reforms:
        if wanted is not None and wanted.isdisjoint(reform.procedure_ids):
            continue
        for text, rank in texts_of(reform):
            due = reform.due.isoformat() if reform.due else ""
            found.setdefault(text, (reform.legal_text, rank, []))[2].append(due)
    rows = []
    for text, (name, rank, dues) in found.items():
        known = text in listed.index
        title, fallback = (listed.at[text, "title"], listed.at[text, "due"]) if known else ("", "")
        due = max(dues) if all(dues) else fallback
        rows.append((title or name, rank, known, len(dues), due))
    index = pd.Index(list(found), name="text", dtype="str")
    made = pd.DataFrame(rows, columns=list(_COLUMNS), index=index)
    return made.astype({"annex_3": bool, "reforms": int})


# From the readiness of databases to the coverage that a plan counts with.


def read_readiness(path: str | Path) -> pd.DataFrame:
    """Read an officer's CSV file of readiness, as Excel or a text editor saves it.

    Comma, semicolon or tab between cells, UTF-8 or UTF-16. `merge_readiness`
    adds the rows to those that ship.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    InvalidValue
        With every wrong cell and every missing or unknown column at once.
    """
    path = Path(path)
    rows, faults = read_csv_rows(path)
    wrong = [fault for fault in faults if fault.severity == "error"]
    head = [cell.strip() for cell in rows[0]] if rows else []
    wrong += [
        Fault(
            path.name,
            column,
            bilingual("decisions.column_lacking", column=column),
            Text(f"Cần các cột {', '.join(READINESS_COLUMNS)}.", "See the columns of the table."),
            code="table.column",
        )
        for column in READINESS_COLUMNS
        if column not in head
    ]
    wrong += [
        fault_of("table.column", path.name, column, says="table.column.no_column_part_table")
        for i, column in enumerate(head)
        if column not in READINESS_COLUMNS or column in head[:i]
    ]
    if wrong:
        raise InvalidValue(wrong)
    cells = [[cell.strip() for cell in row] for row in rows[1:]]
    return check_readiness(pd.DataFrame(cells, columns=head, dtype=str), path.name)


def with_coverage(plan: Plan, on: Day, table: pd.DataFrame | None = None) -> Plan:
    """Return the plan with the coverage that the readiness of its databases gives.

    Only reforms that replace a paper by data and state no coverage are filled.
    Of several databases the one that answers worst counts, because the reform
    does not say which of them holds which paper. A reform stays as it is where
    one of its databases is not fully judged: the measures then take the
    parameter ``coverage_default``.

    Parameters
    ----------
    plan
        The plan; it is not changed.
    on
        Day on which the databases are judged.
    table
        Rows of readiness, see `procsim.reference.readiness.merge_readiness`; by
        default those that ship.

    Returns
    -------
    Plan
        The same reforms in the same order, some with a coverage and its mark.

    Raises
    ------
    UnknownName
        When a reform names a database that is not in ``databases.csv``.

    Examples
    --------
    >>> from procsim.reforms import ReplaceByData
    >>> paper = ReplaceByData("1.004222/c1/r3", document_types="can_cuoc", databases="csdl_dan_cu")
    >>> made = with_coverage(Plan([paper]), "2026-01-01")
    >>> made.reforms[0].coverage is None  # not fully judged: the default counts
    True
    """
    on = as_day(on, "on")
    open_reforms = [r for r in plan.reforms if isinstance(r, ReplaceByData) and r.coverage is None]
    bases = dict.fromkeys(base for reform in open_reforms for base in reform.databases)
    shares = {base: coverage_from_readiness(base, on, table).value for base in bases}

    def filled(reform: Reform) -> Reform:
        if not isinstance(reform, ReplaceByData) or reform.coverage is not None:
            return reform
        known = [shares[base] for base in reform.databases]
        if any(math.isnan(share) for share in known):
            return reform
        return replace(reform, coverage=min(known), coverage_mark="giả định")

    return replace(plan, reforms=tuple(filled(reform) for reform in plan.reforms))
