"""Plans side by side: hand-computed rows, faults in the table, Pareto by brute force."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.cli.plans import compare_plans
from procsim.decisions import targets
from procsim.decisions.routes import read_readiness, with_coverage
from procsim.decisions.scenarios import SCENARIO_COLUMNS, pareto, scenarios
from procsim.errors import InvalidValue
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from procsim.reference.readiness import CRITERIA, READINESS_COLUMNS
from procsim.reforms import DropRequirement, Plan, ReplaceByData, ShortenLimit, apply
from tests.reforms.small import portfolio as small

P, Q = "1.000001", "1.000002"
DECREE, CIRCULAR = "999/2031/NĐ-CP", "998/2031/TT-BYT"


@pytest.fixture
def two() -> Portfolio:
    """Two procedures of 10 and 30 working days; the first asks for two papers."""
    return small(
        requirements=[{"types": "can_cuoc"}, {}],
        channels=[{"limit_value": 10.0}, {"procedure": Q, "limit_value": 30.0}],
        procedures=[{"ministry": "Bộ Y tế", "audience": "business"}, {"audience": "business"}],
    )


def test_rows_are_what_is_computed_by_hand(two: Portfolio):
    one = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,))], name="Một")
    more = Plan(
        [
            ShortenLimit(P, days=5, legal_numbers=(DECREE,)),
            ShortenLimit(Q, days=25, legal_numbers=(DECREE, CIRCULAR)),
            DropRequirement(f"{P}/c1/r2", rank="luat"),
            ReplaceByData(f"{P}/c1/r1", ("can_cuoc",), ("csdl_dan_cu",), rank="luat"),
        ],
        name="Hai",
    )
    frame = scenarios(two, [one, more]).frame
    assert tuple(frame.columns) == SCENARIO_COLUMNS
    assert frame["plan"].tolist() == ["Hiện trạng", "Một", "Hai"]
    assert frame["reforms"].tolist() == [0, 1, 4]
    assert frame["procedures"].tolist() == [0, 1, 2]
    # Two reforms ask for one unnamed law of Bộ Y tế: it is drafted once.
    assert frame["legal_texts"].tolist() == [0, 1, 3]
    assert frame["databases"].tolist() == [0, 0, 1]
    assert frame["price"].tolist() == [0, 30 + 1, 30 + 10 + 100 + 15 + 4]
    assert frame["days_before"].tolist() == [40, 40, 40]
    assert frame["days_saved"].tolist() == [0, 5, 10]
    assert frame["days_rate"].tolist() == [0, 0.125, 0.25]
    assert frame["documents_saved"].tolist() == [0, 0, 2]
    assert frame["incomplete"].tolist() == [0, 1, 4]
    assert frame["pareto"].tolist() == [True, True, True]
    assert frame[["met", "missed", "unknown"]].isna().to_numpy().all()


def test_figures_agree_with_compare_on_the_changed_portfolio(two: Portfolio):
    plan = Plan([ShortenLimit(P, percent=30), DropRequirement(f"{P}/c1/r1")])
    row = scenarios(two, [plan]).frame.iloc[1]
    rates = compare(measure(two), measure(apply(two, plan))).set_index("metric")
    for name, metric in (("days", "statutory_days"), ("cost_vnd", "cost_vnd")):
        assert row[f"{name}_saved"] == pytest.approx(rates.at[metric, "saved"])
        assert row[f"{name}_rate"] == pytest.approx(rates.at[metric, "rate"])
    assert math.isnan(row["cost_year_vnd_saved"])


def test_a_plan_that_cannot_be_applied_stands_in_the_table_with_its_faults(two: Portfolio):
    wrong = Plan([ShortenLimit("9.999999", days=1), DropRequirement("9.999999/c1/r1")], name="Sai")
    longer = Plan([ShortenLimit(P, days=99)], name="Dài hơn")
    made = scenarios(two, [wrong, longer, Plan([ShortenLimit(P, days=9)], name="Đúng")])
    assert made.frame["applied"].tolist() == [True, False, False, True]
    assert made.frame["pareto"].tolist() == [False, False, False, True]
    assert made.frame["errors"].tolist() == [0, 2, 1, 0]
    assert made.frame.loc[[1, 2], "days_after"].isna().all()
    assert len(made.faults["Sai"]) == 2
    assert "9.999999" in made.text("vi")


def test_names_are_made_unique(two: Portfolio):
    plans = [Plan(name="A"), Plan(name="A"), Plan(), Plan(name="Hiện trạng"), Plan(name="A (2)")]
    names = scenarios(two, plans).frame["plan"].tolist()
    assert names == ["Hiện trạng", "A", "A (2)", "Phương án 3", "Hiện trạng (2)", "A (2) (2)"]


def test_what_has_no_price_is_counted_and_left_out(two: Portfolio):
    plan = Plan(
        [
            ShortenLimit(P, days=5),
            ShortenLimit(Q, days=5, rank="hien_phap"),
            ReplaceByData(f"{P}/c1/r1", ("can_cuoc",), ("csdl_moi",), rank="thong_tu"),
        ]
    )
    row = scenarios(two, [plan]).frame.iloc[1]
    assert (row["price"], row["unpriced"], row["databases"]) == (10 + 2, 3, 1)


def test_prices_follow_the_parameters(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,))])
    own = parameters(price_nghi_dinh=7, price_reform=0.5)
    assert scenarios(two, [plan], parameters=own).frame.at[1, "price"] == 7.5


def test_targets_are_counted_where_they_are_given(two: Portfolio):
    half = Plan([ShortenLimit(P, percent=50), ShortenLimit(Q, percent=50)])
    goals = [t for t in targets() if t.id in ("business_time_2025", "business_conditions_2025")]
    frame = scenarios(two, [half], targets=goals).frame
    assert frame["met"].tolist() == [0, 1]
    assert (frame["met"] + frame["missed"] + frame["unknown"]).tolist() == [2, 2]


def test_the_resolution_asks_for_no_text_of_its_own(two: Portfolio):
    reform = ReplaceByData(
        f"{P}/c1/r1", ("can_cuoc",), ("csdl_dan_cu",), legal_numbers=("66.7/2025/NQ-CP",)
    )
    row = scenarios(two, [Plan([reform])]).frame.iloc[1]
    assert (row["legal_texts"], row["price"], row["unpriced"]) == (0, 15, 0)


def test_conflicts_are_counted(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5), ShortenLimit(P, days=6)], name="Mâu thuẫn")
    made = scenarios(two, [plan])
    assert made.frame.at[1, "errors"] >= 1
    assert any(fault.code == "plan.contradictory" for fault in made.faults["Mâu thuẫn"])


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", ["Hiện trạng", "12,50 %", "Văn"]), ("en", ["As it is", "12.50 %", "Legal texts"])],
)
def test_the_table_for_people_is_in_their_language(two: Portfolio, language: str, words: list[str]):
    made = scenarios(two, [Plan([ShortenLimit(P, days=5)], name="Văn bản")])
    text = made.text(language)
    assert all(word in text for word in words)
    assert "cli." not in text
    table = text.splitlines()
    assert all(len(a) and len(b) for a, b in pairwise(table))


numbers = st.sampled_from([0.0, 1.0, 2.0, math.nan])
rows = st.tuples(st.booleans(), *[numbers] * 5, st.integers(0, 2), st.integers(0, 2))
SAVED = [f"{name}_saved" for name in ("days", "cost_vnd", "cost_year_vnd", "documents")]


def dominates(one: tuple, other: tuple) -> bool:
    """Say it again in plain words: no worse in anything, better in something."""
    better = False
    pairs = [*zip(one[1:6], other[1:6], strict=True)]
    pairs += [(-a, -b) for a, b in zip(one[6:], other[6:], strict=True)]
    for mine, its in pairs:
        if math.isnan(mine) != math.isnan(its):
            return False
        if mine < its:
            return False
        better |= mine > its
    return better


@given(st.lists(rows, max_size=7))
@settings(deadline=None)
def test_pareto_agrees_with_brute_force(cells: list[tuple]):
    columns = ["applied", *SAVED, "conditions_saved", "price", "legal_texts"]
    frame = pd.DataFrame(cells, columns=columns).astype({"applied": bool})
    wanted = [
        row[0] and not any(other[0] and dominates(other, row) for other in cells) for row in cells
    ]
    assert pareto(frame).tolist() == wanted


def test_sums_in_another_order_are_not_a_better_plan():
    columns = ["applied", *SAVED, "conditions_saved", "price", "legal_texts"]
    cells = [(True, 0.1 + 0.2, 0, 0, 0, 0, 1, 1), (True, 0.3, 0, 0, 0, 0, 1, 1)]
    assert pareto(pd.DataFrame(cells, columns=columns)).tolist() == [True, True]


def test_the_command_prints_rows_as_json(two: Portfolio, capsys: pytest.CaptureFixture[str]):
    args = argparse.Namespace(lang="vi", json=True, year=2025)
    plans = [Plan([ShortenLimit(P, days=5)], name="Một"), Plan([ShortenLimit("x", days=5)])]
    assert compare_plans(args, two, plans) == 1
    printed = json.loads(capsys.readouterr().out)["plans"]
    assert [row["plan"] for row in printed] == ["Hiện trạng", "Một", "Phương án 2"]
    assert printed[1]["days_saved"] == 5
    assert printed[2]["days_saved"] is None
    assert printed[2]["faults"][0]["code"]
    assert printed[1]["met"] + printed[1]["missed"] + printed[1]["unknown"] == len(targets(2025))


def test_the_command_prints_a_table(two: Portfolio, capsys: pytest.CaptureFixture[str]):
    args = argparse.Namespace(lang="en", json=False, year=None)
    compare_plans(args, two, [Plan([ShortenLimit(P, days=5)], name="Một")])
    assert "Time limits (working days): saved" in capsys.readouterr().out


def judged(base: str, value: float) -> pd.DataFrame:
    rows = [[base, name, value, "2026-01-31", "Báo cáo", "nhập", ""] for name in CRITERIA]
    return pd.DataFrame(rows, columns=list(READINESS_COLUMNS))


def test_coverage_is_filled_from_the_database_that_answers_worst(two: Portfolio):
    day = dt.date(2026, 2, 1)
    table = pd.concat([judged("csdl_dan_cu", 0.9), judged("csdl_ho_tich", 1.0)])
    row = f"{P}/c1/r1"
    plan = Plan(
        [
            ReplaceByData(row, ("can_cuoc",), ("csdl_dan_cu", "csdl_ho_tich")),
            ReplaceByData(row, ("can_cuoc",), ("csdl_dan_cu", "csdl_gplx")),
            ReplaceByData(row, ("can_cuoc",), ("csdl_dan_cu",), 0.5, "nhập"),
            ShortenLimit(P, days=5),
        ],
        name="Một",
    )
    made = with_coverage(plan, day, table)
    assert made.reforms[0].coverage == pytest.approx(0.9**6)
    assert made.reforms[0].coverage_mark == "giả định"
    assert made.reforms[1:] == plan.reforms[1:]
    assert plan.reforms[0].coverage is None
    assert with_coverage(plan, day) == plan
    assert with_coverage(plan, dt.date(2026, 1, 30), table) == plan


def test_an_officers_file_is_read_as_excel_saves_it(tmp_path: Path):
    path = tmp_path / "muc-do.csv"
    head = ";".join(READINESS_COLUMNS)
    path.write_text(
        f"\ufeff{head}\r\ncsdl_gplx;sạch;0,8;2026-01-31;Báo cáo;nhập;\r\n", encoding="utf-8"
    )
    row = read_readiness(path).iloc[0]
    assert (row["criterion"], row["value"]) == ("clean", 0.8)
    path.write_text("database,criterion,value,ngay\ncsdl_gplx,clean,1,2\n", encoding="utf-8")
    with pytest.raises(InvalidValue) as caught:
        read_readiness(path)
    assert {fault.value for fault in caught.value.faults} == {
        "date",
        "source",
        "mark",
        "note",
        "ngay",
    }


def test_the_baseline_is_left_as_it_was(two: Portfolio):
    before = {name: frame.copy() for name, frame in (("r", two.requirements), ("c", two.channels))}
    scenarios(two, [Plan([ShortenLimit(P, days=5), DropRequirement(f"{P}/c1/r1")])])
    pd.testing.assert_frame_equal(before["r"], two.requirements)
    pd.testing.assert_frame_equal(before["c"], two.channels)
    assert np.isfinite(two.channels["limit_value"]).all()


def test_the_result_survives_a_child_process(two: Portfolio):
    made = scenarios(two, [Plan([ShortenLimit("9.999999", days=1)], name="Sai")])
    again = pickle.loads(pickle.dumps(made))
    pd.testing.assert_frame_equal(again.frame, made.frame)
    assert again.faults == made.faults
