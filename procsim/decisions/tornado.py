"""How far the reduction of a plan rests on each assumption: one moved, all else equal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.measures import measure
from procsim.measures.base import ASSUMED
from procsim.measures.cost import COST_COLUMNS, cost_table
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, databases
from procsim.reference import parameters as dated_parameters
from procsim.reference.parameters import CHANNEL_SHARES, HOURLY_INCOME
from procsim.reforms.plan import Plan, apply, check_order

SPREAD = 0.2
"""How far a value is moved either way where no range is stated: itself an assumption."""

METRICS: dict[str, str] = {
    "cost": "cost_vnd",
    "cost_expected": "cost_expected_vnd",
    "cost_year": "cost_year_vnd",
    "time": "statutory_days",
    "documents_expected": "documents_expected",
}
"""Measures whose reduction can be tried, by the name that `tornado` takes."""

# Ranges that the table of parameters itself states, as two other parameters.
_STATED = {"hours_form": ("hours_form_simple", "hours_form_complex")}
# What dates a reform or weighs the work of drafting enters no measure.
_OF_THE_ROUTE = ("lead_months_", "price_")
_MONEY = "đồng"
_COLUMNS = (
    "id", "kind", "name_vi", "name_en", "unit_vi", "unit_en", "value", "low", "high", "range",
    "rate_low", "rate_high", "saving_low", "saving_high", "swing",
)  # fmt: skip
_SHARE = bilingual("decisions.share")
_EVERY = bilingual("decisions.coverage_data")
_Totals = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class _Trial:
    """One assumption with its two ends, and how the states look there."""

    id: str
    kind: str
    name: Text
    unit: Text
    value: float
    ends: tuple[float, float]
    stated: bool


class _States:
    """The portfolio before and after the plan, measured under any assumption.

    What the plan does not name is the same before and after, and measured once.
    """

    def __init__(
        self, portfolio: Portfolio, plan: Plan, metrics: Sequence[str], parameters: Parameters
    ) -> None:
        self.parameters, self.metrics = parameters, metrics
        of_cost = all(METRICS[name] in COST_COLUMNS for name in metrics)
        self.measure = cost_table if of_cost else measure
        ids = portfolio.procedures.index
        named = ids.isin({i for reform in plan.reforms for i in reform.procedure_ids})
        self.before, self.rest = portfolio.select(ids[named]), portfolio.select(ids[~named])
        self.after = apply(portfolio, plan).select(ids[named])
        self.base = self.totals(self.before, self.after, parameters)

    def totals(self, before: Portfolio, after: Portfolio, p: Parameters) -> _Totals:
        """Return the sums before and after of every metric, over what is known in both."""
        old, new, rest = (self.measure(part, p) for part in (before, after, self.rest))
        made = {}
        for name in self.metrics:
            first, then, kept = (f[METRICS[name]].to_numpy(dtype=float) for f in (old, new, rest))
            known = ~(np.isnan(first) | np.isnan(then))
            still = kept[~np.isnan(kept)]
            sums = (first[known].sum() + still.sum(), then[known].sum() + still.sum())
            some = known.any() or still.size
            made[name] = (float(sums[0]), float(sums[1])) if some else (math.nan, math.nan)
        return made

    def at(self, trial: _Trial, end: float) -> _Totals:
        """Return the sums with one assumption moved to one end."""
        if trial.kind == "coverage":
            before, after = (_covered(p, trial.id, end) for p in (self.before, self.after))
            return self.totals(before, after, self.parameters)
        changes = {trial.id: end}
        if trial.id in CHANNEL_SHARES:  # the others give way in proportion, to add up to 1
            others = {name: self.parameters[name] for name in CHANNEL_SHARES if name != trial.id}
            left = sum(others.values())
            changes |= {name: share / left * (1 - end) for name, share in others.items()}
        return self.totals(self.before, self.after, self.parameters.replace(**changes))


def tornado(
    portfolio: Portfolio,
    plan: Plan,
    *,
    metric: str = "cost",
    parameters: Parameters | None = None,
    spread: float | Mapping[str, tuple[float, float]] = SPREAD,
) -> pd.DataFrame:
    """Return the reduction of a plan when each assumption is low and when it is high.

    Both states are measured again for each end, all else equal. Assumptions are the
    parameters marked ``giả định`` and the coverage marked so, database by database.

    Parameters
    ----------
    portfolio
        The baseline, marked.
    plan
        The plan.
    metric
        One of `METRICS`: ``cost`` (đồng, each procedure once, as the law lists the data),
        ``cost_expected`` (with data that do not answer everybody), ``cost_year``,
        ``time`` or ``documents_expected``.
    parameters
        The values that are moved; by default the newest.
    spread
        How far a value moves either way as a part of itself, or low and high of some
        assumptions by id; the others then move by 0.2. A range that the table of
        parameters states comes before a part, an own pair before both. A share of 0
        moves up by the part; no share goes over 1.

    Returns
    -------
    pandas.DataFrame
        One row for each assumption that moves something, the widest swing first: ``id``,
        ``kind`` (``parameter``, ``coverage``), names, units, ``value``, ``low``,
        ``high``, ``range`` (``stated``, ``entered``, or ``giả định`` for a part),
        ``rate_low``, ``rate_high`` (reduction of the sums, NaN where nothing is known),
        ``saving_low``, ``saving_high``, ``swing`` (the distance of the farthest two of
        the rates and today's). ``attrs``: ``metric``, ``rate`` and ``saving`` of today,
        ``without_effect`` (how many assumptions move nothing).
        `procsim.reports.charts.figures.tornado` draws it.

    Raises
    ------
    UnknownName
        For another metric, or an id in `spread` that is no assumption.
    InvalidValue
        For a spread that is not between 0 and 1, or a plan that cannot be applied.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.mark(ps.load_sample())
    >>> table = tornado(portfolio, ps.resolution_66_7(portfolio))
    >>> 0 < table.attrs["rate"] < 1 and bool((table["swing"].diff().dropna() <= 0).all())
    True
    """
    if metric not in METRICS:
        raise UnknownName(_unknown("metric", metric, METRICS))
    return tornado_tables(portfolio, plan, (metric,), parameters=parameters, spread=spread)[metric]


def tornado_tables(
    portfolio: Portfolio,
    plan: Plan,
    metrics: Sequence[str] = tuple(METRICS),
    *,
    parameters: Parameters | None = None,
    spread: float | Mapping[str, tuple[float, float]] = SPREAD,
) -> dict[str, pd.DataFrame]:
    """Return `tornado` for several metrics, measured once for all of them."""
    check_order("tornado", portfolio, plan)
    p = dated_parameters() if parameters is None else parameters
    states = _States(portfolio, plan, metrics, p)
    trials = list(_trials(states, spread))
    tried: list[tuple[_Trial, _Totals, _Totals]] = []
    for trial in trials:
        low = states.at(trial, trial.ends[0])
        # What one end leaves as it is the other does too: measures rise or fall with a norm.
        idle = low == states.base and trial.ends[0] != trial.value
        high = low if idle else states.at(trial, trial.ends[1])
        tried.append((trial, low, high))
    return {name: _table(name, states.base[name], tried) for name in metrics}


def _trials(states: _States, spread: float | Mapping[str, tuple[float, float]]) -> Iterator[_Trial]:
    own = {} if isinstance(spread, int | float) else dict(spread)
    part = float(spread) if isinstance(spread, int | float) else SPREAD
    if not 0 < part <= 1:
        raise InvalidValue(_wrong("spread", part))
    found = [*_parameters(states.parameters, part, own), *_coverages(states, part, own)]
    absent = own.keys() - {trial.id for trial in found}
    if absent:
        known = [trial.id for trial in found]
        raise UnknownName([_unknown("spread", name, known) for name in sorted(absent)])
    wrong = [
        _wrong(trial.id, end)
        for trial in found
        for end in trial.ends
        if not 0 <= end <= (1 if trial.unit == _SHARE else math.inf)
    ]
    if wrong:
        raise InvalidValue(wrong)
    yield from found


def _parameters(
    p: Parameters, part: float, own: Mapping[str, tuple[float, float]]
) -> Iterator[_Trial]:
    bounds = {name for pair in _STATED.values() for name in pair}
    for name in p:
        value = p.value(name)
        of_the_route = name.startswith(_OF_THE_ROUTE) and not value.unit.vi.startswith(_MONEY)
        if value.mark != ASSUMED or name == HOURLY_INCOME or of_the_route or name in bounds:
            continue
        stated = name in _STATED
        ends = tuple(p[end] for end in _STATED[name]) if stated else _ends(value.value, part)
        low, high = own.get(name, ends)
        if value.unit == _SHARE:
            low, high = (low, high) if name in own else (low, min(high, 1.0))
        yield _Trial(name, "parameter", p.name(name), value.unit, value.value, (low, high), stated)


def _coverages(
    states: _States, part: float, own: Mapping[str, tuple[float, float]]
) -> Iterator[_Trial]:
    """Yield the coverage of each database that the plan counts with and nobody has measured."""
    rows = states.after.requirements
    rows = rows[(rows["replaced"] > 0) & (rows["coverage_mark"] == ASSUMED)]
    listed = databases()
    used = dict.fromkeys(base for text in rows["replaced_by"] for base in text.split(";") if base)
    for base in used:
        mine = rows["replaced_by"].str.split(";").map(lambda ids, base=base: base in ids)
        value = float(rows.loc[mine, "coverage"].mean())
        name = Text(base, base)
        if base in listed.index:
            name = Text(listed.at[base, "name_vi"], listed.at[base, "name_en"])
        low, high = own.get(base, _ends(value, part))
        told = Text(*(f"{head} – {tail}" for head, tail in zip(_EVERY, name, strict=True)))
        ends = (low, high) if base in own else (low, min(high, 1.0))
        yield _Trial(base, "coverage", told, _SHARE, value, ends, stated=False)


def _ends(value: float, part: float) -> tuple[float, float]:
    return (value * (1 - part), value * (1 + part)) if value else (0.0, part)


def _covered(portfolio: Portfolio, base: str, end: float) -> Portfolio:
    """Return the portfolio with the assumed coverage of one database at `end`."""
    rows = portfolio.requirements
    mine = (rows["replaced"] > 0) & (rows["coverage_mark"] == ASSUMED)
    mine &= rows["replaced_by"].str.split(";").map(lambda ids: base in ids)
    if not mine.any():
        return portfolio
    return portfolio.exchange(requirements=rows.assign(coverage=rows["coverage"].mask(mine, end)))


def _rate(before: float, after: float) -> float:
    return (before - after) / before if before > 0 else math.nan


def _table(
    metric: str, base: tuple[float, float], tried: Sequence[tuple[_Trial, _Totals, _Totals]]
) -> pd.DataFrame:
    today = _rate(*base)
    rows = []
    for trial, low, high in tried:
        ends = (low[metric], high[metric])
        rates = [_rate(*end) for end in ends]
        savings = [end[0] - end[1] for end in ends]
        if all(_still(end, base) for end in ends):
            continue
        span = [rate for rate in (*rates, today) if not math.isnan(rate)]
        swing = max(span) - min(span) if span else math.nan
        source = "stated" if trial.stated else ASSUMED
        head = (trial.id, trial.kind, *trial.name, *trial.unit, trial.value, *trial.ends)
        rows.append((*head, source, *rates, *savings, swing))
    made = pd.DataFrame(rows, columns=list(_COLUMNS))
    reach = (made[["saving_low", "saving_high"]] - (base[0] - base[1])).abs().max(axis=1)
    order = np.lexsort((-reach.to_numpy(dtype=float), -made["swing"].to_numpy(dtype=float)))
    made = made.iloc[order].reset_index(drop=True)
    made.attrs = {
        "metric": metric,
        "rate": today,
        "saving": base[0] - base[1],
        "without_effect": len(tried) - len(rows),
    }
    return made


def _still(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(
        a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-12)
        for a, b in zip(one, other, strict=True)
    )


def _unknown(place: str, value: str, known: Sequence[str] | Mapping[str, object]) -> Fault:
    listed = ", ".join(known)
    return fault_of("tornado.unknown", f"tornado › {place}", shorten(value), listed=listed)


def _wrong(place: str, value: float) -> Fault:
    return fault_of("tornado.range", f"tornado › {place}", shorten(value))
