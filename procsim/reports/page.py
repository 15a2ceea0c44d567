"""One sheet of the plan: headings, a table with repeated header rows, page set-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.reports.cells import lines_needed, put

__all__ = ["Column", "Page", "beside", "counted"]

_LINE = 1.24  # height of a line over the size of its letters
_HIGHEST = 409.0  # points, the most that Excel gives a row
_SIZES = {"title": 14, "section": 13, "body": 12, "label": 12, "centre line": 12}
_SIZES |= {"italic line": 12, "motto": 12}
_BOLD = {"title", "section", "label", "motto", "group", "head", "met", "missed"}
_MOST_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, width in characters, style of its cells."""

    label: Text
    width: float
    style: str = "text"


def beside(text: Text, language: str) -> str:
    """Return the Vietnamese wording, with the English one below it where asked."""
    return text.vi if language == "vi" or text.vi == text.en else f"{text.vi}\n{text.en}"


def counted(value: float, language: str) -> str:
    """Return a whole number as the language writes it."""
    return format_number(value, 0) if language == "vi" else format_number_en(value, 0)


class Page:
    """Writes one sheet from top to bottom.

    Parameters
    ----------
    book
        The workbook; the sheet is added at its end.
    name
        Name on the tab.
    columns
        The columns of the sheet; every heading line spans all of them.
    language
        ``"vi"``, or ``"en"`` for English beside the Vietnamese headings.
    """

    def __init__(self, book: Workbook, name: str, columns: Sequence[Column], language: str) -> None:
        self.sheet: Worksheet = book.create_sheet(name)
        self.columns = tuple(columns)
        self.language = language
        self.row = 0
        self.head_row = 0
        for place, column in enumerate(self.columns, 1):
            self.sheet.column_dimensions[get_column_letter(place)].width = column.width
        self._set_up()

    @property
    def full(self) -> bool:
        """Whether Excel's last row but one is reached."""
        return self.row >= _MOST_ROWS - 2

    @property
    def last_letter(self) -> str:
        """Letter of the last column."""
        return get_column_letter(len(self.columns))

    def _set_up(self) -> None:
        sheet = self.sheet
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        # Nghị định 30/2020/NĐ-CP: margins 20 mm, the page number centred at the
        # top, none on the first page.
        margins = sheet.page_margins
        margins.left, margins.right, margins.top, margins.bottom = 0.79, 0.59, 0.79, 0.79
        margins.header = margins.footer = 0.4
        sheet.print_options.horizontalCentered = True
        sheet.HeaderFooter.differentFirst = True
        sheet.oddHeader.center.text = '&"Times New Roman,Regular"&13&P'

    def span(self, value: str, style: str, first: int = 1, last: int | None = None) -> None:
        """Write one line across columns of a new row."""
        self.row += 1
        self.fill(value, style, first, last)

    def fill(self, value: str, style: str, first: int = 1, last: int | None = None) -> None:
        """Write one line across columns `first` to `last` of the present row."""
        last = last or len(self.columns)
        for place in range(first, last + 1):
            put(self.sheet.cell(self.row, place), value if place == first else "", style)
        if last > first:
            self.sheet.merge_cells(
                start_row=self.row, end_row=self.row, start_column=first, end_column=last
            )
        width = sum(column.width for column in self.columns[first - 1 : last])
        size = _SIZES.get(style, 11)
        lines = lines_needed(value, width * 11 / size, bold=style in _BOLD)
        needed = lines * size * _LINE + 4
        known = self.sheet.row_dimensions[self.row].height or 0
        self.sheet.row_dimensions[self.row].height = min(_HIGHEST, max(known, needed))

    def head(self, columns: Sequence[Column] | None = None) -> None:
        """Write the header row of the table; it repeats on each printed page."""
        self.row += 1
        shown = columns or self.columns
        for place, column in enumerate(shown, 1):
            label = beside(column.label, self.language)
            put(self.sheet.cell(self.row, place), label, "head")
        most = max(
            lines_needed(beside(column.label, self.language), column.width, bold=True)
            for column in shown
        )
        self.sheet.row_dimensions[self.row].height = min(_HIGHEST, most * 11 * _LINE + 8)
        if not self.head_row:
            self.head_row = self.row

    def group(self, value: str) -> None:
        """Write a heading row inside the table."""
        self.span(value, "group")

    def line(self, values: Sequence[object], styles: Sequence[str] | None = None) -> None:
        """Write one row of the table."""
        self.row += 1
        most = 1
        for place, value in enumerate(values, 1):
            style = styles[place - 1] if styles else self.columns[place - 1].style
            shown = put(self.sheet.cell(self.row, place), value, style, self.language)
            if shown:
                width = self.columns[place - 1].width
                most = max(most, lines_needed(shown, width, bold=style in _BOLD))
        self.sheet.row_dimensions[self.row].height = min(_HIGHEST, most * 11 * _LINE + 4)

    def finish(self, *, table: bool = True, filters: bool = False) -> None:
        """Set what repeats, stays and prints, once the last row is known.

        Parameters
        ----------
        table
            Whether the sheet is a table that runs over pages; otherwise it is
            printed on one.
        filters
            Whether the header row gets filters.
        """
        sheet = self.sheet
        if not table:
            sheet.page_setup.fitToHeight = 1
        if table and self.head_row:
            sheet.print_title_rows = f"{self.head_row}:{self.head_row}"
            sheet.freeze_panes = f"A{self.head_row + 1}"
            if filters and self.row > self.head_row:
                sheet.auto_filter.ref = f"A{self.head_row}:{self.last_letter}{self.row}"
        sheet.print_area = f"A1:{self.last_letter}{max(self.row, 1)}"
