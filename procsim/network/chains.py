"""The burden of a whole chain: a procedure with all procedures upstream of it.

Who does not hold a paper must first get it from the procedure that issues it,
which asks for papers in turn. Rules, the same in every figure:

- Papers are fetched in parallel: a procedure begins when the slowest paper is there.
- Of alternatives (relation *any*, and rows of mixed relation) the applicant takes
  the one that is had soonest in the worst case; one of unknown days comes last.
- **Worst case**: an applicant who holds nothing and needs everything. Papers whose
  data are listed as replacing them are not fetched. A procedure that is needed twice
  along the chain is done once.
- **Expected**: the share of applicants who must fetch a paper is ``needed × (1 −
  held) × (1 − replaced × coverage)``. Along a path shares are multiplied; a procedure
  reached on several paths counts once, with the largest share, because who lacks a
  paper lacks it everywhere. Expected days are ``own + max over papers (share ×
  expected days of the issuer)``, a lower bound of the mean of the maximum.
- A paper inside a circle (`procsim.network.chains`) is taken as held: its row is
  left out and the procedure is marked ``in_cycle``. So is the paper that a procedure
  itself renews or ends (``own`` links): no upstream burden.
- A procedure upstream whose days or cost are unknown adds nothing and is counted, so
  that the figure is known to be a lower bound.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import NOTHING, Text
from procsim.language.i18n import bilingual
from procsim.measures.base import (
    ASSUMED,
    Bools,
    Figures,
    Floats,
    Rows,
    active_procedures,
    figures,
    reasons,
    total,
)
from procsim.measures.clocks import worked_hours
from procsim.measures.cost import cost_columns, cost_lines
from procsim.measures.time import level_of_each, statutory
from procsim.model.portfolio import Portfolio
from procsim.network.links import Used, links, used_links
from procsim.reference import document_types


@dataclass(frozen=True)
class Own:
    """What each procedure takes by itself, shape (procedures,): NaN where not known."""

    days: Floats
    hours: Floats
    cost: Floats


def own_burden(portfolio: Portfolio, parameters: Figures | None = None) -> Own:
    """Return statutory days, applicant hours and cost of each procedure once."""
    p = figures(parameters)
    size = len(portfolio)
    if not size:
        return Own(np.empty(0), np.empty(0), np.empty(0))
    lines = cost_lines(portfolio, p)
    table = cost_columns(portfolio, lines)
    hours = worked_hours(lines, size)
    work = np.asarray(table["work_vnd"], dtype=float)
    hours = np.where(active_procedures(portfolio), hours, 0.0)
    days, _ = statutory(portfolio, p)
    cost = np.asarray(table["cost_vnd"], dtype=float)
    return Own(days, np.where(np.isnan(work), np.nan, hours), cost)


@dataclass(frozen=True)
class Chains:
    """The network in order of its levels, and what was found on it.

    Attributes
    ----------
    links
        Links of the network, those of circles left out.
    chosen
        Positions in `links`: every paper, and of alternatives the one that is taken.
    in_cycle
        Shape (procedures,): whether a paper was taken as held because of a circle.
    worst_days, expected_days
        Shape (procedures,), own days included; unknown days count nothing.
    depth
        Shape (procedures,): procedures one after the other upstream.
    above, upstream
        Shape (pairs,): a procedure and one that is upstream of it, each pair once.
    share, must
        Shape (pairs,): share of applicants who must do the one upstream, and
        whether the worst case does it.
    """

    links: Used
    chosen: Rows
    in_cycle: Bools
    worst_days: Floats
    expected_days: Floats
    depth: Rows
    above: Rows
    upstream: Rows
    share: Floats
    must: Bools


def chains(portfolio: Portfolio, used: Used, days: Floats) -> Chains:
    """Sweep the network level by level: days, depth, and everything upstream.

    Parameters
    ----------
    used
        `used_links`.
    days
        Own days of each procedure; NaN where not known.
    """
    size = len(portfolio)
    part = components(size, used.owner, used.issuer)
    inner = part[used.owner] == part[used.issuer]
    in_cycle = np.zeros(size, dtype=bool)
    in_cycle[used.owner[inner]] = True
    # An alternative that is taken as held answers its whole row.
    held_row = np.zeros(len(portfolio.requirements) + 1, dtype=bool)
    held_row[used.row[inner & used.alternative]] = True
    free = used.take(~inner & ~held_row[used.row])
    level = level_of_each(free.issuer, free.owner, size)
    free = free.take(np.lexsort((free.link, free.row, free.owner, level[free.owner])))
    sweep = _Sweep(size, free, days)
    heights = level[free.owner]
    bounds = np.searchsorted(heights, np.arange(1, int(level.max(initial=0)) + 2))
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        sweep.level(low, high)
    upstream = sweep.pairs()
    return Chains(
        free, np.concatenate([np.empty(0, np.intp), *sweep.chosen]), in_cycle,
        sweep.worst, sweep.expected, sweep.depth, *upstream,
    )  # fmt: skip


class _Sweep:
    """Figures that grow level by level; a level's issuers are all done before it."""

    def __init__(self, size: int, links: Used, days: Floats) -> None:
        self.size, self.links = size, links
        self.unknown = np.isnan(days)
        self.worst = np.where(self.unknown, 0.0, days)
        self.expected = self.worst.copy()
        self.depth = np.zeros(size, dtype=np.intp)
        self.chosen: list[Rows] = []
        self._start = np.zeros(size, dtype=np.intp)
        self._count = np.zeros(size, dtype=np.intp)
        self._filled = 0
        self._up = np.empty(1024, dtype=np.intp)
        self._share = np.empty(1024)
        self._must = np.empty(1024, dtype=bool)
        new = np.diff(links.row, prepend=-1) != 0
        self._new_paper = new | ~links.alternative

    def level(self, low: int, high: int) -> None:
        """Work out the procedures whose links stand from `low` to `high`."""
        chosen = self._choose(low, high)
        self.chosen.append(chosen)
        owner, issuer = self.links.owner[chosen], self.links.issuer[chosen]
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        nodes = owner[first]
        must, share = self.links.must[chosen], self.links.share[chosen]
        waited = np.where(must, self.worst[issuer], 0.0)
        self.worst[nodes] += np.maximum.reduceat(waited, first)
        self.expected[nodes] += np.maximum.reduceat(share * self.expected[issuer], first)
        self.depth[nodes] = 1 + np.maximum.reduceat(self.depth[issuer], first)
        self._join(owner, issuer, share, must)

    def _choose(self, low: int, high: int) -> Rows:
        """Return one link for each paper: of alternatives the one that is had soonest."""
        places = np.arange(low, high)
        issuer = self.links.issuer[low:high]
        first = np.flatnonzero(self._new_paper[low:high])
        if len(first) == len(places):
            return places
        paper = np.cumsum(self._new_paper[low:high]) - 1
        order = np.lexsort((places, self.worst[issuer], self.unknown[issuer], paper))
        return np.sort(places[order[first]])

    def _join(self, owner: Rows, issuer: Rows, share: Floats, must: Bools) -> None:
        """Add what is upstream of the owners: each issuer and all upstream of it, once."""
        lengths = self._count[issuer]
        spread = np.repeat(np.arange(len(issuer)), lengths)
        inside = np.arange(len(spread)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        inside += self._start[issuer][spread]
        up = np.concatenate([issuer, self._up[inside]])
        key = np.concatenate([owner, owner[spread]]) * self.size + up
        shares = np.concatenate([share, share[spread] * self._share[inside]])
        musts = np.concatenate([must, must[spread] & self._must[inside]])
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        key = key[order[first]]
        above = key // self.size
        low, high = self._filled, self._filled + len(key)
        self._reserve(high)
        self._up[low:high] = key - above * self.size
        self._share[low:high] = np.maximum.reduceat(shares[order], first)
        self._must[low:high] = np.logical_or.reduceat(musts[order], first)
        starts = np.flatnonzero(np.diff(above, prepend=-1))
        nodes = above[starts]
        self._start[nodes] = low + starts
        self._count[nodes] = np.diff(starts, append=len(above))
        self._filled = high

    def _reserve(self, size: int) -> None:
        if size > len(self._up):
            for name in ("_up", "_share", "_must"):
                old = getattr(self, name)
                grown = np.empty(max(size, 2 * len(old)), dtype=old.dtype)
                grown[: len(old)] = old
                setattr(self, name, grown)

    def pairs(self) -> tuple[Rows, Rows, Floats, Bools]:
        """Return all pairs of a procedure and one upstream, with share and must."""
        nodes = np.flatnonzero(self._count)
        nodes = nodes[np.argsort(self._start[nodes])]
        above = np.repeat(nodes, self._count[nodes])
        end = self._filled
        return above, self._up[:end], self._share[:end], self._must[:end]


def chain_burden(
    portfolio: Portfolio,
    known: pd.DataFrame | None = None,
    parameters: Figures | None = None,
    *,
    days: pd.Series | None = None,
) -> pd.DataFrame:
    """Return own and whole burden of each procedure, upstream procedures included.

    The rules stand at the head of this module.

    Parameters
    ----------
    known
        `procsim.network.links.links`, where they are at hand; the shares are read
        from the portfolio as it stands, so links serve before and after a reform.
    days
        Own days of each procedure (aligned to ``portfolio.procedures``), in place of
        the statutory ones.

    Returns
    -------
    pandas.DataFrame
        Aligned to ``portfolio.procedures``. For ``days`` (working days), ``hours`` (of
        the applicant) and ``cost_vnd``: ``own_*``, ``expected_*``, ``worst_*``; NaN
        where the own figure is not known. ``depth`` (procedures one after the other
        upstream), ``upstream`` (how many in the worst case), ``unknown_upstream``
        (those of them whose days or cost are not known: then the figure is a lower
        bound), ``in_cycle``, ``mark`` (``giả định`` where a share of its papers is
        assumed, else ``nhập``; empty without upstream), ``why`` (``own_days``,
        ``own_cost``: what is missing).

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001", "1.000002"], "ministry": "Bộ Tư pháp",
    ...                                 "name": ["Đăng ký khai sinh", "Nhận con nuôi"]}),
    ...     "channels": pd.DataFrame({"id": ["k1", "k2"], "limit_unit": "working_day",
    ...         "procedure": ["1.000001", "1.000002"], "limit_value": [1.0, 30.0]}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000002", "case": "c",
    ...         "name": ["Giấy khai sinh"], "kind": "document", "types": "giay_khai_sinh"}),
    ...     "results": pd.DataFrame({"id": ["o1"], "procedure": "1.000001",
    ...         "name": ["Giấy khai sinh"], "types": "giay_khai_sinh"}),
    ... })
    >>> chain_burden(portfolio)["worst_days"].tolist()
    [1.0, 31.0]
    """
    p = figures(parameters)
    index = portfolio.procedures.index
    size = len(index)
    known = links(portfolio, parameters=p) if known is None else known
    own = own_burden(portfolio, p)
    if days is not None:
        own = Own(days.reindex(index).to_numpy(dtype=float), own.hours, own.cost)
    used = used_links(portfolio, known, p)
    made = chains(portfolio, used, own.days)
    columns: dict[str, object] = {
        "own_days": own.days,
        "expected_days": np.where(np.isnan(own.days), np.nan, made.expected_days),
        "worst_days": np.where(np.isnan(own.days), np.nan, made.worst_days),
    }
    must = made.must.astype(float)
    for name, values in (("hours", own.hours), ("cost_vnd", own.cost)):
        each = np.nan_to_num(values)[made.upstream]
        columns[f"own_{name}"] = values
        columns[f"expected_{name}"] = values + total(made.above, made.share * each, size)
        columns[f"worst_{name}"] = values + total(made.above, must * each, size)
    gaps = (np.isnan(own.days) | np.isnan(own.cost))[made.upstream]
    columns["depth"] = made.depth
    columns["upstream"] = total(made.above, must, size).astype(np.intp)
    columns["unknown_upstream"] = total(made.above, gaps.astype(float), size).astype(np.intp)
    columns["in_cycle"] = made.in_cycle
    mark = np.zeros(size, dtype=np.intp)
    np.maximum.at(mark, used.owner, 1 + used.assumed)
    columns["mark"] = pd.Index(["", "nhập", ASSUMED]).take(mark)
    columns["why"] = reasons(
        size, ("own_days", np.isnan(own.days)), ("own_cost", np.isnan(own.cost))
    )
    return pd.DataFrame(columns, index=index)


# Circles of procedures that wait for each other's papers, named with the papers.


@dataclass(frozen=True, slots=True)
class Cycle:
    """One circle: each procedure needs a paper of the next, the last of the first.

    Attributes
    ----------
    procedures
        Ids in the order of the circle, the smallest id first.
    papers
        Document types: ``papers[i]`` is what ``procedures[i]`` needs of the next one.
    requirements
        Ids of the dossier rows that ask for them.
    group
        Number of the strongly connected part; circles that share procedures share it.
    avoidable
        Whether one of the papers is only one of several alternatives.
    sentence
        The circle in words.
    """

    procedures: tuple[str, ...]
    papers: tuple[str, ...]
    requirements: tuple[str, ...]
    group: int
    avoidable: bool
    sentence: Text

    def as_dict(self, language: str = "") -> dict[str, object]:
        """Return plain values, for JSON."""
        return {
            "procedures": list(self.procedures),
            "papers": list(self.papers),
            "requirements": list(self.requirements),
            "group": self.group,
            "avoidable": self.avoidable,
            "sentence": self.sentence.in_language(language),
        }


def components(size: int, owner: Rows, issuer: Rows) -> Rows:
    """Return the strongly connected part that each procedure belongs to.

    Parameters
    ----------
    owner, issuer
        Shape (links,): who asks, and who issues, as row numbers below `size`.

    Examples
    --------
    >>> part = components(3, np.array([0, 1, 2]), np.array([1, 0, 0]))
    >>> bool(part[0] == part[1]), bool(part[1] == part[2])
    (True, False)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(owner):
        return np.arange(size, dtype=np.intp)
    links = coo_array((np.ones(len(owner), dtype=np.int8), (owner, issuer)), shape=(size, size))
    _, part = connected_components(links.tocsr(), directed=True, connection="strong")
    return np.asarray(part, dtype=np.intp)


def _shortest(start: int, after: dict[int, dict[int, int]]) -> list[int]:
    """Return the shortest circle through `start`, found breadth first."""
    previous: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in after[here]:
            if there == start:
                path = [here]
                while path[-1] != start:
                    path.append(previous[path[-1]])
                return path[::-1]
            if there not in previous:
                previous[there] = here
                waiting.append(there)
    return []


def find_cycles(size: int, owner: Rows, issuer: Rows) -> list[tuple[int, list[int]]]:
    """Return the shortest circle through every procedure that is in one, each once.

    Returns
    -------
    list of (part, links)
        The number of the connected part, and the positions of the links of the
        circle in `owner`, in the order of the circle from its smallest procedure.
    """
    part = components(size, owner, issuer)
    inner = np.flatnonzero((part[owner] == part[issuer]) & (owner != issuer))
    after: dict[int, dict[int, int]] = {}
    for link in inner[::-1].tolist():  # the first of several links between two stays
        after.setdefault(int(owner[link]), {})[int(issuer[link])] = link
    after = {here: dict(sorted(there.items())) for here, there in after.items()}
    found: dict[tuple[int, ...], tuple[int, list[int]]] = {}
    numbers: dict[int, int] = {}
    for start in sorted(after):
        circle = _shortest(start, after)
        first = circle.index(min(circle))
        circle = circle[first:] + circle[:first]
        group = numbers.setdefault(int(part[start]), len(numbers))
        steps = zip(circle, [*circle[1:], circle[0]], strict=True)
        found.setdefault(tuple(circle), (group, [after[here][there] for here, there in steps]))
    return list(found.values())


def cycles(portfolio: Portfolio, known: pd.DataFrame | None = None) -> list[Cycle]:
    """Return the circles of the network: for each procedure in one, the shortest.

    Parameters
    ----------
    known
        `procsim.network.links.links`, where they are at hand; rows of the base case
        that are ``counted`` make the network.

    Returns
    -------
    list of Cycle
        Each with its procedures, papers and a sentence in both languages.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001", "1.000002"], "name": ["A", "B"],
    ...                                 "ministry": "Bộ Tư pháp"}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2"], "name": "Giấy", "case": "c",
    ...         "procedure": ["1.000001", "1.000002"], "kind": "document"}),
    ... })
    >>> known = pd.DataFrame({
    ...     "requirement": ["r1", "r2"], "procedure": ["1.000001", "1.000002"],
    ...     "issuer": ["1.000002", "1.000001"], "document_type": ["ho_chieu", "can_cuoc"],
    ...     "counted": True, "base": True})
    >>> [cycle.procedures for cycle in cycles(portfolio, known)]
    [('1.000001', '1.000002')]
    """
    known = links(portfolio) if known is None else known
    made = used_links(portfolio, known)
    index = portfolio.procedures.index
    names = document_types()
    found = []
    for group, steps in find_cycles(len(index), made.owner, made.issuer):
        rows = known.iloc[made.link[steps]]
        ids = tuple(rows["procedure"])
        papers = tuple(rows["document_type"])
        avoidable = bool(made.alternative[steps].any())
        titles = names.reindex(papers)
        # A paper of no known type goes by its national code.
        titles = titles.where(titles.notna(), pd.Series(papers, index=papers), axis=0)
        named = [titles.iloc[number] for number in range(len(papers))]
        sentence = _sentence(portfolio, ids, named, avoidable)
        found.append(Cycle(ids, papers, tuple(rows["requirement"]), group, avoidable, sentence))
    return found


def _sentence(
    portfolio: Portfolio, ids: tuple[str, ...], papers: list[pd.Series], avoidable: bool
) -> Text:
    names = [f"“{portfolio.procedures.at[i, 'name']}” ({i})" for i in ids]
    following = [*names[1:], names[0]]
    vi = "; ".join(
        f"{here} cần {paper['name_vi']} do {there} cấp"
        for here, paper, there in zip(names, papers, following, strict=True)
    )
    en = "; ".join(
        f"{here} needs the {paper['name_en']} that {there} issues"
        for here, paper, there in zip(names, papers, following, strict=True)
    )
    out = bilingual("network.can_avoided_another_paper") if avoidable else NOTHING
    return bilingual("network.circle_papers", words=Text(vi, en), out=out)
