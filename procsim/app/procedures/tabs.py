"""One procedure on the page Thủ tục: head facts, its tabs, legal bases, and its likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
import streamlit as st

from procsim.app.network.analysis import Found, find
from procsim.app.procedures.burden import costs, schedule
from procsim.app.procedures.facts import (
    changed_figure,
    listed_names,
    mark_word,
    missing_words,
    reforms_of,
    type_name,
    words_of,
)
from procsim.app.procedures.map import diagram
from procsim.app.procedures.papers import papers
from procsim.app.procedures.propose import propose
from procsim.app.shell import address, results, show
from procsim.app.shell.choices import choose_plan
from procsim.app.shell.session import language, say
from procsim.errors import ProcsimError
from procsim.model import Portfolio
from procsim.store import Project


def legal(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show what the law and the published record say of one procedure."""
    del plan
    now = project.portfolio
    then = now if after is None else after
    left, right = st.columns(2, gap="large")
    with left:
        _part("bases", _bases(now, procedure))
        _part("conditions", _conditions(now, then, procedure))
    with right:
        _part("channels", _channels(now, then, procedure))
        _part("fees", _fees(now, then, procedure))
        _part("results", _results(now, procedure))


def _part(name: str, rows: list[dict[str, str]]) -> None:
    st.markdown(f"**{say(f'procedures.legal.{name}')}** ({show.written(len(rows))})")
    if not rows:
        st.caption(say("procedures.legal.none"))
        return
    frame = pd.DataFrame(rows)
    heads = {column: say(f"procedures.legal.column.{column}") for column in frame.columns}
    show.table(frame.rename(columns=heads), key=f"procedures.legal.{name}", height=260)


def _bases(now: Portfolio, procedure: str) -> list[dict[str, str]]:
    return [
        {
            "number": row["number"],
            "name": row["name"],
            "rank": words_of("rank", row["rank"], "legal_bases"),
            "article": row["article"],
        }
        for row in now.rows("legal_bases", procedure).to_dict("records")
    ]


def _conditions(now: Portfolio, then: Portfolio, procedure: str) -> list[dict[str, str]]:
    status = then.conditions["status"]
    return [
        {
            "place": str(row["position"]),
            "text": str(row["text"]),
            "status": words_of("status", status.get(i, row["status"]), "conditions"),
        }
        for i, row in _rows(now, "conditions", procedure)
    ]


def _rows(of: Portfolio, name: str, procedure: str) -> list[tuple[str, Mapping[str, object]]]:
    frame = of.rows(name, procedure)
    return list(zip(frame.index, frame.to_dict("records"), strict=True))


