"""The whole of Resolution 66.7 on the real records: applied, and who saves what in it."""

from __future__ import annotations

from functools import partial

from procsim.model.diff import diff
from procsim.reforms import apply, resolution_66_7
from procsim.reforms.attribution import effects
from tests.benchmarks.real import marked_records
from tests.benchmarks.table import Row
from tests.benchmarks.timing import timed

__all__ = ["rows"]


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    portfolio = marked_records(quick=quick)
    plan = resolution_66_7(portfolio)
    after = apply(portfolio, plan)
    times = 1 if quick else 3
    return [
        Row(
            "compose the plan of Resolution 66.7", timed(lambda: resolution_66_7(portfolio), times)
        ),
        Row(f"apply its {len(plan):,} reforms", timed(lambda: apply(portfolio, plan), 9), most=0.5),
        *(
            Row(f"effects by {words}", timed(partial(effects, portfolio, plan, by), times), most=10)
            for by, words in (("database", "database"), ("legal_text", "legal text"))
        ),
        Row("what differs between two snapshots", timed(lambda: diff(portfolio, after), times)),
    ]
