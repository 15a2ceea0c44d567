"""What each kind of reform does to the tables of a portfolio."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from procsim.errors import Fault
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import (
    AbolishProcedure,
    AcceptCopy,
    CutCondition,
    CutFee,
    Decentralise,
    DropRequirement,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
)
from procsim.reforms.base import Reform
from procsim.reforms.changes import conditions, fees, limits, online, papers, procedures, steps
from procsim.reforms.changes.base import Numbered, Tables, place_of
from procsim.reforms.changes.own import act_alone
from procsim.reforms.changes.targets import named, unknown_targets

__all__ = ["ORDER", "changed", "named", "place_of", "unknown_targets"]

Change = Callable[[Numbered, Portfolio, list[Fault]], Tables]

ORDER: tuple[tuple[tuple[type[Reform], ...], Change], ...] = (
    ((MergeProcedures,), procedures.merge_procedures),
    ((AbolishProcedure,), procedures.abolish),
    ((MoveOnline,), online.move_online),
    ((DropStep, MergeSteps, ParallelSteps), steps.rearrange),
    ((DropRequirement,), papers.drop),
    ((MergeRequirements,), papers.merge),
    ((SelfDeclare,), papers.declare),
    ((ReplaceByData,), papers.replace),
    ((AcceptCopy,), papers.accept_copies),
    ((ShortenStep,), steps.shorten_steps),
    ((ShortenLimit, SelfDeclare), limits.set_limits),
    ((CutFee,), fees.cut_fees),
    ((ExtendValidity,), procedures.extend),
    ((FreeFromBoundaries,), procedures.free),
    ((Decentralise,), procedures.decentralise),
    ((SimplifyCondition,), conditions.simplify),
    ((CutCondition,), conditions.cut),
)
"""In which order the kinds of one plan act: first what is there, then its numbers.

Within a kind the order of the plan holds. Where no conflict is reported, kinds
that act in another order, as two plans after each other do, give the same.
A kind that is not here acts after all of these, by its own `Reform.change`.
"""
_SHIPPED = frozenset(kind for kinds, _ in ORDER for kind in kinds)


def changed(reforms: Sequence[Reform], portfolio: Portfolio) -> tuple[Portfolio, list[Fault]]:
    """Return the portfolio after the reforms, and all that stands against them.

    Where there are faults the portfolio is that of the reforms without them,
    to be looked at for further faults, never to be used.
    """
    faults = unknown_targets(reforms, portfolio)
    bad = {fault.place for fault in faults}
    by_kind: dict[type, list[tuple[int, Reform]]] = defaultdict(list)
    for position, reform in enumerate(reforms, start=1):
        if place_of(position, reform) not in bad:
            by_kind[_kind_of(reform)].append((position, reform))
    for kinds, change in ORDER:
        mine = [item for kind in kinds for item in by_kind.get(kind, ())]
        if mine and (tables := change(mine, portfolio, faults)):
            portfolio = portfolio.exchange(**tables)
    return act_alone(by_kind.get(Reform, ()), portfolio, faults), faults


def _kind_of(reform: Reform) -> type[Reform]:
    """Return the kind whose change a reform takes; `Reform` for one that states its own.

    A kind may inherit from one that ships to preset its fields, and is changed like it.
    """
    for kind in type(reform).__mro__:
        if kind in _SHIPPED:
            return kind
        if "change" in vars(kind):
            break
    return Reform
