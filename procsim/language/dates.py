"""Calendar days: day first, as Vietnam writes them."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Literal

from procsim.errors import UnknownName
from procsim.language.i18n import bilingual, fault_of
from procsim.language.numerals import MISSING_WORDS, DateReading, ascii_digits
from procsim.language.text import fold, nfc

Epoch = Literal["1900", "1904"]
VIETNAM_TIME = dt.timezone(dt.timedelta(hours=7))

_DAY_ZERO = {"1900": dt.date(1899, 12, 30), "1904": dt.date(1904, 1, 1)}
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: Serial days of Excel are those of May 1927 to 2099: shorter numbers are years, days
#: with months ("29.3") or counts.
SERIALS = range(10_000, 73_051)
_TIME = r"(?: (?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?"
_DAY_FIRST = re.compile(
    rf"(?:ngay )?(\d{{1,2}}) ?[/.-] ?(\d{{1,2}}) ?[/.-] ?(\d{{4}}|\d{{2}}){_TIME}"
)
_YEAR_FIRST = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[t ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(z|[+-]\d{2}:?\d{2})?)?"
)
# A place may stand in front, another day may not.
_WORDS = re.compile(
    r"(?:(?:(?!ngay |\d ?[/.-] ?\d|\d{4}| thang ).)*, )?"
    r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? nam (\d{4}|\d{2})"
)
# Five digits that are as well a day, a month and a year (050825 in Excel), or a month and a
# year (42025), run together.
_RUN_TOGETHER = re.compile(r"[1-9](?:0[1-9]|1[0-2]|19|20)\d\d")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")


def _refused(flag: str, text: str) -> DateReading:
    return DateReading(None, text, flag, bilingual(f"flag.{flag}", written=text))


def read_date(text: str | float | dt.date | None, epoch: Epoch = "1900") -> DateReading:
    """Read a calendar day.

    Parameters
    ----------
    text
        ``"05/8/2025"`` (day first), ``"ngày 26 tháng 3 năm 2025"``, ISO text, a
        date or datetime, an Excel serial number of five digits, or the portal's
        milliseconds since 1970, which are taken in Vietnam's time (UTC+7).
    epoch
        The date system of the workbook for serial numbers: ``"1900"`` or ``"1904"``.

    Returns
    -------
    DateReading
        Impossible days (30/02), years of two digits and years outside
        1900–2199 are refused with a reason, and so are numbers that may be a year
        (2025), a day and month (29.3) or a day without separators (50825).

    Raises
    ------
    UnknownName
        When `epoch` is neither of the two systems.
    """
    if epoch not in _DAY_ZERO:
        raise UnknownName(fault_of("date.epoch", "read_date", str(epoch)))
    if text is None:
        return _refused("date.missing", "")
    if isinstance(text, dt.datetime):
        moment = text if text.tzinfo is None else text.astimezone(VIETNAM_TIME)
        return _day(moment.year, moment.month, moment.day, str(text))
    if isinstance(text, dt.date):
        return _day(text.year, text.month, text.day, str(text))
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return _refused("date.unreadable", repr(text))
    if not isinstance(text, str):
        return _from_number(text, epoch)
    written = " ".join(nfc(text).split())
    plain = ascii_digits(fold(written)).strip(" .;,")
    if plain in MISSING_WORDS:
        return _refused("date.missing", written)
    return _from_text(plain, written, epoch)


def _from_text(plain: str, written: str, epoch: Epoch) -> DateReading:
    found = _DAY_FIRST.fullmatch(plain) or _WORDS.fullmatch(plain)
    if found:
        day, month, year = found.groups()
        if len(year) == 2:
            return _refused("date.two_digit_year", written)
        return _day(int(year), int(month), int(day), written)
    found = _YEAR_FIRST.fullmatch(plain)
    if found:
        return _from_iso(found, written)
    if len(plain) <= 16 and _DIGITS.fullmatch(plain):
        if plain.startswith("0"):
            return _refused("date.bare_number", written)
        reading = _from_number(float(plain), epoch)
        return DateReading(reading.value, written, reading.flag, reading.reason)
    return _refused("date.unreadable", written)


def _from_iso(found: re.Match[str], written: str) -> DateReading:
    """Read ISO text; a time with a zone is first moved to Vietnam's time."""
    year, month, day, hour, minute, second, zone = found.groups()
    reading = _day(int(year), int(month), int(day), written)
    digits = (zone or "+0000").replace("z", "+0000").replace(":", "")
    minutes = int(digits[0] + "1") * (int(digits[1:3]) * 60 + int(digits[3:]))
    is_time = int(hour or 0) < 24 and int(minute or 0) < 60 and int(second or 0) < 60
    if not is_time or abs(minutes) > 14 * 60:
        return _refused("date.impossible", written)
    if reading.value is None or not zone:
        return reading
    moment = dt.datetime(
        reading.value.year,
        reading.value.month,
        reading.value.day,
        int(hour),
        int(minute),
        tzinfo=dt.timezone(dt.timedelta(minutes=minutes)),
    ).astimezone(VIETNAM_TIME)
    return _day(moment.year, moment.month, moment.day, written)


