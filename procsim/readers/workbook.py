"""The procsim workbook: a sheet for each table, written and read back unchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnreadableInput, shorten
from procsim.language.i18n import fault_of
from procsim.language.vietnamese import Epoch, fold
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.assemble import Loose, assemble, loose_table
from procsim.readers.cells import EXCEL_TEXT, Cell, stored_length
from procsim.readers.gates.limits import EXCEL_ROWS, cell_name, place_of
from procsim.readers.tables import Book, Sheet, read_book
from procsim.readers.template import (
    FORMAT_VERSION,
    HEADING_ROWS,
    VERSION_LABEL,
    dress_sheet,
    write_guide,
    write_template,
)
from procsim.readers.words import GUIDE, TITLES, table_of_title
from procsim.readers.writing import carriable, check_size
from procsim.reference.schema import table

__all__ = ["read_workbook", "with_numbers", "write_template", "write_workbook"]

_DECIMALS = re.compile(r"-?\d+\.\d+")


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

        made, found = loose_table(name, with_numbers(sheet), place, place_of(path, sheet.name))
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
            fault_of(
                "reader.unknown_sheet",
                place_of(path, sheet.name),
                shorten(sheet.name),
                severity="note",
                says="reader.unknown_sheet.no_sheet_table_procsim",
                values=Text(
                    ", ".join(t.vi for t in TITLES.values()),
                    ", ".join(t.en for t in TITLES.values()),
                ),
            )
        ]
    for at, row in enumerate(sheet.rows):
        label = fold(row[0]) if row else ""
        version = row[1] if len(row) > 1 and label.startswith(fold(VERSION_LABEL.vi)) else ""
        if version.isdecimal() and (len(version) > 6 or int(version) > FORMAT_VERSION):
            return [_newer(place_of(path, sheet.name, cell_name(at + 1, 2)), version)]
    return []


def _newer(place: str, version: str) -> Fault:
    return fault_of(
        "reader.newer_format",
        place,
        shorten(version),
        severity="warning",
        format_version=FORMAT_VERSION,
    )


def _second_sheet(path: Path, sheet: Sheet, name: str) -> Fault:
    return fault_of(
        "reader.duplicate_sheet",
        place_of(path, sheet.name),
        shorten(sheet.name),
        says="reader.duplicate_sheet.two_sheets_hold_table",
        titles=TITLES[name],
    )


def _no_sheets(path: Path, sheets: Sequence[Sheet]) -> Fault:
    titles = Text(*(", ".join(title[i] for title in TITLES.values()) for i in range(2)))
    return fault_of(
        "reader.no_sheets",
        place_of(path),
        shorten(", ".join(sheet.name for sheet in sheets)),
        says="reader.no_sheets.none_sheets_procsim_workbook",
        titles=titles,
    )


def _no_procedures(path: Path) -> Fault:
    return fault_of(
        "reader.missing_sheet", place_of(path), "", says="reader.missing_sheet.sheet_th_t_c"
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
    from procsim.readers.excel import putter, write_excel

    path = Path(path)
    frames, notes = carriable(portfolio)
    too_long = [fault for name in TABLES for fault in _too_long(name, frames[name])]
    if too_long:
        raise InvalidValue(too_long)
    check_size(
        path,
        ((name, len(frames[name]) + HEADING_ROWS, len(table(name).columns)) for name in TABLES),
    )

    def fill(book: Any) -> None:
        write_guide(book)
        for name in TABLES:
            frame = frames[name]
            sheet = dress_sheet(book, name, len(frame))
            columns = table(name).columns
            puts = list(enumerate(putter(book, sheet, column) for column in columns))
            lists = (frame[column.name].tolist() for column in columns)
            for row, values in enumerate(zip(*lists, strict=True), HEADING_ROWS):
                for at, put in puts:
                    put(row, at, values[at])

    write_excel(path, fill)
    return tuple(notes)


def _too_long(name: str, frame: pd.DataFrame) -> list[Fault]:
    title = TITLES[name].vi
    faults: list[Fault] = []
    if len(frame) > EXCEL_ROWS - HEADING_ROWS:
        faults.append(fault_of("write.too_many_rows", f"Sheet '{title}'", f"{len(frame)}"))
    for at, column in enumerate(table(name).columns, start=1):
        if not column.is_text:
            continue
        for row, text in enumerate(frame[column.name].tolist(), start=HEADING_ROWS + 1):
            # Astral characters count twice in Excel, and escapes add to the length.
            if len(text) * 2 <= EXCEL_TEXT // 4 or stored_length(text) <= EXCEL_TEXT:
                continue
            faults.append(
                fault_of(
                    "write.text_too_long",
                    f"Sheet '{title}' › {cell_name(row, at)} ({shorten(frame.at[row - 3, 'id'])})",
                    shorten(text),
                    says="write.text_too_long.text_characters_cell_excel",
                    text=len(text),
                )
            )
    return faults
