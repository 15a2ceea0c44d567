"""The compliance cost in tables beside a pandas loop over procedures.

The loop is what a notebook would hold: the tables grouped by procedure, and the cost of
each procedure computed from its own rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from procsim.measures.cost import cost_table
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from tests.benchmarks.plain import cost_plain
from tests.benchmarks.remeasure import reformed
from tests.benchmarks.synthetic import synthetic
from tests.benchmarks.table import Row
from tests.benchmarks.timing import in_turns

__all__ = ["cost_by_groups", "rows"]

_TABLES = ("cases", "channels", "fees", "requirements")


def cost_by_groups(portfolio: Portfolio, p: Any) -> pd.Series:
    """Return the cost of every procedure for a dossier, đồng, a procedure at a time."""
    groups = {
        name: dict(tuple(getattr(portfolio, name).reset_index().groupby("procedure")))
        for name in _TABLES
    }
    found = {}
    for procedure, row in portfolio.procedures.iterrows():
        record = {"status": row["status"]}
        for name, grouped in groups.items():
            mine = grouped.get(procedure)
            record[name] = [] if mine is None else mine.to_dict("records")
        found[procedure] = cost_plain(record, p)
    return pd.Series(found)


def rows(*, quick: bool) -> list[Row]:
    """Measure both ways for the table of all benchmarks, which must agree."""
    size = 60 if quick else 6000
    rng = np.random.default_rng(1)
    p = parameters()
    before = synthetic(size, rng=rng)
    after = reformed(before, rng)
    wanted, made = cost_by_groups(after, p), cost_table(after, p)["cost_vnd"]
    np.testing.assert_allclose(made.to_numpy(float), wanted.to_numpy(float), rtol=1e-9)
    fast, slow = in_turns(
        (lambda: cost_table(reformed(before, rng), p), 8),
        (lambda: cost_by_groups(after, p), 1),
        warm=False,  # both ran above, and the loop takes half a minute
    )
    beside = "pandas loop over procedures"
    return [Row(f"reform, then cost of {size:,} procedures", fast, slow, beside)]
