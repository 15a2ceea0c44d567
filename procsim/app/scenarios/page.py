"""Kịch bản: compose plans, hold them against each other, see who contributes what."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from procsim.app.scenarios.compare import show_comparison, show_effects, show_rates
from procsim.app.scenarios.edit import in_words, refused, show_candidates, show_reforms
from procsim.app.shell import address, results, show, workspace
from procsim.app.shell.session import say
from procsim.errors import InvalidValue, ProcsimError
from procsim.language.i18n import bilingual
from procsim.readers.gates.examine import safe_name
from procsim.reforms import Plan, conflicts
from procsim.store import PutPlan, RemovePlan, RenamePlan

YEARS = (2026, 2025)
project = workspace.current()
show.heading("scenarios")


def put(name: str, plan: Plan) -> None:
    """Keep a plan under a name and bring it into view; a name that is there is refused."""
    name = name.strip()
    if name in workspace.current().plans:
        st.session_state["scenarios.trouble"] = bilingual("app.scenarios.taken", name=name)
        return
    try:
        saved = workspace.act(PutPlan(name, plan))
    except InvalidValue as error:
        st.session_state["scenarios.trouble"] = error
        return
    if saved:
        address.put("plan", name)


def rename(old: str) -> None:
    """Give the plan in view another name."""
    new = str(st.session_state["scenarios.rename"]).strip()
    try:
        saved = workspace.act(RenamePlan(old, new))
    except ProcsimError as error:
        st.session_state["scenarios.trouble"] = error
        return
    if saved:
        address.put("plan", new)


def remove(old: str) -> None:
    """Take the plan in view out; undo brings it back."""
    if workspace.act(RemovePlan(old)):
        address.put("plan", None)
        st.session_state["notice"] = bilingual("app.scenarios.plan_removed", name=old)


def take(upload: st.runtime.uploaded_file_manager.UploadedFile | None) -> None:
    """Read a plan from a file that an officer edited."""
    if upload is None:
        return
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = Path(folder) / safe_name(upload.name)
        path.write_bytes(upload.getvalue())
        try:
            plan = Plan.read(path)
        except ProcsimError as error:
            st.session_state["scenarios.trouble"] = error
            return
    put(plan.name or Path(upload.name).stem, plan)


def as_file(plan: Plan) -> bytes:
    """Return a plan as the bytes of a workbook that can be edited and read back."""
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = Path(folder) / "plan.xlsx"
        plan.write(path)
        return path.read_bytes()


trouble = st.session_state.pop("scenarios.trouble", None) or refused()
if isinstance(trouble, ProcsimError):
    show.failure(trouble)
elif trouble is not None:
    st.error(show.escaped(show.told(trouble)))

names = list(project.plans)
pick, new, files, change, out = st.columns([5, 2, 2, 2, 2], vertical_alignment="bottom")
with new.popover(say("scenarios.new"), icon=":material/add:", width="stretch"):
    fresh = st.text_input(say("scenarios.name"), key="scenarios.fresh", max_chars=200)
    st.button(
        say("scenarios.create"),
        key="scenarios.create",
        on_click=lambda: put(fresh, Plan(name=fresh.strip())),
        disabled=not fresh.strip(),
        type="primary",
    )
with files.popover(say("scenarios.file"), icon=":material/file_open:", width="stretch"):
    upload = st.file_uploader(
        say("scenarios.upload"), type=["xlsx", "yaml", "yml"], key="scenarios.upload"
    )
    st.button(
        say("scenarios.take"),
        key="scenarios.take",
        on_click=lambda: take(upload),
        disabled=upload is None,
    )
if not names:
    show.empty(say("scenarios.none"), "data", say("data.page"))
    st.stop()

name = workspace.plan_name()
if st.session_state.get("scenarios.plan") != name:
    st.session_state["scenarios.plan"] = name
pick.selectbox(
    say("scenarios.plan"),
    names,
    key="scenarios.plan",
    on_change=lambda: address.put("plan", st.session_state["scenarios.plan"]),
)
plan = project.plans[name]
with change.popover(say("scenarios.change"), icon=":material/edit:", width="stretch"):
    st.text_input(say("scenarios.name"), value=name, key="scenarios.rename", max_chars=200)
    st.button(say("scenarios.rename"), key="scenarios.do_rename", on_click=rename, args=(name,))
    st.button(
        say("scenarios.copy"),
        key="scenarios.copy",
        on_click=lambda: put(say("scenarios.copy_of", name=name), plan),
    )
    st.button(
        say("scenarios.remove_plan"), key="scenarios.remove_plan", on_click=remove, args=(name,)
    )
with out.popover(say("scenarios.download"), icon=":material/download:", width="stretch"):
    st.download_button(
        say("scenarios.download.xlsx"),
        lambda: as_file(plan),
        file_name=say("scenarios.download.name"),
        key="scenarios.download",
        on_click="ignore",
    )

found = results.of_plan(
    "conflicts", project, name, lambda: conflicts(project.portfolio, project.plans[name])
)
errors = sum(fault.severity == "error" for fault in found)
if errors:
    st.error(say("scenarios.conflicts.block", count=errors))
else:
    show_rates(project, name)

kinds = ("reforms", "more", "conflicts", "compare", "effects")
labels = {
    kind: say(f"scenarios.tab.{kind}", reforms=len(plan), conflicts=len(found)) for kind in kinds
}
view = st.segmented_control(
    say("scenarios.view"),
    kinds,
    default="reforms",
    format_func=lambda kind: labels[kind],
    key="scenarios.view",
    label_visibility="collapsed",
)
if view == "more":
    show_candidates(project, name)
elif view == "conflicts":
    st.caption(say("scenarios.conflicts.caption"))
    if found:
        show.faults(in_words(found, project, name), key="scenarios.conflicts")
    else:
        st.success(say("scenarios.conflicts.none"), icon=":material/check:")
elif view == "compare":
    year = int(address.get("year") or YEARS[0])
    show_comparison(project, year if year in YEARS else YEARS[0])
elif view == "effects":
    if errors or not len(plan):
        st.info(say("scenarios.effects.none"))
    else:
        show_effects(project, name)
else:
    show_reforms(project, name)
