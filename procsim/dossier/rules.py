"""What the words and the structure decide, before anything learned is asked.

Rows are taken in the base cases of one dossier. Each gets a verdict, a role with the
words that gave it; rows of which an applicant gives one stand in a group.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from procsim.dossier.clues import content_words, words_left
from procsim.marking.items import HEAD
from procsim.dossier.published import Case, Published, Row

__all__ = ["Verdict", "groups_of", "likeness", "verdict"]

GOVERNS = frozenset({"head", "tail", "aside"})
_IDENTITY = re.compile(
    r"căn cước|tùy thân|hộ chiếu|nhân thân|chứng minh nhân dân|giấy tờ pháp lý của cá nhân|can cuoc|ho chieu"
)
_AUTHORITY = re.compile(
    r"^(?:\d+ |bản (?:sao|chính|gốc) |có chứng thực )*(?:văn bản|giấy|hợp đồng)(?: về việc| về| \w+)? (?:ủy quyền|ủy thác|giới thiệu(?! sinh hoạt)|cử người đại diện)"
)
_OTHERS = re.compile(
    r"^(?:các |những |bản sao |một số )*(?:giấy tờ|tài liệu|hồ sơ|văn bản|chứng từ)(?:, (?:giấy tờ|tài liệu|văn bản|chứng từ))*"
    r"(?: (?:khác|có liên quan|liên quan)(?! (?:đến|tới) việc thực hiện))"
)
_ABSTRACT = re.compile(
    r"(?:từng |mỗi |các |một số |tất cả |những )*(?:nội dung|diện tích|lĩnh vực|chỉ tiêu|khoản|thời gian|hoạt động|quyền|khu vực|phương pháp"
    r"|dầu khí|nghĩa vụ|người lao động|người thứ|bên thứ|nhà đầu tư về|chủ nợ|thử nghiệm|sản phẩm, dịch vụ|hộ kinh doanh, cá nhân|mặt trận)"
)
BODY = ("tổ chức", "doanh nghiệp", "cơ quan", "công ty", "hợp tác xã", "đơn vị", "pháp nhân")
PERSON = ("cá nhân", "người", "công dân", "hộ gia đình", "hộ kinh doanh", "trẻ em")
SUBJECTS = {
    "foreign": ("nước ngoài", "không quốc tịch", "nước láng giềng"),
    "again": ("cấp lại", "đổi", "gia hạn", "điều chỉnh", "thay đổi", "bổ sung", "sửa đổi"),
    "lost": ("mất", "hỏng", "cấp lại", "thất lạc", "rách"),
    "first": ("lần đầu", "cấp mới", "thành lập"),
    "online": ("trực tuyến", "điện tử", "qua mạng"),
    "post": ("bưu chính", "bưu điện"),
    "authorised": ("ủy quyền", "đại diện"),
    "special": ("xã hội", "chuyển đổi", "sáp nhập", "chia, tách", "thừa kế", "chết", "hợp nhất"),
    "minor": ("trẻ em", "thành niên", "14 tuổi", "con ", "18 tuổi", "mất năng lực"),
    "military": ("quân đội", "quốc phòng", "quân nhân"),
    "abroad": ("định cư ở", "cư trú ở nước ngoài"),
    "import": ("nhập khẩu", "xuất khẩu"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A role with the rule that gave it and the words that decided."""

    role: str
    rule: str
    why: str


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the shared words over all words of two texts, 0 where both are empty."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def known_share(row: Row, about: Published, case: Case) -> float:
    """Return how much of a row's condition the procedure's or the case's own name says."""
    words = content_words(row.clues.condition)
    return len(words & (about.subject | case.clues.words)) / len(words) if words else 1.0


def of_condition(text: str, words: Sequence[str]) -> bool:
    """Return whether a condition holds one of some words."""
    return any(word in text for word in words)


