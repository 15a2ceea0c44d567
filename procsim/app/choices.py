"""The choices that several pages share: the plan in view, and the year of the targets."""

from __future__ import annotations

import streamlit as st

from procsim.app import address, workspace
from procsim.app.session import say, today
from procsim.decisions import targets

__all__ = ["choose_plan", "choose_year", "year"]


def _years() -> list[int]:
    return sorted({target.year for target in targets() if target.year is not None})


def year() -> int:
    """Return the year of the targets: the address says, else this year or the last one due."""
    years = _years()
    named = address.get("year")
    if named in map(str, years):
        return int(named)
    return max([each for each in years if each <= today().year], default=years[0])


def choose_year(page: str) -> int:
    """Show the choice of the year of the targets, and return it."""
    key = f"{page}.year"
    st.session_state[key] = year()
    st.segmented_control(
        say("choice.year"),
        _years(),
        format_func=str,
        required=True,
        key=key,
        on_change=lambda: address.put("year", str(st.session_state[key])),
    )
    return year()


def choose_plan(page: str) -> str:
    """Show the choice of the plan in view, and return its name; ``""`` where there is none."""
    plans = list(workspace.current().plans)
    key = f"{page}.plan"
    if plans:
        st.session_state[key] = workspace.plan_name()
    st.selectbox(
        say("choice.plan"),
        plans,
        index=None if not plans else 0,
        key=key,
        placeholder=say("choice.plan.none"),
        disabled=not plans,
        on_change=lambda: address.put("plan", st.session_state[key]),
    )
    return workspace.plan_name()
