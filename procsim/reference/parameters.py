"""Dated values of the cost sheet, editable, each with its source and mark.

Legal source of the method: Thông tư 02/2017/TT-VPCP, Điều 27. It fixes no norms of
time or price, so every norm here is an assumption that an officer may change.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.reference.calendar import Day, as_day
from procsim.reference.tables import ID_FORM, MARKS, Checker, Source, read_yaml, shipped

HOURLY_INCOME = "hourly_income_vnd"
"""Name of the value that is computed: GDP per head ÷ working hours per year."""

REQUIRED = ("gdp_per_head_vnd", "working_hours_per_year")
CHANNEL_SHARES = ("share_counter", "share_post", "share_online")
ENTERED = "nhập"
_TEXTS = ("unit", "source", "name")
_OF_VALUE = ("from", "value", "mark", "source", "source_en")
_OF_PARAMETER = ("id", "unit", "unit_en", "name_vi", "name_en", "values")


@dataclass(frozen=True, slots=True)
class Dated:
    """A value and the first day on which it counts."""

    start: dt.date
    value: float
    mark: str
    source: Text


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter with all its dated values, oldest first."""

    id: str
    unit: Text
    name: Text
    dated: tuple[Dated, ...]

    def on(self, day: dt.date | None) -> Dated:
        """Return the value that counts on `day`; the newest one without a day.

        Before the first date the first value counts: a norm is never lacking
        because a question reaches further back than the table.
        """
        known = [value for value in self.dated if day is None or value.start <= day]
        return known[-1] if known else self.dated[0]


@dataclass(frozen=True, slots=True)
class Value:
    """A value in force, with what an officer wants to know about it."""

    id: str
    value: float
    unit: Text
    start: dt.date | None
    mark: str
    source: Text
    name: Text


@dataclass(frozen=True)
class Parameters(Mapping[str, float]):
    """The values in force on one day; a read-only mapping of name to number.

    Examples
    --------
    >>> p = parameters(dt.date(2024, 6, 1))
    >>> round(p["hourly_income_vnd"], 2)
    53977.27
    >>> p.replace(hours_form=0.1).mark("hours_form")
    'nhập'
    """

    table: Mapping[str, Value]
    catalogue: Mapping[str, Parameter] = field(repr=False)
    day: dt.date | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only mapping cannot be pickled, and measures may run in a child process.
        return type(self), (dict(self.table), dict(self.catalogue), self.day)

    def __hash__(self) -> int:
        return hash((self.day, tuple(self.table.values())))

    def __getitem__(self, name: str) -> float:
        return self.value(name).value

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, name: object) -> bool:
        return name in self.table

    def value(self, name: str) -> Value:
        """Return the value with its unit, date, mark and source.

        Raises
        ------
        UnknownName
            There is no such parameter; the message lists close names.
        """
        if name not in self.table:
            raise UnknownName(unknown(name, self.table))
        return self.table[name]

    def mark(self, name: str) -> str:
        """Return where the value comes from: luật, công bố, nhập or giả định."""
        return self.value(name).mark

    def source(self, name: str) -> Text:
        """Return the document or the method behind the value, in Vietnamese and in English."""
        return self.value(name).source

    def unit(self, name: str) -> Text:
        """Return the unit, in Vietnamese and in English."""
        return self.value(name).unit

    def name(self, name: str) -> Text:
        """Return what the parameter means, in Vietnamese and in English."""
        return self.value(name).name

    @property
    def hourly_income_vnd(self) -> float:
        """Income of one person in one working hour, đồng (TNBQ)."""
        return self[HOURLY_INCOME]

    def hourly_income(self, year: int) -> float:
        """Return the hourly income of `year`, đồng: GDP per head ÷ working hours.

        Raises
        ------
        InvalidValue
            No GDP per head was published for that year.
        """
        figures = self.catalogue["gdp_per_head_vnd"].dated
        for figure in figures:
            if figure.start.year == year:
                return figure.value / self["working_hours_per_year"]
        known = ", ".join(str(figure.start.year) for figure in figures)
        raise InvalidValue(
            fault_of("parameter.year", "gdp_per_head_vnd", str(year), year=year, choices=known)
        )

    def replace(self, **changes: float) -> Parameters:
        """Return new parameters in which `changes` are entered by the user.

        A changed value has the mark ``nhập``. The hourly income follows a changed
        GDP per head or year of work, unless it is entered itself.

        Raises
        ------
        UnknownName
            A name is not there; the message lists close names.
        InvalidValue
            A value is no finite number, is negative, or is a share above 1;
            or the shares of the three channels no longer add up to 1.
        """
        missing = [unknown(name, self.table) for name in changes if name not in self.table]
        if missing:
            raise UnknownName(missing)
        faults = [
            fault
            for name, value in changes.items()
            for fault in wrong_number(name, value, self.table[name].unit.vi)
        ]
        if faults:
            raise InvalidValue(faults)
        table = dict(self.table)
        for name, value in changes.items():
            old = table[name]
            source = bilingual("reference.entered_user_place", old=old.value)
            table[name] = Value(old.id, float(value), old.unit, None, ENTERED, source, old.name)
        shares = wrong_shares({name: table[name].value for name in CHANNEL_SHARES if name in table})
        if shares:
            raise InvalidValue(shares)
        if HOURLY_INCOME not in changes and set(changes) & set(REQUIRED):
            table[HOURLY_INCOME] = hourly_value(table)
        return Parameters(table, self.catalogue, self.day)

    def as_frame(self) -> pd.DataFrame:
        """Return one row a value: its figure, date and mark, and its texts in both languages."""
        rows = [
            (v.id, v.value, v.start, v.mark, *v.unit, *v.source, *v.name)
            for v in self.table.values()
        ]
        columns = ["id", "value", "from", "mark"]
        columns += [f"{what}_{language}" for what in _TEXTS for language in ("vi", "en")]
        return pd.DataFrame(rows, columns=columns).set_index("id")


