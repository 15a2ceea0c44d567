"""Thủ tục: find a procedure, see it before and after the plan, propose a change."""

from __future__ import annotations

from procsim.app.procedures.list import choose
from procsim.app.procedures.tabs import one
from procsim.app.shell import address, show, workspace
from procsim.app.shell.session import say

project = workspace.current()
named = address.get("procedure")

if project.portfolio.procedures.empty:
    show.heading("procedures")
    show.empty(say("procedures.empty"), "data", say("procedures.empty.go"))
elif named in project.portfolio:
    one(project, project.portfolio[named].id)
else:
    show.heading("procedures")
    choose(project, unknown=named)
