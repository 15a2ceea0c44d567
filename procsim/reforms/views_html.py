"""What a notebook shows of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procsim.errors import Text
from procsim.language.html_table import facts, grid, lines, panel
from procsim.language.i18n import bilingual

if TYPE_CHECKING:
    from procsim.reforms.plan import Plan

__all__ = ["plan_html"]

_SHOWN = 5


def plan_html(plan: Plan) -> str:
    """Return a plan: how many reforms of each kind, then the first of them."""
    by_kind: dict[str, list[int]] = {}
    for place, reform in enumerate(plan.reforms):
        by_kind.setdefault(reform.kind, []).append(place)
    kinds = (
        (
            plan.reforms[places[0]].title,
            len(places),
            len({i for place in places for i in plan.reforms[place].procedure_ids}),
        )
        for places in sorted(by_kind.values(), key=len, reverse=True)
    )
    incomplete = sum(bool(reform.missing_clarities()) for reform in plan.reforms)
    first = (
        (place, reform.describe(), reform.legal_text)
        for place, reform in enumerate(plan.reforms[:_SHOWN], start=1)
    )
    return panel(
        bilingual("repr.plan"),
        plan.name,
        facts(
            [
                (bilingual("repr.plan.reforms"), len(plan)),
                (bilingual("repr.plan.unmatched"), len(plan.unmatched) or None),
                (bilingual("repr.plan.incomplete"), incomplete or None),
            ]
        ),
        lines([Text(plan.note, "")] if plan.note else []),
        grid(
            [
                bilingual("repr.plan.kind"),
                bilingual("repr.plan.reforms"),
                bilingual("repr.table.procedures"),
            ],
            kinds,
            most=len(by_kind),
        ),
        grid(
            [bilingual(f"repr.plan.{name}") for name in ("position", "change", "text")],
            first,
            most=_SHOWN,
            of=len(plan),
        ),
    )
