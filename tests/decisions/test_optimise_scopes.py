"""The search scope by scope: its terms, its bounds and its plans against all subsets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procsim.decisions.optimise import Limits, blocks, search, solve, whole
from procsim.decisions.optimise.blocks import Blocks, blocks_of
from procsim.decisions.optimise.complete import Completer
from procsim.decisions.optimise.lagrange import Node
from procsim.decisions.optimise.patterns import patterns_of
from procsim.decisions.optimise.program import compile_problem
from procsim.decisions.optimise.whole import Whole
from tests.benchmarks.instances import national
from tests.decisions.optimise_cases import problem, problems
from tests.decisions.test_optimise import NATION, agrees, three_papers

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def small_nation(seed: int, **changes):
    size = {"procedures": 40, "texts": 14, "databases": 4, "ministries": 3} | changes
    return national(np.random.default_rng(seed), reform_price=0.0, **size)


@given(problems(), st.sampled_from([0, 1, 14]))
@QUICK
def test_scope_by_scope_agrees_with_brute_force(p, own):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        patch.setattr(blocks, "MOST_OWN", own)
        agrees(p)


@given(problems(), st.data())
@QUICK
def test_scope_by_scope_keeps_what_is_decided_beforehand(p, data):
    inside = data.draw(st.sampled_from(p.texts.ids))
    outside = data.draw(st.sampled_from([*p.texts.ids, *p.databases.ids]))
    if inside == outside:
        return
    limits = Limits(forced_in=frozenset({inside}), forced_out=frozenset({outside}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        agrees(p.replace(limits=limits))


@given(problems())
@QUICK
def test_scope_by_scope_takes_fewest_texts_among_the_cheapest(p):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        agrees(p, "lexicographic")


def _choice(found: Blocks, columns: int, open_: np.ndarray, subsets: list[int]) -> np.ndarray:
    chosen = np.zeros(columns, dtype=bool)
    chosen[found.always] = True
    chosen[found.common[open_]] = True
    for block, subset in zip(found.blocks, subsets, strict=True):
        chosen[block.own[(subset >> np.arange(len(block.own))) & 1 > 0]] = True
    return chosen


@given(problems(), st.data())
@QUICK
def test_terms_add_up_to_what_a_choice_saves(p, data):
    program = compile_problem(p)
    found = blocks_of(program)
    if found is None:
        return
    bits = data.draw(st.lists(st.booleans(), min_size=12, max_size=12))
    open_ = np.array(bits[: len(found.common)], dtype=bool)
    subsets = [data.draw(st.integers(0, (1 << len(b.own)) - 1)) for b in found.blocks]
    completer = Completer(program)
    full = completer.columns(_choice(found, len(program.price), open_, subsets))
    rows = program.matrix @ full
    for scope, block, subset in zip(
        dict.fromkeys(t.scope for t in p.targets if t.required > 0),
        found.blocks,
        subsets,
        strict=True,
    ):
        targets = [k for k, t in enumerate(p.targets) if t.scope == scope and t.required > 0]
        saved = block.savings(open_)[:, subset]
        assert saved == pytest.approx(rows[targets])


@pytest.mark.parametrize("seed", range(4))
def test_no_shares_promise_more_than_the_best_plan(seed):
    p = small_nation(seed, databases=3, texts=12)
    found = blocks_of(compile_problem(p))
    rng = np.random.default_rng(seed)
    n, m = len(found.common), len(found.blocks)
    everything = np.full(m, np.inf)
    patterns = patterns_of(found, -everything, everything)
    node = Node(
        patterns,
        np.arange(len(patterns)),
        np.zeros(patterns.room.shape),
        np.zeros(n, dtype=bool),
        np.zeros(n, dtype=bool),
        m,
    )
    exact = {}
    for bits in product((False, True), repeat=n):
        open_ = np.array(bits, dtype=bool)
        exact[bits] = [
            np.where((b.savings(open_) >= b.low[:, None]).all(axis=0), b.totals(), np.inf).min()
            for b in found.blocks
        ]
    for _ in range(5):
        share = rng.random((m, n)) * found.price
        bound = node.evaluate(share)
        for block in range(m):
            least = min(v[block] + share[block] @ np.array(bits) for bits, v in exact.items())
            assert node.least[block] <= least + 1e-6
        assert bound == pytest.approx(node.least.sum())


@pytest.mark.parametrize(("seed", "states"), [(0, 40_000), (1, 40_000), (5, 40_000), (5, 2)])
def test_whole_closings_are_worth_what_the_scope_would_do(seed, states, monkeypatch):
    monkeypatch.setattr(whole, "MOST_STATES", states)
    found = blocks_of(compile_problem(small_nation(seed, procedures=60, databases=3, texts=20)))
    rng = np.random.default_rng(seed)
    n, m = len(found.common), len(found.blocks)
    everything = np.full(m, np.inf)
    patterns = patterns_of(found, -everything, everything)
    open_, closed = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    open_[0], closed[1] = True, states > 2
    rows = np.arange(len(patterns))
    node = Node(patterns, rows, np.zeros(patterns.room.shape), open_, closed, m)
    closings = Whole(found)
    for _ in range(5):
        share = rng.random((m, n)) * found.price
        node.evaluate(share[:, node.free])
        points = closings.raise_least(node)
        for number, block in enumerate(found.blocks):
            least = np.inf
            for bits in product((False, True), repeat=len(node.free)):
                kept = open_.copy()
                kept[node.free] = bits
                enough = (block.savings(kept) >= block.low[:, None] - blocks.SLACK).all(axis=0)
                cheapest = np.where(enough, block.totals(), np.inf).min()
                least = min(least, cheapest + share[number] @ (kept & ~open_))
            if states == 2:
                assert node.least[number] <= least + 1e-6
            else:
                assert node.least[number] == pytest.approx(least)
        for number, price, shut in points:
            block = found.blocks[number]
            enough = (block.savings(shut < 0.5) >= block.low[:, None] - blocks.SLACK).all(axis=0)
            assert block.totals()[enough].min() <= price + 1e-9


@pytest.mark.parametrize("seed", range(2))
def test_a_stopped_search_claims_no_more_than_is_true(seed):
    p = small_nation(seed, procedures=150, texts=30, databases=6)
    best = solve(p, gap=0.0)
    asked = []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 60

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        stopped = solve(p, gap=0.0, cancel=cancel)
    assert stopped.found
    assert best.status == "optimal"
    assert stopped.bound <= best.price + 1e-9
    assert stopped.price >= best.price - 1e-9


def test_a_term_for_two_ways_counts_what_they_share_once():
    p = problem(
        {"t1": 1.0, "t2": 1.0, "t3": 1.0, "t4": 1.0},
        {},
        {"a": (["t1"], []), "b": (["t2"], []), "c": (["t3"], []), "d": (["t4"], [])},
        [
            ("p1", "a", {"documents": 2.0}),
            ("p1", "b", {"documents": 1.0}),
            ("p2", "c", {"documents": 3.0}),
            ("p3", "d", {"documents": 3.0}),
        ],
        NATION,
    )
    (block,) = blocks_of(compile_problem(p)).blocks
    assert len(block.own) == 4
    saved = block.savings(np.zeros(0, dtype=bool))[0] * 3 / 100  # rows are in percent of 3
    assert saved[[0b0001, 0b0010, 0b0011, 0b0100, 0b1111]] == pytest.approx([2, 1, 2, 3, 8])


def test_priced_reforms_and_budgets_are_left_to_the_general_search():
    assert blocks_of(compile_problem(three_papers())) is not None
    assert blocks_of(compile_problem(three_papers(price=0.1))) is None
    assert blocks_of(compile_problem(three_papers(limits=Limits(texts=2)))) is None
