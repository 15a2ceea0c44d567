"""Sheets and CSV files as text, exactly as an officer sees each value.

Nothing is converted here: ``001`` stays ``001``, ``NA`` stays ``NA``, and a number
is written as shortly as it can be without loss. Whatever a table hides, lacks or
spreads (hidden rows, formulas without a stored value, merged cells) is told as a
fault with the cell's address, and rows read are compared with rows seen.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procsim.errors import NOTHING, Fault, Severity, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.readers.gates.child import run_in_child
from procsim.readers.gates.examine import Source, examine, utf16_codec
from procsim.readers.gates.limits import DEFAULT, MEGABYTE, Limits, cell_name, place_of, refusal
from procsim.readers.gates.sheets import Finding, SheetScan

RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
LISTED_RANGES = 10
LEAST_MEMORY, BYTES_PER_CELL = 256 * MEGABYTE, 100
"""Of the child process: its own memory, and twice what a cell of real lists takes."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text.

    Parameters
    ----------
    name
        Name of the sheet, or of the CSV file without its ending.
    rows
        Rectangle of texts from A1 to the last filled cell; ``rows[6][2]`` is C7.
        A cell without a value is ``""``. Merged ranges are filled with their first value.
    hidden
        Whether the workbook hides the sheet.
    rows_seen
        Rows with a value that the scan of the file saw.
    rows_read
        Rows with a value that the parser returned.
    faults
        What is wrong or doubtful in this table.
    decimals
        Places ``(row, column)`` in `rows` (0-based) whose text is a number cell's value
        with a decimal point. In a text cell ``1.234`` may mean 1234; here it never does.
    """

    name: str
    rows: list[list[str]]
    hidden: bool = False
    rows_seen: int = 0
    rows_read: int = 0
    faults: tuple[Fault, ...] = ()
    decimals: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of one workbook.

    Parameters
    ----------
    sheets
        Its worksheets in order, hidden ones included.
    faults
        All faults: of the file and of every sheet.
    date_1904
        Whether the workbook counts dates from 1904; the dates here are converted.
    """

    sheets: tuple[Sheet, ...]
    faults: tuple[Fault, ...] = ()
    date_1904: bool = False


