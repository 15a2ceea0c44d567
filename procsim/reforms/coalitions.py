"""Many subsets of a plan applied and measured at once.

Attribution asks what every part of a plan would save without the others. That
is thousands of small plans; so copies of the procedures they touch are laid
side by side in one portfolio, each copy gets its own part of the plan, and one
`apply` and one `measure` answer for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import InvalidValue
from procsim.measures.arrays import Bools, Floats, Rows
from procsim.measures.base import Figures
from procsim.measures.table import measure
from procsim.model.portfolio import TABLES, Portfolio
from procsim.model.tables import empty
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.changes import place_of
from procsim.reforms.plan import Plan, apply

__all__ = ["Block", "evaluate"]

# No measure reads these; leaving them out halves the work of copying.
_UNMEASURED = frozenset({"legal_bases", "results", "marks", "decisions"})
_BATCH = 4_000  # procedures laid side by side at once, so that memory stays bounded


@dataclass(frozen=True)
class Block:
    """Procedures that reforms tie together, and the subsets of these reforms to try.

    Attributes
    ----------
    procedures
        Ids of the procedures.
    reforms
        The reforms, in the order of their plan.
    subsets
        Shape (subsets, reforms): which of the reforms act.
    """

    procedures: tuple[str, ...]
    reforms: tuple[Reform, ...]
    subsets: Bools


def evaluate(
    blocks: Sequence[Block],
    portfolio: Portfolio,
    columns: Sequence[str],
    parameters: Figures | None = None,
) -> list[Floats]:
    """Return the measures of each block's procedures after each subset of its reforms.

    A reform that cannot be applied in a subset, because what it builds on is
    not there, does nothing in it.

    Returns
    -------
    list of numpy.ndarray
        For each block, shape (subsets, procedures, columns).
    """
    stock = _Stock(portfolio, {i for block in blocks for i in block.procedures})
    copies = [
        (block, subset) for block in blocks for subset in block.subsets if len(block.procedures)
    ]
    figures = [
        measure(_applied(*stock.stacked(batch)), parameters)[list(columns)].to_numpy(dtype=float)
        for batch in _batches(copies)
    ]
    rows = np.concatenate(figures) if figures else np.empty((0, len(columns)))
    shapes = [(len(b.subsets), len(b.procedures), len(columns)) for b in blocks]
    ends = np.cumsum([count * width for count, width, _ in shapes], dtype=int)
    parts = np.split(rows, ends[:-1]) if len(ends) else []
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


Copy = tuple[Block, Bools]


def _batches(copies: Sequence[Copy]) -> Iterator[list[Copy]]:
    batch: list[Copy] = []
    size = 0
    for block, subset in copies:
        if batch and size + len(block.procedures) > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append((block, subset))
        size += len(block.procedures)
    if batch:
        yield batch


def _applied(portfolio: Portfolio, plan: Plan) -> Portfolio:
    """Return the portfolio after the plan; reforms that cannot be applied are left out."""
    while True:
        try:
            return apply(portfolio, plan)
        except InvalidValue as error:
            places = {fault.place for fault in error.faults}
            kept = [
                reform
                for position, reform in enumerate(plan.reforms, start=1)
                if place_of(position, reform) not in places
            ]
            if len(kept) == len(plan):  # nothing that a reform is to blame for
                raise
            plan = Plan(tuple(kept))


def _renamed(key: str, mark: str) -> str:
    """Return the id of a copy: ``1.004222/c1/r3`` of copy ``~7`` is ``1.004222~7/c1/r3``."""
    head, slash, tail = key.partition("/")
    return f"{head}{mark}{slash}{tail}" if key else key


class _Stock:
    """The tables from which copies are taken, their ids split where a mark goes in."""

    def __init__(self, portfolio: Portfolio, procedures: set[str]) -> None:
        order = [i for i in portfolio.procedures.index if i in procedures]
        self.part = portfolio.select(order)
        self.names = [name for name in TABLES if name not in _UNMEASURED]
        self.place = {key: row for row, key in enumerate(order)}
        self.rows: dict[str, tuple[Rows, Rows]] = {}
        self.texts: dict[tuple[str, str], tuple[Floats, Floats]] = {}
        for name in self.names:
            frame = getattr(self.part, name)
            owner = (
                np.arange(len(order))
                if name == "procedures"
                else self.part.positions(name, "procedure")
            )
            by_owner = np.argsort(owner, kind="stable")
            starts = np.searchsorted(owner[by_owner], np.arange(len(order) + 1))
            self.rows[name] = (by_owner, starts)
            for column in ("id", *(c.name for c in table(name).references)):
                keys = frame.index if column == "id" else frame[column]
                split = [key.partition("/") for key in keys]
                self.texts[name, column] = (
                    np.array([head for head, _, _ in split], dtype=object),
                    np.array([slash + tail for _, slash, tail in split], dtype=object),
                )

    def stacked(self, copies: Sequence[Copy]) -> tuple[Portfolio, Plan]:
        """Return the copies as one portfolio, and the plan that has a part for each."""
        marks = [f"~{number}" for number in range(len(copies))]
        counts = [len(block.procedures) for block, _ in copies]
        at = np.array([self.place[i] for block, _ in copies for i in block.procedures], dtype=int)
        mark = np.repeat(np.array(marks, dtype=object), counts)
        tables = {name: self._copied(name, at, mark) for name in self.names}
        tables |= {name: empty(name) for name in _UNMEASURED}
        reforms = [
            _of_copy(block.reforms[number], mark_of)
            for (block, subset), mark_of in zip(copies, marks, strict=True)
            for number in np.flatnonzero(subset)
        ]
        return Portfolio(**tables), Plan(tuple(reforms))

    def _copied(self, name: str, at: Rows, mark: Floats) -> pd.DataFrame:
        by_owner, starts = self.rows[name]
        lengths = starts[at + 1] - starts[at]
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows = by_owner[np.repeat(starts[at], lengths) + offsets]
        marks = np.repeat(mark, lengths)
        frame = getattr(self.part, name).iloc[rows]
        made: dict[str, pd.Series] = {}
        index = pd.Index(self._keys(name, "id", rows, marks), dtype=frame.index.dtype, name="id")
        for column in (c.name for c in table(name).references):
            keys = self._keys(name, column, rows, marks)
            made[column] = pd.Series(keys, index=index, dtype=frame[column].dtype)
        frame = frame.set_axis(index, axis=0)
        return frame.assign(**made) if made else frame

    def _keys(self, name: str, column: str, rows: Rows, marks: Floats) -> Floats:
        heads, tails = self.texts[name, column]
        keys = heads[rows] + marks + tails[rows]
        return np.where(heads[rows] == "", "", keys) if column != "id" else keys


def _of_copy(reform: Reform, mark: str) -> Reform:
    """Return the reform with every id in it that of the copy."""
    made = copy(reform)
    for name in reform.refers:
        value = getattr(reform, name)
        if isinstance(value, tuple):
            value = tuple(_renamed(item, mark) for item in value)
        elif value is not None:
            value = _renamed(value, mark)
        # A copy is as valid as its original; checking 50,000 of them again takes most of the time.
        object.__setattr__(made, name, value)
    return made
