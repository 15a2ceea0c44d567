"""What each kind of reform does to the tables of a portfolio."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from procsim.errors import Fault, InvalidValue, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.model.portfolio import TABLES, Portfolio
from procsim.reforms.base import Reform
from procsim.reforms.kinds import limits, papers, procedures, steps
from procsim.reforms.kinds.limits import CutFee, ShortenLimit
from procsim.reforms.kinds.papers import (
    AcceptCopy,
    DropRequirement,
    MergeRequirements,
    ReplaceByData,
    SelfDeclare,
)
from procsim.reforms.kinds.procedures import (
    AbolishProcedure,
    CutCondition,
    Decentralise,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MoveOnline,
    SimplifyCondition,
)
from procsim.reforms.kinds.steps import DropStep, MergeSteps, ParallelSteps, ShortenStep
from procsim.reforms.kinds.tables import Numbered, Tables, fault, place_of

__all__ = ["ORDER", "changed", "named", "place_of"]


Change = Callable[[Numbered, Portfolio, list[Fault]], Tables]

ORDER: tuple[tuple[tuple[type[Reform], ...], Change], ...] = (
    ((MergeProcedures,), procedures.merge_procedures),
    ((AbolishProcedure,), procedures.abolish),
    ((MoveOnline,), procedures.move_online),
    ((DropStep, MergeSteps, ParallelSteps), steps.rearrange),
    ((DropRequirement,), papers.drop),
    ((MergeRequirements,), papers.merge),
    ((SelfDeclare,), papers.declare),
    ((ReplaceByData,), papers.replace),
    ((AcceptCopy,), papers.accept_copies),
    ((ShortenStep,), steps.shorten_steps),
    ((ShortenLimit, SelfDeclare), limits.set_limits),
    ((CutFee,), limits.cut_fees),
    ((ExtendValidity,), procedures.extend),
    ((FreeFromBoundaries,), procedures.free),
    ((Decentralise,), procedures.decentralise),
    ((SimplifyCondition,), procedures.simplify),
    ((CutCondition,), procedures.cut),
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


# How reforms of a kind that does not ship act: each by itself, and what it gives is checked.


def act_alone(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Portfolio:
    """Return the portfolio after reforms that state their own `Reform.change`.

    What stands against one of them is added to `faults` under its place in the
    plan, and its change is left out.
    """
    for position, reform in numbered:
        try:
            made = _changed(reform, portfolio)
        except InvalidValue as error:
            place = place_of(position, reform)
            faults += [replace(one, place=place) for one in error.faults]
            continue
        wrong = _misshapen(made, portfolio)
        if isinstance(made, Portfolio) and not wrong:
            portfolio = made
        else:
            faults.append(_not_a_change((position, reform), wrong))
    return portfolio


def _changed(reform: Reform, portfolio: Portfolio) -> object:
    # A kind without a change of its own would do nothing, and nobody would notice.
    return None if type(reform).change is Reform.change else reform.change(portfolio)


def _misshapen(made: object, portfolio: Portfolio) -> str:
    """Return what of a result is no portfolio of the same shape; empty when all is well."""
    if not isinstance(made, Portfolio):
        return "change"
    for name in TABLES:
        old, new = getattr(portfolio, name), getattr(made, name)
        same = old is new or (new.dtypes.equals(old.dtypes) and new.index.is_unique)
        if not same:
            return name
    return "" if made.procedures.index.equals(portfolio.procedures.index) else "procedures"


def _not_a_change(item: tuple[int, Reform], wrong: str) -> Fault:
    return fault(
        item,
        wrong,
        bilingual("reforms.no_kind_reform_gives"),
        bilingual("reforms.take_copy_table_change"),
        "own_change",
    )


# Whether everything that a reform names is in the portfolio, and belongs together.

# Table, id, its procedure ("" for a procedure itself), its case ("" outside a dossier).
Found = dict[tuple[str, str], tuple[str, str]]


def named(reform: Reform) -> Iterator[tuple[str, str]]:
    """Yield table and id of everything that a reform names, its target first."""
    for field, table in reform.refers.items():
        value = getattr(reform, field)
        ids = value if isinstance(value, tuple) else (value,)
        yield from ((table, i) for i in ids if i is not None)


def unknown_targets(reforms: Sequence[Reform], portfolio: Portfolio) -> list[Fault]:
    """Return a fault for every id that is not in the portfolio, or in another procedure.

    The papers of one merger must stand in the same case of the dossier.
    """
    known = _found(reforms, portfolio)
    faults: list[Fault] = []
    for position, reform in enumerate(reforms, start=1):
        (table, target), *others = named(reform)
        home = known.get((table, target))
        if home is None:
            faults.append(_unknown(position, reform, table, target))
        for other_table, other in others:
            found = known.get((other_table, other))
            if found is None:
                faults.append(_unknown(position, reform, other_table, other))
            elif home is not None and other_table != "procedures":
                owner = target if table == "procedures" else home[0]
                if found[0] != owner:
                    faults.append(_unknown(position, reform, other_table, other))
                elif isinstance(reform, MergeRequirements) and found[1] != home[1]:
                    faults.append(_other_case(position, reform, other))
    return faults


def _found(reforms: Sequence[Reform], portfolio: Portfolio) -> Found:
    """Return procedure and case of every id that the reforms name and the tables have."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for reform in reforms:
        for table, i in named(reform):
            wanted[table].add(i)
    found: Found = {}
    for table, ids in wanted.items():
        frame = getattr(portfolio, table)
        listed = sorted(ids)
        at = frame.index.get_indexer(listed)
        there = np.flatnonzero(at >= 0)
        rows = at[there]
        blank = [""] * len(rows)
        owners = blank if table == "procedures" else frame["procedure"].iloc[rows].tolist()
        cases = frame["case"].iloc[rows].tolist() if table == "requirements" else blank
        for place, owner, case in zip(there, owners, cases, strict=True):
            found[table, listed[place]] = (owner, case)
    return found


def _unknown(position: int, reform: Reform, table: str, target: str) -> Fault:
    return fault_of("plan.unknown_target", place_of(position, reform), shorten(target), table=table)


def _other_case(position: int, reform: Reform, paper: str) -> Fault:
    return fault_of("plan.other_case", place_of(position, reform), shorten(paper))
