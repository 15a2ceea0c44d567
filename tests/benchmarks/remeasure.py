"""Measure 6,000 procedures again after a reform: tables against a networkx loop.

Run ``python -m tests.benchmarks.remeasure [procedures] [seed]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import process_time

import numpy as np

from procsim.measures import measure
from procsim.measures.time import levels, step_days
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from tests.benchmarks.plain import measure_plain, records
from tests.benchmarks.synthetic import synthetic

__all__ = ["main", "reformed"]


def reformed(portfolio: Portfolio, rng: np.random.Generator, share: float = 0.2) -> Portfolio:
    """Return the portfolio with a share of its papers replaced by data."""
    rows = portfolio.requirements
    chosen = (rows["kind"] == "document") & (rng.random(len(rows)) < share)
    return portfolio.replace(
        requirements=rows.assign(
            replaced=np.where(chosen, rows["papers"], rows["replaced"]),
            coverage=np.where(chosen, 0.8, rows["coverage"]),
        )
    )


def _best(work: Callable[[], object], times: int) -> float:
    """Return the shortest of several runs in milliseconds: the least disturbed one.

    Processor time, because all the work is done in one thread and a shared
    machine would otherwise be measured instead of the program.
    """
    spent = []
    for _ in range(times):
        start = process_time()
        work()
        spent.append(process_time() - start)
    return 1000 * min(spent)


def main(size: int = 6000, seed: int = 1) -> None:
    """Print the times and their ratios."""
    rng = np.random.default_rng(seed)
    p = parameters()
    start = process_time()
    portfolio = synthetic(size, rng=rng)
    built = process_time() - start
    start = process_time()
    measure(portfolio, p)
    first = 1000 * (process_time() - start)
    after = reformed(portfolio, rng)
    plain = records(after)
    levels(after)
    fast = alone = paths = slow = float("inf")
    for _ in range(4):  # in turns, so that a disturbance meets both sides of the ratio
        fast = min(fast, _best(lambda: measure(reformed(portfolio, rng), p), 8))
        slow = min(slow, _best(lambda: [measure_plain(record, p) for record in plain], 1))
        alone = min(alone, _best(lambda: measure(after, p), 4))
        paths = min(paths, _best(lambda: step_days(after), 8))
    sizes = {name: len(getattr(after, name)) for name in ("steps", "flow", "requirements", "fees")}
    lines = [
        f"{size} procedures, "
        + ", ".join(f"{n} {name}" for name, n in sizes.items())
        + f" (seed {seed}, built in {built:.1f} s)",
        f"{'first measure (joins, levels)':<42}{first:>10.1f} ms",
        f"{'reform + full re-measure':<42}{fast:>10.1f} ms   bound 50",
        f"{'full re-measure alone':<42}{alone:>10.1f} ms",
        f"{'critical paths after levels':<42}{paths:>10.2f} ms   bound 5",
        f"{'networkx loop over procedures':<42}{slow:>10.1f} ms",
        f"{'ratio loop / (reform + re-measure)':<42}{slow / fast:>10.1f} ×   bound 50",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
