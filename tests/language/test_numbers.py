"""Numbers: a value or a reason."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procsim.errors import UnknownName
from procsim.language.vietnamese import format_number, format_vnd, in_words, read_number

KINDS = ("money", "hours", "count", "share", "days")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("23,4", "hours", 23.4),
        ("1.234,5", "hours", 1234.5),
        ("1,234.5", "hours", 1234.5),
        ("1.234.567,25", "money", 1234567.25),
        ("1.234", "money", 1234),
        ("1,234", "money", 1234),
        ("1.200.000", "money", 1200000),
        ("1,200,000", "money", 1200000),
        ("1 200 000", "money", 1200000),
        ("1\u00a0200\u00a0000", "money", 1200000),
        ("50.000 đ", "money", 50000),
        ("1.234", "count", 1234),
        ("2,0", "count", 2),
        ("30%", "share", 0.3),
        ("12,5 %", "share", 0.125),
        ("0,3", "share", 0.3),
        ("0.125", "share", 0.125),
        ("1", "share", 1),
        ("0,5 giờ", "hours", 0.5),
        ("12 ngày làm việc", "days", 12),
        ("１２，５", "hours", 12.5),
        ("٣", "count", 3),
        ("+5", "hours", 5),
        (",5", "hours", 0.5),
        ("1234,567", "hours", 1234.567),
        (23.4, "hours", 23.4),
        (7, "count", 7),
        ("007", "count", 7),
    ],
)
def test_numbers_are_read_as_an_officer_means_them(
    text: str | float, kind: str, value: float
) -> None:
    reading = read_number(text, kind)
    assert (reading.value, reading.flag) == (pytest.approx(value), "")


@pytest.mark.parametrize(
    ("text", "kind", "flag"),
    [
        ("1.234", "hours", "number.ambiguous"),
        ("1,234", "days", "number.ambiguous"),
        ("1.200,000", "money", "number.ambiguous"),
        ("1100,000", "money", "number.ambiguous"),
        ("0.500", "money", "number.ambiguous"),
        ("", "hours", "number.missing"),
        ("NA", "count", "number.missing"),
        ("None", "money", "number.missing"),
        ("-", "money", "number.missing"),
        ("–", "money", "number.missing"),
        (None, "money", "number.missing"),
        ("Không có thông tin", "hours", "number.missing"),
        ("NaN", "money", "number.not_finite"),
        ("-Infinity", "hours", "number.not_finite"),
        (math.nan, "hours", "number.not_finite"),
        (math.inf, "money", "number.not_finite"),
        (True, "count", "number.not_a_number"),
        ("1234567890123456", "money", "number.too_long"),
        (10**400, "money", "number.too_long"),
        (1e15, "money", "number.too_long"),
        ("12,34,567", "money", "number.not_a_number"),
        ("1.2.3", "hours", "number.not_a_number"),
        ("1e5", "money", "number.not_a_number"),
        ("=1+1", "hours", "number.not_a_number"),
        ("5,", "hours", "number.not_a_number"),
        ("mười", "hours", "number.not_a_number"),
        ("+-5", "hours", "number.not_a_number"),
        ("(5", "hours", "number.not_a_number"),
        ("5+3", "count", "number.not_a_number"),
        ("#DIV/0!", "hours", "number.excel_error"),
        ("#N/A", "money", "number.excel_error"),
        ("-5", "hours", "number.negative"),
        ("−5", "hours", "number.negative"),
        ("(5)", "money", "number.negative"),
        (-0.5, "share", "number.negative"),
        ("2,5", "count", "number.not_whole"),
        ("30", "share", "number.share_range"),
        ("120%", "share", "number.share_range"),
    ],
)
def test_what_is_not_certain_is_refused(text: str | float | None, kind: str, flag: str) -> None:
    reading = read_number(text, kind)
    assert reading.is_missing
    assert reading.flag == flag
    assert reading.reason is not None
    assert reading.reason.vi
    assert reading.reason.en


def test_an_ambiguous_number_shows_both_readings() -> None:
    reading = read_number("1.234", "hours")
    assert reading.reason is not None
    assert "1.234 hoặc 1,234" in reading.reason.vi
    assert "1,234 or 1.234" in reading.reason.en


def test_thirty_as_a_share_is_asked_with_a_proposal() -> None:
    reading = read_number("30", "share")
    assert reading.proposal == pytest.approx(0.3)
    assert reading.reason is not None
    assert "30 %" in reading.reason.vi


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownName, match="money"):
        read_number("1", "weight")


@given(st.floats(min_value=0, max_value=1e14, allow_nan=False), st.sampled_from(KINDS))
@example(1234.0, "hours")
@example(1.234, "hours")
@example(1e-7, "hours")
def test_what_is_formatted_is_read_back(number: float, kind: str) -> None:
    if kind in ("money", "count"):
        number = float(round(number))  # nothing smaller is counted there: "1,125" is 1125
    reading = read_number(format_number(number), kind)
    if reading.flag == "":
        assert reading.value == number
    else:
        assert reading.is_missing
        assert reading.flag in {
            "number.ambiguous",
            "number.too_long",
            "number.not_whole",
            "number.share_range",
        }


@given(st.integers(min_value=0, max_value=10**14))
def test_whole_amounts_are_read_back_exactly(amount: int) -> None:
    assert read_number(format_number(amount), "money").value == amount
    assert read_number(format_number(amount), "count").value == amount
    assert read_number(str(amount), "money").value == amount
    assert read_number(f"{amount:,}", "money").value == amount


@given(st.text(), st.sampled_from(KINDS))
def test_reading_a_number_never_raises(text: str, kind: str) -> None:
    reading = read_number(text, kind)
    assert reading.is_missing == bool(reading.flag)
    assert reading.value is None or math.isfinite(reading.value)


@given(st.text(alphabet="0123456789.,-+ %đgiờ()eE_", max_size=24), st.sampled_from(KINDS))
def test_number_like_text_never_raises(text: str, kind: str) -> None:
    reading = read_number(text, kind)
    assert reading.is_missing == bool(reading.flag)


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (1234.5, None, "1.234,5"),
        (1234567, None, "1.234.567"),
        (2.5, 0, "3"),
        (0.125, 2, "0,13"),
        (-0.001, 2, "0,00"),
        (-1234.5, None, "-1.234,5"),
        (None, None, ""),
        (math.nan, 2, ""),
        (math.inf, None, ""),
        (1e21, None, "1.000.000.000.000.000.000.000"),
        (3, 2, "3,00"),
    ],
)
def test_numbers_are_written_in_vietnamese(
    number: float | None, decimals: int | None, text: str
) -> None:
    assert format_number(number, decimals) == text


def test_amounts_are_written_in_dong() -> None:
    assert format_vnd(135_000) == "135.000 đồng"
    assert format_vnd(None) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1234.5, "1 nghìn 234 phẩy 5"),
        (135_000, "135 nghìn"),
        (1_200_000, "1 triệu 200 nghìn"),
        (2_500_000_000, "2 tỷ 500 triệu"),
        (0, "0"),
        (-3, "âm 3"),
        (0.05, "0 phẩy 05"),
        (None, ""),
    ],
)
def test_numbers_are_read_aloud(number: float | None, words: str) -> None:
    assert in_words(number) == words


def test_a_share_over_one_is_asked_about_only_up_to_a_hundred_per_cent():
    proposals = [read_number(text, "share").proposal for text in ("100", "100,5", "101", "101 %")]
    assert proposals == [1.0, None, None, None]
