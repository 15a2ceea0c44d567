"""Plans that the law already contains.

Nghị quyết 66.7/2025/NQ-CP: papers replaced by data in the procedures of Phụ
lục I (Điều 3), papers of Điều 4 replaced in every other procedure (Điều 3
khoản 2), papers cut outright in Phụ lục II.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from procsim.errors import InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import fold
from procsim.marking.availability import is_foreign, replaceable
from procsim.model.portfolio import Portfolio
from procsim.reference import databases, document_types, holdings, legal_texts
from procsim.reference import resolution_66_7 as annexes
from procsim.reference.calendar import Day, as_day
from procsim.reference.law import signer_of_rank
from procsim.reforms.base import Reform
from procsim.reforms.kinds import DropRequirement, ReplaceByData
from procsim.reforms.plan import Plan, Unmatched
from procsim.reforms.wording import database_names

_RESOLUTION = "Nghị quyết 66.7/2025/NQ-CP"
_NUMBER = "66.7/2025/NQ-CP"
_SHORT = "NQ 66.7/2025"
_IN_FORCE = date(2026, 1, 1)
_TEXTS_DUE = date(2027, 3, 1)
_CLAUSE = re.compile(r"Điều 4 khoản [1-9](?!\d)")
_RANKS = (
    (re.compile(r"/QH\d|\bLuật\b|\bBộ luật\b"), "luat"),
    (re.compile(r"/UBTVQH|\bPháp lệnh\b"), "phap_lenh"),
    (re.compile(r"/NĐ-CP|\bNghị định\b"), "nghi_dinh"),
    (re.compile(r"/NQ-CP|\bNghị quyết\b"), "nghi_quyet"),
    (re.compile(r"/QĐ-TTg"), "quyet_dinh_ttg"),
    (re.compile(r"/TT|\bThông tư\b"), "thong_tu"),
    (re.compile(r"/QĐ-|\bQuyết định\b"), "quyet_dinh_bo_truong"),
)


def resolution_66_7(
    portfolio: Portfolio, on: Day | None = None, articles: bool = True, also_listed: bool = False
) -> Plan:
    """Return the plan that Nghị quyết 66.7/2025/NQ-CP contains for a portfolio.

    Parameters
    ----------
    portfolio
        Marked procedures (`procsim.mark`).
    on
        Day for which the papers of Điều 4 are judged; None for the resolution as
        listed. The annexes hold on any day: they say which texts must be amended.
    articles
        Also Điều 3 khoản 2: papers of Điều 4 in procedures that Phụ lục I does
        not list.
    also_listed
        Read Điều 3 khoản 2 wide: also papers of Điều 4 that Phụ lục I does not
        name in the procedures it lists. The resolution speaks only of
        procedures that are not listed, so the default is no.

    Returns
    -------
    Plan
        Reforms in the order Phụ lục I, Phụ lục II, Điều 3 khoản 2. Every annex
        row whose procedure or paper is not found stands in `Plan.unmatched`.

    Raises
    ------
    InvalidValue
        When the portfolio is not marked.

    Examples
    --------
    >>> import procsim as ps
    >>> plan = resolution_66_7(ps.mark(ps.load_sample()))
    >>> sorted({reform.kind for reform in plan.reforms})
    ['drop_requirement', 'replace_by_data']
    """
    on = as_day(on, "on")
    _check_marked(portfolio)
    standing = portfolio.procedures["status"] == "active"
    if not standing.all():  # an abolished procedure asks for no paper any more
        portfolio = portfolio.select(list(portfolio.procedures.index[standing]))
    frame = annexes()
    matches = match_annex(portfolio, frame)
    verdicts = _verdicts(portfolio, None)
    reforms: list[Reform] = []
    unmatched: list[Unmatched] = []
    for match in matches:
        if match.hits:
            reforms += _of_annex(match, verdicts)
        else:
            unmatched.append(_unmatched(match))
    by_annex = len(reforms)
    left_out = 0
    if articles:
        taken = {
            (reform.requirement, name)
            for reform in reforms
            if isinstance(reform, ReplaceByData)
            for name in reform.document_types
        }
        dropped = {r.target for r in reforms if isinstance(r, DropRequirement)}
        listed = {p for match in matches for p in match.procedures}
        on_that_day = verdicts if on is None else _verdicts(portfolio, on)
        for reform in _of_articles(portfolio, on_that_day, taken):
            if reform.requirement in dropped:
                continue
            if not also_listed and portfolio.requirements.at[reform.target, "procedure"] in listed:
                left_out += 1
                continue
            reforms.append(reform)
    note = _note(len(frame), len(unmatched), by_annex, len(reforms) - by_annex, left_out)
    return Plan(tuple(reforms), name=_RESOLUTION, unmatched=tuple(unmatched), note=note)


def _verdicts(portfolio: Portfolio, on: date | None) -> pd.Series:
    """Return how much of each row data replace; only rows with known papers are looked at."""
    frame = portfolio.requirements
    known = frame[frame["types"].ne("") & frame["kind"].eq("document")]
    return replaceable(portfolio.exchange(requirements=known), on)


def _check_marked(portfolio: Portfolio) -> None:
    kinds = portfolio.requirements["kind"]
    if len(kinds) and (kinds == "unknown").all():
        raise InvalidValue(fault_of("plan.not_marked", "requirements", ""))


@cache
def _texts_to_amend() -> dict[str, tuple[int, str, str]]:
    """Return, by number, the order and name of the rank and who signs (Phụ lục III)."""
    frame = legal_texts().reset_index()
    return {
        row.number: (row.rank_order, row.rank, _signer(row.rank, row.issuer))
        for row in frame.itertuples(index=False)
    }


def _signer(rank: str, issuer: str) -> str:
    if rank not in ("thong_tu", "quyet_dinh_bo_truong"):
        return issuer or signer_of_rank(rank)
    return "; ".join(
        f"Thống đốc {name}" if name.startswith("Ngân hàng") else f"Bộ trưởng {name}"
        for name in issuer.split(";")
    )


def _route(row: Any) -> dict[str, Any]:
    """Return the legal route of an annex row: the texts to amend, who signs, by when."""
    numbers = tuple(n for n in row.legal_numbers.split(";") if n)
    known = sorted(_texts_to_amend()[n] for n in numbers if n in _texts_to_amend())
    if known:
        rank = known[0][1]
        signer = "; ".join(dict.fromkeys(text[2] for text in known))
    else:
        text = f"{row.legal_text} {numbers[0] if numbers else ''}"
        rank = next((name for words, name in _RANKS if words.search(text)), "")
        signer = signer_of_rank(rank)
    return {
        "legal_text": row.legal_text,
        "legal_numbers": numbers,
        "article": row.article,
        "rank": rank,
        "signer": signer,
        "owner": "; ".join(name for name in row.owner.split(";") if name),
        "lead": row.ministry,
        "due": _TEXTS_DUE,
        "product": f"Văn bản sửa đổi, bổ sung {row.legal_text}",
        "source": f"{_SHORT}, Phụ lục {row.annex}, STT {row.number}",
    }


def _of_annex(match: Match, verdicts: pd.Series) -> Iterator[Reform]:
    row = match.row
    route = _route(row)
    for hit in match.hits:
        if row.annex == "II":
            yield DropRequirement(
                hit.requirement,
                reason=f"{_RESOLUTION}, Điều 3, cắt giảm thành phần hồ sơ tại Phụ lục II.",
                **route,
            )
            continue
        bases = _bases(hit.document_types, tuple(b for b in row.databases.split(";") if b))
        coverage, mark = _coverage(hit.document_types, bases)
        part = verdicts.get(hit.requirement) == "part"
        if hit.quoted:
            part = match.partial or hit.asks_for_more
        yield ReplaceByData(
            hit.requirement,
            hit.document_types,
            bases,
            coverage,
            mark,
            part,
            reason=_reason(bases, "Điều 2, Điều 3 và Phụ lục I"),
            **route,
        )


def _reason(bases: tuple[str, ...], articles: str) -> str:
    return (
        f"Thông tin đã có trong {database_names(bases).vi}; cơ quan giải quyết khai thác dữ "
        f"liệu thay cho việc yêu cầu nộp giấy tờ ({_RESOLUTION}, {articles})."
    )


@cache
def _coverages() -> dict[tuple[str, str], tuple[float, str]]:
    """Return the least coverage stated for any group, by (document type, database)."""
    stated: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for row in holdings().itertuples(index=False):
        stated[row.document_type, row.database].append((row.coverage, row.coverage_mark))
    # A figure for one group says nothing of the others: all of them must be known.
    return {
        key: (math.nan, "") if any(math.isnan(share) for share, _ in shares) else min(shares)
        for key, shares in stated.items()
    }


def _bases(types: Iterable[str], printed: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the databases that an annex row prints hold these papers."""
    mine = {base for name, base in _coverages() if name in set(types)}
    return tuple(base for base in printed if base in mine) or printed


