"""The styles of a ministry's printed table, and what marks a cell as an input."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

__all__ = ["FONT", "INDENTED", "INPUT_FILL", "SIGNALS", "percent_style", "styles"]

#: Column widths are counted in digits of this font; Calibri, Excel's own, is replaced by
#: other programs by fonts of other widths.
FONT: Mapping[str, Any] = MappingProxyType(
    {"font_name": "Times New Roman", "font_size": 11, "font_scheme": "none"}
)
_BOX = {"border": 1, "border_color": "#7F7F7F"}
# Of a text that runs over several cells: without the upright lines.
_RULES = {"top": 1, "bottom": 1, "top_color": "#7F7F7F", "bottom_color": "#7F7F7F"}
# 42A is Vietnam: points between thousands and a decimal comma, wherever the file is opened.
_PLACE = {"vi": "[$-42A]", "en": "[$-409]"}
_PERCENTS = range(2, 7)  # decimals that a percent can have
INPUT_FILL = "FFF9DB"
#: Styles whose text begins a letter further in, which leaves it less room.
INDENTED = ("group", "text", "bold text", "bold line", "unused", "input text", "input code")

#: How conditional formatting shows a state: colour of the letters, and of the ground.
SIGNALS: Mapping[str, Mapping[str, Any]] = {
    "met": {"bold": True, "font_color": "#1E5631", "bg_color": "#E2EFDA"},
    "missed": {"bold": True, "font_color": "#9C0006", "bg_color": "#FCE4E4"},
    "unknown": {"italic": True, "font_color": "#404040", "bg_color": "#EDEDED"},
    "lacking": {"bg_color": "#FCE4D6"},
    "changed": {"bold": True, "font_color": "#1E5631"},
}


def _look(across: str, **more: Any) -> dict[str, Any]:
    return {"align": across, "valign": "vcenter", "text_wrap": True, **more}


@cache
def styles(language: str = "vi") -> Mapping[str, Mapping[str, Any]]:
    """Return the properties of each style, as `xlsxwriter.Workbook.add_format` takes them."""
    place = _PLACE[language]
    bold, italic = {"bold": True}, {"italic": True}
    entered = {**_BOX, "font_color": "#1F3864", "bg_color": f"#{INPUT_FILL}"}
    head = {**_BOX, "bg_color": "#D9E2F3"}
    found: dict[str, dict[str, Any]] = {
        "body": _look("left", font_size=12),
        "label": _look("left", font_size=12, **bold),
        "centre line": _look("center", font_size=12),
        "italic line": _look("center", font_size=12, **italic),
        "remark": _look("left", font_size=10, font_color="#404040", **italic),
        "motto": _look("center", font_size=12, **bold),
        "underlined motto": _look("center", font_size=12, underline=1, **bold),
        "title": _look("center", font_size=14, **bold),
        "section": _look("left", font_size=13, **bold),
        "head": _look("center", **bold, **head),
        # Machine names, which reading back looks for, stand beneath their headings unseen.
        "machine": _look("center", font_size=8, font_color="#D9E2F3", **head),
        "sheet title": _look("left", font_size=14, **bold) | {"text_wrap": False},
        "sheet line": _look("left", font_size=12) | {"text_wrap": False},
        # LibreOffice prints the edge of "###" where a hidden column has a number: in white.
        "key": _look("center", font_size=8, font_color="#FFFFFF"),
        "group": _look("left", bg_color="#F2F2F2", **bold, **_BOX),
        "text": _look("left", **_BOX),
        "bold text": _look("left", **bold, **_BOX),
        "bold line": _look("left", **bold, **_RULES) | {"text_wrap": False},
        "rule": _look("left", **_RULES),
        "centre": _look("center", **_BOX),
        "missing": _look("right", font_color="#595959", **italic, **_BOX),
        "unused": _look("left", bg_color="#E7E6E6", **_BOX),
        "input text": _look("left", **entered),
        "input code": _look("left", num_format="@", **entered),
        "input centre": _look("center", **entered),
        "input missing": _look("right", **italic, **entered),
        "met": _look("center", **bold, **_BOX),
    }
    formats = {
        "number": "#,##0.0#",
        "hours": "#,##0.00#",
        "share": "0.0##",
        "whole": "#,##0",
        "date": "dd/mm/yyyy",
        "points": f"+#,##0.00;{place}-#,##0.00;{place}0.00",
        **{f"percent{n}": f"0.{'0' * n}%" for n in _PERCENTS},
    }
    for name, number in formats.items():
        look = _look("center" if name == "date" else "right", num_format=place + number)
        found[name] = {**look, **_BOX}
        found[f"bold {name}"] = {**look, **bold, **_BOX, "bg_color": "#F2F2F2"}
        found[f"input {name}"] = {**look, **entered}
    for name in INDENTED:  # text beside a number keeps its distance
        found[name]["indent"] = 1
    return found


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
