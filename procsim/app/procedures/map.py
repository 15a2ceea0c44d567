"""The tab Sơ đồ: the map of one procedure before and after, with nodes to pick."""

from __future__ import annotations

from functools import partial

import streamlit as st

from procsim.app.procedures.papers import node
from procsim.app.shell import results
from procsim.app.shell.session import language, say
from procsim.model import Portfolio
from procsim.reports.map.diagram import procedure_map, to_png
from procsim.reports.map.drawing import dark
from procsim.store import Project

_WIDTHS = (1000, 1480, 2200)
_PAGE, _BESIDE = 1240, 820
"""Width of the map when it has the page for itself, and with details beside it."""


def diagram(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show the map, and the details of the node that was picked last."""
    picked = _picked(procedure)
    tongue, width, case = _options(project, procedure, beside=bool(picked))
    svg = results.of_plan(
        "map",
        project,
        plan if after is not None else "",
        lambda: procedure_map(
            project.portfolio, procedure, after, tongue, width=width, case=case or None
        ),
        *(procedure, tongue, width, case),
    )
    # Always columns: the map keeps its place, and is not drawn a second time.
    place, *beside = st.columns([2, 1] if picked else [1], gap="medium")
    with place:
        found = procedure_map_element(svg, key="procedures.map")
    if found is not None and found != picked:
        st.session_state["procedures.node"] = (procedure, found)
        st.rerun()
    for details in beside:
        with details:
            st.button(
                say("procedures.node.close"),
                key="procedures.node.close",
                icon=":material/close:",
                on_click=_close,
            )
            node(project, plan, procedure, after, picked)
    _downloads(svg, procedure)


def _picked(procedure: str) -> str:
    home, name = st.session_state.get("procedures.node", ("", ""))
    return name if home == procedure else ""


def _close() -> None:
    st.session_state.pop("procedures.node", None)


def _options(project: Project, procedure: str, *, beside: bool) -> tuple[str, int, str]:
    cases = project.portfolio.rows("cases", procedure)
    cases = cases[cases["kind"].eq("case")]
    names = {"": say("procedures.map.case.base")} | {
        i: name or i for i, name in cases["name"].items()
    }
    left, right = st.columns([1, 3], vertical_alignment="center")
    right.caption(say("procedures.map.hint"))
    tongues = {code: say(f"procedures.map.language.{code}") for code in ("vi", "en")}
    widths = {0: say("procedures.map.width.page")} | {n: str(n) for n in _WIDTHS}
    with left.popover(say("procedures.map.options"), icon=":material/tune:"):
        tongue = st.radio(
            say("procedures.map.language"),
            list(tongues),
            index=list(tongues).index(language()),
            format_func=tongues.__getitem__,
            key=f"procedures.map.language.{language()}",
            horizontal=True,
        )
        width = st.radio(
            say("procedures.map.width"),
            list(widths),
            format_func=widths.__getitem__,
            key="procedures.map.width",
            horizontal=True,
        )
        case = ""
        if len(cases) > 1:
            case = st.selectbox(
                say("procedures.map.case"),
                list(names),
                format_func=names.__getitem__,
                key=f"procedures.map.case.{procedure}",
                placeholder=say("composing.choose"),
            )
    return tongue, width or (_BESIDE if beside else _PAGE), case


def _downloads(svg: str, procedure: str) -> None:
    with st.container(horizontal=True):
        for ending, data, mime in (
            ("svg", svg, "image/svg+xml"),
            ("png", partial(to_png, svg), "image/png"),
        ):
            st.download_button(
                say(f"procedures.map.{ending}"),
                data,
                file_name=f"so-do-{procedure.replace('#', '-')}.{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"procedures.map.{ending}",
                on_click="ignore",
            )


# The procedure map on a page: drawn by `procsim.reports.map.diagram`, its nodes can be picked.

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
        What `procsim.reports.map.diagram.procedure_map` returns.
    """
    shown = dark(svg) if st.context.theme.type == "dark" else svg
    picked = _element(key=key, data={"svg": shown}, on_picked_change=lambda: None)
    return None if picked.picked is None else str(picked.picked)
