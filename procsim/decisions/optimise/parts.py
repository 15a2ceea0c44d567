"""The program cut into parts: one for each ministry, tied by common items only.

Targets of one scope belong together, and so do targets that a reform with a price
of its own serves. Texts and databases that several parts need are *common*; every
part has its own copy of them, and of the columns without a price that follow from
them. Letting the copies differ can only make a plan cheaper, so what the parts cost
at least together is a bound: each part pays its *share* of the price of a common
item, and the shares of an item add up to its price at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats, Integers
from procsim.decisions.optimise.program import Program

__all__ = ["Part", "Parts", "fit", "parts_of", "shares_of"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Part:
    """A program over some of the columns.

    Attributes
    ----------
    columns
        Their numbers in the whole program, ascending.
    price, lower, upper, whole
        As in the whole program, but common items have no price here.
    matrix, low, high
        The rows that speak of these columns alone.
    rows
        Numbers of these rows in the whole program, ascending.
    common, at
        Numbers of the common items that it needs, among all common ones, and
        where they stand among its columns.
    """

    columns: Integers
    price: Floats
    lower: Floats
    upper: Floats
    whole: Flags
    matrix: Any
    low: Floats
    high: Floats
    rows: Integers
    common: Integers
    at: Integers


@dataclass(frozen=True, eq=False)
class Parts:
    """All parts and what ties them.

    Attributes
    ----------
    common, price
        Columns and prices of the common items.
    base
        Price of what is forced in and needed by no part.
    member
        Which part has which column of the whole program, shape ``(parts, n)``.
    parts
        The parts.
    """

    common: Integers
    price: Floats
    base: float
    member: Flags
    parts: tuple[Part, ...]

    @property
    def touched(self) -> Flags:
        """Which part needs which common item, shape ``(parts, common)``."""
        return self.member[:, self.common]


def parts_of(program: Program) -> Parts | None:
    """Return the parts of a program, or None where more than common items ties it."""
    n, first_limit = len(program.price), len(program.low) - program.limit_rows
    is_own = np.zeros(n, dtype=bool)
    is_own[program.own] = True
    limits = program.matrix[first_limit:]
    if not is_own[limits.indices].all() or (program.price < 0).any():
        return None
    member = _members(program, is_own)
    users = member.sum(axis=0)
    common = np.flatnonzero(users[: program.decisions] > 1)
    if len(member) < 2 or not len(common):
        return None
    price = program.price.copy()
    price[common] = 0.0
    base = float((program.price * program.lower)[users == 0].sum())
    parts = tuple(_part(program, price, common, inside) for inside in member)
    return Parts(common, program.price[common], base, member, parts)


def _members(program: Program, is_own: Flags) -> Flags:
    """Return which part has which column, shape ``(parts, n)``."""
    from scipy.sparse import csr_array

    targets, n = program.problem.targets, len(program.price)
    asked = np.flatnonzero(np.isfinite(program.low[: len(targets)]))
    owner = _owners(program, is_own)
    label = _components(program, owner)
    numbers, part = np.unique(label[n + asked], return_inverse=True)
    rows = program.matrix[asked].tocoo()
    member = np.zeros((len(numbers), n), dtype=bool)
    member[part[rows.row], rows.col] = True
    of_column = np.full(int(label.max(initial=0)) + 1, -1)
    of_column[numbers] = np.arange(len(numbers))
    place = of_column[label[:n]]
    if len(numbers):  # what is forced in must be paid for, though no target counts it
        place[is_own & (place < 0) & (program.lower > 0.5)] = 0
    mine = np.flatnonzero(is_own & (place >= 0))
    member[place[mine], mine] = True
    small, large, _ = program.chains
    needs = csr_array((np.ones(len(small)), (small, large)), shape=(n, n))
    for _ in range(3):  # used → own → enabled → item
        member |= (member.astype(np.float64) @ needs) > 0
    return member


def _owners(program: Program, is_own: Flags) -> Integers:
    """Return for each column the reform with a price that it stands for, −1 for none."""
    n = len(program.price)
    owner = np.where(is_own, np.arange(n), -1)
    first_used = n - len(program.reference)
    owner[first_used:] = np.where(is_own[program.reference], program.reference, -1)
    return owner


def _components(program: Program, owner: Integers) -> Integers:
    """Return labels of columns, then rows, then scopes: one for what belongs together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    targets, n, m = program.problem.targets, len(program.price), len(program.low)
    rows = program.matrix.tocoo()
    own = owner[rows.col] >= 0
    names = {scope: n + m + k for k, scope in enumerate(dict.fromkeys(t.scope for t in targets))}
    left = np.concatenate([owner[rows.col[own]], [names[t.scope] for t in targets]])
    right = np.concatenate([n + rows.row[own], n + np.arange(len(targets))])
    size = n + m + len(names)
    pairs = (left.astype(np.int64), right.astype(np.int64))
    graph = coo_array((np.ones(len(left)), pairs), shape=(size, size))
    label: Integers = connected_components(graph, directed=False)[1]
    return label


