"""The papers that dossiers ask for, and what would answer each of them.

A **group** is what one paper can be: of alternatives (relation *any*) one group with all
their types, of papers that are all due (*all*) one group each. A database, or the data of
a document type, answers a group when it holds one of its types. A **part** is what falls
away at once, with its share of the row's cost: a group by itself where every group counts
as a paper; else (a row of mixed relation, or of fewer papers than types) the whole row,
when all its groups are answered, so that nothing is claimed which the words of the row
may not bear out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from procsim.marking.issuers import FAMILIES, SINGLE_PAPERS
from procsim.marking.officer import standing
from procsim.measures.arrays import Bools, Floats, Rows
from procsim.measures.base import Figures, active_procedures, dossier, figures
from procsim.measures.cost import cost_lines, dossiers_per_year
from procsim.model.portfolio import Portfolio
from procsim.reference import databases, holdings

__all__ = ["Asked", "Hits", "asked_papers", "live_databases"]

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
