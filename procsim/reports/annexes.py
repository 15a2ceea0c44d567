"""Phụ lục I and II of Nghị quyết 66.7/2025/NQ-CP, in their exact layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from openpyxl import Workbook

from procsim.errors import Text, shorten
from procsim.language.vietnamese import fold
from procsim.model.portfolio import Portfolio
from procsim.reference import databases
from procsim.reforms.actions import DropRequirement, ReplaceByData
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan
from procsim.reforms.wording import database_names, type_names
from procsim.reports.page import Column, Page

__all__ = ["annex_columns", "sector_heading", "write_annexes", "write_other_reforms"]

_TO_REPLACE = Text("TPHS đề nghị thay thế", "Paper proposed for replacement")
_TO_CUT = Text("TPHS đề nghị cắt giảm", "Paper proposed for removal")
_NONE = Text("Phương án không có nội dung này.", "The plan has nothing of this kind.")
_LONGEST_PAPER = 500
_LONGEST_ROW = 110  # the whole row stands in the dossier; the annex names the paper


def annex_columns(paper: Text) -> tuple[Column, ...]:
    """Return the columns of Phụ lục I or II; only the fourth heading differs."""
    return (
        Column(Text("STT", "No."), 6, "centre"),
        Column(Text("Mã TTHC", "Procedure code"), 11, "centre"),
        Column(Text("Tên TTHC", "Procedure name"), 36),
        Column(paper, 36),
        Column(Text("CSDL", "Database"), 21),
        Column(Text("Bộ chủ quản CSDL", "Ministry that owns the database"), 13),
        Column(
            Text(
                "Tên VBQPPL quy định thành phần hồ sơ TTHC",
                "Legal text that prescribes the required document",
            ),
            22,
        ),
        Column(
            Text(
                "Điều, khoản, điểm, biểu mẫu/phụ lục tại các VBQPPL có quy định thành phần "
                "hồ sơ TTHC",
                "Article, clause, point, form or annex of the legal texts that prescribe it",
            ),
            24,
        ),
    )


def sector_heading(ministry: str) -> str:
    """Return the heading of a group: LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ … in capitals."""
    name = " ".join(ministry.split()).upper()
    return f"LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA {name}" if name else "CHƯA RÕ BỘ QUẢN LÝ"


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of an annex; `written` is what the dossier row says, where it says more."""

    procedure: str
    code: str
    name: str
    ministry: str
    paper: str
    written: str
    cells: tuple[str, ...]


def _procedure_cells(portfolio: Portfolio, procedure: str) -> tuple[str, str, str]:
    frame = portfolio.procedures
    if procedure not in frame.index:
        return procedure, "", ""
    code = str(frame.at[procedure, "code"]) or str(frame.at[procedure, "code_written"])
    return (
        code or procedure,
        str(frame.at[procedure, "name"]),
        str(frame.at[procedure, "ministry"]),
    )


def _paper(reform: ReplaceByData | DropRequirement, portfolio: Portfolio) -> tuple[str, str]:
    """Name the paper as the annex does, and the dossier row where that says more."""
    frame = portfolio.requirements
    written = ""
    if reform.requirement in frame.index:
        written = str(frame.at[reform.requirement, "name"])
    ids = reform.document_types if isinstance(reform, ReplaceByData) else ()
    named = type_names(ids).vi
    if not named:
        return shorten(written, _LONGEST_PAPER) or reform.requirement, ""
    same = fold(written).strip(" .;") == fold(named).strip(" .;")
    return named, "" if same else shorten(written, _LONGEST_ROW)


@cache
def _owners() -> dict[str, str]:
    frame = databases().reset_index()
    return dict(zip(frame["id"], frame["owner"], strict=True))


def _database_cells(ids: Iterable[str]) -> tuple[str, str]:
    """Return the databases and the ministries that own them."""
    used = tuple(dict.fromkeys(ids))
    owners = dict.fromkeys(_owners().get(i, "") for i in used)
    return database_names(used).vi, "; ".join(owner for owner in owners if owner)


def _legal_cells(reform: Reform) -> tuple[str, str]:
    text = reform.legal_text
    lacking = [number for number in reform.legal_numbers if number not in text]
    return "; ".join(part for part in (text, *lacking) if part), reform.article


def _replaced(reform: ReplaceByData, portfolio: Portfolio) -> _Row:
    return _Row(
        reform.procedure_id,
        *_procedure_cells(portfolio, reform.procedure_id),
        *_paper(reform, portfolio),
        (*_database_cells(reform.databases), *_legal_cells(reform)),
    )


def _dropped(reform: DropRequirement, portfolio: Portfolio) -> _Row:
    used: tuple[str, ...] = ()
    if reform.requirement in portfolio.requirements.index:
        own = portfolio.marks.loc[portfolio.marks["requirement"] == reform.requirement, "database"]
        used = tuple(d for d in own if d)
    return _Row(
        reform.procedure_id,
        *_procedure_cells(portfolio, reform.procedure_id),
        *_paper(reform, portfolio),
        (*_database_cells(used), *_legal_cells(reform)),
    )


