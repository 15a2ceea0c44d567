"""Packed files: what their directory declares, before anything is unpacked."""

from __future__ import annotations

import gzip
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from procsim.errors import Text, UnreadableInput
from procsim.readers.limits import Limits, place_of, refusal, size_text
from procsim.readers.scan import damaged

__all__ = ["check_bomb", "gzip_head", "too_many_parts", "zip_parts"]

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
        Text(
            f"Tệp nén bung ra ít nhất {size_text(unpacked)}, gấp {ratio:,.0f} lần; giới hạn là "
            f"{size_text(limits.unpacked_bytes)} và {limits.ratio:,.0f} lần",
            f"The file unpacks to at least {size_text(unpacked)}, {ratio:,.0f} times its size; the "
            f"limit is {size_text(limits.unpacked_bytes)} and {limits.ratio:,.0f} times",
        ),
        Text(
            "Kiểm tra nguồn gốc tệp; nếu là dữ liệu thật, chia thành nhiều tệp nhỏ hơn",
            "Check where the file comes from; if the data are real, split them into smaller files",
        ),
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
                Text(
                    "Tệp nén chứa đường dẫn trỏ ra ngoài, có thể ghi đè tệp khác trên máy",
                    "The package holds a path that leads outside and could overwrite other files",
                ),
                Text(
                    "Không dùng tệp này; xin lại tệp từ nơi gửi",
                    "Do not use this file; ask the sender for another",
                ),
                part.orig_filename,
            )
        if name.casefold() in seen:
            raise refusal(
                place,
                "file.zip_duplicate",
                Text(
                    "Tệp nén chứa hai phần trùng tên, không biết phần nào đúng",
                    "The package holds two parts of one name; which of them counts is unknown",
                ),
                Text(
                    "Mở tệp bằng Excel, lưu lại thành .xlsx mới rồi đọc lại; với tệp ZIP, nén lại",
                    "Open the file in Excel, save it as a new .xlsx and read that; pack a ZIP anew",
                ),
                part.filename,
            )
        seen.add(name.casefold())


def too_many_parts(place: str, count: int, limits: Limits) -> UnreadableInput:
    """Return the error for a package or a folder with more files than the bound."""
    return refusal(
        place,
        "file.too_many_parts",
        Text(
            f"Có quá nhiều tệp bên trong ({count:,}); giới hạn là {limits.parts:,}",
            f"There are too many files inside ({count:,}); the limit is {limits.parts:,}",
        ),
        Text(
            "Mở bằng Excel, chép riêng dữ liệu sang một tệp .xlsx mới; tệp ZIP: chỉ nén tệp CSV",
            "Open it in Excel and copy the data alone into a new .xlsx file; pack CSV files only",
        ),
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
