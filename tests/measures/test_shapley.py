"""Shapley values against brute force over all orders."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.measures.decompose import (
    all_coalitions,
    exact_shares,
    joining,
    random_orders,
    sampled_shares,
)


def brute(values: np.ndarray, players: int) -> np.ndarray:
    shares = np.zeros((players, *values.shape[1:]))
    orders = list(permutations(range(players)))
    for order in orders:
        number = 0
        for player in order:
            shares[player] += values[number | 1 << player] - values[number]
            number |= 1 << player
    return shares / len(orders)


@settings(max_examples=40, deadline=None)
@given(players=st.integers(1, 5), seed=st.integers(0, 10**6))
def test_exact_shares_are_the_mean_over_all_orders_and_add_up(players: int, seed: int):
    values = np.random.default_rng(seed).normal(size=(2**players, 3))
    shares = exact_shares(values, players)
    np.testing.assert_allclose(shares, brute(values, players), atol=1e-12)
    np.testing.assert_allclose(shares.sum(axis=0), values[-1] - values[0], atol=1e-12)


def test_the_glove_game():
    # A left glove is worth something only with one of two right gloves: 2/3, 1/6, 1/6.
    member = all_coalitions(3)
    values = (member[:, 0] & (member[:, 1] | member[:, 2])).astype(float)
    np.testing.assert_allclose(exact_shares(values, 3), [2 / 3, 1 / 6, 1 / 6])


def test_no_player_shares_nothing():
    assert exact_shares(np.array([4.0]), 0).shape == (0,)


def test_orders_come_with_their_reverse_and_coalitions_grow_by_one():
    orders = random_orders(6, 20, np.random.default_rng(1))
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert (orders[0::2] == orders[1::2, ::-1]).all()
    grown = joining(orders)
    assert (grown.sum(axis=2) == np.arange(7)).all()
    for order, steps in zip(orders, grown, strict=True):
        assert [int(np.flatnonzero(b & ~a)[0]) for a, b in pairwise(steps)] == list(order)


@pytest.mark.parametrize("seed", range(5))
def test_sampled_shares_agree_with_exact_ones_within_three_errors(seed: int):
    players, rng = 7, np.random.default_rng(seed)
    values = np.maximum.accumulate(rng.normal(size=(2**players, 2)), axis=0)
    orders = random_orders(players, 400, rng)
    numbers = joining(orders) @ (1 << np.arange(players))
    shares, error = sampled_shares(orders, values[numbers])
    truth = exact_shares(values, players)
    assert (error > 0).all()
    # Of 14 estimates in five runs a few lie beyond two errors, none beyond four.
    assert (np.abs(shares - truth) < 4 * error).all()
    assert (np.abs(shares - truth) < 3 * error).mean() > 0.9
    np.testing.assert_allclose(shares.sum(axis=0), values[-1] - values[0], atol=1e-9)


def test_sampling_what_only_adds_up_has_no_error():
    worth = np.array([3.0, 0.0, 5.0, -1.0])
    orders = random_orders(4, 5, np.random.default_rng(0))
    shares, error = sampled_shares(orders, joining(orders) @ worth)
    np.testing.assert_allclose(shares, worth)
    np.testing.assert_allclose(error, 0, atol=1e-12)
