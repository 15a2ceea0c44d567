"""The tables of a portfolio, read from ``schema.csv``, their one authority."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from procsim.errors import InvalidValue, Text, UnknownName
from procsim.language.i18n import fault_of

_KINDS = {"id", "text", "list", "category", "date", "number", "integer", "flag"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table.

    `kind` is ``id``, ``ref``, ``text``, ``list`` (values joined by ``;``),
    ``category``, ``date`` (ISO text), ``number``, ``integer`` or ``flag``.
    `unit` is the unit of a number, `target` the table that a ``ref`` points into.
    """

    table: str
    name: str
    kind: str
    unit: str
    categories: tuple[str, ...]
    default: str
    required: bool
    label: Text
    description: str
    target: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the column holds floats that may be missing."""
        return self.kind == "number"

    @property
    def is_text(self) -> bool:
        """Whether the column holds text; empty text means missing."""
        return self.kind in {"id", "ref", "text", "list", "category", "date"}


@dataclass(frozen=True, slots=True)
class Table(Mapping[str, Column]):
    """The columns of one table by name, the id first."""

    name: str
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownName(
            fault_of(
                "schema.column",
                f"schema › {self.name}",
                name,
                name=self.name,
                columns=", ".join(c.name for c in self.columns),
            )
        )

    def __iter__(self) -> Iterator[str]:
        return (column.name for column in self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def references(self) -> tuple[Column, ...]:
        """The columns that point into another table."""
        return tuple(column for column in self.columns if column.kind == "ref")


def _column(row: dict[str, str], line: int) -> Column:
    kind, _, target = row["type"].partition(":")
    if kind not in _KINDS | {"ref"} or (kind == "ref") != bool(target):
        raise InvalidValue(
            fault_of("schema.type", f"schema.csv › dòng {line}", row["type"], kinds=sorted(_KINDS))
        )
    return Column(
        table=row["table"],
        name=row["column"],
        kind=kind,
        unit=row["unit"],
        categories=tuple(row["categories"].split(";")) if row["categories"] else (),
        default=row["default"],
        required=row["required"] == "yes",
        label=Text(row["label_vi"], row["label_en"]),
        description=row["description"],
        target=target,
    )


@cache
def schema() -> Mapping[str, Table]:
    """Return every table of a portfolio by name, in the order of ``schema.csv``."""
    path = resources.files("procsim.reference") / "schema.csv"
    with path.open("rb") as file, io.TextIOWrapper(file, "utf-8", newline="") as stream:
        columns = [_column(row, line) for line, row in enumerate(csv.DictReader(stream), start=2)]
    names = list(dict.fromkeys(column.table for column in columns))
    tables = {n: Table(n, tuple(c for c in columns if c.table == n)) for n in names}
    faults = [
        fault_of("schema.target", f"schema.csv › {column.table}.{column.name}", column.target)
        for column in columns
        if column.kind == "ref" and column.target not in tables
    ]
    if faults:
        raise InvalidValue(faults)
    return tables


def table(name: str) -> Table:
    """Return one table of the schema.

    Raises
    ------
    UnknownName
        When there is no such table; the message lists those that exist.
    """
    tables = schema()
    if name not in tables:
        raise UnknownName(fault_of("schema.table", "schema", name, tables=", ".join(tables)))
    return tables[name]
