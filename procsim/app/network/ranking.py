"""The tab Xếp hạng: which database, or which paper as data, frees most; alone and in turn."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from procsim.app.network.analysis import Found, open_procedures
from procsim.app.procedures.facts import listed_names
from procsim.app.shell import results, show
from procsim.app.shell.saving import download_csv
from procsim.app.shell.session import language, say
from procsim.network.ranking import BY, VALUES, BestSet, best_set, ranking
from procsim.store import Project

_SIZES = (1, 2, 3, 4, 5)
By = Literal["database", "document_type"]


def ranking_tab(project: Project, found: Found) -> None:
    """Show the ranking, the best set together, and what stands behind the row picked."""
    what, value_of, size_of = st.columns([2, 3, 2], vertical_alignment="bottom")
    things = {each: say(f"network.by.{each}") for each in BY}
    values = {each: say(f"network.value.{each}") for each in VALUES}
    chosen = what.segmented_control(
        say("network.by"),
        BY,
        default=BY[0],
        required=True,
        format_func=things.__getitem__,
        key="network.by",
    )
    value = value_of.selectbox(
        say("network.value"),
        VALUES,
        format_func=values.__getitem__,
        key="network.value",
        placeholder=say("composing.choose"),
    )
    size = size_of.segmented_control(
        say("network.size"),
        _SIZES,
        default=3,
        required=True,
        key="network.size",
        help=say("network.size.help"),
    )
    by: By = "database" if chosen == "database" else "document_type"
    table = _ranking(project, found, by, value)
    _best(project, table, by, value, int(size))
    wanted = table[table["answerable"] & table["papers"].gt(0)]
    if wanted.empty:
        st.info(say("network.ranking.none"), icon=":material/info:")
        return
    shown, formats = _shown(wanted, by)
    picked = show.table(
        shown,
        formats=formats,
        key=f"network.ranking.{by}",
        pick=True,
        height=360,
        widths={say("network.ranking.name"): "medium"},
    )
    if picked is None:
        st.caption(say("network.ranking.hint"))
    else:
        _behind(project, table.loc[picked], picked, by)
    download_csv(shown, f"xep-hang-{by.replace('_', '-')}", key="network.ranking.csv")


def _ranking(project: Project, found: Found, by: By, value: str) -> pd.DataFrame:
    if value == VALUES[0]:
        return found.databases if by == "database" else found.document_types
    with st.spinner(say("network.work.ranking"), show_time=False):
        return results.of_portfolio(
            "ranking",
            project,
            lambda: ranking(
                project.portfolio, found.links, by, value=value, parameters=project.parameters()
            ),
            by,
            value,
        )


def _best(project: Project, table: pd.DataFrame, by: By, value: str, size: int) -> None:
    def make() -> BestSet:
        return best_set(
            project.portfolio, size, by=by, value=value, parameters=project.parameters()
        )

    best = results.of_portfolio("best", project, make, by, value, size)
    if not best.chosen:
        st.caption(say("network.best.none"))
        return
    names = "; ".join(table.loc[list(best.chosen), f"name_{language()}"])
    told = say(
        "network.best",
        names=show.escaped(names),
        value=show.written(round(best.value)),
        unit=say(f"network.unit.{value}"),
    )
    st.markdown(f"{told} {show.escaped(show.told(best.proven))}")


def _shown(table: pd.DataFrame, by: By) -> tuple[pd.DataFrame, dict[str, show.Format]]:
    # Written short as in official texts, so that what tells the databases apart is seen.
    names = table[f"name_{language()}"].str.replace("Cơ sở dữ liệu", "CSDL", regex=False)
    columns: dict[str, pd.Series | list[str]] = {"rank": table["next_best_rank"], "name": names}
    if by == "database":
        columns["status"] = [
            say(f"procedures.database.{status}")
            for status in table["status"].replace("", "unknown")
        ]
    else:
        columns["held"] = [listed_names(each) or "–" for each in table["databases"]]
    decimals = {
        "procedures": 0,
        "papers": 0,
        "cost_vnd": 0,
        "cost_vnd_next": 0,
        "days": 1,
        "days_next": 1,
        "listed": 0,
    }
    columns |= {name: table[name] for name in decimals} | {"assumed": table["assumed_share"]}
    frame = pd.DataFrame(columns, index=table.index)
    heads = {name: say(f"network.ranking.{name}") for name in frame.columns}
    formats: dict[str, show.Format] = {heads[name]: n for name, n in decimals.items()}
    formats[heads["rank"]] = lambda n: "–" if pd.isna(n) else show.written(float(str(n)), 0)
    formats[heads["assumed"]] = lambda n: show.percent(float(str(n)), 0)
    return frame.rename(columns=heads), formats


def _behind(project: Project, row: pd.Series, picked: str, by: By) -> None:
    """Show why a row stands where it does, and the procedures that it frees."""
    with st.container(border=True):
        st.markdown(f"**{show.escaped(row[f'name_{language()}'])}**")
        volume = say("network.volume.none")
        if row["dossiers_known"]:
            volume = say(
                "network.volume",
                dossiers=show.written(round(row["dossiers"])),
                known=int(row["dossiers_known"]),
            )
        st.markdown(
            say(
                "network.ranking.why",
                procedures=int(row["procedures"]),
                requirements=int(row["requirements"]),
                papers=show.written(row["papers"], 0),
                volume=volume,
                cost=show.written(row["cost_vnd"], 0),
                expected=show.amount(row["cost_expected_vnd"]),
                days=show.written(row["days"], 1),
                faster=int(row["procedures_faster"]),
                cost_next=show.amount(row["cost_vnd_next"]),
                days_next=show.amount(row["days_next"], 1),
            )
        )
        marks = project.portfolio.marks
        held = marks[marks["database" if by == "database" else "document_type"].eq(picked)]
        asked = project.portfolio.requirements
        rows = asked[asked.index.isin(held["requirement"]) & asked["status"].eq("required")]
        st.caption(say("network.ranking.which"))
        open_procedures(project, rows["procedure"].unique(), key=f"network.ranking.open.{by}")
