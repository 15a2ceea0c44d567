"""The plan as a Word document: a block for each procedure, ready to be signed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from procsim.decisions.roadmap import roadmap
from procsim.decisions.targets import Scorecard, scorecard, targets
from procsim.errors import Fault, InvalidValue, Text, shorten, spoken
from procsim.language.i18n import t
from procsim.measures import compare, measure
from procsim.measures.base import base_rows
from procsim.model.portfolio import Portfolio
from procsim.readers.writing import replace_file
from procsim.reforms.attribution import effects
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan, apply
from procsim.reports.diagram import fitted_map, size_of
from procsim.reports.figures import before_after, figure_png, waterfall
from procsim.reports.map_picture import map_picture
from procsim.reports.word_front import write_heading, write_results, write_scope, write_signature
from procsim.reports.word_page import WordPage, plain
from procsim.reports.word_pages import pages_of
from procsim.reports.word_style import TEXT_HEIGHT_MM, TEXT_WIDTH_MM
from procsim.reports.word_words import (
    Namer,
    benefits,
    change_lines,
    reason_lines,
    route_lines,
    task_lines,
)

__all__ = ["MAPS", "Progress", "write_annex"]

#: How many maps are drawn where the officer does not say.
MAPS: Literal["all"] = "all"
Progress = Callable[[int, int], None]

_IN_CONTENTS = 100  # more procedures than this would fill the contents by themselves
_MAP_WIDTHS = (640, 720, 800, 900, 1000, 1150, 1300)  # in print, letters of 8 to 4 points
_DOTS = 180 / 25.4  # of a printed picture to the millimetre
_CAPTION = 110  # characters of a name in a caption; the heading of the block has all
_MOST_HEIGHT_MM = TEXT_HEIGHT_MM - 34.0  # heading and caption stay on the page of the map


@dataclass(frozen=True)
class _Source:
    """What the blocks are written from."""

    portfolio: Portfolio
    changed: Portfolio
    reforms: Mapping[str, list[int]]
    plan: Plan
    before: pd.DataFrame
    after: pd.DataFrame
    starts: Mapping[int, tuple[date | None, Text]]
    namer: Namer
    maps: int
    other_cases: Mapping[str, str]

    def elsewhere(self, procedure: str) -> list[str]:
        """Return the cases of the papers that the plan changes outside the base case."""
        touched = (
            getattr(self.plan.reforms[position], "requirement", "")
            for position in self.reforms[procedure]
        )
        return [self.other_cases[key] for key in touched if key in self.other_cases]


def write_annex(
    portfolio: Portfolio,
    plan: Plan,
    path: str | Path,
    *,
    language: str = "",
    on: date | None = None,
    before: pd.DataFrame | None = None,
    after: pd.DataFrame | None = None,
    card: Scorecard | None = None,
    maps: int | Literal["all"] = MAPS,
    charts: bool = True,
    count_pages: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a plan as a Word document, a block for each procedure.

    Quốc hiệu, agency and title; contents; results in all, by ministry and against
    the targets; then by ministry for each procedure: a) nội dung đơn giản hóa, lý
    do, b) kiến nghị thực thi, c) lợi ích phương án with the four figures of the
    compliance cost; last the procedure maps.

    Parameters
    ----------
    portfolio
        The baseline, marked where the plan replaces papers.
    plan
        The plan.
    path
        The .docx file; replaced whole, never left half-written.
    language
        ``"vi"`` or ``"en"``.
    on
        Date printed on the plan, from which the roadmap is worked out; None leaves
        both open. The clock is never read.
    before, after
        What `procsim.measure` returns for the baseline and after the plan;
        measured here where not given.
    card
        The scorecard; against every target where not given.
    maps
        For how many procedures the map is drawn, the first ones of the document;
        ``"all"`` for every one. A map takes about 0.05 MB and 0.1 s.
    charts
        Whether to draw the charts of the results.
    count_pages
        Whether LibreOffice, where it is installed, works out the page numbers of the
        contents: 3 s for a small plan, 10 s for 300 pages. Otherwise, and where it
        cannot, they are left to Word; a line below the contents says which.
    progress
        Called with blocks and maps written, and with how many there are.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InvalidValue
        For a name that does not end in .docx, a number of maps below 0, or a plan
        that cannot be applied.
    UnknownName
        For another language.
    ProcsimError
        When the file cannot be written; an existing one stays as it was.

    Notes
    -----
    Nghị định 30/2020/NĐ-CP, Phụ lục I, for page, letters and heading; the block of
    a procedure follows the practice of plans under Nghị định 63/2010/NĐ-CP.
    """
    language = spoken(language)
    path = Path(path)
    _refuse(path, maps)
    changed = apply(portfolio, plan)
    before = measure(portfolio) if before is None else before
    after = measure(changed) if after is None else after
    if card is None:
        card = scorecard(before, after, targets(), by=None, portfolio=changed, plan=plan, on=on)
    reforms = _by_procedure(plan, before)
    source = _Source(
        portfolio,
        changed,
        reforms,
        plan,
        before,
        after,
        _starts(portfolio, plan, on),
        Namer(portfolio, language),
        len(reforms) if maps == "all" else min(maps, len(reforms)),
        _other_cases(portfolio),
    )
    page = WordPage(plan.name or t("word.subtitle", language), language)
    if on is not None:
        page.document.core_properties.created = datetime.combine(on, time())
    write_heading(page, plan, on)
    page.contents_here()
    page.heading(t("word.part.results", language), 1)
    write_scope(page, portfolio, plan, len(reforms))
    write_results(page, before, after, card, list(reforms))
    if charts:
        _write_charts(page, source)
    _write_procedures(page, source, progress)
    _write_maps(page, source, progress)
    write_signature(page)
    page.finish(levels=3 if len(reforms) <= _IN_CONTENTS else 2)
    replace_file(path, lambda beside: _save(page, beside, count_pages=count_pages))
    return path


