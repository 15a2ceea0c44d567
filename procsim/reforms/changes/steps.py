"""What the reforms of steps do to the tables of steps and flow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np
import pandas as pd

from procsim.errors import Fault, Text, shorten
from procsim.model.graph import assumed_order, unrelated_steps
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import DropStep, MergeSteps, ParallelSteps, ShortenStep
from procsim.reforms.base import Reform
from procsim.reforms.changes.base import (
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
from procsim.reforms.changes.flow import Pairs, between, contracted, side_by_side, without
from procsim.reforms.wording import in_units

__all__ = ["flows_of", "rearrange", "shorten_steps"]

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
        Text(
            f"Thời gian mới dài hơn thời gian hiện hành ({now}).",
            f"The new time is longer than the present one ({now_en}).",
        ),
        Text(f"Ghi một thời gian không quá {now}.", f"Give a time of at most {now_en}."),
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
                Text(
                    "Có bước đứng giữa các bước này, nên sau cải cách các bước chờ nhau thành "
                    f"vòng: {shorten(others, 200)}.",
                    "Other steps stand between these, so they would wait for each other in a "
                    f"circle: {shorten(others, 200)}.",
                ),
                Text(
                    "Đưa các bước đó vào cùng đề xuất, hoặc bãi bỏ các bước đó.",
                    "Take those steps into the same reform, or drop them.",
                ),
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
        Text(
            "Nguồn không ghi thời gian của bước này bằng số, nên không có gì để rút ngắn.",
            "The source states no days for this step: there is nothing to shorten.",
        ),
        Text(
            "Ghi số ngày hiện hành vào bảng bước thực hiện, rồi áp dụng lại.",
            "Enter the present days in the table of steps, then apply again.",
        ),
        "step_days_missing",
    )
