"""Decide about dossier rows, apply a decision to equal rows, undo it, learn from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.marking.availability import case_names, replaceable
from procsim.marking.explanation import unknown_requirement
from procsim.marking.marker import machine_readings, mark
from procsim.marking.matching import Matcher, default_matcher
from procsim.marking.officer import OFFICER, Decision, decision_faults, row_key, standing
from procsim.marking.rows import case_kind
from procsim.model.portfolio import Portfolio
from procsim.model.tables import conform

__all__ = [
    "as_rows",
    "decide",
    "decide_equal",
    "decisions_frame",
    "equal_rows",
    "free_id",
    "marked_again",
    "training_rows",
    "undo",
    "with_decisions",
]


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
    return Fault(
        f"requirements › {decision.requirement}",
        shorten(now),
        Text(
            f"Dòng hồ sơ không còn nội dung như khi quyết định (“{shorten(decision.name, 60)}”).",
            f"The row no longer has the text of the decision (“{shorten(decision.name, 60)}”).",
        ),
        Text("Đọc lại dòng hồ sơ và quyết định lại.", "Read the row again and decide anew."),
        code="decision.text_changed",
    )


def unknown_decision(decision: str) -> UnknownName:
    """Return the error for a decision that is not there."""
    return UnknownName(
        Fault(
            "decisions",
            shorten(decision),
            Text("Không có quyết định này.", "There is no such decision."),
            Text("Xem danh sách quyết định.", "Look at the list of decisions."),
            code="marking.unknown_decision",
        )
    )


def undo(
    portfolio: Portfolio,
    decision: str,
    on: date | None = None,
    matcher: Matcher | None = None,
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
            Fault(
                f"decisions › {decision}",
                shorten(row["name"]),
                Text(
                    "Chỉ áp dụng được quyết định đang có hiệu lực.",
                    "Only a decision in force can be applied elsewhere.",
                ),
                code="decision.not_standing",
            )
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
