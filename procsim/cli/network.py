"""``procsim network``: what frees most, circles, demands made twice, chains, likenesses."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from procsim.cli.commands import marked
from procsim.cli.output import emit, exit_code, stage
from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import bilingual, t

if TYPE_CHECKING:
    import pandas as pd

    from procsim.errors import Text
    from procsim.model import Portfolio
    from procsim.network.chains import Cycle
    from procsim.network.ranking import BestSet
    from procsim.network.similar import Cluster
    from procsim.reference import Parameters


PROJECT = ".procsim"
"""Ending of a project that the app exported."""

_TOP = 10
_EXAMPLES = 3
_BEST = 3


@dataclass(frozen=True)
class _Found:
    """Everything that the command shows."""

    portfolio: Portfolio
    links: pd.DataFrame
    decided: int
    databases: pd.DataFrame
    document_types: pd.DataFrame
    best: BestSet
    cycles: list[Cycle]
    duplicates: pd.DataFrame
    chains: pd.DataFrame
    papers: pd.DataFrame
    readings: dict[str, Text]
    clusters: list[Cluster]


@dataclass(frozen=True)
class _Given:
    """What the command works on.

    Attributes
    ----------
    portfolio
        Marked.
    decided
        Officers' decisions on who issues a paper.
    parameters
        With the officer's own values; None for those that ship.
    """

    portfolio: Portfolio
    decided: pd.DataFrame
    parameters: Parameters | None


def _given(args: argparse.Namespace) -> _Given:
    """Return what a file of data holds, or a project that the app exported."""
    import pandas as pd

    from procsim.marking.issuers import DECISION_COLUMNS, read_issuer_decisions

    listed = pd.DataFrame(columns=list(DECISION_COLUMNS), dtype=str)
    if args.issuers:
        listed = read_issuer_decisions(args.issuers)
    if args.file.suffix.lower() != PROJECT:
        return _Given(marked(args), listed, None)
    from procsim.reference import parameters
    from procsim.store import read_state
    from procsim.store.actions import issuer_decisions

    names = ("decisions", "model", "accept_proposals")
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(args, name)]
    if given:
        why = bilingual("cli.network.fixed"), bilingual("cli.network.fixed.cure")
        raise InvalidValue(Fault(args.file.name, ", ".join(given), *why, code="cli.fixed"))
    with stage("cli.stage.read", args.lang):
        state = read_state(args.file)
    made = [each for each in (issuer_decisions(state.notes), listed) if len(each)]
    return _Given(
        state.portfolio,
        pd.concat(made, ignore_index=True) if made else listed,
        parameters(args.on, **state.parameters),
    )


def _find(args: argparse.Namespace, given: _Given, known: pd.DataFrame) -> _Found:
    from procsim.network.chains import chain_burden, cycles
    from procsim.network.duplicates import duplicates
    from procsim.network.ranking import best_set, ranking
    from procsim.network.similar import similar_procedures
    from procsim.network.structure import papers, readings

    portfolio, own = given.portfolio, given.parameters
    rank = partial(ranking, portfolio, known, on=args.on, parameters=own)
    return _Found(
        portfolio=portfolio,
        links=known,
        decided=len(given.decided),
        databases=rank("database"),
        document_types=rank("document_type"),
        best=best_set(portfolio, _BEST, on=args.on, parameters=own),
        cycles=cycles(portfolio, known),
        duplicates=duplicates(portfolio, known, own),
        chains=_longest(chain_burden(portfolio, known, own)),
        papers=papers(portfolio, known, own),
        readings=readings(portfolio, known, own),
        clusters=similar_procedures(portfolio, parameters=own),
    )


def _longest(burden: pd.DataFrame) -> pd.DataFrame:
    """Return the chains with most waiting upstream, the longest first."""
    waits = burden.assign(upstream_days=burden["worst_days"] - burden["own_days"])
    waits = waits[waits["upstream_days"] > 0]
    return waits.sort_values("upstream_days", ascending=False, kind="stable").head(_TOP)


def run_network(args: argparse.Namespace) -> int:
    """Show the document network: rankings, circles, demands made twice, chains, clusters."""
    from procsim.model import check
    from procsim.model.graph import national_graph, write_graph
    from procsim.network.links import links

    given = _given(args)
    portfolio = given.portfolio
    with stage("cli.stage.network", args.lang):
        known = links(portfolio, decided=given.decided, parameters=given.parameters)
        if args.graph:
            write_graph(national_graph(portfolio, known[known["counted"]]), args.graph)
        found = _find(args, given, known)
    if args.json:
        emit(_payload(found, args.lang))
    else:
        print(*_lines(found, args.lang), sep="\n")
        if args.graph:
            print(t("cli.network.graph", args.lang, path=args.graph))
    return exit_code(check(portfolio))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table with its index as records; whole numbers as such."""
    records: list[dict[str, Any]] = table.reset_index().to_dict("records")
    for record in records:
        for name, value in record.items():
            if isinstance(value, float) and value.is_integer():
                record[name] = int(value)
    return records


