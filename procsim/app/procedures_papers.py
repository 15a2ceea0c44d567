"""The tab Giấy tờ: every thành phần hồ sơ with its data, legal basis and both counts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app import results, show
from procsim.app.procedures_facts import listed_names, only, only_after, reforms_of, words_of
from procsim.app.procedures_node import paper
from procsim.app.saving import download_csv
from procsim.app.session import language, say
from procsim.measures.documents import expected_count, official_count
from procsim.model import Portfolio
from procsim.store import Project

__all__ = ["paper_table", "papers"]


def paper_table(project: Project, plan: str, procedure: str) -> pd.DataFrame:
    """Return one row for each row of the dossier; index is its id.

    ``official`` and ``expected`` are what it adds to the counts of the procedure, as it
    stands and, with ``_after``, after the plan.
    """

    def make() -> pd.DataFrame:
        parameters = project.parameters()
        before = only(project, procedure)
        after = only_after(project, plan, procedure) if plan else before
        rows = before.requirements
        then = after.requirements.loc[rows.index]
        held = before.marks[before.marks["database"].ne("")]
        bases = held.groupby("requirement", sort=False)["database"].agg(_once)
        legal = held.groupby("requirement", sort=False)["legal_basis"].agg(_once)
        return pd.DataFrame(
            {
                "number": rows["position"],
                "name": rows["name"],
                "official": official_count(before, parameters),
                "official_after": official_count(after, parameters).loc[rows.index],
                "expected_after": expected_count(after, parameters).loc[rows.index],
                "replaced_by": [
                    _replaced(project, plan, procedure, row, status)
                    for row, status in zip(rows.index, then["status"], strict=True)
                ],
                "kind": [words_of("kind", each, "requirements") for each in rows["kind"]],
                "types": [listed_names(each) for each in rows["types"]],
                "databases": [
                    listed_names(each) for each in bases.reindex(rows.index, fill_value="")
                ],
                "legal": legal.reindex(rows.index, fill_value="").str.replace(";", "; "),
                "case": rows["case"].map(before.cases["name"]).fillna(""),
            },
            index=rows.index,
        )

    return results.of_plan("papers", project, plan, make, procedure, language())


def _once(values: pd.Series) -> str:
    return ";".join(dict.fromkeys(value for value in values if value))


def _replaced(project: Project, plan: str, procedure: str, row: str, status: str) -> str:
    if not plan:
        return ""
    found = [show.told(each.title) for each in reforms_of(project, plan, procedure, row)]
    if not found and status != "required":
        found = [words_of("status", status, "requirements")]
    return "; ".join(dict.fromkeys(found))


def papers(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show the dossier of one procedure, and the details of the row picked."""
    in_view = plan if after is not None else ""
    frame = paper_table(project, in_view, procedure)
    if frame.empty:
        st.info(say("procedures.papers.none"), icon=":material/info:")
        return
    names = [name for name in frame.columns if name != "case" or frame["case"].ne("").any()]
    heads = {name: say(f"procedures.papers.{name}") for name in names}
    shown = frame[names].rename(columns=heads)
    st.caption(say("procedures.papers.hint"))
    picked = show.table(
        shown,
        formats={
            heads["official"]: 0,
            heads["official_after"]: 0,
            heads["expected_after"]: lambda n: show.amount(round(float(str(n)), 2), None),
        },
        key=f"procedures.papers.{procedure}",
        pick=True,
        height=340,
        widths={heads["name"]: "large", heads["case"]: "medium"}
        if "case" in heads
        else {heads["name"]: "large"},
    )
    total = {
        name: show.amount(round(frame[name].sum(skipna=False), 2), None)
        for name in ("official", "official_after", "expected_after")
    }
    st.markdown(say("procedures.papers.total", **total))
    if picked is not None:
        with st.container(border=True):
            paper(project, plan, procedure, after, picked, key="procedures.paper")
    download_csv(shown, f"giay-to-{procedure.replace('#', '-')}", key="procedures.papers.csv")
