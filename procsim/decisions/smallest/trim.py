"""Leaving out what a plan does not need: the weakest founded reforms first."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from procsim.decisions.candidates import CLASSES
from procsim.decisions.smallest.model import Model, Pool

__all__ = ["trimmed"]


def trimmed(model: Model, pool: Pool, chosen: Collection[int]) -> list[int]:
    """Return which of the chosen candidates of the model are needed.

    A text that is amended unlocks many reforms, most of which no target asks
    for. What the law lists stays; of the rest those that rest on an officer's
    judgement go first, among them those that save least, as long as every target that is
    met stays met. Forced ones stay.

    Parameters
    ----------
    chosen
        Row numbers of the candidates of the problem that are in force.
    """
    rows = sorted(chosen)
    targets = model.problem.targets
    base = np.array([target.base for target in targets])
    required = np.array([target.required for target in targets])
    saved = model.saving[rows].sum(axis=0)
    floor = np.minimum(required, saved) * (1 - 1e-9)
    share = (model.saving[rows] / base).sum(axis=1)
    weakness = [max(CLASSES.index(pool.classes[m]) for m in model.choices[r].members) for r in rows]
    kept = set(rows)
    for place in np.lexsort((share, -np.array(weakness, dtype=int))).tolist():
        members = model.choices[rows[place]].members
        if weakness[place] == 0 or pool.forced.intersection(members):
            continue
        rest = saved - model.saving[rows[place]]
        if (rest >= floor).all():
            saved = rest
            kept.discard(rows[place])
    return sorted(kept)
