"""The sheets of the workbook in their order."""

from __future__ import annotations

from collections.abc import Iterable

from procsim.reports import (
    changes,
    cost_changes,
    cost_rest,
    costs,
    cover,
    native_charts,
    quality,
    register,
    road,
    scores,
    sources,
    stamp,
    tornado_sheet,
)
from procsim.reports.annexes import OTHER
from procsim.reports.plan_sheet import PLAN, SHEETS

__all__ = ["ORDER", "reported"]

ORDER = (
    cover.SHEET,
    PLAN,
    "Phụ lục I",
    "Phụ lục II",
    "Phụ lục III",
    OTHER,
    costs.BEFORE,
    costs.AFTER,
    cost_changes.SHEET,
    changes.TIME,
    changes.DOCUMENTS,
    changes.CONDITIONS,
    scores.SHEET,
    native_charts.SHEET,
    road.SHEET,
    road.EFFECTS,
    tornado_sheet.SHEET,
    sources.SHEET,
    quality.SHEET,
    register.SHEET,
    cost_rest.SHEET,
    quality.LIST,
    *(name for name in SHEETS if name != PLAN),
    stamp.SHEET,
)


def reported(written: Iterable[str]) -> tuple[str, ...]:
    """Return the sheets among these that are not the plan's own."""
    return tuple(name for name in ORDER if name in set(written) - set(SHEETS))
