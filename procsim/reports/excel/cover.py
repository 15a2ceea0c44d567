"""The first sheet: what was measured, the result, and on what it rests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from procsim.errors import Text
from procsim.language.i18n import bilingual, t
from procsim.reforms.plan import Plan
from procsim.reports.content import Content
from procsim.reports.excel.page import (
    MISSING,
    Book,
    Column,
    Formula,
    Page,
    Value,
    counted,
    percent_style,
    quoted,
    reduction,
    saving,
)
from procsim.reports.excel.register import PAIRS
from procsim.reports.excel.scores import SHEET as SCORES
from procsim.reports.excel.scores import VERDICTS, ScoreRow
from procsim.reports.excel.sources import MARK_WORDS, NAMES

SHEET = "Tổng quan"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the other sheets hold, for the cover."""

    replaced: int
    dropped: int
    other: int
    texts: int


_COLUMNS = (
    Column(bilingual("reports.measure"), 44),
    Column(bilingual("reports.unit"), 17, "centre"),
    Column(bilingual("reports.before"), 20, "number"),
    Column(bilingual("reports.after"), 20, "number"),
    Column(bilingual("reports.saved"), 18, "number"),
    Column(bilingual("reports.reduction"), 13, "percent2"),
    Column(bilingual("reports.procedures_data"), 15, "whole"),
    Column(bilingual("reports.procedures_without_data"), 18, "whole"),
)
_ROWS = (
    (
        "ngay",
        bilingual("reports.time_limits_summed_over"),
        bilingual("reports.working_days"),
        "number",
    ),
    (
        "giay",
        bilingual("reports.no_required_documents_official"),
        bilingual("reports.papers"),
        "number",
    ),
    (
        "giaydk",
        bilingual("reports.required_documents_expected_practice"),
        bilingual("reports.papers"),
        "number",
    ),
    (
        "dk",
        bilingual("reports.cover.conditions"),
        bilingual("reports.cover.all.conditions"),
        "number",
    ),
    ("cp", bilingual("reports.compliance_cost_each_procedure"), bilingual("reports.vnd"), "whole"),
    (
        "cpdk",
        bilingual("reports.compliance_cost_expected_practice"),
        bilingual("reports.vnd"),
        "whole",
    ),
    ("nam", bilingual("reports.compliance_cost_year"), bilingual("reports.vnd_year"), "whole"),
)
_TARGET_HEADS = (
    (bilingual("reports.target"), 1, 4),
    (bilingual("reports.reached"), 5, 5),
    (bilingual("reports.cover.target_value"), 6, 6),
    (bilingual("reports.verdict"), 7, 8),
)
_GAP = 10.0  # points between two parts
_SIGNATURE = (
    ("word.recipients", "word.signer", "motto"),
    ("word.archive", "word.signature", "italic line"),
)
_SHOWN = ("gdp_per_head_vnd", "working_hours_per_year", "hourly_income_vnd")


def _dateline(on: date | None, language: str) -> str:
    if on is None:
        return t("word.place_blank", language)
    # Nghị định 30/2020/NĐ-CP: days under 10 and the months 1 and 2 get a leading zero.
    month = f"{on.month:02d}" if on.month < 3 else str(on.month)
    return t("word.place", language, day=f"{on.day:02d}", month=month, year=str(on.year))


def _results(page: Page, content: Content) -> None:
    page.head()
    missing = quoted(MISSING.in_language(page.language))
    ids = [str(i) for i in content.before.index]
    for key, label, unit, style in _ROWS:
        old, new = content.pair(PAIRS[key][0], ids)
        known = ~(np.isnan(old) | np.isnan(new))
        total, rest = (float(v[known].sum()) if known.any() else math.nan for v in (old, new))
        row = page.row + 1
        flag = f"co_{key},1"
        sums = [
            Formula(f"IF(G{row}=0,{missing},SUMIFS({key}_{when},{flag}))", value)
            for when, value in (("truoc", total), ("sau", rest))
        ]
        page.line(
            (
                label.in_language(page.language),
                unit.in_language(page.language),
                *sums,
                saving(f"C{row}", f"D{row}", total, rest),
                reduction(f"C{row}", f"D{row}", total, rest),
                Formula(f"COUNTIFS({flag})", int(known.sum())),
                Formula(f"COUNTIFS(co_{key},0)", int((~known).sum())),
            ),
            ("text", "centre", style, style, style, "percent2", "whole", "whole"),
        )


