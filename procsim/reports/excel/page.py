"""One sheet of the plan: headings, a table with repeated header rows, page set-up."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual
from procsim.measures import rate
from procsim.readers.cells import stored_length
from procsim.readers.excel import write_excel
from procsim.reports.roundtrip.entries import Input

LONGEST = 32_767  # Excel's limit on a cell, in UTF-16 units
MISSING = bilingual("reports.no_data")
_CUT = bilingual("reports.shortened_over_excel_limit")
# What XML 1.0 cannot hold, lone surrogates included; tab and line feed may stay.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Widths of letters over that of a digit; other capitals 1.4, all else 1, tones and hooks 0.
_WIDTHS = {
    **dict.fromkeys("\u0300\u0301\u0302\u0303\u0306\u0309\u0323", 0.0),
    "\u031b": 0.1,  # the horn of ơ and ư
    **dict.fromkeys(" .,;:'|/()[]!ijltfrI-", 0.6),
    **dict.fromkeys('aceszJ"', 0.9),
    **dict.fromkeys("PS", 1.1),
    **dict.fromkeys("mw%", 1.6),
    **dict.fromkeys("MW…", 2.0),
    " ": 0.5,
}
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Formula:
    """One of our own formulas with the value that procsim computed for it.

    Parameters
    ----------
    text
        The formula in Excel's own writing, without the equals sign. It is made of
        addresses, names and constants only, never of text from the data.
    value
        The cached value: what a reader that does not compute will see.
    """

    text: str
    value: float | str | None


def is_missing(value: object) -> bool:
    """Return whether a value stands for a figure that is not known."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def quoted(text: str) -> str:
    """Return a text of ours as a constant inside a formula."""
    return '"' + text.replace('"', '""') + '"'


def starts_like_formula(text: str) -> bool:
    """Return whether a spreadsheet could take a typed text for a formula."""
    return text.startswith(_FORMULA)


