"""The figures in the head of a procedure map: before and, with a plan, after."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import t
from procsim.reforms.wording import in_units
from procsim.reports.map_records import Records, Row

__all__ = ["Fact", "facts", "papers_counted", "step_days"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the head; ``new`` equals ``old`` where nothing changes."""

    label: str
    old: str
    new: str


def papers_counted(rows: Iterable[Row]) -> float:
    """Return the official count of the dossier rows drawn; NaN where one is not marked.

    The same rule as `procsim.measures.documents`: papers less those that data
    replace; a row that states no number of papers stands for one.
    """
    count = 0.0
    for row in rows:
        if row["status"] == "required":
            papers = 1.0 if math.isnan(row["papers"]) else row["papers"]
            count += math.nan if row["kind"] == "unknown" else papers - row["replaced"]
    return count


def step_days(row: Row, language: str, *, written: bool = True) -> str:
    """Return how long a step takes: as the source writes it, else its number of days."""
    if math.isnan(row["days"]) or (written and row["days_text"]):
        return str(row["days_text"])
    return in_units(round(row["days"], 1), "working_day").in_language(language)


def facts(old: Records, new: Records, papers: Sequence[float], language: str) -> tuple[Fact, ...]:
    """Return the figures of the head, in the order in which they are read."""
    unstated = t("map.fact.unstated", language)
    made = {
        "limit": _limits(old, new, language),
        "papers": [
            _count(count, language) if found.described else unstated
            for found, count in zip((old, new), papers, strict=True)
        ],
        "steps": [_steps(found, language) for found in (old, new)],
        "conditions": [
            _count(found.conditions, language) if found.described else unstated
            for found in (old, new)
        ],
        "online": [_online(found, language) for found in (old, new)],
    }
    none = t("map.fact.none", language)
    return tuple(
        Fact(t(f"map.fact.{name}", language), first, last if new.stands else none)
        for name, (first, last) in made.items()
    )


def _count(value: float, language: str) -> str:
    if math.isnan(value):
        return t("map.fact.unknown", language)
    return format_number(value) if language == "vi" else format_number_en(value)


def _limits(old: Records, new: Records, language: str) -> list[str]:
    """Return the longest limits, before and after; a common unit is written once."""
    first, last = (_longest(found) for found in (old, new))
    if first and last and first[1] == last[1] and first[0] != last[0]:
        return [_count(first[0], language), in_units(*last).in_language(language)]
    none = t("map.fact.unstated", language)
    return [in_units(*found).in_language(language) if found else none for found in (first, last)]


def _longest(found: Records) -> tuple[float, str] | None:
    """Return the longest limit of all channels as published: number and unit."""
    stated = [row for row in found.channels if not math.isnan(row["days"])]
    longest = max(stated, key=lambda row: row["days"], default=None)
    return (longest["limit_value"], longest["limit_unit"]) if longest else None


def _steps(found: Records, language: str) -> str:
    unstated = t("map.fact.unstated", language)
    return _count(len(found.steps), language) if found.steps else unstated


def _online(found: Records, language: str) -> str:
    return t(f"map.online.{found.head['online']}", language) if found.head else ""
