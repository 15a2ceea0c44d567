"""The order of the steps of one procedure as a set of pairs, and how it is rearranged.

A pair ``(a, b)`` says that step a goes before step b; steps are row numbers.
Each operation returns a new set, so that they can be tried and thrown away.
"""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["Pairs", "between", "contracted", "linked", "side_by_side", "without"]

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
