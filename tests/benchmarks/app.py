"""How fast the app answers in a real browser: one officer, then ten at once.

``python -m tests.benchmarks.app [RECORDS] [--sessions 10] [--rounds 3]`` loads the records
(the sample when none are given), goes through every page, and prints the time from a
press to the end of what it sets off, the first page, and the memory of the server.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

import procsim as ps
from procsim.app.frame import PAGES
from procsim.language.i18n import t
from tests.app.browser import Visit, launch
from tests.app.serving import serve
from tests.benchmarks.pages import prepare

_WATCH = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.ended = performance.now();
  new MutationObserver(() => {
    if (app.dataset.testScriptState === 'notRunning') window.ended = performance.now();
  }).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
}"""
_QUIET = 0.4
_SEARCHES = ("khai sinh", "kết hôn", "doanh nghiệp", "đất đai")


class _Officer:
    """One officer who goes through the pages; times are seconds from press to rest."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.times: list[tuple[str, float]] = []

    def arrive(self) -> float:
        start = time.perf_counter()
        self.visit.open()
        self.visit.page.evaluate(_WATCH)
        return time.perf_counter() - start

    def time(self, what: str, press: Callable[[], object]) -> None:
        """Do something, wait until the app is quiet, and note how long it took."""
        page = self.visit.page
        begun = page.evaluate("() => (window.ended = performance.now())")
        press()
        while True:
            page.wait_for_timeout(1000 * _QUIET)
            state, ended, now = page.evaluate(
                "() => [document.querySelector('[data-testid=stApp]').dataset.testScriptState,"
                " window.ended, performance.now()]"
            )
            if state == "notRunning" and now - ended > 900 * _QUIET:
                break
        self.times.append((what, (ended - begun) / 1000))

    def round(self) -> None:
        """Go to each page once, and search, pick and switch on some of them."""
        visit = self.visit
        menu = visit.page.locator(".st-key-pages")
        for pages in PAGES.values():
            for name, _, _ in pages:
                link = menu.get_by_role("link", name=t(f"app.{name}.page"), exact=True)
                self.time(name, link.click)
                if name in ("procedures", "scenarios"):
                    key = f"{name}.search" if name == "procedures" else "scenarios.find"
                    field = visit.at(key).locator("input").first
                    for words in _SEARCHES:
                        field.fill(words)
                        self.time(f"{name}: search", lambda f=field: f.press("Enter"))
                    field.fill("")
                    self.time(f"{name}: search", lambda f=field: f.press("Enter"))


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _memory(pid: int) -> float:
    """Return the resident memory of the server and its children, MB."""
    process = psutil.Process(pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 1e6


def _session(url: str, rounds: int, out: list[_Officer], firsts: list[float]) -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        officer = _Officer(Visit(browser, url))
        firsts.append(officer.arrive())
        for _ in range(rounds):
            officer.round()
        out.append(officer)
        browser.close()


def _report(title: str, officers: list[_Officer], firsts: list[float], memory: float) -> None:
    times = [seconds for officer in officers for _, seconds in officer.times]
    sys.stdout.write(
        f"{title}: {len(times)} interactions, median {statistics.median(times):.2f} s, "
        f"p95 {_percentile(times, 0.95):.2f} s, most {max(times):.2f} s; "
        f"first page {max(firsts):.2f} s; server {memory:.0f} MB\n"
    )
    by_page: dict[str, list[float]] = {}
    for officer in officers:
        for what, seconds in officer.times:
            by_page.setdefault(what, []).append(seconds)
    for what, values in by_page.items():
        line = f"  {what:24} median {statistics.median(values):.2f}  most {max(values):.2f}\n"
        sys.stdout.write(line)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=Path)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        portfolio = ps.mark(ps.read(args.records) if args.records else ps.load_sample())
        store = prepare(Path(folder), portfolio)
        with serve(store) as (url, process):
            # What is computed once for all sessions is computed here, and shown as such.
            cold: list[_Officer] = []
            firsts: list[float] = []
            _session(url, 1, cold, firsts)
            _report("one officer, nothing computed yet", cold, firsts, _memory(process.pid))
            warm: list[_Officer] = []
            firsts = []
            _session(url, args.rounds, warm, firsts)
            _report("one officer", warm, firsts, _memory(process.pid))
            many: list[_Officer] = []
            firsts = []
            threads = [
                threading.Thread(target=_session, args=(url, 1, many, firsts))
                for _ in range(args.sessions)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            _report(f"{args.sessions} officers at once", many, firsts, _memory(process.pid))


if __name__ == "__main__":
    main()
