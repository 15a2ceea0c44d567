"""Chi phí – so sánh: the compliance cost of each procedure before and after."""

from __future__ import annotations

import math

from procsim.errors import Text
from procsim.measures.sheet import GROUPS
from procsim.reports.cells import MISSING, Formula, quoted
from procsim.reports.content import Content
from procsim.reports.costs import AFTER, BEFORE, FOLDED, CostRows, ministry_heading
from procsim.reports.formulas import reduction, saving
from procsim.reports.page import Book, Column, Page, Value

__all__ = ["SHEET", "write_cost_changes"]

SHEET = "Chi phí – so sánh"
_COLUMNS = (
    Column(Text("STT", "No."), 6, "centre"),
    Column(Text("Mã TTHC", "Procedure code"), 11, "centre"),
    Column(Text("Tên TTHC, nhóm công việc", "Procedure, group of work"), 46),
    Column(Text("Chi phí hiện tại (đồng)", "Cost at present (VND)"), 14, "whole"),
    Column(Text("Chi phí sau đơn giản hóa (đồng)", "Cost after (VND)"), 14, "whole"),
    Column(Text("Tiết kiệm (đồng)", "Saved (VND)"), 13, "whole"),
    Column(Text("Tỷ lệ cắt giảm", "Reduction"), 10, "percent2"),
    Column(Text("Chi phí/năm hiện tại (đồng)", "Cost a year at present (VND)"), 19, "whole"),
    Column(Text("Chi phí/năm sau đơn giản hóa (đồng)", "Cost a year after (VND)"), 19, "whole"),
    Column(Text("Tiết kiệm/năm (đồng)", "Saved a year (VND)"), 18, "whole"),
    Column(Text("Tỷ lệ cắt giảm/năm", "Reduction a year"), 10, "percent2"),
)


def _compared(row: int, place: str, old: Value, new: Value) -> list[Value]:
    """Return four cells from column `place`: before, after, what is saved, the rate."""
    one, two = f"{place}{row}", f"{chr(ord(place) + 1)}{row}"
    first, then = (cell.value if isinstance(cell, Formula) else cell for cell in (old, new))
    figures = (float(str(first)), float(str(then)))
    return [old, new, saving(one, two, *figures), reduction(one, two, *figures)]


def write_cost_changes(book: Book, content: Content, before: CostRows, after: CostRows) -> None:
    """Write "Chi phí – so sánh" from the totals of the two cost sheets."""
    page = book.page(SHEET, _COLUMNS)
    page.title(
        Text(
            "SO SÁNH CHI PHÍ TUÂN THỦ TRƯỚC VÀ SAU ĐƠN GIẢN HÓA",
            "Compliance cost before and after simplification",
        ),
        [
            Text(
                "(Tỷ lệ = tiết kiệm ÷ chi phí hiện tại; tổng chỉ cộng TTHC có số liệu cả trước và "
                "sau. Biểu đồ ở trang “Biểu đồ”)",
                "(Rate = saved ÷ cost at present; totals hold procedures known before and after. "
                "Charts stand on the sheet “Biểu đồ”)",
            ),
            *([FOLDED] if before.folded else []),
        ],
    )
    page.head()
    costs = content.pair("cost_vnd", content.touched)
    years = content.pair("cost_year_vnd", content.touched)
    ministry = ""
    for at, (procedure, head) in enumerate(
        zip(content.touched, content.heads(content.touched), strict=True)
    ):
        if at == 0 or head[2] != ministry:
            ministry = head[2]
            page.group(ministry_heading(ministry, content.language))
        row = page.row + 1
        old_row, new_row = before.procedures[procedure], after.procedures[procedure]
        cells: list[Value] = [at + 1, head[0], head[1]]
        for place, letter, (old, new) in (("D", "K", costs), ("H", "L", years)):
            cells += _compared(
                row,
                place,
                Formula(f"'{BEFORE}'!{letter}{old_row}", float(old[at])),
                Formula(f"'{AFTER}'!{letter}{new_row}", float(new[at])),
            )
        page.line(cells, _bold())
        _groups(page, procedure, before, after)
    _totals(page, content)
    area = f"F{page.head_row + 1}:F{page.row}"
    page.signal(area, f"AND(ISNUMBER(F{page.head_row + 1}),F{page.head_row + 1}>0)", "changed")
    page.finish()


def _bold() -> list[str]:
    return ["centre", "centre", "bold text"] + 2 * (["bold whole"] * 3 + ["bold percent2"])


def _groups(page: Page, procedure: str, before: CostRows, after: CostRows) -> None:
    for group, name in GROUPS.items():
        old = before.groups.get((procedure, group))
        new = after.groups.get((procedure, group))
        if old is None and new is None:
            continue
        links: list[Value] = [
            0.0 if found is None else Formula(f"'{sheet}'!K{found[0]}", found[1])
            for sheet, found in ((BEFORE, old), (AFTER, new))
        ]
        row = page.row + 1
        label = f"{group}. {name.in_language(page.language)}"
        page.line(
            ("", "", label, *_compared(row, "D", *links), "", "", "", ""),
            ("centre", "centre", "text", *("whole",) * 3, "percent2", *("text",) * 4),
        )
        if before.folded and old is not None and new is not None and _alike(old[1], new[1]):
            page.fold()


def _alike(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _totals(page: Page, content: Content) -> None:
    """Write the sums of what the plan touches, of the rest, and of the whole list."""
    whole = tuple(str(i) for i in content.before.index)
    missing = quoted(MISSING.in_language(page.language))
    for label, ids, criterion in (
        (Text("Cộng các TTHC có đề xuất", "Procedures touched"), content.touched, ",co_de_xuat,1"),
        (Text("Cộng các TTHC giữ nguyên", "Other procedures"), content.untouched, ",co_de_xuat,0"),
        (Text("TỔNG CỘNG", "TOTAL"), whole, ""),
    ):
        cells: list[Value] = ["", "", label.in_language(page.language)]
        for place, column, name in (("D", "cost_vnd", "cp"), ("H", "cost_year_vnd", "nam")):
            old, new = content.pair(column, ids)
            known = [not (math.isnan(a) or math.isnan(b)) for a, b in zip(old, new, strict=True)]
            sums = [float(values[known].sum()) if any(known) else math.nan for values in (old, new)]
            flag = f"co_{name},1{criterion}"
            links = [
                Formula(f"IF(COUNTIFS({flag})=0,{missing},SUMIFS({name}_{when},{flag}))", value)
                for when, value in zip(("truoc", "sau"), sums, strict=True)
            ]
            cells += _compared(page.row + 1, place, *links)
        page.line(cells, ["text", "text", *_bold()[2:]])
