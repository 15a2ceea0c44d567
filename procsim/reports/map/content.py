"""What stands on a procedure map: nodes and links of one procedure, before and after.

Everything is read from two portfolios and their difference, never from the
reforms: whatever kind of reform made the difference, the map shows it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from procsim.errors import UnknownName, shorten
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import fault_of, t
from procsim.language.text import fold
from procsim.measures.base import base_rows
from procsim.measures.table import conditions
from procsim.measures.time import channel_days
from procsim.model.portfolio import Portfolio
from procsim.reference import databases
from procsim.reforms.wording import database_names, in_units
from procsim.reports.map.text import label

State = Literal["kept", "removed", "replaced", "added"]
_HANDS_IN = re.compile(r"\b(nop|gui) (\w+ )?ho so\b")


@dataclass(frozen=True, slots=True)
class Node:
    """A box of the map.

    Attributes
    ----------
    kind
        For a step who acts (applicant, office, both, unknown), for a paper form,
        document or unknown, else database.
    tags
        Short remarks under the name.
    changes
        What differs after the plan: (old value, new value); either may be empty.
    alternatives, conditional
        One of several papers suffices; only some applicants hand it in.
    number
        Number of a step; 0 for papers, databases and steps that the plan adds.
    """

    id: str
    lane: Literal["step", "paper", "database"]
    kind: str
    name: str
    state: State = "kept"
    tags: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    alternatives: bool = False
    conditional: bool = False
    number: int = 0

    @property
    def label(self) -> str:
        """Its name as the map writes it: numbered for a step, without bullets."""
        return f"{self.number}. {label(self.name)}" if self.number else label(self.name)


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the map: between steps, or from a paper to a database.

    ``kind``: flow, gone (a flow that the plan removes), replaced (data stand in
    for the paper), available (they could, by law), open (a database holds data,
    but the law does not list them yet).
    """

    source: str
    target: str
    kind: Literal["flow", "gone", "replaced", "available", "open"]


@dataclass(frozen=True, slots=True)
class Content:
    """A procedure map before anything has a place on it."""

    code: str
    name: str
    ministry: str
    stands: bool
    compared: bool
    facts: tuple[Fact, ...]
    steps: tuple[Node, ...]
    flow: tuple[Link, ...]
    papers: tuple[Node, ...]
    databases: tuple[Node, ...]
    links: tuple[Link, ...]
    remarks: Mapping[str, str]

    @property
    def differs(self) -> bool:
        """Whether anything on the map is changed by the plan, or by one before it."""
        nodes = (*self.steps, *self.papers)
        return any(node.state != "kept" or node.changes for node in nodes) or any(
            fact.old != fact.new for fact in self.facts
        )


def content(
    before: Portfolio, procedure: str, after: Portfolio | None, language: str, case: str | None
) -> Content:
    """Return what the map of one procedure shows.

    Raises
    ------
    UnknownName
        For a procedure, or a case of it, that is not there.
    """
    key = before[procedure].id
    old = records(before, key)
    new = old if after is None else records(after, key)
    rows, case_line = _drawn(old, new, case, language)
    papers, links = _papers(old, new, rows, language)
    head = old.head or {}
    hands_in = _hand_in_remark(old, language)
    return Content(
        code=head["code"] or key,
        name=head["name"],
        ministry=head["ministry"],
        stands=new.stands,
        compared=after is not None,
        facts=facts(old, new, [papers_counted(found) for found in rows], language),
        steps=_steps(old, new, language),
        flow=_flow(old, new),
        papers=papers,
        databases=_databases(links, language),
        links=links,
        remarks={
            "paper": " ".join(part for part in (hands_in, case_line) if part),
            "no_step": t("map.empty.steps", language),
            "no_paper": t("map.empty.papers", language),
            "no_database": _no_database(rows, language),
        },
    )


# --- papers ---------------------------------------------------------------------------


def _case_of_rows(old: Records) -> dict[str, str]:
    """Return the proper case that each case's rows count with; "" where there is none."""
    heads: dict[str, str] = {}
    head = ""
    for row in old.cases:
        head = row["id"] if row["kind"] == "case" else head
        heads[row["id"]] = "" if row["kind"] == "note" else head
    return heads