def _from_number(number: float, epoch: Epoch) -> DateReading:
    """Read a serial day of Excel (five digits) or milliseconds since 1970 (12 or 13)."""
    written = f"{number:.15g}" if abs(number) < 10**30 else "10^30…"
    if not isinstance(number, int) and not math.isfinite(number):
        return _refused("date.unreadable", written)
    if int(number) in SERIALS and not _RUN_TOGETHER.fullmatch(str(int(number))):
        day = _DAY_ZERO[epoch] + dt.timedelta(days=int(number))
        return _day(day.year, day.month, day.day, written)
    if 0 <= number < 10**8:
        return _refused("date.bare_number", written)
    if 10**11 <= number < 7_258_118_400_000:  # 1973 to the end of 2199
        start = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        moment = (start + dt.timedelta(milliseconds=float(number))).astimezone(VIETNAM_TIME)
        return _day(moment.year, moment.month, moment.day, written)
    return _refused("date.unreadable", written)


def _day(year: int, month: int, day: int, written: str) -> DateReading:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _refused("date.year_range", written)
    try:
        return DateReading(dt.date(year, month, day), written)
    except ValueError:
        return _refused("date.impossible", written)


# The one function that repairs codes of administrative procedures (mã TTHC).

_CODE = re.compile(r"(\d)\.(\d{6})")
_SHORT = re.compile(r"(\d)([.,])(\d{1,6})")
_SUFFIXED = re.compile(r"(\d)[.,](\d{6})((?:[.,-][A-Z0-9]+)+)", re.IGNORECASE)
_SPLIT = re.compile(r"(\d)[.,]?(\d{3})[.,]?(\d{3})")


def repair_code(text: str | float | None) -> tuple[str, str]:
    """Return the code in the form ``d.dddddd`` and what was done to it.

    Parameters
    ----------
    text
        The code as written, or as a number that a spreadsheet made of it.

    Returns
    -------
    tuple of str
        The code and a flag: ``""`` when it was right but for white space;
        ``"code.comma"`` (a comma for the point); ``"code.zeros_restored"``
        (zeros at the end were lost; also when the point was a comma);
        ``"code.separators"`` (the point missing or thousands separators put
        in); ``"code.suffix"`` (what follows the code, a case or an agency, was
        left out); ``"code.unrepairable"`` with the text as it is.

    Examples
    --------
    >>> repair_code("1,010826")
    ('1.010826', 'code.comma')
    >>> repair_code("1.01385")
    ('1.013850', 'code.zeros_restored')
    """
    if text is None:
        return "", "code.unrepairable"
    if isinstance(text, bool):
        return str(text), "code.unrepairable"
    if isinstance(text, int | float):
        if not math.isfinite(text) or not 0 <= text < 10**7:
            return "10^30…" if abs(text) >= 10**30 else repr(text), "code.unrepairable"
        text = f"{text:.6f}".rstrip("0") if isinstance(text, float) and text < 10 else f"{text:.0f}"
        text = text + "0" if text.endswith(".") else text
    as_is = nfc(text).strip()
    code = ascii_digits("".join(as_is.split())).strip(".,;:'\"`’")
    if _CODE.fullmatch(code):
        return code, ""
    found = _SHORT.fullmatch(code)
    if found:
        first, separator, rest = found.groups()
        restored = f"{first}.{rest.ljust(6, '0')}"
        return restored, "code.zeros_restored" if len(rest) < 6 else (
            "code.comma" if separator == "," else ""
        )
    found = _SPLIT.fullmatch(code)
    if found:
        return f"{found[1]}.{found[2]}{found[3]}", "code.separators"
    found = _SUFFIXED.fullmatch(code)
    if found:
        return f"{found[1]}.{found[2]}", "code.suffix"
    return as_is, "code.unrepairable"


def canonical_code(text: str | float | None) -> str:
    """Return the repaired code alone, for joining tables; hopeless text stays as it is."""
    return repair_code(text)[0]
