"""Figures that an officer entered in a workbook, and how a portfolio takes them in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np
import pandas as pd

from procsim.model.portfolio import TABLES, Portfolio
from procsim.reference.schema import table

ENTERED = "nhập"

#: Which mark goes with a figure, and which flag a figure entered by hand takes away.
_MARKS = {
    ("procedures", "times_per_year"): "times_mark",
    ("procedures", "subjects_per_year"): "subjects_mark",
    ("requirements", "hours"): "hours_mark",
    ("requirements", "purchase_vnd"): "purchase_mark",
    ("fees", "amount_vnd"): "mark",
    ("channels", "limit_value"): "limit_mark",
}
_FLAGS = {("fees", "amount_vnd"): "flag", ("channels", "limit_value"): "limit_flag"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure in place of the one that the source has.

    Parameters
    ----------
    table, row, column
        Where it stands in the portfolio.
    value
        The figure, NaN where the officer took it away; the code of a unit.
    mark
        Where it comes from: luật, công bố, nhập or giả định.
    """

    table: str
    row: str
    column: str
    value: float | str
    mark: str = ENTERED


def enter(entries: Iterable[Entry], portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with these figures, their marks, and without the flags they settle."""
    frames: dict[str, pd.DataFrame] = {}
    for entry in entries:
        frame = frames.setdefault(entry.table, getattr(portfolio, entry.table).copy())
        frame.at[entry.row, entry.column] = entry.value
        place = (entry.table, entry.column)
        if place in _MARKS:
            missing = isinstance(entry.value, float) and np.isnan(entry.value)
            frame.at[entry.row, _MARKS[place]] = "" if missing else entry.mark
        if place in _FLAGS:
            frame.at[entry.row, _FLAGS[place]] = ""
    return portfolio.replace(**frames) if frames else portfolio


def digest_of(portfolio: Portfolio) -> str:
    """Return what names the content of a portfolio: equal tables, equal digest.

    Examples
    --------
    >>> import procsim as ps
    >>> sample = ps.load_sample()
    >>> digest_of(sample) == digest_of(ps.load_sample())
    True
    """
    whole = sha256()
    for name in TABLES:
        frame = getattr(portfolio, name)
        whole.update(f"\x1d{name}\x1e".encode())
        whole.update("\x1f".join(frame.index).encode("utf-8", "surrogatepass"))
        for column in table(name).columns:
            if column.name == "id":
                continue
            whole.update(f"\x1e{column.name}\x1e".encode())
            if column.is_text:
                whole.update("\x1f".join(frame[column.name]).encode("utf-8", "surrogatepass"))
            else:
                numbers = frame[column.name].to_numpy(dtype="<f8")
                whole.update(np.where(np.isnan(numbers), np.nan, numbers).tobytes())
    return whole.hexdigest()


# What a cell of the workbook means to the model, so that an edit of it can be read back.


@dataclass(frozen=True, slots=True)
class Input:
    """What an officer changes with one cell.

    Parameters
    ----------
    kind
        ``"cell"`` of a table of the portfolio; ``"limit"``, the longest time limit of a
        procedure; ``"date"`` of an item of the roadmap; ``"parameter"``.
    row
        Id of the row, the procedure, the item (as `procsim.roadmap` takes it) or the
        parameter.
    table, column
        Where the figure stands in the portfolio, for a ``"cell"``.
    """

    kind: Literal["cell", "limit", "date", "parameter"]
    row: str
    table: str = ""
    column: str = ""
