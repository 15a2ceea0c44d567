"""One search: a first plan, fixing by reduced costs, and the solver.

1. Everything is chosen: a plan at once where one exists.
2. The linear relaxation proves a first bound. The texts and databases that it is sure of
   are fixed, and the solver finds a good plan among the rest.
3. What a better plan must have, or cannot have, by the reduced costs of the relaxation is
   fixed; branch and bound from the incumbent closes the gap.

Small models go to the solver at once. Whatever comes out is completed (free reforms that
its texts allow are taken), checked against every constraint, and only then believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, inf, isfinite, nan
from typing import Literal

import numpy as np
import pandas as pd

from procsim.errors import InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.least_cost.model import Flags, Model, formulate, step_of
from procsim.least_cost.problem import Floats, Integers, Problem, check
from procsim.least_cost.solver import Clock, minimise, relax

Report = Callable[[float, float, float], None]
Status = Literal["optimal", "feasible", "infeasible", "cancelled", "time_limit"]
Objective = Literal["price", "reduction", "lexicographic"]

STATUS_NAMES: dict[Status, Text] = {
    "optimal": bilingual("least_cost.proven_best"),
    "feasible": bilingual("least_cost.no_feasible_proven_best"),
    "infeasible": bilingual("least_cost.targets_cannot_all_met"),
    "cancelled": bilingual("least_cost.stopped_request"),
    "time_limit": bilingual("least_cost.time_over"),
}
OBJECTIVES = ("price", "reduction", "lexicographic")
SMALL = 500  # variables up to which the solver alone is fastest
UNSURE = 20  # texts and databases, at least, that are searched after the relaxation
ROUNDING = 1e-12  # sums of the same prices in another order differ by as much
_WHOLE = 1e-6  # so near to a whole number counts as whole


@dataclass(frozen=True)
class Progress:
    """One line of the log: seconds since the start, best value, proven bound."""

    seconds: float
    best: float
    bound: float


@dataclass(frozen=True)
class Stage:
    """One objective of a lexicographic search and what came of it."""

    name: str
    value: float
    bound: float
    gap: float


@dataclass(frozen=True, eq=False)
class Result:
    """A plan with its proof.

    Attributes
    ----------
    status
        ``"optimal"`` when the gap is within the one asked for; ``"time_limit"``
        and ``"cancelled"`` keep the best plan found, if there is one.
    texts, databases, reforms
        Ids of what the plan chooses.
    options
        Row numbers of the options that are in force.
    price
        Price of the plan; NaN without a plan.
    objective, value, bound, gap
        What was sought, what the plan reaches, what is proven about the best
        possible plan (in the same unit) and the relative distance of the two.
        For ``"reduction"`` the value is in percentage points summed over the
        targets by weight, and the bound is an upper one.
    seconds
        Seconds that the search took.
    log
        How best value and bound moved.
    saved
        What the plan saves for each target, in the metric's unit.
    stages
        One for each objective of a lexicographic search.
    inconsistent
        Whether the solver contradicted itself: the plan is checked all the same, but
        nothing that the solver said of the bound is used.
    """

    problem: Problem = field(repr=False)
    status: Status
    objective: Objective
    texts: tuple[str, ...]
    databases: tuple[str, ...]
    reforms: tuple[str, ...] = field(repr=False)
    options: tuple[int, ...] = field(repr=False)
    price: float
    value: float
    bound: float
    gap: float
    seconds: float
    log: tuple[Progress, ...] = field(repr=False)
    saved: Floats = field(repr=False)
    stages: tuple[Stage, ...] = ()
    inconsistent: bool = False

    @property
    def found(self) -> bool:
        """Whether there is a plan at all."""
        return self.price == self.price

    @property
    def summary(self) -> pd.DataFrame:
        """One row for each target: base, required and reached saving and rate, met or not."""
        targets = self.problem.targets
        base = pd.Series([target.base for target in targets], dtype="float64")
        required = pd.Series([target.required for target in targets], dtype="float64")
        saved = pd.Series(self.saved, dtype="float64")
        positive = base.where(base > 0)
        return pd.DataFrame(
            {
                "metric": [target.metric for target in targets],
                "scope": [target.scope for target in targets],
                "name_vi": [target.label().vi for target in targets],
                "name_en": [target.label().en for target in targets],
                "base": base,
                "required": required,
                "saved": saved,
                "required_rate": required / positive,
                "rate": saved / positive,
                "met": (required <= 0) | (saved >= required * (1 - 1e-7) - 1e-9),
            }
        )

    def sentence(self) -> Text:
        """Return the result in one sentence."""
        if not self.found:
            return STATUS_NAMES[self.status]
        name = STATUS_NAMES[self.status]
        return bilingual(
            "least_cost.amend_texts_connect_databases",
            texts=len(self.texts),
            databases=len(self.databases),
            reforms=len(self.reforms),
            name=name,
        )


@dataclass(eq=False)
class Incumbent:
    """The best checked choice so far and what is proven about the optimum."""

    x: Floats | None = None
    value: float = inf
    bound: float = -inf
    infeasible: bool = False
    inconsistent: bool = False

    @property
    def gap(self) -> float:
        """Relative distance between the plan and the bound."""
        if not (isfinite(self.value) and isfinite(self.bound)):
            return inf
        gap = (self.value - self.bound) / max(abs(self.value), 1e-9)
        return gap if gap > ROUNDING else 0.0


class ReducedCosts:
    """What dual values prove, and by how much it rises when a text or database is settled.

    A plan that closes a text loses all that needs it, and with it what the proof credits
    it with; a plan that opens one pays what its options do not need to pay towards it.

    Parameters
    ----------
    model, cost
        The program and what is minimised.
    duals
        Dual value of each constraint; any values prove a bound.

    Attributes
    ----------
    bound
        Proven by the dual values alone, whatever the solver's tolerances.
    opening, closing
        Rise of the bound when each text or database is open, or closed, shape ``(items,)``.
    """

    def __init__(self, model: Model, cost: Floats, duals: Floats) -> None:
        duals = np.where(np.isfinite(model.low), duals, np.minimum(duals, 0.0))
        duals = np.where(np.isfinite(model.high), duals, np.maximum(duals, 0.0))
        side = np.where(duals > 0, model.low, model.high)
        reduced = cost - model.matrix.T @ duals
        self.bound = float(duals[duals != 0] @ side[duals != 0])
        self.bound += float(np.minimum(reduced * model.lower, reduced * model.upper).sum())
        items, first = model.items, model.first_option
        loss = np.where(model.lower < model.upper, np.maximum(-reduced * model.upper, 0.0), 0.0)
        links = _links(model)
        spare = np.where(model.lower > 0, 0.0, np.maximum(reduced, 0.0))
        least = np.full(len(model.low), inf)
        np.minimum.at(least, links.row, spare[links.small])
        paid = np.minimum(np.maximum(-duals, 0.0), least)[links.rows] * links.size
        self.opening = np.maximum(reduced[:items], 0.0)
        of_items = links.large < items
        np.add.at(self.opening, links.large[of_items], paid[of_items])
        # Without a text neither its options nor the reforms that it lays down.
        matrix, _ = model.needs
        self.closing = loss[:items] + (matrix.T @ loss[first:])[:items]
        reforms = (links.small >= items) & (links.small < first)
        large = links.large_of_row[links.row[reforms]]
        np.add.at(self.closing, large, loss[links.small[reforms]])

    def settled(self, value: float) -> tuple[Flags, Flags]:
        """Return what every plan cheaper than a value has open, and what it has closed."""
        over = value - self.bound + 1e-6 * max(1.0, abs(value))
        return self.closing > over, self.opening > over


@dataclass(frozen=True, eq=False)
class _Links:
    """The constraints ``sum of small ≤ size × large``: entries, and one line for each."""

    row: Integers
    small: Integers
    rows: Integers
    large: Integers
    size: Floats
    large_of_row: Integers


def _links(model: Model) -> _Links:
    entries = model.matrix.tocoo()
    row, column, value = entries.row, entries.col, entries.data
    negative = np.bincount(row[value < 0], minlength=len(model.low))
    link = (model.high == 0) & np.isneginf(model.low) & (negative == 1)
    large, small = link[row] & (value < 0), link[row] & (value > 0)
    of_row = np.full(len(model.low), -1, dtype=np.int64)
    of_row[row[large]] = column[large]
    return _Links(row[small], column[small], row[large], column[large], -value[large], of_row)


class Search:
    """One search for the cheapest choice under one cost.

    Parameters
    ----------
    model
        The mixed-integer program.
    cost
        What is minimised, shape ``(n,)``.
    clock
        When to stop.
    gap
        Relative gap at which the plan is good enough.
    report
        Called with seconds, best value and bound whenever one of them improves.
    """

    def __init__(
        self,
        model: Model,
        cost: Floats,
        clock: Clock,
        *,
        gap: float = 1e-3,
        report: Report | None = None,
    ) -> None:
        self.model, self.cost, self.clock = model, cost, clock
        self.gap, self.report = gap, report
        self.best = Incumbent()
        self.step = step_of(cost)

    def run(self, start: Floats | None = None) -> Incumbent:
        """Search until the gap is small enough, or time is over, or somebody cancels."""
        model, best = self.model, self.best
        if start is not None:
            self._offer(start)
        everything = model.greatest(model.upper)
        if not self._offer(everything) and not model.meets(everything):
            # Without limits nothing can reach further than everything at once.
            best.infeasible = not model.limited and bool(model.ordered.all())
        least = float(np.minimum(self.cost * model.lower, self.cost * model.upper).sum())
        if best.value <= least:  # nothing is paid that need not be, so nothing is left to prove
            self._prove(least)
        if best.infeasible or best.gap <= self.gap:
            return best
        proof = self._relax() if len(self.cost) > SMALL else None
        if not best.infeasible and best.gap > self.gap:
            self._branch(proof)
        return best

    def _offer(self, x: Floats) -> bool:
        """Take a choice if, completed, it is a plan and better than the best one."""
        full = self.model.complete(np.round(x))
        value = float(self.cost @ full)
        if value >= self.best.value - 1e-9 or not self.model.meets(full):
            return False
        self.best.x, self.best.value = full, value
        self._tell()
        return True

    def _prove(self, bound: float) -> None:
        if self.step and isfinite(bound):
            bound = self.step * ceil(bound / self.step - 1e-6)
        if bound > self.best.bound:
            # A plan in hand is never cheaper than what is proven; rounding could say so.
            self.best.bound = min(bound, self.best.value)
            self._tell()

    def _tell(self) -> None:
        if self.report is not None:
            self.report(self.clock.seconds, self.best.value, self.best.bound)

    def _relax(self) -> ReducedCosts | None:
        """Prove a first bound and search near the relaxation; return what it proves."""
        model = self.model
        relaxed = relax(model, self.clock, self.cost)
        self.best.infeasible = relaxed.status == "infeasible"
        if relaxed.x is None or relaxed.duals is None:
            return None
        self._prove(relaxed.bound)
        proof = ReducedCosts(model, self.cost, relaxed.duals)
        if self.best.gap > self.gap:
            self._search_near(relaxed.x, proof, self.clock.part(0.5))
        return proof

    def _search_near(self, relaxed: Floats, proof: ReducedCosts, clock: Clock) -> None:
        """Search the texts and databases that the relaxation is least sure of; fix the rest."""
        model, items = self.model, self.model.items
        values = relaxed[:items]
        wavers = np.abs(values - np.round(values)) > _WHOLE
        rise = np.where(values > 0.5, proof.closing, proof.opening)
        order = np.argsort(np.where(wavers, -1.0, rise), kind="stable")
        sure = order[max(UNSURE, 2 * int(wavers.sum())) :]
        lower, upper = model.lower.copy(), model.upper.copy()
        lower[sure] = upper[sure] = np.round(values[sure])
        near = replace(model, lower=lower, upper=upper)
        outcome = minimise(near, clock, self.cost, gap=self.gap / 2)
        if outcome.x is not None:
            self._offer(outcome.x)

    def _branch(self, proof: ReducedCosts | None) -> None:
        """Branch and bound from the incumbent."""
        model, floor = self._settled(proof)

        def watch(_: float, bound: float) -> None:
            self._prove(min(bound, floor))

        start = None if self.best.x is None else self.best.x
        outcome = minimise(model, self.clock, self.cost, start=start, gap=self.gap, watch=watch)
        self.best.inconsistent = outcome.status == "inconsistent"
        if outcome.status == "infeasible":
            self.best.infeasible = self.best.x is None
            if isfinite(floor):
                self._prove(floor)
            return
        self._prove(min(outcome.bound, floor))
        if outcome.x is not None:
            self._offer(outcome.x)

    def _settled(self, proof: ReducedCosts | None) -> tuple[Model, float]:
        """Return the model with what is proven about every plan that would be worth having.

        Plans within the gap below the best one are not worth a search; no plan that the
        narrower model leaves out is cheaper than the second value returned.
        """
        model = self.model
        if proof is None or self.best.x is None:
            return model, inf
        # A hair above the gap: rounding must not make the proof miss it.
        floor = self.best.value - 0.999 * self.gap * abs(self.best.value)
        open_, closed = proof.settled(floor)
        lower, upper = model.lower.copy(), model.upper.copy()
        lower[: model.items][open_] = 1.0
        upper[: model.items][closed] = 0.0
        return replace(model, lower=lower, upper=upper), floor


def solve(
    problem: Problem,
    objective: Objective = "price",
    *,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    progress: Report | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Result:
    """Return the smallest plan that meets every target, with its proof.

    Parameters
    ----------
    problem
        What can be done, what it needs and saves, and what is asked.
    objective
        ``"price"`` for the cheapest plan; ``"reduction"`` for the greatest
        reduction (percentage points over all targets, by weight) that the limits
        allow; ``"lexicographic"`` for the cheapest plan, among those the one with
        fewest texts, among those the one with the greatest reduction.
    time_limit
        Seconds; the best plan found by then is returned.
    gap
        Relative gap between plan and proven bound that counts as optimal.
    progress
        Called with seconds, best value and proven bound.
    cancel
        Asked often; True stops the search and keeps the best plan.

    Raises
    ------
    InvalidValue
        When something in the problem is wrong, all of it at once.

    Examples
    --------
    One circular removes both papers; two would do it for twice the price.

    >>> import numpy as np
    >>> from procsim.least_cost.problem import Items, Options, Problem, Target
    >>> problem = Problem(
    ...     texts=Items.of(["TT-01", "TT-02"], price=1.0),
    ...     databases=Items.of([]),
    ...     candidates=Items.of(["a", "b", "c"]),
    ...     needs_text=np.array([[0, 0], [1, 0], [2, 1]]),
    ...     needs_database=np.zeros((0, 2), dtype=np.int64),
    ...     units=("paper 1", "paper 2"),
    ...     options=Options(
    ...         unit=np.array([0, 1, 1]),
    ...         candidate=np.array([0, 1, 2]),
    ...         saving=np.array([[0, 0, 1.0, 0]] * 3),
    ...     ),
    ...     scopes={"nation": np.array([0, 1])},
    ...     targets=(Target("documents", "nation", base=4.0, required=2.0),),
    ... )
    >>> result = solve(problem)
    >>> result.status, result.texts, result.reforms, result.price
    ('optimal', ('TT-01',), ('a', 'b'), 1.0)
    """
    check(problem)
    if objective not in OBJECTIVES:
        raise InvalidValue(
            fault_of(
                "optimise.unknown_objective",
                "objective",
                shorten(objective),
                objectives=", ".join(OBJECTIVES),
            )
        )
    clock = Clock(time_limit, cancel)
    return solve_model(formulate(problem), objective, clock, gap=gap, progress=progress)


def solve_model(
    model: Model,
    objective: Objective,
    clock: Clock,
    *,
    gap: float = 1e-3,
    progress: Report | None = None,
) -> Result:
    """Solve a model; see `solve`."""
    log: list[Progress] = []
    sign = -1.0 if objective == "reduction" else 1.0

    def report(seconds: float, best: float, bound: float) -> None:
        log.append(Progress(seconds, sign * best, sign * bound))
        if progress is not None:
            progress(seconds, sign * best, sign * bound)

    stages: tuple[Stage, ...] = ()
    if objective == "lexicographic":
        best, stages = _in_turn(model, clock, gap, report)
    else:
        cost = model.reduction() if objective == "reduction" else model.cost
        best = Search(model, cost, clock, gap=gap, report=report).run()
    return _result(model, objective, best, stages, clock, gap, tuple(log))


def _in_turn(
    model: Model, clock: Clock, gap: float, report: Report
) -> tuple[Incumbent, tuple[Stage, ...]]:
    """Price first, then the number of texts, then the reduction; each fixed for the next."""
    first = Search(model, model.cost, clock.part(0.7), gap=gap, report=report).run()
    stages = [Stage("price", first.value, first.bound, first.gap)]
    if first.x is None:
        return first, ()
    x = first.x
    texts = np.zeros(len(model.cost))
    texts[: len(model.problem.texts)] = 1.0
    most = first.value + 1e-6 * max(1.0, first.value)
    current = model.with_constraint("price", model.cost, high=most)
    for name, cost in (("texts", texts), ("reduction", model.reduction())):
        share = 0.5 if name == "texts" else 0.9
        incumbent = Search(current, cost, clock.part(share), gap=gap).run(x)
        if incumbent.x is None:
            break
        x = incumbent.x
        sign = -1.0 if name == "reduction" else 1.0
        stages.append(Stage(name, sign * incumbent.value, sign * incumbent.bound, incumbent.gap))
        most = incumbent.value + 1e-6 * max(1.0, abs(incumbent.value))
        current = current.with_constraint(name, cost, high=most)
    best = Incumbent(x, float(model.cost @ x), first.bound, inconsistent=first.inconsistent)
    return best, tuple(stages)


def _status(best: Incumbent, clock: Clock, gap: float, stages: tuple[Stage, ...]) -> Status:
    if best.infeasible:
        return "infeasible"
    gaps = [best.gap, *(stage.gap for stage in stages)]
    if best.x is not None and max(gaps) <= gap:
        return "optimal"
    if clock.cancelled:
        return "cancelled"
    if clock.left <= 0 or best.x is None:
        return "time_limit"
    return "feasible"


def _result(
    model: Model,
    objective: Objective,
    best: Incumbent,
    stages: tuple[Stage, ...],
    clock: Clock,
    gap: float,
    log: tuple[Progress, ...],
) -> Result:
    problem, x = model.problem, best.x
    sign = -1.0 if objective == "reduction" else 1.0
    options = model.rows_in_force(x) if x is not None else np.zeros(0, dtype=np.int64)
    chosen = np.zeros(len(problem.candidates), dtype=bool)
    chosen[problem.options.candidate[options]] = True
    first, items = len(problem.texts), model.items
    if x is not None:
        chosen[model.reforms[x[items : model.first_option] > 0.5]] = True
    open_ = np.zeros(items, dtype=bool) if x is None else x[:items] > 0.5
    return Result(
        problem=problem,
        status=_status(best, clock, gap, stages),
        objective=objective,
        texts=_names(problem.texts.ids, open_[:first]),
        databases=_names(problem.databases.ids, open_[first:]),
        reforms=_names(problem.candidates.ids, chosen),
        options=tuple(options.tolist()),
        price=nan if x is None else float(model.cost @ x),
        value=nan if x is None else sign * best.value,
        bound=sign * best.bound if isfinite(best.bound) else nan,
        gap=best.gap,
        seconds=clock.seconds,
        log=log,
        saved=np.full(len(problem.targets), nan) if x is None else model.saving @ x,
        stages=stages,
        inconsistent=best.inconsistent,
    )


def _names(ids: tuple[str, ...], chosen: Flags) -> tuple[str, ...]:
    return tuple(ids[row] for row in np.flatnonzero(chosen).tolist())
