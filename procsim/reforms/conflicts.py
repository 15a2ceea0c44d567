"""What does not go together in a plan, found before it is applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from procsim.errors import NOTHING, Fault, Faults, InvalidValue, Severity, Text, shorten
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio
from procsim.reforms.base import Reform
from procsim.reforms.kinds import (
    AbolishProcedure,
    AcceptCopy,
    CutCondition,
    CutFee,
    Decentralise,
    DropRequirement,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
)
from procsim.reforms.kinds.changes import changed, named, place_of
from procsim.reforms.kinds.papers import declared_papers
from procsim.reforms.kinds.procedures import moved_down
from procsim.reforms.kinds.steps import flows_of, linked
from procsim.reforms.plan import Plan, check_order

_NOT_THERE = frozenset({"plan.unknown_target", "plan.other_case"})


def refuse_contradictions(portfolio: Portfolio, plan: Plan) -> None:
    """Refuse a plan that cannot be applied or that contradicts itself.

    Raises
    ------
    InvalidValue
        With every error of `conflicts`: the figures would depend on the order.
    """
    errors = [fault for fault in conflicts(portfolio, plan) if fault.severity == "error"]
    if errors:
        raise InvalidValue(errors)


def conflicts(portfolio: Portfolio, plan: Plan) -> Faults:
    """Return what in a plan contradicts, repeats or loses its meaning.

    Severity ``error``: the plan cannot be applied, or two reforms want
    different things of the same target. ``warning``: a reform has no effect,
    because what it changes is gone or another reform says the same, or the
    result depends on the order. ``note``: several reforms replace the same
    paper, which counts once; the source does not tell all that is needed.

    Parameters
    ----------
    portfolio
        The baseline.
    plan
        The plan to look at, meant for it.

    Returns
    -------
    Faults
        Each with its place ``plan › position › kind › target``; empty when all goes together.

    Examples
    --------
    >>> import procsim as ps
    >>> plan = Plan([ps.ShortenLimit("1.004222", days=5), ps.ShortenLimit("1.004222", days=5)])
    >>> [(fault.severity, fault.message.en) for fault in conflicts(ps.load_sample(), plan)]
    [('warning', 'Reform 1 makes the same change already.')]
    """
    check_order("conflicts", portfolio, plan)
    found = list(changed(plan.reforms, portfolio)[1])
    blocked = {fault.place for fault in found if fault.code in _NOT_THERE}
    items = [
        (position, reform)
        for position, reform in enumerate(plan.reforms, start=1)
        if place_of(position, reform) not in blocked
    ]
    return Faults(
        [
            *found,
            *repeated(items),
            *contradictory(items),
            *circles(items),
            *meaningless(items, portfolio),
            *order_matters(items, portfolio),
            *without_effect(items, portfolio),
            *partly(items, portfolio),
        ]
    )


# How a conflict is told: which reform, with which others, why, how bad.

Item = tuple[int, Any]
"""A reform with its position in the plan, from 1."""

KEEP_ONE = bilingual("reforms.keep_them")
_COMMON = frozenset(field.name for field in fields(Reform))


def told(
    item: Item, value: object, message: Text, severity: Severity, code: str, cure: Text = KEEP_ONE
) -> Fault:
    """Return a conflict of one reform of a plan."""
    return Fault(place_of(*item), shorten(value), message, cure, severity, f"plan.{code}")


def wants(reform: Reform) -> tuple[object, ...]:
    """Return what a reform wants, without its legal route: two that want the same are equal."""
    own = [getattr(reform, field.name) for field in fields(reform) if field.name not in _COMMON]
    return (reform.kind, *(tuple(sorted(v)) if isinstance(v, tuple) else v for v in own))


# Reforms of one plan that repeat each other, or want different things of one target.

_SUBJECTS = {
    "limit": bilingual("reforms.time_limit"),
    "fee": bilingual("reforms.fees"),
    "step_days": bilingual("reforms.days_step"),
    "step_merge": bilingual("reforms.merger_step"),
    "step_parallel": bilingual("reforms.what_runs_side_side"),
    "paper_merge": bilingual("reforms.paper_kept"),
    "procedure_merge": bilingual("reforms.procedure_kept"),
    "subjects": bilingual("reforms.subjects_year"),
    "level": bilingual("reforms.level_settles"),
    "online": bilingual("reforms.online_level"),
    "times": bilingual("reforms.times_year"),
    "condition": bilingual("reforms.condition"),
}


def repeated(items: Sequence[Item]) -> Iterator[Fault]:
    """Yield reforms that say what an earlier one says, or replace the same paper."""
    first: dict[object, int] = {}
    paper: dict[tuple[str, str], int] = {}
    for position, reform in items:
        if isinstance(reform, ReplaceByData):
            same = [(reform.requirement, name) for name in reform.document_types]
            before = sorted({paper[key] for key in same if key in paper})
            for key in same:
                paper.setdefault(key, position)
            if before:
                places = ", ".join(map(str, before))
                yield told(
                    (position, reform),
                    places,
                    bilingual("reforms.reform_replaces_paper_already", places=places),
                    "note",
                    "counted_once",
                    NOTHING,
                )
            continue
        change = wants(reform)
        if change in first:
            yield told(
                (position, reform),
                first[change],
                bilingual("reforms.reform_makes_same_change", first=first[change]),
                "warning",
                "repeated",
            )
        first.setdefault(change, position)


_SETTLES: dict[type[Reform], str] = {
    ShortenLimit: "limit",
    CutFee: "fee",
    ShortenStep: "step_days",
    Decentralise: "level",
    MoveOnline: "online",
    ExtendValidity: "times",
    CutCondition: "condition",
    SimplifyCondition: "condition",
}
"""The kinds that settle one thing of their target."""


def _claims(reform: Reform) -> Iterator[tuple[str, str]]:
    """Yield what a reform settles: the subject, and the id of which it settles it."""
    for kind, subject in _SETTLES.items():
        if isinstance(reform, kind):
            yield subject, reform.target
    match reform:
        case SelfDeclare():
            if reform.days is not None:
                yield "limit", reform.procedure
        case MergeSteps():
            for step in (reform.step, *reform.merged):
                yield "step_merge", step
                yield "step_days", step
        case ParallelSteps():
            yield from (("step_parallel", step) for step in (reform.step, *reform.others))
        case MergeRequirements():
            yield from (("paper_merge", paper) for paper in reform.merged)
        case MergeProcedures():
            yield from (("procedure_merge", merged) for merged in reform.merged)
            if reform.subjects_per_year is not None:
                yield "subjects", reform.procedure


def contradictory(items: Sequence[Item]) -> Iterator[Fault]:
    """Yield reforms that settle one thing in different ways."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        for claim in _claims(item[1]):
            groups[claim].append(item)
    clashes: dict[int, dict[int, str]] = defaultdict(dict)
    for (subject, _), rivals in groups.items():
        for place, (position, reform) in enumerate(rivals):
            for earlier, other in rivals[:place]:
                if earlier != position and _clash(reform, other):
                    clashes[position].setdefault(earlier, subject)
    for item in items:
        against = clashes.get(item[0])
        if against:
            places = ", ".join(map(str, sorted(against)))
            words = [_SUBJECTS[name] for name in dict.fromkeys(against.values())]
            vi, en = ", ".join(w.vi for w in words), ", ".join(w.en for w in words)
            yield told(
                item,
                places,
                bilingual(
                    "reforms.contradicts_reform_target_but", places=places, words=Text(vi, en)
                ),
                "error",
                "contradictory",
            )


