"""The app in a real browser: the whole journey, conflicts, broken files, keyboard, axe."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from procsim.app.shell.frame import PAGES
from procsim.app.smallest.question import kept_question
from procsim.language.i18n import t
from procsim.store import Store
from tests.app.browser import Visit, launch, needs_browser
from tests.app.pages import copy_store
from tests.app.serving import serve
from tests.shared import SHARED, needs_shared

pytestmark = needs_browser
PATHS = {name: path for pages in PAGES.values() for name, _, path in pages}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="module")
def site(
    sample_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A server on a copy of the sample project: its address and its store."""
    store = copy_store(sample_store, tmp_path_factory.mktemp("site"))
    with serve(store) as (url, _):
        yield url, store


@pytest.fixture
def visit(browser: Browser, site: tuple[str, Path]) -> Iterator[Visit]:
    here = Visit(browser, site[0])
    yield here
    here.close()


def plans(store: Path, name: str | None = None) -> set[str]:
    """Return the plans of the project that was changed last, or of the one named."""
    with Store(store) as opened:
        known = opened.projects()
        if name:
            known = known[known["name"] == name]
        return set(opened.open(str(known.index[0])).plans)


def page_name(name: str) -> str:
    return t(f"app.{name}.page")


@needs_shared
def test_the_whole_journey_on_real_records(browser: Browser, site: tuple[str, Path]) -> None:
    url, store = site
    officer = Visit(browser, url).open()
    officer.write("who", "Nguyễn Thị Lan")

    # Load the real records as a project of its own.
    officer.go(page_name("data"))
    officer.page.locator("input[type=file]").first.set_input_files(
        SHARED / "portal" / "procedures.jsonl.gz"
    )
    officer.at("data.create.*").wait_for()
    officer.settle().write("data.name.*", "Rà soát 2026")
    officer.press("data.create.*").sees("Rà soát 2026")
    officer.page.get_by_text("1.836").first.wait_for()

    # Review five marks.
    officer.go(page_name("marking"))
    for _ in range(5):
        officer.press("marking.choice.*")
    with Store(store) as opened:
        project = opened.open(str(opened.projects().index[0]))
        assert len(project.portfolio.decisions) >= 5
        assert set(project.log()["who"]) == {"Nguyễn Thị Lan"}

    # Optimise; refresh in the middle; keep the plan.
    officer.go(page_name("smallest"))
    officer.page.wait_for_timeout(300)
    officer.press("smallest.search")
    officer.page.reload()
    officer.page.wait_for_selector("h1")
    officer.at("smallest.keep").wait_for(timeout=120_000)
    officer.settle().write("smallest.name", "Nhỏ nhất 2025")
    officer.press("smallest.keep")
    assert "Nhỏ nhất 2025" in plans(store, "Rà soát 2026")

    # The scorecard of that plan, its contributions, and the two files.
    officer.go(page_name("overview"))
    assert officer.page.get_by_test_id("stMetric").count() >= 4
    officer.go(page_name("scenarios"))
    assert officer.value("scenarios.plan") == "Nhỏ nhất 2025"
    officer.go(page_name("report"))
    for form, tab in (("xlsx", "report.tab.xlsx"), ("docx", "report.tab.docx")):
        officer.tab(t(f"app.{tab}"))
        officer.press(f"report.make.{form}")
        button = officer.at(f"report.download.{form}")
        button.wait_for(timeout=180_000)
        with officer.page.expect_download() as download:
            button.get_by_role("button").click()
        file = io.BytesIO(Path(download.value.path()).read_bytes())
        if form == "xlsx":
            assert len(openpyxl.load_workbook(file, read_only=True).sheetnames) > 12
        else:
            assert len(docx.Document(file).paragraphs) > 100

    # A link opens the same view for a colleague; English is one click away.
    link = officer.page.url
    colleague = Visit(browser, url)
    colleague.page.goto(link)
    colleague.page.wait_for_selector("h1")
    assert colleague.settle().value("report.plan") == "Nhỏ nhất 2025"
    colleague.page.get_by_text("English", exact=True).click()
    colleague.settle().sees(t("app.report.title", "en"))
    officer.close()
    colleague.close()


