"""What the page Tối ưu asks: kept as a note of the project, and answered in the background."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from procsim.app.shell import results
from procsim.app.shell.jobs import Report
from procsim.language.i18n import bilingual
from procsim.least_cost import Limits
from procsim.least_cost.candidates import CLASSES, Candidates, candidates
from procsim.least_cost.plan import SmallestPlan, smallest_plan
from procsim.store import Note, Project

ABOUT = "smallest"
"""The note that holds the question."""


@dataclass(frozen=True)
class Question:
    """What is asked of the optimiser; plain values, so that it can be kept and compared.

    Attributes
    ----------
    year
        Whose targets; 0 for none but those in `rates`.
    rates
        Metric → share to cut, in place of the rate of the law.
    scopes
        Where each target must be met.
    source
        Name of a plan whose reforms are the candidates; ``""`` for all that are found.
    classes
        How well founded a candidate must be.
    texts, databases, price
        At most so many, so many, and so many points; None without a limit.
    forced_in, forced_out
        Ids of texts and databases.
    seconds
        Time for the search.
    """

    year: int = 2025
    rates: dict[str, float] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("nation",)
    source: str = ""
    classes: tuple[str, ...] = CLASSES
    texts: float | None = None
    databases: float | None = None
    price: float | None = None
    forced_in: tuple[str, ...] = ()
    forced_out: tuple[str, ...] = ()
    seconds: float = 60.0

    def note(self) -> Note:
        """Return the action that keeps the question in the project."""
        return Note(ABOUT, json.dumps(asdict(self), ensure_ascii=False, sort_keys=True))

    def key(self, project: Project) -> tuple[str, str, str]:
        """Return what the answer depends on, for `procsim.app.shell.jobs`."""
        parts = ["portfolio", "parameters", *([f"plans/{self.source}"] if self.source else [])]
        return ("smallest", project.digest_of(*parts), self.note().text)


def kept_question(project: Project) -> Question:
    """Return the question that the project keeps, else the first one."""
    known = {each.name for each in fields(Question)}
    try:
        held = json.loads(project.notes.get(ABOUT, "{}"))
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in held.items()
            if name in known and _fits(getattr(Question(), name), value)
        }
    except (ValueError, AttributeError):  # a note that somebody else wrote under this name
        values = {}
    question = Question(**values)
    return question if question.source in ("", *project.plans) else replace(question, source="")


def _fits(default: object, value: object) -> bool:
    """Return whether a value of a note can stand where this default stands."""
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(default, dict):
        return isinstance(value, dict) and all(isinstance(n, int | float) for n in value.values())
    if isinstance(default, str):
        return isinstance(value, str)
    return isinstance(value, int | float) or value is default


def pool(project: Project, question: Question) -> Candidates:
    """Return the candidates; takes seconds for a whole nation the first time."""

    def find() -> Candidates:
        if question.source:
            reforms = project.plans[question.source].reforms
            return Candidates.of(project.portfolio, reforms, parameters=project.parameters())
        return candidates(
            project.portfolio, classes=question.classes, parameters=project.parameters()
        )

    return results.of_plan("candidates", project, question.source, find, "|".join(question.classes))


def answer(project: Project, question: Question) -> Callable[[Report], SmallestPlan]:
    """Return the work that answers a question; for `procsim.app.shell.jobs`."""

    def work(report: Report) -> SmallestPlan:
        report(0.02, bilingual("app.smallest.finding"))
        found = pool(project, question)
        report(0.15, bilingual("app.smallest.modelling", count=len(found)))
        begun = time.monotonic()

        def progress(seconds: float, best: float, bound: float) -> None:
            del seconds
            share = min(1.0, (time.monotonic() - begun) / question.seconds)
            none = "–"
            said = bilingual(
                "app.smallest.searching",
                best=none if best in (float("inf"), best + 1) else round(best, 1),
                bound=none if bound in (float("-inf"), bound + 1) else round(bound, 1),
            )
            if not report.cancelled():  # the search ends by itself and keeps its best plan
                report(0.15 + 0.8 * share, said)

        def whole(limit: float | None) -> int | None:
            return None if limit is None else int(limit)

        return smallest_plan(
            project.portfolio,
            found,
            year=question.year or None,
            target_rates=question.rates or None,
            scopes=question.scopes,
            limits=Limits(
                texts=whole(question.texts),
                databases=whole(question.databases),
                price=question.price,
                forced_in=frozenset(question.forced_in),
                forced_out=frozenset(question.forced_out),
            ),
            time_limit=question.seconds,
            progress=progress,
            cancel=report.cancelled,
            parameters=project.parameters(),
        )

    return work
