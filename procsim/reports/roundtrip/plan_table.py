"""A plan as the rows of a workbook: its columns, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import fold
from procsim.readers.cells import EXCEL_TEXT, Value, join_list, plain_number, stored_length
from procsim.readers.gates.limits import cell_name
from procsim.readers.template import HEADING, MACHINE, validation, write_headings
from procsim.readers.words import word
from procsim.reference import databases, document_types
from procsim.reference.schema import Column, table
from procsim.reforms.base import Reform
from procsim.reforms.files import UNMATCHED_LISTS, PlanFile
from procsim.reforms.kinds import KINDS

TITLES: dict[str, Text] = {
    "plan": bilingual("reports.plan"),
    "head": bilingual("reports.about"),
    "unmatched": bilingual("reports.unmatched_rows"),
    "words": bilingual("reports.words"),
}
"""Titles of the sheets; the last holds the words of the drop-downs and is not read."""

HEAD: dict[str, Text] = {
    "name": bilingual("reports.name_plan"),
    "version": bilingual("reports.plan_table.version"),
    "note": bilingual("reports.note"),
}
FORMAT = bilingual("reports.format_file")
FORMAT_VERSION = 1
REPORT = bilingual("reports.no_sheets_report_read")
"""The row of “Thông tin” that names the other sheets of a report, joined by ``;``."""

HEADING_ROWS = 2
"""Rows of headings: the labels, and the machine names beneath."""

KIND = "kind"
CHANGE = "change"
"""The sentence that a reform makes of itself: shown, never read back."""

_LABELS: dict[str, Text] = {
    KIND: bilingual("reports.kind_reform"),
    CHANGE: bilingual("reports.plan_table.words"),
    "procedure": bilingual("reports.procedure_id"),
    "requirement": bilingual("reports.required_document_id"),
    "step": bilingual("reports.step_id"),
    "condition": bilingual("reports.condition_id"),
    "channel": bilingual("reports.channel_id"),
    "fee": bilingual("reports.fee_id"),
    "document_types": bilingual("reports.papers_replaced"),
    "databases": bilingual("reports.databases"),
    "coverage": bilingual("reports.coverage"),
    "coverage_mark": bilingual("reports.source_coverage"),
    "part": bilingual("reports.part"),
    "days": bilingual("reports.new_time"),
    "percent": bilingual("reports.cut_per_cent"),
    "unit": bilingual("reports.unit_time"),
    "amount_vnd": bilingual("reports.new_amount_vnd"),
    "channel_method": bilingual("reports.only_way_submission"),
    "merged": bilingual("reports.ids_merged_into"),
    "others": bilingual("reports.parallel_steps"),
    "requirements": bilingual("reports.required_document_ids"),
    "level": bilingual("reports.online_level_level_authority"),
    "share": bilingual("reports.share_dossiers_online"),
    "agency": bilingual("reports.new_agency"),
    "times_per_year": bilingual("reports.times_per_year"),
    "subjects_per_year": bilingual("reports.subjects_per_year"),
    "text": bilingual("reports.new_wording"),
    "reason": bilingual("reports.reason"),
    "legal_text": bilingual("reports.plan_table.legal_text_amend"),
    "legal_numbers": bilingual("reports.numbers_texts"),
    "article": bilingual("reports.plan_table.article"),
    "rank": bilingual("reports.rank_text"),
    "signer": bilingual("reports.signed"),
    "owner": bilingual("reports.carried_out"),
    "lead": bilingual("reports.lead_agency"),
    "due": bilingual("reports.due_date"),
    "product": bilingual("reports.product"),
    "source": bilingual("reports.source_proposal"),
}
_UNMATCHED: dict[str, Text] = {
    "annex": bilingual("reports.annex"),
    "number": bilingual("reports.number"),
    "code": bilingual("reports.procedure_code"),
    "title": bilingual("reports.title"),
    "paper": bilingual("reports.paper"),
    "reason_vi": bilingual("reports.reason_vietnamese"),
    "reason_en": bilingual("reports.reason_english"),
    "reason_code": bilingual("reports.reason_code"),
    "detail_code": bilingual("reports.detail_code"),
    "procedures": bilingual("reports.procedures_look"),
    "requirements": bilingual("reports.required_documents_look"),
}
_HAS_UNIT = {"amount_vnd": "VND", "coverage": "share", "share": "share"}
# The columns of the portfolio whose words a field shares, and the codes it takes of each.
_ONLINE, _LEVELS = table("procedures")["online"], table("procedures")["levels"]
_RANKS, _MARKS = table("legal_bases")["rank"], table("requirements")["coverage_mark"]
_METHODS, _TIME_UNITS = table("channels")["method"], table("channels")["limit_unit"]
_CHOICES: dict[str, tuple[tuple[Column, tuple[str, ...]], ...]] = {
    "rank": ((_RANKS, _RANKS.categories),),
    "coverage_mark": ((_MARKS, _MARKS.categories),),
    "channel_method": ((_METHODS, _METHODS.categories),),
    "unit": ((_TIME_UNITS, ("working_day", "day", "hour")),),
    "level": ((_ONLINE, ("full", "partial")), (_LEVELS, ("province", "commune"))),
}


@cache
def fields_of(made: type[Reform]) -> tuple[str, ...]:
    """Return the names of every field of a kind of reform."""
    return tuple(field.name for field in fields(made))


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns of the sheet: kind, what changes, own fields, common fields."""
    typed = {field.name: str(field.type) for made in KINDS.values() for field in fields(made)}
    common = fields_of(Reform)
    own = [name for name in typed if name not in common]
    first = list(dict.fromkeys(made.target_field for made in KINDS.values()))
    rest = [name for name in own if name not in first]
    names = [KIND, *first, CHANGE, *rest, *common]
    return tuple(_column(name, typed.get(name, "str")) for name in names)


