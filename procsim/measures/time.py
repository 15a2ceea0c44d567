"""Time: the statutory limit, and the days that the steps themselves state.

The two are different clocks and are never mixed. Statutory days are the thời
hạn giải quyết that Nghị quyết 66/NQ-CP cuts; step days are the critical path
over the steps whose text names a duration.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, shorten
from procsim.language.i18n import fault_of
from procsim.measures.base import (
    Bools,
    Figures,
    Floats,
    Rows,
    Store,
    active_procedures,
    equal,
    figures,
    filled,
    present,
    reasons,
    remembered,
    total,
)
from procsim.model.graph import assumed_order, unrelated_steps
from procsim.model.portfolio import Portfolio
from procsim.reference import working_days_per_unit


def _channel_days(portfolio: Portfolio, parameters: Figures | None) -> Floats:
    value, _ = filled(portfolio.channels["limit_value"], np.nan)
    days = np.full(len(value), np.nan)
    for unit, factor in working_days_per_unit(figures(parameters)).items():
        mine = equal(portfolio.channels["limit_unit"], unit)
        days[mine] = value[mine] * factor
    return days


def channel_days(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the statutory limit of each channel in working days.

    ``days = limit_value × working days per unit``, aligned to ``channels``;
    NaN where no limit, or no unit, is stated.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "channels": pd.DataFrame({"id": ["k1", "k2", "k3"], "procedure": "1.000001",
    ...         "limit_value": [14.0, 24.0, np.nan], "limit_unit": ["day", "hour", ""]}),
    ... })
    >>> channel_days(portfolio).round(6).tolist()
    [10.0, 3.0, nan]
    """
    days = _channel_days(portfolio, parameters)
    return pd.Series(days, index=portfolio.channels.index, name="channel_days")


def statutory(portfolio: Portfolio, parameters: Figures | None = None) -> tuple[Floats, pd.Index]:
    """Return `statutory_days` and `statutory_why` as arrays, in one pass."""
    size = len(portfolio.procedures)
    owner = portfolio.positions("channels", "procedure")
    days = _channel_days(portfolio, parameters)
    longest = np.full(size + 1, np.nan)
    np.fmax.at(longest, owner + 1, days)
    active = active_procedures(portfolio)
    longest = np.where(active, longest[1:], 0.0)
    lacking = active & np.isnan(longest)
    stated = ~np.isnan(portfolio.channels["limit_value"].to_numpy(dtype=float))
    negative = stated & (portfolio.channels["limit_value"].to_numpy(dtype=float) < 0)
    why = reasons(
        size,
        ("no_channels", lacking & ~present(owner, size)),
        ("invalid_input", lacking & present(owner, size, negative)),
        ("no_unit", lacking & present(owner, size, stated)),
        ("no_limit", lacking),
    )
    return longest, why


def statutory_days(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the thời hạn giải quyết of each procedure in working days.

    The longest of its channels counts; channels without a limit are left out.
    NaN where no channel states one (see `statutory_why`); 0 for a procedure
    that is abolished or merged.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "channels": pd.DataFrame({"id": ["k1", "k2"], "procedure": "1.000001",
    ...         "limit_value": [7.0, 5.0], "limit_unit": "working_day"}),
    ... })
    >>> statutory_days(portfolio).tolist()
    [7.0]
    """
    days, _ = statutory(portfolio, parameters)
    return pd.Series(days, index=portfolio.procedures.index, name="statutory_days")


def statutory_why(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return why `statutory_days` is missing, as a code; ``""`` where it is known.

    ``no_channels``, ``no_limit`` (no channel states a limit), ``no_unit`` (a
    number without a readable unit), ``invalid_input`` (a negative limit).

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ... })
    >>> statutory_why(portfolio).tolist()
    ['no_channels']
    """
    _, why = statutory(portfolio, parameters)
    return pd.Series(why, index=portfolio.procedures.index, name="statutory_why")


