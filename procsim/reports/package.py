"""Put the sheets' cells into the package that openpyxl has made of all the rest.

openpyxl writes styles, names, charts, print settings and conditional formats, but it
cannot write a formula together with its value. The cells are therefore written here,
straight into the XML of each sheet, so that a reader that does not compute (a preview
pane, pandas) sees the figures that procsim computed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from procsim.readers.writing import replace_file

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["Cells", "save"]

_EMPTY = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"\s*/>')
_CHUNK = 1 << 20


class Cells(Protocol):
    """One sheet's cells."""

    @property
    def extent(self) -> str:
        """The rectangle that holds every cell, such as ``"A1:H30"``."""
        ...

    def rows_xml(self) -> Iterable[str]:
        """Yield each row as XML, from top to bottom."""
        ...


def save(book: Workbook, pages: Sequence[Cells], path: Path) -> None:
    """Write a workbook whole or not at all; `pages` are its sheets in their order.

    Raises
    ------
    ProcsimError
        When the file cannot be written; an existing one stays as it was.
    """
    skeleton = BytesIO()
    book.save(skeleton)
    skeleton.seek(0)
    of_part = {f"xl/worksheets/sheet{at}.xml": page for at, page in enumerate(pages, 1)}
    replace_file(path, lambda beside: _fill(skeleton, of_part, beside))


def _fill(skeleton: BytesIO, of_part: dict[str, Cells], path: Path) -> None:
    with (
        zipfile.ZipFile(skeleton) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as made,
    ):
        for part in source.infolist():
            content = source.read(part)
            page = of_part.get(part.filename)
            # Without the time of today; a date before 1980 a zip file cannot hold.
            name = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            name.compress_type = zipfile.ZIP_DEFLATED
            with made.open(name, "w") as stream:
                for chunk in [content] if page is None else _sheet(content, page):
                    stream.write(chunk)


def _sheet(content: bytes, page: Cells) -> Iterable[bytes]:
    """Yield a sheet's XML with its cells in place of the empty table."""
    extent = f'<dimension ref="{page.extent}"/>'.encode()
    content = _DIMENSION.sub(lambda _: extent, content, count=1)
    found = _EMPTY.search(content)
    if found is None:  # a sheet of openpyxl always has its table; a new release may differ
        raise ValueError(content[:200])
    yield content[: found.start()] + b"<sheetData>"
    waiting: list[str] = []
    size = 0
    for row in page.rows_xml():
        waiting.append(row)
        size += len(row)
        if size > _CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode() + b"</sheetData>" + content[found.end() :]
