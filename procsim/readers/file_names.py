"""Names of uploaded files, made harmless."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["safe_name"]

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
