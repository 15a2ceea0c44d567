"""Every bound of the design, measured: ``python -m tests.benchmarks``.

``--only NAME…`` runs some, ``--quick`` small sizes to see that all of it works,
``-o FILE.md`` writes the table into a file too. Each benchmark runs in a process of its
own, so that none warms another up or counts its memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.benchmarks.table import Row, Skipped, load, machine, markdown
from tests.benchmarks.timing import ROOT

__all__ = ["BENCHMARKS", "main"]

BENCHMARKS = {
    "import": "importing",
    "remeasure": "remeasure",
    "cost": "cost",
    "network": "network",
    "attribution": "attribution",
    "reading": "reading",
    "marking": "marking",
    "resolution": "resolution",
    "sheet": "sheet",
    "workbook": "workbook",
    "app": "pages",
    "smallest_plan": "smallest_plan",
}
"""Name → module whose ``rows(quick)`` measures it."""
_SECONDS = 1200


def _measure(name: str, quick: bool) -> list[Row]:
    """Measure one benchmark here; what this machine lacks becomes a row that says so."""
    try:
        return import_module(f"tests.benchmarks.{BENCHMARKS[name]}").rows(quick=quick)
    except Skipped as reason:
        return [Row("", note=f"skipped: {reason}")]


def _apart(name: str, quick: bool, folder: Path) -> list[Row]:
    """Measure one benchmark in a process of its own; a failure becomes a row."""
    made = folder / f"{name}.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--only", name, "--rows", str(made)]
    try:
        subprocess.run([*command, *["--quick"] * quick], cwd=ROOT, check=True, timeout=_SECONDS)
    except subprocess.CalledProcessError as error:
        return [Row("", note=f"**failed** (exit code {error.returncode})")]
    except subprocess.TimeoutExpired:
        return [Row("", note=f"**failed** (stopped after {_SECONDS} s)")]
    return [Row.read(row) for row in json.loads(made.read_text(encoding="utf-8"))]


def main(words: list[str] | None = None) -> int:
    """Run the benchmarks and print their table; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, bounds not judged")
    parser.add_argument("-o", dest="file", type=Path, help="write the table here too")
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.rows:
        found = [row.written() for name in given.only for row in _measure(name, given.quick)]
        given.rows.write_text(json.dumps(found), encoding="utf-8")
        return 0
    busy = load()
    rows: list[tuple[str, Row]] = []
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        for name in given.only:
            sys.stderr.write(f"{name} …\n")
            rows += [(name, row) for row in _apart(name, given.quick, Path(folder))]
    lines = [
        *markdown(rows, judge=not given.quick),
        "",
        *(f"- {fact}" for fact in machine()),
        f"- {dt.datetime.now(dt.UTC):%Y-%m-%d}; load of the machine before {busy}, after {load()}"
        + ("; quick: small sizes, bounds are not judged" if given.quick else ""),
        "- median of n runs by the clock after one that warms up; ratio: plain ÷ ours",
    ]
    text = "\n".join(lines) + "\n"
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)
    if given.file:
        given.file.write_text(text, encoding="utf-8")
    return int(any("failed" in row.note for _, row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