def safe_text(value: str, language: str = "vi") -> str:
    """Return `value` as Excel can hold it, every letter kept.

    Characters that XML forbids are removed, text over 32,767 UTF-16 units, what Excel
    would decode counted as it is written, is shortened with a notice.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _ILLEGAL.sub("", text)
    if 2 * len(text) <= LONGEST // 4 or stored_length(text) <= LONGEST:
        return text  # a letter takes two units at most, and an escape seven
    notice = _CUT.in_language(language)
    room = LONGEST - len(notice)
    kept = text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")
    while (long := stored_length(kept)) > room:
        kept = kept[: len(kept) * room // long]
    return kept + notice


@lru_cache(maxsize=1 << 14)  # words come again and again
def _text_units(text: str) -> float:
    """Return the width of a line of Times New Roman in digits of the same size."""
    return sum(
        _WIDTHS.get(letter, 1.4 if letter.isupper() else 1.0)
        for letter in unicodedata.normalize("NFD", text)
    )


@lru_cache(maxsize=1 << 12)
def lines_needed(text: str, width: float, *, bold: bool = False) -> int:
    """Return how many lines `text` takes when it is wrapped in a column.

    Row heights are written into the file, because LibreOffice does not fit
    them when it opens one, and no program fits merged cells.

    Parameters
    ----------
    width
        Column width, in digits.
    bold
        Bold letters are wider.
    """
    room = max(1.0, width * 0.95 - 1.0) / (1.08 if bold else 1.0)
    if len(text) * 1.4 <= room and "\n" not in text:
        return 1
    count = 0
    for line in text.split("\n"):
        used = 0.0
        count += 1
        for word in line.split(" "):
            own = _text_units(word)
            if used and used + 0.5 + own > room:
                count, used = count + 1, 0.0
            if own > room:  # a word longer than the column is broken inside
                more = math.ceil(own / room) - 1
                count, own = count + more, own - more * room
            used += own + (0.5 if used else 0.0)
    return count


# One sheet of the plan: headings, a table with repeated header rows, page set-up.

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


@cache
def letter(column: int) -> str:
    """Return the letter of a column; columns from 1."""
    return str(xl_col_to_name(column - 1))


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
    """A workbook in the making: pages in any order, written in the one that `save` is given.

    Parameters
    ----------
    language
        ``"vi"`` or ``"en"``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.pages: dict[str, Page] = {}
        self._names: dict[str, str] = {}

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
        self._names[name] = area
        return name

    def save(self, path: Path, order: Iterable[str], **properties: Any) -> None:
        """Write the pages in this order, as `procsim.readers.excel.write_excel` does."""

        def fill(book: Any) -> None:
            looks = {
                (name, text): book.add_format({**look, "quote_prefix": text})
                for name, look in styles(self.language).items()
                for text in (False, True)
            }
            for name in order:
                if name in self.pages:
                    self.pages[name].write(book, looks)
            for name, area in self._names.items():
                book.define_name(name, f"={area}")

        write_excel(path, fill, FONT, **properties)


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
        self.columns = tuple(columns)
        self.printed = printed or len(self.columns)
        self.key_column = len(self.columns) + 1 if keyed else 0
        self.inputs: dict[tuple[int, int], Input] = {}
        #: Value and style of each cell by row and column, from 1.
        self.cells: dict[int, dict[int, tuple[Value, str]]] = {}
        self.merged: list[tuple[int, int, int]] = []  # row, first and last column
        self.texts = sha256()
        self.language = book.language
        self.row = 0
        self.head_row = 0
        self.is_hidden = False
        self.frozen = (0, 0)  # rows and columns that stay
        self._is_table = False
        self._filtered = False
        self._last_printed = 0
        self._heights: dict[int, float] = {}
        self._folded: set[int] = set()
        self._breaks: list[int] = []
        self._used = 0.0  # height of what is printed since the last page break
        self._counted = 0
        self._later: list[Callable[[Any, Any], object]] = []

    @property
    def size(self) -> tuple[str, int, int]:
        """Name, rows and columns of the sheet."""
        return self.name, self.row, self.key_column or len(self.columns)

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

    def later(self, step: Callable[[Any, Any], object]) -> None:
        """Take a step that needs XlsxWriter's workbook and sheet, once both are there."""
        self._later.append(step)

    def next_row(self, height: float = 11 * _LINE + 4) -> int:
        """Begin a new row and return its number."""
        self._count_height()
        self.row += 1
        self._heights[self.row] = height
        return self.row

    def _count_height(self) -> None:
        if self._counted < self.row:
            self._counted = self.row
            self._used += self._heights[self.row] if self.row not in self._folded else 0.0

    def _grow(self, height: float) -> None:
        self._heights[self.row] = min(_HIGHEST, max(self._heights[self.row], height))

    def fold(self) -> None:
        """Put the present row away below the one before: not printed until it is opened."""
        self._folded.add(self.row)

    def break_page(self) -> None:
        """Begin a new page after the present row."""
        self._breaks.append(self.row)
        self._used = 0.0

    def put(self, column: int, value: Value, style: str) -> None:
        """Write one cell of the present row.

        Text is never a formula; a missing number says so. The row grows with the text.
        """
        shown = self._cell(column, value, style)
        if shown and style not in _ONE_LINE:
            width = self.columns[column - 1].width - 1.1 * (style in INDENTED)
            lines = lines_needed(shown, width, bold=style in _BOLD)
            self._grow(lines * 11 * _LINE + 4)

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
        if isinstance(value, str) and value:
            self.texts.update(f"{column},{self.row},{value}\n".encode())
        self.cells.setdefault(self.row, {})[column] = (value, style)
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
            self.merged.append((self.row, first, last))
        width = sum(column.width for column in self.columns[first - 1 : last])
        size = _SIZES.get(style, 11)
        lines = lines_needed(shown, width * 11 / size, bold=style in _BOLD)
        self._grow(lines * size * _LINE + 4)

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
        self._heights[self.row] = min(_HIGHEST, most * 11 * _LINE + 8)
        if not self.head_row:
            self.head_row = self.row

    def group(self, value: str) -> None:
        """Write a heading row inside the table, on a new page where little of one is left."""
        self._count_height()
        if self._used > self._most_of_a_page():
            self.break_page()
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
        self.later(
            lambda book, sheet: sheet.conditional_format(
                area,
                {
                    "type": "formula",
                    "criteria": f"={formula}",
                    "format": book.add_format(dict(SIGNALS[signal])),
                },
            )
        )

    def finish(
        self, *, table: bool = True, filters: bool = False, last_printed: int | None = None
    ) -> None:
        """Set what repeats, stays and prints, once the last row is known.

        Parameters
        ----------
        table
            Whether the sheet is a table that runs over pages; otherwise it is
            printed on one, or broken where `break_page` says.
        filters
            Whether the header row gets filters.
        last_printed
            Last row that is printed; all where not given.
        """
        self._is_table = table
        if table and self.head_row:
            self.frozen = (self.head_row, 0)
            self._filtered = filters and self.row > self.head_row
        self._last_printed = last_printed or self.row

    # -- into the file

    def write(self, book: Any, looks: Mapping[tuple[str, bool], Any]) -> None:
        """Add the sheet to a workbook of XlsxWriter.

        Parameters
        ----------
        looks
            Format of each style, for a cell as it is and for a text that looks like a
            formula: that keeps the mark of a text when an officer edits the cell.
        """
        sheet = book.add_worksheet(self.name)
        self._set_up(sheet)
        for step in self._later:
            step(book, sheet)
        starts = {(row, first): last for row, first, last in self.merged}
        for row in range(1, self.row + 1):
            cells = self.cells.get(row)
            if cells is None:
                continue
            fold: dict[str, Any] = {"collapsed": True} if row + 1 in self._folded else {}
            if row in self._folded:
                fold = {"level": 1, "hidden": True}
            # In pixels, because heights in points are rounded to these.
            sheet.set_row_pixels(row - 1, (self._heights[row] or 15.0) / 0.75, None, fold)
            for column, (value, style) in cells.items():
                text = isinstance(value, str) and starts_like_formula(value)
                look = looks[style, text]
                if (row, column) in starts:
                    last = starts[row, column] - 1
                    sheet.merge_range(row - 1, column - 1, row - 1, last, "", look)
                _write(sheet, row - 1, column - 1, value, look)
            if self.key_column:
                sheet.write_number(row - 1, self.key_column - 1, row, looks["key", False])

    def _set_up(self, sheet: Any) -> None:
        """Set widths, what is printed and how, what stays."""
        for at, column in enumerate(self.columns):
            sheet.widen(at, column.width)
        if self.key_column:
            sheet.set_column(self.key_column - 1, self.key_column - 1, None, None, {"hidden": True})
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, int(not self._is_table and not self._breaks))
        # Nghị định 30/2020/NĐ-CP: margins 20 mm, the page number centred at the
        # top, none on the first page.
        sheet.set_margins(left=0.79, right=0.59, top=0.79, bottom=0.79)
        sheet.set_header('&C&"Times New Roman,Regular"&13&P', {"margin": 0.4})
        sheet.set_footer("", {"margin": 0.4})
        sheet.center_horizontally()
        sheet.set_h_pagebreaks(self._breaks)
        if self._is_table and self.head_row:
            sheet.repeat_rows(self.head_row - 1)
        if any(self.frozen):
            sheet.freeze_panes(*self.frozen)
        if self._filtered:
            last = self.key_column or len(self.columns)  # it goes along in sorting
            sheet.autofilter(self.head_row - 1, 0, self.row - 1, last - 1)
        if self._folded:
            sheet.outline_settings(symbols_below=False)
        sheet.print_area(0, 0, max(self._last_printed, 1) - 1, self.printed - 1)
        if self.is_hidden:
            sheet.hide()


