"""Targets and scorecards: hand-computed cases, scopes, verdicts, and properties."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.decisions import judge, scorecard, targets
from procsim.decisions.readings import simplified
from procsim.errors import InvalidValue, UnknownName
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "decisions" / "scorecards.yaml").read_text("utf-8")
)
COLUMNS = {"ngay": "statutory_days", "chi_phi": "cost_vnd", "dieu_kien": "conditions"}
BY_ID = {target.id: target for target in targets()}


def measured(procedures: list[dict], place: int) -> pd.DataFrame:
    """Return a table as `procsim.measure` makes it, with the numbers of a case."""
    size = len(procedures)
    ids = [f"1.{number:06d}" for number in range(1, size + 1)]
    frame = measure(
        Portfolio.from_tables(
            {
                "procedures": pd.DataFrame(
                    {
                        "id": ids,
                        "code": ids,
                        "name": "Thủ tục",
                        "ministry": [p.get("bo", "Bộ Y tế") for p in procedures],
                        "audience": [p.get("doi_tuong", "business") for p in procedures],
                        "field": [p.get("linh_vuc", "") for p in procedures],
                    }
                )
            }
        )
    )
    for key, column in COLUMNS.items():
        frame[column] = [
            np.nan if p.get(key, [None, None])[place] is None else float(p[key][place])
            for p in procedures
        ]
    frame["dossiers_per_year"] = [float(p.get("ho_so", np.nan)) for p in procedures]
    frame["cost_year_vnd"] = frame["cost_vnd"] * frame["dossiers_per_year"]
    return frame


def percent(value: float) -> float | None:
    return None if math.isnan(value) else round(value * 100, 2)


@pytest.mark.parametrize("case", CASES, ids=[case["truong_hop"] for case in CASES])
def test_hand_computed_scorecard(case):
    before, after = measured(case["thu_tuc"], 0), measured(case["thu_tuc"], 1)
    summary = scorecard(before, after, targets(2025)).summary
    for expected in case["mong_doi"]:
        rows = summary[summary["target_id"] == expected["chi_tieu"]]
        assert rows["scope"].tolist() == ["nation", "ministry"]
        for _, row in rows.iterrows():  # one ministry only: both rows show the same
            assert percent(row["value"]) == expected["ty_le"]
            assert row["verdict"] == expected["ket_luan"]
            assert row["known"] == expected.get("co_so_lieu", row["known"])
            assert row["missing"] == expected.get("thieu", row["missing"])
            assert row["reached"] == expected.get("dat", row["reached"])
            assert row["basis"] == expected.get("co_so", row["basis"])
            if "mot_lan" in expected:
                assert percent(row["by_sums"]) == expected["mot_lan"]
                assert percent(row["by_volume"]) == expected["theo_ho_so"]
            if "con_thieu" in expected:
                assert round(row["gap"], 2) == expected["con_thieu"]
            if row["verdict"] == "unknown":
                assert row["reason_vi"]
                assert row["reason_en"]


def test_year_filters_by_deadline_and_names_the_years():
    assert {t.year for t in targets(2026)} == {2026}
    assert len(targets()) > len(targets(2025)) > 0
    with pytest.raises(UnknownName, match="2025, 2026, 2027"):
        targets(1999)


def test_rows_carry_base_year_deadline_basis_and_mark():
    before = measured([{"ngay": [10, 5]}], 0)
    row = scorecard(before, before, targets(2026)).nation().iloc[0]
    assert row["base_year"] == 2024
    assert str(row["deadline"]) == "2026-12-31"
    assert "66/NQ-CP" in row["legal_basis"]
    assert row["mark"] == "công bố"


def test_groups_by_ministry_field_and_none():
    procedures = [
        {"bo": "Bộ A", "linh_vuc": "Đất đai;Thuế", "ngay": [10, 5]},
        {"bo": "Bộ B", "linh_vuc": "Thuế", "ngay": [10, 10]},
        {"bo": "Bộ B", "linh_vuc": "", "ngay": [10, 10]},
    ]
    before, after = measured(procedures, 0), measured(procedures, 1)
    time = [BY_ID["business_time_2025"]]
    by_ministry = scorecard(before, after, time).summary
    assert by_ministry["group"].tolist()[1:] == ["Bộ A", "Bộ B"]
    assert [percent(v) for v in by_ministry["value"]] == [16.67, 50.0, 0.0]
    by_field = scorecard(before, after, time, by="field").summary.set_index("group")
    assert percent(by_field.loc["Thuế", "value"]) == 25.0
    assert percent(by_field.loc["(chưa rõ)", "value"]) == 0.0
    assert scorecard(before, after, time, by=None).summary["scope"].tolist() == ["nation"]
    with pytest.raises(UnknownName, match="ministry, province, agency, field, levels, audience"):
        scorecard(before, after, time, by="colour")


def test_national_counts_are_left_open_by_a_part_of_the_nation():
    procedures = [{"ngay": [10, 5], "dieu_kien": [4, 1]}, {"ngay": [10, 10], "dieu_kien": [2, 2]}]
    before, after = measured(procedures, 0), measured(procedures, 1)
    rows = scorecard(before, after, targets()).nation().set_index("target_id")
    simple = rows.loc["procedures_simplified_10_2025"]
    assert (simple["value"], simple["target"], simple["verdict"]) == (1, 2051, "unknown")
    assert "2/4.888" in simple["reason_vi"]
    cut = rows.loc["conditions_simplified_10_2025"]
    assert (cut["value"], cut["verdict"]) == (3, "unknown")
    for lacking in ("legal_texts_66_7", "vneid_procedures", "vneid_utilities_2025"):
        assert rows.loc[lacking, "verdict"] == "unknown"
        assert rows.loc[lacking, "reason_vi"]


def test_a_whole_nation_can_miss_or_meet_a_count():
    size = 4888
    procedures = [{"ngay": [10, 5]}] * 2050 + [{"ngay": [10, 10]}] * (size - 2050)
    before, after = measured(procedures, 0), measured(procedures, 1)
    target = [BY_ID["procedures_simplified_10_2025"]]
    assert scorecard(before, after, target, by=None).summary["verdict"].item() == "missed"
    after.iloc[2050, after.columns.get_loc("statutory_days")] = 9.0
    assert scorecard(before, after, target, by=None).summary["verdict"].item() == "met"


def portfolio_of(online: list[str], free: list[str]) -> Portfolio:
    ids = [f"1.{n:06d}" for n in range(1, len(online) + 1)]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ids,
                    "code": ids,
                    "name": "T",
                    "ministry": "Bộ A",
                    "audience": "business",
                    "online": online,
                    "boundary_free": free,
                }
            )
        }
    )


def test_shares_come_from_the_portfolio():
    portfolio = portfolio_of(["full"] * 8 + ["partial", "none"], ["yes"] * 10)
    table = measure(portfolio)
    rows = scorecard(table, table, targets(2025), portfolio=portfolio).nation()
    rows = rows.set_index("target_id")
    assert rows.loc["fully_online_2025", ["value", "verdict"]].tolist() == [0.8, "met"]
    assert rows.loc["business_online_2025", ["value", "verdict"]].tolist() == [0.9, "missed"]
    assert rows.loc["boundary_free_2025", ["value", "verdict"]].tolist() == [1.0, "met"]
    without = scorecard(table, table, targets(2025)).nation().set_index("target_id")
    assert without.loc["fully_online_2025", "verdict"] == "unknown"
    assert "portfolio" in without.loc["fully_online_2025", "reason_vi"]


def test_a_share_is_judged_only_where_the_unknown_cannot_turn_it():
    portfolio = portfolio_of(["full"] * 7 + ["none"] + ["unknown"] * 2, ["unknown"] * 10)
    table = measure(portfolio)
    rows = scorecard(table, table, targets(2025), portfolio=portfolio).nation()
    rows = rows.set_index("target_id")
    # 7 of 8 known are full: between 70 % and 90 % of all.
    assert rows.loc["fully_online_2025", "value"] == 0.875
    assert rows.loc["fully_online_2025", "verdict"] == "unknown"
    # One is not online at all: 100 % cannot be reached whatever the two are.
    assert rows.loc["business_online_2025", "verdict"] == "missed"
    assert rows.loc["boundary_free_2025", "verdict"] == "unknown"


def test_a_procedure_without_a_row_after_is_missing_not_zero():
    before = measured([{"ngay": [10, 5]}, {"ngay": [30, 30]}], 0)
    row = scorecard(before, before.iloc[:1], [BY_ID["business_time_2025"]], by=None).summary.iloc[0]
    assert (row["before"], row["after"], row["known"], row["missing"]) == (10, 10, 1, 1)


def test_broken_tables_are_refused():
    before = measured([{"ngay": [10, 5]}], 0)
    with pytest.raises(InvalidValue, match="hãy dùng kết quả của procsim"):
        scorecard(before.drop(columns="audience"), before, targets(2025))
    with pytest.raises(InvalidValue, match="hai dòng đo"):
        scorecard(before, pd.concat([before, before]), targets(2025))


def test_judge_compares_unrounded_and_tolerates_float_noise():
    assert judge(0.29996, 0.30).verdict == "missed"
    noisy = judge(0.1 + 0.2 - 4e-17, 0.30)
    assert (noisy.verdict, noisy.gap >= 0) == ("met", True)
    assert judge(None, 0.3).verdict == judge(math.nan, 0.3).verdict == "unknown"
    with pytest.raises(InvalidValue):
        judge(math.inf, 0.3)


def test_simplified_looks_at_every_measure_and_at_the_end_of_a_procedure():
    before = measured([{"ngay": [5, 5], "chi_phi": [9, 8]}, {"ngay": [5, 6]}, {}], 0)
    after = measured([{"ngay": [5, 5], "chi_phi": [9, 8]}, {"ngay": [5, 6]}, {}], 1)
    after.iloc[2, after.columns.get_loc("status")] = "abolished"
    assert simplified(before, after).tolist() == [True, False, True]


def test_repr_and_frame_are_safe():
    before = measured([{"ngay": [10, 5]}], 0)
    card = scorecard(before, measured([{"ngay": [10, 5]}], 1), targets(2025))
    assert "business_time_2025" in repr(card)
    frame = card.to_frame()
    frame.loc[:, "verdict"] = "x"
    assert "x" not in set(card.summary["verdict"])
    assert (
        scorecard(before.iloc[:0], before.iloc[:0], targets())
        .summary["verdict"]
        .eq("unknown")
        .all()
    )


TWELVE = measured([{}] * 12, 0)
numbers = st.one_of(st.none(), st.floats(0, 1e6).map(lambda x: round(x, 2)))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12))
def test_rates_agree_with_measures_compare(pairs):
    missing = [tuple(math.nan if x is None else x for x in pair) for pair in pairs]
    before = TWELVE.iloc[: len(pairs)].assign(statutory_days=[first for first, _ in missing])
    after = before.assign(statutory_days=[then for _, then in missing])
    kept = before.copy(), after.copy()
    row = scorecard(before, after, [BY_ID["business_time_2025"]], by=None).summary.iloc[0]
    own = compare(before, after).set_index("metric").loc["statutory_days"]
    assert row["value"] == pytest.approx(own["rate"], nan_ok=True)
    assert (row["known"], row["missing"]) == (own["procedures"], own["missing"])
    assert row["known"] + row["missing"] == len(pairs)
    assert row["verdict"] in {"met", "missed", "unknown"}
    pd.testing.assert_frame_equal(before, kept[0])
    pd.testing.assert_frame_equal(after, kept[1])
