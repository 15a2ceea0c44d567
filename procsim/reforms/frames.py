"""Reforms from a table with the columns of `Plan.to_frame`, as pandas or an officer edited it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pandas as pd

from procsim.errors import Fault, InvalidValue, shorten
from procsim.language.i18n import bilingual
from procsim.reforms.actions import KINDS
from procsim.reforms.base import Reform

__all__ = ["reforms_of"]


def reforms_of(
    frame: pd.DataFrame, place: str, code: str
) -> tuple[tuple[Reform, ...], list[Fault]]:
    """Return the reforms of a table, in its order, and what is wrong in its rows.

    Parameters
    ----------
    frame
        A row for each reform: ``kind``, ``target``, and the fields of the kind;
        what is empty keeps its default, columns of other names are not looked at.
    place
        What the table is, for the faults: ``plan``, ``candidates``.
    code
        Of the fault of a kind that does not exist.
    """
    faults: list[Fault] = []
    made: list[Reform] = []
    for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
        kind = KINDS.get(str(row.get("kind", "")))
        if kind is None:
            faults.append(
                Fault(
                    f"{place} › {shorten(str(name), 60)} › kind",
                    shorten(row.get("kind", "")),
                    bilingual("candidate.kind"),
                    bilingual("candidate.kind.cure"),
                    code=code,
                )
            )
            continue
        try:
            made.append(kind(**_arguments(kind, {str(key): cell for key, cell in row.items()})))
        except InvalidValue as error:
            faults += error.faults
    return tuple(made), faults


def _arguments(kind: type[Reform], row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that a row states; what is empty keeps its default."""
    names = [field.name for field in fields(kind)]
    cells = {name: row[name] for name in names if name in row}
    if "target" in row:
        cells[kind.target_field] = row["target"]
    return {name: cell for name, cell in cells.items() if not _empty(cell)}


def _empty(cell: object) -> bool:
    return cell is None or cell == "" or cell != cell
