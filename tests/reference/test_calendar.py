"""Working days of Vietnam, counted by hand on the published calendars."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import InvalidValue, Text
from procsim.reference import calendar
from procsim.reference.calendar import Calendar, Holiday, published_years
from procsim.reference.tables import shipped

OFFICES = Calendar()


def day(text: str) -> dt.date:
    """Read a day as an officer writes it: 10/02/2026."""
    d, m, y = map(int, text.split("/"))
    return dt.date(y, m, d)


# Every stretch without work that was published, and every Saturday worked for it.
STRETCHES = [
    ("30/12/2023", "01/01/2024"),  # Tết Dương lịch 2024, a Monday
    ("08/02/2024", "14/02/2024"),  # Tết Giáp Thìn
    ("18/04/2024", "18/04/2024"),  # Giỗ Tổ
    ("27/04/2024", "01/05/2024"),  # 29/4 exchanged
    ("31/08/2024", "03/09/2024"),  # Quốc khánh
    ("01/01/2025", "01/01/2025"),
    ("25/01/2025", "02/02/2025"),  # Tết Ất Tỵ
    ("05/04/2025", "07/04/2025"),  # Giỗ Tổ, a Monday
    ("30/04/2025", "04/05/2025"),  # 2/5 exchanged
    ("30/08/2025", "02/09/2025"),
    ("01/01/2026", "04/01/2026"),  # 2/1 exchanged
    ("14/02/2026", "22/02/2026"),  # Tết Bính Ngọ
    ("25/04/2026", "27/04/2026"),  # Giỗ Tổ on a Sunday, Monday in lieu
    ("30/04/2026", "03/05/2026"),
    ("29/08/2026", "02/09/2026"),  # 31/8 exchanged
]
WORKED_SATURDAYS = ["04/05/2024", "26/04/2025", "10/01/2026", "22/08/2026"]


@pytest.mark.parametrize(("first", "last"), STRETCHES)
def test_a_published_stretch_is_off_and_the_days_around_it_are_not(first, last):
    stretch = np.arange(day(first), day(last) + dt.timedelta(days=1))
    assert not OFFICES.are_working_days(stretch).any()
    for beside in (stretch[0] - 1, stretch[-1] + 1):
        date = dt.date.fromisoformat(str(beside))
        week_end = date.weekday() > 4 and f"{date:%d/%m/%Y}" not in WORKED_SATURDAYS
        assert OFFICES.is_working_day(date) is not week_end


@pytest.mark.parametrize("text", WORKED_SATURDAYS)
def test_an_exchanged_saturday_is_worked_and_its_neighbours_are_not(text):
    saturday = day(text)
    assert saturday.weekday() == 5
    assert OFFICES.is_working_day(saturday)
    assert not OFFICES.is_working_day(saturday + dt.timedelta(days=1))
    assert not OFFICES.is_working_day(saturday + dt.timedelta(days=7))


# start, working days, the day on which they end; the start does not count
DATED = [
    ("10/02/2026", 1, "11/02/2026"),  # Tuesday → Wednesday
    ("10/02/2026", 3, "13/02/2026"),  # up to the Friday before Tết
    ("10/02/2026", 4, "23/02/2026"),  # Tết 14–22/02 has no working day
    ("10/02/2026", 15, "10/03/2026"),  # 11,12,13 + 23–27/2 (8) + 2–6/3 (13) + 9,10/3
    ("13/02/2026", 1, "23/02/2026"),  # Friday → the Monday ten days later
    ("16/02/2026", 1, "23/02/2026"),  # handed in on a day off
    ("07/02/2024", 1, "15/02/2024"),  # Tết Giáp Thìn 8–14/02
    ("07/02/2024", 2, "16/02/2024"),
    ("24/01/2025", 1, "03/02/2025"),  # Tết Ất Tỵ 25/01–02/02
    ("24/01/2025", 5, "07/02/2025"),
    ("26/04/2024", 1, "02/05/2024"),  # Friday → Thursday: 27/4–1/5 off
    ("26/04/2024", 3, "04/05/2024"),  # 2/5, 3/5, and the Saturday worked for 29/4
    ("26/04/2024", 4, "06/05/2024"),
    ("25/04/2025", 1, "26/04/2025"),  # the Saturday worked for 2/5
    ("25/04/2025", 4, "05/05/2025"),  # 26, 28, 29/4, then Monday 5/5
    ("29/04/2025", 1, "05/05/2025"),  # 30/4–4/5 off
    ("31/12/2025", 1, "05/01/2026"),  # 1–4/1 off
    ("08/01/2026", 2, "10/01/2026"),  # Friday, and the Saturday worked for 2/1
    ("09/01/2026", 2, "12/01/2026"),
    ("24/04/2026", 1, "28/04/2026"),  # Giỗ Tổ in lieu on Monday 27/4
    ("28/04/2026", 2, "04/05/2026"),  # 29/4, then 30/4–3/5 off
    ("21/08/2026", 1, "22/08/2026"),  # the Saturday worked for 31/8
    ("28/08/2026", 1, "03/09/2026"),  # 29/8–2/9 off
    ("30/08/2024", 1, "04/09/2024"),  # 31/8–3/9 off
    ("29/08/2025", 1, "03/09/2025"),  # 30/8–2/9 off
    ("05/10/2026", 5, "12/10/2026"),  # a plain week
]


@pytest.mark.parametrize(("start", "n", "end"), DATED)
def test_working_days_counted_by_hand(start, n, end):
    assert OFFICES.add_working_days(day(start), n) == day(end)
    assert OFFICES.working_days_between(day(start), day(end)) == n
    assert OFFICES.working_days_between(day(end), day(start)) == -n


def test_vectors_give_what_single_days_give():
    starts, numbers, ends = zip(*DATED, strict=True)
    made = OFFICES.add_working_days_each([day(s) for s in starts], numbers)
    assert made.tolist() == [day(e) for e in ends]
    counted = OFFICES.working_days_each([day(s) for s in starts], made)
    assert counted.tolist() == list(numbers)
    assert OFFICES.add_working_days_each([], 3).size == 0


def test_a_last_day_off_moves_to_the_next_working_day():
    assert OFFICES.next_working_day(day("14/02/2026")) == day("23/02/2026")
    assert OFFICES.next_working_day(day("21/08/2026")) == day("21/08/2026")
    assert OFFICES.next_working_day(day("22/08/2026")) == day("22/08/2026")  # worked
    assert OFFICES.next_working_day(day("23/08/2026")) == day("24/08/2026")


DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2045, 12, 31))


@given(DAYS, st.integers(0, 400))
def test_adding_and_counting_are_inverse(start, n):
    end = OFFICES.add_working_days(start, n)
    assert OFFICES.working_days_between(start, end) == n
    assert n == 0 or OFFICES.is_working_day(end)


@given(DAYS, DAYS, DAYS)
def test_counts_add_up(a, b, c):
    assert OFFICES.working_days_between(a, b) + OFFICES.working_days_between(
        b, c
    ) == OFFICES.working_days_between(a, c)


@given(DAYS, st.integers(0, 60))
def test_counting_agrees_with_a_loop(start, length):
    days = [start + dt.timedelta(days=i) for i in range(1, length + 1)]
    end = start + dt.timedelta(days=length)
    assert OFFICES.working_days_between(start, end) == sum(map(OFFICES.is_working_day, days))


def test_the_library_agrees_with_the_published_years_but_for_one_exchange():
    law = calendar.by_law(published_years())
    published = OFFICES.days_that_differ(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
    by_day = {holiday.day: holiday for holiday in published}
    assert set(law) <= set(by_day)
    # Announced on 25/12/2025, a week before it took effect.
    assert set(by_day) - set(law) == {day("02/01/2026"), day("10/01/2026")}
    assert all(law[d].worked == by_day[d].worked for d in law)


def test_a_year_that_nobody_published_is_an_assumption():
    days = OFFICES.days_that_differ(dt.date(2027, 1, 1), dt.date(2027, 12, 31))
    assert {holiday.mark for holiday in days} == {"giả định"}
    assert not OFFICES.is_working_day(day("05/02/2027"))  # Giao thừa Đinh Mùi
    assert OFFICES.is_working_day(day("15/02/2027"))
    assert all(holiday.name.vi and holiday.name.en and holiday.source for holiday in days)


def test_marks_of_published_days():
    marks = {
        h.day: h.mark for h in OFFICES.days_that_differ(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
    }
    assert marks[day("01/05/2026")] == "luật"
    assert marks[day("02/01/2026")] == "công bố"
    assert marks[day("24/11/2026")] == "giả định"  # a policy; the law was not read


@pytest.mark.parametrize("bad", [dt.date(1999, 12, 31), dt.date(2100, 1, 1)])
def test_days_out_of_range_are_refused(bad):
    with pytest.raises(InvalidValue, match="Lịch chỉ có từ"):
        OFFICES.is_working_day(bad)
    with pytest.raises(InvalidValue, match="Lịch chỉ có từ"):
        OFFICES.working_days_between(dt.date(2026, 1, 1), bad)


def test_numbers_out_of_range_are_refused():
    with pytest.raises(InvalidValue, match="không được âm"):
        OFFICES.add_working_days(dt.date(2026, 1, 1), -1)
    with pytest.raises(InvalidValue, match="Lịch chỉ có từ"):
        OFFICES.add_working_days(dt.date(2026, 1, 1), 50_000)
    with pytest.raises(InvalidValue, match="Lịch chỉ có từ"):
        OFFICES.are_working_days(["NaT"])


def test_a_broken_table_tells_every_fault(tmp_path):
    text = shipped("holidays.csv").read_text(encoding="utf-8").splitlines()
    rows = [
        text[0],
        "2026-02-14,off,Tết,Tết,luật,x",  # a Saturday off is no row
        "2026-02-16,work,Tết,Tết,luật,x",  # a Monday worked is no row
        "2026-02-17,off,Tết,Tết,đoán,x",
        "2026-02-17,off,Tết,Tết,luật,",
        "17/02/2026,off,Tết,Tết,luật,x",
    ]
    path = tmp_path / "holidays.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InvalidValue) as caught:
        calendar.load_holidays(path)
    codes = [fault.code for fault in caught.value.faults]
    assert codes.count("calendar.weekday") == 2
    assert {"table.unknown", "table.duplicate", "table.empty", "table.date"} <= set(codes)


def own(text: str, *, worked: bool, mark: str = "công bố") -> Holiday:
    """Return a day as an officer enters it."""
    return Holiday(day(text), worked, Text("Hoán đổi", "Hoán đổi"), mark, "Công văn 1")


def test_a_day_off_of_ones_own_moves_the_end():
    # Monday 9/3/2026: 10, 11, 12, 13 and 16/3 with it off, else 9 to 13/3.
    with_monday = Calendar((own("09/03/2026", worked=False),))
    assert OFFICES.add_working_days(day("06/03/2026"), 5) == day("13/03/2026")
    assert with_monday.add_working_days(day("06/03/2026"), 5) == day("16/03/2026")
    with_both = Calendar((*with_monday.own, own("14/03/2026", worked=True)))  # a Saturday worked
    assert with_both.add_working_days(day("06/03/2026"), 5) == day("14/03/2026")
    assert OFFICES.add_working_days(day("06/03/2026"), 5) == day("13/03/2026")


def test_a_published_day_off_that_is_worked_is_none():
    monday, saturday = own("31/08/2026", worked=True), own("22/08/2026", worked=False)
    without = Calendar((monday, saturday))
    assert without.is_working_day(day("31/08/2026"))
    assert not without.is_working_day(day("22/08/2026"))
    differ = without.days_that_differ(day("20/08/2026"), day("31/08/2026"))
    assert differ == ()  # both are as the week has them


def test_a_year_is_published_once_every_assumed_day_is_stated():
    assumed = OFFICES.days_that_differ(dt.date(2027, 1, 1), dt.date(2027, 12, 31))
    assert not OFFICES.is_published(2027)
    stated = tuple(own(f"{h.day:%d/%m/%Y}", worked=h.worked) for h in assumed)
    assert Calendar(stated).is_published(2027)
    assert not Calendar(stated[1:]).is_published(2027)


def test_a_day_that_is_stated_as_it_is_changes_nothing():
    same = Calendar((own("07/03/2026", worked=False), own("09/03/2026", worked=True)))
    year = np.arange(day("01/01/2026"), day("31/12/2026"))
    assert (same.are_working_days(year) == OFFICES.are_working_days(year)).all()
