"""Projects: every action saved, history, conflicts, names, audit log."""

from __future__ import annotations

import datetime as dt
import math
import pickle
from dataclasses import replace

import pandas as pd
import pytest

from procsim.errors import InvalidValue, Text, UnknownName
from procsim.marking import Decision
from procsim.reference.calendar import Holiday
from procsim.reference.readiness import READINESS_COLUMNS
from procsim.reforms import DropRequirement, Plan, ShortenLimit
from procsim.store import (
    Cell,
    Conflict,
    Decide,
    EditCells,
    Note,
    Project,
    PutPlan,
    RemovePlan,
    RenamePlan,
    SetDates,
    SetDaysOff,
    SetParameters,
    SetPortfolio,
    SetReadiness,
    Store,
)
from tests.store.building import HOUR, NINE, small

LAN = {"who": "Lan", "at": NINE}
MINH = {"who": "Minh", "at": NINE + HOUR}
MONDAY = Holiday(
    dt.date(2026, 3, 9), False, Text("Nghỉ hoán đổi", "Day off"), "công bố", "Công văn 1"
)
PLAN = Plan(
    [
        DropRequirement("1.000001/c1/r1", reason="Đã có", due=dt.date(2026, 9, 1)),
        ShortenLimit("1.000001", days=5),
    ],
    name="Đợt 1",
    note="Ghi\nchú",
)


@pytest.fixture
def project(store: Store) -> Project:
    return store.create("Rà soát 2026", small(), **LAN)


def rename(name: str, row: str = "1.000001") -> EditCells:
    return EditCells([Cell("procedures", row, "name", name)])


def name_of(project: Project, row: str = "1.000001") -> str:
    return project.portfolio.procedures.at[row, "name"]


def test_a_project_reopens_as_it_was(store, project, place):
    assert store.open(project.id).portfolio.equals(small())
    with Store(place) as again:
        reopened = again.open(project.id)
        assert reopened.portfolio.equals(small())
        assert (reopened.name, reopened.version, reopened.who) == ("Rà soát 2026", 1, "Lan")
        assert reopened.digest == project.digest
        assert reopened.at == NINE
        assert list(again.projects().index) == [project.id]
        assert not reopened.can_undo
        assert not reopened.can_redo


def test_every_kind_of_action_survives_reopening(store, project):
    readiness = pd.DataFrame(
        [["csdl_gplx", "clean", "0,8", "2026-01-31", "Báo cáo", "nhập", ""]],
        columns=READINESS_COLUMNS,
    )
    decision = Decision(
        kind="note", decided_by="Lan", decided_on=NINE.date(), reason="x", requirement=ROW
    )
    for action in (
        EditCells(
            [Cell("channels", "1.000002/k1", "limit_value", "3"), Cell(*NAME, "Cấp lại thẻ")]
        ),
        PutPlan("Đợt 1", PLAN),
        PutPlan("Nháp", Plan()),
        SetParameters({"hours_form": 0.25}),
        SetDates({"csdl_gplx": dt.date(2027, 1, 1), "decree@Bộ A": dt.date(2027, 3, 1)}),
        SetDaysOff({MONDAY.day: MONDAY}),
        SetReadiness(readiness),
        Note("1.000001", "Hỏi Sở;\n“=1+1” \x00"),
        Decide([decision]),
    ):
        project = project.act(action, **LAN)
    again = store.open(project.id)
    assert again.digest == project.digest
    assert again.portfolio.equals(project.portfolio)
    assert again.portfolio.channels.at["1.000002/k1", "limit_value"] == 3.0
    assert math.isnan(small().channels.at["1.000002/k1", "limit_value"])
    assert again.portfolio.decisions["requirement"].tolist() == [ROW]
    assert again.portfolio.faults == project.portfolio.faults
    assert again.plans == {"Đợt 1": PLAN, "Nháp": Plan()}
    assert again.parameters()["hours_form"] == 0.25
    assert again.parameters().mark("hours_form") == "nhập"
    assert again.dates["csdl_gplx"] == dt.date(2027, 1, 1)
    assert again.state.days == {MONDAY.day: MONDAY}
    assert again.calendar().add_working_days(dt.date(2026, 3, 6), 1) == dt.date(2026, 3, 10)
    assert again.readiness["value"].tolist() == [0.8]
    assert again.notes == {"1.000001": "Hỏi Sở;\n“=1+1” \x00"}
    assert again.version == 10


