"""A sheet looked at before the download: texts run on, numbers in Vietnamese, no markup."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font

import procsim as ps
from procsim.app.report.documents import sheet_html
from procsim.language.vietnamese import format_number


def book() -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Phụ lục"
    sheet.append(["PHƯƠNG ÁN CẮT GIẢM", None, None, None])
    sheet["A1"].font = Font(bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.append([None, None, None, None])
    sheet.append(["STT", "Tên", "Ngày", "Tỷ lệ"])
    sheet.append([1, "<b>Đăng ký</b> khai sinh", dt.date(2026, 8, 5), 0.305])
    sheet["D4"].number_format = "0.0%"
    sheet.append([1234.5, None, True])
    sheet["A5"].number_format = "#,##0.0"
    sheet.append(["dòng không đọc tới"])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def cells(html: str) -> list[list[str]]:
    lines = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<td[^>]*>(.*?)</td>", line) for line in lines]


def test_a_sheet_is_shown_as_excel_shows_it() -> None:
    html = sheet_html(book(), "Phụ lục", rows=5)
    assert cells(html) == [
        ["PHƯƠNG ÁN CẮT GIẢM"],
        ["STT", "Tên", "Ngày", "Tỷ lệ"],
        ["1", "&lt;b&gt;Đăng ký&lt;/b&gt; khai sinh", "05/08/2026", "30,5 %"],
        ["1.234,5", "", "True", ""],
    ]
    first = re.search(r"<td[^>]*>", html)
    assert first is not None
    assert 'colspan="4"' in first[0]
    assert "font-weight: 600" in first[0]
    assert "text-align: center" in first[0]


def test_a_formula_shows_the_value_beside_it(tmp_path: Path) -> None:
    portfolio = ps.mark(ps.load_sample())
    path = tmp_path / "phuong-an.xlsx"
    ps.write_report(portfolio, ps.resolution_66_7(portfolio), path)
    html = sheet_html(path.read_bytes(), "Tổng quan", rows=30)
    days = ps.measure(portfolio)["statutory_days"].sum()
    assert any(format_number(round(days, 1)) in line for line in map(" ".join, cells(html)))


def test_numbers_follow_the_language() -> None:
    assert cells(sheet_html(book(), "Phụ lục", rows=5, language="en"))[3][0] == "1,234.5"


def test_an_unknown_sheet_is_refused() -> None:
    with pytest.raises(KeyError):
        sheet_html(book(), "Không có", rows=5)
