"""Steps and conditions out of published text: what is stated, and nothing more."""

from __future__ import annotations

import math

import pytest

from procsim.readers.portal import rank_of, split_conditions, split_steps
from procsim.reference import parameters, working_days_per_unit

RULES = parameters()


def test_numbered_steps_become_steps_with_actor_and_duration():
    steps = split_steps(
        "Bước 1: Công dân nộp hồ sơ tại Công an cấp xã.\n"
        "Bước 2: Cán bộ tiếp nhận kiểm tra hồ sơ.\n"
        "- Bước 3: Trong thời hạn 03 ngày làm việc, cơ quan đăng ký cư trú thẩm định.",
        RULES,
    )
    assert [step.actor for step in steps] == ["applicant", "office", "office"]
    assert steps[0].name == "Công dân nộp hồ sơ tại Công an cấp xã"
    assert math.isnan(steps[1].days)
    assert steps[2].days == 3
    assert len({step.track for step in steps}) == 1


def test_a_text_without_steps_gives_none():
    assert split_steps("Tổ chức nộp hồ sơ; cơ quan trả kết quả.", RULES) == []


def test_numbering_that_starts_again_is_another_way():
    steps = split_steps("Bước 1: A\nBước 2: B\nBước 1: C\nBước 2: D", RULES)
    assert [step.track for step in steps] == [0, 0, 1, 1]


def test_a_step_with_two_durations_keeps_both_and_decides_nothing():
    [step] = split_steps("Bước 1: Sở thẩm định trong 05 ngày làm việc; cấp trong 02 ngày.", RULES)
    assert math.isnan(step.days)
    assert "05 ngày làm việc" in step.days_text
    assert "02 ngày" in step.days_text


@pytest.mark.parametrize(
    "text",
    [
        "Nộp trực tuyến: 24 giờ/7 ngày.",
        "Lấy ý kiến ít nhất 30 ngày.",
        "Nộp hồ sơ trước 03 tháng.",
        "Rút ngắn 05 ngày so với quy định.",
        "Trả kết quả trong 3 + 4 ngày.",
    ],
)
def test_what_is_no_limit_gives_a_step_no_days(text):
    [step] = split_steps(f"Bước 1: {text}", RULES)
    assert math.isnan(step.days)
    assert step.days_text


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [
        (3, "working_day", 3),
        (7, "day", 5),
        (2, "week", 10),
        (24, "hour", 3),
        (240, "minute", 0.5),
        (2, "month", 44),
        (1, "year", 264),
    ],
)
def test_conversion_to_working_days(value, unit, days):
    assert value * working_days_per_unit(RULES)[unit] == pytest.approx(days)


@pytest.mark.parametrize(
    "text", ["", "Không", "không.", "Không có", "Không quy định.", "Khôg quy định", " - Không"]
)
def test_no_conditions(text):
    assert split_conditions(text) == []


@pytest.mark.parametrize(
    ("text", "items", "split"),
    [
        ("1. Có trụ sở.\n2. Có vốn.\n3. Có người.", 3, "numbered"),
        ("a) Có trụ sở:\n- ở Hà Nội;\n- ở Huế.\nb) Có vốn.", 2, "numbered"),
        ("Phải đáp ứng:\n+ Đủ 18 tuổi.\n+ Có bằng.", 2, "bulleted"),
        ("+ Có vốn:\n(i) tối thiểu 5 tỷ;\n(ii) bằng tiền.\n+ Có người.", 2, "bulleted"),
        ("Chủ xe đã đăng ký.", 1, "paragraph"),
        ("Có đất ở hợp pháp.\nKhông có tranh chấp.", 2, "paragraph"),
        ("+ Điều kiện một\n++ chi tiết\n+ Điều kiện hai", 2, "bulleted"),
    ],
)
def test_conditions_are_the_items_of_the_outermost_list(text, items, split):
    found = split_conditions(text)
    assert len(found) == items
    assert {item.split for item in found} == {split}


def test_nothing_of_a_condition_is_lost():
    text = "a) Có trụ sở:\n- ở Hà Nội;\n- ở Huế.\nb) Có vốn."
    assert "\n".join(item.text for item in split_conditions(text)) == text


@pytest.mark.parametrize(
    ("number", "rank"),
    [
        ("113/2017/NĐ-CP", "nghi_dinh"),
        ("19/2012/QH13", "luat"),
        ("68/2013/TT-BCA", "thong_tu"),
        ("06/2014/TTLT-BCA-BYT-BTC", "thong_tu"),
        ("42/QĐ-TTg", "quyet_dinh_ttg"),
        ("223/QĐ-BTC", "quyet_dinh_bo_truong"),
        ("11/2012/UBTVQH13", "phap_lenh"),
        ("66.7/2025/NQ-CP", "nghi_quyet"),
        ("", "unknown"),
    ],
)
def test_rank_of_a_legal_text(number, rank):
    assert rank_of(number) == rank
    assert rank_of("", "Luật Khiếu nại") == "luat"
