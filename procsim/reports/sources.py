"""Nguồn số liệu: every parameter and kind of input with its mark and its source."""

from __future__ import annotations

from collections import Counter

from procsim.errors import Text
from procsim.model.portfolio import TABLES
from procsim.readers.words import TITLES, word
from procsim.reference import databases, working_days_per_unit
from procsim.reference.schema import table
from procsim.reference.tables import MARKS
from procsim.reports.cells import Formula
from procsim.reports.content import Content
from procsim.reports.inputs import Input
from procsim.reports.page import Book, Column, Page

__all__ = ["MARK_WORDS", "NAMES", "SHEET", "UNITS", "unit_word", "write_sources"]

SHEET = "Nguồn số liệu"
UNITS = "don_vi_thoi_han"
"""Name of the table that turns a unit of a time limit into working days."""

#: Parameters that formulas refer to, and their names in the workbook.
NAMES = {
    "gdp_per_head_vnd": "GDP_binh_quan",
    "working_hours_per_year": "gio_lam_viec_nam",
    "hourly_income_vnd": "TNBQ_gio",
    "working_hours_per_day": "gio_lam_viec_ngay",
    "working_days_per_month": "ngay_lam_viec_thang",
    "working_days_per_calendar_day": "ngay_lam_viec_tuan_lich",
    "hours_form": "gio_mau_don",
    "hours_document_original": "gio_ban_chinh",
    "hours_document_copy": "gio_ban_sao",
    "hours_document_certified": "gio_ban_chung_thuc",
    "hours_submit_counter": "gio_nop_truc_tiep",
    "hours_submit_post": "gio_nop_buu_chinh",
    "hours_submit_online": "gio_nop_truc_tuyen",
    "hours_pay_fee": "gio_nop_tien",
    "hours_collect_counter": "gio_nhan_truc_tiep",
    "hours_collect_post": "gio_nhan_buu_chinh",
    "hours_collect_online": "gio_nhan_truc_tuyen",
    "hours_fallback": "gio_bo_sung_ho_so",
    "hours_fallback_online": "gio_bo_sung_truc_tuyen",
    "price_copy_vnd": "gia_sao_chup",
    "price_certified_vnd": "gia_chung_thuc",
    "price_post_vnd": "cuoc_buu_chinh",
}
MARK_WORDS = (
    ("luật", Text("theo văn bản quy phạm pháp luật", "stated by a legal text")),
    ("công bố", Text("số liệu đã được công bố", "a published figure")),
    ("nhập", Text("do cán bộ nhập", "entered by an officer")),
    (
        "giả định",
        Text(
            "giả định của chương trình, sửa được, không phải số liệu chính thức",
            "an assumption of the program, editable, not an official figure",
        ),
    ),
)
_UNIT_FORMULAS = {
    "day": "ngay_lam_viec_tuan_lich",
    "week": "7*ngay_lam_viec_tuan_lich",
    "hour": "1/gio_lam_viec_ngay",
    "minute": "1/gio_lam_viec_ngay/60",
    "month": "ngay_lam_viec_thang",
    "year": "12*ngay_lam_viec_thang",
}
_COLUMNS = (
    Column(Text("Tham số, số liệu", "Parameter, figure"), 44),
    Column(Text("Tên trong công thức", "Name in formulas"), 24),
    Column(Text("Giá trị", "Value"), 15, "input number"),
    Column(Text("Đơn vị", "Unit"), 19, "centre"),
    Column(Text("Áp dụng từ", "Valid from"), 12, "date"),
    Column(Text("Nguồn", "Mark"), 11, "centre"),
    Column(Text("Căn cứ, tài liệu", "Source"), 52),
)


def unit_word(code: str) -> str:
    """Return a unit of a time limit as the sheets write it."""
    return word(table("channels")["limit_unit"], code).vi if code else ""


def _precise(value: float) -> str:
    """Return the style that shows a parameter without rounding it away."""
    return "whole" if float(value).is_integer() else "hours"


def _parameter(page: Page, content: Content, key: str) -> None:
    value = content.parameters.value(key)
    name, unit, source = (
        text.in_language(page.language) for text in (value.name, value.unit, value.source)
    )
    shown = value.start if value.start is not None else "–"
    live = NAMES.get(key, "")
    cell: Formula | float = value.value
    style = f"input {_precise(value.value)}"
    if key == "hourly_income_vnd" and "÷" in source:  # not entered by itself
        cell = Formula("GDP_binh_quan/gio_lam_viec_nam", value.value)
        style = "number"
    page.line(
        (name, live, cell, unit, shown, value.mark, source),
        ("text", "text", style, "centre", "date" if shown != "–" else "centre", "centre", "text"),
    )
    page.bind(3, Input("parameter", key))
    if live:
        page.book.name(live, f"'{SHEET}'!$C${page.row}")


def _section(page: Page, title: Text) -> None:
    page.group(title.in_language(page.language))


