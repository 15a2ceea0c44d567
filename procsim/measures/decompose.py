"""Where a change comes from: reform, volume, income, parameters or method.

Two years differ in more than the law: GDP per head grows, volumes change,
norms are estimated anew, the same text is read better. The change is shared
among these causes by Shapley values, so it does not matter which is turned
first, and a cut that is no reform is named so.

A plan that cuts the times per year, moves dossiers online or merges procedures
shows as volume for that part: two portfolios do not tell why a volume changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.measures.arrays import Bools, Floats, total
from procsim.measures.base import Figures, figures
from procsim.measures.grouping import By, rows_of
from procsim.measures.mixtures import Common, MixedFigures, common
from procsim.measures.shapley import all_coalitions, exact_shares
from procsim.measures.sheet import REASONS
from procsim.measures.table import measure
from procsim.model.portfolio import Portfolio

__all__ = ["FACTORS", "METRICS", "decompose"]

METRICS = ("cost_year_vnd", "cost_vnd", "statutory_days", "documents")
#: Where `measure` says why each metric is missing; the first that says something counts.
_WHY = (("cost_why", "dossiers_why"), ("cost_why",), ("statutory_why",), ("documents_why",))
#: Causes of a change, in the order of the columns.
FACTORS: dict[str, Text] = {
    "reform": Text("cải cách nội dung thủ tục", "reform of the published content"),
    "volume": Text("đổi số lượng hồ sơ, cơ cấu cách thức nộp", "other volumes and channel shares"),
    "income": Text("đổi thu nhập bình quân", "another hourly income"),
    "parameters": Text("đổi định mức, giả định", "other norms and assumptions"),
    "method": Text("đổi cách đọc cùng một văn bản", "another reading of the same text"),
    "catalogue": Text("danh mục: thủ tục mới, hết hiệu lực", "the list: new and ended procedures"),
    "unseparated": Text("chưa tách được", "not told apart"),
}
_TURNED = ("reform", "volume", "income", "parameters", "method")
_ROUNDING = 1e-9


def decompose(
    before: Portfolio,
    after: Portfolio,
    parameters_before: Figures | None = None,
    parameters_after: Figures | None = None,
    by: By | None = None,
) -> pd.DataFrame:
    """Return how much of the change in each metric comes from which cause.

    Parameters
    ----------
    before, after
        Two years, two snapshots, or a baseline and what a plan makes of it.
        Procedures and rows are the same as for `procsim.model.diff.diff`.
    parameters_before, parameters_after
        Dated figures of the cost sheet; by default the newest for both.
    by
        As in `procsim.measures.compare.compare`.

    Returns
    -------
    pandas.DataFrame
        A row for each group and metric of `METRICS`: ``group``, ``metric``,
        ``before``, ``after``, ``saved`` (before − after) and its parts, which
        add up to it: ``reform`` (rows, limits, fees, status), ``volume``
        (times, subjects, shares of the channels), ``income`` (GDP per head,
        working hours), ``parameters`` (all other assumptions, and hours, prices
        and shares entered for single rows), ``method`` (the same words read
        otherwise), ``catalogue`` (procedures that are in one of the two only)
        and ``unseparated`` (procedures known before and after, but not in
        every mixture). ``procedures`` counts those whose figure is known,
        ``missing`` the others. ``not_reform`` is true where there is a cut of
        which nothing comes from reform, and ``note_vi``, ``note_en`` say so.

    Raises
    ------
    UnknownName
        For a grouping that does not exist.

    Examples
    --------
    A limit cut from 10 to 6 working days:

    >>> def with_limit(days):
    ...     return Portfolio.from_tables({
    ...         "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...         "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...             "limit_value": [days], "limit_unit": "working_day"}),
    ...     })
    >>> made = decompose(with_limit(10.0), with_limit(6.0)).set_index("metric")
    >>> made.loc["statutory_days", ["saved", "reform", "income"]].astype(float).tolist()
    [4.0, 4.0, 0.0]
    """
    p_before, p_after = figures(parameters_before), figures(parameters_after)
    shared = common(before, after)
    active, values, whys = _values(shared, p_before, p_after)
    ended = before.select(list(before.procedures.index[shared.ended]))
    new = after.select(list(after.procedures.index[shared.new]))
    (gone, gone_why), (come, come_why) = _measured(ended, p_before), _measured(new, p_after)
    first = np.concatenate([values[0], gone, np.zeros_like(come)])
    then = np.concatenate([values[-1], np.zeros_like(gone), come])
    parts = np.zeros((len(FACTORS), *first.shape))
    _share_out(parts[:, : len(shared.before)], active, values)
    parts[list(FACTORS).index("catalogue"), len(shared.before) :] = np.concatenate([gone, -come])
    labels = pd.concat([p.procedures for p in (shared.before, ended, new)])
    why = np.concatenate([np.where(whys[0] != "", whys[0], whys[-1]), gone_why, come_why])
    return _frame(first, then, parts, why, labels, by)


def _measured(portfolio: Portfolio, p: Figures) -> tuple[Floats, np.ndarray]:
    """Return the figures and why they are missing, both of shape (procedures, metrics)."""
    made = measure(portfolio, p)
    why = [
        made[list(names)].agg(lambda row: next(filter(None, row), ""), axis=1)
        if len(names) > 1
        else made[names[0]]
        for names in _WHY
    ]
    figures = made[list(METRICS)].to_numpy(dtype=float)
    return figures, np.where(np.isnan(figures), np.stack([w.to_numpy(object) for w in why], 1), "")


def _values(
    shared: Common, before: Figures, after: Figures
) -> tuple[list[str], Floats, list[np.ndarray]]:
    """Return the causes that differ, and the measures with each subset of them turned.

    The measures have the shape (2**causes, procedures, metrics); why some are missing
    stands beside, one array for each subset.
    """
    differs = {
        "income": before.hourly_income_vnd != after.hourly_income_vnd,
        "parameters": _others_differ(before, after) or shared.differs("parameters"),
        "reform": True,
        "volume": shared.differs("volume"),
        "method": shared.differs("method"),
    }
    active = [cause for cause in _TURNED if differs[cause]]
    measured = []
    for turned in all_coalitions(len(active)):
        later = {cause for cause, on in zip(active, turned, strict=True) if on}
        p = MixedFigures(
            after if "income" in later else before, after if "parameters" in later else before
        )
        measured.append(_measured(shared.mixed(later), p))
    return active, np.stack([values for values, _ in measured]), [why for _, why in measured]


def _others_differ(before: Figures, after: Figures) -> bool:
    if before is after:
        return False
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return dict(before) != dict(after)
    return True


def _share_out(parts: Floats, active: list[str], values: Floats) -> None:
    """Fill in what each cause saves of each procedure; NaN where a figure is unknown."""
    names = list(FACTORS)
    saved = values[0] - values
    mixed = ~np.isnan(saved).any(axis=0)
    shares = exact_shares(np.where(mixed, saved, 0.0), len(active))
    for number, cause in enumerate(active):
        parts[names.index(cause)] = shares[number]
    parts[names.index("unseparated")] = np.where(mixed, 0.0, saved[-1])


def _frame(
    first: Floats,
    then: Floats,
    parts: Floats,
    why: np.ndarray,
    labels: pd.DataFrame,
    by: By | None,
) -> pd.DataFrame:
    rows, group, names = rows_of(labels, by)
    size = len(names)
    made = []
    for number, metric in enumerate(METRICS):
        known: Bools = ~np.isnan(first[rows, number]) & ~np.isnan(then[rows, number])
        count = total(group, known.astype(float), size)

        def summed(values: Floats, known: Bools = known, count: Floats = count) -> Floats:
            sums = total(group, np.where(known, values, 0.0), size)
            return np.where(count > 0, sums, np.nan)

        old, new = summed(first[rows, number]), summed(then[rows, number])
        columns: dict[str, object] = {"group": names, "metric": metric, "before": old, "after": new}
        columns["saved"] = old - new
        for part, cause in enumerate(FACTORS):
            columns[cause] = summed(parts[part, rows, number])
        columns["procedures"] = count.astype(int)
        columns["missing"] = (total(group, None, size) - count).astype(int)
        lacking = pd.DataFrame({"group": group[~known], "code": why[rows[~known], number]})
        codes = lacking.groupby("group")["code"].agg(lambda own: ";".join(own.value_counts().index))
        columns["why"] = codes.reindex(range(size), fill_value="").to_numpy(object)
        made.append(pd.DataFrame(columns))
    frame = pd.concat(made, ignore_index=True)
    order = np.arange(len(frame)).reshape(len(METRICS), size).T.ravel()
    return _with_notes(frame.iloc[order].reset_index(drop=True))


def _with_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that name a cut of which nothing comes from reform."""
    least = _ROUNDING * np.maximum(frame["before"].abs(), 1.0)
    real = frame[["reform", "catalogue", "unseparated"]].gt(least, axis=0).any(axis=1)
    not_reform = (frame["saved"] > least) & ~real
    notes = [
        _note(row, floor) if named else _missing(row)
        for row, floor, named in zip(frame.to_dict("records"), least, not_reform, strict=True)
    ]
    return frame.assign(
        not_reform=not_reform,
        note_vi=[note.vi for note in notes],
        note_en=[note.en for note in notes],
    )


def _missing(row: dict[str, object]) -> Text:
    """Return why nothing is known, where that is so."""
    if row["procedures"] or not row["missing"]:
        return Text("", "")
    words = [REASONS[code] for code in str(row["why"]).split(";") if code in REASONS]
    reason = Text(*("; ".join(parts) for parts in zip(*words, strict=True))) if words else ""
    return bilingual("decompose.nothing_known", count=row["missing"], reason=reason)


def _note(row: dict[str, float], least: float) -> Text:
    causes = sorted((c for c in _TURNED[1:] if row[c] > least), key=lambda c: -row[c])
    vi, en = (
        ", ".join(FACTORS[cause].in_language(language) for cause in causes)
        for language in ("vi", "en")
    )
    return Text(f"Chỉ do {vi}, không phải do cải cách", f"Only because of {en}, not of a reform")
