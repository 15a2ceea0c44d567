"""The monthly score and what moved it: hand-computed cases and exact sums."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.decisions import (
    Scorecard,
    read_score_weights,
    score,
    score_change,
    score_totals,
    scorecard,
    targets,
)
from procsim.errors import InvalidValue
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reference.targets import score_weights

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "decisions" / "scores.yaml").read_text("utf-8")
)
CAUSES = ["by_value", "by_target", "by_weights", "by_known"]


def card_of(lines: list[dict], group: str = "Bộ Y tế") -> Scorecard:
    rows = [
        {
            "scope": "ministry",
            "group": group,
            "target_id": line["ten"],
            "name_vi": line["ten"],
            "name_en": line["ten"],
            "metric": line["loai"],
            "value": math.nan if line["gia_tri"] is None else line["gia_tri"],
            "target": line["muc"],
            "verdict": line["ket_luan"],
            "mark": "công bố",
            "reason_vi": "",
            "reason_en": "",
        }
        for line in lines
    ]
    return Scorecard(pd.DataFrame(rows), "ministry")


def weights_of(weights: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"item": list(weights), "weight": list(map(float, weights.values())), "mark": "nhập"}
    )


def line(name: str, metric: str, value: float | None, goal: float) -> dict:
    verdict = "unknown" if value is None else "met" if value >= goal else "missed"
    return {"ten": name, "loai": metric, "gia_tri": value, "muc": goal, "ket_luan": verdict}


@pytest.mark.parametrize("case", CASES, ids=[case["truong_hop"] for case in CASES])
def test_hand_computed_score(case):
    made = score(card_of(case["chi_tieu"]), weights_of(case["trong_so"]))
    expected = [math.nan if p is None else p for p in case["diem"].values()]
    assert made["target_id"].tolist() == list(case["diem"])
    assert made["points"].tolist() == pytest.approx(expected, abs=1e-6, nan_ok=True)
    total = score_totals(made).iloc[0]
    wanted = math.nan if case["tong"] is None else case["tong"]
    assert total["points"] == pytest.approx(wanted, abs=1e-6, nan_ok=True)
    assert total["known_share"] == pytest.approx(case["da_biet"])


def test_shipped_weights_are_assumed_add_up_and_begin_on_a_day():
    weights = score_weights(dt.date(2026, 5, 1))
    assert weights["weight"].sum() == 100
    assert set(weights["mark"]) == {"giả định"}
    with pytest.raises(InvalidValue, match="Chọn ngày từ 2025-01-01"):
        score_weights(dt.date(2024, 12, 31))


def test_weights_of_an_officer_are_dated_and_checked(tmp_path):
    own = tmp_path / "trong_so.csv"
    head = "from;item;weight;mark;source;note\n"
    own.write_text(
        head + "2026-01-01;cost_vnd;100;nhập;QĐ;\n2026-07-01;statutory_days;100;nhập;QĐ;\n",
        encoding="utf-8-sig",
    )
    table = read_score_weights(own)
    assert score_weights(dt.date(2026, 6, 30), table)["item"].tolist() == ["cost_vnd"]
    assert score_weights(dt.date(2026, 7, 1), table)["item"].tolist() == ["statutory_days"]
    own.write_text(
        head + "2026-01-01;cost_vnd;-5;nhập;QĐ;\n2026-01-01;tốc độ;50;đoán;QĐ;\n", encoding="utf-8"
    )
    with pytest.raises(InvalidValue) as caught:
        read_score_weights(own)
    words = caught.value.in_language("vi")
    for part in ("trọng số là số không âm", "[tốc độ]", "[đoán]", "phải bằng 100 [45]"):
        assert part in words
    own.write_text("item,weight\ncost_vnd,100\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="Thiếu cột from"):
        read_score_weights(own)


def test_broken_weights_are_refused_all_at_once():
    card = card_of([line("business_time_2025", "statutory_days", 0.1, 0.3)])
    with pytest.raises(InvalidValue, match="thiếu cột này"):
        score(card, pd.DataFrame({"item": ["cost_vnd"]}))
    twice = pd.DataFrame({"item": ["cost_vnd"] * 2, "weight": [1.0, math.nan], "mark": "nhập"})
    with pytest.raises(InvalidValue) as caught:
        score(card, twice)
    assert len(caught.value.faults) == 1


def test_real_scorecard_is_scored_by_ministry():
    portfolio = Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ["1.000001", "1.000002"],
                    "code": ["1.000001", "1.000002"],
                    "name": "T",
                    "ministry": ["Bộ A", "UBND tỉnh B"],
                    "audience": "business",
                    "online": ["full", "none"],
                }
            )
        }
    )
    table = measure(portfolio).assign(statutory_days=[10.0, 20.0])
    after = table.assign(statutory_days=[7.0, 20.0])
    card = scorecard(table, after, targets(2025), portfolio=portfolio)
    made = score_totals(score(card)).set_index("group")
    # Bộ A: time 25 and the two online targets 15 are known and met: 40 of 40.
    assert made.loc["Bộ A", "points"] == pytest.approx(100)
    # UBND tỉnh B: all three are known (conditions are measured as none), nothing is done.
    assert made.loc["UBND tỉnh B", "points"] == pytest.approx(0)
    assert made.loc["Bộ A", ["rank", "judged"]].tolist() == [1, 3]


def test_change_names_the_cause():
    before = [line("business_time_2025", "statutory_days", 0.15, 0.3)]
    old = score(card_of(before), weights_of({"statutory_days": 50, "cost_vnd": 50}))

    def causes(now: list[dict]) -> dict[str, float]:
        weights = weights_of({"statutory_days": 50, "cost_vnd": 50})
        made = score_change(score(card_of(now), weights), old)
        assert made["change"].tolist() == pytest.approx(made[CAUSES].sum(axis=1).tolist())
        return {name: round(made[name].sum(), 6) for name in CAUSES}

    zero = dict.fromkeys(CAUSES, 0.0)
    more = [line("business_time_2025", "statutory_days", 0.24, 0.3)]
    assert causes(more) == zero | {"by_value": 30.0}
    harder = [line("business_time_2025", "statutory_days", 0.15, 0.5)]
    assert causes(harder) == zero | {"by_target": -20.0}
    # A second target comes in, fully met, for half of the weight: 25 + 50 instead of 50.
    both = [*before, line("business_cost_2025", "cost_vnd", 0.3, 0.3)]
    assert causes(both) == zero | {"by_known": 25.0}


def test_change_by_weights_alone():
    lines = [
        line("business_time_2025", "statutory_days", 0.15, 0.3),
        line("business_cost_2025", "cost_vnd", 0.3, 0.3),
    ]
    old = score(card_of(lines), weights_of({"statutory_days": 80, "cost_vnd": 20}))
    now = score(card_of(lines), weights_of({"statutory_days": 50, "cost_vnd": 50}))
    made = score_change(now, old).set_index("target_id")
    assert made["by_weights"].round(6).tolist() == [-15.0, 30.0]
    assert made[["by_value", "by_target", "by_known"]].abs().to_numpy().max() < 1e-9
    assert made["change"].sum() == pytest.approx(75 - 60)


def test_group_of_one_month_has_no_change_but_a_reason():
    lines = [line("business_time_2025", "statutory_days", 0.15, 0.3)]
    weights = weights_of({"statutory_days": 100})
    old, now = score(card_of(lines, "Bộ A"), weights), score(card_of(lines, "Bộ B"), weights)
    made = score_change(now, old).set_index("group")
    assert made["change"].isna().all()
    assert made.loc["Bộ B", "reason_vi"] == "Tháng trước chưa chấm điểm nhóm này."
    assert made.loc["Bộ A", "reason_en"] == "Not scored this month."
    assert made.loc["Bộ B", "now"] == 50


NAMES = {"business_time_2025": "statutory_days", "business_cost_2025": "cost_vnd",
         "fully_online_2025": "fully_online_share"}  # fmt: skip
month = st.fixed_dictionaries(
    {
        name: st.one_of(
            st.none(),
            st.tuples(
                st.one_of(st.none(), st.floats(-1, 1).map(lambda x: round(x, 3))),
                st.sampled_from([0.3, 0.5, 1.0]),
                st.integers(0, 50),
            ),
        )
        for name in NAMES
    }
)


@settings(deadline=None, max_examples=20)
@given(month, month)
def test_causes_always_sum_to_the_change_of_the_total(first, then):
    def made(state: dict) -> pd.DataFrame:
        present = {name: cell for name, cell in state.items() if cell is not None}
        lines = [line(name, NAMES[name], c[0], c[1]) for name, c in present.items()]
        lines.append(line("boundary_free_2025", "boundary_free_share", 0.5, 1.0))
        weights = {NAMES[name]: float(cell[2]) for name, cell in present.items()}
        return score(card_of(lines), weights_of(weights | {"boundary_free_share": 10.0}))

    old, now = made(first), made(then)
    change = score_change(now, old)
    moved = change["change"].to_numpy()
    assert np.allclose(change[CAUSES].sum(axis=1).to_numpy(), moved, atol=1e-9)
    totals = [score_totals(frame)["points"].iloc[0] for frame in (now, old)]
    assert moved.sum() == pytest.approx(totals[0] - totals[1], abs=1e-9)
    assert 0 <= totals[0] <= 100 + 1e-9
    assert change["target_id"].is_unique
