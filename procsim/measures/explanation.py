"""Why this number: the cost of one procedure, told line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from procsim.errors import shorten, spoken
from procsim.language.formatting import format_number, format_number_en
from procsim.measures.sheet import GROUPS, REASONS
from procsim.measures.views_html import explanation_html

__all__ = ["Explanation"]


@dataclass(frozen=True)
class Explanation:
    """The calculation behind one procedure's compliance cost.

    Attributes
    ----------
    procedure, name
        Id and name.
    active
        False for a procedure that is abolished or merged: it costs nothing.
    sheets
        The lines of the cost sheet by language.
    measures
        The totals: ``cost_vnd``, ``cost_expected_vnd``, ``cost_why`` …
    """

    procedure: str
    name: str
    active: bool
    sheets: Mapping[str, pd.DataFrame]
    measures: Mapping[str, float | str]

    @property
    def summary(self) -> pd.DataFrame:
        """The lines of the cost sheet, in Vietnamese."""
        return self.sheets["vi"]

    def __repr__(self) -> str:
        return f"<Explanation {self.procedure} {shorten(self.name, 60)}>"

    def _repr_html_(self) -> str:
        return explanation_html(self)

    def text(self, language: str = "") -> str:
        """Return the calculation in words, in ``"vi"`` or ``"en"``."""
        language = spoken(language)
        vi = language != "en"
        lines = [f"{self.procedure} – {self.name}"]
        if not self.active:
            lines.append(
                "Thủ tục đã bãi bỏ hoặc sáp nhập: chi phí bằng 0."
                if vi
                else "The procedure is abolished or merged: it costs nothing."
            )
            return "\n".join(lines)
        for group, part in self.sheets["vi" if vi else "en"].groupby("group", sort=True):
            lines.append(f"{group}. {GROUPS[int(group)].in_language(language)}")
            lines += [_line(row, vi=vi) for row in part.to_dict("records")]
        return "\n".join([*lines, *self._totals(vi=vi)])

    def _totals(self, *, vi: bool) -> list[str]:
        m = self.measures
        unknown = REASONS.get(str(m["cost_why"]))
        why = f" – {unknown.in_language('vi' if vi else 'en')}" if unknown else ""
        labels = (
            ("work_vnd", "Chi phí công việc, một hồ sơ", "Work, one dossier"),
            ("fees_vnd", "Phí, lệ phí, một hồ sơ", "Phí and lệ phí, one dossier"),
            ("cost_vnd", "Chi phí tuân thủ, một hồ sơ", "Compliance cost, one dossier"),
            (
                "cost_expected_vnd",
                "Chi phí dự kiến khi dữ liệu chưa phủ hết",
                "Expected, where data do not answer for everybody",
            ),
            ("cost_year_vnd", "Chi phí tuân thủ, một năm", "Compliance cost, one year"),
        )
        made = [
            f"{label_vi if vi else label_en}: {_vnd(m[name], vi=vi)}"
            + (why if name == "cost_vnd" else "")
            for name, label_vi, label_en in labels
            if name != "cost_year_vnd" or not pd.isna(m["dossiers_per_year"])
        ]
        share = m["assumed_share"]
        if not pd.isna(share):
            percent = (format_number if vi else format_number_en)(100 * float(share), 1)
            made.append(
                f"Phần dựa trên giả định: {percent} %"
                if vi
                else f"Rests on assumptions (giả định): {percent} %"
            )
        return made


def _vnd(value: object, *, vi: bool) -> str:
    if pd.isna(value):
        return "chưa tính được" if vi else "not known"
    text = (format_number if vi else format_number_en)(float(str(value)), 0)
    return f"{text} {'đồng' if vi else 'VND'}"


def _line(row: Mapping[str, object], *, vi: bool) -> str:
    write = format_number if vi else format_number_en
    number = {
        name: float(str(row[name]))
        for name in ("hours", "hourly_vnd", "services_vnd", "fees_vnd", "weight")
    }
    parts = []
    if number["hours"]:
        hours = "?" if pd.isna(number["hours"]) else write(round(number["hours"], 4))
        parts.append(f"{hours} {'giờ' if vi else 'hours'} × {write(number['hourly_vnd'], 2)}")
    amounts = (number[name] for name in ("services_vnd", "fees_vnd") if number[name])
    parts += ["?" if pd.isna(amount) else write(amount, 0) for amount in amounts]
    inner = " + ".join(parts) or "0"
    weight = "?" if pd.isna(number["weight"]) else write(round(number["weight"], 4))
    mark = f" [{row['mark']}]" if row["mark"] else ""
    note = f" ({row['note']})" if row["note"] else ""
    activity = f"{shorten(str(row['activity']))}: " if row["activity"] else ""
    return f"   {activity}{weight} × ({inner}) = {_vnd(row['cost_vnd'], vi=vi)}{mark}{note}"