def unknown(name: str, known: Mapping[str, object]) -> Fault:
    """Return the fault for a name that is not there, with close names."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5) or sorted(known)[:3]
    names = ", ".join(close)
    return fault_of(
        "parameter.unknown", "parameters.yaml", shorten(name), proposal=close[0], names=names
    )


def wrong_number(name: str, value: object, unit: str) -> list[Fault]:
    """Return the faults of a number that is to stand for a parameter."""
    # Compared, not asked whether finite: an integer of 400 digits fits into no float.
    most = sys.float_info.max
    if isinstance(value, bool) or not (isinstance(value, int | float) and -most <= value <= most):
        message = bilingual("reference.must_finite_number")
    elif value < 0:
        message = bilingual("reference.no_must_negative")
    elif unit == "tỷ lệ" and value > 1:
        message = bilingual("reference.share_lies_between_0")
    elif name in REQUIRED and value == 0:
        message = bilingual("reference.must_above_0")
    else:
        return []
    cure = bilingual("reference.enter_another_number_such")
    return [Fault(name, shorten(value), message, cure, code="parameter.value")]


def wrong_shares(shares: Mapping[str, float]) -> list[Fault]:
    """Return a fault when the shares of the channels do not add up to 1."""
    total = sum(shares.values())
    if len(shares) < len(CHANNEL_SHARES) or math.isclose(total, 1, abs_tol=1e-9):
        return []
    return [fault_of("parameter.shares", ", ".join(shares), f"{total:g}")]


def hourly_value(table: Mapping[str, Value]) -> Value:
    """Return the computed hourly income, marked as weakly as its weaker input."""
    gdp, hours = (table[name] for name in REQUIRED)
    marks = {gdp.mark, hours.mark}
    return Value(
        id=HOURLY_INCOME,
        value=gdp.value / hours.value,
        unit=bilingual("reference.vnd_hour"),
        start=gdp.start,
        mark=ENTERED if ENTERED in marks else "giả định" if "giả định" in marks else gdp.mark,
        source=Text(
            f"{gdp.name.vi} ÷ {hours.name.vi.lower()}", f"{gdp.name.en} ÷ {hours.name.en.lower()}"
        ),
        name=bilingual("reference.income_person_working_hour"),
    )


def read_number(value: object) -> float:
    """Return a number from YAML; a text such as ``5/60`` is a fraction; NaN if neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            return float(Fraction(value))
        except (ValueError, ZeroDivisionError):
            return math.nan
    return math.nan


def read_values(check: Checker, key: str, unit: str, entries: object) -> tuple[Dated, ...]:
    """Read the dated values of one parameter; faults are noted, bad values left out."""
    if not isinstance(entries, list) or not entries:
        message = bilingual("reference.least_value_needed")
        check.fault(key, "values", entries, "parameter.values", message)
        return ()
    found: list[Dated] = []
    for entry in entries:
        if not isinstance(entry, Mapping) or set(entry) != set(_OF_VALUE):
            message = bilingual("reference.each_value", of_value=", ".join(_OF_VALUE))
            check.fault(key, "values", entry, "parameter.values", message)
            continue
        start, number = entry["from"], read_number(entry["value"])
        if not isinstance(start, dt.date) or isinstance(start, dt.datetime):
            message = bilingual("reference.write_date_2026_01")
            check.fault(key, "from", start, "table.date", message)
            continue
        for fault in wrong_number(key, number, unit):
            check.fault(key, "value", entry["value"], fault.code, fault.message)
        if entry["mark"] not in MARKS:
            check.not_accepted(key, "mark", entry["mark"], MARKS)
        for column in ("source", "source_en"):
            if not isinstance(entry[column], str) or not entry[column].strip():
                message = bilingual("reference.source_must_named")
                check.fault(key, column, entry[column], "table.empty", message)
        source = Text(str(entry["source"]), str(entry["source_en"]))
        found.append(Dated(start, number, str(entry["mark"]), source))
    starts = [value.start for value in found]
    if starts != sorted(set(starts)):
        message = bilingual("reference.dates_must_rise_none")
        check.fault(key, "from", starts, "parameter.order", message)
    return tuple(found)