def meets(row: Row, about: Published, case: Case) -> str:
    """Return why the ordinary applicant is in a row's condition; ``""`` where not said."""
    text, applicants = row.clues.condition, about.applicants
    body, person = of_condition(text, BODY), of_condition(text, PERSON)
    if re.search(r"(?:nộp|gửi|đến|thực hiện|hình thức)(?: \S+){0,3} trực tiếp", text) and "không" not in text:
        return "counter"
    for name in ("foreign", "lost", "minor", "military", "abroad", "special", "authorised", "post"):
        if of_condition(text, SUBJECTS[name]) and not of_condition(about.text, SUBJECTS[name]):
            return ""
    if "online" in row.clues.said and not of_condition(text, ("trực tiếp", "bưu chính")):
        return ""
    words = content_words(text)
    if re.search(r"(?<!\w)(?:đã|chưa|không|được miễn|có yêu cầu|có nhu cầu|bổ sung)(?!\w)", text):
        return ""
    if of_condition(text, ("trực tiếp",)) and "không" not in text:
        return "counter"
    if not words and not re.search(r"điểm|khoản|điều", text):
        plain = (body and applicants == {"body"}) or (person and "body" not in applicants)
        return "applicant" if plain else ""
    if known_share(row, about, case) >= 0.8:
        return "subject"
    if of_condition(text, ("cấp mới", "lần đầu", "người việt nam", "công dân việt nam", "trong nước")):
        return "plain"
    return ""


_USES_DATA = re.compile(r"\(?sử dụng (?:tài khoản định danh|dữ liệu)|: dữ liệu điện tử")
_ONLY_IF = re.compile(
    r"nếu (?:là |còn|thuộc|đã|người|cá nhân|tổ chức|doanh nghiệp|cơ sở|công dân|chủ|có)(?!.*(?:phải|thì))"
)
_AMENDS = re.compile(
    r"(?:đề nghị|nội dung|thông tin|cần)(?: cần| đề nghị)? (?:sửa đổi|điều chỉnh|thay đổi|bổ sung|cải chính)"
)
_EXEMPT = re.compile(r"(?:là người|đối tượng|thuộc (?:diện|trường hợp))(?: được)? miễn")
_GOODS = re.compile(r"hải quan|(?<!giấy phép )(?:xuất|nhập) khẩu|quá cảnh|tạm (?:xuất|nhập)")
_LICENSED = re.compile(
    r"(?:giấy phép (?:nhập|xuất) khẩu|giấy (?:thông báo |chứng nhận )?(?:miễn )?kiểm tra|chứng từ chứng minh (?:\S+ ){1,6}đủ điều kiện (?:nhập|xuất)"
    r"|giấy chứng nhận kiểm tra chuyên ngành)"
)
_CONTENTS_OF = re.compile(r"^\W*(?:nội dung|các nội dung|yêu cầu)(?: chủ yếu| chính)? (?:của |trong )?(?:tài liệu|báo cáo|đề án|hồ sơ|phương án|bản)")
_HANDLES = re.compile(r"giải quyết (?:khiếu nại|tố cáo|tranh chấp)|tiếp nhận, giải quyết|xử lý đơn|tiếp công dân")
_HANDLING = re.compile(
    r"^(?:các |những )*(?:quyết định|kết luận|báo cáo|biên bản|kế hoạch|văn bản (?!ủy quyền|đề nghị|tố cáo|khiếu nại)|giấy (?:mời|triệu)|phiếu|thông báo|kết quả|trích lục|dự thảo)"
)
_ASKED_BY = re.compile(
    r"^(?:văn bản|công văn|tờ trình)(?: đề nghị| trình)?(?: \S+){0,12}? (?:của|do) (?:các )?(?:công an|ủy ban nhân dân|ubnd|sở|tổng cục|cục|chi cục|cơ quan có thẩm quyền)(?!\w)"
)
_MADE = re.compile(
    r"(?:ubnd|ủy ban nhân dân|sở|cơ quan \S+ \S+)(?: \S+){0,3} lập (?:gửi|và|trình)|được (?:tạo lập|in)(?: \S+){0,45} trong quá trình|"
    r"(?:biên bản|báo cáo|kết quả) (?:thẩm định|thẩm tra|kiểm tra|xác minh|xét duyệt)(?: \S+){0,4} của (?:sở|cục|hội đồng|cơ quan|ubnd|ủy ban)|"
    r"^(?:tờ trình|dự thảo (?:tờ trình|quyết định))(?: \S+){0,12} (?:thủ tướng|chính phủ|bộ trưởng|ủy ban nhân dân|ubnd)|của công an (?:các )?đơn vị"
)
_RESULT = re.compile(r"^(?:giấy (?:chứng nhận|phép|xác nhận)|quyết định|chứng chỉ|thẻ|văn bản (?:chấp thuận|xác nhận))")


