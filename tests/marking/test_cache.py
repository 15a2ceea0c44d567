"""Readings kept on disk: the same marks with and without, and nothing that can go wrong shows."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import procsim as ps
from procsim.marking import LearnedMatcher, mark
from procsim.marking.cache import ReadingCache, cache_folder
from procsim.marking.learning import Row, shipped_model
from procsim.marking.matching import read_rows
from procsim.reference import document_types
from tests.marking.conftest import ROWS
from tests.shared import SHARED, needs_shared

MODEL = shipped_model()
WITHOUT = LearnedMatcher(document_types(), MODEL)
NAMES = [row["name"] for row in ROWS]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PROCSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fresh():
    """Return a matcher that remembers nothing but what lies on disk."""
    matcher = LearnedMatcher(document_types(), MODEL, cached=True)
    matcher._variants = WITHOUT._variants
    return matcher


def file_of(folder):
    return folder / "readings.sqlite"


def count(folder):
    with sqlite3.connect(file_of(folder)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM reading").fetchone()
    connection.close()
    return number


def without_judging(monkeypatch):
    """Let no row be read again: what comes now came from disk."""

    def never(*_):
        raise AssertionError("a row was read again")

    monkeypatch.setattr("procsim.marking.matching.judge", never)


def tables(portfolio):
    return [getattr(portfolio, n).to_csv() for n in ("requirements", "cases", "results", "marks")]


def test_the_second_process_reads_nothing_again_and_says_the_same(folder, monkeypatch):
    rows = [Row(name, "Trường hợp cấp mới", "Cấp thẻ", 1) for name in NAMES]
    plain = repr(WITHOUT.read(rows))
    assert repr(fresh().read(rows)) == plain
    assert count(folder) == len(set(rows))
    without_judging(monkeypatch)
    assert repr(fresh().read(rows)) == plain


def test_the_sample_has_the_same_marks_with_and_without(folder):
    sample = ps.load_sample()
    plain = tables(mark(sample, matcher=WITHOUT))
    assert tables(mark(sample, matcher=fresh())) == plain
    assert tables(mark(sample, matcher=fresh())) == plain


@needs_shared
def test_real_records_have_the_same_marks_with_and_without(folder, monkeypatch):
    portfolio = ps.read(SHARED / "portal" / "procedures.jsonl.gz")
    portfolio = portfolio.select(list(portfolio.procedures.index[::12]))
    plain = tables(mark(portfolio, matcher=WITHOUT))
    assert tables(mark(portfolio, matcher=fresh())) == plain
    without_judging(monkeypatch)
    assert tables(mark(portfolio, matcher=fresh())) == plain


WORDS = st.sampled_from(
    [*" ".join(NAMES).split(), ";", ":", "(", ")", "\n", "nước ngoài", "nếu có", "\ud800", "\0"]
)
TEXTS = st.one_of(
    st.sampled_from(NAMES), st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=40)
)
CASES = st.sampled_from(["", "Lưu ý", "Giấy tờ phải nộp", "Đối với người nước ngoài"])
RANDOM = st.builds(Row, TEXTS, CASES, CASES, st.sampled_from([None, 0, 1, 2]))


@settings(max_examples=15)
@given(st.lists(RANDOM, min_size=40, max_size=60, unique=True), st.data())
def test_random_rows_are_given_back_bit_for_bit(tmp_path_factory, rows, data):
    folder = tmp_path_factory.mktemp("cache")
    before, os.environ["PROCSIM_CACHE"] = os.environ["PROCSIM_CACHE"], str(folder)
    try:
        plain = repr(WITHOUT.read(rows))
        part = data.draw(st.integers(0, len(rows)))
        fresh().read(rows[:part])
        assert repr(fresh().read(rows)) == plain
        assert repr(fresh().read(rows)) == plain
    finally:
        os.environ["PROCSIM_CACHE"] = before


@pytest.mark.parametrize("way", ["nothing", "text", "half", "bytes", "other table", "values"])
def test_a_damaged_file_is_passed_over_and_replaced(folder, monkeypatch, way):
    rows = [Row(name) for name in NAMES]
    plain = repr(fresh().read(rows))
    path = file_of(folder)
    held = path.read_bytes()
    if way in {"other table", "values"}:
        with sqlite3.connect(path) as connection:
            if way == "values":
                connection.execute("UPDATE reading SET value = replace(value, 'form', 'note')")
            else:
                connection.execute("DROP TABLE reading")
                connection.execute("CREATE TABLE reading (row TEXT)")
        connection.close()
    else:
        step = range(100, len(held), 701)
        spoilt = bytes(b ^ 255 if n in step else b for n, b in enumerate(held))
        path.write_bytes({"nothing": b"", "text": b"none", "half": held[:-5000]}.get(way, spoilt))
    for _ in range(3):  # read wrongly, replaced, written anew
        assert repr(fresh().read(rows)) == plain
    without_judging(monkeypatch)
    assert repr(fresh().read(rows)) == plain


def test_another_model_or_catalogue_does_not_see_these_readings(folder):
    rows = [Row(name) for name in NAMES]
    fresh().read(rows)
    catalogue = document_types().drop(index=["ho_chieu", "can_cuoc"])
    for _ in range(2):
        found = LearnedMatcher(catalogue, MODEL, cached=True).read(rows)
        assert {"ho_chieu", "can_cuoc"}.isdisjoint(kind for m in found for kind in m.types)
    assert count(folder) == 2 * len(set(rows))


def test_the_file_stays_within_its_bound_and_the_oldest_go(tmp_path):
    kept = ReadingCache(b"reader", tmp_path, most_mb=1)
    parts = [[Row(f"{part} {n}") for n in range(300)] for part in range(12)]
    for number, part in enumerate(parts):
        kept.save({row: ["x" * 500, number] for row in part})
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 1_000_000
        assert set(kept.load(part, tuple).values()) == {("x" * 500, number)}
    assert not kept.load(parts[0], tuple)
    kept.save({Row("too large"): "x" * 2_000_000})
    assert not kept.load([Row("too large")], str)


def test_a_place_that_cannot_be_written_is_passed_over_in_silence(tmp_path, monkeypatch, capfd):
    (tmp_path / "file").write_text("no folder")
    rows = [Row(name) for name in NAMES]
    for place in (tmp_path / "file" / "cache", "off", tmp_path / "file"):
        monkeypatch.setenv("PROCSIM_CACHE", str(place))
        assert repr(fresh().read(rows)) == repr(WITHOUT.read(rows))
    assert capfd.readouterr() == ("", "")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_file_that_another_process_holds_is_passed_over(folder, monkeypatch):
    rows = [Row(name) for name in NAMES]
    fresh().read(rows[:40])
    monkeypatch.setattr("procsim.marking.cache._WAIT_SECONDS", 0.05)
    other = sqlite3.connect(file_of(folder))
    other.execute("BEGIN EXCLUSIVE")
    assert repr(fresh().read(rows)) == repr(WITHOUT.read(rows))
    other.close()


def test_the_folder_is_that_of_the_system(tmp_path, monkeypatch):
    monkeypatch.delenv("PROCSIM_CACHE")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    found = {}
    for system in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", system)
        found[system] = cache_folder().relative_to(tmp_path).as_posix()
    assert found == {
        "linux": ".cache/procsim",
        "darwin": "Library/Caches/procsim",
        "win32": "AppData/Local/procsim/cache",
    }
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert cache_folder() == tmp_path / "elsewhere" / "procsim"


_WRITER = """
import json, sys
from procsim.marking.cache import ReadingCache
from procsim.marking.learning import Row
kept, me = ReadingCache(b"reader"), int(sys.argv[1])
for turn in range(20):
    rows = [Row(f"{turn} {n}") for n in range(100)]
    kept.save({row: [row.name, "ờ" * 50] for row in rows})
    found = kept.load(rows, tuple)
    assert all(value == (row.name, "ờ" * 50) for row, value in found.items())
print(json.dumps(len(found)))
"""


def test_several_processes_write_and_read_at_once(folder):
    made = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for n in range(3)
    ]
    assert [json.loads(process.communicate()[0]) for process in made] == [100, 100, 100]
    assert count(folder) == 2000


def test_a_matcher_of_rows_in_their_context_is_the_one_that_is_cached(folder):
    rows = [Row(name, "Đối với người nước ngoài") for name in NAMES]
    plain = read_rows(WITHOUT, rows)
    assert read_rows(fresh(), rows) == plain == read_rows(fresh(), rows)
