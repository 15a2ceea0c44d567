"""What a cell of the workbook means to the model, so that an edit of it can be read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Input"]


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
