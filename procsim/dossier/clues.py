"""What the words of a dossier row and of a case name say: conditions, channels, data, offices.

Each clue is one fact of language. None of them decides alone: `reading` weighs them
with where the row stands, and the words of a clue are what an officer is shown as
the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from procsim.marking.spelling import BREAK, Pattern, Spelled, bare, spell

MARKER = re.compile(
    rf"^(?:[^\w{BREAK}]|{BREAK}){{0,9}}(?:\(?[a-zđ]{{0,4}}\d{{0,3}}(?:\.\d+)*[.)]\s?){{0,4}}"
    r"\W{0,9}"
)


@dataclass(frozen=True, slots=True)
class _Clue:
    name: str
    needs: tuple[str, ...]  # one of these must stand in the text before the pattern is tried
    pattern: Pattern


def _clue(name: str, needs: str, *alternatives: str, start: str = r"(?<!\w)") -> _Clue:
    words = tuple(needs.split("|"))
    pattern = Pattern(*alternatives, start=start, end=r"(?!\w)")
    return _Clue(name, tuple(dict.fromkeys((*words, *map(bare, words)))), pattern)


_ROW_CLUES = (
    _clue("nếu có", "nếu có", "nếu có"),
    _clue("authorised", "ủy quyền|người đại diện|đại lý|giới thiệu",
        r"(?:văn bản|giấy|hợp đồng)(?: \w+){0,3} ủy quyền", "được ủy quyền",
        "(?:thông qua|qua|là) người đại diện", "ủy quyền", "giấy giới thiệu"),
    _clue("post", "bưu chính|bưu điện|qua đường", "bưu (?:chính|điện)"),
    _clue("online", "trực tuyến|điện tử|cổng dịch vụ|tải lên",
        r"(?:nộp|gửi|thực hiện|hình thức|hồ sơ)(?: \w+){0,3} (?:trực tuyến|qua mạng)",
        "(?:trực tuyến|môi trường điện tử|môi trường mạng|tải lên|cổng dịch vụ công)"),
    _clue("e-form", "điện tử|tương tác", r"(?:mẫu|biểu mẫu|tờ khai|đơn)(?: \w+){0,3} điện tử",
        "điện tử tương tác"),
    _clue("counter", "trực tiếp", r"(?:nộp|gửi|đến|hình thức|hồ sơ)(?: \w+){0,3} trực tiếp",
        "trực tiếp"),
    _clue("foreign", "nước ngoài|quốc tịch|lãnh sự|nước láng",
        "(?:người|tổ chức|công dân|nhà đầu tư|doanh nghiệp|cá nhân|công ty) nước ngoài",
        "nước (?:ngoài|láng giềng)", "không quốc tịch", "hợp pháp hóa lãnh sự"),
    _clue("military", "quân đội|quốc phòng|quân nhân|an ninh",
        "(?:quân đội|quốc phòng|quân nhân)"),
    _clue("minor", "dưới 14|thành niên|trẻ em|con ", "dưới (?:14|18|16|15|06|6) tuổi",
        "chưa (?:đủ )?(?:thành niên|14 tuổi|18 tuổi)", "mất năng lực"),
    _clue("other papers", "khác",
        r"(?:giấy tờ|tài liệu|hồ sơ|văn bản|chứng từ)(?: \w+){0,2}? khác",
        r"(?:giấy tờ|tài liệu)(?: \w+){0,3} (?:có )?liên quan"),
    _clue("not read", "khai thác|tra cứu|kết nối|tích hợp|chia sẻ|chưa có|không có", r"(?:không"
        r"|chưa)(?: thể| được| có thể| tự)*(?: \w+)? ?(?:khai thác|tra cứu|kết nối|tích hợp"
        r"|chia sẻ|truy cập)", r"(?:chưa|không) có(?: \w+){0,6} trong (?:cơ sở dữ liệu|csdl)",
        "bị gián đoạn"),
    _clue("data", "cơ sở dữ liệu|csdl|định danh|vneid|khai thác|tra cứu|hệ thống|dữ liệu",
        "cơ sở dữ liệu", r"csdl\w*", "số định danh", "vneid", "(?:khai thác|tra cứu|truy xuất)",
        "định danh điện tử", "chia sẻ dữ liệu"),
    _clue("need not", "không|miễn|thay thế|thay cho|chỉ ", r"không (?:phải|cần|yêu cầu|bắt buộc"
        r"|được yêu cầu)(?: \w+){0,6}? (?:nộp|xuất trình|cung cấp|gửi|có|kèm|tải)",
        "không yêu cầu", "được miễn", "miễn nộp", "được thay thế",
        "thay (?:cho|thế) (?:việc|các|cho|giấy)",
        "chỉ (?:phải )?(?:nộp|yêu cầu|xuất trình|áp dụng)"),
    _clue("not in dossier", "không bao gồm", r"hồ sơ(?: \w+){0,8} không bao gồm",
        "không bao gồm"),
    _clue("except", "trừ ", "trừ (?:trường hợp|các|những|khi|người|đối với)"),
    _clue("in place", "không có|thay", r"(?:trường hợp|nếu)(?: \w+){0,6} không có",
        "thay (?:cho|thế|bằng)", "giấy tờ thay"),
    _clue("more", "thêm|bổ sung|còn phải|ngoài ",
        "(?:nộp|có|phải có|gửi|kèm|xuất trình|bổ sung|cung cấp) thêm", "(?:phải|cần) bổ sung",
        "ngoài (?:các|những|hồ sơ|thành phần|giấy tờ|quy định)", "còn phải"),
    _clue("one of", "một trong|một hoặc", "(?:ít nhất )?một trong", "một hoặc (?:nhiều|một số)"),
    _clue("previous", "đã cấp|đã được cấp|cũ|trước đây|lần trước", "đã (?:được )?cấp",
        "trước đây", "(?:thẻ|giấy|sổ|giấy phép) cũ"),
    _clue("office makes", "thẩm định|kiểm tra|biên bản|tờ trình|danh sách|kết quả|quyết định"
        "|lấy ý kiến", r"(?:báo cáo|tờ trình|văn bản|biên bản|kết quả"
        r"|phiếu)(?: \w+){0,2} thẩm (?:định|tra)(?! giá)", r"(?:tờ trình|dự thảo quyết định"
        r"|danh sách)(?: \w+){0,4} (?:của|do) (?:ủy ban|ubnd|sở|công an|phòng|cơ quan)",
        "biên bản (?:kiểm tra|xác minh|họp hội đồng)",
        "(?:giấy|phiếu) (?:tiếp nhận|biên nhận|hẹn)"),
    _clue("law only", "theo quy định", "theo quy định (?:của pháp luật|tại|của)"),
)  # fmt: skip

_CONDITION = Pattern(
    r"(?:trong |chỉ áp dụng (?:cho |đối với )?|áp dụng (?:cho |đối với )?|đối với |dùng cho )?"
    r"(?:các |những )?trường hợp(?! (?:nêu|quy định) trên)",
    r"(?:riêng )?đối với(?! (?:chiếu|các quy định))",
    r"nếu(?! (?:có(?!\w)(?! (?:thay|yêu|nhu|sự|nhiều|quyết))|được (?:lập|cấp)))",
    r"(?:dành|dùng|sử dụng) (?:cho|trong trường hợp)",
    r"áp dụng (?:cho|với|đối với)",
    start=r"(?<!\w)(?<!trừ )(?<!trừ các )(?<!ngoài các )(?<!từng )(?<!nghĩa vụ )(?<!quản"
    r" lý )(?<!thẩm quyền )",
    end=r"(?!\w)",
)
_CONDITIONAL = tuple(
    form
    for word in (
        "trường hợp",
        "đối với",
        "nếu",
        " cho ",
        "áp dụng",
        "khi",
        "nộp",
        "xuất trình",
        "ngoài ",
    )
    for form in (word, bare(word))
)
_HEAD_ONLY = Pattern(
    r"(?:trong |sau |trước )?khi",
    r"(?:công dân|người|cá nhân|tổ chức)(?= .{3,90}? (?:phải |thì |cần )?(?:nộp|xuất trình))",
    r"ngoài (?:các|những|hồ sơ|giấy tờ|quy định)",
    end=r"(?!\w)",
)
_CLAUSE_END = re.compile(rf"[;()]|{BREAK}|\.(?=\s|$)|:(?=\s|$)")
_SENTENCE = re.compile(rf"[;{BREAK}]|[^\W\d]{{2,}}\.(?=\s)|\)\.(?=\s)")
_NEXT_SENTENCE = re.compile(r"(?:^|(?<=[^\W\d]))\.\s|;\s?(?=trường hợp|nếu|việc|khi)")
_BRACKETS = re.compile(r"\([^()]*\)")
_REMAINS = re.compile(
    r"(?:theo|tại|quy định)(?: \w+){0,3} (?:mẫu|phụ lục|khoản|điều|nghị định|thông tư).*"
    r"|(?:ban hành|kèm theo).*|(?:\d+ )?(?:bản (?:chính|sao|chụp|gốc)|bộ)(?: (?:hoặc|và"
    r"|có) .{0,60})?|mẫu (?:số )?\S+"
)
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY = frozenset(
    [
        "trường",
        "hợp",
        "đối",
        "với",
        "của",
        "và",
        "các",
        "có",
        "được",
        "theo",
        "tại",
        "cho",
        "là",
        "hoặc",
        "về",
        "việc",
        "khi",
        "nếu",
        "trong",
        "đã",
        "không",
        "phải",
        "thì",
        "do",
        "bị",
        "này",
        "đó",
        "những",
        "một",
        "hồ",
        "sơ",
        "giấy",
        "tờ",
        "gồm",
        "bao",
        "quy",
        "định",
        "thủ",
        "tục",
        "hành",
        "chính",
        "thực",
        "hiện",
        "đề",
        "nghị",
        "cấp",
        "tỉnh",
        "xã",
        "trung",
        "ương",
        "sau",
        "như",
        "đây",
        "nêu",
        "trên",
        "từ",
        "đến",
        "người",
        "cá",
        "nhân",
        "tổ",
        "chức",
        "nộp",
        "trừ",
        "thuộc",
        "số",
        "điều",
        "khoản",
        "điểm",
        "nghị",
        "thông",
        "tư",
        "luật",
        "năm",
        "ngày",
    ]
)


@lru_cache(maxsize=200_000)
def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that carry its subject, in pairs: Vietnamese words are two."""
    words = [word for word in _WORD.findall(text) if word not in _EMPTY]
    return frozenset(words)


