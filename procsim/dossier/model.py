"""The dossier: what one applicant hands in, as a graph of all and one-of over papers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    import networkx as nx


Role = Literal["always", "choice", "conditional", "fallback", "note", "office", "other"]
_FALL_AWAY, _AT_A_TIME = 3, 2
"""How many doubtful papers fall away together, how many conditions are met at a time."""
_COLUMNS = ("row", "position", "name", "kind", "types", "choice_group", "role", "n")


@dataclass(frozen=True, slots=True)
class Paper:
    """One thing that somebody hands in: an atom of a row.

    Attributes
    ----------
    id, row, position
        Own id, id of the requirement it stands in, place there (from 1).
    name
        The words that name it.
    kind
        ``"form"`` or ``"document"``.
    types
        Document types by marking, where the row names one paper.
    role
        As its row's; ``""`` where nothing is asked for.
    group
        Choice group; ``""`` without one.
    n
        How many things it stands for.
    """

    id: str
    row: str
    position: int
    name: str
    kind: str
    types: tuple[str, ...]
    role: str
    group: str
    n: int


@dataclass(frozen=True, slots=True)
class DossierRow:
    """One published row with its role in the dossier.

    Attributes
    ----------
    case, number
        Where it stands in the record, both from 0.
    role, group
        ``always``, ``choice`` (one of a group), ``conditional``, ``fallback``, ``note``,
        ``office`` (made by the authority), ``other`` (of another situation).
    n
        How many things the applicant hands in because of it (in a group: if it is chosen).
    why
        The words that decided.
    chance
        Probability (0–1) that the ordinary applicant hands it in.
    doubtful
        Whether it counts but may fall away.
    least, most
        The fewest and the most things that its words can be read to ask for.
    likely
        Whether its condition is one that an ordinary applicant may meet.
    electronic
        Whether it is the electronic twin of a paper form.
    """

    case: int
    number: int
    id: str
    name: str
    role: str
    group: str
    n: int
    papers: tuple[Paper, ...]
    why: str
    chance: float
    doubtful: bool
    least: int = 0
    most: int = 0
    likely: bool = True
    electronic: bool = False

    @property
    def forms(self) -> int:
        """How many of its papers are application forms."""
        return sum(paper.kind == "form" for paper in self.papers)


@dataclass(frozen=True, slots=True)
class Situation:
    """One case and its part: ``ordinary``, ``situation``, ``common``, ``note``, ``special``.

    `case` is its number in the record, `number` its place among the situations read (they
    differ where cases were written as rows of one), `score` how usual it is among its peers.
    """

    case: int
    number: int
    id: str
    name: str
    kind: str
    score: float


@dataclass(frozen=True)
class Dossier:
    """What one applicant of a procedure hands in.

    Attributes
    ----------
    base
        Numbers of the cases (from 0) whose rows apply.
    peers
        Whether the situation is the likeliest of several equals.
    rows, situations
        All rows and all cases of the procedure.
    confidence
        Probability (0–1) that `documents` is right.
    review
        Whether an officer should look at it.
    """

    code: str
    id: str
    name: str
    base: tuple[int, ...]
    peers: bool
    rows: tuple[DossierRow, ...]
    situations: tuple[Situation, ...] = ()
    confidence: float = 0.0
    review: bool = False
    ends: tuple[int, ...] = ()
    trust: tuple[tuple[str, float], ...] = field(default=(), repr=False)

    @property
    def groups(self) -> dict[str, tuple[DossierRow, ...]]:
        """The rows of each choice group."""
        made: dict[str, tuple[DossierRow, ...]] = {}
        for row in self.rows:
            if row.group:
                made[row.group] = (*made.get(row.group, ()), row)
        return made

    @property
    def chosen(self) -> tuple[DossierRow, ...]:
        """The rows that count: those always due, and of each group the one with the fewest."""
        least = {
            min(rows, key=lambda row: (row.n, -row.forms, row.case, row.number)).id
            for rows in self.groups.values()
        }
        return tuple(row for row in self.rows if row.role == "always" or row.id in least)

    def by(self, channel: str) -> Dossier:
        """Return the dossier of somebody who files at the counter or online.

        Of a paper form and its electronic twin the one that the channel asks for is
        given; the other is ``other``.
        """
        keep = {
            letter: tuple(row for row in rows if row.electronic == (channel == "online"))
            for letter, rows in self.groups.items()
            if any(row.electronic for row in rows)
        }
        rows = []
        for row in self.rows:
            left = keep.get(row.group, ()) if row.group else ()
            if left and row not in left:
                row = replace(row, role="other", group="", n=0)
            elif left and len(left) == 1:
                row = replace(row, role="always", group="")
            rows.append(row)
        return replace(self, rows=tuple(rows))

    @property
    def documents(self) -> int:
        """How many forms and papers the applicant hands in."""
        return sum(row.n for row in self.chosen)

    @property
    def forms(self) -> int:
        """How many of them are application forms."""
        return sum(min(row.forms, row.n) for row in self.chosen)

    @property
    def papers(self) -> int:
        """How many of them are other papers."""
        return self.documents - self.forms

    @property
    def conditional(self) -> int:
        """How many rows are due only in a situation that the applicant is not in."""
        return sum(row.role == "conditional" for row in self.rows)

    @property
    def own_range(self) -> tuple[int, int]:
        """The least and the most that the choices and conditions of the base can ask for."""
        least = most = 0
        for row in self.rows:
            if row.role == "always":
                least += 0 if row.doubtful else row.least
                most += row.most
            elif row.role == "conditional" and row.likely:
                most += row.most
        for rows in self.groups.values():
            least += 0 if all(row.doubtful for row in rows) else min(row.least for row in rows)
            most += max(row.most for row in rows)
        count = self.documents
        fall = max(_FALL_AWAY, count // 2)
        return max(least, count - fall, min(1, count)), min(max(most, count), count + _AT_A_TIME)

    @property
    def documents_min(self) -> int:
        """The least that an ordinary applicant may have to hand in.

        Over the choices and conditions of the ordinary situation, and over its peers where
        several situations are about as usual.
        """
        count = self.documents
        fall = max(_FALL_AWAY, count // 2) + 1
        return min(max(self.ends[0], count - fall), count) if self.ends else self.own_range[0]

    @property
    def documents_max(self) -> int:
        """The most that an ordinary applicant may have to hand in; as `documents_min`."""
        count = self.documents
        return (
            max(min(self.ends[1], count + _AT_A_TIME + 1), count)
            if self.ends
            else self.own_range[1]
        )

    def graph(self) -> nx.DiGraph:
        """Return the dossier as a networkx DAG of ``all``, ``one_of`` and paper nodes.

        The root is ``all``; edges point from what holds to what is held. Nodes carry
        ``kind`` (``all``, ``one_of``, ``paper``), papers also ``name``, ``role``, ``row``;
        what is only conditional or a fallback hangs on an edge with ``due=False``.
        """
        import networkx as nx

        made = nx.DiGraph(code=self.code)
        made.add_node("all", kind="all", name=self.name)
        for row in self.rows:
            if not row.papers:
                continue
            parent, due = "all", row.role in {"always", "choice"}
            if row.group:
                parent = f"one_of/{row.group}"
                made.add_node(parent, kind="one_of", name=row.group)
                made.add_edge("all", parent, due=True)
            holder = parent
            if len(row.papers) > 1:
                holder = row.id
                made.add_node(holder, kind="all", name=row.name)
                made.add_edge(parent, holder, due=due)
            for paper in row.papers:
                made.add_node(
                    paper.id,
                    kind="paper",
                    name=paper.name,
                    role=row.role,
                    row=row.id,
                    form=paper.kind == "form",
                )
                made.add_edge(holder, paper.id, due=due)
        return made

    def table(self) -> pd.DataFrame:
        """Return its papers, one a line: the columns of the table ``papers``, id as index."""
        papers = [paper for row in self.rows for paper in row.papers]
        lines = [
            (p.row, p.position, p.name, p.kind, ";".join(p.types), p.group, p.role, p.n)
            for p in papers
        ]
        return pd.DataFrame(
            lines, columns=list(_COLUMNS), index=pd.Index([p.id for p in papers], name="id")
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the dossier as plain values, in the form that the command prints."""
        return {
            "code": self.code,
            "id": self.id,
            "base": list(self.base),
            "peers": self.peers,
            "rows": [
                {
                    "case": row.case,
                    "row": row.number,
                    "role": row.role,
                    "group": row.group,
                    "n": row.n,
                    "papers": [
                        {
                            "name": paper.name,
                            "kind": paper.kind,
                            "types": list(paper.types),
                            "role": paper.role,
                            "group": paper.group,
                            "n": paper.n,
                        }
                        for paper in row.papers
                    ],
                    "why": row.why,
                }
                for row in self.rows
            ],
            "forms": self.forms,
            "papers": self.papers,
            "documents_min": self.documents_min,
            "documents_max": self.documents_max,
            "conditional": self.conditional,
            "confidence": round(self.confidence, 3),
            "review": self.review,
        }
