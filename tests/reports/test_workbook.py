"""The plan as a workbook: layout, safety of cells, missing figures, size and speed."""

from __future__ import annotations

import os
import re
import time
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.worksheet import Worksheet

from procsim.errors import Fault, InvalidValue, ProcsimError, Text
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reforms import DropRequirement, Plan, ReplaceByData, ShortenLimit, Unmatched, apply
from procsim.reports.excel.page import INPUT_FILL, LONGEST, lines_needed, percent_style, safe_text
from procsim.reports.excel.workbook import write_plan
from tests.reports.libreoffice import parts_of, sheet_names, values_of

PHU_LUC_I = [
    "STT",
    "Mã TTHC",
    "Tên TTHC",
    "TPHS đề nghị thay thế",
    "CSDL",
    "Bộ chủ quản CSDL",
    "Tên VBQPPL quy định thành phần hồ sơ TTHC",
    "Điều, khoản, điểm, biểu mẫu/phụ lục tại các VBQPPL có quy định thành phần hồ sơ TTHC",
]
PHU_LUC_II = [*PHU_LUC_I[:3], "TPHS đề nghị cắt giảm", *PHU_LUC_I[4:]]
SHEETS = [
    "Tổng quan",
    "Phương án",
    "Phụ lục I",
    "Phụ lục II",
    "Phụ lục III",
    "Chi phí – hiện tại",
    "Chi phí – sau đơn giản hóa",
    "Chi phí – so sánh",
    "Thời gian",
    "Thành phần hồ sơ",
    "Điều kiện kinh doanh",
    "Bảng điểm",
    "Biểu đồ",
    "Lộ trình",
    "Ngày hiệu lực",
    "Nguồn số liệu",
    "Chất lượng dữ liệu",
    "Số liệu theo TTHC",
    "Hệ số chi phí",
    "Danh sách lỗi",
    "Thông tin",
    "Dòng chưa khớp",
    "Danh mục",
    "Bản gốc",
]
HOURS = "[$-42A]#,##0.00#"
WITHOUT_TITLE_ROWS = {"Tổng quan", "Biểu đồ", "Thông tin", "Bản gốc"}


def portfolio_of(
    size: int = 3, name: str = "Cấp giấy phép", paper: str = "Thẻ căn cước"
) -> Portfolio:
    """Return procedures of two ministries, two papers and one channel each."""
    ids = [f"1.{number:06d}" for number in range(1, size + 1)]
    papers = [i for i in ids for _ in range(2)]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ids,
                    "code": ids,
                    "name": name,
                    "ministry": ["Bộ Công an" if n % 2 else "Bộ Tư pháp" for n in range(size)],
                    "audience": "business",
                }
            ),
            "cases": pd.DataFrame(
                {"id": [f"{i}/c1" for i in ids], "procedure": ids, "position": 1}
            ),
            "channels": pd.DataFrame(
                {
                    "id": [f"{i}/k1" for i in ids],
                    "procedure": ids,
                    "position": 1,
                    "method": "counter",
                    "limit_value": 10,
                    "limit_unit": "working_day",
                }
            ),
            "requirements": pd.DataFrame(
                {
                    "id": [f"{i}/c1/r{n}" for i in ids for n in (1, 2)],
                    "procedure": papers,
                    "case": [f"{i}/c1" for i in papers],
                    "position": [1, 2] * size,
                    "name": [paper, "Bản vẽ"] * size,
                    "kind": "document",
                    "types": ["can_cuoc", ""] * size,
                    "papers": 1,
                }
            ),
        },
        source="thử nghiệm",
    )


def plan_of(portfolio: Portfolio, **more: object) -> Plan:
    """Replace the identity card everywhere, drop one paper, shorten one limit."""
    ids = list(portfolio.procedures.index)
    law = {"legal_text": "Nghị định số 70/2024/NĐ-CP", "article": "Điểm a khoản 1 Điều 21"}
    reforms = [
        ReplaceByData(
            requirement=f"{i}/c1/r1",
            document_types=("can_cuoc",),
            databases=("csdl_dan_cu",),
            **law,
        )
        for i in ids
    ]
    reforms.append(DropRequirement(requirement=f"{ids[0]}/c1/r2", **law))
    return Plan(reforms, name="Phương án thử", **more)


