"""Where the rows of Nghị quyết 66.7/2025/NQ-CP's annexes meet the dossiers of a portfolio."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from procsim.errors import Text, shorten
from procsim.language.vietnamese import fold
from procsim.marking.availability import is_foreign
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types

__all__ = ["DETAILS", "Hit", "Match", "match_annex"]

#: What was found where the paper is not in the dossier, by stable code.
DETAILS: dict[str, Text] = {
    "no_rows": Text(
        "bản ghi không có thành phần hồ sơ nào",
        "the record has no dossier rows at all",
    ),
    "other_procedure": Text(
        "mã này trong danh mục là thủ tục khác với thủ tục mà Phụ lục ghi tên",
        "in the portfolio this code is another procedure than the one the annex names",
    ),
    "already_by_data": Text(
        "hồ sơ công bố đã khai thác dữ liệu thay cho giấy tờ này, chỉ hỏi lại khi dữ liệu không đủ",
        "the published dossier already looks the data up in place of this paper",
    ),
    "foreigners_only": Text(
        "giấy tờ chỉ được yêu cầu với người nước ngoài, ngoài phạm vi dữ liệu (Điều 2)",
        "the paper is asked of foreigners only, whom the data do not cover (Điều 2)",
    ),
    "only_in_form": Text(
        "giấy tờ chỉ được nhắc tới trong mẫu đơn, tờ khai",
        "the paper is only mentioned in a form",
    ),
    "only_in_note": Text(
        "giấy tờ chỉ được nhắc tới trong ghi chú của hồ sơ",
        "the paper is only mentioned in a note of the dossier",
    ),
    "only_mentioned": Text(
        "giấy tờ được nhắc tới trong một thành phần khác nhưng không phải là giấy tờ phải nộp ở đó",
        "another dossier row mentions the paper without asking for it",
    ),
    "dropped": Text(
        "giấy tờ đã được bãi bỏ trong danh mục này",
        "the paper has been dropped in this portfolio",
    ),
    "broader_paper": Text(
        "hồ sơ gọi tên một giấy tờ rộng hơn, cán bộ cần xác nhận có phải là giấy tờ này không",
        "the dossier names a broader paper; an officer must say whether it is this one",
    ),
    "amended_since": Text(
        "thủ tục dẫn văn bản ban hành từ khi Nghị quyết có hiệu lực, hồ sơ không còn giấy tờ này",
        "the procedure rests on a text issued since the resolution; its dossier has no such paper",
    ),
    "only_forms": Text(
        "hồ sơ chỉ còn đơn, tờ khai",
        "the dossier holds only forms",
    ),
    "other_papers": Text(
        "hồ sơ gồm các giấy tờ khác",
        "the dossier holds other papers",
    ),
}

_IN_FORCE_YEAR = 2026
_LEAST_PAIRS = 8
_SAME_TEXT = 0.75
_SAME_TITLE = 0.2
_CITED = re.compile(r"\d{1,4}/(20\d\d)/[A-ZĐ][A-ZĐ0-9]*(?:-[A-ZĐ0-9]+)*")
_BRACKETS = re.compile(r"\([^()]*\)")
_EXAMPLES = re.compile(r"\bnhu\b\s*:?|:")
_BROADER = re.compile(
    "giay to phap ly|ho so phap ly|phap nhan|giay to chung minh|tai lieu chung minh"
    "|giay to tuy than|giay to nhan than|giay to co lien quan|giay to lien quan"
    "|giay chung nhan da cap|chung minh quyen|giay to hop phap|quyen so huu, quyen su dung"
)
_LEAST_SHARED = 3
# Pairs of words that say nothing about which paper is meant.
_COMMON = frozenset(
    pairwise(
        re.findall(
            r"\w+",
            "giay to tai lieu chung minh theo quy dinh cua phap luat co quan co tham quyen cap"
            " giay to chung minh",
        )
    )
)
_BY_DATA = re.compile(
    "khai thac (?:su dung |thong tin |du lieu )*(?:trong|tu|tren|tuong ung)|duoc khai thac"
    "|khai thac duoc thong tin|bang viec khai thac|khai thac, su dung thong tin"
)
_PARTLY = re.compile("thay the (1|mot) phan")


class Hit(NamedTuple):
    """One dossier row that an annex row meets.

    `quoted` is 0 where the row was met by its document types; otherwise the
    share of the row's own words that stand in the annex.
    """

    requirement: str
    document_types: tuple[str, ...]
    quoted: float

    @property
    def asks_for_more(self) -> bool:
        """Whether a row met by its words asks for more than the annex quotes."""
        return 0 < self.quoted < _SAME_TEXT


@dataclass(frozen=True, slots=True)
class Match:
    """One annex row and what it meets.

    Attributes
    ----------
    row
        The row of ``resolution_66_7.csv`` as a named tuple.
    procedures
        Ids of the procedures that carry its code.
    hits
        Dossier rows that hold its paper.
    detail, evidence, look_at
        For a paper that is not in the dossier: the code of `DETAILS`, the
        words that show it, and the requirement ids an officer should look at.
    """

    row: Any
    procedures: tuple[str, ...]
    hits: tuple[Hit, ...] = ()
    detail: str = ""
    evidence: str = ""
    look_at: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether the annex itself says that only a part is replaced."""
        return bool(_PARTLY.search(fold(self.row.paper)))