def _units(page: Page, content: Content) -> None:
    factors = working_days_per_unit(content.parameters)
    first = page.row + 1
    label = Text("Một {} tính bằng số ngày làm việc", "One {} in working days")
    for code, factor in factors.items():
        page.line(
            (
                label.in_language(page.language).format(unit_word(code)),
                unit_word(code),
                Formula(_UNIT_FORMULAS[code], factor) if code in _UNIT_FORMULAS else factor,
                Text("ngày làm việc", "working days").in_language(page.language),
                "–",
                "–",
                Text("tính từ các tham số trên", "from the parameters above").in_language(
                    page.language
                ),
            ),
            ("text", "text", "hours", "centre", "centre", "centre", "text"),
        )
    page.book.name(UNITS, f"'{SHEET}'!$B${first}:$C${page.row}")


def _marks_of_inputs(content: Content) -> list[tuple[str, Counter[str]]]:
    """Return each kind of input that has a mark, and how many figures carry which."""
    found = []
    for name in TABLES:
        frame = getattr(content.portfolio, name)
        for column in table(name).columns:
            if column.name != "mark" and not column.name.endswith("_mark"):
                continue
            stem = column.name.removesuffix("mark").removesuffix("_") or "amount_vnd"
            figure = next(
                (c for c in table(name).columns if c.is_number and c.name.startswith(stem)), None
            )
            if figure is None or not len(frame):
                continue
            stated = frame[figure.name].notna()
            if stated.any():
                label = f"{TITLES[name].vi}: {figure.label.in_language(content.language)}"
                found.append((label, Counter(frame.loc[stated, column.name].tolist())))
    return found


def _inputs(page: Page, content: Content) -> None:
    unit = Text("số liệu", "figures").in_language(page.language)
    source = content.portfolio.source or Text("chưa ghi", "not stated").in_language(page.language)
    for label, marks in _marks_of_inputs(content):
        for mark in (*MARKS, ""):
            if marks[mark]:
                shown = mark or Text("chưa ghi", "not stated").in_language(page.language)
                page.line(
                    (label, "", marks[mark], unit, "–", shown, source),
                    ("text", "text", "whole", "centre", "centre", "centre", "text"),
                )


def _documents(page: Page, content: Content) -> None:
    """Write what the figures rest on beside the parameters: databases and targets."""
    used = dict.fromkeys(d for r in content.plan.reforms for d in getattr(r, "databases", ()))
    known = databases()
    lines = [
        (str(known.at[i, "name_vi"]), str(known.at[i, "owner"]), str(known.at[i, "source"]))
        for i in used
        if i in known.index
    ]
    lines += [
        (
            target.name.in_language(page.language),
            target.mark,
            target.told_by.in_language(page.language),
        )
        for target in content.card.targets
    ]
    for name, mark, source in lines:
        page.line(
            (name, "", "", "", "", mark, source),
            ("text", "text", "text", "centre", "centre", "centre", "text"),
        )


def write_sources(book: Book, content: Content) -> None:
    """Write "Nguồn số liệu" and name the parameters that the formulas refer to."""
    page = book.page(SHEET, _COLUMNS, keyed=True)
    page.title(
        Text("NGUỒN SỐ LIỆU", "Sources of the figures"),
        [
            Text(
                "(Ô nền vàng nhạt, chữ xanh là số liệu đầu vào; sửa ở đây thì mọi tổng số, tỷ lệ "
                "và kết luận trong tệp tính lại)",
                "(Pale yellow cells are inputs; change them here and all totals, rates and "
                "verdicts of the file follow)",
            )
        ],
    )
    page.head()
    _section(page, Text("A. THAM SỐ CỦA CÔNG THỨC", "A. Parameters of the formulas"))
    for key in NAMES:
        _parameter(page, content, key)
    _section(page, Text("B. QUY ĐỔI THỜI HẠN", "B. Units of time limits"))
    _units(page, content)
    _section(
        page,
        Text(
            "C. THAM SỐ KHÁC, ĐÃ TÍNH VÀO CÁC Ô KHÁC (sửa ở đây rồi chạy procsim plan --from)",
            "C. Other parameters, already in other cells (change them, then procsim plan --from)",
        ),
    )
    for key in content.parameters:
        if key not in NAMES:
            _parameter(page, content, key)
    _section(
        page, Text("D. SỐ LIỆU ĐẦU VÀO CỦA DANH MỤC THEO NGUỒN", "D. Inputs of the list by mark")
    )
    _inputs(page, content)
    _section(
        page, Text("E. CƠ SỞ DỮ LIỆU VÀ CHỈ TIÊU ĐƯỢC DẪN", "E. Databases and targets referred to")
    )
    _documents(page, content)
    _section(page, Text("G. KÝ HIỆU NGUỒN SỐ LIỆU", "G. Marks"))
    for mark, text in MARK_WORDS:
        page.line(
            (text.in_language(page.language), "", "", "", "", mark, ""),
            ("text", "text", "text", "centre", "centre", "centre", "text"),
        )
    page.finish()
