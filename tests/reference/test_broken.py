"""Broken reference files: all faults at once, each with its place and a cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from procsim import reference
from procsim.errors import InvalidValue, ProcsimError, UnreadableInput
from procsim.reference.law import load_legal_texts, load_resolution_66_7
from procsim.reference.parameters import load_parameters
from procsim.reference.targets import load_targets
from procsim.reference.vocabulary import load_databases, load_document_types, load_holdings

BROKEN = Path(__file__).parent / "broken"


def types_and_bases():
    return reference.document_types(), reference.databases()


def faults_of(load, name, *more):
    with pytest.raises(InvalidValue) as error:
        load(BROKEN / name, *more)
    faults = error.value.faults
    assert all(fault.message.vi and fault.message.en for fault in faults)
    return [fault.in_language("vi") for fault in faults]


def assert_names(lines, expected):
    for place, words in expected:
        assert any(place in line and words in line for line in lines), (place, words, lines)
    assert len(lines) == len(expected), lines


def test_document_types_with_faults():
    assert_names(
        faults_of(load_document_types, "document_types_faults.csv"),
        [
            ("dòng 3 · id", "mã không đúng dạng [Giấy-Tờ]"),
            ("dòng 4 · id", "trùng với dòng 2 [can_cuoc]"),
            ("dòng 5 · mark", "chọn một trong: công bố, giả định, luật, nhập"),
            ("dòng 5 · variants", "đã có ở can_cuoc (so không dấu) [THẺ CĂN CUỚC]"),
            ("dòng 6 · variants", "ô phải có giá trị"),
            ("dòng 6 · source", "ô phải có giá trị"),
        ],
    )


def test_databases_with_faults():
    assert_names(
        faults_of(load_databases, "databases_faults.csv"),
        [
            ("dòng 2 · status", "không có trong danh mục [working]"),
            ("dòng 3 · deadline", "viết năm-tháng-ngày, như 2026-01-01"),
            ("dòng 3 · published", "ngày không đúng dạng [2025-02-30]"),
        ],
    )


def test_holdings_with_faults():
    assert_names(
        faults_of(load_holdings, "holdings_faults.csv", *types_and_bases()),
        [
            ("dòng 3 · document_type", "không có trong danh mục [giay_la]"),
            ("dòng 4 · database", "không có trong danh mục [csdl_la]"),
            ("dòng 5 · applicant_group", "không có trong danh mục [foreigner]"),
            ("dòng 5 · clause", "không có trong danh mục [k11]"),
            ("dòng 6 · document_type", "cặp này đã có ở dòng trên"),
            ("dòng 7 · listed", "dòng listed phải có ngày listed"),
            ("dòng 8 · coverage", "độ phủ là số từ 0 đến 1"),
            ("dòng 9 · coverage_mark", "độ phủ và nguồn phải đi cùng nhau"),
        ],
    )


def test_resolution_with_faults():
    assert_names(
        faults_of(load_resolution_66_7, "resolution_faults.csv", *types_and_bases()),
        [
            ("dòng 2 · annex", "chọn một trong: I, II"),
            ("dòng 3 · number", "số thứ tự là số nguyên"),
            ("dòng 3 · ministry", "không có trong danh mục [Bộ Thương mại]"),
            ("dòng 3 · code", "sáu chữ số, như 1.013850"),
            ("dòng 3 · owner", "không có trong danh mục [Bộ Tài Chính]"),
            ("dòng 3 · legal_numbers", "ví dụ đúng: 113/2017/NĐ-CP"),
            ("dòng 4 · code_repair", "phải ghi lý do"),
            ("dòng 4 · relation", "one đi với một loại giấy tờ"),
            ("dòng 4 · databases", "không có trong danh mục [csdl_la]"),
            ("dòng 5 · code_repair", "phải ghi lý do, và chỉ khi đó"),
            ("dòng 5 · document_types", "mã lặp lại trong ô"),
            ("dòng 5 · relation", "chọn một trong: all, any, one"),
            ("dòng 5 · databases", "phải có ít nhất một mã"),
            ("dòng 5 · legal_text", "ô phải có giá trị"),
            ("dòng 5 · legal_numbers", "ô phải có giá trị"),
        ],
    )


def test_legal_texts_with_faults():
    assert_names(
        faults_of(load_legal_texts, "legal_texts_faults.csv"),
        [
            ("dòng 2 · rank_order", "thứ bậc của nghi_dinh là 2 [1]"),
            ("dòng 3 · number", "trùng với dòng 2"),
            ("dòng 3 · amended_by", "ví dụ đúng: 07/2025/NĐ-CP"),
            ("dòng 4 · number", "mã không đúng dạng [Luật Kế toán]"),
            ("dòng 4 · rank", "không có trong danh mục [bo_luat]"),
            ("dòng 4 · due", "ngày không đúng dạng [3/2027]"),
        ],
    )


def test_columns_lacking_and_unknown():
    lines = faults_of(load_document_types, "missing_columns.csv")
    assert any("thiếu cột variants" in line for line in lines)
    assert any("cột không có trong bảng quy định [tên]" in line for line in lines)


@pytest.mark.parametrize("name", ["not_utf8.csv", "empty.csv", "not_there.csv"])
def test_table_that_cannot_be_read(name):
    with pytest.raises(UnreadableInput, match="không đọc được tệp tham chiếu") as error:
        load_document_types(BROKEN / name)
    assert error.value.faults[0].place == name


@pytest.mark.parametrize("name", ["duplicate_key.yaml", "not_a_mapping.yaml", "not_there.yaml"])
@pytest.mark.parametrize("load", [load_targets, load_parameters])
def test_yaml_that_cannot_be_read(load, name):
    with pytest.raises(UnreadableInput, match="không đọc được tệp tham chiếu") as error:
        load(BROKEN / name)
    assert error.value.faults[0].place == name


def test_targets_with_faults():
    assert_names(
        faults_of(load_targets, "targets_faults.yaml"),
        [
            ("goals", "không có nhóm này"),
            ("mục 1", "mục phải là một nhóm tên: giá trị"),
            ("too_much · metric", "không có trong danh mục [days]"),
            ("too_much · audience", "chọn một trong: all, business"),
            ("too_much · reading", "không có trong danh mục [mean_of_percents]"),
            ("too_much · mark", "không có trong danh mục [đoán]"),
            ("too_much · value", "rate và share nằm trong (0; 1]"),
            ("too_much · year", "năm phải là năm của thời hạn"),
            ("too_much · base_year", "cần năm gốc"),
            ("wrong_type · value", "không đúng kiểu [nhiều]"),
            ("wrong_type · ministries", "không đúng kiểu [Bộ Tài chính]"),
            ("wrong_type · deadline", "không đúng kiểu [cuối năm]"),
            ("wrong_type · name_en", "thiếu giá trị này"),
            ("wrong_type · extra", "không có tên này"),
            ("wrong_sum · share_percent", "2269/6974 = 32.5351 %"),
            ("no_number · share_percent", "phần trăm viết bằng số"),
        ],
    )


def test_parameters_with_faults():
    assert_names(
        faults_of(load_parameters, "parameters_faults.yaml"),
        [
            ("working_hours_per_year · from", "ngày phải tăng dần"),
            ("hours_form · value", "số hữu hạn [năm phút]"),
            ("hours_form · from", "ngày viết như 2026-01-01 [1/2025]"),
            ("hours_form · value", "không được âm [-1]"),
            ("hours_form · mark", "không có trong danh mục [đoán]"),
            ("hours_form · source", "phải nêu nguồn"),
            ("hours_form · values", "gồm from, value, mark, source"),
            ("share_counter · value", "từ 0 đến 1 [1.5]"),
            ("hourly_income_vnd · id", "mã trùng hoặc không đúng dạng"),
            ("no_values · values", "ít nhất một giá trị"),
            ("mục 8", "mỗi tham số gồm id, unit"),
            ("gdp_per_head_vnd", "thiếu tham số bắt buộc"),
            ("share_counter, share_post, share_online", "phải bằng 1 [2]"),
        ],
    )


def test_faults_speak_english_too():
    with pytest.raises(ProcsimError) as error:
        load_databases(BROKEN / "databases_faults.csv")
    assert "not a date of the accepted form [31/12/2025]" in error.value.in_language("en")
