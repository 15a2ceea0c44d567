"""The procsim workbook as officers see it: sheets, headings, drop-downs, help, example rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.model.portfolio import TABLES
from procsim.readers.words import EXAMPLE, EXAMPLES, GUIDE, TITLES, word
from procsim.reference.schema import Column, table

FORMAT_VERSION = 1
VERSION_LABEL = bilingual("readers.format_version")

HEADING_ROWS = 2
"""Rows of headings: the labels, and the machine names beneath."""
SPARE_ROWS = 2_000
PROMPT_TITLE, PROMPT = 32, 255
_WRAPPED = {"text_wrap": True, "valign": "vcenter"}
HEADING = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", **_WRAPPED}
MACHINE = {"font_size": 8, "font_color": "#808080"}
_EXAMPLE_LOOK = {"italic": True, "font_color": "#808080", "bg_color": "#F2F2F2"}

_WIDTHS = {"id": 18, "ref": 18, "number": 15, "integer": 10, "flag": 11, "date": 13, "category": 20}
_WIDE = {"name": 60, "text": 70, "description": 50, "note": 40, "words": 40, "limit_text": 28}

_HELP: dict[str, str] = {
    "procedures.code": "Mã TTHC trên Cổng dịch vụ công quốc gia, ví dụ 1.004222. Cột này định dạng "
    "Văn bản (Text) để không mất số 0 ở cuối.",
    "procedures.name": "Tên thủ tục hành chính đúng như quyết định công bố.",
    "procedures.ministry": "Bộ, cơ quan ngang bộ ban hành thủ tục, ví dụ Bộ Tư pháp.",
    "procedures.field": "Lĩnh vực quản lý; nhiều lĩnh vực thì ngăn bằng dấu chấm phẩy.",
    "procedures.levels": "Ghi một hoặc nhiều cấp, ngăn bằng dấu chấm phẩy: trung ương; cấp tỉnh; "
    "cấp xã; khác.",
    "procedures.agency": "Cơ quan thực hiện; nhiều cơ quan thì ngăn bằng dấu chấm phẩy.",
    "procedures.audience": "Thủ tục dành cho ai. Chỉ ghi “chưa rõ” khi thật sự không biết.",
    "procedures.times_per_year": "Số lần một đối tượng thực hiện trong 01 năm (Thông tư "
    "02/2017/TT-VPCP, Điều 27). Để trống nếu chưa biết.",
    "procedures.subjects_per_year": "Số lượng đối tượng tuân thủ trong 01 năm. Để trống nếu chưa "
    "biết; khi đó chi phí tính theo một hồ sơ.",
    "procedures.volume_source": "Nơi lấy số liệu: văn bản, báo cáo, hệ thống.",
    "procedures.decision": "Số hiệu quyết định công bố thủ tục.",
    "cases.name": "Tên trường hợp như công bố, ví dụ “Trường hợp cấp lại”.",
    "cases.share": "Phần hồ sơ thuộc trường hợp này: 0,3 hoặc 30%.",
    "channels.method": "Chọn: trực tiếp, bưu chính hoặc trực tuyến.",
    "channels.limit_text": "Chép nguyên văn thời hạn giải quyết như công bố.",
    "channels.limit_value": "Chỉ ghi số, ví dụ 7 hoặc 2,5. Đơn vị ghi ở cột bên.",
    "channels.limit_unit": "Ngày làm việc khác với ngày (ngày dương lịch).",
    "fees.kind": "Phí (Luật Phí và lệ phí) hay lệ phí.",
    "fees.amount_text": "Chép nguyên văn mức thu như công bố.",
    "fees.amount_vnd": "Số tiền bằng đồng, ví dụ 50.000. Miễn phí ghi 0; chưa biết để trống.",
    "fees.channel": "Để trống nếu mức thu áp dụng cho mọi cách thức nộp; nếu không, ghi trực tiếp, "
    "bưu chính hoặc trực tuyến.",
    "requirements.name": "Tên giấy tờ như công bố. Mỗi giấy tờ một dòng.",
    "requirements.case": "Số thứ tự hoặc tên trường hợp; để trống nếu thủ tục chỉ có một "
    "trường hợp.",
    "requirements.kind": "Đơn hoặc tờ khai; giấy tờ; ghi chú (không tính là thành phần hồ sơ).",
    "requirements.relation": "Khi dòng kể nhiều giấy tờ: chỉ cần một trong số đó, hay phải nộp tất "
    "cả.",
    "requirements.originals": "Số bản chính phải nộp.",
    "requirements.copies": "Số bản sao phải nộp.",
    "requirements.certified": "“có” nếu phải là bản sao chứng thực.",
    "requirements.conditional": "“có” nếu chỉ một số đối tượng phải nộp (nếu có, trường hợp …).",
    "requirements.share_needed": "Phần người nộp hồ sơ phải có giấy tờ này: 0,3 hoặc 30%.",
    "requirements.share_held": "Phần người nộp đã có sẵn giấy tờ này: 0,3 hoặc 30%.",
    "requirements.hours": "Số giờ một người cần để có và chuẩn bị giấy tờ này, ví dụ 1,5. Để trống "
    "thì dùng giả định của procsim.",
    "requirements.purchase_vnd": "Chi phí tư vấn, dịch vụ, sao chụp, chứng thực, bằng đồng.",
    "steps.position": "1, 2, 3 … Nếu không ghi “Quan hệ bước”, các bước được giả định làm lần "
    "lượt theo số này, bước cùng số làm song song.",
    "steps.name": "Tên ngắn của bước.",
    "steps.days": "Số ngày làm việc của riêng bước này, nếu văn bản có ghi.",
    "steps.actor": "Ai làm bước này.",
    "flow.before": "Số thứ tự của bước làm trước, ví dụ 1. Không ghi quan hệ nào thì các bước "
    "được giả định làm lần lượt.",
    "flow.after": "Số thứ tự của bước làm sau, ví dụ 2.",
    "conditions.text": "Mỗi yêu cầu, điều kiện một dòng.",
    "conditions.status": "Giữ, cắt hay đơn giản hóa.",
    "legal_bases.number": "Số hiệu văn bản, ví dụ 123/2015/NĐ-CP.",
    "legal_bases.rank": "Loại văn bản.",
    "legal_bases.article": "Điểm, khoản, điều, ví dụ: điểm a khoản 1 Điều 5.",
    "results.name": "Tên kết quả, ví dụ Giấy chứng nhận đăng ký kết hôn.",
    "marks.requirement": "Mã hoặc tên thành phần hồ sơ.",
    "marks.document_type": "Mã loại giấy tờ trong danh mục loại giấy tờ.",
    "marks.database": "Mã cơ sở dữ liệu trong danh mục cơ sở dữ liệu; để trống nếu chưa có.",
    "marks.coverage": "Phần người nộp mà dữ liệu trả lời được: 0,9 hoặc 90%.",
    "decisions.requirement": "Mã hoặc tên thành phần hồ sơ; để trống nếu quyết định đang chờ đối "
    "chiếu.",
    "decisions.name": "Chép nguyên văn dòng hồ sơ. Dòng có nội dung khác thì quyết định không áp "
    "dụng.",
    "decisions.kind": "Đơn hoặc tờ khai; giấy tờ; ghi chú (không tính là thành phần hồ sơ).",
    "decisions.types": "Mã loại giấy tờ trong danh mục, ngăn bằng dấu chấm phẩy; để trống nếu "
    "không có loại nào trong danh mục.",
    "decisions.replaceable": "Để trống thì theo căn cứ pháp lý của loại giấy tờ.",
    "decisions.reason": "Vì sao quyết định như vậy.",
}
_HELP_BY_KIND = {
    "id": "Để trống: procsim tự đặt mã. Không sửa mã đã có.",
    "number": "Một số không âm; phần thập phân sau dấu phẩy (23,4). Để trống nếu chưa biết.",
    "integer": "Một số nguyên không âm.",
    "date": "Ngày/tháng/năm, ví dụ 05/08/2025.",
    "flag": "“có” hoặc “không”.",
    "list": "Nhiều mục thì ngăn bằng dấu chấm phẩy.",
    "category": "Chọn trong danh sách.",
    "text": "Ghi như văn bản công bố.",
}
_GUIDE_LINES: tuple[Text, ...] = (
    bilingual("readers.each_sheet_table_each"),
    bilingual("readers.begin_th_t_c"),
    bilingual("readers.columns_required_leave_procsim"),
    bilingual("readers.no_row_first_cell", example=EXAMPLE),
    bilingual("readers.no_leave_empty_what"),
    bilingual("readers.numbers_vietnamese_way_1"),
    bilingual("readers.columns_may_moved_hidden"),
    bilingual("readers.check_file_procsim_check"),
)


def _label(column: Column) -> str:
    made = column.kind == "id" or (column.table, column.name) == ("requirements", "case")
    return column.label.vi + (" *" if column.required and not made else "")


def _help(column: Column) -> str:
    own = _HELP.get(f"{column.table}.{column.name}")
    if own is None and column.kind == "ref":
        own = f"Mã, tên hoặc số thứ tự của dòng trong trang “{TITLES[column.target].vi}”."
        if column.target == "procedures":
            own = "Mã TTHC, ví dụ 1.004222 (có dấu # nếu một mã có nhiều dòng), hoặc tên thủ tục."
    return f"{own or _HELP_BY_KIND[column.kind]} [{column.label.en}]"


def _validation(column: Column) -> dict[str, Any]:
    """Return the help of a column and its drop-down, as XlsxWriter takes them."""
    words: list[str] = []
    if column.kind == "flag":
        words = ["có", "không"]
    elif column.kind == "category":
        words = [word(column, code).vi for code in column.categories if code]
    return validation(column, _help(column), words, "Chọn một trong: " + ", ".join(words))


def validation(
    column: Column, help_text: str, listed: Sequence[str] | str, error: str
) -> dict[str, Any]:
    """Return the help of a column and its drop-down, as XlsxWriter takes them.

    Parameters
    ----------
    listed
        The words of the drop-down, or the area that has them; none for help alone.
    error
        What is said of another word.
    """
    found: dict[str, Any] = {
        "validate": "list" if listed else "any",
        "input_title": column.label.vi[:PROMPT_TITLE],
        "input_message": help_text[:PROMPT],
        "show_error": bool(listed),
    }
    if listed:
        title = "Giá trị không có trong danh sách"
        found |= {"source": listed, "error_title": title, "error_message": error[:PROMPT]}
    return found


def write_headings(
    book: Any,
    sheet: Any,
    headings: Sequence[tuple[str, str]],
    height: float | None,
    beneath: Mapping[str, Any] = MACHINE,
) -> None:
    """Write the headings and, small beneath them, the machine's or the English names."""
    sheet.set_row(0, height)
    for row, look in enumerate((HEADING, beneath)):
        look = book.add_format(look)
        for at, heading in enumerate(headings):
            sheet.write_string(row, at, heading[row], look)


