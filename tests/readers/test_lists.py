"""The official list workbooks of the National Public Service Portal."""

from __future__ import annotations

import pytest
from python_calamine import CalamineWorkbook

from procsim import cli
from procsim.errors import UnreadableInput
from procsim.language.vietnamese import nfc
from procsim.readers import read
from procsim.readers.lists import is_list, read_list
from procsim.readers.tables import read_book
from tests.readers.strategies import save_book
from tests.shared import SHARED, needs_shared

TITLE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nDANH SÁCH THỦ TỤC HÀNH CHÍNH"
HEAD = ["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"]
BIRTH = ["1.001193", "Đăng ký khai sinh", "Bộ Tư pháp", "UBND cấp xã", "Hộ tịch"]
LISTS = sorted((SHARED / "portal" / "lists").glob("*.xlsx")) if SHARED.is_dir() else []


@needs_shared
@pytest.mark.parametrize(
    ("file", "rows", "ministry"),
    [
        ("danh-sach-tthc-BoCongAn", 339, "Bộ Công an"),
        ("danh-sach-tthc-BoTaiChinh", 706, "Bộ Tài chính"),
        ("danh-sach-tthc-BoTuPhap", 271, "Bộ Tư pháp"),
        ("danh-sach-tthc-NongNghiepvaMoiTruong", 537, "Bộ Nông nghiệp và Môi trường"),
    ],
)
def test_every_row_of_the_official_lists_is_a_procedure(file, rows, ministry):
    path = SHARED / "portal" / "lists" / f"{file}.xlsx"
    portfolio = read_list(path)
    raw = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert len(portfolio) == rows == len(raw) - 2  # title and headings
    assert [nfc(row[1]).strip() for row in raw[2:]] == list(portfolio.procedures["name"])
    assert portfolio.procedures.index.is_unique
    assert portfolio.procedures["code"].str.fullmatch(r"\d\.\d{6}").all()
    assert (portfolio.procedures["ministry"] == ministry).mean() > 0.95
    assert not portfolio.procedures["agency"].str.contains("\n").any()
    assert [fault for fault in portfolio.faults if fault.severity != "note"] == []


@needs_shared
def test_there_are_four_official_lists():
    assert len(LISTS) == 4


def test_headings_are_found_by_content(tmp_path):
    path = save_book(
        tmp_path / "a.xlsx",
        {
            "Bìa": [["Danh sách"]],
            "Danh sách": [
                [TITLE],
                [],
                ["(Kèm theo Quyết định số 123/QĐ-BTP)"],
                ["STT", "LĨNH VỰC", "Tên TTHC", "Mã TTHC", "Cơ quan thực hiện", "Cơ quan ban hành"],
                ["I", "", "", "", "", ""],
                ["1", "Hộ tịch\nChứng thực", "Khai sinh", 1.00119, "Sở Tư pháp\nUBND cấp xã", "Bộ"],
                [],
                ["2", "Hộ tịch", "Khai tử", "", "", "Bộ"],
            ],
        },
    )
    portfolio = read_list(path)
    first = portfolio.procedures.iloc[0]
    assert list(portfolio.procedures.index) == ["1.001190", "chua-co-ma-1"]
    assert (first["field"], first["agency"]) == ("Hộ tịch;Chứng thực", "Sở Tư pháp;UBND cấp xã")
    assert first["code_written"] == "1.00119"
    found = [(fault.code, fault.severity, fault.place) for fault in portfolio.faults]
    assert found == [
        ("reader.unknown_sheet", "note", "a.xlsx › Sheet 'Bìa'"),
        ("list.heading_row", "note", "a.xlsx › Sheet 'Danh sách' › A5"),
        ("code.zeros_restored", "warning", "a.xlsx › Sheet 'Danh sách' › D6 (1.00119)"),
        ("reader.no_code", "warning", "a.xlsx › Sheet 'Danh sách' › D8 (Khai tử)"),
    ]


