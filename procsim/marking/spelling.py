"""One spelling of a dossier row, and patterns that also read text without diacritics."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from procsim.language.vietnamese import fold, nfc

__all__ = ["BREAK", "Pattern", "Spelled", "bare", "expand", "spell"]

BREAK = "¶"
"""Stands for a line break of the source in a spelled text."""

_WORD = re.compile(r"[^\W\d_]+")
_MIN_SHARE_WITH_MARKS = 0.12

# Abbreviations of officers, written out so that one variant serves both spellings.
_SHORT = {
    "cccd": "căn cước công dân",
    "cmnd": "chứng minh nhân dân",
    "cmtnd": "chứng minh nhân dân",
    "cmt": "chứng minh nhân dân",
    "gcn": "giấy chứng nhận",
    "gcnđkdn": "giấy chứng nhận đăng ký doanh nghiệp",
    "gcnđkkd": "giấy chứng nhận đăng ký kinh doanh",
    "gcnqsdđ": "giấy chứng nhận quyền sử dụng đất",
    "đkdn": "đăng ký doanh nghiệp",
    "đkkd": "đăng ký kinh doanh",
    "đkhkd": "đăng ký hộ kinh doanh",
    "gplx": "giấy phép lái xe",
    "bhxh": "bảo hiểm xã hội",
    "bhyt": "bảo hiểm y tế",
    "qsdđ": "quyền sử dụng đất",
    "qsd": "quyền sử dụng",
    "lltp": "lý lịch tư pháp",
    "htx": "hợp tác xã",
    "gksk": "giấy khám sức khỏe",
    "đkx": "đăng ký xe",
    "bctc": "báo cáo tài chính",
    "vb": "văn bản",
}
_SAME = {
    "đăng kí": "đăng ký",
    "lí lịch": "lý lịch",
    "công chứng thực": "chứng thực",
    "khoẻ": "khỏe",
    "chứng nhận đối với quyền": "chứng nhận quyền",
    "quyền sở hữu đối với nhà": "quyền sở hữu nhà",
    "chứng minh thư nhân dân": "chứng minh nhân dân",
}
# "HC" is a passport only in the company of other identity papers.
_IDENTITY = ("căn cước", "chứng minh nhân dân", "can cuoc", "chung minh nhan dan")


class Spelled(NamedTuple):
    """A row in the one spelling; `plain` when it was written without diacritics."""

    text: str
    plain: bool


class _Bare(dict[int, str]):
    """Letter to letter without diacritics, filled as letters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = made = unicodedata.normalize("NFD", chr(code))[0]
        return made


_BARE = _Bare({ord("đ"): "d", ord("Đ"): "D"})


def bare(text: str) -> str:
    """Return `text` without diacritics, length kept (composed letters only)."""
    return text.translate(_BARE)


class Pattern:
    """A regular expression written with diacritics that also reads plain text."""

    __slots__ = ("marked", "plain")

    def __init__(self, *alternatives: str, start: str = "", end: str = "") -> None:
        written = start + "(?:" + "|".join(alternatives) + ")" + end
        self.marked = re.compile(written)
        self.plain = re.compile(bare(written))

    def of(self, spelled: Spelled) -> re.Pattern[str]:
        """Return the expression that fits the spelling of a text."""
        return self.plain if spelled.plain else self.marked


