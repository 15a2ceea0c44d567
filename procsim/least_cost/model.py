"""The problem as a mixed-integer program with named variables and constraints.

Variables, in this order:

* ``text``, ``database`` (0 or 1): it is amended, connected;
* ``reform`` (0 or 1): it is drafted, where that must be said apart from what it saves
  (decided beforehand, or drafted once and in force on several units or dates);
* ``option`` (0 to n): on how many of n interchangeable units it is in force.

Units are interchangeable where the same options with the same needs, prices and savings
stand: 25,720 candidates become some 9,000 variables, and the bound of the linear
relaxation stays the same. Constraints: ``target`` (saved ≥ required), ``needs`` (of the
options of a unit that need the same text at most one, and none without it), ``drafted``,
``once`` (at most one option a unit) and ``limit``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import ceil, inf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from procsim.language.text import fold
from procsim.least_cost.problem import METRICS, Floats, Integers, Problem

Flags = npt.NDArray[np.bool_]
PERCENT = 100.0  # target rows are written in percent of what is required
_SLACK = 1e-7


class Option(NamedTuple):
    """One way to save on each of some interchangeable units.

    `rows` are the options of the problem, one for each unit; `reform` the variable that
    says that its reform is drafted, −1 where the option itself says so; `agency` the one
    whose cap it counts towards; `deadlines` those that it is in time for.
    """

    rows: tuple[int, ...]
    needs: frozenset[int]
    price: float
    saving: tuple[float, ...]
    reform: int
    agency: str
    deadlines: tuple[int, ...]

    def makes_needless(self, other: Option) -> bool:
        """Return whether it saves as much as another option and needs and costs no more."""
        return (
            all(a >= b for a, b in zip(self.saving, other.saving, strict=True))
            and self.price <= other.price
            and self.needs <= other.needs
            and self.reform in (-1, other.reform)
            and self.agency in ("", other.agency)
        )


@dataclass(frozen=True, eq=False)
class Model:
    """A mixed-integer program ``min cost·x, low ≤ matrix·x ≤ high`` and what it stands for.

    Attributes
    ----------
    cost, lower, upper
        Of each variable, shape ``(n,)``; all variables are whole.
    matrix, low, high, constraints
        The constraints (scipy CSR), their bounds and their names; the targets stand first.
    saving
        What each variable saves for each target in the metric's own unit, CSR
        ``(targets, n)``.
    reforms
        The candidates that have a variable of their own, shape ``(reforms,)``.
    options
        What stands behind each of the last variables.
    groups
        Numbers of the options of the same units and deadline, the best first, −1 where
        a group has fewer, shape ``(groups, most options)``.
    size
        How many units each group has, shape ``(groups,)``.
    ordered
        Whether each option of a group saves at least as much as the next in every metric,
        shape ``(groups,)``.
    limited
        Whether budgets or caps limit the plan as a whole.
    """

    problem: Problem
    cost: Floats
    lower: Floats
    upper: Floats
    matrix: Any
    low: Floats
    high: Floats
    constraints: tuple[str, ...]
    saving: Any
    reforms: Integers
    options: tuple[Option, ...]
    groups: Integers
    size: Integers
    ordered: Flags
    limited: bool

    @property
    def items(self) -> int:
        """How many variables are texts or databases."""
        return len(self.problem.texts) + len(self.problem.databases)

    @property
    def first_option(self) -> int:
        """Number of the first variable that is an option."""
        return self.items + len(self.reforms)

    def with_constraint(
        self, name: str, values: Floats, *, low: float = -inf, high: float = inf
    ) -> Model:
        """Return the model with one more limit, ``low ≤ values·x ≤ high``."""
        from scipy.sparse import csr_array, vstack

        return replace(
            self,
            matrix=vstack([self.matrix, csr_array(values[None, :])]).tocsr(),
            low=np.append(self.low, low),
            high=np.append(self.high, high),
            constraints=(*self.constraints, name),
            limited=True,
        )

    def without_targets(self, targets: Sequence[int] = ()) -> Model:
        """Return the model with some of its targets only."""
        low = self.low.copy()
        low[: len(self.problem.targets)] = -inf
        low[list(targets)] = self.low[list(targets)]
        return replace(self, low=low)

    def reduction(self) -> Floats:
        """Return the cost whose minimum is the greatest reduction, in percentage points."""
        targets = self.problem.targets
        scale = np.array([100.0 * t.weight / t.base if t.base > 0 else 0.0 for t in targets])
        return -np.asarray(self.saving.T @ scale)

    @cached_property
    def needs(self) -> tuple[Any, Integers]:
        """Which texts, databases and reforms each option needs (CSR), and how many."""
        from scipy.sparse import csr_array

        requirements = [
            (*option.needs, *((option.reform,) if option.reform >= 0 else ()))
            for option in self.options
        ]
        count = np.array([len(need) for need in requirements], dtype=np.int64)
        columns = np.array([column for need in requirements for column in need], dtype=np.int64)
        rows = np.repeat(np.arange(len(requirements)), count)
        shape = (len(requirements), self.first_option)
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape), count

    def greatest(self, x: Floats) -> Floats:
        """Return the choice with the best option in force wherever texts and reforms allow.

        Parameters
        ----------
        x
            Texts, databases and reforms; the options are not read.
        """
        return self._in_force(x, np.ones(len(self.options), dtype=bool), keep=False)

    def complete(self, x: Floats) -> Floats:
        """Return a choice with everything in force that its texts allow at no price."""
        return self._in_force(x, self._free, keep=True)

    @cached_property
    def _free(self) -> Flags:
        return np.array(
            [
                option.price == 0 and not option.agency and min(option.saving, default=0.0) >= 0
                for option in self.options
            ],
            dtype=bool,
        )

    def _in_force(self, x: Floats, usable: Flags, *, keep: bool) -> Floats:
        """Put the first usable option of each group in force on units that are left.

        With `keep`, what is in force stays, but that free options of an ordered group
        make way for a better free one.
        """
        first = self.first_option
        x = x.copy()
        if not keep:
            x[first:] = 0.0
        if not len(self.groups):
            return x
        matrix, count = self.needs
        can = usable & (matrix @ x[:first] >= count - 0.5)
        there = self.groups >= 0
        can_table = there & can[self.groups]
        best = np.argmax(can_table, axis=1)
        rows = np.arange(len(self.groups))
        some = can_table[rows, best]
        values = np.where(there, x[first:][self.groups], 0.0)
        given_up = there & usable[self.groups] & (self.ordered & some)[:, None]
        values = np.where(given_up, 0.0, values)
        left = np.maximum(self.size - values.sum(axis=1), 0.0)
        values[rows[some], best[some]] += left[some]
        x[first + self.groups[there]] = values[there]
        return x

    def meets(self, x: Floats) -> bool:
        """Return whether a choice is whole and meets every target, constraint and bound."""
        row = np.asarray(self.matrix @ x)
        slack = _SLACK * np.maximum(1.0, np.abs(np.where(np.isfinite(self.low), self.low, 0.0)))
        above = _SLACK * (1 + np.abs(np.where(np.isfinite(self.high), self.high, 0.0)))
        return bool(
            (x == np.round(x)).all()
            and (row >= self.low - slack).all()
            and (row <= self.high + above).all()
            and (x >= self.lower - 1e-9).all()
            and (x <= self.upper + 1e-9).all()
        )

    def rows_in_force(self, x: Floats) -> Integers:
        """Return the options of the problem that a choice puts in force, each once."""
        counts = x[self.first_option :]
        rows: list[int] = []
        for group in self.groups:
            used = 0
            for number in group[group >= 0].tolist():
                more = int(counts[number])
                rows += self.options[number].rows[used : used + more]
                used += more
        return np.unique(np.array(rows, dtype=np.int64))

    def variables(self) -> list[str]:
        """Return the name of every variable, fit for files: ASCII without spaces."""
        problem = self.problem
        names = [f"text_{i}_{_plain(name)}" for i, name in enumerate(problem.texts.ids)]
        names += [f"database_{i}_{_plain(name)}" for i, name in enumerate(problem.databases.ids)]
        names += [f"reform_{c}_{_plain(problem.candidates.ids[c])}" for c in self.reforms.tolist()]
        candidate = problem.options.candidate
        for number, option in enumerate(self.options):
            name = problem.candidates.ids[candidate[option.rows[0]]]
            names.append(f"option_{number}_{_plain(name)}")
        return names


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", fold(name))[:60].strip("_")


def step_of(values: Floats) -> float:
    """Return the step of which every value is a multiple, 0 when there is none.

    Examples
    --------
    >>> import numpy as np
    >>> step_of(np.array([1.0, 2.5])), step_of(np.array([1 / 3]))
    (0.5, 0.0)
    """
    scaled = np.abs(values[values != 0]) * 1000
    if not len(scaled) or scaled.max() > 1e12:
        return 0.0
    rounded = np.round(scaled)
    if (np.abs(scaled - rounded) > 1e-6).any():
        return 0.0
    return float(np.gcd.reduce(rounded.astype(np.int64))) / 1000


def formulate(problem: Problem) -> Model:
    """Return the mixed-integer program of a problem without faults (`problem.check`)."""
    return _Formulation(problem).model()


class _Constraints:
    """Constraints while they are written."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.start = [0]
        self.columns: list[int] = []
        self.values: list[float] = []

    def add(
        self, name: str, columns: Sequence[int], values: Sequence[float], low: float, high: float
    ) -> None:
        """Add one constraint ``low ≤ values·x[columns] ≤ high``."""
        self.names.append(name)
        self.low.append(low)
        self.high.append(high)
        self.columns += columns
        self.values += values
        self.start.append(len(self.columns))

    def at_most(self, name: str, columns: Sequence[int], size: int, large: int) -> None:
        """Add ``sum of columns ≤ size × large``."""
        self.add(name, [*columns, large], [1.0] * len(columns) + [-float(size)], -inf, 0.0)

    def matrix(self, n: int) -> Any:
        """Return the constraints over n variables (scipy CSR)."""
        from scipy.sparse import csr_array

        parts = (np.array(self.values), np.array(self.columns, dtype=np.int32), self.start)
        return csr_array(parts, shape=(len(self.low), n))


