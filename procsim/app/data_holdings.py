"""The part of the page Dữ liệu that counts what the project holds and hands it out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

import pandas as pd
import streamlit as st

from procsim.app import show
from procsim.app.jobs import Report, follow, jobs
from procsim.app.results import of_portfolio
from procsim.app.session import say
from procsim.language.i18n import bilingual
from procsim.model import Portfolio
from procsim.readers import write_workbook
from procsim.readers.words import TITLES
from procsim.store import Project

__all__ = ["by_ministry", "holdings"]

_COUNTED = ("channels", "fees", "requirements", "conditions", "legal_bases")


def by_ministry(portfolio: Portfolio) -> pd.DataFrame:
    """Return how many procedures and rows each ministry has, the largest first.

    Returns
    -------
    pandas.DataFrame
        Index ministry; columns procedures, channels, fees, requirements, conditions,
        legal_bases.
    """
    ministry = portfolio.procedures["ministry"]
    made = {"procedures": ministry.value_counts()}
    for name in _COUNTED:
        owners = getattr(portfolio, name)["procedure"]
        made[name] = owners.map(ministry.to_dict()).value_counts()
    frame = pd.DataFrame(made).fillna(0).astype(int)
    return frame.sort_values("procedures", ascending=False, kind="stable")


def holdings(project: Project) -> None:
    """Show the counts by ministry and by table, and the download of everything."""
    _download(project)
    left, right = st.columns([3, 2])
    counts = of_portfolio("by_ministry", project, lambda: by_ministry(project.portfolio))
    heads = {name: show.told(TITLES[name]) for name in counts.columns}
    with left:
        st.markdown(f"**{say('data.by_ministry', count=len(counts))}**")
        show.table(
            counts.astype(float)
            .rename(columns=heads)
            .reset_index()
            .rename(columns={"ministry": say("list.ministry"), "index": say("list.ministry")}),
            formats=dict.fromkeys(heads.values(), 0),
            key="data.by_ministry",
            widths={say("list.ministry"): "medium"},
        )
    with right:
        st.markdown(f"**{say('data.by_table')}**")
        tables = project.portfolio.tables
        show.table(
            pd.DataFrame(
                {
                    say("data.table"): [show.told(TITLES[name]) for name in tables],
                    say("data.rows"): [float(len(frame)) for frame in tables.values()],
                }
            ),
            formats={say("data.rows"): 0},
            key="data.by_table",
        )


def _download(project: Project) -> None:
    """Write the workbook beside the page, then hand it out."""
    portfolio = project.portfolio
    key = ("workbook", project.digest_of("portfolio"))

    def work(report: Report) -> bytes:
        report(0.2, bilingual("app.data.workbook.working"))
        with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
            path = Path(folder) / "procsim.xlsx"
            write_workbook(portfolio, path)
            return path.read_bytes()

    st.caption(say("data.workbook.caption"))
    job = jobs().get(key)
    over = job is None or job.status in ("failed", "cancelled")
    if over and st.button(
        say("data.workbook.make"), key="data.workbook.make", icon=":material/table_view:"
    ):
        jobs().start(key, work)
        st.rerun()
    job = follow(key, name="data.workbook")
    if job is not None and job.status == "done":
        st.download_button(
            say("data.workbook"),
            cast("bytes", job.result),
            file_name=say("data.workbook.file"),
            key="data.workbook",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
