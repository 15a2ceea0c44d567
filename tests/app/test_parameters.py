"""Tham số: values saved as meant, with their sources; versions, log and files of the project."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

import procsim as ps
from procsim.app.parameters import parts as parameters_parts
from procsim.app.shell import saving
from procsim.language.i18n import t
from procsim.store import Action, Cell, EditCells, Note, Project, SetParameters, Store
from tests.app.conftest import AT
from tests.app.pages import open_page
from tests.app.tables import finish, labels, open_tab, picked, table, typed

MONEY = "parameters.values.money.2.vi"


def opened(store: Store) -> Project:
    """Return the one project of a store."""
    return store.open(str(store.projects().index[0]))


def act(path: Path, action: Action) -> Project:
    """Do an action as another session would."""
    with Store(path) as store:
        return opened(store).act(action, who="Minh", at=AT)


def test_every_parameter_stands_in_one_group_with_its_source(on_sample: Path) -> None:
    with Store(on_sample) as store:
        project = opened(store)
    groups = [parameters_parts.values(project, group) for group in parameters_parts.GROUPS]
    every = pd.concat(groups)
    assert sorted(every.index) == sorted(ps.parameters())
    assert (every["source"] != "").all()
    assert set(every["mark"]) <= {"luật", "công bố", "nhập", "giả định"}


def test_a_pasted_value_is_saved_as_meant(on_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {("gdp_per_head_vnd", "own"): "130.000.000", ("price_copy_vnd", "own"): "1.500 đồng"}
    typed(monkeypatch, MONEY, cells)
    app = open_page("parameters")
    assert not app.exception
    with Store(on_sample) as store:
        project = opened(store)
    own = {"gdp_per_head_vnd": 130_000_000.0, "price_copy_vnd": 1500.0}
    assert project.state.parameters == own
    assert project.parameters()["hourly_income_vnd"] == pytest.approx(130e6 / 2112)
    shown = table(app, "parameters.values.money.3.vi")
    assert shown.loc["gdp_per_head_vnd", "own"] == "130.000.000"
    assert shown.loc["gdp_per_head_vnd", "mark"] == "nhập"


def test_a_doubtful_value_saves_nothing(on_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {("hours_form", "own"): "1.234", ("hours_submit_post", "own"): "0,4"}
    typed(monkeypatch, "parameters.values.hours.2.vi", cells)
    app = open_page("parameters")
    app.button_group(key="parameters.group").set_value("hours").run()
    assert not app.exception
    (refused,) = (error.value.replace("\\", "") for error in app.error)
    assert ps.parameters().name("hours_form").vi in refused
    assert "1.234" in refused
    with Store(on_sample) as store:
        assert not opened(store).state.parameters


def test_shares_are_saved_once_they_add_up(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "parameters.values.share.2.vi"
    app = open_page("parameters")
    with monkeypatch.context() as patch:
        typed(patch, key, {("share_online", "own"): "50%"})
        app.button_group(key="parameters.group").set_value("share").run()
        assert len(app.error) == 1
    with Store(on_sample) as store:
        assert not opened(store).state.parameters
    typed(monkeypatch, key, {("share_online", "own"): "50%", ("share_counter", "own"): "45%"})
    app.run()
    with Store(on_sample) as store:
        assert opened(store).state.parameters == {"share_online": 0.5, "share_counter": 0.45}


def test_all_values_return_to_those_shipped(on_sample: Path) -> None:
    act(on_sample, SetParameters({"price_copy_vnd": 1.0, "hours_form": 2.0}))
    app = open_page("parameters")
    app.button(key="parameters.reset").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        assert not opened(store).state.parameters
    assert app.button(key="parameters.reset").disabled


def test_a_value_typed_while_others_saved_is_asked_about_once(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("parameters")
    act(on_sample, Note("x", "y"))
    typed(monkeypatch, "parameters.values.money.3.vi", {("price_copy_vnd", "own"): "1500"})
    app.run()
    app.run()
    assert not app.exception
    keys = [button.key for button in app.button]
    assert "conflict.overwrite" in keys
    app.button(key="conflict.overwrite").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        project = opened(store)
    assert project.state.parameters == {"price_copy_vnd": 1500.0}
    assert project.notes == {"x": "y"}


def test_targets_and_days_off_name_their_sources(on_sample: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "targets")
    shown = table(app, t("app.parameters.legal_basis"))
    assert len(shown) == len(ps.targets())
    app.text_input(key="parameters.targets.search").set_value("chi phi").run()
    found = table(app, t("app.parameters.legal_basis"))
    assert 0 < len(found) < len(shown)
    open_tab(app, "parameters", "days")
    app.button_group(key="parameters.year").set_value(2026).run()
    days = table(app, t("app.parameters.weekday"))
    assert "16/02/2026" in list(days[t("app.parameters.day")])
    assert (days[t("app.parameters.source")] != "").all()


def test_a_version_is_named_and_returned_to(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(on_sample, SetParameters({"price_copy_vnd": 1.0}))
    app = open_tab(open_page("parameters"), "parameters", "versions")
    app.text_input(key="parameters.name_it").set_value("Trình lần 1")
    app.button(key="parameters.name_it.do").click().run()
    assert not app.exception
    picked(monkeypatch, "parameters.versions", 1)
    app.run()
    app.button(key="parameters.restore").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        project = opened(store)
    assert project.version == 4
    assert not project.state.parameters
    assert project.versions().loc[3, "names"] == "Trình lần 1"


def test_a_name_that_is_taken_is_refused_in_words(on_sample: Path) -> None:
    with Store(on_sample) as store:
        opened(store).at_version(1).tag_version("Lần 1", who="Lan", at=AT)
    app = open_tab(open_page("parameters"), "parameters", "versions")
    app.text_input(key="parameters.name_it").set_value("Lần 1")
    app.button(key="parameters.name_it.do").click().run()
    assert not app.exception
    assert len(app.error) == 1
    app.button(key="parameters.name_it.do").click().run()
    assert not app.exception


def test_two_versions_are_compared(on_sample: Path) -> None:
    with Store(on_sample) as store:
        portfolio = opened(store).portfolio
    procedure = str(portfolio.procedures.index[0])
    act(on_sample, EditCells([Cell("procedures", procedure, "name", "Tên mới")]))
    act(on_sample, SetParameters({"price_copy_vnd": 1.0}))
    app = open_tab(open_page("parameters"), "parameters", "versions")
    app.selectbox(key="parameters.compare.4").set_value(1).run()
    assert not app.exception
    rest = table(app, t("app.parameters.kind"))
    assert list(rest[t("app.parameters.kind")]) == [
        t("app.parameters.kind.plan"),
        t("app.parameters.kind.parameter"),
    ]
    changes = table(app, t("app.parameters.area"))
    assert list(changes[t("app.parameters.to")]) == ["Tên mới"]
    assert list(rest[t("app.parameters.from")]) == ["–", "2.000"]


def test_the_log_says_who_when_from_what_to_what(on_sample: Path) -> None:
    act(on_sample, SetParameters({"price_copy_vnd": 1234.0}))
    app = open_tab(open_page("parameters"), "parameters", "log")
    row = table(app, t("app.parameters.who")).iloc[0]
    assert row[t("app.parameters.who")] == "Minh"
    assert row[t("app.parameters.at")] == "02/03/2026 09:00:00"
    assert row[t("app.parameters.from")] == "2.000"
    assert row[t("app.parameters.to")] == "1.234"
    app.text_input(key="parameters.log.search").set_value("minh 1.234").run()
    assert len(table(app, t("app.parameters.who"))) == 1
    app.text_input(key="parameters.log.search").set_value("không có ai").run()
    assert t("app.parameters.log.none") in [info.value for info in app.info]


def test_a_project_goes_out_and_comes_back_with_its_hash(on_sample: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "files")
    app.button(key="parameters.export.do").click().run()
    finish(app)
    vouched = app.code[0].value
    with Store(on_sample) as store:
        project = str(store.projects().index[0])
        path = on_sample.parent / "du-an.procsim"
        assert store.export(project, path) == vouched
    upload = ("du-an.procsim", path.read_bytes(), "application/octet-stream")
    app.get("file_uploader")[0].set_value(upload).run()
    app.text_input(key="parameters.import.hash").set_value(vouched).run()
    app.button(key="parameters.import.do").click().run()
    finish(app)
    app.button(key="parameters.import.open").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        (taken_in,) = store.projects().index.drop(project)
    assert app.query_params["project"] in (taken_in, [taken_in])


def test_a_broken_project_file_is_refused_in_words(on_sample: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "files")
    upload = ("du-an.procsim", b"not a project", "application/octet-stream")
    app.get("file_uploader")[0].set_value(upload).run()
    app.button(key="parameters.import.do").click().run()
    finish(app)
    assert len(app.error) == 1
    with Store(on_sample) as store:
        assert len(store.projects()) == 1


def test_a_new_sample_project_is_opened(on_sample: Path) -> None:
    app = open_tab(open_page("parameters"), "parameters", "files")
    app.text_input(key="parameters.new.name").set_value("Tập huấn")
    app.button(key="parameters.new.do").click().run()
    assert not app.exception
    with Store(on_sample) as store:
        known = store.projects()
        assert sorted(known["name"]) == ["Danh mục mẫu", "Tập huấn"]
        made = store.open(str(known.index[known["name"] == "Tập huấn"][0]))
        assert len(made.portfolio) == len(ps.load_sample())


def test_csv_opens_in_the_excel_of_the_language_and_holds_no_formula() -> None:
    frame = pd.DataFrame({"a": ["=1+1", "Hà Nội; Huế"], "b": [1.5, 2.0]})
    vi = saving.csv_bytes(frame, "vi").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(vi), delimiter=";"))
    assert rows == [["a", "b"], ["'=1+1", "1,5"], ["Hà Nội; Huế", "2,0"]]
    en = saving.csv_bytes(frame, "en").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(en)))[1] == ["'=1+1", "1.5"]


def test_parameters_of_an_empty_project_in_english(on_empty: Path) -> None:
    app = open_page("parameters", lang="en")
    for name in ("targets", "days", "versions", "log", "files"):
        open_tab(app, "parameters", name, "en")
        assert app.title[0].value == t("app.parameters.title", "en")
    assert t("app.parameters.export", "en") in labels(app)
