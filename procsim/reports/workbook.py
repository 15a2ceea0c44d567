"""The plan as a workbook that a ministry can hand in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from procsim.decisions.targets import Scorecard, scorecard, targets
from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.measures import measure
from procsim.model.check import check
from procsim.model.portfolio import Portfolio
from procsim.reforms.plan import Plan, apply

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["Progress", "write_plan"]

Progress = Callable[[int, int], None]
_LANGUAGES = ("vi", "en")
_STEP = 200  # rows between two calls of the progress


class _Counter:
    """Counts rows and tells the caller from time to time."""

    def __init__(self, whole: int, progress: Progress | None) -> None:
        self.done, self.whole, self.progress = 0, whole, progress

    def __call__(self) -> None:
        self.done += 1
        if self.progress and self.done % _STEP == 0:
            self.progress(min(self.done, self.whole), self.whole)

    def finish(self) -> None:
        if self.progress:
            self.progress(self.whole, self.whole)


def _refuse(path: Path, language: str) -> None:
    if language not in _LANGUAGES:
        raise InvalidValue(
            Fault(
                "write_plan › language",
                shorten(language),
                Text("Chỉ có hai ngôn ngữ: vi và en.", "There are two languages only: vi and en."),
                code="reports.language",
            )
        )
    if path.suffix.lower() != ".xlsx":
        raise InvalidValue(
            Fault(
                "write_plan › path",
                shorten(str(path.name)),
                Text("Phương án ghi vào tệp .xlsx.", "The plan is written to an .xlsx file."),
                Text("Đặt tên tệp kết thúc bằng .xlsx.", "Give a file name that ends in .xlsx."),
                code="reports.ending",
            )
        )


def _save(book: Workbook, path: Path) -> None:
    """Write beside the target, then exchange: the file appears whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        book.save(unfinished)
        # mkstemp makes files that only the owner can read; a plan is handed on.
        unfinished.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_plan(
    portfolio: Portfolio,
    plan: Plan,
    path: str | Path,
    before: pd.DataFrame | None = None,
    after: pd.DataFrame | None = None,
    card: Scorecard | None = None,
    faults: Sequence[Fault] | None = None,
    unmatched: bool = True,
    language: str = "vi",
    progress: Progress | None = None,
    *,
    on: date | None = None,
) -> Path:
    """Write a plan as an Excel workbook, ready to print on A4.

    Sheets: Tổng quan · Bảng điểm · Phụ lục I and Phụ lục II in the exact layout
    of Nghị quyết 66.7/2025/NQ-CP · Nội dung khác (reforms that the annexes do
    not hold, where there are any) · Trước và sau · Chưa khớp · Chất lượng dữ liệu.

    Parameters
    ----------
    portfolio
        The baseline, marked where the plan replaces papers.
    plan
        The plan.
    path
        The .xlsx file; replaced whole, never left half-written.
    before, after
        What `procsim.measure` returns for the baseline and after the plan;
        measured here where not given.
    card
        The scorecard; by ministry against every target where not given.
    faults
        What is wrong in the data; `procsim.check` finds it where not given.
    unmatched
        Whether to write the rows of a resolution that met nothing.
    language
        ``"vi"``, or ``"en"`` for English headings beside the Vietnamese ones
        and English sentences.
    progress
        Called with rows written and rows in all.
    on
        Date printed on the plan; None leaves it open. The clock is never read.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InvalidValue
        For a name that does not end in .xlsx, an unknown language, or a plan
        that cannot be applied.
    OSError
        When the file cannot be written; an existing one stays as it was.
    """
    path = Path(path)
    _refuse(path, language)
    if before is None:
        before = measure(portfolio)
    changed = apply(plan, portfolio) if after is None or card is None else portfolio
    if after is None:
        after = measure(changed)
    if card is None:
        card = scorecard(before, after, targets(), by="ministry", portfolio=changed)
    if faults is None:
        faults = check(portfolio)
    book = _fill(portfolio, plan, before, after, card, faults, unmatched, language, progress, on)
    _save(book, path)
    return path


def _fill(
    portfolio: Portfolio,
    plan: Plan,
    before: pd.DataFrame,
    after: pd.DataFrame,
    card: Scorecard,
    faults: Sequence[Fault],
    unmatched: bool,
    language: str,
    progress: Progress | None,
    on: date | None,
) -> Workbook:
    # openpyxl takes a quarter of a second to import, so only where a plan is written.
    from openpyxl import Workbook

    from procsim.reports import annexes, cells, cover, tables

    book = Workbook()
    book.remove(book.active)
    cells.add_styles(book, language)
    book.properties.title = cells.safe_text(plan.name)
    book.properties.creator = "procsim"
    rows = len(card.summary) + len(plan.reforms) + len(before) + len(faults)
    tick = _Counter(rows + (len(plan.unmatched) if unmatched else 0), progress)
    title = plan.name or "cắt giảm, đơn giản hóa thủ tục hành chính"
    under = f"(Kèm theo Phương án: {title})"
    # The cover counts what the other sheets hold, so it is written last and moved to the front.
    tables.write_scorecard(book, card, language, tick)
    replaced, dropped = annexes.write_annexes(book, portfolio, plan, under, language, tick)
    other = annexes.write_other_reforms(book, portfolio, plan, under, language, tick)
    tables.write_before_after(book, before, after, language, tick)
    if unmatched:
        tables.write_unmatched(book, plan, language, tick)
    tables.write_faults(book, faults, language, tick)
    cover.write_cover(
        book,
        portfolio,
        plan,
        before,
        after,
        cover.Counts(replaced, dropped, other, len(faults)),
        on=on,
        language=language,
    )
    book.move_sheet("Tổng quan", offset=1 - len(book.sheetnames))
    book.active = 0
    if on is not None:
        book.properties.created = datetime.combine(on, time())
    tick.finish()
    return book
