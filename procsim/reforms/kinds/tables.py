"""What every change of tables needs: places, copies of columns, rows of a procedure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Fault, Text, shorten
from procsim.model.portfolio import Portfolio
from procsim.reference.schema import Column, table
from procsim.reforms.base import Reform

ENTERED = "nhập"
DIGITS = 6
"""7 days less 30 % are 4,9 days, not 4,8999999999999995."""

Tables = dict[str, pd.DataFrame]
Numbered = Sequence[tuple[int, Any]]
"""Reforms with their positions in the plan, from 1."""

_WEAKEST = {"": 0, "luật": 1, "công bố": 2, "nhập": 3, "giả định": 4}


def place_of(position: int, reform: Reform) -> str:
    """Return where a reform stands in its plan, for messages."""
    return f"plan › {position} › {reform.kind} › {shorten(reform.target, 60)}"


def fault(item: tuple[int, Reform], value: object, message: Text, cure: Text, code: str) -> Fault:
    """Return why one reform of a plan cannot be applied."""
    return Fault(place_of(*item), shorten(value), message, cure, code=f"plan.{code}")


def weakest(marks: Iterable[str]) -> str:
    """Return the mark of a figure made of figures with these marks."""
    return max(marks, key=_WEAKEST.__getitem__, default="")


class Edited:
    """Copies of some columns of a table, to write into; the table stays as it is.

    Parameters
    ----------
    frame
        The table.
    names
        The columns that are going to change.
    """

    def __init__(self, frame: pd.DataFrame, *names: str) -> None:
        self._frame = frame
        self._columns = {name: _writable(frame[name]) for name in names}

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self._columns[name]

    def made(self) -> pd.DataFrame:
        """Return a table with the columns as they were written."""
        index = self._frame.index
        return self._frame.assign(
            **{
                name: pd.Series(values, index=index, dtype=self._frame[name].dtype)
                for name, values in self._columns.items()
            }
        )


def _writable(column: pd.Series) -> npt.NDArray[Any]:
    numeric = column.dtype.kind in "fib"
    made: npt.NDArray[Any] = column.to_numpy(dtype=None if numeric else object, copy=True)
    return made


def rows(frame: pd.DataFrame, ids: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return the row numbers of ids that are known to be there."""
    at: npt.NDArray[np.intp] = frame.index.get_indexer(list(ids))
    return at


def rows_by_procedure(
    portfolio: Portfolio, name: str, wanted: Sequence[str]
) -> dict[str, list[int]]:
    """Return the row numbers in table `name` of each procedure in `wanted`."""
    owner = portfolio.positions(name, "procedure")
    at = portfolio.procedures.index.get_indexer(list(wanted))
    places = {int(place): i for i, place in zip(wanted, at, strict=True)}
    found: dict[str, list[int]] = {i: [] for i in wanted}
    for row in np.flatnonzero(np.isin(owner, list(places))):
        found[places[int(owner[row])]].append(int(row))
    return found


def appended(name: str, frame: pd.DataFrame, new: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return a table with new rows at its end; columns they do not state get their default."""
    if not new:
        return frame
    index = pd.Index([row["id"] for row in new], dtype=frame.index.dtype, name="id")
    shape = table(name)
    columns = {
        column: pd.Series(
            [row.get(column, _default(shape[column])) for row in new],
            index=index,
            dtype=frame[column].dtype,
        )
        for column in frame.columns
    }
    return pd.concat([frame, pd.DataFrame(columns)])


def _default(column: Column) -> object:
    match column.kind:
        case "number":
            return float(column.default) if column.default else np.nan
        case "integer":
            return int(column.default or 0)
        case "flag":
            return False
    return column.default
