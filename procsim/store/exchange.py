"""A project as one file: ``.procsim``, a zip of a manifest and of the pieces it names.

``manifest.json`` holds the history and names every state by its hash; a state
names its pieces by theirs. So ``SHA256``, the hash of the manifest, vouches for
every byte. Pieces lie in ``pieces/<hash>``, stored as they are packed.
"""

from __future__ import annotations

import hashlib
import math
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Row

from procsim.errors import Fault, InvalidValue, UnreadableInput, shorten
from procsim.language.i18n import TEXTS
from procsim.measures import measure
from procsim.readers.gates.child import fault_from_cells, run_in_child
from procsim.readers.gates.limits import DEFAULT
from procsim.readers.writing import replace_file
from procsim.reference.parameters import parameters
from procsim.reforms import apply
from procsim.store.content import (
    MOST_BYTES,
    Damaged,
    canonical_json,
    parsed_json,
    sentence,
    unpack,
    unpacked_changes,
)
from procsim.store.database import SCHEMA_VERSION, tags, versions
from procsim.store.state import Saved, State, load, pieces_of
from procsim.store.troubles import is_name, moment, store_fault

_FORMAT = "procsim-project"
_CONTENT = {"format", "schema", "name", "head", "last", "versions", "tags", "figures"}
_MANIFEST, _HASH, _PIECES = "manifest.json", "SHA256", "pieces/"
_MOST_FILE_BYTES = 512 * 2**20
_MOST_UNPACKED = 2**30
_MOST_PARTS = 500_000
_MOST_MANIFEST = 64 * 2**20
_MOST_VALUES = 60_000_000  # of JSON in manifest and pieces together
_SMALL, _SMALLER = 32 * 2**20, 40  # what is parsed in this process, and its share of values
_LEAST_MEMORY = 288 * 2**20  # of the child: what it takes itself, and a small project
_NEVER_A_BOMB, _RATIO = 20 * 2**20, 200  # a larger piece packs to a share of this at least
# Zip entries carry a date; this one, the earliest there is, keeps exports equal.
_DATE = (1980, 1, 1, 0, 0, 0)
_DIGITS = set("0123456789abcdef")
_ROW = [column.name for column in versions.columns if column.name != "project"]
_TAG = [column.name for column in tags.columns if column.name != "project"]


def figures(state: State) -> dict[str, dict[str, float]]:
    """Return the totals of the measures: of the portfolio (``""``), and after each plan.

    A plan that does not fit the portfolio has none.
    """
    own = parameters(None, **state.parameters)
    made = {"": _totals(measure(state.portfolio, own))}
    for name, plan in state.plans.items():
        try:
            made[name] = _totals(measure(apply(state.portfolio, plan), own))
        except InvalidValue:
            continue
    return made


def _totals(measured: pd.DataFrame) -> dict[str, float]:
    numbers = measured.select_dtypes("number").astype(float)
    # Rounding to ten digits: another machine may add in another order.
    return {str(name): float(f"{numbers[name].sum():.10g}") for name in numbers}


