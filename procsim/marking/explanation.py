"""Why a dossier row is marked as it is: words, rule, legal basis, officer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from procsim.errors import NOTHING, Fault, Text, UnknownName, shorten
from procsim.marking.availability import Holding, available, is_foreign, replaceable
from procsim.marking.marker import machine_readings, mark, types_of
from procsim.marking.matching import Match, Matcher, default_matcher
from procsim.marking.officer import OFFICER, Decision, decided_reading, entered_by_hand, standing
from procsim.marking.rows import RULES, Reading
from procsim.model.portfolio import Portfolio
from procsim.reference.vocabulary import shipped_databases, shipped_document_types

__all__ = ["explain", "unknown_requirement"]

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
_GROUPS = {
    "citizen": Text("công dân Việt Nam", "Vietnamese citizens"),
    "citizen_abroad": Text("người Việt Nam ở nước ngoài", "Vietnamese abroad"),
    "enterprise": Text("doanh nghiệp", "enterprises"),
    "household_business": Text("hộ kinh doanh", "household businesses"),
    "cooperative": Text("hợp tác xã", "cooperatives"),
    "organisation": Text("tổ chức", "organisations"),
    "foreigner": Text("người nước ngoài", "foreigners"),
}


def _joined(texts: Iterable[Text], separator: str = ", ") -> Text:
    texts = list(texts)
    return Text(separator.join(t.vi for t in texts), separator.join(t.en for t in texts))


def _name(kind: str) -> Text:
    types = shipped_document_types()
    if kind not in types.index:
        return Text(kind, kind)
    return Text(
        f"{types.at[kind, 'name_vi']} ({kind})",
        f"{types.at[kind, 'name_en']} ({kind})",
    )


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
    by = Text(f"từ ngữ quyết định “{words}”", f"decided by the words “{words}”")
    if not words:
        by = Text("theo quyết định của cán bộ", "as the officer decided")
    lines = [Text(f"- {name.vi}: {by.vi}.", f"- {name.en}: {by.en}.")]
    # Whose paper it is matters only for foreigners; otherwise the named group comes first.
    foreign = is_foreign(groups, types)
    who = groups if foreign else tuple(group for group in groups if group != "foreigner")
    holdings = available(kind, who, on)
    lines += [_holding_line(held) for held in holdings]
    if not holdings:
        lines.append(
            Text(
                "  Không có cơ sở dữ liệu nào được liệt kê cho loại giấy tờ và nhóm người này.",
                "  No database is listed for this paper and these applicants.",
            )
        )
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
        what.append(Text("không có loại nào trong danh mục", "no paper of the catalogue"))
    what.append(verdict)
    said = _joined(what, "; ")
    who, when = decision.decided_by, decision.decided_on
    lines = [
        Text(
            f"Cán bộ đã quyết định ({who}, {when}): {said.vi}. Quyết định này được giữ nguyên.",
            f"An officer has decided ({who}, {when}): {said.en}. The decision stays.",
        ),
        Text(f"Lý do: {decision.reason}", f"Reason: {decision.reason}"),
    ]
    if decision.copied_from:
        lines.append(
            Text(
                f"Áp dụng cho dòng giống hệt, theo quyết định {decision.copied_from}.",
                f"Applied to this equal row, from decision {decision.copied_from}.",
            )
        )
    found = _joined(map(_name, types_of(machine))) if types_of(machine) else NOTHING
    read = _head(machine)
    seen = Text(f" ({found.vi})", f" ({found.en})") if found != NOTHING else NOTHING
    sure = _confidence(machine.confidence)
    lines.append(
        Text(
            f"Nếu không có quyết định, máy đọc{seen.vi}: {read.vi} {sure.vi}",
            f"Without the decision the machine reads{seen.en}: {read.en} {sure.en}",
        )
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
        lines.append(Text(f"Khả năng khác: {said.vi}.", f"Alternatives: {said.en}."))
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
        lines.append(Text(f"Người nộp được nêu: {said.vi}.", f"Applicants named: {said.en}."))
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
    return Text(
        f"Cán bộ đã quyết định: {types} ({who}, {when}). Quyết định này được giữ nguyên.",
        f"An officer has decided: {types} ({who}, {when}). The decision stays.",
    )


def unknown_requirement(requirement: str) -> UnknownName:
    """Return the error for a row that is not there."""
    return UnknownName(
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
