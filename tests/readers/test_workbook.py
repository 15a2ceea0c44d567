"""The procsim workbook: template, what officers fill in, and unchanged round trips."""

from __future__ import annotations

import errno
import gzip
import html
import zipfile
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook

from procsim.errors import InvalidValue, ProcsimError, UnreadableInput
from procsim.language.vietnamese import fold
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.cells import escaped
from procsim.readers.folder import read_folder, write_folder
from procsim.readers.portal import read_portal
from procsim.readers.words import TITLES, heading_names, vocabulary, word
from procsim.readers.workbook import read_workbook, write_template, write_workbook
from procsim.reference.schema import schema, table
from tests.readers.strategies import portfolios, save_book
from tests.shared import SHARED, needs_shared

HEAD = ["Mã TTHC", "Tên thủ tục hành chính", "Bộ quản lý (cơ quan ban hành)"]
BIRTH = ["1.001193", "Đăng ký khai sinh", "Bộ Tư pháp"]


def one(**texts: str) -> Portfolio:
    """Return a portfolio of one procedure with these texts."""
    row = {
        "id": "1.001193",
        "code": "1.001193",
        "name": "Đăng ký khai sinh",
        "ministry": "Bộ Tư pháp",
    }
    return Portfolio.from_tables({"procedures": pd.DataFrame([row | texts])})


def codes_of(portfolio: Portfolio, *severities: str) -> list[str]:
    """Return the codes of its faults, of some severities only where named."""
    chosen = severities or ("error", "warning", "note")
    return [fault.code for fault in portfolio.faults if fault.severity in chosen]


# -- the words


@pytest.mark.parametrize("name", TABLES)
def test_every_category_has_its_own_vietnamese_word(name):
    for column in table(name).columns:
        listed = [code for code in column.categories if code]
        known = vocabulary(column)
        for code in listed:
            assert known[fold(code)] == code, f"{column.name}: {code} is read as another value"
            for text in word(column, code):
                assert not {",", ";"} & set(text), f"{column.name}: a list would split “{text}”"
        words = [word(column, code).vi for code in listed]
        assert len(set(words)) == len(words)
        assert not [w for w in words if "_" in w], f"{column.name}: words.py lacks a word"
        assert len(",".join(words)) <= 253, f"{column.name}: too long for a drop-down of Excel"


@pytest.mark.parametrize("name", TABLES)
def test_vietnamese_labels_and_machine_names_are_headings(name):
    names = heading_names(name)
    for column in table(name).columns:
        assert names[fold(column.name)] == column.name
        assert names[fold(column.label.vi)] == column.name


# -- the template


def test_template_is_an_empty_portfolio(tmp_path):
    path = tmp_path / "mẫu.xlsx"
    write_template(path)
    portfolio = read_workbook(path)
    assert len(portfolio) == 0
    assert portfolio.faults == ()
    assert portfolio.source == "mẫu.xlsx"


def test_template_has_sheets_drop_downs_help_and_example(tmp_path):
    path = tmp_path / "t.xlsx"
    write_template(path)
    book = load_workbook(path)
    assert book.sheetnames == ["Hướng dẫn", *(title.vi for title in TITLES.values())]
    channels = book["Cách thức"]
    assert channels.freeze_panes == "B3"
    assert channels["A3"].value == "VÍ DỤ"
    assert [cell.value for cell in channels[2]] == list(table("channels"))
    method = list(table("channels")).index("method")
    rules = channels.data_validations.dataValidation
    assert rules[method].formula1 == '"trực tiếp,bưu chính,trực tuyến,chưa rõ"'
    assert "trực tuyến" in rules[method].prompt
    for sheet in book.worksheets[1:]:
        for rule in sheet.data_validations.dataValidation:
            assert rule.prompt
            assert len(rule.prompt) <= 255
            assert len(rule.promptTitle) <= 32
            assert len(rule.formula1 or "") <= 255
    procedures = book["Thủ tục"]
    code = list(table("procedures")).index("code")
    assert procedures.column_dimensions["ABCDEF"[code]].number_format == "@"


