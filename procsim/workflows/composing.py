"""What an officer can propose for a procedure: offers to fill in, and plans with them.

An offer is one kind of reform on one row of the portfolio, with the fields that it
needs; `compose` makes the reform, checked by its own rules, and `add` the action that
puts it into a plan. Nothing here draws: `procsim.app.procedures.propose` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.i18n import TEXTS
from procsim.least_cost.proposals import Routes, Subject
from procsim.model import Portfolio
from procsim.reference import databases, document_types
from procsim.reference.schema import table
from procsim.reforms import KINDS, Plan, Reform, conflicts
from procsim.reports.roundtrip.plan_table import choices, columns
from procsim.store import Project, PutPlan

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


# What has to be filled in for a reform: its fields, how each is entered, what is known already.

FieldKind = Literal[
    "text", "date", "money", "share", "percent", "days", "count", "flag", "choice", "choices"
]
_COLUMNS = {column.name: column for column in columns()}
_KINDS: dict[str, FieldKind] = {
    "amount_vnd": "money", "coverage": "share", "share": "share", "percent": "percent",
    "days": "days", "times_per_year": "days", "subjects_per_year": "count", "due": "date",
    "part": "flag", "channel": "choice", "fee": "choice", "channel_method": "choice",
    "unit": "choice", "level": "choice", "coverage_mark": "choice", "rank": "choice",
    "merged": "choices", "others": "choices", "requirements": "choices",
    "document_types": "choices", "databases": "choices",
}  # fmt: skip
_REQUIRED = frozenset({"merged", "others", "document_types", "databases", "unit"})
_LONGEST = 90
_SIGNS = "-–+•* "
"""Signs of a list, with which a published name may begin."""


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    Attributes
    ----------
    kind
        How it is entered. A ``percent`` is entered as a share (30 % is 0.3);
        ``choices`` gives a tuple of ids.
    options
        Id → words, of a choice.
    value
        What is known already, such as the databases that hold the paper.
    """

    name: str
    kind: FieldKind
    label: Text
    required: bool = False
    options: Mapping[str, Text] = field(default_factory=dict)
    value: Any = None


def row_name(portfolio: Portfolio, name: str, row: str) -> Text:
    """Return what a row of a table is called, in one line; its id where it has no name."""
    frame = getattr(portfolio, name)
    if row not in frame.index:
        return Text(row, row)
    if name == "channels":
        word = choices("channel_method").get(frame.at[row, "method"], Text(row, row))
        limit = shorten(str(frame.at[row, "limit_text"]), 40)
        return Text(*(f"{w} ({limit})" if limit else w for w in (word.vi, word.en)))
    text = {"conditions": "text", "fees": "amount_text"}.get(name, "name")
    words = shorten(str(frame.at[row, text]).lstrip(_SIGNS), _LONGEST) or row
    if name in ("requirements", "steps", "conditions"):
        words = f"{int(frame.at[row, 'position'])}. {words}"
    return Text(words, words)


def _label(kind: str, name: str) -> Text:
    """Return what a field is called in a form, where the heading of the sheet is too general."""
    for key in (f"app.composing.field.{kind}.{name}", f"app.composing.field.{name}"):
        if key in TEXTS:
            return TEXTS[key]
    return _COLUMNS[name].label


def common_field(name: str, value: Any) -> Field:
    """Return a field that every reform has, with what is known of it."""
    return Field(
        name,
        _KINDS.get(name, "text"),
        _COLUMNS[name].label,
        options=choices(name) if name == "rank" else {},
        value="; ".join(value) if isinstance(value, tuple) else _stripped(value),
    )


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def papers_beside(
    portfolio: Portfolio,
    procedure: str,
    beside: str = "",
    kinds: tuple[str, ...] = ("document", "form", "unknown"),
) -> dict[str, Text]:
    """Return the papers still asked for, those of the same case where one is named."""
    rows = portfolio.rows("requirements", procedure)
    rows = rows[rows["status"].eq("required") & rows["kind"].isin(kinds)]
    if beside:
        rows = rows[rows["case"].eq(portfolio.requirements.at[beside, "case"])]
    return {i: row_name(portfolio, "requirements", i) for i in rows.index if i != beside}


def steps_beside(portfolio: Portfolio, procedure: str, beside: str) -> dict[str, Text]:
    """Return the steps of a procedure beside one of them."""
    rows = portfolio.rows("steps", procedure)
    rows = rows[rows["status"].eq("active")]
    return {i: row_name(portfolio, "steps", i) for i in rows.index if i != beside}


def _neighbours(portfolio: Portfolio, procedure: str) -> dict[str, Text]:
    """Return the other procedures of the ministry: those that could be merged."""
    every = portfolio.procedures
    rows = every[
        every["ministry"].eq(every.at[procedure, "ministry"]) & every["status"].eq("active")
    ]
    names = rows["code"].where(rows["code"].ne(""), rows.index) + " – " + rows["name"]
    return {
        i: Text(n, n)
        for i, n in names.map(lambda n: shorten(n, _LONGEST)).items()
        if i != procedure
    }


def _options(
    portfolio: Portfolio, kind: str, name: str, procedure: str, row: str
) -> dict[str, Text]:
    match kind, name:
        case _, "channel" | "fee":
            rows = portfolio.rows(f"{name}s", procedure)
            return {i: row_name(portfolio, f"{name}s", i) for i in rows.index}
        case "merge_requirements", _:
            return papers_beside(portfolio, procedure, row)
        case "self_declare", _:
            return papers_beside(portfolio, procedure, kinds=("document",))
        case "merge_steps" | "parallel_steps", _:
            return steps_beside(portfolio, procedure, row)
        case "merge_procedures", _:
            return _neighbours(portfolio, procedure)
        case _, "document_types" | "databases":
            frame = document_types() if name == "document_types" else databases()
            return {i: Text(*both) for i, *both in frame[["name_vi", "name_en"]].itertuples()}
    levels = table("procedures")["levels"].categories
    return {
        code: words
        for code, words in choices(name).items()
        if name != "level" or (code in levels) == (kind == "decentralise")
    }


def field_of(portfolio: Portfolio, kind: str, name: str, procedure: str, row: str) -> Field:
    """Return an own field of a kind of reform on one row, with what the marks tell."""
    entered = _KINDS.get(name, "text")
    options = _options(portfolio, kind, name, procedure, row) if "choice" in entered else {}
    default = next(f.default for f in fields(KINDS[kind]) if f.name == name)
    value = _marked(portfolio, row).get(name, default) if kind == "replace_by_data" else default
    required = name in _REQUIRED or name == "level"
    return Field(name, entered, _label(kind, name), required, options, value)


def _marked(portfolio: Portfolio, paper: str) -> dict[str, Any]:
    """Return what the marks of a paper say of the data that replace it."""
    marks = portfolio.marks[portfolio.marks["requirement"].eq(paper)]
    held = marks[marks["database"].ne("")]
    types = set(filter(None, str(portfolio.requirements.at[paper, "types"]).split(";")))
    known = held["coverage"].dropna()
    any_of = portfolio.requirements.at[paper, "relation"] == "any"
    return {
        "document_types": tuple(dict.fromkeys(held["document_type"])),
        "databases": tuple(dict.fromkeys(held["database"])),
        "part": bool(types - set(held["document_type"])) and not any_of and not held.empty,
        "coverage": float(known.min()) if len(known) else None,
        "coverage_mark": held.loc[known.idxmin(), "coverage_mark"] if len(known) else "",
    }
