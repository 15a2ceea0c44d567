"""The set of databases, or of papers, that frees most together, proven by HiGHS.

A value is a sum over items (parts of dossiers, or whole rows), each freed once all its
groups of papers are answered; a group is answered by any one of its candidates. That is a
small mixed-integer program: choose at most `k` candidates; an item counts no more than
each of its groups is answered.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from procsim.errors import Fault, InvalidValue, Text
from procsim.measures.arrays import Bools, Floats, Rows
from procsim.measures.asked import Asked, Hits, asked_papers
from procsim.measures.base import Figures, figures
from procsim.measures.ranking import BY, VALUES, one_of
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Day, as_day

__all__ = ["BestSet", "best_set"]

_SECONDS = 20.0
_SCALE = 1e4  # what all items weigh together in the program
_WORTH_IT = 1e-4  # what one more candidate must add of it
_LATER = 1e-5  # of equal sets the first of the catalogue: what the last candidate pays for that


@dataclass(frozen=True, slots=True)
class BestSet:
    """A set of candidates, what it frees, and what no set of its size can exceed.

    Attributes
    ----------
    chosen
        Ids, in the order of the catalogue.
    value
        What the set frees on top of what is answered already.
    bound
        No set of that size frees more; equal to `value` when `exact`.
    exact
        Whether that is proven; else the search ran out of time.
    """

    chosen: tuple[str, ...]
    value: float
    bound: float
    exact: bool

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
        percent = f"{math.floor(1000 * (1 - self.gap)) / 10:.1f}"
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


def _requirements(
    items: _Items, answered: Bools, useful: Rows
) -> dict[tuple[tuple[int, ...], ...], float]:
    """Return the weight of each different item: for each open group the candidates that answer."""
    place = {int(candidate): at for at, candidate in enumerate(useful)}
    by_group: dict[int, set[int]] = defaultdict(set)
    for group, candidate in zip(
        items.hits.group.tolist(), items.hits.candidate.tolist(), strict=True
    ):
        if candidate in place:
            by_group[group].add(place[candidate])
    of_item: dict[int, set[tuple[int, ...]]] = defaultdict(set)
    for group in np.flatnonzero(~answered & (items.item_of >= 0)).tolist():
        of_item[int(items.item_of[group])].add(tuple(sorted(by_group[group])))
    weights: dict[tuple[tuple[int, ...], ...], float] = defaultdict(float)
    for item, groups in of_item.items():
        # A group that nobody answers keeps its item.
        if () not in groups and items.weight[item] > 0:
            weights[tuple(sorted(groups))] += float(items.weight[item])
    return weights


def _solve(
    requirements: dict[tuple[tuple[int, ...], ...], float], count: int, k: int
) -> tuple[Rows, float]:
    """Return the chosen candidates and the most that any set of that size can free.

    Variables: candidates (0 or 1), then one for each different item, which is whole by
    itself once the candidates are.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    weight = np.array(list(requirements.values()))
    scale = _SCALE / weight.sum()
    price = _WORTH_IT + _LATER * np.arange(count) / count
    cost = np.concatenate([price, -weight * scale])
    rows = [[*group, count + at] for at, groups in enumerate(requirements) for group in groups]
    entries = [np.array([-1.0] * (len(row) - 1) + [1.0]) for row in rows]
    lengths = np.array([len(row) for row in rows])
    shape = (len(rows), len(cost))
    parts = (np.concatenate(entries), np.concatenate(rows), np.append(0, np.cumsum(lengths)))
    at_most = np.concatenate([np.ones(count), np.zeros(len(weight))])
    solution = milp(
        cost,
        constraints=[
            LinearConstraint(csr_array(parts, shape=shape), -np.inf, 0.0),
            LinearConstraint(at_most[None, :], 0.0, k),
        ],
        integrality=at_most,
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": _SECONDS, "mip_rel_gap": 0.0},
    )
    chosen = (
        np.zeros(0, dtype=np.intp)
        if solution.x is None
        else np.flatnonzero(solution.x[:count] > 0.5)
    )
    bound = math.inf if solution.mip_dual_bound is None else -solution.mip_dual_bound
    most = min(_SCALE, bound + float(np.sort(price)[-k:].sum()))
    return chosen, float(most / scale)


def _freed(
    requirements: dict[tuple[tuple[int, ...], ...], float], chosen: Collection[int]
) -> float:
    """Return what a set frees, counted without the solver."""
    having = set(chosen)
    return math.fsum(
        weight
        for groups, weight in requirements.items()
        if all(having.intersection(group) for group in groups)
    )


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
        Proven, or with its bound where the search runs out of time.

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
    names = asked.candidates
    among = asked.answerable if candidates is None else names.isin(list(candidates))
    requirements = _requirements(_items(asked, value), asked.live, np.flatnonzero(among))
    if not requirements:
        return BestSet((), 0.0, 0.0, True)
    useful = names[np.flatnonzero(among)]
    chosen, most = _solve(requirements, len(useful), k)
    worth = _freed(requirements, chosen.tolist())
    exact = worth >= most * (1 - 1e-6)
    return BestSet(tuple(useful[chosen]), worth, worth if exact else most, exact)
