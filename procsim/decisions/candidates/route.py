"""Which legal text a proposal would have to amend, as far as the portfolio tells."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from procsim.language.text import fold
from procsim.model.portfolio import Portfolio
from procsim.reference.route import RESOLUTION_NUMBER

__all__ = ["Route", "Routes"]

Subject = Literal["dossier", "limit", "fee", "step", "condition"]

_LOW_TO_HIGH = (
    "quyet_dinh_bo_truong", "thong_tu", "quyet_dinh_ttg", "nghi_dinh", "nghi_quyet", "phap_lenh",
    "luat", "other",
)  # fmt: skip
# Ministers lay down no business conditions, so a circular is never taken for one.
_OF_CONDITIONS = ("nghi_dinh", "phap_lenh", "luat")
_GENERAL = 4  # a text that this many fields cite lays down no single dossier
_YEAR = re.compile(r"/((?:19|20)\d\d)/")
_FINANCE = "Bộ Tài chính"
_FEE_TEXT = re.compile(r"/TT-BTC$")
_SIGNERS = {
    "luat": "Quốc hội",
    "phap_lenh": "Ủy ban Thường vụ Quốc hội",
    "nghi_dinh": "Chính phủ",
    "nghi_quyet": "Chính phủ",
    "quyet_dinh_ttg": "Thủ tướng Chính phủ",
    "thong_tu": "Bộ trưởng",
    "quyet_dinh_bo_truong": "Bộ trưởng",
}


@dataclass(frozen=True, slots=True)
class Route:
    """The text that a proposal would amend.

    Attributes
    ----------
    number, name, rank
        The text; no number where the portfolio names none that could be it.
    article
        Điểm, khoản, điều, where the portfolio names them.
    agency
        Who drafts it.
    assumed
        Whether the portfolio does not say that this text lays the thing down.
    """

    number: str
    name: str
    rank: str
    article: str
    agency: str
    assumed: bool

    def fields(self, reason: str, source: str) -> dict[str, Any]:
        """Return the fields of a reform that state the route, the assumption in its reason."""
        if not self.assumed:
            note = ""
        elif self.number:
            note = (
                f" Văn bản phải sửa ({self.number}) là giả định: danh mục không nêu văn bản nào "
                "quy định nội dung này; cán bộ kiểm tra."
            )
        else:
            note = " Danh mục không nêu văn bản phải sửa; loại văn bản là giả định."
        return {
            "reason": reason + note,
            "legal_text": self.name or self.number,
            "legal_numbers": (self.number,) if self.number else (),
            "article": self.article,
            "rank": self.rank,
            "signer": _SIGNERS.get(self.rank, ""),
            "lead": self.agency,
            "product": f"Văn bản sửa đổi, bổ sung {self.number}".rstrip(),
            "source": source,
        }


@dataclass(frozen=True, slots=True)
class _Basis:
    number: str
    name: str
    rank: str
    article: str


class Routes:
    """The legal bases of a portfolio, ready to be asked.

    The text that the portfolio names for a paper or a condition counts. Where it
    names none, the text of lowest rank among those of the procedure is taken, as
    an assumption: of several the one that most procedures of the field cite, then
    the newest. Texts that four fields or more cite are passed over while others
    remain (they rule procedures in general), circulars on fees count for fees
    only, and a business condition is never taken to stand in a circular.

    Parameters
    ----------
    portfolio
        The portfolio whose ``legal_bases`` are asked.
    """

    def __init__(self, portfolio: Portfolio) -> None:
        procedures, table = portfolio.procedures, portfolio.legal_bases
        self._ministry = procedures["ministry"].to_dict()
        self._field = procedures["field"].to_dict()
        self._of: dict[str, list[_Basis]] = defaultdict(list)
        self._named: dict[str, _Basis] = {}
        fields: dict[str, set[str]] = defaultdict(set)
        self._cited: dict[tuple[str, str], int] = defaultdict(int)
        columns = ("procedure", "requirement", "condition", "number", "name", "rank", "article")
        for procedure, paper, condition, number, name, rank, article in zip(
            *(table[c].tolist() for c in columns), strict=True
        ):
            if not number or number == RESOLUTION_NUMBER or rank not in _LOW_TO_HIGH:
                continue
            basis = _Basis(number, name, rank, article)
            for row in (paper, condition):
                if row:
                    self._named.setdefault(row, basis)
            field = self._field.get(procedure, "")
            fields[number].add(field)
            self._cited[field, number] += 1
            self._of[procedure].append(basis)
        self._general = {number for number, of in fields.items() if len(of) >= _GENERAL}

    def of(self, procedure: str, subject: Subject, row: str = "") -> Route:
        """Return the route of one thing of a procedure; `row` is a paper or condition id."""
        agency = _FINANCE if subject == "fee" else self._ministry.get(procedure, "")
        named = self._named.get(row)
        if named is not None:
            return Route(named.number, named.name, named.rank, named.article, agency, False)
        chosen = self._guess(procedure, subject)
        if chosen is None:
            rank = "nghi_dinh" if subject == "condition" else "thong_tu"
            return Route("", "", rank, "", agency, True)
        return Route(chosen.number, chosen.name, chosen.rank, "", agency, True)

    def _guess(self, procedure: str, subject: Subject) -> _Basis | None:
        every = self._of.get(procedure, [])
        if subject == "fee":
            found = [b for b in every if _FEE_TEXT.search(b.number)]
            return self._first(procedure, [b for b in found if _on_fees(b)] or found)
        if subject == "condition":
            every = [b for b in every if b.rank in _OF_CONDITIONS]
        every = [b for b in every if not _on_fees(b)]
        specific = [b for b in every if b.number not in self._general]
        return self._first(procedure, specific or every)

    def _first(self, procedure: str, found: list[_Basis]) -> _Basis | None:
        field = self._field.get(procedure, "")
        return min(
            found,
            key=lambda b: (
                _LOW_TO_HIGH.index(b.rank),
                -self._cited[field, b.number],
                -_year(b.number),
                b.number,
            ),
            default=None,
        )


def _on_fees(basis: _Basis) -> bool:
    words = fold(basis.name, diacritics=True)
    return basis.rank == "thong_tu" and ("lệ phí" in words or "mức thu" in words)


def _year(number: str) -> int:
    found = _YEAR.search(number)
    return int(found.group(1)) if found else 0
