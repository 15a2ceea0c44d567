"""The part of the page Dữ liệu that loads files: a new project, or a newer snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import streamlit as st

from procsim.app import show, workspace
from procsim.app.data_intake import Intake, Upload, begin, begin_sample, digest_of, intake
from procsim.app.data_newer import newer
from procsim.app.jobs import Report, follow, jobs
from procsim.app.kept import kept
from procsim.app.session import now, say, who
from procsim.errors import ProcsimError
from procsim.language.i18n import bilingual, t
from procsim.model import Portfolio
from procsim.readers import write_template
from procsim.reforms import Plan
from procsim.store import Project

__all__ = ["upload"]

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
