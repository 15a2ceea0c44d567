"""How a conflict is told: which reform, with which others, why, how bad."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from procsim.errors import Fault, Severity, Text, shorten
from procsim.reforms.base import Reform
from procsim.reforms.changes import place_of

__all__ = ["KEEP_ONE", "Item", "told", "wants"]

Item = tuple[int, Any]
"""A reform with its position in the plan, from 1."""

KEEP_ONE = Text("Giữ một trong các đề xuất, bỏ các đề xuất kia.", "Keep one of them.")
_COMMON = frozenset(field.name for field in fields(Reform))


def told(
    item: Item,
    value: object,
    message: Text,
    severity: Severity,
    code: str,
    cure: Text = KEEP_ONE,
) -> Fault:
    """Return a conflict of one reform of a plan."""
    return Fault(place_of(*item), shorten(value), message, cure, severity, f"plan.{code}")


def wants(reform: Reform) -> tuple[object, ...]:
    """Return what a reform wants, without its legal route: two that want the same are equal."""
    own = [getattr(reform, field.name) for field in fields(reform) if field.name not in _COMMON]
    return (reform.kind, *(tuple(sorted(v)) if isinstance(v, tuple) else v for v in own))