def _coverage(types: Iterable[str], bases: Iterable[str]) -> tuple[float | None, str]:
    """Return the coverage of the paper that the data answer worst for, and its mark."""
    best = []
    for name in types:
        shares = [_coverages().get((name, base), (math.nan, "")) for base in bases]
        known = [share for share in shares if not math.isnan(share[0])]
        if not known:
            return None, ""
        best.append(max(known))
    return min(best)


@cache
def _owners() -> dict[str, str]:
    owners: dict[str, str] = databases()["owner"].to_dict()
    return owners


def _of_articles(
    portfolio: Portfolio, verdicts: pd.Series, taken: set[tuple[str, str]]
) -> Iterator[ReplaceByData]:
    """Yield a reform for each clause of Điều 4 and row that asks for its papers."""
    frame = portfolio.requirements
    open_rows = (
        frame["kind"].eq("document")
        & frame["status"].eq("required")
        & verdicts.reindex(frame.index).isin(["full", "part"])
    )
    marks = portfolio.marks
    rows = frame.index.get_indexer(marks["requirement"])
    listed = marks["class"].eq("listed").to_numpy() & (rows >= 0)
    listed[listed] = open_rows.to_numpy()[rows[listed]]
    found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    columns = ("requirement", "document_type", "database", "legal_basis")
    chosen = marks[listed]
    for requirement, name, base, basis in zip(*(chosen[c] for c in columns), strict=True):
        named = _CLAUSE.search(basis)
        if named and (requirement, name) not in taken:
            found[requirement, named.group()][name].add(base)
    for (requirement, clause), bases_of in found.items():
        yield _of_clause(portfolio, requirement, clause, bases_of, verdicts[requirement] == "part")


