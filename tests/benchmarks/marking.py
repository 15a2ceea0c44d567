"""Marking dossier rows: never seen, seen before, and beside a plain search for variants."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

import procsim as ps
from procsim.language.vietnamese import fold
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types
from tests.benchmarks.real import QUICK, records_path
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Figure, fresh, peak_mb, timed

__all__ = ["many_rows", "marked_plain", "rows"]


def marked_plain(portfolio: Portfolio) -> list[list[str]]:
    """Return the types of each dossier row: those of which a variant stands in its name."""
    variants = {
        kind: [fold(word) for word in str(words).split(";")]
        for kind, words in document_types()["variants"].items()
    }
    found = []
    for name in portfolio.requirements["name"]:
        folded = fold(name)
        found.append(
            [kind for kind, words in variants.items() if any(word in folded for word in words)]
        )
    return found


def many_rows(portfolio: Portfolio, count: int) -> Portfolio:
    """Return the portfolio with `count` dossier rows: more of its own, differently named."""
    rows = portfolio.requirements
    copies = [
        rows.assign(name=rows["name"] + f" (hồ sơ số {n})").set_axis(rows.index + f"-{n}")
        for n in range(2, 2 + count // max(len(rows), 1))
    ]
    return portfolio.replace(requirements=pd.concat([rows, *copies]).iloc[:count])


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    portfolio = ps.read(records_path())
    if quick:
        portfolio = portfolio.select(list(portfolio.procedures.index[:QUICK]))
    count = len(portfolio.requirements)
    with TemporaryDirectory(prefix="procsim-") as folder:
        kept = Path(folder) / "records"
        ps.write_folder(portfolio, kept)
        load = "import procsim as ps\nfrom procsim.marking import mark"
        load += f"\nportfolio = ps.read_folder({str(kept)!r})"
        place = f"import os; os.environ['PROCSIM_CACHE'] = {{!r}}\n{load}"
        works = [(place.format(cache), "mark(portfolio)") for cache in ("off", f"{folder}/cache")]
        new, second = fresh(*works, times=1 if quick else 3)
    again = timed(lambda: ps.mark(portfolio), 1 if quick else 3)
    memory = peak_mb()
    plain = timed(lambda: marked_plain(portfolio), 1)
    large = many_rows(portfolio, 4 * count if quick else 50_000)
    most = timed(lambda: ps.mark(large), warm=False)
    beside = "each variant of the catalogue looked for in each name"
    return [
        Row(f"mark {count:,} dossier rows never seen", new, plain, beside, most=5, slower=2),
        Row(
            "mark them in a second process",
            second,
            new,
            "with no cache on disk",
            most=0.3,
            faster=8,
        ),
        Row("peak memory of reading and marking", Figure((memory,), "MB"), most=1000),
        Row("mark the same rows again", again, new, "marking them the first time"),
        Row(f"mark {len(large.requirements):,} rows, most never seen", most, most=20),
        Row("peak memory of marking those", Figure((peak_mb(),), "MB")),
    ]
