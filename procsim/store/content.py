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
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Text, shorten
from procsim.language.i18n import bilingual
from procsim.model.tables import conform
from procsim.readers.words import TITLES, word
from procsim.reference.parameters import parameters
from procsim.reference.schema import schema, table
from procsim.reference.vocabulary import document_types

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
    letter: str, values: Array, pieces: Pieces, known: tuple[Array, list[str]] | None
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


# What an action changed, from what to what, and the sentence that says so.

_MOST = 2000  # characters of one value in the log; the versions keep all of it


class Change(NamedTuple):
    """One thing that changed.

    Attributes
    ----------
    what
        Its kind and its place: ``("cell", table, row, column)``, ``("mark", row)``,
        ``("plan", name)``, ``("parameter", name)``, ``("date", key)``,
        ``("day", date)``, ``("readiness", row)``, ``("note", about)``, ``("rows", table)``,
        ``("altered", table)`` or ``("source",)``.
    before, after
        As texts; ``""`` where there was or is nothing.
    """

    what: tuple[str, ...]
    before: str
    after: str

    @classmethod
    def of(cls, *what: str, before: object, after: object) -> Change:
        """Return a change with its values shown as texts."""
        return cls(what, _shown(before), _shown(after))

    @property
    def item(self) -> str:
        """The place in one line, such as ``cell › fees › 1.004222/k1/f1 › amount_vnd``."""
        return " › ".join(self.what)


def _shown(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return shorten(str(value), _MOST)


def packed_changes(changes: Iterable[Change]) -> str:
    """Return changes as JSON in ASCII, which every database carries."""
    return json.dumps([[list(c.what), c.before, c.after] for c in changes])


def unpacked_changes(text: str) -> list[Change]:
    """Return the changes that `packed_changes` was given.

    Raises
    ------
    Damaged
        When the text is something else.
    """
    try:
        return [Change(tuple(what), before, after) for what, before, after in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise Damaged("changes") from error


def kind_label(kind: str) -> Text:
    """Return the name of an action."""
    return bilingual(f"store.kind.{kind}")


def _place(what: tuple[str, ...]) -> Text:
    kind, *rest = what
    if kind == "cell":
        name, row, column = rest
        label = schema()[name][column].label
        return bilingual("store.place.cell", table=TITLES[name], row=row, column=label)
    if kind in ("rows", "altered"):
        return bilingual(f"store.place.{kind}", table=TITLES[rest[0]])
    if kind == "parameter":
        known = parameters().table.get(rest[0])
        named = known.name if known else Text(rest[0], rest[0])
        return bilingual("store.place.parameter", name=named)
    return bilingual(f"store.place.{kind}", name=" › ".join(rest))


def _one(change: Change) -> Text:
    place = _place(change.what)
    forms = {(True, True): "changed", (False, True): "added"}
    form = forms.get((bool(change.before), bool(change.after)), "removed")
    shown = {"before": change.before, "after": change.after}
    values = {name: _in_words(change.what, text) for name, text in shown.items()}
    return bilingual(f"store.change.{form}", place=place, **values)


def _in_words(what: tuple[str, ...], text: str) -> float | str | Text:
    """Return a value as a sentence shows it: numbers and codes in each language's way."""
    if text and _is_number(what):
        return round(float(text), 4)
    if text and what[0] == "day":
        return day_said(text)
    if text and what[0] == "mark":
        kind, _, types = text.partition(": ")
        known = document_types()
        names = [known.loc[code] if code in known.index else None for code in types.split(", ")]
        word_of_kind = word(schema()["requirements"]["kind"], kind)
        listed = [row for row in names if row is not None]
        return Text(
            ": ".join(filter(None, [word_of_kind.vi, "; ".join(r["name_vi"] for r in listed)])),
            ": ".join(filter(None, [word_of_kind.en, "; ".join(r["name_en"] for r in listed)])),
        )
    return shorten(text, 200)


def day_said(text: str) -> Text:
    """Return a day of a `Change` as people read it: ``off: Tết`` is “nghỉ: Tết”."""
    kind, _, name = text.partition(": ")
    if kind not in ("off", "work"):
        return Text(text, text)
    return bilingual(f"store.day.{kind}", name=shorten(name, 200))


def _is_number(what: tuple[str, ...]) -> bool:
    if what[0] == "cell":
        return schema()[what[1]][what[3]].kind in ("number", "integer")
    return what[0] in ("rows", "altered", "parameter", "readiness", "version")


def sentence(kind: str, who: str, changes: Iterable[Change], most: int = 3) -> Text:
    """Return who did what, from what to what, in both languages."""
    listed = list(changes)
    said = [_one(change) for change in listed[:most]]
    if len(listed) > most:
        said.append(bilingual("store.change.more", count=len(listed) - most))
    label = kind_label(kind)
    if not said:
        return bilingual("store.sentence.bare", who=who, kind=label)
    what = Text("; ".join(one.vi for one in said), "; ".join(one.en for one in said))
    return bilingual("store.sentence", who=who, kind=label, what=what)
