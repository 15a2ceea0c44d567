"""What the words and the structure decide, before anything learned is asked.

Rows are taken in the base cases of one dossier. Each gets a verdict, a role with the
words that gave it; rows of which an applicant gives one stand in a group.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from procsim.dossier.clues import content_words, words_left
from procsim.dossier.published import Case, Published, Row
from procsim.marking.items import HEAD

GOVERNS = frozenset({"head", "tail", "aside"})
_IDENTITY = re.compile(
    r"căn cước|tùy thân|hộ chiếu|nhân thân|chứng minh nhân dân"
    r"|giấy tờ pháp lý của cá nhân|can cuoc|ho chieu"
)
_AUTHORITY = re.compile(
    r"^(?:\d+ |bản (?:sao|chính|gốc) |có chứng thực )*(?:văn bản|giấy"
    r"|hợp đồng)(?: về việc| về| \w+)? (?:ủy quyền|ủy thác|giới thiệu(?! sinh hoạt)"
    r"|cử người đại diện)"
)
_OTHERS = re.compile(
    r"^(?:các |những |bản sao |một số )*(?:giấy tờ|tài liệu|hồ sơ|văn bản"
    r"|chứng từ)(?:, (?:giấy tờ|tài liệu|văn bản|chứng từ))*"
    r"(?: (?:khác|có liên quan|liên quan)(?! (?:đến|tới) việc thực hiện))"
)
_ABSTRACT = re.compile(
    r"(?:từng |mỗi |các |một số |tất cả |những )*(?:nội dung|diện tích|lĩnh vực"
    r"|chỉ tiêu|khoản|thời gian|hoạt động|quyền|khu vực|phương pháp"
    r"|dầu khí|nghĩa vụ|người lao động|người thứ|bên thứ|nhà đầu tư về|chủ nợ"
    r"|thử nghiệm|sản phẩm, dịch vụ|hộ kinh doanh, cá nhân|mặt trận)"
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
    if (
        re.search(r"(?:nộp|gửi|đến|thực hiện|hình thức)(?: \S+){0,3} trực tiếp", text)
        and "không" not in text
    ):
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
    if of_condition(
        text, ("cấp mới", "lần đầu", "người việt nam", "công dân việt nam", "trong nước")
    ):
        return "plain"
    return ""


_USES_DATA = re.compile(r"\(?sử dụng (?:tài khoản định danh|dữ liệu)|: dữ liệu điện tử")
_ONLY_IF = re.compile(
    r"nếu (?:là |còn|thuộc|đã|người|cá nhân|tổ chức|doanh nghiệp|cơ sở|công dân|chủ"
    r"|có)(?!.*(?:phải|thì))"
)
_AMENDS = re.compile(
    r"(?:đề nghị|nội dung|thông tin|cần)(?: cần| đề nghị)? (?:sửa đổi|điều chỉnh"
    r"|thay đổi|bổ sung|cải chính)"
)
_EXEMPT = re.compile(r"(?:là người|đối tượng|thuộc (?:diện|trường hợp))(?: được)? miễn")
_GOODS = re.compile(r"hải quan|(?<!giấy phép )(?:xuất|nhập) khẩu|quá cảnh|tạm (?:xuất|nhập)")
_LICENSED = re.compile(
    r"(?:giấy phép (?:nhập|xuất) khẩu|giấy (?:thông báo "
    r"|chứng nhận )?(?:miễn )?kiểm tra"
    r"|chứng từ chứng minh (?:\S+ ){1,6}đủ điều kiện (?:nhập|xuất)"
    r"|giấy chứng nhận kiểm tra chuyên ngành)"
)
_CONTENTS_OF = re.compile(
    r"^\W*(?:nội dung|các nội dung|yêu cầu)(?: chủ yếu| chính)? (?:của "
    r"|trong )?(?:tài liệu|báo cáo|đề án|hồ sơ|phương án|bản)"
)
_HANDLES = re.compile(
    r"giải quyết (?:khiếu nại|tố cáo|tranh chấp)|tiếp nhận, giải quyết|xử lý đơn|tiếp công dân"
)
_HANDLING = re.compile(
    r"^(?:các |những )*(?:quyết định|kết luận|báo cáo|biên bản|kế hoạch"
    r"|văn bản (?!ủy quyền|đề nghị|tố cáo|khiếu nại)|giấy (?:mời|triệu)|phiếu|thông báo"
    r"|kết quả|trích lục|dự thảo)"
)
_ASKED_BY = re.compile(
    r"^(?:văn bản|công văn|tờ trình)(?: đề nghị| trình)?(?: \S+){0,12}? (?:của"
    r"|do) (?:các )?(?:công an|ủy ban nhân dân|ubnd|sở|tổng cục|cục|chi cục"
    r"|cơ quan có thẩm quyền)(?!\w)"
)
_MADE = re.compile(
    r"(?:ubnd|ủy ban nhân dân|sở|cơ quan \S+ \S+)(?: \S+){0,3} lập (?:gửi|và|trình)"
    r"|được (?:tạo lập|in)(?: \S+){0,45} trong quá trình|"
    r"(?:biên bản|báo cáo|kết quả) (?:thẩm định|thẩm tra|kiểm tra|xác minh"
    r"|xét duyệt)(?: \S+){0,4} của (?:sở|cục|hội đồng|cơ quan|ubnd|ủy ban)|"
    r"^(?:tờ trình|dự thảo (?:tờ trình|quyết định))(?: \S+){0,12} (?:thủ tướng"
    r"|chính phủ|bộ trưởng|ủy ban nhân dân|ubnd)|của công an (?:các )?đơn vị"
)
_RESULT = re.compile(
    r"^(?:giấy (?:chứng nhận|phép|xác nhận)|quyết định|chứng chỉ|thẻ"
    r"|văn bản (?:chấp thuận|xác nhận))"
)


def _made_by_office(row: Row, about: Published) -> str:
    """Return the words by which the authority itself makes the paper; ``""`` without them."""
    body = row.clues.body
    if _HANDLES.search(about.text) and (hit := _HANDLING.match(body)):
        return hit.group()
    if hit := _MADE.search(body):
        return hit.group()
    if (
        about.applicants != {"body"}
        and (hit := _ASKED_BY.match(body))
        and "xác nhận" not in hit.group()
    ):
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
    if (
        row.kind == "form"
        and len(re.findall(r"(?<!\w)mẫu(?!\w)", text)) > 1
        and re.search(r"[;,] ?mẫu", text)
    ):
        return True
    cut = clues.body.rfind(" hoặc ")
    if cut > 0 and len(re.findall(r"đối với|trường hợp", clues.body[:cut])) and row.papers < 2:
        return True  # "A (đối với X) hoặc B (đối với Y)"
    if cut < 0 or any(
        of_condition(clues.condition, SUBJECTS[n]) for n in ("minor", "authorised", "lost")
    ):
        return False
    heads = [
        part.split()[:2]
        for part in (
            re.sub(r"^(?:bản \w+|\d+|có chứng thực| )+", "", clues.body),
            clues.body[cut + 6 :],
        )
    ]
    opens = HEAD.of(clues.spelled).match(re.sub(r"^(?:bản \w+ )+", "", clues.body[cut + 6 :]))
    return bool(opens) and heads[0] != heads[1]


_UNNAMED = re.compile(
    r"\W*(?:và |, )?(?:các |những )?(?:tài liệu|văn bản|giấy tờ|hồ sơ)(?: khác"
    r"| có liên quan| liên quan)"
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
    if re.search(
        r"trong đó|nêu rõ|ghi rõ|(?:gồm|bao gồm|về) (?:các |những )?(?:nội dung|thông tin)", before
    ):
        return "part"
    cut = max(before.rfind("; "), before.rfind(" và "), before.rfind("¶"), before.rfind(". "))
    head = before[: max(cut, 0)]
    if cut > 0 and _UNNAMED.match(before[cut:]):
        return "part"
    return "part" if cut > 0 and row.papers > 1 and len(head.split()) > 3 else "all"


_CANCELS = re.compile(
    r"chỉ cần cung cấp|không (?:phải|cần|yêu cầu|bắt buộc)(?: \w+){0,4}? (?:nộp"
    r"|xuất trình|cung cấp)|không bao gồm"
    r"|chỉ (?:phải )?(?:nộp|xuất trình|áp dụng|thực hiện) (?:trong trường hợp|khi)"
    r"|được (?:miễn|thay thế)"
)
_DATA = re.compile(
    r"khai thác|dữ liệu|định danh|tra cứu|đã có|kết nối|chia sẻ|không bao gồm|cơ quan giải quyết"
)
_NOT_READ = re.compile(r"^\W*(?:trường hợp|nếu)(?: \S+){0,4} không(?: thể)? (?:khai thác|có)")


def cancelling(rows: Sequence[Row]) -> list[str]:
    """Return the sentences of a dossier's remarks that take a paper away."""
    return [
        sentence
        for row in rows
        if row.kind == "note"
        and {"need not", "not in dossier", "data"} & row.clues.said.keys()
        and _DATA.search(row.clues.spelled.text)
        for sentence in re.split(r"[;¶]|\.(?=\s)", row.clues.spelled.text)
        if _CANCELS.search(sentence) and not _NOT_READ.match(sentence)
    ]


