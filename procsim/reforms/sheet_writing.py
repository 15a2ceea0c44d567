"""Write a plan as a workbook that an officer edits in Excel: one row a reform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.readers.cells import EXCEL_TEXT, Value, join_list, plain_number, stored_length
from procsim.readers.limits import cell_name
from procsim.readers.template import HEADING, MACHINE, validation, write_headings
from procsim.reference import databases, document_types
from procsim.reference.schema import Column
from procsim.reforms.actions import KINDS
from procsim.reforms.base import Reform
from procsim.reforms.files import PlanFile
from procsim.reforms.sheet_columns import (
    CHANGE,
    FORMAT,
    FORMAT_VERSION,
    HEAD,
    HEADING_ROWS,
    KIND,
    TITLES,
    choices,
    columns,
    fields_of,
    unmatched_columns,
)

__all__ = ["Tables", "Words", "set_up", "shown_tables", "words", "write_sheet"]

_SPARE_ROWS = 2_000
_WIDTHS = {"number": 14, "date": 14, "flag": 12, "list": 30}
_WIDE = {KIND: 32, CHANGE: 60, "reason": 50, "text": 50, "legal_text": 45, "product": 40}
_WIDE |= {"title": 50, "paper": 50, "reason_vi": 60, "reason_en": 60}
_HELP = {
    KIND: "Chọn loại đề xuất; trang “Danh mục” ghi mỗi loại dùng những cột nào.",
    CHANGE: "Ghi tự động từ các cột khác; sửa ở đây không được đọc lại.",
    "number": "Một số không âm; phần thập phân sau dấu phẩy (23,4).",
    "percent": "Phần trăm cắt giảm: 30 là 30 %. Dưới 1 % thì ghi cả dấu, ví dụ 0,5 %.",
    "coverage": "Phần người nộp mà dữ liệu trả lời được: 0,9 hoặc 90%.",
    "date": "Ngày/tháng/năm, ví dụ 05/08/2026.",
    "flag": "“có” hoặc “không”.",
    "list": "Nhiều mục thì ngăn bằng dấu chấm phẩy.",
}
_BENEATH = {**MACHINE, "text_wrap": True, "valign": "vcenter"}
Row = Mapping[str, Value]


def write_sheet(plan: PlanFile, path: Path) -> None:
    """Write a plan as a workbook; texts never become formulas.

    Raises
    ------
    InvalidValue
        When a text is too long for a cell, or an entry of a list holds what
        parts entries; all of them are named and nothing is written.
    ProcsimError
        When the file cannot be written there.
    """
    from procsim.readers.excel import write_excel

    tables = shown_tables(plan)

    def fill(book: Any) -> None:
        _write_table(book, "plan", columns(), tables.plan)
        _write_head(book, plan.head)
        _write_table(book, "unmatched", unmatched_columns(), tables.unmatched)
        _write_words(book)

    write_excel(path, fill)


class Tables(NamedTuple):
    """What stands in the cells of a plan's sheets, by column; unused columns are left out."""

    plan: list[Row]
    unmatched: list[Row]


def shown_tables(plan: PlanFile, above: int = 0) -> Tables:
    """Return what stands in the cells of a plan's sheets.

    Parameters
    ----------
    above
        Rows that stand above the headings of the reforms.

    Raises
    ------
    InvalidValue
        As `write_sheet`.
    """
    faults: list[Fault] = []
    rows: list[Row] = [_shown(reform, at, faults) for at, reform in enumerate(plan.reforms, above)]
    unmatched: list[Row] = [
        {
            column.name: _value(column, row[column.name], _place("unmatched", at, i), faults)
            for i, column in enumerate(unmatched_columns())
        }
        for at, row in enumerate(plan.unmatched)
    ]
    for at, name in enumerate(HEAD, start=1):
        _check_length(plan.head[name], f"Sheet '{TITLES['head'].vi}' › B{at}", faults)
    if faults:
        raise InvalidValue(faults)
    return Tables(rows, unmatched)


# -- what stands in a cell


