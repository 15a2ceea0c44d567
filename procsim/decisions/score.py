"""The monthly score of ministries and provinces (chấm điểm hàng tháng), and what moved it.

The rule: each target that can be judged gives its attainment, value ÷ target,
from 0 to 1; points are attainment × weight, the weights of the judged targets
scaled to 100. A target whose verdict is unknown is left out and its weight goes
to the others in proportion; ``known_share`` says how much of the weight was
judged, so that a high score on little is seen for what it is. No official
weights were found: those that ship are an assumption (giả định).
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.targets import Scorecard
from procsim.errors import InvalidValue, shorten
from procsim.language.i18n import fault_of
from procsim.measures.decompose import all_coalitions, exact_shares
from procsim.readers.tables import read_csv_rows
from procsim.reference.calendar import Day, as_day
from procsim.reference.targets import WEIGHT_COLUMNS, check_score_weights, score_weights

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_FULL = 100.0
_KEY = ["scope", "group", "target_id"]
_FACTORS = ("by_value", "by_target", "by_weights", "by_known")

SCORE_COLUMNS: tuple[str, ...] = (
    *_KEY, "name_vi", "name_en", "metric", "value", "target", "verdict", "weight", "weight_used",
    "attainment", "points", "known_share", "mark", "weight_mark", "reason_vi", "reason_en",
)  # fmt: skip
CHANGE_COLUMNS: tuple[str, ...] = (
    *_KEY, "name_vi", "name_en", "before", "now", "change", *_FACTORS, "reason_vi", "reason_en",
)  # fmt: skip


def read_score_weights(path: str | Path) -> pd.DataFrame:
    """Read an officer's own dated weights: a CSV with the columns of `WEIGHT_COLUMNS`.

    Comma, semicolon or tab between cells, UTF-8 or UTF-16, as Excel saves it.
    `procsim.reference.targets.score_weights` takes those of a day from it.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    InvalidValue
        With everything that is wrong in it at once.
    """
    place = Path(path)
    rows, found = read_csv_rows(place)
    faults = [fault for fault in found if fault.severity == "error"]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    faults += [
        fault_of(
            "score.column",
            f"{place.name} · {column}",
            "",
            says="score.column.column_lacking",
            column=column,
            weight_columns=", ".join(WEIGHT_COLUMNS),
        )
        for column in WEIGHT_COLUMNS
        if column not in head
    ]
    if faults:
        raise InvalidValue(faults)
    cells = [[row[head.index(column)].strip() for column in WEIGHT_COLUMNS] for row in rows[1:]]
    return check_score_weights(
        pd.DataFrame(cells, columns=list(WEIGHT_COLUMNS), dtype=str), place.name
    )


def _attainment(value: Floats, target: Floats) -> Floats:
    made = np.divide(value, target, out=np.full(len(value), np.nan), where=target > 0)
    clipped: Floats = np.clip(made, 0.0, 1.0)
    return clipped


def _used(weight: Floats, known: Mask, group: npt.NDArray[np.intp]) -> Floats:
    """Scale the weights of what is known to 100 in each group; 0 for what is not."""
    kept = np.where(known, weight, 0.0)
    total = np.bincount(group, kept)[group] if len(group) else kept
    return np.divide(_FULL * kept, total, out=np.zeros(len(kept)), where=total > 0)


def _group_numbers(rows: pd.DataFrame) -> npt.NDArray[np.intp]:
    groups = rows.groupby(["scope", "group"], sort=False)
    numbers: npt.NDArray[np.intp] = groups.ngroup().to_numpy(dtype=np.intp)
    return numbers


def _weights_of(rows: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Return the weight of each row and its mark; a metric shares its weight among its targets."""
    table = weights.set_index("item")
    own = rows["target_id"].isin(table.index)
    item = rows["target_id"].where(own, rows["metric"])
    sharing = rows.assign(item=item).groupby(["scope", "group", "item"])["item"].transform("size")
    return pd.DataFrame(
        {
            "weight": item.map(table["weight"]).fillna(0.0) / sharing,
            "weight_mark": item.map(table["mark"]).fillna(""),
        }
    )