class _Formulation:
    """Writes the variables first, then the constraints."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.items = len(problem.texts) + len(problem.databases)
        self.needs = self._needs()
        self.deadlines = sorted({target.deadline for target in problem.targets})
        self.metrics = sorted({METRICS.index(target.metric) for target in problem.targets})
        limits, candidates = problem.limits, problem.candidates
        decided = limits.forced_in
        self.forced = np.fromiter((n in decided for n in candidates.ids), bool, len(candidates))
        self.agency = [a if a in limits.candidates_per_agency else "" for a in candidates.agency]
        self._scopes()
        self._useful()
        self.reforms = np.flatnonzero(self._drafted_apart())
        self.reform = np.full(len(candidates), -1, dtype=np.int64)
        self.reform[self.reforms] = self.items + np.arange(len(self.reforms))
        self._options()

    def _needs(self) -> list[frozenset[int]]:
        """Return what each candidate needs: numbers of texts, then of databases after them."""
        problem = self.problem
        needs: list[set[int]] = [set() for _ in range(len(problem.candidates))]
        for pairs, first in ((problem.needs_text, 0), (problem.needs_database, len(problem.texts))):
            for candidate, item in pairs.tolist():
                needs[candidate].add(first + item)
        return [frozenset(items) for items in needs]

    def _scopes(self) -> None:
        """Give each unit a number for the targets that it counts towards."""
        problem = self.problem
        inside = np.zeros((len(problem.units), len(problem.targets)), dtype=bool)
        for k, target in enumerate(problem.targets):
            inside[np.asarray(problem.scopes[target.scope], dtype=np.int64), k] = True
        kinds, self.scope = np.unique(inside, axis=0, return_inverse=True)
        self.targets_of = [np.flatnonzero(kind).tolist() for kind in kinds]

    def _useful(self) -> None:
        """Keep the options that save something some target asks, in time and not ruled out."""
        problem, options = self.problem, self.problem.options
        ready = problem.ready[options.candidate]
        self.in_time = np.searchsorted(np.array(self.deadlines), ready, side="left")
        ruled_out = problem.limits.forced_out
        out = np.fromiter((n in ruled_out for n in problem.candidates.ids), bool)
        counts = np.array([bool(targets) for targets in self.targets_of] or [False])
        inside = counts[self.scope[options.unit]] if len(options) else np.zeros(0, dtype=bool)
        useful = inside & (self.in_time < len(self.deadlines))
        useful &= (options.saving[:, self.metrics] != 0).any(axis=1)
        useful &= ~out[options.candidate] if len(out) else True
        self.useful = np.flatnonzero(useful)

    def _drafted_apart(self) -> Flags:
        """Return which candidates need a variable that says that they are drafted."""
        problem, options = self.problem, self.problem.options
        candidate, unit = options.candidate[self.useful], options.unit[self.useful]
        paid = (problem.candidates.price > 0) | np.array([bool(a) for a in self.agency], dtype=bool)
        several = np.bincount(candidate, minlength=len(problem.candidates)) > 1
        if len(self.deadlines) > 1:
            crowded = np.bincount(unit, minlength=len(problem.units)) > 1
            several[candidate[crowded[unit]]] = True
        asked: Flags = self.forced | (paid & several)
        return asked

    def _options(self) -> None:
        """Put interchangeable units together and write their options."""
        self.options: list[Option] = []
        self.groups: list[list[int]] = []
        self.sizes: list[int] = []
        self.scopes: list[int] = []  # of each option
        for scope, ways in self._interchangeable():
            alone = len(ways) == 1 or len(self.deadlines) == 1
            every = range(len(self.deadlines))
            for late in (tuple(every),) if alone else ((d,) for d in every):
                self._group(scope, [w for w in ways if w.deadlines[0] <= late[-1]], late)

    def _interchangeable(self) -> Iterator[tuple[int, list[Option]]]:
        """Yield for each kind of unit its scope and its options, the rows unit by unit."""
        problem, options = self.problem, self.problem.options
        price = problem.candidates.price
        shapes: dict[tuple[Any, ...], int] = {}
        of_unit: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for row in self.useful.tolist():
            candidate = int(options.candidate[row])
            apart = int(self.reform[candidate])
            saving = tuple(options.saving[row, self.metrics].tolist())
            cost = 0.0 if apart >= 0 else float(price[candidate])
            agency = "" if apart >= 0 else self.agency[candidate]
            in_time = tuple(range(int(self.in_time[row]), len(self.deadlines)))
            shape = (self.needs[candidate], cost, saving, apart, agency, in_time)
            of_unit[int(options.unit[row])].append((shapes.setdefault(shape, len(shapes)), row))
        kinds: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
        for unit, ways in of_unit.items():
            ways.sort()
            kinds[int(self.scope[unit]), *(shape for shape, _ in ways)].append(
                [row for _, row in ways]
            )
        shape_of = list(shapes)
        for (scope, *numbers), rows in kinds.items():
            yield (
                scope,
                [
                    Option(same, *shape_of[number])
                    for number, same in zip(numbers, zip(*rows, strict=True), strict=True)
                ],
            )

    def _group(self, scope: int, ways: list[Option], deadlines: tuple[int, ...]) -> None:
        """Write the options of some units that count for some deadlines, the best first."""
        base = [
            max((t.base for t in self.problem.targets if METRICS[m] == t.metric), default=0.0)
            for m in self.metrics
        ]

        def worth(option: Option) -> float:
            return sum(s / b for s, b in zip(option.saving, base, strict=True) if b > 0)

        efficient: list[Option] = []
        for way in sorted(ways, key=lambda way: (-worth(way), way.price, len(way.needs))):
            if not any(other.makes_needless(way) for other in efficient):
                efficient.append(way)
        if efficient:
            self.groups.append([len(self.options) + number for number in range(len(efficient))])
            self.sizes.append(len(efficient[0].rows))
            for way in efficient:
                in_time = tuple(d for d in deadlines if d in way.deadlines)
                self.options.append(way._replace(deadlines=in_time))
                self.scopes.append(scope)

    def model(self) -> Model:
        """Write the constraints and return everything."""
        n = self.items + len(self.reforms) + len(self.options)
        self.rows = _Constraints()
        cost = self._cost(n)
        saving = self._saving(n)
        self._targets(saving)
        self._structure()
        before = len(self.rows.low)
        self._limits(cost)
        lower, upper = self._bounds(n)
        width = max(map(len, self.groups), default=0)
        groups = np.array([g + [-1] * (width - len(g)) for g in self.groups], dtype=np.int64)
        return Model(
            problem=self.problem,
            cost=cost,
            lower=lower,
            upper=upper,
            matrix=self.rows.matrix(n),
            low=np.array(self.rows.low),
            high=np.array(self.rows.high),
            constraints=tuple(self.rows.names),
            saving=saving,
            reforms=self.reforms,
            options=tuple(self.options),
            groups=groups.reshape(len(self.groups), width),
            size=np.array(self.sizes, dtype=np.int64),
            ordered=np.array([self._is_ordered(group) for group in self.groups], dtype=bool),
            limited=len(self.rows.low) > before,
        )

    def _is_ordered(self, group: list[int]) -> bool:
        savings = [self.options[number].saving for number in group]
        return min(savings[-1], default=0.0) >= 0 and all(
            a >= b
            for better, worse in pairwise(savings)
            for a, b in zip(better, worse, strict=True)
        )

    def _cost(self, n: int) -> Floats:
        problem = self.problem
        cost = np.zeros(n)
        cost[: self.items] = np.concatenate([problem.texts.price, problem.databases.price])
        cost[self.items : self.items + len(self.reforms)] = problem.candidates.price[self.reforms]
        cost[self.items + len(self.reforms) :] = [option.price for option in self.options]
        return cost

    def _saving(self, n: int) -> Any:
        """Return what each variable saves for each target, CSR ``(targets, n)``."""
        from scipy.sparse import csr_array

        targets = self.problem.targets
        first = n - len(self.options)
        rows, columns, values = [], [], []
        place = {METRICS[m]: at for at, m in enumerate(self.metrics)}
        deadline = [self.deadlines.index(target.deadline) for target in targets]
        for number, (option, scope) in enumerate(zip(self.options, self.scopes, strict=True)):
            for k in self.targets_of[scope]:
                value = option.saving[place[targets[k].metric]]
                if value and deadline[k] in option.deadlines:
                    rows.append(k)
                    columns.append(first + number)
                    values.append(value)
        parts = (np.array(values), (np.array(rows, dtype=int), np.array(columns, dtype=int)))
        return csr_array(parts, shape=(len(targets), n))

    def _targets(self, saving: Any) -> None:
        for k, target in enumerate(self.problem.targets):
            part = slice(saving.indptr[k], saving.indptr[k + 1])
            values = saving.data[part]
            asked = target.required > 0
            scale = PERCENT / (target.required if asked else max(target.base, 1e-300))
            low = -inf
            if asked:
                # Papers and days are saved in whole numbers: 395.1 papers means 396.
                step = step_of(values)
                steps = ceil(target.required / step - 1e-7) if step else 0
                low = PERCENT * max(1.0, steps * step / target.required)
            name = f"target_{k}_{target.metric}_{_plain(target.scope)}"
            columns = saving.indices[part].tolist()
            self.rows.add(name, columns, (values * scale).tolist(), low, inf)

    def _structure(self) -> None:
        """Everything needs what it needs, and a unit is saved at most once.

        Of the options of a unit that need the same item one may be in force: their sum is
        below that item. Two halves of two options do not do with half of a text.
        """
        add = self.rows
        first = self.items + len(self.reforms)
        for candidate, column in zip(self.reforms.tolist(), range(self.items, first), strict=True):
            for item in sorted(self.needs[candidate]):
                add.at_most(f"needs_reform_{candidate}_{item}", [column], 1, item)
        for number, (group, size) in enumerate(zip(self.groups, self.sizes, strict=True)):
            by_item: dict[int, list[int]] = defaultdict(list)
            by_reform: dict[int, list[int]] = defaultdict(list)
            for place in group:
                option = self.options[place]
                for item in option.needs:
                    by_item[item].append(first + place)
                if option.reform >= 0:
                    by_reform[option.reform].append(first + place)
            for item, columns in sorted(by_item.items()):
                implied = len(columns) == 1 and self.options[columns[0] - first].reform >= 0
                if not implied:
                    add.at_most(f"needs_{number}_{item}", columns, size, item)
            for reform, columns in sorted(by_reform.items()):
                add.at_most(f"drafted_{number}_{reform}", columns, size, reform)
            if len(group) > 1 and not any(len(c) == len(group) for c in by_item.values()):
                columns = [first + place for place in group]
                add.add(f"once_{number}", columns, [1.0] * len(columns), -inf, float(size))

    def _limits(self, cost: Floats) -> None:
        problem, limits = self.problem, self.problem.limits
        first = self.items + len(self.reforms)
        texts = list(range(len(problem.texts)))
        databases = list(range(len(problem.texts), self.items))

        def add(name: str, columns: list[int], most: float) -> None:
            self.rows.add(f"limit_{name}", columns, [1.0] * len(columns), -inf, most)

        if limits.texts is not None:
            add("texts", texts, limits.texts)
        if limits.databases is not None:
            add("databases", databases, limits.databases)
        if limits.price is not None:
            paid = np.flatnonzero(cost)
            self.rows.add("limit_price", paid.tolist(), cost[paid].tolist(), -inf, limits.price)
        for name, most in limits.texts_per_agency.items():
            capped = [text for text in texts if problem.texts.agency[text] == name]
            add(f"texts_{_plain(name)}", capped, most)
        for name, most in limits.candidates_per_agency.items():
            capped = [self.items + r for r, c in enumerate(self.reforms) if self.agency[c] == name]
            capped += [first + k for k, option in enumerate(self.options) if option.agency == name]
            add(f"reforms_{_plain(name)}", capped, most)

    def _bounds(self, n: int) -> tuple[Floats, Floats]:
        problem, limits = self.problem, self.problem.limits
        lower, upper = np.zeros(n), np.ones(n)
        first = self.items + len(self.reforms)
        for group, size in zip(self.groups, self.sizes, strict=True):
            upper[[first + number for number in group]] = size
        for items, start in ((problem.texts, 0), (problem.databases, len(problem.texts))):
            for row, name in enumerate(items.ids):
                lower[start + row] = name in limits.forced_in
                upper[start + row] = name not in limits.forced_out
        lower[self.items : first] = self.forced[self.reforms]
        ruled_out = limits.forced_out
        for number, candidate in enumerate(self.reforms.tolist()):
            upper[self.items + number] = problem.candidates.ids[candidate] not in ruled_out
        return lower, upper
