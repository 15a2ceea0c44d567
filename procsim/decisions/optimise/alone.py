"""One part of the program alone: its cheapest answer at its shares, and what tying it costs.

Texts and databases are whole here and reforms may be taken in part. That lowers the
price by less than one reform for each target, and it makes the search short: few
columns branch, and the solver's own search for plans, which takes most of its time,
is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.engine import Clock, Outcome, minimise, model_of
from procsim.decisions.optimise.parts import Part
from procsim.decisions.optimise.problem import Floats

__all__ = ["Alone", "Answer"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a part would do.

    Attributes
    ----------
    bound
        What it costs at least, its shares included; proven.
    price
        What its answer costs without the common items.
    taken
        Which of its common items it takes.
    x
        Its columns; None without an answer in time.
    share
        What it pays for each of its common items.
    """

    bound: float
    price: float
    taken: Flags
    x: Floats | None
    share: Floats

    def at_least(self, share: Floats) -> float:
        """Return what the part costs at least at other shares."""
        return self.bound - float(np.maximum(self.share - share, 0.0).sum())

    def fits(self, open_: Flags, closed: Flags) -> bool:
        """Return whether it takes what is open and leaves what is closed."""
        return self.x is not None and not (open_ & ~self.taken).any() and not (
            closed & self.taken
        ).any()  # fmt: skip


class Alone:
    """One part and what is remembered of it.

    Parameters
    ----------
    part
        The part.
    items
        How many columns of the whole program are texts or databases.
    gap
        Relative gap to which its answers are proven.
    clock
        When to stop.
    """

    def __init__(self, part: Part, items: int, gap: float, clock: Clock) -> None:
        self.part, self.gap, self.clock = part, gap, clock
        self.items = part.columns < items
        self.model: Any = None  # its linear relaxation, kept for trials
        self.plans: dict[bytes, tuple[float, float, Floats | None]] = {}
        self.rounded: dict[bytes, Floats] = {}

    def _cost(self, share: Floats) -> Floats:
        cost = self.part.price.copy()
        cost[self.part.at] = share
        return cost

    def _bounds(self, open_: Flags, closed: Flags) -> tuple[Floats, Floats]:
        """Return bounds of its columns with some of its common items open and some closed."""
        part = self.part
        lower, upper = part.lower.copy(), part.upper.copy()
        lower[part.at] = np.maximum(lower[part.at], open_)
        upper[part.at] = np.minimum(upper[part.at], ~closed)
        return lower, upper

    def answer(self, share: Floats, open_: Flags, closed: Flags, old: Answer | None) -> Answer:
        """Return its cheapest answer.

        Parameters
        ----------
        share
            What it pays for each of its common items.
        open_, closed
            Which of them are settled.
        old
            An answer found when no other items were settled than now.
        """
        fits = old is not None and old.fits(open_, closed)
        if old is not None and fits and np.array_equal(old.share, share):
            return old
        part, (lower, upper) = self.part, self._bounds(open_, closed)
        known = -inf if old is None else old.at_least(share)
        if (lower > upper).any():
            return Answer(inf, inf, open_, None, share)
        outcome = minimise(
            self._cost(share), part.matrix, part.low, part.high, lower, upper,
            clock=self.clock, whole=self.items, gap=self.gap, brief=True,
            start=old.x if old is not None and fits else None,
        )  # fmt: skip
        if outcome.status == "infeasible":
            return Answer(inf, inf, open_, None, share)
        bound = max(outcome.bound, known)
        if outcome.x is None:
            taken = open_ if old is None else old.taken
            return Answer(bound, inf, taken, None, share)
        price = float(part.price @ outcome.x)
        return Answer(bound, price, outcome.x[part.at] > 0.5, outcome.x, share)

    def plan(self, open_: Flags) -> tuple[float, float, Floats | None]:
        """Return price, bound and columns of the best answer with exactly these items open."""
        key = open_.tobytes()
        if key not in self.plans:
            nothing = np.zeros(len(open_))
            found = self.answer(nothing, open_, ~open_, None)
            if found.x is None and found.bound < inf:
                return inf, found.bound, None  # stopped: not to be remembered
            self.plans[key] = found.price, found.bound, found.x
        return self.plans[key]

    def rounding(self, x: Floats) -> Floats | None:
        """Return the best whole columns with the texts and databases of an answer."""
        lower, upper = self.part.lower.copy(), self.part.upper.copy()
        lower[self.items] = upper[self.items] = np.round(x[self.items])
        key = lower[self.items].astype(bool).tobytes()
        if key not in self.rounded:
            outcome = self._whole(lower, upper)
            if outcome.x is None:
                return None
            self.rounded[key] = outcome.x
        return self.rounded[key]

    def exactly(self, open_: Flags) -> tuple[float, Floats | None]:
        """Return bound and columns of the best whole answer with exactly these items open."""
        found = self._whole(*self._bounds(open_, ~open_))
        return inf if found.status == "infeasible" else found.bound, found.x

    def _whole(self, lower: Floats, upper: Floats) -> Outcome:
        part = self.part
        return minimise(
            part.price, part.matrix, part.low, part.high, lower, upper,
            clock=self.clock, whole=part.whole, gap=self.gap, brief=True,
        )  # fmt: skip

    # -- trials --------------------------------------------------------------------------

    def trials(
        self,
        found: Answer,
        open_: Flags,
        closed: Flags,
        needless: Callable[[int, int], bool],
    ) -> list[tuple[int, int, float]]:
        """Return by how much opening (1) or closing (0) each of its free items costs it more.

        Parameters
        ----------
        found
            Its answer; the way that it has taken costs nothing more.
        open_, closed
            Which of its items are settled.
        needless
            Asked before each trial, with the place of the item and the way.

        Returns
        -------
        list
            Place of the item, way, and the rise, at least.
        """
        import highspy

        part, model = self.part, self._relaxed(found.share, open_, closed)
        rises: list[tuple[int, int, float]] = []
        basis = None
        for place in np.flatnonzero(~open_ & ~closed).tolist():
            way, column = int(not found.taken[place]), int(part.at[place])
            if needless(place, way) or self.clock.stopped():
                continue
            if not part.lower[column] <= way <= part.upper[column]:
                rises.append((place, way, inf))
                continue
            model.setOptionValue("time_limit", model.getRunTime() + self.clock.left)
            if basis is None:
                model.run()
                basis = model.getBasis()
            model.changeColBounds(column, way, way)
            model.setBasis(basis)
            model.run()
            status = model.getModelStatus()
            value = float(model.getInfo().objective_function_value)
            model.changeColBounds(column, part.lower[column], part.upper[column])
            if status == highspy.HighsModelStatus.kInfeasible:
                rises.append((place, way, inf))
            elif status == highspy.HighsModelStatus.kOptimal:
                rises.append((place, way, max(0.0, value - found.bound)))
        return rises

    def _relaxed(self, share: Floats, open_: Flags, closed: Flags) -> Any:
        part = self.part
        if self.model is None:
            self.model = model_of(
                part.price, part.matrix, part.low, part.high, part.lower, part.upper
            )
        lower, upper = self._bounds(open_, closed)
        at = part.at.astype(np.int32)
        self.model.changeColsCost(len(at), at, share)
        self.model.changeColsBounds(len(at), at, lower[part.at], upper[part.at])
        return self.model
