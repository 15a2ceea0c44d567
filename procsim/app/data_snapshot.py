"""A newer snapshot for a project: what officers did is carried over, what differs is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.app.jobs import Report
from procsim.errors import Fault
from procsim.language.i18n import bilingual
from procsim.marking import carry_decisions
from procsim.measures import decompose
from procsim.model import Portfolio, check
from procsim.model.counterparts import Pairs, procedure_pairs, row_pairs
from procsim.model.diff import Difference, diff
from procsim.reference import Parameters

__all__ = ["ENTERED", "Entry", "Snapshot", "carry_entries", "snapshot"]


@dataclass(frozen=True)
class Entry:
    """Columns of a table that an officer's figure fills together.

    Attributes
    ----------
    values
        The figure, and what belongs to it (its unit).
    mark
        Where the mark ``nhập`` stands.
    flag
        The doubt that the figure settles, ``""`` where there is none.
    """

    table: str
    values: tuple[str, ...]
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
    portfolio
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
    """

    portfolio: Portfolio
    difference: Difference
    causes: pd.DataFrame
    faults: tuple[Fault, ...]
    found: tuple[Fault, ...]
    decisions: tuple[int, int]
    entries: tuple[int, int]


def snapshot(
    old: Portfolio, new: Portfolio, parameters: Parameters, report: Report
) -> Snapshot:
    """Carry decisions and entered figures into a newer snapshot and compare the two."""
    report(0.05, bilingual("app.data.step.carry"))
    carried, kept, entered = carry_entries(old, new)
    carried, faults = carry_decisions(old, carried)
    report(0.3, bilingual("app.data.step.diff"))
    difference = diff(old, carried)
    report(0.6, bilingual("app.data.step.causes"))
    causes = decompose(old, carried, parameters, parameters)
    report(0.85, bilingual("app.data.step.check", rows=len(carried.requirements)))
    found = tuple(check(carried))
    standing = int((carried.decisions["requirement"] != "").sum())
    return Snapshot(
        carried,
        difference,
        causes,
        tuple(faults),
        found,
        (len(old.decisions), min(standing, len(old.decisions))),
        (entered, kept),
    )


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
        lacking = after[entry.values[0]].isna().to_numpy(dtype=bool)
        at = mine[pair.old] & lacking[pair.new]
        from_rows, to_rows = pair.old[at], pair.new[at]
        kept += len(to_rows)
        for column in (*entry.values, entry.mark):
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
