"""How fast the app answers: one officer in a real browser, then ten at once without one.

``python -m tests.benchmarks.app [RECORDS] [--sessions 10] [--minutes 3] [--rounds 2]`` loads
the records (the sample when none are given) and starts the app on them, as an officer does:

1. one officer in Chromium goes through every page, first while nothing is computed yet, then
   ``--rounds`` times: seconds from a press to the end of what it sets off on the screen;
2. one officer without a browser (`tests.benchmarks.sockets`) does a longer round: seconds to
   the end of the run, and the processor time that each act takes of the server;
3. ``--sessions`` officers work at once for ``--minutes``, all on one project, from one other
   process without browsers. Each begins at another page, and thinks 5 to 10 seconds between
   two acts: it takes that long to read a table or a row of a dossier; an officer who only
   leafs through is as fast, one who decides is slower. Everybody decides papers too: what
   others see is then worked out anew, and a conflict is answered as an officer does.

Not in the rounds is what an officer waits for knowingly: reading files, the smallest plan,
the Word report. Memory is the resident set (on Windows the working set) of the server's
process and its children, the largest seen; processor time is theirs as well, user and system.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

import procsim as ps
from procsim.app.shell.frame import PAGES
from procsim.language.i18n import t
from tests.app.browser import CHROMIUM, Visit, launch
from tests.app.serving import serve
from tests.benchmarks.pages import prepare
from tests.benchmarks.sockets import Officer, Value

_WATCH = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  new MutationObserver(() => {
    window.ran = true;
    if (app.dataset.testScriptState === 'notRunning') window.ended = performance.now();
  }).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
}"""
_QUIET = 0.4
_LATE = 5.0
_THINK = (5.0, 10.0)
_SEARCHES = ("khai sinh", "kết hôn", "doanh nghiệp", "đất đai", "")
_PATHS = {name: path for pages in PAGES.values() for name, _, path in pages}


def _row(place: int) -> dict[str, object]:
    return {"selection": {"rows": [place], "columns": [], "cells": []}}


def _tabs(page: str, key: str, *names: str) -> list[tuple[str, Value, str]]:
    return [(key, t(f"app.{page}.tab.{name}"), f"{page}: {name}") for name in names]


_DECIDE: list[tuple[str, Value, str]] = [
    ("marking.choice.*", True, "marking: decide"),
    ("conflict.overwrite", True, "marking: settle a conflict"),
]
_ACTS: dict[str, list[tuple[str, Value, str]]] = {
    "overview": [
        *_tabs("overview", "overview.tabs.vi", "ministries", "lacks", "quality", "card"),
        ("overview.card.*", _row(2), "overview: a target"),
    ],
    "data": _tabs("data", "data.tab", "faults", "inputs", "holdings"),
    "marking": [
        ("marking.skip.*", True, "marking: skip"),
        *_DECIDE,
        *_DECIDE,
        *_tabs("marking", "marking.tab", "decided", "quality"),
    ],
    "procedures": [
        *(("procedures.search", words, "procedures: search") for words in _SEARCHES),
        ("procedures.list", _row(3), "procedures: open"),
        *_tabs("procedures", "procedures.tabs.vi", "time", "cost", "papers", "legal", "related"),
    ],
    "network": _tabs(
        "network", "network.tabs.vi", "chains", "cycles", "duplicates", "similar", "links"
    ),
    "scenarios": [
        *(("scenarios.find", words, "scenarios: search") for words in _SEARCHES),
        *(
            ("scenarios.view", [label], f"scenarios: {kind}")
            for kind in ("more", "compare", "effects")
            for label in (t(f"app.scenarios.tab.{kind}"),)
        ),
    ],
    "roadmap": _tabs("roadmap", "roadmap.tabs.vi", "dates", "effects", "months", "ready"),
    "parameters": _tabs("parameters", "parameters.tabs.vi", "targets", "days", "versions", "log"),
}
"""Page → what is done there: the key of a widget, what it is given, what the act is called."""