def load_parameters(source: Source) -> dict[str, Parameter]:
    """Read and check a catalogue of parameters; see `parameters`.

    Raises
    ------
    InvalidValue
        All faults of the file at once.
    """
    check = Checker(source.name)
    entries = read_yaml(source).get("parameters")
    if not isinstance(entries, list):
        message = bilingual("reference.list_named_parameters_needed")
        check.fault(None, "parameters", entries, "parameter.group", message)
        entries = []
    found: dict[str, Parameter] = {}
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping) or set(entry) != set(_OF_PARAMETER):
            message = bilingual("reference.each_parameter", of_parameter=", ".join(_OF_PARAMETER))
            check.fault(f"mục {number}", "", entry, "parameter.entry", message)
            continue
        key, unit = str(entry["id"]), str(entry["unit"])
        if not ID_FORM.fullmatch(key) or key in found or key == HOURLY_INCOME:
            message = bilingual("reference.id_repeated_wrong_form")
            check.fault(key, "id", key, "table.id", message)
        values = read_values(check, key, unit, entry["values"])
        if values:
            found[key] = Parameter(
                key,
                Text(unit, str(entry["unit_en"])),
                Text(str(entry["name_vi"]), str(entry["name_en"])),
                values,
            )
    for name in REQUIRED:
        if name not in found:
            message = bilingual("reference.required_parameter_lacking")
            check.fault(name, "", "", "parameter.missing", message)
    newest = {name: found[name].on(None).value for name in CHANNEL_SHARES if name in found}
    for fault in wrong_shares(newest):
        check.fault(fault.place, "", fault.value, fault.code, fault.message)
    check.stop()
    return found


@cache
def shipped_parameters() -> Mapping[str, Parameter]:
    """Return the checked catalogue that ships, read-only."""
    return MappingProxyType(load_parameters(shipped("parameters.yaml")))


def values_on(catalogue: Mapping[str, Parameter], day: dt.date | None) -> Parameters:
    """Return the values of `catalogue` that count on `day`."""
    table: dict[str, Value] = {}
    for key, parameter in catalogue.items():
        dated = parameter.on(day)
        table[key] = Value(
            key, dated.value, parameter.unit, dated.start, dated.mark, dated.source, parameter.name,
        )  # fmt: skip
    table[HOURLY_INCOME] = hourly_value(table)
    return Parameters(table, catalogue, day)


def parameters(on: Day | None = None, **overrides: float) -> Parameters:
    """Return the values that count on a day, with the user's own values in place.

    Parameters
    ----------
    on
        The day; without it the newest values count (no clock is read).
    **overrides
        Values entered by the user, marked ``nhập``; see `Parameters.replace`.

    Returns
    -------
    procsim.reference.Parameters
        A read-only mapping; hours, đồng and shares are plain numbers.

    Examples
    --------
    >>> p = parameters(dt.date(2025, 7, 1), hours_form=0.25)
    >>> p["hours_form"], p.mark("hours_form"), p.mark("hours_pay_fee")
    (0.25, 'nhập', 'giả định')
    """
    on = as_day(on, "on")
    values = values_on(shipped_parameters(), on)
    return values.replace(**overrides) if overrides else values


class _Values(Protocol):
    """Anything that gives a value for the name of a parameter."""

    def __getitem__(self, name: str, /) -> float: ...


def working_days_per_unit(values: _Values) -> dict[str, float]:
    """Return how many working days one unit of a limit stands for.

    A working day is 1; a calendar day ``working_days_per_calendar_day`` (5/7)
    and a week seven of them; an hour 1 / ``working_hours_per_day`` (8) and a
    minute its sixtieth; a month ``working_days_per_month`` (22, the divisor of
    the hourly income) and a year twelve months.

    Examples
    --------
    >>> working_days_per_unit(parameters())["hour"]
    0.125
    """
    day = float(values["working_days_per_calendar_day"])
    month = float(values["working_days_per_month"])
    hours = float(values["working_hours_per_day"])
    hour = 1.0 / hours if hours else float("nan")
    return {
        "working_day": 1.0,
        "day": day,
        "week": 7 * day,
        "hour": hour,
        "minute": hour / 60,
        "month": month,
        "year": 12 * month,
    }
