"""An oracle that shares no code with the parsers: values written in many Vietnamese ways.

Each spelling makes a text from a value that the oracle chose. A *plain* spelling
must come back equal. Any other comes back equal or with a flag, or without a value;
where the text has no one value (a cut, a range, two numbers with anything between
them) a value without a flag is wrong.

``python -m tests.language.oracle 200000`` prints the counts of each spelling.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from procsim.language.vietnamese import (
    DateReading,
    amounts_in,
    durations_in,
    read_date,
    read_duration,
    read_money,
    read_number,
)

NO_VALUE = object()
Case = tuple[tuple[object, ...], object]
Maker = Callable[[random.Random], Case]

UNITS = {
    "ngày làm việc": "working_day",
    "ngày": "day",
    "giờ": "hour",
    "giờ làm việc": "hour",
    "tháng": "month",
    "tuần": "week",
}
ONES = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
TAILS = (
    "",
    " kể từ ngày nhận đủ hồ sơ hợp lệ",
    ", kể từ ngày tiếp nhận hồ sơ",
    " (kể từ ngày nhận hồ sơ)",
    " theo quy định tại khoản 2 Điều 7 Nghị định số 61/2018/NĐ-CP",
    " kể từ ngày 01/7/2025",
    ".",
)
HEADS: tuple[str, ...] = (
    "",
    "không quá ",
    "Tối đa ",
    "tối đa không quá ",
    "Trong thời hạn ",
    "chậm nhất ",
)
HEADS += ("trong vòng ", "Thời hạn giải quyết: ", "Chậm nhất là ", "Không vượt quá ")
# Whatever stands between two numbers, they are no single value.
BETWEEN = (
    *("+", " + ", "x", " x ", "×", " × ", "*", " * ", "/", " / ", " : ", "÷", " ÷ ", "-", " - "),
    *("–", "~", " ~ ", "→", " -> ", "=>", " = ", "≈", "±", " ± ", "^", "&", " & ", "|", "·", "_"),
    *(";", "; ", ", ", " ", "…", " … ", "\n", "\n+ ", "\n- ", " (", " [", "?", " ? ", "#", "!"),
    *(" đến ", " tới ", " hoặc ", " hay ", " và ", " cộng ", " trừ ", " nhân ", " chia ", " với "),
    *(" cộng thêm ", " thêm ", " rồi ", " sau đó ", " gia hạn ", " trong đó ", " tức ", " còn "),
    *(" của ", " so với ", " thay vì ", " nếu gấp ", " mỗi lần ", " rưỡi và ", " giảm ", " bớt "),
)


def in_words(number: int) -> str:
    """Return 1 to 999 as it is said in the north."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = [f"{ONES[hundreds]} trăm"] if hundreds else []
    if tens == 0 and ones:
        said += ["linh"] * bool(hundreds) + [ONES[ones]]
    elif tens == 1:
        said += ["mười"] + [{5: "lăm"}.get(ones, ONES[ones])] * bool(ones)
    elif tens:
        said += [ONES[tens], "mươi"]
        said += [{1: "mốt", 5: "lăm"}.get(ones, ONES[ones])] * bool(ones)
    return " ".join(said)


def grouped(number: int, sign: str) -> str:
    return f"{number:,}".replace(",", sign)


def disguise(text: str, rng: random.Random) -> str:
    """Return the same text as another keyboard or program would have left it."""
    kind = rng.randrange(8)
    if kind == 0:
        return unicodedata.normalize("NFD", text)
    if kind == 1:
        return text.replace(" ", "\u00a0")
    if kind == 2:
        return text.upper()
    if kind == 3:
        return f" {text} "
    if kind == 4:
        return text.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
    return text


def limit(rng: random.Random, top: int = 90) -> tuple[int, str, str]:
    number, (name, unit) = rng.randint(1, top), rng.choice(list(UNITS.items()))
    return number, name, unit


def framed(text: str, rng: random.Random) -> tuple[object, ...]:
    return (disguise(f"{rng.choice(HEADS)}{text}{rng.choice(TAILS)}", rng),)


