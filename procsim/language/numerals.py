"""Numbers as Vietnamese officers write them; a value or a reason, never a guess."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from procsim.errors import Text, UnknownName, shorten
from procsim.language.formatting import format_number
from procsim.language.i18n import bilingual, fault_of
from procsim.language.text import fold, nfc

NumberKind = Literal["money", "hours", "count", "share", "days"]

UNITS: dict[str, str] = {
    "money": "VND",
    "hours": "hour",
    "count": "count",
    "share": "share",
    "days": "day",
}
MOST_DIGITS = 15  # a float keeps 15 decimal digits; Excel cuts the rest to zeros

MISSING_WORDS = frozenset(
    [
        *("", "na", "n/a", "none", "null", "nil", "-", "--", "---", ".", "..", "...", "…", "/"),
        *("khong co thong tin", "chua co thong tin", "khong ro", "chua ro", "chua co so lieu"),
        *("khong co so lieu", "khong xac dinh", "chua xac dinh", "?"),
    ]
)
_NOT_FINITE = re.compile(r"[-+]?(?:nan|inf|infinity|1\.#\w+|∞)")
_EXCEL_ERROR = re.compile(
    r"#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!|N/D)", re.IGNORECASE
)
_UNIT_WORDS: dict[str, re.Pattern[str]] = {
    "money": re.compile(r"\s*(?:dong|d|vnd|viet nam dong|vn dong|₫)\.?"),
    "hours": re.compile(r"\s*(?:gio|h|tieng)(?: lam viec)?\.?"),
    "days": re.compile(r"\s*(?:ngay)(?: lam viec)?\.?"),
    "count": re.compile(r"\s*(?:lan|ho so|nguoi|doi tuong|bo|ban)\.?"),
    "share": re.compile(r"(?!)"),
}
_BODY = re.compile(r"(?:\d[\d.,]*|,\d+|\.\d+)")
_GROUPED = {s: re.compile(rf"[1-9]\d{{0,2}}(?:\{s}\d{{3}})+") for s in ".,"}
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?")


class Parsed(NamedTuple):
    """The readings that a written number allows: none, one, or two."""

    values: tuple[float, ...]
    digits: int
    whole_only: bool


def ascii_digits(text: str) -> str:
    """Return `text` with full-width, Arabic and other decimal digits as 0–9.

    Full-width separators become plain ones too, an apostrophe between thousands a point.
    """
    if text.isascii() and "'" not in text:
        return text
    if _FAR.search(text):
        text = _ODD_DIGIT.sub(_plain_numeral, text)
    return _ODD_SIGN.sub(_plain_numeral, text)


# Long texts come through here, so searches for one set each instead of a look at each letter.
# An apostrophe before three digits parts thousands, as the Swiss and some calculators write.
_FAR = re.compile("[\u0660-\u1dff\ua000-\U0010ffff]")  # no digit beyond ASCII stands elsewhere
_ODD_DIGIT = re.compile(r"[^\D0-9]")
_ODD_SIGN = re.compile(r"[，．٫٬'’´](?:(?<=[，．٫٬])|(?<=\d.)(?=\d{3}(?!\d)))")
_SEPARATORS = {"，": ",", "．": ".", "٫": ",", "٬": ".", "'": ".", "’": ".", "´": "."}


def _plain_numeral(found: re.Match[str]) -> str:
    sign = found.group()
    return _SEPARATORS.get(sign) or str(unicodedata.decimal(sign))


# Digits that stand beside an amount or a limit and do not change it: days, legal texts.
_REFERENCE = re.compile(
    r"(?:ngày )?(?<![\d/.-])\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?\d{4}(?!\d)"
    r"|ngày \d{1,2} tháng \d{1,2}(?: năm \d{4})?|(?<!\w)thứ \d(?!\d)"
    r"|(?<!\w)(?:thông tư|nghị định|nghị quyết|quyết định|luật|điều|khoản|điểm|mục|chương|phụ lục"
    r"|mẫu|biểu|văn bản|công văn)(?: số)?:? ?(?:\d[\w./-]*|[a-zđ](?!\w))"
    r"(?:(?:,| và) ?(?:\d[\w./-]*|[a-zđ](?!\w)))*"
)
_LEFT_OVER = re.compile(
    r"[^\s]*\d[^\s]*|[%‰½¼¾]|(?<=\S)\s+[+*=](?=\s)|[×÷~±^<>≥]|(?<!\w)x(?!\w)"
    r"|(?<!\w)(?:rưỡi|rưởi|nửa|phần trăm|(?:nhân|chia|gấp) (?:đôi|ba|với|cho|rưỡi)"
    r"|cộng (?:thêm|với))(?!\w)"
)


# Words that change the number beside them, as they stand in text typed without diacritics.
_RECKONING = (
    "tăng thêm gia hạn kéo dài cộng giảm rút ngắn bớt trừ ít nhất tối thiểu không dưới trên hơn"
    " quá vượt khoảng dự kiến trung bình quân xấp xỉ gần chừng ước tính trước mỗi gấp nhân chia"
    " đôi rưỡi nửa của hoặc hay và với so còn xuống thành từ nghỉ lễ tiết kiệm trễ chậm muộn kể"
    " bao gồm đi âm phần trăm tức sau khi lùi hoãn trở lên một hai ba bốn sáu bảy tám chín mười"
)


def with_diacritics(plain: str) -> str:
    """Return folded text without any diacritics with those of its words of reckoning."""
    return _BARE_WORD.sub(lambda found: _BARE_WORDS[found.group()], plain)


_BARE_WORDS = {fold(word): word for word in _RECKONING.split()}
_BARE_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(_BARE_WORDS)})(?!\w)")


def unaccounted(plain: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the first number, sign or word of reckoning that no reading has taken in.

    Parameters
    ----------
    plain
        Folded text with its diacritics and plain digits.
    spans
        Where the readings stand. Days and the numbers of legal texts count as taken in.
    """
    pieces, last = [], 0
    for start, end in sorted(spans):
        pieces.append(plain[last:start])
        last = max(last, end)
    rest = " . ".join([*pieces, plain[last:]])
    found = _LEFT_OVER.search(_REFERENCE.sub(" . ", rest))
    return found.group().strip() if found else ""


