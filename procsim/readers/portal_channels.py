"""Channels of a portal record: their limits (thời hạn) and their phí, lệ phí."""

from __future__ import annotations

import re
from functools import lru_cache

from procsim.errors import Severity, Text
from procsim.language.readings import Reading, flagged
from procsim.language.vietnamese import (
    UNIT_NAMES,
    durations_in,
    fold,
    nfc,
    read_duration,
    read_money,
)
from procsim.readers.portal_record import Record, Row
from procsim.reference import parameters, working_days_per_unit

__all__ = ["limit_from_text", "read_channels"]

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
# With these flags the amount as written stands; with any other it is left missing
# until an officer accepts or enters one.
_STANDING = {
    "",
    "fee.exempt_group",
    "fee.exemptions",
    "fee.not_prescribed",
    "fee.one_of_several",
    "fee.temporary_rate",
    "fee.zero_unexplained",
}


# Durations that are no limit of the office: how long a paper holds, by when the applicant
# acts and, after the duration, the look at a dossier before the work on it begins.
_NOT_OF_OFFICE = re.compile(
    r"(?:hiệu lực|giá trị|thời hiệu|(?:người|chủ|đương sự|công dân|doanh nghiệp|tổ chức)"
    r"[^,:]{0,60}(?:nộp|gửi|bổ sung|hoàn thiện|đăng ký|thông báo))[^,:]{0,60}$"
)
_FIRST_LOOK = re.compile(
    r".{0,120}(?:kiểm tra tính (?:đầy đủ|hợp lệ)|(?:yêu cầu|hướng dẫn) (?:bổ sung|hoàn thiện))"
)
_NAMED_LIMIT = re.compile(
    r"thời (?:hạn|gian) giải quyết(?: hồ sơ| thủ tục(?: hành chính)?)?:?"
    r"(?: (?:là|tối đa|không quá|trong|vòng|thời hạn|chậm nhất))*$"
)
_PLUS = re.compile(r" ?(?:và|cộng(?: với)?|\+) ?")
_MONTHS_DAYS = re.compile(r"(\d+ (?:tháng|tuần)) (?=\d+ ngày)")
_CLAUSE_ENDS = re.compile(r"[\n;]|\.(?=\s|$)")
_EMPTY_FIELD = {
    f"limit.{name}"
    for name in ("missing", "no_information", "not_stated", "unreadable", "not_positive")
}


def _working_days(reading: Reading) -> float:
    return (reading.value or 0.0) * working_days_per_unit(parameters())[reading.unit]


@lru_cache(maxsize=4096)
def _limits_in(description: str) -> tuple[Reading, ...]:
    """Return the limits of the office that a description states, in order.

    "02 tháng và 15 ngày làm việc" is one, in working days; the parts of a limit
    that is stated before them are none; "Thời hạn giải quyết: …" goes before others.
    """
    stated: list[Reading] = []
    named: list[Reading] = []
    for clause in _CLAUSE_ENDS.split(_MONTHS_DAYS.sub(r"\1 và ", description)):
        plain, end = fold(clause, diacritics=True), 0
        for each in durations_in(clause):
            reading, start = each, max(plain.find(each.text, end), end)
            before, joint, end = plain[:start], plain[end:start], start + len(each.text)
            if (
                reading.flag in ("limit.extension", "limit.lower_bound", "limit.before_event")
                or reading.unit == "year"
                or _NOT_OF_OFFICE.search(before)
                or _FIRST_LOOK.match(plain, end)
            ):
                continue
            last = stated[-1] if stated and _PLUS.fullmatch(joint) else None
            if last and last.value and reading.value and last.unit != reading.unit:
                both = round(_working_days(last) + _working_days(reading), 2)
                reading = Reading(both, "working_day", f"{last.text}{joint}{reading.text}")
                stated.pop()
            stated.append(reading)
            if named and named[-1] is last:
                named[-1] = reading
            elif _NAMED_LIMIT.search(before):
                named.append(reading)
    lengths = [_working_days(reading) for reading in stated]
    in_parts = "trong đó" in fold(description, diacritics=True)
    if len(stated) > 1 and (
        (in_parts and max(lengths[1:]) < lengths[0])
        or (len(stated) > 2 and sum(lengths[1:]) == lengths[0])
    ):
        return (stated[0],)
    longest = max((_working_days(reading) for reading in named), default=0.0)
    return tuple(named if longest >= max(lengths, default=1.0) else stated)


def limit_from_text(reading: Reading, description: str) -> Reading:
    """Return what the description proposes for a limit whose field holds no number.

    Parameters
    ----------
    reading
        As `procsim.language.vietnamese.read_duration` reads the field.
    description
        The free text beside the field.

    Returns
    -------
    Reading
        ``limit.only_in_text`` with the one limit of the text as proposal,
        ``limit.several_in_text`` with all of them listed, or `reading` itself.

    Examples
    --------
    >>> field = read_duration(None, "Không có thông tin")
    >>> proposed = limit_from_text(field, "02 tháng và 15 ngày làm việc kể từ ngày nhận hồ sơ")
    >>> proposed.flag, proposed.proposal, proposed.proposal_unit
    ('limit.only_in_text', 59.0, 'working_day')
    """
    stated = _limits_in(description) if description and reading.flag in _EMPTY_FIELD else ()
    if not stated:
        return reading
    listed = "; ".join(each.text for each in stated)
    if len({(each.value, each.unit) for each in stated}) > 1 or stated[0].value is None:
        return flagged("limit.several_in_text", reading.text, list=listed)
    return _proposed("limit.only_in_text", reading, stated[0], listed)


def _proposed(flag: str, reading: Reading, limit: Reading, listed: str) -> Reading:
    return flagged(
        flag,
        reading.text,
        list=listed,
        proposal=limit.value,
        proposal_unit=limit.unit,
        unit_name=UNIT_NAMES[limit.unit],
    )


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
    if reading.flag in _EMPTY_FIELD and len({(r.value, r.unit) for r in of_cases.values()}) == 1:
        place, limit = next(iter(of_cases.items()))
        reading = _proposed("limit.only_in_case", reading, limit, f"{place}: {limit.text}")
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
    standing = reading.unit == "VND" and reading.flag in _STANDING
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
    severity: Severity = "error" if amount is None else "note"
    if reading.flag in {"fee.exempt_group", "fee.one_of_several", "fee.temporary_rate"}:
        severity = "warning"
    if reading.reason is not None:
        record.fault(
            f"{field}.value",
            f"{written} {currency} ({note})" if note else f"{written} {currency}",
            reading.reason,
            Text(
                "Đối chiếu thông tư quy định mức thu, rồi nhập hoặc chấp nhận mức đề xuất.",
                "Compare with the circular that sets the fee, then enter or accept the amount.",
            ),
            severity,
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
