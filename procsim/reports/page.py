"""One sheet of the plan: headings, a table with repeated header rows, page set-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from procsim.errors import Text
from procsim.reports.cells import lines_needed, put, safe_text

__all__ = ["Column", "Page", "beside"]

_LINE_POINTS = 15.5  # one line of Times New Roman 11–12
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
        room = width * (0.85 if style in {"title", "section"} else 1.0)
        needed = lines_needed(safe_text(value), room) * (_LINE_POINTS + 1.5) + 3
        known = self.sheet.row_dimensions[self.row].height or 0
        self.sheet.row_dimensions[self.row].height = min(409, max(known, needed))

    def head(self, columns: Sequence[Column] | None = None) -> None:
        """Write the header row of the table; it repeats on each printed page."""
        self.row += 1
        shown = columns or self.columns
        for place, column in enumerate(shown, 1):
            label = beside(column.label, self.language)
            put(self.sheet.cell(self.row, place), label, "head")
        most = max(lines_needed(beside(c.label, self.language), c.width * 0.8) for c in shown)
        self.sheet.row_dimensions[self.row].height = min(409, most * _LINE_POINTS + 6)
        if not self.head_row:
            self.head_row = self.row

    def group(self, value: str) -> None:
        """Write a heading row inside the table."""
        self.span(value, "group")

    def line(self, values: Sequence[object], styles: Sequence[str] | None = None) -> None:
        """Write one row of the table."""
        self.row += 1
        for place, value in enumerate(values, 1):
            style = styles[place - 1] if styles else self.columns[place - 1].style
            put(self.sheet.cell(self.row, place), value, style, self.language)

    def finish(self, *, table: bool = True, filters: bool = False) -> None:
        """Set what repeats, stays and prints, once the last row is known."""
        sheet = self.sheet
        if table and self.head_row:
            sheet.print_title_rows = f"{self.head_row}:{self.head_row}"
            sheet.freeze_panes = f"A{self.head_row + 1}"
            if filters and self.row > self.head_row:
                sheet.auto_filter.ref = f"A{self.head_row}:{self.last_letter}{self.row}"
        sheet.print_area = f"A1:{self.last_letter}{max(self.row, 1)}"
