"""What stands before the procedures in the Word annex: heading, contents, results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from procsim.decisions.targets import Scorecard
from procsim.language.i18n import t
from procsim.measures.compare import compare, summarise
from procsim.model.portfolio import Portfolio
from procsim.reforms.plan import Plan
from procsim.reports.charts.style import money_unit
from procsim.reports.word.page import WordPage
from procsim.reports.word.words import amount, day, percent

_METRICS = ("cost_year_vnd", "cost_vnd", "statutory_days", "documents", "conditions")
_BY_MINISTRY = (
    "ministry",
    "touched",
    "cost_before",
    "cost_after",
    "cost_rate",
    "documents_before",
    "documents_after",
    "documents_rate",
    "days_rate",
)


def write_heading(page: WordPage, plan: Plan, on: date | None) -> None:
    """Write quốc hiệu, tiêu ngữ, the issuing agency and the title; what is open stays open."""
    language = page.language
    when = t("word.place_blank", language)
    if on is not None:
        month = f"{on.month:02d}" if on.month < 3 else str(on.month)
        when = t("word.place", language, day=f"{on.day:02d}", month=month, year=str(on.year))
    page.columns(
        left=(
            (t("word.superior", language), "Cơ quan chủ quản"),
            (t("word.agency", language), "Quốc hiệu"),
            ("", "Kẻ dưới cơ quan"),
            (t("word.number", language), "Số, ký hiệu"),
        ),
        right=(
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Quốc hiệu"),
            ("Độc lập - Tự do - Hạnh phúc", "Tiêu ngữ"),
            ("", "Kẻ dưới tiêu ngữ"),
            (when, "Địa danh, thời gian"),
        ),
    )
    page.paragraph("")
    page.paragraph(t("word.title", language), "Tên văn bản")
    page.paragraph(t("word.subtitle", language), "Tên văn bản")
    if plan.name:
        page.paragraph(
            t("word.version", language, name=plan.name, version=plan.version), "Kèm theo"
        )
    page.paragraph(t("word.attached", language), "Kèm theo")


def write_scope(page: WordPage, portfolio: Portfolio, plan: Plan, touched: int) -> None:
    """Write what the plan covers and on what its figures rest."""
    language = page.language
    page.heading(t("word.scope", language), 2)
    ministries = [name for name in dict.fromkeys(portfolio.procedures["ministry"]) if name]
    page.paragraph(
        t(
            "word.scope.text",
            language,
            procedures=touched,
            reforms=len(plan.reforms),
            whole=len(portfolio),
            ministries="; ".join(ministries) or t("word.not_stated", language),
        )
    )
    if portfolio.source:
        page.paragraph(t("word.source", language, source=portfolio.source))
    if plan.note:
        vi, _, en = plan.note.partition(" / ")
        page.paragraph(en if language == "en" and en else vi)
    page.paragraph(t("word.rule", language))


def write_results(
    page: WordPage,
    before: pd.DataFrame,
    after: pd.DataFrame,
    card: Scorecard,
    touched: Sequence[str],
) -> None:
    """Write the tables of results: in all, by ministry, against the targets.

    Parameters
    ----------
    touched
        Ids of the procedures that the plan touches.
    """
    language = page.language
    page.heading(t("word.results", language), 2)
    page.caption("table", t("word.results.caption", language))
    heads = ("measure", "unit", "before", "after", "saved", "rate", "known")
    page.table(
        [t(f"word.head.{name}", language) for name in heads],
        _result_rows(before, after, language),
        (37, 22, 24, 24, 22, 17, 22),
        numbers=range(2, 7),
    )
    notes = [t("word.results.note", language)]
    assumed = summarise(before).set_index("metric").at["cost_vnd", "assumed_share"]
    if not math.isnan(assumed):
        notes.append(t("word.results.assumed", language, share=percent(assumed, language)))
    page.paragraph(" ".join(notes), "Ghi chú")
    _by_ministry(page, before, after, touched)
    _against_targets(page, card)


def _result_rows(before: pd.DataFrame, after: pd.DataFrame, language: str) -> list[Sequence[str]]:
    table = compare(before, after).set_index("metric")
    rows: list[Sequence[str]] = []
    for metric in _METRICS:
        row = table.loc[metric]
        size, unit = _unit(metric, row["before"], language)
        known = f"{amount(row['procedures'], language)}/{amount(len(before), language)}"
        if row["why"] == "nothing_known":
            values = [t("word.no_data", language), *["–"] * 3]
        else:
            values = [
                amount(round(row[name] / size, 2), language, None)
                for name in ("before", "after", "saved")
            ]
            values.append(percent(row["rate"], language))
        rows.append((t(f"word.measure.{metric}", language), unit, *values, known))
    return rows


def _unit(metric: str, largest: float, language: str) -> tuple[float, str]:
    """Return the unit in which the totals of a metric are written, and its size."""
    if not metric.endswith("_vnd"):
        return 1.0, t(f"word.unit.{metric}", language)
    size, unit = money_unit(0.0 if math.isnan(largest) else largest)
    year = t("word.per_year", language) if metric.endswith("year_vnd") else ""
    return size, unit.in_language(language) + year


def _by_ministry(
    page: WordPage, before: pd.DataFrame, after: pd.DataFrame, touched: Sequence[str]
) -> None:
    language = page.language
    table = compare(before, after, by="ministry")
    groups = list(dict.fromkeys(table["group"]))
    if len(groups) < 2:
        return
    found = table.set_index(["group", "metric"])
    rows = []
    for group in groups:
        cells = [group or t("word.no_ministry", language)]
        cells.append(amount(int((before.loc[touched, "ministry"] == group).sum()), language))
        for metric, unit in (("cost_vnd", 1e6), ("documents", 1.0)):
            row = found.loc[(group, metric)]
            cells += [
                amount(round(row[name] / unit, 1), language, None) for name in ("before", "after")
            ]
            cells.append(percent(row["rate"], language))
        rows.append([*cells, percent(found.at[(group, "statutory_days"), "rate"], language)])
    page.caption("table", t("word.by_ministry.caption", language))
    page.table(
        [t(f"word.by_ministry.{name}", language) for name in _BY_MINISTRY],
        rows,
        (35, 18, 18, 18, 17, 15, 15, 17, 17),
        numbers=range(1, 9),
    )
    page.paragraph(t("word.by_ministry.note", language), "Ghi chú")


def _against_targets(page: WordPage, card: Scorecard) -> None:
    language = page.language
    page.heading(t("word.targets", language), 2)
    nation = card.nation()
    if nation.empty:
        page.paragraph(t("word.no_target", language))
        return
    page.caption("table", t("word.targets.caption", language))
    heads = ("target", "goal", "reached", "deadline", "verdict")
    rows = []
    for row in nation.to_dict("records"):
        counted = row["kind"] == "count"

        def told(value: float, counted: bool = counted) -> str:
            if math.isnan(value):
                return t("word.no_data", language)
            return amount(value, language, None) if counted else percent(value, language)

        verdict = t(f"figure.verdict.{row['verdict']}", language)
        reason = str(row[f"reason_{language}"])
        due = row["deadline"]
        rows.append(
            (
                str(row[f"name_{language}"]),
                told(float(row["target"])),
                told(float(row["value"])),
                day(due, language) if isinstance(due, date) else "–",
                f"{verdict}. {reason}" if reason else verdict,
            )
        )
    page.table(
        [t(f"word.head.{name}", language) for name in heads],
        rows,
        (50, 16, 18, 22, 54),
        numbers=(1, 2, 3),
    )


def write_signature(page: WordPage) -> None:
    """Write nơi nhận and the place of the signature."""
    language = page.language
    page.paragraph("")
    page.columns(
        left=[
            (t("word.recipients", language), "Nơi nhận"),
            ("- ……;", "Nơi nhận"),
            (t("word.archive", language), "Nơi nhận"),
        ],
        right=[
            (t("word.signer", language), "Chức vụ người ký"),
            (t("word.signature", language), "Địa danh, thời gian"),
        ],
    )
