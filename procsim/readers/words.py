"""The Vietnamese words that stand in a workbook for tables and category codes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache

from procsim.errors import Text
from procsim.language.vietnamese import fold
from procsim.reference.schema import Column, schema, table

__all__ = [
    "EXAMPLE",
    "EXAMPLES",
    "GUIDE",
    "TITLES",
    "applicant_entries",
    "audience_of",
    "heading_names",
    "known_entries",
    "table_of_title",
    "vocabulary",
    "word",
]

TITLES: dict[str, Text] = {
    "procedures": Text("Thủ tục", "Procedures"),
    "cases": Text("Trường hợp", "Cases"),
    "channels": Text("Cách thức", "Channels"),
    "fees": Text("Phí lệ phí", "Fees"),
    "requirements": Text("Thành phần hồ sơ", "Requirements"),
    "steps": Text("Bước thực hiện", "Steps"),
    "flow": Text("Quan hệ bước", "Flow"),
    "conditions": Text("Điều kiện", "Conditions"),
    "legal_bases": Text("Căn cứ pháp lý", "Legal bases"),
    "results": Text("Kết quả", "Results"),
    "marks": Text("Đánh dấu", "Marks"),
    "decisions": Text("Quyết định của cán bộ", "Officers' decisions"),
}
"""Title of the sheet of each table."""

GUIDE = Text("Hướng dẫn", "Guide")
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

# A code that means the same wherever it stands; `_OWN` overrides by table and column.
# No word holds a comma or a semicolon: they part the entries of drop-downs and lists.
_COMMON: dict[str, Text] = {
    "unknown": Text("chưa rõ", "unknown"),
    "other": Text("khác", "other"),
    "yes": Text("có", "yes"),
    "no": Text("không", "no"),
    "note": Text("ghi chú", "note"),
    "luật": Text("luật", "law"),
    "công bố": Text("công bố", "published"),
    "nhập": Text("nhập", "entered"),
    "giả định": Text("giả định", "assumed"),
    "working_day": Text("ngày làm việc", "working days"),
    "day": Text("ngày", "days"),
    "hour": Text("giờ", "hours"),
    "minute": Text("phút", "minutes"),
    "week": Text("tuần", "weeks"),
    "month": Text("tháng", "months"),
    "year": Text("năm", "years"),
    "counter": Text("trực tiếp", "counter"),
    "post": Text("bưu chính", "post"),
    "online": Text("trực tuyến", "online"),
    "phi": Text("phí", "phí (service fee)"),
    "le_phi": Text("lệ phí", "lệ phí (administrative fee)"),
}
_OWN: dict[str, dict[str, Text]] = {
    "procedures.levels": {
        "central": Text("trung ương", "central"),
        "province": Text("cấp tỉnh", "province"),
        "commune": Text("cấp xã", "commune"),
    },
    "procedures.audience": {
        "citizen": Text("người dân", "citizens"),
        "business": Text("doanh nghiệp", "businesses"),
        "both": Text("người dân và doanh nghiệp", "citizens and businesses"),
        "organisation": Text("tổ chức khác", "other organisations"),
        "state": Text("cơ quan nhà nước", "state bodies"),
    },
    "procedures.online": {
        "full": Text("toàn trình", "full"),
        "partial": Text("một phần", "partial"),
        "none": Text("không trực tuyến", "none"),
    },
    "procedures.status": {
        "active": Text("còn hiệu lực", "active"),
        "abolished": Text("bãi bỏ", "abolished"),
        "merged": Text("gộp vào thủ tục khác", "merged"),
    },
    "cases.kind": {
        "case": Text("trường hợp", "case"),
        "section": Text("đề mục", "section"),
    },
    "requirements.kind": {
        "form": Text("đơn hoặc tờ khai", "form"),
        "document": Text("giấy tờ", "document"),
    },
    "requirements.relation": {
        "one": Text("một giấy tờ", "one"),
        "any": Text("một trong các giấy tờ", "any of them"),
        "all": Text("tất cả các giấy tờ", "all of them"),
        "mixed": Text("hỗn hợp", "mixed"),
    },
    "decisions.kind": {
        "form": Text("đơn hoặc tờ khai", "form"),
        "document": Text("giấy tờ", "document"),
    },
    "decisions.relation": {
        "one": Text("một giấy tờ", "one"),
        "any": Text("một trong các giấy tờ", "any of them"),
        "all": Text("tất cả các giấy tờ", "all of them"),
        "mixed": Text("hỗn hợp", "mixed"),
    },
    "decisions.replaceable": {
        "full": Text("toàn bộ", "full"),
        "part": Text("một phần", "part"),
    },
    "requirements.status": {
        "required": Text("phải nộp", "required"),
        "dropped": Text("đã bỏ", "dropped"),
        "merged": Text("đã gộp", "merged"),
    },
    "steps.actor": {
        "applicant": Text("người nộp", "applicant"),
        "office": Text("cơ quan giải quyết", "office"),
        "both": Text("cả hai bên", "both"),
    },
    "steps.status": {
        "active": Text("còn thực hiện", "active"),
        "dropped": Text("đã bỏ", "dropped"),
        "merged": Text("đã gộp", "merged"),
    },
    "conditions.status": {
        "kept": Text("giữ", "kept"),
        "cut": Text("cắt", "cut"),
        "simplified": Text("đơn giản hóa", "simplified"),
    },
    "conditions.split": {
        "numbered": Text("theo số thứ tự", "numbered"),
        "bulleted": Text("theo gạch đầu dòng", "bulleted"),
        "paragraph": Text("theo đoạn văn", "paragraph"),
        "entered": Text("cán bộ nhập", "entered"),
    },
    "legal_bases.rank": {
        "hien_phap": Text("hiến pháp", "constitution"),
        "luat": Text("luật", "law"),
        "phap_lenh": Text("pháp lệnh", "ordinance"),
        "nghi_dinh": Text("nghị định", "decree"),
        "nghi_quyet": Text("nghị quyết", "resolution"),
        "quyet_dinh_ttg": Text("quyết định của Thủ tướng", "decision of the Prime Minister"),
        "thong_tu": Text("thông tư", "circular"),
        "quyet_dinh_bo_truong": Text("quyết định của Bộ trưởng", "decision of a minister"),
    },
    "marks.class": {
        "listed": Text("có trong danh mục", "listed"),
        "open": Text("khoản mở", "open clause"),
        "none": Text("không có", "none"),
    },
    "marks.source": {
        "rule": Text("quy tắc", "rule"),
        "model": Text("mô hình", "model"),
        "annex": Text("phụ lục nghị quyết", "annex"),
        "officer": Text("cán bộ", "officer"),
    },
}
# Other words that officers write for the same thing.
_ALSO: dict[str, dict[str, str]] = {
    "procedures.levels": {
        **dict.fromkeys(("bộ", "cấp bộ", "bộ, ngành", "cấp bộ, ngành", "cơ quan bộ"), "central"),
        **dict.fromkeys(("cấp trung ương", "cơ quan trung ương", "tw", "cấp tw"), "central"),
        **dict.fromkeys(("tỉnh", "thành phố", "cấp thành phố", "ubnd cấp tỉnh"), "province"),
        **dict.fromkeys(("tỉnh, thành phố", "tỉnh, tp", "cấp tỉnh, thành phố"), "province"),
        **dict.fromkeys(("xã", "phường", "cấp phường", "cấp cơ sở", "ubnd cấp xã"), "commune"),
        **dict.fromkeys(("xã, phường", "cấp xã, phường", "đặc khu"), "commune"),
        **dict.fromkeys(("xã, phường, đặc khu", "xã, phường, thị trấn"), "commune"),
        **dict.fromkeys(("cơ quan khác", "cấp khác", "đơn vị khác"), "other"),
    },
    "procedures.audience": {
        **dict.fromkeys(("công dân", "cá nhân"), "citizen"),
        "cả hai": "both",
    },
    "procedures.online": {
        f"{service}{level}".strip(): code
        for service in ("", "dịch vụ công trực tuyến ", "dvc trực tuyến ", "dvctt ", "trực tuyến ")
        for code, levels in {
            "full": ("toàn trình", "mức độ 4", "mức 4"),
            "partial": ("một phần", "mức độ 3", "mức 3"),
            "none": ("mức độ 1", "mức độ 2"),
        }.items()
        for level in levels
    }
    | dict.fromkeys(("cung cấp thông tin trực tuyến", "không", "chưa trực tuyến"), "none"),
    "procedures.boundary_free": {"phi địa giới": "yes", "phi địa giới hành chính": "yes"},
    "procedures.status": {
        **dict.fromkeys(("đã bãi bỏ", "hết hiệu lực", "bị bãi bỏ"), "abolished"),
        **dict.fromkeys(("có hiệu lực", "đang có hiệu lực", "đang hiệu lực"), "active"),
        "gộp": "merged",
    },
    "channels.method": {
        **dict.fromkeys(("nộp trực tiếp", "nộp hồ sơ trực tiếp", "tại trụ sở"), "counter"),
        **{
            f"{way}{post}": "post"
            for way in ("", "qua ", "nộp qua ")
            for post in ("bưu chính", "dịch vụ bưu chính", "bưu chính công ích", "bưu điện")
            + ("dịch vụ bưu chính công ích",)
        },
        **dict.fromkeys(("nộp trực tuyến", "nộp hồ sơ trực tuyến", "qua mạng"), "online"),
    },
    "requirements.kind": {
        "đơn": "form",
        "tờ khai": "form",
        "mẫu đơn": "form",
        "mẫu đơn, tờ khai": "form",
        "đơn, tờ khai": "form",
    },
    "decisions.kind": {
        "đơn": "form",
        "tờ khai": "form",
        "mẫu đơn": "form",
        "đơn, tờ khai": "form",
    },
    "requirements.status": {"bắt buộc": "required", "bỏ": "dropped"},
}


def word(column: Column, code: str) -> Text:
    """Return the words for one category code of a column; the code itself where it has none.

    Examples
    --------
    >>> word(table("channels")["method"], "post").vi
    'bưu chính'
    """
    own = _OWN.get(f"{column.table}.{column.name}", {})
    return own.get(code) or _COMMON.get(code) or Text(code, code)


@cache
def vocabulary(column: Column) -> Mapping[str, str]:
    """Return category codes by every folded word that is read as one of them."""
    codes = [code for code in column.categories if code]
    known: dict[str, str] = {}
    for other, code in _ALSO.get(f"{column.table}.{column.name}", {}).items():
        known[fold(other)] = code
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


# The subject types of the portal, and the short words that lists use for them.
_APPLICANTS = frozenset(
    map(
        fold,
        (
            *("Công dân Việt Nam", "Công dân", "Cá nhân", "Người dân", "Hộ gia đình"),
            *("Người nước ngoài", "Người Việt Nam định cư ở nước ngoài"),
            *("Người nước ngoài cư trú tại Việt Nam", "Tổ chức", "Tổ chức nước ngoài"),
            *("Cán bộ, công chức, viên chức", "Tổ chức (không bao gồm doanh nghiệp, HTX)"),
            *("Doanh nghiệp", "Doanh nghiệp Việt Nam", "Doanh nghiệp có vốn đầu tư nước ngoài"),
            *("Hợp tác xã", "HTX", "Hộ kinh doanh", "Đảng viên", "Tổ chức Đảng"),
            *("Cơ quan nhà nước", "Cán bộ", "Công chức", "Viên chức"),
        ),
    )
)
_CITIZENS = ("cong dan", "nguoi dan", "nguoi nuoc ngoai", "nguoi viet nam", "ca nhan")
_CITIZENS += ("ho gia dinh",)
_BUSINESSES = ("doanh nghiep", "hop tac xa", "ho kinh doanh", "htx")
_STATE = ("can bo", "cong chuc", "vien chuc", "dang vien", "to chuc dang", "co quan nha nuoc")


def applicant_entries(applicants: str) -> tuple[list[str], bool]:
    """Return the subject types of a text joined by ``;`` or commas, and whether all are known.

    Examples
    --------
    >>> applicant_entries("Doanh nghiệp, Cán bộ, công chức, viên chức")
    (['Doanh nghiệp', 'Cán bộ, công chức, viên chức'], True)
    """
    entries = [e for part in applicants.split(";") for e in known_entries(part, _APPLICANTS)]
    return entries, all(fold(entry) in _APPLICANTS for entry in entries)


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
