"""Numbers as a Vietnamese reader expects them: 1.234,5 and "1 nghìn 234 phẩy 5"."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

_SCALES = ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn"))
VIETNAMESE = str.maketrans(",.", ".,")
"""Points and commas of a number in English writing change places."""
_EXACT = Context(prec=700)  # the longest float has 309 digits before and 324 after the point


def _decimal(x: float | None) -> Decimal | None:
    """Return `x` exactly as Python prints it, or None when it is not a finite number."""
    if x is None:
        return None
    if isinstance(x, int):
        return Decimal(int(x))
    number = float(x)
    return Decimal(repr(number)) if math.isfinite(number) else None


def format_number_en(x: float | None, decimals: int | None = None) -> str:
    """Return `x` in English writing, such as ``"1,234.5"``.

    Parameters
    ----------
    x
        A number; a missing or infinite one gives ``""``.
    decimals
        Digits after the separator, rounded half up; by default as many as there are.
    """
    exact = _decimal(x)
    if exact is None:
        return ""
    if decimals is None:
        text = f"{exact:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        quantum = Decimal(1).scaleb(-decimals)
        text = f"{exact.quantize(quantum, rounding=ROUND_HALF_UP, context=_EXACT):,f}"
    nothing = not any(digit in text for digit in "123456789")
    return text.removeprefix("-") if nothing else text


def format_number(x: float | None, decimals: int | None = None) -> str:
    """Return `x` in Vietnamese writing: points between thousands, a decimal comma.

    Parameters
    ----------
    x
        A number; a missing or infinite one gives ``""``.
    decimals
        Digits after the comma, rounded half up; by default as many as there are.

    Examples
    --------
    >>> format_number(1234.5)
    '1.234,5'
    >>> format_number(2.5, 0)
    '3'
    """
    return format_number_en(x, decimals).translate(VIETNAMESE)


def format_vnd(x: float | None) -> str:
    """Return an amount in whole đồng, such as ``"135.000 đồng"``; missing gives ``""``."""
    text = format_number(x, 0)
    return f"{text} đồng" if text else ""


def in_words(number: float | None) -> str:
    """Return `number` as it is read aloud, to let an officer check a long figure.

    Examples
    --------
    >>> in_words(1234.5)
    '1 nghìn 234 phẩy 5'
    >>> in_words(135_000)
    '135 nghìn'
    """
    exact = _decimal(number)
    if exact is None:
        return ""
    whole, _, decimals = f"{abs(exact):f}".partition(".")
    rest, parts = int(whole), []
    for size, name in _SCALES:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count if count < 1000 else format_number(count)} {name}")
    if rest or not parts:
        parts.append(str(rest))
    decimals = decimals.rstrip("0")
    if decimals:
        parts.append(f"phẩy {decimals}")
    sign = "âm " if exact < 0 else ""
    return sign + " ".join(parts)
