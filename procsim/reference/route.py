"""The road from a proposal to its effect: texts to amend, databases to wait for.

How long a text of each rank takes and what effort it costs are parameters
(``lead_months_<rank>``, ``price_<rank>``, ``price_database_*``, ``price_reform``).
No norm for them was read, so each is an assumption that an officer may change.

Legal source of the dates: Nghị quyết 66.7/2025/NQ-CP, Điều 6 (owners publish
before 01/01/2026), Điều 10 (in force 01/01/2026–28/02/2027), Phụ lục III
(texts to amend before 01/3/2027).
"""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from procsim.errors import Fault, Text, UnknownName, shorten
from procsim.reference.law import shipped_legal_texts
from procsim.reference.parameters import Parameters, parameters
from procsim.reference.tables import split_list
from procsim.reference.vocabulary import shipped_databases

__all__ = [
    "RESOLUTION_FROM",
    "RESOLUTION_NUMBER",
    "RESOLUTION_UNTIL",
    "ROUTE_RANKS",
    "DatabaseDate",
    "add_months",
    "database_ready_on",
    "database_row",
    "lead_months",
    "price_of_database",
    "price_of_rank",
    "price_of_reform",
    "rank_of_number",
    "signer_of_rank",
    "texts_to_amend",
]

_SIGNERS = {
    "luat": "Quốc hội",
    "phap_lenh": "Ủy ban Thường vụ Quốc hội",
    "nghi_dinh": "Chính phủ",
    "nghi_quyet": "Chính phủ",
    "quyet_dinh_ttg": "Thủ tướng Chính phủ",
    "thong_tu": "Bộ trưởng",
    "quyet_dinh_bo_truong": "Bộ trưởng",
}

RESOLUTION_NUMBER = "66.7/2025/NQ-CP"
RESOLUTION_FROM = dt.date(2026, 1, 1)
RESOLUTION_UNTIL = dt.date(2027, 2, 28)
"""Last day on which Nghị quyết 66.7/2025/NQ-CP is in force (Điều 10)."""

ROUTE_RANKS: tuple[str, ...] = (
    "luat", "phap_lenh", "nghi_dinh", "nghi_quyet", "quyet_dinh_ttg", "thong_tu",
    "quyet_dinh_bo_truong", "other",
)  # fmt: skip
"""Ranks that have a lead time and a price."""

_NOTHING = Text("", "")
_NO_ROUTE = ("", "unknown", "hien_phap")
_FORMS = (
    (re.compile(r"/QH\d"), "luat"),
    (re.compile(r"/UBTVQH"), "phap_lenh"),
    (re.compile(r"/NĐ-CP"), "nghi_dinh"),
    (re.compile(r"/NQ-"), "nghi_quyet"),
    (re.compile(r"/QĐ-TTg"), "quyet_dinh_ttg"),
    (re.compile(r"/TT"), "thong_tu"),
    (re.compile(r"/QĐ-"), "quyet_dinh_bo_truong"),
)
_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True)
class DatabaseDate:
    """From when a database answers, and how far that is known.

    Attributes
    ----------
    date
        First day; None where nothing is known.
    basis
        ``published``, ``deadline``, ``in_use`` or ``unknown``.
    mark, source
        Where the date comes from.
    reason
        What the reader must know; empty for a published date.
    """

    date: dt.date | None
    basis: str
    mark: str
    source: str
    reason: Text = _NOTHING


def _of_rank(prefix: str, rank: str, p: Parameters | None) -> float:
    if rank in _NO_ROUTE:
        return math.nan
    if rank not in ROUTE_RANKS:
        ranks = ", ".join(ROUTE_RANKS)
        raise UnknownName(
            Fault(
                "rank",
                shorten(rank),
                Text("Không có loại văn bản này.", "There is no such rank of text."),
                Text(f"Chọn một trong: {ranks}.", f"Choose one of: {ranks}."),
                code="route.rank",
            )
        )
    values = parameters() if p is None else p
    return float(values[f"{prefix}_{rank}"])


def lead_months(rank: str, p: Parameters | None = None) -> float:
    """Return how many months a text of a rank takes to be drafted and issued.

    Parameters
    ----------
    rank
        A category of ``legal_bases.rank``; NaN for one that is not known
        (``""``, ``unknown``) or that no reform amends (``hien_phap``).
    p
        The parameters; by default the newest.

    Raises
    ------
    UnknownName
        For a word that is no rank.

    Examples
    --------
    >>> lead_months("thong_tu") < lead_months("luat")
    True
    """
    return _of_rank("lead_months", rank, p)


def price_of_rank(rank: str, p: Parameters | None = None) -> float:
    """Return the effort of drafting one text of a rank, in points; see `lead_months`."""
    return _of_rank("price", rank, p)


def database_row(name: str) -> dict[str, str]:
    """Return the row of one database of ``databases.csv``.

    Raises
    ------
    UnknownName
        For an id that is not there; the message lists close ones.
    """
    table = shipped_databases()
    if name in table.index:
        return dict(table.loc[name])
    names = list(table.index)
    close = ", ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names[:3])
    raise UnknownName(
        Fault(
            "databases.csv",
            shorten(name),
            Text("Không có cơ sở dữ liệu này.", "There is no such database."),
            Text(f"Có phải: {close}.", f"Did you mean: {close}."),
            code="route.database",
        )
    )


def price_of_database(database: str, p: Parameters | None = None) -> float:
    """Return the effort of using one database, in points.

    ``price_database_connect`` for a database in use; ``price_database_build``
    for one that is building, planned or of unknown state (the dearer, because
    nothing says that it answers today).

    Raises
    ------
    UnknownName
        For an id that is not in ``databases.csv``.
    """
    values = parameters() if p is None else p
    in_use = database_row(database)["status"] == "in_use"
    return float(values["price_database_connect" if in_use else "price_database_build"])


