"""The problem by ministry: what each saves, as a sum of terms over texts and databases.

With free reforms the savings of a scope follow from the open texts and
databases alone. Each of its targets reads

    sum over terms of  gain · [all items of the term are open]  ≥  low,

where alternatives on one unit are written by inclusion and exclusion:
``[R1 or R2] = [R1] + [R2] − [R1 and R2]``. Items that only one scope uses are
its *own*; the others are *common*. Opening more never saves less.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats, Integers
from procsim.decisions.optimise.program import Program

__all__ = ["SLACK", "Block", "Blocks", "blocks_of"]

Flags = npt.NDArray[np.bool_]
Term = frozenset[int]

SLACK = 2e-5  # rows are in percent of what is required; plans are checked to 1e-5
MOST_OWN = 14  # own items whose subsets are listed; further ones count as common
MOST_OPTIONS = 4  # options of a unit that inclusion and exclusion still writes briefly
MOST_COMMON = 160


@dataclass(frozen=True, eq=False)
class Block:
    """The targets of one scope.

    Attributes
    ----------
    own
        Its own items (columns of the program) and, by the same order, their `price`.
    mask
        For each term the own items that it needs, one bit each, shape ``(terms,)``.
    needs
        For each term the common items that it needs, shape ``(terms, common)``.
    gain
        What each term adds to each target, shape ``(terms, targets)``.
    low
        What each target asks, shape ``(targets,)``.
    """

    own: Integers
    price: Floats
    mask: Integers
    needs: Flags
    gain: Floats
    low: Floats

    def totals(self) -> Floats:
        """Return the price of each subset of own items, shape ``(2 ** own,)``."""
        total = np.zeros(1)
        for price in self.price:
            total = np.concatenate([total, total + price])
        return total

    def savings(self, open_: Flags) -> Floats:
        """Return what each subset of own items saves, shape ``(targets, 2 ** own)``.

        Parameters
        ----------
        open_
            Which common items are open, shape ``(common,)``.
        """
        there = ~(self.needs & ~open_).any(axis=1)
        size = 1 << len(self.own)
        saved = np.zeros((len(self.low), size))
        for k in range(len(self.low)):
            saved[k] = np.bincount(self.mask[there], self.gain[there, k], size)
        for bit in range(len(self.own)):
            halves = saved.reshape(len(self.low), -1, 2, 1 << bit)
            halves[:, :, 1] += halves[:, :, 0]
        return saved


@dataclass(frozen=True, eq=False)
class Blocks:
    """All scopes, the common items and what is settled beforehand.

    Attributes
    ----------
    common, price
        Columns and prices of the items that several blocks use.
    always
        Columns that every plan opens, or may as well open.
    base
        Their price.
    blocks
        One for each scope with targets.
    """

    common: Integers
    price: Floats
    always: Integers
    base: float
    blocks: tuple[Block, ...]


def blocks_of(program: Program) -> Blocks | None:
    """Return the problem by scope, or None where savings do not follow from the items.

    Reforms with a price of their own, limits on the plan and options without a
    common order are left to the general search.
    """
    if len(program.own) or program.limit_rows or (program.price < 0).any():
        return None
    if not all(ordered and len(group) <= MOST_OPTIONS for group, ordered in program.groups):
        return None
    rows: dict[str, list[int]] = defaultdict(list)
    for k, target in enumerate(program.problem.targets):
        if np.isfinite(program.low[k]):
            rows[target.scope].append(k)
    if not rows or (program.saving.data < 0).any():
        return None
    terms = {scope: _terms(program, targets) for scope, targets in rows.items()}
    always = _always(program, rows, terms)
    closed = set(np.flatnonzero(program.upper[: program.decisions] < 0.5).tolist())
    terms = {scope: _settled(found, always, closed) for scope, found in terms.items()}
    users: dict[int, set[str]] = defaultdict(set)
    for scope, found in terms.items():
        for term in found:
            for item in term:
                users[item].add(scope)
    own = {
        scope: _own(program, found, [i for i, by in users.items() if by == {scope}])
        for scope, found in terms.items()
    }
    listed = {item for items in own.values() for item in items}
    common = np.array(sorted(set(users) - listed), dtype=np.int64)
    if len(common) > MOST_COMMON:
        return None
    kept = np.array(sorted(always), dtype=np.int64)
    return Blocks(
        common,
        program.price[common],
        kept,
        float(program.price[kept].sum()),
        tuple(
            _block(program, terms[scope], own[scope], common, program.low[targets])
            for scope, targets in rows.items()
        ),
    )


def _terms(program: Program, targets: list[int]) -> dict[Term, Floats]:
    """Return what each set of items adds to each of some targets once all of it is open."""
    first_used = len(program.price) - len(program.reference)
    group_of = {column: group for group, _ in program.groups for column in group}

    def needed(column: int) -> Term:
        if column >= first_used:
            column = int(program.reference[column - first_used])
        if column < program.decisions:
            return frozenset((column,))
        return frozenset(program.requirement[column - program.enabled.start])

    terms: dict[Term, Floats] = defaultdict(lambda: np.zeros(len(targets)))
    for k, target in enumerate(targets):
        row = program.matrix[[target], :]
        values = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        for group in {group_of[c] for c in values if c in group_of}:
            saved = [values.get(c, 0.0) for c in group]
            needs = [needed(c) for c in group]
            # The first i options together are worth at least the i-th: add the steps.
            for i, (more, less) in enumerate(pairwise([*saved, 0.0])):
                if more != less:
                    for term, sign in _any_of(needs[: i + 1]):
                        terms[term][k] += sign * (more - less)
        for column, value in values.items():
            if column not in group_of:
                terms[needed(column)][k] += value
    return terms


def _any_of(needs: list[Term]) -> list[tuple[Term, float]]:
    """Return ``[R1 or … or Rn]`` as signed products, by inclusion and exclusion."""
    return [
        (frozenset().union(*some), 1.0 if size % 2 else -1.0)
        for size in range(1, len(needs) + 1)
        for some in combinations(needs, size)
    ]


def _settled(terms: dict[Term, Floats], always: set[int], closed: set[int]) -> dict[Term, Floats]:
    """Return the terms once some items are open for good and others closed."""
    left: dict[Term, Floats] = {}
    for term, gain in terms.items():
        if not term & closed:
            rest = term - always
            left[rest] = left[rest] + gain if rest in left else gain
    return left


def _always(
    program: Program, rows: dict[str, list[int]], terms: dict[str, dict[Term, Floats]]
) -> set[int]:
    """Return items that are forced in, cost nothing, or without which a target is out of reach."""
    items = slice(0, program.decisions)
    possible = program.upper[items] > 0.5
    given = (program.lower[items] > 0.5) | ((program.price[items] == 0) & possible)
    always = set(np.flatnonzero(given).tolist())
    closed = set(np.flatnonzero(~possible).tolist())
    for scope, targets in rows.items():
        reach = -program.low[targets]
        lost: dict[int, Floats] = {}
        for term, gain in terms[scope].items():
            if not term & closed:
                reach = reach + gain
                for item in term:
                    lost[item] = lost.get(item, 0.0) + gain
        always |= {item for item, loss in lost.items() if (loss > reach + SLACK).any()}
    return always


def _own(program: Program, terms: dict[Term, Floats], items: list[int]) -> list[int]:
    """Return the own items whose subsets are listed: not those that are nearly always open."""
    if len(items) <= MOST_OWN:
        return sorted(items)
    worth = dict.fromkeys(items, 0.0)
    for term, gain in terms.items():
        for item in term & worth.keys():
            worth[item] += float(gain.max())
    keep = sorted(items, key=lambda item: worth[item] / program.price[item])[:MOST_OWN]
    return sorted(keep)


def _block(
    program: Program, terms: dict[Term, Floats], own: list[int], common: Integers, low: Floats
) -> Block:
    bit = {item: 1 << number for number, item in enumerate(own)}
    place = {item: number for number, item in enumerate(common.tolist())}
    needs = np.zeros((len(terms), len(common)), dtype=bool)
    for row, term in enumerate(terms):
        needs[row, [place[item] for item in term if item in place]] = True
    return Block(
        own=np.array(own, dtype=np.int64),
        price=program.price[own],
        mask=np.array([sum(bit.get(item, 0) for item in term) for term in terms], dtype=np.int64),
        needs=needs,
        gain=np.array(list(terms.values())).reshape(len(terms), len(low)),
        low=low,
    )
