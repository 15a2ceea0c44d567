"""Thủ tục: find, look at, compare and change one procedure; nothing is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.app.procedures.burden import compared_lines
from procsim.app.shell.show import written
from procsim.language.vietnamese import fold
from procsim.store import Project, RemovePlan, Store
from tests.app.conftest import AT
from tests.app.pages import open_page
from tests.app.tables import finish, open_tab, picked


def saved(path: Path) -> Project:
    """The project as it stands in the store."""
    with Store(path) as store:
        return store.open(store.projects().index[0])


@pytest.fixture
def replaced(on_sample: Path) -> str:
    """Id of a procedure that the plan of the sample changes: with steps, and of known cost."""
    project = saved(on_sample)
    known = ps.measure(project.portfolio)["cost_vnd"].notna()
    stepped = set(project.portfolio.steps["procedure"])
    plan = next(iter(project.plans.values()))
    found = (r.procedure_id for r in plan.reforms)
    return next(i for i in found if known[i] and i in stepped)


def go(app: AppTest, tab: str) -> AppTest:
    """Open a tab of the procedure."""
    open_tab(app, "procedures", tab)
    assert not app.error
    return app


def words(app: AppTest) -> str:
    """Everything that is said on the page."""
    return "\n".join(
        each.value for each in (*app.markdown, *app.caption, *app.title, *app.subheader)
    )


def test_an_empty_project_says_where_to_begin(on_empty: Path) -> None:
    app = open_page("procedures")
    assert "chưa có thủ tục" in app.info[0].value
    assert not app.dataframe


def test_a_search_without_diacritics_and_the_filters_narrow_the_list(on_sample: Path) -> None:
    portfolio = saved(on_sample).portfolio
    app = open_page("procedures")
    assert len(app.dataframe[0].value) == len(portfolio)
    name = portfolio.procedures["name"].iloc[0]
    app.text_input(key="procedures.search").set_value(fold(name)).run()
    assert name in set(app.dataframe[0].value["Tên thủ tục"])
    app.text_input(key="procedures.search").set_value("").run()
    ministry = portfolio.procedures["ministry"].iloc[-1]
    app.multiselect(key="procedures.ministry").set_value([ministry]).run()
    assert set(app.dataframe[0].value["Bộ, ngành"]) == {ministry}
    app.multiselect(key="procedures.ministry").set_value([]).run()
    app.toggle(key="procedures.touched").set_value(True).run()
    plan = next(iter(saved(on_sample).plans.values()))
    touched = {i for reform in plan.reforms for i in reform.procedure_ids}
    assert len(app.dataframe[0].value) == len(touched)
    app.text_input(key="procedures.search").set_value("không có thủ tục này").run()
    assert "khớp" in app.info[0].value


def test_a_link_opens_a_procedure_and_its_figures_are_the_librarys(
    on_sample: Path, replaced: str
) -> None:
    project = saved(on_sample)
    plan = next(iter(project.plans.values()))
    after = ps.measure(ps.apply(project.portfolio, plan)).loc[replaced]
    app = open_page("procedures", procedure=replaced)
    assert replaced in app.title[0].value.replace("\\", "")
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Thành phần hồ sơ"] == written(after["documents"])
    assert shown["Chi phí (đồng)"] == written(round(after["cost_vnd"]))
    assert shown["Đề xuất"] == written(sum(replaced in r.procedure_ids for r in plan.reforms))
    app.button(key="procedures.back").click().run()
    assert app.title[0].value == "Thủ tục"


def test_an_unknown_procedure_in_the_address_is_told(on_sample: Path) -> None:
    app = open_page("procedures", procedure="9.999999")
    assert "9" in app.warning[0].value
    assert len(app.dataframe) == 1


@pytest.mark.parametrize("tab", ["map", "propose", "time", "cost", "papers", "legal"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_tab_shows_without_an_error(
    on_sample: Path, replaced: str, tab: str, language: str
) -> None:
    app = open_page("procedures", procedure=replaced, lang=language)
    open_tab(app, "procedures", tab, language)
    assert not app.error


def test_the_due_date_and_the_cost_sheet_are_the_librarys(on_sample: Path, replaced: str) -> None:
    project = saved(on_sample)
    app = go(open_page("procedures", procedure=replaced), "time")
    app.text_input(key="procedures.time.day").set_value("10/2/2026").run()
    due = ps.due_date(project.portfolio, replaced, dt.date(2026, 2, 10))
    assert due.sentence.vi in words(app).replace("\\", "")
    go(app, "cost")
    sheet = ps.cost_sheet(project.portfolio.select([replaced]))
    shown = app.dataframe[0].value
    assert shown["Hiện trạng"].sum() == pytest.approx(sheet["cost_vnd"].sum())
    after = ps.apply(project.portfolio, next(iter(project.plans.values()))).select([replaced])
    assert shown["Sau"].sum() == pytest.approx(ps.cost_sheet(after)["cost_vnd"].sum())


def test_compared_lines_hold_every_line_of_both_sheets(on_sample: Path, replaced: str) -> None:
    portfolio = saved(on_sample).portfolio
    plan = next(iter(saved(on_sample).plans.values()))
    before = ps.cost_sheet(portfolio)
    after = ps.cost_sheet(ps.apply(portfolio, plan))
    for procedure in portfolio.procedures.index[:20]:
        old, new = (sheet[sheet["procedure"].eq(procedure)] for sheet in (before, after))
        lines = compared_lines(old, new)
        assert lines["cost_vnd_before"].sum() == pytest.approx(old["cost_vnd"].sum())
        assert lines["cost_vnd_after"].sum() == pytest.approx(new["cost_vnd"].sum())
        assert len(compared_lines(old, None)) == len(old)


def test_the_papers_add_up_to_the_official_and_the_expected_count(
    on_sample: Path, replaced: str
) -> None:
    project = saved(on_sample)
    after = ps.apply(project.portfolio, next(iter(project.plans.values())))
    table = go(open_page("procedures", procedure=replaced), "papers").dataframe[0].value
    then = ps.measure(after).loc[replaced]
    assert table["Số: hiện trạng"].sum() == ps.measure(project.portfolio).at[replaced, "documents"]
    assert table["Số: sau"].sum() == then["documents"]
    assert table["Dự kiến"].sum() == pytest.approx(then["documents_expected"])


def test_a_picked_node_shows_its_details_and_can_be_closed(on_sample: Path, replaced: str) -> None:
    project = saved(on_sample)
    plan = next(iter(project.plans.values()))
    reform = next(each for each in plan.reforms if each.procedure_id == replaced)
    row, base = reform.target, reform.databases[0]
    app = open_page("procedures", procedure=replaced)
    step = project.portfolio.rows("steps", replaced).index[0]
    for name in (row, step, base, "không có"):
        app.session_state["procedures.node"] = (replaced, name)
        app.run()
        assert not app.exception
        assert not app.error
        assert app.button(key="procedures.node.close")
    app.button(key="procedures.node.close").click().run()
    assert "procedures.node" not in app.session_state


def test_a_reform_is_added_replaced_and_taken_out_and_stays_in_the_store(on_sample: Path) -> None:
    project = saved(on_sample)
    name = next(iter(project.plans))
    limits = project.portfolio.channels["limit_value"] > 4
    procedure = project.portfolio.channels.loc[limits, "procedure"].iloc[0]
    app = go(open_page("procedures", procedure=procedure), "propose")
    key = f"procedures.new.{procedure}"
    app.selectbox(key=f"{key}.kind.{procedure}").set_value("shorten_limit").run()
    assert app.button(key=f"{key}.add").disabled  # neither days nor per cent yet
    app.text_input(key=f"{key}.{procedure}.shorten_limit.percent").set_value("30%").run()
    assert not app.button(key=f"{key}.add").disabled
    assert "30 %" in words(app)
    app.button(key=f"{key}.add").click().run()
    assert not app.exception
    made = saved(on_sample).plans[name].reforms[-1]
    assert (made.kind, made.percent, made.target) == ("shorten_limit", 30.0, procedure)
    app.text_input(key=f"{key}.{procedure}.shorten_limit.percent").set_value("50%").run()
    assert any("thay" in warning.value for warning in app.warning)
    app.button(key=f"{key}.add").click().run()
    plan = saved(on_sample).plans[name]
    assert [r.percent for r in plan.reforms if r.kind == "shorten_limit"] == [50.0]
    place = len([r for r in plan.reforms if procedure in r.procedure_ids]) - 1
    app.button(key=f"procedures.remove.{place}").click().run()
    assert saved(on_sample).plans[name].reforms == project.plans[name].reforms


def test_a_percentage_that_is_not_one_cannot_be_added(on_sample: Path) -> None:
    project = saved(on_sample)
    limits = project.portfolio.channels["limit_value"] > 4
    procedure = project.portfolio.channels.loc[limits, "procedure"].iloc[0]
    app = go(open_page("procedures", procedure=procedure), "propose")
    key = f"procedures.new.{procedure}"
    app.selectbox(key=f"{key}.kind.{procedure}").set_value("shorten_limit").run()
    app.text_input(key=f"{key}.{procedure}.shorten_limit.percent").set_value("30").run()
    assert app.button(key=f"{key}.add").disabled
    assert "30 %" in app.error[0].value


def test_the_list_without_a_plan_shows_the_present_state_and_asks_for_a_name(
    on_sample: Path,
) -> None:
    with Store(on_sample) as store:
        project = store.open(store.projects().index[0])
        project.act(RemovePlan(next(iter(project.plans))), who="Lan", at=AT)
    procedure = project.portfolio.procedures.index[0]
    app = go(open_page("procedures", procedure=procedure), "propose")
    key = f"procedures.new.{procedure}"
    app.selectbox(key=f"{key}.kind.{procedure}").set_value("abolish_procedure").run()
    app.text_input(key=f"{key}.plan").set_value("Đợt 1").run()
    app.button(key=f"{key}.add").click().run()
    assert not app.exception
    assert [r.kind for r in saved(on_sample).plans["Đợt 1"].reforms] == ["abolish_procedure"]


def test_a_picked_row_of_the_list_opens_the_procedure(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = saved(on_sample).portfolio.procedures.index[1]
    app = open_page("procedures")
    picked(monkeypatch, "procedures.list", 1)
    app.run()
    assert second in app.query_params["procedure"]
    assert second in app.title[0].value.replace("\\", "")


def test_a_picked_cost_line_shows_its_formula(
    on_sample: Path, replaced: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = go(open_page("procedures", procedure=replaced), "cost")
    picked(monkeypatch, f"procedures.cost.{replaced}", 0)
    app.run()
    assert not app.exception
    assert "giờ ×" in words(app).replace("\\", "")


def test_a_picked_paper_shows_its_data_and_its_form(
    on_sample: Path, replaced: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = go(open_page("procedures", procedure=replaced), "papers")
    rows = saved(on_sample).portfolio.rows("requirements", replaced)
    plan = next(iter(saved(on_sample).plans.values()))
    reform = next(each for each in plan.reforms if each.procedure_id == replaced)
    picked(monkeypatch, f"procedures.papers.{replaced}", rows.index.get_loc(reform.target))
    app.run()
    assert not app.exception
    assert reform.describe().vi in "".join(each.value for each in app.success).replace("\\", "")


def test_related_procedures_are_those_of_the_network(on_sample: Path) -> None:
    portfolio = saved(on_sample).portfolio
    burden = ps.chain_burden(portfolio, ps.links(portfolio))
    procedure = str(burden.index[burden["upstream"] > 0][0])
    app = open_tab(open_page("procedures", procedure=procedure), "procedures", "related")
    finish(app)
    assert f"**{written(burden.at[procedure, 'worst_days'], 1)}**" in words(app)
