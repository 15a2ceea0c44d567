"""From loose tables, as officers fill them in, to a portfolio with ids and references.

An officer need not know procsim's ids: a row may name its procedure by code or
name, a case, step or condition by its number or name, a channel by its word.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

import pandas as pd

from procsim.errors import NOTHING, Fault, Severity, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import Epoch, canonical_code, fold, nfc, repair_code
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.cells import (
    Cell,
    Value,
    as_text,
    is_blank,
    missing,
    read_column,
    without_escapes,
)
from procsim.readers.published import NUMBERS, judge, number_words
from procsim.readers.words import (
    EXAMPLE,
    EXAMPLES,
    TITLES,
    applicant_entries,
    audience_of,
    heading_names,
    vocabulary,
)
from procsim.reference.schema import Column, table

_LETTERS = {
    "cases": "c",
    "channels": "k",
    "fees": "f",
    "requirements": "r",
    "steps": "s",
    "conditions": "d",
    "legal_bases": "l",
    "results": "o",
    "marks": "m",
    "decisions": "q",
}
_OWNER = {
    "requirements": "case",
    "fees": "channel",
    "marks": "requirement",
    "decisions": "requirement",
}
_NO_CODE = "chua-co-ma"


@dataclass(frozen=True, slots=True)
class Loose:
    """One table as it stands in a file.

    Parameters
    ----------
    columns
        Cells by machine column name, one for each row; absent columns are absent.
    rows
        Number of rows.
    place
        Returns the place of a cell: row number from 0 and machine column name.
    """

    columns: Mapping[str, Sequence[Cell]]
    rows: int
    place: Callable[[int, str], str]

    def key(self, column: str, row: int) -> str:
        """Return the cell as a key: text without stray spaces, ``""`` when blank."""
        cells = self.columns.get(column)
        return "" if cells is None or is_blank(cells[row]) else nfc(as_text(cells[row])).strip()


# procsim writes every column; officers leave these out or empty.
_WRITTEN = {"procedures": "code_written", "channels": "limit_flag", "fees": "flag"}
_ONE_LINE = {"ministry", "decision"}


def _is_written(name: str, given: Loose, row: int) -> bool:
    """Tell whether procsim wrote a row: it has an id, and the table every column."""
    return bool(given.key("id", row)) and _WRITTEN.get(name, "id") in given.columns


def _cleaned(name: str, given: Loose) -> Loose:
    """Return a table whose places name the procedure of the row.

    Officers' rows are freed of what other programs and line breaks left in them;
    rows of procsim's own keep every letter, for a text may hold ``_x000D_`` itself.
    """

    def clean(column: str, row: int, cell: Cell) -> Cell:
        if not isinstance(cell, str) or _is_written(name, given, row):
            return cell
        text = without_escapes(cell)
        return " ".join(text.split()) if column in _ONE_LINE else text

    columns = dict(given.columns)
    for column, cells in given.columns.items():
        odd = "\n" if column in _ONE_LINE else "_x"
        if any(isinstance(cell, str) and (odd in cell or "_x" in cell) for cell in cells):
            columns[column] = [clean(column, row, cell) for row, cell in enumerate(cells)]
    owner = "code" if name == "procedures" else "procedure"

    def place(row: int, column: str) -> str:
        label = given.key(owner, row) or given.key("name", row)
        return given.place(row, column) + (f" ({shorten(label, 40)})" if label else "")

    return replace(given, columns=columns, place=place)


@dataclass(slots=True)
class _Made:
    """One table under construction."""

    data: dict[str, list[Value]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    generated: set[str] = field(default_factory=set)
    by_name: dict[tuple[str, str], list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Assembly:
    loose: dict[str, Loose]
    epoch: Epoch
    faults: list[Fault] = field(default_factory=list)
    made: dict[str, _Made] = field(default_factory=dict)

    def add(
        self,
        place: str,
        code: str,
        value: object,
        message: Text,
        cure: Text = NOTHING,
        severity: Severity = "error",
    ) -> None:
        """Note one fault."""
        self.faults.append(Fault(place, shorten(value), message, cure, severity, code))

    def build(self, name: str) -> None:
        """Read, link and number the rows of one table."""
        given = self.loose[name] = _cleaned(name, self.loose[name])
        made = self.made[name]
        words = number_words(name, given.columns.get(NUMBERS.get(name, ""), ()))
        for column in table(name).columns:
            if column.kind in {"id", "ref"}:
                continue
            if column.name in given.columns:
                cells = given.columns[column.name]
                if words and column.name == NUMBERS[name]:
                    cells = ["" if row in words else cell for row, cell in enumerate(cells)]

                def place(row: int, name: str = column.name) -> str:
                    return given.place(row, name)

                made.data[column.name], found = read_column(column, cells, place, epoch=self.epoch)
                self.faults += found
            else:
                made.data[column.name] = [missing(column)] * given.rows
        if name == "procedures":
            self._keep_written_codes(given, made)
            self._name_applicants(given, made)
        for column in table(name).references:
            made.data[column.name] = [""] * given.rows
            for row in range(given.rows):
                made.data[column.name][row] = self._refer(name, column, row)
        if name == "requirements":
            self._put_into_cases(given, made)
        self._number(name, given, made)
        if name in NUMBERS:
            written = partial(_is_written, name, given)
            self.faults += judge(name, made.data, made.ids, words, written, given.place)
        self._require(name, given, made)
        self._index(name, made)

    def _keep_written_codes(self, given: Loose, made: _Made) -> None:
        for row, code in enumerate(made.data["code"]):
            written = given.key("code", row)
            if written and written != code and not made.data["code_written"][row]:
                made.data["code_written"][row] = written

    @staticmethod
    def _name_applicants(given: Loose, made: _Made) -> None:
        """Part the subject types that commas join, and let the audience follow them."""
        applicants, audience = made.data["applicants"], made.data["audience"]
        for row, written in enumerate(map(str, applicants)):
            types, are_types = applicant_entries(written)
            if are_types and not _is_written("procedures", given, row):
                applicants[row] = ";".join(types)
            if written and not given.key("audience", row):
                audience[row] = audience_of(";".join(types))

    # -- references

    def _refer(self, name: str, column: Column, row: int) -> str:
        given, made = self.loose[name], self.made[name]
        written = given.key(column.name, row)
        target = self.made[column.target]
        if not written:
            return ""
        if column.target == "procedures":
            return self._refer_procedure(given, column, row, written)
        if written in target.known:
            return written
        owner = str(made.data["procedure"][row]) if "procedure" in made.data else ""
        found = target.by_name.get((owner, fold(written)), [])
        if len(found) == 1:
            return found[0]
        self._not_found(given.place(row, column.name), column, written, found)
        return written

    def _refer_procedure(self, given: Loose, column: Column, row: int, written: str) -> str:
        target = self.made["procedures"]
        same_code = target.by_name.get(("code", canonical_code(written)), [])
        if written in target.known:
            if written in target.generated and len(same_code) > 1:
                self.add(
                    given.place(row, column.name),
                    "reader.code_not_unique",
                    written,
                    bilingual("readers.several_procedures_file_carry"),
                    bilingual("readers.write_procsim_id", same_code=", ".join(same_code)),
                    "warning",
                )
            return written
        found = same_code or target.by_name.get(("name", fold(written)), [])
        if len(found) == 1:
            return found[0]
        self._not_found(given.place(row, column.name), column, written, found)
        return written

    def _not_found(self, place: str, column: Column, written: str, found: list[str]) -> None:
        sheet = TITLES[column.target]
        if found:
            self.add(
                place,
                "reader.ambiguous_reference",
                written,
                bilingual("readers.several_rows_match_cell", sheet=sheet),
                bilingual("readers.write_id", value_found=", ".join(found)),
            )
            return
        self.add(
            place,
            "reader.dangling",
            written,
            bilingual("readers.no_cell_points_row", sheet=sheet),
            bilingual("readers.correct_id_code_add", sheet=sheet),
        )

    def _put_into_cases(self, given: Loose, made: _Made) -> None:
        """Attach dossier rows that name no case to the only case of their procedure."""
        cases = self.made["cases"]
        of: dict[str, list[str]] = defaultdict(list)
        for number, owner in zip(cases.ids, cases.data["procedure"], strict=True):
            of[str(owner)].append(number)
        for row, owner in enumerate(map(str, made.data["procedure"])):
            if made.data["case"][row] or not owner:
                continue
            if not of[owner]:
                of[owner].append(self._new_case(owner))
            if len(of[owner]) == 1:
                made.data["case"][row] = of[owner][0]
                continue
            self.add(
                given.place(row, "case"),
                "reader.case_unnamed",
                made.data["name"][row],
                bilingual("readers.no_procedure_several_cases"),
                bilingual("readers.write_number_name_id", of=", ".join(of[owner])),
            )

    def _new_case(self, owner: str) -> str:
        cases = self.made["cases"]
        number = _free(f"{owner}/c", 1, cases.known)
        cases.ids.append(number)
        cases.known.add(number)
        for column in table("cases").columns[1:]:
            cases.data[column.name].append(missing(column))
        cases.data["procedure"][-1] = owner
        cases.data["position"][-1] = 1
        return number

    # -- ids

    def _number(self, name: str, given: Loose, made: _Made) -> None:
        """Take the ids written, make those that are not, and number the positions."""
        ids: list[str] = [given.key("id", row) for row in range(given.rows)]
        taken = set(ids)
        running: Counter[str] = Counter()
        for row, written in enumerate(ids):
            stem = self._stem(name, made, row)
            running[stem] += 1
            if "position" in made.data and not given.key("position", row):
                made.data["position"][row] = running[stem]
            if written and written not in made.known:
                made.known.add(written)
                made.ids.append(written)
                continue
            number = self._make(name, made, row, stem, running[stem], taken)
            taken.add(number)
            if written:
                self.add(
                    given.place(row, "id"),
                    "reader.duplicate_id",
                    written,
                    bilingual("readers.row_above_id_row", number=number),
                    bilingual("readers.every_row_needs_id"),
                )
            elif name == "procedures" and not stem:
                self._no_code(given.place(row, "code"), number)
            made.known.add(number)
            made.generated.add(number)
            made.ids.append(number)

    def _no_code(self, place: str, number: str) -> None:
        self.add(
            place,
            "reader.no_code",
            "",
            bilingual("readers.no_procedure_code_goes", number=number),
            bilingual("readers.fill_code_other_sheets"),
            "warning",
        )

    def _stem(self, name: str, made: _Made, row: int) -> str:
        if name == "procedures":
            return str(made.data["code"][row])
        owner = str(made.data[_OWNER[name]][row]) if name in _OWNER else ""
        return owner or str(made.data.get("procedure", [""] * (row + 1))[row])

    def _make(
        self, name: str, made: _Made, row: int, stem: str, count: int, taken: set[str]
    ) -> str:
        if name == "procedures":
            if not stem:
                return _free(f"{_NO_CODE}-", 1, taken)
            return stem if stem not in taken else _free(f"{stem}#", 2, taken)
        if name == "flow":
            before, after = (str(made.data[side][row]) for side in ("before", "after"))
            link = f"{before}-{after.rpartition('/')[2]}"
            return link if link not in taken else _free(f"{link}#", 2, taken)
        position = made.data.get("position")
        wanted = position[row] if position else count
        return _free(f"{stem}/{_LETTERS[name]}", int(wanted), taken)

    def _require(self, name: str, given: Loose, made: _Made) -> None:
        for column in table(name).columns:
            if not column.required or column.kind == "id" or column.name not in given.columns:
                continue
            if (name, column.name) == ("requirements", "case"):
                continue  # has its own sentence, or was attached
            for row, value in enumerate(made.data[column.name]):
                if value == "":
                    self.add(
                        given.place(row, column.name),
                        "reader.required",
                        "",
                        bilingual("readers.missing", label=column.label),
                        bilingual("readers.fill_required"),
                    )

    def _index(self, name: str, made: _Made) -> None:
        """Remember under which words the rows of this table can be referred to."""
        known: dict[tuple[str, str], list[str]] = defaultdict(list)
        if name == "procedures":
            for number, code, title in zip(
                made.ids, made.data["code"], made.data["name"], strict=True
            ):
                known["code", str(code)].append(number)
                known["name", fold(str(title))].append(number)
            made.by_name = {key: ids for key, ids in known.items() if key[1]}
            return
        if name in {"cases", "channels", "steps", "conditions", "requirements"}:
            owners = made.data["procedure"]
            for row, number in enumerate(made.ids):
                for word in {str(made.data["position"][row])} | self._names(name, made, row):
                    known[str(owners[row]), word].append(number)
            if name == "requirements":
                for row, number in enumerate(made.ids):
                    known["", fold(str(made.data["name"][row]))].append(number)
        made.by_name = known

    @staticmethod
    def _names(name: str, made: _Made, row: int) -> set[str]:
        if name == "channels":
            code = made.data["method"][row]
            words = vocabulary(table("channels")["method"])
            return {word for word, of in words.items() if of == code}
        column = "text" if name == "conditions" else "name"
        return {fold(str(made.data[column][row]))} - {""}


def _free(stem: str, number: int, taken: set[str]) -> str:
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def assemble(
    loose: Mapping[str, Loose],
    *,
    source: str = "",
    faults: Sequence[Fault] = (),
    epoch: Epoch = "1900",
) -> Portfolio:
    """Build a portfolio from the tables of a file.

    Parameters
    ----------
    loose
        The tables that the file holds, by name.
    source
        Name of the file, for the reports.
    faults
        What was found before.
    epoch
        Date system of the workbook, ``"1900"`` or ``"1904"``.

    Returns
    -------
    Portfolio
        Every row of the file; cells that could not be read are missing, and
        each has its fault. Ids that were not written are made by the scheme
        ``1.004222/c1/r3``; a second row with the same code becomes ``1.004222#2``.
    """
    nothing = Loose({}, 0, lambda row, column: f"{row} {column}")
    assembly = _Assembly({name: loose.get(name, nothing) for name in TABLES}, epoch, list(faults))
    for name in TABLES:
        assembly.made[name] = _Made()
        assembly.build(name)
    frames = {
        name: pd.DataFrame(made.data, index=pd.Index(made.ids, dtype=object))
        for name, made in assembly.made.items()
    }
    portfolio = Portfolio.from_tables(frames, source=source, strict=False)
    # What the model finds missing was said above already, with the cell where it is missing.
    other = [fault for fault in portfolio.faults if fault.code != "model.required"]
    return portfolio.replace(faults=(*assembly.faults, *other))


# Find the headings of a table in a sheet, wherever and in whatever order they stand.

SEARCHED = 30
_DECORATION = re.compile(r"[\s*:(]+$|^\d+[.)]\s*")
# Made by procsim where they are empty, or worked out from the other columns.
_MADE = {"id", "case"}
NUMBERING = frozenset({"stt", "tt", "so tt", "so thu tu"})
"""Folded headings of the column that counts the rows."""


@dataclass(frozen=True, slots=True)
class Headings:
    """Where the columns of a table stand in a sheet.

    Parameters
    ----------
    columns
        Position (from 0) of each column found.
    first
        Row (from 0) of the first data row.
    row
        Row (from 0) of the headings.
    twice
        Positions of headings that name a column already found, with the column.
    unknown
        Positions of headings that name no column.
    """

    columns: Mapping[str, int]
    first: int
    row: int
    twice: tuple[tuple[int, str], ...]
    unknown: tuple[int, ...]


def name_of(cell: Cell, names: Mapping[str, str]) -> str:
    """Return the column that a heading names, ``""`` when it names none."""
    folded = fold(without_escapes(as_text(cell)))
    return names.get(folded) or names.get(_DECORATION.sub("", folded), "")


def find_headings(rows: Sequence[Sequence[Cell]], names: Mapping[str, str]) -> Headings | None:
    """Return where the columns stand, or None when no row reads like headings.

    The row among the first thirty that names most columns is taken, together
    with the rows right under it that go on with the headings: the machine names
    under the labels, the lower row of headings in two rows ("Cơ quan" over
    "ban hành" and "thực hiện"), and the numbers of the columns.
    """
    scores = [len({name_of(c, names) for c in row} - {""}) for row in rows[:SEARCHED]]
    if not any(scores):
        return None
    best = scores.index(max(scores))
    filled = sum(not is_blank(cell) for cell in rows[best])
    if scores[best] < 2 and filled > 1:
        return None
    upper = [list(row) for row in rows[max(0, best - 2) : best]]
    block = [list(rows[best])]
    while best + len(block) < len(rows) and _goes_on(
        rows[best + len(block)], [*upper, *block], names
    ):
        block.append(list(rows[best + len(block)]))
    columns: dict[str, int] = {}
    twice: list[tuple[int, str]] = []
    unknown: list[int] = []
    for at in range(max(map(len, block))):
        # The machine name under a label decides: labels may be rewritten by hand.
        stack = [*upper, *block]
        depths = range(len(stack) - 1, -1, -1)
        found = next((n for d in depths if (n := _named(at, stack[d], stack[:d], names))), "")
        if found and found in columns:
            twice.append((at, found))
        elif found:
            columns[found] = at
        elif not all(is_blank(row[at]) for row in block if at < len(row)):
            unknown.append(at)
    return Headings(columns, best + len(block), best, tuple(twice), tuple(unknown))


def _named(
    at: int, row: Sequence[Cell], above: Sequence[Sequence[Cell]], names: Mapping[str, str]
) -> str:
    """Return the column that a heading names by itself or with the heading above it."""
    cell = row[at] if at < len(row) else ""
    if is_blank(cell):
        return ""
    for upper in (None, *reversed(above)):
        parent = "" if upper is None else _spread(upper, at)
        found = name_of(f"{parent} {as_text(cell)}" if parent else cell, names)
        if found:
            return found
    return ""


def _spread(row: Sequence[Cell], at: int) -> str:
    """Return the heading that reaches over a column: its own, or the next one to the left."""
    return next((as_text(c) for c in reversed(row[: at + 1]) if not is_blank(c)), "")


def _goes_on(
    row: Sequence[Cell], above: Sequence[Sequence[Cell]], names: Mapping[str, str]
) -> bool:
    """Tell whether a row goes on with the headings of the row above it."""
    filled = [at for at, cell in enumerate(row) if not is_blank(cell)]
    if _counts_columns(row):
        return True
    if len(filled) > 1 and all(name_of(row[at], names) for at in filled):
        return True
    last = above[-1]
    same = [at for at in filled if at < len(last) and row[at] == last[at]]
    own = [at for at in filled if at not in same]
    # A lower heading stands under a wide one; under one of its own it would be data.
    wide = all(at >= len(last) or is_blank(last[at]) or _is_wide(last, at) for at in own)
    repeats = any(name_of(row[at], names) for at in same)
    return wide and (repeats or any(_named(at, row, above, names) for at in own))


def _is_wide(row: Sequence[Cell], at: int) -> bool:
    """Tell whether the heading at a place reaches over its neighbour too."""
    beside = [row[near] for near in (at - 1, at + 1) if 0 <= near < len(row)]
    return row[at] in beside or (at + 1 < len(row) and is_blank(row[at + 1]))


_COLUMN_NUMBER = re.compile(r"(?:c[ộo]t )?[(\[]?(\d{1,2}|[a-zđ])[)\].]?(?:\s*=.*)?", re.IGNORECASE)


def _counts_columns(row: Sequence[Cell]) -> bool:
    """Tell whether a row counts its columns: (1), (2), (3) or A, B, 1, 2."""
    filled = [as_text(cell).strip() for cell in row if not is_blank(cell)]
    marks = [found[1] for text in filled if (found := _COLUMN_NUMBER.fullmatch(text))]
    letters = [mark.upper() for mark in marks if mark.isalpha()]
    numbers = [int(mark) for mark in marks[len(letters) :] if mark.isdecimal()]
    steps = [after - before for before, after in pairwise(numbers)]
    return (
        len(filled) == len(marks) == len(letters) + len(numbers)
        and len(set(marks)) > 1
        and letters == list("ABCDEFGH"[: len(letters)])
        and (not numbers or numbers[0] in (1, 2))
        and set(steps) <= {0, 1}  # a merged column shows its number twice
    )


_SECTION = re.compile(
    r"(?:(?:[ivxlc]{1,6}|[a-zđ]|\d{1,2})(?:\.\d{1,2})*[.):/ -]+)?(?:lĩnh vực|nhóm (?:lĩnh|thủ)"
    r"|phần (?:[ivx\d]|thứ)|mục [ivx\d]|chương [ivx\d]|danh mục (?:thủ tục|tthc)|các thủ tục"
    r"|(?:thủ tục hành chính|tthc) (?:cấp|thuộc|thực|do|nội|mới|được|sửa|bị|bãi|thay|ban|chung)"
    r"|cấp (?:tỉnh|xã|bộ|trung ương)|(?:bộ|sở|ngành) )|(?:[ivxlc]{1,6}|[a-zđ])[.)] "
)
_SAID: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "total",
        re.compile(r"tổng (?:cộng|số|hợp:)|(?:tổng|cộng)\s*(?:[:(\d]|$)|cộng (?:cuối|trang)"),
    ),
    (
        "remark",
        re.compile(
            r"\W*(?:(?:ghi chú|chú thích|nơi nhận|kèm theo)(?!\w)|(?:lưu ý|nguồn|căn cứ) ?:)|\(?\*"
        ),
    ),
    (
        "signature",
        re.compile(
            r"(?:người|cán bộ|đơn vị) (?:lập|tổng hợp|báo cáo|duyệt|kiểm tra)"
            r"(?:$| (?:biểu|bảng|danh))"
            r"|\(?ký(?: tên|,)|(?:tm|kt|tl|tuq)\.|.{0,40}, ?ngày .{0,12}tháng "
            r"|(?:thủ trưởng|(?:phó )?(?:chủ tịch|giám đốc|cục trưởng|vụ trưởng|bộ trưởng"
            r"|trưởng phòng|chánh văn phòng))(?:$| (?:đơn vị|cơ quan|ubnd|ủy ban|sở|cục|vụ))"
        ),
    ),
)
_COUNTED = re.compile(r"(?:[IVXLC]{1,6}|[A-ZĐ])(?:[.\-]\d{1,2})*[.)]?")


def _said(text: str) -> str:
    folded = fold(text, diacritics=True)
    return next((kind for kind, words in _SAID if words.match(folded)), "")


def _is_section(text: str, counters: Sequence[str]) -> bool:
    counted = any(_COUNTED.fullmatch(counter) for counter in counters)
    upper = len(text) > 3 and text.isupper()
    return counted or upper or bool(_SECTION.match(fold(text, diacritics=True)))


def _has_code(row: Sequence[Cell], columns: Mapping[str, int]) -> bool:
    """Tell whether a row names its procedure by a code, or carries an id of procsim's."""
    cells = {c: row[columns[c]] for c in ("id", "code", "procedure") if c in columns}
    return any(
        not is_blank(cell)
        and (name == "id" or repair_code(str(cell).partition("#")[0])[1] != "code.unrepairable")
        for name, cell in cells.items()
    )


