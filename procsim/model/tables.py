"""Bring a loose table into the exact shape that the schema states."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from procsim.errors import Fault, Text, shorten
from procsim.reference.schema import Column, Table, table

__all__ = ["conform", "empty"]

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
    faults += [
        Fault(
            _place(column.table, row, column.name),
            shorten(value),
            Text(
                f"Ô “{column.label.vi}” phải là một số hữu hạn ({column.unit or 'số'}).",
                f"“{column.label.en}” must be a finite number ({column.unit or 'number'}).",
            ),
            Text("Nhập lại bằng số, hoặc để trống.", "Enter a number, or leave it empty."),
            code="model.number",
        )
        for row, value in series[bad].items()
    ]
    return numbers.mask(bad) if bad.any() else numbers


def _flag(series: pd.Series, column: Column, faults: list[Fault]) -> pd.Series:
    if series.dtype == bool:
        return series
    words = _text(series).str.strip().str.lower()
    yes = words.isin(_TRUE)
    faults += [
        Fault(
            _place(column.table, row, column.name),
            shorten(value),
            Text(
                f"Ô “{column.label.vi}” chỉ nhận “có” hoặc “không”.",
                f"“{column.label.en}” takes only yes or no.",
            ),
            Text("Ghi “có” hoặc để trống.", "Write “có” or leave it empty."),
            code="model.flag",
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
        Fault(
            _place(column.table, row, column.name),
            shorten(value),
            Text(
                f"Giá trị không nằm trong danh mục của “{column.label.vi}”.",
                f"The value is not one of those of “{column.label.en}”.",
            ),
            Text(f"Chọn một trong: {accepted}.", f"Choose one of: {accepted}."),
            code="model.category",
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


def _required(frame: pd.DataFrame, shape: Table) -> list[Fault]:
    return [
        Fault(
            _place(shape.name, row, column.name),
            "",
            Text(f"Thiếu “{column.label.vi}”.", f"“{column.label.en}” is missing."),
            Text("Điền ô này; ô này bắt buộc.", "Fill it in; it is required."),
            code="model.required",
        )
        for column in shape.columns
        if column.required and column.name != "id"
        for row in frame.index[frame[column.name] == ""]
    ]


def conform(name: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Return `frame` with exactly the columns and types of the schema.

    Parameters
    ----------
    name
        A table of the schema.
    frame
        Rows with the ids as index or in a column ``id``; columns may be absent
        (they get their default) and may stand in any order.

    Returns
    -------
    pandas.DataFrame
        New table, ids as a text index named ``id``. Text columns hold ``""``
        where nothing is known, numbers hold NaN.
    list of Fault
        Everything that did not fit; the offending cells are left missing.
    """
    shape = table(name)
    faults: list[Fault] = []
    if "id" in frame.columns:
        frame = frame.set_index("id")
    faults += [
        Fault(
            name,
            shorten(str(column)),
            Text("Cột này không có trong mô hình.", "The model has no such column."),
            Text(
                "Bỏ cột, hoặc đổi tên theo một trong: " + ", ".join(shape) + ".",
                "Remove it, or rename it to one of: " + ", ".join(shape) + ".",
            ),
            code="model.unknown_column",
        )
        for column in frame.columns
        if column not in list(shape)
    ]
    columns = {
        column.name: _column(frame, column, faults)
        for column in shape.columns
        if column.name != "id"
    }
    index = pd.Index(frame.index.astype(str), name="id", dtype="str")
    made = pd.DataFrame(columns, index=frame.index)
    made.index = index
    faults += _required(made, shape)
    return made, faults