def dress_sheet(book: Any, name: str, rows: int) -> Any:
    """Add the sheet of a table with its widths, help, drop-downs and two heading rows.

    Parameters
    ----------
    book
        `xlsxwriter.Workbook`.
    name
        Table that the sheet will hold.
    rows
        Data rows that will follow; drop-downs reach 2,000 rows further.
    """
    from procsim.readers.excel import number_format

    sheet = book.add_worksheet(TITLES[name].vi)
    # The id stays in sight when a long row is scrolled.
    sheet.freeze_panes(HEADING_ROWS, 1)
    columns = table(name).columns
    for at, column in enumerate(columns):
        width = _WIDE.get(column.name) if column.kind == "text" else None
        look = book.add_format({"num_format": number_format(column)})
        sheet.widen(at, width or _WIDTHS.get(column.kind, 24), look)
        last = HEADING_ROWS + rows + SPARE_ROWS - 1
        sheet.data_validation(HEADING_ROWS, at, last, at, _validation(column))
    write_headings(book, sheet, [(_label(column), column.name) for column in columns], 32)
    return sheet


def write_guide(book: Any) -> None:
    """Add the sheet that tells in both languages how the workbook is filled in."""
    sheet = book.add_worksheet(GUIDE.vi)
    sheet.widen(0, 80)
    sheet.widen(1, 70)
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"text_wrap": True, "valign": "top", "bold": True})
    lines = [
        (bold, "Sổ tính procsim: thủ tục hành chính", "procsim workbook"),
        *((plain, line.vi, line.en) for line in _GUIDE_LINES),
        (plain, "", ""),
        (bold, "Các trang", "Sheets"),
        *((plain, TITLES[name].vi, f"{TITLES[name].en} ({name})") for name in TABLES),
        (plain, "", ""),
    ]
    for row, (look, vi, en) in enumerate(lines):
        if vi:
            sheet.write_string(row, 0, vi, look)
            sheet.write_string(row, 1, en, look if row else plain)
    sheet.write_string(len(lines), 0, f"{VERSION_LABEL.vi} / {VERSION_LABEL.en}", plain)
    sheet.write_number(len(lines), 1, FORMAT_VERSION, plain)


def write_template(path: str | Path) -> None:
    """Write an empty workbook for officers to fill in.

    Each table of the schema is a sheet with Vietnamese headings, drop-downs,
    help that shows when a cell is chosen, and one row marked "VÍ DỤ" that is
    not read. `read_workbook` reads it back; empty, it gives an empty portfolio.

    Parameters
    ----------
    path
        The ``.xlsx`` file to write.

    Raises
    ------
    ProcsimError
        When the file cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_template(Path(folder) / "mau.xlsx")
    ...     len(ps.read_workbook(Path(folder) / "mau.xlsx"))
    0
    """
    from procsim.readers.excel import number_format, write_excel

    def fill(book: Any) -> None:
        write_guide(book)
        for name in TABLES:
            sheet = dress_sheet(book, name, 0)
            for at, column in enumerate(table(name).columns):
                look = {**_EXAMPLE_LOOK, "num_format": number_format(column)}
                shown = EXAMPLE if column.kind == "id" else EXAMPLES[name].get(column.name)
                sheet.write(HEADING_ROWS, at, shown, book.add_format(look))

    write_excel(Path(path), fill)
