"""The smallest plan against every subset, and what it says about itself."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, milp

from procsim.errors import InvalidValue
from procsim.least_cost import (
    METRICS,
    Items,
    Limits,
    Options,
    Problem,
    Target,
    search,
    solve,
    solver,
)
from procsim.least_cost.model import formulate
from procsim.least_cost.solver import write_model
from tests.benchmarks.instances import national
from tests.benchmarks.smallest_plan import plain
from tests.least_cost.problems import brute_force, problem, problems

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def agrees(p: Problem, objective: str = "price") -> None:
    price, texts = brute_force(p)
    result = solve(p, objective, gap=0.0)
    if price == inf:
        assert result.status == "infeasible"
        assert not result.found
        return
    assert result.status == "optimal"
    assert result.price == pytest.approx(price)
    assert result.bound == pytest.approx(price)
    assert result.summary["met"].all()
    if objective == "lexicographic":
        assert len(result.texts) == texts


@given(problems(overlap=False))
@QUICK
def test_brute_force_without_overlap(p):
    agrees(p)


@given(problems())
@QUICK
def test_brute_force_with_overlap(p):
    agrees(p)


@given(problems(priced=True))
@QUICK
def test_brute_force_with_priced_reforms(p):
    agrees(p)


@given(problems(limited=True))
@QUICK
def test_brute_force_with_limits(p):
    agrees(p)


@given(problems(priced=True, limited=True))
@QUICK
def test_brute_force_with_prices_and_limits(p):
    agrees(p)


@given(problems())
@QUICK
def test_lexicographic_takes_fewest_texts_among_the_cheapest(p):
    agrees(p, "lexicographic")


@given(problems(), st.sampled_from([0.0, 1.0, 2.0]))
@QUICK
def test_deadlines_leave_out_what_is_not_ready(p, last):
    ready = Items.of(p.texts.ids, p.texts.price, np.arange(len(p.texts)) * 1.0, p.texts.agency)
    targets = (replace(p.targets[0], deadline=last), *p.targets[1:2])
    late = p.replace(texts=ready, targets=targets)
    price, _ = brute_force(late)
    result = solve(late, gap=0.0)
    # The reference lets one option serve a unit at all deadlines; the model lets an
    # early option make way for a later, better one: never dearer.
    if price == inf:
        assert result.status in ("optimal", "infeasible")
    else:
        assert result.price <= price + 1e-9


NATION = (Target("documents", "nation", base=10.0, required=3.0),)


def three_papers(**changes) -> Problem:
    return problem(
        {"TT-01": 1.0, "TT-02": 1.0, "NĐ-03": 4.0},
        {"CSDL-1": 2.0},
        {
            "a": (["TT-01"], []),
            "b": (["TT-02"], ["CSDL-1"]),
            "c": (["NĐ-03"], []),
            "d": (["TT-02"], []),
        },
        [
            ("p1", "a", {"documents": 2.0}),
            ("p2", "b", {"documents": 2.0}),
            ("p2", "c", {"documents": 2.0}),
            ("p3", "d", {"documents": 1.0}),
        ],
        NATION,
        **changes,
    )


def test_the_cheapest_texts_by_hand():
    result = solve(three_papers())
    assert result.texts == ("TT-01", "TT-02")
    assert result.databases == ()
    assert result.reforms == ("a", "d")
    assert (result.price, result.bound, result.gap) == (2.0, 2.0, 0.0)
    assert result.saved.tolist() == [3.0]
    assert result.summary["rate"].tolist() == [0.3]


def test_forced_out_costs_more_and_forced_in_is_there():
    out = solve(three_papers(limits=Limits(forced_out=frozenset({"d"}))))
    assert (out.price, out.texts) == (4.0, ("TT-01", "TT-02"))
    assert out.databases == ("CSDL-1",)
    within = solve(three_papers(limits=Limits(forced_in=frozenset({"NĐ-03"}))))
    assert within.price == 5.0
    assert "NĐ-03" in within.texts


def test_the_greatest_reduction_for_a_budget():
    p = three_papers(limits=Limits(price=4.0)).at_levels(0.0)
    result = solve(p, "reduction", gap=0.0)
    assert result.status == "optimal"
    assert result.value == pytest.approx(50.0)
    assert result.price <= 4.0
    one = solve(three_papers(limits=Limits(texts=1)).at_levels(0.0), "reduction", gap=0.0)
    assert one.value == pytest.approx(30.0)  # TT-02 with its database


def test_at_most_one_text_for_each_agency():
    capped = solve(three_papers(limits=Limits(texts_per_agency={"Bộ A": 1})))
    assert (capped.price, capped.texts, capped.databases) == (3.0, ("TT-02",), ("CSDL-1",))
    assert solve(three_papers(limits=Limits(texts_per_agency={"Bộ A": 0}))).status == "infeasible"


def test_an_overlap_counts_once():
    p = problem(
        {"t1": 1.0, "t2": 1.0},
        {},
        {"a": (["t1"], []), "b": (["t2"], [])},
        [("p", "a", {"documents": 1.0}), ("p", "b", {"documents": 1.0})],
        (Target("documents", "nation", base=4.0, required=2.0),),
    )
    assert solve(p).status == "infeasible"
    one = solve(p.at_levels(0.25))
    assert (one.price, len(one.texts), one.saved.tolist()) == (1.0, 1, [1.0])


def test_a_cancelled_search_keeps_its_plan():
    asked = []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 1

    p = three_papers(price=0.25)
    result = solve(p, cancel=cancel)
    assert result.status == "cancelled"
    assert result.found
    assert result.summary["met"].all()


def test_no_time_is_said_as_such():
    result = solve(three_papers(), time_limit=0.0)
    assert result.status == "time_limit"
    assert result.found  # everything at once is a plan, and needs no search
    assert result.summary["met"].all()


def test_progress_goes_up_and_down():
    seen = []
    result = solve(three_papers(), progress=lambda *line: seen.append(line))
    best = [value for _, value, _ in seen]
    bound = [proven for _, _, proven in seen]
    assert best == sorted(best, reverse=True)
    assert bound == sorted(bound)
    assert len(result.log) == len(seen)


def test_what_progress_raises_reaches_the_caller():
    def broken(*_: float) -> None:
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        solve(three_papers(), progress=broken)


def test_all_bad_candidates_are_named_at_once():
    p = three_papers()
    bad = p.replace(
        texts=Items.of(p.texts.ids, [-1.0, np.nan, 4.0]),
        needs_text=np.array([[0, 7], [1, 1], [2, 2], [3, -1]]),
        options=Options(
            unit=p.options.unit,
            candidate=p.options.candidate,
            saving=np.array([[0, 0, 2, 0], [0, np.nan, 2, 0], [0, 0, 2, 0], [0, 0, 0.0, 0]]),
        ),
        targets=(Target("speed", "moon", base=np.nan, required=1.0),),
        limits=Limits(texts=-1, forced_in=frozenset({"x", "a"}), forced_out=frozenset({"a"})),
    )
    with pytest.raises(InvalidValue) as raised:
        solve(bad)
    codes = [fault.code for fault in raised.value.faults]
    assert sorted(codes) == sorted(
        ["optimise.price"] * 2
        + ["optimise.unknown_texts"] * 2
        + ["optimise.saving", "optimise.no_effect", "optimise.metric", "optimise.scope"]
        + ["optimise.target", "optimise.unknown_id", "optimise.contradiction", "optimise.limit"]
    )
    assert all(fault.message.vi and fault.message.en for fault in raised.value.faults)
    assert "candidates › d" in {fault.place for fault in raised.value.faults}


def test_an_unknown_objective_names_the_known_ones():
    with pytest.raises(InvalidValue, match="lexicographic"):
        solve(three_papers(), "cheap")


@given(problems(priced=True))
@QUICK
def test_the_path_of_large_instances_agrees_with_brute_force(p):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        agrees(p)


def test_rounding_is_no_gap(monkeypatch):
    """Three reforms at 0.1 and a database at 1: summed in another order 1.3000000000000003."""
    monkeypatch.setattr(search, "SMALL", 0)
    p = problem(
        {"t0": 1.0},
        {"d0": 1.0},
        {f"c{i}": ([], ["d0"] if i == 4 else []) for i in range(7)},
        [
            ("u0", "c0", {"time": 1, "documents": 2}),
            ("u0", "c1", {"time": 1}),
            ("u1", "c2", {"time": 1}),
            ("u2", "c3", {"documents": 1}),
            ("u1", "c4", {"time": 2}),
            ("u0", "c5", {"time": 1}),
            ("u0", "c6", {"time": 1}),
        ],
        (Target("documents", "nation", 20.0, 3.0), Target("time", "half", 20.0, 3.0)),
        price=0.1,
        scopes={"half": ["u0", "u1"]},
    )
    result = solve(p, gap=0.0)
    assert (result.status, result.gap) == ("optimal", 0.0)
    assert result.price == pytest.approx(1.3)


def test_what_is_forced_in_is_proven_too(monkeypatch):
    """No plan is cheaper than the one in hand: the narrower program has none at all."""
    monkeypatch.setattr(search, "SMALL", 0)
    p = problem(
        {"t0": 2.0, "t1": 2.0},
        {},
        {"c0": ([], []), "c1": (["t0", "t1"], [])},
        [("u0", "c0", {"documents": 1}), ("u0", "c1", {"documents": 2})],
        (Target("documents", "nation", 20.0, 2.0),),
        limits=Limits(forced_in=frozenset({"t0"})),
    )
    result = solve(p, gap=0.0)
    assert (result.status, result.price, result.bound) == ("optimal", 4.0, 4.0)


@given(problems(limited=True))
@QUICK
def test_the_path_of_large_instances_keeps_the_limits(p):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        agrees(p)


@given(problems(priced=True), st.sampled_from([0.02, 0.1, 0.3]))
@QUICK
def test_a_gap_leaves_out_only_what_is_not_worth_it(p, gap):
    price, _ = brute_force(p)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        result = solve(p, gap=gap)
    if price == inf:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert result.bound <= price + 1e-6
    assert price - 1e-6 <= result.price <= price / (1 - gap) + 1e-6
    assert result.summary["met"].all()


@pytest.mark.parametrize("reform_price", [0.0, 0.2])
def test_a_middling_instance_agrees_with_the_plain_program(reform_price):
    p = national(
        np.random.default_rng(3),
        procedures=150,
        texts=30,
        databases=6,
        ministries=3,
        reform_price=reform_price,
    )
    cost, constraints = plain(p)
    answer = milp(
        cost,
        constraints=constraints,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 1e-6},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", 0)
        result = solve(p, gap=1e-6)
    assert answer.success
    assert result.status == "optimal"
    assert result.price == pytest.approx(answer.fun, rel=1e-5)
    assert result.summary["met"].all()


@given(problems(priced=True))
@QUICK
def test_what_the_plan_saves_follows_from_its_reforms(p):
    result = solve(p)
    if not result.found:
        return
    rows = np.array(result.options, dtype=np.int64)
    names = {p.candidates.ids[c] for c in p.options.candidate[rows]}
    assert names <= set(result.reforms)
    assert len(set(p.options.unit[rows].tolist())) == len(rows)  # one option a unit
    for k, target in enumerate(p.targets):
        inside = np.isin(p.options.unit[rows], p.scopes[target.scope])
        saved = p.options.saving[rows[inside], METRICS.index(target.metric)].sum()
        assert result.saved[k] == pytest.approx(saved)
    texts = {p.texts.ids[t] for c, t in p.needs_text if p.candidates.ids[c] in names}
    assert texts <= set(result.texts)


def test_a_reform_that_makes_something_worse_is_taken_only_where_it_pays():
    p = problem(
        {"t1": 1.0, "t2": 1.0},
        {},
        {"a": (["t1"], []), "b": (["t2"], [])},
        [("u1", "a", {"time": 3.0, "cost": -2.0}), ("u2", "b", {"time": 2.0})],
        (
            Target("time", "nation", base=10.0, required=2.0),
            Target("cost", "nation", base=10.0, required=0.0),
        ),
    )
    assert solve(p).price == 1.0
    whole = solve(p.at_levels(0.0).replace(limits=Limits(texts=1)), "reduction", gap=0.0)
    assert whole.value == pytest.approx(20.0)  # a: 30 − 20 points; b: 20 points
    assert whole.reforms == ("b",)


def test_a_deadline_keeps_the_late_text_out_of_the_early_target():
    late = problem(
        {"TT-01": 1.0, "Luật": 10.0},
        {},
        {"a": (["TT-01"], []), "b": (["Luật"], [])},
        [("limit", "a", {"time": 2.0}), ("limit", "b", {"time": 5.0})],
        (
            Target("time", "nation", base=10.0, required=2.0, deadline=12.0),
            Target("time", "nation", base=10.0, required=5.0, deadline=24.0),
        ),
        ready={"TT-01": 6.0, "Luật": 18.0},
    )
    result = solve(late)
    # The circular serves this year's target; the law replaces it next year.
    assert (result.price, result.saved.tolist()) == (11.0, [2.0, 5.0])
    assert result.reforms == ("a", "b")


def ten_papers(**changes) -> Problem:
    """Ten papers of one circular, each dropped for 0.5; a law would drop two more."""
    names = [f"c{i}" for i in range(12)]
    return problem(
        {"TT-01": 1.0, "Luật": 10.0},
        {},
        {name: (["TT-01"] if i < 10 else ["Luật"], []) for i, name in enumerate(names)},
        [(f"p{i}", name, {"documents": 1.0}) for i, name in enumerate(names)],
        (Target("documents", "nation", base=20.0, required=7.0),),
        price=0.5,
        **changes,
    )


def test_interchangeable_units_share_a_variable():
    model = formulate(ten_papers())
    assert (len(model.cost), model.upper.tolist()) == (4, [1, 1, 10, 2])
    assert model.constraints == ("target_0_documents_nation", "needs_0_0", "needs_1_1")
    result = solve(ten_papers())
    assert (result.price, result.reforms) == (4.5, tuple(f"c{i}" for i in range(7)))
    # One that is decided beforehand is told from the others.
    forced = solve(ten_papers(limits=Limits(forced_in=frozenset({"c9"}))))
    assert (forced.price, len(forced.reforms), "c9" in forced.reforms) == (4.5, 7, True)
    out = solve(ten_papers(limits=Limits(forced_out=frozenset({"c0", "c1", "c2", "c3"}))))
    assert (out.price, len(out.texts)) == (14.5, 2)


def test_a_cap_counts_every_unit_of_a_shared_variable():
    limits = Limits(candidates_per_agency={"Bộ A": 6})
    assert solve(ten_papers(limits=limits, agency="Bộ A")).status == "infeasible"
    assert solve(ten_papers(limits=limits, agency="Bộ B")).price == 4.5


@pytest.mark.parametrize("wrong", ["value", "choice", "part"])
def test_an_answer_that_contradicts_itself_is_not_believed(monkeypatch, wrong):
    """Some versions return the start beside the optimum's objective."""
    right, starts = solver._run, []

    def contradicting(model, clock, cost, whole, start, *more):
        starts.append(start is not None)
        outcome = right(model, clock, cost, whole, start, *more)
        x = {
            "value": outcome.x,
            "choice": np.zeros_like(outcome.x),
            "part": outcome.x * 0.9 if outcome.x.any() else outcome.x + 0.1,
        }[wrong]
        return replace(outcome, x=x, value=outcome.value - 0.5 * (wrong == "value"))

    monkeypatch.setattr(solver, "_run", contradicting)
    result = solve(ten_papers())
    assert starts == [True, False]
    assert (result.status, result.inconsistent) == ("feasible", True)
    assert result.found
    assert np.isnan(result.bound)
    assert result.summary["met"].all()


