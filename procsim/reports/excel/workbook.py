"""The plan as a workbook that a ministry can hand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from procsim.decisions.targets import Scorecard, scorecard, targets
from procsim.errors import Fault, InvalidValue, shorten, spoken
from procsim.language.i18n import fault_of
from procsim.measures import measure
from procsim.model.check import check
from procsim.model.portfolio import Portfolio
from procsim.readers.writing import check_size
from procsim.reference import Parameters, Target
from procsim.reference import parameters as dated_parameters
from procsim.reforms.plan import Plan, apply
from procsim.reports.content import Content
from procsim.reports.excel import (
    changes,
    charts,
    costs,
    cover,
    quality,
    register,
    road,
    scores,
    sources,
)
from procsim.reports.excel.annexes import OTHER
from procsim.reports.roundtrip import stamp
from procsim.reports.roundtrip.entries import Entry, digest_of, enter
from procsim.reports.roundtrip.plan_sheet import PLAN, SHEETS

if TYPE_CHECKING:
    from procsim.reports.excel.page import Book


Progress = Callable[[int, int], None]
_LANGUAGES = ("vi", "en")


def _refuse(path: Path, language: str) -> None:
    if language not in _LANGUAGES:
        raise InvalidValue(fault_of("reports.language", "write_plan › language", shorten(language)))
    if path.suffix.lower() != ".xlsx":
        raise InvalidValue(
            fault_of(
                "reports.ending",
                "write_plan › path",
                shorten(str(path.name)),
                says="reports.ending.plan_written_xlsx_file",
            )
        )


def write_plan(
    portfolio: Portfolio,
    plan: Plan,
    path: str | Path,
    before: pd.DataFrame | None = None,
    after: pd.DataFrame | None = None,
    card: Scorecard | None = None,
    faults: Sequence[Fault] | None = None,
    unmatched: bool = True,
    language: str = "",
    progress: Progress | None = None,
    *,
    on: date | None = None,
    parameters: Parameters | None = None,
    dates: Mapping[str, date] | None = None,
    entries: Iterable[Entry] = (),
    tornado: bool = False,
) -> Path:
    """Write a plan as an Excel workbook with live formulas, ready to print on A4.

    Sheets: Tổng quan · Phương án (the sheet that `Plan.read` reads back) · Phụ lục
    I, II and III in the exact layout of Nghị quyết 66.7/2025/NQ-CP · Nội dung khác
    (reforms that the annexes do not hold, where there are any) · Chi phí – hiện tại,
    – sau đơn giản hóa, – so sánh · Thời gian · Thành phần hồ sơ · Điều kiện kinh
    doanh · Bảng điểm · Biểu đồ · Lộ trình · Ngày hiệu lực · Nguồn số liệu · Chất
    lượng dữ liệu; then what the formulas rest on: Số liệu theo TTHC, Hệ số chi phí,
    Danh sách lỗi, and the rest of the plan's own sheets.

    Every derived figure is a formula, and holds the value that procsim computed:
    readers that do not compute see the same numbers. The hidden sheet Bản gốc says
    what the workbook was written from: `procsim.read_back` reads an edited one.

    Parameters
    ----------
    portfolio
        The baseline, marked where the plan replaces papers.
    plan
        The plan.
    path
        The .xlsx file; replaced whole, never left half-written.
    before, after
        What `procsim.measure` returns for the baseline and after the plan, with
        these `parameters`; measured here where not given.
    card
        The scorecard, for its targets, its grouping and what was entered for the
        nation; every target by ministry where not given.
    faults
        What is wrong in the data; `procsim.check` finds it where not given.
    unmatched
        Whether to write the rows of a resolution that met nothing.
    language
        ``"vi"``, or ``"en"`` for English headings beside the Vietnamese ones
        and English sentences.
    progress
        Called with sheets written and sheets in all.
    on
        Date printed on the plan, from which the roadmap counts; None leaves both
        open. The clock is never read.
    parameters
        Dated figures of the cost sheet; by default the newest.
    dates
        Dates that the officer knows better, as `procsim.roadmap` takes them.
    entries
        Figures that officers entered in place of those of `portfolio`; `before` and
        `after` count them already.
    tornado
        Whether to write Độ nhạy theo giả định, for which both states are measured
        some sixty times again.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InvalidValue
        For a name that does not end in .xlsx, an unknown language, a plan that
        cannot be applied, or one that a workbook cannot hold.
    ProcsimError
        When the file cannot be written; an existing one stays as it was.
    """
    language = spoken(language)
    path = Path(path)
    _refuse(path, language)
    entered = tuple(entries)
    content = make_content(
        *(enter(entered, portfolio), plan, before, after, _against(card)),
        *(faults, language, on, parameters),
        dates=dates,
    )
    # XlsxWriter is imported only where a plan is written.
    from procsim.reports.excel.page import Book, safe_text
    from procsim.reports.roundtrip.stamp import layout_of, stamp_of, write_stamp

    book = Book(language)
    if tornado:
        from procsim.reports.excel.sources import write_tornado

        write_tornado(book, content)
    order = fill(book, content, progress, unmatched=unmatched)
    stamp = stamp_of(
        *(content.plan, content.card, content.parameters),
        digest=digest_of(portfolio),
        source=portfolio.source,
        size=len(portfolio),
        on=on,
        language=language,
        entries=entered,
        dates=content.dates,
        layout=layout_of(book),
    )
    write_stamp(book, stamp)
    check_size(path, (page.size for page in book.pages.values()))
    book.save(
        *(path, order),
        title=safe_text(content.plan.name),
        author="procsim",
        created=on or content.parameters.day,
    )
    return path


class Against(NamedTuple):
    """What a plan is held against: targets, grouping, figures stated for the nation."""

    targets: Sequence[Target]
    by: str | None
    entered: Mapping[str, float]


def _against(card: Scorecard | None) -> Against:
    if card is None:
        return Against(targets(), "ministry", {})
    stated = card.nation()[card.nation()["basis"] == "entered"]
    entered = dict(zip(stated["target_id"], map(float, stated["value"]), strict=True))
    return Against(card.targets, card.by or None, entered)


def make_content(
    portfolio: Portfolio,
    plan: Plan,
    before: pd.DataFrame | None,
    after: pd.DataFrame | None,
    against: Against,
    faults: Sequence[Fault] | None,
    language: str,
    on: date | None,
    parameters: Parameters | None,
    *,
    dates: Mapping[str, date] | None = None,
) -> Content:
    """Measure what was not given, and hold it against the targets anew.

    The formulas look at the plan and its portfolio, so the scorecard must have done so.
    """
    p = dated_parameters() if parameters is None else parameters
    changed = apply(portfolio, plan)
    before = measure(portfolio, p) if before is None else before
    after = (measure(changed, p) if after is None else after).reindex(before.index)
    known, by, entered = against
    return Content(
        plan=plan,
        portfolio=portfolio,
        changed=changed,
        before=before,
        after=after,
        card=scorecard(
            before, after, known, by=by, portfolio=changed, plan=plan, on=on, entered=entered
        ),
        faults=check(portfolio) if faults is None else faults,
        parameters=p,
        on=on,
        language=language,
        dates=dict(dates or {}),
    )


def fill(
    book: Book, content: Content, progress: Progress | None = None, *, unmatched: bool = True
) -> tuple[str, ...]:
    """Write every sheet but the hidden one; return the order of the sheets."""
    from procsim.reports.excel import annexes, changes, costs, quality, road, sources
    from procsim.reports.excel.charts import write_charts
    from procsim.reports.excel.costs import write_cost_changes, write_cost_rest
    from procsim.reports.excel.cover import Counts, write_cover
    from procsim.reports.excel.register import Places, write_register
    from procsim.reports.excel.scores import find_scopes, write_scores
    from procsim.reports.roundtrip.plan_sheet import write_plan_sheets
    from procsim.reports.roundtrip.stamp import SHEET as STAMP

    def tick() -> None:
        if progress:
            progress(len(book.pages), len(ORDER))

    title = content.plan.name or "cắt giảm, đơn giản hóa thủ tục hành chính"
    under = f"(Kèm theo Phương án: {title})"
    scopes = find_scopes(content)
    sources.write_sources(book, content)
    before, after = costs.write_costs(book, content)
    tick()
    write_cost_changes(book, content, before, after)
    places = Places(
        time=changes.write_time(book, content),
        documents=changes.write_documents(book, content),
        conditions=changes.write_conditions(book, content),
        before=before,
        after=after,
    )
    tick()
    write_register(book, content, scopes, places, write_cost_rest(book, content))
    tick()
    replaced, dropped = annexes.write_annexes(book, content, under)
    texts = annexes.write_texts(book, content, scopes, under)
    other = annexes.write_other_reforms(book, content, under)
    scores = write_scores(book, content, scopes)
    tick()
    road.write_road(book, content)
    quality.write_quality(book, content.faults)
    write_charts(book, content, scopes, scores)
    write_cover(book, content, Counts(replaced, dropped, other, texts), scores)
    write_plan_sheets(book, content, reported([*book.pages, STAMP]), unmatched=unmatched)
    if progress:
        progress(len(ORDER), len(ORDER))
    return ORDER


# The sheets of the workbook in their order.

ORDER = (
    cover.SHEET,
    PLAN,
    "Phụ lục I",
    "Phụ lục II",
    "Phụ lục III",
    OTHER,
    costs.BEFORE,
    costs.AFTER,
    costs.CHANGES_SHEET,
    changes.TIME,
    changes.DOCUMENTS,
    changes.CONDITIONS,
    scores.SHEET,
    charts.SHEET,
    road.SHEET,
    road.EFFECTS,
    sources.TORNADO_SHEET,
    sources.SHEET,
    quality.SHEET,
    register.SHEET,
    costs.REST_SHEET,
    quality.LIST,
    *(name for name in SHEETS if name != PLAN),
    stamp.SHEET,
)


def reported(written: Iterable[str]) -> tuple[str, ...]:
    """Return the sheets among these that are not the plan's own."""
    return tuple(name for name in ORDER if name in set(written) - set(SHEETS))
