"""Decisions taken, with who and when; and how far marking can be trusted, with sources."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, cast

import pandas as pd
import streamlit as st

from procsim.app.marking.review import named
from procsim.app.shell import show, workspace
from procsim.app.shell.jobs import Report, follow, jobs
from procsim.app.shell.results import of_portfolio
from procsim.app.shell.session import language, say
from procsim.errors import ProcsimError
from procsim.language.i18n import bilingual, t
from procsim.marking import decisions_frame, default_matcher, training_rows, undo
from procsim.marking.marker import machine_readings, types_of
from procsim.marking.officer import standing
from procsim.model import Portfolio
from procsim.readers.folder import write_decisions
from procsim.reforms import Plan, resolution_66_7
from procsim.store import Project, PutPlan, SetPortfolio

_FIGURES = (
    "right", "kind", "types_precision", "types_recall", "replaceable_precision",
    "replaceable_recall", "ece",
)  # fmt: skip


def decided(project: Project) -> None:
    """Show the decisions, the latest first, to take one back or to download them."""
    if project.portfolio.decisions.empty:
        st.info(say("marking.decided.none"), icon=":material/info:")
        return
    frame = of_portfolio("decisions", project, lambda: decisions_frame(project.portfolio))
    _downloads(project)
    words = st.text_input(
        say("marking.list.search"),
        key="marking.decided.search",
        placeholder=say("list.search.hint"),
    )
    found = show.rows(frame, words, ("name", "code", "decided_by", "reason", "types"))
    picked = show.table(
        pd.DataFrame(
            {
                say("marking.decided.on"): found["decided_on"].map(show.day),
                say("marking.decided.by"): found["decided_by"],
                say("list.code"): found["code"],
                say("marking.list.row"): found["name"],
                say("marking.decided.what"): [
                    named(kind, [part for part in types.split(";") if part], relation)
                    for kind, types, relation in zip(
                        found["kind"], found["types"], found["relation"], strict=True
                    )
                ],
                say("marking.reason"): found["reason"],
                say("marking.decided.state"): [
                    say(f"marking.state.{state}") for state in found["state"]
                ],
            },
            index=found.index,
        ),
        key=f"marking.decided.{project.version}",
        pick=True,
        widths={say("marking.list.row"): "large"},
    )
    _law(project)
    error: ProcsimError | None = st.session_state.pop("marking.undo.error", None)
    if error is not None:
        show.failure(error)
    if picked is None:
        st.caption(say("marking.decided.pick"))
        return
    copies = int((project.portfolio.decisions["copied_from"] == picked).sum())
    st.button(
        say("marking.decided.undo", copies=copies) if copies else say("marking.decided.undo_one"),
        key="marking.decided.undo",
        icon=":material/undo:",
        on_click=_take_back,
        args=(picked,),
    )


def _law(project: Project) -> None:
    """Make the plan of Resolution 66.7 again, so that decisions reach the figures of plans."""
    name = t("app.plan.66_7")
    portfolio = project.portfolio
    key = ("law", project.digest_of("portfolio"))

    def work(report: Report) -> Plan:
        report(0.1, bilingual("app.data.step.resolution"))
        return resolution_66_7(portfolio)

    if st.button(
        say("marking.law"),
        key="marking.law",
        icon=":material/refresh:",
        help=say("marking.law.help"),
    ):
        jobs().forget(key)
        jobs().start(key, work)
    job = follow(key, name="marking.law")
    if job is None or job.status != "done":
        return
    made = cast("Plan", job.result)
    old = project.plans.get(name)
    if old is None or old.reforms != made.reforms:
        done = workspace.act(PutPlan(name, made))
        text = bilingual(
            "app.marking.law.done", before=len(old) if old is not None else 0, after=len(made)
        )
    else:
        done, text = True, bilingual("app.marking.law.same", count=len(made))
    jobs().forget(key)
    if done:
        st.session_state["notice"] = text
    st.rerun()


def _take_back(decision: str) -> None:
    try:
        if workspace.act(SetPortfolio(undo(workspace.current().portfolio, decision))):
            st.session_state["notice"] = bilingual("app.marking.decided.undone")
    except ProcsimError as error:
        st.session_state["marking.undo.error"] = error


def decisions_csv(portfolio: Portfolio) -> bytes:
    """Return the decisions as ``procsim mark --decisions`` reads them."""
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = Path(folder) / "decisions.csv"
        write_decisions(portfolio, path)
        return path.read_bytes()


def training_lines(portfolio: Portfolio) -> bytes:
    """Return the decisions as labelled rows, as ``procsim train --labels`` reads them."""

    def plain(value: Any) -> Any:
        return value.item() if hasattr(value, "item") else str(value)

    rows = (json.dumps(row, ensure_ascii=False, default=plain) for row in training_rows(portfolio))
    return "".join(f"{row}\n" for row in rows).encode("utf-8")


def _downloads(project: Project) -> None:
    portfolio = project.portfolio
    left, right, _ = st.columns([1, 1, 1])
    left.download_button(
        say("marking.csv"),
        of_portfolio("decisions_csv", project, lambda: decisions_csv(portfolio)),
        file_name=say("marking.csv.file"),
        key="marking.csv",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
        help=say("marking.csv.help"),
    )
    right.download_button(
        say("marking.training"),
        of_portfolio("training", project, lambda: training_lines(portfolio)),
        file_name=say("marking.training.file"),
        key="marking.training",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
        help=say("marking.training.help"),
    )


def agreement(portfolio: Portfolio) -> tuple[int, int]:
    """Return how many decisions say the same as the machine, and how many there are.

    Copies on equal rows are left out: they are one decision.
    """
    held = {row: made for row, made in standing(portfolio).items() if not made.copied_from}
    if not held:
        return 0, 0
    owners = set(portfolio.requirements["procedure"].reindex(list(held)))
    part = portfolio.select([i for i in portfolio.procedures.index if i in owners])
    _, readings = machine_readings(part, default_matcher())
    read = dict(zip(part.requirements.index, readings, strict=True))
    same = sum(
        read[row].kind == made.kind and set(types_of(read[row])) == set(made.types)
        for row, made in held.items()
    )
    return same, len(held)


def quality(project: Project) -> None:
    """Show how well marking did where the answers are known, and here where officers decided."""
    same, total = of_portfolio("agreement", project, lambda: agreement(project.portfolio))
    st.markdown(f"**{say('marking.quality.here')}**")
    st.markdown(
        say("marking.quality.agree", same=same, total=total, share=show.percent(same / total, 0))
        if total
        else say("marking.quality.none")
    )
    st.caption(say("marking.quality.here.caption"))
    about = default_matcher().model.about.get("leave_one_ministry_out")
    if not isinstance(about, dict):
        return
    st.markdown(f"**{say('marking.quality.shipped')}**")
    show.table(
        pd.DataFrame(
            {
                say("marking.quality.figure"): [
                    say(f"marking.quality.{name}") for name in _FIGURES
                ],
                **{
                    say(f"marking.quality.of_{part}", rows=about[part]["rows"]): [
                        show.percent(about[part][name]) for name in _FIGURES
                    ]
                    for part in ("all", "sure")
                },
            }
        ),
        key=f"marking.quality.{language()}",
    )
    st.caption(say("marking.quality.source"))
