"""Where a change comes from: reform, volume, income, parameters or method.

Two years differ in more than the law: GDP per head grows, volumes change,
norms are estimated anew, the same text is read better. The change is shared
among these causes by Shapley values, so it does not matter which is turned
first, and a cut that is no reform is named so.

A plan that cuts the times per year, moves dossiers online or merges procedures
shows as volume for that part: two portfolios do not tell why a volume changed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from procsim.errors import NOTHING, Text
from procsim.language.i18n import bilingual
from procsim.measures.base import Bools, Figures, Floats, Rows, equal, figures, total
from procsim.measures.grouping import By, rows_of
from procsim.measures.sheet import REASONS
from procsim.measures.table import measure
from procsim.model.diff import Pairs, Spellings, procedure_pairs, row_pairs
from procsim.model.portfolio import Portfolio

METRICS = ("cost_year_vnd", "cost_vnd", "statutory_days", "documents")
#: Where `measure` says why each metric is missing; the first that says something counts.
_WHY = (("cost_why", "dossiers_why"), ("cost_why",), ("statutory_why",), ("documents_why",))
#: Causes of a change, in the order of the columns.
FACTORS: dict[str, Text] = {
    "reform": bilingual("measures.reform_published_content"),
    "volume": bilingual("measures.other_volumes_channel_shares"),
    "income": bilingual("measures.another_hourly_income"),
    "parameters": bilingual("measures.other_norms_assumptions"),
    "method": bilingual("measures.another_reading_same_text"),
    "catalogue": bilingual("measures.list_new_ended_procedures"),
    "unseparated": bilingual("measures.no_told_apart"),
}
_TURNED = ("reform", "volume", "income", "parameters", "method")
_ROUNDING = 1e-9


def decompose(
    before: Portfolio,
    after: Portfolio,
    parameters_before: Figures | None = None,
    parameters_after: Figures | None = None,
    by: By | None = None,
) -> pd.DataFrame:
    """Return how much of the change in each metric comes from which cause.

    Parameters
    ----------
    before, after
        Two years, two snapshots, or a baseline and what a plan makes of it.
        Procedures and rows are the same as for `procsim.model.diff.diff`.
    parameters_before, parameters_after
        Dated figures of the cost sheet; by default the newest for both.
    by
        As in `procsim.measures.compare.compare`.

    Returns
    -------
    pandas.DataFrame
        A row for each group and metric of `METRICS`: ``group``, ``metric``,
        ``before``, ``after``, ``saved`` (before − after) and its parts, which
        add up to it: ``reform`` (rows, limits, fees, status), ``volume``
        (times, subjects, shares of the channels), ``income`` (GDP per head,
        working hours), ``parameters`` (all other assumptions, and hours, prices
        and shares entered for single rows), ``method`` (the same words read
        otherwise), ``catalogue`` (procedures that are in one of the two only)
        and ``unseparated`` (procedures known before and after, but not in
        every mixture). ``procedures`` counts those whose figure is known,
        ``missing`` the others. ``not_reform`` is true where there is a cut of
        which nothing comes from reform, and ``note_vi``, ``note_en`` say so.

    Raises
    ------
    UnknownName
        For a grouping that does not exist.

    Examples
    --------
    A limit cut from 10 to 6 working days:

    >>> def with_limit(days):
    ...     return Portfolio.from_tables({
    ...         "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...         "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...             "limit_value": [days], "limit_unit": "working_day"}),
    ...     })
    >>> made = decompose(with_limit(10.0), with_limit(6.0)).set_index("metric")
    >>> made.loc["statutory_days", ["saved", "reform", "income"]].astype(float).tolist()
    [4.0, 4.0, 0.0]
    """
    p_before, p_after = figures(parameters_before), figures(parameters_after)
    shared = common(before, after)
    active, values, whys = _values(shared, p_before, p_after)
    ended = before.select(list(before.procedures.index[shared.ended]))
    new = after.select(list(after.procedures.index[shared.new]))
    (gone, gone_why), (come, come_why) = _measured(ended, p_before), _measured(new, p_after)
    first = np.concatenate([values[0], gone, np.zeros_like(come)])
    then = np.concatenate([values[-1], np.zeros_like(gone), come])
    parts = np.zeros((len(FACTORS), *first.shape))
    _share_out(parts[:, : len(shared.before)], active, values)
    parts[list(FACTORS).index("catalogue"), len(shared.before) :] = np.concatenate([gone, -come])
    labels = pd.concat([p.procedures for p in (shared.before, ended, new)])
    why = np.concatenate([np.where(whys[0] != "", whys[0], whys[-1]), gone_why, come_why])
    return _frame(first, then, parts, why, labels, by)


def _measured(portfolio: Portfolio, p: Figures) -> tuple[Floats, np.ndarray]:
    """Return the figures and why they are missing, both of shape (procedures, metrics)."""
    made = measure(portfolio, p)
    why = [
        made[list(names)].agg(lambda row: next(filter(None, row), ""), axis=1)
        if len(names) > 1
        else made[names[0]]
        for names in _WHY
    ]
    figures = made[list(METRICS)].to_numpy(dtype=float)
    return figures, np.where(np.isnan(figures), np.stack([w.to_numpy(object) for w in why], 1), "")


def _values(
    shared: Common, before: Figures, after: Figures
) -> tuple[list[str], Floats, list[np.ndarray]]:
    """Return the causes that differ, and the measures with each subset of them turned.

    The measures have the shape (2**causes, procedures, metrics); why some are missing
    stands beside, one array for each subset.
    """
    differs = {
        "income": before.hourly_income_vnd != after.hourly_income_vnd,
        "parameters": _others_differ(before, after) or shared.differs("parameters"),
        "reform": True,
        "volume": shared.differs("volume"),
        "method": shared.differs("method"),
    }
    active = [cause for cause in _TURNED if differs[cause]]
    measured = []
    for turned in all_coalitions(len(active)):
        later = {cause for cause, on in zip(active, turned, strict=True) if on}
        p = MixedFigures(
            after if "income" in later else before, after if "parameters" in later else before
        )
        measured.append(_measured(shared.mixed(later), p))
    return active, np.stack([values for values, _ in measured]), [why for _, why in measured]


def _others_differ(before: Figures, after: Figures) -> bool:
    if before is after:
        return False
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return dict(before) != dict(after)
    return True


def _share_out(parts: Floats, active: list[str], values: Floats) -> None:
    """Fill in what each cause saves of each procedure; NaN where a figure is unknown."""
    names = list(FACTORS)
    saved = values[0] - values
    mixed = ~np.isnan(saved).any(axis=0)
    shares = exact_shares(np.where(mixed, saved, 0.0), len(active))
    for number, cause in enumerate(active):
        parts[names.index(cause)] = shares[number]
    parts[names.index("unseparated")] = np.where(mixed, 0.0, saved[-1])


def _frame(
    first: Floats, then: Floats, parts: Floats, why: np.ndarray, labels: pd.DataFrame, by: By | None
) -> pd.DataFrame:
    rows, group, names = rows_of(labels, by)
    size = len(names)
    made = []
    for number, metric in enumerate(METRICS):
        known: Bools = ~np.isnan(first[rows, number]) & ~np.isnan(then[rows, number])
        count = total(group, known.astype(float), size)

        def summed(values: Floats, known: Bools = known, count: Floats = count) -> Floats:
            sums = total(group, np.where(known, values, 0.0), size)
            return np.where(count > 0, sums, np.nan)

        old, new = summed(first[rows, number]), summed(then[rows, number])
        columns: dict[str, object] = {"group": names, "metric": metric, "before": old, "after": new}
        columns["saved"] = old - new
        for part, cause in enumerate(FACTORS):
            columns[cause] = summed(parts[part, rows, number])
        columns["procedures"] = count.astype(int)
        columns["missing"] = (total(group, None, size) - count).astype(int)
        lacking = pd.DataFrame({"group": group[~known], "code": why[rows[~known], number]})
        codes = lacking.groupby("group")["code"].agg(lambda own: ";".join(own.value_counts().index))
        columns["why"] = codes.reindex(range(size), fill_value="").to_numpy(object)
        made.append(pd.DataFrame(columns))
    frame = pd.concat(made, ignore_index=True)
    order = np.arange(len(frame)).reshape(len(METRICS), size).T.ravel()
    return _with_notes(frame.iloc[order].reset_index(drop=True))


def _with_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that name a cut of which nothing comes from reform."""
    least = _ROUNDING * np.maximum(frame["before"].abs(), 1.0)
    real = frame[["reform", "catalogue", "unseparated"]].gt(least, axis=0).any(axis=1)
    not_reform = (frame["saved"] > least) & ~real
    notes = [
        _note(row, floor) if named else _missing(row)
        for row, floor, named in zip(frame.to_dict("records"), least, not_reform, strict=True)
    ]
    return frame.assign(
        not_reform=not_reform,
        note_vi=[note.vi for note in notes],
        note_en=[note.en for note in notes],
    )


