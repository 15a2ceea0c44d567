"""From loose tables, as officers fill them in, to a portfolio with ids and references.

An officer need not know procsim's ids: a row may name its procedure by code or
name, a case, step or condition by its number or name, a channel by its word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from procsim.errors import NOTHING, Fault, Severity, Text, shorten
from procsim.language.vietnamese import Epoch, canonical_code, fold, nfc
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
from procsim.readers.words import TITLES, applicant_entries, audience_of, vocabulary
from procsim.reference.schema import Column, table

__all__ = ["Loose", "assemble"]

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

                made.data[column.name], found = read_column(
                    column,
                    cells,
                    place,
                    epoch=self.epoch,
                )
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
                    Text(
                        "Mã này dùng cho nhiều thủ tục trong tệp; dòng được gắn với thủ tục đầu.",
                        "Several procedures of the file carry this code; the first was taken.",
                    ),
                    Text(
                        "Ghi rõ mã trong procsim: " + ", ".join(same_code) + ".",
                        "Write the procsim id: " + ", ".join(same_code) + ".",
                    ),
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
                Text(
                    f"Có nhiều dòng trong “{sheet.vi}” khớp với ô này.",
                    f"Several rows of “{sheet.en}” match this cell.",
                ),
                Text("Ghi rõ mã: " + ", ".join(found), "Write the id: " + ", ".join(found)),
            )
            return
        self.add(
            place,
            "reader.dangling",
            written,
            Text(
                f"Ô trỏ tới một dòng không có trong “{sheet.vi}”.",
                f"The cell points to a row that is not in “{sheet.en}”.",
            ),
            Text(
                f"Sửa mã cho đúng, hoặc thêm dòng vào “{sheet.vi}”.",
                f"Correct the id or code, or add the row to “{sheet.en}”.",
            ),
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
                Text(
                    "Thủ tục có nhiều trường hợp; dòng này chưa nói thuộc trường hợp nào.",
                    "The procedure has several cases; the row does not say which it belongs to.",
                ),
                Text(
                    "Ghi số thứ tự, tên hoặc mã: " + ", ".join(of[owner]) + ".",
                    "Write its number, name or id: " + ", ".join(of[owner]) + ".",
                ),
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
                    Text(
                        f"Mã này đã có ở một dòng trên; dòng này tạm mang mã {number}.",
                        f"A row above has this id; this row goes by {number} for now.",
                    ),
                    Text("Mỗi dòng cần một mã riêng.", "Every row needs an id of its own."),
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
            Text(
                f"Thủ tục chưa có mã; tạm mang mã {number}.",
                f"The procedure has no code; it goes by {number} for now.",
            ),
            Text(
                "Điền mã TTHC; trang khác có thể nêu thủ tục bằng tên.",
                "Fill in the code; other sheets may name the procedure by its name.",
            ),
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
                        Text(f"Thiếu “{column.label.vi}”.", f"“{column.label.en}” is missing."),
                        Text("Điền ô này; ô này bắt buộc.", "Fill it in; it is required."),
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
