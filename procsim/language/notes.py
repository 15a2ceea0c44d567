"""What the free text beside a fee says when it names no amount."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache

from procsim.language.text import fold, nfc

__all__ = ["NoteKinds", "classify_note"]


@dataclass(frozen=True, slots=True)
class NoteKinds:
    """What the clauses of a note say; several can hold at once."""

    is_free: bool = False
    exempt_group: bool = False
    not_prescribed: bool = False
    provincial: bool = False
    elsewhere: bool = False
    percentage: bool = False
    temporary: bool = False
    sums_up: bool = False
    names_a_fee: bool = False

    @property
    def is_anything(self) -> bool:
        """Tell whether the note says more than a name of a fee."""
        return any(
            getattr(self, field.name) for field in fields(self) if field.name != "names_a_fee"
        )


_CLAUSE = re.compile(r"[;\n]|\.(?=\s|$)|(?:^|(?<=\s))[-+*•](?=\s|[^\W\d])|\.(?=[A-ZĐÀ-Ỹ][a-zà-ỹ])")
_LABEL = re.compile(
    r"^(?:phi|le phi|muc phi|muc thu|muc le phi|phi, le phi|chi phi) ?:? ?(?=khong|mien|0)"
)
_NOTHING = re.compile(
    r"(?:khong|khong co|khong thu|khong phi|khong mat phi|khong ap dung|mien|mien phi|mien thu|free"
    r"|0 ?d(?:ong)?|0 ?vnd|khong \(?0 ?d(?:ong)?\)?)(?: (?:phi|le phi|phi va le phi|phi, le phi))?"
)
_FREE = re.compile(
    r"(?<!\w)(?:khong (?:phai )?(?:thu|nop|tra|dong|chiu|mat)(?: (?:phi|le phi))?(?!\w)"
    r"|khong co (?:phi|le phi)|duoc mien(?!\w)|mien(?: thu| nop| tien)?(?: (?:toan bo|100 ?%))?"
    r" (?:phi|le phi|chi phi|khoan phi)(?!\w)|^mien(?: thu| nop)?(?![\w,])|(?<!,) mien$)"
)
_GROUP = re.compile(
    r"(?<!\w)(?:doi voi|cho (?:nguoi|cac|to chuc|ca nhan|doi tuong)|truong hop|thuoc dien|nguoi"
    r"|duoc mien|khi|neu|tru)(?!\w)"
)
# What may stand before and behind "miễn phí" and leave it free for everybody: whom a fee is
# asked of in general, what it is paid for. Whatever else stands there may narrow it
# ("hộ nghèo", "trẻ em dưới 6 tuổi", "lần đầu"), so the officer is asked.
_ANYBODY = (
    r"(?:to chuc|ca nhan|nguoi dan|cong dan|doanh nghiep|nguoi nop(?: ho so)?|doi tuong|truong hop)"
)
_EVERYBODY = re.compile(
    rf"(?:(?:cho|doi voi|voi) )?(?:tat ca|moi|toan bo) (?:(?:cac|nhung) )?{_ANYBODY}"
    rf"(?:,?(?: va)? {_ANYBODY})*(?: duoc)?"
)
_BEFORE = re.compile(r"(?:hien nay|thu tuc(?: hanh chinh)?(?: nay)?|phi|le phi|muc thu)?(?: duoc)?")
_BEHIND = re.compile(
    r"(?:,? ?(?:va )?(?:phi|le phi)|toan bo|100 ?%|(?:dang ky|cap|tham dinh|xac nhan|kiem dinh"
    r"|kiem tra|khai thac|ho tich|thu tuc|giai quyet|cong chung|chung thuc)(?!\w).*)?"
)
_CASE = re.compile(
    r"(?<!\w)(?:lan (?:dau|thu|\d)|cap (?:lai|doi|moi)|dung han|truc tuyen|qua mang|dien tu|duoi"
    r"|tuoi|ho(?! so)|tre|hoc sinh|sinh vien|gia dinh|trong|voi|cho|danh|rieng)(?!\w)"
)
_BASIS = re.compile(
    r"(?<!\w)(?:theo|can cu|quy dinh|thong tu|nghi dinh|nghi quyet|quyet dinh|luat|phap lenh|dieu"
    r"|khoan)(?!\w)"
)
_BASIS_ALONE = re.compile(rf"{_BASIS.pattern}(?!.*(?<!\w)(?:doi voi|truong hop|thuoc dien)(?!\w))")
_ASIDE = re.compile(r" ?\(([^()]*)(?:\)|$)")
_AMOUNT = re.compile(r"$|(?:phi|le phi|muc thu)(?!\w)|\d[\d.,]* ?(?:d|dong|vnd)(?!\w)|0$")
_ONLY_FOR = re.compile(r"(?:chi )?(?:ap dung|danh)(?: rieng)? (?:cho|doi voi)(?!\w)")
_NOT_PRESCRIBED = re.compile(
    r"(?<!\w)(?:khong|chua) (?:co |duoc )*(?:quy dinh|nam trong danh muc)|khong thuoc danh muc"
)
_COUNCIL = re.compile(r"hoi dong nhan dan|hdnd")
_PROVINCE = re.compile(r"(?:uy ban nhan dan|ubnd|chinh quyen dia phuong|dia phuong|cap tinh)")
_DECIDES = re.compile(r"(?:quy dinh|quyet dinh|ban hanh|nghi quyet)")
_ELSEWHERE = re.compile(
    r"thong tu|nghi dinh|phap lenh|luat (?:phi|gia)|phu luc"
    r"|bieu (?:muc |khung )?(?:phi|thu|gia|muc)"
    r"|theo (?:muc|gia|quy dinh|thong bao|dieu|hop dong|thoa thuan|thuc te)|quy dinh (?:cua|tai|ve)"
    r"|do \D{1,60} quy dinh|van ban gia|phap luat ve phi|thuc hien (?:theo|nhu)|thong bao cua"
)
_PERCENT = re.compile(r"\d ?%|phan tram")
_TEMPORARY = re.compile(
    r"(?:ke tu|ap dung|tu ngay).{0,60}den\s+(?:het\s+)?ngay|den het (?:ngay|nam)"
)
_SUMS_UP = re.compile(r"(?<!\w)(?:bao )?gom(?!\w)|tong cong")
_FEE = re.compile(r"(?<!\w)(?:phi|le phi|chi phi|tien|gia|muc thu|kinh phi)(?!\w)")


def _narrows(clause: str, bare: str, free: re.Match[str] | None) -> bool:
    """Tell whether a clause makes it free for a group, a case or a channel only."""
    asides = (aside.strip(" .,:;-+*") for aside in _ASIDE.findall(clause))
    if not all(_BASIS_ALONE.match(aside) or _AMOUNT.match(aside) for aside in asides):
        return True
    if free is None:
        return False
    before = bare[: free.start()].strip(" ,:")
    behind = _BASIS.split(bare[free.end() :], maxsplit=1)[0].strip(" ,.")
    if _EVERYBODY.fullmatch(behind) or _EVERYBODY.fullmatch(before):
        return False
    if _GROUP.search(bare) or not _BEFORE.fullmatch(before):
        return True
    return not _BEHIND.fullmatch(behind) or bool(_CASE.search(behind))


def _clause_kind(clause: str) -> str:
    """Return the one kind of a clause, in folded text without diacritics."""
    clause = _LABEL.sub("", clause.strip(" .,:;-+*()"))
    bare = _ASIDE.sub("", clause).strip(" .,:;")
    if _NOTHING.fullmatch(bare):
        return "exempt_group" if _narrows(clause, bare, None) else "is_free"
    head, colon, tail = bare.rpartition(":")
    if colon and _NOTHING.fullmatch(tail.strip()):
        return "is_free" if _FEE.search(head) and not _GROUP.search(head) else "exempt_group"
    if _NOT_PRESCRIBED.search(bare):
        return "not_prescribed"
    free = _FREE.search(bare)
    if free:
        return "exempt_group" if _narrows(clause, bare, free) else "is_free"
    if _COUNCIL.search(clause) or (_PROVINCE.search(clause) and _DECIDES.search(clause)):
        return "provincial"
    if _ELSEWHERE.search(clause):
        return "elsewhere"
    return "only_for" if _ONLY_FOR.match(bare) else ""


@lru_cache(maxsize=4096)
def classify_note(note: str) -> NoteKinds:
    """Return what a note beside a fee says, clause by clause.

    Parameters
    ----------
    note
        The note as written.

    Returns
    -------
    NoteKinds
        ``is_free`` only where nothing narrows it; "miễn phí cho hộ nghèo", "miễn lệ phí
        lần đầu" and "miễn phí (người cao tuổi)" are ``exempt_group``.

    Examples
    --------
    >>> classify_note("Miễn phí cho hộ nghèo").exempt_group
    True
    >>> classify_note("Miễn lệ phí đăng ký doanh nghiệp").is_free
    True
    """
    clauses = [fold(clause) for clause in _CLAUSE.split(nfc(note)) if clause.strip()]
    found = {_clause_kind(clause) for clause in clauses} - {""}
    if "only_for" in found:  # "Miễn phí; chỉ áp dụng đối với hộ nghèo"
        found.remove("only_for")
        if "is_free" in found:
            found = (found - {"is_free"}) | {"exempt_group"}
    plain = fold(note)
    if _PERCENT.search(plain):
        found.add("percentage")
    if _TEMPORARY.search(plain):
        found.add("temporary")
    if _SUMS_UP.search(plain):
        found.add("sums_up")
    if _FEE.search(plain):
        found.add("names_a_fee")
    return NoteKinds(**dict.fromkeys(found, True))
