"""The frame of every page: saved at once, undone, linked, never overwritten unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from procsim.app.shell.frame import PAGES
from procsim.language.i18n import TEXTS, t
from procsim.store import Store
from tests.app.pages import ROOMS, open_page

NAMES = [name for pages in PAGES.values() for name, _, _ in pages]


def plans(path: Path) -> dict[str, int]:
    """Return what the store holds: plan → number of reforms."""
    with Store(path) as store:
        project = store.open(str(store.projects().index[0]))
        return {name: len(plan) for name, plan in project.plans.items()}


def create(app: AppTest, name: str) -> None:
    """Create a plan on the page Kịch bản."""
    app.text_input(key="scenarios.fresh").set_value(name).run()
    app.button(key="scenarios.create").click().run()
    assert not app.exception


def test_every_page_stands_in_the_menu() -> None:
    assert {path.parent.name for path in ROOMS.glob("*/page.py")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_opens_on_the_sample(name: str, language: str, on_sample: Path) -> None:
    app = open_page(name, lang=language)
    assert app.title[0].value == t(f"app.{name}.title", language)
    assert not app.error


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_on_an_empty_project(name: str, on_empty: Path) -> None:
    app = open_page(name)
    assert app.title[0].value == t(f"app.{name}.title")
    assert not app.error


def test_a_first_visit_makes_the_sample_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCSIM_STORE", str(tmp_path / "new.db"))
    app = open_page("overview")
    assert not app.error
    assert list(plans(tmp_path / "new.db")) == [t("app.plan.66_7")]


def test_each_action_is_on_disk_and_can_be_undone(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.text_input(key="who").set_value("Nguyễn Thị Lan").run()
    create(app, "Đợt 1")
    assert plans(on_sample)["Đợt 1"] == 0
    with Store(on_sample) as store:
        log = store.log(str(store.projects().index[0]))
    assert log["who"].iloc[-1] == "Nguyễn Thị Lan"
    app.button(key="undo").click().run()
    assert "Đợt 1" not in plans(on_sample)
    app.button(key="redo").click().run()
    assert "Đợt 1" in plans(on_sample)


def test_a_link_opens_the_same_view_again(on_sample: Path) -> None:
    app = open_page("scenarios")
    create(app, "Đợt 1")
    address = {name: app.query_params[name] for name in ("project", "plan")}
    again = open_page(
        "scenarios", **{k: v[0] if isinstance(v, list) else v for k, v in address.items()}
    )
    assert again.selectbox(key="scenarios.plan").value == "Đợt 1"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("reload", {"Của Lan"}), ("overwrite", {"Của Lan", "Của Bình"}), ("keep", {"Của Lan"})],
)
def test_the_officer_chooses_what_becomes_of_a_conflict(
    choice: str, expected: set[str], on_sample: Path
) -> None:
    one, other = open_page("scenarios"), open_page("scenarios")
    other.text_input(key="scenarios.fresh").set_value("Của Bình").run()
    create(one, "Của Lan")
    other.button(key="scenarios.create").click().run()
    assert other.error, "the conflict is said"
    other.button(key=f"conflict.{choice}").click().run()
    assert not other.exception
    assert not other.error
    assert set(plans(on_sample)) - {t("app.plan.66_7")} == expected
    with Store(on_sample) as store:
        names = store.versions(str(store.projects().index[0]))["names"]
    assert any(names) == (choice == "keep")


def test_a_store_that_cannot_be_written_loses_nothing(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from procsim.store import project as project_room
    from procsim.store.troubles import StoreError, store_fault

    app = open_page("scenarios")
    real = project_room.Project.act

    def full(self: object, *args: object, **kwargs: object) -> object:
        raise StoreError(store_fault("disk_full", "procsim.db"))

    monkeypatch.setattr(project_room.Project, "act", full)
    app.text_input(key="scenarios.fresh").set_value("Đợt 1").run()
    app.button(key="scenarios.create").click().run()
    assert app.error
    monkeypatch.setattr(project_room.Project, "act", real)
    app.button(key="retry").click().run()
    assert not app.error
    assert "Đợt 1" in plans(on_sample)


def test_an_unknown_project_is_explained(on_sample: Path) -> None:
    app = open_page("overview", project="0123456789abcdef")
    assert app.error
    app.button(key="first").click().run()
    assert not app.error


def test_an_unexpected_fault_shows_no_trace(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from procsim.app.shell import workspace

    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(workspace, "plan_name", broken)
    app = open_page("scenarios")
    shown = " ".join(error.value for error in app.error)
    assert "secret" not in shown
    assert shown.startswith(TEXTS["app.error.unexpected"].vi[:20])


def test_names_with_markup_are_shown_as_they_are(on_sample: Path) -> None:
    app = open_page("scenarios")
    app.text_input(key="who").set_value("<b>*Lan*</b> [x](http://a)").run()
    create(app, "Đợt 1")
    saved = next(each.value for each in app.caption if "Đã lưu" in each.value)
    assert "\\*Lan\\*" in saved
    assert "&lt;b" in saved
