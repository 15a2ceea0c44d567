"""Reforms: typed changes, plans of them, and the plans that the law already contains."""

from __future__ import annotations

from procsim.reforms.actions import (
    KINDS,
    AbolishProcedure,
    AcceptCopy,
    CutFee,
    DropRequirement,
    ReplaceByData,
    ShortenLimit,
)
from procsim.reforms.base import CLARITIES, Clarity, Reform
from procsim.reforms.conflicts import conflicts
from procsim.reforms.plan import Plan, Unmatched, apply
from procsim.reforms.resolutions import resolution_66_7

__all__ = [
    "CLARITIES",
    "KINDS",
    "AbolishProcedure",
    "AcceptCopy",
    "Clarity",
    "CutFee",
    "DropRequirement",
    "Plan",
    "Reform",
    "ReplaceByData",
    "ShortenLimit",
    "Unmatched",
    "apply",
    "conflicts",
    "resolution_66_7",
]
