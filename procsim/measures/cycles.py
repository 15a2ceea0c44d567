"""Circles of procedures that wait for each other's papers, named with the papers.

"A needs a paper of B, and B needs a paper of A": nobody who holds neither can
begin. Such a circle is found as a strongly connected part of the network and
shown by name; the measures of chains take the papers inside it as held.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import Text
from procsim.measures.arrays import Rows
from procsim.measures.network import links
from procsim.measures.used import used_links
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types

__all__ = ["Cycle", "components", "cycles", "find_cycles"]


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
        `procsim.measures.network.links`, where they are at hand; rows of the base case
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
    out = (
        Text(
            " Có thể tránh: ít nhất một giấy tờ trong vòng được thay bằng giấy tờ khác.",
            " It can be avoided: another paper is accepted for at least one of these.",
        )
        if avoidable
        else Text("", "")
    )
    return Text(f"Vòng giấy tờ: {vi}.{out.vi}", f"A circle of papers: {en}.{out.en}")
