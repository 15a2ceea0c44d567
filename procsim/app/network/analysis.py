"""What the document network of a project shows, worked out beside the pages once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from procsim.app.shell import address, jobs, results, show
from procsim.app.shell.session import say
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.model.graph import national_graph, write_graph
from procsim.network.chains import Cycle, chain_burden, chains, cycles, own_burden
from procsim.network.duplicates import duplicates
from procsim.network.links import links, used_links
from procsim.network.ranking import ranking
from procsim.network.similar import Cluster, similar_procedures
from procsim.network.structure import readings
from procsim.store import Project
from procsim.store.actions import issuer_decisions


@dataclass(frozen=True)
class Found:
    """The network and everything that is read from it; nobody changes it in place."""

    links: pd.DataFrame
    databases: pd.DataFrame
    document_types: pd.DataFrame
    chains: pd.DataFrame
    upstream: Mapping[str, tuple[int, ...]]
    cycles: tuple[Cycle, ...]
    duplicates: pd.DataFrame
    clusters: tuple[Cluster, ...]
    readings: Mapping[str, Text]


def find(project: Project, *, name: str) -> Found | None:
    """Return the network once it is worked out; until then show how far the work is.

    After a decision of an officer the network before it stays in view until the new
    one is there.

    Parameters
    ----------
    name
        Name of the widgets, unique on the page.
    """
    decisions = issuer_decisions(project.notes)
    key = (
        "network",
        project.digest_of("portfolio", "parameters"),
        tuple(map(tuple, decisions.to_numpy())),
    )
    jobs.jobs().start(key, lambda report: _work(project, decisions, report))
    job = jobs.follow(key, name=name)
    if job is not None:
        if isinstance(job.result, Found):
            st.session_state["network.last"] = key
            return job.result
        st.button(
            say("network.again"), key=f"{name}.again", on_click=jobs.jobs().forget, args=(key,)
        )
        return None
    last = st.session_state.get("network.last", ())
    before = jobs.jobs().get(last) if last[:2] == key[:2] else None
    return before.result if before is not None and isinstance(before.result, Found) else None


def _work(project: Project, decisions: pd.DataFrame, report: jobs.Report) -> Found:
    portfolio, parameters = project.portfolio, project.parameters()
    report(0.05, bilingual("app.network.work.links"))
    known = links(portfolio, decided=decisions, parameters=parameters)
    report(0.4, bilingual("app.network.work.ranking"))
    by_base = ranking(portfolio, known, "database", parameters=parameters)
    by_type = ranking(portfolio, known, "document_type", parameters=parameters)
    report(0.6, bilingual("app.network.work.chains"))
    burden = chain_burden(portfolio, known, parameters)
    made = Found(
        links=known,
        databases=by_base,
        document_types=by_type,
        chains=burden,
        upstream=upstream(project, known),
        cycles=tuple(cycles(portfolio, known)),
        duplicates=duplicates(portfolio, known, parameters),
        clusters=(),
        readings=readings(portfolio, known, parameters),
    )
    report(0.7, bilingual("app.network.work.similar"))
    alike = results.of_portfolio(
        "similar", project, lambda: tuple(similar_procedures(portfolio, parameters=parameters))
    )
    return Found(**{**vars(made), "clusters": alike})


def upstream(project: Project, known: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    """Return, for each procedure, the rows of `known` that its worst case waits for itself."""
    portfolio, parameters = project.portfolio, project.parameters()
    used = used_links(portfolio, known, parameters)
    made = chains(portfolio, used, own_burden(portfolio, parameters).days)
    chosen = made.links.take(made.chosen)
    names = portfolio.procedures.index
    found: dict[str, tuple[int, ...]] = {}
    for owner, link, must in zip(chosen.owner, chosen.link, chosen.must, strict=True):
        if must:
            found[names[owner]] = (*found.get(names[owner], ()), int(link))
    return found


def graph_file(project: Project, known: pd.DataFrame, ending: str = "graphml") -> bytes:
    """Return the national network as a file for analysts."""
    graph = national_graph(project.portfolio, known[known["counted"]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"network.{ending}"
        write_graph(graph, path)
        return path.read_bytes()


# Procedures named by a page, each one click from its own page.


def named(project: Project, procedure: str) -> str:
    """Return id and name of a procedure, in one line."""
    names = project.portfolio.procedures["name"]
    return f"{procedure} – {names.get(procedure, '')}"


def open_procedures(project: Project, ids: Iterable[str], *, key: str) -> None:
    """Show procedures as a table; the one picked opens on its page."""
    rows = project.portfolio.procedures
    known = rows.loc[[i for i in ids if i in rows.index]]
    frame = pd.DataFrame(
        {
            say("procedures.column.code"): known["code"].where(known["code"].ne(""), known.index),
            say("procedures.column.name"): known["name"],
            say("procedures.column.ministry"): known["ministry"],
        },
        index=known.index,
    )
    picked = show.table(
        frame, key=key, pick=True, height=250, widths={say("procedures.column.name"): "large"}
    )
    if picked is not None:
        open_procedure(picked)


def open_procedure(procedure: str) -> None:
    """Go to the page of a procedure."""
    address.put("procedure", procedure)
    st.switch_page(show.view("procedures"))
