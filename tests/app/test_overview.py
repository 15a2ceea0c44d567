"""The first page on the sample: figures as the library gives them, filters, language, errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.language.i18n import t
from procsim.language.vietnamese import format_number

APP = Path(__file__).resolve().parents[2] / "app.py"


def page(**query: str) -> AppTest:
    """Run the app once; it must end without an exception."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def figures():
    """What the library itself computes on the sample."""
    portfolio = ps.mark(ps.load_sample())
    plan = ps.resolution_66_7(portfolio)
    before, after = ps.measure(portfolio), ps.measure(ps.apply(plan, portfolio))
    return ps.compare(before, after).set_index("metric")


def test_the_page_shows_what_the_library_computes(figures):
    app = page()
    shown = {metric.label: metric for metric in app.metric}
    documents = shown[t("app.metric.documents")]
    assert documents.value == format_number(figures.loc["documents", "after"], 0)
    assert documents.delta == f"-{format_number(100 * figures.loc['documents', 'rate'], 2)} %"
    assert shown[t("app.metric.statutory_days")].delta == "0,00 %"


def test_the_scorecard_follows_the_year():
    app = page()
    app.selectbox(key="year").set_value(2025).run()
    assert not app.exception
    assert t("app.card.heading", year="2025") in [header.value for header in app.subheader]


def test_search_needs_no_diacritics():
    app = page()
    app.text_input(key="search").set_value("khai sinh").run()
    plain = app.dataframe[2].value
    app.text_input(key="search").set_value("  Khai SINH ").run()
    assert not app.exception
    assert len(plain) > 0
    assert app.dataframe[2].value.equals(plain)
    app.text_input(key="search").set_value("không có thủ tục nào như thế này").run()
    assert t("app.list.empty") in [info.value for info in app.info]


def test_only_changed_procedures():
    app = page()
    app.toggle(key="touched").set_value(True).run()
    table = app.dataframe[2].value
    before, after = t("app.list.documents.before"), t("app.list.documents.after")
    assert len(table) > 0
    assert (table[before] > table[after]).all()


def test_english_is_complete():
    app = page(lang="en")
    assert app.title[0].value == t("app.overview.heading", "en")
    assert {metric.label for metric in app.metric} >= {t("app.metric.documents", "en")}


def test_the_plan_can_be_made():
    app = page()
    app.button(key="make").click().run()
    assert not app.exception
    assert [b.label for b in app.get("download_button")] == [t("app.report.download")]


def test_a_broken_upload_says_why_and_shows_no_trace():
    app = page()
    app.get("file_uploader")[0].set_value(("danh-muc.xlsx", b"", "application/octet-stream"))
    app.run()
    assert not app.exception
    assert t("app.upload.refused") in [error.value for error in app.error]
