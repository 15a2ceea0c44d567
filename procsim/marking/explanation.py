"""Why a dossier row is marked as it is: words, rule, legal basis, officer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from procsim.errors import NOTHING, Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.marking.availability import Holding, available, is_foreign, replaceable
from procsim.marking.marker import machine_readings, mark, types_of
from procsim.marking.matching import Match, Matcher, default_matcher
from procsim.marking.officer import OFFICER, Decision, decided_reading, entered_by_hand, standing
from procsim.marking.rows import RULES, Reading
from procsim.model.portfolio import Portfolio
from procsim.reference.vocabulary import shipped_databases, shipped_document_types

_KINDS = {
    "form": bilingual("marking.applicant_own_form"),
    "document": bilingual("marking.paper_hand_show"),
    "note": bilingual("marking.note_never_counted"),
}
_RELATIONS = {
    "one": bilingual("marking.paper"),
    "any": bilingual("marking.papers_suffices"),
    "all": bilingual("marking.all_papers_due"),
    "mixed": bilingual("marking.mixed_please_review"),
}
_VERDICTS = {
    "full": bilingual("marking.data_replace_whole_row"),
    "part": bilingual("marking.data_replace_part_row"),
    "no": bilingual("marking.no_listed_basis_replace"),
}
_GROUPS = {
    "citizen": bilingual("marking.vietnamese_citizens"),
    "citizen_abroad": bilingual("marking.vietnamese_abroad"),
    "enterprise": bilingual("marking.enterprises"),
    "household_business": bilingual("marking.household_businesses"),
    "cooperative": bilingual("marking.cooperatives"),
    "organisation": bilingual("marking.organisations"),
    "foreigner": bilingual("marking.foreigners"),
}


def _joined(texts: Iterable[Text], separator: str = ", ") -> Text:
    texts = list(texts)
    return Text(separator.join(t.vi for t in texts), separator.join(t.en for t in texts))


def _name(kind: str) -> Text:
    types = shipped_document_types()
    if kind not in types.index:
        return Text(kind, kind)
    return Text(f"{types.at[kind, 'name_vi']} ({kind})", f"{types.at[kind, 'name_en']} ({kind})")


def _groups(groups: Iterable[str]) -> Text:
    return _joined(_GROUPS.get(group, Text(group, group)) for group in groups)


def _database(name: str) -> Text:
    bases = shipped_databases()
    if name not in bases.index:
        return Text(name, name)
    return Text(bases.at[name, "name_vi"], bases.at[name, "name_en"])


def _holding_line(held: Holding) -> Text:
    base = _database(held.database)
    vi = [f"  {base.vi}, {'căn cứ' if held.class_ == 'listed' else 'mở'}: {held.legal_basis}"]
    en = [
        f"  {base.en}, {'basis' if held.class_ == 'listed' else 'open clause'}: {held.legal_basis}"
    ]
    if held.since:
        vi.append(f"từ {held.since}")
        en.append(f"since {held.since}")
    if held.until:
        vi.append(f"đến {held.until}")
        en.append(f"until {held.until}")
    group = _groups([held.group])
    vi.append(f"người nộp: {group.vi}")
    en.append(f"applicants: {group.en}")
    if held.coverage == held.coverage:
        vi.append(f"độ phủ {held.coverage:.0%} ({held.coverage_mark})")
        en.append(f"coverage {held.coverage:.0%} ({held.coverage_mark})")
    note = f" ({held.scope})" if held.scope else ""
    return Text(", ".join(vi) + note + ".", ", ".join(en) + note + ".")


def _type_lines(
    kind: str, words: str, groups: tuple[str, ...], types: dict[str, str], on: date | None
) -> list[Text]:
    name = _name(kind)
    by = bilingual("marking.decided_words", words=words)
    if not words:
        by = bilingual("marking.officer_decided")
    lines = [Text(f"- {name.vi}: {by.vi}.", f"- {name.en}: {by.en}.")]
    # Whose paper it is matters only for foreigners; otherwise the named group comes first.
    foreign = is_foreign(groups, types)
    who = groups if foreign else tuple(group for group in groups if group != "foreigner")
    holdings = available(kind, who, on)
    lines += [_holding_line(held) for held in holdings]
    if not holdings:
        lines.append(bilingual("marking.no_database_listed_paper"))
    return lines


def _head(reading: Reading, verdict: Text = NOTHING) -> Text:
    parts = [RULES[reading.rule], _RELATIONS[reading.relation]]
    if verdict != NOTHING:
        parts.append(verdict)
    kind, rest = _KINDS[reading.kind], _joined(parts, "; ")
    return Text(f"{kind.vi}: {rest.vi}.", f"{kind.en}: {rest.en}.")


def _confidence(value: float) -> Text:
    vi = f"{value:.2f}".replace(".", ",")
    return Text(f"Độ tin cậy {vi}.", f"Confidence {value:.2f}.")


def _officer_lines(decision: Decision, machine: Reading, verdict: Text) -> list[Text]:
    what = [_KINDS[decision.kind]]
    if len(decision.types) > 1:
        what.append(_RELATIONS[decision.relation])
    if decision.types:
        what.append(_joined(map(_name, decision.types)))
    elif decision.kind == "document":
        what.append(bilingual("marking.no_paper_catalogue"))
    what.append(verdict)
    said = _joined(what, "; ")
    who, when = decision.decided_by, decision.decided_on
    lines = [
        bilingual("marking.officer_decided_decision_stays", who=who, when=when, said=said),
        bilingual("marking.reason", reason=decision.reason),
    ]
    if decision.copied_from:
        lines.append(
            bilingual("marking.applied_equal_row_decision", copied_from=decision.copied_from)
        )
    found = _joined(map(_name, types_of(machine))) if types_of(machine) else NOTHING
    read = _head(machine)
    seen = Text(f" ({found.vi})", f" ({found.en})") if found != NOTHING else NOTHING
    sure = _confidence(machine.confidence)
    lines.append(
        bilingual("marking.without_decision_machine_reads", seen=seen, read=read, sure=sure)
    )
    return lines


def _machine_lines(match: Match, reading: Reading, verdict: Text) -> list[Text]:
    lines = [_head(reading, verdict)]
    others = [(kind, score) for kind, score in match.alternatives if kind not in types_of(reading)]
    if others:
        said = _joined(
            Text(f"{_name(kind).vi} {score:.2f}".replace(".", ","), f"{_name(kind).en} {score:.2f}")
            for kind, score in others
        )
        lines.append(bilingual("marking.alternatives", said=said))
    return lines


def explain(
    portfolio: Portfolio, requirement: str, on: date | None = None, matcher: Matcher | None = None
) -> Text:
    """Return why one dossier row is marked as it is.

    The words that decided, the rule, the legal basis with clause, dates, scope
    and applicant group; where an officer has decided: who, when and why, and what
    the machine would have said.

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
        raise unknown_requirement(requirement)
    row = portfolio.requirements.loc[requirement]
    one = portfolio.select([str(row["procedure"])])
    chosen = matcher or default_matcher()
    place = one.requirements.index.get_loc(requirement)
    matches, readings = machine_readings(one, chosen)
    match, machine = matches[place], readings[place]
    if requirement in entered_by_hand(portfolio):
        return _marks_say(portfolio, requirement)
    verdict = _VERDICTS[replaceable(mark(one, on, chosen), on, chosen).at[requirement]]
    decision = standing(one).get(requirement)
    if decision is None:
        reading, lines = machine, _machine_lines(match, machine, verdict)
    else:
        reading = decided_reading(machine, decision)
        lines = _officer_lines(decision, machine, verdict)
    types = types_of(reading)
    if reading.groups:
        said = _groups(reading.groups)
        lines.append(bilingual("marking.applicants_named", said=said))
    seen = dict(zip(match.types, match.words, strict=True))
    for kind, words in types.items():
        lines += _type_lines(kind, words or seen.get(kind, ""), reading.groups, types, on)
    if decision is None:
        lines.append(_confidence(machine.confidence))
    return _joined(lines, "\n")


def _marks_say(portfolio: Portfolio, requirement: str) -> Text:
    marks = portfolio.marks
    own = marks[(marks["requirement"] == requirement) & (marks["source"] == OFFICER)]
    who = ", ".join(dict.fromkeys(name for name in own["decided_by"] if name)) or "?"
    when = ", ".join(dict.fromkeys(day for day in own["decided_on"] if day)) or "?"
    types = ", ".join(dict.fromkeys(own["document_type"]))
    return bilingual(
        "marking.explanation.officer_decided_decision_stays", types=types, who=who, when=when
    )


def unknown_requirement(requirement: str) -> UnknownName:
    """Return the error for a row that is not there."""
    return UnknownName(
        fault_of("marking.unknown_requirement", "requirements", shorten(requirement))
    )
