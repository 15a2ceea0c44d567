"""The tab Đề xuất: what the plan already changes here, and what can be added."""

from __future__ import annotations

from functools import partial

import streamlit as st

from procsim.app import composing_form, show, workspace
from procsim.app.composing import about
from procsim.app.procedures_facts import offers_of, reforms_of
from procsim.app.session import say
from procsim.model import Portfolio
from procsim.store import Project

__all__ = ["compose_here", "propose"]


def propose(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show the reforms of the plan for a procedure, and the form for one more."""
    del after
    made, new = st.columns([1, 1], gap="large")
    with made:
        st.markdown(f"**{say('procedures.propose.made')}**")
        _made(project, plan, procedure)
    with new:
        st.markdown(f"**{say('procedures.propose.new')}**")
        composing_form.box(
            project, plan, offers_of(project, procedure), key=f"procedures.new.{procedure}"
        )


def _made(project: Project, plan: str, procedure: str) -> None:
    found = reforms_of(project, plan, procedure)
    if not found:
        st.caption(say("procedures.propose.none"))
        return
    for place, reform in enumerate(found):
        row = show.escaped(show.told(about(project.portfolio, reform)))
        with st.expander(f"**{show.told(reform.title)}** · {row}", expanded=len(found) == 1):
            st.markdown(show.escaped(show.told(reform.describe())))
            if reform.reason:
                st.caption(show.escaped(reform.reason))
            legal = ", ".join(filter(None, (reform.legal_text, reform.article)))
            if legal:
                st.caption(say("procedures.propose.route", text=show.escaped(legal)))
            missing = ", ".join(
                show.told(each.label).lower() for each in reform.missing_clarities()
            )
            if missing:
                st.caption(say("procedures.propose.missing", names=missing))
            st.button(
                say("procedures.propose.remove"),
                key=f"procedures.remove.{place}",
                icon=":material/playlist_remove:",
                on_click=partial(composing_form.take_out, workspace.plan_name(), reform),
            )


def compose_here(project: Project, plan: str, procedure: str, row: str, *, key: str) -> None:
    """Show the reforms of one row, and the form for one more."""
    for reform in reforms_of(project, plan, procedure, row):
        st.success(show.escaped(show.told(reform.describe())), icon=":material/check:")
    with st.expander(say("procedures.propose.here"), icon=":material/playlist_add:"):
        found = [offer for offer in offers_of(project, procedure) if offer.target == row]
        composing_form.box(project, plan, found, key=f"{key}.{row}")
