"""The tab Căn cứ: legal bases, conditions, ways of submission, fees and results."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from procsim.app import show
from procsim.app.procedures_facts import listed_names, mark_word, words_of
from procsim.app.session import say
from procsim.model import Portfolio
from procsim.store import Project

__all__ = ["legal"]


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
    show.table(
        frame.rename(columns=heads),
        key=f"procedures.legal.{name}",
        height=260,
    )


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
