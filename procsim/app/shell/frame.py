"""What stands around every page: the project, what was saved, undo, language, open questions."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from procsim.app.shell import address, show, workspace
from procsim.app.shell.session import language, say, who
from procsim.errors import InvalidValue
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import VIETNAM_TIME
from procsim.store import Conflict, Project

PAGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "see": (
        ("overview", "dashboard", ""),
        ("data", "database", "du-lieu"),
        ("marking", "fact_check", "danh-dau-giay-to"),
    ),
    "study": (("procedures", "account_tree", "thu-tuc"), ("network", "hub", "mang-luoi")),
    "plan": (
        ("scenarios", "edit_note", "kich-ban"),
        ("smallest", "target", "toi-uu"),
        ("roadmap", "calendar_month", "lo-trinh"),
        ("report", "description", "bao-cao"),
    ),
    "settings": (("parameters", "tune", "tham-so"), ("guide", "help", "huong-dan")),
}
"""Section → pages: folder in `procsim.app`, icon, part of the address (none for the first page)."""

# Streamlit's own words are English only; these are the ones an officer meets.
_STYLE = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] {{ visibility: hidden; position: relative; }}
[data-testid="stFileUploaderDropzoneInstructions"]::after {{
  content: "{drop}"; visibility: visible; position: absolute; inset: 0;
  display: flex; align-items: center; }}
[data-testid="stFileUploader"] [data-testid="stBaseButton-secondary"] * {{ font-size: 0; }}
[data-testid="stFileUploader"] [data-testid="stBaseButton-secondary"]::after
  {{ content: "{pick}"; }}
[data-testid="stMetricValue"] {{ font-variant-numeric: tabular-nums; font-size: 1.7rem; }}
[data-testid="stMainBlockContainer"] {{ padding: 3rem 2.5rem 3rem; }}
[data-testid="stSidebarHeader"] {{ height: 2.5rem; margin: 0; }}
[data-testid="stSidebarUserContent"] {{ padding-top: 0; }}
.st-key-title h1 {{ font-size: 1.35rem; }}
.st-key-pages {{ gap: 0; }}
.st-key-pages [data-testid="stCaptionContainer"] {{ margin: 0.4rem 0 -0.4rem; }}
.st-key-pages [data-testid="stElementContainer"] {{ margin: -0.16rem 0; }}
.st-key-pages a {{ padding: 0 0.5rem; min-height: 1.65rem; }}
[data-testid="stCaptionContainer"] {{ opacity: 1; }}
[data-testid="stCaptionContainer"] * {{ color: {soft}; }}
[data-testid^="stBaseButton"]:disabled, [data-testid^="stBaseButton"]:disabled *
  {{ color: {quiet}; }}
{more}</style>"""
# Streamlit writes white on the light blue of dark pages, and greys captions out: both
# fall short of the contrast that reading needs (WCAG 2, 4.5 : 1).
_ON_PRIMARY = """[data-testid="stBaseButton-primary"]:not(:disabled) *,
[data-testid="stMultiSelect"] span[title] { color: #0c1218; }
"""


def style() -> None:
    """Put the little that the theme cannot say into the page."""
    dark = st.context.theme.type == "dark"
    soft, quiet, more = ("#b4bfca", "#8b97a4", _ON_PRIMARY) if dark else ("#55606b", "#76828e", "")
    words = {"drop": say("upload.drop"), "pick": say("upload.pick")}
    st.html(_STYLE.format(**words, soft=soft, quiet=quiet, more=more))


def sidebar(project: Project) -> None:
    """Show the project, what was saved last, undo and redo, the officer's name, the language."""
    with st.sidebar:
        _projects(project)
        _history(project)
        _pages()
        st.text_input(
            say("who.label"), key="who", placeholder=say("who.hint"), help=say("who.help")
        )
        remember()
        st.radio(
            "Ngôn ngữ / Language",
            ("Tiếng Việt", "English"),
            index=0 if language() == "vi" else 1,
            key="language",
            horizontal=True,
            on_change=_switch_language,
        )


def _pages() -> None:
    """Show the way to every page; links keep the address, so a new tab opens the same work."""
    with st.container(key="pages"):
        for section, pages in PAGES.items():
            st.caption(say(f"section.{section}"))
            for name, icon, _ in pages:
                show.go(name, say(f"{name}.page"), icon=f":material/{icon}:")


def _switch_language() -> None:
    address.put("lang", "en" if st.session_state["language"] == "English" else "vi")


def _projects(project: Project) -> None:
    known = workspace.store().projects()
    names = dict(zip(known.index, known["name"], strict=True))
    ids = sorted(names, key=lambda each: (names[each], each))
    if st.session_state.get("project") != project.id:
        st.session_state["project"] = project.id
    st.selectbox(
        say("project.label"),
        ids,
        format_func=lambda each: (
            say("project.damaged", name=names[each]) if known.at[each, "damaged"] else names[each]
        ),
        key="project",
        on_change=lambda: workspace.switch(st.session_state["project"]),
    )


def _history(project: Project) -> None:
    at = pd.Timestamp(project.at).tz_convert(VIETNAM_TIME)
    st.caption(
        say(
            "saved",
            version=str(project.version),
            at=at.strftime("%H:%M %d/%m/%Y"),
            who=show.escaped(project.who),
        )
    )
    left, right = st.columns(2)
    left.button(
        say("undo"),
        key="undo",
        icon=":material/undo:",
        disabled=not project.can_undo,
        on_click=workspace.undo,
        width="stretch",
    )
    right.button(
        say("redo"),
        key="redo",
        icon=":material/redo:",
        disabled=not project.can_redo,
        on_click=workspace.redo,
        width="stretch",
    )


def questions() -> None:
    """Ask what becomes of an action that could not be saved, before anything else."""
    waiting = workspace.pending()
    if waiting is None:
        return
    with st.container(border=True, key="question"):
        st.error(show.escaped(waiting.error.in_language(language())))
        if isinstance(waiting.error, Conflict):
            _conflict(waiting.error, has_action=waiting.action is not None)
        else:
            retry, leave = st.columns(2)
            retry.button(
                say("retry"),
                key="retry",
                type="primary",
                on_click=workspace.overwrite,
                disabled=waiting.action is None,
                width="stretch",
            )
            leave.button(say("leave"), key="leave", on_click=workspace.discard, width="stretch")


def _conflict(error: Conflict, *, has_action: bool) -> None:
    for sentence in error.meanwhile:
        st.markdown(f"- {show.escaped(show.told(sentence))}")
    choices = error.choices
    if not has_action:
        _choice("reload", choices["reload"].in_language(language()), workspace.discard)
        return
    name = st.text_input(
        say("conflict.name"), value=say("conflict.default", who=who()), key="conflict.name"
    )
    first, second, third = st.columns(3)
    with first:
        _choice("reload", choices["reload"].in_language(language()), workspace.discard)
    with second:
        _choice("keep", choices["keep"].in_language(language()), lambda: _keep(name))
    with third:
        _choice("overwrite", choices["overwrite"].in_language(language()), workspace.overwrite)


def _keep(name: str) -> None:
    try:
        workspace.keep_beside(name)
    except InvalidValue as error:
        st.session_state["notice"] = bilingual(
            "app.conflict.refused", why=error.in_language(language())
        )


def _choice(name: str, label: str, chosen: Callable[[], None]) -> None:
    st.button(label, key=f"conflict.{name}", on_click=chosen, width="stretch")


# The officer's name, remembered by the browser, so that a refresh does not ask again.

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
