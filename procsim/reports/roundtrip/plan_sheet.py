"""Phương án: the reforms with their six clarities, in the very sheet that `Plan.read` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any

from procsim.errors import NOTHING, Text
from procsim.language.i18n import bilingual
from procsim.readers.cells import Value as Stored
from procsim.readers.cells import plain_number, show
from procsim.readers.tables import number_text
from procsim.reference import schema
from procsim.reforms.base import CLARITIES, Reform
from procsim.reports.content import Content, code_of
from procsim.reports.excel.page import Book, Column, Page, Value, letter
from procsim.reports.roundtrip.plan_table import (
    CHANGE,
    FORMAT,
    FORMAT_VERSION,
    HEAD,
    KIND,
    REPORT,
    TITLES,
    columns,
    set_up,
    shown_tables,
    unmatched_columns,
    words,
)

PLAN, UNMATCHED = TITLES["plan"].vi, TITLES["unmatched"].vi
SHEETS = tuple(title.vi for title in TITLES.values())

# About as wide as what usually stands in them is long: rows are low and all go on one page.
_WIDTHS = {KIND: 13, CHANGE: 64, "reason": 52, "legal_text": 28, "product": 26, "article": 12}
_WIDTHS |= {"coverage": 9, "part": 9, "signer": 12, "owner": 14, "lead": 14, "due": 12}
_WIDTHS |= {"legal_numbers": 20, "rank": 12, "source": 20, "requirement": 18}
_WIDTHS |= {"title": 44, "paper": 34, "reason_vi": 46, "reason_en": 46}
_WIDTHS |= {"number": 8, "annex": 8, "code": 11}
_WIDTH = 16
# What the sentence of a reform says in words, and what only machines need: behind a
# [+] above the columns, read back all the same.
_FOLDED = {
    "document_types",
    "databases",
    "coverage_mark",
    "part",
    "legal_numbers",
    "rank",
    "source",
}
_TITLE = bilingual("reports.plan_reduce_simplify_administrative")
_ABOVE = 3
"""Rows above the headings of the reforms: the title, the plan's name, an empty line."""


def _value(column: schema.Column, value: Stored) -> Value:
    """Return what stands in a cell, as the sheet of `Plan.write` has it."""
    if column.kind == "flag":
        return show(column, value)
    if isinstance(value, float):
        if value != value:
            return ""
        # Excel keeps 15 digits; a number that needs more stays whole as text.
        return value if float(number_text(value)) == value else plain_number(value)
    if column.kind == "date" and value:
        return date.fromisoformat(str(value))
    return str(value)


def _only(label: Text) -> Text:
    """Return a heading in Vietnamese alone: `Plan.read` looks for that one."""
    return Text(label.vi, label.vi)


def _styles(listed: Sequence[schema.Column]) -> dict[str, str]:
    """Return the style of each column; only what a reform says in words is not an input."""
    made = {"number": "input number", "date": "input date", "flag": "input centre"}
    styles = {column.name: made.get(column.kind, "input text") for column in listed}
    codes = [column.name for column in listed if _is_code(column)]
    return styles | dict.fromkeys(codes, "input code") | {CHANGE: "text"}


def _is_code(column: schema.Column) -> bool:
    return column.label.vi.startswith("Mã ")