def test_template_filled_in_without_ids(tmp_path):
    path = tmp_path / "t.xlsx"
    write_template(path)
    book = load_workbook(path)

    def fill(title: str, *rows: dict) -> None:
        sheet = book[title]
        columns = {cell.value: at for at, cell in enumerate(sheet[2], start=1)}
        for at, row in enumerate(rows, start=4):
            for name, value in row.items():
                sheet.cell(at, columns[name], value)

    fill(
        "Thủ tục",
        {"code": "1.001193", "name": "Đăng ký khai sinh", "ministry": "Bộ Tư pháp",
         "levels": "cấp xã; cấp tỉnh", "audience": "người dân", "times_per_year": 1,
         "subjects_per_year": "1.200.000", "decision_date": date(2025, 8, 5)},
        {"code": "1.004222", "name": "Đăng ký thường trú", "ministry": "Bộ Công an"},
    )  # fmt: skip
    fill("Trường hợp", {"procedure": "1.004222", "name": "Lần đầu"},
         {"procedure": "Đăng ký thường trú", "name": "Cấp lại", "share": "30%"})  # fmt: skip
    fill("Cách thức", {"procedure": "1.001193", "method": "trực tiếp", "limit_value": 1.5,
                       "limit_unit": "ngày làm việc"},
         {"procedure": "1.001193", "method": "Trực tuyến"})  # fmt: skip
    fill("Phí lệ phí", {"procedure": "1.001193", "channel": "trực tuyến", "kind": "lệ phí",
                        "amount_vnd": "8.000"},
         {"procedure": "1.001193", "kind": "phí", "amount_vnd": 5000})  # fmt: skip
    fill("Thành phần hồ sơ", {"procedure": "1.001193", "name": "Tờ khai", "kind": "tờ khai",
                              "hours": "0,5", "certified": "Không"},
         {"procedure": "1.001193", "name": "Giấy chứng sinh", "kind": "giấy tờ", "copies": 2,
          "certified": "x"},
         {"procedure": "1.004222", "case": 2, "name": "Đơn", "kind": "đơn"})  # fmt: skip
    fill("Bước thực hiện", {"procedure": "1.001193", "name": "Nộp"},
         {"procedure": "1.001193", "name": "Cấp"})  # fmt: skip
    fill("Quan hệ bước", {"procedure": "1.001193", "before": 1, "after": "Cấp"})
    fill("Đánh dấu", {"requirement": "Giấy chứng sinh", "document_type": "birth_notice",
                      "source": "cán bộ"})  # fmt: skip
    book.save(path)

    portfolio = read_workbook(path)
    assert codes_of(portfolio) == []
    assert list(portfolio.procedures.index) == ["1.001193", "1.004222"]
    birth = portfolio.procedures.loc["1.001193"]
    assert (birth["levels"], birth["audience"]) == ("commune;province", "citizen")
    assert (birth["subjects_per_year"], birth["decision_date"]) == (1_200_000.0, "2025-08-05")
    assert list(portfolio.cases.index) == ["1.004222/c1", "1.004222/c2", "1.001193/c1"]
    assert portfolio.cases["share"].iloc[1] == 0.3
    assert list(portfolio.channels["method"]) == ["counter", "online"]
    assert list(portfolio.channels["position"]) == [1, 2]
    assert portfolio.channels["limit_value"].iloc[0] == 1.5
    assert list(portfolio.fees.index) == ["1.001193/k2/f1", "1.001193/f1"]
    assert list(portfolio.fees["amount_vnd"]) == [8000.0, 5000.0]
    papers = portfolio.requirements
    assert list(papers.index) == ["1.001193/c1/r1", "1.001193/c1/r2", "1.004222/c2/r1"]
    assert list(papers["kind"]) == ["form", "document", "form"]
    assert list(papers["certified"]) == [False, True, False]
    assert papers["hours"].iloc[0] == 0.5
    assert list(portfolio.flow.index) == ["1.001193/s1-s2"]
    assert portfolio.marks["requirement"].iloc[0] == "1.001193/c1/r2"


# -- round trips


def in_process(function, *args, **_):
    """Stand in for the child process, whose own tests are elsewhere; it only costs time here."""
    return function(*args)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(portfolios())
def test_what_is_written_is_read_back_equal(tmp_path_factory, portfolio):
    folder = tmp_path_factory.getbasetemp() / "round_trip"
    folder.mkdir(exist_ok=True)
    with patch("procsim.readers.tables.run_in_child", in_process):
        assert write_workbook(portfolio, folder / "a.xlsx") == ()
        from_book = read_workbook(folder / "a.xlsx")
        write_folder(portfolio, folder / "csv")
        from_folder = read_folder(folder / "csv")
    assert from_book.equals(portfolio)
    assert from_folder.equals(portfolio)
    assert codes_of(from_book, "error") == []
    assert codes_of(from_folder, "error") == []


def test_empty_portfolio_goes_round(tmp_path):  # fault 47
    empty = Portfolio.from_tables({})
    write_workbook(empty, tmp_path / "a.xlsx")
    assert read_workbook(tmp_path / "a.xlsx").equals(empty)