def _missing(row: dict[str, object]) -> Text:
    """Return why nothing is known, where that is so."""
    if row["procedures"] or not row["missing"]:
        return NOTHING
    words = [REASONS[code] for code in str(row["why"]).split(";") if code in REASONS]
    reason = Text(*("; ".join(parts) for parts in zip(*words, strict=True))) if words else ""
    return bilingual("decompose.nothing_known", count=row["missing"], reason=reason)


def _note(row: dict[str, float], least: float) -> Text:
    causes = sorted((c for c in _TURNED[1:] if row[c] > least), key=lambda c: -row[c])
    vi, en = (
        ", ".join(FACTORS[cause].in_language(language) for cause in causes)
        for language in ("vi", "en")
    )
    return bilingual("measures.no_only_because_reform", words=Text(vi, en))


# Portfolios between two: the content of one year with the volumes or readings of another.

_INCOME = frozenset({"gdp_per_head_vnd", "working_hours_per_year", "hourly_income_vnd"})
# What marking fills in from the words of a dossier row.
_READ = ("kind", "types", "relation", "papers", "conditional", "applicant_group")
_ESTIMATED = ("hours", "purchase_vnd", "share_needed", "share_held")


@dataclass(frozen=True)
class MixedFigures:
    """Parameters with the hourly income of one set and everything else of another."""

    income: Figures
    others: Figures

    @property
    def hourly_income_vnd(self) -> float:
        """TNBQ of one person in one working hour, in đồng."""
        return self.income.hourly_income_vnd

    def __getitem__(self, name: str) -> float:
        return self._of(name)[name]

    def mark(self, name: str) -> str:
        """Return ``luật``, ``công bố``, ``nhập`` or ``giả định``."""
        return self._of(name).mark(name)

    def _of(self, name: str) -> Figures:
        return self.income if name in _INCOME else self.others


