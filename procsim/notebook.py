"""What a notebook shows of portfolios, plans, scorecards and the rest: short tables as HTML.

Colours are those of the notebook around them, so that light and dark ones can be read.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from procsim.errors import Text, shorten, spoken
from procsim.language.formatting import format_number
from procsim.language.i18n import bilingual
from procsim.model.diff import AREAS
from procsim.reference.schema import table

if TYPE_CHECKING:
    from procsim.decisions.roadmap import Roadmap
    from procsim.decisions.scenarios import Scenarios
    from procsim.decisions.targets import Scorecard
    from procsim.least_cost.candidates import Candidates
    from procsim.least_cost.plan import SmallestPlan
    from procsim.measures.cost import Explanation
    from procsim.model.diff import Difference
    from procsim.model.portfolio import Portfolio, Procedure
    from procsim.reforms.plan import Plan
    from procsim.store import Project


_LONGEST = 240
_LINE = "1px solid rgba(128,128,128,.35)"
_CELL = f"padding:.2em .8em .2em 0;border:0;border-bottom:{_LINE};vertical-align:top;"
_MUTED = "opacity:.65;font-weight:normal;"


class Percent(float):
    """A share that is shown in per cent."""


def both(text: Text) -> str:
    """Return a text with its English beside it, the language of `set_language` first.

    Examples
    --------
    >>> both(Text("Đạt", "Met"))
    'Đạt <span style="opacity:.65;font-weight:normal;">Met</span>'
    """
    first, other = (escape(shorten(part, _LONGEST)) for part in text)
    if spoken() == "en" and other:
        first, other = other, first
    return (
        first if first == other or not other else f'{first} <span style="{_MUTED}">{other}</span>'
    )


def _cell(value: object) -> tuple[str, bool]:
    """Return a value as HTML, and whether it is a number."""
    match value:
        case Text():
            return both(value), False
        case bool():
            return both(bilingual("repr.yes" if value else "repr.no")), False
        case dt.date():
            return f"{value:%d/%m/%Y}", False
        case None:
            return "–", False
        case float() if not math.isfinite(value):
            return "–", True
        case Percent():
            return f"{format_number(round(100 * value, 2))} %", True
        case int() | float():
            return format_number(value, 0 if abs(value) >= 1000 else 2 if value % 1 else 0), True
    return escape(shorten(str(value), _LONGEST)), False


def grid(
    head: Sequence[Text], rows: Iterable[Sequence[object]], *, most: int = 10, of: int = 0
) -> str:
    """Return a table: numbers to the right, missing values as a dash.

    Parameters
    ----------
    head
        What each column holds.
    rows
        Plain values: text, `Text`, numbers, `Percent`, dates, None.
    most
        Rows shown.
    of
        How many rows there are, so that those left out are counted.
    """
    body = [[_cell(value) for value in row] for row in islice(rows, most)]
    # A column stands to the right when all that is shown of it are numbers.
    sides = [
        "right" if body and all(row[place][1] for row in body) else "left"
        for place in range(len(head))
    ]
    heads = "".join(
        f'<th style="{_CELL}text-align:{side};">{both(text)}</th>'
        for side, text in zip(sides, head, strict=True)
    )
    made = "".join(
        '<tr style="background:none;">'
        + "".join(
            f'<td style="{_CELL}text-align:{side};">{text}</td>'
            for side, (text, _) in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in body
    )
    table = (
        '<table style="border-collapse:collapse;margin:.4em 0;">'
        f"<thead><tr>{heads}</tr></thead><tbody>{made}</tbody></table>"
    )
    left = of - len(body)
    return table + (lines([bilingual("repr.more", count=left)]) if left > 0 else "")


def facts(pairs: Iterable[tuple[Text, object]]) -> str:
    """Return names and values on one line; a value of None is left out."""
    shown = (
        f"<span>{both(name)}: <b>{_cell(value)[0]}</b></span>"
        for name, value in pairs
        if value is not None
    )
    return f'<div style="margin:.2em 0;">{" · ".join(shown)}</div>'


def lines(texts: Iterable[Text]) -> str:
    """Return a line for each text."""
    return "".join(f'<div style="margin:.2em 0;">{both(text)}</div>' for text in texts)


def panel(kind: Text, name: str, *parts: str) -> str:
    """Return what a notebook shows of one object: its kind, its name and the parts below."""
    title = f"{kind.vi}: {name}" if name else kind.vi
    head = f'<div style="font-weight:bold;">{both(Text(title, kind.en))}</div>'
    return f'<div style="line-height:1.45;">{head}{"".join(parts)}</div>'


# What a notebook shows of a portfolio, a procedure and a difference.

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


def difference_html(difference: Difference) -> str:
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
                    (AREAS[area], *row)
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
                    (code, name, AREAS[area], before, after)
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


# What a notebook shows of the calculation behind one procedure's cost.

_WORDS = ("work", "activity")
_FIGURES = ("hours", "weight", "cost_vnd", "mark")
_TOTALS = ("work_vnd", "fees_vnd", "cost_vnd", "cost_year_vnd")


def explanation_html(made: Explanation) -> str:
    """Return the lines of the cost sheet and their totals."""
    sheets = made.sheets
    words = (
        [[Text(*pair) for pair in zip(sheets["vi"][name], sheets["en"][name], strict=True)]
         for name in _WORDS]
        if made.active
        else [[], []]
    )  # fmt: skip
    figures = (sheets["vi"][name] for name in _FIGURES) if made.active else ([] for _ in _FIGURES)
    return panel(
        bilingual("repr.explanation"),
        f"{made.procedure} – {made.name}",
        grid(
            [bilingual(f"repr.sheet.{name}") for name in (*_WORDS, *_FIGURES)],
            zip(*words, *figures, strict=True),
            most=len(sheets["vi"]),
        ),
        facts((bilingual(f"metric.{name}"), float(made.measures[name])) for name in _TOTALS)
        if made.active
        else "",
    )


# What a notebook shows of a plan.


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


# What a notebook shows of scorecards, roadmaps and scenarios.

_VIEWS_HTML_SHOWN = 8
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
            most=_VIEWS_HTML_SHOWN,
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


# What a notebook shows of candidates and of the smallest plan.

_VIEWS_HTML_SHOWN = 8


def candidates_html(made: Candidates) -> str:
    """Return how many candidates there are of each class, and the first of them."""
    frame = made.frame
    classes = frame["class"].value_counts(sort=False)
    rows = (
        (Text(row["change_vi"], row["change_en"]), bilingual(f"repr.class.{row['class']}"))
        for row in frame.head(_VIEWS_HTML_SHOWN).to_dict("records")
    )
    return panel(
        bilingual("repr.candidates"),
        "",
        facts((bilingual(f"repr.class.{name}"), int(n)) for name, n in classes.items()),
        grid(
            [bilingual("repr.plan.change"), bilingual("repr.class")],
            rows,
            most=_VIEWS_HTML_SHOWN,
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
            most=_VIEWS_HTML_SHOWN,
            of=len(found.summary),
        ),
        grid(
            [bilingual(f"repr.route.{name}") for name in heads],
            route,
            most=_VIEWS_HTML_SHOWN,
            of=len(found.route),
        ),
        lines(found.notes),
    )


def project_html(project: Project) -> str:
    """Return a project: its version, who saved it and when, and how much it holds."""
    return panel(
        bilingual("repr.project"),
        project.name,
        facts(
            [
                (bilingual("repr.project.version"), project.version),
                (bilingual("repr.project.who"), project.who),
                (bilingual("repr.project.at"), f"{project.at:%d/%m/%Y %H:%M} UTC"),
            ]
        ),
    )


_PAGES: dict[str, Callable[[Any], str]] = {
    "Portfolio": portfolio_html,
    "Procedure": procedure_html,
    "Difference": difference_html,
    "Explanation": explanation_html,
    "Plan": plan_html,
    "Scorecard": scorecard_html,
    "Roadmap": roadmap_html,
    "Scenarios": scenarios_html,
    "Candidates": candidates_html,
    "SmallestPlan": smallest_plan_html,
    "Project": project_html,
}


def page(value: object) -> str:
    """Return what a notebook shows of one of procsim's objects, as HTML."""
    return next(_PAGES[k.__name__] for k in type(value).__mro__ if k.__name__ in _PAGES)(value)
