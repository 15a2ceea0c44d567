"""Time limits in fields and in free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.language.vietnamese import DURATION_UNITS, durations_in, read_duration


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("07 Ngày làm việc", 7, "working_day"),
        ("24 giờ", 24, "hour"),
        ("08 giờ làm việc", 8, "hour"),
        ("không quá 30 ngày kể từ ngày nhận đủ hồ sơ hợp lệ", 30, "day"),
        ("03 (ba) ngày làm việc", 3, "working_day"),
        ("mười lăm (15) ngày làm việc", 15, "working_day"),
        ("trong năm (05) ngày", 5, "day"),
        ("trong năm ngày làm việc", 5, "working_day"),
        ("ba mươi ngày", 30, "day"),
        ("1/2 ngày", 0.5, "day"),
        ("nửa ngày làm việc", 0.5, "working_day"),
        ("1,5 ngày làm việc", 1.5, "working_day"),
        ("02 tháng", 2, "month"),
        ("01 năm", 1, "year"),
        ("60 phút", 60, "minute"),
        ("2 giờ 30 phút", 2.5, "hour"),
        ("không quá 24h", 24, "hour"),
        # halves, limits after a cut, the unit named behind, words without diacritics
        ("1 tháng rưỡi", 1.5, "month"),
        ("hai ngày rưỡi", 2.5, "day"),
        ("1 ngày rưỡi làm việc", 1.5, "working_day"),
        ("½ ngày", 0.5, "day"),
        ("rút ngắn còn 5 ngày", 5, "day"),
        ("giảm xuống còn 05 ngày làm việc", 5, "working_day"),
        ("thời hạn sau khi cắt giảm là 5 ngày", 5, "day"),
        ("15 (mười lăm) ngày tính theo ngày làm việc", 15, "working_day"),
        ("1 thang ruoi", 1.5, "month"),
        ("khong qua 5 ngay lam viec", 5, "working_day"),
        ("05 ngày làm việc theo khoản 2, Điều 7 Nghị định số 61/2018/NĐ-CP", 5, "working_day"),
        ("7 ngày lv", 7, "working_day"),
        ("07 Ngay lam viec", 7, "working_day"),
        ("02 tuần", 2, "week"),
        ("không muộn hơn 08 giờ làm việc", 8, "hour"),
        ("05 ngày làm vệc", 5, "working_day"),
        ("Thời hạn: 10 ngày, kể từ ngày 01 tháng 7 năm 2025", 10, "day"),
    ],
)
def test_written_limits_are_read(text: str, value: float, unit: str) -> None:
    reading = read_duration(text)
    assert (reading.value, reading.unit, reading.flag) == (value, unit, "")


@pytest.mark.parametrize(
    ("text", "flag", "proposal", "proposal_unit"),
    [
        ("Không quy định", "limit.not_stated", None, ""),
        ("Chưa quy định cụ thể về thời gian giải quyết", "limit.not_stated", None, ""),
        ("Không có thông tin", "limit.no_information", None, ""),
        ("Không phải trả kết quả cho người nộp thuế", "limit.no_result", None, ""),
        ("ngay trong ngày làm việc", "limit.same_day", 1, "working_day"),
        ("Trong ngày", "limit.same_day", 1, "working_day"),
        ("Ngay sau khi nhận đủ hồ sơ", "limit.at_once", None, ""),
        ("05 ngày làm việc và 30 ngày", "limit.several", None, ""),
        ("từ 03 đến 05 ngày", "limit.range", 5, ""),
        ("3-5 ngày làm việc", "limit.range", 5, ""),
        ("03 (năm) ngày", "limit.words_differ", None, ""),
        ("1.234 ngày", "limit.ambiguous", None, ""),
        ("02/03 ngày", "limit.ambiguous", None, ""),
        ("1 tháng 15 ngày", "limit.compound", None, ""),
        ("khoảng 10 ngày", "limit.approximate", 10, "day"),
        ("trước 15 giờ 30 phút", "limit.unreadable", None, ""),
        ("0 ngày", "limit.not_positive", None, ""),
        ("5000 ngày", "limit.absurd", None, ""),
        ("ít nhất 05 ngày", "limit.lower_bound", 5, "day"),
        ("từ 06 tháng trở lên", "limit.lower_bound", 6, "month"),
        ("trước 30 ngày", "limit.before_event", 30, "day"),
        *(
            (text, "limit.expression", None, "")
            for text in (
                "3 + 4 ngày làm việc",
                "5 ngày x 2",
                "2 x 5 ngày",
                "20 ngày làm việc/2",
                "5~7 ngày",
                "5 hoặc 7 ngày",
                "1 200 ngày",
                "5 (+2) ngày",
                "gấp đôi 5 ngày",
                "20 ngày (giảm 30%)",
                "Bước 1: 5 ngày",
                "10 ngày, thực tế 5",
                "+7 ngày",
                "1 1/2 ngày",
                "hai mươi 25 ngày",
            )
        ),
        *(
            (text, "limit.cut", None, "")
            for text in (
                "giảm 16 ngày so với quy định",
                "rút ngắn 5 ngày làm việc",
                "cắt giảm: 3 ngày",
                "16 ngày so với quy định",
                "tiết kiệm 5 ngày",
                "rut ngan 5 ngay",
                "trễ hạn 5 ngày",
            )
        ),
        ("-7 ngày", "limit.not_positive", None, ""),
        ("5 ngày và 5 ngày", "limit.several", None, ""),
        ("5'030 ngày", "limit.ambiguous", None, ""),
        ("5 ngày không kể ngày nghỉ, lễ", "limit.ambiguous", 5, ""),
        ("tăng 5 ngày", "limit.extension", 5, "day"),
        ("gia hạn thêm không quá 05 ngày", "limit.extension", 5, "day"),
        ("", "limit.missing", None, ""),
        ("nộp tại Bộ phận Một cửa", "limit.unreadable", None, ""),
        ("07", "limit.bare_number", 7, ""),
    ],
)
def test_unclear_limits_are_refused_with_a_reason(
    text: str, flag: str, proposal: float | None, proposal_unit: str
) -> None:
    reading = read_duration(text)
    assert reading.is_missing
    assert (reading.flag, reading.proposal, reading.proposal_unit) == (
        flag,
        proposal,
        proposal_unit,
    )
    assert reading.reason is not None
    assert reading.reason.vi


@pytest.mark.parametrize(
    ("arguments", "value", "unit", "flag", "proposal"),
    [
        ((7.0, "WORKING_DAY"), 7, "working_day", "", None),
        ((30, "DAY", ""), 30, "day", "", None),
        ((8, "HOUR"), 8, "hour", "", None),
        ((1, "HOUR", "tối đa 60 phút"), 1, "hour", "", None),
        ((3, "MONTH"), 3, "month", "", None),
        ((7, "ngày làm việc"), 7, "working_day", "", None),
        (("7", "DAY"), 7, "day", "", None),
        ((1.0, "OTHER"), None, "", "limit.bare_number", 1),
        ((2, "banana"), None, "", "limit.bare_number", 2),
        ((3, "OTHER", "03 ngày làm việc kể từ ngày nhận"), None, "", "limit.unit_from_text", 3),
        ((1, "OTHER", "06 ngày làm việc và 30 ngày"), None, "", "limit.bare_number", 1),
        ((3, "OTHER", "03 ngày làm việc hoặc 05 ngày"), None, "", "limit.bare_number", 3),
        ((0, "OTHER"), None, "", "limit.not_positive", None),
        ((-3, "DAY"), None, "", "limit.not_positive", None),
        ((5000, "DAY"), None, "day", "limit.absurd", None),
        ((float("nan"), "DAY"), None, "", "number.not_finite", None),
        ((True, "DAY"), None, "", "number.not_a_number", None),
        ((None, None), None, "", "limit.missing", None),
        ((None, "Không quy định"), None, "", "limit.not_stated", None),
        ((15, "DAY", "trong 15 ngày làm việc"), 15, "day", "limit.unit_differs", None),
        ((8, "WORKING_DAY", "kiểm tra: 03 ngày làm việc; trả: 05 ngày làm việc"), 8,
         "working_day", "", None),
        ((10, "WORKING_DAY", "05 ngày làm việc; tăng thêm 21 ngày làm việc; 05 ngày làm việc"),
         10, "working_day", "", None),
        ((12, "WORKING_DAY", "12 ngày làm việc; 15 ngày làm việc đối với trên 03 giống"), 12,
         "working_day", "limit.longer_in_text", None),
        (("30 ngày", "WORKING_DAY"), 30, "day", "limit.unit_differs", None),
        (("30 ngày làm việc", "ngày làm việc"), 30, "working_day", "", None),
        ((30, "DAY", "Thời hạn nhận Phiếu đăng ký dự tuyển là 30 ngày; chấm thi: 15 ngày"), 30,
         "day", "limit.window", None),
        ((2, "WORKING_DAY", "Trước ngày kiểm tra ít nhất 02 ngày làm việc, Sở thông báo"), 2,
         "working_day", "limit.lower_bound", None),
        ((9, "WORKING_DAY", "05 ngày làm việc"), 9, "working_day", "limit.differs_from_text", 5),
    ],
)  # fmt: skip
def test_fields_are_read_and_held_against_the_description(
    arguments: tuple, value: float | None, unit: str, flag: str, proposal: float | None
) -> None:
    reading = read_duration(*arguments)
    assert (reading.value, reading.unit, reading.flag, reading.proposal) == (
        value,
        unit,
        flag,
        proposal,
    )


def test_the_description_proposes_a_unit_but_never_sets_it() -> None:
    reading = read_duration(3, "OTHER", "03 ngày làm việc kể từ ngày nhận hồ sơ")
    assert reading.unit == ""
    assert reading.proposal_unit == "working_day"
    assert reading.reason is not None
    assert "3 ngày làm việc" in reading.reason.vi
    assert "3 working days" in reading.reason.en


def test_dates_and_times_of_day_are_not_durations() -> None:
    text = (
        "Từ ngày 01 tháng 7 năm 2025 đến hết ngày 31 tháng 12 hàng năm; nhận hồ sơ sau 15 giờ cùng "
        "ngày thì trả trong 02 ngày làm việc; vào 17 giờ hàng ngày; "
        "ngày 19 tháng tám năm 1945; Thông tư số 05/2025; quý 1 năm."
    )
    assert [(r.value, r.unit) for r in durations_in(text)] == [(2.0, "working_day")]


def test_all_durations_of_a_step_are_found_in_order() -> None:
    text = (
        "Trong thời hạn 10 ngày làm việc, kể từ ngày nhận đơn; trường hợp phức tạp tăng thêm 05 "
        "ngày làm việc; thông báo trước 03 ngày; lấy ý kiến ít nhất 20 ngày; chậm nhất 24 giờ."
    )
    assert [(r.value, r.unit, r.flag) for r in durations_in(text)] == [
        (10.0, "working_day", ""),
        (5.0, "working_day", "limit.extension"),
        (3.0, "day", "limit.before_event"),
        (20.0, "day", "limit.lower_bound"),
        (24.0, "hour", ""),
    ]


@given(
    st.integers(min_value=1, max_value=999),
    st.sampled_from([("ngày làm việc", "working_day"), ("ngày", "day"), ("tháng", "month")]),
)
def test_a_stated_limit_is_read_back(number: int, unit: tuple[str, str]) -> None:
    reading = read_duration(f"không quá {number:02d} {unit[0]}")
    if unit[1] == "month" and number > 121:
        assert reading.flag == "limit.absurd"
    else:
        assert (reading.value, reading.unit, reading.flag) == (number, unit[1], "")


pieces = st.sampled_from(
    ["ngày", "giờ", "làm việc", "tháng", "năm", "(", ")", "/", "-", "trong", "không", "05", "1.234"]
)


@given(st.text() | st.lists(pieces, max_size=14).map(" ".join), st.text(max_size=12) | st.none())
def test_reading_a_limit_never_raises(text: str, unit: str | None) -> None:
    for reading in (read_duration(text, unit), read_duration(5, unit, text), *durations_in(text)):
        assert reading.unit in (*DURATION_UNITS, "")
        assert not reading.is_missing or reading.flag
        assert reading.value is None or reading.value > 0
