"""What a parser hands back: a value, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from procsim.errors import Text, shorten
from procsim.language.i18n import bilingual

__all__ = ["DateReading", "Reading", "clean", "flagged"]

SHOWN = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as read from what somebody wrote.

    Parameters
    ----------
    value
        The number, or None when it is missing or was refused.
    unit
        Its unit: ``"working_day"``, ``"VND"``, ``"hour"``…; ``""`` when unknown.
    text
        What was written.
    flag
        Stable reason code such as ``"fee.thousandth"``; ``""`` when nothing is doubtful.
    reason
        The sentence that belongs to the flag.
    proposal
        A value that the officer may accept in place of what was written. Never
        taken over without the officer.
    proposal_unit
        Unit of the proposal where it is not `unit`.
    per
        What an amount is paid for (``"trang"``, ``"hồ sơ"``), as written.
    """

    value: float | None
    unit: str = ""
    text: str = ""
    flag: str = ""
    reason: Text | None = None
    proposal: float | None = None
    proposal_unit: str = ""
    per: str = ""

    @property
    def is_missing(self) -> bool:
        """Tell whether there is no value."""
        return self.value is None

    @property
    def is_clean(self) -> bool:
        """Tell whether there is a value about which nothing is doubtful."""
        return self.value is not None and not self.flag


@dataclass(frozen=True, slots=True)
class DateReading:
    """A calendar day as read; see `Reading` for the fields."""

    value: dt.date | None
    text: str = ""
    flag: str = ""
    reason: Text | None = None

    @property
    def is_missing(self) -> bool:
        """Tell whether there is no day."""
        return self.value is None


def clean(value: float, unit: str, text: str, per: str = "") -> Reading:
    """Return a reading about which nothing is doubtful."""
    return Reading(value=float(value), unit=unit, text=text, per=per)


def flagged(
    flag: str,
    text: str,
    *,
    value: float | None = None,
    unit: str = "",
    proposal: float | None = None,
    proposal_unit: str = "",
    per: str = "",
    **values: object,
) -> Reading:
    """Return a doubtful or refused reading, with the sentence of its flag.

    The sentence may use ``{written}``, ``{proposal}`` and any of `values`.
    """
    sentence = bilingual(
        f"flag.{flag}",
        **{"written": shorten(text, SHOWN), "proposal": "" if proposal is None else proposal}
        | values,
    )
    return Reading(
        value=None if value is None else float(value),
        unit=unit,
        text=text,
        flag=flag,
        reason=sentence,
        proposal=None if proposal is None else float(proposal),
        proposal_unit=proposal_unit,
        per=per,
    )
