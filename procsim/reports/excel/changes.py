"""Thời gian, Thành phần hồ sơ, Điều kiện kinh doanh: what the plan touches, before and after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.measures.base import dossier
from procsim.measures.table import condition_counts
from procsim.measures.time import channel_days
from procsim.model.portfolio import Portfolio
from procsim.reports.content import Content
from procsim.reports.excel.costs import ministry_heading
from procsim.reports.excel.page import (
    MISSING,
    Book,
    Column,
    Formula,
    Page,
    Value,
    quoted,
    reduction,
    saving,
)
from procsim.reports.excel.sources import UNITS, unit_word
from procsim.reports.roundtrip.entries import Input

TIME, DOCUMENTS, CONDITIONS = "Thời gian", "Thành phần hồ sơ", "Điều kiện kinh doanh"
_FIRST = (
    Column(bilingual("reports.no_no"), 6, "centre"),
    Column(bilingual("reports.procedure_code"), 11, "centre"),
    Column(bilingual("reports.procedure"), 48),
)
_RATE = Column(bilingual("reports.reduction"), 10, "percent2")
_NOTE = Column(bilingual("reports.note"), 30)
_TIME = (
    *_FIRST,
    Column(bilingual("reports.limit_before"), 10, "input number"),
    Column(bilingual("reports.unit"), 16, "centre"),
    Column(bilingual("reports.before_working_days"), 11, "number"),
    Column(bilingual("reports.limit_after"), 10, "number"),
    Column(bilingual("reports.unit"), 16, "centre"),
    Column(bilingual("reports.after_working_days"), 11, "number"),
    Column(bilingual("reports.cut_days"), 10, "number"),
    _RATE,
    _NOTE,
)
_DOCUMENTS = (
    *_FIRST,
    Column(bilingual("reports.before_papers"), 10, "whole"),
    Column(bilingual("reports.replaced_data"), 11, "whole"),
    Column(bilingual("reports.cut_merged_other"), 10, "whole"),
    Column(bilingual("reports.after_papers"), 10, "whole"),
    _RATE,
    Column(bilingual("reports.expected_before"), 11, "number"),
    Column(bilingual("reports.expected_after"), 11, "number"),
    _NOTE,
)
_CONDITIONS = (
    *_FIRST,
    Column(bilingual("reports.before_conditions"), 11, "whole"),
    Column(bilingual("reports.cut"), 10, "whole"),
    Column(bilingual("reports.simplified"), 10, "whole"),
    Column(bilingual("reports.after_unchanged"), 11, "whole"),
    _RATE,
    _NOTE,
)
_EMPTY = bilingual("reports.no_plan_touches_procedure")
_KEPT = bilingual("reports.only_procedures_plan_touches")
Limits = Mapping[str, tuple[float, str, int]]


class _Table:
    """One sheet with a row for each procedure that the plan touches, by ministry."""

    def __init__(
        self, book: Book, content: Content, name: str, columns: Sequence[Column], title: Text
    ) -> None:
        self.page: Page = book.page(name, columns, keyed=True)
        self.content = content
        self.missing = quoted(MISSING.in_language(book.language))
        self.heads = content.heads(content.touched)
        self.rows: dict[str, int] = {}
        self.page.title(title, [_KEPT])
        self.page.head()
        if not content.touched:
            self.page.span(_EMPTY.in_language(book.language), "text")

    def begin(self, at: int) -> tuple[int, list[Value]]:
        """Write the ministry where it changes; return the row to come and its first cells."""
        code, name, ministry = self.heads[at]
        if at == 0 or ministry != self.heads[at - 1][2]:
            self.page.group(ministry_heading(ministry, self.content.language))
        self.rows[self.content.touched[at]] = self.page.row + 1
        return self.page.row + 1, [at + 1, code, name]

    def end(self, one: str, two: str, *, names: tuple[str, str]) -> Mapping[str, int]:
        """Write the sums, mark what fell, and finish the sheet."""
        page = self.page
        if self.rows:
            flag = f"co_{names[0]},1,co_de_xuat,1"
            old, new = self.content.pair(names[1], self.content.touched)
            known = ~(np.isnan(old) | np.isnan(new))
            sums = [float(v[known].sum()) if known.any() else math.nan for v in (old, new)]
            row = page.row + 1
            values: list[Value] = [""] * len(page.columns)
            styles = ["text"] * len(page.columns)
            label = bilingual("reports.sum_known_before_after")
            values[2], styles[2] = label.in_language(page.language), "bold text"
            style = "bold number" if names[0] == "ngay" else "bold whole"
            for place, when, value in ((one, "truoc", sums[0]), (two, "sau", sums[1])):
                at = ord(place) - ord("A")
                values[at] = Formula(
                    f"IF(COUNTIFS({flag})=0,{self.missing},SUMIFS({names[0]}_{when},{flag}))", value
                )
                styles[at] = style
            at = next(i for i, c in enumerate(page.columns) if c is _RATE)
            values[at], styles[at] = reduction(f"{one}{row}", f"{two}{row}", *sums), "bold percent2"
            page.line(values, styles)
            first = page.head_row + 1
            page.signal(
                f"{two}{first}:{two}{page.row}",
                f"AND(ISNUMBER({two}{first}),ISNUMBER({one}{first}),{two}{first}<{one}{first})",
                "changed",
            )
        page.finish()
        return self.rows


def _limits(portfolio: Portfolio, content: Content) -> Limits:
    """Return each procedure's longest limit, its unit, and how many limits differ from it."""
    table = portfolio.channels
    days = channel_days(portfolio, content.parameters)
    frame = pd.DataFrame(
        {
            "procedure": table["procedure"],
            "value": table["limit_value"],
            "unit": table["limit_unit"],
            "days": days,
        }
    )
    frame = frame[frame["procedure"].isin(content.touched) & frame["days"].notna()]
    longest = frame.loc[frame.groupby("procedure")["days"].idxmax()]
    counts = frame.groupby("procedure")["days"].nunique()
    return {
        str(row.procedure): (float(row.value), str(row.unit), int(counts[row.procedure]))
        for row in longest.itertuples()
    }


