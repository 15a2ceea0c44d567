"""One sheet of the plan: headings, a table with repeated header rows, page set-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.reports.cells import (
    MISSING,
    Formula,
    cell_xml,
    is_missing,
    lines_needed,
    safe_text,
    starts_like_formula,
)
from procsim.reports.inputs import Input
from procsim.reports.styles import INDENTED, SIGNALS, style_ids

__all__ = ["Book", "Column", "Page", "Value", "beside", "counted", "letter"]

Value = float | str | date | Formula | None

_LINE = 1.24  # height of a line over the size of its letters
_HIGHEST = 409.0  # points, the most that Excel gives a row
_SIZES = {"title": 14, "section": 13, "body": 12, "label": 12, "centre line": 12}
_SIZES |= {"italic line": 12, "motto": 12, "underlined motto": 12, "remark": 10, "machine": 8}
_BOLD = {
    "title",
    "section",
    "label",
    "motto",
    "underlined motto",
    "group",
    "head",
    "met",
    "bold text",
}
_ONE_LINE = ("bold line", "sheet title", "sheet line")
_MOST_ROWS = 1_048_576
# In points: a digit of the columns' widths, and what the margins leave of A4 landscape.
_DIGIT, _PAGE_WIDTH, _PAGE_HEIGHT = 5.25, 741.0, 482.0

letter = cache(get_column_letter)


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


class Book:
    """A workbook in the making: openpyxl's for all but the cells, and the pages with those.

    Parameters
    ----------
    language
        ``"vi"`` or ``"en"``.
    recording
        Whether the pages remember what they write: an edited workbook is held against it.
    """

    def __init__(self, language: str, *, recording: bool = False) -> None:
        self.language = language
        self.recording = recording
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.active)
        self.styles = style_ids(self.workbook, language)
        self.pages: dict[str, Page] = {}

    def page(
        self,
        name: str,
        columns: Sequence[Column],
        printed: int | None = None,
        *,
        keyed: bool = False,
    ) -> Page:
        """Add a sheet with these columns, of which the first `printed` are printed."""
        made = Page(self, name, columns, printed, keyed=keyed)
        self.pages[name] = made
        return made

    def name(self, name: str, area: str) -> str:
        """Give cells a name that formulas use; return the name."""
        self.workbook.defined_names[name] = DefinedName(name, attr_text=area)
        return name

    def arrange(self, order: Sequence[str]) -> list[Page]:
        """Put the sheets in order and return their pages."""
        there = [name for name in order if name in self.pages]
        for at, name in enumerate(there):
            self.workbook.move_sheet(name, at - self.workbook.sheetnames.index(name))
        self.workbook.active = 0
        return [self.pages[name] for name in there]


class Page:
    """Writes one sheet from top to bottom.

    Parameters
    ----------
    book
        The workbook; the sheet is added at its end.
    name
        Name on the tab.
    columns
        The columns of the sheet; every heading line spans the printed ones.
    printed
        How many of them are printed; all where not given. The others hold what the
        formulas need and stand on the screen only.
    keyed
        Whether a hidden column behind the others numbers the rows, so that each is
        known again after an officer has sorted the sheet or put rows in.
    """

    def __init__(
        self,
        book: Book,
        name: str,
        columns: Sequence[Column],
        printed: int | None = None,
        *,
        keyed: bool = False,
    ) -> None:
        self.book = book
        self.name = name
        self.sheet: Worksheet = book.workbook.create_sheet(name)
        self.columns = tuple(columns)
        self.printed = printed or len(self.columns)
        self.key_column = len(self.columns) + 1 if keyed else 0
        self.inputs: dict[tuple[int, int], Input] = {}
        self.recorded: dict[int, dict[int, tuple[Value, str]]] = {}
        self.texts = sha256()
        self.language = book.language
        self.row = 0
        self.head_row = 0
        self._rows: list[tuple[int, float, str]] = []
        self._folded: set[int] = set()
        self._used = 0.0  # height of what is printed since the last page break
        self._cells: list[str] = []
        self._height = 0.0
        self._last_column = 1
        for place, column in enumerate(self.columns, 1):
            self.sheet.column_dimensions[letter(place)].width = column.width
        if keyed:
            self.sheet.column_dimensions[letter(self.key_column)].hidden = True
        self._set_up()

    # -- what the package asks for

    @property
    def size(self) -> tuple[str, int, int]:
        """Name, rows and columns of the sheet."""
        return self.name, self.row, self._last_column

    @property
    def extent(self) -> str:
        """The rectangle that holds every cell."""
        return f"A1:{letter(self._last_column)}{max(self.row, 1)}"

    def rows_xml(self) -> Iterator[str]:
        """Yield each row as XML, from top to bottom."""
        self._close()
        for row, height, cells in self._rows:
            fold = ""
            if row in self._folded:
                fold = ' outlineLevel="1" hidden="1"'
            elif row + 1 in self._folded:
                fold = ' collapsed="1"'
            yield f'<row r="{row}" ht="{height:g}" customHeight="1"{fold}>{cells}</row>'

    # -- addresses

    @property
    def full(self) -> bool:
        """Whether Excel's last row but one is reached."""
        return self.row >= _MOST_ROWS - 2

    def at(self, column: int, row: int | None = None) -> str:
        """Return the address of a cell for formulas of other sheets."""
        return f"'{self.name}'!{letter(column)}{row or self.row}"

    def area(self, column: int, first: int, last: int) -> str:
        """Return the rows of a column as an absolute area."""
        here = letter(column)
        return f"'{self.name}'!${here}${first}:${here}${max(last, first)}"

    # -- writing

    def bind(self, column: int, target: Input) -> None:
        """Say what an officer changes with a cell of the present row."""
        self.inputs[self.row, column] = target

    def next_row(self, height: float = 11 * _LINE + 4) -> int:
        """Begin a new row and return its number."""
        self._close()
        self.row += 1
        self._height = height
        return self.row

    def fold(self) -> None:
        """Put the present row away below the one before: not printed until it is opened."""
        self._folded.add(self.row)

    def put(self, column: int, value: Value, style: str) -> None:
        """Write one cell of the present row, columns from left to right.

        Text is never a formula; a missing number says so. The row grows with the text.
        """
        shown = self._cell(column, value, style)
        if shown and style not in _ONE_LINE:
            width = self.columns[column - 1].width - 1.1 * (style in INDENTED)
            lines = lines_needed(shown, width, bold=style in _BOLD)
            self._height = min(_HIGHEST, max(self._height, lines * 11 * _LINE + 4))

    def _cell(self, column: int, value: Value, style: str) -> str:
        """Write one cell and return the text that it shows; ``""`` for a number."""
        shown = ""
        if isinstance(value, Formula):
            if is_missing(value.value):
                value = Formula(value.text, MISSING.in_language(self.language))
            shown = value.value if isinstance(value.value, str) else ""
        elif is_missing(value):
            value = shown = MISSING.in_language(self.language)
            style = "input missing" if style.startswith("input") else "missing"
        elif isinstance(value, str):
            value = shown = safe_text(value, self.language)
        elif not isinstance(value, date):
            value = getattr(value, "item", lambda plain=value: plain)()
        is_text = isinstance(value, str)
        if is_text and value:
            self.texts.update(f"{column},{self.row},{value}\n".encode())
        if self.book.recording:
            self.recorded.setdefault(self.row, {})[column] = (value, style)
        number = self.book.styles[style, is_text and starts_like_formula(shown)]
        self._cells.append(cell_xml(f"{letter(column)}{self.row}", number, value))
        self._last_column = max(self._last_column, column)
        return shown

    def line(self, values: Sequence[Value], styles: Sequence[str] | None = None) -> int:
        """Write one row of the table and return its number."""
        self.next_row()
        for place, value in enumerate(values, 1):
            self.put(place, value, styles[place - 1] if styles else self.columns[place - 1].style)
        return self.row

    def span(self, value: str, style: str, first: int = 1, last: int | None = None) -> None:
        """Write one line across columns of a new row."""
        self.next_row(0.0)
        self.fill(value, style, first, last)

    def fill(self, value: Value, style: str, first: int = 1, last: int | None = None) -> None:
        """Write one line across columns `first` to `last` of the present row."""
        last = last or self.printed
        shown = self._cell(first, value, style)
        for place in range(first + 1, last + 1):
            self._cell(place, "", style)
        if last > first:
            # `merged_cells.add` looks at every area before: quadratic over a long sheet.
            area = CellRange(min_col=first, max_col=last, min_row=self.row, max_row=self.row)
            self.sheet.merged_cells.ranges.add(area)
        width = sum(column.width for column in self.columns[first - 1 : last])
        size = _SIZES.get(style, 11)
        lines = lines_needed(shown, width * 11 / size, bold=style in _BOLD)
        self._height = min(_HIGHEST, max(self._height, lines * size * _LINE + 4))

    def head(self, columns: Sequence[Column] | None = None) -> None:
        """Write the header row of the table; it repeats on each printed page."""
        self.next_row()
        shown = columns or self.columns
        for place, column in enumerate(shown, 1):
            self._cell(place, beside(column.label, self.language), "head")
        most = max(
            lines_needed(beside(column.label, self.language), column.width, bold=True)
            for column in shown
        )
        self._height = min(_HIGHEST, most * 11 * _LINE + 8)
        if not self.head_row:
            self.head_row = self.row

    def group(self, value: str) -> None:
        """Write a heading row inside the table, on a new page where little of one is left."""
        self._close()
        if self._used > self._most_of_a_page():
            self.sheet.row_breaks.append(Break(id=self.row))
            self._used = 0.0
        self.span(value, "group")

    def _most_of_a_page(self) -> float:
        """Return how high rows are, in points, that print on four fifths of a page."""
        width = sum(column.width for column in self.columns[: self.printed]) * _DIGIT
        return max(1.0, width / _PAGE_WIDTH) * _PAGE_HEIGHT * 0.8

    def title(self, title: Text, under: Sequence[Text] = ()) -> None:
        """Write the title of the sheet and the lines below it."""
        self.span(title.vi, "title")
        if self.language == "en" and title.en != title.vi:
            self.span(title.en, "italic line")
        for remark in under:
            self.span(remark.in_language(self.language), "italic line")
        self.span("", "body")

    def signal(self, area: str, formula: str, signal: str) -> None:
        """Colour the cells of `area` in which a formula holds."""
        rule = Rule(type="expression", dxf=SIGNALS[signal], formula=[formula])
        self.sheet.conditional_formatting.add(area, rule)

    def finish(
        self, *, table: bool = True, filters: bool = False, last_printed: int | None = None
    ) -> None:
        """Set what repeats, stays and prints, once the last row is known.

        Parameters
        ----------
        table
            Whether the sheet is a table that runs over pages; otherwise it is
            printed on one.
        filters
            Whether the header row gets filters.
        last_printed
            Last row that is printed; all where not given.
        """
        self._close()
        sheet = self.sheet
        if not table:
            sheet.page_setup.fitToHeight = 1
        if table and self.head_row:
            sheet.print_title_rows = f"{self.head_row}:{self.head_row}"
            sheet.freeze_panes = f"A{self.head_row + 1}"
            if filters and self.row > self.head_row:
                last = letter(self.key_column or len(self.columns))  # it goes along in sorting
                sheet.auto_filter.ref = f"A{self.head_row}:{last}{self.row}"
        if self._folded:
            sheet.sheet_properties.outlinePr.summaryBelow = False
            sheet.sheet_format.outlineLevelRow = 1
        sheet.print_area = f"A1:{letter(self.printed)}{max(last_printed or self.row, 1)}"

    def _close(self) -> None:
        """Keep the row in the making."""
        if self._cells:
            if self.key_column:
                self._last_column = self.key_column
                place = f"{letter(self.key_column)}{self.row}"
                number = self.book.styles["key", False]
                self._cells.append(cell_xml(place, number, float(self.row)))
            self._rows.append((self.row, self._height or 15.0, "".join(self._cells)))
            if self.row not in self._folded:
                self._used += self._height
            self._cells = []

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
