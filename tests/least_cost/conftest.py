"""The real records, read once for the tests of this room."""

from __future__ import annotations

from tests.decisions.conftest import records

__all__ = ["records"]
