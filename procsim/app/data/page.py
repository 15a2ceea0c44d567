"""Dữ liệu: load files, see and mend what is wrong, enter what officers know, take data home."""

from __future__ import annotations

import streamlit as st

from procsim.app.data.faults import faults
from procsim.app.data.inputs import inputs
from procsim.app.data.upload import holdings, upload
from procsim.app.shell import show, workspace
from procsim.app.shell.session import say

project = workspace.current()
show.heading("data")
st.markdown(
    say(
        "data.loaded",
        source=show.escaped(project.portfolio.source) or say("data.no_source"),
        procedures=len(project.portfolio),
        rows=len(project.portfolio.requirements),
        decisions=len(project.portfolio.decisions),
    )
)
PARTS = {"upload": upload, "faults": faults, "inputs": inputs, "holdings": holdings}
tabs = st.tabs([say(f"data.tab.{name}") for name in PARTS], key="data.tab", on_change="rerun")
for tab, (name, part) in zip(tabs, PARTS.items(), strict=True):
    if not tab.open:
        continue  # what is not looked at costs nothing
    with tab:
        if name in ("upload", "holdings") or len(project.portfolio):
            part(project)
        else:
            st.info(say("data.nothing_yet"), icon=":material/info:")
