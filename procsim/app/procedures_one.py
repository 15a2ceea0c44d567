"""One procedure on the page Thủ tục: head facts before and after, and its tabs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from procsim.app import address, results, show
from procsim.app.choices import choose_plan
from procsim.app.procedures_cost import costs
from procsim.app.procedures_facts import changed_figure, missing_words, reforms_of, words_of
from procsim.app.procedures_legal import legal
from procsim.app.procedures_map import diagram
from procsim.app.procedures_papers import papers
from procsim.app.procedures_propose import propose
from procsim.app.procedures_related import related
from procsim.app.procedures_time import schedule
from procsim.app.session import language, say
from procsim.errors import ProcsimError
from procsim.model import Portfolio
from procsim.store import Project

__all__ = ["one"]

Tab = Callable[[Project, str, str, Portfolio | None], None]
_TABS: dict[str, Tab] = {
    "map": diagram,
    "propose": propose,
    "time": schedule,
    "cost": costs,
    "papers": papers,
    "legal": legal,
    "related": related,
}
_FIGURES = {
    "statutory_days": ("statutory_why", 1),
    "documents": ("documents_why", 0),
    "cost_vnd": ("cost_why", 0),
    "conditions": ("", 0),
}


def one(project: Project, procedure: str) -> None:
    """Show one procedure, before and after the plan in view."""
    row = project.portfolio.procedures.loc[procedure]
    title, chosen = st.columns([3, 1.4], gap="medium")
    with title:
        st.button(
            say("procedures.back"),
            key="procedures.back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=partial(address.put, "procedure", None),
        )
        with st.container(key="title"):
            st.title(show.escaped(f"{row['code'] or procedure} – {row['name']}"), anchor=False)
    with chosen:
        plan = choose_plan("procedures")
    facts = (
        row["ministry"],
        row["field"],
        words_of("levels", row["levels"]),
        words_of("audience", row["audience"]),
        say("procedures.online", level=words_of("online", row["online"])),
        words_of("status", row["status"]),
        row["decision"],
    )
    st.caption(" · ".join(show.escaped(str(fact)) for fact in facts if fact))
    after = _after(project, plan)
    _figures(project, plan, procedure, after)
    names = {name: say(f"procedures.tab.{name}") for name in _TABS}
    made = st.tabs(list(names.values()), key=f"procedures.tabs.{language()}", on_change="rerun")
    for draw, tab in zip(_TABS.values(), made, strict=True):
        if tab.open:
            with tab:
                draw(project, plan, procedure, after)


def _after(project: Project, plan: str) -> Portfolio | None:
    """Return the procedures after the plan; None without one, or when it cannot be applied."""
    if not plan:
        return None
    try:
        return results.changed(project, plan)
    except ProcsimError as error:
        st.error(say("procedures.not_applied"))
        with st.expander(say("procedures.not_applied.why")):
            show.failure(error)
        return None


def _figures(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    before = results.before(project).loc[procedure]
    then = before if after is None else results.after(project, plan).loc[procedure]
    reforms = len(reforms_of(project, plan, procedure))
    places = st.columns(len(_FIGURES) + 1)
    for place, (name, (why, decimals)) in zip(places, _FIGURES.items(), strict=False):
        value = then[name]
        reason = say(f"procedures.figure.{name}.help")
        if why:
            reason = f"{reason} {missing_words(then[why])}".strip()
        changed_figure(
            place,
            say(f"procedures.figure.{name}"),
            before[name],
            value,
            decimals,
            reason=reason,
            compared=after is not None,
        )
    show.figure(
        places[-1],
        say("procedures.figure.reforms"),
        show.written(reforms),
        change=say("procedures.figure.reforms.of") if plan else None,
        help=say("procedures.figure.reforms.help"),
    )