def _part(program: Program, price: Floats, common: Integers, inside: Flags) -> Part:
    """Return the program over some columns: every row that speaks of them alone."""
    outside = program.matrix.copy()
    outside.data = (~inside[outside.indices]).astype(np.float64)
    filled = np.diff(outside.indptr) > 0
    rows = np.flatnonzero(filled & (outside.sum(axis=1) == 0))
    columns = np.flatnonzero(inside)
    needed = np.flatnonzero(inside[common])
    return Part(
        columns,
        price[columns],
        program.lower[columns],
        program.upper[columns],
        program.whole[columns],
        program.matrix[rows][:, columns].tocsr(),
        program.low[rows],
        program.high[rows],
        rows,
        needed,
        np.searchsorted(columns, common[needed]),
    )


def shares_of(program: Program, parts: Parts, duals: Floats) -> Floats:
    """Return what each part pays for each common item, shape ``(parts, common)``.

    Follows what the relaxation pays, from the targets down to the items; a column
    that several parts have passes on what each of them paid for it.
    """
    member, targets = parts.member, len(program.problem.targets)
    paid = np.zeros(member.shape)
    for number, part in enumerate(parts.parts):
        rows = part.rows[part.rows < targets]
        paid[number] = program.matrix[rows].T @ np.maximum(duals[rows], 0.0)
    paid = np.where(member, np.maximum(paid, 0.0), 0.0)
    small, large, row = program.chains
    first_used = len(program.price) - len(program.reference)
    for first, last in (
        (first_used, len(program.price)),
        (program.enabled.stop, first_used),
        (program.enabled.start, program.enabled.stop),
    ):
        here = np.flatnonzero((small >= first) & (small < last))
        flow = np.maximum(-duals[row[here]], 0.0) * _split(
            paid[:, small[here]], member[:, small[here]]
        )
        for k, line in enumerate(paid):
            line += np.bincount(large[here], flow[k], len(line))
    for together, item, number in program.shared:
        if duals[number] < 0:
            columns = list(together)
            who = np.asarray(member[:, columns].any(axis=1))
            paid[:, item] -= duals[number] * _split(paid[:, columns].sum(axis=1), who)
    return fit(paid[:, parts.common], parts)


def _split(paid: Floats, member: Flags) -> Floats:
    """Return who paid how much of the whole; the members alike where nobody paid."""
    paid = np.where(member, paid, 0.0)
    total = paid.sum(axis=0)
    alike = member / np.maximum(member.sum(axis=0), 1)
    return np.asarray(np.where(total > 1e-12, paid / np.maximum(total, 1e-12), alike))


def fit(share: Floats, parts: Parts) -> Floats:
    """Return shares in the same proportion that add up to the price of each item."""
    share = np.where(parts.touched, np.maximum(share, 0.0), 0.0)
    # A hair below: rounding must not make the shares add up to more than the price.
    return np.asarray(_split(share, parts.touched) * parts.price * (1 - 1e-12))