@dataclass(frozen=True)
class _Cells:
    """Columns of one table at rows that both portfolios have."""

    table: str
    columns: tuple[str, ...]
    before: Rows
    after: Rows


@dataclass(frozen=True)
class Common:
    """The procedures that two portfolios have in common, in the same order.

    Attributes
    ----------
    before, after
        The two, with these procedures only.
    ended, new
        Row numbers, in the portfolios given to `common`, of the procedures
        that are only before, or only after.
    """

    before: Portfolio
    after: Portfolio
    ended: Rows
    new: Rows

    def differs(self, cause: str) -> bool:
        """Return whether the portfolios differ in ``volume``, ``parameters`` or ``method``."""
        return any(
            not getattr(self.before, cells.table)[column]
            .iloc[cells.before]
            .reset_index(drop=True)
            .equals(
                getattr(self.after, cells.table)[column].iloc[cells.after].reset_index(drop=True)
            )
            for cells in self._cells[cause]
            for column in cells.columns
        )

    def mixed(self, later: Collection[str]) -> Portfolio:
        """Return the portfolio in which the causes `later` are those of after.

        Parameters
        ----------
        later
            Of ``reform`` (the content as published), ``volume``, ``parameters``
            (hours, prices and shares entered for single rows) and ``method``.
        """
        content = "reform" in later
        base, other = (self.after, self.before) if content else (self.before, self.after)
        made = base
        for cause, several in self._cells.items():
            if (cause in later) != content:
                for cells in several:
                    made = _exchanged(made, other, cells, content)
        return made

    @cached_property
    def _cells(self) -> dict[str, tuple[_Cells, ...]]:
        whole = np.arange(len(self.before))
        pairs = {
            name: row_pairs(
                self.before, self.after, name, Pairs(whole, whole, whole[:0], whole[:0])
            )
            for name in ("cases", "channels", "fees", "requirements")
        }
        ways, rows = pairs["channels"], self._without_mergers(pairs["requirements"])
        return {
            "volume": (
                _Cells("procedures", ("times_per_year", "subjects_per_year"), whole, whole),
                _Cells("channels", ("share",), ways.old, ways.new),
            ),
            "parameters": (_Cells("requirements", _ESTIMATED, rows.old, rows.new),),
            "method": (
                self._same_words("requirements", ("name",), _READ, rows),
                self._certified(rows),
                self._same_words("cases", ("name",), ("kind",), pairs["cases"]),
                self._same_words("channels", ("limit_text",), ("limit_value", "limit_unit"), ways),
                self._same_words(
                    "fees", ("amount_text", "note"), ("amount_vnd", "kind"), pairs["fees"]
                ),
            ),
        }

    def _without_mergers(self, pairs: Pairs) -> Pairs:
        """Return the pairs outside dossiers in which papers were merged.

        The paper that is kept is then asked of more applicants, under the same
        name: that comes from the reform, not from another reading.
        """
        merged = [
            total(
                portfolio.positions("requirements", "procedure"),
                equal(portfolio.requirements["status"], "merged").astype(float),
                len(portfolio),
            )
            for portfolio in (self.before, self.after)
        ]
        owner = self.before.positions("requirements", "procedure")[pairs.old]
        same = (merged[0] == merged[1])[owner]
        return replace(pairs, old=pairs.old[same], new=pairs.new[same])

    def _same_words(
        self, name: str, texts: tuple[str, ...], columns: tuple[str, ...], pairs: Pairs
    ) -> _Cells:
        """Return the cells that were read from the same words, and not from none."""
        spelled = Spellings()
        same = np.ones(len(pairs.old), dtype=bool)
        for text in texts:
            one, other = (
                spelled.of(getattr(portfolio, name)[text].iloc[at]).to_numpy()
                for portfolio, at in ((self.before, pairs.old), (self.after, pairs.new))
            )
            same &= one == other
            if text == texts[0]:
                same &= one != ""
        return _Cells(name, columns, pairs.old[same], pairs.new[same])

    def _certified(self, pairs: Pairs) -> _Cells:
        """Return where a certified copy is only read differently.

        Where it is no longer asked for and nothing else in the row is read
        differently, a plain copy is accepted: that is a reform.
        """
        cells = self._same_words("requirements", ("name",), ("certified",), pairs)
        one = self.before.requirements.iloc[cells.before]
        other = self.after.requirements.iloc[cells.after]
        alike = np.ones(len(one), dtype=bool)
        for column in ("kind", "types", "relation", "conditional"):
            alike &= one[column].to_numpy() == other[column].to_numpy()
        fell = one["certified"].to_numpy(dtype=bool) & ~other["certified"].to_numpy(dtype=bool)
        read: Bools = ~(alike & fell)
        return _Cells("requirements", cells.columns, cells.before[read], cells.after[read])