def _verdicts(page: Page, scores: list[ScoreRow]) -> None:
    """Write the targets on rates with their verdicts, which the sheet of scores decides."""
    shown = [score for score in scores if score.kind == "rate"]
    page.next_row()
    for label, left, right in _TARGET_HEADS:
        page.fill(label.in_language(page.language), "head", left, right)
    first = page.row + 1
    for score in shown:
        page.next_row()
        style = percent_style(score.value, score.target)
        verdict = VERDICTS[score.verdict].in_language(page.language)
        at = f"'{SCORES}'!"
        page.fill(score.name.in_language(page.language), "text", 1, 4)
        page.put(5, Formula(f"{at}D{score.row}", score.value), style)
        page.put(6, Formula(f"{at}E{score.row}", score.target), "percent2")
        page.fill(Formula(f"{at}G{score.row}", verdict), "met", 7, 8)
    for verdict, text in VERDICTS.items():
        word = quoted(text.in_language(page.language))
        page.signal(f"G{first}:G{max(page.row, first)}", f"$G{first}={word}", verdict)


def _parameters(page: Page, content: Content) -> None:
    for key in _SHOWN:
        value = content.parameters.value(key)
        page.next_row()
        page.fill(value.name.in_language(page.language), "text", 1, 1)
        page.put(2, value.unit.in_language(page.language), "centre")
        page.put(3, Formula(NAMES[key], value.value), "whole")
        page.fill(f"{value.source.in_language(page.language)} ({value.mark})", "text", 4, 8)


def _assumed(page: Page, content: Content) -> None:
    """Write which share of the cost before the reform rests on assumptions."""
    cost = content.before["cost_vnd"].to_numpy(dtype=float, na_value=np.nan)
    share = content.before["assumed_share"].to_numpy(dtype=float, na_value=np.nan)
    used = ~np.isnan(cost) & ~np.isnan(share) & (cost > 0)
    value = float((cost[used] * share[used]).sum() / cost[used].sum()) if used.any() else math.nan
    missing = quoted(MISSING.in_language(page.language))
    total = 'SUMIFS(cp_truoc,cp_truoc,">0")'
    page.next_row()
    label = bilingual("reports.share_compliance_cost_before")
    page.fill(label.in_language(page.language), "text", 1, 1)
    page.put(2, "%", "centre")
    page.put(3, Formula(f"IF({total}>0,SUM(cp_gia_dinh)/{total},{missing})", value), "percent2")
    note = bilingual("reports.hours_prices_without_survey")
    page.fill(note.in_language(page.language), "text", 4, 8)


def _basis(content: Content) -> list[Text]:
    """Say how the figures count, and how the file was made."""
    volumes = int(content.before["dossiers_per_year"].notna().sum())
    lines = [
        bilingual("reports.reduction_total_before_total"),
        bilingual("reports.no_every_derived_figure"),
        bilingual(
            "reports.cost_sheets_lines_procedures",
            touched=Text(counted(len(content.touched), "vi"), counted(len(content.touched), "en")),
            untouched=Text(
                counted(len(content.untouched), "vi"), counted(len(content.untouched), "en")
            ),
        ),
    ]
    if volumes == 0:
        lines.append(bilingual("reports.no_list_yearly_volumes"))
    else:
        lines.append(
            bilingual(
                "reports.cost_per_year_covers",
                volumes=Text(counted(volumes, "vi"), counted(volumes, "en")),
            )
        )
    if content.plan.note:
        vi, _, en = content.plan.note.partition(" / ")
        lines.append(Text(vi, en or vi))
    return lines