def test_seven_candidates_are_priced_as_their_bound_says():
    """highspy 1.16.0 answered 0.2 beside a bound of 0.1: the start, not the optimum."""
    p = problem(
        {"t0": 1.0},
        {},
        {f"c{i}": ([], []) for i in range(7)},
        [(f"u{i % 3}", f"c{i}", {"time": 1.0 + i % 2}) for i in range(7)],
        (Target("time", "nation", base=20.0, required=2.0),),
        price=0.1,
    )
    result = solve(p, gap=0.0)
    assert (result.status, result.price, result.bound) == ("optimal", 0.1, pytest.approx(0.1))


@pytest.mark.parametrize("ending", [".lp", ".mps"])
def test_the_model_as_a_file_has_the_same_optimum(tmp_path, ending):
    path = tmp_path / f"mô hình{ending}"
    write_model(formulate(three_papers(price=0.25)), path)
    text = path.read_text("ascii")
    assert "text_0_tt_01" in text
    assert "target_0_documents_nation" in text
    colleague = solver._solver()
    plain_name = tmp_path / f"model{ending}"
    plain_name.write_text(text, "ascii")
    colleague.readModel(str(plain_name))
    colleague.run()
    assert colleague.getInfo().objective_function_value == pytest.approx(2.5)


def test_a_model_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InvalidValue, match=r"\.mps"):
        write_model(formulate(three_papers()), tmp_path / "model.xlsx")


def test_where_nothing_can_be_chosen_nothing_is_paid():
    p = problem({}, {}, {}, [], (Target("time", "nation", base=1.0, required=0.0),))
    nothing = solve(p)
    assert (nothing.status, nothing.price, nothing.bound) == ("optimal", 0.0, 0.0)
    asked = (Target("time", "nation", base=1.0, required=0.5),)
    assert solve(p.replace(targets=asked)).status == "infeasible"
    assert solve(three_papers().replace(targets=())).price == 0.0
