"""Names of papers, databases and units for the sentences of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pandas as pd

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual
from procsim.reference import databases, document_types

DAYS = bilingual("reforms.working_days")
PERCENT = bilingual("reforms.per_cent")
SHARE = bilingual("reforms.share")

_UNITS = {
    "working_day": DAYS,
    "day": bilingual("reforms.calendar_days"),
    "hour": bilingual("reforms.hours"),
    "minute": bilingual("reforms.minutes"),
    "week": bilingual("reforms.weeks"),
    "month": bilingual("reforms.months"),
    "year": bilingual("reforms.years"),
}
_METHODS = {
    "counter": bilingual("reforms.counter"),
    "post": bilingual("reforms.post"),
    "online": bilingual("reforms.online"),
    "unknown": bilingual("reforms.unknown_way"),
}
_LEVELS = {
    "central": bilingual("reforms.central_level"),
    "province": bilingual("reforms.province"),
    "commune": bilingual("reforms.commune"),
}


@cache
def _names(load: Callable[[], pd.DataFrame]) -> dict[str, Text]:
    frame = load().reset_index()
    return {
        row.id: Text(row.name_vi, row.name_en)
        for row in frame[["id", "name_vi", "name_en"]].itertuples(index=False)
    }


def _joined(load: Callable[[], pd.DataFrame], ids: Iterable[str]) -> Text:
    # An id that an officer made up is shown as it is: the plan stays readable.
    names = [_names(load).get(i, Text(i, i)) for i in ids]
    return Text("; ".join(n.vi for n in names), "; ".join(n.en for n in names))


def type_names(ids: Iterable[str]) -> Text:
    """Return the names of document types, joined by ``"; "``."""
    return _joined(document_types, ids)


def database_names(ids: Iterable[str]) -> Text:
    """Return the names of databases, joined by ``"; "``."""
    return _joined(databases, ids)


def in_units(number: float | None, unit: str) -> Text:
    """Return a limit as it is written: ``5 ngày làm việc``."""
    name = _UNITS[unit]
    return Text(f"{format_number(number)} {name.vi}", f"{format_number_en(number)} {name.en}")


def by_percent(percent: float | None) -> Text:
    """Return a share in per cent: ``12,5 %``."""
    return Text(f"{format_number(percent)} %", f"{format_number_en(percent)} %")


def method_name(method: str) -> Text:
    """Return how a dossier is handed in: ``nộp trực tuyến``."""
    return _METHODS[method]


def level_name(level: str) -> Text:
    """Return a level of authority: ``cấp tỉnh``."""
    return _LEVELS[level]
