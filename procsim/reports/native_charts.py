"""Biểu đồ: charts of Excel itself over tables of formulas, so they follow every input."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.worksheet.pagebreak import Break

from procsim.errors import InvalidValue, Text
from procsim.reforms.attribution import effects
from procsim.reports.cells import Formula
from procsim.reports.content import Content
from procsim.reports.page import Book, Column, Page
from procsim.reports.register import PAIRS
from procsim.reports.scopes import Scopes
from procsim.reports.scores import SHEET as SCORES
from procsim.reports.scores import ScoreRow

__all__ = ["SHEET", "write_charts"]

SHEET = "Biểu đồ"
_COLUMNS = (
    Column(Text("Nội dung", "Item"), 80),
    Column(Text("Trước", "Before"), 25, "number"),
    Column(Text("Sau", "After"), 25, "number"),
    Column(Text("Mức cao nhất của cột", "Top of the bar"), 25, "number"),
)
_ROWS = 17  # of 15 points, that a chart covers
_BLUE, _GREEN, _GREY, _RED = "7F9DB9", "2E7D5B", "BFBFBF", "C00000"
_MOST = 12


def _room(page: Page) -> int:
    """Leave room for a chart and return the row it begins in."""
    first = page.row + 1
    for _ in range(_ROWS):
        page.next_row(15.0)
        page.put(1, "", "remark")
    return first


def _dress(chart: BarChart | LineChart) -> None:
    chart.height, chart.width = 8.8, 28.5
    chart.legend.position = "b"
    # openpyxl leaves axes out of sight unless told; Excel of 2016 and later hides them.
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=None)
    chart.layout = Layout(
        manualLayout=ManualLayout(
            layoutTarget="inner", xMode="edge", yMode="edge", x=0.09, y=0.04, w=0.89, h=0.62
        )
    )


def _bars(page: Page, first: int, last: int, columns: Sequence[int]) -> BarChart:
    """Return bars over columns of a table whose headings stand in the row above `first`."""
    chart = BarChart()
    chart.type, chart.grouping = "col", "clustered"
    for column, colour in zip(columns, (_BLUE, _GREEN), strict=False):
        data = Reference(page.sheet, min_col=column, min_row=first - 1, max_row=last)
        chart.add_data(data, titles_from_data=True)
        chart.series[-1].graphicalProperties.solidFill = colour
    chart.set_categories(Reference(page.sheet, min_col=1, min_row=first, max_row=last))
    chart.gapWidth = 60
    _dress(chart)
    return chart


def _title(page: Page, text: Text) -> None:
    page.span(text.in_language(page.language), "section")


def _before_after(page: Page, content: Content) -> None:
    """Draw each measure after the plan over what it was before."""
    language = page.language
    _title(
        page,
        Text("1. Trước và sau phương án (trước = 100 %)", "1. Before and after (before = 100 %)"),
    )
    page.head((_COLUMNS[0], _COLUMNS[1], _COLUMNS[2]))
    first = page.row + 1
    ids = [str(i) for i in content.before.index]
    labels = {
        "ngay": Text("Thời hạn giải quyết", "Time limits"),
        "giay": Text("Thành phần hồ sơ", "Required documents"),
        "dk": Text("Điều kiện", "Conditions"),
        "cp": Text("Chi phí tuân thủ (một lần)", "Compliance cost (once)"),
        "cpdk": Text("Chi phí dự kiến thực tế", "Cost expected in practice"),
    }
    for key, label in labels.items():
        old, new = content.pair(PAIRS[key][0], ids)
        known = ~(np.isnan(old) | np.isnan(new))
        total, rest = float(old[known].sum()), float(new[known].sum())
        base = f"SUMIFS({key}_truoc,co_{key},1)"
        page.line(
            (
                label.in_language(language),
                Formula(f"IF({base}>0,1,0)", 1.0 if total > 0 else 0.0),
                Formula(
                    f"IF({base}>0,SUMIFS({key}_sau,co_{key},1)/{base},0)",
                    rest / total if total > 0 else 0.0,
                ),
            ),
            ("text", "percent2", "percent2"),
        )
    chart = _bars(page, first, page.row, (2, 3))
    chart.y_axis.number_format = "0%"
    chart.y_axis.scaling.min = 0
    chart.dataLabels = DataLabelList(showVal=True)
    for hidden in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, hidden, False)
    page.sheet.add_chart(chart, f"A{_room(page)}")


def _by_group(page: Page, content: Content, scopes: Scopes) -> None:
    """Draw the cost of what the plan touches, before and after, by ministry."""
    if scopes.overlapping or not scopes.numbers:
        return
    _title(
        page,
        Text(
            "2. Chi phí tuân thủ của các TTHC có đề xuất theo bộ (đồng, mỗi TTHC một lần)",
            "2. Compliance cost of the procedures touched, by ministry (VND, each once)",
        ),
    )
    page.head((_COLUMNS[0], _COLUMNS[1], _COLUMNS[2]))
    first = page.row + 1
    at = content.before.index.get_indexer(list(content.touched))
    old, new = content.pair("cost_vnd", content.touched)
    known = ~(np.isnan(old) | np.isnan(new))
    for name, number in scopes.numbers.items():
        mine = known & (scopes.group[at] == number)
        if not (scopes.group[at] == number).any():
            continue
        criteria = f"co_cp,1,co_de_xuat,1,nhom,{number}"
        page.line(
            (
                name,
                *(
                    Formula(f"SUMIFS(cp_{when},{criteria})", float(values[mine].sum()))
                    for when, values in (("truoc", old), ("sau", new))
                ),
            ),
            ("text", "whole", "whole"),
        )
    if page.row >= first:
        chart = _bars(page, first, page.row, (2, 3))
        chart.y_axis.number_format = "[$-42A]#,##0"
        page.sheet.add_chart(chart, f"A{_room(page)}")


def _shares(content: Content) -> list[tuple[str, float]]:
    """Return what each database contributes to the papers saved, the largest first."""
    found = effects(content.portfolio, content.plan, by="database", parameters=content.parameters)
    name = "name_vi" if content.language == "vi" else "name_en"
    total = float(found.attrs["total"]["documents"])
    if math.isnan(total) or abs(total) < 1e-9:
        return []
    parts = sorted(
        ((str(n), float(v) / total) for n, v in zip(found[name], found["documents"], strict=True)),
        key=lambda item: -item[1],
    )
    rest = Text("Khác", "Others").in_language(content.language)
    if len(parts) > _MOST:
        parts = [*parts[:_MOST], (rest, sum(value for _, value in parts[_MOST:]))]
    return parts


def _waterfall(page: Page, content: Content) -> None:
    """Draw how the databases add up to the papers that citizens no longer hand in."""
    _title(
        page,
        Text(
            "3. Đóng góp của từng cơ sở dữ liệu vào số giấy tờ được cắt giảm",
            "3. What each database contributes to the papers cut",
        ),
    )
    try:
        parts = _shares(content) if content.plan.reforms else []
    except InvalidValue as error:  # a plan that contradicts itself cannot be shared out
        page.span(error.in_language(page.language), "remark")
        return
    if not parts:
        nothing = Text("Phương án không cắt giảm giấy tờ nào.", "The plan cuts no paper.")
        page.span(nothing.in_language(page.language), "body")
        return
    ids = [str(i) for i in content.before.index]
    old, new = content.pair("documents", ids)
    known = ~(np.isnan(old) | np.isnan(new))
    saved = float((old[known] - new[known]).sum())
    total = "(SUMIFS(giay_truoc,co_giay,1)-SUMIFS(giay_sau,co_giay,1))"
    columns = (
        Column(Text("Cơ sở dữ liệu", "Database"), 80),
        Column(Text("Nền (ẩn)", "Base (hidden)"), 25),
        Column(Text("Đóng góp (giấy tờ)", "Contribution (papers)"), 25),
        Column(Text("Tỷ phần (giá trị Shapley)", "Share (Shapley value)"), 25),
    )
    page.head(columns)
    first = page.row + 1
    level = 0.0
    for name, share in parts:
        row = page.row + 1
        end = level + share * saved
        before = f"SUMPRODUCT(D${first}:D{row})-D{row}"
        page.line(
            (
                name,
                Formula(f"MIN({before},{before}+D{row})*{total}", min(level, end)),
                Formula(f"ABS(D{row})*{total}", abs(share) * saved),
                share,
            ),
            ("text", "number", "number", "input percent2"),
        )
        level = end
    label = Text("Tổng số giấy tờ cắt giảm", "All papers cut").in_language(page.language)
    page.line((label, 0, Formula(total, saved), ""), ("bold text", "number", "bold number", "text"))
    chart = _bars(page, first, page.row, (2, 3))
    chart.grouping, chart.overlap, chart.gapWidth = "stacked", 100, 40
    hidden = chart.series[0].graphicalProperties
    hidden.noFill = True
    hidden.solidFill = None
    hidden.line.noFill = True
    chart.legend = None
    chart.y_axis.number_format = "[$-42A]#,##0"
    page.sheet.add_chart(chart, f"A{_room(page)}")


def _bullets(page: Page, scores: Sequence[ScoreRow]) -> None:
    """Draw each rate and share beside what must be reached: bars and marks."""
    shown = [score for score in scores if score.kind in ("rate", "share")]
    if not shown:
        return
    _title(
        page,
        Text("4. Kết quả so với mức phải đạt", "4. Results against targets"),
    )
    columns = (
        Column(Text("Chỉ tiêu", "Target"), 80),
        Column(Text("Kết quả", "Result"), 25),
        Column(Text("Mức phải đạt", "Target value"), 25),
    )
    page.head(columns)
    first = page.row + 1
    for score in shown:
        at = f"'{SCORES}'!"
        value = 0.0 if math.isnan(score.value) else score.value
        page.line(
            (
                score.name.in_language(page.language),
                Formula(f"IF(ISNUMBER({at}D{score.row}),{at}D{score.row},0)", value),
                Formula(f"{at}E{score.row}", score.target),
            ),
            ("text", "percent2", "percent2"),
        )
    chart = _bars(page, first, page.row, (2,))
    chart.y_axis.number_format = "0%"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    goal = LineChart()
    data = Reference(page.sheet, min_col=3, min_row=first - 1, max_row=page.row)
    goal.add_data(data, titles_from_data=True)
    series = goal.series[0]
    series.marker.symbol, series.marker.size = "dash", 14
    series.marker.graphicalProperties = GraphicalProperties(solidFill=_RED)
    series.marker.graphicalProperties.line.solidFill = _RED
    series.graphicalProperties.line.noFill = True
    chart += goal
    page.sheet.add_chart(chart, f"A{_room(page)}")


def write_charts(book: Book, content: Content, scopes: Scopes, scores: Sequence[ScoreRow]) -> None:
    """Write "Biểu đồ": before and after, by ministry, contributions, targets."""
    page = book.page(SHEET, _COLUMNS)
    page.title(Text("BIỂU ĐỒ", "Charts"))
    drawings: tuple[Callable[[], object], ...] = (
        lambda: _before_after(page, content),
        lambda: _by_group(page, content, scopes),
        lambda: _waterfall(page, content),
        lambda: _bullets(page, scores),
    )
    for draw in drawings:
        draw()
        page.sheet.row_breaks.append(Break(id=page.row))
    page.finish(table=False)
    page.sheet.page_setup.fitToHeight = 0
