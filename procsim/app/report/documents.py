"""The files that are handed in: made in the background, shown before they are downloaded."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from procsim.app.shell import results
from procsim.app.shell.jobs import Report
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual
from procsim.store import Project

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

    AnyCell: TypeAlias = Cell | MergedCell | ReadOnlyCell | EmptyCell


Form = Literal["xlsx", "docx"]
PREVIEW_ROWS = 60
PREVIEW_PARAGRAPHS = 60


@dataclass(frozen=True)
class Options:
    """What an officer asks of a file.

    Attributes
    ----------
    form
        ``xlsx`` or ``docx``.
    plan
        Name of the plan.
    language
        Language of the file.
    on
        Date printed on it; None leaves it open.
    maps
        Procedure maps in the Word annex; −1 for all.
    """

    form: Form
    plan: str
    language: str
    on: dt.date | None = None
    maps: int = 30

    def key(self, project: Project) -> tuple[object, ...]:
        """Return what the file depends on, for `procsim.app.shell.jobs`."""
        digest = project.digest_of("portfolio", "parameters", "dates", f"plans/{self.plan}")
        return ("document", digest, self)


@dataclass(frozen=True)
class Document:
    """A file that was made."""

    form: Form
    data: bytes


def make(project: Project, options: Options) -> Callable[[Report], Document]:
    """Return the work that makes a file; for `procsim.app.shell.jobs`."""

    def work(report: Report) -> Document:
        report(0.02, bilingual("app.report.measuring"))
        before = results.before(project)
        after = results.after(project, options.plan)

        def progress(done: int, total: int) -> None:
            said = bilingual(f"app.report.writing.{options.form}", done=done, total=total)
            report(0.1 + 0.88 * done / max(total, 1), said)

        with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
            path = Path(folder) / f"plan.{options.form}"
            plan = project.plans[options.plan]
            if options.form == "xlsx":
                from procsim.reports.excel.workbook import write_plan

                write_plan(
                    project.portfolio,
                    plan,
                    path,
                    before=before,
                    after=after,
                    faults=results.faults(project),
                    language=options.language,
                    progress=progress,
                    on=options.on,
                    parameters=project.parameters(),
                )
            else:
                from procsim.reports.word.annex import write_annex

                write_annex(
                    project.portfolio,
                    plan,
                    path,
                    language=options.language,
                    on=options.on,
                    before=before,
                    after=after,
                    maps="all" if options.maps < 0 else options.maps,
                    progress=progress,
                )
            return Document(options.form, path.read_bytes())

    return work


def sheets(document: Document) -> list[str]:
    """Return the sheets of a workbook that an officer sees."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(document.data))
    return [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]


def outline(document: Document) -> list[tuple[int, str]]:
    """Return the first paragraphs of a Word file: level of the heading (0 for text), text."""
    import docx

    found: list[tuple[int, str]] = []
    for paragraph in docx.Document(io.BytesIO(document.data)).paragraphs:
        text = " ".join(paragraph.text.split())
        if not text:
            continue
        style = paragraph.style.name if paragraph.style is not None else ""
        last = style.rsplit(" ", 1)[-1]
        found.append((int(last) if style.startswith("Heading") and last.isdigit() else 0, text))
        if len(found) == PREVIEW_PARAGRAPHS:
            break
    return found


# The first rows of a sheet as they will look in Excel, for a look before the download.

_DECIMALS = re.compile(r"0(?:\.(0+))?")
_LINE = "1px solid rgba(128, 128, 128, 0.35)"
_TABLE = "border-collapse: collapse; font-size: 0.8rem; line-height: 1.35"


def sheet_html(data: bytes, name: str, *, rows: int, language: str = "vi") -> str:
    """Return the first rows of a sheet as an HTML table, every text escaped.

    As in Excel, a text runs on over the empty cells to its right. A formula shows the
    value that was written beside it.

    Parameters
    ----------
    data
        The workbook.
    name
        The sheet.
    rows
        How many rows to read.
    language
        How numbers are written.

    Raises
    ------
    KeyError
        When the workbook has no such sheet.
    """
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        lines = [
            _line(cells, language)
            for cells in book[name].iter_rows(max_row=rows)
            if any(cell.value is not None for cell in cells)
        ]
    finally:
        book.close()
    return f'<table style="{_TABLE}">{"".join(lines)}</table>'


def _line(cells: tuple[AnyCell, ...], language: str) -> str:
    made: list[str] = []
    at = 0
    while at < len(cells):
        cell, span = cells[at], 1
        if isinstance(cell.value, str):
            while at + span < len(cells) and cells[at + span].value is None:
                span += 1
        made.append(_cell(cell, span, language))
        at += span
    return f"<tr>{''.join(made)}</tr>"


def _cell(cell: AnyCell, span: int, language: str) -> str:
    style = ["padding: 2px 8px", "vertical-align: top", "max-width: 24rem"]
    if cell.value is not None:
        style.append(f"border: {_LINE}")
        if cell.font is not None and cell.font.b:
            style.append("font-weight: 600")
        side = cell.alignment.horizontal if cell.alignment is not None else None
        if side in ("center", "right") or not isinstance(cell.value, str):
            style.append(f"text-align: {side if side in ('center', 'right') else 'right'}")
    wide = f' colspan="{span}"' if span > 1 else ""
    return f'<td{wide} style="{"; ".join(style)}">{escape(_written(cell, language))}</td>'


def _written(cell: AnyCell, language: str) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    write = format_number_en if language == "en" else format_number
    form = cell.number_format or ""
    shown = _DECIMALS.search(form)
    decimals = len(shown[1] or "") if shown else None
    if "%" in form:
        return f"{write(100 * value, decimals)} %"
    return write(value if decimals is not None else round(value, 4), decimals)
