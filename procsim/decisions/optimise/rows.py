"""Rows of a mixed-integer program while they are written."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.problem import Floats, Integers

__all__ = ["Rows"]


class Rows:
    """Rows with their bounds, and which of them say ``small ≤ large``."""

    def __init__(self) -> None:
        self.parts: list[tuple[Integers, Integers, Floats]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.chains: list[tuple[Integers, Integers, Integers]] = []

    def add(self, columns: npt.ArrayLike, values: npt.ArrayLike, low: float, high: float) -> None:
        """Add one row ``low ≤ values·x[columns] ≤ high``."""
        at = np.asarray(columns, dtype=np.int64)
        self.parts.append(
            (
                np.full(len(at), len(self.low)),
                at,
                np.broadcast_to(np.asarray(values, dtype=float), at.shape),
            )
        )
        self.low.append(low)
        self.high.append(high)

    def below(self, small: npt.ArrayLike, large: npt.ArrayLike) -> None:
        """Add one row ``small ≤ large`` for each pair of columns."""
        a, b = np.asarray(small, dtype=np.int64), np.asarray(large, dtype=np.int64)
        at = len(self.low) + np.arange(len(a))
        ones = np.ones(len(a))
        self.parts += [(at, a, ones), (at, b, -ones)]
        self.chains.append((a, b, at))
        self.low += [-inf] * len(a)
        self.high += [0.0] * len(a)

    def joined_chains(self) -> tuple[Integers, Integers, Integers]:
        """Return all pairs ``small ≤ large`` and their rows."""
        empty = np.zeros(0, dtype=np.int64)
        small, large, row = zip((empty,) * 3, *self.chains, strict=True)
        return np.concatenate(small), np.concatenate(large), np.concatenate(row)

    def matrix(self, columns: int) -> Any:
        """Return all rows over so many columns (scipy CSR)."""
        from scipy.sparse import csr_array

        row, col, value = (
            np.concatenate(part) if self.parts else np.zeros(0)
            for part in zip(*self.parts, strict=True)
        )
        return csr_array((value, (row, col)), shape=(len(self.low), columns))
