"""Fees (phí, lệ phí): the amount, or why there is none, never a silent zero.

The portal stores a fee as an amount, a currency and a note in free text, and
the three often disagree: amounts stored as thousandths, zeros whose note names
a price, zeros whose price stands in a circular or is set by the province. The
amount is always kept as written; what the note says becomes a flag and, where
it names one amount, a proposal.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from functools import lru_cache

from procsim.language.durations import words_to_number
from procsim.language.formatting import format_number
from procsim.language.numerals import (
    MISSING_WORDS,
    NumberKind,
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

SMALLEST_FEE = 1000.0  # no fee of the Ministry of Finance's tables is below 1,000 đồng
LARGEST_FEE = 1e12
CURRENCIES = ("VND", "USD", "EUR")
#: Thousandths that the portal's pages print with a 1 of the column before in front:
#: "1" and "20.000" run together as 120, "1" and "100.000" as 1100.
GLUED = {float(f"1{rest}"): rest * 1000.0 for rest in (20, 25, 50, 100, 200, 250, 500)}
#: The same with a whole amount, seen for the customs declaration of 20.000 đồng.
GLUED_CUSTOMS = (120_000.0, 20_000.0)
FARTHEST = 200.0  # times that the note may be above or below the field and still be proposed

_LEADING = re.compile(
    r"(?P<number>-?\s*(?>\d+(?:[.,]\d+)*)(?: \d{3}(?!\d))*)"
    r"\s*(?:(?P<scale>nghin|ngan|trieu|ty|ti|k|tr)(?!\w)(?P<half> ruoi(?!\w))?)?\s*"
    r"(?:(?P<currency>viet nam dong|vn dong|dong|vnd|₫|d(?!\w)"
    r"|usd|do la my|do la|\$|eur|euro|€|jpy|krw|cny|lak|kip|yen)(?!\w))?"
)
_IN_BRACKETS = re.compile(r"\([\d., ]+(?:đ|đồng|vnđ|vnd)?\)")  # how accountants write a minus
_WRITTEN_OUT = re.compile(r"\((?:bằng chữ:? ?)?([^()\d]+?),?(?: việt nam)? đồng(?: chẵn)?[ ./]*\)")


def read_money(
    value: float | str | None, currency: str | None = None, note: str = "", kind: str = ""
) -> Reading:
    """Read a fee: its amount held against its note.

    Parameters
    ----------
    value
        The amount, as a number or as written (``"50.000đ/trang"``).
    currency
        Name of the currency; none means đồng.
    note
        The free text beside the amount.
    kind
        ``"FEE"`` or ``"SERVICE_FEE"`` of the portal; kept for the caller, it
        does not change the reading, because the portal's own use is not reliable.

    Returns
    -------
    Reading
        `unit` is ``"VND"`` or the foreign currency. Flags with a value as
        written: ``fee.thousandth``, ``fee.differs_from_note``,
        ``fee.one_of_several``, ``fee.temporary_rate``, ``fee.exemptions``,
        ``fee.percentage``, ``fee.free_but_value``, ``fee.foreign_currency``,
        ``fee.currency_differs``, ``fee.zero_but_note``, ``fee.exempt_group``,
        ``fee.not_prescribed``, ``fee.zero_unexplained``, ``fee.provincial``
        (with an amount). Without a value: ``fee.elsewhere``, ``fee.provincial``,
        ``fee.note_without_amount``, ``fee.several``, ``fee.missing``, ``fee.negative``,
        ``fee.unknown_currency``, ``fee.absurd``, ``fee.words_differ``, ``number.…``,
        and ``fee.expression`` where a number or sign of the text is left over ("2 x 50.000").

    Examples
    --------
    >>> read_money("50.000đ/trang")
    Reading(value=50000.0, unit='VND', text='50.000đ/trang', flag='', reason=None, \
proposal=None, proposal_unit='', per='trang')
    >>> reading = read_money(135, "VNĐ", "Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần.")
    >>> reading.flag, reading.value, reading.proposal
    ('fee.thousandth', 135.0, 135000.0)
    """
    del kind
    note = " ".join(nfc(note or "").split())
    if isinstance(value, str):
        return _from_text(" ".join(nfc(value).split()), currency, note)
    unit = currency_of(currency) or "VND"
    if value is None:
        return _without_amount("", unit, note)
    number = read_number(value, "money")
    if number.flag == "number.negative":
        return flagged("fee.negative", number.text, unit=unit)
    if number.value is None:
        return Reading(None, unit, number.text, number.flag, number.reason)
    return _judge(number.value, unit, _shown(number.value, currency, note), note)


def _all_read(reading: Reading, written: str, leading: tuple[int, int] | None = None) -> Reading:
    """Return the reading of a text, unless the text holds more numbers than the reading."""
    if reading.value is None:
        return reading
    plain = ascii_digits(fold(written, diacritics=True))
    plain = with_diacritics(plain) if plain.isascii() else plain
    if _IN_BRACKETS.fullmatch(plain):
        return flagged("fee.negative", written, unit=reading.unit)
    spans = [(start, end) for start, end, _ in placed_amounts(plain)]
    more = unaccounted(plain, [leading, *spans] if leading else spans)
    if more and reading.flag != "fee.percentage":
        return flagged("fee.expression", written, unit=reading.unit, list=more)
    in_words = _WRITTEN_OUT.search(plain)
    second = words_to_number(in_words[1]) if in_words else None
    if second is not None and reading.value not in (second, second / 1000):
        return flagged(
            "fee.words_differ", written, unit=reading.unit, first=reading.value, second=second
        )
    return reading


def _shown(value: float, currency: str | None, note: str) -> str:
    parts = (format_number(value), nfc(currency or ""), f"({note})" if note else "")
    return " ".join(part for part in parts if part)


def _from_text(written: str, currency: str | None, note: str) -> Reading:
    """Read an amount that is written out, with what stands behind it as a note."""
    unit = currency_of(currency)
    plain = ascii_digits(fold(written))
    if plain in MISSING_WORDS:
        return _without_amount(written, unit or "VND", note)
    found = _LEADING.match(plain) if len(plain) == len(written) else None
    if found:
        reading = _leading(found, written, unit, note)
        if reading is not None:
            return _all_read(reading, written, found.span())
    elif read_number(written, "money").flag in ("number.not_finite", "number.excel_error"):
        bad = read_number(written, "money")
        return Reading(None, unit or "VND", written, bad.flag, bad.reason)
    whole_note = f"{written} {note}".strip()
    if classify_note(written).is_free:
        return _all_read(_judge(0.0, unit or "VND", written, whole_note), written)
    return _all_read(_without_amount(written, unit or "VND", whole_note), written)


def _leading(found: re.Match[str], written: str, unit: str, note: str) -> Reading | None:
    """Read "135 VNĐ (…)": an amount first, then its unit and a note; None when it is not so."""
    named = found["currency"] or ""
    tail = written[found.end() :].strip()
    if tail and not tail.startswith(("/", "(", "-", ".", ";", ",", "–")) and not named:
        return None
    # "10.000 - 20.000", and "10.000; 20.000": numbers alone are no note on the first one.
    if re.match(r"(?:-|–|đến|tới|~)\s*\d|(?:[;,]\s*\d[\d.,]*\s*)+$", tail):
        listed = "; ".join(reading.text for reading in amounts_in(written)) or written
        return flagged("fee.several", written, unit=unit or "VND", list=listed)
    beside = re.sub(r"\([^()]*(?:\)|$)", " ", tail)
    if any(reading.flag != "amount.threshold" for reading in amounts_in(beside)):
        listed = "; ".join(reading.text for reading in amounts_in(written)) or written
        return flagged("fee.several", written, unit=unit or "VND", list=listed)
    unit_named = "VND" if named == "d" else currency_of(named)
    if unit and unit_named and unit != unit_named:
        return flagged("fee.currency_differs", written, unit=unit)
    if (unit_named or unit) not in ("", *CURRENCIES):
        return flagged("fee.unknown_currency", written, unit=unit_named or unit)
    scale = SCALES.get(found["scale"] or "", 1.0)
    kind: NumberKind = (
        "money" if scale == 1.0 and (unit_named or unit or "VND") == "VND" else "hours"
    )
    number = read_number(found["number"].strip(), kind)
    unit = unit_named or unit or "VND"
    if number.flag == "number.negative":
        return flagged("fee.negative", written, unit=unit)
    if number.value is None:
        return Reading(None, unit, written, number.flag, number.reason, number.proposal)
    per = tidy_per(re.split(r"[(,;]", tail, maxsplit=1)[0]) if tail.startswith("/") else ""
    rest = tail[tail.index("(") :] if tail.startswith("/") and "(" in tail else tail
    rest = "" if tail.startswith("/") and "(" not in tail else rest
    if tail.startswith("/") and amounts_in(tail):
        rest = tail
    whole_note = f"{rest.strip(' ().')} {note}".strip()
    amount = (number.value + (0.5 if found["half"] else 0.0)) * scale
    reading = _judge(amount, unit, written, whole_note)
    if per and not reading.per:
        reading = Reading(
            reading.value,
            reading.unit,
            reading.text,
            reading.flag,
            reading.reason,
            reading.proposal,
            reading.proposal_unit,
            per,
        )
    return reading


def _without_amount(written: str, unit: str, note: str) -> Reading:
    """Read a fee whose amount field is empty or holds no amount."""
    if not note:
        return flagged("fee.missing", written, unit=unit)
    named = amounts_in(note)
    prices = [r for r in named if r.flag != "amount.threshold"]
    kinds = classify_note(note)
    ends_of_range = [r for r in named if r.flag == "amount.threshold"]
    if len(prices) == 1 and prices[0].value is not None and not ends_of_range:
        only = prices[0]
        if written and not kinds.is_anything and not only.flag:
            # "Lệ phí: 4.500.000 đồng": the field itself names one amount and nothing else.
            return _judge(only.value or 0.0, only.unit, written, note)
        return flagged(
            "fee.only_in_note",
            written or note,
            unit=unit,
            proposal=None if only.flag == "amount.change" else only.value,
            proposal_unit=only.unit,
            per=only.per,
        )
    if named:
        return flagged("fee.several", written or note, unit=unit, list=_listed(named))
    if kinds.percentage:
        return flagged("fee.percentage", written or note, unit=unit)
    if kinds.provincial:
        return flagged("fee.provincial", written or note, unit=unit)
    if kinds.elsewhere:
        return flagged("fee.elsewhere", written or note, unit=unit)
    if kinds.exempt_group:  # what the others pay is not known
        return flagged("fee.exempt_group", written or note, unit=unit)
    if kinds.is_free or kinds.not_prescribed:
        return _judge(0.0, unit, written or note, note)
    return flagged("fee.unreadable", written or note, unit=unit)


def _listed(readings: list[Reading]) -> str:
    return "; ".join(dict.fromkeys(reading.text for reading in readings))


def _judge(value: float, unit: str, written: str, note: str) -> Reading:
    """Hold an amount against its note."""
    if unit not in CURRENCIES:
        return flagged("fee.unknown_currency", written, unit=unit)
    if not math.isfinite(value) or value > LARGEST_FEE:
        return flagged("fee.absurd", written, unit=unit)
    named = amounts_in(note)
    if value == 0:
        return _judge_zero(unit, written, note, named)
    if unit != "VND":
        return _judge_foreign(value, unit, written, named)
    return _judge_dong(value, written, note, named)


def _judge_zero(unit: str, written: str, note: str, named: list[Reading]) -> Reading:
    """A zero is free only where the note says so."""
    kinds = classify_note(note)
    prices = [r for r in named if r.flag != "amount.threshold" and r.value != 0]
    if prices:
        distinct = {(r.value, r.unit) for r in prices}
        only = prices[0] if len(distinct) == 1 and not kinds.percentage else None
        return flagged(
            "fee.zero_but_note",
            written,
            value=0,
            unit=unit,
            list=_listed(prices),
            proposal=only.value if only else None,
            proposal_unit=only.unit if only and only.unit != unit else "",
            per=only.per if only else "",
        )
    if not note:
        return flagged("fee.zero_unexplained", written, value=0, unit=unit)
    if kinds.percentage:
        return flagged("fee.percentage", written, unit=unit)
    if kinds.provincial:
        return flagged("fee.provincial", written, unit=unit)
    if kinds.elsewhere:
        return flagged("fee.elsewhere", written, unit=unit)
    if kinds.exempt_group:
        return flagged("fee.exempt_group", written, value=0, unit=unit)
    if kinds.not_prescribed:
        return flagged("fee.not_prescribed", written, value=0, unit=unit)
    if kinds.is_free:
        return clean(0.0, unit, written)
    if kinds.names_a_fee:
        return flagged("fee.note_without_amount", written, unit=unit)
    return flagged("fee.zero_unexplained", written, value=0, unit=unit)


def _judge_foreign(value: float, unit: str, written: str, named: list[Reading]) -> Reading:
    """Keep a foreign amount in its own currency; no rate is applied here."""
    others = {r.value for r in named if r.unit == unit and r.value is not None}
    if others and value not in others:
        return flagged(
            "fee.differs_from_note",
            written,
            value=value,
            unit=unit,
            list=_listed(named),
            proposal=others.pop() if len(others) == 1 else None,
        )
    per = next((r.per for r in named if r.value == value), "")
    return flagged("fee.foreign_currency", written, value=value, unit=unit, currency=unit, per=per)


def _judge_dong(value: float, written: str, note: str, named: list[Reading]) -> Reading:
    """Hold an amount of đồng, more than nothing, against its note."""
    kinds = classify_note(note)
    prices = [r for r in named if r.flag != "amount.threshold"]
    dong = {r.value: r for r in reversed(prices) if r.unit == "VND" and r.value is not None}
    foreign = {r.value: r for r in prices if r.unit != "VND" and r.value is not None}
    per = next((r.per for r in prices if r.value == value and r.per), _leading_per(note))
    listed = _listed(prices)
    if value in foreign:
        return flagged(
            "fee.currency_differs",
            written,
            value=value,
            unit="VND",
            proposal=value,
            proposal_unit=foreign[value].unit,
        )
    if not value.is_integer():
        return flagged("fee.fraction", written, value=value, unit="VND", per=per)
    if value in dong:
        return _judge_confirmed(value, written, per, kinds, prices, listed)
    thousandfold = value * 1000
    only = next(iter(dong)) if len(dong) == 1 else None
    half = kinds.temporary and value < SMALLEST_FEE and only == thousandfold / 2
    if thousandfold in dong or half:
        per = dong[thousandfold].per if thousandfold in dong else per
        return flagged(
            "fee.thousandth", written, value=value, unit="VND", proposal=thousandfold, per=per
        )
    if dong and math.isclose(sum(dong), value) and kinds.sums_up:
        return clean(value, "VND", written, per)
    if dong and kinds.temporary and all(0.1 * value <= amount <= value for amount in dong):
        return flagged(
            "fee.temporary_rate",
            written,
            value=value,
            unit="VND",
            proposal=only,
            list=listed,
            per=per,
        )
    if prices:
        return _judge_differs(value, written, per, prices, dong, listed)
    # "1" beside an exemption is a cross, no price; "50" may be thousandths of what others pay.
    is_free = kinds.is_free or (kinds.exempt_group and value <= 1)
    if value < SMALLEST_FEE and is_free:
        return flagged("fee.free_but_value", written, value=value, unit="VND", proposal=0)
    if value in GLUED:
        return flagged(
            "fee.digit_in_front",
            written,
            value=value,
            unit="VND",
            per=per,
            first=thousandfold,
            second=GLUED[value],
        )
    if value == GLUED_CUSTOMS[0] and "hai quan" in fold(note):
        return flagged(
            "fee.digit_in_front",
            written,
            value=value,
            unit="VND",
            per=per,
            first=value,
            second=GLUED_CUSTOMS[1],
        )
    if value < SMALLEST_FEE or (value < 10_000 and value % 500):
        return flagged(
            "fee.thousandth", written, value=value, unit="VND", proposal=thousandfold, per=per
        )
    return _judge_bare(value, written, per, kinds)


def _judge_confirmed(
    value: float, written: str, per: str, kinds: NoteKinds, prices: list[Reading], listed: str
) -> Reading:
    """The note names the very amount; it may name more."""
    if len({(r.value, r.unit) for r in prices}) > 1:
        return flagged("fee.one_of_several", written, value=value, unit="VND", list=listed, per=per)
    if kinds.percentage:
        return flagged("fee.percentage", written, value=value, unit="VND", per=per)
    if kinds.exempt_group or kinds.is_free:
        return flagged("fee.exemptions", written, value=value, unit="VND", per=per)
    if kinds.provincial:
        return flagged("fee.provincial", written, value=value, unit="VND", per=per)
    return clean(value, "VND", written, per)


def _judge_differs(
    value: float,
    written: str,
    per: str,
    prices: list[Reading],
    dong: dict[float, Reading],
    listed: str,
) -> Reading:
    """The note names other amounts than the field."""
    if not dong and any(r.unit != "VND" for r in prices):
        return flagged("fee.currency_differs", written, value=value, unit="VND")
    if not dong:
        return flagged("fee.note_unclear", written, value=value, unit="VND", list=listed, per=per)
    only = next(iter(dong)) if len(dong) == 1 else None
    # Too far apart to be one slip of the pen: then the officer is asked without a proposal.
    is_near = only is not None and 1 / FARTHEST <= only / value <= FARTHEST
    return flagged(
        "fee.differs_from_note",
        written,
        value=value,
        unit="VND",
        list=listed,
        proposal=only if is_near else None,
        per=dong[only].per if is_near and only is not None else per,
    )


def _judge_bare(value: float, written: str, per: str, kinds: NoteKinds) -> Reading:
    """The note names no amount: only its words can speak against the field."""
    if kinds.exempt_group:
        return flagged("fee.exemptions", written, value=value, unit="VND", per=per)
    if kinds.not_prescribed or kinds.is_free:
        return flagged("fee.free_but_value", written, value=value, unit="VND", per=per)
    if kinds.percentage:
        return flagged("fee.percentage", written, value=value, unit="VND", per=per)
    if kinds.provincial:
        return flagged("fee.provincial", written, value=value, unit="VND", per=per)
    return clean(value, "VND", written, per)


def _leading_per(note: str) -> str:
    """Return the unit of a note that begins with it: "/hồ sơ", "đồng/lần (…)"."""
    found = re.match(r"(?:đồng|đ|vnđ|vnd)?\s*(/[^.,;:()]{1,40})", note, re.IGNORECASE)
    return tidy_per(found[1]) if found else ""


# Amounts of money in free text.

SCALES = {"nghin": 1e3, "ngan": 1e3, "k": 1e3, "trieu": 1e6, "tr": 1e6, "ty": 1e9, "ti": 1e9}
_VND = r"việt nam đồng|vn đồng|đồng việt nam|đồng|vnđ|vnd|₫|đ(?![\w.])"
_FOREIGN = r"usd|đô la mỹ|đô la|us\$|\$|eur|euro|€|jpy|krw|cny|lak|kip"
_NUMBER = r"(?>[1-9]\d{0,2}(?: \d{3})+(?![\d.,])|\d+(?:[.,]\d+)*)"
_MORE = rf"{_NUMBER} ?(?:nghìn|ngàn|triệu)(?!\w)"
_ASIDE = r"(?: ?\([^()\d+*×=%]{3,60}\))?"
_MONEY = re.compile(
    rf"(?<![\w.,/])(?:(?P<lead>usd|us\$|\$|€) ?)?(?P<number>{_NUMBER})"
    rf"(?: ?(?P<scale>nghìn|ngàn|triệu|tỷ|tỉ|k|tr)(?!\w)(?P<half> rưỡi(?!\w))?"
    rf"(?P<more>(?: {_MORE})*))?{_ASIDE}"
    rf"(?: ?(?P<currency>{_VND}|{_FOREIGN})(?![^\W\d_]))?{_ASIDE}"
    rf"(?P<per> ?/ ?(?:0?1 ?(?:\([^()]*\) ?)?)?[^\W\d_]"
    rf"(?:(?! ?[x-] ?\d|(?<!\d) ?/ ?\d)[^.,;:()\n+*×=_]){{0,48}})?"
)
_PER_ENDS = re.compile(
    r"\s(?:theo|kể|áp|đối|với|khi|cho|trong|từ|và|hoặc|thực|nếu|tối|do|của|để|thu|được|tại|tương|mức|là)\s.*$"
    r"|\s+[-+–].*$|(?:/\s*)?$"
)

# An amount after one of these is a threshold, not a price.
_THRESHOLD = re.compile(
    r"(?:dưới|trên|từ|đến(?: dưới)?|hơn|không quá|giá trị[^.;:+]{0,40}|vốn[^.;:+]{0,40}"
    r"|doanh thu[^.;:+]{0,40}|tổng mức đầu tư[^.;:+]{0,40})$"
)
_RANGE_START = re.compile(r"(?:dưới|trên|từ|hơn|quá)$")
# Reckoning: "100.000 + 50.000 đồng", "2 x 50.000 đồng", "50.000 đồng/2", "1tr 200 đồng".
_RECKONED_BEFORE = re.compile(
    r"[^\W_]\)? ?[*^&→'’]+ ?$|(?:\d|đ|đồng|vnđ|vnd|nghìn|triệu|lần|người)\)? ?\+ ?$"
    r"|[×÷=~±<>≥≈] ?$|(?<!\w)x ?$|\dx ?$|(?:%|phần trăm)(?: của| mức| x)? ?$"
    r"|\d (?:của|hoặc|hay|nhân|chia|cộng|trừ|với) $"
    r"|\d ?(?:triệu|nghìn|ngàn|tỷ|tỉ|k|tr)(?: rưỡi)?,? $"
)
_RECKONED_BEHIND = re.compile(
    r" ?\)? ?(?:\(? ?[x×*÷^] ?\d|\+ ?\d|(?<!\d)/ ?\d"
    r"|(?:nhân|chia|gấp|cộng|trừ) (?:\d|đôi|ba|với|thêm)|rưỡi(?!\w))"
)
# What follows is a difference or an estimate.
_CHANGE = re.compile(
    r"(?<!\w)(?:khoảng|xấp xỉ|ước(?: tính)?|chừng|gần|giảm|tăng|thêm|bớt|trừ|cộng|nửa|âm"
    r"|gấp(?: đôi| ba)?|chưa (?:đến|tới))(?: (?:thêm|đi|là|của))?$"
)
_CAP = re.compile(r"(?:tối đa|không quá|tối thiểu|ít nhất|không vượt quá)(?: là| thu)?$")


def currency_of(name: str | None) -> str:
    """Return ``"VND"``, ``"USD"``…, ``""`` for no name, the name itself when unknown."""
    plain = fold(name or "", diacritics=True).strip(" .()")
    if not plain:
        return ""
    if re.fullmatch(_VND + "|đ|d|dong|viet nam dong|đồng/lần", plain):
        return "VND"
    if plain in ("usd", "us$", "$", "đô la mỹ", "đô la", "do la my", "do la", "đô-la mỹ"):
        return "USD"
    if plain in ("eur", "euro", "€"):
        return "EUR"
    return plain.upper()


def tidy_per(text: str) -> str:
    """Return what an amount is paid for, without slash, count and trailing words."""
    per = re.sub(r"^\s*/\s*", "", text)
    per = re.sub(r"^0?1\s*(?:\([^()]*\)\s*)?", "", per)
    per = _PER_ENDS.sub("", per).strip(' .,;:-+/“”"')
    return re.sub(r"\s*/\s*", "/", per).lower()


def _amount(found: re.Match[str], plain: str) -> Reading | None:
    """Turn one match into a reading; None when it is not money."""
    currency = currency_of(found["currency"] or found["lead"])
    per = tidy_per(found["per"] or "")
    number, scale = found["number"], SCALES.get(fold(found["scale"] or ""), 1.0)
    written = found.group().strip()
    if not currency:
        # "230.000/lần" and "10 triệu/giấy" are prices; "25/2022" and "50 tỷ" are not.
        is_grouped = bool(re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number))
        if not per or not (is_grouped or scale > 1):
            return None
        currency = "VND"
    in_thousands = currency == "VND" and scale == 1.0
    parsed = parse_number(number, thousands=in_thousands)
    values = parsed.values
    if len(values) != 1:
        listed = number if not values else "; ".join(f"{value:g}" for value in values)
        return flagged("amount.unclear", written, unit=currency, per=per, list=listed)
    raw = plain[max(0, found.start() - 48) : found.start()]
    after = plain[found.end() : found.end() + 16]
    spaced = len(number) == 3 and raw.endswith(" ") and raw[-2:-1].isdigit()
    if spaced or _RECKONED_BEFORE.search(raw) or _RECKONED_BEHIND.match(plain, found.end()):
        around = f"{raw[-12:]}{written}{after[:8]}".strip()
        return flagged("amount.unclear", written, unit=currency, per=per, list=around)
    before = raw.rstrip(" (:")
    value = (values[0] + (0.5 if found["half"] else 0.0)) * scale
    for more in re.findall(_MORE, found["more"] or ""):
        # "1 triệu 500 nghìn đồng"
        count, name = re.split(r" ?(?=[^\d., ])", more, maxsplit=1)
        further = parse_number(count, thousands=False).values
        if len(further) != 1:
            return flagged("amount.unclear", written, unit=currency, per=per, list=more)
        value += further[0] * SCALES[fold(name)]
    if _CAP.search(before):
        return flagged("amount.cap", written, value=value, unit=currency, per=per)
    if _CHANGE.search(before):
        return flagged("amount.change", written, value=value, unit=currency, per=per)
    is_threshold = _THRESHOLD.search(before) and not found["per"]
    if is_threshold:
        return flagged("amount.threshold", written, value=value, unit=currency, per=per)
    return clean(value, currency, written, per)


def amounts_in(text: str) -> list[Reading]:
    """Return every amount of money that free text names, in order.

    Parameters
    ----------
    text
        A note, a channel's description, a step.

    Returns
    -------
    list of Reading
        `unit` is the currency, `per` what it is paid for. Thresholds ("dưới 2,1 tỷ
        đồng", also both ends of a range) carry ``amount.threshold``, caps
        ("tối đa 200.000 đồng") ``amount.cap``; both keep their value. A number
        that can be read in two ways, or is part of a sum or a product, has no value
        and ``amount.unclear``; "tăng thêm 5.000 đồng" carries ``amount.change``.

    Examples
    --------
    >>> [(r.value, r.per) for r in amounts_in("02 triệu đồng/Giấy chứng nhận")]
    [(2000000.0, 'giấy chứng nhận')]
    """
    return [reading for _, _, reading in placed_amounts(_prepared(text))]


def placed_amounts(plain: str) -> list[tuple[int, int, Reading]]:
    """Return where each amount of folded text starts and ends, and its reading, in order."""
    placed = ((found, _amount(found, plain)) for found in _MONEY.finditer(plain))
    return [(*found.span(), reading) for found, reading in placed if reading is not None]


def _prepared(text: str) -> str:
    """Fold each line by itself, so that a new line still ends what stands before it."""
    lines = (fold(line, diacritics=True) for line in nfc(text).split("\n"))
    plain = ascii_digits("\n".join(lines))
    return with_diacritics(plain) if plain.isascii() else plain


# What the free text beside a fee says when it names no amount.


@dataclass(frozen=True, slots=True)
class NoteKinds:
    """What the clauses of a note say; several can hold at once."""

    is_free: bool = False
    exempt_group: bool = False
    not_prescribed: bool = False
    provincial: bool = False
    elsewhere: bool = False
    percentage: bool = False
    temporary: bool = False
    sums_up: bool = False
    names_a_fee: bool = False

    @property
    def is_anything(self) -> bool:
        """Tell whether the note says more than a name of a fee."""
        return any(
            getattr(self, field.name) for field in fields(self) if field.name != "names_a_fee"
        )


_CLAUSE = re.compile(r"[;\n]|\.(?=\s|$)|(?:^|(?<=\s))[-+*•](?=\s|[^\W\d])|\.(?=[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_LABEL = re.compile(
    r"^(?:phi|le phi|muc phi|muc thu|muc le phi|phi, le phi|chi phi) ?:? ?(?=khong|mien|0)"
)
_NOTHING = re.compile(
    r"(?:khong|khong co|khong thu|khong phi|khong mat phi|khong ap dung|mien|mien phi|mien thu|free"
    r"|0 ?d(?:ong)?|0 ?vnd|khong \(?0 ?d(?:ong)?\)?)(?: (?:phi|le phi|phi va le phi|phi, le phi))?"
)
_FREE = re.compile(
    r"(?<!\w)(?:khong (?:phai )?(?:thu|nop|tra|dong|chiu|mat)(?: (?:phi|le phi))?(?!\w)"
    r"|khong co (?:phi|le phi)|duoc mien(?!\w)|mien(?: thu| nop| tien)?(?: (?:toan bo|100 ?%))?"
    r" (?:phi|le phi|chi phi|khoan phi)(?!\w)|^mien(?: thu| nop)?(?![\w,])|(?<!,) mien$)"
)
_GROUP = re.compile(
    r"(?<!\w)(?:doi voi|cho (?:nguoi|cac|to chuc|ca nhan|doi tuong)|truong hop|thuoc dien|nguoi"
    r"|duoc mien|khi|neu|tru)(?!\w)"
)
# What may stand before and behind "miễn phí" and leave it free for everybody: whom a fee is
# asked of in general, what it is paid for. Whatever else stands there may narrow it
# ("hộ nghèo", "trẻ em dưới 6 tuổi", "lần đầu"), so the officer is asked.
_ANYBODY = (
    r"(?:to chuc|ca nhan|nguoi dan|cong dan|doanh nghiep|nguoi nop(?: ho so)?|doi tuong|truong hop)"
)
_EVERYBODY = re.compile(
    rf"(?:(?:cho|doi voi|voi) )?(?:tat ca|moi|toan bo) (?:(?:cac|nhung) )?{_ANYBODY}"
    rf"(?:,?(?: va)? {_ANYBODY})*(?: duoc)?"
)
_BEFORE = re.compile(r"(?:hien nay|thu tuc(?: hanh chinh)?(?: nay)?|phi|le phi|muc thu)?(?: duoc)?")
_BEHIND = re.compile(
    r"(?:,? ?(?:va )?(?:phi|le phi)|toan bo|100 ?%|(?:dang ky|cap|tham dinh|xac nhan|kiem dinh"
    r"|kiem tra|khai thac|ho tich|thu tuc|giai quyet|cong chung|chung thuc)(?!\w).*)?"
)
_CASE = re.compile(
    r"(?<!\w)(?:lan (?:dau|thu|\d)|cap (?:lai|doi|moi)|dung han|truc tuyen|qua mang|dien tu|duoi"
    r"|tuoi|ho(?! so)|tre|hoc sinh|sinh vien|gia dinh|trong|voi|cho|danh|rieng)(?!\w)"
)
_BASIS = re.compile(
    r"(?<!\w)(?:theo|can cu|quy dinh|thong tu|nghi dinh|nghi quyet|quyet dinh|luat|phap lenh|dieu"
    r"|khoan)(?!\w)"
)
_BASIS_ALONE = re.compile(rf"{_BASIS.pattern}(?!.*(?<!\w)(?:doi voi|truong hop|thuoc dien)(?!\w))")
_NOTES_ASIDE = re.compile(r" ?\(([^()]*)(?:\)|$)")
_AMOUNT = re.compile(r"$|(?:phi|le phi|muc thu)(?!\w)|\d[\d.,]* ?(?:d|dong|vnd)(?!\w)|0$")
_ONLY_FOR = re.compile(r"(?:chi )?(?:ap dung|danh)(?: rieng)? (?:cho|doi voi)(?!\w)")
_NOT_PRESCRIBED = re.compile(
    r"(?<!\w)(?:khong|chua) (?:co |duoc )*(?:quy dinh|nam trong danh muc)|khong thuoc danh muc"
)
_COUNCIL = re.compile(r"hoi dong nhan dan|hdnd")
_PROVINCE = re.compile(r"(?:uy ban nhan dan|ubnd|chinh quyen dia phuong|dia phuong|cap tinh)")
_DECIDES = re.compile(r"(?:quy dinh|quyet dinh|ban hanh|nghi quyet)")
_ELSEWHERE = re.compile(
    r"thong tu|nghi dinh|phap lenh|luat (?:phi|gia)|phu luc"
    r"|bieu (?:muc |khung )?(?:phi|thu|gia|muc)"
    r"|theo (?:muc|gia|quy dinh|thong bao|dieu|hop dong|thoa thuan|thuc te)|quy dinh (?:cua|tai|ve)"
    r"|do \D{1,60} quy dinh|van ban gia|phap luat ve phi|thuc hien (?:theo|nhu)|thong bao cua"
)
_PERCENT = re.compile(r"\d ?%|phan tram")
_TEMPORARY = re.compile(
    r"(?:ke tu|ap dung|tu ngay).{0,60}den\s+(?:het\s+)?ngay|den het (?:ngay|nam)"
)
_SUMS_UP = re.compile(r"(?<!\w)(?:bao )?gom(?!\w)|tong cong")
_FEE = re.compile(r"(?<!\w)(?:phi|le phi|chi phi|tien|gia|muc thu|kinh phi)(?!\w)")


def _narrows(clause: str, bare: str, free: re.Match[str] | None) -> bool:
    """Tell whether a clause makes it free for a group, a case or a channel only."""
    asides = (aside.strip(" .,:;-+*") for aside in _NOTES_ASIDE.findall(clause))
    if not all(_BASIS_ALONE.match(aside) or _AMOUNT.match(aside) for aside in asides):
        return True
    if free is None:
        return False
    before = bare[: free.start()].strip(" ,:")
    behind = _BASIS.split(bare[free.end() :], maxsplit=1)[0].strip(" ,.")
    if _EVERYBODY.fullmatch(behind) or _EVERYBODY.fullmatch(before):
        return False
    if _GROUP.search(bare) or not _BEFORE.fullmatch(before):
        return True
    return not _BEHIND.fullmatch(behind) or bool(_CASE.search(behind))


def _clause_kind(clause: str) -> str:
    """Return the one kind of a clause, in folded text without diacritics."""
    clause = _LABEL.sub("", clause.strip(" .,:;-+*()"))
    bare = _NOTES_ASIDE.sub("", clause).strip(" .,:;")
    if _NOTHING.fullmatch(bare):
        return "exempt_group" if _narrows(clause, bare, None) else "is_free"
    head, colon, tail = bare.rpartition(":")
    if colon and _NOTHING.fullmatch(tail.strip()):
        return "is_free" if _FEE.search(head) and not _GROUP.search(head) else "exempt_group"
    if _NOT_PRESCRIBED.search(bare):
        return "not_prescribed"
    free = _FREE.search(bare)
    if free:
        return "exempt_group" if _narrows(clause, bare, free) else "is_free"
    if _COUNCIL.search(clause) or (_PROVINCE.search(clause) and _DECIDES.search(clause)):
        return "provincial"
    if _ELSEWHERE.search(clause):
        return "elsewhere"
    return "only_for" if _ONLY_FOR.match(bare) else ""


@lru_cache(maxsize=4096)
def classify_note(note: str) -> NoteKinds:
    """Return what a note beside a fee says, clause by clause.

    Parameters
    ----------
    note
        The note as written.

    Returns
    -------
    NoteKinds
        ``is_free`` only where nothing narrows it; "miễn phí cho hộ nghèo", "miễn lệ phí
        lần đầu" and "miễn phí (người cao tuổi)" are ``exempt_group``.

    Examples
    --------
    >>> classify_note("Miễn phí cho hộ nghèo").exempt_group
    True
    >>> classify_note("Miễn lệ phí đăng ký doanh nghiệp").is_free
    True
    """
    clauses = [fold(clause) for clause in _CLAUSE.split(nfc(note)) if clause.strip()]
    found = {_clause_kind(clause) for clause in clauses} - {""}
    if "only_for" in found:  # "Miễn phí; chỉ áp dụng đối với hộ nghèo"
        found.remove("only_for")
        if "is_free" in found:
            found = (found - {"is_free"}) | {"exempt_group"}
    plain = fold(note)
    if _PERCENT.search(plain):
        found.add("percentage")
    if _TEMPORARY.search(plain):
        found.add("temporary")
    if _SUMS_UP.search(plain):
        found.add("sums_up")
    if _FEE.search(plain):
        found.add("names_a_fee")
    return NoteKinds(**dict.fromkeys(found, True))