def common(before: Portfolio, after: Portfolio) -> Common:
    """Return the procedures that two portfolios share, ready to be mixed."""
    pairs = procedure_pairs(before, after)
    return Common(
        before.select(list(before.procedures.index[pairs.old])),
        after.select(list(after.procedures.index[pairs.new])),
        pairs.removed,
        pairs.added,
    )


def _exchanged(base: Portfolio, other: Portfolio, cells: _Cells, content: bool) -> Portfolio:
    """Return `base` with the cells of `other`; `content` says that `base` is after."""
    mine, theirs = (cells.after, cells.before) if content else (cells.before, cells.after)
    frame, source = getattr(base, cells.table), getattr(other, cells.table)
    made = {}
    for column in cells.columns:
        values = frame[column].copy()
        if column == "share":  # what the other side does not have had no share there
            values[:] = np.nan
        values.iloc[mine] = source[column].iloc[theirs].to_numpy()
        made[column] = values
    if "papers" in made:
        made["replaced"] = frame["replaced"].where(
            frame["papers"].eq(made["papers"]),
            _replaced(
                *(
                    c.to_numpy(dtype=float)
                    for c in (frame["replaced"], frame["papers"], made["papers"])
                )
            ),
        )
    return base.exchange(**{cells.table: frame.assign(**made)})


