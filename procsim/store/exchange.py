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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Row

from procsim.errors import Fault, InvalidValue, UnreadableInput, shorten
from procsim.measures import measure
from procsim.readers.writing import replace_file
from procsim.reference.parameters import parameters
from procsim.reforms import apply
from procsim.store.changes import unpacked_changes
from procsim.store.content import Damaged, canonical_json, parsed_json, unpack
from procsim.store.layout import SCHEMA_VERSION, tags, versions
from procsim.store.state import Saved, State, load, pieces_of
from procsim.store.troubles import store_fault

__all__ = [
    "checked",
    "compared",
    "content_of",
    "figures",
    "read_file",
    "read_state",
    "rows_of",
    "write_file",
]

_FORMAT = "procsim-project"
_MANIFEST, _HASH, _PIECES = "manifest.json", "SHA256", "pieces/"
_MOST_FILE_BYTES = 512 * 2**20
_MOST_UNPACKED = 2**30
_MOST_PARTS = 500_000
_MOST_MANIFEST = 64 * 2**20
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


def read_file(path: Path, expected_hash: str | None) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read manifest and packed pieces, once every gate is passed.

    Raises
    ------
    UnreadableInput
        When the file is no such archive, was changed, or exceeds a bound.
    """
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise _refused(path, "import_size")
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
            _check_directory(path, listed)
            if sum(info.compress_size for info in listed) > path.stat().st_size:
                raise _refused(path, "import_part")  # entries that share bytes
            found = archive.read(_HASH).decode("ascii", "replace")
            manifest = archive.read(_MANIFEST)
            if hashlib.sha256(manifest).hexdigest() != found:
                raise _refused(path, "import_changed", _MANIFEST)
            if expected_hash is not None and expected_hash.strip().lower() != found:
                raise _refused(path, "import_other", found)
            content = parsed_json(manifest)
            packed = {
                info.filename.removeprefix(_PIECES): archive.read(info)
                for info in listed
                if info.filename.startswith(_PIECES)
            }
    except OSError as error:
        raise _refused(path, "import_open", error.strerror or type(error).__name__) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _refused(path, "import_broken", error) from error
    except Damaged as error:
        raise _refused(path, "import_broken", _MANIFEST) from error
    return content, packed


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
        if info.flag_bits & 1 or packed_twice or info.file_size > most:
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


def _check_rows(content: Mapping[str, Any]) -> None:
    """Raise `Damaged` unless the history is one that a store could have written."""
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
        pd.Timestamp(row["at"])
        unpacked_changes(row["changes"])
    for tag in content["tags"]:
        if tag.keys() != set(_TAG) or tag["version"] not in numbers:
            raise Damaged("tag")


def checked(path: Path, content: Mapping[str, Any], packed: Mapping[str, bytes]) -> Saved:
    """Return the current state of a file, once history and every piece are seen to be sound.

    Raises
    ------
    UnreadableInput
        When the file is of another kind or a newer version, or anything in it is
        broken, lacking, or more than the history names.
    """
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise _refused(path, "import_foreign")
    if content.get("schema") != SCHEMA_VERSION:
        raise _refused(path, "import_version", content.get("schema"), known=SCHEMA_VERSION)
    left = _MOST_UNPACKED
    canonical: dict[str, bytes] = {}
    try:
        _check_rows(content)
        for name, data in packed.items():
            canonical[name] = unpack(name, data)
            left -= len(canonical[name])
            if left < 0:
                raise _refused(path, "import_size")
        return _sound_state(content, canonical)
    except (Damaged, KeyError, TypeError, AttributeError, ValueError) as error:
        raise _refused(path, "import_changed", shorten(str(error), 80)) from error


def read_state(path: Path, expected_hash: str | None = None) -> State:
    """Return what a project file holds at its current version; no store is needed.

    Raises
    ------
    UnreadableInput
        As `read_file` and `checked`.
    """
    content, packed = read_file(path, expected_hash)
    return checked(path, content, packed).state


def _sound_state(content: Mapping[str, Any], canonical: Mapping[str, bytes]) -> Saved:
    def fetch(names: Iterable[str]) -> Mapping[str, bytes]:
        return {name: canonical[name] for name in names}

    needed: set[str] = set()
    for state in dict.fromkeys(row["state"] for row in content["versions"]):
        needed |= pieces_of(state, fetch)
    if needed != canonical.keys():
        raise Damaged(next(iter(needed ^ canonical.keys())))
    return load(content["versions"][content["head"] - 1]["state"], fetch)


def compared(path: Path, content: Mapping[str, Any], state: State) -> tuple[Fault, ...]:
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
