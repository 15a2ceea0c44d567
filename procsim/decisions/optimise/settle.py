"""What the relaxation settles: texts and databases that a better plan has, or has not.

The dual values of the linear relaxation prove a bound. A plan that closes a
text loses every reform that needs it, and with them what the proof credits them
with; a plan that opens one pays what its reforms do not need to pay towards it.
Both raise the bound. Where the raised bound reaches beyond the plan in hand, the
opposite is settled, and with it much of what hangs on that text.

The solver's own reduced costs settle nothing here: in chains *reform ≤ enabled ≤
text* it is free to credit the reform or the text, and mostly leaves the text none.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats, Integers
from procsim.decisions.optimise.program import Program

__all__ = ["Raises", "raises"]

Flags = npt.NDArray[np.bool_]


class Raises:
    """What is proven, and by how much it rises when one text or database is settled.

    Attributes
    ----------
    bound
        Proven by the dual values alone, whatever the solver's tolerances.
    opening, closing
        Rise of the bound when each text or database is open, or closed, shape
        ``(decisions,)``.
    """

    def __init__(self, bound: float, opening: Floats, closing: Floats) -> None:
        self.bound, self.opening, self.closing = bound, opening, closing

    def settled(self, value: float) -> tuple[Flags, Flags]:
        """Return what every plan cheaper than a value has open, and what it has closed."""
        over = value - self.bound + 1e-6 * max(1.0, abs(value))
        return self.closing > over, self.opening > over


def raises(program: Program, cost: Floats, duals: Floats) -> Raises:
    """Return what dual values of the relaxation prove about each text and database.

    Parameters
    ----------
    cost
        What is minimised, shape ``(n,)``.
    duals
        Dual value of each row; any values prove a bound.
    """
    duals = np.where(np.isfinite(program.low), duals, np.minimum(duals, 0.0))
    duals = np.where(np.isfinite(program.high), duals, np.maximum(duals, 0.0))
    side = np.where(duals > 0, program.low, program.high)
    used = duals != 0
    left = cost - program.matrix.T @ duals  # reduced costs
    bound = float(duals[used] @ side[used])
    bound += float(np.minimum(left * program.lower, left * program.upper).sum())
    free = program.lower < program.upper
    lost = np.where(free, np.maximum(-left, 0.0), 0.0)  # by closing a column and all above it
    spare = left.copy()  # what a column may give back to those that it needs
    kept = np.zeros(len(left))  # what is left to give back after that
    for small, large, row in _chains(program):
        paid = np.minimum(np.maximum(-duals[row], 0.0), np.maximum(spare[small], 0.0))
        np.add.at(lost, large, lost[small])
        np.add.at(spare, large, paid)
        kept[small] = np.maximum(spare[small], 0.0) - paid
    for together, item, number in program.shared:
        if duals[number] < 0:
            spare[item] += min(-duals[number], float(kept[list(together)].min()))
    items = slice(0, program.decisions)
    return Raises(bound, np.maximum(spare[items], 0.0), lost[items])


def _chains(program: Program) -> list[tuple[Integers, Integers, Integers]]:
    """Return columns, those that they need and the row that says so, the last columns first."""
    small, large, row = program.chains
    last = len(program.price)
    first_used = last - len(program.reference)
    ends = (last, first_used, program.enabled.stop, program.enabled.start)
    parts = [np.flatnonzero((small < high) & (small >= low)) for high, low in pairwise(ends)]
    return [(small[part], large[part], row[part]) for part in parts]
