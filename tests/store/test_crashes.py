"""Killed processes, two writers at once, a server that goes away (faults 48, 53, 54)."""

from __future__ import annotations

from pathlib import Path

import pytest

from procsim.store import Cell, Conflict, EditCells, Store, StoreError
from tests.store import server
from tests.store.building import NINE, small
from tests.store.conftest import emptied
from tests.store.kills import kill_while_saving, started

LAN = {"who": "Lan", "at": NINE}


def rename(name: str) -> EditCells:
    return EditCells([Cell("procedures", "1.000001", "name", name)])


def test_kill_at_random_moments_loses_at_most_the_action_in_flight(tmp_path):
    seen = kill_while_saving(str(tmp_path / "procsim.db"), kills=3, seed=7)
    assert seen.kills == 3
    assert seen.acknowledged >= 3
    assert (seen.lost, seen.corrupt) == (0, 0)


def test_two_processes_on_one_project_lose_nothing(place):
    with Store(place) as store:
        project = store.create("Thử", small(), **LAN)
        workers = [started(place, project.id, who, actions=6) for who in ("Lan", "Minh")]
        told = [worker.communicate(timeout=120)[0].splitlines() for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0]
        acknowledged = [[line for line in lines if line != "conflict"] for lines in told]
        versions = sorted(int(line.split()[0]) for lines in acknowledged for line in lines)
        # Every action has a version of its own, and each one said to be saved is there.
        assert versions == list(range(2, 14))
        history = store.versions(project.id)
        assert history.index.tolist() == list(range(1, 14))
        for who, lines in zip(("Lan", "Minh"), acknowledged, strict=True):
            saved = {int(line.split()[0]) for line in lines}
            assert saved == set(history.index[history["who"] == who]) - {1}
        assert store.check() == ()


def test_the_slower_of_two_sessions_gets_a_conflict(place):
    with Store(place) as one, Store(place) as other:
        project = one.create("Thử", small(), **LAN)
        theirs = other.open(project.id)
        theirs.act(rename("Của Minh"), who="Minh", at=NINE)
        with pytest.raises(Conflict, match="Minh đã thay đổi"):
            project.act(rename("Của Lan"), **LAN)


def break_in_mid_save(store: Store, folder: Path) -> None:
    with store._database.write() as connection:
        server.restart(folder)
        connection.exec_driver_sql("SELECT 1")


def test_a_broken_connection_is_told_and_the_action_can_be_repeated(postgresql):
    url, folder = postgresql
    if folder is None:
        pytest.skip("the server of PROCSIM_POSTGRESQL is not ours to restart")
    with Store(emptied(url), timeout=3) as store:
        project = store.create("Thử", small(), **LAN)
        with pytest.raises(StoreError) as stop:
            break_in_mid_save(store, folder)
        assert [fault.code for fault in stop.value.faults] == ["store.disconnected"]
        assert "không ghi hai lần" in stop.value.in_language("vi")
        # The pool sees that its connections are gone; nothing has to be opened anew.
        saved = project.act(rename("A"), **LAN)
        assert saved.version == project.act(rename("A"), **LAN).version == 2


def test_a_server_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StoreError) as stop:
        Store(f"postgresql://lan:matkhau@/procsim?host={tmp_path}", timeout=2)
    assert stop.value.faults[0].code == "store.unreachable"
    assert "matkhau" not in stop.value.in_language("vi")