def _clash(one: Reform, other: Reform) -> bool:
    if wants(one) == wants(other):
        return False
    if isinstance(one, ShortenLimit) and isinstance(other, ShortenLimit):
        return _overlap(one.channel, other.channel)
    if isinstance(one, CutFee) and isinstance(other, CutFee):
        return _overlap(one.fee, other.fee) and _overlap(one.channel_method, other.channel_method)
    if isinstance(one, MergeRequirements | MergeProcedures) and one.target == other.target:
        return getattr(one, "subjects_per_year", None) != getattr(other, "subjects_per_year", None)
    if isinstance(one, SelfDeclare) and isinstance(other, SelfDeclare):
        return one.days != other.days
    return True


def _overlap(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def circles(items: Sequence[Item]) -> Iterator[Fault]:
    """Yield mergers that lead back to themselves: A goes up in B, and B in A."""
    into: dict[str, str] = {}
    for _, reform in items:
        if isinstance(reform, MergeProcedures | MergeRequirements | MergeSteps):
            for merged in reform.merged:
                into.setdefault(merged, reform.target)
    for item in items:
        reform = item[1]
        if not isinstance(reform, MergeProcedures | MergeRequirements | MergeSteps):
            continue
        path = [reform.target]
        while path[-1] in into and path[-1] not in path[:-1]:
            path.append(into[path[-1]])
        if path[-1] == reform.target and len(path) > 1:
            chain = " → ".join(path)
            yield told(
                item,
                chain,
                bilingual("reforms.mergers_lead_round_circle", chain=chain),
                "error",
                "merge_circle",
                bilingual("reforms.choose_kept_merge_others"),
            )


def order_matters(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield numbers that depend on whether they are changed before or after the structure."""
    structure = _structure(items, portfolio)
    for item in items:
        places = (structure[key] for key in _rests_on(item[1]) if key in structure)
        first = next(places, None)
        if first is not None:
            yield told(
                item,
                first,
                bilingual("reforms.order_matters_within_plan", first=first),
                "warning",
                "order_matters",
                bilingual("reforms.look_result_another_order"),
            )


def _structure(items: Sequence[Item], portfolio: Portfolio) -> dict[tuple[str, str], int]:
    """Return what the plan rebuilds before numbers change, and by which reform."""
    online = portfolio.channels["method"] == "online"
    has_online = set(portfolio.channels["procedure"][online])
    found: dict[tuple[str, str], int] = {}
    for position, reform in items:
        match reform:
            case MergeSteps():
                keys = [("steps", step) for step in (reform.step, *reform.merged)]
            case MergeProcedures(subjects_per_year=None):
                keys = [("volume", reform.procedure)]
            case MoveOnline() if reform.procedure not in has_online:
                keys = [("channels", reform.procedure)]
            case _:
                continue
        found |= dict.fromkeys(keys, position)
    return found


def _rests_on(reform: Reform) -> list[tuple[str, str]]:
    """Return what a reform would change otherwise if it were rebuilt before or after."""
    match reform:
        case ParallelSteps():
            return [("steps", step) for step in (reform.step, *reform.others)]
        case ExtendValidity():
            return [("volume", reform.procedure)]
        case ShortenLimit(channel=str()):
            return [("channels", reform.procedure)]
        case CutFee() if reform.fee is not None or reform.channel_method not in (None, "online"):
            return [("channels", reform.procedure)]
    return []


# Reforms of what the plan, or an earlier one, has done away with.

Key = tuple[str, str]  # table and id

_STANDING = {
    "procedures": ("active",),
    "requirements": ("required",),
    "steps": ("active",),
    "conditions": ("kept", "simplified"),
}
_WORDS = {
    "procedures": bilingual("reforms.procedure"),
    "requirements": bilingual("reforms.required_document"),
    "steps": bilingual("reforms.step"),
    "conditions": bilingual("reforms.conflicts.condition"),
}


def meaningless(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield changes to what is gone before the plan, or goes by another of its reforms."""
    gone = {table: _gone(portfolio, table) for table in _STANDING}
    declared = _declared(items, portfolio)
    removed: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        for key in _removed(item, declared):
            removed[key].append(item)
    for item in items:
        fault = _before(item, gone) or _within(item, removed, declared)
        if fault is not None:
            yield fault


def _gone(portfolio: Portfolio, table: str) -> set[str]:
    status: pd.Series = getattr(portfolio, table)["status"]
    return set(status.index[~status.isin(_STANDING[table])])


def _declared(items: Sequence[Item], portfolio: Portfolio) -> dict[int, list[str]]:
    """Return the papers that each self-declaration does away with, by its position."""
    mine = [item for item in items if isinstance(item[1], SelfDeclare)]
    if not mine:
        return {}
    ids = portfolio.requirements.index
    found = declared_papers(mine, portfolio)
    return {
        position: [str(ids[row]) for row in papers]
        for (position, _), (papers, _, _) in zip(mine, found, strict=True)
    }


def _removed(item: Item, declared: dict[int, list[str]]) -> Iterator[Key]:
    """Yield table and id of everything that a reform does away with."""
    position, reform = item
    match reform:
        case AbolishProcedure():
            yield "procedures", reform.procedure
        case MergeProcedures():
            yield from (("procedures", i) for i in reform.merged)
        case DropRequirement():
            yield "requirements", reform.requirement
        case MergeRequirements():
            yield from (("requirements", i) for i in reform.merged)
        case SelfDeclare():
            yield from (("requirements", i) for i in declared[position])
        case DropStep():
            yield "steps", reform.step
        case MergeSteps():
            yield from (("steps", i) for i in reform.merged)
        case CutCondition():
            yield "conditions", reform.condition


def _touched(item: Item, declared: dict[int, list[str]]) -> list[Key]:
    """Return what a reform touches, its procedures first."""
    position, reform = item
    found = [("procedures", i) for i in reform.procedure_ids]
    found += [key for key in named(reform) if key[0] in _STANDING]
    found += [("requirements", i) for i in declared.get(position, ())]
    return list(dict.fromkeys(found))


def _before(item: Item, gone: dict[str, set[str]]) -> Fault | None:
    """Return why a reform has no meaning on this portfolio, if so."""
    for table, i in _touched(item, {}):
        if i in gone[table]:
            word = _WORDS[table]
            return told(
                item,
                i,
                bilingual("reforms.dropped_merged_already", word=word),
                "warning",
                "meaningless",
                bilingual("reforms.remove_reform"),
            )
    return None


def _within(
    item: Item, removed: dict[Key, list[Item]], declared: dict[int, list[str]]
) -> Fault | None:
    """Return which other reform of the plan takes a reform's meaning away, if one does."""
    position, reform = item
    mine = set(_removed(item, declared))
    for key in _touched(item, declared):
        for other_position, other in removed.get(key, ()):
            if other_position == position or _told_elsewhere(reform, other):
                continue
            if key in mine and other_position > position:
                continue  # both do away with it: the later one is told
            how = _how(other, _WORDS[key[0]], key[1])
            return told(
                item,
                other_position,
                bilingual("reforms.without_meaning_reform", other_position=other_position, how=how),
                "warning",
                "meaningless",
            )
    return None


def _told_elsewhere(one: Reform, other: Reform) -> bool:
    """Return whether the two repeat or contradict each other: that is told as such."""
    conditions = isinstance(one, SimplifyCondition) and isinstance(other, CutCondition)
    return conditions or wants(one) == wants(other)


def _how(reform: Reform, word: Text, i: str) -> Text:
    """Return how a reform does away with something: ``gộp bước thực hiện … vào …``."""
    vi, en = f"{word.vi.lower()} {i}", f"{word.en.lower()} {i}"
    if isinstance(reform, MergeProcedures | MergeRequirements | MergeSteps):
        return bilingual("reforms.merges_into", words=Text(vi, en), target=reform.target)
    return bilingual("reforms.away", words=Text(vi, en))


# Reforms that change nothing of this portfolio, or not all that they could.

_REMOVE = bilingual("reforms.remove_reform")


def without_effect(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield reforms that ask for what is so already."""
    yield from _papers(items, portfolio)
    yield from _procedures(items, portfolio)
    yield from _steps(items, portfolio)


def _idle(item: Item, message: Text, severity: Severity = "warning") -> Fault:
    return told(item, item[1].target, message, severity, "no_effect", _REMOVE)


def _papers(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    frame = portfolio.requirements
    plain = ((frame["originals"] == 0) & ~frame["certified"]).to_numpy()
    full = ((frame["replaced"] >= frame["papers"]) & (frame["papers"] > 0)).to_numpy()
    done = frame["replaced_types"].tolist()
    mine = [item for item in items if isinstance(item[1], AcceptCopy | ReplaceByData)]
    places = frame.index.get_indexer([reform.target for _, reform in mine])
    for item, row in zip(mine, places, strict=True):
        if isinstance(item[1], AcceptCopy):
            if plain[row]:
                yield _idle(item, bilingual("reforms.neither_original_nor_certified"))
        elif full[row] or set(done[row].split(";")) >= set(item[1].document_types):
            yield _idle(item, bilingual("reforms.data_database_replace_document"), "note")
    declaring = [item for item in items if isinstance(item[1], SelfDeclare)]
    found = declared_papers(declaring, portfolio) if declaring else []
    for item, (papers, forms, doubt) in zip(declaring, found, strict=True):
        if not papers and not forms and not doubt and item[1].days is None:
            yield _idle(item, bilingual("reforms.no_dossier_holds_paper"))


def _procedures(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    kinds = FreeFromBoundaries | Decentralise | MoveOnline | ExtendValidity
    mine = [item for item in items if isinstance(item[1], kinds)]
    frame = portfolio.procedures
    at = frame.index.get_indexer([reform.target for _, reform in mine])
    columns = ("boundary_free", "levels", "agency", "online", "times_per_year")
    cells = {name: frame[name].to_numpy(dtype=object) for name in columns}
    online = portfolio.channels["method"] == "online"
    has_channel = set(portfolio.channels["procedure"][online])
    for item, row in zip(mine, at, strict=True):
        cell = {name: values[row] for name, values in cells.items()}
        if _is_so(item[1], cell, item[1].procedure in has_channel):
            yield _idle(item, bilingual("reforms.procedure_already_reform_changes"))


def _is_so(reform: object, cell: dict[str, object], has_channel: bool) -> bool:
    match reform:
        case FreeFromBoundaries():
            return cell["boundary_free"] == "yes"
        case Decentralise():
            same = moved_down(str(cell["levels"]), reform.level) == cell["levels"]
            return same and reform.agency in ("", cell["agency"])
        case MoveOnline():
            high = ("full",) if reform.level == "full" else ("full", "partial")
            return has_channel and reform.share is None and cell["online"] in high
        case ExtendValidity():
            return (
                reform.times_per_year is not None
                and reform.times_per_year == (cell["times_per_year"])
            )
    return False


def _steps(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    mine = [item for item in items if isinstance(item[1], ParallelSteps)]
    if not mine:
        return
    ids = [(reform.step, *reform.others) for _, reform in mine]
    owner = portfolio.positions("steps", "procedure")
    places = [portfolio.steps.index.get_indexer(list(steps)).tolist() for steps in ids]
    flows = flows_of(portfolio, {int(owner[steps[0]]) for steps in places})
    for item, steps in zip(mine, places, strict=True):
        if not linked(flows[int(owner[steps[0]])], steps):
            yield _idle(item, bilingual("reforms.no_these_steps_follow"))


def partly(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield what a reform cannot tell because the source does not: limits, volumes."""
    yield from _limits(items, portfolio)
    frame = portfolio.procedures
    volume = frame["times_per_year"].isna() | frame["subjects_per_year"].isna()
    missing = set(frame.index[volume])
    for item in items:
        reform = item[1]
        if isinstance(reform, MergeProcedures) and reform.subjects_per_year is None:
            lacking = [i for i in reform.procedure_ids if i in missing]
            if lacking:
                yield told(
                    item,
                    "; ".join(lacking),
                    bilingual("reforms.no_times_subjects_year"),
                    "note",
                    "volume_missing",
                    bilingual("reforms.give_subjects_per_year"),
                )


def _limits(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield limits that only some channels of a procedure state: the others stay unknown."""
    frame = portfolio.channels
    missing = (frame["limit_value"].isna() | frame["limit_unit"].eq("")).to_numpy()
    owner = portfolio.positions("channels", "procedure")
    size = len(portfolio.procedures)
    lacking = np.bincount(owner[missing & (owner >= 0)], minlength=size)
    ways = np.bincount(owner[owner >= 0], minlength=size)
    for item in items:
        reform = item[1]
        whole = isinstance(reform, ShortenLimit) and not reform.channel
        if not whole and not (isinstance(reform, SelfDeclare) and reform.days is not None):
            continue
        row = portfolio.procedures.index.get_loc(reform.procedure)
        if 0 < lacking[row] < ways[row]:
            yield told(
                item,
                int(lacking[row]),
                bilingual("reforms.no_channels_state_limit", lacking=lacking[row]),
                "note",
                "limit_partly_missing",
                bilingual("reforms.enter_present_limit_those"),
            )
