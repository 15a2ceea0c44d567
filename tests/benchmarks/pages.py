"""Pages of the app on the real records, run again after they were loaded.

`streamlit.testing` runs the script of a page without a browser; what a browser adds is
measured by ``python -m tests.benchmarks.app``.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import procsim as ps
from procsim.app.shell.jobs import jobs
from procsim.language.i18n import t
from procsim.model.portfolio import Portfolio
from procsim.reforms import resolution_66_7
from procsim.store import PutPlan, Store
from tests.app.pages import open_page
from tests.benchmarks.real import marked_records
from tests.benchmarks.table import Row
from tests.benchmarks.timing import timed

__all__ = ["prepare", "rows"]

_HEAVY = (
    "overview",
    "data",
    "marking",
    "procedures",
    "network",
    "scenarios",
    "smallest",
    "roadmap",
    "report",
)


def prepare(folder: Path, portfolio: Portfolio) -> Path:
    """Return a store with a marked portfolio as its project, and the plan of Resolution 66.7."""
    tagged = ps.tag(portfolio)
    now = dt.datetime.now(dt.UTC)
    store = folder / "procsim.db"
    with Store(store) as opened:
        project = opened.create("Đo tốc độ", tagged, who="procsim", at=now)
        law = PutPlan(t("app.plan.66_7"), resolution_66_7(tagged))
        project.act(law, who="procsim", at=now)
    return store


def _finish_jobs(most: float = 300.0) -> None:
    """Wait until no work that a page began is left."""
    until = time.monotonic() + most
    while jobs().active() and time.monotonic() < until:
        time.sleep(0.05)
    if jobs().active():
        raise TimeoutError(f"work beside a page took over {most:g} s")


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    portfolio = marked_records(quick=quick)
    found = []
    with TemporaryDirectory(prefix="procsim-", ignore_cleanup_errors=True) as folder:
        os.environ["PROCSIM_STORE"] = str(prepare(Path(folder), portfolio))
        for name in _HEAVY[:2] if quick else _HEAVY:
            app = open_page(name)
            app.run()
            again = timed(app.run, 1 if quick else 5)
            assert not app.exception
            found.append(
                Row(f"the page “{name}” again, {len(portfolio):,} procedures", again, most=0.5)
            )
            _finish_jobs()  # before the store and the interpreter go
    return found
