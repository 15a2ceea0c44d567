"""Names and moments that callers state, checked before they are kept."""

from __future__ import annotations

import datetime as dt

from procsim.errors import InvalidValue
from procsim.store.content import Damaged
from procsim.store.troubles import store_fault

__all__ = ["check_name", "instant", "is_name", "moment"]

_LONGEST_NAME = 200


def is_name(name: object) -> bool:
    """Return whether people and databases can carry a name: printable, 1 to 200 characters."""
    fits = isinstance(name, str) and name.strip() == name and name.isprintable()
    return fits and 0 < len(str(name)) <= _LONGEST_NAME


def check_name(name: str, place: str) -> str:
    """Return a name that people and databases can carry: printable, 1 to 200 characters.

    Raises
    ------
    InvalidValue
        When it is empty, too long, or holds control characters.
    """
    if not is_name(name):
        raise InvalidValue(store_fault("name", place, name))
    return name


def instant(at: dt.datetime) -> str:
    """Return a moment as ISO 8601 in UTC, so that no time zone can shift it.

    Raises
    ------
    InvalidValue
        When the moment does not say its time zone.
    """
    if not isinstance(at, dt.datetime) or at.utcoffset() is None:
        raise InvalidValue(store_fault("moment", "at", at))
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def moment(written: str) -> dt.datetime:
    """Return the moment that `instant` wrote, in that form and no other.

    Raises
    ------
    Damaged
        When another program, or an accident, wrote it differently.
    """
    try:
        at = dt.datetime.fromisoformat(written)
        if instant(at) == written:
            return at
    except (ValueError, OverflowError, TypeError) as error:
        raise Damaged("at") from error
    raise Damaged("at")