def score(
    card: Scorecard, weights: pd.DataFrame | None = None, on: Day | None = None
) -> pd.DataFrame:
    """Return the points of each group of a scorecard, target by target.

    Parameters
    ----------
    card
        A scorecard, by ministry or by province.
    weights
        What `procsim.reference.targets.score_weights` returns, or a table
        like it with the columns item, weight and mark; those that ship by default.
    on
        The day of the score, which chooses the weights; None for the newest.

    Returns
    -------
    pandas.DataFrame
        A row for each group and each target that has a weight: scope, group,
        target_id, name_vi, name_en, metric, value, target, verdict, ``weight`` (of
        100), ``weight_used`` (after the weight of unknown targets went to the
        others), ``attainment`` (0–1, NaN where unknown), ``points``, ``known_share``
        of the group (0–1), ``mark`` of the target, ``weight_mark``, reason_vi,
        reason_en. `score_totals` adds them up.

    Raises
    ------
    InvalidValue
        When a weight is negative or missing, an item stands twice, or no weights
        hold on that day.

    Notes
    -----
    A weight may stand for one target (its id) or for a metric; targets of one
    metric on the same card share the weight of the metric equally.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> plan = ps.Plan([ps.ShortenLimit("1.004222", days=5)])
    >>> before, after = ps.measure(portfolio), ps.measure(ps.apply(portfolio, plan))
    >>> made = score(ps.scorecard(before, after, ps.targets(2026)))
    >>> bool(made["points"].dropna().between(0, 100).all())
    True
    """
    on = as_day(on, "on")
    table = score_weights(on) if weights is None else _checked(weights)
    rows = card.summary.reset_index(drop=True)
    rows = rows.assign(**_weights_of(rows, table))
    rows = rows[rows["weight"] > 0].reset_index(drop=True)
    group = _group_numbers(rows)
    known = rows["verdict"].ne("unknown").to_numpy(dtype=bool)
    weight = rows["weight"].to_numpy(dtype=float)
    used = _used(weight, known, group)
    attained = _attainment(rows["value"].to_numpy(dtype=float), rows["target"].to_numpy(float))
    total, judged = np.bincount(group, weight), np.bincount(group, np.where(known, weight, 0.0))
    share = (judged / total)[group] if len(rows) else np.zeros(0)
    rows["weight_used"], rows["known_share"] = used, share
    rows["attainment"] = np.where(known, attained, np.nan)
    rows["points"] = np.where(known, used * attained, np.nan)
    return rows.loc[:, list(SCORE_COLUMNS)]


def _checked(weights: pd.DataFrame) -> pd.DataFrame:
    faults = [
        fault_of(
            "score.column",
            "score › weights",
            column,
            says="score.column.table_weights_lacks_column",
        )
        for column in ("item", "weight", "mark")
        if column not in weights
    ]
    if faults:
        raise InvalidValue(faults)
    for item, twice, weight in zip(
        weights["item"], weights["item"].duplicated(), weights["weight"], strict=True
    ):
        if twice or not (math.isfinite(weight) and weight >= 0):
            faults.append(
                fault_of("score.weight", f"score › weights › {shorten(item)}", shorten(weight))
            )
    if faults:
        raise InvalidValue(faults)
    return weights


