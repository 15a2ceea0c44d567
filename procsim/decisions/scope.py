"""The set of procedures that one target is held against, and all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.programmes import tagged
from procsim.errors import Text
from procsim.model.portfolio import Portfolio
from procsim.reference import Target
from procsim.reforms.plan import Plan

__all__ = ["NO_PORTFOLIO", "Scope", "in_scope"]

NO_PORTFOLIO = Text(
    "Chưa truyền danh mục sau cải cách (portfolio), nên không đếm được.",
    "The portfolio after the reform was not passed, so it cannot be counted.",
)
_PAPER_FLAGS = ("replaced", "dropped", "answers", "open")


@dataclass(frozen=True, slots=True)
class Scope:
    """The procedures that a target is held against, measured before and after.

    Attributes
    ----------
    before, after
        Measures of the same procedures, same index.
    goal
        What the target asks for.
    scope
        ``"nation"`` or the name of the grouping.
    portfolio
        The whole portfolio after the change; None where it was not passed.
    plan, on
        The plan behind the change and the day of the question, where given.
    papers
        What became of the papers of each procedure of `portfolio`: see
        `procsim.decisions.effective.paper_flags`.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    goal: float
    scope: str
    portfolio: Portfolio | None
    plan: Plan | None = None
    on: date | None = None
    papers: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(_PAPER_FLAGS), dtype=bool)
    )

    def listed(self, programme: str) -> pd.Series:
        """Return the codes of the procedures that carry a tag, by id, in the whole portfolio."""
        if self.portfolio is None:
            return pd.Series([], dtype="str")
        return self.portfolio.procedures.loc[tagged(self.portfolio, programme), "code"]


def in_scope(
    before: pd.DataFrame, target: Target, portfolio: Portfolio | None
) -> tuple[npt.NDArray[np.bool_], bool]:
    """Return which procedures a target is about, and whether its named list says so.

    A target on business is about the procedures that carry the tag of its
    programme; where none does, about those whose audience is business or both.
    """
    mask = np.ones(len(before), dtype=bool)
    by_list = False
    if target.audience == "business":
        if portfolio is not None and target.programme:
            carry = tagged(portfolio, target.programme)
            by_list = bool(carry.any())
        if by_list:
            mask &= carry.reindex(before.index, fill_value=False).to_numpy(dtype=bool)
        else:
            mask &= before["audience"].isin(("business", "both")).to_numpy()
    if target.ministries:
        mask &= before["ministry"].isin(list(target.ministries)).to_numpy()
    return mask, by_list
