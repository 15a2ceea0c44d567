"""Figures that officers know: typed or pasted into tables, saved with the mark “nhập”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from procsim.app.shell import address, entry, show, workspace
from procsim.app.shell.session import language, say
from procsim.errors import InvalidValue, ProcsimError, Text, shorten
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import UNIT_NAMES
from procsim.store import Cell, EditCells, Project
from procsim.workflows.snapshot import ENTERED

_MOST = 200
_METHODS = ("counter", "post", "online", "unknown")
_FEES = ("phi", "le_phi", "other", "unknown")


@dataclass(frozen=True)
class _Sheet:
    """One table of a procedure: what is shown of it, and what can be entered."""

    table: str
    shown: tuple[str, ...]
    kinds: Mapping[str, entry.Kind]


_SHEETS = (
    _Sheet(
        "procedures", ("times_per_year", "times_mark", "subjects_per_year", "subjects_mark"),
        {"times_per_year": "hours", "subjects_per_year": "count"},
    ),
    _Sheet(
        "channels",
        ("method", "limit_text", "limit_value", "limit_unit", "limit_mark", "share", "share_mark"),
        {"limit_value": "days", "limit_unit": "text", "share": "share"},
    ),
    _Sheet(
        "fees",
        ("kind", "amount_text", "amount_vnd", "per", "mark", "note"),
        {"amount_vnd": "money"},
    ),
    _Sheet(
        "requirements",
        ("name", "hours", "hours_mark", "purchase_vnd", "purchase_mark", "share_needed",
         "share_needed_mark", "share_held", "share_held_mark"),
        {"hours": "hours", "purchase_vnd": "money", "share_needed": "share", "share_held": "share"},
    ),
    _Sheet("cases", ("name", "share", "share_mark"), {"share": "share"}),
)  # fmt: skip
_MANY: Mapping[str, entry.Kind] = {"times_per_year": "hours", "subjects_per_year": "count"}
_MANY_SHOWN = (
    "code", "name", "times_per_year", "times_mark", "subjects_per_year", "subjects_mark"
)  # fmt: skip
_LONGEST = 56


def cells_of(name: str, edits: Sequence[entry.Edit]) -> list[Cell]:
    """Return the cells that entries write: the figure, its mark ``nhập``, and the doubt gone.

    Examples
    --------
    >>> [(c.column, c.value) for c in cells_of("fees", [entry.Edit("f1", "amount_vnd", 5e4)])]
    [('amount_vnd', 50000.0), ('mark', 'nhập'), ('flag', '')]
    """
    made: list[Cell] = []
    for edit in edits:
        value = edit.value if isinstance(edit.value, int | float | str) else None
        made.append(Cell(name, edit.row, edit.column, value))
        for each in ENTERED:
            if each.table != name or edit.column not in each.columns:
                continue
            mark = "" if value is None and edit.column == each.columns[0] else "nhập"
            made.append(Cell(name, edit.row, each.mark, mark))
            if each.flag and value is not None:
                made.append(Cell(name, edit.row, each.flag, ""))
    return made


def inputs(project: Project) -> None:
    """Show the search, and the tables of what is found."""
    many = st.segmented_control(
        say("data.inputs.way"),
        (True, False),
        format_func=lambda way: say("data.inputs.many" if way else "data.inputs.one"),
        default=not address.get("procedure"),
        required=True,
        key="data.inputs.way",
        label_visibility="collapsed",
    )
    st.caption(say("data.inputs.hint"))
    left, right = st.columns([2, 3])
    words = left.text_input(
        say("list.search"), key="data.inputs.search", placeholder=say("list.search.hint")
    )
    found = show.rows(project.portfolio.procedures, words, ("code", "name", "ministry"))
    if found.empty:
        st.info(say("list.empty"))
    elif many:
        _many(project, found, words)
    else:
        _one(project, found, right)


def _many(project: Project, found: pd.DataFrame, words: str) -> None:
    """Show the yearly volumes of all procedures found: two columns to paste from Excel."""
    if len(found) > _MOST:
        st.caption(say("table.first", shown=_MOST, total=len(found)))
    bar = st.container()
    # An edit belongs to a row number: other rows, found by other words, begin anew.
    what, rows = f"many.{words}", found.head(_MOST)
    edits, refused = _table(project, "procedures", rows, _MANY_SHOWN, _MANY, what)
    with bar:
        _save(cells_of("procedures", edits), len(edits), refused)


def _one(project: Project, found: pd.DataFrame, place: st.delta_generator.DeltaGenerator) -> None:
    """Show every figure of one procedure that an officer may know."""
    named = address.get("procedure")
    names = {
        row: f"{code} – {name}"
        for row, code, name in found.head(_MOST)[["code", "name"]].itertuples()
    }
    if (
        named in project.portfolio.procedures.index
        and named not in names
        and not st.session_state["data.inputs.search"]
    ):
        own = project.portfolio.procedures.loc[named]
        names = {named: f"{own['code']} – {own['name']}", **names}
    options = list(names)
    chosen = place.selectbox(
        say("data.inputs.procedure"),
        options,
        index=options.index(named) if named in options else 0,
        format_func=lambda row: names[row],
        placeholder=say("data.inputs.procedure"),
    )
    if chosen != named:
        address.put("procedure", chosen)
    bar = st.container()  # stands above the tables: saving is never below the fold
    cells: list[Cell] = []
    refused: list[entry.Refused] = []
    count = 0
    for sheet in _SHEETS:
        rows = (
            project.portfolio.procedures.loc[[chosen]]
            if sheet.table == "procedures"
            else project.portfolio.rows(sheet.table, chosen)
        )
        if rows.empty or (sheet.table == "cases" and len(rows) < 2):
            continue
        st.markdown(f"**{say(f'data.sheet.{sheet.table}')}**")
        edits, wrong = _table(project, sheet.table, rows, sheet.shown, sheet.kinds, chosen)
        cells += cells_of(sheet.table, edits)
        refused += wrong
        count += len(edits)
    with bar:
        _save(cells, count, refused)


def _table(
    project: Project,
    name: str,
    rows: pd.DataFrame,
    shown: Sequence[str],
    kinds: Mapping[str, entry.Kind],
    what: str,
) -> tuple[list[entry.Edit], list[entry.Refused]]:
    frame = rows[list(shown)].copy()
    choices: dict[str, Sequence[str]] = {}
    for column in ("name", "note", "limit_text", "amount_text"):
        if column in frame:
            frame[column] = [shorten(text, _LONGEST) for text in frame[column]]
    for column in ("method", "kind", "limit_unit"):
        if column in frame:
            frame[column] = [_word(column, value) for value in frame[column]]
    if "limit_unit" in frame:
        choices["limit_unit"] = ["", *(_word("limit_unit", unit) for unit in UNIT_NAMES if unit)]
    # A saved change gives a new version: the editor begins anew and holds no old edits.
    key = f"data.edit.{name}.{what}.{project.version}.{language()}"
    edits, refused = entry.table(
        frame,
        kinds,
        key=key,
        labels={column: say(f"data.col.{column}") for column in shown},
        choices=choices,
    )
    units = {_word("limit_unit", unit): unit for unit in UNIT_NAMES if unit}
    edits = [
        entry.Edit(edit.row, edit.column, units.get(str(edit.value or "")))
        if edit.column == "limit_unit"
        else edit
        for edit in edits
    ]
    return edits, refused


def _word(column: str, value: str) -> str:
    """Return a category in the language of the session."""
    if column == "limit_unit":
        return show.told(UNIT_NAMES[value]) if value in UNIT_NAMES else ""
    known = _METHODS if column == "method" else _FEES
    return say(f"data.{column}.{value}") if value in known else value


def _save(cells: Sequence[Cell], count: int, refused: Sequence[entry.Refused]) -> None:
    for wrong in refused:
        st.error(
            show.escaped(f"{wrong.place}: “{wrong.written}”. {show.told(wrong.reason)}"),
            icon=":material/error:",
        )
    found: ProcsimError | None = st.session_state.pop("data.inputs.error", None)
    if found is not None:
        show.failure(found)
    st.button(
        say("data.inputs.save", count=count) if count else say("data.inputs.nothing"),
        key="data.inputs.save",
        type="primary",
        icon=":material/save:",
        disabled=not count or bool(refused),
        on_click=_act,
        args=(tuple(cells), count),
        help=say("data.inputs.save.help"),
    )


def _act(cells: tuple[Cell, ...], count: int) -> None:
    try:
        if workspace.act(EditCells(cells)):
            st.session_state["notice"] = _saved(count)
    except InvalidValue as error:
        st.session_state["data.inputs.error"] = error


def _saved(count: int) -> Text:
    return bilingual("app.data.inputs.saved", count=count)
