"""What stands behind the figures of a cost line: a stated input, or a named parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.measures.arrays import Rows, total
from procsim.measures.base import Figures, dossier
from procsim.measures.cost import cost_sheet
from procsim.measures.lines import CLASSES, METHODS, channel_methods, channels, paper_class
from procsim.model.portfolio import Portfolio

__all__ = ["HOURS", "PRICES", "Coefficients", "coefficients", "cost_terms"]

#: Parameters of time and of price that a line can take its figures from.
HOURS = (
    *CLASSES,
    *(f"hours_submit_{method}" for method in METHODS),
    "hours_pay_fee",
    *(f"hours_collect_{method}" for method in METHODS),
)
PRICES = ("price_copy_vnd", "price_certified_vnd", "price_post_vnd")


def cost_terms(portfolio: Portfolio, p: Figures, language: str = "vi") -> pd.DataFrame:
    """Return the lines of the cost sheet with the parameters that they rest on.

    The columns of `procsim.measures.cost_sheet`, and ``hours_name`` (the parameter
    that the hours are, ``""`` for a stated figure), ``price_name`` and
    ``price_times`` (services are so many times that price), ``again`` and
    ``extra``: the shares of applicants who prepare a replaced paper after all, and
    who hand it in afterwards (Điều 8, Nghị quyết 66.7/2025/NQ-CP), and ``online``,
    the share of the procedure's dossiers that are handed in online, so that::

        expected_vnd = cost_vnd + again × (hours × hourly + services) + extra × hourly
            × (online × hours_fallback_online + (1 − online) × hours_fallback)
    """
    sheet = cost_sheet(portfolio, p, language)
    group = sheet["group"].to_numpy()
    names = np.full(len(sheet), "", dtype=object)
    prices, times = names.copy(), np.zeros(len(sheet))
    again, extra = times.copy(), times.copy()

    rows = dossier(portfolio, p)
    table = portfolio.requirements
    paper = np.flatnonzero(group == 1)
    row = table.index.get_indexer(sheet["source"].iloc[paper])
    paper, row = paper[row >= 0], row[row >= 0]
    kind = paper_class(portfolio, rows.form)[row]
    hours_open = table["hours"].isna().to_numpy()[row]
    names[paper] = np.where(hours_open, np.array(CLASSES, dtype=object)[kind], "")
    copies = np.maximum(table["copies"].to_numpy(dtype=float)[row], kind == 1)
    copies = np.where(kind == 0, 0.0, copies)
    priced = table["purchase_vnd"].isna().to_numpy()[row] & (copies > 0)
    prices[paper] = np.where(priced, np.where(kind == 1, PRICES[1], PRICES[0]), "")
    times[paper] = np.where(priced, copies, 0.0)
    counted = (rows.base & rows.asked)[row]
    lost = (rows.needed * rows.fraction * (1.0 - rows.coverage))[row]
    extra[paper] = np.where(counted, lost, 0.0)
    again[paper] = np.where(counted, lost * (1.0 - rows.held[row]), 0.0)

    ways = channels(portfolio, p)
    net = ways.method == METHODS.index("online")
    share = total(ways.owner, np.where(net, ways.weight, 0.0), len(portfolio.procedures))
    online = share[portfolio.procedures.index.get_indexer(sheet["procedure"])]
    methods = channel_methods(portfolio)
    for number, verb in ((2, "submit"), (6, "collect")):
        at = np.flatnonzero(group == number)
        channel = portfolio.channels.index.get_indexer(sheet["source"].iloc[at])
        at, channel = at[channel >= 0], channel[channel >= 0]
        own = np.array([f"hours_{verb}_{name}" for name in METHODS], dtype=object)
        names[at] = own[methods[channel]]
        prices[at] = np.where(methods[channel] == 1, PRICES[2], "")
        times[at] = np.where(methods[channel] == 1, 1.0, 0.0)
    names[(group == 3) & (sheet["hours"].to_numpy() > 0)] = "hours_pay_fee"
    made = sheet.assign(
        hours_name=names,
        price_name=prices,
        price_times=times,
        again=again,
        extra=extra,
        online=online,
    )
    return _unmarked(made)


def _unmarked(lines: pd.DataFrame) -> pd.DataFrame:
    """Take the hours and services of a row of unknown kind away: nobody knows them."""
    inputs = lines[["hours", "services_vnd", "fees_vnd", "weight"]].notna().all(axis=1)
    odd = lines["cost_vnd"].isna() & inputs & (lines["weight"] != 0)
    lines.loc[odd, ["hours", "services_vnd"]] = np.nan
    lines.loc[odd, ["hours_name", "price_name"]] = ""
    return lines


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The cost of procedures as sums of parameters, shapes (procedures, parameters).

    ``cost = (hours · HOURS + other_hours) × hourly + prices · PRICES + other_vnd``.
    """

    hours: np.ndarray
    prices: np.ndarray
    other_hours: np.ndarray
    other_vnd: np.ndarray


def coefficients(lines: pd.DataFrame, ids: pd.Index) -> Coefficients:
    """Add up what each procedure's cost takes from each parameter; unknown lines are left out."""
    lines = lines[lines["cost_vnd"].notna() & (lines["weight"] != 0)]
    owner: Rows = ids.get_indexer(lines["procedure"])
    lines, owner = lines[owner >= 0], owner[owner >= 0]
    weight = lines["weight"].to_numpy(dtype=float)
    size = len(ids)

    def summed(names: pd.Series, wanted: tuple[str, ...], values: np.ndarray) -> np.ndarray:
        made = np.zeros((size, len(wanted)))
        for at, name in enumerate(wanted):
            mine = (names == name).to_numpy()
            made[:, at] = np.bincount(owner[mine], values[mine], size)
        return made

    def rest(free: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(owner[free], (weight * values)[free], size)

    times = lines["price_times"].to_numpy(dtype=float)
    services = lines["services_vnd"].to_numpy(dtype=float)
    fees = lines["fees_vnd"].to_numpy(dtype=float)
    unnamed_price = (lines["price_name"] == "").to_numpy()
    return Coefficients(
        hours=summed(lines["hours_name"], HOURS, weight),
        prices=summed(lines["price_name"], PRICES, weight * times),
        other_hours=rest(
            (lines["hours_name"] == "").to_numpy(), lines["hours"].to_numpy(dtype=float)
        ),
        other_vnd=rest(
            np.ones(len(lines), dtype=bool), fees + np.where(unnamed_price, services, 0)
        ),
    )
