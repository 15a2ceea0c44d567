"""Programme tags: which procedures belong to the named lists that targets count from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.codes import repair_code
from procsim.model.portfolio import Portfolio
from procsim.readers.csv_text import read_csv_rows
from procsim.reference import resolution_66_7
from procsim.reference.calendar import Day, as_day
from procsim.reference.programmes import programmes

__all__ = ["TagLists", "read_tag_lists", "tag", "tagged"]

TagLists = Mapping[str, Iterable[str]]

_COLUMNS = ("code", "tag")
# The column that decides, the values that say yes, those that leave it open.
_BY_COLUMN = {
    "boundary_free": ("boundary_free", ("yes",), ("unknown", "")),
    "fully_online": ("online", ("full",), ("unknown", "")),
}
_BY_ANNEX = {"nq66_7_annex_1": "I", "nq66_7_annex_2": "II"}


def tagged(portfolio: Portfolio, programme: str) -> pd.Series:
    """Return which procedures carry a tag, aligned to ``portfolio.procedures``."""
    texts = portfolio.procedures["tags"]
    if not programme:
        return pd.Series(False, index=texts.index)
    return (";" + texts + ";").str.contains(f";{programme};", regex=False)


def read_tag_lists(path: str | Path) -> dict[str, list[str]]:
    """Read the named lists of an officer: a CSV with the columns code and tag.

    Comma, semicolon or tab between cells, UTF-8 or UTF-16, as Excel saves it.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    InvalidValue
        When a column is lacking or a row is not complete; every such row at once.
    """
    place = Path(path)
    rows, found = read_csv_rows(place)
    faults = [fault for fault in found if fault.severity == "error"]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    faults += [
        Fault(
            f"{place.name} · {column}",
            "",
            Text(f"Thiếu cột {column}.", f"Column {column} is lacking."),
            Text("Danh sách gồm hai cột: code, tag.", "A list has two columns: code, tag."),
            code="programmes.column",
        )
        for column in _COLUMNS
        if column not in head
    ]
    if faults:
        raise InvalidValue(faults)
    made: dict[str, list[str]] = {}
    for line, row in enumerate(rows[1:], start=2):
        code, name = (row[head.index(column)].strip() for column in _COLUMNS)
        if code and name:
            made.setdefault(name, []).append(code)
        elif code or name:
            faults.append(
                Fault(
                    f"{place.name} · dòng {line}",
                    code or name,
                    Text("Dòng thiếu mã hoặc thiếu thẻ.", "The row lacks its code or its tag."),
                    Text("Ghi đủ mã TTHC và thẻ.", "Give both the code and the tag."),
                    code="programmes.row",
                )
            )
    if faults:
        raise InvalidValue(faults)
    return made


def tag(
    portfolio: Portfolio, lists: TagLists | str | Path | None = None, on: Day | None = None
) -> Portfolio:
    """Return the portfolio with the programme tags of its procedures.

    What the law lists (Phụ lục I and II of Nghị quyết 66.7/2025/NQ-CP, joined by
    the repaired code) and what the published columns say (boundaries, fully
    online) is derived; every other programme comes from named lists alone,
    because no source publishes them. Tags that are there already stay, unless a
    known column says otherwise.

    Parameters
    ----------
    lists
        Tag → codes, or a CSV with the columns code and tag.
    on
        Leave out programmes that are not in force on this day; None for all.

    Returns
    -------
    Portfolio
        With the column ``tags`` of its procedures filled; `Portfolio.faults` gains
        a warning for each listed code that the portfolio does not hold.

    Raises
    ------
    InvalidValue
        For tags that do not exist and codes that cannot be read, all at once.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({"procedures": pd.DataFrame(
    ...     {"id": ["2.002093"], "code": "2.002093", "name": "A", "ministry": "B"})})
    >>> tag(portfolio, {"vneid_324": ["2.002093"]}).procedures["tags"].tolist()
    ['vneid_324;nq66_7_annex_1']
    """
    on = as_day(on, "on")
    named = read_tag_lists(lists) if isinstance(lists, str | Path) else dict(lists or {})
    frame = programmes()
    frame = frame[frame["of"] == "procedures"]
    codes = _codes(named, frame)
    in_force = frame.index if on is None else frame.index[_in_force(frame, on)]
    rows = portfolio.procedures
    carried = {}
    for name in in_force:
        own = rows["code"].isin(codes.get(name, ())) | tagged(portfolio, name)
        carried[name] = _derived(rows, name, own.to_numpy(dtype=bool))
    texts = [
        ";".join(name for name, mask in carried.items() if mask[place])
        for place in range(len(rows))
    ]
    tags = pd.Series(texts, index=rows.index, dtype=rows["tags"].dtype)
    missing = tuple(_not_there(codes, set(rows["code"])))
    kept = tuple(fault for fault in portfolio.faults if fault not in missing)
    return portfolio.replace(procedures=rows.assign(tags=tags), faults=(*kept, *missing))


def _in_force(frame: pd.DataFrame, on: date) -> npt.NDArray[np.bool_]:
    day = on.isoformat()
    begun = frame["since"].eq("") | frame["since"].le(day)
    lasting = frame["until"].eq("") | frame["until"].ge(day)
    made: npt.NDArray[np.bool_] = (begun & lasting).to_numpy(dtype=bool)
    return made


def _derived(rows: pd.DataFrame, name: str, own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return who carries a tag: what is listed (`own`) and what law or columns say."""
    if name in _BY_ANNEX:
        annexes = resolution_66_7()
        listed = annexes.loc[annexes["annex"] == _BY_ANNEX[name], "code"]
        inside: npt.NDArray[np.bool_] = rows["code"].isin(set(listed)).to_numpy(dtype=bool)
        return own | inside
    if name in _BY_COLUMN:
        column, yes, still_open = _BY_COLUMN[name]
        said: npt.NDArray[np.bool_] = rows[column].isin(yes).to_numpy(dtype=bool)
        unsaid: npt.NDArray[np.bool_] = rows[column].isin(still_open).to_numpy(dtype=bool)
        return said | (own & unsaid)
    return own


