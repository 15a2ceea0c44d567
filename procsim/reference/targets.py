"""The Government's targets as dated data, and the published state to check against."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, get_args, get_type_hints

import pandas as pd

from procsim.errors import InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.reference.tables import ID_FORM, MARKS, Checker, Source, read_csv, read_yaml, shipped

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
        message = bilingual("reference.entry_must_mapping")
        check.fault(place, "", entry, "target.entry", message)
        return False
    if isinstance(entry.get("id"), str):
        place = entry["id"]
    before = len(check.faults)
    hints = get_type_hints(kind)
    optional = {field.name for field in fields(kind) if field.default is not MISSING}
    for name in hints:
        if name not in entry and name not in optional:
            message = bilingual("reference.value_lacking")
            check.fault(place, name, "", "target.missing", message)
    for name, value in entry.items():
        if name not in hints:
            message = bilingual("reference.no_such_name")
            check.fault(place, str(name), value, "target.field", message)
        elif not fits(value, hints[name]):
            message = bilingual("reference.value_wrong_type")
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
        message = bilingual("reference.rate_share_lie_0")
        check.fault(key, "value", entry["value"], "target.value", message)
    if entry["of"] is not None and entry["of"] < entry["value"]:
        message = bilingual("reference.base_count_below_value")
        check.fault(key, "of", entry["of"], "target.of", message)
    deadline, year = entry["deadline"], entry["year"]
    if (deadline is None) != (year is None) or (deadline and deadline.year != year):
        message = bilingual("reference.year_must_deadline")
        check.fault(key, "year", year, "target.year", message)
    if entry["kind"] == "rate" and entry["base_year"] is None:
        message = bilingual("reference.rate_reduction_needs_base")
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
        message = bilingual("reference.write_percent_62_83")
        check.fault(key, "share_percent", printed, "state.percent", message)
        return
    if entry["count"] is not None and entry["of"]:
        exact = Decimal(100 * entry["count"]) / Decimal(entry["of"])
        if exact.quantize(shown) != shown:
            message = bilingual(
                "reference.no_round_figure", count=entry["count"], of=entry["of"], exact=exact
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
        message = bilingual("reference.no_such_group")
        check.fault(str(name), "", "", "target.field", message)
    good: dict[str, list[Mapping[str, Any]]] = {}
    seen: set[str] = set()
    for group, kind, look in (
        ("targets", Target, check_target),
        ("published_state", PublishedState, check_state),
    ):
        entries = data.get(group)
        if not isinstance(entries, list) or not entries:
            message = bilingual("reference.must_list_entries")
            check.fault(group, "", entries, "target.group", message)
            entries = []
        good[group] = []
        for number, entry in enumerate(entries, start=1):
            if not check_fields(check, entry, kind, number):
                continue
            if not ID_FORM.fullmatch(entry["id"]) or entry["id"] in seen:
                message = bilingual("reference.targets.id_repeated_wrong_form")
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


# The named lists that targets are held against: which programme, how large, on what basis.

COLUMNS = (
    "id", "of", "given_by", "size", "since", "until", "name_vi", "name_en", "legal_basis",
    "source", "mark", "note",
)  # fmt: skip

OF = ("procedures", "legal_texts")

GIVEN_BY: tuple[str, ...] = ("law", "columns", "list")
"""Who says what belongs to a programme: the law's own list, published columns, an officer."""


def load_programmes(source: Source) -> pd.DataFrame:
    """Read and check a table of programmes; see `programmes`.

    Raises
    ------
    InvalidValue
        All faults of the file at once.
    """
    table = read_csv(source, COLUMNS)
    check = Checker(source.name)
    check.ids(table)
    check.filled(table, "name_vi", "name_en", "legal_basis", "source")
    check.one_of(table, "of", OF)
    check.one_of(table, "given_by", GIVEN_BY)
    check.one_of(table, "mark", MARKS)
    check.dates(table, "since", "until")
    for row, cell in check.rows(table, "size"):
        if cell and not (cell.isdecimal() and int(cell) > 0):
            message = bilingual("reference.size_whole_number_above")
            check.fault(row, "size", cell, "programme.size", message)
    for row, (since, until) in enumerate(zip(table["since"], table["until"], strict=True), 2):
        if since and until and until < since:
            message = bilingual("reference.ends_before_begins")
            cure = bilingual("reference.correct_two_days")
            check.fault(row, "until", until, "programme.until", message, cure)
    check.stop()
    return table.assign(size=pd.to_numeric(table["size"]).astype(float)).set_index("id")


