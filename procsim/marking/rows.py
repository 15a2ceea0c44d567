"""What a dossier row is: a form, a document or a note, and what it says about itself."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.marking.items import HEAD, PRELUDE, Item, blank, end_of, papers
from procsim.marking.spelling import BREAK, Pattern, Spelled, TypeVariants, bare, spell

Kind = Literal["form", "document", "note"]
Relation = Literal["one", "any", "all", "mixed"]


class Reading(NamedTuple):
    """What the words of one row say.

    Attributes
    ----------
    kind, relation, conditional, certified
        As in the table ``requirements``.
    items
        The papers asked for, those unknown to the catalogue too.
    groups
        Applicant groups that the row names.
    rule
        Name of the rule that decided the kind.
    confidence
        Share (0–1).
    """

    kind: Kind
    relation: Relation
    items: tuple[Item, ...]
    conditional: bool
    certified: bool
    groups: tuple[str, ...]
    rule: str
    confidence: float


_FORM = Pattern(
    r"đơn(?! (?:vị|giá|đặt|thuốc|hàng|bảo hiểm|thư))",
    r"(?:tờ|bản|phiếu|bảng) (?:tự )?(?:kê )?khai(?! thác)",
    r"(?:tờ|bản) (?:đăng ký|đề nghị|yêu cầu|công bố|tự công bố)",
    r"giấy (?:đề nghị|xin|yêu cầu|khai(?! (?:sinh|tử))|đề xuất)",
    r"giấy đăng ký(?! (?:kinh doanh|doanh nghiệp|kết hôn|xe|hoạt động|tạm trú|thường trú|phương "
    r"tiện|hộ|hợp tác|chứng nhận|lưu hành|mã))",
    r"giấy báo (?:mất|tăng|giảm)",
    r"giấy thông báo(?! (?:số|kết quả|miễn|trúng|nộp|tiếp nhận|thuế|của|cấp))",
    r"(?:văn bản|công văn)(?: \w+){1,8} (?:về việc|để) (?:đề nghị|xin|yêu cầu|thông báo)",
    r"phiếu (?:đề nghị|yêu cầu|đăng ký|khai|thu thập|thu nhận|thông tin|cung cấp|thay đổi|xin|tự "
    r"khai|báo tin|được tạo lập|cc01|dc01)",
    r"(?:văn bản|công văn|tờ trình)(?: của)"
    r"(?: (?!chấp|phê|đồng|xác|thẩm|cho|về)\w+){1,8} (?:đề nghị|xin)",
    r"(?:văn bản|công văn|tờ trình|công hàm|thư|bản|lệnh|thông báo)(?: \w+){0,2} (?:đề nghị|yêu "
    r"cầu|xin|đăng ký|khai báo|kiến nghị|đề xuất)",
    r"(?:văn bản|công văn) (?:thông báo|khai báo|trình|báo cáo đề nghị)",
    r"thông báo(?: bằng văn bản)?(?: về)?(?: việc)? (?:thành lập|lập|thay đổi|chấm dứt|tạm ngừng|"
    r"tạm dừng|ngừng|tiếp tục|giải thể|bằng văn bản|cập nhật|hủy|bổ sung|đề nghị|phát hành|chào "
    r"bán|mở|đóng cửa|bắt đầu|kết thúc|sử dụng|lưu trú|tổ chức|địa điểm|khởi công|hiệu đính|sáp "
    r"nhập|chia|tách|hợp nhất|mời|đăng ký|hoạt động|thực hiện|dừng|cho thuê|tăng|giảm|chào mua|"
    r"theo mẫu)",
    r"thông báo(?=\W*$|\W*[;(]| theo mẫu)",
    r"(?:mẫu )(?:hộ tịch )?điện tử",
    r"(?:biểu )?mẫu (?:đơn|tờ khai|giấy đề nghị|phiếu|bản khai|văn bản đề nghị)",
    r"(?:theo )?(?:biểu )?mẫu (?:số )?[a-z]*\d+",
    r"(?:đề nghị|yêu cầu|đăng ký|khai báo)(?!\w)(?! (?:doanh nghiệp|kinh doanh|xe|kết hôn|khai "
    r"sinh|môi trường))",
    r"(?:bản )?lý lịch tự khai",
    r"(?:phụ lục |các phụ lục )(?:bảng kê|bảng)",
    end=r"(?!\w)",
)
_FORM_EXCEPTION = Pattern(
    r"giấy xác nhận",
    r"(?:văn bản|công văn|tờ trình|thư|bản|hồ sơ)(?: \w+){0,1} (?:chấp thuận|phê duyệt|đồng ý|"
    r"xác nhận|trả lời|thẩm định|ủy quyền)",
)
# A copy of a form, or one that an office has confirmed, was handed in long ago.
_FORM_COPY = Pattern(
    r"^\W{0,9}(?:[a-zđ]{0,4}\d{0,3}[.)]\s?){0,4}\W{0,9}(?:\d+ )?(?:bản sao|bản chụp)(?!\w)",
    r": \d+ bản (?:chụp|sao|có xác nhận)(?!\w)",
    r"\((?:\d+ )?bản (?:sao|chụp)\)\W*$",
)
_REMARK = Pattern(r"(?:lưu ý|ghi chú|chú ý|ví dụ|chú thích)", end=r"(?!\w)")
_NOTE_HEAD = Pattern(
    r"(?:nội dung|thông tin)(?: \w+){0,8} (?:gồm|bao gồm|phải|sau đây)",
    r"số (?:lượng|bộ)(?: bộ)?(?: hồ sơ)?",
    r"thời hạn",
    r"không (?:quy định|có|cần|yêu cầu|bao gồm|phải)",
    r"(?:hồ sơ|thành phần hồ sơ|thành phần)(?: [^;.]*)? (?:gồm|bao gồm)(?: có)?\W*$",
    r"(?:các )?(?:hồ sơ|giấy tờ|tài liệu)(?: [^;.]*)? (?:sau đây|sau|như sau|theo quy định "
    r"sau)\W*$",
    r"khi (?:sử dụng|nộp|làm|đến|thực hiện|có)",
    r"việc(?= )",
    r"(?:cơ quan|cán bộ|người tiếp nhận|công chức|bộ phận)(?! .* (?:xác nhận|cấp)\W*$)",
    r"(?:người|cá nhân|tổ chức|doanh nghiệp|công dân|chủ sở hữu|nhà đầu tư|chủ đầu tư|nhà thầu|"
    r"đương sự|hộ kinh doanh|các bên|bên)(?= )",
    r"(?:trong|sau|trước) (?:thời hạn|thời gian|khi)",
    r"trừ trường hợp",
    r"(?:ngày|địa điểm|hình thức|cách thức|phương thức) (?:nộp|nhận)",
    end=r"(?!\w)",
)
_SET_COUNT = Pattern(
    r"^\W{0,9}(?:số lượng(?: hồ sơ)?\W{0,9})?\(?\d{1,3}\)?(?: \(\w+\))?"
    r" \(?bộ\)?(?: hồ sơ)?(?: gốc| chính)?\W*$",
    r"^\W{0,9}(?:thành phần )?hồ sơ(?: [^;.]*)? (?:bao gồm|gồm)(?: có)?\W*$",
)
_ANY_PAPER = Pattern(
    r"(?:giấy tờ|tài liệu|văn bản|hồ sơ|chứng từ|danh mục|đơn|tờ khai|giấy đề nghị)", end=r"(?!\w)"
)
_HOW_TO_SEND = Pattern(
    r"(?:trường hợp|khi|nếu|đối với trường hợp)(?: \w+){0,4} (?:nộp|gửi|thực hiện)(?: \w+){0,3}"
    r" (?:trực tuyến|trên môi trường|qua môi trường|qua dịch vụ bưu chính|qua cổng)[^:;.]* thì ",
    r"(?:khi sử dụng|trường hợp sử dụng) tài khoản định danh",
)
_SETS_OF = Pattern(r"(?:thành phần )?hồ sơ(?: [^;.]*)?:? (?:\(?\d+\)? )+bộ")
_HEADING_END = re.compile(r"[:：]\W*$")
_ASKS_FOR = Pattern(
    r"(?:nộp|xuất trình|phải có|có thêm|kèm theo|gửi|(?:bổ sung|cung cấp)(?! thông tin))",
    r"hồ sơ (?:là|gồm|bao gồm)",
    start=r"(?<!\w)(?<!có thể )",
    end=r"(?!\w)",
)
_LISTS = Pattern(
    r"(?:phải|cần) (?:có|nộp|gửi):",
    r"(?:phải có|phải nộp|bao gồm|gồm)(?: các| những| một trong các)? (?:giấy tờ|tài liệu|văn bản)"
    r"(?: sau đây| sau)?:",
    start=r"(?<!\w)",
)
_COPY_AFTER_COLON = Pattern(r": (?:\d+ )?(?:bản (?:sao|chính|chụp|dịch|gốc)|giấy)(?!\w)")
# "Giấy tờ do nước ngoài cấp phải được hợp pháp hóa": about all papers, asks for none.
_ABOUT_PAPERS = Pattern(
    r"(?:các |mọi |những )?(?:loại )?(?:giấy tờ|tài liệu|hồ sơ|văn bản|bản sao|bản dịch)"
    r"(?: (?:do|bằng|có trong|nộp|quy định|nêu|trên|của hồ sơ|nước ngoài|được)"
    r"(?: [^\s;:.]+){0,24}?)?"
    r" phải (?:được|bảo đảm|đảm bảo|rõ|còn|ghi|là bản)",
    end=r"(?!\w)",
)
_STATES = Pattern(
    r"có trách nhiệm",
    r"chịu trách nhiệm",
    r"được sử dụng",
    r"thực hiện theo (?:quy định|hướng dẫn)",
    r"phải (?:bảo đảm|đảm bảo|được|nêu|ghi|thể hiện)",
    r"có thể",
    r"không (?:phải|cần|yêu cầu)",
    r"được (?:coi|xem|tính|hiểu|thay thế|miễn)",
    r"có giá trị chứng minh",
    r"hướng dẫn",
    start=r"(?<!\w)",
    end=r"(?!\w)",
)
_CONDITIONAL = Pattern(
    r"nếu(?: có)?(?! (?:khai thác|được|bản|không có bản))",
    r"trường hợp(?! (?:\w+ ){0,6}(?:khai thác|kết nối|tra cứu))(?! nộp bản)(?! không có bản)",
    r"đối với (?:trường hợp|người|cá nhân|tổ chức|doanh nghiệp|hợp tác xã|công ty|cơ sở|dự án|"
    r"chủ|nhà đầu tư|hộ|các|đối tượng|cơ quan|đơn vị|lần|hàng hóa|hồ sơ|phương tiện|công dân|trẻ "
    r"em|học sinh)",
    r"(?:chỉ )?áp dụng (?:cho|với|đối với)",
    r"dành cho",
    r"khi có",
    start=r"(?<!\w)",
    end=r"(?!\w)",
)
# Says where a condition opens the row; in a form's title "đối với" is part of its name.
_CONDITION_FIRST = Pattern(
    r"(?:riêng |trong |trừ )?(?:trường hợp|đối với|nếu|khi)",
    start=r"^\W{0,9}(?:[a-zđ]{0,4}\d{0,3}[.)]\s?){0,4}\W{0,9}",
    end=r"(?!\w)",
)
_CONDITION_OF_FORM = Pattern(
    r"nếu có",
    r"(?:trong |đối với )trường hợp",
    r"dành cho",
    r"nếu người",
    start=r"(?<!\w)",
    end=r"(?!\w)",
)
_FIRST_SENTENCE = re.compile(rf"^.*?(?:;|{BREAK}|\.(?=\s)|$)", re.DOTALL)
_CERTIFIED = Pattern(
    r"(?<!không )(?<!phải )(?:công chứng|chứng thực)(?! cá nhân)(?! viên)(?! của (?:lãnh|đại))",
    start=r"(?<!\w)",
    end=r"(?!\w)",
)
_SENTENCE_END = re.compile(r"[^\W\d]{3,}\. ")
_OF_THE_FORM = ("mẫu", "mau", "xác nhận", "xac nhan", "thông báo", "danh mục", "hồ sơ")
# "Cấp … cho người nước ngoài": the papers of the procedure are foreigners' papers.
_ABOUT_FOREIGNERS = Pattern(
    r"(?<!dành )(?:việc|cho|của|đối với) (?:cá nhân |lao động )?(?:là )?(?:người|công dân)(?: "
    r"lao động)? nước (?:ngoài|láng giềng)",
    end=r"(?!\w)",
)
# In an adoption across borders the adopter is the foreigner.
_ACROSS_BORDERS = Pattern(r"con nuôi có yếu tố nước ngoài")
_ADOPTER = Pattern(r"người (?:nhận|xin nhận|xin) con nuôi")
_OTHER_PARTY = Pattern(r"người được|trẻ em|doanh nghiệp|tổ chức|người bảo lãnh")
_OF_BODIES = frozenset(
    {"gcn_dkdn", "gcn_dk_ho_kinh_doanh", "gcn_dk_htx", "gcn_qsdd", "quyet_dinh_thanh_lap"}
)
_Verdict = tuple[Kind, str, float]  # what a row is, by which rule, how sure the rule is
_ONLY_IF = ("trường hợp", "đối với", "nếu", "khi", "truong hop", "doi voi", "neu")


def _kind_by_head(spelled: Spelled, items: tuple[Item, ...], at: int) -> _Verdict | None:
    text = spelled.text
    if _SET_COUNT.of(spelled).match(text) or not text.strip(" -+*.;:"):
        return "note", "count", 0.97
    last = max(text.rfind(". "), text.rfind("; "), text.rfind(BREAK))
    named = any(item.position < last for item in items) or (
        bool(items) and items[0].position <= at and not _ANY_PAPER.of(spelled).match(text, at)
    )
    if _HEADING_END.search(text) and not named:
        return "note", "heading", 0.93
    if _FORM.of(spelled).match(text, at) and not _FORM_EXCEPTION.of(spelled).match(text, at):
        is_copy = _FORM_COPY.of(spelled).search(text)
        return ("document", "form-copy", 0.75) if is_copy else ("form", "form-head", 0.94)
    return None


def _kind(spelled: Spelled, blanked: str, items: tuple[Item, ...]) -> _Verdict:
    text, form, exception = spelled.text, _FORM.of(spelled), _FORM_EXCEPTION.of(spelled)
    at = end_of(PRELUDE.of(spelled).match(text))
    if by_head := _kind_by_head(spelled, items, at):
        return by_head
    begin = len(blanked) - len(blanked.lstrip(" ~:,.;-+*()"))
    moved = end_of(PRELUDE.of(spelled).match(blanked, begin))
    if form.match(blanked, moved) and not exception.match(blanked, moved):
        return "form", "form-after-condition", 0.88
    if _REMARK.of(spelled).match(text, at) or _SETS_OF.of(spelled).match(text, at):
        return "note", "note-head", 0.93
    if _HOW_TO_SEND.of(spelled).match(text, at):
        return "note", "statement", 0.7
    typed = any(item.document_type for item in items)
    if not typed and _ABOUT_PAPERS.of(spelled).match(text, at):
        return "note", "statement", 0.8
    head_note = _NOTE_HEAD.of(spelled).match(text, at)
    asks = bool(items) and items[0].position <= moved
    if head_note:
        if items and (_ASKS_FOR.of(spelled).search(blanked) or _LISTS.of(spelled).search(text)):
            return "document", "asks-in-sentence", 0.7
        return "note", "note-head", 0.85
    if not items and not blanked.strip(" ~:,.;-+*()"):
        return "note", "condition-only", 0.85
    opening = items[0].position if items else moved
    if form.match(blanked, opening) and not exception.match(blanked, opening):
        return "form", "form-inside", 0.8
    told = _ASKS_FOR.of(spelled).search(blanked)
    if items and not asks and not told and ":" not in text and text[at:].startswith(_ONLY_IF):
        return "note", "condition-stated", 0.75
    if not items and not told and text[at:].startswith(_ONLY_IF):
        if _COPY_AFTER_COLON.of(spelled).search(text):
            return "document", "paper-inside", 0.7
        return "note", "condition-stated", 0.75
    if items:
        return "document", "paper-head" if asks else "paper-inside", 0.94 if asks else 0.87
    if HEAD.of(spelled).match(text, at):
        return "document", "paper-head", 0.85
    states = _STATES.of(spelled).search(blanked)
    return ("note", "statement", 0.7) if states else ("document", "default", 0.55)


def _conditional(spelled: Spelled, kind: Kind, items: tuple[Item, ...]) -> bool:
    if kind == "note":
        return False
    text = spelled.text
    if _CONDITION_FIRST.of(spelled).match(text):
        return True
    first = _FIRST_SENTENCE.match(text)
    asked = _CONDITIONAL if kind == "document" else _CONDITION_OF_FORM
    if first and asked.of(spelled).search(first.group()):
        return True
    # Only who acts through somebody else hands in an authorisation.
    return bool(items) and all(item.document_type == "van_ban_uy_quyen" for item in items)


def relation_of(items: tuple[Item, ...]) -> Relation:
    """Return how the known papers of a row are joined."""
    typed = [item for item in items if item.document_type]
    if len({item.document_type for item in typed}) < 2:
        return "one"
    groups: dict[int, set[str]] = {}
    for item in typed:
        groups.setdefault(item.group, set()).add(item.document_type)
    if len(groups) == 1:
        return "any"
    return "all" if all(len(types) == 1 for types in groups.values()) else "mixed"


def _of_form(items: tuple[Item, ...]) -> tuple[Item, ...]:
    # What follows the form's own name by comma or "hoặc" is what it asks for, not a paper.
    kept: list[Item] = []
    attached = False
    for item in items[1:]:
        attached = attached or item.link in {"with", "strong"}
        if attached and item.document_type:
            kept.append(item)
    return tuple(kept)


def _other_papers(spelled: Spelled, items: tuple[Item, ...]) -> bool:
    """Whether papers of their own stand beside the form in one row."""
    form = _FORM.of(spelled)
    for before, item in pairwise(items):
        between = spelled.text[before.position : item.position]
        if (
            item.link == "strong"
            and (";" in between or BREAK in between)
            and not _SENTENCE_END.search(spelled.text, 0, item.position)
            and not item.words.startswith(_OF_THE_FORM)
            and not form.match(spelled.text, item.position)
        ):
            return True
    return False


def read_row(
    spelled: Spelled,
    variants: TypeVariants,
    *,
    blanked: str | None = None,
    decided: Kind | None = None,
) -> Reading:
    """Return what one row asks for.

    Parameters
    ----------
    spelled
        The row's name in the one spelling.
    variants
        Phrases that name document types.
    blanked
        The row after `blank`, where it is at hand.
    decided
        The kind, where something else than these rules has decided it.
    """
    blanked = blank(spelled) if blanked is None else blanked
    items = papers(spelled, blanked, variants)
    kind, rule, confidence = _kind(spelled, blanked, items)
    if decided is not None:
        kind, rule = decided, "learned"
    if kind == "note":
        items = ()
    elif kind == "form":
        rest = _of_form(items)
        if decided is None and _other_papers(spelled, items):
            kind, rule, confidence = "document", "form-and-papers", 0.6
        else:
            items = rest
    return Reading(
        kind,
        relation_of(items),
        items,
        _conditional(spelled, kind, items),
        bool(_CERTIFIED.of(spelled).search(spelled.text)),
        applicant_groups(spelled),
        rule,
        confidence,
    )


RULES: dict[str, Text] = {
    "count": bilingual("marking.only_counts_sets_dossier"),
    "heading": bilingual("marking.heading_ends_colon"),
    "form-head": bilingual("marking.starts_name_application_declaration"),
    "form-copy": bilingual("marking.copy_form_filed_before"),
    "form-after-condition": bilingual("marking.names_form_after_condition"),
    "form-inside": bilingual("marking.first_paper_named_form"),
    "form-and-papers": bilingual("marking.form_other_papers_row"),
    "note-head": bilingual("marking.opens_remark_says_what"),
    "condition-only": bilingual("marking.only_states_condition_exemption"),
    "condition-stated": bilingual("marking.says_how_case_handled"),
    "statement": bilingual("marking.explanation"),
    "under-note": bilingual("marking.stands_under_heading_remark"),
    "asks-in-sentence": bilingual("marking.sentence_asks_papers"),
    "paper-head": bilingual("marking.starts_name_paper"),
    "paper-inside": bilingual("marking.names_paper_inside_sentence"),
    "learned": bilingual("marking.model_learned_labelled_rows"),
    "default": bilingual("marking.no_sign_form_note"),
}
"""What each rule of `Reading.rule` means."""


def foreign_context(case: str, procedure: str) -> str:
    """Return what says that a row is about foreigners: ``"case"``, ``"procedure"``, ``""``."""
    foreign, other, adopter = _parties(case)
    if foreign:
        return "case"
    about, across_borders = _subject(procedure)
    if across_borders and adopter:
        return "case"
    return "procedure" if about and not other else ""


@lru_cache(maxsize=50_000)
def _parties(case: str) -> tuple[bool, bool, bool]:
    """Return whether a case is of foreigners, of another party, of who adopts."""
    spelled = spell(case)
    groups = applicant_groups(spelled)
    return (
        "foreigner" in groups and "citizen" not in groups,
        bool(_OTHER_PARTY.of(spelled).search(spelled.text)),
        bool(_ADOPTER.of(spelled).search(spelled.text)),
    )


@lru_cache(maxsize=50_000)
def _subject(procedure: str) -> tuple[bool, bool]:
    """Return whether a procedure is about foreigners, about adoption across borders."""
    spelled = spell(procedure)
    return (
        bool(_ABOUT_FOREIGNERS.of(spelled).search(spelled.text)),
        bool(_ACROSS_BORDERS.of(spelled).search(spelled.text)),
    )


def in_context(reading: Reading, *, case: str, procedure: str = "", quantity: int = 0) -> Reading:
    """Return the reading as it stands under its heading.

    Parameters
    ----------
    case
        Name of the case or heading that the row stands under.
    procedure
        Name of the procedure.
    quantity
        Originals and copies asked for.
    """
    if reading.kind == "note":
        return reading
    context = foreign_context(case, procedure)
    if context and "foreigner" not in reading.groups:
        named = {item.document_type for item in reading.items}
        if context == "case" or not named & _OF_BODIES:
            reading = reading._replace(groups=("foreigner", *reading.groups))
    if case_kind(case) != "note":
        return reading
    if quantity > 0 and reading.rule in {"form-head", "paper-head"}:
        return reading._replace(confidence=min(reading.confidence, 0.6))
    return reading._replace(
        kind="note", items=(), relation="one", rule="under-note", confidence=0.9
    )


_CASE_NOTE = Pattern(r"(?:lưu ý|ghi chú|chú ý)", start=r"^\W{0,9}", end=r"(?!\w)")
_CASE_SECTION = Pattern(
    r"(?:các )?giấy tờ(?: phải)?(?: nộp| xuất trình)?",
    r"(?:hồ sơ |thành phần hồ sơ )?(?:bao gồm|gồm)(?: có)?",
    r"thành phần(?:,? số lượng)?(?: hồ sơ)?",
    r"nhóm \d",
    r"hồ sơ(?: gồm| bao gồm)?",
    start=r"^\W{0,9}(?:\w{1,3}[.)]\s?)?",
    end=r"[^\w]*(?: ?(?:gồm|bao gồm|như sau|sau|sau đây|các văn bản, tài liệu sau|có|nộp|xuất "
    r"trình|phải nộp|phải xuất trình)[^\w]*)*$",
)


CaseKind = Literal["case", "section", "note"]


@lru_cache(maxsize=50_000)
def case_kind(name: str) -> CaseKind:
    """Return whether a case name is a variant, a heading inside one dossier, or a remark."""
    spelled = spell(name)
    if not spelled.text.strip(" :;.,-"):
        return "section" if spelled.text.strip() else "case"
    if _CASE_NOTE.of(spelled).match(spelled.text):
        return "note"
    if _CASE_SECTION.of(spelled).match(spelled.text):
        return "section"
    return "case"


# The applicant groups that a text names.

_GROUPS: tuple[tuple[str, Pattern], ...] = (
    (
        "foreigner",
        Pattern(
            r"(?:người|cá nhân|công dân|tổ chức|nhà đầu tư|doanh nghiệp|pháp nhân|công ty|thương "
            r"nhân|nhà thầu) (?:có quốc tịch )?nước (?:ngoài|láng giềng)",
            r"quốc tịch nước ngoài",
            r"người không quốc tịch",
            r"(?:do|của) (?:cơ quan|tổ chức)[^;.,]{0,40} nước ngoài[^;.,]{0,20} cấp",
            r"của nước sở tại",
            r"(?<!phải )(?<!phải được )(?:đã |được )+hợp pháp hóa lãnh sự",
            r"(?:công dân|doanh nghiệp) (?:trung quốc|lào|campuchia)",
        ),
    ),
    ("citizen_abroad", Pattern(r"(?:việt nam|người việt)(?: nam)? (?:định cư |cư trú |sinh sống "
                               r")?ở nước ngoài")),
    ("enterprise", Pattern(r"(?:đối với|trường hợp|là|của) (?:các )?(?:doanh nghiệp|công ty)")),
    ("household_business", Pattern(r"hộ kinh doanh")),
    ("cooperative", Pattern(r"hợp tác xã")),
    ("organisation", Pattern(r"(?:đối với|trường hợp|là|của) (?:các )?(?:tổ chức|cơ quan|đơn vị)")),
    (
        "citizen",
        Pattern(
            r"(?:đối với|trường hợp|là|của) (?:các )?(?:cá nhân|công dân)(?! nước)",
            r"(?:công dân|cá nhân|người) việt nam(?! (?:định cư|cư trú|sinh sống|ở))",
        ),
    ),
)  # fmt: skip


# One of these words must stand in a text before its pattern is tried at all.
_NEEDS: dict[str, tuple[str, ...]] = {
    name: (*words, *map(bare, words))
    for name, words in {
        "foreigner": ("nước", "không quốc tịch", "trung quốc", "lào", "campuchia", "lãnh sự"),
        "citizen_abroad": ("nước ngoài",),
        "enterprise": ("doanh nghiệp", "công ty"),
        "household_business": ("hộ kinh doanh",),
        "cooperative": ("hợp tác xã",),
        "organisation": ("tổ chức", "cơ quan", "đơn vị"),
        "citizen": ("cá nhân", "công dân", "người việt"),
    }.items()
}
_FOREIGN_ALTERNATIVE = Pattern(
    r"(?:giấy tờ|tài liệu|văn bản)(?: \w+){0,2} (?:tương đương|khác|thay thế)"
    r"[^;.,]*?(?:người|cá nhân|công dân) nước ngoài"
)


def applicant_groups(spelled: Spelled) -> tuple[str, ...]:
    """Return the applicant groups that a text names, in a fixed order."""
    # "… hoặc giấy tờ tương đương của người nước ngoài" leaves the row open to everyone.
    text = spelled.text
    if any(word in text for word in _NEEDS["foreigner"]):
        text = _FOREIGN_ALTERNATIVE.of(spelled).sub("", text)
    return tuple(
        name
        for name, pattern in _GROUPS
        if any(word in text for word in _NEEDS[name]) and pattern.of(spelled).search(text)
    )
