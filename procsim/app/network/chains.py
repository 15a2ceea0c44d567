"""The tabs Chuỗi, Vòng giấy tờ, Trùng lặp and Giống nhau of the page Mạng lưới."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd
import streamlit as st

from procsim.app.network.analysis import Found, named, open_procedure, open_procedures
from procsim.app.procedures.facts import listed_names, mark_word, type_name, words_of
from procsim.app.shell import show
from procsim.app.shell.saving import download_csv
from procsim.app.shell.session import language, say
from procsim.network.duplicates import CLASSES
from procsim.network.similar import KINDS, Cluster
from procsim.store import Project

_COLUMNS = (
    "own_days",
    "worst_days",
    "waits",
    "expected_days",
    "upstream",
    "depth",
    "unknown_upstream",
)
_DEEPEST = 12


def chain_tab(project: Project, found: Found) -> None:
    """Show the procedures that wait longest for others, and the chain of the one picked."""
    burden = found.chains.assign(waits=found.chains["worst_days"] - found.chains["own_days"])
    burden = burden[burden["upstream"].gt(0)]
    burden = burden.sort_values("waits", ascending=False, kind="stable")
    if burden.empty:
        st.info(say("network.chains.none"), icon=":material/info:")
        return
    st.caption(say("network.chains.hint"))
    names = project.portfolio.procedures["name"]
    frame = burden[list(_COLUMNS)]
    frame.insert(0, "name", names.reindex(burden.index))
    frame.insert(0, "code", burden.index)
    frame = frame.assign(mark=burden["mark"].map(mark_word))
    heads = {name: say(f"network.chains.{name}") for name in frame.columns}
    shown = frame.rename(columns=heads)
    decimals = {name: 1 if name.endswith("days") or name == "waits" else 0 for name in _COLUMNS}
    picked = show.table(
        shown,
        formats={heads[name]: n for name, n in decimals.items()},
        key="network.chains",
        pick=True,
        height=300,
        widths={heads["name"]: "medium"},
    )
    chosen = picked or str(frame.index[0])
    with st.container(border=True):
        st.markdown(f"**{say('network.chains.of', name=show.escaped(named(project, chosen)))}**")
        st.markdown("\n".join(chain_lines(project, found, chosen)))
        if burden.at[chosen, "unknown_upstream"]:
            count = int(burden.at[chosen, "unknown_upstream"])
            st.caption(say("procedures.related.lower", count=count))
        show.go("procedures", say("network.open"), icon=":material/account_tree:", procedure=chosen)
    download_csv(shown, "chuoi-thu-tuc", key="network.chains.csv")


def chain_lines(project: Project, found: Found, procedure: str) -> Iterator[str]:
    """Yield what must be done before a procedure, as lines of a nested list.

    A procedure that stands in the chain twice is followed up once.
    """
    days, told = found.chains["own_days"], {procedure}

    def below(owner: str, depth: int) -> Iterator[str]:
        for place in found.upstream.get(owner, ()):
            link = found.links.iloc[place]
            issuer = link["issuer"]
            again = issuer in told
            told.add(issuer)
            words = say(
                "network.chains.step",
                paper=show.escaped(type_name(link["document_type"])),
                issuer=show.escaped(named(project, issuer)),
                days=show.amount(days[issuer], 1),
            )
            doubt = f" · ? {say('procedures.related.review')}" if link["review"] else ""
            more = f" · {say('network.chains.again')}" if again else ""
            yield f"{'  ' * depth}- {words}{doubt}{more}"
            if not again and depth < _DEEPEST:
                yield from below(issuer, depth + 1)

    return below(procedure, 0)


def cycle_tab(project: Project, found: Found) -> None:
    """Show the circles of papers in words, and whether each can be avoided."""
    if not found.cycles:
        st.success(say("network.cycles.none"), icon=":material/check:")
        return
    st.caption(say("network.cycles.hint"))
    for place, cycle in enumerate(found.cycles):
        with st.container(border=True):
            verdict = "avoidable" if cycle.avoidable else "unavoidable"
            st.markdown(f"**{place + 1}. {say(f'network.cycles.{verdict}')}**")
            st.markdown(show.escaped(show.told(cycle.sentence)))
            for procedure in cycle.procedures:
                show.go(
                    "procedures",
                    show.escaped(named(project, procedure)),
                    icon=":material/arrow_forward:",
                    procedure=procedure,
                )
    rows = [each.as_dict(language()) for each in found.cycles]
    frame = pd.DataFrame(
        {
            say("network.cycles.sentence"): [row["sentence"] for row in rows],
            say("network.cycles.procedures"): ["; ".join(c.procedures) for c in found.cycles],
            say("network.cycles.requirements"): ["; ".join(c.requirements) for c in found.cycles],
        }
    )
    download_csv(frame, "vong-giay-to", key="network.cycles.csv")


def duplicate_tab(project: Project, found: Found) -> None:
    """Show the papers that are asked for twice, by the way in which they are."""
    table = found.duplicates
    if table.empty:
        st.success(say("network.duplicates.none"), icon=":material/check:")
        return
    count = table["class"].value_counts()
    words = {
        each: f"{say(f'network.duplicates.{each}')} ({count.get(each, 0)})" for each in CLASSES
    }
    kind = st.segmented_control(
        say("network.duplicates.class"),
        CLASSES,
        default=CLASSES[0],
        required=True,
        format_func=words.__getitem__,
        key="network.duplicates.class",
    )
    rows = table[table["class"].eq(kind)].reset_index(drop=True)
    frame = rows[["procedure", "procedure_name", "paper", "requirement_name", "other_name"]]
    heads = {name: say(f"network.duplicates.column.{name}") for name in frame.columns}
    picked = show.table(
        frame.rename(columns=heads),
        key=f"network.duplicates.{kind}",
        pick=True,
        height=300,
        widths={heads["procedure_name"]: "medium", heads["requirement_name"]: "medium"},
    )
    if picked is None:
        st.caption(say("network.duplicates.hint"))
    else:
        row = rows.loc[int(picked)]
        with st.container(border=True):
            st.markdown(show.escaped(row[language()]))
            ids = dict.fromkeys([row["procedure"], row["other"]])
            open_procedures(project, ids, key="network.duplicates.open")
    heads["sentence"] = say("network.duplicates.column.sentence")
    full = table[list(frame.columns)].assign(sentence=table[language()])
    download_csv(full, "giay-to-trung-lap", key="network.duplicates.csv", headings=heads)


# The tab Giống nhau: clusters of procedures that look alike, and in what they differ.


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
