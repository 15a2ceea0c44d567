"""What the page Tham số shows: values by group, targets, days off, versions, log, project files."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from procsim.app.overview.parts import goal
from procsim.app.procedures.facts import mark_word
from procsim.app.shell import jobs, show, workspace
from procsim.app.shell.entry import Edit, Kind
from procsim.app.shell.jobs import Report
from procsim.app.shell.kept import kept
from procsim.app.shell.session import language, say
from procsim.decisions import tag, targets
from procsim.errors import Fault, ProcsimError
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import VIETNAM_TIME
from procsim.marking import mark
from procsim.model.diff import AREAS, Difference
from procsim.reference import parameters
from procsim.reference.calendar import Holiday
from procsim.reforms import Plan
from procsim.sample import load_sample
from procsim.store import Project, SetParameters, Store
from procsim.store.content import day_said

OWN = "own"
"""Column of the officer's own value."""

GROUPS: Mapping[str, Kind] = {
    "money": "money",
    "hours": "hours",
    "share": "share",
    "calendar": "days",
    "lead": "days",
    "price": "days",
}
"""Group of parameters → how its values are read."""

_UNITS = {"giờ": "hours", "tỷ lệ": "share", "tháng": "lead", "điểm": "price"}
_FILE = "du-an.procsim"


def _group(unit: str) -> str:
    return _UNITS.get(unit, "money" if unit.startswith("đồng") else "calendar")


def values(project: Project, group: str) -> pd.DataFrame:
    """Return the parameters of a group; index their id, column `OWN` the officer's own value."""
    shipped, own = parameters().as_frame(), project.state.parameters
    rows = shipped[[_group(unit) == group for unit in shipped["unit_vi"]]]
    current = project.parameters().as_frame().loc[rows.index]
    decimals = 2 if group == "money" else 4

    def write(value: float) -> str:
        return show.percent(value) if group == "share" else show.written(round(value, decimals))

    return pd.DataFrame(
        {
            "name": rows[f"name_{language()}"],
            "shipped": [write(value) for value in rows["value"]],
            OWN: [own.get(name) for name in rows.index],
            "unit": rows[f"unit_{language()}"],
            "mark": [mark_word(mark) for mark in current["mark"]],
            "from": [show.day(day) for day in rows["from"]],
            "source": rows[f"source_{language()}"],
        },
        index=rows.index,
    )


def parameters_action(edits: Sequence[Edit]) -> SetParameters:
    """Return the action that sets the values edited; an empty one takes the shipped again."""
    return SetParameters(
        {
            edit.row: float(edit.value) if isinstance(edit.value, int | float) else None
            for edit in edits
        }
    )


def targets_table() -> pd.DataFrame:
    """Return every target with its level, dates and legal source; index its id."""
    rows = targets()
    return pd.DataFrame(
        {
            say("card.target"): [row.name.in_language(language()) for row in rows],
            say("card.goal"): [
                goal(float("nan") if row.value is None else row.value, row.kind) for row in rows
            ],
            say("parameters.deadline"): [
                "–" if row.deadline is None else show.day(row.deadline) for row in rows
            ],
            say("card.base"): [
                "–" if row.base_year is None else str(row.base_year) for row in rows
            ],
            say("parameters.audience"): [
                say(f"parameters.audience.{row.audience}") for row in rows
            ],
            say("parameters.mark"): [mark_word(row.mark) for row in rows],
            say("parameters.legal_basis"): [row.legal_basis for row in rows],
            say("parameters.source"): [row.told_by.in_language(language()) for row in rows],
            say("parameters.note"): [row.remark.in_language(language()) for row in rows],
        },
        index=pd.Index([row.id for row in rows], name="target_id"),
    )


def moment(at: object) -> str:
    """Return a moment as the clock in Vietnam shows it."""
    local = pd.Timestamp(str(at)).tz_convert(VIETNAM_TIME)
    return str(local.strftime("%d/%m/%Y %H:%M:%S"))


