"""Limits and fees as a table states them: the number held against the published text.

An officer copies the published words into one column and types the number into
another. Where the two contradict each other the flag of the portal's reader is
set; where only the words stand there they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from procsim.errors import NOTHING, Fault, Severity, shorten
from procsim.language.i18n import bilingual
from procsim.language.numerals import MISSING_WORDS, Reading, flagged
from procsim.language.vietnamese import (
    UNIT_NAMES,
    amounts_in,
    fold,
    format_number,
    read_duration,
    read_money,
    read_number,
)
from procsim.readers.cells import Cell, Value, is_blank, plain_number
from procsim.readers.limit_text import limit_from_text

# A table repeats a few limits and fees; `typed`, because what is shown of 7 and 7.0 differs.
_duration = lru_cache(maxsize=4096, typed=True)(read_duration)
_money = lru_cache(maxsize=4096, typed=True)(read_money)
# With these flags the amount as written stands; with any other it is left missing
# until an officer accepts or enters one.
FEE_STANDS = frozenset(
    {
        "",
        "fee.exempt_group",
        "fee.exemptions",
        "fee.not_prescribed",
        "fee.one_of_several",
        "fee.temporary_rate",
        "fee.zero_unexplained",
    }
)


class _Columns(NamedTuple):
    """The columns in which a table keeps one figure."""

    number: str
    text: str
    note: str
    flag: str
    proposed: str
    mark: str


_COLUMNS = {
    "channels": _Columns(
        *("limit_value", "limit_text", "description", "limit_flag", "limit_proposed", "limit_mark")
    ),
    "fees": _Columns("amount_vnd", "amount_text", "note", "flag", "proposed_vnd", "mark"),
}
NUMBERS = {name: columns.number for name, columns in _COLUMNS.items()}
"""The column of each table whose number is held against a published text."""

# The text says that there is no number of days; one beside it contradicts it.
_NO_LIMIT = {"limit.not_stated", "limit.no_result", "limit.at_once", "limit.same_day"}
# What the text states is no limit, whatever number stands beside it.
_NOT_A_LIMIT = {"limit.lower_bound", "limit.extension", "limit.approximate", "limit.before_event"}
_LOOKED_UP = {"fee.elsewhere", "fee.note_without_amount", "fee.unreadable", "fee.missing"}
_OWN_MARKS = {"nhập", "luật", "giả định"}


def fee_severity(flag: str, *, has_amount: bool) -> Severity:
    """Return how grave the flag of a fee is, by whether its amount stands."""
    if not has_amount:
        return "error"
    doubtful = {"fee.exempt_group", "fee.one_of_several", "fee.temporary_rate"}
    return "warning" if flag in doubtful else "note"


def number_words(name: str, cells: Sequence[Cell]) -> dict[int, str]:
    """Return the number cells of limits or fees that hold words ("30 Ngày làm việc"), by row."""
    words = {}
    for row, cell in enumerate(cells):
        if isinstance(cell, str) and not is_blank(cell) and fold(cell) not in MISSING_WORDS:
            flag = read_number(cell, "money" if name == "fees" else "days").flag
            named = name == "channels" and not flag and re.search(r"[^\W\d_]", cell)
            if flag == "number.not_a_number" or named:
                words[row] = cell
    return words


def _limit_contradicts(value: float, unit: str, text: str) -> Reading | None:
    """Return the flag of a limit that its published text contradicts, None where it does not."""
    published = _duration(text)
    shown = f"{format_number(value)} {UNIT_NAMES[unit].vi}"
    stated, of = published.value, published.unit
    if stated is None:
        stated, of = published.proposal, published.proposal_unit or published.unit
    if published.flag in _NOT_A_LIMIT:
        return flagged(published.flag, text, value=value, unit=unit)
    if stated is not None:
        same = {(stated, of), (stated, "" if of else unit)}
        same |= {(stated / 60, "hour")} if of == "minute" else set()
        denied = (value, unit) not in same and not (value == stated and not of)
    else:
        denied = published.flag in _NO_LIMIT
    if not denied:
        several = _duration(value, UNIT_NAMES[unit].vi, text)
        return several if several.flag else None
    code = "limit.unit_differs" if value == stated else "limit.differs_from_text"
    return flagged(
        code, shown, value=value, unit=unit, list=text, proposal=stated, proposal_unit=of
    )


def _limit(value: float | None, unit: str, words: str, text: str, note: str) -> Reading | None:
    """Read the limit of one row; None where its cells say nothing."""
    if words or (value is None and text):
        stated = _duration(words or text)
        if stated.flag == "limit.bare_number" and unit:
            stated = _duration(words or text, UNIT_NAMES[unit].vi)
        if stated.value is None or stated.flag:
            return limit_from_text(stated, note)
        if unit and unit != stated.unit:
            shown = f"{words or text} / {UNIT_NAMES[unit].vi}"
            return flagged("limit.unit_differs", shown, list=words or text)
        against = _limit_contradicts(stated.value, stated.unit, text) if words and text else None
        return against or stated
    if value is None:
        proposed = limit_from_text(_duration(None), note)
        return None if proposed.flag == "limit.missing" else proposed
    if not unit:
        return _duration(value, None, text or note)
    against = _limit_contradicts(value, unit, text) if text else None
    return against or _duration(value, UNIT_NAMES[unit].vi, note)


def _fee_contradicts(value: float, text: str) -> Reading | None:
    """Return what the published text says against an amount of đồng, None for nothing."""
    published = _money(text)
    shown = f"{format_number(value)} ≠ {text}"
    stated = published.value if published.proposal is None else published.proposal
    if published.unit not in ("", "VND") and published.value is not None:
        return flagged("fee.currency_differs", shown, unit="VND")
    if value in (published.value, published.proposal):
        return published if published.flag and value == published.value else None
    if stated is not None:
        code = "fee.thousandth" if stated == value * 1000 else "fee.differs_from_note"
        code = code if value else "fee.zero_but_note"
        return flagged(code, shown, unit="VND", list=text, proposal=stated)
    if published.flag == "fee.several":
        named_too = value in {amount.value for amount in amounts_in(text)}
        code = "fee.one_of_several" if named_too else "fee.differs_from_note"
        return flagged(code, shown, value=value, unit="VND", list=text)
    return None if published.flag in _LOOKED_UP and value else published


def _fee(value: float | None, words: str, text: str, note: str) -> Reading | None:
    """Read the amount of one row of fees, in đồng; None where its cells say nothing."""
    stated = _money(words, "VND", note) if words else None
    if stated is not None and (stated.value is None or stated.flag not in FEE_STANDS):
        return stated
    if value is None and stated is None:
        return _money(text or None, None, note) if text or note else None
    value = stated.value if value is None and stated is not None else value
    against = _fee_contradicts(value or 0.0, text) if text else None
    if against is not None and against.flag not in FEE_STANDS:
        return against
    beside = stated or (_money(value, "VND", note) if note or value else None)
    return beside if beside is not None and beside.flag else against or beside


def judge(
    name: str,
    data: Mapping[str, list[Value]],
    ids: Sequence[str],
    words: Mapping[int, str],
    written: Callable[[int], bool],
    place: Callable[[int, str], str],
) -> list[Fault]:
    """Hold the numbers of a table against its published texts and return what is doubtful.

    Rows that carry a flag were judged before. A row that procsim wrote, or whose
    number an officer marks as another than the published one, stays as it is and
    a contradiction is told.

    Parameters
    ----------
    name
        ``"channels"`` or ``"fees"``.
    data
        The values read, by column; judged rows are changed in place.
    ids
        The id of each row.
    words
        See `number_words`.
    written
        Tells whether procsim wrote a row itself.
    place
        Names the cell of a row and column.
    """
    at = _COLUMNS[name]
    faults: list[Fault] = []
    for row, number in enumerate(ids):
        own = data[at.mark][row] in _OWN_MARKS
        by_procsim = written(row)
        if data[at.flag][row] or (by_procsim and own):
            continue
        kept = by_procsim or own
        value = (
            None if data[at.number][row] != data[at.number][row] else float(data[at.number][row])
        )
        cell, text = words.get(row, ""), str(data[at.text][row])
        note = "" if kept else str(data[at.note][row])
        if kept and value is None:
            continue
        if name == "fees":
            reading = _fee(value, cell, text, note)
        else:
            reading = _limit(value, str(data["limit_unit"][row]), cell, text, note)
        if reading is None or (kept and reading.flag in FEE_STANDS):
            continue
        stands = kept or _take(name, data, row, reading, cell)
        if not reading.flag or (reading.flag == "fee.missing" and not cell):
            continue
        before = cell or ("" if value is None else plain_number(value))
        severity: Severity = "warning" if stands else "error"
        if name == "fees" and not kept:
            severity = fee_severity(reading.flag, has_amount=stands)
        faults.append(
            Fault(
                place(row, at.number if before else at.text),
                shorten(f"{before} ≠ {text}" if before and text else before or text),
                reading.reason or NOTHING,
                bilingual(f"cure.{name}"),
                severity,
                reading.flag,
                "" if reading.proposal is None else plain_number(reading.proposal),
                "" if kept else number,
            )
        )
    return faults


def _take(
    name: str, data: Mapping[str, list[Value]], row: int, reading: Reading, words: str
) -> bool:
    """Put a reading into the columns of its row; tell whether it leaves a number."""
    at, nan = _COLUMNS[name], float("nan")
    value, proposal = reading.value, reading.proposal
    if name == "fees":
        data["per"][row] = data["per"][row] or reading.per
        value = value if reading.unit == "VND" and reading.flag in FEE_STANDS else None
        proposal = proposal if (reading.proposal_unit or reading.unit) in ("", "VND") else None
    else:
        unit = reading.unit if value is not None else reading.proposal_unit
        data["limit_unit"][row] = unit or data["limit_unit"][row]
    is_new = data[at.number][row] != data[at.number][row]
    data[at.number][row] = nan if value is None else value
    data[at.proposed][row] = nan if proposal is None else proposal
    data[at.flag][row] = reading.flag
    data[at.text][row] = data[at.text][row] or words
    if value is not None and is_new:
        data[at.mark][row] = data[at.mark][row] or "công bố"
    return value is not None
