"""The gates that every file passes, in a fixed order, before a parser may read it.

Limit on bytes → what the file really is, by content and not by ending → the zip
directory (sum of sizes, ratio, parts, names) → a streamed scan of the XML for
document types and for the farthest cell. What passes is read in a child process
(`procsim.readers.gates.child`).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.readers.gates.limits import DEFAULT, Limits, place_of, refusal, size_text
from procsim.readers.gates.packages import files_in, gzip_head, safe_name, too_many_parts, zip_parts
from procsim.readers.gates.sheets import WorkbookScan, scan_workbook
from procsim.readers.gates.strict_json import open_json

__all__ = ["DEFAULT", "Examination", "Limits", "Source", "examine", "inspect", "safe_name"]


PLANES = b"\x00\x01\x03\x1e\x20"
"""High bytes of the letters and signs of Vietnamese text in UTF-16."""
HEAD = 1 << 16

KINDS = {
    "xlsx": bilingual("readers.excel_workbook_xlsx"),
    "json": bilingual("readers.json_json"),
    "jsonl": bilingual("readers.json_lines_jsonl"),
    "json.gz": bilingual("readers.gzip_gz"),
    "csv": bilingual("readers.plain_text_csv"),
    "zip": bilingual("readers.zip_archive_zip"),
}

ENDINGS = {
    ".xlsx": ("xlsx",),
    ".xlsm": ("xlsx",),
    ".json": ("json", "jsonl"),
    ".jsonl": ("jsonl", "json"),
    ".ndjson": ("jsonl", "json"),
    ".gz": ("json.gz",),
    ".csv": ("csv",),
    ".tsv": ("csv",),
    ".zip": ("zip", "xlsx"),
    ".xls": (),
    ".xlsb": (),
    ".ods": (),
    ".docx": (),
    ".doc": (),
    ".pdf": (),
}

FOREIGN = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
)

JSON_START = re.compile(r'\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[{\["\]]|-?\d|$))')
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Examination:
    """What the gates found out about a file that passed them.

    It travels on: every reader takes it in place of the path, and looks no second time.

    Parameters
    ----------
    path
        The file or folder.
    kind
        ``"xlsx"``, ``"json"``, ``"jsonl"``, ``"json.gz"``, ``"csv"``, ``"zip"`` (a packed
        folder of CSV) or ``"folder"``.
    size
        Bytes on disk; of a folder, of all its files.
    unpacked
        Bytes after unpacking; `size` where nothing is packed.
    parts
        Names of the files in a package or a folder.
    lines
        Number of lines where JSON, packed or not, holds one record a line; else 0.
    scan
        What the scan of a workbook saw, `None` for other kinds.
    faults
        Warnings and notes that do not stop the reading.
    """

    path: Path
    kind: str
    size: int = 0
    unpacked: int = 0
    parts: tuple[str, ...] = ()
    lines: int = 0
    scan: WorkbookScan | None = None
    faults: tuple[Fault, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file in hexadecimal; equal files are read once."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


Source = str | Path | Examination
"""What a reader takes: a path, or what the gates found out about it."""


def inspect(path: Path | str, limits: Limits = DEFAULT) -> str:
    """Send a file through the gates and return what it is.

    Parameters
    ----------
    path
        A file or a folder.
    limits
        The bounds of the reading.

    Returns
    -------
    str
        ``"xlsx"``, ``"json"``, ``"jsonl"``, ``"json.gz"`` (JSON or JSON Lines,
        packed), ``"csv"``, ``"zip"`` (a packed folder of CSV) or ``"folder"``.

    Raises
    ------
    UnreadableInput
        With a fault whose code begins with ``file.``: ``missing``, ``unreachable``,
        ``too_large``, ``empty``, ``truncated``, ``wrong_extension``, ``not_supported``,
        ``encrypted``, ``macros``, ``old_xls``, ``zip_bomb``, ``too_many_parts``,
        ``zip_slip``, ``zip_duplicate``, ``doctype``, ``far_cell``, ``too_many_cells``,
        ``too_many_sheets``, ``over_excel_limits``.
    """
    return examine(path, limits).kind


def examine(path: Source, limits: Limits = DEFAULT) -> Examination:
    """Do what `inspect` does, and return also what was seen on the way.

    An `Examination` comes back as it is: what was examined once is not opened again.
    """
    if isinstance(path, Examination):
        return path
    path = Path(path)
    place = place_of(path)
    try:
        if path.is_dir():
            return _folder(path, limits)
        if not path.exists():
            raise refusal(
                place,
                "file.missing",
                bilingual("readers.no_file_found"),
                bilingual("readers.check_file_name_folder"),
                path.name,
            )
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise _too_large(place, size, limits.file_bytes)
        with path.open("rb") as stream:
            return _by_content(path, stream, limits)
    except OSError as error:
        raise refusal(
            place,
            "file.unreachable",
            bilingual("readers.no_file_could_opened"),
            bilingual("readers.close_file_if_excel"),
            error.strerror or type(error).__name__,
        ) from error


def _by_content(path: Path, stream: BinaryIO, limits: Limits) -> Examination:
    head = stream.read(HEAD)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise _empty(place_of(path))
    if head.startswith(OLE):
        raise _ole(path, head, stream)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path, stream, limits)
    if head.startswith(b"\x1f\x8b"):
        _check_ending(path, "json.gz", KINDS["json.gz"])
        return _gzip(path, limits)
    size = path.stat().st_size
    for magic, name in FOREIGN:
        if head.startswith(magic):
            raise _not_supported(path, bilingual("readers.file", name=name))
    kind = _text_kind(path, head, limits)
    _check_ending(path, kind, KINDS[kind])
    if kind == "csv" and size > limits.csv_bytes:
        raise _too_large(place_of(path), size, limits.csv_bytes)
    lines = 0
    if kind == "jsonl":
        stream.seek(0)
        lines = 1 + sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(HEAD), b""))
    return Examination(path, kind, size, size, lines=lines)


def _text_kind(path: Path, head: bytes, limits: Limits) -> str:
    encoding = json.detect_encoding(head[:4])
    if not encoding.startswith("utf-8"):
        text = head.decode(encoding, errors="replace").lstrip("\ufeff")
        if JSON_START.match(text) or text.lstrip()[:1] == "{":
            return "json" if text.lstrip()[:1] == "[" else _lines_or_whole(path, limits)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_utf16(head):
        return "csv"
    # A stray NUL does not make a text binary; whoever reads the text names its line.
    controls = sum(0 < byte < 9 or 14 <= byte < 32 for byte in head)
    if controls * 20 > len(head) or head.count(0) * 10 > len(head) * 6:
        raise _not_supported(path, bilingual("readers.unknown_binary_data"))
    text = head.decode("utf-8-sig", errors="replace")
    if text.lstrip()[:1] == "<":
        raise _not_supported(path, bilingual("readers.html_xml_page"))
    if not JSON_START.match(text):
        return "csv"
    if text.lstrip()[:1] == "[":
        return "json"
    return _lines_or_whole(path, limits)


def _lines_or_whole(path: Path, limits: Limits) -> str:
    if path.suffix.casefold() in (".jsonl", ".ndjson"):
        return "jsonl"
    with open_json(path) as stream:
        return "jsonl" if _holds_lines(stream, limits) else "json"


def _holds_lines(stream: BinaryIO, limits: Limits) -> bool:
    """Whether JSON begins with one record a line; no line is held beyond its bound."""
    lines = (stream.readline(limits.json_line_bytes) for _ in range(1_000))
    filled = (bare for line in lines if (bare := line.strip(b"\xef\xbb\xbf \t\r\n")))
    # Only the ends of the first line stay, so that not two long ones are held at once.
    first, following = [*(line[:1] + line[-1:] for line in islice(filled, 2)), b"", b""][:2]
    return first == b"{}" and following.startswith(b"{")


def utf16_codec(content: bytes) -> str:
    """Return the codec of text in UTF-16, with its mark or without, ``""`` for other text.

    Without the mark it is known by the high bytes: Vietnamese needs few of them,
    most of them NUL, and on one side of each pair only.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:HEAD]
    low, high = head[::2], head[1::2]
    for codec, letters, planes in (("utf-16-le", low, high), ("utf-16-be", high, low)):
        usual = sum(map(planes.count, PLANES))
        if planes.count(0) * 5 > len(planes) and usual * 50 > len(planes) * 49 and 0 not in letters:
            return codec
    return ""