def plain_limit(rng: random.Random) -> Case:
    n, name, unit = limit(rng)
    return framed(f"{n:0{rng.randint(1, 2)}d} {name}", rng), (float(n), unit)


def limit_with_words(rng: random.Random) -> Case:
    n, name, unit = limit(rng)
    form = rng.choice(("{n:02d} ({w}) {u}", "{w} ({n}) {u}", "{w} {u}"))
    return framed(form.format(n=n, w=in_words(n), u=name), rng), (float(n), unit)


def limit_with_half(rng: random.Random) -> Case:
    n, name, unit = limit(rng, 40)
    forms = [f"{n},5 {name}"]
    if unit in ("day", "month", "week"):
        forms += [f"{n} {name} rưỡi", f"{in_words(n)} {name} rưỡi"]
    return framed(rng.choice(forms), rng), (n + 0.5, unit)


def half_limit(rng: random.Random) -> Case:
    name, unit = rng.choice(list(UNITS.items()))
    return (disguise(f"{rng.choice(('nửa', '1/2', '½', '0,5'))} {name}", rng),), (0.5, unit)


def limit_after_cut(rng: random.Random) -> Case:
    n, name, unit = limit(rng)
    verb = rng.choice(("rút ngắn còn", "giảm xuống còn", "rút ngắn xuống còn", "cắt giảm còn"))
    return (disguise(f"{verb} {n:02d} {name}", rng),), (float(n), unit)


def limit_in_fields(rng: random.Random) -> Case:
    n = rng.randint(1, 300)
    code = rng.choice(("WORKING_DAY", "DAY", "ngày làm việc", "ngày"))
    unit = "working_day" if "WORK" in code or "việc" in code else "day"
    return (rng.choice((n, float(n), str(n), f"{n:02d}")), code), (float(n), unit)


def reckoned_limit(rng: random.Random) -> Case:
    (a, name, _), b = limit(rng), rng.randint(2, 60)
    sign = rng.choice(BETWEEN)
    form = rng.choice(("{h}{a}{s}{b} {u}", "{h}{a} {u}{s}{b} {u}", "{h}{a} {u}{s}{b}"))
    return (form.format(h=rng.choice(HEADS), a=a, b=b, u=name, s=sign),), NO_VALUE


def changed_limit(rng: random.Random) -> Case:
    n, name, _ = limit(rng)
    form = rng.choice(
        (
            *("giảm {n} {u} so với quy định", "rút ngắn {n} {u}", "rút ngắn thời gian {n} {u}"),
            *("cắt giảm {n} {u}", "bớt {n} {u}", "sớm hơn {n} {u}", "{n} {u} so với quy định"),
            *("gia hạn {n} {u}", "gia hạn thêm không quá {n} {u}", "cộng thêm {n} {u}", "-{n} {u}"),
            *("thêm {n} {u}", "mỗi hồ sơ thêm {n} {u}", "tăng {n} lần, thêm {n} {u}", "−{n} {u}"),
            *("ít nhất {n} {u}", "trên {n} {u}", "hơn {n} {u}", "{n} {u} trở lên", "từ {n} {u}"),
            *(
                "quá {n} {u}",
                "khoảng {n} {u}",
                "~{n} {u}",
                "gần {n} {u}",
                "trước {n} {u}",
                ">{n} {u}",
            ),
            *(
                "gấp đôi {n} {u}",
                "{n} {u} nhân đôi",
                "{n} {u} x2",
                "{n} {u} (x2)",
                "50% của {n} {u}",
            ),
            *("{n} {u} (giảm 30%)", "{n} (+2) {u}", "+{n} {u}", "{n}% {u}", "{n} {u} chia đôi"),
            *("mỗi {n} {u}", "{n} {u}, thực tế 3", "Bước 2: {n} {u}", "{n} {u} đối với 02 hồ sơ"),
            *(
                "{n} {u} rồi hai ngày",
                "dự kiến {n} {u}",
                "{n} {u} (dự kiến)",
                "1½ {u}",
                "1 {n:03d} {u}",
            ),
            *(
                "1'{n:03d} {u}",
                "1.{n:03d} {u}",
                "{n}e1 {u}",
                "={n} {u}",
                "{n} {u} ({n} giờ {n} phút)",
            ),
        )
    )
    return (form.format(n=n, u=name),), NO_VALUE


