"""Questions about an answer: other plans, reasons, what clashes, what targets cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np
import pandas as pd

from procsim.errors import Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.least_cost.model import PERCENT, Flags, Model, formulate
from procsim.least_cost.problem import METRIC_NAMES, Floats, Limits, Problem, check
from procsim.least_cost.search import Result, solve_model
from procsim.least_cost.solver import Clock, minimise, relax

LEVELS = (0.25, 0.30, 0.40, 0.50)
Cancel = Callable[[], bool]


def alternatives(
    result: Result,
    *,
    count: int = 3,
    within: float = 0.01,
    differ: int = 1,
    time_limit: float = 60.0,
    cancel: Callable[[], bool] | None = None,
) -> tuple[Result, ...]:
    """Return up to `count` plans, the given one first, that cost at most `within` more.

    Parameters
    ----------
    result
        A result of `solve` for the least price, with a plan.
    count
        How many plans, the first included.
    within
        How much dearer a plan may be, as a share of the price.
    differ
        In at least how many texts and databases each two plans differ.
    time_limit, cancel
        As for `solve`.

    Returns
    -------
    tuple
        Fewer than `count` when there are no more such plans, or time was over.
    """
    plans = [result]
    if not result.found:
        return tuple(plans)
    clock = Clock(time_limit, cancel)
    model = formulate(result.problem)
    most = result.price * (1 + within) + 1e-9
    model = model.with_constraint("price", model.cost, high=most)
    while len(plans) < count and not clock.stopped():
        chosen = _chosen(model, plans[-1])
        # Distance to the last plan: what it has and the new one leaves, and the reverse.
        sign = np.where(chosen, -1.0, 1.0)
        row = np.zeros(len(model.cost))
        row[: model.items] = sign
        name = f"differ_{len(plans)}"
        model = model.with_constraint(name, row, low=differ - float(chosen.sum()))
        share = 1.0 / (count - len(plans))
        other = solve_model(model, "price", clock.part(share), gap=within)
        if not other.found:
            break
        plans.append(other)
    return tuple(plans)


def _chosen(model: Model, result: Result) -> Flags:
    problem = model.problem
    chosen = np.zeros(model.items, dtype=bool)
    chosen[[problem.texts.position[name] for name in result.texts]] = True
    first = len(problem.texts)
    chosen[[first + problem.databases.position[name] for name in result.databases]] = True
    return chosen


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a text or a database is in the plan.

    Attributes
    ----------
    id
        The text or database.
    reforms
        Reforms of the plan that fall out without it.
    missed
        Row numbers of the targets that the rest of the plan would miss.
    without
        The best plan without it.
    extra_price
        What that plan costs more; NaN when there is none.
    """

    id: str
    reforms: tuple[str, ...] = field(repr=False)
    missed: tuple[int, ...]
    without: Result
    extra_price: float

    def sentence(self) -> Text:
        """Return the reason in one sentence."""
        n, m = len(self.reforms), len(self.missed)
        start = bilingual("least_cost.without_reforms_fall_out", id=self.id, count=n, count_more=m)
        if self.without.status == "infeasible":
            end = bilingual("least_cost.no_other_plan_meets")
        elif not self.without.found:
            end = bilingual("least_cost.no_other_plan_found")
        else:
            price = f"{self.extra_price:.2f}"
            end = bilingual(
                "least_cost.best_other_plan_costs", price=Text(price.replace(".", ","), price)
            )
        return Text(start.vi + end.vi, start.en + end.en)


def explain(
    result: Result,
    name: str,
    *,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    cancel: Callable[[], bool] | None = None,
) -> Explanation:
    """Return why a text or database is in the plan: what falls out, what else would cost.

    Raises
    ------
    UnknownName
        When the plan does not choose it.
    """
    problem = result.problem
    model = formulate(problem)
    if name in result.texts:
        item = problem.texts.position[name]
    elif name in result.databases:
        item = len(problem.texts) + problem.databases.position[name]
    else:
        raise UnknownName(
            fault_of(
                "optimise.not_chosen",
                "explain",
                shorten(name),
                text=", ".join((*result.texts, *result.databases)),
            )
        )
    lost, missed = _removed(result, name, item)
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[item] = upper[item] = 0.0
    closed = replace(model, lower=lower, upper=upper)
    without = solve_model(closed, "price", Clock(time_limit, cancel), gap=gap)
    return Explanation(name, lost, missed, without, without.price - result.price)


