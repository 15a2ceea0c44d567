"""The officer's name, remembered by the browser, so that a refresh does not ask again."""

from __future__ import annotations

import streamlit as st

__all__ = ["remember"]

_SCRIPT = """
export default function ({ data, setStateValue }) {
  const known = window.localStorage.getItem("procsim.who") || "";
  if (data.who && data.who !== known) {
    window.localStorage.setItem("procsim.who", data.who);
  } else if (!data.who && known && !data.asked) {
    setStateValue("who", known);
  }
}
"""
_element = st.components.v2.component("procsim_identity", js=_SCRIPT)


def _take() -> None:
    found = st.session_state["identity"].get("who")
    if found and not st.session_state.get("who"):
        st.session_state["who"] = str(found)


def remember() -> None:
    """Exchange the name with the browser; put it in the side bar after the name's field."""
    asked = bool(st.session_state.get("identity.asked"))
    st.session_state["identity.asked"] = True
    data = {"who": str(st.session_state.get("who", "")), "asked": asked}
    _element(key="identity", data=data, on_who_change=_take)
