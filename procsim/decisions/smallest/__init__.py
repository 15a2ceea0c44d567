"""The smallest plan of a portfolio: candidates to arrays, a search, and back, measured."""

from __future__ import annotations

from procsim.decisions.smallest.find import smallest_plan
from procsim.decisions.smallest.result import SmallestPlan

__all__ = ["SmallestPlan", "smallest_plan"]
