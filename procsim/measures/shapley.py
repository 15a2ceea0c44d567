"""Shapley values: a fair share of a total for each of several causes, in no order.

The share of a player is the mean, over all orders in which the players can
join, of what the total gains when it joins. The shares add up to the total,
and no order is preferred. Small games are worked out exactly from all
coalitions; large ones from random orders, with the standard error.
"""

from __future__ import annotations

import math

import numpy as np

from procsim.measures.arrays import Bools, Floats, Rows

__all__ = ["all_coalitions", "exact_shares", "joining", "random_orders", "sampled_shares"]


def all_coalitions(players: int) -> Bools:
    """Return every coalition, shape (2**players, players), the empty one first.

    Row number ``n`` has player ``i`` where bit ``i`` of ``n`` is set.

    Examples
    --------
    >>> all_coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    taken: Bools = (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1
    return taken


def exact_shares(values: Floats, players: int) -> Floats:
    """Return the share of each player, shape (players, …).

    Parameters
    ----------
    values
        Shape (2**players, …): the value of each coalition, in the order of
        `all_coalitions`.

    Examples
    --------
    Two papers are two savings; a second way to save the same one is none:

    >>> exact_shares(np.array([0.0, 10.0, 10.0, 10.0]), 2).tolist()
    [5.0, 5.0]
    """
    number = np.arange(2**players)
    size = all_coalitions(players).sum(axis=1)
    weight = np.array(
        [
            1 / (players * math.comb(players - 1, s)) if s < players else 0.0
            for s in range(1 + players)
        ]
    )
    shares = np.zeros((players, *values.shape[1:]))
    for player in range(players):
        without = number[number >> player & 1 == 0]
        gain = values[without | 1 << player] - values[without]
        shares[player] = np.tensordot(weight[size[without]], gain, axes=1)
    return shares


def random_orders(players: int, pairs: int, rng: np.random.Generator) -> Rows:
    """Return random orders of the players, each followed by its reverse.

    Who joins early in an order joins late in its reverse: together they vary
    less than two independent orders would (antithetic sampling).

    Returns
    -------
    numpy.ndarray
        Shape (2 × pairs, players), player numbers.
    """
    drawn = rng.permuted(np.tile(np.arange(players), (pairs, 1)), axis=1)
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(2 * pairs, players)


def joining(orders: Rows) -> Bools:
    """Return the coalitions that grow along each order, the empty one first.

    Examples
    --------
    >>> joining(np.array([[1, 0]])).astype(int).tolist()
    [[[0, 0], [0, 1], [1, 1]]]
    """
    place = np.argsort(orders, axis=1)
    return place[:, None, :] < np.arange(orders.shape[1] + 1)[None, :, None]


def sampled_shares(orders: Rows, values: Floats) -> tuple[Floats, Floats]:
    """Return the estimated share of each player and its standard error.

    Parameters
    ----------
    orders
        What `random_orders` drew, at least two pairs.
    values
        Shape (orders, players + 1, …): the value of each coalition of `joining`.

    Returns
    -------
    tuple of numpy.ndarray
        Both of shape (players, …). The shares add up to the whole exactly,
        because every order does. The error is the standard deviation of the
        pairs' means over the root of the number of pairs.
    """
    gains = np.diff(values, axis=1)
    place = np.argsort(orders, axis=1)
    of_player = gains[np.arange(len(orders))[:, None], place]
    pairs = of_player.reshape(-1, 2, *of_player.shape[1:]).mean(axis=1)
    error = pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs))
    return pairs.mean(axis=0), error
