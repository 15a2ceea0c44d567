"""How much a missed target still lacks, and the cheapest reforms that would close it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.figures import COUNTED, CUT_COLUMNS, SHARES, counted_procedures, share_masks
from procsim.decisions.readings import paper_flags, threshold
from procsim.decisions.routes import texts_needed
from procsim.decisions.scope import Scope, in_scope
from procsim.decisions.targets import Scorecard
from procsim.errors import Fault, InvalidValue, Text
from procsim.language.i18n import bilingual
from procsim.measures import measure
from procsim.measures.base import Figures
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, Target
from procsim.reference.law import price_of_rank
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan, apply, check_order

Floats = npt.NDArray[np.float64]

_TOLERANCE = 1e-9
_PROCEDURES = bilingual("decisions.procedures")
_UNITS = {
    "statutory_days": bilingual("decisions.working_days"),
    "cost_vnd": bilingual("decisions.vnd_each_procedure_once"),
    "documents": bilingual("decisions.papers"),
    "conditions": bilingual("decisions.figures.conditions"),
    "conditions_simplified": bilingual("decisions.figures.conditions"),
    "legal_texts": bilingual("decisions.legal_texts"),
    "vneid_utilities": bilingual("decisions.utilities"),
}
_YEAR = bilingual("decisions.vnd_year")
_WHOLE = ("statutory_days", "cost_vnd", "documents")  # these are not counted in whole things
_COPIED = (
    "scope", "group", "target_id", "name_vi", "name_en", "metric", "verdict", "value", "target",
)  # fmt: skip

CANDIDATE_COLUMNS: tuple[str, ...] = (
    "position", "kind", "procedure", "target", "change_vi", "change_en", "saving", "price",
    "texts", "price_per_unit", "cumulative", "remaining", "value", "met",
)  # fmt: skip


def unit_of(metric: str, basis: str = "") -> Text:
    """Return the unit in which a target is short.

    Examples
    --------
    >>> unit_of("statutory_days").en, unit_of("fully_online_share").vi
    ('working days', 'TTHC')
    """
    return _YEAR if metric == "cost_vnd" and basis == "year" else _UNITS.get(metric, _PROCEDURES)


def _amount(row: pd.Series) -> float:
    """Return what is still to save so that the row's target is reached, never below 0."""
    if math.isnan(row["value"]) or math.isnan(row["target"]):
        return math.nan
    if row["kind"] == "count":
        lacking = row["target"] - row["value"]
    elif row["kind"] == "share":
        lacking = row["target"] * row["known"] - row["after"]
    else:
        lacking = row["target"] * row["before"] - (row["before"] - row["after"])
    if lacking <= _TOLERANCE * max(1.0, abs(row["before"])):
        return 0.0
    # Conditions, procedures and texts come whole: 2.4 still to cut are 3.
    return float(lacking) if row["metric"] in _WHOLE else float(math.ceil(lacking - _TOLERANCE))


def shortfall(card: Scorecard | pd.DataFrame) -> pd.DataFrame:
    """Return the exact amount that each target of a scorecard still lacks.

    Parameters
    ----------
    card
        A scorecard, or rows of its summary.

    Returns
    -------
    pandas.DataFrame
        One row for each row of the card: scope, group, target_id, name_vi,
        name_en, metric, verdict, value, target, ``amount`` (0 where the target
        is reached, NaN where nothing is known), ``unit_vi``, ``unit_en``,
        reason_vi, reason_en. For a rate the amount is what must still be saved
        over the scope: target × Σ before − (Σ before − Σ after); conditions,
        procedures and texts are whole numbers.

    Examples
    --------
    A ministry that cut 1,000 days to 708 lacks 8 days of 30 % (300):

    >>> rows = pd.DataFrame([{"scope": "nation", "group": "", "target_id": "t", "name_vi": "",
    ...     "name_en": "", "metric": "statutory_days", "kind": "rate", "verdict": "missed",
    ...     "value": 0.292, "target": 0.3, "before": 1000.0, "after": 708.0, "known": 9,
    ...     "basis": "once", "reason_vi": "", "reason_en": ""}])
    >>> float(shortfall(rows)["amount"].iloc[0])
    8.0
    """
    rows = card.summary if isinstance(card, Scorecard) else card
    made = rows.loc[:, list(_COPIED)].copy()
    made["amount"] = [_amount(row) for _, row in rows.iterrows()]
    pairs = zip(rows["metric"], rows["basis"], strict=True)
    units = [unit_of(metric, basis) for metric, basis in pairs]
    made["unit_vi"] = [unit.vi for unit in units]
    made["unit_en"] = [unit.en for unit in units]
    return made.assign(reason_vi=rows["reason_vi"], reason_en=rows["reason_en"])