def write_time(book: Book, content: Content) -> Mapping[str, int]:
    """Write "Thời gian"; return the row of each procedure."""
    title = bilingual("reports.time_limits_before_after")
    table = _Table(book, content, TIME, _TIME, title)
    old, new = content.pair("statutory_days", content.touched)
    limits = [_limits(p, content) for p in (content.portfolio, content.changed)]
    why = content.why("statutory_why", content.touched)
    several = bilingual("reports.channels_differ_longest_limit").in_language(content.language)
    editable = frozenset(content.portfolio.channels["procedure"])
    for at, procedure in enumerate(content.touched):
        row, cells = table.begin(at)
        states = [
            _stated(own, procedure, float(values[at]))
            for own, values in zip(limits, (old, new), strict=True)
        ]
        styles = ["centre", "centre", "text"]
        for letter, (number, unit), value in (("D", states[0], old[at]), ("G", states[1], new[at])):
            beside = chr(ord(letter) + 1)
            same = letter == "G" and states[0] == states[1]
            cells += [
                Formula(f"D{row}", number) if same else number,
                Formula(f"E{row}", unit) if same else unit,
                Formula(
                    f"IF(ISNUMBER({letter}{row}),"
                    f"{letter}{row}*VLOOKUP({beside}{row},{UNITS},2,FALSE),{table.missing})",
                    float(value),
                ),
            ]
            first = "input number" if letter == "D" and procedure in editable else "number"
            styles += [first, "centre", "number"]
        cells += [
            saving(f"F{row}", f"I{row}", float(old[at]), float(new[at])),
            reduction(f"F{row}", f"I{row}", float(old[at]), float(new[at])),
            why[at] or (several if limits[0].get(procedure, (0, "", 1))[2] > 1 else ""),
        ]
        table.page.line(cells, [*styles, "number", "percent2", "text"])
        if procedure in editable:
            table.page.bind(4, Input("limit", procedure))
    return table.end("F", "I", names=("ngay", "statutory_days"))


