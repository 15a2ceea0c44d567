"""What each new kind does to the tables and the measures: hand-computed."""

from __future__ import annotations

import numpy as np
import pytest

from procsim.errors import InvalidValue
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reforms import (
    CutCondition,
    CutFee,
    Decentralise,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    Plan,
    Reform,
    SelfDeclare,
    ShortenStep,
    SimplifyCondition,
    apply,
)
from tests.reforms.small import P, portfolio

P2, P3 = "1.000002", "1.000003"
# 1 → 2 → 3 → 4: 1 + 5 + 3 + 2 = 11 days.
STEPS = portfolio(
    steps=[{"days": 1.0}, {"days": 5.0}, {"days": 3.0}, {"days": 2.0}],
    flow=[(1, 2), (2, 3), (3, 4)],
)


def after(base: Portfolio, *reforms: Reform) -> Portfolio:
    return apply(base, Plan(reforms))


def days(made: Portfolio) -> float:
    return float(measure(made)["step_days"].iloc[0])


def joins(made: Portfolio) -> list[str]:
    return list(made.flow.index)


def s(number: int) -> str:
    return f"{P}/s{number}"


def test_a_dropped_step_takes_no_time_and_the_flow_leads_around_it():
    made = after(STEPS, DropStep(s(2)))
    assert days(STEPS) == 11
    assert days(made) == 6
    assert joins(made) == [f"{P}/s1-s3", f"{P}/s3-s4"]
    assert made.steps["status"].tolist() == ["active", "dropped", "active", "active"]


def test_dropping_the_only_step_that_states_days_leaves_zero_not_a_gap():
    base = portfolio(steps=[{"days": 5.0}, {}], flow=[(1, 2)])
    assert days(after(base, DropStep(s(1)))) == 0


def test_merged_steps_take_the_sum_of_their_days_or_the_days_given():
    made = after(STEPS, MergeSteps(s(2), (s(3),)))
    assert days(made) == 11
    assert made.steps.loc[s(2), ["days", "days_text"]].tolist() == [8.0, "8 ngày làm việc"]
    assert made.steps.at[s(3), "status"] == "merged"
    assert joins(made) == [f"{P}/s1-s2", f"{P}/s2-s4"]
    made = after(STEPS, MergeSteps(s(2), (s(3),), days=4))
    assert days(made) == 7
    assert made.steps.at[s(2), "days_mark"] == "nhập"
    with pytest.raises(InvalidValue, match="8 ngày làm việc"):
        after(STEPS, MergeSteps(s(2), (s(3),), days=9))


def test_a_step_without_days_adds_nothing_to_the_one_it_goes_up_in():
    base = portfolio(steps=[{"days": 5.0, "days_text": "năm ngày"}, {}], flow=[(1, 2)])
    made = after(base, MergeSteps(s(1), (s(2),)))
    assert made.steps.loc[s(1), ["days", "days_text"]].tolist() == [5.0, "năm ngày"]


def test_parallel_steps_wait_for_the_same_and_are_waited_for_together():
    made = after(STEPS, ParallelSteps(s(2), (s(3),)))
    assert days(made) == 1 + 5 + 2
    assert joins(made) == [f"{P}/s1-s2", f"{P}/s1-s3", f"{P}/s2-s4", f"{P}/s3-s4"]


def test_three_steps_side_by_side_then_one_of_them_shortened():
    made = after(STEPS, ParallelSteps(s(1), (s(2), s(3))), ShortenStep(s(2), percent=80))
    assert days(made) == 3 + 2
    assert made.steps.at[s(2), "days_text"] == "1 ngày làm việc"


def test_a_step_without_days_cannot_be_shortened_nor_made_longer():
    base = portfolio(steps=[{"days_text": "ngay trong ngày"}, {"days": 2.0}])
    with pytest.raises(InvalidValue) as error:
        after(base, ShortenStep(s(1), days=0), ShortenStep(s(2), days=3))
    assert [f.code for f in error.value.faults] == [
        "plan.step_days_missing",
        "plan.step_days_longer",
    ]


