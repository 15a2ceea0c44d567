"""Lộ trình: dates as the library has them, officers' dates and readiness saved, the course."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import procsim as ps
from procsim.app.roadmap import parts as roadmap_parts
from procsim.app.shell.entry import Edit
from procsim.app.shell.session import today
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number
from procsim.reference.readiness import CRITERIA
from procsim.store import Project, PutPlan, SetDates, Store
from tests.app.conftest import AT
from tests.app.pages import open_page
from tests.app.tables import finish, labels, open_tab, table, typed

LAW = "Nghị quyết 66.7/2025/NQ-CP"


def opened(store: Store) -> Project:
    """Return the one project of a store."""
    return store.open(str(store.projects().index[0]))


def road_of(project: Project) -> ps.Roadmap:
    """Return the roadmap as the library has it."""
    return ps.roadmap(project.portfolio, project.plans[LAW], on=today(), dates=project.dates)


def test_the_figures_are_those_of_the_roadmap(on_sample: Path) -> None:
    with Store(on_sample) as store:
        road = road_of(opened(store))
    shown = {metric.label: metric.value for metric in open_page("roadmap").metric}
    lapsing = int(road.reforms["until"].notna().sum())
    assert shown[t("app.roadmap.figure.lapsing")] == format_number(lapsing, 0)
    undated = int(road.reforms["effective_on"].isna().sum())
    assert shown[t("app.roadmap.figure.undated")] == format_number(undated, 0)


def test_the_course_is_worked_out_beside_the_page(on_sample: Path) -> None:
    app = finish(open_page("roadmap", year="2026"))
    with Store(on_sample) as store:
        expected = road_of(opened(store)).critical(ps.targets(2026))
    shown = table(app, "roadmap.critical.2026")
    assert list(shown[t("app.card.target")]) == list(expected["name_vi"])
    verdicts = [t(f"app.verdict.{verdict}") for verdict in expected["deadline_verdict"]]
    assert list(shown[t("app.card.verdict")]) == verdicts
    assert app.get("vega_lite_chart")


def test_months_are_those_of_the_trajectory(on_sample: Path) -> None:
    app = finish(open_tab(open_page("roadmap", year="2026"), "roadmap", "months"))
    with Store(on_sample) as store:
        frame = road_of(opened(store)).trajectory(ps.targets(2026))
    force = frame[frame["target_id"] == ""].groupby("month")["in_force"].first()
    shown = table(app, t("app.roadmap.month"))
    assert list(shown[t("app.roadmap.in_force")]) == list(force)
    assert shown[t("app.roadmap.month")].iloc[0] == f"{today():%m/%Y}"


def test_a_date_is_saved_at_once_and_moves_the_effect(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("roadmap")
    key = "roadmap.dates.2.vi.False."
    typed(monkeypatch, key, {("csdl_dan_cu", roadmap_parts.OWN): "05/8/2030"})
    open_tab(app, "roadmap", "dates")
    with Store(on_sample) as store:
        project = opened(store)
        assert project.dates == {"csdl_dan_cu": dt.date(2030, 8, 5)}
        late = road_of(project).reforms["effective_on"] == dt.date(2030, 8, 5)
        assert late.any()
    row = table(app, "roadmap.dates.3.vi.False.").loc["csdl_dan_cu"]
    assert row["ready_on"] == "05/08/2030"


def test_a_date_that_cannot_be_read_saves_nothing(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("roadmap")
    cells = {("csdl_dan_cu", roadmap_parts.OWN): "30/02/2030"}
    typed(monkeypatch, "roadmap.dates.2.vi.False.", cells)
    open_tab(app, "roadmap", "dates")
    assert "30/02/2030" in " ".join(error.value for error in app.error).replace("\\", "")
    with Store(on_sample) as store:
        assert not opened(store).dates


def test_items_are_found_without_diacritics(on_sample: Path) -> None:
    app = open_tab(open_page("roadmap"), "roadmap", "dates")
    every = len(app.dataframe[0].value)
    app.text_input(key="roadmap.search").set_value("ho tich").run()
    found = app.dataframe[0].value
    assert 0 < len(found) < every
    app.text_input(key="roadmap.search").set_value("không có mục này").run()
    assert t("app.roadmap.dates.none") in [info.value for info in app.info]


def test_a_date_of_another_plan_does_not_stop_this_one(on_sample: Path) -> None:
    with Store(on_sample) as store:
        project = opened(store)
        procedure = str(project.portfolio.procedures.index[0])
        ministry = project.portfolio.procedures.at[procedure, "ministry"]
        plan = ps.Plan([ps.ShortenLimit(procedure, percent=50, rank="thong_tu")])
        project = project.act(PutPlan("Riêng", plan), who="Lan", at=AT)
        key = f"thong_tu@{ministry}"
        project.act(SetDates({key: dt.date(2027, 1, 4)}), who="Lan", at=AT)
    assert not open_page("roadmap", plan=LAW).error
    app = open_tab(open_page("roadmap", plan="Riêng"), "roadmap", "effects")
    assert "04/01/2027" in list(table(app, t("app.roadmap.effective_on")).iloc[:, 0])


def test_what_lapses_is_listed_with_its_reason(on_sample: Path) -> None:
    with Store(on_sample) as store:
        lost = road_of(opened(store)).reforms
    lost = lost[lost["until"].notna()]
    app = open_tab(open_page("roadmap"), "roadmap", "effects")
    shown = table(app, t("app.roadmap.change"))
    assert len(shown) == len(lost)
    assert list(shown[t("app.roadmap.why")]) == list(lost["reason_vi"])
    counted = table(app, t("app.roadmap.effective_on"))
    assert counted[t("app.roadmap.reforms")].sum() == 47


def test_readiness_is_stated_dated_and_counts(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("roadmap")
    key = f"roadmap.ready.2.{today()}.vi"
    with Store(on_sample) as store:
        bases = [
            k for k, item in road_of(opened(store)).catalogue.items() if item.kind == "database"
        ]
    cells = {(base, criterion): "100%" for base in bases for criterion in CRITERIA}
    typed(monkeypatch, key, cells)
    open_tab(app, "roadmap", "ready")
    with Store(on_sample) as store:
        rows = opened(store).readiness
    assert len(rows) == len(bases) * len(CRITERIA)
    assert set(rows["date"]) == {today().isoformat()}
    assert set(rows["mark"]) == {"nhập"}
    assert (rows["value"] == 1.0).all()
    shown = table(app, t("app.roadmap.expected"))
    portfolio = ps.tag(ps.mark(ps.load_sample()))
    after = ps.measure(ps.apply(portfolio, ps.resolution_66_7(portfolio)))
    default = format_number(after["documents_expected"].sum(), 1)
    assert shown[t("app.roadmap.expected.default")].iloc[0] == default
    assert shown[t("app.roadmap.expected.ready")].iloc[0] != default


def test_readiness_replaces_only_its_own_day() -> None:
    columns = ["database", "criterion", "value", "date", "source", "mark", "note"]
    own = pd.DataFrame(
        [
            ["csdl_gplx", "clean", 0.5, "2026-01-31", "A", "nhập", ""],
            ["csdl_gplx", "clean", 0.6, "2026-02-28", "A", "nhập", ""],
            ["csdl_gplx", "live", np.nan, "2026-02-28", "A", "nhập", ""],
        ],
        columns=columns,
    )
    day = dt.date(2026, 2, 28)
    action = roadmap_parts.readiness_action(own, [Edit("csdl_gplx", "clean", 0.75)], day, "B")
    made = action.rows.set_index(["criterion", "date"])["value"].to_dict()
    assert made == {
        ("clean", "2026-01-31"): "0.5",
        ("live", "2026-02-28"): "",
        ("clean", "2026-02-28"): "0.75",
    }
    emptied = roadmap_parts.readiness_action(own, [Edit("csdl_gplx", "clean", None)], day, "B")
    assert list(emptied.rows["criterion"]) == ["live"]


def test_an_empty_project_and_an_empty_plan_say_what_to_do(on_empty: Path) -> None:
    app = open_page("roadmap")
    assert t("app.roadmap.empty") in [info.value for info in app.info]
    assert not app.metric


def test_the_roadmap_in_english(on_sample: Path) -> None:
    app = finish(open_page("roadmap", lang="en"))
    assert app.title[0].value == t("app.roadmap.title", "en")
    for name in ("dates", "effects", "ready"):
        open_tab(app, "roadmap", name, "en")
        assert t("app.roadmap.figure.lapsing", "en") in labels(app)
