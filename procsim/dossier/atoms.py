"""Split a row into the papers that it asks for: lists are many, contents and copies are one.

A piece counts when it *opens* with the name of a paper, after words such as "01 bản
sao có chứng thực". What follows "hoặc", what a paper must contain, what is said of a
special case later in the row, and copies of the same paper add nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from procsim.marking.items import HEAD, PRELUDE, end_of
from procsim.marking.spelling import BREAK, Spelled


@dataclass(frozen=True, slots=True)
class Atom:
    """One paper of a row: its words and where they stand in the spelled text."""

    words: str
    position: int
    form: bool = False


_NUMBERED = r"(?<![\w./])(?:[a-zđ]\d?|[ivx]{1,3}|\d{1,2}(?:\.\d+)*)[.)](?=\s)"
_SEPARATOR = re.compile(
    rf"(?P<strong>;|{BREAK}|(?:(?<=[;:.,)])|(?<={BREAK}))\s*[-–•*](?=\s)|(?<=\s)\+{{1,3}}\)?(?=\s)|:\s*\+{{1,3}}\)?(?=\s)"
    rf"|(?:(?<=[;:.,)] )|(?<={BREAK} )){_NUMBERED})|(?P<dot>(?<=[^\W\d]{{2}})\.(?=\s)|\)\.(?=\s))"
)
_OPENS = re.compile(
    r"(?:hộ chiếu|(?:thẻ )?căn cước|văn bằng|chứng chỉ|bằng (?:tốt|cử|đại|thạc|tiến"
    r"|chuyên)|bệnh án|trích sao|đề xuất|ý kiến|bản án|dự án"
    r"|chứng nhận|bảng kê|quy định|học bạ|plltp|lltp|chứng minh|biểu|nội quy|đề nghị"
    r"|chỉ số|các chỉ số|băng|đĩa|mẫu (?:nhãn|sản|vật))(?!\w)"
)
_MARKS = (";", BREAK, ":", " + ", "+ ", ". ", "), ", "một ", "mot ", ") ")
_ONE_OF = re.compile(
    r"(?:là |gồm |bao gồm |nộp |có )?(?:ít nhất )?(?:là )?(?:một|1"
    r"|01)(?: \(\w+\))? trong|một hoặc|mot trong|sau:? hoặc"
)
_CONTENTS = re.compile(
    r"(?:gồm|bao gồm|có|thể hiện|nêu|ghi|về)(?: rõ| đầy đủ| tối thiểu| chủ yếu)*(?: các"
    r"| những)?(?: nội dung| thông tin| chỉ tiêu)"
    r"|trong đó|nội dung (?:gồm|chủ yếu|chính|sau|cụ thể)|phải (?:quy định|nêu|ghi"
    r"|thể hiện|bao gồm|có các)|nêu rõ|ghi rõ"
    r"|thông qua (?:phương án|việc|đề án|hồ sơ)|thể hiện rõ|gồm (?:tên|họ|số thứ tự"
    r"|các loại tài liệu)|(?:thông tin|tiêu chí)(?: \w+){0,3}(?: sau| như)?:"
)
_ASIDE = re.compile(
    r"(?:trong |riêng |ngoài ra,? )?(?:trường hợp|nếu|đối với|việc|khi|lưu ý|ghi chú"
    r"|chú ý|thời (?:hạn|gian)|hoặc|như|trừ|theo|"
    r"mẫu|được|phải|số|người|cơ quan|công dân|tổ chức|doanh nghiệp|cá nhân|hay|để|là|do"
    r"|của|từ|tài liệu này|các giấy tờ này"
    r"|bản (?:chính|sao|chụp)(?:\W|$)|giấy tờ (?:này|khác)|tài liệu khác|văn bản này"
    r"|(?:những )?giấy tờ trên)(?!\w)"
)
_WITH = re.compile(
    r"(?<!ban hành )(?<!ban hành theo )(?:, |và )?(?:có |gửi |đính "
    r"|được )?kèm(?: theo)? (?:các |một |bộ |\d+ |\(\d+\) |bản sao )*"
    r"(?=(?:bản (?:dịch|thuyết minh|đồ|vẽ|kê|cam kết)|danh sách|danh mục|ảnh|giấy|phiếu"
    r"|văn bản|thuyết minh|báo cáo|biên bản"
    r"|hồ sơ|quyết định (?!số)|hợp đồng|kế hoạch|mẫu (?!số|ban|quy)|sơ đồ|chứng từ"
    r"|bảng kê|tài liệu (?!này)|đề án|tờ khai|văn bằng))"
)
_AND = re.compile(
    r"(?:,? và|,) (?:các |\d+ |bản sao |bộ )*(?=(?:ảnh \d|\d+ ảnh|ảnh (?:chân|màu|thẻ"
    r"|kích|cỡ)|bản (?:thuyết minh|đồ|vẽ|kê|cam kết|thông tin|dịch|sao)|biên bản"
    r"|báo cáo|danh sách|giấy (?:chứng|ra|phép|khám|xác|khai)|"
    r"phiếu|nghị quyết|thuyết minh|hợp đồng|hồ sơ tóm|kế hoạch|bằng (?!chứng)"
    r"|biển số xe(?= *[;.]| *$)|chứng chỉ hành|quyết định|học bạ|văn kiện|quy định nội"
    r"|đơn (?!vị)|tờ khai)(?!\w))"
)
_NO_AND = re.compile(
    r"(?:văn bằng|chứng chỉ|hóa đơn|chứng từ|giấy tờ|tài liệu|các|những|quy định"
    r"|xác nhận|nội dung|về|thông qua|của|đánh giá|bằng)$"
)
_DIGIT = re.compile(r"\d")
_BRACKET = re.compile(r"\([^()]*\)")


@lru_cache(maxsize=20_000)
def atoms(spelled: Spelled, start: int = 0) -> tuple[Atom, ...]:
    """Return the papers of a row, at least one.

    Parameters
    ----------
    spelled
        The row.
    start
        Where the row's own words begin, after its marker and condition.
    """
    text = spelled.text
    if "(" in text:
        text = _BRACKET.sub(lambda m: "(" + " " * (len(m.group()) - 2) + ")", text)
    if not any(mark in text for mark in _MARKS):
        return tuple(_joined(text, start, len(text), spelled))
    intro, found = _segments(text, start, spelled)
    if intro == "one":
        return tuple(_atom(text, begin, end, spelled) for begin, end in found[:1])
    made: list[Atom] = []
    for begin, end in found:
        made += _joined(text, begin, end, spelled)
    return tuple(made) or (Atom(spelled.text[start : start + 120].strip(" :;,.-+*"), start),)


def _segments(text: str, start: int, spelled: Spelled) -> tuple[str, list[tuple[int, int]]]:
    """Return how the pieces are joined, and those that open with a paper."""
    head, prelude = HEAD.of(spelled), PRELUDE.of(spelled)
    cuts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(text, start)]
    dots = {end for _, end in cuts if text[end - 1] == "."}
    pieces: list[tuple[int, int]] = []
    at = start
    for cut, after in [*cuts, (len(text), len(text))]:
        if cut > at:
            pieces.append((at, cut))
        at = max(at, after)
    chosen: list[tuple[int, int]] = []
    kind = ""
    openings: list[list[str]] = []
    for number, (begin, end) in enumerate(pieces):
        opening = max(end_of(prelude.match(text, begin, end)), begin)
        if number and text[begin - 1 : begin] == "." and begin in dots:
            break
        if number and _ASIDE.match(text, opening, end):
            if chosen and text[opening:end].startswith(_SPECIAL):
                break
            continue
        piece = spelled.text[begin:end]
        if number and _MAYBE.search(piece):
            continue
        if _ONE_OF.search(piece):
            kind = "one"
        names = text[opening:end].split()[:4]
        if "đối với" in piece and any(names == seen for seen in openings):
            continue  # the same paper again, for other goods or persons
        openings.append(names)
        if not number or head.match(text, opening, end) or _OPENS.match(text, opening, end):
            chosen.append((begin, end))
        contents = _CONTENTS.search(text, begin, end)
        if contents and (
            text[end : end + 1] == ":"
            or _ANNOUNCES.search(text, contents.start(), end)
            or (
                _RULES.search(text, begin, end)
                and text[end : end + 1] == ";"
                and not _NEXT.match(text, end + 1)
            )
        ):
            break
    return kind, _without_intro(text, chosen)


_RULES = re.compile(r"phải (?:quy định|bao gồm)|thông qua")
_NEXT = re.compile(rf"\s*(?:[-+•*]|{BREAK}|{_NUMBERED})")
_SPECIAL = ("trường hợp", "nếu", "lưu ý", "việc", "đối với", "riêng")
_MAYBE = re.compile(r"\(?nếu có\)?\W*$")
_ANNOUNCES = re.compile(r":|(?:sau|sau đây|chủ yếu|gồm)\W*$")
_INTRO = re.compile(
    r"(?:(?:gồm|gồm có|sau|sau đây|cụ thể)(?: các giấy tờ)?|:)\W*$|^\W*(?:hồ sơ|giấy tờ"
    r"|bản sao|tài liệu)(?: \S+){0,6}\W*$"
)


def _without_intro(text: str, chosen: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop the sentence that announces a list: "Hồ sơ gồm: a) …; b) …"."""
    if len(chosen) < 2:
        return chosen
    begin, end = chosen[0]
    colon = text.find(":", begin, end + 1)
    first = text[begin:end]
    if _INTRO.search(first) or (text[end : end + 1] == ":"):
        return chosen[1:]
    if colon > 0 and re.search(r"(?:gồm|sau|sau đây|cụ thể|giấy tờ của xe)\W*$", text[begin:colon]):
        return [(colon + 1, end), *chosen[1:]]
    return chosen


