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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.errors import NOTHING, Fault, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of

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
    "time": bilingual("least_cost.processing_time"),
    "cost": bilingual("least_cost.compliance_cost"),
    "documents": bilingual("least_cost.dossier_documents"),
    "conditions": bilingual("least_cost.business_conditions"),
}
SCOPE_NAMES = {"nation": bilingual("least_cost.whole_country")}


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
        for pairs, items in ((self.needs_text, self.texts), (self.needs_database, self.databases)):
            np.maximum.at(when, pairs[:, 0], items.ready[pairs[:, 1]])
        return when


_NEGATIVE = bilingual("least_cost.no_price_must_negative")
_ENTER = bilingual("least_cost.enter_price_points_effort")


def check(problem: Problem) -> None:
    """Raise `InvalidValue` with every fault of the problem; return nothing when sound.

    Raises
    ------
    InvalidValue
        Negative or missing prices, unknown texts, databases, units, scopes or
        metrics, savings that are missing or all zero, ids that stand twice,
        candidates that save nothing, limits below zero, and contradictory or
        unknown names in the decisions taken beforehand.
    """
    faults = faults_of(problem)
    if faults:
        raise InvalidValue(faults)


def faults_of(problem: Problem) -> list[Fault]:
    """Return every fault of the problem, in the order of its tables."""
    groups = (("texts", problem.texts), ("databases", problem.databases))
    found: list[Fault] = []
    for table, items in (*groups, ("candidates", problem.candidates)):
        found += _items(table, items)
    for table, pairs, (what, items) in zip(
        ("needs_text", "needs_database"),
        (problem.needs_text, problem.needs_database),
        groups,
        strict=True,
    ):
        found += _pairs(problem, table, pairs, what, items)
    found += _options(problem)
    found += _targets(problem)
    found += _limits(problem)
    return found


def _items(table: str, items: Items) -> Iterator[Fault]:
    seen: set[str] = set()
    if not len(items.ids) == len(items.price) == len(items.ready) == len(items.agency):
        yield _fault(
            table,
            f"{len(items.ids)}, {len(items.price)}, {len(items.ready)}, {len(items.agency)}",
            "Các cột không dài bằng nhau.",
            "The columns differ in length.",
            "optimise.length",
        )
        return
    for row, name in enumerate(items.ids):
        if name in seen:
            yield _fault(
                f"{table} › {row}",
                name,
                "Mã xuất hiện hai lần.",
                "The id stands twice.",
                "optimise.twice",
            )
        seen.add(name)
    for row in np.flatnonzero(~((items.price >= 0) & np.isfinite(items.price))).tolist():
        yield Fault(
            f"{table} › {items.ids[row]} › price",
            shorten(float(items.price[row])),
            _NEGATIVE,
            _ENTER,
            code="optimise.price",
        )
    for row in np.flatnonzero(np.isnan(items.ready)).tolist():
        yield _fault(
            f"{table} › {items.ids[row]} › ready",
            "NaN",
            "Thiếu thời điểm có hiệu lực.",
            "The date from which it is in force is missing.",
            "optimise.ready",
        )


def _pairs(
    problem: Problem, table: str, pairs: np.ndarray, what: str, items: Items
) -> Iterator[Fault]:
    names = {
        "texts": bilingual("least_cost.no_such_legal_text"),
        "databases": bilingual("least_cost.no_such_database"),
    }
    for row in np.flatnonzero(_outside(pairs[:, 0], len(problem.candidates))).tolist():
        yield _fault(
            f"{table} › {row}",
            shorten(int(pairs[row, 0])),
            "Phương án cải cách không có trong danh mục.",
            "There is no such candidate.",
            "optimise.unknown_candidate",
        )
    for row in np.flatnonzero(_outside(pairs[:, 1], len(items))).tolist():
        yield Fault(
            f"candidates › {_name(problem, pairs[row, 0])} › {table}",
            shorten(int(pairs[row, 1])),
            names[what],
            bilingual("least_cost.row_numbers_go_0", items=len(items) - 1),
            code=f"optimise.unknown_{what}",
        )


