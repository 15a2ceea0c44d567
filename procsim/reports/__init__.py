"""What an officer hands in: the plan as a workbook, later as a Word annex and charts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from procsim.model import Portfolio
from procsim.reforms import Plan

__all__ = ["write_report"]


def write_report(
    portfolio: Portfolio,
    plan: Plan,
    path: str | Path,
    *,
    language: str = "vi",
    on: dt.date | None = None,
) -> Path:
    """Write a plan with its figures to the file that `path` names.

    Parameters
    ----------
    portfolio
        The baseline, marked.
    plan
        The plan to print.
    path
        An ``.xlsx`` file; see `procsim.reports.workbook.write_plan` for its sheets.
    language
        ``"vi"``, or ``"en"`` for English beside the Vietnamese.
    on
        Date printed on the plan; none is printed when not given.

    Raises
    ------
    InvalidValue
        For another ending, or a plan that cannot be applied.
    """
    # openpyxl costs a fifth of a second, which `import procsim` should not pay.
    from procsim.reports.workbook import write_plan

    return write_plan(portfolio, plan, path, language=language, on=on)
