"""Candidates: what could be reformed, each with its effect, legal route, date and price."""

from __future__ import annotations

from procsim.decisions.candidates.table import CLASSES, Candidates, candidates, class_of

__all__ = ["CLASSES", "Candidates", "candidates", "class_of"]
