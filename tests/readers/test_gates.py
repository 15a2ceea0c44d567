"""What a hostile, broken or odd file gets: words that help, never a crash."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import Fault, InvalidValue, UnreadableInput
from procsim.readers import tables
from procsim.readers.gates.child import run_in_child
from procsim.readers.gates.examine import DEFAULT, Limits, inspect, safe_name
from procsim.readers.tables import Book, number_text, read_book, read_csv_text
from tests.readers import broken
from tests.shared import SHARED, needs_shared

ROOT = Path(__file__).resolve().parents[2]


def refused(path: Path, limits: Limits = DEFAULT, reader=inspect) -> Fault:
    with pytest.raises(UnreadableInput) as caught:
        reader(path, limits)
    (fault,) = caught.value.faults
    assert fault.place.startswith(path.name[:20])
    assert fault.message.vi
    assert fault.message.en
    assert fault.cure.vi
    assert fault.cure.en
    return fault


def outcome(path: Path) -> str:
    """Return what the gates make of a file: its kind, or the code of the fault."""
    try:
        return inspect(path)
    except UnreadableInput as error:
        return error.faults[0].code


def only(book: Book, code: str) -> Fault:
    (fault,) = [fault for fault in book.faults if fault.code == code]
    return fault


def says(fault: Fault, code: str, *words: str) -> None:
    assert fault.code == code
    text = f"{fault.in_language('vi')} / {fault.in_language('en')}"
    for word in words:
        assert word in text, f"{word!r} is missing in {text!r}"


# Files (FAULTS 1-18) -------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf \r\n"])
@pytest.mark.parametrize("name", ["a.xlsx", "a.json", "a.csv"])
def test_01_an_empty_file_is_named_empty(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    says(refused(path), "file.empty", "Tệp trống", "empty", "tải lại")


def test_01_a_missing_file_and_an_empty_folder(tmp_path):
    says(refused(tmp_path / "không-có.xlsx"), "file.missing", "Không tìm thấy", "not found")
    folder = tmp_path / "rỗng"
    folder.mkdir()
    says(refused(folder), "file.empty", "Thư mục trống", "folder is empty")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_02_a_truncated_workbook(tmp_path, share):
    path = broken.cut(broken.good(tmp_path / "cụt.xlsx"), share)
    says(refused(path), "file.truncated", "cắt cụt hoặc hỏng", "truncated", "Tải hoặc sao chép lại")


def test_02_damaged_content_under_a_sound_directory(tmp_path):
    path = broken.good(tmp_path / "hỏng.xlsx")
    content = bytearray(path.read_bytes())
    at = content.find(b"xl/worksheets/s1.xml") + 40
    content[at : at + 40] = b"\xff" * 40
    path.write_bytes(content)
    says(refused(path), "file.truncated", "hỏng", "damaged")


def test_02_a_truncated_gzip(tmp_path):
    path = broken.gz(tmp_path / "a.jsonl.gz", b'{"code": "1"}\n' * 1000)
    assert inspect(path) == "json.gz"
    says(refused(broken.cut(path)), "file.truncated", "cắt cụt", "truncated")


def test_01_a_name_that_no_system_takes(tmp_path):
    says(
        refused(tmp_path / ("x" * 300)), "file.unreachable", "Không mở được", "could not be opened"
    )


def test_02_malformed_xml_is_damage(tmp_path):
    path = broken.workbook(tmp_path / "a.xlsx", "<row><c></row>")
    says(refused(path), "file.truncated", "s1.xml", "mismatched tag")


def test_03_the_content_counts_and_not_the_ending(tmp_path):
    json_as_xlsx = tmp_path / "a.xlsx"
    json_as_xlsx.write_text('{"code": 1}', encoding="utf-8")
    fault = refused(json_as_xlsx)
    says(fault, "file.wrong_extension", "Đuôi tệp là .xlsx", "nội dung là JSON", "Đổi đuôi")
    assert fault.proposal == "a.json"
    xlsx_as_csv = broken.good(tmp_path / "b.csv")
    says(refused(xlsx_as_csv), "file.wrong_extension", "Excel workbook", "Rename", ".xlsx")
    xlsx_as_xls = broken.good(tmp_path / "b.xls")
    says(refused(xlsx_as_xls), "file.wrong_extension", "Đuôi tệp là .xls", ".xlsx")
    html_as_xls = tmp_path / "c.xlsx"
    html_as_xls.write_text("<html><table></table></html>", encoding="utf-8")
    says(refused(html_as_xls), "file.wrong_extension", "HTML", "Save As")
    text_as_json = tmp_path / "d.json"
    text_as_json.write_text("Mã số,Tên\n1,2\n", encoding="utf-8")
    says(refused(text_as_json), "file.wrong_extension", "Đuôi tệp là .json", ".csv")


def test_03_a_file_without_ending_is_known_by_its_content(tmp_path):
    path = broken.good(tmp_path / "danh-sach")
    assert inspect(path) == "xlsx"
    assert inspect(str(path)) == "xlsx"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.json", '{"a": 1}', "json"),
        ("a.json", '{\n  "a": 1\n}\n', "json"),
        ("a.json", '[{"a": 1}]', "json"),
        ("a.json", '{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a.jsonl", '{"a": 1}\n', "jsonl"),
        ("a.jsonl", '\ufeff{"a": 1}\n\n{"a": 2}', "jsonl"),
        ("a.csv", "a;b\n1;2\n", "csv"),
        ("a.txt", "a\tb\n1\t2\n", "csv"),
        ("a.csv", "[Mã số],Tên\n1,2\n", "csv"),
    ],
)
def test_03_kinds_of_text(tmp_path, name, content, kind):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert inspect(path) == kind
    assert inspect(tmp_path) == "folder"


def test_03_what_is_not_supported_says_what_is(tmp_path):
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n")
    says(refused(pdf), "file.not_supported", "Không đọc được tệp PDF", ".xlsx, .csv (UTF-8)")
    docx = broken.pack(tmp_path / "a.docx", {"word/document.xml": "<a/>"})
    says(refused(docx), "file.not_supported", "tài liệu Word", "Word document")
    noise = tmp_path / "a.bin"
    noise.write_bytes(bytes(range(256)) * 10)
    says(refused(noise), "file.not_supported", "nhị phân", "binary")
    packed = broken.gz(tmp_path / "a.gz", b"not json")
    says(refused(packed), "file.not_supported", "gzip", "JSON")


def test_04_an_encrypted_workbook(tmp_path):
    path = broken.ole(tmp_path / "mật.xlsx", "EncryptedPackage")
    says(refused(path), "file.encrypted", "mật khẩu", "password", "bỏ mật khẩu")


def test_04_an_encrypted_zip(tmp_path):
    path = broken.good(tmp_path / "a.xlsx")
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    says(refused(path), "file.encrypted", "mật khẩu", "encrypted")


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_05_macros_are_refused(tmp_path, part):
    path = broken.workbook(tmp_path / "a.xlsm", "", extra={part: b"code"})
    fault = refused(path)
    says(fault, "file.macros", "macro", "Lưu thành (Save As) .xlsx")
    assert fault.proposal == "a.xlsx"


def test_05_an_xlsm_without_macros_is_read(tmp_path):
    assert inspect(broken.good(tmp_path / "a.xlsm")) == "xlsx"


def test_06_an_old_xls(tmp_path):
    fault = refused(broken.ole(tmp_path / "cũ.xls", "Workbook"))
    says(fault, "file.old_xls", "Excel cũ", "97–2003", "Save As")
    assert fault.proposal == "cũ.xlsx"
    says(refused(broken.ole(tmp_path / "a.doc", "WordDocument")), "file.not_supported", "Office cũ")


def test_07_a_zip_bomb_by_ratio_and_by_sum(tmp_path):
    path = broken.bomb(tmp_path / "bom.xlsx", 25)
    assert path.stat().st_size < 100_000
    says(refused(path), "file.zip_bomb", "bung ra", "unpacks", "25 MB", "200")
    by_sum = replace(DEFAULT, unpacked_bytes=1024 * 1024)
    path = broken.bomb(tmp_path / "a.xlsx", 2)
    assert inspect(path) == "xlsx"
    says(refused(path, by_sum), "file.zip_bomb", "giới hạn là 1 MB")


def test_07_a_gzip_bomb_stops_early(tmp_path):
    path = broken.gz(tmp_path / "a.json.gz", b"[" + b" " * (30 * 1024 * 1024) + b"]")
    says(refused(path), "file.zip_bomb", "bung ra", "unpacks")


def test_08_too_many_parts(tmp_path):
    says(
        refused(broken.many_parts(tmp_path / "a.xlsx", 2_001)),
        "file.too_many_parts",
        "quá nhiều tệp bên trong",
        "giới hạn là 2.000",
        "too many files",
    )
    says(
        refused(broken.false_count(tmp_path / "b.xlsx")), "file.too_many_parts", "60.000", "60,000"
    )


def test_08_a_folder_is_bounded_too(tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.csv").write_text("a\n", encoding="utf-8")
    few = replace(DEFAULT, parts=3)
    says(refused(tmp_path, few), "file.too_many_parts", "giới hạn là 3")


@pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml", "C:\\evil.xml", "xl\\..\\a"])
def test_09_names_that_lead_outside(tmp_path, name):
    made = {**broken.parts({"A": broken.sheet_xml("")}), name: "<a/>"}
    fault = refused(broken.pack(tmp_path / "a.xlsx", made))
    says(fault, "file.zip_slip", "trỏ ra ngoài", "leads outside", "xin lại tệp")


def test_09_two_parts_of_one_name(tmp_path):
    made = {**broken.parts({"A": broken.sheet_xml("")}), "XL/Workbook.xml": "<a/>"}
    fault = refused(broken.pack(tmp_path / "a.xlsx", made))
    says(fault, "file.zip_duplicate", "trùng tên", "two parts of one name")


@pytest.mark.parametrize("build", [broken.entity_bomb, broken.external_entity])
def test_10_11_document_types_are_refused_wherever_they_stand(tmp_path, build):
    fault = refused(build(tmp_path / "a.xlsx"))
    says(fault, "file.doctype", "DOCTYPE/ENTITY", "gây hại", "harmful", "<!DOCTYPE")
    elsewhere = '<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>'
    path = broken.workbook(tmp_path / "b.xlsx", "", extra={"docProps/core.xml": elsewhere})
    says(refused(path), "file.doctype", "core.xml", "http://example.com/a.dtd")
    utf16 = elsewhere.encode("utf-16")
    path = broken.workbook(tmp_path / "c.xlsx", "", extra={"custom.data": utf16})
    says(refused(path), "file.doctype", "custom.data")


def test_12_a_far_cell_is_refused_before_the_parser_sees_it(tmp_path):
    path = broken.far_cell(tmp_path / "xa.xlsx")
    assert path.stat().st_size < 5_000
    for reader in (inspect, read_book):
        fault = refused(path, reader=reader)
        says(fault, "file.far_cell", "XFD1048576", "chỉ có 2 ô có dữ liệu", "Ctrl+End", "2 cells")
        assert fault.place == "xa.xlsx › Sheet 'Thủ tục' › XFD1048576"


def test_12_with_the_gate_bypassed_the_crash_stays_in_the_child(tmp_path):
    path = broken.far_cell(tmp_path / "xa.xlsx")
    with pytest.raises(UnreadableInput) as caught:
        run_in_child(tables.cells_as_text, str(path), ["Thủ tục"], seconds=20, place="xa.xlsx")
    (fault,) = caught.value.faults
    assert fault.code in ("file.parser_crashed", "file.parser_memory", "file.parser_failed")
    if sys.platform == "linux":
        says(fault, "file.parser_crashed", "dừng đột ngột", "memory allocation", "chương trình vẫn")


def test_12_a_far_cell_whose_text_is_empty_counts(tmp_path):
    rows = '<row r="9"><c r="A9"><v>1</v></c><c r="XFD1048576" t="str"><v></v></c></row>'
    says(refused(broken.workbook(tmp_path / "a.xlsx", rows)), "file.far_cell", "XFD1048576")


def test_12_a_far_cell_with_a_format_only_harms_nobody(tmp_path):
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows))
    assert book.sheets[0].rows == [["1"]]


def test_12_a_really_full_sheet_is_named_too_large(tmp_path):
    rows = "".join(broken.text_row(row, "a", "b", "c") for row in range(1, 12))
    path = broken.workbook(tmp_path / "a.xlsx", rows)
    few = replace(DEFAULT, rows=10)
    says(refused(path, few), "file.too_many_cells", "quá lớn: 11 dòng × 3 cột", "giới hạn là 10")
    says(refused(path, replace(DEFAULT, cells=30)), "file.too_many_cells", "30 ô", "30 cells")
    says(refused(path, replace(DEFAULT, columns=2)), "file.too_many_cells", "2 columns")


@pytest.mark.parametrize("declared", ["A1", "A1:B2", "A1:XFD1048576"])
def test_13_a_false_dimension_loses_no_row(tmp_path, declared):
    rows = "".join(broken.text_row(row, str(row), "x") for row in range(1, 1001))
    path = broken.workbook(tmp_path / "a.xlsx", rows, before=f'<dimension ref="{declared}"/>')
    book = read_book(path)
    sheet = book.sheets[0]
    assert (sheet.rows_seen, sheet.rows_read, len(sheet.rows)) == (1000, 1000, 1000)
    assert sheet.rows[999] == ["1000", "x"]
    if declared in ("A1", "A1:B2"):
        says(only(book, "file.false_dimension"), "file.false_dimension", declared, "B1000")


def test_13_a_dimension_that_is_no_range_is_refused(tmp_path):
    path = broken.workbook(tmp_path / "a.xlsx", "", before='<dimension ref="nonsense"/>')
    says(refused(path, reader=read_book), "file.parser_failed", "không hiểu được nội dung", "Range")


def test_14_more_than_65536_rows(tmp_path):
    count = 70_000
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, count + 1))
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows))
    sheet = book.sheets[0]
    assert (sheet.rows_seen, sheet.rows_read) == (count, count)
    assert sheet.rows[-1] == ["70000"]
    assert book.faults == ()


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="1"><c r="A1048577"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="-1"><c><v>1</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="0"><c><v>1</v></c></row>',
        '<row r="1"><c r=""><v>1</v></c></row>',
    ],
)
def test_15_addresses_that_excel_does_not_have(tmp_path, rows):
    fault = refused(broken.workbook(tmp_path / "a.xlsx", rows))
    says(fault, "file.over_excel_limits", "1–1.048.576", "A–XFD", "does not exist in Excel")


def test_15_too_many_sheets(tmp_path):
    sheets = {f"S{n}": broken.sheet_xml("") for n in range(4)}
    path = broken.pack(tmp_path / "a.xlsx", broken.parts(sheets))
    assert inspect(path) == "xlsx"
    says(refused(path, replace(DEFAULT, sheets=3)), "file.too_many_sheets", "4 trang tính", "là 3")


def test_16_external_links_are_told_and_not_followed(tmp_path):
    link = f"<externalLink {broken.NAMESPACE}/>"
    path = broken.workbook(
        tmp_path / "a.xlsx",
        '<row r="1"><c r="A1"><f>[1]S!A1</f><v>5</v></c></row>',
        extra={"xl/externalLinks/externalLink1.xml": link},
    )
    book = read_book(path)
    assert book.sheets[0].rows == [["5"]]
    fault = only(book, "file.external_links")
    says(fault, "file.external_links", "liên kết không được mở", "not followed", "externalLink1")
    assert fault.severity == "warning"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\danh sách.xlsx", "danh sách.xlsx"),
        ("con.xlsx", "_con.xlsx"),
        ("LPT1", "_LPT1"),
        ("a\0b\r\n.csv", "ab.csv"),
        ("bảng\u202excod.xlsx", "bảngxcod.xlsx"),
        ('a<b>:"|?*.xlsx', "ab.xlsx"),
        ("Thu\u0309 tu\u0323c.xlsx", "Thủ tục.xlsx"),
        ("...", "tep"),
        ("", "tep"),
        (".xlsx", "xlsx"),
        ("a.xlsx. . ", "a.xlsx"),
        ("x" * 300 + ".xlsx", "x" * 95 + ".xlsx"),
    ],
)
def test_17_hostile_file_names(name, safe):
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_17_any_name_becomes_a_safe_one_and_stays_it(name):
    safe = safe_name(name)
    assert 0 < len(safe) <= 101
    assert len(safe.encode("utf-8")) <= 201
    assert safe.isprintable() or not name.isprintable()
    assert not set(safe) & set('/\\<>:"|?*\0')
    assert safe[-1] not in ". "
    assert Path(safe).name == safe


def test_17_a_hostile_name_does_not_break_the_message(tmp_path):
    path = tmp_path / "a\u202ecsv.xlsx"
    path.write_bytes(b"")
    with pytest.raises(UnreadableInput) as caught:
        inspect(path)
    assert caught.value.faults[0].place.isprintable()


def test_18_an_oversize_file_is_not_even_opened(tmp_path):
    path = broken.good(tmp_path / "a.xlsx")
    fault = refused(path, replace(DEFAULT, file_bytes=1000))
    says(fault, "file.too_large", "Tệp lớn quá", "giới hạn là", "too large", "Chia thành")
    large = tmp_path / "b.csv"
    with large.open("wb") as stream:
        stream.truncate(513 * 1024 * 1024)
    says(refused(large), "file.too_large", "513 MB", "512 MB")
    large.write_bytes(b"a,b\n" * 1000)
    says(refused(large, replace(DEFAULT, csv_bytes=2000)), "file.too_large", "giới hạn là")


# Cells (FAULTS 19-22, 25-28, 30, 35) ---------------------------------------------------


def test_19_a_formula_without_a_stored_value(tmp_path):
    rows = (
        '<row r="7"><c r="B7"><v>2</v></c><c r="C7"><f>B7*2</f><v></v></c>'
        '<c r="D7" t="str"><f>""</f><v></v></c><c r="E7"><f>B7</f><v>2</v></c></row>'
    )
    book = read_book(broken.workbook(tmp_path / "tệp.xlsx", rows))
    fault = only(book, "cell.formula_without_value")
    assert fault.place == "tệp.xlsx › Sheet 'Thủ tục' › C7"
    assert fault.value == "=B7*2"
    assert fault.severity == "error"
    says(fault, fault.code, "chưa lưu kết quả", "without a stored result", "Paste Values")
    assert book.sheets[0].rows[6] == ["", "2", "", "", "2"]


def test_19_what_openpyxl_writes_has_no_stored_values(tmp_path):
    made = openpyxl.Workbook()
    made.active.append([1, "=A1+1"])
    made.save(tmp_path / "a.xlsx")
    assert only(read_book(tmp_path / "a.xlsx"), "cell.formula_without_value").place.endswith("› B1")


def test_20_error_values_are_seen_as_excel_shows_them(tmp_path):
    rows = (
        '<row r="3"><c r="A3" t="e"><v>#REF!</v></c>'
        '<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows))
    assert book.sheets[0].rows[2] == ["#REF!", "#DIV/0!"]
    assert (book.sheets[0].rows_seen, book.sheets[0].rows_read) == (1, 1)
    first, second = book.faults
    says(first, "cell.error_value", "#REF!", "báo lỗi của Excel", "Excel error", "› A3")
    says(second, "cell.error_value", "#DIV/0!", "› B3")


def test_20_many_faults_of_one_kind_are_counted_and_none_is_lost(tmp_path):
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c></row>' for n in range(1, 1001))
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows))
    assert len(book.faults) == DEFAULT.faults + 1
    says(book.faults[-1], "cell.error_value", "Còn 800 ô khác", "800 more cells")


def test_21_merged_cells_take_the_first_value(tmp_path):
    rows = (
        broken.text_row(1, "Tiêu đề", "", "")
        + broken.text_row(2, "Bộ Tư pháp", "Khai sinh", "1")
        + broken.text_row(3, "", "Khai tử", "2")
        + broken.text_row(4, "ẩn dưới", "Kết hôn", "3")
    )
    merged = '<mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="A2:A4"/></mergeCells>'
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows, after=merged))
    assert [row[0] for row in book.sheets[0].rows] == ["Tiêu đề"] + ["Bộ Tư pháp"] * 3
    assert book.sheets[0].rows[0] == ["Tiêu đề"] * 3
    note = only(book, "cell.merged")
    says(note, "cell.merged", "A1:C1, A2:A4", "2 vùng ô gộp", "2 merged ranges")
    assert note.severity == "note"
    says(only(book, "cell.under_merge"), "cell.under_merge", "ẩn dưới", "› A4", "không được dùng")


def test_21_a_merge_over_the_whole_sheet_costs_nothing(tmp_path):
    merged = "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 5_000 + "</mergeCells>"
    rows = broken.text_row(1, "a", "a") + broken.text_row(2, "a", "a")
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows, after=merged))
    assert book.sheets[0].rows == [["a", "a"], ["a", "a"]]
    says(only(book, "cell.merged_overlap"), "cell.merged_overlap", "chồng lên nhau", "overlap")


def test_22_hidden_sheets_rows_and_columns_are_read_and_told(tmp_path):
    hidden = '<row r="2" hidden="1"><c r="A2"><v>2</v></c></row>'
    xml = broken.sheet_xml(
        '<row r="1"><c r="A1"><v>1</v></c></row>' + hidden,
        before='<cols><col min="3" max="5" hidden="1"/></cols>',
    )
    made = broken.parts({"Lộ": xml, "Ẩn": xml}, states={"Ẩn": "veryHidden"})
    book = read_book(broken.pack(tmp_path / "a.xlsx", made))
    assert [sheet.hidden for sheet in book.sheets] == [False, True]
    assert [sheet.rows for sheet in book.sheets] == [[["1"], ["2"]]] * 2
    fault = only(book, "file.hidden_sheet")
    says(fault, "file.hidden_sheet", "Sheet 'Ẩn'", "đang bị ẩn nhưng vẫn được đọc", "hidden")
    assert fault.severity == "warning"
    rows = [f for f in book.sheets[0].faults if f.code == "file.hidden_rows"]
    says(rows[0], "file.hidden_rows", "1 dòng đang bị ẩn", "[2]", "Bỏ ẩn")
    columns = [f for f in book.sheets[0].faults if f.code == "file.hidden_columns"]
    says(columns[0], "file.hidden_columns", "3:5")


def test_25_26_27_codes_and_words_stay_as_written(tmp_path):
    rows = broken.text_row(1, "001", "1.10", "NA", "None", "1.013850", "=1+1", "TRUE")
    sheet = read_book(broken.workbook(tmp_path / "a.xlsx", rows)).sheets[0]
    assert sheet.rows == [["001", "1.10", "NA", "None", "1.013850", "=1+1", "TRUE"]]
    assert sheet.decimals == frozenset()


def test_25_a_number_cell_is_shown_as_its_code_format_shows_it(tmp_path):
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="0.000000"/>'
        '<numFmt numFmtId="165" formatCode="000"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
    )
    rows = (
        '<row r="1"><c r="A1"><v>1.01385</v></c><c r="B1" s="1"><v>1.01385</v></c>'
        '<c r="C1" s="2"><v>1</v></c><c r="D1" s="2"><v>1.5</v></c></row>'
    )
    sheet = read_book(broken.workbook(tmp_path / "a.xlsx", rows, styles=styles)).sheets[0]
    assert sheet.rows == [["1.01385", "1.013850", "001", "1.5"]]
    assert sheet.decimals == {(0, 0), (0, 1), (0, 3)}


@pytest.mark.parametrize(("date_1904", "serial"), [(False, 45688), (True, 44226)])
def test_28_dates_in_both_systems(tmp_path, date_1904, serial):
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
    rows = (
        f'<row r="1"><c r="A1" s="1"><v>{serial}</v></c><c r="B1" s="2"><v>{serial}.5</v></c>'
        + broken.text_cell("C1", "31/01/2025")
        + '<c r="D1" t="b"><v>1</v></c></row>'
    )
    path = broken.workbook(tmp_path / "a.xlsx", rows, date_1904=date_1904, styles=styles)
    book = read_book(path)
    assert book.sheets[0].rows == [["2025-01-31", "2025-01-31T12:00:00", "31/01/2025", "TRUE"]]
    assert book.date_1904 is date_1904
    if date_1904:
        says(only(book, "file.date_1904"), "file.date_1904", "hệ ngày 1904", "from 1904")
    else:
        assert book.faults == ()


def test_30_numbers_over_15_digits(tmp_path):
    rows = (
        '<row r="1"><c r="A1"><v>123456789012345</v></c><c r="B1"><v>12345678901234567</v></c>'
        '<c r="C1"><v>0.30000000000000004</v></c><c r="D1"><v>1.23E+20</v></c></row>'
    )
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows))
    assert book.sheets[0].rows == [
        ["123456789012345", "12345678901234567", "0.3", "123000000000000000000"]
    ]
    first, second = book.faults
    says(first, "cell.over_15_digits", "12345678901234567", "quá 15 chữ số", "15 digits", "(Text)")
    assert first.severity == "warning"
    assert (first.place[-2:], second.place[-2:]) == ("B1", "D1")


def test_30_a_number_cell_that_holds_no_number(tmp_path):
    rows = '<row r="1"><c r="A1"><v>NaN</v></c><c r="B1"><v>1e999</v></c></row>'
    book = read_book(broken.workbook(tmp_path / "a.xlsx", rows))
    assert book.sheets[0].rows == [["NaN", "1e999"]]
    says(book.faults[0], "cell.not_a_number", "NaN", "không phải số", "no number")
    assert len(book.faults) == 2


@given(st.floats(-1e300, 1e300))
def test_30_number_text_keeps_15_digits_and_never_writes_an_exponent(number):
    text = number_text(number)
    assert "e" not in text.lower()
    assert float(text) == pytest.approx(number, rel=1e-14, abs=0)


def test_35_text_over_excels_limit_is_kept_and_told(tmp_path):
    long = "ă" * 40_000
    path = broken.workbook(tmp_path / "a.xlsx", broken.text_row(1, long, "b"))
    shared = broken.workbook(
        tmp_path / "b.xlsx", '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=[long]
    )
    for book in (read_book(path), read_book(shared)):
        assert book.sheets[0].rows[0][0] == long
        fault = only(book, "cell.text_too_long")
        says(fault, "cell.text_too_long", "40000", "32.767", "32,767", "› A1")


def test_blank_rows_and_blank_shared_texts_are_counted_alike(tmp_path):
    rows = (
        '<row r="2"><c r="B2" t="s"><v>1</v></c></row><row r="4"><c r="A4" t="s"><v>0</v></c></row>'
    )
    path = broken.workbook(tmp_path / "a.xlsx", rows, strings=["", "x", "thừa"])
    book = read_book(path)
    assert book.sheets[0].rows == [["", ""], ["", "x"]]
    assert (book.sheets[0].rows_seen, book.sheets[0].rows_read) == (1, 1)
    assert book.faults == ()


def test_rows_that_the_parser_loses_are_told(tmp_path, monkeypatch):
    path = broken.workbook(tmp_path / "a.xlsx", broken.text_row(1, "a") + broken.text_row(2, "b"))
    parsed = ["a"], [1, 1, 0], bytes(4), b""  # one row with the first text in it
    monkeypatch.setattr(tables, "run_in_child", lambda *_, **__: parsed)
    fault = only(read_book(path), "file.rows_differ")
    says(fault, "file.rows_differ", "2 dòng có dữ liệu", "chỉ đọc được 1 dòng", "2 rows", "1 were")
    assert fault.severity == "error"


def test_a_parser_that_cannot_read_the_file_says_so(tmp_path):
    rows = '<row r="1"><c r="A1" t="e"><v>#LẠ!</v></c></row>'
    fault = refused(broken.workbook(tmp_path / "a.xlsx", rows), reader=read_book)
    says(fault, "file.parser_failed", "không hiểu được nội dung", "CalamineError", "Save As")


def test_a_book_must_be_a_workbook_and_a_csv_a_csv(tmp_path):
    text = tmp_path / "a.csv"
    text.write_text("a,b\n", encoding="utf-8")
    says(refused(text, reader=read_book), "file.not_a_workbook", "không phải sổ tính", ".xlsx")
    book = broken.good(tmp_path / "b.xlsx")
    says(refused(book, reader=read_csv_text), "file.not_a_csv", "không phải CSV")


@needs_shared
def test_real_lists_lose_no_row():
    paths = sorted((SHARED / "portal" / "lists").glob("*.xlsx"))
    assert len(paths) == 4
    for path in paths:
        book = read_book(path)
        (sheet,) = book.sheets
        assert sheet.rows_read == sheet.rows_seen == len(sheet.rows) > 200
        assert sheet.rows[1] == [
            "Mã số",
            "Tên",
            "Cơ quan ban hành",
            "Cơ quan thực hiện",
            "Lĩnh vực",
        ]
        assert [fault.code for fault in book.faults] == ["cell.merged"]
        plain = openpyxl.load_workbook(path, read_only=False).active
        expected = [["" if v is None else str(v) for v in row] for row in plain.values]
        assert sheet.rows[1:] == expected[1:]


# CSV -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_encodings_and_delimiters(tmp_path, encoding, delimiter):
    rows = [["Mã số", "Tên", "Giờ"], ["001", "Cấp thẻ", "x"], ["NA", "None", "1.10"]]
    text = "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"
    path = tmp_path / "bảng.csv"
    path.write_bytes(text.encode(encoding))
    sheet = read_csv_text(path)
    assert (sheet.name, sheet.rows, sheet.faults) == ("bảng", rows, ())
    assert sheet.rows_seen == sheet.rows_read == 3


def test_csv_semicolons_with_decimal_commas_and_sep_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1,5;2,5\n3,5;4,5\n", encoding="utf-8")
    assert read_csv_text(path).rows == [["a", "b"], ["1,5", "2,5"], ["3,5", "4,5"]]
    path.write_text("sep=|\na|b\n1|2\n", encoding="utf-8")
    assert read_csv_text(path).rows == [["a", "b"], ["1", "2"]]


def test_csv_line_breaks_and_quotes_inside_a_field(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"x\n\ny ""z""",2\n\n3,4,5\n', encoding="utf-8")
    sheet = read_csv_text(path)
    assert sheet.rows == [["a", "b", ""], ['x\n\ny "z"', "2", ""], [""] * 3, ["3", "4", "5"]]
    (fault,) = sheet.faults
    says(fault, "csv.ragged", "dòng 6", "Dòng có 3 ô", "tiêu đề có 2 ô", "3 fields", "3 | 4 | 5")


