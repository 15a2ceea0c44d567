"""From a portfolio to its smallest plan, and the proof that model and measures agree."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from procsim.decisions.candidates import Candidates
from procsim.decisions.candidates import candidates as generated
from procsim.decisions.optimise import METRICS, Clash, Limits, Result, solve, why_infeasible
from procsim.decisions.optimise.result import Objective
from procsim.decisions.smallest.aims import NATION, Aims, aims_of
from procsim.decisions.smallest.model import Model, Pool, make_model, pool_of
from procsim.decisions.smallest.result import SmallestPlan
from procsim.decisions.smallest.trim import trimmed
from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, Target
from procsim.reference.calendar import Day, as_day
from procsim.reforms.plan import Plan, apply

__all__ = ["smallest_plan"]

_ROUNDING = 1e-6
Given: TypeAlias = Candidates | Plan | pd.DataFrame | None


def smallest_plan(
    portfolio: Portfolio,
    candidates: Given = None,
    targets: Iterable[Target] | None = None,
    *,
    year: int | None = None,
    target_rates: Mapping[str, float] | None = None,
    scopes: Sequence[str] = (NATION,),
    limits: Limits | None = None,
    objective: Objective = "price",
    time_limit: float = 60.0,
    gap: float = 1e-3,
    trim: bool = True,
    progress: Callable[[float, float, float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    on: Day | None = None,
    parameters: Parameters | None = None,
) -> SmallestPlan:
    """Return the least that must be amended and connected so that every target is met.

    Parameters
    ----------
    portfolio
        Marked procedures (`procsim.mark`).
    candidates
        What could be chosen: `Candidates`, an edited table of them, or a plan; by
        default all that `procsim.decisions.candidates` finds.
    targets
        The Government's targets; their reductions of time, cost and conditions count.
    year
        In place of `targets`: those due in this year.
    target_rates
        Metric (``time``, ``cost``, ``documents``, ``conditions``) → share to cut, in
        place of the rate of the target or beside the others.
    scopes
        Where each target must be met: ``nation`` (as the law states it), and by
        every ``ministry``, ``province``, ``field`` or one of ``levels``.
    limits
        Budgets, names forced in or out (texts, databases, candidates), caps by agency.
    objective
        ``price``, ``reduction`` or ``lexicographic``; see
        `procsim.decisions.optimise.solve`.
    time_limit, gap, progress, cancel
        As for `procsim.decisions.optimise.solve`; cancelling keeps the best plan.
    trim
        Leave out reforms that no target needs, the weakest founded first; only
        for the objective ``price``.
    on
        The day from which drafting and databases are counted: then only what stands
        by the deadline of a target counts for it. None asks without dates.
    parameters
        The dated figures of cost and route; by default the newest.

    Returns
    -------
    SmallestPlan
        The plan, its price and proof; where targets cannot be met, the nearest plan and why.

    Raises
    ------
    UnknownName
        For a year, metric, scope or forced name that does not exist.
    InvalidValue
        When the portfolio is not marked, candidates are wrong (all at once), there
        is nothing to aim at, or the plan measured again differs from the model by
        more than rounding.

    Examples
    --------
    >>> from procsim.reforms import ShortenLimit
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": "A", "ministry": "B",
    ...         "audience": "business"}),
    ...     "channels": pd.DataFrame({"id": ["1.000001/k1"], "procedure": "1.000001",
    ...         "limit_value": [10.0], "limit_unit": "working_day"}),
    ... })
    >>> cuts = [ShortenLimit("1.000001", days=d, legal_numbers=f"{d}/2020/{form}")
    ...         for d, form in ((6, "TT-BYT"), (2, "NĐ-CP"))]
    >>> found = smallest_plan(portfolio, Plan(cuts), target_rates={"time": 0.3})
    >>> found.status, found.legal_texts, found.price, found.rates["time"]
    ('optimal', ('6/2020/TT-BYT',), 11.0, 0.4)
    """
    on = as_day(on, "on")
    start = time.perf_counter()
    before = measure(portfolio, parameters)
    aims = aims_of(portfolio, before, targets, year=year, target_rates=target_rates, scopes=scopes)
    table = _table(candidates, portfolio, on, parameters)
    limits = limits or Limits()
    pool = pool_of(
        table, portfolio, aims, forced_in=limits.forced_in, forced_out=limits.forced_out, on=on
    )
    _check_names(limits, table, pool)
    model = make_model(pool, portfolio, before, aims, limits, on=on, parameters=parameters)
    question = _Question(portfolio, table, aims, pool, model, before, parameters, trim, start)
    result = solve(
        model.problem,
        objective,
        time_limit=time_limit,
        gap=gap,
        progress=progress,
        cancel=cancel,
    )
    if result.status != "infeasible":
        return question.answer(result)
    clash = why_infeasible(model.problem, time_limit=time_limit, cancel=cancel)
    return question.answer(result, clash)


def _table(
    given: Given, portfolio: Portfolio, on: dt.date | None, parameters: Parameters | None
) -> Candidates:
    match given:
        case None:
            return generated(portfolio, on=on, parameters=parameters)
        case Candidates():
            return given if on is None else given.dated(portfolio, on, parameters)
        case Plan():
            return Candidates.of(portfolio, given.reforms, on=on, parameters=parameters)
    return Candidates.from_frame(portfolio, given, on=on, parameters=parameters)


def _check_names(limits: Limits, table: Candidates, pool: Pool) -> None:
    known = set(table.frame.index) | set(pool.ranks)
    known |= {base for own in pool.databases for base in own}
    wrong = sorted((limits.forced_in | limits.forced_out) - known)
    if wrong:
        key = "smallest.unknown_id"
        raise UnknownName(
            [
                Fault("limits", shorten(n), bilingual(key), bilingual(f"{key}.cure"), code=key)
                for n in wrong
            ]
        )


@dataclass(frozen=True, eq=False)
class _Question:
    """All that is needed to turn an answer of the search into a measured plan."""

    portfolio: Portfolio
    table: Candidates
    aims: Aims
    pool: Pool
    model: Model
    before: pd.DataFrame
    parameters: Parameters | None
    trim: bool
    start: float

    def answer(self, result: Result, clash: Clash | None = None) -> SmallestPlan:
        """Return the plan of a result, applied and measured.

        Raises
        ------
        InvalidValue
            When the measures differ from the model by more than rounding.
        """
        answer = result if clash is None else clash.relaxation
        chosen = [*answer.options, *self._forced(answer)]
        if self.trim and answer.objective == "price":
            chosen = trimmed(self.model, self.pool, chosen)
        plan = self._plan(chosen)
        after = measure(apply(self.portfolio, plan), self.parameters)
        self._verify(chosen, after)
        inside = np.logical_or.reduce([aim.mask for aim in self.aims.aims])
        return SmallestPlan(
            portfolio=self.portfolio,
            candidates=self.table,
            aims=self.aims,
            pool=self.pool,
            model=self.model,
            result=result,
            clash=clash,
            chosen=tuple(chosen),
            plan=plan,
            price=self._price(chosen) if answer.found else float("nan"),
            summary=self._summary(chosen),
            before=self._totals(self.before, after, self.before, inside),
            after=self._totals(self.before, after, after, inside),
            notes=(*self.aims.notes, *self._notes(plan), *self._left(after, clash)),
            parameters=self.parameters,
            seconds=time.perf_counter() - self.start,
            alternative=self.answer,
        )

    def _forced(self, answer: Result) -> list[int]:
        """Return the forced choices that no target asks for: they stand beside the rest."""
        problem = self.model.problem
        if not answer.found:
            return []
        served = set(problem.options.unit[list(answer.options)].tolist())
        rows = (problem.candidates.position.get(name) for name in problem.limits.forced_in)
        idle = {row for row in rows if row is not None and problem.options.unit[row] not in served}
        return sorted(idle)

    def _members(self, chosen: Sequence[int]) -> list[int]:
        return sorted({m for row in chosen for m in self.model.choices[row].members})

    def _plan(self, chosen: Sequence[int]) -> Plan:
        reforms = tuple(self.pool.reforms[m] for m in self._members(chosen))
        return Plan(reforms, name=bilingual("smallest.plan_name").vi)

    def _price(self, chosen: Sequence[int]) -> float:
        problem, members = self.model.problem, self._members(chosen)
        texts = {n for m in members for n in self.pool.texts[m]}
        bases = {n for m in members for n in self.pool.databases[m]}
        texts |= problem.limits.forced_in & set(problem.texts.ids)
        bases |= problem.limits.forced_in & set(problem.databases.ids)
        rows = [problem.texts.position[n] for n in texts]
        others = [problem.databases.position[n] for n in bases]
        return float(
            problem.texts.price[rows].sum()
            + problem.databases.price[others].sum()
            + self.pool.price[members].sum()
        )

    def _verify(self, chosen: Sequence[int], after: pd.DataFrame) -> None:
        """Refuse a plan whose measures differ from what the model says."""
        options = self.model.problem.options
        faults = []
        for aim in self.aims.aims:
            inside = np.isin(options.unit[chosen], self.model.problem.scopes[aim.scope])
            saving = options.saving[chosen, METRICS.index(aim.metric)]
            said = float(saving[inside].sum())
            saved = (self.before[aim.column] - after[aim.column]).to_numpy(dtype=float)
            found = float(np.nansum(saved[aim.mask]))
            if abs(said - found) > _ROUNDING * max(1.0, aim.base):
                faults.append(_mismatch(aim.name, said, found))
        if faults:
            raise InvalidValue(faults)

    def _summary(self, chosen: Sequence[int]) -> pd.DataFrame:
        saved = self.model.saving[list(chosen)].sum(axis=0)
        rows = []
        for aim, own in zip(self.aims.aims, saved.tolist(), strict=True):
            lack = aim.rate - own / aim.base
            met = lack <= 1e-9
            rows.append(
                {
                    "metric": aim.metric,
                    "scope": aim.scope,
                    "target": aim.target,
                    "name_vi": aim.name.vi,
                    "name_en": aim.name.en,
                    "base": aim.base,
                    "required_rate": aim.rate,
                    "saved": own,
                    "rate": own / aim.base,
                    "met": met,
                    "shortfall_points": 0.0 if met else 100.0 * lack,
                }
            )
        return pd.DataFrame(rows)

    def _totals(
        self, before: pd.DataFrame, after: pd.DataFrame, of: pd.DataFrame, inside: np.ndarray
    ) -> dict[str, float]:
        """Return totals over the procedures whose figure is known before and after."""
        made = {}
        for metric, column in self.aims.columns.items():
            known = inside & (before[column].notna() & after[column].notna()).to_numpy()
            made[metric] = float(of.loc[known, column].sum())
        return made

    def _notes(self, plan: Plan) -> list[Text]:
        notes = []
        assumed = sum("giả định" in reform.reason for reform in plan.reforms)
        if assumed:
            notes.append(bilingual("smallest.assumed_texts", count=assumed))
        partial = sum(not cell.complete for cell in self.model.cells)
        if partial:
            notes.append(bilingual("smallest.restricted", count=partial))
        notes.append(bilingual("smallest.prices"))
        return notes

    def _left(self, after: pd.DataFrame, clash: Clash | None) -> list[Text]:
        """Return of what the cost consists that no candidate takes away."""
        if clash is None or not (clash.reach["metric"].eq("cost") & ~clash.reach["alone"]).any():
            return []
        inside = np.logical_or.reduce([a.mask for a in self.aims.aims if a.metric == "cost"])
        rest = after[inside & after["cost_vnd"].notna().to_numpy()]
        total = float(rest["cost_vnd"].sum())
        fees = 100 * float(rest["fees_vnd"].sum()) / total if total > 0 else 0.0
        return [bilingual("smallest.cost_left", fees=round(fees, 1), work=round(100 - fees, 1))]


def _mismatch(name: Text, said: float, found: float) -> Fault:
    key = "smallest.mismatch"
    return Fault(
        name.vi,
        f"{said:g} ≠ {found:g}",
        bilingual(key, said=round(said, 4), found=round(found, 4)),
        bilingual(f"{key}.cure"),
        code=key,
    )
