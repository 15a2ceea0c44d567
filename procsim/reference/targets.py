"""The Government's targets as dated data, and the published state to check against."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, get_args, get_type_hints

from procsim.errors import Text
from procsim.reference.programmes import shipped_programmes
from procsim.reference.tables import ID_FORM, MARKS, Checker, Source, read_yaml, shipped

__all__ = [
    "METRICS",
    "PublishedState",
    "Target",
    "load_targets",
    "published_state",
    "targets_table",
]

METRICS: tuple[str, ...] = (
    "statutory_days",
    "cost_vnd",
    "conditions",
    "documents",
    "boundary_free_share",
    "online_share",
    "fully_online_share",
    "legal_texts",
    "procedures_simplified",
    "procedures_decentralised",
    "conditions_simplified",
    "vneid_procedures",
    "vneid_utilities",
    "data_services",
    "procedures_replaced",
    "procedures_cut",
)
KINDS = ("rate", "share", "count")
AUDIENCES = ("all", "business")
READINGS = ("ratio_of_sums", "count")


@dataclass(frozen=True, slots=True)
class Target:
    """One target: what, how much, for whom, by when, on what basis.

    Parameters
    ----------
    id
        Stable name.
    metric
        One of `METRICS`.
    kind
        ``rate``: reduction against the base year, (Σ before − Σ after) / Σ before;
        ``share``: part of the procedures in scope; ``count``: a number of things.
    value
        At least this: a share of 1 for rate and share, a number for count.
    of
        The count that the value is a part of, such as 4,888 procedures.
    audience
        ``business`` or ``all``.
    ministries
        Only these ministries; empty for the whole nation.
    base_year
        Year whose state is the denominator.
    deadline
        Last day; None where the source names none.
    year
        Year of the scorecard in which the target stands.
    reading
        The reading that the target prescribes: ``ratio_of_sums`` or ``count``.
    programme
        The named list that the target counts from, an id of ``programmes.csv``;
        empty where it has none.
    """

    id: str
    metric: str
    kind: str
    value: float
    of: int | None
    audience: str
    ministries: tuple[str, ...]
    base_year: int | None
    deadline: dt.date | None
    year: int | None
    legal_basis: str
    source: str
    mark: str
    reading: str
    name_vi: str
    name_en: str
    note: str = ""
    programme: str = ""
    source_en: str = ""
    note_en: str = ""

    @property
    def name(self) -> Text:
        """The target in Vietnamese and in English."""
        return Text(self.name_vi, self.name_en)

    @property
    def told_by(self) -> Text:
        """The source in Vietnamese and in English; in Vietnamese twice without a translation."""
        return Text(self.source, self.source_en or self.source)

    @property
    def remark(self) -> Text:
        """The note in Vietnamese and in English; in Vietnamese twice without a translation."""
        return Text(self.note, self.note_en or self.note)


@dataclass(frozen=True, slots=True)
class PublishedState:
    """A figure that was published on the way to a target.

    ``share_percent`` is kept as printed, so that its decimals say how it was rounded.
    """

    id: str
    metric: str
    date: dt.date
    count: int | None
    of: int | None
    share_percent: str | None
    source: str
    mark: str


TARGET_FIELDS = tuple(field.name for field in fields(Target))
STATE_FIELDS = tuple(field.name for field in fields(PublishedState))


def check_fields(check: Checker, entry: object, kind: type, number: int) -> bool:
    """Note missing, unknown and wrongly typed fields; return whether all is well."""
    place = f"mục {number}"
    if not isinstance(entry, Mapping):
        message = Text("mục phải là một nhóm tên: giá trị", "an entry must be a mapping")
        check.fault(place, "", entry, "target.entry", message)
        return False
    if isinstance(entry.get("id"), str):
        place = entry["id"]
    before = len(check.faults)
    hints = get_type_hints(kind)
    optional = {field.name for field in fields(kind) if field.default is not MISSING}
    for name in hints:
        if name not in entry and name not in optional:
            message = Text("thiếu giá trị này", "this value is lacking")
            check.fault(place, name, "", "target.missing", message)
    for name, value in entry.items():
        if name not in hints:
            message = Text("không có tên này", "there is no such name")
            check.fault(place, str(name), value, "target.field", message)
        elif not fits(value, hints[name]):
            message = Text("giá trị không đúng kiểu", "the value has the wrong type")
            check.fault(place, str(name), value, "target.type", message)
    return len(check.faults) == before


def fits(value: object, hint: Any) -> bool:
    """Return whether a value read from YAML fits the type of a field."""
    if hint == tuple[str, ...]:
        return value is None or (
            isinstance(value, list) and all(isinstance(part, str) for part in value)
        )
    accepted = get_args(hint) or (hint,)
    if isinstance(value, bool):
        return False
    if float in accepted:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, tuple(accepted))


def check_target(check: Checker, entry: Mapping[str, Any]) -> None:
    """Check the values of one target whose fields are known to be there."""
    key = entry["id"]
    closed = {
        "metric": METRICS, "kind": KINDS, "audience": AUDIENCES,
        "reading": READINGS, "mark": MARKS,
    }  # fmt: skip
    for name, accepted in closed.items():
        if entry[name] not in accepted:
            check.not_accepted(key, name, entry[name], accepted)
    programme = entry.get("programme", "")
    if programme and programme not in shipped_programmes().index:
        check.not_accepted(key, "programme", programme, shipped_programmes().index)
    limit = 1 if entry["kind"] in {"rate", "share"} else math.inf
    if not 0 < entry["value"] <= limit:
        message = Text(
            "rate và share nằm trong (0; 1], count lớn hơn 0",
            "rate and share lie in (0, 1], a count is above 0",
        )
        check.fault(key, "value", entry["value"], "target.value", message)
    if entry["of"] is not None and entry["of"] < entry["value"]:
        message = Text("tổng số nhỏ hơn chỉ tiêu", "the base count is below the value")
        check.fault(key, "of", entry["of"], "target.of", message)
    deadline, year = entry["deadline"], entry["year"]
    if (deadline is None) != (year is None) or (deadline and deadline.year != year):
        message = Text("năm phải là năm của thời hạn", "the year must be that of the deadline")
        check.fault(key, "year", year, "target.year", message)
    if entry["kind"] == "rate" and entry["base_year"] is None:
        message = Text("tỷ lệ cắt giảm cần năm gốc", "a rate of reduction needs a base year")
        check.fault(key, "base_year", "", "target.base", message)


def check_state(check: Checker, entry: Mapping[str, Any]) -> None:
    """Check one published figure, and its arithmetic where all parts were printed."""
    key = entry["id"]
    if entry["metric"] not in METRICS:
        check.not_accepted(key, "metric", entry["metric"], METRICS)
    if entry["mark"] not in MARKS:
        check.not_accepted(key, "mark", entry["mark"], MARKS)
    printed = entry["share_percent"]
    if printed is None:
        return
    try:
        shown = Decimal(printed)
    except InvalidOperation:
        message = Text("phần trăm viết bằng số, như 62.83", "write the percent as 62.83")
        check.fault(key, "share_percent", printed, "state.percent", message)
        return
    if entry["count"] is not None and entry["of"]:
        exact = Decimal(100 * entry["count"]) / Decimal(entry["of"])
        if exact.quantize(shown) != shown:
            message = Text(
                f"{entry['count']}/{entry['of']} = {exact:.4f} %, không làm tròn thành số đã in",
                f"{entry['count']}/{entry['of']} = {exact:.4f} %, does not round to the figure",
            )
            check.fault(key, "share_percent", printed, "state.arithmetic", message)


def load_targets(source: Source) -> tuple[tuple[Target, ...], tuple[PublishedState, ...]]:
    """Read and check targets and published figures; see `targets_table`.

    Raises
    ------
    InvalidValue
        All faults of the file at once.
    """
    data = read_yaml(source)
    check = Checker(source.name)
    for name in data.keys() - {"targets", "published_state"}:
        message = Text("không có nhóm này", "there is no such group")
        check.fault(str(name), "", "", "target.field", message)
    good: dict[str, list[Mapping[str, Any]]] = {}
    seen: set[str] = set()
    for group, kind, look in (
        ("targets", Target, check_target),
        ("published_state", PublishedState, check_state),
    ):
        entries = data.get(group)
        if not isinstance(entries, list) or not entries:
            message = Text("phải là danh sách có ít nhất một mục", "must be a list of entries")
            check.fault(group, "", entries, "target.group", message)
            entries = []
        good[group] = []
        for number, entry in enumerate(entries, start=1):
            if not check_fields(check, entry, kind, number):
                continue
            if not ID_FORM.fullmatch(entry["id"]) or entry["id"] in seen:
                message = Text(
                    "mã trùng hoặc không đúng dạng", "the id is repeated or has a wrong form"
                )
                check.fault(entry["id"], "id", entry["id"], "table.id", message)
            seen.add(entry["id"])
            look(check, entry)
            good[group].append(entry)
    check.stop()
    targets = tuple(
        Target(**{**entry, "ministries": tuple(entry["ministries"] or ())})
        for entry in good["targets"]
    )
    return targets, tuple(PublishedState(**entry) for entry in good["published_state"])


@cache
def shipped_targets() -> tuple[tuple[Target, ...], tuple[PublishedState, ...]]:
    """Return the checked targets and published figures that ship."""
    return load_targets(shipped("targets.yaml"))


def targets_table() -> tuple[Target, ...]:
    """Return all targets, in the order of the source documents.

    Examples
    --------
    >>> [t.value for t in targets_table() if t.id == "business_time_2026"]
    [0.5]
    """
    return shipped_targets()[0]


def published_state() -> tuple[PublishedState, ...]:
    """Return the figures that were published on the way, as checks."""
    return shipped_targets()[1]