def parse_number(body: str, *, thousands: bool) -> Parsed:
    """Return every value that digits with points and commas can mean.

    Parameters
    ----------
    body
        Digits, points and commas only (and single spaces between groups of three).
    thousands
        Whether one separator before exactly three digits parts thousands, as
        in amounts of đồng and in counts; else such a number has two readings.
        A decimal part is then not expected at all.
    """
    if _SPACED.fullmatch(body):
        body = body.replace(" ", "")
    digits = sum(c.isdigit() for c in body)
    if not _BODY.fullmatch(body) or digits > MOST_DIGITS:
        return Parsed((), digits, False)
    kinds = {c for c in body if c in ".,"}
    if not kinds:
        return Parsed((float(body),), digits, True)
    last = max(kinds, key=body.rfind)
    whole, _, decimals = body.rpartition(last)
    if len(kinds) == 2:
        return _two_separators(whole, decimals, last, thousands, digits)
    if body.count(last) > 1:
        if _GROUPED[last].fullmatch(body):
            return Parsed((float(body.replace(last, "")),), digits, True)
        return Parsed((), digits, False)
    if not decimals:
        return Parsed((), digits, False)
    as_decimal = float(f"{whole or '0'}.{decimals}")
    if len(decimals) != 3 or len(whole) > 3 or not whole:
        doubtful = thousands and len(decimals) == 3
        both = (as_decimal, float(whole + decimals)) if doubtful else (as_decimal,)
        return Parsed(both, digits, False)
    if whole.startswith("0"):
        # "0,125" is a decimal; in a money column "0.500" may be a cut-off "50.500".
        return Parsed(
            (as_decimal, float(whole + decimals)) if thousands else (as_decimal,), digits, False
        )
    as_thousands = float(whole + decimals)
    if thousands:
        return Parsed((as_thousands,), digits, True)
    first_vietnamese = (as_thousands, as_decimal) if last == "." else (as_decimal, as_thousands)
    return Parsed(first_vietnamese, digits, False)