def next_candidates(
    portfolio: Portfolio,
    plan: Plan,
    target: Target,
    pool: Plan,
    *,
    parameters: Figures | None = None,
    price: Callable[[str], float] | None = None,
) -> pd.DataFrame:
    """Return the reforms of a pool that close a missed target most cheaply.

    Each reform is tried on top of what the plan and the reforms chosen so far
    do, and measured again; savings are never added blindly. In turn the reform
    with the least price for what it closes is taken (what it saves beyond the
    target buys nothing), until the target is reached or no reform helps. That
    is a good order, not a proven optimum: `procsim.least_cost` proves.

    Parameters
    ----------
    portfolio, plan
        The baseline, and what is planned already.
    target
        A rate, share or count over procedures. For one ministry pass
        ``portfolio.select`` of its procedures.
    pool
        Reforms to choose from.
    parameters
        With which procedures are measured; the newest by default.
    price
        Effort of drafting one legal text by its rank; by default
        `procsim.reference.law.price_of_rank` (points, giả định). A text that
        the plan or a reform chosen before amends is paid already. Reforms whose
        texts have no known price come last, with price NaN.

    Returns
    -------
    pandas.DataFrame
        The reforms in the order of choice, index from 1: ``position`` in the pool
        (from 1), kind, procedure, target, change_vi, change_en, ``saving`` (in the
        unit of the target), ``price``, ``texts`` (newly amended, joined by ``;``),
        ``price_per_unit``, ``cumulative`` saving, ``remaining``, ``value`` reached,
        ``met``. ``attrs`` holds ``met``, ``start`` and ``remaining`` (still to save
        before and after), ``value``, ``unit_vi``, ``unit_en``, ``message_vi``,
        ``message_en``, and ``refused``: position → why it cannot be applied.

    Raises
    ------
    InvalidValue
        When the target is not a sum over procedures, its named list is not there,
        or the plan itself cannot be applied.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> pool = Plan([ps.ShortenLimit("1.002947", days=20, rank="thong_tu")])
    >>> [target] = [t for t in ps.targets(2026) if t.id == "business_time_2026"]
    >>> next_candidates(portfolio, Plan(), target, pool)[["procedure", "saving"]].values.tolist()
    [['1.002947', 68.0]]
    """
    check_order("next_candidates", portfolio, plan, pool)
    current = apply(portfolio, plan)
    ledger = open_ledger(portfolio, current, target, parameters)
    search = _Search(ledger, current, pool.reforms)
    figures = parameters if isinstance(parameters, Parameters) else None
    bill = _Bill(plan, pool, portfolio, price or partial(price_of_rank, p=figures))
    start, rows = search.remaining, []
    while search.remaining > search.tolerance:
        place = search.best(bill)
        if place is None:
            break
        cost, fresh = bill.price(place), bill.fresh(place)
        saving = search.take(place)
        bill.pay(place)
        rows.append(
            _candidate(pool.reforms[place], place + 1, saving, cost, fresh)
            | {
                "cumulative": start - search.remaining,
                "remaining": max(search.remaining, 0.0),
                "value": search.value,
                "met": search.remaining <= search.tolerance,
            }
        )
    index = pd.RangeIndex(1, len(rows) + 1, name="order")
    made = pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS), index=index)
    made.attrs = _summary(search, start, len(rows), ledger)
    return made