def test_days_off_say_from_what_to_what_and_have_a_digest(project):
    before = project.digest_of("days"), project.digest_of("portfolio", "parameters")
    project = project.act(SetDaysOff({MONDAY.day: MONDAY}), **LAN)
    assert project.digest_of("days") != before[0]
    assert project.digest_of("portfolio", "parameters") == before[1]
    told = project.log()["vi"].iloc[-1]
    assert told == (
        "Lan – Đặt ngày nghỉ, ngày làm bù: Ngày 09/03/2026: "
        "thêm “nghỉ: Nghỉ hoán đổi (công bố; Công văn 1)”."
    )
    new_year = dt.date(2026, 1, 1)
    worked = Holiday(new_year, True, Text("Trực", "On duty"), "nhập", "")
    project = project.act(SetDaysOff({new_year: worked}), **LAN)
    assert "bỏ “nghỉ: Tết Dương lịch" in project.log()["vi"].iloc[-1]
    assert project.undo(**LAN).state.days == {MONDAY.day: MONDAY}


ROW = "1.000001/c1/r1"
NAME = ("procedures", "1.000001", "name")


def test_plans_dates_parameters_and_notes_are_taken_out_again(project):
    project = project.act(PutPlan("A", PLAN), **LAN)
    project = project.act(RenamePlan("A", "B"), **LAN)
    assert list(project.plans) == ["B"]
    project = project.act(RemovePlan("B"), **LAN)
    project = project.act(SetParameters({"hours_form": 0.25}), **LAN)
    project = project.act(SetParameters({"hours_form": None}), **LAN)
    project = project.act(SetDates({"csdl_gplx": dt.date(2027, 1, 1)}), **LAN)
    project = project.act(SetDates({"csdl_gplx": None}), **LAN)
    project = project.act(SetDaysOff({MONDAY.day: MONDAY}), **LAN)
    project = project.act(SetDaysOff({MONDAY.day: None}), **LAN)
    project = project.act(Note("dự án", "x"), **LAN)
    project = project.act(Note("dự án", ""), **LAN)
    assert project.digest == project.at_version(1).digest


def test_undo_and_redo_walk_through_the_actions(store, project):
    for text in ("A", "B", "C"):
        project = project.act(rename(text), **LAN)
    project = project.undo(**LAN)
    project = project.undo(**LAN)
    assert name_of(project) == "A"
    assert project.version == 6
    project = store.open(project.id)
    project = project.redo(**LAN)
    assert name_of(project) == "B"
    project = project.redo(**LAN)
    assert name_of(project) == "C"
    assert not project.can_redo
    with pytest.raises(InvalidValue, match="làm lại"):
        project.redo(**LAN)
    for _ in range(3):
        project = project.undo(**LAN)
    assert name_of(project) == "Cấp thẻ"
    assert not project.can_undo
    with pytest.raises(InvalidValue, match="hoàn tác"):
        project.undo(**LAN)


def test_an_action_after_undo_starts_a_branch_and_keeps_the_old_one(project):
    project = project.act(rename("A"), **LAN).act(rename("B"), **LAN)
    project = project.undo(**LAN)
    project = project.act(rename("D"), **LAN)
    assert not project.can_redo
    assert name_of(project.undo(**LAN)) == "A"
    project = project.refresh().restore(3, **LAN)
    assert name_of(project) == "B"
    assert name_of(project.undo(**LAN)) == "A"


def test_restore_is_an_action_that_can_be_undone(project):
    project = project.act(rename("A"), **LAN)
    project = project.restore(1, **MINH)
    assert (name_of(project), project.version, project.who) == ("Cấp thẻ", 3, "Minh")
    assert project.restore(1, **MINH) is project
    assert name_of(project.undo(**LAN)) == "A"


def test_an_action_that_changes_nothing_makes_no_version(project):
    assert project.act(rename("Cấp thẻ"), **LAN) is project
    assert project.act(SetPortfolio(small()), **LAN) is project


def test_a_stale_action_that_would_change_nothing_is_a_conflict_too(store, project):
    store.open(project.id).act(rename("Của Minh"), **MINH)
    with pytest.raises(Conflict):
        project.act(rename("Cấp thẻ"), **LAN)
    with pytest.raises(Conflict):
        project.restore(1, **LAN)
    assert name_of(project.act(rename("Cấp thẻ"), **LAN, overwrite=True)) == "Cấp thẻ"


def test_a_stale_action_is_a_conflict_that_says_who_did_what(store, project):
    mine, theirs = store.open(project.id), store.open(project.id)
    theirs.act(rename("Của Minh"), **MINH)
    with pytest.raises(Conflict) as stop:
        mine.act(rename("Của Lan"), **LAN)
    conflict = pickle.loads(pickle.dumps(stop.value))
    assert (conflict.expected, conflict.found) == (1, 2)
    assert "Minh" in conflict.in_language("vi")
    assert "Minh changed the project after version 1" in conflict.in_language("en")
    assert [text.vi for text in conflict.meanwhile] == [
        "Minh – Sửa ô: Thủ tục › 1.000001 › Tên thủ tục hành chính: từ “Cấp thẻ” thành “Của Minh”."
    ]
    assert list(conflict.choices) == ["reload", "keep", "overwrite"]
    assert name_of(store.open(project.id)) == "Của Minh"


