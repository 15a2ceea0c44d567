"""What a notebook shows of candidates and of the smallest plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procsim.errors import Text
from procsim.language.html_table import Percent, facts, grid, lines, panel
from procsim.language.i18n import bilingual

if TYPE_CHECKING:
    from procsim.least_cost.candidates import Candidates
    from procsim.least_cost.plan import SmallestPlan

__all__ = ["candidates_html", "smallest_plan_html"]

_SHOWN = 8


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
            Text(row.name_vi, row.name_en),
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
