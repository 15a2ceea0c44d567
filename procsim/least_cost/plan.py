"""The smallest plan as officers meet it: found, measured again, and given with its reasons."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from procsim.decisions.routes import rests_on_resolution
from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten, spoken
from procsim.language.i18n import bilingual, t
from procsim.least_cost import answers
from procsim.least_cost.answers import LEVELS, Clash, Explanation, why_infeasible
from procsim.least_cost.candidates import CLASSES, Candidates
from procsim.least_cost.candidates import candidates as generated
from procsim.least_cost.model import formulate
from procsim.least_cost.problem import METRICS, Limits
from procsim.least_cost.question import NATION, Aims, Pool, Question, aims_of, ask, pool_of
from procsim.least_cost.search import Objective, Result, solve
from procsim.least_cost.solver import write_model
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, legal_texts
from procsim.reference import Target as OfficialTarget
from procsim.reference.calendar import Day, as_day
from procsim.reference.law import price_of_rank
from procsim.reference.vocabulary import shipped_databases
from procsim.reforms.plan import Plan, apply

_ROUNDING = 1e-6
Given: TypeAlias = Candidates | Plan | pd.DataFrame | None
_SHOWN = 40  # texts and databases printed for people; the table holds all


@dataclass(frozen=True, eq=False, repr=False)
class SmallestPlan:
    """The cheapest plan that meets every target, proven and measured again.

    Attributes
    ----------
    portfolio, candidates
        What was asked of, and what could be chosen.
    status
        ``optimal`` (proven within the gap), ``feasible``, ``time_limit``,
        ``cancelled``, or ``infeasible``: `plan` then is the nearest one, with the
        least total shortfall, and `clash` says why.
    plan
        The reforms, ready for `procsim.apply`.
    price, bound, gap
        Points of effort of the texts, databases and reforms of `plan`; the proven
        bound on the price of any plan that meets the targets, and the relative
        distance. For objective ``reduction`` the bound is one of percentage points.
    legal_texts, databases
        What `plan` amends and uses.
    before, after
        Totals by metric (``time`` in working days, ``cost`` in đồng,
        ``documents``, ``conditions``) of the procedures that the targets are
        about, measured before and after `plan`.
    rates
        (before − after) / before, by metric.
    summary
        One row for each target and group: ``metric``, ``scope``, ``name_vi``,
        ``name_en``, ``base``, ``required_rate``, ``saved``, ``rate`` (by the
        deadline), ``met``, ``shortfall_points``.
    notes
        What officers must know about the figures.
    result
        The answer of the search; its problem holds the arrays.
    clash
        Which targets cannot be met together; None unless infeasible.
    seconds
        Seconds in all.

    Examples
    --------
    >>> import procsim as ps
    >>> text = "1/2020/TT-BTC"
    >>> cuts = [ps.ShortenLimit("1.002947", days=d, legal_numbers=text) for d in (60, 20)]
    >>> found = ps.smallest_plan(ps.mark(ps.load_sample()), Plan(cuts), target_rates={"time": 0.1})
    >>> found
    <SmallestPlan optimal: 1 texts, 0 databases, 1 reforms, price 11>
    >>> found.rates["time"] >= 0.1
    True
    """

    portfolio: Portfolio = field(repr=False)
    candidates: Candidates = field(repr=False)
    aims: Aims = field(repr=False)
    pool: Pool = field(repr=False)
    question: Question = field(repr=False)
    result: Result = field(repr=False)
    clash: Clash | None = field(repr=False)
    chosen: tuple[int, ...] = field(repr=False)
    plan: Plan
    price: float
    summary: pd.DataFrame = field(repr=False)
    before: dict[str, float]
    after: dict[str, float]
    notes: tuple[Text, ...]
    parameters: Parameters | None = field(repr=False)
    seconds: float
    alternative: Callable[[Result], SmallestPlan] = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"<SmallestPlan {self.status}: {len(self.legal_texts)} texts, "
            f"{len(self.databases)} databases, {len(self.plan)} reforms, price {self.price:g}>"
        )

    @property
    def status(self) -> str:
        """How the search ended."""
        return "infeasible" if self.clash is not None else self.result.status

    @property
    def found(self) -> bool:
        """Whether there is a plan that meets the targets."""
        return self.clash is None and self.result.found

    @property
    def bound(self) -> float:
        """Proven bound; NaN when the targets cannot be met."""
        return float("nan") if self.clash is not None else self.result.bound

    @property
    def gap(self) -> float:
        """Relative gap between price and bound; infinite without a plan."""
        if self.clash is not None or self.bound != self.bound:
            return float("inf")
        if self.result.objective == "reduction":
            return self.result.gap
        return max(0.0, self.price - self.bound) / self.price if self.price > 0 else 0.0

    @property
    def price_of_reforms(self) -> float:
        """Points of `price` for drafting the reforms themselves, beside texts and databases."""
        return float(self.pool.price[list(self._members)].sum())

    @property
    def legal_texts(self) -> tuple[str, ...]:
        """Texts that the plan amends, the most used first."""
        return tuple(self._texts)

    @property
    def databases(self) -> tuple[str, ...]:
        """Databases that the plan uses, the most used first."""
        return tuple(self._databases)

    @property
    def rates(self) -> dict[str, float]:
        """Reduction of each metric, as a share of what stood before."""
        return {
            name: (total - self.after[name]) / total if total > 0 else float("nan")
            for name, total in self.before.items()
        }

    @property
    def shortfalls(self) -> list[dict[str, object]]:
        """The targets that the plan misses, with the points that they lack."""
        missed = self.summary[~self.summary["met"]]
        columns = ["metric", "scope", "name_vi", "name_en", "required_rate", "rate"]
        made: list[dict[str, object]] = missed[[*columns, "shortfall_points"]].to_dict("records")
        return made

    @cached_property
    def _members(self) -> tuple[int, ...]:
        return tuple(sorted({m for row in self.chosen for m in self.question.choices[row].members}))

    @cached_property
    def _texts(self) -> dict[str, int]:
        counts = Counter(n for m in self._members for n in self.pool.texts[m])
        counts.update(dict.fromkeys(self.result.problem.limits.forced_in & set(self.pool.ranks), 0))
        return dict(counts.most_common())

    @cached_property
    def _databases(self) -> dict[str, int]:
        return dict(Counter(n for m in self._members for n in self.pool.databases[m]).most_common())

    @cached_property
    def route(self) -> pd.DataFrame:
        """One row for each text and database: kind, name, rank, agency, price, reforms."""
        names = shipped_databases()["name_vi"]
        texts = self.result.problem.texts
        bases = self.result.problem.databases
        listed = legal_texts()["title"].to_dict()
        title = {
            own[0]: r.legal_text
            for own, r in zip(self.pool.texts, self.pool.reforms, strict=True)
            if len(own) == 1 and r.legal_text != own[0] and not rests_on_resolution(r)
        } | listed
        rows = [
            ("legal_text", n, _title(title.get(n, "")), self.pool.ranks[n], self.pool.drafters[n],
             float(texts.price[texts.position[n]]), count)
            for n, count in self._texts.items()
        ] + [
            ("database", n, str(names.get(n, "")), "", bases.agency[bases.position[n]],
             float(bases.price[bases.position[n]]), count)
            for n, count in self._databases.items()
        ]  # fmt: skip
        columns = ["kind", "id", "name", "rank", "agency", "price", "reforms"]
        return pd.DataFrame(rows, columns=columns)

    def explain(self, name: str, **options: Any) -> Explanation:
        """Return why a text or database is in the plan; `procsim.least_cost.explain`."""
        return answers.explain(self._answer, name, **options)

    def alternatives(self, **options: Any) -> tuple[SmallestPlan, ...]:
        """Return different plans of nearly the same price, this one first, each measured.

        See `procsim.least_cost.alternatives` for the options.
        """
        _, *others = answers.alternatives(self._answer, **options)
        plans = {frozenset(self.legal_texts + self.databases): self}
        for other in map(self.alternative, others):  # trimmed, two answers can be one plan
            plans.setdefault(frozenset(other.legal_texts + other.databases), other)
        return tuple(plans.values())

    def sensitivity(self, levels: Iterable[float] = LEVELS, **options: Any) -> pd.DataFrame:
        """Return the price of each metric's target at several levels."""
        return answers.sensitivity(self.question.problem, levels, **options)

    def curve(self, metric: str, levels: Iterable[float], **options: Any) -> pd.DataFrame:
        """Return the price of one metric's target at many levels."""
        return answers.curve(self.question.problem, metric, levels, **options)

    def shadow_prices(self, **options: Any) -> pd.DataFrame:
        """Return what one more circular would buy in each metric, in plain words."""
        step = price_of_rank("thong_tu", self.parameters)
        return answers.shadow_prices(self._answer.problem, budget=self.price, step=step, **options)

    def write_model(self, path: str | Path) -> None:
        """Write the mixed-integer program that was solved as an LP or MPS file.

        Raises
        ------
        InvalidValue
            When the name ends neither in ``.lp`` nor in ``.mps``.
        """
        write_model(formulate(self._answer.problem), path)

    @property
    def _answer(self) -> Result:
        return self.result if self.clash is None else self.clash.relaxation

    def as_dict(self, language: str = "") -> dict[str, object]:
        """Return the answer as plain values, for programs."""
        language = spoken(language)
        summary = self.summary.rename(columns={f"name_{language}": "name"})
        shown = ["metric", "scope", "name", "base", "required_rate", "saved", "rate", "met"]
        return {
            "status": self.status,
            "price": self.price,
            "price_of_reforms": self.price_of_reforms,
            "bound": self.bound,
            "gap": self.gap,
            "legal_texts": list(self.legal_texts),
            "databases": list(self.databases),
            "reforms": len(self.plan),
            "before": self.before,
            "after": self.after,
            "rates": self.rates,
            "shortfalls": self.shortfalls,
            "targets": summary[[*shown, "shortfall_points"]].to_dict("records"),
            "route": self.route.to_dict("records"),
            "classes": dict(Counter(self.pool.classes[m] for m in self._members)),
            "reason": "" if self.clash is None else self.clash.sentence().in_language(language),
            "reach": [] if self.clash is None else self.clash.reach.to_dict("records"),
            "notes": [note.in_language(language) for note in self.notes],
            "candidates": len(self.candidates),
            "seconds": self.seconds,
        }

    def text(self, language: str = "") -> str:
        """Return the answer for people, in Vietnamese or English."""
        language = spoken(language)
        lines = [self._headline(language)]
        if self.clash is not None:
            lines += [self.clash.sentence().in_language(language), *_reach(self.clash, language)]
            lines.append(t("smallest.nearest", language))
        lines += [
            t(
                "smallest.target_line" if row.met else "smallest.target_missed",
                language,
                name=row.name_vi if language == "vi" else row.name_en,
                required=_percent(row.required_rate),
                rate=_percent(row.rate),
                short=round(row.shortfall_points, 2),
                lack=round(row.required_rate * row.base - row.saved),
                unit=bilingual(f"smallest.unit.{row.metric}"),
            )
            for row in self.summary.itertuples()
        ]
        for kind in ("legal_text", "database"):
            rows = self.route[self.route["kind"].eq(kind)]
            if len(rows):
                lines.append(t(f"smallest.{kind}s", language, count=len(rows)))
                lines += [self._item(row, language) for row in rows.head(_SHOWN).itertuples()]
            if len(rows) > _SHOWN:
                lines.append(t("smallest.more", language, count=len(rows) - _SHOWN))
        if self.price_of_reforms:
            spent = round(self.price_of_reforms, 2)
            lines.append(t("smallest.drafting", language, reforms=len(self.plan), price=spent))
        lines += [note.in_language(language) for note in self.notes]
        return "\n".join(lines)

    def headline(self) -> Text:
        """Return in one sentence what must be amended and connected, and the proof."""
        return Text(self._headline("vi"), self._headline("en"))

    def _headline(self, language: str) -> str:
        if not self.plan.reforms and not self.found:
            return t(
                "smallest.nothing", language, status=t(f"smallest.status.{self.status}", language)
            )
        key = "smallest.headline"
        if self.clash is not None:
            key = "smallest.headline_nearest"
        elif self.result.objective == "reduction":
            key = "smallest.headline_reduction"
        return t(
            key,
            language,
            status=t(f"smallest.status.{self.status}", language),
            texts=len(self.legal_texts),
            databases=len(self.databases),
            reforms=len(self.plan),
            price=round(self.price, 2),
            value=round(self.result.value, 2),
            bound="–" if self.bound != self.bound else round(self.bound, 2),
            gap="–" if self.gap == float("inf") else round(100 * self.gap, 2),
        )

    def _item(self, row: Any, language: str) -> str:
        return t(
            "smallest.item",
            language,
            id=row.id,
            name=f" – {row.name}" if row.name else "",
            agency=row.agency or "?",
            price=row.price,
            reforms=row.reforms,
        )

    def _repr_html_(self) -> str:
        return notebook_page(self)


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _reach(clash: Clash, language: str) -> list[str]:
    """Return how far each target that is missed can go when it alone counts."""
    return [
        t(
            "smallest.reach",
            language,
            name=row.name_vi if language == "vi" else row.name_en,
            required=_percent(row.required_rate),
            most=_percent(row.most_rate),
        )
        for row in clash.reach.itertuples()
        if row.shortfall_points > 0 or not row.alone
    ]


