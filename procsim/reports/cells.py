"""What one cell may hold: safe text, and the styles of a ministry's printed table."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from functools import lru_cache

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

from procsim.errors import Text

__all__ = [
    "LONGEST",
    "MISSING",
    "STYLES",
    "add_styles",
    "lines_needed",
    "percent_style",
    "put",
    "safe_text",
]

LONGEST = 32_767  # Excel's limit on a cell, in UTF-16 units
MISSING = Text("chưa có số liệu", "no data")
_CUT = Text(
    " … [đã rút gọn vì vượt giới hạn ô của Excel; xem nguồn]",
    " … [shortened: over Excel's limit for a cell; see the source]",
)
# What XML 1.0 cannot hold, lone surrogates included; tab and line feed may stay.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as the letter A
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

_THIN = Side(style="thin", color="000000")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
# 42A is Vietnam: points between thousands and a decimal comma, wherever the file is opened.
_PLACE = {"vi": "[$-42A]", "en": "[$-409]"}
_PERCENTS = range(2, 7)  # decimals that a percent can have


def _font(
    size: int = 11, *, bold: bool = False, italic: bool = False, color: str = "000000"
) -> Font:
    return Font(name="Times New Roman", size=size, bold=bold, italic=italic, color=color)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour)


def _named(
    name: str,
    font: Font,
    across: str,
    *,
    box: bool = True,
    fill: str = "",
    number: str = "General",
    upright: str = "center",
) -> NamedStyle:
    style = NamedStyle(name=f"procsim {name}")
    style.font = font
    style.alignment = Alignment(horizontal=across, vertical=upright, wrap_text=True)
    style.number_format = number
    if box:
        style.border = _BOX
    if fill:
        style.fill = _fill(fill)
    return style


def _styles(language: str = "vi") -> tuple[NamedStyle, ...]:
    place = _PLACE[language]
    plain, bold = _font(), _font(bold=True)
    return (
        _named("body", _font(12), "left", box=False),
        _named("label", _font(12, bold=True), "left", box=False),
        _named("centre line", _font(12), "center", box=False),
        _named("italic line", _font(12, italic=True), "center", box=False),
        _named("motto", _font(12, bold=True), "center", box=False),
        _named("title", _font(14, bold=True), "center", box=False),
        _named("section", _font(13, bold=True), "left", box=False),
        _named("head", bold, "center", fill="D9E2F3"),
        _named("group", bold, "left", fill="F2F2F2"),
        _named("text", plain, "left", upright="center"),
        _named("centre", plain, "center", upright="center"),
        _named("missing", _font(italic=True, color="595959"), "right", upright="center"),
        _named("number", plain, "right", number=f"{place}#,##0.0#", upright="center"),
        _named("whole", plain, "right", number=f"{place}#,##0", upright="center"),
        _named("date", plain, "center", number=f"{place}dd/mm/yyyy", upright="center"),
        _named(
            "points",
            plain,
            "right",
            number=f"{place}+#,##0.00;{place}-#,##0.00;{place}0.00",
            upright="center",
        ),
        *(_named(f"percent{n}", plain, "right", number=f"{place}0.{'0' * n}%") for n in _PERCENTS),
        _named("met", _font(bold=True, color="1E5631"), "center", fill="E2EFDA", upright="center"),
        _named(
            "missed", _font(bold=True, color="9C0006"), "center", fill="FCE4E4", upright="center"
        ),
        _named("unknown", _font(italic=True), "center", fill="EDEDED", upright="center"),
    )


STYLES: tuple[str, ...] = tuple(style.name for style in _styles())


def add_styles(book: Workbook, language: str = "vi") -> None:
    """Add the named styles, so that an officer can restyle the whole book at once."""
    # Column widths are counted in digits of the style "Normal"; openpyxl keeps it as
    # Calibri, which other programs replace by fonts of other widths.
    vars(book)["_named_styles"]["Normal"].font = _font()
    for style in _styles(language):
        book.add_named_style(style)


def percent_style(value: float, target: float = math.nan) -> str:
    """Return the percent style that does not round a missed target up to a met one.

    29.996 % against 30 % would print as 30,00 %; it gets the digits that show
    the shortfall.
    """
    places = 2
    if math.isfinite(value) and value < target:
        while places < max(_PERCENTS) and round(value * 100, places) >= target * 100:
            places += 1
    return f"percent{places}"


def safe_text(value: str, language: str = "vi") -> str:
    """Return `value` as Excel can hold it, every letter kept.

    Characters that XML forbids are removed, text over 32,767 UTF-16 units is
    shortened with a notice, and sequences that Excel would decode are protected.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _ESCAPE.sub("_x005F_", _ILLEGAL.sub("", text))
    units = len(text.encode("utf-16-le")) // 2
    if units <= LONGEST:
        return text
    notice = _CUT.in_language(language)
    kept = text.encode("utf-16-le")[: 2 * (LONGEST - len(notice))]
    return kept.decode("utf-16-le", "ignore") + notice


def put(cell: Cell, value: str | float | date | None, style: str, language: str = "vi") -> str:
    """Write one value: text is never a formula, a missing number says so.

    Returns the text that was written, for the height of the row; ``""`` for a number.

    Parameters
    ----------
    cell
        The cell to fill.
    value
        Text, number, date, or None / NaN for a figure that is missing.
    style
        Name of the style, without the prefix.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        value, style = MISSING.in_language(language), "missing"
    if style == "number" and isinstance(value, int | float) and value == round(value):
        style = "whole"  # Excel would print 30 as “30,” in the format of 3,57
    cell.style = f"procsim {style}"
    if isinstance(value, str):
        text = safe_text(value, language)
        cell.value = text
        cell.data_type = "s"  # openpyxl would take "=…" as a formula and "#N/A" as an error
        if text.startswith(_FORMULA):
            cell.quotePrefix = True  # stays text when the officer edits the cell
        return text
    # numpy's numbers have item(): Excel gets the plain number
    cell.value = value.item() if hasattr(value, "item") else value
    return ""


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
