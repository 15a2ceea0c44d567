"""Which cases make up the ordinary applicant's dossier.

A case is *common* (a heading that belongs to everybody), a *note*, a *part* (one of
several dossiers all due), *special* (an agent, another channel, another kind of person)
or a *situation*; of the situations one is the ordinary one.
"""

from __future__ import annotations

import re
from itertools import combinations

from procsim.dossier.clues import CaseClues
from procsim.dossier.published import Case, Published
from procsim.dossier.rules import SUBJECTS, likeness, of_condition

_COMMON = re.compile(
    r"^\W*(?:\(?[\divxa-zđ]{1,3}(?:\.\d+)*[.)/]\s*)?(?:(?:thành phần|số lượng|các"
    r"|danh mục|chi tiết)[ ,]*)*(?:(?:giấy tờ|hồ sơ|tài liệu|văn bản|thành phần hồ sơ"
    r"|thành phần)[ ,]*)*"
    r"(?:phải |cần |bao )*(?:nộp|xuất trình|gồm|gồm có|như sau|sau|sau đây|hồ sơ"
    r"|giấy tờ|khác)?(?: (?:các giấy tờ|các văn bản|giấy tờ|gồm|bao gồm|sau|như sau"
    r"|sau đây|có|\(.*\)|đối với mọi.*|chung))*\W*$"
)
_SHARED = re.compile(
    r"^\W*(?:nhóm \d|hồ sơ năng lực|nội dung (?:của|tài liệu)|hồ sơ (?:pháp lý|kỹ thuật"
    r"|kèm theo)|tài liệu (?:kèm|chứng minh)|giấy tờ chứng minh"
    r"|(?:\(|- )?\d* ?bản chính|phiếu được|hồ sơ của người|về (?:người|giấy tờ))"
    r"|một trong (?:các|những)|theo một trong"
)
_SPECIAL: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = (
    (
        "authorised",
        re.compile(r"ủy quyền|người đại diện nộp|thông qua (?:đại lý|người)|giới thiệu"),
        ("ủy quyền",),
    ),
    (
        "online",
        re.compile(
            r"trực tuyến|môi trường điện tử|qua mạng|cổng dịch vụ|bản điện tử"
            r"|thương mại điện tử|hình thức điện tử"
        ),
        ("điện tử", "trực tuyến", "mạng"),
    ),
    ("post", re.compile(r"bưu (?:chính|điện)"), ("bưu chính",)),
    (
        "data",
        re.compile(
            r"gián đoạn|không (?:có số|khai thác|kết nối)|chưa (?:có thông tin|có tài khoản"
            r"|có số|được cấp số|kết nối)|không có số định danh"
        ),
        (),
    ),
    (
        "social",
        re.compile(r"doanh nghiệp xã hội|cơ sở bảo trợ xã hội|chuyển đổi từ|cơ sở chuyển đổi"),
        ("xã hội", "chuyển đổi"),
    ),
    (
        "minor",
        re.compile(
            r"dưới \d+ tuổi|chưa (?:đủ )?(?:thành niên|\d+ tuổi)|mất năng lực|người giám hộ"
        ),
        ("tuổi", "thành niên", "giám hộ"),
    ),
    (
        "military",
        re.compile(r"đóng quân|quân đội|quốc phòng|quân nhân"),
        ("quân đội", "quốc phòng", "quân nhân"),
    ),
    ("list", re.compile(r"theo danh sách|tập thể"), ("danh sách", "tập thể")),
    (
        "heir",
        re.compile(r"thừa kế|đã chết|từ trần|mai táng"),
        ("thừa kế", "chết", "mai táng", "tử", "từ trần", "trợ cấp"),
    ),
    (
        "office",
        re.compile(
            r"(?:cơ quan|ủy ban nhân dân|ubnd|sở)(?: \S+){0,9} (?:trình|lập|gửi)(?!\w)"
            r"|phòng/tổ|đại lý thu|tổ chức dịch vụ|cơ sở đào tạo"
        ),
        (),
    ),
)


_FOR = re.compile(r"(?:\(?[\divxa-zđ]{1,3}[.)] ?)?(?:đối với|trường hợp)")


def heading(clues: CaseClues) -> str:
    """Return a case name without marks around it."""
    return clues.spelled.text.strip(" :;.,-*+–•")


