"""One door to SQLite and PostgreSQL: settings, transactions, explained faults."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
from sqlalchemy import (
    URL,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import ArgumentError

from procsim.errors import Fault, shorten
from procsim.store.content import Damaged, pack, unpack
from procsim.store.troubles import StoreError, explained, store_fault

_MANY = 500  # values in one query; SQLite takes at least 999
_ADVISORY_LOCK = 0x70726F63  # "proc": one process at a time creates the tables
_NETWORK = {"nfs", "nfs4", "cifs", "smbfs", "smb2", "smb3", "afs", "fuse.sshfs", "webdav"}


def _url(place: str | Path) -> URL:
    written = str(place)
    if "://" not in written:
        return URL.create("sqlite", database=str(Path(written).absolute()))
    try:
        url = make_url(written)
    except ArgumentError as error:
        raise StoreError(store_fault("url", "URL", shorten(written.rpartition("@")[2]))) from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(store_fault("url", "URL", url.get_backend_name()))
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError(store_fault("url", "URL", written))
    return url


def _is_network_folder(path: Path) -> bool:
    if str(path).startswith(("\\\\", "//")):
        return True
    resolved = path.resolve()
    mounts = psutil.disk_partitions(all=True)
    holding = [part for part in mounts if resolved.is_relative_to(part.mountpoint)]
    nearest = max(holding, key=lambda part: len(part.mountpoint), default=None)
    if nearest is None:
        return False
    return nearest.fstype.lower() in _NETWORK or "remote" in nearest.opts.split(",")


class Database:
    """A store's connection pool; reads and writes are whole transactions.

    Parameters
    ----------
    place
        A path of an SQLite file, or a URL (``postgresql://user@host/name``).
    timeout
        Seconds to wait for another writer before giving up.

    Raises
    ------
    StoreError
        When the place cannot be used, with the reason and the cure.
    """

    def __init__(self, place: str | Path, timeout: float = 10.0) -> None:
        url = _url(place)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._timeout = timeout
        if self.is_sqlite:
            path = Path(str(url.database))
            self.place = path.name
            if _is_network_folder(path):
                raise StoreError(store_fault("no_wal", self.place))
            arguments: dict[str, Any] = {"timeout": timeout}
        else:
            self.place = url.render_as_string(hide_password=True)
            waiting = f"-c lock_timeout={int(timeout * 1000)}"
            arguments = {"connect_timeout": max(2, int(timeout)), "options": waiting}
        try:
            self._engine = create_engine(url, connect_args=arguments, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise StoreError(store_fault("driver", self.place, error.name or "")) from error
        if self.is_sqlite:
            event.listen(self._engine, "connect", self._set_up)
            event.listen(self._engine, "begin", _begin)
        self._prepare()

    def _prepare(self) -> None:
        try:
            with self.read() as connection:
                ready = stored_version(connection) == SCHEMA_VERSION
            if not ready:
                with self.write() as connection:
                    if not self.is_sqlite:
                        lock = text("SELECT pg_advisory_xact_lock(:key)")
                        connection.execute(lock, {"key": _ADVISORY_LOCK})
                    prepare(connection, self.place)
        except BaseException:
            self.close()
            raise

    def _set_up(self, connection: Any, record: object) -> None:
        del record  # the signature is SQLAlchemy's
        # Transactions begin where `_begin` says so, not where the driver guesses.
        connection.isolation_level = None
        for setting in ("foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {setting}")
        if not self._in_wal(connection):
            raise StoreError(store_fault("no_wal", self.place))

    def _in_wal(self, connection: Any) -> bool:
        # Turning WAL on does not wait for other connections, so this does.
        for waits in range(20):
            try:
                return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]) == "wal"
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waits == 19:
                    raise
                time.sleep(self._timeout / 20)
        return False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state and changes nothing."""
        with explained(self.place), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction for a change; an exception undoes all of it."""
        with explained(self.place), self._engine.connect() as connection:
            connection.execution_options(procsim_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Let go of the file or the server."""
        self._engine.dispose()

    def put(self, connection: Connection, pieces: Mapping[str, bytes]) -> None:
        """Store the pieces that are not there yet."""
        present: set[str] = set()
        for names in _batches(pieces):
            found = connection.execute(select(blobs.c.hash).where(blobs.c.hash.in_(names)))
            present.update(found.scalars())
        rows = [
            {"hash": name, "data": pack(canonical)}
            for name, canonical in sorted(pieces.items())
            if name not in present
        ]
        self.insert_blobs(connection, rows)

    def insert_blobs(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Insert packed pieces; one that another session stored meanwhile stays."""
        if rows:
            insert = (sqlite_dialect if self.is_sqlite else postgresql).insert(blobs)
            connection.execute(insert.on_conflict_do_nothing(), rows)

    def packed(self, connection: Connection, names: Iterable[str]) -> dict[str, bytes]:
        """Return stored pieces as they are packed; those not there are absent."""
        found: dict[str, bytes] = {}
        for batch in _batches(names):
            query = select(blobs.c.hash, blobs.c.data).where(blobs.c.hash.in_(batch))
            found.update({name: bytes(data) for name, data in connection.execute(query)})
        return found

    def get(self, connection: Connection, names: Iterable[str]) -> dict[str, bytes]:
        """Return canonical pieces, each checked against its hash.

        Raises
        ------
        StoreError
            When a piece is lost or changed.
        """
        wanted = dict.fromkeys(names)
        packed = self.packed(connection, wanted)
        faults: list[Fault] = []
        found: dict[str, bytes] = {}
        for name in wanted:
            try:
                found[name] = unpack(name, packed[name])
            except (KeyError, Damaged):
                faults.append(store_fault("damaged", self.place, name))
        if faults:
            raise StoreError(faults)
        return found

    def check(self) -> list[Fault]:
        """Return what is wrong with the file and with every piece in it."""
        faults: list[Fault] = []
        with self.read() as connection:
            if self.is_sqlite:
                for pragma in ("integrity_check", "foreign_key_check"):
                    faults += [
                        store_fault("corrupt", self.place, str(tuple(row)))
                        for row in connection.exec_driver_sql(f"PRAGMA {pragma}")
                        if tuple(row) != ("ok",)
                    ]
            for name, data in connection.execute(select(blobs.c.hash, blobs.c.data)):
                try:
                    unpack(name, bytes(data))
                except Damaged:
                    faults.append(store_fault("damaged", self.place, name))
        return faults


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once, so that two of them never both read first.
    writes = connection.get_execution_options().get("procsim_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    listed = list(names)
    return (listed[start : start + _MANY] for start in range(0, len(listed), _MANY))


# The tables in which projects are kept, and how older stores are brought up.

SCHEMA_VERSION = 1

metadata = MetaData()

schema_version = Table("procsim_schema", metadata, Column("version", Integer, nullable=False))

# Content by its hash; shared by all versions of all projects, never changed.
blobs = Table(
    "procsim_blobs",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

projects = Table(
    "procsim_projects",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("head", Integer, nullable=False),  # the version that stands
    Column("last", Integer, nullable=False),  # the highest number given so far
)

# One row for each action, never changed, never deleted: history and audit log in one.
versions = Table(
    "procsim_versions",
    metadata,
    Column("project", String(32), ForeignKey("procsim_projects.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("base", Integer),  # the version that the officer saw
    Column("position", Integer, nullable=False),  # the action whose result stands now
    Column("tip", Integer, nullable=False),  # how far redo can go from here
    Column("parent", Integer),  # the position before, where undo goes
    Column("kind", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(40), nullable=False),  # ISO 8601 in UTC
    Column("changes", Text, nullable=False),  # JSON in ASCII: what, before, after
    Column("state", String(64), ForeignKey("procsim_blobs.hash"), nullable=False),
)

tags = Table(
    "procsim_tags",
    metadata,
    Column("project", String(32), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(40), nullable=False),
    ForeignKeyConstraint(
        ["project", "version"], ["procsim_versions.project", "procsim_versions.version"]
    ),
)

MIGRATIONS: Mapping[int, Callable[[Connection], None]] = MappingProxyType({})
"""What brings a store of version *n* to *n* + 1, by *n*; all run in one transaction."""


def stored_version(connection: Connection) -> int | None:
    """Return the schema version of a store, None where there is none yet."""
    if not inspect(connection).has_table(schema_version.name):
        return None
    return connection.execute(select(schema_version.c.version)).scalar()


def prepare(
    connection: Connection,
    place: str,
    migrations: Mapping[int, Callable[[Connection], None]] = MIGRATIONS,
    target: int = SCHEMA_VERSION,
) -> None:
    """Create the tables, or bring those of an older version up, in the open transaction.

    Raises
    ------
    StoreError
        When the file belongs to another program, was written by a newer procsim,
        or no way leads from its version to this one. Nothing is changed then.
    """
    found = stored_version(connection)
    if found is None:
        if connection.dialect.name == "sqlite" and inspect(connection).get_table_names():
            raise StoreError(store_fault("foreign", place))
        metadata.create_all(connection)
        connection.execute(schema_version.insert().values(version=target))
        return
    if found > target:
        raise StoreError(store_fault("newer", place, found, known=target))
    for step in range(found, target):
        if step not in migrations:
            raise StoreError(store_fault("no_migration", place, step))
        migrations[step](connection)
    if found < target:
        connection.execute(update(schema_version).values(version=target))
