"""Độ nhạy theo giả định: how far the reduction rests on each assumed figure."""

from __future__ import annotations

import pandas as pd

from procsim.decisions.tornado import tornado_tables
from procsim.errors import Text
from procsim.reports.cells import Formula
from procsim.reports.content import Content
from procsim.reports.native_charts import place_chart, series
from procsim.reports.page import Book, Column, Page

__all__ = ["SHEET", "write_tornado"]

SHEET = "Độ nhạy theo giả định"
_COLUMNS = (
    Column(Text("Giả định", "Assumption"), 46),
    Column(Text("Đơn vị", "Unit"), 15, "centre"),
    Column(Text("Đang dùng", "In use"), 11, "hours"),
    Column(Text("Thấp", "Low"), 11, "hours"),
    Column(Text("Cao", "High"), 11, "hours"),
    Column(Text("Tỷ lệ cắt giảm khi thấp", "Reduction when low"), 12, "percent4"),
    Column(Text("Tỷ lệ cắt giảm khi cao", "Reduction when high"), 12, "percent4"),
    Column(Text("Tiết kiệm khi thấp (đồng)", "Saved when low (VND)"), 15, "whole"),
    Column(Text("Tiết kiệm khi cao (đồng)", "Saved when high (VND)"), 15, "whole"),
    Column(Text("Chênh khi thấp", "Difference, low"), 11, "percent4"),
    Column(Text("Chênh khi cao", "Difference, high"), 11, "percent4"),
    Column(Text("Khoảng thử", "Range"), 12, "centre"),
)
_BLOCKS = {
    "cost": Text(
        "A. CHI PHÍ TUÂN THỦ TÍNH THEO VĂN BẢN, MỖI THỦ TỤC MỘT LẦN",
        "A. Compliance cost as the law lists the data, each procedure once",
    ),
    "cost_expected": Text(
        "B. CHI PHÍ TUÂN THỦ DỰ KIẾN TRÊN THỰC TẾ (ĐỘ PHỦ DỮ LIỆU, ĐIỀU 8), MỖI THỦ TỤC MỘT LẦN",
        "B. Compliance cost expected in practice (coverage, Điều 8), each procedure once",
    ),
}
_RANGES = {"stated": Text("theo bảng tham số", "stated")}
_GUESS = Text("±20 %, giả định", "±20 %, assumed")
_DRAWN, _ROWS = 12, 20


def write_tornado(book: Book, content: Content) -> None:
    """Write "Độ nhạy theo giả định": procsim measured both states again for each end."""
    tables = tornado_tables(
        content.portfolio, content.plan, tuple(_BLOCKS), parameters=content.parameters
    )
    page = book.page(SHEET, _COLUMNS)
    page.title(
        Text("ĐỘ NHẠY THEO GIẢ ĐỊNH", "Sensitivity to the assumptions"),
        [
            Text(
                "(Mỗi dòng: một giả định ở mức thấp rồi mức cao, các giả định khác giữ nguyên; "
                "procsim tính lại toàn bộ danh mục. Chênh: điểm phần trăm so với tỷ lệ đang có)",
                "(Each row: one assumption low, then high, all others as they are; procsim "
                "measured the whole list again. Difference: points from today's rate)",
            )
        ],
    )
    for metric, title in _BLOCKS.items():
        _block(page, tables[metric], title)
    page.finish()


def _block(page: Page, table: pd.DataFrame, title: Text) -> None:
    page.group(title.in_language(page.language))
    page.head()
    rate, saving = table.attrs["rate"], table.attrs["saving"]
    label = Text("Theo các giả định đang dùng", "With the assumptions in use")
    page.line(
        (label.in_language(page.language), "", "", "", "", rate, rate, saving, saving, "", "", ""),
        ("bold text", *("text",) * 4, *("bold percent4",) * 2, *("bold whole",) * 2)
        + ("text",) * 3,
    )
    base = page.row
    for row in table.to_dict("records"):
        here = page.row + 1
        differences = [
            Formula(f"IF(COUNT({at}{here},{at}{base})=2,{at}{here}-{at}{base},0)", value - rate)
            for at, value in (("F", row["rate_low"]), ("G", row["rate_high"]))
        ]
        page.line(
            (
                row[f"name_{page.language}"],
                row[f"unit_{page.language}"],
                *(row[name] for name in ("value", "low", "high", "rate_low", "rate_high")),
                *(row["saving_low"], row["saving_high"]),
                *differences,
                _RANGES.get(row["range"], _GUESS).in_language(page.language),
            )
        )
    idle = Text(
        f"{table.attrs['without_effect']} giả định khác không làm thay đổi kết quả.",
        f"{table.attrs['without_effect']} other assumptions change nothing.",
    )
    page.span(idle.in_language(page.language), "remark")
    if len(table):
        _chart(page, base + 1, base + min(len(table), _DRAWN))


def _chart(page: Page, first: int, last: int) -> None:
    """Draw the differences of the widest assumptions, in a bar to either side of today's rate."""
    drawn = [
        series(page, first, last, column, fill={"color": colour}, overlap=100, gap=40)
        | {"name": name.label.in_language(page.language)}
        for column, colour, name in (
            (10, "#C55A11", _COLUMNS[3]),
            (11, "#2F75B5", _COLUMNS[4]),
        )
    ]
    place_chart(
        *(page, {"type": "bar"}, drawn),
        size=(32.0, 10.5),
        rows=_ROWS,
        x_axis={"num_format": "0.00%"},
        y_axis={"reverse": True, "label_position": "low"},
    )
