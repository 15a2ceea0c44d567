"""Lộ trình: what each reform waits for, and when it takes effect."""

from __future__ import annotations

from collections import Counter
from datetime import date

from procsim.decisions.roadmap import Roadmap, roadmap
from procsim.errors import Text
from procsim.reports.cells import Formula
from procsim.reports.content import Content
from procsim.reports.inputs import Input
from procsim.reports.page import Book, Column, Page

__all__ = ["EFFECTS", "SHEET", "write_road"]

SHEET, EFFECTS = "Lộ trình", "Ngày hiệu lực"
_COLUMNS = (
    Column(Text("STT", "No."), 6, "centre"),
    Column(Text("Loại", "Kind"), 15, "centre"),
    Column(Text("Cơ sở dữ liệu, văn bản phải xong", "Database or text that must be ready"), 62),
    Column(Text("Ngày sẵn sàng", "Ready on"), 12, "input date"),
    Column(Text("Số đề xuất cần", "Changes that need it"), 10, "whole"),
    Column(Text("Số đề xuất chờ mục này sau cùng", "Changes that wait for it last"), 11, "whole"),
    Column(Text("Nguồn", "Mark"), 10, "centre"),
    Column(Text("Căn cứ, ghi chú", "Source, note"), 56),
)
_EFFECTS = (
    Column(Text("STT", "No."), 6, "centre"),
    Column(Text("Có hiệu lực từ", "Takes effect on"), 15, "date"),
    Column(Text("Mục hoàn thành sau cùng", "What comes last"), 62),
    Column(Text("Hết hiệu lực sau ngày", "Lapses after"), 12, "date"),
    Column(Text("Số đề xuất", "Changes"), 10, "whole"),
    Column(Text("Lũy kế", "Running sum"), 11, "whole"),
    Column(Text("Nguồn", "Mark"), 10, "centre"),
    Column(Text("Ghi chú", "Note"), 56),
)
_KINDS = {
    "database": Text("Cơ sở dữ liệu", "Database"),
    "text": Text("Văn bản", "Legal text"),
    "resolution": Text("Nghị quyết", "Resolution"),
}
_NO_DATE = Text("chưa rõ", "not known")
_NO_DAY = Text(
    "Chưa ghi ngày lập phương án nên chưa tính được lộ trình.",
    "The date of the plan is not stated, so no roadmap can be worked out.",
)
_NOTHING = Text("Phương án chưa có đề xuất.", "The plan holds no change.")


def write_road(book: Book, content: Content) -> None:
    """Write "Lộ trình", the items with their dates, and "Ngày hiệu lực", the reforms by date."""
    page = book.page(SHEET, _COLUMNS, keyed=True)
    title = Text(
        "LỘ TRÌNH: CƠ SỞ DỮ LIỆU VÀ VĂN BẢN MÀ PHƯƠNG ÁN CHỜ",
        "Roadmap: databases and legal texts that the plan waits for",
    )
    page.title(title)
    if content.on is None or not content.plan.reforms:
        text = _NO_DAY if content.plan.reforms else _NOTHING
        page.span(text.in_language(book.language), "body")
        page.finish(table=False)
        return
    road = roadmap(
        content.portfolio,
        content.plan,
        on=content.on,
        parameters=content.parameters,
        dates=content.dates,
    )
    page.head()
    _items(page, road)
    page.finish(filters=True)
    effects = book.page(EFFECTS, _EFFECTS)
    effects.title(Text("ĐỀ XUẤT THEO NGÀY CÓ HIỆU LỰC", "Changes by date of effect"))
    effects.head()
    _effects(effects, road)
    effects.finish()


def _items(page: Page, road: Roadmap) -> None:
    language = page.language
    late = Text("Đã quá hạn.", "Overdue.").in_language(language)
    unknown = _NO_DATE.in_language(language)
    first = page.row + 1
    for number, row in enumerate(road.items.to_dict("records"), 1):
        dated = isinstance(row["ready_on"], date)
        fixed = row["kind"] == "resolution"  # the law states its dates
        style = "date" if fixed else "input date"
        reason = row["reason_vi"] if language == "vi" else row["reason_en"]
        notes = [str(reason or ""), str(row["source"] or "")]
        if row["overdue"] and not reason:  # which says so itself
            notes.insert(0, late)
        page.line(
            (
                number,
                _KINDS[row["kind"]].in_language(language),
                row["name_vi"] if language == "vi" else row["name_en"],
                row["ready_on"] if dated else unknown,
                row["reforms"],
                row["waiting"],
                row["mark"] or "–",
                "\n".join(note for note in notes if note),
            ),
            ("centre", "centre", "text", style, "whole", "whole", "centre", "text"),
        )
        if fixed:
            continue
        item = road.catalogue[row["key"]]
        page.bind(4, Input("date", item.text or item.key))
    if road.on is not None:
        day = f"DATE({road.on.year},{road.on.month},{road.on.day})"
        page.signal(f"D{first}:D{page.row}", f"AND(ISNUMBER(D{first}),D{first}<{day})", "lacking")


def _effects(page: Page, road: Roadmap) -> None:
    language = page.language
    names = {key: item.name.in_language(language) for key, item in road.catalogue.items()}
    reason = "reason_vi" if language == "vi" else "reason_en"
    rows = Counter(
        (row["effective_on"], row["waits_for"], row["until"], row["mark"], row[reason])
        for row in road.reforms.to_dict("records")
    )
    order = sorted(rows.items(), key=lambda item: (item[0][0] or date.max, item[0][1]))
    unknown = _NO_DATE.in_language(language)
    first = page.row + 1
    running = 0
    for number, ((start, waits, until, mark, note), count) in enumerate(order, 1):
        running += count
        page.line(
            (
                number,
                start or unknown,
                names.get(waits, waits),
                until or "–",
                count,
                Formula(f"SUM(E${first}:E{page.row + 1})", running),
                mark or "–",
                note,
            ),
            (
                "whole",
                "date",
                "text",
                "date",
                "whole",
                "whole",
                "centre",
                "text",
            ),
        )