def special(case: Case, about: Published) -> str:
    """Return why a case is not the ordinary applicant's; ``""`` where nothing says so."""
    text = case.clues.spelled.text
    for name, pattern, known in _SPECIAL:
        hit = pattern.search(text)
        if hit and not any(word in about.text for word in known):
            before = text[max(0, hit.start() - 25) : hit.start()]
            if "trừ" in before or "hoặc" in before or before.endswith(", "):
                continue
            return name
    if "foreign" in case.clues.said and not of_condition(about.text, SUBJECTS["foreign"]):
        return "foreign" if "việt nam" not in text or "nước ngoài tại việt nam" in text else ""
    return ""


def case_kind(case: Case, about: Published) -> str:
    """Return ``note``, ``common``, ``special`` or ``situation``."""
    name = heading(case.clues)
    if case.clues.spelled.text.lstrip(" *-+.").startswith(("lưu ý", "ghi chú", "chú ý")):
        return "note"
    if case.rows and all(row.kind == "note" and row.quantity == 0 for row in case.rows):
        return "note"
    if not name or _COMMON.match(case.clues.spelled.text):
        return "common"
    if special(case, about):
        return "special"
    if _SHARED.search(name) and not _FOR.match(name):
        return "common"
    return "situation"


def exclusive(one: Case, other: Case) -> bool:
    """Return whether the same paper stands in both: an applicant hands it in once."""
    return any(
        likeness(a.words, b.words) >= 0.6
        for a in one.rows
        if a.kind != "note"
        for b in other.rows
        if b.kind != "note"
    )


_OTHER_CASE = re.compile(
    r"trường hợp|đối với|nếu |để |cấp lại|cấp đổi|gia hạn|theo (?:từng|năm|quý)"
)


_AGAIN = re.compile(
    r"cấp (?:lại|đổi)|(?<!\w)đổi(?!\w)|gia hạn|phục hồi|điều chỉnh|sửa đổi|bổ sung|thay đổi"
)
_GRANTS = re.compile(
    r"(?:thủ tục )?(?:cấp|đăng ký|thành lập|công nhận|phê duyệt|chấp thuận|giao"
    r"|chỉ định)(?! lại| đổi| thay)"
)
_DENIES = re.compile(r"(?:không|chưa)(?: được)?(?!\w)|đã (?:được )?(?=cấp|có)")


def _plainest(about: Published, peers: list[int]) -> list[int]:
    """Leave out renewals where a first grant stands beside, and "không có X" beside "có X"."""
    texts = {n: about.cases[n].clues.spelled.text for n in peers}
    if _GRANTS.match(about.text):
        first = [n for n in peers if not _AGAIN.search(texts[n])]
        peers = first or peers
    plain = {n: frozenset(_DENIES.sub("", texts[n]).split()[1:]) for n in peers}
    return [
        n
        for n in peers
        if not re.search(r"(?:không|chưa)(?!\w)", texts[n])
        or not any(
            likeness(plain[n], plain[m]) >= 0.85
            and not re.search(r"(?:không|chưa)(?!\w)", texts[m])
            for m in peers
            if m != n
        )
    ]


_PAPERS = re.compile(
    r"^\W*(?:[ivx\d]{1,4}[.)] ?)?(?:thành phần )?(?:hồ sơ|giấy tờ|tài liệu|nhóm|bộ)"
)
_PART = re.compile(
    r"^\W*(?:[ivx\d]{1,4}[.)] )?hồ sơ(?: (?!đề nghị|cấp|khai|gia hạn|nhập khẩu"
    r"|xuất khẩu)\S+){1,5}\W*$"
)


def alternatives(about: Published) -> tuple[list[int], list[int]]:
    """Return the cases that belong to everybody, and those of which one is chosen."""
    kinds = {case.number: case_kind(case, about) for case in about.cases}
    common = [n for n, kind in kinds.items() if kind in {"common", "note"}]
    peers = [n for n, kind in kinds.items() if kind == "situation"]
    cases = about.cases
    papers = {n: [row for row in cases[n].rows if row.kind != "note"] for n in kinds}
    forms = {n: any(row.kind == "form" for row in papers[n]) for n in kinds}
    if not peers:
        if not any(papers[n] for n in common):
            peers = [n for n, kind in kinds.items() if kind == "special"]
        return common, peers
    parts = len(peers) > 1 and all(_PART.match(cases[n].clues.spelled.text) for n in peers)
    if parts and not any(exclusive(cases[i], cases[j]) for i, j in combinations(peers, 2)):
        return sorted([*common, *peers]), []
    if (
        len(peers) > 1
        and all(_PAPERS.match(cases[n].clues.spelled.text) for n in peers)
        and not any(_OTHER_CASE.search(cases[n].clues.spelled.text) for n in peers)
    ):
        repeated = any(exclusive(cases[i], cases[j]) for i, j in combinations(peers, 2))
        if not repeated and sum(forms[n] for n in peers) <= 1:
            return sorted([*common, *peers]), []
    peers = _plainest(about, peers)
    based = any(forms[n] for n in common)
    if based and all(forms[n] for n in peers):
        return common, []
    if based and len(peers) == 1:
        text = cases[peers[0]].clues.spelled.text
        if forms[peers[0]] or _OTHER_CASE.search(text):
            return common, []
    return common, peers