def _drawn(
    old: Records, new: Records, case: str | None, language: str
) -> tuple[tuple[list[Row], list[Row]], str]:
    """Return the dossier rows that the map draws, before and after, and how cases are named."""
    heads = _case_of_rows(old)
    filled = {heads.get(row["case"], "") for row in old.requirements if row["kind"] != "note"}
    proper = [own for own in heads if own in filled]
    names = {row["id"]: row["name"] for row in old.cases}
    chosen = _chosen_case(proper, case, names)

    def drawn(found: Records) -> list[Row]:
        rows = [(row, heads.get(row["case"], "")) for row in found.requirements]
        if case is None:
            # Were every row of the first case gone, the base case would be another one.
            return [r for r, head in rows if r["id"] in found.base and head in ("", chosen)]
        return [row for row, head in rows if row["kind"] != "note" and head == chosen]

    line = ""
    if len(proper) > 1:
        name = names[chosen]
        line = t(
            "map.cases" if name else "map.cases.unnamed",
            language,
            count=len(proper),
            number=proper.index(chosen) + 1,
            name=shorten(label(name), 200),
        )
    return (drawn(old), drawn(new)), line


def _chosen_case(proper: Sequence[str], case: str | None, names: Mapping[str, str]) -> str:
    if case is None:
        return proper[0] if proper else ""
    for own in proper:
        if case in (own, own.rpartition("/")[2]):
            return own
    known = "; ".join(f"{own} ({shorten(names[own], 60)})" for own in proper)
    raise UnknownName(fault_of("map.case", "case", shorten(case), choices=known or "–"))


def _papers(
    old: Records, new: Records, rows: tuple[list[Row], list[Row]], language: str
) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    """Return the papers in the order of the dossier, and who holds their data."""
    first, last = ({row["id"]: row for row in found} for found in rows)
    marks: dict[str, dict[str, str]] = {}
    for mark in new.marks or old.marks:
        if mark["database"]:
            held = marks.setdefault(mark["requirement"], {})
            if held.get(mark["database"]) != "listed":
                held[mark["database"]] = mark["class"]
    nodes: list[Node] = []
    links: list[Link] = []
    place = {row["id"]: number for number, row in enumerate(old.cases)}
    for own in _in_order(first, last, place):
        node, found = _paper(first.get(own), last.get(own), marks.get(own, {}), language)
        nodes.append(node)
        links += found
    return tuple(nodes), tuple(links)


def _in_order(
    first: Mapping[str, Row], last: Mapping[str, Row], place: Mapping[str, int]
) -> list[str]:
    """Return the ids of all rows by position; added rows stand behind those of their position."""

    def key(own: str) -> tuple[int, int, bool, str]:
        row = first.get(own) or last[own]
        return (place.get(row.get("case", ""), -1), row["position"], own not in first, own)

    return sorted({**first, **last}, key=key)


def _paper(
    old: Row | None, new: Row | None, held: dict[str, str], language: str
) -> tuple[Node, list[Link]]:
    row = new or old or {}
    gone = new is None or new["status"] == "dropped"
    papers = row["papers"]
    replaced = not gone and row["replaced"] > 0
    whole = replaced and not row["replaced"] < papers
    state: State = (
        "removed" if gone else "replaced" if replaced else "added" if old is None else "kept"
    )
    tags = []
    part = replaced and not whole
    if state != "kept":
        key = f"map.state.{state}_part" if part else f"map.state.{state}"
        tags.append(t(key, language, count=row["replaced"], papers=papers))
    if row["kind"] in ("form", "unknown"):
        tags.append(t(f"map.kind.{row['kind']}", language))
    if row["relation"] in ("any", "mixed"):
        tags.append(t("map.alternatives", language))
    if papers > 1 and not part:
        tags.append(t("map.several", language, count=papers))
    if row["conditional"]:
        tags.append(t("map.conditional", language))
    if row["certified"]:
        tags.append(t("map.certified", language))
    links = []
    if not gone:
        listed = row["replaced_by"].split(";") if replaced else []
        used = [i for i in dict.fromkeys(listed) if i]
        links = [Link(row["id"], i, "replaced") for i in used]
        links += [
            Link(row["id"], i, "available" if held[i] == "listed" else "open")
            for i in held
            if i not in used and not whole
        ]
    node = Node(
        row["id"],
        "paper",
        row["kind"],
        row["name"],
        state,
        _joined(tags),
        () if old is None or new is None or gone else _paper_changes(old, new, language),
        row["relation"] in ("any", "mixed"),
        bool(row["conditional"]),
    )
    return node, links


def _joined(tags: Sequence[str]) -> tuple[str, ...]:
    """Return remarks as one, the first alone with a capital."""
    if not tags:
        return ()
    return ("; ".join((tags[0], *(tag[:1].lower() + tag[1:] for tag in tags[1:]))),)


