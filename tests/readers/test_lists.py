"""The official list workbooks of the National Public Service Portal."""

from __future__ import annotations

import pytest
from python_calamine import CalamineWorkbook

from procsim.errors import UnreadableInput
from procsim.language.vietnamese import nfc
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
        ("code.zeros_restored", "warning", "a.xlsx › Sheet 'Danh sách' › D6"),
        ("reader.no_code", "warning", "a.xlsx › Sheet 'Danh sách' › D8"),
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
    at_row = [fault for fault in portfolio.faults if fault.place.endswith("4")]
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
