"""The national document network: which procedure issues the paper that another asks for.

A link joins a requirement to the procedure whose result is the paper: with certainty
where both carry one national code, else by their words. Several
procedures may issue one paper; the rule, in this order: the words of the paper
fit best; a first issue ("Cấp …", "Đăng ký …") before a procedure that is unclear,
and that before one that renews or changes; no special variant (for foreigners, for
children …) unless the requirement speaks of it; a procedure whose own name has the
paper; the authority that the catalogue names; the same ministry; a level in common;
the cheapest. Where only the cost decided, the link is put before an officer with
its rivals.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from procsim.marking.availability import is_foreign
from procsim.marking.issuers import (
    COMMON_WORDS,
    FAMILIES,
    SINGLE_PAPERS,
    act_of,
    issuers,
    paper_words,
    special_words,
)
from procsim.marking.marker import REVIEW_BELOW
from procsim.marking.spelling import spell
from procsim.measures.base import (
    Bools,
    Dossier,
    Figures,
    Floats,
    Rows,
    active_procedures,
    base_rows,
    dossier,
    figures,
)
from procsim.measures.cost import cost_table
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types

LEAST_CONFIDENCE = 0.6
"""Links below this are shown for review and left out of every figure."""

LINK_COLUMNS = (
    "requirement",
    "procedure",
    "document_type",
    "issuer",
    "confidence",
    "review",
    "counted",
    "own",
    "base",
    "replaced",
    "words",
    "rivals",
    "source",
)
_LEAST_FIT = 0.55
_ACT_RANK = {"first": 0, "other": 1, "change": 2}
_ACT_TRUST = {"first": 1.0, "other": 0.7, "change": 0.45}
_ABROAD = re.compile(
    r"nước ngoài cấp|(?:hộ chiếu|thuế) nước ngoài|"
    r"(?:của|tại|do) nước (?:ngoài|xuất|sở tại|nhập|sản|mà|cư trú)"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One procedure that issues a paper of one type."""

    procedure: str
    name: str
    words: frozenset[str]
    name_words: frozenset[str]
    all_words: frozenset[str]
    special: frozenset[str]
    act: str
    named: bool
    ministry: str
    levels: frozenset[str]
    cost: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one requirement says of one paper; equal ones have the same issuer."""

    document_type: str
    phrases: frozenset[str]
    words: frozenset[str]
    special: frozenset[str]
    ministry: str
    levels: frozenset[str]


def _parts(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split(";") if part)


class _Owner(NamedTuple):
    """What the rule asks of the procedure that a row belongs to."""

    id: str
    name: str
    ministry: str
    levels: frozenset[str]


def _owners(portfolio: Portfolio) -> list[_Owner]:
    """Return every procedure in order: a row of a frame at a time costs more than the rule."""
    frame = portfolio.procedures
    columns = (frame[name].tolist() for name in ("name", "ministry", "levels"))
    return [
        _Owner(number, name, ministry, _parts(levels))
        for number, name, ministry, levels in zip(frame.index.tolist(), *columns, strict=True)
    ]


def _named(issuer: str, ministry: str, agency: str) -> bool:
    """Whether the catalogue's issuer of a type is the ministry or agency of a procedure."""
    here = f"{ministry} {agency}".lower()
    return any(name.strip().lower() in here for name in re.split(r"[,;]", issuer) if name.strip())


def _candidates(portfolio: Portfolio, parameters: Figures) -> dict[str, list[_Candidate]]:
    found = issuers(portfolio)
    owners = _owners(portfolio)
    numbers = {owner.id: at for at, owner in enumerate(owners)}
    active = active_procedures(portfolio)
    agencies = portfolio.procedures["agency"].tolist()
    costs = cost_table(portfolio, parameters)["cost_vnd"].tolist()
    results = portfolio.results["name"].to_dict()
    authority = document_types()["issuer"].to_dict()
    made: dict[str, dict[str, _Candidate]] = defaultdict(dict)
    for row in found.itertuples():
        at = numbers[row.procedure]
        if not active[at]:
            continue
        owner, result, cost = owners[at], str(results[row.result]), float(costs[at])
        candidate = _Candidate(
            procedure=owner.id,
            name=spell(owner.name).text,
            words=paper_words(result, row.words),
            name_words=paper_words(owner.name),
            all_words=paper_words(result) | paper_words(owner.name),
            special=special_words(f"{result} {owner.name}"),
            act=str(row.act),
            named=_named(authority[row.document_type], owner.ministry, agencies[at]),
            ministry=owner.ministry,
            levels=owner.levels,
            cost=math.inf if math.isnan(cost) else cost,
            confidence=float(row.confidence),
        )
        known = made[row.document_type].get(candidate.procedure)
        if known is None or len(candidate.special) < len(known.special):
            made[row.document_type][candidate.procedure] = candidate
    return {kind: list(group.values()) for kind, group in made.items()}


