"""Who saves what: the saving of a plan shared among its reforms or groups of them.

Savings overlap, so they cannot be added up reform by reform: two reforms that
replace the same paper save it once. Shapley values share the total without
preferring an order; each player alone and last shows where savings overlap.

Measures are sums over procedures, so procedures that no reform ties together
are separate games and their shares are added. In a subset where a reform cannot
be applied it does nothing; where a figure becomes unknown in a subset only,
that subset counts as saving nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from procsim.errors import InvalidValue, Text
from procsim.language.i18n import bilingual
from procsim.measures.base import Bools, Figures, Floats, Rows
from procsim.measures.decompose import (
    all_coalitions,
    exact_shares,
    joining,
    random_orders,
    sampled_shares,
)
from procsim.measures.grouping import By as Grouping
from procsim.measures.grouping import column_of, name_of, parts_of
from procsim.measures.table import measure
from procsim.model.portfolio import TABLES, Portfolio
from procsim.model.tables import empty
from procsim.reference import databases, legal_texts
from procsim.reference.law import texts_to_amend
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.conflicts import refuse_contradictions
from procsim.reforms.kinds.changes import place_of
from procsim.reforms.plan import Plan, apply, check_order

By = Literal["reform", "database", "legal_text", "agency"]

#: Columns of `effects` and the measure that each shares out.
METRICS = {
    "days": "statutory_days",
    "cost_vnd": "cost_vnd",
    "documents": "documents",
    "conditions": "conditions",
    "cost_year_vnd": "cost_year_vnd",
    "step_days": "step_days",
    "documents_expected": "documents_expected",
    "cost_expected_vnd": "cost_expected_vnd",
}
#: The player to whom reforms belong that name none.
WITHOUT = {
    "database": bilingual("reforms.no_needs_database"),
    "legal_text": bilingual("reforms.no_legal_text_stated"),
    "agency": bilingual("reforms.no_agency_stated"),
}
_BY = ("reform", *WITHOUT)
Sharing: TypeAlias = By | Grouping
_PAIRS_AT_LEAST = 2


def effects(
    portfolio: Portfolio,
    plan: Plan,
    by: Sharing = "reform",
    parameters: Figures | None = None,
    *,
    exact: int = 8,
    permutations: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the share of each reform, or group of reforms, in what a plan saves.

    Parameters
    ----------
    portfolio
        The baseline.
    plan
        The plan; reforms keep its order within every subset that is tried.
    by
        Who shares: a reform acts once all its databases answer, all its legal
        texts are amended, all agencies that answer for it act (``lead``, else
        the ministry of its procedure). Any other grouping of `procsim.summarise`
        (``"ministry"``, ``"field"``, a Series by procedure id …) shares among the
        groups of the procedure that the reform belongs to.
    parameters
        Dated figures of the cost sheet, as for `procsim.measure`.
    exact
        Up to how many players on connected procedures the shares are exact.
    permutations, seed
        How many random orders are drawn beyond that, at least four, and their seed.

    Returns
    -------
    pandas.DataFrame
        A row for each reform (index ``position``, 1 for the first) with
        ``kind``, ``target``, ``change_vi`` and ``change_en``; or for each group
        with ``name_vi``, ``name_en`` and ``reforms``. Then, for each metric of
        `METRICS`, what it saves (before − after, so savings are positive):
        ``days`` (the share of the total), ``days_alone`` (with no other
        reform), ``days_last`` (added to all others) and ``days_error`` (the
        standard error; 0 where exact); and ``procedures``, how many it
        touches. NaN where the figure is not known for any of them.

        ``frame.attrs["total"]`` is what the whole plan saves, equal to the sum
        of the shares; ``frame.attrs["left_out"]`` the number of touched
        procedures whose figure is unknown before or after and which are
        therefore in no sum; ``frame.attrs["by"]`` as given.

    Raises
    ------
    InvalidValue
        With every error of `procsim.reforms.conflicts`: a plan that cannot be
        applied, or contradicts itself, saves nothing that could be shared.
    UnknownName
        For another `by`.

    Examples
    --------
    Two reforms that drop the same paper share it:

    >>> from procsim.reforms import DropRequirement
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "requirements": pd.DataFrame({"id": ["1.000001/c1/r1"], "procedure": "1.000001",
    ...         "case": "1.000001/c1", "name": ["Bản sao"], "kind": ["document"], "papers": 1.0}),
    ... })
    >>> plan = Plan([DropRequirement("1.000001/c1/r1"), DropRequirement("1.000001/c1/r1")])
    >>> made = effects(portfolio, plan)
    >>> made[["documents", "documents_alone", "documents_last"]].values.tolist()
    [[0.5, 1.0, 0.0], [0.5, 1.0, 0.0]]
    """
    check_order("effects", portfolio, plan)
    refuse_contradictions(portfolio, plan)
    needs, names = _players(portfolio, plan, by)
    games = [
        _game(procedures, at, needs, exact, max(permutations // 2, _PAIRS_AT_LEAST), (seed, number))
        for number, (procedures, at) in enumerate(_components(plan))
    ]
    blocks = [
        Block(game.procedures, tuple(plan.reforms[i] for i in game.reforms), game.subsets)
        for game in games
    ]
    figures = evaluate(blocks, portfolio, list(METRICS.values()), parameters)
    return _frame(plan, by, names, needs, games, figures)


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def _keys(reform: Reform, portfolio: Portfolio, by: str) -> tuple[str, ...]:
    """Return whom a reform needs in order to act; empty where it names nobody."""
    if by == "database":
        return tuple(dict.fromkeys(getattr(reform, "databases", ())))
    if by == "legal_text":
        needed = tuple(number for number, _ in texts_to_amend(reform.legal_numbers, reform.rank))
        return needed or _split(reform.legal_text)[:1]
    return _split(reform.lead) or _split(
        str(portfolio.procedures.at[reform.procedure_ids[0], "ministry"])
    )


def _players(
    portfolio: Portfolio, plan: Plan, by: Sharing
) -> tuple[list[tuple[int, ...]], list[str]]:
    """Return the players that each reform needs, by number, and the keys of the players."""
    if isinstance(by, str) and by == "reform":
        return [(i,) for i in range(len(plan))], [str(i) for i in range(1, len(plan) + 1)]
    if isinstance(by, str) and by in WITHOUT:
        wanted = [_keys(reform, portfolio, by) or ("",) for reform in plan.reforms]
    else:
        words = column_of(portfolio.procedures, by, *_BY)
        wanted = [parts_of(words[reform.procedure_ids[0]], by) for reform in plan.reforms]
    names = sorted({key for keys in wanted for key in keys}, key=lambda key: (key == "", key))
    number = {key: i for i, key in enumerate(names)}
    return [tuple(number[key] for key in keys) for keys in wanted], names


def _components(plan: Plan) -> list[tuple[tuple[str, ...], list[int]]]:
    """Return procedures that reforms tie together, with the reforms that touch them."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for reform in plan.reforms:
        first, *others = reform.procedure_ids
        for other in (first, *others):
            parent[root(other)] = root(first)
    procedures: dict[str, list[str]] = defaultdict(list)
    for key in list(parent):
        procedures[root(key)].append(key)
    reforms: dict[str, list[int]] = defaultdict(list)
    for position, reform in enumerate(plan.reforms):
        reforms[root(reform.procedure_ids[0])].append(position)
    return [(tuple(procedures[key]), reforms[key]) for key in procedures]


@dataclass(frozen=True)
class _Game:
    """One game: some players on procedures that nothing ties to others.

    Attributes
    ----------
    procedures, reforms, players
        Ids; positions in the plan; numbers of the players.
    subsets
        Distinct subsets of `reforms` to evaluate.
    nobody, everybody, alone, but
        Row in `subsets` of no player, of all, of each alone, of all but each.
    coalitions
        Row in `subsets` of every coalition whose value the shares need.
    orders
        The random orders; None where the shares are exact.
    """

    procedures: tuple[str, ...]
    reforms: tuple[int, ...]
    players: Rows
    subsets: Bools
    nobody: int
    everybody: int
    alone: Rows
    but: Rows
    coalitions: Rows
    orders: Rows | None

    def shares(self, saved: Floats) -> tuple[Floats, Floats]:
        """Return shares and errors, shape (players, metrics), from the subsets' savings."""
        if self.orders is None:
            shares = exact_shares(saved[self.coalitions], len(self.players))
            return shares, np.zeros_like(shares)
        return sampled_shares(self.orders, saved[self.coalitions])


def _game(
    procedures: tuple[str, ...],
    reforms: Sequence[int],
    needs: Sequence[tuple[int, ...]],
    exact: int,
    pairs: int,
    seed: tuple[int, int],
) -> _Game:
    players = np.array(sorted({player for i in reforms for player in needs[i]}), dtype=np.intp)
    count = len(players)
    needed = np.zeros((len(reforms), count), dtype=np.float32)
    for row, i in enumerate(reforms):
        needed[row, np.searchsorted(players, needs[i])] = 1
    orders = None
    if count <= exact:
        shape: tuple[int, ...] = (2**count,)
        members = all_coalitions(count)
    else:
        orders = random_orders(count, pairs, np.random.default_rng(seed))
        shape = (len(orders), count + 1)
        members = joining(orders).reshape(-1, count)
    one = np.eye(count, dtype=bool)
    ends = np.array([[False], [True]]).repeat(count, axis=1)
    asked = np.concatenate([members, one, ~one, ends])
    acting = (~asked).astype(np.float32) @ needed.T == 0
    subsets, row_of = np.unique(acting, axis=0, return_inverse=True)
    row_of = row_of.ravel()
    parts = np.split(row_of, np.cumsum([len(members), count, count]))
    coalitions, alone, but, (nobody, everybody) = parts
    return _Game(
        procedures=procedures,
        reforms=tuple(reforms),
        players=players,
        subsets=subsets,
        nobody=int(nobody),
        everybody=int(everybody),
        alone=alone,
        but=but,
        coalitions=coalitions.reshape(shape),
        orders=orders,
    )


@dataclass
class _Sums:
    """What all games add up to, arrays of shape (players, metrics)."""

    share: Floats
    variance: Floats
    alone: Floats
    last: Floats
    known: Bools
    total: Floats
    left_out: Rows


def _added(games: Sequence[_Game], figures: Sequence[Floats], players: int) -> _Sums:
    size = (players, len(METRICS))
    sums = _Sums(
        share=np.zeros(size),
        variance=np.zeros(size),
        alone=np.zeros(size),
        last=np.zeros(size),
        known=np.zeros(size, dtype=bool),
        total=np.full(len(METRICS), np.nan),
        left_out=np.zeros(len(METRICS), dtype=np.intp),
    )
    for game, values in zip(games, figures, strict=True):
        before, after = values[game.nobody], values[game.everybody]
        known = ~np.isnan(before) & ~np.isnan(after)
        # A figure that only a subset makes unknown shows no saving there.
        saved = np.where(known & ~np.isnan(values), before - values, 0.0).sum(axis=1)
        some = known.any(axis=0)
        share, error = game.shares(saved)
        sums.share[game.players] += share
        sums.variance[game.players] += error**2
        sums.alone[game.players] += saved[game.alone]
        sums.last[game.players] += saved[game.everybody] - saved[game.but]
        sums.known[game.players] |= some
        whole = saved[game.everybody]
        sums.total = np.where(some, np.nan_to_num(sums.total) + whole, sums.total)
        sums.left_out += (~known).sum(axis=0)
    return sums


def _frame(
    plan: Plan,
    by: Sharing,
    names: Sequence[str],
    needs: Sequence[tuple[int, ...]],
    games: Sequence[_Game],
    figures: Sequence[Floats],
) -> pd.DataFrame:
    sums = _added(games, figures, len(names))
    frame = _labels(plan, by, names, needs)
    for number, metric in enumerate(METRICS):
        parts = {
            metric: sums.share,
            f"{metric}_alone": sums.alone,
            f"{metric}_last": sums.last,
            f"{metric}_error": np.sqrt(sums.variance),
        }
        for name, values in parts.items():
            frame[name] = np.where(sums.known[:, number], values[:, number], np.nan)
    touched: list[set[str]] = [set() for _ in names]
    for reform, players in zip(plan.reforms, needs, strict=True):
        for player in players:
            touched[player].update(reform.procedure_ids)
    frame["procedures"] = [len(ids) for ids in touched]
    frame.attrs = {
        "by": name_of(by),
        "total": dict(zip(METRICS, sums.total.tolist(), strict=True)),
        "left_out": dict(zip(METRICS, sums.left_out.tolist(), strict=True)),
    }
    return frame


def _labels(
    plan: Plan, by: Sharing, names: Sequence[str], needs: Sequence[tuple[int, ...]]
) -> pd.DataFrame:
    if isinstance(by, str) and by == "reform":
        sentences = [reform.describe() for reform in plan.reforms]
        return pd.DataFrame(
            {
                "kind": [reform.kind for reform in plan.reforms],
                "target": [reform.target for reform in plan.reforms],
                "change_vi": [sentence.vi for sentence in sentences],
                "change_en": [sentence.en for sentence in sentences],
            },
            index=pd.RangeIndex(1, len(plan) + 1, name="position"),
        )
    titles = [_title(key, plan, by) for key in names]
    count = np.bincount([p for players in needs for p in players], minlength=len(names))
    return pd.DataFrame(
        {
            "name_vi": [title.vi for title in titles],
            "name_en": [title.en for title in titles],
            "reforms": count,
        },
        index=pd.Index(
            [key or WITHOUT[name_of(by)].vi for key in names], name=name_of(by), dtype="str"
        ),
    )


def _title(key: str, plan: Plan, by: Sharing) -> Text:
    by = name_of(by)
    if not key:
        return WITHOUT[by]
    if by == "database" and key in databases().index:
        return Text(*databases().loc[key, ["name_vi", "name_en"]])
    if by == "legal_text":
        listed = legal_texts()
        if key in listed.index:
            return Text(listed.at[key, "title"], listed.at[key, "title"])
        stated = [r.legal_text for r in plan.reforms if r.legal_numbers[:1] == (key,)]
        return Text(*2 * (next(filter(None, stated), key),))
    return Text(key, key)


# Many subsets of a plan applied and measured at once.

# No measure reads these; leaving them out halves the work of copying.
_UNMEASURED = frozenset({"legal_bases", "results", "marks", "decisions"})
_BATCH = 4_000  # procedures laid side by side at once, so that memory stays bounded


@dataclass(frozen=True)
class Block:
    """Procedures that reforms tie together, and the subsets of these reforms to try.

    Attributes
    ----------
    procedures
        Ids of the procedures.
    reforms
        The reforms, in the order of their plan.
    subsets
        Shape (subsets, reforms): which of the reforms act.
    """

    procedures: tuple[str, ...]
    reforms: tuple[Reform, ...]
    subsets: Bools


def evaluate(
    blocks: Sequence[Block],
    portfolio: Portfolio,
    columns: Sequence[str],
    parameters: Figures | None = None,
) -> list[Floats]:
    """Return the measures of each block's procedures after each subset of its reforms.

    A reform that cannot be applied in a subset, because what it builds on is
    not there, does nothing in it.

    Returns
    -------
    list of numpy.ndarray
        For each block, shape (subsets, procedures, columns).
    """
    stock = _Stock(portfolio, {i for block in blocks for i in block.procedures})
    copies = [
        (block, subset) for block in blocks for subset in block.subsets if len(block.procedures)
    ]
    figures = [
        measure(_applied(*stock.stacked(batch)), parameters)[list(columns)].to_numpy(dtype=float)
        for batch in _batches(copies)
    ]
    rows = np.concatenate(figures) if figures else np.empty((0, len(columns)))
    shapes = [(len(b.subsets), len(b.procedures), len(columns)) for b in blocks]
    ends = np.cumsum([count * width for count, width, _ in shapes], dtype=int)
    parts = np.split(rows, ends[:-1]) if len(ends) else []
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


Copy = tuple[Block, Bools]


def _batches(copies: Sequence[Copy]) -> Iterator[list[Copy]]:
    batch: list[Copy] = []
    size = 0
    for block, subset in copies:
        if batch and size + len(block.procedures) > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append((block, subset))
        size += len(block.procedures)
    if batch:
        yield batch


def _applied(portfolio: Portfolio, plan: Plan) -> Portfolio:
    """Return the portfolio after the plan; reforms that cannot be applied are left out."""
    while True:
        try:
            return apply(portfolio, plan)
        except InvalidValue as error:
            places = {fault.place for fault in error.faults}
            kept = [
                reform
                for position, reform in enumerate(plan.reforms, start=1)
                if place_of(position, reform) not in places
            ]
            if len(kept) == len(plan):  # nothing that a reform is to blame for
                raise
            plan = Plan(tuple(kept))


def _renamed(key: str, mark: str) -> str:
    """Return the id of a copy: ``1.004222/c1/r3`` of copy ``~7`` is ``1.004222~7/c1/r3``."""
    head, slash, tail = key.partition("/")
    return f"{head}{mark}{slash}{tail}" if key else key


class _Stock:
    """The tables from which copies are taken, their ids split where a mark goes in."""

    def __init__(self, portfolio: Portfolio, procedures: set[str]) -> None:
        order = [i for i in portfolio.procedures.index if i in procedures]
        self.part = portfolio.select(order)
        self.names = [name for name in TABLES if name not in _UNMEASURED]
        self.place = {key: row for row, key in enumerate(order)}
        self.rows: dict[str, tuple[Rows, Rows]] = {}
        self.texts: dict[tuple[str, str], tuple[Floats, Floats]] = {}
        for name in self.names:
            frame = getattr(self.part, name)
            owner = (
                np.arange(len(order))
                if name == "procedures"
                else self.part.positions(name, "procedure")
            )
            by_owner = np.argsort(owner, kind="stable")
            starts = np.searchsorted(owner[by_owner], np.arange(len(order) + 1))
            self.rows[name] = (by_owner, starts)
            for column in ("id", *(c.name for c in table(name).references)):
                keys = frame.index if column == "id" else frame[column]
                split = [key.partition("/") for key in keys]
                self.texts[name, column] = (
                    np.array([head for head, _, _ in split], dtype=object),
                    np.array([slash + tail for _, slash, tail in split], dtype=object),
                )

    def stacked(self, copies: Sequence[Copy]) -> tuple[Portfolio, Plan]:
        """Return the copies as one portfolio, and the plan that has a part for each."""
        marks = [f"~{number}" for number in range(len(copies))]
        counts = [len(block.procedures) for block, _ in copies]
        at = np.array([self.place[i] for block, _ in copies for i in block.procedures], dtype=int)
        mark = np.repeat(np.array(marks, dtype=object), counts)
        tables = {name: self._copied(name, at, mark) for name in self.names}
        tables |= {name: empty(name) for name in _UNMEASURED}
        reforms = [
            _of_copy(block.reforms[number], mark_of)
            for (block, subset), mark_of in zip(copies, marks, strict=True)
            for number in np.flatnonzero(subset)
        ]
        return Portfolio(**tables), Plan(tuple(reforms))

    def _copied(self, name: str, at: Rows, mark: Floats) -> pd.DataFrame:
        by_owner, starts = self.rows[name]
        lengths = starts[at + 1] - starts[at]
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        rows = by_owner[np.repeat(starts[at], lengths) + offsets]
        marks = np.repeat(mark, lengths)
        frame = getattr(self.part, name).iloc[rows]
        made: dict[str, pd.Series] = {}
        index = pd.Index(self._keys(name, "id", rows, marks), dtype=frame.index.dtype, name="id")
        for column in (c.name for c in table(name).references):
            keys = self._keys(name, column, rows, marks)
            made[column] = pd.Series(keys, index=index, dtype=frame[column].dtype)
        frame = frame.set_axis(index, axis=0)
        return frame.assign(**made) if made else frame

    def _keys(self, name: str, column: str, rows: Rows, marks: Floats) -> Floats:
        heads, tails = self.texts[name, column]
        keys = heads[rows] + marks + tails[rows]
        return np.where(heads[rows] == "", "", keys) if column != "id" else keys


def _of_copy(reform: Reform, mark: str) -> Reform:
    """Return the reform with every id in it that of the copy."""
    made = copy(reform)
    for name in reform.refers:
        value = getattr(reform, name)
        if isinstance(value, tuple):
            value = tuple(_renamed(item, mark) for item in value)
        elif value is not None:
            value = _renamed(value, mark)
        # A copy is as valid as its original; checking 50,000 of them again takes most of the time.
        object.__setattr__(made, name, value)
    return made
