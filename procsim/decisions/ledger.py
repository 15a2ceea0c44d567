"""What each procedure adds to a target: the base it counts from, and what is saved of it.

The total of a target is a sum over procedures, so a change to one procedure
moves only its own line. That is what lets the next reforms be tried one by one
without measuring the whole list again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.counts import COUNTED, counted_procedures
from procsim.decisions.effective import paper_flags
from procsim.decisions.figures import CUT_COLUMNS, SHARES, share_masks
from procsim.decisions.judge import threshold
from procsim.decisions.scope import Scope, in_scope
from procsim.errors import Fault, InvalidValue, Text
from procsim.measures import measure
from procsim.measures.base import Figures
from procsim.model.portfolio import Portfolio
from procsim.reference import Target

__all__ = ["Ledger", "open_ledger"]

Floats = npt.NDArray[np.float64]

_YEARLY = {"cost_vnd": "cost_year_vnd"}


@dataclass(frozen=True, eq=False)
class Ledger:
    """One target over the procedures of its scope.

    Attributes
    ----------
    target
        The target.
    before
        Measures of the baseline, procedures of the scope only.
    column
        Column that is cut, for a rate or a number of conditions; ``""`` otherwise.
    counts
        Whether the target asks for a number, and not for a part of the base.
    parameters
        With which procedures are measured.
    """

    target: Target
    before: pd.DataFrame
    column: str
    counts: bool
    parameters: Figures | None = None

    @property
    def goal(self) -> float:
        """The part, or the number, to reach."""
        return threshold(self.target)

    def lines(self, after: Portfolio) -> tuple[pd.Index, Floats, Floats]:
        """Return the procedures of `after` in scope, their base and what is saved of it."""
        measured = measure(after, self.parameters)
        index = measured.index[measured.index.isin(self.before.index)]
        before, later = self.before.loc[index], measured.loc[index]
        if self.column:
            old = before[self.column].to_numpy(dtype=float)
            new = later[self.column].to_numpy(dtype=float)
            known = ~(np.isnan(old) | np.isnan(new))
            return index, np.where(known, old, 0.0), np.where(known, old - new, 0.0)
        own = Scope(before, later, self.goal, "nation", after, papers=paper_flags(after, None))
        masks = share_masks(self.target, own) if self.target.metric in SHARES else None
        if masks is not None:
            reached, known = masks
            return index, known.astype(float), (reached & known).astype(float)
        found = counted_procedures(self.target, own)
        yes = np.zeros(len(index)) if isinstance(found, Text) else found.yes.astype(float)
        return index, np.ones(len(index)), yes

    def lacks(self, base: Floats, saved: Floats) -> Floats:
        """Return what each line still lacks; below 0 where it does more than its part."""
        return -saved if self.counts else self.goal * base - saved

    def remaining(self, lacking: float) -> float:
        """Return what is still to save, from the sum of what the lines lack."""
        return (self.goal if self.counts else 0.0) + lacking

    def value(self, base: float, saved: float) -> float:
        """Return the rate, share or number that is reached."""
        if self.counts:
            return saved
        return saved / base if base > 0 else float("nan")


def open_ledger(
    portfolio: Portfolio, after: Portfolio, target: Target, parameters: Figures | None = None
) -> Ledger:
    """Return the ledger of a target between a baseline and what a plan makes of it.

    Compliance cost is the yearly one where every procedure with a cost has its
    volume (Thông tư 02/2017/TT-VPCP, Điều 27), as in `scorecard`.

    Raises
    ------
    InvalidValue
        When the target is not about procedures, or its named list is not there.
    """
    before = measure(portfolio, parameters)
    mask, _ = in_scope(before, target, portfolio)
    before = before[mask]
    column = ""
    if target.metric in CUT_COLUMNS and target.kind == "rate":
        column = target.metric
        if target.metric in _YEARLY:
            later = measure(after, parameters).loc[before.index]
            column = _yearly(before, later, target.metric, _YEARLY[target.metric])
    elif target.metric == "conditions_simplified":
        column = "conditions"
    elif target.metric in COUNTED:
        later = measure(after, parameters).loc[before.index]
        found = counted_procedures(target, Scope(before, later, 0.0, "nation", after))
        if isinstance(found, Text):
            raise _refused(target, found)
    elif target.metric not in SHARES:
        text = Text(
            "Chỉ tiêu này không tính trên từng thủ tục nên không chọn được đề xuất tiếp theo.",
            "This target is not a sum over procedures, so no next reforms can be chosen for it.",
        )
        raise _refused(target, text)
    return Ledger(target, before, column, target.kind == "count", parameters)


def _yearly(before: pd.DataFrame, later: pd.DataFrame, once: str, year: str) -> str:
    def known(column: str) -> npt.NDArray[np.bool_]:
        both: npt.NDArray[np.bool_] = (before[column].notna() & later[column].notna()).to_numpy()
        return both

    return year if known(once).any() and (known(once) == known(year)).all() else once


def _refused(target: Target, message: Text) -> InvalidValue:
    return InvalidValue(
        Fault(f"next_candidates › {target.id}", target.metric, message, code="shortfall.target")
    )