def opened(path: Path, *, formulas: bool = False) -> openpyxl.Workbook:
    """Read a workbook as a program does that computes nothing: the values beside formulas."""
    return openpyxl.load_workbook(path, data_only=not formulas)


def rows_of(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def head_row(sheet: openpyxl.worksheet.worksheet.Worksheet) -> int:
    return int(sheet.print_title_rows.split(":")[0].strip("$"))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    portfolio = portfolio_of()
    unmatched = Unmatched(
        annex="I",
        number="12",
        code="1.999999",
        title="Thủ tục khác",
        paper="Căn cước",
        reason_code="not_in_portfolio",
        reason=Text("Danh mục không có mã này.", "No such code in the list."),
    )
    path = tmp_path_factory.mktemp("plan") / "phuong-an.xlsx"
    faults = [
        Fault("b", "1", Text("Cảnh báo B", "Warning B"), severity="warning", code="b"),
        Fault("a", "=2+2", Text("Lỗi A", "Error A"), Text("Sửa A", "Mend A"), code="a"),
    ]
    made = write_plan(
        portfolio,
        plan_of(portfolio, unmatched=(unmatched,)),
        path,
        faults=faults,
        on=date(2026, 1, 5),
    )
    assert made == path
    return opened(path)


def test_sheets_stand_in_order(written):
    assert written.sheetnames == SHEETS


@pytest.mark.parametrize(
    ("name", "headings"), [("Phụ lục I", PHU_LUC_I), ("Phụ lục II", PHU_LUC_II)]
)
def test_annex_has_the_exact_headings(written, name, headings):
    sheet = written[name]
    assert rows_of(sheet)[head_row(sheet) - 1] == headings


def test_annex_rows_are_grouped_by_ministry(written):
    sheet = written["Phụ lục I"]
    rows = rows_of(sheet)[head_row(sheet) :]
    assert [row[0] for row in rows] == [
        "LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ TƯ PHÁP",
        1,
        2,
        "LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ CÔNG AN",
        3,
    ]
    assert rows[1][1:3] == ["1.000001", "Cấp giấy phép"]
    assert "căn cước" in str(rows[1][3])
    assert rows[1][4:] == [
        "Cơ sở dữ liệu quốc gia về dân cư",
        "Bộ Công an",
        "Nghị định số 70/2024/NĐ-CP",
        "Điểm a khoản 1 Điều 21",
    ]
    second = rows_of(written["Phụ lục II"])
    assert second[-1][3] == "Bản vẽ"


def test_a_procedure_with_two_papers_has_one_number(tmp_path):
    portfolio = portfolio_of(2)
    portfolio = portfolio.replace(
        requirements=portfolio.requirements.assign(types=["can_cuoc", "gcn_dkdn"] * 2)
    )
    plan = Plan(
        [
            ReplaceByData(requirement=f"{i}/c1/r{n}", document_types=(kind,), databases=(base,))
            for i in portfolio.procedures.index
            for n, kind, base in ((1, "can_cuoc", "csdl_dan_cu"), (2, "gcn_dkdn", "csdl_dkdn"))
        ]
    )
    book = opened(write_plan(portfolio, plan, tmp_path / "p.xlsx"))
    sheet = book["Phụ lục I"]
    numbers = [row[0] for row in rows_of(sheet)[head_row(sheet) :] if isinstance(row[0], int)]
    assert numbers == [1, 1, 2, 2]


def test_pages_are_a4_landscape_with_repeated_headings(written):
    for sheet in written:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.page_setup.fitToWidth in (None, 1)  # one page wide, which is what is usual
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area
        if sheet.title not in WITHOUT_TITLE_ROWS:
            assert sheet.freeze_panes.endswith(str(head_row(sheet) + 1)) or sheet.title in (
                "Phương án",
                "Dòng chưa khớp",
                "Danh mục",
            )
    assert written["Số liệu theo TTHC"].auto_filter.ref
    cell = written["Phụ lục I"].cell(head_row(written["Phụ lục I"]), 3)
    assert (cell.font.name, cell.font.bold, cell.alignment.wrap_text) == (
        "Times New Roman",
        True,
        True,
    )
    assert cell.border.left.style == "thin"


def test_cover_states_result_and_basis(written):
    sheet = written["Tổng quan"]
    text = "\n".join(str(cell) for row in rows_of(sheet) for cell in row if cell is not None)
    assert "……, ngày 05 tháng 01 năm 2026" in text
    assert "mỗi thủ tục tính một lần" in text
    assert "dựa trên giả định" in text
    assert "(tổng trước − tổng sau) / tổng trước" in text
    found = [row for row in rows_of(sheet) if str(row[0]).startswith("Thành phần hồ sơ tính")]
    assert found[0][2:8] == [6, 2, 4, pytest.approx(4 / 6), 3, 0]
    year = next(row for row in rows_of(sheet) if row[0] == "Chi phí tuân thủ một năm")
    assert list(year[2:]) == ["chưa có số liệu", "chưa có số liệu", "–", "–", 0, 3]


def test_scorecard_sheet_has_all_groups_and_verdicts(written):
    rows = rows_of(written["Bảng điểm"])
    groups = [row[0] for row in rows if row[0] and not any(row[1:]) and str(row[0]).isupper()]
    assert groups[-3:] == ["TOÀN BỘ DANH MỤC", "BỘ TƯ PHÁP", "BỘ CÔNG AN"]
    assert {"Chưa đạt", "Chưa xác định"} <= {row[6] for row in rows}
    time = next(row for row in rows if str(row[0]).startswith("Cắt giảm ít nhất 30 % thời gian"))
    assert time[1:6] == [30, 30, 0, 0.3, -30]


def test_unmatched_and_faults_are_all_there(written):
    last = rows_of(written["Dòng chưa khớp"])[-1]
    assert last[:6] == [
        "I",
        "12",
        "1.999999",
        "Thủ tục khác",
        "Căn cước",
        "Danh mục không có mã này.",
    ]
    kinds = [row for row in rows_of(written["Chất lượng dữ liệu"]) if isinstance(row[0], int)]
    assert [(row[1], row[3]) for row in kinds] == [("Lỗi", 1), ("Cảnh báo", 1)]
    assert kinds[0][4:] == ["– a: =2+2", "Sửa A", "a"]
    lines = [row for row in rows_of(written["Danh sách lỗi"]) if isinstance(row[0], int)]
    assert lines[0][1:7] == ["Lỗi", "a", "a", "=2+2", "Lỗi A", "Sửa A"]


def test_a_kind_of_fault_is_counted_and_shown_by_three_examples(tmp_path):
    portfolio = portfolio_of(1)
    faults = [Fault(f"ô {n}", "", Text("Lỗi", "Fault"), code="x") for n in range(500)]
    book = opened(write_plan(portfolio, Plan(), tmp_path / "p.xlsx", faults=faults))
    kind = next(r for r in rows_of(book["Chất lượng dữ liệu"]) if r[6] == "x")
    assert kind[3:5] == [500, "– ô 0\n– ô 1\n– ô 2"]
    assert sum(isinstance(row[0], int) for row in rows_of(book["Danh sách lỗi"])) == 500


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_names_never_become_formulas(tmp_path, start):
    text = f'{start}HYPERLINK("http://x")'
    portfolio = portfolio_of(2)
    procedures = portfolio.procedures.assign(name=[text, "#N/A"], ministry=text)
    portfolio = portfolio.replace(procedures=procedures)
    path = write_plan(
        portfolio,
        plan_of(portfolio, note="=1"),
        tmp_path / "p.xlsx",
        faults=[Fault(text, text, Text(text, text))],
    )
    cells = [c for sheet in opened(path, formulas=True) for row in sheet.iter_rows() for c in row]
    ours = [cell.value for cell in cells if cell.data_type == "f"]
    assert ours
    assert not any("HYPERLINK" in formula or formula == "=1" for formula in ours)
    named = [cell for cell in cells if cell.value == text]
    assert len(named) >= 5
    assert all(cell.quotePrefix and cell.data_type == "s" for cell in named)
    assert {cell.data_type for cell in cells if cell.value == "#N/A"} <= {"s", "e"}
    with zipfile.ZipFile(path) as parts:
        xml = b"".join(parts.read(name) for name in parts.namelist() if "worksheets" in name)
    assert b't="e"' not in xml


def test_control_characters_and_long_text_survive(tmp_path):
    name = "A\x00B\x0bC\x1fD\ufffe _x0041_ " + "ề" * 40_000
    portfolio = portfolio_of(1, name=name)
    book = opened(write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", faults=[]))
    sheet = book["Phụ lục I"]
    value = str(sheet.cell(sheet.max_row, 3).value)
    assert value.startswith("ABCD ")
    assert len(value) == LONGEST
    assert "đã rút gọn" in value
    assert len(safe_text("😀" * 20_000).encode("utf-16-le")) // 2 <= LONGEST


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_safe_text_is_what_xml_can_hold(text):
    made = safe_text(text)
    made.encode("utf-8")
    assert all(c >= " " or c in "\t\n" for c in made)
    assert safe_text("\ud83d") == ""
    printable = "".join(c for c in text if c.isalnum() and c not in "x0123456789abcdefABCDEF")
    assert all(c in made for c in printable)


def test_missing_figures_are_said_and_never_zero(tmp_path):
    portfolio = portfolio_of(1)
    portfolio = portfolio.replace(
        channels=portfolio.channels.assign(limit_value=float("nan"), limit_unit="")
    )
    book = opened(write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx"))
    line = next(row for row in rows_of(book["Thời gian"]) if row[1] == "1.000001")
    assert line[3] == line[5] == line[8] == "chưa có số liệu"
    assert line[9:12] == ["–", "–", "không quy định thời hạn giải quyết"]


def test_english_stands_beside(tmp_path):
    portfolio = portfolio_of()
    path = write_plan(
        portfolio, plan_of(portfolio), tmp_path / "p.xlsx", language="en", on=date(2026, 1, 5)
    )
    book = opened(path)
    assert book.sheetnames == [name for name in SHEETS if name in book.sheetnames]
    sheet = book["Phụ lục I"]
    assert rows_of(sheet)[head_row(sheet) - 1][2] == "Tên TTHC\nProcedure name"
    verdicts = {row[6] for row in rows_of(book["Bảng điểm"])}
    assert "Unknown" in verdicts


def test_reforms_outside_the_annexes_are_not_lost(tmp_path):
    portfolio = portfolio_of()
    plan = Plan([ShortenLimit(procedure="1.000001", days=5, reason="Số hóa", due="2026-06-30")])
    book = opened(write_plan(portfolio, plan, tmp_path / "p.xlsx"))
    last = rows_of(book["Nội dung khác"])[-1]
    assert last[1] == "1.000001"
    assert "5" in str(last[3])
    assert last[7].date() == date(2026, 6, 30)
    assert "Phương án không có nội dung này." in {r[0] for r in rows_of(book["Phụ lục I"])}


def test_an_empty_portfolio_and_plan_can_be_written(tmp_path):
    path = write_plan(Portfolio.from_tables({}), Plan(), tmp_path / "p.xlsx", on=date(2026, 1, 5))
    assert set(SHEETS) - set(opened(path).sheetnames) <= {"Danh sách lỗi", "Ngày hiệu lực"}


def test_a_plan_without_reforms_leaves_every_figure_as_it_is(tmp_path):
    portfolio = portfolio_of(2)
    book = opened(write_plan(portfolio, Plan(), tmp_path / "p.xlsx"))
    found = [row for row in rows_of(book["Tổng quan"]) if str(row[0]).startswith("Thành phần hồ")]
    assert found[0][2:6] == [4, 4, 0, 0]
    assert "Phương án không sửa TTHC nào." in {r[0] for r in rows_of(book["Thời gian"])}


def test_unmatched_can_be_left_out_and_progress_ends_at_the_whole(tmp_path):
    portfolio = portfolio_of(150)
    calls: list[tuple[int, int]] = []
    path = write_plan(
        portfolio,
        plan_of(portfolio),
        tmp_path / "p.xlsx",
        unmatched=False,
        progress=lambda done, whole: calls.append((done, whole)),
    )
    assert "Dòng chưa khớp" not in openpyxl.load_workbook(path, read_only=True).sheetnames
    assert calls[-1][0] == calls[-1][1]
    assert all(done <= whole for done, whole in calls)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    portfolio = portfolio_of(1)
    path = tmp_path / "p.xlsx"
    path.write_bytes(b"old")

    def broken(*args: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Worksheet, "_assemble_xml_file", broken)
    with pytest.raises(ProcsimError, match="đầy"):
        write_plan(portfolio, plan_of(portfolio), path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["p.xlsx"]


@pytest.mark.parametrize(
    ("name", "language", "words"), [("p.xls", "vi", ".xlsx"), ("p.xlsx", "fr", "vi và en")]
)
def test_wrong_ending_or_language_is_refused(tmp_path, name, language, words):
    with pytest.raises(InvalidValue) as caught:
        write_plan(portfolio_of(1), Plan(), tmp_path / name, language=language)
    assert words in caught.value.in_language("vi")


def test_a_thousand_procedures_are_written_in_time(tmp_path):
    portfolio = portfolio_of(1000)
    start = time.process_time()  # what other processes take is not counted
    path = write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", on=date(2026, 1, 5))
    assert time.process_time() - start < 15
    with zipfile.ZipFile(path) as parts:
        assert parts.testzip() is None
    rows = values_of(path)["Phụ lục I"]
    assert sum(isinstance(row[0], float) for row in rows) == 1000


def test_figures_are_those_of_measure(tmp_path):
    portfolio = portfolio_of(2)
    plan = plan_of(portfolio)
    before, after = measure(portfolio), measure(apply(portfolio, plan))
    path = write_plan(portfolio, plan, tmp_path / "p.xlsx", before=before)
    row = next(r for r in rows_of(opened(path)["Chi phí – so sánh"]) if r[1] == "1.000001")
    assert row[3:5] == [
        pytest.approx(before["cost_vnd"].iloc[0]),
        pytest.approx(after["cost_vnd"].iloc[0]),
    ]
    papers = next(r for r in rows_of(opened(path)["Thành phần hồ sơ"]) if r[1] == "1.000001")
    assert papers[3:8] == [2, 1, 1, 0, 1]


def test_readers_that_do_not_compute_see_the_figures(tmp_path):
    portfolio = portfolio_of(2)
    path = write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx")
    for engine in ("openpyxl", "calamine"):
        frame = pd.read_excel(path, sheet_name="Tổng quan", header=None, engine=engine)
        line = frame[frame[0].astype(str).str.startswith("Thành phần hồ sơ tính")].iloc[0]
        assert [float(value) for value in line[[2, 3, 4]]] == [4.0, 1.0, 3.0]


def test_the_report_is_read_back_as_the_plan(tmp_path):
    portfolio = portfolio_of(3)
    plan = plan_of(portfolio, note="Ghi chú")
    path = write_plan(portfolio, plan, tmp_path / "p.xlsx", on=date(2026, 1, 5))
    assert Plan.read(path) == plan
    book = openpyxl.load_workbook(path)
    sheet = book["Phương án"]
    names = [cell.value for cell in sheet[5]]  # below the title, the plan and the headings
    sheet.cell(6, names.index("due") + 1).value = date(2026, 9, 30)
    sheet.cell(6, names.index("owner") + 1).value = "Vụ Pháp chế"
    book.save(tmp_path / "edited.xlsx")
    first = Plan.read(tmp_path / "edited.xlsx").reforms[0]
    assert (first.due, first.owner) == (date(2026, 9, 30), "Vụ Pháp chế")


def test_a_sheet_that_the_report_does_not_have_is_refused(tmp_path):
    portfolio = portfolio_of(1)
    path = write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(path)
    book.create_sheet("Trang lạ")["A1"] = "x"
    book.save(path)
    with pytest.raises(InvalidValue) as caught:
        Plan.read(path)
    assert [fault.code for fault in caught.value.faults] == ["plan.unknown_sheet"]
    assert "Trang lạ" in caught.value.faults[0].place


def test_legal_texts_stand_by_rank(tmp_path):
    portfolio = portfolio_of(2)
    law = {"legal_numbers": ("24/2018/QH14", "70/2024/NĐ-CP")}
    plan = Plan([DropRequirement(requirement="1.000001/c1/r2", **law)])
    book = opened(write_plan(portfolio, plan, tmp_path / "p.xlsx"))
    rows = rows_of(book["Phụ lục III"])
    start = head_row(book["Phụ lục III"])
    assert rows[start - 1][:2] == ["STT", "Tên văn bản"]
    assert [row[0] for row in rows[start:]] == ["LUẬT", 1, "NGHỊ ĐỊNH", 1]


def test_numbers_are_inputs_where_an_officer_may_change_them(written):
    sheet = written["Nguồn số liệu"]
    cells = {row[1].value: row[2] for row in sheet.iter_rows() if row[1].value}
    entered, derived = cells["gio_nop_truc_tiep"], cells["TNBQ_gio"]
    assert (entered.fill.fgColor.rgb, entered.number_format) == (f"FF{INPUT_FILL}", HOURS)
    assert (derived.fill.fill_type, derived.number_format) == (None, "[$-42A]#,##0.0#")
    assert "TNBQ_gio" in written.defined_names


def test_every_row_holds_its_own_cells_and_the_first_page_no_number(tmp_path):
    portfolio = portfolio_of(2)
    paths = [
        write_plan(portfolio, plan_of(portfolio), tmp_path / name, on=date(2026, 1, 5))
        for name in ("a.xlsx", "b.xlsx")
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    for name, xml in parts_of(paths[0], "xl/worksheets/sheet").items():
        for row, cells in re.findall(r'<row r="(\d+)"[^>]*>(.*?)</row>', xml):
            assert set(re.findall(r'<c r="[A-Z]+(\d+)"', cells)) <= {row}, name
        assert '<headerFooter differentFirst="1"><oddHeader>' in xml
    chart = parts_of(paths[0], "xl/charts/chart")["xl/charts/chart1.xml"]
    assert "<c:v>Thời hạn giải quyết</c:v>" in chart  # programs that compute nothing draw it


def test_a_near_miss_is_not_rounded_up():
    assert percent_style(0.29996, 0.30) == "percent3"
    assert percent_style(0.2999996, 0.30) == "percent5"
    assert percent_style(0.30, 0.30) == percent_style(0.292, 0.30) == "percent2"


def test_lines_needed_grows_with_text():
    assert lines_needed("ngắn", 20) == 1
    assert lines_needed("a\nb", 20) == 2
    assert lines_needed("Giấy chứng nhận đăng ký doanh nghiệp", 30) == 2
    assert lines_needed("x" * 100, 11) >= 10


def test_paths_may_hold_vietnamese_letters(tmp_path: Path):
    portfolio = portfolio_of(1)
    made = write_plan(portfolio, plan_of(portfolio), tmp_path / "Phương án số 1.xlsx")
    assert made.is_file()


def test_numbers_print_in_vietnamese_writing(tmp_path):
    portfolio = portfolio_of(1)
    portfolio = portfolio.replace(channels=portfolio.channels.assign(limit_unit="day"))
    book = opened(write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx"))
    sheet = book["Thời gian"]
    line = next(row for row in sheet.iter_rows() if row[1].value == "1.000001")
    assert line[5].value == pytest.approx(10 * 5 / 7)
    assert line[5].number_format == "[$-42A]#,##0.0#"
    assert line[5].alignment.horizontal == "right"
    papers = next(r for r in book["Thành phần hồ sơ"].iter_rows() if r[1].value == "1.000001")
    assert papers[6].number_format == "[$-42A]#,##0"


def folded_rows(path, sheet: str) -> set[int]:
    """Return the rows of a sheet that are put away."""
    at = sheet_names(path).index(sheet) + 1
    xml = parts_of(path, "xl/worksheets/sheet")[f"xl/worksheets/sheet{at}.xml"]
    return {int(n) for n in re.findall(r'<row r="(\d+)"[^>]*hidden="1"[^>]*outlineLevel="1"', xml)}


def test_a_long_cost_sheet_prints_what_the_plan_changes(tmp_path):
    portfolio = portfolio_of(120)
    reforms = [DropRequirement(row) for row in portfolio.requirements.index[::40]]
    path = write_plan(portfolio, Plan(reforms), tmp_path / "short.xlsx")
    assert not any(folded_rows(path, name) for name in sheet_names(path))

    every = portfolio.procedures.index
    short = [ShortenLimit(procedure, days=5) for procedure in every]
    path = write_plan(portfolio, Plan([*reforms, *short]), tmp_path / "long.xlsx")
    for name in ("Chi phí – hiện tại", "Chi phí – sau đơn giản hóa"):
        rows, folded = values_of(path)[name], folded_rows(path, name)
        lines = {n for n, row in enumerate(rows, 1) if re.fullmatch(r"\d\.[1-9]", str(row[0]))}
        shown = lines - folded
        assert len(lines) >= 400
        assert len(shown) == len(reforms)  # a dropped paper stands on both, then with part 0
        assert not folded & {n for n, row in enumerate(rows, 1) if str(row[1]).startswith("1.")}
    compared = values_of(path)["Chi phí – so sánh"]
    folded = folded_rows(path, "Chi phí – so sánh")
    for number, row in enumerate(compared, 1):
        if re.match(r"\d\. ", str(row[2])):
            assert (number in folded) == (row[3] == row[4])
