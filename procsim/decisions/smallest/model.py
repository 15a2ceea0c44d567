"""The adapter: a portfolio with its candidates and aims becomes arrays for the search."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.candidates import Candidates
from procsim.decisions.candidates.effects import MEASURED
from procsim.decisions.optimise import METRICS, Items, Limits, Options, Problem
from procsim.decisions.optimise import Target as Row
from procsim.decisions.routes import agency_of, texts_needed
from procsim.decisions.smallest.aims import Aims
from procsim.decisions.smallest.units import Cell, Choice, cells_of
from procsim.errors import Fault, InvalidValue, shorten
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters
from procsim.reference.route import price_of_database, price_of_rank
from procsim.reference.vocabulary import shipped_databases
from procsim.reforms.base import Reform

__all__ = ["Model", "Pool", "make_model", "pool_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pool:
    """The candidates that may be chosen, with what they need.

    Attributes
    ----------
    ids, reforms, classes, price, ready
        One for each candidate; `ready` in days from the day of the question.
    texts, databases
        What each needs.
    forced
        Row numbers of those that must be chosen.
    ranks
        Rank of every legal text.
    drafters
        Agency that drafts every legal text.
    """

    ids: tuple[str, ...]
    reforms: tuple[Reform, ...]
    classes: tuple[str, ...]
    price: Floats
    ready: Floats
    texts: tuple[tuple[str, ...], ...]
    databases: tuple[tuple[str, ...], ...]
    forced: frozenset[int]
    ranks: Mapping[str, str]
    drafters: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Model:
    """The problem, and what each of its candidates stands for.

    Attributes
    ----------
    problem
        What `procsim.decisions.optimise` solves.
    choices
        The choice behind each candidate of the problem.
    cells
        The cell of each unit.
    saving
        What each candidate saves for each target, shape (candidates, targets).
    """

    problem: Problem
    choices: tuple[Choice, ...]
    cells: tuple[Cell, ...]
    saving: Floats


def pool_of(
    candidates: Candidates,
    portfolio: Portfolio,
    aims: Aims,
    *,
    forced_in: frozenset[str] = frozenset(),
    forced_out: frozenset[str] = frozenset(),
    on: dt.date | None = None,
) -> Pool:
    """Return the candidates that count: not left out, and within a group that is aimed at.

    Raises
    ------
    InvalidValue
        For candidates whose text or database nobody knows, all at once.
    """
    inside = np.logical_or.reduce(list(aims.masks.values()))
    counted = set(portfolio.procedures.index[inside])
    frame = candidates.frame
    rows: list[int] = []
    forced: set[int] = set()
    for row, (name, include) in enumerate(zip(frame.index, frame["include"], strict=True)):
        must = include == "forced" or name in forced_in
        if (include == "no" and not must) or name in forced_out:
            continue
        if must or counted.intersection(candidates.reforms[row].procedure_ids):
            forced |= {len(rows)} if must else set()
            rows.append(row)
    reforms = tuple(candidates.reforms[row] for row in rows)
    ids = tuple(str(frame.index[row]) for row in rows)
    texts, ranks, drafters = _texts(ids, reforms, portfolio)
    dates = frame["ready_on"].iloc[rows].tolist()
    return Pool(
        ids=ids,
        reforms=reforms,
        classes=tuple(frame["class"].iloc[rows]),
        price=frame["price"].iloc[rows].to_numpy(dtype=float),
        ready=np.array([_days_to(day, on) for day in dates], dtype=float),
        texts=texts,
        databases=tuple(tuple(dict.fromkeys(getattr(r, "databases", ()))) for r in reforms),
        forced=frozenset(forced),
        ranks=ranks,
        drafters=drafters,
    )


def _days_to(day: str, on: dt.date | None) -> float:
    """Return in how many days something stands; without a question of dates at once."""
    if on is None:
        return 0.0
    return max(0.0, float((dt.date.fromisoformat(day) - on).days)) if day else math.inf


def _texts(
    ids: Sequence[str], reforms: Sequence[Reform], portfolio: Portfolio
) -> tuple[tuple[tuple[str, ...], ...], dict[str, str], dict[str, str]]:
    known = set(shipped_databases().index)
    faults: list[Fault] = []
    found: list[tuple[str, ...]] = []
    ranks: dict[str, str] = {}
    drafters: dict[str, str] = {}
    for name, reform in zip(ids, reforms, strict=True):
        needed = texts_needed(reform, portfolio)
        place = f"candidates › {shorten(name, 60)}"
        if needed is None:
            faults.append(_fault(place, "", "candidate.no_text"))
        for text, rank in needed or ():
            if math.isnan(price_of_rank(rank)):
                faults.append(_fault(place, text, "candidate.unknown_text"))
            ranks.setdefault(text, rank)
            drafters.setdefault(text, agency_of(reform, portfolio))
        faults += [
            _fault(place, base, "candidate.unknown_database")
            for base in getattr(reform, "databases", ())
            if base not in known
        ]
        found.append(tuple(text for text, _ in needed or ()))
    if faults:
        raise InvalidValue(faults)
    return tuple(found), ranks, drafters


def _fault(place: str, value: str, key: str) -> Fault:
    return Fault(place, shorten(value), bilingual(key), bilingual(f"{key}.cure"), code=key)


def make_model(
    pool: Pool,
    portfolio: Portfolio,
    before: pd.DataFrame,
    aims: Aims,
    limits: Limits,
    *,
    on: dt.date | None = None,
    parameters: Parameters | None = None,
) -> Model:
    """Return the problem of a portfolio: savings measured, routes priced, targets set.

    Raises
    ------
    InvalidValue
        For a forced candidate that saves nothing.
    """
    cells = cells_of(pool.reforms, portfolio, before, forced=pool.forced, parameters=parameters)
    columns = [MEASURED.index(aims.columns[metric]) for metric in METRICS]
    asked = [METRICS.index(metric) for metric in dict.fromkeys(a.metric for a in aims.aims)]
    kept: list[Cell] = []
    choices: list[Choice] = []
    unit: list[int] = []
    for cell in cells:
        must = pool.forced.intersection(cell.members)
        own = [c for c in cell.choices if must or c.saving[columns][asked].max() > 0]
        if own:
            unit += [len(kept)] * len(own)
            kept.append(cell)
            choices += own
    saving = np.array([choice.saving[columns] for choice in choices]).reshape(-1, len(METRICS))
    texts = _items_of(pool.ranks, pool.drafters, parameters)
    bases = sorted({base for own in pool.databases for base in own})
    databases = Items.of(
        bases,
        price=[price_of_database(base, parameters) for base in bases],
        agency=[str(shipped_databases().at[base, "owner"]) for base in bases],
    )
    scopes = _scopes(kept, portfolio, aims)
    problem = Problem(
        texts=texts,
        databases=databases,
        candidates=_candidates(choices, pool),
        needs_text=_needs(choices, pool.texts, texts),
        needs_database=_needs(choices, pool.databases, databases),
        units=tuple(f"u{row}" for row in range(len(kept))),
        options=Options(
            unit=np.array(unit, dtype=np.int64),
            candidate=np.arange(len(choices), dtype=np.int64),
            saving=saving,
        ),
        scopes=scopes,
        targets=tuple(
            Row(
                aim.metric,
                aim.scope,
                base=aim.base,
                required=aim.rate * aim.base,
                deadline=_deadline(aim.deadline, on),
                name=aim.name,
            )
            for aim in aims.aims
        ),
        limits=_forced(limits, pool, choices),
    )
    return Model(problem, tuple(choices), tuple(kept), _by_target(problem, unit, saving))


def _items_of(
    ranks: Mapping[str, str], drafters: Mapping[str, str], parameters: Parameters | None
) -> Items:
    names = list(ranks)
    prices = [price_of_rank(ranks[name], parameters) for name in names]
    return Items.of(names, price=prices, agency=[drafters[name] for name in names])


def _candidates(choices: Sequence[Choice], pool: Pool) -> Items:
    members = [choice.members for choice in choices]
    return Items.of(
        [" + ".join(pool.ids[m] for m in own) for own in members],
        price=[float(pool.price[list(own)].sum()) for own in members],
        ready=[float(pool.ready[list(own)].max()) for own in members],
        agency=[pool.drafters.get(next(iter(pool.texts[own[0]]), ""), "") for own in members],
    )


def _needs(
    choices: Sequence[Choice], needed: Sequence[tuple[str, ...]], items: Items
) -> npt.NDArray[np.int64]:
    pairs = [
        (row, items.position[name])
        for row, choice in enumerate(choices)
        for name in dict.fromkeys(n for m in choice.members for n in needed[m])
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _scopes(
    cells: Sequence[Cell], portfolio: Portfolio, aims: Aims
) -> dict[str, npt.NDArray[np.int64]]:
    """Return the units of each group; a cell belongs where its first procedure does."""
    first = [cell.procedures[0] for cell in cells]
    rows = portfolio.procedures.index.get_indexer(first)
    return {
        name: np.flatnonzero(mask[rows] & (rows >= 0)).astype(np.int64)
        for name, mask in aims.masks.items()
    }


def _deadline(day: dt.date | None, on: dt.date | None) -> float:
    return math.inf if on is None or day is None else float((day - on).days)


def _forced(limits: Limits, pool: Pool, choices: Sequence[Choice]) -> Limits:
    """Return the limits with the forced candidates as the smallest choice that holds them."""
    smallest: dict[int, int] = {}
    for row, choice in enumerate(choices):
        for member in pool.forced.intersection(choice.members):
            known = smallest.get(member)
            if known is None or len(choice.members) < len(choices[known].members):
                smallest[member] = row
    idle = sorted(pool.forced - smallest.keys())
    if idle:
        raise InvalidValue(
            [_fault(f"candidates › {pool.ids[m]}", "0", "candidate.no_effect") for m in idle]
        )
    names = {" + ".join(pool.ids[m] for m in choices[row].members) for row in smallest.values()}
    items = set(pool.ranks) | {base for own in pool.databases for base in own}
    return Limits(
        limits.texts,
        limits.databases,
        limits.price,
        frozenset(limits.forced_in & items | names),
        limits.forced_out & items,
        limits.texts_per_agency,
        limits.candidates_per_agency,
    )


def _by_target(problem: Problem, unit: Sequence[int], saving: Floats) -> Floats:
    """Return what each candidate saves for each target by its deadline."""
    units = np.array(unit, dtype=np.int64)
    made = np.zeros((len(saving), len(problem.targets)))
    for column, target in enumerate(problem.targets):
        inside = np.isin(units, problem.scopes[target.scope])
        counts = inside & (problem.ready <= target.deadline)
        made[:, column] = np.where(counts, saving[:, METRICS.index(target.metric)], 0.0)
    return made
