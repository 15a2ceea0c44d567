"""What a set of procedures shows for one target: the three readings beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.measures import rate

__all__ = ["Figures", "cut_figures", "share_figures", "simplified"]

Floats = npt.NDArray[np.float64]
Open: TypeAlias = Literal["", "below", "always"]
Mask = npt.NDArray[np.bool_]

_NOTHING = Text("", "")
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
    return Text(
        f"Tính trên {format_number(known)} thủ tục có số liệu; {format_number(missing)} thủ tục "
        "chưa có số liệu.",
        f"Computed on the {format_number_en(known)} procedures with data; "
        f"{format_number_en(missing)} have none.",
    )


def _no_rate(known: int, missing: int, total: float, what: Text) -> Text:
    if known + missing == 0:
        return Text(
            "Không có thủ tục nào thuộc phạm vi chỉ tiêu.",
            "No procedure is within the scope of the target.",
        )
    if known == 0:
        return Text(
            f"Chưa có số liệu {what.vi} của thủ tục nào ({format_number(missing)} thủ tục thiếu).",
            f"No procedure has data on {what.en} ({format_number_en(missing)} lack it).",
        )
    return Text(
        f"Tổng {what.vi} trước cải cách bằng {format_number(total)}, không tính được tỷ lệ.",
        f"The total of {what.en} before the reform is {format_number_en(total)}: there is no rate.",
    )


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
    yes: Mask,
    known: Mask,
    before_yes: Mask | None,
    volumes: Floats,
    goal: float,
    what: Text,
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
        reason = Text(f"Chưa có số liệu về {what.vi}.", f"There are no data on {what.en}.")
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