def _title(name: str) -> str:
    """Return the name of a text where it says more than what kind of text it is."""
    words = name.split()
    return shorten(" ".join(words), 110) if len(words) > 3 and words[0] != "ngày" else ""


def smallest_plan(
    portfolio: Portfolio,
    candidates: Given = None,
    targets: Iterable[OfficialTarget] | None = None,
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
        default all that `procsim.candidates` finds.
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
        `procsim.least_cost.solve`.
    time_limit, gap, progress, cancel
        As for `procsim.least_cost.solve`; cancelling keeps the best plan.
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
        table,
        portfolio,
        aims,
        forced_in=limits.forced_in,
        forced_out=limits.forced_out,
        on=on,
        parameters=parameters,
    )
    _check_names(limits, table, pool)
    question = ask(pool, portfolio, before, aims, limits, on=on, parameters=parameters)
    measured = _Measured(portfolio, table, aims, pool, question, before, parameters, trim, start)
    result = solve(
        question.problem,
        objective,
        time_limit=time_limit,
        gap=gap,
        progress=progress,
        cancel=cancel,
    )
    if result.status != "infeasible":
        return measured.answer(result)
    clash = why_infeasible(question.problem, time_limit=time_limit, cancel=cancel)
    return measured.answer(result, clash)


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
class _Measured:
    """All that is needed to turn an answer of the search into a measured plan."""

    portfolio: Portfolio
    table: Candidates
    aims: Aims
    pool: Pool
    question: Question
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
            chosen = _trimmed(self.question, self.pool, chosen)
        plan = self._plan(chosen)
        after = measure(apply(self.portfolio, plan), self.parameters)
        self._verify(chosen, after)
        inside = np.logical_or.reduce([aim.mask for aim in self.aims.aims])
        return SmallestPlan(
            portfolio=self.portfolio,
            candidates=self.table,
            aims=self.aims,
            pool=self.pool,
            question=self.question,
            result=result,
            clash=clash,
            chosen=tuple(chosen),
            plan=plan,
            price=self._price(chosen) if answer.found else float("nan"),
            summary=self._summary(chosen),
            before=self._totals(self.before, after, self.before, inside),
            after=self._totals(self.before, after, after, inside),
            notes=(*self.aims.notes, *self._notes(plan, answer), *self._left(after, clash)),
            parameters=self.parameters,
            seconds=time.perf_counter() - self.start,
            alternative=self.answer,
        )

    def _forced(self, answer: Result) -> list[int]:
        """Return the forced choices that no target asks for: they stand beside the rest."""
        problem = self.question.problem
        if not answer.found:
            return []
        served = set(problem.options.unit[list(answer.options)].tolist())
        rows = (problem.candidates.position.get(name) for name in problem.limits.forced_in)
        idle = {row for row in rows if row is not None and problem.options.unit[row] not in served}
        return sorted(idle)

    def _members(self, chosen: Sequence[int]) -> list[int]:
        return sorted({m for row in chosen for m in self.question.choices[row].members})

    def _plan(self, chosen: Sequence[int]) -> Plan:
        reforms = tuple(self.pool.reforms[m] for m in self._members(chosen))
        return Plan(reforms, name=bilingual("smallest.plan_name").vi)

    def _price(self, chosen: Sequence[int]) -> float:
        problem, members = self.question.problem, self._members(chosen)
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
        options = self.question.problem.options
        faults = []
        for aim in self.aims.aims:
            inside = np.isin(options.unit[chosen], self.question.problem.scopes[aim.scope])
            saving = options.saving[chosen, METRICS.index(aim.metric)]
            said = float(saving[inside].sum())
            saved = (self.before[aim.column] - after[aim.column]).to_numpy(dtype=float)
            found = float(np.nansum(saved[aim.mask]))
            if abs(said - found) > _ROUNDING * max(1.0, aim.base):
                faults.append(_mismatch(aim.name, said, found))
        if faults:
            raise InvalidValue(faults)

    def _summary(self, chosen: Sequence[int]) -> pd.DataFrame:
        saved = self.question.saving[list(chosen)].sum(axis=0)
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

    def _notes(self, plan: Plan, result: Result) -> list[Text]:
        notes = [bilingual("smallest.solver")] if result.inconsistent else []
        assumed = sum("giả định" in reform.reason for reform in plan.reforms)
        if assumed:
            notes.append(bilingual("smallest.assumed_texts", count=assumed))
        partial = sum(not cell.complete for cell in self.question.cells)
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


