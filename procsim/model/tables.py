"""Bring a loose table into the exact shape that the schema states."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from procsim.errors import Fault, Text, shorten
from procsim.language.i18n import fault_of
from procsim.reference.schema import Column, table

Loose: TypeAlias = pd.DataFrame | Mapping[str, object] | Sequence[Mapping[str, object]]
"""What a table may be given as: a frame (of polars too), columns by name, or rows as dicts."""

_TRUE = {"1", "true", "x", "có", "co", "yes", "đúng"}
_FALSE = {"", "0", "false", "không", "khong", "no", "sai"}


def empty(name: str) -> pd.DataFrame:
    """Return the table `name` without rows, every column typed."""
    return conform(name, pd.DataFrame())[0]


def _place(name: str, row: Hashable, column: str) -> str:
    return f"{name} › {row} › {column}"


def _text(series: pd.Series) -> pd.Series:
    # Empty text is the one sign of a missing text: None and NaN never get in.
    if series.dtype == "str" and not series.hasnans:
        return series
    return series.where(series.notna(), "").astype(str)


def _number(series: pd.Series, column: Column, faults: list[Fault]) -> pd.Series:
    if series.dtype != object and pd.api.types.is_numeric_dtype(series.dtype):
        numbers = series.astype(float)
        missing = series.isna()
    else:
        missing = series.isna() | (series.astype(str).str.strip() == "")
        numbers = pd.to_numeric(series.where(~missing, np.nan), errors="coerce").astype(float)
    bad = (numbers.isna() & ~missing) | np.isinf(numbers)
    if not bad.any():
        return numbers
    faults += [
        fault_of(
            "model.number",
            _place(column.table, row, column.name),
            shorten(value),
            label=column.label,
            unit=Text(column.unit or "số", column.unit or "number"),
        )
        for row, value in series[bad].items()
    ]
    return numbers.mask(bad)


def _flag(series: pd.Series, column: Column, faults: list[Fault]) -> pd.Series:
    if series.dtype == bool:
        return series
    words = _text(series).str.strip().str.lower()
    yes = words.isin(_TRUE)
    faults += [
        fault_of(
            "model.flag", _place(column.table, row, column.name), shorten(value), label=column.label
        )
        for row, value in series[~(yes | words.isin(_FALSE))].items()
    ]
    return yes


def _category(series: pd.Series, column: Column, faults: list[Fault]) -> pd.Series:
    texts = _text(series)
    if column.kind == "category" and column.default:
        texts = texts.mask(texts == "", column.default)
    if column.kind == "list":
        bad = texts.map(
            lambda text: any(part not in column.categories for part in text.split(";") if part)
        )
    else:
        bad = ~texts.isin(column.categories)
    accepted = ", ".join(c for c in column.categories if c)
    faults += [
        fault_of(
            "model.category",
            _place(column.table, row, column.name),
            shorten(value),
            label=column.label,
            accepted=accepted,
        )
        for row, value in texts[bad.astype(bool)].items()
    ]
    return texts


def _column(frame: pd.DataFrame, column: Column, faults: list[Fault]) -> pd.Series:
    if column.name in frame:
        series = frame[column.name]
    else:
        series = pd.Series(column.default, index=frame.index, dtype=object)
    if column.kind == "number":
        return _number(series, column, faults)
    if column.kind == "integer":
        numbers = _number(series, column, faults)
        return numbers.fillna(float(column.default or 0)).astype("int64")
    if column.kind == "flag":
        return _flag(series, column, faults)
    if column.categories:
        return _category(series, column, faults)
    return _text(series)


def _required(frame: pd.DataFrame, columns: Sequence[Column]) -> list[Fault]:
    return [
        fault_of("model.required", _place(column.table, row, column.name), "", label=column.label)
        for column in columns
        if column.required and column.name != "id"
        for row in frame.index[frame[column.name] == ""]
    ]


def as_frame(name: str, given: object) -> tuple[pd.DataFrame, list[Fault]]:
    """Return what was given for the table `name` as a frame, or the fault that it is none."""
    if hasattr(given, "to_pandas"):
        given = given.to_pandas()
    if isinstance(given, pd.DataFrame):
        return given, []
    try:
        if isinstance(given, Mapping):
            return pd.DataFrame({str(key): cells for key, cells in given.items()}), []
        if isinstance(given, Sequence) and all(isinstance(row, Mapping) for row in given):
            return pd.DataFrame(list(given)), []
    except ValueError as error:  # columns of different lengths
        return pd.DataFrame(), [fault_of("model.not_a_table", name, shorten(str(error)))]
    return pd.DataFrame(), [fault_of("model.not_a_table", name, shorten(type(given).__name__))]


def repeated(name: str, frame: pd.DataFrame) -> list[Fault]:
    """Return a fault for each id that stands on several rows, naming these (from 1)."""
    if frame.index.is_unique:
        return []
    rows: dict[str, list[int]] = {}
    for number in np.flatnonzero(frame.index.duplicated(keep=False)):
        rows.setdefault(str(frame.index[number]), []).append(int(number) + 1)
    return [
        fault_of(
            "model.duplicate_id",
            f"{name} › {shorten(row)}",
            shorten(row),
            rows=", ".join(str(number) for number in numbers),
        )
        for row, numbers in rows.items()
    ]


def out_of_range(name: str, frame: pd.DataFrame, known: pd.DataFrame | None = None) -> list[Fault]:
    """Return what is negative, and shares above 1, in columns that are not those of `known`."""
    faults: list[Fault] = []
    for column in table(name).columns:
        if column.kind not in {"number", "integer"}:
            continue
        values = frame[column.name]
        if known is not None and _shared(values, known[column.name]):
            continue
        top = 1.0 if column.unit == "share" else float("inf")
        bad = (values < 0) | (values > top)
        if not bad.any():
            continue
        accepted = "0–1" if top == 1.0 else "≥ 0"
        faults += [
            fault_of(
                "model.range",
                _place(name, row, column.name),
                f"{value:g}",
                label=column.label,
                accepted=accepted,
            )
            for row, value in values[bad].items()
        ]
    return faults


def _shared(one: pd.Series, other: pd.Series) -> bool:
    """Return whether two columns are the same data in memory, so that nothing can differ."""
    if one.dtype != other.dtype or len(one) != len(other):
        return False
    if getattr(one.dtype, "storage", "") == "pyarrow":
        return one.array.__arrow_array__() is other.array.__arrow_array__()
    first, second = (column.to_numpy().__array_interface__ for column in (one, other))
    return bool(first["data"] == second["data"] and first["strides"] == second["strides"])


def _lost(name: str, frame: pd.DataFrame, known: pd.DataFrame) -> list[Fault]:
    """Return the columns that hold something now and would be gone with a frame without them."""
    return [
        fault_of("model.lost_column", f"{name} › {column.name}", shorten(column.label.vi))
        for column in table(name).columns
        if column.name != "id"
        and column.name not in frame
        and (known[column.name] != _column(known[[]], column, [])).any()
        and not (column.is_number and known[column.name].isna().all())
    ]


def conform(
    name: str, given: object, known: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return a table with exactly the columns and types of the schema.

    Parameters
    ----------
    name
        A table of the schema.
    given
        Rows with the ids as index or in a column ``id``; columns may be absent
        (they get their default) and may stand in any order. See `Loose`.
    known
        The table that it takes the place of: columns whose data it shares were
        checked before, and no column may be absent that holds something there.

    Returns
    -------
    pandas.DataFrame
        New table, ids as a text index named ``id``. Text columns hold ``""``
        where nothing is known, numbers hold NaN.
    list of Fault
        Everything that did not fit; the offending cells are left missing.
    """
    shape = table(name)
    frame, faults = as_frame(name, given)
    if "id" in frame.columns:
        frame = frame.set_index("id")
    faults += [
        fault_of("model.unknown_column", name, shorten(str(column)), shape=", ".join(shape))
        for column in frame.columns
        if column not in list(shape)
    ]
    columns = [column for column in shape.columns if column.name != "id"]
    index = frame.index
    if known is not None:
        faults += _lost(name, frame, known)
        there = [column for column in columns if column.name in frame]
        same = [c for c in there if _shared(frame[c.name], known[c.name])]
        columns = [column for column in columns if column not in same]
    made = {column.name: _column(frame, column, faults) for column in columns}
    if len(made) == len(shape) - 1:
        result = pd.DataFrame(made, index=index)
    else:
        result = frame.assign(**made)[[column for column in shape if column != "id"]]
    if known is None or not index.is_(known.index):
        result.index = pd.Index(index.astype(str), name="id", dtype="str")
    faults += _required(result, columns)
    return result, faults
