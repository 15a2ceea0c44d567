"""Tables as content-addressed pieces: equal content has one hash and is kept once.

A column is cut into chunks of `CHUNK_ROWS` rows. Each chunk has one canonical
form in bytes, independent of pandas, of the machine and of the compression:

- ``t`` and a JSON array of strings (text; a missing text is ``""``),
- ``f`` and little-endian 64-bit floats (one bit pattern for every NaN),
- ``i`` and little-endian 64-bit integers,
- ``b`` and a byte 0 or 1 for each flag.

Its SHA-256 names it. An edit of one cell therefore stores one chunk anew, and
the versions of a project share everything else. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.model.tables import conform
from procsim.reference.schema import table

__all__ = [
    "CHUNK_ROWS",
    "Damaged",
    "Pieces",
    "canonical_json",
    "digest",
    "pack",
    "parsed_json",
    "read_table",
    "unpack",
    "write_table",
]

CHUNK_ROWS = 1024
MOST_BYTES = 256 * 2**20
# Level 1 packs the real records to a fifth; level 6 gains a tenth and takes thrice as long.
_LEVEL = 1

Columns = dict[str, list[str]]
TableParts = dict[str, Any]
Array: TypeAlias = pd.api.extensions.ExtensionArray


class Damaged(ValueError):
    """Stored bytes that are not what their name or their form says."""


class Pieces(dict[str, bytes]):
    """Canonical bytes by hash, waiting to be stored."""

    def put(self, canonical: bytes) -> str:
        """Keep a piece and return its hash."""
        name = digest(canonical)
        self[name] = canonical
        return name


def digest(canonical: bytes) -> str:
    """Return the SHA-256 of canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical).hexdigest()


def pack(canonical: bytes) -> bytes:
    """Return the bytes as they are stored."""
    return zlib.compress(canonical, _LEVEL)


def unpack(name: str, packed: bytes, most: int = MOST_BYTES) -> bytes:
    """Return canonical bytes, at most so many, once their hash is seen to be `name`.

    Raises
    ------
    Damaged
        When they are broken, larger than any piece may be, or not those named.
    """
    unpacker = zlib.decompressobj()
    try:
        canonical = unpacker.decompress(packed, most)
    except zlib.error as error:
        raise Damaged(name) from error
    if not unpacker.eof or unpacker.unused_data or digest(canonical) != name:
        raise Damaged(name)
    return canonical


def canonical_json(value: object) -> bytes:
    """Return the one form in bytes of plain values: keys sorted, no spaces, no NaN."""
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8", "surrogatepass")


def parsed_json(canonical: bytes) -> Any:
    """Return what `canonical_json` was given.

    Raises
    ------
    Damaged
        When the bytes are not JSON.
    """
    try:
        return json.loads(canonical.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise Damaged("json") from error


def _letter(name: str, column: str) -> str:
    if column == "id":
        return "t"
    return {"number": "f", "integer": "i", "flag": "b"}.get(table(name)[column].kind, "t")


def _chunk(letter: str, values: Array) -> bytes:
    if letter == "t":
        return b"t" + canonical_json(pd.Series(values).fillna("").astype(str).tolist())
    array: npt.NDArray[Any] = np.asarray(values)
    if letter == "f":
        array = array.astype("<f8")
        array[np.isnan(array)] = np.nan
    else:
        array = array.astype("<i8" if letter == "i" else "u1")
    return letter.encode() + array.tobytes()


def write_table(
    name: str,
    frame: pd.DataFrame,
    pieces: Pieces,
    known: tuple[pd.DataFrame, TableParts] | None = None,
) -> TableParts:
    """Cut a table into pieces and return which they are.

    Parameters
    ----------
    known
        An earlier state of the table with its parts: columns that are equal
        there are not worked out again.

    Returns
    -------
    dict
        ``rows`` and ``columns``, the hashes of each column's chunks in order.
    """
    old, parts = known if known is not None else (None, {"columns": {}})
    columns: Columns = {}
    for column in ("id", *frame.columns):
        have = parts["columns"].get(column)
        before = None if old is None or have is None else (_array(old, column), have)
        columns[column] = _written(_letter(name, column), _array(frame, column), pieces, before)
    return {"rows": len(frame), "columns": columns}


def _array(frame: pd.DataFrame, column: str) -> Array:
    array: Array = frame.index.array if column == "id" else frame[column].array
    return array


def _written(
    letter: str,
    values: Array,
    pieces: Pieces,
    known: tuple[Array, list[str]] | None,
) -> list[str]:
    """Return the hashes of a column's chunks; those that are as known are not worked out."""
    before, have = known if known is not None else (values[:0], [])
    alike = before.dtype == values.dtype
    hashes: list[str] = []
    for number, start in enumerate(range(0, len(values), CHUNK_ROWS)):
        part = slice(start, start + CHUNK_ROWS)
        if alike and before[part].equals(values[part]):
            hashes.append(have[number])
        else:
            hashes.append(pieces.put(_chunk(letter, values[part])))
    return hashes


def _values(letter: str, chunks: list[bytes], rows: int) -> Array | npt.NDArray[Any]:
    if any(chunk[:1] != letter.encode() for chunk in chunks):
        raise Damaged("letter")
    if letter == "t":
        texts: list[str] = []
        for chunk in chunks:
            part = parsed_json(chunk[1:])
            if not isinstance(part, list) or not set(map(type, part)) <= {str}:
                raise Damaged("texts")
            texts += part
        made = pd.Series(texts, dtype="str").array
    else:
        kind = {"f": "<f8", "i": "<i8", "b": "u1"}[letter]
        body = b"".join(chunk[1:] for chunk in chunks)
        if len(body) != rows * np.dtype(kind).itemsize:
            raise Damaged("length")
        array = np.frombuffer(body, dtype=kind)
        made = array.astype({"f": "float64", "i": "int64", "b": "bool"}[letter])
    if len(made) != rows:
        raise Damaged("length")
    return made


def read_table(
    name: str,
    parts: TableParts,
    pieces: Mapping[str, bytes],
    known: tuple[pd.DataFrame, TableParts] | None = None,
) -> pd.DataFrame:
    """Return the table made of these pieces, in the shape of the schema of today.

    Parameters
    ----------
    parts
        As `write_table` returned them.
    pieces
        Canonical bytes by hash; those of columns equal to `known` may be absent.
    known
        A table at hand with its parts; equal columns are taken over from it.

    Raises
    ------
    Damaged
        When the parts are not a table of this name.
    """
    shape = table(name)
    rows, columns = parts["rows"], parts["columns"]
    made: dict[str, Any] = {}
    for column, hashes in columns.items():
        if column not in shape or len(hashes) != math.ceil(rows / CHUNK_ROWS):
            raise Damaged(column)
        if known is not None and known[1]["columns"].get(column) == hashes:
            old = known[0]
            made[column] = _array(old, column)
        else:
            chunks = [pieces[part] for part in hashes]
            made[column] = _values(_letter(name, column), chunks, rows)
    if "id" not in made:
        raise Damaged("id")
    index = pd.Index(made.pop("id"), name="id", dtype="str")
    ordered = {column: made[column] for column in shape if column in made}
    frame = pd.DataFrame(ordered, index=index)
    if len(ordered) + 1 == len(shape):
        return frame
    # Saved before the schema gained a column: the new one gets its default.
    return conform(name, frame)[0]
