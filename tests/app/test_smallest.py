"""Tối ưu: the question is kept, the search runs beside the page, the answer becomes a plan."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.app.smallest.question import Question, kept_question
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number
from procsim.store import Project, Store
from tests.app.pages import open_page


def project_of(path: Path) -> Project:
    with Store(path) as store:
        return store.open(str(store.projects().index[0]))


def wait(app: AppTest, key: str, within: float = 60.0) -> AppTest:
    """Run the page again until a widget stands on it."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        app.run()
        assert not app.exception
        if any(each.key == key for each in (*app.button, *app.selectbox)):
            return app
        time.sleep(0.2)
    raise AssertionError(key)


@pytest.fixture
def answered(on_sample: Path) -> tuple[AppTest, Path]:
    app = open_page("smallest")
    app.button(key="smallest.search").click().run()
    return wait(app, "smallest.keep"), on_sample


def test_the_answer_is_that_of_the_library(answered: tuple[AppTest, Path]) -> None:
    app, path = answered
    project = project_of(path)
    found = ps.smallest_plan(project.portfolio, year=2025)
    shown = {each.label: each.value for each in app.metric}
    assert shown[t("app.smallest.texts")] == format_number(len(found.legal_texts), 0)
    assert shown[t("app.smallest.price")] == format_number(found.price, 1)
    assert t("smallest.status.optimal") in app.success[0].value


def test_the_plan_is_saved_and_comes_into_view(answered: tuple[AppTest, Path]) -> None:
    app, path = answered
    app.text_input(key="smallest.name").set_value("Nhỏ nhất 2025").run()
    app.button(key="smallest.keep").click().run()
    assert not app.exception
    assert len(project_of(path).plans["Nhỏ nhất 2025"]) > 0
    assert app.query_params["plan"] in ("Nhỏ nhất 2025", ["Nhỏ nhất 2025"])


@pytest.mark.parametrize("part", ["why", "others", "levels", "curve"])
def test_reasons_and_other_plans(part: str, answered: tuple[AppTest, Path]) -> None:
    app, _ = answered
    tables, texts = len(app.dataframe), len(app.markdown)
    app.button(key=f"smallest.{part}.ask").click().run()
    end = time.monotonic() + 60
    while any(each.key == f"smallest.{part}.stop" for each in app.button) or (
        len(app.dataframe) == tables and len(app.markdown) == texts
    ):
        assert time.monotonic() < end
        time.sleep(0.2)
        app.run()
    assert not app.exception
    assert not app.error


def test_the_question_survives_a_refresh(on_sample: Path) -> None:
    app = open_page("smallest")
    app.text_input(key="smallest.rate.time").set_value("25%")
    app.text_input(key="smallest.limit.texts").set_value("40").run()
    app.button(key="smallest.search").click().run()
    wait(app, "smallest.keep")
    held = kept_question(project_of(on_sample))
    assert (held.rates, held.texts) == ({"time": 0.25}, 40)
    again = open_page("smallest")
    assert again.text_input(key="smallest.rate.time").value == "25%"
    assert again.button(key="smallest.keep"), "the answer is at hand at once"


def test_what_cannot_be_met_is_explained_with_the_nearest_plan(on_sample: Path) -> None:
    app = open_page("smallest")
    app.text_input(key="smallest.rate.time").set_value("95%").run()
    app.button(key="smallest.search").click().run()
    wait(app, "smallest.keep")
    assert t("smallest.status.infeasible") in app.warning[0].value


def test_an_entry_that_cannot_be_read_stops_the_search(on_sample: Path) -> None:
    app = open_page("smallest")
    app.text_input(key="smallest.rate.time").set_value("ba mươi").run()
    assert app.error
    assert app.button(key="smallest.search").disabled


def test_a_plan_can_be_the_source_of_candidates(on_sample: Path) -> None:
    app = open_page("smallest")
    app.selectbox(key="smallest.source").set_value(t("app.plan.66_7")).run()
    app.button(key="smallest.search").click().run()
    wait(app, "smallest.keep")
    assert kept_question(project_of(on_sample)).source == t("app.plan.66_7")


def test_texts_can_be_forced_out(on_sample: Path) -> None:
    app = open_page("smallest")
    app.toggle(key="force").set_value(True).run()
    names = app.multiselect(key="smallest.forced.out").options
    assert names
    assert not app.exception


def test_equal_questions_are_kept_under_one_key(on_sample: Path) -> None:
    project = project_of(on_sample)
    one, other = (Question(rates={"time": rate}) for rate in (0.3, 0.3))
    assert one.key(project) == other.key(project)
    assert one.key(project) != Question(rates={"time": 0.31}).key(project)
