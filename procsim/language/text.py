"""One spelling for comparing: Unicode forms, spaces, dashes, tone placement, diacritics."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from procsim.language.legacy import looks_like_legacy_encoding

__all__ = ["fold", "nfc"]

_SPACES = (*range(0x2000, 0x200B), 0x00A0, 0x1680, 0x202F, 0x205F, 0x3000, 0x0009)
_LINE_ENDS = (0x000B, 0x000C, 0x000D, 0x0085, 0x2028, 0x2029)
_INVISIBLE = (
    *range(0x0009),
    *range(0x000E, 0x0020),
    *range(0x007F, 0x0085),
    *range(0x0086, 0x00A0),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0xD800, 0xE000),
    0x00AD,
    0x034F,
    0x061C,
    0x115F,
    0x1160,
    0x180E,
    0x3164,
    0xFEFF,
    0xFFFE,
    0xFFFF,
)
_PLAIN: dict[int, int | None] = {
    **dict.fromkeys(_SPACES, 0x20),
    **dict.fromkeys(_LINE_ENDS, 0x0A),
    **dict.fromkeys(_INVISIBLE),
}
_PLAIN_LEGACY = {point: to for point, to in _PLAIN.items() if point != 0x00AD}
_ODD = re.compile("[" + "".join(re.escape(chr(point)) for point in _PLAIN if point != 0x0D) + "]")

# A tone typed before the circumflex or breve does not compose by itself: "é" + "̂" for "ế".
_MISPLACED = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_MARK = re.compile("[\u0300-\u036f]")
_UNUSUAL = re.compile(f"{_ODD.pattern[:-1]}\r\u0300-\u036f]")  # in one pass over a long text

_DASHES = frozenset("‐‑‒–—―−﹘﹣－⁃")
_DASH_OR_LOOK_ALIKE = re.compile(f"[{''.join(_DASHES)}ðɖ]")
_MARKS = frozenset(
    map(chr, (*range(0x0300, 0x0370), *range(0x1AB0, 0x1B00), *range(0x1DC0, 0x1E00)))
)


class _Table(dict[int, str]):
    """A translation table that fills itself: `str.translate` is slow on absent keys."""

    def __init__(self, keeps_diacritics: bool) -> None:
        super().__init__()
        self.keeps_diacritics = keeps_diacritics

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        if letter in _DASHES:
            letter = "-"
        elif letter in "ðɖ":  # look-alikes that old keyboards typed
            letter = "đ"
        if not self.keeps_diacritics:
            apart = unicodedata.normalize("NFD", letter)
            letter = "".join(c for c in apart if c not in _MARKS).replace("đ", "d")
            letter = unicodedata.normalize("NFC", letter)
        if point < 0x3000:
            self[point] = letter
        return letter


_WITH_DIACRITICS = _Table(keeps_diacritics=True)
_BARE = _Table(keeps_diacritics=False)

_NEW_STYLE = {
    **{"o" + new: old + "a" for new, old in zip("àáảãạ", "òóỏõọ", strict=True)},
    **{"o" + new: old + "e" for new, old in zip("èéẻẽẹ", "òóỏõọ", strict=True)},
    **{"u" + new: old + "y" for new, old in zip("ỳýỷỹỵ", "ùúủũụ", strict=True)},
    **{"q" + old + "y": "qu" + new for new, old in zip("ỳýỷỹỵ", "ùúủũụ", strict=True)},
}
# Each alternative begins with a letter, so the engine runs from one to the next.
_TONE_PLACE = re.compile(r"o[àáảãạèéẻẽẹ](?!\w)|u(?<!qu)[ỳýỷỹỵ](?!\w)|q[ùúủũụ]y")


@lru_cache(maxsize=1024)  # a text is cleaned again by each parser that it passes
def nfc(text: str) -> str:
    """Return `text` in NFC, with plain spaces and without invisible characters.

    Non-breaking and odd spaces and tabs become plain spaces, every kind of line
    end becomes a newline; zero-width and control characters, NUL and lone
    surrogates are removed. Letters are never lost: a tone typed before its
    circumflex is put right, and the soft hyphen stays where the text is in
    TCVN3, because there it is the letter ư.

    Examples
    --------
    >>> nfc("Ho\u0300a\u00a0Bi\u0300nh\u200b")
    'Hòa Bình'
    """
    if not _UNUSUAL.search(text):
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _ODD.search(text) or "\r" in text:
        is_tcvn3 = "\u00ad" in text and looks_like_legacy_encoding(text) == "TCVN3"
        text = text.translate(_PLAIN_LEGACY if is_tcvn3 else _PLAIN)
    text = unicodedata.normalize("NFC", text)
    if _MARK.search(text):
        apart = unicodedata.normalize("NFD", text)
        while _MISPLACED.search(apart):
            apart = _MISPLACED.sub(r"\2\1", apart)
        text = unicodedata.normalize("NFC", apart)
    return text


def fold(text: str, diacritics: bool = False) -> str:
    """Return `text` in the one spelling that is used for comparing.

    NFC, lower case, every dash as ``-``, white space collapsed, and one place
    for the tone (``hoà`` and ``hòa`` are the same word).

    Parameters
    ----------
    text
        Any text.
    diacritics
        Whether the diacritics stay; by default they go too (``đ`` → ``d``).

    Examples
    --------
    >>> fold("Giấy  phép – HOÀ giải")
    'giay phep - hoa giai'
    >>> fold("HOÀ giải", diacritics=True)
    'hòa giải'
    """
    text = nfc(text).lower()
    if text.isascii():
        return _one_line(text)
    if diacritics:
        if _DASH_OR_LOOK_ALIKE.search(text):
            text = text.translate(_WITH_DIACRITICS)
        text = _one_line(text)
        if "\u0307" in text:  # the dotted capital İ is the one letter that lower() takes apart
            text = unicodedata.normalize("NFC", text)
        return _TONE_PLACE.sub(lambda found: _NEW_STYLE[found.group()], text)
    text = _one_line(text.translate(_BARE))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    """Collapse white space; after `nfc` only spaces and line feeds are left of it."""
    text = text.replace("\n", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")