def _paper_changes(old: Row, new: Row, language: str) -> tuple[tuple[str, str], ...]:
    made = [(old["name"], "")] if old["name"] != new["name"] else []
    pairs = [(_copies(old, language), _copies(new, language))]
    if old["conditional"] != new["conditional"]:
        who = [
            t(f"map.{'conditional' if r['conditional'] else 'all'}", language) for r in (old, new)
        ]
        pairs.append((who[0], who[1]))
    if not math.isnan(old["papers"] + new["papers"]) and old["papers"] != new["papers"]:
        count = [t("map.several", language, count=row["papers"]) for row in (old, new)]
        pairs.append((count[0], count[1]))
    return (*made, *(pair for pair in pairs if pair[0] != pair[1]))


def _copies(row: Row, language: str) -> str:
    """Return which copies a row asks for: ``1 bản chính, 1 bản sao chứng thực``."""
    parts = []
    if row["originals"]:
        parts.append(t("map.originals", language, count=row["originals"]))
    if row["copies"]:
        parts.append(t("map.copies", language, count=row["copies"]))
    if row["certified"]:
        parts.append(t("map.certified", language))
    return ", ".join(parts) or t("map.no_copies", language)


def _databases(links: Iterable[Link], language: str) -> tuple[Node, ...]:
    """Return the databases that the links reach, with how many papers each stands for."""
    kinds: dict[str, list[str]] = {}
    for link in links:
        kinds.setdefault(link.target, []).append(link.kind)
    status_of = _database_status() if kinds else {}
    nodes = []
    for own, found in kinds.items():
        tags = [
            t(f"map.holds.{kind}", language, count=found.count(kind))
            for kind in ("replaced", "available", "open")
            if kind in found
        ]
        status = status_of.get(own, "unknown")
        if status != "in_use":
            tags.append(t(f"map.database.{status}", language))
        name = database_names([own]).in_language(language)
        nodes.append(Node(own, "database", "database", name, tags=tuple(tags)))
    return tuple(nodes)


@cache
def _database_status() -> dict[str, str]:
    frame = databases().reset_index()
    return dict(zip(frame["id"], frame["status"], strict=True))


def _no_database(rows: tuple[list[Row], list[Row]], language: str) -> str:
    kinds = {row["kind"] for found in rows for row in found}
    if not kinds:
        return t("map.empty.databases.no_papers", language)
    unmarked = "unknown" in kinds
    return t("map.empty.databases.unmarked" if unmarked else "map.empty.databases", language)


# --- steps ----------------------------------------------------------------------------


def _steps(old: Records, new: Records, language: str) -> tuple[Node, ...]:
    first, last = ({row["id"]: row for row in found.steps} for found in (old, new))
    keys = _in_order(first, last, {})
    numbers = {own: n for n, own in enumerate((own for own in keys if own in first), start=1)}
    return tuple(
        _step(first.get(own), last.get(own), numbers.get(own, 0), language) for own in keys
    )


def _step(old: Row | None, new: Row | None, number: int, language: str) -> Node:
    row = new or old or {}
    state: State = "removed" if new is None else "added" if old is None else "kept"
    actor = t(f"map.actor.{row['actor']}", language)
    days = step_days(row, language)
    changes: tuple[tuple[str, str], ...] = ()
    if old is not None and new is not None:
        changes, same_days = _step_changes(old, new, language)
        days = days if same_days else ""
    tags = [t(f"map.state.{state}", language)] if state != "kept" else []
    tags += [part for part in (actor, days) if part]
    return Node(
        row["id"],
        "step",
        row["actor"],
        row["name"] or t("map.unnamed", language),
        state,
        _joined(tags),
        changes,
        number=number,
    )


