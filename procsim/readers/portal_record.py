"""One record of the portal while it is read: typed access, and what is wrong with it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from procsim.errors import Fault, Severity, Text, shorten
from procsim.language.i18n import bilingual
from procsim.language.numerals import Reading
from procsim.language.vietnamese import (
    durations_in,
    fold,
    from_legacy,
    looks_like_legacy_encoding,
    nfc,
    read_duration,
    read_money,
)
from procsim.readers.cells import without_escapes
from procsim.readers.limit_text import limit_from_text, propose, states_none
from procsim.readers.published import FEE_STANDS, fee_severity

Row = dict[str, Any]


class Record:
    """One record while it is read: typed access, and a list of what is wrong."""

    def __init__(self, place: str, data: dict[str, Any]) -> None:
        self.place = place
        self.data = data
        self.faults: list[Fault] = []

    def fault(
        self,
        field: str,
        value: object,
        message: Text,
        cure: Text,
        severity: Severity,
        code: str,
        proposal: float | str | None = None,
        row: str = "",
    ) -> None:
        """Note one thing that is wrong with a field of this record."""
        self.faults.append(
            Fault(
                f"{self.place} › {field}" if field else self.place,
                shorten(value),
                message,
                cure,
                severity,
                code,
                f"{proposal:.15g}" if isinstance(proposal, int | float) else proposal or "",
                row,
            )
        )

    def wrong_type(self, field: str, value: object, accepted: Text) -> None:
        """Note a field whose type is not the accepted one."""
        self.fault(
            field,
            value,
            bilingual("readers.field_must", accepted=accepted),
            bilingual("readers.export_record_portal_again"),
            "error",
            "portal.type",
        )

    def text(self, source: dict[str, Any], key: str, field: str = "") -> str:
        """Return a text field, cleaned; ``""`` where it is missing."""
        value = source.get(key)
        if isinstance(value, str):
            return nfc(without_escapes(value)).strip() if value else ""
        if value is None:
            return ""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return nfc(str(value)).strip()
        self.wrong_type(field or key, value, bilingual("readers.text"))
        return ""

    def unicode_doubts(self, field: str, text: str) -> None:
        """Note a text that was typed in an old Vietnamese encoding; it is kept as written."""
        encoding = looks_like_legacy_encoding(text)
        if not encoding:
            return
        meant = nfc(from_legacy(text, encoding))
        self.fault(
            field,
            text,
            bilingual("readers.no_typed_old_encoding", encoding=encoding),
            bilingual("readers.probably_convert_unicode_read_again", meant=shorten(meant, 80)),
            "warning",
            "cell.legacy_encoding",
            meant,
        )

    def flag(self, key: str) -> bool | None:
        """Return a yes-or-no field; None where the record does not say."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong_type(key, value, bilingual("readers.true_false"))
        return None

    def entries(self, source: dict[str, Any], key: str, field: str = "") -> list[dict[str, Any]]:
        """Return the objects of a list field; anything else in it is noted."""
        value = source.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong_type(field or key, value, bilingual("readers.list"))
            return []
        kept = [entry for entry in value if isinstance(entry, dict)]
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, dict):
                self.wrong_type(f"{field or key}[{number}]", entry, bilingual("readers.object"))
        return kept

    def quantity(self, source: dict[str, Any], key: str, field: str) -> int:
        """Return a number of copies, 0 to 1000."""
        value = source.get(key)
        if value is None:
            return 0
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = float(value)
            if whole.is_integer() and 0 <= whole <= 1000:
                return int(whole)
        self.wrong_type(f"{field}.{key}", value, bilingual("readers.number_0_1000"))
        return 0

    def names(self, key: str) -> str:
        """Return the names in a list field, joined by ``;``."""
        found = [self.text(entry, "name", key) for entry in self.entries(self.data, key)]
        # The list columns are joined by ";", so one inside a name becomes a comma.
        return ";".join(dict.fromkeys(name.replace(";", ",") for name in found if name))


