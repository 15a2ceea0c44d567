"""What an officer can propose for a procedure: offers to fill in, and plans with them.

An offer is one kind of reform on one row of the portfolio, with the fields that it
needs; `compose` makes the reform, checked by its own rules, and `add` the action that
puts it into a plan. Nothing here draws: `procsim.app.composing_form` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from procsim.app.composing_fields import (
    Field,
    common_field,
    field_of,
    papers_beside,
    row_name,
    steps_beside,
)
from procsim.errors import Fault, InvalidValue, Text
from procsim.least_cost.proposals import Routes, Subject
from procsim.model import Portfolio
from procsim.reforms import KINDS, Plan, Reform, conflicts
from procsim.store import Project, PutPlan

__all__ = [
    "COMMON",
    "Offer",
    "about",
    "add",
    "common_fields",
    "compose",
    "new_conflicts",
    "offers",
    "own_fields",
    "remove",
    "same_target",
]

COMMON: tuple[str, ...] = tuple(each.name for each in fields(Reform))
"""The fields of every reform: why, the legal route and the six clarities (6 rõ)."""

_SUBJECTS: dict[str, Subject] = {
    "shorten_limit": "limit", "cut_fee": "fee", "move_online": "step", "drop_step": "step",
    "merge_steps": "step", "parallel_steps": "step", "shorten_step": "step",
    "cut_condition": "condition", "simplify_condition": "condition",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One kind of reform that fits one row.

    Attributes
    ----------
    procedure
        Id of the procedure that the row belongs to.
    table, target
        Table and id of the row that changes.
    title, row
        The kind of reform and the row, in words.
    """

    kind: str
    procedure: str
    table: str
    target: str
    title: Text
    row: Text

    @property
    def label(self) -> Text:
        """Kind and row in one line."""
        return Text(f"{self.title.vi}: {self.row.vi}", f"{self.title.en}: {self.row.en}")


def about(portfolio: Portfolio, reform: Reform) -> Text:
    """Return which row a reform changes, in words instead of its id."""
    return row_name(portfolio, reform.refers[reform.target_field], reform.target)


def offers(portfolio: Portfolio, procedure: str) -> list[Offer]:
    """Return every reform that can be proposed for a procedure, row by row.

    What each needs to be filled in: `own_fields` and `common_fields`.

    Raises
    ------
    UnknownName
        When there is no such procedure.
    """
    home = portfolio[procedure]
    if portfolio.procedures.at[home.id, "status"] != "active":
        return []
    made: dict[str, list[str]] = {"procedures": [], "requirements": [], "steps": []}
    for kind, reform in KINDS.items():
        made.setdefault(reform.refers[reform.target_field], []).append(kind)
    own = portfolio.select([home.id])
    found: list[Offer] = []
    for name, kinds in made.items():
        for row in [home.id] if name == "procedures" else getattr(own, name).index:
            words = row_name(own, name, row)
            found += [
                Offer(kind, home.id, name, row, KINDS[kind].title, words)
                for kind in kinds
                if _fits(own, kind, home.id, row)
            ]
    return found


def _fits(portfolio: Portfolio, kind: str, procedure: str, row: str) -> bool:
    """Return whether a kind of reform can change a row at all, as it stands."""
    head = portfolio.procedures.loc[procedure]
    if kind in ("cut_condition", "simplify_condition"):
        return bool(portfolio.conditions.at[row, "status"] != "cut")
    table_name = KINDS[kind].refers[KINDS[kind].target_field]
    if table_name in ("requirements", "steps"):
        cells = getattr(portfolio, table_name).loc[row]
        if cells["status"] not in ("required", "active") or cells.get("kind") == "note":
            return False
    match kind:
        case "accept_copy":
            return bool(cells["certified"] or cells["originals"] > 0)
        case "merge_requirements":
            return bool(papers_beside(portfolio, procedure, row))
        case "merge_steps" | "parallel_steps":
            return bool(steps_beside(portfolio, procedure, row))
        case "shorten_step":
            return bool(cells["days"] > 0)
        case "self_declare":
            return bool(papers_beside(portfolio, procedure, kinds=("document",)))
        case "shorten_limit":
            return bool(portfolio.rows("channels", procedure)["limit_value"].gt(0).any())
        case "cut_fee":
            return bool(portfolio.rows("fees", procedure)["amount_vnd"].gt(0).any())
        case "move_online":
            return bool(head["online"] != "full")
        case "free_from_boundaries":
            return bool(head["boundary_free"] != "yes")
        case "decentralise":
            return bool({"central", "province"} & set(str(head["levels"]).split(";")))
        case "extend_validity":
            return bool(head["times_per_year"] > 0)
    return True


