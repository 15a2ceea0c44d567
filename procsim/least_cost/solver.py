"""HiGHS through highspy: time limit, progress, cancelling, and every answer checked.

highspy is used rather than `scipy.optimize.milp` because a plan in hand can be given to
it, the incumbent and its bound can be watched, and a run can be stopped without losing
the plan; scipy's call offers none of the three.

No answer is believed: what is returned must satisfy the constraints and cost what the
objective says. highspy 1.16.0 can return the start beside the optimum's objective, and it
prints a banner when its first solver is made, whatever its options say.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import inf, isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from time import perf_counter
from types import TracebackType
from typing import Any, Literal

import numpy as np

from procsim.errors import Fault, InvalidValue, shorten
from procsim.language.i18n import bilingual
from procsim.least_cost.model import Flags, Model
from procsim.least_cost.problem import Floats

Watch = Callable[[float, float], None]  # incumbent's value, proven bound
MODEL_FILES = (".lp", ".mps")
_LARGE = 20_000  # entries beyond which the interior point method solves a relaxation faster
_QUIET = Lock()


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
        ``"stopped"`` when time was over or somebody cancelled; ``"inconsistent"`` when
        its answer contradicts itself, asked twice: nothing of it is used then.
    x
        The best solution, or None.
    value, bound
        Its objective and what was proven about the best possible one.
    duals
        Dual value of each constraint; of a relaxation only.
    """

    status: Literal["optimal", "infeasible", "stopped", "inconsistent"]
    x: Floats | None
    value: float = inf
    bound: float = -inf
    duals: Floats | None = None


def relax(model: Model, clock: Clock, cost: Floats | None = None) -> Outcome:
    """Return the optimum of the linear relaxation, with its dual values."""
    return minimise(model, clock, cost, relaxed=True)


def minimise(
    model: Model,
    clock: Clock,
    cost: Floats | None = None,
    *,
    relaxed: bool = False,
    start: Floats | None = None,
    gap: float = 0.0,
    watch: Watch | None = None,
    real: int = 0,
) -> Outcome:
    """Return the cheapest choice that satisfies all constraints, checked.

    Parameters
    ----------
    model
        The mixed-integer program.
    clock
        When to stop.
    cost
        What is minimised, shape ``(n,)``; by default the model's own cost.
    relaxed
        Whether the variables may be taken in part.
    start
        A solution in hand.
    gap
        Relative gap at which the search may stop.
    watch
        Called with the incumbent's value and the proven bound.
    real
        How many of the last variables may be taken in part.

    Raises
    ------
    BaseException
        Whatever `watch` or the clock raise, after the solver has stopped.
    """
    cost = model.cost if cost is None else cost
    integral = (
        np.zeros(len(cost), dtype=bool) if relaxed else np.arange(len(cost)) < len(cost) - real
    )
    again = "off" if start is None else "choose"
    for first, presolve in ((start, "choose"), (None, again)):
        if clock.stopped():
            return Outcome("stopped", None)
        outcome = _run(model, clock, cost, integral, first, gap, watch, presolve)
        if outcome.x is None or _is_sound(model, cost, integral, outcome.x, outcome.value):
            return outcome
    return Outcome("inconsistent", None)


def _is_sound(model: Model, cost: Floats, integral: Flags, x: Floats, value: float) -> bool:
    """Return whether an answer satisfies the constraints and costs what the solver says."""
    row = np.asarray(model.matrix @ x)
    slack = 1e-5 * np.maximum(1.0, np.abs(np.where(np.isfinite(model.low), model.low, model.high)))
    return bool(
        abs(float(cost @ x) - value) <= 1e-6 * max(1.0, abs(value))
        and (row >= model.low - slack).all()
        and (row <= model.high + slack).all()
        and (x >= model.lower - 1e-5).all()
        and (x <= model.upper + 1e-5).all()
        and (np.abs(x - np.round(x))[integral] <= 1e-5).all()
    )


