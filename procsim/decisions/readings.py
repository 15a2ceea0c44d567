"""What a set of procedures shows for one target: the three readings beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import NOTHING, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.marking.availability import available
from procsim.measures import rate
from procsim.model.portfolio import Portfolio
from procsim.reference import Target

Floats = npt.NDArray[np.float64]
Open: TypeAlias = Literal["", "below", "always"]
Mask = npt.NDArray[np.bool_]

_NOTHING = NOTHING
_TOLERANCE = 1e-9
_FALLS = ("statutory_days", "documents", "conditions", "cost_vnd")
_GONE = ("abolished", "merged")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known about one target on one set of procedures.

    Attributes
    ----------
    value
        The reading that the target prescribes; NaN where it cannot be computed.
    before, after
        Totals behind `value`, in the unit of `basis`.
    basis
        ``"once"``: each procedure counts once (mỗi thủ tục tính một lần);
        ``"year"``: weighted by dossiers in a year; ``"count"``: procedures counted.
    by_sums
        Ratio of sums, each procedure once.
    by_volume, with_volume
        Ratio of sums weighted by dossiers in a year, and on how many procedures.
    reached, reachable
        How many procedures reach the target by themselves, of how many that could.
    known, missing
        Procedures in scope with and without the figure before and after.
    open
        ``"below"`` where a value below the target stays undecided, because the
        procedures at hand are only a part of what the target counts; ``"always"``
        where no value would decide it; empty otherwise.
    assumed
        Share (0–1) of the total before that rests on assumptions; cost only.
    allotted
        What this group has to reach, where that follows from a named list;
        NaN where the target's own value holds.
    effective, effective_reason
        `value` with the data as they answer (coverage), and what must be known
        about it; NaN where coverage makes no difference or is not known.
    reason
        What is lacking, or what the reader must know.
    """

    value: float = math.nan
    before: float = math.nan
    after: float = math.nan
    basis: str = ""
    by_sums: float = math.nan
    by_volume: float = math.nan
    with_volume: int = 0
    reached: int | None = None
    reachable: int | None = None
    known: int = 0
    missing: int = 0
    open: Open = ""
    assumed: float = math.nan
    allotted: float = math.nan
    effective: float = math.nan
    effective_reason: Text = _NOTHING
    reason: Text = _NOTHING


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    if column not in frame:
        return np.full(len(frame), np.nan)
    made: Floats = frame[column].to_numpy(dtype=float, na_value=np.nan)
    return made


def _missing_text(known: int, missing: int) -> Text:
    if not missing:
        return _NOTHING
    return bilingual("decisions.computed_procedures_data_none", choices=known, missing=missing)


def _no_rate(known: int, missing: int, total: float, what: Text) -> Text:
    if known + missing == 0:
        return bilingual("decisions.no_procedure_within_scope")
    if known == 0:
        return bilingual("decisions.no_procedure_data_lack", what=what, missing=missing)
    return bilingual("decisions.no_total_before_reform", what=what, total=total)