def test_conflict_reload(store, project):
    store.open(project.id).act(rename("Của Minh"), **MINH)
    assert name_of(project.refresh().act(rename("Của Lan"), **LAN)) == "Của Lan"


def test_conflict_overwrite_replaces_only_what_the_action_touches(store, project):
    other = rename("Của Minh", "1.000002")
    store.open(project.id).act(rename("Của Minh"), **MINH).act(other, **MINH)
    now = project.act(rename("Của Lan"), **LAN, overwrite=True)
    assert (name_of(now), name_of(now, "1.000002")) == ("Của Lan", "Của Minh")
    assert now.version == 4
    assert now.log()["before"].iloc[-1] == "Của Minh"


def test_conflict_keep_loses_nobodys_work(store, project):
    store.open(project.id).act(rename("Của Minh"), **MINH)
    kept = project.keep_as("Bản của Lan", rename("Của Lan"), **LAN)
    assert project.keep_as("Bản của Lan", rename("Của Lan"), **LAN).version == kept.version
    with pytest.raises(InvalidValue, match="đã dùng"):
        project.keep_as("Bản của Lan", rename("Khác"), **LAN)
    now = store.open(project.id)
    assert (now.version, name_of(now)) == (2, "Của Minh")
    assert name_of(now.at_version("Bản của Lan")) == "Của Lan"
    frame = now.versions()
    assert frame.loc[3, ["names", "beside", "current"]].tolist() == ["Bản của Lan", True, False]
    now = now.act(rename("Tiếp"), **MINH)
    assert now.version == 4
    assert name_of(now.restore("Bản của Lan", **MINH)) == "Của Lan"


def test_a_double_click_counts_once(project):
    first = project.act(rename("A"), **LAN)
    second = project.act(rename("A"), who="Lan", at=NINE + HOUR)
    assert (second.version, second.at) == (first.version, first.at)
    undone = first.undo(**LAN)
    assert first.undo(**LAN).version == undone.version
    with pytest.raises(Conflict):
        project.act(rename("A"), **MINH)


def test_the_version_that_was_seen_may_be_stated(store, project):
    newest = project.act(rename("A"), **LAN).act(rename("B"), **LAN)
    with pytest.raises(Conflict):
        newest.act(rename("C"), **MINH, expected_version=1)
    with pytest.raises(Conflict):
        newest.undo(**MINH, expected_version=2)
    assert newest.act(rename("C"), **MINH, expected_version=3).version == 4


def test_refresh_reads_only_what_changed(store, project):
    assert project.refresh() is project
    store.open(project.id).act(rename("A"), **MINH)
    fresh = project.refresh()
    assert fresh.version == 2
    assert fresh.portfolio.requirements is project.portfolio.requirements
    assert fresh.portfolio.procedures is not project.portfolio.procedures


def test_versions_have_names_and_compare(project):
    project.tag_version("Trình lần 1", **LAN)
    project.tag_version("Trình lần 1", **MINH)
    later = project.act(rename("Cấp thẻ điện tử"), **LAN)
    with pytest.raises(InvalidValue, match="đã dùng cho phiên bản 1"):
        later.tag_version("Trình lần 1", **LAN)
    old = later.at_version("Trình lần 1")
    assert old.digest == project.digest
    assert later.versions()["names"].tolist() == ["Trình lần 1", ""]
    changed = old.diff(later).frame
    assert changed[["item", "before", "after"]].values.tolist() == [
        ["procedures.name", "Cấp thẻ", "Cấp thẻ điện tử"]
    ]


def test_the_log_tells_who_changed_what_from_what_to_what(project):
    project = project.act(SetParameters({"hours_form": 0.25}), **MINH)
    project = project.act(PutPlan("A", PLAN), **LAN)
    project = project.act(PutPlan("A", Plan(PLAN.reforms[:1])), **LAN)
    project = project.undo(**MINH)
    log = project.log()
    assert log["version"].tolist()[-4:] == [2, 3, 4, 5]
    row = log[log["version"] == 2].iloc[0]
    assert (row["who"], row["kind"], row["after"]) == ("Minh", "set_parameters", "0.25")
    assert row["item"] == "parameter › hours_form"
    assert row["at"] == NINE + HOUR
    assert row["vi"].endswith("từ “0,0833” thành “0,25”.")
    assert row["en"].endswith("from “0.0833” to “0.25”.")
    assert log["after"].tolist()[-2:] == ["1 (+0 −1)", "2"]
    assert log["vi"].iloc[-1].startswith("Minh – Hoàn tác: Phương án A")


