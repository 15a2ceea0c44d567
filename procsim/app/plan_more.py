"""More reforms for a plan, from what procsim finds in the portfolio: search, pick, add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from procsim.app import jobs, show, workspace
from procsim.app.composing import add
from procsim.app.session import language, say
from procsim.app.smallest_question import Question, pool
from procsim.errors import InvalidValue
from procsim.language.i18n import bilingual
from procsim.least_cost.candidates import CLASSES, Candidates
from procsim.reforms.base import Reform
from procsim.store import Project

__all__ = ["refused", "show_candidates"]

_SHOWN = {
    "procedure": None,
    "change": None,
    "class": None,
    "saved_days": 1,
    "saved_vnd": 0,
    "saved_documents": 0,
    "saved_conditions": 0,
    "texts": None,
}


def show_candidates(project: Project, name: str) -> None:
    """Show what could be reformed, each with what it saves by itself, to add to a plan."""
    st.caption(say("scenarios.more.caption"))
    key = ("candidates", project.digest_of("portfolio", "parameters"))
    job = jobs.jobs().get(key)
    if job is None or job.status in ("failed", "cancelled"):
        st.button(
            say("scenarios.more.find"),
            key="scenarios.more.find",
            type="primary",
            on_click=jobs.begin,
            args=(key, lambda report: _found(report, project)),
        )
    job = jobs.follow(key, name="scenarios.more")
    if job is not None and job.status == "done":
        _choose(project, name, cast("Candidates", job.result))


def _found(report: jobs.Report, project: Project) -> Candidates:
    report(0.1, bilingual("app.smallest.finding"))
    return pool(project, Question())


def _choose(project: Project, name: str, found: Candidates) -> None:
    frame = found.frame
    words, kinds = st.columns([5, 4], vertical_alignment="bottom")
    text = words.text_input(
        say("scenarios.find"), key="scenarios.more.words", placeholder=say("scenarios.find.hint")
    )
    classes = kinds.multiselect(
        say("smallest.classes"),
        CLASSES,
        format_func=lambda each: say(f"smallest.class.{each}"),
        key="scenarios.more.classes",
        placeholder=say("smallest.classes.hint"),
    )
    change = f"change_{language()}"
    rows = show.rows(frame, text, ("procedure", change, "reason", "texts"))
    if classes:
        rows = rows[rows["class"].isin(classes)]
    rows = rows.sort_values("saved_vnd", ascending=False, kind="stable")
    st.caption(say("scenarios.more.found", shown=min(len(rows), show.MOST_ROWS), total=len(rows)))
    shown = rows.head(show.MOST_ROWS)
    table = shown.rename(columns={change: "change"})[list(_SHOWN)].assign(
        **{"class": [say(f"smallest.class.{each}") for each in shown["class"]]}
    )
    heads = {column: say(f"scenarios.more.{column}") for column in _SHOWN}
    formats = {
        heads[column]: (lambda value, d=decimals: show.amount(value, d))
        for column, decimals in _SHOWN.items()
        if decimals is not None
    }
    event = st.dataframe(
        table.rename(columns=heads).style.format(formats),
        key="scenarios.more.table",
        hide_index=True,
        width="stretch",
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={heads["change"]: st.column_config.Column(width="large")},
    )
    place = {each: position for position, each in enumerate(frame.index)}
    picked = [
        found.reforms[place[shown.index[row]]]
        for row in event["selection"]["rows"]
        if row < len(shown)
    ]
    st.button(
        say("scenarios.more.add", count=len(picked), plan=name),
        key="scenarios.more.add",
        type="primary",
        disabled=not picked,
        on_click=_add,
        args=(project, name, picked),
    )


def _add(project: Project, name: str, reforms: Sequence[Reform]) -> None:
    there = set(project.plans[name].reforms)
    new = [each for each in reforms if each not in there]
    try:
        saved = not new or workspace.act(add(project, name, new))
    except InvalidValue as error:
        st.session_state["scenarios.refused"] = error
        return
    if saved:
        st.session_state["notice"] = bilingual("app.scenarios.added", count=len(new), plan=name)


def refused() -> InvalidValue | None:
    """Return, once, why reforms could not be added."""
    error: InvalidValue | None = st.session_state.pop("scenarios.refused", None)
    return error
