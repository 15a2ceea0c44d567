"""What is in force by each month, against each deadline, and what holds it back.

Only states that differ are measured: most months change nothing, and most items
that come too late would change nothing if they came in time.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.routes import NOTHING, Item, Need, Window, windows
from procsim.decisions.targets import scorecard
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, Target
from procsim.reforms.plan import Plan, apply

__all__ = ["Dated", "States", "critical_items", "month_ends", "trajectory"]

Mask = npt.NDArray[np.bool_]
_METRICS = ("statutory_days", "cost_vnd", "cost_year_vnd", "documents", "conditions")
_TEXTS = "legal_texts"
_KEPT = 4
_TOLERANCE = 1e-12
_CRITICAL = (
    "target_id", "metric", "name_vi", "name_en", "deadline", "deadline_value", "target",
    "deadline_gap", "deadline_verdict", "critical", "critical_vi", "critical_en",
    "critical_ready_on", "how", "value_with", "gap_with", "verdict_with", "reason_vi",
    "reason_en",
)  # fmt: skip
_MONTHLY = (
    "month", "metric", "target_id", "in_force", "before", "after", "value", "target", "gap",
    "verdict", "deadline", "deadline_value", "deadline_gap", "deadline_verdict", "critical",
)  # fmt: skip
_OF_TARGET = ("deadline", "deadline_value", "deadline_gap", "deadline_verdict", "critical")


class Dated(Protocol):
    """What a trajectory asks of a roadmap."""

    @property
    def plan(self) -> Plan:
        """The reforms."""
        ...

    @property
    def portfolio(self) -> Portfolio:
        """What they change."""
        ...

    @property
    def on(self) -> dt.date:
        """The day it is drawn up."""
        ...

    @property
    def parameters(self) -> Parameters:
        """The figures that count."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """What must come before what."""
        ...

    @property
    def catalogue(self) -> Mapping[str, Item]:
        """Each item by its key."""
        ...

    @property
    def dates(self) -> dict[str, dt.date]:
        """The date of each item by its key."""
        ...


class States:
    """The plan in part: each set of reforms in force is measured, and its figures kept.

    Attributes
    ----------
    before
        The measures of the baseline.
    cards
        Rows of scorecards that were worked out, by the reforms and texts in force.
    measurements
        How often a part of the plan was applied and measured.
    """

    def __init__(self, road: Dated) -> None:
        self.road = road
        self.before = measure(road.portfolio, road.parameters)
        self.measured: dict[bytes, tuple[pd.DataFrame, Portfolio]] = {}
        self.cards: dict[tuple[bytes, frozenset[str], str], pd.Series] = {}
        self.measurements = 0

    def after(self, mask: Mask) -> tuple[pd.DataFrame, Portfolio]:
        """Return the measures and the portfolio with the reforms of `mask` in force."""
        key = mask.tobytes()
        if key not in self.measured:
            road = self.road
            own = tuple(r for r, on in zip(road.plan.reforms, mask, strict=True) if on)
            changed = apply(road.portfolio, replace(road.plan, reforms=own))
            while len(self.measured) >= _KEPT:  # whole portfolios: only the newest are kept
                del self.measured[next(iter(self.measured))]
            self.measured[key] = measure(changed, road.parameters), changed
            self.measurements += 1
        return self.measured[key]

    def rows(
        self, mask: Mask, targets: Iterable[Target], issued: frozenset[str]
    ) -> dict[str, pd.Series]:
        """Return the row of the scorecard of each target, by its id.

        `issued` are the keys of the texts that are ready, which some targets count.
        """
        chosen = tuple(targets)
        keys = {
            t.id: (mask.tobytes(), issued if t.metric == _TEXTS else frozenset(), t.id)
            for t in chosen
        }
        lacking = [target for target in chosen if keys[target.id] not in self.cards]
        if lacking:
            after, changed = self.after(mask)
            counted = [target for target in lacking if target.metric == _TEXTS]
            others = [target for target in lacking if target.metric != _TEXTS]
            cards = []
            if others:
                cards.append(scorecard(self.before, after, others, by=None, portfolio=changed))
            if counted:
                plan = self.amending(issued)
                cards.append(scorecard(self.before, after, counted, by=None, plan=plan))
            for card in cards:
                for name, row in card.nation().set_index("target_id").iterrows():
                    self.cards[keys[str(name)]] = row
        return {name: self.cards[key] for name, key in keys.items()}

    def amending(self, issued: frozenset[str]) -> Plan:
        """Return the reforms with those of their texts that are issued."""
        catalogue = self.road.catalogue
        made = []
        for reform, need in zip(self.road.plan.reforms, self.road.needs, strict=True):
            ready = {catalogue[key].text for key in need.texts if key in issued}
            numbers = tuple(number for number in reform.legal_numbers if number in ready)
            if numbers or reform.legal_text in ready:
                made.append(replace(reform, legal_numbers=numbers))
        return replace(self.road.plan, reforms=tuple(made))

    def rates(self, mask: Mask) -> pd.DataFrame:
        """Return the totals and rates of the metrics."""
        return compare(self.before, self.after(mask)[0]).set_index("metric").loc[list(_METRICS)]


def _in_force(found: Iterable[tuple[Window, ...]], day: dt.date) -> Mask:
    return np.array(
        [any(start <= day and (end is None or day <= end) for start, end in own) for own in found],
        dtype=bool,
    )


def _issued(
    catalogue: Mapping[str, Item], dates: Mapping[str, dt.date], day: dt.date
) -> frozenset[str]:
    """Return the keys of the texts that are ready on a day."""
    return frozenset(k for k, item in catalogue.items() if item.kind == "text" and dates[k] <= day)


def month_ends(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield the last day of each month from that of `first` to that of `last`.

    Examples
    --------
    >>> [str(day) for day in month_ends(dt.date(2025, 12, 5), dt.date(2026, 1, 1))]
    ['2025-12-31', '2026-01-31']
    """
    month, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    while month <= end:
        year, number = divmod(month, 12)
        yield dt.date(year, number + 1, calendar.monthrange(year, number + 1)[1])
        month += 1


