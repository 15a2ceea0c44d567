"""Đánh dấu giấy tờ: doubtful rows by effect, decided one key at a time; what was decided."""

from __future__ import annotations

import streamlit as st

from procsim.app.marking.decisions import decided, quality
from procsim.app.marking.queue import figures, queue, reading_job
from procsim.app.marking.review import review
from procsim.app.shell import show, workspace
from procsim.app.shell.jobs import follow, jobs
from procsim.app.shell.session import say

project = workspace.current()
show.heading("marking")
if project.portfolio.requirements.empty:
    show.empty(say("marking.empty"), "data", say("data.page"))
    st.stop()
waiting = reading_job(project)
if waiting is not None:
    over = follow(waiting, name="marking.reading")
    st.caption(say("marking.reading"))
    if over is not None:
        st.button(
            say("marking.reading.again"),
            key="marking.again",
            on_click=jobs().forget,
            args=(waiting,),
        )
    st.stop()

lines = queue(project)
rows = project.portfolio.requirements
left = int(lines["rows"].sum())
now = figures(project)
last = st.session_state.get("marking.moved")
before = last[1] if last is not None and last[0] == (project.id, project.version) else None


def moved(new: float, old: float | None) -> str:
    """Return by how much the last decision moved a figure, in words."""
    if old is None:
        return say("marking.no_move")
    change = new - old
    if not change:
        return say("marking.unmoved")
    return say("marking.moved", change=f"{'+' if change > 0 else '−'}{show.written(abs(change))}")


first, second, third, fourth = st.columns(4)
show.figure(
    first,
    say("marking.left"),
    say("marking.left.value", decisions=len(lines)),
    change=say("marking.left.rows", rows=left),
    help=say("marking.left.help"),
)
show.figure(
    second,
    say("marking.sure"),
    show.percent(1 - left / len(rows)),
    change=say("marking.sure.rows", sure=len(rows) - left, rows=len(rows)),
    help=say("marking.sure.help", left=left, rows=len(rows)),
)
show.figure(
    third,
    say("marking.documents"),
    show.amount(now.documents),
    change=moved(now.documents, before.documents if before else None),
    help=say("marking.documents.help"),
)
show.figure(
    fourth,
    say("marking.held"),
    show.written(now.held),
    change=moved(now.held, before.held if before else None),
    help=say("marking.held.help"),
)

PARTS = ("review", "decided", "quality")
tabs = st.tabs([say(f"marking.tab.{name}") for name in PARTS], key="marking.tab", on_change="rerun")
for tab, name in zip(tabs, PARTS, strict=True):
    if not tab.open:
        continue  # what is not looked at costs nothing
    with tab:
        if name == "review":
            review(project, lines)
        elif name == "decided":
            decided(project)
        else:
            quality(project)
