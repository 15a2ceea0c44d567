"""Mark a portfolio: kinds, document types, databases; and say why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd

from procsim.marking.availability import (
    Holding,
    available,
    case_names,
    is_foreign,
    replaceable,
    rows_of,
)
from procsim.marking.matching import Match, Matcher, default_matcher, read_rows, uncollected
from procsim.marking.officer import (
    OFFICER,
    Decision,
    decision_faults,
    entered_by_hand,
    overruled,
    standing,
)
from procsim.marking.rows import Reading, case_kind
from procsim.model.portfolio import Portfolio
from procsim.model.tables import conform
from procsim.reference.calendar import Day, as_day

REVIEW_BELOW = 0.75
"""Confidence under which a row is put before an officer."""

_FILLED = ("kind", "types", "relation", "papers", "certified", "conditional", "applicant_group")


def machine_readings(portfolio: Portfolio, matcher: Matcher) -> tuple[list[Match], list[Reading]]:
    """Return what rules and model say of each requirement, officers not asked."""
    matches = read_rows(matcher, rows_of(portfolio))
    return matches, [match.reading for match in matches]


def types_of(reading: Reading) -> dict[str, str]:
    """Return the types of a row with the words that named each, in reading order."""
    found: dict[str, str] = {}
    for item in reading.items:
        if item.document_type:
            found.setdefault(item.document_type, item.words)
    return found


def papers_counted(kind: str, relation: str, types: int) -> float:
    """Return how many papers a row stands for in the official count."""
    if kind == "note":
        return 0.0
    return float(types) if relation == "all" and types >= 2 else 1.0


def _mark_rows(
    requirement: str,
    match: Match,
    reading: Reading,
    on: date | None,
    decision: Decision | None = None,
) -> Iterator[dict[str, object]]:
    types = types_of(reading)
    foreign = is_foreign(reading.groups, types)
    # Whose paper it is matters only for foreigners; otherwise anybody's data may answer.
    who = reading.groups if foreign else tuple(g for g in reading.groups if g != "foreigner")
    position = 0
    owner, source = requirement, match.source
    decided: dict[str, object] = {}
    if decision is not None:
        owner, source = decision.id, OFFICER
        decided = {"decided_by": decision.decided_by, "decided_on": str(decision.decided_on)}
        seen = dict(zip(match.types, match.words, strict=True))
        types = {kind: seen.get(kind, words) for kind, words in types.items()}
    for document_type, words in types.items():
        holdings: tuple[Holding | None, ...] = available(document_type, who, on) or (None,)
        if decision is not None and decision.replaceable == "no":
            holdings = (None,)
        for holding in holdings:
            position += 1
            row: dict[str, object] = {
                "id": f"{owner}/m{position}",
                "requirement": requirement,
                "document_type": document_type,
                "group": ";".join(who),
                "confidence": reading.confidence,
                "source": source,
                "words": words,
                **decided,
            }
            if holding is not None:
                row |= {
                    "database": holding.database,
                    "class": holding.class_,
                    "legal_basis": holding.legal_basis,
                    "since": holding.since,
                    "coverage": holding.coverage,
                    "coverage_mark": holding.coverage_mark,
                }
            yield row


@uncollected()
def mark(portfolio: Portfolio, on: Day | None = None, matcher: Matcher | None = None) -> Portfolio:
    """Return the portfolio with its dossier rows, cases and results marked.

    Fills ``requirements`` (kind, types, relation, papers, certified, conditional,
    applicant_group), ``cases.kind``, ``results.types`` and the table ``marks``.
    Officers' decisions (table ``decisions``) win over rules and model; rows whose
    marks an officer wrote by hand stay as they are.

    Parameters
    ----------
    portfolio
        As read; it is not changed.
    on
        Day on which databases must hold the papers; ``None`` takes the law
        without regard to dates.
    matcher
        In place of the shipped rules, for example a trained model.

    Returns
    -------
    Portfolio
        A new portfolio; rows that nothing could be read from stay ``unknown``.

    Examples
    --------
    >>> from procsim.model.portfolio import Portfolio
    >>> len(mark(Portfolio.from_tables({})).requirements)
    0
    """
    on = as_day(on, "on")
    chosen = matcher or default_matcher()
    requirements = portfolio.requirements
    matches, readings = machine_readings(portfolio, chosen)
    readings = overruled(portfolio, readings)
    decided, decisions = entered_by_hand(portfolio), standing(portfolio)
    filled: list[tuple[object, ...]] = []
    rows: list[dict[str, object]] = []
    for identity, match, reading in zip(requirements.index, matches, readings, strict=True):
        types = types_of(reading)
        filled.append(
            (
                reading.kind,
                ";".join(types),
                reading.relation,
                papers_counted(reading.kind, reading.relation, len(types)),
                reading.certified,
                reading.conditional,
                ";".join(reading.groups),
            )
        )
        if types and identity not in decided:
            rows += _mark_rows(identity, match, reading, on, decisions.get(identity))
    fresh = requirements.assign(**pd.DataFrame(filled, requirements.index, _FILLED))
    if decided:
        kept = requirements.index.isin(decided)
        fresh.loc[kept, list(_FILLED)] = requirements.loc[kept, list(_FILLED)]
    made, _ = conform("marks", pd.DataFrame(rows))
    marks = portfolio.marks
    officers = marks[marks["requirement"].isin(decided)]
    kinds = {name: case_kind(name) for name in portfolio.cases["name"].unique()}
    results = portfolio.results
    found = chosen.match(results["name"].tolist())
    return portfolio.replace(
        requirements=fresh,
        cases=portfolio.cases.assign(kind=portfolio.cases["name"].map(kinds)),
        results=results.assign(types=[";".join(types_of(m.reading)) for m in found]),
        marks=pd.concat([officers, made]) if len(officers) else made,
        faults=decision_faults(portfolio),
    )


def needs_review(confidence: float, relation: str) -> bool:
    """Return whether an officer should look at a row that nobody has decided."""
    return confidence < REVIEW_BELOW or relation == "mixed"


def mark_lines(
    portfolio: Portfolio, on: date | None = None, matcher: Matcher | None = None
) -> Iterator[dict[str, Any]]:
    """Yield what marking found, one plain mapping for each dossier row.

    Parameters
    ----------
    portfolio
        As read or as marked; it is marked again, officer decisions stay.

    Yields
    ------
    dict
        code, case, row (position in the case), name, kind, types (list),
        relation, databases (list), replaceable, confidence, alternatives (type to
        probability that it is asked for), review.
    """
    chosen = matcher or default_matcher()
    marked = mark(portfolio, on, chosen)
    matches, _ = machine_readings(marked, chosen)
    verdicts = replaceable(marked, on, chosen).tolist()
    decided = entered_by_hand(marked) | standing(marked).keys()
    held = marked.marks[(marked.marks["database"] != "") & (marked.marks["class"] == "listed")]
    databases: dict[str, list[str]] = {}
    for requirement, database in zip(held["requirement"], held["database"], strict=True):
        known = databases.setdefault(requirement, [])
        if database not in known:
            known.append(database)
    codes = [*marked.procedures["code"].tolist(), ""]
    owners = marked.positions("requirements", "procedure")
    cases = case_names(marked)
    for place, row in enumerate(marked.requirements.itertuples()):
        by_officer = row.Index in decided
        confidence = 1.0 if by_officer else matches[place].reading.confidence
        yield {
            "code": codes[owners[place]],
            "case": cases[place],
            "row": int(row.position),
            "name": row.name,
            "kind": row.kind,
            "types": [part for part in row.types.split(";") if part],
            "relation": row.relation,
            "databases": databases.get(row.Index, []),
            "replaceable": verdicts[place],
            "confidence": round(confidence, 3),
            "alternatives": dict(matches[place].alternatives),
            "review": not by_officer and needs_review(confidence, row.relation),
        }
