"""The router: one place that sets the page up, and stops every error politely."""

from __future__ import annotations

import logging
import uuid
from importlib import import_module

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from procsim.app.shell import address, frame, show, workspace
from procsim.app.shell.session import say
from procsim.errors import ProcsimError, UnknownName

LOG = logging.getLogger("procsim.app")

# Both load narwhals. Loaded by a page and by a job at once they can wait for each other
# (_DeadlockError), so they are loaded here, in one thread, before any job runs.
for _package in ("altair", "sklearn.feature_extraction.text", "sklearn.cluster"):
    import_module(_package)


def main() -> None:
    """Show the page that the address names; never a stack trace."""
    st.set_page_config(page_title="procsim", page_icon="📋", layout="wide")
    address.settle()
    frame.style()
    page = st.navigation(
        [
            st.Page(
                show.view(name),
                title=say(f"{name}.page"),
                icon=f":material/{icon}:",
                url_path=path or None,
                default=name == "overview",
            )
            for pages in frame.PAGES.values()
            for name, icon, path in pages
        ],
        position="hidden",
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
