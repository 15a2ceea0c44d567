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
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from struct import Struct
from typing import Any, TypeVar
from zlib import crc32

import numpy as np

from procsim.marking.learning import Row

Made = TypeVar("Made")
MOST_MB = 64
"""Size that the file never exceeds."""
_PAGE = 4096
_WAIT_SECONDS = 2.0
_DIGEST = Struct(">qI")
_TABLE = """CREATE TABLE IF NOT EXISTS reading
    (row INTEGER PRIMARY KEY, saved INTEGER, seal INTEGER, value BLOB)"""
_FIND = "SELECT row, seal, value FROM reading WHERE row IN (SELECT value FROM json_each(?))"
_KEEP = "INSERT OR REPLACE INTO reading VALUES (?, CAST(strftime('%s','now') AS INTEGER), ?, ?)"
_OLDER_HALF = """DELETE FROM reading
    WHERE saved <= (SELECT saved FROM reading ORDER BY saved
                    LIMIT 1 OFFSET (SELECT count(*) / 2 FROM reading))"""
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
        Digest of all that reads: rules, model, catalogue. Another reader does not see
        these readings.
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

    def load(self, rows: Iterable[Row], made: Callable[[Any], Made]) -> dict[Row, Made]:
        """Return what is made of the plain value of each row that was saved before."""
        digests = {row: self._digest(row) for row in rows}
        asked = json.dumps([number for number, _ in digests.values()])
        lines = self._use(lambda file: file.execute(_FIND, (asked,)).fetchall()) or []
        stored = {number: (seal, value) for number, seal, value in lines}
        found: dict[Row, bytes] = {}
        for row, (number, start) in digests.items():
            seal, value = stored.get(number, (None, None))
            if isinstance(value, bytes) and crc32(value, start) == seal:
                found[row] = value
        distinct = list(dict.fromkeys(found.values()))  # one paper stands in many dossiers
        text = b"[" + b",".join(distinct) + b"]"
        plain = json.loads(text.decode("utf-8", "surrogatepass"))
        values = dict(zip(distinct, map(made, plain), strict=True))
        return {row: values[held] for row, held in found.items()}

    def save(self, values: Mapping[Row, Any]) -> None:
        """Keep the plain value of each row, the oldest out where space is short."""
        lines = []
        for row, value in values.items():
            number, start = self._digest(row)
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            held = text.encode("utf-8", "surrogatepass")
            lines.append((number, crc32(held, start), held))

        def write(file: sqlite3.Connection) -> None:
            file.execute(_TABLE)
            pages, free = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in _COUNTS)
            if pages - free > 0.75 * self._pages:
                file.execute(_OLDER_HALF)
            file.executemany(_KEEP, lines)

        self._use(write, write=True)

    def _digest(self, row: Row) -> tuple[int, int]:
        """Return the number of a row in the file, and what its checksum starts with."""
        name, case, procedure, quantity = row
        text = f"{len(name)} {len(case)} {quantity} {name}{case}{procedure}"
        held = self._reader + text.encode("utf-8", "surrogatepass")
        number, start = _DIGEST.unpack(blake2b(held, digest_size=_DIGEST.size).digest())
        return number, start

    def _use(
        self, work: Callable[[sqlite3.Connection], Made], *, write: bool = False
    ) -> Made | None:
        """Return what one transaction gives; ``None`` where the file cannot be used now."""
        folder = self._folder or cache_folder()
        path = folder / "readings.sqlite" if folder else None
        if path is None or not _ready(path, write=write):
            return None
        try:
            with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as file, file:
                file.text_factory = bytes  # of a damaged file, any bytes
                file.execute(f"PRAGMA page_size = {_PAGE}")
                file.execute(f"PRAGMA max_page_count = {self._pages}")
                file.execute("PRAGMA synchronous = OFF")
                file.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                return work(file)
        except sqlite3.Error as error:
            said = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if said in _DAMAGED or (write and said == sqlite3.SQLITE_ERROR):
                for name in (path, path.with_name(f"{path.name}-journal")):
                    with suppress(OSError):
                        name.unlink()
        return None


def _ready(path: Path, *, write: bool) -> bool:
    """Whether there is a file to read, or a folder to write it into."""
    try:
        if write:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write or path.is_file()
    except OSError:
        return False
