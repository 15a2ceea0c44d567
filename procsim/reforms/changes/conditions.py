"""What the reforms of business conditions do to their table."""

from __future__ import annotations

from procsim.errors import Fault
from procsim.model.portfolio import Portfolio
from procsim.reforms.changes.base import Edited, Numbered, Tables, rows

__all__ = ["cut", "simplify"]


def cut(numbered: Numbered, portfolio: Portfolio, _: list[Fault]) -> Tables:
    """Set the conditions to cut."""
    frame = portfolio.conditions
    made = Edited(frame, "status")
    made["status"][rows(frame, [reform.condition for _, reform in numbered])] = "cut"
    return {"conditions": made.made()}


def simplify(numbered: Numbered, portfolio: Portfolio, _faults: list[Fault]) -> Tables:
    """Set the conditions to simplified, with their new wording where there is one."""
    frame = portfolio.conditions
    made = Edited(frame, "status", "text", "split")
    at = rows(frame, [reform.condition for _, reform in numbered])
    for row, (_, reform) in zip(at, numbered, strict=True):
        if made["status"][row] == "cut":
            continue
        made["status"][row] = "simplified"
        if reform.text.strip():
            made["text"][row], made["split"][row] = reform.text, "entered"
    return {"conditions": made.made()}
