"""Phụ lục I and II of Nghị quyết 66.7/2025/NQ-CP, in their exact layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from procsim.decisions.routes import amended_texts
from procsim.errors import Text, shorten
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import fold
from procsim.measures.grouping import groups
from procsim.model.portfolio import Portfolio
from procsim.reference import databases, legal_texts
from procsim.reforms.base import Reform
from procsim.reforms.kinds import DropRequirement, ReplaceByData
from procsim.reforms.wording import database_names, type_names
from procsim.reports.content import Content, code_of
from procsim.reports.excel.page import Book, Column, Page
from procsim.reports.excel.scores import Scopes

OTHER = "Nội dung khác"

#: Headings of Phụ lục III, in the order of the resolution.
RANKS = {
    "luat": bilingual("reports.laws"),
    "nghi_dinh": bilingual("reports.decrees"),
    "quyet_dinh_ttg": bilingual("reports.prime_minister_decisions"),
    "thong_tu": bilingual("reports.circulars"),
    "quyet_dinh_bo_truong": bilingual("reports.ministers_decisions"),
    "": bilingual("reports.other_texts"),
}
_ALL = bilingual("reports.amend_1_0")
_LISTED = bilingual("reports.ph_l_c_iii")

_TO_REPLACE = bilingual("reports.paper_proposed_replacement")
_TO_CUT = bilingual("reports.paper_proposed_removal")
_NONE = bilingual("reports.plan_nothing_kind")
_LAST = 1_000_000  # a text that the resolution does not list comes after those it does
_LONGEST_PAPER = 500
_LONGEST_ROW = 110  # the whole row stands in the dossier; the annex names the paper


def annex_columns(paper: Text) -> tuple[Column, ...]:
    """Return the columns of Phụ lục I or II; only the fourth heading differs."""
    return (
        Column(bilingual("reports.no_no"), 6, "centre"),
        Column(bilingual("reports.procedure_code"), 11, "centre"),
        Column(bilingual("reports.procedure_name"), 54),
        Column(paper, 46),
        Column(bilingual("reports.database"), 21),
        Column(bilingual("reports.ministry_owns_database"), 13),
        Column(bilingual("reports.legal_text_prescribes_required"), 26),
        Column(bilingual("reports.article_clause_point_form"), 26),
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
    return (
        code_of(portfolio, procedure),
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


def _write(page: Page, rows: list[_Row]) -> None:
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
    if not rows:
        page.span(_NONE.in_language(page.language), "text")
    page.finish()


def _open(book: Book, name: str, title: Text, under: str, paper: Text) -> Page:
    page = book.page(name, annex_columns(paper))
    page.span(name, "title")
    page.span(title.vi, "title")
    if book.language == "en":
        page.span(title.en, "italic line")
    page.span(under, "italic line")
    page.span("", "body")
    return page


def write_annexes(book: Book, content: Content, under: str) -> tuple[int, int]:
    """Write Phụ lục I (papers replaced by data) and Phụ lục II (papers cut).

    Parameters
    ----------
    under
        The line below the title, such as "(Kèm theo phương án …)".

    Returns
    -------
    tuple of int
        Reforms that Phụ lục I and Phụ lục II hold.
    """
    portfolio, reforms = content.portfolio, content.plan.reforms
    replaced = [_replaced(r, portfolio) for r in reforms if isinstance(r, ReplaceByData)]
    title = bilingual("reports.procedures_required_document_proposed")
    _write(_open(book, "Phụ lục I", title, under, _TO_REPLACE), replaced)
    dropped = [_dropped(r, portfolio) for r in reforms if isinstance(r, DropRequirement)]
    title = bilingual("reports.procedures_required_document_proposed_removal")
    _write(_open(book, "Phụ lục II", title, under, _TO_CUT), dropped)
    return len(replaced), len(dropped)


def write_other_reforms(book: Book, content: Content, under: str) -> int:
    """Write the reforms that neither annex holds, so that none is lost; return how many."""
    language = book.language
    rest = [r for r in content.plan.reforms if not isinstance(r, ReplaceByData | DropRequirement)]
    if not rest:
        return 0
    columns = (
        Column(bilingual("reports.no_no"), 6, "centre"),
        Column(bilingual("reports.procedure_code"), 11, "centre"),
        Column(bilingual("reports.procedure_name"), 32),
        Column(bilingual("reports.change_proposed"), 34),
        Column(bilingual("reports.reason"), 24),
        Column(bilingual("reports.legal_text_amend"), 22),
        Column(bilingual("reports.article"), 14),
        Column(bilingual("reports.due"), 12, "date"),
    )
    page = book.page(OTHER, columns)
    page.title(bilingual("reports.other_changes_plan"), [Text(under, under)])
    page.head()
    for number, reform in enumerate(rest, 1):
        code, name, _ = _procedure_cells(content.portfolio, reform.procedure_id)
        change = f"{reform.title.in_language(language)}. {reform.describe().in_language(language)}"
        due = reform.due if reform.due is not None else ""
        page.line((number, code, name, change, reform.reason, *_legal_cells(reform), due))
    page.finish(filters=True)
    return len(rest)


def write_texts(book: Book, content: Content, scopes: Scopes, under: str) -> int:
    """Write Phụ lục III, the legal texts to amend by rank; return how many.

    The columns beside say which groups of the scorecard need a text; they are not
    printed, and the counts of texts are formulas over them.
    """
    texts = amended_texts(content.plan)
    flags = [(f"vb_nhom_{number}", Text(name, name)) for name, number in scopes.numbers.items()]
    names = ["vb_tat_ca", "vb_nq66_7", *(name for name, _ in flags)]
    labels = [_ALL, _LISTED, *(label for _, label in flags)]
    columns = [
        Column(bilingual("reports.no_no"), 8, "centre"),
        Column(bilingual("reports.legal_text"), 120),
        Column(bilingual("reports.changes_need"), 24, "whole"),
        Column(bilingual("reports.annexes.due"), 18, "date"),
        *(Column(label, 24, "whole") for label in labels),
    ]
    page = book.page("Phụ lục III", columns, printed=2)
    page.span("Phụ lục III", "title")
    page.title(bilingual("reports.legal_texts_must_amended"), [Text(under, under)])
    page.head()
    first = page.row + 1
    by_group = _texts_by_group(content, scopes)
    order = legal_texts()["position"].to_dict()
    for rank, title in RANKS.items():
        own = texts[texts["rank"] == rank] if rank else texts[~texts["rank"].isin(list(RANKS))]
        if not len(own):
            continue
        page.group(title.in_language(page.language).upper())
        places = [int(order.get(text, _LAST)) for text in own.index]
        own = own.iloc[sorted(range(len(own)), key=places.__getitem__)]
        for number, row in enumerate(own.itertuples(), 1):
            due: date | str = date.fromisoformat(row.due) if row.due else "–"
            needed = [int(row.Index in by_group[name]) for name in scopes.numbers]
            page.line(
                (number, row.title or row.Index, row.reforms, due, 1, int(row.annex_3), *needed)
            )
    if not len(texts):
        page.span(_NONE.in_language(page.language), "text")
    for at, name in enumerate(names, 5):
        book.name(name, page.area(at, first, page.row))
    page.finish()
    return len(texts)


def _texts_by_group(content: Content, scopes: Scopes) -> dict[str, frozenset[str]]:
    found = {}
    for name, mask in groups(content.before, content.card.grouping):
        if name in scopes.numbers:
            texts = amended_texts(content.plan, list(content.before.index[mask]))
            found[name] = frozenset(texts.index)
    return found
