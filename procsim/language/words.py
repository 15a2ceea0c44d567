"""Number words: "bảy", "một trăm hai mươi lăm", "hai triệu năm trăm nghìn"."""

from __future__ import annotations

import re

__all__ = ["NUMBER_WORDS", "words_to_number"]

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_SMALL = "|".join(_DIGITS)
_BELOW_100 = rf"(?:(?:{_SMALL}) mươi(?: (?:{_SMALL}))?|mười(?: (?:{_SMALL}))?|(?:{_SMALL}))"

#: Pattern of a number in words, in folded text with its diacritics.
NUMBER_WORDS = rf"(?:(?:{_SMALL}) trăm(?: (?:(?:linh|lẻ) (?:{_SMALL})|{_BELOW_100}))?|{_BELOW_100})"
_SCALES = {"tỷ": 10**9, "triệu": 10**6, "nghìn": 10**3}
_WHOLE = re.compile(NUMBER_WORDS)


def words_to_number(words: str) -> int | None:
    """Return the number that `words` say, None when they say none.

    Examples
    --------
    >>> words_to_number("bốn mươi lăm"), words_to_number("một triệu hai trăm nghìn")
    (45, 1200000)
    """
    words = " ".join(words.lower().replace(",", " ").replace("ngàn", "nghìn").split())
    total, rest = 0, words
    for name, scale in _SCALES.items():
        head, found, tail = rest.partition(f" {name}")
        if not found:
            continue
        upper = _below_1000(head)
        if upper is None or (tail and not tail.startswith(" ")):
            return None
        total, rest = total + upper * scale, tail.strip()
    lower = _below_1000(rest) if rest or not total else 0
    return None if lower is None else total + lower


def _below_1000(words: str) -> int | None:
    if not _WHOLE.fullmatch(words):
        return None
    total, ones = 0, 0
    for word in words.split():
        if word == "trăm":
            total, ones = total + ones * 100, 0
        elif word == "mươi":
            total, ones = total + ones * 10, 0
        elif word == "mười":
            total += 10
        elif word not in ("linh", "lẻ"):
            ones = _DIGITS[word]
    return total + ones
