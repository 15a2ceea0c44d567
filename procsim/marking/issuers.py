"""Which procedure issues which paper: results of procedures read as document types.

Some types of the catalogue are one paper wherever it is asked for (thẻ căn cước,
giấy khai sinh); others are a family of papers (giấy phép hoạt động, chứng chỉ),
where only the words that follow tell one licence from another. All the rest is
made by the applicant or by a private party, and no procedure issues it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from functools import lru_cache
from pathlib import Path

import pandas as pd

from procsim.errors import Fault, InvalidValue, UnreadableInput, shorten
from procsim.language.i18n import fault_of
from procsim.marking.marker import REVIEW_BELOW
from procsim.marking.matching import Match, Matcher, default_matcher
from procsim.marking.spelling import spell
from procsim.model.portfolio import Portfolio

SINGLE_PAPERS = frozenset(
    {
        "can_cuoc",
        "xac_nhan_cu_tru",
        "giay_khai_sinh",
        "giay_cn_ket_hon",
        "xac_nhan_tinh_trang_hon_nhan",
        "giay_chung_tu",
        "the_bhyt",
        "so_bhxh",
        "giay_phep_lai_xe",
        "gcn_dang_ky_xe",
        "gcn_dkdn",
        "gcn_dk_ho_kinh_doanh",
        "gcn_dk_htx",
        "gcn_qsdd",
        "phieu_lltp",
        "ho_chieu",
        "giay_ly_hon",
        "dang_ky_thue",
        "gcn_dau_tu",
        "giay_phep_moi_truong",
    }
)
"""Document types that are the same paper wherever they are asked for."""

FAMILIES = frozenset(
    {
        "xac_nhan_thue",
        "giay_to_xuat_nhap_canh",
        "chung_chi",
        "the_hanh_nghe",
        "quyet_dinh_thanh_lap",
        "giay_phep_hoat_dong",
        "gcn_du_dieu_kien",
        "giay_phep_khai_thac",
        "giay_phep_xnk",
        "giay_kiem_dich",
        "chung_nhan_chat_luong",
        "chung_nhan_xuat_xu",
        "kiem_dinh_phuong_tien",
        "quyet_dinh_phe_duyet",
        "quyet_dinh_dat_dai",
        "giay_to_chinh_sach",
        "dtm",
    }
)
"""Document types that stand for many papers of authorities, told apart by their words."""

FIRST, OTHER, CHANGE, END = "first", "other", "change", "end"
ACTS = (FIRST, OTHER, CHANGE, END)
"""How a procedure gives a paper: for the first time, unclear, again or changed, taken away."""

_ENDS = (
    r"(?:đề nghị |thông báo |quyết định )?(?:thu hồi|chấm dứt|xóa|giải thể|hủy|trả lại|tạm "
    r"(?:ngừng|dừng)|đình chỉ|khóa|tước|miễn nhiệm|thôi|rút|tự nguyện|ngừng|khai báo mất)"
)
_CHANGES = (
    r"(?:đề nghị |thông báo |quyết định |đăng ký |cấp |xác nhận |phê duyệt |chấp thuận )?"
    r"(?:(?:cấp )?lại|(?:cấp )?đổi|gia hạn|điều chỉnh|sửa đổi|bổ sung|thay đổi|cập nhật|hiệu "
    r"đính|đính chính|cải chính|chuyển đổi|chuyển nhượng|biến động|khôi phục|phục hồi|kéo dài|"
    r"thu nhỏ|tách|hợp nhất|sáp nhập|chia|xác định lại|bản sao)"
)
_BEGINS = (
    r"(?:đề nghị )?(?:cấp|đăng ký|công nhận|chấp thuận|phê duyệt|thẩm định|thành lập|cho phép|"
    r"xác nhận|giao|cho thuê|chứng nhận|xét|kiểm tra|bổ nhiệm|kiểm định|công bố|quyết định)"
)
_ACTS = ((END, _ENDS), (CHANGE, _CHANGES), (FIRST, _BEGINS))
_ACT_PATTERNS = tuple((act, re.compile(rf"(?:{words})(?!\w)")) for act, words in _ACTS)
_CHANGE_ADDED = re.compile(r"\((?:điều chỉnh|cấp lại|gia hạn|cấp đổi)[^)]*\)")
_OPENING = re.compile(r"^\W*(?:thủ tục(?: hành chính)?(?: về| đề nghị)?|việc|trình tự)?\W*")
# A result that refuses, returns or takes away is not the paper that it names.
_REFUSES = re.compile(
    r"^\W*(?:(?:quyết định|thông báo|văn bản|công văn|phiếu|giấy)(?: \w+){0,4}? )?"
    r"(?:từ chối|thu hồi|không|chấm dứt|hủy|nêu rõ|trả lại|đình chỉ|giải thể|xóa)(?!\w)"
)
# Special variants of a paper: chosen only where the requirement says the same.
_SPECIAL = re.compile(
    r"dưới \d+ tuổi|trẻ em|lưu động|yếu tố nước ngoài|ra nước ngoài|"
    r"(?<!việt nam, người )(?<!cư trú ở )nước ngoài|không xác định được|biên giới|"
    r"(?<!cửa )liên thông|kết hợp|gốc việt nam|chi nhánh|văn phòng đại diện|địa điểm kinh doanh|"
    r"(?<!người )phụ thuộc|đơn vị hợp thành|ghi chú|ghi vào sổ|bản sao|đã có hồ sơ|công ty nhà "
    r"nước|tiến hành tố tụng|cơ quan nhà nước|tạm thời|rút gọn|ngoại giao|công vụ|đại lý|hỗ trợ tư "
    r"vấn|trợ cấp|lương hưu|chia|tách|nộp thay|đã được giải quyết|tổ chức lại|khi thay đổi|không "
    r"tham gia|tem |/thay đổi|đặc biệt"
)
# Where the name of a paper ends within the sentence that asks for it.
_NAME_END = re.compile(
    r"[;,.:()\[\]¶]| hoặc | do | đã được cấp| được cấp| đã cấp| còn (?:hiệu lực|thời hạn|hạn|giá)"
    r"| theo (?:quy định|mẫu)| trong trường hợp| đối với trường hợp| nếu | kèm theo| mẫu số"
    r"| ban hành| để đối chiếu| của (?:người|cá nhân|tổ chức|doanh nghiệp|chủ|cơ sở|bên|các|cơ "
    r"quan|cấp|nước|ông|bà|nhà)"
)
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_EMPTY_WORDS = frozenset(
    _TOKEN.findall(
        """giấy phép chứng nhận chứng chỉ quyết định văn bản về việc của và các cho một có được do
    theo quy định nhà nước cơ quan thẩm quyền cấp sao chính bản đã tại với đối trong khi này đó
    người tổ chức cá nhân đề nghị hồ sơ kết quả thông báo công việt nam nếu còn hiệu lực lần đầu mới
    hoặc là số mẫu thủ tục trường hợp thực hiện cũ chấp thuận phê duyệt đồng ý cho phép ý kiến thẻ
    hợp lệ liên quan bộ ủy ban nhân dân"""
    )
)

COMMON_WORDS = frozenset(
    _TOKEN.findall(
        """thành lập hoạt động đủ điều kiện nhập khẩu xuất khai thác hành nghề sản chuyên môn nghiệp
    vụ kinh doanh dự án đầu tư xây dựng cơ sở chất lượng kiểm dịch đăng ký thẩm định sử dụng gia hạn
    thực phẩm hàng hóa lại đổi lĩnh vực dịch tài liệu trên địa bàn"""
    )
)
"""Words that many licences share; a paper of a family needs one more to be told apart."""


@lru_cache(maxsize=20_000)
def act_of(name: str) -> str:
    """Return what a procedure does with its paper, from the start of its name.

    ``"first"`` (cấp, đăng ký …), ``"change"`` (cấp lại, gia hạn, điều chỉnh …),
    ``"end"`` (thu hồi, chấm dứt …) or ``"other"``.

    Examples
    --------
    >>> act_of("Thủ tục đăng ký khai sinh"), act_of("Cấp lại thẻ căn cước")
    ('first', 'change')
    >>> act_of("Cấp, cấp lại chứng chỉ hành nghề"), act_of("Thu hồi giấy phép")
    ('first', 'end')
    """
    text = spell(name).text
    start = _OPENING.match(text)
    at = start.end() if start else 0
    for act, pattern in _ACT_PATTERNS:
        if pattern.match(text, at):
            return CHANGE if act == FIRST and _CHANGE_ADDED.search(text) else act
    return OTHER


@lru_cache(maxsize=50_000)
def special_words(text: str) -> frozenset[str]:
    """Return the words by which a text speaks of a special variant of a paper."""
    return frozenset(_SPECIAL.findall(spell(text).text))


@lru_cache(maxsize=50_000)
def paper_words(text: str, words: str = "") -> frozenset[str]:
    """Return the telling words of a paper's name: what is left without the common ones.

    Parameters
    ----------
    text
        A dossier row, a result or the name of a procedure, as written.
    words
        The words that named the paper: the name is read from there to the end of
        the clause. Empty: the whole text counts.

    Examples
    --------
    >>> sorted(paper_words("Bản sao Giấy phép lái tàu (nếu có)", "giấy phép"))
    ['lái', 'tàu']
    """
    spelled = spell(text).text
    if words:
        start = max(spelled.find(words), 0)
        end = _NAME_END.search(spelled, start + len(words))
        spelled = spelled[start : end.start() if end else len(spelled)]
    return frozenset(_TOKEN.findall(spelled)) - _EMPTY_WORDS


@lru_cache(maxsize=50_000)
def _refuses(result: str) -> bool:
    return bool(_REFUSES.match(spell(result).text))


def _read(match: Match, document_type: str) -> tuple[str, float]:
    """Return the deciding words and the confidence; a type entered by hand is certain."""
    for kind, words in zip(match.types, match.words, strict=True):
        if kind == document_type:
            return words, float(match.confidence)
    return "", 1.0


def issuers(portfolio: Portfolio, matcher: Matcher | None = None) -> pd.DataFrame:
    """Return which papers the procedures issue, one row for each result and type.

    Parameters
    ----------
    portfolio
        A marked portfolio: ``results.types`` is what `mark` found or an officer entered.
    matcher
        In place of the shipped one; it is asked for the deciding words.

    Returns
    -------
    pandas.DataFrame
        ``result``, ``procedure``, ``document_type``, ``act`` (`act_of`), ``confidence``
        (0–1), ``review``, ``words``. Results that refuse or take away a paper, and
        procedures that end one, issue nothing; nor do types that no authority issues.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["Cấp thẻ căn cước"],
    ...                                 "ministry": ["Bộ Công an"]}),
    ...     "results": pd.DataFrame({"id": ["1.000001/o1"], "procedure": "1.000001",
    ...                              "name": ["Thẻ căn cước"], "types": ["can_cuoc"]}),
    ... })
    >>> issuers(portfolio)[["procedure", "document_type", "act"]].values.tolist()
    [['1.000001', 'can_cuoc', 'first']]
    """
    results = portfolio.results[portfolio.results["types"] != ""]
    matches = (matcher or default_matcher()).match(results["name"].tolist()) if len(results) else []
    names = portfolio.procedures["name"].to_dict()
    rows = []
    columns = (results[name].tolist() for name in ("procedure", "name", "types"))
    for result, procedure, name, types, match in zip(
        results.index.tolist(), *columns, matches, strict=True
    ):
        act = act_of(names.get(procedure, ""))
        if act == END or _refuses(name):
            continue
        for kind in types.split(";"):
            if kind in SINGLE_PAPERS or kind in FAMILIES:
                words, confidence = _read(match, kind)
                review = confidence < REVIEW_BELOW
                rows.append((result, procedure, kind, act, confidence, review, words))
    return pd.DataFrame(
        rows,
        columns=["result", "procedure", "document_type", "act", "confidence", "review", "words"],
    ).astype({"confidence": float, "review": bool})


DECISION_COLUMNS = (
    "document_type",
    "procedure",
    "requirement",
    "issuer",
    "decided_by",
    "decided_on",
    "reason",
)
"""Columns of an officer's decisions on issuers; the last three say who, when and why."""


