"""What can go wrong with a stored project, said so that an officer can act on it."""

from __future__ import annotations

import datetime as dt
import errno
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from procsim.errors import NOTHING, Fault, InvalidValue, ProcsimError, Text, shorten
from procsim.language.i18n import TEXTS, bilingual
from procsim.store.content import Damaged

CHOICES = ("reload", "keep", "overwrite")
"""What an officer can do about a conflict; `Conflict.choices` has the sentences."""


class StoreError(ProcsimError):
    """The store cannot be read or written; what was saved before still stands."""


class Conflict(ProcsimError):
    """Somebody else changed the project since the version that the officer saw.

    Nothing was saved. The choices are to reload, to keep one's own change beside
    (`Project.keep_as`), or to overwrite knowingly (``act(..., overwrite=True)``).

    Attributes
    ----------
    expected, found
        The version that the officer saw, and the one that stands now.
    meanwhile
        Who did what in between, one sentence each, oldest first.

    Examples
    --------
    >>> import datetime as dt
    >>> import tempfile
    >>> from pathlib import Path
    >>> import procsim as ps
    >>> from procsim.store.actions import Note
    >>> now = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    >>> with tempfile.TemporaryDirectory() as folder, ps.Store(Path(folder) / "a.db") as store:
    ...     seen = store.create("Rà soát 2026", ps.load_sample(), who="Lan", at=now)
    ...     theirs = seen.act(Note("1.004222", "Đã xem."), who="Minh", at=now)
    ...     try:
    ...         seen.act(Note("1.004222", "Chưa xem."), who="Lan", at=now)
    ...     except ps.Conflict as conflict:
    ...         conflict.expected, conflict.found
    (1, 2)
    """

    def __init__(
        self,
        faults: Fault | Iterable[Fault],
        expected: int = 0,
        found: int = 0,
        meanwhile: Sequence[Text] = (),
    ) -> None:
        super().__init__(faults)
        self.expected = expected
        self.found = found
        self.meanwhile = tuple(meanwhile)

    @property
    def choices(self) -> dict[str, Text]:
        """What the officer can do, by the names of `CHOICES`."""
        return {name: bilingual(f"store.choice.{name}") for name in CHOICES}

    def __reduce__(self) -> tuple[type[Conflict], tuple[object, ...]]:
        return type(self), (self.faults, self.expected, self.found, self.meanwhile)


def store_fault(code: str, place: str, value: object = "", **values: object) -> Fault:
    """Return the fault ``store.<code>`` with its sentences from the table of texts."""
    key = f"store.{code}"
    cure = f"{key}.cure"
    return Fault(
        shorten(place),
        shorten(value),
        bilingual(key, **values),
        bilingual(cure, **values) if cure in TEXTS else NOTHING,
        code=key,
    )


_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_PROTOCOL: "no_wal",
    sqlite3.SQLITE_NOMEM: "no_memory",
    sqlite3.SQLITE_IOERR: "disk_error",
}
# First two or five characters of the SQLSTATE that PostgreSQL gives.
_BY_SQLSTATE = {
    "53100": "disk_full",
    "53200": "no_memory",
    "25006": "read_only",
    "42501": "read_only",
    "55P03": "locked",
    "57014": "locked",
    "40": "locked",
    "28": "refused",
    "3D": "unreachable",
    "08": "disconnected",
    "57P": "disconnected",
    "XX": "corrupt",
}


def _code_of(error: SQLAlchemyError) -> str:
    if isinstance(error, PoolTimeout):
        return "locked"
    if not isinstance(error, DBAPIError):
        return "failed"
    if error.connection_invalidated:
        return "disconnected"
    original = error.orig
    number = getattr(original, "sqlite_errorcode", None)
    if number is not None:
        return _BY_SQLITE_CODE.get(number & 0xFF, "failed")
    state = getattr(original, "sqlstate", None)
    if state:
        return next((code for at, code in _BY_SQLSTATE.items() if state.startswith(at)), "failed")
    # Without a state the server could not be reached at all.
    return "unreachable" if isinstance(error, OperationalError) else "failed"


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn what the database or the disk reports into a `StoreError`.

    Parameters
    ----------
    place
        The store as the officer knows it; never with a password in it.
    """
    try:
        yield
    except SQLAlchemyError as error:
        value = shorten(str(getattr(error, "orig", None) or error))
        raise StoreError(store_fault(_code_of(error), place, value)) from error
    except OSError as error:
        code = {errno.ENOSPC: "disk_full", errno.EROFS: "read_only", errno.EACCES: "read_only"}
        name = code.get(error.errno or 0, "unreachable")
        value = error.strerror or type(error).__name__
        raise StoreError(store_fault(name, place, value)) from error


# Names and moments that callers state, checked before they are kept.

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
