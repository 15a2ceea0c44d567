"""What the streamed scan notes while it walks through one part of a workbook.

Each handler takes the events of an XML parser; none of them keeps more than a
bounded list, so a part of any size costs the same memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite

from procsim.errors import Text, UnreadableInput
from procsim.readers.limits import (
    EXCEL_COLUMNS,
    EXCEL_ROWS,
    Limits,
    cell_name,
    place_of,
    refusal,
)

__all__ = ["Finding", "Handler", "SheetHandler", "SheetScan", "Strings", "Styles"]

LONGEST_EXACT = 1e15
"""Excel keeps 15 digits of a number; whole numbers from here on have lost some."""

KEPT = 300
CODE_FORMAT = re.compile(r"0{2,}|0\.0{6}")
"""Fixed digits, or the six decimals of a procedure's code; fewer decimals are amounts."""
LETTERS = {"A": 1}


class _LocalNames(dict[str, str]):
    """Element names without their prefix, remembered."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(":")[2]
        if len(self) < 10_000:
            self[name] = local
        return local


NAMES = _LocalNames()


@dataclass(slots=True)
class Finding:
    """Places of one kind: the first ones listed, all of them counted."""

    most: int
    count: int = 0
    listed: list[tuple[str, str]] = field(default_factory=list)

    def add(self, address: str, value: str = "") -> None:
        """Count a place, and list it while there is room."""
        self.count += 1
        if len(self.listed) < self.most:
            self.listed.append((address, value))


class SheetScan:
    """What was seen in the XML of one sheet.

    Parameters
    ----------
    name
        The sheet's name.
    hidden
        Whether the workbook hides the sheet.
    limits
        The bounds of the reading.

    Attributes
    ----------
    rows_seen
        Rows that hold at least one value.
    last_row, last_column
        Farthest cell that a parser has to make room for (1-based).
    values
        Cells that hold a value.
    declared
        The dimension that the sheet declares, such as ``A1:E300``.
    uncached, errors, not_numbers, long_numbers, long_texts, hidden_rows, hidden_columns, merged
        `Finding` values, each with addresses and what stands there.
    shown
        Texts of number cells where the number alone would lose what Excel shows:
        ``{(row, column): text}``.
    """

    def __init__(self, name: str, hidden: bool, limits: Limits) -> None:
        self.name = name
        self.hidden = hidden
        self.rows_seen = 0
        self.last_row = 0
        self.last_column = 0
        self.values = 0
        self.declared = ""
        self.uncached = Finding(limits.faults)
        self.errors = Finding(limits.faults)
        self.not_numbers = Finding(limits.faults)
        self.long_numbers = Finding(limits.faults)
        self.long_texts = Finding(limits.faults)
        self.hidden_rows = Finding(limits.faults)
        self.hidden_columns = Finding(limits.faults)
        self.merged = Finding(max(limits.faults, 20_000))
        self.shown: dict[tuple[int, int], str] = {}


class Handler:
    """Takes the events of one XML part; this one looks at nothing."""

    elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""

    def end(self, tag: str) -> None:
        """Take the end of an element."""

    def data(self, text: str) -> None:
        """Take a piece of text."""


class Strings(Handler):
    """The shared texts: which of them are blank, and which are too long."""

    def __init__(self, limits: Limits) -> None:
        self.limit = limits.text
        self.blank: set[str] = set()
        self.long: dict[str, int] = {}
        self.elements = 0
        self.index = -1
        self.inside = self.phonetic = self.solid = False
        self.length = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """Open a text."""
        self.elements += 1
        tag = NAMES[tag]
        if tag == "t":
            self.inside = not self.phonetic
        elif tag == "si":
            self.index += 1
            self.length = 0
            self.solid = False
        elif tag == "rPh":
            self.phonetic = True

    def end(self, tag: str) -> None:
        """Close a text and keep what is unusual of it."""
        tag = NAMES[tag]
        if tag == "t":
            self.inside = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "si":
            if not self.solid:
                self.blank.add(str(self.index))
            if self.length > self.limit:
                self.long[str(self.index)] = self.length

    def data(self, text: str) -> None:
        """Measure a piece of text."""
        if self.inside:
            self.length += len(text)
            if not self.solid:
                self.solid = not text.isspace()


class Styles(Handler):
    """Number formats that make zeros of a code: ``00000`` or ``0.000000``.

    A cell with the number 1.01385 and the format ``0.000000`` is shown as
    1.013850; the officer sees the code, a parser sees the number.
    """

    def __init__(self) -> None:
        self.elements = 0
        self.formats: dict[str, str] = {}
        self.inside = False
        self.index = -1
        self.codes: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note a format, or the style that uses it."""
        self.elements += 1
        tag = NAMES[tag]
        if tag == "numFmt":
            code = attributes.get("formatCode", "")
            if CODE_FORMAT.fullmatch(code):
                self.formats[attributes.get("numFmtId", "")] = code
        elif tag == "cellXfs":
            self.inside = True
        elif tag == "xf" and self.inside:
            self.index += 1
            code = self.formats.get(attributes.get("numFmtId", ""), "")
            if code:
                self.codes[str(self.index)] = code

    def end(self, tag: str) -> None:
        """Leave the list of cell styles."""
        if NAMES[tag] == "cellXfs":
            self.inside = False


