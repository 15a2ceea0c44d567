"""The legal route: lead times, effort, dates of databases, texts to amend."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import UnknownName
from procsim.reference import databases, legal_texts, parameters, resolution_66_7
from procsim.reference.law import (
    RESOLUTION_NUMBER,
    ROUTE_RANKS,
    add_months,
    database_ready_on,
    lead_months,
    price_of_database,
    price_of_rank,
    price_of_reform,
    rank_of_number,
    texts_to_amend,
)
from procsim.reference.schema import table

ON = dt.date(2026, 1, 15)


def test_each_rank_of_the_schema_has_a_lead_time_and_a_price_or_none_is_meant():
    for rank in table("legal_bases")["rank"].categories:
        known = rank in ROUTE_RANKS
        assert math.isnan(lead_months(rank)) is not known
        assert math.isnan(price_of_rank(rank)) is not known


def test_every_value_of_the_route_is_an_assumption_that_can_be_edited():
    p = parameters()
    names = [n for n in p if n.startswith(("lead_months_", "price_database_"))]
    names += [f"price_{rank}" for rank in ROUTE_RANKS]
    assert len(names) == 8 + 2 + 8
    assert {p.mark(name) for name in names} == {"giả định"}
    own = parameters(lead_months_thong_tu=9, price_luat=150, price_database_connect=1)
    assert lead_months("thong_tu", own) == 9
    assert price_of_rank("luat", own) == 150
    assert price_of_database("csdl_dan_cu", own) == 1
    assert price_of_reform(parameters(price_reform=0.1)) == 0.1
    assert parameters().mark("price_reform") == "giả định"
    assert own.mark("price_luat") == "nhập"


def test_a_higher_text_costs_more():
    order = ["luat", "phap_lenh", "nghi_dinh", "quyet_dinh_ttg", "thong_tu", "quyet_dinh_bo_truong"]
    prices = [price_of_rank(rank) for rank in order]
    assert prices == sorted(prices, reverse=True)
    assert prices == [100, 60, 30, 20, 10, 8]


def test_a_word_that_is_no_rank_is_refused():
    with pytest.raises(UnknownName, match="nghị định"):
        lead_months("nghị định")


def test_only_a_database_in_use_is_merely_connected():
    p = parameters()
    for name, row in databases().iterrows():
        price = "connect" if row["status"] == "in_use" else "build"
        assert price_of_database(str(name)) == p[f"price_database_{price}"]


def test_the_date_of_publication_comes_first_then_the_deadline_then_use():
    civil = database_ready_on("csdl_ho_tich", ON)
    assert (civil.date, civil.basis, civil.mark) == (dt.date(2025, 12, 10), "published", "luật")
    land = database_ready_on("csdl_dat_dai", ON)
    assert (land.date, land.basis, land.mark) == (dt.date(2025, 12, 31), "deadline", "luật")
    assert "đã qua" in land.reason.vi
    assert "đã qua" not in database_ready_on("csdl_dat_dai", dt.date(2025, 6, 1)).reason.vi
    assert database_ready_on("vneid", ON).date == ON
    customs = database_ready_on("csdl_hai_quan", ON)
    assert customs.date is None
    assert customs.reason.vi
    assert customs.reason.en


def test_an_unknown_database_is_answered_with_close_names():
    with pytest.raises(UnknownName, match="csdl_dan_cu"):
        database_ready_on("csdl_dan_cư", ON)
    with pytest.raises(UnknownName, match="csdl_thue"):
        price_of_database("csdl_thu")


def test_every_database_has_a_date_or_a_reason():
    for name in databases().index:
        found = database_ready_on(name, ON)
        assert found.date or found.reason.vi
        assert found.source


@pytest.mark.parametrize(
    ("day", "months", "made"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2027, 12, 31), 2, dt.date(2028, 2, 29)),
        (dt.date(2026, 11, 15), 12, dt.date(2027, 11, 15)),
        (dt.date(2026, 5, 1), 0, dt.date(2026, 5, 1)),
        (dt.date(2026, 1, 1), 0.5, dt.date(2026, 1, 16)),
    ],
)
def test_months_are_added_by_the_calendar(day: dt.date, months: float, made: dt.date):
    assert add_months(day, months) == made


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.floats(0, 60), st.floats(0, 60))
def test_more_months_never_end_earlier(day: dt.date, one: float, other: float):
    low, high = sorted((one, other))
    # A part of a month is counted in days of a mean month, so it may overshoot a short one.
    assert add_months(day, low) <= add_months(day, high) + dt.timedelta(days=3)
    assert add_months(day, low) >= day


def test_the_rank_of_a_number_agrees_with_annex_three():
    texts = legal_texts()
    assert all(rank_of_number(number) == rank for number, rank in texts["rank"].items())
    assert rank_of_number("01/2020/UBTVQH14") == "phap_lenh"
    assert rank_of_number("1/2030/TT-BTC") == "thong_tu"
    assert rank_of_number("15/2030/QĐ-TTg") == "quyet_dinh_ttg"
    assert rank_of_number("15/2030/QĐ-BTP") == "quyet_dinh_bo_truong"


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        (["83/2014/NĐ-CP", "95/2021/NĐ-CP"], ["83/2014/NĐ-CP"]),
        (["87/2018/NĐ-CP", "146/2025/NĐ-CP"], ["87/2018/NĐ-CP", "146/2025/NĐ-CP"]),
        (["27/2019/NĐ-CP", "136/2021/NĐ-CP", "22/2023/NĐ-CP"], ["27/2019/NĐ-CP"]),
        (["55/2010/QH12", "17/2025/TT-BNNMT"], ["55/2010/QH12", "17/2025/TT-BNNMT"]),
        (["12/2015/TT-BTC", "22/2019/TT-BTC"], ["12/2015/TT-BTC"]),
        ([RESOLUTION_NUMBER], []),
        ([], []),
    ],
)
def test_amendments_of_a_text_are_not_amended_themselves(numbers: list[str], texts: list[str]):
    assert [number for number, _ in texts_to_amend(numbers)] == texts


def test_a_number_without_a_form_takes_the_rank_of_its_reform():
    assert texts_to_amend(["văn bản X"], "other") == (("văn bản X", "other"),)


def test_the_annexes_name_no_row_without_a_text_to_amend():
    for numbers in resolution_66_7()["legal_numbers"]:
        found = texts_to_amend(numbers.split(";"))
        assert found
        assert all(rank in ROUTE_RANKS for _, rank in found)
