"""Officers' decisions as one CSV file, so that they can be shared."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from procsim.errors import Fault, UnreadableInput
from procsim.model.portfolio import Portfolio
from procsim.readers.assemble import assemble
from procsim.readers.folder import read_table, write_table
from procsim.readers.writing import carriable

__all__ = ["read_decisions", "write_decisions"]


def write_decisions(portfolio: Portfolio, path: str | Path) -> tuple[Fault, ...]:
    """Write the table ``decisions`` as CSV, in the way of `write_folder`.

    Raises
    ------
    ProcsimError
        When the file cannot be written there.
    """
    frames, notes = carriable(portfolio.select([]).replace(decisions=portfolio.decisions))
    write_table("decisions", frames["decisions"], Path(path))
    return tuple(notes)


def read_decisions(path: str | Path) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV file of decisions, as written by `write_decisions` or by hand.

    Returns
    -------
    pandas.DataFrame
        In the shape of the table ``decisions``; `procsim.marking.take_decisions`
        finds the rows that they are meant for.
    list of Fault
        Everything that is wrong or doubtful in the file.

    Raises
    ------
    UnreadableInput
        When the file cannot be read, or holds no row of headings.
    """
    loose, faults = read_table(Path(path), "decisions")
    if loose is None:
        broken = [fault for fault in faults if fault.severity == "error"]
        if broken:
            raise UnreadableInput(broken)
        return Portfolio.from_tables({}).decisions, faults
    made = assemble({"decisions": loose}, source=Path(path).name, faults=faults)
    # Rows and procedures are looked for later, by code and words.
    found = [fault for fault in made.faults if fault.code != "reader.dangling"]
    return made.decisions, found