class SheetHandler(Handler):
    """Walks through the cells of one sheet and fills a `SheetScan`."""

    def __init__(
        self, scan: SheetScan, file: str, strings: Strings, styles: Styles, limits: Limits
    ) -> None:
        self.scan = scan
        self.file = file
        self.blank = strings.blank
        self.long = strings.long
        self.codes = styles.codes
        self.limits = limits
        self.elements = 0
        self.row = 0
        self.row_text = "0"
        self.column = 0
        self.counted: set[int] = set()
        self.collecting = ""
        self.phonetic = False
        self.attributes: dict[str, str] = {}
        self.value: str | None = None
        self.formula: str | None = None
        self.length = 0
        self.solid = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open a cell, a row or one of the sheet's lists."""
        self.elements += 1
        tag = NAMES[tag]
        if tag == "c":
            self.attributes = attributes
            self.value = self.formula = None
            self.length = 0
            self.solid = False
        elif tag == "v" or (tag == "t" and not self.phonetic):
            self.collecting = tag
            if self.value is None:
                self.value = ""
        elif tag == "f":
            self.collecting = "f"
            self.formula = ""
        elif tag == "row":
            self._open_row(attributes)
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "mergeCell":
            self.scan.merged.add(attributes.get("ref", ""))
        elif tag == "dimension":
            self.scan.declared = attributes.get("ref", "")
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.scan.hidden_columns.add(f"{attributes.get('min')}:{attributes.get('max')}")

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        if number is None:
            self.row += 1
        elif number.isdecimal() and len(number) < 9:
            self.row = int(number)
        else:
            raise self._bad_address(number)
        self.row_text = str(self.row)
        self.column = 0
        if attributes.get("hidden") in ("1", "true"):
            self.scan.hidden_rows.add(self.row_text)

    def data(self, text: str) -> None:
        """Take a piece of a value, a text or a formula."""
        collecting = self.collecting
        if collecting == "f":
            if self.formula is not None and len(self.formula) < KEPT:
                self.formula += text
        elif collecting:
            self.length += len(text)
            if not self.solid:
                self.solid = not text.isspace()
            if not self.value:
                self.value = text
            elif len(self.value) < KEPT:
                self.value += text

    def end(self, tag: str) -> None:
        """Close a cell."""
        tag = NAMES[tag]
        if tag == "c":
            self._close()
        elif tag in ("v", "t", "f"):
            self.collecting = ""
        elif tag == "rPh":
            self.phonetic = False

    def _close(self) -> None:
        scan = self.scan
        value = self.value
        attributes = self.attributes
        kind = attributes.get("t")
        reference = attributes.get("r", "")
        row = self.row
        column = 0
        if reference.endswith(self.row_text):
            column = LETTERS.get(reference[: -len(self.row_text)], 0)
        if not column or not 0 < row <= EXCEL_ROWS:
            row, column = self._address(attributes.get("r"))
        self.column = column
        if value is None and kind is None and self.formula is None:
            return  # a cell that has a style only
        if row > scan.last_row:
            scan.last_row = row
        if column > scan.last_column:
            scan.last_column = column
        if not value:
            if self.formula is not None and kind != "str":
                scan.uncached.add(cell_name(row, column), f"={self.formula}")
        elif self._told(value, kind, row, column) and self.solid:
            scan.values += 1
            if row not in self.counted:
                self.counted.add(row)
                scan.rows_seen += 1

    def _told(self, value: str, kind: str | None, row: int, column: int) -> bool:
        """Note what is odd in a value; tell whether the cell shows anything."""
        scan = self.scan
        if kind is None or kind == "n":
            if not value.isdecimal() or len(value) > 15 or self.attributes.get("s") in self.codes:
                self._number(value, row, column)
        elif kind == "s":
            if value in self.blank:
                return False
            if value in self.long:
                scan.long_texts.add(cell_name(row, column), str(self.long[value]))
        elif kind == "e":
            scan.errors.add(cell_name(row, column), value)
            scan.shown[row, column] = value
        elif self.length > self.limits.text:
            scan.long_texts.add(cell_name(row, column), str(self.length))
        return True

    def _address(self, reference: str | None) -> tuple[int, int]:
        """Return row and column of any address, or refuse it."""
        if reference is None:
            if not 1 <= self.row <= EXCEL_ROWS or self.column >= EXCEL_COLUMNS:
                raise self._bad_address(cell_name(self.row, self.column + 1))
            return self.row, self.column + 1
        letters = reference.rstrip("0123456789")
        digits = reference[len(letters) :]
        column = LETTERS.get(letters, 0)
        if not column:
            column = self._column(letters, reference)
        if not digits or len(digits) > 8:
            raise self._bad_address(reference)
        row = int(digits)
        if not 1 <= row <= EXCEL_ROWS:
            raise self._bad_address(reference)
        return row, column

    def _column(self, letters: str, reference: str) -> int:
        if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
            raise self._bad_address(reference)
        column = 0
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
        if column > EXCEL_COLUMNS:
            raise self._bad_address(reference)
        LETTERS[letters] = column  # at most 16,384 names in capitals, and their small forms
        return column

    def _number(self, value: str, row: int, column: int) -> None:
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            self.scan.not_numbers.add(cell_name(row, column), value)
            self.scan.shown[row, column] = value
        elif abs(number) >= LONGEST_EXACT:
            self.scan.long_numbers.add(cell_name(row, column), value)
            if value.lstrip("-").isdecimal():
                self.scan.shown[row, column] = value
        elif self.attributes.get("s") in self.codes:
            text = as_code(number, self.codes[self.attributes["s"]])
            if text:
                self.scan.shown[row, column] = text

    def _bad_address(self, reference: str) -> UnreadableInput:
        return refusal(
            place_of(self.file, self.scan.name),
            "file.over_excel_limits",
            Text(
                f"Địa chỉ ô không có trong Excel (dòng 1–{EXCEL_ROWS:,}, cột A–XFD)",
                f"This cell address does not exist in Excel (rows 1–{EXCEL_ROWS:,}, columns A–XFD)",
            ),
            Text(
                "Mở tệp bằng Excel, lưu lại thành .xlsx mới rồi đọc lại",
                "Open the file in Excel, save it as a new .xlsx and read that",
            ),
            reference,
        )


def as_code(number: float, pattern: str) -> str:
    """Return `number` in a format of zeros, or "" where the format would round it."""
    _, _, decimals = pattern.partition(".")
    text = f"{number:0{len(pattern)}.{len(decimals)}f}"
    return text if Decimal(text) == Decimal(repr(number)) else ""
