"""An edited workbook held cell by cell against what procsim would write.

The same sheets are written again in memory, so that each cell is known: a formula, a
figure that procsim computed, a text, or an input with what it stands for. Rows are found
by the number in their hidden last column, wherever an officer has moved them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from procsim.errors import Fault, Severity, Text, shorten
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import nfc
from procsim.readers.cells import Cell, as_text, is_blank, read_column
from procsim.readers.gates.limits import DEFAULT, cell_name, place_of
from procsim.readers.gates.sheets import SHARED
from procsim.readers.tables import Book as Read
from procsim.readers.tables import Sheet, number_text
from procsim.readers.workbook import with_numbers
from procsim.reference.schema import Column, table
from procsim.reference.tables import MARKS
from procsim.reports.excel import quality
from procsim.reports.excel.page import MISSING, Book, Formula, Page, Value
from procsim.reports.roundtrip import stamp
from procsim.reports.roundtrip.entries import ENTERED, Input
from procsim.reports.roundtrip.plan_sheet import SHEETS

Rows = list[list[Cell]]
Formulas = Mapping[str, Mapping[str, str]]
_ELSEWHERE = frozenset({*SHEETS, stamp.SHEET, quality.SHEET, quality.LIST})
_NOTES = frozenset({"Ghi chú", "Căn cứ, ghi chú", "Căn cứ, tài liệu"})
_MARK, _UNIT = "Nguồn", frozenset({"Đơn vị"})
_REFERENCE = re.compile(r"\$?\b([A-Z]{1,3})\$?\d+\b(?!\()")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])\d+(?:\.\d+)?(?:E[+-]?\d+)?")
_MISSING = frozenset({MISSING.vi, MISSING.en})
_UNITS = (("giờ/", ""), ("giờ", "hours"), ("đồng", "VND"), ("tỷ lệ", "share"))


@dataclass(frozen=True, slots=True)
class Edit:
    """One input that an officer changed.

    Attributes
    ----------
    sheet, cell
        Where it stands now.
    target
        What it stands for.
    before, after
        A number (NaN for none) or a day (None for none).
    mark
        Where the officer says the figure comes from.
    """

    sheet: str
    cell: str
    target: Input
    before: float | date | None
    after: float | date | None
    mark: str = ENTERED


@dataclass
class Compared:
    """What the comparison found: edits, what is broken, and what is not read."""

    edits: list[Edit] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)


def compare_sheets(
    path: Path, read: Read, formulas: Formulas, made: Book, units: Mapping[str, str]
) -> Compared:
    """Return every difference between a workbook and the one that procsim would write.

    Parameters
    ----------
    path, read, formulas
        The edited workbook: its name, its values as text, its formulas.
    made
        The workbook as procsim writes it, recorded.
    units
        Unit of each parameter, for the reading of its number.
    """
    found = Compared()
    sheets = {sheet.name: sheet for sheet in read.sheets}
    pages = [page for name, page in made.pages.items() if name not in _ELSEWHERE]
    aligned = []
    for page in pages:
        if page.name not in sheets:
            found.faults.append(NO_SHEET.fault(place_of(path), page.name))
            continue
        one = _Sheet(path, page, sheets[page.name], formulas.get(page.name, {}), found, units)
        if one.align():
            aligned.append(one)
    still = all(one.still for one in aligned) and not found.faults
    for one in aligned:
        one.compare(still=still)
    refused = {fault.place for fault in found.faults}
    errors = [
        fault
        for fault in read.faults
        if fault.code == "cell.error_value"
        and fault.place in {place_of(path, e.sheet, e.cell) for e in found.edits} - refused
    ]
    found.faults = [*_bounded(found.faults), *errors]
    found.notices = _bounded(found.notices)
    return found


class _Sheet:
    """One sheet: its rows as they are, and where each row of the original stands in it."""

    def __init__(
        self,
        path: Path,
        page: Page,
        sheet: Sheet,
        formulas: Mapping[str, str],
        found: Compared,
        units: Mapping[str, str],
    ) -> None:
        self.path, self.page, self.formulas = path, page, formulas
        self.found, self.units = found, units
        self.rows: Rows = with_numbers(sheet)
        self.at: dict[int, int] = {}
        self.still = True
        self.labels = {i: column.label.vi for i, column in enumerate(page.columns, 1)}
        self.merged = {row for row, _, _ in page.merged}
        self.with_inputs = {row for row, _ in page.inputs}

    def place(self, row: int, column: int) -> str:
        """Name a cell of the edited sheet; rows and columns from 1."""
        return place_of(self.path, self.page.name, cell_name(row, column))

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell of the edited sheet; ``""`` beyond its end."""
        cells = self.rows[row - 1] if row <= len(self.rows) else []
        return cells[column - 1] if column <= len(cells) else ""

    # -- where the rows are

    def align(self) -> bool:
        """Find each row again; return whether the sheet can be compared."""
        if not self.page.key_column:
            self.at = _by_words(self.page, self.rows)
            self.still = all(old == new for old, new in self.at.items())
            return True
        keys = self._keys()
        if self.page.head_row:
            head = keys.get(self.page.head_row, [0])[0] or self._likely_head()
            if not self._columns_stand(head):
                return False
        if not keys:
            place = place_of(self.path, self.page.name)
            self.found.faults.append(NO_KEYS.fault(place, cell_name(1, self.page.key_column)))
            return False
        for row, cells in self.page.cells.items():
            where = keys.get(row, [])
            if not where and any(value != "" for value, _ in cells.values()):
                self._lost(row)
            elif len(where) > 1:
                names = ", ".join(f"{at}:{at}" for at in where)
                place = place_of(self.path, self.page.name, names)
                self.found.faults.append(TWICE.fault(place, self._words_of(row)))
            elif where:
                self.at[row] = where[0]
        self._strangers({at for where in keys.values() for at in where})
        self.still = all(old == new for old, new in self.at.items())
        return True

    def _keys(self) -> dict[int, list[int]]:
        keys: dict[int, list[int]] = {}
        for at in range(1, len(self.rows) + 1):
            text = as_text(self.cell(at, self.page.key_column))
            if text.isdecimal() and int(text) in self.page.cells:
                keys.setdefault(int(text), []).append(at)
        return keys

    def _likely_head(self) -> int:
        """Return the row that has most of the headings; 0 where none has any."""
        wanted = {_plain(value) for value, _ in self.page.cells[self.page.head_row].values()}
        scores = [len(wanted & {_plain(cell) for cell in row}) for row in self.rows]
        return scores.index(max(scores)) + 1 if any(scores) else 0

    def _columns_stand(self, head: int) -> bool:
        """Return whether every heading stands in its column; say which does not."""
        cells = self.page.cells[self.page.head_row]
        there = [_plain(cell) for cell in self.rows[head - 1]] if head else []
        wrong = {
            column: str(value)
            for column, (value, _) in cells.items()
            if (there[column - 1] if column <= len(there) else "") != _plain(value)
        }
        gone = {c: text for c, text in wrong.items() if _plain(text) not in there}
        for column, text in (gone or wrong).items():
            written = as_text(self.cell(head, column)) if head else ""
            place = self.place(max(head, 1), column)
            self.found.faults.append(NO_COLUMN.fault(place, written, text))
        return not wrong

    def _words_of(self, row: int) -> str:
        cells = self.page.cells[row].values()
        return " | ".join(str(value) for value, _ in cells if isinstance(value, str) and value)[:90]

    def _lost(self, row: int) -> None:
        values = [value for value, _ in self.page.cells[row].values()]
        if row in self.with_inputs or any(isinstance(v, Formula | float | int) for v in values):
            place = place_of(self.path, self.page.name)
            self.found.faults.append(NO_ROW.fault(place, self._words_of(row), f"{row}"))

    def _strangers(self, known: set[int]) -> None:
        for at, row in enumerate(self.rows, 1):
            if at not in known and any(not is_blank(cell) for cell in row):
                place = place_of(self.path, self.page.name, f"{at}:{at}")
                text = " | ".join(as_text(cell) for cell in row if not is_blank(cell))
                self.found.faults.append(STRANGE_ROW.fault(place, text))

    # -- what the cells hold

    def compare(self, *, still: bool) -> None:
        """Compare every row that was found."""
        for old, new in self.at.items():
            if old != self.page.head_row or not self.page.key_column:
                self._row(old, new, still=still)

    def _row(self, old: int, new: int, *, still: bool) -> None:
        edits: list[Edit] = []
        mark = None
        for column, (value, style) in self.page.cells[old].items():
            target = self.page.inputs.get((old, column))
            formula = self.formulas.get(cell_name(new, column))
            if isinstance(value, Formula) and formula is not None:
                if formula not in (value.text, SHARED) and (
                    _normal(formula, still=still) != _normal(value.text, still=still)
                ):
                    self._refuse(CHANGED_FORMULA, new, column, f"={value.text}", f"={formula}")
            elif target is not None:
                edit = self._input(target, value, new, column)
                edits += [] if edit is None else [edit]
            elif isinstance(value, Formula):
                self._refuse(LOST_FORMULA, new, column, f"={value.text}")
            elif self._differs(value, new, column, old):
                if self.labels.get(column) == _MARK and style != "head":
                    mark = (new, column, str(value))
                else:
                    self._constant(value, new, column, old)
        self.found.edits += self._with_mark(edits, mark)

    def _with_mark(self, edits: list[Edit], mark: tuple[int, int, str] | None) -> list[Edit]:
        """Return the edits of a row with the mark that the officer gave them."""
        if mark is None:
            return edits
        row, column, old = mark
        written = nfc(as_text(self.cell(row, column))).strip()
        if edits and written in MARKS:
            return [replace(edit, mark=written) for edit in edits]
        self.found.notices.append(NOT_READ.fault(self.place(row, column), written, old))
        return edits

    def _differs(self, value: float | str | date | None, row: int, column: int, old: int) -> bool:
        cell = self.cell(row, column)
        if value in ("", None):
            merged = old in self.merged
            return not merged and not is_blank(cell) and column <= len(self.page.columns)
        if isinstance(value, str):
            return _plain(cell) != _plain(value)
        if isinstance(value, date):
            return as_text(cell)[:10] != value.isoformat()
        return not _same_number(cell, float(value))

    def _constant(self, value: Value, row: int, column: int, old: int) -> None:
        """Refuse, or tell, that something changed that is not read."""
        label = self.labels.get(column, "")
        if isinstance(value, float | int | date):
            self._refuse(CHANGED_FIGURE, row, column, _shown(value))
        elif label in _UNIT and value:
            self._refuse(CHANGED_UNIT, row, column, str(value))
        elif old in self.with_inputs and value and label not in _NOTES:
            self._refuse(CHANGED_TEXT, row, column, str(value))
        else:
            written = as_text(self.cell(row, column))
            self.found.notices.append(
                NOT_READ.fault(self.place(row, column), written, str(value or ""))
            )

    def _refuse(self, words: Words, row: int, column: int, old: str, now: str = "") -> None:
        written = now or as_text(self.cell(row, column))
        self.found.faults.append(words.fault(self.place(row, column), written, old))

    def _input(self, target: Input, value: Value, row: int, column: int) -> Edit | None:
        """Return what an officer entered in an input, None where it is as it was."""
        before = value.value if isinstance(value, Formula) else value
        cell = self.cell(row, column)
        if isinstance(cell, str) and nfc(cell).strip() in _MISSING | {"chưa rõ", "not known"}:
            cell = ""
        was: float | date | None
        if target.kind == "date":
            was = before if isinstance(before, date) else None
        else:
            was = float(before) if isinstance(before, float | int) else math.nan
        if isinstance(was, float) and not math.isnan(was) and _same_number(cell, was):
            return None
        after, faults = self._read(target, cell, row, column)
        self.found.faults += [fault for fault in faults if fault.severity == "error"]
        self.found.notices += [fault for fault in faults if fault.severity != "error"]
        if any(fault.severity == "error" for fault in faults) or _same(was, after):
            return None
        return Edit(self.page.name, cell_name(row, column), target, was, after)

    def _read(
        self, target: Input, cell: Cell, row: int, column: int
    ) -> tuple[float | date | None, list[Fault]]:
        place = self.place(row, column)
        shape = _shape(target, self.units)
        (value,), faults = read_column(shape, [cell], lambda _: place)
        if target.kind == "date":
            return (date.fromisoformat(str(value)) if value else None), faults
        number = float(value)
        if not faults and is_blank(cell) and target.kind == "parameter":
            faults = [NOTHING_ENTERED.fault(place, "")]
        return number, faults


