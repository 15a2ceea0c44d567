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
from typing import Literal

from procsim.errors import Fault, Text, UnknownName, shorten
from procsim.language.i18n import t
from procsim.language.text import fold
from procsim.model.portfolio import Portfolio
from procsim.reference import databases
from procsim.reforms.wording import database_names
from procsim.reports.map_facts import Fact, facts, papers_counted, step_days
from procsim.reports.map_records import Records, Row, records
from procsim.reports.map_text import label

__all__ = ["Content", "Link", "Node", "content"]

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
    raise UnknownName(
        Fault(
            "case",
            shorten(case),
            Text("Thủ tục không có trường hợp này.", "The procedure has no such case."),
            Text(f"Chọn một trong: {known or '–'}.", f"Choose one of: {known or '–'}."),
            code="map.case",
        )
    )


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
