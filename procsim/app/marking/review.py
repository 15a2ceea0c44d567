"""One doubtful row at a time: its words, what it may be, and a key for each answer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from procsim.app.marking.queue import (
    Choice,
    choices,
    decisions_for,
    equal_to,
    figures,
    seen,
    shortened,
)
from procsim.app.shell import show, workspace
from procsim.app.shell.session import language, say, today, who
from procsim.errors import ProcsimError
from procsim.language.i18n import bilingual, t
from procsim.marking.matching import Match
from procsim.marking.rows import Relation
from procsim.model import Portfolio
from procsim.reference.vocabulary import shipped_document_types
from procsim.store import Decide, Project

_KEYS = "23456789"


def type_name(kind: str) -> str:
    """Return the name of a document type in the language of the session."""
    types = shipped_document_types()
    return str(types.at[kind, f"name_{language()}"]) if kind in types.index else kind


def named(kind: str, types: Sequence[str], relation: str) -> str:
    """Return what a row is, in words: kind, papers, how they belong together."""
    words = t(f"kind.{kind}", language())
    if not types:
        return words
    papers = "; ".join(type_name(each) for each in types)  # names hold commas
    joined = f" ({say(f'marking.relation.{relation}')})" if len(types) > 1 else ""
    return f"{words}: {papers}{joined}"


def review(project: Project, lines: pd.DataFrame) -> None:
    """Show the most effective row that was not skipped, with its answers."""
    error: ProcsimError | None = st.session_state.pop("marking.error", None)
    if error is not None:
        show.failure(error)
    skipped: set[str] = st.session_state.setdefault("marking.skipped", set())
    open_ = lines[~lines["requirement"].isin(skipped)]
    if open_.empty:
        st.success(
            say("marking.all_skipped" if len(lines) else "marking.done"),
            icon=":material/check_circle:",
        )
        if len(lines):
            st.button(
                say("marking.unskip", count=len(lines)),
                key="marking.unskip",
                on_click=skipped.clear,
            )
        _undo(project)
        return
    chosen = st.session_state.get("marking.at")
    at = open_[open_["requirement"] == chosen]
    line = (at if len(at) else open_).iloc[0].to_dict()
    match, why = seen(project, str(line["requirement"]))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _row(project.portfolio, line, match)
        with st.expander(say("marking.why"), expanded=True, key="marking.why"):
            st.markdown(_outlined(show.told(why)))
    with right:
        _answers(project, line, match)
    _list(lines, skipped)


def _outlined(explanation: str) -> str:
    """Return the lines of an explanation as Markdown: papers as a list, databases under them."""
    made = []
    for line in filter(str.strip, explanation.split("\n")):
        if line.startswith("- "):
            made.append(f"- {show.escaped(line[2:])}")
        elif line.startswith("  "):
            made.append(f"    - {show.escaped(line)}")
        else:
            made.append(f"\n{show.escaped(line)}\n")
    return "\n".join(made)


def _row(portfolio: Portfolio, line: dict[str, object], match: Match) -> None:
    requirement = str(line["requirement"])
    row = portfolio.requirements.loc[requirement]
    owner = portfolio.procedures.loc[row["procedure"]]
    cases = portfolio.cases["name"]
    case = str(cases.at[row["case"]]) if row["case"] in cases.index else ""
    with st.container(border=True, key="marking.row"):
        st.caption(
            say(
                "marking.where",
                code=show.escaped(owner["code"]),
                name=show.escaped(owner["name"]),
                ministry=show.escaped(owner["ministry"]),
            )
            + (f" · {show.escaped(case)}" if case else "")
        )
        st.markdown(show.escaped(row["name"]))
        types = [part for part in str(line["types"]).split(";") if part]
        proposal = show.escaped(named(str(line["kind"]), types, str(line["relation"])))
        st.markdown(
            say(
                "marking.proposal",
                what=proposal,
                confidence=show.percent(float(str(line["confidence"])), 0),
                replaceable=t(f"replaceable.{line['replaceable']}", language()),
            )
        )
        others = [
            f"{type_name(kind)} {show.percent(share, 0)}"
            for kind, share in match.alternatives
            if kind not in types
        ]
        kinds = [
            f"{t(f'kind.{kind}', language())} {show.percent(share, 0)}"
            for kind, share in zip(("form", "document", "note"), match.kinds, strict=False)
        ]
        st.caption(
            show.escaped(
                say(
                    "marking.chances", kinds=", ".join(kinds) or "–", types=", ".join(others) or "–"
                )
            )
        )
        st.caption(
            say(
                "marking.effect",
                documents=line["effect_documents"],
                vnd=show.amount(float(str(line["effect_vnd"]))),
                rows=line["rows"],
                procedures=line["procedures"],
                volume=t(f"volume.{line['volume']}", language()),
            )
        )


def _answers(project: Project, line: dict[str, object], match: Match) -> None:
    requirement = str(line["requirement"])
    made = choices(line, match)
    if all(choice.kind != "note" for choice in made):
        made.append(Choice("note", (), "one", float("nan"), "note"))
    equal = equal_to(project, requirement)
    everywhere = False
    if equal:
        everywhere = st.checkbox(
            say("marking.equal", count=len(equal)),
            value=True,
            key=f"marking.equal.{requirement}",
            help=say("marking.equal.help"),
        )
    rows = equal if everywhere else ()
    keys = iter(_KEYS)
    for place, choice in enumerate(made):
        note = choice.kind == "note" and place > 0
        shortcut = "1" if not place else "0" if note else next(keys, None)
        st.button(
            _label(choice, first=not place),
            key=f"marking.choice.{requirement}.{choice.label}",
            type="secondary" if place else "primary",
            shortcut=shortcut,
            width="stretch",
            wrap=True,
            help=_effect(choice),
            on_click=_decide,
            args=(requirement, choice, rows),
        )
    one, other = st.columns(2)
    with one.popover(say("marking.other"), icon=":material/more_horiz:", width="stretch"):
        _other(requirement, rows)
    other.button(
        say("marking.skip"),
        key=f"marking.skip.{requirement}",
        icon=":material/skip_next:",
        shortcut="s",
        width="stretch",
        on_click=_skip,
        args=(requirement,),
    )
    st.text_input(
        say("marking.reason"),
        key=f"marking.reason.{requirement}",
        placeholder=say("marking.reason.hint"),
        max_chars=500,
    )
    _undo(project)


def _label(choice: Choice, *, first: bool) -> str:
    if choice.kind == "note":
        words = say("marking.note")
    elif choice.label.startswith("relation:"):
        words = say(f"marking.relation.{choice.relation}").capitalize()
    else:
        words = named(choice.kind, choice.types, choice.relation)
    return show.escaped(
        say("marking.right", what=words) if first else words[:1].upper() + words[1:]
    )


def _effect(choice: Choice) -> str | None:
    if not choice.label or choice.change != choice.change:
        return None
    sign = "+" if choice.change > 0 else "−" if choice.change < 0 else ""
    return say("marking.change", change=f"{sign}{show.written(abs(choice.change))}")


def _other(requirement: str, rows: Sequence[str]) -> None:
    types = shipped_document_types()
    chosen = st.multiselect(
        say("marking.types"),
        list(types.index),
        format_func=type_name,
        key=f"marking.types.{requirement}",
        placeholder=say("marking.types.hint"),
    )
    relation: Relation = "one"
    if len(chosen) > 1:
        relation = st.radio(
            say("marking.relation"),
            ("any", "all"),
            format_func=lambda each: say(f"marking.relation.{each}"),
            key=f"marking.relation.{requirement}",
        )
    choice = Choice("document", tuple(chosen), relation, float("nan"), "other")
    st.button(
        say("marking.types.save") if chosen else say("marking.types.none"),
        key=f"marking.types.save.{requirement}",
        type="primary",
        width="stretch",
        help=None if chosen else say("marking.types.none.help"),
        on_click=_decide,
        args=(requirement, choice, rows),
    )


def _decide(requirement: str, choice: Choice, equal: Sequence[str]) -> None:
    """Save one decision for a row and those that are equal; the queue follows cheaply."""
    project = workspace.current()
    before = figures(project)
    reason = str(st.session_state.get(f"marking.reason.{requirement}", "")).strip()
    try:
        decisions = decisions_for(
            project.portfolio, requirement, equal, choice, who=who(), on=today(), reason=reason
        )
        if not workspace.act(Decide(decisions)):
            return
    except ProcsimError as error:
        st.session_state["marking.error"] = error
        return
    after = workspace.current()
    shortened(project, after, [decision.requirement for decision in decisions])
    st.session_state["marking.moved"] = ((after.id, after.version), before)
    st.session_state.pop("marking.at", None)
    st.session_state["notice"] = bilingual("app.marking.saved", count=len(decisions))


def _skip(requirement: str) -> None:
    st.session_state.setdefault("marking.skipped", set()).add(requirement)
    st.session_state.pop("marking.at", None)


def _undo(project: Project) -> None:
    st.button(
        say("undo"),
        key="marking.undo",
        icon=":material/undo:",
        shortcut="u",
        disabled=not project.can_undo,
        width="stretch",
        help=say("marking.undo.help"),
        on_click=workspace.undo,
    )


def _list(lines: pd.DataFrame, skipped: set[str]) -> None:
    with st.expander(
        say("marking.list", count=len(lines)), key="marking.list", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        words = st.text_input(
            say("marking.list.search"), key="marking.search", placeholder=say("list.search.hint")
        )
        found = show.rows(lines, words, ("name", "codes", "types"))
        frame = pd.DataFrame(
            {
                say("marking.list.row"): found["name"].tolist(),
                say("marking.list.reading"): [
                    named(kind, [part for part in types.split(";") if part], relation)
                    for kind, types, relation in zip(
                        found["kind"], found["types"], found["relation"], strict=True
                    )
                ],
                say("marking.list.confidence"): found["confidence"].tolist(),
                say("marking.list.rows"): found["rows"].astype(float).tolist(),
                say("marking.list.documents"): found["effect_documents"].tolist(),
                say("marking.list.vnd"): found["effect_vnd"].tolist(),
            },
            index=found["requirement"].tolist(),
        )
        picked = show.table(
            frame,
            formats={
                say("marking.list.confidence"): lambda value: show.percent(float(str(value)), 0),
                say("marking.list.rows"): 0,
                say("marking.list.documents"): 0,
                say("marking.list.vnd"): 0,
            },
            key="marking.table",
            pick=True,
            widths={say("marking.list.row"): "large"},
        )
        if picked is not None and picked != st.session_state.get("marking.at"):
            skipped.discard(picked)
            st.session_state["marking.at"] = picked
            st.rerun()