def _made_by_office(row: Row, about: Published) -> str:
    """Return the words by which the authority itself makes the paper; ``""`` without them."""
    body = row.clues.body
    if _HANDLES.search(about.text) and (hit := _HANDLING.match(body)):
        return hit.group()
    if hit := _MADE.search(body):
        return hit.group()
    if about.applicants != {"body"} and (hit := _ASKED_BY.match(body)) and "xác nhận" not in hit.group():
        return hit.group()
    if about.applicants == {"person"} and body.startswith("công văn") and "xác nhận" not in body:
        return "công văn"
    copies = re.search(r"đã|bản sao|trước|cũ|gốc|còn", row.clues.spelled.text)
    if _RESULT.match(body) and "mẫu" in body and not copies and row.kind == "document":
        words = content_words(body[: body.find("mẫu")])
        if words and len(words & about.subject) == len(words):
            return "kết quả"
    return ""


def _other_branch(row: Row) -> bool:
    """Return whether a condition rules only the last of several alternatives, or a variant."""
    clues = row.clues
    text = clues.spelled.text
    if row.kind == "form" and len(re.findall(r"(?<!\w)mẫu(?!\w)", text)) > 1 and re.search(r"[;,] ?mẫu", text):
        return True
    cut = clues.body.rfind(" hoặc ")
    if cut > 0 and len(re.findall(r"đối với|trường hợp", clues.body[:cut])) and row.papers < 2:
        return True  # "A (đối với X) hoặc B (đối với Y)"
    if cut < 0 or any(of_condition(clues.condition, SUBJECTS[n]) for n in ("minor", "authorised", "lost")):
        return False
    heads = [part.split()[:2] for part in (re.sub(r"^(?:bản \w+|\d+|có chứng thực| )+", "", clues.body), clues.body[cut + 6 :])]
    opens = HEAD.of(clues.spelled).match(re.sub(r"^(?:bản \w+ )+", "", clues.body[cut + 6 :]))
    return bool(opens) and heads[0] != heads[1]


_UNNAMED = re.compile(
    r"\W*(?:và |, )?(?:các |những )?(?:tài liệu|văn bản|giấy tờ|hồ sơ)(?: khác| có liên quan| liên quan)"
)


def _optional(row: Row) -> str:
    """Return ``"all"`` where "nếu có" covers the row, ``"part"`` where only its tail."""
    text = row.clues.spelled.text.rstrip(" ;.,)")
    at = text.rfind("nếu có")
    if at < 0:
        at = text.rfind("neu co")
    if at < 0 or "nếu có" not in row.clues.said:
        return ""
    if len(words_left(text[at + 6 :])) > 3:
        return "part"
    before = text[:at]
    if re.search(r"trong đó|nêu rõ|ghi rõ|(?:gồm|bao gồm|về) (?:các |những )?(?:nội dung|thông tin)", before):
        return "part"
    cut = max(before.rfind("; "), before.rfind(" và "), before.rfind("¶"), before.rfind(". "))
    head = before[: max(cut, 0)]
    if cut > 0 and _UNNAMED.match(before[cut:]):
        return "part"
    return "part" if cut > 0 and row.papers > 1 and len(head.split()) > 3 else "all"


