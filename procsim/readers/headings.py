"""Find the headings of a table in a sheet, wherever and in whatever order they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from procsim.errors import Fault, Text, shorten
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import fold, repair_code
from procsim.readers.assemble import Loose
from procsim.readers.cells import Cell, as_text, is_blank, without_escapes
from procsim.readers.words import EXAMPLE, EXAMPLES, heading_names
from procsim.reference.schema import table

__all__ = ["NUMBERING", "Headings", "find_headings", "loose_table", "name_of", "records"]

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
