"""When the targets cannot all be met: which ones clash, how far each goes, what would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from procsim.decisions.optimise.checks import check
from procsim.decisions.optimise.complete import Completer
from procsim.decisions.optimise.engine import Clock, minimise
from procsim.decisions.optimise.problem import Floats, Problem
from procsim.decisions.optimise.program import Program, compile_problem
from procsim.decisions.optimise.result import Result
from procsim.decisions.optimise.solve import solve_program
from procsim.errors import Text

__all__ = ["Clash", "why_infeasible"]


@dataclass(frozen=True, eq=False)
class Clash:
    """Why there is no plan, and the nearest thing to one.

    Attributes
    ----------
    conflict
        Row numbers of the targets that no plan reaches even alone; where there are
        none, targets that cannot be met together, though all but any one of them can.
    reach
        One row for each target: required rate, the most that is possible when
        only this target counts (proven), and the shortfall in the relaxation.
    relaxation
        The plan with the least total shortfall in percentage points, cheapest
        within it; its problem carries the relaxed targets.
    proven
        Whether the conflict was proven to the end.
    """

    conflict: tuple[int, ...]
    reach: pd.DataFrame
    relaxation: Result
    proven: bool

    def sentence(self) -> Text:
        """Return what clashes and by how much in one sentence."""
        table = self.reach.iloc[list(self.conflict)]
        points = float(self.reach["shortfall_points"].sum())
        limited = bool(table["alone"].all())
        vi, en = "; ".join(table["name_vi"]), "; ".join(table["name_en"])
        if limited:
            return Text(
                f"Không thể cùng lúc đạt: {vi}. Cần hạ tổng cộng {_vi(points)} điểm phần trăm.",
                f"These cannot be met together: {en}. In all {points:.1f} percentage points "
                "must be given up.",
            )
        return Text(
            f"Vượt quá khả năng của danh mục phương án: {vi}. "
            f"Cần hạ tổng cộng {_vi(points)} điểm phần trăm.",
            f"Out of reach of all candidates: {en}. In all {points:.1f} percentage points "
            "must be given up.",
        )


def _vi(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")


def why_infeasible(
    problem: Problem, *, time_limit: float = 60.0, cancel: Callable[[], bool] | None = None
) -> Clash:
    """Return which targets clash, how far each can go, and the smallest relaxation.

    Parameters
    ----------
    problem
        A problem for which `solve` said that it is infeasible; limits stay as they are.
    time_limit, cancel
        As for `solve`.

    Raises
    ------
    InvalidValue
        When something in the problem is wrong.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    program = compile_problem(problem)
    most = _most(program, clock.part(0.4))
    short = _least_shortfall(program, clock.part(0.4))
    relaxed = problem.replace(
        targets=tuple(
            replace(target, required=max(0.0, target.required - lack) * (1 - 1e-9))
            for target, lack in zip(problem.targets, short, strict=True)
        )
    )
    conflict, proven = _conflict(program, most, short, clock.part(0.6))
    relaxation = solve_program(compile_problem(relaxed), "price", clock)
    return Clash(conflict, _reach(problem, most, short), relaxation, proven)


def _reach(problem: Problem, most: Floats, short: Floats) -> pd.DataFrame:
    targets = problem.targets
    base = np.array([t.base if t.base > 0 else np.nan for t in targets])
    required = np.array([t.required for t in targets])
    return pd.DataFrame(
        {
            "name_vi": [t.label().vi for t in targets],
            "name_en": [t.label().en for t in targets],
            "metric": [t.metric for t in targets],
            "scope": [t.scope for t in targets],
            "required_rate": required / base,
            "most_rate": most / base,
            "alone": most >= required * (1 - 1e-9),
            "shortfall_points": 100.0 * short / base,
        }
    )


def _without_targets(program: Program) -> Floats:
    """Return the lower bounds of the rows with no target asked for."""
    low = program.low.copy()
    low[: len(program.problem.targets)] = -np.inf
    return low


