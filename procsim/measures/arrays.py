"""Small array operations that every measure uses; none of them knows a table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Bools", "Floats", "Rows", "equal", "filled", "present", "reasons", "total"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


def equal(series: pd.Series, value: str) -> Bools:
    """Return where a text column equals `value`.

    Arrow compares in place; going through Python objects costs five times more.
    """
    return np.array((series == value).to_numpy(), dtype=bool)  # a copy: Arrow's is read-only


def total(owner: Rows, values: Floats | None, size: int) -> Floats:
    """Return the sum of `values` for each owner; a NaN makes its owner's sum NaN.

    Parameters
    ----------
    owner
        Shape (rows,), the owner's row number; −1 is left out.
    values
        Shape (rows,); None counts rows.
    size
        Number of owners.

    Examples
    --------
    >>> total(np.array([0, 0, 2, -1]), np.array([1.0, 2.0, 5.0, 9.0]), 3).tolist()
    [3.0, 0.0, 5.0]
    """
    return np.bincount(owner + 1, weights=values, minlength=size + 1)[1:].astype(float)


def present(owner: Rows, size: int, among: Bools | None = None) -> Bools:
    """Return which owners have at least one row, or one row `among` those given."""
    found = np.zeros(size + 1, dtype=bool)
    found[(owner if among is None else owner[among]) + 1] = True
    return found[1:]


def filled(
    column: pd.Series, default: Floats | float, highest: float = np.inf
) -> tuple[Floats, Bools]:
    """Return a number column with its default where empty, and where it was stated.

    A value below zero or above `highest` is not a number one can calculate
    with: it becomes NaN, never the default.

    Examples
    --------
    >>> values, stated = filled(pd.Series([0.5, np.nan, 1.5]), 1.0, highest=1.0)
    >>> values.tolist(), stated.tolist()
    ([0.5, 1.0, nan], [True, False, True])
    """
    written = column.to_numpy(dtype=float, na_value=np.nan)
    stated = ~np.isnan(written)
    values = np.where(stated, written, default)
    values[(values < 0) | (values > highest)] = np.nan
    return values, stated


def reasons(size: int, *steps: tuple[str, Bools]) -> npt.NDArray[np.object_]:
    """Return a reason code for each owner: the first whose condition holds, else ``""``.

    Examples
    --------
    >>> reasons(2, ("first", np.array([False, True])), ("then", np.array([False, True]))).tolist()
    ['', 'first']
    """
    why = np.full(size, "", dtype=object)
    for code, where in reversed(steps):
        why[where] = code
    return why