_CANCELS = re.compile(
    r"chỉ cần cung cấp|không (?:phải|cần|yêu cầu|bắt buộc)(?: \w+){0,4}? (?:nộp|xuất trình|cung cấp)|không bao gồm"
    r"|chỉ (?:phải )?(?:nộp|xuất trình|áp dụng|thực hiện) (?:trong trường hợp|khi)|được (?:miễn|thay thế)"
)
_DATA = re.compile(r"khai thác|dữ liệu|định danh|tra cứu|đã có|kết nối|chia sẻ|không bao gồm|cơ quan giải quyết")
_NOT_READ = re.compile(r"^\W*(?:trường hợp|nếu)(?: \S+){0,4} không(?: thể)? (?:khai thác|có)")


def cancelling(rows: Sequence[Row]) -> list[tuple[str, frozenset[str]]]:
    """Return the sentences of a dossier's remarks that take a paper away, with their words."""
    made: list[tuple[str, frozenset[str]]] = []
    for row in rows:
        if row.kind != "note" or not {"need not", "not in dossier", "data"} & row.clues.said.keys():
            continue
        for sentence in re.split(r"[;¶]|\.(?=\s)", row.clues.spelled.text):
            if _CANCELS.search(sentence) and _DATA.search(row.clues.spelled.text) and not _NOT_READ.match(sentence):
                made.append((sentence, content_words(sentence)))
    return made


_PLAIN = re.compile(r"^(?:bản (?:sao|chính|gốc|chụp|điện tử)|\d+|có chứng thực|hoặc|các|kèm|[ -])+")


def cancelled(row: Row, sentences: Sequence[tuple[str, frozenset[str]]]) -> str:
    """Return the remark by which a row need not be handed in; ``""`` without one."""
    head = row.clues.body[:70]
    phrase = " ".join(_PLAIN.sub("", row.clues.body).split()[:4]).strip(" ;.,")
    for sentence, _ in sentences:
        identity = "giấy tờ tùy thân" in sentence or "nhân thân" in sentence
        if identity and _IDENTITY.search(head):
            return sentence.strip()[:90]
        if row.kind != "form" and len(phrase.split()) >= 3 and phrase in sentence:
            return sentence.strip()[:90]
    return ""


def verdict(
    row: Row, about: Published, case: Case, remarks: Sequence[tuple[str, frozenset[str]]] = ()
) -> Verdict:
    """Return what the rules say of one row of a base case."""
    clues, said = row.clues, row.clues.said
    if _CONTENTS_OF.match(case.clues.spelled.text):
        return Verdict("note", "contents", case.name[:80])
    if row.kind == "note":
        if "not read" in said:
            return Verdict("fallback", "note-data", said["not read"])
        role = "conditional" if clues.place == "head" and {"more", "authorised", "post"} & said.keys() else "note"
        return Verdict(role, "note", clues.condition or clues.spelled.text[:60])
    if "not read" in said and clues.place in {"head", "tail", "aside", "later"}:
        return Verdict("fallback", "not-read", said["not read"])
    if hit := _USES_DATA.search(clues.spelled.text):
        return Verdict("fallback", "data-used", hit.group())
    if {"data", "need not"} <= said.keys() and clues.place in {"later", "head", "aside", "tail", "inner", ""}:
        weak = "khi cơ sở dữ liệu" in clues.spelled.text or row.papers > 1
        if not weak:
            return Verdict("fallback", "data-used", said["need not"])
    if "not in dossier" in said:
        return Verdict("note", "cancels", said["not in dossier"])
    if why := _made_by_office(row, about):
        return Verdict("office", "office", why)
    if _AUTHORITY.match(clues.body) or (
        clues.place in GOVERNS and re.search(r"ủy quyền|thông qua người đại diện", clues.condition)
    ):
        return Verdict("conditional", "authorised", clues.body[:40])
    if remarks and (why := cancelled(row, remarks)):
        return Verdict("fallback", "cancelled", why)
    optional = _optional(row)
    if optional == "all":
        return Verdict("conditional", "optional", "nếu có")
    if _OTHERS.match(clues.body) and row.papers < 2 and len(row.words & about.subject) < 3:
        return Verdict("conditional", "others", clues.body[:40])
    if row.under:
        return Verdict("conditional", "under", row.under)
    if "post" in said and clues.place == "head":
        return Verdict("conditional", "post", said["post"])
    if clues.place in GOVERNS:
        object_ = clues.opening.endswith("đối với") and _ABSTRACT.match(
            clues.condition[len(clues.opening) :].strip()
        )
        why = meets(row, about, case)
        if object_:
            return Verdict("always", "object", clues.condition)
        if why:
            return Verdict("always", f"meets-{why}", clues.condition)
        if clues.opening == "nếu" and not _ONLY_IF.match(clues.condition) and clues.place != "head":
            return Verdict("always", "aside-if", clues.condition)
        if clues.place != "head" and _other_branch(row):
            return Verdict("always", "branch", clues.condition)
        return Verdict("conditional", clues.place, clues.condition)
    if why := _of_others(row, about):
        return Verdict("conditional", "of-others", why)
    return Verdict("always", clues.place or "plain", "")


