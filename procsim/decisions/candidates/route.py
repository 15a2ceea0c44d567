"""Which legal text a proposal would have to amend, as far as the portfolio tells."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from procsim.language.text import fold
from procsim.model.portfolio import Portfolio
from procsim.reference.route import RESOLUTION_NUMBER, signer_of_rank

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
_FINANCE_TEXT = re.compile(r"/TT-BTC$")
_WORDS = {"nghi_dinh": "Nghị định", "thong_tu": "Thông tư"}


@dataclass(frozen=True, slots=True)
class Route:
    """The text that a proposal would amend.

    Attributes
    ----------
    number, name, rank
        The text; no number where the portfolio names none that could be it: the
        name then tells the rank, the agency and the field of the text to find, so
        that one unknown text is not taken for the text of every field.
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
            "signer": signer_of_rank(self.rank),
            "lead": self.agency,
            "product": f"Văn bản sửa đổi, bổ sung {self.number or self.name}",
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
    the newest. Passed over while others remain are texts that four fields or more
    cite (they rule procedures in general) and those that only amend others.
    Circulars on fees count for fees only, those of Bộ Tài chính for its own
    procedures and for fees, and a business condition is never taken to stand in a
    circular.

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
        names: dict[str, str] = {}
        self._cited: dict[tuple[str, str], int] = defaultdict(int)
        columns = ("procedure", "requirement", "condition", "number", "name", "rank", "article")
        rows = [
            row
            for row in zip(*(table[c].tolist() for c in columns), strict=True)
            if row[3] and row[3] != RESOLUTION_NUMBER and row[5] in _LOW_TO_HIGH
        ]
        for procedure, *_, number, name, _rank, _article in rows:
            fields[number].add(self._field.get(procedure, ""))
            # Published names are often cut short; the longest says most.
            names[number] = max(names.get(number, ""), name, key=len)
        for procedure, paper, condition, number, _name, rank, article in rows:
            basis = _Basis(number, names[number], rank, article)
            for row in (paper, condition):
                if row:
                    self._named.setdefault(row, basis)
            self._cited[self._field.get(procedure, ""), number] += 1
            self._of[procedure].append(basis)
        self._general = {number for number, of in fields.items() if len(of) >= _GENERAL}
        self._general |= {number for number, name in names.items() if _amends(name)}

    def of(self, procedure: str, subject: Subject, row: str = "") -> Route:
        """Return the route of one thing of a procedure; `row` is a paper or condition id."""
        agency = _FINANCE if subject == "fee" else self._ministry.get(procedure, "")
        named = self._named.get(row)
        if named is not None:
            return Route(named.number, named.name, named.rank, named.article, agency, False)
        chosen = self._guess(procedure, subject)
        if chosen is None:
            rank = "nghi_dinh" if subject == "condition" else "thong_tu"
            field = self._field.get(procedure, "")
            name = f"{_WORDS[rank]} ({agency}, {field or procedure}, chưa nêu số hiệu)"
            return Route("", name, rank, "", agency, True)
        return Route(chosen.number, chosen.name, chosen.rank, "", agency, True)

    def _guess(self, procedure: str, subject: Subject) -> _Basis | None:
        every = self._of.get(procedure, [])
        if subject == "fee":
            found = [b for b in every if _FINANCE_TEXT.search(b.number)]
            return self._first(procedure, [b for b in found if _on_fees(b)] or found)
        if subject == "condition":
            every = [b for b in every if b.rank in _OF_CONDITIONS]
        own = self._ministry.get(procedure, "") == _FINANCE
        every = [
            b for b in every if not _on_fees(b) and (own or not _FINANCE_TEXT.search(b.number))
        ]
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


def _amends(name: str) -> bool:
    """Return whether a text only amends others, by the first words of its name."""
    return "sửa đổi, bổ sung" in fold(name, diacritics=True)[:60]


def _year(number: str) -> int:
    found = _YEAR.search(number)
    return int(found.group(1)) if found else 0