def _write(sheet: Any, row: int, column: int, value: Value, look: Any) -> None:
    if isinstance(value, Formula):
        plain = value.value if isinstance(value.value, str) else _number(value.value)
        sheet.write_formula(row, column, value.text, look, plain)
    elif value is None or value == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, look)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, date(value.year, value.month, value.day), look)
    else:
        sheet.write_number(row, column, _number(value), look)


def _number(value: float | None) -> float:
    """Return a number as it is written: a whole one without a point."""
    number = float(value or 0.0)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


# The styles of a ministry's printed table, and what marks a cell as an input.

#: Column widths are counted in digits of this font; Calibri, Excel's own, is replaced by
#: other programs by fonts of other widths.
FONT: Mapping[str, Any] = MappingProxyType(
    {"font_name": "Times New Roman", "font_size": 11, "font_scheme": "none"}
)
_BOX = {"border": 1, "border_color": "#7F7F7F"}
# Of a text that runs over several cells: without the upright lines.
_RULES = {"top": 1, "bottom": 1, "top_color": "#7F7F7F", "bottom_color": "#7F7F7F"}
# 42A is Vietnam: points between thousands and a decimal comma, wherever the file is opened.
_PLACE = {"vi": "[$-42A]", "en": "[$-409]"}
_PERCENTS = range(2, 7)  # decimals that a percent can have
INPUT_FILL = "FFF9DB"
#: Styles whose text begins a letter further in, which leaves it less room.
INDENTED = ("group", "text", "bold text", "bold line", "unused", "input text", "input code")

