"""Sums by ministry, field, level or audience, and what a plan saves of them.

The percent is (before − after) ÷ before on sums, never a mean of percents: that
is the reading under which every published figure can be recomputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
import pandas as pd

from procsim.errors import UnknownName, shorten
from procsim.language.i18n import fault_of
from procsim.measures.base import Floats, Rows, total
from procsim.measures.grouping import GROUPINGS, TOTAL, By, rows_of

__all__ = ["GROUPINGS", "METRICS", "TOTAL", "By", "compare", "rate", "summarise"]

METRICS = (
    "statutory_days",
    "documents",
    "conditions",
    "cost_vnd",
    "cost_year_vnd",
    "step_days",
    "documents_expected",
    "cost_expected_vnd",
    "cost_expected_year_vnd",
)
_SUMMED = (
    *METRICS,
    "forms",
    "papers_original",
    "papers_copy",
    "papers_certified",
    "work_vnd",
    "fees_vnd",
    "dossiers_per_year",
)
_COSTS = ("cost_vnd", "cost_year_vnd")


@overload
def rate(before: float, after: float) -> float: ...
@overload
def rate(before: Floats, after: Floats) -> Floats: ...
def rate(before: float | Floats, after: float | Floats) -> float | Floats:
    """Return the reduction rate ``(before − after) ÷ before``; NaN with `before` 0.

    Parameters
    ----------
    before, after
        Totals in one unit, or arrays of them of one shape.

    Returns
    -------
    float or numpy.ndarray
        Share of `before` that is saved, of the shape of the arguments.

    Examples
    --------
    The published case of Hà Nội, 2,306 → 654 tỷ đồng a year, and a limit cut
    from 13 to 7 days (Quyết định 1671/QĐ-TTg):

    >>> round(100 * rate(2306, 654), 2)
    71.64
    >>> round(100 * rate(13, 7), 2)
    46.15
    >>> rate(0, 0)
    nan
    """
    first = np.asarray(before, dtype=float)
    saved = first - np.asarray(after, dtype=float)
    made = np.divide(saved, first, out=np.full(saved.shape, np.nan), where=first > 0)
    return float(made) if made.ndim == 0 else made


def summarise(measures: pd.DataFrame, by: By | None = None) -> pd.DataFrame:
    """Return the sums of each metric, and of how many procedures they are made.

    Parameters
    ----------
    measures
        What `measure` returned.
    by
        None for one group ``""`` of all; ``"ministry"``, ``"province"`` (the People's
        Committees that publish), ``"agency"``, ``"field"``, ``"levels"``, ``"audience"``,
        any other column of words of the table, or a Series by procedure id. A procedure
        of several agencies, fields or levels counts in every group that it names, so
        groups do not add up there; one of none stands in ``(chưa rõ)``.

    Returns
    -------
    pandas.DataFrame
        One row for each group and metric: ``group``, ``metric``, ``total``
        (NaN where nothing is known), ``procedures``, ``known``, ``missing``,
        ``assumed_share`` (of the costs, by value; NaN elsewhere).

    Raises
    ------
    UnknownName
        For a grouping that does not exist.

    Examples
    --------
    >>> import procsim as ps
    >>> made = summarise(ps.measure(ps.load_sample())).set_index("metric")
    >>> int(made.loc["statutory_days", "known"] + made.loc["statutory_days", "missing"])
    60
    """
    rows, group, names = rows_of(measures, by)
    size = len(names)
    count = total(group, None, size)
    parts = []
    for metric in _SUMMED:
        values = measures[metric].to_numpy(dtype=float)[rows]
        known = ~np.isnan(values)
        sums = total(group, np.where(known, values, 0.0), size)
        number = total(group, known.astype(float), size)
        assumed = np.full(size, np.nan)
        if metric in _COSTS:
            share = measures["assumed_share"].to_numpy(dtype=float)[rows]
            used = known & (values > 0)
            guessed = total(group, np.where(used, values * share, 0.0), size)
            np.divide(guessed, sums, out=assumed, where=sums > 0)
        parts.append(
            pd.DataFrame(
                {
                    "group": names,
                    "metric": metric,
                    "total": np.where(number > 0, sums, np.nan),
                    "procedures": count.astype(int),
                    "known": number.astype(int),
                    "missing": (count - number).astype(int),
                    "assumed_share": assumed,
                }
            )
        )
    return _by_group(parts)


def _by_group(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack one frame for each metric so that a group's metrics stand together."""
    size = len(parts[0])
    made = pd.concat(parts, ignore_index=True)
    order = np.arange(len(made)).reshape(len(parts), size).T.ravel()
    return made.iloc[order].reset_index(drop=True)


