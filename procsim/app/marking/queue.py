"""The review queue, kept by content: after a decision it is shortened, not made anew."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

import pandas as pd
import streamlit as st

from procsim.app.shell.jobs import Report, jobs
from procsim.app.shell.kept import kept
from procsim.app.shell.results import before, of_portfolio
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.marking import Decision, default_matcher, explain, review_queue
from procsim.marking.availability import case_names
from procsim.marking.marker import machine_readings
from procsim.marking.matching import Match
from procsim.marking.officer import entered_by_hand, row_key, standing
from procsim.marking.review import free_id
from procsim.marking.rows import Kind, Relation, case_kind
from procsim.measures.cost import row_stakes
from procsim.model import Portfolio
from procsim.store import Project
from procsim.workflows.intake import warm

_AT_ONCE = 2_000
_WORDS = {
    "procedures": ("name", "status", "times_per_year", "subjects_per_year", "code"),
    "cases": ("name", "procedure", "position"),
    "requirements": ("name", "procedure", "case", "originals", "copies", "status"),
}
"""Columns that a machine's reading of the rows and their groups rest on."""


@dataclass(frozen=True)
class Choice:
    """One thing that a row can be, and what choosing it changes.

    Attributes
    ----------
    kind, types, relation
        As in `procsim.marking.Decision`.
    change
        Documents more or less per dossier in the official count that remain.
    label
        Which alternative of the queue it is: ``note``, ``type:can_cuoc``…; ``""`` for
        what the machine proposes.
    """

    kind: Kind
    types: tuple[str, ...]
    relation: Relation
    change: float
    label: str


@dataclass(frozen=True)
class Figures:
    """What decisions move: papers counted, and rows whose data a database holds."""

    documents: float
    held: int


def _words(project: Project) -> str:
    """Return a hash of everything that the machine reads; decisions do not change it."""
    made = hashlib.sha256()
    for name, columns in _WORDS.items():
        parts = project.saved.tables[name]
        made.update(repr([parts["columns"].get(column) for column in columns]).encode())
    return made.hexdigest()


def reading_job(project: Project) -> tuple[str, str] | None:
    """Return the key of the job that reads the rows once; None when there is nothing to wait for.

    A server that has just started knows no row; reading thousands takes seconds.
    """
    portfolio = project.portfolio
    if len(portfolio.requirements) <= _AT_ONCE:
        return None
    key = ("readings", _words(project))
    known = jobs().get(key)
    if known is not None and known.status == "done":
        return None

    def work(report: Report) -> None:
        def told(fraction: float, done: int, total: int) -> None:
            report(fraction, bilingual("app.data.step.mark", done=done, total=total))

        warm(portfolio, told)
        queue(project)
        _equal(project)

    if known is None:
        jobs().start(key, work)
    return key


def _stakes(project: Project) -> pd.Series:
    return of_portfolio(
        "stakes", project, lambda: row_stakes(project.portfolio, project.parameters())
    )


def queue(project: Project) -> pd.DataFrame:
    """Return `procsim.marking.review_queue` by cost of a wrong mark, kept by content."""
    return of_portfolio("queue", project, lambda: review_queue(project.portfolio, _stakes(project)))


def decided_rows(portfolio: Portfolio) -> frozenset[str]:
    """Return the rows that officers have decided."""
    return frozenset(standing(portfolio).keys() | entered_by_hand(portfolio))


def shortened(old: Project, new: Project, decided: Collection[str]) -> None:
    """Keep the queue after a decision: the one before without the lines it settles.

    Only where it is the same as the queue made anew: each group of equal rows is
    settled whole or not at all, and no other row costs more or less than before. Else
    nothing is kept, and the queue is made anew when it is asked for.
    """
    rows = set(decided)
    whole = all(rows.issuperset(equal_to(old, row)) for row in rows)
    stakes = [_stakes(project).drop(list(rows)) for project in (old, new)]
    if whole and stakes[0].equals(stakes[1]):
        lines = queue(old)
        short = lines[~lines["requirement"].isin(rows)].reset_index(drop=True)
        of_portfolio("queue", new, lambda: short)


def _equal(project: Project) -> tuple[dict[str, int], dict[int, tuple[str, ...]]]:
    """Return the group of each row and the rows of each group, as `equal_rows` finds them."""

    def make() -> tuple[dict[str, int], dict[int, tuple[str, ...]]]:
        portfolio = project.portfolio
        _, readings = machine_readings(portfolio, default_matcher())
        numbers: dict[tuple[object, ...], int] = {}
        group_of: dict[str, int] = {}
        members: dict[int, list[str]] = {}
        rows = portfolio.requirements
        names, cases = rows["name"].tolist(), case_names(portfolio)
        for row, name, case, reading in zip(rows.index, names, cases, readings, strict=True):
            key = (row_key(name), case_kind(case), reading.groups)
            group = numbers.setdefault(key, len(numbers))
            group_of[row] = group
            members.setdefault(group, []).append(row)
        return group_of, {group: tuple(held) for group, held in members.items()}

    return kept("equal", _words(project), make)


