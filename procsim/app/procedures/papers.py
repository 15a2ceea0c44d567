"""The papers of one procedure, and what stands behind one node of its map, in detail."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app.procedures.facts import (
    database_name,
    listed_names,
    mark_word,
    only,
    only_after,
    reforms_of,
    type_name,
    with_mark,
    words_of,
)
from procsim.app.procedures.propose import compose_here
from procsim.app.shell import results, show
from procsim.app.shell.saving import download_csv
from procsim.app.shell.session import language, say
from procsim.errors import shorten
from procsim.marking.explanation import explain
from procsim.measures.table import expected_count, official_count
from procsim.model import Portfolio
from procsim.reference import databases
from procsim.store import Project


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


# What stands behind one node of the map: a step, a paper or a database, in detail.


def node(project: Project, plan: str, procedure: str, after: Portfolio | None, name: str) -> None:
    """Show the details of a node of the map, by its id."""
    if name in project.portfolio.requirements.index:
        paper(project, plan, procedure, after, name, key="procedures.node")
    elif name in project.portfolio.steps.index:
        _step(project, plan, procedure, after, name)
    elif name in databases().index:
        _database(project, procedure, name)
    else:
        st.caption(say("procedures.node.added"))


def _facts(pairs: list[tuple[str, str]]) -> None:
    lines = [
        f"- {say(f'procedures.{key}')}: {show.escaped(value)}" for key, value in pairs if value
    ]
    st.markdown("\n".join(lines))


def _changed(before: str, after: str) -> str:
    return before if after == before else f"{before} → {after}"


def _step(project: Project, plan: str, procedure: str, after: Portfolio | None, step: str) -> None:
    row = project.portfolio.steps.loc[step]
    then = row if after is None else after.steps.loc[step]
    st.markdown(f"**{show.escaped(str(row['name']) or step)}**")
    _facts(
        [
            ("step.actor", words_of("actor", row["actor"], "steps")),
            (
                "step.days",
                _changed(
                    with_mark(row["days"], row["days_mark"]),
                    with_mark(then["days"], then["days_mark"]),
                ),
            ),
            ("step.written", str(row["days_text"])),
            (
                "status",
                _changed(
                    words_of("status", row["status"], "steps"),
                    words_of("status", then["status"], "steps"),
                ),
            ),
        ]
    )
    if row["text"]:
        with st.expander(say("procedures.step.text")):
            st.markdown(show.escaped(str(row["text"])))
    compose_here(project, plan, procedure, step, key="procedures.node")


def paper(
    project: Project, plan: str, procedure: str, after: Portfolio | None, row: str, *, key: str
) -> None:
    """Show one thành phần hồ sơ: what it is, what data hold it, why, and what replaces it."""
    cells = project.portfolio.requirements.loc[row]
    then = cells if after is None else after.requirements.loc[row]
    st.markdown(f"**{int(cells['position'])}. {show.escaped(shorten(str(cells['name']), 200))}**")
    asked = say(
        "procedures.paper.copies.of", originals=int(cells["originals"]), copies=int(cells["copies"])
    )
    if cells["certified"]:
        asked = f"{asked}; {say('procedures.paper.certified')}"
    _facts(
        [
            ("paper.kind", words_of("kind", cells["kind"], "requirements")),
            ("paper.relation", words_of("relation", cells["relation"], "requirements")),
            ("paper.counted", show.amount(cells["papers"])),
            ("paper.copies", asked),
            ("paper.conditional", say("procedures.yes") if cells["conditional"] else ""),
            (
                "status",
                _changed(
                    words_of("status", cells["status"], "requirements"),
                    words_of("status", then["status"], "requirements"),
                ),
            ),
            ("paper.replaced_by", listed_names(then["replaced_by"])),
            ("paper.coverage", _coverage(then)),
        ]
    )
    found = availability(project, row)
    if not found:
        st.caption(say("procedures.paper.no_type"))
    for held in found:
        st.markdown(held)
    with st.expander(say("procedures.paper.why")):
        reason = results.of_portfolio("mark", project, lambda: explain(project.portfolio, row), row)
        st.markdown("  \n".join(show.escaped(line) for line in show.told(reason).splitlines()))
        bases = project.portfolio.rows("legal_bases", procedure)
        for _, each in bases[bases["requirement"].eq(row)].iterrows():
            words = " ".join(filter(None, (each["number"], each["name"], each["article"])))
            st.markdown(f"- {show.escaped(words)}")
    compose_here(project, plan, procedure, row, key=key)


def _coverage(cells: pd.Series) -> str:
    if not cells["replaced_by"]:
        return ""
    if pd.isna(cells["coverage"]):
        return say("procedures.paper.coverage.assumed")
    return f"{show.percent(cells['coverage'], 0)} ({mark_word(cells['coverage_mark'])})"


def availability(project: Project, row: str) -> list[str]:
    """Return which data answer the papers of a row: a line for each type and database."""
    marks = project.portfolio.marks
    known = databases()
    return [
        say(
            "procedures.held" if mark["database"] else "procedures.held.none",
            type=show.escaped(type_name(mark["document_type"])),
            database=show.escaped(database_name(mark["database"])),
            kind=words_of("class", mark["class"], "marks"),
            basis=show.escaped(mark["legal_basis"]) or "–",
            published=_published(known, mark["database"]),
            since=show.day(mark["since"] or None),
            coverage=_share(mark),
            source=words_of("source", mark["source"], "marks"),
        )
        for mark in marks[marks["requirement"].eq(row)].to_dict("records")
    ]


def _published(known: pd.DataFrame, database: str) -> str:
    if database not in known.index:
        return "–"
    return show.day(known.at[database, "published"] or None)


def _share(mark: dict[str, object]) -> str:
    coverage = mark["coverage"]
    return show.amount(None) if pd.isna(coverage) else show.percent(float(str(coverage)), 0)


def _database(project: Project, procedure: str, name: str) -> None:
    row = databases().loc[name]
    st.markdown(f"**{show.escaped(database_name(name))}**")
    _facts(
        [
            ("database.owner", row["owner"]),
            ("database.status", say(f"procedures.database.{row['status']}")),
            ("database.deadline", show.day(row["deadline"] or None)),
            ("database.published", show.day(row["published"] or None)),
            ("database.legal_basis", row["legal_basis"]),
            ("database.source", f"{row['source']} ({mark_word(row['mark'])})"),
            ("database.note", row["note"]),
        ]
    )
    marks = project.portfolio.marks
    held = marks[marks["database"].eq(name)]
    own = project.portfolio.rows("requirements", procedure)
    st.caption(say("procedures.database.papers"))
    for i in own.index[own.index.isin(held["requirement"])]:
        st.markdown(f"- {int(own.at[i, 'position'])}. {show.escaped(str(own.at[i, 'name'])[:160])}")
