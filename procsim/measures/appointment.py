"""The day on which a dossier is due: a date in, the promised date out, and why.

The rules, each printed with the appointment:

- A dossier handed in on a day off counts as received on the next working day. The
  day alone is known, not the hour: an hour of closing (many offices stop receiving
  for the day in the afternoon) is for the officer to apply.
- The day of receipt does not count (Bộ luật Dân sự 2015, Điều 147, khoản 2).
- Working days run on Vietnam's calendar (`procsim.reference.calendar`). Days, weeks,
  months and years run by the calendar; a month ends on the corresponding day, or on
  the last day of a month without it; where the last day is off, the next working day
  counts (Điều 148).
- Hours are working hours, as in the statutory clock: divided by the working hours of
  a day and rounded up to working days, the latest that they can end.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import Fault, Text, UnknownName, shorten
from procsim.language.durations import UNIT_NAMES
from procsim.language.i18n import bilingual
from procsim.measures.base import ASSUMED, Figures, figures
from procsim.measures.sheet import REASONS
from procsim.measures.time import channel_days, statutory_why
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Calendar, Day, Holiday, as_day, published_years

__all__ = ["Appointment", "due_date"]

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
        bilingual(
            "clock.due.limit",
            value=value,
            unit=UNIT_NAMES[unit],
            method=_methods(ways),
        ),
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
                Fault(
                    f"channels › {key}",
                    shorten(channel),
                    Text("Thủ tục không có cách thức nộp này.", "There is no such channel."),
                    Text(f"Chọn một trong: {known}", f"Choose one of: {known}"),
                    code="clock.channel",
                )
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
