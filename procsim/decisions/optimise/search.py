"""The search: a plan at once, better plans soon, and a proof of how good they are.

1. Everything is chosen, then what is not needed is left out, dearest first: a
   first plan within a second or two, where one exists.
2. The linear relaxation gives a first bound, and what its proof is sure of a good
   plan: only texts and databases that it wavers about are searched. With all of them
   fixed the ministries fall apart into small programs, each solved to the end.
   Where targets of several ministries meet in common texts and databases only, the
   search by part (`agree`) takes this step's place: its bound is better, too.
3. Branch and bound by HiGHS from the best plan, all columns whole, closes the gap;
   what the relaxation proves about every better plan (`settle`) is fixed before.

Where reforms are free and nothing limits the plan as a whole, a search by scope
(`decompose`), whose bound is far better, comes before 2 and 3. It has most of the time;
its plan and its bound are handed on when it does not finish.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.agree import Agreement
from procsim.decisions.optimise.blocks import blocks_of
from procsim.decisions.optimise.complete import Completer
from procsim.decisions.optimise.decompose import Decomposition
from procsim.decisions.optimise.engine import Clock, Outcome, minimise
from procsim.decisions.optimise.parts import parts_of, shares_of
from procsim.decisions.optimise.problem import Floats, Integers
from procsim.decisions.optimise.program import Program, step_of
from procsim.decisions.optimise.settle import Raises, raises

__all__ = ["Found", "Search", "relative_gap"]

Flags = npt.NDArray[np.bool_]
Report = Callable[[float, float, float], None]

SMALL = 3000  # columns up to which one call with all columns whole is best
UNSURE = 20  # texts and databases, at least, that are searched after the relaxation
BY_SCOPE = 0.8  # share of the time for the search by scope; what it proves is kept
BY_PART = 0.9  # share of what is left after the relaxation for the search by part
ROUNDING = 1e-12  # sums of the same prices in another order differ by as much
WHOLE = 1e-6  # so near to a whole number counts as whole


def relative_gap(value: float, bound: float) -> float:
    """Return how far the bound lies from the value, as a share of the value."""
    if not (isfinite(value) and isfinite(bound)):
        return inf
    gap = (value - bound) / max(abs(value), 1e-9)
    return gap if gap > ROUNDING else 0.0


@dataclass(eq=False)
class Found:
    """The best completed choice so far and what is proven about the optimum."""

    x: Floats | None = None
    value: float = inf
    bound: float = -inf
    infeasible: bool = False

    @property
    def gap(self) -> float:
        """Relative distance between the plan and the bound."""
        return relative_gap(self.value, self.bound)


class Search:
    """One search for the cheapest choice under one cost.

    Parameters
    ----------
    program
        The compiled problem.
    cost
        What is minimised, shape ``(n,)``.
    clock
        When to stop.
    gap
        Relative gap at which the plan is good enough.
    report
        Called with seconds, best value and bound whenever one of them improves.
    """

    def __init__(
        self,
        program: Program,
        cost: Floats,
        clock: Clock,
        *,
        gap: float = 1e-3,
        report: Report | None = None,
    ) -> None:
        self.program = program
        self.cost = cost
        self.clock = clock
        self.gap = gap
        self.report = report
        self.completer = Completer(program)
        self.found = Found()
        self.step = step_of(cost)
        self.proof: Raises | None = None  # by the linear relaxation

    def run(self, start: Floats | None = None) -> Found:
        """Search until the gap is small enough, or time is over, or somebody cancels."""
        if start is not None:
            self._offer(start)
        self._first_plan()
        if self.found.infeasible or self._done():
            return self.found
        if len(self.cost) > SMALL:
            if self._by_scope():
                return self.found
            self._relax_and_round()
            if self.found.infeasible or self._done():
                return self.found
        self._branch()
        return self.found

    # -- what is known -----------------------------------------------------------

    def _done(self) -> bool:
        return self.found.gap <= self.gap

    def _offer(self, x: Floats, hint: Floats | None = None) -> bool:
        """Take a choice if, completed, it is a plan and better than the best one."""
        full = self.completer.columns(x > 0.5, hint)
        value = float(self.cost @ full)
        if value >= self.found.value - 1e-9 or not self.completer.meets(full):
            return False
        self.found.x, self.found.value = full, value
        self._tell()
        return True

    def _prove(self, bound: float) -> None:
        if self.step and isfinite(bound):
            bound = self.step * ceil(bound / self.step - 1e-6)
        if bound > self.found.bound:
            # A plan in hand is never cheaper than what is proven; rounding could say so.
            self.found.bound = min(bound, self.found.value)
            self._tell()

    def _tell(self) -> None:
        if self.report is not None:
            self.report(self.clock.seconds, self.found.value, self.found.bound)

    # -- a first plan --------------------------------------------------------------

    def _first_plan(self) -> None:
        """Choose everything, then leave out what is not needed, dearest first."""
        program = self.program
        everything = program.upper > 0.5
        everything[program.decisions :] = True
        everything[program.own] = program.upper[program.own] > 0.5
        full = self.completer.columns(everything)
        if not self.completer.meets(full):
            # Without limits nothing can reach further than everything at once.
            limited = program.limit_rows or any(not ordered for _, ordered in program.groups)
            self.found.infeasible = not limited
            return
        self._offer(full)
        self._leave_out(everything, self.clock.part(0.1))

    def _leave_out(self, kept: Flags, clock: Clock) -> None:
        """Leave out what is not needed of a choice that meets all targets, dearest first."""
        program = self.program
        items = np.arange(program.decisions)
        items = items[kept[items] & (program.lower[items] < 0.5)]
        kept = kept.copy()
        for item in items[np.argsort(-program.price[items], kind="stable")].tolist():
            if clock.stopped():
                break
            kept[item] = False
            kept[item] = not self.completer.meets(self.completer.columns(kept))
        self._offer(kept.astype(float))

    def _fill_up(self, relaxed: Floats, clock: Clock) -> None:
        """Take texts and databases in the order of the relaxation until all targets are met.

        Then leave out what is not needed. Halving finds how many it takes, because
        more texts and databases never save less.
        """
        program = self.program
        value = relaxed[: program.decisions] - 1e-9 * program.price[: program.decisions]
        order = np.argsort(-value, kind="stable")
        order = order[program.upper[order] > 0.5]

        def first(n: int) -> Flags:
            chosen = program.lower > 0.5
            chosen[program.own] = program.upper[program.own] > 0.5
            chosen[order[:n]] = True
            return chosen

        few, many = 0, len(order)
        while few < many and not clock.stopped():
            middle = (few + many) // 2
            if self.completer.meets(self.completer.columns(first(middle))):
                many = middle
            else:
                few = middle + 1
        if self.completer.meets(self.completer.columns(first(many))):
            self._leave_out(first(many), clock)

    # -- scope by scope ------------------------------------------------------------

    def _by_scope(self) -> bool:
        """Search scope by scope where that is possible; return whether it said the last word."""
        program = self.program
        if self.found.x is None or self.cost is not program.price:
            return False
        blocks = blocks_of(program)
        if blocks is None:
            return False

        def offer(chosen: Flags) -> float:
            x = np.zeros(len(program.price), dtype=bool)
            x[: program.decisions] = chosen
            self._offer(x)
            return self.found.value

        search = Decomposition(
            blocks,
            self.clock.part(BY_SCOPE),
            step=self.step,
            gap=self.gap,
            value=self.found.value,
            columns=program.decisions,
            offer=offer,
            prove=self._prove,
        )
        return search.run() or self.clock.stopped()

    # -- relaxation and rounding -----------------------------------------------------

    def _relax_and_round(self) -> None:
        program = self.program
        relaxed = self._minimise(program, self.clock)
        if relaxed.status == "infeasible":
            self.found.infeasible = True
            return
        if relaxed.x is None:
            return
        self._prove(relaxed.bound)
        self._offer((relaxed.x > WHOLE).astype(float))
        self._fill_up(relaxed.x, self.clock.part(0.1))
        if relaxed.duals is not None:
            self.proof = raises(program, self.cost, relaxed.duals)
            if not self._by_part(relaxed.duals):
                self._search_unsure(relaxed.x, self.proof, self.clock.part(0.5))

    def _by_part(self, duals: Floats) -> bool:
        """Search part by part; return whether the program falls apart well enough for that."""
        program = self.program
        if self.found.x is None or self.cost is not program.price:
            return False
        parts = parts_of(program)
        if parts is None:
            return False

        def offer(x: Floats) -> float:
            self._offer(x, hint=x)
            return self.found.value

        search = Agreement(
            program,
            parts,
            shares_of(program, parts, duals),
            self.clock.part(BY_PART),
            gap=self.gap,
            value=self.found.value,
            offer=offer,
            prove=self._prove,
        )
        search.run()
        return not search.given_up

    def _search_unsure(self, relaxed: Floats, proof: Raises, clock: Clock) -> None:
        """Search the texts and databases that the relaxation is least sure of.

        The others stay as it has them; reforms may be taken in part, which spoils the
        price by little: the whole ones are found once all texts and databases are fixed.
        """
        program = self.program
        items = relaxed[: program.decisions]
        wavers = np.abs(items - np.round(items)) > WHOLE
        rise = np.where(items > 0.5, proof.closing, proof.opening)
        order = np.argsort(np.where(wavers, -1.0, rise), kind="stable")
        sure = order[max(UNSURE, 2 * int(wavers.sum())) :]
        whole = np.zeros(len(program.price), dtype=bool)
        whole[: program.decisions] = True
        outcome = self._minimise(
            program.bounded(*self._fixed(sure, items[sure])), clock, whole=whole, gap=self.gap / 2
        )
        if outcome.x is None:
            return
        self._offer((outcome.x > WHOLE).astype(float), hint=outcome.x)
        every = np.arange(program.decisions)
        self._restricted(*self._fixed(every, outcome.x[every]), clock)

    def _fixed(self, items: Integers, values: Floats) -> tuple[Floats, Floats]:
        """Return bounds with some texts and databases fixed, and all that follows from it."""
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        lower[items] = upper[items] = np.clip(np.round(values), lower[items], upper[items])
        return self.completer.tighten(lower, upper)

    def _restricted(self, lower: Floats, upper: Floats, clock: Clock) -> None:
        """Solve with some columns fixed, part by part, and offer what comes out."""
        if (lower > upper).any():
            return
        whole, gap = self.program.whole, self.gap / 3
        x = solve_parts(self.program, self.cost, lower, upper, clock, whole=whole, gap=gap)
        if x is not None:
            self._offer(x, hint=x)

    # -- branch and bound --------------------------------------------------------------

    def _branch(self) -> None:
        """Branch and bound from the best plan."""
        program, floor = self._settled()

        def watch(best: float, bound: float) -> None:
            del best  # taken only once it is completed and checked
            self._prove(min(bound, floor))

        outcome = self._minimise(
            program,
            self.clock,
            whole=self.program.whole,
            start=self.found.x,
            gap=self.gap,
            watch=watch,
        )
        if outcome.status == "infeasible":
            self.found.infeasible = self.found.x is None
            if isfinite(floor):
                self._prove(floor)
            return
        self._prove(min(outcome.bound, floor))
        if outcome.x is not None:
            self._offer(outcome.x, hint=outcome.x)

    def _settled(self) -> tuple[Program, float]:
        """Return the program with what is proven about every plan that would be worth having.

        Plans within the gap below the best one are not worth a search; no plan that the
        narrower program leaves out is cheaper than the second value returned.
        """
        program = self.program
        if self.proof is None or self.found.x is None:
            return program, inf
        # A hair above the gap: rounding must not make the proof miss it.
        floor = self.found.value - 0.999 * self.gap * abs(self.found.value)
        open_, closed = self.proof.settled(floor)
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[: len(open_)][open_] = 1.0
        upper[: len(closed)][closed] = 0.0
        return program.bounded(*self.completer.tighten(lower, upper)), floor

    def _minimise(
        self, program: Program, clock: Clock, *, whole: Flags | None = None, **more: Any
    ) -> Outcome:
        return minimise(
            self.cost,
            program.matrix,
            program.low,
            program.high,
            program.lower,
            program.upper,
            clock=clock,
            whole=whole,
            **more,
        )


def solve_parts(
    program: Program,
    cost: Floats,
    lower: Floats,
    upper: Floats,
    clock: Clock,
    *,
    whole: Flags | None = None,
    gap: float = 0.0,
) -> Floats | None:
    """Return the best choice within narrower bounds, or None when there is none in time.

    Once enough columns are fixed the rest falls apart into programs that share
    no row; each is solved alone.
    """
    from scipy.sparse.csgraph import connected_components

    x = np.where(lower == upper, lower, 0.0)
    free = np.flatnonzero(lower < upper)
    matrix = program.matrix[:, free].tocsr()
    rest = np.asarray(program.matrix @ x)
    low, high = program.low - rest, program.high - rest
    filled = np.diff(matrix.indptr) > 0
    if ((low > 1e-6) | (high < -1e-6))[~filled].any():
        return None
    # A row that no values of its free columns can break ties nothing together.
    least = matrix.minimum(0) @ np.ones(len(free))
    most = matrix.maximum(0) @ np.ones(len(free))
    rows = np.flatnonzero(filled & ((least < low - 1e-9) | (most > high + 1e-9)))
    matrix = matrix[rows]
    pattern = (matrix != 0).astype(np.int8)
    count, label = connected_components(pattern.T @ pattern, directed=False)
    row_label = label[matrix.indices[matrix.indptr[:-1]]] if len(rows) else np.zeros(0, int)
    parts: list[tuple[Integers, Integers]] = []
    for part in range(count):
        columns, own_rows = np.flatnonzero(label == part), np.flatnonzero(row_label == part)
        if len(own_rows):
            parts.append((columns, own_rows))
        else:
            at = free[columns]
            x[at] = np.where(cost[at] < 0, upper[at], lower[at])

    def solved(part: tuple[Integers, Integers]) -> Outcome:
        columns, own_rows = part
        at = free[columns]
        return minimise(
            cost[at],
            matrix[own_rows][:, columns].tocsr(),
            low[rows[own_rows]],
            high[rows[own_rows]],
            lower[at],
            upper[at],
            clock=clock,
            whole=None if whole is None else whole[at],
            gap=gap,
        )

    # The solver leaves Python's lock while it works, so two cores serve two parts.
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(solved, parts))
    for (columns, _), outcome in zip(parts, outcomes, strict=True):
        if outcome.x is None:
            return None
        x[free[columns]] = outcome.x
    return x