def test_one_code_in_several_rows(tmp_path):
    rows = [BIRTH, [*BIRTH[:4], "Chứng thực"], ["1.001193", *BIRTH[1:]]]
    portfolio = read_list(save_book(tmp_path / "a.xlsx", {"S": [[TITLE], HEAD, *rows]}))
    assert list(portfolio.procedures.index) == ["1.001193", "1.001193#2", "1.001193#3"]
    assert portfolio.ids("1.001193") == list(portfolio.procedures.index)
    (note,) = [fault for fault in portfolio.faults if fault.code == "list.code_repeated"]
    assert (note.severity, note.value) == ("note", "1.001193")
    assert "3 dòng" in note.message.vi


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        (["A. LĨNH VỰC HỘ TỊCH", "", "", "", ""], False),
        (["Hộ tịch"] * 5, False),
        (HEAD, False),
        (["1.001193", "", "", "", ""], True),
        (["", "Chỉ có tên", "", "", ""], True),
        (["mã lạ", "Tên", "Bộ Y tế", "", ""], True),
    ],
)
def test_each_row_is_a_procedure_or_has_its_fault(tmp_path, row, kept):
    path = save_book(tmp_path / "a.xlsx", {"S": [[TITLE], HEAD, BIRTH, row]})
    portfolio = read_list(path)
    assert len(portfolio) == 1 + kept
    at_row = [fault for fault in portfolio.faults if fault.place.split(" (")[0].endswith("4")]
    assert at_row
    assert (at_row[0].code == "list.heading_row") is not kept


def test_odd_headings_of_a_list_are_told(tmp_path):
    head = ["Mã số", "Tên", "Lĩnh vực", "Ghi chú", "Tên"]
    path = save_book(tmp_path / "a.xlsx", {"S": [head, ["1.001193", "Khai sinh", "x", "y", "z"]]})
    found = {fault.code: fault for fault in read_list(path).faults}
    assert found["reader.missing_column"].severity == "error"
    assert "Cơ quan ban hành" in found["reader.missing_column"].message.vi
    assert found["reader.unknown_column"].value == "Ghi chú"
    assert found["reader.duplicate_heading"].place == "a.xlsx › Sheet 'S' › E1"


def test_file_without_the_headings_is_no_list(tmp_path):
    path = save_book(tmp_path / "a.xlsx", {"S": [["a", "b"], ["1", "2"]]})
    assert not is_list(read_book(path).sheets)
    with pytest.raises(UnreadableInput, match="Không tìm thấy dòng tiêu đề có “Mã số” và “Tên”"):
        read_list(path)


# -- rows that hold no procedure, and headings in two rows


@needs_shared
@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("l1_numbering", 2),
        ("l2_sections", 3),
        ("l3_sections_merged", 3),
        ("l4_sections_fullmerge", 2),
        ("b13_multihead", 3),
        ("b32_numbering", 2),
    ],
)
def test_case_11_through_the_command_line(capsys, file, count):
    path = SHARED / "cases" / "11-list-numbering-section-rows" / f"{file}.xlsx"
    cli.main(["check", str(path)])
    assert capsys.readouterr().out.startswith(f"{count} thủ tục, ")
    portfolio = read(path)
    assert portfolio.procedures["ministry"].ne("").all()
    assert portfolio.procedures["code"].str.fullmatch(r"\d\.\d{6}").all()
    if file == "b13_multihead":
        assert portfolio.procedures["agency"].tolist() == ["UBND cấp xã"] * 2 + ["VPĐKĐĐ"]


NUMBERED = ["STT", *HEAD]
MARRIAGE = ["1.000894", "Đăng ký kết hôn", "Bộ Tư pháp", "UBND cấp xã", "Hộ tịch"]