class _Server:
    """The server that is measured."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.most = 0.0

    def _all(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]

    def memory(self) -> float:
        """Return the most resident memory seen until now, MB."""
        self.most = max(self.most, sum(p.memory_info().rss for p in self._all()) / 1e6)
        return self.most

    def processor(self) -> float:
        """Return the processor time until now, seconds."""
        return sum(sum(p.cpu_times()[:2]) for p in self._all())


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _report(title: str, times: list[tuple[str, float]], server: _Server, note: str = "") -> None:
    """Print all interactions together, then each by its name; the first page stands apart."""
    firsts = [seconds for name, seconds in times if name == "first page"]
    acts = [(name, seconds) for name, seconds in times if name != "first page"]
    values = [seconds for _, seconds in acts]
    load = " ".join(f"{part:.1f}" for part in psutil.getloadavg())
    sys.stdout.write(
        f"{title}: {len(values)} interactions, p50 {statistics.median(values):.2f} s, "
        f"p95 {_percentile(values, 0.95):.2f} s, most {max(values):.2f} s; "
        f"first page {max(firsts):.2f} s; server {server.memory():.0f} MB{note}; load {load}\n"
    )
    by_name: dict[str, list[float]] = {}
    for name, seconds in acts:
        by_name.setdefault(name, []).append(seconds)
    for name, own in by_name.items():
        line = f"  {name:28} p50 {statistics.median(own):.2f}  most {max(own):.2f}  ({len(own)})\n"
        sys.stdout.write(line)
    sys.stdout.flush()


# --- in a browser -------------------------------------------------------------------------


class _Window:
    """One officer at a window of Chromium; times are seconds from a press to rest."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.times: list[tuple[str, float]] = []

    def arrive(self) -> None:
        start = time.perf_counter()
        self.visit.open()
        self.visit.page.evaluate(_WATCH)
        self.times.append(("first page", time.perf_counter() - start))

    def time(self, name: str, press: Callable[[], object]) -> None:
        """Do something that sets off a run, wait until the app is quiet, note how long it took."""
        page = self.visit.page
        begun = page.evaluate("() => (window.ran = false, window.ended = performance.now())")
        press()
        while True:
            page.wait_for_timeout(1000 * _QUIET)
            ran, state, ended, now = page.evaluate(
                "() => [window.ran,"
                " document.querySelector('[data-testid=stApp]').dataset.testScriptState,"
                " window.ended, performance.now()]"
            )
            # On a busy machine a run begins late; a press that sets none off is no interaction.
            if not ran and now - begun > 1000 * _LATE:
                return
            if ran and state == "notRunning" and now - ended > 900 * _QUIET:
                break
        self.times.append((name, (ended - begun) / 1000))

    def round(self) -> None:
        """Go to each page once, and search on two of them."""
        visit = self.visit
        menu = visit.page.locator(".st-key-pages")
        for name in _PATHS:
            link = menu.get_by_role("link", name=t(f"app.{name}.page"), exact=True)
            self.time(name, link.click)
            if name in ("procedures", "scenarios"):
                key = "procedures.search" if name == "procedures" else "scenarios.find"
                field = visit.at(key).locator("input").first
                for words in _SEARCHES:
                    field.fill(words)
                    self.time(f"{name}: search", lambda f=field: f.press("Enter"))


def _in_browser(url: str, rounds: int) -> list[tuple[str, float]]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        window = _Window(Visit(browser, url))
        window.arrive()
        for _ in range(rounds):
            window.round()
        browser.close()
    return window.times


# --- without a browser --------------------------------------------------------------------


async def _alone(url: str, server: _Server) -> None:
    """Do one round without thinking, and print what each act cost the server."""
    costs: list[tuple[str, float]] = []
    async with Officer(url) as officer:

        async def cost(act: Awaitable[object]) -> None:
            done, before = len(officer.times), server.processor()
            await act
            costs.extend((name, server.processor() - before) for name, _ in officer.times[done:])
            await officer.wait()

        await cost(officer.arrive())
        for name, path in _PATHS.items():
            await cost(officer.go(path, name))
            for key, value, called in _ACTS.get(name, []):
                await cost(officer.act(key, value, called))
    _report("one officer, no browser", officer.times, server)
    _report("one officer, no browser, processor time", costs, server)


async def _officer(url: str, number: int, end: float) -> list[tuple[str, float]]:
    """Work until the end, beginning at a page of one's own."""
    chance = random.Random(number)
    names = list(_PATHS)
    await asyncio.sleep(chance.uniform(0, _THINK[1]))
    async with Officer(url) as officer:
        await officer.arrive()
        turn = number
        while time.perf_counter() < end:
            name = names[turn % len(names)]
            turn += 1
            await officer.think(chance.uniform(*_THINK))
            await officer.go(_PATHS[name], name)
            for key, value, called in _ACTS.get(name, []):
                await officer.think(chance.uniform(*_THINK))
                await officer.wait()
                await officer.act(key, value, called)
    return officer.times


async def _together(url: str, sessions: int, minutes: float, server: _Server) -> None:
    end = time.perf_counter() + 60 * minutes
    before = server.processor()
    begun = time.perf_counter()

    async def watch() -> None:
        while True:
            server.memory()
            await asyncio.sleep(2)

    watching = asyncio.create_task(watch())
    found = await asyncio.gather(*(_officer(url, n, end) for n in range(sessions)))
    watching.cancel()
    share = (server.processor() - before) / (time.perf_counter() - begun)
    times = [each for own in found for each in own]
    _report(f"{sessions} officers at once", times, server, f", {share:.0%} of one processor")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=Path)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        portfolio = ps.mark(ps.read(args.records) if args.records else ps.load_sample())
        store = prepare(Path(folder), portfolio)
        with serve(store) as (url, process):
            server = _Server(process.pid)
            if CHROMIUM is not None:
                # What is computed once for all sessions is computed here, and shown as such.
                cold = _in_browser(url, 1)
                _report("one officer, nothing computed yet", cold, server)
                _report("one officer", _in_browser(url, args.rounds), server)
            asyncio.run(_alone(url, server))
            asyncio.run(_together(url, args.sessions, args.minutes, server))


if __name__ == "__main__":
    main()
