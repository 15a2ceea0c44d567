"""Calendar days and codes of procedures."""

from __future__ import annotations

import csv
import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.cli import main
from procsim.errors import UnknownName
from procsim.language.vietnamese import canonical_code, read_date, repair_code
from tests.shared import SHARED, needs_shared


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("05/8/2025", dt.date(2025, 8, 5)),
        ("5-8-2025", dt.date(2025, 8, 5)),
        ("05.08.2025", dt.date(2025, 8, 5)),
        ("ngày 26 tháng 3 năm 2025", dt.date(2025, 3, 26)),
        ("Hà Nội, ngày 5 tháng 8 năm 2025", dt.date(2025, 8, 5)),
        ("2025-08-05", dt.date(2025, 8, 5)),
        ("2025-08-05T20:30:00Z", dt.date(2025, 8, 6)),
        ("05/08/2025 13:45", dt.date(2025, 8, 5)),
        (45874, dt.date(2025, 8, 5)),
        (45874.75, dt.date(2025, 8, 5)),
        ("45874", dt.date(2025, 8, 5)),
        (10_000, dt.date(1927, 5, 18)),
        ("thứ 3, ngày 5 tháng 8 năm 2025", dt.date(2025, 8, 5)),
        ("05/08/2025 23:59:59", dt.date(2025, 8, 5)),
        (1740416400000, dt.date(2025, 2, 25)),
        (dt.date(2025, 8, 5), dt.date(2025, 8, 5)),
        (dt.datetime(2025, 8, 5, 20, tzinfo=dt.UTC), dt.date(2025, 8, 6)),
        ("０５/８/２０２５", dt.date(2025, 8, 5)),
    ],
)
def test_dates_are_read_day_first(written: object, day: dt.date) -> None:
    reading = read_date(written)
    assert (reading.value, reading.flag) == (day, "")


def test_the_1904_system_counts_from_another_day() -> None:
    assert read_date(44412, "1904").value == dt.date(2025, 8, 5)
    assert read_date(44412 + 1462).value == dt.date(2025, 8, 5)
    with pytest.raises(UnknownName, match="1904"):
        read_date(1, "1970")


@pytest.mark.parametrize(
    ("written", "flag"),
    [
        ("31/02/2025", "date.impossible"),
        ("13/13/2025", "date.impossible"),
        (60, "date.bare_number"),
        # a year, a day and month, a count, a day without separators
        *((bare, "date.bare_number") for bare in ("2025", 2025, 2025.0, "29.3", 29.3, "5.8", 5.8)),
        *((bare, "date.bare_number") for bare in ("12", 12, "050825", 50825, "50825", 112025)),
        *((bare, "date.bare_number") for bare in ("05082025", 5082025, 20250805, "0", 0)),
        ("8.2025", "date.bare_number"),
        # two days in one cell
        ("01/01/1984, ngày 22 tháng 7 năm 1984", "date.unreadable"),
        ("ngày 5 tháng 8 năm 2025, ngày 6 tháng 8 năm 2025", "date.unreadable"),
        ("năm 2024, ngày 6 tháng 8 năm 2025", "date.unreadable"),
        ("5/8/2025 - 6/8/2025", "date.unreadable"),
        ("05/08/2025 và 06/08/2025", "date.unreadable"),
        *((part, "date.unreadable") for part in ("ngày 5/8", "tháng 8/2025", "quý I/2026")),
        ("05/08/2025 25:99", "date.unreadable"),
        ("2025-08-05T25:99", "date.impossible"),
        ("5-8-25", "date.two_digit_year"),
        ("5/8/25", "date.two_digit_year"),
        ("ngày 5 tháng 8 năm 25", "date.two_digit_year"),
        ("5/8/1825", "date.year_range"),
        ("8/2025", "date.unreadable"),
        ("hôm nay", "date.unreadable"),
        ("", "date.missing"),
        ("NA", "date.missing"),
        (None, "date.missing"),
        (True, "date.unreadable"),
        (math.inf, "date.unreadable"),
        (10**400, "date.unreadable"),
        (-5, "date.unreadable"),
        ("2025-08-05T99:99:00Z", "date.impossible"),
    ],
)
def test_impossible_and_doubtful_dates_are_refused(written: object, flag: str) -> None:
    reading = read_date(written)
    assert reading.is_missing
    assert reading.flag == flag
    assert reading.reason is not None
    assert reading.reason.vi


