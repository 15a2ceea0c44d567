"""What a report is made of: the plan, both states, and every figure of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.targets import Scorecard
from procsim.errors import Fault
from procsim.measures.sheet import REASONS
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters
from procsim.reforms.plan import Plan

Floats = npt.NDArray[np.float64]

_COMPARED: tuple[str, ...] = (
    "statutory_days",
    "documents",
    "conditions",
    "cost_vnd",
    "documents_expected",
)
_COMPARED += ("cost_expected_vnd", "dossiers_per_year", "cost_year_vnd", "status")


@dataclass(frozen=True, eq=False)
class Content:
    """The plan with the portfolio before and after it, and their measures.

    Attributes
    ----------
    before, after
        Measures of the same procedures, in the order of `portfolio`.
    dates
        Dates that an officer knows better, as `procsim.roadmap` takes them.
    """

    plan: Plan
    portfolio: Portfolio
    changed: Portfolio
    before: pd.DataFrame
    after: pd.DataFrame
    card: Scorecard
    faults: Sequence[Fault]
    parameters: Parameters
    on: date | None
    language: str
    dates: Mapping[str, date] = field(default_factory=dict)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """Procedures that the plan names or changes, those of a ministry together."""
        named = {i for reform in self.plan.reforms for i in reform.procedure_ids}
        old, new = self.before[list(_COMPARED)], self.after[list(_COMPARED)]
        other = ~((old == new) | (old.isna() & new.isna())).all(axis=1)
        ids = self.before.index
        mine = ids[ids.isin(named) | other.to_numpy()]
        ministries = self.before.loc[mine, "ministry"].tolist()
        first = {name: at for at, name in reversed(list(enumerate(ministries)))}
        order = sorted(range(len(mine)), key=lambda at: (first[ministries[at]], at))
        return tuple(str(mine[at]) for at in order)

    @cached_property
    def untouched(self) -> tuple[str, ...]:
        """The other procedures of the list."""
        mine = set(self.touched)
        return tuple(str(i) for i in self.before.index if i not in mine)

    def pair(self, column: str, ids: Sequence[str]) -> tuple[Floats, Floats]:
        """Return a measure before and after, for some procedures."""
        old, new = (
            frame[column].reindex(ids).to_numpy(dtype=float, na_value=np.nan)
            for frame in (self.before, self.after)
        )
        return old, new

    def heads(self, ids: Sequence[str]) -> list[tuple[str, str, str]]:
        """Return code, name and ministry of some procedures."""
        return [
            (code_of(self.portfolio, i), str(name), str(ministry))
            for i, name, ministry in zip(
                ids,
                self.before["name"].reindex(ids),
                self.before["ministry"].reindex(ids),
                strict=True,
            )
        ]

    def why(self, column: str, ids: Sequence[str]) -> list[str]:
        """Return why a measure is missing, before or after, in words."""
        old, new = (frame[column].reindex(ids) for frame in (self.before, self.after))
        return [
            reason_of(str(first or then or ""), self.language)
            for first, then in zip(old, new, strict=True)
        ]


def code_of(portfolio: Portfolio, procedure: str) -> str:
    """Return the national code of a procedure, its id where it has none."""
    frame = portfolio.procedures
    if procedure not in frame.index:
        return procedure
    code = str(frame.at[procedure, "code"]) or str(frame.at[procedure, "code_written"])
    return code or procedure


def reason_of(code: str, language: str) -> str:
    """Return a reason for a missing figure in words; an unknown code as it is."""
    return REASONS[code].in_language(language) if code in REASONS else code
