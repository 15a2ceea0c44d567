"""Biểu đồ: charts of Excel itself over tables of formulas, so they follow every input."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from procsim.errors import InvalidValue, Text
from procsim.language.i18n import bilingual
from procsim.reforms.attribution import effects
from procsim.reports.content import Content
from procsim.reports.excel.page import Book, Column, Formula, Page, place_chart, series
from procsim.reports.excel.register import PAIRS
from procsim.reports.excel.scores import SHEET as SCORES
from procsim.reports.excel.scores import Scopes, ScoreRow

SHEET = "Biểu đồ"
_COLUMNS = (
    Column(bilingual("reports.item"), 80),
    Column(bilingual("reports.before"), 25, "number"),
    Column(bilingual("reports.after"), 25, "number"),
    Column(bilingual("reports.top_bar"), 25, "number"),
)
_BLUE, _GREEN, _GREY, _RED = "#7F9DB9", "#2E7D5B", "#BFBFBF", "#C00000"
_PLOT = {"layout": {"x": 0.09, "y": 0.04, "width": 0.89, "height": 0.62}}
_MOST = 12


def _bars(
    page: Page,
    first: int,
    columns: Sequence[int],
    y_axis: Mapping[str, Any],
    goals: Mapping[str, Any] | None = None,
    **look: Any,
) -> None:
    """Put bars below a table whose headings stand in the row above `first`."""
    bars = [
        series(page, first, page.row, column, fill={"color": colour}, gap=60, **look)
        for column, colour in zip(columns, (_BLUE, _GREEN), strict=False)
    ]
    place_chart(page, {"type": "column"}, bars, goals=goals, plot=_PLOT, y_axis=y_axis)


def _title(page: Page, text: Text) -> None:
    page.span(text.in_language(page.language), "section")


def _before_after(page: Page, content: Content) -> None:
    """Draw each measure after the plan over what it was before."""
    language = page.language
    _title(page, bilingual("reports.n1_before_after_before"))
    page.head((_COLUMNS[0], _COLUMNS[1], _COLUMNS[2]))
    first = page.row + 1
    ids = [str(i) for i in content.before.index]
    labels = {
        "ngay": bilingual("reports.time_limits"),
        "giay": bilingual("reports.required_documents"),
        "dk": bilingual("reports.conditions"),
        "cp": bilingual("reports.compliance_cost_once"),
        "cpdk": bilingual("reports.cost_expected_practice"),
    }
    for key, label in labels.items():
        old, new = content.pair(PAIRS[key][0], ids)
        known = ~(np.isnan(old) | np.isnan(new))
        total, rest = float(old[known].sum()), float(new[known].sum())
        base = f"SUMIFS({key}_truoc,co_{key},1)"
        page.line(
            (
                label.in_language(language),
                Formula(f"IF({base}>0,1,0)", 1.0 if total > 0 else 0.0),
                Formula(
                    f"IF({base}>0,SUMIFS({key}_sau,co_{key},1)/{base},0)",
                    rest / total if total > 0 else 0.0,
                ),
            ),
            ("text", "percent2", "percent2"),
        )
    _bars(page, first, (2, 3), {"num_format": "0%", "min": 0}, data_labels={"value": True})


def _by_group(page: Page, content: Content, scopes: Scopes) -> None:
    """Draw the cost of what the plan touches, before and after, by ministry."""
    if scopes.overlapping or not scopes.numbers:
        return
    _title(page, bilingual("reports.n2_compliance_cost_procedures"))
    page.head((_COLUMNS[0], _COLUMNS[1], _COLUMNS[2]))
    first = page.row + 1
    at = content.before.index.get_indexer(list(content.touched))
    old, new = content.pair("cost_vnd", content.touched)
    known = ~(np.isnan(old) | np.isnan(new))
    for name, number in scopes.numbers.items():
        mine = known & (scopes.group[at] == number)
        if not (scopes.group[at] == number).any():
            continue
        criteria = f"co_cp,1,co_de_xuat,1,nhom,{number}"
        page.line(
            (
                name,
                *(
                    Formula(f"SUMIFS(cp_{when},{criteria})", float(values[mine].sum()))
                    for when, values in (("truoc", old), ("sau", new))
                ),
            ),
            ("text", "whole", "whole"),
        )
    if page.row >= first:
        _bars(page, first, (2, 3), {"num_format": "[$-42A]#,##0"})


def _shares(content: Content) -> list[tuple[str, float]]:
    """Return what each database contributes to the papers saved, the largest first."""
    found = effects(content.portfolio, content.plan, by="database", parameters=content.parameters)
    name = "name_vi" if content.language == "vi" else "name_en"
    total = float(found.attrs["total"]["documents"])
    if math.isnan(total) or abs(total) < 1e-9:
        return []
    parts = sorted(
        ((str(n), float(v) / total) for n, v in zip(found[name], found["documents"], strict=True)),
        key=lambda item: -item[1],
    )
    rest = bilingual("reports.others").in_language(content.language)
    if len(parts) > _MOST:
        parts = [*parts[:_MOST], (rest, sum(value for _, value in parts[_MOST:]))]
    return parts


def _waterfall(page: Page, content: Content) -> None:
    """Draw how the databases add up to the papers that citizens no longer hand in."""
    _title(page, bilingual("reports.n3_what_each_database"))
    try:
        parts = _shares(content) if content.plan.reforms else []
    except InvalidValue as error:  # a plan that contradicts itself cannot be shared out
        page.span(error.in_language(page.language), "remark")
        return
    if not parts:
        nothing = bilingual("reports.no_plan_cuts_paper")
        page.span(nothing.in_language(page.language), "body")
        return
    ids = [str(i) for i in content.before.index]
    old, new = content.pair("documents", ids)
    known = ~(np.isnan(old) | np.isnan(new))
    saved = float((old[known] - new[known]).sum())
    total = "(SUMIFS(giay_truoc,co_giay,1)-SUMIFS(giay_sau,co_giay,1))"
    columns = (
        Column(bilingual("reports.charts.database"), 80),
        Column(bilingual("reports.base_hidden"), 25),
        Column(bilingual("reports.contribution_papers"), 25),
        Column(bilingual("reports.share_shapley_value"), 25),
    )
    page.head(columns)
    first = page.row + 1
    level = 0.0
    for name, share in parts:
        row = page.row + 1
        end = level + share * saved
        before = f"SUMPRODUCT(D${first}:D{row})-D{row}"
        page.line(
            (
                name,
                Formula(f"MIN({before},{before}+D{row})*{total}", min(level, end)),
                Formula(f"ABS(D{row})*{total}", abs(share) * saved),
                share,
            ),
            ("text", "number", "number", "input percent2"),
        )
        level = end
    label = bilingual("reports.all_papers_cut").in_language(page.language)
    page.line((label, 0, Formula(total, saved), ""), ("bold text", "number", "bold number", "text"))
    hidden = {"fill": {"none": True}, "border": {"none": True}, "gap": 40}
    bars = [
        series(page, first, page.row, 2, **hidden),
        series(page, first, page.row, 3, fill={"color": _GREEN}),
    ]
    place_chart(
        *(page, {"type": "column", "subtype": "stacked"}, bars),
        legend={"none": True},
        plot=_PLOT,
        y_axis={"num_format": "[$-42A]#,##0"},
    )


def _bullets(page: Page, scores: Sequence[ScoreRow]) -> None:
    """Draw each rate and share beside what must be reached: bars and marks."""
    shown = [score for score in scores if score.kind in ("rate", "share")]
    if not shown:
        return
    _title(page, bilingual("reports.n4_results_against_targets"))
    columns = (
        Column(bilingual("reports.target"), 80),
        Column(bilingual("reports.result"), 25),
        Column(bilingual("reports.target_value"), 25),
    )
    page.head(columns)
    first = page.row + 1
    for score in shown:
        at = f"'{SCORES}'!"
        value = 0.0 if math.isnan(score.value) else score.value
        page.line(
            (
                score.name.in_language(page.language),
                Formula(f"IF(ISNUMBER({at}D{score.row}),{at}D{score.row},0)", value),
                Formula(f"{at}E{score.row}", score.target),
            ),
            ("text", "percent2", "percent2"),
        )
    mark = {"color": _RED}
    goals = series(
        *(page, first, page.row, 3),
        line={"none": True},
        marker={"type": "long_dash", "size": 14, "fill": mark, "border": mark},
    )

    _bars(page, first, (2,), {"num_format": "0%", "min": 0, "max": 1}, goals)


def write_charts(book: Book, content: Content, scopes: Scopes, scores: Sequence[ScoreRow]) -> None:
    """Write "Biểu đồ": before and after, by ministry, contributions, targets."""
    page = book.page(SHEET, _COLUMNS)
    page.title(bilingual("reports.charts"))
    drawings: tuple[Callable[[], object], ...] = (
        lambda: _before_after(page, content),
        lambda: _by_group(page, content, scopes),
        lambda: _waterfall(page, content),
        lambda: _bullets(page, scores),
    )
    for draw in drawings:
        draw()
        page.break_page()
    page.finish(table=False)
