"""Mark a portfolio: kinds, document types, databases; and say why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from procsim.errors import Fault, Text, UnknownName, shorten
from procsim.marking.availability import (
    Holding,
    available,
    case_names,
    is_foreign,
    replaceable,
    rows_of,
    verdict,
)
from procsim.marking.matching import Match, Matcher, default_matcher, read_rows
from procsim.marking.rows import RULES, Reading, case_kind
from procsim.model.portfolio import Portfolio
from procsim.model.tables import conform

__all__ = ["REVIEW_BELOW", "explain", "mark", "mark_lines"]

REVIEW_BELOW = 0.75
"""Confidence under which a row is put before an officer."""

_FILLED = ("kind", "types", "relation", "papers", "certified", "conditional", "applicant_group")


def _decided(portfolio: Portfolio) -> set[str]:
    marks = portfolio.marks
    return set(marks.loc[marks["source"] == "officer", "requirement"])


def _types(reading: Reading) -> dict[str, str]:
    """Return the types of a row with the words that named each, in reading order."""
    found: dict[str, str] = {}
    for item in reading.items:
        if item.document_type:
            found.setdefault(item.document_type, item.words)
    return found


def papers_counted(kind: str, relation: str, types: int) -> float:
    """Return how many papers a row stands for in the official count."""
    if kind == "note":
        return 0.0
    return float(types) if relation == "all" and types >= 2 else 1.0


def _mark_rows(requirement: str, match: Match, on: date | None) -> Iterator[dict[str, object]]:
    reading = match.reading
    types = _types(reading)
    foreign = is_foreign(reading.groups, types)
    # Whose paper it is matters only for foreigners; otherwise anybody's data may answer.
    who = reading.groups if foreign else tuple(g for g in reading.groups if g != "foreigner")
    position = 0
    for document_type, words in types.items():
        holdings: tuple[Holding | None, ...] = available(document_type, who, on) or (None,)
        for holding in holdings:
            position += 1
            row: dict[str, object] = {
                "id": f"{requirement}/m{position}",
                "requirement": requirement,
                "document_type": document_type,
                "group": ";".join(who),
                "confidence": reading.confidence,
                "source": match.source,
                "words": words,
            }
            if holding is not None:
                row |= {
                    "database": holding.database,
                    "class": holding.class_,
                    "legal_basis": holding.legal_basis,
                    "since": holding.since,
                    "coverage": holding.coverage,
                    "coverage_mark": holding.coverage_mark,
                }
            yield row


def mark(portfolio: Portfolio, on: date | None = None, matcher: Matcher | None = None) -> Portfolio:
    """Return the portfolio with its dossier rows, cases and results marked.

    Fills ``requirements`` (kind, types, relation, papers, certified, conditional,
    applicant_group), ``cases.kind``, ``results.types`` and the table ``marks``.
    Rows on which an officer has decided stay as they are.

    Parameters
    ----------
    portfolio
        As read; it is not changed.
    on
        Day on which databases must hold the papers; ``None`` takes the law
        without regard to dates.
    matcher
        In place of the shipped rules, for example a trained model.

    Examples
    --------
    >>> from procsim.model.portfolio import Portfolio
    >>> len(mark(Portfolio.from_tables({})).requirements)
    0
    """
    chosen = matcher or default_matcher()
    requirements = portfolio.requirements
    matches = read_rows(chosen, rows_of(portfolio))
    decided = _decided(portfolio)
    filled: dict[str, list[object]] = {name: [] for name in _FILLED}
    rows: list[dict[str, object]] = []
    for identity, match in zip(requirements.index, matches, strict=True):
        reading = match.reading
        types = _types(reading)
        filled["kind"].append(reading.kind)
        filled["types"].append(";".join(types))
        filled["relation"].append(reading.relation)
        filled["papers"].append(papers_counted(reading.kind, reading.relation, len(types)))
        filled["certified"].append(reading.certified)
        filled["conditional"].append(reading.conditional)
        filled["applicant_group"].append(";".join(reading.groups))
        if identity not in decided:
            rows += _mark_rows(identity, match, on)
    fresh = _shaped("requirements", requirements.assign(**filled))
    if decided:
        kept = requirements.index.isin(decided)
        fresh.loc[kept, list(_FILLED)] = requirements.loc[kept, list(_FILLED)]
    made = _shaped("marks", pd.DataFrame(rows))
    officers = portfolio.marks[portfolio.marks["requirement"].isin(decided)]
    kinds = {name: case_kind(name) for name in portfolio.cases["name"].unique()}
    results = portfolio.results
    found = chosen.match(results["name"].tolist())
    return portfolio.replace(
        requirements=fresh,
        cases=_shaped("cases", portfolio.cases.assign(kind=portfolio.cases["name"].map(kinds))),
        results=_shaped(
            "results", results.assign(types=[";".join(_types(m.reading)) for m in found])
        ),
        marks=pd.concat([officers, made]) if len(officers) else made,
    )


def _shaped(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return conform(name, frame)[0]


def _needs_review(confidence: float, relation: str) -> bool:
    return confidence < REVIEW_BELOW or relation == "mixed"


def mark_lines(
    portfolio: Portfolio, on: date | None = None, matcher: Matcher | None = None
) -> Iterator[dict[str, object]]:
    """Yield what marking found, one plain mapping for each dossier row.

    Parameters
    ----------
    portfolio
        As read or as marked; it is marked again, officer decisions stay.

    Yields
    ------
    dict
        code, case, row (position in the case), name, kind, types (list),
        relation, databases (list), replaceable, confidence, alternatives (type to
        probability that it is asked for), review.
    """
    chosen = matcher or default_matcher()
    marked = mark(portfolio, on, chosen)
    matches = read_rows(chosen, rows_of(marked))
    verdicts = replaceable(marked, on, chosen).tolist()
    decided = _decided(marked)
    held = marked.marks[(marked.marks["database"] != "") & (marked.marks["class"] == "listed")]
    databases: dict[str, list[str]] = {}
    for requirement, database in zip(held["requirement"], held["database"], strict=True):
        known = databases.setdefault(requirement, [])
        if database not in known:
            known.append(database)
    codes = [*marked.procedures["code"].tolist(), ""]
    owners = marked.positions("requirements", "procedure")
    cases = case_names(marked)
    for place, row in enumerate(marked.requirements.itertuples()):
        by_officer = row.Index in decided
        confidence = 1.0 if by_officer else matches[place].reading.confidence
        yield {
            "code": codes[owners[place]],
            "case": cases[place],
            "row": int(row.position),
            "name": row.name,
            "kind": row.kind,
            "types": [part for part in row.types.split(";") if part],
            "relation": row.relation,
            "databases": databases.get(row.Index, []),
            "replaceable": verdicts[place],
            "confidence": round(confidence, 3),
            "alternatives": dict(matches[place].alternatives),
            "review": not by_officer and _needs_review(confidence, row.relation),
        }


_KINDS = {
    "form": Text("Đơn, tờ khai của người nộp", "The applicant's own form"),
    "document": Text("Giấy tờ phải nộp hoặc xuất trình", "A paper to hand in or show"),
    "note": Text("Ghi chú, không tính là thành phần hồ sơ", "A note, never counted"),
}
_RELATIONS = {
    "one": Text("một giấy tờ", "one paper"),
    "any": Text("chỉ cần một trong các giấy tờ", "one of the papers suffices"),
    "all": Text("phải có tất cả các giấy tờ", "all papers are due"),
    "mixed": Text("vừa bắt buộc vừa lựa chọn, cần xem lại", "mixed, please review"),
}
_VERDICTS = {
    "full": Text("thay được toàn bộ bằng dữ liệu", "data replace the whole row"),
    "part": Text("thay được một phần bằng dữ liệu", "data replace a part of the row"),
    "no": Text("chưa có căn cứ để thay bằng dữ liệu", "no listed basis to replace it"),
}


def _lines_of_type(
    document_type: str, words: str, groups: tuple[str, ...], types: dict[str, str], on: date | None
) -> list[Text]:
    who = groups if is_foreign(groups, types) else ()
    lines = [
        Text(
            f"- {document_type}: từ ngữ quyết định “{words}”.",
            f"- {document_type}: decided by the words “{words}”.",
        )
    ]
    holdings = available(document_type, who, on)
    for held in holdings:
        label = Text("căn cứ", "basis") if held.class_ == "listed" else Text("mở", "open clause")
        since = Text(f", từ {held.since}", f", since {held.since}") if held.since else Text("", "")
        note = f" ({held.scope})" if held.scope else ""
        lines.append(
            Text(
                f"  {held.database}, {label.vi}: {held.legal_basis}{since.vi}{note}.",
                f"  {held.database}, {label.en}: {held.legal_basis}{since.en}{note}.",
            )
        )
    if not holdings:
        lines.append(
            Text(
                "  Không có cơ sở dữ liệu nào được liệt kê cho loại giấy tờ và nhóm người này.",
                "  No database is listed for this paper and these applicants.",
            )
        )
    return lines


def explain(
    portfolio: Portfolio, requirement: str, on: date | None = None, matcher: Matcher | None = None
) -> Text:
    """Return why one dossier row is marked as it is: words, rule, legal basis.

    Parameters
    ----------
    portfolio
        A portfolio with that row.
    requirement
        Id of the row.

    Raises
    ------
    UnknownName
        When there is no such row.
    """
    if requirement not in portfolio.requirements.index:
        raise UnknownName(
            Fault(
                "requirements",
                shorten(requirement),
                Text("Không có thành phần hồ sơ này.", "There is no such dossier row."),
                Text(
                    "Mã có dạng 1.004222/c1/r3; xem danh sách thành phần hồ sơ.",
                    "An id looks like 1.004222/c1/r3; look at the list of dossier rows.",
                ),
                code="marking.unknown_requirement",
            )
        )
    if requirement in _decided(portfolio):
        return _officer_says(portfolio, requirement)
    place = portfolio.requirements.index.get_loc(requirement)
    [match] = read_rows(matcher or default_matcher(), [rows_of(portfolio)[place]])
    reading = match.reading
    types = _types(reading)
    rule = RULES[reading.rule]
    answer = _VERDICTS[verdict(reading.kind, reading.items, reading.groups, on)]
    kind, relation = _KINDS[reading.kind], _RELATIONS[reading.relation]
    lines = [
        Text(
            f"{kind.vi}: {rule.vi}; {relation.vi}; {answer.vi}.",
            f"{kind.en}: {rule.en}; {relation.en}; {answer.en}.",
        )
    ]
    for document_type, words in types.items():
        lines += _lines_of_type(document_type, words, reading.groups, types, on)
    others = [(kind, p) for kind, p in match.alternatives if kind not in types]
    if others:
        named = ", ".join(f"{kind} ({p:.2f})" for kind, p in others)
        lines.append(
            Text(
                f"Có nhắc tới nhưng không tính: {named.replace('.', ',')}.",
                f"Named but not counted: {named}.",
            )
        )
    lines.append(
        Text(
            f"Độ tin cậy {reading.confidence:.2f}".replace(".", ",") + ".",
            f"Confidence {reading.confidence:.2f}.",
        )
    )
    return Text("\n".join(line.vi for line in lines), "\n".join(line.en for line in lines))


def _officer_says(portfolio: Portfolio, requirement: str) -> Text:
    marks = portfolio.marks
    own = marks[(marks["requirement"] == requirement) & (marks["source"] == "officer")]
    who = ", ".join(dict.fromkeys(name for name in own["decided_by"] if name)) or "?"
    when = ", ".join(dict.fromkeys(day for day in own["decided_on"] if day)) or "?"
    types = ", ".join(dict.fromkeys(own["document_type"]))
    return Text(
        f"Cán bộ đã quyết định: {types} ({who}, {when}). Quyết định này được giữ nguyên.",
        f"An officer has decided: {types} ({who}, {when}). The decision stays.",
    )
