"""A procedure, and the network of all procedures, as graphs of networkx.

The tables stay the model; a graph is a picture of them for those who think in
nodes and edges, with files that other tools read (GraphML, node-link JSON).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.reference import databases, document_types

if TYPE_CHECKING:
    import networkx as nx

    from procsim.model.portfolio import Portfolio, Procedure


NODE_KINDS: dict[str, Text] = {
    "procedure": bilingual("model.procedure"),
    "step": bilingual("model.step"),
    "paper": bilingual("model.dossier_row"),
    "document_type": bilingual("model.document_type"),
    "database": bilingual("model.database"),
    "legal_text": bilingual("model.legal_text"),
    "agency": bilingual("model.agency"),
    "result": bilingual("model.result"),
}
"""What a node can be."""

EDGE_KINDS: dict[str, Text] = {
    "precedes": bilingual("model.precedes"),
    "requires": bilingual("model.requires"),
    "of_type": bilingual("model.type"),
    "held_by": bilingual("model.held"),
    "produces": bilingual("model.produces"),
    "based_on": bilingual("model.based"),
    "carried_out_by": bilingual("model.carried_out"),
    "part_of": bilingual("model.part"),
}
"""What an edge can say; it is the edge's key too."""


def _plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes that every format can hold: what is missing is left out."""
    native = {
        name: value.item() if hasattr(value, "item") else value
        for name, value in attributes.items()
    }
    return {
        name: value
        for name, value in native.items()
        if value != "" and not (isinstance(value, float) and math.isnan(value))
    }


def _add(
    graph: nx.MultiDiGraph, node: str, kind: str, vi: str, en: str = "", **more: object
) -> str:
    # What was published in Vietnamese only is shown as published in both languages.
    graph.add_node(node, **_plain({"kind": kind, "label_vi": vi, "label_en": en or vi, **more}))
    return node


def _join(graph: nx.MultiDiGraph, source: str, target: str, kind: str, **more: object) -> None:
    graph.add_edge(source, target, key=kind, **_plain({"kind": kind, **more}))


def _type_node(graph: nx.MultiDiGraph, document_type: str) -> str:
    catalogue = document_types()
    known = document_type in catalogue.index
    vi = catalogue.at[document_type, "name_vi"] if known else document_type
    en = catalogue.at[document_type, "name_en"] if known else document_type
    return _add(graph, f"document_type:{document_type}", "document_type", vi, en)


def _database_node(graph: nx.MultiDiGraph, database: str) -> str:
    catalogue = databases()
    known = database in catalogue.index
    vi = catalogue.at[database, "name_vi"] if known else database
    en = catalogue.at[database, "name_en"] if known else database
    return _add(graph, f"database:{database}", "database", vi, en)


def _listed(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(";")) if part]


def unrelated_steps(portfolio: Portfolio) -> npt.NDArray[np.intp]:
    """Return the row numbers of the steps whose procedure relates no two of its steps."""
    owner = portfolio.positions("steps", "procedure")
    before, after = (portfolio.positions("flow", end) for end in ("before", "after"))
    inside = (before >= 0) & (after >= 0)
    inside[inside] = owner[before[inside]] == owner[after[inside]]
    related = np.zeros(len(portfolio.procedures) + 1, dtype=bool)
    related[owner[before[inside]]] = True
    related[-1] = True  # an owner that is not there
    return np.flatnonzero(~related[owner])


def assumed_order(portfolio: Portfolio) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return pairs of steps of which one is assumed to wait for the other (giả định).

    Where a procedure relates none of its steps (table ``flow``), they follow one
    another by their ``position``, or as they stand where none has one; steps of the
    same position stand side by side.

    Returns
    -------
    tuple of numpy.ndarray
        Row numbers of the steps before and after, each of shape (pairs,).

    Examples
    --------
    >>> from procsim.model.portfolio import Portfolio
    >>> steps = [{"id": f"s{n}", "procedure": "1.000001", "position": n} for n in (1, 2, 2, 3)]
    >>> steps[2]["id"] = "s2b"
    >>> made = Portfolio.from_tables({
    ...     "procedures": [{"id": "1.000001", "name": "A", "ministry": "B"}], "steps": steps,
    ... })
    >>> [pairs.tolist() for pairs in assumed_order(made)]
    [[0, 0, 1, 2], [1, 2, 3, 3]]
    """
    rows = unrelated_steps(portfolio)
    rows = rows[(portfolio.steps["status"].iloc[rows] == "active").to_numpy(dtype=bool)]
    owner = portfolio.positions("steps", "procedure")[rows]
    position = portfolio.steps["position"].to_numpy()[rows]
    highest = np.zeros(len(portfolio.procedures), dtype=position.dtype)
    np.maximum.at(highest, owner, position)
    position = np.where(highest[owner] > 0, position, rows)
    order = np.lexsort((rows, position, owner))
    rows, owner, position = rows[order], owner[order], position[order]
    begins = np.flatnonzero(np.diff(owner, prepend=-1) | np.diff(position, prepend=-1))
    group = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(rows)))
    ends = np.append(begins[1:], len(rows))
    following = np.append(begins[1:], len(rows))[group]
    last = np.append(ends[1:], len(rows))[group]
    same = owner[np.minimum(following, len(rows) - 1)] == owner if len(rows) else following > 0
    count = np.where(same, last - following, 0)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(rows, count), rows[np.repeat(following, count) + offset]


