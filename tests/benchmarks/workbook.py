"""The Excel plan of 794 procedures with live formulas, and LibreOffice's recalculation."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from procsim.model.portfolio import Portfolio
from procsim.reforms import Plan, ShortenLimit, resolution_66_7
from procsim.reports.excel.workbook import write_plan
from tests.benchmarks.real import marked_records
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Figure, peak_mb, timed
from tests.reports.libreoffice import convert, formulas_of

__all__ = ["rows"]

_PROCEDURES = 794
_ON = date(2026, 3, 2)


def _plan(portfolio: Portfolio) -> Plan:
    """Return Resolution 66.7 and a shorter limit wherever one is known."""
    known = portfolio.channels["limit_value"].notna().groupby(portfolio.channels["procedure"]).all()
    limits = [ShortenLimit(procedure, percent=30) for procedure in known.index[known]]
    return resolution_66_7(portfolio) + Plan(limits)


def _in_libreoffice(path: Path, folder: Path, ending: str, times: int) -> Figure | None:
    """Return what LibreOffice takes to open and compute a workbook, and to save it so."""
    if not (shutil.which("soffice") or shutil.which("libreoffice")):
        return None
    return timed(lambda: convert(path, folder, ending), times)


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    whole = marked_records(quick=quick)
    portfolio = whole.select(list(whole.procedures.index[:_PROCEDURES]))
    plan = _plan(portfolio)
    times = 1 if quick else 3
    with TemporaryDirectory(prefix="procsim-") as name:
        folder = Path(name)
        path = folder / "phuong-an.xlsx"
        made = timed(lambda: write_plan(portfolio, plan, path, on=_ON), times, warm=not quick)
        memory = peak_mb()
        formulas = sum(len(sheet) for sheet in formulas_of(path).values())
        saved = _in_libreoffice(path, folder, "xlsx", times)
        # As CSV only the cover is written: what is left is opening and computing.
        opened = _in_libreoffice(path, folder, "csv", times)
    beside = "LibreOffice: open, recalculate, save"
    return [
        Row(
            f"write the plan of {len(portfolio)} procedures, {formulas:,} formulas",
            *(made, saved, beside),
            most=15,
        ),
        Row("peak memory, reading and marking included", Figure((memory,), "MB"), most=1000),
        Row("open it in LibreOffice, every formula computed", opened, most=10)
        if opened
        else Row("open it in LibreOffice", note="skipped: LibreOffice is not on this machine"),
    ]
