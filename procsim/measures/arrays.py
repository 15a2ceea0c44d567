"""Small array operations that every measure uses; none of them knows a table."""

from __future__ import annotations

import weakref

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Bools", "Floats", "Rows", "equal", "filled", "present", "reasons", "total"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


# Comparing 48,000 texts takes longer than all the arithmetic on their rows. Arrow
# data cannot change, so the object itself is a safe key for what was compared; a
# weak reference makes sure that a dead object's address is not mistaken for it.
_COMPARED: dict[tuple[int, str], tuple[weakref.ref[object], Bools]] = {}


def equal(series: pd.Series, value: str) -> Bools:
    """Return where a text column equals `value`, as an array that is read-only.

    Texts that Arrow holds are compared once for all portfolios that share them.
    """
    if getattr(series.dtype, "storage", "") != "pyarrow":
        return _frozen(np.array((series == value).to_numpy(), dtype=bool))
    data = series.array.__arrow_array__()
    key = (id(data), value)
    kept = _COMPARED.get(key)
    if kept is not None and kept[0]() is data:
        return kept[1]
    found = _frozen(np.array((series == value).to_numpy(), dtype=bool))
    _COMPARED[key] = (weakref.ref(data, lambda _, key=key: _COMPARED.pop(key, None)), found)
    return found


def _frozen(values: Bools) -> Bools:
    values.flags.writeable = False
    return values


def total(owner: Rows, weights: Floats | None, size: int) -> Floats:
    """Return the sum of `weights` for each owner; a NaN makes its owner's sum NaN.

    Parameters
    ----------
    owner
        Shape (rows,), the owner's row number; −1 is left out.
    weights
        Shape (rows,); None counts rows.
    size
        Number of owners.

    Examples
    --------
    >>> total(np.array([0, 0, 2, -1]), np.array([1.0, 2.0, 5.0, 9.0]), 3).tolist()
    [3.0, 0.0, 5.0]
    """
    shift = int(owner.min(initial=0) < 0)  # joins are mostly whole: then nothing is copied
    counts = np.bincount(owner + shift if shift else owner, weights, minlength=size + shift)
    return counts[shift:].astype(float, copy=False)


def present(owner: Rows, size: int, among: Bools | None = None) -> Bools:
    """Return which owners have at least one row, or one row `among` those given."""
    found = np.zeros(size + 1, dtype=bool)  # an owner −1 marks the last, which is left out
    found[owner if among is None else owner[among]] = True
    return found[:size]


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
    if stated.all():
        values = written
    elif stated.any():
        values = np.where(stated, written, default)
    else:  # most columns: no memory is spent on a default
        values = np.broadcast_to(np.asarray(default, dtype=float), written.shape)
    wrong = (values < 0) | (values > highest)
    return (np.where(wrong, np.nan, values) if wrong.any() else values), stated


def reasons(size: int, *steps: tuple[str, Bools]) -> pd.Index:
    """Return a reason code for each owner: the first whose condition holds, else ``""``.

    Examples
    --------
    >>> reasons(2, ("first", np.array([False, True])), ("then", np.array([False, True]))).tolist()
    ['', 'first']
    """
    number = np.zeros(size, dtype=np.intp)
    for position, (_, where) in reversed(list(enumerate(steps, start=1))):
        number[where] = position
    return pd.Index(["", *(code for code, _ in steps)]).take(number)
