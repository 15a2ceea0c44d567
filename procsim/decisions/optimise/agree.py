"""Branch and bound over the common items, the parts solved alone in every node.

A node settles some common items as open or closed. Its bound is what the parts cost
at least together (`parts`, `alone`), at shares that a small linear program improves
(`master`). Trials settle the items whose other setting is beyond the best plan in
hand. Once all of them are settled the parts are independent.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from math import inf, isfinite
from threading import Lock
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.alone import Alone, Answer
from procsim.decisions.optimise.engine import Clock
from procsim.decisions.optimise.master import Master
from procsim.decisions.optimise.parts import Parts, fit
from procsim.decisions.optimise.problem import Floats
from procsim.decisions.optimise.program import Program

__all__ = ["Agreement"]

Flags = npt.NDArray[np.bool_]
T = TypeVar("T")

MOST_FREE = 32  # common items beyond which other searches are left to their work
ROOT_STEPS, STEPS = 12, 4  # new shares that are tried in a node
BOX = 0.1  # how far the first new shares may lie from the old ones
PROOF = 0.1  # parts are solved to so much of the gap asked for


@dataclass(order=True)
class _Node:
    """What is settled, the shares, what the parts answer to them, and the bound."""

    bound: float
    order: int
    open: Flags = field(compare=False)
    closed: Flags = field(compare=False)
    share: Floats = field(compare=False)
    answers: list[Answer | None] = field(compare=False)
    rises: Floats = field(compare=False)  # by closing, by opening each item


class Agreement:
    """The search for one program.

    Parameters
    ----------
    program, parts
        The program and its parts.
    share
        What each part pays at first for each common item, ``(parts, common)``.
    clock
        When to stop.
    gap
        Relative gap that is good enough.
    value
        Price of the best plan in hand.
    offer
        Takes columns of a plan; returns the price of the best plan then in hand.
    prove
        Takes a bound on the price of every plan.
    """

    def __init__(
        self,
        program: Program,
        parts: Parts,
        share: Floats,
        clock: Clock,
        *,
        gap: float,
        value: float,
        offer: Callable[[Floats], float],
        prove: Callable[[float], None],
    ) -> None:
        self.parts, self.share, self.clock, self.gap = parts, share, clock, gap
        self.value, self.offer, self.prove = value, offer, prove
        self.forced = program.lower  # also what no part needs
        proof = PROOF * gap
        self.alone = [Alone(part, program.decisions, proof, clock) for part in parts.parts]
        self.needed = [part.common for part in parts.parts]
        self.master = Master(parts.price, parts.touched)
        self.tried: set[bytes] = set()
        self.floor = inf  # least bound of what was dropped
        self.heap: list[_Node] = []
        self.number = count()
        self.nodes = 0
        self.given_up = False  # as the trials settle too little

    @property
    def enough(self) -> float:
        """Bound beyond which nothing can be better by more than the gap asked for."""
        return self.value - 0.999 * self.gap * abs(self.value)

    def run(self) -> bool:
        """Search; return whether everything was looked at within the time."""
        self._push(self._root())
        while self.heap and not self.given_up and not self.clock.stopped():
            node = heapq.heappop(self.heap)
            if node.bound > self.enough:
                self._drop(node.bound)
            else:
                self._expand(node)
            self._tell()
        self._tell()
        return not self.heap

    def _push(self, node: _Node | None) -> None:
        if node is not None:
            heapq.heappush(self.heap, node)

    def _drop(self, bound: float) -> None:
        """Note that everything with this bound is left aside."""
        self.floor = min(self.floor, bound)

    def _tell(self) -> None:
        waiting = self.heap[0].bound if self.heap else inf
        if isfinite(least := min(self.floor, waiting)):
            self.prove(least)

    def _each(self, work: Callable[[int], T], order: Iterable[int] | None = None) -> list[T]:
        """Return what some work on each part gives; two cores serve two parts."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(work, range(len(self.alone)) if order is None else order))

    # -- plans ---------------------------------------------------------------------------

    def _total(self, open_: Flags) -> tuple[float, float]:
        """Return price, reforms in part, and bound of the best plan with these common items."""
        before = [len(alone.plans) for alone in self.alone]
        found = self._each(lambda k: self.alone[k].plan(open_[self.needed[k]]))
        # Plans of a part beside each other tell best what an item is worth to it.
        self._know(
            (k, found[k][0], open_[self.needed[k]])
            for k, alone in enumerate(self.alone)
            if len(alone.plans) > before[k] and isfinite(found[k][0])
        )
        paid = self.parts.base + float(self.parts.price @ open_)
        price = paid + sum(plan[0] for plan in found)
        return price, paid + _sum(plan[1] for plan in found)

    def _take(self, open_: Flags) -> float:
        """Offer the best plan with exactly these common items; return its bound."""
        price, bound = self._total(open_)
        worth = price < self.value - 0.05 * self.gap * abs(self.value)
        if worth and open_.tobytes() not in self.tried:
            self.tried.add(open_.tobytes())
            self._offer_rounded(open_)
        return bound

    def _offer_rounded(self, open_: Flags) -> None:
        """Offer the plan with these common items and whole reforms."""

        def rounded(k: int) -> Floats | None:
            x = self.alone[k].plan(open_[self.needed[k]])[2]
            return None if x is None else self.alone[k].rounding(x)

        self._join(self._each(rounded))

    def _join(self, columns: Iterable[Floats | None]) -> None:
        """Offer what the parts do together."""
        full = self.forced.copy()
        for alone, x in zip(self.alone, columns, strict=True):
            if x is None:
                return
            full[alone.part.columns] = np.maximum(full[alone.part.columns], x)
        self.value = min(self.value, self.offer(full))

    def _exactly(self, open_: Flags) -> float:
        """Offer the best plan with exactly these common items, all whole; return its bound."""
        found = self._each(lambda k: self.alone[k].exactly(open_[self.needed[k]]))
        self._join(x for _, x in found)
        paid = self.parts.base + float(self.parts.price @ open_)
        return paid + _sum(bound for bound, _ in found)

    def _exchange(self, node: _Node, clock: Clock) -> None:
        """Open or close one free item after the other, as long as the price falls."""
        consent = self._consent(node)
        open_ = self._proposal(node)
        price, _ = self._total(open_)
        free = np.flatnonzero(~node.open & ~node.closed)
        order = free[np.argsort(np.abs(consent[free] - 0.5), kind="stable")].tolist()
        fails, at = 0, 0
        while fails < len(order) and not clock.stopped():
            item = order[at]
            at = (at + 1) % len(order)
            open_[item] = ~open_[item]
            other, _ = self._total(open_)
            if other < price - 1e-6:
                price, fails = other, 0
            else:
                open_[item] = ~open_[item]
                fails += 1
        self._take(open_)

    def _consent(self, node: _Node) -> Floats:
        """Return how much of each common item is paid for by parts that take it."""
        taken = np.zeros(node.share.shape)
        for number, answer in enumerate(node.answers):
            if answer is not None:
                taken[number, self.needed[number]] = answer.taken
        paid = (taken * node.share).sum(axis=0) / np.maximum(node.share.sum(axis=0), 1e-300)
        return np.where(node.open, 1.0, np.where(node.closed, 0.0, paid))

    def _proposal(self, node: _Node) -> Flags:
        """Return common items that most would take, and all of a part that lacks some."""
        open_ = np.asarray(self._consent(node) > 0.5)
        self._total(open_)
        enough = open_.copy()
        for k, (alone, answer) in enumerate(zip(self.alone, node.answers, strict=True)):
            at = self.needed[k]
            if answer is not None and not isfinite(alone.plan(open_[at])[0]):
                enough[at] |= answer.taken
        return enough

    # -- bounds --------------------------------------------------------------------------

    def _evaluate(self, node: _Node, share: Floats) -> _Node:
        """Return the node at some shares."""

        def answer(k: int) -> Answer:
            at = self.needed[k]
            return self.alone[k].answer(
                share[k, at], node.open[at], node.closed[at], node.answers[k]
            )

        answers = self._each(answer)
        # Shares never add up to more than the price, so what is left of it is no loss.
        bound = self.parts.base + _sum(a.bound for a in answers)
        self._know((k, a.price, a.taken) for k, a in enumerate(answers) if a.x is not None)
        return replace(node, bound=max(bound, node.bound), share=share, answers=[*answers])

    def _know(self, answers: Iterable[tuple[int, float, Flags]]) -> None:
        """Let the small linear program know what parts cost with some of their items."""
        points = []
        for k, price, taken in answers:
            left = np.zeros(len(self.parts.price))
            left[self.needed[k]] = ~taken
            points.append((k, price, left))
        self.master.add(points)

    def _improve(self, node: _Node, steps: int) -> _Node:
        """Return the node at better shares."""
        best, box = self._evaluate(node, node.share), BOX
        for _ in range(steps):
            if best.bound > self.enough or self.clock.stopped():
                break
            # Who takes what is closed must not look cheap.
            centre = np.where(node.closed, 10.0 * (1.0 + self.parts.price), best.share)
            found = self.master.solve(centre, box, node.open, node.closed)
            if found is None:
                break
            share = np.where(node.open | node.closed, best.share, fit(found[1], self.parts))
            other = self._evaluate(replace(best, bound=node.bound), share)
            if other.bound > best.bound:
                best, box = other, box * 2.0
            else:
                box *= 0.5
        return best

    def _root(self) -> _Node | None:
        """Return the first node; plans are looked for once the trials leave few items free."""
        n = len(self.parts.price)
        none = np.zeros(n, dtype=bool)
        nobody: list[Answer | None] = [None] * len(self.alone)
        node = _Node(-inf, 0, none, none, self.share, nobody, np.zeros((2, n)))
        root = self._settle(node, 0)
        if root is None or self.clock.stopped():
            return root
        self.prove(root.bound)
        self.given_up = int((~root.open & ~root.closed).sum()) > MOST_FREE
        if self.given_up:
            return root
        self._exchange(root, self.clock.part(0.2))
        return self._settle(root, ROOT_STEPS)

    def _settle(self, node: _Node, steps: int) -> _Node | None:
        """Bound a node and settle all that follows; None when nothing better is in it."""
        self.nodes += 1
        while True:
            node = self._improve(node, steps)
            if node.bound > self.enough:
                self._drop(node.bound)
                return None
            self._take(self._proposal(node))
            if node.bound > self.enough:
                continue
            if self.clock.stopped():
                return node
            over, rises = self._rises(node)
            shut, opened = rises[0] > over, rises[1] > over
            node = replace(node, rises=rises)
            if not (shut | opened).any():
                return node
            # The dropped halves are beyond what is enough, whatever comes later.
            self._drop(self.enough)
            if (shut & opened).any():
                return None
            node = replace(node, open=node.open | shut, closed=node.closed | opened)
            steps = min(steps, STEPS)

    def _rises(self, node: _Node) -> tuple[float, Floats]:
        """Return what the answers lack to what is enough, and how much trials add to them.

        The second has a row for closing and one for opening each item.
        """
        known = [-inf if answer is None else answer.bound for answer in node.answers]
        over = self.enough - self.parts.base - _sum(known)
        rises, adding = np.zeros((2, len(self.parts.price))), Lock()

        def trial(k: int) -> None:
            answer, at = node.answers[k], self.needed[k]
            if answer is None or answer.x is None:
                return

            def needless(place: int, way: int) -> bool:
                return bool(rises[way, at[place]] > over)

            found = self.alone[k].trials(answer, node.open[at], node.closed[at], needless)
            with adding:
                for place, way, rise in found:
                    rises[way, at[place]] += rise

        sizes = [-len(alone.part.columns) for alone in self.alone]
        self._each(trial, np.argsort(sizes, kind="stable").tolist())
        return over, rises

    # -- the tree ------------------------------------------------------------------------

    def _expand(self, node: _Node) -> None:
        """Settle one more item both ways."""
        free = np.flatnonzero(~node.open & ~node.closed)
        if not len(free):
            bound = max(node.bound, self._take(node.open))
            # Reforms in part may hide what is missing to the gap.
            self._drop(bound if bound > self.enough else max(bound, self._exactly(node.open)))
            return
        paid = self._consent(node)[free]
        unsure = np.minimum(paid, 1.0 - paid) * self.parts.price[free]
        item = free[np.argmax(unsure + node.rises[:, free].min(axis=0))]
        for way in (False, True):
            flags = np.zeros(len(node.open), dtype=bool)
            flags[item] = True
            child = replace(
                node,
                order=next(self.number),
                open=node.open | flags if way else node.open,
                closed=node.closed if way else node.closed | flags,
            )
            self._push(self._settle(child, STEPS))


def _sum(bounds: Iterable[float]) -> float:
    """Return the sum of bounds; what is out of reach for one part is so for all."""
    known = list(bounds)
    return inf if inf in known else sum(known)
