"""From what a cell holds to the value that the model keeps, and back.

The workbook, the official lists and the folder of CSV share these rules, so the
same text means the same thing wherever an officer writes it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from decimal import Decimal

from procsim.errors import NOTHING, Fault, Severity, Text, shorten
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import (
    Epoch,
    NumberKind,
    fold,
    from_legacy,
    looks_like_legacy_encoding,
    nfc,
    read_date,
    read_number,
    repair_code,
)
from procsim.readers.words import applicant_entries, audience_of, known_entries, vocabulary, word
from procsim.reference.schema import Column

Cell = str | float
Value = str | float | int | bool
Read = tuple[Value, Fault | None]

EXCEL_TEXT = 32_767
"""Characters (UTF-16 units) that one cell of Excel can hold."""

UNKNOWN = "chưa rõ"
"""Stands in a number cell where nothing is known although the column has a usual value."""

TRUE_WORDS = frozenset(["1", "true", "x", "co", "yes", "dung", "✓", "✔"])
FALSE_WORDS = frozenset(["0", "false", "khong", "no", "sai"])

# What XML cannot carry, and NUL and lone surrogates, which CSV cannot carry either.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_OR_SEMICOLON = re.compile("[;\n]")
_DECIMAL_POINT = re.compile(r"\d+\.\d+")
# Excel takes such letters for one character: they are escaped to stay themselves.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LONG_DIGITS = re.compile(r"\d{16,}")

# Texts by which rows are grouped or joined: a stray space at an end would split a group.
_KEYS = {
    *("code_written", "ministry", "decision", "database", "document_type", "group", "number"),
    *("limit_flag", "flag", "code", "per", "decided_by"),
}
_JOINED = {"field", "agency"}
_MONEY = "VND"
_KINDS: dict[str, NumberKind] = {
    "VND": "money",
    "share": "share",
    "hours": "hours",
    "working days": "days",
    "": "days",
}


def is_blank(cell: Cell) -> bool:
    """Return whether a cell holds nothing that can be seen."""
    return isinstance(cell, str) and not (cell and nfc(cell).strip())


def missing(column: Column) -> Value:
    """Return the value of an empty cell: the column's default, or nothing known."""
    if column.kind == "number":
        return float(column.default) if column.default else float("nan")
    if column.kind == "integer":
        return int(column.default or 0)
    if column.kind == "flag":
        return column.default in TRUE_WORDS
    return column.default


def plain_number(value: float) -> str:
    """Return a number as text that has one reading only and loses nothing.

    A decimal point, no exponent, no thousands separator; exactly three decimals
    would read as thousands, so a zero is put behind them.

    Examples
    --------
    >>> plain_number(1234.0), plain_number(1.234), plain_number(1e-07)
    ('1234', '1.2340', '0.0000001')
    """
    text = format(Decimal(repr(float(value))), "f")
    whole, _, decimals = text.partition(".")
    if not decimals.strip("0"):
        return whole
    return f"{text}0" if len(decimals) == 3 else text


def escaped(text: str) -> str:
    """Return a text as it stands in a cell's XML, so that Excel reads the same letters."""
    return _ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


def stored_length(text: str) -> int:
    """Return how many of a cell's 32,767 units a text takes, escapes included."""
    return len(escaped(text).encode("utf-16-le")) // 2


def without_controls(text: str) -> str:
    """Return `text` without characters that no spreadsheet file can carry."""
    return _CONTROLS.sub("", text)


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LINE_END = re.compile(r"_x000[dD]_(?:\r?\n)?|_x000[aA]_")


def without_escapes(text: str) -> str:
    """Return `text` in which ``_x000D_`` and its like, written out, are the letters meant.

    Programs that escape a text twice leave these letters behind; no officer types them.

    Examples
    --------
    >>> without_escapes("Tờ_x0020_khai_x000D_").split()
    ['Tờ', 'khai']
    """
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), _LINE_END.sub("\n", text))


def show(column: Column, value: Value, language: str = "vi") -> str:
    """Return the words that stand for a category, a list or a flag in a workbook."""
    if column.kind == "flag":
        return (
            bilingual("readers.yes").in_language(language)
            if value
            else bilingual("readers.no_no")[language == "en"]
        )
    text = str(value)
    if not column.categories or not text:
        return text
    return "; ".join(word(column, code).in_language(language) for code in text.split(";"))