def _two_separators(whole: str, decimals: str, last: str, thousands: bool, digits: int) -> Parsed:
    """Read "1.234,5" and "1,234.5": the separator that comes last is the decimal one."""
    other = "," if last == "." else "."
    if last in whole or not decimals or not _GROUPED[other].fullmatch(whole):
        return Parsed((), digits, False)
    value = float(f"{whole.replace(other, '')}.{decimals}")
    if thousands and len(decimals) == 3:
        # "1.200,000" as an amount is more likely a slip of the pen than 1.200 đồng.
        return Parsed((value, float(whole.replace(other, "") + decimals)), digits, False)
    return Parsed((value,), digits, False)


def read_number(text: str | float | None, kind: NumberKind) -> Reading:
    """Read a number from a cell, a form field or JSON.

    Parameters
    ----------
    text
        What was written; numbers from Excel or JSON are taken as they are.
    kind
        What the column holds. In ``"money"`` and ``"count"`` one separator
        before exactly three digits parts thousands (``"1.234"`` and ``"1,234"``
        are 1234, for there is no part of a đồng and no part of a case); in
        ``"hours"``, ``"days"`` and ``"share"`` it is asked. A share is 0 to 1,
        and ``"30%"`` is 0.3.

    Returns
    -------
    Reading
        With `value` None and a flag ``number.…`` when missing or refused.

    Raises
    ------
    UnknownName
        When `kind` is none of the five.

    Examples
    --------
    >>> read_number("1.234,5", "hours").value
    1234.5
    >>> read_number("1.234", "hours").flag
    'number.ambiguous'
    """
    if kind not in get_args(NumberKind):
        raise UnknownName(
            fault_of(
                "number.kind", "read_number", str(kind), numberkind=", ".join(get_args(NumberKind))
            )
        )
    unit = UNITS[kind]
    if text is None:
        return flagged("number.missing", "", unit=unit)
    if not isinstance(text, str):
        return _from_number(text, kind)
    written = nfc(text).strip()
    plain = ascii_digits(fold(written)).strip()
    if plain in MISSING_WORDS:
        return flagged("number.missing", written, unit=unit)
    if _NOT_FINITE.fullmatch(plain):
        return flagged("number.not_finite", written, unit=unit)
    if _EXCEL_ERROR.fullmatch(written):
        return flagged("number.excel_error", written, unit=unit)
    return _from_text(plain, written, kind)


def _from_number(number: float, kind: NumberKind) -> Reading:
    if isinstance(number, bool) or not hasattr(number, "__float__"):
        return flagged("number.not_a_number", repr(number), unit=UNITS[kind])
    if isinstance(number, int) and abs(number) >= 10**MOST_DIGITS:
        return flagged("number.too_long", _short_int(number), unit=UNITS[kind])
    value = float(number)
    if not math.isfinite(value):
        return flagged("number.not_finite", str(value), unit=UNITS[kind])
    if abs(value) >= 10**MOST_DIGITS:
        return flagged("number.too_long", repr(value), unit=UNITS[kind])
    return _checked(value, repr(number), kind, is_percent=False)


def _short_int(number: int) -> str:
    # Python refuses to print integers of more than 4,300 digits.
    return str(number) if abs(number) < 10**60 else f"{'-' if number < 0 else ''}10^60…"


