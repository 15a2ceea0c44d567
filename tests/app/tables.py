"""What AppTest cannot do in a table: type into a cell, pick a row; and wait for long work."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from procsim.language.i18n import t

__all__ = ["finish", "labels", "open_tab", "picked", "table", "typed"]

_LONGEST = 60.0


def typed(monkeypatch: pytest.MonkeyPatch, key: str, cells: Mapping[tuple[str, str], str]) -> None:
    """Type texts into an editable table, by row id and column."""
    real = st.data_editor

    def editor(frame: pd.DataFrame, **more: object) -> pd.DataFrame:
        shown = real(frame, **more)
        if more["key"] != key:
            return shown
        made = shown.copy()
        for (row, column), text in cells.items():
            made.loc[row, column] = text
        return made

    monkeypatch.setattr(st, "data_editor", editor)


def picked(monkeypatch: pytest.MonkeyPatch, key: str, position: int) -> None:
    """Pick a row of a table, by its position from 0."""
    real = st.dataframe

    def frame(data: object, **more: object) -> object:
        event = real(data, **more)
        return {"selection": {"rows": [position]}} if more.get("key") == key else event

    monkeypatch.setattr(st, "dataframe", frame)


def open_tab(app: AppTest, page: str, name: str, language: str = "vi") -> AppTest:
    """Open a tab of a page."""
    app.session_state[f"{page}.tabs.{language}"] = t(f"app.{page}.tab.{name}", language)
    app.run()
    assert not app.exception
    return app


def finish(app: AppTest) -> AppTest:
    """Run the page until no long work is under way on it."""
    end = time.monotonic() + _LONGEST
    while app.get("progress"):
        assert time.monotonic() < end, "the work does not end"
        time.sleep(0.1)
        app.run()
    assert not app.exception
    return app


def table(app: AppTest, name: str) -> pd.DataFrame:
    """Return what a table of the page shows: by its key, or by one of its headings.

    A table in which nothing can be picked has no key for AppTest.
    """
    tables = [(each.key, each.value) for each in app.dataframe]
    return next(frame for key, frame in tables if name == key or name in frame)


def labels(app: AppTest) -> list[str]:
    """Return every text that the page shows, for tests of language."""
    kinds = (app.title, app.caption, app.markdown, app.subheader, app.button, app.info)
    told = [getattr(each, "label", "") or each.value for kind in kinds for each in kind]
    return [str(text) for text in [*told, *(metric.label for metric in app.metric)]]