_ISSUE = re.compile(r"(?<!\w)cấp (?!lại|đổi|độ|giấy tờ)")
_SAMPLE = re.compile(r"hàng mẫu|hội chợ|triển lãm|nghiên cứu|quà tặng|phi thương mại")


def situation_features(about: Published, peers: list[int]) -> dict[int, dict[str, float]]:
    """Return what speaks for each of several situations being the ordinary one."""
    cases = {n: about.cases[n] for n in peers}
    texts = {n: case.clues.spelled.text for n, case in cases.items()}
    share = {
        n: len(c.clues.words & about.subject) / max(1, len(c.clues.words)) for n, c in cases.items()
    }
    cover = {n: len(c.clues.words & about.subject) for n, c in cases.items()}
    orders = {n: c.clues.order for n, c in cases.items() if c.clues.order == c.clues.order}
    sizes = {n: sum(row.kind != "note" for row in c.rows) for n, c in cases.items()}
    made: dict[int, dict[str, float]] = {}
    everywhere = frozenset.intersection(*(c.clues.words for c in cases.values()))
    spots = {
        n: [about.text.find(word) for word in (c.clues.words & about.subject) - everywhere]
        for n, c in cases.items()
    }
    early = {n: min(found, default=10**6) for n, found in spots.items()}
    extra = {n: len(c.clues.words - about.subject) for n, c in cases.items()}
    unlike = {
        clue: any(clue not in c.clues.said for c in cases.values()) for clue in ("again", "foreign")
    }
    for n in peers:
        said, text = cases[n].clues.said, texts[n]
        f = {
            "first": float(n == min(peers)),
            "named first": float(early[n] == min(early.values()) < 10**6),
            "named": float(early[n] < 10**6),
            "nothing more": float(extra[n] == 0 and any(e for m, e in extra.items() if m != n)),
            "first time": float("lần đầu" in text or "cấp mới" in text),
            "numbered first": float(n in orders and orders[n] == min(orders.values())),
            "numbered later": float(n in orders and orders[n] != min(orders.values())),
            "share": share[n] - sum(share.values()) / len(share),
            "most cover": float(cover[n] == max(cover.values())),
            "size": sizes[n] / max(1, *sizes.values()),
            "most": float(sizes[n] == max(sizes.values())),
            "one": float(sizes[n] == 1),
            "none": float(sizes[n] == 0),
            "form": float(any(row.kind == "form" for row in cases[n].rows)),
            "again": float("again" in said and unlike["again"]),
            "first issue": float(
                "first" in said or (bool(_ISSUE.search(text)) and "again" not in said)
            ),
            "lost": float("lost" in said),
            "foreign": float("foreign" in said and unlike["foreign"]),
            "special": float(bool(special(cases[n], about)) or "special" in said),
            "person": float("person" in said and "body" not in said),
            "body": float("body" in said and "person" not in said),
            "vehicle": float("phương tiện" in text),
            "lack": float(bool(re.search(r"(?:không|chưa)(?: thể| có| được)", text))),
            "rename": float(bool(re.search(r"thay đổi (?:về )?tên|tên gọi", text))),
            "online": float("online" in said),
            "many things": float(text.count(";") + text.count(",") >= 3),
            "sample": float(bool(_SAMPLE.search(text))),
        }
        numbered = len(orders) == len(peers)
        f["unnumbered, most"] = f["most"] * float(not numbered)
        f["unnumbered, size"] = f["size"] * float(not numbered)
        f["unnumbered, named first"] = f["named first"] * float(not numbered)
        f["body, persons too"] = f["body"] * float("person" in about.applicants)
        f["person, persons"] = f["person"] * float("person" in about.applicants)
        f["again, subject first"] = f["again"] * float(
            not about.text.startswith(("cấp lại", "cấp đổi", "gia hạn", "thay đổi", "điều chỉnh"))
        )
        made[n] = f
    return made
