"""The Vietnamese words that stand in a workbook for tables and category codes."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from pathlib import Path

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import fold
from procsim.reference.schema import Column, schema, table

TITLES: dict[str, Text] = {
    "procedures": bilingual("readers.procedures"),
    "cases": bilingual("readers.cases"),
    "channels": bilingual("readers.channels"),
    "fees": bilingual("readers.fees"),
    "requirements": bilingual("readers.requirements"),
    "steps": bilingual("readers.steps"),
    "flow": bilingual("readers.flow"),
    "conditions": bilingual("readers.conditions"),
    "legal_bases": bilingual("readers.legal_bases"),
    "results": bilingual("readers.results"),
    "marks": bilingual("readers.marks"),
    "decisions": bilingual("readers.officers_decisions"),
}
"""Title of the sheet of each table."""

GUIDE = bilingual("readers.guide")
"""Title of the sheet that explains the workbook; it holds no data."""

EXAMPLE = "VÍ DỤ"
"""Stands in the first cell of such a row."""

EXAMPLES: dict[str, dict[str, str | float]] = {
    "procedures": {
        "code": "1.004222",
        "name": "Đăng ký thường trú",
        "ministry": "Bộ Công an",
        "field": "Đăng ký, quản lý cư trú",
        "levels": "cấp xã",
        "audience": "người dân",
        "online": "toàn trình",
        "times_per_year": 1,
        "times_mark": "nhập",
        "status": "còn hiệu lực",
    },
    "cases": {"procedure": "1.004222", "position": 1, "name": "Trường hợp cấp lại", "share": 0.3},
    "channels": {
        "procedure": "1.004222",
        "position": 1,
        "method": "trực tiếp",
        "limit_text": "07 ngày làm việc",
        "limit_value": 7,
        "limit_unit": "ngày làm việc",
    },
    "fees": {
        "procedure": "1.004222",
        "channel": "trực tiếp",
        "kind": "lệ phí",
        "amount_text": "20.000 đồng/lần",
        "amount_vnd": 20000,
        "per": "lần",
    },
    "requirements": {
        "procedure": "1.004222",
        "case": "1",
        "position": 1,
        "name": "Tờ khai thay đổi thông tin cư trú",
        "kind": "đơn hoặc tờ khai",
        "originals": 1,
        "copies": 0,
        "certified": "không",
    },
    "steps": {
        "procedure": "1.004222",
        "position": 1,
        "name": "Nộp hồ sơ",
        "actor": "người nộp",
        "text": "Công dân nộp hồ sơ tại cơ quan đăng ký cư trú.",
    },
    "flow": {"procedure": "1.004222", "before": "1", "after": "2"},
    "conditions": {
        "procedure": "1.004222",
        "position": 1,
        "text": "Có chỗ ở hợp pháp.",
        "status": "giữ",
        "split": "cán bộ nhập",
    },
    "legal_bases": {
        "procedure": "1.004222",
        "number": "68/2020/QH14",
        "name": "Luật Cư trú",
        "rank": "luật",
        "article": "Điều 20",
    },
    "results": {"procedure": "1.004222", "position": 1, "name": "Thông báo kết quả đăng ký"},
    "marks": {
        "requirement": "1.004222/c1/r1",
        "document_type": "birth_certificate",
        "source": "cán bộ",
    },
    "decisions": {
        "procedure": "1.004222",
        "requirement": "1.004222/c1/r2",
        "code": "1.004222",
        "row": 2,
        "name": "Giấy khai sinh (nếu có)",
        "kind": "giấy tờ",
        "types": "giay_khai_sinh",
        "decided_by": "Nguyễn Văn A",
        "decided_on": "22/11/2026",
        "reason": "Đã đối chiếu quyết định công bố.",
    },
}
"""The row of each sheet that shows how to fill it in; it is not read."""


@cache
def _table() -> Mapping[tuple[str, str], tuple[Text, tuple[str, ...]]]:
    """Return the words for each code of each column, and what officers write for it too.

    A row of ``words.csv`` without a column holds wherever the code stands. Its word in
    two languages holds no comma and no semicolon: they part the entries of a list.
    """
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["column"], row["code"]): (
                Text(row["vi"], row["en"]),
                tuple(row["also"].split("|")),
            )
            for row in csv.DictReader(file)
        }


def word(column: Column, code: str) -> Text:
    """Return the words for one category code of a column; the code itself where it has none.

    Examples
    --------
    >>> word(table("channels")["method"], "post").vi
    'bưu chính'
    """
    of_column, common = (f"{column.table}.{column.name}", code), ("", code)
    found = _table().get(of_column) or _table().get(common)
    return found[0] if found else Text(code, code)


@cache
def vocabulary(column: Column) -> Mapping[str, str]:
    """Return category codes by every folded word that is read as one of them."""
    codes = [code for code in column.categories if code]
    own = f"{column.table}.{column.name}"
    known = {fold(t): code for (c, code), (_, also) in _table().items() if c == own for t in also}
    known.pop("", None)
    for code in codes:
        known |= {fold(name): code for name in word(column, code)}
    return known | {fold(code): code for code in codes}


_BULLET = re.compile(r"^\s*(?:[-–—+•*·▪]+|\d{1,2}[.)]|[a-zđ][.)])\s*")
_JOINED = re.compile(r"\s*[,/&+]\s*|\s+(?:và|hoặc)\s+", re.IGNORECASE)


def known_entries(text: str, known: Collection[str]) -> list[str]:
    """Return the entries of a list that is joined by commas, slashes or "và".

    A word that holds a comma itself ("Cán bộ, công chức, viên chức") stays one
    entry where it is known; pieces that are not known stay as they are.

    Parameters
    ----------
    text
        One entry, or several.
    known
        The folded words that can stand alone.

    Examples
    --------
    >>> known_entries("- Cấp Bộ, Cấp Tỉnh/Cấp Xã", {"cap bo", "cap tinh", "cap xa"})
    ['Cấp Bộ', 'Cấp Tỉnh', 'Cấp Xã']
    """
    plain = _BULLET.sub("", text).strip(" .,;")
    if fold(plain) in known:
        return [plain]
    pieces = [piece for piece in _JOINED.split(plain) if piece]
    entries: list[str] = []
    at = 0
    while at < len(pieces):
        runs = (end for end in range(len(pieces), at, -1))
        end = next((e for e in runs if fold(", ".join(pieces[at:e])) in known), at + 1)
        entries.append(", ".join(pieces[at:end]))
        at = end
    return entries


@cache
def _applicants() -> frozenset[str]:
    """Return the subject types of the portal, and the short words that lists use for them."""
    listed = (
        t for (c, _), (_, also) in _table().items() if c == "procedures.applicants" for t in also
    )
    return frozenset(map(fold, listed))


_CITIZENS = (
    *("cong dan", "nguoi dan", "nguoi nuoc ngoai", "nguoi viet nam", "ca nhan", "ho gia dinh"),
)
_BUSINESSES = ("doanh nghiep", "hop tac xa", "ho kinh doanh", "htx")
_STATE = ("can bo", "cong chuc", "vien chuc", "dang vien", "to chuc dang", "co quan nha nuoc")


def applicant_entries(applicants: str) -> tuple[list[str], bool]:
    """Return the subject types of a text joined by ``;`` or commas, and whether all are known.

    Examples
    --------
    >>> applicant_entries("Doanh nghiệp, Cán bộ, công chức, viên chức")
    (['Doanh nghiệp', 'Cán bộ, công chức, viên chức'], True)
    """
    entries = [e for part in applicants.split(";") for e in known_entries(part, _applicants())]
    return entries, all(fold(entry) in _applicants() for entry in entries)


@lru_cache(maxsize=4096)
def audience_of(applicants: str) -> str:
    """Return the audience that the published subject types, joined by ``;``, make up.

    Examples
    --------
    >>> audience_of("Công dân Việt Nam;Hợp tác xã"), audience_of("Tổ chức Đảng")
    ('both', 'state')
    """
    folded = [fold(name) for name in applicants.split(";") if name]
    if not folded:
        return "unknown"
    businesses = any(
        word in name and "khong bao gom" not in name for name in folded for word in _BUSINESSES
    )
    citizens = any(name.startswith(_CITIZENS) for name in folded)
    if citizens and businesses:
        return "both"
    if citizens or businesses:
        return "citizen" if citizens else "business"
    state = all(name.startswith(_STATE) for name in folded)
    return "state" if state else "organisation"


@cache
def heading_names(name: str) -> Mapping[str, str]:
    """Return the columns of table `name` by every folded heading that names one.

    A heading is the machine name, the Vietnamese or the English label; a label
    that two columns share names neither.
    """
    columns = table(name).columns
    known: dict[str, str] = {}
    for language in ("en", "vi"):
        labels = [fold(column.label.in_language(language)) for column in columns]
        known |= {
            label: column.name
            for label, column in zip(labels, columns, strict=True)
            if labels.count(label) == 1
        }
    return known | {fold(column.name): column.name for column in columns}


@cache
def _titles() -> Mapping[str, str]:
    names = {fold(title): name for name, both in TITLES.items() for title in both}
    return names | {fold(name): name for name in schema()}


def table_of_title(title: str) -> str:
    """Return the table that a sheet or file title names, ``""`` when it names none."""
    folded = fold(title)
    return _titles().get(folded, _titles().get(folded.replace("_", " "), ""))
