"""The columns of a plan's workbook sheet: every field that any kind of reform has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache

from procsim.errors import Text
from procsim.language.vietnamese import fold
from procsim.readers.words import word
from procsim.reference.schema import Column, table
from procsim.reforms.actions import KINDS
from procsim.reforms.base import Reform
from procsim.reforms.files import UNMATCHED_LISTS

__all__ = [
    "CHANGE",
    "FORMAT",
    "FORMAT_VERSION",
    "HEAD",
    "HEADING_ROWS",
    "KIND",
    "REPORT",
    "TITLES",
    "choices",
    "codes_by_word",
    "columns",
    "fields_of",
    "heading_names",
    "unmatched_columns",
]

TITLES: dict[str, Text] = {
    "plan": Text("Phương án", "Plan"),
    "head": Text("Thông tin", "About"),
    "unmatched": Text("Dòng chưa khớp", "Unmatched rows"),
    "words": Text("Danh mục", "Words"),
}
"""Titles of the sheets; the last holds the words of the drop-downs and is not read."""

HEAD: dict[str, Text] = {
    "name": Text("Tên phương án", "Name of the plan"),
    "version": Text("Phiên bản", "Version"),
    "note": Text("Ghi chú", "Note"),
}
FORMAT = Text("Định dạng tệp", "Format of the file")
FORMAT_VERSION = 1
REPORT = Text("Trang báo cáo, không đọc lại", "Sheets of the report, not read")
"""The row of “Thông tin” that names the other sheets of a report, joined by ``;``."""

HEADING_ROWS = 2
"""Rows of headings: the labels, and the machine names beneath."""

KIND = "kind"
CHANGE = "change"
"""The sentence that a reform makes of itself: shown, never read back."""

_LABELS: dict[str, Text] = {
    KIND: Text("Loại đề xuất", "Kind of reform"),
    CHANGE: Text("Nội dung đề xuất", "In words"),
    "procedure": Text("Mã thủ tục", "Procedure id"),
    "requirement": Text("Mã thành phần hồ sơ", "Required document id"),
    "step": Text("Mã bước thực hiện", "Step id"),
    "condition": Text("Mã yêu cầu, điều kiện", "Condition id"),
    "channel": Text("Mã cách thức nộp", "Channel id"),
    "fee": Text("Mã khoản thu", "Fee id"),
    "document_types": Text("Loại giấy tờ được thay", "Papers replaced"),
    "databases": Text("Cơ sở dữ liệu", "Databases"),
    "coverage": Text("Độ phủ dữ liệu", "Coverage"),
    "coverage_mark": Text("Nguồn độ phủ", "Source of the coverage"),
    "part": Text("Thay thế một phần", "In part"),
    "days": Text("Thời gian mới (số)", "New time"),
    "percent": Text("Tỷ lệ cắt giảm (%)", "Cut in per cent"),
    "unit": Text("Đơn vị thời gian", "Unit of time"),
    "amount_vnd": Text("Mức thu mới (đồng)", "New amount (VND)"),
    "channel_method": Text("Chỉ với cách thức nộp", "Only for this way of submission"),
    "merged": Text("Gộp thêm các mã", "Ids merged into it"),
    "others": Text("Làm song song với các bước", "Parallel to the steps"),
    "requirements": Text("Mã các thành phần hồ sơ", "Required document ids"),
    "level": Text("Mức độ trực tuyến hoặc cấp thực hiện", "Online level or level of authority"),
    "share": Text("Tỷ lệ hồ sơ trực tuyến", "Share of dossiers online"),
    "agency": Text("Cơ quan thực hiện mới", "New agency"),
    "times_per_year": Text("Số lần thực hiện trong năm", "Times per year"),
    "subjects_per_year": Text("Số đối tượng tuân thủ trong năm", "Subjects per year"),
    "text": Text("Nội dung mới", "New wording"),
    "reason": Text("Lý do", "Reason"),
    "legal_text": Text("Tên văn bản phải sửa đổi", "Legal text to amend"),
    "legal_numbers": Text("Số hiệu văn bản", "Numbers of the texts"),
    "article": Text("Điểm, khoản, điều", "Article"),
    "rank": Text("Loại văn bản", "Rank of the text"),
    "signer": Text("Người, cơ quan ký ban hành (rõ thẩm quyền)", "Signed by"),
    "owner": Text("Người, đơn vị thực hiện (rõ người)", "Carried out by"),
    "lead": Text("Cơ quan chịu trách nhiệm (rõ trách nhiệm)", "Lead agency"),
    "due": Text("Ngày phải hoàn thành (rõ thời gian)", "Due date"),
    "product": Text("Sản phẩm (rõ sản phẩm)", "Product"),
    "source": Text("Nguồn của đề xuất", "Source of the proposal"),
}
_UNMATCHED: dict[str, Text] = {
    "annex": Text("Phụ lục", "Annex"),
    "number": Text("STT", "Number"),
    "code": Text("Mã TTHC", "Procedure code"),
    "title": Text("Tên TTHC", "Title"),
    "paper": Text("Thành phần hồ sơ", "Paper"),
    "reason_vi": Text("Lý do chưa khớp", "Reason in Vietnamese"),
    "reason_en": Text("Lý do bằng tiếng Anh", "Reason in English"),
    "reason_code": Text("Mã lý do", "Reason code"),
    "detail_code": Text("Mã chi tiết", "Detail code"),
    "procedures": Text("Thủ tục cần xem", "Procedures to look at"),
    "requirements": Text("Thành phần hồ sơ cần xem", "Required documents to look at"),
}
_HAS_UNIT = {"amount_vnd": "VND", "coverage": "share", "share": "share"}
# The columns of the portfolio whose words a field shares, and the codes it takes of each.
_ONLINE, _LEVELS = table("procedures")["online"], table("procedures")["levels"]
_RANKS, _MARKS = table("legal_bases")["rank"], table("requirements")["coverage_mark"]
_METHODS, _TIME_UNITS = table("channels")["method"], table("channels")["limit_unit"]
_CHOICES: dict[str, tuple[tuple[Column, tuple[str, ...]], ...]] = {
    "rank": ((_RANKS, _RANKS.categories),),
    "coverage_mark": ((_MARKS, _MARKS.categories),),
    "channel_method": ((_METHODS, _METHODS.categories),),
    "unit": ((_TIME_UNITS, ("working_day", "day", "hour")),),
    "level": ((_ONLINE, ("full", "partial")), (_LEVELS, ("province", "commune"))),
}


@cache
def fields_of(made: type[Reform]) -> tuple[str, ...]:
    """Return the names of every field of a kind of reform."""
    return tuple(field.name for field in fields(made))


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns of the sheet: kind, what changes, own fields, common fields."""
    typed = {field.name: str(field.type) for made in KINDS.values() for field in fields(made)}
    common = fields_of(Reform)
    own = [name for name in typed if name not in common]
    first = list(dict.fromkeys(made.target_field for made in KINDS.values()))
    rest = [name for name in own if name not in first]
    names = [KIND, *first, CHANGE, *rest, *common]
    return tuple(_column(name, typed.get(name, "str")) for name in names)


