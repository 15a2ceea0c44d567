"""One call from a problem to a result."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nan

import numpy as np

from procsim.decisions.optimise.checks import check
from procsim.decisions.optimise.complete import Completer
from procsim.decisions.optimise.engine import Clock
from procsim.decisions.optimise.problem import Floats, Problem
from procsim.decisions.optimise.program import Program, compile_problem
from procsim.decisions.optimise.result import Objective, Progress, Result, Stage, Status
from procsim.decisions.optimise.search import Found, Search
from procsim.errors import Fault, InvalidValue, Text, shorten

__all__ = ["reduction_cost", "solve", "solve_program"]

OBJECTIVES = ("price", "reduction", "lexicographic")


def solve(
    problem: Problem,
    objective: Objective = "price",
    *,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    progress: Callable[[float, float, float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Result:
    """Return the smallest plan that meets every target, with its proof.

    Parameters
    ----------
    problem
        What can be done, what it needs and saves, and what is asked.
    objective
        ``"price"`` for the cheapest plan; ``"reduction"`` for the greatest
        reduction (percentage points over all targets, by weight) that the limits
        allow; ``"lexicographic"`` for the cheapest plan, among those the one with
        fewest texts, among those the one with the greatest reduction.
    time_limit
        Seconds; the best plan found by then is returned.
    gap
        Relative gap between plan and proven bound that counts as optimal.
    progress
        Called with seconds, best value and proven bound.
    cancel
        Asked often; True stops the search and keeps the best plan.

    Raises
    ------
    InvalidValue
        When something in the problem is wrong, all of it at once.

    Examples
    --------
    One circular removes both papers; two would do it for twice the price.

    >>> import numpy as np
    >>> from procsim.decisions.optimise import Items, Options, Problem, Target, solve
    >>> problem = Problem(
    ...     texts=Items.of(["TT-01", "TT-02"], price=1.0),
    ...     databases=Items.of([]),
    ...     candidates=Items.of(["a", "b", "c"]),
    ...     needs_text=np.array([[0, 0], [1, 0], [2, 1]]),
    ...     needs_database=np.zeros((0, 2), dtype=np.int64),
    ...     units=("paper 1", "paper 2"),
    ...     options=Options(
    ...         unit=np.array([0, 1, 1]),
    ...         candidate=np.array([0, 1, 2]),
    ...         saving=np.array([[0, 0, 1.0, 0]] * 3),
    ...     ),
    ...     scopes={"nation": np.array([0, 1])},
    ...     targets=(Target("documents", "nation", base=4.0, required=2.0),),
    ... )
    >>> result = solve(problem)
    >>> result.status, result.texts, result.reforms, result.price
    ('optimal', ('TT-01',), ('a', 'b'), 1.0)
    """
    check(problem)
    if objective not in OBJECTIVES:
        raise InvalidValue(
            Fault(
                "objective",
                shorten(objective),
                Text("Mục tiêu không có trong mô hình.", "There is no such objective."),
                Text(f"Chọn: {', '.join(OBJECTIVES)}.", f"Choose: {', '.join(OBJECTIVES)}."),
                code="optimise.unknown_objective",
            )
        )
    clock = Clock(time_limit, cancel)
    return solve_program(compile_problem(problem), objective, clock, gap=gap, progress=progress)


def reduction_cost(program: Program) -> Floats:
    """Return the cost whose minimum is the greatest reduction, in percentage points."""
    scale = np.array(
        [100.0 * t.weight / t.base if t.base > 0 else 0.0 for t in program.problem.targets]
    )
    return -np.asarray(program.saving.T @ scale)


def solve_program(
    program: Program,
    objective: Objective,
    clock: Clock,
    *,
    gap: float = 1e-3,
    start: Floats | None = None,
    progress: Callable[[float, float, float], None] | None = None,
) -> Result:
    """Solve a compiled problem; see `solve`."""
    log: list[Progress] = []
    sign = -1.0 if objective == "reduction" else 1.0

    def report(seconds: float, best: float, bound: float) -> None:
        log.append(Progress(seconds, sign * best, sign * bound))
        if progress is not None:
            progress(seconds, sign * best, sign * bound)

    if objective == "lexicographic":
        found, stages = _in_turn(program, clock, gap, report)
    else:
        cost = reduction_cost(program) if objective == "reduction" else program.price
        search = Search(program, cost, clock, gap=gap, report=report)
        found, stages = search.run(start), ()
    return _result(program, objective, found, stages, clock, gap, tuple(log))


def _in_turn(
    program: Program, clock: Clock, gap: float, report: Callable[[float, float, float], None]
) -> tuple[Found, tuple[Stage, ...]]:
    """Price first, then the number of texts, then the reduction; each fixed for the next."""
    first = Search(program, program.price, clock.part(0.7), gap=gap, report=report).run()
    stages = [Stage("price", first.value, first.bound, first.gap)]
    if first.x is None:
        return first, ()
    x = first.x
    texts = np.zeros(len(program.price))
    texts[: len(program.problem.texts)] = 1.0
    current = program.with_row(program.price, high=first.value + 1e-6 * max(1.0, first.value))
    for name, cost in (("texts", texts), ("reduction", reduction_cost(program))):
        share = 0.5 if name == "texts" else 0.9
        found = Search(current, cost, clock.part(share), gap=gap).run(x)
        if found.x is None:
            break
        x = found.x
        sign = -1.0 if name == "reduction" else 1.0
        stages.append(Stage(name, sign * found.value, sign * found.bound, found.gap))
        current = current.with_row(cost, high=found.value + 1e-6 * max(1.0, abs(found.value)))
    return Found(x, float(program.price @ x), first.bound), tuple(stages)


def _status(found: Found, clock: Clock, gap: float, stages: tuple[Stage, ...]) -> Status:
    if found.infeasible:
        return "infeasible"
    gaps = [found.gap, *(stage.gap for stage in stages)]
    if found.x is not None and max(gaps) <= gap:
        return "optimal"
    if clock.cancelled:
        return "cancelled"
    if clock.left <= 0 or found.x is None:
        return "time_limit"
    return "feasible"


def _result(
    program: Program,
    objective: Objective,
    found: Found,
    stages: tuple[Stage, ...],
    clock: Clock,
    gap: float,
    log: tuple[Progress, ...],
) -> Result:
    problem = program.problem
    sign = -1.0 if objective == "reduction" else 1.0
    status = _status(found, clock, gap, stages)
    bound = sign * found.bound if isfinite(found.bound) else nan
    if found.x is None:
        nothing = np.full(len(problem.targets), nan)
        return Result(
            problem, status, objective, (), (), (), (), nan, nan, bound, inf, clock.seconds, log,
            nothing,
        )  # fmt: skip
    completer = Completer(program)
    options = completer.options_in_force(found.x)
    chosen = np.zeros(len(problem.candidates), dtype=bool)
    chosen[problem.options.candidate[options]] = True
    chosen[_own_candidates(program, found.x)] = True
    first = len(problem.texts)
    return Result(
        problem=problem,
        status=status,
        objective=objective,
        texts=_names(problem.texts.ids, found.x[:first] > 0.5),
        databases=_names(problem.databases.ids, found.x[first : program.decisions] > 0.5),
        reforms=_names(problem.candidates.ids, chosen),
        options=tuple(options.tolist()),
        price=float(program.price @ found.x),
        value=sign * found.value,
        bound=bound,
        gap=found.gap,
        seconds=clock.seconds,
        log=log,
        saved=completer.savings(found.x),
        stages=stages,
    )


def _own_candidates(program: Program, x: Floats) -> np.ndarray:
    """Return the candidates whose own column is chosen, also those that save nothing."""
    own = np.isin(program.candidate_column, program.own)
    return np.flatnonzero(own & (x[program.candidate_column] > 0.5))


def _names(ids: tuple[str, ...], chosen: np.ndarray) -> tuple[str, ...]:
    return tuple(ids[row] for row in np.flatnonzero(chosen).tolist())