@dataclass(frozen=True, slots=True)
class RowClues:
    """What one row says.

    Attributes
    ----------
    spelled
        The row in the one spelling.
    said
        Clue to the words that gave it.
    condition
        The clause that says for whom or when; ``""`` without one.
    place
        Where it stands: ``"head"``, ``"aside"`` (in brackets), ``"tail"``, ``""``.
    opening
        Its first word: ``"trường hợp"``, ``"đối với"``, ``"nếu"`` …
    body
        The row without marker and condition, for comparing rows.
    """

    spelled: Spelled
    said: dict[str, str]
    condition: str
    place: str
    opening: str
    marker: str
    body: str
    start: int = 0


@lru_cache(maxsize=40_000)
def row_clues(name: str) -> RowClues:
    """Return the clues of a row's name."""
    spelled = spell(name)
    text = spelled.text
    said: dict[str, str] = {}
    own, _, rest = text.partition(";;")
    if not rest.lstrip().startswith(("thành phần hồ sơ", "trường hợp")):
        own = text  # else a sentence about other papers was pasted behind
    for clue in _ROW_CLUES:
        for word in clue.needs:
            if word in own:
                hit = clue.pattern.of(spelled).search(own)
                if hit:
                    said[clue.name] = hit.group()
                break
    marker = MARKER.match(text)
    start = marker.end() if marker else 0
    condition, place, opening, body = _scope(spelled, start)
    return RowClues(
        spelled,
        said,
        condition,
        place,
        opening,
        text[:start].strip(),
        body,
        text.find(body, start) if place == "head" and body else start,
    )


