"""LibreOffice without a window, as the second program that reads our workbooks."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

__all__ = [
    "convert",
    "formulas_of",
    "needs_libreoffice",
    "needs_writer",
    "parts_of",
    "place",
    "sheet_names",
    "values_of",
    "with_inputs",
]

_SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
_SECONDS = 180

needs_libreoffice = pytest.mark.skipif(
    _SOFFICE is None, reason="LibreOffice (soffice) is not on this machine"
)


def _has_writer() -> bool:
    return _SOFFICE is not None and any(Path(_SOFFICE).resolve().parent.glob("*swlo*"))


needs_writer = pytest.mark.skipif(
    not _has_writer(), reason="LibreOffice Writer is not on this machine"
)

# Without this LibreOffice believes the values that stand beside the formulas.
_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def convert(path: Path, folder: Path, ending: str = "xlsx") -> Path:
    """Open a workbook, compute every formula anew, and save it into `folder`."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    settings = profile / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.write_text(_RECALCULATE, encoding="utf-8")
    made = folder / "out"
    subprocess.run(
        [
            str(_SOFFICE),
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--norestore", "--convert-to", ending, "--outdir", str(made)),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=_SECONDS,
    )
    return made / f"{path.stem}.{ending}"


def parts_of(path: Path, folder: str) -> dict[str, str]:
    """Return the parts of a package that stand in `folder`, as texts."""
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name.startswith(folder)]
        return {name: package.read(name).decode() for name in names if name.endswith(".xml")}


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets in their order."""
    return re.findall(
        r'<sheet [^>]*?name="([^"]*)"', parts_of(path, "xl/workbook")["xl/workbook.xml"]
    )


def formulas_of(path: Path) -> dict[str, dict[str, str]]:
    """Return the formulas of one of our workbooks by sheet and address."""
    sheets = parts_of(path, "xl/worksheets/sheet")
    return {
        name: dict(
            re.findall(r'<c r="(\w+)"[^>]*><f>(.*?)</f>', sheets[f"xl/worksheets/sheet{at}.xml"])
        )
        for at, name in enumerate(sheet_names(path), 1)
    }


def values_of(path: Path) -> dict[str, list[list[object]]]:
    """Return what a program that computes nothing reads, by sheet."""
    book = CalamineWorkbook.from_path(str(path))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def place(address: str) -> tuple[int, int]:
    """Return row and column of an address such as ``"B7"``, both from 0."""
    letters, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", address).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def with_inputs(path: Path, made: Path, inputs: Mapping[tuple[str, str], float]) -> Path:
    """Write a copy of one of our workbooks with other numbers in some of its cells.

    The values beside the formulas stay those of before: only a program that computes
    sees what the inputs do.
    """
    names = sheet_names(path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            text = source.read(part)
            for (sheet, address), number in inputs.items():
                if part == f"xl/worksheets/sheet{names.index(sheet) + 1}.xml":
                    cell = rf'<c r="{address}" s="(\d+)"[^>]*?>.*?</c>'
                    new = rf'<c r="{address}" s="\1"><v>{number!r}</v></c>'
                    changed, count = re.subn(cell, new, text.decode(), count=1)
                    assert count == 1, (sheet, address)
                    text = changed.encode()
            copy.writestr(part, text)
    return made
