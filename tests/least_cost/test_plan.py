"""The smallest plan against every subset applied and measured, and what it says about itself."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import signal
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procsim.cli.plans import _stoppable, run_smallest, target_rates
from procsim.decisions import targets
from procsim.decisions.routes import drafting_price, texts_needed
from procsim.errors import InvalidValue, UnknownName
from procsim.least_cost import Limits
from procsim.least_cost.candidates import Candidates, candidates, savings_of
from procsim.least_cost.cells import cells_of
from procsim.least_cost.plan import smallest_plan
from procsim.least_cost.question import COLUMNS
from procsim.marking import mark
from procsim.measures import compare, measure
from procsim.reference import parameters
from procsim.reference.law import price_of_database, price_of_rank
from procsim.reforms import (
    AcceptCopy,
    CutCondition,
    CutFee,
    DropRequirement,
    MoveOnline,
    Plan,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    apply,
)
from procsim.reforms.attribution import Block, evaluate
from procsim.sample import load_sample, sample_path
from tests.decisions.small_portfolios import HEALTH, build, clinic

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = ("1/2023/TT-BYT", "2/2023/TT-BYT", "3/2023/NĐ-CP", "4/2023/QĐ-TTg")
A, B = "1.000001", "1.000002"


def two(**more):
    parts = [clinic(A, 10.0), clinic(B, 20.0, **more)]
    return build(**{name: [row for part in parts for row in part[name]] for name in parts[0]})


@pytest.fixture(scope="module")
def pair():
    return two()


@pytest.fixture(scope="module")
def sample():
    return mark(load_sample())


@pytest.fixture(scope="module")
def sample_candidates(sample):
    return candidates(sample)


def price_of(reforms, portfolio):
    needed = [texts_needed(r, portfolio) for r in reforms]
    texts = {text for own in needed for text in own}
    bases = {base for r in reforms for base in getattr(r, "databases", ())}
    prices = [price_of_rank(rank) for _, rank in texts] + [drafting_price(own) for own in needed]
    return sum(prices) + sum(map(price_of_database, bases))


def reached(before, after, rates):
    """Whether the ordinary measures say that every rate is reached."""
    rows = compare(before, after).set_index("metric")["rate"]
    return all(rows[COLUMNS[metric]] >= rate - 1e-9 for metric, rate in rates.items())


def pool(draw):
    """Draw a reform of one of two procedures, with one or two texts to amend."""
    code = draw(st.sampled_from((A, B)))
    route = {
        "legal_numbers": draw(st.sampled_from([(t,) for t in TEXTS] + [TEXTS[:3:2], TEXTS[1:3]]))
    }
    row = f"{code}/c1/r{draw(st.integers(2, 4))}"
    return draw(
        st.sampled_from(
            [
                AcceptCopy(f"{code}/c1/r2", **route),
                DropRequirement(row, **route),
                ReplaceByData(row, ("can_cuoc",), ("csdl_dan_cu",), 0.9, "giả định", **route),
                ShortenLimit(code, days=float(draw(st.integers(1, 9))), **route),
                CutFee(code, amount_vnd=0.0, channel_method="online", **route),
                CutFee(code, percent=50, **route),
                CutCondition(f"{code}/d1", **route),
                SelfDeclare(code, **route),
                MoveOnline(code, share=0.9, **route),
            ]
        )
    )


@st.composite
def questions(draw):
    reforms = tuple(dict.fromkeys(pool(draw) for _ in range(draw(st.integers(1, 7)))))
    metrics = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=3, unique=True))
    rates = {metric: draw(st.sampled_from((0.05, 0.2, 0.3, 0.5))) for metric in metrics}
    return reforms, rates


@given(questions())
@QUICK
def test_agrees_with_every_subset(pair, question):
    reforms, rates = question
    subsets = np.array(list(product((False, True), repeat=len(reforms))))
    columns = [COLUMNS[metric] for metric in rates]
    (after,) = evaluate([Block((A, B), reforms, subsets)], pair, columns)
    base = after[0].sum(axis=0)
    enough = (base - after.sum(axis=1) >= np.array(list(rates.values())) * base - 1e-6).all(axis=1)
    best = min(
        (price_of([r for r, has in zip(reforms, row, strict=True) if has], pair)
         for row in subsets[enough]),
        default=math.inf,
    )  # fmt: skip
    found = smallest_plan(pair, Plan(reforms), target_rates=rates, gap=0.0)
    if best == math.inf:
        assert found.status == "infeasible"
        assert found.shortfalls
        return
    assert found.status == "optimal"
    assert found.price == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    assert not found.shortfalls
    assert found.price == pytest.approx(price_of(found.plan.reforms, pair))
    assert reached(measure(pair), measure(apply(pair, found.plan)), rates)


def test_five_candidates_one_by_one(pair):
    reforms = (
        ShortenLimit(A, days=2, legal_numbers=TEXTS[0]),
        ShortenLimit(B, days=12, legal_numbers=TEXTS[1]),
        ShortenLimit(B, days=8, legal_numbers=TEXTS[2]),
        DropRequirement(f"{A}/c1/r4", legal_numbers=TEXTS[0]),
        AcceptCopy(f"{B}/c1/r2", legal_numbers=TEXTS[1]),
    )
    rates = {"time": 0.4, "documents": 0.1}
    before, prices = measure(pair), []
    for row in product((False, True), repeat=5):
        chosen = [r for r, has in zip(reforms, row, strict=True) if has]
        if sum(isinstance(r, ShortenLimit) and r.procedure == B for r in chosen) > 1:
            continue  # two limits for one procedure contradict each other
        if reached(before, measure(apply(pair, Plan(chosen))), rates):
            prices.append(price_of(chosen, pair))
    found = smallest_plan(pair, Plan(reforms), target_rates=rates)
    assert found.price == min(prices) == 20.0 + 3  # two circulars, three clauses
    # A copy serves no target, so it is left out although its text is amended.
    assert {r.kind for r in found.plan.reforms} == {"shorten_limit", "drop_requirement"}


def test_figures_are_those_measured(sample, sample_candidates):
    found = smallest_plan(sample, sample_candidates, target_rates={"documents": 0.1, "cost": 0.05})
    assert found.status == "optimal"
    before, after = measure(sample), measure(apply(sample, found.plan))
    business = before["audience"].isin(["business", "both"]).to_numpy()
    rows = compare(before[business], after[business]).set_index("metric")
    for metric, column in COLUMNS.items():
        assert found.before[metric] == pytest.approx(rows.at[column, "before"])
        assert found.after[metric] == pytest.approx(rows.at[column, "after"])
        assert found.rates[metric] == pytest.approx(rows.at[column, "rate"])
    assert found.price == pytest.approx(found.route["price"].sum() + found.price_of_reforms)
    assert set(found.legal_texts) == set(found.route.loc[found.route["rank"].ne(""), "id"])


def test_mismatch_is_refused(pair, monkeypatch):
    ordinary = savings_of
    monkeypatch.setattr(
        "procsim.least_cost.cells.savings_of", lambda *a: [1.01 * part for part in ordinary(*a)]
    )
    with pytest.raises(InvalidValue) as error:
        smallest_plan(
            pair, Plan([ShortenLimit(A, days=2, rank="thong_tu")]), target_rates={"time": 0.1}
        )
    assert error.value.faults[0].code == "smallest.mismatch"
    assert "8.08 ≠ 8" in error.value.faults[0].value


def test_cells_count_overlap_once(pair):
    reforms = (
        AcceptCopy(f"{A}/c1/r2", rank="thong_tu"),
        DropRequirement(f"{A}/c1/r2", rank="thong_tu"),
        CutCondition(f"{A}/d1", rank="thong_tu"),
        CutFee(A, amount_vnd=0.0, channel_method="online", rank="thong_tu"),
        MoveOnline(A, share=0.9, rank="thong_tu"),
    )
    cells = cells_of(reforms, pair, measure(pair))
    assert sorted(cell.members for cell in cells) == [(0, 1), (2,), (3, 4)]
    row, _, online = sorted(cells, key=lambda cell: cell.members)
    # Dropping the paper saves all that a copy would save.
    assert [choice.members for choice in row.choices] == [(1,), (0,)]
    assert {choice.members for choice in online.choices} == {(3,), (4,), (3, 4)}


def test_whole_procedure_is_one_cell(pair):
    reforms = (SelfDeclare(A, rank="thong_tu"), DropRequirement(f"{A}/c1/r3", rank="thong_tu"))
    (cell,) = cells_of(reforms, pair, measure(pair))
    assert cell.members == (0, 1)
    # A dropped row is declared anyhow: both together save no more than the declaration.
    assert {choice.members for choice in cell.choices} == {(0,), (1,)}


def test_large_cell_keeps_chains(pair):
    reforms = tuple(CutFee(A, percent=float(10 * n), rank="thong_tu") for n in range(1, 10))
    (cell,) = cells_of(reforms, pair, measure(pair))
    assert not cell.complete
    found = smallest_plan(pair, Plan(reforms), target_rates={"cost": 0.2})
    assert found.status == "optimal"
    assert any("8 đề xuất" in note.vi for note in found.notes)


def test_every_ministry(pair):
    table = two(ministry="Bộ Tài chính")
    reforms = (
        ShortenLimit(A, days=6, legal_numbers=TEXTS[0]),
        ShortenLimit(B, days=5, legal_numbers=TEXTS[1]),
    )
    nation = smallest_plan(table, Plan(reforms), target_rates={"time": 0.3})
    assert nation.legal_texts == (TEXTS[1],)
    each = smallest_plan(
        table, Plan(reforms), target_rates={"time": 0.3}, scopes=("nation", "ministry")
    )
    assert set(each.legal_texts) == set(TEXTS[:2])
    assert each.summary["scope"].tolist() == ["nation", HEALTH, "Bộ Tài chính"]
    with pytest.raises(UnknownName, match="scopes"):
        smallest_plan(pair, Plan(reforms), target_rates={"time": 0.3}, scopes=("village",))


def test_infeasible_says_how_far(pair):
    reforms = (
        ShortenLimit(A, days=7, legal_numbers=TEXTS[0]),
        CutCondition(f"{A}/d1", legal_numbers=TEXTS[2]),
    )
    found = smallest_plan(pair, Plan(reforms), target_rates={"time": 0.3, "conditions": 0.5})
    assert (found.status, found.found) == ("infeasible", False)
    assert found.clash.conflict == (0,)
    assert found.clash.reach["most_rate"].tolist() == pytest.approx([0.1, 0.5])
    assert len(found.plan) == 2
    (lack,) = found.shortfalls
    assert lack["metric"] == "time"
    assert lack["shortfall_points"] == pytest.approx(20.0)
    assert math.isnan(found.bound)
    assert "nhiều nhất có thể 10 %" in found.text("vi")
    assert "at most 10 % possible" in found.text("en")
    assert "6 ngày làm việc" in found.text("vi")


def test_out_of_reach_cost_says_what_is_left(pair):
    found = smallest_plan(
        pair, Plan([AcceptCopy(f"{A}/c1/r2", rank="thong_tu")]), target_rates={"cost": 0.9}
    )
    assert any("phí, lệ phí" in note.vi for note in found.notes)


def test_years(sample, sample_candidates):
    found = smallest_plan(
        sample, sample_candidates, year=2025, target_rates={"time": 0.05, "cost": 0.1}
    )
    rates = found.summary.set_index("metric")["required_rate"].to_dict()
    assert rates == {"time": 0.05, "cost": 0.1, "conditions": 0.3}
    with pytest.raises(UnknownName, match="1999"):
        smallest_plan(sample, sample_candidates, year=1999)
    with pytest.raises(InvalidValue, match="2027"):
        smallest_plan(sample, sample_candidates, year=2027)
    with pytest.raises(InvalidValue, match="year=2025"):
        smallest_plan(sample, sample_candidates)


def test_all_unnecessary_conditions_need_their_list(sample, sample_candidates):
    found = smallest_plan(sample, sample_candidates, year=2026, target_rates={"time": 0.01})
    assert "conditions" not in set(found.summary["metric"])
    assert any("danh sách điều kiện không cần thiết" in note.vi for note in found.notes)


def test_targets_given_and_yearly_cost():
    table = two(times_per_year=1.0, subjects_per_year=9.0)
    table = table.replace(
        procedures=table.procedures.assign(times_per_year=1.0, subjects_per_year=[1.0, 9.0])
    )
    aim = replace(next(t for t in targets(2025) if t.metric == "cost_vnd"), value=0.2)
    cuts = [CutFee(A, amount_vnd=0.0, legal_numbers=TEXTS[0]),
            CutFee(B, amount_vnd=0.0, legal_numbers=TEXTS[2])]  # fmt: skip
    found = smallest_plan(table, Plan(cuts), [aim])
    # Nine of ten dossiers are of the second procedure, so only its dearer decree will do.
    assert found.legal_texts == (TEXTS[2],)
    once = smallest_plan(two(), Plan(cuts), [aim])
    assert once.legal_texts == (TEXTS[0],)


@pytest.mark.parametrize(
    ("rates", "kind", "code"),
    [
        ({"speed": 0.3}, UnknownName, "smallest.unknown_metric"),
        ({"time": 30}, InvalidValue, "smallest.rate"),
        ({"time": 0}, InvalidValue, "smallest.rate"),
        ({"time": "0.3"}, InvalidValue, "smallest.rate"),
    ],
)
def test_bad_rates(pair, rates, kind, code):
    with pytest.raises(kind) as error:
        smallest_plan(pair, Plan(), target_rates=rates)
    assert error.value.faults[0].code == code


def test_forced_in_and_out(pair):
    made = Candidates.of(
        pair,
        [
            ShortenLimit(A, days=2, legal_numbers=TEXTS[0]),
            ShortenLimit(B, days=10, legal_numbers=TEXTS[1]),
            AcceptCopy(f"{A}/c1/r2", legal_numbers=TEXTS[2]),
            DropRequirement(f"{A}/c1/r2", legal_numbers=TEXTS[3]),
        ],
    )
    ids = list(made.frame.index)

    def texts(**limits):
        found = smallest_plan(pair, made, target_rates={"time": 0.25}, limits=Limits(**limits))
        return set(found.legal_texts)

    assert len(texts()) == 1
    assert texts(forced_out=frozenset({TEXTS[0]})) == {TEXTS[1]}
    assert texts(forced_out=frozenset({ids[1]})) == {TEXTS[0]}
    assert texts(forced_in=frozenset({ids[2]})) >= {TEXTS[2]}
    assert texts(forced_in=frozenset({ids[2], ids[3]})) >= {TEXTS[2], TEXTS[3]}
    with pytest.raises(UnknownName, match="99/2023"):
        texts(forced_in=frozenset({"99/2023/TT-BYT"}))
    edited = made.to_frame()
    edited.loc[ids[1], "include"] = "forced"
    assert TEXTS[1] in smallest_plan(pair, edited, target_rates={"time": 0.25}).legal_texts


def test_forced_without_effect_gets_its_message(pair):
    made = Candidates.of(pair, [ShortenLimit(A, days=10, rank="thong_tu")], include=["forced"])
    with pytest.raises(InvalidValue, match="không giảm được gì"):
        smallest_plan(pair, made, target_rates={"time": 0.1})


def test_unknown_database_gets_its_message(pair):
    data = ReplaceByData(f"{A}/c1/r2", ("can_cuoc",), ("csdl_mat_trang",), rank="thong_tu")
    with pytest.raises(InvalidValue, match="csdl_mat_trang"):
        smallest_plan(pair, Plan([data]), target_rates={"documents": 0.1})


def test_each_clause_is_a_tenth_of_a_circular(pair):
    """A takes 10 days and B 20: a cut by 30 % must save 9 of 30 days.

    Circular 1 does it in two clauses (A to 2 days, B to 19), circular 2 in one (B to
    11). A circular is 10 points, a clause 1: 12 against 11 points.
    """
    cuts = [
        ShortenLimit(A, days=2, legal_numbers=TEXTS[0]),
        ShortenLimit(B, days=19, legal_numbers=TEXTS[0]),
        ShortenLimit(B, days=11, legal_numbers=TEXTS[1]),
    ]

    def found(made, **more):
        return smallest_plan(pair, made, target_rates={"time": 0.3}, **more)

    by_default = found(Plan(cuts))
    assert (by_default.price, by_default.legal_texts) == (11.0, (TEXTS[1],))
    assert by_default.price_of_reforms == 1.0
    assert "Soạn thảo 1 đề xuất trong các văn bản đó: 1 điểm" in by_default.text("vi")
    assert found(Plan(cuts[:2])).price == 12.0
    # The officer's own price of a clause counts, written with a comma.
    quarter = found(Plan(cuts[:2]), parameters=parameters(price_reform=0.25))
    assert quarter.price == 10.5
    assert "giá 10,5 điểm" in quarter.text("vi")
    # Without a price of their own both circulars cost the same.
    assert found(Candidates.of(pair, cuts, price=0)).price == 10.0
    # What a price column says rules.
    assert found(Candidates.of(pair, cuts).to_frame().assign(price=[1.0, 1.0, 7.0])).price == 12.0


def test_no_clause_where_no_text_is_amended(pair):
    data = ReplaceByData(f"{A}/c1/r2", ("can_cuoc",), ("csdl_dan_cu",), 0.9, "giả định",
                         legal_numbers="66.7/2025/NQ-CP")  # fmt: skip
    cut = ShortenLimit(A, days=2, legal_numbers=TEXTS[0])
    assert Candidates.of(pair, [data, cut]).frame["price"].tolist() == [0.0, 1.0]


def test_own_price_decides(pair):
    made = Candidates.of(
        pair,
        [
            ShortenLimit(A, days=1, legal_numbers=TEXTS[0]),
            ShortenLimit(B, days=11, legal_numbers=TEXTS[1]),
        ],
        price=[3.0, 1.0],
    )
    found = smallest_plan(pair, made, target_rates={"time": 0.3})
    assert (found.price, found.legal_texts) == (11.0, (TEXTS[1],))


def test_gentler_limit_is_taken_where_it_does(pair):
    cuts = [ShortenLimit(B, days=d, legal_numbers=TEXTS[0]) for d in (2.0, 9.0)]
    found = smallest_plan(pair, Plan(cuts), target_rates={"time": 0.3})
    assert [r.days for r in found.plan.reforms] == [9.0]
    kept = smallest_plan(pair, Plan(cuts), target_rates={"time": 0.3}, trim=False)
    assert kept.price == found.price


def test_deadline_counts_from_the_day(pair):
    aim = next(t for t in targets(2025) if t.metric == "statutory_days")
    cuts = [ShortenLimit(A, days=1, legal_numbers=TEXTS[0]),
            ShortenLimit(B, days=2, legal_numbers=TEXTS[2])]  # fmt: skip
    early = smallest_plan(pair, Plan(cuts), [aim], on=dt.date(2025, 3, 26))
    assert early.status == "optimal"
    # A decree takes six months: from September only the circular stands by the end of the year.
    late = smallest_plan(pair, Plan(cuts[1:]), [aim], on=dt.date(2025, 9, 1))
    assert late.status == "infeasible"
    assert late.clash.reach["most_rate"].tolist() == [0.0]


def test_cancel_keeps_the_best(sample, sample_candidates):
    found = smallest_plan(
        sample,
        sample_candidates,
        target_rates={"documents": 0.1, "cost": 0.05},
        cancel=lambda: True,
    )
    assert found.status == "cancelled"
    assert "Đã dừng" in found.text("vi")
    if found.found:
        assert not found.shortfalls
        assert reached_by(found)


def reached_by(found):
    return all(row.rate >= row.required_rate - 1e-9 for row in found.summary.itertuples())


def test_answers_about_the_plan(sample, sample_candidates):
    seen = []
    found = smallest_plan(
        sample,
        sample_candidates,
        target_rates={"documents": 0.1, "cost": 0.05},
        progress=lambda *line: seen.append(line),
    )
    assert seen
    first = found.explain(found.legal_texts[0])
    assert first.extra_price >= -1e-9 or math.isnan(first.extra_price)
    plans = found.alternatives(within=0.1)
    assert plans[0] is found
    for other in plans[1:]:
        assert other.price <= found.price * 1.1 + 1e-6
        assert set(other.legal_texts + other.databases) != set(found.legal_texts + found.databases)
        assert not other.shortfalls
    levels = found.sensitivity([0.05, 0.1])
    prices = levels[levels["metric"].eq("documents")]["price"]
    assert prices.is_monotonic_increasing
    assert prices.iloc[-1] == pytest.approx(found.price)
    assert (found.shadow_prices()["points"] >= 0).all()
    assert found.curve("documents", [0.05, 0.1])["relaxed"].is_monotonic_increasing
    assert found.headline().vi in found.text("vi")


def test_greatest_reduction_for_a_budget(pair):
    cuts = [
        ShortenLimit(A, days=6, legal_numbers=TEXTS[0]),
        ShortenLimit(B, days=5, legal_numbers=TEXTS[1]),
        CutCondition(f"{A}/d1", legal_numbers=TEXTS[2]),
    ]
    found = smallest_plan(
        pair, Plan(cuts), target_rates={"time": 0.1}, objective="reduction", limits=Limits(texts=1)
    )
    assert found.legal_texts == (TEXTS[1],)
    assert found.bound == pytest.approx(50.0)
    assert "giảm tổng cộng 50 điểm phần trăm" in found.text("vi")
    assert repr(found) == "<SmallestPlan optimal: 1 texts, 0 databases, 1 reforms, price 11>"


def arguments(tmp_path, **more):
    base = {
        "file": sample_path(), "lang": "vi", "json": True, "on": None, "accept_proposals": False,
        "decisions": None, "model": None, "year": None, "target": ["documents=0,1", "cost=5%"],
        "time_limit": 20.0, "save": tmp_path / "plan.yaml", "output": tmp_path / "plan.xlsx",
        "export_model": tmp_path / "model.lp",
    }  # fmt: skip
    return argparse.Namespace(**base | more)


def test_command_json_and_files(tmp_path, capsys):
    assert run_smallest(arguments(tmp_path)) == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made) >= {
        "status", "price", "bound", "gap", "legal_texts", "databases", "reforms", "before",
        "after", "rates", "shortfalls",
    }  # fmt: skip
    assert (made["status"], made["shortfalls"]) == ("optimal", [])
    assert made["rates"]["documents"] >= 0.1
    assert len(Plan.read(tmp_path / "plan.yaml")) == made["reforms"]
    assert (tmp_path / "model.lp").read_text("ascii").count("target_") >= 2
    assert (tmp_path / "plan.xlsx").stat().st_size > 10_000


def test_command_out_of_reach(tmp_path, capsys):
    args = arguments(tmp_path, json=False, lang="en", target=["time=0.99"], save=None, output=None)
    assert run_smallest(args) == 1
    shown = capsys.readouterr().out
    assert "The targets cannot all be met" in shown
    assert "at most" in shown


def test_words_of_targets():
    assert target_rates(["time=30%", "cost=0,25", "documents = 0.1"]) == {
        "time": 0.3, "cost": 0.25, "documents": 0.1,
    }  # fmt: skip
    with pytest.raises(InvalidValue) as error:
        target_rates(["time", "cost=much"])
    assert [fault.value for fault in error.value.faults] == ["time", "cost=much"]


def test_first_interrupt_only_stops_the_search():
    before = signal.getsignal(signal.SIGINT)
    with _stoppable() as stopped:
        assert not stopped.is_set()
        signal.raise_signal(signal.SIGINT)
        assert stopped.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