def test_merged_papers_are_asked_for_once_of_all_who_had_any():
    base = portfolio(
        requirements=[
            {"conditional": True, "share_needed": 0.2, "share_needed_mark": "nhập"},
            {"conditional": True, "share_needed": 0.6, "share_needed_mark": "công bố"},
            {},
        ]
    )
    r = [f"{P}/c1/r{i}" for i in (1, 2, 3)]
    made = after(base, MergeRequirements(r[0], (r[1],)))
    assert measure(made)["documents"].tolist() == [2]
    assert made.requirements.loc[r[0], ["share_needed", "share_needed_mark"]].tolist() == [
        0.6,
        "công bố",
    ]
    made = after(base, MergeRequirements(r[0], (r[1], r[2])))
    assert measure(made)["documents_expected"].tolist() == [1]
    assert made.requirements["status"].tolist() == ["required", "merged", "merged"]


def test_declaring_keeps_the_form_of_the_base_case_and_cuts_the_limit():
    base = portfolio(
        requirements=[{"kind": "form"}, {}, {}, {"kind": "note", "papers": 0.0}],
        channels=[{"limit_value": 10.0}],
    )
    made = measure(after(base, SelfDeclare(P, days=2)))
    assert made[["documents", "forms", "statutory_days"]].iloc[0].tolist() == [1, 1, 2]
    some = after(base, SelfDeclare(P, (f"{P}/c1/r2",)))
    assert measure(some)[["documents", "statutory_days"]].iloc[0].tolist() == [2, 10]


def test_declaring_before_marking_is_refused():
    base = portfolio(requirements=[{"kind": "unknown", "papers": np.nan}])
    with pytest.raises(InvalidValue, match="procsim mark"):
        after(base, SelfDeclare(P))


def test_moving_online_adds_the_longest_limit_and_the_fees_of_another_channel():
    base = portfolio(
        channels=[{"limit_value": 10.0}, {"limit_value": 21.0, "limit_unit": "day"}],
        fees=[
            {"amount_vnd": 50000.0, "channel": f"{P}/k1", "kind": "phi"},
            {"amount_vnd": 5000.0, "channel": f"{P}/k1", "kind": "le_phi"},
            {"amount_vnd": 70000.0, "channel": f"{P}/k2", "kind": "phi"},
        ],
    )
    made = after(base, MoveOnline(P, share=0.75))
    new = made.channels.loc[f"{P}/k3"]
    assert new[["method", "limit_value", "limit_unit", "limit_text"]].tolist() == [
        "online",
        21.0,
        "day",
        "21 ngày",
    ]
    assert new[["limit_mark", "share", "share_mark"]].tolist() == ["nhập", 0.75, "nhập"]
    assert made.procedures.at[P, "online"] == "full"
    assert made.fees.loc[made.fees["channel"] == f"{P}/k3", "amount_vnd"].tolist() == [50000, 5000]
    assert measure(made)["statutory_days"].tolist() == measure(base)["statutory_days"].tolist()


def test_a_share_online_must_leave_room_for_the_stated_ones():
    base = portfolio(channels=[{"share": 0.5}, {"share": 0.2}, {}])
    assert after(base, MoveOnline(P, share=0.3)).channels["share"].tolist() == [0.5, 0.2, 0.3]
    with pytest.raises(InvalidValue, match="0,7") as error:
        after(base, MoveOnline(P, share=0.4))
    assert error.value.faults[0].code == "plan.share_room"


def test_the_level_online_is_never_lowered():
    base = portfolio(channels=[{}, {}, {}], procedures=[{"online": "full"}])
    assert after(base, MoveOnline(P, "partial")).procedures.at[P, "online"] == "full"


def test_zero_dong_online_leaves_the_counter_as_it_is():
    base = portfolio(
        channels=[{"share": 0.4}, {"share": 0.1}, {"share": 0.5}], fees=[{"amount_vnd": 60000.0}]
    )
    free = CutFee(P, amount_vnd=0, channel_method="online")
    made = after(base, free)
    assert measure(base)["fees_vnd"].tolist() == [60000]
    assert measure(made)["fees_vnd"].tolist() == [30000]
    assert made.fees["amount_vnd"].tolist() == [60000, 60000, 0]
    assert made.fees.index.tolist() == [f"{P}/f1", f"{P}/f1/2", f"{P}/f1/3"]
    assert apply(made, Plan([free])).equals(made)


def test_half_of_one_common_fee_online():
    base = portfolio(channels=[{}, {}, {}], fees=[{"amount_vnd": 1000.0}, {"amount_vnd": 9.0}])
    made = after(base, CutFee(P, f"{P}/f1", percent=50, channel_method="online")).fees
    assert sorted(made["amount_vnd"]) == [9, 500, 1000, 1000]


