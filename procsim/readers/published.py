"""Limits and fees as a table states them: the number held against the published text.

An officer copies the published words into one column and types the number into
another. Where the two contradict each other the flag of the portal's reader is
set; where only the words stand there they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from procsim.errors import Fault, Severity, Text, shorten
from procsim.language.numerals import MISSING_WORDS
from procsim.language.readings import Reading, flagged
from procsim.language.vietnamese import (
    UNIT_NAMES,
    amounts_in,
    fold,
    format_number,
    read_duration,
    read_money,
    read_number,
)
from procsim.readers.cells import Cell, Value, as_text, is_blank, plain_number
from procsim.readers.limit_text import limit_from_text

__all__ = ["FEE_STANDS", "NUMBERS", "Published", "fee_severity", "judge", "number_words"]

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
NUMBERS = {"channels": "limit_value", "fees": "amount_vnd"}
"""The column of each table whose number is held against a published text."""

# The text says that there is no number of days; one beside it contradicts it.
_NO_LIMIT = {"limit.not_stated", "limit.no_result", "limit.at_once", "limit.same_day"}
_OWN_MARKS = {"nhập", "luật", "giả định"}
_EMPTY = {
    "channels": ("limit.missing",),
    "fees": ("fee.missing",),
}
_CURES = {
    "channels": Text(
        "Nhập thời hạn và đơn vị, hoặc chấp nhận giá trị đề xuất nếu có.",
        "Enter the limit with its unit, or accept the proposed value if there is one.",
    ),
    "fees": Text(
        "Đối chiếu thông tư quy định mức thu, rồi nhập hoặc chấp nhận mức đề xuất.",
        "Compare with the circular that sets the fee, then enter or accept the amount.",
    ),
}


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
        if not isinstance(cell, str) or is_blank(cell) or fold(cell) in MISSING_WORDS:
            continue
        reading = read_number(cell, "money" if name == "fees" else "days")
        has_words = name == "channels" and re.search(r"[^\W\d_]", cell)
        if reading.flag == "number.not_a_number" or (has_words and not reading.flag):
            words[row] = cell
    return words


def _same_limit(published: Reading, value: float, unit: str) -> bool:
    pairs = {
        (published.value, published.unit),
        (published.proposal, published.proposal_unit or published.unit),
    }
    pairs |= {(n / 60, "hour") for n, u in pairs if u == "minute" and n is not None}
    return (value, unit) in pairs


def _limit_contradicts(value: float, unit: str, text: str) -> Reading | None:
    """Return the flag of a limit that its published text contradicts, None where it does not."""
    published = read_duration(text)
    if published.flag == "limit.bare_number" or not (published.value or published.proposal):
        named = published.proposal or 0.0
        denied = published.flag in _NO_LIMIT or (named and named != value)
    else:
        denied = not _same_limit(published, value, unit)
    if not denied:
        several = read_duration(value, unit, text)
        return several if several.flag else None
    shown = f"{format_number(value)} {UNIT_NAMES[unit].vi}"
    same_number = value in (published.value, published.proposal) and published.unit != unit
    return flagged(
        "limit.unit_differs" if same_number else "limit.differs_from_text",
        shown,
        value=value,
        unit=unit,
        list=text,
        proposal=published.value or published.proposal,
        proposal_unit=published.unit if published.value else published.proposal_unit,
    )


def read_limit(value: float | None, unit: str, words: str, text: str, note: str) -> Reading | None:
    """Read the limit of one row; None where its cells say nothing.

    Parameters
    ----------
    value, unit
        The number cell and the unit, ``""`` where the row has none.
    words
        What stands in the number cell where that is no number.
    text
        The limit as published.
    note
        The description of the channel.
    """
    if words or (value is None and text):
        stated = read_duration(words or text)
        if stated.flag == "limit.bare_number" and unit:
            stated = read_duration(words or text, UNIT_NAMES[unit].vi)
        if stated.value is None or stated.flag:
            return limit_from_text(stated, note)
        if unit and unit != stated.unit:
            shown = f"{words or text} / {UNIT_NAMES[unit].vi}"
            return flagged("limit.unit_differs", shown, list=words or text)
        contradicted = (
            _limit_contradicts(stated.value, stated.unit, text) if words and text else None
        )
        return contradicted or stated
    if value is None:
        empty = read_duration(None)
        proposed = limit_from_text(empty, note)
        return None if proposed is empty else proposed
    if not unit:
        return read_duration(value, None, text or note)
    return (_limit_contradicts(value, unit, text) if text else None) or read_duration(
        value, unit, note
    )


def _fee_contradicts(value: float, text: str) -> Reading | None:
    """Return what the published text says against an amount of đồng, None for nothing."""
    published = read_money(text)
    shown = f"{format_number(value)} ≠ {text}"
    if published.unit not in ("", "VND") and published.value is not None:
        return flagged("fee.currency_differs", shown, unit="VND")
    if published.value is not None or published.proposal is not None:
        if value == published.value:
            return published if published.flag else None
        if value == published.proposal:
            return None
        amount = published.value if published.proposal is None else published.proposal
        code = "fee.differs_from_note"
        if value == 0:
            code = "fee.zero_but_note"
        elif amount == value * 1000:
            code = "fee.thousandth"
        return flagged(code, shown, unit="VND", list=text, proposal=amount)
    if published.flag == "fee.several":
        named = {amount.value for amount in amounts_in(text)}
        code = "fee.one_of_several" if value in named else "fee.differs_from_note"
        return flagged(code, shown, value=value, unit="VND", list=text)
    looked_up = published.flag in {
        *("fee.elsewhere", "fee.note_without_amount", "fee.unreadable", "fee.missing"),
    }
    return None if looked_up and value else published


def read_fee(value: float | None, words: str, text: str, note: str) -> Reading | None:
    """Read the amount of one row of fees; None where its cells say nothing.

    Parameters
    ----------
    value
        The number cell, in đồng.
    words
        What stands in the number cell where that is no number.
    text
        The amount as published.
    note
        The remark beside it.
    """
    if words:
        stated = read_money(words, "VND", note)
        if stated.value is None or stated.flag not in FEE_STANDS or not text:
            return stated
        return _fee_contradicts(stated.value, text) or stated
    if value is None:
        return read_money(text or None, None, note) if text or note else None
    against = _fee_contradicts(value, text) if text else None
    if against is not None and against.flag not in FEE_STANDS:
        return against
    if note or value:
        beside = read_money(value, "VND", note)
        return beside if beside.flag else against or beside
    return against


@dataclass(frozen=True, slots=True)
class Published:
    """One table of limits or fees as a file holds it.

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
        Returns whether procsim wrote the row itself: its values are never changed.
    place
        Names the cell of a row and column.
    """

    name: str
    data: MutableMapping[str, list[Value]]
    ids: Sequence[str]
    words: Mapping[int, str]
    written: Callable[[int], bool]
    place: Callable[[int, str], str]

    def reading(self, row: int, kept: bool) -> Reading | None:
        """Return what the cells of one row say together; of a `kept` row, its remark apart."""
        number = self.data[NUMBERS[self.name]][row]
        value = None if number != number else float(number)
        words = self.words.get(row, "")
        note = "note" if self.name == "fees" else "description"
        beside = "" if kept else str(self.data[note][row])
        if self.name == "fees":
            return read_fee(value, words, str(self.data["amount_text"][row]), beside)
        unit, text = str(self.data["limit_unit"][row]), str(self.data["limit_text"][row])
        return read_limit(value, unit, words, text, beside)

    def take(self, row: int, reading: Reading) -> bool:
        """Put a reading into the columns of its row; tell whether it leaves a number."""
        data, nan = self.data, float("nan")
        if self.name == "fees":
            stands = reading.unit == "VND" and reading.flag in FEE_STANDS
            in_dong = (reading.proposal_unit or reading.unit) in ("", "VND")
            proposal, flag, mark = reading.proposal if in_dong else None, "flag", "mark"
            data["per"][row] = data["per"][row] or reading.per
            data["proposed_vnd"][row] = nan if proposal is None else proposal
        else:
            stands, flag, mark = True, "limit_flag", "limit_mark"
            unit = reading.unit if reading.value is not None else reading.proposal_unit
            data["limit_unit"][row] = unit or data["limit_unit"][row]
            data["limit_proposed"][row] = nan if reading.proposal is None else reading.proposal
        column = NUMBERS[self.name]
        is_new = data[column][row] != data[column][row]
        value = reading.value if stands else None
        data[column][row] = nan if value is None else value
        data[flag][row] = reading.flag
        if value is not None and is_new and not data[mark][row]:
            data[mark][row] = "công bố"
        text = "amount_text" if self.name == "fees" else "limit_text"
        data[text][row] = data[text][row] or self.words.get(row, "")
        return value is not None


def judge(table: Published) -> list[Fault]:
    """Hold the numbers of a table against its published texts and return what is doubtful.

    Rows that carry a flag were judged before. A row that procsim wrote, or whose
    number an officer marks as another than the published one, stays as it is and
    a contradiction is told.
    """
    faults: list[Fault] = []
    column = NUMBERS[table.name]
    flag, mark = ("flag", "mark") if table.name == "fees" else ("limit_flag", "limit_mark")
    text = "amount_text" if table.name == "fees" else "limit_text"
    for row, number in enumerate(table.ids):
        own = table.data[mark][row] in _OWN_MARKS
        if table.data[flag][row] or (table.written(row) and own):
            continue
        kept = table.written(row) or own
        value = table.data[column][row]
        if kept and value != value:
            continue
        before = table.words.get(row) or ("" if value != value else plain_number(float(value)))
        reading = table.reading(row, kept)
        if reading is None or (not reading.flag and (kept or value == reading.value)):
            continue
        if kept and reading.flag in FEE_STANDS:
            continue
        stands = kept or table.take(row, reading)
        if not reading.flag or (reading.flag in _EMPTY[table.name] and not before):
            continue
        published = str(table.data[text][row])
        severity: Severity = "warning"
        if not kept and (table.name == "fees" or not stands):
            severity = fee_severity(reading.flag, has_amount=stands)
        proposal = "" if reading.proposal is None else plain_number(reading.proposal)
        faults.append(
            Fault(
                table.place(row, column if before else text),
                shorten(f"{before} ≠ {published}" if before and published else before or published),
                reading.reason or Text("", ""),
                _CURES[table.name],
                severity,
                reading.flag,
                proposal,
                "" if kept else number,
            )
        )
    return faults
