"""Officers' decisions across files: a newer snapshot, a colleague's list.

A decision goes to the row of the same procedure with the same words, wherever that
row now stands. Words that have changed are shown to the officer and never decided
by themselves: the decision waits until it is confirmed or undone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Any

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.vietnamese import canonical_code
from procsim.marking.availability import case_names
from procsim.marking.explanation import unknown_requirement
from procsim.marking.matching import Matcher
from procsim.marking.officer import Decision, decision_of, row_key, rows_in_order, standing
from procsim.marking.review import (
    as_rows,
    decide,
    free_id,
    marked_again,
    undo,
    unknown_decision,
    with_decisions,
)
from procsim.marking.rows import case_kind
from procsim.model.portfolio import Portfolio

__all__ = ["SIMILAR", "carry_decisions", "confirm", "take_decisions"]

SIMILAR = 0.6
"""Share of equal words and letters above which a changed row is shown as the likely one."""

_COMPARED = 400


@dataclass(slots=True)
class _Rows:
    """The rows of the portfolio that decisions are matched with, by procedure code."""

    ids: list[str]
    names: list[str]
    cases: list[str]
    positions: list[int]
    procedures: list[str]
    by_code: dict[str, list[int]]
    used: dict[int, str]


def _rows(portfolio: Portfolio, codes: set[str]) -> _Rows:
    rows = portfolio.requirements
    code_of = portfolio.procedures["code"].to_dict()
    by_code: dict[str, list[int]] = defaultdict(list)
    owners = rows["procedure"].tolist()
    for place, owner in enumerate(owners):
        code = code_of.get(owner, "")
        if code in codes:
            by_code[code].append(place)
    return _Rows(
        rows.index.tolist(),
        rows["name"].tolist(),
        case_names(portfolio),
        rows["position"].tolist(),
        owners,
        by_code,
        {},
    )


def _same_row(rows: _Rows, decision: Decision, places: list[int]) -> int | None:
    """Return the one row among those of equal words that is meant, None when open."""
    if len(places) == 1:
        return places[0]
    case = row_key(decision.case_name)
    places = [p for p in places if row_key(rows.cases[p]) == case]
    if len({(rows.procedures[p], rows.cases[p]) for p in places}) > 1:
        places = [p for p in places if rows.ids[p] == decision.requirement]
    if not places:
        return None
    # Twins in one case with one text: the same place if it can be, else the first free one.
    free = [p for p in places if rows.used.get(p, decision.requirement) == decision.requirement]
    chosen = [p for p in free if p in rows.used] or [
        p for p in free if rows.positions[p] == decision.row
    ]
    return (chosen or free or places)[0]


def _nearest(rows: _Rows, decision: Decision, places: list[int]) -> int | None:
    """Return the row of other words that probably replaced the one decided on."""
    key = row_key(decision.name)[:_COMPARED]
    case = row_key(decision.case_name)
    best: tuple[float, int] | None = None
    compare = SequenceMatcher(None, autojunk=False)
    compare.set_seq2(key)
    for place in places:
        compare.set_seq1(row_key(rows.names[place])[:_COMPARED])
        if compare.real_quick_ratio() < SIMILAR or compare.quick_ratio() < SIMILAR:
            continue
        here = rows.positions[place] == decision.row and row_key(rows.cases[place]) == case
        score = compare.ratio() + (0.2 if here else 0.0)
        if compare.ratio() >= SIMILAR and (best is None or score > best[0]):
            best = (score, place)
    return best[1] if best else None


_REASONS: dict[str, Text] = {
    "decision.procedure_gone": Text(
        "Danh mục không còn thủ tục mang mã này.", "No procedure carries this code any more."
    ),
    "decision.row_gone": Text(
        "Thủ tục không còn dòng hồ sơ này.", "The procedure no longer has this row."
    ),
    "decision.text_changed": Text(
        "Dòng hồ sơ đã đổi nội dung; quyết định chưa được áp dụng.",
        "The row has other words now; the decision was not applied.",
    ),
    "decision.context_changed": Text(
        "Dòng hồ sơ nay nằm dưới đề mục loại khác; quyết định chưa được áp dụng.",
        "The row now stands under another kind of heading; the decision was not applied.",
    ),
    "decision.ambiguous": Text(
        "Nhiều dòng hồ sơ có cùng nội dung; chưa rõ quyết định thuộc dòng nào.",
        "Several rows have these words; it is not clear which one is meant.",
    ),
}


def _find(rows: _Rows, decision: Decision) -> tuple[int | None, str, str]:
    """Return the row, or why there is none and the row to look at instead."""
    places = rows.by_code.get(canonical_code(decision.code), [])
    if not places:
        return None, "decision.procedure_gone", ""
    key, kind = row_key(decision.name), case_kind(decision.case_name)
    equal = [p for p in places if row_key(rows.names[p]) == key]
    fitting = [p for p in equal if case_kind(rows.cases[p]) == kind]
    if fitting:
        place = _same_row(rows, decision, fitting)
        if place is not None:
            return place, "", ""
        return None, "decision.ambiguous", ", ".join(rows.ids[p] for p in fitting)
    if equal:
        return None, "decision.context_changed", rows.ids[equal[0]]
    near = _nearest(rows, decision, places)
    if near is None:
        return None, "decision.row_gone", ""
    return None, "decision.text_changed", rows.ids[near]


def _not_carried(decision: Decision, code: str, look_at: str, rows: _Rows) -> Fault:
    value = decision.name
    if code == "decision.text_changed":
        now = rows.names[rows.ids.index(look_at)]
        value = f"{shorten(decision.name, 70)} → {shorten(now, 70)}"
    cure = Text(
        "Quyết định được giữ lại để chờ; xác nhận với dòng đúng, hoặc hủy.",
        "The decision is kept waiting; confirm it with the right row, or undo it.",
    )
    if look_at:
        cure = Text(f"{cure.vi} Xem: {look_at}.", f"{cure.en} Look at: {look_at}.")
    return Fault(
        f"decisions › {decision.code} › {decision.id}",
        shorten(value, 160),
        _REASONS[code],
        cure,
        "warning",
        code,
        look_at,
    )


def _conflict(decision: Decision, other: Decision) -> Fault:
    later = max(decision, other, key=lambda made: made.decided_on)
    who = f"{later.decided_by}, {later.decided_on}"
    return Fault(
        f"decisions › {decision.requirement}",
        shorten(decision.name),
        Text(
            f"Hai quyết định khác nhau về một dòng; quyết định sau có hiệu lực ({who}).",
            f"Two decisions differ on one row; the later one stands ({who}).",
        ),
        Text("Trao đổi với đồng nghiệp, hủy một quyết định.", "Agree, and undo one of them."),
        "warning",
        "decision.conflict",
    )


def take_decisions(
    table: pd.DataFrame,
    portfolio: Portfolio,
    on: date | None = None,
    matcher: Matcher | None = None,
) -> tuple[Portfolio, list[Fault]]:
    """Take the decisions of a table over into a portfolio.

    Each goes to the row of the same procedure code with the same words, in a case of
    the same kind; among several, to the case of the same name, then the same place.
    Taking the same table twice changes nothing.

    Parameters
    ----------
    table
        In the shape of the table ``decisions``: another portfolio's, or a shared file.
    on, matcher
        As `mark` was called, where the portfolio is marked.

    Returns
    -------
    Portfolio
        Decisions that fit no row are in its table without a row: they wait.
    list of Fault
        One for each decision that waits, is not valid, or differs from one that was
        there; ``proposal`` names the row to look at.
    """
    faults: list[Fault] = []
    incoming: list[tuple[Decision, dict[str, Any]]] = []
    for row in rows_in_order(table):
        try:
            incoming.append((decision_of(row), row))
        except InvalidValue as error:
            faults += error.faults
    rows = _rows(portfolio, {canonical_code(made.code) for made, _ in incoming})
    known = [decision_of(row) for row in _readable(portfolio.decisions)]
    there = {_same(made): made.id for made in known}
    held = standing(portfolio)
    taken, renamed = set(portfolio.decisions.index), {}
    made: list[Decision] = []
    owners: list[str] = []
    for decision, _ in incoming:
        place, why, look_at = _find(rows, decision)
        requirement, owner = "", ""
        if place is None:
            faults.append(_not_carried(decision, why, look_at, rows))
            ids = portfolio.ids(decision.code) if decision.code else []
            owner = ids[0] if len(ids) == 1 else ""
        else:
            rows.used[place] = decision.requirement
            requirement, owner = rows.ids[place], rows.procedures[place]
        moved = replace(decision, requirement=requirement)
        if place is not None:
            moved = replace(
                moved,
                name=rows.names[place],
                case_name=rows.cases[place],
                row=int(rows.positions[place]),
            )
        if _same(moved) in there:
            renamed[decision.id] = there[_same(moved)]
            continue
        other = held.get(requirement)
        if other is not None and other.says != moved.says:
            faults.append(_conflict(moved, other))
        number = free_id(requirement or moved.code or "x", taken)
        taken.add(number)
        renamed[decision.id] = there[_same(moved)] = number
        made.append(replace(moved, id=number))
        owners.append(owner)
    if not made:
        return portfolio, faults
    made = [replace(d, copied_from=renamed.get(d.copied_from, d.copied_from)) for d in made]
    first = int(portfolio.decisions["position"].max()) + 1 if len(portfolio.decisions) else 1
    changed = with_decisions(portfolio, as_rows(made, owners, first))
    touched = {decision.requirement for decision in made} - {""}
    return marked_again(changed, touched, on, matcher), faults


def _readable(table: pd.DataFrame) -> list[dict[str, Any]]:
    kept = []
    for row in rows_in_order(table):
        try:
            decision_of(row)
        except InvalidValue:  # told by `mark` already; here only duplicates matter
            continue
        kept.append(row)
    return kept


def _same(made: Decision) -> tuple[object, ...]:
    where = (made.requirement, made.code, row_key(made.name))
    return (*where, made.says, made.decided_by, made.decided_on, made.reason)


def carry_decisions(
    old: Portfolio, new: Portfolio, on: date | None = None, matcher: Matcher | None = None
) -> tuple[Portfolio, list[Fault]]:
    """Take all decisions of a portfolio over into a newer snapshot; see `take_decisions`.

    Decisions that were waiting in `old` are tried again.
    """
    return take_decisions(old.decisions, new, on, matcher)


def confirm(
    portfolio: Portfolio,
    decision: str,
    requirement: str,
    decided_by: str,
    decided_on: date,
    reason: str = "",
    on: date | None = None,
    matcher: Matcher | None = None,
) -> Portfolio:
    """Let a decision that waits hold for a row, as a new decision by who confirms it.

    Parameters
    ----------
    decision
        Id of the decision that waits, or whose row has changed.
    requirement
        Id of the row that it is meant for.
    reason
        Why; that of the old decision where not given.

    Raises
    ------
    UnknownName
        When there is no such decision or row.
    """
    if decision not in portfolio.decisions.index:
        raise unknown_decision(decision)
    if requirement not in portfolio.requirements.index:
        raise unknown_requirement(requirement)
    old = decision_of({"id": decision, **portfolio.decisions.loc[decision].to_dict()})
    anew = replace(
        old,
        requirement=requirement,
        name="",
        decided_by=decided_by,
        decided_on=decided_on,
        reason=reason or old.reason,
        copied_from="",
        id="",
    )
    return decide(undo(portfolio, decision, on, matcher), anew, on, matcher)