class _Fit:
    """How well the words of a requirement fit the papers of one family."""

    def __init__(self, candidates: list[_Candidate]) -> None:
        counts: dict[str, int] = defaultdict(int)
        for candidate in candidates:
            for word in candidate.all_words:
                counts[word] += 1
        size = len(candidates)
        self._weight = {word: math.log(1 + size / count) for word, count in counts.items()}
        self._rare = math.log(2 + size)

    def _sum(self, words: frozenset[str]) -> float:
        return sum(self._weight.get(word, self._rare) for word in words)

    def of(self, asked: frozenset[str], candidate: _Candidate) -> float:
        """Return the harmonic mean of what is asked and found, and of what is given and asked."""
        if not (asked & candidate.all_words) - COMMON_WORDS:
            return 0.0
        given = candidate.words or candidate.all_words
        found = self._sum(asked & candidate.all_words) / self._sum(asked)
        meant = self._sum(asked & given) / self._sum(given)
        return 2 * found * meant / (found + meant) if found + meant else 0.0


def _choose(
    asked: _Asked, candidates: list[_Candidate], fit: _Fit | None
) -> tuple[_Candidate, float, list[str]] | None:
    """Return the issuer, how far the choice can be trusted, and its rivals."""
    ranked = []
    telling = asked.words - COMMON_WORDS
    for candidate in candidates:
        if fit is not None and telling.isdisjoint(candidate.all_words):
            continue
        score = 1.0 if fit is None else fit.of(asked.words, candidate)
        if score < _LEAST_FIT:
            continue
        in_name = len(asked.words & candidate.name_words) / max(len(asked.words), 1)
        special = len(candidate.special - asked.special)
        key = (
            -round(score, 1),
            _ACT_RANK[candidate.act],
            special,
            not any(phrase in candidate.name for phrase in asked.phrases),
            -round(in_name, 1),
            not candidate.named,
            candidate.ministry != asked.ministry,
            not candidate.levels & asked.levels,
        )
        ranked.append((key, candidate.cost, candidate.procedure, score, special, candidate))
    if not ranked:
        return None
    ranked.sort(key=lambda entry: entry[:3])
    key, _, _, score, special, best = ranked[0]
    rivals = [entry[2] for entry in ranked[1:] if entry[0] == key]
    trust = score * _ACT_TRUST[best.act] * best.confidence
    trust *= (0.8 if special else 1.0) * (0.75 if rivals else 1.0)
    return best, trust, rivals


def _owns(asked: _Asked, name: str, own: _Candidate | None, fit: _Fit | None) -> bool:
    """Whether a procedure renews, changes or ends the very paper that it asks for."""
    if own is not None and (fit is None or fit.of(asked.words, own) >= _LEAST_FIT):
        return True
    changes = act_of(name) in {"change", "end"}
    return changes and bool(asked.words) and asked.words <= paper_words(name)


def _asked_papers(portfolio: Portfolio) -> Iterator[tuple[int, str, str, str]]:
    """Yield row number, document type, deciding words and groups of each linkable paper."""
    rows = portfolio.requirements
    words = _of_marks(portfolio, "words")
    columns = (rows.index.tolist(), rows["types"].tolist(), rows["kind"].tolist())
    for at, (requirement, types, state) in enumerate(zip(*columns, strict=True)):
        for kind in types.split(";") if state != "note" else ():
            if kind in SINGLE_PAPERS or kind in FAMILIES:
                yield at, kind, words.get((requirement, kind), ""), requirement


def _of_marks(portfolio: Portfolio, column: str) -> dict[tuple[str, str], Any]:
    """Return what the marks of each requirement and document type say, the last one wins."""
    marks = portfolio.marks
    keys = zip(marks["requirement"].tolist(), marks["document_type"].tolist(), strict=True)
    return dict(zip(keys, marks[column].tolist(), strict=True))


