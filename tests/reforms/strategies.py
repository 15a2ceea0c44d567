"""Random valid reforms of every kind in `KINDS`, and plans of them, made from their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from procsim.errors import InvalidValue, Text
from procsim.reference import databases, document_types
from procsim.reforms import KINDS, Plan, Reform, Unmatched
from procsim.reports.roundtrip.plan_table import choices
from tests.readers.strategies import nasty_texts
from tests.reforms.small import P

__all__ = ["IDS", "plans", "reforms", "unmatched_rows"]

Ids = Mapping[str, Sequence[str]]

IDS: dict[str, list[str]] = {
    "procedures": [P, "1.000002", "1.000010", "2.001100#2"],
    "requirements": [f"{P}/c1/r{i}" for i in range(1, 6)],
    "steps": [f"{P}/s{i}" for i in range(1, 5)],
    "conditions": [f"{P}/d{i}" for i in range(1, 4)],
    "channels": [f"{P}/k{i}" for i in range(1, 4)],
    "fees": [f"{P}/f{i}" for i in range(1, 3)],
}
"""Ids by table; a caller gives those of its own portfolio."""

_TYPES, _DATABASES = document_types().index.tolist(), databases().index.tolist()
_TRIES = 12


def _entries() -> st.SearchStrategy[str]:
    """Return texts that can stand in a list: trimmed, without what parts entries."""
    plain = nasty_texts(4).map(lambda text: text.replace(";", ",").replace("\n", " ").strip())
    return plain.filter(bool)


def _unique(items: st.SearchStrategy[str] | Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    one = items if isinstance(items, st.SearchStrategy) else st.sampled_from(list(items))
    return st.lists(one, max_size=3, unique=True).map(tuple)


def _number(name: str) -> st.SearchStrategy[float]:
    top = {"percent": 100.0, "coverage": 1.0, "share": 1.0}.get(name, 1e9)
    exact = st.floats(0, top)
    return st.one_of(exact, exact.map(lambda n: round(n, 2)), st.sampled_from([0.0, 0.5, 1.0]))


def _value(made: type[Reform], name: str, written: str, ids: Ids) -> st.SearchStrategy[Any]:
    """Return values of a field's type, from the vocabulary that the field has."""
    if name == "document_types":
        return _unique(_TYPES)
    if name == "databases":
        return _unique(_DATABASES)
    if name in made.refers:
        known = ids[made.refers[name]]
        return _unique(known) if "tuple" in written else st.sampled_from(list(known))
    if "tuple" in written:
        return _unique(_entries())
    if "float" in written:
        return _number(name)
    if "bool" in written:
        return st.booleans()
    if "date" in written:
        return st.dates(date(1900, 1, 1), date(2199, 12, 31))
    if choices(name):
        return st.sampled_from(list(choices(name)))
    return nasty_texts(4)


@st.composite
def reforms(draw: st.DrawFn, ids: Ids = IDS, kinds: Sequence[str] = ()) -> Reform:
    """Draw a valid reform of one of the kinds (all by default), every field at random.

    What the reform itself refuses is drawn again, so a new kind with new rules
    needs nothing here.
    """
    made = KINDS[draw(st.sampled_from(list(kinds or KINDS)))]
    drawn = {f.name: _value(made, f.name, str(f.type), ids) for f in fields(made)}
    wanted = draw(st.sets(st.sampled_from(sorted(drawn))))
    values = {name: draw(drawn[name]) for name in wanted | {made.target_field}}
    for _ in range(_TRIES):
        try:
            return made(**values)
        except InvalidValue as error:
            for fault in error.faults:
                names = fault.place.rpartition(" › ")[2].split(", ")
                given = [name for name in names if name in values]
                if len(names) > 1 and given:  # one of two fields, and both are there
                    values.pop(given[-1])
                else:
                    values[names[0]] = draw(drawn[names[0]])
    return reject()


def unmatched_rows() -> st.SearchStrategy[Unmatched]:
    """Return rows of an annex that met nothing."""
    text, key = nasty_texts(4), nasty_texts(2).map(str.strip)
    return st.builds(
        Unmatched,
        *(key, key, key, text, text, key),
        reason=st.builds(Text, text, text),
        detail_code=key,
        procedures=_unique(IDS["procedures"]),
        requirements=_unique(IDS["requirements"]),
    )


def plans(ids: Ids = IDS, most: int = 6, kinds: Sequence[str] = ()) -> st.SearchStrategy[Plan]:
    """Return plans of random reforms with a name, a version, a note and unmatched rows."""
    return st.builds(
        Plan,
        st.lists(reforms(ids, kinds), max_size=most),
        name=nasty_texts(4),
        version=nasty_texts(3),
        note=nasty_texts(6),
        unmatched=st.lists(unmatched_rows(), max_size=3),
    )
