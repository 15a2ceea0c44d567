"""The four clocks of a procedure, side by side and never added up.

- **Statutory**: the thời hạn giải quyết in working days (`procsim.measures.time`).
- **Elapsed**: working days from end to end for the applicant: preparing the dossier,
  handing it in, processing, collecting.
- **Applicant**: hours of work of the applicant, those of the compliance-cost sheet.
- **Office**: hours of work of the office. Days that a step may take are waiting, not
  work, so no day is turned into hours: only norms with a mark count.

Each has the reason where it is missing, and the share of it that rests on assumptions.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import Text, UnknownName, shorten
from procsim.language.durations import UNIT_NAMES
from procsim.language.i18n import bilingual, fault_of
from procsim.measures.base import (
    ASSUMED,
    Figures,
    Floats,
    active_procedures,
    equal,
    figures,
    filled,
    present,
    reasons,
    total,
)
from procsim.measures.cost import CostLines, cost_lines
from procsim.measures.sheet import REASONS
from procsim.measures.time import channel_days, statutory, statutory_why, step_columns
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters as dated_parameters
from procsim.reference.calendar import Calendar, Day, Holiday, as_day, published_years

CLOCKS = ("statutory_days", "elapsed_days", "applicant_hours", "office_hours")

CLOCK_REASONS: Mapping[str, Text] = {
    **REASONS,
    "no_office_steps": bilingual("measures.no_source_names_step"),
}
"""What the codes of the ``*_why`` columns say."""


@dataclass(frozen=True)
class _Clock:
    """One clock, arrays of shape (procedures,); ``assumed`` is the part of ``value``."""

    value: Floats
    why: pd.Index
    assumed: Floats

    def columns(self, name: str) -> dict[str, Floats | pd.Index]:
        """Return the columns of the table of clocks."""
        stem = name.rpartition("_")[0]
        share = np.divide(
            self.assumed, self.value, out=np.full(len(self.value), np.nan), where=self.value > 0
        )
        return {name: self.value, f"{stem}_why": self.why, f"{stem}_assumed": share}


def clocks(
    portfolio: Portfolio, parameters: Figures | None = None, *, on: Day | None = None
) -> pd.DataFrame:
    """Return the four clocks of every procedure.

    Parameters
    ----------
    parameters
        Dated figures, `procsim.reference.parameters`.
    on
        Where `parameters` is not given: the day whose figures count; by default the
        newest.

    Returns
    -------
    pandas.DataFrame
        Aligned to ``portfolio.procedures``. For each of ``statutory_days``,
        ``elapsed_days`` (both working days), ``applicant_hours`` and
        ``office_hours`` (both for one dossier) also ``*_why``, ``""`` or a code that
        says why it is missing, and ``*_assumed``, the share of it (0–1) that rests on
        assumptions, NaN where the clock is 0 or missing. An abolished or merged
        procedure has 0 on every clock.

    Notes
    -----
    ``elapsed = applicant_hours ÷ working_hours_per_day + post + processing``: the
    applicant works on the dossier one thing after the other; ``post`` is
    ``days_post`` there and back for the share of dossiers sent by post; processing is
    the statutory limit, or the days that the steps state where these are more. It is
    missing where the statutory limit or the applicant's hours are.

    ``office = hours_office_check + (office steps − 1) × hours_office_step``: the first
    step of the office is the check for form. Missing (``no_office_steps``) where the
    source names no step of the office.

    Statutory days are assumed where the longest limit is, or was converted from a
    unit by a factor that is; the elapsed clock carries the assumptions of its parts.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...         "method": ["online"], "limit_value": [7.0], "limit_unit": "working_day"}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000001",
    ...         "case": "c1", "name": ["Đơn"], "kind": "form", "hours": [3.8667]}),
    ...     "steps": pd.DataFrame({"id": ["s1"], "procedure": "1.000001", "actor": "office"}),
    ... })
    >>> made = clocks(portfolio).loc["1.000001"]  # 3.8667 + 5/60 + 3/60 = 4 hours
    >>> [round(float(made[name]), 3) for name in CLOCKS]
    [7.0, 7.5, 4.0, 0.5]
    """
    on = as_day(on, "on")
    p: Figures = dated_parameters(on) if parameters is None else parameters
    limit = _statutory(portfolio, p)
    if len(portfolio):
        lines = cost_lines(portfolio, p)
        work = _applicant(portfolio, lines)
        elapsed = _elapsed(portfolio, lines, limit, work, p)
        made: tuple[_Clock, ...] = (limit, elapsed, work, _office(portfolio, p))
    else:
        made = (limit,) * len(CLOCKS)
    columns: dict[str, Floats | pd.Index] = {}
    for name, clock in zip(CLOCKS, made, strict=True):
        columns |= clock.columns(name)
    return pd.DataFrame(columns, index=portfolio.procedures.index)


def worked_hours(lines: CostLines, size: int) -> Floats:
    """Return ``Σ weight × hours`` over the lines of the cost sheet, shape (procedures,).

    NaN where a weight is not known, or a row of the dossier is not yet marked.
    """
    return _hours(lines, size)[0]


def _hours(lines: CostLines, size: int) -> tuple[Floats, Floats]:
    """Return the hours of each procedure, and those of them that are assumed."""
    hours, guessed = np.zeros(size), np.zeros(size)
    for block in lines.blocks:
        worked = np.where(block.weight == 0, 0.0, block.weight * block.hours)
        if block is lines.papers:
            rows = lines.rows
            worked[rows.base & rows.asked & rows.unknown] = np.nan
        hours += total(block.owner, worked, size)
        guessed += total(block.owner, np.where(block.hours_assumed, worked, 0.0), size)
    return hours, guessed


def _applicant(portfolio: Portfolio, lines: CostLines) -> _Clock:
    size = len(portfolio)
    active = active_procedures(portfolio)
    hours, guessed = _hours(lines, size)
    no_dossier = ~present(portfolio.positions("requirements", "procedure"), size)
    no_channels = ~present(portfolio.positions("channels", "procedure"), size)
    hours[no_dossier | no_channels] = np.nan
    hours = np.where(active, hours, 0.0)
    lacking = np.isnan(hours)
    unmarked = lines.rows.base & lines.rows.asked & lines.rows.unknown
    shares = np.isnan(total(lines.submit.owner, lines.submit.weight, size))
    why = reasons(
        size,
        ("no_dossier", lacking & no_dossier),
        ("not_marked", lacking & present(lines.rows.owner, size, unmarked)),
        ("no_channels", lacking & no_channels),
        ("channel_shares", lacking & shares),
        ("invalid_input", lacking),
    )
    return _Clock(hours, why, np.where(active, guessed, 0.0))


def _statutory(portfolio: Portfolio, p: Figures) -> _Clock:
    days, why = statutory(portfolio, p)
    table = portfolio.channels
    factors = {"day": "calendar_day", "week": "calendar_day", "month": "month", "year": "month"}
    guessed = equal(table["limit_mark"], ASSUMED).copy()
    for unit, name in factors.items():
        if p.mark(f"working_days_per_{name}") == ASSUMED:
            guessed |= equal(table["limit_unit"], unit)
    if p.mark("working_hours_per_day") == ASSUMED:
        guessed |= equal(table["limit_unit"], "hour") | equal(table["limit_unit"], "minute")
    # The longest limit counts: it is assumed where none that is not is as long.
    certain = table.assign(limit_value=table["limit_value"].mask(guessed))
    sure, _ = statutory(portfolio.exchange(channels=certain), p)
    return _Clock(days, why, np.where(sure == days, 0.0, days))


def _elapsed(
    portfolio: Portfolio, lines: CostLines, limit: _Clock, work: _Clock, p: Figures
) -> _Clock:
    size = len(portfolio)
    per_day, one_way = float(p["working_hours_per_day"]), float(p["days_post"])
    method = equal(portfolio.channels["method"], "post")
    share = total(lines.submit.owner, np.where(method, lines.submit.weight, 0.0), size)
    post = np.where(active_procedures(portfolio), 2 * one_way * np.nan_to_num(share), 0.0)
    made = step_columns(portfolio)
    steps = np.asarray(made["step_days"], dtype=float)
    longer = steps > limit.value
    processing = np.where(longer, steps, limit.value)
    days = work.value / per_day + post + processing
    by_hand = work.value if p.mark("working_hours_per_day") == ASSUMED else work.assumed
    doubt = _assumed_steps(portfolio, steps)
    doubt = np.where(made["step_days_assumed"] == 1, steps, doubt)  # their order is assumed
    guessed = by_hand / per_day + np.where(longer, doubt, limit.assumed)
    guessed += post if p.mark("days_post") == ASSUMED else 0.0
    lacking = np.isnan(days)
    why = np.where(limit.why != "", limit.why, work.why)
    return _Clock(days, pd.Index(np.where(lacking, why, "")), guessed)


def _assumed_steps(portfolio: Portfolio, days: Floats) -> Floats:
    """Return the days of the steps where one of them that states its days is assumed."""
    stated, known = filled(portfolio.steps["days"], np.nan)
    guessed = known & (stated > 0) & equal(portfolio.steps["days_mark"], ASSUMED)
    guessed = guessed & equal(portfolio.steps["status"], "active")
    owner = portfolio.positions("steps", "procedure")
    return np.where(present(owner, len(portfolio), guessed), days, 0.0)


def _office(portfolio: Portfolio, p: Figures) -> _Clock:
    size = len(portfolio)
    active = active_procedures(portfolio)
    ours = equal(portfolio.steps["actor"], "office") | equal(portfolio.steps["actor"], "both")
    ours = ours & equal(portfolio.steps["status"], "active")
    count = total(portfolio.positions("steps", "procedure"), ours.astype(float), size)
    check, step = float(p["hours_office_check"]), float(p["hours_office_step"])
    further = np.maximum(count - 1, 0) * step
    hours = np.where(active, np.where(count > 0, check + further, np.nan), 0.0)
    guessed = np.where(p.mark("hours_office_check") == ASSUMED, check, 0.0) + np.where(
        p.mark("hours_office_step") == ASSUMED, further, 0.0
    )
    why = reasons(size, ("no_office_steps", np.isnan(hours)))
    return _Clock(hours, why, np.where(active & (count > 0), guessed, 0.0))


# The day on which a dossier is due: a date in, the promised date out, and why.

_MOST = 40_000
_WORKED = ("working_day", "hour", "minute")


@dataclass(frozen=True, slots=True)
class Appointment:
    """When a dossier is due.

    Attributes
    ----------
    procedure, channel
        Ids; the channel is the one whose limit counts, ``""`` where none states one.
    handed_in, received
        The day it was handed in, and the working day on which it counts as received.
    due
        The promised day; None where no limit is stated.
    sentence
        One sentence: handed in on …, due on ….
    lines
        The reasons, one after the other.
    why
        Where nothing is due: a reason code of `procsim.measures.time.statutory_why`,
        or ``not_active`` for a procedure that is abolished or merged.
    mark
        ``giả định`` where the day rests on an assumption: a calendar that nobody
        published, the hours of a day, a dossier handed in on a day off; else the
        mark of the limit (``công bố`` where the limit has none).
    """

    procedure: str
    channel: str
    handed_in: dt.date
    received: dt.date
    due: dt.date | None
    sentence: Text
    lines: tuple[Text, ...]
    why: str = ""
    mark: str = ""

    def text(self, language: str = "") -> str:
        """Return the sentence and the reasons below it."""
        lines = (line.in_language(language) for line in self.lines)
        return "\n".join((self.sentence.in_language(language), *(f"- {line}" for line in lines)))


def due_date(
    portfolio: Portfolio,
    procedure: str,
    handed_in: Day,
    *,
    channel: str | None = None,
    parameters: Figures | None = None,
    calendar: Calendar | None = None,
) -> Appointment:
    """Return the day on which a dossier handed in on a day is due, with the reasons.

    Parameters
    ----------
    procedure
        An id, or a national code that stands for one procedure only.
    handed_in
        The day.
    channel
        Id of a channel, or its method (``counter``, ``post``, ``online``); by default
        the channel with the longest limit, as in the statutory clock.
    parameters
        For ``working_hours_per_day``; by default the newest.
    calendar
        With an officer's own days; by default that of the law and of what was published.

    Returns
    -------
    Appointment
        The day, and a sentence in both languages with what moved it.

    Raises
    ------
    UnknownName
        When there is no such procedure or channel.
    InvalidValue
        For a day that the calendar does not know.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...         "limit_value": [7.0], "limit_unit": "working_day"}),
    ... })
    >>> made = due_date(portfolio, "1.000001", dt.date(2026, 2, 10))
    >>> made.sentence.vi
    'Nộp ngày 10/02/2026 → hẹn trả ngày 26/02/2026.'
    """
    handed_in = as_day(handed_in, "handed_in")
    p = figures(parameters)
    key = portfolio[procedure].id
    offices = calendar or Calendar()
    received = offices.next_working_day(handed_in)
    ways = _channels(portfolio, key, channel, p)
    if isinstance(ways, str):
        reason = (REASONS[ways],) if ways in REASONS else ()
        sentence = bilingual("clock.due.none", day=_written(handed_in))
        return Appointment(key, "", handed_in, received, None, sentence, reason, ways)
    way = ways.iloc[0]
    value, unit = float(way["limit_value"]), str(way["limit_unit"])
    last, counting = _last_day(offices, received, value, unit, float(p["working_hours_per_day"]))
    due = offices.next_working_day(last)
    lines = [
        *_receipt(handed_in, received),
        bilingual("clock.due.limit", value=value, unit=UNIT_NAMES[unit], method=_methods(ways)),
        *counting,
        *_skipped(offices, received, last, unit),
    ]
    if due != last:
        lines.append(bilingual("clock.due.moved", day=_named(last), due=_named(due)))
    remarks = list(_calendar_remarks(offices, handed_in, due))
    lines += remarks
    sentence = bilingual("clock.due", day=_written(handed_in), due=_written(due))
    guessed = bool(remarks) or received != handed_in
    mark = ASSUMED if guessed else _mark(way, unit, p)
    return Appointment(
        key, str(way.name), handed_in, received, due, sentence, tuple(lines), mark=mark
    )


def _channels(
    portfolio: Portfolio, key: str, channel: str | None, p: Figures
) -> pd.DataFrame | str:
    """Return the channels with the limit that counts, or why there is none."""
    if portfolio.procedures.at[key, "status"] != "active":
        return "not_active"
    one = portfolio.select([key])
    ways, days = one.channels, channel_days(one, p)
    if channel is not None:
        wanted = (ways.index == channel) | (ways["method"] == channel).to_numpy()
        if not wanted.any():
            known = ", ".join(f"{i} ({m})" for i, m in ways["method"].items()) or "–"
            raise UnknownName(
                fault_of("clock.channel", f"channels › {key}", shorten(channel), choices=known)
            )
        days = days[wanted]
    known = days[days >= 0]
    if known.empty:
        return str(statutory_why(one, p).iloc[0]) or "no_limit"
    longest = ways.loc[known.index[known == known.max()]]
    return longest[longest["limit_unit"] == longest["limit_unit"].iloc[0]]


def _methods(ways: pd.DataFrame) -> Text:
    names = [bilingual(f"clock.method.{method}") for method in dict.fromkeys(ways["method"])]
    return Text(*(", ".join(parts) for parts in zip(*names, strict=True)))


def _last_day(
    offices: Calendar, received: dt.date, value: float, unit: str, hours_per_day: float
) -> tuple[dt.date, list[Text]]:
    """Return the last day of a limit before it is moved, and how it was counted."""
    if unit in _WORKED:
        hours = value / 60 if unit == "minute" else value
        whole = _whole(value if unit == "working_day" else hours / hours_per_day)
        counting = []
        if unit != "working_day":
            counting = [bilingual("clock.due.hours", hours=hours, per=hours_per_day, days=whole)]
        elif whole != value:
            counting = [bilingual("clock.due.rounded", days=whole)]
        return offices.add_working_days(received, whole), counting
    if unit in ("day", "week"):
        days = _whole(value * (7 if unit == "week" else 1))
        return received + dt.timedelta(days=days), [bilingual("clock.due.calendar")]
    whole = _whole(value * (12 if unit == "year" else 1))
    return _months_later(received, whole), [bilingual("clock.due.months")]


def _whole(count: float) -> int:
    """Return a count rounded up; beyond the calendar it is cut, and refused there."""
    return min(math.ceil(count - 1e-9), _MOST)  # 1e-9: three tenths are 0.1 + 0.2


def _months_later(day: dt.date, count: int) -> dt.date:
    """Return the corresponding day `count` months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = months.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def _receipt(handed_in: dt.date, received: dt.date) -> Iterator[Text]:
    if received != handed_in:
        yield bilingual("clock.due.off", day=_named(handed_in), received=_named(received))
    yield bilingual("clock.due.first", day=_named(received))


