"""When each reform of a plan takes effect, and what it waits for."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
from procsim.decisions.trajectory import States, critical_items, trajectory
from procsim.decisions.views_html import roadmap_html
from procsim.errors import Fault, InvalidValue, ProcsimError, Text, UnknownName, shorten
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, Target, databases, legal_texts
from procsim.reference import parameters as dated_parameters
from procsim.reference.calendar import Day, as_day
from procsim.reference.route import (
    RESOLUTION_FROM,
    RESOLUTION_NUMBER,
    add_months,
    database_ready_on,
    lead_months,
)
from procsim.reforms.base import Reform, day_or_text
from procsim.reforms.plan import Plan, check_order

__all__ = ["Roadmap", "roadmap"]

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
        return roadmap_html(self)

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

        See `procsim.decisions.trajectory.trajectory`.
        """
        until = as_day(until, "until")
        return trajectory(self.states, () if targets is None else tuple(targets), until)

    def critical(self, targets: Iterable[Target]) -> pd.DataFrame:
        """Return each target at its deadline, and the one item that holds it back.

        See `procsim.decisions.trajectory.critical_items`.
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
    (`procsim.reference.route.database_ready_on`) and the legal texts that must be
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
    name = Text(f"Nghị quyết {RESOLUTION_NUMBER}", f"Resolution {RESOLUTION_NUMBER}")
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


def _ends(
    found: tuple[Window, ...],
) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
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
