"""Yearly volumes from a table of their own, joined to the procedures by code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from procsim.errors import Fault, InvalidValue, UnreadableInput, shorten
from procsim.language.i18n import fault_of
from procsim.language.vietnamese import canonical_code, fold
from procsim.model.portfolio import Portfolio
from procsim.model.tables import Loose, as_frame
from procsim.readers.assemble import find_headings
from procsim.readers.cells import Cell, as_text, read_column
from procsim.readers.gates import examine as gates
from procsim.readers.gates.limits import place_of
from procsim.readers.tables import read_book, read_csv_text
from procsim.readers.words import heading_names
from procsim.reference.schema import table

_PARTS = ("times_per_year", "subjects_per_year")
_WHOLE = "dossiers_per_year"
_NAMES = {fold(name): _WHOLE for name in (
    _WHOLE, "dossiers", "dossiers per year", "số lượng hồ sơ/01 năm", "số hồ sơ/năm",
    "số hồ sơ mỗi năm", "số lượng hồ sơ", "số hồ sơ",
)} | {fold(name): "code" for name in ("mã", "mã số", "mã TTHC", "mã thủ tục")}  # fmt: skip


def with_volumes(portfolio: Portfolio, volumes: str | Path | Loose) -> Portfolio:
    """Return the portfolio with the yearly volumes of a table, joined by code.

    Parameters
    ----------
    portfolio
        The procedures.
    volumes
        A CSV or Excel file, a frame, or rows as dicts, with a column of codes (or
        procsim's ids) and ``times_per_year``, ``subjects_per_year``, or
        ``dossiers_per_year`` (then each subject once a year); Vietnamese headings and
        numbers as an officer writes them. Codes are repaired before they are joined;
        an empty cell leaves what is there.

    Returns
    -------
    Portfolio
        Volumes marked ``nhập``. What did not match is told among its ``faults`` under
        the codes ``volumes.*``: a code that no procedure carries, or several do (their
        volumes stay as they were; write the id), a procedure on a second row, and how
        many procedures are left without a volume. ``ps.check(…).to_frame()`` lists it.

    Raises
    ------
    UnreadableInput
        For a file that cannot be read.
    InvalidValue
        For a table without a column of codes or of volumes.

    Examples
    --------
    >>> import procsim as ps
    >>> made = with_volumes(ps.load_sample(), [
    ...     {"code": "1.004222", "dossiers_per_year": "1.200"},
    ...     {"code": "9.999999", "dossiers_per_year": "5"},
    ... ])
    >>> float(made["1.004222"].portfolio.procedures.at["1.004222", "subjects_per_year"])
    1200.0
    >>> [fault.value for fault in made.faults if fault.code == "volumes.unknown_code"]
    ['9.999999']
    """
    name, rows, faults = _rows(volumes)
    headings = find_headings(rows, {**heading_names("procedures"), **_NAMES})
    columns = {} if headings is None else dict(headings.columns)
    given = [column for column in (*_PARTS, _WHOLE) if column in columns]
    if headings is None or not given or not {"code", "id"} & columns.keys():
        seen = ", ".join(as_text(cell) for cell in rows[0]) if rows else ""
        raise InvalidValue(fault_of("volumes.columns", name, shorten(seen)))
    body = rows[headings.first :]
    cells: dict[str, list[float]] = {}
    for column in given:
        shape = table("procedures")[_PARTS[1] if column == _WHOLE else column]
        found, wrong = read_column(
            shape,
            [_cell(row, columns[column]) for row in body],
            lambda row: f"{name} › {headings.first + row + 1}",
        )
        cells[column] = [float(value) for value in found]
        faults += wrong
    keys = [_key(row, columns) for row in body]
    entered: dict[str, dict[str, float]] = {}
    for number, ((_, written), ids) in enumerate(zip(keys, _joined(portfolio, keys), strict=True)):
        values = {c: own[number] for c, own in cells.items() if not np.isnan(own[number])}
        if not values:
            continue
        if len(ids) == 1 and ids[0] not in entered:
            whole = values.pop(_WHOLE, None)
            entered[ids[0]] = ({} if whole is None else {_PARTS[0]: 1.0, _PARTS[1]: whole}) | values
            continue
        key = "twice" if len(ids) == 1 else "code_shared" if ids else "unknown_code"
        place, told = f"{name} › {headings.first + number + 1}", ", ".join(ids)
        faults.append(
            fault_of(f"volumes.{key}", place, shorten(written), severity="warning", ids=told)
        )
    made = portfolio.procedures.copy()
    for column in _PARTS:
        own = pd.Series({i: v[column] for i, v in entered.items() if column in v}, dtype=float)
        made.loc[own.index, column] = own
        made.loc[own.index, column.replace("per_year", "mark")] = "nhập"
    left = int(made[list(_PARTS)].isna().any(axis=1).sum())
    if left:
        faults.append(
            fault_of("volumes.left", name, shorten(str(left)), severity="note", count=left)
        )
    return portfolio.replace(procedures=made, faults=(*portfolio.faults, *faults))


def _key(row: Sequence[Cell], columns: Mapping[str, int]) -> tuple[str, str]:
    """Return which column names the procedure of a row, the id before the code, and its text."""
    for name in ("id", "code"):
        if name in columns and (written := as_text(_cell(row, columns[name])).strip()):
            return name, written
    return "code", ""


def _joined(portfolio: Portfolio, keys: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the procedures that each key names; a code, which is repaired, can name several."""
    by_code: dict[str, list[str]] = defaultdict(list)
    for identity, code in portfolio.procedures["code"].items():
        by_code[str(code)].append(str(identity))
    known = set(portfolio.procedures.index)

    def found(column: str, key: str) -> list[str]:
        same = by_code.get(canonical_code(key), [])
        return [key] if key in known and (column == "id" or key not in same) else same

    return [found(*key) for key in keys]


def _rows(volumes: str | Path | Loose) -> tuple[str, Sequence[Sequence[Cell]], list[Fault]]:
    """Return what the table is called, its rows with the headings first, and its faults."""
    if isinstance(volumes, str | Path):
        path = Path(volumes)
        kind = gates.inspect(path)
        if kind == "xlsx":
            book = read_book(path)
            return place_of(path), book.sheets[0].rows, list(book.faults)
        if kind != "csv":
            raise UnreadableInput(fault_of("volumes.file", place_of(path), shorten(kind)))
        sheet = read_csv_text(path)
        return place_of(path), sheet.rows, list(sheet.faults)
    frame, wrong = as_frame("volumes", volumes)
    if wrong:
        raise InvalidValue(wrong)
    if frame.index.name in ("id", "code"):
        frame = frame.reset_index()
    body = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    return "volumes", [[str(c) for c in frame.columns], *body], []


def _cell(row: Sequence[Cell], at: int) -> Cell:
    return row[at] if at < len(row) else ""
