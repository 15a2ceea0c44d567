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
    from procsim.decisions import Scorecard, scorecard, targets
    from procsim.errors import (
        Fault,
        InvalidValue,
        ProcsimError,
        Text,
        UnknownName,
        UnreadableInput,
    )
    from procsim.marking import mark
    from procsim.measures import compare, cost_sheet, explain, measure, rate, summarise
    from procsim.model import Portfolio, Procedure, accept_proposals, check
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
        CutFee,
        DropRequirement,
        Plan,
        ReplaceByData,
        ShortenLimit,
        apply,
        conflicts,
        resolution_66_7,
    )
    from procsim.reports import write_report
    from procsim.sample import load_sample

__all__ = [
    "AbolishProcedure",
    "AcceptCopy",
    "CutFee",
    "DropRequirement",
    "Fault",
    "InvalidValue",
    "Plan",
    "Portfolio",
    "Procedure",
    "ProcsimError",
    "ReplaceByData",
    "Scorecard",
    "ShortenLimit",
    "Text",
    "UnknownName",
    "UnreadableInput",
    "accept_proposals",
    "apply",
    "check",
    "compare",
    "conflicts",
    "cost_sheet",
    "explain",
    "load_sample",
    "mark",
    "measure",
    "parameters",
    "rate",
    "read",
    "read_folder",
    "read_list",
    "read_portal",
    "read_workbook",
    "resolution_66_7",
    "scorecard",
    "summarise",
    "targets",
    "write_folder",
    "write_report",
    "write_template",
    "write_workbook",
]

# Names come from their room at first use, so that `import procsim` stays light.
_ROOMS = {
    "procsim.decisions": ("Scorecard", "scorecard", "targets"),
    "procsim.errors": (
        "Fault",
        "InvalidValue",
        "ProcsimError",
        "Text",
        "UnknownName",
        "UnreadableInput",
    ),
    "procsim.marking": ("mark",),
    "procsim.measures": ("compare", "cost_sheet", "explain", "measure", "rate", "summarise"),
    "procsim.model": ("Portfolio", "Procedure", "accept_proposals", "check"),
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
        "CutFee",
        "DropRequirement",
        "Plan",
        "ReplaceByData",
        "ShortenLimit",
        "apply",
        "conflicts",
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
