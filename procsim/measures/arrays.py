"""Small array operations that every measure uses; none of them knows a table."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "Bools",
    "Floats",
    "Rows",
    "Store",
    "equal",
    "filled",
    "present",
    "reasons",
    "remembered",
    "text_data",
    "total",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Made = TypeVar("Made")


Store = dict[tuple[Hashable, ...], tuple[tuple[weakref.ref[Any], ...], Any]]
_COMPARED: Store = {}


def remembered(
    store: Store, sources: tuple[object, ...], label: Hashable, make: Callable[[], Made]
) -> Made:
    """Return what `make` made of `sources` before, or make it now.

    Sources are told apart by identity, so they must be things that nobody
    changes: Arrow data, and the joins that a portfolio keeps. Weak references
    make sure that a dead source's address is not mistaken for a new one, and
    forget what was made of it; `make` must not return a source itself.
    """
    key = (label, *map(id, sources))
    kept = store.get(key)
    if kept is not None and all(
        ref() is source for ref, source in zip(kept[0], sources, strict=True)
    ):
        return cast("Made", kept[1])
    made = make()
    refs = tuple(weakref.ref(source, lambda _: store.pop(key, None)) for source in sources)
    store[key] = (refs, made)
    return made


def text_data(series: pd.Series) -> object | None:
    """Return the Arrow data behind a text column, which cannot change; None if there is none."""
    if getattr(series.dtype, "storage", "") != "pyarrow":
        return None
    return cast("object", series.array.__arrow_array__())


def equal(series: pd.Series, value: str) -> Bools:
    """Return where a text column equals `value`, as an array that is read-only.

    Comparing 48,000 texts takes longer than all the arithmetic on their rows,
    so texts that Arrow holds are compared once for all portfolios that share them.
    """
    data = text_data(series)
    if data is None:
        return _compared(series, value)
    return remembered(_COMPARED, (data,), value, lambda: _compared(series, value))


def _compared(series: pd.Series, value: str) -> Bools:
    found = np.array((series == value).to_numpy(), dtype=bool)
    found.flags.writeable = False
    return found


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