def test_two_sessions_in_conflict(browser: Browser, site: tuple[str, Path]) -> None:
    url, store = site
    with Store(store) as opened:
        known = opened.projects()
        project = str(known.index[known["name"] == "Danh mục mẫu"][0])
    lan = Visit(browser, url).open(PATHS["scenarios"], project=project)
    binh = Visit(browser, url).open(PATHS["scenarios"], project=project)
    for officer, name in ((lan, "Lan"), (binh, "Bình")):
        officer.write("who", name)
        officer.page.get_by_role("button", name=t("app.scenarios.new")).click()
        officer.write("scenarios.fresh", f"Của {name}")
    lan.press("scenarios.create")
    binh.press("scenarios.create")
    binh.at("question").wait_for()
    binh.sees("Lan")
    assert "Của Bình" not in plans(store, "Danh mục mẫu")
    binh.press("conflict.overwrite")
    assert {"Của Lan", "Của Bình"} <= plans(store, "Danh mục mẫu")
    lan.close()
    binh.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hong.xlsx", b"PK\x03\x04 not a workbook"),
        ("rong.json", b""),
        ("<img src=x onerror=alert(1)>.xlsx", b"\x00\x01"),
    ],
)
def test_a_broken_upload_is_explained_and_nothing_is_loaded(
    name: str, content: bytes, visit: Visit, site: tuple[str, Path]
) -> None:
    with Store(site[1]) as opened:
        count = len(opened.projects())
    visit.open(PATHS["data"])
    visit.page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    visit.at("data.again").wait_for()
    assert visit.page.get_by_role("alert").count() >= 1
    assert "Traceback" not in visit.page.content()
    with Store(site[1]) as opened:
        assert len(opened.projects()) == count


@pytest.mark.parametrize(
    ("pasted", "shown", "share"),
    [("23,4%", "23,4%", 0.234), ("0,25", "25%", 0.25), (" 30 % ", "30%", 0.3)],
)
def test_pasted_numbers_mean_what_the_officer_meant(
    pasted: str, shown: str, share: float, visit: Visit, site: tuple[str, Path]
) -> None:
    visit.open(PATHS["smallest"])
    visit.page.get_by_text(t("app.smallest.limits")).click()
    field = visit.at("smallest.rate.time").locator("input")
    field.click()
    visit.page.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    # An earlier question may be kept: the whole field is replaced.
    field.press("Control+A")
    field.press("Control+V")
    field.press("Tab")
    visit.settle()
    if pasted.strip() != shown:
        visit.sees(t("app.entry.read_as", value=shown))
    # What counts is the question that is kept, not what the field shows.
    visit.press("smallest.search")
    with Store(site[1]) as opened:
        known = opened.projects()
        project = opened.open(str(known.index[known["name"] == "Danh mục mẫu"][0]))
    assert kept_question(project).rates == {"time": pytest.approx(share)}


def test_an_ambiguous_number_is_asked(visit: Visit) -> None:
    visit.open(PATHS["report"])
    visit.write("report.date", "5/8/26")
    visit.page.get_by_role("alert").first.wait_for()
    assert visit.at("report.make.xlsx").get_by_role("button").is_disabled()


