"""Items 59, 78-80 and 95 of what procsim must survive: what a hostile file may cost."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import psutil
import pytest

import procsim as ps
from procsim.errors import InvalidValue, UnreadableInput
from procsim.readers.gates import examine as gates
from procsim.readers.writing import check_size
from procsim.store import exchange
from procsim.store.content import canonical_json, digest
from tests.store.building import NINE, small

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20
RECORD = b'{"code": "1.%06d", "name": "A"}'
IMPORT = (
    "import sys, procsim as ps\n"
    "with ps.Store(sys.argv[1]) as store:\n"
    "    try:\n"
    "        store.import_file(sys.argv[2])\n"
    "    except ps.UnreadableInput as error:\n"
    "        print(error.faults[0].code)\n"
    "    print(len(store.projects()), len(store.check()))\n"
)


def cost(*words: object, limit: int = 0) -> tuple[int, float, float, str, str]:
    """Run Python; return exit code, seconds, peak megabytes of all processes, both outputs."""
    before = [] if not limit else ["/bin/sh", "-c", f'ulimit -v {limit}; exec "$0" "$@"']
    begun = time.monotonic()
    process = subprocess.Popen(
        [*before, sys.executable, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
    )
    told: list[tuple[str, str]] = []
    waiting = threading.Thread(target=lambda: told.append(process.communicate()))
    waiting.start()
    parent, peak = psutil.Process(process.pid), 0
    while waiting.is_alive():
        try:
            family = [parent, *parent.children(recursive=True)]
            peak = max(peak, sum(each.memory_info().rss for each in family))
        except psutil.NoSuchProcess:
            pass  # it ended between two looks
        time.sleep(0.01)
    waiting.join()
    return process.returncode, time.monotonic() - begun, peak / MEGABYTE, *told[0]


def packed(path: Path, content: bytes) -> Path:
    """Pack content so that it swells less than the bound on the ratio."""
    noise = bytes(random.Random(5).choices(b" \t\r", k=len(content) // 30))
    path.write_bytes(gzip.compress(content + noise, 6))
    assert len(content) / path.stat().st_size < 200
    return path


def plain(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("write", "name", "content", "words"),
    [
        (packed, "a.json.gz", b"[" + b"{}," * 20_000_000 + b"{}]", "Không bản ghi nào"),
        (packed, "b.json.gz", b"[" + b'"",' * 40_000_000 + b'""]', "Không bản ghi nào"),
        (plain, "c.json", b"[" + b"[]," * 19_530_000 + b"[]]", "Không bản ghi nào"),
        (packed, "d.jsonl.gz", b"{}\n" * 8_000_000, "quá nhiều bản ghi"),
        (packed, "e.json.gz", b'{"x": [' + b"{}," * 8_000_000 + b"{}]}", "hơn 100.000 giá trị"),
    ],
)
def test_78_json_that_swells_in_memory(tmp_path, write, name, content, words):
    path = write(tmp_path / name, content)
    code, seconds, peak, _, errors = cost("-m", "procsim", "check", path)
    assert code == 2
    assert words in errors
    assert "Traceback" not in errors
    assert peak < 450
    assert seconds < 60  # 3 to 7 s on two cores that others use too


def test_78_a_child_reads_large_files_into_the_same_tables(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([*(RECORD % n for n in range(60)), b'{"code": "x"}']))
    counts: list[int] = []
    here = ps.read(path)
    there = ps.read(path, counts.append, limits=ps.Limits(small_bytes=10))
    assert there.equals(here)
    assert there.faults == here.faults
    assert counts == [50, 61]
    with pytest.raises(UnreadableInput, match="quá nhiều bản ghi"):
        ps.read(path, limits=ps.Limits(records=60))
    with pytest.raises(UnreadableInput, match="quá nhiều bộ nhớ"):
        ps.read(path, limits=ps.Limits(small_bytes=10, child_bytes=MEGABYTE))

    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        ps.read(path, stop, limits=ps.Limits(small_bytes=10))
    assert not psutil.Process().children()


def test_78_records_that_are_none_are_counted_beyond_the_listed(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(RECORD % 1 + b"\n" + b"{}\n" * 300)
    faults = ps.read(path).faults
    assert sum(fault.code == "portal.not_a_record" for fault in faults) == 200
    (more,) = [fault for fault in faults if fault.code == "portal.more_not_records"]
    assert "Còn 100 bản ghi khác" in more.message.vi


def test_one_examination_serves_every_reader(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + RECORD % 1 + b"]")
    seen = gates.examine(path)
    assert (seen.kind, seen.size, seen.unpacked, seen.lines) == ("json", 35, 35, 0)
    assert seen.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(gates, "_by_content", None)  # whoever looked again would fail
    assert len(ps.read(seen)) == 1


# project files ----------------------------------------------------------------------------


@pytest.fixture
def parts(tmp_path) -> dict[str, bytes]:
    with ps.Store(tmp_path / "from.db") as store:
        store.export(
            store.create("Rà soát", small(), who="Lan", at=NINE).id, tmp_path / "a.procsim"
        )
    with zipfile.ZipFile(tmp_path / "a.procsim") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def project(path: Path, parts: dict[str, bytes]) -> Path:
    """Write a project file under a right hash, as a careful hand could."""
    parts["SHA256"] = hashlib.sha256(parts["manifest.json"]).hexdigest().encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            way = zipfile.ZIP_DEFLATED if name == "manifest.json" else zipfile.ZIP_STORED
            archive.writestr(name, data, way)
    return path


def swollen_manifest(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = b'{"a": [' + b"[]," * 20_000_000 + b"1]," + parts["manifest.json"][1:]


def dense_manifest(parts: dict[str, bytes]) -> None:
    noise = canonical_json([f"{n:x}" * 3 for n in range(20_000)])
    lists = b"[" + b"[]," * 2_000_000 + b"1]"
    parts["manifest.json"] = b'{"a":%b,"b":%b,' % (lists, noise) + parts["manifest.json"][1:]


def swollen_pieces(parts: dict[str, bytes]) -> None:
    for letter in b"abc":
        content = b't["' + bytes([letter]) * (250 * MEGABYTE) + b'"]'
        parts[f"pieces/{digest(content)}"] = zlib.compress(content, 9)


@pytest.mark.parametrize("swell", [swollen_manifest, dense_manifest, swollen_pieces])
def test_79_a_project_file_that_swells_in_memory(tmp_path, parts, swell):
    swell(parts)
    path = project(tmp_path / "b.procsim", parts)
    assert path.stat().st_size < MEGABYTE
    code, seconds, peak, output, errors = cost("-c", IMPORT, tmp_path / "to.db", path)
    assert (code, errors) == (0, "")
    refused, left = output.split("\n", 1)
    assert refused in ("store.import_part", "store.import_changed", "file.parser_memory")
    assert left.split() == ["0", "0"]
    assert peak < 450
    assert seconds < 60  # 7 to 10 s on two cores that others use too


@pytest.mark.parametrize(
    "at", ["2026-03-02T02:00:00+00:00", "2026-03-02", "0001-01-01T00:00+07:00"]
)
def test_79_a_moment_in_another_form_stops_nobody_else(tmp_path, parts, at):
    forged = parts["manifest.json"].replace(b"2026-03-02T02:00:00.000000+00:00", at.encode())
    assert forged != parts["manifest.json"]
    path = project(tmp_path / "b.procsim", {**parts, "manifest.json": forged})
    with ps.Store(tmp_path / "to.db") as store:
        sound = store.create("Lành", small(), who="Lan", at=NINE)
        bad = store.create("Hỏng", small(), who="Lan", at=NINE)
        with pytest.raises(UnreadableInput, match="không khớp"):
            store.import_file(path)
        with store._database.write() as connection:
            connection.exec_driver_sql(
                "UPDATE procsim_versions SET at = ? WHERE project = ?", (at, bad.id)
            )
        known = store.projects()
        assert len(known) == 2
        assert store.open(sound.id).digest == sound.digest
        assert [fault.code for fault in store.check()] == ["store.damaged"]
        for read in (store.open, store.log, store.versions):
            with pytest.raises(ps.store.StoreError):
                read(bad.id)
        if known.at[bad.id, "damaged"]:
            assert list(known.index) == [sound.id, bad.id]


def test_80_what_cannot_be_measured_is_never_committed(tmp_path, monkeypatch):
    twice = pd.concat([small().procedures] * 2)
    doubled = dataclasses.replace(small(), procedures=twice, _positions={}, _slices={})
    with ps.Store(tmp_path / "from.db") as store, monkeypatch.context() as patch:
        patch.setattr(exchange, "figures", lambda state: {})  # it could not be measured here
        store.export(store.create("Đôi", doubled, who="Lan", at=NINE).id, tmp_path / "a.procsim")
    with ps.Store(tmp_path / "to.db") as store:
        with pytest.raises(UnreadableInput, match="không khớp") as caught:
            store.import_file(tmp_path / "a.procsim")
        assert caught.value.faults[0].value == "procedures"
        assert len(store.projects()) == 0
        assert store.check() == ()


def test_80_a_large_project_is_looked_through_in_a_child(tmp_path, parts, monkeypatch):
    monkeypatch.setattr(exchange, "_SMALL", 10)
    path = project(tmp_path / "b.procsim", parts)
    with ps.Store(tmp_path / "to.db") as store:
        taken, warnings = store.import_file(path)
        assert warnings == ()
        assert taken.portfolio.equals(small())
        assert store.check() == ()
    parts["manifest.json"] = parts["manifest.json"].replace(b'"kind":"create"', b'"kind":"odd"')
    with pytest.raises(UnreadableInput, match="không khớp"):
        exchange.read_state(project(path, parts))


# memory and what is written ---------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit belongs to Unix")
@pytest.mark.parametrize("words", [("check",), ("plan", "--smallest", "--year=2025", "--json")])
def test_59_out_of_memory_ends_in_a_sentence(tmp_path, words):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(RECORD % n for n in range(150_000)))
    code, _, _, output, errors = cost("-m", "procsim", *words, path, limit=300_000)
    assert code == 2
    assert "Không đủ bộ nhớ" in errors
    assert "Traceback" not in errors
    assert ("cli.memory" in output) == ("--json" in words)


def test_95_a_workbook_that_would_not_be_read_back_is_not_written(tmp_path):
    most = ps.Limits().cells
    check_size(tmp_path / "a.xlsx", [("A", most // 20, 10), ("B", most // 20, 10)])
    with pytest.raises(InvalidValue) as caught:
        check_size(tmp_path / "a.xlsx", [("A", most // 10, 10), ("B", 1, 1)])
    assert "20.000.001 ô; procsim chỉ đọc lại được 20.000.000" in str(caught.value)


def test_95_the_bound_that_was_met_is_the_one_named(tmp_path):
    path = tmp_path / "a.xlsx"
    ps.write_workbook(small(), path)
    for limits, words in (
        (ps.Limits(cells=40), "40 ô"),
        (ps.Limits(rows=2), "2 dòng × 500 cột"),
        (ps.Limits(file_bytes=1000), "giới hạn là"),
    ):
        with pytest.raises(UnreadableInput, match=words):
            ps.read(path, limits=limits)
