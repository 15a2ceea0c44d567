"""The procedure map on a page: drawn by `procsim.reports.diagram`, its nodes can be picked."""

from __future__ import annotations

import streamlit as st

from procsim.reports.map_drawing import dark

__all__ = ["procedure_map_element"]

# The drawing escapes every label; nothing else is put into the page.
_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".map");
  if (place.dataset.drawn !== data.svg) {
    place.innerHTML = data.svg;
    place.dataset.drawn = data.svg;
  }
  const drawing = place.querySelector("svg");
  if (drawing) {
    drawing.style.maxWidth = "100%";
    drawing.style.height = "auto";
  }
  place.querySelectorAll("g.node").forEach((node) => {
    const name = node.getAttribute("data-node");
    const pick = () => setTriggerValue("picked", name);
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", node.textContent.trim().replace(/\\s+/g, " "));
    node.onclick = pick;
    node.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        pick();
      }
    };
  });
}
"""
_STYLE = """
.map { overflow-x: auto; border-radius: 6px; }
.map g.node { cursor: pointer; }
.map g.node:focus-visible { outline: 3px solid #1f6feb; outline-offset: 2px; }
"""

_element = st.components.v2.component(
    "procsim_map", html='<div class="map"></div>', css=_STYLE, js=_SCRIPT
)


def procedure_map_element(svg: str, *, key: str) -> str | None:
    """Show a map, in the colours of the page, and return the id of the node picked in this run.

    Parameters
    ----------
    svg
        What `procsim.reports.diagram.procedure_map` returns.
    """
    shown = dark(svg) if st.context.theme.type == "dark" else svg
    picked = _element(key=key, data={"svg": shown}, on_picked_change=lambda: None)
    return None if picked.picked is None else str(picked.picked)
