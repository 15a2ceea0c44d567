"""What a change is worth with the data as they answer today, beside what is claimed.

Claimed is the official reading: a paper that is listed as replaced counts as
gone (Nghị quyết 66.7/2025/NQ-CP, Điều 3). Effective asks for whom the data
answer: Điều 2 replaces a paper only to the extent the database serves, and
Điều 8 keeps the paper where it does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.readings import Figures, cut_figures, simplified
from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.marking.availability import available
from procsim.model.portfolio import Portfolio

__all__ = [
    "NO_DIFFERENCE",
    "Effective",
    "effective_cut",
    "effective_simplified",
    "paper_flags",
]

Mask = npt.NDArray[np.bool_]

_EXPECTED = {
    "documents": ("documents_expected", ""),
    "cost_vnd": ("cost_expected_vnd", "cost_expected_year_vnd"),
}
_FALLS = ("statutory_days", "documents_expected", "conditions", "cost_expected_vnd")
NO_DIFFERENCE = Text(
    "Độ phủ dữ liệu không làm thay đổi chỉ số này.",
    "How far the data answer makes no difference to this metric.",
)
_NOT_MEASURED = Text(
    "Bảng đo chưa có số dự kiến theo độ phủ dữ liệu.",
    "The tables of measures hold no expected figure with coverage.",
)


@dataclass(frozen=True, slots=True)
class Effective:
    """The effective figure beside a claimed one; NaN with the reason where there is none."""

    value: float = math.nan
    reason: Text = NO_DIFFERENCE


def _assumed(portfolio: Portfolio | None, procedures: pd.Index) -> Text:
    """Say on how many replaced papers the coverage is the assumed default."""
    if portfolio is None:
        return Text("", "")
    rows = portfolio.requirements
    own = rows["procedure"].isin(procedures)
    count = int((own & (rows["replaced"] > 0) & rows["coverage"].isna()).sum())
    if not count:
        return Text("", "")
    return Text(
        f"Độ phủ của {format_number(count)} giấy tờ được thay chưa công bố: dùng mức giả định.",
        f"The coverage of {format_number_en(count)} replaced papers is not published: "
        "the assumed one is used.",
    )


def effective_cut(
    before: pd.DataFrame,
    after: pd.DataFrame,
    column: str,
    claimed: Figures,
    portfolio: Portfolio | None,
) -> Effective:
    """Return the rate of a cut on the expected figures, on the basis of the claimed one."""
    if column not in _EXPECTED:
        return Effective()
    expected, yearly = _EXPECTED[column]
    found = cut_figures(
        before, after, expected, math.nan, Text("", ""), yearly=yearly, volume_prescribed=True
    )
    value = found.by_volume if claimed.basis == "year" else found.by_sums
    if math.isnan(value):
        return Effective(math.nan, claimed.reason if claimed.reason.vi else _NOT_MEASURED)
    return Effective(value, _assumed(portfolio, before.index))


def effective_simplified(
    before: pd.DataFrame, after: pd.DataFrame, portfolio: Portfolio | None
) -> tuple[Mask, Text]:
    """Return which procedures get simpler for somebody, papers counted with coverage."""
    return simplified(before, after, _FALLS), _assumed(portfolio, before.index)


def _answers(portfolio: Portfolio, on: date | None) -> tuple[Mask, Mask]:
    """Return, shape (requirements,): whether replacing data answer, and whether that is open.

    The coverage is that of the row, else the best of its holdings. Pairs that
    the law dates count from their day on; others at once.
    """
    rows = portfolio.requirements
    size = len(rows)
    yes, unknown = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    day = on.isoformat() if on else ""
    replaced = np.flatnonzero(rows["replaced"].to_numpy(dtype=float) > 0)
    named = rows[["applicant_group", "replaced_by", "replaced_types"]].iloc[replaced]
    stated = rows["coverage"].to_numpy(dtype=float)[replaced]
    cells = (named[column].tolist() for column in named)
    for place, coverage, groups, bases, kinds in zip(replaced, stated, *cells, strict=True):
        databases = set(bases.split(";"))
        held = [
            holding
            for kind in kinds.split(";")
            for holding in available(kind, [group for group in groups.split(";") if group])
            if holding.database in databases
        ]
        begun = [h for h in held if not day or not h.since or h.since <= day]
        if held and not begun:
            continue
        if np.isnan(coverage):
            known = [h.coverage for h in begun if not math.isnan(h.coverage)]
            coverage = max(known, default=math.nan)
        yes[place], unknown[place] = coverage > 0, math.isnan(coverage)
    return yes, unknown


def paper_flags(portfolio: Portfolio, on: date | None) -> pd.DataFrame:
    """Return for each procedure what became of its papers, and whether data answer on a day.

    Returns
    -------
    pandas.DataFrame
        Aligned to ``portfolio.procedures``, all bool: ``replaced`` (a paper is listed
        as replaced), ``dropped`` (one is no longer asked for), ``answers`` (a replaced
        paper has a coverage above 0 on that day), ``open`` (none has, but the coverage
        of one is not known).
    """
    yes, unknown = _answers(portfolio, on)
    rows, index = portfolio.requirements, portfolio.procedures.index

    def some(chosen: pd.Series | Mask) -> Mask:
        made: Mask = index.isin(rows["procedure"][chosen].unique())
        return made

    answers = some(yes)
    flags = {
        "replaced": some(rows["replaced"] > 0),
        "dropped": some(rows["status"] == "dropped"),
        "answers": answers,
        "open": some(unknown) & ~answers,
    }
    return pd.DataFrame(flags, index=index)
