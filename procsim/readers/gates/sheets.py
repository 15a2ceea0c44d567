"""A streamed look at a workbook's XML before any parser of cells may touch it.

The scan uses little memory whatever the file claims. It refuses document type
declarations (entity bombs, external entities) and cells so far away that a dense
parser would ask for terabytes, and it notes what python-calamine does not tell:
formulas without a stored value, error cells, merged ranges, hidden rows and
columns, and how many rows hold a value, so that rows read can be compared with
rows seen.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import IO
from xml.parsers import expat

from procsim.errors import UnreadableInput
from procsim.language.i18n import bilingual
from procsim.readers.gates.limits import (
    DEFAULT,
    EXCEL_COLUMNS,
    EXCEL_ROWS,
    Limits,
    cell_name,
    place_of,
    refusal,
)

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
            bilingual("readers.no_cell_address_exist", excel_rows=EXCEL_ROWS),
            bilingual("readers.sheets.open_file_excel_save"),
            reference,
        )


def as_code(number: float, pattern: str) -> str:
    """Return `number` in a format of zeros, or "" where the format would round it."""
    _, _, decimals = pattern.partition(".")
    text = f"{number:0{len(pattern)}.{len(decimals)}f}"
    return text if Decimal(text) == Decimal(repr(number)) else ""


# A streamed look at a workbook's XML before any parser of cells may touch it.

CHUNK = 1 << 16
LONGEST_TOKEN = 8 * 1024 * 1024
"""Bytes of one tag or comment; a parser has to hold it whole."""


@dataclass(frozen=True, slots=True)
class WorkbookScan:
    """What was seen in a workbook before its cells are parsed.

    Parameters
    ----------
    sheets
        One `SheetScan` for each worksheet, in the workbook's order.
    date_1904
        Whether dates count from 1904.
    external
        Parts that link to other workbooks.
    """

    sheets: tuple[SheetScan, ...]
    date_1904: bool
    external: tuple[str, ...]


class _Workbook(Handler):
    """The list of sheets: name, relation, state."""

    def __init__(self) -> None:
        self.elements = 0
        self.sheets: list[tuple[str, str, bool]] = []
        self.date_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        tag = NAMES[tag]
        if tag == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), relation, hidden))
        elif tag == "workbookPr":
            self.date_1904 = attributes.get("date1904") in ("1", "true")


class _Relations(Handler):
    """Where the parts of the workbook lie."""

    def __init__(self) -> None:
        self.elements = 0
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if NAMES[tag] != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        part = target[1:] if target.startswith("/") else posixpath.join("xl", target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        name = attributes.get("Id", "")
        self.targets[name] = posixpath.normpath(part).casefold()
        self.kinds[name] = kind

    def part(self, kind: str) -> str:
        """Return the part of a kind, or ""."""
        return next((self.targets[name] for name, one in self.kinds.items() if one == kind), "")


def damaged(place: str, detail: object) -> UnreadableInput:
    """Return the error for a file whose content is cut off or broken."""
    return refusal(
        place,
        "file.truncated",
        bilingual("readers.file_truncated_damaged_content"),
        bilingual("readers.download_copy_original_again"),
        str(detail),
    )


class _Scanner:
    """One pass over the parts of one workbook."""

    def __init__(self, archive: zipfile.ZipFile, file: str, limits: Limits) -> None:
        self.archive = archive
        self.file = file
        self.limits = limits
        self.parts = {info.filename.casefold(): info for info in archive.infolist()}
        self.done: set[str] = set()

    def walk(self, part: str, handler: Handler, most: int = 10_000_000) -> None:
        """Send the events of `part` to `handler`; nothing happens if there is no such part."""
        info = self.parts.get(part)
        if info is None or part in self.done:
            return
        self.done.add(part)
        place = place_of(self.file, cell=info.filename)
        try:
            with self.archive.open(info) as stream:
                first = stream.read(CHUNK)
                if not _is_xml(first):
                    return
                self._parse(_parser(handler, place), handler, stream, first, (place, most))
        except expat.ExpatError as error:
            raise damaged(place, error) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise damaged(place, error) from error

    def _parse(
        self,
        parser: expat.XMLParserType,
        handler: Handler,
        stream: IO[bytes],
        chunk: bytes,
        bounds: tuple[str, int],
    ) -> None:
        place, most = bounds
        fed = 0
        while chunk:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LONGEST_TOKEN or handler.elements > most:
                raise _too_many_elements(place, most)
            chunk = stream.read(CHUNK)
        parser.Parse(b"", True)

    def _worksheets(self) -> tuple[_Relations, bool, list[tuple[str, str, bool]]]:
        """Return the relations, the date system, and name, part and state of each sheet."""
        relations, book = _Relations(), _Workbook()
        self.walk("xl/_rels/workbook.xml.rels", relations)
        self.walk("xl/workbook.xml", book)
        worksheets = [
            (name, relations.targets[relation], hidden)
            for name, relation, hidden in book.sheets
            if relations.kinds.get(relation) == "worksheet"
        ]
        if len(worksheets) > self.limits.sheets:
            raise _too_many_sheets(self.file, len(worksheets), self.limits)
        return relations, book.date_1904, worksheets

    def formulas(self) -> dict[str, dict[str, str]]:
        """Return the formulas of every sheet by name and address."""
        found = {}
        for name, part, _ in self._worksheets()[2]:
            handler = FormulaHandler()
            self.walk(part, handler, 10 * self.limits.cells)
            found[name] = handler.formulas
        return found

    def workbook(self) -> WorkbookScan:
        """Walk through every part, the sheets with the closest look."""
        relations, date_1904, worksheets = self._worksheets()
        strings, styles = Strings(self.limits), Styles()
        self.walk(relations.part("sharedStrings"), strings, 4 * self.limits.cells)
        self.walk(relations.part("styles"), styles)
        sheets: list[SheetScan] = []
        cells = 0
        for name, part, hidden in worksheets:
            scan = SheetScan(name, hidden, self.limits)
            if part not in self.parts:
                raise damaged(place_of(self.file, name), part)
            handler = SheetHandler(scan, self.file, strings, styles, self.limits)
            self.walk(part, handler, 10 * self.limits.cells)
            cells += scan.last_row * scan.last_column
            check_extent(scan, cells, self.file, self.limits)
            sheets.append(scan)
        for part in self.parts:
            self.walk(part, Handler())
        external = tuple(
            info.filename for part, info in self.parts.items() if part.startswith(EXTERNAL)
        )
        return WorkbookScan(tuple(sheets), date_1904, external)


EXTERNAL = "xl/externallinks/externallink"


def _is_xml(head: bytes) -> bool:
    """Whether bytes can be XML at all; pictures and printer settings are not."""
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"


def _parser(handler: Handler, place: str) -> expat.XMLParserType:
    def refuse(name: str, system: str | None, public: str | None, internal: bool) -> None:
        del public, internal
        value = f"<!DOCTYPE {name}" + (f' SYSTEM "{system}"' if system else "")
        raise refusal(
            place,
            "file.doctype",
            bilingual("readers.no_file_holds_doctype"),
            bilingual("readers.ask_sender_file_again"),
            value,
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    if type(handler) is not Handler:
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.data
    return parser


def check_extent(scan: SheetScan, cells: int, file: str, limits: Limits) -> None:
    """Refuse a sheet whose farthest cell would make a parser ask for too much memory.

    Parameters
    ----------
    scan
        The sheet.
    cells
        Cells of the rectangles of all sheets so far, this one included.
    file
        Name of the file, for the fault.
    limits
        The bounds.

    Raises
    ------
    UnreadableInput
        ``file.far_cell`` where almost all of the rectangle is empty,
        ``file.too_many_cells`` where it is really full.
    """
    rows, columns = scan.last_row, scan.last_column
    if rows <= limits.rows and columns <= limits.columns and cells <= limits.cells:
        return
    last = cell_name(rows, columns)
    place = place_of(file, scan.name, last)
    if rows > limits.rows or columns > limits.columns:
        found = bilingual("readers.rows_and_columns", rows=rows, columns=columns)
        bound = bilingual("readers.rows_and_columns", rows=limits.rows, columns=limits.columns)
    else:
        found = bilingual("readers.cells_so_far", cells=cells)
        bound = bilingual("readers.cells", cells=limits.cells)
    if scan.values * 10 < rows * columns:
        raise refusal(
            place,
            "file.far_cell",
            bilingual("readers.sheet_cell_very_far", last=last, values=scan.values, bound=bound),
            bilingual("readers.excel_press_ctrl_end", last=last),
            last,
        )
    raise refusal(
        place,
        "file.too_many_cells",
        bilingual("readers.sheets.file_too_large_limit", value_found=found, bound=bound),
        bilingual("readers.split_into_several_smaller"),
        last,
    )


def _too_many_elements(place: str, most: int) -> UnreadableInput:
    return refusal(
        place,
        "file.too_many_cells",
        bilingual("readers.part_file_holds_too", most=most),
        bilingual("readers.open_file_excel_delete"),
    )


def _too_many_sheets(file: str, count: int, limits: Limits) -> UnreadableInput:
    return refusal(
        place_of(file),
        "file.too_many_sheets",
        bilingual("readers.workbook_sheets_limit", count=count, sheets=limits.sheets),
        bilingual("readers.split_into_several_files"),
        str(count),
    )


def scan_workbook(path: Path | str, limits: Limits = DEFAULT) -> WorkbookScan:
    """Walk once through the XML of a workbook, with bounded memory.

    Parameters
    ----------
    path
        A workbook whose zip directory was found sound.
    limits
        The bounds of the reading.

    Returns
    -------
    WorkbookScan
        What was seen.

    Raises
    ------
    UnreadableInput
        ``file.doctype``, ``file.far_cell``, ``file.too_many_cells``,
        ``file.too_many_sheets``, ``file.over_excel_limits`` or ``file.truncated``.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _Scanner(archive, path.name, limits).workbook()
    except zipfile.BadZipFile as error:
        raise damaged(place_of(path), error) from error


