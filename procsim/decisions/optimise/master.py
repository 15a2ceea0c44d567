"""The linear program that finds good shares: mixtures of what the scopes would do.

Each scope mixes points it has proposed (a pattern and a closing); a common item
is closed only as far as every scope's mixture closes it. The dual values of
that rule are the shares. Moves away from the best shares so far cost nothing
within a box and are not made beyond it, which keeps the search steady.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats

__all__ = ["Master", "Point"]

Flags = npt.NDArray[np.bool_]
Point = tuple[int, float, Floats]  # block, price of its pattern, closing
MOST_POINTS = 1500


class Master:
    """Columns: closing of each item, the box, then the points.

    Parameters
    ----------
    price
        Prices of the common items.
    touched
        Which block uses which item, shape ``(blocks, common)``.
    """

    def __init__(self, price: Floats, touched: Flags) -> None:
        self.price, self.touched = price, touched
        self.pairs = np.argwhere(touched)
        self.row = np.full(touched.shape, -1, dtype=np.int32)
        self.row[self.pairs[:, 0], self.pairs[:, 1]] = np.arange(len(self.pairs))
        self.points: list[Point] = []
        self._start()

    def _start(self) -> None:
        import highspy

        solver: Any = highspy.Highs  # the package states its types for some of its names only
        self.model = solver()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.setOptionValue("simplex_strategy", 4)  # new points keep the basis primal
        links, blocks = len(self.pairs), len(self.touched)
        nothing = np.zeros(0, dtype=np.int32)
        for _ in range(links):
            self.model.addRow(-highspy.kHighsInf, 0.0, 0, nothing, np.zeros(0))
        for _ in range(blocks):
            self.model.addRow(1.0, 1.0, 0, nothing, np.zeros(0))
        for item, price in enumerate(self.price.tolist()):
            rows = self.row[self.touched[:, item], item]
            self.model.addCol(-price, 0.0, 1.0, len(rows), rows, np.ones(len(rows)))
        for link in range(links):
            at = np.array([link], dtype=np.int32)
            self.model.addCol(0.0, 0.0, highspy.kHighsInf, 1, at, np.array([-1.0]))
            self.model.addCol(0.0, 0.0, highspy.kHighsInf, 1, at, np.array([1.0]))

    def add(self, points: list[Point]) -> None:
        """Add what some blocks would do; forget the least useful points when there are many."""
        if len(self.points) + len(points) > MOST_POINTS:
            first = len(self.price) + 2 * len(self.pairs)
            worth = np.abs(np.array(self.model.getSolution().col_dual)[first:])
            keep = [self.points[i] for i in np.argsort(worth, kind="stable")[: MOST_POINTS // 3]]
            self.points = []
            self._start()
            self.add(keep)
        import highspy

        for block, price, closing in points:
            items = np.flatnonzero((closing > 1e-9) & self.touched[block])
            rows = np.append(self.row[block, items], len(self.pairs) + block).astype(np.int32)
            values = np.append(-closing[items], 1.0)
            self.model.addCol(price, 0.0, highspy.kHighsInf, len(rows), rows, values)
            self.points.append((block, price, closing))

    def solve(
        self, centre: Floats, box: float, open_: Flags, closed: Flags
    ) -> tuple[float, Floats, Floats] | None:
        """Return the value, new shares ``(blocks, common)`` and the closing of each item.

        The value estimates the best bound; it is no bound itself. None when the
        points at hand allow no solution.
        """
        import highspy

        at = centre[self.pairs[:, 0], self.pairs[:, 1]]
        first, links = len(self.price), len(self.pairs)
        cost = np.column_stack([at + box, -np.maximum(at - box, 0.0)]).ravel()
        self.model.changeColsCost(
            2 * links, np.arange(first, first + 2 * links, dtype=np.int32), cost
        )
        items = np.arange(first, dtype=np.int32)
        self.model.changeColsBounds(
            first, items, closed.astype(np.float64), 1.0 - open_.astype(np.float64)
        )
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self.model.getSolution()
        share = np.zeros(self.touched.shape)
        share[self.pairs[:, 0], self.pairs[:, 1]] = np.maximum(
            0.0, -np.array(solution.row_dual)[:links]
        )
        value = float(self.model.getInfo().objective_function_value + self.price.sum())
        return value, share, np.array(solution.col_value)[:first]