def changed_limit_without_marks(rng: random.Random) -> Case:
    (text,), _ = changed_limit(rng)
    return (bare(str(text)),), NO_VALUE


def bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def plain_limit_without_marks(rng: random.Random) -> Case:
    n, name, unit = limit(rng)
    head = rng.choice(("", "khong qua ", "toi da ", "trong vong ", "cham nhat "))
    return (f"{head}{n:02d} {bare(name)}",), (float(n), unit)


def reckoned_in_text(rng: random.Random) -> Case:
    """A sum or product inside a sentence, where many other numbers may stand."""
    n, b, name = rng.randint(1, 90), rng.randint(2, 9), rng.choice(list(UNITS))
    form = rng.choice(
        (
            *("{n} + {b} {u}", "{n}+{b} {u}", "{b} x {n} {u}", "{b}x {n} {u}", "{n} {u} x {b}"),
            *("{n} {u} x{b}", "{n} × {b} {u}", "{n}*{b} {u}", "{n} {u}/{b}", "{n} {u} / {b}"),
            *(
                "{n}-{b} {u}",
                "{n} đến {b} {u}",
                "{n}~{b} {u}",
                "{n} hoặc {b} {u}",
                "{n} và {b} {u}",
            ),
            *("giảm {n} {u}", "rút ngắn {n} {u}", "giảm {n} {u} so với quy định", "khoảng {n} {u}"),
            *(
                "{n} {u} nhân {b}",
                "gia hạn thêm không quá {n} {u}",
                "{n} ({b}) {u}",
                "{n} (+{b}) {u}",
            ),
            *("{b} {n:03d} {u}", "tăng {n} {u}", "ít nhất {n} {u}", "{b} 1/2 {u}", "{n}, {b}00%"),
        )
    )
    text = form.format(n=n, b=b + n, u=name)
    return (f"Cơ quan kiểm tra hồ sơ: {text} kể từ ngày nhận, trả kết quả tại Điều 5.",), NO_VALUE


def fee_reckoned_in_text(rng: random.Random) -> Case:
    n, b = grouped(amount(rng), "."), rng.choice((grouped(amount(rng), "."), rng.randint(2, 9)))
    form = rng.choice(
        (
            *(
                "{b} + {n} đồng",
                "{b}+{n} đồng",
                "{b} x {n} đồng",
                "{b}x {n} đồng",
                "{n} đồng x {b}",
            ),
            *("{n} đồng x{b}", "{b}*{n} đồng", "{n} đồng/{b}", "{b}/{n} đồng", "{b} hoặc {n} đồng"),
            *("{n} đồng nhân {b}", "{b}% của {n} đồng", "giảm {n} đồng", "tăng thêm {n} đồng"),
            *(
                "khoảng {n} đồng",
                "{b}% {n} đồng",
                "1 triệu {n} đồng",
                "{n} đồng/lần x {b}",
                "~{n} đồng",
            ),
        )
    )
    return (f"Phí thẩm định: {form.format(n=n, b=b)} nộp tại Bộ phận Một cửa.",), NO_VALUE


def first_doubt(read: Callable[[str], list[Any]]) -> Callable[[str], Any]:
    """Return a reader of free text that gives its first clean reading, else the first."""

    def first(text: str) -> Any:
        found = read(text)
        absent = DateReading(None, flag="nothing")
        return next((r for r in found if not r.flag), found[0] if found else absent)

    return first


def days_without_days_off(rng: random.Random) -> Case:
    n = rng.randint(1, 60)
    tail = rng.choice(
        (" không kể ngày nghỉ, lễ", " (trừ thứ bảy, chủ nhật)", ", không tính ngày nghỉ")
    )
    return (f"{n} ngày{tail}",), (float(n), "working_day")


