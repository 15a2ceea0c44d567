"""Resolution 66.7 row by row, and the legal texts that must change for it.

Legal source: Nghị quyết 66.7/2025/NQ-CP, Phụ lục I (papers replaced by data),
Phụ lục II (papers cut), Phụ lục III (texts to amend before 01/3/2027).
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from procsim.errors import Text
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

__all__ = [
    "MINISTRIES",
    "RANKS",
    "legal_texts",
    "load_legal_texts",
    "load_resolution_66_7",
    "resolution_66_7",
]

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
            message = Text(
                f"thứ bậc của {rank} là {RANKS[rank]}", f"the order of {rank} is {RANKS[rank]}"
            )
            check.fault(row, "rank_order", order, "legal_text.rank", message)
    check.stop()
    return table.assign(rank_order=table["rank_order"].astype(int)).set_index("number")


def check_codes(check: Checker, table: pd.DataFrame) -> None:
    """Check the form of each code, and that each repair, and only that, has a reason."""
    cells = zip(table["code"], table["code_printed"], table["code_repair"], strict=True)
    for row, (code, printed, reason) in enumerate(cells, start=2):
        if not CODE_FORM.fullmatch(code):
            message = Text(
                "mã TTHC có dạng một chữ số, dấu chấm, sáu chữ số, như 1.013850",
                "a procedure code is one digit, a point, six digits, such as 1.013850",
            )
            check.fault(row, "code", code, "resolution.code", message)
        if (printed != code) != bool(reason):
            message = Text(
                "mã khác mã in thì phải ghi lý do, và chỉ khi đó",
                "a code that differs from the printed one, and only that, needs a reason",
            )
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
            message = Text("số thứ tự là số nguyên", "the number is a whole number")
            check.fault(row, "number", cell, "resolution.number", message)
    pairs = zip(table["relation"], table["document_types"], strict=True)
    for row, (relation, cell) in enumerate(pairs, start=2):
        if relation in RELATIONS and (relation == "one") != (len(split_list(cell)) == 1):
            message = Text(
                "one đi với một loại giấy tờ, any và all đi với nhiều loại",
                "one goes with a single type, any and all with several",
            )
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