#: How conditional formatting shows a state: colour of the letters, and of the ground.
SIGNALS: Mapping[str, Mapping[str, Any]] = {
    "met": {"bold": True, "font_color": "#1E5631", "bg_color": "#E2EFDA"},
    "missed": {"bold": True, "font_color": "#9C0006", "bg_color": "#FCE4E4"},
    "unknown": {"italic": True, "font_color": "#404040", "bg_color": "#EDEDED"},
    "lacking": {"bg_color": "#FCE4D6"},
    "changed": {"bold": True, "font_color": "#1E5631"},
}


def _look(across: str, **more: Any) -> dict[str, Any]:
    return {"align": across, "valign": "vcenter", "text_wrap": True, **more}


@cache
def styles(language: str = "vi") -> Mapping[str, Mapping[str, Any]]:
    """Return the properties of each style, as `xlsxwriter.Workbook.add_format` takes them."""
    place = _PLACE[language]
    bold, italic = {"bold": True}, {"italic": True}
    entered = {**_BOX, "font_color": "#1F3864", "bg_color": f"#{INPUT_FILL}"}
    head = {**_BOX, "bg_color": "#D9E2F3"}
    found: dict[str, dict[str, Any]] = {
        "body": _look("left", font_size=12),
        "label": _look("left", font_size=12, **bold),
        "centre line": _look("center", font_size=12),
        "italic line": _look("center", font_size=12, **italic),
        "remark": _look("left", font_size=10, font_color="#404040", **italic),
        "motto": _look("center", font_size=12, **bold),
        "underlined motto": _look("center", font_size=12, underline=1, **bold),
        "title": _look("center", font_size=14, **bold),
        "section": _look("left", font_size=13, **bold),
        "head": _look("center", **bold, **head),
        # Machine names, which reading back looks for, stand beneath their headings unseen.
        "machine": _look("center", font_size=8, font_color="#D9E2F3", **head),
        "sheet title": _look("left", font_size=14, **bold) | {"text_wrap": False},
        "sheet line": _look("left", font_size=12) | {"text_wrap": False},
        # LibreOffice prints the edge of "###" where a hidden column has a number: in white.
        "key": _look("center", font_size=8, font_color="#FFFFFF"),
        "group": _look("left", bg_color="#F2F2F2", **bold, **_BOX),
        "text": _look("left", **_BOX),
        "bold text": _look("left", **bold, **_BOX),
        "bold line": _look("left", **bold, **_RULES) | {"text_wrap": False},
        "rule": _look("left", **_RULES),
        "centre": _look("center", **_BOX),
        "missing": _look("right", font_color="#595959", **italic, **_BOX),
        "unused": _look("left", bg_color="#E7E6E6", **_BOX),
        "input text": _look("left", **entered),
        "input code": _look("left", num_format="@", **entered),
        "input centre": _look("center", **entered),
        "input missing": _look("right", **italic, **entered),
        "met": _look("center", **bold, **_BOX),
    }
    formats = {
        "number": "#,##0.0#",
        "hours": "#,##0.00#",
        "share": "0.0##",
        "whole": "#,##0",
        "date": "dd/mm/yyyy",
        "points": f"+#,##0.00;{place}-#,##0.00;{place}0.00",
        **{f"percent{n}": f"0.{'0' * n}%" for n in _PERCENTS},
    }
    for name, number in formats.items():
        look = _look("center" if name == "date" else "right", num_format=place + number)
        found[name] = {**look, **_BOX}
        found[f"bold {name}"] = {**look, **bold, **_BOX, "bg_color": "#F2F2F2"}
        found[f"input {name}"] = {**look, **entered}
    for name in INDENTED:  # text beside a number keeps its distance
        found[name]["indent"] = 1
    return found