def _kind_of(row: Sequence[Cell], columns: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Return what a row is that holds no record, ``""`` where it may be a record."""
    filled = [at for at, cell in enumerate(row) if not is_blank(cell)]
    if _has_code(row, columns):
        return ""
    texts = {at: " ".join(as_text(row[at]).split()) for at in filled}
    if filled and all(name_of(t, names) or fold(t) in NUMBERING for t in texts.values()):
        return "heading"
    if len(filled) > 2 and _counts_columns(row):
        return "numbers"
    inside = {at: text for at, text in texts.items() if at in columns.values()}
    outside = [text for at, text in texts.items() if at not in inside]
    if not inside:
        # Numbers that were filled down beside empty rows say nothing.
        return "blank" if all(text.rstrip(".").isdecimal() for text in outside) else "outside"
    distinct = list(dict.fromkeys(inside.values()))
    said = [kind for text in distinct if (kind := _said(text))]
    owner = columns.get("procedure", -1)
    if owner in inside and len(distinct) > 1 and not _said(inside[owner]):
        return ""  # names its procedure by words
    if said and (len(said) == len(distinct) or len(distinct) <= 2):
        return said[0]
    if len(distinct) == 1:
        titled = bool(inside.keys() & {columns.get(c) for c in ("code", "name", "procedure")})
        is_section = titled and _is_section(distinct[0], outside)
        return "section" if is_section or len(inside) > 1 else ""
    name = inside.get(columns.get("name", -1), distinct[0])
    headed = bool(_SECTION.match(fold(name, diacritics=True)))
    return "section" if headed and len(distinct) <= 2 and _is_section(name, outside) else ""


def records(
    rows: Sequence[Sequence[Cell]],
    headings: Headings,
    names: Mapping[str, str],
    place: Callable[[int, int], str],
    *,
    is_list: bool = False,
) -> tuple[list[int], list[Fault]]:
    """Return the rows that are records, and a note on each row that is none.

    Section headings, totals, remarks, signatures and repeated headings are no
    records; below a remark or a signature only rows with a code or a number are.

    Parameters
    ----------
    rows
        All cells of the sheet.
    headings
        Where its columns stand.
    names
        The columns by their folded headings.
    place
        Names a cell by row and column, both from 0.
    is_list
        Whether every record must have a code or a name, as in an official list.
    """
    kept: list[int] = []
    faults: list[Fault] = []
    columns = headings.columns
    ended = False
    for at in range(headings.first, len(rows)):
        row = rows[at]
        kind = _kind_of(row, columns, names)
        filled = {name for name, where in columns.items() if not is_blank(row[where])}
        numbered = any(
            as_text(cell).rstrip(".").isdecimal()
            for where, cell in enumerate(row)
            if where not in columns.values()
        )
        has_code = _has_code(row, columns)
        if not kind and is_list and not has_code and "name" not in filled and len(filled) < 4:
            kind = "section"
        ended = not has_code and (ended or kind in {"remark", "signature"})
        if not kind and not (ended and not numbered):
            kept.append(at)
        elif kind != "blank":
            faults.append(_left_out(place(at, 0), row))
    return kept, faults


def _left_out(place: str, row: Sequence[Cell]) -> Fault:
    texts = dict.fromkeys(as_text(cell) for cell in row if not is_blank(cell))
    return Fault(
        place,
        shorten(" | ".join(texts)),
        bilingual("reader.no_record"),
        bilingual("cure.reader.no_record"),
        "note",
        "list.heading_row",
    )


def loose_table(
    name: str, rows: Sequence[Sequence[Cell]], place: Callable[[int, int], str], whole: str
) -> tuple[Loose | None, list[Fault]]:
    """Return one table of a sheet with everything that is odd about its headings.

    Parameters
    ----------
    name
        The table that the sheet should hold.
    rows
        All cells of the sheet; rows may have different lengths.
    place
        Names a cell by row and column, both from 0.
    whole
        Names the sheet.
    """
    headings = find_headings(rows, heading_names(name))
    if headings is None:
        if all(is_blank(cell) for row in rows for cell in row):
            return None, []
        return None, [_no_headings(name, whole)]
    faults = [
        *_twice(name, rows, headings, place),
        *_unknown(rows, headings, place),
        *_absent(name, headings, whole),
    ]
    found, left_out = records(rows, headings, heading_names(name), place)
    faults += left_out
    kept: list[int] = []
    for at in found:
        first = next((cell for cell in rows[at] if not is_blank(cell)), "")
        if isinstance(first, str) and fold(first) == fold(EXAMPLE):
            if _is_rewritten(name, rows[at], headings):
                faults.append(_skipped_example(place(at, 0), rows[at]))
            continue
        kept.append(at)
    columns = {
        column: [rows[at][where] if where < len(rows[at]) else "" for at in kept]
        for column, where in headings.columns.items()
    }

    def place_of(row: int, column: str) -> str:
        return place(kept[row], headings.columns.get(column, 0))

    return Loose(columns, len(kept), place_of), faults


def _is_rewritten(name: str, row: Sequence[Cell], headings: Headings) -> bool:
    """Return whether somebody wrote into the example row, which would be lost unseen."""
    shown = {fold(as_text(cell)) for cell in (EXAMPLE, *EXAMPLES[name].values())}
    cells = [row[at] for at in headings.columns.values() if at < len(row)]
    return any(not is_blank(cell) and fold(as_text(cell)) not in shown for cell in cells)


def _skipped_example(place: str, row: Sequence[Cell]) -> Fault:
    return fault_of(
        "reader.example_rewritten",
        place,
        shorten(" | ".join(as_text(cell) for cell in row if not is_blank(cell))),
        severity="warning",
        example=EXAMPLE,
    )


def _no_headings(name: str, whole: str) -> Fault:
    labels = [column.label for column in table(name).columns if column.required]
    return fault_of(
        "reader.no_headings",
        whole,
        "",
        says="reader.no_headings.no_row_headings_found",
        labels=Text(
            ", ".join(label.vi for label in labels), ", ".join(label.en for label in labels)
        ),
    )


def _twice(
    name: str, rows: Sequence[Sequence[Cell]], headings: Headings, place: Callable[[int, int], str]
) -> list[Fault]:
    def cell(row: Sequence[Cell], at: int) -> Cell:
        return row[at] if at < len(row) else ""

    faults: list[Fault] = []
    for at, column in headings.twice:
        first = headings.columns[column]
        body = rows[headings.first :]
        differs = any(not is_blank(cell(r, at)) and cell(r, at) != cell(r, first) for r in body)
        label = table(name)[column].label
        faults.append(
            fault_of(
                "reader.duplicate_heading",
                place(headings.row, at),
                shorten(as_text(cell(rows[headings.row], at))),
                severity="error" if differs else "note",
                says="reader.duplicate_heading.column_twice_only_first",
                label=label,
            )
        )
    return faults


def _unknown(
    rows: Sequence[Sequence[Cell]], headings: Headings, place: Callable[[int, int], str]
) -> list[Fault]:
    return [
        fault_of(
            "reader.unknown_column",
            place(headings.row, at),
            shorten(as_text(rows[headings.row][at])) if at < len(rows[headings.row]) else "",
            severity="note",
            says="reader.unknown_column.no_model_such_column",
        )
        for at in headings.unknown
    ]


def _absent(name: str, headings: Headings, whole: str) -> list[Fault]:
    columns = [c for c in table(name).columns if c.name not in headings.columns]
    needed = [c for c in columns if c.required and c.name not in _MADE]
    others = [c for c in columns if c not in needed and c.name != "id"]
    faults = [
        fault_of(
            "reader.missing_column",
            whole,
            column.label.vi,
            says="reader.missing_column.required_column_missing",
            label=column.label,
        )
        for column in needed
    ]
    if others:
        faults.append(
            fault_of(
                "reader.absent_columns",
                whole,
                "",
                severity="note",
                others=Text(
                    ", ".join(c.label.vi for c in others), ", ".join(c.label.en for c in others)
                ),
            )
        )
    return faults
