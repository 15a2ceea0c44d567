"""What has to be filled in for a reform: its fields, how each is entered, what is known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from procsim.errors import Text, shorten
from procsim.language.i18n import TEXTS
from procsim.model import Portfolio
from procsim.reference import databases, document_types
from procsim.reference.schema import table
from procsim.reforms import KINDS
from procsim.reforms.sheet_columns import choices, columns

__all__ = [
    "Field",
    "FieldKind",
    "common_field",
    "field_of",
    "papers_beside",
    "row_name",
    "steps_beside",
]

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
