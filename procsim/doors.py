"""Doors: what a higher room does for a lower one, by name; the room opens when first used.

A portfolio knows no HTML and a plan no Excel: `procsim/__init__.py` registers which room
shows the one in a notebook, and which keeps the other as a workbook.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

_ROOMS: dict[str, str] = {}


def register(**rooms: str) -> None:
    """Say which function, as ``module:name``, stands behind each door."""
    _ROOMS.update(rooms)


def door(name: str) -> Callable[..., Any]:
    """Return a function that does what stands behind a door; the room opens at the call."""

    def through(*values: Any) -> Any:
        module, _, function = _ROOMS[name].partition(":")
        return getattr(import_module(module), function)(*values)

    return through


def notebook_page(value: object) -> str:
    """Return what a notebook shows of `value`, as HTML."""
    return str(door("notebook")(value))
