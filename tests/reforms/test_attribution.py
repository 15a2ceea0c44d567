"""Shares of a plan's saving: by hand, against brute force, and adding up to the total."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from itertools import islice, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from procsim.errors import InvalidValue, UnknownName
from procsim.marking import mark
from procsim.measures import measure
from procsim.measures.decompose import decompose
from procsim.model.portfolio import Portfolio
from procsim.readers import read
from procsim.reforms import (
    KINDS,
    AbolishProcedure,
    AcceptCopy,
    CutCondition,
    CutFee,
    Decentralise,
    DropRequirement,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    Plan,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
    apply,
    conflicts,
    resolution_66_7,
)
from procsim.reforms import attribution as coalitions
from procsim.reforms.attribution import METRICS, WITHOUT, Block, effects, evaluate
from procsim.reforms.base import Reform
from tests.benchmarks.attribution import random_plan, shares_one_by_one
from tests.benchmarks.synthetic import synthetic
from tests.reforms.small import P, portfolio
from tests.shared import SHARED, needs_shared

Q = "1.000002"
PLAIN = portfolio(
    requirements=[
        {"kind": "form"},
        {"types": "can_cuoc", "originals": 1},
        {"types": "can_cuoc;gcn_dkdn", "relation": "any", "certified": True, "copies": 1},
        {"types": "can_cuoc;giay_khai_sinh", "relation": "all", "papers": 2.0},
        {"procedure": Q, "types": "can_cuoc"},
    ],
    channels=[{"limit_value": 20.0}, {"limit_value": 15.0}, {"procedure": Q, "limit_value": 10.0}],
    fees=[{"amount_vnd": 100_000.0}, {"procedure": Q, "amount_vnd": 30_000.0}],
    procedures=[
        {"times_per_year": 1.0, "subjects_per_year": 1000.0},
        {"ministry": "Bộ B"},
        {"status": "abolished"},
    ],
)
STEPS = [
    {"id": f"{P}/s{i}", "procedure": P, "position": i, "text": f"Bước {i}", "days": float(i)}
    for i in range(1, 5)
]
BASE = Portfolio.from_tables(
    PLAIN.tables
    | {
        "steps": pd.DataFrame(STEPS),
        "flow": pd.DataFrame(
            [
                {"id": f"{P}/s{i}-s{i + 1}", "procedure": P, "before": f"{P}/s{i}",
                 "after": f"{P}/s{i + 1}"}
                for i in range(1, 4)
            ]
        ),
        "conditions": pd.DataFrame(
            {"id": [f"{P}/d1", f"{P}/d2"], "procedure": P, "text": ["Một", "Hai"]}
        ),
    }
)  # fmt: skip


def row(number: int, procedure: str = P) -> str:
    return f"{procedure}/c1/r{number}"


def replace_by(number: int, *bases: str, procedure: str = P, types: str = "can_cuoc") -> Reform:
    return ReplaceByData(row(number, procedure), (types,), bases, 0.8, "giả định")


OPTIONS: list[Reform] = [
    replace_by(2, "csdl_dan_cu"),
    replace_by(2, "csdl_ho_tich"),
    replace_by(4, "csdl_dan_cu"),
    replace_by(4, "csdl_ho_tich", types="giay_khai_sinh"),
    replace_by(3, "csdl_dan_cu", "csdl_dkdn"),
    replace_by(5, "csdl_dan_cu", procedure=Q),
    DropRequirement(row(1), legal_text="Luật A", lead="Bộ C"),
    DropRequirement(row(2), legal_numbers=("1/2020/QH14", "2/2020/NĐ-CP"), lead="Bộ C; Bộ B"),
    AcceptCopy(row(3)),
    ShortenLimit(P, days=10),
    ShortenLimit(Q, percent=50),
    CutFee(P, percent=50),
    CutFee(Q, amount_vnd=0, lead="Bộ C"),
    AbolishProcedure(Q, legal_numbers=("2/2020/NĐ-CP",)),
]
OTHERS: list[Reform] = [
    MergeRequirements(row(2), merged=(row(3),)),
    DropStep(f"{P}/s2"),
    MergeSteps(f"{P}/s1", merged=(f"{P}/s2",), days=2.0),
    ParallelSteps(f"{P}/s2", others=(f"{P}/s3",)),
    ShortenStep(f"{P}/s4", days=1.0),
    MoveOnline(P, share=0.9),
    FreeFromBoundaries(P),
    Decentralise(P, level="commune"),
    SelfDeclare(P, requirements=(row(2),), days=3.0),
    ExtendValidity(P, percent=50),
    CutCondition(f"{P}/d1"),
    SimplifyCondition(f"{P}/d2", text="Hai, gọn hơn"),
    MergeProcedures(P, merged=(Q,)),
]
plans = st.lists(st.sampled_from(OPTIONS), max_size=3, unique_by=id).map(Plan)


def figures(plan: Plan, base: Portfolio) -> np.ndarray:
    return measure(apply(base, plan))[list(METRICS.values())].to_numpy()


def saving(plan: Plan, base: Portfolio, whole: Plan | None = None) -> np.ndarray:
    """What a plan saves of the procedures known before and after the `whole` plan."""
    before, end, after = (figures(p, base) for p in (Plan(), whole or plan, plan))
    known = ~np.isnan(before) & ~np.isnan(end)
    return np.where(known & ~np.isnan(after), before - after, 0.0).sum(axis=0)


def brute(plan: Plan, base: Portfolio, players: int, acts: Callable[[int, set[int]], bool]):
    shares = np.zeros((players, len(METRICS)))
    worth: dict[frozenset[int], np.ndarray] = {}

    def value(members: frozenset[int]) -> np.ndarray:
        if members not in worth:
            chosen = [r for i, r in enumerate(plan.reforms) if acts(i, set(members))]
            worth[members] = saving(Plan(chosen), base, plan)
        return worth[members]

    orders = list(permutations(range(players)))
    for order in orders:
        for place, player in enumerate(order):
            earlier = frozenset(order[:place])
            shares[player] += value(earlier | {player}) - value(earlier)
    return shares / len(orders)


def shares_of(frame: pd.DataFrame, ending: str = "") -> np.ndarray:
    return frame[[f"{name}{ending}" for name in METRICS]].fillna(0.0).to_numpy()


@settings(max_examples=12, deadline=None)
@given(plans)
def test_shares_of_reforms_equal_the_mean_over_all_orders(plan: Plan):
    frame = effects(BASE, plan)
    expected = brute(plan, BASE, len(plan), lambda i, members: i in members)
    np.testing.assert_allclose(shares_of(frame), expected, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(shares_of(frame).sum(axis=0), saving(plan, BASE), rtol=1e-9)
    for i, reform in enumerate(plan.reforms):
        others = Plan([r for j, r in enumerate(plan.reforms) if j != i])
        alone, last = (shares_of(frame, ending)[i] for ending in ("_alone", "_last"))
        np.testing.assert_allclose(alone, saving(Plan([reform]), BASE), atol=1e-6)
        np.testing.assert_allclose(
            last, saving(plan, BASE) - saving(others, BASE), rtol=1e-9, atol=1e-6
        )


@settings(max_examples=15, deadline=None)
@given(plans)
def test_shares_of_databases_equal_the_mean_over_all_orders(plan: Plan):
    frame = effects(BASE, plan, "database")
    names = list(frame.index)

    def acts(i: int, members: set[int]) -> bool:
        bases = getattr(plan.reforms[i], "databases", ()) or (WITHOUT["database"].vi,)
        return {names.index(base) for base in bases} <= members

    expected = brute(plan, BASE, len(names), acts)
    np.testing.assert_allclose(shares_of(frame), expected, rtol=1e-9, atol=1e-6)


@settings(max_examples=10, deadline=None)
@given(plans, st.randoms(use_true_random=False))
def test_the_order_of_a_plan_that_can_be_applied_in_any_order_does_not_matter(plan, random):
    mixed = list(plan.reforms)
    random.shuffle(mixed)
    one, other = effects(BASE, plan), effects(BASE, Plan(mixed))
    place = [next(i for i, r in enumerate(mixed) if r is reform) for reform in plan.reforms]
    np.testing.assert_allclose(shares_of(one), shares_of(other)[place], rtol=1e-9, atol=1e-6)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(OTHERS), st.lists(st.sampled_from(OPTIONS + OTHERS), max_size=2, unique_by=id)
)
def test_shares_of_every_kind_of_reform_equal_the_mean_over_all_orders(first, more):
    plan = Plan([first, *(reform for reform in more if reform is not first)])
    assume(not any(fault.severity == "error" for fault in conflicts(BASE, plan)))
    frame = effects(BASE, plan)
    expected = brute(plan, BASE, len(plan), lambda i, members: i in members)
    np.testing.assert_allclose(shares_of(frame), expected, rtol=1e-9, atol=1e-6)


def test_all_kinds_are_tried():
    assert {type(reform) for reform in OPTIONS + OTHERS} == set(KINDS.values())


def test_a_merger_ties_its_procedures_together():
    frame = effects(BASE, Plan([MergeProcedures(P, merged=(Q,)), ShortenLimit(Q, percent=50)]))
    # The merger takes away the 10 days of Q, of which the other reform cuts 5.
    assert frame["days"].tolist() == [7.5, 2.5]
    assert frame["procedures"].tolist() == [2, 1]


def test_what_a_plan_saves_is_reform_in_the_decomposition():
    made = [*OPTIONS[2:5], OPTIONS[9], OPTIONS[11], OPTIONS[13]]
    made += [r for r in OTHERS if not isinstance(r, MoveOnline | ExtendValidity | MergeProcedures)]
    one = Plan([r for r in made if not isinstance(r, SelfDeclare | DropStep)])
    assert not [fault for fault in conflicts(BASE, one) if fault.severity == "error"]
    causes = decompose(BASE, apply(BASE, one)).set_index("metric")
    np.testing.assert_allclose(causes["reform"], causes["saved"])
    assert (causes.loc[["statutory_days", "documents"], "saved"] > 0).all()
    # Where a plan changes the volume, the decomposition cannot tell why it changed.
    longer = apply(BASE, Plan([ExtendValidity(P, percent=50)]))
    causes = decompose(BASE, longer).set_index("metric")
    assert causes.at["cost_year_vnd", "volume"] == causes.at["cost_year_vnd", "saved"] > 0


def test_two_databases_for_the_same_paper_share_it_half_each():
    plan = Plan([replace_by(2, "csdl_dan_cu"), replace_by(2, "csdl_ho_tich")])
    for frame in (effects(BASE, plan), effects(BASE, plan, "database")):
        assert frame["documents"].tolist() == [0.5, 0.5]
        assert frame["documents_alone"].tolist() == [1.0, 1.0]
        assert frame["documents_last"].tolist() == [0.0, 0.0]
        assert frame["documents_error"].tolist() == [0.0, 0.0]
        assert frame.attrs["total"]["documents"] == 1.0


def test_a_paper_that_needs_both_databases_is_saved_by_neither_alone():
    frame = effects(BASE, Plan([replace_by(3, "csdl_dan_cu", "csdl_dkdn")]), "database")
    assert frame["documents"].tolist() == [0.5, 0.5]
    assert frame["documents_alone"].tolist() == [0.0, 0.0]
    assert frame["documents_last"].tolist() == [1.0, 1.0]
    assert frame["reforms"].tolist() == [1, 1]


def test_abolishing_takes_a_share_of_what_is_cut_too():
    # 10 days: abolishing saves 10, halving saves 5; together 10.
    frame = effects(BASE, Plan([ShortenLimit(Q, percent=50), AbolishProcedure(Q)]))
    assert frame["days"].tolist() == [2.5, 7.5]
    assert frame["days_alone"].tolist() == [5.0, 10.0]
    assert frame["days_last"].tolist() == [0.0, 5.0]
    assert frame["kind"].tolist() == ["shorten_limit", "abolish_procedure"]
    assert list(frame.index) == [1, 2]


def test_groups_by_text_and_by_agency_have_a_player_for_what_is_not_stated():
    plan = Plan([OPTIONS[6], OPTIONS[7], ShortenLimit(Q, percent=50)])
    texts = effects(BASE, plan, "legal_text")
    assert list(texts.index) == [
        "1/2020/QH14", "2/2020/NĐ-CP", "Luật A", "(chưa ghi văn bản)",
    ]  # fmt: skip
    assert texts["documents"].tolist()[:3] == [0.5, 0.5, 1.0]
    assert texts.at["(chưa ghi văn bản)", "days"] == 5.0
    assert np.isnan(texts.at["(chưa ghi văn bản)", "cost_year_vnd"])
    agencies = effects(BASE, plan, "agency")
    # Bộ B answers for its own procedure's limit, and with Bộ C for one paper.
    assert list(agencies.index) == ["Bộ B", "Bộ C"]
    assert agencies["days"].tolist() == [5.0, 0.0]
    assert agencies["documents"].tolist() == [0.5, 1.5]
    assert agencies["documents_last"].tolist() == [1.0, 2.0]
    assert agencies["procedures"].tolist() == [2, 1]


def test_a_figure_unknown_before_is_left_out_and_counted():
    base = portfolio(channels=[{"limit_value": None}], fees=[{"amount_vnd": None}])
    frame = effects(base, Plan([CutFee(P, amount_vnd=0)]))
    assert frame[["days", "cost_vnd", "documents"]].isna().all(axis=None)
    assert frame.attrs["left_out"]["cost_vnd"] == 1
    assert np.isnan(frame.attrs["total"]["cost_vnd"])
    assert frame["conditions"].tolist() == [0.0]


def test_sampled_shares_agree_with_exact_ones_and_add_up():
    plan = Plan(OPTIONS)
    exact = effects(BASE, plan, exact=20)
    sampled = effects(BASE, plan, exact=2, permutations=100, seed=3)
    assert (shares_of(exact, "_error") == 0).all()
    error = shares_of(sampled, "_error")
    assert (error > 0).any()
    gap = np.abs(shares_of(sampled) - shares_of(exact))
    assert (gap <= 3 * error + 1e-6).all()
    total = saving(plan, BASE)
    np.testing.assert_allclose(shares_of(sampled).sum(axis=0), total, rtol=1e-9)
    np.testing.assert_allclose(shares_of(sampled, "_last"), shares_of(exact, "_last"))
    pd.testing.assert_frame_equal(sampled, effects(BASE, plan, exact=2, permutations=100, seed=3))


def test_a_plan_that_contradicts_itself_is_refused_with_every_fault():
    plan = Plan([CutFee(P, percent=10), CutFee(P, percent=20), DropRequirement("9.000000/c1/r1")])
    with pytest.raises(InvalidValue) as caught:
        effects(BASE, plan)
    codes = {fault.code for fault in caught.value.faults}
    assert codes == {"plan.contradictory", "plan.unknown_target"}


def test_another_way_to_share_out_is_refused():
    with pytest.raises(UnknownName, match="reform, database, legal_text, agency"):
        effects(BASE, Plan(), by="paper")


def test_an_empty_plan_saves_nothing():
    for by in ("reform", "database", "legal_text", "agency"):
        frame = effects(BASE, Plan(), by)
        assert len(frame) == 0
        assert {"days", "days_alone", "days_last", "days_error", "procedures"} <= set(frame)


def test_a_reform_that_cannot_be_applied_in_a_subset_does_nothing_there():
    longer = ShortenLimit(P, days=99)
    block = Block((P,), (longer, DropRequirement(row(2))), np.array([[1, 0], [1, 1]], dtype=bool))
    (figures,) = evaluate([block], BASE, ["statutory_days", "documents"])
    assert figures.tolist() == [[[20.0, 5.0]], [[20.0, 4.0]]]


def test_copies_beyond_one_batch_are_measured_alike(monkeypatch):
    plan = Plan(OPTIONS[:6])
    whole = effects(BASE, plan)
    monkeypatch.setattr(coalitions, "_BATCH", 7)
    pd.testing.assert_frame_equal(effects(BASE, plan), whole)


def test_the_baseline_stays_as_it_is():
    before = pickle.dumps(BASE.tables)
    effects(BASE, Plan(OPTIONS), exact=2, permutations=4)
    assert pickle.dumps(BASE.tables) == before


@needs_shared
def test_the_resolution_on_shared_records_adds_up_by_every_grouping(tmp_path: Path):
    part = tmp_path / "procedures.jsonl"
    with gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as lines:
        part.write_text("".join(islice(lines, 300)), encoding="utf-8")
    records = mark(read(part))
    plan = resolution_66_7(records)
    total = saving(plan, records)
    assert total[list(METRICS).index("documents")] > 0
    for by in ("database", "legal_text", "agency"):
        frame = effects(records, plan, by)
        np.testing.assert_allclose(shares_of(frame).sum(axis=0), total, rtol=1e-9, atol=1e-6)
        assert (shares_of(frame, "_error") == 0).all()


def test_the_benchmark_compares_ways_that_agree():
    base = synthetic(24, rng=np.random.default_rng(2))
    plan = random_plan(base, np.random.default_rng(3), papers=2)
    touched = list(dict.fromkeys(reform.procedure_id for reform in plan.reforms))
    np.testing.assert_allclose(
        shares_of(effects(base, plan)).sum(axis=0), shares_one_by_one(plan, base, touched)
    )
