"""The smallest plan: our search beside one cold call of scipy's milp.

Run ``python -m tests.benchmarks.smallest_plan [--seed 1 2] [--reform-price 0 0.1]
[--spread 0.6] [--seconds 60] [--skip-scipy]``; every seed is solved at every price.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from procsim.least_cost import METRICS, Items, Limits, Options, Problem, Result, solve
from procsim.least_cost.candidates import candidates
from procsim.least_cost.question import aims_of, ask, pool_of
from procsim.measures import measure
from tests.benchmarks.instances import SPREAD, default_price, national
from tests.benchmarks.real import marked_records
from tests.benchmarks.table import Row, Skipped
from tests.benchmarks.timing import Figure, peak_mb, timed

__all__ = ["Ours", "Scipy", "main", "ours", "plain", "rows", "scipy"]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def plain(problem: Problem) -> tuple[np.ndarray, list[LinearConstraint]]:
    """Return cost and rows as anybody would write them: one binary for each thing."""
    t, d, c = len(problem.texts), len(problem.databases), len(problem.candidates)
    n = t + d + c
    cost = np.concatenate([problem.texts.price, problem.databases.price, problem.candidates.price])

    def below(pairs: np.ndarray, first: int) -> csr_array:
        rows = np.arange(len(pairs))
        return csr_array(
            (
                np.concatenate([np.ones(len(pairs)), -np.ones(len(pairs))]),
                (
                    np.concatenate([rows, rows]),
                    np.concatenate([t + d + pairs[:, 0], first + pairs[:, 1]]),
                ),
            ),
            shape=(len(pairs), n),
        )

    needs = vstack([below(problem.needs_text, 0), below(problem.needs_database, t)])
    options = problem.options
    once = csr_array(
        (np.ones(len(options)), (options.unit, t + d + options.candidate)),
        shape=(len(problem.units), n),
    )
    rows, low = [], []
    for target in problem.targets:
        at = np.isin(options.unit, problem.scopes[target.scope])
        value = options.saving[at, METRICS.index(target.metric)] * 100 / target.required
        where = (np.zeros(at.sum(), dtype=int), t + d + options.candidate[at])
        rows.append(csr_array((value, where), shape=(1, n)))
        low.append(100.0)
    return cost, [
        LinearConstraint(needs, -np.inf, 0),
        LinearConstraint(once, -np.inf, 1),
        LinearConstraint(vstack(rows), low, np.inf),
    ]


@dataclass(frozen=True, slots=True)
class Ours:
    """Our search: its result, what it took, and seconds until its first plan."""

    result: Result
    spent: Figure
    first: float

    @property
    def gap(self) -> Figure:
        """The proven gap in percent."""
        return Figure((100 * self.result.gap,), "%")


def ours(problem: Problem, seconds: float, report: Callable[[str], None] | None = None) -> Ours:
    """Search with `solve`; each step is reported in words."""
    first: list[float] = []

    def progress(spent: float, best: float, bound: float) -> None:
        if not first and np.isfinite(best):
            first.append(spent)
        if report:
            report(f"    {spent:6.1f} s  best {best:10.3f}  bound {bound:10.3f}")

    made: list[Result] = []
    spent = timed(
        lambda: made.append(solve(problem, time_limit=seconds, progress=progress)), warm=False
    )
    return Ours(made[0], spent, first[0] if first else spent.median)


@dataclass(frozen=True, slots=True)
class Scipy:
    """One cold call of scipy's solver on the plain problem."""

    message: str
    price: float
    bound: float
    spent: Figure

    @property
    def gap(self) -> Figure:
        """The proven gap in percent."""
        return Figure((100 * (self.price - self.bound) / self.price,), "%")


def scipy(problem: Problem, seconds: float) -> Scipy:
    """Solve the plain problem with `scipy.optimize.milp`."""
    cost, constraints = plain(problem)
    made = []
    spent = timed(
        lambda: made.append(
            milp(
                cost,
                constraints=constraints,
                integrality=np.ones(len(cost)),
                bounds=Bounds(0, 1),
                options={"time_limit": seconds, "mip_rel_gap": 1e-3},
            )
        ),
        warm=False,
    )
    answer = made[0]
    return Scipy(
        answer.message.split(".")[0],
        np.nan if answer.x is None else answer.fun,
        np.nan if answer.mip_dual_bound is None else answer.mip_dual_bound,
        spent,
    )


