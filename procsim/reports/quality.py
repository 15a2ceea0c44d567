"""Chất lượng dữ liệu: what is wrong in the data, by kind; the whole list behind it."""

from __future__ import annotations

from collections.abc import Sequence

from procsim.errors import Fault, Text, shorten
from procsim.reports.cells import Formula, quoted
from procsim.reports.page import Book, Column

__all__ = ["LIST", "SHEET", "write_quality"]

SHEET, LIST = "Chất lượng dữ liệu", "Danh sách lỗi"
_EXAMPLES = 3
_MOST = 20_000
SEVERITIES = {
    "error": Text("Lỗi", "Error"),
    "warning": Text("Cảnh báo", "Warning"),
    "note": Text("Lưu ý", "Note"),
}
_KINDS = (
    Column(Text("STT", "No."), 6, "centre"),
    Column(Text("Mức độ", "Severity"), 11, "centre"),
    Column(Text("Vấn đề", "What is wrong"), 46),
    Column(Text("Số trường hợp", "Cases"), 10, "whole"),
    Column(Text("Ví dụ", "Examples"), 52),
    Column(Text("Cách xử lý", "Cure"), 42),
    Column(Text("Mã loại", "Code"), 20),
)
_ALL = (
    Column(Text("STT", "No."), 7, "centre"),
    Column(Text("Mức độ", "Severity"), 11, "centre"),
    Column(Text("Mã loại", "Code"), 20),
    Column(Text("Vị trí", "Place"), 34),
    Column(Text("Giá trị như nguồn ghi", "Value as written"), 34),
    Column(Text("Vấn đề", "What is wrong"), 44),
    Column(Text("Cách xử lý", "Cure"), 34),
    Column(Text("Giá trị đề xuất", "Proposed value"), 16),
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
        Text("CHẤT LƯỢNG DỮ LIỆU", "Quality of the data"),
        [
            Text(
                f"(Mỗi loại một dòng, kèm {_EXAMPLES} ví dụ; toàn bộ ở trang “{LIST}”, lọc được, "
                "chỉ in trang đầu)",
                f"(A row for each kind with {_EXAMPLES} examples; all of them stand on the sheet "
                f"“{LIST}”, with filters; its first page is printed)",
            )
        ],
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
        page.span(Text("Không có lỗi nào.", "No fault was found.").in_language(language), "text")
    else:
        total = Formula(f"SUM(D{first}:D{page.row})", shown)
        label = Text("Cộng", "Sum").in_language(language)
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
        under = [
            Text(
                f"(Ghi {_MOST} dòng đầu trong {count} dòng; lệnh “procsim check” cho toàn bộ)",
                f"(The first {_MOST} of {count} rows; “procsim check” gives all of them)",
            )
        ]
    page.title(Text("TOÀN BỘ LỖI VÀ CẢNH BÁO CỦA SỐ LIỆU", "All faults of the data"), under)
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
