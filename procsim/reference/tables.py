"""Read the tables that ship with the package, and collect all that is wrong with them.

A table of law is data that people edit. So every loader checks it once, on load,
and reports all faults of the file together, each with its row and column.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Collection, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from procsim.errors import NOTHING, Fault, InvalidValue, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of

Source = Path | Traversable

MARKS: tuple[str, ...] = ("luật", "công bố", "nhập", "giả định")
"""Where a number comes from: legal text, published figure, entered, assumed."""

ID_FORM = re.compile(r"[a-z][a-z0-9_]*")
CODE_FORM = re.compile(r"\d\.\d{6}")
TEXT_NUMBER_FORM = re.compile(
    r"\d{1,3}/\d{4}/(QH\d+|NĐ-CP|QĐ-[A-ZĐa-z]+|TT-[A-ZĐ]+|TTLT(-[A-ZĐ]+)+)"
)


class UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML, but a key written twice is an error: the first value would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping of `node`, refusing a repeated key."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                context = f"khóa lặp lại / duplicate key: {key}"
                raise yaml.constructor.ConstructorError(None, None, context, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def shipped(name: str) -> Traversable:
    """Return the file `name` that ships in this room."""
    return files("procsim.reference").joinpath(name)


def fold(text: str) -> str:
    """Return `text` in lower case, without diacritics, words joined by one space.

    Two variants that fold to the same words cannot be told apart where text is
    matched without diacritics, so the vocabulary is checked in this form.

    Examples
    --------
    >>> fold("  Giấy chứng nhận ĐĂNG KÝ…")
    'giay chung nhan dang ky'
    """
    plain = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def split_list(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that holds a list written with ``;``."""
    return tuple(part for part in (piece.strip() for piece in cell.split(";")) if part)