def procedure_graph(procedure: Procedure) -> nx.MultiDiGraph:
    """Return one procedure as a graph.

    Nodes: the ``procedure`` and its ``step``, ``paper`` (dossier rows that are no notes)
    and ``result`` rows by their ids; ``document_type:…``, ``database:…``,
    ``legal_text:…`` and ``agency:…``. Every node has ``kind`` (`NODE_KINDS`),
    ``label_vi`` and ``label_en``; every edge has ``kind`` (`EDGE_KINDS`).

    Examples
    --------
    >>> from procsim.model.portfolio import Portfolio
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "steps": pd.DataFrame({"id": ["s1", "s2"], "procedure": "1.000001", "name": "Bước"}),
    ...     "flow": pd.DataFrame({"id": ["f"], "procedure": "1.000001", "before": "s1",
    ...                           "after": "s2"}),
    ... })
    >>> graph = portfolio["1.000001"].graph
    >>> graph.nodes["s1"]["kind"], graph.edges["s1", "s2", "precedes"]["kind"]
    ('step', 'precedes')
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    row = procedure.portfolio.procedures.loc[procedure.id]
    root = _add(
        graph, procedure.id, "procedure", row["name"], code=row["code"], ministry=row["ministry"],
        levels=row["levels"], status=row["status"],
    )  # fmt: skip
    for name in _listed(row["agency"]):
        agency = _add(graph, f"agency:{name}", "agency", name)
        _join(graph, root, agency, "carried_out_by")
    _add_steps(graph, procedure)
    _add_papers(graph, procedure)
    for result in procedure.results.itertuples():
        node = _add(graph, str(result.Index), "result", result.name)
        _join(graph, root, node, "produces")
        for kind in _listed(result.types):
            _join(graph, node, _type_node(graph, kind), "of_type")
    for basis in procedure.legal_bases.itertuples():
        title = " ".join(part for part in (basis.number, basis.name) if part)
        if title:
            key = f"legal_text:{basis.number or basis.name}"
            node = _add(graph, key, "legal_text", title, rank=basis.rank)
            source = basis.requirement if basis.requirement in graph else root
            _join(graph, source, node, "based_on", article=basis.article)
    return graph


def _add_steps(graph: nx.MultiDiGraph, procedure: Procedure) -> None:
    steps = procedure.steps
    for step in steps[steps["status"] == "active"].itertuples():
        _add(
            graph, str(step.Index), "step", step.name or f"Bước {step.position}",
            step.name or f"Step {step.position}", position=step.position, actor=step.actor,
            days=step.days,
        )  # fmt: skip
        _join(graph, str(step.Index), procedure.id, "part_of")
    for relation in procedure.portfolio.rows("flow", procedure.id).itertuples():
        if relation.before in graph and relation.after in graph:
            _join(graph, relation.before, relation.after, "precedes")
    one = procedure.portfolio.select([procedure.id])
    for first, then in zip(*(one.steps.index[rows] for rows in assumed_order(one)), strict=True):
        _join(graph, first, then, "precedes", mark="giả định")


def _add_papers(graph: nx.MultiDiGraph, procedure: Procedure) -> None:
    rows = procedure.requirements
    rows = rows[rows["kind"] != "note"]
    for paper in rows.itertuples():
        node = _add(
            graph, str(paper.Index), "paper", paper.name, position=paper.position,
            case=paper.case, paper_kind=paper.kind, relation=paper.relation, status=paper.status,
            conditional=bool(paper.conditional), replaced=paper.replaced,
        )  # fmt: skip
        _join(graph, procedure.id, node, "requires")
        for kind in _listed(paper.types):
            _join(graph, node, _type_node(graph, kind), "of_type")
    marks = procedure.portfolio.marks
    marks = marks[marks["requirement"].isin(rows.index) & (marks["database"] != "")]
    for mark in marks.itertuples():
        source = _type_node(graph, mark.document_type)
        holder = _database_node(graph, mark.database)
        _join(
            graph, source, holder, "held_by", basis=mark.legal_basis,
            since=mark.since,
        )  # fmt: skip


def national_graph(portfolio: Portfolio, links: pd.DataFrame) -> nx.MultiDiGraph:
    """Return the national network: procedure → document type → procedure that asks for it.

    Parameters
    ----------
    links
        Rows of ``procedure``, ``issuer``, ``document_type``, ``requirement``,
        ``confidence`` and ``review``, as `procsim.network.links.links` returns them.

    Returns
    -------
    networkx.MultiDiGraph
        An issuer ``produces`` a document type; the type points to each procedure that
        ``requires`` it, with the ``issuer`` it is taken from, the ``requirements`` that
        ask for it and the lowest ``confidence``. Only linked procedures are nodes.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.mark(ps.load_sample())
    >>> graph = national_graph(portfolio, ps.links(portfolio))
    >>> graph.has_edge("1.001193", "document_type:giay_khai_sinh")
    True
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    names = portfolio.procedures["name"]
    for identity in sorted({*links["procedure"], *links["issuer"]} & set(names.index)):
        _add(graph, identity, "procedure", names[identity])
    for kind in sorted(set(links["document_type"])):
        _type_node(graph, kind)
    inside = links[links["procedure"].isin(names.index) & links["issuer"].isin(names.index)]
    for (issuer, kind, owner), rows in inside.groupby(
        ["issuer", "document_type", "procedure"], sort=True
    ):
        node = f"document_type:{kind}"
        _join(graph, issuer, node, "produces")
        graph.add_edge(
            node,
            owner,
            key=f"requires:{issuer}",
            kind="requires",
            issuer=issuer,
            requirements=";".join(rows["requirement"]),
            confidence=float(rows["confidence"].min()),
            review=bool(rows["review"].any()),
        )
    return graph


