"""Reforms as values: validation, the six clarities, sentences."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from datetime import date

import pytest

from procsim.errors import InvalidValue
from procsim.model.portfolio import TABLES
from procsim.reforms import (
    KINDS,
    AbolishProcedure,
    AcceptCopy,
    CutCondition,
    CutFee,
    Decentralise,
    DropRequirement,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
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
    MergeRequirements("1.000001/c1/r1", ("1.000001/c1/r2",)),
    SelfDeclare("1.000001"),
    SelfDeclare("1.000001", ("1.000001/c1/r2",), days=3),
    DropStep("1.000001/s1"),
    MergeSteps("1.000001/s1", ("1.000001/s2",), days=3),
    ParallelSteps("1.000001/s1", ("1.000001/s2",)),
    ShortenStep("1.000001/s1", days=1),
    ShortenStep("1.000001/s1", percent=20),
    MoveOnline("1.000001"),
    MoveOnline("1.000001", "partial", share=0.6),
    FreeFromBoundaries("1.000001"),
    Decentralise("1.000001", "province", "Sở Tư pháp"),
    ExtendValidity("1.000001", times_per_year=0.2),
    ExtendValidity("1.000001", percent=50),
    CutCondition("1.000001/d1"),
    SimplifyCondition("1.000001/d1"),
    SimplifyCondition("1.000001/d1", "Có ít nhất\n1 kỹ sư."),
    MergeProcedures("1.000001", ("1.000002",), 300),
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


def test_every_kind_has_an_example_a_title_of_its_own_and_known_tables():
    assert {type(reform) for reform in EXAMPLES} == set(KINDS.values())
    assert len({made.title for made in KINDS.values()}) == len(KINDS)
    for made in KINDS.values():
        names = {field.name for field in fields(made)}
        assert next(iter(made.refers)) == made.target_field
        assert set(made.refers) <= names
        assert set(made.refers.values()) <= set(TABLES)


def test_a_reform_knows_every_procedure_that_it_touches():
    assert DropStep("1.000001/s1").procedure_ids == ("1.000001",)
    merge = MergeProcedures("1.000001", ["1.000002", "1.000003"])
    assert merge.procedure_ids == ("1.000001", "1.000002", "1.000003")
    assert merge.procedure_id == "1.000001"


@pytest.mark.parametrize("made", [MergeRequirements, MergeSteps, ParallelSteps, MergeProcedures])
@pytest.mark.parametrize("others", [(), ("a",), ("b", "b"), ("b", "a")])
def test_what_goes_together_is_named_once_and_is_not_the_one_kept(made, others):
    with pytest.raises(InvalidValue) as error:
        made("a", others)
    assert len(error.value.faults) == 1
    assert "ít nhất một mã khác" in error.value.faults[0].message.vi
    assert made("a", ("b", "c")).target == "a"


def test_levels_and_shares_are_checked():
    with pytest.raises(InvalidValue, match="full, partial"):
        MoveOnline("1.000001", "none")
    with pytest.raises(InvalidValue, match="từ 0 đến 1"):
        MoveOnline("1.000001", share=60)
    with pytest.raises(InvalidValue, match="province, commune"):
        Decentralise("1.000001", "central")
    with pytest.raises(InvalidValue, match="đúng một trong hai"):
        ExtendValidity("1.000001")
    with pytest.raises(InvalidValue) as error:
        MergeSteps("a", (), days=-1)
    assert codes(error) == ["reform.merged", "reform.days"]


def test_sentences_of_the_new_kinds_read_as_an_officer_writes():
    assert (
        Decentralise("1.000001", "province", "Sở Tư pháp").describe().vi
        == "Phân cấp thẩm quyền giải quyết thủ tục 1.000001 cho cấp tỉnh (Sở Tư pháp)."
    )
    assert (
        MoveOnline("1.000001", share=0.6).describe().vi
        == "Cung cấp dịch vụ công trực tuyến toàn trình đối với thủ tục 1.000001, tỷ lệ hồ sơ "
        "nộp trực tuyến 60 %."
    )
    assert (
        SimplifyCondition("1.000001/d1", "Có ít nhất\n1 kỹ sư.").describe().vi
        == "Đơn giản hóa yêu cầu, điều kiện 1.000001/d1 thành “Có ít nhất 1 kỹ sư.”."
    )
    assert (
        ExtendValidity("1.000001", times_per_year=0.2).describe().en
        == "Extend the validity of the result of procedure 1.000001: the times it is done "
        "fall to 0.2 a year."
    )


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