def amount(rng: random.Random) -> int:
    return rng.choice((1_000, 5_000, 10_000, 50_000, 100_000, 1_000_000)) * rng.randint(1, 99)


def plain_fee(rng: random.Random) -> Case:
    n = amount(rng)
    number = rng.choice((grouped(n, "."), grouped(n, ","), grouped(n, " "), str(n)))
    currency = rng.choice(("", "đ", " đồng", " Đồng", " VNĐ", " Việt Nam Đồng", "₫"))
    per = rng.choice(("", "", "/lần", "/hồ sơ", "/01 giấy", "/trang")) if currency else ""
    head = rng.choice(("", "", "Lệ phí: ", "Mức thu: ")) if currency else ""
    return (disguise(f"{head}{number}{currency}{per}", rng),), float(n)


def fee_in_thousands(rng: random.Random) -> Case:
    name, scale = rng.choice(
        (("nghìn", 1000), ("ngàn", 1000), ("k", 1000), ("triệu", 10**6), ("tr", 10**6))
    )
    n, half = rng.randint(2, 900), rng.choice((0, 0.5))
    written = f"{n}{' ' if len(name) > 2 else ''}{name}"
    if half:
        written = f"{n},5 {name}" if rng.random() < 0.5 else f"{n} {name} rưỡi"
    return (written + rng.choice(("", " đồng", " đồng/lần")),), (n + half) * scale


def fee_by_apostrophes(rng: random.Random) -> Case:
    n = amount(rng)
    return (grouped(n, rng.choice("'’")) + rng.choice(("", " đồng", "đ/lần")),), float(n)


def fee_in_words(rng: random.Random) -> Case:
    n = rng.randint(1, 999)
    said = f"{in_words(n)} nghìn đồng"
    return (f"{grouped(n * 1000, '.')} đồng ({said.capitalize()})",), float(n * 1000)


def fee_against_its_words(rng: random.Random) -> Case:
    n, other = rng.sample(range(1, 999), 2)
    return (f"{grouped(n * 1000, '.')} đồng ({in_words(other)} nghìn đồng)",), NO_VALUE


def reckoned_fee(rng: random.Random) -> Case:
    a, b = amount(rng), rng.choice((amount(rng), rng.randint(2, 30)))
    form = rng.choice(
        ("{a}{s}{b} đồng", "{a} đồng{s}{b} đồng", "{a} đồng{s}{b}", "{a}đ/lần{s}{b}đ/bản")
    )
    if rng.random() < 0.3:
        a, b = b, a
    b += a == b
    sign = rng.choice([s for s in BETWEEN if s != " "])
    return (form.format(a=grouped(a, "."), b=grouped(b, "."), s=sign),), NO_VALUE


def changed_fee(rng: random.Random) -> Case:
    form = rng.choice(
        (
            *(
                "giảm {n} đồng",
                "tăng thêm {n} đồng",
                "cộng {n} đồng",
                "gấp đôi {n} đồng",
                "-{n} đồng",
            ),
            *("khoảng {n} đồng", "~{n} đồng", "trên {n} đồng", "dưới {n} đồng", "tối đa {n} đồng"),
            *("({n} đồng)", "({n})", "50% của {n} đồng", "{n} đồng (giảm 50%)", "{n} đồng x2"),
            *("{n} đồng + VAT", "{n} (x 2) đồng", "{n} đồng/2", "{n} đồng/2 bản", "2 lần {n} đồng"),
            *("{n} đồng/người x 2 người", "1 triệu {n} đồng", "1tr {n} đồng", "1/2 của {n} đồng"),
            *(
                "Mức 3: {n} đồng",
                "{n} đồng, thêm 5 bản",
                "{n} đồng nhân đôi",
                "={n}*2",
                "một nửa {n} đồng",
            ),
        )
    )
    return (form.format(n=grouped(amount(rng), ".")),), NO_VALUE


def plain_number(rng: random.Random) -> Case:
    kind = rng.choice(("money", "count"))
    n = rng.randint(0, 10**9)
    forms = (str(n), grouped(n, "."), grouped(n, ","), grouped(n, " "), f"{n},0", float(n), n)
    return (rng.choice(forms), kind), float(n)


