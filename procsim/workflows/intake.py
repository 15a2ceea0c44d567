"""From uploaded bytes to a marked portfolio, in a job beside the page; and new projects."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from procsim.decisions import tag
from procsim.errors import Fault, UnreadableInput
from procsim.language.i18n import bilingual, t
from procsim.marking import mark
from procsim.marking.availability import rows_of
from procsim.marking.matching import default_matcher, read_rows
from procsim.measures import measure
from procsim.model import Portfolio, check
from procsim.readers import read
from procsim.readers.gates import examine as gates
from procsim.reforms import Plan, resolution_66_7
from procsim.sample import load_sample
from procsim.store import Project, PutPlan, Store
from procsim.workflows import Report

Upload = tuple[str, bytes]
"""Name as uploaded, possibly hostile, and content."""

FOLDER = "tep-tai-len"
"""Name that several files together go by in places of faults."""

_TABLES = (".csv", ".tsv")
_RECORDS = (".json", ".jsonl", ".ndjson", ".gz")
_AT_ONCE = 1024
_TYPICAL = 1500


@dataclass(frozen=True, eq=False)
class Intake:
    """What an upload holds, ready to be taken over.

    Attributes
    ----------
    portfolio
        Read, marked and tagged.
    plan
        What Resolution 66.7 makes of it.
    faults
        Everything found: by the reader, and by `check`.
    seen
        What was there to be read: place (file or sheet) and rows or records seen.
    records
        Whether `seen` counts records, each of which is one procedure.
    """

    portfolio: Portfolio
    plan: Plan
    faults: tuple[Fault, ...]
    seen: tuple[tuple[str, int], ...]
    records: bool


def digest_of(uploads: Sequence[Upload]) -> str:
    """Return a hash of names and contents: equal uploads are read once."""
    made = hashlib.sha256()
    for name, content in uploads:
        for part in (name.encode("utf-8", "surrogatepass"), content):
            made.update(len(part).to_bytes(8, "big"))
            made.update(part)
    return made.hexdigest()


def intake(uploads: Sequence[Upload], report: Report) -> Intake:
    """Read uploaded files, check and mark what they hold, and measure it once.

    Parameters
    ----------
    uploads
        One file of any supported kind, or the files of one folder.
    report
        Told of every step; stops the work when the officer wants so.

    Raises
    ------
    ProcsimError
        With everything that is wrong, when the files cannot be read.
    """
    report(0.0, bilingual("app.data.step.open"))
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = _laid_down(uploads, Path(folder))
        portfolio, seen = _read(path, report)
    report(0.4, bilingual("app.data.step.check", rows=len(portfolio.requirements)))
    warm(portfolio, _between(report, 0.4, 0.75))
    portfolio = tag(mark(portfolio))
    found = tuple(check(portfolio))
    report(0.8, bilingual("app.data.step.measure", procedures=len(portfolio)))
    measure(portfolio)
    report(0.85, bilingual("app.data.step.resolution"))
    plan = resolution_66_7(portfolio)
    report(1.0, bilingual("app.data.step.done"))
    return Intake(portfolio, plan, found, seen, path.suffix.lower() in _RECORDS or not seen)


def _between(report: Report, low: float, high: float) -> Callable[[float, int, int], None]:
    def told(fraction: float, done: int, total: int) -> None:
        words = bilingual("app.data.step.mark", done=done, total=total)
        report(low + (high - low) * fraction, words)

    return told


def _laid_down(uploads: Sequence[Upload], folder: Path) -> Path:
    """Write the uploads under harmless names; return the file, or the folder of several."""
    if len(uploads) == 1:
        path = folder / gates.safe_name(uploads[0][0])
        path.write_bytes(uploads[0][1])
        return path
    together = folder / FOLDER
    together.mkdir()
    kinds = {_kind(name) for name, _ in uploads}
    if len(kinds) != 1 or "" in kinds:
        raise UnreadableInput(
            Fault(
                gates.safe_name(name),
                "",
                bilingual("app.data.mixed"),
                bilingual("app.data.mixed.cure"),
                code="app.mixed_files",
            )
            for name, _ in uploads
        )
    for name, content in uploads:
        path = together / gates.safe_name(name)
        if path.exists():
            raise UnreadableInput(
                Fault(
                    path.name,
                    "",
                    bilingual("app.data.twice"),
                    bilingual("app.data.twice.cure"),
                    code="app.same_name",
                )
            )
        path.write_bytes(content)
    return together


def _kind(name: str) -> str:
    ending = Path(gates.safe_name(name)).suffix.lower()
    return "tables" if ending in _TABLES else "records" if ending in _RECORDS else ""


def _read(path: Path, report: Report) -> tuple[Portfolio, tuple[tuple[str, int], ...]]:
    """Return what a file holds, and how many rows or records there were to be read."""
    found = gates.examine(path)
    seen = 0

    def progress(count: int) -> None:
        nonlocal seen
        seen = count
        # How many records follow is not known before the end.
        report(0.4 * (1 - math.exp(-count / _TYPICAL)), bilingual("app.data.step.read", n=count))

    report(0.02, bilingual("app.data.step.read_file"))
    portfolio = read(found, progress)
    if found.scan is not None:
        return portfolio, tuple((sheet.name, sheet.rows_seen) for sheet in found.scan.sheets)
    return portfolio, ((path.name, seen),) if seen else ()


def warm(portfolio: Portfolio, told: Callable[[float, int, int], None]) -> None:
    """Let the matcher read all dossier rows, part by part, so that marking them is quick.

    Parameters
    ----------
    told
        Called with the share done, the rows done and all rows.
    """
    rows = rows_of(portfolio)
    for start in range(0, len(rows), _AT_ONCE):
        told(start / len(rows), start, len(rows))
        read_rows(default_matcher(), rows[start : start + _AT_ONCE])


def begin(
    store: Store, name: str, portfolio: Portfolio, plan: Plan, who: str, at: dt.datetime
) -> Project:
    """Make a project with the plan that Resolution 66.7 contains, if that has anything in it."""
    project = store.create(name, portfolio, who=who, at=at)
    return project.act(PutPlan(t("app.plan.66_7"), plan), who=who, at=at)


def begin_sample(store: Store, who: str, at: dt.datetime) -> Project:
    """Make a project of the sample portfolio."""
    portfolio = tag(mark(load_sample()))
    return begin(store, t("app.sample.name"), portfolio, resolution_66_7(portfolio), who, at)