def _options(problem: Problem) -> Iterator[Fault]:
    options = problem.options
    for row in np.flatnonzero(_outside(options.unit, len(problem.units))).tolist():
        yield _fault(
            f"options › {row} › unit",
            shorten(int(options.unit[row])),
            "Đơn vị tính không có trong danh mục.",
            "There is no such unit.",
            "optimise.unknown_unit",
        )
    outside = _outside(options.candidate, len(problem.candidates))
    for row in np.flatnonzero(outside).tolist():
        yield _fault(
            f"options › {row} › candidate",
            shorten(int(options.candidate[row])),
            "Phương án cải cách không có trong danh mục.",
            "There is no such candidate.",
            "optimise.unknown_candidate",
        )
    bad = ~np.isfinite(options.saving).all(axis=1)
    for row in np.flatnonzero(bad).tolist():
        yield _fault(
            f"candidates › {_name(problem, options.candidate[row])} › saving",
            shorten(options.saving[row].tolist()),
            "Mức giảm phải là số; thiếu số liệu thì bỏ phương án ra khỏi danh mục.",
            "A saving must be a number; where data are missing leave the candidate out.",
            "optimise.saving",
        )
    inside = options.candidate[~outside]
    count = np.bincount(inside, minlength=len(problem.candidates))
    effect = np.zeros(len(problem.candidates), dtype=bool)
    effect[options.candidate[~outside & (np.nan_to_num(options.saving) != 0).any(axis=1)]] = True
    broken = np.zeros(len(problem.candidates), dtype=bool)
    broken[options.candidate[~outside & bad]] = True
    for row in np.flatnonzero(~effect & ~broken).tolist():
        yield fault_of("optimise.no_effect", f"candidates › {problem.candidates.ids[row]}", "0")
    mixed = ~outside & (options.saving < 0).any(axis=1)
    for row in np.flatnonzero(mixed).tolist():
        if count[options.candidate[row]] > 1:
            yield _fault(
                f"candidates › {_name(problem, options.candidate[row])} › saving",
                shorten(options.saving[row].tolist()),
                "Phương án làm tăng một chỉ số thì chỉ được tác động đến một đơn vị tính.",
                "A candidate that makes something worse may act on one unit only.",
                "optimise.mixed",
            )


def _targets(problem: Problem) -> Iterator[Fault]:
    for row, target in enumerate(problem.targets):
        place = f"targets › {row}"
        if target.metric not in METRICS:
            yield _fault(
                place,
                shorten(target.metric),
                f"Chỉ số phải là một trong: {', '.join(METRICS)}.",
                f"The metric must be one of: {', '.join(METRICS)}.",
                "optimise.metric",
            )
        if target.scope not in problem.scopes:
            yield _fault(
                place,
                shorten(target.scope),
                "Phạm vi không có trong danh mục.",
                "There is no such scope.",
                "optimise.scope",
            )
        numbers = (target.base, target.required, target.weight)
        if (
            not np.isfinite(numbers).all()
            or min(target.base, target.required) < 0
            or np.isnan(target.deadline)
        ):
            yield _fault(
                place,
                shorten([*numbers, target.deadline]),
                "Giá trị gốc, mức phải giảm và trọng số phải là số; hai giá trị đầu không âm.",
                "Base, required saving and weight must be numbers, the first two not negative.",
                "optimise.target",
            )
    for name, rows in problem.scopes.items():
        if _outside(np.asarray(rows), len(problem.units)).any():
            yield _fault(
                f"scopes › {name}",
                "",
                "Phạm vi nêu đơn vị tính không có trong danh mục.",
                "The scope names units that do not exist.",
                "optimise.unknown_unit",
            )


def _limits(problem: Problem) -> Iterator[Fault]:
    limits = problem.limits
    tables = (problem.texts, problem.databases, problem.candidates)
    known = {name for items in tables for name in items.ids}
    for name in sorted((limits.forced_in | limits.forced_out) - known):
        yield _fault(
            "limits",
            shorten(name),
            "Không có văn bản, cơ sở dữ liệu hay phương án nào mang mã này.",
            "No text, database or candidate has this id.",
            "optimise.unknown_id",
        )
    for name in sorted(limits.forced_in & limits.forced_out):
        yield _fault(
            "limits",
            shorten(name),
            "Vừa bắt buộc chọn vừa bắt buộc bỏ.",
            "It is forced in and forced out at once.",
            "optimise.contradiction",
        )
    caps = {"texts": limits.texts, "databases": limits.databases, "price": limits.price}
    caps |= {f"texts_per_agency › {name}": cap for name, cap in limits.texts_per_agency.items()}
    caps |= {
        f"candidates_per_agency › {name}": cap for name, cap in limits.candidates_per_agency.items()
    }
    for name, cap in caps.items():
        if cap is not None and not cap >= 0:
            yield _fault(
                f"limits › {name}",
                shorten(cap),
                "Giới hạn phải là số từ 0 trở lên.",
                "A limit must be a number from 0 upwards.",
                "optimise.limit",
            )


def _outside(rows: np.ndarray, n: int) -> np.ndarray:
    return (rows < 0) | (rows >= n)


def _name(problem: Problem, candidate: int) -> str:
    ids = problem.candidates.ids
    return ids[candidate] if 0 <= candidate < len(ids) else str(candidate)


def _fault(place: str, value: str, vi: str, en: str, code: str) -> Fault:
    return Fault(place, value, Text(vi, en), code=code)
