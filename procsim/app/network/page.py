"""Mạng lưới: which data free most, chains, circles, demands made twice, procedures alike."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from procsim.app.network.analysis import Found, find, graph_file
from procsim.app.network.chains import chain_tab, cycle_tab, duplicate_tab, similar_tab
from procsim.app.network.links import link_tab
from procsim.app.network.ranking import ranking_tab
from procsim.app.shell import show, workspace
from procsim.app.shell.session import language, say
from procsim.store import Project

TABS: dict[str, Callable[[Project, Found], None]] = {
    "ranking": ranking_tab,
    "chains": chain_tab,
    "cycles": cycle_tab,
    "duplicates": duplicate_tab,
    "similar": similar_tab,
    "links": link_tab,
}


def summary(found: Found) -> None:
    """Show the size of the network, and what it means in words."""
    counts = {
        "links": int(found.links["counted"].sum()),
        "review": int((found.links["review"] & found.links["source"].eq("rule")).sum()),
        "cycles": len(found.cycles),
        "duplicates": len(found.duplicates),
        "clusters": len(found.clusters),
    }
    for place, (name, value) in zip(st.columns(len(counts)), counts.items(), strict=True):
        show.figure(
            place,
            say(f"network.figure.{name}"),
            show.written(value),
            help=say(f"network.figure.{name}.help"),
        )
    if found.readings:
        with st.expander(say("network.readings"), icon=":material/lightbulb:"):
            for text in found.readings.values():
                st.markdown(f"- {show.escaped(show.told(text))}")


project = workspace.current()
show.heading("network")
if project.portfolio.procedures.empty:
    show.empty(say("network.empty"), "data", say("network.empty.go"))
    st.stop()
found = find(project, name="network")
if found is not None:
    summary(found)
    made = st.tabs(
        [say(f"network.tab.{name}") for name in TABS],
        key=f"network.tabs.{language()}",
        on_change="rerun",
    )
    for draw, tab in zip(TABS.values(), made, strict=True):
        if tab.open:
            with tab:
                draw(project, found)
    known = found.links
    st.download_button(
        say("network.graph"),
        lambda: graph_file(project, known),
        file_name="mang-luoi.graphml",
        mime="application/xml",
        icon=":material/download:",
        key="network.graph",
        on_click="ignore",
        help=say("network.graph.help"),
    )
