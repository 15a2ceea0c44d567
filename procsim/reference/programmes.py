"""The named lists that targets are held against: which programme, how large, on what basis."""

from __future__ import annotations

from functools import cache

import pandas as pd

from procsim.errors import Text
from procsim.reference.tables import MARKS, Checker, Source, read_csv, shipped

__all__ = ["GIVEN_BY", "load_programmes", "programmes"]

COLUMNS = (
    "id", "of", "given_by", "size", "since", "until", "name_vi", "name_en", "legal_basis",
    "source", "mark", "note",
)  # fmt: skip

OF = ("procedures", "legal_texts")

GIVEN_BY: tuple[str, ...] = ("law", "columns", "list")
"""Who says what belongs to a programme: the law's own list, published columns, an officer."""


def load_programmes(source: Source) -> pd.DataFrame:
    """Read and check a table of programmes; see `programmes`.

    Raises
    ------
    InvalidValue
        All faults of the file at once.
    """
    table = read_csv(source, COLUMNS)
    check = Checker(source.name)
    check.ids(table)
    check.filled(table, "name_vi", "name_en", "legal_basis", "source")
    check.one_of(table, "of", OF)
    check.one_of(table, "given_by", GIVEN_BY)
    check.one_of(table, "mark", MARKS)
    check.dates(table, "since", "until")
    for row, cell in check.rows(table, "size"):
        if cell and not (cell.isdecimal() and int(cell) > 0):
            message = Text("số lượng là số nguyên lớn hơn 0", "the size is a whole number above 0")
            check.fault(row, "size", cell, "programme.size", message)
    for row, (since, until) in enumerate(zip(table["since"], table["until"], strict=True), 2):
        if since and until and until < since:
            message = Text("ngày kết thúc trước ngày bắt đầu", "it ends before it begins")
            cure = Text("sửa một trong hai ngày", "correct one of the two days")
            check.fault(row, "until", until, "programme.until", message, cure)
    check.stop()
    return table.assign(size=pd.to_numeric(table["size"]).astype(float)).set_index("id")


@cache
def shipped_programmes() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return load_programmes(shipped("programmes.csv"))


def programmes() -> pd.DataFrame:
    """Return the programmes whose lists the targets count from.

    Returns
    -------
    pandas.DataFrame
        Index ``id``, the tag itself; ``of`` (procedures or legal_texts),
        ``given_by`` (see `GIVEN_BY`), ``size`` as published (NaN where no number
        was), ``since`` and ``until`` (ISO dates, empty where none), ``name_vi``,
        ``name_en``, ``legal_basis``, ``source``, ``mark``, ``note``.

    Examples
    --------
    >>> float(programmes().loc["vneid_324", "size"])
    324.0
    """
    return shipped_programmes().copy()
