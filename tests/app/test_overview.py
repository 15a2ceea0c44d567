"""Tổng quan: figures and verdicts as the library gives them, with their reasons; first steps."""

from __future__ import annotations

from pathlib import Path

import pytest

import procsim as ps
from procsim.app.overview import parts as overview_parts
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number
from procsim.store import Store
from tests.app.pages import open_page
from tests.app.tables import open_tab, picked, table

LAW = "Nghị quyết 66.7/2025/NQ-CP"


@pytest.fixture(scope="module")
def figures():
    """What the library itself computes on the sample, with the plan of the resolution."""
    portfolio = ps.tag(ps.mark(ps.load_sample()))
    plan = ps.resolution_66_7(portfolio)
    changed = ps.apply(portfolio, plan)
    before, after = ps.measure(portfolio), ps.measure(changed)
    card = ps.scorecard(before, after, ps.targets(2026), "ministry", portfolio=changed, plan=plan)
    return ps.compare(before, after).set_index("metric"), card


def test_the_figures_are_those_of_the_library(on_sample: Path, figures) -> None:
    rates, _ = figures
    shown = {metric.label: metric for metric in open_page("overview").metric}
    documents = shown[t("app.metric.documents")]
    assert documents.value == format_number(rates.loc["documents", "after"], 0)
    assert documents.delta == f"-{format_number(100 * rates.loc['documents', 'rate'], 2)} %"
    assert shown[t("app.metric.statutory_days")].delta == "0,00 %"


def test_the_scorecard_is_that_of_the_library(on_sample: Path, figures) -> None:
    _, card = figures
    app = open_page("overview", year="2026")
    shown, nation = table(app, "overview.card.2026"), card.nation()
    assert list(shown[t("app.card.target")]) == list(nation["name_vi"])
    verdicts = [t(f"app.verdict.{verdict}") for verdict in nation["verdict"]]
    assert list(shown[t("app.card.verdict")]) == verdicts
    cost = nation.set_index("target_id").loc["business_cost_2026"]
    row = shown[shown[t("app.card.target")] == cost["name_vi"]].iloc[0]
    assert row[t("app.overview.card.claimed")] == f"{format_number(100 * cost['claimed'], 2)} %"
    assert row[t("app.overview.card.effective")] == f"{format_number(100 * cost['effective'], 2)} %"


def test_unknown_coverage_is_not_shown_as_claimed(on_sample: Path, figures) -> None:
    _, card = figures
    shown = table(open_page("overview", year="2026"), "overview.card.2026")
    replaced = list(card.nation()["target_id"]).index("procedures_replaced_2026")
    assert shown[t("app.overview.card.effective")].iloc[replaced] == t("app.missing")


def test_a_row_gives_formula_reason_and_legal_basis(
    on_sample: Path, figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = figures[1].nation().iloc[1]
    picked(monkeypatch, "overview.card.2026", 1)
    page = open_page("overview", year="2026")
    told = "\n".join(each.value for each in page.markdown).replace("\\", "")
    assert row["name_vi"] in told
    assert row["reason_vi"] in told
    assert row["effective_vi"] in told
    assert format_number(row["before"], 0) in told
    assert t("app.overview.prescribed") in told
    assert "Nghị quyết 66/NQ" in told


def test_the_year_comes_from_the_address_and_goes_there(on_sample: Path) -> None:
    app = open_page("overview", year="2025")
    assert "overview.card.2025" in [each.key for each in app.dataframe]
    app.button_group(key="overview.year").set_value(2026).run()
    assert not app.exception
    assert app.query_params["year"] in ("2026", ["2026"])
    assert "overview.card.2026" in [each.key for each in app.dataframe]


def test_a_year_without_targets_is_not_believed(on_sample: Path) -> None:
    assert not open_page("overview", year="1999").error
    assert not open_page("overview", year="abc").error


def test_ministries_stand_in_a_table_too(on_sample: Path, figures) -> None:
    app = open_tab(open_page("overview", year="2026"), "overview", "ministries")
    shown = table(app, t("app.card.group"))
    groups = list(dict.fromkeys(figures[1].summary["group"]))
    assert list(shown[t("app.card.group")]) == [t("app.overview.nation"), *groups[1:]]
    assert app.get("vega_lite_chart")


def test_what_is_lacking_is_the_shortfall(on_sample: Path, figures) -> None:
    app = open_tab(open_page("overview", year="2026"), "overview", "lacks")
    shown = table(app, t("app.overview.lacks"))
    rows = ps.shortfall(figures[1])
    days = rows[(rows["scope"] == "nation") & (rows["target_id"] == "business_time_2026")].iloc[0]
    assert shown[t("app.overview.lacks")].iloc[0].startswith(format_number(days["amount"], 1))
    by_ministry = table(app, t("app.card.group"))
    assert len(by_ministry) == figures[1].summary["group"].nunique() - 1


def test_faults_are_counted_by_kind(on_sample: Path) -> None:
    app = open_tab(open_page("overview"), "overview", "quality")
    shown = table(app, t("app.overview.faults.count"))
    found = list(ps.check(ps.tag(ps.mark(ps.load_sample()))))
    assert shown[t("app.overview.faults.count")].sum() == len(found)
    assert len(shown) == len({fault.code for fault in found})


def test_the_first_steps_are_closed_for_good_and_come_back(on_sample: Path) -> None:
    app = open_page("overview")
    assert t("app.overview.step.open") in " ".join(each.value for each in app.caption)
    app.button(key="overview.guide.close").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        project = store.open(str(store.projects().index[0]))
        assert overview_parts.GUIDE in project.notes
    again = open_page("overview")
    assert "overview.guide.close" not in [button.key for button in again.button]
    again.button(key="overview.guide.again").click().run()
    assert "overview.guide.close" in [button.key for button in again.button]


def test_an_empty_project_says_what_to_do(on_empty: Path) -> None:
    app = open_page("overview")
    assert t("app.overview.empty") in [info.value for info in app.info]
    assert not app.metric


def test_without_a_plan_the_present_state_stands(on_sample: Path) -> None:
    with Store(on_sample) as store:
        project = store.open(str(store.projects().index[0]))
        project.undo(who="Lan", at=project.at)
    app = open_page("overview")
    assert t("app.overview.no_plan") in [info.value for info in app.info]
    assert {metric.delta for metric in app.metric} == {"0,00 %"}


def test_english_is_complete(on_sample: Path) -> None:
    app = open_page("overview", lang="en")
    assert app.title[0].value == t("app.overview.title", "en")
    for name in ("ministries", "lacks", "quality"):
        open_tab(app, "overview", name, "en")
    assert len(table(app, t("app.overview.faults.count", "en")))
