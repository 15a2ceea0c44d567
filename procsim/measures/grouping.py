"""Which procedures stand together: one rule for sums, comparisons, scorecards and effects.

By ministry, province, agency, field, level, audience, or any own column of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import pandas as pd

from procsim.errors import InvalidValue, UnknownName, shorten
from procsim.language.i18n import fault_of
from procsim.language.text import fold
from procsim.measures.base import Bools, Rows

By: TypeAlias = str | pd.Series
"""One of `GROUPINGS`, a text column of the table, or a Series by procedure id."""
GROUPINGS: tuple[str, ...] = ("ministry", "province", "agency", "field", "levels", "audience")
TOTAL = ""
UNKNOWN_GROUP = "(chưa rõ)"
CENTRAL_GROUP = "(cấp bộ)"
_LISTS = ("field", "levels", "agency")  # several values in one cell, joined by ;
_PROVINCE = re.compile(r"(?:ubnd|ủy ban nhân dân)[ .]*(tỉnh|thành phố|tp)[ .]*(\S.*)")
_WORD = re.compile(r"\w+")
_SHORT_NAMES = {"hcm": "hồ chí minh"}


def province_of(publisher: str) -> str:
    """Return the province whose People's Committee publishes, ``""`` for anybody else.

    Spelling does not matter: short or long form, capitals, Unicode form, place
    of the tone.

    Examples
    --------
    >>> province_of("UỶ BAN NHÂN DÂN TỈNH HOÀ BÌNH")
    'UBND tỉnh Hòa Bình'
    >>> province_of("UBND TP. Hồ Chí Minh"), province_of("Bộ Y tế")
    ('UBND thành phố Hồ Chí Minh', '')
    """
    found = _PROVINCE.fullmatch(fold(publisher, diacritics=True))
    if found is None:
        return ""
    kind, name = found.groups()
    name = _WORD.sub(lambda word: word.group().capitalize(), _SHORT_NAMES.get(name, name))
    return f"UBND {'tỉnh' if kind == 'tỉnh' else 'thành phố'} {name}"


def name_of(by: By | None) -> str:
    """Return the name of a grouping, as a scope: of a Series its own, ``""`` without one."""
    return str(by.name or "group") if isinstance(by, pd.Series) else by or ""


def column_of(frame: pd.DataFrame, by: By, *others: str) -> pd.Series:
    """Return the words by which rows are grouped, aligned to the frame.

    `others` are ways to group that a caller knows besides, for the message.

    Raises
    ------
    UnknownName
        For a name that is neither a grouping nor a column of words of the frame.
    InvalidValue
        For a Series that holds a procedure twice, or none of the frame.
    """
    if isinstance(by, pd.Series):
        if not by.index.is_unique or (len(frame) and not frame.index.isin(by.index).any()):
            raise InvalidValue(fault_of("measures.grouping_series", "by", shorten(str(by.name))))
        words = by.reindex(frame.index)
    else:
        name = "ministry" if by == "province" and by not in frame else by
        known = [c for c in frame if not pd.api.types.is_float_dtype(frame[c].dtype)]
        if not isinstance(by, str) or name not in known:
            names = ", ".join(dict.fromkeys([*others, *GROUPINGS, *map(str, known)]))
            raise UnknownName(fault_of("measures.grouping", "by", shorten(str(by)), names=names))
        words = frame[name]
    return words.astype(object).where(words.notna(), "").astype(str)


def parts_of(text: str, by: By, *, own_province: bool = False) -> tuple[str, ...]:
    """Return the groups that one cell names; `UNKNOWN_GROUP` for an empty one."""
    if isinstance(by, str) and by == "province" and text and not own_province:
        return (province_of(text) or CENTRAL_GROUP,)
    pieces = text.split(";") if isinstance(by, str) and by in _LISTS else [text]
    return tuple(dict.fromkeys(p.strip() for p in pieces if p.strip())) or (UNKNOWN_GROUP,)


def rows_of(frame: pd.DataFrame, by: By | None) -> tuple[Rows, Rows, list[str]]:
    """Return row and group numbers (a row may be in several groups), and the names sorted.

    Examples
    --------
    >>> frame = pd.DataFrame({"field": ["Đất đai", "Y tế; Đất đai", ""]}, index=list("abc"))
    >>> rows, groups, names = rows_of(frame, "field")
    >>> rows.tolist(), groups.tolist(), names
    ([0, 1, 1, 2], [2, 1, 2, 0], ['(chưa rõ)', 'Y tế', 'Đất đai'])
    >>> rows_of(frame, pd.Series({"a": "I", "b": "II", "c": "I"}))[2]
    ['I', 'II']
    """
    if by is None:
        return np.arange(len(frame)), np.zeros(len(frame), dtype=np.intp), [TOTAL]
    texts = column_of(frame, by)
    own = isinstance(by, str) and by in frame
    known = {text: parts_of(text, by, own_province=own) for text in texts.unique()}
    several = texts.map(known).tolist()
    names = sorted({part for parts in several for part in parts})
    number = {name: i for i, name in enumerate(names)}
    rows = np.repeat(np.arange(len(several)), [len(parts) for parts in several])
    groups = [number[part] for parts in several for part in parts]
    return rows, np.array(groups, dtype=np.intp), names


def groups(frame: pd.DataFrame, by: By | None) -> Iterator[tuple[str, Bools]]:
    """Yield each group, in the order of first appearance, and which rows belong to it."""
    if by is None:
        return
    rows, group, names = rows_of(frame, by)
    for number in pd.unique(group):
        mask = np.zeros(len(frame), dtype=bool)
        mask[rows[group == number]] = True
        yield names[number], mask
