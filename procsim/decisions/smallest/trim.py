"""Leaving out what a plan does not need: the weakest founded reforms first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import numpy as np

from procsim.decisions.candidates import CLASSES
from procsim.decisions.smallest.model import Model, Pool

__all__ = ["trimmed"]


def trimmed(model: Model, pool: Pool, chosen: Collection[int]) -> list[int]:
    """Return what of the chosen candidates of the model is needed.

    A text that is amended unlocks many reforms, most of which no target asks
    for. What the law lists stays, if it serves a target; of the rest those that
    rest on an officer's judgement go first, among them those that save least, as
    long as every target that is met stays met. One that cannot go gives way to a
    gentler choice for the same thing (ten days in place of five), where the same
    texts and databases allow it. Forced ones stay.

    Parameters
    ----------
    chosen
        Row numbers of the candidates of the problem that are in force.
    """
    rows = np.array(sorted(chosen), dtype=np.int64)
    targets = model.problem.targets
    base = np.array([target.base for target in targets])
    saved = model.saving[rows].sum(axis=0)
    floor = np.minimum([target.required for target in targets], saved) * (1 - 1e-9)
    share = (model.saving / base).sum(axis=1)
    weakness = _weakness(model, pool)
    gentler = _Gentler(model, rows, share, weakness)
    kept: list[int] = []
    for row in rows[np.lexsort((share[rows], -weakness[rows]))].tolist():
        own = model.saving[row]
        fixed = bool(pool.forced.intersection(model.choices[row].members))
        needless = weakness[row] > 0 or not own.any()
        if not fixed and needless and (saved - own >= floor).all():
            saved = saved - own
            continue
        for other in () if fixed or weakness[row] == 0 else gentler.than(row):
            rest = saved - own + model.saving[other]
            if (rest >= floor).all():
                saved, row = rest, other
                break
        kept.append(row)
    return sorted(kept)


def _weakness(model: Model, pool: Pool) -> np.ndarray:
    """Return how weakly each candidate of the model is founded, by its weakest member."""
    ranks = [CLASSES.index(name) for name in pool.classes]
    return np.array([max(ranks[m] for m in choice.members) for choice in model.choices], dtype=int)


class _Gentler:
    """The other choices for the same thing that the texts and databases of a plan allow."""

    def __init__(
        self, model: Model, rows: np.ndarray, share: np.ndarray, weakness: np.ndarray
    ) -> None:
        problem = model.problem
        self._unit = problem.options.unit
        self._share, self._weakness = share, weakness
        self._own = problem.candidates.price
        self._needs: dict[int, set[tuple[str, int]]] = defaultdict(set)
        for kind, pairs in (("text", problem.needs_text), ("base", problem.needs_database)):
            for row, item in pairs.tolist():
                self._needs[row].add((kind, item))
        self._have = {need for row in rows.tolist() for need in self._needs[row]}
        self._of: dict[int, list[int]] = defaultdict(list)
        for row, unit in enumerate(self._unit.tolist()):
            self._of[unit].append(row)

    def than(self, row: int) -> Iterator[int]:
        """Yield the choices that save less and are founded as well or better, least first."""
        others = [
            other
            for other in self._of[int(self._unit[row])]
            if self._share[other] < self._share[row]
            and self._weakness[other] <= self._weakness[row]
            and self._own[other] <= self._own[row]
            and self._needs[other] <= self._have
        ]
        yield from sorted(others, key=lambda other: (self._weakness[other], self._share[other]))
