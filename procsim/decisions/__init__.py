"""Targets and scorecards: what the Government asks, and how far a plan goes."""

from __future__ import annotations

from procsim.decisions.judge import Judgement, judge
from procsim.decisions.published import Published, judge_published, published_scorecard
from procsim.decisions.targets import Scorecard, scorecard, targets

__all__ = [
    "Judgement",
    "Published",
    "Scorecard",
    "judge",
    "judge_published",
    "published_scorecard",
    "scorecard",
    "targets",
]
