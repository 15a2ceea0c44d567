"""Infeasible targets, other plans, explanations, prices of targets."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from procsim.errors import UnknownName
from procsim.least_cost import (
    Limits,
    Problem,
    Target,
    alternatives,
    curve,
    explain,
    sensitivity,
    shadow_prices,
    solve,
    why_infeasible,
)
from tests.least_cost.problems import brute_force, problem, problems

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def two_ministries(**changes) -> Problem:
    """Two papers a ministry, a text each; one database would serve both for 3."""
    return problem(
        {"A1": 1.0, "A2": 2.0, "B1": 1.0, "B2": 2.0},
        {"D": 3.0},
        {
            "a1": (["A1"], []),
            "a2": (["A2"], []),
            "b1": (["B1"], []),
            "b2": (["B2"], []),
            "a2d": ([], ["D"]),
            "b2d": ([], ["D"]),
        },
        [
            ("pa1", "a1", {"documents": 1.0}),
            ("pa2", "a2", {"documents": 1.0, "time": 2.0}),
            ("pb1", "b1", {"documents": 1.0}),
            ("pb2", "b2", {"documents": 1.0}),
            ("pa2", "a2d", {"documents": 1.0}),
            ("pb2", "b2d", {"documents": 1.0}),
        ],
        (
            Target("documents", "A", base=4.0, required=2.0),
            Target("documents", "B", base=4.0, required=2.0),
        ),
        scopes={"A": ["pa1", "pa2"], "B": ["pb1", "pb2"]},
        **changes,
    )


def test_targets_beyond_everything_are_named_with_what_is_possible():
    p = two_ministries().at_levels(0.75)
    assert solve(p).status == "infeasible"
    clash = why_infeasible(p)
    assert clash.proven
    assert clash.conflict == (0, 1)
    assert clash.reach["most_rate"].tolist() == [0.5, 0.5]
    assert clash.reach["shortfall_points"].tolist() == pytest.approx([25.0, 25.0])
    assert clash.relaxation.status == "optimal"
    assert clash.relaxation.price == 5.0
    assert "50,0 điểm phần trăm" in clash.sentence().vi
    assert "50.0 percentage points" in clash.sentence().en


def test_targets_that_clash_only_under_a_budget():
    third = Target("time", "A", base=4.0, required=0.0)
    p = two_ministries(limits=Limits(texts=3, databases=0))
    p = p.replace(targets=(*p.targets, third))
    clash = why_infeasible(p)
    assert clash.conflict == (0, 1)
    assert clash.proven
    assert clash.reach["alone"].all()
    assert clash.reach["shortfall_points"].sum() == pytest.approx(25.0)
    assert clash.relaxation.found
    assert "Không thể cùng lúc đạt" in clash.sentence().vi


@given(problems(limited=True))
@QUICK
def test_a_conflict_cannot_be_met_but_all_smaller_ones_can(p):
    if brute_force(p)[0] < inf:
        return
    nothing = p.replace(targets=())
    if brute_force(nothing)[0] == inf:
        return  # the limits contradict one another without any target
    clash = why_infeasible(p)
    targets = [p.targets[k] for k in clash.conflict]
    assert brute_force(p.replace(targets=tuple(targets)))[0] == inf
    if clash.reach["alone"].all():
        for k in range(len(targets)):
            fewer = tuple(t for i, t in enumerate(targets) if i != k)
            assert brute_force(p.replace(targets=fewer))[0] < inf
    assert clash.relaxation.found


def test_alternatives_differ_and_stay_within_one_percent():
    alone = solve(two_ministries())
    assert alternatives(alone) == (alone,)  # the next plan costs 6, not 5
    plans = alternatives(alone, count=2, within=0.25)
    assert [plan.databases for plan in plans] == [("D",), ()]
    assert [plan.price for plan in plans] == [5.0, 6.0]
    ties = problem(
        {f"t{i}": 1.0 for i in range(4)},
        {},
        {f"c{i}": ([f"t{i}"], []) for i in range(4)},
        [(f"u{i}", f"c{i}", {"documents": 1.0}) for i in range(4)],
        (Target("documents", "nation", base=4.0, required=2.0),),
    )
    three = alternatives(solve(ties), count=3)
    assert len({plan.texts for plan in three}) == 3
    assert {plan.price for plan in three} == {2.0}
    assert all(plan.summary["met"].all() for plan in three)


def test_why_a_text_is_in_the_plan():
    result = solve(two_ministries())
    why = explain(result, "A1")
    assert why.reforms == ("a1",)
    assert why.missed == (0,)
    assert why.without.status == "infeasible"
    assert "không có cách nào khác" in why.sentence().vi
    with pytest.raises(UnknownName, match="A1"):
        explain(result, "CSDL-9")


def test_what_the_best_other_plan_costs():
    p = two_ministries(limits=Limits(forced_out=frozenset({"B2"})))
    result = solve(p)
    assert (result.databases, result.price) == (("D",), 5.0)
    one = p.replace(targets=p.targets[:1])
    cheap = solve(one)
    assert cheap.texts == ("A1", "A2")
    why = explain(cheap, "A2")
    assert why.extra_price == pytest.approx(1.0)
    assert why.without.databases == ("D",)
    assert "1,00 điểm" in why.sentence().vi


def test_the_price_of_each_level():
    table = sensitivity(two_ministries(), levels=(0.25, 0.5, 0.75)).set_index(["metric", "level"])
    assert table.loc[("documents", 0.25), "price"] == 2.0
    assert table.loc[("documents", 0.5), "price"] == 5.0
    assert table.loc[("documents", 0.75), "status"] == "infeasible"
    assert np.isnan(table.loc[("all", 0.75), "price"])


@given(problems(priced=True))
@QUICK
def test_the_curve_never_falls_and_the_relaxation_lies_below(p):
    table = curve(p, "time", (0.05, 0.1, 0.2, 0.3), whole=True, gap=0.0)
    price = table["price"].dropna()
    assert price.is_monotonic_increasing
    assert (table["relaxed"].dropna().loc[price.index] <= price + 1e-6).all()
    assert (table["gap"].dropna() <= 1e-6).all()
    for level, found in zip(table["level"], table["price"], strict=True):
        best = brute_force(p.at_levels(level, "time"))[0]
        assert found == pytest.approx(best) if best < inf else np.isnan(found)


def test_the_curve_of_the_relaxation_comes_alone():
    table = curve(two_ministries(), "documents", (0.25, 0.5, 0.9))
    assert list(table.columns) == ["level", "relaxed"]
    assert table["relaxed"].tolist()[:2] == pytest.approx([2.0, 5.0])
    assert np.isnan(table["relaxed"].iloc[2])


def test_one_more_text_in_plain_words():
    p = two_ministries().at_levels(0.0)
    table = shadow_prices(p, budget=1.0)
    # One circular removes one of eight papers.
    assert table["points"].tolist() == pytest.approx([12.5])
    assert "12,50 điểm phần trăm" in table["sentence_vi"][0]
    assert "12.50 percentage points" in table["sentence_en"][0]
    poor = shadow_prices(
        two_ministries().replace(
            targets=(
                Target("documents", "A", base=4.0, required=2.0),
                Target("time", "A", base=4.0, required=1.0),
            )
        ),
        budget=0.5,
    )
    assert poor["points"].isna().all()
    assert "Ngân sách không đủ" in poor["sentence_vi"][0]
