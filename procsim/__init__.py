"""procsim: model, measure and cut administrative procedures of Vietnam.

The story in one breath::

    import procsim as ps

    portfolio = ps.mark(ps.read("procedures.jsonl.gz"))
    before = ps.measure(portfolio)
    plan = ps.resolution_66_7(portfolio)
    after = ps.measure(ps.apply(plan, portfolio))
    card = ps.scorecard(before, after, ps.targets(2026))
    ps.write_report(portfolio, plan, "phuong-an.xlsx")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procsim.decisions import (
        Roadmap,
        Scenarios,
        Scorecard,
        next_candidates,
        roadmap,
        scenarios,
        score,
        score_change,
        scorecard,
        shortfall,
        tag,
        targets,
        with_coverage,
    )
    from procsim.errors import (
        Fault,
        InvalidValue,
        ProcsimError,
        Text,
        UnknownName,
        UnreadableInput,
    )
    from procsim.marking import mark
    from procsim.measures import (
        compare,
        cost_sheet,
        decompose,
        explain,
        measure,
        rate,
        summarise,
    )
    from procsim.model import (
        Portfolio,
        Procedure,
        accept_proposals,
        check,
        diff,
    )
    from procsim.readers import (
        read,
        read_folder,
        read_list,
        read_portal,
        read_workbook,
        write_folder,
        write_template,
        write_workbook,
    )
    from procsim.reference import parameters
    from procsim.reforms import (
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
        Plan,
        ReplaceByData,
        SelfDeclare,
        ShortenLimit,
        ShortenStep,
        SimplifyCondition,
        apply,
        conflicts,
        effects,
        resolution_66_7,
    )
    from procsim.reports import write_report
    from procsim.sample import load_sample

__all__ = [
    "AbolishProcedure",
    "AcceptCopy",
    "CutCondition",
    "CutFee",
    "Decentralise",
    "DropRequirement",
    "DropStep",
    "ExtendValidity",
    "Fault",
    "FreeFromBoundaries",
    "InvalidValue",
    "MergeProcedures",
    "MergeRequirements",
    "MergeSteps",
    "MoveOnline",
    "ParallelSteps",
    "Plan",
    "Portfolio",
    "Procedure",
    "ProcsimError",
    "ReplaceByData",
    "Roadmap",
    "Scenarios",
    "Scorecard",
    "SelfDeclare",
    "ShortenLimit",
    "ShortenStep",
    "SimplifyCondition",
    "Text",
    "UnknownName",
    "UnreadableInput",
    "accept_proposals",
    "apply",
    "check",
    "compare",
    "conflicts",
    "cost_sheet",
    "decompose",
    "diff",
    "effects",
    "explain",
    "load_sample",
    "mark",
    "measure",
    "next_candidates",
    "parameters",
    "rate",
    "read",
    "read_folder",
    "read_list",
    "read_portal",
    "read_workbook",
    "resolution_66_7",
    "roadmap",
    "scenarios",
    "score",
    "score_change",
    "scorecard",
    "shortfall",
    "summarise",
    "tag",
    "targets",
    "with_coverage",
    "write_folder",
    "write_report",
    "write_template",
    "write_workbook",
]

# Names come from their room at first use, so that `import procsim` stays light.
_ROOMS = {
    "procsim.decisions": (
        "Roadmap",
        "Scenarios",
        "Scorecard",
        "next_candidates",
        "roadmap",
        "scenarios",
        "score",
        "score_change",
        "scorecard",
        "shortfall",
        "tag",
        "targets",
        "with_coverage",
    ),
    "procsim.errors": (
        "Fault",
        "InvalidValue",
        "ProcsimError",
        "Text",
        "UnknownName",
        "UnreadableInput",
    ),
    "procsim.marking": ("mark",),
    "procsim.measures": (
        "compare",
        "cost_sheet",
        "decompose",
        "explain",
        "measure",
        "rate",
        "summarise",
    ),
    "procsim.model": (
        "Portfolio",
        "Procedure",
        "accept_proposals",
        "check",
        "diff",
    ),
    "procsim.readers": (
        "read",
        "read_folder",
        "read_list",
        "read_portal",
        "read_workbook",
        "write_folder",
        "write_template",
        "write_workbook",
    ),
    "procsim.reference": ("parameters",),
    "procsim.reforms": (
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
        "Plan",
        "ReplaceByData",
        "SelfDeclare",
        "ShortenLimit",
        "ShortenStep",
        "SimplifyCondition",
        "apply",
        "conflicts",
        "effects",
        "resolution_66_7",
    ),
    "procsim.reports": ("write_report",),
    "procsim.sample": ("load_sample",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'procsim' has no attribute {name!r}")
    value = getattr(import_module(_ROOM_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
