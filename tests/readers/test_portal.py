"""Records of the portal: each becomes a procedure or a fault that names it, nothing is guessed."""

from __future__ import annotations

import copy
import gzip
import json
import math
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.cli import main
from procsim.errors import Fault, UnreadableInput
from procsim.marking import mark
from procsim.measures import measure
from procsim.model import Portfolio, accept_proposals, check
from procsim.network.links import links
from procsim.readers import read, write_folder, write_workbook
from procsim.readers.portal import read_portal
from tests.cli.records import DEATH, LICENCE, RECORDS, RESIDENCE, changed, write_json, write_lines
from tests.shared import SHARED, needs_shared


def taken(tmp_path: Path, *records: object) -> Portfolio:
    return read(write_json(tmp_path / "a.json", list(records)))


def codes(portfolio: Portfolio) -> list[str]:
    return [fault.code for fault in portfolio.faults]


def only(portfolio: Portfolio, code: str) -> Fault:
    (fault,) = [fault for fault in portfolio.faults if fault.code == code]
    assert fault.message.vi
    assert fault.message.en
    return fault


def refused(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(UnreadableInput) as caught:
        read(path)
    for fault in caught.value.faults:
        assert fault.message.vi
        assert fault.message.en
        assert fault.cure.vi
    return caught.value.faults


# a sound record ---------------------------------------------------------------------------


def test_a_record_becomes_a_procedure_with_all_its_rows(tmp_path):
    portfolio = taken(tmp_path, RESIDENCE)
    assert portfolio.faults == ()
    row = portfolio.procedures.loc["1.004222"]
    assert (row["code"], row["code_written"], row["ministry"]) == ("1.004222", "", "Bộ Công an")
    assert (row["levels"], row["audience"], row["online"]) == ("commune", "citizen", "full")
    assert (row["boundary_free"], row["status"], row["decision"]) == ("no", "active", "1/QĐ-T")
    assert math.isnan(row["times_per_year"])
    channels = portfolio.channels
    assert channels["method"].tolist() == ["counter", "online"]
    assert channels["limit_value"].tolist() == [7, 7]
    assert set(channels["limit_unit"]) == {"working_day"}
    assert set(channels["limit_mark"]) == {"công bố"}
    assert portfolio.fees["amount_vnd"].tolist() == [20_000, 10_000]
    assert portfolio.fees.index.tolist() == ["1.004222/k1/f1", "1.004222/k2/f1"]
    assert portfolio.requirements.index.tolist() == [f"1.004222/c1/r{n}" for n in (1, 2, 3)]
    assert portfolio.requirements["originals"].tolist() == [1, 0, 0]
    assert portfolio.requirements["copies"].tolist() == [0, 1, 1]
    assert portfolio.steps["actor"].tolist() == ["applicant", "office", "office"]
    days = portfolio.steps["days"].tolist()
    assert days[1] == 2
    assert math.isnan(days[0])
    assert math.isnan(days[2])
    assert portfolio.flow[["before", "after"]].to_numpy().tolist() == [
        ["1.004222/s1", "1.004222/s2"],
        ["1.004222/s2", "1.004222/s3"],
    ]
    assert portfolio.conditions["text"].tolist() == ["1. Có chỗ ở hợp pháp.", "2. Chủ hộ đồng ý."]
    assert portfolio.legal_bases["number"].tolist() == ["68/2020/QH14"]
    assert portfolio.results["code"].tolist() == ["KQ.T1"]


def test_the_day_of_the_decision_is_that_of_vietnam(tmp_path):
    # 1740416400000 ms is 24 February 2025, 17:00 UTC: in Hanoi already the 25th.
    assert taken(tmp_path, RESIDENCE).procedures["decision_date"].tolist() == ["2025-02-25"]


@pytest.mark.parametrize("written", ["31/02/2025", -5, True, [2025], "hôm qua", 1e300])
def test_a_day_that_cannot_be_is_told_and_left_out(tmp_path, written):
    record = changed(procedureProposal={"proposalNumber": "2/QĐ", "decisionDate": written})
    portfolio = taken(tmp_path, record)
    assert portfolio.procedures["decision_date"].tolist() == [""]
    assert portfolio.procedures["decision"].tolist() == ["2/QĐ"]
    (fault,) = portfolio.faults
    assert fault.code.startswith("date.")
    assert fault.place.endswith("procedureProposal.decisionDate")


@pytest.mark.parametrize("proposal", [None, {}, {"decisionDate": None}, {"decisionDate": ""}])
def test_a_decision_that_is_absent_is_no_fault(tmp_path, proposal):
    portfolio = taken(tmp_path, changed(procedureProposal=proposal))
    assert portfolio.procedures["decision_date"].tolist() == [""]
    assert portfolio.faults == ()


@pytest.mark.parametrize(
    ("full", "methods", "online"),
    [
        (True, ("DIRECT", "ONLINE"), "full"),
        (False, ("DIRECT", "ONLINE"), "partial"),
        (None, ("DIRECT", "ONLINE"), "unknown"),
        (True, ("DIRECT",), "none"),
        (None, (), "unknown"),
    ],
)
def test_online_level_needs_the_flag_and_the_channel(tmp_path, full, methods, online):
    ways = [{"submissionMethod": method, "processingTime": 7} for method in methods]
    portfolio = taken(tmp_path, changed(isFullProcess=full, executionMethods=ways))
    assert portfolio.procedures["online"].tolist() == [online]


@pytest.mark.parametrize(("flag", "word"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_freedom_from_boundaries(tmp_path, flag, word):
    portfolio = taken(tmp_path, changed(isNonTerritorial=flag))
    assert portfolio.procedures["boundary_free"].tolist() == [word]


def test_a_flag_of_another_type_is_told_and_unknown(tmp_path):
    portfolio = taken(tmp_path, changed(isNonTerritorial="true", isWard=1))
    assert portfolio.procedures["boundary_free"].tolist() == ["unknown"]
    assert portfolio.procedures["levels"].tolist() == [""]
    assert codes(portfolio) == ["portal.type", "portal.type"]
    assert "true hoặc false" in portfolio.faults[0].message.vi


@pytest.mark.parametrize(
    ("state", "status", "faults"),
    [
        ("ACTIVE", "active", []),
        ("", "active", []),
        (None, "active", []),
        ("INACTIVE", "abolished", []),
        ("DRAFT", "active", ["portal.state"]),
    ],
)
def test_only_a_known_state_abolishes(tmp_path, state, status, faults):
    portfolio = taken(tmp_path, changed(state=state))
    assert portfolio.procedures["status"].tolist() == [status]
    assert codes(portfolio) == faults


def test_a_semicolon_in_a_name_does_not_make_two(tmp_path):
    portfolio = taken(tmp_path, LICENCE, RESIDENCE)
    assert portfolio.procedures["field"].tolist()[0] == "Lĩnh vực A, phần hai"
    assert portfolio.requirements["form_files"].tolist()[0] == "CT01,2025.docx"
    record = changed(categoriesDetails=[{"name": "A;B"}, {"name": "C"}, {"name": "C"}, {}])
    assert taken(tmp_path, record).procedures["field"].tolist() == ["A,B;C"]


def test_several_attached_files_are_a_list(tmp_path):
    record = copy.deepcopy(DEATH)
    record["executionCases"][0]["profileComponents"][0]["attachments"] = [
        {"fileName": "a.doc"},
        {"fileName": "b;c.doc"},
    ]
    portfolio = taken(tmp_path, record)
    assert portfolio.requirements["form_files"].tolist() == ["a.doc;b,c.doc", "", ""]


@pytest.mark.parametrize(
    ("names", "audience"),
    [
        (["Công dân Việt Nam"], "citizen"),
        (["Doanh nghiệp", "Hợp tác xã"], "business"),
        (["Công dân Việt Nam", "Doanh nghiệp"], "both"),
        (["Tổ chức (không bao gồm doanh nghiệp, HTX)"], "organisation"),
        (["Cán bộ, công chức, viên chức"], "state"),
        ([], "unknown"),
    ],
)
def test_audience(tmp_path, names, audience):
    record = changed(subjectTypesDetails=[{"name": name} for name in names])
    assert taken(tmp_path, record).procedures["audience"].tolist() == [audience]


# codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code", "flag"),
    [
        ("1,004222", "1.004222", "code.comma"),
        ("1.01385", "1.013850", "code.zeros_restored"),
        (1.01385, "1.013850", "code.zeros_restored"),
        (" 1.004222\u200b", "1.004222", ""),
        ("TT-05", "TT-05", "code.unrepairable"),
    ],
)
def test_codes_are_repaired_and_told(tmp_path, written, code, flag):
    portfolio = taken(tmp_path, changed(code=written))
    assert portfolio.procedures["code"].tolist() == [code]
    assert codes(portfolio) == ([flag] if flag else [])
    if flag:
        assert portfolio.procedures["code_written"].tolist() == [str(written).strip()]


def test_a_code_that_comes_again_gets_a_number(tmp_path):
    twice = [changed(name=f"Lần {n}") for n in (1, 2, 3)]
    portfolio = taken(tmp_path, *twice, changed(code="1.004222#2"))
    assert portfolio.procedures.index.tolist()[:3] == ["1.004222", "1.004222#2", "1.004222#3"]
    assert portfolio.procedures.index.is_unique
    assert portfolio.requirements.index.is_unique
    assert "1.004222#2/c1/r1" in portfolio.requirements.index
    notes = [fault for fault in check(portfolio) if fault.code == "model.code_shared"]
    assert [fault.severity for fault in notes] == ["note"] * 3


def test_a_code_written_like_a_repeated_one_takes_nobodys_place(tmp_path):
    records = [changed(code="x#2"), changed(code="x"), changed(code="x"), changed(code="x#2")]
    assert taken(tmp_path, *records).procedures.index.is_unique


# what a record lacks ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (changed(code=None), "code"),
        (changed(name="  "), "name"),
        (changed(name=["Tên"]), "name"),
        ({"executionCases": []}, "code, name"),
        ({}, "code, name"),
        ([], "code, name"),
        ("1.004222", "code, name"),
        (None, "code, name"),
        (7, "code, name"),
    ],
)
def test_a_record_without_code_or_name_is_named(tmp_path, record, value):
    portfolio = taken(tmp_path, RESIDENCE, record)
    assert len(portfolio) == 1
    fault = only(portfolio, "portal.not_a_record")
    assert (fault.severity, fault.value) == ("error", value)
    assert fault.place.startswith("a.json › bản ghi 2")
    assert "thiếu trường bắt buộc" in fault.message.vi