def equal_to(project: Project, requirement: str) -> tuple[str, ...]:
    """Return the other rows with the same words that nobody has decided yet."""
    group_of, members = _equal(project)
    decided = of_portfolio("decided", project, lambda: decided_rows(project.portfolio))
    return tuple(
        row for row in members[group_of[requirement]] if row != requirement and row not in decided
    )


def seen(project: Project, requirement: str) -> tuple[Match, Text]:
    """Return what rules and model say of one row, and `procsim.marking.explain` of it."""
    key = (_words(project), requirement)
    held = st.session_state.get("marking.seen")
    if held is None or held[0] != key:
        held = (key, match_of(project, requirement), explain(project.portfolio, requirement))
        st.session_state["marking.seen"] = held  # one row only: it is cheap to make again
    return held[1], held[2]


def match_of(project: Project, requirement: str) -> Match:
    """Return what rules and model say of one row, officers not asked."""
    portfolio = project.portfolio
    one = portfolio.select([str(portfolio.requirements.at[requirement, "procedure"])])
    matches, _ = machine_readings(one, default_matcher())
    found: Match = matches[one.requirements.index.get_loc(requirement)]
    return found


def choices(line: dict[str, object], match: Match) -> list[Choice]:
    """Return what a line of the queue can be: what is proposed first, then the others.

    Parameters
    ----------
    line
        One row of `review_queue`.
    match
        What the machine found in the row.
    """
    types = tuple(part for part in str(line["types"]).split(";") if part)
    # The queue writes the words of these types into its table of texts.
    first, how = cast("Kind", str(line["kind"])), cast("Relation", str(line["relation"]))
    made = [Choice(first, types, how, 0.0, "")]
    for part in filter(None, str(line["alternatives"]).split(";")):
        label, _, change = part.rpartition(":")
        kind, _, name = label.partition(":")
        if kind == "type":
            chosen = Choice("document", (name,), "one", float(change), label)
        elif kind == "relation":
            chosen = Choice("document", types, cast("Relation", name), float(change), label)
        elif kind == "document":
            read = types or tuple(match.types)
            relation = match.reading.relation if match.reading.items else "any"
            chosen = Choice("document", read, relation, float(change), label)
        else:
            chosen = Choice(cast("Kind", kind), (), "one", float(change), label)
        made.append(chosen)
    return made


def reason_of(choice: Choice) -> str:
    """Return the reason that goes into the log where the officer writes none.

    It is Vietnamese in both languages: the log belongs to the project, not the session.
    """
    key = "confirmed" if choice.label == "" else "chosen"
    return bilingual(f"app.marking.reason.{key}").vi


def decisions_for(
    portfolio: Portfolio,
    requirement: str,
    equal: Collection[str],
    choice: Choice,
    *,
    who: str,
    on: dt.date,
    reason: str,
) -> list[Decision]:
    """Return the decision on a row, and its copies on equal rows, which know their origin."""
    made = Decision(
        kind=choice.kind,
        types=choice.types,
        relation=choice.relation,
        decided_by=who,
        decided_on=on,
        reason=reason or reason_of(choice),
        requirement=requirement,
        name=str(portfolio.requirements.at[requirement, "name"]),
    )
    origin = free_id(requirement, set(portfolio.decisions.index))
    names = portfolio.requirements["name"]
    return [
        made,
        *(
            Decision(
                kind=made.kind, types=made.types, relation=made.relation, decided_by=who,
                decided_on=on, reason=made.reason, requirement=row, name=str(names.at[row]),
                copied_from=origin,
            )
            for row in equal
        ),
    ]  # fmt: skip


def figures(project: Project) -> Figures:
    """Return what decisions move: papers in the official count, rows that data can replace."""

    def make() -> Figures:
        marks = project.portfolio.marks
        listed = marks["requirement"][(marks["class"] == "listed") & (marks["database"] != "")]
        kinds = project.portfolio.requirements["kind"]
        held = kinds.index.isin(listed.unique()) & (kinds == "document")
        return Figures(float(before(project)["documents"].sum()), int(held.sum()))

    return of_portfolio("marking.figures", project, make)
