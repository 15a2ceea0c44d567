"""What each dossier row costs its applicant once, whatever it is marked as."""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.measures.base import Figures, base_rows, dossier, figures
from procsim.measures.lines import paper_lines
from procsim.model.portfolio import Portfolio

__all__ = ["row_stakes"]


def row_stakes(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the cost in đồng per dossier that stands or falls with the mark of a row.

    The line of group 1 of the compliance-cost sheet (Thông tư 02/2017/TT-VPCP,
    Điều 27), nothing replaced yet. A note costs nothing; here it counts as the paper
    that it would be if the mark were wrong. Rows outside the base case are in no
    figure: 0.

    Returns
    -------
    pandas.Series
        Aligned to ``portfolio.requirements.index``.
    """
    rows = portfolio.requirements
    base = base_rows(portfolio)
    # Looked up in an index: `isin` of thousands of texts takes ten times as long.
    counted = pd.Index(rows["case"][base].unique()).get_indexer(rows["case"]) >= 0
    notes = (rows["kind"] == "note") & counted
    supposed = rows.assign(
        kind=rows["kind"].mask(notes, "document"),
        papers=np.where(notes, 1.0, rows["papers"]),
        replaced=0.0,
    )
    p = figures(parameters)
    changed = portfolio.exchange(requirements=supposed)
    lines = paper_lines(changed, dossier(changed, p), p)
    return pd.Series(lines.cost, index=rows.index, name="stake_vnd")