def _trimmed(question: Question, pool: Pool, chosen: Collection[int]) -> list[int]:
    """Return what of the chosen candidates of the problem is needed.

    A text that is amended unlocks many reforms, most of which no target asks
    for. What the law lists stays, if it serves a target; of the rest those that
    rest on an officer's judgement go first, among them those that save least, as
    long as every target that is met stays met. One that cannot go gives way to a
    gentler choice for the same thing (ten days in place of five), where the same
    texts and databases allow it. Forced ones stay.

    Parameters
    ----------
    chosen
        Row numbers of the candidates of the problem that are in force.
    """
    rows = np.array(sorted(chosen), dtype=np.int64)
    targets = question.problem.targets
    base = np.array([target.base for target in targets])
    saved = question.saving[rows].sum(axis=0)
    floor = np.minimum([target.required for target in targets], saved) * (1 - 1e-9)
    share = (question.saving / base).sum(axis=1)
    weakness = _weakness(question, pool)
    gentler = _Gentler(question, rows, share, weakness)
    kept: list[int] = []
    for row in rows[np.lexsort((share[rows], -weakness[rows]))].tolist():
        own = question.saving[row]
        fixed = bool(pool.forced.intersection(question.choices[row].members))
        needless = weakness[row] > 0 or not own.any()
        if not fixed and needless and (saved - own >= floor).all():
            saved = saved - own
            continue
        for other in () if fixed or weakness[row] == 0 else gentler.than(row):
            rest = saved - own + question.saving[other]
            if (rest >= floor).all():
                saved, row = rest, other
                break
        kept.append(row)
    return sorted(kept)


