"""Decide about dossier rows, apply a decision to equal rows, undo it, learn from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import canonical_code
from procsim.marking.availability import case_names, replaceable
from procsim.marking.explanation import unknown_requirement
from procsim.marking.marker import machine_readings, mark
from procsim.marking.matching import Matcher, default_matcher
from procsim.marking.officer import (
    OFFICER,
    Decision,
    decision_faults,
    decision_of,
    row_key,
    rows_in_order,
    standing,
)
from procsim.marking.rows import case_kind
from procsim.model.portfolio import Portfolio
from procsim.model.tables import conform


def as_rows(decisions: Sequence[Decision], procedures: Sequence[str], first: int) -> pd.DataFrame:
    """Return decisions as rows of the table ``decisions``.

    Parameters
    ----------
    procedures
        Id of the procedure of each, ``""`` where none is known.
    first
        Position of the first of them in the order of decisions.
    """
    rows = [
        {
            **asdict(made),
            "types": ";".join(made.types),
            "replaceable": made.replaceable or "",
            "decided_on": made.decided_on.isoformat(),
            "procedure": procedure,
            "position": first + at,
        }
        for at, (made, procedure) in enumerate(zip(decisions, procedures, strict=True))
    ]
    return conform("decisions", pd.DataFrame(rows))[0]


def with_decisions(portfolio: Portfolio, added: pd.DataFrame) -> Portfolio:
    """Return the portfolio with rows added to its table ``decisions``."""
    known = portfolio.decisions
    if not len(added):
        return portfolio
    return portfolio.replace(decisions=pd.concat([known, added]) if len(known) else added)


def free_id(stem: str, taken: Collection[str]) -> str:
    """Return the first id ``<stem>/q1``, ``/q2`` … that is not taken."""
    number = 1
    while f"{stem}/q{number}" in taken:
        number += 1
    return f"{stem}/q{number}"


def marked_again(
    portfolio: Portfolio,
    requirements: Collection[str],
    on: date | None = None,
    matcher: Matcher | None = None,
) -> Portfolio:
    """Return the portfolio with some rows marked anew, decisions in force.

    Rows that nobody has marked yet stay as they are: `mark` does that.
    """
    rows = portfolio.requirements
    touched = rows.index.isin(list(requirements)) & (rows["kind"] != "unknown").to_numpy()
    if not touched.any():
        return portfolio.replace(faults=decision_faults(portfolio))
    owners = set(rows["procedure"][touched])
    part = portfolio.select([i for i in portfolio.procedures.index if i in owners])
    fresh = mark(part, on, matcher)
    ids = rows.index[touched]
    filled = rows.copy()
    filled.loc[ids] = fresh.requirements.loc[ids]
    filled = filled.astype(rows.dtypes.to_dict())
    marks = portfolio.marks
    kept = marks[~marks["requirement"].isin(ids)]
    made = fresh.marks[fresh.marks["requirement"].isin(ids)]
    changed = pd.concat([kept, made]) if len(kept) else made
    by_hand = changed.index.isin(kept.index[kept["source"] == OFFICER])
    by_hand &= ~changed.index.str.contains(r"/q\d+/m\d+$")
    # `mark` puts what officers wrote by hand first, then the rows in their order.
    order = np.where(by_hand, -1, rows.index.get_indexer(changed["requirement"]))
    return portfolio.replace(
        requirements=filled,
        marks=changed.iloc[np.argsort(order, kind="stable")],
        faults=decision_faults(portfolio),
    )


def _next_position(portfolio: Portfolio) -> int:
    return int(portfolio.decisions["position"].max()) + 1 if len(portfolio.decisions) else 1


def decide(
    portfolio: Portfolio,
    decisions: Decision | Sequence[Decision],
    on: date | None = None,
    matcher: Matcher | None = None,
) -> Portfolio:
    """Record decisions and put them in force on the rows that are marked.

    Parameters
    ----------
    decisions
        Each names its row; text, code and place of the row are filled in.
    on, matcher
        As `mark` was called, so that the other columns stay as they are.

    Returns
    -------
    Portfolio
        With the decisions in its table ``decisions``. The latest decision on a row
        stands; earlier ones stay in the table.

    Raises
    ------
    UnknownName
        When a row is not there.
    InvalidValue
        When a row's text is not the one the decision was taken on.
    """
    chosen = [decisions] if isinstance(decisions, Decision) else list(decisions)
    rows = portfolio.requirements
    cases = portfolio.cases["name"]
    taken = set(portfolio.decisions.index)
    made: list[Decision] = []
    for decision in chosen:
        if decision.requirement not in rows.index:
            raise unknown_requirement(decision.requirement)
        row = rows.loc[decision.requirement]
        if decision.name and row_key(decision.name) != row_key(row["name"]):
            raise InvalidValue(_changed(decision, row["name"]))
        number = free_id(decision.requirement, taken)
        taken.add(number)
        procedure = row["procedure"]
        known = procedure in portfolio.procedures.index
        made.append(
            replace(
                decision,
                id=number,
                name=row["name"],
                code=portfolio.procedures.at[procedure, "code"] if known else "",
                case_name=str(cases.at[row["case"]]) if row["case"] in cases.index else "",
                row=int(row["position"]),
            )
        )
    owners = [rows.at[decision.requirement, "procedure"] for decision in made]
    changed = with_decisions(portfolio, as_rows(made, owners, _next_position(portfolio)))
    return marked_again(changed, {decision.requirement for decision in made}, on, matcher)


def _changed(decision: Decision, now: str) -> Fault:
    return fault_of(
        "decision.text_changed",
        f"requirements › {decision.requirement}",
        shorten(now),
        says="decision.text_changed.no_row_longer_text",
        name=shorten(decision.name, 60),
    )


def unknown_decision(decision: str) -> UnknownName:
    """Return the error for a decision that is not there."""
    return UnknownName(fault_of("marking.unknown_decision", "decisions", shorten(decision)))


def undo(
    portfolio: Portfolio, decision: str, on: date | None = None, matcher: Matcher | None = None
) -> Portfolio:
    """Take a decision back, with those that were applied from it to equal rows.

    An earlier decision on the same row stands again; without one, rules and model.

    Parameters
    ----------
    decision
        Id of the decision; that of a copy takes back this copy alone.
    on, matcher
        As `mark` was called.

    Raises
    ------
    UnknownName
        When there is no such decision.
    """
    table = portfolio.decisions
    if decision not in table.index:
        raise unknown_decision(decision)
    gone = (table.index == decision) | (table["copied_from"] == decision).to_numpy()
    rows = set(table["requirement"][gone]) - {""}
    made = tuple(f"{identity}/m" for identity in table.index[gone])
    marks = portfolio.marks
    changed = portfolio.replace(
        decisions=table[~gone], marks=marks[~marks.index.str.startswith(made)]
    )
    return marked_again(changed, rows, on, matcher)


def equal_rows(
    portfolio: Portfolio, requirement: str, matcher: Matcher | None = None
) -> pd.DataFrame:
    """Return the other rows that one decision could hold for as well.

    Equal are rows with the same words once spelling, bullets and abbreviations are
    put right, in a case of the same kind, for the same applicant groups (the same
    words ask a foreigner for another paper).

    Returns
    -------
    pandas.DataFrame
        Index ``requirement``; columns procedure, code, procedure_name, ministry,
        case_name, name, kind, types, decided (an officer has decided it before).
    """
    rows = portfolio.requirements
    if requirement not in rows.index:
        raise unknown_requirement(requirement)
    _, readings = machine_readings(portfolio, matcher or default_matcher())
    cases = case_names(portfolio)
    here = rows.index.get_loc(requirement)
    key, kind = row_key(rows["name"].iloc[here]), case_kind(cases[here])
    groups = readings[here].groups
    places = [
        place
        for place, name in enumerate(rows["name"].tolist())
        if place != here
        and readings[place].groups == groups
        and row_key(name) == key
        and case_kind(cases[place]) == kind
    ]
    chosen = rows.iloc[places]
    owners = portfolio.procedures.reindex(chosen["procedure"])
    decided = standing(portfolio)
    return pd.DataFrame(
        {
            "procedure": chosen["procedure"],
            "code": owners["code"].tolist(),
            "procedure_name": owners["name"].tolist(),
            "ministry": owners["ministry"].tolist(),
            "case_name": [cases[place] for place in places],
            "name": chosen["name"],
            "kind": chosen["kind"],
            "types": chosen["types"],
            "decided": chosen.index.isin(list(decided)),
        },
        index=chosen.index.rename("requirement"),
    )


def decide_equal(
    portfolio: Portfolio,
    decision: str,
    requirements: Collection[str] | None = None,
    on: date | None = None,
    matcher: Matcher | None = None,
) -> Portfolio:
    """Apply a recorded decision to equal rows elsewhere.

    Parameters
    ----------
    decision
        Id of the decision.
    requirements
        Those of `equal_rows` that the officer chose; by default all that nobody
        has decided yet.

    Raises
    ------
    UnknownName
        When there is no such decision, or a row chosen is not equal.
    """
    table = portfolio.decisions
    if decision not in table.index:
        raise unknown_decision(decision)
    row = table.loc[decision]
    source = standing(portfolio).get(row["requirement"])
    if source is None or source.id != decision:
        raise InvalidValue(
            fault_of("decision.not_standing", f"decisions › {decision}", shorten(row["name"]))
        )
    equal = equal_rows(portfolio, source.requirement, matcher)
    chosen = equal.index[~equal["decided"]] if requirements is None else list(requirements)
    for requirement in chosen:
        if requirement not in equal.index:
            raise unknown_requirement(requirement)
    copies = [
        replace(source, requirement=requirement, name="", copied_from=decision, id="")
        for requirement in chosen
    ]
    return decide(portfolio, copies, on, matcher) if copies else portfolio


def decisions_frame(portfolio: Portfolio) -> pd.DataFrame:
    """Return all decisions, the latest first, and whether each is in force.

    Returns
    -------
    pandas.DataFrame
        The table ``decisions`` with a column ``state``: ``"stands"``, ``"replaced"``
        (a later decision stands on the row), ``"waiting"`` (no row has its text) or
        ``"changed"`` (the row has another text now, or the entry is not valid).
    """
    table = portfolio.decisions.sort_values(
        ["decided_on", "position"], ascending=False, kind="stable"
    )
    held = standing(portfolio)
    names = portfolio.requirements["name"]

    def state(identity: str, requirement: str, name: str) -> str:
        if requirement not in names.index:
            return "waiting"
        if requirement in held and held[requirement].id == identity:
            return "stands"
        same = row_key(names.at[requirement]) == row_key(name)
        return "replaced" if same and requirement in held else "changed"

    columns = (table.index, table["requirement"], table["name"])
    return table.assign(state=[state(*row) for row in zip(*columns, strict=True)])


def training_rows(portfolio: Portfolio, on: date | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield what officers decided as labelled rows, for learning.

    Parameters
    ----------
    portfolio
        A marked portfolio. Copies on equal rows are left out: they teach nothing new.

    Yields
    ------
    dict
        id, code, ministry, procedure, case, row, name, originals, copies, form,
        kind, types, relation, replaceable, conditional, certified, sure.
    """
    held = {i: made for i, made in standing(portfolio).items() if not made.copied_from}
    if not held:
        return
    rows = portfolio.requirements
    owners = set(rows["procedure"].reindex(list(held)))
    part = portfolio.select([i for i in portfolio.procedures.index if i in owners])
    verdicts = replaceable(part, on)
    cases = dict(zip(part.requirements.index, case_names(part), strict=True))
    for requirement, decision in held.items():
        row = part.requirements.loc[requirement]
        owner = part.procedures.loc[row["procedure"]]
        yield {
            "id": decision.id,
            "code": owner["code"],
            "ministry": owner["ministry"],
            "procedure": owner["name"],
            "case": cases[requirement],
            "row": int(row["position"]),
            "name": row["name"],
            "originals": int(row["originals"]),
            "copies": int(row["copies"]),
            "form": row["form_files"],
            "kind": decision.kind,
            "types": list(decision.types),
            "relation": decision.relation,
            "replaceable": verdicts[requirement],
            "conditional": bool(row["conditional"]),
            "certified": bool(row["certified"]),
            "sure": True,
        }


# Officers' decisions across files: a newer snapshot, a colleague's list.

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
    "decision.procedure_gone": bilingual("marking.no_procedure_carries_code"),
    "decision.row_gone": bilingual("marking.no_procedure_longer_row"),
    "decision.text_changed": bilingual("marking.no_row_other_words"),
    "decision.context_changed": bilingual("marking.no_row_now_stands"),
    "decision.ambiguous": bilingual("marking.no_several_rows_these"),
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
    cure = bilingual("marking.decision_kept_waiting_confirm")
    if look_at:
        cure = bilingual("marking.look", cure_text=cure, look_at=look_at)
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
    return fault_of(
        "decision.conflict",
        f"decisions › {decision.requirement}",
        shorten(decision.name),
        severity="warning",
        who=who,
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