@pytest.mark.parametrize(
    "row",
    [
        ["[1]", "[2]", "[3]", "[4]", "[5]", "[6]"],
        ["A", "B", "1", "2", "3", "4"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)=(4)+(5)"],
        [1, 2, 3, 4, 5, 6],
        ["B", "THỦ TỤC HÀNH CHÍNH CẤP TỈNH"],
        ["II.1", "", "Lĩnh vực đất đai"],
        ["", "", "1. Lĩnh vực chứng thực (02 TTHC)"],
        ["IV", "", "Hộ tịch", "", "", ""],
        ["", "", "Tổng số: 02 thủ tục"],
        ["", "Cộng", "", "", "02", ""],
        ["Tổng cộng", "", "", "", "", "2"],
        ["", "", "Ghi chú: (*) thực hiện phi địa giới"],
        ["", "(*) Thủ tục mới ban hành"],
        ["", "", "NGƯỜI LẬP BIỂU", "", "CHỦ TỊCH", ""],
        ["", "", "", "", "Hà Nội, ngày 20 tháng 11 năm 2026", ""],
        ["", "", "(Ký, ghi rõ họ tên)", "", "(Ký tên, đóng dấu)", ""],
        NUMBERED,
    ],
)
def test_rows_that_hold_no_procedure(tmp_path, row):
    rows = [[TITLE], NUMBERED, [1, *BIRTH], row, [2, *MARRIAGE]]
    portfolio = read(save_book(tmp_path / "a.xlsx", {"S": rows}))
    assert portfolio.procedures["code"].tolist() == ["1.001193", "1.000894"]
    note = next(f for f in portfolio.faults if f.place.endswith("A4"))
    assert (note.code, note.severity) == ("list.heading_row", "note")


def test_names_under_the_signatures_are_no_procedures(tmp_path):
    end = [["", "", "Người lập biểu", "", "Giám đốc"], [], ["", "", "Nguyễn Văn A", "", "Trần B"]]
    path = save_book(tmp_path / "a.xlsx", {"S": [NUMBERED, [1, *BIRTH], *end]})
    assert read(path).procedures["code"].tolist() == ["1.001193"]


@pytest.mark.parametrize(
    "row",
    [
        ["3", "", "Tổng hợp danh sách người hưởng", "Bộ Y tế", "Sở Y tế", ""],
        ["", "2.000001", "Ghi chú thông tin vào sổ hộ tịch", "", "", ""],
        ["III", "1.000001", "LĨNH VỰC", "Bộ A", "", ""],
    ],
)
def test_rows_that_look_like_headings_but_are_procedures(tmp_path, row):
    path = save_book(tmp_path / "a.xlsx", {"S": [NUMBERED, [1, *BIRTH], row]})
    assert len(read(path)) == 2


@pytest.mark.parametrize(
    "head",
    [
        # the upper heading blank over its second column, as after unmerging
        [["STT", "Mã số", "Tên", "Cơ quan", "", "Lĩnh vực"], ["", "", "", "ban hành", "thực hiện"]],
        # the lower row names more
        [
            ["STT", "Thủ tục hành chính", "", "Cơ quan", "", "Lĩnh vực"],
            ["", "Mã số", "Tên", "ban hành", "thực hiện", ""],
        ],
        # numbers of the columns beneath
        [
            ["STT", "Mã số TTHC", "Tên thủ tục", "Cơ quan", "Cơ quan", "Lĩnh vực"],
            ["STT", "Mã số TTHC", "Tên thủ tục", "ban hành", "giải quyết", "Lĩnh vực"],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ],
        [["STT", "Mã_x000D_\nsố", "Tên", "Cơ quan ban\nhành", "Cơ quan\nthực hiện", "Lĩnh vực"]],
    ],
)
def test_headings_in_two_rows(tmp_path, head):
    path = save_book(tmp_path / "a.xlsx", {"S": [[TITLE], *head, [1, *BIRTH], [2, *MARRIAGE]]})
    portfolio = read(path)
    first = portfolio.procedures.iloc[0]
    assert len(portfolio) == 2
    assert first[["ministry", "agency", "field"]].tolist() == BIRTH[2:]


def test_a_line_break_inside_a_ministry_or_agency_parts_nothing(tmp_path):
    row = ["1.001193", "Khai sinh", "Bộ Nông nghiệp và\nMôi trường", "Sở Tư\npháp\nUBND cấp xã", ""]
    first = read(save_book(tmp_path / "a.xlsx", {"S": [HEAD, row]})).procedures.iloc[0]
    assert first["ministry"] == "Bộ Nông nghiệp và Môi trường"
    assert first["agency"] == "Sở Tư pháp;UBND cấp xã"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_as_csv_in_utf16(tmp_path, codec):
    text = "\r\n".join("\t".join(row) for row in (HEAD, BIRTH, MARRIAGE))
    (tmp_path / "a.csv").write_bytes(text.encode(codec))
    assert read(tmp_path / "a.csv").procedures["name"].tolist() == [BIRTH[1], MARRIAGE[1]]
