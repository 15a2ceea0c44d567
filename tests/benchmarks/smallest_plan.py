"""The smallest plan of a nation: our search beside one cold call of scipy's milp.

Run ``python -m tests.benchmarks.smallest_plan [--seed 1 2] [--reform-price 0 0.1]
[--spread 0.6] [--seconds 60] [--skip-scipy]``; every seed is solved at every price.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from procsim.least_cost import METRICS, Problem, Result, solve
from tests.benchmarks.instances import SPREAD, default_price, national
from tests.benchmarks.table import Row
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


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks; ours first, for its memory alone."""
    seconds = 5.0 if quick else 60.0
    size = {"procedures": 60, "texts": 30, "databases": 5, "ministries": 3} if quick else {}
    problems = {
        words: national(np.random.default_rng(1), reform_price=price, spread=spread, **size)
        for words, price, spread in (
            ("about the default price", default_price(), SPREAD),
            ("all at the default price", default_price(), 0.0),
            ("free reforms", 0.0, 0.0),
        )
    }
    found = {words: ours(problem, seconds) for words, problem in problems.items()}
    memory = Figure((peak_mb(),), "MB")
    beside = "one cold scipy.optimize.milp"
    made = []
    for words, problem in problems.items():
        mine, cold = found[words], scipy(problem, seconds)
        candidates = f"{len(problem.candidates):,} candidates, {words}"
        made += [
            Row(f"smallest plan, {candidates}", mine.spent, cold.spent, beside),
            Row(f"the gap proven within {seconds:g} s", mine.gap, cold.gap, beside, most=0.1),
            Row("until its first plan", Figure((mine.first,)), most=5),
        ]
    return [*made, Row("peak memory of these searches", memory, most=4096)]


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
