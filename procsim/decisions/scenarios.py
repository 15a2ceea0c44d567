"""Plans side by side against one baseline, with those marked that no other betters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.routes import drafting_price, texts_needed
from procsim.decisions.targets import scorecard
from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, shorten, spoken
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import t
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, Target
from procsim.reference import databases as databases_table
from procsim.reference import parameters as dated_parameters
from procsim.reference.law import price_of_database, price_of_rank
from procsim.reforms.conflicts import conflicts
from procsim.reforms.plan import Plan, apply, check_order

BASELINE = "Hiện trạng"
_METRICS = {
    "days": "statutory_days",
    "cost_vnd": "cost_vnd",
    "cost_year_vnd": "cost_year_vnd",
    "documents": "documents",
    "conditions": "conditions",
}
_FIGURES = tuple(f"{m}_{part}" for m in _METRICS for part in ("before", "after", "saved", "rate"))
_SIZES = ("reforms", "procedures", "legal_texts", "databases")
_COUNTS = (*_SIZES, "unpriced", "incomplete", "errors", "warnings")
_VERDICTS = ("met", "missed", "unknown")
SCENARIO_COLUMNS: tuple[str, ...] = (
    "plan", "applied", *_SIZES, "price", "unpriced", *_FIGURES,
    "incomplete", "errors", "warnings", *_VERDICTS, "pareto",
)  # fmt: skip
_DECIMALS = {"days": 1, "cost_vnd": 0, "cost_year_vnd": 0, "documents": 1, "conditions": 0}
_TOLERANCE = 1e-9  # sums of floats in another order are not a better plan


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Plans against one baseline.

    Attributes
    ----------
    frame
        First the baseline, then one row for each plan in the order given. Columns:
        ``plan`` (names made unique), ``applied``; ``reforms``, ``procedures``
        touched, ``legal_texts`` to amend, ``databases`` used; ``price`` of the route
        (points: `procsim.reference.law`) and ``unpriced``, the reforms that name
        neither text nor rank, the texts of unknown rank and the databases that are not
        in ``databases.csv``: the price leaves them out;
        for ``days``, ``cost_vnd``, ``cost_year_vnd``, ``documents`` and ``conditions``
        the totals ``_before``, ``_after``, ``_saved`` and the ``_rate`` (ratio of
        sums; NaN where nothing is known); ``incomplete`` reforms (a clarity, 6 rõ, is
        lacking); ``errors`` and ``warnings`` of `procsim.reforms.conflicts`; targets
        ``met``, ``missed``, ``unknown`` (missing when no targets were given);
        ``pareto``: no other row is as good in everything and better in something.
    faults
        By plan, everything that `procsim.reforms.conflicts` found; a plan that cannot
        be applied stands in `frame` without figures.

    Examples
    --------
    >>> import procsim as ps
    >>> plan = Plan([ps.ShortenLimit("1.004222", days=5)], name="Rút ngắn")
    >>> ps.scenarios(ps.load_sample(), [plan])
    <Scenarios Hiện trạng, Rút ngắn>
    """

    frame: pd.DataFrame
    faults: Mapping[str, tuple[Fault, ...]] = field(repr=False)

    def __repr__(self) -> str:
        return f"<Scenarios {', '.join(shorten(name, 40) for name in self.frame['plan'])}>"

    def _repr_html_(self) -> str:
        return notebook_page(self)

    def text(self, language: str = "") -> str:
        """Return the comparison as a table for people, one column for each plan."""
        language = spoken(language)
        number = format_number if language == "vi" else format_number_en
        head = [t("cli.scenarios.baseline", language), *self.frame["plan"].tolist()[1:]]
        lines = [["", *head]]
        for name in SCENARIO_COLUMNS[1:]:
            cells = self.frame[name]
            if cells.isna().all():
                continue
            shown = [_shown(name, cell, number, language) for cell in cells]
            lines.append([t(f"cli.scenarios.{name}", language), *shown])
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        made = []
        for first, *rest in lines:
            cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
            made.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
        for plan, faults in self.faults.items():
            made += [f"{plan}: {fault.in_language(language)}" for fault in faults]
        return "\n".join(made)


def _shown(name: str, value: Any, number: Callable[[float, int], str], language: str) -> str:
    if isinstance(value, bool | np.bool_):
        return t("cli.scenarios.yes" if value else "cli.scenarios.no", language)
    if value is pd.NA or math.isnan(float(value)):
        return "–"
    metric, _, part = name.rpartition("_")
    if part == "rate":
        return f"{number(100 * float(value), 2)} %"
    return number(float(value), _DECIMALS.get(metric, 0))


def _unique(plans: Sequence[Plan]) -> list[str]:
    """Return the names of the plans; empty ones are numbered, repeated ones too."""
    taken = {BASELINE}
    names = []
    for position, plan in enumerate(plans, start=1):
        base = plan.name.strip() or t("cli.scenarios.unnamed", "vi", position=position)
        name, again = base, 2
        while name in taken:
            name, again = f"{base} ({again})", again + 1
        taken.add(name)
        names.append(name)
    return names


def _route(portfolio: Portfolio, plan: Plan, p: Parameters) -> dict[str, float]:
    """Return what a plan asks of those who draft texts and connect databases."""
    ranks: dict[str, str] = {}
    drafting: list[float] = []
    unpriced = 0
    for reform in plan.reforms:
        texts = texts_needed(reform, portfolio)
        drafting.append(drafting_price(texts, p))
        unpriced += texts is None
        ranks |= dict(texts or ())
    prices = [price_of_rank(rank, p) for rank in ranks.values()]
    databases = {base for reform in plan.reforms for base in getattr(reform, "databases", ())}
    prices += [price_of_database(b, p) if b in _ids() else math.nan for b in sorted(databases)]
    known = [price for price in prices if not math.isnan(price)]
    return {
        "legal_texts": len(ranks),
        "databases": len(databases),
        "price": math.fsum([*known, *drafting]),
        "unpriced": unpriced + len(prices) - len(known),
    }