def test_levels_move_down_and_lower_ones_stay():
    base = portfolio(
        procedures=[{"levels": "central;province;commune"}, {"levels": ""}, {"levels": "central"}]
    )
    made = after(
        base,
        Decentralise(P, "province", "Sở Tư pháp"),
        Decentralise(P2, "commune"),
        Decentralise(P3, "commune"),
        FreeFromBoundaries(P3),
    ).procedures
    assert made["levels"].tolist() == ["province;commune", "commune", "commune"]
    assert made["agency"].tolist() == ["Sở Tư pháp", "", ""]
    assert made["boundary_free"].tolist() == ["unknown", "unknown", "yes"]


def test_longer_validity_means_fewer_dossiers():
    base = portfolio(procedures=[{"times_per_year": 1.0, "subjects_per_year": 1000.0}])
    made = after(base, ExtendValidity(P, times_per_year=0.2))
    assert measure(made)["dossiers_per_year"].tolist() == [200]
    assert made.procedures.at[P, "times_mark"] == "nhập"
    with pytest.raises(InvalidValue, match="nhiều hơn hiện nay"):
        after(base, ExtendValidity(P, times_per_year=2))


def test_conditions_are_cut_or_get_a_new_wording():
    base = portfolio(conditions=[{}, {}, {}])
    made = after(base, CutCondition(f"{P}/d1"), SimplifyCondition(f"{P}/d2", "Có 1 kỹ sư."))
    assert made.conditions["status"].tolist() == ["cut", "simplified", "kept"]
    assert made.conditions.loc[f"{P}/d2", ["text", "split"]].tolist() == ["Có 1 kỹ sư.", "entered"]
    assert measure(made)["conditions"].tolist() == [1]


VOLUMES = [
    # times and subjects of three procedures, subjects of the first once it holds all
    ([(1, 100), (1, 50), (1, 25)], 175),
    ([(2, 100), (1, 50), (4, 25)], (200 + 50 + 100) / 2),
    ([(np.nan, 100), (np.nan, 50), (np.nan, 25)], 175),
    ([(1, 100), (1, np.nan), (1, 25)], np.nan),
    ([(1, 100), (np.nan, 50), (1, 25)], np.nan),
]


@pytest.mark.parametrize(("volumes", "wanted"), VOLUMES)
def test_merged_procedures_give_their_dossiers_to_the_one_kept(volumes, wanted):
    base = portfolio(
        procedures=[{"times_per_year": float(t), "subjects_per_year": float(n)} for t, n in volumes]
    )
    made = after(base, MergeProcedures(P, (P2, P3))).procedures
    assert made["status"].tolist() == ["active", "merged", "merged"]
    np.testing.assert_equal(made["subjects_per_year"].iloc[0], wanted)
    assert ("chưa đủ số liệu" in made.at[P, "volume_source"]) == np.isnan(wanted)
    given = after(base, MergeProcedures(P, (P2, P3), 180)).procedures
    assert given.loc[P, ["subjects_per_year", "subjects_mark"]].tolist() == [180, "nhập"]


def test_a_merged_procedure_measures_zero():
    base = portfolio(
        requirements=[{}, {"procedure": P2}],
        channels=[{"limit_value": 5.0}, {"procedure": P2, "limit_value": 7.0}],
        procedures=[{}, {}],
        conditions=[{}, {"procedure": P2}],
    )
    made = measure(after(base, MergeProcedures(P, (P2,))))
    wanted = ["documents", "statutory_days", "conditions"]
    assert made[wanted].to_numpy().tolist() == [[1, 5, 1], [0, 0, 0]]


def test_a_fee_that_was_split_by_channel_is_still_found_by_its_id():
    """60.000 đồng everywhere: 20.000 at the counter first, then 0 online, by the fee's own id."""
    base = portfolio(channels=[{}, {}, {}], fees=[{"amount_vnd": 60000.0}])
    counter = after(base, CutFee(P, amount_vnd=20000, channel_method="counter"))
    online = after(counter, CutFee(P, f"{P}/f1", amount_vnd=0, channel_method="online"))
    assert dict(zip(online.fees["channel"], online.fees["amount_vnd"], strict=True)) == {
        f"{P}/k1": 20000.0,
        f"{P}/k2": 60000.0,
        f"{P}/k3": 0.0,
    }
    half = after(counter, CutFee(P, f"{P}/f1", percent=50))
    assert half.fees["amount_vnd"].tolist() == [10000, 30000, 30000]
