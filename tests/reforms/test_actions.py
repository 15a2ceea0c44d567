"""Reforms as values: validation, the six clarities, sentences."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from procsim.errors import InvalidValue
from procsim.reforms import (
    KINDS,
    AbolishProcedure,
    AcceptCopy,
    CutFee,
    DropRequirement,
    ReplaceByData,
    ShortenLimit,
)

EXAMPLES = [
    ReplaceByData("1.000001/c1/r1", ("can_cuoc",), ("csdl_dan_cu",), coverage=0.9),
    DropRequirement("1.000001/c1/r1"),
    AcceptCopy("1.000001/c1/r1"),
    ShortenLimit("1.000001", days=5),
    ShortenLimit("1.000001", percent=12.5, channel="1.000001/k1"),
    CutFee("1.000001", amount_vnd=0, channel_method="online"),
    CutFee("1.000001", "1.000001/f1", percent=50),
    AbolishProcedure("1.000001"),
]


def codes(error: pytest.ExceptionInfo[InvalidValue]) -> list[str]:
    return [fault.code for fault in error.value.faults]


@pytest.mark.parametrize("reform", EXAMPLES, ids=lambda r: type(r).__name__)
def test_every_kind_says_in_two_languages_what_changes(reform):
    sentence = reform.describe()
    for text in sentence:
        assert text.endswith(".")
        assert reform.target in text
    assert sentence.vi != sentence.en
    assert all(reform.title)
    assert KINDS[reform.kind] is type(reform)


def test_sentences_use_the_legal_terms():
    assert (
        ShortenLimit("1.000001", days=5).describe().vi
        == "Rút ngắn thời hạn giải quyết của thủ tục 1.000001 xuống còn 5 ngày làm việc."
    )
    assert (
        CutFee("1.000001", percent=12.5).describe().vi
        == "Giảm phí, lệ phí của thủ tục 1.000001 12,5 %."
    )
    data = ReplaceByData("1.000001/c1/r1", ["giay_khai_sinh"], ["csdl_ho_tich"]).describe()
    assert "thành phần hồ sơ" in data.vi
    assert "khai sinh" in data.vi
    assert "hộ tịch điện tử" in data.vi
    assert "Birth certificate" in data.en


@pytest.mark.parametrize("percent", [-5, 0, 100.5, float("nan"), float("inf"), "30", True])
def test_reductions_outside_0_to_100_percent_are_refused(percent):
    with pytest.raises(InvalidValue) as error:
        ShortenLimit("1.000001", percent=percent)
    assert codes(error) == ["reform.percent"]
    assert "lớn hơn 0 đến 100" in str(error.value)
    assert "greater than 0 to 100" in error.value.in_language("en")
    with pytest.raises(InvalidValue):
        CutFee("1.000001", percent=percent)


def test_negative_limits_and_fees_are_refused():
    with pytest.raises(InvalidValue, match="từ 0 trở lên"):
        ShortenLimit("1.000001", days=-1)
    with pytest.raises(InvalidValue, match="từ 0 trở lên"):
        CutFee("1.000001", amount_vnd=-1000)


def test_coverage_is_a_share():
    with pytest.raises(InvalidValue) as error:
        ReplaceByData("r", ("can_cuoc",), ("csdl_dan_cu",), coverage=90)
    assert codes(error) == ["reform.coverage"]
    assert error.value.faults[0].value == "90"


def test_days_or_percent_but_not_both_nor_none():
    for given in ({}, {"days": 5, "percent": 50}):
        with pytest.raises(InvalidValue) as error:
            ShortenLimit("1.000001", **given)
        assert codes(error) == ["reform.days_or_percent"]
    with pytest.raises(InvalidValue, match="đúng một trong hai"):
        CutFee("1.000001")


def test_all_faults_of_a_reform_come_at_once():
    with pytest.raises(InvalidValue) as error:
        ReplaceByData("", (), (), coverage=-1, rank="lụt", due="mai", coverage_mark="đoán")
    assert codes(error) == [
        "reform.no_target",
        "reform.due",
        "reform.rank",
        "reform.document_types",
        "reform.databases",
        "reform.coverage",
        "reform.coverage_mark",
    ]


def test_unknown_units_and_channels_list_what_is_accepted():
    with pytest.raises(InvalidValue, match="working_day, day, hour"):
        ShortenLimit("1.000001", days=5, unit="tuần")
    with pytest.raises(InvalidValue, match="counter, post, online"):
        CutFee("1.000001", amount_vnd=0, channel_method="fax")


def test_text_fields_take_text_only():
    with pytest.raises(InvalidValue) as error:
        DropRequirement("1.000001/c1/r1", legal_text=13, legal_numbers=[2025])
    assert codes(error) == ["reform.text", "reform.text"]


def test_lists_and_iso_dates_become_tuples_and_dates():
    reform = ReplaceByData(
        "r", ["can_cuoc", "ho_chieu"], "csdl_dan_cu; csdl_ho_chieu", due="2027-03-01"
    )
    assert reform.document_types == ("can_cuoc", "ho_chieu")
    assert reform.databases == ("csdl_dan_cu", "csdl_ho_chieu")
    assert reform.due == date(2027, 3, 1)


def test_a_reform_is_a_frozen_value():
    reform = DropRequirement("1.000001/c1/r1")
    with pytest.raises(FrozenInstanceError):
        reform.requirement = "x"
    assert reform == DropRequirement("1.000001/c1/r1")
    assert len({reform, DropRequirement("1.000001/c1/r1")}) == 1


def test_missing_clarities_are_listed_but_allowed():
    bare = AbolishProcedure("1.000001")
    assert [c.name for c in bare.missing_clarities()] == [
        "person",
        "time",
        "responsibility",
        "product",
        "authority",
    ]
    assert bare.missing_clarities()[0].label.vi == "Rõ người"
    full = AbolishProcedure(
        "1.000001",
        owner="Cục A",
        lead="Bộ B",
        due=date(2027, 3, 1),
        product="Nghị định sửa đổi",
        signer="Chính phủ",
    )
    assert full.missing_clarities() == ()