def test_a_record_without_a_name_is_named_by_its_code(tmp_path):
    fault = only(taken(tmp_path, RESIDENCE, changed(name="")), "portal.not_a_record")
    assert fault.place == "a.json › bản ghi 2 (1.004222)"


def test_a_requirement_without_a_name_is_left_out_and_told(tmp_path):
    record = copy.deepcopy(DEATH)
    record["executionCases"][0]["profileComponents"][1]["name"] = " "
    portfolio = taken(tmp_path, record)
    assert portfolio.requirements.index.tolist() == ["1.000656/c1/r1", "1.000656/c1/r3"]
    fault = only(portfolio, "portal.no_name")
    assert fault.place.endswith("executionCases[1].profileComponents[2]")


@pytest.mark.parametrize("amount", [-1, 0.5, "2", True, 1001, [1]])
def test_a_number_of_copies_that_is_none_is_told(tmp_path, amount):
    record = copy.deepcopy(DEATH)
    record["executionCases"][0]["profileComponents"][0]["copyQty"] = amount
    portfolio = taken(tmp_path, record)
    assert portfolio.requirements["copies"].tolist() == [0, 0, 1]
    fault = only(portfolio, "portal.type")
    assert fault.place.endswith("profileComponents[1].copyQty")
    assert "số từ 0 đến 1000" in fault.message.vi


