"""Sheets and CSV files as text, exactly as an officer sees each value.

Nothing is converted here: ``001`` stays ``001``, ``NA`` stays ``NA``, and a number
is written as shortly as it can be without loss. Whatever a table hides, lacks or
spreads (hidden rows, formulas without a stored value, merged cells) is told as a
fault with the cell's address, and rows read are compared with rows seen.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procsim.errors import NOTHING, Fault, Severity, Text, shorten
from procsim.readers.child import run_in_child
from procsim.readers.csv_text import read_csv_rows
from procsim.readers.gates import Source, examine
from procsim.readers.limits import (
    DEFAULT,
    MEGABYTE,
    Limits,
    cell_name,
    place_of,
    refusal,
)
from procsim.readers.sheet_scan import Finding, SheetScan

__all__ = ["Book", "Sheet", "cells_as_text", "number_text", "read_book", "read_csv_text"]

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
        As `procsim.readers.gates.inspect` and `procsim.readers.child.run_in_child`,
        or ``file.not_a_workbook``.
    """
    seen = examine(path, limits)
    path = seen.path
    if seen.scan is None:
        raise refusal(
            place_of(path),
            "file.not_a_workbook",
            Text("Tệp này không phải sổ tính Excel", "This file is not an Excel workbook"),
            Text("Chọn một tệp .xlsx", "Choose an .xlsx file"),
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
        faults.append(
            Fault(
                place_of(path),
                "1904",
                Text(
                    "Sổ tính dùng hệ ngày 1904; ngày tháng đã được đổi theo hệ này",
                    "The workbook counts dates from 1904; dates were converted accordingly",
                ),
                Text("Kiểm tra một vài ngày", "Check a few dates"),
                "note",
                "file.date_1904",
            )
        )
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
        scan.name,
        rows,
        scan.hidden,
        scan.rows_seen,
        rows_read,
        tuple(faults),
        frozenset(decimals),
    )


def _rows_differ(place: str, seen: int, read: int) -> Fault:
    return Fault(
        place,
        f"{read} / {seen}",
        Text(
            f"Tệp có {seen:,} dòng có dữ liệu nhưng chỉ đọc được {read:,} dòng",
            f"The file holds {seen:,} rows with data but {read:,} were read",
        ),
        Text(
            "Mở bằng Excel, lưu lại thành .xlsx mới rồi đọc lại",
            "Open it in Excel, save it as a new .xlsx and read that",
        ),
        "error",
        "file.rows_differ",
    )


SAVE_AGAIN = Text(
    "Mở bằng Excel (để tính lại), lưu rồi đọc lại, hoặc dán thành giá trị (Paste Values)",
    "Open it in Excel (which computes it), save and read again, or paste it as a value",
)

CELL_FAULTS: tuple[tuple[str, str, Severity, Text, Text], ...] = (
    (
        "uncached",
        "cell.formula_without_value",
        "error",
        Text(
            "Ô có công thức nhưng chưa lưu kết quả, nên không có giá trị để đọc",
            "The cell holds a formula without a stored result, so there is no value to read",
        ),
        SAVE_AGAIN,
    ),
    (
        "errors",
        "cell.error_value",
        "error",
        Text("Ô đang báo lỗi của Excel", "The cell shows an Excel error"),
        Text("Sửa công thức hoặc nhập giá trị", "Mend the formula or enter the value"),
    ),
    (
        "not_numbers",
        "cell.not_a_number",
        "error",
        Text("Ô kiểu số nhưng nội dung không phải số", "A number cell that holds no number"),
        Text("Nhập lại giá trị trong Excel", "Enter the value again in Excel"),
    ),
    (
        "long_numbers",
        "cell.over_15_digits",
        "warning",
        Text(
            "Số quá 15 chữ số: Excel chỉ giữ 15 chữ số đầu, các chữ số sau có thể đã mất",
            "The number has more than 15 digits: Excel keeps the first 15, the others may be lost",
        ),
        Text(
            "Nếu là mã hoặc số định danh, đặt cột là văn bản (Text) rồi nhập lại",
            "If it is a code or an identifier, format the column as Text and enter it again",
        ),
    ),
    (
        "long_texts",
        "cell.text_too_long",
        "warning",
        Text(
            "Văn bản dài quá 32.767 ký tự của Excel; vẫn giữ nguyên ở đây nhưng ghi ra Excel sẽ "
            "phải cắt",
            "The text is over Excel's 32,767 characters; it is kept whole here but does not fit "
            "into Excel",
        ),
        Text("Rút ngắn hoặc tách thành nhiều ô", "Shorten it or split it into several cells"),
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
        others = Text(
            f"Còn {more:,} ô khác bị như vậy: {message.vi}",
            f"{more:,} more cells are like this: {message.en}",
        )
        faults.append(Fault(place_of(file, sheet), f"+{more:,}", others, cure, severity, code))
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
            Fault(
                place_of(file, scan.name),
                scan.declared,
                Text(
                    f"Tệp khai vùng dữ liệu {scan.declared} nhưng dữ liệu tới "
                    f"{cell_name(scan.last_row, scan.last_column)}; đã đọc đủ theo dữ liệu thật",
                    f"The file declares the range {scan.declared} but data reach "
                    f"{cell_name(scan.last_row, scan.last_column)}; all of the data were read",
                ),
                severity="note",
                code="file.false_dimension",
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
                Fault(
                    place_of(file, scan.name),
                    names + (", …" if finding.count > LISTED_RANGES else ""),
                    Text(
                        f"{finding.count:,} {vi} đang bị ẩn nhưng vẫn được đọc",
                        f"{finding.count:,} {en} are hidden but were read all the same",
                    ),
                    Text("Bỏ ẩn để kiểm tra", "Unhide them to check"),
                    "warning",
                    code,
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
    Text(
        "Giá trị nằm dưới vùng ô gộp nên Excel không hiện; giá trị này không được dùng",
        "The value lies beneath a merged range, where Excel does not show it; it is not used",
    ),
    Text("Bỏ gộp ô để thấy giá trị", "Unmerge the cells to see the value"),
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
        message = Text(
            f"{len(filled):,} vùng ô gộp; mọi ô trong vùng nhận giá trị của ô đầu",
            f"{len(filled):,} merged ranges; every cell of a range takes the first cell's value",
        )
        faults.append(Fault(place, names, message, NOTHING, "note", "cell.merged"))
    if budget < 0 or scan.merged.count > len(scan.merged.listed):
        message = Text(
            "Các vùng ô gộp quá nhiều hoặc chồng lên nhau, không biết ô nào thuộc vùng nào",
            "Merged ranges are too many or overlap; which cell belongs to which is unknown",
        )
        cure = Text("Bỏ gộp ô rồi đọc lại", "Unmerge the cells and read again")
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
