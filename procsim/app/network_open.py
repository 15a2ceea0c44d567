"""Procedures named by a page, each one click from its own page."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from procsim.app import address, show
from procsim.app.session import say
from procsim.store import Project

__all__ = ["named", "open_procedure", "open_procedures"]


def named(project: Project, procedure: str) -> str:
    """Return id and name of a procedure, in one line."""
    names = project.portfolio.procedures["name"]
    return f"{procedure} – {names.get(procedure, '')}"


def open_procedures(project: Project, ids: Iterable[str], *, key: str) -> None:
    """Show procedures as a table; the one picked opens on its page."""
    rows = project.portfolio.procedures
    known = rows.loc[[i for i in ids if i in rows.index]]
    frame = pd.DataFrame(
        {
            say("procedures.column.code"): known["code"].where(known["code"].ne(""), known.index),
            say("procedures.column.name"): known["name"],
            say("procedures.column.ministry"): known["ministry"],
        },
        index=known.index,
    )
    picked = show.table(
        frame,
        key=key,
        pick=True,
        height=250,
        widths={say("procedures.column.name"): "large"},
    )
    if picked is not None:
        open_procedure(picked)


def open_procedure(procedure: str) -> None:
    """Go to the page of a procedure."""
    address.put("procedure", procedure)
    st.switch_page(show.view("procedures"))
