"""Tham số › Ngày nghỉ: days of one's own, typed or pasted, move every due date of the app."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from procsim.app.parameters import days as parameters_days
from procsim.errors import Text
from procsim.language.i18n import t
from procsim.reference.calendar import Holiday, published_years
from procsim.store import EditCells, Project, SetDaysOff, Store
from procsim.store.actions import Cell
from tests.app.conftest import AT
from tests.app.pages import open_page
from tests.app.tables import labels, open_tab, picked, table

MONDAY = dt.date(2026, 3, 9)
FORM = "parameters.days.None.2"


def opened(store: Store) -> Project:
    """Return the one project of a store."""
    return store.open(str(store.projects().index[0]))


def five_days(path: Path) -> str:
    """Give one procedure of the sample a limit of five working days; return its id."""
    with Store(path) as store:
        project = opened(store)
        portfolio = project.portfolio
        procedure = str(portfolio.procedures.index[0])
        rows = portfolio.channels.index[portfolio.channels["procedure"] == procedure]
        cells = [
            Cell("channels", row, column, value)
            for row in rows
            for column, value in (("limit_value", 5.0), ("limit_unit", "working_day"))
        ]
        project.act(EditCells(cells), who="Lan", at=AT)
    return procedure


def add(path: Path, *days: Holiday) -> Project:
    """Save days as another session would."""
    with Store(path) as store:
        return opened(store).act(SetDaysOff({day.day: day for day in days}), who="Minh", at=AT)


def off(day: dt.date, mark: str = "nhập") -> Holiday:
    """Return a day off of an officer."""
    return Holiday(day, False, Text("Nghỉ", "Nghỉ"), mark, "Công văn 1")


def test_a_day_off_that_is_typed_is_saved_and_moves_the_due_date(on_sample: Path) -> None:
    procedure = five_days(on_sample)
    app = open_page("procedures", procedure=procedure)
    open_tab(app, "procedures", "time")
    app.text_input(key="procedures.time.day").set_value("06/03/2026").run()
    assert not app.exception
    # Friday 6/3/2026: 9, 10, 11, 12, 13/3 are the five working days.
    assert any("13/03/2026" in each.value for each in app.markdown)
    open_tab(app.switch_page("procsim/app/parameters/page.py").run(), "parameters", "days")
    key = "parameters.days.None.3"
    app.text_input(key=f"{key}.day").set_value("9/3/2026")
    app.text_input(key=f"{key}.name").set_value("  Nghỉ hoán đổi ")
    app.text_input(key=f"{key}.source").set_value("Công văn 12/VPCP")
    app.selectbox(key=f"{key}.mark").set_value("công bố").run()
    app.button(key="parameters.days.save").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        project = opened(store)
    name = Text("Nghỉ hoán đổi", "Nghỉ hoán đổi")
    assert project.state.days == {
        MONDAY: Holiday(MONDAY, False, name, "công bố", "Công văn 12/VPCP")
    }
    app.switch_page("procsim/app/procedures/page.py").run()
    open_tab(app, "procedures", "time")
    app.text_input(key="procedures.time.day").set_value("06/03/2026").run()
    # With Monday 9/3 off: 10, 11, 12, 13 and Monday 16/3.
    assert any("16/03/2026" in each.value for each in app.markdown)
    assert not any("13/03/2026" in each.value for each in app.markdown)
    assert any("Nghỉ hoán đổi" in each.value for each in app.markdown)  # the reason names it


def test_a_shipped_day_off_is_taken_out_and_comes_back(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_tab(open_page("parameters"), "parameters", "days")
    app.button_group(key="parameters.year").set_value(2026).run()
    days = list(table(app, "parameters.days.2026.2")[t("app.parameters.day")])
    at = days.index("31/08/2026")
    with monkeypatch.context() as patch:
        picked(patch, "parameters.days.2026.2", at)
        app.run()
        assert app.text_input(key="parameters.days.2026-08-31.2.day").value == "31/08/2026"
        app.button(key="parameters.days.remove").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        assert opened(store).calendar().is_working_day(dt.date(2026, 8, 31))
    shown = table(app, "parameters.days.2026.3").loc["2026-08-31"]
    assert shown[t("app.parameters.off_or_work")] == t("app.parameters.usual")
    assert shown[t("app.parameters.days.own")] == t("app.parameters.days.instead")
    picked(monkeypatch, "parameters.days.2026.3", at)
    app.run()
    assert app.button(key="parameters.days.remove").disabled
    app.button(key="parameters.days.reset").click().run()
    with Store(on_sample) as store:
        assert not opened(store).state.days
    app.button(key="undo").click().run()
    with Store(on_sample) as store:
        assert opened(store).calendar().is_working_day(dt.date(2026, 8, 31))


def test_a_day_is_moved_and_renamed(on_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(on_sample, off(dt.date(2026, 1, 6)))
    app = open_tab(open_page("parameters"), "parameters", "days")
    app.button_group(key="parameters.year").set_value(2026).run()
    days = list(table(app, "parameters.days.2026.3")[t("app.parameters.day")])
    picked(monkeypatch, "parameters.days.2026.3", days.index("06/01/2026"))
    app.run()
    app.text_input(key="parameters.days.2026-01-06.3.day").set_value("07/01/2026").run()
    app.button(key="parameters.days.save").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        project = opened(store)
    assert list(project.state.days) == [dt.date(2026, 1, 7)]
    told = project.log()["vi"].iloc[-2:]
    assert all("nghỉ: Nghỉ (nhập; Công văn 1)" in sentence for sentence in told)


def test_a_table_of_dates_is_pasted_from_excel(on_sample: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "days")
    pasted = "28/12/2026\tnghỉ\tNghỉ hoán đổi\tCông văn 9\tcông bố\n02/01/2027\tlàm bù\tLàm bù\n\n"
    app.text_area(key="parameters.days.paste.2").set_value(pasted).run()
    assert not app.error
    app.button(key="parameters.days.paste.do").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        calendar = opened(store).calendar()
        days = opened(store).state.days
    # Friday 25/12/2026 + 2: the 28th is off, so 29 and 30/12.
    assert calendar.add_working_days(dt.date(2026, 12, 25), 2) == dt.date(2026, 12, 30)
    assert calendar.is_working_day(dt.date(2027, 1, 2))  # a Saturday
    assert [day.mark for day in days.values()] == ["công bố", "nhập"]


def test_what_cannot_be_read_of_a_paste_is_named_and_nothing_is_saved(on_sample: Path) -> None:
    lines = ("31/02/2026\tnghỉ", "\tnghỉ\tKhông ngày", "02/03/2026\tmaybe", "02/03/2026")
    text = "\n".join((*lines, "03/03/2026\t\t\t\tđoán"))
    _, refused = parameters_days.from_excel(text)
    places = [(each.place, each.written) for each in refused]
    assert places == [
        ("dòng 1, cột Ngày", "31/02/2026"),
        ("dòng 2, cột Ngày", ""),
        ("dòng 3, cột Nghỉ hay làm bù", "maybe"),
        ("dòng 4, cột Ngày", "02/03/2026"),
        ("dòng 5, cột Nguồn", "đoán"),
    ]
    app = open_tab(open_page("parameters"), "parameters", "days")
    app.text_area(key="parameters.days.paste.2").set_value(text).run()
    assert len(app.error) == 5
    assert app.button(key="parameters.days.paste.do").disabled


def test_columns_follow_their_headings() -> None:
    text = "Nguồn\tTÊN\tThứ\tNgày\ncông bố\tTết\tthứ Ba\t2/3/2027\n"
    (day,), refused = parameters_days.from_excel(text)
    assert not refused
    assert day == Holiday(dt.date(2027, 3, 2), False, Text("Tết", "Tết"), "công bố", "")


def test_a_published_day_needs_its_text(on_sample: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "days")
    app.text_area(key="parameters.days.paste.2").set_value("2/3/2027\t\tTết\t\tluật").run()
    app.button(key="parameters.days.paste.do").click().run()
    assert not app.exception
    assert any(t("store.day_source") in error.value for error in app.error)
    with Store(on_sample) as store:
        assert not opened(store).state.days


def test_years_are_those_published_two_more_and_the_officers(on_sample: Path) -> None:
    project = add(on_sample, off(dt.date(2031, 1, 6)))
    shown = parameters_days.years(project)
    assert set(published_years()) < set(shown)
    assert shown[-1] == 2031
    assumed = parameters_days.days_table(project, published_years()[-1] + 1)
    assert set(assumed[t("app.parameters.mark")]) == {"giả định"}
    own = parameters_days.days_table(project, 2031)
    assert own.at["2031-01-06", t("app.parameters.days.own")] == t("app.parameters.days.added")


def test_days_off_are_compared_and_logged_in_words(on_sample: Path) -> None:
    add(on_sample, off(MONDAY))
    app = open_tab(open_page("parameters"), "parameters", "log")
    row = table(app, t("app.parameters.who")).iloc[0]
    assert row[t("app.parameters.to")] == "nghỉ: Nghỉ (nhập; Công văn 1)"
    open_tab(app, "parameters", "versions")
    app.selectbox(key="parameters.compare.3").set_value(2).run()
    rest = table(app, t("app.parameters.kind"))
    assert list(rest[t("app.parameters.to")]) == ["nghỉ: Nghỉ"]


def test_days_off_in_english(on_sample: Path) -> None:
    app = open_tab(open_page("parameters", lang="en"), "parameters", "days", "en")
    assert any("Days of your own" in text for text in labels(app))
    app.text_area(key="parameters.days.paste.2").set_value("02/03/2027\toff\tTet").run()
    assert not app.error
    assert not app.exception


def test_an_empty_project_has_its_days_off(on_empty: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "days")
    assert not app.exception
