"""The four clocks of a procedure, side by side and never added up.

- **Statutory**: the thời hạn giải quyết in working days (`procsim.measures.time`).
- **Elapsed**: working days from end to end for the applicant: preparing the dossier,
  handing it in, processing, collecting.
- **Applicant**: hours of work of the applicant, those of the compliance-cost sheet.
- **Office**: hours of work of the office. Days that a step may take are waiting, not
  work, so no day is turned into hours: only norms with a mark count.

Each has the reason where it is missing, and the share of it that rests on assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import Text
from procsim.measures.arrays import Floats, equal, filled, present, reasons, total
from procsim.measures.base import ASSUMED, Figures, active_procedures
from procsim.measures.cost import CostLines, cost_lines
from procsim.measures.sheet import REASONS
from procsim.measures.time import statutory, step_columns
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters as dated_parameters
from procsim.reference.calendar import Day, as_day

__all__ = ["CLOCKS", "CLOCK_REASONS", "clocks", "worked_hours"]

CLOCKS = ("statutory_days", "elapsed_days", "applicant_hours", "office_hours")

CLOCK_REASONS: Mapping[str, Text] = {
    **REASONS,
    "no_office_steps": Text(
        "nguồn không nêu bước nào của cơ quan", "the source names no step of the office"
    ),
}
"""What the codes of the ``*_why`` columns say."""


@dataclass(frozen=True)
class _Clock:
    """One clock, arrays of shape (procedures,); ``assumed`` is the part of ``value``."""

    value: Floats
    why: pd.Index
    assumed: Floats

    def columns(self, name: str) -> dict[str, Floats | pd.Index]:
        """Return the columns of the table of clocks."""
        stem = name.rpartition("_")[0]
        share = np.divide(
            self.assumed, self.value, out=np.full(len(self.value), np.nan), where=self.value > 0
        )
        return {name: self.value, f"{stem}_why": self.why, f"{stem}_assumed": share}


def clocks(
    portfolio: Portfolio, parameters: Figures | None = None, *, on: Day | None = None
) -> pd.DataFrame:
    """Return the four clocks of every procedure.

    Parameters
    ----------
    parameters
        Dated figures, `procsim.reference.parameters`.
    on
        Where `parameters` is not given: the day whose figures count; by default the
        newest.

    Returns
    -------
    pandas.DataFrame
        Aligned to ``portfolio.procedures``. For each of ``statutory_days``,
        ``elapsed_days`` (both working days), ``applicant_hours`` and
        ``office_hours`` (both for one dossier) also ``*_why``, ``""`` or a code that
        says why it is missing, and ``*_assumed``, the share of it (0–1) that rests on
        assumptions, NaN where the clock is 0 or missing. An abolished or merged
        procedure has 0 on every clock.

    Notes
    -----
    ``elapsed = applicant_hours ÷ working_hours_per_day + post + processing``: the
    applicant works on the dossier one thing after the other; ``post`` is
    ``days_post`` there and back for the share of dossiers sent by post; processing is
    the statutory limit, or the days that the steps state where these are more. It is
    missing where the statutory limit or the applicant's hours are.

    ``office = hours_office_check + (office steps − 1) × hours_office_step``: the first
    step of the office is the check for form. Missing (``no_office_steps``) where the
    source names no step of the office.

    Statutory days are assumed where the longest limit is, or was converted from a
    unit by a factor that is; the elapsed clock carries the assumptions of its parts.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...         "method": ["online"], "limit_value": [7.0], "limit_unit": "working_day"}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000001",
    ...         "case": "c1", "name": ["Đơn"], "kind": "form", "hours": [3.8667]}),
    ...     "steps": pd.DataFrame({"id": ["s1"], "procedure": "1.000001", "actor": "office"}),
    ... })
    >>> made = clocks(portfolio).loc["1.000001"]  # 3.8667 + 5/60 + 3/60 = 4 hours
    >>> [round(float(made[name]), 3) for name in CLOCKS]
    [7.0, 7.5, 4.0, 0.5]
    """
    on = as_day(on, "on")
    p: Figures = dated_parameters(on) if parameters is None else parameters
    limit = _statutory(portfolio, p)
    if len(portfolio):
        lines = cost_lines(portfolio, p)
        work = _applicant(portfolio, lines)
        elapsed = _elapsed(portfolio, lines, limit, work, p)
        made: tuple[_Clock, ...] = (limit, elapsed, work, _office(portfolio, p))
    else:
        made = (limit,) * len(CLOCKS)
    columns: dict[str, Floats | pd.Index] = {}
    for name, clock in zip(CLOCKS, made, strict=True):
        columns |= clock.columns(name)
    return pd.DataFrame(columns, index=portfolio.procedures.index)


def worked_hours(lines: CostLines, size: int) -> Floats:
    """Return ``Σ weight × hours`` over the lines of the cost sheet, shape (procedures,).

    NaN where a weight is not known, or a row of the dossier is not yet marked.
    """
    return _hours(lines, size)[0]


def _hours(lines: CostLines, size: int) -> tuple[Floats, Floats]:
    """Return the hours of each procedure, and those of them that are assumed."""
    hours, guessed = np.zeros(size), np.zeros(size)
    for block in lines.blocks:
        worked = np.where(block.weight == 0, 0.0, block.weight * block.hours)
        if block is lines.papers:
            rows = lines.rows
            worked[rows.base & rows.asked & rows.unknown] = np.nan
        hours += total(block.owner, worked, size)
        guessed += total(block.owner, np.where(block.hours_assumed, worked, 0.0), size)
    return hours, guessed


def _applicant(portfolio: Portfolio, lines: CostLines) -> _Clock:
    size = len(portfolio)
    active = active_procedures(portfolio)
    hours, guessed = _hours(lines, size)
    no_dossier = ~present(portfolio.positions("requirements", "procedure"), size)
    no_channels = ~present(portfolio.positions("channels", "procedure"), size)
    hours[no_dossier | no_channels] = np.nan
    hours = np.where(active, hours, 0.0)
    lacking = np.isnan(hours)
    unmarked = lines.rows.base & lines.rows.asked & lines.rows.unknown
    shares = np.isnan(total(lines.submit.owner, lines.submit.weight, size))
    why = reasons(
        size,
        ("no_dossier", lacking & no_dossier),
        ("not_marked", lacking & present(lines.rows.owner, size, unmarked)),
        ("no_channels", lacking & no_channels),
        ("channel_shares", lacking & shares),
        ("invalid_input", lacking),
    )
    return _Clock(hours, why, np.where(active, guessed, 0.0))


def _statutory(portfolio: Portfolio, p: Figures) -> _Clock:
    days, why = statutory(portfolio, p)
    table = portfolio.channels
    factors = {"day": "calendar_day", "week": "calendar_day", "month": "month", "year": "month"}
    guessed = equal(table["limit_mark"], ASSUMED).copy()
    for unit, name in factors.items():
        if p.mark(f"working_days_per_{name}") == ASSUMED:
            guessed |= equal(table["limit_unit"], unit)
    if p.mark("working_hours_per_day") == ASSUMED:
        guessed |= equal(table["limit_unit"], "hour") | equal(table["limit_unit"], "minute")
    # The longest limit counts: it is assumed where none that is not is as long.
    certain = table.assign(limit_value=table["limit_value"].mask(guessed))
    sure, _ = statutory(portfolio.exchange(channels=certain), p)
    return _Clock(days, why, np.where(sure == days, 0.0, days))


def _elapsed(
    portfolio: Portfolio, lines: CostLines, limit: _Clock, work: _Clock, p: Figures
) -> _Clock:
    size = len(portfolio)
    per_day, one_way = float(p["working_hours_per_day"]), float(p["days_post"])
    method = equal(portfolio.channels["method"], "post")
    share = total(lines.submit.owner, np.where(method, lines.submit.weight, 0.0), size)
    post = np.where(active_procedures(portfolio), 2 * one_way * np.nan_to_num(share), 0.0)
    made = step_columns(portfolio)
    steps = np.asarray(made["step_days"], dtype=float)
    longer = steps > limit.value
    processing = np.where(longer, steps, limit.value)
    days = work.value / per_day + post + processing
    by_hand = work.value if p.mark("working_hours_per_day") == ASSUMED else work.assumed
    doubt = _assumed_steps(portfolio, steps)
    doubt = np.where(made["step_days_assumed"] == 1, steps, doubt)  # their order is assumed
    guessed = by_hand / per_day + np.where(longer, doubt, limit.assumed)
    guessed += post if p.mark("days_post") == ASSUMED else 0.0
    lacking = np.isnan(days)
    why = np.where(limit.why != "", limit.why, work.why)
    return _Clock(days, pd.Index(np.where(lacking, why, "")), guessed)


def _assumed_steps(portfolio: Portfolio, days: Floats) -> Floats:
    """Return the days of the steps where one of them that states its days is assumed."""
    stated, known = filled(portfolio.steps["days"], np.nan)
    guessed = known & (stated > 0) & equal(portfolio.steps["days_mark"], ASSUMED)
    guessed = guessed & equal(portfolio.steps["status"], "active")
    owner = portfolio.positions("steps", "procedure")
    return np.where(present(owner, len(portfolio), guessed), days, 0.0)


def _office(portfolio: Portfolio, p: Figures) -> _Clock:
    size = len(portfolio)
    active = active_procedures(portfolio)
    ours = equal(portfolio.steps["actor"], "office") | equal(portfolio.steps["actor"], "both")
    ours = ours & equal(portfolio.steps["status"], "active")
    count = total(portfolio.positions("steps", "procedure"), ours.astype(float), size)
    check, step = float(p["hours_office_check"]), float(p["hours_office_step"])
    further = np.maximum(count - 1, 0) * step
    hours = np.where(active, np.where(count > 0, check + further, np.nan), 0.0)
    guessed = np.where(p.mark("hours_office_check") == ASSUMED, check, 0.0) + np.where(
        p.mark("hours_office_step") == ASSUMED, further, 0.0
    )
    why = reasons(size, ("no_office_steps", np.isnan(hours)))
    return _Clock(hours, why, np.where(active & (count > 0), guessed, 0.0))
