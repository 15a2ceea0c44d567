"""Which procedures stand together in a scorecard: by ministry, province, field, level, audience."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.language.text import fold

__all__ = ["BY", "CENTRAL_GROUP", "UNKNOWN_GROUP", "column_of", "groups", "province_of"]

Mask = npt.NDArray[np.bool_]

BY: tuple[str, ...] = ("ministry", "province", "field", "levels", "audience")
UNKNOWN_GROUP = "(chưa rõ)"
CENTRAL_GROUP = "(cấp bộ)"
_LISTS = ("field", "levels")  # several values in one cell, joined by ;
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


def column_of(by: str) -> str:
    """Return the column of a table of measures that a grouping reads."""
    return "ministry" if by == "province" else by


def _parts(text: str, by: str) -> tuple[str, ...]:
    if by == "province" and text:
        return (province_of(text) or CENTRAL_GROUP,)
    pieces = text.split(";") if by in _LISTS else [text]
    return tuple(piece.strip() for piece in pieces if piece.strip()) or (UNKNOWN_GROUP,)


def groups(before: pd.DataFrame, by: str | None) -> Iterator[tuple[str, Mask]]:
    """Yield each group, in the order of first appearance, and which rows belong to it.

    A procedure of several fields or levels belongs to each of them.
    """
    if by is None:
        return
    texts = before[column_of(by)].fillna("").astype(str)
    known = {text: _parts(text, by) for text in texts.unique()}
    parts = texts.map(known)
    for name in dict.fromkeys(part for own in parts for part in own):
        yield name, parts.map(lambda own, name=name: name in own).to_numpy(dtype=bool)