def test_csv_in_an_old_vietnamese_encoding(tmp_path):
    path = tmp_path / "cũ.csv"
    path.write_bytes("Mã,Tên\n1,Khai sinh\n2,".encode() + "Bô\u0323 Tư pháp\n".encode("cp1258"))
    fault = refused(path, reader=read_csv_text)
    says(fault, "csv.encoding", "Dòng 3", "không phải UTF-8", "Windows-1258", "CSV UTF-8")
    assert fault.proposal == "2,Bộ Tư pháp"


def test_csv_with_nul(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\x002\n3,4\n" * 25)
    fault = refused(path, reader=read_csv_text)
    says(fault, "csv.nul", "dòng 2", "NUL", "hỏng")
    assert fault.value.endswith("59 (+5)")


def test_csv_with_an_open_quote_names_its_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n3,"mở\n5,6\n', encoding="utf-8")
    says(refused(path, reader=read_csv_text), "csv.quote", "dòng 3", "nháy kép", "quotes")
    path.write_text('a,b\n1,"' + "x" * 200_000 + '"\n', encoding="utf-8")
    says(refused(path, reader=read_csv_text), "csv.field_too_long", "dòng 2", "131.072", "131,072")


def test_csv_is_bounded_and_long_texts_are_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n" * 11, encoding="utf-8")
    few = replace(DEFAULT, rows=10)
    says(refused(path, few, read_csv_text), "file.too_many_cells", "giới hạn là 10", "dòng 11")
    path.write_text("a,b\n" + "ă" * 33_000 + ",2\n", encoding="utf-8")
    sheet = read_csv_text(path)
    assert len(sheet.rows[1][0]) == 33_000
    says(sheet.faults[0], "cell.text_too_long", "32.767", "dòng 2")


# The child process ---------------------------------------------------------------------


def child_fault(function, *args, **bounds) -> Fault:
    with pytest.raises(UnreadableInput) as caught:
        run_in_child(function, *args, place="tệp.xlsx", **bounds)
    (fault,) = caught.value.faults
    assert fault.place == "tệp.xlsx"
    return fault


def test_child_returns_what_the_function_returns():
    value = {"a": [1, 2.5, None], "chữ": "Việt" * 100_000}
    assert run_in_child(broken.write_words_and_return, value) == value


def test_child_starts_light_and_quickly():
    run_in_child(broken.process_id)
    begun = time.perf_counter()
    modules = run_in_child(broken.loaded_modules)
    assert time.perf_counter() - begun < 3.0
    assert not {"pandas", "numpy", "pytest", "streamlit", "sklearn"} & set(modules)


def test_child_that_aborts_is_survived():
    says(child_fault(broken.abort), "file.parser_crashed", "dừng đột ngột", "crash", "chưa nạp")


def test_child_that_swells_is_ended():
    begun = time.perf_counter()
    fault = child_fault(broken.swell, 400, memory_bytes=150 * 1024 * 1024, seconds=20)
    says(fault, "file.parser_memory", "quá nhiều bộ nhớ", "giới hạn là 150 MB", "too much memory")
    assert time.perf_counter() - begun < 15


def test_child_that_hangs_is_ended_and_none_is_left():
    begun = time.perf_counter()
    fault = child_fault(broken.sleep, 60, seconds=0.5)
    says(fault, "file.parser_time", "quá lâu", "0,5 giây", "0.5 seconds", "Chia tệp")
    assert time.perf_counter() - begun < 15
    assert not [c for c in psutil.Process().children() if "worker.py" in " ".join(c.cmdline())]


def test_child_passes_faults_on_and_names_other_errors():
    with pytest.raises(InvalidValue) as caught:
        run_in_child(broken.refuse)
    assert caught.value.faults[0].code == "a.b"
    says(child_fault(broken.fail), "file.parser_failed", "ArithmeticError: sai số học")


def test_child_takes_functions_of_modules_only():
    with pytest.raises(TypeError, match="top level"):
        run_in_child(lambda: 1)


def test_child_works_in_a_thread():
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(run_in_child(broken.process_id)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 3


def test_child_works_from_a_script_without_a_guard(tmp_path):
    book = broken.good(tmp_path / "a.xlsx")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from procsim.readers.tables import read_book\n"
        f"print(len(read_book({str(book)!r}).sheets[0].rows), 'rows')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["2", "rows"]
    assert done.stderr == ""


# Whatever the bytes ---------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_are_a_kind_or_a_fault(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    assert outcome(path).startswith(("file.", "json", "csv"))


@given(st.data())
def test_a_workbook_with_changed_bytes_is_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    content = bytearray(broken.good(folder / "good.xlsx").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = folder / "changed"
    path.write_bytes(content)
    assert outcome(path).startswith(("file.", "xlsx", "csv"))


def test_a_declared_size_that_lies_is_damage(tmp_path):
    path = broken.good(tmp_path / "a.xlsx")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    says(refused(path), "file.truncated", "hỏng", "damaged")