def write_graph(graph: nx.MultiDiGraph, path: str | Path) -> None:
    r"""Write a graph as ``.graphml`` or, node-link, as ``.json``.

    `read_graph` gives back an equal graph, whatever the texts hold: in GraphML,
    characters that XML cannot carry are written as ``\uXXXX``.

    Parameters
    ----------
    graph
        What `national_graph` or ``Procedure.graph`` gave.
    path
        The file, ending in ``.graphml`` or ``.json``.

    Raises
    ------
    InvalidValue
        For another ending, or an attribute that is no text, number or yes/no.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> graph = ps.load_sample()["1.004222"].graph
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_graph(graph, Path(folder) / "so-do.graphml")
    ...     read_graph(Path(folder) / "so-do.graphml").number_of_edges() == graph.number_of_edges()
    True
    """
    file = Path(path)
    _refuse_unsafe(graph)
    if file.suffix.lower() == ".json":
        file.write_text(json.dumps(_node_link(graph), allow_nan=False), encoding="utf-8")
    elif file.suffix.lower() == ".graphml":
        import networkx as nx

        nx.write_graphml_xml(_mapped(graph, _escape), file, encoding="utf-8")
    else:
        raise InvalidValue(_ending(file))


def read_graph(path: str | Path) -> nx.MultiDiGraph:
    """Read a graph that `write_graph` wrote.

    Parameters
    ----------
    path
        A ``.graphml`` or ``.json`` file.

    Returns
    -------
    networkx.MultiDiGraph
        Equal to the one that was written.

    Raises
    ------
    InvalidValue
        For another ending than ``.graphml`` or ``.json``.
    UnreadableInput
        When the file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> graph = ps.load_sample()["1.004222"].graph
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_graph(graph, Path(folder) / "so-do.json")
    ...     read_graph(Path(folder) / "so-do.json").nodes["1.004222"]["kind"]
    'procedure'
    """
    import xml.etree.ElementTree as ET

    import networkx as nx

    file = Path(path)
    if file.suffix.lower() not in {".json", ".graphml"}:
        raise InvalidValue(_ending(file))
    try:
        if file.suffix.lower() == ".json":
            return _from_node_link(json.loads(file.read_text(encoding="utf-8")))
        graph = nx.read_graphml(file, edge_key_type=str, force_multigraph=True)
    except (OSError, ValueError, KeyError, TypeError, ET.ParseError, nx.NetworkXError) as error:
        raise UnreadableInput(
            fault_of("graph.unreadable", file.name, shorten(str(error)))
        ) from error
    return _mapped(graph, _unescape)


