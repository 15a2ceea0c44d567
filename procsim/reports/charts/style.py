"""What all charts share: palette, letters, Vietnamese numbers, and how they become pictures.

Nothing here reaches for the network: data stand inside the chart, and vl-convert
draws it with fonts of the machine and its own.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from procsim.errors import InvalidValue, Text, shorten
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual, fault_of
from procsim.reports.map.drawing import COLOURS, FONTS

Figure = alt.Chart | alt.LayerChart | alt.ConcatChart

LABEL = 32  # characters of a name in one line beside a chart
_SIZE = 12
# One number for all sides is right too, but Streamlit writes into it side by side.
_PADDING = {"left": 10, "right": 10, "top": 10, "bottom": 10}
_MOST_LINES = 2
_LINE = 14  # points from one line of a name to the next
_LARGEST_SCALE = 8.0
_DATES = {
    "vi": {
        "dateTime": "%d/%m/%Y %H:%M",
        "date": "%d/%m/%Y",
        "time": "%H:%M",
        "periods": ["SA", "CH"],
        "days": ["Chủ nhật", *(f"Thứ {d}" for d in ("hai", "ba", "tư", "năm", "sáu", "bảy"))],
        "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
        "months": [f"Tháng {month}" for month in range(1, 13)],
        "shortMonths": [f"Th{month}" for month in range(1, 13)],
    }
}
_NUMBERS = {
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " đồng"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", " VND"]},
}
PERCENT_AXIS = "format(datum.value * 100, ',.0f') + ' %'"
_UNITS = (
    (1e9, bilingual("reports.billion_vnd")),
    (1e6, bilingual("reports.million_vnd")),
    (1e3, bilingual("reports.thousand_vnd")),
    (1.0, bilingual("reports.vnd")),
)


def columns_needed(frame: pd.DataFrame, names: Iterable[str], place: str) -> None:
    """Refuse a table that lacks columns, all of them at once."""
    faults = [fault_of("figure.no_column", place, name) for name in names if name not in frame]
    if faults:
        raise InvalidValue(faults)


def shown(number: float, language: str, decimals: int | None = None) -> str:
    """Return a number in the writing of the language."""
    write = format_number if language == "vi" else format_number_en
    return write(number, decimals).replace("-", "−")


def percent(share: float, language: str, decimals: int = 1) -> str:
    """Return a share (0–1) in per cent: ``12,5 %``; a dash where it is missing."""
    return "–" if math.isnan(share) else f"{shown(round(share * 100, decimals), language)} %"


def money_unit(largest: float) -> tuple[float, Text]:
    """Return how many đồng the unit has in which amounts up to `largest` read best, and it.

    Examples
    --------
    >>> money_unit(31_000_000)[1].vi
    'triệu đồng'
    """
    return next((unit for unit in _UNITS if abs(largest) >= 10 * unit[0]), _UNITS[-1])


def wrapped(words: str, length: int = LABEL, lines: int = _MOST_LINES) -> str:
    r"""Return a name in even lines of at most `length` characters, cut after `lines` of them.

    Examples
    --------
    >>> wrapped("Cơ sở dữ liệu quốc gia về đất đai").split("\n")
    ['Cơ sở dữ liệu quốc', 'gia về đất đai']
    """
    text = " ".join(words.split())
    made = textwrap.wrap(text, length, max_lines=lines, placeholder=" …")
    if len(made) > 1 and not made[-1].endswith("…"):
        even = -(-len(text) // len(made))
        tries = (textwrap.wrap(text, width) for width in range(even, length + 1))
        made = next(found for found in tries if len(found) == len(made))
    return "\n".join(made) or "–"


def unique(names: Iterable[str]) -> list[str]:
    """Return the names, each told from the equal ones before it.

    Examples
    --------
    >>> unique(["A", "B", "A"])
    ['A', 'B', 'A (2)']
    """
    made: dict[str, None] = {}
    for name in names:
        one, number = name, 1
        while one in made:
            number += 1
            one = f"{name} ({number})"
        made[one] = None
    return list(made)


def values(rows: Iterable[Mapping[str, Any]]) -> alt.Data:
    """Return rows as data that stand in the chart itself, a missing number as null."""
    plain = [
        {key: None if isinstance(v, float) and math.isnan(v) else v for key, v in row.items()}
        for row in rows
    ]
    data: Any = alt.Data  # the one name that altair gives no types
    made: alt.Data = data(values=plain)
    return made


def axis_of_names(**more: Any) -> alt.Axis:
    """Return an axis whose labels keep the line breaks of `wrapped`, two lines at most."""
    middle = alt.condition("indexof(datum.value, '\\n') > 0", alt.value(-_LINE / 2), alt.value(0))
    more.setdefault("labelOffset", middle)
    return alt.Axis(
        title=None,
        labelExpr="split(datum.label, '\\n')",
        labelLimit=400,
        labelLineHeight=_LINE,
        ticks=False,
        domain=False,
        **more,
    )


def sentence(words: str, title: str, language: str) -> Figure:
    """Return a chart that says in words why there is nothing to draw."""
    made = (
        alt.Chart(values([{"words": wrapped(words, 70, 6)}]))
        .mark_text(lineBreak="\n", fontSize=_SIZE + 1, color=COLOURS["soft"])
        .encode(text="words:N")
        .properties(width=520, height=90)
    )
    return styled(made, title, (), language)


def styled(chart: Figure, title: str, under: Sequence[str], language: str) -> Figure:
    """Return the chart with title, subtitle, palette, letters and number format."""
    lines = [line for text in under if text for line in wrapped(text, 84, 4).split("\n")]
    head = alt.TitleParams(
        text=wrapped(title, 64).split("\n"),
        subtitle=lines,
        anchor="start",
        frame="bounds",
        fontSize=_SIZE + 3,
        subtitleFontSize=_SIZE,
        subtitleColor=COLOURS["soft"],
        color=COLOURS["ink"],
        offset=12,
    )
    locale: dict[str, Any] = {"number": _NUMBERS[language]}
    if language in _DATES:
        locale["time"] = _DATES[language]
    plain = chart.properties(title=head, background=COLOURS["white"], padding=_PADDING)
    made: Figure = plain.configure(
        font=FONTS,
        locale=locale,
        axis=alt.AxisConfig(
            labelFontSize=_SIZE,
            titleFontSize=_SIZE,
            titleFontWeight="normal",
            labelColor=COLOURS["ink"],
            titleColor=COLOURS["soft"],
            gridColor=COLOURS["grey"],
            domainColor=COLOURS["dust"],
            tickColor=COLOURS["dust"],
        ),
        legend=alt.LegendConfig(
            labelFontSize=_SIZE,
            titleFontSize=_SIZE,
            labelLimit=400,
            titleFontWeight="normal",
            orient="bottom",
        ),
        text=alt.MarkConfig(fontSize=_SIZE, color=COLOURS["ink"]),
        view=alt.ViewConfig(stroke=None),
    )
    return made


def _version() -> str:
    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def figure_png(chart: Figure, scale: float = 2.0) -> bytes:
    """Return a chart as a PNG picture, for Word and Excel; no browser is needed.

    Parameters
    ----------
    scale
        Points of the picture for each point of the chart, more than 0 up to 8.

    Raises
    ------
    InvalidValue
        For a scale out of bounds.
    """
    from vl_convert import vegalite_to_png

    if isinstance(scale, bool) or not 0 < scale <= _LARGEST_SCALE:
        raise InvalidValue(fault_of("figure.scale", "scale", shorten(scale)))
    return bytes(
        vegalite_to_png(
            chart.to_dict(), vl_version=_version(), scale=scale, ppi=72, allowed_base_urls=[]
        )
    )


def figure_svg(chart: Figure) -> str:
    """Return a chart as SVG text."""
    from vl_convert import vegalite_to_svg

    return str(vegalite_to_svg(chart.to_dict(), vl_version=_version(), allowed_base_urls=[]))