def _joined(text: str, begin: int, end: int, spelled: Spelled) -> list[Atom]:
    """Return the papers of one piece: "X kèm Y" and "X và Y" are two, "X hoặc Y" one."""
    contents = _CONTENTS.search(text, begin, end)
    stop = contents.start() if contents else end
    places = [begin]
    whole = text[begin:stop]
    for hit in _WITH.finditer(text, begin, stop) if "kèm" in whole else ():
        if hit.start() > begin + 6:
            places.append(hit.end())
            break
    commas: list[int] = []
    limit = min(stop, places[-1] if len(places) > 1 else stop)
    for hit in _AND.finditer(text, begin, limit) if " và " in whole or "," in whole else ():
        before = text[begin : hit.start()]
        words = before.split()
        if len(words) < 2 or "hoặc" in before[-25:] or _NO_AND.search(before):
            continue
        if not text.startswith("ảnh", hit.end()) and _BREAKS_NAME.search(before):
            continue
        if (
            hit.group().startswith(",")
            and "và" not in hit.group()
            and not _COMMA_LIST.search(text[hit.end() : stop])
        ):
            continue
        if hit.group().startswith(",") and text.find(" hoặc ", hit.end(), stop) >= 0:
            continue
        if not hit.group().lstrip(" ,").startswith("và") and not text.startswith("ảnh", hit.end()):
            commas.append(hit.end())
            continue
        places += [*commas, hit.end()]  # "A, B và C"
        commas = []
    return [_atom(text, at, end, spelled) for at in sorted(places)]