def _ending(file: Path) -> Fault:
    return fault_of("graph.ending", file.name, file.suffix)


def _refuse_unsafe(graph: nx.MultiDiGraph) -> None:
    items = [(str(node), data) for node, data in graph.nodes(data=True)]
    items += [(f"{u} → {v}", data) for u, v, data in graph.edges(data=True)]
    faults = [
        fault_of("graph.attribute", f"{place} › {name}", shorten(value))
        for place, data in items
        for name, value in data.items()
        if not isinstance(value, str | int | float)
        or (isinstance(value, float) and not math.isfinite(value))
    ]
    if faults:
        raise InvalidValue(faults)


def _node_link(graph: nx.MultiDiGraph) -> dict[str, object]:
    return {
        "directed": True,
        "multigraph": True,
        "graph": {},
        "nodes": [{"id": node, **data} for node, data in graph.nodes(data=True)],
        "edges": [
            {"source": u, "target": v, "key": key, **data}
            for u, v, key, data in graph.edges(keys=True, data=True)
        ],
    }


def _from_node_link(content: Mapping[str, Any]) -> nx.MultiDiGraph:
    import networkx as nx

    graph = nx.MultiDiGraph()
    for entry in content["nodes"]:
        data = dict(entry)
        graph.add_node(data.pop("id"), **data)
    for entry in content["edges"]:
        data = dict(entry)
        ends = data.pop("source"), data.pop("target")
        graph.add_edge(*ends, key=data.pop("key"), **data)
    return graph


_NOT_XML = re.compile(r"[\\\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|^ | $|^$")
_ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|e)")


def _escape(text: str) -> str:
    # XML has no empty text, trims what is at the ends, and forbids some characters.
    return _NOT_XML.sub(lambda m: f"\\u{ord(m.group()):04x}" if m.group() else "\\e", text)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)) if m.group(1) else "", text)


def _mapped(graph: nx.MultiDiGraph, change: Any) -> nx.MultiDiGraph:
    """Return the graph with every text changed."""
    import networkx as nx

    def texts(data: Mapping[str, Any]) -> dict[str, Any]:
        # The reader leaves each edge its id, which is its key.
        return {
            name: change(value) if isinstance(value, str) else value
            for name, value in data.items()
            if name != "id"
        }

    made = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        made.add_node(change(node), **texts(data))
    for u, v, key, data in graph.edges(keys=True, data=True):
        made.add_edge(change(u), change(v), key=change(key), **texts(data))
    return made
