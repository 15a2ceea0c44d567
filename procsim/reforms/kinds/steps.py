"""Reforms of steps (trình tự thực hiện): their fields, and what they do to steps and flow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from procsim.errors import NOTHING, Fault, Text, shorten
from procsim.language.i18n import bilingual
from procsim.model.graph import assumed_order, unrelated_steps
from procsim.model.portfolio import Portfolio
from procsim.reforms.base import Reform
from procsim.reforms.kinds.tables import (
    DIGITS,
    ENTERED,
    Edited,
    Numbered,
    Tables,
    appended,
    fault,
    rows,
    weakest,
)
from procsim.reforms.wording import DAYS, PERCENT, by_percent, in_units


@dataclass(frozen=True)
class DropStep(Reform):
    """Leave out a step (bãi bỏ bước thực hiện).

    Parameters
    ----------
    step
        Id of the step. What went before it leads straight to what followed it.

    Examples
    --------
    >>> DropStep("1.004222/s2").describe().en
    'Drop step 1.004222/s2.'
    """

    step: str = ""

    kind: ClassVar[str] = "drop_step"
    title: ClassVar[Text] = bilingual("reforms.drop_step")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return bilingual("reforms.steps.drop_step", step=self.step)

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class MergeSteps(Reform):
    """Do several steps as one (gộp bước thực hiện).

    Parameters
    ----------
    step
        Id of the step that is kept.
    merged
        Ids of the steps of the same procedure that go up in it.
    days
        Working days of the step kept; by default the sum of the days that the
        steps state.

    Examples
    --------
    >>> MergeSteps("1.004222/s2", merged=["1.004222/s3"], days=1).describe().en
    'Merge the steps 1.004222/s3 into step 1.004222/s2, done within 1 working days.'
    """

    step: str = ""
    merged: tuple[str, ...] = ()
    days: float | None = None

    kind: ClassVar[str] = "merge_steps"
    title: ClassVar[Text] = bilingual("reforms.merge_steps")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps", "merged": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others, within = "; ".join(self.merged), NOTHING
        if self.days is not None:
            days = in_units(self.days, "working_day")
            within = bilingual("reforms.done_within", days=days)
        return bilingual(
            "reforms.merge_steps_into_step", others=others, step=self.step, within=within
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("merged")
        yield from self._number_faults("days", unit=DAYS)


@dataclass(frozen=True)
class ParallelSteps(Reform):
    """Do steps side by side that ran one after another (thực hiện song song).

    Parameters
    ----------
    step
        Id of one of the steps.
    others
        Ids of the other steps, of the same procedure. What went before any of
        the set leads to each; each leads to what followed any of it.

    Examples
    --------
    >>> ParallelSteps("1.004222/s2", others=["1.004222/s3"]).describe().en
    'Do step 1.004222/s2 side by side with 1.004222/s3.'
    """

    step: str = ""
    others: tuple[str, ...] = ()

    kind: ClassVar[str] = "parallel_steps"
    title: ClassVar[Text] = bilingual("reforms.steps_side_side")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps", "others": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others = "; ".join(self.others)
        return bilingual("reforms.step_side_side", step=self.step, others=others)

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("others")


@dataclass(frozen=True)
class ShortenStep(Reform):
    """Shorten the time that one step takes.

    Parameters
    ----------
    step
        Id of the step.
    days
        New time in working days.
    percent
        Or: by how many per cent (more than 0, at most 100) it falls.

    Examples
    --------
    >>> ShortenStep("1.004222/s2", percent=50).describe().en
    'Shorten step 1.004222/s2 by 50 %.'
    """

    step: str = ""
    days: float | None = None
    percent: float | None = None

    kind: ClassVar[str] = "shorten_step"
    title: ClassVar[Text] = bilingual("reforms.shorten_step")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        if self.days is not None:
            days = in_units(self.days, "working_day")
            how = bilingual("reforms.steps.to", days=days)
        else:
            cut = by_percent(self.percent)
            how = bilingual("reforms.by", cut=cut)
        return bilingual("reforms.steps.shorten_step", step=self.step, how=how)

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults("days", "percent", bilingual("reforms.new_time_step_given"))
        yield from self._number_faults("days", unit=DAYS)
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)


# What the reforms of steps do to the tables of steps and flow.

_DAYS = ("days", "days_text", "days_mark")


def rearrange(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Drop, merge and run side by side: steps go, the flow leads around them."""
    frame = portfolio.steps
    made = Edited(frame, "status", "position", *_DAYS)
    owner = portfolio.positions("steps", "procedure")
    place = _places(frame, numbered)
    flows = flows_of(portfolio, {int(owner[place[r.target]]) for _, r in numbered})
    before = dict(flows)
    joined: dict[int, list[tuple[tuple[int, Reform], set[int]]]] = defaultdict(list)
    for item in numbered:
        reform = item[1]
        step = place[reform.step]
        procedure = int(owner[step])
        if isinstance(reform, DropStep):
            if made["status"][step] == "active":
                made["status"][step] = "dropped"
                flows[procedure] = without(flows[procedure], step)
            continue
        named = reform.merged if isinstance(reform, MergeSteps) else reform.others
        others = {place[i] for i in named if made["status"][place[i]] == "active"}
        if made["status"][step] != "active" or not others:
            continue
        joined[procedure].append((item, {step, *others}))
        if isinstance(reform, MergeSteps):
            _merge_days(item, made, step, others, faults)
            made["status"][list(others)] = "merged"
            flows[procedure] = contracted(flows[procedure], step, others)
        else:
            flows[procedure] = side_by_side(flows[procedure], {step, *others})
    for procedure, items in joined.items():
        faults += _circles(items, flows[procedure], before[procedure], frame.index)
    for procedure, pairs in flows.items():
        if before[procedure] and not pairs:
            # Without a relation, only one number for all says that they stand side by side.
            left = np.flatnonzero((owner == procedure) & (made["status"] == "active"))
            made["position"][left] = max(1, made["position"][left].min(initial=1))
    steps = made.made()
    # An order that is assumed stays assumed where the reforms leave it as it would be anyway.
    loose = set(owner[unrelated_steps(portfolio)].tolist()) & flows.keys()
    anyway = flows_of(portfolio.exchange(steps=steps), loose)
    stated = {p: pairs for p, pairs in flows.items() if pairs != anyway.get(p)}
    return {"steps": steps, "flow": _flow_table(portfolio, stated)}


