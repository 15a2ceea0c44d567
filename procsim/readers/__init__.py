"""Readers: each kind of file becomes a `Portfolio`, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from procsim.errors import Fault, UnreadableInput
from procsim.language.i18n import fault_of
from procsim.model import Portfolio
from procsim.readers.archive import read_packed
from procsim.readers.folder import left_out, read_folder, write_folder
from procsim.readers.gates import examine as gates
from procsim.readers.gates.examine import Examination, Source
from procsim.readers.gates.limits import DEFAULT, Limits, place_of
from procsim.readers.lists import is_list, read_list
from procsim.readers.portal import RECORDS, read_portal
from procsim.readers.tables import Book, read_book, read_csv_text
from procsim.readers.template import write_template
from procsim.readers.workbook import read_workbook, write_workbook

__all__ = [
    "Limits",
    "read",
    "read_folder",
    "read_list",
    "read_portal",
    "read_workbook",
    "write_folder",
    "write_template",
    "write_workbook",
]


def read(
    path: Source, progress: Callable[[int], None] | None = None, *, limits: Limits = DEFAULT
) -> Portfolio:
    """Read any supported input; what it is decides its content, not its ending.

    Parameters
    ----------
    path
        Portal records (``.json``, ``.jsonl``, gzipped, or a folder of these),
        a procsim workbook, an official list (workbook or CSV), or a folder of CSV,
        also packed as a ZIP file; or what `procsim.readers.gates.examine.examine` found of it.
    progress
        Called with the number of records read, by readers of many records.
    limits
        How much is read at most: sizes, cells, memory and seconds; see `Limits`.

    Returns
    -------
    Portfolio
        Not yet marked, with everything doubtful in ``faults``.

    Raises
    ------
    UnreadableInput
        When it cannot be read at all; the message says why and what to do.

    Examples
    --------
    >>> import json
    >>> import tempfile
    >>> record = {
    ...     "code": "1.004222",
    ...     "name": "Đăng ký thường trú",
    ...     "departmentPromulgateName": "Bộ Công an",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "thu-tuc.json"
    ...     size = place.write_text(json.dumps([record]), encoding="utf-8")
    ...     read(place)["1.004222"].name
    'Đăng ký thường trú'
    """
    seen = gates.examine(path, limits)
    path = seen.path
    if seen.kind == "folder":
        return _read_tree(seen, progress, limits)
    if seen.kind == "xlsx":
        book = read_book(seen, limits)
        return read_list(path, book) if is_list(book.sheets) else read_workbook(path, book)
    if seen.kind == "zip":
        return read_packed(path, limits)
    if seen.kind == "csv":
        sheet = read_csv_text(seen, limits)
        if not is_list((sheet,)):
            raise UnreadableInput(_lone_text(path))
        return read_list(path, Book((sheet,), sheet.faults))
    return read_portal(seen, progress, limits)


def _read_tree(
    seen: Examination, progress: Callable[[int], None] | None, limits: Limits
) -> Portfolio:
    """Read a folder: tables in it or in one folder below it, else records wherever they lie."""
    homes = {name.rpartition("/")[0] for name in seen.parts if name.lower().endswith(".csv")}
    if "" in homes:
        return read_folder(seen.path, limits)
    if len(homes) != 1 or any(name.lower().endswith(RECORDS) for name in seen.parts):
        return read_portal(seen, progress, limits)
    (home,) = homes
    portfolio = read_folder(seen.path / home, limits)
    others = [name for name in seen.parts if not name.startswith(f"{home}/")]
    notes = [left_out(name) for name in others]
    return portfolio.replace(faults=(*portfolio.faults, *notes))


def _lone_text(path: Path) -> Fault:
    return fault_of("reader.lone_text", place_of(path), "")
