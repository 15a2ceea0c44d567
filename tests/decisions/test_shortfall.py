"""What a missed target still lacks, and the cheapest reforms that would close it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.decisions import next_candidates, scorecard, shortfall, tag, targets
from procsim.errors import InvalidValue
from procsim.marking import mark
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reforms import AbolishProcedure, Plan, ShortenLimit, apply, resolution_66_7
from tests.decisions.test_scorecard import measured
from tests.decisions.test_scorecard_lists import portfolio_of as with_papers
from tests.decisions.test_scorecard_lists import replaced
from tests.shared import needs_shared

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "decisions" / "shortfalls.yaml").read_text("utf-8")
)
BY_ID = {target.id: target for target in targets()}
TIME = BY_ID["business_time_2025"]
POINTS = {"luat": 100.0, "nghi_dinh": 30.0, "thong_tu": 10.0}


@pytest.mark.parametrize("case", CASES, ids=[case["truong_hop"] for case in CASES])
def test_hand_computed_shortfall(case):
    before, after = measured(case["thu_tuc"], 0), measured(case["thu_tuc"], 1)
    expected = case["mong_doi"]
    card = scorecard(before, after, [BY_ID[expected["chi_tieu"]]], by=None)
    row = shortfall(card).iloc[0]
    wanted = math.nan if expected["con_thieu"] is None else expected["con_thieu"]
    assert row["amount"] == pytest.approx(wanted, nan_ok=True)
    assert (row["unit_vi"], row["verdict"]) == (expected["don_vi"], expected["ket_luan"])


def limits(days: list[float], **columns: list[str]) -> Portfolio:
    ids = [f"1.{number:06d}" for number in range(1, len(days) + 1)]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": ids, "code": ids, "name": "T", "ministry": "Bộ A", "audience": "business"}
                | columns
            ),
            "channels": pd.DataFrame(
                {
                    "id": [f"{name}/k1" for name in ids],
                    "procedure": ids,
                    "limit_value": days,
                    "limit_unit": "working_day",
                    "method": "counter",
                }
            ),
        }
    )


def cut(place: int, days: float, texts: str = "", rank: str = "") -> ShortenLimit:
    return ShortenLimit(f"1.{place:06d}", days=days, legal_numbers=texts, rank=rank)


def chosen(portfolio: Portfolio, plan: Plan, pool: Plan, **options: object) -> pd.DataFrame:
    return next_candidates(portfolio, plan, TIME, pool, price=POINTS.__getitem__, **options)


def test_the_cheapest_that_close_the_gap_are_named_in_order():
    # 100 days; 30 are asked, the plan saves 10. A circular (10 points) saves 15, a decree
    # (30) saves 20, a law (100) saves 20: the decree closes 20 for 30 points, 1.5 a day;
    # the circular 15 for 10, 0.67 a day, so it comes first; then 5 days are lacking.
    portfolio = limits([25, 25, 25, 25])
    plan = Plan([cut(1, 15, "09/2099/TT-BTC")])
    pool = Plan(
        [cut(2, 5, "01/2099/QH15"), cut(3, 5, "02/2099/NĐ-CP"), cut(4, 10, "03/2099/TT-BTC")]
    )
    made = chosen(portfolio, plan, pool)
    assert made["position"].tolist() == [3, 2]
    assert made["saving"].tolist() == [15, 20]
    assert made["price"].tolist() == [10, 30]
    assert made["cumulative"].tolist() == [15, 35]
    assert made["remaining"].tolist() == [5, 0]
    assert made["value"].tolist() == [0.25, 0.45]
    assert made["met"].tolist() == [False, True]
    assert made.attrs["message_vi"] == "Thêm 2 đề xuất thì đạt chỉ tiêu."
    assert (made.attrs["start"], made.attrs["unit_en"]) == (20, "working days")


def test_a_text_is_paid_once_and_what_the_plan_amends_is_paid_already():
    portfolio = limits([20] * 5)
    plan = Plan([cut(1, 18, "09/2099/TT-BTC")])
    pool = Plan(
        [cut(2, 10, "01/2099/QH15"), cut(3, 12, "01/2099/QH15"), cut(4, 12, "09/2099/TT-BTC")]
    )
    made = chosen(portfolio, plan, pool)
    # The circular of the plan is paid: free. 30 − 2 − 8 = 20 are lacking: then the law,
    # once for both of its reforms.
    assert made["position"].tolist() == [3, 1, 2]
    assert made["price"].tolist() == [0, 100, 0]
    assert made["texts"].tolist() == ["", "01/2099/QH15", ""]


def test_a_dear_text_is_set_against_all_that_it_opens():
    # Each reform on the law saves 5 for 100 points alone, 20 days together: 5 points a day.
    # The circulars save 1 day for 10 points each.
    portfolio = limits([10] * 8)
    pool = Plan(
        [cut(n, 9, f"0{n}/2099/TT-BTC") for n in range(1, 5)]
        + [cut(n, 5, "01/2099/QH15") for n in range(5, 9)]
    )
    made = chosen(portfolio, Plan(), pool)
    assert made["position"].tolist() == [5, 6, 7, 8, 1, 2, 3, 4]
    assert made["price"].tolist() == [100, 0, 0, 0, 10, 10, 10, 10]
    assert made.attrs["met"]


def test_overlapping_savings_are_measured_again():
    portfolio = limits([10, 90])
    pool = Plan([cut(1, 4, "01/2099/TT-BTC"), cut(1, 2, "01/2099/TT-BTC")])
    made = chosen(portfolio, Plan(), pool)
    # To 2 days saves 8; to 4 days would save 6 alone, and nothing after it.
    assert made["position"].tolist() == [2]
    assert made["saving"].tolist() == [8]
    assert not made.attrs["met"]
    assert made.attrs["remaining"] == 22
    assert made.attrs["message_vi"] == (
        "Danh sách đề xuất không đủ: còn thiếu 30 ngày làm việc, giảm được 8, vẫn thiếu 22."
    )
    assert "22 remain" in made.attrs["message_en"]


def test_a_target_already_met_needs_nothing():
    made = chosen(limits([10]), Plan([cut(1, 5)]), Plan([cut(1, 1)]))
    assert made.empty
    assert made.attrs["message_en"] == "The plan reaches the target already."
    assert made.attrs["remaining"] == 0


def test_what_cannot_be_applied_is_refused_with_its_reason():
    pool = Plan([cut(1, 30, "01/2099/TT-BTC"), cut(9, 1, "01/2099/TT-BTC"), cut(2, 1, "x", "luat")])
    made = chosen(limits([10, 10]), Plan(), pool)
    assert made["position"].tolist() == [3]
    assert set(made.attrs["refused"]) == {1, 2}
    assert all(made.attrs["refused"].values())


def test_a_reform_without_a_legal_route_comes_last_with_no_price():
    pool = Plan([cut(1, 2), cut(2, 8, "01/2099/TT-BTC"), cut(3, 8, "02/2099/TT-BTC")])
    made = chosen(limits([10, 10, 10]), Plan(), pool)
    assert made["position"].tolist() == [2, 3, 1]
    assert math.isnan(made["price"].iloc[-1])


def test_counts_and_shares_are_closed_too():
    portfolio = tag(with_papers([{}] * 30))
    codes = portfolio.procedures["code"].tolist()
    listed = tag(portfolio, {"data_services_25": codes[:25]})
    target = replace(BY_ID["data_services_10_2025"], value=3)
    pool = Plan([replaced(code, legal_numbers="03/2099/TT-BTC") for code in codes[20:28]])
    made = next_candidates(listed, Plan([replaced(codes[0])]), target, pool)
    assert made["procedure"].tolist() == codes[20:22]
    assert made["cumulative"].tolist() == [1, 2]
    assert made["value"].tolist() == [2, 3]
    with pytest.raises(InvalidValue, match="data_services_25"):
        next_candidates(portfolio, Plan(), target, pool)
    with pytest.raises(InvalidValue, match="không tính trên từng thủ tục"):
        next_candidates(portfolio, Plan(), BY_ID["legal_texts_66_7"], pool)


def test_a_share_counts_whole_procedures():
    portfolio = limits([10] * 5, online=["full", "full", "none", "none", "unknown"])
    after = measure(portfolio)
    card = scorecard(after, after, [BY_ID["fully_online_2025"]], by=None, portfolio=portfolio)
    # 80 % of the 4 that are known are 3.2: 2 are online, so 2 more are needed.
    row = shortfall(card).iloc[0]
    assert (row["amount"], row["unit_en"]) == (2, "procedures")


days = st.integers(1, 40)
reform = st.tuples(st.integers(1, 5), st.integers(0, 40), st.sampled_from(["luat", "thong_tu"]))


@settings(deadline=None, max_examples=8)
@given(st.lists(days, min_size=5, max_size=5), st.lists(reform, min_size=1, max_size=6))
def test_the_running_sums_are_those_of_the_ordinary_measures(limit, wanted):
    portfolio = limits([float(day) for day in limit])
    pool = Plan(
        [cut(p, d, f"{n:02d}/2099/TT-BTC", r) for n, (p, d, r) in enumerate(wanted, start=1)]
        + [AbolishProcedure("1.000002", legal_numbers="90/2099/QH15")]
    )
    made = chosen(portfolio, Plan(), pool)
    applied: list[int] = []
    before = measure(portfolio)
    for row in made.itertuples():
        applied.append(row.position - 1)
        after = apply(portfolio, Plan([pool.reforms[place] for place in applied]))
        card = scorecard(before, measure(after), [TIME], by=None, portfolio=after).summary.iloc[0]
        assert row.value == pytest.approx(card["value"])
        assert row.met == (card["verdict"] == "met")
        assert row.cumulative == pytest.approx(card["before"] - card["after"])
    assert made["saving"].gt(0).all()
    if not made.attrs["met"]:  # then nothing that is left would help
        left = [r for n, r in enumerate(pool.reforms) if n not in applied]
        for other in left:
            try:
                more = apply(portfolio, Plan([*(pool.reforms[p] for p in applied), other]))
            except InvalidValue:
                continue
            total = measure(more)["statutory_days"].sum()
            base = apply(portfolio, Plan([pool.reforms[p] for p in applied]))
            assert total == pytest.approx(measure(base)["statutory_days"].sum())


def test_greedy_is_near_the_optimum_of_small_pools():
    portfolio = limits([10, 14, 20, 30, 26])
    texts = ["01/2099/QH15", "02/2099/NĐ-CP", "03/2099/TT-BTC", "04/2099/TT-BTC", "02/2099/NĐ-CP"]
    pool = Plan([cut(n, d, t) for n, d, t in zip(range(1, 6), [2, 8, 14, 20, 16], texts,
                                                  strict=True)])  # fmt: skip
    made = chosen(portfolio, Plan(), pool)
    rank = {"QH15": 100.0, "CP": 30.0, "BTC": 10.0}
    best = math.inf
    saved = [8, 6, 6, 10, 10]
    for size in range(1, 6):
        for group in itertools.combinations(range(5), size):
            if sum(saved[n] for n in group) >= 30:
                paid = {texts[n] for n in group}
                best = min(best, sum(rank[text.rpartition("-")[2].rpartition("/")[2]]
                                     for text in paid))  # fmt: skip
    assert made.attrs["met"]
    assert made["price"].sum() == best == 50


@needs_shared
def test_real_records_agree_with_the_scorecard(records):
    police = records.procedures.index[records.procedures["ministry"] == "Bộ Công an"]
    portfolio = mark(records.select(list(police)))
    pool = resolution_66_7(portfolio)
    target = replace(BY_ID["procedures_replaced_2026"], value=10)
    made = next_candidates(portfolio, Plan(), target, pool)
    assert made.attrs["met"]
    plan = Plan([pool.reforms[place - 1] for place in made["position"]])
    after = apply(portfolio, plan)
    card = scorecard(measure(portfolio), measure(after), [target], by=None, portfolio=after)
    assert card.summary["value"].item() == made["value"].iloc[-1] == 10
