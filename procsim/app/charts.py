"""Charts of `procsim.reports.figures` on a page, in the colours of a light or a dark theme."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from procsim.reports.chart_style import Figure
from procsim.reports.map_drawing import COLOURS

__all__ = ["draw"]

# Each pair keeps at least the contrast that the light palette has (WCAG AA on #12181f).
_DARK = {
    "ink": "#E8EDF2",
    "soft": "#A9B6C3",
    "white": "#12181F",
    "blue": "#7DB4E6",
    "sky": "#1F3A52",
    "yellow": "#57460E",
    "brown": "#E0B45C",
    "green": "#5CC9A3",
    "mint": "#17452F",
    "orange": "#F0A063",
    "grey": "#333E4A",
    "dust": "#95A2AF",
    "lane_step": "#18222D",
    "lane_paper": "#22211A",
    "lane_database": "#16241E",
}
_IN_DARK = {COLOURS[name].lower(): colour for name, colour in _DARK.items()}


def draw(figure: Figure, *, key: str, alt: str) -> None:
    """Show a chart as wide as the page allows.

    Parameters
    ----------
    figure
        From `procsim.reports.figures`.
    alt
        What it shows, for those who hear the page.
    """
    spec = figure.to_dict()
    if isinstance(spec.get("padding"), int | float):
        # Streamlit writes into the padding, which a plain number does not allow.
        spec["padding"] = dict.fromkeys(("left", "right", "top", "bottom"), spec["padding"])
    if st.context.theme.type == "dark":
        spec = _recoloured(spec)
    st.vega_lite_chart(spec=spec, key=key, alt=alt, theme=None, width="stretch")


def _recoloured(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the chart with each colour of the palette as it is in the dark."""
    text = json.dumps(spec)
    for light in COLOURS.values():
        text = text.replace(json.dumps(light), json.dumps(_IN_DARK[light.lower()]))
    made: dict[str, Any] = json.loads(text)
    return made