def _stated(limits: Limits, procedure: str, days: float) -> tuple[float | None, str]:
    """Return limit and unit as stated; 0 working days for a procedure that is gone."""
    if math.isnan(days):
        return None, unit_word("working_day")
    found = limits.get(procedure)
    if days == 0 or found is None:
        return days, unit_word("working_day")
    return found[0], unit_word(found[1])


def _fallen(content: Content, column: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    old, new = content.pair(column, content.touched)
    return old, new, old - new


def _by_data(content: Content) -> np.ndarray:
    """Return how many papers of each procedure the plan replaces by data."""
    sums = []
    for portfolio in (content.portfolio, content.changed):
        rows = dossier(portfolio, content.parameters)
        counted = rows.base & rows.asked & ~np.isnan(rows.replaced) & (rows.owner >= 0)
        total = np.bincount(rows.owner[counted], rows.replaced[counted], len(portfolio.procedures))
        sums.append(pd.Series(total, index=portfolio.procedures.index).reindex(content.touched))
    made: np.ndarray = (sums[1] - sums[0]).fillna(0.0).to_numpy()
    return made


def _count_lines(
    table: _Table,
    names: tuple[str, str, str],
    parts: tuple[np.ndarray, np.ndarray],
    more: Sequence[np.ndarray] = (),
) -> Mapping[str, int]:
    """Write lines of a count: before, two ways in which it falls, after, the rate."""
    content, page = table.content, table.page
    old, _ = content.pair(names[1], content.touched)
    why = content.why(names[2], content.touched) if names[2] else [""] * len(old)
    styles = [column.style for column in page.columns]
    for at in range(len(content.touched)):
        row, cells = table.begin(at)
        numbers = [float(old[at]), float(parts[0][at]), float(parts[1][at])]
        left = numbers[0] - numbers[1] - numbers[2]  # unknown where one of them is
        cells += numbers
        cells += [
            Formula(f"IF(COUNT(D{row}:F{row})=3,D{row}-E{row}-F{row},{table.missing})", left),
            reduction(f"D{row}", f"G{row}", numbers[0], left),
            *(float(values[at]) for values in more),
            why[at],
        ]
        page.line(cells, styles)
    return table.end("D", "G", names=names[:2])


def write_documents(book: Book, content: Content) -> Mapping[str, int]:
    """Write "Thành phần hồ sơ"; return the row of each procedure."""
    title = bilingual("reports.required_documents_before_after")
    table = _Table(book, content, DOCUMENTS, _DOCUMENTS, title)
    _, new, fallen = _fallen(content, "documents")
    gone = (content.after["status"].reindex(content.touched) != "active").to_numpy()
    by_data = np.where(gone, 0.0, np.clip(_by_data(content), 0.0, np.fmax(fallen, 0.0)))
    other = np.where(np.isnan(new), np.nan, fallen - by_data)
    expected = content.pair("documents_expected", content.touched)
    return _count_lines(table, ("giay", "documents", "documents_why"), (by_data, other), expected)


def write_conditions(book: Book, content: Content) -> Mapping[str, int]:
    """Write "Điều kiện kinh doanh"; return the row of each procedure."""
    title = bilingual("reports.conditions_before_after")
    table = _Table(book, content, CONDITIONS, _CONDITIONS, title)
    old, now = (
        condition_counts(portfolio).reindex(content.touched)
        for portfolio in (content.portfolio, content.changed)
    )
    _, _, fallen = _fallen(content, "conditions")
    simpler = (now["simplified"] - old["simplified"]).to_numpy(dtype=float)
    simpler = np.where(np.isnan(fallen), np.nan, np.maximum(simpler, 0.0))
    return _count_lines(table, ("dk", "conditions", ""), (fallen - simpler, simpler))
