"""What each reform waits for, and when it is in force once the dates are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from procsim.decisions.texts import texts_of
from procsim.errors import Text
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters
from procsim.reference.route import RESOLUTION_NUMBER, RESOLUTION_UNTIL, price_of_reform
from procsim.reforms.base import Reform

__all__ = [
    "NEVER",
    "NOTHING",
    "Item",
    "Need",
    "Window",
    "agency_of",
    "drafting_price",
    "rests_on_resolution",
    "texts_needed",
    "windows",
]

NOTHING = Text("", "")
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
        `procsim.reference.route.DatabaseDate`.
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
