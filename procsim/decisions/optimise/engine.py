"""The solver: HiGHS through highspy, with a time limit, progress and cancelling.

highspy is used rather than `scipy.optimize.milp` because a plan in hand can be
given to it, the best plan so far and its bound can be watched, and a run can be
stopped without losing the plan; scipy's call offers none of the three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter
from types import TracebackType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats

__all__ = ["Clock", "Outcome", "Watch", "minimise", "model_of"]

Watch = Callable[[float, float], None]  # best value, proven bound
Flags = npt.NDArray[np.bool_]

# What takes most of the solver's time on small programs: it rewrites them and looks for
# plans in many ways before it branches.
LONG_WAYS = (
    "mip_heuristic_run_rins",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_root_reduced_cost",
    "mip_heuristic_run_feasibility_jump",
    "mip_allow_restart",
)


class Clock:
    """How much time is left, and whether somebody asked to stop.

    Parameters
    ----------
    time_limit
        Seconds from now.
    cancel
        Asked again and again; True stops the search and keeps the best plan.
    """

    def __init__(self, time_limit: float, cancel: Callable[[], bool] | None = None) -> None:
        self.start = perf_counter()
        self.time_limit = time_limit
        self._cancel = cancel
        self.cancelled = False

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self.start

    @property
    def left(self) -> float:
        """Seconds that are left, never below zero."""
        return max(0.0, self.time_limit - self.seconds)

    def stopped(self) -> bool:
        """Return whether time is over or somebody cancelled."""
        if not self.cancelled and self._cancel is not None and self._cancel():
            self.cancelled = True
        return self.cancelled or self.left <= 0

    def part(self, share: float) -> Clock:
        """Return a clock for a share of the time that is left, cancelled with this one."""

        def cancelled() -> bool:
            self.stopped()
            return self.cancelled

        return Clock(self.left * share, cancelled)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the solver came back with.

    Attributes
    ----------
    status
        ``"stopped"`` when time was over or somebody cancelled.
    x
        The best solution, or None.
    value, bound
        Its objective and what was proven about the best possible one.
    duals
        Dual value of each row; of a linear program only.
    """

    status: Literal["optimal", "infeasible", "stopped"]
    x: Floats | None
    value: float = inf
    bound: float = -inf
    duals: Floats | None = None


def minimise(
    cost: Floats,
    matrix: Any,
    low: Floats,
    high: Floats,
    lower: Floats,
    upper: Floats,
    *,
    clock: Clock,
    whole: Flags | None = None,
    start: Floats | None = None,
    gap: float = 0.0,
    watch: Watch | None = None,
    brief: bool = False,
) -> Outcome:
    """Return the cheapest ``x`` with ``low ≤ matrix·x ≤ high`` and ``lower ≤ x ≤ upper``.

    Parameters
    ----------
    cost, lower, upper
        Shape ``(n,)``.
    matrix, low, high
        Rows (scipy CSR, shape ``(m, n)``) and their bounds, shape ``(m,)``.
    clock
        When to stop.
    whole
        Columns that must be whole; None solves the linear relaxation.
    start
        A solution in hand.
    gap
        Relative gap at which the search may stop.
    watch
        Called with the best value and the proven bound.
    brief
        Whether to branch at once: best for small programs with few whole columns.
    """
    import highspy

    if clock.stopped():
        return Outcome("stopped", None)
    solver: Any = highspy.Highs  # the package states its types for some of its names only
    model = solver()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("time_limit", clock.left)
    model.setOptionValue("mip_rel_gap", gap)
    model.setOptionValue("mip_feasibility_tolerance", 1e-7)
    model.setOptionValue("primal_feasibility_tolerance", 1e-8)
    if whole is None or not whole.any():
        whole = None
        if matrix.nnz > 20_000:
            model.setOptionValue("solver", "ipm")
    if brief:
        model.setOptionValue("presolve", "off")
        for way in LONG_WAYS:
            model.setOptionValue(way, False)
    model.passModel(_program(cost, matrix, low, high, lower, upper, whole))
    if start is not None and whole is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        model.setSolution(solution)
    kept = _listen(model, clock, watch)
    model.run()
    if kept.error is not None:
        raise kept.error
    return _outcome(model, whole is not None)


def model_of(
    cost: Floats, matrix: Any, low: Floats, high: Floats, lower: Floats, upper: Floats
) -> Any:
    """Return a linear program for the simplex method, to be solved again and again."""
    import highspy

    solver: Any = highspy.Highs
    model = solver()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("presolve", "off")
    model.setOptionValue("solver", "simplex")
    model.setOptionValue("primal_feasibility_tolerance", 1e-8)
    model.passModel(_program(cost, matrix, low, high, lower, upper, None))
    return model


def _program(
    cost: Floats,
    matrix: Any,
    low: Floats,
    high: Floats,
    lower: Floats,
    upper: Floats,
    whole: Flags | None,
) -> Any:
    import highspy

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_, program.col_lower_, program.col_upper_ = cost, lower, upper
    program.row_lower_, program.row_upper_ = low, high
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    if whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        program.integrality_ = [kinds[flag] for flag in whole.tolist()]
    return program


class _Kept:
    """Keeps what a callback raises: it cannot cross the solver, and is raised after it."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = self.error or error
        return True


def _listen(model: Any, clock: Clock, watch: Watch | None) -> _Kept:
    """Stop the solver when the clock says so, and tell the watcher how far it is."""
    kept = _Kept()

    def interrupt(event: Any) -> None:
        stop = True
        with kept:
            stop = clock.stopped()
        if stop or kept.error is not None:
            event.interrupt()

    def tell(event: Any) -> None:
        if watch is not None and kept.error is None:
            with kept:
                watch(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    model.cbMipInterrupt.subscribe(interrupt)
    model.cbSimplexInterrupt.subscribe(interrupt)
    model.cbIpmInterrupt.subscribe(interrupt)
    model.cbMipLogging.subscribe(tell)
    return kept


def _outcome(model: Any, is_mip: bool) -> Outcome:
    import highspy

    status = model.getModelStatus()
    info, solution = model.getInfo(), model.getSolution()
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return Outcome("infeasible", None)
    solved = status == highspy.HighsModelStatus.kOptimal
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    bound = info.mip_dual_bound if is_mip else (info.objective_function_value if solved else -inf)
    return Outcome(
        "optimal" if solved else "stopped",
        np.array(solution.col_value) if feasible else None,
        info.objective_function_value if feasible else inf,
        bound if isfinite(bound) else -inf,
        np.array(solution.row_dual) if solved and not is_mip else None,
    )
