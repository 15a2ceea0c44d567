"""Tham số: the values that figures rest on, their sources, and the history of the project."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app.parameters import days, parts
from procsim.app.parameters.parts import GROUPS, OWN
from procsim.app.shell import choices, entry, saving, show, workspace
from procsim.app.shell.session import language, now, say, who
from procsim.errors import ProcsimError
from procsim.store import Project, SetParameters

# So many versions are shown without scrolling; Streamlit would draw a text that stands alone.
MOST_IN_VIEW = 6


def values(project: Project) -> None:
    """Show the rates and assumptions of a group; the officer enters values of his own."""
    group = st.segmented_control(
        say("parameters.group"),
        list(GROUPS),
        default="money",
        required=True,
        format_func=lambda name: say(f"parameters.group.{name}"),
        key="parameters.group",
        label_visibility="collapsed",
    )
    group = str(group or "money")
    st.caption(say(f"parameters.group.{group}.caption"))
    table = parts.values(project, group)
    labels = {name: say(f"parameters.column.{name}") for name in table.columns}
    edits, refused = entry.table(
        table,
        {OWN: GROUPS[group]},
        key=f"parameters.values.{group}.{project.version}.{language()}",
        labels=labels,
    )
    saving.save(
        edits, refused, parts.parameters_action, key="parameters.values", names=dict(table["name"])
    )
    own = project.state.parameters
    st.caption(say("parameters.values.caption"))
    st.button(
        say("parameters.reset", count=len(own)),
        key="parameters.reset",
        disabled=not own,
        icon=":material/restart_alt:",
        on_click=lambda: workspace.note(SetParameters(dict.fromkeys(own))),
    )


def targets() -> None:
    """Show every target with its dates and legal source."""
    st.caption(say("parameters.targets.caption"))
    table = parts.targets_table()
    words = st.text_input(
        say("parameters.targets.search"),
        placeholder=say("parameters.targets.hint"),
        key="parameters.targets.search",
    )
    show.table(
        show.rows(table, words, table.columns),
        key="parameters.targets",
        widths={say("card.target"): "large"},
    )
    saving.download_csv(table, say("parameters.file.targets"), key="parameters.targets.csv")


def versions(project: Project) -> None:
    """Show every version; name, compare and restore the one picked."""
    table = parts.versions(project)
    words = st.text_input(
        say("parameters.versions.search"),
        placeholder=say("parameters.versions.hint"),
        key="parameters.versions.search",
    )
    found = show.rows(table, words, table.columns)
    picked = show.table(
        found,
        key="parameters.versions",
        pick=True,
        height="auto" if len(found) < MOST_IN_VIEW else 250,
        widths={say("parameters.what"): "large"},
    )
    version = int(picked) if picked else project.version
    with st.container(border=True, key="parameters.one"):
        st.markdown(say("parameters.one", version=str(version), what=_what(table, version)))
        left, middle, right = st.columns([4, 2, 3], vertical_alignment="bottom")
        left.text_input(
            say("parameters.name_it"),
            placeholder=say("parameters.name_it.hint"),
            key="parameters.name_it",
        )
        middle.button(
            say("parameters.name_it.do"),
            key="parameters.name_it.do",
            on_click=_name,
            args=(project, version),
            width="stretch",
        )
        right.button(
            say("parameters.restore"),
            key="parameters.restore",
            icon=":material/history:",
            disabled=version == project.version,
            on_click=workspace.restore,
            args=(version,),
            width="stretch",
            help=say("parameters.restore.help"),
        )
        refused = st.session_state.pop("parameters.refused", None)
        if refused is not None:
            show.failure(refused)
    _compare(project, list(table.index), version)


def _what(table: pd.DataFrame, version: int) -> str:
    return show.escaped(str(table.at[version, say("parameters.what")]))


def _name(project: Project, version: int) -> None:
    name = str(st.session_state["parameters.name_it"]).strip()
    try:
        parts.changed(project, version).tag_version(name, who=who(), at=now())
    except ProcsimError as error:
        st.session_state["parameters.refused"] = error
        return
    st.session_state["parameters.name_it"] = ""
    saving.saved(1)


def _compare(project: Project, known: list[int], version: int) -> None:
    """Show what differs between the version picked and another one."""
    st.subheader(say("parameters.compare"))
    others = [number for number in known if number != version]
    if not others:
        st.caption(say("parameters.compare.one"))
        return
    other = st.selectbox(
        say("parameters.compare.with", version=str(version)),
        others,
        format_func=lambda number: say("parameters.compare.version", version=str(number)),
        key=f"parameters.compare.{version}",
        placeholder=say("parameters.compare.choose"),
        index=None,
    )
    if other is None:
        return
    first, second = sorted((int(other), version))
    old, new = (parts.changed(project, number) for number in (first, second))
    rest = parts.differing(old, new)
    found = parts.procedures_changed(old, new)
    st.markdown(
        say(
            "parameters.compare.found",
            old=str(first),
            new=str(second),
            rest=len(rest),
            procedures=len(found),
        )
    )
    if len(rest):
        show.table(rest, key="parameters.compare.rest")
    if len(found):
        frame = parts.readable(found)
        show.table(frame, key="parameters.compare.procedures")
        saving.download_csv(frame, say("parameters.file.diff"), key="parameters.compare.csv")


def log(project: Project) -> None:
    """Show who changed what, when, from what to what."""
    table = parts.log(project)
    words = st.text_input(
        say("parameters.log.search"),
        placeholder=say("parameters.log.hint"),
        key="parameters.log.search",
    )
    found = show.rows(table, words, table.columns)
    st.caption(say("parameters.log.count", shown=len(found), total=len(table)))
    if found.empty:
        st.info(say("parameters.log.none"))
        return
    show.table(
        found,
        key="parameters.log",
        formats={say("parameters.version"): 0},
        widths={say("parameters.what"): "large"},
    )
    saving.download_csv(found, say("parameters.file.log"), key="parameters.log.csv")


def page() -> None:
    """Show the page."""
    project = workspace.current()
    show.heading("parameters")
    shown = choices.tabs("parameters", ("values", "targets", "days", "versions", "log", "files"))
    with shown.place:
        match shown.name:
            case "values":
                values(project)
            case "targets":
                targets()
            case "days":
                days.days_off(project)
            case "versions":
                versions(project)
            case "log":
                log(project)
            case _:
                parts.files(project)


page()