def _of_others(row: Row, about: Published) -> str:
    """Return the words by which an unconditional row speaks of somebody else; ``""`` without."""
    body = row.clues.body
    if row.kind == "form":
        return ""
    if (hit := _AMENDS.search(body)) and not _REASONS.search(about.text):
        return hit.group()
    if (hit := _EXEMPT.search(body)) and "miễn" not in about.text:
        return hit.group()
    if _GOODS.search(about.text) and (hit := _LICENSED.match(body)):
        return hit.group()
    if of_condition(body, SUBJECTS["military"]) and not of_condition(about.text, ("quân", "quốc phòng", "công an", "an ninh")):
        return row.clues.said.get("military", "")
    return ""


_ONE_OF = re.compile(r"một trong (?:các|những|số)|một hoặc")


_REASONS = re.compile(r"(?:cấp|đăng ký) (?:lại|đổi)|thay đổi|điều chỉnh|sửa đổi|bổ sung|biến động|gia hạn|cấp bản sao")


def _close(one: str, other: str, about: Published) -> bool:
    """Return whether two conditions tell apart what the procedure itself is about."""
    a, b = content_words(one), content_words(other)
    return likeness(a, b) >= 0.3 and len(a & b & about.subject) >= 2


_FORM = re.compile(r"(?:biểu )?mẫu|tờ khai|đơn|phiếu|giấy đề nghị|mau|to khai")
_CHANNEL = re.compile(r"trực tiếp|trực tuyến|điện tử|bưu chính|dịch vụ công|bản giấy")


def _unusual(row: Row, about: Published) -> bool:
    """Return whether a condition speaks of somebody whom the procedure's name does not."""
    return any(
        of_condition(row.clues.condition, SUBJECTS[name]) and not of_condition(about.text, SUBJECTS[name])
        for name in ("foreign", "minor", "military", "abroad", "special", "authorised")
    )