@pytest.mark.parametrize(
    ("field", "accepted"),
    [
        ("executionMethods", "một danh sách"),
        ("executionCases", "một danh sách"),
        ("executionSteps", "một danh sách"),
        ("legalBasisesDetails", "một danh sách"),
        ("resultsDetails", "một danh sách"),
        ("categoriesDetails", "một danh sách"),
        ("subjectTypesDetails", "một danh sách"),
        ("requirementsAndConditions", "văn bản"),
        ("departmentPromulgateName", "văn bản"),
        ("state", "văn bản"),
        ("procedureProposal", "một mục"),
    ],
)
def test_a_field_of_another_type_is_named_and_the_rest_is_read(tmp_path, field, accepted):
    value: object = {"a": 1} if accepted != "một mục" else [1]
    portfolio = taken(tmp_path, changed(**{field: value}))
    assert len(portfolio) == 1
    fault = only(portfolio, "portal.type")
    assert fault.place == f"a.json › bản ghi 1 (1.004222) › {field}"
    assert f"phải là {accepted}." in fault.message.vi


def test_entries_that_are_no_objects_are_named_one_by_one(tmp_path):
    record = changed(resultsDetails=["x", {"name": "Giấy phép"}, 3])
    portfolio = taken(tmp_path, record)
    assert portfolio.results["name"].tolist() == ["Giấy phép"]
    assert [fault.place.split(" › ")[-1] for fault in portfolio.faults] == [
        "resultsDetails[1]",
        "resultsDetails[3]",
    ]


# limits and fees --------------------------------------------------------------------------


def test_channels_that_differ_are_noted(tmp_path):
    record = copy.deepcopy(RESIDENCE)
    record["executionMethods"][1]["processingTime"] = 5
    portfolio = taken(tmp_path, record)
    fault = only(portfolio, "limit.channels_differ")
    assert (fault.severity, fault.value) == ("note", "5 ngày làm việc; 7 ngày làm việc")
    assert "lấy thời hạn dài nhất" in fault.message.vi
    assert portfolio.channels["limit_value"].tolist() == [7, 5]


def test_cases_that_contradict_the_channels_are_told(tmp_path):
    days = {"qty": 7, "type": "DAY"}
    same = {"qty": 7, "type": "WORKING_DAY"}
    cases = [{"processingDay": same}, {"processingDay": days}, {"processingDay": None}, {}]
    portfolio = taken(tmp_path, changed(cases=cases))
    fault = only(portfolio, "limit.cases_differ")
    assert fault.place.endswith("cases[2].processingDay")
    assert (fault.value, fault.severity) == ("7 ngày", "warning")
    assert portfolio.channels["limit_value"].tolist() == [7, 7]


def test_a_text_that_states_another_limit_is_told(tmp_path):
    record = copy.deepcopy(RESIDENCE)
    record["executionMethods"][0]["description"] = "Giải quyết trong thời hạn 30 ngày làm việc."
    portfolio = taken(tmp_path, record)
    (fault,) = portfolio.faults
    assert fault.code.startswith("limit.")
    assert (fault.severity, "30 ngày làm việc" in fault.in_language("vi")) == ("warning", True)
    assert portfolio.channels["limit_value"].tolist() == [7, 7]


@pytest.mark.parametrize(
    ("time", "unit", "value", "found", "flag", "proposed"),
    [
        (15, "OTHER", None, "", "limit.bare_number", 15),
        (24, "HOUR", 24, "hour", "", None),
        (2, "MONTH", 2, "month", "", None),
        ("07 ngày làm việc", None, 7, "working_day", "", None),
        (None, "Không quy định", None, "", "limit.not_prescribed", None),
        (0, "DAY", None, "", "limit.not_positive", None),
        (-3, "DAY", None, "", "limit.not_positive", None),
        (None, None, None, "", "limit.missing", None),
    ],
)
def test_limits_are_a_value_or_a_reason(tmp_path, time, unit, value, found, flag, proposed):
    way = {"submissionMethod": "DIRECT", "processingTime": time, "processingTimeUnit": unit}
    portfolio = taken(tmp_path, changed(executionMethods=[way]))
    row = portfolio.channels.loc["1.004222/k1"]
    if value is None:
        assert math.isnan(row["limit_value"])
        assert row["limit_mark"] == ""
        (fault,) = portfolio.faults
        assert (fault.severity, fault.code) == ("error", row["limit_flag"])
        assert fault.proposal == ("" if proposed is None else f"{proposed:g}")
    else:
        assert (row["limit_value"], row["limit_unit"], row["limit_mark"]) == (
            *(value, found, "công bố"),
        )
    if proposed is None:
        assert math.isnan(row["limit_proposed"])
    else:
        assert row["limit_proposed"] == proposed
    if not (flag == "limit.not_prescribed" and row["limit_flag"].startswith("limit.")):
        assert row["limit_flag"] == flag


def test_a_limit_written_as_text_is_kept_as_written(tmp_path):
    way = {"submissionMethod": "DIRECT", "processingTime": "không quá 5 ngày\u00a0làm việc"}
    portfolio = taken(tmp_path, changed(executionMethods=[way]))
    assert portfolio.channels["limit_text"].tolist() == ["không quá 5 ngày làm việc"]


