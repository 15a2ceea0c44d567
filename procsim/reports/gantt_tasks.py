"""What stands on a Gantt chart: papers and steps of one procedure, in working days.

Day 0 is the day on which the dossier is handed in. Papers come before it, one after
the other, as long as the cost sheet gives them hours; steps follow in the order of the
flow, as `procsim.measures.time.step_days` has them. A step that states no days has no
length: none is invented.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.measures.base import Figures, figures
from procsim.measures.cost import cost_lines
from procsim.measures.time import levels, statutory_days
from procsim.model.portfolio import Portfolio

__all__ = ["COLUMNS", "Wait", "gantt_frame", "longest_wait"]

COLUMNS = (
    "side",
    "lane",
    "id",
    "name",
    "kind",
    "start",
    "finish",
    "days",
    "written",
    "stated",
    "critical",
    "slack",
    "state",
)


def gantt_frame(
    before: Portfolio,
    procedure: str,
    after: Portfolio | None = None,
    *,
    parameters: Figures | None = None,
) -> pd.DataFrame:
    """Return papers and steps of one procedure with their times, before and after a plan.

    Parameters
    ----------
    before
        The procedures as they stand.
    procedure
        Id, or a national code that stands for one procedure only.
    after
        The same procedures after a plan.
    parameters
        For the hours of papers; by default the newest.

    Returns
    -------
    pandas.DataFrame
        A row for each task: ``side`` (before, after), ``lane`` (papers, steps, limit),
        ``id``, ``name``, ``kind`` (who acts, or form or document), ``start``,
        ``finish``, ``days`` in working days from the handing in (papers negative),
        ``written`` (a step's duration as its text has it),
        ``stated`` (whether a duration is known), ``critical`` (a task that, if it took
        longer, would make the whole longer), ``slack`` (days that it may take longer),
        ``state`` (kept, removed, added or changed by the plan). The lane ``limit`` has
        the thời hạn giải quyết; it is never critical, and its ``slack`` is what it
        leaves beyond the steps. A removed task stands on the side ``before`` only.

    Raises
    ------
    UnknownName
        For a procedure that is not there.
    InvalidValue
        When the steps wait for each other in a circle.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "steps": pd.DataFrame({"id": ["s1", "s2", "s3"], "procedure": "1.000001",
    ...         "name": ["Nhận", "Thẩm định", "Trả"], "days": [1.0, 5.0, np.nan]}),
    ...     "flow": pd.DataFrame({"id": ["a", "b"], "procedure": "1.000001",
    ...         "before": ["s1", "s1"], "after": ["s2", "s3"]}),
    ... })
    >>> made = gantt_frame(portfolio, "1.000001")
    >>> made[["id", "start", "finish", "critical", "slack"]].values.tolist()
    [['s1', 0.0, 1.0, True, 0.0], ['s2', 1.0, 6.0, True, 0.0], ['s3', 1.0, 1.0, False, 5.0]]
    """
    key = before[procedure].id
    p = figures(parameters)
    sides = {"before": _tasks(before.select([key]), p)}
    if after is not None:
        there = key in after.procedures.index
        stands = there and after.procedures.at[key, "status"] == "active"
        sides["after"] = _tasks(after.select([key]), p) if stands else sides["before"].iloc[:0]
    frames = [frame.assign(side=side) for side, frame in sides.items()]
    made = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    return made.assign(state=_states(sides, made))[list(COLUMNS)].reset_index(drop=True)


def _states(sides: Mapping[str, pd.DataFrame], made: pd.DataFrame) -> list[str]:
    if "after" not in sides:
        return ["kept"] * len(made)
    old, new = (
        {row.id: (row.days if row.stated else None, row.name) for row in frame.itertuples()}
        for frame in sides.values()
    )
    return [
        "removed" if own not in new
        else "added" if own not in old
        else "kept" if old[own] == new[own]
        else "changed"
        for own in made["id"]
    ]  # fmt: skip


def _tasks(one: Portfolio, p: Figures) -> pd.DataFrame:
    """Return the tasks of a portfolio of one procedure."""
    # Steps that a plan drops or merges stay in the table, without a place in time.
    standing = one.exchange(steps=one.steps[one.steps["status"] == "active"])
    papers, steps = _papers(one, p), _steps(standing)
    limit = float(statutory_days(one, p).iloc[0])
    end = float(steps["finish"].max()) if len(steps) else 0.0
    frames = [papers, steps]
    if not math.isnan(limit):
        row = {
            "lane": "limit", "id": f"{one.procedures.index[0]}/limit", "name": "", "kind": "",
            "start": 0.0, "finish": limit, "days": limit, "written": "", "stated": True,
            "critical": False, "slack": max(limit - end, 0.0),
        }  # fmt: skip
        frames.append(pd.DataFrame([row]))
    return pd.concat([frame for frame in frames if len(frame)] or [steps], ignore_index=True)


def _papers(one: Portfolio, p: Figures) -> pd.DataFrame:
    lines = cost_lines(one, p).papers
    table = one.requirements
    hours = np.where(lines.weight > 0, lines.weight * lines.hours, 0.0)
    asked = np.flatnonzero(lines.shown & (table["status"] == "required").to_numpy() & (hours > 0))
    asked = asked[np.argsort(table["position"].to_numpy()[asked], kind="stable")]
    days = hours[asked] / float(p["working_hours_per_day"])
    finish = np.cumsum(days) - days.sum()
    return pd.DataFrame(
        {
            "lane": "papers",
            "id": table.index[asked],
            "name": table["name"].to_numpy()[asked],
            "kind": table["kind"].to_numpy()[asked],
            "start": finish - days,
            "finish": finish,
            "days": days,
            "written": "",
            "stated": True,
            "critical": True,  # one applicant prepares them one after the other
            "slack": 0.0,
        }
    )


def _steps(one: Portfolio) -> pd.DataFrame:
    table = one.steps
    days = table["days"].to_numpy(dtype=float)
    stated = days >= 0
    length = np.where(stated, days, 0.0)
    finish, latest = _times(one, length)
    slack = latest - finish
    order = np.argsort(table["position"].to_numpy(), kind="stable")
    made = pd.DataFrame(
        {
            "lane": "steps",
            "id": table.index,
            "name": table["name"].to_numpy(),
            "kind": table["actor"].to_numpy(),
            "start": finish - length,
            "finish": finish,
            "days": np.where(stated, days, np.nan),
            "written": table["days_text"].to_numpy(),
            "stated": stated,
            "critical": (slack < 1e-9) & (finish.max(initial=0.0) > 0),
            "slack": slack,
        }
    )
    return made.iloc[order]


def _times(one: Portfolio, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the earliest and the latest finish of each step."""
    known = levels(one)
    finish = length.copy()
    for steps, edges, starts in known.sweeps:
        finish[steps] += np.maximum.reduceat(finish[known.before[edges]], starts)
    latest = np.full(len(length), finish.max(initial=0.0))
    for steps, edges, starts in reversed(known.sweeps):
        counts = np.diff(starts, append=edges.stop - edges.start)
        begins = np.repeat(latest[steps] - length[steps], counts)
        np.minimum.at(latest, known.before[edges], begins)
    return finish, latest


