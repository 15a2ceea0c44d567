"""A sheet looked at before the download: texts run on, numbers in Vietnamese, no markup."""

from __future__ import annotations

import datetime as dt
import io
import re

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font

from procsim.app.sheet_view import FORMULA, sheet_html


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
    sheet.append([1234.5, None, True, "=SUM(A4:A5)"])
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
        ["1.234,5", "", "True", FORMULA],
    ]
    first = re.search(r"<td[^>]*>", html)
    assert first is not None
    assert 'colspan="4"' in first[0]
    assert "font-weight: 600" in first[0]
    assert "text-align: center" in first[0]


def test_numbers_follow_the_language() -> None:
    assert cells(sheet_html(book(), "Phụ lục", rows=5, language="en"))[3][0] == "1,234.5"


def test_an_unknown_sheet_is_refused() -> None:
    with pytest.raises(KeyError):
        sheet_html(book(), "Không có", rows=5)
