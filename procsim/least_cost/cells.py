"""What candidates save together, measured: cells in which one choice is in force.

Reforms that touch the same thing (a dossier row, the limit, the fees, a
condition, the flow of the steps) do not simply add up. They form a cell; every
way to combine them is applied and measured, and the model may have one of these
choices in force. Cells of one procedure are measured together as well: where
they do not add up they are made one cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.least_cost.candidates import savings_of
from procsim.measures.base import Figures
from procsim.model.portfolio import Portfolio
from procsim.reforms.attribution import Block
from procsim.reforms.base import Reform
from procsim.reforms.kinds import (
    AcceptCopy,
    CutCondition,
    CutFee,
    DropRequirement,
    DropStep,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
)

MOST = 8
"""Up to so many reforms of one cell every combination is measured."""

Floats = npt.NDArray[np.float64]
_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Choice:
    """Reforms of one cell that act together, and what they save.

    Attributes
    ----------
    members
        Row numbers of the candidates.
    saving
        Shape (`MEASURED`,), before − after.
    """

    members: tuple[int, ...]
    saving: Floats


@dataclass(frozen=True, eq=False)
class Cell:
    """Candidates that act on the same thing; at most one choice is in force.

    Attributes
    ----------
    procedures
        Ids of the procedures that it touches.
    choices
        Ways to combine its candidates, without those that add nothing.
    complete
        Whether every combination was measured; else only single reforms and
        combinations by falling effect.
    """

    procedures: tuple[str, ...]
    members: tuple[int, ...]
    choices: tuple[Choice, ...]
    complete: bool


def cells_of(
    reforms: Sequence[Reform],
    portfolio: Portfolio,
    before: pd.DataFrame,
    *,
    forced: frozenset[int] = frozenset(),
    parameters: Figures | None = None,
) -> list[Cell]:
    """Return the cells of some reforms, their choices measured.

    Parameters
    ----------
    before
        Measures of the portfolio.
    forced
        Row numbers of reforms that every choice of their cell must hold.
    """
    parts = _joined(((place, _touched(r)) for place, r in enumerate(reforms)), len(reforms))
    cells = _measured(parts, reforms, portfolio, before, forced, parameters)
    groups = _by_procedure(cells)
    broken = _not_additive(groups, reforms, portfolio, before, parameters)
    if not broken:
        return cells
    gone = {id(cell) for group in broken for cell in group}
    merged = [sorted(m for cell in group for m in cell.members) for group in broken]
    again = _measured(merged, reforms, portfolio, before, forced, parameters)
    return [cell for cell in cells if id(cell) not in gone] + again


def _touched(reform: Reform) -> set[Hashable]:
    """Return the things that a reform changes; what changes more is a whole procedure."""
    procedure = reform.procedure_id
    match reform:
        case ReplaceByData() | DropRequirement() | AcceptCopy():
            return {("row", reform.target)}
        case MergeRequirements():
            return {("row", row) for row in (reform.requirement, *reform.merged)}
        case ShortenLimit():
            return {("limit", procedure)}
        case CutFee():
            return {("fee", procedure)}
        case MoveOnline():
            return {("limit", procedure), ("fee", procedure)}
        case CutCondition() | SimplifyCondition():
            return {("condition", reform.target)}
        case DropStep() | MergeSteps() | ParallelSteps() | ShortenStep():
            return {("steps", procedure)}
    return {("whole", name) for name in reform.procedure_ids}


def _joined(touched: Iterable[tuple[int, set[Hashable]]], size: int) -> list[list[int]]:
    """Return the sets of reforms that touch a thing together, directly or through others."""
    head = list(range(size))

    def find(place: int) -> int:
        while head[place] != place:
            head[place] = head[head[place]]
            place = head[place]
        return place

    first: dict[Hashable, int] = {}
    for place, things in touched:
        for thing in things:
            head[find(place)] = find(first.setdefault(thing, place))
    parts: dict[int, list[int]] = defaultdict(list)
    for place in range(size):
        parts[find(place)].append(place)
    return list(parts.values())


def _subsets(members: Sequence[int], forced: frozenset[int]) -> npt.NDArray[np.bool_]:
    """Return the combinations to measure, shape (combinations, members)."""
    size = len(members)
    if size <= MOST:
        every = np.array(list(product((False, True), repeat=size)), dtype=bool)
    else:
        every = np.vstack([np.eye(size, dtype=bool), np.tril(np.ones((size, size), dtype=bool))])
    must = np.array([member in forced for member in members])
    every = np.unique(every | must, axis=0)
    return every[every.any(axis=1)]


def _measured(
    parts: Sequence[Sequence[int]],
    reforms: Sequence[Reform],
    portfolio: Portfolio,
    before: pd.DataFrame,
    forced: frozenset[int],
    parameters: Figures | None,
) -> list[Cell]:
    blocks = [
        Block(
            tuple(dict.fromkeys(i for m in part for i in reforms[m].procedure_ids)),
            tuple(reforms[m] for m in part),
            _subsets(part, forced),
        )
        for part in parts
    ]
    saved = savings_of(blocks, portfolio, before, parameters)
    return [
        Cell(
            block.procedures,
            tuple(part),
            tuple(_worth_it(part, block.subsets, saving)),
            len(part) <= MOST,
        )
        for part, block, saving in zip(parts, blocks, saved, strict=True)
    ]


def _worth_it(
    part: Sequence[int], subsets: npt.NDArray[np.bool_], saving: Floats
) -> Iterator[Choice]:
    """Yield the combinations that save something which no part of them saves as well."""
    slack = _TOLERANCE * np.maximum(1.0, np.abs(saving).max(axis=0, initial=0.0))
    for row in range(len(subsets)):
        inside = (subsets <= subsets[row]).all(axis=1)
        inside[row] = False
        as_good = (saving >= saving[row] - slack).all(axis=1)
        if (np.abs(saving[row]) > slack).any() and not (inside & as_good).any():
            members = tuple(m for m, has in zip(part, subsets[row], strict=True) if has)
            yield Choice(members, saving[row])


def _by_procedure(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return the cells that share procedures, several each."""
    things: Iterable[tuple[int, set[Hashable]]] = (
        (place, set(cell.procedures)) for place, cell in enumerate(cells)
    )
    parts = _joined(things, len(cells))
    groups = [[cells[place] for place in part if cells[place].choices] for part in parts]
    return [group for group in groups if len(group) > 1]


def _not_additive(
    groups: Sequence[Sequence[Cell]],
    reforms: Sequence[Reform],
    portfolio: Portfolio,
    before: pd.DataFrame,
    parameters: Figures | None,
) -> list[Sequence[Cell]]:
    """Return the groups whose cells save more or less together than one by one."""
    largest = [[max(cell.choices, key=lambda c: len(c.members)) for cell in g] for g in groups]
    blocks = [
        Block(
            tuple(dict.fromkeys(i for cell in group for i in cell.procedures)),
            tuple(reforms[m] for choice in chosen for m in choice.members),
            np.ones((1, sum(len(choice.members) for choice in chosen)), dtype=bool),
        )
        for group, chosen in zip(groups, largest, strict=True)
    ]
    together = savings_of(blocks, portfolio, before, parameters)
    found = []
    for group, chosen, saved in zip(groups, largest, together, strict=True):
        apart = np.sum([choice.saving for choice in chosen], axis=0)
        if (np.abs(apart - saved[0]) > 1e-6 * np.maximum(1.0, np.abs(apart))).any():
            found.append(group)
    return found