def cut_figures(
    before: pd.DataFrame,
    after: pd.DataFrame,
    column: str,
    goal: float,
    what: Text,
    *,
    yearly: str = "",
    volume_prescribed: bool = False,
) -> Figures:
    """Return the three readings of a cut for rows that are aligned already.

    Parameters
    ----------
    before, after
        Measures of the same procedures, shape (n, …), same index.
    column
        Column that is cut, per procedure or dossier.
    goal
        Share (0–1) that a procedure must reach to be counted as reaching it.
    what
        The quantity in words, for the reason when it is missing.
    yearly
        Column with the yearly total, where there is one; otherwise `column`
        is weighted by ``dossiers_per_year`` of `before`.
    volume_prescribed
        Whether the yearly reading is the prescribed one as soon as every
        procedure with a figure has a volume (compliance cost: Thông tư
        02/2017/TT-VPCP, Điều 27).
    """
    old, new = _numbers(before, column), _numbers(after, column)
    known = ~(np.isnan(old) | np.isnan(new))
    total, rest = float(old[known].sum()), float(new[known].sum())
    by_sums = rate(total, rest) if known.any() else math.nan

    if yearly:
        old_year, new_year = _numbers(before, yearly), _numbers(after, yearly)
    else:
        volume = _numbers(before, "dossiers_per_year")
        old_year, new_year = old * volume, new * volume
    both = known & ~(np.isnan(old_year) | np.isnan(new_year))
    total_year, rest_year = float(old_year[both].sum()), float(new_year[both].sum())
    by_volume = rate(total_year, rest_year) if both.any() else math.nan

    can = known & (old > 0)
    own = np.divide(old - new, old, out=np.zeros_like(old), where=can)
    counted, lacking = int(known.sum()), int((~known).sum())
    year = volume_prescribed and both.any() and bool((both == known).all())
    value = by_volume if year else by_sums
    reason = (
        _no_rate(counted, lacking, total, what)
        if math.isnan(value)
        else _missing_text(counted, lacking)
    )
    return Figures(
        value=value,
        before=(total_year if year else total) if counted else math.nan,
        after=(rest_year if year else rest) if counted else math.nan,
        basis="year" if year else "once",
        by_sums=by_sums,
        by_volume=by_volume,
        with_volume=int(both.sum()),
        reached=int((own[can] >= goal - _TOLERANCE).sum()),
        reachable=int(can.sum()),
        known=counted,
        missing=lacking,
        # Too few known to speak for the rest; the rate itself is shown all the same.
        open="always" if counted < lacking else "",
        assumed=_assumed_share(before, old, known) if column == "cost_vnd" else math.nan,
        reason=reason,
    )


def _assumed_share(before: pd.DataFrame, cost: Floats, known: Mask) -> float:
    """Return which share of the cost before rests on assumptions, by value."""
    used = known & (cost > 0)
    share = _numbers(before, "assumed_share")[used]
    return float((share * cost[used]).sum() / cost[used].sum()) if used.any() else math.nan


def share_figures(
    yes: Mask, known: Mask, before_yes: Mask | None, volumes: Floats, goal: float, what: Text
) -> Figures:
    """Return the share of procedures for which something holds.

    Parameters
    ----------
    yes, known
        Shape (n,): whether it holds after the reform, and whether that is known.
    before_yes
        Whether it held before, where known.
    volumes
        Dossiers in a year, NaN where unknown.
    goal
        Share to reach. The verdict stands only where the procedures without data
        could not change it.
    what
        The property in words.
    """
    counted, lacking = int(known.sum()), int((~known).sum())
    held = int((yes & known).sum())
    value = held / counted if counted else math.nan
    weighed = known & ~np.isnan(volumes)
    dossiers = float(volumes[weighed].sum())
    reason = _missing_text(counted, lacking)
    if not counted:
        reason = bilingual("decisions.no_data", what=what)
    return Figures(
        value=value,
        before=math.nan if before_yes is None else float((before_yes & known).sum()),
        after=float(held) if counted else math.nan,
        basis="count",
        by_sums=value,
        by_volume=float(volumes[weighed & yes].sum()) / dossiers if dossiers > 0 else math.nan,
        with_volume=int(weighed.sum()),
        reached=held if counted else None,
        reachable=counted or None,
        known=counted,
        missing=lacking,
        open="always" if _undecided(held, counted, lacking, goal) else "",
        reason=reason,
    )


def _undecided(held: int, known: int, missing: int, goal: float) -> bool:
    """Return whether the procedures without data could turn the verdict of a share."""
    total = known + missing
    if not total or math.isnan(goal):
        return False
    lowest, highest = held / total, (held + missing) / total
    return lowest < goal - _TOLERANCE <= highest


def simplified(before: pd.DataFrame, after: pd.DataFrame, columns: Sequence[str] = _FALLS) -> Mask:
    """Return which procedures were cut or simplified: any measure fell, or it ended.

    Time, documents, conditions and cost per dossier are looked at (or the
    `columns` given), each where it is known before and after.
    """
    fell = np.zeros(len(before), dtype=bool)
    for column in columns:
        old, new = _numbers(before, column), _numbers(after, column)
        fell |= new < old - _TOLERANCE * np.maximum(1.0, np.abs(old))  # NaN compares as False
    if "status" in before and "status" in after:
        fell |= (after["status"].isin(_GONE) & ~before["status"].isin(_GONE)).to_numpy()
    return fell


# What a change is worth with the data as they answer today, beside what is claimed.

