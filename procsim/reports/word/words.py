"""The sentences of the Word annex: what changes, by which text, with which benefit."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from procsim.decisions.routes import rests_on_resolution
from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import t
from procsim.measures.compare import rate
from procsim.measures.sheet import REASONS
from procsim.model.portfolio import Portfolio
from procsim.reforms.base import Reform
from procsim.reforms.wording import method_name
from procsim.reports.map.text import label

_LONGEST_NAME = 160
_COST = {True: "cost_year_vnd", False: "cost_vnd"}
_MEASURES = (("statutory_days", "statutory_why"), ("documents", "documents_why"))
_AROUND = " .;,\n\t"
_LOWER = ("Điểm ", "Khoản ", "Phụ lục ", "Mẫu ", "Biểu mẫu ")


def day(value: date | None, language: str) -> str:
    """Return a date as official texts write it: 01/3/2027."""
    if value is None:
        return t("word.not_stated", language)
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"{value.day:02d}/{month}/{value.year}"


def amount(number: float, language: str, decimals: int | None = 0) -> str:
    """Return a number in the writing of the language; a missing one is said to be missing."""
    if math.isnan(number):
        return t("word.no_data", language)
    write = format_number if language == "vi" else format_number_en
    return write(number, decimals)


def percent(share: float, language: str) -> str:
    """Return a share (0–1) in per cent with two decimals at most."""
    return "–" if math.isnan(share) else f"{amount(round(share * 100, 2), language, None)}\u00a0%"


def _short(text: str) -> str:
    """Return a name that fits into a sentence, cut between two words."""
    return textwrap.shorten(text, _LONGEST_NAME, placeholder=" …")


class Namer:
    """Writes what reforms change by its name where their sentences have an id."""

    def __init__(self, portfolio: Portfolio, language: str) -> None:
        self.portfolio = portfolio
        self.language = language
        self._names: dict[str, Mapping[str, str]] = {}

    def name(self, table: str, key: str) -> str:
        """Return the name of a row, shortened; empty where it has none."""
        if table not in self._names:
            self._names[table] = self._of_table(table)
        return self._names[table].get(key, "")

    def _of_table(self, table: str) -> Mapping[str, str]:
        frame: pd.DataFrame = getattr(self.portfolio, table)
        if table == "channels":
            texts = [method_name(m).in_language(self.language) for m in frame["method"]]
        else:
            column = {"conditions": "text", "fees": "amount_text"}.get(table, "name")
            texts = [_short(label(text)) for text in frame[column]]
        return dict(zip(frame.index, texts, strict=True))

    def sentence(self, reform: Reform) -> str:
        """Return the sentence of a reform with names in place of ids."""
        said = reform.describe().in_language(self.language)
        for field, table in reform.refers.items():
            value = getattr(reform, field)
            for key in (value,) if isinstance(value, str) else value or ():
                said = self._replaced(said, reform, table, key)
        return said

    def _replaced(self, said: str, reform: Reform, table: str, key: str) -> str:
        name = self.name(table, key)
        if not name or (table == "procedures" and key == reform.procedure_id):
            return said  # a procedure is called by its code in its own block
        words = f"“{name}”"
        if table == "procedures":
            words = f"{key} ({name})"
        bracketed = f"({key})"
        if bracketed in said:
            return said.replace(bracketed, f"({t('word.written', self.language)} {words})")
        return re.sub(rf"(?<![\w./#-]){re.escape(key)}(?![\w/#])", lambda _: words, said)


def _distinct(lines: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(line for line in lines if line))


def change_lines(reforms: Sequence[Reform], namer: Namer) -> list[str]:
    """Return what changes, a line for each reform."""
    return _distinct(namer.sentence(reform) for reform in reforms)


def reason_lines(reforms: Sequence[Reform], language: str) -> list[str]:
    """Return why, each reason once; said so where none is stated."""
    reasons = _distinct(reform.reason.strip() for reform in reforms)
    lines = [t("word.reason", language, reason=reason) for reason in reasons]
    if any(not reform.reason.strip() for reform in reforms):
        lines.append(t("word.reason", language, reason=t("word.not_stated", language)))
    return lines


def _place(reform: Reform) -> str:
    """Return điểm, khoản, điều and the text as they are cited within a sentence."""
    article = reform.article.strip(_AROUND)
    if article.startswith(_LOWER):
        article = article[0].lower() + article[1:]
    text = reform.legal_text.strip(_AROUND) or "; ".join(reform.legal_numbers)
    between = " " if "Điều" in article else ", "
    return between.join(part for part in (article, text) if part)


def route_lines(reforms: Sequence[Reform], language: str) -> list[str]:
    """Return what to amend: điểm, khoản, điều and the text, each once."""
    lines = []
    for reform in reforms:
        place = _place(reform)
        names_resolution = any("66.7/2025" in number for number in reform.legal_numbers)
        key = "amend"
        if not place:
            key = "no_text"
        elif rests_on_resolution(reform) and names_resolution:
            key = "carry_out"
        lines.append(t(f"word.route.{key}", language, place=place))
    return _distinct(lines)


def task_lines(
    reforms: Sequence[Reform], starts: Mapping[int, tuple[date | None, Text]], language: str
) -> list[str]:
    """Return who does it, until when, with which product, signed by whom (6 rõ), and the route.

    Parameters
    ----------
    starts
        By the position of a reform in `reforms`: when it takes effect, and why then.
    """
    lines = []
    for place, reform in enumerate(reforms):
        stated = {
            name: getattr(reform, name).strip(_AROUND) or t("word.not_stated", language)
            for name in ("owner", "lead", "product", "signer")
        }
        lines.append(t("word.task", language, due=day(reform.due, language), **stated))
        if place in starts:
            start, why = starts[place]
            key = "starts" if start else "starts_unknown"
            reason = why.in_language(language)
            lines.append(t(f"word.{key}", language, day=day(start, language), reason=reason))
    return _distinct(lines)


def benefits(before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> list[str]:
    """Return the four figures of the cost, then days, papers and conditions that change.

    Parameters
    ----------
    before, after
        The row of the procedure in what `procsim.measure` returned, each.
    """
    lines, notes = _cost_lines(before, after, language)
    for metric, why in (*_MEASURES, ("conditions", "")):
        old, new = float(before[metric]), float(after[metric])
        if math.isnan(old) or math.isnan(new):
            reason = _reason(after[why] or before[why], language) if why else ""
            lines.append(t(f"word.{metric}.unknown", language, reason=reason))
        elif old != new:
            lines.append(
                t(
                    f"word.{metric}",
                    language,
                    before=amount(old, language, None),
                    after=amount(new, language, None),
                    saved=amount(old - new, language, None),
                    rate=percent(rate(old, new), language),
                )
            )
    return [*lines, " ".join(notes)] if notes else lines


def _reason(code: str, language: str) -> str:
    return REASONS[code].in_language(language) if code in REASONS else code


def _cost_lines(
    before: Mapping[str, Any], after: Mapping[str, Any], language: str
) -> tuple[list[str], list[str]]:
    """Return the four figures, and on what they rest."""
    yearly = all(not math.isnan(float(row["cost_year_vnd"])) for row in (before, after))
    metric = _COST[yearly]
    unit = t("word.vnd_year" if yearly else "word.vnd", language)
    old, new = float(before[metric]), float(after[metric])

    def told(number: float, why: str = "") -> str:
        if not math.isnan(number):
            return f"{amount(number, language)} {unit}"
        reason = f" ({_reason(why, language)})" if why else ""
        return f"{t('word.no_data', language)}{reason}"

    share = rate(old, new)
    said = percent(share, language)
    if math.isnan(share):
        said = t("word.no_data", language)
    lines = [
        t("word.cost.before", language, value=told(old, before["cost_why"])),
        t("word.cost.after", language, value=told(new, after["cost_why"])),
        t("word.cost.saved", language, value=told(old - new)),
        t("word.cost.rate", language, value=said),
    ]
    notes = []
    assumed = float(before["assumed_share"])
    if not math.isnan(old) and not math.isnan(assumed):
        notes.append(t("word.cost.assumed", language, share=percent(assumed, language)))
    if not yearly and not math.isnan(old):
        notes.append(t("word.cost.once", language))
    return lines, notes
