"""procsim: model, measure and cut administrative procedures of Vietnam.

The story in one breath::

    import procsim as ps

    portfolio = ps.mark(ps.read("procedures.jsonl.gz"))
    before = ps.measure(portfolio)
    plan = ps.resolution_66_7(portfolio)
    after = ps.measure(ps.apply(portfolio, plan))
    card = ps.scorecard(before, after, ps.targets(2026))
    ps.write_report(portfolio, plan, "phuong-an.xlsx")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from procsim.doors import register

__version__ = "0.2.0"  # the one place: hatch reads it from here
__docformat__ = "numpy"

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
    from procsim.decisions.tornado import tornado
    from procsim.errors import (
        Fault,
        Faults,
        InvalidValue,
        ProcsimError,
        Text,
        UnknownName,
        UnreadableInput,
        set_language,
    )
    from procsim.least_cost.candidates import Candidates, candidates
    from procsim.least_cost.plan import SmallestPlan, smallest_plan
    from procsim.marking import mark
    from procsim.measures import compare, cost_sheet, decompose, explain, measure, rate, summarise
    from procsim.measures.clocks import clocks, due_date
    from procsim.model import Portfolio, Procedure, accept_proposals, check, diff
    from procsim.model.graph import national_graph, read_graph, write_graph
    from procsim.network.chains import chain_burden, cycles
    from procsim.network.duplicates import duplicates
    from procsim.network.links import links
    from procsim.network.ranking import best_set, ranking
    from procsim.network.similar import similar_procedures
    from procsim.readers import (
        Limits,
        read,
        read_folder,
        read_list,
        read_portal,
        read_workbook,
        write_folder,
        write_template,
        write_workbook,
    )
    from procsim.readers.volumes import with_volumes
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
    from procsim.reports.map.diagram import procedure_map
    from procsim.reports.map.gantt import gantt_svg
    from procsim.reports.roundtrip.readback import ReadBack, read_back
    from procsim.sample import load_sample
    from procsim.store import Conflict, Project, Store

__all__ = [
    "AbolishProcedure",
    "AcceptCopy",
    "Candidates",
    "Conflict",
    "CutCondition",
    "CutFee",
    "Decentralise",
    "DropRequirement",
    "DropStep",
    "ExtendValidity",
    "Fault",
    "Faults",
    "FreeFromBoundaries",
    "InvalidValue",
    "Limits",
    "MergeProcedures",
    "MergeRequirements",
    "MergeSteps",
    "MoveOnline",
    "ParallelSteps",
    "Plan",
    "Portfolio",
    "Procedure",
    "ProcsimError",
    "Project",
    "ReadBack",
    "ReplaceByData",
    "Roadmap",
    "Scenarios",
    "Scorecard",
    "SelfDeclare",
    "ShortenLimit",
    "ShortenStep",
    "SimplifyCondition",
    "SmallestPlan",
    "Store",
    "Text",
    "UnknownName",
    "UnreadableInput",
    "accept_proposals",
    "apply",
    "best_set",
    "candidates",
    "chain_burden",
    "check",
    "clocks",
    "compare",
    "conflicts",
    "cost_sheet",
    "cycles",
    "decompose",
    "diff",
    "due_date",
    "duplicates",
    "effects",
    "explain",
    "gantt_svg",
    "links",
    "load_sample",
    "mark",
    "measure",
    "national_graph",
    "next_candidates",
    "parameters",
    "procedure_map",
    "ranking",
    "rate",
    "read",
    "read_back",
    "read_folder",
    "read_graph",
    "read_list",
    "read_portal",
    "read_workbook",
    "resolution_66_7",
    "roadmap",
    "scenarios",
    "score",
    "score_change",
    "scorecard",
    "set_language",
    "shortfall",
    "similar_procedures",
    "smallest_plan",
    "summarise",
    "tag",
    "targets",
    "tornado",
    "with_coverage",
    "with_volumes",
    "write_folder",
    "write_graph",
    "write_report",
    "write_template",
    "write_workbook",
]

# What lower rooms let higher ones do for them.
register(
    notebook="procsim.notebook:page",
    read_plan_sheet="procsim.reports.roundtrip.plan_reading:read_sheet",
    write_plan_sheet="procsim.reports.roundtrip.plan_table:write_sheet",
)

# Names come from their room at first use, so that `import procsim` stays light.
_ROOMS = {
    "procsim.decisions": (
        "Roadmap Scenarios Scorecard next_candidates roadmap scenarios score score_change "
        "scorecard shortfall tag targets with_coverage"
    ),
    "procsim.decisions.tornado": "tornado",
    "procsim.errors": (
        "Fault Faults InvalidValue ProcsimError Text UnknownName UnreadableInput set_language"
    ),
    "procsim.least_cost.candidates": "Candidates candidates",
    "procsim.least_cost.plan": "SmallestPlan smallest_plan",
    "procsim.marking": "mark",
    "procsim.measures": "compare cost_sheet decompose explain measure rate summarise",
    "procsim.measures.clocks": "due_date clocks",
    "procsim.model": "Portfolio Procedure accept_proposals check diff",
    "procsim.model.graph": "national_graph read_graph write_graph",
    "procsim.network.chains": "chain_burden cycles",
    "procsim.network.duplicates": "duplicates",
    "procsim.network.links": "links",
    "procsim.network.ranking": "best_set ranking",
    "procsim.network.similar": "similar_procedures",
    "procsim.readers": (
        "Limits read read_folder read_list read_portal read_workbook write_folder "
        "write_template write_workbook"
    ),
    "procsim.readers.volumes": "with_volumes",
    "procsim.reference": "parameters",
    "procsim.reforms": (
        "AbolishProcedure AcceptCopy CutCondition CutFee Decentralise DropRequirement DropStep "
        "ExtendValidity FreeFromBoundaries MergeProcedures MergeRequirements MergeSteps "
        "MoveOnline ParallelSteps Plan ReplaceByData SelfDeclare ShortenLimit ShortenStep "
        "SimplifyCondition apply conflicts effects resolution_66_7"
    ),
    "procsim.reports": "write_report",
    "procsim.reports.map.diagram": "procedure_map",
    "procsim.reports.map.gantt": "gantt_svg",
    "procsim.reports.roundtrip.readback": "ReadBack read_back",
    "procsim.sample": "load_sample",
    "procsim.store": "Conflict Project Store",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'procsim' has no attribute {name!r}")
    value = getattr(import_module(_ROOM_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
