"""The smallest plan of a nation: our search beside one cold call of scipy's milp.

Run ``python -m tests.benchmarks.smallest_plan [--seed 1 2] [--reform-price 0 0.2]
[--seconds 60] [--skip-scipy]``; every seed is solved at every price.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from time import perf_counter, process_time

import numpy as np
import psutil
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from procsim.decisions.optimise import METRICS, Problem, solve
from tests.benchmarks.instances import national

__all__ = ["main", "plain"]


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


def _ours(problem: Problem, seconds: float) -> None:
    first: list[tuple[float, float]] = []

    def progress(spent: float, best: float, bound: float) -> None:
        if not first and np.isfinite(best):
            first.append((spent, best))
        _say(f"    {spent:6.1f} s  best {best:10.3f}  bound {bound:10.3f}")

    start, cpu = perf_counter(), process_time()
    result = solve(problem, time_limit=seconds, progress=progress)
    _say(
        f"  ours: {result.status}, price {result.price:.3f}, bound {result.bound:.3f}, "
        f"gap {100 * result.gap:.3f} %, first plan after {first[0][0]:.1f} s, "
        f"{perf_counter() - start:.1f} s ({process_time() - cpu:.1f} s of processor); "
        f"{len(result.texts)} texts, {len(result.databases)} databases, "
        f"{len(result.reforms)} reforms; all targets met: {bool(result.summary['met'].all())}"
    )
    memory = psutil.Process().memory_info()
    _say(f"  memory: {getattr(memory, 'peak_wset', memory.rss) / 2**30:.2f} GB")


def _scipy(problem: Problem, seconds: float) -> None:
    cost, constraints = plain(problem)
    start, cpu = perf_counter(), process_time()
    answer = milp(
        cost,
        constraints=constraints,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 1e-3},
    )
    price = np.nan if answer.x is None else answer.fun
    bound = np.nan if answer.mip_dual_bound is None else answer.mip_dual_bound
    _say(
        f"  one cold scipy.optimize.milp: {answer.message.split('.')[0]}; price {price:.3f}, "
        f"bound {bound:.3f}, gap {100 * (price - bound) / price:.3f} %, "
        f"{perf_counter() - start:.1f} s ({process_time() - cpu:.1f} s of processor)"
    )


def main() -> None:
    """Solve the instances both ways and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--reform-price", type=float, nargs="+", default=[0.0, 0.2])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--skip-scipy", action="store_true")
    given = parser.parse_args()
    for seed, price in product(given.seed, given.reform_price):
        problem = national(np.random.default_rng(seed), reform_price=price)
        _say(
            f"seed {seed}, reforms at {price:g}: {len(problem.candidates)} candidates, "
            f"{len(problem.texts)} texts, {len(problem.databases)} databases, "
            f"{len(problem.targets)} targets"
        )
        _ours(problem, given.seconds)
        if not given.skip_scipy:
            _scipy(problem, given.seconds)


if __name__ == "__main__":
    main()
