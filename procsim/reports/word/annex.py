"""The plan as a Word document: a block for each procedure, ready to be signed."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import tempfile
import textwrap
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from procsim.decisions.roadmap import roadmap
from procsim.decisions.targets import Scorecard, scorecard, targets
from procsim.errors import InvalidValue, Text, shorten, spoken
from procsim.language.i18n import fault_of, t
from procsim.measures import compare, measure
from procsim.measures.base import base_rows
from procsim.model.portfolio import Portfolio
from procsim.readers.writing import replace_file
from procsim.reforms.attribution import effects
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan, apply
from procsim.reports.charts.figures import before_after, figure_png, waterfall
from procsim.reports.map.diagram import fitted_map, map_picture, size_of
from procsim.reports.word.front import write_heading, write_results, write_scope, write_signature
from procsim.reports.word.page import TEXT_HEIGHT_MM, TEXT_WIDTH_MM, WordPage, plain
from procsim.reports.word.words import (
    Namer,
    benefits,
    change_lines,
    reason_lines,
    route_lines,
    task_lines,
)

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
            fault_of(
                "reports.ending",
                "write_annex › path",
                shorten(path.name),
                says="reports.ending.annex_written_docx_file",
            )
        )
    counted = isinstance(maps, int) and not isinstance(maps, bool) and maps >= 0
    if maps != "all" and not counted:
        faults.append(fault_of("word.maps", "write_annex › maps", shorten(maps)))
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


# On which page each heading of a Word document stands, as LibreOffice lays it out.

_SECONDS = 120
_NAMES = ("soffice", "libreoffice")
_WINDOWS = ("ProgramFiles", "ProgramFiles(x86)")
_FILTER = (
    'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
)
# A place in a PDF: the name of a bookmark (its underscore may be written 5F), then its page.
_PLACE = re.compile(rb"(?:_|5F)(Toc\d{6})\)?\s*\[\s*(\d+) 0 R")
_PAGES = re.compile(rb"/Type\s*/Pages\b.*?/Kids\s*\[([^\]]*)\]", re.DOTALL)


def find_office() -> Path | None:
    """Return the program of LibreOffice, where there is one."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    for variable in _WINDOWS:
        folder = os.environ.get(variable)
        program = Path(folder) / "LibreOffice" / "program" / "soffice.exe" if folder else None
        if program is not None and program.exists():
            return program
    return None


def pages_of(document: Path, office: Path | None = None) -> Mapping[str, int]:
    """Return the page of each bookmark ``_Toc…`` of a Word document.

    LibreOffice lays out a copy whose pictures are blank, in a window-less process with a
    profile of its own; the document itself is only read.

    Parameters
    ----------
    document
        The .docx file.
    office
        The program; looked for where not given.

    Returns
    -------
    mapping
        Empty where LibreOffice is absent, fails, or takes over two minutes: the page
        numbers are then left to Word.
    """
    office = office or find_office()
    if office is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="procsim-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy = folder / "annex.docx"
        _without_pictures(document, copy)
        command = [
            str(office),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--norestore", "--convert-to", _FILTER),
            *("--outdir", str(folder), str(copy)),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return {}
        printed = copy.with_suffix(".pdf")
        return pages_in_pdf(printed.read_bytes()) if printed.exists() else {}


def pages_in_pdf(pdf: bytes) -> dict[str, int]:
    """Return the page of each bookmark ``_Toc…`` in a PDF file of LibreOffice.

    Examples
    --------
    >>> pages_in_pdf(b"/5FToc000001[7 0 R/XYZ 9 9 0]/Type/Pages/Kids[ 4 0 R 7 0 R ]")
    {'_Toc000001': 2}
    """
    found = _PAGES.search(pdf)
    if found is None:
        return {}
    order = {key: place for place, key in enumerate(re.findall(rb"(\d+) 0 R", found[1]), 1)}
    return {f"_{name.decode()}": order[key] for name, key in _PLACE.findall(pdf) if key in order}


def _without_pictures(document: Path, copy: Path) -> None:
    """Write a copy of a document in which each picture is one white point, of the same size."""
    blank = _white_point()
    with (
        zipfile.ZipFile(document) as source,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
    ):
        for part in source.namelist():
            picture = part.startswith("word/media/")
            made.writestr(part, blank if picture else source.read(part))


def _white_point() -> bytes:
    """Return a PNG picture of one white point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
