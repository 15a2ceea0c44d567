"""The search part by part: its bounds and its plans against all subsets."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procsim.decisions.optimise import Limits, Target, agree, search, solve
from procsim.decisions.optimise.agree import Agreement
from procsim.decisions.optimise.alone import Alone
from procsim.decisions.optimise.complete import Completer
from procsim.decisions.optimise.engine import Clock, minimise
from procsim.decisions.optimise.parts import fit, parts_of, shares_of
from procsim.decisions.optimise.program import compile_problem
from tests.benchmarks.instances import national
from tests.decisions.optimise_cases import brute_force, problem
from tests.decisions.test_optimise import agrees

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def ministries(draw, *, prices=(0.1, 0.5, 1.0), apart=False):
    """Random problems of two or three ministries that share texts and a database.

    Unless they are kept apart, a reform may save in two of them or a unit count in both.
    """
    n = draw(st.integers(2, 3))
    texts = {f"t{i}": float(draw(st.integers(1, 5))) for i in range(draw(st.integers(2, 4)))}
    databases = {"d0": float(draw(st.integers(1, 4)))}
    needs, options, units = {}, [], {f"B{m}": [] for m in range(n)}
    for i in range(draw(st.integers(n, 7))):
        name, home = f"c{i}", i % n
        needs[name] = (
            draw(st.lists(st.sampled_from(list(texts)), min_size=1, max_size=2, unique=True)),
            draw(st.lists(st.just("d0"), max_size=1)),
        )
        places = {home} if apart else {home, draw(st.sampled_from([home, home, home, 0]))}
        for where in sorted(places):
            unit = f"u{where}{draw(st.integers(0, 1))}"
            saved = {m: float(draw(st.integers(0, 4))) for m in ("time", "documents")}
            options.append((unit, name, {"time": 1.0} if not any(saved.values()) else saved))
            units[f"B{where}"].append(unit)
    if not apart and draw(st.sampled_from([False, False, True])):
        units["B0"] += units["B1"][:1]
    best = {}
    for unit, _, saved in options:
        for metric, value in saved.items():
            best[unit, metric] = max(best.get((unit, metric), 0.0), value)
    level = draw(st.sampled_from([0.3, 0.6, 0.9]))
    targets = tuple(
        Target(metric, scope, base=20.0, required=float(int(level * reach)))
        for scope, inside in units.items()
        for metric in ("time", "documents")
        for reach in [sum(best.get((unit, metric), 0.0) for unit in set(inside))]
    )
    return problem(
        texts, databases, needs, options, targets,
        price=[draw(st.sampled_from(prices)) for _ in needs],
        scopes={scope: list(dict.fromkeys(inside)) for scope, inside in units.items()},
    )  # fmt: skip


def decided(p, draw):
    """Return the problem with some things settled beforehand."""
    inside = draw(st.sampled_from([*p.texts.ids, *p.candidates.ids]))
    outside = draw(st.sampled_from([*p.texts.ids, *p.databases.ids]))
    limits = Limits(forced_in=frozenset({inside}), forced_out=frozenset({outside} - {inside}))
    return p.replace(limits=limits)


def searched(p, share=None, clock=None, **changes):
    """Return the plan and the bound by the search part by part, None where it has no parts."""
    program = compile_problem(p)
    parts = parts_of(program)
    if parts is None:
        return None
    completer, best, bounds = Completer(program), [inf], [-inf]

    def offer(x):
        full = completer.columns(x > 0.5, x)
        if completer.meets(full):
            best.append(min(best[-1], float(program.price @ full)))
        return best[-1]

    share = fit(np.ones((len(parts.parts), len(parts.common))), parts) if share is None else share
    settled = {"gap": 1e-6, "value": float(program.price.sum()) + 1.0} | changes
    search = Agreement(
        program, parts, share, clock or Clock(10.0), offer=offer, prove=bounds.append, **settled
    )
    done = search.run()
    return best[-1], max(bounds), done


def right(p):
    found = searched(p)
    if found is None:
        return
    price, _ = brute_force(p)
    best, bound, done = found
    assert done
    if price < inf:
        assert best == pytest.approx(price)
        assert bound == pytest.approx(price, abs=1e-4)
    else:
        assert best == inf


@given(ministries())
@QUICK
def test_the_bound_is_no_dearer_than_the_best_plan(p):
    right(p)


@given(ministries(prices=(0.0,)))
@QUICK
def test_the_bound_holds_for_free_reforms_too(p):
    right(p)


@given(ministries(), st.data())
@QUICK
def test_the_bound_holds_for_what_is_decided_beforehand(p, data):
    right(decided(p, data.draw))


@given(ministries(), st.data())
@QUICK
def test_the_whole_search_agrees_with_brute_force(p, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        agrees(p)
        agrees(decided(p, data.draw))


@given(ministries(), st.integers(0, 2**32 - 1))
@QUICK
def test_no_shares_promise_more_than_the_best_plan(p, seed):
    parts = parts_of(compile_problem(p))
    if parts is None:
        return
    rng = np.random.default_rng(seed)
    share = fit(rng.random((len(parts.parts), len(parts.common))), parts)
    assert (share.sum(axis=0) <= parts.price).all()
    items = len(p.texts) + len(p.databases)
    free = np.zeros(len(parts.common), dtype=bool)
    known = [Alone(part, items, 0.0, Clock(5.0)) for part in parts.parts]

    def total(open_, closed):
        found = [
            alone.answer(share[k, at], open_[at], closed[at], None)
            for k, alone in enumerate(known)
            for at in [alone.part.common]
        ]
        return found, parts.base + sum(answer.bound for answer in found)

    found, bound = total(free, free)
    assert bound <= brute_force(p)[0] + 1e-6
    # What a trial adds is no more than what settling the item truly costs.
    rises = np.zeros((2, len(free)))
    for alone, answer in zip(known, found, strict=True):
        at = alone.part.common
        for place, way, rise in alone.trials(answer, free[at], free[at], lambda *_: False):
            rises[way, at[place]] += rise
    names = (*p.texts.ids, *p.databases.ids)
    for place, column in enumerate(parts.common.tolist()):
        for way, kind in ((1, "forced_in"), (0, "forced_out")):
            other = p.replace(limits=Limits(**{kind: frozenset({names[column]})}))
            assert bound + rises[way, place] <= brute_force(other)[0] + 1e-6


@given(ministries(apart=True))
@QUICK
def test_the_shares_of_the_relaxation_prove_as_much_as_the_relaxation(p):
    program = compile_problem(p)
    parts = parts_of(program)
    if parts is None:
        return
    arrays = (program.matrix, program.low, program.high, program.lower, program.upper)
    relaxed = minimise(program.price, *arrays, clock=Clock(5.0))
    if relaxed.duals is None:
        return
    share = shares_of(program, parts, relaxed.duals)
    assert (share.sum(axis=0) <= parts.price).all()
    total = parts.base
    for k, part in enumerate(parts.parts):
        cost = part.price.copy()
        cost[part.at] = share[k, part.common]
        total += minimise(
            cost, part.matrix, part.low, part.high, part.lower, part.upper, clock=Clock(5.0)
        ).value
    assert total == pytest.approx(relaxed.value)


def small_nation(seed, **changes):
    size = {"procedures": 60, "texts": 24, "databases": 4, "ministries": 3} | changes
    return national(np.random.default_rng(seed), reform_price=0.1, **size)


def test_a_nation_falls_into_its_ministries():
    p = small_nation(1)
    program = compile_problem(p)
    parts = parts_of(program)
    assert len(parts.parts) == 3
    own = [set(part.columns.tolist()) & set(program.own.tolist()) for part in parts.parts]
    assert sum(map(len, own)) == len(set.union(*own))
    assert sum(len(part.rows[part.rows < 9]) for part in parts.parts) == 9


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_the_general_search(seed):
    p = small_nation(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 10**9)
        known = solve(p, gap=1e-5)
        patch.setattr(search, "SMALL", 0)
        found = solve(p, gap=1e-3)
    best, bound, done = searched(p, gap=1e-3)
    assert done
    assert bound <= known.price * (1 + 1e-5)
    assert best * (1 - 1e-3) <= bound + 1e-2
    assert found.status == "optimal"
    assert found.bound <= known.price + 1e-6
    assert found.price >= known.bound - 1e-6


def test_one_scope_or_a_limit_on_the_plan_leaves_nothing_to_do():
    p = small_nation(1)
    everything = {"nation": np.arange(len(p.units))}
    target = Target("documents", "nation", base=300.0, required=30.0)
    assert parts_of(compile_problem(p.replace(scopes=everything, targets=(target,)))) is None
    assert parts_of(compile_problem(p.replace(limits=Limits(texts=20)))) is None
    assert parts_of(compile_problem(p.replace(limits=Limits(price=60.0)))) is None
    capped = Limits(candidates_per_agency={"B01": 200})  # ties what is one part already
    assert len(parts_of(compile_problem(p.replace(limits=capped))).parts) == 3


@pytest.mark.parametrize("after", [0, 5, 40, 200])
def test_what_is_known_when_it_is_stopped_is_true(after):
    p = small_nation(2)
    asked = [0]

    def cancel():
        asked[0] += 1
        return asked[0] > after

    known = solve(p, gap=1e-5)
    best, bound, _ = searched(p, clock=Clock(10.0, cancel))
    assert bound <= known.price + 1e-6
    assert best >= known.bound - 1e-6
    asked[0] = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        stopped = solve(p, gap=0.0, cancel=cancel)
    assert stopped.status in ("cancelled", "time_limit")
    if stopped.found:
        assert stopped.summary["met"].all()
    assert not stopped.bound > known.price + 1e-6


def test_it_leaves_the_field_where_its_trials_settle_too_little():
    p = small_nation(3)
    known = solve(p, gap=1e-5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agree, "MOST_FREE", -1)
        _, bound, done = searched(p)
        assert not done
        assert bound <= known.price + 1e-6
        patch.setattr(search, "SMALL", 0)
        found = solve(p)
    assert found.status == "optimal"
    assert found.price == pytest.approx(known.price, rel=1e-3)
