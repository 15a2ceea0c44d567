"""Phương án: the reforms with their six clarities, in the very sheet that `Plan.read` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest

from procsim.errors import Text
from procsim.readers.cells import Value as Stored
from procsim.readers.cells import plain_number, show
from procsim.readers.tables import number_text
from procsim.reference import schema
from procsim.reforms.base import CLARITIES
from procsim.reforms.sheet_columns import (
    CHANGE,
    FORMAT,
    FORMAT_VERSION,
    HEAD,
    KIND,
    REPORT,
    TITLES,
    columns,
    unmatched_columns,
)
from procsim.reforms.sheet_writing import set_up, shown_tables, words
from procsim.reports.content import Content
from procsim.reports.page import Book, Column, Page, Value, letter

__all__ = ["PLAN", "SHEETS", "UNMATCHED", "write_plan_sheets"]

PLAN, UNMATCHED = TITLES["plan"].vi, TITLES["unmatched"].vi
SHEETS = tuple(title.vi for title in TITLES.values())

# Narrow enough to print the used columns on two pages beside each other.
_WIDTHS = {KIND: 17, CHANGE: 56, "reason": 56, "legal_text": 44, "product": 20, "article": 22}
_WIDTHS |= {
    "legal_numbers": 20,
    "due": 12,
    "coverage": 9,
    "part": 9,
    "rank": 12,
    "title": 44,
    "paper": 34,
}
_WIDTHS |= {"reason_vi": 46, "reason_en": 46, "number": 8, "annex": 8, "code": 11}
_WIDTH = 16


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
    codes = [column.name for column in listed if column.label.vi.startswith("Mã ")]
    return styles | dict.fromkeys(codes, "input code") | {CHANGE: "text"}


def _table(
    book: Book, name: str, listed: Sequence[schema.Column], rows: Sequence[Mapping[str, Stored]]
) -> Page:
    """Write the table of a plan's sheet: headings, machine names, a row for each entry."""
    shown = [Column(column.label, _WIDTHS.get(column.name, _WIDTH), "text") for column in listed]
    page = book.page(TITLES[name].vi, shown)
    set_up(page.sheet, name, listed, len(rows))
    styles = _styles(listed)
    used = {key for row in rows for key, value in row.items() if value not in ("", None)}
    for at, column in enumerate(listed, 1):
        dimension = page.sheet.column_dimensions[letter(at)]
        dimension.width = shown[at - 1].width
        # What no reform of this plan uses stays out of the way; it is read all the same.
        dimension.hidden = bool(rows) and name == "plan" and column.name not in used | _SIX
    page.head([replace(column, label=_only(column.label)) for column in shown])
    page.line([column.name for column in listed], ["machine"] * len(listed))
    for row in rows:
        page.line(
            [_value(c, row[c.name]) if c.name in row else "" for c in listed],
            [styles[c.name] if c.name in row else "unused" for c in listed],
        )
    page.finish()
    page.sheet.freeze_panes = "C3" if name == "plan" else "B3"
    page.sheet.print_title_rows = "1:1"
    return page


_SIX = {clarity.field for clarity in CLARITIES if clarity.field}


def _plan(book: Book, rows: Sequence[Mapping[str, Stored]]) -> None:
    listed = columns()
    page = _table(book, "plan", listed, rows)
    page.sheet.page_setup.fitToWidth = 2
    page.sheet.print_title_cols = "A:A"
    first = letter(1)
    for at, column in enumerate(listed, 1):
        if column.name in _SIX and rows:
            place = letter(at)
            test = f'AND(${first}3<>"",LEN(TRIM({place}3))=0)'
            page.signal(f"{place}3:{place}{page.row}", test, "lacking")


def _head(book: Book, content: Content, reported: Sequence[str]) -> None:
    page = book.page(
        TITLES["head"].vi,
        (Column(TITLES["head"], 40), Column(Text("", ""), 100)),
    )
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
    page.sheet.sheet_state = "hidden"


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
    tables = shown_tables(content.plan.as_file())
    _plan(book, tables.plan)
    _head(book, content, reported)
    if unmatched:
        _table(book, "unmatched", unmatched_columns(), tables.unmatched)
    _words(book)
