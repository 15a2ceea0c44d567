"""How pages look: headings, figures, tables, empty states, faults; one way for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import pandas as pd
import streamlit as st

from procsim.app.shell import address
from procsim.app.shell.session import language, say
from procsim.errors import Fault, ProcsimError, Text
from procsim.language.i18n import t
from procsim.language.vietnamese import fold, format_number, format_number_en
from procsim.reports.map.drawing import COLOURS, DARK

if TYPE_CHECKING:
    from streamlit.elements.arrow import DataframeState


PAGES = Path(__file__).parents[1]
MOST_ROWS = 300
ROW_PIXELS = 35
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-!|>~$:"} | {"<": "&lt;"})
Width = Literal["small", "medium", "large"] | int
Format = int | Callable[[Any], str]


def written(value: float | None, decimals: int | None = None) -> str:
    """Return a number in the way of the language: 1.234,5 or 1,234.5."""
    return (format_number if language() == "vi" else format_number_en)(value, decimals)


def amount(value: Any, decimals: int | None = 0) -> str:
    """Return a figure, or the words for one that is missing."""
    return say("missing") if value is None or pd.isna(value) else written(value, decimals)


def percent(share: Any, decimals: int = 2) -> str:
    """Return a share (0.3) in percent (30,00 %), or the words for a missing one."""
    return (
        say("missing") if share is None or pd.isna(share) else f"{written(100 * share, decimals)} %"
    )


def day(value: object) -> str:
    """Return a date as 05/08/2026, or the words for a missing one."""
    if value is None or pd.isna(value):
        return say("missing")
    return str(pd.Timestamp(value).strftime("%d/%m/%Y"))


def told(text: Text) -> str:
    """Return a text in the language of the session."""
    return text.in_language(language())


def escaped(text: str) -> str:
    """Return a text of the data so that Markdown and HTML show it as it is."""
    return " ".join(text.split()).translate(_MARKDOWN)


def view(name: str) -> str:
    """Return the file of a page, as `st.page_link` takes it."""
    return str(PAGES / name / "page.py")


def go(name: str, label: str, *, icon: str | None = None, **changes: str) -> None:
    """Show a link to another page that keeps the project, the plan and the language."""
    st.page_link(view(name), label=label, icon=icon, query_params=address.link(**changes))


def heading(page: str) -> None:
    """Show the title of a page and the one sentence that says what it is for."""
    st.title(say(f"{page}.title"))
    st.caption(say(f"{page}.caption"))


def empty(what: str, page: str, label: str) -> None:
    """Say why there is nothing to see here, and where to go."""
    st.info(what, icon=":material/info:")
    go(page, label, icon=":material/arrow_forward:")


def figure(
    place: st.delta_generator.DeltaGenerator,
    label: str,
    value: str,
    *,
    change: str | None = None,
    burden: bool = False,
    help: str | None = None,
) -> None:
    """Show one figure with its change.

    Parameters
    ----------
    burden
        Whether the change is a signed number of a burden (days, papers, cost): an arrow
        shows its direction, and a fall is green. Other changes are words without either.
    """
    if value == say("missing"):  # the words are too long for the large letters of a figure
        value, change, burden = "–", value, False
    place.metric(
        label,
        value,
        change,
        delta_color="inverse" if burden else "off",
        delta_arrow="auto" if burden else "off",
        help=help,
        border=True,
    )


def table(
    frame: pd.DataFrame,
    *,
    formats: Mapping[str, Format] | None = None,
    key: str,
    pick: bool = False,
    height: int | Literal["auto"] = "auto",
    widths: Mapping[str, Width] | None = None,
) -> str | None:
    """Show a table with figures in the way of the language, still sortable as numbers.

    Parameters
    ----------
    frame
        Headings as columns; the index is the id that picking returns, and is not shown.
    formats
        Heading → decimals, or a function that writes a cell.
    pick
        Whether a row can be picked.
    height
        The most pixels; a table of few rows is lower.
    widths
        Heading → ``"small"``, ``"medium"``, ``"large"``, or pixels.

    Returns
    -------
    str or None
        Index of the row picked.
    """
    shown = frame.head(MOST_ROWS)
    if len(frame) > len(shown):
        st.caption(say("table.first", shown=len(shown), total=len(frame)))
    styles = {
        heading: partial(amount, decimals=way) if isinstance(way, int) else way
        for heading, way in (formats or {}).items()
        if heading in shown
    }
    columns = {
        heading: st.column_config.Column(width=width) for heading, width in (widths or {}).items()
    }
    event = st.dataframe(
        shown.style.format(styles, na_rep=say("missing")),
        key=key,
        hide_index=True,
        width="stretch",
        height=height if height == "auto" else min(height, 38 + ROW_PIXELS * max(len(shown), 1)),
        placeholder="–",
        column_config=columns,
        on_select="rerun" if pick else "ignore",
        selection_mode="single-row",
    )
    if not pick:
        return None
    picked = cast("DataframeState", event)["selection"]["rows"]
    return str(shown.index[picked[0]]) if picked and picked[0] < len(shown) else None


def chart(spec: dict[str, Any]) -> None:
    """Show a chart of `procsim.reports.charts.figures`, readable on a light and on a dark page.

    Parameters
    ----------
    spec
        What its ``to_dict()`` gives: a tenth of a second, so that pages keep it.
    """
    made = spec
    if st.context.theme.type == "dark":
        text = json.dumps(spec)
        for name, colour in COLOURS.items():
            text = text.replace(colour, DARK[name])
        made = json.loads(text)
    title = made.get("title", {}).get("text", "")
    said = " ".join(title) if isinstance(title, list) else str(title)
    st.vega_lite_chart(made, theme=None, width="stretch", alt=said)


def rows(frame: pd.DataFrame, words: str, columns: Iterable[str]) -> pd.DataFrame:
    """Return the rows in which every word stands, with or without diacritics."""
    wanted = fold(words).split()
    if not wanted:
        return frame
    cells = (frame[column].astype(str).tolist() for column in columns)
    texts = [fold(" ".join(row)) for row in zip(*cells, strict=True)]
    return frame[[all(word in text for word in wanted) for text in texts]]


def failure(error: ProcsimError) -> None:
    """Show everything that is wrong, with place, value and cure; nothing was changed."""
    for fault in error.faults:
        st.error(escaped(fault.in_language(language())))


def faults(found: Iterable[Fault], *, key: str) -> None:
    """Show faults as a table: severity, place, value, what is wrong, what to do."""
    order = ("error", "warning", "note")
    made = [
        {
            say("faults.severity"): t(f"severity.{fault.severity}", language()),
            say("faults.place"): fault.place,
            say("faults.value"): fault.value,
            say("faults.message"): told(fault.message),
            say("faults.cure"): told(fault.cure),
        }
        for fault in sorted(found, key=lambda fault: order.index(fault.severity))
    ]
    if made:
        table(pd.DataFrame(made), key=key)
