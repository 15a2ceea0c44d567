"""Kịch bản: plans composed, edited, compared; figures as the library gives them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.app.scenarios.edit import reform_table
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number
from procsim.store import Project, PutPlan, Store
from tests.app.conftest import AT
from tests.app.pages import open_page

LAW = t("app.plan.66_7")


def project_of(path: Path) -> Project:
    with Store(path) as store:
        return store.open(str(store.projects().index[0]))


def look(app: AppTest, view: str, tables: int = 1) -> AppTest:
    """Open a part of the page, and wait for what it computes."""
    app.button_group(key="scenarios.view").set_value(view).run()
    end = time.monotonic() + 60
    while len(app.dataframe) < tables:
        assert time.monotonic() < end
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert not app.error
    return app


def test_figures_are_those_of_the_library(on_sample: Path) -> None:
    app = open_page("scenarios")
    project = project_of(on_sample)
    before = ps.measure(project.portfolio)
    after = ps.measure(ps.apply(project.portfolio, project.plans[LAW]))
    rates = ps.compare(before, after).set_index("metric")
    shown = {each.label: each for each in app.metric}
    documents = shown[t("app.scenarios.figure.documents")]
    assert documents.value == format_number(rates.loc["documents", "after"], 0)
    assert documents.delta == f"-{format_number(100 * rates.loc['documents', 'rate'], 2)} %"


def test_plans_are_created_copied_renamed_and_removed(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.button(key="scenarios.copy").click().run()
    copied = t("app.scenarios.copy_of", name=LAW)
    assert project_of(on_sample).plans[copied] == project_of(on_sample).plans[LAW]
    assert app.selectbox(key="scenarios.plan").value == copied
    app.text_input(key="scenarios.rename").set_value("Đợt 2").run()
    app.button(key="scenarios.do_rename").click().run()
    assert set(project_of(on_sample).plans) == {LAW, "Đợt 2"}
    app.button(key="scenarios.remove_plan").click().run()
    assert set(project_of(on_sample).plans) == {LAW}
    app.button(key="undo").click().run()
    assert set(project_of(on_sample).plans) == {LAW, "Đợt 2"}


def test_a_name_that_is_taken_is_refused(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.text_input(key="scenarios.fresh").set_value(LAW).run()
    app.button(key="scenarios.create").click().run()
    assert app.error
    assert len(project_of(on_sample).plans[LAW]) > 0


def test_search_finds_reforms_without_diacritics(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.text_input(key="scenarios.find").set_value("ket hon").run()
    table = app.dataframe[0].value
    assert 0 < len(table) < len(project_of(on_sample).plans[LAW])
    head = t("app.scenarios.column.row")
    change = t("app.scenarios.column.change")
    assert (table[head] + table[change]).str.lower().str.contains("kết hôn").all()


def test_every_reform_is_shown_in_words(on_sample: Path) -> None:
    project = project_of(on_sample)
    open_page("scenarios")
    table = reform_table(project, LAW)
    assert len(table) == len(project.plans[LAW])
    assert table["change"].str.len().gt(20).all()
    assert not table["row"].str.contains(r"/c\d", regex=True).any(), "no ids"


def test_plans_side_by_side_equal_the_library(on_sample: Path) -> None:
    app = look(open_page("scenarios"), "compare")
    table = app.dataframe[0].value
    made = ps.scenarios(project_of(on_sample).portfolio, [project_of(on_sample).plans[LAW]]).frame
    line = t("cli.scenarios.documents_saved")
    assert table.loc[line, LAW] == format_number(made["documents_saved"].iloc[1], 0)


def test_contributions_add_up(on_sample: Path) -> None:
    app = look(open_page("scenarios"), "effects")
    table = app.dataframe[0].value
    project = project_of(on_sample)
    shares = ps.effects(project.portfolio, project.plans[LAW], by="database")
    assert table[t("app.scenarios.effects.share")].sum() == pytest.approx(
        shares.attrs["total"]["documents"]
    )


def test_conflicts_are_listed(on_sample: Path) -> None:
    project = project_of(on_sample)
    plan = project.plans[LAW]
    twice = ps.Plan((*plan.reforms, plan.reforms[0]), name="Hai lần")
    project.act(PutPlan("Hai lần", twice), who="Lan", at=AT)
    found = ps.conflicts(project.portfolio, twice)
    app = open_page("scenarios")
    app.selectbox(key="scenarios.plan").set_value("Hai lần").run()
    shown = look(app, "conflicts").dataframe[0].value
    assert len(shown) == len(found) > 0
    # An officer reads which paper of which procedure, never an id or an English kind.
    places = shown[t("app.faults.place")].tolist()
    assert all(place.startswith("Nội dung ") for place in places)
    assert not any(("›" in place and "/c" in place) or "replace_by" in place for place in places)


def test_candidates_can_be_found(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.button_group(key="scenarios.view").set_value("more").run()
    app.button(key="scenarios.more.find").click().run()
    app = look(app, "more")
    assert len(app.dataframe[0].value) > 100
    assert app.button(key="scenarios.more.add").disabled


def test_an_empty_plan_says_what_to_do(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.text_input(key="scenarios.fresh").set_value("Mới").run()
    app.button(key="scenarios.create").click().run()
    assert t("app.scenarios.plan.empty") in [each.value for each in app.info]
