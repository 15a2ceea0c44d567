"""Hướng dẫn: the user guide, in the language of the session."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

import procsim.app
from procsim.app.shell import show
from procsim.app.shell.session import language

show.heading("guide")
folder = Path(procsim.app.__file__).parent / "guide"
st.markdown((folder / f"{language()}.md").read_text(encoding="utf-8"))