def percent_style(value: float, target: float = math.nan) -> str:
    """Return the percent style that does not round a missed target up to a met one.

    29.996 % against 30 % would print as 30,00 %; it gets the digits that show
    the shortfall.
    """
    places = 2
    if math.isfinite(value) and value < target:
        while places < max(_PERCENTS) and round(value * 100, places) >= target * 100:
            places += 1
    return f"percent{places}"


# The formulas that several sheets share: what is saved, and at which rate.

DASH = "–"
"""What stands where nothing can be derived: the figure that is lacking says so itself."""


def _or_dash(number: float) -> float | str:
    return DASH if math.isnan(number) else number


def saving(one: str, two: str, before: float, after: float) -> Formula:
    """Return before − after of two cells."""
    text = f"IF(COUNT({one},{two})=2,{one}-{two},{quoted(DASH)})"
    return Formula(text, _or_dash(before - after))


def reduction(one: str, two: str, before: float, after: float) -> Formula:
    """Return the rate (before − after) ÷ before of two cells."""
    dash = quoted(DASH)
    text = f"IF(COUNT({one},{two})=2,IF({one}>0,({one}-{two})/{one},{dash}),{dash})"
    return Formula(text, _or_dash(rate(before, after)))


_CHART_ROWS = 17  # of 15 points, that a chart covers
_CENTIMETRE = 96 / 2.54  # in pixels


def series(page: Page, first: int, last: int, column: int, **look: Any) -> dict[str, Any]:
    """Return a series over the rows of a table, named by the heading above `first`.

    The chart holds the values too: programs that do not compute draw them.
    """
    rows = range(first, last + 1)
    figures = [page.cells[row][column][0] for row in rows]
    return {
        "name": [page.name, first - 2, column - 1],
        "categories": [page.name, first - 1, 0, last - 1, 0],
        "values": [page.name, first - 1, column - 1, last - 1, column - 1],
        "categories_data": [page.cells[row][1][0] for row in rows],
        "values_data": [f.value if isinstance(f, Formula) else f for f in figures],
        **look,
    }


def place_chart(
    page: Page,
    kind: Mapping[str, str],
    bars: Sequence[Mapping[str, Any]],
    *,
    goals: Mapping[str, Any] | None = None,
    size: tuple[float, float] = (28.5, 8.8),
    rows: int = _CHART_ROWS,
    legend: Mapping[str, Any] = MappingProxyType({"position": "bottom"}),
    plot: Mapping[str, Any] = MappingProxyType({}),
    **axes: Mapping[str, Any],
) -> None:
    """Leave room below the present row and put a chart there.

    Parameters
    ----------
    kind
        Kind of chart, as `xlsxwriter.Workbook.add_chart` takes it.
    bars, goals
        The series of bars, and one of marks over them.
    size
        Width and height in centimetres.
    rows
        How many rows of 15 points to leave.
    legend, plot, axes
        Settings of the legend, the area of the bars, ``x_axis`` and ``y_axis``.
    """
    first = page.row
    for _ in range(rows):
        page.next_row(15.0)
        page.put(1, "", "remark")

    def place(book: Any, sheet: Any) -> None:
        chart = book.add_chart(dict(kind))
        for one in bars:
            chart.add_series(dict(one))
        if goals:
            marks = book.add_chart({"type": "line"})
            marks.add_series(dict(goals))
            chart.combine(marks)
        width, height = (round(side * _CENTIMETRE) for side in size)
        chart.set_size({"width": width, "height": height})
        chart.set_legend(dict(legend))
        chart.set_plotarea(dict(plot))
        chart.set_x_axis(dict(axes.get("x_axis", {})))
        chart.set_y_axis(dict(axes.get("y_axis", {})))
        sheet.insert_chart(first, 0, chart)

    page.later(place)
