"""The order of steps on the map: chains that hang together, and levels within a chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from procsim.reports.map_content import Link, Node

__all__ = ["chains"]


def chains(nodes: Sequence[Node], flow: Sequence[Link]) -> list[list[list[Node]]]:
    """Return the steps by chain and, within a chain, by level of the flow.

    Two steps are of one chain when the flow joins them; a chain comes where its
    first step comes. The level of a step is the longest way to it, so steps that
    run side by side share a level. A circle in the flow is opened at the step
    that comes first in the order given.

    Returns
    -------
    list of list of list of Node
        Chains, their levels, the steps of a level in the order given.
    """
    by_id = {node.id: node for node in nodes}
    before: dict[str, list[str]] = {own: [] for own in by_id}
    for link in flow:
        before[link.target].append(link.source)
    level = _levels(before)
    found: dict[str, dict[int, list[Node]]] = {}
    head = _heads(by_id, flow)
    for own, node in by_id.items():
        found.setdefault(head[own], {}).setdefault(level[own], []).append(node)
    return [[levels[number] for number in sorted(levels)] for levels in found.values()]


def _levels(before: Mapping[str, Sequence[str]]) -> dict[str, int]:
    level: dict[str, int] = {}
    waiting = list(before)
    while waiting:
        ready = [own for own in waiting if all(source in level for source in before[own])]
        for own in ready or waiting[:1]:
            level[own] = max((level[s] + 1 for s in before[own] if s in level), default=0)
        waiting = [own for own in waiting if own not in level]
    return level


def _heads(ids: Iterable[str], flow: Iterable[Link]) -> dict[str, str]:
    """Return one step that stands for each step's chain."""
    head = {own: own for own in ids}

    def root(own: str) -> str:
        while head[own] != own:
            head[own] = head[head[own]]
            own = head[own]
        return own

    for link in flow:
        head[root(link.target)] = root(link.source)
    return {own: root(own) for own in head}
