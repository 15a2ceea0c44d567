"""The promised date and the four clocks, counted by hand."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.errors import InvalidValue, UnknownName
from procsim.measures.clocks import CLOCK_REASONS, CLOCKS, clocks, due_date
from procsim.measures.cost import cost_sheet
from procsim.model.portfolio import Portfolio
from procsim.network.chains import own_burden
from procsim.reference import parameters
from procsim.reference.calendar import Calendar
from tests.measures.portfolios import portfolios

KEY = "1.000001"


def day(text: str) -> dt.date:
    """Read a day as an officer writes it: 10/02/2026."""
    d, m, y = map(int, text.split("/"))
    return dt.date(y, m, d)


def one(limits: list[tuple[float, str]], **tables: dict[str, object]) -> Portfolio:
    """Return one procedure with a channel for each limit: counter, post, online."""
    methods = ["counter", "post", "online"][: len(limits)]
    ways = {
        "id": [f"k{i + 1}" for i in range(len(limits))],
        "procedure": KEY,
        "method": methods,
        "limit_value": [value for value, _ in limits],
        "limit_unit": [unit for _, unit in limits],
    }
    made = {
        "procedures": {"id": [KEY], "name": ["Cấp giấy phép"], "ministry": ["Bộ A"]},
        "channels": ways,
        **tables,
    }
    return Portfolio.from_tables({name: pd.DataFrame(rows) for name, rows in made.items()})


# handed in, limit, unit, due: the day of receipt never counts
DUE = [
    ("10/02/2026", 7, "working_day", "26/02/2026"),  # 11,12,13/2, Tết, 23–26/2
    ("10/02/2026", 3, "working_day", "13/02/2026"),
    ("13/02/2026", 5, "working_day", "27/02/2026"),
    ("05/02/2024", 5, "working_day", "19/02/2024"),  # 6,7/2, Tết 8–14/2, 15,16,19/2
    ("22/01/2025", 5, "working_day", "05/02/2025"),  # 23,24/1, Tết to 2/2, 3,4,5/2
    ("24/04/2024", 5, "working_day", "04/05/2024"),  # 25,26/4, off to 1/5, 2,3/5, Sat. 4/5
    ("24/04/2025", 3, "working_day", "28/04/2025"),  # 25, Sat. 26, 28/4
    ("20/08/2026", 3, "working_day", "24/08/2026"),  # 21, Sat. 22, 24/8
    ("27/08/2026", 2, "working_day", "03/09/2026"),
    ("14/02/2026", 1, "working_day", "24/02/2026"),  # off: received 23/2, due the day after
    ("21/08/2026", 1, "working_day", "22/08/2026"),  # due on the Saturday that is worked
    ("10/02/2026", 2.5, "working_day", "13/02/2026"),  # rounded up to 3
    ("10/02/2026", 3, "day", "13/02/2026"),
    ("10/02/2026", 7, "day", "23/02/2026"),  # 17/2 is off → Monday 23/2
    ("02/03/2026", 5, "day", "09/03/2026"),  # Saturday 7/3 → Monday 9/3
    ("17/08/2026", 5, "day", "22/08/2026"),  # a Saturday that is worked stays
    ("25/04/2024", 5, "day", "02/05/2024"),  # 30/4 is off → 2/5
    ("02/03/2026", 1, "week", "09/03/2026"),
    ("02/02/2026", 2, "week", "23/02/2026"),  # 16/2 is off
    ("02/03/2026", 8, "hour", "03/03/2026"),  # a working day, at the latest
    ("02/03/2026", 4, "hour", "03/03/2026"),
    ("06/03/2026", 28, "hour", "12/03/2026"),  # 3.5 working days → 4: 9,10,11,12/3
    ("02/03/2026", 90, "minute", "03/03/2026"),
    ("15/01/2026", 1, "month", "23/02/2026"),  # Sunday 15/2, then Tết
    ("30/01/2026", 1, "month", "02/03/2026"),  # no 30/2: 28/2 is a Saturday → 2/3
    ("31/03/2026", 3, "month", "30/06/2026"),  # no 31/6
    ("10/02/2025", 1, "year", "10/02/2026"),
    ("29/02/2024", 1, "year", "28/02/2025"),
]


@pytest.mark.parametrize(("handed_in", "value", "unit", "due"), DUE)
def test_a_date_in_gives_a_date_out(handed_in, value, unit, due):
    made = due_date(one([(value, unit)]), KEY, day(handed_in))
    assert made.due == day(due)
    assert made.sentence.vi == f"Nộp ngày {handed_in} → hẹn trả ngày {due}."
    assert made.sentence.en == f"Handed in on {handed_in} → due on {due}."
    assert made.lines
    assert all(line.vi and line.en for line in made.lines)


def test_the_reasons_stand_line_by_line():
    made = due_date(one([(7, "working_day")]), KEY, day("10/02/2026"))
    assert made.text() == "\n".join(
        [
            "Nộp ngày 10/02/2026 → hẹn trả ngày 26/02/2026.",
            "- Ngày tiếp nhận, thứ Ba 10/02/2026, không tính (Bộ luật Dân sự 2015, Điều 147).",
            "- Thời hạn giải quyết: 7 ngày làm việc, nộp trực tiếp.",
            "- Không tính 4 ngày cuối tuần và 5 ngày nghỉ lễ trong tuần.",
            "- Nghỉ 16/02/2026–20/02/2026: Tết Nguyên đán.",
        ]
    )
    assert made.mark == "công bố"


def test_a_swapped_saturday_and_a_moved_last_day_are_named():
    worked = due_date(one([(3, "working_day")]), KEY, day("20/08/2026")).text()
    assert "Tính cả thứ Bảy 22/08/2026: Làm bù cho 31/08/2026." in worked
    moved = due_date(one([(7, "day")]), KEY, day("10/02/2026")).text("en")
    assert "The last day, Tuesday 17/02/2026, is off" in moved
    assert "Of the 7 days 4 are off; 3 working days remain." in moved


def test_the_longest_channel_counts_unless_one_is_named():
    portfolio = one([(5, "working_day"), (5, "working_day"), (3, "working_day")])
    longest = due_date(portfolio, KEY, day("02/03/2026"))
    assert (longest.channel, longest.due) == ("k1", day("09/03/2026"))
    assert "nộp trực tiếp, qua bưu chính" in longest.text()
    for channel in ("online", "k3"):
        made = due_date(portfolio, KEY, day("02/03/2026"), channel=channel)
        assert (made.channel, made.due) == ("k3", day("05/03/2026"))


def test_what_is_assumed_is_marked():
    plain = one([(5, "working_day")])
    assert due_date(plain, KEY, day("02/03/2026")).mark == "công bố"
    assert due_date(plain, KEY, day("01/03/2026")).mark == "giả định"  # a Sunday
    assert due_date(one([(8, "hour")]), KEY, day("02/03/2026")).mark == "giả định"
    culture_day = due_date(plain, KEY, day("20/11/2026"))
    assert culture_day.mark == "giả định"
    assert "thứ Ba 24/11/2026 (Ngày Văn hóa Việt Nam) tính là ngày nghỉ" in culture_day.text()
    later = due_date(plain, KEY, day("30/12/2026"))
    assert later.mark == "giả định"
    assert "Lịch nghỉ năm 2027 chưa đối chiếu" in later.text()


def test_no_day_is_promised_without_a_limit():
    made = due_date(one([(math.nan, "")]), KEY, day("02/03/2026"))
    assert (made.due, made.why) == (None, "no_limit")
    assert "không quy định thời hạn giải quyết" in made.text()
    gone = one([(5, "day")], procedures={"id": [KEY], "name": ["A"], "ministry": ["B"],
                                         "status": ["abolished"]})  # fmt: skip
    assert due_date(gone, KEY, day("02/03/2026")).why == "not_active"


def test_unknown_channels_and_days_are_refused():
    portfolio = one([(5, "working_day")])
    with pytest.raises(UnknownName, match="k1 \\(counter\\)"):
        due_date(portfolio, KEY, day("02/03/2026"), channel="online")
    with pytest.raises(InvalidValue, match="Lịch chỉ có từ"):
        due_date(portfolio, KEY, day("02/03/1990"))
    for unit in ("day", "working_day", "year", "hour"):
        with pytest.raises(InvalidValue, match="Lịch chỉ có từ"):
            due_date(one([(1e12, unit)]), KEY, day("02/03/2026"))


units = st.sampled_from(["working_day", "day", "hour", "week", "month"])


@settings(max_examples=40, deadline=None)
@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)), st.integers(1, 90), units)
def test_what_is_due_is_due_on_a_working_day_after_receipt(handed_in, value, unit):
    made = due_date(one([(value, unit)]), KEY, handed_in)
    assert Calendar().is_working_day(made.due)
    assert Calendar().is_working_day(made.received)
    assert handed_in <= made.received < made.due
    if unit == "working_day":
        assert Calendar().working_days_between(made.received, made.due) == value


# --- four clocks ----------------------------------------------------------------------

FIGURES = parameters(
    hours_form=0.5,
    hours_document_original=1,
    hours_submit_counter=3,
    hours_submit_post=0.5,
    hours_submit_online=0.2,
    hours_collect_counter=2,
    hours_collect_post=0.1,
    hours_collect_online=0,
    hours_pay_fee=0.1,
    hours_office_check=0.5,
    hours_office_step=0.25,
    days_post=2,
    working_hours_per_day=8,
)
DOSSIER = {
    "id": ["r1", "r2"],
    "procedure": KEY,
    "case": "c1",
    "name": ["Đơn", "Giấy"],
    "kind": ["form", "document"],
    "originals": [1, 1],
}
STEPS = {
    "id": ["s1", "s2", "s3"],
    "procedure": KEY,
    "actor": ["applicant", "office", "office"],
    "days": [math.nan, 1.0, 4.0],
    "days_mark": "luật",
}
FLOW = {"id": ["a", "b"], "procedure": KEY, "before": ["s1", "s2"], "after": ["s2", "s3"]}


def test_four_clocks_at_the_counter():
    portfolio = one([(7, "working_day")], requirements=DOSSIER, steps=STEPS, flow=FLOW)
    made = clocks(portfolio, FIGURES).loc[KEY]
    # form 0.5 + paper 1 + submit 3 + collect 2 = 6.5 hours
    # 6.5 ÷ 8 = 0.8125 days of the applicant; 7 days by law (the steps state 1 + 4)
    # office: check 0.5, one further step 0.25
    assert made[list(CLOCKS)].tolist() == [7, 7.8125, 6.5, 0.75]
    assert [made[f"{name}_why"] for name in ("statutory", "elapsed", "applicant", "office")] == [
        ""
    ] * 4
    assumed = [f"{name}_assumed" for name in ("statutory", "elapsed", "applicant", "office")]
    assert made[assumed].tolist() == [0, 0, 0, 0]


def test_steps_that_state_more_than_the_limit_count_in_the_elapsed_clock_only():
    steps = {**STEPS, "days": [2.0, 3.0, 4.0]}
    portfolio = one([(7, "working_day")], requirements=DOSSIER, steps=steps, flow=FLOW)
    made = clocks(portfolio, FIGURES).loc[KEY]
    assert made["statutory_days"] == 7
    assert made["elapsed_days"] == 0.8125 + 9


def test_post_takes_days_there_and_back_for_its_share():
    ways = {
        "id": ["k1", "k2"],
        "procedure": KEY,
        "method": ["post", "online"],
        "share": [0.25, 0.75],
        "share_mark": "nhập",
        "limit_value": [5.0, 5.0],
        "limit_unit": "working_day",
    }
    portfolio = one([], channels=ways, requirements=DOSSIER)
    made = clocks(portfolio, FIGURES).loc[KEY]
    # dossier 1.5; submit 0.25 × 0.5 + 0.75 × 0.2 = 0.275; collect 0.25 × 0.1 = 0.025: 1.8 h
    # post 0.25 × 2 × 2 = 1 day; 1.8 ÷ 8 = 0.225
    assert made["applicant_hours"] == pytest.approx(1.8)
    assert made["elapsed_days"] == pytest.approx(0.225 + 1 + 5)
    assert (math.isnan(made["office_hours"]), made["office_why"]) == (True, "no_office_steps")


def test_a_conversion_and_an_assumed_limit_are_counted_as_assumed():
    made = clocks(one([(7, "day")], requirements=DOSSIER)).loc[KEY]
    assert made["statutory_days"] == 5
    assert made["statutory_assumed"] == 1
    # the other channel states as long a limit in working days: nothing was converted for it
    both = clocks(one([(7, "day"), (5, "working_day")])).loc[KEY]
    assert (both["statutory_days"], both["statutory_assumed"]) == (5, 0)
    entered = parameters(working_days_per_calendar_day=5 / 7)
    assert clocks(one([(7, "day")]), entered).loc[KEY, "statutory_assumed"] == 0


def test_shares_of_assumptions():
    requirements = {**DOSSIER, "hours": [2.0, math.nan], "hours_mark": ["nhập", ""]}
    made = clocks(one([(10, "working_day")], requirements=requirements)).loc[KEY]
    # 2 h entered; 0.5 h paper, 3.15 + 3.15 h on the way assumed
    assert made["applicant_hours"] == pytest.approx(8.8)
    assert made["applicant_assumed"] == pytest.approx(6.8 / 8.8)
    # the hours of a day are assumed: all of 8.8 ÷ 8 is, the 10 days are not
    assert made["elapsed_assumed"] == pytest.approx(1.1 / 11.1)


def test_what_is_missing_says_why():
    made = clocks(one([(math.nan, "")], requirements=DOSSIER)).loc[KEY]
    assert made[["statutory_why", "elapsed_why", "applicant_why"]].tolist() == [
        "no_limit",
        "no_limit",
        "",
    ]
    made = clocks(one([(5, "day")])).loc[KEY]
    assert made[["elapsed_why", "applicant_why"]].tolist() == ["no_dossier", "no_dossier"]
    unknown = {**DOSSIER, "kind": ["form", "unknown"]}
    made = clocks(one([(5, "day")], requirements=unknown)).loc[KEY]
    assert made["applicant_why"] == "not_marked"
    assert clocks(one([], requirements=DOSSIER)).loc[KEY, "applicant_why"] == "no_channels"


def test_no_procedures_have_no_clocks():
    empty = clocks(Portfolio.from_tables({}))
    assert len(empty) == 0
    assert set(CLOCKS) <= set(empty)


def test_the_day_chooses_the_figures():
    portfolio = one([(7, "working_day")], requirements=DOSSIER)
    assert clocks(portfolio, on=dt.date(2026, 3, 1)).equals(clocks(portfolio))


@settings(max_examples=20, deadline=None)
@given(portfolios())
def test_the_clocks_agree_with_the_cost_sheet_and_the_chains(portfolio):
    made = clocks(portfolio)
    sheet = cost_sheet(portfolio)
    hours = (sheet["weight"] * sheet["hours"]).where(sheet["weight"] > 0, 0.0)
    summed = hours.groupby(sheet["procedure"]).sum().reindex(made.index, fill_value=0.0)
    known = made["applicant_hours"].notna()
    np.testing.assert_allclose(made["applicant_hours"][known], summed[known])
    own = own_burden(portfolio).hours
    both = known.to_numpy() & ~np.isnan(own)
    np.testing.assert_allclose(made["applicant_hours"][both], own[both])


@settings(max_examples=20, deadline=None)
@given(portfolios())
def test_every_clock_is_known_or_says_why(portfolio):
    made = clocks(portfolio)
    for name in CLOCKS:
        stem = name.rpartition("_")[0]
        assert (made[name].isna() == (made[f"{stem}_why"] != "")).all()
        assert set(made[f"{stem}_why"]) <= {"", *CLOCK_REASONS}
        share = made[f"{stem}_assumed"]
        assert (share.isna() | share.between(0, 1 + 1e-9)).all()
        assert (made[name].isna() | (made[name] >= 0)).all()
    gone = (portfolio.procedures["status"] != "active").to_numpy()
    assert (made.loc[gone, list(CLOCKS)] == 0).all(axis=None)
