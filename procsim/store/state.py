"""What a project holds at one version, and its form in stored pieces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from procsim.errors import Fault, Text
from procsim.model.portfolio import TABLES, Portfolio
from procsim.reference.calendar import Holiday
from procsim.reference.readiness import READINESS_COLUMNS
from procsim.reforms import KINDS, Plan, Unmatched
from procsim.store.content import (
    Damaged,
    Pieces,
    canonical_json,
    parsed_json,
    read_table,
    write_table,
)

_FORMAT = 1
Fetch = Callable[[Iterable[str]], Mapping[str, bytes]]


def no_readiness() -> pd.DataFrame:
    """Return a table of readiness without rows."""
    return pd.DataFrame({name: [] for name in READINESS_COLUMNS}).astype({"value": float})


@dataclass(frozen=True, eq=False)
class State:
    """Everything that an officer's work consists of, as plain values.

    Attributes
    ----------
    portfolio
        The tables, with marks and officers' decisions.
    plans
        Plans by name.
    parameters
        Values that the officer set in place of those that ship.
    dates
        Dates that the officer knows better, as `procsim.decisions.roadmap` takes them.
    days
        Days off, and days of work, that the officer set; see `procsim.reference.calendar`.
    readiness
        The officer's own rows of readiness, see `procsim.reference.readiness`.
    notes
        Notes by what they are about.
    """

    portfolio: Portfolio
    plans: Mapping[str, Plan] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    dates: Mapping[str, dt.date] = field(default_factory=dict)
    days: Mapping[dt.date, Holiday] = field(default_factory=dict)
    readiness: pd.DataFrame = field(default_factory=no_readiness)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Saved:
    """A state with the names of its pieces; what is equal later is not worked out again."""

    hash: str
    state: State
    root: Mapping[str, Any]
    tables: Mapping[str, dict[str, Any]]


def save(state: State, pieces: Pieces, known: Saved | None = None) -> Saved:
    """Cut a state into pieces.

    Parameters
    ----------
    pieces
        Takes the pieces that may have to be stored.
    known
        The state before: what did not change is named as there.
    """
    old = known.state if known else None
    portfolio = state.portfolio
    tables: dict[str, dict[str, Any]] = {}
    named: dict[str, str] = {}
    for name in TABLES:
        frame = getattr(portfolio, name)
        if known and old and frame is getattr(old.portfolio, name):
            tables[name], named[name] = known.tables[name], known.root["tables"][name]
            continue
        before = (getattr(old.portfolio, name), known.tables[name]) if known and old else None
        tables[name] = write_table(name, frame, pieces, before)
        named[name] = pieces.put(canonical_json(tables[name]))
    if known and old and portfolio.faults is old.portfolio.faults:
        faults = known.root["faults"]
    else:
        faults = pieces.put(canonical_json([_fault_cells(f) for f in portfolio.faults]))
    plans = {
        name: known.root["plans"][name]
        if known and old and old.plans.get(name) is plan
        else pieces.put(canonical_json(_plan_cells(plan)))
        for name, plan in state.plans.items()
    }
    root = {
        "format": _FORMAT,
        "tables": named,
        "source": portfolio.source,
        "faults": faults,
        "plans": plans,
        "parameters": dict(state.parameters),
        "dates": {name: day.isoformat() for name, day in state.dates.items()},
        "readiness": [
            [None if cell != cell else cell for cell in row]
            for row in state.readiness.itertuples(index=False)
        ],
        "notes": dict(state.notes),
    }
    if state.days:  # without any, a state is named as before there could be days
        root["days"] = [_day_cells(holiday) for holiday in state.days.values()]
    return Saved(pieces.put(canonical_json(root)), state, root, tables)


def _root(canonical: bytes) -> dict[str, Any]:
    root = parsed_json(canonical)
    if not isinstance(root, dict) or root.get("format") != _FORMAT:
        raise Damaged("state")
    return root


def load(name: str, fetch: Fetch, known: Saved | None = None) -> Saved:
    """Put a state together from its pieces.

    Parameters
    ----------
    name
        Hash of the state.
    fetch
        Returns canonical bytes by hash, each already checked against its name.
    known
        A state at hand: what is the same there is taken over, not read again.

    Raises
    ------
    Damaged
        When the pieces are not a state.
    """
    if known and known.hash == name:
        return known
    root = _root(fetch([name])[name])
    try:
        return _load(name, root, fetch, known)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        # What another program or hand wrote under a right hash is still no state.
        raise Damaged(name) from error


def _load(name: str, root: Mapping[str, Any], fetch: Fetch, known: Saved | None) -> Saved:
    old: Mapping[str, Any] = known.root if known else {"tables": {}, "plans": {}, "faults": ""}
    same = {n for n in TABLES if old["tables"].get(n) == root["tables"].get(n, "")}
    listed = [root["tables"][n] for n in TABLES if n in root["tables"] and n not in same]
    listed += [root["faults"]] if root["faults"] != old["faults"] else []
    listed += [piece for n, piece in root["plans"].items() if old["plans"].get(n) != piece]
    first = fetch(listed)
    tables: dict[str, dict[str, Any]] = {}
    chunks: dict[str, None] = {}
    for table in TABLES:
        if table in same and known:
            tables[table] = known.tables[table]
        elif table in root["tables"]:
            tables[table] = parsed_json(first[root["tables"][table]])
            have = known.tables[table]["columns"] if known else {}
            for column, hashes in tables[table]["columns"].items():
                if have.get(column) != hashes:
                    chunks.update(dict.fromkeys(hashes))
    pieces = fetch(chunks)
    frames: dict[str, pd.DataFrame] = {}
    for table, parts in tables.items():
        before = (getattr(known.state.portfolio, table), known.tables[table]) if known else None
        if table in same and before:
            frames[table] = before[0]
        else:
            frames[table] = read_table(table, parts, pieces, before)
    if known and root["faults"] == old["faults"]:
        faults = known.state.portfolio.faults
    else:
        faults = tuple(_fault(cells) for cells in parsed_json(first[root["faults"]]))
    plans = {
        n: known.state.plans[n]
        if known and old["plans"].get(n) == piece
        else _plan(parsed_json(first[piece]))
        for n, piece in root["plans"].items()
    }
    portfolio = _portfolio(frames, root["source"], faults, known)
    state = State(
        portfolio=portfolio,
        plans=plans,
        parameters={n: float(value) for n, value in root["parameters"].items()},
        dates={n: dt.date.fromisoformat(day) for n, day in root["dates"].items()},
        days={holiday.day: holiday for holiday in map(_day, root.get("days", ()))},
        readiness=_readiness(root["readiness"]),
        notes={n: str(note) for n, note in root["notes"].items()},
    )
    return Saved(name, state, root, tables)


def _portfolio(
    frames: Mapping[str, pd.DataFrame], source: str, faults: tuple[Fault, ...], known: Saved | None
) -> Portfolio:
    if known:
        # What was worked out about the tables that are the same stays with them.
        old = known.state.portfolio
        changed = {n: frame for n, frame in frames.items() if frame is not getattr(old, n)}
        if not changed and source == old.source and faults is old.faults:
            return old
        return old.replace(**changed, source=source, faults=faults)
    if frames.keys() == set(TABLES):
        return Portfolio(**frames, source=source, faults=faults)
    return Portfolio.from_tables(frames, source=source, faults=faults)


def _readiness(rows: list[list[Any]]) -> pd.DataFrame:
    if not rows:
        return no_readiness()
    made = pd.DataFrame(rows, columns=list(READINESS_COLUMNS))
    return made.astype({"value": float})


def pieces_of(name: str, fetch: Fetch) -> set[str]:
    """Return the hashes of everything that a state needs, itself included.

    Raises
    ------
    Damaged
        When the pieces are not a state.
    """
    root = _root(fetch([name])[name])
    try:
        parts = list(root["tables"].values())
        needed = {name, root["faults"], *root["plans"].values(), *parts}
        for canonical in fetch(parts).values():
            for hashes in parsed_json(canonical)["columns"].values():
                needed.update(hashes)
    except (KeyError, TypeError, AttributeError) as error:
        raise Damaged(name) from error
    return needed


def _day_cells(holiday: Holiday) -> dict[str, Any]:
    return asdict(holiday) | {"day": holiday.day.isoformat(), "name": list(holiday.name)}


def _day(cells: Mapping[str, Any]) -> Holiday:
    day, name = dt.date.fromisoformat(cells["day"]), Text(*cells["name"])
    return Holiday(day, bool(cells["worked"]), name, str(cells["mark"]), str(cells["source"]))


def _fault_cells(fault: Fault) -> dict[str, Any]:
    return asdict(fault) | {"message": list(fault.message), "cure": list(fault.cure)}


def _fault(cells: Mapping[str, Any]) -> Fault:
    texts = {"message": Text(*cells["message"]), "cure": Text(*cells["cure"])}
    return Fault(**{**cells, **texts})


def _plan_cells(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "version": plan.version,
        "note": plan.note,
        "reforms": [
            {
                key: value.isoformat() if isinstance(value, dt.date) else value
                for key, value in reform.as_dict().items()
            }
            for reform in plan.reforms
        ],
        "unmatched": [
            {f.name: getattr(row, f.name) for f in fields(row)} for row in plan.unmatched
        ],
    }


def _plan(cells: Mapping[str, Any]) -> Plan:
    reforms = []
    for entry in cells["reforms"]:
        values = {key: value for key, value in entry.items() if key != "kind"}
        reforms.append(KINDS[entry["kind"]](**values))
    unmatched = [
        Unmatched(
            **{
                **row,
                "reason": Text(*row["reason"]),
                "procedures": tuple(row["procedures"]),
                "requirements": tuple(row["requirements"]),
            }
        )
        for row in cells["unmatched"]
    ]
    head = {key: cells[key] for key in ("name", "version", "note")}
    return Plan(tuple(reforms), **head, unmatched=tuple(unmatched))
