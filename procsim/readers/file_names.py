"""Names of files: those of uploads made harmless, those of a folder and all below it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

__all__ = ["files_in", "is_of_system", "safe_name"]

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
