"""The list of procedures on the page Thủ tục: search, filters, and what the plan touches."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd
import streamlit as st

from procsim.app.procedures.facts import words_of
from procsim.app.shell import address, results, show, workspace
from procsim.app.shell.choices import choose_plan
from procsim.app.shell.session import language, say
from procsim.store import Project

_PLACE_WORDS = re.compile(r"[^\s()›,;]+")
_LEVELS = ("central", "province", "commune")


def _faults_by_procedure(project: Project) -> Counter[str]:
    """Return how many faults stand against each procedure, by the row or place they name."""

    def make() -> Counter[str]:
        known = set(project.portfolio.procedures.index)
        count: Counter[str] = Counter()
        for fault in results.faults(project):
            home = fault.row.split("/", 1)[0]
            if home not in known:
                found = (w.split("/", 1)[0] for w in _PLACE_WORDS.findall(fault.place))
                home = next((each for each in found if each in known), "")
            count[home] += bool(home)
        return count

    return results.of_portfolio("procedures.faults", project, make)


def procedure_table(project: Project, plan: str) -> pd.DataFrame:
    """Return one row for each procedure, with what is searched and filtered for.

    Columns: code, name, ministry, field, level (words), levels (codes), documents, days,
    cost (before), reforms (of the plan), faults, text (all that is searched).
    """

    def make() -> pd.DataFrame:
        rows = project.portfolio.procedures
        levels = {each: words_of("levels", each) for each in rows["levels"].unique()}
        before = results.before(project)
        faults = _faults_by_procedure(project)
        touched = Counter(
            i for reform in results.plan_of(project, plan).reforms for i in reform.procedure_ids
        )
        made = pd.DataFrame(
            {
                "code": rows["code"].where(rows["code"].ne(""), rows.index),
                "name": rows["name"],
                "ministry": rows["ministry"],
                "field": rows["field"],
                "level": rows["levels"].map(levels),
                "levels": rows["levels"],
                "documents": before["documents"],
                "days": before["statutory_days"],
                "cost": before["cost_vnd"],
                "reforms": [touched[i] for i in rows.index],
                "faults": [faults[i] for i in rows.index],
            },
            index=rows.index,
        )
        text = made["code"] + " " + made["name"] + " " + made["ministry"] + " " + made["field"]
        return made.assign(text=rows.index.to_series() + " " + text)

    return results.of_plan("procedures.table", project, plan, make, language())


def _filtered(project: Project, plan: str) -> pd.DataFrame:
    frame = procedure_table(project, plan)
    search, chosen = st.columns([3, 2], vertical_alignment="bottom")
    text = search.text_input(
        say("procedures.search"),
        key="procedures.search",
        placeholder=say("procedures.search.hint"),
        icon=":material/search:",
        persist_state="session",
    )
    with chosen:
        choose_plan("procedures")
    left, middle, right, last = st.columns([4, 3, 2.4, 2], vertical_alignment="bottom")
    ministries = left.multiselect(
        say("procedures.ministry"),
        sorted(frame["ministry"].unique()),
        key="procedures.ministry",
        placeholder=say("procedures.all"),
        persist_state="session",
    )
    level_words = {code: words_of("levels", code) for code in _LEVELS}
    levels = middle.multiselect(
        say("procedures.level"),
        _LEVELS,
        format_func=level_words.__getitem__,
        key="procedures.level",
        placeholder=say("procedures.all"),
        persist_state="session",
    )
    touched = right.toggle(
        say("procedures.touched"), key="procedures.touched", persist_state="session"
    )
    faulty = last.toggle(say("procedures.faulty"), key="procedures.faulty", persist_state="session")
    if ministries:
        frame = frame[frame["ministry"].isin(ministries)]
    if levels:
        frame = frame[frame["levels"].str.split(";").map(lambda own: bool(set(own) & set(levels)))]
    if touched:
        frame = frame[frame["reforms"] > 0]
    if faulty:
        frame = frame[frame["faults"] > 0]
    return show.rows(frame, text, ["text"])


def choose(project: Project, unknown: str = "") -> None:
    """Show the list; the procedure picked goes into the address.

    Parameters
    ----------
    unknown
        What the address named and the project does not have.
    """
    if unknown:
        st.warning(say("procedures.unknown", id=show.escaped(unknown)))
    plan = workspace.plan_name()
    frame = _filtered(project, plan)
    total = len(project.portfolio.procedures)
    st.caption(say("procedures.found", shown=len(frame), total=total))
    if frame.empty:
        st.info(say("procedures.none"), icon=":material/search_off:")
        return
    columns = (
        "code",
        "name",
        "documents",
        "days",
        "cost",
        "reforms",
        "faults",
        "level",
        "ministry",
    )
    heads = {name: say(f"procedures.column.{name}") for name in columns}
    picked = show.table(
        frame[list(columns)].rename(columns=heads),
        formats={
            heads["documents"]: 0,
            heads["days"]: lambda n: show.amount(round(float(str(n)), 1), None),
            heads["cost"]: 0,
            heads["reforms"]: lambda n: f"✔ {n}" if n else "–",
            heads["faults"]: lambda n: f"! {n}" if n else "–",
        },
        key="procedures.list",
        pick=True,
        height=430,
        widths={heads["code"]: "small", heads["name"]: "large"},
    )
    if picked is not None:
        address.put("procedure", picked)
        st.rerun()
