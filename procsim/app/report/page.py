"""Báo cáo: the plan as an Excel workbook and a Word annex, looked at before the download."""

from __future__ import annotations

from typing import cast

import streamlit as st

from procsim.app.report import documents
from procsim.app.report.documents import Document, Form, Options, sheet_html
from procsim.app.shell import address, entry, jobs, results, show, workspace
from procsim.app.shell.kept import kept
from procsim.app.shell.session import language, say, today
from procsim.reforms import conflicts

MAPS = (0, 10, 30, 100, -1)
MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

project = workspace.current()
show.heading("report")
names = [name for name, plan in project.plans.items() if len(plan)]
if not names:
    show.empty(say("report.none"), "scenarios", say("scenarios.page"))
    st.stop()

name = workspace.plan_name() if workspace.plan_name() in names else names[0]
if st.session_state.get("report.plan") not in names:
    st.session_state["report.plan"] = name
first, second, third = st.columns([5, 2, 2])
name = first.selectbox(
    say("scenarios.plan"),
    names,
    key="report.plan",
    on_change=lambda: address.put("plan", st.session_state["report.plan"]),
)
with second:
    on = entry.date(say("report.date"), today(), key="report.date", help=say("report.date.help"))
written = third.selectbox(
    say("report.language"),
    ("vi", "en"),
    index=("vi", "en").index(language()),
    format_func=lambda each: {"vi": "Tiếng Việt", "en": "English"}[each],
    key="report.language",
)
errors = [
    fault
    for fault in results.of_plan(
        "conflicts", project, name, lambda: conflicts(project.portfolio, project.plans[name])
    )
    if fault.severity == "error"
]
if errors:
    st.error(say("scenarios.conflicts.block", count=len(errors)))
    show.go("scenarios", say("scenarios.page"), plan=name)
    st.stop()
lacking = sum(bool(reform.missing_clarities()) for reform in project.plans[name].reforms)
if lacking:
    st.info(say("report.lacking", count=lacking, total=len(project.plans[name])))
    show.go("scenarios", say("report.fill"), plan=name)


def preview_sheets(document: Document, key: tuple[object, ...]) -> None:
    """Show the first rows of a sheet."""
    known = kept("sheets", key, lambda: documents.sheets(document))
    chosen = st.selectbox(say("report.sheet"), known, key="report.sheet")
    made = kept(
        "sheet",
        (key, chosen, written),
        lambda: sheet_html(document.data, chosen, rows=documents.PREVIEW_ROWS, language=written),
    )
    with st.container(height=420, border=True, key="report.preview"):
        st.html(made)
    st.caption(say("report.sheet.caption", rows=documents.PREVIEW_ROWS))


def preview_text(document: Document, key: tuple[object, ...]) -> None:
    """Show the beginning of the Word file."""
    with st.container(height=400, border=True, key="report.text"):
        for level, text in kept("outline", key, lambda: documents.outline(document)):
            plain = show.escaped(text)
            st.markdown(f"**{plain}**" if level else plain)
    st.caption(say("report.text.caption", count=documents.PREVIEW_PARAGRAPHS))


def offer(form: Form, options: Options) -> None:
    """Show how far a file is; once made, look at it and download it."""
    key = options.key(project)
    job = jobs.jobs().get(key)
    if job is None or job.status in ("failed", "cancelled"):
        st.button(
            say(f"report.make.{form}"),
            key=f"report.make.{form}",
            type="primary",
            disabled=isinstance(on, entry.Refused),
            on_click=jobs.begin,
            args=(key, documents.make(project, options)),
        )
    job = jobs.follow(key, name=f"report.{form}")
    if job is None or job.status != "done":
        return
    made = cast("Document", job.result)
    st.download_button(
        say(f"report.download.{form}", size=show.written(len(made.data) / 1e6, 1)),
        made.data,
        file_name=say(f"report.file.{form}"),
        mime=MIME[form],
        key=f"report.download.{form}",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    if form == "xlsx":
        preview_sheets(made, key)
    else:
        preview_text(made, key)


day = None if isinstance(on, entry.Refused) else on
excel, word = st.tabs([say("report.tab.xlsx"), say("report.tab.docx")])
with excel:
    st.caption(say("report.caption.xlsx"))
    offer("xlsx", Options("xlsx", name, written, day, 0))
with word:
    st.caption(say("report.caption.docx"))
    maps = st.selectbox(
        say("report.maps"),
        MAPS,
        index=1,
        format_func=lambda each: say("report.maps.all") if each < 0 else show.written(each),
        key="report.maps",
        help=say("report.maps.help"),
    )
    offer("docx", Options("docx", name, written, day, maps))
