"""The tab Chi phí: the compliance-cost sheet before and after, each line with its reason."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app import results, show
from procsim.app.procedures_facts import mark_word, only, only_after
from procsim.app.saving import download_csv
from procsim.app.session import language, say
from procsim.measures import cost_sheet, explain
from procsim.measures.sheet import GROUPS
from procsim.model import Portfolio
from procsim.store import Project

__all__ = ["compared_lines", "costs"]

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