def write_cover(book: Book, content: Content, counts: Counts, scores: list[ScoreRow]) -> None:
    """Write the sheet "Tổng quan"; its figures are formulas over the other sheets."""
    page = book.page(SHEET, _COLUMNS)
    _letterhead(page, content.plan, content.on)
    _section(page, bilingual("reports.scope"))
    _facts(page, _scope(content, counts))
    _gap(page)
    _section(page, bilingual("reports.cover.result"))
    _results(page, content)
    _gap(page)
    page.break_page()
    _section(page, bilingual("reports.targets_rates"))
    _verdicts(page, scores)
    _gap(page)
    _section(page, bilingual("reports.main_parameters"))
    _parameters(page, content)
    _assumed(page, content)
    _gap(page)
    _section(page, bilingual("reports.basis"))
    for line in _basis(content):
        page.span(f"– {line.in_language(book.language)}", "body")
    marks = "; ".join(f"{mark}: {text.in_language(book.language)}" for mark, text in MARK_WORDS)
    label = bilingual("reports.marks_figures").in_language(book.language)
    page.span(f"– {label}: {marks}.", "body")
    _signature(page)
    page.finish(table=False)


def _signature(page: Page) -> None:
    """Write where to send it and the place of the signature."""
    _gap(page)
    for left, right, style in _SIGNATURE:
        page.next_row()
        page.fill(t(left, page.language), "body", 1, 2)
        page.fill(t(right, page.language), style, 4, len(_COLUMNS))


def _letterhead(page: Page, plan: Plan, on: date | None) -> None:
    """Write the heading of an official text, laid out after Nghị định 30/2020/NĐ-CP."""
    last = len(_COLUMNS)
    page.next_row(0.0)
    page.fill("TÊN CƠ QUAN, ĐƠN VỊ", "motto", 1, 2)
    page.fill("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "motto", 4, last)
    page.next_row(0.0)
    page.fill("Độc lập - Tự do - Hạnh phúc", "underlined motto", 4, last)
    page.next_row(0.0)
    page.fill(_dateline(on, page.language), "italic line", 4, last)
    _gap(page)
    page.span("PHƯƠNG ÁN CẮT GIẢM, ĐƠN GIẢN HÓA THỦ TỤC HÀNH CHÍNH", "title")
    if page.language == "en":
        page.span("Plan to cut and simplify administrative procedures", "italic line")
    if plan.name:
        version = bilingual("reports.version").in_language(page.language)
        page.span(f"{plan.name} ({version} {plan.version})", "italic line")
    _gap(page)


def _gap(page: Page) -> None:
    page.next_row(_GAP)
    page.put(1, "", "body")


def _section(page: Page, text: Text) -> None:
    page.span(text.vi if page.language == "vi" else f"{text.vi} / {text.en}", "section")


def _facts(page: Page, rows: list[tuple[Text, Value]]) -> None:
    for label, value in rows:
        page.next_row()
        page.fill(label.in_language(page.language), "label", 1, 1)
        page.fill(value, "body", 2, len(_COLUMNS))


def _scope(content: Content, counts: Counts) -> list[tuple[Text, Value]]:
    """Return what was read and how much is proposed."""
    portfolio, plan, language = content.portfolio, content.plan, content.language
    ministries = [m for m in dict.fromkeys(portfolio.procedures["ministry"]) if m]
    unknown = bilingual("reports.no_stated").in_language(language)

    def number(value: int) -> str:
        return counted(value, language)

    size = f"{number(len(portfolio))} TTHC; {number(len(portfolio.requirements))} "
    size += bilingual("reports.dossier_rows").in_language(language)
    return [
        (bilingual("reports.source"), portfolio.source or unknown),
        (bilingual("reports.size_list"), size),
        (bilingual("reports.ministries"), "; ".join(ministries) or unknown),
        (bilingual("reports.changes_proposed"), _reform_counts(plan, counts, language)),
        (bilingual("reports.procedures_change"), number(len(content.touched))),
        (bilingual("reports.legal_texts_amend"), number(counts.texts)),
        (bilingual("reports.annex_rows_without_match"), number(len(plan.unmatched))),
        (bilingual("reports.faults_data"), number(len(content.faults))),
    ]


def _reform_counts(plan: Plan, counts: Counts, language: str) -> str:
    whole, replaced, dropped, other = (
        counted(n, language)
        for n in (len(plan.reforms), counts.replaced, counts.dropped, counts.other)
    )
    return bilingual(
        "reports.replaced_data_required_documents",
        total=whole,
        replaced=replaced,
        dropped=dropped,
        other=other,
    ).in_language(language)