def test_milliseconds_of_an_api_count_from_march_1973_to_the_end_of_2199() -> None:
    assert read_date(10**11).value == dt.date(1973, 3, 3)
    assert read_date(10**11 - 1).flag == "date.unreadable"
    # midnight of 1 January 2200 comes to Vietnam seven hours before it comes to Greenwich
    hour = 3_600_000
    assert read_date(7_258_118_400_000 - 7 * hour - 1).value == dt.date(2199, 12, 31)
    assert read_date(7_258_118_400_000 - 7 * hour).flag == "date.year_range"
    assert read_date(7_258_118_400_000).flag == "date.unreadable"


@given(st.dates(dt.date(1900, 3, 1), dt.date(2199, 12, 31)))
def test_every_written_form_gives_the_same_day(day: dt.date) -> None:
    written = (
        f"{day.day}/{day.month}/{day.year}",
        f"ngày {day.day:02d} tháng {day.month} năm {day.year}",
        day.isoformat(),
    )
    assert {read_date(form).value for form in written} == {day}


@given(st.dates(dt.date(1900, 3, 1), dt.date(2199, 12, 31)))
def test_a_serial_number_gives_its_day_unless_it_may_be_something_else(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    reading = read_date(serial)
    # 40725 is 1 July 2011, or 4/07/25; 42019 is 15 January 2015, or 4/2019
    is_run_together = serial // 100 % 100 in (*range(1, 13), 19, 20)
    if 10_000 <= serial <= 73_050 and not is_run_together:
        assert reading.value == day
    else:
        assert reading.flag == "date.bare_number"


@given(st.text() | st.text("0123456789/-.: TZ+", max_size=26) | st.floats() | st.integers())
def test_reading_a_date_never_raises(written: object) -> None:
    for epoch in ("1900", "1904"):
        reading = read_date(written, epoch)
        assert reading.is_missing == bool(reading.flag)


@needs_shared
def test_a_year_in_a_date_cell_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SHARED / "cases" / "07-year-as-date" / "year.xlsx")]) == 1
    told = capsys.readouterr().out
    assert all(f"Sheet 'Thủ tục' › E{row} (" in told for row in (2, 3, 4))
    assert "1905" not in told


@pytest.mark.parametrize(
    ("written", "code", "flag"),
    [
        ("1.004222", "1.004222", ""),
        (" 1. 004222\u00a0", "1.004222", ""),
        ("１.004222", "1.004222", ""),
        ("1,010826", "1.010826", "code.comma"),
        ("1.01385", "1.013850", "code.zeros_restored"),
        ("1,0138", "1.013800", "code.zeros_restored"),
        ("1.10", "1.100000", "code.zeros_restored"),
        (1.01385, "1.013850", "code.zeros_restored"),
        (1.1, "1.100000", "code.zeros_restored"),
        (2.002308, "2.002308", ""),
        ("1004222", "1.004222", "code.separators"),
        (1004222, "1.004222", "code.separators"),
        ("1.004.222", "1.004222", "code.separators"),
        ("1.010038.01", "1.010038", "code.suffix"),
        ("1.004222.000.00.00.H01", "1.004222", "code.suffix"),
        ("abc", "abc", "code.unrepairable"),
        ("", "", "code.unrepairable"),
        (None, "", "code.unrepairable"),
        (True, "True", "code.unrepairable"),
        (math.nan, "nan", "code.unrepairable"),
        ("000.00.00.G01-KQ002868", "000.00.00.G01-KQ002868", "code.unrepairable"),
    ],
)
def test_codes_are_repaired(written: object, code: str, flag: str) -> None:
    assert repair_code(written) == (code, flag)
    assert canonical_code(written) == code


@given(st.integers(1, 9), st.integers(0, 999_999))
def test_every_code_survives_what_a_spreadsheet_does(first: int, rest: int) -> None:
    code = f"{first}.{rest:06d}"
    assert canonical_code(code) == code
    assert canonical_code(code.replace(".", ",")) == code
    assert canonical_code(float(code)) == code
    assert canonical_code(str(float(code))) == code
    assert canonical_code(code.replace(".", "")) == code


@given(st.text() | st.floats() | st.integers() | st.none())
def test_repairing_never_raises_and_is_stable(written: object) -> None:
    code, flag = repair_code(written)
    if flag != "code.unrepairable":
        assert repair_code(code) == (code, "")


@needs_shared
def test_all_damaged_codes_of_the_resolution_are_repaired() -> None:
    damaged = 0
    for name in ("phuluc1.csv", "phuluc2.csv"):
        with (SHARED / "nq66_7" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                code, flag = repair_code(row["ma_tthc"])
                assert code == row["ma_tthc_chuan_hoa"], row["ma_tthc"]
                damaged += bool(flag)
    assert damaged >= 26
