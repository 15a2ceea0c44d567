"""Reading what Vietnamese officers and the portal write: one door to the room.

Every parser returns a value or a reason, never a guess: see `Reading`.
"""

from __future__ import annotations

from procsim.language.dates import VIETNAM_TIME, Epoch, canonical_code, read_date, repair_code
from procsim.language.durations import (
    DURATION_UNITS,
    LONGEST_DAYS,
    UNIT_NAMES,
    durations_in,
    read_duration,
)
from procsim.language.formatting import format_number, format_number_en, format_vnd, in_words
from procsim.language.money import amounts_in, read_money
from procsim.language.numerals import DateReading, NumberKind, Reading, read_number
from procsim.language.text import fold, from_legacy, looks_like_legacy_encoding, nfc

__all__ = [
    "DURATION_UNITS",
    "LONGEST_DAYS",
    "UNIT_NAMES",
    "VIETNAM_TIME",
    "DateReading",
    "Epoch",
    "NumberKind",
    "Reading",
    "amounts_in",
    "canonical_code",
    "durations_in",
    "fold",
    "format_number",
    "format_number_en",
    "format_vnd",
    "from_legacy",
    "in_words",
    "looks_like_legacy_encoding",
    "nfc",
    "read_date",
    "read_duration",
    "read_money",
    "read_number",
    "repair_code",
]
