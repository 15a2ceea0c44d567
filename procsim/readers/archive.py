"""A folder of CSV files packed as one ZIP file, as officers send it by mail.

The gates have looked at its directory; here the names are read as they were meant,
and the tables are unpacked, bounded, in a child process, into a folder that is
read like any other. Nothing is written under a name from the archive.
"""

from __future__ import annotations

import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio
from procsim.readers.folder import read_folder
from procsim.readers.gates.child import run_in_child
from procsim.readers.gates.limits import DEFAULT, Limits, place_of
from procsim.readers.gates.packages import is_of_system, safe_name
from procsim.readers.gates.sheets import damaged

_PACKED = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".xlsx", ".xlsm", ".xls")
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 1 << 20
_UTF8 = 0x800
_UNICODE_PATH = 0x7075


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive: its name as it was meant, and where it stands there."""

    name: PurePosixPath
    info: zipfile.ZipInfo


def read_packed(path: Path, limits: Limits = DEFAULT) -> Portfolio:
    """Read a folder of CSV files that was packed as one ZIP file.

    Parameters
    ----------
    path
        The archive, let through by `procsim.readers.gates.examine`. The files may lie in one
        folder inside it; what is no CSV file is not read, and told.
    limits
        The bounds of the reading.

    Returns
    -------
    Portfolio
        As `procsim.readers.read_folder` gives for the folder.

    Raises
    ------
    UnreadableInput
        ``zip.nested``, ``zip.folders``, ``zip.method``, ``zip.link``, ``zip.overlap``,
        ``file.zip_duplicate`` or ``file.truncated``, and what `read_folder` and
        `procsim.readers.gates.child.run_in_child` raise.
    """
    with tempfile.TemporaryDirectory(prefix="procsim-") as made:
        folder = Path(made) / safe_name(path.stem)
        folder.mkdir()
        left = run_in_child(
            _unpack,
            *(str(path.resolve()), str(folder)),
            memory_bytes=limits.child_bytes,
            seconds=limits.child_seconds,
            place=place_of(path),
        )
        portfolio = read_folder(folder, limits)
    notes = tuple(_left(path, name) for name in left)
    return portfolio.replace(source=path.name, faults=(*portfolio.faults, *notes))


def _unpack(source: str, target: str) -> list[str]:
    """Unpack the tables into a folder; return the names of the files that are none."""
    path, folder = Path(source), Path(target)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [_Member(_meant(info), info) for info in archive.infolist()]
            members = [each for each in members if not each.info.is_dir() and not _hidden(each)]
            tables = [each for each in members if each.name.suffix.lower() == ".csv"]
            _check(path, members, tables)
            for each in tables:
                _write(path, archive, each, folder / safe_name(each.name.name))
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise damaged(place_of(path), error) from error
    return [str(each.name) for each in members if each not in tables]


def _meant(info: zipfile.ZipInfo) -> PurePosixPath:
    """Return the name of a file as its packer meant it.

    A name without the flag of UTF-8 is CP437 by the standard, but macOS and many
    programs write UTF-8 all the same, and Info-ZIP puts it into a field of its own.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437")
        try:
            name = (_unicode_path(info.extra, raw) or raw).decode("utf-8")
        except UnicodeDecodeError:
            name = info.orig_filename
    return PurePosixPath(name.replace("\\", "/"))


def _unicode_path(extra: bytes, raw: bytes) -> bytes:
    """Return the name in UTF-8 that Info-ZIP adds, if it was made for this name."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(body) > 5:
            version, checksum = struct.unpack_from("<BL", body)
            if version == 1 and checksum == zlib.crc32(raw):
                return body[5:]
    return b""


def _hidden(member: _Member) -> bool:
    """Return whether a file is one that systems add by themselves."""
    return any(step != ".." and is_of_system(step) for step in member.name.parts)


def _check(path: Path, members: list[_Member], tables: list[_Member]) -> None:
    """Refuse an archive that is more, or other, than one folder of tables."""
    place = place_of(path)
    faults = [
        fault for each in members for fault in _member_faults(place, each, is_table=each in tables)
    ]
    folders = sorted({str(each.name.parent) for each in tables})
    if len(folders) > 1:
        faults.append(_fault(place, "folders", ", ".join(folders)))
    if sum(each.info.compress_size for each in members) > path.stat().st_size:
        faults.append(_fault(place, "overlap", ""))
    names: set[str] = set()
    for each in tables:
        name = safe_name(each.name.name).casefold()
        if name in names:
            faults.append(_fault(place, "twice", str(each.name)))
        names.add(name)
    if faults:
        raise UnreadableInput(faults)


def _member_faults(place: str, member: _Member, *, is_table: bool) -> list[Fault]:
    name, info = str(member.name), member.info
    faults = []
    if ".." in member.name.parts or member.name.is_absolute():
        faults.append(_fault(place, "outside", name))
    if member.name.suffix.lower() in _PACKED:
        faults.append(_fault(place, "nested", name))
    if stat.S_ISLNK(info.external_attr >> 16):
        faults.append(_fault(place, "link", name))
    if is_table and info.compress_type not in _WAYS:
        faults.append(_fault(place, "method", name))
    return faults


def _write(path: Path, archive: zipfile.ZipFile, member: _Member, target: Path) -> None:
    """Unpack one file; never more of it than the directory declares."""
    with archive.open(member.info) as source, target.open("wb") as sink:
        chunk = source.read(_CHUNK)
        if chunk.startswith(_MAGIC):
            raise UnreadableInput(_fault(place_of(path), "nested", str(member.name)))
        while chunk:
            sink.write(chunk)
            chunk = source.read(_CHUNK)


def _left(path: Path, name: str) -> Fault:
    return replace(_fault(place_of(path), "left", name), severity="note")


_SAID: dict[str, tuple[Text, Text]] = {
    "nested": (
        bilingual("readers.archive_holds_another_archive"),
        bilingual("readers.unpack_pack_folder_csv"),
    ),
    "folders": (
        bilingual("readers.archive_holds_csv_files"),
        bilingual("readers.pack_folder_csv_alone"),
    ),
    "method": (
        bilingual("readers.no_file_packed_way"),
        bilingual("readers.pack_again_windows_send"),
    ),
    "link": (
        bilingual("readers.no_archive_holds_link"),
        bilingual("readers.pack_csv_files_themselves"),
    ),
    "overlap": (
        bilingual("readers.parts_archive_share_their"),
        bilingual("readers.no_use_file_ask"),
    ),
    "outside": (
        bilingual("readers.archive_holds_path_leads"),
        bilingual("readers.no_use_file_ask"),
    ),
    "twice": (
        bilingual("readers.two_files_archive_carry"),
        bilingual("readers.rename_them_pack_folder"),
    ),
    "left": (bilingual("readers.no_file_archive_csv"), bilingual("readers.save_csv_if_needed")),
}


def _fault(place: str, code: str, value: str) -> Fault:
    message, cure = _SAID[code]
    return Fault(place, shorten(value), message, cure, code=f"zip.{code}")
