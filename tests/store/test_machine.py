"""Random work on a project: what is stored always equals a list of states kept beside."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from procsim.reforms import DropRequirement, Plan
from procsim.store import Cell, EditCells, Note, PutPlan, RemovePlan, Store
from tests.store.building import NINE, small

LAN = {"who": "Lan", "at": NINE}
View = tuple[str, tuple[str, ...], str]


class ProjectMachine(RuleBasedStateMachine):
    """The model: states by version, the line of undo, and what redo would give."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.path = Path(self.folder.name) / "procsim.db"
        self.store = Store(self.path)

    @initialize()
    def create(self) -> None:
        self.project = self.store.create("Thử", small(), **LAN)
        self.now: View = ("Cấp thẻ", (), "")
        self.past: list[View] = []
        self.future: list[View] = []
        self.states = {1: self.now}

    def _acted(self, state: View) -> None:
        if state == self.now:
            return
        self.past.append(self.now)
        self.now, self.future = state, []
        self._seen()

    def _seen(self) -> None:
        self.states[max(self.states) + 1] = self.now

    @rule(name=st.sampled_from(["A", "B", "C"]))
    def edit(self, name: str) -> None:
        action = EditCells([Cell("procedures", "1.000001", "name", name)])
        self.project = self.project.act(action, **LAN)
        self._acted((name, *self.now[1:]))

    @rule(text=st.sampled_from(["", "x", "y"]))
    def note(self, text: str) -> None:
        self.project = self.project.act(Note("dự án", text), **LAN)
        self._acted((*self.now[:2], text))

    @rule(name=st.sampled_from(["P", "Q"]))
    def put_plan(self, name: str) -> None:
        plan = Plan([DropRequirement("1.000001/c1/r1", reason=name)])
        self.project = self.project.act(PutPlan(name, plan), **LAN)
        self._acted((self.now[0], tuple(sorted({*self.now[1], name})), self.now[2]))

    @precondition(lambda self: self.now[1])
    @rule()
    def remove_plan(self) -> None:
        self.project = self.project.act(RemovePlan(self.now[1][0]), **LAN)
        self._acted((self.now[0], self.now[1][1:], self.now[2]))

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        self.project = self.project.undo(**LAN)
        self.future.append(self.now)
        self.now = self.past.pop()
        self._seen()

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        self.project = self.project.redo(**LAN)
        self.past.append(self.now)
        self.now = self.future.pop()
        self._seen()

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(sorted(self.states)))
        self.project = self.project.restore(version, **LAN)
        self._acted(self.states[version])

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.path)
        self.project = self.store.open(self.project.id)

    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(sorted(self.states)))
        assert view(self.project.at_version(version)) == self.states[version]

    @invariant()
    def equals_the_model(self) -> None:
        if not hasattr(self, "now"):
            return
        assert view(self.project) == self.now
        assert self.project.version == max(self.states)
        assert self.project.can_undo == bool(self.past)
        assert self.project.can_redo == bool(self.future)

    def teardown(self) -> None:
        assert self.store.check() == ()
        self.store.close()
        self.folder.cleanup()


def view(project: object) -> View:
    name = project.portfolio.procedures.at["1.000001", "name"]
    return name, tuple(sorted(project.plans)), project.notes.get("dự án", "")


TestProject = ProjectMachine.TestCase
TestProject.settings = settings(max_examples=8, stateful_step_count=16, deadline=None)