def versions(project: Project) -> pd.DataFrame:
    """Return every version, the newest first; index its number."""
    rows = project.versions().iloc[::-1]
    state = [
        say("parameters.current") if now else say("parameters.beside") if beside else ""
        for now, beside in zip(rows["current"], rows["beside"], strict=True)
    ]
    return pd.DataFrame(
        {
            say("parameters.version"): rows.index,
            say("parameters.at"): [moment(at) for at in rows["at"]],
            say("parameters.names"): [names.replace(";", "; ") for names in rows["names"]],
            say("parameters.state"): state,
            say("parameters.what"): rows[language()],
        },
        index=rows.index,
    )


def log(project: Project) -> pd.DataFrame:
    """Return who changed what, when, from what to what; the newest first."""
    rows = kept("log", (project.id, project.version), project.log).iloc[::-1]
    return pd.DataFrame(
        {
            say("parameters.version"): rows["version"],
            say("parameters.at"): [moment(at) for at in rows["at"]],
            say("parameters.who"): rows["who"],
            say("parameters.what"): rows[language()],
            say("parameters.from"): _logged(rows, "before"),
            say("parameters.to"): _logged(rows, "after"),
        }
    )


def _logged(rows: pd.DataFrame, side: str) -> list[str]:
    """Return values of the log as officers read them; codes and texts as they stand."""
    readers = {
        "set_parameters": lambda text: show.written(float(text)),
        "set_dates": lambda text: show.day(dt.date.fromisoformat(text)),
        "set_days_off": lambda text: show.told(day_said(text)),
    }
    return [
        readers[kind](text) if text and kind in readers else text
        for kind, text in zip(rows["kind"], rows[side], strict=True)
    ]


def changed(project: Project, version: int) -> Project:
    """Return the project as it stood at a version, opened once."""
    return kept("version", (project.id, version), lambda: project.at_version(version))


def procedures_changed(old: Project, new: Project) -> Difference:
    """Return what the published procedures changed from one version to another."""
    digests = old.digest_of("portfolio"), new.digest_of("portfolio")
    return kept("diff", digests, lambda: old.diff(new))


def readable(found: Difference) -> pd.DataFrame:
    """Return the changes of procedures as officers read them."""
    frame = found.frame
    return pd.DataFrame(
        {
            say("list.code"): frame["code"],
            say("list.name"): frame["name"],
            say("parameters.area"): [show.told(AREAS[area]) for area in frame["area"]],
            say("parameters.change"): [say(f"parameters.change.{kind}") for kind in frame["kind"]],
            say("parameters.item"): frame["subject"],
            say("parameters.from"): frame["before"],
            say("parameters.to"): frame["after"],
        }
    )


def differing(old: Project, new: Project) -> pd.DataFrame:
    """Return what else differs between two versions: plans, parameters, dates, notes."""
    rows = [
        {
            say("parameters.kind"): say(f"parameters.kind.{kind}"),
            say("parameters.item"): item,
            say("parameters.from"): before,
            say("parameters.to"): after,
        }
        for kind, item, before, after in _differing(old, new)
    ]
    return pd.DataFrame(rows)


def _differing(old: Project, new: Project) -> Iterator[tuple[str, str, str, str]]:
    for name in dict.fromkeys([*old.plans, *new.plans]):
        one, other = old.plans.get(name), new.plans.get(name)
        if one != other:
            yield "plan", name, _size(one), _size(other)
    shipped = parameters()
    pairs: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        ("parameter", old.state.parameters, new.state.parameters),
        ("date", old.dates, new.dates),
        ("day", _named_days(old), _named_days(new)),
        ("note", old.notes, new.notes),
    )
    for kind, left, right in pairs:
        for name in dict.fromkeys([*left, *right]):
            if left.get(name) != right.get(name):
                has_default = (
                    kind == "parameter"
                )  # without a value of one's own the shipped one counts
                named = show.told(shipped.name(name)) if has_default else name
                without = shipped[name] if has_default else None
                before, after = (_written(side.get(name, without)) for side in (left, right))
                yield kind, named, before, after
    if not old.readiness.equals(new.readiness):
        before, after = (say("parameters.rows", count=len(each.readiness)) for each in (old, new))
        yield "readiness", "", before, after


def _named_days(project: Project) -> dict[str, object]:
    return {show.day(day): holiday for day, holiday in project.state.days.items()}


def _size(plan: Plan | None) -> str:
    return "–" if plan is None else say("parameters.reforms", count=len(plan))


