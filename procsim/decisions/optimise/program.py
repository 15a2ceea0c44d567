"""The problem as a mixed-integer program, with everything that is equal put together.

The true decisions are the texts and the databases. Once they are chosen, every
reform that they unlock is free, so reforms without a price of their own that
need the same texts and databases share one column, and units that these
columns serve in the same order share one row: thousands of rows become
hundreds, and the bound of the linear relaxation stays the same.

Columns, in this order: texts, databases, *enabled* (all that some reforms need
is there), reforms of their own (with a price, a cap or a decision taken
beforehand), *used* (the option of a unit that is in force).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, inf
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import METRICS, Floats, Integers, Problem
from procsim.decisions.optimise.rows import Rows

__all__ = ["ROW_SCALE", "Program", "compile_problem", "step_of"]

ROW_SCALE = 100.0  # target rows are written in percent of what is required


@dataclass(frozen=True, eq=False)
class Program:
    """A mixed-integer program ``min price·x, low ≤ matrix·x ≤ high`` and its meaning.

    Attributes
    ----------
    problem
        Where it comes from.
    price, lower, upper
        Cost and bounds of each column, shape ``(n,)``.
    whole
        Columns that must be whole in the end, shape ``(n,)``.
    matrix, low, high
        The rows (scipy CSR) and their bounds; the first rows are the targets.
    saving
        What each column saves for each target in the metric's own unit, CSR
        ``(targets, n)``.
    requirement
        For each *enabled* column the texts and databases it needs.
    enabled
        Range of the *enabled* columns.
    own, own_enabling
        Columns of reforms of their own and the column that enables each, −1 for none.
    candidate_column
        Column that says whether each candidate may be in force.
    option_columns
        Triples (option, deadline, column): the column that puts an option in force;
        options that another one makes needless are not there.
    reference
        For each *used* column the column that it needs.
    groups
        Columns of which at most one is in force, the best first; a group whose
        second element is False has no common order and is decided by the solver.
    chains
        Columns, the columns that they need, and the row that says so, shape ``(m,)`` each.
    shared
        Columns of one group, an item that all of them need, and the row that keeps
        their sum below it.
    limit_rows
        How many rows stand for budgets and caps; they are the last ones.
    """

    problem: Problem
    price: Floats
    lower: Floats
    upper: Floats
    whole: npt.NDArray[np.bool_]
    matrix: Any
    low: Floats
    high: Floats
    saving: Any
    requirement: tuple[tuple[int, ...], ...]
    enabled: range
    own: Integers
    own_enabling: Integers
    candidate_column: Integers
    option_columns: Integers
    reference: Integers
    groups: tuple[tuple[tuple[int, ...], bool], ...]
    chains: tuple[Integers, Integers, Integers]
    shared: tuple[tuple[tuple[int, ...], int, int], ...]
    limit_rows: int

    @property
    def decisions(self) -> int:
        """How many columns are texts or databases; they stand first."""
        return len(self.problem.texts) + len(self.problem.databases)

    def with_row(self, values: Floats, *, low: float = -inf, high: float = inf) -> Program:
        """Return the program with one more limit, ``low ≤ values·x ≤ high``."""
        from scipy.sparse import csr_array, vstack

        return replace(
            self,
            matrix=vstack([self.matrix, csr_array(values[None, :])]).tocsr(),
            low=np.append(self.low, low),
            high=np.append(self.high, high),
            limit_rows=self.limit_rows + 1,
        )

    def bounded(self, lower: Floats, upper: Floats) -> Program:
        """Return the program with other bounds of its columns."""
        return replace(self, lower=lower, upper=upper)


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
    whole = np.round(scaled)
    if (np.abs(scaled - whole) > 1e-6).any():
        return 0.0
    return float(np.gcd.reduce(whole.astype(np.int64))) / 1000


def _needs(problem: Problem) -> list[tuple[int, ...]]:
    """Return what each candidate needs: numbers of texts, then of databases after them."""
    pairs = np.concatenate(
        [problem.needs_text, problem.needs_database + np.array([0, len(problem.texts)])]
    ).reshape(-1, 2)
    needs: list[set[int]] = [set() for _ in range(len(problem.candidates))]
    for candidate, item in pairs.tolist():
        needs[candidate].add(item)
    return [tuple(sorted(items)) for items in needs]


def _own(problem: Problem) -> npt.NDArray[np.bool_]:
    """Return which candidates must have a column of their own."""
    candidates, limits = problem.candidates, problem.limits
    decided = limits.forced_in | limits.forced_out
    named = np.fromiter((name in decided for name in candidates.ids), bool, len(candidates))
    capped = np.fromiter(
        (agency in limits.candidates_per_agency for agency in candidates.agency),
        bool,
        len(candidates),
    )
    asked: npt.NDArray[np.bool_] = (candidates.price > 0) | named | capped
    return asked


def compile_problem(problem: Problem) -> Program:
    """Return the mixed-integer program of a problem.

    Parameters
    ----------
    problem
        A problem without faults (`problem.check`).
    """
    return _Compiler(problem).program()


class _Compiler:
    """Writes the columns first, then the rows."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.rows = Rows()
        self.shared: list[tuple[tuple[int, ...], int, int]] = []
        self.items = len(problem.texts) + len(problem.databases)
        self.needs = _needs(problem)
        self.own = _own(problem)
        self._columns_of_candidates()

    def _columns_of_candidates(self) -> None:
        """Give each candidate the column that says whether it may be in force."""
        signatures: dict[tuple[int, ...], int] = {}
        requirement: list[tuple[int, ...]] = []
        column = np.empty(len(self.needs), dtype=np.int64)
        for row, need in enumerate(self.needs):
            if len(need) == 1:
                column[row] = need[0]
            else:
                if need not in signatures:
                    signatures[need] = self.items + len(requirement)
                    requirement.append(need)
                column[row] = signatures[need]
        self.requirement = tuple(requirement)
        self.enabled = range(self.items, self.items + len(requirement))
        self.first_own = self.items + len(requirement)
        self.enabling = column
        owned = np.flatnonzero(self.own)
        self.column = column.copy()
        self.column[owned] = self.first_own + np.arange(len(owned))
        self.first_used = self.first_own + len(owned)

    def program(self) -> Program:
        """Write everything."""
        problem = self.problem
        self._options()
        n = self.first_used + len(self.used_reference)
        saving = self._saving(n)
        self._target_rows(saving)
        self._structure_rows()
        self._shared_rows()
        before = len(self.rows.low)
        self._limit_rows()
        limit_rows = len(self.rows.low) - before
        price, lower, upper = self._bounds(n)
        # Once texts and databases are whole the rest is whole by itself; saying so
        # lets the solver cut far deeper (knapsack covers over the target rows).
        whole = np.ones(n, dtype=bool)
        matrix = self.rows.matrix(n)
        return Program(
            problem=problem,
            price=price,
            lower=lower,
            upper=upper,
            whole=whole,
            matrix=matrix,
            low=np.array(self.rows.low),
            high=np.array(self.rows.high),
            saving=saving,
            requirement=self.requirement,
            enabled=self.enabled,
            own=self.column[self.own],
            own_enabling=np.array(
                [self.enabling[c] if self.needs[c] else -1 for c in np.flatnonzero(self.own)],
                dtype=np.int64,
            ),
            candidate_column=self.column,
            option_columns=self.pairs,
            reference=np.array(self.used_reference, dtype=np.int64),
            groups=tuple(self.groups),
            chains=self.rows.joined_chains(),
            shared=tuple(self.shared),
            limit_rows=limit_rows,
        )

    # -- options ---------------------------------------------------------------

    def _options(self) -> None:
        """Choose for each option and deadline the column that puts it in force."""
        problem, options = self.problem, self.problem.options
        self.used_reference: list[int] = []
        self.groups: list[tuple[tuple[int, ...], bool]] = []
        self.memory: dict[tuple[int, ...], tuple[int, ...]] = {}
        pairs: list[tuple[int, int, int]] = []  # option, deadline, column
        self.deadlines = sorted({target.deadline for target in problem.targets})
        ready = problem.ready[options.candidate]
        how_many = np.bincount(options.candidate, minlength=len(problem.candidates))
        self.alone = self.own & (how_many == 1) & (len(self.deadlines) == 1)
        for name in problem.limits.forced_in:
            if name in problem.candidates.position:
                self.alone[problem.candidates.position[name]] = False
        for number, deadline in enumerate(self.deadlines):
            metrics = sorted(
                {METRICS.index(t.metric) for t in problem.targets if t.deadline == deadline}
            )
            worth = options.saving[:, metrics]
            useful = np.flatnonzero((ready <= deadline) & (worth != 0).any(axis=1))
            order = useful[np.argsort(options.unit[useful], kind="stable")]
            starts = np.flatnonzero(np.diff(options.unit[order], prepend=-1))
            sizes = np.diff(np.append(starts, len(order)))
            single = order[starts[sizes == 1]]
            plain = single[(worth[single] >= 0).all(axis=1)]
            pairs += [
                (o, number, c)
                for o, c in zip(
                    plain.tolist(), self.column[options.candidate[plain]].tolist(), strict=True
                )
            ]
            rest = np.concatenate([starts[sizes > 1], starts[sizes == 1]])
            for start, size in zip(
                rest.tolist(),
                np.concatenate([sizes[sizes > 1], sizes[sizes == 1]]).tolist(),
                strict=True,
            ):
                rows = order[start : start + size]
                if size == 1 and (worth[rows[0]] >= 0).all():
                    continue
                pairs += [(o, number, c) for o, c in self._unit(rows.tolist(), worth[rows])]
        self.pairs = np.array(pairs, dtype=np.int64).reshape(-1, 3)

    def _unit(self, rows: list[int], worth: Floats) -> list[tuple[int, int]]:
        """Return the columns of the options of one unit that are worth having."""
        candidates = self.problem.options.candidate
        who = [int(candidates[row]) for row in rows]
        values = [tuple(line) for line in worth.tolist()]
        keep = [
            i
            for i in range(len(rows))
            if not any(self._makes_needless(j, i, who, values) for j in range(len(rows)) if j != i)
        ]
        keep.sort(key=lambda i: (tuple(-v for v in values[i]), int(self.column[who[i]])))
        first = values[keep[0]]
        if len(keep) == 1 and min(first) >= 0:
            return [(rows[keep[0]], int(self.column[who[keep[0]]]))]
        ordered = min(values[keep[-1]]) >= 0 and all(
            all(a >= b for a, b in zip(values[i], values[j], strict=True))
            for i, j in pairwise(keep)
        )
        references = tuple(int(self.column[who[i]]) for i in keep)
        alone = [bool(self.alone[who[i]]) for i in keep]
        columns = self._used(references, alone, ordered=ordered)
        return [(rows[i], column) for i, column in zip(keep, columns, strict=True)]

    def _makes_needless(
        self, j: int, i: int, who: list[int], values: list[tuple[float, ...]]
    ) -> bool:
        """Return whether option j makes option i needless: saves as much, needs no more."""
        if any(a < b for a, b in zip(values[j], values[i], strict=True)):
            return False
        a, b = who[j], who[i]
        same_column = self.column[a] == self.column[b]
        if not same_column and (self.own[a] or not set(self.needs[a]) <= set(self.needs[b])):
            return False
        if values[j] != values[i]:
            return True
        back = same_column or (not self.own[b] and set(self.needs[b]) <= set(self.needs[a]))
        return j < i if back else True

    def _used(
        self, references: tuple[int, ...], alone: list[bool], *, ordered: bool
    ) -> tuple[int, ...]:
        """Return the columns of a group of options, shared where the order is the same."""
        if ordered and references in self.memory:
            return self.memory[references]
        columns: list[int] = []
        for reference, is_alone in zip(references, alone, strict=True):
            if is_alone:
                columns.append(reference)
            else:
                columns.append(self.first_used + len(self.used_reference))
                self.used_reference.append(reference)
        self.groups.append((tuple(columns), ordered))
        if ordered:
            self.memory[references] = tuple(columns)
        return tuple(columns)

    # -- rows ------------------------------------------------------------------

    def _saving(self, n: int) -> Any:
        """Return what each column saves for each target, CSR ``(targets, n)``."""
        from scipy.sparse import csr_array

        problem, options = self.problem, self.problem.options
        option, deadline, column = self.pairs.T
        unit = options.unit[option]
        row_parts, col_parts, values = [], [], []
        inside = {
            scope: np.bincount(rows, minlength=len(problem.units)) > 0
            for scope, rows in problem.scopes.items()
        }
        for k, target in enumerate(problem.targets):
            at = np.flatnonzero(
                inside[target.scope][unit] & (deadline == self.deadlines.index(target.deadline))
            )
            value = options.saving[option[at], METRICS.index(target.metric)]
            at, value = at[value != 0], value[value != 0]
            row_parts.append(np.full(len(at), k))
            col_parts.append(column[at])
            values.append(value)
        empty = [np.zeros(0, dtype=np.int64)]
        return csr_array(
            (
                np.concatenate(values or [np.zeros(0)]),
                (np.concatenate(row_parts or empty), np.concatenate(col_parts or empty)),
            ),
            shape=(len(problem.targets), n),
        )

    def _target_rows(self, saving: Any) -> None:
        for k, target in enumerate(self.problem.targets):
            part = slice(saving.indptr[k], saving.indptr[k + 1])
            values = saving.data[part]
            asked = target.required > 0
            scale = ROW_SCALE / (target.required if asked else max(target.base, 1e-300))
            low = -inf
            if asked:
                # Papers and days are saved in whole numbers: 395.1 papers means 396.
                step = step_of(values)
                steps = ceil(target.required / step - 1e-7) if step else 0
                low = ROW_SCALE * max(1.0, steps * step / target.required)
            self.rows.add(saving.indices[part], values * scale, low, inf)

    def _structure_rows(self) -> None:
        """Everything needs what it needs, and a unit is saved at most once."""
        for column, need in zip(self.enabled, self.requirement, strict=True):
            self.rows.below([column] * len(need), need)
        owned = np.flatnonzero(self.own)
        bound = [c for c in owned.tolist() if self.needs[c]]
        self.rows.below(self.column[bound], self.enabling[bound])
        used = np.arange(self.first_used, self.first_used + len(self.used_reference))
        self.rows.below(used, np.array(self.used_reference, dtype=np.int64))
        for columns, _ in self.groups:
            if len(columns) > 1:
                self.rows.add(columns, 1.0, -inf, 1.0)

    def _shared_rows(self) -> None:
        """Of the options of a unit that need the same item one may be in force: all below it.

        True of every plan, and more than each option says alone: two halves of two
        options no longer do with half of a text.
        """
        first_used = self.first_used
        owned = np.flatnonzero(self.own).tolist()
        owner = dict(zip(self.column[self.own].tolist(), owned, strict=True))

        def needed(column: int) -> tuple[int, ...]:
            if column >= first_used:
                column = self.used_reference[column - first_used]
            if column in owner:
                return self.needs[owner[column]]
            return (column,) if column < self.items else self.requirement[column - self.items]

        for columns, _ in self.groups:
            by_item = defaultdict(list)
            for column in columns:
                for item in needed(column):
                    by_item[item].append(column)
            for item, together in by_item.items():
                if len(together) > 1:
                    self.shared.append((tuple(together), item, len(self.rows.low)))
                    self.rows.add([*together, item], [1.0] * len(together) + [-1.0], -inf, 0.0)

    def _limit_rows(self) -> None:
        problem, limits = self.problem, self.problem.limits
        texts = np.arange(len(problem.texts))
        databases = np.arange(len(problem.texts), self.items)
        if limits.texts is not None:
            self.rows.add(texts, 1.0, -inf, limits.texts)
        if limits.databases is not None:
            self.rows.add(databases, 1.0, -inf, limits.databases)
        if limits.price is not None:
            price = self._prices(self.first_used)
            paid = np.flatnonzero(price)
            self.rows.add(paid, price[paid], -inf, limits.price)
        for caps, items, column in (
            (limits.texts_per_agency, problem.texts, texts),
            (limits.candidates_per_agency, problem.candidates, self.column),
        ):
            agency = np.array(items.agency, dtype=object)
            for name, most in caps.items():
                self.rows.add(column[agency == name], 1.0, -inf, most)

    def _prices(self, n: int) -> Floats:
        problem = self.problem
        price = np.zeros(n)
        price[: self.items] = np.concatenate([problem.texts.price, problem.databases.price])
        price[self.column[self.own]] = problem.candidates.price[self.own]
        return price

    def _bounds(self, n: int) -> tuple[Floats, Floats, Floats]:
        problem, limits = self.problem, self.problem.limits
        lower, upper = np.zeros(n), np.ones(n)
        for column, need in zip(self.enabled, self.requirement, strict=True):
            if not need:
                lower[column] = 1.0  # needs nothing: always enabled
        columns = defaultdict(list)
        for items, first in ((problem.texts, 0), (problem.databases, len(problem.texts))):
            for row, name in enumerate(items.ids):
                columns[name].append(first + row)
        for row in np.flatnonzero(self.own).tolist():
            columns[problem.candidates.ids[row]].append(int(self.column[row]))
        for name in limits.forced_in:
            lower[columns[name]] = 1.0
        for name in limits.forced_out:
            upper[columns[name]] = 0.0
        return self._prices(n), lower, upper