@dataclass(frozen=True)
class Levels:
    """The order in which finishing times can be worked out, level by level.

    Attributes
    ----------
    before
        Shape (edges,): the step that goes first, edges sorted by the level and
        then by the number of the step that follows.
    sweeps
        For each level from the second on: the steps of the level, the slice of
        `before` that leads into them, and where each step's edges begin in it.
    circles
        A fault for every procedure whose steps wait for each other in a circle;
        the steps in and behind circles have no level.
    stuck
        Shape (procedures,): which procedures these are.
    assumed
        Shape (procedures,): whose order of steps is an assumption
        (`procsim.model.graph.assumed_order`).
    """

    before: Rows
    sweeps: tuple[tuple[Rows, slice, Rows], ...]
    circles: tuple[Fault, ...]
    stuck: Bools
    assumed: Bools


# Levels depend on the flow alone, which no reform of limits, papers or fees touches.
_KEPT: Store = {}


def levels(portfolio: Portfolio) -> Levels:
    """Return the levels of all steps; worked out once for one flow.

    Only relations between two steps of the same procedure count.

    Raises
    ------
    InvalidValue
        When steps wait for each other in a circle: a fault for every procedure
        that has one, naming the steps.
    """
    known = _levels(portfolio)
    if known.circles:
        raise InvalidValue(known.circles)
    return known


def _levels(portfolio: Portfolio) -> Levels:
    joins = (
        portfolio.positions("flow", "before"),
        portfolio.positions("flow", "after"),
        portfolio.positions("steps", "procedure"),
    )
    loose = remembered(_KEPT, joins, "unrelated", lambda: unrelated_steps(portfolio))
    # Which of these come first is no join: it is told apart by what it says.
    order = portfolio.steps["position"].to_numpy()[loose].tobytes()
    standing = equal(portfolio.steps["status"], "active")[loose].tobytes()
    label = ("levels", order, standing)
    return remembered(_KEPT, joins, label, lambda: _make_levels(portfolio, *joins))


def _make_levels(portfolio: Portfolio, before: Rows, after: Rows, owner: Rows) -> Levels:
    inside = (before >= 0) & (after >= 0)
    inside[inside] = owner[before[inside]] == owner[after[inside]]
    first, then = assumed_order(portfolio)
    before, after = np.append(before[inside], first), np.append(after[inside], then)
    level = level_of_each(before, after, len(owner))
    circles: list[Fault] = []
    stuck = np.zeros(len(portfolio.procedures), dtype=bool)
    if (level < 0).any():
        circles = _circles(portfolio, before, after, owner, level < 0)
        stuck[owner[level < 0]] = True
        free = level[after] >= 0
        before, after = before[free], after[free]
    order = np.argsort(level[after] * len(owner) + after, kind="stable")
    before, after = before[order], after[order]
    ends = np.cumsum(np.bincount(level[after])).tolist()
    sweeps = []
    for low, high in pairwise(ends):
        steps, starts = np.unique(after[low:high], return_index=True)
        sweeps.append((steps, slice(low, high), starts))
    assumed = present(owner[first], len(portfolio.procedures))
    return Levels(before, tuple(sweeps), tuple(circles), stuck, assumed)


def level_of_each(before: Rows, after: Rows, size: int) -> Rows:
    """Return each step's level (0: nothing goes before it), −1 in or behind a circle."""
    waiting = np.bincount(after, minlength=size)
    followers = after[np.argsort(before, kind="stable")]
    starts = np.append(0, np.cumsum(np.bincount(before, minlength=size)))
    level = np.full(size, -1, dtype=np.intp)
    ready = np.flatnonzero(waiting == 0)
    number = 0
    while len(ready):
        level[ready] = number
        lengths = starts[ready + 1] - starts[ready]
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        reached, times = np.unique(
            followers[np.repeat(starts[ready], lengths) + offsets], return_counts=True
        )
        waiting[reached] -= times
        ready = reached[waiting[reached] == 0]
        number += 1
    return level