def content_of(
    about: Row[Any],
    rows: Iterable[Row[Any]],
    named: Iterable[Row[Any]],
    totals: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """Return the manifest of a project as plain values."""
    return {
        "format": _FORMAT,
        "schema": SCHEMA_VERSION,
        "name": about.name,
        "head": about.head,
        "last": about.last,
        "versions": [{name: getattr(row, name) for name in _ROW} for row in rows],
        "tags": [{name: getattr(row, name) for name in _TAG} for row in named],
        "figures": {name: dict(values) for name, values in totals.items()},
    }


def write_file(path: Path, content: Mapping[str, Any], packed: Mapping[str, bytes]) -> str:
    """Write manifest and pieces; the file appears whole or not at all.

    Returns
    -------
    str
        Hash of the manifest.
    """
    manifest = canonical_json(content)
    name = hashlib.sha256(manifest).hexdigest()

    def write(beside: Path) -> None:
        with zipfile.ZipFile(beside, "w") as archive:
            archive.writestr(zipfile.ZipInfo(_HASH, _DATE), name)
            archive.writestr(zipfile.ZipInfo(_MANIFEST, _DATE), manifest, zipfile.ZIP_DEFLATED)
            for piece in sorted(packed):
                archive.writestr(zipfile.ZipInfo(_PIECES + piece, _DATE), packed[piece])

    replace_file(path, write)
    return name


class _Large(Exception):
    """The file is not small enough to be parsed in this process."""


class _Opened:
    """A project file whose directory is sound; its pieces are unpacked one by one.

    Parameters
    ----------
    most
        Bytes that manifest, pieces and the tables made of them may take together.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, most: int) -> None:
        self.path, self.archive, self.left = path, archive, most
        self.is_small = most < _MOST_UNPACKED
        self.values = _MOST_VALUES // (_SMALLER if self.is_small else 1)
        self.canonical: dict[str, bytes] = {}
        listed = archive.infolist()
        _check_directory(path, listed)
        if sum(info.compress_size for info in listed) > path.stat().st_size:
            raise _refused(path, "import_part")  # entries that share bytes
        names = (info.filename for info in listed)
        self.pieces = [n.removeprefix(_PIECES) for n in names if n.startswith(_PIECES)]

    def spend(self, content: bytes, *, parsed: bool = True) -> None:
        """Count what is about to take memory; refuse what is too much before it does."""
        self.left -= len(content)
        if parsed:  # two brackets of JSON cost thirty times their bytes
            self.values -= content.count(b",") + content.count(b"[")
        if self.left < 0 or self.values < 0:
            raise _Large if self.is_small else _refused(self.path, "import_size")

    def manifest(self, expected_hash: str | None) -> dict[str, Any]:
        """Return the manifest, once it has the hash that stands beside it."""
        if self.archive.getinfo(_MANIFEST).file_size > self.left:
            raise _Large if self.is_small else _refused(self.path, "import_size")
        found = self.archive.read(_HASH).decode("ascii", "replace")
        manifest = self.archive.read(_MANIFEST)
        if hashlib.sha256(manifest).hexdigest() != found:
            raise _refused(self.path, "import_changed", _MANIFEST)
        if expected_hash is not None and expected_hash.strip().lower() != found:
            raise _refused(self.path, "import_other", found)
        self.spend(manifest)
        try:
            content = parsed_json(manifest)
        except Damaged as error:
            raise _refused(self.path, "import_broken", _MANIFEST) from error
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise _refused(self.path, "import_foreign")
        if content.get("schema") != SCHEMA_VERSION:
            known = SCHEMA_VERSION
            raise _refused(self.path, "import_version", content.get("schema"), known=known)
        return content

    def fetch(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """Return pieces by hash; what is small stays unpacked."""
        return {name: self.canonical.get(name) or self.piece(name) for name in names}

    def piece(self, name: str) -> bytes:
        """Unpack one piece, once its hash is seen to be its name."""
        packed = self.packed(name)
        return unpack(name, packed, min(MOST_BYTES, max(_NEVER_A_BOMB, len(packed) * _RATIO)))

    def packed(self, name: str) -> bytes:
        """Return one piece as it is packed."""
        return self.archive.read(_PIECES + name)

    def check_pieces(self) -> None:
        """Unpack every piece once; keep those of a small file."""
        for name in self.pieces:
            content = self.piece(name)
            self.spend(content)
            if self.is_small:
                self.canonical[name] = content

    def check_tables(self, state: str) -> None:
        """Count what the tables of a state take where one piece stands in them many times."""
        root = parsed_json(self.fetch([state])[state])
        for parts in self.fetch(root["tables"].values()).values():
            for hashes in parsed_json(parts)["columns"].values():
                for name, times in Counter(hashes).items():
                    if times > 1:
                        self.left -= (times - 1) * len(self.fetch([name])[name])
                self.spend(b"")


@contextmanager
def _reading(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a project file; turn what is wrong with it into words."""
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise _refused(path, "import_size")
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise _refused(path, "import_open", error.strerror or type(error).__name__) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _refused(path, "import_broken", error) from error


def _check_directory(path: Path, listed: Sequence[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in listed]
    if len(names) > _MOST_PARTS:
        raise _refused(path, "import_size", len(names))
    faults = []
    for name in names:
        piece = name.removeprefix(_PIECES)
        is_piece = name.startswith(_PIECES) and len(piece) == 64 and set(piece) <= _DIGITS
        if name not in (_HASH, _MANIFEST) and not is_piece:
            faults.append(store_fault("import_part", path.name, name))
    if len(set(names)) < len(names):
        faults.append(store_fault("import_part", path.name, "×2"))
    if not {_HASH, _MANIFEST} <= set(names):
        faults.append(store_fault("import_foreign", path.name))
    for info in listed:
        # Pieces are not packed a second time: nothing in the zip itself can explode.
        packed_twice = info.compress_type != zipfile.ZIP_STORED and info.filename != _MANIFEST
        most = _MOST_MANIFEST if info.filename != _HASH else 64
        bomb = info.file_size > max(_NEVER_A_BOMB, _RATIO * info.compress_size)
        if info.flag_bits & 1 or packed_twice or bomb or info.file_size > most:
            faults.append(store_fault("import_part", path.name, info.filename))
    if faults:
        raise UnreadableInput(faults)


def rows_of(
    content: Mapping[str, Any], project: str
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of a manifest for the tables of a store, under a new id."""
    about = {"id": project, **{name: content.get(name) for name in ("name", "head", "last")}}
    rows = [{**row, "project": project} for row in content.get("versions", [])]
    named = [{**row, "project": project} for row in content.get("tags", [])]
    return about, rows, named


def _check_rows(content: Mapping[str, Any], opened: _Opened) -> None:
    """Raise `Damaged` unless the history is one that a store could have written."""
    if content.keys() != _CONTENT:
        raise Damaged("content")
    rows = content["versions"]
    numbers = [row["version"] for row in rows]
    if numbers != list(range(1, len(rows) + 1)) or content["last"] != len(rows):
        raise Damaged("versions")
    if not isinstance(content["name"], str) or content["head"] not in numbers:
        raise Damaged("head")
    for row in rows:
        texts = all(isinstance(row[name], str) for name in ("kind", "who", "at", "changes"))
        if row.keys() != set(_ROW) or not texts:
            raise Damaged("row")
        for name in ("base", "parent", "position", "tip"):
            number = row[name]
            least = name in ("base", "parent")
            if (number is None and not least) or (number is not None and number not in numbers):
                raise Damaged(name)
            if least and number is not None and number >= row["version"]:
                raise Damaged(name)
        _check_said(row, opened)
    for tag in content["tags"]:
        if tag.keys() != set(_TAG) or tag["version"] not in numbers or not is_name(tag["name"]):
            raise Damaged("tag")
        moment(tag["at"])


def _check_said(row: Mapping[str, Any], opened: _Opened) -> None:
    """Raise unless an action of the history can be told: when, who, what."""
    moment(row["at"])
    opened.spend(row["changes"].encode("ascii"))
    if f"store.kind.{row['kind']}" not in TEXTS or not is_name(row["who"]):
        raise Damaged("row")
    for change in unpacked_changes(row["changes"]):
        sentence(row["kind"], row["who"], [change])


def read_project(
    path: Path, expected_hash: str | None = None
) -> tuple[dict[str, Any], Saved, tuple[Fault, ...]]:
    """Read a project file, once every gate is passed and its state is seen to be measurable.

    What is small when unpacked is parsed here, more in a child process that is ended when
    it takes too much memory or time; only what it let through is read here afterwards.

    Returns
    -------
    dict
        The manifest, whose history a store could have written.
    Saved
        The current state.
    tuple of Fault
        Warnings: totals that this procsim works out differently.

    Raises
    ------
    UnreadableInput
        When the file is no such archive, is of a newer version, was changed, exceeds a
        bound, or when anything in it is broken, lacking, or more than the history names.
    """
    try:
        return _sound(path, expected_hash, min(_SMALL, _MOST_UNPACKED))
    except _Large:
        cells = run_in_child(
            warnings_apart,
            *(str(path.resolve()), expected_hash),
            memory_bytes=min(DEFAULT.child_bytes, _LEAST_MEMORY + 24 * path.stat().st_size),
            place=path.name,
        )
    with _reading(path) as archive:
        opened = _Opened(path, archive, _MOST_UNPACKED)
        content = opened.manifest(expected_hash)
        saved = load(content["versions"][content["head"] - 1]["state"], opened.fetch)
    return content, saved, tuple(map(fault_from_cells, cells))


def warnings_apart(path: str, expected_hash: str | None) -> list[list[Any]]:
    """Look through a project file in the child process; return the fields of each warning."""
    warnings = _sound(Path(path), expected_hash, _MOST_UNPACKED)[2]
    return [list(astuple(fault)) for fault in warnings]


def _sound(
    path: Path, expected_hash: str | None, most: int
) -> tuple[dict[str, Any], Saved, tuple[Fault, ...]]:
    with _reading(path) as archive:
        opened = _Opened(path, archive, most)
        content = opened.manifest(expected_hash)
        try:
            saved = _whole(content, opened)
            return content, saved, _compared(path, content, saved.state)
        except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            raise _refused(path, "import_changed", shorten(str(error), 80)) from error


def _whole(content: Mapping[str, Any], opened: _Opened) -> Saved:
    """Return the current state, once history, every piece and every state are looked through."""
    _check_rows(content, opened)
    opened.check_pieces()
    needed: set[str] = set()
    for state in dict.fromkeys(row["state"] for row in content["versions"]):
        needed |= pieces_of(state, opened.fetch)
    if needed != set(opened.pieces):
        raise Damaged(next(iter(needed ^ set(opened.pieces))))
    head = content["versions"][content["head"] - 1]["state"]
    opened.check_tables(head)
    saved = load(head, opened.fetch)
    for name, table in saved.state.portfolio.tables.items():
        if not table.index.is_unique:
            raise Damaged(name)
    return saved


def packed_pieces(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of the pieces of a file that `read_project` let through."""
    with _reading(path) as archive:
        for info in archive.infolist():
            if info.filename.startswith(_PIECES):
                name = info.filename.removeprefix(_PIECES)
                yield {"hash": name, "data": archive.read(info)}


def read_state(path: Path, expected_hash: str | None = None) -> State:
    """Return what a project file holds at its current version; no store is needed.

    Raises
    ------
    UnreadableInput
        As `read_project`.
    """
    return read_project(path, expected_hash)[1].state


def _compared(path: Path, content: Mapping[str, Any], state: State) -> tuple[Fault, ...]:
    """Return a warning for each total that now comes out differently."""
    warnings = []
    now = figures(state)
    for plan, totals in content.get("figures", {}).items():
        for name, before in totals.items():
            after = now.get(plan, {}).get(name)
            if after is None or not math.isclose(before, after, rel_tol=1e-9, abs_tol=1e-9):
                place = " › ".join(part for part in (path.name, plan, name) if part)
                shown = "–" if after is None else f"{after:g}"
                fault = store_fault("figure", place, f"{before:g} → {shown}")
                warnings.append(replace(fault, severity="warning"))
    return tuple(warnings)


def _refused(path: Path, code: str, value: object = "", **values: object) -> UnreadableInput:
    return UnreadableInput(store_fault(code, path.name, str(value), **values))