def _shape(target: Input, units: Mapping[str, str]) -> Column:
    """Return the column by whose rules a cell is read."""
    if target.kind == "cell":
        return table(target.table)[target.column]
    if target.kind == "limit":
        return table("channels")["limit_value"]
    unit = ""
    if target.kind == "parameter":
        written = units.get(target.row, "")
        unit = next((code for start, code in _UNITS if written.startswith(start)), "")
    kind = "date" if target.kind == "date" else "number"
    return Column("report", target.row, kind, unit, (), "", False, Text(target.row, target.row), "")


@lru_cache(maxsize=1 << 14)
def _plain(text: object) -> str:
    return " ".join(nfc(str(text)).split())


def _same_number(cell: Cell, number: float) -> bool:
    if isinstance(cell, str):
        if cell == number_text(number):
            return True
        if not re.fullmatch(r"-?\d+", cell):
            return False
    return math.isclose(float(cell), number, rel_tol=1e-9, abs_tol=1e-12)


def _same(one: float | date | None, other: float | date | None) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return one == other


def _shown(value: float | date) -> str:
    return value.isoformat() if isinstance(value, date) else number_text(float(value))


@lru_cache(maxsize=1 << 14)
def _normal(formula: str, *, still: bool) -> str:
    """Return a formula as every program writes it; without row numbers where rows have moved."""
    parts = formula.split('"')
    for at in range(0, len(parts), 2):  # what stands between quotes stays
        text = re.sub(r"\s+", "", parts[at]).replace("FALSE()", "FALSE").replace("TRUE()", "TRUE")
        text = text.replace("'", "").replace("_xlfn.", "")
        if not still:
            text = _REFERENCE.sub(r"\1", text)
        parts[at] = _NUMBER.sub(lambda found: f"{float(found.group()):.12g}", text)
    return '"'.join(parts)