_AGENT = re.compile(r"ủy quyền|thông qua người đại diện")
_PLAIN = re.compile(r"^(?:bản (?:sao|chính|gốc|chụp|điện tử)|\d+|có chứng thực|hoặc|các|kèm|[ -])+")


def cancelled(row: Row, sentences: Sequence[str]) -> str:
    """Return the remark by which a row need not be handed in; ``""`` without one."""
    head = row.clues.body[:70]
    phrase = " ".join(_PLAIN.sub("", row.clues.body).split()[:4]).strip(" ;.,")
    for sentence in sentences:
        identity = "giấy tờ tùy thân" in sentence or "nhân thân" in sentence
        if identity and _IDENTITY.search(head):
            return sentence.strip()[:90]
        if row.kind != "form" and len(phrase.split()) >= 3 and phrase in sentence:
            return sentence.strip()[:90]
    return ""


def verdict(row: Row, about: Published, case: Case, remarks: Sequence[str] = ()) -> Verdict:
    """Return what the rules say of one row of a base case.

    The first rule that speaks decides: contents and remarks, data that stand in for the
    paper, the authority's own papers, papers of an agent, what is asked for only if there
    is any, and last the condition that rules the row.
    """
    clues = row.clues
    if _CONTENTS_OF.match(case.clues.spelled.text):
        return Verdict("note", "contents", case.name[:80])
    if row.kind == "note":
        return _remark(row)
    if found := _by_data(row, remarks):
        return found
    if "not in dossier" in clues.said:
        return Verdict("note", "cancels", clues.said["not in dossier"])
    if why := _made_by_office(row, about):
        return Verdict("office", "office", why)
    if found := _only_sometimes(row, about):
        return found
    if clues.place in GOVERNS:
        return _ruled(row, about, case)
    if why := _of_others(row, about):
        return Verdict("conditional", "of-others", why)
    return Verdict("always", clues.place or "plain", "")


