"""Measure 6,000 procedures again after a reform: tables against a networkx loop.

Run ``python -m tests.benchmarks.remeasure [procedures] [seed]``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from procsim.measures import measure
from procsim.measures.time import level_of_each, levels, step_days
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from tests.benchmarks.plain import levels_plain, longest_path, measure_plain, records
from tests.benchmarks.synthetic import synthetic
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Figure, in_turns, timed

__all__ = ["main", "reformed", "rows"]


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


@dataclass(frozen=True, slots=True)
class _Measured:
    """The portfolio after the reform, and what each way of measuring it took."""

    portfolio: Portfolio
    built: Figure
    first: Figure
    reform: Figure
    alone: Figure
    paths: Figure
    loop: Figure
    path_loop: Figure


def _measured(size: int, seed: int, rounds: int = 4) -> _Measured:
    rng = np.random.default_rng(seed)
    p = parameters()
    made: list[Portfolio] = []
    built = timed(lambda: made.append(synthetic(size, rng=rng)), warm=False)
    portfolio = made[0]
    first = timed(lambda: measure(portfolio, p), warm=False)
    after = reformed(portfolio, rng)
    plain = records(after)
    levels(after)
    return _Measured(
        after,
        built,
        first,
        *in_turns(
            (lambda: measure(reformed(portfolio, rng), p), 8),
            (lambda: measure(after, p), 4),
            (lambda: step_days(after), 8),
            (lambda: [measure_plain(record, p) for record in plain], 1),
            (lambda: [longest_path(record) for record in plain], 1),
            rounds=rounds,
        ),
    )


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    size = 60 if quick else 6000
    made = _measured(size, 1, rounds=1 if quick else 5)
    flow = [made.portfolio.positions("flow", end) for end in ("before", "after")]
    steps, pairs = len(made.portfolio.steps), [ends.tolist() for ends in flow]
    sweep, kahn = in_turns(
        (lambda: level_of_each(*flow, steps), 3), (lambda: levels_plain(*pairs, steps), 3)
    )
    beside = "networkx loop over procedures"
    return [
        Row(
            f"reform, then re-measure {size:,} procedures",
            *(made.reform, made.loop, beside),
            most=0.05,
            faster=50,
        ),
        Row("re-measure alone", made.alone, made.loop, beside),
        Row("first measure (joins and levels too)", made.first, made.loop, beside),
        Row(f"levels of {steps:,} steps", sweep, kahn, "plain Python Kahn", faster=1),
        Row("critical paths after levels", made.paths, made.path_loop, beside, most=0.005),
    ]


def main(size: int = 6000, seed: int = 1) -> None:
    """Print the times and their ratios: the least of several, in processor time."""
    made = _measured(size, seed)
    names = ("first", "reform", "alone", "paths", "loop")
    first, fast, alone, paths, slow = (1000 * min(getattr(made, n).processor) for n in names)
    counted = ("steps", "flow", "requirements", "fees")
    sizes = ", ".join(f"{len(getattr(made.portfolio, name))} {name}" for name in counted)
    lines = [
        f"{size} procedures, {sizes} (seed {seed}, built in {min(made.built.processor):.1f} s)",
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
