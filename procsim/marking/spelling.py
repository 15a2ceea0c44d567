"""One spelling of a dossier row, and patterns that also read text without diacritics."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Container, Iterable
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import pandas as pd

from procsim.language.vietnamese import fold, nfc

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


# The phrases that name a document type: the catalogue's variants and the room's own list.

FORM = "to_khai"
"""The catalogue's entry for forms: a row's `kind` says that, not its types."""


_TOKEN = re.compile(r"\s*(\w+|[^\w\s])")
# Without diacritics these read as other words: "sơ đồ", "chứng từ".
_ONLY_WITH_MARKS = frozenset({"sổ đỏ", "chứng tử"})
_VARIANTS_WORD = re.compile(r"\w+")
_END = ""
_Node = dict[str, Any]


def _add(root: _Node, phrase: str, document_type: str) -> None:
    node = root
    for token in _TOKEN.findall(phrase):
        node = node.setdefault(token, {})
    node[_END] = document_type


class TypeVariants:
    """All phrases that name a document type, in one tree of words, longest first.

    Parameters
    ----------
    phrases
        (phrase, document type) pairs in the one spelling; the type is ``""`` for a
        phrase that only looks like a paper. Later pairs win over earlier ones.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._marked: _Node = {}
        self._plain: _Node = {}
        for phrase, document_type in phrases:
            _add(self._marked, phrase, document_type)
            if phrase not in _ONLY_WITH_MARKS:
                _add(self._plain, bare(phrase), document_type)

    def at(self, text: str, position: int, *, plain: bool) -> tuple[str, int] | None:
        """Return the type and the end of the longest phrase that starts at `position`.

        Parameters
        ----------
        text
            A spelled row.
        plain
            Whether the row was written without diacritics.
        """
        node = self._plain if plain else self._marked
        found: tuple[str, int] | None = None
        token = _TOKEN.match(text, position)
        while token is not None:
            following = node.get(token.group(1))
            if following is None:
                break
            node = following
            if _END in node:
                found = (node[_END], token.end())
            token = _TOKEN.match(text, token.end())
        return found

    def starts(self, *, plain: bool) -> Container[str]:
        """Return the words that a phrase can start with."""
        return self._plain if plain else self._marked

    def search(self, text: str, start: int, end: int, *, plain: bool) -> tuple[int, int] | None:
        """Return where the last phrase between `start` and `end` stands."""
        last = None
        taken = start
        for word in _VARIANTS_WORD.finditer(text, start, end):
            found = self.at(text, word.start(), plain=plain) if word.start() >= taken else None
            if found is not None and found[1] <= end:
                last = (word.start(), found[1])
                taken = found[1]
        return last


def catalogue_phrases(catalogue: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (phrase, type) pairs from the catalogue and the room's own list.

    Parameters
    ----------
    catalogue
        `procsim.reference.document_types`.
    """
    text = resources.files("procsim.marking").joinpath("variants.csv").read_text(encoding="utf-8")
    own = list(csv.DictReader(text.splitlines()))
    dropped = {
        (row["document_type"], phrase)
        for row in own
        if row["use"] == "drop"
        for phrase in expand(row["phrase"])
    }
    if catalogue.index.name == "id":
        catalogue = catalogue.reset_index()
    pairs: list[tuple[str, str]] = []
    for entry in catalogue.itertuples(index=False):
        if entry.id == FORM:
            continue
        names = [entry.name_vi, *entry.variants.split(";")]
        for name in names:
            phrase = spell(name).text
            if phrase and (entry.id, phrase) not in dropped:
                pairs.append((phrase, entry.id))
    known = set(catalogue["id"])
    for row in own:
        if row["use"] == "drop" or (row["document_type"] and row["document_type"] not in known):
            continue
        document_type = row["document_type"] if row["use"] == "add" else ""
        pairs += [(phrase, document_type) for phrase in expand(row["phrase"])]
    return pairs