def _paper_cell(paper: str, written: Sequence[str]) -> str:
    """Return the paper, with the wording of the dossier rows that it stands for."""
    others = list(dict.fromkeys(text for text in written if text))
    if not others:
        return paper
    rows = f", {len(written)} dòng hồ sơ" if len(written) > 1 else ""
    return f"{paper}\n(hồ sơ ghi: {others[0]}{rows})"


def _write(page: Page, rows: list[_Row], tick: Callable[[], None]) -> None:
    """Write rows grouped by ministry; one STT for a procedure, running through all groups.

    A paper that a procedure asks for in several cases stands once, as in the
    annexes of the resolution.
    """
    page.head()
    groups: dict[str, dict[str, dict[tuple[str, ...], list[_Row]]]] = {}
    for row in rows:
        papers = groups.setdefault(row.ministry, {}).setdefault(row.procedure, {})
        papers.setdefault((row.paper, *row.cells), []).append(row)
    number = 0
    for ministry, procedures in groups.items():
        page.group(sector_heading(ministry))
        for papers in procedures.values():
            number += 1
            for own in papers.values():
                paper = _paper_cell(own[0].paper, [row.written for row in own])
                page.line((number, own[0].code, own[0].name, paper, *own[0].cells))
                for _ in own:
                    tick()
    if not rows:
        page.span(_NONE.in_language(page.language), "text")
    page.finish()


def _open(book: Workbook, name: str, title: Text, under: str, paper: Text, language: str) -> Page:
    page = Page(book, name, annex_columns(paper), language)
    page.span(name, "title")
    page.span(title.vi, "title")
    if language == "en":
        page.span(title.en, "italic line")
    page.span(under, "italic line")
    page.span("", "body")
    return page


def write_annexes(
    book: Workbook,
    portfolio: Portfolio,
    plan: Plan,
    under: str,
    language: str,
    tick: Callable[[], None],
) -> tuple[int, int]:
    """Write Phụ lục I (papers replaced by data) and Phụ lục II (papers cut).

    Parameters
    ----------
    under
        The line below the title, such as "(Kèm theo phương án …)".
    tick
        Called after each row, for the progress.

    Returns
    -------
    tuple of int
        Reforms that Phụ lục I and Phụ lục II hold.
    """
    replaced = [_replaced(r, portfolio) for r in plan.reforms if isinstance(r, ReplaceByData)]
    title = Text(
        "DANH MỤC THỦ TỤC HÀNH CHÍNH CÓ THÀNH PHẦN HỒ SƠ ĐỀ NGHỊ THAY THẾ BẰNG DỮ LIỆU",
        "Procedures with a required document proposed for replacement by data",
    )
    _write(_open(book, "Phụ lục I", title, under, _TO_REPLACE, language), replaced, tick)
    dropped = [_dropped(r, portfolio) for r in plan.reforms if isinstance(r, DropRequirement)]
    title = Text(
        "DANH MỤC THỦ TỤC HÀNH CHÍNH CÓ THÀNH PHẦN HỒ SƠ ĐỀ NGHỊ CẮT GIẢM",
        "Procedures with a required document proposed for removal",
    )
    _write(_open(book, "Phụ lục II", title, under, _TO_CUT, language), dropped, tick)
    return len(replaced), len(dropped)


def write_other_reforms(
    book: Workbook,
    portfolio: Portfolio,
    plan: Plan,
    under: str,
    language: str,
    tick: Callable[[], None],
) -> int:
    """Write the reforms that neither annex holds, so that none is lost; return how many."""
    rest = [r for r in plan.reforms if not isinstance(r, ReplaceByData | DropRequirement)]
    if not rest:
        return 0
    columns = (
        Column(Text("STT", "No."), 6, "centre"),
        Column(Text("Mã TTHC", "Procedure code"), 11, "centre"),
        Column(Text("Tên TTHC", "Procedure name"), 32),
        Column(Text("Nội dung đơn giản hóa", "Change proposed"), 34),
        Column(Text("Lý do", "Reason"), 24),
        Column(Text("Văn bản cần sửa đổi", "Legal text to amend"), 22),
        Column(Text("Điều, khoản, điểm", "Article"), 14),
        Column(Text("Thời hạn", "Due"), 12, "date"),
    )
    page = Page(book, "Nội dung khác", columns, language)
    page.span(
        "CÁC NỘI DUNG CẮT GIẢM, ĐƠN GIẢN HÓA KHÁC"
        if language == "vi"
        else "CÁC NỘI DUNG CẮT GIẢM, ĐƠN GIẢN HÓA KHÁC\nOther changes of the plan",
        "title",
    )
    page.span(under, "italic line")
    page.span("", "body")
    page.head()
    for number, reform in enumerate(rest, 1):
        code, name, _ = _procedure_cells(portfolio, reform.procedure_id)
        change = f"{reform.title.in_language(language)}. {reform.describe().in_language(language)}"
        due = reform.due if reform.due is not None else ""
        page.line((number, code, name, change, reform.reason, *_legal_cells(reform), due))
        tick()
    page.finish(filters=True)
    return len(rest)
