"""``procsim plan FILE --plan A --plan B``: plans side by side."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from procsim.cli.output import emit, exit_code, stage

if TYPE_CHECKING:
    from procsim.model import Portfolio
    from procsim.reforms import Plan

__all__ = ["compare_plans"]


def compare_plans(args: argparse.Namespace, portfolio: Portfolio, plans: Sequence[Plan]) -> int:
    """Print plans side by side, or their rows as JSON.

    Parameters
    ----------
    args
        ``lang``, ``json`` and ``year``, the year of the targets (None for all).
    portfolio
        The baseline, marked.
    plans
        The plans, in the order of the columns.

    Returns
    -------
    int
        1 when a plan has an error, or a fault of the baseline blocks a figure; else 0.
    """
    from procsim.decisions import targets
    from procsim.decisions.scenarios import scenarios
    from procsim.model import check

    with stage("cli.stage.measure", args.lang):
        made = scenarios(portfolio, plans, targets=targets(args.year))
    if args.json:
        rows = made.frame.astype(object).where(made.frame.notna(), None).to_dict("records")
        for row in rows:
            row["faults"] = [f.as_dict(args.lang) for f in made.faults.get(row["plan"], ())]
        emit({"plans": rows})
    else:
        print(made.text(args.lang))
    found = [fault for faults in made.faults.values() for fault in faults]
    return exit_code([*check(portfolio), *found])
