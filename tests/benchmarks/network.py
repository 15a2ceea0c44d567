"""Chains of 6,000 procedures: array sweep against a networkx loop over procedures.

Run ``python -m tests.benchmarks.network [procedures] [seed]``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from procsim.measures.time import levels, step_days
from procsim.model.portfolio import Portfolio
from procsim.model.tables import conform
from procsim.network.chains import Own, chain_burden, chains, own_burden
from procsim.network.links import links, used_links
from procsim.network.ranking import ranking
from procsim.reference import databases, parameters
from tests.benchmarks.plain import base_of, records, share_of
from tests.benchmarks.real import marked_records
from tests.benchmarks.synthetic import cross_links, synthetic
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Figure, in_turns, timed

__all__ = ["linked", "main", "plain_burden", "rows"]

Paper = tuple[float, bool, list[str]]


def _papers(portfolio: Portfolio, known: pd.DataFrame, p: Any) -> dict[str, list[Paper]]:
    """Return for each procedure its papers: share, must, and the issuers of alternatives."""
    by_row: dict[str, list[dict[str, Any]]] = {}
    status = portfolio.procedures["status"].to_dict()
    for link in known.to_dict("records"):
        standing = status[link["procedure"]] == status[link["issuer"]] == "active"
        if link["counted"] and standing and link["issuer"] != link["procedure"]:
            by_row.setdefault(link["requirement"], []).append(link)
    found: dict[str, list[Paper]] = {}
    for record in records(portfolio):
        papers = found.setdefault(record["id"], [])
        for row in base_of(record):
            if row["status"] == "dropped" or row["id"] not in by_row:
                continue
            needed = share_of(
                row["share_needed"], p["share_conditional"] if row["conditional"] else 1.0
            )
            held = share_of(row["share_held"], p["share_held"])
            coverage = share_of(row["coverage"], p["coverage_default"])
            part = row["replaced"] / row["papers"] if row["replaced"] else 0.0
            named = set(filter(None, row["replaced_types"].split(";")))
            links = by_row[row["id"]]
            either = row["relation"] in ("any", "mixed")
            groups = [links] if either else [[link] for link in links]
            for group in groups:
                gone = part
                if row["relation"] == "all" and part > 0 and named:
                    gone = float(group[0]["document_type"] in named)
                share = needed * (1 - held) * (1 - gone * coverage)
                must = needed > 0 and held < 1 and gone < 1
                if must or share > 0:
                    papers.append((share, must, [link["issuer"] for link in group]))
    return found


def _without_circles(papers: dict[str, list[Paper]]) -> tuple[dict[str, list[Paper]], set[str]]:
    graph = nx.DiGraph()
    graph.add_nodes_from(papers)
    graph.add_edges_from(
        (owner, issuer) for owner, rows in papers.items() for *_, group in rows for issuer in group
    )
    part = {
        node: number
        for number, nodes in enumerate(nx.strongly_connected_components(graph))
        for node in nodes
    }
    free: dict[str, list[Paper]] = {}
    caught = set()
    for owner, rows in papers.items():
        inner = [any(part[owner] == part[issuer] for issuer in group) for *_, group in rows]
        free[owner] = [row for row, held in zip(rows, inner, strict=True) if not held]
        if any(inner):
            caught.add(owner)
    return free, caught


def plain_burden(
    portfolio: Portfolio, known: pd.DataFrame, own: Own, p: Any, only: Iterable[str] | None = None
) -> dict[str, dict[str, float]]:
    """Return the chain figures by a loop over procedures, written from the rules."""
    ids = portfolio.procedures.index
    days, hours, cost = (dict(zip(ids, v, strict=True)) for v in (own.days, own.hours, own.cost))
    free, caught = _without_circles(_papers(portfolio, known, p))
    order = nx.DiGraph()
    order.add_nodes_from(free)
    order.add_edges_from((i, o) for o, rows in free.items() for *_, group in rows for i in group)
    worst: dict[str, float] = {}
    expected: dict[str, float] = {}
    depth: dict[str, int] = {}
    taken = nx.DiGraph()
    taken.add_nodes_from(free)
    for node in nx.topological_sort(order):
        start = 0.0 if math.isnan(days[node]) else days[node]
        slow = far = 0.0
        below = 0
        for share, must, group in free[node]:
            issuer = min(group, key=lambda i: (math.isnan(days[i]), worst[i]))
            slow = max(slow, worst[issuer] if must else 0.0)
            far = max(far, share * expected[issuer])
            below = max(below, 1 + depth[issuer])
            old = taken.get_edge_data(node, issuer, {"share": 0.0, "must": False})
            taken.add_edge(node, issuer, share=max(share, old["share"]), must=must or old["must"])
        worst[node], expected[node], depth[node] = start + slow, start + far, below
    made = {}
    for node in ids if only is None else only:
        shares, musts = {node: 1.0}, {node}
        part = taken.subgraph({node, *nx.descendants(taken, node)})
        for here in nx.topological_sort(part):
            for _, there, edge in part.out_edges(here, data=True):
                shares[there] = max(shares.get(there, 0.0), shares[here] * edge["share"])
                if here in musts and edge["must"]:
                    musts.add(there)
        upstream = [other for other in shares if other != node]
        must = dict.fromkeys(musts, 1.0)
        missing = math.isnan(days[node])
        made[node] = {
            "worst_days": math.nan if missing else worst[node],
            "expected_days": math.nan if missing else expected[node],
            "worst_hours": _whole(node, upstream, hours, must),
            "expected_hours": _whole(node, upstream, hours, shares),
            "worst_cost_vnd": _whole(node, upstream, cost, must),
            "expected_cost_vnd": _whole(node, upstream, cost, shares),
            "depth": depth[node],
            "upstream": len(musts) - 1,
            "unknown_upstream": sum(math.isnan(days[o]) or math.isnan(cost[o]) for o in upstream),
            "in_cycle": node in caught,
        }
    return made


def _whole(
    node: str, upstream: list[str], values: dict[str, float], weights: dict[str, float]
) -> float:
    parts = ((weights.get(other, 0.0), values[other]) for other in upstream)
    return values[node] + sum(w * value for w, value in parts if not math.isnan(value))


def linked(
    portfolio: Portfolio, known: pd.DataFrame, *, rng: np.random.Generator, bases: int = 27
) -> Portfolio:
    """Return the portfolio with the types of its links written into rows and marks.

    Every type is held by one of the databases of the catalogue, or by two of them; half
    of the pairs are listed by law.
    """
    types = known.groupby("requirement")["document_type"].unique().map(";".join)
    rows = portfolio.requirements
    written = pd.Series(rows.index.map(types).fillna(""), index=rows.index)
    several = written.str.contains(";", regex=False)
    relation = rows["relation"].where(several, "one").astype(rows["relation"].dtype)
    pairs = known.drop_duplicates(["requirement", "document_type"])
    kinds = sorted(set(pairs["document_type"]))
    names = databases().index[:bases]
    holders = {kind: rng.choice(names, rng.integers(1, 3), replace=False) for kind in kinds}
    marks = pairs[["requirement", "document_type"]].copy()
    marks["database"] = marks["document_type"].map(holders)
    marks = marks.explode("database", ignore_index=True)
    law = {(k, d): rng.random() < 0.5 for k in kinds for d in holders[k]}
    pair = zip(marks["document_type"], marks["database"], strict=True)
    marks["class"] = ["listed" if law[each] else "open" for each in pair]
    marks["id"] = [f"m{number}" for number in range(len(marks))]
    made = rows.assign(types=written.astype(rows["types"].dtype), relation=relation)
    frame, _ = conform("marks", marks)
    return portfolio.replace(requirements=made, marks=frame)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What was measured, in words, and what each way of measuring it took."""

    words: tuple[str, str, str]
    closure: Figure
    burden: Figure
    paths: Figure
    ranking: Figure
    loop: Figure


