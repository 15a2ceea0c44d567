"""Write a plan as a workbook that an officer edits in Excel: one row a reform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.readers.cells import EXCEL_TEXT, Value, join_list, plain_number
from procsim.readers.limits import cell_name
from procsim.readers.template import number_format
from procsim.readers.workbook import cell_maker, stored_length
from procsim.readers.writing import save_streamed
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
    from openpyxl import Workbook

    tables = shown_tables(plan)
    workbook = Workbook(write_only=True)
    _write_table(workbook, "plan", columns(), tables.plan)
    _write_head(workbook, plan.head)
    _write_table(workbook, "unmatched", unmatched_columns(), tables.unmatched)
    _write_words(workbook)
    save_streamed(workbook, path)


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
    """Return a value as `cell_maker` takes it; what does not fit goes to `faults`."""
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


def _write_table(
    workbook: Any, sheet_name: str, listed: Sequence[Column], rows: Sequence[Row]
) -> None:
    sheet = workbook.create_sheet(TITLES[sheet_name].vi)
    sheet.row_dimensions[1].height = 48
    set_up(sheet, sheet_name, listed, len(rows))
    bold, muted = _styled(sheet, heading=True), _styled(sheet, heading=False)
    sheet.append([bold(column.label.vi) for column in listed])
    sheet.append([muted(column.name) for column in listed])
    makers = [_maker(sheet, column) for column in listed]
    unused = _unused(sheet)
    for row in rows:
        # The makers hand out the same cell again and again, one for each column.
        sheet.append(
            [
                make(row[column.name]) if column.name in row else unused
                for make, column in zip(makers, listed, strict=True)
            ]
        )


def set_up(
    sheet: Any, sheet_name: str, listed: Sequence[Column], count: int, above: int = 0
) -> None:
    """Set what stays, filters, widths, formats and drop-downs of a table of `count` rows.

    `above` rows stand above its headings.
    """
    from openpyxl.utils import get_column_letter

    heading = above + HEADING_ROWS
    sheet.freeze_panes = f"B{heading + 1}"
    last = get_column_letter(len(listed))
    sheet.auto_filter.ref = f"A{heading}:{last}{max(count, 1) + heading}"
    areas = _word_areas()
    for at, column in enumerate(listed, start=1):
        dimension = sheet.column_dimensions[get_column_letter(at)]
        dimension.width = _WIDE.get(column.name) or _WIDTHS.get(column.kind, 24)
        dimension.number_format = number_format(column)
        if sheet_name == "plan":
            area = f"{get_column_letter(at)}{heading + 1}"
            end = f"{get_column_letter(at)}{heading + count + _SPARE_ROWS}"
            sheet.data_validations.append(_validation(column, f"{area}:{end}", areas))


def _maker(sheet: Any, column: Column) -> Callable[[Value], Any]:
    """Return a function that makes the cells of a column; numbers may stand there as text."""
    make, make_text = cell_maker(sheet, column), cell_maker(sheet, _as_text(column))
    return lambda value: (
        make_text(value) if column.is_number and isinstance(value, str) else make(value)
    )


def _as_text(column: Column) -> Column:
    return replace(column, kind="text", unit="")


def _styled(sheet: Any, *, heading: bool) -> Callable[[str], Any]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    def cell(text: str) -> Any:
        made = WriteOnlyCell(sheet, text)
        made.font = Font(bold=True, color="FFFFFF") if heading else Font(size=8, color="808080")
        made.alignment = Alignment(wrap_text=True, vertical="center")
        if heading:
            made.fill = PatternFill("solid", fgColor="1F4E79")
        return made

    return cell


def _unused(sheet: Any) -> Any:
    """Return the grey cell of a column that the kind of reform does not use."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import PatternFill

    cell = WriteOnlyCell(sheet)
    cell.fill = PatternFill("solid", fgColor="E7E6E6")
    return cell


def _validation(column: Column, area: str, areas: Mapping[str, str]) -> Any:
    """Return the drop-down and the help of a column."""
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = areas.get(column.name, "")
    if column.kind == "flag":
        listed = '"có,không"'
    text = _HELP.get(column.name) or _HELP.get(column.kind, "")
    made = DataValidation(
        type="list" if listed else None,
        formula1=listed or None,
        allow_blank=True,
        promptTitle=column.label.vi[:32],
        prompt=f"{text} [{column.label.en}]".strip()[:255],
        showInputMessage=True,
    )
    if listed:
        made.showErrorMessage = True
        made.errorTitle = "Giá trị không có trong danh sách"
        made.error = "Chọn một mục trong danh sách; xem trang “Danh mục”."
    made.add(area)
    return made


def _write_head(workbook: Any, head: Mapping[str, str]) -> None:
    sheet = workbook.create_sheet(TITLES["head"].vi)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 40, 90
    label = _styled(sheet, heading=True)
    make = cell_maker(sheet, _as_text(unmatched_columns()[0]))
    for name, both in HEAD.items():
        sheet.append([label(" / ".join(both)), make(head[name])])
    sheet.append([label(" / ".join(FORMAT)), FORMAT_VERSION])


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
    from openpyxl.utils import get_column_letter

    return {
        column.of: f"'{TITLES['words'].vi}'!${letter}$3:${letter}${len(column.words) + 2}"
        for at, column in enumerate(words(), start=1)
        for letter in [get_column_letter(at)]
        if column.of
    }


def _write_words(workbook: Any) -> None:
    """Write the sheet that the drop-downs point at, with what else an officer looks up."""
    from openpyxl.utils import get_column_letter

    sheet = workbook.create_sheet(TITLES["words"].vi)
    listed = words()
    for at, column in enumerate(listed, start=1):
        longest = max(map(len, (column.label.vi, *column.words)))
        sheet.column_dimensions[get_column_letter(at)].width = min(longest + 4, 90)
    bold, muted = _styled(sheet, heading=True), _styled(sheet, heading=False)
    sheet.freeze_panes = "A3"
    sheet.append([bold(column.label.vi) for column in listed])
    sheet.append([muted(column.label.en) for column in listed])
    for row in zip_longest(*(column.words for column in listed)):
        sheet.append(row)
