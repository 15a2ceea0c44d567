"""Disk full, read-only, locked, corrupt, foreign, newer, failed migration (faults 49–52, 58)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection

from procsim.store import Cell, EditCells, SetPortfolio, Store, StoreError, database
from procsim.store.database import prepare, stored_version
from procsim.store.troubles import explained
from tests.store.building import NINE, small

LAN = {"who": "Lan", "at": NINE}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "procsim.db"


def rename(name: str) -> EditCells:
    return EditCells([Cell("procedures", "1.000001", "name", name)])


def codes(act: Callable[[], object]) -> list[str]:
    """Return the codes of the faults that an act stops with, each one explained."""
    with pytest.raises(StoreError) as stop:
        act()
    for fault in stop.value.faults:
        assert fault.message.vi
        assert fault.message.en
        assert fault.cure.vi
        assert fault.cure.en
    return [fault.code for fault in stop.value.faults]


def test_a_full_disk_is_told_and_nothing_is_half_saved(path):
    with Store(path) as store:
        project = store.create("Thử", small(), **LAN)
        noise = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(400_000))
        large = small().procedures.assign(agency=[noise, noise[::-1]])
        with store._database.write() as connection:
            # SQLite's own limit on pages gives the very error of a full disk.
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        act = SetPortfolio(small().replace(procedures=large))
        assert codes(lambda: project.act(act, **LAN)) == ["store.disk_full"]
        assert store.head(project.id) == 1
        assert store.check() == ()
        assert store.open(project.id).portfolio.equals(small())
    with Store(path) as store:  # once there is space again
        assert store.open(project.id).act(act, **LAN).version == 2


@pytest.mark.parametrize(
    ("number", "code"),
    [(28, "disk_full"), (30, "read_only"), (13, "read_only"), (5, "unreachable")],
)
def test_what_the_system_reports_is_explained(number, code):
    def fail() -> None:
        with explained("procsim.db"):
            raise OSError(number, os.strerror(number))

    assert codes(fail) == [f"store.{code}"]


def test_a_store_that_cannot_be_written_is_told(path):
    with Store(path) as store:
        project = store.create("Thử", small(), **LAN)
        with store._database.read() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
        assert codes(lambda: project.act(rename("A"), **LAN)) == ["store.read_only"]
        assert store.open(project.id).version == 1


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows keeps rights on folders otherwise")
def test_a_read_only_folder_is_told(path):
    with Store(path) as store:
        store.create("Thử", small(), **LAN)
    folder = path.parent
    folder.chmod(0o555)
    was = os.geteuid()
    modes = {parent: parent.stat().st_mode for parent in folder.parents[:2]}
    if was == 0:  # root may write everywhere; nobody may at least look in here
        for parent, mode in modes.items():
            parent.chmod(mode | 0o055)
        os.seteuid(65534)
    try:
        found = codes(lambda: Store(folder / "new.db", timeout=0.2))
        assert found[0] in ("store.unreachable", "store.read_only")
        found = codes(lambda: Store(path, timeout=0.2))
        assert found[0] in ("store.unreachable", "store.read_only")
    finally:
        os.seteuid(was)
        folder.chmod(0o755)
        for parent, mode in modes.items():
            parent.chmod(mode)
    assert not (folder / "new.db").exists()
    with Store(path) as store:
        assert store.check() == ()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    assert codes(lambda: Store(tmp_path / "nowhere" / "procsim.db")) == ["store.unreachable"]


def test_a_locked_store_is_told_after_the_time_to_wait(path):
    with Store(path, timeout=0.2) as store:
        project = store.create("Thử", small(), **LAN)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert codes(lambda: project.act(rename("A"), **LAN)) == ["store.locked"]
        assert store.open(project.id).version == 1  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        assert project.act(rename("A"), **LAN).version == 2


def test_a_locked_row_of_postgresql_is_told(postgresql):
    with Store(postgresql[0], timeout=1) as store, Store(postgresql[0], timeout=1) as other:
        project = store.create("Thử", small(), **LAN)
        with other._database.write() as connection:
            connection.exec_driver_sql("SELECT * FROM procsim_projects FOR UPDATE")
            assert codes(lambda: project.act(rename("A"), **LAN)) == ["store.locked"]
        assert project.act(rename("A"), **LAN).version == 2


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_told_and_left_alone(path, head):
    content = head + b"\xff" * 9000
    path.write_bytes(content)
    assert codes(lambda: Store(path)) == ["store.corrupt"]
    assert path.read_bytes() == content


def test_a_damaged_page_is_found(path):
    with Store(path) as store:
        project = store.create("Thử", small(), **LAN)
    raw = bytearray(path.read_bytes())
    raw[4096 * 3 :] = b"\xaa" * (len(raw) - 4096 * 3)
    path.write_bytes(raw)
    with Store(path) as store:
        found = codes(lambda: store.open(project.id))
        assert set(found) <= {"store.corrupt", "store.damaged"}


def test_a_changed_piece_is_never_used(path):
    with Store(path) as store:
        project = store.create("Thử", small(), **LAN)
        pieces = store._database.packed
        with store._database.write() as connection:
            root = project.saved.tables["procedures"]["columns"]["name"][0]
            other = project.saved.tables["procedures"]["columns"]["id"][0]
            data = pieces(connection, [other])[other]
            connection.exec_driver_sql("UPDATE procsim_blobs SET data=? WHERE hash=?", (data, root))
        assert codes(lambda: store.open(project.id)) == ["store.damaged"]
        assert [fault.code for fault in store.check()] == ["store.damaged"]


def test_undo_never_leads_to_a_damaged_state(path):
    with Store(path) as store:
        project = store.create("Thử", small(), **LAN)
        lost = project.saved.tables["procedures"]["columns"]["name"][0]
        project.act(rename("A"), **LAN)
        with store._database.write() as connection:
            connection.exec_driver_sql("DELETE FROM procsim_blobs WHERE hash=?", (lost,))
        reopened = store.open(project.id)
        assert codes(lambda: reopened.undo(**LAN)) == ["store.damaged"]
        assert store.head(project.id) == 2


def test_the_database_of_another_program_is_left_alone(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos(id)")
    connection.commit()
    connection.close()
    assert codes(lambda: Store(path)) == ["store.foreign"]
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    connection.close()


def test_a_newer_store_is_refused_untouched(place):
    with Store(place) as store, store._database.write() as connection:
        connection.exec_driver_sql("UPDATE procsim_schema SET version=99")
    with pytest.raises(StoreError, match="mới hơn") as stop:
        Store(place)
    assert stop.value.faults[0].value == "99"


def add_column(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE procsim_projects ADD COLUMN colour TEXT")


def break_off(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO procsim_nowhere VALUES (1)")


def columns(connection: Connection) -> set[str]:
    return set(connection.exec_driver_sql("SELECT * FROM procsim_projects").keys())


def test_a_migration_brings_an_old_store_up(store):
    project = store.create("Thử", small(), **LAN)
    with store._database.write() as connection:
        prepare(connection, "x", {1: add_column}, target=2)
    with store._database.read() as connection:
        assert stored_version(connection) == 2
        assert "colour" in columns(connection)
    assert store.open(project.id).portfolio.equals(small())


def test_a_failed_migration_leaves_the_store_as_it_was(store):
    def migrate() -> None:
        with store._database.write() as connection:
            prepare(connection, "x", {1: add_column, 2: break_off}, target=3)

    assert codes(migrate)[0] == "store.failed"
    with store._database.read() as connection:
        assert stored_version(connection) == 1
        assert "colour" not in columns(connection)


def test_a_store_without_a_way_up_is_told(store):
    def migrate() -> None:
        with store._database.write() as connection:
            prepare(connection, "x", {}, target=2)

    assert codes(migrate) == ["store.no_migration"]


def test_a_network_drive_is_refused_with_the_way_out(path, monkeypatch):
    mount = SimpleNamespace(mountpoint=str(path.parent), fstype="cifs", opts="rw")
    monkeypatch.setattr(database.psutil, "disk_partitions", lambda **options: [mount])
    assert codes(lambda: Store(path)) == ["store.no_wal"]
    assert not path.exists()


def test_a_file_system_without_wal_is_refused(path, monkeypatch):
    monkeypatch.setattr(database.Database, "_in_wal", lambda self, connection: False)
    assert codes(lambda: Store(path)) == ["store.no_wal"]


@pytest.mark.parametrize("place", ["mysql://lan@host/x", "sqlite://", "://", "http://x/y"])
def test_places_that_hold_no_store_are_told(place):
    assert codes(lambda: Store(place)) == ["store.url"]


def test_a_missing_driver_is_told(monkeypatch):
    def absent(*arguments: object, **options: object) -> None:
        raise ModuleNotFoundError("psycopg", name="psycopg")

    monkeypatch.setattr(database, "create_engine", absent)
    assert codes(lambda: Store("postgresql://lan@host/x")) == ["store.driver"]


def test_settings_of_sqlite_are_those_that_keep_work(path):
    with Store(path, timeout=3) as store, store._database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 3000,
    }