def _weakness(question: Question, pool: Pool) -> np.ndarray:
    """Return how weakly each candidate of the problem is founded, by its weakest member."""
    ranks = [CLASSES.index(name) for name in pool.classes]
    return np.array(
        [max(ranks[m] for m in choice.members) for choice in question.choices], dtype=int
    )


class _Gentler:
    """The other choices for the same thing that the texts and databases of a plan allow."""

    def __init__(
        self, question: Question, rows: np.ndarray, share: np.ndarray, weakness: np.ndarray
    ) -> None:
        problem = question.problem
        self._unit = problem.options.unit
        self._share, self._weakness = share, weakness
        self._own = problem.candidates.price
        self._needs: dict[int, set[tuple[str, int]]] = defaultdict(set)
        for kind, pairs in (("text", problem.needs_text), ("base", problem.needs_database)):
            for row, item in pairs.tolist():
                self._needs[row].add((kind, item))
        self._have = {need for row in rows.tolist() for need in self._needs[row]}
        self._of: dict[int, list[int]] = defaultdict(list)
        for row, unit in enumerate(self._unit.tolist()):
            self._of[unit].append(row)

    def than(self, row: int) -> Iterator[int]:
        """Yield the choices that save less and are founded as well or better, least first."""
        others = [
            other
            for other in self._of[int(self._unit[row])]
            if self._share[other] < self._share[row]
            and self._weakness[other] <= self._weakness[row]
            and self._own[other] <= self._own[row]
            and self._needs[other] <= self._have
        ]
        yield from sorted(others, key=lambda other: (self._weakness[other], self._share[other]))
