"""A procedure's dossier as published: cases, their rows, and what both say about themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from procsim.dossier.atoms import Atom, atoms, opens_form
from procsim.dossier.clues import CaseClues, RowClues, case_clues, content_words, row_clues
from procsim.marking.spelling import spell
from procsim.model.portfolio import Portfolio


@dataclass(slots=True)
class Row:
    """One row of a dossier, marked, with its place in the record (both count from 0)."""

    case: int
    number: int
    id: str
    name: str
    kind: str
    types: tuple[str, ...]
    relation: str
    conditional: bool
    quantity: int
    has_file: bool
    clues: RowClues
    words: frozenset[str]
    under: str = ""

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The papers that the row names; a remark names none."""
        return () if self.kind == "note" else atoms(self.clues.spelled, self.clues.start)

    @property
    def papers(self) -> int:
        """How many papers the row names."""
        return len(self.atoms)


@dataclass(slots=True)
class Case:
    """One case: a situation, a heading, a part, a channel or a remark.

    `number` is its place in the list; `origin` its number in the record, which several
    share where cases were written as rows of one.
    """

    number: int
    id: str
    name: str
    clues: CaseClues
    rows: list[Row] = field(default_factory=list)
    origin: int = -1


@dataclass(slots=True)
class Published:
    """What one procedure publishes."""

    id: str
    code: str
    name: str
    subject: frozenset[str]
    applicants: frozenset[str]
    cases: list[Case]
    text: str = ""

    @property
    def rows(self) -> list[Row]:
        """All rows, case by case."""
        return [row for case in self.cases for row in case.rows]


_PERSONS = ("công dân", "người", "cán bộ", "hộ")


def _applicants(subjects: str) -> frozenset[str]:
    names = [name.strip().lower() for name in subjects.split(";") if name.strip()]
    kinds = {
        "foreigner"
        if "nước ngoài" in name and "vốn" not in name and "định cư" not in name
        else "person"
        if name.startswith(_PERSONS)
        else "body"
        for name in names
    }
    return frozenset(kinds)


def _inherit(rows: list[Row]) -> None:
    """Give the rows of an indented list the condition of the remark that opens it."""
    under, mark = "", ""
    for row in rows:
        clues = row.clues
        if (
            row.kind == "note"
            and clues.place == "head"
            and clues.spelled.text.rstrip().endswith(":")
        ):
            under, mark = clues.condition, clues.marker[:1]
        elif clues.marker[:1] not in ("+", "-", "•", "*") or clues.marker[:1] == mark:
            under = ""
        elif under:
            row.under = under


_CASE_ROW = re.compile(r"trường hợp|truong hop")


def _as_rows(case: Case) -> list[Case]:
    """Split a case whose rows name further cases: "Trường hợp 1: … gồm", a), b), … each."""
    heads = [
        at
        for at, row in enumerate(case.rows)
        if row.kind == "note"
        and row.clues.place == "head"
        and _CASE_ROW.search(row.clues.opening)
        and row.clues.spelled.text.rstrip().endswith((":", "gồm", "gom", "sau"))
    ]
    ends = [*heads[1:], len(case.rows)]
    if len(heads) < 2 or any(end - at < 2 for at, end in zip(heads, ends, strict=True)):
        return [case]
    made = [replace(case, rows=case.rows[: heads[0]])] if heads[0] else []
    for at, end in zip(heads, ends, strict=True):
        name = case.rows[at].name
        made.append(replace(case, name=name, clues=case_clues(name), rows=case.rows[at:end]))
    return made


def published(portfolio: Portfolio) -> Iterator[Published]:
    """Yield every procedure's dossier, in the order of the portfolio.

    Rows without a case stand in a case of their own, number −1.
    """
    owner = portfolio.positions("cases", "procedure")
    cases, rows = portfolio.cases, portfolio.requirements
    order = np.lexsort((cases["position"].to_numpy(), owner))
    by_procedure: list[list[Case]] = [[] for _ in range(len(portfolio.procedures))]
    place: dict[int, Case] = {}
    ids, names = cases.index.tolist(), cases["name"].tolist()
    for at in order.tolist():
        if owner[at] >= 0:
            held = by_procedure[owner[at]]
            place[at] = Case(len(held), ids[at], names[at], case_clues(names[at]), origin=len(held))
            held.append(place[at])
    of_row = portfolio.positions("requirements", "procedure")
    of_case = portfolio.positions("requirements", "case")
    columns = [
        rows[name].tolist()
        for name in ("name", "kind", "types", "relation", "conditional", "originals", "copies",
                     "form_files", "status", "position")
    ]  # fmt: skip
    identities = rows.index.tolist()
    loose: dict[int, Case] = {}
    for at in np.lexsort((rows["position"].to_numpy(), of_case)).tolist():
        if of_row[at] < 0:
            continue
        case = place.get(int(of_case[at]))
        if case is None:
            case = loose.setdefault(int(of_row[at]), Case(-1, "", "", case_clues(""), origin=-1))
        name, kind, types, relation, conditional, originals, copies, files, _, position = (
            column[at] for column in columns
        )
        clues = row_clues(name)
        if kind == "note" and originals + copies and opens_form(clues.spelled, clues.start):
            kind = "form"  # "- Đơn đề nghị …:" is a form, whatever its colon says
        number = len(case.rows)
        if identities[at] == f"{case.id}/r{position}":  # a nameless row before it was left out
            number = int(position) - 1
        case.rows.append(
            Row(
                case.number, number, identities[at], name, kind,
                tuple(types.split(";")) if types else (), relation, bool(conditional),
                int(originals) + int(copies), bool(files), clues, content_words(clues.body[:400]),
            )
        )  # fmt: skip
    for at, case in loose.items():
        case.origin = len(by_procedure[at])
        by_procedure[at].append(case)
    by_procedure = [[part for case in held for part in _as_rows(case)] for held in by_procedure]
    for held in by_procedure:
        for number, case in enumerate(held):
            case.number = number
            _inherit(case.rows)
            for row in case.rows:
                row.case = number
    procedures = portfolio.procedures
    for identity, code, name, subjects, held in zip(
        procedures.index, procedures["code"], procedures["name"], procedures["applicants"],
        by_procedure, strict=True,
    ):  # fmt: skip
        text = spell(name).text
        yield Published(
            identity, code, name, content_words(text), _applicants(subjects), held, text
        )