def _decision_faults(row: dict[str, str], line: int, source: str, known: set[str]) -> list[Fault]:
    place = f"{source} › dòng {line}"
    faults = [
        fault_of("issuers.required", f"{place} › {name}", "")
        for name in ("document_type", "decided_by", "decided_on", "reason")
        if not row[name]
    ]
    if row["document_type"] and row["document_type"] not in known:
        faults.append(
            fault_of("issuers.type", f"{place} › document_type", shorten(row["document_type"]))
        )
    try:
        dt.date.fromisoformat(row["decided_on"] or "2026-01-01")
    except ValueError:
        faults.append(fault_of("issuers.date", f"{place} › decided_on", shorten(row["decided_on"])))
    return faults


def read_issuer_decisions(path: str | Path) -> pd.DataFrame:
    """Read officers' decisions on who issues a paper from a CSV file (UTF-8).

    Columns `DECISION_COLUMNS`: ``document_type``; ``procedure`` and ``requirement`` say
    where the decision holds (empty: everywhere); ``issuer`` is the id of the issuing
    procedure, empty where none issues it; ``decided_by``, ``decided_on``, ``reason``.

    Raises
    ------
    UnreadableInput
        When the file is not text in UTF-8 or lacks a column.
    InvalidValue
        With every wrong cell at once.
    """
    from procsim.reference import document_types

    file = Path(path)
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(_unreadable(file.name, str(error))) from error
    lacking = [name for name in DECISION_COLUMNS if lines and name not in lines[0]]
    if lacking:
        raise UnreadableInput(_unreadable(file.name, ", ".join(lacking)))
    rows = [{name: (line[name] or "").strip() for name in DECISION_COLUMNS} for line in lines]
    known = set(document_types().index)
    faults = [
        fault
        for number, row in enumerate(rows, start=2)
        for fault in _decision_faults(row, number, file.name, known)
    ]
    if faults:
        raise InvalidValue(faults)
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype="str")


def _unreadable(name: str, value: str) -> Fault:
    return fault_of(
        "issuers.unreadable", name, shorten(value), decision_columns=", ".join(DECISION_COLUMNS)
    )