def _from_text(plain: str, written: str, kind: NumberKind) -> Reading:
    """Read folded text: sign, digits and separators, then a percent sign or unit words."""
    unit = UNITS[kind]
    sign = -1.0 if plain.startswith("-") or (plain.startswith("(") and plain.endswith(")")) else 1.0
    body = plain[1:-1] if plain.startswith("(") and plain.endswith(")") else plain
    body = re.sub(r"^[+-]", "", body).strip()  # one sign only: "+-5" is no number
    is_percent = kind == "share" and body.endswith("%")
    if is_percent:
        body = body[:-1].rstrip()
    start = re.match(r"[\d.,]+(?: \d{3}(?!\d)[\d.,]*)*", body)
    if not start:
        return flagged("number.not_a_number", written, unit=unit)
    number, tail = start.group().rstrip(), body[start.end() :]
    if tail and not _UNIT_WORDS[kind].fullmatch(tail):
        return flagged("number.not_a_number", written, unit=unit)
    parsed = parse_number(number, thousands=kind in ("money", "count"))
    if parsed.digits > MOST_DIGITS:
        return flagged("number.too_long", written, unit=unit)
    if not parsed.values:
        return flagged("number.not_a_number", written, unit=unit)
    if len(parsed.values) == 2:
        first, second = parsed.values
        if is_percent:
            first, second = first / 100, second / 100
        return flagged(
            "number.ambiguous",
            written,
            unit=unit,
            proposal=first * sign,
            first=first,
            second=second,
        )
    return _checked(parsed.values[0] * sign, written, kind, is_percent=is_percent)


def _checked(value: float, written: str, kind: NumberKind, *, is_percent: bool) -> Reading:
    """Refuse what the kind of column cannot hold."""
    unit = UNITS[kind]
    if is_percent:
        value = value / 100
    if value < 0:
        return flagged("number.negative", written, unit=unit)
    if kind == "count" and not value.is_integer():
        return flagged("number.not_whole", written, unit=unit)
    if kind == "share" and value > 1:
        proposal = value / 100 if not is_percent and value <= 100 else None
        shown = "" if proposal is None else f"{format_number(value)} %"
        return flagged("number.share_range", written, unit=unit, proposal=proposal, percent=shown)
    return clean(abs(value), unit, written)


# What a parser hands back: a value, or the reason why there is none.

SHOWN = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as read from what somebody wrote.

    Parameters
    ----------
    value
        The number, or None when it is missing or was refused.
    unit
        Its unit: ``"working_day"``, ``"VND"``, ``"hour"``…; ``""`` when unknown.
    text
        What was written.
    flag
        Stable reason code such as ``"fee.thousandth"``; ``""`` when nothing is doubtful.
    reason
        The sentence that belongs to the flag.
    proposal
        A value that the officer may accept in place of what was written. Never
        taken over without the officer.
    proposal_unit
        Unit of the proposal where it is not `unit`.
    per
        What an amount is paid for (``"trang"``, ``"hồ sơ"``), as written.
    """

    value: float | None
    unit: str = ""
    text: str = ""
    flag: str = ""
    reason: Text | None = None
    proposal: float | None = None
    proposal_unit: str = ""
    per: str = ""

    @property
    def is_missing(self) -> bool:
        """Tell whether there is no value."""
        return self.value is None

    @property
    def is_clean(self) -> bool:
        """Tell whether there is a value about which nothing is doubtful."""
        return self.value is not None and not self.flag


@dataclass(frozen=True, slots=True)
class DateReading:
    """A calendar day as read; see `Reading` for the fields."""

    value: dt.date | None
    text: str = ""
    flag: str = ""
    reason: Text | None = None

    @property
    def is_missing(self) -> bool:
        """Tell whether there is no day."""
        return self.value is None


def clean(value: float, unit: str, text: str, per: str = "") -> Reading:
    """Return a reading about which nothing is doubtful."""
    return Reading(value=float(value), unit=unit, text=text, per=per)


def flagged(
    flag: str,
    text: str,
    *,
    value: float | None = None,
    unit: str = "",
    proposal: float | None = None,
    proposal_unit: str = "",
    per: str = "",
    **values: object,
) -> Reading:
    """Return a doubtful or refused reading, with the sentence of its flag.

    The sentence may use ``{written}``, ``{proposal}`` and any of `values`.
    """
    sentence = bilingual(
        f"flag.{flag}",
        **{"written": shorten(text, SHOWN), "proposal": "" if proposal is None else proposal}
        | values,
    )
    return Reading(
        value=None if value is None else float(value),
        unit=unit,
        text=text,
        flag=flag,
        reason=sentence,
        proposal=None if proposal is None else float(proposal),
        proposal_unit=proposal_unit,
        per=per,
    )