def _scope(spelled: Spelled, start: int) -> tuple[str, str, str, str]:
    """Return the condition of a row, its place, its opening word and the row without it.

    Of several conditions the first that rules the whole row counts; without one, the first.
    """
    text = spelled.text
    if not any(word in text for word in _CONDITIONAL):
        return "", "", "", text[start:]
    hits = list(_CONDITION.of(spelled).finditer(text, start))
    head = _HEAD_ONLY.of(spelled).match(text, start)
    if head and not (hits and hits[0].start() == start):
        hits.insert(0, head)
    if not hits:
        return "", "", "", text[start:]
    found = [_place(spelled, start, hit) for hit in hits[:4]]
    return next((one for one in found if one[1] in {"head", "tail", "aside"}), found[0])


def _place(spelled: Spelled, start: int, hit: re.Match[str]) -> tuple[str, str, str, str]:
    """Return one condition of a row with its place, its opening word, and the row without it."""
    text = spelled.text
    end = _CLAUSE_END.search(text, hit.end())
    stop = end.start() if end else len(text)
    condition, opening = text[hit.start() : stop], hit.group()
    if hit.start() == start:
        return condition, "head", opening, text[stop:].lstrip(" :;,.")
    body = text[start : hit.start()]
    bracket = body.count("(") > body.count(")")
    close = text.find(")", hit.end()) if bracket else -1
    after = text[close + 1 :] if close >= 0 else text[stop:]
    if _SENTENCE.search(text, start + 3, hit.start()):
        rules = text[hit.start() - 1] == "(" and len(words_left(after)) <= 1
        return condition, "aside" if rules else "later", opening, body
    ends = len(words_left(after)) <= 3
    if not ends:
        # "Văn bản ủy quyền … trong trường hợp ủy quyền. Trường hợp …": the first sentence rules.
        sentence = _NEXT_SENTENCE.split(after, maxsplit=1)
        ends = len(sentence) > 1 and len(words_left(sentence[0])) <= 3
    return condition, ("aside" if bracket else "tail") if ends else "inner", opening, body


