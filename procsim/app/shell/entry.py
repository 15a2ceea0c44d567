"""Safe entry: what an officer types or pastes is read as a Vietnamese officer means it.

Streamlit's own number cells turn a pasted "23,4" into 234, so numbers and dates are
entered as text, read by `procsim.language.vietnamese`, and shown back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd
import streamlit as st

from procsim.app.shell.session import language, say
from procsim.app.shell.show import written
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import NumberKind, fold, read_date, read_number

Kind = Literal["money", "hours", "count", "share", "days", "date", "text"]
Value = float | dt.date | str | None


@dataclass(frozen=True)
class Refused:
    """An entry that cannot be taken, and why."""

    place: str
    written: str
    reason: Text


@dataclass(frozen=True)
class Edit:
    """One cell of a table that the officer changed, as read."""

    row: str
    column: str
    value: Value


def as_text(value: object, kind: Kind) -> str:
    """Return a value as it is written in the language of the session; ``""`` for none.

    What it returns is read back as the same value by `read`.
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if kind == "date" and isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    if kind in get_args(NumberKind) and isinstance(value, int | float):
        sign = "%" if kind == "share" else ""
        number = 100 * value if sign else value
        text = written(round(number, 9)) + sign
        if read(text, kind) != value:
            # "1,625" could be 1625: a fourth decimal leaves no doubt.
            text = written(number, 4) + sign
        return text
    return str(value)


def read(
    text: str, kind: Kind, place: str = "", low: float | None = None, high: float | None = None
) -> Value | Refused:
    """Return what an entry means, or why it cannot be taken.

    Parameters
    ----------
    text
        As typed or pasted; an empty one is None.
    kind
        What the field holds; see `procsim.language.vietnamese.read_number`.
    low, high
        The least and the most that fit.
    """
    plain = text.strip()
    if not plain or kind == "text":
        return plain or None
    if kind == "date":
        day = read_date(plain)
        return day.value if day.value is not None else Refused(place, text, _reason(day.reason))
    if language() == "en":
        plain = _from_english(plain)
    reading = read_number(plain, kind)
    if reading.value is None:
        return Refused(place, text, _reason(reading.reason))
    beyond = (low is not None and reading.value < low) or (
        high is not None and reading.value > high
    )
    if beyond:
        limits = {"low": "–∞" if low is None else low, "high": "∞" if high is None else high}
        return Refused(place, text, bilingual("app.entry.bounds", **limits))
    return reading.value


def _from_english(plain: str) -> str:
    """Return an English number as a Vietnamese one: 1,234.5 becomes 1.234,5."""
    return plain.translate(str.maketrans(".,", ",."))


def _reason(reason: Text | None) -> Text:
    return reason if reason is not None else bilingual("app.entry.unread")


def number(
    label: str,
    kind: Kind,
    value: float | None,
    *,
    key: str,
    low: float | None = None,
    high: float | None = None,
    help: str | None = None,
) -> float | Refused | None:
    """Show a field for a number; below it stands how it was read.

    Returns
    -------
    float, None or Refused
        The number, None for an empty field, or why the entry cannot be taken.
    """
    found = _field(label, kind, value, key, low, high, help)
    return found if isinstance(found, Refused) or found is None else float(str(found))


def date(
    label: str, value: dt.date | None, *, key: str, help: str | None = None
) -> dt.date | Refused | None:
    """Show a field for a day, such as 05/8/2026; see `number`."""
    found = _field(label, "date", value, key, None, None, help)
    return found if isinstance(found, Refused | dt.date) else None


def _field(
    label: str,
    kind: Kind,
    value: object,
    key: str,
    low: float | None,
    high: float | None,
    explanation: str | None,
) -> Value | Refused:
    text = st.text_input(
        label,
        value=as_text(value, kind),
        key=key,
        help=explanation,
        placeholder=say(f"entry.hint.{kind}"),
    )
    found = read(text, kind, label, low, high)
    if isinstance(found, Refused):
        st.error(found.reason.in_language(language()))
    elif found is not None and as_text(found, kind) != text.strip():
        st.caption(say("entry.read_as", value=as_text(found, kind)))
    return found


def cell_place(line: int, label: str) -> str:
    """Return how a pasted cell is named: its line and the heading of its column."""
    return say("entry.line", line=str(line), column=label)


def pasted(
    text: str, kinds: Mapping[str, Kind], labels: Mapping[str, str]
) -> tuple[dict[int, dict[str, Value]], list[Refused]]:
    """Read cells copied from Excel, a row a line with tabs between the cells.

    Parameters
    ----------
    text
        As pasted. A first line with headings says which column is which; without
        one the columns stand in the order of `kinds`.
    kinds
        Column → what it holds.
    labels
        Column → heading, compared without diacritics and capitals.

    Returns
    -------
    tuple
        Line → a value for each column (None where there is no cell), for the lines that
        are not empty; and the cells that cannot be read, named by line and column.
    """
    lines = list(csv.reader(io.StringIO(text.replace("\x00", "")), delimiter="\t", strict=False))
    columns: list[str | None] = list(kinds)
    known = {fold(labels[name]).strip(): name for name in kinds}
    headings = [fold(cell).strip() for cell in lines[0]] if lines else []
    first = 1
    if next(iter(known)) in headings:
        columns, first = [known.get(heading) for heading in headings], 2
    rows: dict[int, dict[str, Value]] = {}
    refused: list[Refused] = []
    for number, cells in enumerate(lines[first - 1 :], start=first):
        if not any(cell.strip() for cell in cells):
            continue
        row: dict[str, Value] = dict.fromkeys(kinds)
        for name, cell in zip(columns, cells, strict=False):
            if name is None:
                continue
            found = read(cell, kinds[name], cell_place(number, labels[name]))
            if isinstance(found, Refused):
                refused.append(found)
            else:
                row[name] = found
        rows[number] = row
    return rows, refused


def table(
    frame: pd.DataFrame,
    kinds: Mapping[str, Kind],
    *,
    key: str,
    labels: Mapping[str, str] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
    height: int | Literal["auto"] = "auto",
) -> tuple[list[Edit], list[Refused]]:
    """Show a table whose cells can be edited and pasted into, and read what changed.

    Parameters
    ----------
    frame
        The rows, by id.
    kinds
        Column → kind of those that can be edited; all others are only shown.
    labels
        Column → heading.
    choices
        Column → the values that an officer can pick from.

    Returns
    -------
    tuple
        The edits as read, and the entries that cannot be taken, named by row and column.
    """
    heads = {column: (labels or {}).get(column, column) for column in frame.columns}
    texts = frame.copy()
    for column, kind in kinds.items():
        texts[column] = [as_text(value, kind) for value in frame[column]]
    settings = {
        column: st.column_config.SelectboxColumn(heads[column], options=list(choices[column]))
        if choices and column in choices
        else st.column_config.TextColumn(heads[column], disabled=column not in kinds)
        for column in frame.columns
    }
    after = st.data_editor(
        texts,
        key=key,
        hide_index=True,
        num_rows="fixed",
        width="stretch",
        height=height,
        column_config=settings,
    )
    edits: list[Edit] = []
    refused: list[Refused] = []
    for column, kind in kinds.items():
        for row, old, new in zip(frame.index, texts[column], after[column], strict=True):
            new_text = "" if new is None else str(new)
            if new_text == old:
                continue
            found = read(new_text, kind, f"{row} › {heads[column]}")
            if isinstance(found, Refused):
                refused.append(found)
            else:
                edits.append(Edit(str(row), column, found))
    return edits, refused
