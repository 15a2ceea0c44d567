"""From the readiness of databases to the coverage that a plan counts with."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text
from procsim.readers.csv_text import read_csv_rows
from procsim.reference.calendar import Day, as_day
from procsim.reference.readiness import (
    READINESS_COLUMNS,
    check_readiness,
    coverage_from_readiness,
)
from procsim.reforms.actions import ReplaceByData
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan

__all__ = ["read_readiness", "with_coverage"]


def read_readiness(path: str | Path) -> pd.DataFrame:
    """Read an officer's CSV file of readiness, as Excel or a text editor saves it.

    Comma, semicolon or tab between cells, UTF-8 or UTF-16. `merge_readiness`
    adds the rows to those that ship.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    InvalidValue
        With every wrong cell and every missing or unknown column at once.
    """
    path = Path(path)
    rows, faults = read_csv_rows(path)
    wrong = [fault for fault in faults if fault.severity == "error"]
    head = [cell.strip() for cell in rows[0]] if rows else []
    wrong += [
        Fault(
            path.name,
            column,
            Text(f"Thiếu cột {column}.", f"Column {column} is lacking."),
            Text(f"Cần các cột {', '.join(READINESS_COLUMNS)}.", "See the columns of the table."),
            code="table.column",
        )
        for column in READINESS_COLUMNS
        if column not in head
    ]
    wrong += [
        Fault(
            path.name,
            column,
            Text("Cột không có trong bảng quy định.", "The column is not part of this table."),
            Text("Xóa cột này hoặc sửa tên cột.", "Delete the column or correct its name."),
            code="table.column",
        )
        for i, column in enumerate(head)
        if column not in READINESS_COLUMNS or column in head[:i]
    ]
    if wrong:
        raise InvalidValue(wrong)
    cells = [[cell.strip() for cell in row] for row in rows[1:]]
    return check_readiness(pd.DataFrame(cells, columns=head, dtype=str), path.name)


def with_coverage(plan: Plan, on: Day, table: pd.DataFrame | None = None) -> Plan:
    """Return the plan with the coverage that the readiness of its databases gives.

    Only reforms that replace a paper by data and state no coverage are filled.
    Of several databases the one that answers worst counts, because the reform
    does not say which of them holds which paper. A reform stays as it is where
    one of its databases is not fully judged: the measures then take the
    parameter ``coverage_default``.

    Parameters
    ----------
    plan
        The plan; it is not changed.
    on
        Day on which the databases are judged.
    table
        Rows of readiness, see `procsim.reference.readiness.merge_readiness`; by
        default those that ship.

    Returns
    -------
    Plan
        The same reforms in the same order, some with a coverage and its mark.

    Raises
    ------
    UnknownName
        When a reform names a database that is not in ``databases.csv``.

    Examples
    --------
    >>> from procsim.reforms import ReplaceByData
    >>> paper = ReplaceByData("1.004222/c1/r3", document_types="can_cuoc", databases="csdl_dan_cu")
    >>> made = with_coverage(Plan([paper]), "2026-01-01")
    >>> made.reforms[0].coverage is None  # not fully judged: the default counts
    True
    """
    on = as_day(on, "on")
    open_reforms = [r for r in plan.reforms if isinstance(r, ReplaceByData) and r.coverage is None]
    bases = dict.fromkeys(base for reform in open_reforms for base in reform.databases)
    shares = {base: coverage_from_readiness(base, on, table).value for base in bases}

    def filled(reform: Reform) -> Reform:
        if not isinstance(reform, ReplaceByData) or reform.coverage is not None:
            return reform
        known = [shares[base] for base in reform.databases]
        if any(math.isnan(share) for share in known):
            return reform
        return replace(reform, coverage=min(known), coverage_mark="giả định")

    return replace(plan, reforms=tuple(filled(reform) for reform in plan.reforms))
