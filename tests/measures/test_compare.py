from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import procsim as ps
from procsim.errors import UnknownName
from procsim.measures import compare, measure, rate, summarise
from procsim.measures.compare import METRICS
from procsim.model.portfolio import Portfolio


def measured(days: dict[str, float], ministry: dict[str, str] | None = None) -> pd.DataFrame:
    ids = list(days)
    made = measure(
        Portfolio.from_tables(
            {
                "procedures": pd.DataFrame(
                    {
                        "id": ids,
                        "name": "A",
                        "ministry": [(ministry or {}).get(i, "Bộ A") for i in ids],
                        "levels": "province;commune",
                        "subjects_per_year": [100.0, 1.0, np.nan][: len(ids)],
                        "times_per_year": 1.0,
                    }
                ),
                "channels": pd.DataFrame(
                    {
                        "id": [f"{i}/k" for i in ids],
                        "procedure": ids,
                        "limit_value": list(days.values()),
                        "limit_unit": "working_day",
                    }
                ),
            }
        )
    )
    assert made.index.tolist() == ids
    return made


def days_of(frame: pd.DataFrame, group: str = "") -> pd.Series:
    return frame[(frame["metric"] == "statutory_days") & (frame["group"] == group)].iloc[0]


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (2306, 654, 71.64),  # Hà Nội 12/2025, tỷ đồng a year
        (393.4, 201, 48.9),  # Bộ Xây dựng, Đề án 896
        (26, 13, 50),  # Thanh Hóa, green lane
        (13, 7, 46.15),  # Quyết định 1671/QĐ-TTg
        (33, 29, 12.12),
    ],
)
def test_published_rates(before: float, after: float, percent: float):
    digits = len(str(percent).partition(".")[2])
    assert round(100 * rate(before, after), digits) == percent


def test_published_case_of_hanoi_implies_its_hours_and_its_saving():
    assert round(15.1e6 / 2.39e6, 1) == 6.3  # travel hours for one dossier
    assert 2306 - 654 == 1652


def test_published_plan_of_the_ministry_of_construction_falls_short_in_time_and_cost():
    # 1,197 days are 29.2 % and 3,600 tỷ are 29.1 %: the bases follow
    for saved, percent in ((1197, 0.292), (3600, 0.291)):
        base = saved / percent
        assert rate(base, base - saved) == pytest.approx(percent)
        assert rate(base, base - saved) < 0.30
    assert rate(174 / 0.38, 174 / 0.38 - 174) >= 0.30


def test_the_rate_is_of_sums_never_a_mean_of_percents():
    made = days_of(compare(measured({"1": 10, "2": 30}), measured({"1": 5, "2": 30})))
    assert made["rate"] == pytest.approx(5 / 40)  # the mean of 50 % and 0 % would be 25 %
    assert made["saved"] == 5
    assert (made["reached"], made["reached_share"]) == (1, 0.5)
    # by dossiers: (10·100 + 30·1) → (5·100 + 30·1)
    assert made["rate_weighted"] == pytest.approx(500 / 1030)


def test_only_procedures_known_in_both_enter_the_sums():
    before = measured({"1": 10, "2": np.nan, "3": 20})
    after = measured({"1": 5, "2": 3, "4": 7})
    made = days_of(compare(before, after))
    assert (made["before"], made["after"], made["procedures"], made["missing"]) == (10, 5, 1, 3)


def test_a_new_procedure_is_counted_in_its_own_ministry():
    before = measured({"1": 10})
    after = measured({"1": 5, "9": 7}, {"9": "Bộ B"})
    made = compare(before, after, by="ministry")
    assert days_of(made, "Bộ B")["why"] == "nothing_known"
    assert days_of(made, "Bộ B")["missing"] == 1


def test_zero_before_gives_no_rate_but_a_reason():
    made = days_of(compare(measured({"1": 0.0}), measured({"1": 0.0})))
    assert np.isnan(made["rate"])
    assert made["why"] == "before_zero"
    assert made["reached"] == 0
    assert np.isnan(made["reached_share"])
    assert np.isnan(rate(0, 5))


def test_rates_of_arrays():
    found = rate(np.array([10.0, 0.0, np.nan]), np.array([5.0, 0.0, 1.0]))
    assert found[0] == 0.5
    assert np.isnan(found[1:]).all()


def test_groups_by_ministry_and_by_each_level():
    before = measured({"1": 10, "2": 30}, {"1": "Bộ A", "2": "Bộ B"})
    after = measured({"1": 5, "2": 30})
    made = compare(before, after, by="ministry")
    assert made["group"].unique().tolist() == ["Bộ A", "Bộ B"]
    assert days_of(made, "Bộ A")["rate"] == 0.5
    levels = compare(before, after, by="levels")
    assert levels["group"].unique().tolist() == ["commune", "province"]
    assert days_of(levels, "commune")["before"] == 40
    assert made["metric"].tolist() == [*METRICS, *METRICS]


def test_an_unknown_grouping_is_refused_with_the_ones_that_exist():
    with pytest.raises(UnknownName, match="ministry, province, agency, field, levels, audience"):
        summarise(measured({"1": 1}), by="colour")


