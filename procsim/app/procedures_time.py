"""The tab Tiến độ: the four clocks, the day a dossier is due, and the Gantt chart."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pandas as pd
import streamlit as st

from procsim.app import entry, results, show
from procsim.app.map_element import procedure_map_element
from procsim.app.procedures_facts import changed_figure, mark_word, missing_words, only, only_after
from procsim.app.session import language, say, today
from procsim.errors import ProcsimError
from procsim.measures.appointment import due_date
from procsim.measures.clocks import CLOCKS, clocks
from procsim.model import Portfolio
from procsim.reports.gantt import gantt_svg
from procsim.store import Project

__all__ = ["schedule"]


def schedule(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show the clocks, the due date and the Gantt chart of one procedure."""
    _clocks(project, plan, procedure, after)
    entered, told = st.columns([1, 2], gap="large")
    with entered:
        day = entry.date(
            say("procedures.time.day"),
            today(),
            key="procedures.time.day",
            help=say("procedures.time.day.help"),
        )
    handed_in = day if isinstance(day, dt.date) else None
    try:
        with told:
            if handed_in is not None:
                _due(project, plan, procedure, handed_in, after)
        svg = results.of_plan(
            "gantt",
            project,
            plan if after is not None else "",
            lambda: gantt_svg(
                project.portfolio,
                procedure,
                after,
                language(),
                width=1240,
                handed_in=handed_in,
                parameters=project.parameters(),
                calendar=project.calendar(),
            ),
            *(procedure, language(), str(handed_in), project.digest_of("days")),
        )
    except ProcsimError as error:
        show.failure(error)
        return
    procedure_map_element(svg, key="procedures.gantt")
    st.download_button(
        say("procedures.time.svg"),
        svg,
        file_name=f"tien-do-{procedure.replace('#', '-')}.svg",
        mime="image/svg+xml",
        icon=":material/download:",
        key="procedures.time.svg",
        on_click="ignore",
    )


def _clocks(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    def of(portfolio: Portfolio) -> pd.DataFrame:
        return clocks(portfolio, project.parameters())

    before = results.of_portfolio("clocks", project, lambda: of(project.portfolio)).loc[procedure]
    then = before
    if after is not None:
        then = results.of_plan("clocks", project, plan, lambda: of(after)).loc[procedure]
    for place, name in zip(st.columns(len(CLOCKS)), CLOCKS, strict=True):
        stem = name.rpartition("_")[0]
        assumed = then[f"{stem}_assumed"]
        notes = [
            say(f"procedures.clock.{name}.help"),
            missing_words(then[f"{stem}_why"]),
            "" if pd.isna(assumed) else say("procedures.assumed", share=show.percent(assumed, 0)),
        ]
        changed_figure(
            place,
            say(f"procedures.clock.{name}"),
            before[name],
            then[name],
            1,
            reason=" ".join(filter(None, notes)),
            compared=after is not None,
        )


def _due(
    project: Project, plan: str, procedure: str, day: dt.date, after: Portfolio | None
) -> None:
    due = partial(due_date, parameters=project.parameters(), calendar=project.calendar())
    made = due(only(project, procedure), procedure, day)
    lines = [("procedures.time.before", made)]
    if after is not None:
        one = only_after(project, plan, procedure)
        lines.append(("procedures.time.after", due(one, procedure, day)))
        if lines[1][1].text() == made.text():
            lines = [("procedures.time.same", made)]
    for label, appointment in lines:
        mark = f" ({mark_word(appointment.mark)})" if appointment.mark else ""
        st.markdown(f"{say(label)}: **{show.escaped(show.told(appointment.sentence))}**{mark}")
    with st.expander(say("procedures.time.why")):
        for label, appointment in lines:
            st.caption(say(label))
            for line in appointment.lines:
                st.markdown(f"- {show.escaped(show.told(line))}")
