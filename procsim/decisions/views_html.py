"""What a notebook shows of scorecards, roadmaps and scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procsim.errors import Text
from procsim.language.html_table import Percent, facts, grid, panel
from procsim.language.i18n import bilingual

if TYPE_CHECKING:
    from procsim.decisions.roadmap import Roadmap
    from procsim.decisions.scenarios import Scenarios
    from procsim.decisions.targets import Scorecard

__all__ = [
    "roadmap_html",
    "scenarios_html",
    "scorecard_html",
]

_SHOWN = 8
_RATES = ("days_rate", "cost_vnd_rate", "documents_rate", "conditions_rate")


def _name(row: Any) -> Text:
    return Text(row.name_vi, row.name_en)


def _amount(value: float, kind: str) -> float:
    return float(value) if kind == "count" else Percent(value)


def scorecard_html(card: Scorecard) -> str:
    """Return the whole list against each target, and how many groups stand behind it."""
    nation = card.nation()
    groups = card.summary.loc[card.summary["scope"] != "nation", "group"].nunique()
    rows = (
        (
            _name(row),
            _amount(row.value, row.kind),
            _amount(row.target, row.kind),
            bilingual(f"verdict.{row.verdict}"),
            Text(row.reason_vi, row.reason_en),
        )
        for row in nation.itertuples()
    )
    heads = ("target_name", "value", "target", "verdict")
    return panel(
        bilingual("repr.scorecard"),
        "",
        facts([(bilingual("repr.groups"), groups or None)]) if groups else "",
        grid(
            [*(bilingual(f"column.{name}") for name in heads), bilingual("repr.remark")],
            rows,
            most=len(nation),
        ),
    )


def roadmap_html(road: Roadmap) -> str:
    """Return the databases and texts of a plan, the earliest first."""
    items = road.items
    dated = int(road.reforms["effective_on"].notna().sum())
    rows = (
        (
            _name(row),
            row.ready_on if pd.notna(row.ready_on) else None,
            bilingual(f"mark.{row.mark}") if row.mark else None,
            int(row.reforms),
            Text(row.reason_vi, row.reason_en),
        )
        for row in items.itertuples()
    )
    heads = ("item", "ready_on", "mark", "reforms")
    return panel(
        bilingual("repr.roadmap"),
        road.plan.name,
        facts(
            [
                (bilingual("repr.roadmap.on"), road.on),
                (bilingual("repr.plan.reforms"), len(road.reforms)),
                (bilingual("repr.roadmap.dated"), dated),
            ]
        ),
        grid(
            [*(bilingual(f"repr.roadmap.{name}") for name in heads), bilingual("repr.remark")],
            rows,
            most=_SHOWN,
            of=len(items),
        ),
    )


def scenarios_html(made: Scenarios) -> str:
    """Return plans side by side, one row each."""
    frame = made.frame
    rows = (
        (
            row["plan"],
            row["reforms"],
            row["legal_texts"],
            row["databases"],
            row["price"],
            *(Percent(row[name]) for name in _RATES),
            bool(row["pareto"]),
        )
        for row in frame.to_dict("records")
    )
    heads = ("reforms", "legal_texts", "databases", "price", *_RATES, "pareto")
    return panel(
        bilingual("repr.scenarios"),
        "",
        grid(
            [bilingual("repr.plan"), *(bilingual(f"cli.scenarios.{name}") for name in heads)],
            rows,
            most=len(frame),
        ),
    )
