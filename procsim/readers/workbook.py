"""The procsim workbook: a sheet for each table, written and read back unchanged."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnreadableInput, shorten
from procsim.language.vietnamese import Epoch, fold
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.assemble import Loose, assemble
from procsim.readers.cells import EXCEL_TEXT, UNKNOWN, Cell, Value, plain_number, show
from procsim.readers.headings import loose_table
from procsim.readers.limits import EXCEL_ROWS, cell_name, place_of
from procsim.readers.tables import Book, Sheet, number_text, read_book
from procsim.readers.template import (
    FORMAT_VERSION,
    HEADING_ROWS,
    VERSION_LABEL,
    dress_sheet,
    number_format,
    write_guide,
    write_template,
)
from procsim.readers.words import GUIDE, TITLES, table_of_title
from procsim.readers.writing import carriable, check_size, save_streamed
from procsim.reference.schema import Column, table

__all__ = [
    "cell_maker",
    "read_workbook",
    "stored_length",
    "with_numbers",
    "write_template",
    "write_workbook",
]

FIRST_EXCEL_YEAR = 1901

_DECIMALS = re.compile(r"-?\d+\.\d+")

# Excel takes what begins like this for a formula or a command when it is typed again.
_LIKE_FORMULA = re.compile(r"\s*[=+\-@\t]")
# Such letters stand for one character in a workbook: they are escaped to stay themselves.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


_ERRORS = frozenset(
    ("#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#GETTING_DATA", "#SPILL!")
)


# -- reading


def read_workbook(path: str | Path, book: Book | None = None) -> Portfolio:
    """Read a procsim workbook.

    Sheets and columns are found by their titles and headings (Vietnamese,
    English or machine name) in any order. Ids may be left out: rows then name
    their procedure by code or name.

    Parameters
    ----------
    path
        An ``.xlsx`` file made by `write_template` or `write_workbook`.
    book
        The file's cells where they were read already.

    Returns
    -------
    Portfolio
        With everything that is wrong or doubtful in ``faults``, each with its
        sheet and cell; a cell that could not be read is missing.

    Raises
    ------
    UnreadableInput
        When the file is no workbook, is damaged or hostile, or has no sheet
        of procsim's.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> portfolio = ps.load_sample().select(["1.004222"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notes = ps.write_workbook(portfolio, Path(folder) / "danh-muc.xlsx")
    ...     read_workbook(Path(folder) / "danh-muc.xlsx").equals(portfolio)
    True
    """
    path = Path(path)
    book = read_book(path) if book is None else book
    faults: list[Fault] = list(book.faults)
    loose: dict[str, Loose] = {}
    known = False
    for sheet in book.sheets:
        name = table_of_title(sheet.name)
        if not name:
            faults += _guide_or_unknown(path, sheet)
            continue
        known = True
        if name in loose:
            faults.append(_second_sheet(path, sheet, name))
            continue

        def place(row: int, at: int, title: str = sheet.name) -> str:
            return place_of(path, title, cell_name(row + 1, at + 1))

        made, found = loose_table(
            name,
            with_numbers(sheet),
            place,
            place_of(path, sheet.name),
        )
        faults += found
        if made is not None:
            loose[name] = made
    if not known:
        raise UnreadableInput(_no_sheets(path, book.sheets))
    if not any(table_of_title(sheet.name) == "procedures" for sheet in book.sheets):
        faults.append(_no_procedures(path))
    epoch: Epoch = "1904" if book.date_1904 else "1900"
    return assemble(loose, source=path.name, faults=faults, epoch=epoch)


def with_numbers(sheet: Sheet) -> list[list[Cell]]:
    """Return the rows of a sheet with number cells that have a fraction as floats.

    ``1.234`` typed as text is asked about; in a number cell it can mean one thing only.
    A cell that shows an Excel error is missing; its fault says so.
    """
    rows: list[list[Cell]] = [list(row) for row in sheet.rows]
    if any(fault.code == "cell.error_value" for fault in sheet.faults):
        rows = [["" if cell in _ERRORS else cell for cell in row] for row in rows]
    for row, at in sheet.decimals:
        # Beneath a merged range stands the text of its first cell.
        if row < len(rows) and _DECIMALS.fullmatch(sheet.rows[row][at]):
            rows[row][at] = float(sheet.rows[row][at])
    return rows


def _guide_or_unknown(path: Path, sheet: Sheet) -> list[Fault]:
    if fold(sheet.name) not in {fold(title) for title in GUIDE}:
        return [
            Fault(
                place_of(path, sheet.name),
                shorten(sheet.name),
                Text(
                    "Trang này không phải bảng của procsim nên không được đọc.",
                    "This sheet is not a table of procsim's; it was not read.",
                ),
                Text(
                    "Các trang được đọc: " + ", ".join(t.vi for t in TITLES.values()) + ".",
                    "Sheets that are read: " + ", ".join(t.en for t in TITLES.values()) + ".",
                ),
                "note",
                "reader.unknown_sheet",
            )
        ]
    for at, row in enumerate(sheet.rows):
        label = fold(row[0]) if row else ""
        version = row[1] if len(row) > 1 and label.startswith(fold(VERSION_LABEL.vi)) else ""
        if version.isdecimal() and (len(version) > 6 or int(version) > FORMAT_VERSION):
            return [_newer(place_of(path, sheet.name, cell_name(at + 1, 2)), version)]
    return []


def _newer(place: str, version: str) -> Fault:
    return Fault(
        place,
        shorten(version),
        Text(
            f"Tệp theo phiên bản mẫu mới hơn; procsim này biết đến phiên bản {FORMAT_VERSION}.",
            f"The file has a newer format; this procsim knows version {FORMAT_VERSION}.",
        ),
        Text(
            "Cập nhật procsim; cột mới trong tệp chưa được đọc.",
            "Update procsim; new columns of the file were not read.",
        ),
        "warning",
        "reader.newer_format",
    )


def _second_sheet(path: Path, sheet: Sheet, name: str) -> Fault:
    return Fault(
        place_of(path, sheet.name),
        shorten(sheet.name),
        Text(
            f"Có hai trang cho bảng “{TITLES[name].vi}”; chỉ trang đứng trước được đọc.",
            f"Two sheets hold the table “{TITLES[name].en}”; only the first was read.",
        ),
        Text("Gộp hai trang làm một.", "Put both into one sheet."),
        code="reader.duplicate_sheet",
    )


def _no_sheets(path: Path, sheets: Sequence[Sheet]) -> Fault:
    titles = Text(*(", ".join(title[i] for title in TITLES.values()) for i in range(2)))
    return Fault(
        place_of(path),
        shorten(", ".join(sheet.name for sheet in sheets)),
        Text(
            "Không có trang nào của sổ tính procsim trong tệp này.",
            "None of the sheets is one of a procsim workbook.",
        ),
        Text(
            f"Dùng mẫu do procsim tạo (procsim template); các trang: {titles.vi}.",
            f"Use procsim's template (procsim template); sheets: {titles.en}.",
        ),
        code="reader.no_sheets",
    )


def _no_procedures(path: Path) -> Fault:
    return Fault(
        place_of(path),
        "",
        Text(
            "Thiếu trang “Thủ tục”; các dòng khác không biết thuộc thủ tục nào.",
            "The sheet “Thủ tục” (procedures) is missing; other rows have nothing to belong to.",
        ),
        Text("Thêm trang “Thủ tục” theo mẫu.", "Add it after the template."),
        code="reader.missing_sheet",
    )


# -- writing


def write_workbook(portfolio: Portfolio, path: str | Path) -> tuple[Fault, ...]:
    """Write every table of a portfolio; `read_workbook` gives an equal portfolio back.

    Texts never become formulas. The file appears under `path` only when it is
    complete.

    Parameters
    ----------
    portfolio
        What to write.
    path
        The ``.xlsx`` file to write.

    Returns
    -------
    tuple of Fault
        Notes on control characters that a workbook cannot carry and that were
        left out.

    Raises
    ------
    InvalidValue
        When a text or a table is too long for Excel, all of them named, or the whole
        has more cells than procsim reads back; nothing is written.
    ProcsimError
        When the file cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> portfolio = ps.load_sample().select(["1.004222"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notes = write_workbook(portfolio, Path(folder) / "danh-muc.xlsx")
    ...     ps.read(Path(folder) / "danh-muc.xlsx")["1.004222"].name
    'Đăng ký thường trú'
    """
    from openpyxl import Workbook

    path = Path(path)
    frames, notes = carriable(portfolio)
    too_long = [fault for name in TABLES for fault in _too_long(name, frames[name])]
    if too_long:
        raise InvalidValue(too_long)
    check_size(
        path,
        ((name, len(frames[name]) + HEADING_ROWS, len(table(name).columns)) for name in TABLES),
    )
    workbook = Workbook(write_only=True)
    write_guide(workbook)
    for name in TABLES:
        sheet = workbook.create_sheet(TITLES[name].vi)
        dress_sheet(sheet, name, len(frames[name]))
        columns = table(name).columns
        makers = [cell_maker(sheet, column) for column in columns]
        for values in zip(*(frames[name][c.name].tolist() for c in columns), strict=True):
            sheet.append(_cells(makers, values))
    save_streamed(workbook, path)
    return tuple(notes)


def _too_long(name: str, frame: pd.DataFrame) -> list[Fault]:
    title = TITLES[name].vi
    faults: list[Fault] = []
    if len(frame) > EXCEL_ROWS - HEADING_ROWS:
        faults.append(
            Fault(
                f"Sheet '{title}'",
                f"{len(frame):,}",
                Text(
                    "Bảng có nhiều dòng hơn một trang Excel chứa được (1.048.576).",
                    "The table has more rows than a sheet of Excel can hold (1,048,576).",
                ),
                Text("Ghi ra thư mục CSV.", "Write a folder of CSV instead."),
                code="write.too_many_rows",
            )
        )
    for at, column in enumerate(table(name).columns, start=1):
        if not column.is_text:
            continue
        for row, text in enumerate(frame[column.name].tolist(), start=HEADING_ROWS + 1):
            # Astral characters count twice in Excel, and escapes add to the length.
            if len(text) * 2 <= EXCEL_TEXT // 4 or stored_length(text) <= EXCEL_TEXT:
                continue
            faults.append(
                Fault(
                    f"Sheet '{title}' › {cell_name(row, at)} ({shorten(frame.at[row - 3, 'id'])})",
                    shorten(text),
                    Text(
                        f"Văn bản dài {len(text):,} ký tự; một ô Excel chỉ chứa 32.767. "
                        "Chưa ghi gì.",
                        f"The text has {len(text):,} characters; a cell of Excel holds 32,767. "
                        "Nothing was written.",
                    ),
                    Text(
                        "Rút ngắn văn bản, hoặc ghi ra thư mục CSV.",
                        "Shorten the text, or write a folder of CSV.",
                    ),
                    code="write.text_too_long",
                )
            )
    return faults


def stored_length(text: str) -> int:
    """Return how many of a cell's 32,767 units a text takes, escapes included."""
    return len(_escaped(text).encode("utf-16-le")) // 2


def _escaped(text: str) -> str:
    return _ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


Maker = Callable[[Value], Any]


def _cells(makers: Sequence[Maker], values: Sequence[Value]) -> Iterator[Any]:
    # A generator, because the makers hand out the same cell object again and again.
    return (make(value) for make, value in zip(makers, values, strict=True))


def cell_maker(sheet: Any, column: Column) -> Maker:
    """Return a function that turns a value of `column` into a cell to append.

    Texts never become formulas; a number that needs more than Excel's 15 digits
    is kept whole as text. The cell is the same object each time: append it
    before the next is made.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    def styled() -> Any:
        cell = WriteOnlyCell(sheet)
        cell.number_format = number_format(column)
        cell.alignment = Alignment(wrap_text=column.is_text, vertical="top")
        return cell

    plain, quoted = styled(), styled()
    quoted.number_format = "@"
    quoted.quotePrefix = True

    def text_cell(text: str) -> Any:
        if not text:
            return None
        cell = quoted if _LIKE_FORMULA.match(text) else plain
        cell.value = _escaped(text)
        cell.data_type = "s"  # openpyxl would make formulas and error values of some texts
        return cell

    def number_cell(value: Value) -> Any:
        if value != value:  # NaN: nothing is known, which an empty cell cannot say if 0 is usual
            return text_cell(UNKNOWN) if column.default else None
        number = float(value)
        if float(number_text(number)) != number:
            # Excel keeps 15 digits; a number that needs more stays whole as text.
            quoted.value = plain_number(number)
            quoted.data_type = "s"
            return quoted
        plain.value = number
        return plain

    def date_cell(value: Value) -> Any:
        day = _day(str(value))
        if day is None:
            return text_cell(str(value))
        plain.value = day
        return plain

    if column.kind in {"number", "integer"}:
        return number_cell
    if column.kind == "date":
        return date_cell
    return lambda value: text_cell(show(column, value))


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= FIRST_EXCEL_YEAR and day.isoformat() == text else None
