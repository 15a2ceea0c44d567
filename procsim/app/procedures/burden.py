"""The tabs Tiến độ and Chi phí: what one procedure takes of time and of money."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pandas as pd
import streamlit as st

from procsim.app.procedures.facts import changed_figure, mark_word, missing_words, only, only_after
from procsim.app.procedures.map import procedure_map_element
from procsim.app.shell import entry, results, show
from procsim.app.shell.saving import download_csv
from procsim.app.shell.session import language, say, today
from procsim.errors import ProcsimError
from procsim.measures import cost_sheet, explain
from procsim.measures.clocks import CLOCKS, clocks, due_date
from procsim.measures.sheet import GROUPS
from procsim.model import Portfolio
from procsim.reports.map.gantt import gantt_svg
from procsim.store import Project


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


# The tab Chi phí: the compliance-cost sheet before and after, each line with its reason.

_KEYS = ["group", "work", "activity", "source"]
_PARTS = ["hours", "hourly_vnd", "services_vnd", "fees_vnd", "weight", "cost_vnd", "mark", "note"]


def compared_lines(before: pd.DataFrame, after: pd.DataFrame | None) -> pd.DataFrame:
    """Return the lines of two cost sheets side by side; a line that is gone costs 0 after.

    Columns: the keys of a line, and its parts with ``_before`` and ``_after``.
    """
    # A line may stand several times under one name: its place among those tells them apart.
    old, new = (_numbered(sheet) for sheet in (before, before if after is None else after))
    both = old.merge(new, "outer", [*_KEYS, "again"], suffixes=("_before", "_after"), sort=False)
    for side, other in (("before", "after"), ("after", "before")):
        alone = both[f"mark_{side}"].isna()
        both.loc[alone & both[f"mark_{other}"].notna(), f"cost_vnd_{side}"] = 0.0
    return both.sort_values(["group", "position_before"], kind="stable", ignore_index=True)


def _numbered(sheet: pd.DataFrame) -> pd.DataFrame:
    return sheet[[*_KEYS, *_PARTS, "position"]].assign(again=sheet.groupby(_KEYS).cumcount())


def costs(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show the cost sheet of one procedure, before and after the plan."""
    parameters, tongue = project.parameters(), language()

    def make() -> pd.DataFrame:
        old = cost_sheet(only(project, procedure), parameters, tongue)
        if after is None:
            return compared_lines(old, None)
        new = cost_sheet(only_after(project, plan, procedure), parameters, tongue)
        return compared_lines(old, new)

    in_view = plan if after is not None else ""
    lines = results.of_plan("cost.lines", project, in_view, make, procedure, tongue)
    if lines.empty:
        st.info(say("procedures.cost.none"), icon=":material/info:")
        return
    shown = _shown(lines)
    st.caption(say("procedures.cost.hint"))
    picked = show.table(
        shown,
        formats={
            say("procedures.cost.before"): 0,
            say("procedures.cost.after"): 0,
            say("procedures.cost.saved"): 0,
        },
        key=f"procedures.cost.{procedure}",
        pick=True,
        height=360,
        widths={say("procedures.cost.activity"): "medium", say("procedures.cost.group"): "medium"},
    )
    before, then = (lines[f"cost_vnd_{side}"].sum(skipna=False) for side in ("before", "after"))
    st.markdown(
        say(
            "procedures.cost.total",
            before=show.amount(before),
            after=show.amount(then),
            saved=show.amount(before - then),
        )
    )
    if picked is not None:
        _line(lines.loc[int(picked)], compared=after is not None)
    _whole(project, in_view, procedure, after)
    download_csv(shown, f"chi-phi-{procedure.replace('#', '-')}", key="procedures.cost.csv")


def _shown(lines: pd.DataFrame) -> pd.DataFrame:
    mark = lines["mark_after"].where(lines["mark_after"].notna(), lines["mark_before"])
    activity = lines["activity"].where(lines["activity"].ne(""), lines["work"])
    return pd.DataFrame(
        {
            say("procedures.cost.group"): [
                f"{group}. {show.told(GROUPS[int(group)])}" for group in lines["group"]
            ],
            say("procedures.cost.activity"): activity,
            say("procedures.cost.before"): lines["cost_vnd_before"],
            say("procedures.cost.after"): lines["cost_vnd_after"],
            say("procedures.cost.saved"): lines["cost_vnd_before"] - lines["cost_vnd_after"],
            say("procedures.cost.mark"): mark.map(mark_word),
        }
    )


def _line(line: pd.Series, *, compared: bool) -> None:
    """Show how one line was calculated."""
    with st.container(border=True):
        st.markdown(f"**{show.escaped(str(line['activity'] or line['work']))}**")
        for side in ("before", "after") if compared else ("before",):
            label = say(f"procedures.cost.{side}")
            if pd.isna(line[f"mark_{side}"]):
                st.markdown(f"- {label}: {say('procedures.cost.gone')}")
                continue
            note = line[f"note_{side}"]
            formula = say(
                "procedures.cost.formula",
                weight=_part(line[f"weight_{side}"], 4),
                hours=_part(line[f"hours_{side}"], 4),
                hourly=_part(line[f"hourly_vnd_{side}"], 2),
                services=_part(line[f"services_vnd_{side}"], 0),
                fees=_part(line[f"fees_vnd_{side}"], 0),
                cost=show.amount(line[f"cost_vnd_{side}"]),
            )
            mark = f" [{mark_word(line[f'mark_{side}'])}]" if line[f"mark_{side}"] else ""
            more = f" ({note})" if note else ""
            st.markdown(f"- {label}: {show.escaped(formula + mark + more)}")
        st.caption(say("procedures.cost.formula.caption"))
        show.go("parameters", say("procedures.cost.parameters"), icon=":material/tune:")


def _part(value: float, decimals: int) -> str:
    return "?" if pd.isna(value) else show.written(round(float(value), decimals))


def _whole(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    with st.expander(
        say("procedures.cost.explain"), key="procedures.cost.explain", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        parameters = project.parameters()
        before = results.of_portfolio(
            "cost.explain",
            project,
            lambda: explain(only(project, procedure), procedure, parameters),
            procedure,
        )
        sides = [("before", before)]
        if after is not None:
            made = results.of_plan(
                "cost.explain",
                project,
                plan,
                lambda: explain(only_after(project, plan, procedure), procedure, parameters),
                procedure,
            )
            sides.append(("after", made))
        for place, (side, explanation) in zip(st.columns(len(sides)), sides, strict=True):
            place.caption(say(f"procedures.cost.{side}"))
            place.code(explanation.text(language()), language=None, wrap_lines=True)
