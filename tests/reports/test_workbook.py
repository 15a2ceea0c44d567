"""The plan as a workbook: layout, safety of cells, missing figures, size and speed."""

from __future__ import annotations

import os
import time
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.errors import Fault, InvalidValue, Text
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reforms import (
    DropRequirement,
    Plan,
    ReplaceByData,
    ShortenLimit,
    Unmatched,
)
from procsim.reports.cells import LONGEST, lines_needed, percent_style, safe_text
from procsim.reports.workbook import write_plan

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
    "Bảng điểm",
    "Phụ lục I",
    "Phụ lục II",
    "Trước và sau",
    "Chưa khớp",
    "Chất lượng dữ liệu",
]


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
    return openpyxl.load_workbook(path)


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
    book = openpyxl.load_workbook(write_plan(portfolio, plan, tmp_path / "p.xlsx"))
    sheet = book["Phụ lục I"]
    numbers = [row[0] for row in rows_of(sheet)[head_row(sheet) :] if isinstance(row[0], int)]
    assert numbers == [1, 1, 2, 2]


def test_pages_are_a4_landscape_with_repeated_headings(written):
    for sheet in written:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area
        if sheet.title != "Tổng quan":
            assert sheet.freeze_panes == f"A{head_row(sheet) + 1}"
    assert written["Trước và sau"].auto_filter.ref
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
    assert "Ngày 05 tháng 01 năm 2026" in text
    assert "mỗi thủ tục tính một lần" in text
    assert "dựa trên giả định" in text
    assert "(tổng trước − tổng sau) / tổng trước" in text
    found = [row for row in rows_of(sheet) if str(row[0]).startswith("Thành phần hồ sơ tính")]
    assert found[0][2:8] == [6, 2, 4, pytest.approx(4 / 6), 3, 0]
    assert text.count("chưa có số liệu") >= 4  # the yearly cost: no volumes


def test_scorecard_sheet_has_all_groups_and_verdicts(written):
    rows = rows_of(written["Bảng điểm"])
    groups = [row[0] for row in rows if row[0] and row[1] in (None, "") and row[6] in (None, "")]
    assert [g for g in groups if str(g).isupper()][-3:] == [
        "TOÀN BỘ DANH MỤC",
        "BỘ TƯ PHÁP",
        "BỘ CÔNG AN",
    ]
    verdicts = {row[6] for row in rows}
    assert {"Chưa đạt", "Chưa xác định"} <= verdicts
    time = next(row for row in rows if str(row[0]).startswith("Cắt giảm ít nhất 30 % thời gian"))
    assert time[1:6] == [30, 30, 0, 0.3, -30]


def test_unmatched_and_faults_are_all_there(written):
    last = rows_of(written["Chưa khớp"])[-1]
    assert last[1:7] == [
        "I",
        "12",
        "1.999999",
        "Thủ tục khác",
        "Căn cước",
        "Danh mục không có mã này.",
    ]
    rows = rows_of(written["Chất lượng dữ liệu"])
    lines = [row for row in rows if isinstance(row[0], int)]
    assert [row[1] for row in lines] == ["Lỗi", "Cảnh báo"]
    assert lines[0][2:6] == ["a", "=2+2", "Lỗi A", "Sửa A"]


def test_no_cell_is_a_formula_or_an_error_value(tmp_path):
    texts = [f'{start}HYPERLINK("http://x")' for start in ("=", "+", "-", "@", "\t=")]
    texts.append("#N/A")
    portfolio = portfolio_of(len(texts))
    portfolio = portfolio.replace(procedures=portfolio.procedures.assign(name=texts))
    faults = [Fault(text, text, Text(text, text)) for text in texts]
    book = openpyxl.load_workbook(
        write_plan(portfolio, plan_of(portfolio, note="=1"), tmp_path / "p.xlsx", faults=faults)
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}
    for text in texts:
        named = [cell for cell in cells if cell.value == text]
        assert len(named) >= 4
        assert all(cell.quotePrefix for cell in named) == (text != "#N/A")


def test_control_characters_and_long_text_survive(tmp_path):
    name = "A\x00B\x0bC\x1fD\ufffe _x0041_ " + "ề" * 40_000
    portfolio = portfolio_of(1, name=name)
    book = openpyxl.load_workbook(
        write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", faults=[])
    )
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
    book = openpyxl.load_workbook(
        write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", language="vi")
    )
    last = rows_of(book["Trước và sau"])[-1]
    assert last[4] == last[5] == "chưa có số liệu"
    assert "không công bố thời hạn" in str(last[-1])


def test_english_stands_beside(tmp_path):
    portfolio = portfolio_of()
    path = write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", language="en")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == SHEETS
    sheet = book["Phụ lục I"]
    assert rows_of(sheet)[head_row(sheet) - 1][2] == "Tên TTHC\nProcedure name"
    verdicts = {row[6] for row in rows_of(book["Bảng điểm"])}
    assert "Unknown" in verdicts


def test_reforms_outside_the_annexes_are_not_lost(tmp_path):
    portfolio = portfolio_of()
    plan = Plan([ShortenLimit(procedure="1.000001", days=5, reason="Số hóa", due="2026-06-30")])
    book = openpyxl.load_workbook(write_plan(portfolio, plan, tmp_path / "p.xlsx"))
    last = rows_of(book["Nội dung khác"])[-1]
    assert last[1] == "1.000001"
    assert "5" in str(last[3])
    assert last[7].date() == date(2026, 6, 30)
    assert "Phương án không có nội dung này." in {r[0] for r in rows_of(book["Phụ lục I"])}


def test_an_empty_portfolio_and_plan_can_be_written(tmp_path):
    portfolio = Portfolio.from_tables({})
    book = openpyxl.load_workbook(write_plan(portfolio, Plan(), tmp_path / "p.xlsx"))
    assert book.sheetnames == SHEETS


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
    assert "Chưa khớp" not in openpyxl.load_workbook(path, read_only=True).sheetnames
    assert calls[-1][0] == calls[-1][1]
    assert all(done <= whole for done, whole in calls)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    portfolio = portfolio_of(1)
    path = tmp_path / "p.xlsx"
    path.write_bytes(b"old")

    def broken(*args: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(openpyxl.Workbook, "save", broken)
    with pytest.raises(OSError, match="space"):
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
    start = time.perf_counter()
    path = write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", on=date(2026, 1, 5))
    assert time.perf_counter() - start < 15
    with zipfile.ZipFile(path) as parts:
        assert parts.testzip() is None
    sheet = openpyxl.load_workbook(path)["Phụ lục I"]
    assert sheet.max_row == head_row(sheet) + 2 + 1000


def test_figures_are_those_of_measure(tmp_path):
    portfolio = portfolio_of(2)
    before = measure(portfolio)
    path = write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx", before=before)
    last = rows_of(openpyxl.load_workbook(path)["Trước và sau"])[-1]
    assert last[6] == before["documents"].iloc[1]
    assert last[10] == pytest.approx(before["cost_vnd"].iloc[1])


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
    book = openpyxl.load_workbook(write_plan(portfolio, plan_of(portfolio), tmp_path / "p.xlsx"))
    sheet = book["Trước và sau"]
    days, papers = sheet.cell(sheet.max_row, 5), sheet.cell(sheet.max_row, 7)
    assert days.value == pytest.approx(10 * 5 / 7)
    # A whole number has no decimals, or Excel would print “2,” for 2.
    assert (days.number_format, papers.number_format) == ("[$-42A]#,##0.0#", "[$-42A]#,##0")
    assert days.alignment.horizontal == "right"