def _skipped(offices: Calendar, received: dt.date, last: dt.date, unit: str) -> Iterator[Text]:
    """Yield what lies between: days counted, week-ends, holidays, Saturdays worked."""
    differ = offices.days_that_differ(received + dt.timedelta(days=1), last)
    off = [holiday for holiday in differ if not holiday.worked]
    between = np.arange(np.datetime64(received, "D") + 1, np.datetime64(last, "D") + 1)
    free = int((~offices.are_working_days(between)).sum()) if len(between) else 0
    if unit in _WORKED and free:
        yield bilingual("clock.due.week_ends", days=free - len(off), holidays=len(off))
        for first, final, name in _stretches(offices, off):
            span = _written(first) if first == final else f"{_written(first)}–{_written(final)}"
            yield bilingual("clock.due.holiday", span=span, name=name)
    if unit in _WORKED:
        for holiday in differ:
            if holiday.worked:
                yield bilingual("clock.due.worked", day=_named(holiday.day), name=holiday.name)
    elif free:
        counted = offices.working_days_between(received, last)
        yield bilingual("clock.due.included", days=len(between), off=free, working=counted)


def _stretches(offices: Calendar, off: list[Holiday]) -> Iterator[tuple[dt.date, dt.date, Text]]:
    """Yield runs of holidays of one name, week-ends within a run not counted."""
    runs: list[list[Holiday]] = []
    for holiday in off:
        if (
            runs
            and runs[-1][-1].name == holiday.name
            and not offices.working_days_between(runs[-1][-1].day, holiday.day)
        ):
            runs[-1].append(holiday)
        else:
            runs.append([holiday])
    for run in runs:
        yield run[0].day, run[-1].day, run[0].name


def _calendar_remarks(offices: Calendar, first: dt.date, last: dt.date) -> Iterator[Text]:
    """Yield which part of the calendar is an assumption."""
    years = range(first.year, last.year + 1)
    open_years = [str(year) for year in years if not offices.is_published(year)]
    if open_years:
        yield bilingual("clock.due.unpublished", years=", ".join(open_years))
    for holiday in offices.days_that_differ(first, last):
        if holiday.mark == ASSUMED and holiday.day.year in published_years():
            yield bilingual("clock.due.assumed", day=_named(holiday.day), name=holiday.name)


def _mark(way: pd.Series, unit: str, p: Figures) -> str:
    if unit in ("hour", "minute") and p.mark("working_hours_per_day") == ASSUMED:
        return ASSUMED
    return str(way["limit_mark"]) or "công bố"


def _written(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def _named(day: dt.date) -> Text:
    return Text(
        *(f"{name} {_written(day)}" for name in bilingual(f"clock.weekday.{day.isoweekday()}"))
    )