@cache
def unmatched_columns() -> tuple[Column, ...]:
    """Return the columns of the sheet of rows that met nothing in the portfolio."""
    return tuple(
        Column(
            *("unmatched", name, "list" if name in UNMATCHED_LISTS else "text", "", (), ""),
            required=False,
            label=label,
            description="",
        )
        for name, label in _UNMATCHED.items()
    )


def heading_names(listed: tuple[Column, ...]) -> dict[str, str]:
    """Return the columns by every folded heading that names one."""
    spelled = {fold(t): column.name for column in listed for t in column.label}
    return spelled | {fold(column.name): column.name for column in listed}


def _column(name: str, written: str) -> Column:
    kind = "text"
    for part, known in (("tuple", "list"), ("float", "number"), ("date", "date"), ("bool", "flag")):
        if part in written:
            kind = known
    label = _LABELS.get(name, Text(name, name))
    unit = _HAS_UNIT.get(name, "")
    return Column("plan", name, kind, unit, (), "", name == KIND, label, "")


@cache
def choices(name: str) -> Mapping[str, Text]:
    """Return the codes that a column accepts with their words; empty for free columns."""
    if name == KIND:
        return {kind: made.title for kind, made in KINDS.items()}
    listed = _CHOICES.get(name, ())
    return {code: word(column, code) for column, codes in listed for code in codes if code}


@cache
def codes_by_word(name: str) -> Mapping[str, str]:
    """Return the codes of a column by every folded word that is read as one of them."""
    known = choices(name)
    words = {fold(spelled): code for code, both in known.items() for spelled in both}
    return words | {fold(code): code for code in known}
