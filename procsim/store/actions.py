"""What an officer can do in a project: frozen values, each turns a state into the next."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, UnknownName
from procsim.marking import Decision, decide
from procsim.marking.issuers import DECISION_COLUMNS
from procsim.model.portfolio import TABLES, Portfolio
from procsim.model.tables import conform
from procsim.reference.calendar import FIRST_DAY, LAST_DAY, Calendar, Holiday
from procsim.reference.parameters import parameters
from procsim.reference.readiness import check_readiness
from procsim.reference.schema import table
from procsim.reference.tables import MARKS
from procsim.reforms import Plan
from procsim.store.content import Change
from procsim.store.state import State, no_readiness
from procsim.store.troubles import check_name, is_name, store_fault


class Action(ABC):
    """One step of an officer's work; it is saved whole or not at all."""

    kind: ClassVar[str] = ""

    @abstractmethod
    def apply(self, state: State) -> State:
        """Return the state after the action; `state` stays as it is.

        Raises
        ------
        InvalidValue, UnknownName
            With everything that is wrong in it, at once.
        """

    @abstractmethod
    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield what the action changed, from what to what."""


@dataclass(frozen=True, eq=False)
class SetPortfolio(Action):
    """Put a portfolio in the place of the one there: read anew, marked, proposals accepted."""

    portfolio: Portfolio
    kind: ClassVar[str] = "set_portfolio"

    def apply(self, state: State) -> State:
        """Return the state with the portfolio."""
        return replace(state, portfolio=self.portfolio)

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield, for each table, how many rows there are and how many differ."""
        old, new = before.portfolio, after.portfolio
        if old.source != new.source:
            yield Change.of("source", before=old.source, after=new.source)
        for name in TABLES:
            one, other = getattr(old, name), getattr(new, name)
            if one is other:
                continue
            if len(one) != len(other):
                yield Change.of("rows", name, before=len(one), after=len(other))
            altered = _altered_rows(one, other)
            if altered:
                yield Change.of("altered", name, before="", after=altered)


