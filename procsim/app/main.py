"""The router: one place that sets the page up, and stops every error politely."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from procsim.app import address, frame, show, workspace
from procsim.app.session import language, say
from procsim.errors import ProcsimError, UnknownName

__all__ = ["PAGES", "main"]

VIEWS = Path(__file__).parent / "views"
LOG = logging.getLogger("procsim.app")

PAGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "see": (
        ("overview", "dashboard", "tong-quan"),
        ("data", "database", "du-lieu"),
        ("marking", "fact_check", "danh-dau-giay-to"),
    ),
    "study": (
        ("procedures", "account_tree", "thu-tuc"),
        ("network", "hub", "mang-luoi"),
    ),
    "plan": (
        ("scenarios", "edit_note", "kich-ban"),
        ("smallest", "target", "toi-uu"),
        ("roadmap", "calendar_month", "lo-trinh"),
        ("report", "description", "bao-cao"),
    ),
    "settings": (
        ("parameters", "tune", "tham-so"),
        ("guide", "help", "huong-dan"),
    ),
}
"""Section → pages in it: file in `views`, icon, and the page's part of the address."""


def main() -> None:
    """Show the page that the address names; never a stack trace."""
    st.set_page_config(page_title="procsim", page_icon="📋", layout="wide")
    address.settle()
    frame.style()
    page = st.navigation(
        {
            say(f"section.{section}"): [
                st.Page(
                    VIEWS / f"{name}.py",
                    title=say(f"{name}.page"),
                    icon=f":material/{icon}:",
                    url_path=path,
                    default=name == "overview",
                )
                for name, icon, path in pages
            ]
            for section, pages in PAGES.items()
        }
    )
    try:
        with st.spinner(say("opening"), show_time=False):
            project = workspace.arrive()
        frame.sidebar(project)
        frame.questions()
        notice = st.session_state.pop("notice", None)
        if notice is not None:
            st.toast(show.told(notice))
        page.run()
    except StopException:
        workspace.shown()
        raise
    except UnknownName as error:
        show.failure(error)
        st.button(say("project.first"), on_click=_leave, type="primary", key="first")
    except ProcsimError as error:
        show.failure(error)
    except Exception:
        # The last resort: the log holds the details, the officer a number to quote.
        reference = uuid.uuid4().hex[:8]
        LOG.exception("reference %s", reference)
        st.error(say("error.unexpected", reference=reference))
    else:
        workspace.shown()


def _leave() -> None:
    """Go back to a project that is there."""
    for name in ("project", "plan", "procedure"):
        address.put(name, None)


if __name__ == "__main__":
    main()