def _payload(found: _Found, language: str) -> dict[str, Any]:
    names = found.portfolio.procedures["name"]
    chains = found.chains.assign(name=names.reindex(found.chains.index))
    best = found.best
    return {
        "decided": found.decided,
        "databases": _records(found.databases),
        "document_types": _records(found.document_types),
        "cycles": [list(cycle.procedures) for cycle in found.cycles],
        "duplicates": found.duplicates.to_dict("records"),
        "best": {
            "databases": list(best.chosen),
            "value": best.value,
            "bound": best.bound,
            "exact": best.exact,
            "proven": best.proven.in_language(language),
        },
        "cycle_details": [cycle.as_dict(language) for cycle in found.cycles],
        "chains": _records(chains.rename_axis("procedure")),
        "papers": _records(found.papers.rename_axis("id")),
        "clusters": [cluster.as_dict(language) for cluster in found.clusters],
        "readings": {key: text.in_language(language) for key, text in found.readings.items()},
        "links": {
            "counted": int(found.links["counted"].sum()),
            "review": int(found.links["review"].sum()),
        },
    }


def _lines(found: _Found, language: str) -> Iterator[str]:
    """Yield the lines for people."""
    counted = found.links["counted"]
    yield t(
        "cli.network.summary",
        language,
        procedures=len(found.portfolio),
        links=int(counted.sum()),
        review=int(found.links["review"].sum()),
    )
    if found.decided:
        yield t("cli.network.decided", language, count=found.decided)
    yield from (text.in_language(language) for text in found.readings.values())
    yield from _ranked(found.databases, "databases", language)
    cost = found.databases["cost_vnd"]
    if cost.sum() > 0:
        share = (found.databases["assumed_share"] * cost).sum() / cost.sum()
        yield t("cli.network.assumed", language, percent=round(100 * share))
    if found.best.chosen:
        chosen = found.databases.loc[list(found.best.chosen), f"name_{language}"]
        yield t(
            "cli.network.best",
            language,
            count=_BEST,
            names="; ".join(chosen),
            cost=round(found.best.value),
            proven=found.best.proven,
        )
    papers = found.document_types[found.document_types["answerable"]]
    yield from _ranked(papers, "papers", language)
    yield from _section("cycles", len(found.cycles), language)
    yield from (f"  {cycle.sentence.in_language(language)}" for cycle in found.cycles[:_TOP])
    yield from _twice(found.duplicates, language)
    yield from _chain_lines(found, language)
    yield from _section("clusters", len(found.clusters), language)
    for cluster in found.clusters[:_TOP]:
        ids = ", ".join(cluster.members)
        yield f"  {cluster.sentence.in_language(language)} ({ids})"
    yield t("cli.network.more", language)


def _section(name: str, count: int, language: str) -> Iterator[str]:
    yield ""
    yield t(f"cli.network.{name}" if count else f"cli.network.{name}.none", language, count=count)


def _ranked(table: pd.DataFrame, name: str, language: str) -> Iterator[str]:
    """Yield the first rows of a ranking, one line each."""
    rows = table[table["papers"] > 0]
    yield from _section(name, len(rows), language)
    for place, (_, row) in enumerate(rows.head(_TOP).iterrows(), start=1):
        stated = int(row["dossiers_known"])
        volume = t(
            "cli.network.volume" if stated else "cli.network.volume.none",
            language,
            dossiers=round(row["dossiers"]) if stated else 0,
            known=stated,
        )
        live = t("cli.network.live", language) if row.get("live", False) else ""
        yield t(
            "cli.network.line" if row["next_best_rank"] > 0 else "cli.network.line.none",
            language,
            place=place,
            name=row[f"name_{language}"],
            live=live,
            volume=volume,
            **{key: round(row[key]) for key in ("procedures", "requirements", "cost_vnd")},
            **{key: round(row[key]) for key in ("cost_vnd_live", "cost_vnd_next")},
            **{key: round(row[key], 1) for key in ("days", "days_live", "days_next")},
        )
    soonest = rows.sort_values("days", ascending=False, kind="stable").head(1)
    for _, row in soonest[soonest["days"] > 0].iterrows():
        yield t(
            "cli.network.sooner",
            language,
            name=row[f"name_{language}"],
            days=round(row["days"], 1),
            procedures=int(row["procedures_faster"]),
        )


def _twice(table: pd.DataFrame, language: str) -> Iterator[str]:
    """Yield the demands made twice by class, with examples."""
    yield from _section("duplicates", len(table), language)
    for name, rows in table.groupby("class", sort=True):
        yield t(f"cli.network.duplicates.{name}", language, count=len(rows))
        yield from (f"    {text}" for text in rows[language].drop_duplicates().head(_EXAMPLES))


def _chain_lines(found: _Found, language: str) -> Iterator[str]:
    yield from _section("chains", len(found.chains), language)
    for identity, row in found.chains.iterrows():
        more = ""
        if row["unknown_upstream"]:
            more = t("cli.network.lower", language, count=int(row["unknown_upstream"]))
        yield t(
            "cli.network.chain",
            language,
            name=found.portfolio.procedures.at[identity, "name"],
            id=identity,
            own=round(row["own_days"], 1),
            worst=round(row["worst_days"], 1),
            upstream=int(row["upstream"]),
            more=more,
        )
