"""The tab Đề xuất: what the plan already changes here, and what can be added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from procsim.app.procedures.facts import offers_of, reforms_of
from procsim.app.shell import address, entry, results, show, workspace
from procsim.app.shell.session import say
from procsim.errors import InvalidValue
from procsim.language.i18n import bilingual
from procsim.least_cost.proposals import Routes
from procsim.model import Portfolio
from procsim.readers.words import TITLES
from procsim.reforms import Plan, Reform, conflicts
from procsim.store import Project
from procsim.workflows.composing import (
    Field,
    Offer,
    about,
    add,
    common_fields,
    compose,
    new_conflicts,
    own_fields,
    remove,
    same_target,
)


def propose(project: Project, plan: str, procedure: str, after: Portfolio | None) -> None:
    """Show the reforms of the plan for a procedure, and the form for one more."""
    del after
    made, new = st.columns([1, 1], gap="large")
    with made:
        st.markdown(f"**{say('procedures.propose.made')}**")
        _made(project, plan, procedure)
    with new:
        st.markdown(f"**{say('procedures.propose.new')}**")
        box(project, plan, offers_of(project, procedure), key=f"procedures.new.{procedure}")


def _made(project: Project, plan: str, procedure: str) -> None:
    found = reforms_of(project, plan, procedure)
    if not found:
        st.caption(say("procedures.propose.none"))
        return
    for place, reform in enumerate(found):
        row = show.escaped(show.told(about(project.portfolio, reform)))
        with st.expander(f"**{show.told(reform.title)}** · {row}", expanded=len(found) == 1):
            st.markdown(show.escaped(show.told(reform.describe())))
            if reform.reason:
                st.caption(show.escaped(reform.reason))
            legal = ", ".join(filter(None, (reform.legal_text, reform.article)))
            if legal:
                st.caption(say("procedures.propose.route", text=show.escaped(legal)))
            missing = ", ".join(
                show.told(each.label).lower() for each in reform.missing_clarities()
            )
            if missing:
                st.caption(say("procedures.propose.missing", names=missing))
            st.button(
                say("procedures.propose.remove"),
                key=f"procedures.remove.{place}",
                icon=":material/playlist_remove:",
                on_click=partial(take_out, workspace.plan_name(), reform),
            )


def compose_here(project: Project, plan: str, procedure: str, row: str, *, key: str) -> None:
    """Show the reforms of one row, and the form for one more."""
    for reform in reforms_of(project, plan, procedure, row):
        st.success(show.escaped(show.told(reform.describe())), icon=":material/check:")
    with st.expander(say("procedures.propose.here"), icon=":material/playlist_add:"):
        found = [offer for offer in offers_of(project, procedure) if offer.target == row]
        box(project, plan, found, key=f"{key}.{row}")


# The form in which an officer fills in an offer of `procsim.workflows.composing`.

_ENTRY: dict[str, entry.Kind] = {
    "money": "money",
    "share": "share",
    "percent": "share",
    "days": "days",
    "count": "count",
}


def routes(project: Project) -> Routes:
    """Return the legal bases of the project, ready to be asked."""
    return results.of_portfolio("routes", project, lambda: Routes(project.portfolio))


def box(project: Project, plan_name: str, found: Sequence[Offer], *, key: str) -> None:
    """Show what can be proposed, its fields, its conflicts, and a button that adds it.

    Parameters
    ----------
    plan_name
        The plan that it goes into; ``""`` asks for the name of a new one.
    found
        Offers, of one row or of several: the row is then chosen first.
    key
        Name of the widgets, unique on the page.
    """
    if not found:
        st.info(say("composing.nothing"), icon=":material/info:")
        return
    offer = _chosen(found, key)
    if offer is None:
        return
    place = f"{key}.{offer.target}.{offer.kind}"
    own = entered(own_fields(project.portfolio, offer), key=place)
    with st.expander(say("composing.clarities")):
        common = entered(common_fields(routes(project), offer), key=place)
    name = plan_name
    if not name:
        name = st.text_input(
            say("composing.new_plan"), value=say("composing.first_plan"), key=f"{key}.plan"
        ).strip()
    reform = (
        None if own is None or common is None else _composing_form_made(offer, {**common, **own})
    )
    again: tuple[Reform, ...] = ()
    if reform is not None:
        plan = project.plans.get(name, Plan(name=name))
        again = same_target(plan, reform)
        _told(project, name, plan, reform, again)
    st.button(
        say("composing.replace" if again else "composing.add", plan=name or "–"),
        key=f"{key}.add",
        type="primary",
        icon=":material/playlist_add:",
        disabled=reform is None or not name,
        on_click=_add,
        args=(name, reform, again, key),
        width="stretch",
    )
    refused = st.session_state.pop(f"{key}.refused", None)
    if refused is not None:
        show.failure(refused)


def _chosen(found: Sequence[Offer], key: str) -> Offer | None:
    rows = {(each.table, each.target): each for each in found}
    words = {
        each: f"{show.told(TITLES[each[0]])}: {show.told(offer.row)}"
        for each, offer in rows.items()
    }
    row = next(iter(rows))
    if len(rows) > 1:
        row = st.selectbox(
            say("composing.row"),
            list(rows),
            format_func=words.__getitem__,
            key=f"{key}.row",
            placeholder=say("composing.choose"),
        )
    kinds = {each.kind: each for each in found if (each.table, each.target) == row}
    titles = {kind: show.told(offer.title) for kind, offer in kinds.items()}
    kind = st.selectbox(
        say("composing.kind"),
        list(kinds),
        index=0 if len(kinds) == 1 else None,
        format_func=titles.__getitem__,
        key=f"{key}.kind.{row[1]}",
        placeholder=say("composing.choose"),
    )
    return None if kind is None else kinds[kind]


def entered(asked: Sequence[Field], *, key: str) -> dict[str, Any] | None:
    """Show fields, and return what was entered; None where an entry cannot be taken."""
    values: dict[str, Any] = {}
    for field in asked:
        values[field.name] = _field(field, f"{key}.{field.name}")
    return None if any(isinstance(each, entry.Refused) for each in values.values()) else values


def _field(field: Field, key: str) -> Any:
    label = show.told(field.label)
    words = {code: show.told(text) for code, text in field.options.items()}
    hint = say("composing.choose")
    match field.kind:
        case "choice":
            at = list(words).index(field.value) if field.value in words else None
            return st.selectbox(
                label, list(words), at, words.__getitem__, key=key, placeholder=hint
            )
        case "choices":
            default = [each for each in field.value or () if each in words]
            return tuple(
                st.multiselect(
                    label, list(words), default, words.__getitem__, key=key, placeholder=hint
                )
            )
        case "flag":
            return st.checkbox(label, bool(field.value), key=key)
        case "date":
            return entry.date(label, field.value, key=key)
        case "text":
            area = st.text_area if field.name in ("reason", "text") else st.text_input
            return area(label, field.value or "", key=key)
    top = 1.0 if _ENTRY[field.kind] == "share" else None
    return entry.number(label, _ENTRY[field.kind], field.value, key=key, low=0.0, high=top)


def _composing_form_made(offer: Offer, values: dict[str, Any]) -> Reform | None:
    try:
        return compose(offer, values)
    except InvalidValue as error:
        for fault in error.faults:
            st.caption(f":material/edit: {show.escaped(show.told(fault.message))}")
        return None


def _told(
    project: Project, name: str, plan: Plan, reform: Reform, again: tuple[Reform, ...]
) -> None:
    """Say what the reform does, and what in the plan it does not go together with."""
    st.markdown(f"**{show.escaped(show.told(reform.describe()))}**")
    missing = reform.missing_clarities()
    if missing:
        names = ", ".join(show.told(each.label).lower() for each in missing)
        st.caption(say("composing.missing", names=names))
    for each in again:
        st.warning(say("composing.again", change=show.escaped(show.told(each.describe()))))
    there = None
    if not again and name in project.plans:
        there = results.of_plan(
            "conflicts", project, name, lambda: conflicts(project.portfolio, plan)
        )
    left = Plan(tuple(each for each in plan.reforms if each not in again), name=plan.name)
    found = new_conflicts(left, [reform], project.portfolio, there)
    boxes = {"error": st.error, "warning": st.warning, "note": st.info}
    for fault in found:
        words = " ".join(filter(None, (show.told(fault.message), show.told(fault.cure))))
        boxes[fault.severity](show.escaped(words))
    if not found and not again:
        st.caption(say("composing.no_conflict"))


def _add(name: str, reform: Reform | None, instead: tuple[Reform, ...], key: str) -> None:
    if reform is None:
        return
    try:
        saved = workspace.act(add(workspace.current(), name, [reform], instead))
    except InvalidValue as error:
        st.session_state[f"{key}.refused"] = error
        return
    if saved:
        address.put("plan", name)
        st.session_state["notice"] = bilingual("app.composing.added", plan=name)


def take_out(plan_name: str, reform: Reform) -> None:
    """Take a reform out of a plan; undo brings it back. For a button's ``on_click``."""
    if workspace.act(remove(workspace.current(), plan_name, [reform])):
        st.session_state["notice"] = bilingual("app.composing.removed", plan=plan_name)