def test_a_thousandth_is_never_taken_for_the_fee(tmp_path):
    portfolio = taken(tmp_path, LICENCE)
    row = portfolio.fees.loc["9.999001/k1/f1"]
    assert math.isnan(row["amount_vnd"])
    assert (row["proposed_vnd"], row["flag"], row["mark"]) == (200_000, "fee.thousandth", "")
    assert row["amount_text"] == "200 Việt Nam Đồng"
    fault = only(portfolio, "fee.thousandth")
    assert "200.000 đồng" in fault.message.vi
    assert fault.proposal == "200000"


@pytest.mark.parametrize("value", [True, [200], {"vnd": 200}])
def test_an_amount_of_another_type_is_told_and_missing(tmp_path, value):
    record = copy.deepcopy(LICENCE)
    record["executionMethods"][0]["fees"] = [{"type": "FEE", "value": value}]
    portfolio = taken(tmp_path, record)
    assert portfolio.fees["amount_vnd"].isna().all()
    assert only(portfolio, "portal.type").place.endswith("executionMethods[1].fees[1].value")


def test_an_unknown_way_of_submitting_stays_unknown(tmp_path):
    ways = [{"submissionMethod": "PIGEON", "processingTime": 7, "processingTimeUnit": "DAY"}]
    portfolio = taken(tmp_path, changed(executionMethods=ways))
    assert portfolio.channels["method"].tolist() == ["unknown"]
    assert portfolio.channels["limit_value"].tolist() == [7]


# files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("mot.json", RESIDENCE, 1),
        ("nhieu.json", list(RECORDS), 4),
        ("boc.json", {"data": list(RECORDS), "total": 4}, 4),
        ("boc-mot.json", {"data": RESIDENCE}, 1),
        ("nen.json.gz", list(RECORDS), 4),
    ],
)
def test_documents(tmp_path, name, value, count):
    portfolio = read(write_json(tmp_path / name, value))
    assert (len(portfolio), portfolio.source) == (count, name)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.gz", "a.json.gz"])
def test_lines_are_known_by_their_content(tmp_path, name):
    portfolio = read(write_lines(tmp_path / name, RECORDS))
    assert len(portfolio) == 4
    assert portfolio.faults[0].place.startswith(f"{name} › dòng 3 (9.999001)")


def test_a_folder_of_files_is_read_in_order(tmp_path):
    write_lines(tmp_path / "b.jsonl", RECORDS[2:])
    write_json(tmp_path / "a.json", RECORDS[0])
    write_json(tmp_path / "A.JSON.GZ.txt", RECORDS[1])  # another ending: left alone
    portfolio = read(tmp_path)
    assert portfolio.procedures.index.tolist() == ["1.004222", "9.999001", "9.999002"]
    assert {fault.place.split(" › ")[0] for fault in portfolio.faults} == {
        "b.jsonl",
        "A.JSON.GZ.txt",
    }
    assert only(portfolio, "reader.left_out").severity == "note"


def test_bad_lines_are_named_and_good_ones_come(tmp_path):
    lines = [
        json.dumps(RESIDENCE, ensure_ascii=False),
        '{"code": "1.000001", "name": "x", "fee": NaN}',
        '{"code": "1.000002", "code": "1.000003", "name": "x"}',
        '{"code": ',
        "[]",
        "",
        json.dumps(DEATH, ensure_ascii=False),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    portfolio = read(path)
    assert portfolio.procedures.index.tolist() == ["1.004222", "1.000656"]
    told = {fault.place.split(" › ")[1]: fault.code for fault in portfolio.faults}
    assert told == {
        "dòng 2": "json.not_finite",
        "dòng 3": "json.duplicate_key",
        "dòng 4": "json.truncated",
        "dòng 5": "portal.not_a_record",
    }


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz"])
def test_a_packed_file_that_breaks_off_is_refused_whole(tmp_path, name):
    many = [changed(code=f"9.{n:06}", name=f"Thủ tục {n * 7919}") for n in range(300)]
    write = write_json if name == "a.json.gz" else write_lines
    path = write(tmp_path / name, many)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    (fault,) = refused(path)
    assert (fault.code, fault.place) == ("file.truncated", name)
    assert "bị cắt cụt hoặc hỏng" in fault.message.vi


@pytest.mark.parametrize("content", ["[]", '{"data": []}'])
def test_a_document_without_records_is_refused(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    (fault,) = refused(path)
    assert (fault.code, fault.message.vi) == ("portal.empty", "Không có bản ghi nào.")


def test_a_folder_without_records_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    assert refused(tmp_path)[0].code == "portal.empty"


def test_a_file_without_any_procedure_is_refused_with_what_it_holds(tmp_path):
    index = [{"id": "x", "ma_tthc": "1.004222", "ten_tthc": "Tên"}] * 30
    whole, *single = refused(write_json(tmp_path / "a.json", index))
    assert (whole.code, whole.value) == ("portal.no_procedure", "id, ma_tthc, ten_tthc")
    assert whole.message.vi == "Không bản ghi nào trong tệp thành thủ tục."
    assert "mục lục hoặc bảng đánh giá không đủ" in whole.cure.vi
    assert len(single) == 30
    assert single[29].place == "a.json › bản ghi 30 (id: x)"
    assert {fault.code for fault in single} == {"portal.not_a_record"}


def test_progress_counts_every_record(tmp_path):
    counts: list[int] = []
    read_portal(write_json(tmp_path / "a.json", [*RECORDS, {}]), counts.append)
    assert counts == [1, 2, 3, 4, 5]


# any value anywhere -----------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
WORDS = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=20),
    st.sampled_from(
        ["7 ngày", "Bước 1: x\nBước 1: y", "1.004222", "20.000đ", "a) x\n- y", "0", "\x00", "=1+1"]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("name", "code", "description", "submissionMethod", "processingTime"),
                    *("processingTimeUnit", "fees", "value", "type", "currencyName"),
                    *("profileComponents", "originalQty", "attachments", "fileName", "qty"),
                    *("processingDay", "decisionDate", "proposalNumber"),
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=6,
)
FIELDS = [*RESIDENCE, "cases"]


def paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Return the way to every value inside a record."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner if isinstance(value, dict | list) else ():
        found += paths(part, (*path, key)) if isinstance(part, dict | list) else [(*path, key)]
    return found


PATHS = paths({**RESIDENCE, "cases": [{"processingDay": {"qty": 7, "type": "DAY"}}]})


def holds(tmp: Path, records: list[object]) -> None:
    """Some records beside a sound one: each a procedure or a fault, and whole tables."""
    portfolio = read(write_json(tmp / "a.json", [DEATH, *records]))
    lost = [fault for fault in portfolio.faults if fault.code == "portal.not_a_record"]
    assert len(portfolio) + len(lost) == 1 + len(records)
    for frame in portfolio.tables.values():
        assert frame.index.is_unique
    assert not [f for f in check(portfolio) if f.code in {"model.dangling", "model.duplicate_id"}]
    for fault in portfolio.faults:
        assert fault.place
        assert fault.message.vi
        assert fault.message.en
        assert fault.severity in {"error", "warning", "note"}


CHANGES = st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@given(changes=CHANGES)
def test_any_value_in_any_place_harms_nothing(tmp_path_factory, changes):
    made = []
    for path, value in changes:
        record = {
            **copy.deepcopy(RESIDENCE),
            "cases": [{"processingDay": {"qty": 7, "type": "DAY"}}],
        }
        spot = record
        for key in path[:-1]:
            spot = spot[key]
        spot[path[-1]] = value
        made.append(record)
    holds(tmp_path_factory.mktemp("any"), made)


@settings(max_examples=20, deadline=None)
@given(
    records=st.lists(
        st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8), min_size=1, max_size=8
    )
)
def test_any_record_harms_nothing(tmp_path_factory, records):
    holds(tmp_path_factory.mktemp("record"), records)