def test_nfd_text_comes_back_in_nfc(tmp_path):  # fault 31
    written = one(name="Đăng ký kết hôn".replace("ế", "e\u0302\u0301"))
    assert written.procedures["name"].iloc[0] != "Đăng ký kết hôn"
    write_workbook(written, tmp_path / "a.xlsx")
    assert read_workbook(tmp_path / "a.xlsx").procedures["name"].iloc[0] == "Đăng ký kết hôn"


@needs_shared
def test_real_records_go_round(tmp_path):
    with gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as stream:
        lines = [line for at, line in enumerate(stream) if at % 12 == 0]
    (tmp_path / "some.jsonl").write_text("".join(lines), encoding="utf-8")
    portfolio = read_portal(tmp_path / "some.jsonl")
    assert len(portfolio) == len(lines) == 153
    write_workbook(portfolio, tmp_path / "a.xlsx")
    back = read_workbook(tmp_path / "a.xlsx")
    assert back.equals(portfolio)
    assert codes_of(back, "error", "warning") == []
    write_folder(portfolio, tmp_path / "csv")
    assert read_folder(tmp_path / "csv").equals(portfolio)


# -- writing


def test_texts_never_become_formulas(tmp_path):  # fault 36
    texts = ["=1+1", "+84", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "#N/A", " =2"]
    portfolio = Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                [
                    {"id": f"1.00000{at}", "name": text, "ministry": "Bộ Tư pháp"}
                    for at, text in enumerate(texts)
                ]
            )
        }
    )
    path = tmp_path / "a.xlsx"
    write_workbook(portfolio, path)
    sheet = load_workbook(path)["Thủ tục"]
    column = list(table("procedures")).index("name") + 1
    cells = [sheet.cell(at + 3, column) for at in range(len(texts))]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
    assert [bool(cell.quotePrefix) for cell in cells] == [*[True] * 5, False, True]
    with zipfile.ZipFile(path) as package:
        assert not any(b"<f>" in package.read(n) for n in package.namelist() if "sheet" in n)
    assert list(read_workbook(path).procedures["name"]) == texts


def test_text_too_long_for_a_cell_is_refused_before_writing(tmp_path):  # fault 35
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    whole = one(name="đ" * 32_767)
    write_workbook(whole, tmp_path / "b.xlsx")
    back = read_workbook(tmp_path / "b.xlsx")
    assert back.equals(whole)
    assert codes_of(back) == ["cell.text_cut"]
    with pytest.raises(InvalidValue, match=r"32\.768 ký tự") as caught:
        write_workbook(one(name="đ" * 32_768, field="😀" * 16_384), path)
    assert [fault.code for fault in caught.value.faults] == ["write.text_too_long"] * 2
    assert caught.value.faults[0].place == "Sheet 'Thủ tục' › D3 (1.001193)"
    assert path.read_bytes() == b"old"


def test_control_characters_are_left_out_with_a_notice(tmp_path):  # fault 34
    (notice,) = write_workbook(one(name="a\x00b\x07cd\ufffee"), tmp_path / "a.xlsx")
    assert notice.code == "write.control_characters"
    assert notice.place == "Thủ tục › 1.001193 › Tên thủ tục hành chính"
    assert "ký tự điều khiển" in notice.message.vi
    assert read_workbook(tmp_path / "a.xlsx").procedures["name"].iloc[0] == "abcde"