def _before_after(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _limit(row: Mapping[str, object]) -> str:
    unit = words_of("limit_unit", row["limit_unit"], "channels")
    return f"{show.amount(row['limit_value'], None)} {unit}".strip()


def _channels(now: Portfolio, then: Portfolio, procedure: str) -> list[dict[str, str]]:
    later = dict(_rows(then, "channels", procedure))
    earlier = dict(_rows(now, "channels", procedure))
    return [
        {
            "method": words_of("method", row["method"], "channels"),
            "limit": _before_after(_limit(earlier[i]), _limit(row))
            if i in earlier
            else f"{_limit(row)} ({say('procedures.legal.added')})",
            "written": str(row["limit_text"]),
            "mark": mark_word(row["limit_mark"]),
        }
        for i, row in later.items()
    ]


def _fees(now: Portfolio, then: Portfolio, procedure: str) -> list[dict[str, str]]:
    earlier = dict(_rows(now, "fees", procedure))
    methods = then.channels["method"]
    return [
        {
            "kind": words_of("kind", row["kind"], "fees"),
            "method": words_of("method", methods.get(row["channel"], ""), "channels")
            or say("procedures.legal.every"),
            "amount": _before_after(
                show.amount(earlier[i]["amount_vnd"]), show.amount(row["amount_vnd"])
            )
            if i in earlier
            else f"{show.amount(row['amount_vnd'])} ({say('procedures.legal.added')})",
            "written": " ".join(filter(None, (str(row["amount_text"]), str(row["note"])))),
            "mark": mark_word(row["mark"]),
        }
        for i, row in _rows(then, "fees", procedure)
    ]


def _results(now: Portfolio, procedure: str) -> list[dict[str, str]]:
    return [
        {"name": row["name"], "types": listed_names(row["types"])}
        for row in now.rows("results", procedure).to_dict("records")
    ]


# The tab Liên quan: papers that come from other procedures, who needs this one, and its likes.

_MOST = 12


def related(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show how one procedure hangs together with others."""
    del plan, after
    found = find(project, name="procedures.related")
    if found is None:
        return
    _burden(found, procedure)
    takes, gives = st.columns(2, gap="large")
    with takes:
        st.markdown(f"**{say('procedures.related.takes')}**")
        own = found.links[found.links["procedure"].eq(procedure) & found.links["counted"]]
        _papers(project, own, "issuer")
    with gives:
        st.markdown(f"**{say('procedures.related.gives')}**")
        own = found.links[found.links["issuer"].eq(procedure) & found.links["counted"]]
        _papers(project, own, "procedure")
    st.markdown(f"**{say('procedures.related.similar')}**")
    cluster = next((each for each in found.clusters if procedure in each.members), None)
    if cluster is None:
        st.caption(say("procedures.related.similar.none"))
        return
    st.markdown(show.escaped(show.told(cluster.sentence)))
    for member in cluster.members:
        if member != procedure:
            _link(project, member)


def _burden(found: Found, procedure: str) -> None:
    row = found.chains.loc[procedure]
    if not row["upstream"]:
        st.caption(say("procedures.related.no_chain"))
        return
    told = say(
        "procedures.related.chain",
        own=show.amount(row["own_days"], 1),
        worst=show.amount(row["worst_days"], 1),
        upstream=int(row["upstream"]),
    )
    if row["unknown_upstream"]:
        told = f"{told} {say('procedures.related.lower', count=int(row['unknown_upstream']))}"
    st.markdown(told)


def _papers(project: Project, own: pd.DataFrame, other: str) -> None:
    if own.empty:
        st.caption(say("procedures.related.none"))
        return
    groups = list(own.groupby([other, "document_type"], sort=False))
    for (procedure, kind), rows in groups[:_MOST]:
        doubt = f" · ? {say('procedures.related.review')}" if rows["review"].any() else ""
        st.markdown(f"{show.escaped(type_name(kind))}{doubt}")
        _link(project, procedure)
    if len(groups) > _MOST:
        st.caption(say("procedures.related.more", count=len(groups) - _MOST))


def _link(project: Project, procedure: str) -> None:
    names = project.portfolio.procedures["name"]
    label = f"{procedure} – {names.get(procedure, '')}"
    show.go(
        "procedures",
        show.escaped(label[:140]),
        icon=":material/arrow_forward:",
        procedure=procedure,
    )


# One procedure on the page Thủ tục: head facts before and after, and its tabs.

Tab = Callable[[Project, str, str, Portfolio | None], None]
_TABS: dict[str, Tab] = {
    "map": diagram,
    "propose": propose,
    "time": schedule,
    "cost": costs,
    "papers": papers,
    "legal": legal,
    "related": related,
}
_FIGURES = {
    "statutory_days": ("statutory_why", 1),
    "documents": ("documents_why", 0),
    "cost_vnd": ("cost_why", 0),
    "conditions": ("", 0),
}


def one(project: Project, procedure: str) -> None:
    """Show one procedure, before and after the plan in view."""
    row = project.portfolio.procedures.loc[procedure]
    title, chosen = st.columns([3, 1.4], gap="medium")
    with title:
        st.button(
            say("procedures.back"),
            key="procedures.back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=partial(address.put, "procedure", None),
        )
        with st.container(key="title"):
            st.title(show.escaped(f"{row['code'] or procedure} – {row['name']}"), anchor=False)
    with chosen:
        plan = choose_plan("procedures")
    facts = (
        row["ministry"],
        row["field"],
        words_of("levels", row["levels"]),
        words_of("audience", row["audience"]),
        say("procedures.online", level=words_of("online", row["online"])),
        words_of("status", row["status"]),
        row["decision"],
    )
    st.caption(" · ".join(show.escaped(str(fact)) for fact in facts if fact))
    after = _after(project, plan)
    _figures(project, plan, procedure, after)
    names = {name: say(f"procedures.tab.{name}") for name in _TABS}
    made = st.tabs(list(names.values()), key=f"procedures.tabs.{language()}", on_change="rerun")
    for draw, tab in zip(_TABS.values(), made, strict=True):
        if tab.open:
            with tab:
                draw(project, plan, procedure, after)


def _after(project: Project, plan: str) -> Portfolio | None:
    """Return the procedures after the plan; None without one, or when it cannot be applied."""
    if not plan:
        return None
    try:
        return results.changed(project, plan)
    except ProcsimError as error:
        st.error(say("procedures.not_applied"))
        with st.expander(say("procedures.not_applied.why")):
            show.failure(error)
        return None


def _figures(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    before = results.before(project).loc[procedure]
    then = before if after is None else results.after(project, plan).loc[procedure]
    reforms = len(reforms_of(project, plan, procedure))
    places = st.columns(len(_FIGURES) + 1)
    for place, (name, (why, decimals)) in zip(places, _FIGURES.items(), strict=False):
        value = then[name]
        reason = say(f"procedures.figure.{name}.help")
        if why:
            reason = f"{reason} {missing_words(then[why])}".strip()
        changed_figure(
            place,
            say(f"procedures.figure.{name}"),
            before[name],
            value,
            decimals,
            reason=reason,
            compared=after is not None,
        )
    show.figure(
        places[-1],
        say("procedures.figure.reforms"),
        show.written(reforms),
        change=say("procedures.figure.reforms.of") if plan else None,
        help=say("procedures.figure.reforms.help"),
    )
