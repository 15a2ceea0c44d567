"""What every page knows of its session: language, day, and who works here."""

from __future__ import annotations

import datetime as dt
import os

import streamlit as st

from procsim.app.shell import address
from procsim.language.i18n import t
from procsim.language.vietnamese import VIETNAM_TIME


def language() -> str:
    """Return ``"vi"`` or ``"en"``; the address holds it, so a link keeps it."""
    return "en" if address.get("lang") == "en" else "vi"


def say(key: str, **values: object) -> str:
    """Return the sentence ``app.<key>`` in the language of the session."""
    return t(f"app.{key}", language(), **values)


def now() -> dt.datetime:
    """Return this moment, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the day in Vietnam, wherever the server stands."""
    return now().astimezone(VIETNAM_TIME).date()


def who() -> str:
    """Return the name that the audit log takes: from the office's sign-on, or as entered.

    Behind a reverse proxy that signs officers on, ``PROCSIM_USER_HEADER`` names the
    header which holds the officer's name; nobody can then enter another one.
    """
    header = os.environ.get("PROCSIM_USER_HEADER", "")
    signed_on = st.context.headers.get(header, "") if header else ""
    name = signed_on or str(st.session_state.get("who", ""))
    return " ".join("".join(c for c in name if c.isprintable()).split())[:200] or say("who.unknown")