@pytest.mark.parametrize(
    "name",
    [
        "<r><t>a</t></r>",
        "<r>=1+1</r>",
        "_x0041_x0042_",
        "a_x000D_",
        "{=1}",
        "http://a.vn",
        "=DROP(1)",
    ],
)
def test_a_text_is_never_taken_for_more_than_a_text(tmp_path, name):
    write_workbook(one(name=name), tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx")["Thủ tục"]["D3"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
    assert html.escape(escaped(name), quote=False) in sheet


def test_the_same_list_gives_the_same_file(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(one(), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("stop", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_interrupted_export_leaves_the_old_file(tmp_path, stop):  # faults 49, 62
    path = tmp_path / "a.xlsx"
    write_workbook(one(), path)
    before = path.read_bytes()
    expected = ProcsimError if isinstance(stop, OSError) else KeyboardInterrupt

    def half(book):
        Path(book.filename).write_bytes(b"half a file")
        raise stop

    with patch("xlsxwriter.Workbook.close", half), pytest.raises(expected) as caught:
        write_workbook(one(name="khác"), path)
    if isinstance(stop, OSError):
        assert "Ổ đĩa đã đầy" in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


def test_absent_folder_is_named(tmp_path):
    with pytest.raises(ProcsimError, match="Thư mục không có"):
        write_template(tmp_path / "không có" / "a.xlsx")


# -- reading what differs from the template


def test_columns_in_any_order_and_language(tmp_path):  # fault 24
    path = save_book(
        tmp_path / "a.xlsx",
        {
            "THU TUC": [
                ["Danh mục thủ tục năm 2025"],
                [],
                ["Ghi chú riêng", "ministry", "PROCEDURE CODE", "Ten thu tuc hanh chinh *"],
                ["x", "Bộ Tư pháp", "1.001193", "Đăng ký khai sinh"],
            ],
            "Nháp": [["gì đó"]],
        },
    )
    portfolio = read_workbook(path)
    assert portfolio.procedures.loc["1.001193", "name"] == "Đăng ký khai sinh"
    assert portfolio.procedures.loc["1.001193", "status"] == "active"
    found = {fault.code: fault for fault in portfolio.faults}
    assert set(found) == {"reader.unknown_column", "reader.absent_columns", "reader.unknown_sheet"}
    assert {fault.severity for fault in portfolio.faults} == {"note"}
    assert found["reader.unknown_column"].place == "a.xlsx › Sheet 'THU TUC' › A3"
    assert found["reader.unknown_column"].value == "Ghi chú riêng"
    assert "Trạng thái" in found["reader.absent_columns"].message.vi


def test_missing_required_column_is_one_error(tmp_path):  # fault 24
    path = save_book(tmp_path / "a.xlsx", {"Thủ tục": [HEAD[:2], BIRTH[:2], ["1.004222", "Khác"]]})
    portfolio = read_workbook(path)
    (fault,) = [fault for fault in portfolio.faults if fault.severity == "error"]
    assert fault.message.vi == "Thiếu cột bắt buộc “Bộ quản lý (cơ quan ban hành)”."
    assert fault.place == "a.xlsx › Sheet 'Thủ tục'"
    assert list(portfolio.procedures["ministry"]) == ["", ""]


@pytest.mark.parametrize(("second", "severity"), [("Bộ Y tế", "error"), ("", "note")])
def test_duplicate_headings(tmp_path, second, severity):  # fault 23
    path = save_book(tmp_path / "a.xlsx", {"Thủ tục": [[*HEAD, "Ministry"], [*BIRTH, second]]})
    portfolio = read_workbook(path)
    (fault,) = [f for f in portfolio.faults if f.code == "reader.duplicate_heading"]
    assert (fault.severity, fault.place) == (severity, "a.xlsx › Sheet 'Thủ tục' › D1")
    assert "có hai lần" in fault.message.vi
    assert portfolio.procedures["ministry"].iloc[0] == "Bộ Tư pháp"


def test_workbook_of_another_kind_is_refused(tmp_path):
    path = save_book(tmp_path / "a.xlsx", {"Sheet1": [["a", "b"], ["1", "2"]]})
    with pytest.raises(UnreadableInput, match="Không có trang nào của sổ tính procsim"):
        read_workbook(path)


def test_sheet_without_headings_loads_nothing_and_says_so(tmp_path):
    path = save_book(tmp_path / "a.xlsx", {"Thủ tục": [["xin chào", "abc"], ["1", "2"]]})
    portfolio = read_workbook(path)
    assert codes_of(portfolio) == ["reader.no_headings"]
    assert "Mã trong procsim" in portfolio.faults[0].cure.vi


def test_missing_procedures_and_twice_the_same_sheet(tmp_path):
    rows = [["Thủ tục", "Tên trường hợp"], ["1.001193", "Cấp lại"]]
    path = save_book(tmp_path / "a.xlsx", {"Trường hợp": rows, "Cases": rows})
    portfolio = read_workbook(path)
    assert codes_of(portfolio, "error") == [
        "reader.duplicate_sheet",
        "reader.missing_sheet",
        "reader.dangling",
    ]
    assert portfolio.cases["procedure"].iloc[0] == "1.001193"


def test_newer_format_is_told(tmp_path):  # fault 42
    path = save_book(
        tmp_path / "a.xlsx",
        {"Hướng dẫn": [["Phiên bản mẫu / Format version", 2]], "Thủ tục": [HEAD, BIRTH]},
    )
    portfolio = read_workbook(path)
    fault = next(fault for fault in portfolio.faults if fault.code == "reader.newer_format")
    assert (fault.severity, fault.place) == ("warning", "a.xlsx › Sheet 'Hướng dẫn' › B1")
    assert "mới hơn" in fault.message.vi


def test_every_table_of_the_schema_has_a_sheet():
    assert tuple(TITLES) == TABLES == tuple(schema())
