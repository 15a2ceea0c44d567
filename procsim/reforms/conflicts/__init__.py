"""What does not go together in a plan, found before it is applied."""

from __future__ import annotations

from procsim.errors import Faults, InvalidValue
from procsim.model.portfolio import Portfolio
from procsim.reforms.changes import changed, place_of
from procsim.reforms.conflicts.effect import partly, without_effect
from procsim.reforms.conflicts.gone import meaningless
from procsim.reforms.conflicts.together import circles, contradictory, order_matters, repeated
from procsim.reforms.plan import Plan, check_order

__all__ = ["conflicts", "refuse_contradictions"]

_NOT_THERE = frozenset({"plan.unknown_target", "plan.other_case"})


def refuse_contradictions(portfolio: Portfolio, plan: Plan) -> None:
    """Refuse a plan that cannot be applied or that contradicts itself.

    Raises
    ------
    InvalidValue
        With every error of `conflicts`: the figures would depend on the order.
    """
    errors = [fault for fault in conflicts(portfolio, plan) if fault.severity == "error"]
    if errors:
        raise InvalidValue(errors)


def conflicts(portfolio: Portfolio, plan: Plan) -> Faults:
    """Return what in a plan contradicts, repeats or loses its meaning.

    Severity ``error``: the plan cannot be applied, or two reforms want
    different things of the same target. ``warning``: a reform has no effect,
    because what it changes is gone or another reform says the same, or the
    result depends on the order. ``note``: several reforms replace the same
    paper, which counts once; the source does not tell all that is needed.

    Parameters
    ----------
    portfolio
        The baseline.
    plan
        The plan to look at, meant for it.

    Returns
    -------
    Faults
        Each with its place ``plan › position › kind › target``; empty when all goes together.

    Examples
    --------
    >>> import procsim as ps
    >>> plan = Plan([ps.ShortenLimit("1.004222", days=5), ps.ShortenLimit("1.004222", days=5)])
    >>> [(fault.severity, fault.message.en) for fault in conflicts(ps.load_sample(), plan)]
    [('warning', 'Reform 1 makes the same change already.')]
    """
    check_order("conflicts", portfolio, plan)
    found = list(changed(plan.reforms, portfolio)[1])
    blocked = {fault.place for fault in found if fault.code in _NOT_THERE}
    items = [
        (position, reform)
        for position, reform in enumerate(plan.reforms, start=1)
        if place_of(position, reform) not in blocked
    ]
    return Faults(
        [
            *found,
            *repeated(items),
            *contradictory(items),
            *circles(items),
            *meaningless(items, portfolio),
            *order_matters(items, portfolio),
            *without_effect(items, portfolio),
            *partly(items, portfolio),
        ]
    )
