"""Đánh dấu giấy tờ: the queue, decisions by one key, equal rows, undo, lists and quality."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.app.marking import queue as marking_queue
from procsim.app.marking.decisions import agreement, decisions_csv, training_lines
from procsim.app.marking.queue import Choice, choices, decisions_for, equal_to, figures, shortened
from procsim.app.marking.review import named, type_name
from procsim.app.shell.jobs import jobs
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number
from procsim.marking import (
    Decision,
    decide,
    decide_equal,
    default_matcher,
    equal_rows,
    replaceable,
    review_queue,
    take_decisions,
)
from procsim.measures.cost import row_stakes
from procsim.readers.folder import read_decisions
from procsim.store import Decide, Store
from tests.app.pages import open_page

AT = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _no_old_jobs():
    yield
    jobs.clear()


def only(path: Path):
    with Store(path) as store:
        return store.open(str(store.projects().index[0]))


def library_queue(portfolio) -> pd.DataFrame:
    return review_queue(portfolio, row_stakes(portfolio))


def buttons(app: AppTest, stem: str) -> list:
    return [each for each in app.button if each.key and each.key.startswith(stem)]


def to(app: AppTest, name: str, lang: str = "vi") -> AppTest:
    app.session_state["marking.tab"] = t(f"app.marking.tab.{name}", lang)
    app.run()
    assert not app.exception
    return app


def test_the_first_row_is_the_most_effective_one(on_sample):
    app = open_page("marking")
    portfolio = only(on_sample).portfolio
    queue = library_queue(portfolio)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown[t("app.marking.left")] == t("app.marking.left.value", decisions=len(queue))
    rows = int(queue["rows"].sum())
    share = 100 * (1 - rows / len(portfolio.requirements))
    assert shown[t("app.marking.sure")] == f"{format_number(share, 2)} %"
    documents = ps.measure(portfolio)["documents"].sum()
    assert shown[t("app.marking.documents")] == format_number(documents, 0)
    assert buttons(app, "marking.choice.")[0].key.startswith(
        f"marking.choice.{queue['requirement'].iloc[0]}."
    )


def test_rows_with_data_are_those_that_the_library_can_replace(on_sample):
    project = only(on_sample)
    verdicts = replaceable(project.portfolio)
    assert figures(project).held == int((verdicts != "no").sum())


def test_confirming_saves_who_when_and_why_and_moves_on(on_sample):
    app = open_page("marking")
    app.text_input(key="who").set_value("Nguyễn Thị Lan").run()
    first = library_queue(only(on_sample).portfolio).iloc[0]
    buttons(app, "marking.choice.")[0].click().run()
    assert not app.exception
    portfolio = only(on_sample).portfolio
    made = portfolio.decisions.iloc[0]
    assert made["requirement"] == first["requirement"]
    assert made["decided_by"] == "Nguyễn Thị Lan"
    assert made["reason"] == t("app.marking.reason.confirmed")
    assert (made["kind"], made["types"]) == (first["kind"], first["types"])
    queue = library_queue(portfolio)
    assert first["requirement"] not in set(queue["requirement"])
    key = buttons(app, "marking.choice.")[0].key
    assert key.startswith(f"marking.choice.{queue['requirement'].iloc[0]}.")


def test_an_alternative_with_a_reason_of_ones_own(on_sample):
    app = open_page("marking")
    row = library_queue(only(on_sample).portfolio)["requirement"].iloc[0]
    app.text_input(key=f"marking.reason.{row}").set_value("Chỉ là câu dẫn").run()
    (note,) = buttons(app, f"marking.choice.{row}.note")
    assert note.label == t("app.marking.note").replace("(", "\\(").replace(")", "\\)")
    before = figures(only(on_sample))
    note.click().run()
    portfolio = only(on_sample).portfolio
    assert portfolio.requirements.at[row, "kind"] == "note"
    assert portfolio.decisions["reason"].iloc[0] == "Chỉ là câu dẫn"
    after = figures(only(on_sample))
    moved = {metric.label: metric.delta for metric in app.metric}
    change = after.documents - before.documents
    words = (
        t("app.marking.moved", change=f"{'+' if change > 0 else '−'}{format_number(abs(change))}")
        if change
        else t("app.marking.unmoved")
    )
    assert moved[t("app.marking.documents")] == words
    assert after.held == before.held - 1


def test_another_type_is_chosen_from_the_catalogue(on_sample):
    app = open_page("marking")
    row = library_queue(only(on_sample).portfolio)["requirement"].iloc[0]
    app.multiselect(key=f"marking.types.{row}").set_value(["ho_chieu", "can_cuoc"]).run()
    app.radio(key=f"marking.relation.{row}").set_value("all").run()
    app.button(key=f"marking.types.save.{row}").click().run()
    assert not app.exception
    made = only(on_sample).portfolio.requirements.loc[row]
    assert (made["kind"], made["types"], made["relation"]) == (
        "document", "ho_chieu;can_cuoc", "all",
    )  # fmt: skip


def test_a_paper_outside_the_catalogue(on_sample):
    app = open_page("marking")
    row = library_queue(only(on_sample).portfolio)["requirement"].iloc[0]
    app.button(key=f"marking.types.save.{row}").click().run()
    made = only(on_sample).portfolio.requirements.loc[row]
    assert (made["kind"], made["types"]) == ("document", "")


def test_skipping_changes_nothing_and_can_be_taken_back(on_sample):
    app = open_page("marking")
    queue = library_queue(only(on_sample).portfolio)
    for row in queue["requirement"]:
        app.button(key=f"marking.skip.{row}").click().run()
    assert t("app.marking.all_skipped") in [found.value for found in app.success]
    assert only(on_sample).portfolio.decisions.empty
    app.button(key="marking.unskip").click().run()
    assert buttons(app, "marking.choice.")[0].key.startswith(
        f"marking.choice.{queue['requirement'].iloc[0]}."
    )


def test_undo_brings_the_row_back(on_sample):
    app = open_page("marking")
    before = only(on_sample).portfolio
    first = buttons(app, "marking.choice.")[0].key
    buttons(app, "marking.choice.")[0].click().run()
    app.button(key="marking.undo").click().run()
    assert only(on_sample).portfolio.equals(before)
    assert buttons(app, "marking.choice.")[0].key == first


def test_when_all_is_decided_the_page_says_so(on_sample):
    app = open_page("marking")
    for _ in range(60):
        found = buttons(app, "marking.choice.")
        if not found:
            break
        found[0].click().run()
    assert t("app.marking.done") in [each.value for each in app.success]
    assert library_queue(only(on_sample).portfolio).empty


def test_a_row_is_picked_from_the_whole_queue(on_sample):
    app = open_page("marking")
    row = library_queue(only(on_sample).portfolio)["requirement"].iloc[2]
    app.session_state["marking.at"] = row
    app.run()
    assert buttons(app, "marking.choice.")[0].key.startswith(f"marking.choice.{row}.")


# The queue after a decision


@pytest.fixture
def twins(tmp_path):
    """A project in which one doubtful row stands in three procedures."""
    ids = ["1.000001", "1.000002", "1.000003"]
    doubtful = (
        "Sinh con: giấy khai sinh hoặc trích lục khai sinh hoặc giấy chứng sinh và tùy trường "
        "hợp: giấy ra viện, giấy xác nhận quá trình điều trị, giấy chứng tử"
    )
    names = [
        (i, k, doubtful if k == 1 else f"Bản sao căn cước công dân {k}")
        for i in ids
        for k in (1, 2)
    ]
    portfolio = ps.Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": ids, "code": ids, "name": list("ABC"), "ministry": "Bộ"}
            ),
            "cases": pd.DataFrame({"id": [f"{i}/c1" for i in ids], "procedure": ids, "name": ""}),
            "requirements": pd.DataFrame(
                {
                    "id": [f"{i}/c1/r{k}" for i, k, _ in names],
                    "procedure": [i for i, _, _ in names],
                    "case": [f"{i}/c1" for i, _, _ in names],
                    "position": [k for _, k, _ in names],
                    "name": [name for _, _, name in names],
                }
            ),
        }
    )
    with Store(tmp_path / "twins.db") as store:
        yield store.create("Ba", ps.mark(portfolio), who="Lan", at=AT)


def doubtful_line(project) -> pd.Series:
    queue = library_queue(project.portfolio)
    assert len(queue), "the row of the test is no longer doubtful; choose another"
    return queue.iloc[0]


def test_equal_rows_are_those_of_the_library(twins):
    row = doubtful_line(twins)["requirement"]
    assert list(equal_to(twins, row)) == list(equal_rows(twins.portfolio, row).index)


def test_deciding_for_equal_rows_is_what_the_library_does(twins):
    row = doubtful_line(twins)["requirement"]
    choice = Choice("note", (), "one", -1.0, "note")
    equal = equal_to(twins, row)
    assert len(equal) == 2
    made = decisions_for(
        twins.portfolio, row, equal, choice, who="Lan", on=DAY, reason="Không phải giấy tờ"
    )
    project = twins.act(Decide(made), who="Lan", at=AT)
    base = Decision(
        kind="note", requirement=row, decided_by="Lan", decided_on=DAY, reason="Không phải giấy tờ"
    )
    once = decide(twins.portfolio, base)
    assert project.portfolio.equals(decide_equal(once, f"{row}/q1"))


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_shortened_queue_is_the_queue_made_anew(twins, everywhere):
    line = doubtful_line(twins)
    row = str(line["requirement"])
    rows = equal_to(twins, row) if everywhere else ()
    match = marking_queue.match_of(twins, row)
    for choice in choices(line.to_dict(), match):
        made = decisions_for(twins.portfolio, row, rows, choice, who="Lan", on=DAY, reason="")
        project = twins.act(Decide(made), who="Lan", at=AT)
        shortened(twins, project, [each.requirement for each in made])
        pd.testing.assert_frame_equal(
            marking_queue.queue(project), library_queue(project.portfolio), check_dtype=False
        )
        twins = project.undo(who="Lan", at=AT)


def test_the_queue_of_the_sample_is_shortened_right(on_sample):
    with Store(on_sample) as store:
        project = store.open(str(store.projects().index[0]))
        for _ in range(3):
            row = str(library_queue(project.portfolio)["requirement"].iloc[0])
            rows = equal_to(project, row)
            choice = Choice("note", (), "one", -1.0, "note")
            made = decisions_for(
                project.portfolio, row, rows, choice, who="Lan", on=DAY, reason="x"
            )
            after = project.act(Decide(made), who="Lan", at=AT)
            shortened(project, after, [each.requirement for each in made])
            pd.testing.assert_frame_equal(
                marking_queue.queue(after), library_queue(after.portfolio), check_dtype=False
            )
            project = after


def test_every_queue_line_of_the_sample_gives_valid_choices(on_sample):
    project = only(on_sample)
    for line in library_queue(project.portfolio).to_dict("records"):
        match = marking_queue.match_of(project, line["requirement"])
        made = choices(line, match)
        assert made[0].label == ""
        assert [f"{c.label}:{c.change:+g}" for c in made[1:]] == line["alternatives"].split(";")
        for choice in made:
            (decision, *_) = decisions_for(
                project.portfolio, line["requirement"], (), choice, who="x", on=DAY, reason=""
            )
            assert decision.kind == choice.kind


def test_a_large_portfolio_is_read_once_with_progress(on_sample, monkeypatch):
    monkeypatch.setattr(marking_queue, "_AT_ONCE", 10)
    project = only(on_sample)
    key = marking_queue.reading_job(project)
    assert key is not None
    for _ in range(200):
        if not jobs().get(key).active:
            break
        time.sleep(0.05)
    assert marking_queue.reading_job(project) is None
    app = open_page("marking")
    assert buttons(app, "marking.choice.")


# Decisions taken, quality


def test_decisions_are_listed_and_one_can_be_taken_back(on_sample):
    app = open_page("marking")
    for _ in range(2):
        buttons(app, "marking.choice.")[0].click().run()
    to(app, "decided")
    table = app.dataframe[0].value
    assert len(table) == 2
    assert set(table[t("app.marking.decided.state")]) == {t("app.marking.state.stands")}
    labels = [each.label for each in app.get("download_button")]
    assert labels == [t("app.marking.csv"), t("app.marking.training")]
    project = only(on_sample)
    assert agreement(project.portfolio) == (2, 2)


def test_taking_one_decision_back_leaves_the_others(on_sample, monkeypatch):
    from procsim.app.marking import decisions as marking_list

    app = open_page("marking")
    for _ in range(2):
        buttons(app, "marking.choice.")[0].click().run()
    first = str(only(on_sample).portfolio.decisions.index[0])
    real = marking_list.show.table

    def picking(frame: pd.DataFrame, **options: object) -> str | None:
        found = real(frame, **options)
        return first if options.get("pick") and first in frame.index else found

    monkeypatch.setattr(marking_list.show, "table", picking)
    to(app, "decided")
    app.button(key="marking.decided.undo").click().run()
    assert not app.exception
    assert first not in only(on_sample).portfolio.decisions.index
    assert len(only(on_sample).portfolio.decisions) == 1


def test_decisions_come_back_from_their_file(on_sample, tmp_path):
    portfolio = only(on_sample).portfolio
    row = portfolio.requirements.index[0]
    made = Decision(
        kind="note", requirement=row, decided_by="Lan", decided_on=DAY, reason="Câu dẫn"
    )
    decided = decide(portfolio, made)
    path = tmp_path / "a.csv"
    path.write_bytes(decisions_csv(decided))
    table, faults = read_decisions(path)
    assert not faults
    again, more = take_decisions(table, portfolio)
    assert not more
    assert again.requirements.at[row, "kind"] == "note"
    (line,) = training_lines(decided).decode("utf-8").splitlines()
    assert json.loads(line)["kind"] == "note"
    assert agreement(decided) == (0, 1)


def test_quality_figures_are_those_that_ship_with_the_model(on_sample):
    app = to(open_page("marking"), "quality")
    about = default_matcher().model.about["leave_one_ministry_out"]
    table = app.dataframe[0].value
    whole = table.iloc[:, 1].tolist()
    assert whole[0] == f"{format_number(100 * about['all']['right'], 2)} %"
    assert t("app.marking.quality.none") in [found.value for found in app.markdown]


def test_the_laws_plan_is_made_again_from_the_decisions(on_sample):
    app = open_page("marking")
    project = only(on_sample)
    name = t("app.plan.66_7")
    reform = project.plans[name].reforms[0]
    row = reform.requirement
    made = Decision(
        kind="note", requirement=row, decided_by="Lan", decided_on=DAY, reason="Ghi chú"
    )
    with Store(on_sample) as store:
        store.open(project.id).act(Decide([made]), who="Lan", at=AT)
    to(app, "decided")
    app.button(key="marking.law").click().run()
    for _ in range(200):
        if not jobs().active():
            break
        time.sleep(0.05)
    app.run()
    assert not app.exception
    after = only(on_sample)
    assert after.plans[name].reforms == ps.resolution_66_7(after.portfolio).reforms
    assert row not in {getattr(each, "requirement", "") for each in after.plans[name].reforms}


def test_nothing_decided_yet(on_sample):
    app = to(open_page("marking"), "decided")
    assert t("app.marking.decided.none") in [found.value for found in app.info]


def test_a_project_without_rows_points_to_the_data(on_empty):
    app = open_page("marking")
    assert t("app.marking.empty") in [found.value for found in app.info]
    assert not app.metric


@pytest.mark.parametrize("part", ["review", "decided", "quality"])
def test_the_page_is_english_where_it_is_asked_for(on_sample, part):
    app = to(open_page("marking", lang="en"), part, "en")
    assert app.title[0].value == t("app.marking.title", "en")
    assert {metric.label for metric in app.metric} >= {t("app.marking.left", "en")}
    vietnamese = {t(f"app.marking.{name}") for name in ("skip", "reason", "note", "other")}
    assert not vietnamese & {each.label for each in app.button}


def test_words_of_a_reading():
    assert type_name("không có loại này") == "không có loại này"
    assert named("note", (), "one") == t("kind.note")
    both = named("document", ("can_cuoc", "ho_chieu"), "any")
    assert both.endswith(f"({t('app.marking.relation.any')})")