@settings(max_examples=40, deadline=None)
@given(value=VALUES)
def test_any_document_is_read_or_refused(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("document") / "a.json"
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    try:
        faults = read(path).faults
    except UnreadableInput as error:
        faults = error.faults
    assert all(fault.place and fault.message.vi and fault.message.en for fault in faults)


# the real records -------------------------------------------------------------------------


TOOK: list[float] = []


@pytest.fixture(scope="module")
def real() -> Portfolio:
    begun = time.process_time()
    portfolio = read(SHARED / "portal" / "procedures.jsonl.gz")
    TOOK.append(time.process_time() - begun)
    return portfolio


@needs_shared
def test_the_real_records_are_read_in_five_seconds(real):
    # Time of the processor, because other programs may share the machine.
    assert TOOK[0] <= 5.0


@needs_shared
def test_every_real_record_is_a_procedure(real):
    assert (len(real), len(real.requirements), len(real.channels)) == (1_836, 11_059, 4_884)
    assert {fault.code.split(".")[0] for fault in real.faults} == {"fee", "limit"}
    assert not [f for f in check(real) if f.code in {"model.dangling", "model.duplicate_id"}]


@needs_shared
def test_limits_that_state_number_and_unit_are_parsed(real):
    """The bound of the issue, counted on the records themselves and not on our reading."""
    stated = parsed = 0
    values = real.channels["limit_value"].to_dict()
    with gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            record = json.loads(line)
            for number, way in enumerate(record["executionMethods"], start=1):
                unit = str(way.get("processingTimeUnit") or "")
                time = way.get("processingTime")
                known = unit in {"WORKING_DAY", "DAY", "HOUR", "MONTH", "YEAR"}
                if (known and time) or re.search(r"\d+ (?:ngày|giờ|tháng)", unit):
                    stated += 1
                    parsed += not math.isnan(values[f"{record['code']}/k{number}"])
    assert stated > 3_500
    assert parsed / stated >= 0.97


@needs_shared
def test_every_limit_and_amount_is_a_value_or_a_reason(real):
    unread = real.channels[real.channels["limit_value"].isna()]
    assert (unread["limit_flag"] != "").all()
    unread = real.fees[real.fees["amount_vnd"].isna()]
    assert (unread["flag"] != "").all()


@needs_shared
def test_answers_of_the_api_are_read(tmp_path):
    folder = SHARED / "portal" / "api"
    portfolio = read(folder / "detail_3.000344.json")
    assert (len(portfolio), len(portfolio.requirements)) == (1, 3)
    assert portfolio.procedures["decision_date"].tolist() == ["2025-02-25"]
    assert portfolio.procedures["online"].tolist() == ["partial"]
    assert portfolio.procedures["boundary_free"].tolist() == ["no"]
    assert codes(portfolio).count("fee.thousandth") == 3
    assert only(portfolio, "limit.cases_differ").value == "7 ngày"
    excerpts = read(folder / "detail_excerpts.json")
    assert excerpts.procedures.index.tolist() == ["1.010038"]
    assert excerpts.fees["amount_vnd"].tolist() == [10_000, 0, 5_000, 0]
    assert codes(excerpts).count("portal.not_a_record") == 4


@needs_shared
@pytest.mark.parametrize(
    ("name", "key"),
    [("index_excerpt.json", "ma_tthc"), ("eval766_provinces_excerpt.json", "provinces")],
)
def test_answers_that_hold_no_procedure_are_refused(name, key):
    whole = refused(SHARED / "portal" / "api" / name)[0]
    assert whole.code == "portal.no_procedure"
    assert key in whole.value


# limits that stand only beside the field -----------------------------------------------------


def way(text: str, **fields: object) -> dict[str, object]:
    return {
        "submissionMethod": "DIRECT",
        "processingTime": None,
        "processingTimeUnit": "Không có thông tin",
        "description": text,
        "fees": [],
        **fields,
    }


@pytest.mark.parametrize(
    ("text", "fields", "days", "unit"),
    [
        ("15 ngày làm việc kể từ ngày nhận được hồ sơ đầy đủ", {}, 15, "working_day"),
        ("Trong thời hạn 30 (ba mươi) ngày, kể từ ngày nhận đủ hồ sơ", {}, 30, "day"),
        ("Nộp tại Bộ phận Một cửa.\nThời hạn giải quyết: 24 giờ", {}, 24, "hour"),
        ("Không quá 07 ngày", {"processingTimeUnit": "OTHER"}, 7, "day"),
        ("10 ngày làm việc", {"processingTime": 0, "processingTimeUnit": "DAY"}, 10, "working_day"),
        ("10 ngày làm việc", {"processingTimeUnit": "Không quy định"}, 10, "working_day"),
        # a month is 22 working days, a day 5/7 of one (parameters.yaml)
        ("02 tháng và 15 ngày làm việc, trong đó: a) 02 tháng; b) 15 ngày làm việc", {}, 59,
         "working_day"),
        ("01 tháng 14 ngày kể từ ngày nhận hồ sơ", {}, 32, "working_day"),
        ("05 ngày làm việc và 21 ngày", {}, 20, "working_day"),
        ("20 ngày làm việc, trong đó: Sở 12 ngày làm việc; Ủy ban 8 ngày làm việc", {}, 20,
         "working_day"),
        ("Sổ có giá trị 6 tháng. Thời hạn giải quyết: 03 ngày làm việc", {}, 3, "working_day"),
        ("Công dân nộp trong 60 ngày kể từ ngày sinh; giải quyết trong 05 ngày", {}, 5, "day"),
    ],
)  # fmt: skip
def test_a_limit_of_the_description_alone_is_proposed(tmp_path, text, fields, days, unit):
    portfolio = taken(tmp_path, changed(executionMethods=[way(text, **fields)]))
    channel = portfolio.channels.iloc[0]
    assert math.isnan(channel["limit_value"])
    assert (channel["limit_flag"], channel["limit_unit"]) == ("limit.only_in_text", unit)
    assert channel["limit_proposed"] == pytest.approx(days)
    fault = only(portfolio, "limit.only_in_text")
    assert fault.severity == "error"
    assert "1.004222" in fault.place
    accepted = accept_proposals(portfolio).channels.iloc[0]
    assert (accepted["limit_value"], accepted["limit_mark"]) == (pytest.approx(days), "nhập")


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("28 ngày làm việc (cấp mới), 02 ngày làm việc (cấp lại)", "limit.several_in_text"),
        ("Thẩm định: 02 ngày làm việc; trình ký: 33 ngày làm việc", "limit.several_in_text"),
        ("05 ngày làm việc và 07 ngày làm việc", "limit.several_in_text"),
        ("từ 5 đến 7 ngày", "limit.several_in_text"),
        ("Giấy phép có thời hạn 05 năm", "limit.no_information"),
        ("Thẻ có giá trị 06 tháng", "limit.no_information"),
        ("Gia hạn thêm 05 ngày", "limit.no_information"),
        ("Trong 03 ngày kiểm tra tính đầy đủ của hồ sơ", "limit.no_information"),
        ("Nộp trước ngày 31 tháng 12 hằng năm", "limit.no_information"),
    ],
)
def test_what_is_not_the_one_limit_is_never_proposed(tmp_path, text, flag):
    portfolio = taken(tmp_path, changed(executionMethods=[way(text)]))
    assert portfolio.channels["limit_flag"].tolist() == [flag]
    assert portfolio.channels["limit_proposed"].isna().all()
    assert only(portfolio, flag).severity == "error"


