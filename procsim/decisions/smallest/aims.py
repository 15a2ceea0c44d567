"""What is asked: the targets of a year as base, rate, scope and deadline."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.optimise import METRICS
from procsim.decisions.scope import in_scope
from procsim.decisions.targets import targets as targets_of
from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual
from procsim.measures.grouping import groups
from procsim.model.portfolio import Portfolio
from procsim.reference import Target, targets_table

__all__ = ["COLUMNS", "NATION", "SCOPES", "Aim", "Aims", "aims_of"]

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
        One of `procsim.decisions.optimise.METRICS`, and the measure it reads.
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
    targets: Iterable[Target] | None = None,
    *,
    year: int | None = None,
    target_rates: Mapping[str, float] | None = None,
    scopes: Sequence[str] = (NATION,),
) -> Aims:
    """Return what is asked of a portfolio; see `procsim.decisions.smallest_plan`.

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
    given: Iterable[Target] | None, year: int | None, rates: Mapping[str, float]
) -> tuple[list[Target], list[Text]]:
    """Return the reductions among the targets, with the rates that were entered."""
    notes: list[Text] = []
    every: list[Target] = []
    if given is not None:
        every = list(given)
    elif year is not None:
        every = list(targets_of(year))
    found: list[Target] = []
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


def _template() -> Target:
    return next(t for t in targets_table() if t.id == _TEMPLATE)


def _entered(like: Target, metric: str, rate: float) -> Target:
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
