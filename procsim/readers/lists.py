"""The official list workbooks, as the National Public Service Portal exports them.

Title rows, then one row of headings (Mã số, Tên, Cơ quan ban hành, Cơ quan thực
hiện, Lĩnh vực), then a row for each procedure; several agencies share a cell,
one a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from procsim.errors import Fault, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import fold, nfc
from procsim.model.portfolio import Portfolio
from procsim.readers.assemble import NUMBERING, Headings, Loose, assemble, find_headings, records
from procsim.readers.cells import Cell, as_text, join_list
from procsim.readers.gates.limits import cell_name, place_of
from procsim.readers.tables import Book, Sheet, read_book
from procsim.readers.words import heading_names, table_of_title
from procsim.readers.workbook import with_numbers

_NAMES: dict[str, str] = {
    **dict.fromkeys(("mã số", "mã số tthc", "mã tthc", "mã thủ tục", "mã hồ sơ tthc"), "code"),
    **dict.fromkeys(("mã", "mã số thủ tục", "mã số thủ tục hành chính"), "code"),
    **dict.fromkeys(("tên", "tên tthc", "tên thủ tục", "tên thủ tục hành chính"), "name"),
    **dict.fromkeys(("cơ quan ban hành", "cơ quan công bố", "bộ, ngành", "bộ quản lý"), "ministry"),
    **dict.fromkeys(("cơ quan thực hiện", "cơ quan giải quyết"), "agency"),
    **dict.fromkeys(("lĩnh vực", "lĩnh vực thủ tục"), "field"),
    **dict.fromkeys(("quyết định công bố", "số quyết định"), "decision"),
}
_COLUMNS = {fold(heading): column for heading, column in _NAMES.items()}


def _headings(sheet: Sheet) -> Headings | None:
    found = find_headings(sheet.rows, _COLUMNS)
    if found is None or not {"code", "name"} <= found.columns.keys():
        return None
    return found


def is_list(sheets: Sequence[Sheet]) -> bool:
    """Return whether any of these sheets reads like an official list.

    The sheet of procedures of a procsim workbook has a code and a name too: a
    sheet of procsim's whose headings fit its own table as well decides against.
    """
    return any(_headings(sheet) is not None for sheet in sheets) and not any(map(_is_own, sheets))


def _is_own(sheet: Sheet) -> bool:
    title = table_of_title(sheet.name)
    own = find_headings(sheet.rows, heading_names(title)) if title else None
    listed = _headings(sheet)
    return own is not None and (listed is None or len(own.columns) >= len(listed.columns))


def read_list(path: str | Path, book: Book | None = None) -> Portfolio:
    """Read an official list of procedures.

    Parameters
    ----------
    path
        An ``.xlsx`` file. The headings are found by their words, wherever they
        stand; every sheet that has them is read.
    book
        The file's cells where they were read already.

    Returns
    -------
    Portfolio
        Procedures only: code (repaired), name, ministry, agencies and fields
        (joined by ``;``). A code that stands in several rows gives ids with
        ``#2``, ``#3`` …; every row is a procedure or has its fault.

    Raises
    ------
    UnreadableInput
        When the file cannot be read, or no sheet has the headings.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> book.active.append(["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"])
    >>> book.active.append(["1.004222", "Đăng ký thường trú", "Bộ Công an", "Công an xã", "Cư trú"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book.save(Path(folder) / "danh-muc.xlsx")
    ...     read_list(Path(folder) / "danh-muc.xlsx")["1.004222"].ministry
    'Bộ Công an'
    """
    path = Path(path)
    book = read_book(path) if book is None else book
    faults: list[Fault] = list(book.faults)
    columns: dict[str, list[Cell]] = {c: [] for c in dict.fromkeys(_COLUMNS.values())}
    places: list[dict[str, str]] = []
    found_any = False
    for sheet in book.sheets:
        headings = _headings(sheet)
        if headings is None:
            faults += _skipped(path, sheet)
            continue
        found_any = True
        rows = with_numbers(sheet)
        faults += _odd_headings(path, sheet, rows, headings)

        def place(row: int, at: int, title: str = sheet.name) -> str:
            return place_of(path, title, cell_name(row + 1, at + 1))

        kept, left_out = records(rows, headings, _COLUMNS, place, is_list=True)
        faults += left_out
        for at in kept:
            row = rows[at]
            for column, cells in columns.items():
                where = headings.columns.get(column)
                cells.append("" if where is None else row[where])
            places.append(
                {column: place(at, where) for column, where in headings.columns.items()}
                | {"id": place(at, 0)}
            )
    if not found_any:
        raise UnreadableInput(_no_list(path))
    for column in ("ministry", "agency", "field"):
        columns[column] = [join_list(_unwrapped(as_text(cell))) for cell in columns[column]]
    columns["name"] = [nfc(as_text(cell)).strip() for cell in columns["name"]]
    loose = Loose(columns, len(places), lambda row, column: places[row].get(column, ""))
    portfolio = assemble({"procedures": loose}, source=path.name, faults=faults)
    return portfolio.replace(faults=(*portfolio.faults, *_repeated(portfolio, path)))


def _unwrapped(text: str) -> str:
    """Return `text` with a line that goes on in small letters, or after "và", put to its end."""
    lines = nfc(text).split("\n")
    whole = lines[0]
    for line in lines[1:]:
        goes_on = line.lstrip()[:1].islower() or whole.rstrip().endswith((" và", ",", "/"))
        whole += f" {line.lstrip()}" if goes_on else f"\n{line}"
    return whole


def _odd_headings(
    path: Path, sheet: Sheet, rows: Sequence[Sequence[Cell]], headings: Headings
) -> list[Fault]:
    faults: list[Fault] = []
    if "ministry" not in headings.columns:
        faults.append(
            fault_of(
                "reader.missing_column",
                place_of(path, sheet.name),
                "",
                says="reader.missing_column.column_c_quan_ban",
            )
        )
    for at in headings.unknown:
        cell = as_text(rows[headings.row][at])
        if fold(cell) in NUMBERING:
            continue
        faults.append(
            fault_of(
                "reader.unknown_column",
                place_of(path, sheet.name, cell_name(headings.row + 1, at + 1)),
                shorten(cell),
                severity="note",
                says="reader.unknown_column.no_column_read",
            )
        )
    for at, _ in headings.twice:
        faults.append(
            fault_of(
                "reader.duplicate_heading",
                place_of(path, sheet.name, cell_name(headings.row + 1, at + 1)),
                shorten(as_text(rows[headings.row][at])),
                says="reader.duplicate_heading.column_twice_only_first_read",
            )
        )
    return faults


def _skipped(path: Path, sheet: Sheet) -> list[Fault]:
    if not any(any(map(str.strip, row)) for row in sheet.rows):
        return []
    return [
        fault_of(
            "reader.unknown_sheet",
            place_of(path, sheet.name),
            "",
            severity="note",
            says="reader.unknown_sheet.no_sheet_headings_m",
        )
    ]


def _repeated(portfolio: Portfolio, path: Path) -> list[Fault]:
    codes = portfolio.procedures["code"]
    again = codes[codes.duplicated() & (codes != "")].unique()
    return [
        Fault(
            place_of(path),
            code,
            bilingual(
                "readers.code_stands_rows_each", code_text=code, sum=int((codes == code).sum())
            ),
            bilingual("readers.procsim_ids", code_text=", ".join(portfolio.ids(code))),
            "note",
            "list.code_repeated",
        )
        for code in again
    ]


def _no_list(path: Path) -> Fault:
    return fault_of(
        "reader.no_headings", place_of(path), "", says="reader.no_headings.no_row_headings_m"
    )
