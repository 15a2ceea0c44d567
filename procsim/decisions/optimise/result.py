"""What the search found, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from procsim.decisions.optimise.problem import Floats, Problem
from procsim.errors import Text

__all__ = ["STATUS_NAMES", "Objective", "Progress", "Result", "Stage", "Status"]

Status = Literal["optimal", "feasible", "infeasible", "cancelled", "time_limit"]
Objective = Literal["price", "reduction", "lexicographic"]

STATUS_NAMES: dict[Status, Text] = {
    "optimal": Text("đã chứng minh là tốt nhất", "proven best"),
    "feasible": Text("khả thi, chưa chứng minh là tốt nhất", "feasible, not proven best"),
    "infeasible": Text("không thể đạt đủ các chỉ tiêu", "the targets cannot all be met"),
    "cancelled": Text("đã dừng theo yêu cầu", "stopped on request"),
    "time_limit": Text("hết thời gian", "time is over"),
}


@dataclass(frozen=True)
class Progress:
    """One line of the log: seconds since the start, best value, proven bound."""

    seconds: float
    best: float
    bound: float


@dataclass(frozen=True)
class Stage:
    """One objective of a lexicographic search and what came of it."""

    name: str
    value: float
    bound: float
    gap: float


@dataclass(frozen=True, eq=False)
class Result:
    """A plan with its proof.

    Attributes
    ----------
    status
        ``"optimal"`` when the gap is within the one asked for; ``"time_limit"``
        and ``"cancelled"`` keep the best plan found, if there is one.
    texts, databases, reforms
        Ids of what the plan chooses.
    options
        Row numbers of the options that are in force.
    price
        Price of the plan; NaN without a plan.
    objective, value, bound, gap
        What was sought, what the plan reaches, what is proven about the best
        possible plan (in the same unit) and the relative distance of the two.
        For ``"reduction"`` the value is in percentage points summed over the
        targets by weight, and the bound is an upper one.
    seconds
        Seconds that the search took.
    log
        How best value and bound moved.
    saved
        What the plan saves for each target, in the metric's unit.
    stages
        One for each objective of a lexicographic search.
    """

    problem: Problem = field(repr=False)
    status: Status
    objective: Objective
    texts: tuple[str, ...]
    databases: tuple[str, ...]
    reforms: tuple[str, ...] = field(repr=False)
    options: tuple[int, ...] = field(repr=False)
    price: float
    value: float
    bound: float
    gap: float
    seconds: float
    log: tuple[Progress, ...] = field(repr=False)
    saved: Floats = field(repr=False)
    stages: tuple[Stage, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a plan at all."""
        return self.price == self.price

    @property
    def summary(self) -> pd.DataFrame:
        """One row for each target: base, required and reached saving and rate, met or not."""
        targets = self.problem.targets
        base = pd.Series([target.base for target in targets], dtype="float64")
        required = pd.Series([target.required for target in targets], dtype="float64")
        saved = pd.Series(self.saved, dtype="float64")
        known = base.where(base > 0)
        return pd.DataFrame(
            {
                "metric": [target.metric for target in targets],
                "scope": [target.scope for target in targets],
                "name_vi": [target.label().vi for target in targets],
                "name_en": [target.label().en for target in targets],
                "base": base,
                "required": required,
                "saved": saved,
                "required_rate": required / known,
                "rate": saved / known,
                "met": (required <= 0) | (saved >= required * (1 - 1e-7) - 1e-9),
            }
        )

    def sentence(self) -> Text:
        """Return the result in one sentence."""
        if not self.found:
            return STATUS_NAMES[self.status]
        name = STATUS_NAMES[self.status]
        return Text(
            f"Sửa {len(self.texts)} văn bản, kết nối {len(self.databases)} cơ sở dữ liệu, "
            f"{len(self.reforms)} phương án cải cách; {name.vi}.",
            f"Amend {len(self.texts)} texts, connect {len(self.databases)} databases, "
            f"{len(self.reforms)} reforms; {name.en}.",
        )