@pytest.mark.parametrize(
    ("limits", "flag", "proposed"),
    [
        ([{"qty": 5, "type": "WORKING_DAY"}], "limit.only_in_case", 5),
        ([{"qty": "5", "type": "WORKING_DAY"}] * 2, "limit.only_in_case", 5),
        ([{"qty": 5, "type": "DAY"}, {"qty": 9, "type": "DAY"}], "limit.no_information", None),
        ([{"qty": 5, "type": "OTHER"}], "limit.no_information", None),
        ([None, {}], "limit.no_information", None),
    ],
)  # fmt: skip
def test_a_limit_of_the_case_alone_is_proposed(tmp_path, limits, flag, proposed):
    cases = [{"code": f"1.004222.0{n}", "processingDay": day} for n, day in enumerate(limits)]
    portfolio = taken(tmp_path, changed(executionMethods=[way("")], cases=cases))
    assert portfolio.channels["limit_flag"].tolist() == [flag]
    found = portfolio.channels["limit_proposed"].iloc[0]
    assert found == proposed or (proposed is None and math.isnan(found))


@pytest.mark.parametrize("wrong", [7, "5 ngày", {"qty": [5]}, {"qty": True}])
def test_a_limit_of_a_case_of_another_type_is_told(tmp_path, wrong):
    portfolio = taken(tmp_path, changed(cases=[{"processingDay": wrong}]))
    assert only(portfolio, "portal.type").place.split(" › ")[2].startswith("cases[1].processingDay")


