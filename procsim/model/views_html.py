"""What a notebook shows of a portfolio, a procedure and a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from procsim.errors import Text
from procsim.language.html_table import facts, grid, panel
from procsim.language.i18n import bilingual
from procsim.reference.schema import table

if TYPE_CHECKING:
    from procsim.model.diff import Difference
    from procsim.model.portfolio import Portfolio, Procedure

__all__ = ["difference_html", "portfolio_html", "procedure_html"]

_COUNTED = ("steps", "requirements", "conditions", "fees", "legal_bases")
_SHOWN = 5
_PAPERS = 12


def _labels(name: str, *columns: str) -> list[Text]:
    return [table(name)[column].label for column in columns]


def _sizes(sizes: Mapping[str, int]) -> list[tuple[Text, object]]:
    return [(bilingual(f"repr.table.{name}"), size) for name, size in sizes.items()]


def portfolio_html(portfolio: Portfolio) -> str:
    """Return a portfolio: how much it holds, what was found wrong, its first procedures."""
    faults = pd.Series([fault.severity for fault in portfolio.faults], dtype=object)
    found = [
        (bilingual(f"severity.{name}"), int(count))
        for name in ("error", "warning", "note")
        if (count := (faults == name).sum())
    ]
    shown = ("code", "name", "ministry", "field")
    rows = portfolio.procedures[list(shown)].head(_SHOWN)
    return panel(
        bilingual("repr.portfolio"),
        portfolio.source,
        facts(_sizes({n: len(getattr(portfolio, n)) for n in ("procedures", *_COUNTED)})),
        facts(found) if found else "",
        grid(
            _labels("procedures", *shown),
            rows.itertuples(index=False),
            of=len(portfolio),
            most=_SHOWN,
        ),
    )


def procedure_html(procedure: Procedure) -> str:
    """Return a procedure: who runs it, how much it asks for, and its dossier."""
    row = procedure.portfolio.procedures.loc[procedure.id]
    limits = [text for text in procedure.channels["limit_text"].unique() if text]
    papers = procedure.requirements
    online = bilingual(f"map.online.{row['online']}")
    rows = (
        (name, bilingual(f"kind.{kind}"), counted, replaced)
        for name, kind, counted, replaced in papers[
            ["name", "kind", "papers", "replaced"]
        ].itertuples(index=False)
    )
    return panel(
        bilingual("repr.procedure"),
        f"{procedure.code or procedure.id} – {procedure.name}",
        facts(
            [
                *zip(
                    _labels("procedures", "ministry", "field"),
                    (row["ministry"], row["field"] or None),
                    strict=True,
                ),
                (bilingual("map.fact.limit"), "; ".join(limits) or bilingual("map.fact.unstated")),
                (bilingual("map.fact.online"), online),
            ]
        ),
        facts(_sizes({n: len(procedure.portfolio.rows(n, procedure.id)) for n in _COUNTED})),
        grid(
            _labels("requirements", "name", "kind", "papers", "replaced"),
            rows,
            most=_PAPERS,
            of=len(papers),
        ),
    )


def difference_html(difference: Difference, areas: Mapping[str, Text]) -> str:
    """Return a difference: the counts by area, then the first changes."""
    frame = difference.frame
    totals = difference.summary[difference.summary["ministry"] == ""]
    counts = ("added", "removed", "changed", "procedures")
    parts = [facts([(bilingual("repr.diff.sizes"), f"{difference.old:,} → {difference.new:,}")])]
    if len(frame):
        parts = [
            *parts,
            grid(
                [bilingual("repr.diff.area"), *(bilingual(f"repr.diff.{n}") for n in counts)],
                (
                    (areas[area], *row)
                    for area, *row in totals[["area", *counts]].itertuples(index=False)
                ),
            ),
            grid(
                [
                    *_labels("procedures", "code", "name"),
                    bilingual("repr.diff.area"),
                    bilingual("column.before"),
                    bilingual("column.after"),
                ],
                (
                    (code, name, areas[area], before, after)
                    for code, name, area, before, after in frame[
                        ["code", "name", "area", "before", "after"]
                    ]
                    .head(_SHOWN)
                    .itertuples(index=False)
                ),
                most=_SHOWN,
                of=len(frame),
            ),
        ]
    return panel(bilingual("repr.diff"), "", *parts)
