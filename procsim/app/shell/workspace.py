"""The project at hand: opened by its address, saved at every action, never overwritten unseen."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from procsim.app.shell import address
from procsim.app.shell.kept import kept
from procsim.app.shell.session import now, who
from procsim.decisions import tag
from procsim.errors import ProcsimError
from procsim.language.i18n import t
from procsim.marking import mark
from procsim.model import Portfolio
from procsim.reforms import Plan, resolution_66_7
from procsim.sample import load_sample
from procsim.store import Action, Conflict, Project, PutPlan, Store, StoreError

_FIRST = threading.Lock()


@dataclass(frozen=True)
class Pending:
    """An action that could not be saved, kept until the officer says what becomes of it."""

    action: Action | None
    error: ProcsimError


def place() -> str:
    """Return where projects are kept: ``PROCSIM_STORE``, or a file in the home folder."""
    named = os.environ.get("PROCSIM_STORE", "")
    if named:
        return named
    folder = Path.home() / "procsim"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / "procsim.db")


@st.cache_resource(show_spinner=False)
def _store(where: str) -> Store:
    return Store(where)


def store() -> Store:
    """Return the store of this server; one for all sessions.

    Raises
    ------
    StoreError
        When the place cannot be used, with reason and cure.
    """
    return _store(place())


def create(name: str, portfolio: Portfolio) -> Project:
    """Begin a project on a marked portfolio, with the plan that Resolution 66.7 contains.

    Returns
    -------
    Project
        Not yet opened: give its id to `switch`.
    """
    project = store().create(name, portfolio, who=who(), at=now())
    law = PutPlan(t("app.plan.66_7"), resolution_66_7(portfolio))
    return project.act(law, who=who(), at=now())


def _sample() -> str:
    """Return the id of the sample project, made when there is no project yet."""
    with _FIRST:
        known = store().projects()
        if len(known):
            return str(known.index[0])
        return create(t("app.sample.name"), tag(mark(load_sample()))).id


def switch(project: str) -> None:
    """Open another project; what the address said of the one before is left behind."""
    for name in ("plan", "procedure"):
        address.put(name, None)
    st.session_state.pop("seen", None)
    st.session_state.pop("pending", None)
    address.put("project", project)


def arrive() -> Project:
    """Open the newest version of the project that the address names; once in a run.

    What the officer had in view until now stays known (`_in_view`), so that an action
    is held against it, and what others saved since is never overwritten unseen.

    Raises
    ------
    UnknownName
        When the address names a project that is not there.
    StoreError
        When the store cannot be read.
    """
    project = address.get("project")
    if not project:
        project = _sample()
        address.put("project", project)
    held: Project | None = st.session_state.get("held")
    known = held if held is not None and held.id == project else None
    newest = store().head(project)
    if known is None or known.version != newest:
        known = kept(
            "project",
            (place(), project, newest),
            lambda: store().open(project, newest, known=known),
        )
    st.session_state["held"] = known
    return known


def shown() -> None:
    """Note, at the end of a run, that the officer now has the version held in view."""
    st.session_state["seen"] = st.session_state["held"]


def current() -> Project:
    """Return the project as the pages show it."""
    held: Project | None = st.session_state.get("held")
    return arrive() if held is None else held


def _in_view() -> Project:
    """Return the version that the officer saw when acting."""
    held = current()
    seen: Project | None = st.session_state.get("seen")
    return seen if seen is not None and seen.id == held.id else held


def _do(make: Callable[[Project], Project], action: Action | None = None) -> bool:
    try:
        st.session_state["held"] = st.session_state["seen"] = make(_in_view())
    except (Conflict, StoreError) as error:
        st.session_state["pending"] = Pending(action, error)
        return False
    return True


def act(action: Action) -> bool:
    """Do an action on the version in view, and save it in the same moment.

    Returns
    -------
    bool
        False when it could not be saved, because others changed the project or the
        disk refuses: it is then `pending`, and the frame of every page asks.

    Raises
    ------
    InvalidValue, UnknownName
        When the action does not fit; nothing is saved.
    """
    return _do(lambda project: project.act(action, who=who(), at=now()), action)


def note(action: Action) -> None:
    """Do an action as a button does, which asks for no answer; see `act`."""
    act(action)


def undo() -> None:
    """Take the last action back."""
    _do(lambda project: project.undo(who=who(), at=now()))


def redo() -> None:
    """Do again what was taken back."""
    _do(lambda project: project.redo(who=who(), at=now()))


def restore(version: int) -> None:
    """Make the state of an earlier version the current one; undo takes it back."""
    _do(lambda project: project.restore(version, who=who(), at=now()))


def pending() -> Pending | None:
    """Return the action that waits for the officer's choice."""
    waiting: Pending | None = st.session_state.get("pending")
    return waiting


def discard() -> None:
    """Give the pending action up; the newest version stands."""
    st.session_state.pop("pending", None)


def overwrite() -> None:
    """Do the pending action on the newest version, knowingly; also trying again."""
    waiting = pending()
    discard()
    if waiting is None or waiting.action is None:
        return
    action = waiting.action
    _do(lambda project: project.act(action, who=who(), at=now(), overwrite=True), action)


def keep_beside(name: str) -> None:
    """Save the pending action as a version beside the current one, under a name.

    Raises
    ------
    InvalidValue
        When the name is taken; the action stays pending.
    """
    waiting = pending()
    if waiting is None or waiting.action is None:
        return
    _in_view().keep_as(name, waiting.action, who=who(), at=now())
    discard()


def plan_name() -> str:
    """Return the name of the plan in view: the address says, else the first one."""
    plans = current().plans
    named = address.get("plan")
    if named in plans:
        return named
    return next(iter(plans), "")


def plan() -> Plan:
    """Return the plan in view; an empty one when the project has none."""
    return current().plans.get(plan_name(), Plan(()))
