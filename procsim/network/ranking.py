"""Which database, or which paper, frees most people most time: three readings of each.

**alone**: nothing else is answered but what the portfolio's dossiers say (``replaced``);
**live**: what it adds to the databases that are live, which answer what the law lists;
**next**: what it adds when it is taken in its turn, the greedy order on top of those that
are live: each time the candidate that frees most.

Cost, hours, papers and days are those of the law (a listed paper is not asked for), as in
`procsim.measure`: not everybody's data answer, so ``cost_expected_vnd`` stands beside.
The cost of a paper counts also
where another cost of its procedure (a fee) is not known. Days are those of whole chains,
`procsim.network.ranking`. How good the greedy order is,
and the best set of a given size: `procsim.network.ranking`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.marking.issuers import FAMILIES, SINGLE_PAPERS
from procsim.marking.officer import standing
from procsim.measures.base import (
    Bools,
    Figures,
    Floats,
    Rows,
    active_procedures,
    dossier,
    figures,
    total,
)
from procsim.measures.cost import cost_lines, dossiers_per_year
from procsim.measures.time import level_of_each
from procsim.model.portfolio import Portfolio
from procsim.network.chains import chains, own_burden
from procsim.network.links import links, used_links
from procsim.reference import databases, document_types, holdings
from procsim.reference.calendar import Day, as_day

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
        raise InvalidValue(fault_of("network.choice", place, shorten(value), words=words))


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
        `procsim.network.links.links`, where they are at hand.
    by
        ``"database"`` or ``"document_type"``.
    on
        Day of the look-up; ``None`` looks at law and databases without regard to dates.
    live
        Ids of the databases that are live; those in use or published when not given
        (`procsim.network.ranking.live_databases`); ``()`` for none.
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


# The papers that dossiers ask for, and what would answer each of them.

_LEAST = 1e-9


@dataclass(frozen=True)
class Hits:
    """Which candidates answer which groups, gathered by item (a part, or a row).

    Attributes
    ----------
    group, candidate
        Shape (pairs,): a group, and a candidate that answers it, each pair once.
    pair
        Shape (pairs,): number of the (item, candidate) that each pair belongs to.
    item, by
        Shape (item–candidate pairs,): the item and the candidate.
    """

    group: Rows
    candidate: Rows
    pair: Rows
    item: Rows
    by: Rows

    def freed(self, answered: Bools, item_of: Rows, items: int) -> Bools:
        """Return which (item, candidate) pairs free the item, given groups already answered.

        Parameters
        ----------
        answered, item_of
            Shape (groups,): what is answered, and the item of each group (−1 none).
        items
            Number of items.
        """
        left = np.bincount(item_of[~answered & (item_of >= 0)], minlength=items)
        hits = np.bincount(self.pair, ~answered[self.group], minlength=len(self.item))
        whole: Bools = (hits == left[self.item]) & (left[self.item] > 0)
        return whole


@dataclass(frozen=True)
class Asked:
    """Papers asked for in the base case of active procedures that data do not replace yet.

    Attributes
    ----------
    candidates, answerable
        Ids of databases or document types; whether data can answer them at all: for a
        type, whether a database holds it or an authority issues it.
    row, part, owner
        Shape (groups,): row number of the requirement and of the procedure, number of
        the part.
    live
        Shape (groups,): whether a live database answers it by law (class ``listed``).
    part_owner, papers, cost, hours, year
        Shape (parts,): procedure; papers of the official count; đồng and hours of one
        applicant, once; đồng a year (0 where the volume is not known).
    part_of_row
        Shape (requirements,): for `whole`, a number for each row that falls away when
        all its groups are answered, −1 for the others.
    parts, rows
        The candidates that answer, gathered by part and by whole row.
    listed, coverage
        Shape (pairs of `parts`,): whether the law lists the pair (Điều 4 khoản 1–9), and
        the share of applicants whose data answer.
    keys
        (row number, document type) of every group, one entry for each type.
    volume
        Shape (procedures,): dossiers a year, NaN where not known.
    """

    candidates: pd.Index
    answerable: Bools
    row: Rows
    part: Rows
    owner: Rows
    live: Bools
    part_owner: Rows
    papers: Floats
    cost: Floats
    hours: Floats
    year: Floats
    again: Floats
    assumed: Bools
    part_of_row: Rows
    parts: Hits
    rows: Hits
    listed: Bools
    coverage: Floats
    keys: pd.Series
    volume: Floats

    @property
    def none(self) -> Bools:
        """Nothing answered: the portfolio as it stands."""
        return np.zeros(len(self.row), dtype=bool)

    def by_law(self) -> Asked:
        """Return the same papers, answered only where the law lists the database."""
        size = len(self.candidates)
        group, by = self.parts.group[self.listed], self.parts.candidate[self.listed]
        return replace(
            self,
            parts=_hits(group, by, self.part, size),
            rows=_hits(group, by, self.whole(), size),
            listed=self.listed[self.listed],
            coverage=self.coverage[self.listed],
        )

    def whole(self) -> Rows:
        """Return for each group the number of its whole row, −1 where it has none."""
        return self.part_of_row[self.row]


def live_databases(on: date | None = None) -> tuple[str, ...]:
    """Return the databases that are live: in use, or published by the day `on`.

    Parameters
    ----------
    on
        Day of the look-up; ``None`` takes every published date as past.

    Examples
    --------
    >>> "csdl_dan_cu" in live_databases(), "csdl_dat_dai" in live_databases()
    (True, False)
    """
    table = databases()
    published = pd.to_datetime(table["published"], errors="coerce")
    day = pd.Timestamp.max if on is None else pd.Timestamp(on)
    # A database in use whose publication is not dated is taken as live on any day.
    used = (table["status"] == "in_use") & (published.isna() | (published <= day))
    return tuple(table.index[used | (published <= day)])


def _groups(portfolio: Portfolio, p: Figures) -> pd.DataFrame:
    """Return a line for each paper type asked for, with its group and what it weighs."""
    rows = dossier(portfolio, p)
    table = portfolio.requirements
    due = rows.papers - rows.replaced
    open_rows = rows.base & rows.asked & active_procedures(portfolio)[rows.owner]
    open_rows &= np.asarray((table["kind"] == "document") & (table["types"] != ""))
    refused = [key for key, made in standing(portfolio).items() if made.replaceable == "no"]
    if refused:
        open_rows &= ~table.index.isin(refused)
    at = np.flatnonzero(open_rows & (due > _LEAST))
    frame = pd.DataFrame(
        {
            "row": at,
            "owner": rows.owner[at],
            "due": due[at],
            "papers": rows.papers[at],
            "relation": table["relation"].to_numpy(dtype=object)[at],
            "done": table["replaced_types"].to_numpy(dtype=object)[at],
            "type": table["types"].iloc[at].str.split(";").to_numpy(dtype=object),
        }
    ).explode("type", ignore_index=True)
    partly = np.flatnonzero(frame["done"] != "")
    gone = [i for i in partly if frame["type"].iloc[i] in frame["done"].iloc[i].split(";")]
    frame = frame.drop(index=gone).drop_duplicates(["row", "type"])
    several = frame["relation"].isin(["all", "mixed"]).to_numpy()
    key = np.where(several, frame["type"].to_numpy(dtype=object), "")
    frame["group"] = frame.assign(key=key).groupby(["row", "key"], sort=False).ngroup()
    count = frame.groupby("row")["group"].transform("nunique").to_numpy()
    apart = (frame["relation"] != "mixed").to_numpy() & (frame["due"] >= count - _LEAST).to_numpy()
    frame["whole"] = frame["due"].to_numpy() <= count + _LEAST
    part = np.where(apart, frame["group"], -1 - frame["row"])
    frame["part"] = pd.factorize(part)[0]
    frame["share"] = np.where(apart, np.minimum(1.0, frame["due"] / count), frame["due"])
    return frame.reset_index(drop=True)


def _held(portfolio: Portfolio, frame: pd.DataFrame) -> pd.DataFrame:
    """Return who holds each group: ``database``, ``listed``, ``since``, ``coverage``."""
    marks = portfolio.marks[
        ["requirement", "document_type", "database", "class", "since", "coverage"]
    ]
    marks = marks[(marks["database"] != "").to_numpy()].astype({"class": "str"})
    marks = marks[marks["class"] != "none"]
    row = portfolio.requirements.index.get_indexer(marks["requirement"])
    holders = pd.DataFrame(
        {
            "row": row,
            "type": marks["document_type"].to_numpy(dtype=object),
            "database": marks["database"].to_numpy(dtype=object),
            "listed": (marks["class"] == "listed").to_numpy(),
            "since": marks["since"].to_numpy(dtype=object),
            "coverage": marks["coverage"].to_numpy(dtype=float),
        }
    )
    return frame[["row", "type", "group"]].merge(holders, on=["row", "type"])


def _hits(group: Rows, candidate: Rows, item_of: Rows, count: int) -> Hits:
    """Gather (group, candidate) pairs by item; groups of item −1 are left out."""
    inside = item_of[group] >= 0
    group, candidate = group[inside], candidate[inside]
    key, pair = np.unique(item_of[group] * count + candidate, return_inverse=True)
    return Hits(group, candidate, pair, key // max(count, 1), key % max(count, 1))


def asked_papers(
    portfolio: Portfolio,
    by: str = "database",
    *,
    on: date | None = None,
    live: Collection[str] | None = None,
    parameters: Figures | None = None,
) -> Asked:
    """Return the papers of a marked portfolio and the candidates that answer them.

    Parameters
    ----------
    by
        ``"database"`` or ``"document_type"``.
    on
        Day on which the law and the databases are looked at.
    live
        Ids of the databases that are live; those of `live_databases` when not given.
    """
    p = figures(parameters)
    frame = _groups(portfolio, p)
    held = _held(portfolio, frame)
    live = live_databases(on) if live is None else live
    listed = held["listed"].to_numpy() & held["database"].isin(list(live)).to_numpy()
    if on is not None:
        listed &= (held["since"].fillna("").astype(str) <= on.isoformat()).to_numpy()
    found = frame.drop_duplicates("group").sort_values("group")
    group_live = np.zeros(len(found), dtype=bool)
    group_live[held["group"].to_numpy(dtype=np.intp)[listed]] = True
    names, answerable, pairs = _pairs(frame, held, by)
    group = pairs["group"].to_numpy(dtype=np.intp)
    candidate = names.get_indexer(pairs["id"])
    part, row = found["part"].to_numpy(dtype=np.intp), found["row"].to_numpy(dtype=np.intp)
    whole = np.full(len(portfolio.requirements), -1, dtype=np.intp)
    rows = np.unique(row[found["whole"].to_numpy(dtype=bool)])
    whole[rows] = np.arange(len(rows))
    first = found.drop_duplicates("part").sort_values("part")
    volume = dossiers_per_year(portfolio).to_numpy()
    papers, cost, hours, again, assumed = _weights(portfolio, first, p)
    owner = first["owner"].to_numpy(dtype=np.intp)
    return Asked(
        candidates=names,
        answerable=answerable,
        row=row,
        part=part,
        owner=found["owner"].to_numpy(dtype=np.intp),
        live=group_live,
        part_owner=owner,
        papers=papers,
        cost=cost,
        hours=hours,
        year=cost * np.nan_to_num(volume[owner]),
        again=again,
        assumed=assumed,
        part_of_row=whole,
        parts=_hits(group, candidate, part, len(names)),
        rows=_hits(group, candidate, whole[row], len(names)),
        listed=pairs["listed"].to_numpy(dtype=bool),
        coverage=pairs["coverage"].fillna(p["coverage_default"]).to_numpy(dtype=float),
        keys=frame.set_index(["row", "type"])["group"],
        volume=volume,
    )


def _pairs(
    frame: pd.DataFrame, held: pd.DataFrame, by: str
) -> tuple[pd.Index, Bools, pd.DataFrame]:
    """Return the candidates, which data can answer, and who answers which group."""
    held = held.sort_values("listed", ascending=False, kind="stable")
    if by == "database":
        names = databases().index.union(pd.Index(held["database"].unique()), sort=False)
        answerable = np.ones(len(names), dtype=bool)
        pairs = held[["group", "database", "listed", "coverage"]]
    else:
        names = pd.Index(sorted(frame["type"].unique()), dtype=object)
        known = SINGLE_PAPERS | FAMILIES | set(holdings()["document_type"]) | set(held["type"])
        answerable = np.asarray(names.isin(known))
        best = held.drop_duplicates(["group", "type"])[["group", "type", "listed", "coverage"]]
        pairs = frame[["group", "type"]].merge(best, on=["group", "type"], how="left")
        pairs["listed"] = pairs["listed"].eq(True)
    columns = ["group", "id", "listed", "coverage"]
    return names, answerable, pairs.set_axis(columns, axis=1).drop_duplicates(["group", "id"])


def _weights(
    portfolio: Portfolio, first: pd.DataFrame, p: Figures
) -> tuple[Floats, Floats, Floats, Floats, Bools]:
    """Return what each part weighs, as the cost sheet has it; see `Asked`.

    The sheet is asked twice: with nothing replaced, and with everything replaced by data
    that answer for nobody.
    """
    at = first["row"].to_numpy(dtype=np.intp)
    papers = first["share"].to_numpy(dtype=float)
    share = papers / first["papers"].to_numpy(dtype=float)
    table = portfolio.requirements
    due = table.assign(replaced=0.0)
    gone = table.assign(replaced=dossier(portfolio, p).papers, coverage=0.0)
    lines = cost_lines(portfolio.exchange(requirements=due), p).papers
    again = cost_lines(portfolio.exchange(requirements=gone), p).papers.expected
    hours = np.where(lines.weight > 0, lines.weight * lines.hours, 0.0)
    cost, hours, again = (np.nan_to_num(share * each[at]) for each in (lines.cost, hours, again))
    return papers, cost, hours, again, lines.assumed[at]


# How much sooner whole chains end when some papers need no longer be fetched.

_LATER = 2.0**30  # an issuer of unknown days comes after every other
_AT_ONCE = 96  # states worked out together: bounds the memory


class Waits:
    """The network, ready to be swept with many sets of answered papers at once."""

    def __init__(
        self,
        portfolio: Portfolio,
        known: pd.DataFrame,
        asked: Asked,
        parameters: Figures | None = None,
    ) -> None:
        days = own_burden(portfolio, parameters).days
        made = chains(portfolio, used_links(portfolio, known, parameters), days)
        links = made.links
        size = len(portfolio)
        level = level_of_each(links.issuer, links.owner, size)[links.owner]
        self._bounds = np.searchsorted(level, np.arange(1, int(level.max(initial=0)) + 2))
        self._links = links
        self._days = np.nan_to_num(days)
        self._counted = ~np.isnan(days)
        self._unknown = np.isnan(days)
        new = np.diff(links.row, prepend=-1) != 0
        self._new_paper = new | ~links.alternative
        self._part = self._parts(known, asked)
        self._item_of, self._items = asked.part, len(asked.papers)

    def _parts(self, known: pd.DataFrame, asked: Asked) -> Rows:
        """Return the part that each link belongs to, −1 where none answers it."""
        links = self._links
        kinds = known["document_type"].to_numpy(dtype=object)[links.link]
        group = asked.keys.reindex(pd.MultiIndex.from_arrays([links.row, kinds]))
        number = group.fillna(-1).to_numpy(dtype=np.intp)
        part: Rows = np.append(asked.part, -1)[number]
        return part

    def _ends(self, gone: Bools) -> Floats:
        """Return when each chain ends, shape (procedures, states)."""
        links = self._links
        worst = np.repeat(self._days[:, None], gone.shape[1], axis=1)
        bounds = zip(self._bounds[:-1].tolist(), self._bounds[1:].tolist(), strict=True)
        for low, high in bounds:
            owner, issuer = links.owner[low:high], links.issuer[low:high]
            away = gone[low:high] | ~links.must[low:high, None]
            wait = worst[issuer]
            first = np.flatnonzero(self._new_paper[low:high])
            if len(first) < high - low:
                wait += self._unknown[issuer, None] * _LATER
                wait = np.minimum.reduceat(wait, first)
                wait[wait >= _LATER] -= _LATER
                owner, away = owner[first], away[first]
            wait[away] = 0.0
            starts = np.flatnonzero(np.diff(owner, prepend=-1))
            worst[owner[starts]] += np.maximum.reduceat(wait, starts)
        return worst

    def ends(self, states: npt.NDArray[np.bool_]) -> Floats:
        """Return when each chain ends, for many sets of answered papers.

        Parameters
        ----------
        states
            Shape (states, groups): which groups of papers are answered.

        Returns
        -------
        numpy.ndarray
            Working days, shape (procedures whose own days are known, states).
        """
        made = [np.empty((int(self._counted.sum()), 0))]
        for low in range(0, len(states), _AT_ONCE):
            block = states[low : low + _AT_ONCE]
            left = [np.bincount(self._item_of[~s], minlength=self._items) for s in block]
            answered = np.append(np.stack(left) == 0, np.zeros((len(block), 1), bool), axis=1)
            made.append(self._ends(answered[:, self._part].T)[self._counted])
        return np.concatenate(made, axis=1)


# The set of databases, or of papers, that frees most together, proven by HiGHS.

_SECONDS = 20.0
_SCALE = 1e4  # what all items weigh together in the program
_WORTH_IT = 1e-4  # what one more candidate must add of it
_BEST_LATER = (
    1e-5  # of equal sets the first of the catalogue: what the last candidate pays for that
)


@dataclass(frozen=True, slots=True)
class BestSet:
    """A set of candidates, what it frees, and what no set of its size can exceed.

    Attributes
    ----------
    chosen
        Ids, in the order of the catalogue.
    value
        What the set frees on top of what is answered already.
    bound
        No set of that size frees more; equal to `value` when `exact`.
    exact
        Whether that is proven; else the search ran out of time.
    """

    chosen: tuple[str, ...]
    value: float
    bound: float
    exact: bool

    @property
    def gap(self) -> float:
        """Return how far the bound lies above the value, as a share of the bound."""
        return 1 - self.value / self.bound if self.bound > 0 else 0.0

    @property
    def proven(self) -> Text:
        """Say what is proven of the set."""
        if self.exact:
            return bilingual("network.no_proven_best_set")
        percent = f"{math.floor(1000 * (1 - self.gap)) / 10:.1f}"
        return bilingual(
            "network.least_best_set_proven", percent=Text(percent.replace(".", ","), percent)
        )


@dataclass(frozen=True)
class _Items:
    """What is still to free: weights, the item of each group, who answers."""

    weight: Floats
    item_of: Rows
    hits: Hits


def _items(asked: Asked, value: str) -> _Items:
    if value == "requirements":
        item_of = asked.whole()
        weight = np.ones(int(item_of.max(initial=-1)) + 1)
        return _Items(weight, item_of, asked.rows)
    names = {"cost_vnd": "cost", "cost_year_vnd": "year", "hours": "hours", "papers": "papers"}
    return _Items(getattr(asked, names[value]), asked.part, asked.parts)


def _requirements(
    items: _Items, answered: Bools, useful: Rows
) -> dict[tuple[tuple[int, ...], ...], float]:
    """Return the weight of each different item: for each open group the candidates that answer."""
    place = {int(candidate): at for at, candidate in enumerate(useful)}
    by_group: dict[int, set[int]] = defaultdict(set)
    for group, candidate in zip(
        items.hits.group.tolist(), items.hits.candidate.tolist(), strict=True
    ):
        if candidate in place:
            by_group[group].add(place[candidate])
    of_item: dict[int, set[tuple[int, ...]]] = defaultdict(set)
    for group in np.flatnonzero(~answered & (items.item_of >= 0)).tolist():
        of_item[int(items.item_of[group])].add(tuple(sorted(by_group[group])))
    weights: dict[tuple[tuple[int, ...], ...], float] = defaultdict(float)
    for item, groups in of_item.items():
        # A group that nobody answers keeps its item.
        if () not in groups and items.weight[item] > 0:
            weights[tuple(sorted(groups))] += float(items.weight[item])
    return weights


def _solve(
    requirements: dict[tuple[tuple[int, ...], ...], float], count: int, k: int
) -> tuple[Rows, float]:
    """Return the chosen candidates and the most that any set of that size can free.

    Variables: candidates (0 or 1), then one for each different item, which is whole by
    itself once the candidates are.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    weight = np.array(list(requirements.values()))
    scale = _SCALE / weight.sum()
    price = _WORTH_IT + _BEST_LATER * np.arange(count) / count
    cost = np.concatenate([price, -weight * scale])
    rows = [[*group, count + at] for at, groups in enumerate(requirements) for group in groups]
    entries = [np.array([-1.0] * (len(row) - 1) + [1.0]) for row in rows]
    lengths = np.array([len(row) for row in rows])
    shape = (len(rows), len(cost))
    parts = (np.concatenate(entries), np.concatenate(rows), np.append(0, np.cumsum(lengths)))
    at_most = np.concatenate([np.ones(count), np.zeros(len(weight))])
    solution = milp(
        cost,
        constraints=[
            LinearConstraint(csr_array(parts, shape=shape), -np.inf, 0.0),
            LinearConstraint(at_most[None, :], 0.0, k),
        ],
        integrality=at_most,
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": _SECONDS, "mip_rel_gap": 0.0},
    )
    chosen = (
        np.zeros(0, dtype=np.intp)
        if solution.x is None
        else np.flatnonzero(solution.x[:count] > 0.5)
    )
    bound = math.inf if solution.mip_dual_bound is None else -solution.mip_dual_bound
    most = min(_SCALE, bound + float(np.sort(price)[-k:].sum()))
    return chosen, float(most / scale)


