"""The set of databases, or of papers, that frees most together; how good it is for certain.

A value is a sum over items (parts of dossiers, or whole rows), each freed once all its
groups of papers are answered. Where every item has one group (rows of one paper or of
alternatives; papers of a row that count one by one) it is a weighted coverage function:
monotone and submodular, so that the greedy set reaches at least 1 − 1/e (63 %) of the
best (Nemhauser, Wolsey, Fisher 1978). Items that wait for two or more groups break that
proof: two databases may free a row that neither frees alone. Then only this is claimed:
giving each item its weight by the share of its groups that are answered never lowers the
value and is submodular, so what the best set is worth on that scale bounds the true best.
The bound is the least, over the greedy prefixes, of the value there plus the largest gains.
Up to `ENUMERATED` candidates every set is looked at, and the result is exact.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from procsim.errors import Fault, InvalidValue, Text
from procsim.measures.arrays import Bools, Floats, Rows
from procsim.measures.asked import Asked, Hits, asked_papers
from procsim.measures.base import Figures, figures
from procsim.measures.ranking import BY, VALUES, answered_by, greedy_order, one_of
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Day, as_day

__all__ = ["ENUMERATED", "BestSet", "best_set"]

ENUMERATED = 15
"""Up to so many candidates that free anything every set is looked at."""


@dataclass(frozen=True, slots=True)
class BestSet:
    """A set of candidates, what it frees, and what no set of its size can exceed.

    Attributes
    ----------
    chosen
        Ids, in greedy order or, of an exact set, in the order of the catalogue.
    value
        What the set frees on top of what is answered already.
    bound
        No set of that size frees more; equal to `value` when `exact`.
    exact
        Whether no set of that size frees more.
    submodular
        Whether every item has one group, so that greedy reaches 1 − 1/e for certain.
    """

    chosen: tuple[str, ...]
    value: float
    bound: float
    exact: bool
    submodular: bool

    @property
    def gap(self) -> float:
        """Return how far the bound lies above the value, as a share of the bound."""
        return 1 - self.value / self.bound if self.bound > 0 else 0.0

    @property
    def proven(self) -> Text:
        """Say what is proven of the set."""
        if self.exact:
            return Text(
                "Đã chứng minh là tốt nhất: không nhóm nào cùng số lượng giảm được nhiều hơn.",
                "Proven best: no set of that size frees more.",
            )
        least = 1 - self.gap
        if self.submodular:
            least = max(least, 1 - 1 / math.e)
        percent = f"{math.floor(1000 * least) / 10:.1f}"
        return Text(
            f"Đạt ít nhất {percent.replace('.', ',')} % của nhóm tốt nhất (đã chứng minh).",
            f"At least {percent} % of the best set (proven).",
        )


@dataclass(frozen=True)
class _Items:
    """What is still to free: weights, the item of each group, who answers."""

    weight: Floats
    item_of: Rows
    hits: Hits


def _items(asked: Asked, value: str) -> _Items:
    if value == "requirements":
        item_of = asked.whole()
        weight = np.ones(int(item_of.max(initial=-1)) + 1)
        return _Items(weight, item_of, asked.rows)
    names = {"cost_vnd": "cost", "cost_year_vnd": "year", "hours": "hours", "papers": "papers"}
    return _Items(getattr(asked, names[value]), asked.part, asked.parts)


def _masks(items: _Items, answered: Bools, place: Rows) -> dict[tuple[int, ...], float]:
    """Return the weight of each different item: bits of who answers each of its groups."""
    groups: npt.NDArray[np.int64] = np.zeros(len(items.item_of), dtype=np.int64)
    bits = np.where(place >= 0, np.int64(1) << np.maximum(place, 0), 0)
    np.bitwise_or.at(groups, items.hits.group, bits[items.hits.candidate])
    open_groups = np.flatnonzero(~answered & (items.item_of >= 0))
    order = open_groups[np.argsort(items.item_of[open_groups], kind="stable")]
    starts = np.flatnonzero(np.diff(items.item_of[order], prepend=-1))
    made: dict[tuple[int, ...], float] = {}
    for one in np.split(order, starts[1:]) if len(order) else ():
        key = tuple(sorted(set(groups[one].tolist())))
        if key[0]:  # a group that nobody answers keeps its item
            made[key] = made.get(key, 0.0) + float(items.weight[items.item_of[one[0]]])
    return made


def _values_of_all_sets(masks: dict[tuple[int, ...], float], count: int) -> Floats:
    """Return the value of each of the 2^count sets, numbered by their bits.

    Items of one group are summed over subsets at once: a set misses an item when it lies
    in the complement of those that answer it. The few others are tested set by set.
    """
    every = np.arange(1 << count, dtype=np.int64)
    missed = np.zeros(1 << count)
    value = np.zeros(1 << count)
    for groups, weight in masks.items():
        if len(groups) == 1:
            missed[groups[0]] += weight
        else:
            value += weight * np.logical_and.reduce([(every & mask) != 0 for mask in groups])
    whole = missed.sum()
    for bit in range(count):  # sums over all subsets, one bit at a time
        halves = missed.reshape(-1, 2, 1 << bit)
        halves[:, 1] += halves[:, 0]
    made: Floats = value + whole - missed[::-1]  # the complement of set s has the number ~s
    return made


def _enumerated(
    items: _Items, answered: Bools, useful: Rows, size: int, k: int
) -> tuple[list[int], float]:
    """Return the best set of at most `k` candidates, the smallest and first of the best."""
    place = np.full(size, -1, dtype=np.intp)
    place[useful] = np.arange(len(useful))
    values = _values_of_all_sets(_masks(items, answered, place), len(useful))
    members = np.zeros(len(values), dtype=np.intp)
    for bit in range(len(useful)):
        members[1 << bit : 2 << bit] = members[: 1 << bit] + 1
    allowed = np.flatnonzero(members <= k)
    near = allowed[values[allowed] >= values[allowed].max() * (1 - 1e-12)]
    best = int(near[np.lexsort((near, members[near]))[0]])
    return [int(c) for i, c in enumerate(useful) if best >> i & 1], float(values[best])


def _value(items: _Items, before: Bools, after: Bools) -> float:
    """Return what is freed between two states."""
    count = len(items.weight)

    def left(state: Bools) -> Rows:
        return np.bincount(items.item_of[~state & (items.item_of >= 0)], minlength=count)

    return float(items.weight[(left(before) > 0) & (left(after) == 0)].sum())


def _shares(items: _Items, answered: Bools, useful: Rows) -> tuple[Floats, bool]:
    """Return each open group's share of its item's weight, and whether all have one group.

    Items with a group that no useful candidate answers are never freed and weigh nothing.
    """
    reachable = answered.copy()
    reachable[items.hits.group[np.isin(items.hits.candidate, useful)]] = True
    inside = items.item_of >= 0
    lost = np.zeros(len(items.weight), dtype=bool)
    lost[items.item_of[inside & ~reachable]] = True
    there = np.flatnonzero(inside & ~answered)
    there = there[~lost[items.item_of[there]]]
    mine = items.item_of[there]
    count = np.bincount(mine, minlength=len(items.weight))
    share = np.zeros(len(answered))
    share[there] = items.weight[mine] / count[mine]
    return share, bool(count.max(initial=0) <= 1)


def _bound(
    asked: Asked, answered: Bools, share: Floats, order: Sequence[int], k: int, useful: Rows
) -> float:
    """Return what no set of `k` candidates can exceed; the head of the module says why."""
    state, worth, best = answered, 0.0, math.inf
    hits = asked.parts
    for number in range(len(order) + 1):
        left = np.where(state, 0.0, share)[hits.group]
        gain = np.bincount(hits.candidate, left, minlength=len(asked.candidates))[useful]
        best = min(best, worth + float(np.sort(gain)[::-1][:k].sum()))
        if number < len(order):
            after = answered_by(asked, state, order[number])
            worth += float(share[after & ~state].sum())
            state = after
    return best


def best_set(
    portfolio: Portfolio,
    k: int,
    by: str = "database",
    *,
    value: str = "cost_vnd",
    on: Day | None = None,
    parameters: Figures | None = None,
    live: Collection[str] | None = None,
    candidates: Collection[str] | None = None,
) -> BestSet:
    """Return the set of at most `k` databases or document types that frees most together.

    Parameters
    ----------
    portfolio
        A marked portfolio.
    value
        One of `VALUES`: đồng of one dossier of each procedure, đồng a year (of the known
        volumes), hours, papers of the official count, or whole requirements.
    on, live
        As in `procsim.measures.ranking.ranking`: the set comes on top of what is live.
    candidates
        Ids to choose from; when not given, all that data can answer (for document types:
        those that a database holds or an authority issues).

    Returns
    -------
    BestSet
        Exact when at most `ENUMERATED` candidates free anything, or when greedy reaches
        the bound; else greedy with its bound.

    Raises
    ------
    InvalidValue
        For another `by` or `value`, or a `k` below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000001", "case": "c",
    ...         "name": ["CCCD"], "kind": "document", "types": "can_cuoc", "papers": 1.0}),
    ...     "marks": pd.DataFrame({"id": ["m1"], "requirement": "r1", "class": "listed",
    ...         "document_type": "can_cuoc", "database": "csdl_dan_cu"}),
    ... })
    >>> made = best_set(portfolio, 2, value="requirements", live=())
    >>> made.chosen, made.value, made.exact
    (('csdl_dan_cu',), 1.0, True)
    """
    on = as_day(on, "on")
    one_of("best_set › by", by, BY)
    one_of("best_set › value", value, VALUES)
    if k < 1:
        raise InvalidValue(
            Fault(
                "best_set › k",
                str(k),
                Text("Số lượng phải từ 1 trở lên.", "At least one must be chosen."),
                Text("Ghi một số nguyên từ 1.", "Give a whole number from 1."),
                code="network.count",
            )
        )
    asked = asked_papers(portfolio, by, on=on, live=live, parameters=figures(parameters))
    answered, items = asked.live, _items(asked, value)
    among = asked.answerable
    if candidates is not None:
        among = asked.candidates.isin(list(candidates))
    order = greedy_order(asked, answered, value, among)
    useful = np.sort(np.array(order, dtype=np.intp))
    share, submodular = _shares(items, answered, useful)
    names = asked.candidates
    if len(useful) <= ENUMERATED:
        chosen, best = _enumerated(items, answered, useful, len(names), k)
        return BestSet(tuple(names[c] for c in chosen), best, best, True, submodular)
    order = order[:k]
    after = answered
    for candidate in order:
        after = answered_by(asked, after, candidate)
    worth = _value(items, answered, after)
    # Greedy looks at every single candidate, so one is chosen exactly.
    bound = worth if k == 1 else _bound(asked, answered, share, order, k, useful)
    exact = worth >= bound * (1 - 1e-9)
    chosen_names = tuple(names[c] for c in order)
    return BestSet(chosen_names, worth, worth if exact else bound, exact, submodular)