@needs_shared
@pytest.mark.parametrize(("name", "days"), [("in", 15), ("nuicam", 59)])
def test_the_command_proposes_the_limit_of_the_description(capsys, name, days):
    path = SHARED / "cases" / "13-limit-only-in-description" / f"{name}.json"
    assert main(["check", str(path), "--json"]) == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    proposed = [f for f in faults if f["code"] == "limit.only_in_text"]
    assert {f["proposal"] for f in proposed} == {str(days)}
    assert main(["measure", str(path), "--accept-proposals", "--json"]) in (0, 1)
    rows = {row["metric"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["statutory_days"]["total"] == days


@needs_shared
def test_nine_real_procedures_state_their_limit_in_the_description_alone():
    channels = read_portal(SHARED / "portal" / "procedures.jsonl.gz").channels
    found = channels[channels["limit_flag"] == "limit.only_in_text"]
    proposed = found.groupby("procedure")["limit_proposed"].agg(["min", "max"])
    assert len(proposed) == 9
    assert proposed["min"].equals(proposed["max"])
    assert proposed["min"][["1.003851", "1.004656", "1.004683"]].tolist() == [15, 5, 8]
    assert proposed.loc["3.000540", "min"] == pytest.approx(2 + 45 * 5 / 7, abs=0.005)


# a fee in one channel, nothing in another ------------------------------------------------------


def pays(method: str, *amounts: object, note: str = "") -> dict[str, object]:
    fees = [{"type": "FEE", "value": amount, "description": note} for amount in amounts]
    return way("", submissionMethod=method, processingTime=5, processingTimeUnit="DAY", fees=fees)


@pytest.mark.parametrize(
    ("methods", "fees", "blank"),
    [
        ([pays("DIRECT", 300_000), pays("POSTAL")], 300_000, ["k2"]),
        ([pays("ONLINE"), pays("DIRECT", 50_000), pays("POSTAL")], 50_000, ["k1", "k3"]),
        ([pays("DIRECT", 300_000), {**pays("ONLINE"), "fees": None}], 300_000, ["k2"]),
        ([pays("DIRECT", 300_000), pays("ONLINE", None)], 300_000, ["k2"]),
        ([pays("DIRECT", 300_000), pays("POSTAL", 0)], 300_000, ["k2"]),
        # an explained 0, a 0 online and a whole procedure without fees stand
        ([pays("DIRECT", 100_000), pays("ONLINE", 0, note="Miễn phí")], None, []),
        ([pays("DIRECT", 100_000), pays("ONLINE", 0)], None, []),
        ([pays("DIRECT", 0), pays("POSTAL")], 0, []),
        ([pays("DIRECT"), pays("POSTAL")], 0, []),
    ],
)
def test_a_channel_that_states_no_fee_is_not_free(tmp_path, methods, fees, blank):
    portfolio = mark(taken(tmp_path, changed(executionMethods=methods)))
    told = [fault for fault in check(portfolio) if fault.code == "fee.blank_channel"]
    assert [fault.place for fault in told] == [f"channels › 1.004222/{k} › fees" for k in blank]
    assert all("thường trú" in fault.value for fault in told)
    (found,) = measure(portfolio)["fees_vnd"]
    assert 0 < found < 100_000 if fees is None else found == pytest.approx(fees)


@needs_shared
def test_the_command_names_the_channel_without_a_fee(capsys):
    path = SHARED / "cases" / "12-fee-blank-in-one-channel" / "in.json"
    assert main(["check", str(path), "--json"]) == 0
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["code"], fault["place"]) == ("fee.blank_channel", "channels › 9.000079/k2 › fees")
    assert measure(mark(read(path)))["fees_vnd"].tolist() == [pytest.approx(300_000)]


# folders ---------------------------------------------------------------------------------------


@needs_shared
@pytest.mark.parametrize("name", ["nest", "nest2"])
def test_the_command_reads_records_in_subfolders(capsys, name):
    assert main(["check", str(SHARED / "cases" / "08-records-in-subfolders" / name), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["procedures"] == 2


def test_records_in_any_depth_are_read_and_named_by_their_way(tmp_path):
    deep = tmp_path / "bộ a" / "sở" / "xã"
    deep.mkdir(parents=True)
    write_json(deep / "1.json", RESIDENCE)
    (tmp_path / "bộ b").mkdir()
    write_lines(tmp_path / "bộ b" / "1.ndjson", [DEATH, {"name": "thiếu mã"}])
    (tmp_path / ".git").mkdir()
    write_json(tmp_path / ".git" / "1.json", LICENCE)
    (tmp_path / "bộ b" / "bảng.xlsx").write_bytes(b"x")
    (tmp_path / "bộ b" / "1.json").write_text("{", encoding="utf-8")
    portfolio = read(tmp_path)
    assert sorted(portfolio.procedures["name"]) == sorted([RESIDENCE["name"], DEATH["name"]])
    places = {fault.code: fault.place for fault in portfolio.faults}
    assert places["portal.not_a_record"] == "bộ b/1.ndjson › dòng 2 (thiếu mã)"
    assert places["json.truncated"] == "bộ b/1.json"
    left = only(portfolio, "reader.left_out")
    assert (left.place, left.severity) == ("bộ b/bảng.xlsx", "warning")


def test_tables_in_one_subfolder_are_read_and_the_rest_is_named(tmp_path):
    portfolio = taken(tmp_path, RESIDENCE)
    home = tmp_path / "gửi" / "danh-muc"
    write_folder(portfolio, home)
    (tmp_path / "gửi" / "ghi chú.txt").write_text("x", encoding="utf-8")
    found = read(tmp_path / "gửi")
    assert found.equals(portfolio)
    assert [fault.place for fault in found.faults] == ["ghi chú.txt"]
    (home / "con").mkdir()
    write_json(home / "con" / "b.json", DEATH)
    left = only(read(home), "reader.left_out")
    assert (left.place, left.severity) == ("con/b.json", "warning")


def test_a_folder_of_other_files_is_refused_with_their_names(tmp_path):
    (tmp_path / "con").mkdir()
    for number in range(7):
        (tmp_path / "con" / f"{number}.pdf").write_bytes(b"%PDF")
    (fault,) = refused(tmp_path)
    assert fault.code == "portal.empty"
    assert fault.value.startswith("con/0.pdf; con/1.pdf")
    assert fault.value.endswith("… (+2)")


@needs_shared
def test_the_command_lists_every_record_that_is_none(capsys):
    assert main(["check", str(SHARED / "cases" / "14-fault-list-clipped" / "rec"), "--json"]) == 2
    told = capsys.readouterr()
    faults = json.loads(told.out)["faults"]
    assert sum(fault["code"] == "portal.not_a_record" for fault in faults) == 30
    assert len(told.err.strip().splitlines()) == len(faults) == 31


@pytest.mark.parametrize("count", [21, 150, 260])
def test_faults_of_a_refused_file_are_listed_or_counted(tmp_path, capsys, count):
    write_lines(tmp_path / "a.jsonl", [{"ma_tthc": f"1.{n:06}"} for n in range(count)])
    assert main(["check", str(tmp_path / "a.jsonl"), "--json"]) == 2
    faults = json.loads(capsys.readouterr().out)["faults"]
    listed = [fault for fault in faults if fault["code"] == "portal.not_a_record"]
    assert len(listed) == min(count, 200)
    assert "ma_tthc: 1.000020" in listed[20]["place"]
    more = [fault["value"] for fault in faults if fault["code"] == "portal.more_not_records"]
    assert more == ([f"+{count - 200}"] if count > 200 else [])


# other writings of a file ----------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "b.json", "a.json.gz"])
def test_records_in_utf16_are_read(tmp_path, codec, name):
    lines = "jsonl" in name or name == "b.json"
    texts = [json.dumps(record, ensure_ascii=False) for record in RECORDS]
    text = "\r\n".join(texts) if lines else f"[{','.join(texts)}]"
    content = text.encode(codec)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    portfolio = read(tmp_path / name)
    assert portfolio.procedures["name"].tolist() == [record["name"] for record in RECORDS]


def test_damaged_utf16_says_what_it_is(tmp_path):
    (tmp_path / "a.json").write_bytes(json.dumps([RESIDENCE]).encode("utf-16-le")[:-3])
    (fault,) = refused(tmp_path / "a.json")
    assert fault.code == "json.encoding"
    assert "UTF-16" in fault.message.vi
    assert ".csv" not in fault.cure.vi


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Tờ khai_x000D_\nmẫu CT01", "Tờ khai\nmẫu CT01"),
        ("Tờ khai_x000d_", "Tờ khai"),
        ("Tờ khai_x000A_mẫu", "Tờ khai\nmẫu"),
        ("mã_x0001", "mã_x0001"),
    ],
)
def test_a_carriage_return_written_out_is_a_line_end(tmp_path, written, name):
    record = copy.deepcopy(RESIDENCE)
    record["executionCases"][0]["profileComponents"][0]["name"] = written
    assert taken(tmp_path, record).requirements["name"].iloc[0] == name


# national codes --------------------------------------------------------------------------------


def coded(code: str, name: str, asked: str, issued: str) -> dict[str, object]:
    paper = {"name": "Bản giấy thứ nhất", "code": asked, "originalQty": 1, "copyQty": 0}
    return changed(
        code=code,
        name=name,
        executionCases=[{"name": "", "profileComponents": [paper]}],
        resultsDetails=[{"name": "Văn bản", "code": issued}],
    )


@pytest.mark.parametrize(
    ("asked", "issuer", "own", "review"),
    [
        ("KQ.G01.000194", "1.000001", False, False),
        (" kq.g01.000194 ", "1.000001", False, False),
        ("KQ.G02.000777", "1.000003", False, True),  # two procedures issue it alike
        ("KQ.G01.000500", "1.000005", True, False),
    ],
)
def test_a_paper_with_the_code_of_a_result_is_linked_with_certainty(
    tmp_path, asked, issuer, own, review
):
    portfolio = taken(
        tmp_path,
        coded("1.000001", "Cấp giấy lạ", "000.00.00.G01-KQ000001", "KQ.G01.000194"),
        coded("1.000002", "Cấp lại giấy lạ", "", "KQ.G01.000194"),
        coded("1.000003", "Cấp giấy khác", "", "KQ.G02.000777"),
        coded("1.000004", "Cấp giấy khác nữa", "", "KQ.G02.000777"),
        coded("1.000005", "Cấp thẻ mới", asked, "KQ.G01.000500"),
        coded("1.000006", "Thu hồi giấy lạ", "", "KQ.G01.000194"),
    )
    assert portfolio.requirements["code"].tolist()[-2].strip() == asked.strip()
    (link,) = links(mark(portfolio)).to_dict("records")
    assert (link["procedure"], link["issuer"], link["own"]) == ("1.000005", issuer, own)
    assert (link["confidence"], link["source"], link["review"]) == (1.0, "code", review)
    assert link["counted"] is not own
    assert link["rivals"] == ("1.000004" if review else "")
    write_workbook(portfolio, tmp_path / "a.xlsx")
    again = read(tmp_path / "a.xlsx")
    for table in ("requirements", "results"):
        assert getattr(again, table)["code"].equals(getattr(portfolio, table)["code"])


def test_codes_that_are_none_link_nothing(tmp_path):
    for code in ("", "-", "KQ", "12", "000.00.00.G01-KQ000194"):
        portfolio = taken(
            tmp_path,
            coded("1.000001", "Cấp giấy lạ", "", code if "G01" not in code else "KQ.G01.000194"),
            coded("1.000002", "Cấp thẻ", code, ""),
        )
        assert links(mark(portfolio)).empty
