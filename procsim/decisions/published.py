"""Published results, recomputed from their stated totals and held against targets.

A ministry reports totals before and after, or a part of a whole, or a bare
rate. Each is turned into the one rate of the law and judged like a measured
one, so that a press figure and a measured figure can stand in one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from procsim.decisions.readings import Judgement, judge
from procsim.errors import NOTHING, Fault, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual
from procsim.measures import rate as _rate
from procsim.reference import Target

_ROUNDING = 0.5 + 1e-9
_COLUMNS = (
    "scope",
    "group",
    "target_id",
    "metric",
    "before",
    "after",
    "value",
    "target",
    "gap",
    "verdict",
    "unit",
    "stated",
    "base_year",
    "deadline",
    "mark",
    "source",
    "reason_vi",
    "reason_en",
)


@dataclass(frozen=True, kw_only=True)
class Published:
    """One published result.

    Give `before` and `after`, or `part` and `whole`, or the stated rate alone.

    Parameters
    ----------
    name
        Who, what, when.
    metric
        What was cut: time, cost, conditions, procedures.
    before, after
        Stated totals, in `unit`.
    part, whole
        Stated count that was cut, and the count it was cut from.
    stated
        Stated rate as a share (0–1), where one was published.
    decimals
        Decimals of the stated percent, as printed.
    target
        The target to hold it against (a `Target` or a share 0–1); None for none.
    unit, source, mark
        Unit of the totals; where it was published; luật, công bố, nhập or giả định.

    Raises
    ------
    InvalidValue
        When nothing, or only half of a pair, is stated, or a total is negative.
    """

    name: str
    metric: str = ""
    before: float | None = None
    after: float | None = None
    part: float | None = None
    whole: float | None = None
    stated: float | None = None
    decimals: int = 2
    target: Target | float | None = None
    unit: str = ""
    source: str = ""
    mark: str = "công bố"

    def __post_init__(self) -> None:
        faults = []
        for one, other in (("before", "after"), ("part", "whole")):
            pair = (getattr(self, one), getattr(self, other))
            if (pair[0] is None) != (pair[1] is None):
                faults.append(
                    self._fault(
                        f"{one}={pair[0]}, {other}={pair[1]}",
                        bilingual("decisions.give_both", one=one, other=other),
                    )
                )
        numbers = (self.before, self.after, self.part, self.whole)
        if any(n is not None and (not math.isfinite(n) or n < 0) for n in numbers):
            faults.append(
                self._fault(shorten(numbers), bilingual("decisions.no_stated_totals_must"))
            )
        if all(n is None for n in (*numbers, self.stated)):
            faults.append(self._fault("", bilingual("decisions.nothing_stated_give_before")))
        if faults:
            raise InvalidValue(faults)

    def _fault(self, value: str, message: Text) -> Fault:
        return Fault(shorten(self.name), value, message, code="decisions.published")

    @property
    def totals(self) -> tuple[float, float]:
        """Totals before and after; NaN where only a rate was published."""
        if self.before is not None and self.after is not None:
            return float(self.before), float(self.after)
        if self.part is not None and self.whole is not None:
            return float(self.whole), float(self.whole) - float(self.part)
        return math.nan, math.nan

    @property
    def rate(self) -> float:
        """Share (0–1) that was cut: from the totals, else as stated."""
        computed = _rate(*self.totals)
        if math.isnan(computed) and self.stated is not None:
            return float(self.stated)
        return computed

    @property
    def contradiction(self) -> Text:
        """Say so where the stated rate is not the one of the stated totals."""
        computed = _rate(*self.totals)
        if self.stated is None or math.isnan(computed):
            return NOTHING
        if abs(computed - self.stated) * 100 <= _ROUNDING * 10**-self.decimals:
            return NOTHING
        given, found = f"{self.stated * 100:.{self.decimals}f}", f"{computed * 100:.2f}"
        return Text(
            f"Tỷ lệ công bố {given} % khác tỷ lệ tính từ tổng đã công bố {found} %.".replace(
                ".", ","
            ).rstrip(",")
            + ".",
            f"The stated rate of {given} % is not that of the stated totals, {found} %.",
        )


def judge_published(entry: Published) -> Judgement:
    """Recompute the rate of one published result and hold it against its target.

    Examples
    --------
    >>> judge_published(Published(name="26 → 13", before=26, after=13, target=0.3)).value
    0.5
    """
    if entry.target is None:
        reason = entry.contradiction
        if reason == NOTHING:
            reason = bilingual("decisions.no_target_compare")
        return Judgement(entry.rate, math.nan, math.nan, "unknown", reason)
    return judge(entry.rate, entry.target, entry.contradiction)


def published_scorecard(entries: Iterable[Published]) -> pd.DataFrame:
    """Return one row for each published result.

    Columns: scope (``"published"``), group (the name), target_id, metric, before,
    after, value and target (shares 0–1), gap (percentage points), verdict, unit,
    stated, base_year, deadline, mark, source, reason_vi, reason_en.
    """
    rows = []
    for entry in entries:
        found = judge_published(entry)
        target = entry.target if isinstance(entry.target, Target) else None
        before, after = entry.totals
        rows.append(
            {
                "scope": "published",
                "group": entry.name,
                "target_id": target.id if target else "",
                "metric": entry.metric,
                "before": before,
                "after": after,
                "value": found.value,
                "target": found.target,
                "gap": found.gap,
                "verdict": found.verdict,
                "unit": entry.unit,
                "stated": math.nan if entry.stated is None else entry.stated,
                "base_year": target.base_year if target else None,
                "deadline": target.deadline if target else None,
                "mark": entry.mark,
                "source": entry.source,
                "reason_vi": found.reason.vi,
                "reason_en": found.reason.en,
            }
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))