def _altered_rows(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """Return how many rows stand on both sides with different cells."""
    if not (one.index.is_unique and other.index.is_unique):
        return 0 if one.equals(other) else max(len(one), len(other))
    common = one.index.intersection(other.index, sort=False)
    if not len(common):
        return 0
    old, new = one.loc[common], other.loc[common]
    differ = np.zeros(len(common), dtype=bool)
    for column in old.columns.intersection(new.columns):
        left, right = old[column], new[column]
        if not left.equals(right):
            differ |= ((left != right) & ~(left.isna() & right.isna())).to_numpy(dtype=bool)
    return int(differ.sum())


@dataclass(frozen=True)
class Cell:
    """One cell and what goes into it; an empty text or None clears it."""

    table: str
    row: str
    column: str
    value: str | float | bool | None


@dataclass(frozen=True)
class EditCells(Action):
    """Write values into cells, each checked against the schema as a reader would."""

    cells: Sequence[Cell]
    kind: ClassVar[str] = "edit_cells"

    def apply(self, state: State) -> State:
        """Return the state with the cells; raise with the faults of all of them."""
        faults: list[Fault] = []
        tables: dict[str, pd.DataFrame] = {}
        for name in dict.fromkeys(cell.table for cell in self.cells):
            shape = table(name)
            frame = getattr(state.portfolio, name)
            good: list[Cell] = []
            for cell in self.cells:
                if cell.table != name:
                    continue
                place = f"{name} › {cell.row} › {cell.column}"
                if cell.row not in frame.index:
                    faults.append(store_fault("no_row", place, cell.row))
                elif cell.column not in shape or cell.column == "id":
                    faults.append(store_fault("no_column", place, cell.column))
                else:
                    good.append(cell)
            tables[name], wrong = _written(name, frame, good)
            faults += wrong
        if faults:
            raise InvalidValue(faults)
        return replace(state, portfolio=state.portfolio.replace(**tables))

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield each cell that really changed."""
        for name, row, column in dict.fromkeys((c.table, c.row, c.column) for c in self.cells):
            old = getattr(before.portfolio, name).at[row, column]
            new = getattr(after.portfolio, name).at[row, column]
            change = Change.of("cell", name, row, column, before=old, after=new)
            if change.before != change.after:
                yield change


def _written(
    name: str, frame: pd.DataFrame, cells: Sequence[Cell]
) -> tuple[pd.DataFrame, list[Fault]]:
    rows = frame.loc[list(dict.fromkeys(cell.row for cell in cells))].astype(object)
    for cell in cells:
        rows.at[cell.row, cell.column] = "" if cell.value is None else cell.value
    checked, faults = conform(name, rows)
    columns = {}
    for column in dict.fromkeys(cell.column for cell in cells):
        values = frame[column].copy()
        values.loc[checked.index] = checked[column]
        columns[column] = values.astype(frame[column].dtype)
    return frame.assign(**columns), faults


@dataclass(frozen=True)
class Decide(Action):
    """Record officers' decisions about dossier rows, as `procsim.marking.decide` does.

    Parameters
    ----------
    decisions
        Each names its row.
    on
        As `procsim.mark` was called.
    """

    decisions: Sequence[Decision]
    on: dt.date | None = None
    kind: ClassVar[str] = "decide"

    def apply(self, state: State) -> State:
        """Return the state with the decisions in force."""
        return replace(state, portfolio=decide(state.portfolio, list(self.decisions), self.on))

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield the reading of each row before and after."""
        for row in dict.fromkeys(decision.requirement for decision in self.decisions):
            old, new = (_reading(state.portfolio, row) for state in (before, after))
            yield Change.of("mark", row, before=old, after=new)


def _reading(portfolio: Portfolio, row: str) -> str:
    marked = portfolio.marks[portfolio.marks["requirement"] == row]
    types = ", ".join(dict.fromkeys(marked["document_type"]))
    kind = portfolio.requirements.at[row, "kind"]
    return f"{kind}: {types}" if types else str(kind)


@dataclass(frozen=True)
class PutPlan(Action):
    """Keep a plan under a name, new or in the place of the one there."""

    name: str
    plan: Plan
    kind: ClassVar[str] = "put_plan"

    def apply(self, state: State) -> State:
        """Return the state with the plan."""
        check_name(self.name, "plan")
        return replace(state, plans={**state.plans, self.name: self.plan})

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield the number of reforms before and after, and what the plan says of itself."""
        yield _plan_change(self.name, before.plans.get(self.name), after.plans[self.name])


def _plan_change(name: str, old: Plan | None, new: Plan | None) -> Change:
    before, after = (None if plan is None else str(len(plan)) for plan in (old, new))
    if old is not None and new is not None:
        one, other = Counter(old.reforms), Counter(new.reforms)
        after = f"{after} (+{(other - one).total()} −{(one - other).total()})"
    return Change.of("plan", name, before=before, after=after)


def _known_plan(state: State, name: str) -> Plan:
    if name not in state.plans:
        known = ", ".join(state.plans) or "–"
        raise UnknownName(store_fault("no_plan", "plans", name, known=known))
    return state.plans[name]


@dataclass(frozen=True)
class RemovePlan(Action):
    """Take a plan out; undo and the history bring it back."""

    name: str
    kind: ClassVar[str] = "remove_plan"

    def apply(self, state: State) -> State:
        """Return the state without the plan."""
        _known_plan(state, self.name)
        return replace(state, plans={n: p for n, p in state.plans.items() if n != self.name})

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield the plan that is gone."""
        yield _plan_change(self.name, before.plans[self.name], after.plans.get(self.name))


@dataclass(frozen=True)
class RenamePlan(Action):
    """Give a plan another name that no other plan has."""

    name: str
    to: str
    kind: ClassVar[str] = "rename_plan"

    def apply(self, state: State) -> State:
        """Return the state with the plan under its new name."""
        _known_plan(state, self.name)
        check_name(self.to, "plan")
        if self.to != self.name and self.to in state.plans:
            raise InvalidValue(store_fault("plan_exists", "plans", self.to))
        plans = {self.to if n == self.name else n: p for n, p in state.plans.items()}
        return replace(state, plans=plans)

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield the name before and after."""
        del before, after  # the action itself says both
        yield Change.of("plan_name", before=self.name, after=self.to)


@dataclass(frozen=True)
class SetParameters(Action):
    """Set parameters to the officer's own values; None takes the shipped value again."""

    values: Mapping[str, float | None]
    kind: ClassVar[str] = "set_parameters"

    def apply(self, state: State) -> State:
        """Return the state with the values, which must be right together."""
        merged = _merged(state.parameters, self.values)
        own = parameters().replace(**merged)  # raises with every fault at once
        return replace(state, parameters={name: own[name] for name in merged})

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield each value that counts before and after."""
        shipped = parameters()
        for name in self.values:
            old = before.parameters.get(name, shipped[name])
            new = after.parameters.get(name, shipped[name])
            yield Change.of("parameter", name, before=old, after=new)


def _merged(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return `old` with the entries of `new`, those without a value left out."""
    return {name: value for name, value in {**old, **new}.items() if value is not None}


@dataclass(frozen=True)
class SetDates(Action):
    """Set dates that the officer knows better; None takes one out.

    The keys are those of `procsim.decisions.roadmap`: id of a database, number of
    a text, ``rank@agency``.
    """

    dates: Mapping[str, dt.date | None]
    kind: ClassVar[str] = "set_dates"

    def apply(self, state: State) -> State:
        """Return the state with the dates."""
        faults = [
            store_fault("date", f"dates › {name}", day)
            for name, day in self.dates.items()
            if day is not None and type(day) is not dt.date
        ]
        if faults:
            raise InvalidValue(faults)
        for name in self.dates:
            check_name(name, "dates")
        return replace(state, dates=_merged(state.dates, self.dates))

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield each date before and after."""
        for name in self.dates:
            old, new = before.dates.get(name), after.dates.get(name)
            yield Change.of("date", name, before=old, after=new)


@dataclass(frozen=True)
class SetDaysOff(Action):
    """Set days off, or days of work, that the officer knows better; None takes one out.

    A day off that ships is removed by a day of the same date that is worked. A mark
    ``luật`` or ``công bố`` needs its source.
    """

    days: Mapping[dt.date, Holiday | None]
    kind: ClassVar[str] = "set_days_off"

    def apply(self, state: State) -> State:
        """Return the state with the days."""
        faults = [
            fault
            for day, holiday in self.days.items()
            if holiday is not None
            for fault in _day_faults(day, holiday)
        ]
        if faults:
            raise InvalidValue(faults)
        return replace(state, days=dict(sorted(_merged(state.days, self.days).items())))

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield each day that counts before and after."""
        old, new = (Calendar(tuple(state.days.values())) for state in (before, after))
        for day in self.days:
            one, other = (_day_said(calendar, day) for calendar in (old, new))
            yield Change.of("day", f"{day:%d/%m/%Y}", before=one, after=other)


def _day_faults(day: dt.date, holiday: Holiday) -> Iterator[Fault]:
    place = f"days › {day:%d/%m/%Y}" if type(day) is dt.date else f"days › {day}"
    if type(day) is not dt.date or holiday.day != day or not FIRST_DAY <= day <= LAST_DAY:
        first, last = (f"{each:%d/%m/%Y}" for each in (FIRST_DAY, LAST_DAY))
        yield store_fault("day", place, holiday.day, first=first, last=last)
    for name in holiday.name:
        if not is_name(name):
            yield store_fault("day_name", place, name)
            break
    if holiday.mark not in MARKS:
        yield store_fault("day_mark", place, holiday.mark, known=", ".join(MARKS))
    if holiday.mark in MARKS[:2] and not holiday.source.strip():
        yield store_fault("day_source", place, holiday.mark)


def _day_said(calendar: Calendar, day: dt.date) -> str:
    """Return what a day is, as ``off: Tết (luật; Điều 112)``; nothing for a usual day."""
    for holiday in calendar.days_that_differ(day, day):
        said = "; ".join(filter(None, (holiday.mark, holiday.source)))
        return f"{'work' if holiday.worked else 'off'}: {holiday.name.vi} ({said})"
    return ""


@dataclass(frozen=True, eq=False)
class SetReadiness(Action):
    """Put the officer's own rows of readiness in the place of those there.

    Parameters
    ----------
    rows
        Texts in the columns of `procsim.reference.readiness.READINESS_COLUMNS`.
    """

    rows: pd.DataFrame
    kind: ClassVar[str] = "set_readiness"

    def apply(self, state: State) -> State:
        """Return the state with the rows, once they are right."""
        rows = check_readiness(self.rows, "readiness") if len(self.rows) else no_readiness()
        return replace(state, readiness=rows.reset_index(drop=True))

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield each database, criterion and day whose value changed."""
        key = ["database", "criterion", "date"]
        old, new = (state.readiness.set_index(key)["value"].to_dict() for state in (before, after))
        for where in dict.fromkeys([*old, *new]):
            change = Change.of("readiness", *where, before=old.get(where), after=new.get(where))
            if change.before != change.after or (where in old) != (where in new):
                yield change


@dataclass(frozen=True)
class Note(Action):
    """Write a note about something; an empty text takes it out."""

    about: str
    text: str
    kind: ClassVar[str] = "note"

    def apply(self, state: State) -> State:
        """Return the state with the note."""
        check_name(self.about, "notes")
        return replace(state, notes=_merged(state.notes, {self.about: self.text or None}))

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield the note before and after."""
        old, new = (state.notes.get(self.about, "") for state in (before, after))
        yield Change.of("note", self.about, before=old, after=new)


# Officers' decisions on who issues a paper, kept among the notes of a project.

_PREFIX = "issuer"
_PARTED = " | "


def decision_note(
    requirement: str, document_type: str, issuer: str, who: str, day: str, reason: str
) -> Note:
    """Return the action that keeps an officer's decision on who issues a paper.

    Parameters
    ----------
    issuer
        Id of the procedure; empty where none issues the paper.
    reason
        Why; empty takes the decision back.
    """
    told = _PARTED.join((issuer, day, who.replace("|", "/"), reason)) if reason else ""
    return Note(f"{_PREFIX}:{document_type}:{requirement}", told)


def issuer_decisions(notes: Mapping[str, str]) -> pd.DataFrame:
    """Return the decisions among the notes of a project, as `procsim.links` takes them.

    Examples
    --------
    >>> note = decision_note("1.000001/c1/r1", "giay_khai_sinh", "2.000002", "Lan",
    ...                      "2026-03-02", "Đã hỏi Sở")
    >>> issuer_decisions({note.about: note.text}).at[0, "issuer"]
    '2.000002'
    """
    rows = []
    for about, told in notes.items():
        prefix, _, rest = about.partition(":")
        parts = told.split(_PARTED, 3)
        if prefix == _PREFIX and len(parts) == 4:
            document_type, _, requirement = rest.partition(":")
            procedure = requirement.split("/", 1)[0]
            issuer, day, who, reason = parts
            rows.append((document_type, procedure, requirement, issuer, who, day, reason))
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype=str)
