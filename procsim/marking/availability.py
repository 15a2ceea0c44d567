"""Which database holds a paper, on which legal basis, from when, for whom, how far.

Nghị quyết 66.7/2025/NQ-CP: Điều 4 khoản 1–9 and the annexes list papers that data
replace (``listed``); khoản 10 leaves the rest open (``open``), which is never
counted as replaced. Điều 2: foreigners only as far as the database covers them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import pandas as pd

from procsim.marking.items import Item
from procsim.marking.learning import Row
from procsim.marking.matching import Matcher, default_matcher, read_rows
from procsim.marking.officer import Decision, Verdict, items_of, standing
from procsim.model.portfolio import Portfolio

FOREIGNER = "foreigner"
# Vietnamese alone hold these, so a row that names one is not for foreigners only.
_VIETNAMESE_ONLY = frozenset({"can_cuoc"})


@dataclass(frozen=True, slots=True)
class Holding:
    """One (document type, database) pair for one applicant group.

    Attributes
    ----------
    class_
        ``"listed"`` or ``"open"``.
    since, until
        ISO dates, ``""`` where not known: from when the pair counts, until when.
    coverage
        Share of applicants (0–1) whose data answer; NaN where nobody published it.
    """

    document_type: str
    database: str
    group: str
    class_: str
    legal_basis: str
    since: str
    until: str
    coverage: float
    coverage_mark: str
    scope: str

    def holds(self, on: date | None) -> bool:
        """Whether the pair is in force on a day; always, when no day is given."""
        if on is None:
            return True
        day = on.isoformat()
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


def _holdings(frame: pd.DataFrame) -> dict[str, tuple[Holding, ...]]:
    made: dict[str, list[Holding]] = {}
    scope = "scope" if "scope" in frame else "scope_note"
    for row in frame.to_dict("records"):
        coverage = pd.to_numeric(row["coverage"], errors="coerce")
        made.setdefault(row["document_type"], []).append(
            Holding(
                row["document_type"],
                row["database"],
                row["applicant_group"],
                row["class"],
                row["legal_basis"],
                # The duty starts when both the text is in force and the data are published.
                max(_day(row["listed"]), _day(row["published"])),
                _day(row["until"]),
                float(coverage),
                str(row["coverage_mark"] or ""),
                str(row[scope] or ""),
            )
        )
    return {
        kind: tuple(sorted(found, key=lambda h: h.class_ != "listed"))
        for kind, found in made.items()
    }


def _day(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@cache
def _shipped() -> dict[str, tuple[Holding, ...]]:
    from procsim.reference import holdings

    return _holdings(holdings())


def available(
    document_type: str, groups: Sequence[str] = (), on: date | None = None
) -> tuple[Holding, ...]:
    """Return who holds a document type, one holding for each database, listed first.

    Parameters
    ----------
    document_type
        Id of the catalogue.
    groups
        Applicant groups that the row names; none means everybody. Only
        foreigners: nothing, unless a database covers them.
    on
        Day of the look-up; ``None`` looks at the law without regard to dates.
    """
    return _available(document_type, tuple(groups), on)


@lru_cache(maxsize=10_000)
def _available(document_type: str, groups: tuple[str, ...], on: date | None) -> tuple[Holding, ...]:
    foreign = is_foreign(groups, (document_type,))
    best: dict[str, Holding] = {}
    for holding in _shipped().get(document_type, ()):
        if (holding.group == FOREIGNER) != foreign or not holding.holds(on):
            continue
        known = best.get(holding.database)
        if known is None or (holding.group in groups and known.group not in groups):
            best[holding.database] = holding
    return tuple(best.values())


def is_foreign(groups: Sequence[str], types: Iterable[str]) -> bool:
    """Whether a row asks for the papers of foreigners only."""
    if "citizen" in groups:
        return False
    return FOREIGNER in groups and not _VIETNAMESE_ONLY.intersection(types)


def verdict(
    kind: str, items: Sequence[Item], groups: Sequence[str] = (), on: date | None = None
) -> Verdict:
    """Return how much of a row falls away when data replace every listed paper.

    ``"full"`` when each paper that is due, or one sufficient alternative of it, is
    listed; ``"part"`` when that holds for some; ``"no"`` for forms, notes,
    foreigners' papers and everything that no database is listed for. Land
    certificates count, although residential land comes first: `Holding.scope`
    says so.
    """
    if kind != "document":
        return "no"
    types = [item.document_type for item in items if item.document_type]
    who = () if not is_foreign(groups, types) else groups
    sets: dict[int, bool] = {}
    for item in items:
        held = bool(item.document_type) and any(
            holding.class_ == "listed" for holding in available(item.document_type, who, on)
        )
        sets[item.group] = sets.get(item.group, False) or held
    if not any(sets.values()):
        return "no"
    return "full" if all(sets.values()) else "part"


def _allowed(decision: Decision, said: Verdict, on: date | None) -> Verdict:
    """Return what an officer says of a row, as far as a legal basis holds on the day."""
    listed = any(
        holding.class_ == "listed" for kind in decision.types for holding in available(kind, (), on)
    )
    return said if listed else "no"


def replaceable(
    portfolio: Portfolio, on: date | None = None, matcher: Matcher | None = None
) -> pd.Series:
    """Return ``"full"``, ``"part"`` or ``"no"`` for each requirement.

    Parameters
    ----------
    portfolio
        A marked portfolio: kinds, types and relations come from its tables, so
        that officer decisions count; the papers that the catalogue does not know
        come from the words of the row.
    on
        Day of the look-up; ``None`` looks at the law without regard to dates.
    matcher
        In place of the shipped one.

    Returns
    -------
    pandas.Series
        Aligned to ``portfolio.requirements.index``.
    """
    requirements = portfolio.requirements
    matches = read_rows(matcher or default_matcher(), rows_of(portfolio))
    decided = {
        identity: _allowed(decision, decision.replaceable, on)
        for identity, decision in standing(portfolio).items()
        if decision.replaceable
    }
    made: list[Verdict] = []
    for i, (identity, kind, types, relation, groups) in enumerate(
        zip(
            requirements.index,
            requirements["kind"],
            requirements["types"],
            requirements["relation"],
            requirements["applicant_group"],
            strict=True,
        )
    ):
        listed = [part for part in types.split(";") if part]
        if identity in decided:
            made.append(decided[identity])
            continue
        if kind != "document" or not listed:
            made.append("no")
            continue
        reading = matches[i].reading
        found = [item.document_type for item in reading.items if item.document_type]
        same = set(found) == set(listed) and reading.relation == relation
        items = reading.items if same else items_of(listed, relation)
        made.append(verdict(kind, items, groups.split(";"), on))
    return pd.Series(made, index=requirements.index, name="replaceable", dtype=object)


def case_names(portfolio: Portfolio) -> list[str]:
    """Return for each requirement the name of its case, ``""`` where it has none."""
    names = [*portfolio.cases["name"].tolist(), ""]
    return [names[at] for at in portfolio.positions("requirements", "case")]


def procedure_names(portfolio: Portfolio) -> list[str]:
    """Return for each requirement the name of its procedure."""
    names = [*portfolio.procedures["name"].tolist(), ""]
    return [names[at] for at in portfolio.positions("requirements", "procedure")]


def rows_of(portfolio: Portfolio) -> list[Row]:
    """Return each requirement with its case, procedure and quantity.

    Where a portfolio states no quantity at all, every quantity is unknown: zero
    tells a remark from a paper only where others are not zero.
    """
    requirements = portfolio.requirements
    quantity = (requirements["originals"] + requirements["copies"]).tolist()
    stated = any(number > 0 for number in quantity)
    return [
        Row(name, case, procedure, int(number) if stated else None)
        for name, case, procedure, number in zip(
            requirements["name"].tolist(),
            case_names(portfolio),
            procedure_names(portfolio),
            quantity,
            strict=True,
        )
    ]
