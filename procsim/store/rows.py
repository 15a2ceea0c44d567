"""The rows of a project and of its history, read and written in an open transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from procsim.errors import UnknownName
from procsim.store.changes import Change, packed_changes
from procsim.store.entries import check_name, instant
from procsim.store.layout import projects, tags, versions
from procsim.store.troubles import store_fault

__all__ = [
    "Step",
    "add_tag",
    "add_version",
    "advance",
    "known_project",
    "known_version",
    "redo_position",
    "rows_between",
    "tagged",
]


@dataclass(frozen=True, slots=True)
class Step:
    """What an action will write into the history, besides who and when.

    Parameters
    ----------
    kind
        Name of the action.
    changes
        What it changed.
    state
        Hash of the state after it.
    parent, position, tip
        See `procsim.store.layout.versions`; position and tip are those of the new
        version itself unless given.
    """

    kind: str
    changes: Sequence[Change]
    state: str
    parent: int | None
    position: int | None = None
    tip: int | None = None


def known_project(connection: Connection, project: str, *, lock: bool = False) -> Row[Any]:
    """Return the row of a project; with `lock` nobody else writes it in the meantime.

    Raises
    ------
    UnknownName
        When there is none.
    """
    query = select(projects).where(projects.c.id == project)
    # SQLite needs no lock on the row: its writers take the whole file.
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownName(store_fault("no_project", "project", project))
    return row


def known_version(connection: Connection, about: Row[Any], version: int | str) -> Row[Any]:
    """Return one row of the history, by number or by the name it was given.

    Raises
    ------
    UnknownName
        When there is none.
    """
    number = tagged(connection, about.id, version) if isinstance(version, str) else version
    found = versions.c.project == about.id, versions.c.version == number
    row = connection.execute(select(versions).where(*found)).one_or_none()
    if row is None:
        raise UnknownName(store_fault("no_version", about.name, version, last=about.last))
    return row


def rows_between(connection: Connection, project: str, after: int, to: int) -> list[Row[Any]]:
    """Return the actions after one version up to another, oldest first."""
    between = versions.c.version > after, versions.c.version <= to
    query = select(versions).where(versions.c.project == project, *between)
    return list(connection.execute(query.order_by(versions.c.version)))


def redo_position(connection: Connection, about: Row[Any], row: Row[Any]) -> int | None:
    """Return the position that redo leads to from a version, None where there is none."""
    at = row.tip
    while at is not None and at != row.position:
        parent = known_version(connection, about, at).parent
        if parent == row.position:
            return int(at)
        at = parent
    return None


def tagged(connection: Connection, project: str, name: str) -> int | None:
    """Return the version that carries a name, None where none does."""
    found = tags.c.project == project, tags.c.name == name
    return connection.execute(select(tags.c.version).where(*found)).scalar_one_or_none()


def add_tag(
    connection: Connection, project: str, name: str, version: int, who: str, at: dt.datetime
) -> None:
    """Give a version a name."""
    row = {"project": project, "name": name, "version": version}
    connection.execute(tags.insert().values(row | _signed(who, at)))


def add_version(
    connection: Connection,
    about: Row[Any],
    base: int | None,
    made: Step,
    who: str,
    at: dt.datetime,
) -> Row[Any]:
    """Write the next row of the history and return it."""
    number = about.last + 1
    row = {
        "project": about.id,
        "version": number,
        "base": base,
        "position": number if made.position is None else made.position,
        "tip": number if made.tip is None else made.tip,
        "parent": made.parent,
        "kind": made.kind,
        "changes": packed_changes(made.changes),
        "state": made.state,
    }
    connection.execute(versions.insert().values(row | _signed(who, at)))
    return known_version(connection, about, number)


def _signed(who: str, at: dt.datetime) -> dict[str, str]:
    return {"who": check_name(who, "who"), "at": instant(at)}


def advance(connection: Connection, project: str, *, head: int, last: int) -> None:
    """Make `head` the version that stands, and `last` the highest number given."""
    change = update(projects).where(projects.c.id == project)
    connection.execute(change.values(head=head, last=last))
