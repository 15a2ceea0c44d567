"""Reforms: typed changes, plans of them, and the plans that the law already contains."""

from __future__ import annotations

from procsim.reforms.attribution import effects
from procsim.reforms.base import CLARITIES, Clarity, Reform
from procsim.reforms.conflicts import conflicts
from procsim.reforms.kinds import (
    KINDS,
    AbolishProcedure,
    AcceptCopy,
    CutCondition,
    CutFee,
    Decentralise,
    DropRequirement,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
)
from procsim.reforms.plan import Plan, Unmatched, apply
from procsim.reforms.resolutions import resolution_66_7

__all__ = [
    "CLARITIES",
    "KINDS",
    "AbolishProcedure",
    "AcceptCopy",
    "Clarity",
    "CutCondition",
    "CutFee",
    "Decentralise",
    "DropRequirement",
    "DropStep",
    "ExtendValidity",
    "FreeFromBoundaries",
    "MergeProcedures",
    "MergeRequirements",
    "MergeSteps",
    "MoveOnline",
    "ParallelSteps",
    "Plan",
    "Reform",
    "ReplaceByData",
    "SelfDeclare",
    "ShortenLimit",
    "ShortenStep",
    "SimplifyCondition",
    "Unmatched",
    "apply",
    "conflicts",
    "effects",
    "resolution_66_7",
]
