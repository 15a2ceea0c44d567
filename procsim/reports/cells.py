"""What one cell may hold: safe text, our formulas with their values, and the lines it takes."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from procsim.errors import Text
from procsim.readers.cells import stored_length

__all__ = [
    "LONGEST",
    "MISSING",
    "Formula",
    "is_missing",
    "lines_needed",
    "quoted",
    "safe_text",
    "starts_like_formula",
]

LONGEST = 32_767  # Excel's limit on a cell, in UTF-16 units
MISSING = Text("chưa có số liệu", "no data")
_CUT = Text(
    " … [đã rút gọn vì vượt giới hạn ô của Excel; xem nguồn]",
    " … [shortened: over Excel's limit for a cell; see the source]",
)
# What XML 1.0 cannot hold, lone surrogates included; tab and line feed may stay.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Widths of letters over that of a digit; other capitals 1.4, all else 1, tones and hooks 0.
_WIDTHS = {
    **dict.fromkeys("\u0300\u0301\u0302\u0303\u0306\u0309\u0323", 0.0),
    "\u031b": 0.1,  # the horn of ơ and ư
    **dict.fromkeys(" .,;:'|/()[]!ijltfrI-", 0.6),
    **dict.fromkeys('aceszJ"', 0.9),
    **dict.fromkeys("PS", 1.1),
    **dict.fromkeys("mw%", 1.6),
    **dict.fromkeys("MW…", 2.0),
    " ": 0.5,
}
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Formula:
    """One of our own formulas with the value that procsim computed for it.

    Parameters
    ----------
    text
        The formula in Excel's own writing, without the equals sign. It is made of
        addresses, names and constants only, never of text from the data.
    value
        The cached value: what a reader that does not compute will see.
    """

    text: str
    value: float | str | None


def is_missing(value: object) -> bool:
    """Return whether a value stands for a figure that is not known."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def quoted(text: str) -> str:
    """Return a text of ours as a constant inside a formula."""
    return '"' + text.replace('"', '""') + '"'


def starts_like_formula(text: str) -> bool:
    """Return whether a spreadsheet could take a typed text for a formula."""
    return text.startswith(_FORMULA)


def safe_text(value: str, language: str = "vi") -> str:
    """Return `value` as Excel can hold it, every letter kept.

    Characters that XML forbids are removed, text over 32,767 UTF-16 units, what Excel
    would decode counted as it is written, is shortened with a notice.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _ILLEGAL.sub("", text)
    if 2 * len(text) <= LONGEST // 4 or stored_length(text) <= LONGEST:
        return text  # a letter takes two units at most, and an escape seven
    notice = _CUT.in_language(language)
    room = LONGEST - len(notice)
    kept = text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")
    while (long := stored_length(kept)) > room:
        kept = kept[: len(kept) * room // long]
    return kept + notice


@lru_cache(maxsize=1 << 14)  # words come again and again
def _text_units(text: str) -> float:
    """Return the width of a line of Times New Roman in digits of the same size."""
    return sum(
        _WIDTHS.get(letter, 1.4 if letter.isupper() else 1.0)
        for letter in unicodedata.normalize("NFD", text)
    )


@lru_cache(maxsize=1 << 12)
def lines_needed(text: str, width: float, *, bold: bool = False) -> int:
    """Return how many lines `text` takes when it is wrapped in a column.

    Row heights are written into the file, because LibreOffice does not fit
    them when it opens one, and no program fits merged cells.

    Parameters
    ----------
    width
        Column width, in digits.
    bold
        Bold letters are wider.
    """
    room = max(1.0, width * 0.95 - 1.0) / (1.08 if bold else 1.0)
    if len(text) * 1.4 <= room and "\n" not in text:
        return 1
    count = 0
    for line in text.split("\n"):
        used = 0.0
        count += 1
        for word in line.split(" "):
            own = _text_units(word)
            if used and used + 0.5 + own > room:
                count, used = count + 1, 0.0
            if own > room:  # a word longer than the column is broken inside
                more = math.ceil(own / room) - 1
                count, own = count + more, own - more * room
            used += own + (0.5 if used else 0.0)
    return count
