"""Canonical pieces: the same content has the same hash, and comes back as it was."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.model.tables import conform, empty
from procsim.store import content
from procsim.store.content import (
    Damaged,
    Pieces,
    canonical_json,
    digest,
    pack,
    parsed_json,
    read_table,
    unpack,
    write_table,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(allow_infinity=False) | st.none()
rows = st.lists(st.tuples(texts, texts.filter(bool), numbers, st.booleans()), max_size=12)


def channels(cells: list[tuple[str, str, float | None, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(cells, columns=["description", "procedure", "limit_value", "x"])
    frame = frame.drop(columns="x").assign(id=[f"k{i}" for i in range(len(cells))], method="online")
    return conform("channels", frame)[0] if len(cells) else empty("channels")


@settings(max_examples=30)
@given(rows)
def test_a_table_comes_back_equal(cells):
    frame, pieces = channels(cells), Pieces()
    parts = write_table("channels", frame, pieces)
    stored = {name: unpack(name, pack(canonical)) for name, canonical in pieces.items()}
    again = read_table("channels", parsed_json(canonical_json(parts)), stored)
    pd.testing.assert_frame_equal(again, frame)
    assert write_table("channels", again, Pieces()) == parts


@settings(max_examples=30)
@given(rows.filter(len), st.data())
def test_an_edit_stores_only_the_chunks_that_it_touches(cells, data):
    frame, pieces = channels(cells * 3), Pieces()
    original, content.CHUNK_ROWS = content.CHUNK_ROWS, 4
    try:
        parts = write_table("channels", frame, pieces)
        row = data.draw(st.integers(0, len(frame) - 1))
        texts_of = frame["description"].tolist()
        texts_of[row] += "!"
        edited = frame.assign(description=pd.Series(texts_of, index=frame.index, dtype="str"))
        fresh = Pieces()
        changed = write_table("channels", edited, fresh, (frame, parts))
        assert changed == write_table("channels", edited, Pieces())
        again = read_table("channels", changed, pieces | fresh)
    finally:
        content.CHUNK_ROWS = original
    assert len(fresh) == 1
    pd.testing.assert_frame_equal(again, edited)


def test_the_hash_of_a_table_never_changes():
    frame = pd.DataFrame(
        {
            "id": ["k1", "k2"],
            "procedure": "1.000001",
            "method": "online",
            "limit_value": [1.5, np.nan],
            "description": ["Đường “số”", "\x00\n"],
        }
    )
    parts = write_table("channels", conform("channels", frame)[0], Pieces())
    assert parts["columns"]["description"] == [digest('t["Đường “số”","\\u0000\\n"]'.encode())]
    assert parts["columns"]["limit_value"] == [
        digest(b"f" + bytes.fromhex("000000000000f83f 000000000000f87f"))
    ]
    assert parts["columns"]["position"] == [digest(b"i" + bytes(16))]


def test_every_nan_is_one():
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000], dtype="u8").view("f8")
    one, other = (channels([("", "p", value, True)]) for value in odd)
    assert write_table("channels", one, Pieces()) == write_table("channels", other, Pieces())


def test_a_lone_surrogate_does_not_stop_saving():
    assert parsed_json(canonical_json(["\ud800", "\U0001f600"])) == ["\ud800", "\U0001f600"]


@pytest.mark.parametrize(
    "packed", [b"", b"no zlib", pack(b"other"), pack(b"right")[:-2], pack(b"right") + b"more"]
)
def test_wrong_bytes_are_refused(packed):
    with pytest.raises(Damaged):
        unpack(digest(b"right"), packed)


def test_a_piece_that_explodes_is_refused():
    bomb = bytes(100_000)
    with pytest.raises(Damaged):
        unpack(digest(bomb), zlib.compress(bomb), 1000)
    assert unpack(digest(bomb), zlib.compress(bomb), 100_000) == bomb


@pytest.mark.parametrize(
    ("column", "piece"),
    [
        ("name", b'i["a"]'),
        ("name", b't{"a":1}'),
        ("name", b"t[1]"),
        ("name", b't["a","b"]'),
        ("name", b"t["),
        ("position", b"i\x00"),
        ("unknown", b't["a"]'),
    ],
)
def test_pieces_that_are_no_column_are_refused(column, piece):
    frame = conform("cases", pd.DataFrame({"id": ["c"], "procedure": ["p"]}))[0]
    pieces = Pieces()
    parts = write_table("cases", frame, pieces)
    parts["columns"][column] = [pieces.put(piece)]
    with pytest.raises(Damaged):
        read_table("cases", parts, pieces)


def test_a_table_of_an_older_schema_gets_defaults():
    frame = conform("cases", pd.DataFrame({"id": ["c"], "procedure": ["p"]}))[0]
    pieces = Pieces()
    parts = write_table("cases", frame.drop(columns="position"), pieces)
    pd.testing.assert_frame_equal(read_table("cases", parts, pieces), frame)
