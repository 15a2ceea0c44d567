"""A limit that stands only in the words beside its field: proposed, never taken."""

from __future__ import annotations

import re
from functools import lru_cache

from procsim.language.numerals import Reading, flagged
from procsim.language.vietnamese import UNIT_NAMES, durations_in, fold
from procsim.reference import parameters, working_days_per_unit

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
    return tuple(named if named and longest >= max(lengths) else stated)


def states_none(reading: Reading) -> bool:
    """Return whether a field holds no limit at all: one elsewhere may be proposed for it."""
    return reading.flag in _EMPTY_FIELD


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
    >>> from procsim.language.vietnamese import read_duration
    >>> field = read_duration(None, "Không có thông tin")
    >>> proposed = limit_from_text(field, "02 tháng và 15 ngày làm việc kể từ ngày nhận hồ sơ")
    >>> proposed.flag, proposed.proposal, proposed.proposal_unit
    ('limit.only_in_text', 59.0, 'working_day')
    """
    stated = _limits_in(description) if description and states_none(reading) else ()
    if not stated:
        return reading
    listed = "; ".join(each.text for each in stated)
    if len({(each.value, each.unit) for each in stated}) > 1 or stated[0].value is None:
        return flagged("limit.several_in_text", reading.text, list=listed)
    return propose("limit.only_in_text", reading, stated[0], listed)


def propose(flag: str, reading: Reading, limit: Reading, listed: str) -> Reading:
    """Return `reading` with a limit that stands elsewhere as its proposal."""
    return flagged(
        flag,
        reading.text,
        list=listed,
        proposal=limit.value,
        proposal_unit=limit.unit,
        unit_name=UNIT_NAMES[limit.unit],
    )
