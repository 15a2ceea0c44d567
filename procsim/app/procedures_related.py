"""The tab Liên quan: papers that come from other procedures, who needs this one, and its likes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app import show
from procsim.app.network_found import Found, find
from procsim.app.procedures_facts import type_name
from procsim.app.session import say
from procsim.model import Portfolio
from procsim.store import Project

__all__ = ["related"]

_MOST = 12


def related(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show how one procedure hangs together with others."""
    del plan, after
    found = find(project, name="procedures.related")
    if found is None:
        return
    _burden(found, procedure)
    takes, gives = st.columns(2, gap="large")
    with takes:
        st.markdown(f"**{say('procedures.related.takes')}**")
        own = found.links[found.links["procedure"].eq(procedure) & found.links["counted"]]
        _papers(project, own, "issuer")
    with gives:
        st.markdown(f"**{say('procedures.related.gives')}**")
        own = found.links[found.links["issuer"].eq(procedure) & found.links["counted"]]
        _papers(project, own, "procedure")
    st.markdown(f"**{say('procedures.related.similar')}**")
    cluster = next((each for each in found.clusters if procedure in each.members), None)
    if cluster is None:
        st.caption(say("procedures.related.similar.none"))
        return
    st.markdown(show.escaped(show.told(cluster.sentence)))
    for member in cluster.members:
        if member != procedure:
            _link(project, member)


def _burden(found: Found, procedure: str) -> None:
    row = found.chains.loc[procedure]
    if not row["upstream"]:
        st.caption(say("procedures.related.no_chain"))
        return
    told = say(
        "procedures.related.chain",
        own=show.amount(row["own_days"], 1),
        worst=show.amount(row["worst_days"], 1),
        upstream=int(row["upstream"]),
    )
    if row["unknown_upstream"]:
        told = f"{told} {say('procedures.related.lower', count=int(row['unknown_upstream']))}"
    st.markdown(told)


def _papers(project: Project, own: pd.DataFrame, other: str) -> None:
    if own.empty:
        st.caption(say("procedures.related.none"))
        return
    groups = list(own.groupby([other, "document_type"], sort=False))
    for (procedure, kind), rows in groups[:_MOST]:
        doubt = f" · ? {say('procedures.related.review')}" if rows["review"].any() else ""
        st.markdown(f"{show.escaped(type_name(kind))}{doubt}")
        _link(project, procedure)
    if len(groups) > _MOST:
        st.caption(say("procedures.related.more", count=len(groups) - _MOST))


def _link(project: Project, procedure: str) -> None:
    names = project.portfolio.procedures["name"]
    label = f"{procedure} – {names.get(procedure, '')}"
    show.go(
        "procedures",
        show.escaped(label[:140]),
        icon=":material/arrow_forward:",
        procedure=procedure,
    )
