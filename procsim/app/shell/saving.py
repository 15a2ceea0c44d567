"""What an officer typed into a table is saved as soon as all of it can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from procsim.app.shell import show, workspace
from procsim.app.shell.entry import Edit, Refused
from procsim.app.shell.session import language, say
from procsim.errors import ProcsimError
from procsim.language.i18n import bilingual
from procsim.readers.folder import guarded
from procsim.store import Action


def save(
    edits: Sequence[Edit],
    refused: Sequence[Refused],
    action: Callable[[Sequence[Edit]], Action],
    *,
    key: str,
    names: Mapping[str, str],
) -> None:
    """Save the edits of an `entry.table` in one action, or show why they cannot be.

    The table needs a key with the version of the project in it, so that it begins
    anew from what was saved. Edits that could not be saved, because others changed
    the project or the disk refuses, are tried once only: the frame of the page asks
    what becomes of them.

    Parameters
    ----------
    action
        Makes the action of all edits.
    key
        Name of the table.
    names
        What the rows are called, by their id.
    """
    for entry in refused:
        row, _, column = entry.place.partition(" › ")
        place = f"{names.get(row, row)} › {column}"
        written = f"{place}: “{entry.written}”. {entry.reason.in_language(language())}"
        st.error(show.escaped(written))
    tried = f"{key}.tried"
    if refused:
        st.caption(say("saving.refused"))
    if refused or not edits or st.session_state.get(tried) == list(edits):
        return
    try:
        done = workspace.act(action(edits))
    except ProcsimError as error:
        show.failure(error)
        st.caption(say("saving.refused"))
        return
    st.session_state[tried] = None if done else list(edits)
    if done:
        saved(len(edits))
    st.rerun()


def saved(changes: int) -> None:
    """Tell, on the next run, that something was saved."""
    st.session_state["notice"] = bilingual("app.saving.saved", changes=changes)


def csv_bytes(frame: pd.DataFrame, tongue: str) -> bytes:
    """Return a table as the Excel of a language opens it; no text in it is a formula.

    Vietnamese: semicolons between cells and a decimal comma; English: commas and a point.
    """
    safe = frame.map(lambda value: guarded(value) if isinstance(value, str) else value)
    separator, decimal = (";", ",") if tongue == "vi" else (",", ".")
    text: str = safe.to_csv(index=False, sep=separator, decimal=decimal, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def download_csv(
    frame: pd.DataFrame,
    name: str,
    *,
    key: str,
    label: str = "",
    headings: Mapping[str, str] | None = None,
) -> None:
    """Show a button that downloads a table as CSV, under a name without its ending."""
    named = frame.rename(columns=dict(headings)) if headings else frame
    st.download_button(
        label or say("saving.csv"),
        partial(csv_bytes, named, language()),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=key,
        on_click="ignore",
    )
