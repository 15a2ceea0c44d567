"""Readers: each kind of file becomes a `Portfolio`, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from procsim.errors import Fault, Text, UnreadableInput
from procsim.model import Portfolio
from procsim.readers import gates
from procsim.readers.archive import read_packed
from procsim.readers.folder import read_folder, write_folder
from procsim.readers.limits import place_of
from procsim.readers.lists import is_list, read_list
from procsim.readers.portal import read_portal
from procsim.readers.tables import Book, read_book, read_csv_text
from procsim.readers.template import write_template
from procsim.readers.workbook import read_workbook, write_workbook

__all__ = [
    "read",
    "read_folder",
    "read_list",
    "read_portal",
    "read_workbook",
    "write_folder",
    "write_template",
    "write_workbook",
]


def read(path: str | Path, progress: Callable[[int], None] | None = None) -> Portfolio:
    """Read any supported input; what it is decides its content, not its ending.

    Parameters
    ----------
    path
        Portal records (``.json``, ``.jsonl``, gzipped, or a folder of these),
        a procsim workbook, an official list (workbook or CSV), or a folder of CSV,
        also packed as a ZIP file.
    progress
        Called with the number of records read, by readers of many records.

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
    path = Path(path)
    kind = gates.inspect(path)
    if kind == "folder":
        csv_files = any(p.suffix.lower() == ".csv" for p in path.iterdir())
        return read_folder(path) if csv_files else read_portal(path, progress)
    if kind == "xlsx":
        book = read_book(path)
        return read_list(path, book) if is_list(book.sheets) else read_workbook(path, book)
    if kind == "zip":
        return read_packed(path)
    if kind == "csv":
        sheet = read_csv_text(path)
        if not is_list((sheet,)):
            raise UnreadableInput(_lone_text(path))
        return read_list(path, Book((sheet,), sheet.faults))
    return read_portal(path, progress)


def _lone_text(path: Path) -> Fault:
    return Fault(
        place_of(path),
        "",
        Text(
            "Tệp văn bản này không phải danh sách thủ tục: không thấy cột “Mã số” và “Tên”.",
            "This text file is no list of procedures: the columns “Mã số” and “Tên” are not there.",
        ),
        Text(
            "Với thư mục CSV của procsim, hãy chọn cả thư mục có procedures.csv (hoặc tệp .zip của "
            "thư mục ấy); hoặc dùng sổ tính .xlsx, bản ghi .json, .jsonl, .gz.",
            "For procsim's folder of CSV choose the whole folder that holds procedures.csv (or its "
            ".zip); or use an .xlsx workbook or .json, .jsonl, .gz records.",
        ),
        code="reader.lone_text",
    )
