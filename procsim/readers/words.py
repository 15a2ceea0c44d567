"""The Vietnamese words that stand in a workbook for tables and category codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from procsim.errors import Text
from procsim.language.vietnamese import fold
from procsim.reference.schema import Column, schema, table

__all__ = [
    "EXAMPLE",
    "EXAMPLES",
    "GUIDE",
    "TITLES",
    "heading_names",
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
        "cấp trung ương": "central",
        "cấp bộ": "central",
        "tỉnh": "province",
        "xã": "commune",
        "cấp tỉnh, thành phố": "province",
    },
    "procedures.audience": {"công dân": "citizen", "cá nhân": "citizen", "cả hai": "both"},
    "procedures.online": {"dịch vụ công trực tuyến toàn trình": "full"},
    "procedures.status": {"đã bãi bỏ": "abolished", "gộp": "merged"},
    "channels.method": {
        "nộp trực tiếp": "counter",
        "dịch vụ bưu chính": "post",
        "bưu chính công ích": "post",
        "qua bưu chính": "post",
        "bưu điện": "post",
        "nộp trực tuyến": "online",
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
