"""The tables in which projects are kept, and how older stores are brought up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import (
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
    inspect,
    select,
    update,
)

from procsim.store.troubles import StoreError, store_fault

__all__ = ["MIGRATIONS", "SCHEMA_VERSION", "blobs", "prepare", "projects", "tags", "versions"]

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