def compare(
    before: pd.DataFrame,
    after: pd.DataFrame,
    by: By | None = None,
    at_least: float = 0.30,
    *,
    metrics: Sequence[str] = METRICS,
) -> pd.DataFrame:
    """Return what changed between two measurements, as ratios of sums.

    Only procedures whose figure is known before and after enter a sum; the
    others are counted in ``missing``. Rows are matched by id; a procedure that
    is in one of the two only is missing.

    Parameters
    ----------
    before, after
        What `measure` returned; groups are those of `before`.
    by
        As in `summarise`.
    at_least
        The rate that ``reached`` counts procedures by.
    metrics
        Columns to compare, a measure of your own among them: a number for each
        procedure, put beside the others by ``measure(portfolio).assign(…)``.

    Returns
    -------
    pandas.DataFrame
        One row for each group and metric: ``group``, ``metric``, ``before``,
        ``after``, ``saved``, ``rate`` (= saved ÷ before, the reading that the
        targets prescribe), ``procedures`` (known in both), ``missing``;
        ``reached`` procedures whose own rate is at least `at_least` and
        ``reached_share`` of those that have a rate; ``rate_weighted``, each
        procedure weighted by its dossiers per year, over the ``weighted``
        procedures whose volume is known; ``why`` a rate is missing:
        ``nothing_known``, ``before_zero`` or ``""``.

    Raises
    ------
    UnknownName
        For a grouping that does not exist, or a metric that a table lacks.

    Examples
    --------
    >>> import pandas as pd
    >>> from procsim.measures.table import measure
    >>> from procsim.model.portfolio import Portfolio
    >>> def days(a, b):
    ...     return measure(Portfolio.from_tables({
    ...         "procedures": pd.DataFrame({"id": ["1", "2"], "name": "A", "ministry": "B"}),
    ...         "channels": pd.DataFrame({"id": ["k1", "k2"], "procedure": ["1", "2"],
    ...             "limit_value": [a, b], "limit_unit": "working_day"}),
    ...     }))
    >>> made = compare(days(10, 30), days(5, 27)).iloc[0]
    >>> made["metric"], float(made["before"]), float(made["after"]), float(made["rate"])
    ('statutory_days', 40.0, 32.0, 0.2)
    >>> int(made["reached"])
    1
    """
    _check_metrics(before, after, metrics)
    index = before.index.append(after.index.difference(before.index, sort=False))
    frame = before.reindex(index)
    if len(index) > len(before):
        for name in before.columns.intersection(after.columns):
            if not pd.api.types.is_float_dtype(before[name].dtype):
                frame[name] = before[name].reindex(index).fillna(after[name].reindex(index))
    later = after.reindex(index)
    rows, group, names = rows_of(frame, by)
    volume = frame["dossiers_per_year"].to_numpy(dtype=float)[rows]
    parts = [
        _compared(
            metric,
            names,
            group,
            frame[metric].to_numpy(dtype=float)[rows],
            later[metric].to_numpy(dtype=float)[rows],
            volume,
            at_least,
        )
        for metric in metrics
    ]
    return _by_group(parts)


def _check_metrics(before: pd.DataFrame, after: pd.DataFrame, metrics: Sequence[str]) -> None:
    faults = [
        fault_of("measures.metric", f"compare › {place}", shorten(metric))
        for place, frame in (("before", before), ("after", after))
        for metric in metrics
        if metric not in frame
    ]
    if faults:
        raise UnknownName(faults)


def _compared(
    metric: str,
    names: list[str],
    group: Rows,
    first: Floats,
    then: Floats,
    volume: Floats,
    at_least: float,
) -> pd.DataFrame:
    size = len(names)
    known = ~np.isnan(first) & ~np.isnan(then)
    number = total(group, known.astype(float), size)

    def summed(values: Floats, among: np.ndarray) -> Floats:
        return total(group, np.where(among, values, 0.0), size)

    sums = [np.where(number > 0, summed(values, known), np.nan) for values in (first, then)]
    own = rate(first, then)
    reached = total(group, (own >= at_least - 1e-12).astype(float), size)
    rated = total(group, (~np.isnan(own)).astype(float), size)
    weighted = known & ~np.isnan(volume)
    # A yearly figure has the volume in it already.
    weights = np.ones_like(volume) if metric.endswith("year_vnd") else volume
    by_volume = rate(summed(first * weights, weighted), summed(then * weights, weighted))
    why = np.where(number == 0, "nothing_known", np.where(sums[0] == 0, "before_zero", ""))
    return pd.DataFrame(
        {
            "group": names,
            "metric": metric,
            "before": sums[0],
            "after": sums[1],
            "saved": sums[0] - sums[1],
            "rate": rate(*sums),
            "procedures": number.astype(int),
            "missing": (total(group, None, size) - number).astype(int),
            "reached": reached.astype(int),
            "reached_share": np.divide(reached, rated, out=np.full(size, np.nan), where=rated > 0),
            "rate_weighted": by_volume,
            "weighted": total(group, weighted.astype(float), size).astype(int),
            "why": why.astype(object),
        }
    )