def own_fields(portfolio: Portfolio, offer: Offer) -> tuple[Field, ...]:
    """Return the fields of the kind of reform itself, with what the marks tell."""
    made = KINDS[offer.kind]
    names = [each.name for each in fields(made) if each.name not in (*COMMON, made.target_field)]
    return tuple(
        field_of(portfolio, offer.kind, name, offer.procedure, offer.target) for name in names
    )


def common_fields(routes: Routes, offer: Offer) -> tuple[Field, ...]:
    """Return the fields of every reform, with the legal route that the portfolio tells."""
    subject = _SUBJECTS.get(offer.kind, "dossier")
    route = routes.of(offer.procedure, subject, offer.target).fields("", "")
    return tuple(common_field(name, route.get(name)) for name in COMMON)


def compose(offer: Offer, values: Mapping[str, Any]) -> Reform:
    """Return the reform of an offer with its fields filled in.

    Parameters
    ----------
    values
        Own and common fields by name, as entered; empty ones may be left out.

    Raises
    ------
    InvalidValue
        With every wrong field at once, by the rules of the reform itself.
    """
    made = KINDS[offer.kind]
    given = {name: value for name, value in values.items() if value not in (None, "", ())}
    if "percent" in given:
        given["percent"] = round(100 * given["percent"], 6)
    if "coverage" in given:
        given.setdefault("coverage_mark", "nhập")
    return made(**{made.target_field: offer.target, **given})


def same_target(plan: Plan, reform: Reform) -> tuple[Reform, ...]:
    """Return the reforms of a plan of the same kind on the same row."""
    return tuple(
        each for each in plan.reforms if (each.kind, each.target) == (reform.kind, reform.target)
    )


def new_conflicts(
    plan: Plan,
    reforms: Iterable[Reform],
    portfolio: Portfolio,
    there: Iterable[Fault] | None = None,
) -> list[Fault]:
    """Return the conflicts that reforms would bring into a plan; those there already not.

    Parameters
    ----------
    there
        The conflicts of the plan, where they are at hand.
    """
    known = set(conflicts(portfolio, plan) if there is None else there)
    joined = replace(plan, reforms=(*plan.reforms, *reforms))
    return [fault for fault in conflicts(portfolio, joined) if fault not in known]


def add(
    project: Project, plan_name: str, reforms: Iterable[Reform], instead: Iterable[Reform] = ()
) -> PutPlan:
    """Return the action that puts reforms at the end of a plan; a new one where none has the name.

    Parameters
    ----------
    instead
        Reforms of the plan that the new ones take the place of.

    Raises
    ------
    InvalidValue
        With the conflicts that the plan must not have: it could not be applied, or
        two reforms would want different things. Warnings do not stop it.
    """
    new = tuple(reforms)
    plan = _without(project.plans.get(plan_name, Plan(name=plan_name)), instead)
    wrong = [
        fault for fault in new_conflicts(plan, new, project.portfolio) if fault.severity == "error"
    ]
    if wrong:
        raise InvalidValue(wrong)
    return PutPlan(plan_name, replace(plan, reforms=(*plan.reforms, *new)))


def remove(project: Project, plan_name: str, reforms: Iterable[Reform]) -> PutPlan:
    """Return the action that takes reforms out of a plan."""
    return PutPlan(plan_name, _without(project.plans[plan_name], reforms))


def _without(plan: Plan, reforms: Iterable[Reform]) -> Plan:
    out = set(reforms)
    return replace(plan, reforms=tuple(each for each in plan.reforms if each not in out))
