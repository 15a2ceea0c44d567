"""Lộ trình: what each reform waits for, and when it takes effect."""

from __future__ import annotations

from collections import Counter
from datetime import date

from procsim.decisions.roadmap import Roadmap, roadmap
from procsim.language.i18n import bilingual
from procsim.reports.content import Content
from procsim.reports.excel.page import Book, Column, Formula, Page
from procsim.reports.roundtrip.entries import Input

SHEET, EFFECTS = "Lộ trình", "Ngày hiệu lực"
_COLUMNS = (
    Column(bilingual("reports.no_no"), 6, "centre"),
    Column(bilingual("reports.kind"), 15, "centre"),
    Column(bilingual("reports.database_text_must_ready"), 62),
    Column(bilingual("reports.ready"), 12, "input date"),
    Column(bilingual("reports.changes_need"), 10, "whole"),
    Column(bilingual("reports.changes_wait_last"), 11, "whole"),
    Column(bilingual("reports.mark"), 10, "centre"),
    Column(bilingual("reports.source_note"), 56),
)
_EFFECTS = (
    Column(bilingual("reports.no_no"), 6, "centre"),
    Column(bilingual("reports.takes_effect"), 15, "date"),
    Column(bilingual("reports.what_comes_last"), 62),
    Column(bilingual("reports.lapses_after"), 12, "date"),
    Column(bilingual("reports.changes"), 10, "whole"),
    Column(bilingual("reports.running_sum"), 11, "whole"),
    Column(bilingual("reports.mark"), 10, "centre"),
    Column(bilingual("reports.note"), 56),
)
_KINDS = {
    "database": bilingual("reports.charts.database"),
    "text": bilingual("reports.road.legal_text"),
    "resolution": bilingual("reports.resolution"),
}
_NO_DATE = bilingual("reports.no_known")
_NO_DAY = bilingual("reports.no_date_plan_stated")
_NOTHING = bilingual("reports.no_plan_holds_change")


def write_road(book: Book, content: Content) -> None:
    """Write "Lộ trình", the items with their dates, and "Ngày hiệu lực", the reforms by date."""
    page = book.page(SHEET, _COLUMNS, keyed=True)
    title = bilingual("reports.roadmap_databases_legal_texts")
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
    effects.title(bilingual("reports.changes_date_effect"))
    effects.head()
    _effects(effects, road)
    effects.finish()


def _items(page: Page, road: Roadmap) -> None:
    language = page.language
    late = bilingual("reports.overdue").in_language(language)
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
            ("whole", "date", "text", "date", "whole", "whole", "centre", "text"),
        )
