"""What the address of a page holds, so that a link opens the same view again."""

from __future__ import annotations

import streamlit as st

NAMES = ("project", "plan", "procedure", "year", "lang")
"""Everything that an address may say."""


def settle() -> None:
    """Bring address and session together at the start of a run; the address wins.

    Streamlit empties the address when an officer goes to another page; what the
    session knows is then written into it again.
    """
    for name in NAMES:
        if name in st.query_params:
            st.session_state[f"address.{name}"] = st.query_params[name]
        elif (known := st.session_state.get(f"address.{name}")) is not None:
            st.query_params[name] = known


def get(name: str, default: str = "") -> str:
    """Return one value of the address."""
    return str(st.session_state.get(f"address.{name}", default))


def put(name: str, value: str | None) -> None:
    """Write one value into the address; None takes it out."""
    if value is None:
        st.session_state.pop(f"address.{name}", None)
        st.query_params.pop(name, None)
    else:
        st.session_state[f"address.{name}"] = value
        st.query_params[name] = value


def link(**changes: str) -> dict[str, str]:
    """Return the address with some values changed, for a link to another page."""
    here = {name: get(name) for name in NAMES if get(name)}
    return {**here, **changes}
