"""Projects that are never lost: saved at every action, with history and audit log."""

from __future__ import annotations

from procsim.store.actions import (
    Action,
    Cell,
    Decide,
    EditCells,
    Note,
    PutPlan,
    RemovePlan,
    RenamePlan,
    SetDates,
    SetDaysOff,
    SetParameters,
    SetPortfolio,
    SetReadiness,
)
from procsim.store.exchange import read_state
from procsim.store.project import Project, Store
from procsim.store.troubles import Conflict, StoreError

__all__ = [
    "Action",
    "Cell",
    "Conflict",
    "Decide",
    "EditCells",
    "Note",
    "Project",
    "PutPlan",
    "RemovePlan",
    "RenamePlan",
    "SetDates",
    "SetDaysOff",
    "SetParameters",
    "SetPortfolio",
    "SetReadiness",
    "Store",
    "StoreError",
    "read_state",
]
