"""Tổng quan: the first steps, the figures of the plan in view, and its scorecard."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from procsim.app.data.faults import found_beside
from procsim.app.overview import parts
from procsim.app.overview.parts import GUIDE
from procsim.app.shell import choices, results, saving, show, workspace
from procsim.app.shell.session import language, say
from procsim.language.i18n import t
from procsim.store import Note, Project

METRICS = ("statutory_days", "documents", "cost_vnd", "conditions")
UNITS = {"cost_vnd": (1e6, 1), "statutory_days": (1.0, 1)}
MOST_COLUMNS = 5


def guide(project: Project) -> None:
    """Show the three first steps, each with a link and what is done of it."""
    closed = GUIDE in project.notes
    if closed:
        return
    every = parts.steps(project, t("app.plan.66_7"))
    with st.container(border=True, key="overview.guide"):
        title, *places, close = st.columns([2, *[3] * len(every), 1])
        title.markdown(f"**{say('overview.guide')}**")
        close.button(
            say("overview.guide.close"),
            key="overview.guide.close",
            type="tertiary",
            icon=":material/close:",
            on_click=lambda: workspace.note(Note(GUIDE, say("overview.guide.closed"))),
        )
        for number, (place, step) in enumerate(zip(places, every, strict=True), start=1):
            with place:
                sign = say("overview.step.done" if step.done else "overview.step.open")
                show.go(
                    step.page,
                    f"**{number}. {say(f'overview.step.{step.name}')}**",
                    icon=f":material/{'check_circle' if step.done else 'arrow_forward'}:",
                )
                st.caption(f"{sign} · {step.state}")


def figures(project: Project, plan: str) -> None:
    """Show time, documents, cost and conditions after the plan, each with its reason."""
    rates = results.rates(project, plan).set_index("metric")
    for column, metric in zip(st.columns(len(METRICS)), METRICS, strict=True):
        row = rates.loc[metric]
        unit, decimals = UNITS.get(metric, (1.0, 0))
        before, after = (show.amount(row[side] / unit, decimals) for side in ("before", "after"))
        rate = row["rate"]
        cut = None if pd.isna(rate) else f"{'-' if rate > 0 else ''}{show.percent(abs(rate))}"
        facts = {"before": before, "known": int(row["procedures"]), "missing": int(row["missing"])}
        show.figure(
            column,
            say(f"metric.{metric}"),
            after,
            change=cut,
            burden=pd.notna(rate) and rate != 0,
            help=say(f"metric.{metric}.help", **facts),
        )
        column.caption(say("overview.before", before=before, missing=facts["missing"]))


def scorecard(project: Project, plan: str, year: int) -> None:
    """Show the verdict on each target, and how the one picked came about."""
    nation = results.card(project, plan, year).nation()
    table = parts.scorecard_table(nation)
    counts = nation["verdict"].value_counts()
    st.markdown(
        say(
            "overview.verdicts",
            met=int(counts.get("met", 0)),
            missed=int(counts.get("missed", 0)),
            unknown=int(counts.get("unknown", 0)),
        )
    )
    picked = show.table(
        table, key=f"overview.card.{year}", pick=True, widths={say("card.target"): "large"}
    )
    st.caption(say("overview.pick"))
    rows = nation.set_index("target_id", drop=False)
    row = rows.loc[picked if picked in rows.index else _first(nation)]
    with st.container(border=True, key="overview.detail"):
        verdict = say(f"verdict.{row['verdict']}")
        st.markdown(f"**{verdict} · {show.escaped(str(row[f'name_{language()}']))}**")
        words, numbers = st.columns([3, 2])
        words.markdown("\n".join(f"- {each}" for each in parts.explained(row)))
        numbers.markdown(say("overview.readings"))
        numbers.markdown("\n".join(f"- {each}" for each in parts.readings(row)))


def _first(nation: pd.DataFrame) -> str:
    missed = nation[nation["verdict"] == "missed"]
    return str((missed if len(missed) else nation)["target_id"].iloc[0])


def ministries(project: Project, plan: str, year: int) -> None:
    """Show ministries against targets, as a picture and as a table."""
    card = results.card(project, plan, year)
    known = card.summary[card.summary["value"].notna()]
    ids = list(dict.fromkeys(known["target_id"]))
    names = known.drop_duplicates("target_id").set_index("target_id")[f"name_{language()}"]
    if not ids:
        show.empty(say("overview.no_figures"), "data", say("overview.to_data"))
        return
    with st.popover(say("overview.heatmap.choose"), icon=":material/view_column:"):
        chosen = st.multiselect(
            say("overview.heatmap.targets", most=MOST_COLUMNS),
            ids,
            default=ids[:MOST_COLUMNS],
            format_func=lambda each: names[each],
            max_selections=MOST_COLUMNS,
            placeholder=say("overview.heatmap.choose"),
            key=f"overview.heatmap.{year}",
        )
    if chosen:
        show.chart(_heatmap(project, plan, year, tuple(chosen)))
    table = parts.by_group(card)
    show.table(table, key="overview.by_group")
    saving.download_csv(table, say("overview.file.ministries"), key="overview.by_group.csv")


def _heatmap(project: Project, plan: str, year: int, chosen: tuple[str, ...]) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        from procsim.reports.charts.figures import heatmap  # Altair costs a quarter of a second

        drawn = heatmap(results.card(project, plan, year).summary, chosen, language=language())
        made: dict[str, Any] = drawn.to_dict()
        return made

    return results.of_card("heatmap", project, plan, make, year, *chosen, language())


def lacks(project: Project, plan: str, year: int) -> None:
    """Show what each target still lacks, who lacks it, and where to go on."""
    card = results.card(project, plan, year)
    table = parts.lacking(card)
    if table.empty:
        st.success(say("overview.all_met"))
        return
    show.table(table, key=f"overview.lacks.{year}", widths={say("card.reason"): "large"})
    names = table[say("card.target")]
    target = st.selectbox(
        say("overview.lacks.who"),
        list(table.index),
        format_func=lambda each: names[each],
        key=f"overview.lacks.target.{year}",
        placeholder=say("overview.lacks.who"),
    )
    groups = parts.lacking_by_group(card, target)
    if len(groups):
        show.table(groups, key="overview.lacks.groups", widths={say("card.reason"): "large"})
    left, middle, right = st.columns(3)
    with left:
        show.go("smallest", say("overview.to_smallest"), icon=":material/target:")
    with middle:
        show.go("scenarios", say("overview.to_scenarios"), icon=":material/edit_note:")
    with right:
        show.go("roadmap", say("overview.to_roadmap"), icon=":material/calendar_month:")


def quality(project: Project) -> None:
    """Show what is wrong in the data, by kind, and where it is mended."""
    found = found_beside(project)
    if found is None:
        return
    if not found:
        st.success(say("overview.faults.none"))
        return
    errors = sum(fault.severity == "error" for fault in found)
    st.markdown(say("quality.heading", errors=errors, total=len(found)))
    st.caption(say("quality.caption"))
    table = parts.fault_kinds(found)
    show.table(table, key="overview.faults", formats={say("overview.faults.count"): 0})
    show.go("data", say("overview.to_data"), icon=":material/arrow_forward:")


def page() -> None:
    """Show the page."""
    project = workspace.current()
    show.heading("overview")
    guide(project)
    if not len(project.portfolio):
        show.empty(say("overview.empty"), "data", say("overview.to_data"))
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        plan = choices.choose_plan("overview")
    with right:
        year = choices.choose_year("overview")
    if not plan:
        show.empty(say("overview.no_plan"), "scenarios", say("overview.to_scenarios"))
    figures(project, plan)
    shown = choices.tabs("overview", ("card", "ministries", "lacks", "quality"))
    with shown.place:
        match shown.name:
            case "card":
                scorecard(project, plan, year)
            case "ministries":
                ministries(project, plan, year)
            case "lacks":
                lacks(project, plan, year)
            case _:
                quality(project)
    if GUIDE in project.notes:
        st.button(
            say("overview.guide.again"),
            key="overview.guide.again",
            type="tertiary",
            on_click=lambda: workspace.note(Note(GUIDE, "")),
        )


page()
