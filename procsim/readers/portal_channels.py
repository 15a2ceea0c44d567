"""Channels of a portal record: their limits (thời hạn) and their phí, lệ phí."""

from __future__ import annotations

from functools import lru_cache

from procsim.errors import Text
from procsim.language.readings import Reading
from procsim.language.vietnamese import durations_in, fold, nfc, read_duration, read_money
from procsim.readers.limit_text import limit_from_text, propose, states_none
from procsim.readers.portal_record import Record, Row
from procsim.readers.published import FEE_STANDS, fee_severity

__all__ = ["read_channels"]

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
        record.wrong_type(f"{field}.processingTime", value, Text("một số", "a number"))
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
            Text(
                "Nhập thời hạn và đơn vị, hoặc chấp nhận giá trị đề xuất nếu có.",
                "Enter the limit with its unit, or accept the proposed value if there is one.",
            ),
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
                Text(
                    "Thời hạn trong mô tả khác với trường thời hạn; tính theo trường thời hạn.",
                    "The description states another limit than the field; the field counts.",
                ),
                Text("Đối chiếu với văn bản quy phạm.", "Compare with the legal text."),
                "warning",
                "limit.text_differs",
            )
    return row


def _fee(record: Record, fee: Row, field: str, identity: str) -> Row:
    kind = record.text(fee, "type", field)
    value = fee.get("value")
    if isinstance(value, bool) or not (value is None or isinstance(value, (int, float, str))):
        record.wrong_type(f"{field}.value", value, Text("một số tiền", "an amount"))
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
            Text(
                "Đối chiếu thông tư quy định mức thu, rồi nhập hoặc chấp nhận mức đề xuất.",
                "Compare with the circular that sets the fee, then enter or accept the amount.",
            ),
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
            Text(
                "Thời hạn khác nhau giữa các cách thức nộp; lấy thời hạn dài nhất.",
                "The limits of the channels differ; the longest one counts.",
            ),
            Text("Sửa nếu chỉ một thời hạn đúng.", "Correct it if only one of them is right."),
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
            record.wrong_type(field, limit, Text("một mục", "an object"))
            continue
        value = limit.get("qty")
        if isinstance(value, bool) or not (value is None or isinstance(value, (int, float, str))):
            record.wrong_type(f"{field}.qty", value, Text("một số", "a number"))
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
                Text(
                    "Thời hạn của trường hợp khác với cách thức nộp; tính theo cách thức nộp.",
                    "The case states another limit than the channels; the channels count.",
                ),
                Text("Đối chiếu với văn bản quy phạm.", "Compare with the legal text."),
                "warning",
                "limit.cases_differ",
            )
