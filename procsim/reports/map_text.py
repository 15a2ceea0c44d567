"""Text on the procedure map: cleaned, measured without a font, wrapped at words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from xml.sax.saxutils import escape

from procsim.language.text import nfc

__all__ = ["attribute", "clean", "escaped", "text_width", "wrap"]

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
    return sum(map(_letter, text)) * size * (_BOLD if bold else 1.0)


def clean(text: str) -> str:
    """Return `text` as one line in NFC, without anything that XML cannot hold."""
    return " ".join(nfc(text).split())


def escaped(text: str) -> str:
    """Return `text`, cleaned, as the content of an XML element."""
    return escape(clean(text))


def attribute(text: str) -> str:
    """Return `text`, cleaned, between quotes as the value of an XML attribute."""
    return '"' + escape(clean(text), {'"': "&quot;"}) + '"'


def _pieces(word: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    """Yield a word cut into pieces that fit; most words are one piece."""
    piece = ""
    for letter in word:
        if piece and text_width(piece + letter, size, bold=bold) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def wrap(text: str, width: float, size: float, most: int, *, bold: bool = False) -> tuple[str, ...]:
    """Return `text` as at most `most` lines of at most `width` pixels.

    Lines break between words; a word too long for a line is cut; what does
    not fit ends with an ellipsis.

    Examples
    --------
    >>> wrap("Tờ khai thay đổi thông tin cư trú", 90, 12, 2)
    ('Tờ khai thay', 'đổi thông…')
    """
    lines: list[str] = []
    for word in clean(text).split(" "):
        fits = text_width(word, size, bold=bold) <= width
        for piece in (word,) if fits else _pieces(word, width, size, bold=bold):
            longer = f"{lines[-1]} {piece}" if lines else piece
            if lines and text_width(longer, size, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
        if len(lines) > most:
            return (*lines[: most - 1], _cut(lines[most - 1], width, size, bold=bold))
    return tuple(lines) if lines != [""] else ()


def _cut(line: str, width: float, size: float, *, bold: bool) -> str:
    """Return `line` shortened until an ellipsis fits behind it."""
    while line and text_width(line + ELLIPSIS, size, bold=bold) > width:
        shorter = line.rpartition(" ")[0]
        line = shorter or line[:-1]
    return line.rstrip(" ,;:.(") + ELLIPSIS
