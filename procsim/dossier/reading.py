"""Read a published dossier: situations, roles, choices, counts, and how sure all of it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from procsim.dossier.cases import alternatives, case_kind, situation_features
from procsim.dossier.features import Features, row_features
from procsim.dossier.learning import OVERRULES, Weights, shipped_weights
from procsim.dossier.model import Dossier, DossierRow, Paper, Situation
from procsim.dossier.published import Published, Row, published
from procsim.dossier.rules import GOVERNS, Verdict, cancelling, groups_of, verdict
from procsim.errors import Fault, UnknownName
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio

REVIEW_BELOW = 0.5
"""Confidence under which a dossier is put before an officer."""
_CLEAR = 0.95
_LISTS = re.compile(
    r"; | và (?:các |bản |báo cáo|danh sách|giấy|biên bản|văn bản)|kèm theo (?!mẫu"
    r"|thông tư|nghị định|quyết định|luật)"
)
_RIVALS = 3
_LIKELY = 0.0
_CLOSE = 3.0
"""How near in score a situation must be for its papers to belong to the range."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of the base as rules and learned part see it."""

    row: Row
    verdict: Verdict
    group: str
    rule: str
    facts: Features
    chance: float


def judge_rows(about: Published, base: Sequence[int], weights: Weights) -> list[Judged]:
    """Return every row of the base cases with role, group and chance to be handed in."""
    rows = [row for number in base for row in about.cases[number].rows]
    remarks = cancelling(rows)
    verdicts = [verdict(row, about, about.cases[row.case], remarks) for row in rows]
    groups: dict[int, tuple[str, str]] = {}
    for number, (rule, members) in enumerate(groups_of(rows, verdicts, about)):
        letter = _LETTERS[number % 26] + (str(number // 26) if number >= 26 else "")
        groups |= dict.fromkeys(members, (letter, rule))
    real = [row for row in rows if row.kind != "note"]
    plain = sum(not row.clues.place and "nếu có" not in row.clues.said for row in real)
    judged: list[Judged] = []
    for at, (row, said) in enumerate(zip(rows, verdicts, strict=True)):
        letter, rule = groups.get(at, ("", ""))
        counted = bool(letter) or said.role == "always"
        facts: Features = {}
        chance = float(counted)
        if row.kind != "note":
            facts = row_features(row, real, plain, about, about.cases[row.case], said, rule)
            chance = weights.probability("row", facts)
        if facts and weights.parts["row"]:
            if counted and not letter and chance < 1 - OVERRULES:
                said = Verdict("conditional", "learned", said.why or row.clues.condition)
            elif not counted and chance > OVERRULES:
                said = Verdict("always", "learned", said.why)
        if letter:
            said = replace(said, role="choice", why=said.why or row.clues.condition)
        judged.append(Judged(row, said, letter, rule if letter else "", facts, chance))
    return _never_nothing(_no_lone_choice(judged))


def _no_lone_choice(judged: list[Judged]) -> list[Judged]:
    """Make the only member left in a group due by itself."""
    sizes: dict[str, int] = {}
    for one in judged:
        sizes[one.group] = sizes.get(one.group, 0) + 1
    return [
        replace(one, group="", rule="", verdict=replace(one.verdict, role="always"))
        if one.group and sizes[one.group] == 1
        else one
        for one in judged
    ]


def _never_nothing(judged: list[Judged]) -> list[Judged]:
    """Take the likeliest conditional row as due where nothing else is: nobody files nothing."""
    if any(one.verdict.role in {"always", "choice"} for one in judged):
        return judged
    open_ = [one for one in judged if one.verdict.role == "conditional" and one.row.kind != "note"]
    if not open_:
        return judged
    best = max(open_, key=lambda one: (one.row.kind == "form", one.chance, -one.row.number))
    said = Verdict("always", "likeliest", best.verdict.why)
    return [replace(one, verdict=said) if one is best else one for one in judged]


def read_dossier(
    about: Published, weights: Weights | None = None, situation: int | None = None
) -> Dossier:
    """Return one procedure's dossier as its ordinary applicant meets it.

    Parameters
    ----------
    about
        The dossier as published.
    weights
        The learned part; the shipped one by default.
    situation
        Number of the case (from 0, as in `Dossier.situations`) to read instead of the
        ordinary one.
    """
    weights = shipped_weights() if weights is None else weights
    common, peers = alternatives(about)
    scores: dict[int, float] = {}
    chosen: list[int] = []
    if len(peers) > 1:
        facts = situation_features(about, peers)
        scores = {n: weights.score("situation", facts[n]) for n in peers}
    if situation is not None and situation not in common:
        chosen = [situation]
    elif peers:
        chosen = [max(peers, key=lambda n: (scores.get(n, 0.0), -n))]
    base = sorted({*common, *chosen})
    judged = judge_rows(about, base, weights)
    ranked = sorted(scores.values(), reverse=True)
    margin = ranked[0] - ranked[1] if len(ranked) > 1 else 3.0
    trust = _trust(about, judged, margin, len(peers))
    kinds = {n: case_kind(case, about) for n, case in enumerate(about.cases)}
    situations = tuple(
        Situation(
            case.origin,
            n,
            case.id,
            case.name,
            "ordinary"
            if n in chosen
            else "common"
            if n in common and kinds[n] != "note"
            else kinds[n],
            scores.get(n, 0.0),
        )
        for n, case in enumerate(about.cases)
    )
    confidence = weights.probability("trust", trust)
    made = _assembled(about, base, judged, situations, margin)
    close = (
        [n for n in peers if chosen and n not in chosen and scores.get(n, 0.0) > ranked[0] - _CLOSE]
        if situation is None
        else []
    )
    close = sorted(close, key=lambda n: -scores.get(n, 0.0))[:_RIVALS]
    ends = [made.own_range]
    for other in close:
        instead = sorted({*common, other})
        ends.append(
            _assembled(about, instead, judge_rows(about, instead, weights), (), margin).own_range
        )
    made = replace(made, ends=(min(low for low, _ in ends), max(high for _, high in ends)))
    return replace(
        made,
        confidence=confidence,
        review=confidence < REVIEW_BELOW,
        trust=tuple(sorted(trust.items())),
    )


def _assembled(
    about: Published,
    base: list[int],
    judged: list[Judged],
    situations: tuple[Situation, ...],
    margin: float,
) -> Dossier:
    seen = {one.row.id: one for one in judged}
    rows: list[DossierRow] = []
    for row in about.rows:
        one = seen.get(row.id)
        origin = about.cases[row.case].origin
        if one is None:
            said, group, doubt = (
                Verdict("other", "case", about.cases[row.case].name[:80]),
                "",
                False,
            )
        else:
            said, group, doubt = one.verdict, one.group, _doubtful(one)
        counts = said.role in {"always", "choice"}
        role_of_papers = said.role if said.role not in {"note", "other", "office"} else ""
        papers = tuple(
            Paper(
                f"{row.id}/p{at + 1}",
                row.id,
                at + 1,
                atom.words,
                "form" if atom.form or (at == 0 and row.kind == "form") else "document",
                row.types if row.papers == 1 else (),
                role_of_papers,
                group,
                1,
            )
            for at, atom in enumerate(row.atoms)
            if role_of_papers
        )
        n = max(1, row.papers) if counts else 0
        rows.append(
            DossierRow(
                origin, row.number, row.id, row.name, said.role, group, n, papers, said.why,
                one.chance if one else 0.0, doubt,
                *((_fewest(row), _most(row)) if one else (0, 0)),
                one is not None and _likely(one),
                "e-form" in row.clues.said and one is not None and one.rule == "e-form",
            )
        )  # fmt: skip
    peers = len([s for s in situations if s.kind in {"ordinary", "situation"}]) > 1 and margin < 1.5
    return Dossier(
        code=about.code,
        id=about.id,
        name=about.name,
        base=tuple(sorted({about.cases[n].origin for n in base})),
        peers=peers,
        rows=tuple(rows),
        situations=situations,
    )


def _doubtful(one: Judged) -> bool:
    """Return whether a counted row may fall away: its words hold a condition, or chance is low."""
    if one.verdict.role not in {"always", "choice"}:
        return False
    ruled = one.row.clues.place in GOVERNS and not one.group
    return ruled or one.chance < _CLEAR or one.verdict.rule in {"learned", "likeliest"}


def _fewest(row: Row) -> int:
    """Return the fewest papers a row can be read to ask for: lists can be one file."""
    return min(row.papers, 1 + row.papers // 2) if row.papers else 0


def _most(row: Row) -> int:
    """Return the most papers a row can be read to ask for: long rows may list more."""
    return max(1, row.papers) + bool(_LISTS.search(row.clues.spelled.text))


def _likely(one: Judged) -> bool:
    """Return whether an ordinary applicant may meet the condition of a row."""
    return one.chance >= _LIKELY


def _trust(about: Published, judged: list[Judged], margin: float, peers: int) -> Features:
    """Return what speaks for and against the count of a dossier."""
    real = [one for one in judged if one.row.kind != "note"]
    counted = [one for one in real if one.verdict.role in {"always", "choice"}]
    doubt = [min(one.chance, 1 - one.chance) for one in real]
    return {
        "always": 1.0,
        "doubt": sum(doubt),
        "worst doubt": max(doubt, default=0.0),
        "doubtful rows": float(sum(value > 0.25 for value in doubt)),
        "against the rules": float(
            sum((one.chance > 0.5) != (one.verdict.role in {"always", "choice"}) for one in real)
        ),
        "conditions": float(sum(bool(one.row.clues.place) for one in real)),
        "papers": float(sum(one.row.papers for one in counted)),
        "rows of several": float(sum(one.row.papers > 1 for one in counted)),
        "long rows": float(sum(len(one.row.name) > 300 for one in counted)),
        "groups": float(len({one.group for one in judged} - {""})),
        "one case": float(len(about.cases) == 1),
        "peers": float(peers > 1),
        "close situations": float(margin < 1.0),
        "very close situations": float(margin < 0.4),
        "no form": float(not any(one.row.kind == "form" for one in counted)),
        "several forms": float(sum(one.row.kind == "form" for one in counted) > 1),
        "nothing": float(not counted),
    }


def read_dossiers(portfolio: Portfolio, weights: Weights | None = None) -> Iterator[Dossier]:
    """Yield the dossier of every procedure of a marked portfolio, in its order."""
    weights = shipped_weights() if weights is None else weights
    for about in published(portfolio):
        yield read_dossier(about, weights)


def dossier(
    portfolio: Portfolio,
    code: str,
    situation: int | str | None = None,
    channel: str | None = None,
    weights: Weights | None = None,
) -> Dossier:
    """Return the dossier of one procedure, for one applicant.

    Parameters
    ----------
    portfolio
        Read and marked.
    code
        Code or id of the procedure.
    situation
        Number of a case (from 0) or its id; the ordinary one by default.
    channel
        ``"counter"`` or ``"online"``: which of a paper form and its electronic twin is given;
        without it both stay, as a choice.

    Raises
    ------
    UnknownName
        When there is no such procedure, situation or channel.

    Examples
    --------
    >>> import pandas as pd
    >>> from procsim.marking import mark
    >>> portfolio = mark(Portfolio.from_tables({
    ...     "procedures": pd.DataFrame(
    ...         {"id": ["1.000001"], "name": ["Cấp thẻ A"], "ministry": ["B"]}),
    ...     "cases": pd.DataFrame({"id": ["c1"], "procedure": "1.000001"}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2", "r3"], "procedure": "1.000001",
    ...         "case": "c1", "position": [1, 2, 3], "originals": 1,
    ...         "name": ["Đơn đề nghị cấp thẻ A", "02 ảnh 4x6 cm",
    ...                  "Văn bản ủy quyền trong trường hợp ủy quyền"]}),
    ... }))
    >>> one = dossier(portfolio, "1.000001")
    >>> one.documents, one.documents_max, [row.role for row in one.rows]
    (2, 3, ['always', 'always', 'conditional'])
    """
    identity = portfolio[code].id
    if channel not in {None, "counter", "online"}:
        raise UnknownName(_unknown("channel", channel, ("counter", "online")))
    about = next(published(portfolio.select([identity])))
    number = None
    if situation is not None:
        known = {case.id: n for n, case in enumerate(about.cases)}
        numbers = {str(case.origin): case.number for case in reversed(about.cases)}
        number = known.get(str(situation), numbers.get(str(situation)))
        if number is None:
            raise UnknownName(_unknown("situation", str(situation), tuple(numbers)[::-1]))
    made = read_dossier(about, weights, number)
    return made.by(channel) if channel else made


def _unknown(what: str, value: str | None, known: Sequence[str]) -> Fault:
    names = ", ".join(known) or "–"
    words = {
        "channel": bilingual("dossier.no_such_channel"),
        "situation": bilingual("dossier.no_such_situation"),
    }
    return Fault(
        what, str(value), words[what], bilingual("dossier.use", names=names),
        code=f"dossier.{what}",
    )  # fmt: skip