def _overruled(found: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Return the links after officers' decisions; the most particular, then the latest wins."""
    made = found.copy()
    order = decided.assign(
        _depth=(decided["requirement"] != "") * 2 + (decided["procedure"] != "") * 1
    ).sort_values(["_depth", "decided_on"], kind="stable")
    for row in order.itertuples():
        here = made["document_type"] == row.document_type
        if row.procedure:
            here &= made["procedure"] == row.procedure
        if row.requirement:
            here &= made["requirement"] == row.requirement
        made.loc[here, "issuer"] = row.issuer
        made.loc[here, "own"] = made.loc[here, "procedure"] == row.issuer
        made.loc[here, "rivals"] = ""
        made.loc[here, "source"] = f"{row.decided_by}, {row.decided_on}: {row.reason}"
        made.loc[here, ["confidence", "review"]] = [1.0, False]
    return made


def links(
    portfolio: Portfolio, *, decided: pd.DataFrame | None = None, parameters: Figures | None = None
) -> pd.DataFrame:
    """Return every paper that is asked for and that a procedure of the portfolio issues.

    Parameters
    ----------
    portfolio
        A marked portfolio.
    decided
        Officers' decisions, `procsim.marking.issuers.read_issuer_decisions`: they win
        over the rule. An empty ``issuer`` says that no procedure issues the paper; one
        that the portfolio does not have is shown for review and not counted.
    parameters
        Dated figures: the cheapest issuer is the last resort of the rule.

    Returns
    -------
    pandas.DataFrame
        One row for each requirement and document type: ``requirement``, ``procedure``,
        ``document_type``, ``issuer`` (procedure id); ``confidence`` (0–1) and ``review``
        (below 0.75, a row of mixed relation, or rivals); ``counted``: whether chains
        use it (not ``own``, confidence of `LEAST_CONFIDENCE` or more); ``own``: the
        procedure renews, changes or ends the very paper, so its applicant holds it;
        ``base``: whether the row is in the base case; ``replaced``: share listed as
        replaced by data; ``words`` that decided; ``rivals``: other issuers that fit as
        well, joined by ``;``; ``source``: ``rule``, ``code`` where the national code of
        the paper (mã thành phần hồ sơ) is that of a result, which is certain, or who
        decided, when and why. A paper of no known type goes by its code.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001", "1.000002"], "ministry": "Bộ Tư pháp",
    ...                                 "name": ["Đăng ký khai sinh", "Nhận con nuôi"]}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000002", "case": "c",
    ...         "name": ["Giấy khai sinh"], "kind": "document", "types": "giay_khai_sinh"}),
    ...     "results": pd.DataFrame({"id": ["o1"], "procedure": "1.000001",
    ...         "name": ["Giấy khai sinh"], "types": "giay_khai_sinh"}),
    ... })
    >>> links(portfolio)[["requirement", "issuer", "counted"]].values.tolist()
    [['r1', '1.000001', True]]
    """
    p = figures(parameters)
    columns = ["at", *LINK_COLUMNS[:5], "own", "words", "rivals"]
    certain = {(row[1], row[3]): row for row in _rows_by_code(portfolio)}
    rows = [row for row in _link_rows(portfolio, p) if (row[1], row[3]) not in certain]
    if certain:
        rows = sorted([*rows, *certain.values()], key=itemgetter(0))
    found = pd.DataFrame(rows, columns=columns)
    at = found["at"].to_numpy(dtype=np.intp)
    mixed = np.asarray(portfolio.requirements["relation"] == "mixed")[at]
    found = found.astype({"confidence": float, "own": bool})
    keys = zip(found["requirement"], found["document_type"], strict=True)
    by_code = np.fromiter((key in certain for key in keys), dtype=bool, count=len(found))
    found["source"] = np.where(by_code, "code", "rule")
    found["review"] = (found["confidence"] < REVIEW_BELOW) | mixed
    found["review"] |= by_code & (found["rivals"] != "").to_numpy(dtype=bool)
    found["base"] = base_rows(portfolio)[at]
    kinds = found["document_type"].tolist()
    found["replaced"] = replaced_share(portfolio, dossier(portfolio, p), at, kinds)
    if decided is not None and len(decided):
        found = _overruled(found, decided)
    found = found[found["issuer"] != ""].reset_index(drop=True)
    here = found["issuer"].isin(portfolio.procedures.index)
    found["review"] |= ~here
    found["counted"] = (found["confidence"] >= LEAST_CONFIDENCE) & ~found["own"] & here
    return found[list(LINK_COLUMNS)]


def _national(code: str) -> str:
    """Return a national code in one spelling, ``""`` for what cannot be one."""
    plain = "".join(code.split()).upper()
    return plain if len(plain) > 5 and any(map(str.isdigit, plain)) else ""


def _rows_by_code(portfolio: Portfolio) -> Iterator[tuple[Any, ...]]:
    """Yield the papers whose national code is that of a result, as `_link_rows` does."""
    rows, results = portfolio.requirements, portfolio.results
    if not (rows["code"] != "").any():
        return
    procedures = _owners(portfolio)
    by_id = {owner.id: owner for owner in procedures}
    active = set(portfolio.procedures.index[active_procedures(portfolio)])
    makers: dict[str, dict[str, str]] = defaultdict(dict)
    for code, maker, types in zip(
        results["code"], results["procedure"], results["types"], strict=True
    ):
        ends = maker not in active or act_of(by_id[maker].name) == "end"
        if code and not ends and _national(code):
            makers[_national(code)][maker] = types
    if not makers:
        return
    owners = portfolio.positions("requirements", "procedure")
    columns = (rows[name] for name in ("code", "kind", "types", "name"))
    for at, (code, kind, types, name) in enumerate(zip(*columns, strict=True)):
        issued = makers.get(_national(code)) if code and kind != "note" else None
        if not issued or owners[at] < 0:
            continue
        owner = procedures[owners[at]]
        special = special_words(f"{name} {owner.name}")

        def rank(maker: str, special: frozenset[str] = special, own: _Owner = owner) -> Any:
            title = by_id[maker].name
            other = by_id[maker].ministry != own.ministry
            return _ACT_RANK[act_of(title)], len(special_words(title) - special), other

        best = min(sorted(issued), key=rank)
        own = owner.id in issued
        issuer = owner.id if own else best
        rivals = [m for m in issued if m != best and rank(m) == rank(best)] if not own else []
        shared = _parts(types) & _parts(issued[issuer])
        known = types if types and ";" not in types else _national(code)
        paper = min(shared) if shared else known
        yield at, rows.index[at], owner.id, paper, issuer, 1.0, own, code, ";".join(rivals)


@dataclass(frozen=True, slots=True)
class _Rule:
    """The rule with all it knows of a portfolio; equal questions are answered once."""

    candidates: Mapping[str, list[_Candidate]]
    fits: Mapping[str, _Fit]
    known: dict[_Asked, tuple[_Candidate, float, list[str]] | None] = field(default_factory=dict)

    def choose(self, asked: _Asked) -> tuple[_Candidate, float, list[str]] | None:
        """Return who issues the paper, how far that can be trusted, and the rivals."""
        if asked not in self.known:
            kind = asked.document_type
            group = self.candidates.get(kind, [])
            self.known[asked] = _choose(asked, group, self.fits.get(kind))
        return self.known[asked]


def _abroad(kind: str, name: str, groups: str) -> bool:
    """Whether a row speaks of a paper that another country issues."""
    if kind == "can_cuoc":
        return False
    foreign = kind in SINGLE_PAPERS and is_foreign([g for g in groups.split(";") if g], (kind,))
    return foreign or _says_abroad(name)


@lru_cache(maxsize=50_000)
def _says_abroad(name: str) -> bool:
    return bool(_ABROAD.search(spell(name).text))


@cache
def _titles() -> dict[str, str]:
    """Return the first name of each document type in the one spelling."""
    names = document_types()["name_vi"].items()
    return {kind: spell(name.split(",")[0]).text for kind, name in names}


def _link_rows(portfolio: Portfolio, parameters: Figures) -> Iterator[tuple[Any, ...]]:
    """Yield every paper asked for with its issuer, ``""`` where the rule finds none."""
    candidates = _candidates(portfolio, parameters)
    fits = {kind: _Fit(group) for kind, group in candidates.items() if kind in FAMILIES}
    rule = _Rule(candidates, fits)
    rows, procedures = portfolio.requirements, _owners(portfolio)
    names, groups = rows["name"].tolist(), rows["applicant_group"].tolist()
    owners = portfolio.positions("requirements", "procedure").tolist()
    trust = {
        key: 1.0 if math.isnan(value) else value
        for key, value in _of_marks(portfolio, "confidence").items()
    }
    own = {(kind, c.procedure): c for kind, group in candidates.items() for c in group}
    titles = _titles()
    for at, kind, text, requirement in _asked_papers(portfolio):
        if owners[at] < 0:
            continue
        name, owner = names[at], procedures[owners[at]]
        single = kind in SINGLE_PAPERS
        asked = _Asked(
            kind,
            frozenset({text or titles[kind], titles[kind]}),
            paper_words(f"{titles[kind]} {text}") if single else paper_words(name, text),
            special_words(f"{name} {owner.name}"),
            owner.ministry,
            owner.levels,
        )
        chosen = None if _abroad(kind, name, groups[at]) else rule.choose(asked)
        if chosen is None:
            yield at, requirement, owner.id, kind, "", 0.0, False, text, ""
            continue
        best, confidence, rivals = chosen
        mine = own.get((kind, owner.id))
        is_own = _owns(asked, owner.name, mine, fits.get(kind))
        issuer = owner.id if mine and is_own else best.procedure
        confidence = round(confidence * trust.get((requirement, kind), 1.0), 3)
        yield at, requirement, owner.id, kind, issuer, confidence, is_own, text, ";".join(rivals)


# The links of the network that count, with the share of applicants behind each.


def replaced_share(portfolio: Portfolio, rows: Dossier, at: Rows, kinds: list[str]) -> Floats:
    """Return how much of each paper is listed as replaced by data (0–1).

    Where a row asks for several papers and says which of them data replace
    (``replaced_types``), each paper has its own answer; otherwise the row's share
    counts for all of them.

    Parameters
    ----------
    at
        Row numbers of requirements.
    kinds
        The document type meant, one for each row number.
    """
    share = rows.fraction[at].copy()
    table = portfolio.requirements
    every = np.asarray(table["relation"] == "all")[at]
    for place in np.flatnonzero(every & (share > 0)):
        named = set(filter(None, table["replaced_types"].iloc[at[place]].split(";")))
        if named:
            share[place] = float(kinds[place] in named)
    return share


@dataclass(frozen=True)
class Used:
    """The links that make the network, as arrays of shape (used links,).

    Attributes
    ----------
    link
        Position in the frame of links.
    owner, issuer, row
        Row numbers of who asks, who issues, and of the requirement.
    share
        Share of applicants (0–1) who must fetch the paper.
    must
        Whether the worst case fetches it.
    alternative
        Whether the row's papers are alternatives.
    assumed
        Whether a share that goes in is an assumption.
    """

    link: Rows
    owner: Rows
    issuer: Rows
    row: Rows
    share: Floats
    must: Bools
    alternative: Bools
    assumed: Bools

    def take(self, chosen: Rows | Bools) -> Used:
        """Return some of the links, in the order given."""
        return Used(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def used_links(
    portfolio: Portfolio, known: pd.DataFrame, parameters: Figures | None = None
) -> Used:
    """Return the links that count, with the shares of the portfolio as it stands now.

    A link counts when it is ``counted``, its row is asked for in the base case, both
    procedures are active, and somebody still has to fetch the paper.
    """
    rows = dossier(portfolio, parameters)
    row = portfolio.requirements.index.get_indexer(known["requirement"])
    issuer = portfolio.procedures.index.get_indexer(known["issuer"])
    owner = np.where(row >= 0, rows.owner[row], -1) if len(rows.owner) else row
    active = np.append(active_procedures(portfolio), False)  # a −1 reads the last
    standing = known["counted"].to_numpy(dtype=bool) & (row >= 0) & active[owner] & active[issuer]
    standing[standing] = (rows.base & rows.asked)[row[standing]]
    link = np.flatnonzero(standing & (owner != issuer))
    row, issuer, owner = row[link], issuer[link], owner[link]
    kinds = known["document_type"].to_numpy(dtype=object)[link].tolist()
    replaced = replaced_share(portfolio, rows, row, kinds)
    needed, held = rows.needed[row], rows.held[row]
    relation = portfolio.requirements["relation"].to_numpy(dtype=object)[row]
    made = Used(
        link=link,
        owner=owner,
        issuer=issuer,
        row=row,
        share=np.nan_to_num(needed * (1.0 - held) * (1.0 - replaced * rows.coverage[row])),
        must=(needed > 0) & (held < 1) & (replaced < 1),
        alternative=(relation == "any") | (relation == "mixed"),
        assumed=rows.needed_assumed[row]
        | np.isnan(portfolio.requirements["share_held"].to_numpy(dtype=float)[row])
        | rows.held_assumed[row],
    )
    return made.take(made.must | (made.share > 0))
