"""The roadmap: dates of items and reforms, the end of the resolution, critical items."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.decisions import scorecard, targets
from procsim.decisions.roadmap import month_ends, roadmap
from procsim.decisions.routes import NEVER, Need, windows
from procsim.errors import InvalidValue, UnknownName
from procsim.marking import mark
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.readers import read
from procsim.reference import Target, parameters
from procsim.reference.law import RESOLUTION_FROM, RESOLUTION_NUMBER, RESOLUTION_UNTIL
from procsim.reforms import DropRequirement, Plan, ReplaceByData, ShortenLimit, apply
from procsim.reforms import resolution_66_7 as resolution
from tests.reforms.small import portfolio as small
from tests.shared import SHARED, needs_shared

P, Q = "1.000001", "1.000002"
R1, R2 = f"{P}/c1/r1", f"{P}/c1/r2"
DECREE, CIRCULAR = "999/2031/NĐ-CP", "998/2031/TT-BYT"
ON = dt.date(2026, 1, 15)


@pytest.fixture
def two() -> Portfolio:
    """Two procedures of 10 and 30 working days; the first asks for two papers."""
    return small(
        requirements=[{"types": "can_cuoc"}, {}],
        channels=[{"limit_value": 10.0}, {"procedure": Q, "limit_value": 30.0}],
        procedures=[{"ministry": "Bộ Y tế", "audience": "business"}, {"audience": "business"}],
    )


def goal(value: float, deadline: dt.date | None, metric: str = "statutory_days") -> Target:
    """Return the target of the business time limits with another value and deadline."""
    first = next(t for t in targets() if t.metric == metric)
    year = deadline.year if deadline else None
    return replace(first, value=value, deadline=deadline, year=year)


def under_resolution(**fields: object) -> ReplaceByData:
    made = {"source": "NQ 66.7/2025, Phụ lục I, STT 1", "databases": ("csdl_dan_cu",), **fields}
    return ReplaceByData(R1, ("can_cuoc",), **made)


def effective(plan: Plan, portfolio: Portfolio, **more: object) -> list[object]:
    return roadmap(portfolio, plan, on=ON, **more).reforms["effective_on"].tolist()


# Dates of items


def test_a_text_takes_the_lead_time_of_its_rank(two: Portfolio):
    plan = Plan(
        [ShortenLimit(P, days=5, legal_numbers=(DECREE,)), ShortenLimit(Q, days=5, rank="thong_tu")]
    )
    road = roadmap(two, plan, on=ON)
    assert road.reforms["effective_on"].tolist() == [dt.date(2026, 7, 15), dt.date(2026, 4, 15)]
    assert road.reforms["mark"].tolist() == ["giả định", "giả định"]
    assert road.items["key"].tolist() == ["thong_tu@Bộ A", DECREE]
    assert road.items["basis"].tolist() == ["lead_time", "lead_time"]
    own = parameters(lead_months_nghi_dinh=1)
    changed = roadmap(two, plan, on=ON, parameters=own)
    assert changed.reforms["effective_on"].tolist() == [dt.date(2026, 2, 15), dt.date(2026, 4, 15)]
    assert changed.reforms["mark"].tolist() == ["nhập", "giả định"]


def test_the_officers_date_comes_before_due_and_due_before_the_lead_time(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,), due=dt.date(2026, 9, 1))])
    road = roadmap(two, plan, on=ON)
    assert road.reforms.at[1, "effective_on"] == dt.date(2026, 9, 1)
    assert road.items.at[0, "basis"] == "due"
    later = roadmap(two, plan, on=ON, dates={DECREE: dt.date(2027, 1, 1)})
    assert later.reforms.at[1, "effective_on"] == dt.date(2027, 1, 1)
    assert (later.items.at[0, "basis"], later.items.at[0, "mark"]) == ("entered", "nhập")


def test_a_reform_comes_with_the_last_of_what_it_needs(two: Portfolio):
    plan = Plan(
        [
            ReplaceByData(
                R1, ("can_cuoc",), ("csdl_dan_cu", "csdl_van_bang"), legal_numbers=(CIRCULAR,)
            )
        ]
    )
    row = roadmap(two, plan, on=ON).reforms.loc[1]
    assert (row["effective_on"], row["waits_for"]) == (dt.date(2026, 4, 15), CIRCULAR)
    assert row["others"] == "csdl_dan_cu;csdl_van_bang"
    slow = {"csdl_van_bang": dt.date(2026, 12, 1)}
    row = roadmap(two, plan, on=ON, dates=slow).reforms.loc[1]
    assert (row["effective_on"], row["waits_for"]) == (dt.date(2026, 12, 1), "csdl_van_bang")
    assert row["mark"] == "nhập"


def test_without_a_route_there_is_no_date_but_a_reason(two: Portfolio):
    road = roadmap(two, Plan([ShortenLimit(P, days=5)]), on=ON)
    assert road.reforms.at[1, "effective_on"] is None
    assert "chưa có ngày" in road.reforms.at[1, "reason_vi"]
    assert road.items.at[0, "key"] == "text@Bộ Y tế"
    due = Plan([ShortenLimit(P, days=5, due=dt.date(2026, 5, 1))])
    assert effective(due, two) == [dt.date(2026, 5, 1)]
    entered = {"text@Bộ Y tế": dt.date(2026, 6, 1)}
    assert effective(Plan([ShortenLimit(P, days=5)]), two, dates=entered) == [dt.date(2026, 6, 1)]


def test_a_database_of_which_nothing_is_known_holds_its_reform(two: Portfolio):
    for base in ("csdl_hai_quan", "csdl_tu_dat"):
        plan = Plan([ReplaceByData(R1, ("can_cuoc",), (base,), rank="thong_tu")])
        row = roadmap(two, plan, on=ON).reforms.loc[1]
        assert row["effective_on"] is None
        assert row["waits_for"] == base
        assert row["reason_vi"]
        assert row["reason_en"]
        entered = effective(plan, two, dates={base: dt.date(2026, 3, 1)})
        assert entered == [dt.date(2026, 4, 15)]


def test_one_text_promised_for_two_days_is_two_items(two: Portfolio):
    days = [dt.date(2026, 3, 1), dt.date(2026, 9, 1)]
    plan = Plan(
        ShortenLimit(p, days=5, legal_numbers=(DECREE,), due=day)
        for p, day in zip((P, Q), days, strict=True)
    )
    road = roadmap(two, plan, on=ON)
    assert road.reforms["effective_on"].tolist() == days
    assert road.items["key"].tolist() == [f"{DECREE} (2026-03-01)", f"{DECREE} (2026-09-01)"]
    one = roadmap(two, plan, on=ON, dates={DECREE: dt.date(2026, 6, 1)})
    assert one.items["key"].tolist() == [DECREE]
    assert one.reforms["effective_on"].tolist() == [dt.date(2026, 6, 1)] * 2


def test_items_count_who_needs_and_who_waits(two: Portfolio):
    plan = Plan(
        [
            ReplaceByData(R1, ("can_cuoc",), ("csdl_dan_cu",), legal_numbers=(CIRCULAR,)),
            ShortenLimit(P, days=5, legal_numbers=(CIRCULAR,)),
        ]
    )
    items = roadmap(two, plan, on=ON).items.set_index("key")
    assert items.loc["csdl_dan_cu", ["reforms", "waiting"]].tolist() == [1, 0]
    assert items.loc[CIRCULAR, ["reforms", "waiting"]].tolist() == [2, 2]
    assert items.loc["csdl_dan_cu", "overdue"]
    assert not items.loc[CIRCULAR, "overdue"]
    assert "đã qua" in items.loc["csdl_dan_cu", "reason_vi"]


def test_all_wrong_dates_come_at_once(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,))])
    with pytest.raises(UnknownName) as caught:
        roadmap(two, plan, on=ON, dates={"csdl_dan": ON, "1/2": ON})
    assert [fault.value for fault in caught.value.faults] == ["csdl_dan", "1/2"]
    assert "csdl_dan_cu" in caught.value.faults[0].cure.vi
    with pytest.raises(InvalidValue) as wrong:
        roadmap(two, plan, on=ON, dates={"csdl_dan": ON, DECREE: "31/02/2026"})
    assert len(wrong.value.faults) == 2


def test_dates_may_be_text_day_first_or_iso(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,), due="05/03/2026")])
    dated = roadmap(two, plan, on="01/01/2026", dates={DECREE: "10/02/2026"})
    same = roadmap(two, plan, on=dt.date(2026, 1, 1), dates={DECREE: "2026-02-10"})
    assert dated.reforms.loc[1, "effective_on"] == dt.date(2026, 2, 10)
    assert plan.reforms[0].due == dt.date(2026, 3, 5)
    pd.testing.assert_frame_equal(dated.reforms, same.reforms)


def test_an_empty_plan_has_an_empty_roadmap(two: Portfolio):
    road = roadmap(two, Plan(), on=ON)
    assert len(road.items) == len(road.reforms) == 0
    found = road.trajectory([goal(0.3, dt.date(2026, 2, 28))])
    assert (found["in_force"] == 0).all()
    assert found.loc[found["target_id"] == "", "value"].dropna().eq(0).all()


# The end of the resolution


def test_the_resolution_starts_before_the_text_and_ends_with_february_2027(two: Portfolio):
    in_time = roadmap(
        two, Plan([under_resolution(legal_numbers=(CIRCULAR,), due=dt.date(2027, 3, 1))]), on=ON
    ).reforms.loc[1]
    assert in_time["effective_on"] == RESOLUTION_FROM
    assert (in_time["until"], in_time["resumes_on"]) == (None, None)
    assert (in_time["waits_for"], in_time["mark"]) == (RESOLUTION_NUMBER, "luật")
    late = roadmap(
        two, Plan([under_resolution(legal_numbers=(CIRCULAR,), due=dt.date(2027, 3, 2))]), on=ON
    ).reforms.loc[1]
    assert (late["until"], late["resumes_on"]) == (RESOLUTION_UNTIL, dt.date(2027, 3, 2))
    assert CIRCULAR in late["reason_vi"]
    assert "02/03/2027" in late["reason_en"]
    unnamed = roadmap(two, Plan([under_resolution()]), on=ON).reforms.loc[1]
    assert (unnamed["effective_on"], unnamed["until"]) == (RESOLUTION_FROM, RESOLUTION_UNTIL)
    assert unnamed["resumes_on"] is None
    assert "text@Bộ Y tế" in unnamed["others"]


def test_a_database_after_the_resolution_waits_for_the_text(two: Portfolio):
    plan = Plan([under_resolution(legal_numbers=(CIRCULAR,), due=dt.date(2027, 6, 1))])
    for ready, start in ((dt.date(2027, 2, 28), dt.date(2027, 2, 28)),
                         (dt.date(2027, 3, 1), dt.date(2027, 6, 1)),
                         (dt.date(2027, 9, 1), dt.date(2027, 9, 1))):  # fmt: skip
        assert effective(plan, two, dates={"csdl_dan_cu": ready}) == [start]


def test_a_paper_cut_by_annex_two_needs_no_database(two: Portfolio):
    plan = Plan([DropRequirement(R2, source="NQ 66.7/2025, Phụ lục II, STT 1")])
    assert effective(plan, two) == [RESOLUTION_FROM]


days = st.one_of(st.just(NEVER), st.dates(dt.date(2025, 6, 1), dt.date(2027, 12, 31)))


@given(st.lists(days, max_size=3), st.lists(days, max_size=3), st.booleans(), st.data())
@settings(deadline=None)
def test_windows_agree_with_the_law_day_by_day(
    bases: list[dt.date], texts: list[dt.date], resolved: bool, data: st.DataObject
):
    dates = {f"d{i}": day for i, day in enumerate(bases)}
    dates |= {f"t{i}": day for i, day in enumerate(texts)}
    need = Need(tuple(k for k in dates if k[0] == "d"), tuple(k for k in dates if k[0] == "t"),
                resolved)  # fmt: skip
    found = windows(need, dates | {RESOLUTION_NUMBER: RESOLUTION_FROM})
    edges = [RESOLUTION_FROM, RESOLUTION_UNTIL, *(day for day in dates.values() if day != NEVER)]
    drawn = data.draw(st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31)))
    steps = [dt.timedelta(days=step) for step in (-1, 0, 1)]
    for day in [drawn, *(edge + step for edge in edges for step in steps)]:
        answers = all(ready <= day for ready in bases)
        amended = all(ready <= day for ready in texts)
        resolution_holds = resolved and RESOLUTION_FROM <= day <= RESOLUTION_UNTIL
        shown = any(first <= day and (last is None or day <= last) for first, last in found)
        assert shown == (answers and (amended or resolution_holds)), day


# Trajectory


def test_each_month_shows_what_is_in_force_by_its_end(two: Portfolio):
    plan = Plan(
        [
            ShortenLimit(P, days=5, legal_numbers=(DECREE,), due=dt.date(2026, 3, 31)),
            ShortenLimit(Q, days=25, legal_numbers=(CIRCULAR,), due=dt.date(2026, 5, 1)),
        ]
    )
    aim = goal(0.2, dt.date(2026, 4, 30))
    found = roadmap(two, plan, on=ON).trajectory([aim])
    days = found[(found["metric"] == "statutory_days") & (found["target_id"] == "")]
    assert days["month"].tolist() == list(month_ends(ON, dt.date(2026, 5, 1)))
    assert days["value"].tolist() == [0, 0, 0.125, 0.125, 0.25]
    assert days["in_force"].tolist() == [0, 0, 1, 1, 2]
    own = found[found["target_id"] == aim.id]
    assert own["value"].tolist() == [0, 0, 0.125, 0.125, 0.25]
    assert own["verdict"].tolist() == ["missed"] * 4 + ["met"]
    assert set(own["deadline"]) == {dt.date(2026, 4, 30)}
    assert set(own["deadline_value"]) == {0.125}
    assert set(own["deadline_verdict"]) == {"missed"}
    assert set(own["critical"]) == {CIRCULAR}


def test_an_effect_that_lapses_leaves_the_trajectory(two: Portfolio):
    found = roadmap(two, Plan([under_resolution()]), on=dt.date(2027, 1, 1)).trajectory()
    papers = found[found["metric"] == "documents"]
    assert papers["month"].tolist() == [dt.date(2027, 1, 31), dt.date(2027, 2, 28),
                                        dt.date(2027, 3, 31)]  # fmt: skip
    assert papers["in_force"].tolist() == [1, 1, 0]
    assert papers["value"].tolist() == [0.5, 0.5, 0]


def test_the_last_month_can_be_chosen(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,), due=dt.date(2030, 3, 31))])
    found = roadmap(two, plan, on=ON).trajectory(until=dt.date(2026, 2, 1))
    assert found["month"].max() == dt.date(2026, 2, 28)


def test_issued_texts_are_counted_by_the_month_in_which_they_are_ready(two: Portfolio):
    numbers = (DECREE, CIRCULAR)
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=numbers), ShortenLimit(Q, days=9)])
    aim = goal(466, dt.date(2026, 3, 31), "legal_texts")
    road = roadmap(two, plan, on=ON, dates={DECREE: dt.date(2026, 2, 1)})
    found = road.trajectory([aim])
    own = found[found["target_id"] == aim.id].set_index("month")["value"]
    assert own.tolist() == [0, 1, 1, 2]
    held = road.critical([aim]).iloc[0]
    assert (held["deadline_value"], held["critical"], held["value_with"]) == (1, CIRCULAR, 2)


# Critical items


def test_the_item_that_closes_the_gap_is_named(two: Portfolio):
    plan = Plan(
        [
            ShortenLimit(P, days=5, legal_numbers=(DECREE,), due=dt.date(2026, 8, 1)),
            ShortenLimit(Q, days=20, legal_numbers=(CIRCULAR,), due=dt.date(2026, 9, 1)),
        ]
    )
    held = roadmap(two, plan, on=ON).critical([goal(0.25, dt.date(2026, 6, 30))]).iloc[0]
    assert (held["critical"], held["how"]) == (CIRCULAR, "alone")
    assert held["critical_ready_on"] == dt.date(2026, 9, 1)
    assert (held["deadline_value"], held["value_with"]) == (0, 0.25)
    assert (held["deadline_verdict"], held["verdict_with"]) == ("missed", "met")


def test_two_items_that_only_work_together_name_the_dearer_one(two: Portfolio):
    late = dt.date(2026, 9, 1)
    plan = Plan(
        [
            ShortenLimit(P, days=5, legal_numbers=(DECREE, CIRCULAR), due=late),
            ShortenLimit(Q, days=20, legal_numbers=("997/2031/QĐ-TTg", CIRCULAR), due=late),
        ]
    )
    held = roadmap(two, plan, on=ON).critical([goal(0.25, dt.date(2026, 6, 30))]).iloc[0]
    assert (held["critical"], held["how"]) == (CIRCULAR, "together")
    assert (held["deadline_value"], held["value_with"]) == (0, 0.375)


def test_a_plan_that_is_too_small_names_no_item(two: Portfolio):
    plan = Plan([DropRequirement(R2, legal_numbers=(DECREE,), due=dt.date(2026, 9, 1))])
    held = roadmap(two, plan, on=ON).critical([goal(0.25, dt.date(2026, 6, 30))]).iloc[0]
    assert (held["critical"], held["how"]) == ("", "plan")
    assert "cần thêm đề xuất" in held["reason_vi"]


def test_a_target_that_is_met_or_has_no_deadline_is_held_back_by_nothing(two: Portfolio):
    plan = Plan([ShortenLimit(P, days=5, legal_numbers=(DECREE,), due=dt.date(2026, 2, 1))])
    road = roadmap(two, plan, on=ON)
    aims = [goal(0.1, dt.date(2026, 6, 30)), replace(goal(0.1, None), id="open")]
    held = road.critical(aims)
    assert held["deadline_verdict"].tolist() == ["met", "unknown"]
    assert held["critical"].tolist() == ["", ""]
    assert held.at[1, "reason_vi"]
    assert held.at[1, "deadline"] is None


def test_after_the_resolution_the_text_that_is_not_amended_is_critical(two: Portfolio):
    plan = Plan([under_resolution(), ShortenLimit(P, days=9, rank="thong_tu")])
    aim = goal(2, dt.date(2027, 12, 31), "procedures_simplified")
    held = roadmap(two, plan, on=ON).critical([aim]).iloc[0]
    assert held["how"] == "plan"
    only = roadmap(two, Plan([under_resolution()]), on=ON).critical([aim]).iloc[0]
    assert (only["critical"], only["how"], only["value_with"]) == ("text@Bộ Y tế", "alone", 1)
    assert only["critical_ready_on"] is None


ITEMS = ("1/2031/NĐ-CP", "2/2031/QĐ-TTg", "3/2031/TT-BYT")


@given(
    st.lists(
        st.tuples(st.sampled_from([P, Q]), st.integers(1, 29), st.sets(st.sampled_from(ITEMS))),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.sampled_from([1, 6, 9]), min_size=3, max_size=3),
)
@settings(deadline=None, max_examples=12)
def test_no_other_item_would_narrow_the_gap_more(
    cells: list[tuple[str, int, set[str]]], months: list[int]
):
    base = small(
        channels=[{"limit_value": 30.0}, {"procedure": Q, "limit_value": 30.0}],
        procedures=[{"audience": "business"}, {"audience": "business"}],
    )
    plan = Plan(
        ShortenLimit(p, days=d, legal_numbers=tuple(sorted(own)))
        for p, d, own in {cell[0]: cell for cell in cells if cell[2]}.values()
    )
    ready = {key: dt.date(2026, m, 1) for key, m in zip(ITEMS, months, strict=True)}
    used = {key for reform in plan.reforms for key in reform.legal_numbers}
    dates = {key: day for key, day in ready.items() if key in used}
    day = dt.date(2026, 3, 31)
    aim = goal(0.99, day)
    road = roadmap(base, plan, on=ON, dates=dates)
    needed = [set(need.texts) for need in road.needs]
    before = measure(base)

    def value(in_time: set[str]) -> float:
        own = [
            reform
            for reform, keys in zip(plan.reforms, needed, strict=True)
            if all(key in in_time or dates[key] <= day for key in keys)
        ]
        after = measure(apply(base, Plan(own)))
        return float(scorecard(before, after, [aim], by=None).summary.at[0, "value"])

    late = {key for key in set().union(*needed) if dates[key] > day} if needed else set()
    alone = {key: value({key}) for key in late}
    held = road.critical([aim]).iloc[0]
    assert held["deadline_value"] == value(set())
    if value(late) == value(set()):
        assert held["how"] == "plan"
    elif max(alone.values()) > value(set()):
        assert alone[held["critical"]] == max(alone.values()) == held["value_with"]
    else:
        assert held["how"] == "together"
        lost = {key: value(late - {key}) for key in late}
        assert lost[held["critical"]] == min(lost.values())


# The real records


@needs_shared
def test_resolution_66_7_on_the_real_records(tmp_path: Path):
    every, some = SHARED / "portal" / "procedures.jsonl.gz", tmp_path / "some.jsonl"
    with gzip.open(every, "rt", encoding="utf-8") as lines:
        some.write_text("".join(itertools.islice(lines, None, None, 4)), encoding="utf-8")
    records = mark(read(some))
    plan = resolution(records)
    road = roadmap(records, plan, on=ON)
    found = road.trajectory(targets())
    held = road.critical(targets())
    # What takes time is measuring; of 53 items × 18 targets few make a new state.
    assert road.states.measurements <= 60
    assert set(road.reforms["effective_on"]) == {RESOLUTION_FROM}
    lapse = road.reforms["until"].notna()
    assert lapse.sum() == road.reforms["others"].str.contains("text@").sum()
    assert set(road.reforms.loc[lapse, "until"]) == {RESOLUTION_UNTIL}
    whole = compare(measure(records), measure(apply(records, plan))).set_index("metric")
    month = found[(found["month"] == dt.date(2026, 12, 31)) & (found["target_id"] == "")]
    values = month.set_index("metric")["value"]
    for metric, rate in values.items():
        pd.testing.assert_series_equal(
            pd.Series([rate]), pd.Series([whole.at[metric, "rate"]], dtype=float)
        )
    assert len(held) == len(targets())
    pairs = itertools.pairwise(sorted(set(found["month"])))
    assert all((later - earlier).days in (28, 29, 30, 31) for earlier, later in pairs)