def number_text(number: float) -> str:
    """Return a number in plain decimals, with the 15 digits that Excel keeps.

    Examples
    --------
    >>> number_text(3.0), number_text(1.01385), number_text(0.1 + 0.2), number_text(1e-7)
    ('3', '1.01385', '0.3', '0.0000001')
    """
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = format(Decimal(f"{number:.15g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _duration_text(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


TO_TEXT: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    int: str,
    float: number_text,
    dt.date: dt.date.isoformat,
    dt.datetime: lambda value: value.isoformat(timespec="seconds"),
    dt.time: lambda value: value.isoformat(timespec="seconds"),
    dt.timedelta: _duration_text,
}


Table = tuple[list[list[str]], list[tuple[int, int]]]


def cells_as_text(path: str, names: list[str]) -> tuple[list[str], list[int], bytes, bytes]:
    """Parse the named sheets with python-calamine; called in the child process.

    Parameters
    ----------
    path
        A workbook.
    names
        Names of its worksheets.

    Returns
    -------
    list of str
        Every different text once; most cells of a table repeat one.
    list of int
        For each name the rows and columns of its rectangle from A1 on, and how many
        number cells with a fraction it holds.
    bytes
        32-bit positions in the texts: all rectangles, row by row.
    bytes
        32-bit pairs of row and column (0-based): the number cells with a fraction.
    """
    from python_calamine import CalamineWorkbook

    position = _Positions()
    blank = position[""]
    cells, decimals, shapes = array("I"), array("I"), []
    with CalamineWorkbook.from_path(path) as book:
        for name in names:
            sheet = book.get_sheet_by_name(name)
            # Its rows begin at row 1, but each at the first filled column of the sheet.
            left = sheet.start[1] if sheet.start else 0
            height, before = 0, len(decimals)
            for number, row in enumerate(sheet.iter_rows()):
                height = number + 1
                texts = [v if isinstance(v, str) else TO_TEXT[type(v)](v) for v in row]
                for at, value in enumerate(row):
                    if type(value) is float and "." in texts[at]:
                        decimals.extend((number, left + at))
                cells.extend([blank] * left)
                cells.extend([position[text] for text in texts])
            width = left + sheet.width if height else 0
            shapes += [height, width, (len(decimals) - before) // 2]
    return list(position), shapes, cells.tobytes(), decimals.tobytes()


class _Positions(dict[str, int]):
    """The place of every text in the order in which they were met."""

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self)
        return place


def _tables(texts: list[str], shapes: list[int], cells: bytes, decimals: bytes) -> Iterator[Table]:
    """Yield rows of texts and places of fractions of each sheet that `cells_as_text` parsed."""
    places, pairs = memoryview(cells).cast("I"), memoryview(decimals).cast("I")
    for height, width, fractions in zip(*[iter(shapes)] * 3, strict=True):
        filled = list(map(texts.__getitem__, places[: height * width]))
        rows = [filled[at : at + width] for at in range(0, height * width, width or 1)]
        yield rows, list(zip(*[iter(pairs[: 2 * fractions])] * 2, strict=True))
        places, pairs = places[height * width :], pairs[2 * fractions :]


def read_book(path: Source, limits: Limits = DEFAULT) -> Book:
    """Read a workbook as text, every sheet, hidden ones included.

    Parameters
    ----------
    path
        An ``.xlsx`` file.
    limits
        The bounds of the reading.

    Returns
    -------
    Book
        Its sheets and everything doubtful about them.

    Raises
    ------
    UnreadableInput
        As `procsim.readers.gates.examine.inspect` and `procsim.readers.gates.child.run_in_child`,
        or ``file.not_a_workbook``.
    """
    seen = examine(path, limits)
    path = seen.path
    if seen.scan is None:
        raise refusal(
            place_of(path),
            "file.not_a_workbook",
            bilingual("readers.no_file_excel_workbook"),
            bilingual("readers.choose_xlsx_file"),
            seen.kind,
        )
    cells = sum(scan.last_row * scan.last_column for scan in seen.scan.sheets)
    parsed = run_in_child(
        cells_as_text,
        str(path.resolve()),
        [scan.name for scan in seen.scan.sheets],
        memory_bytes=min(
            limits.child_bytes, LEAST_MEMORY + BYTES_PER_CELL * cells + 2 * seen.unpacked
        ),
        seconds=limits.child_seconds + seen.unpacked / MEGABYTE,
        place=place_of(path),
    )
    sheets = tuple(
        _sheet(path.name, scan, *table)
        for scan, table in zip(seen.scan.sheets, _tables(*parsed), strict=True)
    )
    faults = list(seen.faults)
    if seen.scan.date_1904:
        faults.append(fault_of("file.date_1904", place_of(path), "1904", severity="note"))
    faults.extend(fault for sheet in sheets for fault in sheet.faults)
    return Book(sheets, tuple(faults), seen.scan.date_1904)


def _sheet(
    file: str, scan: SheetScan, rows: list[list[str]], decimals: list[tuple[int, int]]
) -> Sheet:
    for (row, column), text in scan.shown.items():
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = text
    while rows and not any(rows[-1]):
        rows.pop()
    rows_read = sum(any(map(str.strip, row)) for row in rows)
    faults = _cell_faults(file, scan)
    faults.extend(_fill_merged(file, scan, rows))
    if rows_read != scan.rows_seen:
        faults.append(_rows_differ(place_of(file, scan.name), scan.rows_seen, rows_read))
    return Sheet(
        scan.name, rows, scan.hidden, scan.rows_seen, rows_read, tuple(faults), frozenset(decimals)
    )


def _rows_differ(place: str, seen: int, read: int) -> Fault:
    return fault_of("file.rows_differ", place, f"{read} / {seen}", seen=seen, read=read)


SAVE_AGAIN = bilingual("readers.open_excel_computes_save")

CELL_FAULTS: tuple[tuple[str, str, Severity, Text, Text], ...] = (
    (
        "uncached",
        "cell.formula_without_value",
        "error",
        bilingual("readers.no_cell_holds_formula"),
        SAVE_AGAIN,
    ),
    (
        "errors",
        "cell.error_value",
        "error",
        bilingual("readers.cell_shows_excel_error"),
        bilingual("readers.mend_formula_enter_value"),
    ),
    (
        "not_numbers",
        "cell.not_a_number",
        "error",
        bilingual("readers.no_number_cell_holds"),
        bilingual("readers.enter_value_again_excel"),
    ),
    (
        "long_numbers",
        "cell.over_15_digits",
        "warning",
        bilingual("readers.number_more_15_digits"),
        bilingual("readers.if_code_identifier_format"),
    ),
    (
        "long_texts",
        "cell.text_too_long",
        "warning",
        bilingual("readers.no_text_over_excel"),
        bilingual("readers.shorten_split_into_several"),
    ),
)


def _listed(
    file: str,
    sheet: str,
    finding: Finding,
    code: str,
    severity: Severity,
    message: Text,
    cure: Text,
) -> list[Fault]:
    """Return a fault for each listed place, and one that counts the others."""
    faults = [
        Fault(place_of(file, sheet, address), shorten(value), message, cure, severity, code)
        for address, value in finding.listed
    ]
    more = finding.count - len(finding.listed)
    if more:
        others = bilingual("readers.more_cells_like", more=more, message_text=message)
        faults.append(Fault(place_of(file, sheet), f"+{more}", others, cure, severity, code))
    return faults


def _cell_faults(file: str, scan: SheetScan) -> list[Fault]:
    faults: list[Fault] = []
    for attribute, code, severity, message, cure in CELL_FAULTS:
        finding: Finding = getattr(scan, attribute)
        faults.extend(_listed(file, scan.name, finding, code, severity, message, cure))
    faults.extend(_hidden(file, scan))
    declared = _range(scan.declared)
    if declared and (declared[2] < scan.last_row or declared[3] < scan.last_column):
        faults.append(
            fault_of(
                "file.false_dimension",
                place_of(file, scan.name),
                scan.declared,
                severity="note",
                declared=scan.declared,
                last_row=cell_name(scan.last_row, scan.last_column),
            )
        )
    return faults


def _hidden(file: str, scan: SheetScan) -> list[Fault]:
    faults = []
    for finding, code, vi, en in (
        (scan.hidden_rows, "file.hidden_rows", "dòng", "rows"),
        (scan.hidden_columns, "file.hidden_columns", "nhóm cột", "groups of columns"),
    ):
        if finding.count:
            names = ", ".join(address for address, _ in finding.listed[:LISTED_RANGES])
            faults.append(
                fault_of(
                    code,
                    place_of(file, scan.name),
                    names + (", …" if finding.count > LISTED_RANGES else ""),
                    severity="warning",
                    says="readers.hidden_but_were_read",
                    count=finding.count,
                    words=Text(vi, en),
                )
            )
    return faults


def _range(reference: str) -> tuple[int, int, int, int] | None:
    """Return first row, first column, last row, last column of ``B2:C7``."""
    match = RANGE.fullmatch(reference)
    if match is None:
        return None
    left, top, right, bottom = match.groups()
    first = int(top), _column(left)
    last = (int(bottom), _column(right)) if right and bottom else first
    return *first, *last


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


UNDER_MERGE = (
    bilingual("readers.no_value_lies_beneath"),
    bilingual("readers.unmerge_cells_see_value"),
)


def _fill_merged(file: str, scan: SheetScan, rows: list[list[str]]) -> list[Fault]:
    """Fill every merged range with its first value, as Excel shows it, and say so."""
    place = place_of(file, scan.name)
    width = max(map(len, rows), default=0)
    budget = 2 * len(rows) * width + 1  # ranges that overlap could otherwise cost their product
    beneath = Finding(scan.errors.most)
    filled = []
    for reference, _ in scan.merged.listed:
        area = _range(reference)
        if area is None or area[0] > len(rows) or area[1] > width:
            continue
        top, left, bottom, right = area[0], area[1], min(area[2], len(rows)), min(area[3], width)
        budget -= max(0, bottom - top + 1) * max(0, right - left + 1)
        if budget < 0:
            break
        value = rows[top - 1][left - 1]
        for row in range(top - 1, bottom):
            for column in range(left - 1, right):
                under = rows[row][column]
                if under and under != value:
                    beneath.add(cell_name(row + 1, column + 1), under)
                rows[row][column] = value
        filled.append(reference)
    faults = _listed(file, scan.name, beneath, "cell.under_merge", "warning", *UNDER_MERGE)
    if filled:
        names = ", ".join(filled[:LISTED_RANGES]) + (", …" if len(filled) > LISTED_RANGES else "")
        message = bilingual("readers.merged_ranges_every_cell", filled=len(filled))
        faults.append(Fault(place, names, message, NOTHING, "note", "cell.merged"))
    if budget < 0 or scan.merged.count > len(scan.merged.listed):
        message = bilingual("readers.merged_ranges_too_many")
        cure = bilingual("readers.unmerge_cells_read_again")
        faults.append(Fault(place, "", message, cure, "error", "cell.merged_overlap"))
    return faults


def read_csv_text(path: Source, limits: Limits = DEFAULT) -> Sheet:
    """Read a CSV file as text.

    UTF-8 and UTF-16 are read, with their mark or without; the delimiter
    is the comma, the semicolon or the tab, whichever splits the file evenly.

    Parameters
    ----------
    path
        The file.
    limits
        The bounds of the reading.

    Returns
    -------
    Sheet
        Records in order, blank lines included so that counts stay comparable;
        ragged records are told in `Sheet.faults`, with their line.

    Raises
    ------
    UnreadableInput
        ``csv.encoding`` (with the line as it may have been meant), ``csv.nul``,
        ``csv.quote``, ``csv.field_too_long``, ``file.too_many_cells``, ``file.too_large``,
        ``file.empty``, ``file.missing``.
    """
    seen = examine(path, limits)
    rows, faults = read_csv_rows(seen, limits)
    filled = sum(any(map(str.strip, row)) for row in rows)
    return Sheet(seen.path.stem, rows, False, filled, filled, tuple(faults))


# Records of a CSV file as text: encoding, delimiter, quotes and even width.

DELIMITERS = (",", ";", "\t")
LOOKED_AT = 50

SAVE_AS_UTF8 = bilingual("readers.open_excel_choose_save_csv_utf")


def decode(content: bytes, place: str) -> str:
    """Return the text of a file in UTF-8 or in UTF-16.

    Parameters
    ----------
    content
        The bytes.
    place
        The file, for the fault.

    Raises
    ------
    UnreadableInput
        ``csv.encoding``; its proposal is the first wrong line read as Windows-1258.
    """
    codec = utf16_codec(content) or "utf-8-sig"
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        start = content.rfind(b"\n", 0, error.start) + 1
        end = content.find(b"\n", error.start)
        wrong = content[start : end if end >= 0 else len(content)].strip()
        meant = unicodedata.normalize("NFC", wrong.decode("cp1258", errors="replace"))
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(
            f"{place} › dòng {line}",
            "csv.encoding",
            bilingual("readers.no_line_utf_8", line=line),
            SAVE_AS_UTF8,
            repr(wrong[:80]),
            shorten(meant),
        ) from error


def read_csv_rows(path: Source, limits: Limits = DEFAULT) -> tuple[list[list[str]], list[Fault]]:
    """Return the records of a CSV file, padded to one width, and what is wrong.

    Parameters
    ----------
    path
        The file.
    limits
        The bounds of the reading.

    Raises
    ------
    UnreadableInput
        See `procsim.readers.tables.read_csv_text`.
    """
    seen = examine(path, limits)
    path, kind = seen.path, seen.kind
    place = place_of(path)
    if kind != "csv":
        raise refusal(
            place,
            "file.not_a_csv",
            bilingual("readers.no_file_csv"),
            bilingual("readers.choose_csv_file"),
            kind,
        )
    text = decode(path.read_bytes(), place)
    _check_nul(text, place)
    skipped = 0
    delimiter = ""
    if text[:4].casefold() == "sep=" and len(text) > 4:
        delimiter = text[4]
        text = text.partition("\n")[2]
        skipped = 1
    delimiter = delimiter or _delimiter(text)
    records, lines = _records(text, delimiter, place, limits, skipped)
    return _even(records, lines, place, limits)


def _check_nul(text: str, place: str) -> None:
    if "\0" not in text:
        return
    if text.count("\0") * 5 > len(text):
        raise refusal(place, "csv.encoding", bilingual("readers.no_file_utf_8"), SAVE_AS_UTF8)
    numbers = [str(n) for n, line in enumerate(text.split("\n"), 1) if "\0" in line]
    more = len(numbers) - 20
    raise refusal(
        f"{place} › dòng {numbers[0]}",
        "csv.nul",
        bilingual("readers.file_holds_nul_characters"),
        bilingual("readers.download_original_again_save"),
        "dòng / lines " + ", ".join(numbers[:20]) + (f" (+{more})" if more > 0 else ""),
    )


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first records most evenly."""
    end = -1
    for _ in range(LOOKED_AT):
        end = text.find("\n", end + 1)
        if end < 0:
            break
    sample = text if end < 0 else text[:end]

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            ]
        except csv.Error:
            return 0.0, 0
        widths = [width for width in widths if width]
        if not widths:
            return 0.0, 0
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(DELIMITERS, key=evenness)


def _records(
    text: str, delimiter: str, place: str, limits: Limits, skipped: int
) -> tuple[list[list[str]], list[int]]:
    """Return the records and the line on which each of them begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    cells = 0
    line = 0
    try:
        for row in reader:
            records.append(row)
            lines.append(line + 1 + skipped)
            line = reader.line_num
            cells += len(row)
            if len(records) > limits.rows or cells > limits.cells or len(row) > limits.columns:
                raise _too_many(f"{place} › dòng {lines[-1]}", limits)
    except csv.Error as error:
        raise _broken(place, line + 1 + skipped, error) from error
    return records, lines


def _broken(place: str, line: int, error: csv.Error) -> UnreadableInput:
    where = f"{place} › dòng {line}"
    if "field limit" in str(error):
        limit = csv.field_size_limit()
        return refusal(
            where,
            "csv.field_too_long",
            bilingual("readers.field_longer_characters_closing", limit=limit),
            bilingual("readers.check_marks_line"),
        )
    return refusal(
        where,
        "csv.quote",
        bilingual("readers.no_quotes_match_field"),
        bilingual("readers.mend_line_save_file"),
        str(error),
    )


def _too_many(place: str, limits: Limits) -> UnreadableInput:
    return refusal(
        place,
        "file.too_many_cells",
        bilingual(
            "readers.file_too_large_limit_rows_columns",
            rows=limits.rows,
            columns=limits.columns,
            cells=limits.cells,
        ),
        bilingual("readers.split_into_several_smaller"),
    )


def _even(
    records: list[list[str]], lines: list[int], place: str, limits: Limits
) -> tuple[list[list[str]], list[Fault]]:
    """Pad records to one width; name those that have another width than the header."""
    expected = len(next((row for row in records if any(row)), []))
    width = max(map(len, records), default=0)
    faults: list[Fault] = []
    ragged = 0
    for row, line in zip(records, lines, strict=True):
        if row and any(row) and len(row) != expected:
            ragged += 1
            if len(faults) < limits.faults:
                faults.append(_ragged(f"{place} › dòng {line}", len(row), expected, row))
        faults.extend(
            fault_of(
                "cell.text_too_long",
                f"{place} › dòng {line}",
                shorten(value, 60),
                severity="warning",
            )
            for value in row
            if len(value) > limits.text
        )
        row.extend([""] * (width - len(row)))
    if ragged > limits.faults:
        more = ragged - limits.faults
        message = bilingual("readers.more_lines_another_number", more=more)
        cure = bilingual("readers.correct_those_named_read")
        faults.append(Fault(place, f"+{more}", message, cure, code="csv.ragged"))
    while records and not any(records[-1]):
        records.pop()
    return records, faults


def _ragged(place: str, found: int, expected: int, row: list[str]) -> Fault:
    return fault_of(
        "csv.ragged",
        place,
        shorten(" | ".join(row)),
        says="csv.ragged.line_fields_header",
        value_found=found,
        expected=expected,
    )
