"""The page Dữ liệu takes files in and hands data out: a project, a newer snapshot."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pandas as pd
import streamlit as st

from procsim.app.shell import show, workspace
from procsim.app.shell.jobs import Report, follow, jobs
from procsim.app.shell.kept import kept
from procsim.app.shell.results import of_portfolio
from procsim.app.shell.session import language, now, say, who
from procsim.errors import InvalidValue, ProcsimError
from procsim.language.i18n import bilingual, t
from procsim.measures.decompose import FACTORS
from procsim.model import Portfolio
from procsim.model.diff import AREAS
from procsim.readers import write_template, write_workbook
from procsim.readers.words import TITLES
from procsim.reforms import Plan
from procsim.store import Project
from procsim.workflows.intake import Intake, Upload, begin, begin_sample, digest_of, intake
from procsim.workflows.snapshot import Snapshot, TakeSnapshot, snapshot

_IN_ADDRESS = "tep"
_IN_FULL = 20


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


def put_away(digest: str) -> None:
    """Let go of an upload that has served or is not wanted."""
    jobs().cancel(("intake", digest))
    jobs().forget(("intake", digest))
    st.session_state.pop("data.upload", None)
    st.query_params.pop(_IN_ADDRESS, None)
    st.session_state["data.turn"] += 1


def _work(project: Project, digest: str, uploads: list[Upload]) -> None:
    key = ("intake", digest)
    if jobs().get(key) is None:
        if not uploads:
            st.info(say("data.upload.gone"), icon=":material/info:")
            st.button(say("data.upload.again"), key="data.again", on_click=put_away, args=(digest,))
            return
        jobs().start(key, lambda report: intake(uploads, report))
    job = follow(key, name="data.intake", failed=_refused)
    if job is None:
        return
    if job.status != "done":
        st.button(say("data.upload.again"), key="data.again", on_click=put_away, args=(digest,))
        return
    made = cast("Intake", job.result)
    _seen(made)
    _choose(project, digest, made)
    st.button(say("data.upload.again"), key="data.again", on_click=put_away, args=(digest,))


def _refused(error: ProcsimError) -> None:
    """Show every fault in full: where, what, what is accepted, what to do."""
    st.error(say("data.refused", count=len(error.faults)), icon=":material/error:")
    for fault in error.faults[:_IN_FULL]:
        with st.container(border=True):
            value = f" · “{show.escaped(fault.value)}”" if fault.value else ""
            st.markdown(f"**{show.escaped(fault.place)}**{value}")
            st.markdown(show.escaped(show.told(fault.message)))
            if cure := show.told(fault.cure):
                st.markdown(f"→ {show.escaped(cure)}")
    if len(error.faults) > _IN_FULL:
        show.faults(error.faults, key="data.refused")


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
    icon = ":material/warning:" if errors else ":material/info:"
    with st.expander(label, key="data.found", on_change="rerun", icon=icon) as found:
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
        newer(project, digest, made, put_away)
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
    job = follow(key, name=f"data.creating.{digest[:8]}")
    if job is None:
        return
    if job.status == "done":
        jobs().forget(key)
        _go_to(cast("Project", job.result), digest)


def _go_to(project: Project, digest: str) -> None:
    put_away(digest)
    workspace.switch(project.id)
    st.session_state["notice"] = bilingual("app.data.created", name=project.name)
    st.rerun()


def _other_ways() -> None:
    st.markdown(f"**{say('data.other')}**")
    first, second, third = st.columns(3, border=True)
    with first:
        st.markdown(say("data.template.what"))
        st.download_button(
            say("data.template"),
            _template,
            file_name=say("data.template.file"),
            key="data.template",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )
    with second:
        st.markdown(say("data.empty.what"))
        with st.popover(say("data.empty"), icon=":material/note_add:", width="stretch"):
            nothing = kept("nothing", "", lambda: Portfolio.from_tables({}))
            _create("", nothing, Plan(()), "empty")
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
    if st.button(say("load_sample"), key="data.sample", icon=":material/school:", width="stretch"):
        if len(named):
            workspace.switch(str(named.index[0]))
            st.rerun()
        store, officer, at = workspace.store(), who(), now()
        jobs().start(key, lambda _: begin_sample(store, officer, at))
    job = follow(key, name="data.sampling")
    if job is not None and job.status == "done":
        jobs().forget(key)
        _go_to(cast("Project", job.result), "")


# A newer snapshot on the page Dữ liệu: what it changes, in words, before it is accepted.

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


# The part of the page Dữ liệu that counts what the project holds and hands it out.

_HOLDINGS_COUNTED = ("channels", "fees", "requirements", "conditions", "legal_bases")


def by_ministry(portfolio: Portfolio) -> pd.DataFrame:
    """Return how many procedures and rows each ministry has, the largest first.

    Returns
    -------
    pandas.DataFrame
        Index ministry; columns procedures, channels, fees, requirements, conditions,
        legal_bases.
    """
    ministry = portfolio.procedures["ministry"]
    made = {"procedures": ministry.value_counts()}
    for name in _HOLDINGS_COUNTED:
        owners = getattr(portfolio, name)["procedure"]
        made[name] = owners.map(ministry.to_dict()).value_counts()
    frame = pd.DataFrame(made).fillna(0).astype(int)
    return frame.sort_values("procedures", ascending=False, kind="stable")


def holdings(project: Project) -> None:
    """Show the counts by ministry and by table, and the download of everything."""
    _download(project)
    left, right = st.columns([3, 2])
    counts = of_portfolio("by_ministry", project, lambda: by_ministry(project.portfolio))
    heads = {name: show.told(TITLES[name]) for name in counts.columns}
    with left:
        st.markdown(f"**{say('data.by_ministry', count=len(counts))}**")
        show.table(
            counts.astype(float)
            .rename(columns=heads)
            .reset_index()
            .rename(columns={"ministry": say("list.ministry"), "index": say("list.ministry")}),
            formats=dict.fromkeys(heads.values(), 0),
            key="data.by_ministry",
            widths={say("list.ministry"): "medium"},
        )
    with right:
        st.markdown(f"**{say('data.by_table')}**")
        tables = project.portfolio.tables
        show.table(
            pd.DataFrame(
                {
                    say("data.table"): [show.told(TITLES[name]) for name in tables],
                    say("data.rows"): [float(len(frame)) for frame in tables.values()],
                }
            ),
            formats={say("data.rows"): 0},
            key="data.by_table",
        )


def _download(project: Project) -> None:
    """Write the workbook beside the page, then hand it out."""
    portfolio = project.portfolio
    key = ("workbook", project.digest_of("portfolio"))

    def work(report: Report) -> bytes:
        report(0.2, bilingual("app.data.workbook.working"))
        with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
            path = Path(folder) / "procsim.xlsx"
            write_workbook(portfolio, path)
            return path.read_bytes()

    st.caption(say("data.workbook.caption"))
    job = jobs().get(key)
    over = job is None or job.status in ("failed", "cancelled")
    if over and st.button(
        say("data.workbook.make"), key="data.workbook.make", icon=":material/table_view:"
    ):
        jobs().start(key, work)
        st.rerun()
    job = follow(key, name="data.workbook")
    if job is not None and job.status == "done":
        st.download_button(
            say("data.workbook"),
            cast("bytes", job.result),
            file_name=say("data.workbook.file"),
            key="data.workbook",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
