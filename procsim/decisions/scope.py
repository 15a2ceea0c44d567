"""The set of procedures that one target is held against, and all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Fault, InvalidValue, shorten
from procsim.language.dates import repair_code
from procsim.language.i18n import bilingual, fault_of
from procsim.model.portfolio import Portfolio
from procsim.readers.tables import read_csv_rows
from procsim.reference import Target, resolution_66_7
from procsim.reference.calendar import Day, as_day
from procsim.reference.targets import programmes
from procsim.reforms.plan import Plan

NO_PORTFOLIO = bilingual("decisions.no_portfolio_after_reform")
_PAPER_FLAGS = ("replaced", "dropped", "answers", "open")


@dataclass(frozen=True, slots=True)
class Scope:
    """The procedures that a target is held against, measured before and after.

    Attributes
    ----------
    before, after
        Measures of the same procedures, same index.
    goal
        What the target asks for.
    scope
        ``"nation"`` or the name of the grouping.
    portfolio
        The whole portfolio after the change; None where it was not passed.
    plan, on
        The plan behind the change and the day of the question, where given.
    papers
        What became of the papers of each procedure of `portfolio`: see
        `procsim.decisions.readings.paper_flags`.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    goal: float
    scope: str
    portfolio: Portfolio | None
    plan: Plan | None = None
    on: date | None = None
    papers: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(_PAPER_FLAGS), dtype=bool)
    )

    def listed(self, programme: str) -> pd.Series:
        """Return the codes of the procedures that carry a tag, by id, in the whole portfolio."""
        if self.portfolio is None:
            return pd.Series([], dtype="str")
        return self.portfolio.procedures.loc[tagged(self.portfolio, programme), "code"]


def in_scope(
    before: pd.DataFrame, target: Target, portfolio: Portfolio | None
) -> tuple[npt.NDArray[np.bool_], bool]:
    """Return which procedures a target is about, and whether its named list says so.

    A target on business is about the procedures that carry the tag of its
    programme; where none does, about those whose audience is business or both.
    """
    mask = np.ones(len(before), dtype=bool)
    by_list = False
    if target.audience == "business":
        if portfolio is not None and target.programme:
            carry = tagged(portfolio, target.programme)
            by_list = bool(carry.any())
        if by_list:
            mask &= carry.reindex(before.index, fill_value=False).to_numpy(dtype=bool)
        else:
            mask &= before["audience"].isin(("business", "both")).to_numpy()
    if target.ministries:
        mask &= before["ministry"].isin(list(target.ministries)).to_numpy()
    return mask, by_list


# Programme tags: which procedures belong to the named lists that targets count from.

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
        fault_of("programmes.column", f"{place.name} · {column}", "", column=column)
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
            faults.append(fault_of("programmes.row", f"{place.name} · dòng {line}", code or name))
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
        fault_of(
            "programmes.unknown_tag", "tag › lists", shorten(name), index=", ".join(frame.index)
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
                    fault_of("programmes.code", f"tag › lists › {shorten(name)}", shorten(code))
                )
    if faults:
        raise InvalidValue(faults)
    return made


def _not_there(codes: Mapping[str, list[str]], held: set[str]) -> Iterator[Fault]:
    for name, listed in codes.items():
        for code in dict.fromkeys(listed):
            if code not in held:
                yield fault_of(
                    "programmes.unknown_code", f"tag › lists › {name}", code, severity="warning"
                )