def copied(problem: Problem, times: int) -> Problem:
    """Return a problem laid side by side so many times.

    Each copy has its own texts, candidates and targets; all share the databases.
    """
    t, c, u = len(problem.texts), len(problem.candidates), len(problem.units)
    options = problem.options

    def many(items: Items) -> Items:
        return Items.of(
            [f"{name}~{k}" for k in range(times) for name in items.ids],
            np.tile(items.price, times),
            np.tile(items.ready, times),
            items.agency * times,
        )

    def pairs(rows: np.ndarray, of_copy: int) -> np.ndarray:
        return np.concatenate([rows + np.array([k * c, k * of_copy]) for k in range(times)])

    return problem.replace(
        texts=many(problem.texts),
        candidates=many(problem.candidates),
        needs_text=pairs(problem.needs_text, t),
        needs_database=pairs(problem.needs_database, 0),
        units=tuple(f"{unit}~{k}" for k in range(times) for unit in problem.units),
        options=Options(
            unit=np.concatenate([options.unit + k * u for k in range(times)]),
            candidate=np.concatenate([options.candidate + k * c for k in range(times)]),
            saving=np.tile(options.saving, (times, 1)),
        ),
        scopes={
            f"{name}~{k}": np.asarray(units) + k * u
            for k in range(times)
            for name, units in problem.scopes.items()
        },
        targets=tuple(
            replace(target, scope=f"{target.scope}~{k}")
            for k in range(times)
            for target in problem.targets
        ),
    )


def _of_records(quick: bool) -> Problem:
    """Return the problem of the real records for the targets of 2025."""
    portfolio = marked_records(quick=quick)
    before, options = measure(portfolio), candidates(portfolio)
    aims = aims_of(portfolio, before, target_rates={"time": 0.1}) if quick else None
    aims = aims or aims_of(portfolio, before, year=2025)
    pool = pool_of(options, portfolio, aims)
    return ask(pool, portfolio, before, aims, Limits()).problem


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks; ours first, for its memory alone.

    The bounds are asked of the real records, copied to eight times their size; the nation
    that is made up is reported without one.
    """
    seconds = 5.0 if quick else 60.0
    size = {"procedures": 60, "texts": 30, "databases": 5, "ministries": 3} if quick else {}
    made: list[Row] = []
    beside = "one cold scipy.optimize.milp"
    try:
        real = copied(_of_records(quick), 8)
    except Skipped as reason:
        made.append(Row("smallest plan, the real records eight times", note=str(reason)))
    else:
        mine = ours(real, seconds)
        memory = Figure((peak_mb(),), "MB")
        cold = scipy(real, seconds)
        words = f"{len(real.candidates):,} candidates, the real records eight times"
        made += [
            Row(f"smallest plan, {words}", mine.spent, cold.spent, beside, most=30),
            Row(f"the gap proven within {seconds:g} s", mine.gap, cold.gap, beside, most=0.1),
            Row("until its first plan", Figure((mine.first,)), most=5),
            Row("peak memory of that search", memory, most=1536),
        ]
    for words, price, spread in (
        ("about the default price", default_price(), SPREAD),
        ("all at the default price", default_price(), 0.0),
        ("free reforms", 0.0, 0.0),
    ):
        problem = national(np.random.default_rng(1), reform_price=price, spread=spread, **size)
        mine = ours(problem, seconds)
        made += [
            Row(f"smallest plan, {len(problem.candidates):,} made up, {words}", mine.spent),
            Row(f"the gap proven within {seconds:g} s", mine.gap),
        ]
    return made


def _print_both(problem: Problem, seconds: float, *, skip_scipy: bool) -> None:
    mine = ours(problem, seconds, _say)
    result = mine.result
    _say(
        f"  ours: {result.status}, price {result.price:.3f}, bound {result.bound:.3f}, "
        f"gap {100 * result.gap:.3f} %, first plan after {mine.first:.1f} s, "
        f"{mine.spent.median:.1f} s ({mine.spent.median_processor:.1f} s of processor); "
        f"{len(result.texts)} texts, {len(result.databases)} databases, "
        f"{len(result.reforms)} reforms; all targets met: {bool(result.summary['met'].all())}"
    )
    _say(f"  memory: {peak_mb() * 1e6 / 2**30:.2f} GB")
    if skip_scipy:
        return
    cold = scipy(problem, seconds)
    _say(
        f"  one cold scipy.optimize.milp: {cold.message}; price {cold.price:.3f}, "
        f"bound {cold.bound:.3f}, gap {cold.gap.median:.3f} %, "
        f"{cold.spent.median:.1f} s ({cold.spent.median_processor:.1f} s of processor)"
    )


def main() -> None:
    """Solve the instances both ways and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--reform-price", type=float, nargs="+", default=[0.0, default_price()])
    parser.add_argument("--spread", type=float, default=SPREAD, help="0: one price for all")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--skip-scipy", action="store_true")
    given = parser.parse_args()
    for seed, price in product(given.seed, given.reform_price):
        problem = national(np.random.default_rng(seed), reform_price=price, spread=given.spread)
        _say(
            f"seed {seed}, reforms at {price:g}, spread {given.spread:g}: "
            f"{len(problem.candidates)} candidates, {len(problem.texts)} texts, "
            f"{len(problem.databases)} databases, "
            f"{len(problem.targets)} targets"
        )
        _print_both(problem, given.seconds, skip_scipy=given.skip_scipy)


if __name__ == "__main__":
    main()
