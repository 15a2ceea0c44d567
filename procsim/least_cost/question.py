"""What is asked: targets, scopes and candidates of a portfolio become a problem."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.routes import agency_of, texts_needed
from procsim.decisions.scope import in_scope
from procsim.decisions.targets import targets as targets_of
from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual
from procsim.least_cost.candidates import MEASURED, Candidates
from procsim.least_cost.cells import Cell, Choice, cells_of
from procsim.least_cost.problem import METRICS, Floats, Items, Limits, Options, Problem, Target
from procsim.measures.grouping import groups
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, targets_table
from procsim.reference import Target as OfficialTarget
from procsim.reference import parameters as newest_parameters
from procsim.reference.law import price_of_database, price_of_rank
from procsim.reference.vocabulary import shipped_databases
from procsim.reforms.base import Reform

NATION = "nation"
SCOPES = (NATION, "ministry", "province", "field", "levels")
COLUMNS = {
    "time": "statutory_days",
    "cost": "cost_vnd",
    "documents": "documents",
    "conditions": "conditions",
}
_METRIC_OF = {column: metric for metric, column in COLUMNS.items()}
_YEARLY = "cost_year_vnd"
_TEMPLATE = "business_time_2025"


@dataclass(frozen=True, eq=False)
class Aim:
    """One reduction that is asked of one group of procedures.

    Attributes
    ----------
    metric, column
        One of `procsim.least_cost.problem.METRICS`, and the measure it reads.
    scope
        Key of the group: ``nation`` or its name.
    mask
        Which procedures belong to it, shape (procedures,).
    base, rate
        What stands before, and the share of it that must go.
    deadline
        Last day; None without one.
    name
        What officers call it.
    target
        Id of the Government's target behind it; empty for one that was entered.
    """

    metric: str
    column: str
    scope: str
    mask: npt.NDArray[np.bool_]
    base: float
    rate: float
    deadline: dt.date | None
    name: Text
    target: str


@dataclass(frozen=True, eq=False)
class Aims:
    """All that is asked, which measure of cost counts, and what officers must know."""

    aims: tuple[Aim, ...]
    columns: Mapping[str, str]
    masks: Mapping[str, npt.NDArray[np.bool_]]
    notes: tuple[Text, ...]


def aims_of(
    portfolio: Portfolio,
    before: pd.DataFrame,
    targets: Iterable[OfficialTarget] | None = None,
    *,
    year: int | None = None,
    target_rates: Mapping[str, float] | None = None,
    scopes: Sequence[str] = (NATION,),
) -> Aims:
    """Return what is asked of a portfolio; see `procsim.least_cost.plan.smallest_plan`.

    Raises
    ------
    UnknownName
        For a year, metric or scope that does not exist.
    InvalidValue
        For a rate that is none, or when nothing is left to aim at.
    """
    _check(target_rates or {}, scopes)
    chosen, notes = _targets(targets, year, target_rates or {})
    masks: dict[str, npt.NDArray[np.bool_]] = {}
    aims: list[Aim] = []
    columns = dict(COLUMNS)
    whole = {t.id: in_scope(before, t, portfolio)[0] for t in chosen}
    if any(t.metric == "cost_vnd" and _has_volumes(before[whole[t.id]]) for t in chosen):
        columns["cost"] = _YEARLY
    for group, label, own in _groups(before, scopes):
        for target in chosen:
            metric = _METRIC_OF[target.metric]
            mask = own & whole[target.id]
            base = float(np.nansum(before.loc[mask, columns[metric]].to_numpy(dtype=float)))
            if not base > 0:
                if mask.any() or group == NATION:
                    notes.append(bilingual("smallest.no_base", target=target.name, scope=label))
                continue
            key = _key(masks, group, target.id, mask)
            what = bilingual(f"smallest.metric.{metric}")
            name = Text(f"{what.vi} – {label.vi}", f"{what.en} – {label.en}")
            aims.append(
                Aim(
                    metric, columns[metric], key, mask, base, float(target.value),
                    target.deadline, name, target.id,
                )
            )  # fmt: skip
    if not aims:
        raise InvalidValue(_nothing(year, notes))
    if any(aim.metric == "conditions" for aim in aims):
        notes.append(bilingual("smallest.conditions_all"))
    return Aims(tuple(aims), columns, masks, tuple(dict.fromkeys(notes)))


def _check(rates: Mapping[str, float], scopes: Sequence[str]) -> None:
    faults = [
        Fault(
            "target_rates",
            shorten(name),
            bilingual("smallest.unknown_metric"),
            bilingual("candidate.choose", names=", ".join(METRICS)),
            code="smallest.unknown_metric",
        )
        for name in rates
        if name not in METRICS
    ]
    faults += [
        Fault(
            "scopes",
            shorten(name),
            bilingual("smallest.unknown_scope"),
            bilingual("candidate.choose", names=", ".join(SCOPES)),
            code="smallest.unknown_scope",
        )
        for name in scopes
        if name not in SCOPES
    ]
    if faults:
        raise UnknownName(faults)
    wrong = [
        Fault(
            f"target_rates › {name}",
            shorten(rate),
            bilingual("smallest.rate"),
            bilingual("smallest.rate.cure"),
            code="smallest.rate",
        )
        for name, rate in rates.items()
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= 1
    ]
    if wrong:
        raise InvalidValue(wrong)


def _targets(
    given: Iterable[OfficialTarget] | None, year: int | None, rates: Mapping[str, float]
) -> tuple[list[OfficialTarget], list[Text]]:
    """Return the reductions among the targets, with the rates that were entered."""
    notes: list[Text] = []
    every: list[OfficialTarget] = []
    if given is not None:
        every = list(given)
    elif year is not None:
        every = list(targets_of(year))
    found: list[OfficialTarget] = []
    for target in every:
        if target.kind != "rate" or target.metric not in _METRIC_OF:
            continue
        metric = _METRIC_OF[target.metric]
        if metric in rates:
            target = replace(target, value=float(rates[metric]))
        elif metric == "conditions" and target.value >= 1:
            # All *unnecessary* conditions: without their list nobody can aim at that.
            notes.append(bilingual("smallest.no_list", target=target.name))
            continue
        if target.value is None or math.isnan(target.value):
            continue
        found.append(target)
    known = {_METRIC_OF[t.metric] for t in found}
    like = found[0] if found else replace(_template(), deadline=None, year=None)
    for metric, rate in rates.items():
        if metric not in known:
            found.append(_entered(like, metric, float(rate)))
    return found, notes


def _template() -> OfficialTarget:
    return next(t for t in targets_table() if t.id == _TEMPLATE)


def _entered(like: OfficialTarget, metric: str, rate: float) -> OfficialTarget:
    name = bilingual(f"smallest.metric.{metric}")
    return replace(
        like,
        id="",
        metric=COLUMNS[metric],
        value=rate,
        name_vi=name.vi,
        name_en=name.en,
        mark="nhập",
    )


def _groups(
    before: pd.DataFrame, scopes: Sequence[str]
) -> Iterable[tuple[str, Text, npt.NDArray[np.bool_]]]:
    if NATION in scopes:
        yield NATION, bilingual("smallest.nation"), np.ones(len(before), dtype=bool)
    for by in scopes:
        if by != NATION:
            for name, mask in groups(before, by):
                yield name, Text(name, name), mask


def _key(
    masks: dict[str, npt.NDArray[np.bool_]], group: str, target: str, mask: npt.NDArray[np.bool_]
) -> str:
    """Return the name of a set of procedures; targets of one group may differ in theirs."""
    for name in (group, f"{group} · {target}"):
        if name not in masks or np.array_equal(masks[name], mask):
            masks[name] = mask
            return name
    name = f"{group} · {target} · {len(masks)}"
    masks[name] = mask
    return name


def _has_volumes(part: pd.DataFrame) -> bool:
    """Return whether every procedure with a cost has its cost of a year (Điều 27)."""
    known = part["cost_vnd"].notna()
    return bool(known.any() and part.loc[known, _YEARLY].notna().all())


def _nothing(year: int | None, notes: Iterable[Text]) -> list[Fault]:
    key = "smallest.no_targets" if year is None else "smallest.no_targets_of_year"
    value = "" if year is None else str(year)
    faults = [
        Fault("targets", value, bilingual(key), bilingual("smallest.no_targets.cure"), code=key)
    ]
    return faults + [Fault("targets", "", note, severity="note") for note in notes]


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
class Question:
    """The problem, and what each of its candidates stands for.

    Attributes
    ----------
    problem
        What `procsim.least_cost.solve` solves.
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
    parameters: Parameters | None = None,
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
    values = parameters or newest_parameters()
    texts, ranks, drafters = _texts(ids, reforms, portfolio, values)
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
    ids: Sequence[str], reforms: Sequence[Reform], portfolio: Portfolio, p: Parameters
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
            if math.isnan(price_of_rank(rank, p)):
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


def ask(
    pool: Pool,
    portfolio: Portfolio,
    before: pd.DataFrame,
    aims: Aims,
    limits: Limits,
    *,
    on: dt.date | None = None,
    parameters: Parameters | None = None,
) -> Question:
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
    values = parameters or newest_parameters()
    texts = _items_of(pool.ranks, pool.drafters, values)
    bases = sorted({base for own in pool.databases for base in own})
    databases = Items.of(
        bases,
        price=[price_of_database(base, values) for base in bases],
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
            Target(
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
    return Question(problem, tuple(choices), tuple(kept), _by_target(problem, unit, saving))


def _items_of(
    ranks: Mapping[str, str], drafters: Mapping[str, str], parameters: Parameters
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