def _remark(row: Row) -> Verdict:
    clues, said = row.clues, row.clues.said
    if "not read" in said:
        return Verdict("fallback", "note-data", said["not read"])
    asks = clues.place == "head" and {"more", "authorised", "post"} & said.keys()
    words = clues.condition or clues.spelled.text[:60]
    return Verdict("conditional" if asks else "note", "note", words)


def _by_data(row: Row, remarks: Sequence[str]) -> Verdict | None:
    """Return the verdict on a row whose paper is asked for only where data fail."""
    clues, said = row.clues, row.clues.said
    if "not read" in said and clues.place in {"head", "tail", "aside", "later"}:
        return Verdict("fallback", "not-read", said["not read"])
    if hit := _USES_DATA.search(clues.spelled.text):
        return Verdict("fallback", "data-used", hit.group())
    promised = "khi cơ sở dữ liệu" in clues.spelled.text
    if {"data", "need not"} <= said.keys() and row.papers < 2 and not promised:
        return Verdict("fallback", "data-used", said["need not"])
    if not _of_agent(row) and remarks and (why := cancelled(row, remarks)):
        return Verdict("fallback", "cancelled", why)
    return None


def _of_agent(row: Row) -> bool:
    """Return whether a row is what somebody's agent hands in."""
    clues = row.clues
    return bool(_AUTHORITY.match(clues.body)) or (
        clues.place in GOVERNS and bool(_AGENT.search(clues.condition))
    )


def _only_sometimes(row: Row, about: Published) -> Verdict | None:
    """Return the verdict on a row that its own words make conditional, whatever it is about."""
    clues = row.clues
    if _of_agent(row):
        return Verdict("conditional", "authorised", clues.body[:40])
    if _optional(row) == "all":
        return Verdict("conditional", "optional", "nếu có")
    if _OTHERS.match(clues.body) and row.papers < 2 and len(row.words & about.subject) < 3:
        return Verdict("conditional", "others", clues.body[:40])
    if row.under:
        return Verdict("conditional", "under", row.under)
    if "post" in clues.said and clues.place == "head":
        return Verdict("conditional", "post", clues.said["post"])
    return None


