"""How much sooner whole chains end when some papers need no longer be fetched.

The rules are those of `procsim.measures.chains`, worst case. Circles are those of the
network as it stands: a paper that is taken as held because of a circle stays so, even if
an answered paper would open the circle, so that answering a paper never lengthens a chain.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.measures.arrays import Bools, Floats, Rows
from procsim.measures.asked import Asked
from procsim.measures.base import Figures
from procsim.measures.chains import chains, own_burden
from procsim.measures.time import level_of_each
from procsim.measures.used import used_links
from procsim.model.portfolio import Portfolio

__all__ = ["Waits"]

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
