"""The reforms of a plan on the page Kịch bản: find them, fill in the six clarities, remove."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

import pandas as pd
import streamlit as st

from procsim.app.shell import entry, jobs, results, show, workspace
from procsim.app.shell.session import language, say
from procsim.app.smallest.question import Question, pool
from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import bilingual
from procsim.least_cost.candidates import CLASSES, Candidates
from procsim.reforms import Plan
from procsim.reforms.base import CLARITIES, Reform
from procsim.store import Project, PutPlan
from procsim.workflows.composing import about, add, remove

EDITED = ("owner", "due", "lead", "product", "signer", "reason", "legal_text", "article")
_COLUMNS = ("procedure", "row", "change", "reason", "legal_text", "article", "due", "missing")
_PLACE = re.compile(r"plan › (\d+) › ")


def in_words(found: Iterable[Fault], project: Project, name: str) -> list[Fault]:
    """Return faults of a plan whose place says procedure and paper instead of kind and id."""
    frame = reform_table(project, name)

    def worded(fault: Fault) -> Fault:
        at = _PLACE.match(fault.place)
        if at is None:
            return fault
        row = frame.loc[int(at[1]) - 1]
        named = say(
            "scenarios.place", number=at[1], kind=row["kind"], code=row["procedure"], row=row["row"]
        )
        return replace(fault, place=named)

    return [worded(fault) for fault in found]


def reform_table(project: Project, name: str) -> pd.DataFrame:
    """Return one row for each reform of a plan, in words; index is the position from 0."""

    def make() -> pd.DataFrame:
        plan = project.plans[name]
        frame = plan.to_frame()
        labels = {clarity.name: show.told(clarity.label) for clarity in CLARITIES}
        made = pd.DataFrame(
            {
                "procedure": frame["procedure"],
                "row": [show.told(about(project.portfolio, each)) for each in plan.reforms],
                "kind": frame[f"title_{language()}"],
                "change": frame[f"change_{language()}"],
                "reason": frame["reason"],
                "legal_text": frame["legal_text"],
                "article": frame["article"],
                "due": pd.to_datetime(frame["due"], errors="coerce"),
                "missing": [
                    ", ".join(labels[each] for each in cell.split(";") if each)
                    for cell in frame["missing"]
                ],
            }
        )
        return made.set_axis(pd.RangeIndex(len(made)), axis=0)

    return results.of_plan("reform_table", project, name, make, language())


def show_reforms(project: Project, name: str) -> None:
    """Show the reforms of a plan; those picked can be filled in or taken out together."""
    frame = reform_table(project, name)
    if frame.empty:
        show.empty(say("scenarios.plan.empty"), "procedures", say("scenarios.to_procedures"))
        return
    words, kinds, only = st.columns([5, 4, 3], vertical_alignment="bottom")
    text = words.text_input(
        say("scenarios.find"), key="scenarios.find", placeholder=say("scenarios.find.hint")
    )
    of_kind = kinds.multiselect(
        say("scenarios.kind"),
        sorted(frame["kind"].unique()),
        key="scenarios.kind",
        placeholder=say("scenarios.kind.hint"),
    )
    lacking = only.toggle(say("scenarios.lacking"), key="scenarios.lacking")
    found = show.rows(frame, text, ("procedure", "row", "change", "reason", "legal_text"))
    if of_kind:
        found = found[found["kind"].isin(of_kind)]
    if lacking:
        found = found[found["missing"] != ""]
    st.caption(say("scenarios.found", shown=len(found), total=len(frame)))
    heads = {column: say(f"scenarios.column.{column}") for column in _COLUMNS}
    shown = found.head(show.MOST_ROWS)
    event = st.dataframe(
        shown[list(_COLUMNS)].rename(columns=heads).style.format({heads["due"]: show.day}),
        key=f"scenarios.reforms.{name}",
        hide_index=True,
        width="stretch",
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            heads["row"]: st.column_config.Column(width="medium"),
            heads["change"]: st.column_config.Column(width="large"),
        },
    )
    picked = [int(shown.index[row]) for row in event["selection"]["rows"] if row < len(shown)]
    if not picked:
        st.caption(say("scenarios.pick"))
        return
    _selected(project, name, picked)


def _selected(project: Project, name: str, picked: Sequence[int]) -> None:
    st.markdown(f"**{say('scenarios.picked', count=len(picked))}**")
    with st.form("scenarios.fill", border=True):
        given: dict[str, Any] = {}
        refused = False
        columns = st.columns(2)
        for number, field in enumerate(EDITED):
            with columns[number % 2]:
                label = say(f"scenarios.field.{field}")
                if field == "due":
                    day = entry.date(label, None, key="scenarios.fill.due")
                    refused = refused or isinstance(day, entry.Refused)
                    given[field] = day
                else:
                    given[field] = st.text_input(
                        label, key=f"scenarios.fill.{field}", placeholder=say("scenarios.unchanged")
                    ).strip()
        fill = st.form_submit_button(say("scenarios.fill"), type="primary")
    if fill and not refused:
        values = {field: value for field, value in given.items() if value}
        if values:
            _fill(project, name, picked, values)
    st.button(
        say("scenarios.remove", count=len(picked)),
        key="scenarios.remove",
        icon=":material/delete:",
        on_click=_remove,
        args=(project, name, tuple(picked)),
    )


def _fill(project: Project, name: str, picked: Sequence[int], values: dict[str, Any]) -> None:
    plan = project.plans[name]
    chosen = set(picked)
    try:
        reforms = tuple(
            replace(each, **values) if position in chosen else each
            for position, each in enumerate(plan.reforms)
        )
        workspace.act(PutPlan(name, replace(plan, reforms=reforms)))
    except InvalidValue as error:
        show.failure(error)
        return
    st.rerun()


def _remove(project: Project, name: str, picked: Sequence[int]) -> None:
    plan: Plan = project.plans[name]
    if workspace.act(remove(project, name, [plan.reforms[each] for each in picked])):
        st.session_state["notice"] = bilingual("app.scenarios.removed", count=len(picked))


# More reforms for a plan, from what procsim finds in the portfolio: search, pick, add.

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