def groups_of(
    rows: Sequence[Row], verdicts: Sequence[Verdict], about: Published
) -> list[tuple[str, list[int]]]:
    """Return the sets of rows of which an applicant gives one, with the rule that joined them."""
    real = [i for i, row in enumerate(rows) if row.kind != "note" or "e-form" in row.clues.said]
    made: list[tuple[str, list[int]]] = []
    taken: set[int] = set()

    def join(rule: str, members: list[int]) -> None:
        free = [i for i in members if i not in taken]
        if rule == "variants":
            usual = [i for i in free if not _unusual(rows[i], about)]
            free = usual or free
        if len(free) > 1:
            made.append((rule, free))
            taken.update(free)

    electronic = [i for i in real if "e-form" in rows[i].clues.said and _FORM.match(rows[i].clues.body)]
    paper = [i for i in real if rows[i].kind == "form" and i not in electronic]
    if electronic and paper:
        best = max(paper, key=lambda i: (
            bool(_CHANNEL.search(rows[i].clues.condition)),
            max(likeness(rows[i].words, rows[e].words) for e in electronic)))
        join("e-form", [*electronic, best])
    for i in real:
        text = rows[i].clues.condition
        if rows[i].clues.body.startswith("hoặc ") and i - 1 in real and rows[i - 1].case == rows[i].case:
            join("or", [i - 1, i])
        if rows[i].clues.place == "head" and re.search(r"không có (?!số)(?:\w+ ){0,8}?(?:nêu trên|trên|này)|không có (?:giấy tờ|văn bản|chứng cứ)", text):
            before = [j for j in real if j != i and j not in taken and rows[j].case == rows[i].case
                      and verdicts[j].role == "always" and rows[j].kind == rows[i].kind
                      and rows[j].clues.marker == rows[i].clues.marker]
            if before:
                join("in place", [min(before, key=lambda j: (abs(rows[j].number - rows[i].number), j)), i])
    governed = [i for i in real if i not in taken and rows[i].clues.place in GOVERNS
                and verdicts[i].rule not in {"authorised", "not-read", "data-used", "optional", "others", "cancelled", "post"}]
    governed = [i for i in governed if not {"more"} & rows[i].clues.said.keys() or rows[i].kind == "form"]
    for at, i in enumerate(governed):
        alike = [
            j
            for j in governed[at + 1 :]
            if j not in taken
            and rows[i].case == rows[j].case
            and rows[i].clues.condition != rows[j].clues.condition
            and (
                likeness(rows[i].words, rows[j].words) >= 0.6
                or (rows[i].kind == rows[j].kind == "form" and rows[i].clues.place == rows[j].clues.place == "head")
            )
        ]
        usual = any(
            j not in governed and verdicts[j].role == "always" and likeness(rows[i].words, rows[j].words) >= 0.5
            for j in real
        )
        if alike and i not in taken and not usual:
            join("variants", [i, *alike])
    reasons = bool(_REASONS.search(about.text))
    for case in sorted({row.case for row in rows}):
        inside = [i for i in real if rows[i].case == case]
        title = about.cases[case].clues.spelled.text
        ruled = [i for i in inside if rows[i].clues.place in GOVERNS]
        if len(inside) > 1 and _ONE_OF.search(title):
            join("one of", inside)
        elif len(inside) > 1 and all(rows[i].clues.place == "head" for i in inside) and not any(
            {"more"} & rows[i].clues.said.keys() for i in inside
        ):
            join("all special", inside)
        heads = [i for i in ruled if rows[i].clues.place == "head" and i not in taken]
        if len(heads) > 1 and reasons:
            common = frozenset.intersection(*(content_words(rows[i].clues.condition) for i in heads)) & about.subject
            if len(common) >= 2 or (len(heads) > 2 and common):
                join("peers", heads)
        for i in ruled:
            same = [
                j
                for j in ruled
                if j > i and j not in taken and i not in taken and i in governed and j in governed
                and rows[i].clues.place == rows[j].clues.place
                and rows[i].clues.condition != rows[j].clues.condition
                and _close(rows[i].clues.condition, rows[j].clues.condition, about)
            ]
            if same and (reasons or "để " in rows[i].clues.condition):
                join("peers", [i, *same])
    plain = [i for i in real if i not in taken and verdicts[i].role == "always"]
    bodies = {i: frozenset(rows[i].clues.body.split()) for i in plain} if len(plain) > 1 else {}
    for at, i in enumerate(plain):
        twins = [
            j
            for j in plain[at + 1 :]
            if rows[i].kind == rows[j].kind
            and j not in taken
            and abs(len(bodies[i]) - len(bodies[j])) <= 0.1 * len(bodies[i])
            and likeness(bodies[i], bodies[j]) >= 0.92
        ]
        if twins and len(rows[i].words) >= 3:
            join("twice", [i, *twins])
    return made
