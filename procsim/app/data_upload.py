"""The part of the page Dữ liệu that loads files: a new project, or a newer snapshot."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import cast

import pandas as pd
import streamlit as st

from procsim.app import show, workspace
from procsim.app.data_intake import Intake, Upload, begin, begin_sample, digest_of, intake
from procsim.app.data_snapshot import Snapshot, snapshot
from procsim.app.jobs import Job, Report, follow, jobs
from procsim.app.kept import kept
from procsim.app.session import language, now, say, who
from procsim.errors import InvalidValue, ProcsimError
from procsim.language.i18n import bilingual, t
from procsim.measures.decompose import FACTORS
from procsim.model import Portfolio
from procsim.model.diff import AREAS
from procsim.readers import write_template
from procsim.reforms import Plan
from procsim.store import Project, SetPortfolio

__all__ = ["upload"]

_IN_ADDRESS = "tep"
_COUNTED = ("statutory_days", "documents")


def upload(project: Project) -> None:
    """Show where to drop files, what came of it, and other ways to begin."""
    turn = st.session_state.setdefault("data.turn", 0)
    files = st.file_uploader(
        say("data.upload.label"),
        accept_multiple_files=True,
        key=f"data.files.{turn}",
        help=say("data.upload.help"),
    )
    uploads = [(file.name, file.getvalue()) for file in files]
    digest = _digest(uploads)
    if digest:
        _work(project, digest, uploads)
    else:
        _other_ways()


def _digest(uploads: list[Upload]) -> str:
    """Return what is worked on: what was dropped, else what the address still knows."""
    if uploads:
        digest = digest_of(uploads)
        st.session_state["data.upload"] = digest
    else:
        digest = st.query_params.get(_IN_ADDRESS, st.session_state.get("data.upload", ""))
    if digest:
        st.query_params[_IN_ADDRESS] = digest  # a refresh finds the work again
    return str(digest)


def _put_away(digest: str) -> None:
    jobs().cancel(("intake", digest))
    jobs().forget(("intake", digest))
    st.session_state.pop("data.upload", None)
    st.query_params.pop(_IN_ADDRESS, None)
    st.session_state["data.turn"] += 1


def _over(key: Hashable, name: str) -> Job | None:
    """Return a job once it is over, its failure already told in full; None before."""
    job = jobs().get(key)
    if job is not None and isinstance(job.fault, ProcsimError):
        return job
    return follow(key, name=name)


def _work(project: Project, digest: str, uploads: list[Upload]) -> None:
    key = ("intake", digest)
    if jobs().get(key) is None:
        if not uploads:
            st.info(say("data.upload.gone"), icon=":material/info:")
            st.button(say("data.upload.again"), key="data.again", on_click=_put_away, args=(digest,))
            return
        jobs().start(key, lambda report: intake(uploads, report))
    job = _over(key, "data.intake")
    if job is None:
        return
    if job.status != "done":
        if isinstance(job.fault, ProcsimError):
            st.error(say("data.refused", count=len(job.fault.faults)), icon=":material/error:")
            show.faults(job.fault.faults, key="data.refused")
        st.button(say("data.upload.again"), key="data.again", on_click=_put_away, args=(digest,))
        return
    made = cast(Intake, job.result)
    _seen(made)
    _choose(project, digest, made)


def _seen(made: Intake) -> None:
    """Tell what was read against what was there, and what is doubtful in it."""
    portfolio = made.portfolio
    st.success(
        say(
            "data.read",
            source=show.escaped(portfolio.source),
            procedures=len(portfolio),
            rows=len(portfolio.requirements),
        ),
        icon=":material/check_circle:",
    )
    lines = [
        say("data.seen.records", seen=seen, read=len(portfolio), lost=seen - len(portfolio))
        if made.records
        else say("data.seen.sheet", sheet=show.escaped(place), seen=seen)
        for place, seen in made.seen
    ]
    if not made.records:
        sizes = {name: len(frame) for name, frame in portfolio.tables.items() if len(frame)}
        lines.append(say("data.seen.tables", tables=_sizes(sizes)))
    st.caption("  \n".join(lines))
    if not made.faults:
        return
    errors = sum(fault.severity == "error" for fault in made.faults)
    label = say("data.found", total=len(made.faults), errors=errors)
    with st.expander(label, key="data.found", on_change="rerun") as found:
        if found.open:
            show.faults(made.faults, key="data.found.table")


def _sizes(sizes: dict[str, int]) -> str:
    from procsim.readers.words import TITLES

    return "; ".join(f"{show.told(TITLES[name])} {show.written(n)}" for name, n in sizes.items())


def _choose(project: Project, digest: str, made: Intake) -> None:
    fits = len(project.portfolio) > 0
    way = st.radio(
        say("data.way"),
        ("new", "newer"),
        format_func=lambda each: say(f"data.way.{each}", project=project.name),
        captions=[say("data.way.new.caption"), say("data.way.newer.caption")],
        index=0,
        horizontal=True,
        key="data.way",
        disabled=not fits,
    )
    if way == "newer" and fits:
        _newer(project, digest, made)
    else:
        stem = Path(made.portfolio.source.split("·")[0].strip()).name.split(".")[0]
        _create(stem, made.portfolio, made.plan, digest)


def _create(stem: str, portfolio: Portfolio, plan: Plan, digest: str) -> None:
    left, right = st.columns([4, 2], vertical_alignment="bottom")
    name = left.text_input(
        say("data.name"), value=stem, max_chars=200, key=f"data.name.{digest[:8]}",
        placeholder=say("data.name.hint"),
    ).strip()  # fmt: skip
    key = ("create", workspace.place(), digest, name)
    start = right.button(
        say("data.create"), key=f"data.create.{digest[:8]}", type="primary",
        icon=":material/add:", disabled=not name, width="stretch",
    )  # fmt: skip
    if start:
        jobs().forget(key)
        store, officer, at = workspace.store(), who(), now()

        def work(report: Report) -> Project:
            report(0.3, bilingual("app.data.step.save"))
            return begin(store, name, portfolio, plan, officer, at)

        jobs().start(key, work)
    job = _over(key, f"data.creating.{digest[:8]}")
    if job is None:
        return
    if isinstance(job.fault, ProcsimError):
        show.failure(job.fault)
    if job.status == "done":
        jobs().forget(key)
        _go_to(cast(Project, job.result), digest)


def _go_to(project: Project, digest: str) -> None:
    _put_away(digest)
    workspace.switch(project.id)
    st.session_state["notice"] = bilingual("app.data.created", name=project.name)
    st.rerun()


def _newer(project: Project, digest: str, made: Intake) -> None:
    key = ("snapshot", digest, project.digest_of("portfolio", "parameters"))
    old, parameters = project.portfolio, project.parameters()
    if jobs().get(key) is None:
        jobs().start(key, lambda report: snapshot(old, made.portfolio, parameters, report))
    job = _over(key, "data.snapshot")
    if job is None:
        return
    if job.status != "done":
        if isinstance(job.fault, ProcsimError):
            show.failure(job.fault)
        st.button(say("retry"), key="data.newer.retry", on_click=jobs().forget, args=(key,))
        return
    newer = cast(Snapshot, job.result)
    before, after = newer.decisions
    entered, kept_figures = newer.entries
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
        args=(newer, digest),
    )
    _difference(newer)


def _accept(newer: Snapshot, digest: str) -> None:
    try:
        if workspace.act(SetPortfolio(newer.portfolio)):
            st.session_state["notice"] = bilingual("app.data.newer.accepted")
            _put_away(digest)
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
                        say(f"data.diff.{kind}"): totals[kind].tolist()
                        for kind in ("added", "removed", "changed", "procedures")
                    },
                }
            ),
            key="data.diff.areas",
        )
    _causes(newer.causes)
    if newer.faults:
        st.markdown(f"**{say('data.newer.waiting', count=len(newer.faults))}**")
        show.faults(newer.faults, key="data.newer.faults")
    if len(frame):
        with st.expander(say("data.diff.all", count=len(frame)), key="data.diff", on_change="rerun") as all_:
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


def _other_ways() -> None:
    st.markdown(f"**{say('data.other')}**")
    first, second, third = st.columns(3, border=True)
    with first:
        st.markdown(say("data.template.what"))
        st.download_button(
            say("data.template"),
            kept("template", "", _template),
            file_name=say("data.template.file"),
            key="data.template",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )
    with second:
        st.markdown(say("data.empty.what"))
        with st.popover(say("data.empty"), icon=":material/note_add:", width="stretch"):
            _create("", Portfolio.from_tables({}), Plan(()), "empty")
    with third:
        st.markdown(say("data.sample.what"))
        _sample()


def _template() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = Path(folder) / "procsim.xlsx"
        write_template(path)
        return path.read_bytes()


def _sample() -> None:
    known = workspace.store().projects()
    named = known[known["name"] == t("app.sample.name")]
    key = ("sample", workspace.place())
    if st.button(
        say("load_sample"), key="data.sample", icon=":material/school:", width="stretch"
    ):
        if len(named):
            workspace.switch(str(named.index[0]))
            st.rerun()
        store, officer, at = workspace.store(), who(), now()
        jobs().start(key, lambda report: begin_sample(store, officer, at))
    job = _over(key, "data.sampling")
    if job is not None and job.status == "done":
        jobs().forget(key)
        _go_to(cast(Project, job.result), "")