def _freed(
    requirements: dict[tuple[tuple[int, ...], ...], float], chosen: Collection[int]
) -> float:
    """Return what a set frees, counted without the solver."""
    having = set(chosen)
    return math.fsum(
        weight
        for groups, weight in requirements.items()
        if all(having.intersection(group) for group in groups)
    )


def best_set(
    portfolio: Portfolio,
    k: int,
    by: str = "database",
    *,
    value: str = "cost_vnd",
    on: Day | None = None,
    parameters: Figures | None = None,
    live: Collection[str] | None = None,
    candidates: Collection[str] | None = None,
) -> BestSet:
    """Return the set of at most `k` databases or document types that frees most together.

    Parameters
    ----------
    portfolio
        A marked portfolio.
    value
        One of `VALUES`: đồng of one dossier of each procedure, đồng a year (of the known
        volumes), hours, papers of the official count, or whole requirements.
    on, live
        As in `procsim.network.ranking.ranking`: the set comes on top of what is live.
    candidates
        Ids to choose from; when not given, all that data can answer (for document types:
        those that a database holds or an authority issues).

    Returns
    -------
    BestSet
        Proven, or with its bound where the search runs out of time.

    Raises
    ------
    InvalidValue
        For another `by` or `value`, or a `k` below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000001", "case": "c",
    ...         "name": ["CCCD"], "kind": "document", "types": "can_cuoc", "papers": 1.0}),
    ...     "marks": pd.DataFrame({"id": ["m1"], "requirement": "r1", "class": "listed",
    ...         "document_type": "can_cuoc", "database": "csdl_dan_cu"}),
    ... })
    >>> made = best_set(portfolio, 2, value="requirements", live=())
    >>> made.chosen, made.value, made.exact
    (('csdl_dan_cu',), 1.0, True)
    """
    on = as_day(on, "on")
    one_of("best_set › by", by, BY)
    one_of("best_set › value", value, VALUES)
    if k < 1:
        raise InvalidValue(fault_of("network.count", "best_set › k", str(k)))
    asked = asked_papers(portfolio, by, on=on, live=live, parameters=figures(parameters))
    names = asked.candidates
    among = asked.answerable if candidates is None else names.isin(list(candidates))
    requirements = _requirements(_items(asked, value), asked.live, np.flatnonzero(among))
    if not requirements:
        return BestSet((), 0.0, 0.0, True)
    useful = names[np.flatnonzero(among)]
    chosen, most = _solve(requirements, len(useful), k)
    worth = _freed(requirements, chosen.tolist())
    exact = worth >= most * (1 - 1e-6)
    return BestSet(tuple(useful[chosen]), worth, worth if exact else most, exact)
