"""How much of a file is read, and how a place in it is named.

Every input is bounded and every bound stands here, so that an officer, a test
and the documentation read the same figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from procsim.errors import Fault, Text, UnreadableInput, shorten

MEGABYTE = 1024 * 1024

EXCEL_ROWS = 1_048_576
"""Rows of a sheet that Excel itself can hold."""

EXCEL_COLUMNS = 16_384
"""Columns of a sheet that Excel itself can hold (the last is XFD)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one reading.

    Those that ship let 30,000 procedures through in every form that procsim writes:
    about 12 million cells in a workbook, 241 MB of plain JSON Lines.

    Parameters
    ----------
    file_bytes
        Size of the file as it lies on disk.
    unpacked_bytes
        Sum of the sizes of all parts after unpacking.
    parts
        Files inside a workbook's package, or inside a folder.
    ratio
        Unpacked size over packed size; looked at beyond `ratio_from_bytes` only,
        because small repetitive sheets pack very well and harm nobody.
    ratio_from_bytes
        Unpacked size from which `ratio` counts.
    sheets
        Sheets of a workbook.
    rows
        Number of the last filled row of a sheet, or records of a CSV file.
    columns
        Number of the last filled column of a sheet, or fields of a CSV record.
    cells
        Cells of all sheets together, counted as rectangles from A1 to the last
        filled cell, because that is the memory a parser asks for.
    text
        Characters of one cell; Excel's own limit. Longer text is kept and warned of.
    csv_bytes
        Size of a CSV file, which is read whole.
    json_depth
        Levels of nesting in a JSON text.
    json_digits
        Digits of an integer in a JSON text.
    json_line_bytes
        Size of one record: a line of a JSON Lines file, or an item of a JSON document.
    json_values
        Values of one record, counted by its commas and brackets before it is parsed:
        ``[]`` costs 3 bytes in a file and 60 in memory.
    records
        Records of a file, or of a folder.
    small_bytes
        Size after unpacking up to which records are parsed in the calling process, where
        the bounds of a record keep the memory small; larger files are parsed in a child.
    child_bytes
        Memory of the child process that runs a parser, however large the file; what it
        is allowed grows with the size and the cells of the file up to here.
    child_seconds
        Wall-clock seconds of that child; a second more for each megabyte unpacked.
    faults
        Faults of one kind that are listed one by one for a sheet; the others are counted.

    Examples
    --------
    >>> import procsim as ps
    >>> try:
    ...     ps.read("du-lieu.json", limits=ps.Limits(file_bytes=1024))
    ... except ps.UnreadableInput as error:
    ...     error.faults[0].code
    'file.missing'
    """

    file_bytes: int = 512 * MEGABYTE
    unpacked_bytes: int = 2_048 * MEGABYTE
    parts: int = 2_000
    ratio: float = 200.0
    ratio_from_bytes: int = 20 * MEGABYTE
    sheets: int = 200
    rows: int = EXCEL_ROWS
    columns: int = 500
    cells: int = 20_000_000
    text: int = 32_767
    csv_bytes: int = 192 * MEGABYTE
    json_depth: int = 64
    json_digits: int = 15
    json_line_bytes: int = 16 * MEGABYTE
    json_values: int = 100_000
    records: int = 200_000
    small_bytes: int = 24 * MEGABYTE
    child_bytes: int = 3_072 * MEGABYTE
    child_seconds: float = 120.0
    faults: int = 200


DEFAULT = Limits()
"""The bounds that every reader uses unless told otherwise."""


def place_of(path: Path | str, sheet: str = "", cell: str = "") -> str:
    """Name a place as officers read it: ``tệp.xlsx › Sheet 'Thủ tục' › C7``."""
    parts = [shorten(Path(path).name)]
    if sheet:
        parts.append(f"Sheet '{shorten(sheet, 40)}'")
    if cell:
        parts.append(cell)
    return " › ".join(parts)


def column_name(column: int) -> str:
    """Return the letters of the 1-based `column`: 1 is A, 28 is AB."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return the address of a 1-based `row` and `column`, such as ``C7``."""
    return f"{column_name(column)}{row}"


def size_text(number: float) -> str:
    """Return a number of bytes as whole megabytes or kilobytes, alike in both languages."""
    large = number >= MEGABYTE
    return f"{number / MEGABYTE:.0f} MB" if large else f"{math.ceil(number / 1024)} kB"


def refusal(
    place: str, code: str, message: Text, cure: Text, value: object = "", proposal: str = ""
) -> UnreadableInput:
    """Return the error that stops a reading, with its single fault."""
    return UnreadableInput(
        Fault(
            place=place,
            value=shorten(value) if value != "" else "",
            message=message,
            cure=cure,
            code=code,
            proposal=proposal,
        )
    )