def opens_form(spelled: Spelled, start: int) -> bool:
    """Return whether a row opens with the name of an application form."""
    opening = max(end_of(PRELUDE.of(spelled).match(spelled.text, start)), start)
    return bool(_IS_FORM.match(spelled.text, opening))


def _atom(text: str, at: int, end: int, spelled: Spelled) -> Atom:
    opening = max(end_of(PRELUDE.of(spelled).match(text, at, end)), at)
    words = _WORDS_END.split(spelled.text[at:end], maxsplit=1)[0][:120]
    return Atom(words.strip(" :;,.-+*"), at, bool(_IS_FORM.match(text, opening)))


_IS_FORM = re.compile(
    r"đơn(?! vị)|tờ khai|bản khai|giấy đề nghị|phiếu (?:đề nghị|yêu cầu|khai|đăng ký)"
    r"|(?:văn bản|công văn|tờ trình)(?: \S+){0,2} đề nghị"
    r"|bảng kê khai|lý lịch tự khai|bản tự khai|don |to khai"
)
_WORDS_END = re.compile(rf"[;{BREAK}]|\s\(")
_BREAKS_NAME = re.compile(
    r"(?:quy định|theo|đề nghị|cấp|căn cứ|xác nhận|phê duyệt|thẩm định|về việc"
    r"|chứng minh|đối với|tại|trường hợp|nếu)(?: \S+){0,30}$"
)
_COMMA_LIST = re.compile(r"^\S+")