def _places(frame: pd.DataFrame, numbered: Numbered) -> dict[str, int]:
    """Return the row number of every step that the reforms name."""
    ids = set()
    for _, reform in numbered:
        others = reform.others if isinstance(reform, ParallelSteps) else ()
        merged = reform.merged if isinstance(reform, MergeSteps) else ()
        ids |= {reform.step, *others, *merged}
    listed = sorted(ids)
    return dict(zip(listed, rows(frame, listed).tolist(), strict=True))


def flows_of(portfolio: Portfolio, procedures: Collection[int]) -> dict[int, Pairs]:
    """Return the pairs of steps of each procedure, by the row number of the procedure.

    Where it relates none of its steps, those in which they are assumed to follow.
    """
    before, after, mine = _proper(portfolio, procedures)
    found: dict[int, set[tuple[int, int]]] = {procedure: set() for procedure in procedures}
    owner = portfolio.positions("steps", "procedure")
    for row in np.flatnonzero(mine):
        a, b = int(before[row]), int(after[row])
        found[int(owner[a])].add((a, b))
    if procedures:
        for a, b in zip(*(rows.tolist() for rows in assumed_order(portfolio)), strict=True):
            if (procedure := int(owner[a])) in found:
                found[procedure].add((a, b))
    return {procedure: frozenset(pairs) for procedure, pairs in found.items()}