def test_sums_count_what_is_known_and_what_is_missing():
    made = summarise(measured({"1": 10, "2": np.nan}))
    row = made[made["metric"] == "statutory_days"].iloc[0]
    assert (row["total"], row["procedures"], row["known"], row["missing"]) == (10, 2, 1, 1)
    cost = made[made["metric"] == "cost_vnd"].iloc[0]
    assert np.isnan(cost["total"])
    assert cost["missing"] == 2


def test_an_empty_measurement_compares_to_nothing_known():
    empty = measure(Portfolio.from_tables({}))
    made = compare(empty, empty)
    assert set(made["why"]) == {"nothing_known"}
    assert compare(empty, empty, by="ministry").empty
    assert (summarise(empty)["procedures"] == 0).all()


def test_the_assumed_share_of_a_sum_is_by_value():
    made = pd.concat([measured({"1": 1}), measured({"2": 1})])
    made["cost_vnd"] = [100.0, 300.0]
    made["assumed_share"] = [1.0, 0.5]
    row = summarise(made).set_index("metric").loc["cost_vnd"]
    assert row["assumed_share"] == pytest.approx(250 / 400)


# One grouping for all


def spread() -> ps.Portfolio:
    """Return three procedures of 10, 20 and 30 days that differ in every grouping."""
    return ps.Portfolio.from_tables(
        {
            "procedures": [
                {"id": "1", "name": "A", "ministry": "UBND tỉnh Hòa Bình", "agency": "Sở X; Xã Y"},
                {"id": "2", "name": "B", "ministry": "UBND TỈNH HOÀ BÌNH", "agency": "Sở X"},
                {"id": "3", "name": "C", "ministry": "Bộ Y tế", "agency": "", "levels": "central"},
            ],
            "channels": [
                {
                    "id": f"k{n}",
                    "procedure": str(n // 10),
                    "limit_value": n,
                    "limit_unit": "working_day",
                }
                for n in (10, 20, 30)
            ],
        }
    )


OWN = pd.Series({"3": "tây", "1": "đông", "2": "đông"}, name="vùng")
SUMS = {
    "province": {"UBND tỉnh Hòa Bình": 30, "(cấp bộ)": 30},
    "agency": {"Sở X": 30, "Xã Y": 10, "(chưa rõ)": 30},
    "ministry": {"UBND tỉnh Hòa Bình": 10, "UBND TỈNH HOÀ BÌNH": 20, "Bộ Y tế": 30},
    "levels": {"central": 30, "(chưa rõ)": 30},
    "vùng": {"đông": 30, "tây": 30},
}


@pytest.mark.parametrize("by", SUMS)
def test_every_verb_groups_alike(by):
    base = spread()
    plan = ps.Plan([ps.ShortenLimit(str(n), percent=50) for n in (1, 2, 3)])
    before, after = ps.measure(base), ps.measure(ps.apply(base, plan))
    grouping = OWN if by == "vùng" else by
    sums = ps.summarise(before, grouping).query("metric == 'statutory_days'")
    assert dict(zip(sums["group"], sums["total"], strict=True)) == SUMS[by]
    cuts = ps.compare(before, after, grouping).query("metric == 'statutory_days'")
    assert dict(zip(cuts["group"], cuts["saved"], strict=True)) == {
        name: total / 2 for name, total in SUMS[by].items()
    }
    causes = ps.decompose(base, ps.apply(base, plan), by=grouping)
    assert set(causes["group"]) == set(SUMS[by])
    card = ps.scorecard(before, after, 2026, grouping).summary
    assert set(card.loc[card["scope"] == by, "group"]) == set(SUMS[by])
    if by != "agency":  # there `effects` asks who answers for the change
        shares = ps.effects(base, plan, grouping)
        assert shares["days"].sum() == 30
        assert set(shares.index) == set(SUMS[by])
        assert shares.index.name == shares.attrs["by"] == by


def test_a_column_of_the_table_groups_too_and_rows_in_one_table_only_are_missing():
    before = ps.measure(spread()).assign(vùng=OWN)
    cuts = ps.compare(before, before.iloc[:2], "vùng").query("metric == 'statutory_days'")
    rows = cuts[["group", "procedures", "missing"]].values.tolist()
    assert sorted(rows) == [["tây", 0, 1], ["đông", 2, 0]]


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("tỉnh", ps.UnknownName),
        ("times_per_year", ps.UnknownName),
        (pd.Series({"9": "x"}), ps.InvalidValue),
        (pd.Series(["x", "y"], index=["1", "1"]), ps.InvalidValue),
    ],
)
def test_what_cannot_group_is_refused_by_every_verb(by, error):
    base = spread()
    measures, plan = ps.measure(base), ps.Plan([ps.ShortenLimit("1", percent=50)])
    for verb in (
        lambda: ps.summarise(measures, by),
        lambda: ps.compare(measures, measures, by),
        lambda: ps.decompose(base, base, by=by),
        lambda: ps.scorecard(measures, measures, 2026, by),
        lambda: ps.effects(base, plan, by),
    ):
        with pytest.raises(error):
            verb()
