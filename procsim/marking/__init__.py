"""From free-text dossier rows to document types and the databases that hold them."""

from __future__ import annotations

from procsim.marking.availability import available, replaceable
from procsim.marking.marker import REVIEW_BELOW, explain, mark, mark_lines
from procsim.marking.matching import (
    LearnedMatcher,
    Match,
    Matcher,
    VariantMatcher,
    default_matcher,
)

__all__ = [
    "REVIEW_BELOW",
    "LearnedMatcher",
    "Match",
    "Matcher",
    "VariantMatcher",
    "available",
    "default_matcher",
    "explain",
    "mark",
    "mark_lines",
    "replaceable",
]
