"""A project as it stands at one version; every action gives the next one."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from procsim.errors import UnknownName, shorten
from procsim.language.html_table import facts, panel
from procsim.language.i18n import bilingual
from procsim.model.diff import Difference, diff
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Calendar
from procsim.reference.parameters import Parameters, parameters
from procsim.reforms import Plan
from procsim.store.actions import Action
from procsim.store.content import canonical_json
from procsim.store.state import Saved, State
from procsim.store.troubles import store_fault

if TYPE_CHECKING:
    from procsim.store.base import Store

__all__ = ["Project"]

_PARTS = ("portfolio", "parameters", "dates", "days", "readiness", "notes", "plans")


@dataclass(frozen=True, eq=False)
class Project:
    """A snapshot: nothing changes it; acting returns a new one.

    Saving is part of acting: when `act` returns, the action is on disk.

    Attributes
    ----------
    id
        Key of the project, fit for a URL.
    name
        Name that the officers gave it.
    version
        Number of this version. Every action, undo and redo gives a higher one.
    who, at
        Who made this version, and when (UTC).
    can_undo, can_redo
        Whether there is an action to take back, or to do again.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import procsim as ps
    >>> now = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    >>> with tempfile.TemporaryDirectory() as folder, ps.Store(Path(folder) / "a.db") as store:
    ...     store.create("Rà soát 2026", ps.load_sample(), who="Lan", at=now)
    <Project 'Rà soát 2026' version 1 by Lan>
    """

    id: str
    name: str
    version: int
    who: str
    at: dt.datetime
    can_undo: bool
    can_redo: bool
    saved: Saved = field(repr=False)
    store: Store = field(repr=False)

    def __repr__(self) -> str:
        return f"<Project {shorten(self.name, 60)!r} version {self.version} by {self.who}>"

    def _repr_html_(self) -> str:
        return panel(
            bilingual("repr.project"),
            self.name,
            facts(
                [
                    (bilingual("repr.project.version"), self.version),
                    (bilingual("repr.project.who"), self.who),
                    (bilingual("repr.project.at"), f"{self.at:%d/%m/%Y %H:%M} UTC"),
                ]
            ),
        )

    @property
    def state(self) -> State:
        """Everything that the project holds, as one value."""
        return self.saved.state

    @property
    def digest(self) -> str:
        """Hash of everything the project holds: equal work has an equal one."""
        return self.saved.hash

    def digest_of(self, *parts: str) -> str:
        """Return a hash of some parts only, to keep what was computed from them.

        Parameters
        ----------
        *parts
            Any of ``"portfolio"``, ``"parameters"``, ``"dates"``, ``"days"``,
            ``"readiness"``, ``"notes"``, ``"plans"``, or ``"plans/NAME"`` for one plan.

        Raises
        ------
        UnknownName
            For a part or a plan that the project does not hold.
        """
        held_at = self.saved.root
        root = {"days": [], **held_at, "portfolio": [held_at["tables"], held_at["source"]]}
        named: list[object] = []
        for part in parts:
            name, _, plan = part.partition("/")
            held = root.get(name) if name in _PARTS else None
            if held is not None and plan:
                held = held.get(plan)
            if held is None:
                known = ", ".join([*_PARTS, *(f"plans/{each}" for each in self.plans)])
                raise UnknownName(store_fault("no_part", "digest_of", part, known=known))
            named.append([part, held])
        return hashlib.sha256(canonical_json(named)).hexdigest()

    @property
    def portfolio(self) -> Portfolio:
        """The tables, with marks and decisions."""
        return self.state.portfolio

    @property
    def plans(self) -> Mapping[str, Plan]:
        """Plans by name."""
        return self.state.plans

    @property
    def dates(self) -> Mapping[str, dt.date]:
        """The officer's dates, as `procsim.roadmap` takes them."""
        return self.state.dates

    @property
    def readiness(self) -> pd.DataFrame:
        """The officer's own rows of readiness."""
        return self.state.readiness

    @property
    def notes(self) -> Mapping[str, str]:
        """Notes by what they are about."""
        return self.state.notes

    def parameters(self, on: dt.date | None = None) -> Parameters:
        """Return the parameters of a day with the officer's own values in place."""
        return parameters(on, **self.state.parameters)

    def calendar(self) -> Calendar:
        """Return the working days of offices, with the officer's own days in place."""
        return Calendar(tuple(self.state.days.values()))

    def act(
        self,
        action: Action,
        *,
        who: str,
        at: dt.datetime,
        expected_version: int | None = None,
        overwrite: bool = False,
    ) -> Project:
        """Do one action and save it in one transaction.

        The same action by the same person from the same version counts once, so
        that a double click, or trying again after a broken connection, is harmless.

        Parameters
        ----------
        action
            See `procsim.store.actions`.
        who, at
            The officer, and the moment with its time zone; no clock is read here.
        expected_version
            The version that the officer saw; by default this one.
        overwrite
            Act on the newest version, whatever others did since.

        Returns
        -------
        Project
            The new version; this one where the action changes nothing.

        Raises
        ------
        Conflict
            When the project changed since that version; nothing is saved.
        InvalidValue, UnknownName
            When the action does not fit; nothing is saved.
        StoreError
            When it cannot be saved; what was saved before still stands.
        """
        return self.store.act(
            self._seen(expected_version), action, who=who, at=at, overwrite=overwrite
        )

    def _seen(self, version: int | None) -> Project:
        if version is None or version == self.version:
            return self
        return self.at_version(version)

    def undo(self, *, who: str, at: dt.datetime, expected_version: int | None = None) -> Project:
        """Take the last action back; as a new version, so that nothing leaves the log.

        An action after an undo starts a new branch: the actions undone can no longer
        be redone, but stay in `versions` and come back by `restore`.

        Raises
        ------
        InvalidValue
            When there is nothing to take back.
        Conflict, StoreError
            As `act`.
        """
        return self.store.move(self._seen(expected_version), "undo", who=who, at=at)

    def redo(self, *, who: str, at: dt.datetime, expected_version: int | None = None) -> Project:
        """Do again what was undone last; raises as `undo`."""
        return self.store.move(self._seen(expected_version), "redo", who=who, at=at)

    def restore(self, version: int | str, *, who: str, at: dt.datetime) -> Project:
        """Make the state of an earlier version (number or name) the current one.

        This is an action of its own: undo takes it back. Raises as `act`.
        """
        return self.store.restore(self, version, who=who, at=at)

    def keep_as(self, name: str, action: Action, *, who: str, at: dt.datetime) -> Project:
        """Save an action on this version beside the current one, under a name.

        The way out of a `Conflict` that loses nobody's work: the version of the
        others stands, one's own is in `versions` and can be compared or restored.

        Raises
        ------
        InvalidValue
            When the name is taken, or the action does not fit.
        """
        return self.store.keep_as(self, name, action, who=who, at=at)

    def tag_version(self, name: str, *, who: str, at: dt.datetime) -> None:
        """Give this version a name, such as “Trình Bộ trưởng lần 1”.

        Raises
        ------
        InvalidValue
            When the name is taken by another version.
        """
        self.store.tag(self, name, who=who, at=at)

    def at_version(self, version: int | str) -> Project:
        """Return the project as it stood at a version, by number or name.

        Raises
        ------
        UnknownName
            When there is no such version.
        """
        return self.store.open(self.id, version, known=self)

    def refresh(self) -> Project:
        """Return the newest version, reading only what changed; this one if it is."""
        if self.store.head(self.id) == self.version:
            return self
        return self.store.open(self.id, known=self)

    def versions(self) -> pd.DataFrame:
        """Return every version, oldest first; see `procsim.store.history.versions_frame`."""
        return self.store.versions(self.id)

    def log(self) -> pd.DataFrame:
        """Return who changed what, when, from what to what, up to this version.

        See `procsim.store.history.log_frame`.
        """
        return self.store.log(self.id, self.version)

    def diff(self, other: Project) -> Difference:
        """Return what the published procedures changed from this version to another."""
        return diff(self.portfolio, other.portfolio)
