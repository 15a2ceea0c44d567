"""The smallest plan: which texts to amend and which databases to connect, with proof."""

from __future__ import annotations

from procsim.decisions.optimise.alternatives import Explanation, alternatives, explain
from procsim.decisions.optimise.checks import check
from procsim.decisions.optimise.problem import METRICS, Items, Limits, Options, Problem, Target
from procsim.decisions.optimise.reach import Clash, why_infeasible
from procsim.decisions.optimise.result import Progress, Result, Stage
from procsim.decisions.optimise.solve import solve
from procsim.decisions.optimise.tradeoff import LEVELS, curve, sensitivity, shadow_prices

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