def _table(
    book: Book,
    name: str,
    listed: Sequence[schema.Column],
    rows: Sequence[Mapping[str, Stored]],
    above: Sequence[str] = (),
) -> Page:
    """Write the table of a plan's sheet: headings, machine names, a row for each entry.

    `above` are the lines above it. They are not merged: values that stand under a
    merged area could be lost, so reading refuses one.
    """
    shown = [Column(column.label, _WIDTHS.get(column.name, _WIDTH), "text") for column in listed]
    page = book.page(TITLES[name].vi, shown)
    for at, text in enumerate(above):
        page.next_row(20.0)
        page.put(1, text, "sheet line" if at else "sheet title")
    styles = _styles(listed)
    used = {
        key
        for row in rows
        for key, value in row.items()
        if value not in ("", None) and value == value
    }
    looks = []
    for column, wide in zip(listed, shown, strict=True):
        look: dict[str, Any] = {}
        # What no reform of this plan uses stays out of the way; it is read all the same.
        if rows and name == "plan":
            look["hidden"] = column.name not in used | _SIX
            if column.name in _FOLDED or _is_code(column):
                look = {"hidden": True, "level": 1}
        looks.append((wide.width, look))
    page.later(lambda book, sheet: set_up(book, sheet, name, listed, len(rows), len(above), looks))
    page.head([replace(column, label=_only(column.label)) for column in shown])
    page.line([column.name for column in listed], ["machine"] * len(listed))
    for row in rows:
        page.line(
            [_value(c, row[c.name]) if c.name in row else "" for c in listed],
            [styles[c.name] if c.name in row else "unused" for c in listed],
        )
    page.finish()
    page.frozen = (page.head_row + 1, 1)
    return page


_SIX = {clarity.field for clarity in CLARITIES if clarity.field}


def _plan(book: Book, content: Content, rows: Sequence[Mapping[str, Stored]]) -> None:
    listed = columns()
    named = [
        {**row, CHANGE: _named(content, reform, str(row[CHANGE]))}
        for row, reform in zip(rows, content.plan.reforms, strict=True)
    ]
    above = (_TITLE.in_language(content.language), content.plan.name, "")
    page = _table(book, "plan", listed, named, above)
    first, start = letter(1), _ABOVE + 3
    for at, column in enumerate(listed, 1):
        if column.name in _SIX and rows:
            place = letter(at)
            test = f'AND(${first}{start}<>"",LEN(TRIM({place}{start}))=0)'
            page.signal(f"{place}{start}:{place}{page.row}", test, "lacking")


def _named(content: Content, reform: Reform, change: str) -> str:
    """Return what a reform changes, below the code and the name of its procedure.

    The id that a sentence ends with stands in a column of its own.
    """
    names = content.portfolio.procedures["name"]
    said = change.replace(f" ({reform.target})", "")
    if reform.procedure_id not in names.index:
        return said
    code = code_of(content.portfolio, reform.procedure_id)
    return f"{code} – {names.at[reform.procedure_id]}\n{said}"


def _head(book: Book, content: Content, reported: Sequence[str]) -> None:
    page = book.page(TITLES["head"].vi, (Column(TITLES["head"], 40), Column(NOTHING, 100)))
    plan = content.plan
    facts = {"name": plan.name, "version": plan.version, "note": plan.note}
    for key, label in HEAD.items():
        page.line((" / ".join(label), facts[key]), ("head", "input text"))
    page.line((" / ".join(FORMAT), str(FORMAT_VERSION)), ("head", "text"))
    page.line((" / ".join(REPORT), "; ".join(reported)), ("head", "text"))
    page.finish(table=False)


def _words(book: Book) -> None:
    listed = words()
    widths = [min(max(map(len, (c.label.vi, *c.words))) + 4, 60) for c in listed]
    shown = [Column(c.label, width) for c, width in zip(listed, widths, strict=True)]
    page = book.page(TITLES["words"].vi, shown)
    page.head([replace(column, label=_only(column.label)) for column in shown])
    page.line([c.label.en for c in listed], ["machine"] * len(listed))
    for row in zip_longest(*(c.words for c in listed), fillvalue=""):
        page.line(row)
    page.finish()
    page.is_hidden = True


def write_plan_sheets(
    book: Book, content: Content, reported: Sequence[str], *, unmatched: bool
) -> None:
    """Write the sheets that `Plan.read` reads back: an officer edits the plan in the report.

    Parameters
    ----------
    reported
        Names of the other sheets, which are not read.
    unmatched
        Whether to write the rows of a resolution that met nothing.

    Raises
    ------
    InvalidValue
        When a text is too long for a cell, or an entry of a list holds what parts
        entries: it could not be read back.
    """
    tables = shown_tables(content.plan.as_file(), _ABOVE)
    _plan(book, content, tables.plan)
    _head(book, content, reported)
    if unmatched:
        _table(book, "unmatched", unmatched_columns(), tables.unmatched)
    _words(book)
