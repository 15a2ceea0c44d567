"""Branch and bound over the common items, the scopes solved apart in every node.

A node settles some common items as open or closed. Its bound is the Lagrangian
one (`lagrange`, raised by `whole`), with shares from a small linear program
(`master`). What cannot be part of a better plan is dropped with it: patterns and
settings of items whose own bound is beyond the best plan in hand. Once all common
items are settled the scopes are independent and each takes its cheapest sufficient
pattern.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import ceil, inf

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.blocks import SLACK, Blocks
from procsim.decisions.optimise.engine import Clock
from procsim.decisions.optimise.lagrange import Node
from procsim.decisions.optimise.master import Master
from procsim.decisions.optimise.patterns import Patterns, patterns_of
from procsim.decisions.optimise.problem import Floats, Integers
from procsim.decisions.optimise.whole import Whole

__all__ = ["Decomposition"]

Flags = npt.NDArray[np.bool_]
FIRST_PRICES = 6.0  # patterns so much dearer than the cheapest are listed at first
ROOT_STEPS, STEPS, TRIAL_STEPS = 80, 6, 2


@dataclass(order=True)
class _Open:
    """A node that waits: what is settled, what is left, its shares and its bound."""

    bound: float
    order: int
    rows: Integers = field(compare=False)
    weights: Floats = field(compare=False)
    value: Floats = field(compare=False)
    open: Flags = field(compare=False)
    closed: Flags = field(compare=False)
    share: Floats = field(compare=False)
    closing: Floats = field(compare=False)
    depth: int = field(compare=False, default=0)


class Decomposition:
    """The search for one problem.

    Parameters
    ----------
    blocks
        The problem by scope.
    clock
        When to stop.
    step
        Step of which every price is a multiple, 0 without one.
    gap
        Relative gap that is good enough.
    value
        Price of the best plan in hand.
    columns
        How many texts and databases there are.
    offer
        Takes a choice of them; returns the price of the best plan then in hand.
    prove
        Takes a bound on the price of every plan.
    """

    def __init__(
        self,
        blocks: Blocks,
        clock: Clock,
        *,
        step: float,
        gap: float,
        value: float,
        columns: int,
        offer: Callable[[Flags], float],
        prove: Callable[[float], None],
    ) -> None:
        self.blocks, self.clock = blocks, clock
        self.step, self.gap, self.value, self.columns = step, gap, value, columns
        self.offer, self.prove = offer, prove
        self.price = blocks.price
        self.touched = np.array([
            (block.needs & (block.gain != 0).any(axis=1)[:, None]).any(axis=0)
            for block in blocks.blocks
        ]).reshape(len(blocks.blocks), len(self.price))  # fmt: skip
        self.touches = [np.flatnonzero(line) for line in self.touched]
        self.totals = [block.totals() for block in blocks.blocks]
        self.whole: Whole | None = None  # the first shares are found without
        self.memory: list[dict[bytes, tuple[float, int]]] = [{} for _ in blocks.blocks]
        self.floor = inf  # least bound of what was dropped
        self.heap: list[_Open] = []
        self.number = count()
        self.nodes = 0
        self.gains = np.zeros((2, len(self.price)))  # by opening, by closing
        self.tried = np.zeros((2, len(self.price)))

    # -- plans -------------------------------------------------------------------------

    def cheapest(self, block: int, open_: Flags) -> tuple[float, int]:
        """Return price and number of the cheapest sufficient pattern of a block, exactly."""
        key = open_[self.touches[block]].tobytes()
        known = self.memory[block].get(key)
        if known is None:
            here = self.blocks.blocks[block]
            enough = (here.savings(open_) >= here.low[:, None] - SLACK).all(axis=0)
            total = np.where(enough, self.totals[block], inf)
            best = int(np.argmin(total))
            known = self.memory[block][key] = float(total[best]), best
        return known

    def total(self, open_: Flags) -> float:
        """Return the price of the best plan with exactly these common items."""
        return self.blocks.base + float(self.price @ open_) + sum(
            self.cheapest(block, open_)[0] for block in range(len(self.memory))
        )  # fmt: skip

    def take(self, open_: Flags) -> float:
        """Offer the best plan with these common items when it is better; return its price."""
        price = self.total(open_)
        if price < self.value - 1e-9:
            chosen = np.zeros(self.columns, dtype=bool)
            chosen[self.blocks.always] = True
            chosen[self.blocks.common[open_]] = True
            for number, block in enumerate(self.blocks.blocks):
                _, best = self.cheapest(number, open_)
                chosen[block.own[(best >> np.arange(len(block.own))) & 1 > 0]] = True
            self.value = min(self.value, self.offer(chosen))
        return price

    def improve(self, open_: Flags, items: Integers, clock: Clock) -> None:
        """Open or close one item, or exchange two, as long as the price falls."""
        open_, price = open_.copy(), self.take(open_)
        moves = [[item] for item in items.tolist()]
        moves += [[a, b] for a in items.tolist() for b in items.tolist() if a < b]
        fails, at = 0, 0
        while fails < len(moves) and not clock.stopped():
            move = moves[at]
            at = (at + 1) % len(moves)
            if len(move) == 2 and open_[move[0]] == open_[move[1]]:
                fails += 1
                continue
            open_[move] = ~open_[move]
            other = self.total(open_)
            if other < price - 1e-9:
                price, fails, at = other, 0, 0
                self.take(open_)
            else:
                open_[move] = ~open_[move]
                fails += 1

    # -- bounds ------------------------------------------------------------------------

    @property
    def enough(self) -> float:
        """Bound beyond which nothing can be better by more than the gap asked for."""
        near = self.value * (1 - self.gap)
        return min(near, self.value - self.step + 1e-6) if self.step else near

    def _rounded(self, bound: float) -> float:
        return self.step * ceil(bound / self.step - 1e-6) if self.step else bound

    def _drop(self, bound: float) -> None:
        """Note that everything with this bound is left aside."""
        least = min(bound, self.enough)
        if self.step:  # what is dropped is dearer than that, by a whole step
            least = self._rounded(least + 1e-5)
        self.floor = min(self.floor, least)

    def _tell(self) -> None:
        waiting = self._rounded(self.heap[0].bound) if self.heap else inf
        self.prove(min(self.floor, waiting, self.value))

    def _shares(self, share: Floats) -> Floats:
        """Return shares that add up to the price of each item at most."""
        paid = share.sum(axis=0)
        return share * np.where(paid > self.price, self.price / np.maximum(paid, 1e-300), 1.0)

    def _evaluate(self, node: Node, share: Floats) -> float:
        """Return what the blocks of a node cost at least; with whole closings but at first."""
        bound = node.evaluate(share[:, node.free])
        if self.whole is None:
            self.master.add(node.points())
            return bound
        self.master.add(self.whole.raise_least(node))
        return float(node.least.sum())

    def _bound(self, node: Node, share: Floats, steps: int) -> tuple[float, Floats, Floats]:
        """Return the best bound of a node, the shares that prove it, and a fractional closing."""
        paid = self.blocks.base + float(self.price[node.open].sum())
        best = paid + self._evaluate(node, share)
        kept = (node.value.copy(), node.least.copy(), share)
        closing = np.where(node.closed, 1.0, 0.0)
        box, stall = 0.2 if self.whole is None else 0.05, 0
        for _ in range(steps):
            if (
                best > self.enough
                or stall >= (4 if steps < ROOT_STEPS else 12)
                or self.clock.stopped()
            ):
                break
            answer = self.master.solve(kept[2], box, node.open, node.closed)
            if answer is None:
                break
            value, share, closing = answer
            value += self.blocks.base
            share = self._shares(share)
            bound = paid + self._evaluate(node, share)
            serious = bound > best + 0.05 * max(0.0, value - best)
            box, stall = (min(0.4, box * 1.5), 0) if serious else (max(box * 0.7, 2e-3), stall + 1)
            if bound > best:
                best, kept = bound, (node.value.copy(), node.least.copy(), share)
            if value - best < 0.02:
                break
        node.value, node.least = kept[0], kept[1]
        node.share = kept[2][:, node.free]
        return best, kept[2], closing

    def _settle(self, node: _Open, steps: int) -> _Open | None:
        """Bound a node and settle all that follows; None when nothing better is in it."""
        self.nodes += 1
        closing = node.closing
        for _ in range(4):
            here = Node(
                self.patterns, node.rows, node.weights.copy(), node.open, node.closed,
                len(self.touched), node.value, node.share,
            )  # fmt: skip
            if not here.possible:
                return None
            bound, share, closing = self._bound(here, node.share, steps)
            bound = max(bound, node.bound)
            if bound > self.enough:
                self._drop(bound)
                return None
            rows, opening, shut = here.reduce(self.enough - bound)
            opening = opening + (self.price - share.sum(axis=0))[here.free]
            must_close = bound + opening > self.enough
            must_open = bound + shut > self.enough
            if len(rows) < len(here.rows) or must_close.any() or must_open.any():
                self._drop(inf)
            if (must_close & must_open).any():
                return None
            open_, closed = node.open.copy(), node.closed.copy()
            open_[here.free[must_open]] = True
            closed[here.free[must_close]] = True
            opened = here.free[must_open]
            left = here.rows[rows]
            node = _Open(
                bound, next(self.number), left, here.weights[rows],
                here.value[rows] - share[:, opened].sum(axis=1)[self.patterns.block[left]],
                open_, closed, share, closing, node.depth,
            )  # fmt: skip
            if (must_close | must_open).sum() <= 0.1 * len(here.free):
                break
            steps = min(steps, STEPS)
        return node

    # -- the tree ----------------------------------------------------------------------

    def run(self) -> bool:
        """Search; return whether everything was looked at within the time.

        Where rounding in the eighth digit decides whether there is any plan, nothing is done.
        """
        if not np.isfinite(self.total(np.ones(len(self.price), dtype=bool))):
            return False
        if len(self.price):
            root = self._root()
            self.heap = [] if root is None else [root]
        else:
            self.floor = self.take(np.zeros(0, dtype=bool))
        self._tell()
        while self.heap and not self.clock.stopped():
            node = heapq.heappop(self.heap)
            if node.bound > self.enough:
                self._drop(node.bound)
                continue
            for child in self._expand(node):
                heapq.heappush(self.heap, child)
            self._tell()
            if self.clock.stopped():
                heapq.heappush(self.heap, node)
        self._tell()
        return not self.heap

    def _root(self) -> _Open | None:
        """Return the first node, with every pattern that may be part of a better plan."""
        n, blocks = len(self.price), len(self.touched)
        everything = np.ones(n, dtype=bool)
        cheapest = np.array([self.cheapest(block, everything)[0] for block in range(blocks)])
        nothing = np.full(blocks, -inf)
        self.patterns = patterns_of(self.blocks, nothing, cheapest + FIRST_PRICES)
        self.master = Master(self.price, self.touched)
        share = self.touched * (self.price / np.maximum(self.touched.sum(axis=0), 1))
        none = np.zeros(n, dtype=bool)
        first = Node(
            self.patterns, np.arange(len(self.patterns)), _start_weights(self.patterns, share),
            none, none, blocks,
        )  # fmt: skip
        _, share, closing = self._bound(first, share, ROOT_STEPS)
        for level in (0.5, 0.2):
            self.improve(closing < level, np.flatnonzero(self.touched.any(axis=0)),
                         self.clock.part(0.08))  # fmt: skip
        self._add_patterns(first, cheapest + FIRST_PRICES)
        self.whole, self.master = Whole(self.blocks), Master(self.price, self.touched)
        rows = np.arange(len(self.patterns))
        weights = _start_weights(self.patterns, share)
        unknown = np.full(len(rows), -inf)
        open_ = _Open(-inf, 0, rows, weights, unknown, none, none, share, closing)
        return self._settle(open_, ROOT_STEPS)

    def _add_patterns(self, node: Node, above: Floats) -> None:
        """Add dearer patterns, less those that the shares of a node prove needless.

        A pattern is worth its own price at least, so only those below the least value
        of their block can lower it: they come first, then what the true bound allows.
        """
        least = node.least.copy()
        for block in range(len(least)):
            _, values = self._dearer(node, block, above, least)
            least[block] = min(least[block], values.min(initial=inf))
        over = max(self.enough - self.blocks.base - float(least.sum()), 0.0)
        for block in range(len(least)):
            more, values = self._dearer(node, block, above, least + over)
            self.patterns = self.patterns.join(more.take(values <= least[block] + over))
        self._drop(inf)

    def _dearer(
        self, node: Node, block: int, above: Floats, upto: Floats
    ) -> tuple[Patterns, Floats]:
        """Return patterns of one block and their values at the shares of a node."""
        more = patterns_of(self.blocks, above, upto, [block])
        if not len(more):
            return more, np.zeros(0)
        weights = _start_weights(more, node.share)
        test = Node(more, np.arange(len(more)), weights, node.open, node.closed, len(self.touched))
        test.evaluate(node.share)
        return more, test.value

    def _child(self, node: _Open, item: int, *, closed: bool, steps: int) -> _Open | None:
        """Return the node with one more item settled, bounded; None when it is done with."""
        opens, closes = node.open.copy(), node.closed.copy()
        (closes if closed else opens)[item] = True
        paid = 0.0 if closed else node.share[self.patterns.block[node.rows], item]
        child = _Open(
            node.bound, next(self.number), node.rows, node.weights, node.value - paid,
            opens, closes, node.share, node.closing, node.depth + 1,
        )  # fmt: skip
        found = self._settle(child, steps)
        rise = (self.enough if found is None else found.bound) - node.bound
        way = 1.0 - node.closing[item] if closed else node.closing[item]
        self.gains[int(closed), item] += max(rise, 0.0) / max(way, 0.1)
        self.tried[int(closed), item] += 1
        return found

    def _expand(self, node: _Open) -> list[_Open]:
        """Settle one more item both ways; near the root several are tried first."""
        free = np.flatnonzero(~node.open & ~node.closed)
        if not len(free):
            self.floor = min(self.floor, self.take(node.open))
            return []
        for level in (0.5, 0.2):
            open_ = node.open.copy()
            open_[free] = node.closing[free] < level
            self.take(open_)
        best: list[_Open] = []
        most = -inf
        for item in self._promising(node, free):
            steps = STEPS if node.depth >= 6 else TRIAL_STEPS
            pair = [self._child(node, item, closed=way, steps=steps) for way in (True, False)]
            left = [child for child in pair if child is not None]
            if len(left) < 2:
                return left
            score = min(child.bound for child in left) - node.bound
            score = score * 10 + max(child.bound for child in left) - node.bound
            if score > most:
                most, best = score, left
        return best

    def _promising(self, node: _Open, free: Integers) -> list[int]:
        """Return the items to try, best guess first."""
        closing = node.closing[free]
        known = np.maximum(self.tried, 1)
        usual = self.gains.sum() / max(self.tried.sum(), 1) if self.tried.any() else 1.0
        rate = np.where(self.tried > 0, self.gains / known, usual)[:, free]
        score = np.maximum(rate[0] * closing, 1e-3) * np.maximum(rate[1] * (1 - closing), 1e-3)
        order = free[np.argsort(-score, kind="stable")]
        if node.depth >= 6:
            return [int(order[0])]
        new = [int(i) for i in order if self.tried[:, i].min() < 2]
        return list(dict.fromkeys([int(order[0]), *new[:5]]))


def _start_weights(patterns: Patterns, share: Floats) -> Floats:
    """Return weights of the targets to start from: what is paid, spread over what is lost."""
    lost = np.maximum(patterns.loss.sum(axis=2), 1e-9)
    paid = share.sum(axis=1)[patterns.block]
    return np.asarray(0.1 * paid[:, None] / lost, dtype=np.float64)
