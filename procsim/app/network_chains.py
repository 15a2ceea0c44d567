"""The tabs Chuỗi, Vòng giấy tờ and Trùng lặp of the page Mạng lưới."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from procsim.app import show
from procsim.app.network_found import Found
from procsim.app.network_open import named, open_procedures
from procsim.app.procedures_facts import mark_word, type_name
from procsim.app.saving import download_csv
from procsim.app.session import language, say
from procsim.measures.duplicates import CLASSES
from procsim.store import Project

__all__ = ["chain_lines", "chain_tab", "cycle_tab", "duplicate_tab"]

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