class _Bill:
    """What each reform costs while others may have paid for the same legal texts."""

    def __init__(
        self, plan: Plan, pool: Plan, portfolio: Portfolio, price: Callable[[str], float]
    ) -> None:
        needed = [texts_needed(reform, portfolio) for reform in pool.reforms]
        self._prices = {name: float(price(rank)) for own in needed for name, rank in own or ()}
        self._texts = [None if own is None else frozenset(dict(own)) for own in needed]
        self._order = [tuple(dict(own or ())) for own in needed]
        done = (texts_needed(reform, portfolio) for reform in plan.reforms)
        self._paid = {name for own in done for name, _ in own or ()}

    def fresh(self, place: int) -> tuple[str, ...]:
        """Return the texts that nobody has paid for yet."""
        return tuple(name for name in self._order[place] if name not in self._paid)

    def price(self, place: int) -> float:
        """Return what a reform costs now; NaN where its texts or their price are not known."""
        if self._texts[place] is None:
            return math.nan
        return sum((self._prices[name] for name in self.fresh(place)), 0.0)

    def pay(self, place: int) -> None:
        """Note that a reform was chosen."""
        self._paid.update(self._order[place])

    def together(self, gains: Floats) -> Floats:
        """Return for each reform what it and all that its texts pay for would close."""
        sums: dict[frozenset[str], float] = {}
        keys: list[frozenset[str] | None] = []
        for own, gain in zip(self._texts, gains, strict=True):
            key = None if own is None else own - self._paid
            keys.append(key)
            if key is not None and gain > 0:
                sums[key] = sums.get(key, 0.0) + float(gain)
        opened = {key: sum(g for other, g in sums.items() if other <= key) for key in set(sums)}
        pairs = zip(keys, gains, strict=True)
        return np.array([gain if key is None else opened.get(key, gain) for key, gain in pairs])


def _candidate(
    reform: Reform, position: int, saving: float, price: float, texts: Sequence[str]
) -> dict[str, object]:
    sentence = reform.describe()
    return {
        "position": position,
        "kind": reform.kind,
        "procedure": reform.procedure_id,
        "target": reform.target,
        "change_vi": sentence.vi,
        "change_en": sentence.en,
        "saving": saving,
        "price": price,
        "texts": ";".join(texts),
        "price_per_unit": price / saving,
    }


def _summary(search: _Search, start: float, chosen: int, ledger: Ledger) -> dict[str, object]:
    unit = unit_of(ledger.target.metric, "year" if ledger.column == "cost_year_vnd" else "")
    rest, met = max(search.remaining, 0.0), search.remaining <= search.tolerance
    if start <= search.tolerance:
        message = bilingual("decisions.plan_reaches_target_already")
    elif met:
        message = bilingual("decisions.more_reforms_reach_target", chosen=chosen)
    else:
        message = bilingual(
            "decisions.no_pool_enough_lacking",
            start=round(start, 2),
            unit=unit,
            start_2=round(start - rest, 2),
            rest=round(rest, 2),
        )
    return {
        "met": met,
        "start": max(start, 0.0),
        "remaining": rest,
        "value": search.value,
        "unit_vi": unit.vi,
        "unit_en": unit.en,
        "message_vi": message.vi,
        "message_en": message.en,
        "refused": dict(search.refused),
    }