def _written(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, dt.date):
        return show.day(value)
    if isinstance(value, Holiday):
        kind = say("parameters.worked" if value.worked else "parameters.off")
        return f"{kind}: {show.told(value.name)}"
    return show.written(value) if isinstance(value, int | float) else str(value)


@dataclass(frozen=True)
class Exported:
    """A project as one file, and the hash that vouches for it."""

    data: bytes
    hash: str


@dataclass(frozen=True)
class Imported:
    """A project that was taken in, and what this procsim works out differently."""

    id: str
    name: str
    warnings: tuple[Fault, ...]


def export_work(store: Store, project: str, report: Report) -> Exported:
    """Write a project into one file and return its bytes."""
    report(0.1, bilingual("app.parameters.job.export"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        vouched = store.export(project, path)
        return Exported(path.read_bytes(), vouched)


def import_work(store: Store, data: bytes, expected: str, report: Report) -> Imported:
    """Take in a project from the bytes of a file."""
    report(0.1, bilingual("app.parameters.job.import"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        path.write_bytes(data)
        project, warnings = store.import_file(path, expected_hash=expected or None)
    return Imported(project.id, project.name, warnings)


# The files of a project: handed over as one, taken in, begun anew; part of the page Tham số.

_HASH = 64


def files(project: Project) -> None:
    """Hand the project over as one file, take one in, or begin a new one."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(say("parameters.export"))
        _export(project)
        st.subheader(say("parameters.new"))
        _begin()
    with right:
        st.subheader(say("parameters.import"))
        _import()


def _export(project: Project) -> None:
    st.caption(say("parameters.export.caption"))
    names = tuple(project.versions()["names"])
    key = ("export", project.id, project.version, names)
    store = workspace.store()
    work = partial(export_work, store, project.id)
    st.button(
        say("parameters.export.do"),
        key="parameters.export.do",
        icon=":material/archive:",
        on_click=jobs.begin,
        args=(key, work),
    )
    job = jobs.follow(key, name="parameters.export")
    if job is None or not isinstance(job.result, Exported):
        return
    st.download_button(
        say("parameters.export.download"),
        job.result.data,
        file_name=f"{say('parameters.file.project')}-{project.version}.procsim",
        mime="application/octet-stream",
        type="primary",
        icon=":material/download:",
        key="parameters.export.download",
        on_click="ignore",
    )
    st.caption(say("parameters.export.hash"))
    st.code(job.result.hash, language=None, wrap_lines=True)


def _import() -> None:
    st.caption(say("parameters.import.caption"))
    upload = st.file_uploader(
        say("parameters.import.file"), type=["procsim"], key="parameters.import.file"
    )
    expected = st.text_input(
        say("parameters.import.hash"),
        placeholder=say("parameters.import.hash.hint"),
        key="parameters.import.hash",
        max_chars=_HASH,
    ).strip()
    if upload is None:
        return
    data = upload.getvalue()
    key = ("import", hashlib.sha256(data).hexdigest(), expected)
    work = partial(import_work, workspace.store(), data, expected)
    st.button(
        say("parameters.import.do"),
        key="parameters.import.do",
        type="primary",
        on_click=jobs.begin,
        args=(key, work),
    )
    job = jobs.follow(key, name="parameters.import")
    if job is None or not isinstance(job.result, Imported):
        return
    found = job.result
    st.success(say("parameters.import.done", name=show.escaped(found.name)))
    show.faults(found.warnings, key="parameters.import.warnings")
    st.button(
        say("parameters.import.open"),
        key="parameters.import.open",
        on_click=workspace.switch,
        args=(found.id,),
    )


def _begin() -> None:
    st.caption(say("parameters.new.caption"))
    st.text_input(
        say("parameters.new.name"), placeholder=say("sample.name"), key="parameters.new.name"
    )
    st.button(say("parameters.new.do"), key="parameters.new.do", on_click=_sample)
    refused = st.session_state.pop("parameters.new.refused", None)
    if refused is not None:
        show.failure(refused)


def _sample() -> None:
    name = str(st.session_state["parameters.new.name"]).strip() or say("sample.name")
    try:
        project = workspace.create(name, tag(mark(load_sample())))
    except ProcsimError as error:
        st.session_state["parameters.new.refused"] = error
        return
    st.session_state["parameters.new.name"] = ""
    workspace.switch(project.id)
