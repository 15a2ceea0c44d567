"""What pages show of a project, computed once for equal content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pandas as pd

from procsim.app.shell.kept import kept
from procsim.app.shell.session import today
from procsim.decisions import Roadmap, Scorecard, roadmap, scorecard, targets, with_coverage
from procsim.errors import Fault
from procsim.measures import compare, measure
from procsim.model import Portfolio, check
from procsim.reference import merge_readiness
from procsim.reforms import Plan, apply
from procsim.store import Project

Result = TypeVar("Result")


def of_portfolio(
    name: str, project: Project, make: Callable[[], Result], *more: str | float | None
) -> Result:
    """Keep a result that depends on the portfolio, the parameters and `more`."""
    return kept(name, (project.digest_of("portfolio", "parameters"), *more), make)


def of_plan(
    name: str, project: Project, plan: str, make: Callable[[], Result], *more: str | float | None
) -> Result:
    """Keep a result that depends on a plan too, by its name (``""``: on none)."""
    parts = ["portfolio", "parameters", *([f"plans/{plan}"] if plan else [])]
    return kept(name, (project.digest_of(*parts), *more), make)


def plan_of(project: Project, plan: str) -> Plan:
    """Return a plan by name; the empty plan for ``""``."""
    return project.plans[plan] if plan else Plan(())


def before(project: Project) -> pd.DataFrame:
    """Return the measures of the procedures as they stand."""
    return of_portfolio("before", project, lambda: measure(project.portfolio, project.parameters()))


def changed(project: Project, plan: str) -> Portfolio:
    """Return the procedures after a plan, data answering as far as databases are ready."""

    def make() -> Portfolio:
        chosen = plan_of(project, plan)
        if len(project.readiness):
            chosen = with_coverage(chosen, today(), merge_readiness(project.readiness))
        return apply(project.portfolio, chosen)

    return of_plan("changed", project, plan, make, *_judged(project))


def _judged(project: Project) -> tuple[str, ...]:
    """Return what else results depend on once officers have judged databases."""
    if not len(project.readiness):
        return ()
    return (project.digest_of("readiness"), today().isoformat())


def after(project: Project, plan: str) -> pd.DataFrame:
    """Return the measures of the procedures after a plan."""
    return of_plan(
        "after",
        project,
        plan,
        lambda: measure(changed(project, plan), project.parameters()),
        *_judged(project),
    )


def rates(project: Project, plan: str) -> pd.DataFrame:
    """Return the reduction of each metric over all procedures, a row each."""
    return of_plan(
        "rates",
        project,
        plan,
        lambda: compare(before(project), after(project, plan)),
        *_judged(project),
    )


def card(
    project: Project, plan: str, year: int, by: str | None = "ministry", on: dt.date | None = None
) -> Scorecard:
    """Return the scorecard of a plan against the targets of a year.

    Parameters
    ----------
    on
        The day of the question, for what is effective by then; None reads no day.
    """
    day = on.isoformat() if on else None

    def make() -> Scorecard:
        return scorecard(
            before(project),
            after(project, plan),
            targets(year),
            by,
            portfolio=changed(project, plan),
            plan=plan_of(project, plan),
            on=on,
        )

    return of_plan("card", project, plan, make, year, by, day, *_judged(project))


def of_card(
    name: str, project: Project, plan: str, make: Callable[[], Result], *more: str | float | None
) -> Result:
    """Keep a result that depends on a scorecard: on a plan, and on the databases as judged."""
    return of_plan(name, project, plan, make, *more, *_judged(project))


def route(project: Project, plan: str, on: dt.date | None = None) -> Roadmap:
    """Return the dates on which the reforms of a plan take effect, with the officer's own."""
    day = on or today()

    def make() -> Roadmap:
        made = partial(
            roadmap,
            project.portfolio,
            plan_of(project, plan),
            on=day,
            parameters=project.parameters(),
        )
        if not project.dates:
            return made()
        # A date may be one of another plan; what this plan does not wait for is left out.
        waits = {item.text or key for key, item in made().catalogue.items()}
        return made(dates={key: at for key, at in project.dates.items() if key in waits})

    more = (project.digest_of("dates", "readiness"), day.isoformat())
    return of_plan("route", project, plan, make, *more)


def faults(project: Project) -> tuple[Fault, ...]:
    """Return everything that `check` finds in the portfolio."""
    return kept("faults", project.digest_of("portfolio"), lambda: tuple(check(project.portfolio)))