# Channels of a portal record: their limits (thời hạn) and their phí, lệ phí.

# The channels of a procedure mostly repeat one limit and one fee. `typed`, because what
# is shown of 7, 7.0 and True differs although they are equal.
_duration_of = lru_cache(maxsize=4096, typed=True)(read_duration)
_money_of = lru_cache(maxsize=4096, typed=True)(read_money)


@lru_cache(maxsize=4096)
def _stated_in(text: str) -> frozenset[tuple[float, str]]:
    return frozenset((r.value, r.unit) for r in durations_in(text) if r.value is not None)


_METHODS = {"DIRECT": "counter", "POSTAL": "post", "ONLINE": "online"}
_UNIT_WORDS = {
    "WORKING_DAY": "ngày làm việc",
    "DAY": "ngày",
    "HOUR": "giờ",
    "MONTH": "tháng",
    "YEAR": "năm",
    "OTHER": "(không ghi đơn vị)",
}


def _limit(
    record: Record, method: Row, field: str, channel: str, of_cases: dict[str, Reading]
) -> Row:
    value, unit = method.get("processingTime"), record.text(method, "processingTimeUnit", field)
    description = record.text(method, "description", field)
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if value is not None and number is None and not isinstance(value, str):
        record.wrong_type(f"{field}.processingTime", value, bilingual("readers.number"))
    reading = _duration_of(value if isinstance(value, str) else number, unit or None, description)
    if not number or number > 0:
        reading = limit_from_text(reading, description)
    if states_none(reading) and len({(r.value, r.unit) for r in of_cases.values()}) == 1:
        place, limit = next(iter(of_cases.items()))
        reading = propose("limit.only_in_case", reading, limit, f"{place}: {limit.text}")
    written = "" if number is None else f"{number:g} "
    if isinstance(value, str):
        written = f"{nfc(value).strip()} "
    row = {
        "limit_text": (written + _UNIT_WORDS.get(unit, unit)).strip(),
        "limit_value": reading.value,
        "limit_unit": reading.unit if reading.value is not None else reading.proposal_unit,
        "limit_flag": reading.flag,
        "limit_proposed": reading.proposal,
        "limit_mark": "công bố" if reading.value is not None else "",
        "description": description,
    }
    if reading.reason is not None:
        record.fault(
            f"{field}.processingTime",
            row["limit_text"],
            reading.reason,
            bilingual("readers.enter_limit_unit_accept"),
            "error" if reading.value is None else "warning",
            reading.flag,
            reading.proposal,
            channel,
        )
    else:
        stated = _stated_in(description)
        if len(stated) == 1 and (reading.value, reading.unit) not in stated:
            ((days, word),) = stated
            record.fault(
                f"{field}.description",
                f"{days:g} {word} ≠ {row['limit_text']}",
                bilingual("readers.description_states_another_limit"),
                bilingual("readers.compare_legal_text"),
                "warning",
                "limit.text_differs",
            )
    return row


def _fee(record: Record, fee: Row, field: str, identity: str) -> Row:
    kind = record.text(fee, "type", field)
    value = fee.get("value")
    if isinstance(value, bool) or not (value is None or isinstance(value, (int, float, str))):
        record.wrong_type(f"{field}.value", value, bilingual("readers.amount"))
        value = None
    currency, note = (
        record.text(fee, "currencyName", field),
        record.text(fee, "description", field),
    )
    reading = _money_of(value, currency, note, kind)
    standing = reading.unit == "VND" and reading.flag in FEE_STANDS
    amount = reading.value if standing else None
    in_vnd = (reading.proposal_unit or reading.unit) == "VND"
    folded = fold(note)
    if folded.startswith("le phi"):
        sort = "le_phi"
    elif folded.startswith("phi") or kind == "SERVICE_FEE":
        sort = "phi"
    else:
        sort = "le_phi" if kind == "FEE" and value else "unknown"
    written = f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)
    if reading.reason is not None:
        record.fault(
            f"{field}.value",
            f"{written} {currency} ({note})" if note else f"{written} {currency}",
            reading.reason,
            bilingual("readers.compare_circular_sets_fee"),
            fee_severity(reading.flag, has_amount=amount is not None),
            reading.flag,
            reading.proposal if in_vnd else None,
            identity,
        )
    return {
        "kind": sort,
        "amount_text": f"{written} {currency}".strip(),
        "amount_vnd": amount,
        "per": reading.per,
        "note": note,
        "flag": reading.flag,
        "proposed_vnd": reading.proposal if in_vnd else None,
        "mark": "công bố" if amount is not None else "",
    }


