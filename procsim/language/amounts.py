"""Amounts of money in free text."""

from __future__ import annotations

import re

from procsim.language.numerals import ascii_digits, parse_number, with_diacritics
from procsim.language.readings import Reading, clean, flagged
from procsim.language.text import fold, nfc

__all__ = ["amounts_in", "currency_of"]

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
