"""Business conditions (yêu cầu, điều kiện), counted by what became of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.measures.arrays import Bools, equal, present, total
from procsim.measures.base import active_procedures
from procsim.model.portfolio import Portfolio

__all__ = ["condition_counts", "conditions", "described"]


def described(portfolio: Portfolio) -> Bools:
    """Return which procedures come with any content, not only a name in a list.

    An official list gives a procedure's name alone; that it has no condition
    cannot be read from it.
    """
    found = np.zeros(len(portfolio.procedures), dtype=bool)
    for name in ("conditions", "channels", "cases", "requirements", "steps"):
        found |= present(portfolio.positions(name, "procedure"), len(found))
    return found


def condition_counts(portfolio: Portfolio) -> pd.DataFrame:
    """Return, for each procedure, its conditions by status: kept, simplified, cut.

    All of an abolished or merged procedure's conditions count as cut; NaN where
    the procedure's content is not known.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "conditions": pd.DataFrame({"id": ["d1", "d2", "d3"], "procedure": "1.000001",
    ...         "text": ["a", "b", "c"], "status": ["kept", "cut", "kept"]}),
    ... })
    >>> condition_counts(portfolio).iloc[0].tolist()
    [2.0, 0.0, 1.0]
    """
    size = len(portfolio.procedures)
    owner = portfolio.positions("conditions", "procedure")
    status = portfolio.conditions["status"]
    unknown = ~described(portfolio)
    active = active_procedures(portfolio)
    counts = {}
    for name in ("kept", "simplified"):
        count = total(owner, equal(status, name).astype(float), size)
        counts[name] = np.where(active, count, 0.0)
    counts["cut"] = total(owner, None, size) - counts["kept"] - counts["simplified"]
    made = pd.DataFrame(counts, index=portfolio.procedures.index)
    made.loc[unknown & active] = np.nan
    return made


def conditions(portfolio: Portfolio) -> pd.Series:
    """Return the number of conditions of each procedure that stand unchanged.

    Conditions of status ``kept``. The Government counts a condition that is
    cut and one that is simplified alike ("cắt giảm, đơn giản hóa 2.269/6.974
    điều kiện"), so both lower this count; `condition_counts` shows them apart.
    NaN where the procedure's content is not known; 0 for one that is abolished
    or merged.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "conditions": pd.DataFrame({"id": ["d1", "d2", "d3"], "procedure": "1.000001",
    ...         "text": ["a", "b", "c"], "status": ["kept", "cut", "simplified"]}),
    ... })
    >>> conditions(portfolio).tolist()
    [1.0]
    """
    size = len(portfolio.procedures)
    owner = portfolio.positions("conditions", "procedure")
    kept = total(owner, equal(portfolio.conditions["status"], "kept").astype(float), size)
    count = np.where(described(portfolio), kept, np.nan)
    count = np.where(active_procedures(portfolio), count, 0.0)
    return pd.Series(count, index=portfolio.procedures.index, name="conditions")
