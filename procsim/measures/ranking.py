"""Which database, or which paper, frees most people most time: three readings of each.

**alone**: nothing else is answered but what the portfolio's dossiers say (``replaced``);
**live**: what it adds to the databases that are live, which answer what the law lists;
**next**: what it adds when it is taken in its turn, the greedy order on top of those that
are live: each time the candidate that frees most.

Cost, hours, papers and days are those of the law (a listed paper is not asked for), as in
`procsim.measure`: not everybody's data answer, so ``cost_expected_vnd`` stands beside.
The cost of a paper counts also
where another cost of its procedure (a fee) is not known. Days are those of whole chains,
`procsim.measures.waits`. How good the greedy order is,
and the best set of a given size: `procsim.measures.best`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.measures.arrays import Bools, Floats, Rows, total
from procsim.measures.asked import Asked, asked_papers, live_databases
from procsim.measures.base import Figures, figures
from procsim.measures.network import links
from procsim.measures.waits import Waits
from procsim.model.portfolio import Portfolio
from procsim.reference import databases, document_types, holdings
from procsim.reference.calendar import Day, as_day

__all__ = ["BY", "FREED", "VALUES", "answered_by", "gains", "greedy_order", "ranking"]

BY = ("database", "document_type")
VALUES = ("cost_vnd", "cost_year_vnd", "hours", "papers", "requirements")
"""What a set of databases or papers can be chosen for."""

FREED = (
    "procedures",
    "requirements",
    "papers",
    "dossiers",
    "dossiers_known",
    "cost_vnd",
    "cost_expected_vnd",
    "cost_year_vnd",
    "hours",
    "days",
    "procedures_faster",
)
"""The columns of each reading."""


def one_of(place: str, value: str, accepted: tuple[str, ...]) -> None:
    """Raise `InvalidValue` unless the value is one of those accepted."""
    if value not in accepted:
        words = ", ".join(accepted)
        raise InvalidValue(
            Fault(
                place,
                shorten(value),
                Text("Giá trị không nằm trong danh mục.", "The value is not one of the list."),
                Text(f"Chọn một trong: {words}.", f"Choose one of: {words}."),
                code="network.choice",
            )
        )


def answered_by(asked: Asked, answered: Bools, candidate: int) -> Bools:
    """Return which groups are answered once a candidate is added."""
    made = answered.copy()
    made[asked.parts.group[asked.parts.candidate == candidate]] = True
    return made


@dataclass(frozen=True)
class Gains:
    """What each candidate frees, added to what is answered; shape (candidates,)."""

    procedures: Floats
    requirements: Floats
    papers: Floats
    dossiers: Floats
    dossiers_known: Floats
    cost_vnd: Floats
    cost_expected_vnd: Floats
    cost_year_vnd: Floats
    hours: Floats


def gains(asked: Asked, answered: Bools) -> Gains:
    """Return what each candidate frees when it is added to the groups already answered.

    A procedure counts where at least one paper falls away; a requirement where the whole
    row does.
    """
    size = len(asked.candidates)
    free = asked.parts.freed(answered, asked.part, len(asked.papers))
    item, by = asked.parts.item[free], asked.parts.by[free]
    whole = asked.whole()
    row = asked.rows.freed(answered, whole, int(whole.max(initial=-1)) + 1)
    pairs = np.bincount(asked.parts.pair, minlength=len(asked.parts.item))
    covered = np.bincount(asked.parts.pair, asked.coverage, minlength=len(pairs)) / pairs
    back = (1.0 - covered[free]) * asked.again[item]
    reached = np.unique(asked.part_owner[item] * size + by)
    owner, who = np.divmod(reached, max(size, 1))
    volume = asked.volume[owner]
    known = ~np.isnan(volume)
    count = np.bincount(who, minlength=size)
    stated = total(who, known.astype(float), size)
    year = np.bincount(by, asked.year[item], minlength=size)
    dossiers = np.bincount(who, np.nan_to_num(volume), minlength=size)
    unknown = (count > 0) & (stated == 0)
    return Gains(
        procedures=count.astype(float),
        requirements=np.bincount(asked.rows.by[row], minlength=size).astype(float),
        papers=total(by, asked.papers[item], size),
        dossiers=np.where(unknown, np.nan, dossiers),
        dossiers_known=stated,
        cost_vnd=total(by, asked.cost[item], size),
        cost_expected_vnd=total(by, asked.cost[item] - back, size),
        cost_year_vnd=np.where(unknown, np.nan, year),
        hours=total(by, asked.hours[item], size),
    )


def greedy_order(
    asked: Asked, answered: Bools, value: str = "cost_vnd", among: Bools | None = None
) -> list[int]:
    """Return candidates in the order in which each adds most; those that add nothing not.

    Where none frees anything by itself, because rows wait for two, the one that answers
    most of what is still open comes next; ties go to the first in the list.
    """
    made: list[int] = []
    answered = answered.copy()
    while True:
        now = np.nan_to_num(getattr(gains(asked, answered), value))
        near = np.bincount(asked.parts.candidate, ~answered[asked.parts.group], minlength=len(now))
        if among is not None:
            now, near = now * among, near * among
        if not near.any():
            return made
        # Sums of the same parts in another order may differ in the last digit.
        best = int(np.lexsort((-near, -np.round(now, 6)))[0])
        made.append(best)
        answered = answered_by(asked, answered, best)


def ranking(
    portfolio: Portfolio,
    known: pd.DataFrame | None = None,
    by: str = "database",
    *,
    on: Day | None = None,
    parameters: Figures | None = None,
    live: Collection[str] | None = None,
    value: str = "cost_vnd",
) -> pd.DataFrame:
    """Return what every database, or every document type, frees: the best next one first.

    Parameters
    ----------
    portfolio
        A marked portfolio. Its marks say which database holds which paper, listed by law
        or open (Điều 4 khoản 10, Nghị quyết 66.7/2025/NQ-CP): a candidate answers both,
        as if its data were complete; ``listed`` counts what the law lists already.
    known
        `procsim.measures.network.links`, where they are at hand.
    by
        ``"database"`` or ``"document_type"``.
    on
        Day of the look-up; ``None`` looks at law and databases without regard to dates.
    live
        Ids of the databases that are live; those in use or published when not given
        (`procsim.measures.asked.live_databases`); ``()`` for none.
    value
        What the greedy order frees most of, one of `VALUES`.

    Returns
    -------
    pandas.DataFrame
        Index ``id``. ``name_vi``, ``name_en``; of a database ``status`` and ``live``; of a
        type ``databases`` (who holds it, joined by ``;``); ``answerable``: whether data can
        answer it at all (for a type: a database holds it or an authority issues it; the
        others are never next); ``next_best_rank`` (1 is the best; NaN adds nothing). Then
        the columns of `FREED`, alone, and again with
        ``_live`` and ``_next``: ``procedures`` (at least one paper falls away),
        ``requirements`` (whole rows), ``papers`` (official count), ``dossiers`` a year of
        the ``dossiers_known`` procedures whose volume is known (NaN where none is),
        ``cost_vnd`` (đồng, one dossier of each procedure), ``cost_expected_vnd`` (less
        what comes back where the data do not answer, by the coverage of the marks or
        parameter ``coverage_default``), ``cost_year_vnd``, ``hours`` of one applicant,
        ``days`` (working days by which chains end sooner, worst case, one dossier of each
        procedure) and ``procedures_faster``. Alone also ``listed`` (papers that the law
        lists) and ``assumed_share`` (share of ``cost_vnd`` that rests on an assumption;
        NaN where nothing is freed).

    Raises
    ------
    InvalidValue
        For another `by` or `value`.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000001", "case": "c",
    ...         "name": ["CCCD"], "kind": "document", "types": "can_cuoc", "papers": 1.0}),
    ...     "marks": pd.DataFrame({"id": ["m1"], "requirement": "r1", "class": "listed",
    ...         "document_type": "can_cuoc", "database": "csdl_dan_cu"}),
    ... })
    >>> made = ranking(portfolio, live=())
    >>> made.index[0], int(made["requirements"].iloc[0]), int(made["next_best_rank"].iloc[0])
    ('csdl_dan_cu', 1, 1)
    """
    on = as_day(on, "on")
    one_of("ranking › by", by, BY)
    one_of("ranking › value", value, VALUES)
    p = figures(parameters)
    known = links(portfolio, parameters=p) if known is None else known
    there = tuple(live_databases(on) if live is None else live)
    asked = asked_papers(portfolio, by, on=on, live=there, parameters=p)
    waits = Waits(portfolio, known, asked, p)
    made = _named(asked, by, there)
    order = greedy_order(asked, asked.live, value, asked.answerable)
    rank = np.full(len(made), np.nan)
    rank[order] = np.arange(1, len(order) + 1)
    made["next_best_rank"] = rank
    for ending, answered in (("", asked.none), ("_live", asked.live)):
        for name, values in _reading(asked, waits, answered).items():
            made[name + ending] = values
    for name, values in _in_turn(asked, waits, order).items():
        made[f"{name}_next"] = values
    made["listed"] = gains(asked.by_law(), asked.none).papers
    guessed = gains(replace(asked, cost=asked.cost * asked.assumed), asked.none).cost_vnd
    made["assumed_share"] = (guessed / made["cost_vnd"].where(made["cost_vnd"] > 0)).clip(upper=1.0)
    keys = ["next_best_rank", "cost_vnd", "procedures"]
    return made.sort_values(keys, ascending=[True, False, False], kind="stable")


def _named(asked: Asked, by: str, live: Collection[str]) -> pd.DataFrame:
    names = asked.candidates
    catalogue = databases() if by == "database" else document_types()
    made = catalogue[["name_vi", "name_en"]].reindex(names)
    for column in made:
        made[column] = made[column].fillna(names.to_series())
    if by == "database":
        made["status"] = catalogue["status"].reindex(names).fillna("unknown").to_numpy()
        made["live"] = names.isin(list(live))
    else:
        held = holdings().drop_duplicates(["document_type", "database"])
        who = held.groupby("document_type")["database"].agg(";".join)
        made["databases"] = who.reindex(names).fillna("").to_numpy()
    made["answerable"] = asked.answerable
    made.index.name = "id"
    return made


def _reading(asked: Asked, waits: Waits, answered: Bools) -> dict[str, Floats | Rows]:
    """Return the columns of `FREED` for candidates added to what is answered, each by itself."""
    each = gains(asked, answered)
    made: dict[str, Floats | Rows] = {name: getattr(each, name) for name in FREED[:-2]}
    size = len(asked.candidates)
    states = np.repeat(answered[None, :], size + 1, axis=0)
    states[asked.parts.candidate, asked.parts.group] = True
    states[size] = answered
    ends = waits.ends(states)
    sooner = ends[:, size:] - ends[:, :size]
    made["days"] = sooner.sum(axis=0)
    made["procedures_faster"] = (sooner > 0).sum(axis=0)
    return made


def _in_turn(asked: Asked, waits: Waits, order: list[int]) -> dict[str, Floats | Rows]:
    """Return the columns of `FREED` for candidates added one after the other."""
    size = len(asked.candidates)
    made: dict[str, Floats | Rows] = {name: np.zeros(size) for name in FREED}
    states = [asked.live]
    for candidate in order:
        each = gains(asked, states[-1])
        for name in FREED[:-2]:
            made[name][candidate] = getattr(each, name)[candidate]
        states.append(answered_by(asked, states[-1], candidate))
    ends = waits.ends(np.array(states))
    for before, after, candidate in zip(ends.T[:-1], ends.T[1:], order, strict=True):
        made["days"][candidate] = (before - after).sum()
        made["procedures_faster"][candidate] = (before > after).sum()
    return made
