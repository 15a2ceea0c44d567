"""One figure against one target: met, missed, or unknown with the reason.

The percent of a cut is (before − after) / before on **sums** (Thông tư
02/2017/TT-VPCP, Điều 27 names cost before and after; every published figure
fits this reading). It is never a mean of percents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.reference import Target

__all__ = ["Judgement", "Verdict", "is_share", "judge", "threshold"]

Verdict = Literal["met", "missed", "unknown"]

_TOLERANCE = 1e-9  # sums of floats: 0.29999999999999993 is 30 %, 0.2999 is not
_NOTHING = Text("", "")
_NO_VALUE = Text("Chưa có số liệu để tính.", "There is no figure to compute it from.")
_NO_TARGET = Text("Chỉ tiêu không ghi mức phải đạt.", "The target states no value to reach.")


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
        raise InvalidValue(
            Fault(
                "judge",
                shorten(value),
                Text("Giá trị phải là một số hữu hạn.", "The value must be a finite number."),
                code="decisions.infinite",
            )
        )
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
