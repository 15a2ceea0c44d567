"""All measures of all procedures in one table."""

from __future__ import annotations

import pandas as pd

from procsim.measures.arrays import Floats, reasons
from procsim.measures.base import Figures, dossier, figures
from procsim.measures.conditions import conditions
from procsim.measures.cost import COST_COLUMNS, cost_columns, cost_lines, cost_table
from procsim.measures.documents import document_columns
from procsim.measures.time import statutory, step_columns
from procsim.model.portfolio import Portfolio

__all__ = ["DESCRIPTION", "MEASURES", "measure"]

DESCRIPTION = ("code", "name", "ministry", "agency", "field", "levels", "audience", "status")
MEASURES = (
    "statutory_days",
    "statutory_why",
    "step_days",
    "step_days_why",
    "step_days_assumed",
    "documents",
    "forms",
    "papers_original",
    "papers_copy",
    "papers_certified",
    "documents_expected",
    "documents_why",
    "conditions",
    "conditions_why",
    *COST_COLUMNS,
)


def measure(portfolio: Portfolio, parameters: Figures | None = None) -> pd.DataFrame:
    """Return every measure of every procedure, aligned to ``portfolio.procedures``.

    Parameters
    ----------
    parameters
        Dated figures of the cost sheet, `procsim.reference.parameters`; by
        default the newest.

    Returns
    -------
    pandas.DataFrame
        The columns of `DESCRIPTION`, then of `MEASURES`: days are working days,
        ``*_vnd`` đồng per dossier (each procedure done once), ``*_year_vnd``
        đồng per year, where the volume is known. A figure that cannot be
        computed is NaN and its ``*_why`` column names the reason (the words
        stand in ``procsim.measures.sheet.REASONS``): ``statutory_why``,
        ``step_days_why`` (also for steps that wait for each other in a circle),
        ``documents_why``, ``conditions_why``, ``cost_why``, ``dossiers_why`` and, for
        yearly cost, the first of the last two. ``step_days_assumed`` is 1 where the
        order of the steps is assumed. A procedure that is abolished or merged measures zero.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "conditions": pd.DataFrame({"id": ["d1"], "procedure": "1.000001", "text": ["a"]}),
    ... })
    >>> made = measure(portfolio).loc["1.000001"]
    >>> float(made["conditions"]), float(made["documents"]), made["documents_why"]
    (1.0, nan, 'no_dossier')
    """
    p = figures(parameters)
    columns: dict[str, pd.Series | Floats | pd.Index] = {
        name: portfolio.procedures[name] for name in DESCRIPTION
    }
    columns["statutory_days"], columns["statutory_why"] = statutory(portfolio, p)
    columns |= step_columns(portfolio)
    count = columns["conditions"] = conditions(portfolio)
    columns["conditions_why"] = reasons(len(count), ("no_content", count.isna().to_numpy()))
    if len(portfolio):
        lines = cost_lines(portfolio, p)
        columns |= document_columns(portfolio, lines.rows)
        columns |= cost_columns(portfolio, lines)
    else:
        columns |= document_columns(portfolio, dossier(portfolio, p))
        columns |= dict(cost_table(portfolio, p).items())
    order = (*DESCRIPTION, *MEASURES)
    return pd.DataFrame({name: columns[name] for name in order}, index=portfolio.procedures.index)