def _replaced(replaced: Floats, papers: Floats, read: Floats) -> Floats:
    """Return how many papers are replaced where the row is read as another number of them."""
    stands_for = np.where(np.isnan(read), 1.0, read)
    whole = (replaced > 0) & (replaced >= papers)
    return np.where(whole, stands_for, np.minimum(replaced, stands_for))


# Shapley values: a fair share of a total for each of several causes, in no order.


def all_coalitions(players: int) -> Bools:
    """Return every coalition, shape (2**players, players), the empty one first.

    Row number ``n`` has player ``i`` where bit ``i`` of ``n`` is set.

    Examples
    --------
    >>> all_coalitions(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    taken: Bools = (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1
    return taken


def exact_shares(values: Floats, players: int) -> Floats:
    """Return the share of each player, shape (players, …).

    Parameters
    ----------
    values
        Shape (2**players, …): the value of each coalition, in the order of
        `all_coalitions`.

    Examples
    --------
    Two papers are two savings; a second way to save the same one is none:

    >>> exact_shares(np.array([0.0, 10.0, 10.0, 10.0]), 2).tolist()
    [5.0, 5.0]
    """
    number = np.arange(2**players)
    size = all_coalitions(players).sum(axis=1)
    weight = np.array(
        [
            1 / (players * math.comb(players - 1, s)) if s < players else 0.0
            for s in range(1 + players)
        ]
    )
    shares = np.zeros((players, *values.shape[1:]))
    for player in range(players):
        without = number[number >> player & 1 == 0]
        gain = values[without | 1 << player] - values[without]
        shares[player] = np.tensordot(weight[size[without]], gain, axes=1)
    return shares


def random_orders(players: int, pairs: int, rng: np.random.Generator) -> Rows:
    """Return random orders of the players, each followed by its reverse.

    Who joins early in an order joins late in its reverse: together they vary
    less than two independent orders would (antithetic sampling).

    Returns
    -------
    numpy.ndarray
        Shape (2 × pairs, players), player numbers.
    """
    drawn = rng.permuted(np.tile(np.arange(players), (pairs, 1)), axis=1)
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(2 * pairs, players)


def joining(orders: Rows) -> Bools:
    """Return the coalitions that grow along each order, the empty one first.

    Examples
    --------
    >>> joining(np.array([[1, 0]])).astype(int).tolist()
    [[[0, 0], [0, 1], [1, 1]]]
    """
    place = np.argsort(orders, axis=1)
    return place[:, None, :] < np.arange(orders.shape[1] + 1)[None, :, None]


def sampled_shares(orders: Rows, values: Floats) -> tuple[Floats, Floats]:
    """Return the estimated share of each player and its standard error.

    Parameters
    ----------
    orders
        What `random_orders` drew, at least two pairs.
    values
        Shape (orders, players + 1, …): the value of each coalition of `joining`.

    Returns
    -------
    tuple of numpy.ndarray
        Both of shape (players, …). The shares add up to the whole exactly,
        because every order does. The error is the standard deviation of the
        pairs' means over the root of the number of pairs.
    """
    gains = np.diff(values, axis=1)
    place = np.argsort(orders, axis=1)
    of_player = gains[np.arange(len(orders))[:, None], place]
    pairs = of_player.reshape(-1, 2, *of_player.shape[1:]).mean(axis=1)
    error = pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs))
    return pairs.mean(axis=0), error
