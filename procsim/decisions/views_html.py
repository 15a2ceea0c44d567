"""What a notebook shows of scorecards, roadmaps, scenarios, candidates and the smallest plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procsim.errors import Text
from procsim.language.html_table import Percent, facts, grid, lines, panel
from procsim.language.i18n import bilingual

if TYPE_CHECKING:
    from procsim.decisions.candidates import Candidates
    from procsim.decisions.roadmap import Roadmap
    from procsim.decisions.scenarios import Scenarios
    from procsim.decisions.smallest import SmallestPlan
    from procsim.decisions.targets import Scorecard

__all__ = [
    "candidates_html",
    "roadmap_html",
    "scenarios_html",
    "scorecard_html",
    "smallest_plan_html",
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


def candidates_html(made: Candidates) -> str:
    """Return how many candidates there are of each class, and the first of them."""
    frame = made.frame
    classes = frame["class"].value_counts(sort=False)
    rows = (
        (Text(row["change_vi"], row["change_en"]), bilingual(f"repr.class.{row['class']}"))
        for row in frame.head(_SHOWN).to_dict("records")
    )
    return panel(
        bilingual("repr.candidates"),
        "",
        facts((bilingual(f"repr.class.{name}"), int(n)) for name, n in classes.items()),
        grid(
            [bilingual("repr.plan.change"), bilingual("repr.class")],
            rows,
            most=_SHOWN,
            of=len(frame),
        ),
    )


def smallest_plan_html(found: SmallestPlan) -> str:
    """Return the headline, what each target reaches, what must be amended, and the notes."""
    aims = (
        (
            _name(row),
            Percent(row.required_rate),
            Percent(row.rate),
            bilingual("verdict.met" if row.met else "verdict.missed"),
        )
        for row in found.summary.itertuples()
    )
    route = (
        (f"{row.id} – {row.name}" if row.name else row.id, row.agency, row.price, row.reforms)
        for row in found.route.itertuples()
    )
    heads = ("text_or_database", "agency", "price", "reforms")
    clash = [] if found.clash is None else [found.clash.sentence()]
    return panel(
        bilingual("repr.smallest"),
        "",
        lines([found.headline(), *clash]),
        grid(
            [bilingual(f"column.{n}") for n in ("target_name", "target", "rate", "verdict")],
            aims,
            most=_SHOWN,
            of=len(found.summary),
        ),
        grid(
            [bilingual(f"repr.route.{name}") for name in heads],
            route,
            most=_SHOWN,
            of=len(found.route),
        ),
        lines(found.notes),
    )
