"""A newer snapshot on the page Dữ liệu: what it changes, in words, before it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pandas as pd
import streamlit as st

from procsim.app import show, workspace
from procsim.app.data_intake import Intake
from procsim.app.data_snapshot import Snapshot, TakeSnapshot, snapshot
from procsim.app.jobs import Report, follow, jobs
from procsim.app.session import language, say
from procsim.errors import InvalidValue
from procsim.language.i18n import bilingual, t
from procsim.measures.decompose import FACTORS
from procsim.model.diff import AREAS
from procsim.store import Project

__all__ = ["newer"]

_COUNTED = ("statutory_days", "documents")


def newer(project: Project, digest: str, made: Intake, put_away: Callable[[str], None]) -> None:
    """Show what a newer snapshot changes, and take it over when the officer accepts.

    Parameters
    ----------
    put_away
        Called with the digest once the upload has served.
    """
    key = ("snapshot", digest, project.digest_of("portfolio", "parameters", "plans"))
    if jobs().get(key) is None:
        state, parameters = project.state, project.parameters()

        def work(report: Report) -> Snapshot:
            return snapshot(
                state.portfolio, made.portfolio, state.plans, made.plan, parameters, report
            )

        jobs().start(key, work)
    job = follow(key, name="data.snapshot")
    if job is None:
        return
    if job.status != "done":
        st.button(say("data.retry"), key="data.newer.retry", on_click=jobs().forget, args=(key,))
        return
    found = cast("Snapshot", job.result)
    before, after = found.decisions
    entered, kept_figures = found.entries
    st.markdown(
        say(
            "data.newer.carried", decisions=after, of=before, waiting=before - after,
            entries=kept_figures, entered=entered,
        )
    )  # fmt: skip
    st.button(
        say("data.newer.accept", project=project.name),
        key="data.newer.accept",
        type="primary",
        icon=":material/update:",
        on_click=_accept,
        args=(found, digest, put_away),
    )
    _lost(found)
    _difference(found)


def _lost(newer: Snapshot) -> None:
    """Name the reforms whose rows are gone; they leave their plans with the snapshot."""
    if not newer.lost:
        return
    rows = [
        {
            say("data.lost.plan"): name,
            say("data.lost.reform"): show.told(reform.title),
            say("data.lost.target"): reform.target,
            say("data.lost.what"): show.told(reform.describe()),
        }
        for name, reforms in newer.lost.items()
        for reform in reforms
    ]
    st.warning(say("data.lost", count=len(rows)), icon=":material/warning:")
    show.table(pd.DataFrame(rows), key="data.lost")


def _accept(newer: Snapshot, digest: str, put_away: Callable[[str], None]) -> None:
    try:
        if workspace.act(TakeSnapshot(newer.portfolio, newer.plans)):
            st.session_state["notice"] = bilingual("app.data.newer.accepted")
            put_away(digest)
    except InvalidValue as error:
        st.session_state["notice"] = error.faults[0].message


def _difference(newer: Snapshot) -> None:
    frame, summary = newer.difference.frame, newer.difference.summary
    whole = frame[frame["item"] == "procedures"]["kind"].value_counts()
    changed = frame[frame["item"] != "procedures"]["procedure"].nunique()
    st.markdown(
        t(
            "cli.diff.summary", language(), old=newer.difference.old, new=newer.difference.new,
            added=int(whole.get("added", 0)), ended=int(whole.get("removed", 0)),
            changed=int(changed), changes=len(frame),
        )
    )  # fmt: skip
    totals = summary[summary["ministry"] == ""]
    if len(totals):
        show.table(
            pd.DataFrame(
                {
                    say("data.diff.area"): [show.told(AREAS[area]) for area in totals["area"]],
                    **{
                        say(f"data.diff.{kind}"): totals[kind].astype(float).tolist()
                        for kind in ("added", "removed", "changed", "procedures")
                    },
                }
            ),
            formats={
                say(f"data.diff.{kind}"): 0
                for kind in ("added", "removed", "changed", "procedures")
            },
            key="data.diff.areas",
        )
    _causes(newer.causes)
    if newer.faults:
        st.markdown(f"**{say('data.newer.waiting', count=len(newer.faults))}**")
        show.faults(newer.faults, key="data.newer.faults")
    if len(frame):
        with st.expander(
            say("data.diff.all", count=len(frame)), key="data.diff", on_change="rerun"
        ) as all_:
            if all_.open:
                _changes(frame)


def _causes(causes: pd.DataFrame) -> None:
    """Show what each metric changed and by which cause; a cut that is no reform is named."""
    rows, notes = [], []
    for row in causes.to_dict("records"):
        digits = 2 if row["metric"] in _COUNTED else 0
        label = t(f"cli.diff.metric.{row['metric']}", language())
        known = bool(row["procedures"])
        shown = {
            say(f"data.diff.{name}"): show.amount(row[name] if known else None, digits)
            for name in ("before", "after", "saved")
        }
        parts = [
            f"{show.told(words)}: {show.written(row[name], digits)}"
            for name, words in FACTORS.items()
            if known and round(row[name], digits)
        ]
        rows.append(
            {say("data.diff.metric"): label, **shown, say("data.diff.causes"): "; ".join(parts)}
        )
        if known and row["not_reform"]:
            notes.append(f"{label}: {row[f'note_{language()}']}.")
    st.markdown(f"**{say('data.diff.decomposition')}**")
    show.table(pd.DataFrame(rows), key="data.diff.causes")
    for note in notes:
        st.caption(show.escaped(note))


def _changes(frame: pd.DataFrame) -> None:
    words = st.text_input(
        say("list.search"), key="data.diff.search", placeholder=say("list.search.hint")
    )
    found = show.rows(frame, words, ("code", "name", "ministry", "before", "after"))
    show.table(
        pd.DataFrame(
            {
                say("list.code"): found["code"],
                say("list.name"): found["name"],
                say("data.diff.area"): [show.told(AREAS[area]) for area in found["area"]],
                say("data.diff.kind"): [say(f"data.diff.kind.{kind}") for kind in found["kind"]],
                say("data.diff.subject"): found["subject"],
                say("data.diff.before"): found["before"],
                say("data.diff.after"): found["after"],
            }
        ),
        key="data.diff.table",
    )