def _save(page: WordPage, path: Path, *, count_pages: bool) -> None:
    page.document.save(str(path))
    if count_pages and page.number_pages(pages_of(path)):
        page.document.save(str(path))


def _refuse(path: Path, maps: int | str) -> None:
    faults = []
    if path.suffix.lower() != ".docx":
        faults.append(
            Fault(
                "write_annex › path",
                shorten(path.name),
                Text("Phụ lục Word ghi vào tệp .docx.", "The annex is written to a .docx file."),
                Text("Đặt tên tệp kết thúc bằng .docx.", "Give a file name that ends in .docx."),
                code="reports.ending",
            )
        )
    counted = isinstance(maps, int) and not isinstance(maps, bool) and maps >= 0
    if maps != "all" and not counted:
        faults.append(
            Fault(
                "write_annex › maps",
                shorten(maps),
                Text(
                    "Số sơ đồ phải là số nguyên từ 0, hoặc “all”.",
                    "The number of maps must be a whole number from 0, or “all”.",
                ),
                Text("Ví dụ 30.", "Such as 30."),
                code="word.maps",
            )
        )
    if faults:
        raise InvalidValue(faults)


def _by_procedure(plan: Plan, before: pd.DataFrame) -> dict[str, list[int]]:
    """Return the positions of the reforms that touch each procedure, ministry by ministry."""
    found: dict[str, list[int]] = {}
    for position, reform in enumerate(plan.reforms):
        for procedure in dict.fromkeys(reform.procedure_ids):
            found.setdefault(procedure, []).append(position)
    ministries = dict.fromkeys(before.loc[list(found), "ministry"])
    rank = {name: place for place, name in enumerate(ministries)}
    return dict(sorted(found.items(), key=lambda item: rank[before.at[item[0], "ministry"]]))


def _other_cases(portfolio: Portfolio) -> dict[str, str]:
    """Return the case of each paper that no figure counts, since it is not of the base case.

    Rows under a heading count with the case before it; "" where there is none.
    """
    cases = portfolio.cases.sort_values(["procedure", "position"], kind="stable")
    heads = cases.index.to_series().where(cases["kind"] == "case")
    heads = heads.groupby(cases["procedure"]).ffill()
    rows = portfolio.requirements
    other = rows.loc[~base_rows(portfolio) & (rows["kind"] != "note"), "case"]
    return dict(zip(other.index, other.map(heads).fillna(""), strict=True))


def _starts(
    portfolio: Portfolio, plan: Plan, on: date | None
) -> dict[int, tuple[date | None, Text]]:
    """Return when each reform takes effect, where a day is given to count from."""
    if on is None or not plan.reforms:
        return {}
    rows = roadmap(portfolio, plan, on=on).reforms.to_dict("records")
    return {
        position: (row["effective_on"], Text(row["reason_vi"], row["reason_en"]))
        for position, row in enumerate(rows)
    }


