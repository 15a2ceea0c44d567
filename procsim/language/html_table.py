"""Small tables for notebooks: Vietnamese first with English beside, every text escaped.

Colours are those of the notebook around them, so that light and dark ones can be read.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice

from procsim.errors import Text, shorten, spoken
from procsim.language.formatting import format_number
from procsim.language.i18n import bilingual

__all__ = ["Percent", "both", "facts", "grid", "lines", "panel"]

_LONGEST = 240
_LINE = "1px solid rgba(128,128,128,.35)"
_CELL = f"padding:.2em .8em .2em 0;border:0;border-bottom:{_LINE};vertical-align:top;"
_MUTED = "opacity:.65;font-weight:normal;"


class Percent(float):
    """A share that is shown in per cent."""


def both(text: Text) -> str:
    """Return a text with its English beside it, the language of `set_language` first.

    Examples
    --------
    >>> both(Text("Đạt", "Met"))
    'Đạt <span style="opacity:.65;font-weight:normal;">Met</span>'
    """
    first, other = (escape(shorten(part, _LONGEST)) for part in text)
    if spoken() == "en" and other:
        first, other = other, first
    return (
        first if first == other or not other else f'{first} <span style="{_MUTED}">{other}</span>'
    )


def _cell(value: object) -> tuple[str, bool]:
    """Return a value as HTML, and whether it is a number."""
    match value:
        case Text():
            return both(value), False
        case bool():
            return both(bilingual("repr.yes" if value else "repr.no")), False
        case dt.date():
            return f"{value:%d/%m/%Y}", False
        case None:
            return "–", False
        case float() if not math.isfinite(value):
            return "–", True
        case Percent():
            return f"{format_number(round(100 * value, 2))} %", True
        case int() | float():
            return format_number(value, 0 if abs(value) >= 1000 else 2 if value % 1 else 0), True
    return escape(shorten(str(value), _LONGEST)), False


def grid(
    head: Sequence[Text], rows: Iterable[Sequence[object]], *, most: int = 10, of: int = 0
) -> str:
    """Return a table: numbers to the right, missing values as a dash.

    Parameters
    ----------
    head
        What each column holds.
    rows
        Plain values: text, `Text`, numbers, `Percent`, dates, None.
    most
        Rows shown.
    of
        How many rows there are, so that those left out are counted.
    """
    body = [[_cell(value) for value in row] for row in islice(rows, most)]
    # A column stands to the right when all that is shown of it are numbers.
    sides = [
        "right" if body and all(row[place][1] for row in body) else "left"
        for place in range(len(head))
    ]
    heads = "".join(
        f'<th style="{_CELL}text-align:{side};">{both(text)}</th>'
        for side, text in zip(sides, head, strict=True)
    )
    made = "".join(
        '<tr style="background:none;">'
        + "".join(
            f'<td style="{_CELL}text-align:{side};">{text}</td>'
            for side, (text, _) in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in body
    )
    table = (
        '<table style="border-collapse:collapse;margin:.4em 0;">'
        f"<thead><tr>{heads}</tr></thead><tbody>{made}</tbody></table>"
    )
    left = of - len(body)
    return table + (lines([bilingual("repr.more", count=left)]) if left > 0 else "")


def facts(pairs: Iterable[tuple[Text, object]]) -> str:
    """Return names and values on one line; a value of None is left out."""
    shown = (
        f"<span>{both(name)}: <b>{_cell(value)[0]}</b></span>"
        for name, value in pairs
        if value is not None
    )
    return f'<div style="margin:.2em 0;">{" · ".join(shown)}</div>'


def lines(texts: Iterable[Text]) -> str:
    """Return a line for each text."""
    return "".join(f'<div style="margin:.2em 0;">{both(text)}</div>' for text in texts)


def panel(kind: Text, name: str, *parts: str) -> str:
    """Return what a notebook shows of one object: its kind, its name and the parts below."""
    title = f"{kind.vi}: {name}" if name else kind.vi
    head = f'<div style="font-weight:bold;">{both(Text(title, kind.en))}</div>'
    return f'<div style="line-height:1.45;">{head}{"".join(parts)}</div>'
