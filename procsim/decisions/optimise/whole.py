"""Whole closings: what each scope would really do at some shares, not only a bound on it.

`lagrange` lets a pattern close items in part, as long as its room lasts. Here the
items are settled one after the other, for all promising patterns of all scopes at
once. A state is a pattern with some items closed; it is left aside once its bound
reaches the value of a closing already known. What is left at the end is checked
with the true savings of the scope. When states grow too many the worst are left
aside and their bound is kept: the answer is then a bound, but still a better one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.blocks import SLACK, Blocks
from procsim.decisions.optimise.lagrange import Node
from procsim.decisions.optimise.master import Point
from procsim.decisions.optimise.problem import Floats, Integers

__all__ = ["Whole"]

Flags = npt.NDArray[np.bool_]
MOST_STATES = 40_000
AT_ONCE = 500  # closings checked with true savings at a time
UNPAID = 1e-7  # closing an item with a smaller share gains nothing


@dataclass(eq=False)
class _States:
    """Patterns (rows of a node) with some items closed: room left and price so far."""

    row: Integers
    shut: Flags
    room: Floats
    value: Floats

    def take(self, which: Integers | Flags) -> _States:
        return _States(self.row[which], self.shut[which], self.room[which], self.value[which])


class Whole:
    """Whole closings of all scopes, and those found so far.

    Parameters
    ----------
    blocks
        The problem by scope.
    """

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks.blocks
        self.needs = [block.needs.T.astype(np.float32) for block in self.blocks]
        self.prices: list[Floats] = [np.zeros(0) for _ in self.blocks]
        self.closings = [np.zeros((0, len(blocks.price)), dtype=bool) for _ in self.blocks]

    def raise_least(self, node: Node) -> list[Point]:
        """Raise the least values of a node's blocks; return the new points for the master.

        A block that cannot meet its targets any more is worth infinitely much.
        """
        found = [
            point
            for block in range(len(self.blocks))
            if not self._fits(node, block).any() and (point := self._all_open(node, block))
        ]
        upto = np.array([self._known(node, block) for block in range(len(self.blocks))])
        if np.isinf(upto).any():
            node.least = np.where(np.isinf(upto), np.inf, node.least)
            return []
        states, left = self._search(node, upto)
        for block in np.unique(node.block[states.row]).tolist():
            here = states.take(node.block[states.row] == block)
            for start in range(0, len(here.row), AT_ONCE):
                some = here.take(np.arange(start, min(start + AT_ONCE, len(here.row))))
                best = self._first_true(node, block, some)
                if best is not None:
                    upto[block], point = best
                    found.append(point)
                    break
        node.least = np.maximum(node.least, np.minimum(upto, left))
        return found

    def _keep(self, block: int, price: float, closed: Flags) -> Point:
        self.prices[block] = np.append(self.prices[block], price)
        self.closings[block] = np.vstack([self.closings[block], closed])
        return block, price, closed.astype(np.float64)

    def _fits(self, node: Node, block: int) -> Flags:
        """Return which known closings of a block can be had in a node, if need be by reopening."""
        return np.asarray(self.closings[block][:, node.closed].all(axis=1))

    def _known(self, node: Node, block: int) -> float:
        """Return the value of the best known closing of a block that fits a node."""
        fits = self._fits(node, block)
        kept = ~self.closings[block][fits][:, node.free]
        return float((self.prices[block][fits] + kept @ node.share[block]).min(initial=np.inf))

    def _all_open(self, node: Node, block: int) -> Point | None:
        """Return the cheapest pattern with nothing closed but what must be, or None."""
        here = self.blocks[block]
        enough = (here.savings(~node.closed) >= here.low[:, None] - SLACK).all(axis=0)
        if not enough.any():
            return None
        price = np.where(enough, here.totals(), np.inf)
        return self._keep(block, float(price.min()), node.closed.copy())

    def _search(self, node: Node, upto: Floats) -> tuple[_States, Floats]:
        """Return all closings better than known, cheapest first, and what was left aside."""
        left = np.full(len(upto), np.inf)
        rows = np.flatnonzero(node.value < upto[node.block] - UNPAID)
        block = node.block[rows]
        loss, weight, share = node.loss[rows], node.weights[rows], node.share[block]
        asked = ~node.cannot[rows] & (share >= UNPAID)
        gain = np.where(asked, share - np.matmul(weight[:, None, :], loss)[:, 0, :], 0.0)
        order = np.argsort(np.where(asked, -np.abs(gain), 1.0), axis=1, kind="stable")
        rest = np.maximum(np.take_along_axis(gain, order, axis=1), 0.0)
        rest = np.cumsum(rest[:, ::-1], axis=1)[:, ::-1]
        rest = np.column_stack([rest, np.zeros(len(rows))])
        goal, least = upto[block] - UNPAID, node.least[block]
        states = _States(
            np.arange(len(rows)),
            np.zeros(share.shape, dtype=bool),
            node.room[rows],
            node.price[rows] + share.sum(axis=1),
        )
        for level in range(int(asked.sum(axis=1).max(initial=0))):
            row = states.row
            item = order[row, level]
            lost, worth = loss[row, :, item], share[row, item]
            room = states.room - lost
            may = (room >= 0).all(axis=1) & asked[row, item]
            must = may & (lost <= 0).all(axis=1)  # what loses nothing is closed without asking
            bound = states.value - (weight[row] * states.room).sum(axis=1) - rest[row, level + 1]
            bound_shut = bound - worth + (weight[row] * lost).sum(axis=1)
            kept = np.flatnonzero(~must & (bound < goal[row]))
            shut = np.flatnonzero(may & (bound_shut < goal[row]))
            states = states.take(np.concatenate([kept, shut]))
            new = slice(len(kept), None)
            states.shut[np.arange(len(kept), len(states.row)), item[shut]] = True
            states.room[new] = room[shut]
            states.value[new] -= worth[shut]
            if len(states.row) > MOST_STATES:
                bound = np.concatenate([bound[kept], bound_shut[shut]])
                ranked = np.argsort(bound - least[states.row], kind="stable")
                worst = ranked[MOST_STATES:]
                np.minimum.at(left, block[states.row[worst]], bound[worst])
                states = states.take(ranked[:MOST_STATES])
        states = states.take(np.flatnonzero(states.value < goal[states.row]))
        states = states.take(np.argsort(states.value, kind="stable"))
        states.row = rows[states.row]
        return states, left

    def _first_true(self, node: Node, block: int, states: _States) -> tuple[float, Point] | None:
        """Return the value and the point of the first state that truly meets the targets."""
        here = self.blocks[block]
        subset = node.subset[states.row]
        closed = np.zeros((len(subset), len(node.open)), dtype=bool)
        closed[:, node.closed] = True
        closed[:, node.free] = states.shut
        there = (subset[:, None] & here.mask) == here.mask
        there &= closed.astype(np.float32) @ self.needs[block] < 0.5
        meets = (there @ here.gain >= here.low - SLACK).all(axis=1)
        if not meets.any():
            return None
        first = int(np.argmax(meets))
        shut = self._close_more(node, block, closed[first], there[first])
        price = float(node.price[states.row[first]])
        return float(states.value[first]), self._keep(block, price, shut)

    def _close_more(self, node: Node, block: int, closed: Flags, there: Flags) -> Flags:
        """Close what nobody pays for as far as the targets are still met, dearest first."""
        here = self.blocks[block]
        spare = there @ here.gain - (here.low - SLACK)
        items = node.free[(node.share[block] < UNPAID) & ~closed[node.free]]
        for item in items.tolist():
            lost = there & here.needs[:, item]
            loss = lost @ here.gain
            if (loss <= spare).all():
                closed[item] = True
                there, spare = there & ~lost, spare - loss
        return closed