def price_of_reform(p: Parameters | None = None) -> float:
    """Return the effort of drafting one reform within its text, in points.

    Ten clauses weigh as one circular, by assumption: without a price a plan would
    hold reforms that no target needs, because they cost nothing.

    Examples
    --------
    >>> 10 * price_of_reform() == price_of_rank("thong_tu")
    True
    """
    values = parameters() if p is None else p
    return float(values["price_reform"])


def database_ready_on(database: str, on: dt.date) -> DatabaseDate:
    """Return from when a database answers in place of a paper.

    The date on which its owner published it counts first; else the deadline
    that was set, with its mark, for a deadline is a promise; a database in use
    without any date is ready on `on`; otherwise the date is unknown.

    Parameters
    ----------
    database
        Id of ``databases.csv``.
    on
        The day of the question.

    Raises
    ------
    UnknownName
        For an id that is not in ``databases.csv``.

    Examples
    --------
    >>> found = database_ready_on("csdl_ho_tich", dt.date(2026, 1, 15))
    >>> found.date.isoformat(), found.basis, found.mark
    ('2025-12-10', 'published', 'luật')
    """
    row = database_row(database)
    if row["published"]:
        day = dt.date.fromisoformat(row["published"])
        return DatabaseDate(day, "published", row["mark"], row["source"])
    if row["deadline"]:
        day = dt.date.fromisoformat(row["deadline"])
        late = Text(" Hạn đã qua.", " The deadline has passed.") if day < on else _NOTHING
        reason = Text(
            f"Là thời hạn được giao, chưa ghi nhận việc công bố.{late.vi}",
            f"A deadline that was set; no publication is recorded.{late.en}",
        )
        return DatabaseDate(day, "deadline", row["mark"], row["source"], reason)
    if row["status"] == "in_use":
        reason = Text("Đang vận hành, không rõ từ ngày nào.", "In use; since when is not recorded.")
        return DatabaseDate(on, "in_use", row["status_mark"], row["source"], reason)
    reason = Text(
        "Chưa có ngày công bố, thời hạn hay tình trạng vận hành; cần nhập ngày.",
        "Neither a publication, a deadline nor its use is recorded; enter the date.",
    )
    return DatabaseDate(None, "unknown", "", row["source"], reason)


def add_months(day: dt.date, months: float) -> dt.date:
    """Return the day that is `months` later; a part of a month counts in days.

    Examples
    --------
    >>> add_months(dt.date(2026, 1, 31), 1).isoformat()
    '2026-02-28'
    >>> add_months(dt.date(2026, 1, 1), 1.5).isoformat()
    '2026-02-16'
    """
    whole = math.floor(months)
    year, month = divmod(day.year * 12 + day.month - 1 + whole, 12)
    last = calendar.monthrange(year, month + 1)[1]
    start = dt.date(year, month + 1, min(day.day, last))
    return start + dt.timedelta(days=round((months - whole) * _MONTH_DAYS))


@cache
def _listed() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return the rank of each text of Phụ lục III, and which texts amended it."""
    table = shipped_legal_texts().reset_index()
    ranks = dict(zip(table["number"], table["rank"], strict=True))
    cells = zip(table["number"], table["amended_by"], strict=True)
    # Phụ lục III names one text among its own amendments: it stays a text of its own.
    return ranks, {number: frozenset(split_list(cell)) - {number} for number, cell in cells}


def rank_of_number(number: str) -> str:
    """Return the rank of a text by its number, ``""`` where the form says nothing.

    Examples
    --------
    >>> rank_of_number("113/2017/NĐ-CP"), rank_of_number("văn bản mới")
    ('nghi_dinh', '')
    """
    known = _listed()[0].get(number)
    return known or next((rank for form, rank in _FORMS if form.search(number)), "")


def signer_of_rank(rank: str) -> str:
    """Return who signs a text of a rank; ``""`` where the rank does not tell it.

    Examples
    --------
    >>> signer_of_rank("nghi_dinh")
    'Chính phủ'
    """
    return _SIGNERS.get(rank, "")


def texts_to_amend(numbers: Iterable[str], rank: str = "") -> tuple[tuple[str, str], ...]:
    """Return (number, rank) of the texts that a reform has to amend.

    A reform names a text together with those that amended it. A text that only
    amended another of the list is not amended itself; among texts that Phụ lục
    III does not list, the first of each rank is taken for the text and the
    others of that rank for its amendments. The resolution itself, on which
    reforms may rest, needs no amendment.

    Parameters
    ----------
    numbers
        Numbers of texts, the text itself before its amendments.
    rank
        Rank where a number does not tell it.

    Examples
    --------
    >>> texts_to_amend(["113/2017/NĐ-CP", "82/2022/NĐ-CP", "66.7/2025/NQ-CP"])
    (('113/2017/NĐ-CP', 'nghi_dinh'),)
    """
    listed, amended_by = _listed()
    asked = [n for n in dict.fromkeys(numbers) if n and n != RESOLUTION_NUMBER]
    amending = {a for n in asked for a in amended_by.get(n, ())}
    ranked = {n: rank_of_number(n) or rank for n in asked if n not in amending}
    known = {of for n, of in ranked.items() if n in listed}
    found: dict[str, str] = {}
    taken = set(known)
    for number, of in ranked.items():
        if number in listed or of not in taken:
            found[number] = of
            taken.add(of)
    return tuple(found.items())
