"""The question as arrays: what can be done, what it needs, what it saves, what is asked.

A *candidate* is a reform that may be chosen. It needs all of its legal texts
and all of its databases; a text or a database is paid for once, however many
candidates it unlocks. A candidate saves on *units*: a dossier row, a limit, a
fee, a step, a condition. Each pair of candidate and unit is an *option* with a
saving in every metric. At most one option of a unit is in force, so savings
that overlap count once: two ways to remove the same paper are two options of
one unit, and a limit that can be cut to ten or to five days is one unit too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.errors import NOTHING, Text

__all__ = ["METRICS", "Items", "Limits", "Options", "Problem", "Target"]

METRICS = ("time", "cost", "documents", "conditions")

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Items:
    """Things that are chosen or not: legal texts, databases or candidates.

    Attributes
    ----------
    ids
        Their names, each one once.
    price
        Price of choosing each, shape ``(n,)``, in points of drafting effort.
    ready
        When each can be in force, shape ``(n,)``, in the unit of the deadlines
        (months from now, say); 0 when it stands ready.
    agency
        Who drafts or answers for each.

    Examples
    --------
    >>> Items.of(["TT-01", "NĐ-02"], price=[1, 4]).price.tolist()
    [1.0, 4.0]
    """

    ids: tuple[str, ...]
    price: Floats
    ready: Floats
    agency: tuple[str, ...]

    @classmethod
    def of(
        cls,
        ids: list[str] | tuple[str, ...],
        price: npt.ArrayLike = 0.0,
        ready: npt.ArrayLike = 0.0,
        agency: list[str] | tuple[str, ...] | str = "",
    ) -> Items:
        """Return items; one price, date or agency stands for all of them."""
        n = len(ids)
        agencies = (agency,) * n if isinstance(agency, str) else tuple(agency)
        return cls(tuple(ids), _full(price, n), _full(ready, n), agencies)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def position(self) -> dict[str, int]:
        """Row number of each name."""
        return {name: row for row, name in enumerate(self.ids)}


def _full(values: npt.ArrayLike, n: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    return np.full(n, float(array)) if array.ndim == 0 else array


@dataclass(frozen=True, eq=False)
class Options:
    """What each candidate saves on each unit.

    Attributes
    ----------
    unit, candidate
        Row numbers of the unit and of the candidate, shape ``(n,)``.
    saving
        Saving before − after in each metric of `METRICS`, shape ``(n, 4)``,
        in the metric's own unit (days, đồng, papers, conditions).
    """

    unit: Integers
    candidate: Integers
    saving: Floats

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Target:
    """A reduction that the plan must reach.

    Parameters
    ----------
    metric
        One of `METRICS`.
    scope
        Name of a scope of the problem: the nation, a ministry, an audience.
    base
        What stands in that scope before any reform.
    required
        The saving that is required, in the metric's unit (rate × base); 0 asks nothing
        (the saving is then only reported).
    deadline
        Only candidates that are ready by then count; infinite when no date is set.
    weight
        Weight of this target when the greatest reduction is sought.
    name
        What officers call it.

    Examples
    --------
    >>> Target("time", "nation", base=400.0, required=120.0).rate
    0.3
    """

    metric: str
    scope: str
    base: float
    required: float
    deadline: float = inf
    weight: float = 1.0
    name: Text = NOTHING

    @property
    def rate(self) -> float:
        """Required reduction as a share of the base; NaN without a base."""
        return self.required / self.base if self.base > 0 else float("nan")

    def at(self, level: float) -> Target:
        """Return the same target at another rate, such as 0.5."""
        return replace(self, required=level * self.base)

    def label(self) -> Text:
        """Return the target's name, or one made of its metric and scope."""
        if self.name != NOTHING:
            return self.name
        metric = METRIC_NAMES.get(self.metric, Text(self.metric, self.metric))
        scope = SCOPE_NAMES.get(self.scope, Text(self.scope, self.scope))
        return Text(f"{metric.vi} – {scope.vi}", f"{metric.en} – {scope.en}")


METRIC_NAMES = {
    "time": Text("thời gian giải quyết", "processing time"),
    "cost": Text("chi phí tuân thủ", "compliance cost"),
    "documents": Text("thành phần hồ sơ", "dossier documents"),
    "conditions": Text("điều kiện kinh doanh", "business conditions"),
}
SCOPE_NAMES = {"nation": Text("toàn quốc", "the whole country")}


@dataclass(frozen=True)
class Limits:
    """What the officers have decided beforehand, and how much they can draft.

    Parameters
    ----------
    texts, databases
        At most so many of each; None without a limit.
    price
        Price of the plan at most; None without a budget.
    forced_in, forced_out
        Ids of texts, databases or candidates that the plan must have or must leave.
    texts_per_agency, candidates_per_agency
        At most so many texts that one agency drafts, or candidates it carries out.
    """

    texts: int | None = None
    databases: int | None = None
    price: float | None = None
    forced_in: frozenset[str] = frozenset()
    forced_out: frozenset[str] = frozenset()
    texts_per_agency: Mapping[str, int] = field(default_factory=dict)
    candidates_per_agency: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything that the search needs, as arrays, free of portfolios.

    Attributes
    ----------
    texts, databases, candidates
        What can be chosen.
    needs_text, needs_database
        Pairs (candidate, text) and (candidate, database), shape ``(n, 2)``:
        a candidate needs all that stand beside it.
    units
        Names of the units on which savings count once.
    options
        What each candidate saves on each unit.
    scopes
        Row numbers of the units in each scope.
    targets
        The reductions that are asked.
    limits
        Budgets and decisions taken beforehand.
    """

    texts: Items
    databases: Items
    candidates: Items
    needs_text: Integers
    needs_database: Integers
    units: tuple[str, ...]
    options: Options
    scopes: Mapping[str, Integers]
    targets: tuple[Target, ...]
    limits: Limits = field(default_factory=Limits)

    def replace(self, **changes: Any) -> Problem:
        """Return the problem with some parts exchanged."""
        return replace(self, **changes)

    def at_levels(self, level: float, metric: str | None = None) -> Problem:
        """Return the problem with its targets (of one metric, or all) at another rate."""
        targets = tuple(
            target.at(level) if metric in (None, target.metric) else target
            for target in self.targets
        )
        return replace(self, targets=targets)

    @cached_property
    def ready(self) -> Floats:
        """When each candidate is in force: itself and all that it needs, shape ``(n,)``."""
        when = self.candidates.ready.copy()
        for pairs, items in (
            (self.needs_text, self.texts),
            (self.needs_database, self.databases),
        ):
            np.maximum.at(when, pairs[:, 0], items.ready[pairs[:, 1]])
        return when