def _changes(found: Iterable[tuple[Window, ...]]) -> set[dt.date]:
    """Return the days on which something takes effect or lapses."""
    days: set[dt.date] = set()
    for own in found:
        for start, end in own:
            days.add(start)
            if end is not None:
                days.add(end + dt.timedelta(days=1))
    return days


def trajectory(
    states: States, targets: tuple[Target, ...], until: dt.date | None = None
) -> pd.DataFrame:
    """Return each metric and target by month-end, of what is in force by then.

    Parameters
    ----------
    states
        The plan of a `procsim.decisions.roadmap.Roadmap`, measured in part.
    targets
        The targets that are followed too, with their deadlines.
    until
        Last month; by default that of the last known change or the last deadline.

    Returns
    -------
    pandas.DataFrame
        A row for each month-end and metric (``target_id`` empty), and for each
        month-end and target: ``month`` (`datetime.date`), ``metric``, ``target_id``,
        ``in_force`` (reforms), ``before``, ``after``, ``value`` (the rate, or what the
        target prescribes), ``target``, ``gap``, ``verdict`` (as in `scorecard`); the
        ``deadline`` with the value, gap and verdict on that day, and ``critical``, the
        key of the item that holds the target back (`critical_items`).

    Raises
    ------
    InvalidValue
        When the plan, or the part of it that is in force, cannot be applied.
    """
    road, dates = states.road, states.road.dates
    found = [windows(need, dates) for need in road.needs]
    end = until or max(
        [road.on, *_changes(found), *(t.deadline for t in targets if t.deadline is not None)]
    )
    held = critical_items(states, targets).set_index("target_id")
    rows: list[dict[str, object]] = []
    for day in month_ends(road.on, end):
        mask = _in_force(found, day)
        common = {"month": day, "in_force": int(mask.sum())}
        for metric, row in states.rates(mask).iterrows():
            rows.append(
                common
                | {"metric": metric, "target_id": "", "verdict": "", "critical": ""}
                | {"before": row["before"], "after": row["after"], "value": row["rate"]}
            )
        issued = _issued(road.catalogue, dates, day)
        for name, row in states.rows(mask, targets, issued).items():
            kept = ("metric", "before", "after", "value", "target", "gap", "verdict")
            rows.append(
                common
                | {"target_id": name}
                | {column: row[column] for column in kept}
                | {column: held.at[name, column] for column in _OF_TARGET}
            )
    frame = pd.DataFrame(rows, columns=list(_MONTHLY))
    frame["deadline"] = _dates(frame["deadline"])
    frame["deadline_verdict"] = frame["deadline_verdict"].astype(object).fillna("")
    return frame


def _dates(cells: pd.Series) -> pd.Series:
    """Return dates as `datetime.date` objects, None where there is none."""
    return cells.astype(object).where(cells.notna(), None)


def critical_items(states: States, targets: tuple[Target, ...]) -> pd.DataFrame:
    """Return each target at its deadline, and the one item that holds it back.

    The critical item is found by measuring again, never by guessing: each item that
    comes after the deadline is put in time by itself, and the one with which the
    value comes nearest to the target is named (``how`` = ``alone``). Where none of
    them moves the value alone, because reforms wait for several, all are put in time
    and the one whose lateness then costs most is named (``together``). Where even all
    of them in time change nothing the plan itself is too small (``plan``).

    Returns
    -------
    pandas.DataFrame
        A row for each target: its names, ``deadline``, the value, gap and verdict on
        that day, ``critical`` (key of the item, empty where none), its names and
        ``critical_ready_on``, ``how``, and value, gap and verdict with that item (for
        ``together``: with all items) in time; ``reason_vi``, ``reason_en``.
    """
    rows = [_at_deadline(states, target, targets) for target in targets]
    frame = pd.DataFrame(rows, columns=list(_CRITICAL))
    for name in ("deadline", "critical_ready_on"):
        frame[name] = _dates(frame[name])
    return frame