def _proper(
    portfolio: Portfolio, procedures: Collection[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return both ends of every flow row, and which are pairs within one of `procedures`."""
    before = portfolio.positions("flow", "before")
    after = portfolio.positions("flow", "after")
    owner = portfolio.positions("steps", "procedure")
    inside = (before >= 0) & (after >= 0)
    inside[inside] = owner[before[inside]] == owner[after[inside]]
    inside[inside] = np.isin(owner[before[inside]], list(procedures))
    return before, after, inside


def _merge_days(
    item: tuple[int, MergeSteps], made: Edited, step: int, others: set[int], faults: list[Fault]
) -> None:
    """Give the step kept the days stated by the reform, or the sum of those the steps state."""
    days, reform = made["days"], item[1]
    every = [step, *sorted(others)]
    stated = [row for row in every if not np.isnan(days[row])]
    total = round(float(days[stated].sum()), DIGITS)
    if reform.days is not None:
        if len(stated) == len(every) and reform.days > total:
            faults.append(_longer(item, reform.days, total))
        else:
            _enter(made, step, reform.days)
    elif set(stated) - {step}:
        mark = weakest(made["days_mark"][stated])
        _enter(made, step, total, mark)


def _enter(made: Edited, step: int, days: float, mark: str = ENTERED) -> None:
    made["days"][step] = days
    made["days_text"][step] = in_units(days, "working_day").vi
    made["days_mark"][step] = mark


def _longer(item: tuple[int, Reform], days: float, present: float) -> Fault:
    now, now_en = in_units(present, "working_day")
    return fault(
        item,
        in_units(days, "working_day").vi,
        bilingual("reforms.new_time_longer_present", now=Text(now, now_en)),
        bilingual("reforms.give_time_most", now=Text(now, now_en)),
        "step_days_longer",
    )


def _circles(
    items: list[tuple[tuple[int, Reform], set[int]]], flow: Pairs, earlier: Pairs, ids: pd.Index
) -> list[Fault]:
    """Return a fault for each reform that makes steps wait for each other in a circle."""
    stuck = between(flow) - between(earlier)
    found = []
    for item, steps in items:
        if not steps & stuck:
            continue
        others = "; ".join(str(ids[step]) for step in sorted(stuck - steps))
        found.append(
            fault(
                item,
                others,
                bilingual("reforms.other_steps_stand_between", others=shorten(others, 200)),
                bilingual("reforms.take_those_steps_into"),
                "step_between",
            )
        )
    return found


def _flow_table(portfolio: Portfolio, flows: dict[int, Pairs]) -> pd.DataFrame:
    """Return the flow with the pairs of these procedures exchanged.

    The rows of a procedure stand where its first one stood, sorted by their
    steps, so that the table does not tell in which order it was rearranged.
    """
    frame, names = portfolio.flow, portfolio.steps.index
    before, after, mine = _proper(portfolio, flows)
    owner = portfolio.positions("steps", "procedure")
    inner = np.flatnonzero(mine)
    there = list(zip(before[inner].tolist(), after[inner].tolist(), strict=True))
    keep, place = np.ones(len(frame), dtype=bool), np.arange(len(frame))
    first: dict[int, int] = {}
    for row, pair in zip(inner.tolist(), there, strict=True):
        procedure = int(owner[pair[0]])
        place[row] = first.setdefault(procedure, row)
        keep[row] = pair in flows[procedure]
    taken = set(frame.index[keep])
    new = [(p, *pair) for p, pairs in flows.items() for pair in sorted(pairs.difference(there))]
    added = [
        {
            "id": _free(f"{names[a]}-{names[b].rsplit('/', 1)[-1]}", taken),
            "procedure": portfolio.procedures.index[p],
            "before": names[a],
            "after": names[b],
        }
        for p, a, b in new
    ]
    heads = [*np.where(mine, before, -1)[keep], *(a for _, a, _ in new)]
    tails = [*np.where(mine, after, -1)[keep], *(b for _, _, b in new)]
    places = [*place[keep], *(first.get(p, len(frame)) for p, _, _ in new)]
    return appended("flow", frame[keep], added).iloc[np.lexsort((tails, heads, places))]


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def shorten_steps(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Shorten the days of single steps."""
    frame = portfolio.steps
    made = Edited(frame, *_DAYS)
    days = made["days"]
    for row, item in zip(
        rows(frame, [reform.step for _, reform in numbered]), numbered, strict=True
    ):
        reform = item[1]
        if np.isnan(days[row]):
            faults.append(_no_days(item, str(made["days_text"][row])))
        elif reform.percent is not None:
            _enter(made, row, round(float(days[row]) * (1 - reform.percent / 100), DIGITS))
        elif reform.days > days[row]:
            faults.append(_longer(item, reform.days, float(days[row])))
        else:
            _enter(made, row, reform.days)
    return {"steps": made.made()}


def _no_days(item: tuple[int, ShortenStep], written: str) -> Fault:
    return fault(
        item,
        written,
        bilingual("reforms.no_source_states_days"),
        bilingual("reforms.enter_present_days_table"),
        "step_days_missing",
    )


# The order of the steps of one procedure as a set of pairs, and how it is rearranged.

Pairs = frozenset[tuple[int, int]]


def without(flow: Pairs, step: int) -> Pairs:
    """Return the flow without a step: what went before it leads to what followed.

    Examples
    --------
    >>> sorted(without(frozenset({(1, 2), (2, 3), (2, 4)}), 2))
    [(1, 3), (1, 4)]
    """
    before = {a for a, b in flow if b == step and a != step}
    after = {b for a, b in flow if a == step and b != step}
    rest = {pair for pair in flow if step not in pair}
    return frozenset(rest | {(a, b) for a in before for b in after if a != b})


def contracted(flow: Pairs, kept: int, merged: Collection[int]) -> Pairs:
    """Return the flow with the steps `merged` gone up in the step `kept`.

    Examples
    --------
    >>> sorted(contracted(frozenset({(1, 2), (2, 3), (3, 4)}), 2, {3}))
    [(1, 2), (2, 4)]
    """
    moved = {(kept if a in merged else a, kept if b in merged else b) for a, b in flow}
    return frozenset(pair for pair in moved if pair != (kept, kept))


def side_by_side(flow: Pairs, steps: Collection[int]) -> Pairs:
    """Return the flow with `steps` side by side; the same flow where they are so already.

    Examples
    --------
    >>> sorted(side_by_side(frozenset({(1, 2), (2, 3), (3, 4)}), {2, 3}))
    [(1, 2), (1, 3), (2, 4), (3, 4)]
    """
    if not linked(flow, steps):
        return flow
    before = {a for a, b in flow if b in steps and a not in steps}
    after = {b for a, b in flow if a in steps and b not in steps}
    rest = {(a, b) for a, b in flow if a not in steps and b not in steps}
    into = {(a, step) for a in before for step in steps}
    return frozenset(rest | into | {(step, b) for b in after for step in steps})


def linked(flow: Pairs, steps: Collection[int]) -> bool:
    """Return whether one of `steps` comes after another, directly or through others."""
    return any(_reached(flow, step) & set(steps) for step in steps)


def _reached(flow: Pairs, start: int) -> set[int]:
    followers: dict[int, list[int]] = {}
    for a, b in flow:
        followers.setdefault(a, []).append(b)
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for step in followers.get(waiting.pop(), ()):
            if step not in found:
                found.add(step)
                waiting.append(step)
    return found


def between(flow: Pairs) -> set[int]:
    """Return the steps that wait for each other in circles, and those between two circles.

    Examples
    --------
    >>> between(frozenset({(1, 2), (2, 3), (3, 2), (3, 4)}))
    {2, 3}
    """
    left = set(flow)
    while left:
        ends = {a for a, _ in left} & {b for _, b in left}
        fewer = {(a, b) for a, b in left if a in ends and b in ends}
        if fewer == left:
            break
        left = fewer
    return {step for pair in left for step in pair}
