"""Resolution 66.7 row by row, and the legal texts that must change for it.

Legal source: Nghị quyết 66.7/2025/NQ-CP, Phụ lục I (papers replaced by data),
Phụ lục II (papers cut), Phụ lục III (texts to amend before 01/3/2027).
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

import pandas as pd

from procsim.errors import NOTHING, Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.reference.parameters import Parameters, parameters
from procsim.reference.tables import (
    CODE_FORM,
    MARKS,
    TEXT_NUMBER_FORM,
    Checker,
    Source,
    read_csv,
    shipped,
    split_list,
)
from procsim.reference.vocabulary import shipped_databases, shipped_document_types

RANKS: dict[str, int] = {
    "luat": 1,
    "nghi_dinh": 2,
    "quyet_dinh_ttg": 3,
    "thong_tu": 4,
    "quyet_dinh_bo_truong": 5,
}
"""Ranks of legal texts; 1 is the highest."""

MINISTRIES: tuple[str, ...] = (
    "Bộ Công an",
    "Bộ Công Thương",
    "Bộ Dân tộc và Tôn giáo",
    "Bộ Giáo dục và Đào tạo",
    "Bộ Khoa học và Công nghệ",
    "Bộ Ngoại giao",
    "Bộ Nông nghiệp và Môi trường",
    "Bộ Nội vụ",
    "Bộ Quốc phòng",
    "Bộ Tài chính",
    "Bộ Tư pháp",
    "Bộ Văn hóa, Thể thao và Du lịch",
    "Bộ Xây dựng",
    "Bộ Y tế",
    "Ngân hàng Nhà nước",
)
"""The ministries whose fields the annexes of the resolution name."""

RELATIONS = ("one", "any", "all")

OWNERS = (*MINISTRIES, "Bảo hiểm xã hội Việt Nam")

TEXT_COLUMNS = (
    "number", "title", "rank", "rank_order", "position", "issuer", "amended_by", "due",
    "source", "mark",
)  # fmt: skip
ROW_COLUMNS = (
    "annex", "number", "ministry_heading", "ministry", "code_printed", "code", "code_repair",
    "title", "paper", "document_types", "relation", "database_printed", "databases", "owner",
    "legal_text", "legal_numbers", "article", "note",
)  # fmt: skip


def load_legal_texts(source: Source) -> pd.DataFrame:
    """Read and check a table of legal texts; see `legal_texts`."""
    table = read_csv(source, TEXT_COLUMNS)
    check = Checker(source.name)
    check.ids(table, "number", TEXT_NUMBER_FORM)
    check.filled(table, "title", "issuer", "source")
    check.one_of(table, "rank", RANKS)
    check.one_of(table, "mark", MARKS)
    check.pattern(table, "amended_by", TEXT_NUMBER_FORM, "07/2025/NĐ-CP")
    check.dates(table, "due")
    for row, (rank, order) in enumerate(zip(table["rank"], table["rank_order"], strict=True), 2):
        if rank in RANKS and order != str(RANKS[rank]):
            message = bilingual("reference.order", rank=rank, ranks=RANKS[rank])
            check.fault(row, "rank_order", order, "legal_text.rank", message)
    check.stop()
    return table.assign(rank_order=table["rank_order"].astype(int)).set_index("number")


def check_codes(check: Checker, table: pd.DataFrame) -> None:
    """Check the form of each code, and that each repair, and only that, has a reason."""
    cells = zip(table["code"], table["code_printed"], table["code_repair"], strict=True)
    for row, (code, printed, reason) in enumerate(cells, start=2):
        if not CODE_FORM.fullmatch(code):
            message = bilingual("reference.procedure_code_digit_point")
            check.fault(row, "code", code, "resolution.code", message)
        if (printed != code) != bool(reason):
            message = bilingual("reference.code_differs_printed_only")
            check.fault(row, "code_repair", printed, "resolution.repair", message)


def load_resolution_66_7(source: Source, types: pd.DataFrame, bases: pd.DataFrame) -> pd.DataFrame:
    """Read and check the rows of the annexes; see `resolution_66_7`."""
    table = read_csv(source, ROW_COLUMNS)
    check = Checker(source.name)
    check.filled(table, "title", "paper", "database_printed", "legal_text", "article")
    check.one_of(table, "annex", ("I", "II"))
    check.one_of(table, "ministry", MINISTRIES)
    check.one_of(table, "relation", RELATIONS)
    check.lists_of(table, "document_types", types.index)
    check.lists_of(table, "databases", bases.index)
    check.lists_of(table, "owner", OWNERS)
    check.pattern(table, "legal_numbers", TEXT_NUMBER_FORM, "113/2017/NĐ-CP")
    check.filled(table, "legal_numbers")
    check_codes(check, table)
    for row, cell in check.rows(table, "number"):
        if not cell.isdecimal():
            message = bilingual("reference.number_whole_number")
            check.fault(row, "number", cell, "resolution.number", message)
    pairs = zip(table["relation"], table["document_types"], strict=True)
    for row, (relation, cell) in enumerate(pairs, start=2):
        if relation in RELATIONS and (relation == "one") != (len(split_list(cell)) == 1):
            message = bilingual("reference.goes_single_type_any")
            check.fault(row, "relation", relation, "resolution.relation", message)
    check.stop()
    return table.assign(number=table["number"].astype(int))


@cache
def shipped_legal_texts() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return load_legal_texts(shipped("legal_texts.csv"))


@cache
def shipped_resolution() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    source = shipped("resolution_66_7.csv")
    return load_resolution_66_7(source, shipped_document_types(), shipped_databases())


def legal_texts() -> pd.DataFrame:
    """Return the 221 texts that must be amended before 01/3/2027.

    Legal source: Nghị quyết 66.7/2025/NQ-CP, Phụ lục III.

    Returns
    -------
    pandas.DataFrame
        Index ``number`` ("113/2017/NĐ-CP"); ``title``, ``rank`` (see `RANKS`),
        ``rank_order`` (int, 1 highest), ``position`` within its group, ``issuer``,
        ``amended_by`` (numbers joined by ``;``), ``due`` (ISO date), ``source``, ``mark``.
    """
    return shipped_legal_texts().copy()


def resolution_66_7() -> pd.DataFrame:
    """Return every row of Phụ lục I (798) and Phụ lục II (8), checked by reading.

    Returns
    -------
    pandas.DataFrame
        In printed order. ``annex`` (I replaced, II cut), ``number`` (int, printed STT;
        twelve numbers stand in two rows), ``ministry``, ``code`` (repaired, with
        ``code_printed`` and the reason ``code_repair``), ``title``, ``paper`` as printed,
        ``document_types`` and ``databases`` (ids joined by ``;``), ``relation``
        (one; any: one of them suffices; all: each is replaced), ``database_printed``,
        ``owner``, ``legal_text`` as printed with its ``legal_numbers``, ``article``,
        ``note`` (what was corrected, and why).
    """
    return shipped_resolution().copy()


# The road from a proposal to its effect: texts to amend, databases to wait for.

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

_NOTHING = NOTHING
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
        raise UnknownName(fault_of("route.rank", "rank", shorten(rank), ranks=ranks))
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
    raise UnknownName(fault_of("route.database", "databases.csv", shorten(name), close=close))


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
        late = bilingual("reference.deadline_passed") if day < on else _NOTHING
        reason = bilingual("reference.no_deadline_set_publication", late=late)
        return DatabaseDate(day, "deadline", row["mark"], row["source"], reason)
    if row["status"] == "in_use":
        reason = bilingual("reference.no_use_since_when")
        return DatabaseDate(on, "in_use", row["status_mark"], row["source"], reason)
    reason = bilingual("reference.neither_publication_deadline_nor")
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
