"""Split a dossier row into the papers it asks for, and drop what it merely mentions.

Rules of language, not lists of titles. A row is read in three passes:

1. clauses that ask for nothing are blanked: who is exempt, what the office looks
   up itself, for whom or when the row holds, what a form must state, which law
   applies;
2. the rest is cut where one paper can end and another begin;
3. a piece is a paper when, after words such as "01 bản sao có chứng thực", it
   *starts* with the name of one. A paper named further inside ("văn bản đề nghị
   cấp lại giấy chứng nhận …") is only mentioned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from procsim.marking.spelling import BREAK, Pattern, Spelled, TypeVariants

Link = Literal["first", "strong", "comma", "and", "or", "with"]


class Item(NamedTuple):
    """One paper that a row asks for.

    Attributes
    ----------
    document_type
        Id of a document type, ``""`` for a paper that the catalogue does not know.
    words
        The words that named it.
    group
        Number of the set of alternatives it belongs to: one paper of each set is due.
    link
        How it is joined to the paper before it.
    position
        Where it stands in the spelled row.
    """

    document_type: str
    words: str
    group: int
    link: Link
    position: int


_LINKS: dict[str, Link] = {
    "strong": "strong",
    "comma": "comma",
    "and": "and",
    "or": "or",
    "with": "with",
}
_SENTENCE = re.compile(rf"(?:[^.;{BREAK}()]|\.(?=\S))+")
_ASKS = (
    r"(?:phải |cần |thì |cũng |còn |chỉ cần )*(?:nộp|xuất trình|gửi|cung cấp|kèm theo|có thêm"
    r"|mang theo|(?<!sửa đổi, )(?<!sửa đổi )bổ sung(?! tại| một số| thông tin))"
)

# The office's own work and exemptions: nothing in such a clause is asked for.
_EXEMPT = Pattern(
    r"không (?:phải|cần|yêu cầu|bắt buộc|được yêu cầu|thực hiện)(?: \w+){0,8}? (?:nộp|xuất trình|"
    r"cung cấp|gửi|có|kèm)",
    r"không (?:bắt buộc|phải nộp|yêu cầu|cần nộp|cần văn bản)(?!(?: phải)? (?:công chứng|chứng "
    r"thực))",
    r"được (?:miễn nộp|miễn trừ|cắt giảm)",
    r"miễn nộp",
    r"thay cho việc (?:nộp|xuất trình)",
    r"được thay thế",
    r"(?:khai thác|tra cứu|truy cập)(?: \w+){0,3} (?:được|thông tin|trực tuyến|dữ liệu)",
    r"(?:khai thác|tra cứu)(?: \w+){0,4} (?:trên|tại|từ|trong) (?:các )?(?:hệ thống|cơ sở|csdl|"
    r"cổng)",
    r"(?:kết nối|chia sẻ|tích hợp)(?: \w+){0,4} dữ liệu",
    r"tra cứu được",
    start=r"\s",
    end=r"(?!\w)",
)
# Explanations; in the title of a paper ("cam kết chịu trách nhiệm …") they are its subject.
_STATED = Pattern(
    r"được sử dụng (?:bản|để thay)",
    r"có trách nhiệm",
    r"(?<!người )chịu trách nhiệm",
    r"tương đương với việc",
    r"không có giá trị",
    start=r"\s",
    end=r"(?!\w)",
)
_CLAUSE = Pattern(
    r"(?:trong |trừ |, )?trường hợp",
    r"nếu",
    r"khi",
    r"để (?:cơ quan|cán bộ|người)",
    r"chỉ (?:thực hiện|nộp|áp dụng)",
    r"việc (?:nộp|xuất trình)",
    r"trừ",
    start=r"(?<!\w)",
    end=r"(?!\w)",
)
_ALTERNATIVE = Pattern(
    r" hoặc (?=bản |nộp |xuất trình |giấy |một trong)", rf" (?:thì )(?={_ASKS}\b)"
)
_FAILED = Pattern(
    r"(?:không|chưa)(?: thể)? (?:khai thác|tra cứu|kết nối|có)", start=r"(?<!\w)", end=r"(?!\w)"
)

# "Trường hợp …:", "Đối với … thì": for whom or when the row holds.
_LEADING = Pattern(
    r"(?:riêng |ngoài ra,? |trong |tùy )?(?:từng )?trường hợp",
    r"(?:riêng )?đối với",
    r"nếu(?! có| là (?:giấy|thẻ|hộ))",
    r"(?:trước |sau |trong |vào )?(?:khi|thời hạn|lần|thời điểm)",
    r"ngoài (?:các|những|hồ sơ|thành phần|giấy tờ)",
    r"trong thời (?:hạn|gian)",
    start=r"^\W{0,9}(?:[a-zđ]{0,4}\d{0,3}[.)]\s?){0,4}\W{0,9}",
    end=r"(?!\w)",
)
# Every branch starts with one of few characters: the search stays fast on long rows.
_LEADING_END = Pattern(
    r":",
    r", (?=bản sao |bản chính |giấy |văn bản |phải có |hồ sơ |đơn |tờ khai )",
    rf"\s(?:thì|{_ASKS}|phải có|(?:hồ sơ )?(?:gồm|bao gồm))(?!\w)",
    start=r"(?=[\s:,])",
)
_BEFORE = r"[\s(]"
_STOP = rf"[;:()\n{BREAK}]|\.(?=\s|$)|,? (?:có |đính |gửi )?kèm(?: theo)?(?= )"
_NAMES = (
    "phiếu|giấy|hộ chiếu|lý lịch|báo cáo|hợp đồng|văn bằng|sơ yếu|bản thông tin|chứng chỉ"
    "|thẻ|biên bản|danh sách|sổ|căn cước|chứng minh|bằng|trích lục|quyết định|tài liệu"
)
_STARTS = rf"(?=[;:()\n{BREAK}., /])"
_MUST_HAVE = (
    r"(?:phải|cần)(?: bổ sung| kèm)? (?:nộp|xuất trình|gửi|có)(?: thêm)?"
    rf"(?:: | (?:các |\d+ |một trong )*(?:bản sao|bản chính|bản chụp|văn bản|{_NAMES})(?!\w))"
)
_MUST = Pattern(_MUST_HAVE, start=r"(?<!\w)")
_THEN_MUST = rf",? (?:thì |và |còn )?(?={_MUST_HAVE})"
_COPIES = r"(?:,| và| hoặc|, hoặc|/) ?(?=(?:\d+ )?bản (?:sao|chính|gốc|chụp|điện tử) )"
# For whom or when, what a paper must state, which text rules it: each with its own end.
_INNER: tuple[tuple[Pattern, Pattern], ...] = (
    (
        Pattern(
            r"(?:trong đó|nội dung|nêu rõ|ghi rõ|ghi đầy đủ|thể hiện|xác định rõ|đồng thời là|"
            r"trừ (?:trường hợp|khi|các|những|căn|thẻ|giấy|hộ|người|phần))",
            r"(?:gồm|bao gồm|có|về)(?: đầy đủ)? (?:các |những )?(?:thông tin|nội dung)",
            r"cho người",
            start=_BEFORE,
            end=r"(?!\w)",
        ),
        Pattern(_STOP, _COPIES, _THEN_MUST, start=_STARTS),
    ),
    (
        Pattern(
            r"(?:được )?ban hành kèm(?: theo)?",
            r"(?:theo|tại|căn cứ|quy định) (?:quy định |các |tại |của )*(?:điều|khoản|điểm|mẫu|"
            r"phụ lục|nghị định|thông tư|luật|pháp luật|quyết định số|nghị quyết số|quy định)",
            start=_BEFORE,
            end=r"(?!\w)",
        ),
        Pattern(
            _STOP,
            _COPIES,
            _THEN_MUST,
            rf",| (?:và|hoặc) (?=(?:\d+ )?(?:{_NAMES}|ảnh) )|/(?=(?:{_NAMES}) )",
            start=_STARTS,
        ),
    ),
    (
        Pattern(
            r"(?:trong |áp dụng |áp dụng cho |dùng cho )?trường hợp",
            r"(?:áp dụng )?(?<!chứng thực )đối với",
            r"nếu(?! có| là)",
            r"khi(?= )",
            start=_BEFORE,
            end=r"(?!\w)",
        ),
        Pattern(
            _STOP,
            _COPIES,
            _THEN_MUST,
            rf"(?: hoặc|,|, hoặc|/| và) ?(?=(?:{_NAMES}|văn bản) )",
            start=_STARTS,
        ),
    ),
)


# A whole remark in brackets: "(Trường hợp khai thác được … thì không phải nộp …)".
_ASIDE = Pattern(
    r"\((?:trong )?(?:trường hợp|nếu|khi|việc nộp|không)[^()]{0,400}?"
    r"(?:khai thác được|không phải nộp|không yêu cầu)[^()]*\)"
)
_THEN = Pattern(r"\sthì(?!\w)")
_ASKED = Pattern(rf"\s{_ASKS}(?!\w)")


def _exempt(sentence: str, spelled: Spelled) -> tuple[int, int] | None:
    # A space in front lets the expression skip from space to space; positions stay.
    found = _EXEMPT.of(spelled).search(" " + sentence)
    if found is None:
        begin = end_of(PRELUDE.of(spelled).match(sentence))
        if HEAD.of(spelled).match(sentence, begin):
            return None
        found = _STATED.of(spelled).search(" " + sentence)
        # "phải có bằng tốt nghiệp …": what is asked before the explanation stays.
        if found and _MUST.of(spelled).search(sentence, 0, found.start()):
            return None
    if found is None:
        return None
    opened = [m.start() for m in _CLAUSE.of(spelled).finditer(sentence, 0, found.start() + 1)]
    start = opened[-1] if opened else 0
    if len(sentence[:start].split()) <= 1:
        start = 0
    end = len(sentence)
    resumed = _ALTERNATIVE.of(spelled).search(sentence, found.end() - 1)
    if resumed and (start > 0 or _FAILED.of(spelled).search(sentence, 0, resumed.start())):
        end = resumed.start()
    return start, end


def blank(spelled: Spelled) -> str:
    """Return the row with every clause that asks for nothing overwritten by ``~``.

    Positions are kept, so that words can be shown as they stood.
    """
    text = spelled.text
    for aside in list(_ASIDE.of(spelled).finditer(text)):
        text = _overwrite(text, aside.start() + 1, aside.end() - 1)
    for found in list(_SENTENCE.finditer(text)):
        sentence = found.group()
        span = _exempt(sentence, spelled)
        if span:
            at = found.start()
            text = _overwrite(text, at + span[0], at + span[1])
    for found in list(_SENTENCE.finditer(text)):
        opening = _LEADING.of(spelled).match(found.group())
        if opening:
            closing = _LEADING_END.of(spelled).search(found.group(), opening.end())
            end = closing.start() if closing else len(found.group())
            if closing and closing.group() == ":":
                end = _after_list(found.group(), end, spelled)
            text = _overwrite(text, found.start(), found.start() + end)
    for opens, closes in _INNER:
        opening = opens.of(spelled).search(text)
        while opening:
            closing = closes.of(spelled).search(text, opening.end())
            end = closing.start() if closing else len(text)
            text = _overwrite(text, opening.start() + 1, end)
            opening = opens.of(spelled).search(text, end)
    return text


def _after_list(sentence: str, colon: int, spelled: Spelled) -> int:
    """Return where "trường hợp … là: A, B thì" ends, when nothing is asked before "thì"."""
    then = _THEN.of(spelled).search(sentence, colon)
    asked = _ASKED.of(spelled).search(sentence, colon, then.start()) if then else None
    return then.start() if then and not asked else colon


def _overwrite(text: str, start: int, end: int) -> str:
    return text[:start] + "~" * (end - start) + text[end:]


_CUT = Pattern(
    rf"(?P<strong>[;:()*{BREAK}•]|\.(?=\s|$)|(?<![\w])[+](?![\w])|\s[+-]+\s|(?<=[\s(])(?:\d+|"
    rf"[a-zđ]\d*|[ivx]+)(?:\.\d+)*\)|~+)",
    r"(?P<comma>,)",
    r"(?P<or>(?<!\d)/|(?<!\w)(?:hoặc|hay|và/hoặc)(?!\w))",
    r"(?P<with>(?<!\w)(?:(?:có |đính |gửi )?kèm(?: theo)?|cùng(?: với)?|đính kèm)(?!\w))",
    r"(?P<and>(?<!\w)và(?!\w))",
    r"(?P<verb>(?<!\w)(?:(?:thành phần )?hồ sơ(?: \w+){0,15}? (?:bao gồm|gồm|là)(?: có)?|nộp(?: "
    r"lại| thêm| bổ sung)?|xuất trình|bổ sung|gửi|có thêm|thêm|cung cấp|phải có|mang theo|thì|"
    r"bao gồm|gồm(?: có)?|như|là|cụ thể|(?<!không )(?<!chưa )có)(?!\w))",
)
_COPY = (
    r"bản (?:chính|sao|gốc|chụp|photo(?:copy)?|phô ?tô(?: ?cop(?:y|py))?|scan|điện tử|mềm|cứng)"
    r"|(?:bản )?sao y(?: bản chính)?|photo(?:copy)?|phô ?tô|trích sao"
)
PRELUDE = Pattern(
    r"[-–+*•!?\"'“”‘’.,…\s<\[]+",
    r"\(?(?:[ivx]+|[a-zđ]\d*|\d+)(?:\.\d+)*[.)/](?!\d)",
    r"[a-zđ]\.(?:\d+\.?)*\)?",
    r"0?\d+(?:\.\d+)*",
    r"(?:một trong (?:các|những|số)|một|hai|ba|bốn|các|những|mỗi|cả|toàn bộ)(?!\w)",
    rf"(?:{_COPY})(?!\w)",
    r"(?:bộ|tệp tin|tệp|file|tờ|chiếc|tấm|cuốn|quyển|loại)(?!\w)(?! khai| trình)",
    r"(?:có |được |đã |không |đã được )?(?:công chứng|chứng thực)(?: cá nhân(?= )| điện tử)?(?: "
    r"từ| đối với)?(?!\w)",
    r"(?:có )?(?:đóng dấu|xác nhận)(?= (?:của (?:người nộp thuế|doanh nghiệp|tổ chức|công ty|cơ "
    r"quan) )?(?:bản sao|của giấy|hợp đồng))",
    r"(?:được )?cấp từ sổ gốc(?!\w)",
    r"từ (?:bản chính|sổ gốc)(?!\w)",
    r"kèm (?:theo )?(?:bản chính|bản gốc)(?: để (?:đối chiếu|kiểm tra))?(?!\w)",
    r"(?:để )?đối chiếu(?!\w)",
    r"(?:hợp lệ|hợp pháp|còn hiệu lực|còn giá trị|còn thời hạn|điện tử|có giá trị|gốc|chính|"
    r"cũ)(?!\w)",
    r"của(?!\w)(?= (?:một trong|các|giấy|thẻ|hộ|phiếu|chứng|căn|sổ|bằng|văn|quyết))",
    r"(?:giấy tờ|tài liệu|văn bản|hồ sơ|loại giấy tờ)(?: sau(?: đây| đó)?)(?!\w)",
    r"(?:thành phần )?hồ sơ (?:là|gồm|bao gồm)(?: có)?(?!\w)",
    r"thành phần hồ sơ(?!\w)",
    r"không (?:yêu cầu|cần|phải|bắt buộc)(?: phải)? (?:công chứng|chứng thực)(?!\w)",
    r"(?:các )?trang(?: \w+){1,4}? (?=hộ chiếu|của hộ chiếu)",
    r"(?:phải )?(?:nộp|xuất trình|gửi|có|bổ sung|cung cấp)(?!\w)(?= )",
    start=r"(?:",
    end=r"\s*)*",
)
HEAD = Pattern(
    r"giấy",
    r"văn bản",
    r"bản (?:đồ|vẽ|cam kết|thuyết minh|kê|khai|mô tả|thông tin|đăng ký|tóm tắt|giải trình|án|"
    r"thỏa thuận|nhận xét|trích|ghi|đánh giá|kế hoạch|lý lịch|dự thảo|báo cáo|tự|xác nhận|danh "
    r"sách|dịch|cáo bạch|điều lệ)",
    r"(?:danh sách|danh mục|quyết định|hợp đồng|báo cáo|biên bản|sơ yếu|lý lịch|phiếu|thẻ|sổ|"
    r"bảng|chứng từ|hóa đơn|tài liệu|hồ sơ|điều lệ|phương án|kế hoạch|đề án|thuyết minh|bản "
    r"thuyết minh|sơ đồ|ảnh|đơn(?! (?:vị|giá))|tờ khai|tờ trình|thông báo|nghị quyết|cam kết|dự "
    r"thảo|thư|xác nhận|giải trình|mẫu|trích lục|học bạ|thị thực|di chúc|thỏa thuận|vận đơn|công "
    r"hàm|công văn|đề cương|quy trình|quy chế|biên lai|bảo lãnh|chứng thư|chứng nhận|bệnh án|tóm "
    r"tắt|giấy tờ)",
    start=r"",
    end=r"(?!\w)",
)
# "nộp hồ sơ", "có xác nhận của …" name no further paper.
_DONE_TO = ("hồ sơ", "ho so", "xác nhận", "xac nhan")
# "Giấy tờ, tài liệu chứng minh …" is one paper; the first word alone is none.
_GENERIC = Pattern(r"(?:giấy tờ|tài liệu|hồ sơ|văn bản|chứng cứ|giấy)(?: hợp lệ| hợp pháp)?\s*$")
_PROVES = Pattern(
    r"(?:giấy tờ|tài liệu|văn bản|hồ sơ|giấy|chứng từ|bằng chứng|minh chứng|thông tin)"
    r"(?: hợp lệ| hợp pháp| pháp lý| có giá trị| liên quan)? "
    r"(?=(?:chứng minh|xác nhận|hoàn thành|đã) )"
)
_PROVES_THAT = Pattern(
    r"(?:giấy tờ|tài liệu|văn bản|hồ sơ|giấy|chứng từ)(?: \w+){0,2} chứng minh (?:việc )?"
    r"(?=(?:hoàn thành|đã|thực hiện|quá trình|ly hôn) )"
)
_ISSUED = Pattern(
    r"(?:văn bản|giấy|giấy tờ|tài liệu|quyết định) (?:của|do)(?: \w+){1,12}? (?:về việc )?"
    r"(?=(?:xác nhận|chứng minh|chứng nhận|chấp thuận) )"
)
_KINDRED = (
    frozenset({"can_cuoc", "ho_chieu", "giay_to_xuat_nhap_canh"}),
    frozenset(
        {"gcn_dkdn", "gcn_dk_ho_kinh_doanh", "gcn_dk_htx", "quyet_dinh_thanh_lap", "gcn_dau_tu"}
    ),
)
_ONE_OF = Pattern(r"một trong", r"một hoặc", r"như sau:? hoặc", start=r"(?<!\w)", end=r"(?!\w)")
_EQUIVALENT = Pattern(
    r"(?:các )?(?:giấy tờ|tài liệu|văn bản|giấy)(?: pháp lý| hợp lệ| hợp pháp)?"
    r" (?:khác|thay|có giá trị|tương đương|tương tự)"
)


@dataclass(slots=True)
class _Found:
    document_type: str
    words: str
    link: Link
    position: int
    counts: bool
    sentence: int


def _scan(text: str, spelled: Spelled, variants: TypeVariants) -> list[_Found]:
    prelude, head = PRELUDE.of(spelled), HEAD.of(spelled)
    found: list[_Found] = []
    link: Link = "first"
    pending = False
    start = taken = reached = sentence = 0
    asked = opened = False
    previous = (0, 0)
    typed = False
    cuts = [(m.start(), m.end(), m.lastgroup or "") for m in _CUT.of(spelled).finditer(text)]
    for cut_start, cut_end, name in [*cuts, (len(text), len(text), "end")]:
        if start >= taken and start < len(text):
            # Fillers read once are not read again: a row of bullets stays linear.
            at = max(reached, end_of(prelude.match(text, start))) if start >= reached else reached
            reached = at
            if at >= cut_start:
                pending = True  # only "bản chính", "01": the link before it still holds
            else:
                pending = False
                hit = _name_at(text, at, spelled, variants)
                if hit and hit[0]:
                    if opened and found and link == "strong":
                        link = "or"  # "giấy tờ chứng minh … (hộ chiếu, …)" says which
                    counts = not (
                        link in {"comma", "and", "or"}
                        and not typed
                        and _trailing_mention(text, previous, start, spelled, variants)
                    )
                    found.append(_Found(hit[0], text[at : hit[1]], link, at, counts, sentence))
                    taken = hit[1]
                elif _GENERIC.of(spelled).match(text[at:cut_start]):
                    pending = True
                elif head.match(text, at) and not (asked and text.startswith(_DONE_TO, at)):
                    words = " ".join(text[at:cut_start].split()[:6])
                    found.append(_Found("", words, link, at, True, sentence))
                typed = bool(found) and found[-1].position == at and bool(found[-1].document_type)
                typed = typed and found[-1].counts
                previous = (at, cut_start)
        if cut_start < taken:
            continue
        start = cut_end
        asked = name == "verb"
        opened = text[cut_start:cut_end] == "("
        if name == "strong":
            sentence += text[cut_start] in ".;" + BREAK
        if name in _LINKS and not (pending and name in {"or", "comma"}):
            link = _LINKS[name]
    return found


def end_of(found: re.Match[str] | None) -> int:
    """Return where a match ends, 0 without one."""
    return found.end() if found else 0


def _name_at(
    text: str, at: int, spelled: Spelled, variants: TypeVariants
) -> tuple[str, int] | None:
    hit = variants.at(text, at, plain=spelled.plain)
    for pattern in (_PROVES, _PROVES_THAT, _ISSUED):
        proof = None if hit else pattern.of(spelled).match(text, at)
        if proof:
            hit = variants.at(text, proof.end(), plain=spelled.plain)
    return hit


def _trailing_mention(
    text: str, previous: tuple[int, int], start: int, spelled: Spelled, variants: TypeVariants
) -> bool:
    """Whether the piece before ends in a paper that it only mentions."""
    begin, end = previous
    last = variants.search(text, begin, end, plain=spelled.plain)
    return (
        last is not None
        and last[0] > begin
        and len(text[last[1] : end].split()) <= 3
        and start - end < 12
    )


def papers(spelled: Spelled, blanked: str, variants: TypeVariants) -> tuple[Item, ...]:
    """Return the papers that a row asks for, alternatives in one group.

    Parameters
    ----------
    spelled
        The row.
    blanked
        The row after `blank`.
    variants
        Phrases that name document types.
    """
    found = [f for f in _scan(blanked, spelled, variants) if f.counts]
    one_of = _ONE_OF.of(spelled).search(blanked)
    equivalent = _EQUIVALENT.of(spelled)
    links: list[Link] = [f.link for f in found]
    for i in range(len(found) - 1, 0, -1):
        before, this = found[i - 1], found[i]
        same = before.sentence == this.sentence
        if one_of and one_of.start() <= before.position:
            links[i] = "or"
        elif this.link == "comma" and same:
            listed = i + 1 < len(found) and links[i + 1] == "or" and bool(before.document_type)
            kindred = any({before.document_type, this.document_type} <= k for k in _KINDRED)
            if listed or kindred:
                links[i] = "or"
        if not this.document_type and equivalent.match(blanked, this.position) and same:
            links[i] = "or"
    group = -1
    items: list[Item] = []
    for this, link in zip(found, links, strict=True):
        if link != "or" or not items:
            group += 1
        items.append(Item(this.document_type, this.words, group, link, this.position))
    return tuple(items)
