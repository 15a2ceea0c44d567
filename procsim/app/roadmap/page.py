"""Lộ trình: what the plan waits for, when each part takes effect, and what deadlines it meets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from procsim.app.roadmap import parts
from procsim.app.roadmap.parts import OWN, Track
from procsim.app.shell import choices, entry, jobs, results, saving, show, workspace
from procsim.app.shell.kept import kept
from procsim.app.shell.session import language, say, today, who
from procsim.decisions import Roadmap
from procsim.reference.law import RESOLUTION_UNTIL
from procsim.reference.readiness import CRITERIA
from procsim.store import Project


def figures(road: Roadmap, on: dt.date) -> None:
    """Show how much is in force, what lapses, what has no date and what is late."""
    rows = road.reforms
    starts = pd.Series([day is not None and day <= on for day in rows["effective_on"]])
    ended = pd.Series([day is not None and day < on for day in rows["until"]])
    resumed = pd.Series([day is not None and day <= on for day in rows["resumes_on"]])
    shown = {
        "in_force": int((starts & (~ended | resumed)).sum()),
        "lapsing": int(rows["until"].notna().sum()),
        "undated": int(rows["effective_on"].isna().sum()),
        "open_items": int(parts.open_items(road).sum()),
    }
    for column, (name, count) in zip(st.columns(len(shown)), shown.items(), strict=True):
        show.figure(
            column,
            say(f"roadmap.figure.{name}"),
            show.amount(count),
            help=say(
                f"roadmap.figure.{name}.help",
                total=len(rows),
                day=show.day(on),
                end=show.day(RESOLUTION_UNTIL),
            ),
        )


def followed(project: Project, road: Roadmap, plan: str, year: int) -> Track | None:
    """Return the plan month by month; while it is worked out the page shows how far it is."""
    key = parts.key_of(project, plan, road.on, year)
    server = jobs.jobs()
    if server.get(key) is None:
        server.start(key, partial(parts.work, road, year))
    job = jobs.follow(key, name="roadmap.job")
    if job is None:
        return None
    if job.status != "done":
        st.button(
            say("roadmap.again"),
            key="roadmap.again",
            on_click=jobs.begin,
            args=(key, partial(parts.work, road, year)),
        )
        return None
    return job.result if isinstance(job.result, Track) else None


def course(track: Track, year: int, key: Hashable) -> None:
    """Show each target by month against its deadline, and what holds it back."""
    table = parts.critical(track)
    picked = show.table(
        table,
        key=f"roadmap.critical.{year}",
        pick=True,
        widths={say("card.target"): "large", say("roadmap.held_by"): "medium"},
    )
    st.caption(say("roadmap.critical.caption"))
    target = str(picked if picked in table.index else table.index[0])
    with st.container(border=True, key="roadmap.detail"):
        st.markdown(f"**{show.escaped(str(table.at[target, say('card.target')]))}**")
        st.markdown("\n".join(f"- {each}" for each in parts.held_back(track, target)))
    drawn = kept("roadmap.chart", (key, language()), lambda: _drawn(track))
    show.chart(drawn)


def _drawn(track: Track) -> dict[str, Any]:
    from procsim.reports.charts.figures import trajectory  # Altair costs a quarter of a second

    spec: dict[str, Any] = trajectory(track.months, language=language()).to_dict()
    return spec


def dates(project: Project, road: Roadmap) -> None:
    """Show what the plan waits for; the officer enters dates that are better known."""
    table = parts.items(road, project.dates)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    words = left.text_input(
        say("roadmap.search"), placeholder=say("roadmap.search.hint"), key="roadmap.search"
    )
    only_open = right.toggle(say("roadmap.only_open"), key="roadmap.only_open")
    found = show.rows(table, words, ("kind", "name"))
    if only_open:
        found = found[parts.open_items(road)[found.index]]
    st.caption(say("roadmap.dates.caption", shown=len(found), total=len(table)))
    if found.empty:
        st.info(say("roadmap.dates.none"))
        return
    labels = {name: say(f"roadmap.column.{name}") for name in table.columns}
    key = f"roadmap.dates.{project.version}.{language()}.{only_open}.{words}"
    columns = [name for name in table.columns if name not in ("kind", "source")]
    edits, refused = entry.table(
        found[columns], {OWN: "date"}, key=key, labels=labels, height=min(460, 80 + 35 * len(found))
    )
    action = partial(parts.dates_action, road)
    saving.save(edits, refused, action, key="roadmap.dates", names=dict(table["name"]))
    saving.download_csv(
        table.assign(**{OWN: [entry.as_text(day, "date") for day in table[OWN]]}),
        say("roadmap.file.items"),
        key="roadmap.items.csv",
        headings=labels,
    )


def effects(project: Project, road: Roadmap, plan: str) -> None:
    """Show on which day how many changes take effect, and which of them lapse."""
    show.table(
        parts.effects(road),
        key="roadmap.effects",
        formats={say("roadmap.reforms"): 0, say("roadmap.running"): 0},
        widths={say("roadmap.waits_for"): "large"},
    )
    lost = results.of_plan(
        "roadmap.lapsing",
        project,
        plan,
        lambda: parts.lapsing(road),
        project.digest_of("dates"),
        road.on.isoformat(),
        language(),
    )
    if lost.empty:
        st.success(say("roadmap.lapsing.none", end=show.day(RESOLUTION_UNTIL)))
        return
    st.subheader(say("roadmap.lapsing", count=len(lost), end=show.day(RESOLUTION_UNTIL)))
    st.caption(say("roadmap.lapsing.caption"))
    words = st.text_input(
        say("roadmap.lapsing.search"),
        placeholder=say("roadmap.search.hint"),
        key="roadmap.lapsing.search",
    )
    show.table(show.rows(lost, words, lost.columns), key="roadmap.lapsing")
    saving.download_csv(lost, say("roadmap.file.lapsing"), key="roadmap.lapsing.csv")


def by_month(track: Track) -> None:
    """Show a row for each month, to read and to download."""
    table = parts.months(track)
    st.caption(say("roadmap.months.caption"))
    show.table(table, key="roadmap.months", formats={say("roadmap.in_force"): 0})
    left, right = st.columns(2)
    with left:
        saving.download_csv(table, say("roadmap.file.months"), key="roadmap.months.csv")
    with right:
        saving.download_csv(
            track.months,
            say("roadmap.file.track"),
            key="roadmap.track.csv",
            label=say("roadmap.track.csv"),
        )


def ready(project: Project, road: Roadmap, plan: str, on: dt.date) -> None:
    """Show the six criteria of each database of the plan; the officer states them, dated."""
    st.caption(say("roadmap.ready.caption"))
    left, right = st.columns(2)
    with left:
        day = entry.date(say("roadmap.ready.day"), on, key="roadmap.ready.day")
    source = right.text_input(
        say("roadmap.ready.source"),
        placeholder=say("roadmap.ready.source.hint"),
        key="roadmap.ready.source",
    )
    stated = day if isinstance(day, dt.date) else on
    table = results.of_plan(
        "roadmap.ready",
        project,
        plan,
        lambda: parts.readiness_table(road, project.readiness, stated),
        project.digest_of("readiness"),
        stated.isoformat(),
        language(),
    )
    if table.empty:
        st.info(say("roadmap.ready.none"))
        return
    labels = {name: show.told(text).capitalize() for name, text in CRITERIA.items()}
    labels |= {"name": say("roadmap.column.name"), "coverage": say("roadmap.coverage")}
    edits, refused = entry.table(
        table,
        dict.fromkeys(CRITERIA, "share"),
        key=f"roadmap.ready.{project.version}.{stated}.{language()}",
        labels=labels,
    )
    if isinstance(day, dt.date):
        told = source.strip() or say("roadmap.ready.default_source", who=who())
        action = partial(parts.readiness_action, project.readiness, on=day, source=told)
        saving.save(edits, refused, action, key="roadmap.ready", names=dict(table["name"]))
    _expected(project, plan, stated)


def _expected(project: Project, plan: str, on: dt.date) -> None:
    """Show what is expected with the default coverage, and with the readiness stated."""
    before, default = results.before(project), parts.assumed(project, plan)
    covered = parts.expected(project, plan, on)
    rows = {"documents_expected": (1.0, 1), "cost_expected_vnd": (1e6, 2)}
    table = {
        say("roadmap.expected"): [say(f"roadmap.{name}") for name in rows],
        say("roadmap.expected.before"): _sums(before, rows),
        say("roadmap.expected.default"): _sums(default, rows),
        say("roadmap.expected.ready"): _sums(covered, rows),
    }
    show.table(pd.DataFrame(table), key="roadmap.expected")


def _sums(measures: pd.DataFrame, rows: dict[str, tuple[float, int]]) -> list[str]:
    return [
        show.amount(measures[name].sum(min_count=1) / unit, decimals)
        for name, (unit, decimals) in rows.items()
    ]


def page() -> None:
    """Show the page."""
    project = workspace.current()
    show.heading("roadmap")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        plan = choices.choose_plan("roadmap")
    with right:
        year = choices.choose_year("roadmap")
    if not plan or not project.plans[plan].reforms:
        show.empty(say("roadmap.empty"), "scenarios", say("roadmap.to_scenarios"))
        return
    on = today()
    road = results.route(project, plan, on)
    figures(road, on)
    shown = choices.tabs("roadmap", ("course", "dates", "effects", "months", "ready"))
    with shown.place:
        match shown.name:
            case "dates":
                dates(project, road)
            case "effects":
                effects(project, road, plan)
            case "ready":
                ready(project, road, plan, on)
            case name:
                track = followed(project, road, plan, year)
                if track is not None and name == "course":
                    course(track, year, parts.key_of(project, plan, on, year))
                elif track is not None:
                    by_month(track)


page()