def _most(program: Program, clock: Clock) -> Floats:
    """Return the proven most that can be saved for each target alone."""
    if not program.limit_rows and all(ordered for _, ordered in program.groups):
        # Without limits nothing reaches further than everything at once.
        completer = Completer(program)
        return completer.savings(completer.columns(program.upper > 0.5))
    return np.array([_most_alone(program, k, clock) for k in range(len(program.problem.targets))])


def _most_alone(program: Program, target: int, clock: Clock) -> float:
    cost = -np.asarray(program.saving[[target], :].toarray()).ravel()
    outcome = minimise(
        cost,
        program.matrix,
        _without_targets(program),
        program.high,
        program.lower,
        program.upper,
        clock=clock,
        whole=program.whole if program.limit_rows else None,
        gap=1e-4,
    )
    return -outcome.bound if np.isfinite(outcome.bound) else float(-cost[cost < 0].sum())


def _elastic(program: Program, kept: list[int]) -> tuple[Program, Floats]:
    """Return the program with a shortfall for each kept target, and the cost of shortfalls."""
    from scipy.sparse import csr_array, hstack

    targets = program.problem.targets
    kept = [k for k in kept if targets[k].required > 0]
    rows, n = len(program.low), len(kept)
    more = csr_array((program.low[kept], (kept, range(n))), shape=(rows, n))
    low = _without_targets(program)
    low[kept] = program.low[kept]
    cost = np.concatenate(
        [
            np.zeros(len(program.price)),
            [100.0 * targets[k].required / targets[k].base for k in kept],
        ]
    )
    larger = replace(
        program,
        price=np.append(program.price, np.zeros(n)),
        lower=np.append(program.lower, np.zeros(n)),
        upper=np.append(program.upper, np.ones(n)),
        whole=np.append(program.whole, np.zeros(n, dtype=bool)),
        matrix=hstack([program.matrix, more]).tocsr(),
        low=low,
    )
    return larger, cost


def _least_shortfall(program: Program, clock: Clock) -> Floats:
    """Return what each target lacks when the total lack, in points, is least."""
    targets = program.problem.targets
    kept = [k for k, target in enumerate(targets) if target.required > 0 and target.base > 0]
    larger, cost = _elastic(program, kept)
    outcome = minimise(
        cost,
        larger.matrix,
        larger.low,
        larger.high,
        larger.lower,
        larger.upper,
        clock=clock,
        whole=larger.whole,
        gap=1e-4,
    )
    short = np.zeros(len(targets))
    if outcome.x is not None:
        lack = outcome.x[len(program.price) :]
        short[kept] = np.where(lack > 1e-9, lack, 0.0) * [targets[k].required for k in kept]
    return short


def _conflict(
    program: Program, most: Floats, short: Floats, clock: Clock
) -> tuple[tuple[int, ...], bool]:
    """Return a smallest-by-inclusion set of targets that clash, and whether it is proven."""
    targets = program.problem.targets
    beyond = [k for k, t in enumerate(targets) if most[k] < t.required * (1 - 1e-9)]
    if beyond:
        return (int(beyond[0]),) if len(beyond) == 1 else tuple(beyond), True
    kept = [k for k, target in enumerate(targets) if target.required > 0]
    # Those that are met without trouble are tried first: most of them fall out.
    for k in sorted(kept, key=lambda k: (short[k] > 0, -most[k] / targets[k].required)):
        fewer = [other for other in kept if other != k]
        feasible = _can_meet(program, fewer, clock)
        if feasible is None:
            return tuple(kept), False
        if not feasible:
            kept = fewer
    return tuple(kept), True


def _can_meet(program: Program, kept: list[int], clock: Clock) -> bool | None:
    """Return whether some targets can be met together; None when time was over."""
    low = _without_targets(program)
    low[kept] = program.low[kept]
    outcome = minimise(
        np.zeros(len(program.price)),
        program.matrix,
        low,
        program.high,
        program.lower,
        program.upper,
        clock=clock,
        whole=program.whole,
    )
    if outcome.status == "stopped":
        return None
    return outcome.status == "optimal"
