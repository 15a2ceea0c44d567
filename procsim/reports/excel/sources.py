"""Nguồn số liệu: every parameter and kind of input with its mark and its source."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from procsim.decisions.tornado import tornado_tables
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.model.portfolio import TABLES
from procsim.readers.words import TITLES, word
from procsim.reference import databases, working_days_per_unit
from procsim.reference.schema import table
from procsim.reference.tables import MARKS
from procsim.reports.content import Content
from procsim.reports.excel.page import Book, Column, Formula, Page, place_chart, series
from procsim.reports.roundtrip.entries import Input

SHEET = "Nguồn số liệu"
UNITS = "don_vi_thoi_han"
"""Name of the table that turns a unit of a time limit into working days."""

#: Parameters that formulas refer to, and their names in the workbook.
NAMES = {
    "gdp_per_head_vnd": "GDP_binh_quan",
    "working_hours_per_year": "gio_lam_viec_nam",
    "hourly_income_vnd": "TNBQ_gio",
    "working_hours_per_day": "gio_lam_viec_ngay",
    "working_days_per_month": "ngay_lam_viec_thang",
    "working_days_per_calendar_day": "ngay_lam_viec_tuan_lich",
    "hours_form": "gio_mau_don",
    "hours_document_original": "gio_ban_chinh",
    "hours_document_copy": "gio_ban_sao",
    "hours_document_certified": "gio_ban_chung_thuc",
    "hours_submit_counter": "gio_nop_truc_tiep",
    "hours_submit_post": "gio_nop_buu_chinh",
    "hours_submit_online": "gio_nop_truc_tuyen",
    "hours_pay_fee": "gio_nop_tien",
    "hours_collect_counter": "gio_nhan_truc_tiep",
    "hours_collect_post": "gio_nhan_buu_chinh",
    "hours_collect_online": "gio_nhan_truc_tuyen",
    "hours_fallback": "gio_bo_sung_ho_so",
    "hours_fallback_online": "gio_bo_sung_truc_tuyen",
    "price_copy_vnd": "gia_sao_chup",
    "price_certified_vnd": "gia_chung_thuc",
    "price_post_vnd": "cuoc_buu_chinh",
}
MARK_WORDS = (
    ("luật", bilingual("reports.stated_legal_text")),
    ("công bố", bilingual("reports.published_figure")),
    ("nhập", bilingual("reports.sources.entered_officer")),
    ("giả định", bilingual("reports.no_assumption_program_editable")),
)
_UNIT_FORMULAS = {
    "day": "ngay_lam_viec_tuan_lich",
    "week": "7*ngay_lam_viec_tuan_lich",
    "hour": "1/gio_lam_viec_ngay",
    "minute": "1/gio_lam_viec_ngay/60",
    "month": "ngay_lam_viec_thang",
    "year": "12*ngay_lam_viec_thang",
}
_COLUMNS = (
    Column(bilingual("reports.parameter_figure"), 44),
    Column(bilingual("reports.name_formulas"), 24),
    Column(bilingual("reports.sources.value"), 15, "input number"),
    Column(bilingual("reports.unit"), 19, "centre"),
    Column(bilingual("reports.valid"), 12, "date"),
    Column(bilingual("reports.mark"), 11, "centre"),
    Column(bilingual("reports.sources.source"), 52),
)


def unit_word(code: str) -> str:
    """Return a unit of a time limit as the sheets write it."""
    return word(table("channels")["limit_unit"], code).vi if code else ""


def _precise(value: float) -> str:
    """Return the style that shows a parameter without rounding it away."""
    return "whole" if float(value).is_integer() else "hours"


def _parameter(page: Page, content: Content, key: str) -> None:
    value = content.parameters.value(key)
    name, unit, source = (
        text.in_language(page.language) for text in (value.name, value.unit, value.source)
    )
    shown = value.start if value.start is not None else "–"
    live = NAMES.get(key, "")
    cell: Formula | float = value.value
    style = f"input {_precise(value.value)}"
    if key == "hourly_income_vnd" and "÷" in source:  # not entered by itself
        cell = Formula("GDP_binh_quan/gio_lam_viec_nam", value.value)
        style = "number"
    page.line(
        (name, live, cell, unit, shown, value.mark, source),
        ("text", "text", style, "centre", "date" if shown != "–" else "centre", "centre", "text"),
    )
    page.bind(3, Input("parameter", key))
    if live:
        page.book.name(live, f"'{SHEET}'!$C${page.row}")


def _section(page: Page, title: Text) -> None:
    page.group(title.in_language(page.language))


def _units(page: Page, content: Content) -> None:
    factors = working_days_per_unit(content.parameters)
    first = page.row + 1
    label = bilingual("reports.sources.working_days")
    for code, factor in factors.items():
        page.line(
            (
                label.in_language(page.language).format(unit_word(code)),
                unit_word(code),
                Formula(_UNIT_FORMULAS[code], factor) if code in _UNIT_FORMULAS else factor,
                bilingual("reports.working_days").in_language(page.language),
                "–",
                "–",
                bilingual("reports.parameters_above").in_language(page.language),
            ),
            ("text", "text", "hours", "centre", "centre", "centre", "text"),
        )
    page.book.name(UNITS, f"'{SHEET}'!$B${first}:$C${page.row}")


def _marks_of_inputs(content: Content) -> list[tuple[str, Counter[str]]]:
    """Return each kind of input that has a mark, and how many figures carry which."""
    found = []
    for name in TABLES:
        frame = getattr(content.portfolio, name)
        for column in table(name).columns:
            if column.name != "mark" and not column.name.endswith("_mark"):
                continue
            stem = column.name.removesuffix("mark").removesuffix("_") or "amount_vnd"
            figure = next(
                (c for c in table(name).columns if c.is_number and c.name.startswith(stem)), None
            )
            if figure is None or not len(frame):
                continue
            stated = frame[figure.name].notna()
            if stated.any():
                label = f"{TITLES[name].vi}: {figure.label.in_language(content.language)}"
                found.append((label, Counter(frame.loc[stated, column.name].tolist())))
    return found


def _inputs(page: Page, content: Content) -> None:
    unit = bilingual("reports.figures").in_language(page.language)
    source = content.portfolio.source or bilingual("reports.no_stated").in_language(page.language)
    for label, marks in _marks_of_inputs(content):
        for mark in (*MARKS, ""):
            if marks[mark]:
                shown = mark or bilingual("reports.no_stated").in_language(page.language)
                page.line(
                    (label, "", marks[mark], unit, "–", shown, source),
                    ("text", "text", "whole", "centre", "centre", "centre", "text"),
                )


def _documents(page: Page, content: Content) -> None:
    """Write what the figures rest on beside the parameters: databases and targets."""
    used = dict.fromkeys(d for r in content.plan.reforms for d in getattr(r, "databases", ()))
    known = databases()
    lines = [
        (str(known.at[i, "name_vi"]), str(known.at[i, "owner"]), str(known.at[i, "source"]))
        for i in used
        if i in known.index
    ]
    lines += [
        (
            target.name.in_language(page.language),
            target.mark,
            target.told_by.in_language(page.language),
        )
        for target in content.card.targets
    ]
    for name, mark, source in lines:
        page.line(
            (name, "", "", "", "", mark, source),
            ("text", "text", "text", "centre", "centre", "centre", "text"),
        )


def write_sources(book: Book, content: Content) -> None:
    """Write "Nguồn số liệu" and name the parameters that the formulas refer to."""
    page = book.page(SHEET, _COLUMNS, keyed=True)
    page.title(
        bilingual("reports.sources_figures"), [bilingual("reports.pale_yellow_cells_inputs")]
    )
    page.head()
    _section(page, bilingual("reports.parameters_formulas"))
    for key in NAMES:
        _parameter(page, content, key)
    _section(page, bilingual("reports.b_units_time_limits"))
    _units(page, content)
    _section(page, bilingual("reports.c_other_parameters_already"))
    for key in content.parameters:
        if key not in NAMES:
            _parameter(page, content, key)
    _section(page, bilingual("reports.d_inputs_list_mark"))
    _inputs(page, content)
    _section(page, bilingual("reports.e_databases_targets_referred"))
    _documents(page, content)
    _section(page, bilingual("reports.g_marks"))
    for mark, text in MARK_WORDS:
        page.line(
            (text.in_language(page.language), "", "", "", "", mark, ""),
            ("text", "text", "text", "centre", "centre", "centre", "text"),
        )
    page.finish()


# Độ nhạy theo giả định: how far the reduction rests on each assumed figure.

TORNADO_SHEET = "Độ nhạy theo giả định"
_TORNADO_SHEET_COLUMNS = (
    Column(bilingual("reports.assumption"), 46),
    Column(bilingual("reports.unit"), 15, "centre"),
    Column(bilingual("reports.use"), 11, "hours"),
    Column(bilingual("reports.low"), 11, "hours"),
    Column(bilingual("reports.high"), 11, "hours"),
    Column(bilingual("reports.reduction_when_low"), 12, "percent4"),
    Column(bilingual("reports.reduction_when_high"), 12, "percent4"),
    Column(bilingual("reports.saved_when_low_vnd"), 15, "whole"),
    Column(bilingual("reports.saved_when_high_vnd"), 15, "whole"),
    Column(bilingual("reports.difference_low"), 11, "percent4"),
    Column(bilingual("reports.difference_high"), 11, "percent4"),
    Column(bilingual("reports.range"), 12, "centre"),
)
_BLOCKS = {
    "cost": bilingual("reports.compliance_cost_law_lists"),
    "cost_expected": bilingual("reports.b_compliance_cost_expected"),
}
_RANGES = {"stated": bilingual("reports.stated")}
_GUESS = bilingual("reports.n20_assumed")
_DRAWN, _ROWS = 12, 20


def write_tornado(book: Book, content: Content) -> None:
    """Write "Độ nhạy theo giả định": procsim measured both states again for each end."""
    tables = tornado_tables(
        content.portfolio, content.plan, tuple(_BLOCKS), parameters=content.parameters
    )
    page = book.page(TORNADO_SHEET, _TORNADO_SHEET_COLUMNS)
    page.title(
        bilingual("reports.sensitivity_assumptions"), [bilingual("reports.each_row_assumption_low")]
    )
    for metric, title in _BLOCKS.items():
        _block(page, tables[metric], title)
    page.finish()


def _block(page: Page, table: pd.DataFrame, title: Text) -> None:
    page.group(title.in_language(page.language))
    page.head()
    rate, saving = table.attrs["rate"], table.attrs["saving"]
    label = bilingual("reports.assumptions_use")
    page.line(
        (label.in_language(page.language), "", "", "", "", rate, rate, saving, saving, "", "", ""),
        ("bold text", *("text",) * 4, *("bold percent4",) * 2, *("bold whole",) * 2)
        + ("text",) * 3,
    )
    base = page.row
    for row in table.to_dict("records"):
        here = page.row + 1
        differences = [
            Formula(f"IF(COUNT({at}{here},{at}{base})=2,{at}{here}-{at}{base},0)", value - rate)
            for at, value in (("F", row["rate_low"]), ("G", row["rate_high"]))
        ]
        page.line(
            (
                row[f"name_{page.language}"],
                row[f"unit_{page.language}"],
                *(row[name] for name in ("value", "low", "high", "rate_low", "rate_high")),
                *(row["saving_low"], row["saving_high"]),
                *differences,
                _RANGES.get(row["range"], _GUESS).in_language(page.language),
            )
        )
    idle = bilingual(
        "reports.other_assumptions_change_nothing", without_effect=table.attrs["without_effect"]
    )
    page.span(idle.in_language(page.language), "remark")
    if len(table):
        _chart(page, base + 1, base + min(len(table), _DRAWN))


def _chart(page: Page, first: int, last: int) -> None:
    """Draw the differences of the widest assumptions, in a bar to either side of today's rate."""
    drawn = [
        series(page, first, last, column, fill={"color": colour}, overlap=100, gap=40)
        | {"name": name.label.in_language(page.language)}
        for column, colour, name in (
            (10, "#C55A11", _TORNADO_SHEET_COLUMNS[3]),
            (11, "#2F75B5", _TORNADO_SHEET_COLUMNS[4]),
        )
    ]
    place_chart(
        *(page, {"type": "bar"}, drawn),
        size=(32.0, 10.5),
        rows=_ROWS,
        x_axis={"num_format": "0.00%"},
        y_axis={"reverse": True, "label_position": "low"},
    )
