"""What targets cost: prices at other levels, curves, and shadow prices in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd

from procsim.decisions.optimise.checks import check
from procsim.decisions.optimise.engine import Clock, Outcome, minimise
from procsim.decisions.optimise.problem import METRIC_NAMES, Problem
from procsim.decisions.optimise.program import ROW_SCALE, Program, compile_problem
from procsim.decisions.optimise.solve import solve_program

__all__ = ["LEVELS", "curve", "sensitivity", "shadow_prices"]

LEVELS = (0.25, 0.30, 0.40, 0.50)
Cancel = Callable[[], bool]


def sensitivity(
    problem: Problem,
    levels: Iterable[float] = LEVELS,
    *,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return the price of each metric's target at several levels, the others as they are.

    Returns
    -------
    DataFrame
        Columns ``metric`` (``"all"`` for every metric at once), ``level``,
        ``price``, ``bound``, ``gap``, ``texts``, ``databases``, ``status``.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    asked = list(dict.fromkeys(target.metric for target in problem.targets))
    steps = sorted(levels)
    cases = [(metric, level) for metric in (*asked, "all") for level in steps]
    rows = []
    for number, (metric, level) in enumerate(cases):
        changed = problem.at_levels(level, None if metric == "all" else metric)
        part = clock.part(1.0 / (len(cases) - number))
        result = solve_program(compile_problem(changed), "price", part, gap=gap)
        rows.append(
            {
                "metric": metric,
                "level": level,
                "price": result.price,
                "bound": result.bound,
                "gap": result.gap,
                "texts": len(result.texts),
                "databases": len(result.databases),
                "status": result.status,
            }
        )
    return pd.DataFrame(rows)


def curve(
    problem: Problem,
    metric: str,
    levels: Iterable[float],
    *,
    whole: bool = False,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return the price of one metric's target at many levels.

    Parameters
    ----------
    metric
        The metric whose level moves; the other targets stay.
    levels
        Rates, such as 0.1 to 0.5.
    whole
        False for the linear relaxation only (a lower bound, at once); True to
        search a plan for each level too, the highest level first: a plan that
        reaches more serves every lower level, so prices never fall as levels rise.

    Returns
    -------
    DataFrame
        ``level``, ``relaxed`` (price of the relaxation, NaN out of reach),
        ``price``, ``bound``, ``gap``, ``status``, ``texts``, by rising level.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    steps = sorted(levels)
    program = compile_problem(problem.at_levels(max(steps[-1], 1e-9), metric))
    rows = [
        {"level": level, "relaxed": _relaxed(_at(program, metric, level), clock).value}
        for level in steps
    ]
    table = pd.DataFrame(rows).replace(np.inf, nan)
    if not whole:
        return table
    found: list[dict[str, object]] = []
    best, best_texts = nan, 0
    for number, level in enumerate(reversed(steps)):
        part = clock.part(1.0 / (len(steps) - number))
        result = solve_program(
            compile_problem(problem.at_levels(level, metric)), "price", part, gap=gap
        )
        # The plan of a higher level is carried over where the search did worse.
        if result.found and not result.price >= best:
            best, best_texts = result.price, len(result.texts)
        status = "feasible" if best == best and not result.found else result.status
        found.append({"price": best, "bound": result.bound, "status": status, "texts": best_texts})
    more = pd.DataFrame(found[::-1])
    # What is proven at a lower level is proven at every higher one.
    more["bound"] = more["bound"].cummax().ffill()
    more["gap"] = ((more["price"] - more["bound"]).clip(lower=0) / more["price"]).where(
        more["price"] > 0, 0.0
    )
    return pd.concat([table, more], axis=1)


def _at(program: Program, metric: str, level: float) -> Program:
    """Return the program with the target rows of one metric at another level."""
    low = program.low.copy()
    for k, target in enumerate(program.problem.targets):
        if target.metric == metric and target.required > 0:
            low[k] = ROW_SCALE * level * target.base / target.required
    return replace(program, low=low)


def _relaxed(program: Program, clock: Clock) -> Outcome:
    return minimise(
        program.price,
        program.matrix,
        program.low,
        program.high,
        program.lower,
        program.upper,
        clock=clock,
    )


def shadow_prices(
    problem: Problem,
    *,
    budget: float,
    step: float = 1.0,
    time_limit: float = 60.0,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return what one more text would buy in each metric, at a given budget.

    The linear relaxation seeks the greatest average rate of one metric for the
    budget, the other targets as they are; the dual value of the budget is what
    one more point of effort buys. Shadow prices hold for small steps only.

    Parameters
    ----------
    budget
        Price that may be spent, such as the price of a plan.
    step
        Price of the one more text, such as that of a circular.

    Returns
    -------
    DataFrame
        ``metric``, ``points`` (percentage points of the metric, over all its
        targets, that the step buys), ``sentence_vi``, ``sentence_en``; NaN where
        the budget is too small for the other targets.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    program = compile_problem(problem)
    program = program.with_row(program.price, high=budget)
    rows = []
    for metric in dict.fromkeys(target.metric for target in problem.targets):
        points = step * _worth_of_budget(program, metric, clock)
        rows.append({"metric": metric, "points": points, **_sentences(metric, points, step)})
    return pd.DataFrame(rows)


def _worth_of_budget(program: Program, metric: str, clock: Clock) -> float:
    """Return the percentage points of a metric that one more unit of budget buys."""
    targets = program.problem.targets
    mine = [k for k, t in enumerate(targets) if t.metric == metric and t.base > 0]
    total = sum(targets[k].base for k in mine)
    weight = np.zeros(len(targets))
    weight[mine] = 100.0 / total if total else 0.0
    low = program.low.copy()
    low[mine] = -np.inf
    outcome = minimise(
        -np.asarray(program.saving.T @ weight),
        program.matrix,
        low,
        program.high,
        program.lower,
        program.upper,
        clock=clock,
    )
    return nan if outcome.duals is None else max(0.0, -float(outcome.duals[-1]))


def _sentences(metric: str, points: float, step: float) -> dict[str, str]:
    name = METRIC_NAMES[metric]
    if points != points:
        return {
            "sentence_vi": f"Ngân sách không đủ cho các chỉ tiêu khác ngoài {name.vi}.",
            "sentence_en": f"The budget does not suffice for the targets other than {name.en}.",
        }
    bought = f"{points:.2f}"
    comma, cost = bought.replace(".", ","), f"{step:g}"
    return {
        "sentence_vi": (
            f"Thêm một văn bản (giá {cost.replace('.', ',')} điểm) sẽ giảm thêm {comma} điểm "
            f"phần trăm {name.vi}."
        ),
        "sentence_en": (
            f"One more text (price {cost}) would buy {bought} percentage points of {name.en}."
        ),
    }