def words_left(rest: str) -> list[str]:
    """Return the words that follow a clause, forms, brackets and copies not counted."""
    return _REMAINS.sub("", _BRACKETS.sub("", rest)).strip(" :;,.)*-").split()


_CASE_CLUES = (
    _clue("note", "lưu ý|ghi chú|chú ý|quy định", "(?:lưu ý|ghi chú|chú ý)"),
    _clue("authorised", "ủy quyền|người đại diện|đại lý", "ủy quyền", "người đại diện",
        "đại lý thu"),
    _clue("online", "trực tuyến|điện tử|mạng|dịch vụ công", "trực tuyến",
        "môi trường (?:điện tử|mạng)", "qua mạng", "điện tử", "cổng dịch vụ công"),
    _clue("foreign", "nước ngoài|quốc tịch", "nước ngoài", "không quốc tịch"),
    _clue("person", "cá nhân|công dân|hộ ", "(?:cá nhân|công dân|hộ gia đình|hộ kinh doanh)"),
    _clue("body", "tổ chức|doanh nghiệp|cơ quan|đơn vị",
        "(?:tổ chức|doanh nghiệp|cơ quan|đơn vị)"),
    _clue("first", "lần đầu|cấp mới|thành lập|đăng ký mới", "lần đầu", "cấp mới", "mới"),
    _clue("again", "cấp lại|cấp đổi|đổi|gia hạn|điều chỉnh|thay đổi|bổ sung|phục hồi", "cấp lại",
        "(?:cấp )?đổi", "gia hạn", "(?:điều chỉnh|thay đổi|bổ sung|phục hồi)"),
    _clue("lost", "mất|hỏng|rách|thất lạc", "mất", "hỏng", "rách", "thất lạc"),
    _clue("office", "ủy ban|cơ quan|lập|gửi",
        r"(?:do|của) (?:ủy ban|cơ quan|sở|ubnd)(?: \w+){0,6} (?:lập|gửi|trình)"),
    _clue("more", "thêm|bổ sung|ngoài", "(?:nộp|có|gửi) thêm", "phải bổ sung",
        "ngoài (?:các|hồ sơ|những)", "phải kèm theo", "kèm theo"),
    _clue("special", "xã hội|chuyển đổi|sáp nhập|chia|thừa kế|chết|tín dụng",
        "doanh nghiệp xã hội", "chuyển đổi", "(?:chia|tách|hợp nhất|sáp nhập)", "thừa kế", "chết",
        "tổ chức tín dụng"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseClues:
    """What the name of a case says: as `RowClues`, with its number (1, a, i …) as an order."""

    spelled: Spelled
    said: dict[str, str]
    order: float
    words: frozenset[str]


_NUMBER = re.compile(r"^\W*(?:trường hợp )?\(?([a-zđ]|\d{1,2}|[ivx]{1,4})(?:\.\d+)*[.):/ ]")
_LETTERS = "abcdđeghiklmnopqrstuvxy"
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}


def order_of(text: str) -> float:
    """Return the number that a spelled text opens with (a = 1, ii = 2), NaN without one."""
    hit = _NUMBER.match(text)
    if not hit:
        return float("nan")
    word = hit.group(1)
    if word.isdecimal():
        return float(word)
    if word in _ROMAN:
        return float(_ROMAN[word])
    return float(_LETTERS.index(word) + 1) if word in _LETTERS else float("nan")


@lru_cache(maxsize=20_000)
def case_clues(name: str) -> CaseClues:
    """Return the clues of a case's name."""
    spelled = spell(name)
    said: dict[str, str] = {}
    for clue in _CASE_CLUES:
        if any(word in spelled.text for word in clue.needs):
            hit = clue.pattern.of(spelled).search(spelled.text)
            if hit:
                said[clue.name] = hit.group()
    return CaseClues(spelled, said, order_of(spelled.text), content_words(spelled.text))