def _looks_utf16(head: bytes) -> bool:
    return bool(utf16_codec(head))


def _check_ending(path: Path, kind: str, name: Text) -> None:
    """Refuse a file whose ending claims another kind than its content."""
    ending = path.suffix.casefold()
    if kind in ENDINGS.get(ending, (kind,)):
        return
    right = {"json.gz": ".gz"}.get(kind, f".{kind}")
    raise refusal(
        place_of(path),
        "file.wrong_extension",
        bilingual("readers.file_ending_but_content", ending=ending, name=name),
        bilingual("readers.rename_ending_choose_right", right=right),
        path.name,
        path.with_suffix(right).name,
    )


def _not_supported(path: Path, name: Text, ending_is_right: bool = False) -> UnreadableInput:
    claims = () if ending_is_right else ENDINGS.get(path.suffix.casefold())
    code = "file.wrong_extension" if claims else "file.not_supported"
    ending = path.suffix.casefold()
    return refusal(
        place_of(path),
        code,
        Text(
            (f"Đuôi tệp là {ending} nhưng nội dung là " if claims else "Không đọc được ") + name.vi,
            (f"The file's ending is {ending} but its content is " if claims else "Cannot read ")
            + name.en,
        ),
        bilingual("readers.use_xlsx_csv_utf"),
        path.name,
    )


def _empty(place: str) -> UnreadableInput:
    return refusal(
        place,
        "file.empty",
        bilingual("readers.file_empty"),
        bilingual("readers.choose_another_file_download"),
    )


def _too_large(place: str, size: int, limit: int) -> UnreadableInput:
    return refusal(
        place,
        "file.too_large",
        bilingual("readers.file_too_large_limit", size=size_text(size), limit=size_text(limit)),
        bilingual("readers.split_into_smaller_files"),
        f"{size} byte",
    )


