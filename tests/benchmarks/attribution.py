"""Who saves what in a plan: all coalitions in one portfolio against one after the other.

Run ``python -m tests.benchmarks.attribution [procedures] [seed]``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from procsim.measures import measure
from procsim.measures.decompose import decompose, exact_shares
from procsim.model.diff import diff
from procsim.model.portfolio import Portfolio
from procsim.reforms import DropRequirement, Plan, Reform, ReplaceByData, ShortenLimit, apply
from procsim.reforms.attribution import METRICS, effects
from tests.benchmarks.synthetic import synthetic
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Figure, timed

__all__ = ["main", "random_plan", "rows", "shares_one_by_one"]

_BASES = ("csdl_dan_cu", "csdl_ho_tich", "csdl_bao_hiem", "csdl_dat_dai")


def random_plan(portfolio: Portfolio, rng: np.random.Generator, papers: int = 3) -> Plan:
    """Return a plan with up to `papers` papers and one limit on every sixth procedure."""
    reforms: list[Reform] = []
    active = portfolio.procedures["status"] == "active"
    for procedure in portfolio.procedures.index[active][::6]:
        rows = portfolio.rows("requirements", procedure)
        wanted = rows[(rows["kind"] == "document") & rows["papers"].notna()].index[:papers]
        for row in wanted:
            bases = tuple(rng.choice(_BASES, rng.integers(1, 3), replace=False))
            if rng.random() < 0.2:
                reforms.append(DropRequirement(row))
            else:
                reforms.append(ReplaceByData(row, ("can_cuoc",), bases, 0.8, "giả định"))
        limits = portfolio.rows("channels", procedure)["limit_value"]
        if limits.notna().all() and len(limits):
            reforms.append(ShortenLimit(procedure, percent=30))
    return Plan(reforms)


def shares_one_by_one(plan: Plan, portfolio: Portfolio, procedures: Sequence[str]) -> np.ndarray:
    """Return the summed shares of the reforms of some procedures, a coalition at a time."""
    whole = np.zeros(len(METRICS))
    for procedure in procedures:
        one = portfolio.select([procedure])
        mine = [reform for reform in plan.reforms if reform.procedure_id == procedure]
        values = np.stack(
            [
                measure(apply(one, Plan([r for i, r in enumerate(mine) if number >> i & 1])))[
                    list(METRICS.values())
                ].to_numpy()[0]
                for number in range(2 ** len(mine))
            ]
        )
        saved = np.where(np.isnan(values[0]) | np.isnan(values[-1]), 0.0, values[0] - values)
        whole += exact_shares(np.nan_to_num(saved), len(mine)).sum(axis=0)
    return whole


@dataclass(frozen=True, slots=True)
class _Measured:
    """The plan, and what each way of looking at it took."""

    plan: Plan
    touched: int
    sample: int
    once: Figure
    by: dict[str, Figure]
    slow: Figure
    differ: Figure
    parts: Figure

    @property
    def loop(self) -> Figure:
        """What all procedures would take, reckoned from those of the sample."""
        part = self.touched / self.sample
        slow = self.slow
        return replace(
            slow,
            values=tuple(part * value for value in slow.values),
            processor=tuple(part * value for value in slow.processor),
        )


def _measured(size: int, seed: int) -> _Measured:
    rng = np.random.default_rng(seed)
    portfolio = synthetic(size, rng=rng)
    plan = random_plan(portfolio, rng)
    touched = list(dict.fromkeys(reform.procedure_id for reform in plan.reforms))
    measure(portfolio)
    later = apply(portfolio, plan)
    sample = touched[:: max(len(touched) // 20, 1)]
    by = {
        name: timed(lambda name=name: effects(portfolio, plan, name), warm=False)
        for name in ("database", "agency", "reform")
    }
    return _Measured(
        *(plan, len(touched), len(sample)),
        once=timed(lambda: measure(apply(portfolio, plan)), 3),
        by=by,
        slow=timed(lambda: shares_one_by_one(plan, portfolio, sample), warm=False),
        differ=timed(lambda: diff(portfolio, later), 3),
        parts=timed(lambda: decompose(portfolio, later), 3),
    )


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    size = 36 if quick else 1836
    made = _measured(size, 1)
    reforms = f"{len(made.plan):,} reforms on {made.touched:,} of {size:,} procedures"
    beside = f"coalitions one by one, from {made.sample} procedures"
    return [
        Row(f"effects by database of {reforms}", made.by["database"], most=10),
        Row("effects by agency", made.by["agency"], most=10),
        Row("effects by reform", made.by["reform"], made.loop, beside),
        Row("what differs between two snapshots", made.differ, most=3),
        Row("decomposition of the change", made.parts),
    ]


def main(size: int = 1836, seed: int = 1) -> None:
    """Print the times and their ratios: the least of several, in processor time."""
    made = _measured(size, seed)
    slow = min(made.loop.processor)
    times = {name: min(figure.processor) for name, figure in made.by.items()}
    lines = [f"{size} procedures, {len(made.plan)} reforms on {made.touched} of them (seed {seed})"]
    lines += [
        f"{'effects by ' + by:<42}{spent:>10.2f} s{'   bound 10' if by != 'reform' else ''}"
        for by, spent in times.items()
    ]
    lines += [
        f"{'apply + measure once':<42}{min(made.once.processor):>10.3f} s",
        f"{'coalitions one after the other':<42}{slow:>10.1f} s   from {made.sample} procedures",
        f"{'ratio one by one / by reform':<42}{slow / times['reform']:>10.1f} ×",
        f"{'diff of two snapshots':<42}{min(made.differ.processor):>10.2f} s   bound 3",
        f"{'decomposition':<42}{min(made.parts.processor):>10.2f} s",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
