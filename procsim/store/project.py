"""A project as it stands at one version; every action gives the next one."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
from sqlalchemy import Connection, Row, func, select

from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, UnknownName, shorten
from procsim.model.diff import Difference, diff
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Calendar
from procsim.reference.parameters import Parameters, parameters
from procsim.reforms import Plan
from procsim.store import exchange
from procsim.store.actions import Action, SetPortfolio
from procsim.store.content import Change, Damaged, Pieces, canonical_json, unpacked_changes
from procsim.store.database import Database, projects, tags, versions
from procsim.store.rows import (
    Step,
    add_tag,
    add_version,
    advance,
    conflict,
    known_project,
    known_version,
    log_frame,
    redo_position,
    rows_between,
    tagged,
    versions_frame,
)
from procsim.store.state import Saved, State, load, pieces_of, save
from procsim.store.troubles import Conflict, StoreError, check_name, moment, store_fault

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
        return notebook_page(self)

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
        """Return every version, oldest first; see `procsim.store.rows.versions_frame`."""
        return self.store.versions(self.id)

    def log(self) -> pd.DataFrame:
        """Return who changed what, when, from what to what, up to this version.

        See `procsim.store.rows.log_frame`.
        """
        return self.store.log(self.id, self.version)

    def diff(self, other: Project) -> Difference:
        """Return what the published procedures changed from this version to another."""
        return diff(self.portfolio, other.portfolio)


# A store: projects in SQLite or PostgreSQL, each action one transaction.


class Store:
    """Projects on disk, or on a PostgreSQL server.

    Parameters
    ----------
    place
        Path of an SQLite file, made where there is none, or a URL such as
        ``postgresql://user@host/procsim``.
    timeout
        Seconds to wait for another writer.

    Raises
    ------
    StoreError
        When the place cannot be used; the fault says why and what to do.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> now = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    >>> portfolio = Portfolio.from_tables({"procedures": pd.DataFrame(
    ...     {"id": ["1.000001"], "name": ["Cấp thẻ"], "ministry": ["Bộ A"]})})
    >>> from procsim.store import Cell, EditCells
    >>> with Store(Path(folder.name) / "procsim.db") as store:
    ...     project = store.create("Rà soát 2026", portfolio, who="Lan", at=now)
    ...     edit = EditCells([Cell("procedures", "1.000001", "name", "Cấp đổi thẻ")])
    ...     project = project.act(edit, who="Lan", at=now)
    ...     print(project.version, project.log()["vi"].iloc[-1])
    2 Lan – Sửa ô: Thủ tục › 1.000001 › Tên thủ tục hành chính: từ “Cấp thẻ” thành “Cấp đổi thẻ”.
    >>> folder.cleanup()
    """

    def __init__(self, place: str | Path, *, timeout: float = 10.0) -> None:
        self._database = Database(place, timeout)

    @property
    def place(self) -> str:
        """The store as an officer knows it: a file name, or a URL without its password."""
        return self._database.place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file or the server."""
        self._database.close()

    def projects(self) -> pd.DataFrame:
        """Return every project, the one changed last first, damaged ones last.

        Index ``id``; ``name``, ``version``, and ``who`` and ``at`` (UTC) of its last change;
        ``damaged`` where that moment cannot be read: such a project cannot be opened.
        """
        joined = projects.join(
            versions,
            (versions.c.project == projects.c.id) & (versions.c.version == projects.c.head),
        )
        columns = projects.c.id, projects.c.name, versions.c.version, versions.c.who, versions.c.at
        query = select(*columns).select_from(joined).order_by(projects.c.id)
        with self._database.read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        frame = pd.DataFrame(rows, columns=["id", "name", "version", "who", "at"])
        at = pd.to_datetime(frame["at"], utc=True, format="ISO8601", errors="coerce")
        frame = frame.assign(at=at, damaged=at.isna()).set_index("id")
        return frame.sort_values("at", ascending=False, kind="stable", na_position="last")

    def create(self, name: str, portfolio: Portfolio, *, who: str, at: dt.datetime) -> Project:
        """Begin a project and save it as version 1.

        Raises
        ------
        InvalidValue
            When the name, `who` or `at` cannot be kept.
        """
        check_name(name, "name")
        pieces = Pieces()
        saved = save(State(portfolio), pieces)
        changes = list(SetPortfolio(portfolio).changes(_nothing(), saved.state))
        first = Step("create", changes, saved.hash, parent=None)
        number = secrets.token_hex(8)
        with self._database.write() as connection:
            self._database.put(connection, pieces)
            connection.execute(projects.insert().values(id=number, name=name, head=1, last=0))
            row = add_version(connection, known_project(connection, number), None, first, who, at)
            advance(connection, number, head=1, last=1)
        return self._project(name, row, saved)

    def head(self, project: str) -> int:
        """Return the number of the newest version; one cheap query, fit for polling."""
        with self._database.read() as connection:
            return int(known_project(connection, project).head)

    def open(
        self, project: str, version: int | str | None = None, *, known: Project | None = None
    ) -> Project:
        """Return a project as it stands, or as it stood at a version.

        Parameters
        ----------
        project
            Its id.
        version
            Number or name of a version; the newest without one.
        known
            A version at hand: what did not change is taken over from it.

        Raises
        ------
        UnknownName
            When there is no such project or version.
        StoreError
            When what is stored is damaged or cannot be reached.
        """
        with self._database.read() as connection:
            about = known_project(connection, project)
            row = known_version(connection, about, about.head if version is None else version)
        saved = self._load(row.state, known.saved if known else None)
        return self._project(about.name, row, saved)

    def act(
        self,
        project: Project,
        action: Action,
        *,
        who: str,
        at: dt.datetime,
        overwrite: bool = False,
    ) -> Project:
        """Do an action on a version; see `Project.act`."""
        if not overwrite:
            return self._act(project, action, who, at)
        while True:
            # Somebody may act again in between; then once more on what stands now.
            try:
                return self._act(project.refresh(), action, who, at)
            except Conflict:
                continue

    def _act(self, project: Project, action: Action, who: str, at: dt.datetime) -> Project:
        saved, pieces, changes = self._done(project, action)
        if saved.hash == project.digest:
            return self._unchanged(project)

        def next_step(connection: Connection, base: Row[Any]) -> Step:
            self._database.put(connection, pieces)
            return Step(action.kind, changes, saved.hash, parent=base.position)

        return self._project(project.name, self._save(project, next_step, who, at), saved)

    def _unchanged(self, project: Project) -> Project:
        """Return the version, once it is seen to be the newest still."""
        with self._database.read() as connection:
            about = known_project(connection, project.id)
            if about.head != project.version:
                # What changes nothing here may not be what stands now.
                raise conflict(connection, about, project.version)
        return project

    def _done(self, project: Project, action: Action) -> tuple[Saved, Pieces, list[Change]]:
        after = action.apply(project.state)
        pieces = Pieces()
        saved = save(after, pieces, project.saved)
        return saved, pieces, list(action.changes(project.state, after))

    def move(self, project: Project, kind: str, *, who: str, at: dt.datetime) -> Project:
        """Undo or redo; see `Project.undo`."""
        found: dict[str, Saved] = {}

        def next_step(connection: Connection, base: Row[Any]) -> Step:
            about = known_project(connection, project.id)
            to = base.parent if kind == "undo" else redo_position(connection, about, base)
            if to is None:
                raise InvalidValue(store_fault(f"nothing_to_{kind}", project.name))
            target = known_version(connection, about, to)
            if kind == "redo":
                changes = unpacked_changes(target.changes)
            else:
                undone = known_version(connection, about, base.position)
                changes = [
                    Change(change.what, before=change.after, after=change.before)
                    for change in unpacked_changes(undone.changes)
                ]
            # Read before it is made current: a damaged state never becomes the newest.
            found[target.state] = self._load(target.state, project.saved)
            return Step(kind, changes, target.state, target.parent, position=to, tip=base.tip)

        row = self._save(project, next_step, who, at)
        return self._project(project.name, row, found[row.state])

    def restore(
        self, project: Project, version: int | str, *, who: str, at: dt.datetime
    ) -> Project:
        """Make an earlier state current; see `Project.restore`."""
        old = self.open(project.id, version, known=project)
        if old.digest == project.digest:
            return self._unchanged(project)
        changes = [Change.of("version", before=project.version, after=old.version)]

        def next_step(connection: Connection, base: Row[Any]) -> Step:
            del connection  # the signature is that of every step
            return Step("restore", changes, old.digest, parent=base.position)

        return self._project(project.name, self._save(project, next_step, who, at), old.saved)

    def keep_as(
        self, project: Project, name: str, action: Action, *, who: str, at: dt.datetime
    ) -> Project:
        """Save an action beside the current version; see `Project.keep_as`."""
        check_name(name, "name")
        saved, pieces, changes = self._done(project, action)
        with self._database.write() as connection:
            about = known_project(connection, project.id, lock=True)
            taken = tagged(connection, project.id, name)
            if taken is not None:
                row = known_version(connection, about, taken)
                if (row.state, row.who, row.base) != (saved.hash, who, project.version):
                    raise InvalidValue(store_fault("tag_exists", about.name, name, version=taken))
            else:
                self._database.put(connection, pieces)
                base = known_version(connection, about, project.version)
                kept = Step("keep", changes, saved.hash, parent=base.position)
                row = add_version(connection, about, project.version, kept, who, at)
                advance(connection, project.id, head=about.head, last=row.version)
                add_tag(connection, project.id, name, row.version, who, at)
        return self._project(project.name, row, saved)

    def tag(self, project: Project, name: str, *, who: str, at: dt.datetime) -> None:
        """Give a version a name; see `Project.tag_version`."""
        check_name(name, "name")
        with self._database.write() as connection:
            about = known_project(connection, project.id, lock=True)
            taken = tagged(connection, project.id, name)
            if taken is None:
                add_tag(connection, project.id, name, project.version, who, at)
            elif taken != project.version:
                raise InvalidValue(store_fault("tag_exists", about.name, name, version=taken))

    def versions(self, project: str) -> pd.DataFrame:
        """Return every version of a project; see `Project.versions`."""
        with self._database.read() as connection, self._told():
            known_project(connection, project)
            return versions_frame(connection, project)

    def log(self, project: str, to: int | None = None) -> pd.DataFrame:
        """Return the audit log of a project up to a version; see `Project.log`."""
        with self._database.read() as connection, self._told():
            about = known_project(connection, project)
            return log_frame(rows_between(connection, project, 0, to or about.last))

    def export(self, project: str, path: str | Path) -> str:
        """Write a project with its whole history into one file (``.procsim``).

        The same project gives the same bytes. The file holds the totals of the
        measures too, so that whoever imports it sees whether they come out the same.

        Returns
        -------
        str
            Hash of everything in the file; hand it over apart from the file, and
            `import_file` can tell that nobody changed it on the way.

        Raises
        ------
        ProcsimError
            When the file cannot be written; one that stood there still stands.
        """
        with self._database.read() as connection:
            about = known_project(connection, project)
            rows = rows_between(connection, project, 0, about.last)
            mine = tags.c.project == project, tags.c.version <= about.last
            named = sorted(connection.execute(select(tags).where(*mine)), key=lambda tag: tag.name)

            def fetch(names: Iterable[str]) -> Mapping[str, bytes]:
                return self._database.get(connection, names)

            needed: set[str] = set()
            for state in dict.fromkeys(row.state for row in rows):
                needed |= pieces_of(state, fetch)
            packed = self._database.packed(connection, sorted(needed))
        now = self.open(project, about.head)
        content = exchange.content_of(about, rows, named, exchange.figures(now.state))
        return exchange.write_file(Path(path), content, packed)

    def import_file(
        self, path: str | Path, *, expected_hash: str | None = None
    ) -> tuple[Project, tuple[Fault, ...]]:
        """Take in a project that `export` wrote, as a new project with its history.

        Parameters
        ----------
        expected_hash
            The hash that `export` returned, where the officer was told it.

        Returns
        -------
        Project
            As it stood when it was exported.
        tuple of Fault
            Warnings: totals that this version of procsim works out differently.

        Raises
        ------
        UnreadableInput
            When the file is broken, was changed, is too large, or belongs to a
            newer version. Nothing is taken in then.
        """
        file = Path(path)
        content, saved, warnings = exchange.read_project(file, expected_hash)
        number = secrets.token_hex(8)
        about, rows, named = exchange.rows_of(content, number)
        with self._database.write() as connection:
            for piece in exchange.packed_pieces(file):
                self._database.insert_blobs(connection, [piece])
            connection.execute(projects.insert(), about)
            connection.execute(versions.insert(), rows)
            if named:
                connection.execute(tags.insert(), named)
            row = known_version(connection, known_project(connection, number), about["head"])
            # What the file was seen to hold must be what is stored, or nothing is.
            pieces_of(row.state, partial(self._database.get, connection))
        return self._project(about["name"], row, saved), warnings

    def check(self) -> tuple[Fault, ...]:
        """Look through the whole store: the file itself, every piece, every version.

        Returns
        -------
        tuple of Fault
            Empty for a sound store.
        """
        faults = self._database.check()
        with self._database.read() as connection:
            query = select(versions.c.state).distinct()
            states = list(connection.execute(query).scalars())
            for state in states:
                try:
                    pieces = pieces_of(state, lambda names: self._database.get(connection, names))
                    lost = pieces - self._database.packed(connection, pieces).keys()
                    faults += [store_fault("damaged", self.place, name) for name in sorted(lost)]
                except (Damaged, StoreError):
                    faults.append(store_fault("damaged", self.place, state))
            rows = connection.execute(select(versions.c.project, versions.c.version, versions.c.at))
            for project, version, at in rows:
                try:
                    moment(at)
                except Damaged:
                    faults.append(store_fault("damaged", self.place, f"{project} v{version}: {at}"))
            query = select(projects.c.id, func.max(versions.c.version), projects.c.last).join(
                versions, versions.c.project == projects.c.id
            )
            for project, highest, last in connection.execute(
                query.group_by(projects.c.id, projects.c.last)
            ):
                if highest != last:
                    faults.append(store_fault("corrupt", self.place, project))
        return tuple(faults)

    def _save(
        self,
        project: Project,
        next_step: Callable[[Connection, Row[Any]], Step],
        who: str,
        at: dt.datetime,
    ) -> Row[Any]:
        """Write the next version in one transaction, unless somebody was faster."""
        with self._database.write() as connection:
            about = known_project(connection, project.id, lock=True)
            base = known_version(connection, about, project.version)
            made = next_step(connection, base)
            if about.head != project.version:
                head = known_version(connection, about, about.head)
                same = (project.version, made.kind, who, made.state)
                if (head.base, head.kind, head.who, head.state) == same:
                    return head
                raise conflict(connection, about, project.version)
            row = add_version(connection, about, project.version, made, who, at)
            advance(connection, project.id, head=row.version, last=row.version)
            return row

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn a row of the history that no store could have written into words."""
        try:
            yield
        except Damaged as error:
            raise StoreError(store_fault("damaged", self.place, error)) from error

    def _load(self, state: str, known: Saved | None = None) -> Saved:
        def fetch(names: Iterable[str]) -> Mapping[str, bytes]:
            with self._database.read() as connection:
                return self._database.get(connection, names)

        with self._told():
            return load(state, fetch, known)

    def _project(self, name: str, row: Row[Any], saved: Saved) -> Project:
        with self._told():
            at = moment(row.at)
        return Project(
            id=row.project,
            name=name,
            version=row.version,
            who=row.who,
            at=at,
            can_undo=row.parent is not None,
            can_redo=row.position != row.tip,
            saved=saved,
            store=self,
        )


@cache
def _nothing() -> State:
    return State(Portfolio.from_tables({}))
