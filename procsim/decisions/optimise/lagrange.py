"""The bound: each scope buys its share of every common item, and decides alone.

Let scope m pay ``share[m, i]`` of the price of common item i for keeping it
open; the shares add up to the price at most. Then

    price of any plan ≥ sum over m of  min over its patterns A of
        price[A] + sum_i share[m, i] − K(A),
    K(A) = max { sum_i share[m, i]·closed_i : closing fits in the room of A }.

K is bounded from above by its linear dual: any weights w ≥ 0 of the targets give
``K(A) ≤ w·room + sum_i max(0, share_i − w·loss_i)``, which is all that is computed
here, for all patterns at once; a few steps of subgradient descent find good weights.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.patterns import Patterns
from procsim.decisions.optimise.problem import Floats, Integers

__all__ = ["Node"]

Flags = npt.NDArray[np.bool_]
NEAR = 0.6  # patterns so near to the best of their block are looked at closely


class Node:
    """The patterns that are left once some common items are open and some closed.

    Parameters
    ----------
    patterns
        Patterns of all blocks, sorted by block.
    rows, weights
        Those that are left and the weights of their targets, ``(n, targets)``.
    open_, closed
        Which common items are settled, shape ``(common,)``.
    blocks
        How many blocks there are.
    value, share
        Known values of the patterns (see `evaluate`) and the shares of all common items
        that prove them; None without any. Settling more items never lowers a value.
    """

    def __init__(
        self,
        patterns: Patterns,
        rows: Integers,
        weights: Floats,
        open_: Flags,
        closed: Flags,
        blocks: int,
        value: Floats | None = None,
        share: Floats | None = None,
    ) -> None:
        self.open, self.closed = open_, closed
        self.free = np.flatnonzero(~open_ & ~closed)
        loss = patterns.loss[rows]
        room = patterns.room[rows] - loss[:, :, closed].sum(axis=2)
        left = (room >= 0).all(axis=1)
        self.rows, self.weights = rows[left], weights[left]
        self.room = room[left]
        self.loss = np.ascontiguousarray(loss[left][:, :, self.free])
        self.price, self.block = patterns.price[self.rows], patterns.block[self.rows]
        self.subset = patterns.subset[self.rows]
        self.first = np.flatnonzero(np.diff(self.block, prepend=-1))  # first row of each block
        self.cannot = (self.loss > self.room[:, :, None]).any(axis=1)  # closing does not fit
        self.possible = len(self.first) == blocks
        self.least = np.full(blocks, np.inf)
        self.value = np.full(len(self.rows), -np.inf) if value is None else value[left]
        self.share = np.zeros((blocks, len(self.free))) if share is None else share[:, self.free]

    def evaluate(self, share: Floats) -> float:
        """Return the sum of the least values of the blocks at some shares of the free items.

        Keeps the value of each pattern (`value`) and of each block (`least`). A pattern
        far from the best keeps its old value less what its shares fell: still a bound.
        """
        before, self.share = self.share, share
        if np.isneginf(self.value).any():
            self._refine(np.arange(len(self.rows)), 30)
        else:
            self.value -= np.maximum(before - share, 0.0).sum(axis=1)[self.block]
            self._least()
            for _ in range(3):
                near = np.flatnonzero(self.value < self.least[self.block] + 2 * NEAR)
                known = self.value[near].copy()
                self._refine(near, 3)
                if (self.value[near] <= known + 1e-3).all():
                    break
        for _ in range(2):
            self._refine(np.flatnonzero(self.value < self.least[self.block] + NEAR), 12)
        return float(self.least.sum())

    def _least(self) -> None:
        self.least = np.full(len(self.least), np.inf)
        self.least[self.block[self.first]] = np.minimum.reduceat(self.value, self.first)

    def _refine(self, rows: Integers, steps: int) -> None:
        """Improve the weights of some patterns by subgradient steps and note their values."""
        weight, loss, room = self.weights[rows], self.loss[rows], self.room[rows]
        share = np.where(self.cannot[rows], 0.0, self.share[self.block[rows]])
        best, best_weight = np.full(len(rows), np.inf), weight.copy()
        step = np.full(len(rows), 0.1)
        for number in range(steps):
            gain = share - np.matmul(weight[:, None, :], loss)[:, 0, :]
            value = (weight * room).sum(axis=1) + np.maximum(gain, 0.0).sum(axis=1)
            better = value < best - 1e-9
            best_weight[better] = weight[better]
            best = np.minimum(best, value)
            if number + 1 == steps:
                break
            step = np.where(better, step, step * 0.8)
            slope = room - np.matmul(loss, (gain > 0).astype(np.float64)[:, :, None])[:, :, 0]
            slope = np.where((weight <= 0) & (slope > 0), 0.0, slope)
            length = step * best / ((slope * slope).sum(axis=1) + 1e-12)
            weight = np.maximum(weight - length[:, None] * slope, 0.0)
        self.weights[rows] = best_weight
        whole = self.price[rows] + self.share.sum(axis=1)[self.block[rows]] - best
        self.value[rows] = np.maximum(self.value[rows], whole)
        self._least()

    def _gains(self, rows: Integers) -> Floats:
        """Return what closing each free item is worth beyond its loss, ``(rows, free)``."""
        share = self.share[self.block[rows]]
        paid = np.matmul(self.weights[rows][:, None, :], self.loss[rows])[:, 0, :]
        return np.asarray(share - paid, dtype=np.float64)

    def points(self) -> list[tuple[int, float, Floats]]:
        """Return for each block its best pattern and the closing that goes with it.

        The closing is the knapsack filled in the order of worth, the last items in part.
        """
        order = np.lexsort((self.value, self.block))
        rows = order[np.flatnonzero(np.diff(self.block[order], prepend=-1))]
        share = np.where(self.cannot[rows], 0.0, self.share[self.block[rows]])
        cost = share - self._gains(rows)
        worth = np.where(self.cannot[rows], -1.0, (share + 1e-6) / (np.maximum(cost, 0) + 1e-9))
        line = np.arange(len(rows))
        room, taken = self.room[rows].copy(), np.zeros_like(share)
        for item in np.argsort(-worth, axis=1, kind="stable").T:
            loss = self.loss[rows[:, None], :, item[:, None]][:, 0, :]
            part = np.where(loss > 1e-12, room / np.maximum(loss, 1e-12), 1.0).min(axis=1)
            part = np.where(worth[line, item] > 0, np.clip(part, 0.0, 1.0), 0.0)
            taken[line, item] = part
            room = np.maximum(room - part[:, None] * loss, 0.0)
        closed = np.zeros((len(rows), len(self.open)))
        closed[:, self.closed] = 1.0
        closed[:, self.free] = taken
        return [
            (int(block), float(price), closing)
            for block, price, closing in zip(
                self.block[rows], self.price[rows], closed, strict=True
            )
        ]

    def reduce(self, over: float) -> tuple[Integers, Floats, Floats]:
        """Return the patterns that may still matter and what settling each item would add.

        Parameters
        ----------
        over
            Plans dearer than the bound by more than this do not matter.

        Returns
        -------
        rows, opening, closing
            Row numbers within this node; by how much the bound rises when each free
            item is opened or closed, without the item's own price left over.
        """
        rows = np.flatnonzero(self.value <= self.least[self.block] + over)
        gain, cannot = self._gains(rows), self.cannot[rows]
        paid = np.where(cannot, 0.0, np.maximum(gain, 0.0))
        plain = (
            self.price[rows]
            + self.share.sum(axis=1)[self.block[rows]]
            - (self.weights[rows] * self.room[rows]).sum(axis=1)
            - paid.sum(axis=1)
        )
        value = self.value[rows][:, None]
        opened = np.maximum(plain[:, None] + paid, value)
        shut = np.maximum(plain[:, None] + np.maximum(-gain, 0.0), value)
        shut = np.where(cannot, np.inf, shut)
        first = np.flatnonzero(np.diff(self.block[rows], prepend=-1))
        known = self.least[:, None]
        opening = np.maximum(np.minimum.reduceat(opened, first, axis=0), known).sum(axis=0)
        closing = np.maximum(np.minimum.reduceat(shut, first, axis=0), known).sum(axis=0)
        return rows, opening - self.least.sum(), closing - self.least.sum()