class _Search:
    """The state of a greedy search: what is chosen, and what each reform would still close.

    Procedures that one reform touches together, or that share a code, form a
    part. A choice changes only the reforms of its own part, so only these are
    tried again.
    """

    def __init__(self, ledger: Ledger, current: Portfolio, reforms: Sequence[Reform]) -> None:
        self.ledger = ledger
        self.reforms = reforms
        self.refused: dict[int, str] = {}
        self.gains: Floats = np.full(len(reforms), np.nan)
        self._current = current
        self._part = _parts(current, reforms)
        self._lines = self._measured(current)
        self.tolerance = _TOLERANCE * max(1.0, float(self._lines["base"].sum()))
        self._procedures: dict[str, list[str]] = {}
        for name in current.procedures.index:
            self._procedures.setdefault(self._part[name], []).append(name)
        self._members: dict[str, list[int]] = {}
        for place, reform in enumerate(reforms):
            self._members.setdefault(self._part[reform.procedure_id], []).append(place)
        self._states: dict[str, Portfolio] = {}
        self._tried: dict[int, pd.DataFrame] = {}
        self._try_all()

    @property
    def remaining(self) -> float:
        """What is still to save."""
        return self.ledger.remaining(float(self._lacks(self._lines).sum()))

    @property
    def value(self) -> float:
        """The rate, share or number that is reached."""
        return self.ledger.value(*(float(self._lines[c].sum()) for c in ("base", "saved")))

    def best(self, bill: _Bill) -> int | None:
        """Return the reform that closes most for its price; None where none helps.

        A text that is paid for opens every reform that needs only it, so a price
        is set against all of them together.
        """
        helps = np.flatnonzero(self.gains > self.tolerance)
        if not len(helps):
            return None
        remaining = self.remaining
        prices = np.array([bill.price(int(place)) for place in helps])
        opens = np.minimum(bill.together(self.gains)[helps], remaining)
        each = np.where(np.isnan(prices), np.inf, prices) / opens
        closes = np.minimum(self.gains[helps], remaining)
        return int(helps[np.lexsort((helps, -closes, each))[0]])

    def take(self, place: int) -> float:
        """Choose a reform, enter what was measured of it, and return what it saved."""
        part = self._part[self.reforms[place].procedure_id]
        before = self.remaining
        self._lines.update(self._tried[place])
        self._members[part].remove(place)
        self.gains[place] = np.nan
        others = [other for other in self._members[part] if other + 1 not in self.refused]
        if others:
            state = self._states.get(part)
            if state is None:
                state = self._current.select(self._procedures[part])
            state = apply(state, Plan((self.reforms[place],)))
            self._states[part] = state
            for other in others:
                self._try([other], state)
        return before - self.remaining

    def _try_all(self) -> None:
        """Try each reform on its own, one of each part at a time, on all parts at once."""
        for layer in range(max(map(len, self._members.values()), default=0)):
            places = [own[layer] for own in self._members.values() if len(own) > layer]
            parts = [self._part[self.reforms[place].procedure_id] for place in places]
            ids = [i for part in parts for i in self._procedures.get(part, ())]
            self._try(places, self._current.select(ids))

    def _try(self, places: list[int], state: Portfolio) -> None:
        """Note what each of some reforms, all of different parts, would close by itself."""
        good, made = self._applied(places, state)
        if not good:
            return
        lines = self._measured(made)
        closed = self._lacks(self._lines.loc[lines.index]) - self._lacks(lines)
        rows = lines.groupby([self._part[name] for name in lines.index]).indices
        for place in good:
            own = rows.get(self._part[self.reforms[place].procedure_id], [])
            self._tried[place] = lines.iloc[own]
            self.gains[place] = float(closed.iloc[own].sum())

    def _applied(self, places: list[int], state: Portfolio) -> tuple[list[int], Portfolio]:
        """Apply what can be applied; the rest is refused, each with its reason."""
        try:
            return places, apply(state, Plan(tuple(self.reforms[place] for place in places)))
        except InvalidValue as error:
            if len(places) == 1:
                self.refused[places[0] + 1] = str(error)
                self.gains[places[0]] = np.nan
                return [], state
        half = len(places) // 2
        first, made = self._applied(places[:half], state)
        second, made = self._applied(places[half:], made)
        return first + second, made

    def _measured(self, state: Portfolio) -> pd.DataFrame:
        index, base, saved = self.ledger.lines(state)
        return pd.DataFrame({"base": base, "saved": saved}, index=index)

    def _lacks(self, lines: pd.DataFrame) -> pd.Series:
        values = self.ledger.lacks(lines["base"].to_numpy(), lines["saved"].to_numpy())
        return pd.Series(values, index=lines.index)


def _parts(portfolio: Portfolio, reforms: Sequence[Reform]) -> dict[str, str]:
    """Return for each procedure the part it belongs to, named by one of its procedures."""
    head: dict[str, str] = {}

    def find(name: str) -> str:
        while head.setdefault(name, name) != name:
            head[name] = head[head[name]]
            name = head[name]
        return name

    for codes in portfolio.procedures.groupby("code").groups.values():
        for other in codes if portfolio.procedures.at[codes[0], "code"] else ():
            head[find(other)] = find(codes[0])
    for reform in reforms:
        for other in reform.procedure_ids:
            head[find(other)] = find(reform.procedure_id)
    return {name: find(name) for name in {*portfolio.procedures.index, *head}}