@dataclass(frozen=True)
class Wait:
    """The longest wait on one side.

    Attributes
    ----------
    id, name
        The step; ``""`` where no step states its days.
    days
        Working days of it, NaN where none is stated.
    share
        Share of the whole of the steps (0–1).
    steps, limit
        Working days of the steps one after the other, and the statutory limit; NaN
        where not stated.
    """

    id: str
    name: str
    days: float
    share: float
    steps: float
    limit: float


def longest_wait(frame: pd.DataFrame, side: str = "before") -> Wait:
    """Return the longest of the critical steps that state their days.

    Parameters
    ----------
    frame
        What `gantt_frame` returns.
    """
    mine = frame[frame["side"] == side]
    limits = mine.loc[mine["lane"] == "limit", "days"]
    limit = float(limits.iloc[0]) if len(limits) else math.nan
    steps = mine[(mine["lane"] == "steps") & mine["stated"]]
    whole = float(steps["finish"].max()) if len(steps) else math.nan
    held = steps[steps["critical"] & (steps["days"] > 0)]
    if held.empty:
        return Wait("", "", math.nan, math.nan, whole, limit)
    row = held.loc[held["days"].idxmax()]
    return Wait(
        str(row["id"]), str(row["name"]), float(row["days"]), row["days"] / whole, whole, limit
    )
