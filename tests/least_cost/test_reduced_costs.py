"""What dual values prove about single texts and databases, against every subset."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procsim.least_cost import Limits, Target
from procsim.least_cost.model import formulate
from procsim.least_cost.search import ReducedCosts
from procsim.least_cost.solver import Clock, relax
from tests.least_cost.problems import brute_force, problem, problems

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def relaxed(model):
    return relax(model, Clock(10.0))


def one_way(p, name, *, open_):
    """Return the least price with one text or database settled."""
    if open_:
        return brute_force(p.replace(limits=Limits(forced_in=frozenset({name}))))[0]
    return brute_force(p.replace(limits=Limits(forced_out=frozenset({name}))))[0]


def holds(p, model, duals):
    proof = ReducedCosts(model, model.cost, duals)
    assert proof.bound <= brute_force(p)[0] + 1e-6
    for row, name in enumerate((*p.texts.ids, *p.databases.ids)):
        assert proof.bound + proof.opening[row] <= one_way(p, name, open_=True) + 1e-6
        assert proof.bound + proof.closing[row] <= one_way(p, name, open_=False) + 1e-6


@given(problems(priced=True))
@QUICK
def test_the_relaxation_proves_no_more_than_is_true(p):
    model = formulate(p)
    found = relaxed(model)
    if found.duals is None:
        return
    assert ReducedCosts(model, model.cost, found.duals).bound == pytest.approx(found.value)
    holds(p, model, found.duals)


@given(problems(priced=True), st.integers(0, 2**32 - 1))
@QUICK
def test_any_dual_values_prove_no_more_than_is_true(p, seed):
    model = formulate(p)
    rng = np.random.default_rng(seed)
    holds(p, model, rng.normal(0.0, 0.05, len(model.low)))


def test_a_text_that_is_too_dear_is_settled():
    """Two circulars for 1 point would do; the law that does the same is 10 points."""
    p = problem(
        {"TT-01": 1.0, "TT-02": 1.0, "L-01": 10.0},
        {},
        {"a": (["TT-01"], []), "b": (["TT-02"], []), "c": (["L-01"], [])},
        [("u1", "a", {"time": 1.0}), ("u2", "b", {"time": 1.0}), ("u3", "c", {"time": 2.0})],
        (Target("time", "nation", base=4.0, required=2.0),),
        price=0.1,
    )
    model = formulate(p)
    proof = ReducedCosts(model, model.cost, relaxed(model).duals)
    assert proof.bound == pytest.approx(2.2)
    assert proof.settled(2.2)[1].tolist() == [False, False, True]
    # Against a plan of 20 points nothing of this is sure.
    assert not np.any(proof.settled(20.0))