def test_the_log_of_a_new_portfolio_counts_rows(project):
    portfolio = small()
    renamed = portfolio.procedures.assign(name=["Khác", "Cấp giấy phép"])
    fewer = portfolio.requirements.iloc[:1]
    project = project.act(
        SetPortfolio(portfolio.replace(procedures=renamed, requirements=fewer, source="mới")), **LAN
    )
    log = project.log()
    assert log.loc[log["version"] == 2, ["item", "before", "after"]].values.tolist() == [
        ["source", "thử", "mới"],
        ["altered › procedures", "", "1"],
        ["rows › requirements", "2", "1"],
    ]


def test_all_wrong_cells_are_told_at_once_and_nothing_is_saved(store, project):
    cells = [
        Cell("channels", "1.000001/k1", "limit_value", "bảy"),
        Cell("channels", "nowhere", "limit_value", "7"),
        Cell("channels", "1.000001/k1", "limit", "7"),
        Cell("channels", "1.000001/k1", "id", "x"),
        Cell("procedures", "1.000001", "name", ""),
        Cell("procedures", "1.000001", "audience", "mọi người"),
    ]
    with pytest.raises(InvalidValue) as stop:
        project.act(EditCells(cells), **LAN)
    codes = sorted(fault.code for fault in stop.value.faults)
    assert codes == [
        "model.category",
        "model.number",
        "model.required",
        "store.no_column",
        "store.no_column",
        "store.no_row",
    ]
    assert store.head(project.id) == 1


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (SetParameters({"share_online": 0.9}), "share"),
        (SetParameters({"hours_form": math.inf}), "hours_form"),
        (SetParameters({"không_có": 1.0}), "không_có"),
        (SetDates({"csdl_gplx": "mai"}), "phải là một ngày"),
        (SetDaysOff({dt.date(2026, 3, 10): MONDAY}), "phải là một ngày"),
        (SetDaysOff({MONDAY.day: replace(MONDAY, name=Text("", ""))}), "phải có tên"),
        (SetDaysOff({MONDAY.day: replace(MONDAY, mark="đoán")}), "Loại nguồn"),
        (SetDaysOff({MONDAY.day: replace(MONDAY, source=" ")}), "phải ghi rõ văn bản"),
        (RemovePlan("không có"), "không có phương án"),
        (RenamePlan("không có", "A"), "không có phương án"),
        (PutPlan(" ", PLAN), "Tên phải có"),
        (PutPlan("a" * 201, PLAN), "Tên phải có"),
        (Note("\ud800", "x"), "Tên phải có"),
    ],
)
def test_wrong_actions_are_refused(project, action, words):
    with pytest.raises((InvalidValue, UnknownName), match=words):
        project.act(action, **LAN)


def test_a_plan_is_not_renamed_over_another(project):
    project = project.act(PutPlan("A", PLAN), **LAN).act(PutPlan("B", Plan()), **LAN)
    with pytest.raises(InvalidValue, match="Đã có phương án"):
        project.act(RenamePlan("A", "B"), **LAN)


def test_names_and_moments_are_checked(store, project):
    with pytest.raises(InvalidValue, match="múi giờ"):
        project.act(rename("A"), who="Lan", at=NINE.replace(tzinfo=None))
    with pytest.raises(InvalidValue, match="Tên phải có"):
        project.act(rename("A"), who="", at=NINE)
    with pytest.raises(InvalidValue, match="Tên phải có"):
        store.create("", small(), **LAN)
    assert store.head(project.id) == 1


def test_the_log_does_not_depend_on_clock_or_time_zone(project):
    earlier = NINE.astimezone(dt.UTC) - 5 * HOUR
    project = project.act(rename("A"), who="Lan", at=earlier)
    assert project.log()["version"].is_monotonic_increasing
    assert project.at == earlier


def test_unknown_projects_and_versions_are_told(store, project):
    with pytest.raises(UnknownName, match="Không có dự án"):
        store.open("x")
    with pytest.raises(UnknownName, match="phiên bản cuối là 1"):
        project.at_version(7)
    with pytest.raises(UnknownName, match="không có phiên bản"):
        project.at_version("chưa đặt")


def test_unchanged_content_is_kept_once(store, project):
    before = len(store._database.check()), count(store)
    for number in range(10):
        project = project.act(rename(f"Tên {number}"), **LAN)
    # One chunk, one table and one state for each edit; the rest is shared.
    assert count(store) == before[1] + 30
    store.create("Bản thứ hai", small(), **LAN)
    assert count(store) == before[1] + 30
    assert store.check() == ()


def count(store: Store) -> int:
    with store._database.read() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM procsim_blobs").scalar()
