"""Targets and scorecards: what the Government asks, and how far a plan goes."""

from __future__ import annotations

from procsim.decisions.published import Published, judge_published, published_scorecard
from procsim.decisions.readings import Judgement, judge
from procsim.decisions.roadmap import Roadmap, roadmap
from procsim.decisions.routes import amended_texts, read_readiness, with_coverage
from procsim.decisions.scenarios import Scenarios, scenarios
from procsim.decisions.scope import read_tag_lists, tag, tagged
from procsim.decisions.score import read_score_weights, score, score_change, score_totals
from procsim.decisions.shortfall import next_candidates, shortfall
from procsim.decisions.targets import Scorecard, scorecard, targets
from procsim.measures.grouping import province_of

__all__ = [
    "Judgement",
    "Published",
    "Roadmap",
    "Scenarios",
    "Scorecard",
    "amended_texts",
    "judge",
    "judge_published",
    "next_candidates",
    "province_of",
    "published_scorecard",
    "read_readiness",
    "read_score_weights",
    "read_tag_lists",
    "roadmap",
    "scenarios",
    "score",
    "score_change",
    "score_totals",
    "scorecard",
    "shortfall",
    "tag",
    "tagged",
    "targets",
    "with_coverage",
]
