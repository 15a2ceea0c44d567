"""The files of a project: handed over as one, taken in, begun anew; part of the page Tham số."""

from __future__ import annotations

import hashlib
from functools import partial

import streamlit as st

from procsim.app import jobs, parameters_parts, show, workspace
from procsim.app.parameters_parts import Exported, Imported
from procsim.app.session import say
from procsim.decisions import tag
from procsim.errors import ProcsimError
from procsim.marking import mark
from procsim.sample import load_sample
from procsim.store import Project

__all__ = ["files"]

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
    work = partial(parameters_parts.export_work, store, project.id)
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
    work = partial(parameters_parts.import_work, workspace.store(), data, expected)
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
