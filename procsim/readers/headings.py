"""Find the headings of a table in a sheet, wherever and in whatever order they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from procsim.errors import Fault, Text, shorten
from procsim.language.vietnamese import fold
from procsim.readers.assemble import Loose
from procsim.readers.cells import Cell, as_text, is_blank
from procsim.readers.words import EXAMPLE, EXAMPLES, heading_names
from procsim.reference.schema import table

__all__ = ["Headings", "find_headings", "loose_table", "name_of"]

SEARCHED = 30
_DECORATION = re.compile(r"[\s*:(]+$|^\d+[.)]\s*")
# Made by procsim where they are empty, or worked out from the other columns.
_MADE = {"id", "case"}


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
    folded = fold(as_text(cell))
    return names.get(folded) or names.get(_DECORATION.sub("", folded), "")


def find_headings(rows: Sequence[Sequence[Cell]], names: Mapping[str, str]) -> Headings | None:
    """Return where the columns stand, or None when no row reads like headings.

    The row among the first thirty that names most columns is taken, together
    with rows right under it that hold nothing but headings too (the machine
    names under the labels).
    """
    scores = [len({name_of(c, names) for c in row} - {""}) for row in rows[:SEARCHED]]
    if not any(scores):
        return None
    best = scores.index(max(scores))
    filled = sum(not is_blank(cell) for cell in rows[best])
    if scores[best] < 2 and filled > 1:
        return None
    last = best
    while last + 1 < len(scores) and _only_headings(rows[last + 1], names):
        last += 1
    columns: dict[str, int] = {}
    twice: list[tuple[int, str]] = []
    unknown: list[int] = []
    width = max(len(row) for row in rows[best : last + 1])
    for at in range(width):
        cells = [row[at] for row in rows[best : last + 1] if at < len(row)]
        # The machine name under a label decides: labels may be rewritten by hand.
        found = next((n for c in reversed(cells) if (n := name_of(c, names))), "")
        if found and found in columns:
            twice.append((at, found))
        elif found:
            columns[found] = at
        elif not all(map(is_blank, cells)):
            unknown.append(at)
    return Headings(columns, last + 1, best, tuple(twice), tuple(unknown))


def _only_headings(row: Sequence[Cell], names: Mapping[str, str]) -> bool:
    filled = [cell for cell in row if not is_blank(cell)]
    return len(filled) > 1 and all(name_of(cell, names) for cell in filled)


def loose_table(
    name: str,
    rows: Sequence[Sequence[Cell]],
    place: Callable[[int, int], str],
    whole: str,
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
    kept: list[int] = []
    for at in range(headings.first, len(rows)):
        if all(map(is_blank, rows[at])):
            continue
        first = next(cell for cell in rows[at] if not is_blank(cell))
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
    return Fault(
        place,
        shorten(" | ".join(as_text(cell) for cell in row if not is_blank(cell))),
        Text(
            f"Dòng mang chữ {EXAMPLE} không được đọc, nhưng nội dung đã khác ví dụ của mẫu.",
            f"The row marked {EXAMPLE} was not read, yet it differs from the template's example.",
        ),
        Text(
            f"Nếu là dữ liệu thật, xóa chữ {EXAMPLE} ở ô đầu.",
            f"If the row is real, remove {EXAMPLE} from its first cell.",
        ),
        "warning",
        "reader.example_rewritten",
    )


def _no_headings(name: str, whole: str) -> Fault:
    labels = [column.label for column in table(name).columns if column.required]
    return Fault(
        whole,
        "",
        Text(
            "Không tìm thấy dòng tiêu đề của bảng; không dòng nào được nạp.",
            "No row of headings was found; no row was loaded.",
        ),
        Text(
            "Dòng tiêu đề cần có: " + ", ".join(label.vi for label in labels) + ".",
            "The headings must include: " + ", ".join(label.en for label in labels) + ".",
        ),
        code="reader.no_headings",
    )


def _twice(
    name: str,
    rows: Sequence[Sequence[Cell]],
    headings: Headings,
    place: Callable[[int, int], str],
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
            Fault(
                place(headings.row, at),
                shorten(as_text(cell(rows[headings.row], at))),
                Text(
                    f"Cột “{label.vi}” có hai lần; chỉ cột đứng trước được đọc.",
                    f"The column “{label.en}” is there twice; only the first was read.",
                ),
                Text(
                    "Xóa hoặc đổi tên một trong hai cột.",
                    "Remove or rename one of the two.",
                ),
                "error" if differs else "note",
                "reader.duplicate_heading",
            )
        )
    return faults


def _unknown(
    rows: Sequence[Sequence[Cell]], headings: Headings, place: Callable[[int, int], str]
) -> list[Fault]:
    return [
        Fault(
            place(headings.row, at),
            shorten(as_text(rows[headings.row][at])) if at < len(rows[headings.row]) else "",
            Text(
                "Cột này không có trong mô hình nên không được đọc.",
                "The model has no such column; it was not read.",
            ),
            Text(
                "Nếu cần, đổi tiêu đề theo mẫu của procsim.",
                "Rename it after procsim's template if it is needed.",
            ),
            "note",
            "reader.unknown_column",
        )
        for at in headings.unknown
    ]


def _absent(name: str, headings: Headings, whole: str) -> list[Fault]:
    columns = [c for c in table(name).columns if c.name not in headings.columns]
    needed = [c for c in columns if c.required and c.name not in _MADE]
    others = [c for c in columns if c not in needed and c.name != "id"]
    faults = [
        Fault(
            whole,
            column.label.vi,
            Text(
                f"Thiếu cột bắt buộc “{column.label.vi}”.",
                f"The required column “{column.label.en}” is missing.",
            ),
            Text(
                "Thêm cột với đúng tiêu đề này.",
                "Add a column with this heading.",
            ),
            code="reader.missing_column",
        )
        for column in needed
    ]
    if others:
        faults.append(
            Fault(
                whole,
                "",
                Text(
                    "Các cột không có trong tệp, để trống: "
                    + ", ".join(c.label.vi for c in others)
                    + ".",
                    "Columns that are not in the file, left empty: "
                    + ", ".join(c.label.en for c in others)
                    + ".",
                ),
                severity="note",
                code="reader.absent_columns",
            )
        )
    return faults