def _of_clause(
    portfolio: Portfolio, requirement: str, clause: str, bases_of: dict[str, set[str]], part: bool
) -> ReplaceByData:
    bases = tuple(sorted({base for names in bases_of.values() for base in names}))
    coverage, mark = _coverage(bases_of, bases)
    owners = (_owners().get(base, "") for base in bases)
    procedure = portfolio.requirements.at[requirement, "procedure"]
    return ReplaceByData(
        requirement,
        tuple(bases_of),
        bases,
        coverage,
        mark,
        part,
        reason=_reason(bases, f"Điều 2, Điều 3 khoản 2, {clause}"),
        legal_text=_RESOLUTION,
        legal_numbers=(_NUMBER,),
        article=f"Điều 3 khoản 2, {clause}",
        rank="nghi_quyet",
        signer="Chính phủ",
        owner="; ".join(dict.fromkeys(name for name in owners if name)),
        lead=portfolio.procedures.at[procedure, "ministry"],
        due=_IN_FORCE,
        product="Quyết định công bố thủ tục hành chính đã tái cấu trúc quy trình",
        source=f"{_SHORT}, Điều 3 khoản 2, {clause}",
    )


def _unmatched(match: Match) -> Unmatched:
    row = match.row
    code = "paper_not_in_dossier" if match.procedures else "not_in_portfolio"
    if not match.procedures:
        reason = bilingual(
            "reforms.no_portfolio_procedure_code", code_text=row.code or row.code_printed
        )
    else:
        detail = DETAILS[match.detail]
        tail = f": {match.evidence}." if match.evidence else "."
        reason = bilingual("reforms.no_paper_procedure_dossier", detail=detail, tail=tail)
    return Unmatched(
        annex=row.annex,
        number=str(row.number),
        code=row.code,
        title=row.title,
        paper=row.paper,
        reason_code=code,
        reason=reason,
        detail_code=match.detail,
        procedures=match.procedures,
        requirements=match.look_at,
    )


def _note(rows: int, unmatched: int, annex: int, articles: int, left_out: int) -> str:
    return (
        f"Phụ lục I và II: {rows} dòng, {rows - unmatched} dòng khớp với danh mục "
        f"({annex} đề xuất), {unmatched} dòng không khớp, có nêu lý do. "
        f"Điều 3 khoản 2: {articles} đề xuất; {left_out} giấy tờ khác thuộc Điều 4 trong các "
        "thủ tục có tên tại Phụ lục không tính vì Điều 3 khoản 2 chỉ nói thủ tục ngoài Phụ lục. / "
        f"Annexes I and II: {rows} rows, {rows - unmatched} matched ({annex} reforms), "
        f"{unmatched} unmatched with reasons. Điều 3.2: {articles} reforms; {left_out} other "
        "papers of Điều 4 in listed procedures are left out, because Điều 3.2 speaks only of "
        "procedures outside the annexes."
    )


# Where the rows of Nghị quyết 66.7/2025/NQ-CP's annexes meet the dossiers of a portfolio.

#: What was found where the paper is not in the dossier, by stable code.
DETAILS: dict[str, Text] = {
    "no_rows": bilingual("reforms.no_record_dossier_rows"),
    "other_procedure": bilingual("reforms.portfolio_code_another_procedure"),
    "already_by_data": bilingual("reforms.published_dossier_already_looks"),
    "foreigners_only": bilingual("reforms.no_paper_asked_foreigners"),
    "only_in_form": bilingual("reforms.paper_only_mentioned_form"),
    "only_in_note": bilingual("reforms.paper_only_mentioned_note"),
    "only_mentioned": bilingual("reforms.another_dossier_row_mentions"),
    "dropped": bilingual("reforms.paper_been_dropped_portfolio"),
    "broader_paper": bilingual("reforms.dossier_names_broader_paper"),
    "amended_since": bilingual("reforms.no_procedure_rests_text"),
    "only_forms": bilingual("reforms.dossier_holds_only_forms"),
    "other_papers": bilingual("reforms.dossier_holds_other_papers"),
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
