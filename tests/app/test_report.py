"""Báo cáo: the files are made beside the page, hold the plan, and are the library's own."""

from __future__ import annotations

import io
import time
from pathlib import Path

import docx
import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from procsim.app.report import documents
from procsim.app.report.documents import Options
from procsim.app.shell.jobs import Job, Report
from procsim.language.i18n import t
from procsim.store import Store
from tests.app.pages import open_page

LAW = t("app.plan.66_7")


def made(app: AppTest, form: str) -> AppTest:
    """Ask for a file and wait until it can be downloaded."""
    app.button(key=f"report.make.{form}").click().run()
    end = time.monotonic() + 90
    while not any(
        each.proto.id.endswith(f"report.download.{form}") for each in app.get("download_button")
    ):
        assert time.monotonic() < end
        time.sleep(0.2)
        app.run()
    assert not app.exception
    assert not app.error
    return app


def test_the_workbook_is_made_and_shown(on_sample: Path) -> None:
    app = made(open_page("report"), "xlsx")
    sheet = app.selectbox(key="report.sheet")
    assert len(sheet.options) > 12
    sheet.set_value(sheet.options[1]).run()
    assert not app.exception
    (shown,) = (each.value for each in app.get("html") if "<table" in str(each.value))
    assert shown.count("<tr>") > 3


def test_the_annex_is_made_and_shown(on_sample: Path) -> None:
    app = open_page("report")
    app.selectbox(key="report.maps").set_value(0).run()
    app = made(app, "docx")
    text = " ".join(each.value for each in app.markdown)
    assert "PHƯƠNG ÁN" in text


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_the_files_open_elsewhere(form: str, on_sample: Path) -> None:
    with Store(on_sample) as store:
        project = store.open(str(store.projects().index[0]))
        work = documents.make(project, Options(form, LAW, "vi", None, 0))
        document = work(Report(Job()))
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(document.data))
        visible = [each.title for each in book if each.sheet_state == "visible"]
        assert documents.sheets(document) == visible
    else:
        assert len(docx.Document(io.BytesIO(document.data)).paragraphs) > 50
        assert any(level for level, _ in documents.outline(document))


def test_a_date_that_cannot_be_read_stops_it(on_sample: Path) -> None:
    app = open_page("report")
    app.text_input(key="report.date").set_value("31/02/2026").run()
    assert app.error
    assert app.button(key="report.make.xlsx").disabled


def test_what_a_plan_lacks_is_said(on_sample: Path) -> None:
    app = open_page("report")
    with Store(on_sample) as store:
        plan = store.open(str(store.projects().index[0])).plans[LAW]
    lacking = sum(bool(each.missing_clarities()) for each in plan.reforms)
    shown = [each.value for each in app.info]
    assert bool(lacking) == any(str(lacking) in each for each in shown)
