"""Text on the procedure map: cleaned, measured without a font, wrapped at words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import accumulate
from xml.sax.saxutils import escape

from procsim.language.text import nfc

# Widths in em of DejaVu Sans, the widest of the fonts asked for: what fits here
# fits in Segoe UI, Noto Sans and Liberation Sans too.
_GROUPS = (
    (0.28, "ijl"),
    (0.32, " .,;:'’‘`"),
    (0.40, 'tfI!|()[]{}/\\-–·"*'),
    (0.42, "r"),
    (0.53, "szcJ"),
    (0.60, "vxykLđ“”_?^"),
    (0.64, "abdeghnopquFETYSP0123456789"),
    (0.70, "ABCKRVXZ"),
    (0.79, "DGHNOQU"),
    (0.84, "wmM&@→+=<>~"),
    (1.00, "WĐ…%"),
)
_WIDTHS = {letter: width for width, letters in _GROUPS for letter in letters} | {"m": 0.98}
_BOLD = 1.13
_HORN = 0.04  # ơ and ư are a little wider than o and u
ELLIPSIS = "…"
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # bullets of Word's symbol fonts: no font shows them
_BULLET = re.compile(r"^(?:[-+*•–—]\s*)+(?=\w|[(“\"])")


@cache
def _letter(letter: str) -> float:
    apart = unicodedata.normalize("NFD", letter)
    if letter not in _WIDTHS and unicodedata.combining(letter):
        return 0.0
    known = _WIDTHS.get(letter) or _WIDTHS.get(apart[0], 1.0)
    return known + (_HORN if "\u031b" in apart else 0.0)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide `text` is at most, in pixels, in any of the fonts asked for.

    Examples
    --------
    >>> text_width("Tờ khai", 10) < text_width("Tờ khai", 10, bold=True) < 60
    True
    """
    return _ems(text) * size * (_BOLD if bold else 1.0)


@lru_cache(maxsize=20_000)  # the words of official Vietnamese are few
def _ems(text: str) -> float:
    return sum(map(_letter, text))


def clean(text: str) -> str:
    """Return `text` as one line in NFC, without anything that XML cannot hold."""
    return " ".join(_PRIVATE.sub(" ", nfc(text)).split())


def label(text: str) -> str:
    """Return `text`, cleaned, without the bullet before it and the separator after it.

    Examples
    --------
    >>> label("- Giấy chứng sinh;")
    'Giấy chứng sinh'
    """
    return _BULLET.sub("", clean(text)).rstrip(" ;:,") or clean(text)


def escaped(text: str) -> str:
    """Return `text`, cleaned, as the content of an XML element."""
    return escape(clean(text))


def attribute(text: str) -> str:
    """Return `text`, cleaned, between quotes as the value of an XML attribute."""
    return '"' + escape(clean(text), {'"': "&quot;"}) + '"'


def _pieces(word: str, room: float) -> Iterator[str]:
    """Yield a word cut into pieces that fit; most words are one piece."""
    while word:
        end = len(word)
        if _ems(word) > room:
            reach = accumulate(map(_letter, word))
            end = max(1, sum(1 for width in reach if width <= room))
        yield word[:end]
        word = word[end:]


def wrap(text: str, width: float, size: float, most: int, *, bold: bool = False) -> tuple[str, ...]:
    """Return `text` as at most `most` lines of at most `width` pixels.

    Lines break between words; a word too long for a line is cut; what does
    not fit ends with an ellipsis.

    Examples
    --------
    >>> wrap("Tờ khai thay đổi thông tin cư trú", 90, 12, 2)
    ('Tờ khai thay', 'đổi thông tin…')
    """
    room = width / (size * (_BOLD if bold else 1.0))
    lines: list[str] = []
    used = 0.0
    for word in clean(text).split(" "):
        for piece in _pieces(word, room):
            longer = used + _ems(" ") + _ems(piece)
            if lines and longer <= room:
                lines[-1], used = f"{lines[-1]} {piece}", longer
            else:
                lines.append(piece)
                used = _ems(piece)
        if len(lines) > most:
            return (*lines[: most - 1], _cut(lines[most - 1], room))
    return tuple(lines) if lines != [""] else ()


def _cut(line: str, room: float) -> str:
    """Return `line` shortened until an ellipsis fits behind it."""
    while line and _ems(line) + _ems(ELLIPSIS) > room:
        line = line.rpartition(" ")[0] or line[:-1]
    return line.rstrip(" ,;:.(") + ELLIPSIS
