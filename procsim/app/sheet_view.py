"""The first rows of a sheet as they will look in Excel, for a look before the download."""

from __future__ import annotations

import datetime as dt
import io
import re
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from procsim.language.formatting import format_number, format_number_en

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

    AnyCell: TypeAlias = Cell | MergedCell | ReadOnlyCell | EmptyCell

__all__ = ["sheet_html"]

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
