"""Chất lượng dữ liệu: what is wrong in the data, by kind; the whole list behind it."""

from __future__ import annotations

from collections.abc import Sequence

from procsim.errors import Fault, shorten
from procsim.language.i18n import bilingual
from procsim.reports.excel.page import Book, Column, Formula, quoted

SHEET, LIST = "Chất lượng dữ liệu", "Danh sách lỗi"
_EXAMPLES = 3
_MOST = 20_000
SEVERITIES = {
    "error": bilingual("reports.error"),
    "warning": bilingual("reports.warning"),
    "note": bilingual("reports.quality.note"),
}
_KINDS = (
    Column(bilingual("reports.no_no"), 6, "centre"),
    Column(bilingual("reports.severity"), 11, "centre"),
    Column(bilingual("reports.what_wrong"), 46),
    Column(bilingual("reports.cases"), 10, "whole"),
    Column(bilingual("reports.examples"), 52),
    Column(bilingual("reports.cure"), 42),
    Column(bilingual("reports.code"), 20),
)
_ALL = (
    Column(bilingual("reports.no_no"), 7, "centre"),
    Column(bilingual("reports.severity"), 11, "centre"),
    Column(bilingual("reports.code"), 20),
    Column(bilingual("reports.place"), 34),
    Column(bilingual("reports.value_written"), 34),
    Column(bilingual("reports.what_wrong"), 44),
    Column(bilingual("reports.cure"), 34),
    Column(bilingual("reports.proposed_value"), 16),
)


def _kinds(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Return the faults of each kind, the gravest and then the most frequent first."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.severity, fault.code), []).append(fault)
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    ordered = sorted(groups.items(), key=lambda item: (rank[item[0][0]], -len(item[1]), item[0][1]))
    return [own for _, own in ordered]


def _example(fault: Fault) -> str:
    value = f": {shorten(fault.value, 60)}" if fault.value else ""
    return f"– {shorten(fault.place, 90)}{value}"


def write_quality(book: Book, faults: Sequence[Fault]) -> None:
    """Write "Chất lượng dữ liệu", a row for each kind, and "Danh sách lỗi" with all of them."""
    language = book.language
    page = book.page(SHEET, _KINDS)
    page.title(
        bilingual("reports.quality_data"),
        [bilingual("reports.row_each_kind_examples", examples=_EXAMPLES, list=LIST)],
    )
    page.head()
    first = page.row + 1
    kinds = _kinds(faults)
    shown = sum(len(own) for own in kinds)
    whole = shown <= _MOST
    for number, own in enumerate(kinds, 1):
        fault = own[0]
        severity = SEVERITIES[fault.severity].in_language(language)
        count: Formula | int = len(own)
        if whole and fault.code:
            count = Formula(f"COUNTIFS(loi_ma,G{page.row + 1},loi_muc,B{page.row + 1})", len(own))
        page.line(
            (
                number,
                severity,
                fault.message.in_language(language),
                count,
                "\n".join(_example(one) for one in own[:_EXAMPLES]),
                fault.cure.in_language(language),
                fault.code,
            )
        )
    if not faults:
        page.span(bilingual("reports.no_fault_found").in_language(language), "text")
    else:
        total = Formula(f"SUM(D{first}:D{page.row})", shown)
        label = bilingual("reports.sum").in_language(language)
        page.line(
            ("", "", label, total, "", "", ""),
            ("text", "text", "bold text", "bold whole", "text", "text", "text"),
        )
    for severity, signal in (("error", "missed"), ("note", "unknown")):
        word = quoted(SEVERITIES[severity].in_language(language))
        page.signal(f"B{first}:B{max(page.row, first)}", f"B{first}={word}", signal)
    page.finish()
    if faults:
        _whole(book, kinds, shown)


def _whole(book: Book, kinds: Sequence[Sequence[Fault]], count: int) -> None:
    language = book.language
    page = book.page(LIST, _ALL)
    under = []
    if count > _MOST:
        under = [bilingual("reports.first_rows_procsim_check", most=_MOST, count=count)]
    page.title(bilingual("reports.all_faults_data"), under)
    page.head()
    first = page.row + 1
    every = [fault for own in kinds for fault in own][:_MOST]
    for number, fault in enumerate(every, 1):
        page.line(
            (
                number,
                SEVERITIES[fault.severity].in_language(language),
                fault.code,
                fault.place,
                fault.value,
                fault.message.in_language(language),
                fault.cure.in_language(language),
                fault.proposal,
            )
        )
    book.name("loi_muc", page.area(2, first, page.row))
    book.name("loi_ma", page.area(3, first, page.row))
    page.finish(filters=True, last_printed=min(page.row, first + 30))
