"""Time limits (thời hạn giải quyết) as stated in fields and in free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from procsim.errors import NOTHING
from procsim.language.formatting import format_number
from procsim.language.i18n import bilingual
from procsim.language.numerals import (
    MISSING_WORDS,
    Reading,
    ascii_digits,
    clean,
    flagged,
    parse_number,
    read_number,
    unaccounted,
    with_diacritics,
)
from procsim.language.text import fold, nfc

_WORDS_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_SMALL = "|".join(_WORDS_DIGITS)
_BELOW_100 = rf"(?:(?:{_SMALL}) mươi(?: (?:{_SMALL}))?|mười(?: (?:{_SMALL}))?|(?:{_SMALL}))"

#: Pattern of a number in words, in folded text with its diacritics.
NUMBER_WORDS = rf"(?:(?:{_SMALL}) trăm(?: (?:(?:linh|lẻ) (?:{_SMALL})|{_BELOW_100}))?|{_BELOW_100})"
_SCALES = {"tỷ": 10**9, "triệu": 10**6, "nghìn": 10**3}
_WHOLE = re.compile(NUMBER_WORDS)


def words_to_number(words: str) -> int | None:
    """Return the number that `words` say, None when they say none.

    Examples
    --------
    >>> words_to_number("bốn mươi lăm"), words_to_number("một triệu hai trăm nghìn")
    (45, 1200000)
    """
    words = " ".join(words.lower().replace(",", " ").replace("ngàn", "nghìn").split())
    total, rest = 0, words
    for name, scale in _SCALES.items():
        head, found, tail = rest.partition(f" {name}")
        if not found:
            continue
        upper = _below_1000(head)
        if upper is None or (tail and not tail.startswith(" ")):
            return None
        total, rest = total + upper * scale, tail.strip()
    lower = _below_1000(rest) if rest or not total else 0
    return None if lower is None else total + lower


def _below_1000(words: str) -> int | None:
    if not _WHOLE.fullmatch(words):
        return None
    total, ones = 0, 0
    for word in words.split():
        if word == "trăm":
            total, ones = total + ones * 100, 0
        elif word == "mươi":
            total, ones = total + ones * 10, 0
        elif word == "mười":
            total += 10
        elif word not in ("linh", "lẻ"):
            ones = _WORDS_DIGITS[word]
    return total + ones


# Time limits (thời hạn giải quyết) as stated in fields and in free text.

#: Units of a duration; ``giờ làm việc`` reads as ``hour`` (8 hours are a working day).
DURATION_UNITS = ("working_day", "day", "hour", "month", "year", "week", "minute")
LONGEST_DAYS = 3650

_DAYS_IN = {
    "working_day": 1.0,
    "day": 1.0,
    "hour": 1 / 24,
    "minute": 1 / 1440,
    "week": 7.0,
    "month": 30.0,
    "year": 365.0,
}
_PORTAL = {
    "working_day": "working_day",
    "day": "day",
    "hour": "hour",
    "month": "month",
    "year": "year",
    "week": "week",
    "minute": "minute",
    "other": "",
    "": "",
}
#: Vietnamese names of the units, for sentences and tables.
UNIT_NAMES = {
    "working_day": bilingual("language.working_days"),
    "day": bilingual("language.days"),
    "hour": bilingual("language.hours"),
    "minute": bilingual("language.minutes"),
    "week": bilingual("language.weeks"),
    "month": bilingual("language.months"),
    "year": bilingual("language.years"),
    "": NOTHING,
}

_DIGITS = r"\d+(?:[.,]\d+)*"
_AMOUNT = rf"{_DIGITS}(?: ?/ ?\d+)?|½|nửa|{NUMBER_WORDS}"
_UNIT = (
    r"(?P<unit>ngày(?! \d{1,2} tháng)(?: l[àa]m v\w{1,3}c| hành chính| lv)?"
    r"|giờ(?: làm việc| hành chính)?"
    r"|h|phút|tuần(?: làm việc)?"
    r"|tháng(?! \d| (?:giêng|hai|ba|tư|năm|sáu|bảy|tám|chín|mười|chạp)(?!\w))"
    r"|năm(?! \d| (?:ngày|tháng|tuần|giờ)(?!\w)))(?!\w)"
)
_DURATION = re.compile(
    rf"(?<![\w/.,])(?P<first>{_AMOUNT})"
    rf"(?: ?(?:-|đến|tới) ?(?P<second>{_DIGITS}))?"
    rf" ?(?:\((?P<aside>[^()]{{1,24}})\) ?)?{_UNIT}(?P<half> rưỡi(?: làm việc)?(?!\w))?"
)
# Where a number stands before a unit; each pattern begins with few letters, so it runs fast.
_BEHIND_NUMBER = r" ?(?:ngày|giờ|h(?!\w)|phút|tuần|tháng(?! \d)|năm(?! \d))"
_BEHIND_DIGIT = re.compile(rf"[0-9½)]{_BEHIND_NUMBER}")
_NUMBER_WORD = (  # those of NUMBER_WORDS, no two alternatives with one first letter
    "(?:m(?:ột|ốt|ười|ươi)|hai|b(?:a|ốn|ảy|ẩy)|t(?:ư|ám|răm)|n(?:ăm|hăm|ửa)|lăm|sáu|chín|không)"
)
_BEHIND_WORD = re.compile(_NUMBER_WORD + _BEHIND_NUMBER)
_LONGEST_NUMBER = 100  # letters of a number with its words in brackets
_SAME_DAY = re.compile(
    r"(?<!\w)(?:ngay )?trong (?:cùng )?(?:một )?(?:buổi|ngày)(?: làm việc)?(?! \d)(?!\w)"
)
_AT_ONCE = re.compile(r"(?<!\w)(?:ngay(?: sau)?(?: khi)?|tại thời điểm (?:tiếp )?nhận)(?!\w)")
_NOT_STATED = re.compile(r"(?:không|chưa)(?: có)?(?: được)? quy định.{0,60}|không có thời hạn")
_NO_INFORMATION = re.compile(r"(?:không|chưa) có (?:thông tin|số liệu).*")
_NO_RESULT = re.compile(r"không phải trả kết quả.*")

# What stands before the number and changes what it means.
_IS_DATE = re.compile(r"(?:ngày|tháng|quý|điều|khoản|điểm|mục|số|mẫu|phụ lục|năm|lần thứ|thứ)$")
_LOWER_BOUND = re.compile(
    r"(?:ít nhất|tối thiểu|không ít hơn|không dưới|(?<!không )trên|từ đủ"
    r"|(?<!muộn )(?<!chậm )(?<!lâu )(?<!sớm )(?<!nhanh )(?<!ngắn )(?<!ít )hơn"
    r"|(?<!không )(?<!chưa )(?<!được )(?<!vượt )(?<!muộn )(?<!chậm )quá)(?: là)?$"
)
_LONGER = re.compile(
    r"(?<!\w)(?:tăng(?: thêm| lên)?|gia hạn(?: thêm)?|kéo dài(?: thêm)?|cộng(?: thêm)?|thêm)"
    r"(?: nhưng)?(?: (?:không|chưa|tối) \S+)?(?: \S+)?$"
)
# "rút ngắn 5 ngày" is a cut; "rút ngắn còn 5 ngày" and "sau khi rút ngắn là 5 ngày" are limits.
_CUT = re.compile(
    r"(?<!\w)(?<!sau )(?<!sau khi )(?<!sau cắt )(?<!sau khi cắt )"
    r"(?:giảm|rút ngắn|rút bớt|cắt bớt|bớt|(?:ngắn|sớm|nhanh|ít) hơn)"
    r"(?:(?! (?:còn|xuống|thành))[^.;:,()\d]){0,40}:?$"
    r"|(?<!\w)(?:tiết kiệm|quá hạn|trễ|chậm|muộn|lùi|hoãn|vượt)(?: hạn| được| đi)?$"
)
_CUT_BEHIND = re.compile(r"[ ,(]*(?:so với|ít hơn|ngắn hơn|sớm hơn|nhanh hơn)")
_BEFORE = re.compile(r"trước(?: đó| ngày \S+(?: \S+)?)?(?: ít nhất| tối thiểu)?$")
_ABOUT = re.compile(
    r"(?<!\w)(?:khoảng|dự kiến|trung bình|bình quân|xấp xỉ|gần|(?<!chế )(?<!mức )độ|chừng|tầm"
    r"|ước(?: tính)?|trên dưới)(?: là)?$"
)
_ABOUT_BEHIND = re.compile(r"[ ,(]*(?:dự kiến|ước tính|hoặc hơn|trở lại)")
_EACH = re.compile(r"(?:mỗi|hằng|hàng|định kỳ)$")
# The time in which applicants hand in is not the time in which the office answers.
_WINDOW = re.compile(
    r"(?:thời hạn|thời gian) (?:nhận (?:phiếu|đơn|hồ sơ)|nộp|đăng ký)"
    r"(?:(?!kết quả|giải quyết|thẩm định)[^.;:\d]){0,70}(?: là|:)$"
)
# Reckoning: "3 + 4 ngày", "2 x 5 ngày", "1 000 ngày", "5 ngày x 2", "20 ngày làm việc/2".
_RECKONED_BEFORE = re.compile(
    r"(?:\d|ngày|việc|giờ|tháng|tuần|lần|người|bộ)\)? ?[+*^|&→·_'’]+ ?$|[×÷=~±<>≥≈] ?$|(?<!\w)x ?$"
    r"|\dx ?$|(?<!lần )(?<!khoản )(?<!điều )(?<!bước )\d (?:hoặc|hay|và|cộng|nhân|chia|trừ|với) $"
)
_RECKONED_BEHIND = re.compile(
    r" ?\)? ?(?:\(? ?[x×*÷^] ?\d|\+ ?\d+(?![\w.,)]|[/-]| (?:ngày|giờ|tháng|tuần|năm))"
    r"|/ ?(?!0?1(?!\d))\d|(?:nhân|chia|gấp|cộng|trừ) (?:\d|đôi|ba|hai|với)| [1-9]/[2-4](?![\d/]))"
)
_IN_WORKING_DAYS = re.compile(r"[ ,(]*(?:được )?(?:tính theo|theo|là) ngày làm việc")
_WITHOUT_DAYS_OFF = re.compile(
    r"[^.;\d]{0,30}?(?:không (?:kể|tính|bao gồm|gồm)|trừ)(?: các)?(?: ngày)? "
    r"(?:nghỉ|lễ|thứ (?:bảy|7)|chủ nhật|t7|cuối tuần)"
)
_CLOCK_BEFORE = re.compile(r"(?:lúc|vào|từ|đến|sau|trước)$")
_CLOCK_AFTER = re.compile(
    r" ?(?:\d{1,2}(?!\d)|cùng ngày|hàng ngày|hằng ngày|của ngày|ngày|sáng|chiều)"
)
_KEPT_FLAGS = (
    *("limit.lower_bound", "limit.extension", "limit.approximate", "limit.before_event"),
    "limit.window",
)
# "2 giờ 30 phút"; and units in text without any diacritics.
_COMPOUND = re.compile(
    r"(?P<first>\d(?<![\w/.,].)\d*) ?(?P<large>năm|tháng|tuần|ngày|giờ) (?P<second>\d+) ?"
    r"(?P<small>tháng|ngày|giờ|phút)(?!\w)(?! \d)"
)
_STEPS_DOWN = {"năm": "tháng", "tháng": "ngày", "tuần": "ngày", "ngày": "giờ", "giờ": "phút"}
_BARE_UNITS = {
    "ngay lam viec": "ngày làm việc",
    "ngay": "ngày",
    "gio lam viec": "giờ làm việc",
    "gio": "giờ",
    "phut": "phút",
    "tuan": "tuần",
    "thang": "tháng",
}
_BARE_UNIT = re.compile(rf"(?<=\d) ?({'|'.join(_BARE_UNITS)})(?!\w)")
# Words alone are a number only after one of these; "năm" is also "year".
# Durations of a description that are no limit, though a field may have been filled from them.
_NO_LIMITS = ("limit.lower_bound", "limit.before_event", "limit.window")
_IN_WORDS = re.compile(
    rf"(?<!\w)(?:{NUMBER_WORDS}) (?:ng[àa]y|th[áa]ng|tu[ầa]n|gi[ờo]|bu[ổo]i|\.)(?!\w)"
)
_CUE = re.compile(r"(?:hạn|vòng|quá|trong|là|đa|gian|sau|nhất|thiểu|thêm|:|;|-|^)$")


def _number(written: str) -> tuple[float, ...]:
    """Return every value that the number before a unit can have."""
    if written in ("nửa", "½"):
        return (0.5,)
    if written[0].isalpha():
        value = words_to_number(written)
        return () if value is None else (float(value),)
    upper, slash, lower = written.replace(" ", "").partition("/")
    if slash:
        # Only true fractions: "1/2 ngày"; "02/03 ngày" can mean anything.
        is_fraction = upper in ("1", "3") and lower in ("2", "3", "4") and upper != lower
        return (int(upper) / int(lower),) if is_fraction and int(upper) < int(lower) else ()
    return parse_number(written, thousands=False).values


@lru_cache(maxsize=64)
def _unit(written: str) -> str:
    name = fold(written)
    if name.startswith("ngay"):
        return "working_day" if len(name) > 4 else "day"
    starts = {
        "gio": "hour",
        "h": "hour",
        "phut": "minute",
        "tuan": "week",
        "thang": "month",
        "nam": "year",
    }
    return next(unit for start, unit in starts.items() if name.startswith(start))


def _is_clock(found: re.Match[str], before: str, after: str) -> bool:
    """Tell "sau 15 giờ cùng ngày" (a time of day) from "24 giờ" (a duration)."""
    if found["unit"] not in ("giờ", "h") or found["second"]:
        return False
    if _CLOCK_AFTER.match(after):
        return True
    hour = found["first"]
    return bool(
        _CLOCK_BEFORE.search(before)
        and hour.isdigit()
        and 6 <= int(hour) <= 18
        and not after.lstrip().startswith(("kể từ", "sau", "làm việc"))
    )


def _stated(found: re.Match[str], before: str, after: str) -> Reading:
    """Turn one match into a reading; `before` and `after` stand right beside it."""
    written = found.group()
    unit = _unit(found["unit"])
    values = _number(found["first"])
    is_group = len(found["first"]) == 3 or "/" in found["first"] or found["first"] == "½"
    spaced = before.endswith(" ") and before[-2:-1].isdigit() and is_group
    if spaced or _RECKONED_BEFORE.search(before[-12:]) or _RECKONED_BEHIND.match(after):
        around = f"{before[-12:]}{written}{after[:8]}".strip()
        return flagged("limit.expression", written, unit=unit, list=around)
    if found["second"]:
        high = _number(found["second"])
        both = f"{found['first']}–{found['second']}"
        return flagged(
            "limit.range",
            written,
            unit=unit,
            list=both,
            proposal=high[0] if len(high) == 1 else None,
        )
    if len(values) != 1:
        readings = " / ".join(format_number(value) for value in values) or found["first"]
        return flagged("limit.ambiguous", written, unit=unit, list=readings)
    value = values[0]
    if found["half"]:
        value += 0.5
        unit = "working_day" if found["half"].endswith("việc") else unit
    if _IN_WORKING_DAYS.match(after) and unit == "day":
        unit = "working_day"
    return _judged(value, unit, found, before.rstrip(" ("), after)


def _judged(value: float, unit: str, found: re.Match[str], before: str, after: str) -> Reading:
    """Hold one number against its repetition in brackets and the words on both sides."""
    written = found.group()
    aside = fold(found["aside"] or "", diacritics=True)
    if aside:
        in_words = words_to_number(aside)
        other = float(aside) if aside.isdecimal() else in_words
        if other is not None and other != value:
            return flagged("limit.words_differ", written, unit=unit, first=value, second=other)
        if other is None and unaccounted(aside, ()):
            return flagged("limit.expression", written, unit=unit, list=aside)
    if not value:
        return flagged("limit.not_positive", written, unit=unit)
    if value * _DAYS_IN[unit] > LONGEST_DAYS:
        return flagged("limit.absurd", written, unit=unit)
    near = before[-24:]
    if _CUT.search(before[-70:]) or _CUT_BEHIND.match(after):
        return flagged("limit.cut", written, unit=unit)
    if unit == "day" and _WITHOUT_DAYS_OFF.match(after):
        listed = f"{written}{after}"
        return flagged("limit.ambiguous", written, unit=unit, list=listed, proposal=value)
    if after.lstrip().startswith("trở lên"):
        return flagged("limit.lower_bound", written, value=value, unit=unit)
    if _ABOUT_BEHIND.match(after):
        return flagged("limit.approximate", written, value=value, unit=unit)
    for flag, pattern in (
        ("limit.approximate", _ABOUT),
        ("limit.lower_bound", _LOWER_BOUND),
        ("limit.extension", _LONGER),
        ("limit.before_event", _BEFORE),
    ):
        if pattern.search(near):
            return flagged(flag, written, value=value, unit=unit)
    if _WINDOW.search(before):
        return flagged("limit.window", written, value=value, unit=unit)
    return clean(value, unit, written)


def durations_in(text: str) -> list[Reading]:
    """Return every duration that free text states, in order.

    Dates ("ngày 01 tháng 7 năm 2025") and times of day ("sau 15 giờ cùng
    ngày") are not durations. Each reading carries the words as written.

    Parameters
    ----------
    text
        The free text of a step, a channel or a condition.

    Returns
    -------
    list of Reading
        Flags: ``limit.lower_bound`` ("ít nhất 05 ngày"), ``limit.extension``
        ("tăng thêm 05 ngày"), ``limit.before_event`` ("trước 30 ngày") keep
        their value; ``limit.range``, ``limit.ambiguous``, ``limit.words_differ``
        ("03 (năm) ngày"), ``limit.not_positive`` and ``limit.absurd`` have none.

    Examples
    --------
    >>> [(r.value, r.unit) for r in durations_in("không quá 03 (ba) ngày làm việc")]
    [(3.0, 'working_day')]
    """
    return list(_readings(text))


@lru_cache(maxsize=4096)  # channels share their descriptions, procedures of a field their steps
def _readings(text: str) -> tuple[Reading, ...]:
    return tuple(reading for _, _, reading in _placed(_prepared(text)))


def _prepared(text: str) -> str:
    """Return folded text with plain digits, units of text without diacritics put right."""
    plain = ascii_digits(fold(text, diacritics=True))
    if plain.isascii():
        plain = _BARE_UNIT.sub(lambda found: f" {_BARE_UNITS[found[1]]}", plain)
        plain = with_diacritics(plain)
    return plain


def _placed(plain: str) -> list[tuple[int, int, Reading]]:
    """Return where each duration of folded text starts and ends, and its reading, in order."""
    compounds = _compounds(plain)
    placed = [(start, end, reading) for (start, end), reading in compounds.items() if reading]
    for found in _matches(plain):
        start, end = found.span()
        if any(first <= start < last for first, last in compounds):
            continue
        raw = plain[max(0, start - 110) : start]
        before = raw[-25:].rstrip(" (")
        after = plain[end : end + 48]
        if _IS_DATE.search(before) or _EACH.search(before) or _is_clock(found, before, after[:16]):
            continue
        if found["first"][0].isalpha() and found["first"] != "nửa":
            has_digits = (found["aside"] or "").strip().isdecimal()
            if not has_digits and not _CUE.search(before):
                continue
        placed.append((start, end, _stated(found, raw, after)))
    return sorted(placed, key=lambda item: item[0])


def _matches(plain: str) -> Iterator[re.Match[str]]:
    """Yield what `_DURATION` finds, looking only where a unit stands behind a number."""
    last = 0
    places = [found.start() for found in _BEHIND_DIGIT.finditer(plain)]
    places += [found.start() for found in _BEHIND_WORD.finditer(plain)]
    places.sort()
    for place in places:
        if place < last:
            continue
        found = _DURATION.search(plain, max(last, place - _LONGEST_NUMBER), place + 40)
        if found and found.start() <= place:  # a later one has its own place
            last = found.end()
            yield found


def _compounds(plain: str) -> dict[tuple[int, int], Reading | None]:
    """Return where two units make one duration, and what it is; None for a time of day."""
    compounds: dict[tuple[int, int], Reading | None] = {}
    for found in _COMPOUND.finditer(plain):
        before = plain[max(0, found.start() - 24) : found.start()].rstrip(" (")
        if _STEPS_DOWN[found["large"]] != found["small"] or _IS_DATE.search(before):
            continue
        reading: Reading | None
        if found["large"] != "giờ":
            reading = flagged("limit.compound", found.group())
        elif _CLOCK_BEFORE.search(before):
            reading = None
        else:
            reading = clean(int(found["first"]) + int(found["second"]) / 60, "hour", found.group())
        compounds[found.span()] = reading
    return compounds


def _listed(readings: Iterable[Reading]) -> str:
    """Return the durations as written, each once."""
    return "; ".join(dict.fromkeys(reading.text for reading in readings))


def read_duration(value: float | str | None, unit: str | None = None, text: str = "") -> Reading:
    """Read the time limit of a channel, or a duration written out.

    Parameters
    ----------
    value
        The number of the limit, or the whole as text (``"07 Ngày làm việc"``).
    unit
        The portal's ``WORKING_DAY``, ``DAY``, ``HOUR``, ``MONTH``, ``OTHER``,
        a name such as ``"ngày"``, or free text such as ``"Không quy định"``.
    text
        The channel's description. It never changes the value: where it states
        another limit the reading is flagged, and where the unit is missing it
        may propose one.

    Returns
    -------
    Reading
        `unit` is one of `DURATION_UNITS`, or ``""``. A bare number with unit
        ``OTHER`` has no value, only a proposal.
    """
    if isinstance(value, str):
        written = " ".join(f"{nfc(value)} {_unit_text(unit)}".split())
        plain = fold(written)
        if not re.fullmatch(r"[\d.,]+", ascii_digits(plain)):
            return _from_words_and_unit(nfc(value), _portal_unit(unit), written)
        number = read_number(value, "days")
        if number.value is None:
            return flagged("limit.ambiguous", written, list=written, proposal=number.proposal)
        return read_duration(number.value, unit, text)
    if isinstance(value, bool):
        return flagged("number.not_a_number", str(value))
    if value is None:
        return _without_number(nfc(unit or "").strip())
    number = read_number(value, "days")
    shown = f"{format_number(number.value)} {unit or ''}".strip()
    if number.flag == "number.negative":
        return flagged("limit.not_positive", f"{value} {unit or ''}".strip())
    if number.value is None:
        return flagged(number.flag, str(value)[:40])
    return _from_field(number.value, _portal_unit(unit), shown, text)


def _from_words_and_unit(words: str, unit: str, written: str) -> Reading:
    """Read a limit written out beside a field that may name a unit of its own."""
    alone = _from_words(" ".join(words.split())) if unit else None
    if alone is None or not alone.unit:
        return _from_words(written)
    if alone.value is None or alone.unit == unit:
        return alone
    return flagged(
        "limit.unit_differs",
        written,
        value=alone.value,
        unit=alone.unit,
        list=f"{format_number(alone.value)} {UNIT_NAMES[unit][0]}",
    )


def _unit_text(unit: str | None) -> str:
    """Return the name of a unit as it would be written after its number."""
    key = fold(unit or "").replace(" ", "_")
    return UNIT_NAMES[_PORTAL[key]][0] if key in _PORTAL else nfc(unit or "")


def _portal_unit(unit: str | None) -> str:
    name = fold(unit or "")
    key = name.replace(" ", "_")
    if key in _PORTAL:
        return _PORTAL[key]
    found = re.fullmatch(r"(?:ngay(?: lam viec)?|gio(?: lam viec)?|phut|tuan|thang|nam)", name)
    return _unit(name) if found else ""


def _without_number(written: str) -> Reading:
    """Read a limit whose number field is empty: the unit field holds words, or nothing."""
    if not written or fold(written) == "other":
        return flagged("limit.missing", written)
    return _from_words(written)


def _from_words(written: str) -> Reading:
    """Read a limit that is written out."""
    plain = fold(written, diacritics=True)
    for flag, pattern in (
        ("limit.not_stated", _NOT_STATED),
        ("limit.no_information", _NO_INFORMATION),
        ("limit.no_result", _NO_RESULT),
    ):
        if pattern.fullmatch(plain.strip(" .;")):
            return flagged(flag, written)
    if fold(written) in MISSING_WORDS:
        return flagged("limit.missing", written)
    prepared = _prepared(written)
    placed = _placed(prepared)
    stated = [reading for _, _, reading in placed]
    if len(stated) > 1:
        return flagged("limit.several", written, list=_listed(stated))
    if stated:
        return _only(stated[0], written, prepared, placed[0][:2])
    if _SAME_DAY.search(plain):
        return flagged("limit.same_day", written, proposal=1, proposal_unit="working_day")
    if _AT_ONCE.search(plain):
        return flagged("limit.at_once", written)
    return flagged("limit.unreadable", written)


def _only(only: Reading, written: str, plain: str, span: tuple[int, int]) -> Reading:
    """Return the one duration of a field, if nothing else in the field speaks of a number."""
    if only.flag in _KEPT_FLAGS:
        return flagged(only.flag, written, proposal=only.value, proposal_unit=only.unit, unit="")
    if only.flag:
        return Reading(None, only.unit, written, only.flag, only.reason, only.proposal)
    if plain.startswith("-") and span[0] == 1:
        return flagged("limit.not_positive", written)
    if re.search(r"(?<!kể )(?<!tính )từ $", plain[: span[0]]):
        return flagged("limit.lower_bound", written, proposal=only.value, proposal_unit=only.unit)
    beside = f"{plain[: span[0]]}.{plain[span[1] :]}"
    if _SAME_DAY.search(beside):
        return flagged("limit.several", written, list=written)
    more = "+" if plain.startswith("+") and span[0] == 1 else unaccounted(plain, [span])
    in_words = _IN_WORDS.search(beside)
    if more or in_words:
        listed = more or (in_words.group() if in_words else "")
        return flagged("limit.expression", written, unit=only.unit, list=listed)
    return clean(only.value or 0.0, only.unit, written)


def _from_field(value: float, unit: str, shown: str, text: str) -> Reading:
    """Read a number with a known unit, or a bare number, and hold it against the text."""
    if value <= 0:
        return flagged("limit.not_positive", shown, unit=unit)
    if value * _DAYS_IN.get(unit, 1.0) > LONGEST_DAYS:
        return flagged("limit.absurd", shown, unit=unit)
    all_stated = durations_in(text) if text else []
    stated = [r for r in all_stated if r.value is not None and _is_limit(r)]
    distinct = {_in_larger_unit(reading) for reading in stated}
    if not unit:
        same = {found_unit for number, found_unit in distinct if number == value}
        if len(same) == 1 and len(distinct) == 1:
            proposed = same.pop()
            return flagged(
                "limit.unit_from_text",
                shown,
                proposal=value,
                proposal_unit=proposed,
                unit_name=UNIT_NAMES[proposed],
            )
        return flagged("limit.bare_number", shown, proposal=value)
    listed = _listed(stated)
    other = {(r.value, r.unit): r.flag for r in all_stated if r.flag in _NO_LIMITS}.get(
        (value, unit)
    )
    if other == "limit.window" or (other and (value, unit) not in distinct):
        return flagged(other, shown, value=value, unit=unit)
    if not distinct or (value, unit) in distinct:
        longest = max((_days(r) for r in stated if not r.flag), default=0.0)
        if longest > value * _DAYS_IN[unit] * 1.001:
            return flagged("limit.longer_in_text", shown, value=value, unit=unit, list=listed)
        return clean(value, unit, shown)
    if any(number == value for number, _ in distinct):
        return flagged("limit.unit_differs", shown, value=value, unit=unit, list=listed)
    units = _adding_up(stated, value)
    if units == {unit}:
        return clean(value, unit, shown)
    if units:
        return flagged("limit.unit_differs", shown, value=value, unit=unit, list=listed)
    limits = {_in_larger_unit(r) for r in stated if not r.flag}  # no extension is proposed
    only = next(iter(limits)) if len(limits) == 1 else (None, "")
    return flagged(
        "limit.differs_from_text",
        shown,
        value=value,
        unit=unit,
        list=listed,
        proposal=only[0],
        proposal_unit=only[1],
    )


def _days(reading: Reading) -> float:
    """Return the length in days, roughly: good enough to tell which limit is longer."""
    return (reading.value or 0.0) * _DAYS_IN[reading.unit]


def _in_larger_unit(reading: Reading) -> tuple[float | None, str]:
    """Return number and unit, minutes as hours: "60 phút" is 1 hour of the field."""
    if reading.unit == "minute" and reading.value is not None:
        return reading.value / 60, "hour"
    return reading.value, reading.unit


def _is_limit(reading: Reading) -> bool:
    """Tell a limit of the office from a bound, an extension or a length of years."""
    return reading.flag in ("", "limit.extension") and reading.unit != "year"


def _adding_up(stated: list[Reading], value: float) -> set[str]:
    """Return the units of stages in a row that add up to the field (03 + 05 = 8 days).

    Time that is only added in some cases ("tăng thêm 21 ngày") is tried last.
    """
    without = [reading for reading in stated if reading.flag != "limit.extension"]
    return _run_units(without, value) or _run_units(stated, value)


def _run_units(stages: list[Reading], value: float) -> set[str]:
    stages = stages[:30]
    for start in range(len(stages)):
        total = 0.0
        for end in range(start, len(stages)):
            total += stages[end].value or 0.0
            units = {stage.unit for stage in stages[start : end + 1]}
            if total == value and (len(units) == 1 or units == {"working_day", "day"}):
                return units
    return set()