def _circles(
    portfolio: Portfolio, before: Rows, after: Rows, owner: Rows, stuck: Bools
) -> list[Fault]:
    """Name one circle for every procedure that has one."""
    both = stuck[before] & stuck[after]
    previous = dict(zip(after[both].tolist(), before[both].tolist(), strict=True))
    first = {int(owner[step]): int(step) for step in np.flatnonzero(stuck)[::-1]}
    faults = []
    for procedure, start in sorted(first.items()):
        seen: dict[int, int] = {}
        step = start
        while step not in seen:  # backwards: every stuck step waits for a stuck step
            seen[step] = len(seen)
            step = previous[step]
        circle = [s for s in seen if seen[s] >= seen[step]][::-1]
        names = [str(portfolio.steps.index[s]) for s in [*circle, circle[0]]]
        faults.append(
            fault_of(
                "model.cycle",
                f"flow › {portfolio.procedures.index[procedure]}",
                shorten(" → ".join(names), 400),
                says="model.cycle.steps_wait_each_other",
            )
        )
    return faults


def finish_days(known: Levels, days: Floats) -> Floats:
    """Return when each step is finished at the earliest, counted from the start.

    ``finish(step) = days(step) + max(finish of the steps before it)``.
    """
    finish = days.copy()
    for steps, edges, starts in known.sweeps:
        finish[steps] += np.maximum.reduceat(finish[known.before[edges]], starts)
    return finish


def step_days(portfolio: Portfolio) -> pd.Series:
    """Return the critical path over the steps that state their days, in working days.

    A step that states no duration adds nothing, so the figure is a lower bound; one
    that is dropped or merged into another takes no time. Steps of a procedure that
    relates none of them follow one another by their number, an assumption (giả định).
    NaN where no step of the procedure states a duration, or where its steps wait for
    each other in a circle (`levels` and `procsim.check` name it); `step_columns` says
    which. 0 for a procedure that is abolished or merged.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "steps": pd.DataFrame({"id": ["s1", "s2", "s3", "s4"], "procedure": "1.000001",
    ...                            "days": [1.0, 5.0, 3.0, np.nan]}),
    ...     "flow": pd.DataFrame({"id": ["a", "b", "c", "d"], "procedure": "1.000001",
    ...         "before": ["s1", "s1", "s2", "s3"], "after": ["s2", "s3", "s4", "s4"]}),
    ... })
    >>> step_days(portfolio).tolist()
    [6.0]

    Without a flow, one after the other:

    >>> step_days(portfolio.replace(flow=portfolio.flow.iloc[:0])).tolist()
    [9.0]
    """
    return pd.Series(
        step_columns(portfolio)["step_days"], index=portfolio.procedures.index, name="step_days"
    )


def step_columns(portfolio: Portfolio) -> dict[str, Floats | pd.Index]:
    """Return `step_days`, ``step_days_why`` and ``step_days_assumed``, in one pass.

    The reason is ``""`` or ``no_steps``, ``no_step_days`` (no step states a duration),
    ``step_circle``, ``invalid_input``; ``step_days_assumed`` is 1 where the figure rests on
    an assumed order of two or more steps, else 0.
    """
    size = len(portfolio.procedures)
    owner = portfolio.positions("steps", "procedure")
    days, _ = filled(portfolio.steps["days"], np.nan)
    stated = ~np.isnan(days)
    known = _levels(portfolio)
    active = equal(portfolio.steps["status"], "active")
    finish = finish_days(known, np.where(stated & active, days, 0.0))
    longest = np.zeros(size + 1)
    np.maximum.at(longest, owner + 1, finish)
    path = np.where(present(owner, size, stated) & ~known.stuck, longest[1:], np.nan)
    standing = active_procedures(portfolio)
    path = np.where(standing, path, 0.0)
    lacking = np.isnan(path)
    negative = portfolio.steps["days"].to_numpy(dtype=float) < 0
    counted = total(owner, (stated & active).astype(float), size)
    return {
        "step_days": path,
        "step_days_why": reasons(
            size,
            ("no_steps", lacking & ~present(owner, size)),
            ("step_circle", lacking & known.stuck),
            ("invalid_input", lacking & present(owner, size, negative)),
            ("no_step_days", lacking),
        ),
        "step_days_assumed": (known.assumed & standing & (counted > 1)).astype(float),
    }
