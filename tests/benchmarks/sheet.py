"""A sheet of 60,000 rows: our reader, in its watched child, beside openpyxl.

Ours looks at the package before it unpacks it, scans every part for what a table hides,
and parses in a process that may be stopped; openpyxl reads the values and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook, load_workbook

from procsim.readers.tables import read_book
from tests.benchmarks.table import Row
from tests.benchmarks.timing import in_turns

__all__ = ["rows", "write_sheet"]

_HEADINGS = (
    "Mã số",
    "Tên",
    "Cơ quan ban hành",
    "Cơ quan thực hiện",
    "Lĩnh vực",
    "Ngày",
    "Số",
    "Phí",
)


def write_sheet(path: Path, count: int) -> None:
    """Write a sheet with texts as official lists have them, and two columns of numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh mục")
    sheet.append(_HEADINGS)
    for n in range(count - 1):
        sheet.append(
            (
                f"1.{n:06d}",
                f"Thủ tục cấp giấy chứng nhận đủ điều kiện số {n}",
                f"Bộ {n % 22}",
                f"Ủy ban nhân dân xã {n % 3321}",
                f"Lĩnh vực {n % 110}",
                f"{1 + n % 28:02d}/07/2025",
                n,
                n * 0.25,
            )
        )
    book.save(path)


def _read_openpyxl(path: Path) -> list[tuple[object, ...]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        return [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    count = 300 if quick else 60_000
    with TemporaryDirectory(prefix="procsim-") as folder:
        path = Path(folder) / "danh-muc.xlsx"
        write_sheet(path, count)
        made, wanted = read_book(path).sheets[0].rows, _read_openpyxl(path)
        assert len(made) == len(wanted) == count
        assert made[7][:5] == list(wanted[7][:5])
        ours, plain = in_turns(
            (lambda: read_book(path), 1),
            (lambda: _read_openpyxl(path), 1),
            rounds=1 if quick else 3,
        )
    work = f"read a workbook of {count:,} rows and {len(_HEADINGS)} columns"
    return [Row(work, ours, plain, "openpyxl, read-only, values only")]
