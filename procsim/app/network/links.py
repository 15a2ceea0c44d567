"""The tab Rà soát liên kết: who issues a paper, confirmed or corrected by an officer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app.network.analysis import Found, named
from procsim.app.procedures.facts import type_name
from procsim.app.shell import show, workspace
from procsim.app.shell.saving import download_csv, saved
from procsim.app.shell.session import say, today, who
from procsim.errors import ProcsimError, shorten
from procsim.store import Project
from procsim.store.actions import decision_note, issuer_decisions


def link_tab(project: Project, found: Found) -> None:
    """Show the links that an officer should look at, and take the decisions."""
    refused = st.session_state.pop("network.links.refused", None)
    if refused is not None:
        show.failure(refused)
    decisions = issuer_decisions(project.notes).set_index(["requirement", "document_type"])
    every = found.links
    keys = pd.MultiIndex.from_frame(every[["requirement", "document_type"]])
    done = keys.isin(decisions.index)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    text = left.text_input(
        say("network.links.search"),
        key="network.links.search",
        placeholder=say("network.links.search.hint"),
        icon=":material/search:",
    )
    which = {each: say(f"network.links.which.{each}") for each in ("review", "decided", "all")}
    shown = right.segmented_control(
        say("network.links.which"),
        list(which),
        default="review",
        required=True,
        format_func=which.__getitem__,
        key="network.links.which",
    )
    keep = {"review": every["review"] & ~done, "decided": done, "all": every["review"] | True}
    rows = every[keep[shown]].sort_values("confidence", kind="stable")
    frame = _frame(project, rows)
    chosen = show.rows(frame, text, list(frame.columns[:4]))
    if chosen.empty:
        st.info(say("network.links.none"), icon=":material/info:")
        return
    picked = show.table(
        chosen,
        formats={say("network.links.confidence"): lambda n: show.percent(float(str(n)), 0)},
        key=f"network.links.{shown}",
        pick=True,
        height=280,
        widths={
            say(f"network.links.{name}"): "medium" for name in ("requirement", "paper", "issuer")
        },
    )
    if picked is None:
        st.caption(say("network.links.hint"))
    else:
        _decide(project, every.loc[int(picked)], decisions)
    download_csv(frame, say("network.links.file"), key="network.links.csv")


def _frame(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    names = project.portfolio.requirements["name"]
    return pd.DataFrame(
        {
            say("network.links.procedure"): rows["procedure"],
            say("network.links.requirement"): names.reindex(rows["requirement"]).to_numpy(),
            say("network.links.paper"): [type_name(each) for each in rows["document_type"]],
            say("network.links.issuer"): [
                named(project, each) if each else say("network.links.nobody")
                for each in rows["issuer"]
            ],
            say("network.links.confidence"): rows["confidence"],
            say("network.links.counted"): ["✔" if each else "✘" for each in rows["counted"]],
            say("network.links.rivals"): [
                len([i for i in each.split(";") if i]) for each in rows["rivals"]
            ],
        },
        index=rows.index,
    )


def _decide(project: Project, link: pd.Series, decisions: pd.DataFrame) -> None:
    key = f"network.links.{link['requirement']}.{link['document_type']}"
    at = (link["requirement"], link["document_type"])
    with st.container(border=True):
        name = project.portfolio.requirements.at[link["requirement"], "name"]
        st.markdown(f"**{show.escaped(shorten(str(name), 400))}**")
        words = show.escaped(str(link["words"])) or "–"
        st.caption(say("network.links.why", words=words, procedure=link["procedure"]))
        if at in decisions.index:
            row = decisions.loc[[at]].iloc[0]
            st.success(
                say(
                    "network.links.decided",
                    who=show.escaped(row["decided_by"]),
                    day=row["decided_on"],
                    reason=show.escaped(row["reason"]),
                )
            )
        options = [*dict.fromkeys(filter(None, (link["issuer"], *link["rivals"].split(";")))), ""]
        issuers = {i: show.escaped(named(project, i)) for i in options}
        issuers[""] = say("network.links.nobody")
        issuer = st.radio(
            say("network.links.choose"),
            options,
            format_func=issuers.__getitem__,
            key=f"{key}.issuer",
        )
        reason = st.text_input(
            say("network.links.reason"),
            value=say("network.links.reason.default"),
            key=f"{key}.reason",
        )
        confirm, back = st.columns(2)
        confirm.button(
            say("network.links.save"),
            key=f"{key}.save",
            type="primary",
            icon=":material/check:",
            disabled=not reason.strip(),
            on_click=_save,
            args=(link["requirement"], link["document_type"], issuer, reason.strip()),
            width="stretch",
        )
        back.button(
            say("network.links.withdraw"),
            key=f"{key}.withdraw",
            icon=":material/undo:",
            disabled=at not in decisions.index,
            on_click=_save,
            args=(link["requirement"], link["document_type"], "", ""),
            width="stretch",
        )
        show.go(
            "procedures",
            say("network.open"),
            icon=":material/account_tree:",
            procedure=link["procedure"],
        )


def _save(requirement: str, document_type: str, issuer: str, reason: str) -> None:
    note = decision_note(
        requirement, document_type, issuer, who(), today().isoformat(), " ".join(reason.split())
    )
    try:
        if workspace.act(note):
            saved(1)
    except ProcsimError as error:
        st.session_state["network.links.refused"] = error  # shown by the run that follows
