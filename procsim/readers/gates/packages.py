"""Packed files: what their directory declares, before anything is unpacked."""

from __future__ import annotations

import gzip
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from procsim.errors import UnreadableInput
from procsim.language.i18n import bilingual
from procsim.readers.gates.limits import Limits, place_of, refusal, size_text
from procsim.readers.gates.sheets import damaged

HEAD = 1 << 16
CHUNK = 1 << 18


def zip_parts(path: Path, stream: BinaryIO, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the parts of a zip package whose directory is sound.

    Parameters
    ----------
    path
        The file.
    stream
        The same file, open for reading bytes.
    limits
        The bounds of the reading.

    Returns
    -------
    list of ZipInfo
        Its parts; none has been unpacked.

    Raises
    ------
    UnreadableInput
        ``file.truncated``, ``file.too_many_parts``, ``file.zip_bomb``,
        ``file.zip_slip`` or ``file.zip_duplicate``.
    """
    place = place_of(path)
    count, directory_bytes = _directory(stream)
    # A name in the directory may be 64 KB long; ours are short.
    if count > limits.parts or directory_bytes > limits.parts * 512:
        raise too_many_parts(place, count, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, struct.error, NotImplementedError, UnicodeDecodeError) as error:
        raise damaged(place, error) from error
    if len(parts) > limits.parts:
        raise too_many_parts(place, len(parts), limits)
    packed = sum(part.compress_size for part in parts)
    check_bomb(place, packed, sum(part.file_size for part in parts), limits)
    _check_names(place, parts)
    return parts


def _directory(stream: BinaryIO) -> tuple[int, int]:
    """Return how many entries a zip directory declares and its size, without reading it."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 66_000))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return 0, 0  # no directory: zipfile will say that the file is cut off
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if large >= 0 and len(tail) - large >= 56:
        count, directory_bytes = struct.unpack_from("<QQ", tail, large + 32)
    return count, directory_bytes


def check_bomb(place: str, packed: int, unpacked: int, limits: Limits) -> None:
    """Refuse content that unpacks to too much, or from suspiciously little."""
    ratio = unpacked / max(packed, 1)
    swollen = unpacked > limits.ratio_from_bytes and ratio > limits.ratio
    if unpacked <= limits.unpacked_bytes and not swollen:
        return
    raise refusal(
        place,
        "file.zip_bomb",
        bilingual(
            "readers.file_unpacks_least_times",
            unpacked=size_text(unpacked),
            ratio=ratio,
            unpacked_bytes=size_text(limits.unpacked_bytes),
            ratio_2=limits.ratio,
        ),
        bilingual("readers.check_where_file_comes"),
        size_text(unpacked),
    )


def _check_names(place: str, parts: list[zipfile.ZipInfo]) -> None:
    """Refuse names that would leave the package, and names that stand twice."""
    seen: set[str] = set()
    for part in parts:
        # ZipInfo.filename ends at a NUL and has the system's slashes; look at what was written.
        name = part.orig_filename.replace("\\", "/")
        steps = name.split("/")
        if ".." in steps or name.startswith("/") or re.match("[A-Za-z]:", name) or "\0" in name:
            raise refusal(
                place,
                "file.zip_slip",
                bilingual("readers.package_holds_path_leads"),
                bilingual("readers.no_use_file_ask_sender_another"),
                part.orig_filename,
            )
        if name.casefold() in seen:
            raise refusal(
                place,
                "file.zip_duplicate",
                bilingual("readers.package_holds_two_parts"),
                bilingual("readers.open_file_excel_save_new_xlsx"),
                part.filename,
            )
        seen.add(name.casefold())


def too_many_parts(place: str, count: int, limits: Limits) -> UnreadableInput:
    """Return the error for a package or a folder with more files than the bound."""
    return refusal(
        place,
        "file.too_many_parts",
        bilingual("readers.too_many_files_inside", count=count, parts=limits.parts),
        bilingual("readers.open_excel_copy_data"),
        str(count),
    )


def gzip_head(path: Path, limits: Limits) -> tuple[bytes, int, int]:
    """Unpack a gzip file once, bounded; return its first bytes, its size, its line breaks.

    Raises
    ------
    UnreadableInput
        ``file.truncated`` or ``file.zip_bomb``.
    """
    place = place_of(path)
    packed = path.stat().st_size
    total = breaks = 0
    head = b""
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(CHUNK):
                head = head or chunk
                total += len(chunk)
                breaks += chunk.count(b"\n")
                check_bomb(place, packed, total, limits)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(place, error) from error
    return head[:HEAD], total, breaks


# Names of files: those of uploads made harmless, those of a folder and all below it.

RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Return a file name that is harmless on every system, close to `name`.

    Folders, control and direction characters, and what Windows forbids are taken
    out; reserved names (``CON``, ``NUL``, ``COM1``…) get an underscore; the length
    is at most 100 characters and 200 bytes, the ending kept.

    Parameters
    ----------
    name
        A name as uploaded, possibly hostile.

    Returns
    -------
    str
        The name, never empty: ``"tep"`` where nothing is left.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    name = " ".join(name.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = name, ""
    elif not stem:
        stem, ending = ending, ""
    stem = stem.strip(". ")[: 100 - len(ending) - 1]
    while len(f"{stem}.{ending}".encode()) > 200:
        stem = stem[:-1]
    name = f"{stem.strip('. ') or 'tep'}.{ending}" if ending else stem.strip(". ") or "tep"
    return f"_{name}" if RESERVED.fullmatch(name) else name


def is_of_system(name: str) -> bool:
    """Return whether systems add such a file or folder by themselves; nobody means it."""
    own = ("thumbs.db", "desktop.ini", "__macosx")
    return name.startswith((".", "~$")) or name.casefold() in own


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of all folders below it, in the order of their names.

    Raises
    ------
    OSError
        When one of the folders may not be read: nothing is left out in silence.
    """

    def fail(error: OSError) -> None:
        raise error

    for home, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not is_of_system(name))
        files = (Path(home, name) for name in sorted(names) if not is_of_system(name))
        yield from (file for file in files if file.is_file())
