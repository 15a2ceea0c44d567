"""The formulas that several sheets share: what is saved, and at which rate."""

from __future__ import annotations

import math

from procsim.measures import rate
from procsim.reports.cells import Formula, quoted

__all__ = ["DASH", "reduction", "saving"]

DASH = "–"
"""What stands where nothing can be derived: the figure that is lacking says so itself."""


def _or_dash(number: float) -> float | str:
    return DASH if math.isnan(number) else number


def saving(one: str, two: str, before: float, after: float) -> Formula:
    """Return before − after of two cells."""
    text = f"IF(COUNT({one},{two})=2,{one}-{two},{quoted(DASH)})"
    return Formula(text, _or_dash(before - after))


def reduction(one: str, two: str, before: float, after: float) -> Formula:
    """Return the rate (before − after) ÷ before of two cells."""
    dash = quoted(DASH)
    text = f"IF(COUNT({one},{two})=2,IF({one}>0,({one}-{two})/{one},{dash}),{dash})"
    return Formula(text, _or_dash(rate(before, after)))