def read_channels(record: Record, identity: str, rows: dict[str, list[Row]]) -> list[str]:
    """Add the channels and fees of one record to `rows`; return the methods found."""
    methods: list[str] = []
    limits: set[tuple[float, str]] = set()
    of_cases = _limits_of_cases(record)
    for number, method in enumerate(record.entries(record.data, "executionMethods"), start=1):
        field = f"executionMethods[{number}]"
        channel = f"{identity}/k{number}"
        name = _METHODS.get(record.text(method, "submissionMethod", field).upper(), "unknown")
        methods.append(name)
        row = _limit(record, method, field, channel, of_cases)
        if row["limit_value"] is not None:
            limits.add((row["limit_value"], row["limit_unit"]))
        rows["channels"].append(
            {"id": channel, "procedure": identity, "position": number, "method": name, **row}
        )
        for place, fee in enumerate(record.entries(method, "fees", f"{field}.fees"), start=1):
            rows["fees"].append(
                {
                    "id": f"{channel}/f{place}",
                    "procedure": identity,
                    "channel": channel,
                    "position": place,
                    **_fee(record, fee, f"{field}.fees[{place}]", f"{channel}/f{place}"),
                }
            )
    if len(limits) > 1:
        record.fault(
            "executionMethods",
            "; ".join(sorted(f"{value:g} {_VI_UNITS[unit]}" for value, unit in limits)),
            bilingual("readers.limits_channels_differ_longest"),
            bilingual("readers.correct_if_only_them"),
            "note",
            "limit.channels_differ",
        )
    _compare_cases(record, of_cases, limits)
    return methods


_VI_UNITS = {v.lower(): _UNIT_WORDS[v] for v in ("WORKING_DAY", "DAY", "HOUR", "MONTH", "YEAR")}


def _limits_of_cases(record: Record) -> dict[str, Reading]:
    """Return the limits of ``cases``, which only answers of the API hold, by their field."""
    found: dict[str, Reading] = {}
    for number, case in enumerate(record.entries(record.data, "cases"), start=1):
        field, limit = f"cases[{number}].processingDay", case.get("processingDay")
        if limit is None:
            continue
        if not isinstance(limit, dict):
            record.wrong_type(field, limit, bilingual("readers.object"))
            continue
        value = limit.get("qty")
        if isinstance(value, bool) or not (value is None or isinstance(value, (int, float, str))):
            record.wrong_type(f"{field}.qty", value, bilingual("readers.number"))
            continue
        reading = _duration_of(value, record.text(limit, "type", field) or None)
        if reading.value is not None:
            found[field] = reading
    return found


def _compare_cases(
    record: Record, of_cases: dict[str, Reading], limits: set[tuple[float, str]]
) -> None:
    for field, reading in of_cases.items():
        if limits and (reading.value, reading.unit) not in limits:
            record.fault(
                field,
                f"{reading.value:g} {_VI_UNITS.get(reading.unit, '')}",
                bilingual("readers.case_states_another_limit"),
                bilingual("readers.compare_legal_text"),
                "warning",
                "limit.cases_differ",
            )
