"""Skeleton."""

from __future__ import annotations

import streamlit as st

from procsim.app.session import say

st.title(say("data.page"))