_EXPECTED = {
    "documents": ("documents_expected", ""),
    "cost_vnd": ("cost_expected_vnd", "cost_expected_year_vnd"),
}
_EFFECTIVE_FALLS = ("statutory_days", "documents_expected", "conditions", "cost_expected_vnd")
NO_DIFFERENCE = bilingual("decisions.no_how_far_data")
_NOT_MEASURED = bilingual("decisions.no_tables_measures_hold")


@dataclass(frozen=True, slots=True)
class Effective:
    """The effective figure beside a claimed one; NaN with the reason where there is none."""

    value: float = math.nan
    reason: Text = NO_DIFFERENCE


def _assumed(portfolio: Portfolio | None, procedures: pd.Index) -> Text:
    """Say on how many replaced papers the coverage is the assumed default."""
    if portfolio is None:
        return NOTHING
    rows = portfolio.requirements
    own = rows["procedure"].isin(procedures)
    count = int((own & (rows["replaced"] > 0) & rows["coverage"].isna()).sum())
    if not count:
        return NOTHING
    return bilingual("decisions.no_coverage_replaced_papers", count=count)


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
        before, after, expected, math.nan, NOTHING, yearly=yearly, volume_prescribed=True
    )
    value = found.by_volume if claimed.basis == "year" else found.by_sums
    if math.isnan(value):
        return Effective(math.nan, claimed.reason if claimed.reason.vi else _NOT_MEASURED)
    return Effective(value, _assumed(portfolio, before.index))


def effective_simplified(
    before: pd.DataFrame, after: pd.DataFrame, portfolio: Portfolio | None
) -> tuple[Mask, Text]:
    """Return which procedures get simpler for somebody, papers counted with coverage."""
    return simplified(before, after, _EFFECTIVE_FALLS), _assumed(portfolio, before.index)


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


# One figure against one target: met, missed, or unknown with the reason.

Verdict = Literal["met", "missed", "unknown"]
_NO_VALUE = bilingual("decisions.no_figure_compute")
_NO_TARGET = bilingual("decisions.no_target_states_value")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A figure held against a target.

    Attributes
    ----------
    value, target
        Shares (0–1) for rates and shares, plain numbers for counts; NaN where unknown.
    gap
        `value` − `target`: percentage points for rates and shares, the unit
        itself for counts; negative when the target is missed.
    verdict
        ``"met"``, ``"missed"`` or ``"unknown"``.
    reason
        Why it is unknown, or what the reader must know; empty otherwise.
    """

    value: float
    target: float
    gap: float
    verdict: Verdict
    reason: Text = _NOTHING


def is_share(target: Target | float) -> bool:
    """Return whether the target is a share (0–1) and not a count."""
    return not isinstance(target, Target) or target.kind != "count"


def threshold(target: Target | float) -> float:
    """Return the value to reach: a share (0–1), or a plain number for a count."""
    value = target.value if isinstance(target, Target) else target
    return math.nan if value is None else float(value)


def judge(value: float | None, target: Target | float, reason: Text | None = None) -> Judgement:
    """Hold a figure against a target.

    Parameters
    ----------
    value
        Share (0–1) for a rate or share, number for a count; None or NaN is unknown.
        It is compared as it is, never rounded first: 29.96 % does not meet 30 %.
    target
        A `Target`, or the share to reach.
    reason
        Why `value` is missing, where the caller knows.

    Raises
    ------
    InvalidValue
        When `value` is infinite.

    Examples
    --------
    >>> judge(0.292, 0.30).verdict
    'missed'
    """
    number = math.nan if value is None else float(value)
    if math.isinf(number):
        raise InvalidValue(fault_of("decisions.infinite", "judge", shorten(value)))
    goal = threshold(target)
    if math.isnan(number):
        return Judgement(number, goal, math.nan, "unknown", reason or _NO_VALUE)
    if math.isnan(goal):
        return Judgement(number, goal, math.nan, "unknown", _NO_TARGET)
    gap = (number - goal) * (100.0 if is_share(target) else 1.0)
    met = number >= goal - _TOLERANCE * max(1.0, abs(goal))
    if met and gap < 0:
        gap = 0.0  # only rounding of floats; a met target shows no shortfall
    return Judgement(number, goal, gap, "met" if met else "missed", reason or _NOTHING)
