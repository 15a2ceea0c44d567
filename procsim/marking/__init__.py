"""From free-text dossier rows to document types and the databases that hold them."""

from __future__ import annotations

from procsim.marking.availability import available, replaceable
from procsim.marking.explanation import explain
from procsim.marking.marker import REVIEW_BELOW, mark, mark_lines
from procsim.marking.matching import LearnedMatcher, Match, Matcher, VariantMatcher, default_matcher
from procsim.marking.officer import Decision
from procsim.marking.queue import review_queue
from procsim.marking.review import (
    carry_decisions,
    confirm,
    decide,
    decide_equal,
    decisions_frame,
    equal_rows,
    take_decisions,
    training_rows,
    undo,
)

__all__ = [
    "REVIEW_BELOW",
    "Decision",
    "LearnedMatcher",
    "Match",
    "Matcher",
    "VariantMatcher",
    "available",
    "carry_decisions",
    "confirm",
    "decide",
    "decide_equal",
    "decisions_frame",
    "default_matcher",
    "equal_rows",
    "explain",
    "mark",
    "mark_lines",
    "replaceable",
    "review_queue",
    "take_decisions",
    "training_rows",
    "undo",
]