def _run(
    model: Model,
    clock: Clock,
    cost: Floats,
    integral: Flags,
    start: Floats | None,
    gap: float,
    watch: Watch | None,
    presolve: str,
) -> Outcome:
    import highspy

    solver = _solver()
    options: dict[str, float | bool | str] = {
        "presolve": presolve,
        "time_limit": clock.left,
        "mip_rel_gap": gap,
        "mip_feasibility_tolerance": 1e-7,
        "primal_feasibility_tolerance": 1e-8,
        # Equal units are put together already; looking for more takes half of the memory.
        "mip_detect_symmetry": False,
    }
    if not integral.any() and model.matrix.nnz > _LARGE:
        options["solver"] = "ipm"
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_program(model, cost, integral))
    if start is not None and integral.any():
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    raised = _listen(solver, clock, watch)
    solver.run()
    if raised.error is not None:
        raise raised.error
    return _outcome(solver, bool(integral.any()))


def _solver() -> Any:
    """Return a solver that says nothing."""
    import highspy

    _greeted()
    make: Any = highspy.Highs  # the package states its types for some of its names only
    solver = make()
    solver.setOptionValue("output_flag", False)
    return solver


@cache
def _greeted() -> bool:
    """Make the first solver, whose banner goes to file descriptor 1, out of hearing."""
    import highspy

    make: Any = highspy.Highs
    with _QUIET:
        try:
            stdout = os.dup(1)
        except OSError:  # no standard output at all
            make()
            return True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        try:
            make()
        finally:
            os.dup2(stdout, 1)
            os.close(stdout)
            os.close(nowhere)
    return True


def _program(model: Model, cost: Floats, integral: Flags) -> Any:
    import highspy

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = model.matrix.shape
    program.col_cost_, program.col_lower_, program.col_upper_ = cost, model.lower, model.upper
    program.row_lower_, program.row_upper_ = model.low, model.high
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = model.matrix.indptr
    program.a_matrix_.index_ = model.matrix.indices
    program.a_matrix_.value_ = model.matrix.data
    if integral.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        program.integrality_ = [kinds[flag] for flag in integral.tolist()]
    return program


class _Raised:
    """Collects what a callback raises: it cannot cross the solver, and is raised after it."""

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


def _listen(solver: Any, clock: Clock, watch: Watch | None) -> _Raised:
    """Stop the solver when the clock says so, and tell the watcher how far it is."""
    raised = _Raised()

    def interrupt(event: Any) -> None:
        stop = True
        with raised:
            stop = clock.stopped()
        if stop or raised.error is not None:
            event.interrupt()

    def tell(event: Any) -> None:
        if watch is not None and raised.error is None:
            with raised:
                watch(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    solver.cbMipInterrupt.subscribe(interrupt)
    solver.cbSimplexInterrupt.subscribe(interrupt)
    solver.cbIpmInterrupt.subscribe(interrupt)
    solver.cbMipLogging.subscribe(tell)
    return raised


def _outcome(solver: Any, is_mip: bool) -> Outcome:
    import highspy

    status = solver.getModelStatus()
    info, solution = solver.getInfo(), solver.getSolution()
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


def write_model(model: Model, path: str | Path) -> None:
    """Write a model as an LP or MPS file, for a colleague with a solver of their own.

    Raises
    ------
    InvalidValue
        When the name ends neither in ``.lp`` nor in ``.mps``.
    """
    path = Path(path)
    if path.suffix.lower() not in MODEL_FILES:
        key = "smallest.model_file"
        raise InvalidValue(
            Fault("model", shorten(str(path)), bilingual(key), bilingual(f"{key}.cure"), code=key)
        )
    solver = _solver()
    solver.passModel(_program(model, model.cost, np.ones(len(model.cost), dtype=bool)))
    for number, name in enumerate(model.variables()):
        solver.passColName(number, name)
    for number, name in enumerate(model.constraints):
        solver.passRowName(number, name)
    # HiGHS knows the format by the ending alone, and takes no other name than ASCII for sure.
    with TemporaryDirectory() as folder:
        written = Path(folder) / f"model{path.suffix.lower()}"
        solver.writeModel(str(written))
        path.write_bytes(written.read_bytes())