def _removed(result: Result, name: str, item: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the reforms that fall out with an item, and the targets that the rest misses.

    The rest takes what its texts and databases allow, of the reforms that the plan drafts.
    """
    problem = result.problem
    first = len(problem.texts)
    pairs = problem.needs_text if item < first else problem.needs_database
    needing = set(pairs[pairs[:, 1] == (item if item < first else item - first), 0].tolist())
    lost = tuple(r for r in result.reforms if problem.candidates.position[r] in needing)
    names = (*problem.texts.ids, *problem.databases.ids, *problem.candidates.ids)
    kept = {*result.texts, *result.databases, *result.reforms} - {name, *lost}
    free = {
        n for n, p in zip(problem.candidates.ids, problem.candidates.price, strict=True) if not p
    }
    out = frozenset(set(names) - kept - (free - set(lost)))
    rest = formulate(problem.replace(limits=Limits(forced_out=out)))
    saved = rest.saving @ rest.greatest(rest.upper)
    missed = tuple(
        k
        for k, target in enumerate(problem.targets)
        if saved[k] < target.required * (1 - 1e-7) - 1e-9
    )
    return lost, missed


@dataclass(frozen=True, eq=False)
class Clash:
    """Why there is no plan, and the nearest thing to one.

    Attributes
    ----------
    conflict
        Row numbers of the targets that no plan reaches even alone; where there are
        none, targets that cannot be met together, though all but any one of them can.
    reach
        One row for each target: required rate, the most that is possible when
        only this target counts (proven), and the shortfall in the relaxation.
    relaxation
        The plan with the least total shortfall in percentage points, cheapest
        within it; its problem carries the relaxed targets.
    proven
        Whether the conflict was proven to the end.
    """

    conflict: tuple[int, ...]
    reach: pd.DataFrame
    relaxation: Result
    proven: bool

    def sentence(self) -> Text:
        """Return what clashes and by how much in one sentence."""
        table = self.reach.iloc[list(self.conflict)]
        points = float(self.reach["shortfall_points"].sum())
        limited = bool(table["alone"].all())
        vi, en = "; ".join(table["name_vi"]), "; ".join(table["name_en"])
        if limited:
            return Text(
                f"Không thể cùng lúc đạt: {vi}. Cần hạ tổng cộng {_vi(points)} điểm phần trăm.",
                f"These cannot be met together: {en}. In all {points:.1f} percentage points "
                "must be given up.",
            )
        return Text(
            f"Vượt quá khả năng của danh mục phương án: {vi}. "
            f"Cần hạ tổng cộng {_vi(points)} điểm phần trăm.",
            f"Out of reach of all candidates: {en}. In all {points:.1f} percentage points "
            "must be given up.",
        )


def _vi(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")


def why_infeasible(
    problem: Problem, *, time_limit: float = 60.0, cancel: Callable[[], bool] | None = None
) -> Clash:
    """Return which targets clash, how far each can go, and the smallest relaxation.

    Parameters
    ----------
    problem
        A problem for which `solve` said that it is infeasible; limits stay as they are.
    time_limit, cancel
        As for `solve`.

    Raises
    ------
    InvalidValue
        When something in the problem is wrong.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    model = formulate(problem)
    most = _most(model, clock.part(0.4))
    short = _least_shortfall(model, clock.part(0.4))
    relaxed = problem.replace(
        targets=tuple(
            replace(target, required=max(0.0, target.required - lack) * (1 - 1e-9))
            for target, lack in zip(problem.targets, short, strict=True)
        )
    )
    conflict, proven = _conflict(model, most, short, clock.part(0.6))
    relaxation = solve_model(formulate(relaxed), "price", clock)
    return Clash(conflict, _reach(problem, most, short), relaxation, proven)


def _reach(problem: Problem, most: Floats, short: Floats) -> pd.DataFrame:
    targets = problem.targets
    base = np.array([t.base if t.base > 0 else np.nan for t in targets])
    required = np.array([t.required for t in targets])
    return pd.DataFrame(
        {
            "name_vi": [t.label().vi for t in targets],
            "name_en": [t.label().en for t in targets],
            "metric": [t.metric for t in targets],
            "scope": [t.scope for t in targets],
            "required_rate": required / base,
            "most_rate": most / base,
            "alone": most >= required * (1 - 1e-9),
            "shortfall_points": 100.0 * short / base,
        }
    )


def _most(model: Model, clock: Clock) -> Floats:
    """Return the proven most that can be saved for each target alone."""
    targets = range(len(model.problem.targets))
    if not model.limited and model.ordered.all():
        # Without limits nothing reaches further than everything at once.
        return np.asarray(model.saving @ model.greatest(model.upper))
    return np.array([_most_alone(model.without_targets(), k, clock) for k in targets])


def _most_alone(model: Model, target: int, clock: Clock) -> float:
    cost = -np.asarray(model.saving[[target], :].toarray()).ravel()
    relaxed = not model.limited
    outcome = minimise(model, clock, cost, relaxed=relaxed, gap=1e-4)
    everything = float(-(np.minimum(cost, 0.0) @ model.upper))
    return -outcome.bound if np.isfinite(outcome.bound) else everything


def _least_shortfall(model: Model, clock: Clock) -> Floats:
    """Return what each target lacks when the total lack, in points, is least."""
    from scipy.sparse import csr_array, hstack

    targets = model.problem.targets
    kept = [k for k, target in enumerate(targets) if target.required > 0 and target.base > 0]
    n = len(kept)
    lack = csr_array((model.low[kept], (kept, range(n))), shape=(len(model.low), n))
    elastic = replace(
        model.without_targets(kept),
        cost=np.concatenate(
            [
                np.zeros(len(model.cost)),
                [100.0 * targets[k].required / targets[k].base for k in kept],
            ]
        ),
        lower=np.append(model.lower, np.zeros(n)),
        upper=np.append(model.upper, np.ones(n)),
        matrix=hstack([model.matrix, lack]).tocsr(),
    )
    outcome = minimise(elastic, clock, real=n, gap=1e-4)
    short = np.zeros(len(targets))
    if outcome.x is not None:
        share = outcome.x[len(model.cost) :]
        short[kept] = np.where(share > 1e-9, share, 0.0) * [targets[k].required for k in kept]
    return short


def _conflict(
    model: Model, most: Floats, short: Floats, clock: Clock
) -> tuple[tuple[int, ...], bool]:
    """Return a smallest-by-inclusion set of targets that clash, and whether it is proven."""
    targets = model.problem.targets
    beyond = [k for k, t in enumerate(targets) if most[k] < t.required * (1 - 1e-9)]
    if beyond:
        return (int(beyond[0]),) if len(beyond) == 1 else tuple(beyond), True
    kept = [k for k, target in enumerate(targets) if target.required > 0]
    # Those that are met without trouble are tried first: most of them fall out.
    for k in sorted(kept, key=lambda k: (short[k] > 0, -most[k] / targets[k].required)):
        fewer = [other for other in kept if other != k]
        feasible = _can_meet(model, fewer, clock)
        if feasible is None:
            return tuple(kept), False
        if not feasible:
            kept = fewer
    return tuple(kept), True


def _can_meet(model: Model, kept: list[int], clock: Clock) -> bool | None:
    """Return whether some targets can be met together; None when time was over."""
    outcome = minimise(model.without_targets(kept), clock, np.zeros(len(model.cost)))
    return None if outcome.status in ("stopped", "inconsistent") else outcome.status == "optimal"


def sensitivity(
    problem: Problem,
    levels: Iterable[float] = LEVELS,
    *,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return the price of each metric's target at several levels, the others as they are.

    Returns
    -------
    DataFrame
        Columns ``metric`` (``"all"`` for every metric at once), ``level``,
        ``price``, ``bound``, ``gap``, ``texts``, ``databases``, ``status``.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    asked = list(dict.fromkeys(target.metric for target in problem.targets))
    steps = sorted(levels)
    cases = [(metric, level) for metric in (*asked, "all") for level in steps]
    rows = []
    for number, (metric, level) in enumerate(cases):
        changed = problem.at_levels(level, None if metric == "all" else metric)
        part = clock.part(1.0 / (len(cases) - number))
        result = solve_model(formulate(changed), "price", part, gap=gap)
        rows.append(
            {
                "metric": metric,
                "level": level,
                "price": result.price,
                "bound": result.bound,
                "gap": result.gap,
                "texts": len(result.texts),
                "databases": len(result.databases),
                "status": result.status,
            }
        )
    return pd.DataFrame(rows)


def curve(
    problem: Problem,
    metric: str,
    levels: Iterable[float],
    *,
    whole: bool = False,
    time_limit: float = 60.0,
    gap: float = 1e-3,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return the price of one metric's target at many levels.

    Parameters
    ----------
    metric
        The metric whose level moves; the other targets stay.
    levels
        Rates, such as 0.1 to 0.5.
    whole
        False for the linear relaxation only (a lower bound, at once); True to
        search a plan for each level too, the highest level first: a plan that
        reaches more serves every lower level, so prices never fall as levels rise.

    Returns
    -------
    DataFrame
        ``level``, ``relaxed`` (price of the relaxation, NaN out of reach),
        ``price``, ``bound``, ``gap``, ``status``, ``texts``, by rising level.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    steps = sorted(levels)
    model = formulate(problem.at_levels(max(steps[-1], 1e-9), metric))
    rows = [
        {"level": level, "relaxed": relax(_at(model, metric, level), clock).value}
        for level in steps
    ]
    table = pd.DataFrame(rows).replace(np.inf, nan)
    if not whole:
        return table
    found: list[dict[str, object]] = []
    best, best_texts = nan, 0
    for number, level in enumerate(reversed(steps)):
        part = clock.part(1.0 / (len(steps) - number))
        changed = formulate(problem.at_levels(level, metric))
        result = solve_model(changed, "price", part, gap=gap)
        # The plan of a higher level is carried over where the search did worse.
        if result.found and not result.price >= best:
            best, best_texts = result.price, len(result.texts)
        status = "feasible" if best == best and not result.found else result.status
        found.append({"price": best, "bound": result.bound, "status": status, "texts": best_texts})
    more = pd.DataFrame(found[::-1])
    # What is proven at a lower level is proven at every higher one.
    more["bound"] = more["bound"].cummax().ffill()
    more["gap"] = ((more["price"] - more["bound"]).clip(lower=0) / more["price"]).where(
        more["price"] > 0, 0.0
    )
    return pd.concat([table, more], axis=1)


def _at(model: Model, metric: str, level: float) -> Model:
    """Return the model with the targets of one metric at another level."""
    low = model.low.copy()
    for k, target in enumerate(model.problem.targets):
        if target.metric == metric and target.required > 0:
            low[k] = PERCENT * level * target.base / target.required
    return replace(model, low=low)


def shadow_prices(
    problem: Problem,
    *,
    budget: float,
    step: float = 1.0,
    time_limit: float = 60.0,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return what one more text would buy in each metric, at a given budget.

    The linear relaxation seeks the greatest average rate of one metric for the
    budget, the other targets as they are; the dual value of the budget is what
    one more point of effort buys. Shadow prices hold for small steps only.

    Parameters
    ----------
    budget
        Price that may be spent, such as the price of a plan.
    step
        Price of the one more text, such as that of a circular.

    Returns
    -------
    DataFrame
        ``metric``, ``points`` (percentage points of the metric, over all its
        targets, that the step buys), ``sentence_vi``, ``sentence_en``; NaN where
        the budget is too small for the other targets.
    """
    check(problem)
    clock = Clock(time_limit, cancel)
    model = formulate(problem)
    model = model.with_constraint("budget", model.cost, high=budget)
    rows = []
    for metric in dict.fromkeys(target.metric for target in problem.targets):
        points = step * _worth_of_budget(model, metric, clock)
        rows.append({"metric": metric, "points": points, **_sentences(metric, points, step)})
    return pd.DataFrame(rows)


def _worth_of_budget(model: Model, metric: str, clock: Clock) -> float:
    """Return the percentage points of a metric that one more unit of budget buys."""
    targets = model.problem.targets
    mine = [k for k, t in enumerate(targets) if t.metric == metric and t.base > 0]
    total = sum(targets[k].base for k in mine)
    weight = np.zeros(len(targets))
    weight[mine] = 100.0 / total if total else 0.0
    others = [k for k in range(len(targets)) if k not in mine]
    outcome = relax(model.without_targets(others), clock, -np.asarray(model.saving.T @ weight))
    return nan if outcome.duals is None else max(0.0, -float(outcome.duals[-1]))


def _sentences(metric: str, points: float, step: float) -> dict[str, str]:
    name = METRIC_NAMES[metric]
    if points != points:
        return {
            "sentence_vi": f"Ngân sách không đủ cho các chỉ tiêu khác ngoài {name.vi}.",
            "sentence_en": f"The budget does not suffice for the targets other than {name.en}.",
        }
    bought = f"{points:.2f}"
    comma, cost = bought.replace(".", ","), f"{step:g}"
    return {
        "sentence_vi": (
            f"Thêm một văn bản (giá {cost.replace('.', ',')} điểm) sẽ giảm thêm {comma} điểm "
            f"phần trăm {name.vi}."
        ),
        "sentence_en": (
            f"One more text (price {cost}) would buy {bought} percentage points of {name.en}."
        ),
    }
