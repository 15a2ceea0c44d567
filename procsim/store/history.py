"""The history as officers read it: the audit log, the versions, what others did meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, select

from procsim.errors import Text
from procsim.store.changes import Change, sentence, unpacked_changes
from procsim.store.entries import moment
from procsim.store.layout import projects, tags
from procsim.store.rows import rows_between
from procsim.store.troubles import Conflict, store_fault

__all__ = ["conflict", "log_frame", "versions_frame"]


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