def _step_changes(old: Row, new: Row, language: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Return what differs between a step before and after, and whether its days stay."""
    # Where only the number was changed, the words of the source are the old ones.
    written = old["days_text"] != new["days_text"] or _same(old["days"], new["days"])
    first, last = (step_days(row, language, written=written) for row in (old, new))
    pairs = (
        (old["name"], "" if old["name"] != new["name"] else old["name"]),
        (first, last if last or not first else t("map.days.none", language)),
        (t(f"map.actor.{old['actor']}", language), t(f"map.actor.{new['actor']}", language)),
    )
    return tuple(pair for pair in pairs if pair[0] != pair[1]), first == last


def _same(first: float, last: float) -> bool:
    return first == last or (math.isnan(first) and math.isnan(last))


def _flow(old: Records, new: Records) -> tuple[Link, ...]:
    """Return the relations after the plan, and those that go with a removed step."""
    kept = {row["id"] for row in new.steps}
    known = kept | {row["id"] for row in old.steps}
    after, before = (
        dict.fromkeys((row["before"], row["after"]) for row in found.flow) for found in (new, old)
    )
    stays = [pair for pair in after if kept.issuperset(pair)]
    goes = [pair for pair in {**before, **after} if not kept.issuperset(pair)]
    links = [*(Link(*pair, "flow") for pair in stays), *(Link(*pair, "gone") for pair in goes)]
    return tuple(
        link
        for link in links
        if link.source != link.target and known.issuperset((link.source, link.target))
    )


def _hand_in_remark(old: Records, language: str) -> str:
    """Return in which step the dossier is handed in, where that is known.

    The source relates no paper to a step. Only where a single step of the
    applicant says so in its name is it known.
    """
    found = [
        number
        for number, row in enumerate(old.steps, start=1)
        if row["actor"] in ("applicant", "both") and _HANDS_IN.search(fold(row["name"]))
    ]
    return t("map.handed_in", language, number=found[0]) if len(found) == 1 else ""


# The rows of one procedure as plain records: what a procedure map is drawn from.

Row = dict[str, Any]

_COLUMNS = {
    "cases": ("position", "name", "kind"),
    "channels": ("limit_value", "limit_unit"),
    "flow": ("before", "after"),
    "requirements": (
        "case",
        "position",
        "name",
        "kind",
        "relation",
        "papers",
        "originals",
        "copies",
        "certified",
        "conditional",
        "status",
        "replaced",
        "replaced_by",
    ),
    "steps": ("position", "name", "actor", "days", "days_text", "status"),
}
_MARKS = ("requirement", "database", "class")
_HEAD = ("code", "name", "ministry", "online", "status")


@dataclass(frozen=True, slots=True)
class Records:
    """One procedure; every table in the order of its positions.

    Attributes
    ----------
    head
        Its row in ``procedures``; None where the portfolio does not have it.
    base
        Ids of the requirements in the base case, as the measures count them.
    conditions
        Number of conditions that stand, NaN where not known.
    """

    head: Row | None
    cases: list[Row]
    channels: list[Row]
    flow: list[Row]
    requirements: list[Row]
    steps: list[Row]
    marks: list[Row]
    base: frozenset[str]
    conditions: float

    @property
    def described(self) -> bool:
        """Whether the source gives any content, so that what is not there is known not to be."""
        return not math.isnan(self.conditions)

    @property
    def stands(self) -> bool:
        """Whether the procedure is there and neither abolished nor merged."""
        return self.head is not None and self.head["status"] == "active"


def records(portfolio: Portfolio, key: str) -> Records:
    """Return the rows of one procedure id; no rows where the portfolio does not have it."""
    if key not in portfolio.procedures.index:
        return Records(None, [], [], [], [], [], [], frozenset(), 0.0)
    tables = {name: _rows(portfolio.rows(name, key), columns) for name, columns in _COLUMNS.items()}
    # Steps that a plan drops or merges stay in the table; the map draws what stands.
    tables["steps"] = [row for row in tables["steps"] if row["status"] == "active"]
    # The index of the whole column is hashed once; these are the days of every channel.
    days = channel_days(portfolio)
    for row in tables["channels"]:
        row["days"] = float(days.at[row["id"]])
    asked = [row["id"] for row in tables["requirements"]]
    place = portfolio.requirements.index.get_indexer(asked)
    base = base_rows(portfolio)[place]
    mine = np.isin(portfolio.positions("marks", "requirement"), place)
    return Records(
        head={name: portfolio.procedures.at[key, name] for name in _HEAD},
        marks=_rows(portfolio.marks[mine], _MARKS),
        base=frozenset(own for own, counted in zip(asked, base, strict=True) if counted),
        conditions=float(conditions(portfolio).at[key]),
        **tables,
    )


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[Row]:
    cells = [frame[name].tolist() for name in columns]
    rows = [
        {"id": own, **dict(zip(columns, values, strict=True))}
        for own, values in zip(frame.index, zip(*cells, strict=True), strict=True)
    ]
    return sorted(rows, key=lambda row: row["position"]) if "position" in columns else rows


# The figures in the head of a procedure map: before and, with a plan, after.


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the head; ``new`` equals ``old`` where nothing changes."""

    label: str
    old: str
    new: str


def papers_counted(rows: Iterable[Row]) -> float:
    """Return the official count of the dossier rows drawn; NaN where one is not marked.

    The same rule as `procsim.measures.table`: papers less those that data
    replace; a row that states no number of papers stands for one.
    """
    count = 0.0
    for row in rows:
        if row["status"] == "required":
            papers = 1.0 if math.isnan(row["papers"]) else row["papers"]
            count += math.nan if row["kind"] == "unknown" else papers - row["replaced"]
    return count


def step_days(row: Row, language: str, *, written: bool = True) -> str:
    """Return how long a step takes: as the source writes it, else its number of days."""
    if math.isnan(row["days"]) or (written and row["days_text"]):
        return str(row["days_text"])
    return in_units(round(row["days"], 1), "working_day").in_language(language)


def facts(old: Records, new: Records, papers: Sequence[float], language: str) -> tuple[Fact, ...]:
    """Return the figures of the head, in the order in which they are read."""
    unstated = t("map.fact.unstated", language)
    made = {
        "limit": _limits(old, new, language),
        "papers": [
            _count(count, language) if found.described else unstated
            for found, count in zip((old, new), papers, strict=True)
        ],
        "steps": [_facts_steps(found, language) for found in (old, new)],
        "conditions": [
            _count(found.conditions, language) if found.described else unstated
            for found in (old, new)
        ],
        "online": [_online(found, language) for found in (old, new)],
    }
    none = t("map.fact.none", language)
    return tuple(
        Fact(t(f"map.fact.{name}", language), first, last if new.stands else none)
        for name, (first, last) in made.items()
    )


def _count(value: float, language: str) -> str:
    if math.isnan(value):
        return t("map.fact.unknown", language)
    return format_number(value) if language == "vi" else format_number_en(value)


def _limits(old: Records, new: Records, language: str) -> list[str]:
    """Return the longest limits, before and after; a common unit is written once."""
    first, last = (_longest(found) for found in (old, new))
    if first and last and first[1] == last[1] and first[0] != last[0]:
        return [_count(first[0], language), in_units(*last).in_language(language)]
    none = t("map.fact.unstated", language)
    return [in_units(*found).in_language(language) if found else none for found in (first, last)]


def _longest(found: Records) -> tuple[float, str] | None:
    """Return the longest limit of all channels as published: number and unit."""
    stated = [row for row in found.channels if not math.isnan(row["days"])]
    longest = max(stated, key=lambda row: row["days"], default=None)
    return (longest["limit_value"], longest["limit_unit"]) if longest else None


def _facts_steps(found: Records, language: str) -> str:
    unstated = t("map.fact.unstated", language)
    return _count(len(found.steps), language) if found.steps else unstated


def _online(found: Records, language: str) -> str:
    return t(f"map.online.{found.head['online']}", language) if found.head else ""


# The order of steps on the map: chains that hang together, and levels within a chain.


def chains(nodes: Sequence[Node], flow: Sequence[Link]) -> list[list[list[Node]]]:
    """Return the steps by chain and, within a chain, by level of the flow.

    Two steps are of one chain when the flow joins them; a chain comes where its
    first step comes. The level of a step is the longest way to it, so steps that
    run side by side share a level. A circle in the flow is opened at the step
    that comes first in the order given.

    Returns
    -------
    list of list of list of Node
        Chains, their levels, the steps of a level in the order given.
    """
    by_id = {node.id: node for node in nodes}
    before: dict[str, list[str]] = {own: [] for own in by_id}
    for link in flow:
        before[link.target].append(link.source)
    level = _levels(before)
    found: dict[str, dict[int, list[Node]]] = {}
    head = _heads(by_id, flow)
    for own, node in by_id.items():
        found.setdefault(head[own], {}).setdefault(level[own], []).append(node)
    return [[levels[number] for number in sorted(levels)] for levels in found.values()]


def _levels(before: Mapping[str, Sequence[str]]) -> dict[str, int]:
    level: dict[str, int] = {}
    waiting = list(before)
    while waiting:
        ready = [own for own in waiting if all(source in level for source in before[own])]
        for own in ready or waiting[:1]:
            level[own] = max((level[s] + 1 for s in before[own] if s in level), default=0)
        waiting = [own for own in waiting if own not in level]
    return level


def _heads(ids: Iterable[str], flow: Iterable[Link]) -> dict[str, str]:
    """Return one step that stands for each step's chain."""
    head = {own: own for own in ids}

    def root(own: str) -> str:
        while head[own] != own:
            head[own] = head[head[own]]
            own = head[own]
        return own

    for link in flow:
        head[root(link.target)] = root(link.source)
    return {own: root(own) for own in head}
