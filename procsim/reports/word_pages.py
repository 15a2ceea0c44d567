"""On which page each heading of a Word document stands, as LibreOffice lays it out."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

__all__ = ["find_office", "pages_in_pdf", "pages_of"]

_SECONDS = 120
_NAMES = ("soffice", "libreoffice")
_WINDOWS = ("ProgramFiles", "ProgramFiles(x86)")
_FILTER = (
    'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
)
# A place in a PDF: the name of a bookmark (its underscore may be written 5F), then its page.
_PLACE = re.compile(rb"(?:_|5F)(Toc\d{6})\)?\s*\[\s*(\d+) 0 R")
_PAGES = re.compile(rb"/Type\s*/Pages\b.*?/Kids\s*\[([^\]]*)\]", re.DOTALL)


def find_office() -> Path | None:
    """Return the program of LibreOffice, where there is one."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    for variable in _WINDOWS:
        folder = os.environ.get(variable)
        program = Path(folder) / "LibreOffice" / "program" / "soffice.exe" if folder else None
        if program is not None and program.exists():
            return program
    return None


def pages_of(document: Path, office: Path | None = None) -> Mapping[str, int]:
    """Return the page of each bookmark ``_Toc…`` of a Word document.

    LibreOffice lays out a copy whose pictures are blank, in a window-less process with a
    profile of its own; the document itself is only read.

    Parameters
    ----------
    document
        The .docx file.
    office
        The program; looked for where not given.

    Returns
    -------
    mapping
        Empty where LibreOffice is absent, fails, or takes over two minutes: the page
        numbers are then left to Word.
    """
    office = office or find_office()
    if office is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="procsim-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy = folder / "annex.docx"
        _without_pictures(document, copy)
        command = [
            str(office),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--norestore", "--convert-to", _FILTER),
            *("--outdir", str(folder), str(copy)),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return {}
        printed = copy.with_suffix(".pdf")
        return pages_in_pdf(printed.read_bytes()) if printed.exists() else {}


def pages_in_pdf(pdf: bytes) -> dict[str, int]:
    """Return the page of each bookmark ``_Toc…`` in a PDF file of LibreOffice.

    Examples
    --------
    >>> pages_in_pdf(b"/5FToc000001[7 0 R/XYZ 9 9 0]/Type/Pages/Kids[ 4 0 R 7 0 R ]")
    {'_Toc000001': 2}
    """
    found = _PAGES.search(pdf)
    if found is None:
        return {}
    order = {key: place for place, key in enumerate(re.findall(rb"(\d+) 0 R", found[1]), 1)}
    return {f"_{name.decode()}": order[key] for name, key in _PLACE.findall(pdf) if key in order}


def _without_pictures(document: Path, copy: Path) -> None:
    """Write a copy of a document in which each picture is one white point, of the same size."""
    blank = _white_point()
    with (
        zipfile.ZipFile(document) as source,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
    ):
        for part in source.namelist():
            picture = part.startswith("word/media/")
            made.writestr(part, blank if picture else source.read(part))


def _white_point() -> bytes:
    """Return a PNG picture of one white point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