def _ole(path: Path, chunk: bytes, stream: BinaryIO) -> UnreadableInput:
    """Return the error for the container of old Office files and of encrypted new ones."""
    found: set[str] = set()
    before = b""
    while chunk:
        names = ("EncryptedPackage", "Book", "Workbook")
        found.update(name for name in names if name.encode("utf-16-le") in before + chunk)
        before, chunk = chunk[-64:], stream.read(HEAD)
    if "EncryptedPackage" in found:
        return _encrypted(path)
    if found:
        return refusal(
            place_of(path),
            "file.old_xls",
            bilingual("readers.file_old_excel_format"),
            bilingual("readers.open_excel_choose_save"),
            path.name,
            path.with_suffix(".xlsx").name,
        )
    return _not_supported(path, bilingual("readers.old_office_file"))


def _encrypted(path: Path) -> UnreadableInput:
    return refusal(
        place_of(path),
        "file.encrypted",
        bilingual("readers.file_protected_password_encrypted"),
        bilingual("readers.open_excel_file_info"),
        path.name,
    )


def _folder(path: Path, limits: Limits) -> Examination:
    total = 0
    names: list[str] = []
    for entry in files_in(path):
        names.append(entry.relative_to(path).as_posix())
        count = len(names)
        total += entry.stat().st_size
        if count > limits.parts:
            raise too_many_parts(place_of(path), count, limits)
    if total > limits.unpacked_bytes:
        raise _too_large(place_of(path), total, limits.unpacked_bytes)
    if not names:
        raise refusal(
            place_of(path),
            "file.empty",
            bilingual("readers.folder_empty"),
            bilingual("readers.choose_folder_holds_data"),
        )
    return Examination(path, "folder", total, total, tuple(sorted(names)))


def _zip(path: Path, stream: BinaryIO, limits: Limits) -> Examination:
    parts = zip_parts(path, stream, limits)
    if any(part.flag_bits & 0x1 for part in parts):
        raise _encrypted(path)
    names = {part.filename.casefold() for part in parts}
    packed, unpacked = tuple(part.filename for part in parts), sum(p.file_size for p in parts)
    size = path.stat().st_size
    if "xl/workbook.xml" not in names:
        if "[content_types].xml" in names or not any(name.endswith(".csv") for name in names):
            raise _not_supported(path, _zip_name(names), path.suffix.casefold() == ".zip")
        _check_ending(path, "zip", KINDS["zip"])
        return Examination(path, "zip", size, unpacked, packed)
    macro = next(
        (n for n in sorted(names) if n.endswith("vbaproject.bin") or n.startswith("xl/macro")), ""
    )
    if macro:
        raise _macros(path, macro)
    _check_ending(path, "xlsx", KINDS["xlsx"])
    scan = scan_workbook(path, limits)
    notes = tuple(_notes(path, scan))
    return Examination(path, "xlsx", size, unpacked, packed, scan=scan, faults=notes)


def _zip_name(names: set[str]) -> Text:
    if any(name.startswith("word/") for name in names):
        return bilingual("readers.word_document_docx")
    if "xl/workbook.bin" in names:
        return bilingual("readers.binary_excel_workbook_xlsb")
    if {"manifest.json", "sha256"} <= names:
        return bilingual("readers.procsim_project_open_page")
    if "mimetype" in names:
        return bilingual("readers.opendocument_file_ods_odt")
    return bilingual("readers.no_zip_archive_excel")


def _macros(path: Path, part: str) -> UnreadableInput:
    return refusal(
        place_of(path),
        "file.macros",
        bilingual("readers.no_file_holds_macros"),
        bilingual("readers.open_excel_choose_save_xlsx_without"),
        part,
        path.with_suffix(".xlsx").name,
    )


def _notes(path: Path, scan: WorkbookScan) -> list[Fault]:
    """Return what an officer should know about a workbook that may be read."""
    faults = []
    if scan.external:
        faults.append(
            fault_of(
                "file.external_links",
                place_of(path),
                shorten(", ".join(scan.external)),
                severity="warning",
            )
        )
    faults.extend(
        fault_of(
            "file.hidden_sheet", place_of(path, sheet.name), shorten(sheet.name), severity="warning"
        )
        for sheet in scan.sheets
        if sheet.hidden
    )
    return faults


def _gzip(path: Path, limits: Limits) -> Examination:
    head, unpacked, breaks = gzip_head(path, limits)
    if not head.strip():
        raise _empty(place_of(path))
    text = head.decode(json.detect_encoding(head[:4]), errors="replace").lstrip("\ufeff")
    if not JSON_START.match(text):
        raise _not_supported(path, bilingual("readers.no_gzip_file_hold"), ending_is_right=True)
    is_lines = ".jsonl" in path.name.lower()
    if not is_lines:
        with open_json(path) as stream:
            is_lines = _holds_lines(stream, limits)
    lines = breaks + 1 if is_lines else 0
    return Examination(path, "json.gz", path.stat().st_size, unpacked, lines=lines)