@cache
def unmatched_columns() -> tuple[Column, ...]:
    """Return the columns of the sheet of rows that met nothing in the portfolio."""
    return tuple(
        Column(
            *("unmatched", name, "list" if name in UNMATCHED_LISTS else "text", "", (), ""),
            required=False,
            label=label,
            description="",
        )
        for name, label in _UNMATCHED.items()
    )


def heading_names(listed: tuple[Column, ...]) -> dict[str, str]:
    """Return the columns by every folded heading that names one."""
    spelled = {fold(t): column.name for column in listed for t in column.label}
    return spelled | {fold(column.name): column.name for column in listed}


def _column(name: str, written: str) -> Column:
    kind = "text"
    for part, known in (("tuple", "list"), ("float", "number"), ("date", "date"), ("bool", "flag")):
        if part in written:
            kind = known
    label = _LABELS.get(name, Text(name, name))
    unit = _HAS_UNIT.get(name, "")
    return Column("plan", name, kind, unit, (), "", name == KIND, label, "")


@cache
def choices(name: str) -> Mapping[str, Text]:
    """Return the codes that a column accepts with their words; empty for free columns."""
    if name == KIND:
        return {kind: made.title for kind, made in KINDS.items()}
    listed = _CHOICES.get(name, ())
    return {code: word(column, code) for column, codes in listed for code in codes if code}


@cache
def codes_by_word(name: str) -> Mapping[str, str]:
    """Return the codes of a column by every folded word that is read as one of them."""
    known = choices(name)
    words = {fold(spelled): code for code, both in known.items() for spelled in both}
    return words | {fold(code): code for code in known}


# Write a plan as a workbook that an officer edits in Excel: one row a reform.

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
    return fault_of("plan.list_entry", place, shorten(item))


def _check_length(text: str, place: str, faults: list[Fault]) -> None:
    if stored_length(text) > EXCEL_TEXT:
        faults.append(
            fault_of(
                "write.text_too_long",
                place,
                shorten(text),
                says="write.text_too_long.text_characters_cell_excel_holds_32",
                text=len(text),
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
        Words(bilingual("reports.english"), [title.en for title in kinds]),
        Words(
            bilingual("reports.own_columns"),
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
            Words(bilingual("reports.id", words=Text(vi, en)), frame.index.tolist()),
            Words(bilingual("reports.name", words=Text(vi, en)), frame["name_vi"].tolist()),
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