def _at_deadline(states: States, target: Target, targets: tuple[Target, ...]) -> dict[str, object]:
    made: dict[str, object] = {
        "target_id": target.id,
        "metric": target.metric,
        "name_vi": target.name_vi,
        "name_en": target.name_en,
        "deadline": target.deadline,
        "deadline_value": math.nan,
        "target": math.nan if target.value is None else float(target.value),
        "deadline_gap": math.nan,
        "deadline_verdict": "unknown",
        "critical": "",
        "critical_vi": "",
        "critical_en": "",
        "critical_ready_on": None,
        "how": "",
        "value_with": math.nan,
        "gap_with": math.nan,
        "verdict_with": "",
    }
    if target.deadline is None:
        return made | _reasons(bilingual("roadmap.no_deadline"))
    # Targets of one day are asked together: a state is held against all of them at once.
    peers = [t for t in targets if t.deadline == target.deadline and t.metric != _TEXTS]
    search = _Search(states, target, target.deadline, [target, *peers])
    row = search.row({})
    made |= {f"deadline_{name}": row[name] for name in ("value", "gap", "verdict")}
    reason = Text(row["reason_vi"], row["reason_en"])
    if math.isnan(row["value"]) or row["verdict"] == "met" or not row["gap"] < 0:
        return made | _reasons(reason)
    how, key, better = search.critical(row)
    made |= {"how": how} | _reasons(reason)
    if how == "plan":
        small = bilingual("roadmap.plan_too_small")
        return made | _reasons(
            Text(*(" ".join(both).strip() for both in zip(small, reason, strict=True)))
        )
    item = states.road.catalogue[key]
    made |= {
        "critical": key,
        "critical_vi": item.name.vi,
        "critical_en": item.name.en,
        "critical_ready_on": item.ready_on,
    }
    return made | {f"{name}_with": better[name] for name in ("value", "gap", "verdict")}


def _reasons(reason: Text = NOTHING) -> dict[str, object]:
    return {"reason_vi": reason.vi, "reason_en": reason.en}


class _Search:
    """Measure a target on its deadline with some of the late items put in time."""

    def __init__(self, states: States, target: Target, day: dt.date, peers: list[Target]) -> None:
        self.states, self.target, self.day = states, target, day
        alone = [target] if target.metric == _TEXTS else peers
        self.asked = list({t.id: t for t in alone}.values())
        self.road = road = states.road
        self.dates = road.dates
        self.late = [key for key, ready in self.dates.items() if ready > day]
        self.users: dict[str, list[int]] = {key: [] for key in self.dates}
        for position, need in enumerate(road.needs):
            for key in need.keys:
                self.users[key].append(position)
        self.mask = _in_force((windows(need, self.dates) for need in road.needs), day)

    def row(self, changed: Mapping[str, dt.date]) -> pd.Series:
        """Return the row of the scorecard with other dates for some items."""
        dates = self.dates | dict(changed)
        mask = self.mask.copy()
        touched = sorted({position for key in changed for position in self.users[key]})
        own = (windows(self.road.needs[position], dates) for position in touched)
        mask[touched] = _in_force(own, self.day)
        issued = _issued(self.road.catalogue, dates, self.day)
        return self.states.rows(mask, self.asked, issued)[self.target.id]

    def critical(self, now: pd.Series) -> tuple[str, str, pd.Series]:
        """Return how it was found, the item, and the row that it would bring."""
        in_time = dict.fromkeys(self.late, dt.date.min)
        everything = self.row(in_time)
        if not everything["value"] > now["value"] + _TOLERANCE:
            return "plan", "", everything
        alone = {key: self.row({key: dt.date.min}) for key in self.late}
        best = max(self.late, key=lambda key: self._rank(key, alone[key]["value"]))
        if alone[best]["value"] > now["value"] + _TOLERANCE:
            return "alone", best, alone[best]
        without = {
            key: self.row({k: day for k, day in in_time.items() if k != key}) for key in self.late
        }
        worst = max(self.late, key=lambda key: self._rank(key, -without[key]["value"]))
        return "together", worst, everything

    def _rank(self, key: str, value: float) -> tuple[float, int, dt.date]:
        """Order items by the value, then by how many reforms need them, then by date."""
        known = -math.inf if math.isnan(value) else round(value, 12)
        return known, len(self.users[key]), self.dates[key]