def _spell_out(table: dict[str, str], *, plain: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    entries = {bare(k): bare(v) for k, v in table.items()} if plain else table
    # Not inside the number of a text: "mẫu 02/2025/LLTP", "948/QĐ-BHXH".
    return re.compile(r"(?<![\w-])(?<!\d/)(?:" + "|".join(entries) + r")(?![\w-])"), entries


_EXPANSIONS = {
    flag: (_spell_out(_SHORT, plain=flag), _spell_out(_SAME, plain=flag)) for flag in (False, True)
}
_PASSPORT = re.compile(r"(?<!\w)hc(?!\w)")


# A line that ends like this has named no paper yet, or asks for a word to follow.
_COPY = (
    r"(?:(?:\d+ )?bản (?:sao|chính|gốc|chụp|dịch|photo|scan)"
    r"|(?:có |được )?(?:công chứng|chứng thực))"
)
_ASKS_FOR_MORE = re.compile(
    rf"(?:^\W*(?:{_COPY}[ ,/]*)*(?:\d+|{_COPY}|(?:{_COPY} )*(?:giấy|phiếu|tờ|thẻ|sổ|văn bản"
    r"|tài liệu|giấy tờ|chứng minh|chứng chỉ|bằng|bản)(?: (?:chứng nhận|xác nhận|phép|chứng minh"
    r"|chứng thực|khám|khai))?)"
    r"|(?<!\w)(?:và|hoặc|hay|của|về|cho|theo|các|những|do|từ|tại|đối với|với|trong|trên|bằng|gồm"
    r"|số|hạng|cấp|cấp mới|đổi|điều chỉnh|kèm|gia hạn|sửa đổi|thu hồi|được|để|khi|nếu|chưa|phải"
    # the first syllable of a word of two
    r"|văn|biên|hóa|vận|sơ|lý|danh|tài|hồ|chứng|trích|quyết|báo|hợp|căn|hộ)|[,/(–-])$"
)
_MAY_GO_ON = re.compile(
    r"(?:^\W*(?:đơn|hợp đồng|quyết định|báo cáo|biên bản|danh sách|hồ sơ|mẫu|ảnh|hình)"
    r"|(?<!\w)(?:đề nghị|đăng ký|lại|bổ sung|nội dung|mẫu|loại|phụ lục|có|là|không|đã|sẽ))$"
)
_CONTINUES = re.compile(
    r"(?:và|hoặc|hay|của|về|cho|theo|có|là|do|từ|tại|đối với|với|trong|trên|được|để|kèm)(?!\w)"
    r"|[(/,;.)]"
)
_AGAIN = re.compile(r"(?<!\w)(?:lại|nội dung|bổ sung|đăng ký)$")
_MARK = re.compile(r"[-+*•·▪○●–—]|\(?(?:\d{1,2}|[a-zđ]|[ivx]{1,4})(?:[.)] ?\D|/ )")
_PAPER = re.compile(
    r"(?:\d+ )?(?:giấy|đơn|tờ khai|phiếu|hộ chiếu|lý lịch|báo cáo|hợp đồng|văn bằng|văn bản|sơ yếu"
    r"|chứng chỉ|thẻ|biên bản|danh sách|sổ|căn cước|chứng minh|trích lục|quyết định|tài liệu|bản"
    r"|hồ sơ|bằng (?!tiếng)|ảnh|cccd|cmnd|gcn|gplx)(?!\w)"
)


def _unwrapped(text: str) -> str:
    """Return `text` with the lines that merely go on put to the end of the line above.

    A break inside a name changes nothing; one before another paper, a mark of a
    list or a new sentence parts two.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    whole = lines[:1]
    for line in lines[1:]:
        above, below = (fold(part, diacritics=True) for part in (whole[-1], line))
        opened = above.count("(") > above.count(")")
        starts = line[0].isupper() and not line[:20].isupper()
        ends = above.endswith((".", ";", ":", "!", "?"))
        if _PAPER.match(below):  # "cấp lại" asks for the paper that follows in small letters
            more = not starts and not below.startswith("bản") and bool(_AGAIN.search(above))
        else:
            more = not starts or bool(_MAY_GO_ON.search(above))
        more = more or opened or bool(_CONTINUES.match(below) or _ASKS_FOR_MORE.search(above))
        goes_on = more and not ends and not _MARK.match(below)
        if goes_on:
            whole[-1] += f" {line}"
        else:
            whole.append(line)
    return f" {BREAK} ".join(whole)


def spell(text: str) -> Spelled:
    """Return `text` folded to one spelling, abbreviations written out.

    Lower case, NFC, one kind of dash and space, one place of the tone, line
    breaks between papers as `BREAK`. Text with hardly any diacritics is taken as typed
    without them and loses the rest.

    Examples
    --------
    >>> spell("Bản sao CCCD/HC").text
    'bản sao căn cước công dân/hộ chiếu'
    """
    text = nfc(text)
    folded = fold(_unwrapped(text) if "\n" in text else text, diacritics=True)
    words = _WORD.findall(folded)
    opening = words[:60]
    marked = len(opening) - sum(map(str.isascii, opening))
    plain = marked < _MIN_SHARE_WITH_MARKS * len(opening)
    if plain:
        folded = bare(folded)
        words = [bare(word) for word in words]
    (short, long), (other, same) = _EXPANSIONS[plain]
    if not long.keys().isdisjoint(words):
        folded = short.sub(lambda m: long[m.group()], folded)
    for key in same:  # a loop: half the time of a generator, on every row
        if key in folded:
            folded = other.sub(lambda m: same[m.group()], folded)
            break
    if "hc" in words and any(word in folded for word in _IDENTITY):
        folded = _PASSPORT.sub("ho chieu" if plain else "hộ chiếu", folded)
    for mark in ",;:)":
        folded = folded.replace(" " + mark, mark)
    folded = folded.replace("( ", "(")
    return Spelled(folded, plain)


@cache
def expand(pattern: str) -> tuple[str, ...]:
    """Return the plain phrases of a pattern with ``(a|b|)`` choices."""
    start = pattern.find("(")
    if start < 0:
        return (" ".join(pattern.split()),)
    end = pattern.index(")", start)
    made: dict[str, None] = {}
    for choice in pattern[start + 1 : end].split("|"):
        for phrase in expand(pattern[:start] + choice + pattern[end + 1 :]):
            made[phrase] = None
    return tuple(made)