def decimal_number(rng: random.Random) -> Case:
    whole, part = rng.randint(1, 99_999), rng.randint(1, 99)
    number = whole + part / 100
    forms = (f"{whole},{part:02d}", f"{whole}.{part:02d}", f"{grouped(whole, '.')},{part:02d}")
    return (rng.choice((*forms, f"+{whole},{part:02d}", number)), "hours"), number


def reckoned_number(rng: random.Random) -> Case:
    a, b, kind = rng.randint(1, 900), rng.randint(1, 99), rng.choice(("count", "hours", "days"))
    odd = (
        "({a}",
        "+-{a}",
        "--{a}",
        "{a}-",
        "{a}+",
        "{a}e{b}",
        "={a}",
        "{a}%",
        "½",
        "{a}½",
        "x{a}",
        "~{a}",
    )
    sign = rng.choice([s for s in BETWEEN if s not in (" ", ",", ".")])
    form = rng.choice((*odd, f"{{a}}{sign}{{b}}", f"{{a}}{sign}{{b}}", f"{{a}}{sign}{{b}}"))
    return (form.format(a=a, b=b), kind), NO_VALUE


def day(rng: random.Random) -> dt.date:
    return dt.date(1960, 1, 1) + dt.timedelta(days=rng.randrange(32_000))


def plain_date(rng: random.Random) -> Case:
    d = day(rng)
    forms = (
        *(f"{d.day}/{d.month}/{d.year}", f"{d:%d/%m/%Y}", f"{d:%d-%m-%Y}", f"{d:%d.%m.%Y}"),
        *(
            f"ngày {d.day} tháng {d.month} năm {d.year}",
            f"{d.day:02d} tháng {d.month} năm {d.year}",
        ),
        *(
            f"Hà Nội, ngày {d.day} tháng {d.month} năm {d.year}",
            f"ngày {d:%d/%m/%Y}",
            d.isoformat(),
        ),
        *(f"{d:%d/%m/%Y} 08:30", f"{d.isoformat()}T10:00:00"),
    )
    return (disguise(rng.choice(forms), rng),), d


def machine_date(rng: random.Random) -> Case:
    d = day(rng)
    serial = (d - dt.date(1899, 12, 30)).days
    moment = dt.datetime(d.year, d.month, d.day, 12, tzinfo=dt.UTC)
    milliseconds = int(moment.timestamp() * 1000)
    forms = [serial, str(serial), float(serial), serial + 0.25, d, moment]
    if milliseconds > 10**11:
        forms += [milliseconds, str(milliseconds)]
    return (rng.choice(forms),), d


def odd_date(rng: random.Random) -> Case:
    d = day(rng)
    forms = (
        *(
            f"{d:%d%m%y}",
            int(f"{d:%d%m%y}"),
            str(int(f"{d:%d%m%y}")),
            f"{d:%d%m%Y}",
            int(f"{d:%d%m%Y}"),
        ),
        *(f"{d.day}/{d.month}/{d:%y}", f"{d.day}-{d.month}-{d:%y}", int(f"{d:%Y%m%d}")),
        *(
            f"ngày {d.day} tháng {d.month} năm {d:%y}",
            f"{d.month}/{d.day}/{d.year}" if d.day > 12 else "x",
        ),
    )
    return (rng.choice(forms),), d


