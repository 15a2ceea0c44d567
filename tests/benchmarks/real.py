"""The real records of the portal, where they stand beside the checkout."""

from __future__ import annotations

from pathlib import Path

import procsim as ps
from procsim.model.portfolio import Portfolio
from tests.benchmarks.table import Skipped
from tests.shared import SHARED

__all__ = ["QUICK", "marked_records", "records_path"]

QUICK = 40
"""Procedures of a quick run."""


def records_path() -> Path:
    """Return where the real records lie; `Skipped` where they are not on this machine."""
    path = SHARED / "portal" / "procedures.jsonl.gz"
    if not path.is_file():
        raise Skipped("the real records are not on this machine")
    return path


def marked_records(*, quick: bool) -> Portfolio:
    """Return the real records, marked; a few of them for a quick run."""
    read = ps.read(records_path())
    return ps.mark(read.select(list(read.procedures.index[:QUICK])) if quick else read)