def _shown(reform: Reform, at: int, faults: list[Fault]) -> Row:
    """Return what stands in each cell of a reform's row; columns it does not use are left out."""
    row: dict[str, Value] = {KIND: reform.title.vi, CHANGE: reform.describe().vi}
    used = fields_of(type(reform))
    for i, column in enumerate(columns()):
        if column.name in used:
            value = getattr(reform, column.name)
            row[column.name] = _value(column, value, _place("plan", at, i), faults)
    return row


def _place(sheet: str, row: int, column: int) -> str:
    return f"Sheet '{TITLES[sheet].vi}' › {cell_name(row + HEADING_ROWS + 1, column + 1)}"


def _value(column: Column, value: Any, place: str, faults: list[Fault]) -> Value:
    """Return a value as `putter` takes it; what does not fit goes to `faults`."""
    if column.kind == "flag":
        return bool(value)
    if column.kind == "number":
        if column.name == "percent" and value is not None and 0 < value <= 1:
            return f"{plain_number(value)} %"  # 0.5 alone might be meant as a half
        return float("nan") if value is None else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        faults += [_no_entry(place, item) for item in value if not _is_entry(item)]
        value = "; ".join(value)
    both = choices(column.name).get(value) if column.table == "plan" else None
    text = value or "" if both is None else both.vi
    _check_length(text, place, faults)
    return text


def _is_entry(item: str) -> bool:
    """Return whether an entry of a list is itself again when the cell is read."""
    return bool(item) and ";" not in item and join_list(item) == item


def _no_entry(place: str, item: str) -> Fault:
    return Fault(
        place,
        shorten(item),
        Text(
            "Một mục của danh sách không được trống, không chứa dấu chấm phẩy hay xuống dòng. "
            "Chưa ghi gì.",
            "An entry of a list is not empty and holds no semicolon or line break. "
            "Nothing was written.",
        ),
        Text(
            "Tách thành nhiều mục, hoặc lưu phương án dạng .yaml.",
            "Split it into entries, or keep the plan as .yaml.",
        ),
        code="plan.list_entry",
    )


def _check_length(text: str, place: str, faults: list[Fault]) -> None:
    if stored_length(text) > EXCEL_TEXT:
        faults.append(
            Fault(
                place,
                shorten(text),
                Text(
                    f"Văn bản dài {len(text):,} ký tự; một ô Excel chỉ chứa 32.767. Chưa ghi gì.",
                    f"The text has {len(text):,} characters; a cell of Excel holds 32,767. "
                    "Nothing was written.",
                ),
                Text(
                    "Rút ngắn văn bản, hoặc lưu phương án dạng .yaml.",
                    "Shorten the text, or keep the plan as .yaml.",
                ),
                code="write.text_too_long",
            )
        )


# -- the sheets


def _write_table(book: Any, sheet_name: str, listed: Sequence[Column], rows: Sequence[Row]) -> None:
    from procsim.readers.excel import putter

    sheet = book.add_worksheet(TITLES[sheet_name].vi)
    set_up(book, sheet, sheet_name, listed, len(rows))
    write_headings(book, sheet, [(column.label.vi, column.name) for column in listed], 48, _BENEATH)
    puts = [putter(book, sheet, column) for column in listed]
    as_text = [putter(book, sheet, _as_text(column)) for column in listed]
    unused = book.add_format({"bg_color": "#E7E6E6"})
    for at, row in enumerate(rows, HEADING_ROWS):
        for i, column in enumerate(listed):
            value = row.get(column.name)
            if value is None:
                sheet.write_blank(at, i, None, unused)
            else:  # a number may stand there as text
                is_text = column.is_number and isinstance(value, str)
                (as_text if is_text else puts)[i](at, i, value)


def set_up(
    book: Any,
    sheet: Any,
    sheet_name: str,
    listed: Sequence[Column],
    count: int,
    above: int = 0,
    looks: Sequence[tuple[float, Mapping[str, Any]]] = (),
) -> None:
    """Set what stays, filters, widths, formats and drop-downs of a table of `count` rows.

    `above` rows stand above its headings. `looks` are the width of each column, and
    whether it is hidden and at which level; those of the plan's own file where not given.
    """
    from procsim.readers.excel import number_format

    first = above + HEADING_ROWS
    sheet.freeze_panes(first, 1)
    sheet.autofilter(first - 1, 0, max(count, 1) + first - 1, len(listed) - 1)
    areas = _word_areas()
    for at, column in enumerate(listed):
        usual: tuple[float, Mapping[str, Any]] = (
            _WIDE.get(column.name) or _WIDTHS.get(column.kind, 24),
            {},
        )
        width, more = looks[at] if looks else usual
        sheet.widen(at, width, book.add_format({"num_format": number_format(column)}), **more)
        if sheet_name == "plan":
            last = first + count + _SPARE_ROWS - 1
            sheet.data_validation(first, at, last, at, _validation(column, areas))


