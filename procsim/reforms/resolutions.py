"""Plans that the law already contains.

Nghị quyết 66.7/2025/NQ-CP: papers replaced by data in the procedures of Phụ
lục I (Điều 3), papers of Điều 4 replaced in every other procedure (Điều 3
khoản 2), papers cut outright in Phụ lục II.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text
from procsim.marking.availability import replaceable
from procsim.model.portfolio import Portfolio
from procsim.reference import databases, holdings, legal_texts
from procsim.reference import resolution_66_7 as annexes
from procsim.reference.calendar import Day, as_day
from procsim.reference.route import signer_of_rank
from procsim.reforms.actions import DropRequirement, ReplaceByData
from procsim.reforms.annex import DETAILS, Match, match_annex
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan, Unmatched
from procsim.reforms.wording import database_names

__all__ = ["resolution_66_7"]

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
    portfolio: Portfolio,
    on: Day | None = None,
    articles: bool = True,
    also_listed: bool = False,
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
        raise InvalidValue(
            Fault(
                "requirements",
                "",
                Text(
                    "Thành phần hồ sơ chưa được nhận dạng.",
                    "The required documents are not marked yet.",
                ),
                Text("Chạy procsim.mark(portfolio) trước.", "Run procsim.mark(portfolio) first."),
                code="plan.not_marked",
            )
        )


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
    portfolio: Portfolio,
    verdicts: pd.Series,
    taken: set[tuple[str, str]],
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
    portfolio: Portfolio,
    requirement: str,
    clause: str,
    bases_of: dict[str, set[str]],
    part: bool,
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
        reason = Text(
            f"Danh mục đã nạp không có thủ tục mã {row.code or row.code_printed}.",
            f"The portfolio has no procedure with code {row.code or row.code_printed}.",
        )
    else:
        detail = DETAILS[match.detail]
        tail = f": {match.evidence}." if match.evidence else "."
        reason = Text(
            f"Không tìm thấy giấy tờ này trong hồ sơ của thủ tục: {detail.vi}{tail}",
            f"The paper is not in the procedure's dossier: {detail.en}{tail}",
        )
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
