"""The styles of a ministry's printed table, and what marks a cell as an input."""

from __future__ import annotations

import math

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle

__all__ = ["INDENTED", "INPUT_FILL", "SIGNALS", "percent_style", "style_ids"]

_THIN = Side(style="thin", color="7F7F7F")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_RULES = Border(top=_THIN, bottom=_THIN)  # of a text that runs over several cells
# 42A is Vietnam: points between thousands and a decimal comma, wherever the file is opened.
_PLACE = {"vi": "[$-42A]", "en": "[$-409]"}
_PERCENTS = range(2, 7)  # decimals that a percent can have
INPUT_FILL = "FFF9DB"
#: Styles whose text begins a letter further in, which leaves it less room.
INDENTED = ("group", "text", "bold text", "bold line", "unused", "input text", "input code")
_INK = "1F3864"  # of what an officer may change

#: How conditional formatting shows a state: colour of the letters, and of the ground.
SIGNALS = {
    "met": DifferentialStyle(
        font=Font(bold=True, color="1E5631"), fill=PatternFill(bgColor="E2EFDA")
    ),
    "missed": DifferentialStyle(
        font=Font(bold=True, color="9C0006"), fill=PatternFill(bgColor="FCE4E4")
    ),
    "unknown": DifferentialStyle(
        font=Font(italic=True, color="404040"), fill=PatternFill(bgColor="EDEDED")
    ),
    "lacking": DifferentialStyle(fill=PatternFill(bgColor="FCE4D6")),
    "changed": DifferentialStyle(font=Font(bold=True, color="1E5631")),
}


def _font(
    size: int = 11,
    *,
    bold: bool = False,
    italic: bool = False,
    color: str = "000000",
    line: bool = False,
) -> Font:
    below = "single" if line else None
    return Font("Times New Roman", size, bold=bold, italic=italic, color=color, underline=below)


def _named(
    name: str,
    font: Font,
    across: str,
    *,
    box: bool = True,
    fill: str = "",
    number: str = "General",
    wrap: bool = True,
) -> NamedStyle:
    style = NamedStyle(name=f"procsim {name}")
    style.font = font
    # Text beside a number keeps its distance.
    indent = int(name in INDENTED)
    style.alignment = Alignment(horizontal=across, vertical="center", wrap_text=wrap, indent=indent)
    style.number_format = number
    if box:
        style.border = _BOX
    if fill:
        style.fill = PatternFill("solid", start_color=fill)
    return style


def _formats(language: str) -> dict[str, tuple[str, str]]:
    """Return alignment and number format of the styles that hold a value."""
    place = _PLACE[language]
    return {
        "number": ("right", f"{place}#,##0.0#"),
        "hours": ("right", f"{place}#,##0.00#"),
        "share": ("right", f"{place}0.0##"),
        "whole": ("right", f"{place}#,##0"),
        "date": ("center", f"{place}dd/mm/yyyy"),
        "points": ("right", f"{place}+#,##0.00;{place}-#,##0.00;{place}0.00"),
        **{f"percent{n}": ("right", f"{place}0.{'0' * n}%") for n in _PERCENTS},
    }


def _styles(language: str) -> tuple[NamedStyle, ...]:
    plain, bold = _font(), _font(bold=True)
    formats = _formats(language)
    made = [
        _named("body", _font(12), "left", box=False),
        _named("label", _font(12, bold=True), "left", box=False),
        _named("centre line", _font(12), "center", box=False),
        _named("italic line", _font(12, italic=True), "center", box=False),
        _named("remark", _font(10, italic=True, color="404040"), "left", box=False),
        _named("motto", _font(12, bold=True), "center", box=False),
        _named("underlined motto", _font(12, bold=True, line=True), "center", box=False),
        _named("title", _font(14, bold=True), "center", box=False),
        _named("section", _font(13, bold=True), "left", box=False),
        _named("head", bold, "center", fill="D9E2F3"),
        # Machine names, which reading back looks for, stand beneath their headings unseen.
        _named("machine", _font(8, color="D9E2F3"), "center", fill="D9E2F3"),
        _named("sheet title", _font(14, bold=True), "left", box=False, wrap=False),
        _named("sheet line", _font(12), "left", box=False, wrap=False),
        # LibreOffice prints the edge of "###" where a hidden column has a number: in white.
        _named("key", _font(8, color="FFFFFF"), "center", box=False),
        _named("group", bold, "left", fill="F2F2F2"),
        _named("text", plain, "left"),
        _named("bold text", bold, "left"),
        _open(_named("bold line", bold, "left", wrap=False)),
        _open(_named("rule", plain, "left")),
        _named("centre", plain, "center"),
        _named("missing", _font(italic=True, color="595959"), "right"),
        _named("unused", plain, "left", fill="E7E6E6"),
        _named("input text", _font(color=_INK), "left", fill=INPUT_FILL),
        _named("input code", _font(color=_INK), "left", fill=INPUT_FILL, number="@"),
        _named("input centre", _font(color=_INK), "center", fill=INPUT_FILL),
        _named("input missing", _font(italic=True, color=_INK), "right", fill=INPUT_FILL),
        _named("met", _font(bold=True), "center"),
    ]
    for name, (across, number) in formats.items():
        made += [
            _named(name, plain, across, number=number),
            _named(f"bold {name}", bold, across, number=number, fill="F2F2F2"),
            _named(f"input {name}", _font(color=_INK), across, number=number, fill=INPUT_FILL),
        ]
    return tuple(made)


def _open(style: NamedStyle) -> NamedStyle:
    """Take the upright lines of a style away."""
    style.border = _RULES
    return style


def style_ids(book: Workbook, language: str = "vi") -> dict[tuple[str, bool], int]:
    """Add the named styles to a workbook and return the number of each.

    Returns
    -------
    dict
        By name and whether the cell holds a text that looks like a formula: such a
        cell keeps the mark of a text when an officer edits it.
    """
    # Column widths are counted in digits of the style "Normal"; openpyxl keeps it as
    # Calibri, which other programs replace by fonts of other widths.
    vars(book)["_named_styles"]["Normal"].font = _font()
    scratch = book.create_sheet("scratch")
    made: dict[tuple[str, bool], int] = {}
    for style in _styles(language):
        book.add_named_style(style)
        for text in (False, True):
            cell = scratch.cell(len(made) + 1, 1)
            cell.style = style.name
            if text:
                cell.quotePrefix = True
            made[style.name.removeprefix("procsim "), text] = cell.style_id
    book.remove(scratch)
    return made


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
