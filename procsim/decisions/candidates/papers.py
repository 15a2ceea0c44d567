"""Candidates of the dossier: papers that data replace, plain copies, double demands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from procsim.decisions.candidates.route import Routes
from procsim.language.text import fold
from procsim.measures.base import base_rows
from procsim.model.portfolio import Portfolio
from procsim.reference.route import RESOLUTION_NUMBER, price_of_database
from procsim.reforms.actions import AcceptCopy, DropRequirement, ReplaceByData
from procsim.reforms.base import Reform
from procsim.reforms.resolutions import resolution_66_7
from procsim.reforms.wording import database_names

__all__ = ["double_demands", "listed_papers", "open_papers", "plain_copies"]

_ARTICLE = "Điều 3 khoản 2"
_PHOTO = "anh_the"


def listed_papers(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield what Nghị quyết 66.7/2025/NQ-CP lists: its annexes, and papers of Điều 4 k.1–9.

    A paper of Điều 4 in a procedure that Phụ lục I lists without naming that paper
    is yielded too; its source says so, because Điều 3 khoản 2 speaks only of
    procedures that are not listed.
    """
    plan = resolution_66_7(portfolio, also_listed=True)
    annex = {r.procedure_id for r in plan.reforms if _ARTICLE not in r.source}
    annex |= {p for row in plan.unmatched for p in row.procedures}
    for reform in plan.reforms:
        if _ARTICLE not in reform.source:
            yield reform
            continue
        route = routes.of(reform.procedure_id, "dossier", reform.target)
        wide = reform.procedure_id in annex
        yield replace(
            reform,
            reason=route.fields(reform.reason, "")["reason"],
            legal_numbers=(RESOLUTION_NUMBER, route.number or route.name),
            rank=route.rank,
            source=f"{reform.source} (thủ tục đã nêu tại Phụ lục I)" if wide else reform.source,
        )


def open_papers(
    portfolio: Portfolio, routes: Routes, taken: frozenset[tuple[str, str]]
) -> Iterator[Reform]:
    """Yield papers of the open clause (Điều 4 khoản 10): a database holds them, unlisted.

    Parameters
    ----------
    taken
        Pairs (requirement, document type) that are listed already.
    """
    rows, marks = portfolio.requirements, portfolio.marks
    chosen = marks[marks["class"].eq("open") & marks["group"].eq("")]
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for paper, kind, base in zip(
        *(chosen[c].tolist() for c in ("requirement", "document_type", "database")), strict=True
    ):
        if base and (paper, kind) not in taken:
            found[paper][kind].add(base)
    wanted = rows.loc[rows.index.isin(found), ["procedure", "types", "relation", "papers"]]
    for paper, procedure, types, relation, papers in wanted.itertuples(name=None):
        own = found[paper]
        listed = {kind for kind in types.split(";") if (paper, kind) in taken}
        rest = set(filter(None, types.split(";"))) - set(own) - listed
        part = bool(rest) and relation != "any"
        if part and papers <= 1:  # the row would be asked for all the same
            continue
        bases = tuple(sorted({_nearest(names) for names in own.values()}))
        route = routes.of(procedure, "dossier", paper)
        reason = (
            f"Thông tin có thể đã có trong {database_names(bases).vi}; chỉ thay được khi chủ quản "
            "công bố dữ liệu đầy đủ (Nghị quyết 66.7/2025/NQ-CP, Điều 4 khoản 10)."
        )
        fields = route.fields(reason, "Điều 4 khoản 10 (điều khoản mở)")
        yield ReplaceByData(paper, tuple(own), bases, None, "", part, **fields)


def _nearest(bases: set[str]) -> str:
    """Return the database that takes least effort, of several that hold a paper."""
    return min(bases, key=lambda base: (price_of_database(base), base))


def plain_copies(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield papers of which a plain copy may do: certified ones, and originals of known type.

    Forms and papers that the applicant writes stay originals: nobody else holds
    them. Photographs stay too.
    """
    rows = portfolio.requirements
    known = rows["types"].ne("") & rows["types"].ne(_PHOTO)
    chosen = rows[
        rows["kind"].eq("document")
        & rows["status"].eq("required")
        & (rows["certified"] | (rows["originals"].gt(0) & known))
        & base_rows(portfolio)
    ]
    for paper, procedure, certified in chosen[["procedure", "certified"]].itertuples(name=None):
        asked = "bản sao có chứng thực" if certified else "bản chính"
        reason = (
            f"Đề xuất nhận bản sao không chứng thực thay cho {asked}; khi cần thì xuất trình bản "
            "chính để đối chiếu. Cán bộ xem xét từng giấy tờ."
        )
        fields = routes.of(procedure, "dossier", paper).fields(reason, "procsim: bản sao")
        yield AcceptCopy(paper, **fields)


def double_demands(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield rows that ask in the same case for a paper that an earlier row asks for.

    The words must be the same (spelling apart), and so the papers that the row stands for.
    """
    rows = portfolio.requirements
    chosen = rows[rows["kind"].isin(("document", "form")) & rows["status"].eq("required")]
    chosen = chosen.sort_values(["case", "position"], kind="stable")
    first: dict[tuple[str, str, str], str] = {}
    columns = ["procedure", "case", "name", "types"]
    for paper, procedure, case, name, types in chosen[columns].itertuples(name=None):
        words = fold(name, diacritics=True).strip(" .;,")
        earlier = first.setdefault((case, words, types), paper)
        if earlier != paper and words:
            reason = f"Hồ sơ yêu cầu hai lần cùng một giấy tờ (đã có tại {earlier})."
            fields = routes.of(procedure, "dossier", paper).fields(reason, "procsim: trùng")
            yield DropRequirement(paper, **fields)
