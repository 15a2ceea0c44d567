"""Read a plan from the workbook that an officer edited, with every broken cell at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import fold, nfc
from procsim.readers.assemble import Headings, find_headings
from procsim.readers.cells import Cell, as_text, is_blank, join_list, read_column
from procsim.readers.gates.limits import cell_name, place_of, refusal
from procsim.readers.tables import Book, read_book
from procsim.readers.workbook import with_numbers
from procsim.reference.schema import Column
from procsim.reforms.base import Reform
from procsim.reforms.files import PlanFile
from procsim.reforms.kinds import KINDS
from procsim.reports.roundtrip.plan_table import (
    CHANGE,
    FORMAT,
    FORMAT_VERSION,
    HEAD,
    KIND,
    REPORT,
    TITLES,
    choices,
    codes_by_word,
    columns,
    fields_of,
    heading_names,
    unmatched_columns,
)

# A code that Excel took for a number has lost the zeros at its end.
_CUT_CODE = re.compile(r"\d\.\d{1,5}")
_IDS = frozenset(name for made in KINDS.values() for name in made.refers)
_TITLES = {fold(spelled): name for name, title in TITLES.items() for spelled in title}


class Placed(NamedTuple):
    """A plan with the places of its reforms.

    Attributes
    ----------
    rows
        Number of each reform's row, from 1.
    columns
        Number of each column, from 1, by its name.
    """

    plan: PlanFile
    rows: tuple[int, ...]
    columns: dict[str, int]


def read_sheet(path: Path) -> PlanFile:
    """Read a plan from a workbook, with every fault of its cells at once.

    Rows count in the order in which they stand; hidden and filtered rows are
    read too. The sheet “Danh mục” and the column “Nội dung đề xuất” are not read, nor
    are the sheets of a report, which “Thông tin” names.

    Raises
    ------
    UnreadableInput
        When the file is no workbook, is hostile, holds no plan, or one of a
        newer format.
    InvalidValue
        With each broken cell.
    """
    return read_placed(path, read_book(path)).plan


def read_placed(path: Path, book: Book) -> Placed:
    """Read a plan from a workbook that was opened, with the place of each reform.

    Raises
    ------
    UnreadableInput, InvalidValue
        As `read_sheet`.
    """
    book = _without_report(book)
    rows = {
        _TITLES.get(fold(sheet.name), ""): (sheet.name, with_numbers(sheet))
        for sheet in book.sheets
    }
    if "plan" not in rows:
        raise _no_plan(path, book)
    faults = _of_the_book(path, book)
    head = _head(path, *rows.get("head", ("", [])), faults)
    body = list(_table(path, *rows["plan"], columns(), (KIND,), faults))
    reforms = [made for row in body if (made := _reform(row, faults)) is not None]
    rest = _table(path, *rows.get("unmatched", ("", [])), unmatched_columns(), (), faults)
    unmatched = [_unmatched(row) for row in rest]
    if faults:
        raise InvalidValue(_said_once(faults))
    places = body[0].found.columns if body else {}
    return Placed(
        PlanFile(head, tuple(reforms), tuple(unmatched)),
        tuple(row.at + 1 for row in body),
        {name: at + 1 for name, at in places.items()},
    )


def _without_report(book: Book) -> Book:
    """Return the workbook without the sheets that a report says it has beside the plan."""
    heads = [sheet for sheet in book.sheets if _TITLES.get(fold(sheet.name)) == "head"]
    labels = {fold(label) for label in (*REPORT, " / ".join(REPORT))}
    named = {
        fold(name)
        for sheet in heads
        for row in sheet.rows
        if len(row) > 1 and fold(row[0]) in labels
        for name in row[1].split(";")
    }
    left = [s for s in book.sheets if fold(s.name) not in named or fold(s.name) in _TITLES]
    theirs = [fault for sheet in book.sheets if sheet not in left for fault in sheet.faults]
    gone = {id(fault) for fault in theirs}
    return replace(
        book,
        sheets=tuple(left),
        faults=tuple(fault for fault in book.faults if id(fault) not in gone),
    )


def _no_plan(path: Path, book: Book) -> Exception:
    return refusal(
        place_of(path),
        "plan.unreadable",
        bilingual("reports.no_workbook_sheet_procsim", plan=TITLES["plan"].vi),
        bilingual("reports.save_plan_procsim_xlsx"),
        ", ".join(sheet.name for sheet in book.sheets),
    )


def _of_the_book(path: Path, book: Book) -> list[Fault]:
    """Return what the gates saw that would lose a value, and sheets that nobody reads."""
    faults = [
        fault
        for fault in book.faults
        if fault.severity == "error"
        or (fault.severity == "warning" and fault.code.startswith("cell."))
    ]
    names = ", ".join(title.vi for title in TITLES.values())
    seen: set[str] = set()
    for sheet in book.sheets:
        name = _TITLES.get(fold(sheet.name), "")
        if sheet.rows and (not name or name in seen):
            faults.append(
                fault_of(
                    "plan.unknown_sheet",
                    place_of(path, sheet.name),
                    shorten(sheet.name),
                    names=names,
                )
            )
        seen.add(name)
    return faults


def _said_once(faults: list[Fault]) -> list[Fault]:
    """Return the faults without those of a cell that the gates have refused already."""
    refused = {fault.place for fault in faults if fault.code.startswith("cell.")}
    return [f for f in faults if f.place not in refused or f.code.startswith("cell.")]


def _head(
    path: Path, title: str, rows: Sequence[Sequence[Cell]], faults: list[Fault]
) -> dict[str, str]:
    """Return name, version and note from rows of a label and a value."""
    head = {name: "1" if name == "version" else "" for name in HEAD}
    labels = {"format": FORMAT, "report": REPORT, **HEAD}
    names = {
        fold(t): name for name, both in labels.items() for t in (name, *both, " / ".join(both))
    }
    for at, row in enumerate(rows, start=1):
        label, value, *others = (nfc(as_text(cell)) for cell in (*row, "", ""))
        name = names.get(fold(label), "")
        stray = any(cell.strip() for cell in others)
        if name == "format" and value.isdecimal() and value != str(FORMAT_VERSION):
            raise refusal(
                place_of(path, title, f"B{at}"),
                "plan.unreadable",
                bilingual(
                    "reports.plan_format_version_reads",
                    value_text=shorten(value),
                    format_version=FORMAT_VERSION,
                ),
                bilingual("reports.update_procsim"),
                value,
            )
        if name in HEAD:
            head[name] = value
        if stray or (not name and (label + value).strip()):
            faults.append(_stray(place_of(path, title, f"A{at}"), label))
    return head


def _stray(place: str, label: str) -> Fault:
    names = Text(*(", ".join(both[i] for both in HEAD.values()) for i in range(2)))
    return fault_of(
        "plan.field", place, shorten(label), says="plan.field.no_row_fact_about", names=names
    )


# -- tables


class _Row(NamedTuple):
    """The filled cells of one row by column, and how its cells are named."""

    path: Path
    title: str
    at: int
    found: Headings
    cells: dict[str, Cell]

    def place(self, *names: str) -> str:
        """Name the cells of these columns; the whole row where they are absent."""
        at = [self.found.columns[name] for name in names if name in self.found.columns]
        cells = ", ".join(cell_name(self.at + 1, i + 1) for i in at)
        return place_of(self.path, self.title, cells or f"{self.at + 1}:{self.at + 1}")


def _table(
    path: Path,
    title: str,
    rows: Sequence[Sequence[Cell]],
    listed: tuple[Column, ...],
    needed: tuple[str, ...],
    faults: list[Fault],
) -> Iterator[_Row]:
    """Yield the filled rows of a sheet; what is wrong with its headings goes to `faults`."""
    if all(is_blank(cell) for row in rows for cell in row):
        return
    found = find_headings(rows, heading_names(listed))
    if found is None or not found.columns.keys() >= set(needed):
        faults.append(_no_headings(place_of(path, title), listed))
        return
    odd = [*found.unknown, *(at for at, _ in found.twice)]
    faults += [_unknown_column(path, title, rows, found.row, at, listed) for at in sorted(odd)]
    for at in range(found.first, len(rows)):
        cells = rows[at]
        filled = {
            name: cells[i]
            for name, i in found.columns.items()
            if i < len(cells) and not is_blank(cells[i])
        }
        if filled.keys() - {CHANGE}:
            yield _Row(path, title, at, found, filled)


def _no_headings(place: str, listed: Sequence[Column]) -> Fault:
    return fault_of("plan.no_headings", place, "", label=listed[0].label, name=listed[0].name)


def _unknown_column(
    path: Path,
    title: str,
    rows: Sequence[Sequence[Cell]],
    row: int,
    at: int,
    listed: Sequence[Column],
) -> Fault:
    written = as_text(rows[row][at]) if at < len(rows[row]) else ""
    near = difflib.get_close_matches(fold(written), list(heading_names(tuple(listed))), n=1)
    by_name = {column.name: column.label.vi for column in listed}
    proposal = by_name[heading_names(tuple(listed))[near[0]]] if near else ""
    return fault_of(
        "plan.field",
        place_of(path, title, cell_name(row + 1, at + 1)),
        shorten(written),
        proposal=proposal,
        says="plan.field.no_plan_such_column",
        proposal_text=Text(
            f"; có phải là “{proposal}”?" if proposal else ".",
            f"; is it “{proposal}”?" if proposal else ".",
        ),
    )


def _unmatched(row: _Row) -> dict[str, Any]:
    texts = {
        column.name: nfc(as_text(row.cells.get(column.name, ""))) for column in unmatched_columns()
    }
    return {
        column.name: _entries(texts[column.name]) if column.kind == "list" else texts[column.name]
        for column in unmatched_columns()
    }


def _entries(text: str) -> list[str]:
    return [entry for entry in join_list(text).split(";") if entry]


# -- reforms


def _reform(row: _Row, faults: list[Fault]) -> Reform | None:
    """Return the reform of a row, or None with all that is wrong in it."""
    own: list[tuple[str, Fault]] = []
    kind = _kind(row, own)
    used = fields_of(KINDS[kind]) if kind else tuple(column.name for column in columns())
    values: dict[str, Any] = {}
    for column in columns():
        if column.name not in row.cells or column.name in (KIND, CHANGE):
            continue
        if column.name not in used:
            own.append((column.name, _unused(row, column, kind)))
            continue
        value, fault = _read(column, row.cells[column.name], row.place(column.name))
        if fault is not None:
            own.append((column.name, fault))
        else:
            values[column.name] = value
    made = None
    if kind:
        try:
            made = KINDS[kind](**values)
        except InvalidValue as error:
            broken = {name for name, _ in own}
            for fault in error.faults:
                names = fault.place.rpartition(" › ")[2].split(", ")
                if not broken & set(names):  # said already, at its cell
                    own.append((names[0], replace(fault, place=row.place(*names))))
    faults += [fault for _, fault in own]
    return None if own else made


def _kind(row: _Row, own: list[tuple[str, Fault]]) -> str:
    written = as_text(row.cells.get(KIND, ""))
    kind = codes_by_word(KIND).get(fold(written), "")
    if not kind:
        own.append((KIND, _not_listed(KIND, written, row.place(KIND), "plan.kind")))
    return kind


def _not_listed(name: str, written: str, place: str, code: str) -> Fault:
    known = choices(name)
    near = difflib.get_close_matches(fold(written), list(codes_by_word(name)), n=1)
    words = Text(*(", ".join(both[i] for both in known.values()) for i in range(2)))
    message = bilingual("reports.no_value_list")
    if name == KIND:
        message = bilingual("reports.no_such_kind_reform")
    return Fault(
        place,
        shorten(written),
        message,
        bilingual("reports.choose", words=words),
        code=code,
        proposal=known[codes_by_word(name)[near[0]]].vi if near else "",
    )


def _unused(row: _Row, column: Column, kind: str) -> Fault:
    title = KINDS[kind].title
    labels = {c.name: c.label for c in columns()}
    used = [labels[name] for name in fields_of(KINDS[kind]) if name not in fields_of(Reform)]
    return fault_of(
        "plan.unused_column",
        row.place(column.name),
        shorten(as_text(row.cells[column.name])),
        title=title,
        label=column.label,
        used=Text(", ".join(label.vi for label in used), ", ".join(label.en for label in used)),
    )


def _read(column: Column, cell: Cell, place: str) -> tuple[Any, Fault | None]:
    """Return what a filled cell means, or why it cannot be read."""
    written = nfc(as_text(cell))
    if choices(column.name):
        code = codes_by_word(column.name).get(fold(written), "")
        return code, None if code else _not_listed(column.name, written, place, "plan.value")
    if column.kind in ("list", "text"):
        is_id = column.name in _IDS
        if is_id and isinstance(cell, float) and _CUT_CODE.fullmatch(written):
            return None, _cut_code(place, written)
        if column.kind == "list":
            return tuple(_entries(written)), None
        return written.strip() if is_id else written, None
    if column.name == "percent":
        return _percent(column, cell, place)
    return _by_rule(column, cell, place)


def _by_rule(column: Column, cell: Cell, place: str) -> tuple[Any, Fault | None]:
    """Read a number, a date or a flag by the rules of every workbook."""
    (value,), faults = read_column(column, [cell], lambda _: place)
    if faults:
        return None, faults[0]
    return date.fromisoformat(str(value)) if column.kind == "date" else value, None


def _percent(column: Column, cell: Cell, place: str) -> tuple[Any, Fault | None]:
    """Read a per cent: 30 or “30 %”; what may be a share is asked about."""
    if isinstance(cell, str) and cell.rstrip().endswith("%"):
        return _by_rule(column, cell.rstrip()[:-1].rstrip(), place)
    value, fault = _by_rule(column, cell, place)
    if fault is not None or not 0 < value <= 1:
        return value, fault
    few, many = (f"{number:g}".replace(".", ",") for number in (value, value * 100))
    return None, Fault(
        place,
        shorten(as_text(cell)),
        Text(f"Chưa rõ là {few} % hay {many} %.", f"It may mean {value:g} % or {value * 100:g} %."),
        Text(
            f"Ghi {many} nếu là {many} %; ghi “{few} %” (cả dấu %, dạng văn bản) nếu là {few} %.",
            f"Write {value * 100:g} for {value * 100:g} %; write “{few} %” as text for "
            f"{value:g} %.",
        ),
        code="plan.percent_or_share",
        proposal=many,
    )


def _cut_code(place: str, written: str) -> Fault:
    whole, _, decimals = written.partition(".")
    proposal = f"{whole}.{decimals:0<6}"
    return fault_of(
        "plan.code_as_number", place, shorten(written), proposal=proposal, proposal_text=proposal
    )