@cache
def _ids() -> frozenset[str]:
    return frozenset(databases_table().index)


def _figures(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float]:
    rows = compare(before, after).set_index("metric")
    return {
        f"{name}_{part}": float(rows.at[metric, part])
        for name, metric in _METRICS.items()
        for part in ("before", "after", "saved", "rate")
    }


def _verdicts(
    before: pd.DataFrame, after: pd.DataFrame, chosen: tuple[Target, ...], portfolio: Portfolio
) -> dict[str, int]:
    card = scorecard(before, after, chosen, by=None, portfolio=portfolio)
    counts = card.nation()["verdict"].value_counts()
    return {verdict: int(counts.get(verdict, 0)) for verdict in _VERDICTS}


def pareto(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows no other row dominates.

    One row dominates another when it costs no more (``price``, ``legal_texts``),
    saves no less in any metric, and is strictly better in one of these. A metric that
    only one of the two states makes them incomparable. A row that was not applied
    neither dominates nor is marked.

    Parameters
    ----------
    frame
        Rows with the columns of `SCENARIO_COLUMNS`.
    """
    applied = frame["applied"].to_numpy(dtype=bool)
    saved = frame[[f"{name}_saved" for name in _METRICS]].to_numpy(dtype=float)
    spent = frame[["price", "legal_texts"]].to_numpy(dtype=float)
    good = np.hstack([saved, -spent])
    slack = _TOLERANCE * np.maximum(1.0, np.nan_to_num(np.abs(good)))
    made: npt.NDArray[np.bool_] = applied.copy()
    for row in np.flatnonzero(applied):
        own, eps = good[row], slack[row]
        either = np.isnan(good) != np.isnan(own)
        both = ~np.isnan(good) & ~np.isnan(own)
        no_worse = ~either.any(axis=1) & (~both | (good >= own - eps)).all(axis=1)
        better = (both & (good > own + eps)).any(axis=1)
        made[row] = not (applied & no_worse & better).any()
    return made


def scenarios(
    portfolio: Portfolio,
    plans: Iterable[Plan] | Plan,
    *,
    targets: Iterable[Target] | None = None,
    parameters: Parameters | None = None,
) -> Scenarios:
    """Return plans side by side against one baseline.

    Parameters
    ----------
    portfolio
        The baseline, already marked where plans replace papers.
    plans
        The plans; each is applied to the baseline by itself.
    targets
        The targets to count as met, missed or unknown; None for none.
    parameters
        The dated figures of cost and route; by default the newest.

    Returns
    -------
    Scenarios
        With ``frame``: the baseline first, then one row for each plan.

    Examples
    --------
    >>> from procsim.reforms import ShortenLimit
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": "A", "ministry": "B"}),
    ...     "channels": pd.DataFrame({"id": ["1.000001/k1"], "procedure": "1.000001",
    ...         "limit_value": [10.0], "limit_unit": "working_day"}),
    ... })
    >>> cuts = [Plan([ShortenLimit("1.000001", days=d)], name=f"{d} ngày") for d in (6, 8)]
    >>> made = scenarios(portfolio, cuts).frame
    >>> made[["plan", "days_saved", "pareto"]].values.tolist()
    [['Hiện trạng', 0.0, False], ['6 ngày', 4.0, True], ['8 ngày', 2.0, False]]
    """
    p = dated_parameters() if parameters is None else parameters
    plans = (plans,) if isinstance(plans, Plan | Portfolio | str) else tuple(plans)
    check_order("scenarios", portfolio, *plans)
    chosen = None if targets is None else tuple(targets)
    before = measure(portfolio, p)
    names = [BASELINE, *_unique(plans)]
    rows = []
    faults: dict[str, tuple[Fault, ...]] = {}
    for name, plan in zip(names, (Plan(), *plans), strict=True):
        row: dict[str, object] = {"plan": name, "applied": True}
        row |= {
            "reforms": len(plan),
            "procedures": len({i for r in plan.reforms for i in r.procedure_ids}),
            "incomplete": sum(bool(reform.missing_clarities()) for reform in plan.reforms),
        }
        row |= _route(portfolio, plan, p)
        found = conflicts(portfolio, plan)
        try:
            changed = apply(portfolio, plan)
        except InvalidValue as error:
            row["applied"] = False
            known = {fault.place: None for fault in found}
            found += [fault for fault in error.faults if fault.place not in known]
        else:
            after = measure(changed, p)
            row |= _figures(before, after)
            row |= {} if chosen is None else _verdicts(before, after, chosen, changed)
        severities = [fault.severity for fault in found]
        row |= {"errors": severities.count("error"), "warnings": severities.count("warning")}
        if found:
            faults[name] = tuple(found)
        rows.append(row)
    frame = pd.DataFrame(rows).reindex(columns=list(SCENARIO_COLUMNS))
    frame = frame.astype(
        {"applied": bool}
        | dict.fromkeys(_COUNTS, "int64")
        | dict.fromkeys(("price", *_FIGURES), float)
        | dict.fromkeys(_VERDICTS, "Int64")
    )
    frame["pareto"] = pareto(frame)
    return Scenarios(frame, faults)