def _as_text(column: Column) -> Column:
    return replace(column, kind="text", unit="")


def _validation(column: Column, areas: Mapping[str, str]) -> dict[str, Any]:
    listed = ["có", "không"] if column.kind == "flag" else areas.get(column.name, "")
    text = _HELP.get(column.name) or _HELP.get(column.kind, "")
    error = "Chọn một mục trong danh sách; xem trang “Danh mục”."
    return validation(column, f"{text} [{column.label.en}]".strip(), listed, error)


def _write_head(book: Any, head: Mapping[str, str]) -> None:
    from procsim.readers.excel import putter

    sheet = book.add_worksheet(TITLES["head"].vi)
    sheet.widen(0, 40)
    sheet.widen(1, 90)
    label = book.add_format(HEADING)
    put = putter(book, sheet, _as_text(unmatched_columns()[0]))
    for row, (name, both) in enumerate(HEAD.items()):
        sheet.write_string(row, 0, " / ".join(both), label)
        put(row, 1, head[name])
    sheet.write_string(len(HEAD), 0, " / ".join(FORMAT), label)
    sheet.write_number(len(HEAD), 1, FORMAT_VERSION)


class Words(NamedTuple):
    """One column of the sheet “Danh mục”: the words of a drop-down, or what is looked up."""

    label: Text
    words: Sequence[str]
    of: str = ""


def words() -> list[Words]:
    """Return the columns of the sheet “Danh mục”, which the drop-downs point at."""
    labels = {column.name: column.label for column in columns()}
    shared = fields_of(Reform)
    own = [[name for name in fields_of(made) if name not in shared] for made in KINDS.values()]
    kinds = [made.title for made in KINDS.values()]
    listed = [
        Words(labels[KIND], [title.vi for title in kinds], KIND),
        Words(Text("Bằng tiếng Anh", "In English"), [title.en for title in kinds]),
        Words(
            Text("Các cột riêng của loại đề xuất", "Its own columns"),
            ["; ".join(labels[name].vi for name in names) for names in own],
        ),
    ]
    listed += [
        Words(labels[name], [both.vi for both in choices(name).values()], name)
        for name in labels
        if name != KIND and choices(name)
    ]
    for load, vi, en in (
        (databases, "Cơ sở dữ liệu", "Databases"),
        (document_types, "Loại giấy tờ", "Papers"),
    ):
        frame = load()
        listed += [
            Words(Text(f"{vi}: mã", f"{en}: id"), frame.index.tolist()),
            Words(Text(f"{vi}: tên", f"{en}: name"), frame["name_vi"].tolist()),
        ]
    return listed


def _word_areas() -> dict[str, str]:
    """Return where the words of each drop-down stand."""
    from xlsxwriter.utility import xl_range_abs

    return {
        column.of: f"='{TITLES['words'].vi}'!"
        + xl_range_abs(HEADING_ROWS, at, HEADING_ROWS + len(column.words) - 1, at)
        for at, column in enumerate(words())
        if column.of
    }


def _write_words(book: Any) -> None:
    """Write the sheet that the drop-downs point at, with what else an officer looks up."""
    sheet = book.add_worksheet(TITLES["words"].vi)
    listed = words()
    for at, column in enumerate(listed):
        longest = max(map(len, (column.label.vi, *column.words)))
        sheet.widen(at, min(longest + 4, 90))
    sheet.freeze_panes(HEADING_ROWS, 0)
    write_headings(
        book, sheet, [(column.label.vi, column.label.en) for column in listed], None, _BENEATH
    )
    for row, entries in enumerate(zip_longest(*(c.words for c in listed)), HEADING_ROWS):
        for at, entry in enumerate(entries):
            if entry:
                sheet.write_string(row, at, entry)