def _write_charts(page: WordPage, source: _Source) -> None:
    language = page.language
    drawn = [
        ("before_after", before_after(compare(source.before, source.after), language=language))
    ]
    if source.plan.reforms:
        made = effects(source.portfolio, source.plan, by="agency")
        yearly = made["cost_year_vnd"].notna().any()
        metric = "cost_year_vnd" if yearly else "cost_vnd"
        drawn.append(("waterfall", waterfall(made, metric, language=language)))
    for name, chart in drawn:
        title = t(f"word.chart.{name}", language)
        page.picture(figure_png(chart, 2.0), TEXT_WIDTH_MM - 8, title)
        page.caption("figure", title)


def _write_procedures(page: WordPage, source: _Source, progress: Progress | None) -> None:
    language = page.language
    page.heading(t("word.part.procedures", language), 1)
    whole = len(source.reforms)
    if not whole:
        page.paragraph(t("word.no_reform", language))
        return
    if source.maps < whole:
        key = "word.maps.some" if source.maps else "word.maps.none"
        page.paragraph(t(key, language, drawn=source.maps, whole=whole))
    first = page.next_figure()
    done = 0
    for ministry, found in groupby(source.reforms, key=lambda p: source.before.at[p, "ministry"]):
        procedures = list(found)
        name = plain(ministry).upper() or t("word.no_ministry", language)
        page.heading(t("word.ministry", language, name=name, count=len(procedures)), 2)
        for procedure in procedures:
            _write_block(page, source, procedure)
            if done < source.maps:
                page.paragraph(t("word.see_map", language, number=first + done))
            done += 1
            if progress:
                progress(done, whole + source.maps)


def _called(
    source: _Source, procedure: str, key: str, language: str, *, short: bool = False
) -> str:
    """Return a sentence with the name and the code of a procedure."""
    code = str(source.before.at[procedure, "code"]) or procedure
    name = plain(source.before.at[procedure, "name"]).rstrip(" .;,")
    if short:
        name = textwrap.shorten(name, _CAPTION, placeholder=" …")
    return t(key, language, name=name or t("word.unnamed", language), code=code)


def _write_block(page: WordPage, source: _Source, procedure: str) -> None:
    """Write one procedure: a) what and why, b) by which text, c) the benefit."""
    language = page.language
    row: dict[str, Any] = source.before.loc[procedure].to_dict()
    page.heading(_called(source, procedure, "word.procedure", language), 3)
    positions = source.reforms[procedure]
    reforms: list[Reform] = [source.plan.reforms[position] for position in positions]
    starts = {
        place: source.starts[position]
        for place, position in enumerate(positions)
        if position in source.starts
    }
    page.heading(t("word.block.what", language), 4)
    for line in change_lines(reforms, source.namer):
        page.bullet(line)
    for line in reason_lines(reforms, language):
        page.paragraph(line)
    page.heading(t("word.block.route", language), 4)
    for line in route_lines(reforms, language):
        page.bullet(line)
    for line in task_lines(reforms, starts, language):
        page.bullet(line)
    page.heading(t("word.block.benefit", language), 4)
    for line in benefits(row, source.after.loc[procedure].to_dict(), language):
        page.bullet(line)
    other = source.elsewhere(procedure)
    if other:
        page.paragraph(t("word.other_case", language, count=len(other)))


def _write_maps(page: WordPage, source: _Source, progress: Progress | None) -> None:
    """Write the maps in the order of the blocks; beside them they would leave pages half empty."""
    chosen = list(source.reforms)[: source.maps]
    if not chosen:
        return
    page.heading(t("word.part.maps", page.language), 1)
    for done, procedure in enumerate(chosen, start=1):
        _write_map(page, source, procedure)
        if progress:
            progress(len(source.reforms) + done, len(source.reforms) + len(chosen))


def _write_map(page: WordPage, source: _Source, procedure: str) -> None:
    """Draw the map as wide as its letters read, and no higher than a page."""
    other = source.elsewhere(procedure)
    case = other[0] or None if len(other) == len(source.reforms[procedure]) else None
    svg = fitted_map(
        source.portfolio,
        procedure,
        source.changed,
        page.language,
        widths=_MAP_WIDTHS,
        tallest=_MOST_HEIGHT_MM / TEXT_WIDTH_MM,
        case=case,
    )
    wide, high = size_of(svg)
    width_mm = min(TEXT_WIDTH_MM, _MOST_HEIGHT_MM * wide / high)
    title = _called(source, procedure, "word.map", page.language)
    page.picture(map_picture(svg, round(width_mm * _DOTS)), width_mm, title)
    page.caption("figure", _called(source, procedure, "word.map", page.language, short=True))
