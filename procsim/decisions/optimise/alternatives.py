"""Other plans that cost nearly the same, and what a single choice is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from procsim.decisions.optimise.complete import Completer
from procsim.decisions.optimise.engine import Clock
from procsim.decisions.optimise.program import Program, compile_problem
from procsim.decisions.optimise.result import Result
from procsim.decisions.optimise.solve import solve_program
from procsim.errors import Fault, Text, UnknownName, shorten

__all__ = ["Explanation", "alternatives", "explain"]


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
    program = compile_problem(result.problem)
    program = program.with_row(program.price, high=result.price * (1 + within) + 1e-9)
    while len(plans) < count and not clock.stopped():
        chosen = _chosen(program, plans[-1])
        # Distance to the last plan: what it has and the new one leaves, and the reverse.
        sign = np.where(chosen, -1.0, 1.0)
        row = np.zeros(len(program.price))
        row[: program.decisions] = sign
        program = program.with_row(row, low=differ - float(chosen.sum()))
        share = 1.0 / (count - len(plans))
        other = solve_program(program, "price", clock.part(share), gap=within)
        if not other.found:
            break
        plans.append(other)
    return tuple(plans)


def _chosen(program: Program, result: Result) -> np.ndarray:
    problem = program.problem
    chosen = np.zeros(program.decisions, dtype=bool)
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
        start = Text(
            f"Không có {self.id} thì mất {n} phương án cải cách và hụt {m} chỉ tiêu; ",
            f"Without {self.id}, {n} reforms fall out and {m} targets are missed; ",
        )
        if self.without.status == "infeasible":
            end = Text(
                "không có cách nào khác đạt đủ chỉ tiêu.", "no other plan meets the targets."
            )
        elif not self.without.found:
            end = Text("chưa tìm được phương án khác.", "no other plan was found in time.")
        else:
            price = f"{self.extra_price:.2f}"
            end = Text(
                f"phương án tốt nhất còn lại đắt hơn {price.replace('.', ',')} điểm.",
                f"the best other plan costs {price} points more.",
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
    program = compile_problem(problem)
    if name in result.texts:
        item = problem.texts.position[name]
    elif name in result.databases:
        item = len(problem.texts) + problem.databases.position[name]
    else:
        raise UnknownName(
            Fault(
                "explain",
                shorten(name),
                Text("Phương án không chọn văn bản này.", "The plan does not choose it."),
                Text(
                    f"Chọn một trong: {', '.join((*result.texts, *result.databases))}.",
                    f"Choose one of: {', '.join((*result.texts, *result.databases))}.",
                ),
                code="optimise.not_chosen",
            )
        )
    lost, missed = _removed(program, result, item)
    upper = program.upper.copy()
    upper[item] = 0.0
    lower = program.lower.copy()
    lower[item] = 0.0
    without = solve_program(
        program.bounded(lower, upper), "price", Clock(time_limit, cancel), gap=gap
    )
    return Explanation(name, lost, missed, without, without.price - result.price)


def _removed(
    program: Program, result: Result, item: int
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the reforms that fall out with an item, and the targets that the rest misses."""
    problem = result.problem
    first = len(problem.texts)
    pairs = problem.needs_text if item < first else problem.needs_database
    number = item if item < first else item - first
    needing = set(pairs[pairs[:, 1] == number, 0].tolist())
    lost = tuple(name for name in result.reforms if problem.candidates.position[name] in needing)
    kept = np.zeros(len(program.price), dtype=bool)
    kept[: program.decisions] = _chosen(program, result)
    kept[item] = False
    reforms = set(result.reforms) - set(lost)
    rows = [problem.candidates.position[name] for name in reforms]
    own = program.candidate_column[rows]
    kept[own[np.isin(own, program.own)]] = True
    completer = Completer(program)
    saved = completer.savings(completer.columns(kept))
    missed = tuple(
        k
        for k, target in enumerate(problem.targets)
        if saved[k] < target.required * (1 - 1e-7) - 1e-9
    )
    return lost, missed