def _codes(named: TagLists, frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return the repaired codes of each list; every wrong tag and code at once."""
    faults = [
        Fault(
            "tag › lists",
            shorten(name),
            Text("Không có thẻ chương trình này.", "There is no such programme tag."),
            Text(
                f"Chọn một trong: {', '.join(frame.index)}.",
                f"Choose one of: {', '.join(frame.index)}.",
            ),
            code="programmes.unknown_tag",
        )
        for name in named
        if name not in frame.index
    ]
    made: dict[str, list[str]] = {}
    for name, written in named.items():
        made[name] = []
        for code in dict.fromkeys([written] if isinstance(written, str) else written):
            repaired, flag = repair_code(code)
            made[name].append(repaired)
            if flag == "code.unrepairable":
                faults.append(
                    Fault(
                        f"tag › lists › {shorten(name)}",
                        shorten(code),
                        Text("Mã TTHC không đúng dạng.", "Not the form of a procedure code."),
                        Text("Ghi mã dạng 1.004222.", "Write the code as 1.004222."),
                        code="programmes.code",
                    )
                )
    if faults:
        raise InvalidValue(faults)
    return made


def _not_there(codes: Mapping[str, list[str]], held: set[str]) -> Iterator[Fault]:
    for name, listed in codes.items():
        for code in dict.fromkeys(listed):
            if code not in held:
                yield Fault(
                    f"tag › lists › {name}",
                    code,
                    Text(
                        "Danh mục đã nạp không có mã này nên chưa gắn thẻ.",
                        "The portfolio does not hold this code, so nothing was tagged.",
                    ),
                    Text(
                        "Kiểm tra mã, hoặc nạp thêm danh mục của bộ quản lý.",
                        "Check the code, or load the list of its ministry too.",
                    ),
                    severity="warning",
                    code="programmes.unknown_code",
                )