def _measured(size: int, seed: int, rounds: int = 3) -> _Measured:
    rng = np.random.default_rng(seed)
    p = parameters()
    portfolio = synthetic(size, rng=rng)
    known = cross_links(portfolio, rng=rng)
    levels(portfolio)
    own = own_burden(portfolio, p)
    used = used_links(portfolio, known, p)
    made = chains(portfolio, used, own.days)
    burden = chain_burden(portfolio, known, p)
    marked = linked(portfolio, known, rng=rng)
    words = (
        f"{size} procedures, {len(portfolio.steps)} steps, {len(portfolio.requirements)} rows",
        f"{len(used.link)} links, {len(made.above)} pairs upstream (seed {seed})",
        f"depth {burden['depth'].max()}, {int(burden['in_cycle'].sum())} in circles",
    )
    times = in_turns(
        (lambda: chains(portfolio, used, own.days), 2),
        (lambda: chain_burden(portfolio, known, p), 2),
        (lambda: step_days(portfolio), 3),
        (lambda: [ranking(marked, known, by) for by in ("database", "document_type")], 1),
        rounds=rounds,
    )
    loop = timed(lambda: plain_burden(portfolio, known, own, p), warm=False)
    return _Measured(words, *times, loop)


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    size = 60 if quick else 6000
    made = _measured(size, 1, rounds=1 if quick else 3)
    return [
        Row(f"closure and levels of {size:,} linked procedures", made.closure, most=0.2),
        Row("chain burden", made.burden, made.loop, "networkx loop over procedures", most=0.2),
        Row("ranking of 27 databases and 60 types", made.ranking, most=2),
        _real_links(quick=quick),
    ]


def _real_links(*, quick: bool) -> Row:
    portfolio = marked_records(quick=quick)
    rows = portfolio.requirements
    asked = np.flatnonzero(rows["types"] != "")
    ours, plain = in_turns(
        (lambda: links(portfolio), 3), (lambda: [rows.iloc[at] for at in asked], 1), rounds=1
    )
    work = f"links between {len(portfolio):,} real procedures"
    return Row(work, ours, plain, "only looking at each row with types", most=0.2, faster=1)


def main(size: int = 6000, seed: int = 1) -> None:
    """Print the times and their ratios: the least of several, in processor time."""
    made = _measured(size, seed)
    names = ("closure", "burden", "ranking", "paths", "loop")
    closure, whole, ranked, paths, slow = (1000 * min(getattr(made, n).processor) for n in names)
    lines = [
        *made.words,
        f"{'closure and levels':<42}{closure:>10.1f} ms",
        f"{'chain burden, own figures included':<42}{whole:>10.1f} ms   bound 200",
        f"{'ranking of all databases and types':<42}{ranked:>10.1f} ms   bound 2000",
        f"{'critical paths after levels':<42}{paths:>10.2f} ms   bound 5",
        f"{'networkx loop over procedures':<42}{slow:>10.1f} ms",
        f"{'ratio loop / chain burden':<42}{slow / whole:>10.1f} ×",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
