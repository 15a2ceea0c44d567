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

from procsim.decisions import Scorecard, scorecard, targets
from procsim.errors import Fault, InvalidValue, ProcsimError, Text, UnknownName, UnreadableInput
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