def _ruled(row: Row, about: Published, case: Case) -> Verdict:
    """Return the verdict on a row that a condition rules."""
    clues = row.clues
    condition = clues.condition
    after = condition[len(clues.opening) :].strip()
    if clues.opening.endswith("đối với") and _ABSTRACT.match(after):
        return Verdict("always", "object", condition)
    if why := meets(row, about, case):
        return Verdict("always", f"meets-{why}", condition)
    if clues.place != "head":
        if clues.opening == "nếu" and not _ONLY_IF.match(condition):
            return Verdict("always", "aside-if", condition)
        if _other_branch(row):
            return Verdict("always", "branch", condition)
    return Verdict("conditional", clues.place, condition)


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
    if of_condition(body, SUBJECTS["military"]) and not of_condition(
        about.text, ("quân", "quốc phòng", "công an", "an ninh")
    ):
        return row.clues.said.get("military", "")
    return ""


_ONE_OF = re.compile(r"một trong (?:các|những|số)|một hoặc")


_REASONS = re.compile(
    r"(?:cấp|đăng ký) (?:lại|đổi)|thay đổi|điều chỉnh|sửa đổi|bổ sung|biến động|gia hạn|cấp bản sao"
)


def _close(one: str, other: str, about: Published) -> bool:
    """Return whether two conditions tell apart what the procedure itself is about."""
    a, b = content_words(one), content_words(other)
    return likeness(a, b) >= 0.3 and len(a & b & about.subject) >= 2


_FORM = re.compile(r"(?:biểu )?mẫu|tờ khai|đơn|phiếu|giấy đề nghị|mau|to khai")
_CHANNEL = re.compile(r"trực tiếp|trực tuyến|điện tử|bưu chính|dịch vụ công|bản giấy")


def _unusual(row: Row, about: Published) -> bool:
    """Return whether a condition speaks of somebody whom the procedure's name does not."""
    return any(
        of_condition(row.clues.condition, SUBJECTS[name])
        and not of_condition(about.text, SUBJECTS[name])
        for name in ("foreign", "minor", "military", "abroad", "special", "authorised")
    )


def groups_of(
    rows: Sequence[Row], verdicts: Sequence[Verdict], about: Published
) -> list[tuple[str, list[int]]]:
    """Return the sets of rows of which an applicant gives one, with the rule that joined them."""
    made = _Groups(rows, verdicts, about)
    for find in (made.electronic, made.in_place, made.variants, made.peers, made.twice):
        find()
    return made.found


_NONE_ABOVE = re.compile(
    r"không có (?!số)(?:\w+ ){0,8}?(?:nêu trên|trên|này)|không có (?:giấy tờ|văn bản|chứng cứ)"
)
_SETTLED = frozenset(
    {"authorised", "not-read", "data-used", "optional", "others", "cancelled", "post"}
)