def read_csv(source: Source, columns: Collection[str]) -> pd.DataFrame:
    """Read a table as text; nothing is guessed, an empty cell is an empty text.

    Raises
    ------
    UnreadableInput
        The file is not there, is not UTF-8, or is no table.
    InvalidValue
        A column is lacking or unknown.
    """
    try:
        with source.open("rb") as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as stream:
            lines = [row for row in csv.reader(stream, strict=True) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(not_readable(source, error)) from error
    if not lines:
        raise UnreadableInput(not_readable(source, EOFError("0 dòng")))
    head, *rows = lines
    check = Checker(source.name)
    for line, row in enumerate(rows, start=2):
        if len(row) != len(head):
            check.fault(
                line,
                "",
                " | ".join(row),
                "table.ragged",
                bilingual("reference.line_fields_heading", row_text=len(row), head=len(head)),
                bilingual("reference.add_remove_commas_cell"),
            )
    for column in columns:
        if column not in head:
            check.fault(
                None,
                column,
                "",
                "table.column",
                bilingual("reference.column_lacking", column=column),
                bilingual("reference.add_column_heading"),
            )
    for at, column in enumerate(head):
        if column not in columns or column in head[:at]:
            check.fault(
                None,
                column,
                column,
                "table.column",
                bilingual("reference.no_column_part_table")
                if column not in columns
                else bilingual("reference.column_stands_twice"),
                bilingual("reference.use_only", columns=", ".join(columns)),
            )
    check.stop()
    return pd.DataFrame(rows, columns=head, dtype=str).loc[:, list(columns)]


def read_yaml(source: Source) -> dict[str, Any]:
    """Read a YAML mapping; a key written twice is refused.

    Raises
    ------
    UnreadableInput
        The file is not there, is not UTF-8, or is not a YAML mapping.
    """
    try:
        with source.open(encoding="utf-8") as stream:
            loader = UniqueKeyLoader(stream)
            try:
                data = loader.get_single_data()
            finally:
                loader.dispose()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableInput(not_readable(source, error)) from error
    if not isinstance(data, dict):
        raise UnreadableInput(not_readable(source, TypeError(type(data).__name__)))
    return data


def not_readable(source: Source, error: Exception) -> Fault:
    """Return the fault for a shipped file that cannot be read at all."""
    return fault_of("table.unreadable", source.name, shorten(str(error)))


class Checker:
    """Collect the faults of one file, then stop once with all of them.

    Parameters
    ----------
    name
        The file's name; it opens the place of every fault.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []

    def fault(
        self,
        row: object,
        column: str,
        value: object,
        code: str,
        message: Text,
        cure: Text | None = None,
    ) -> None:
        """Note one fault; `row` is the line of a CSV file or the id of an entry."""
        parts = [self.name]
        if row is not None:
            parts.append(f"dòng {row}" if isinstance(row, int) else str(row))
        if column:
            parts.append(column)
        self.faults.append(
            Fault(
                place=" · ".join(parts),
                value=shorten(str(value)),
                message=message,
                cure=cure or NOTHING,
                code=code,
            )
        )

    def stop(self) -> None:
        """Raise `InvalidValue` with all faults, if there are any."""
        if self.faults:
            raise InvalidValue(self.faults)

    def rows(self, table: pd.DataFrame, column: str) -> Iterable[tuple[int, str]]:
        """Yield (line of the file, cell); the heading is line 1."""
        return ((int(i) + 2, cell) for i, cell in enumerate(table[column]))

    def ids(self, table: pd.DataFrame, column: str = "id", form: re.Pattern[str] = ID_FORM) -> None:
        """Check the form of an id column and that nothing stands in it twice."""
        seen: dict[str, int] = {}
        for row, cell in self.rows(table, column):
            if not form.fullmatch(cell):
                self.fault(
                    row,
                    column,
                    cell,
                    "table.id",
                    bilingual("reference.no_id_accepted_form"),
                    bilingual("reference.accepted_form", pattern=form.pattern),
                )
            elif cell in seen:
                self.fault(
                    row,
                    column,
                    cell,
                    "table.duplicate",
                    bilingual("reference.same_line", seen=seen[cell]),
                    bilingual("reference.give_each_line_id"),
                )
            seen.setdefault(cell, row)

    def filled(self, table: pd.DataFrame, *columns: str) -> None:
        """Check that no cell of `columns` is empty."""
        for column in columns:
            for row, cell in self.rows(table, column):
                if not cell.strip():
                    self.fault(
                        row,
                        column,
                        "",
                        "table.empty",
                        bilingual("reference.cell_must_value"),
                        bilingual("reference.fill"),
                    )

    def one_of(self, table: pd.DataFrame, column: str, accepted: Collection[str]) -> None:
        """Check that each cell is one of `accepted`."""
        for row, cell in self.rows(table, column):
            if cell not in accepted:
                self.not_accepted(row, column, cell, accepted)

    def lists_of(
        self, table: pd.DataFrame, column: str, accepted: Collection[str], empty: bool = False
    ) -> None:
        """Check that each part of a ``;`` list is one of `accepted`, none twice."""
        for row, cell in self.rows(table, column):
            parts = split_list(cell)
            if not parts and not empty:
                self.fault(
                    row,
                    column,
                    cell,
                    "table.empty",
                    bilingual("reference.least_id_needed"),
                    bilingual("reference.fill_ids_between"),
                )
            if len(set(parts)) < len(parts):
                self.fault(
                    row,
                    column,
                    cell,
                    "table.duplicate",
                    bilingual("reference.id_stands_twice_cell"),
                    bilingual("reference.keep_each_id_once"),
                )
            for part in parts:
                if part not in accepted:
                    self.not_accepted(row, column, part, accepted)

    def not_accepted(
        self, row: object, column: str, value: object, accepted: Collection[str]
    ) -> None:
        """Note a value outside a closed list; a long list is only counted."""
        names = sorted(accepted)
        shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        self.fault(
            row,
            column,
            value,
            "table.unknown",
            bilingual("reference.no_value_list"),
            bilingual("reference.choose", shown=shown),
        )

    def dates(self, table: pd.DataFrame, *columns: str) -> None:
        """Check that each filled cell is an ISO date."""
        for column in columns:
            for row, cell in self.rows(table, column):
                if cell and not is_iso_date(cell):
                    self.fault(
                        row,
                        column,
                        cell,
                        "table.date",
                        bilingual("reference.no_date_accepted_form"),
                        bilingual("reference.write_2026_01_01"),
                    )

    def pattern(
        self, table: pd.DataFrame, column: str, form: re.Pattern[str], example: str
    ) -> None:
        """Check that each part of a ``;`` list has the form `form`."""
        for row, cell in self.rows(table, column):
            for part in split_list(cell):
                if not form.fullmatch(part):
                    self.fault(
                        row,
                        column,
                        part,
                        "table.form",
                        bilingual("reference.no_accepted_form"),
                        bilingual("reference.good_example", example=example),
                    )


def is_iso_date(text: str) -> bool:
    """Return whether `text` is a day written as year-month-day."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