def no_date(rng: random.Random) -> Case:
    d, other = day(rng), day(rng)
    sign = rng.choice(
        (", ", " - ", " và ", "; ", " đến ", "\n", " ", "/", "–", " hoặc ", ", ngày ")
    )
    first = rng.choice(
        (f"{d:%d/%m/%Y}", f"ngày {d.day} tháng {d.month} năm {d.year}", d.isoformat())
    )
    last = rng.choice((f"{other:%d/%m/%Y}", f"{other.day} tháng {other.month} năm {other.year}"))
    forms = (
        *(d.year, str(d.year), float(d.year), f"năm {d.year}", f"{d.month}/{d.year}", d.day),
        *(f"{d.day}.{d.month}", float(f"{d.day}.{d.month}"), f"{d.day}/{d.month}", str(d.day)),
        *(
            f"tháng {d.month}/{d.year}",
            f"quý I/{d.year}",
            f"ngày {d.day}/{d.month}",
            f"{d.month}.{d.year}",
        ),
        *(
            f"32/{d.month}/{d.year}",
            f"{d.day}/13/{d.year}",
            f"30/02/{d.year}",
            f"{d.month}{d.year}",
        ),
        *(
            int(f"{d.month}{d.year}"),
            f"{d:%d/%m/%Y} 25:70",
            f"{first}{sign}{last}",
            f"{last}{sign}{first}",
        ),
        *(
            f"{first}{sign}{last}",
            f"{first}{sign}{d.year}",
            f"{d.year}, {first}",
            f"{first}?",
            f"~{first}",
        ),
    )
    return (rng.choice(forms),), NO_VALUE


class Spelling(NamedTuple):
    maker: Maker
    read: Callable[..., object]
    is_plain: bool = False


SPELLINGS = {
    maker.__name__: Spelling(maker, read, is_plain)
    for read, is_plain, makers in (
        (read_duration, True, (plain_limit, limit_with_words, limit_with_half, half_limit)),
        (read_duration, True, (limit_after_cut, limit_in_fields, plain_limit_without_marks)),
        (read_duration, False, (reckoned_limit, changed_limit, days_without_days_off)),
        (read_duration, False, (changed_limit_without_marks,)),
        (first_doubt(durations_in), False, (reckoned_in_text,)),
        (first_doubt(amounts_in), False, (fee_reckoned_in_text,)),
        (read_money, True, (plain_fee, fee_in_thousands, fee_by_apostrophes, fee_in_words)),
        (read_money, False, (fee_against_its_words, reckoned_fee, changed_fee)),
        (read_number, True, (plain_number, decimal_number)),
        (read_number, False, (reckoned_number,)),
        (read_date, True, (plain_date,)),
        (read_date, False, (machine_date, odd_date, no_date)),
    )
    for maker in makers
}


def verdict(reading: Any, truth: object) -> str:
    """Return ``equal``, ``flagged`` or ``wrong``."""
    value, flag = reading.value, reading.flag
    if value is None or flag:
        return "flagged" if flag else "wrong"
    if isinstance(truth, tuple):
        value = (value, reading.unit)
    elif isinstance(truth, float):
        value, truth = round(value, 6), round(truth, 6)
    return "equal" if value == truth else "wrong"


def run(count: int, seed: int = 0) -> tuple[dict[str, Counter[str]], list[str]]:
    """Return the counts of each spelling, and the wrong readings."""
    rng = random.Random(seed)
    counts = {name: Counter[str]() for name in SPELLINGS}
    wrong: list[str] = []
    names = list(SPELLINGS)
    for number in range(count):
        name = names[number % len(names)]
        arguments, truth = SPELLINGS[name].maker(rng)
        reading = SPELLINGS[name].read(*arguments)
        said = verdict(reading, truth)
        counts[name][said] += 1
        missed = SPELLINGS[name].is_plain and said != "equal"
        if said == "wrong" or missed:
            wrong.append(f"{said} {name} {arguments!r}: {reading!r}")
    return counts, wrong


if __name__ == "__main__":
    counts, wrong = run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
    sys.stdout.write(f"{'spelling':24}{'plain':>6}{'equal':>9}{'flagged':>9}{'wrong':>7}\n")
    for name, row in counts.items():
        plain = "yes" if SPELLINGS[name].is_plain else ""
        sys.stdout.write(f"{name:24}{plain:>6}{row['equal']:9}{row['flagged']:9}{row['wrong']:7}\n")
    total = sum(counts.values(), Counter[str]())
    sys.stdout.write(f"{'all':30}{total['equal']:9}{total['flagged']:9}{total['wrong']:7}\n")
    sys.stdout.write("".join(f"{line}\n" for line in wrong[:40]))
    sys.exit(bool(total["wrong"]))
