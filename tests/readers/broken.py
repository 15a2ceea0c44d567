"""Builders of small bad files, one for each failure; made anew for every test."""

from __future__ import annotations

import gzip
import os
import struct
import time
import zipfile
from pathlib import Path

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def sheet_xml(rows: str, before: str = "", after: str = "", head: str = "") -> str:
    """Return the XML of a sheet around its rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<worksheet {NAMESPACE}>{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def text_cell(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def text_row(row: int, *texts: str) -> str:
    cells = "".join(text_cell(f"{chr(65 + at)}{row}", text) for at, text in enumerate(texts))
    return f'<row r="{row}">{cells}</row>'


def parts(
    sheets: dict[str, str],
    states: dict[str, str] | None = None,
    date_1904: bool = False,
    strings: list[str] | None = None,
    styles: str = "",
) -> dict[str, str]:
    """Return the parts of a workbook by name."""
    states = states or {}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" state="{states.get(name, "visible")}"/>'
        for n, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    made = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{RELATIONS}">'
        f'<workbookPr date1904="{int(date_1904)}"/><sheets>{listed}</sheets></workbook>',
        **{f"xl/worksheets/s{n}.xml": xml for n, xml in enumerate(sheets.values(), 1)},
    }
    if strings is not None:
        related += (
            f'<Relationship Id="rIdS" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        )
        items = "".join(f"<si><t>{text}</t></si>" for text in strings)
        made["xl/sharedStrings.xml"] = f"<sst {NAMESPACE}>{items}</sst>"
    if styles:
        related += f'<Relationship Id="rIdT" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        made["xl/styles.xml"] = f"<styleSheet {NAMESPACE}>{styles}</styleSheet>"
    made["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
    )
    return made


def pack(path: Path, made: dict[str, str | bytes]) -> Path:
    """Write parts into a zip package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    return path


def workbook(
    path: Path,
    rows: str,
    *,
    name: str = "Thủ tục",
    before: str = "",
    after: str = "",
    head: str = "",
    date_1904: bool = False,
    strings: list[str] | None = None,
    styles: str = "",
    extra: dict[str, str | bytes] | None = None,
) -> Path:
    """Write a workbook of one sheet from the XML of its rows."""
    made = parts(
        {name: sheet_xml(rows, before, after, head)},
        date_1904=date_1904,
        strings=strings,
        styles=styles,
    )
    return pack(path, {**made, **(extra or {})})


def good(path: Path) -> Path:
    """Write a small sound workbook."""
    return workbook(path, text_row(1, "Mã số", "Tên") + text_row(2, "001", "Khai sinh"))


def cut(path: Path, share: float = 0.6) -> Path:
    """Cut off the end of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def ole(path: Path, stream: str) -> Path:
    """Write the container of old Office files, its directory naming one stream."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    path.write_bytes(header + stream.encode("utf-16-le") + bytes(512))
    return path


def bomb(path: Path, megabytes: int) -> Path:
    """Write a workbook with a part of spaces that packs a thousandfold."""
    return workbook(path, "", extra={"xl/media/big.bin": b" " * (megabytes * 1024 * 1024)})


def many_parts(path: Path, count: int) -> Path:
    return workbook(path, "", extra={f"xl/media/p{n}.bin": b"" for n in range(count)})


def false_count(path: Path) -> Path:
    """Write a sound workbook whose directory claims 60,000 entries."""
    content = bytearray(good(path).read_bytes())
    struct.pack_into("<HH", content, content.rfind(b"PK\x05\x06") + 8, 60_000, 60_000)
    path.write_bytes(content)
    return path


def entity_bomb(path: Path) -> Path:
    head = (
        '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    )
    return workbook(path, text_row(1, "&c;"), head=head)


def external_entity(path: Path) -> Path:
    head = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return workbook(path, text_row(1, "&e;"), head=head)


def far_cell(path: Path) -> Path:
    return workbook(path, FAR)


def gz(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


# Functions that a child process is asked to run.


def abort() -> None:
    os.abort()


def swell(megabytes: int) -> int:
    kept = []
    for _ in range(megabytes // 10):
        kept.append(b"x" * (10 * 1024 * 1024))
        time.sleep(0.005)
    time.sleep(30)
    return len(kept)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def loaded_modules() -> list[str]:
    import sys

    return sorted(sys.modules)


def write_words_and_return(value: object) -> object:
    os.write(1, b"words on the channel of the answer")
    return value


def refuse() -> None:
    from procsim.errors import Fault, InvalidValue, Text

    raise InvalidValue(Fault("chỗ này", "x", Text("không nhận", "not accepted"), code="a.b"))


def fail() -> None:
    raise ArithmeticError("sai số học")


def process_id() -> int:
    return os.getpid()
