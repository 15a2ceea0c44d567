"""The changes that an officer can propose, as typed values.

Each class is one kind of change and knows only what it wants; `procsim.apply`
works out what it does to a portfolio.
"""

from __future__ import annotations

from procsim.reforms.base import Reform
from procsim.reforms.kinds.limits import CutFee, ShortenLimit
from procsim.reforms.kinds.papers import (
    AcceptCopy,
    DropRequirement,
    MergeRequirements,
    ReplaceByData,
    SelfDeclare,
)
from procsim.reforms.kinds.procedures import (
    AbolishProcedure,
    CutCondition,
    Decentralise,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MoveOnline,
    SimplifyCondition,
)
from procsim.reforms.kinds.steps import DropStep, MergeSteps, ParallelSteps, ShortenStep

__all__ = [
    "KINDS",
    "AbolishProcedure",
    "AcceptCopy",
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
    "ReplaceByData",
    "SelfDeclare",
    "ShortenLimit",
    "ShortenStep",
    "SimplifyCondition",
]


KINDS: dict[str, type[Reform]] = {
    made.kind: made
    for made in (
        ReplaceByData,
        DropRequirement,
        AcceptCopy,
        MergeRequirements,
        SelfDeclare,
        DropStep,
        MergeSteps,
        ParallelSteps,
        ShortenStep,
        ShortenLimit,
        CutFee,
        MoveOnline,
        FreeFromBoundaries,
        Decentralise,
        ExtendValidity,
        CutCondition,
        SimplifyCondition,
        MergeProcedures,
        AbolishProcedure,
    )
}
