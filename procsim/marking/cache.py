"""Readings on disk, so that a second process does not read again what a first has read.

Plain data: an SQLite file of JSON in the user's cache folder, bounded in size, the oldest
out first. Several processes may use it at once. It only saves time: one that cannot be
read or written is passed over, a damaged one is replaced, and each reading is checked
against its row before it is taken.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from procsim.marking.features import Row

__all__ = ["ReadingCache", "cache_folder", "rules_digest"]

MOST_MB = 64
"""Size that the file never exceeds."""
_PAGE = 4096
_WAIT_SECONDS = 2.0
_TABLE = """CREATE TABLE IF NOT EXISTS reading
    (age INTEGER PRIMARY KEY, row INTEGER NOT NULL UNIQUE, value BLOB NOT NULL)"""
_FIND = "SELECT row, value FROM reading WHERE row IN (SELECT value FROM json_each(?))"
_OLDER_HALF = "DELETE FROM reading WHERE age <= (SELECT (min(age) + max(age)) / 2 FROM reading)"
_COUNTS = ("page_count", "freelist_count")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def cache_folder() -> Path | None:
    """Return where readings are kept: ``PROCSIM_CACHE``, else the user's cache folder.

    ``None`` where the variable is ``off``, or where the user has no home.
    """
    named = os.environ.get("PROCSIM_CACHE", "")
    if named:
        return None if named.lower() == "off" else Path(named)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "procsim" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "procsim"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "procsim"


@cache
def rules_digest() -> bytes:
    """Return a digest of all code and words that a reading depends on beside its model."""
    versions = (sys.version, np.__version__, unicodedata.unidata_version)
    made = blake2b(repr(versions).encode(), digest_size=32)
    for room in ("procsim.marking", "procsim.language"):
        files = (file for file in resources.files(room).iterdir() if file.is_file())
        for file in sorted(files, key=lambda file: file.name):
            if file.name.endswith((".py", ".pyc")) or file.name == "variants.csv":
                made.update(file.name.encode() + file.read_bytes())
    return made.digest()


class ReadingCache:
    """What rows were read as, kept in one file for all processes of a user.

    Parameters
    ----------
    reader
        Digest (at most 64 bytes) of all that reads: rules, model, catalogue. Another
        reader does not see these readings.
    folder
        Where the file lies; `cache_folder` without one.
    most_mb
        Size that the file never exceeds.
    """

    def __init__(
        self, reader: bytes, folder: Path | None = None, *, most_mb: float = MOST_MB
    ) -> None:
        self._reader = reader
        self._folder = folder
        self._pages = int(most_mb * 1_000_000 / _PAGE)

    def load(self, rows: Iterable[Row]) -> dict[Row, Any]:
        """Return the plain value of each row that was saved before."""
        digests = {row: self._digest(row) for row in rows}
        numbers = {row: _number(digest) for row, digest in digests.items()}
        stored: dict[int, bytes] = {}
        with self._opened() as connection:
            if connection is not None:
                stored = dict(connection.execute(_FIND, (json.dumps([*numbers.values()]),)))
        found = {}
        for row, digest in digests.items():
            held = stored.get(numbers[row], b"")
            if isinstance(held, bytes) and held[:4] == _seal(digest, held[4:]):
                found[row] = held[4:]
        text = b"[" + b",".join(found.values()) + b"]"
        return dict(zip(found, json.loads(text.decode("utf-8", "surrogatepass")), strict=True))

    def save(self, values: Mapping[Row, Any]) -> None:
        """Keep the plain value of each row, the oldest out where space is short."""
        lines = []
        for row, value in values.items():
            digest = self._digest(row)
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            held = text.encode("utf-8", "surrogatepass")
            lines.append((_number(digest), _seal(digest, held) + held))
        with self._opened(write=True) as connection:
            if connection is not None:
                connection.execute(_TABLE)
                if _used(connection) > 0.75 * self._pages:
                    connection.execute(_OLDER_HALF)
                connection.executemany(
                    "INSERT OR REPLACE INTO reading (row, value) VALUES (?, ?)", lines
                )

    def _digest(self, row: Row) -> bytes:
        stated = f"{len(row.name)} {len(row.case)} {row.quantity} "
        text = f"{stated}{row.name}{row.case}{row.procedure}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._reader, digest_size=16).digest()

    @contextmanager
    def _opened(self, *, write: bool = False) -> Iterator[sqlite3.Connection | None]:
        """Give the file within one transaction; ``None`` where there is none to use."""
        folder = self._folder or cache_folder()
        path = folder / "readings.sqlite" if folder else None
        if path is None or not _ready(path, write=write):
            yield None
            return
        try:
            with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as connection, connection:
                connection.text_factory = bytes  # of a damaged file, any bytes
                for setting in (
                    f"page_size = {_PAGE}",
                    f"max_page_count = {self._pages}",
                    "synchronous = OFF",
                ):
                    connection.execute(f"PRAGMA {setting}")
                connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                yield connection
        except sqlite3.Error as error:  # of what stands inside `with`, too: it saves time only
            said = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if said in _DAMAGED or (write and said == sqlite3.SQLITE_ERROR):
                for name in (path, path.with_name(f"{path.name}-journal")):
                    with suppress(OSError):
                        name.unlink()


def _ready(path: Path, *, write: bool) -> bool:
    """Whether there is a file to read, or a folder to write it into."""
    try:
        if write:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write or path.is_file()
    except OSError:
        return False


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big", signed=True)


def _seal(digest: bytes, value: bytes) -> bytes:
    return crc32(value, crc32(digest)).to_bytes(4, "big")


def _used(connection: sqlite3.Connection) -> int:
    """Return how many pages hold something."""
    counted = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _COUNTS]
    return int(counted[0]) - int(counted[1])