def score_totals(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the score of each group, the best first within its scope.

    Parameters
    ----------
    scores
        What `score` returned.

    Returns
    -------
    pandas.DataFrame
        scope, group, ``points`` (of 100; NaN where nothing could be judged),
        ``known_share`` (0–1 of the weight that was judged), ``judged`` and
        ``targets`` (how many), ``rank`` within the scope (equal points share it).
    """
    made = (
        scores.groupby(["scope", "group"], sort=False)
        .agg(
            points=("points", lambda points: points.sum(min_count=1)),
            known_share=("known_share", "first"),
            judged=("points", "count"),
            targets=("target_id", "size"),
        )
        .reset_index()
    )
    made["rank"] = made.groupby("scope")["points"].rank(method="min", ascending=False)
    order = made.groupby("scope", sort=False).ngroup()
    made = made.assign(order=order).sort_values(["order", "rank"], kind="stable")
    return made.drop(columns="order").reset_index(drop=True)


def score_change(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return what moved the score since the month before, target by target.

    The change of a target's points is shared out exactly among four causes, each
    taken over every order in which they could have come (Shapley values):
    ``by_value`` (it was done), ``by_target`` (the target was set anew),
    ``by_weights`` (the weights changed), ``by_known`` (targets became known, or no
    longer are, which also moves weight to or from the others).

    Parameters
    ----------
    now, before
        What `score` returned for the two months.

    Returns
    -------
    pandas.DataFrame
        scope, group, target_id, name_vi, name_en, ``before`` and ``now`` (points,
        0 where the target is not judged), ``change``, the four causes, which sum
        to it, and reason_vi, reason_en. Over a group the changes sum to the change
        of its score. A group of one month only has no change: NaN, with the reason.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> plan = ps.Plan([ps.ShortenLimit("1.004222", days=5)])
    >>> before, after = ps.measure(portfolio), ps.measure(ps.apply(portfolio, plan))
    >>> cards = [ps.scorecard(before, made, ps.targets(2026)) for made in (before, after)]
    >>> earlier, now = (ps.score(card) for card in cards)
    >>> made = score_change(now, earlier)
    >>> causes = made[["by_value", "by_target", "by_weights", "by_known"]].sum(axis=1)
    >>> bool((causes - made["change"]).abs().max() < 1e-9)
    True
    """
    both = now.merge(before, on=_KEY, how="outer", suffixes=("", "_old"), sort=False)
    order = {key: i for i, key in enumerate(_keys(now) + _keys(before))}
    both = both.assign(order=[order[key] for key in _keys(both)]).sort_values("order")
    both = both.reset_index(drop=True)
    group = _group_numbers(both)
    states = [_state(both, "_old"), _state(both, "")]
    for mine, other in (states, states[::-1]):
        # What one month lacks is taken as in the other: the change is that it became known.
        for name in ("weight", "value", "target"):
            mine[name] = np.where(np.isnan(mine[name]), other[name], mine[name])
    points = np.array([_points(states, choice, group) for choice in all_coalitions(len(_FACTORS))])
    made = both[_KEY].copy()
    for name in ("name_vi", "name_en"):
        made[name] = both[name].fillna(both[f"{name}_old"])
    made["before"], made["now"] = points[0], points[-1]
    made["change"] = made["now"] - made["before"]
    shares = exact_shares(points, len(_FACTORS))
    for name, share in zip(_FACTORS, shares, strict=True):
        made[name] = share
    return _one_month(made, now, before).loc[:, list(CHANGE_COLUMNS)]


def _keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(frame[_KEY].itertuples(index=False, name=None))


def _state(both: pd.DataFrame, suffix: str) -> dict[str, Floats]:
    known = both[f"points{suffix}"].notna().to_numpy(dtype=bool)
    made = {n: both[f"{n}{suffix}"].to_numpy(dtype=float) for n in ("weight", "value", "target")}
    made["value"] = np.where(known, made["value"], np.nan)
    return made | {"known": known.astype(float)}


def _points(states: list[dict[str, Floats]], choice: Mask, group: npt.NDArray[np.intp]) -> Floats:
    """Return the points with the value, target, weights and known targets of chosen months."""
    value, target, weights, known = (
        states[int(month)][name]
        for month, name in zip(choice, ("value", "target", "weight", "known"), strict=True)
    )
    judged = known > 0
    used = _used(np.nan_to_num(weights), judged, group)
    return np.where(judged, used * np.nan_to_num(_attainment(value, target)), 0.0)


def _one_month(made: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Blank the change of groups that only one of the two months has, and say so."""
    here, earlier = (
        set(frame[["scope", "group"]].itertuples(index=False, name=None)) for frame in (now, before)
    )
    pairs = list(made[["scope", "group"]].itertuples(index=False, name=None))
    fresh = np.array([pair not in earlier for pair in pairs], dtype=bool)
    gone = np.array([pair not in here for pair in pairs], dtype=bool)
    made.loc[fresh, "before"] = np.nan
    made.loc[gone, "now"] = np.nan
    made.loc[fresh | gone, ["change", *_FACTORS]] = np.nan
    words = {
        "reason_vi": (
            "Tháng trước chưa chấm điểm nhóm này.",
            "Tháng này không chấm điểm nhóm này.",
        ),
        "reason_en": ("Not scored in the month before.", "Not scored this month."),
    }
    for column, (new, old) in words.items():
        made[column] = np.where(fresh, new, np.where(gone, old, ""))
    return made