def _serious(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_is_ours(
    scheme: str, browser: Browser, site: tuple[str, Path]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visit = Visit(browser, site[0], color_scheme=scheme)
    found = []
    for name, path in PATHS.items():
        visit.open(path)
        faults = _serious(Axe().run(visit.page).response["violations"])
        if faults:  # what is pale only while the page is being drawn anew is no fault
            visit.page.wait_for_timeout(3_000)
            visit.settle()
            faults = _serious(Axe().run(visit.page).response["violations"])
        found += [f"{name}: {fault}" for fault in faults]
    visit.close()
    assert [each for each in found if not _streamlits_own(each)] == []


def _streamlits_own(found: str) -> bool:
    """Return whether a violation lies in what Streamlit draws by itself, which we cannot mend."""
    return "presentation-role-conflict" in found and "stFileUploaderDropzone" in found


def test_work_by_keyboard_alone(visit: Visit, site: tuple[str, Path]) -> None:
    visit.open()
    keyboard = visit.page.keyboard

    def reach(role: str, name: str) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(120):
            keyboard.press("Tab")
            focused = visit.page.evaluate(
                "() => { const e = document.activeElement;"
                " return [e.tagName, (e.getAttribute('aria-label') || e.innerText || '').trim()]; }"
            )
            if role in focused[0].lower() and name in focused[1]:
                return
        raise AssertionError(f"{name} cannot be reached by Tab")

    reach("a", page_name("scenarios"))
    keyboard.press("Enter")
    visit.sees(t("app.scenarios.title")).settle()
    reach("button", t("app.scenarios.new"))
    keyboard.press("Enter")
    visit.page.wait_for_timeout(400)
    reach("input", t("app.scenarios.name"))
    keyboard.type("Bằng bàn phím")
    keyboard.press("Enter")
    visit.settle()
    reach("button", t("app.scenarios.create"))
    keyboard.press("Enter")
    visit.settle().page.wait_for_timeout(500)
    assert "Bằng bàn phím" in plans(site[1], "Danh mục mẫu")


def test_the_name_of_the_officer_survives_a_refresh(visit: Visit) -> None:
    visit.open().write("who", "Trần Văn Bình")
    visit.page.wait_for_function("() => Object.values(localStorage).join().includes('Bình')")
    visit.page.reload()
    visit.page.wait_for_selector("h1")
    field = visit.at("who").locator("input").first
    expect(field).to_have_value("Trần Văn Bình", timeout=20_000)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_server_loses_nothing(
    browser: Browser, sample_store: Path, tmp_path: Path
) -> None:
    store = copy_store(sample_store, tmp_path)
    with serve(store) as (url, process):
        officer = Visit(browser, url).open(PATHS["scenarios"])
        officer.page.get_by_role("button", name=t("app.scenarios.new")).click()
        officer.write("scenarios.fresh", "Trước khi mất điện")
        officer.press("scenarios.create")
        assert "Trước khi mất điện" in plans(store)
        link = officer.page.url
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        officer.context.close()
    port = int(url.rsplit(":", 1)[1])
    with serve(store, port) as (url, _):
        again = Visit(browser, url)
        again.page.goto(link)
        again.page.wait_for_selector("h1")
        again.settle()
        assert again.value("scenarios.plan") == "Trước khi mất điện"
        again.close()


def test_no_page_asks_for_anything_outside_the_machine(visit: Visit) -> None:
    for path in PATHS.values():
        visit.open(path)
    assert visit.foreign == []


def test_a_refresh_during_a_job_finds_it_again(visit: Visit) -> None:
    visit.open(PATHS["report"])
    visit.press("report.make.xlsx")
    visit.page.reload()
    visit.page.wait_for_selector("h1")
    button = visit.at("report.download.xlsx")
    button.wait_for(timeout=120_000)
    assert visit.at("report.make.xlsx").count() == 0
    with visit.page.expect_download() as download:
        button.get_by_role("button").click()
    file = io.BytesIO(Path(download.value.path()).read_bytes())
    assert len(openpyxl.load_workbook(file, read_only=True).sheetnames) > 12


def test_a_dropped_connection_comes_back(visit: Visit, site: tuple[str, Path]) -> None:
    visit.open(PATHS["scenarios"])
    visit.context.set_offline(True)
    visit.page.wait_for_timeout(1500)
    visit.context.set_offline(False)
    visit.page.wait_for_timeout(3000)
    visit.page.get_by_role("button", name=t("app.scenarios.new")).click()
    visit.write("scenarios.fresh", "Sau khi mất mạng")
    visit.press("scenarios.create")
    assert "Sau khi mất mạng" in plans(site[1], "Danh mục mẫu")


def test_a_double_click_counts_once(visit: Visit, site: tuple[str, Path]) -> None:
    visit.open(PATHS["scenarios"])
    visit.page.get_by_role("button", name=t("app.scenarios.new")).click()
    visit.write("scenarios.fresh", "Bấm hai lần")
    visit.at("scenarios.create").get_by_role("button").dblclick()
    visit.settle().page.wait_for_timeout(500)
    with Store(site[1]) as opened:
        known = opened.projects()
        log = opened.log(str(known.index[known["name"] == "Danh mục mẫu"][0]))
    assert log["vi"].str.contains("Bấm hai lần").sum() == 1