def scan_formulas(path: Path | str, limits: Limits = DEFAULT) -> dict[str, dict[str, str]]:
    """Return the formulas of a workbook that passed the gates, by sheet and address.

    A formula that Excel shares among cells and does not write in this one is
    `procsim.readers.gates.sheets.SHARED`.

    Raises
    ------
    UnreadableInput
        As `scan_workbook`.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _Scanner(archive, path.name, limits).formulas()
    except zipfile.BadZipFile as error:
        raise damaged(place_of(path), error) from error


# The formulas of a workbook's sheets, which no parser of values tells.

SHARED = "="
"""Stands for a formula that Excel wrote once for several cells, and not in this one."""

_LONGEST = 8_192  # characters of a formula in Excel


class FormulaHandler(Handler):
    """Walks through the cells of one sheet and keeps the formula of each by its address."""

    def __init__(self) -> None:
        self.elements = 0
        self.formulas: dict[str, str] = {}
        self._address = ""
        self._text: list[str] | None = None
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open a cell or its formula."""
        self.elements += 1
        tag = NAMES[tag]
        if tag == "c":
            self._address = attributes.get("r", "")
        elif tag == "f":
            self._text, self._length = [], 0

    def data(self, text: str) -> None:
        """Take a piece of a formula."""
        if self._text is not None and self._length <= _LONGEST:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        """Close a formula."""
        if self._text is not None and NAMES[tag] == "f":
            self.formulas[self._address] = "".join(self._text) or SHARED
            self._text = None
