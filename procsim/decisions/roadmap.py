"""When each reform of a plan takes effect, and what it waits for."""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.routes import (
    NEVER,
    NOTHING,
    Item,
    Need,
    Window,
    agency_of,
    rests_on_resolution,
    texts_needed,
    windows,
)
from procsim.decisions.targets import scorecard
from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, ProcsimError, Text, UnknownName, shorten
from procsim.language.i18n import bilingual
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, Target, databases, legal_texts
from procsim.reference import parameters as dated_parameters
from procsim.reference.calendar import Day, as_day
from procsim.reference.law import (
    RESOLUTION_FROM,
    RESOLUTION_NUMBER,
    add_months,
    database_ready_on,
    lead_months,
)
from procsim.reforms.base import Reform, day_or_text
from procsim.reforms.plan import Plan, apply, check_order

_ENTERED = "nhập"
_PROMISES = ("deadline", "due")
_ITEM_COLUMNS = (
    "key", "kind", "name_vi", "name_en", "ready_on", "basis", "mark", "source", "overdue",
    "reforms", "waiting", "reason_vi", "reason_en",
)  # fmt: skip
_REFORM_COLUMNS = (
    "kind", "procedure", "target", "effective_on", "until", "resumes_on", "mark", "waits_for",
    "others", "reason_vi", "reason_en",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Roadmap:
    """Dates of a plan.

    Attributes
    ----------
    plan, portfolio, on, parameters
        What the dates were worked out for.
    items
        One row for each database and legal text, the earliest first, unknown dates
        last: ``key``, ``kind`` (database, text, resolution), names, ``ready_on``
        (`datetime.date` or None), ``basis``, ``mark`` and ``source`` of the date,
        ``overdue`` (a promised date before `on`, with nothing known of its being
        kept), ``reforms`` that need it, ``waiting`` (those for which it is the last),
        ``reason_vi``, ``reason_en``.
    reforms
        One row for each reform, positions from 1: ``kind``, ``procedure``,
        ``target``, ``effective_on`` (None where unknown), ``until`` (last day, where
        the effect lapses), ``resumes_on``, the ``mark`` of the date, ``waits_for``
        (key of the item that comes last), ``others`` (keys joined by ``;``) and
        ``reason_vi``, ``reason_en``.

    Examples
    --------
    >>> import procsim as ps
    >>> cut = ps.ShortenLimit("1.004222", days=5, rank="thong_tu", legal_numbers="1/2020/TT-BCA")
    >>> road = ps.roadmap(ps.load_sample(), Plan([cut]), on=dt.date(2026, 1, 1))
    >>> road
    <Roadmap from 2026-01-01: 1 databases and texts, 1 of 1 reforms dated>
    >>> road.items["key"].tolist()
    ['1/2020/TT-BCA']
    """

    plan: Plan
    portfolio: Portfolio = field(repr=False)
    on: dt.date
    parameters: Parameters = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    reforms: pd.DataFrame = field(repr=False)
    needs: tuple[Need, ...] = field(repr=False)
    catalogue: Mapping[str, Item] = field(repr=False)

    def __repr__(self) -> str:
        dated = int(self.reforms["effective_on"].notna().sum())
        return (
            f"<Roadmap from {self.on}: {len(self.items)} databases and texts, "
            f"{dated} of {len(self.reforms)} reforms dated>"
        )

    def _repr_html_(self) -> str:
        return notebook_page(self)

    @property
    def dates(self) -> dict[str, dt.date]:
        """The date of each item by its key; `NEVER` where it is not known."""
        return {key: item.ready_on or NEVER for key, item in self.catalogue.items()}

    @cached_property
    def states(self) -> States:
        """The parts of the plan that were measured, kept for the next question."""
        return States(self)

    def trajectory(
        self, targets: Iterable[Target] | None = None, until: Day | None = None
    ) -> pd.DataFrame:
        """Return each metric by month-end, of what is in force by then.

        See `procsim.decisions.roadmap.trajectory`.
        """
        until = as_day(until, "until")
        return trajectory(self.states, () if targets is None else tuple(targets), until)

    def critical(self, targets: Iterable[Target]) -> pd.DataFrame:
        """Return each target at its deadline, and the one item that holds it back.

        See `procsim.decisions.roadmap.critical_items`.
        """
        return critical_items(self.states, tuple(targets))


def roadmap(
    portfolio: Portfolio,
    plan: Plan,
    *,
    on: Day,
    parameters: Parameters | None = None,
    dates: Mapping[str, Day] | None = None,
) -> Roadmap:
    """Return when each reform of a plan takes effect.

    A reform takes effect at the latest of what it needs: its databases
    (`procsim.reference.law.database_ready_on`) and the legal texts that must be
    amended. A text is ready on the date that the officer enters, else on the ``due``
    of the reform, else after the lead time of its rank counted from `on`. A reform
    that names no text, rank or due date has no date.

    A reform that rests on Nghị quyết 66.7/2025/NQ-CP starts with the resolution
    (01/01/2026) once its databases are published, but the resolution ends on
    28/02/2027: where no amended text stands by then the effect lapses. Reforms of
    Điều 3 khoản 2 name no text to amend; they wait for ``text@agency``.

    Parameters
    ----------
    portfolio
        The baseline.
    plan
        The plan, meant for it.
    on
        The day from which work is counted.
    parameters
        The dated figures (``lead_months_<rank>``); by default the newest.
    dates
        Dates that the officer knows better: by id of a database, number of a text, or
        ``rank@agency`` and ``text@agency`` of one that is not named.

    Returns
    -------
    Roadmap
        With ``reforms`` and ``items``, their dates and what each waits for.

    Raises
    ------
    UnknownName, InvalidValue
        A key of `dates` is nothing that could be waited for; a value is no date.

    Examples
    --------
    >>> from procsim.reforms import ShortenLimit
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": "A", "ministry": "Bộ Y tế"}),
    ... })
    >>> plan = Plan([ShortenLimit("1.000001", percent=50, rank="thong_tu")])
    >>> made = roadmap(portfolio, plan, on=dt.date(2026, 1, 15))
    >>> row = made.reforms.loc[1]
    >>> str(row["effective_on"]), row["waits_for"], row["mark"]
    ('2026-04-15', 'thong_tu@Bộ Y tế', 'giả định')
    """
    on = as_day(on, "on")
    check_order("roadmap", portfolio, plan)
    p = dated_parameters() if parameters is None else parameters
    entered: dict[str, Any] = {
        key: day_or_text(day) if isinstance(day, str) else day for key, day in (dates or {}).items()
    }
    asked = [_texts(reform, portfolio) for reform in plan.reforms]
    _check_dates(entered, plan, asked)
    keys = _text_keys(asked, entered)
    catalogue: dict[str, Item] = {}
    needs = []
    for reform, texts in zip(plan.reforms, asked, strict=True):
        need = Need(
            databases=tuple(dict.fromkeys(getattr(reform, "databases", ()))),
            texts=tuple(dict.fromkeys(keys[text] for text in texts)),
            resolution=rests_on_resolution(reform),
        )
        needs.append(need)
        for base in need.databases:
            if base not in catalogue:
                catalogue[base] = _database_item(base, on, entered)
        if need.resolution and RESOLUTION_NUMBER not in catalogue:
            catalogue[RESOLUTION_NUMBER] = _resolution_item()
        for text in texts:
            if keys[text] not in catalogue:
                catalogue[keys[text]] = _text_item(text, keys[text], reform, on, p, entered)
    rows = [
        _reform_row(reform, need, catalogue)
        for reform, need in zip(plan.reforms, needs, strict=True)
    ]
    index = pd.RangeIndex(1, len(rows) + 1, name="position")
    reforms = pd.DataFrame(rows, columns=list(_REFORM_COLUMNS), index=index, dtype=object)
    return Roadmap(
        plan,
        portfolio,
        on,
        p,
        _item_frame(catalogue, needs, reforms, on),
        reforms,
        tuple(needs),
        catalogue,
    )


_TextKey = tuple[str, str, dt.date | None]  # text, rank, due


def _texts(reform: Reform, portfolio: Portfolio) -> tuple[_TextKey, ...]:
    """Return the texts that a reform waits for, each with the date promised for it."""
    named = texts_needed(reform, portfolio)
    if named:
        return tuple((key, rank, reform.due) for key, rank in named)
    # Điều 3 khoản 2: its due date is that of the re-engineering, not of a text.
    due = None if rests_on_resolution(reform) else reform.due
    return ((f"text@{agency_of(reform, portfolio)}", "", due),)


def _text_keys(
    asked: Iterable[tuple[_TextKey, ...]], entered: Mapping[str, dt.date]
) -> dict[_TextKey, str]:
    """Return the key of each text; one that is promised for several days has several."""
    every = list(dict.fromkeys(text for texts in asked for text in texts))
    times = Counter(text[0] for text in every)
    return {
        text: text[0]
        if times[text[0]] == 1 or text[0] in entered
        else f"{text[0]} ({text[2].isoformat() if text[2] else '–'})"
        for text in every
    }


def _check_dates(
    entered: Mapping[str, dt.date], plan: Plan, asked: Iterable[tuple[_TextKey, ...]]
) -> None:
    own = {text[0] for texts in asked for text in texts}
    own |= {base for reform in plan.reforms for base in getattr(reform, "databases", ())}
    known = own | set(databases().index) | set(legal_texts().index)
    wrong: list[Fault] = []
    for key, day in entered.items():
        if key not in known:
            close = difflib.get_close_matches(str(key), sorted(known), n=3, cutoff=0.5)
            wrong.append(_wrong_date(key, "roadmap.unknown_item", ", ".join(close or sorted(own))))
        if type(day) is not dt.date:
            wrong.append(_wrong_date(f"{key}: {day}", "roadmap.not_a_date", "2026-12-31"))
    if not wrong:
        return
    kind: type[ProcsimError] = InvalidValue
    if all(fault.code == "roadmap.unknown_item" for fault in wrong):
        kind = UnknownName
    raise kind(wrong)


def _wrong_date(value: str, code: str, accepted: str) -> Fault:
    cure = bilingual(f"{code}.cure", accepted=shorten(accepted))
    return Fault("roadmap › dates", shorten(value), bilingual(code), cure, code=code)


def _database_item(base: str, on: dt.date, entered: Mapping[str, dt.date]) -> Item:
    table = databases()
    if base not in table.index:
        day = entered.get(base)
        basis, mark = ("entered", _ENTERED) if day else ("unknown", "")
        reason = NOTHING if day else bilingual("roadmap.unknown_database")
        return Item(base, "database", Text(base, base), day, basis, mark, "", reason)
    name = Text(table.at[base, "name_vi"], table.at[base, "name_en"])
    if base in entered:
        source = bilingual("roadmap.entered").vi
        return Item(base, "database", name, entered[base], "entered", _ENTERED, source)
    found = database_ready_on(base, on)
    return Item(
        base, "database", name, found.date, found.basis, found.mark, found.source, found.reason
    )


def _resolution_item() -> Item:
    name = bilingual("decisions.resolution", resolution_number=RESOLUTION_NUMBER)
    source = f"{name.vi}, Điều 10"
    reason = bilingual("roadmap.resolution_ends")
    key = RESOLUTION_NUMBER
    return Item(key, "resolution", name, RESOLUTION_FROM, "in_force", "luật", source, reason)


def _text_item(
    text: _TextKey,
    key: str,
    reform: Reform,
    on: dt.date,
    p: Parameters,
    entered: Mapping[str, dt.date],
) -> Item:
    number, rank, due = text
    listed = legal_texts()
    name = _text_name(number, rank, reform, listed)
    if number in entered:
        source = bilingual("roadmap.entered").vi
        return Item(key, "text", name, entered[number], "entered", _ENTERED, source, text=number)
    if due is not None:
        if number in listed.index and listed.at[number, "due"] == due.isoformat():
            row = listed.loc[number]
            return Item(key, "text", name, due, "due", row["mark"], row["source"], text=number)
        source = reform.source or bilingual("roadmap.due").vi
        return Item(key, "text", name, due, "due", _ENTERED, source, text=number)
    months = lead_months(rank, p)
    if math.isnan(months):
        reason = bilingual("roadmap.no_route")
        return Item(key, "text", name, None, "unknown", "", "", reason, number)
    value = p.value(f"lead_months_{rank}")
    reason = bilingual("roadmap.lead_time", months=months, day=f"{on:%d/%m/%Y}")
    day = add_months(on, months)
    return Item(key, "text", name, day, "lead_time", value.mark, value.source.vi, reason, number)


def _text_name(number: str, rank: str, reform: Reform, listed: pd.DataFrame) -> Text:
    if number in listed.index:
        title = str(listed.at[number, "title"])
        return Text(title, title)
    head, at, agency = number.partition("@")
    if at and head in ("text", rank):
        what = bilingual(f"roadmap.rank.{rank or 'unknown'}")
        return bilingual("roadmap.unnamed", rank=what, agency=agency or "?")
    one = reform.legal_text if len(reform.legal_numbers) <= 1 else ""
    return Text(one or number, one or number)


def _last(keys: Iterable[str], catalogue: Mapping[str, Item]) -> str:
    """Return the key of the item that comes last; one without a date comes after all."""
    return max(keys, key=lambda key: catalogue[key].ready_on or NEVER, default="")


def _reform_row(reform: Reform, need: Need, catalogue: Mapping[str, Item]) -> dict[str, object]:
    dates = {key: catalogue[key].ready_on or NEVER for key in need.keys}
    found = windows(need, dates)
    start, until, resumes = _ends(found)
    before_texts = need.resolution and start is not None and start < _latest(need.texts, dates)
    keys = need.keys
    if before_texts:
        keys = (*need.databases, RESOLUTION_NUMBER)
    elif need.resolution:
        keys = (*need.databases, *need.texts)
    last = _last(keys, catalogue)
    item = catalogue[last]
    reason = item.reason
    if until is not None:
        text = catalogue[_last(need.texts, catalogue)]
        name = "roadmap.lapses" if resumes is None else "roadmap.lapses_until"
        day = "" if resumes is None else f"{resumes:%d/%m/%Y}"
        reason = bilingual(name, text=text.name, until=f"{until:%d/%m/%Y}", day=day)
    return {
        "kind": reform.kind,
        "procedure": reform.procedure_id,
        "target": reform.target,
        "effective_on": start,
        "until": until,
        "resumes_on": resumes,
        "mark": item.mark,
        "waits_for": last,
        "others": ";".join(key for key in need.keys if key != last),
        "reason_vi": reason.vi,
        "reason_en": reason.en,
    }


def _latest(keys: Iterable[str], dates: Mapping[str, dt.date]) -> dt.date:
    """Return the last of the dates of some items."""
    return max((dates[key] for key in keys), default=dt.date.min)


def _ends(found: tuple[Window, ...]) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
    if not found:
        return None, None, None
    start, until = found[0]
    return start, until, found[1][0] if len(found) > 1 else None


def _item_frame(
    catalogue: Mapping[str, Item], needs: Iterable[Need], reforms: pd.DataFrame, on: dt.date
) -> pd.DataFrame:
    asked = Counter(key for need in needs for key in need.keys)
    waiting = Counter(reforms["waits_for"])
    rows = [
        {
            "key": key,
            "kind": item.kind,
            "name_vi": item.name.vi,
            "name_en": item.name.en,
            "ready_on": item.ready_on,
            "basis": item.basis,
            "mark": item.mark,
            "source": item.source,
            "overdue": item.basis in _PROMISES and (item.ready_on or on) < on,
            "reforms": asked[key],
            "waiting": waiting[key],
            "reason_vi": item.reason.vi,
            "reason_en": item.reason.en,
        }
        for key, item in catalogue.items()
    ]
    rows.sort(key=lambda row: (row["ready_on"] or NEVER, row["key"]))
    frame = pd.DataFrame(rows, columns=list(_ITEM_COLUMNS), dtype=object)
    return frame.astype({"overdue": bool, "reforms": "int64", "waiting": "int64"})


# What is in force by each month, against each deadline, and what holds it back.

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
