"""The smallest plan: which texts to amend and which databases to connect, with proof."""

from __future__ import annotations

from procsim.decisions.optimise.problem import METRICS, Items, Limits, Options, Problem, Target
from procsim.decisions.optimise.result import Progress, Result, Stage
from procsim.decisions.optimise.solve import solve

__all__ = [
    "METRICS",
    "Items",
    "Limits",
    "Options",
    "Problem",
    "Progress",
    "Result",
    "Stage",
    "Target",
    "solve",
]
