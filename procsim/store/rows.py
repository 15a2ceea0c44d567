"""The rows of a project and of its history, read and written in an open transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, select, update

from procsim.errors import Text, UnknownName
from procsim.store.content import Change, packed_changes, sentence, unpacked_changes
from procsim.store.database import projects, tags, versions
from procsim.store.troubles import Conflict, check_name, instant, moment, store_fault


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
        See `procsim.store.database.versions`; position and tip are those of the new
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
    connection: Connection, about: Row[Any], base: int | None, made: Step, who: str, at: dt.datetime
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


# The history as officers read it: the audit log, the versions, what others did meanwhile.


def _said(rows: Iterable[Row[Any]]) -> list[Text]:
    """Return the sentence of each action."""
    return [sentence(row.kind, row.who, unpacked_changes(row.changes)) for row in rows]


def log_frame(rows: Iterable[Row[Any]]) -> pd.DataFrame:
    """Return the audit log: a row for each change of each action, oldest first.

    Columns ``version``, ``at`` (UTC), ``who``, ``kind``, ``item``, ``before``,
    ``after``, and the sentence in both languages, ``vi`` and ``en``.
    """
    made = []
    for row in rows:
        changes: list[Change | None] = [*unpacked_changes(row.changes)]
        for change in changes or [None]:
            text = sentence(row.kind, row.who, [change] if change else [])
            values = (change.item, change.before, change.after) if change else ("", "", "")
            at = pd.Timestamp(moment(row.at))
            made.append((row.version, at, row.who, row.kind, *values, text.vi, text.en))
    columns = ["version", "at", "who", "kind", "item", "before", "after", "vi", "en"]
    frame = pd.DataFrame(made, columns=columns)
    return frame.astype({"version": "int64"})


def versions_frame(connection: Connection, project: str) -> pd.DataFrame:
    """Return every version of a project, oldest first.

    Index ``version``; ``at``, ``who``, ``kind``, ``names`` (given by officers, joined
    by ``;``), ``base`` (the version it was made from), ``beside`` (whether it was kept
    beside and never stood), ``current``, and what it did as ``vi`` and ``en``.
    """
    head = connection.execute(select(projects.c.head).where(projects.c.id == project)).scalar_one()
    named: dict[int, list[str]] = {}
    query = select(tags).where(tags.c.project == project).order_by(tags.c.name)
    for tag in connection.execute(query):
        named.setdefault(tag.version, []).append(tag.name)
    rows = rows_between(connection, project, 0, 2**31 - 1)
    made = [
        (
            row.version,
            pd.Timestamp(moment(row.at)),
            row.who,
            row.kind,
            ";".join(named.get(row.version, [])),
            row.base or 0,
            row.kind == "keep",
            row.version == head,
            *text,
        )
        for row, text in zip(rows, _said(rows), strict=True)
    ]
    columns = ["version", "at", "who", "kind", "names", "base", "beside", "current", "vi", "en"]
    return pd.DataFrame(made, columns=columns).set_index("version")


def conflict(connection: Connection, about: Row[Any], expected: int) -> Conflict:
    """Return what stops an action on a version that is no longer the newest."""
    between = rows_between(connection, about.id, expected, about.head)
    told = _said(between)
    last = between[-1] if between else None
    fault = store_fault(
        "conflict",
        about.name,
        "; ".join(text.vi for text in told[-3:]),
        expected=expected,
        found=about.head,
        who=last.who if last else "–",
    )
    return Conflict(fault, expected, about.head, told)
