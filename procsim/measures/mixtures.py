"""Portfolios between two: the content of one year with the volumes or readings of another.

To tell where a change comes from, every cause is turned from before to after
while the others stay. A mixture takes the published content of one portfolio
and, at the rows that both have, single columns of the other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from procsim.measures.arrays import Bools, Floats, Rows, equal, total
from procsim.measures.base import Figures
from procsim.model.counterparts import Pairs, Spellings, procedure_pairs, row_pairs
from procsim.model.portfolio import Portfolio

__all__ = ["Common", "MixedFigures", "common"]

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
