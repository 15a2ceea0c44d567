"""Patterns: the subsets of own items with which a scope can still meet its targets.

With pattern A open and every common item open, a scope saves more than it
must by its *room*. Closing common item i loses at least ``loss[A, i]``, and
the losses of several closed items add up (a loss shared by two items is
counted with the one that is likelier to be closed; one that two items make
good for each other is taken off both), so

    sum over closed i of loss[A, i] ≤ room[A]

holds for every plan that has pattern A: a small knapsack for each pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from procsim.decisions.optimise.blocks import SLACK, Block, Blocks
from procsim.decisions.optimise.problem import Floats, Integers

__all__ = ["Patterns", "patterns_of"]

Flags = npt.NDArray[np.bool_]
CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Patterns:
    """Patterns of all blocks, one after the other.

    Attributes
    ----------
    block, subset, price
        Block, own items (one bit each) and price of each, shape ``(n,)``.
    room
        What it saves beyond the targets with all common items open, ``(n, targets)``.
    loss
        What closing each common item takes away, shape ``(n, targets, common)``.
    """

    block: Integers
    subset: Integers
    price: Floats
    room: Floats
    loss: Floats

    def __len__(self) -> int:
        return len(self.price)

    def take(self, rows: Integers | Flags) -> Patterns:
        """Return some of the patterns."""
        return Patterns(
            self.block[rows], self.subset[rows], self.price[rows], self.room[rows], self.loss[rows]
        )

    def join(self, other: Patterns) -> Patterns:
        """Return these patterns and others, sorted by block."""
        both = _together([self, other])
        return both.take(np.argsort(both.block, kind="stable"))


def _together(parts: list[Patterns]) -> Patterns:
    return Patterns(
        np.concatenate([part.block for part in parts]),
        np.concatenate([part.subset for part in parts]),
        np.concatenate([part.price for part in parts]),
        np.concatenate([part.room for part in parts]),
        np.concatenate([part.loss for part in parts]),
    )


def patterns_of(
    blocks: Blocks, above: Floats, upto: Floats, only: Iterable[int] | None = None
) -> Patterns:
    """Return the patterns of each block with a price in ``(above, upto]``.

    Parameters
    ----------
    above, upto
        Prices, one for each block.
    only
        Numbers of the blocks to list; None for all.
    """
    width = max(len(block.low) for block in blocks.blocks)
    likely = _likely_closed(blocks)
    return _together([
        _of_block(
            number, blocks.blocks[number], likely, width, float(above[number]), float(upto[number])
        )
        for number in (range(len(blocks.blocks)) if only is None else only)
    ])  # fmt: skip


def _likely_closed(blocks: Blocks) -> Floats:
    """Return for each common item its price by what all blocks would lose without it."""
    lost = np.full(len(blocks.common), 1e-9)
    for block in blocks.blocks:
        lost += np.maximum(block.gain.sum(axis=1) @ block.needs, 0.0)
    return np.asarray(blocks.price / lost, dtype=np.float64)


def _of_block(
    number: int, block: Block, likely: Floats, width: int, above: float, upto: float
) -> Patterns:
    room = (block.savings(np.ones(len(likely), dtype=bool)) - block.low[:, None]).T
    price = block.totals()
    rows = np.flatnonzero(
        (room >= -SLACK).all(axis=1) & (price > above + 1e-9) & (price <= upto + 1e-9)
    )
    targets = len(block.low)
    weight = _losses(block, likely).reshape(len(block.mask), -1)
    loss = np.zeros((len(rows), width, len(likely)))
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        there = (some[:, None] & block.mask) == block.mask
        value = there.astype(np.float64) @ weight
        loss[start : start + CHUNK, :targets] = np.maximum(
            value.reshape(len(some), targets, len(likely)), 0.0
        )
    full = np.ones((len(rows), width))
    full[:, :targets] = np.maximum(room[rows], 0.0) + SLACK
    return Patterns(np.full(len(rows), number), rows, price[rows], full, loss)


def _losses(block: Block, likely: Floats) -> Floats:
    """Return what closing each item takes from each term, shape ``(terms, targets, common)``."""
    score = np.where(block.needs, likely, -np.inf)
    some = block.needs.any(axis=1)
    one = np.zeros(block.needs.shape)
    one[np.flatnonzero(some), np.argmax(score[some], axis=1)] = 1.0
    gained = np.maximum(block.gain, 0.0)[:, :, None] * one[:, None, :]
    # [a or b is closed] is at most [a closed] + [b closed]: what comes back is taken off both.
    taken = np.minimum(block.gain, 0.0)[:, :, None] * block.needs[:, None, :]
    return np.asarray(gained + taken, dtype=np.float64)
