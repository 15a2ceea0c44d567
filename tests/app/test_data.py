"""Dữ liệu: uploads, snapshots, faults and proposals, entered figures, counts and downloads."""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.app.data import inputs as data_inputs
from procsim.app.data.faults import kinds, proposals
from procsim.app.data.upload import by_ministry
from procsim.app.shell import entry
from procsim.app.shell.jobs import Cancelled, Job, Report, jobs
from procsim.errors import UnreadableInput
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number
from procsim.marking import Decision, decide
from procsim.model import Portfolio
from procsim.readers import write_folder, write_workbook
from procsim.store import Cell, EditCells, Store
from procsim.workflows.intake import FOLDER, digest_of, intake
from procsim.workflows.snapshot import TakeSnapshot, carry_entries, carry_plan, snapshot
from tests.app.pages import open_page

DAY = pd.Timestamp("2026-03-02").date()


def quiet(fraction: float, words: object) -> None:
    """Take a report of progress and do nothing with it."""


@pytest.fixture(autouse=True)
def _no_old_jobs():
    yield
    jobs.clear()


@pytest.fixture(scope="module")
def sample() -> Portfolio:
    return ps.tag(ps.mark(ps.load_sample()))


@pytest.fixture(scope="module")
def workbook(sample, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("wb") / "a.xlsx"
    write_workbook(sample.select(list(sample.procedures.index[:5])), path)
    return path.read_bytes()


def tab(app: AppTest, name: str) -> AppTest:
    app.session_state["data.tab"] = t(f"app.data.tab.{name}", app.session_state["lang_of_test"])
    return app.run()


def page(part: str, lang: str = "vi") -> AppTest:
    app = open_page("data", lang=lang)
    app.session_state["lang_of_test"] = lang
    tab(app, part)
    assert not app.exception
    return app


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    sent = [(name, content, "application/octet-stream") for name, content in files]
    app.get("file_uploader")[0].set_value(sent)
    return settled(app)


def settled(app: AppTest) -> AppTest:
    """Run the page until no work is under way."""
    app.run()
    for _ in range(400):
        if not jobs().active():
            break
        time.sleep(0.05)
    app.run()
    assert not app.exception
    return app


def newest(path: Path) -> object:
    with Store(path) as store:
        found = store.projects()
        return store.open(str(found.sort_values("at").index[-1]))


def only(path: Path):
    with Store(path) as store:
        return store.open(str(store.projects().index[0]))


# Uploads


def test_an_upload_becomes_a_project_of_its_own(on_sample, workbook):
    app = drop(page("upload"), ("Danh mục/../bộ.xlsx", workbook))
    assert any("5 thủ tục" in found.value for found in app.success)
    name = next(field for field in app.text_input if field.label == t("app.data.name"))
    assert name.value == "bộ"
    name.set_value("Bộ của tôi").run()
    next(b for b in app.button if b.label == t("app.data.create")).click()
    settled(app)
    with Store(on_sample) as store:
        known = store.projects()
        assert set(known["name"]) == {"Danh mục mẫu", "Bộ của tôi"}
        made = store.open(str(known.index[known["name"] == "Bộ của tôi"][0]))
    assert len(made.portfolio) == 5
    assert list(made.plans) == [t("app.plan.66_7")]
    assert app.query_params["project"] == made.id


def test_the_work_is_found_again_after_a_refresh(on_sample, workbook):
    digest = digest_of([("a.xlsx", workbook)])
    app = drop(page("upload"), ("a.xlsx", workbook))
    assert app.query_params["tep"] == digest
    again = open_page("data", tep=digest)
    assert any("5 thủ tục" in found.value for found in again.success)


def test_a_broken_upload_names_every_fault_and_changes_nothing(on_sample):
    before = only(on_sample).digest
    app = drop(page("upload"), ("a.xlsx", b"PK\x03\x04 not a workbook"))
    assert t("app.data.refused", count=1) in [found.value for found in app.error]
    assert any("a.xlsx" in found.value.replace("\\", "") for found in app.markdown)
    assert only(on_sample).digest == before
    next(b for b in app.button if b.label == t("app.data.upload.again")).click().run()
    assert not app.exception
    assert not app.error


def test_faults_of_a_readable_upload_are_told_with_place_and_cure(on_sample):
    book = Workbook()
    sheet = book.active
    sheet.title = "Thủ tục"
    heads = ("Mã trong procsim", "Tên thủ tục hành chính", "Bộ quản lý (cơ quan ban hành)")
    sheet.append([*heads, "Số lần thực hiện/01 năm"])
    sheet.append(["1.000001", "A", "Bộ A", "bao nhiêu?"])
    stream = io.BytesIO()
    book.save(stream)
    made = intake([("a.xlsx", stream.getvalue())], Report(Job()))
    (fault,) = [fault for fault in made.faults if "D2" in fault.place]
    assert fault.value == "bao nhiêu?"
    assert "1.234,5" in fault.message.vi
    assert made.seen == (("Thủ tục", 2),)
    assert not made.records


def test_records_read_are_told_against_records_seen(on_sample):
    good = {"code": "1.000001", "name": "A", "departmentPromulgateName": "Bộ A"}
    lines = "\n".join(json.dumps(each) for each in (good, {"x": 1}))
    app = drop(page("upload"), ("a.jsonl", lines.encode()))
    expected = t("app.data.seen.records", seen=2, read=1, lost=1)
    assert expected in [found.value for found in app.caption]


def test_a_folder_of_csv_is_read_from_its_files_together(sample, tmp_path):
    part = sample.select(list(sample.procedures.index[:3]))
    write_folder(part, tmp_path)
    files = [(path.name, path.read_bytes()) for path in tmp_path.iterdir()]
    made = intake(files, Report(Job()))
    assert made.portfolio.source == FOLDER
    assert made.portfolio.procedures.equals(part.procedures)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([("a.xlsx", b"x"), ("b.csv", b"y")], "app.mixed_files"),
        ([("x/a.csv", b"x"), ("y/a.csv", b"y")], "app.same_name"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(files, code):
    with pytest.raises(UnreadableInput) as error:
        intake(files, Report(Job()))
    assert {fault.code for fault in error.value.faults} == {code}


def test_reading_stops_when_the_officer_wants_so(workbook):
    job = Job()
    job.stop.set()
    with pytest.raises(Cancelled):
        intake([("a.xlsx", workbook)], Report(job))


def test_other_ways_to_begin(on_empty):
    app = page("upload")
    labels = [each.label for each in app.get("download_button")]
    assert t("app.data.template") in labels
    next(b for b in app.button if b.label == t("app.load_sample")).click()
    settled(app)
    with Store(on_empty) as store:
        assert t("app.sample.name") in set(store.projects()["name"])
    assert any("60 thủ tục" in found.value for found in app.markdown)


def test_an_empty_project_can_be_begun(on_sample):
    app = page("upload")
    next(f for f in app.text_input if f.label == t("app.data.name")).set_value("Trống").run()
    next(b for b in app.button if b.label == t("app.data.create")).click()
    settled(app)
    with Store(on_sample) as store:
        assert "Trống" in set(store.projects()["name"])


@pytest.mark.parametrize("part", ["faults", "inputs"])
def test_a_project_without_procedures_says_what_to_do(on_empty, part):
    assert t("app.data.nothing_yet") in [found.value for found in page(part).info]


# A newer snapshot


def shifted(portfolio: Portfolio) -> Portfolio:
    """Return a snapshot in which a new paper stands at the top of one dossier."""
    rows = portfolio.requirements
    owner = rows["procedure"].iloc[0]
    case = rows["case"].iloc[0]
    mine = rows[(rows["procedure"] == owner) & (rows["case"] == case)]
    new_ids = {old: f"{case}/r{place + 2}" for place, old in enumerate(mine.index)}
    moved = rows.rename(index=new_ids)
    top = (
        mine.iloc[[0]]
        .assign(name="Giấy tờ hoàn toàn khác")
        .rename(index={mine.index[0]: f"{case}/r1"})
    )
    tables = dict(portfolio.tables)
    tables["requirements"] = pd.concat([top, moved])
    for name in ("marks", "decisions"):
        tables.pop(name)
    loose = {name: frame.reset_index() for name, frame in tables.items()}
    bases = loose["legal_bases"]
    loose["legal_bases"] = bases.assign(requirement=bases["requirement"].replace(new_ids))
    return ps.mark(Portfolio.from_tables(loose, source="mới"))


def test_plans_follow_their_papers_when_ids_move(sample):
    newer = shifted(sample)
    first = sample.requirements.index[0]
    plan = ps.Plan([ps.DropRequirement(requirement=first)], name="Bỏ")
    carried, lost = carry_plan(plan, sample, newer)
    target = carried.reforms[0].requirement
    assert not lost
    assert target != first
    name = sample.requirements.at[first, "name"]
    assert newer.requirements.at[target, "name"] == name


def test_reforms_without_a_row_are_named_and_left_out(sample):
    newer = sample.select(list(sample.procedures.index[1:]))
    gone = sample.procedures.index[0]
    kept = sample.procedures.index[1]
    plan = ps.Plan([ps.AbolishProcedure(procedure=gone), ps.AbolishProcedure(procedure=kept)])
    carried, lost = carry_plan(plan, sample, newer)
    assert [reform.procedure for reform in carried.reforms] == [kept]
    assert [reform.procedure for reform in lost] == [gone]
    assert ps.apply(newer, carried).procedures.at[kept, "status"] == "abolished"


def test_entered_figures_are_carried_where_the_new_file_states_none(sample):
    ids = sample.procedures.index[:2]
    entered = sample.replace(
        procedures=sample.procedures.assign(
            times_per_year=[3.0, 4.0, *[float("nan")] * (len(sample) - 2)],
            times_mark=["nhập", "nhập", *[""] * (len(sample) - 2)],
        )
    )
    blank = sample.procedures.assign(times_per_year=float("nan"), times_mark="")
    blank.loc[ids[1], ["times_per_year", "times_mark"]] = [9.0, "công bố"]
    newer = sample.replace(procedures=blank.astype(sample.procedures.dtypes.to_dict()))
    carried, kept, total = carry_entries(entered, newer)
    known = int((sample.procedures["subjects_mark"] == "nhập").sum())
    assert total >= 2 + known
    assert kept >= 1
    assert carried.procedures.loc[ids, "times_per_year"].tolist() == [3.0, 9.0]
    assert carried.procedures.loc[ids, "times_mark"].tolist() == ["nhập", "công bố"]


def test_a_snapshot_carries_decisions_and_the_laws_plan(sample):
    row = sample.requirements.index[0]
    made = Decision(
        kind="note", requirement=row, decided_by="Lan", decided_on=DAY, reason="Câu dẫn"
    )
    old = decide(sample, made)
    newer = shifted(sample)
    plans = {"66.7": ps.resolution_66_7(old)}
    law = ps.resolution_66_7(newer)
    found = snapshot(old, newer, plans, law, ps.parameters(), Report(Job()))
    assert found.decisions == (1, 1)
    standing = found.portfolio.decisions["requirement"].iloc[0]
    assert found.portfolio.requirements.at[standing, "kind"] == "note"
    assert found.plans["66.7"].reforms == law.reforms
    assert len(found.difference) == len(ps.diff(old, found.portfolio))
    assert not found.lost


def test_a_newer_snapshot_is_compared_before_it_is_accepted(on_sample, workbook):
    app = drop(page("upload"), ("a.xlsx", workbook))
    app.radio(key="data.way").set_value("newer")
    settled(app)
    words = t("cli.diff.summary", old=60, new=5, added=0, ended=55, changed=0, changes=55)
    assert words in [found.value for found in app.markdown]
    assert only(on_sample).portfolio.source == "sample"
    app.button(key="data.newer.accept").click().run()
    assert not app.exception
    project = only(on_sample)
    assert len(project.portfolio) == 5
    assert all(len(ps.apply(project.portfolio, plan)) == 5 for plan in project.plans.values())
    app.sidebar.button(key="undo").click().run()
    assert len(only(on_sample).portfolio) == 60


def test_taking_a_snapshot_says_what_changed(on_sample, sample):
    project = only(on_sample)
    small = sample.select(list(sample.procedures.index[:3]))
    name = next(iter(project.plans))
    action = TakeSnapshot(small, {name: ps.Plan([])})
    after = action.apply(project.state)
    lines = list(action.changes(project.state, after))
    assert len(after.plans[name]) == 0
    assert any(line.what[0] == "plan" for line in lines)
    assert any(line.what[0] == "rows" for line in lines)


# Faults


def test_faults_are_counted_as_check_finds_them(on_sample):
    app = page("faults")
    found = ps.check(only(on_sample).portfolio)
    shown = {metric.label: metric.value for metric in app.metric}
    for severity in ("error", "warning", "note"):
        count = sum(fault.severity == severity for fault in found)
        assert shown[t(f"severity.{severity}")] == format_number(count)
    table = kinds(found)
    assert table["count"].to_dict() == dict(Counter(fault.code for fault in found))


def test_faults_can_be_filtered(on_sample):
    app = page("faults")
    found = ps.check(only(on_sample).portfolio)
    code = found[0].code
    app.selectbox(key="data.faults.kind").set_value(code).run()
    assert not app.exception
    assert len(app.dataframe[-1].value) == sum(fault.code == code for fault in found)
    app.text_input(key="data.faults.search").set_value("không có lỗi nào như thế").run()
    assert t("app.data.faults.no_match") in [each.value for each in app.info]


def test_proposals_are_accepted_in_one_step_that_can_be_undone(on_sample):
    before = only(on_sample).portfolio
    open_ = proposals(before)
    assert open_
    code, count = next(iter(open_.items()))
    app = page("faults")
    app.multiselect(key="data.accept.kinds").set_value([code]).run()
    button = app.button(key="data.accept.do")
    assert button.label == t("app.data.accept.do", count=count)
    button.click().run()
    assert not app.exception
    after = only(on_sample).portfolio
    assert after.equals(ps.accept_proposals(before, [code]))
    assert code not in proposals(after)
    app.sidebar.button(key="undo").click().run()
    assert only(on_sample).portfolio.equals(before)


def test_as_many_values_are_taken_as_are_offered(sample):
    taken = ps.accept_proposals(sample)
    changed = int((taken.fees["flag"] != sample.fees["flag"]).sum()) + int(
        (taken.channels["limit_flag"] != sample.channels["limit_flag"]).sum()
    )
    assert changed == sum(proposals(sample).values())


# Entered figures


def pasted(monkeypatch: pytest.MonkeyPatch, cells: dict[str, dict[int, str]]) -> None:
    """Let the officer write texts into cells: column → row number → text."""

    def editor(frame: pd.DataFrame, **options: object) -> pd.DataFrame:
        after = frame.copy()
        for column, rows in cells.items():
            if column in after:
                for row, text in rows.items():
                    after.iloc[row, after.columns.get_loc(column)] = text
        return after

    monkeypatch.setattr(entry.st, "data_editor", editor)


def test_pasted_vietnamese_numbers_mean_what_the_officer_meant(on_sample, monkeypatch):
    pasted(
        monkeypatch,
        {"times_per_year": {0: "23,4", 1: "1.234,5"}, "subjects_per_year": {0: "1.234", 1: " 12 "}},
    )
    app = page("inputs")
    button = app.button(key="data.inputs.save")
    assert button.label == t("app.data.inputs.save", count=4)
    pasted(monkeypatch, {})
    button.click().run()
    assert not app.exception
    rows = only(on_sample).portfolio.procedures.iloc[:2]
    assert rows["times_per_year"].tolist() == [23.4, 1234.5]
    assert rows["subjects_per_year"].tolist() == [1234.0, 12.0]
    assert set(rows["times_mark"]) == set(rows["subjects_mark"]) == {"nhập"}


def test_english_numbers_are_read_in_the_english_page(on_sample, monkeypatch):
    pasted(monkeypatch, {"times_per_year": {0: "1,234.5"}})
    app = page("inputs", "en")
    pasted(monkeypatch, {})
    app.button(key="data.inputs.save").click().run()
    assert only(on_sample).portfolio.procedures["times_per_year"].iloc[0] == 1234.5


def test_an_entry_that_cannot_be_read_blocks_saving_and_says_why(on_sample, monkeypatch):
    pasted(monkeypatch, {"times_per_year": {0: "nhiều lắm"}})
    app = page("inputs")
    assert app.button(key="data.inputs.save").disabled
    assert any("nhiều lắm" in found.value for found in app.error)


def test_all_figures_of_one_procedure_can_be_entered(on_sample, monkeypatch):
    portfolio = only(on_sample).portfolio
    chosen = portfolio.fees["procedure"].iloc[0]
    fee = portfolio.rows("fees", chosen).index[0]
    channel = portfolio.rows("channels", chosen).index[0]
    pasted(
        monkeypatch,
        {"amount_vnd": {0: "120.000"}, "limit_value": {0: "7,5"}, "limit_unit": {0: "ngày"}},
    )
    app = open_page("data", procedure=chosen)
    app.session_state["lang_of_test"] = "vi"
    tab(app, "inputs")
    assert not app.exception
    pasted(monkeypatch, {})
    app.button(key="data.inputs.save").click().run()
    assert not app.exception
    after = only(on_sample).portfolio
    assert after.fees.at[fee, "amount_vnd"] == 120_000
    assert after.fees.loc[fee, ["mark", "flag"]].tolist() == ["nhập", ""]
    assert after.channels.loc[channel, ["limit_value", "limit_unit"]].tolist() == [7.5, "day"]
    assert after.channels.loc[channel, ["limit_mark", "limit_flag"]].tolist() == ["nhập", ""]


def test_an_emptied_cell_has_no_figure_and_no_mark():
    edit = entry.Edit("1.000001", "times_per_year", None)
    assert data_inputs.cells_of("procedures", [edit]) == [
        Cell("procedures", "1.000001", "times_per_year", None),
        Cell("procedures", "1.000001", "times_mark", ""),
    ]


def test_every_entry_column_is_known_to_the_schema(sample):
    for each in data_inputs.ENTERED:
        frame = getattr(sample, each.table)
        assert {*each.columns, each.mark} <= set(frame.columns)
        row = frame.index[0] if len(frame) else None
        if row is not None and each.columns[0] != "limit_value":
            cells = data_inputs.cells_of(each.table, [entry.Edit(row, each.columns[0], 0.5)])
            assert EditCells(cells).cells


def test_edits_never_move_to_other_rows_when_the_search_changes(on_sample, monkeypatch):
    keys: list[str] = []

    def editor(frame: pd.DataFrame, **options: object) -> pd.DataFrame:
        keys.append(str(options["key"]))
        return frame.copy()

    monkeypatch.setattr(entry.st, "data_editor", editor)
    app = page("inputs")
    app.text_input(key="data.inputs.search").set_value("đăng ký").run()
    assert len(set(keys)) == 2


def test_a_procedure_is_found_without_diacritics(on_sample):
    app = page("inputs")
    app.text_input(key="data.inputs.search").set_value("khong co thu tuc nhu the").run()
    assert t("app.list.empty") in [found.value for found in app.info]


# What is loaded


def test_counts_by_ministry_add_up(on_sample):
    app = page("holdings")
    portfolio = only(on_sample).portfolio
    counts = by_ministry(portfolio)
    assert int(counts["procedures"].sum()) == len(portfolio)
    assert int(counts["requirements"].sum()) == len(portfolio.requirements)
    shown = app.dataframe[0].value
    assert shown.iloc[0, 0] == counts.index[0]
    assert shown.iloc[0, 1] == counts["procedures"].iloc[0]


def test_the_workbook_of_the_project_can_be_loaded_again(on_sample, tmp_path):
    app = page("holdings")
    app.button(key="data.workbook.make").click()
    settled(app)
    assert t("app.data.workbook") in [each.label for each in app.get("download_button")]
    (job,) = [job for key, job in jobs()._jobs.items() if key[0] == "workbook"]
    path = tmp_path / "again.xlsx"
    path.write_bytes(job.result)
    assert ps.read(path).procedures.equals(only(on_sample).portfolio.procedures)


def test_counts_of_nothing(on_empty):
    app = page("holdings")
    assert not app.exception
    assert app.dataframe[0].value.empty


@pytest.mark.parametrize("part", ["upload", "faults", "inputs", "holdings"])
def test_the_page_is_english_where_asked(on_sample, part):
    app = page(part, "en")
    assert app.title[0].value == t("app.data.title", "en")
    assert app.caption[-1].value or app.markdown
    assert t("app.data.tab.upload") not in [each.label for each in app.tabs]


def test_a_packed_folder_of_tables_is_taken_in(sample: Portfolio) -> None:
    held = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(held, "w") as archive:
        write_folder(sample, Path(folder))
        for file in Path(folder).iterdir():
            archive.write(file, f"Danh mục/{file.name}")
    made = intake([("danh-muc.zip", held.getvalue())], quiet)
    assert made.portfolio.procedures.equals(sample.procedures)
    assert made.portfolio.source == "danh-muc.zip"
    with pytest.raises(UnreadableInput, match="cắt cụt hoặc hỏng"):
        intake([("danh-muc.zip", held.getvalue()[:-40])], quiet)
