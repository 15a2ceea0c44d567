"""A newer snapshot for a project: what officers did is carried over, what differs is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import bilingual
from procsim.marking import carry_decisions
from procsim.measures import decompose
from procsim.model import Portfolio, check
from procsim.model.diff import Difference, Pairs, diff, procedure_pairs, row_pairs
from procsim.reference import Parameters
from procsim.reforms import Plan, apply, resolution_66_7
from procsim.reforms.base import Reform
from procsim.store import Action, SetPortfolio
from procsim.store.content import Change
from procsim.store.state import State
from procsim.workflows import Report

_PLACE = re.compile(r"plan › (\d+) ›")


@dataclass(frozen=True)
class Entry:
    """Columns of a table that an officer's figure fills together.

    Attributes
    ----------
    columns
        The figure, and what belongs to it (its unit).
    mark
        Where the mark ``nhập`` stands.
    flag
        The doubt that the figure settles, ``""`` where there is none.
    """

    table: str
    columns: tuple[str, ...]
    mark: str
    flag: str = ""


ENTERED = (
    Entry("procedures", ("times_per_year",), "times_mark"),
    Entry("procedures", ("subjects_per_year",), "subjects_mark"),
    Entry("cases", ("share",), "share_mark"),
    Entry("channels", ("limit_value", "limit_unit"), "limit_mark", "limit_flag"),
    Entry("channels", ("share",), "share_mark"),
    Entry("fees", ("amount_vnd",), "mark", "flag"),
    Entry("requirements", ("hours",), "hours_mark"),
    Entry("requirements", ("purchase_vnd",), "purchase_mark"),
    Entry("requirements", ("share_needed",), "share_needed_mark"),
    Entry("requirements", ("share_held",), "share_held_mark"),
    Entry("steps", ("days",), "days_mark"),
)
"""Every figure that officers enter, with the mark that says so."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A newer snapshot with the officers' work in it, and how it differs.

    Attributes
    ----------
    portfolio, plans
        What will stand once it is accepted.
    difference, causes
        As `procsim.diff` and `procsim.decompose` give them.
    faults
        Decisions that wait, with the row to look at.
    found
        Everything that `check` finds in it.
    decisions
        How many decisions there were, and how many stand on a row of the snapshot.
    entries
        How many figures officers had entered, and how many were carried over.
    lost
        By plan, the reforms that fit no row of the snapshot and are left out.
    """

    portfolio: Portfolio
    plans: Mapping[str, Plan]
    difference: Difference
    causes: pd.DataFrame
    faults: tuple[Fault, ...]
    found: tuple[Fault, ...]
    decisions: tuple[int, int]
    entries: tuple[int, int]
    lost: Mapping[str, tuple[Reform, ...]]


@dataclass(frozen=True, eq=False)
class TakeSnapshot(Action):
    """Put a newer snapshot and the plans that fit it in place, in one step."""

    portfolio: Portfolio
    plans: Mapping[str, Plan]
    kind: ClassVar[str] = SetPortfolio.kind

    def apply(self, state: State) -> State:
        """Return the state with the snapshot; plans that it does not know stay."""
        plans = {name: self.plans.get(name, plan) for name, plan in state.plans.items()}
        return replace(state, portfolio=self.portfolio, plans=plans)

    def changes(self, before: State, after: State) -> Iterator[Change]:
        """Yield what became of each table, and of each plan."""
        yield from SetPortfolio(self.portfolio).changes(before, after)
        for name, plan in after.plans.items():
            if plan is not before.plans[name]:
                yield Change.of("plan", name, before=len(before.plans[name]), after=len(plan))


def snapshot(
    old: Portfolio,
    new: Portfolio,
    plans: Mapping[str, Plan],
    law: Plan,
    parameters: Parameters,
    report: Report,
) -> Snapshot:
    """Carry decisions, entered figures and plans into a newer snapshot and compare the two.

    Parameters
    ----------
    law
        The plan that Resolution 66.7 contains for the new snapshot. It takes the place
        of the old one where no officer has changed that.
    """
    report(0.05, bilingual("app.data.step.carry"))
    carried, kept, entered = carry_entries(old, new)
    carried, faults = carry_decisions(old, carried)
    made, lost = {}, {}
    shipped = resolution_66_7(old).reforms if plans else ()
    for name, plan in plans.items():
        if plan.reforms == shipped:
            made[name] = replace(plan, reforms=law.reforms, unmatched=law.unmatched)
        else:
            made[name], lost[name] = carry_plan(plan, old, carried)
    report(0.4, bilingual("app.data.step.diff"))
    difference = diff(old, carried)
    report(0.6, bilingual("app.data.step.causes"))
    causes = decompose(old, carried, parameters, parameters)
    report(0.85, bilingual("app.data.step.check", rows=len(carried.requirements)))
    found = tuple(check(carried))
    waiting = int((carried.decisions["requirement"] == "").sum())
    return Snapshot(
        portfolio=carried,
        plans=made,
        difference=difference,
        causes=causes,
        faults=tuple(faults),
        found=found,
        decisions=(len(old.decisions), max(0, len(carried.decisions) - waiting)),
        entries=(entered, kept),
        lost={name: reforms for name, reforms in lost.items() if reforms},
    )


def carry_plan(plan: Plan, old: Portfolio, new: Portfolio) -> tuple[Plan, tuple[Reform, ...]]:
    """Return the plan with the ids of the new snapshot, and the reforms that fit it no more.

    Rows are the same by what they say: ids are numbers in a dossier, and a paper that
    is new at its top moves all of them.
    """
    ids = _Ids(old, new)
    made: list[Reform] = []
    lost: list[Reform] = []
    for reform in plan.reforms:
        moved = ids.moved(reform)
        (lost if moved is None else made).append(reform if moved is None else moved)
    try:
        apply(new, Plan(tuple(made)))
    except InvalidValue as error:
        found = (_PLACE.match(fault.place) for fault in error.faults)
        wrong = {int(place[1]) - 1 for place in found if place is not None}
        lost += [made[at] for at in sorted(wrong)]
        made = [reform for at, reform in enumerate(made) if at not in wrong]
    return (replace(plan, reforms=tuple(made)) if lost or made != [*plan.reforms] else plan), (
        *lost,
    )


class _Ids:
    """Which id of the old snapshot is which in the new one, worked out where asked for."""

    def __init__(self, old: Portfolio, new: Portfolio) -> None:
        self.old, self.new = old, new
        self.procedures = procedure_pairs(old, new)
        self.known: dict[str, dict[str, str]] = {}

    def of(self, name: str) -> dict[str, str]:
        """Return old id → new id of one table."""
        if name not in self.known:
            pairs = self.procedures
            if name != "procedures":
                pairs = row_pairs(self.old, self.new, name, self.procedures)
            before, after = (getattr(portfolio, name).index for portfolio in (self.old, self.new))
            self.known[name] = dict(zip(before[pairs.old], after[pairs.new], strict=True))
        return self.known[name]

    def moved(self, reform: Reform) -> Reform | None:
        """Return the reform with new ids, None where one of its rows is gone."""
        changes: dict[str, Any] = {}
        for field, name in reform.refers.items():
            value = getattr(reform, field)
            listed = value if isinstance(value, tuple) else (value,) if value else ()
            ids = self.of(name)
            if any(each not in ids for each in listed):
                return None
            if listed:
                new = tuple(ids[each] for each in listed)
                changes[field] = new if isinstance(value, tuple) else new[0]
        return replace(reform, **changes)


def carry_entries(old: Portfolio, new: Portfolio) -> tuple[Portfolio, int, int]:
    """Take the figures that officers entered over where the new snapshot states none.

    What a newer file states itself stands: it may be the correction.

    Returns
    -------
    tuple
        The portfolio, how many figures were carried, and how many had been entered.
    """
    procedures = procedure_pairs(old, new)
    pairs: dict[str, Pairs] = {"procedures": procedures}
    tables: dict[str, pd.DataFrame] = {}
    kept = entered = 0
    for entry in ENTERED:
        before = getattr(old, entry.table)
        mine = (before[entry.mark] == "nhập").to_numpy(dtype=bool)
        entered += int(mine.sum())
        if not mine.any():
            continue
        if entry.table not in pairs:
            pairs[entry.table] = row_pairs(old, new, entry.table, procedures)
        pair = pairs[entry.table]
        after = tables.get(entry.table, getattr(new, entry.table))
        lacking = after[entry.columns[0]].isna().to_numpy(dtype=bool)
        at = mine[pair.old] & lacking[pair.new]
        from_rows, to_rows = pair.old[at], pair.new[at]
        kept += len(to_rows)
        for column in (*entry.columns, entry.mark):
            after = _filled(after, column, to_rows, before[column].iloc[from_rows].tolist())
        if entry.flag:
            after = _filled(after, entry.flag, to_rows, [""] * len(to_rows))
        tables[entry.table] = after
    return (new.replace(**tables) if tables else new), kept, entered


def _filled(
    frame: pd.DataFrame, column: str, rows: np.ndarray, values: list[object]
) -> pd.DataFrame:
    changed = frame[column].astype(object)
    changed.iloc[rows] = values
    return frame.assign(**{column: changed.astype(frame[column].dtype)})
