"""The router: one place that sets the page up, and stops every error politely."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

import streamlit as st

from procsim.app import session
from procsim.errors import ProcsimError
from procsim.language.i18n import t

__all__ = ["main"]

VIEWS = Path(__file__).parent / "views"
LOG = logging.getLogger("procsim.app")


def main() -> None:
    """Show the page that the address names; never a stack trace."""
    st.set_page_config(page_title="procsim", page_icon="📋", layout="wide")
    language = session.language()
    page = st.navigation(
        [st.Page(VIEWS / "overview.py", title=t("app.overview.title", language), default=True)],
        position="hidden",
    )
    try:
        page.run()
    except ProcsimError as error:
        st.error(error.in_language(language))
    except Exception:
        # The last resort: the log holds the details, the officer a number to quote.
        reference = uuid.uuid4().hex[:8]
        LOG.exception("reference %s", reference)
        st.error(t("app.error.unexpected", language, reference=reference))


if __name__ == "__main__":
    main()
