"""The smallest plan: candidates, one model, one search, and what an officer asks about it."""

from __future__ import annotations

from procsim.least_cost.answers import (
    LEVELS,
    Clash,
    Explanation,
    alternatives,
    curve,
    explain,
    sensitivity,
    shadow_prices,
    why_infeasible,
)
from procsim.least_cost.problem import METRICS, Items, Limits, Options, Problem, Target, check
from procsim.least_cost.search import Progress, Result, Stage, solve

__all__ = [
    "LEVELS",
    "METRICS",
    "Clash",
    "Explanation",
    "Items",
    "Limits",
    "Options",
    "Problem",
    "Progress",
    "Result",
    "Stage",
    "Target",
    "alternatives",
    "check",
    "curve",
    "explain",
    "sensitivity",
    "shadow_prices",
    "solve",
    "why_infeasible",
]
