"""Excel files by XlsxWriter: complete or not at all, every text a text, the same bytes again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from procsim.readers.cells import UNKNOWN, Value, escaped, plain_number, show
from procsim.readers.tables import number_text
from procsim.readers.writing import replace_file
from procsim.reference.schema import Column

FIRST_EXCEL_YEAR = 1901
_NO_DAY = dt.date(1980, 1, 1)  # which the parts of the package bear too
_DIGIT = 7  # pixels of a digit, in which the widths of columns are counted
# Excel takes what begins like this for a formula or a command when it is typed again.
_LIKE_FORMULA = re.compile(r"\s*[=+\-@\t]")

Put = Callable[[int, int, Value], object]
"""Writes a value into row and column, both from 0."""


class Sheet(Worksheet):
    """A worksheet whose texts stay as they are, and whose first page has no header.

    XlsxWriter takes a text between ``<r>`` and ``</r>`` for XML of its own, does not
    escape each of two escapes that share a letter, looks for 29 functions in each formula
    (ours stand as a file holds them), and has no setting for a first page that differs.
    """

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, preserve=True, attributes=attributes)

    def _prepare_formula(self, formula: str, *_: object) -> str:
        return formula.removeprefix("=")

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        return escaped(data)

    def _write_header_footer(self) -> None:
        if self.header:
            self._xml_start_tag("headerFooter", [("differentFirst", 1)])
            self._write_odd_header()
            self._xml_end_tag("headerFooter")

    def widen(self, at: int, width: float, look: Any = None, **options: Any) -> None:
        """Set width (in digits) and format of a column, and whether it is hidden, its level."""
        self.set_column_pixels(at, at, width * _DIGIT, look, options)

    def let_go(self) -> None:
        """Close the files of the sheet, also those of one that could not be written."""
        for stream in (self.row_data_fh, self.fh):
            if stream is not None:
                stream.close()


def write_excel(
    path: Path,
    fill: Callable[[Any], object],
    font: Mapping[str, Any] | None = None,
    *,
    title: str = "",
    author: str = "",
    created: dt.date | None = None,
) -> None:
    """Write a workbook; the file appears under `path` when it is complete.

    Parameters
    ----------
    path
        The ``.xlsx`` file; replaced whole.
    fill
        Adds the sheets to an empty `xlsxwriter.Workbook`, each from top to bottom: only
        one row of a sheet is in memory.
    font
        Properties that every format begins with; Excel's own where not given.
    title, author, created
        Properties of the document. The clock is never read.

    Raises
    ------
    ProcsimError
        When the file cannot be written; an existing one stays as it was.
    """

    def write(beside: Path) -> None:
        with TemporaryDirectory() as folder:
            options: dict[str, Any] = {"constant_memory": True, "tmpdir": folder}
            options |= {"strings_to_formulas": False, "strings_to_urls": False}
            if font:
                options["default_format_properties"] = dict(font)
            book = Workbook(str(beside), options)
            book.worksheet_class = Sheet
            day = dt.datetime.combine(created or _NO_DAY, dt.time())
            book.set_properties({"title": title, "author": author, "created": day})
            try:
                fill(book)
                book.close()
            except FileCreateError as error:
                raise error.args[0] from error
            finally:
                for sheet in book.worksheets():
                    sheet.let_go()

    replace_file(path, write)


def number_format(column: Column) -> str:
    """Return Excel's number format for the cells of a column."""
    if column.is_number:
        return {"share": "0.0%", "VND": "#,##0"}.get(column.unit, "General")
    return {"integer": "0", "date": "dd/mm/yyyy"}.get(column.kind, "@")


def putter(book: Any, sheet: Any, column: Column) -> Put:
    """Return a function that writes the values of `column`.

    Texts never become formulas; a number that needs more than Excel's 15 digits
    stays whole as text; an empty text leaves its cell out.
    """
    look = {"text_wrap": column.is_text, "valign": "top"}
    plain = book.add_format({"num_format": number_format(column), **look})
    quoted = book.add_format({"num_format": "@", "quote_prefix": True, **look})

    def put_text(row: int, at: int, text: Any) -> None:
        if text:
            sheet.write_string(row, at, text, quoted if _LIKE_FORMULA.match(text) else plain)

    def put_number(row: int, at: int, value: Value) -> None:
        number = float(value)
        if number != number:  # nothing is known; an empty cell cannot say so if 0 is usual
            put_text(row, at, UNKNOWN if column.default else "")
        elif number.is_integer() or float(number_text(number)) == number:
            sheet.write_number(row, at, number, plain)
        else:
            sheet.write_string(row, at, plain_number(number), quoted)

    def put_date(row: int, at: int, value: Value) -> None:
        day = _day(str(value))
        if day is None:
            put_text(row, at, str(value))
        else:
            sheet.write_datetime(row, at, day, plain)

    if column.kind in {"number", "integer"}:
        return put_number
    if column.kind == "date":
        return put_date
    if column.kind != "flag" and not column.categories:
        return lambda row, at, value: put_text(row, at, str(value))
    word = cache(partial(show, column))
    return lambda row, at, value: put_text(row, at, word(value))


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= FIRST_EXCEL_YEAR and day.isoformat() == text else None
