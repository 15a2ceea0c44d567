"""From texts and databases to everything that follows from them, exactly.

The solver works with tolerances; what is reported is recomputed here: given
the chosen texts, databases and reforms with a price of their own, every reform
that they unlock is taken, and of each unit the best option is in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats, Integers
from procsim.decisions.optimise.program import Program

__all__ = ["Completer"]

Flags = npt.NDArray[np.bool_]


def _padded(groups: list[tuple[int, ...]]) -> Integers:
    """Return groups of columns as one array, −1 where a group is shorter."""
    width = max((len(group) for group in groups), default=0)
    table = np.full((len(groups), width), -1, dtype=np.int64)
    for row, group in enumerate(groups):
        table[row, : len(group)] = group
    return table


@dataclass(frozen=True, eq=False)
class Completer:
    """Completes a choice of texts, databases and own reforms."""

    program: Program

    @cached_property
    def _requirements(self) -> tuple[Any, Integers]:
        from scipy.sparse import csr_array

        needs = self.program.requirement
        count = np.array([len(need) for need in needs], dtype=np.int64)
        row = np.repeat(np.arange(len(needs)), count)
        column = np.array([item for need in needs for item in need], dtype=np.int64)
        shape = (len(needs), self.program.decisions)
        return csr_array((np.ones(len(row)), (row, column)), shape=shape), count

    @cached_property
    def _ordered(self) -> Integers:
        return _padded([columns for columns, ordered in self.program.groups if ordered])

    @cached_property
    def _free(self) -> Integers:
        return _padded([columns for columns, ordered in self.program.groups if not ordered])

    @cached_property
    def _worth(self) -> Floats:
        """What each column saves over all targets, each target in percent of its base."""
        targets = self.program.problem.targets
        scale = np.array([100.0 / target.base if target.base > 0 else 0.0 for target in targets])
        return self.program.saving.T @ scale if len(targets) else np.zeros(len(self.program.price))

    def columns(self, chosen: Flags, hint: Floats | None = None) -> Floats:
        """Return all columns, 0 or 1, that follow from the chosen ones.

        Parameters
        ----------
        chosen
            Texts, databases (and own reforms at their columns), shape ``(n,)``;
            the rest of the columns is not read.
        hint
            A solution of the solver: what it used where options have no order.
        """
        program = self.program
        x = np.zeros(len(program.price))
        x[: program.decisions] = chosen[: program.decisions]
        matrix, count = self._requirements
        x[program.enabled.start : program.enabled.stop] = matrix @ x[: program.decisions] >= count
        own, enabling = program.own, program.own_enabling
        x[own] = chosen[own] & ((enabling < 0) | (x[enabling] > 0.5))
        available = x.copy()
        first_used = len(x) - len(program.reference)
        available[first_used:] = x[program.reference]
        for table, ordered in ((self._ordered, True), (self._free, False)):
            self._use(x, available, table, None if ordered else hint, ordered=ordered)
        return x

    def _use(
        self,
        x: Floats,
        available: Floats,
        table: Integers,
        hint: Floats | None,
        *,
        ordered: bool,
    ) -> None:
        """Put one option of each group in force."""
        if not table.size:
            return
        can = (table >= 0) & (available[table] > 0.5)
        if ordered:
            score = np.broadcast_to(np.arange(table.shape[1], 0, -1.0), table.shape)
        elif hint is None:
            score = self._worth[table]
        else:
            score = np.where(hint[table] > 0.5, 1.0, 0.0)
        score = np.where(can, score, -np.inf)
        best = np.argmax(score, axis=1)
        rows = np.arange(len(table))
        some = score[rows, best] > 0
        x[table[table >= 0]] = 0.0
        x[table[rows[some], best[some]]] = 1.0

    def tighten(self, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Return the bounds of all columns that follow from narrower bounds of some.

        What lacks something that is ruled out is ruled out; what has all that it
        needs, at no price, is taken; and the best sure option closes the others.
        """
        program = self.program
        lower, upper = lower.copy(), upper.copy()
        matrix, count = self._requirements
        part = slice(program.enabled.start, program.enabled.stop)
        items = slice(0, program.decisions)
        lower[part] = np.maximum(lower[part], matrix @ lower[items] >= count)
        upper[part] = np.minimum(upper[part], matrix @ upper[items] >= count)
        bound = program.own_enabling >= 0
        own, enabling = program.own[bound], program.own_enabling[bound]
        upper[own] = np.minimum(upper[own], upper[enabling])
        first_used = len(upper) - len(program.reference)
        upper[first_used:] = np.minimum(upper[first_used:], upper[program.reference])
        sure = np.zeros(len(lower), dtype=bool)
        sure[first_used:] = lower[program.reference] > 0.5
        open_ = np.ones(len(self._ordered), dtype=bool)  # no better option is possible
        closed = np.zeros(len(self._ordered), dtype=bool)  # a better option is sure
        for columns in self._ordered.T:
            there = columns >= 0
            upper[columns[there & closed]] = 0.0
            take = there & open_ & sure[columns]
            lower[columns[take]] = 1.0
            closed |= take
            open_ &= ~there | (upper[columns] < 0.5)
        return lower, upper

    def savings(self, x: Floats) -> Floats:
        """Return what a completed choice saves for each target, shape ``(targets,)``."""
        return np.asarray(self.program.saving @ x)

    def meets(self, x: Floats) -> bool:
        """Return whether a completed choice meets every target and every limit."""
        program = self.program
        row = np.asarray(program.matrix @ x)
        slack = 1e-7 * np.maximum(1.0, np.abs(np.where(np.isfinite(program.low), program.low, 0)))
        ok = (row >= program.low - slack) & (row <= program.high + 1e-7 * (1 + abs(program.high)))
        inside = (x >= program.lower - 1e-9) & (x <= program.upper + 1e-9)
        return bool(ok.all() and inside.all())

    def options_in_force(self, x: Floats) -> Integers:
        """Return the numbers of the options that a completed choice puts in force."""
        option, _, column = self.program.option_columns.T
        return np.unique(option[x[column] > 0.5])
