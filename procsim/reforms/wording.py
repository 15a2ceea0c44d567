"""Names of papers, databases and units for the sentences of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pandas as pd

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.reference import databases, document_types

__all__ = [
    "DAYS",
    "PERCENT",
    "SHARE",
    "by_percent",
    "database_names",
    "in_units",
    "level_name",
    "method_name",
    "type_names",
]

DAYS = Text("ngày làm việc", "working days")
PERCENT = Text("phần trăm", "per cent")
SHARE = Text("tỷ lệ", "a share")

_UNITS = {
    "working_day": DAYS,
    "day": Text("ngày", "calendar days"),
    "hour": Text("giờ", "hours"),
    "minute": Text("phút", "minutes"),
    "week": Text("tuần", "weeks"),
    "month": Text("tháng", "months"),
    "year": Text("năm", "years"),
}
_METHODS = {
    "counter": Text("nộp trực tiếp", "at the counter"),
    "post": Text("nộp qua bưu chính", "by post"),
    "online": Text("nộp trực tuyến", "online"),
    "unknown": Text("cách thức chưa rõ", "in an unknown way"),
}
_LEVELS = {
    "central": Text("cấp trung ương", "the central level"),
    "province": Text("cấp tỉnh", "the province"),
    "commune": Text("cấp xã", "the commune"),
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