# What each procedure adds to a target: the base it counts from, and what is saved of it.

_YEARLY = {"cost_vnd": "cost_year_vnd"}


@dataclass(frozen=True, eq=False)
class Ledger:
    """One target over the procedures of its scope.

    Attributes
    ----------
    target
        The target.
    before
        Measures of the baseline, procedures of the scope only.
    column
        Column that is cut, for a rate or a number of conditions; ``""`` otherwise.
    counts
        Whether the target asks for a number, and not for a part of the base.
    parameters
        With which procedures are measured.
    """

    target: Target
    before: pd.DataFrame
    column: str
    counts: bool
    parameters: Figures | None = None

    @property
    def goal(self) -> float:
        """The part, or the number, to reach."""
        return threshold(self.target)

    def lines(self, after: Portfolio) -> tuple[pd.Index, Floats, Floats]:
        """Return the procedures of `after` in scope, their base and what is saved of it."""
        measured = measure(after, self.parameters)
        index = measured.index[measured.index.isin(self.before.index)]
        before, later = self.before.loc[index], measured.loc[index]
        if self.column:
            old = before[self.column].to_numpy(dtype=float)
            new = later[self.column].to_numpy(dtype=float)
            known = ~(np.isnan(old) | np.isnan(new))
            return index, np.where(known, old, 0.0), np.where(known, old - new, 0.0)
        own = Scope(before, later, self.goal, "nation", after, papers=paper_flags(after, None))
        masks = share_masks(self.target, own) if self.target.metric in SHARES else None
        if masks is not None:
            reached, known = masks
            return index, known.astype(float), (reached & known).astype(float)
        found = counted_procedures(self.target, own)
        yes = np.zeros(len(index)) if isinstance(found, Text) else found.yes.astype(float)
        return index, np.ones(len(index)), yes

    def lacks(self, base: Floats, saved: Floats) -> Floats:
        """Return what each line still lacks; below 0 where it does more than its part."""
        return -saved if self.counts else self.goal * base - saved

    def remaining(self, lacking: float) -> float:
        """Return what is still to save, from the sum of what the lines lack."""
        return (self.goal if self.counts else 0.0) + lacking

    def value(self, base: float, saved: float) -> float:
        """Return the rate, share or number that is reached."""
        if self.counts:
            return saved
        return saved / base if base > 0 else float("nan")


def open_ledger(
    portfolio: Portfolio, after: Portfolio, target: Target, parameters: Figures | None = None
) -> Ledger:
    """Return the ledger of a target between a baseline and what a plan makes of it.

    Compliance cost is the yearly one where every procedure with a cost has its
    volume (Thông tư 02/2017/TT-VPCP, Điều 27), as in `scorecard`.

    Raises
    ------
    InvalidValue
        When the target is not about procedures, or its named list is not there.
    """
    before = measure(portfolio, parameters)
    mask, _ = in_scope(before, target, portfolio)
    before = before[mask]
    column = ""
    if target.metric in CUT_COLUMNS and target.kind == "rate":
        column = target.metric
        if target.metric in _YEARLY:
            later = measure(after, parameters).loc[before.index]
            column = _yearly(before, later, target.metric, _YEARLY[target.metric])
    elif target.metric == "conditions_simplified":
        column = "conditions"
    elif target.metric in COUNTED:
        later = measure(after, parameters).loc[before.index]
        found = counted_procedures(target, Scope(before, later, 0.0, "nation", after))
        if isinstance(found, Text):
            raise _refused(target, found)
    elif target.metric not in SHARES:
        text = bilingual("decisions.no_target_sum_over")
        raise _refused(target, text)
    return Ledger(target, before, column, target.kind == "count", parameters)


def _yearly(before: pd.DataFrame, later: pd.DataFrame, once: str, year: str) -> str:
    def known(column: str) -> npt.NDArray[np.bool_]:
        both: npt.NDArray[np.bool_] = (before[column].notna() & later[column].notna()).to_numpy()
        return both

    return year if known(once).any() and (known(once) == known(year)).all() else once


def _refused(target: Target, message: Text) -> InvalidValue:
    return InvalidValue(
        Fault(f"next_candidates › {target.id}", target.metric, message, code="shortfall.target")
    )