def join_list(text: str) -> str:
    """Return the entries of a list cell joined by ``;``: one a line or parted by ``;``."""
    return ";".join(p for p in map(str.strip, _LINE_OR_SEMICOLON.split(nfc(text))) if p)


def read_column(
    column: Column, cells: Sequence[Cell], place: Callable[[int], str], *, epoch: Epoch = "1900"
) -> tuple[list[Value], list[Fault]]:
    """Read the cells of one column.

    Parameters
    ----------
    column
        The column of the schema.
    cells
        One for each row: text, or a float where the file holds a real number.
    place
        Returns the place of the cell in a row, for the faults.
    epoch
        Date system of the workbook, ``"1900"`` or ``"1904"``.

    Returns
    -------
    list
        One value for each cell, of the kind that the model keeps; missing where
        the cell could not be read.
    list of Fault
        One for each doubtful or unreadable cell.
    """
    known: dict[Hashable, Read] = {}
    values: list[Value] = []
    faults: list[Fault] = []
    for row, cell in enumerate(cells):
        if cell not in known:
            known[cell] = _read(column, cell, epoch)
        value, fault = known[cell]
        values.append(value)
        if fault is not None:
            faults.append(replace(fault, place=place(row)))
    return values, faults


def _read(column: Column, cell: Cell, epoch: Epoch) -> Read:
    if is_blank(cell):
        return missing(column), None
    if column.kind in {"number", "integer"}:
        return _number(column, cell)
    if column.kind == "date":
        return _date(column, cell, epoch)
    text = as_text(cell)
    if column.kind == "flag":
        return _flag(column, text)
    if column.categories:
        return _category(column, text)
    if (column.table, column.name) == ("procedures", "code"):
        return _code(cell)
    return _text(column, text)


def as_text(cell: Cell) -> str:
    """Return a cell as text; a real number as it shows in the sheet."""
    if isinstance(cell, str):
        return cell
    text = plain_number(cell)
    return text.rstrip("0") if "." in text else text


def _fault(
    code: str,
    value: Cell,
    message: Text,
    cure: Text = NOTHING,
    severity: Severity = "error",
    proposal: str = "",
) -> Fault:
    return Fault("", shorten(value), message, cure, severity, code, proposal)


def _text(column: Column, text: str) -> Read:
    value = nfc(text)
    if column.kind == "list":
        value = join_list(text)
    elif column.name in _JOINED:
        # One published agency text runs over several lines, so only ";" parts these.
        value = ";".join(part for part in map(str.strip, value.split(";")) if part)
    elif column.kind != "text" or column.name in _KEYS:
        value = value.strip()
    encoding = looks_like_legacy_encoding(text)
    if encoding:
        proposal = nfc(from_legacy(text, encoding))
        return value, _fault(
            "cell.legacy_encoding",
            text,
            bilingual("readers.no_typed_old_encoding", encoding=encoding),
            bilingual("readers.probably_convert_unicode_read", proposal_text=shorten(proposal, 80)),
            "warning",
            proposal,
        )
    if _CONTROLS.search(text):
        return value, _fault(
            "cell.control_characters",
            text,
            bilingual("readers.cell_holds_invisible_control"),
            severity="note",
        )
    if len(text.encode("utf-16-le", "replace")) // 2 == EXCEL_TEXT:
        return value, _fault(
            "cell.text_cut",
            text,
            bilingual("readers.cell_exactly_32_767"),
            bilingual("readers.compare_source_text"),
            "warning",
        )
    return value, None


def _code(cell: Cell) -> Read:
    written = as_text(cell).strip()
    code, flag = repair_code(cell)
    if not flag:
        return code, None
    cure = bilingual("readers.format_column_text_write")
    if flag == "code.unrepairable":
        cure = bilingual("readers.correct_publishing_decision_leave")
    message = bilingual(f"flag.{flag}", written=shorten(written), proposal=code)
    proposal = "" if flag == "code.unrepairable" else code
    return code, _fault(flag, written, message, cure, "warning", proposal)


