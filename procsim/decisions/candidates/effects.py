"""What reforms save, measured by applying them to copies of their procedures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.measures import measure
from procsim.measures.base import Figures
from procsim.model.portfolio import Portfolio
from procsim.reforms.base import Reform
from procsim.reforms.coalitions import Block, evaluate

__all__ = ["MEASURED", "savings_alone", "savings_of"]

MEASURED = ("statutory_days", "cost_vnd", "cost_year_vnd", "documents", "conditions")

Floats = npt.NDArray[np.float64]


def savings_of(
    blocks: Sequence[Block],
    portfolio: Portfolio,
    before: pd.DataFrame,
    parameters: Figures | None = None,
) -> list[Floats]:
    """Return what each subset of each block saves, measured.

    Parameters
    ----------
    before
        Measures of the portfolio.

    Returns
    -------
    list of numpy.ndarray
        For each block, shape (subsets, `MEASURED`). A figure that is not known
        before or after saves nothing: the rates leave such procedures out.
    """
    numbers = before[list(MEASURED)].to_numpy(dtype=float)
    made = []
    for block, after in zip(blocks, evaluate(blocks, portfolio, MEASURED, parameters), strict=True):
        rows = before.index.get_indexer(list(block.procedures))
        made.append(np.nan_to_num(numbers[rows][None, :, :] - after).sum(axis=1))
    return made


def savings_alone(
    reforms: Sequence[Reform], portfolio: Portfolio, parameters: Figures | None = None
) -> pd.DataFrame:
    """Return what each reform saves by itself, in the columns of `MEASURED`.

    A reform that cannot be applied saves nothing.
    """
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    known = portfolio.procedures.index
    for place, reform in enumerate(reforms):
        if all(procedure in known for procedure in reform.procedure_ids):
            places[reform.procedure_ids].append(place)
    blocks = [
        Block(ids, tuple(reforms[place] for place in own), np.eye(len(own), dtype=bool))
        for ids, own in places.items()
    ]
    saved = np.zeros((len(reforms), len(MEASURED)))
    made = savings_of(blocks, portfolio, measure(portfolio, parameters), parameters)
    for own, part in zip(places.values(), made, strict=True):
        saved[own] = part
    return pd.DataFrame(saved, columns=list(MEASURED))
