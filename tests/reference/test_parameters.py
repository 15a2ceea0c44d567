"""Parameters: dated values, the hourly income, and what a user enters."""

from __future__ import annotations

import datetime as dt
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import InvalidValue, UnknownName
from procsim.reference import MARKS, parameters

NAMES = [
    "gdp_per_head_vnd",
    "working_hours_per_year",
    "hours_form",
    "hours_document_original",
    "hours_document_copy",
    "hours_document_certified",
    "price_copy_vnd",
    "price_certified_vnd",
    "hours_submit_counter",
    "hours_submit_post",
    "hours_submit_online",
    "price_post_vnd",
    "hours_pay_fee",
    "hours_collect_counter",
    "hours_collect_post",
    "hours_collect_online",
    "hours_fallback",
    "share_conditional",
    "share_counter",
    "share_post",
    "share_online",
    "coverage_default",
    "working_days_per_month",
    "working_hours_per_day",
    "working_days_per_calendar_day",
    "hourly_income_vnd",
]


def test_agreed_names_are_there():
    p = parameters()
    assert set(NAMES) <= set(p)
    assert all(p.mark(name) in MARKS for name in p)
    texts = [p.value(name) for name in p]
    assert all(part for v in texts for text in (v.name, v.unit, v.source) for part in text)
    # English beside Vietnamese: "USD" and names of texts may stand in both.
    assert all(v.unit.vi != v.unit.en and v.source.vi != v.source.en for v in texts)
    assert all(p.name(name).vi and p.name(name).en for name in p)


def test_hourly_income_2024():
    p = parameters(dt.date(2024, 7, 1))
    assert p.hourly_income_vnd == 114_000_000 / 2112
    assert p.hourly_income_vnd == pytest.approx(53_977.27, abs=0.005)
    assert p["hourly_income_vnd"] == p.hourly_income_vnd


def test_hourly_income_2025():
    assert parameters(dt.date(2025, 1, 1)).hourly_income_vnd == 125_500_000 / 2112
    assert parameters(dt.date(2025, 1, 1))["hourly_income_vnd"] == pytest.approx(
        59_422.35, abs=0.005
    )


def test_hourly_income_changes_on_the_first_day_of_its_year():
    assert parameters(dt.date(2024, 12, 31))["gdp_per_head_vnd"] == 114_000_000
    assert parameters(dt.date(2025, 1, 1))["gdp_per_head_vnd"] == 125_500_000


def test_without_a_day_the_newest_value_counts():
    assert parameters()["gdp_per_head_vnd"] == 125_500_000


def test_hourly_income_of_a_named_year():
    p = parameters()
    assert p.hourly_income(2024) == 114_000_000 / 2112
    with pytest.raises(InvalidValue, match="chưa có GDP bình quân đầu người của năm 2023"):
        p.hourly_income(2023)


def test_year_of_work_is_12_months_of_22_days_of_8_hours():
    p = parameters()
    assert 12 * p["working_days_per_month"] * p["working_hours_per_day"] == 2112
    assert p["working_hours_per_year"] == 2112
    assert p["working_days_per_calendar_day"] == 5 / 7


def test_travel_hours_follow_from_the_published_case_of_ha_noi():
    p = parameters()
    total = p["hours_submit_counter"] + p["hours_collect_counter"]
    assert total == pytest.approx(6.3)
    assert total == pytest.approx(15.1 / 2.39, abs=0.02)


def test_form_takes_the_three_levels_of_the_german_guide():
    p = parameters()
    minutes = [60 * p[name] for name in ("hours_form_simple", "hours_form", "hours_form_complex")]
    assert minutes == pytest.approx([3, 5, 30])


def test_shares_of_channels_add_up():
    p = parameters()
    assert p["share_counter"] + p["share_post"] + p["share_online"] == pytest.approx(1)


def test_nothing_assumed_is_shown_as_official():
    p = parameters()
    official = {name for name in p if p.mark(name) in {"luật", "công bố"}}
    assert official == {"gdp_per_head_vnd"}
    assert p.mark("hourly_income_vnd") == "giả định"  # the year of work is practice, not law


def test_replace_marks_what_was_entered():
    before = parameters()
    after = before.replace(hours_form=0.1)
    assert after["hours_form"] == 0.1
    assert after.mark("hours_form") == "nhập"
    assert "0,0833" in after.source("hours_form").vi
    assert "0.0833" in after.source("hours_form").en
    assert before.mark("hours_form") == "giả định"
    assert parameters(hours_form=0.1) == after
    assert hash(parameters(hours_form=0.1)) == hash(after)


def test_hourly_income_follows_or_is_entered():
    p = parameters(gdp_per_head_vnd=211_200_000)
    assert p.hourly_income_vnd == 100_000
    assert p.mark("hourly_income_vnd") == "nhập"
    entered = parameters(hourly_income_vnd=60_000)
    assert entered.hourly_income_vnd == 60_000
    assert entered.mark("hourly_income_vnd") == "nhập"


def test_unknown_name_lists_close_names():
    with pytest.raises(UnknownName) as error:
        parameters()["hours_frm"]
    assert "không có tham số này" in str(error.value)
    assert "hours_form" in str(error.value)
    assert error.value.faults[0].proposal == "hours_form"
    assert "there is no such parameter" in error.value.in_language("en")


def test_all_unknown_names_at_once():
    with pytest.raises(UnknownName) as error:
        parameters(hours_frm=1, price_cpy_vnd=2)
    assert len(error.value.faults) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hours_form": -1}, "không được âm"),
        ({"hours_form": math.nan}, "số hữu hạn"),
        ({"hours_form": "5 phút"}, "số hữu hạn"),
        ({"hours_form": True}, "số hữu hạn"),
        ({"share_conditional": 50}, "từ 0 đến 1"),
        ({"working_hours_per_year": 0}, "lớn hơn 0"),
        ({"share_online": 0.9}, "phải bằng 1"),
    ],
)
def test_values_that_cannot_be_are_refused(changes, words):
    with pytest.raises(InvalidValue, match=words):
        parameters(**changes)


def test_three_shares_together_are_accepted():
    p = parameters(share_counter=0.1, share_post=0.1, share_online=0.8)
    assert p["share_online"] == 0.8


def test_membership_get_and_frame():
    p = parameters()
    assert "hours_form" in p
    assert "nothing" not in p
    assert p.get("hours_form") == 5 / 60
    frame = p.as_frame()
    assert list(frame.index) == list(p)
    assert frame.loc["hours_form", "value"] == 5 / 60
    assert frame.loc["hours_form", "mark"] == "giả định"
    assert frame.loc["hours_form", ["unit_vi", "unit_en"]].tolist() == ["giờ", "hours"]


def test_parameters_travel_between_processes():
    p = parameters(dt.date(2024, 1, 1), hours_form=0.2)
    assert pickle.loads(pickle.dumps(p)) == p


def test_parameters_cannot_be_changed_in_place():
    with pytest.raises(TypeError):
        parameters().table["hours_form"] = None


@given(
    st.sampled_from([n for n in NAMES if not n.startswith("share_")]),
    st.floats(min_value=0.001, max_value=1e9),
)
def test_any_sensible_value_may_be_entered(name, value):
    if name == "coverage_default":
        value = min(value, 1.0)
    p = parameters().replace(**{name: value})
    assert p[name] == value
    assert p.mark(name) == "nhập"
    others = set(p) - {name, "hourly_income_vnd"}
    assert all(p.value(other) == parameters().value(other) for other in others)