class _Groups:
    """Choices among the rows of one base, found one kind after the other."""

    def __init__(self, rows: Sequence[Row], verdicts: Sequence[Verdict], about: Published) -> None:
        self.rows, self.verdicts, self.about = rows, verdicts, about
        self.found: list[tuple[str, list[int]]] = []
        self.taken: set[int] = set()
        self.real = [
            i for i, row in enumerate(rows) if row.kind != "note" or "e-form" in row.clues.said
        ]

    def join(self, rule: str, members: Sequence[int]) -> None:
        """Join what is still free; variants for people whom the name leaves out are no choice."""
        free = [i for i in members if i not in self.taken]
        if rule == "variants":
            free = [i for i in free if not _unusual(self.rows[i], self.about)] or free
        if len(free) > 1:
            self.found.append((rule, free))
            self.taken.update(free)

    def alike(self, i: int, j: int) -> float:
        """Return how alike two rows are."""
        return likeness(self.rows[i].words, self.rows[j].words)

    def due(self, i: int) -> bool:
        """Return whether the rules take a row as due."""
        return self.verdicts[i].role == "always"

    def governed(self) -> list[int]:
        """Return the free rows that a condition rules, and nothing else has settled."""
        return [
            i
            for i in self.real
            if i not in self.taken
            and self.rows[i].clues.place in GOVERNS
            and self.verdicts[i].rule not in _SETTLED
            and ("more" not in self.rows[i].clues.said or self.rows[i].kind == "form")
        ]

    def electronic(self) -> None:
        """Join a paper form and its electronic twin."""
        rows = self.rows
        twins = [
            i
            for i in self.real
            if "e-form" in rows[i].clues.said and _FORM.match(rows[i].clues.body)
        ]
        paper = [i for i in self.real if rows[i].kind == "form" and i not in twins]
        if twins and paper:
            best = max(
                paper,
                key=lambda i: (
                    bool(_CHANNEL.search(rows[i].clues.condition)),
                    max(self.alike(i, twin) for twin in twins),
                ),
            )
            self.join("e-form", [*twins, best])

    def in_place(self) -> None:
        """Join a row that begins with "hoặc", or with "trường hợp không có giấy tờ nêu trên"."""
        rows = self.rows
        for i in self.real:
            row = rows[i]
            near = [j for j in self.real if j != i and rows[j].case == row.case]
            if row.clues.body.startswith("hoặc ") and i - 1 in near:
                self.join("or", [i - 1, i])
            if row.clues.place != "head" or not _NONE_ABOVE.search(row.clues.condition):
                continue
            before = [
                j
                for j in near
                if j not in self.taken
                and self.due(j)
                and rows[j].kind == row.kind
                and rows[j].clues.marker == row.clues.marker
            ]
            if before:
                nearest = min(before, key=lambda j: (abs(rows[j].number - row.number), j))
                self.join("in place", [nearest, i])

    def variants(self) -> None:
        """Join the same paper for different people, unless it is also asked of everybody."""
        governed = self.governed()
        for at, i in enumerate(governed):
            others = [j for j in governed[at + 1 :] if self._variant(i, j)]
            everybody = any(
                j not in governed and self.due(j) and self.alike(i, j) >= 0.5 for j in self.real
            )
            if others and i not in self.taken and not everybody:
                self.join("variants", [i, *others])

    def _variant(self, i: int, j: int) -> bool:
        one, other = self.rows[i], self.rows[j]
        if j in self.taken or one.case != other.case:
            return False
        if one.clues.condition == other.clues.condition:
            return False
        forms = one.kind == other.kind == "form"
        return self.alike(i, j) >= 0.6 or (forms and one.clues.place == other.clues.place == "head")

    def peers(self) -> None:
        """Join the rows of a case headed "một trong", and the reasons of a procedure."""
        rows = self.rows
        reasons = bool(_REASONS.search(self.about.text))
        free = set(self.governed())
        for case in sorted({row.case for row in rows}):
            inside = [i for i in self.real if rows[i].case == case]
            heads = [i for i in inside if rows[i].clues.place == "head"]
            if len(inside) > 1 and _ONE_OF.search(self.about.cases[case].clues.spelled.text):
                self.join("one of", inside)
            elif len(heads) == len(inside) > 1 and not any(
                "more" in rows[i].clues.said for i in inside
            ):
                self.join("all special", inside)
            heads = [i for i in heads if i not in self.taken]
            if len(heads) > 1 and reasons:
                shared = (content_words(rows[i].clues.condition) for i in heads)
                common = frozenset.intersection(*shared) & self.about.subject
                if len(common) >= 2 or (len(heads) > 2 and common):
                    self.join("peers", heads)
            self._reasons([i for i in inside if i in free], reasons=reasons)

    def _reasons(self, ruled: list[int], *, reasons: bool) -> None:
        for i in ruled:
            one = self.rows[i].clues
            same = [
                j
                for j in ruled
                if j > i
                and j not in self.taken
                and i not in self.taken
                and self.rows[j].clues.place == one.place
                and self.rows[j].clues.condition != one.condition
                and _close(one.condition, self.rows[j].clues.condition, self.about)
            ]
            if same and (reasons or "để " in one.condition):
                self.join("peers", [i, *same])

    def twice(self) -> None:
        """Join a paper that is asked for twice in nearly the same words."""
        plain = [i for i in self.real if i not in self.taken and self.due(i)]
        if len(plain) < 2:
            return
        bodies = {i: frozenset(self.rows[i].clues.body.split()) for i in plain}
        for at, i in enumerate(plain):
            size = len(bodies[i])
            same = [
                j
                for j in plain[at + 1 :]
                if self.rows[i].kind == self.rows[j].kind
                and j not in self.taken
                and abs(size - len(bodies[j])) <= 0.1 * size
                and likeness(bodies[i], bodies[j]) >= 0.92
            ]
            if same and len(self.rows[i].words) >= 3:
                self.join("twice", [i, *same])