def _by_words(page: Page, rows: Rows) -> dict[int, int]:
    """Return where each row of a sheet without keys is: the row that has its first words."""
    waiting: dict[tuple[str, ...], list[int]] = {}
    found: dict[int, int] = {}
    for at in range(len(rows), 0, -1):
        waiting.setdefault(_signature([as_text(cell) for cell in rows[at - 1]]), []).append(at)
    for row, cells in page.cells.items():
        own = [
            str(cells[c][0]) if c in cells and isinstance(cells[c][0], str) else ""
            for c in range(1, max(cells) + 1)
        ]
        here = waiting.get(_signature(own))
        if here:
            found[row] = row if row in here else here[-1]
            here.remove(found[row])
    free = set(range(1, len(rows) + 1)) - set(found.values())
    # Where the words themselves were changed the row is the one that stands in its place.
    return found | {row: row for row in page.cells if row not in found and row in free}


def _signature(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the words at the beginning of a row; numbers and empty cells do not count."""
    words = [_plain(text) for text in texts if re.search(r"[^\W\d_]", text)]
    return tuple(words[:2])


def _bounded(faults: Sequence[Fault]) -> list[Fault]:
    """Return at most so many faults of a kind for a sheet, and one that counts the others."""
    made: list[Fault] = []
    seen: Counter[tuple[str, str]] = Counter()
    for fault in faults:
        key = (fault.place.rpartition(" › ")[0], fault.code)
        seen[key] += 1
        if seen[key] <= DEFAULT.faults:
            made.append(fault)
    for (place, code), count in seen.items():
        more = count - DEFAULT.faults
        if more > 0:
            first = next(fault for fault in faults if fault.code == code)
            message = bilingual("reports.more_cells_like", more=more, message_text=first.message)
            made.append(replace(first, place=place, value=f"+{more}", message=message))
    return made


# What can be wrong in an edited workbook, in the words of the officer who edited it.


@dataclass(frozen=True, slots=True)
class Words:
    """One kind of fault; ``{old}`` in its cure stands for what the cell held."""

    code: str
    message: Text
    cure: Text
    severity: Severity = "error"

    def fault(self, place: str, value: str, old: str = "") -> Fault:
        """Return the fault at a place."""
        shown = shorten(old, 160)
        cure = Text(*(part.replace("{old}", shown) for part in self.cure))
        return Fault(
            place, shorten(value), self.message, cure, self.severity, f"readback.{self.code}"
        )


NO_SHEET = Words(
    "sheet", bilingual("reports.sheet_deleted_renamed"), bilingual("reports.restore_under_old_name")
)
NO_COLUMN = Words(
    "column",
    bilingual("reports.no_heading_procsim_wrote"),
    bilingual("reports.restore_column_heading_put"),
)
NO_KEYS = Words(
    "keys",
    bilingual("reports.hidden_column_row_numbers"),
    bilingual("reports.restore_write_file_again"),
)
NO_ROW = Words(
    "row_deleted",
    bilingual("reports.row_procsim_wrote_deleted"),
    bilingual("reports.restore_row_file_written"),
)
TWICE = Words(
    "row_twice", bilingual("reports.row_procsim_wrote_twice"), bilingual("reports.delete_copies")
)
STRANGE_ROW = Words(
    "row_unknown",
    bilingual("reports.no_procsim_did_write"),
    bilingual("reports.delete_write_right_table"),
)
LOST_FORMULA = Words(
    "formula",
    bilingual("reports.no_cell_formula_now"),
    bilingual("reports.restore_formula_change_figures"),
)
CHANGED_FORMULA = Words(
    "formula",
    bilingual("reports.formula_changed"),
    bilingual("reports.restore_formula_change_figures"),
)
CHANGED_FIGURE = Words(
    "figure",
    bilingual("reports.no_procsim_works_figure"),
    bilingual("reports.write_again_change_reform"),
)
CHANGED_UNIT = Words(
    "unit", bilingual("reports.unit_changed"), bilingual("reports.write_again_convert_number")
)
CHANGED_TEXT = Words(
    "text", bilingual("reports.text_beside_input_changed"), bilingual("reports.write_again")
)
NOTHING_ENTERED = Words(
    "nothing", bilingual("reports.parameter_must_value"), bilingual("reports.enter_number")
)
NOT_READ = Words(
    "not_read",
    bilingual("reports.no_what_changed_cell"),
    bilingual("reports.change_wording_reform_sheet"),
    "warning",
)