def _flag(column: Column, text: str) -> Read:
    folded = fold(text)
    if folded in TRUE_WORDS or folded in FALSE_WORDS:
        return folded in TRUE_WORDS, None
    return missing(column), _fault(
        "cell.flag",
        text,
        bilingual("readers.no_takes_only_c", label=column.label),
        bilingual("readers.write_c_kh_ng"),
    )


def _category(column: Column, text: str) -> Read:
    known = vocabulary(column)
    parts = join_list(text).split(";") if column.kind != "category" or ";" in text else [nfc(text)]
    entries = [entry for part in parts for entry in known_entries(part.strip(), known)]
    found = [known.get(fold(entry), "") for entry in entries]
    codes = list(dict.fromkeys(code for code in found if code))
    if all(found) and found and (column.kind == "list" or len(codes) == 1):
        return ";".join(codes), None
    if (column.table, column.name) == ("procedures", "audience"):
        types, are_types = applicant_entries(join_list(text))
        if are_types:
            return audience_of(";".join(types)), None
    if all(found) and found:
        message = bilingual("cell.several", column=column.label)
        return missing(column), _fault(
            "cell.several", text, message, bilingual("cure.cell.several")
        )
    wrong = next((e for e, code in zip(entries, found, strict=True) if not code), text)
    near = difflib.get_close_matches(fold(wrong), list(known), n=1, cutoff=0.75)
    accepted = Text(
        *(", ".join(word(column, code)[i] for code in column.categories if code) for i in range(2))
    )
    return ";".join(codes) if column.kind == "list" else missing(column), _fault(
        "cell.category",
        wrong,
        bilingual("readers.no_value_those", label=column.label),
        bilingual("readers.choose", accepted=accepted),
        proposal=word(column, known[near[0]]).vi if near else "",
    )


def _date(column: Column, cell: Cell, epoch: Epoch) -> Read:
    reading = read_date(cell, epoch)
    if reading.value is not None:
        return reading.value.isoformat(), None
    message = reading.reason or bilingual("readers.no_date_could_read")
    return missing(column), _fault(
        reading.flag or "date.unreadable",
        cell,
        message,
        bilingual("readers.write_day_month_year"),
        "note" if reading.flag == "date.missing" else "error",
    )


def _kind_of(column: Column) -> NumberKind:
    return "count" if column.kind == "integer" else _KINDS.get(column.unit, "count")


def _exact(text: str) -> float | None:
    """Return the float of text that `plain_number` wrote, None for any other text."""
    if not _DECIMAL_POINT.fullmatch(text):
        return None
    value = float(text)
    return value if plain_number(value) == text else None


def _number(column: Column, cell: Cell) -> Read:
    kind = _kind_of(column)
    exact = _exact(cell) if isinstance(cell, str) else float(cell)
    reading = read_number(cell if exact is None else exact, kind)
    if reading.flag == "number.not_whole" and column.kind == "number":
        # Times and subjects may be averages: 0.5 times a year is once in two years.
        reading = read_number(cell if exact is None else exact, "hours")
    if reading.value is not None:
        value: Value = int(reading.value) if column.kind == "integer" else reading.value
        if not reading.flag:
            return value, None
    else:
        value = missing(column) if column.kind == "integer" else float("nan")
    severity: Severity = "error" if reading.value is None else "warning"
    if reading.flag == "number.missing":
        severity = "note"
    proposal = "" if reading.proposal is None else plain_number(reading.proposal)
    return value, _fault(
        reading.flag,
        cell,
        reading.reason or bilingual("readers.no_number_could_read"),
        _number_cure(column, cell, proposal),
        severity,
        proposal,
    )


def _number_cure(column: Column, cell: Cell, proposal: str) -> Text:
    if column.unit == "share":
        return bilingual("readers.write_share_0_1")
    if isinstance(cell, str) and _LONG_DIGITS.search(cell):
        return bilingual("readers.excel_keeps_15_digits")
    if proposal:
        return bilingual(
            "readers.write_again_without_thousands",
            proposal_text=Text(proposal.replace(".", ","), proposal),
        )
    return bilingual("readers.no_enter_number_1234")