class _Row(NamedTuple):
    id: str
    name: str
    folded: str
    kind: str
    types: frozenset[str]
    groups: frozenset[str]
    status: str


class _Dossiers(NamedTuple):
    rows: dict[str, list[_Row]]
    titles: dict[str, str]
    cited: dict[str, str]


def match_annex(portfolio: Portfolio, annexes: pd.DataFrame) -> list[Match]:
    """Return one `Match` for each row of the annexes, in their order.

    Parameters
    ----------
    portfolio
        Marked procedures.
    annexes
        Rows as `procsim.reference.resolution_66_7` returns them.
    """
    ids = defaultdict(list)
    for procedure, code in portfolio.procedures["code"].items():
        ids[code].append(procedure)
    listed = {p for code in set(annexes["code"]) if code for p in ids.get(code, ())}
    dossiers = _Dossiers(
        _dossiers(portfolio, listed),
        portfolio.procedures["name"].to_dict(),
        _cited_since(portfolio, listed),
    )
    return [
        _match(row, tuple(ids.get(row.code, ())) if row.code else (), dossiers)
        for row in annexes.itertuples(index=False)
    ]


def _dossiers(portfolio: Portfolio, listed: set[str]) -> dict[str, list[_Row]]:
    frame = portfolio.requirements[portfolio.requirements["procedure"].isin(listed)]
    made: dict[str, list[_Row]] = defaultdict(list)
    columns = ("procedure", "name", "kind", "types", "applicant_group", "status")
    for identity, procedure, name, kind, types, groups, status in zip(
        frame.index, *(frame[column] for column in columns), strict=True
    ):
        made[procedure].append(
            _Row(identity, name, fold(name), kind, _split(types), _split(groups), status)
        )
    return made


def _split(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split(";") if part)


def _cited_since(portfolio: Portfolio, listed: set[str]) -> dict[str, str]:
    """Return, by procedure, texts issued since the resolution came in force that it rests on."""
    texts: dict[str, list[str]] = defaultdict(list)
    for frame, column in ((portfolio.requirements, "name"), (portfolio.legal_bases, "number")):
        part = frame[frame["procedure"].isin(listed)]
        for procedure, text in zip(part["procedure"], part[column], strict=True):
            texts[procedure] += [
                found.group()
                for found in _CITED.finditer(re.sub(r"\s*([/-])\s*", r"\1", text))
                if int(found[1]) >= _IN_FORCE_YEAR
            ]
    return {procedure: ", ".join(dict.fromkeys(found)) for procedure, found in texts.items()}


@cache
def _type_words() -> dict[str, re.Pattern[str]]:
    """Return a pattern for each document type that finds its names in folded text."""
    made = {}
    for row in document_types().reset_index().itertuples(index=False):
        words = {fold(word) for word in (row.name_vi, *row.variants.split(";")) if word.strip()}
        made[row.id] = re.compile(
            r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(words))) + r")(?!\w)"
        )
    return made


