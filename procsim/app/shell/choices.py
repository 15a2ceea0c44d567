"""The choices that several pages share: the plan in view, the year of the targets, the tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from procsim.app.shell import address, workspace
from procsim.app.shell.session import language, say, today
from procsim.decisions import targets


@dataclass(frozen=True)
class Tab:
    """The tab that is open: its name, and where its content goes."""

    name: str
    place: st.delta_generator.DeltaGenerator


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


def tabs(page: str, names: Sequence[str]) -> Tab:
    """Show the tabs of a page, and return the one that is open: only its content is made.

    Parameters
    ----------
    names
        Their labels are the texts ``app.<page>.tab.<name>``.
    """
    labels = [say(f"{page}.tab.{name}") for name in names]
    # The language is in the key: a label of the other language would be no tab.
    made = st.tabs(labels, key=f"{page}.tabs.{language()}", on_change="rerun")
    shown = zip(names, made, strict=True)
    return next((Tab(name, tab) for name, tab in shown if tab.open), Tab(names[0], made[0]))
