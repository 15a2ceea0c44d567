"""The tab Giống nhau: clusters of procedures that look alike, and in what they differ."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from procsim.app import show
from procsim.app.network_found import Found
from procsim.app.network_open import named, open_procedure
from procsim.app.procedures_facts import listed_names, words_of
from procsim.app.saving import download_csv
from procsim.app.session import say
from procsim.measures.similar import KINDS, Cluster
from procsim.store import Project

__all__ = ["similar_tab"]


def similar_tab(project: Project, found: Found) -> None:
    """Show the clusters, and the members of the one picked side by side."""
    if not found.clusters:
        st.info(say("network.similar.none"), icon=":material/info:")
        return
    frame = pd.DataFrame(
        {
            "subject": [each.subject or named(project, each.members[0]) for each in found.clusters],
            "kind": [show.told(KINDS[each.kind]) for each in found.clusters],
            "members": [len(each.members) for each in found.clusters],
            # Rounded down, as the sentence of the cluster does: “at least”.
            "similarity": [math.floor(100 * each.similarity) / 100 for each in found.clusters],
            "shared": [listed_names(";".join(each.shared)) or "–" for each in found.clusters],
            "ids": ["; ".join(each.members) for each in found.clusters],
        }
    )
    text = st.text_input(
        say("network.similar.search"),
        key="network.similar.search",
        placeholder=say("network.similar.search.hint"),
        icon=":material/search:",
    )
    chosen = show.rows(frame, text, ["subject", "kind", "ids"])
    heads = {name: say(f"network.similar.{name}") for name in frame.columns}
    picked = show.table(
        chosen.rename(columns=heads),
        formats={
            heads["members"]: 0,
            heads["similarity"]: lambda n: show.percent(float(str(n)), 0),
        },
        key="network.similar",
        pick=True,
        height=260,
        widths={heads["subject"]: "large"},
    )
    if picked is None:
        st.caption(say("network.similar.hint"))
    else:
        _members(project, found.clusters[int(picked)])
    download_csv(frame, "thu-tuc-giong-nhau", key="network.similar.csv", headings=heads)


def _members(project: Project, cluster: Cluster) -> None:
    with st.container(border=True):
        st.markdown(show.escaped(show.told(cluster.sentence)))
        differs = cluster.differences
        shown = pd.DataFrame(
            {
                say("procedures.column.code"): differs.index,
                say("procedures.column.name"): project.portfolio.procedures["name"]
                .reindex(differs.index)
                .to_numpy(),
                say("procedures.column.level"): [words_of("levels", x) for x in differs["levels"]],
                say("procedures.column.days"): differs["limit_days"].to_numpy(),
                say("network.similar.fees"): differs["fees_vnd"].to_numpy(),
                say("procedures.column.documents"): differs["documents"].to_numpy(),
                say("network.similar.conditions"): differs["conditions"].to_numpy(),
            },
            index=differs.index,
        )
        numbers = (
            say("procedures.column.days"),
            say("network.similar.fees"),
            say("procedures.column.documents"),
            say("network.similar.conditions"),
        )
        st.caption(say("network.similar.open"))
        picked = show.table(
            shown,
            formats={name: 1 if name == numbers[0] else 0 for name in numbers},
            key="network.similar.differences",
            pick=True,
        )
        if picked is not None:
            open_procedure(picked)
