"""Vietnam's working days: Tết, public holidays, and days of work that were swapped.

Offices work from Monday to Friday. ``holidays.csv`` has every day off that falls on
one of these, and every Saturday worked in exchange, for the years whose calendar was
published; each with source and mark. For other years the package ``holidays`` works
the days out from the law (Bộ luật Lao động 2019, Điều 111–112, and the lunar
calendar): nobody published them, so they are marked ``giả định``. An officer's own
days stand before both.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from procsim.errors import InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.reference.tables import MARKS, Checker, Source, is_iso_date, read_csv, shipped

Dates = npt.NDArray[np.datetime64]
DaysLike = npt.ArrayLike | dt.date | Sequence[dt.date]
Day = dt.date | str
"""A day: a date, or text such as ``"10/02/2026"`` (day first) or ``"2026-02-10"``."""

FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
"""The days that the calendar knows."""

COLUMNS = ("date", "kind", "name_vi", "name_en", "mark", "source")
ASSUMED = "giả định"
_USUAL = (2018, 2034)  # days off of a hundred years take half a second to work out
_BY_LAW = "Gói holidays, theo Bộ luật Lao động 2019, Điều 111–112; lịch năm này chưa đối chiếu"


_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")


@overload
def as_day(value: Day, place: str) -> dt.date: ...
@overload
def as_day(value: Day | None, place: str) -> dt.date | None: ...
def as_day(value: Day | None, place: str) -> dt.date | None:
    """Return the day that a caller names, as a date or in words; None stays None.

    Parameters
    ----------
    value
        A date or moment, ``"10/02/2026"`` or ``"2026-02-10"``.
    place
        Which argument it is, for the message.

    Raises
    ------
    InvalidValue
        For anything else: a year of two digits, a day that does not exist, a number.

    Examples
    --------
    >>> as_day("10/02/2026", "on"), as_day("2026-02-10", "on")
    (datetime.date(2026, 2, 10), datetime.date(2026, 2, 10))
    """
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = _date(value.astype("datetime64[D]"))
    if value is None or isinstance(value, dt.date):
        try:
            return value.date() if isinstance(value, dt.datetime) else value
        except ValueError:  # the NaT of pandas
            value = "NaT"
    text = value.strip() if isinstance(value, str) else ""
    found = _DAY_FIRST.fullmatch(text)
    try:
        if found:
            return dt.date(int(found[4]), int(found[3]), int(found[1]))
        return dt.date.fromisoformat(text if "-" in text else "")
    except ValueError:
        pass
    raise InvalidValue(fault_of("calendar.day", place, shorten(value)))


@dataclass(frozen=True, slots=True)
class Holiday:
    """A weekday off, or a day of a week-end that is worked.

    Among an officer's own days it may also be a day as the week has it, such as a
    Monday that is worked: no day off that is known then stands on it.

    Attributes
    ----------
    worked
        Whether offices work on it.
    mark, source
        Where it comes from: luật, công bố or giả định.
    """

    day: dt.date
    worked: bool
    name: Text
    mark: str
    source: str


def load_holidays(source: Source) -> dict[dt.date, Holiday]:
    """Read and check a table of published days.

    Raises
    ------
    InvalidValue
        All faults of the table at once: a day off must fall on Monday to Friday, a
        day worked on a Saturday or Sunday, and no day may stand twice.
    """
    table = read_csv(source, COLUMNS)
    check = Checker(source.name)
    check.dates(table, "date")
    check.filled(table, *COLUMNS)
    check.one_of(table, "kind", ("off", "work"))
    check.one_of(table, "mark", MARKS)
    found: dict[dt.date, Holiday] = {}
    for line, row in enumerate(table.itertuples(index=False), start=2):
        if not is_iso_date(row.date):
            continue
        day, worked = dt.date.fromisoformat(row.date), row.kind == "work"
        if day in found:
            message = bilingual("reference.day_stands_another_line")
            check.fault(line, "date", row.date, "table.duplicate", message)
        if worked != (day.weekday() > 4):
            message = bilingual("reference.day_off_falls_monday")
            check.fault(line, "date", row.date, "calendar.weekday", message)
        name = Text(row.name_vi, row.name_en)
        found[day] = Holiday(day, worked, name, row.mark, row.source)
    check.stop()
    return found


@cache
def _published() -> Mapping[dt.date, Holiday]:
    return MappingProxyType(load_holidays(shipped("holidays.csv")))


@cache
def published_years() -> tuple[int, ...]:
    """Return the years whose calendar was published and is in the table.

    Examples
    --------
    >>> published_years()
    (2024, 2025, 2026)
    """
    return tuple(sorted({day.year for day in _published()}))


def by_law(years: Iterable[int]) -> dict[dt.date, Holiday]:
    """Return the days that differ in `years` as the package ``holidays`` has them."""
    # Costs a fifth of a second, and most questions are about published years.
    from holidays.countries.vietnam import Vietnam

    wanted = sorted(set(years))
    if not wanted:
        return {}
    made: Any = Vietnam  # the package states its types for some of its names only
    vi, en = (made(years=wanted, language=name) for name in ("vi", "en_US"))
    found = {
        day: Holiday(day, False, Text(vi[day], en[day]), ASSUMED, _BY_LAW)
        for day in vi
        if day.weekday() < 5
    }
    name = bilingual("reference.worked_exchange")
    for day in vi.weekend_workdays:
        if day.year in wanted:
            found[day] = Holiday(day, True, name, ASSUMED, _BY_LAW)
    return found


@dataclass(frozen=True)
class _Span:
    """The calendar of some years, one place for each day.

    Attributes
    ----------
    start, days
        The first day, and the number of days.
    different
        Days that are not as the week has them.
    working
        Shape (days,): whether each is a working day.
    count
        Shape (days,): working days up to each day, that day included.
    places
        Shape (working days,): the place of each working day.
    """

    start: np.datetime64
    different: Mapping[dt.date, Holiday]
    working: npt.NDArray[np.bool_]
    count: npt.NDArray[np.int64]
    places: npt.NDArray[np.intp]


@lru_cache(maxsize=2)
def _known(first: int, last: int) -> Mapping[dt.date, Holiday]:
    """Return the days of some years that differ, as published or by law."""
    known = _published()
    open_years = [year for year in range(first, last + 1) if year not in published_years()]
    inside = {day: known[day] for day in known if first <= day.year <= last}
    return MappingProxyType({**by_law(open_years), **inside})


@lru_cache(maxsize=16)
def _span(first: int, last: int, own: tuple[Holiday, ...]) -> _Span:
    inside = {holiday.day: holiday for holiday in own if first <= holiday.day.year <= last}
    known = sorted({**_known(first, last), **inside}.items())
    # A day on which offices do as the week has it does not differ.
    different = {day: holiday for day, holiday in known if holiday.worked == (day.weekday() > 4)}
    start, end = np.datetime64(f"{first}-01-01"), np.datetime64(f"{last + 1}-01-01")
    off = np.array([h.day for h in different.values() if not h.worked], dtype="datetime64[D]")
    extra = np.array([h.day for h in different.values() if h.worked], dtype="datetime64[D]")
    working = np.is_busday(np.arange(start, end), weekmask="1111100", holidays=off)
    working[(extra - start).astype(np.intp)] = True
    return _Span(
        start, MappingProxyType(different), working, np.cumsum(working), np.flatnonzero(working)
    )


def _out_of_range(value: object) -> InvalidValue:
    first, last = FIRST_DAY, LAST_DAY
    return InvalidValue(
        fault_of("calendar.range", "calendar", shorten(str(value)), first=first, last=last)
    )


def _negative(value: int) -> InvalidValue:
    return InvalidValue(fault_of("calendar.number", "n", shorten(str(value))))


def _places(span: _Span, days: Dates) -> npt.NDArray[np.intp]:
    return (days - span.start).astype(np.intp)


def _dates(days: DaysLike) -> Dates:
    return np.asarray(days, dtype="datetime64[D]")


def _date(day: Dates) -> dt.date:
    return dt.date.fromisoformat(str(day))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of Vietnam's offices.

    Attributes
    ----------
    own
        An officer's own days; each stands before what is published or the law has.

    Examples
    --------
    >>> name = Text("Nghỉ theo Công văn 1", "Off by dispatch 1")
    >>> monday = Holiday(dt.date(2026, 3, 9), False, name, "công bố", "Công văn 1")
    >>> Calendar().add_working_days(dt.date(2026, 3, 6), 1)
    datetime.date(2026, 3, 9)
    >>> Calendar((monday,)).add_working_days(dt.date(2026, 3, 6), 1)
    datetime.date(2026, 3, 10)
    """

    own: tuple[Holiday, ...] = ()

    def _span_of(self, days: Dates, more: int = 0) -> _Span:
        """Return a span that holds `days` and `more` days on either side of them."""
        if not days.size:
            return _span(*_USUAL, self.own)
        low, high = days.min(), days.max()
        if np.isnat(days).any() or low < np.datetime64(FIRST_DAY) or high > np.datetime64(LAST_DAY):
            raise _out_of_range(low if low < np.datetime64(FIRST_DAY) else high)
        first, last = (int(str(day)[:4]) for day in (low - more, high + more))
        if first >= _USUAL[0] and last <= _USUAL[1]:
            return _span(*_USUAL, self.own)
        return _span(FIRST_DAY.year, LAST_DAY.year, self.own)

    def are_working_days(self, days: DaysLike) -> npt.NDArray[np.bool_]:
        """Return which of some days are working days.

        Parameters
        ----------
        days
            Dates, or anything that numpy reads as ``datetime64[D]``; any shape.

        Raises
        ------
        InvalidValue
            For a day before `FIRST_DAY` or after `LAST_DAY`, or one that is not known.
        """
        dates = _dates(days)
        span = self._span_of(dates)
        return span.working[_places(span, dates)]

    def add_working_days_each(self, starts: DaysLike, n: npt.ArrayLike) -> Dates:
        """Return, for each start, the n-th working day after it; see `add_working_days`."""
        dates, numbers = np.broadcast_arrays(_dates(starts), np.asarray(n, dtype=np.int64))
        if not dates.size:
            return dates.copy()
        if (numbers < 0).any():
            raise _negative(int(numbers.min()))
        # More than every second day is worked, but for two months around Tết.
        span = self._span_of(dates, 60 + 2 * min(int(numbers.max()), 100_000))
        wanted = span.count[_places(span, dates)] + numbers
        if (wanted > len(span.places)).any():
            raise _out_of_range(int(numbers.max()))
        found = span.start + span.places[np.maximum(wanted, 1) - 1].astype("timedelta64[D]")
        return np.where(numbers == 0, dates, found)

    def working_days_each(self, a: DaysLike, b: DaysLike) -> npt.NDArray[np.int64]:
        """Return the working days between each a and b; see `working_days_between`."""
        starts, ends = np.broadcast_arrays(_dates(a), _dates(b))
        span = self._span_of(np.concatenate([starts.ravel(), ends.ravel()]))
        return span.count[_places(span, ends)] - span.count[_places(span, starts)]

    def is_working_day(self, day: dt.date) -> bool:
        """Return whether offices work on `day`.

        Examples
        --------
        >>> offices = Calendar()
        >>> offices.is_working_day(dt.date(2026, 2, 16))
        False
        >>> offices.is_working_day(dt.date(2026, 8, 22))
        True
        """
        return bool(self.are_working_days(day))

    def add_working_days(self, start: dt.date, n: int) -> dt.date:
        """Return the n-th working day after `start`, which itself does not count.

        ``n = 0`` gives `start`. The first day is left out as Bộ luật Dân sự 2015, Điều
        147, khoản 2 has it.

        Examples
        --------
        >>> Calendar().add_working_days(dt.date(2026, 2, 10), 5)  # Tết: 14/02 to 22/02
        datetime.date(2026, 2, 24)
        """
        return _date(self.add_working_days_each(start, n))

    def working_days_between(self, a: dt.date, b: dt.date) -> int:
        """Return how many working days lie after `a` and not after `b`; negative if b < a.

        So that ``working_days_between(a, add_working_days(a, n)) == n``.

        Examples
        --------
        >>> Calendar().working_days_between(dt.date(2026, 2, 10), dt.date(2026, 2, 24))
        5
        """
        return int(self.working_days_each(a, b))

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return `day`, or the next working day where offices do not work on it.

        Bộ luật Dân sự 2015, Điều 148, khoản 5: a term whose last day is off ends with
        the next working day.

        Examples
        --------
        >>> Calendar().next_working_day(dt.date(2026, 2, 14))
        datetime.date(2026, 2, 23)
        """
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def days_that_differ(self, first: dt.date, last: dt.date) -> tuple[Holiday, ...]:
        """Return the weekdays off and the week-end days worked from `first` to `last`.

        Examples
        --------
        >>> august = Calendar().days_that_differ(dt.date(2026, 8, 20), dt.date(2026, 8, 31))
        >>> [holiday.name.en for holiday in august]
        ['Worked in exchange for 31/08/2026', 'Day off in exchange for 22/08/2026']
        """
        span = self._span_of(_dates([first, last]))
        return tuple(holiday for day, holiday in span.different.items() if first <= day <= last)

    def is_published(self, year: int) -> bool:
        """Return whether the days off of a year are known, and not worked out by us.

        They are for `published_years`, and where the officer's own days stand for
        every day that would be an assumption.
        """
        if year in published_years():
            return True
        found = self.days_that_differ(dt.date(year, 1, 1), dt.date(year, 12, 31))
        return all(holiday.mark != ASSUMED for holiday in found)