@cache
def shipped_programmes() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return load_programmes(shipped("programmes.csv"))


def programmes() -> pd.DataFrame:
    """Return the programmes whose lists the targets count from.

    Returns
    -------
    pandas.DataFrame
        Index ``id``, the tag itself; ``of`` (procedures or legal_texts),
        ``given_by`` (see `GIVEN_BY`), ``size`` as published (NaN where no number
        was), ``since`` and ``until`` (ISO dates, empty where none), ``name_vi``,
        ``name_en``, ``legal_basis``, ``source``, ``mark``, ``note``.

    Examples
    --------
    >>> float(programmes().loc["vneid_324", "size"])
    324.0
    """
    return shipped_programmes().copy()


# Dated weights of the monthly score (chấm điểm hàng tháng).

_FILE = "score_weights.csv"

WEIGHT_COLUMNS: tuple[str, ...] = ("from", "item", "weight", "mark", "source", "note")

TOTAL_WEIGHT = 100.0
"""What the weights of one date add up to."""


def check_score_weights(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check a table of weights as text, and return it with its weights as numbers.

    Parameters
    ----------
    table
        The columns of `WEIGHT_COLUMNS`, every cell as text; line 1 is the heading.
    name
        The name of the file; it opens the place of every fault.

    Raises
    ------
    InvalidValue
        All faults of the table at once.
    """
    check = Checker(name)
    check.filled(table, "from", "source")
    check.dates(table, "from")
    check.one_of(table, "item", {*METRICS, *(target.id for target in targets_table())})
    check.one_of(table, "mark", MARKS)
    weights = pd.to_numeric(table["weight"], errors="coerce").astype(float)
    for row, (cell, weight) in enumerate(zip(table["weight"], weights, strict=True), start=2):
        if not (math.isfinite(weight) and weight >= 0):
            message = bilingual("reference.weight_number_0_more")
            check.fault(row, "weight", cell, "weight.value", message)
    for row, twice in enumerate(table.duplicated(["from", "item"]), start=2):
        if twice:
            message = bilingual("reference.item_two_weights")
            check.fault(row, "item", table.at[row - 2, "item"], "table.duplicate", message)
    for day, total in weights.groupby(table["from"]).sum().items():
        if not math.isclose(total, TOTAL_WEIGHT):
            message = bilingual("reference.weights_must_add_up")
            check.fault(str(day), "weight", f"{total:g}", "weight.total", message)
    check.stop()
    return table.assign(weight=weights)


@cache
def shipped_weights() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return check_score_weights(read_csv(shipped(_FILE), WEIGHT_COLUMNS), _FILE)


def score_weights(on: dt.date | None = None, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the weights in force on a day.

    Parameters
    ----------
    on
        The day; None for the newest weights.
    table
        All dated weights of an officer, from `check_score_weights`; those that
        ship by default.

    Returns
    -------
    pandas.DataFrame
        One row for each item: ``from`` (ISO date), ``item`` (a metric, or the id
        of one target, which goes before its metric), ``weight`` (they add up to
        100), ``mark``, ``source``, ``note``.

    Raises
    ------
    InvalidValue
        When no weights are in force on that day.

    Examples
    --------
    >>> weights = score_weights(dt.date(2026, 7, 1))
    >>> float(weights["weight"].sum()), set(weights["mark"])
    (100.0, {'giả định'})
    """
    if table is None:
        table = shipped_weights()
    begun = table["from"] if on is None else table["from"][table["from"] <= on.isoformat()]
    if begun.empty:
        raise InvalidValue(
            fault_of("weight.none", f"{_FILE} · from", shorten(str(on)), min=table["from"].min())
        )
    return table[table["from"] == begun.max()].reset_index(drop=True)