def _pairs(folded: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of words that stand next to each other."""
    words = re.findall(r"\w+", folded)
    return frozenset(pairwise(words))


@cache
def _wordings(paper: str) -> tuple[frozenset[tuple[str, str]], ...]:
    """Return the ways in which an annex row words its paper, as pairs of words.

    As a whole, without remarks in brackets, and without the examples after
    "như" or a colon; only those long enough to be told from a mere name.
    """
    whole = fold(paper)
    bare = _BRACKETS.sub(" ", whole)
    made = (_pairs(text) for text in (whole, bare, _EXAMPLES.split(bare, maxsplit=1)[0]))
    return tuple(pairs for pairs in dict.fromkeys(made) if len(pairs) >= _LEAST_PAIRS)


def _same_title(one: str, other: str) -> bool:
    """Return whether two procedure titles can be those of one procedure."""
    mine, yours = _pairs(fold(one)), _pairs(fold(other))
    shorter = min(len(mine), len(yours))
    return shorter == 0 or len(mine & yours) / shorter >= _SAME_TITLE


def _match(row: Any, procedures: tuple[str, ...], dossiers: _Dossiers) -> Match:
    if not procedures:
        return Match(row, procedures)
    wanted = _split(row.document_types)
    rows = [found for procedure in procedures for found in dossiers.rows.get(procedure, ())]
    hits = [hit for found in rows if (hit := _hit(found, wanted, row))]
    if hits:
        return Match(row, procedures, hits=tuple(hits))
    titles = [dossiers.titles[procedure] for procedure in procedures]
    if not any(_same_title(row.title, title) for title in titles):
        quoted = "; ".join(f"“{shorten(title, 90)}”" for title in titles)
        return Match(row, procedures, (), "other_procedure", quoted)
    since = ", ".join(dossiers.cited[p] for p in procedures if dossiers.cited.get(p))
    detail, evidence, look_at = _explain(rows, wanted, row.paper, since)
    return Match(row, procedures, (), detail, evidence, look_at)


def _asked(found: _Row) -> bool:
    return found.kind == "document" and found.status == "required"


def _hit(found: _Row, wanted: frozenset[str], row: Any) -> Hit | None:
    if not _asked(found):
        return None
    common = found.types & wanted
    if is_foreign(tuple(found.groups), common or found.types):
        return None
    named = tuple(name for name in row.document_types.split(";") if name)
    if common:
        return Hit(found.id, tuple(name for name in named if name in common), 0.0)
    if found.folded.lstrip(" -+*").startswith("thong tin"):
        return None  # the row says what is looked up, not what is handed in
    pairs = _pairs(found.folded)
    for wording in _wordings(row.paper):
        both = len(pairs & wording)
        shorter = min(len(pairs), len(wording))
        if shorter >= _LEAST_PAIRS and both / shorter >= _SAME_TEXT:
            # The annex quotes the dossier's own words: the law names this very row.
            return Hit(found.id, named, both / len(pairs))
    return None


def _explain(
    rows: Sequence[_Row], wanted: frozenset[str], paper: str, since: str
) -> tuple[str, str, tuple[str, ...]]:
    """Return why no row was met: code of `DETAILS`, words that show it, ids to look at."""
    if not rows:
        return "no_rows", "", ()
    words = [_type_words()[name] for name in wanted if name in _type_words()]
    named = [r for r in rows if r.types & wanted or any(w.search(r.folded) for w in words)]
    asked = [r for r in named if _asked(r)]
    broader = [r for r in rows if _asked(r) and _is_broad(r)]
    own = _pairs(fold(paper)) - _COMMON
    related = [r for r in rows if r in named or len(_pairs(r.folded) & own) >= _LEAST_SHARED]
    for code, chosen in (
        ("already_by_data", [r for r in related if _BY_DATA.search(r.folded)]),
        (
            "foreigners_only",
            [r for r in (*asked, *broader) if is_foreign(tuple(r.groups), r.types)],
        ),
        ("dropped", [r for r in named if r.status == "dropped"]),
        ("only_mentioned", asked),
        ("only_in_form", [r for r in named if r.kind == "form"]),
        ("only_in_note", named),
        ("broader_paper", broader),
    ):
        if chosen:
            return code, _quoted(chosen), tuple(r.id for r in chosen)
    if since:
        return "amended_since", since, ()
    papers = [r for r in rows if _asked(r)]
    if not papers:
        return "only_forms", _quoted(rows), ()
    return "other_papers", _quoted(papers), ()


def _is_broad(found: _Row) -> bool:
    known = any(not name.startswith("giay_to_") for name in found.types)
    return not known and bool(_BROADER.search(found.folded))


def _quoted(rows: Sequence[_Row], most: int = 3) -> str:
    quoted = "; ".join(f"“{shorten(r.name, 90)}”" for r in rows[:most])
    return quoted + (f" (+{len(rows) - most})" if len(rows) > most else "")
