"""Faults 23–37, 43 and 46: what stands in a cell is read right, or refused with a sentence."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procsim import cli
from procsim.errors import Fault
from procsim.model.portfolio import Portfolio
from procsim.readers import read
from procsim.readers.cells import missing, plain_number, read_column, show
from procsim.readers.workbook import read_workbook
from procsim.reference.schema import table
from tests.readers.strategies import save_book
from tests.shared import SHARED, needs_shared

PROCEDURES = ["Mã TTHC", "Tên thủ tục hành chính", "Bộ quản lý (cơ quan ban hành)"]
NAMED = ["Đăng ký khai sinh", "Bộ Tư pháp"]


def read_one(name: str, column: str, cell: str | float, epoch: str = "1900") -> tuple:
    """Return the value of one cell, and its fault or None."""
    values, faults = read_column(table(name)[column], [cell], lambda row: f"ô {row}", epoch=epoch)
    assert len(faults) <= 1
    assert all(fault.place == "ô 0" for fault in faults)
    return values[0], (faults[0] if faults else None)


def book(tmp_path, rows: list[list], **others: list[list]) -> Portfolio:
    """Return what is read from a workbook with these procedures and other sheets."""
    titles = {name.replace("_", " "): cells for name, cells in others.items()}
    sheets = {"Thủ tục": [PROCEDURES, *rows], **titles}
    return read_workbook(save_book(tmp_path / "tệp.xlsx", sheets))


def serious(portfolio: Portfolio) -> list[Fault]:
    """Return the faults that are more than notes."""
    return [fault for fault in portfolio.faults if fault.severity != "note"]


# -- 25, 26: codes


@pytest.mark.parametrize(
    ("written", "code", "flag"),
    [
        ("1.013850", "1.013850", ""),
        ("1.01385", "1.013850", "code.zeros_restored"),
        (1.01385, "1.013850", "code.zeros_restored"),
        (1.1, "1.100000", "code.zeros_restored"),
        ("1,004222", "1.004222", "code.comma"),
        ("không có", "không có", "code.unrepairable"),
    ],
)
def test_codes_with_lost_zeros(written, code, flag):
    value, fault = read_one("procedures", "code", written)
    assert value == code
    assert (fault.code if fault else "") == flag
    assert fault is None or fault.severity == "warning"


def test_lost_zeros_in_a_workbook_still_join(tmp_path):
    portfolio = book(
        tmp_path,
        [[1.01385, *NAMED]],
        Trường_hợp=[["Thủ tục", "Tên trường hợp"], [1.01385, "a"], ["1.013850", "b"]],
    )
    assert list(portfolio.procedures.index) == ["1.013850"]
    assert portfolio.procedures["code_written"].iloc[0] == "1.01385"
    assert list(portfolio.cases["procedure"]) == ["1.013850"] * 2
    (fault,) = serious(portfolio)
    assert fault.place == "tệp.xlsx › Sheet 'Thủ tục' › A2 (1.01385)"
    assert fault.message.vi == (
        "Mã TTHC bị mất số 0 ở cuối; đã khôi phục thành 1.013850. Hãy kiểm tra."
    )
    assert "Văn bản (Text)" in fault.cure.vi
    assert fault.proposal == "1.013850"


@pytest.mark.parametrize("text", ["001", "1.10", "00.10", "007/2025/TT-BTP"])
def test_leading_and_trailing_zeros_of_texts_stay(text):
    assert read_one("legal_bases", "number", text) == (text, None)
    assert read_one("requirements", "code", text) == (text, None)


# -- 27: NA, None


@pytest.mark.parametrize("text", ["NA", "None", "null", "nan", "N/A", "TRUE"])
def test_words_that_other_programs_swallow(text):
    assert read_one("requirements", "name", text) == (text, None)


@pytest.mark.parametrize("text", ["NA", "None", "không rõ", "-"])
def test_missing_numbers_stay_missing_with_a_note(text):
    value, fault = read_one("requirements", "hours", text)
    assert value != value
    assert (fault.severity, fault.code) == ("note", "number.missing")


# -- 28: dates


@pytest.mark.parametrize(
    "text", ["05/8/2025", "5-8-2025", "2025-08-05", "ngày 05 tháng 8 năm 2025", "45874"]
)
def test_dates_as_text(text):
    assert read_one("procedures", "decision_date", text) == ("2025-08-05", None)


def test_serial_numbers_of_the_1904_system():
    assert read_one("procedures", "decision_date", "44412", "1904") == ("2025-08-05", None)


def test_dates_of_a_1904_workbook(tmp_path):
    from openpyxl import Workbook
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.title = "Thủ tục"
    made.active.append([*PROCEDURES, "Ngày quyết định"])
    made.active.append(["1.001193", *NAMED, dt.date(2025, 8, 5)])
    made.save(tmp_path / "a.xlsx")
    portfolio = read_workbook(tmp_path / "a.xlsx")
    assert portfolio.procedures["decision_date"].iloc[0] == "2025-08-05"
    assert "file.date_1904" in [fault.code for fault in portfolio.faults]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("30/02/2025", "date.impossible", "không có trong lịch"),
        ("5/8/25", "date.two_digit_year", "hai chữ số"),
        ("hôm qua", "date.unreadable", "không đọc được"),
    ],
)
def test_bad_dates_are_refused(text, code, words):
    value, fault = read_one("procedures", "decision_date", text)
    assert (value, fault.code, fault.severity) == ("", code, "error")
    assert words in fault.message.vi
    assert "05/08/2025" in fault.cure.vi


# -- 29, 30: numbers


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("requirements.hours", "23,4", 23.4),
        ("requirements.hours", "1.234,5", 1234.5),
        ("requirements.hours", "1,234.5", 1234.5),
        ("requirements.hours", 1.234, 1.234),
        ("requirements.hours", "1.2340", 1.234),
        ("requirements.purchase_vnd", "1.234", 1234.0),
        ("requirements.purchase_vnd", "50.000 đồng", 50_000.0),
        ("requirements.purchase_vnd", 1.234, 1.234),
        ("requirements.originals", "02", 2),
        ("requirements.share_needed", "30%", 0.3),
        ("requirements.share_needed", "0,3", 0.3),
        ("procedures.subjects_per_year", "1.200.000", 1_200_000.0),
        ("procedures.times_per_year", "0,5", 0.5),
        ("channels.limit_value", "2,5", 2.5),
        ("steps.days", "3 ngày làm việc", 3.0),
    ],
)
def test_vietnamese_numbers(column, cell, value):
    assert read_one(*column.split("."), cell) == (value, None)


@pytest.mark.parametrize("text", ["1.234", "1,234"])
def test_ambiguous_numbers_are_asked(text):
    value, fault = read_one("requirements", "hours", text)
    assert value != value
    assert (fault.severity, fault.code) == ("error", "number.ambiguous")
    assert fault.proposal in {"1234", "1.2340"}
    assert "Có phải là" in fault.cure.vi
    assert read_one("requirements", "hours", fault.proposal)[1] is None


@pytest.mark.parametrize("text", ["12345678901234567", "1234567890,1234567"])
def test_more_than_fifteen_digits_are_refused(text):  # 30
    value, fault = read_one("procedures", "subjects_per_year", text)
    assert value != value
    assert (fault.severity, fault.code) == ("error", "number.too_long")
    assert "15 chữ số" in fault.cure.vi + fault.message.vi


@pytest.mark.parametrize("text", ["12345678901234567", "079203001234567890"])
def test_long_digits_in_text_columns_stay(text):
    assert read_one("requirements", "code", text) == (text, None)


@given(st.floats(0, 1e14))
@example(1.234)
@example(1e-7)
@example(0.1 + 0.2)
@example(1 / 3)
def test_plain_number_loses_nothing_and_has_one_reading(number):
    text = plain_number(number)
    assert float(text) == number
    assert "e" not in text
    assert read_one("requirements", "hours", text) == (number, None)
    assert read_one("fees", "amount_vnd", text) == (number, None)


# -- 46: shares and negative numbers


@pytest.mark.parametrize(
    ("column", "cell", "code", "proposal"),
    [
        ("requirements.share_needed", "30", "number.share_range", "0.3"),
        ("requirements.share_needed", "150%", "number.share_range", ""),
        ("requirements.share_held", 1.5, "number.share_range", "0.015"),
        ("requirements.coverage", "-0,2", "number.negative", ""),
        ("fees.amount_vnd", "-5000", "number.negative", ""),
        ("requirements.copies", "1,5", "number.not_whole", ""),
    ],
)
def test_numbers_out_of_range_are_refused(column, cell, code, proposal):
    shape = table(column.split(".")[0])[column.split(".")[1]]
    value, fault = read_one(*column.split("."), cell)
    assert value == 0 if shape.kind == "integer" else value != value
    assert (fault.severity, fault.code) == ("error", code)
    assert fault.proposal.rstrip("0") == proposal.rstrip("0")
    if shape.unit == "share":
        assert "từ 0 đến 1" in fault.cure.vi


# -- 31, 32, 33, 34: characters


def test_nfd_is_read_as_nfc():  # 31
    nfd = unicodedata.normalize("NFD", "Đăng ký thường trú")
    assert read_one("procedures", "name", nfd) == ("Đăng ký thường trú", None)
    assert read_one("channels", "method", unicodedata.normalize("NFD", "trực tuyến"))[0] == "online"


@pytest.mark.parametrize(
    ("text", "encoding", "meant"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "TCVN3", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
    ],
)
def test_old_encodings_are_kept_and_a_reading_proposed(text, encoding, meant):  # 32
    value, fault = read_one("requirements", "name", text)
    assert value == text
    assert (fault.severity, fault.code) == ("warning", "cell.legacy_encoding")
    assert encoding in fault.message.vi
    assert fault.proposal == meant


def test_invisible_spaces_do_not_part_what_is_the_same():  # 33
    assert read_one("procedures", "ministry", "\u00a0Bộ\u00a0Tư pháp\u200b ")[0] == "Bộ Tư pháp"
    assert read_one("procedures", "code", "\ufeff1.004222\u00a0") == ("1.004222", None)
    assert read_one("channels", "method", "trực\u00a0tiếp\u200b") == ("counter", None)
    assert read_one("requirements", "hours", "1\u00a0234,5") == (1234.5, None)
    assert read_one("requirements", "hours", "\u00a0\u200b")[1] is None


def test_control_characters_are_removed_with_a_note():  # 34
    value, fault = read_one("requirements", "name", "Tờ\x00 khai\x07\ud800")
    assert value == "Tờ khai"
    assert (fault.severity, fault.code) == ("note", "cell.control_characters")
    assert "ký tự điều khiển" in fault.message.vi


def test_text_of_exactly_the_limit_may_have_been_cut():  # 35
    value, fault = read_one("steps", "text", "đ" * 32_767)
    assert len(value) == 32_767
    assert (fault.severity, fault.code) == ("warning", "cell.text_cut")
    assert "có thể đã bị cắt" in fault.message.vi
    assert read_one("steps", "text", "đ" * 40_000) == ("đ" * 40_000, None)


@pytest.mark.parametrize(
    "text", ["=1+1", "+84 24", "- gạch đầu dòng", "@tên", "=cmd|' /C calc'!A0"]
)
def test_leading_signs_are_texts(text):  # 36
    assert read_one("requirements", "name", text) == (text, None)


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "**đậm** [x](http://y)", "'); DROP TABLE procedures;--", "a & b"],
)
def test_markup_and_sql_are_texts(text):  # 37
    assert read_one("procedures", "name", text) == (text, None)


# -- words


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("channels.method", "Trực tiếp", "counter"),
        ("channels.method", "POST", "post"),
        ("channels.method", "Dịch vụ bưu chính", "post"),
        ("channels.limit_unit", "ngay lam viec", "working_day"),
        ("procedures.levels", "Cấp xã\ncấp tỉnh; xã", "commune;province"),
        ("procedures.applicants", " Công dân ;\nDoanh nghiệp;", "Công dân;Doanh nghiệp"),
        ("requirements.certified", "Có", True),
        ("requirements.certified", "no", False),
        ("cases.kind", "", "case"),
    ],
)
def test_words_of_officers(column, text, value):
    assert read_one(*column.split("."), text) == (value, None)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("procedures.levels", "Cấp Bộ, Cấp Tỉnh, Cấp Xã", "central;province;commune"),
        ("procedures.levels", "- Cấp Tỉnh\n- Cấp Xã.", "province;commune"),
        ("procedures.levels", "Cấp Tỉnh/Cấp Xã", "province;commune"),
        ("procedures.levels", "Trung ương và cấp tỉnh", "central;province"),
        ("procedures.levels", "Xã, phường, đặc khu; Cơ quan khác", "commune;other"),
        ("procedures.levels", "Tỉnh/Thành phố + Xã", "province;commune"),
        ("procedures.audience", "Công dân Việt Nam, Doanh nghiệp, Hợp tác xã", "both"),
        ("procedures.audience", "Doanh nghiệp\nHợp tác xã", "business"),
        ("procedures.audience", "Cán bộ, công chức, viên chức", "state"),
        ("procedures.audience", "Tổ chức (không bao gồm doanh nghiệp, HTX)", "organisation"),
        ("procedures.audience", "người dân và doanh nghiệp", "both"),
        ("procedures.online", "Dịch vụ công trực tuyến toàn trình", "full"),
        ("procedures.online", "DVCTT một phần", "partial"),
        ("procedures.online", "Mức độ 4", "full"),
        ("procedures.online", "Cung cấp thông tin trực tuyến", "none"),
        ("procedures.status", "Hết hiệu lực", "abolished"),
        ("channels.method", "Qua dịch vụ bưu chính công ích", "post"),
    ],
)
def test_wordings_of_the_portal(column, text, value):
    assert read_one(*column.split("."), text) == (value, None)


def test_several_values_in_a_column_of_one_are_told():
    value, fault = read_one("channels", "method", "Trực tiếp, Trực tuyến, Dịch vụ bưu chính")
    assert (value, fault.code, fault.severity) == ("unknown", "cell.several", "error")
    assert "mỗi giá trị một dòng" in fault.cure.vi
    assert read_one("procedures", "levels", "Cấp Tỉnh, sao Hỏa")[1].value == "sao Hỏa"


@needs_shared
def test_case_10_through_the_command_line(capsys):
    path = SHARED / "cases" / "10-comma-lists" / "in.xlsx"
    assert cli.main(["check", str(path)]) == 0
    assert "danh mục của cột" not in capsys.readouterr().out
    procedures = read(path).procedures
    assert procedures["levels"].tolist() == ["central;province;commune"] * 2
    assert procedures["audience"].tolist() == ["both"] * 2
    assert procedures["applicants"].unique().tolist() == [
        "Công dân Việt Nam;Doanh nghiệp;Hợp tác xã"
    ]


@pytest.mark.parametrize(
    ("text", "applicants", "audience"),
    [
        ("Tổ chức, cá nhân", "Tổ chức;cá nhân", "citizen"),
        ("Doanh nghiệp, Cán bộ, công chức, viên chức", None, "business"),
        ("Hợp tác xã, hội quần chúng", "Hợp tác xã, hội quần chúng", "business"),
        ("Đảng viên; Tổ chức Đảng", "Đảng viên;Tổ chức Đảng", "state"),
    ],
)
def test_the_audience_follows_the_applicants(tmp_path, text, applicants, audience):
    head = [*PROCEDURES, "Đối tượng thực hiện"]
    path = save_book(tmp_path / "a.xlsx", {"Thủ tục": [head, ["1.001193", *NAMED, text]]})
    row = read_workbook(path).procedures.iloc[0]
    assert row["applicants"] == (applicants or "Doanh nghiệp;Cán bộ, công chức, viên chức")
    assert row["audience"] == audience


def test_escapes_that_another_program_wrote_out(tmp_path):  # 74
    path = save_book(
        tmp_path / "a.xlsx",
        {
            "Thủ tục": [
                PROCEDURES,
                ["1.001193", "Đăng ký_x000D_\nkhai sinh", "Bộ Tư_x000D_\npháp"],
            ],
            "Thành phần hồ sơ": [
                ["Thủ tục", "Tên thành phần hồ sơ"],
                ["1.001193", "Tờ khai_x000D_ _x0028_mẫu_x0029_"],
                ["Đăng ký khai sinh", "Giấy_x00A0_chứng sinh_x000d_\n(bản sao)"],
            ],
        },
    )
    portfolio = read_workbook(path)
    assert serious(portfolio) == []
    assert portfolio.procedures[["name", "ministry"]].iloc[0].tolist() == [
        "Đăng ký\nkhai sinh",
        "Bộ Tư pháp",
    ]
    assert portfolio.requirements["name"].tolist() == [
        "Tờ khai\n (mẫu)",
        "Giấy chứng sinh\n(bản sao)",
    ]


def test_rows_that_hold_no_record(tmp_path):
    portfolio = book(
        tmp_path,
        [
            ["1", "2", "3"],
            ["I. LĨNH VỰC HỘ TỊCH", "", ""],
            ["1.001193", *NAMED],
            ["", "Cộng: 01 thủ tục", ""],
            ["Người lập", "", "Giám đốc"],
            ["Nguyễn Văn A", "", "Trần B"],
        ],
        Thành_phần_hồ_sơ=[
            ["STT", "Thủ tục", "Tên thành phần hồ sơ"],
            ["A", "Đăng ký khai sinh", ""],
            [1, "1.001193", "Ghi chú: nộp bản sao"],
            [2, "Đăng ký khai sinh", "Tổng cộng chi phí (bảng kê)"],
            [3, "", ""],
            ["", "", "Tổng số: 2 giấy tờ"],
        ],
    )
    assert portfolio.procedures.index.tolist() == ["1.001193"]
    assert portfolio.requirements["name"].tolist() == [
        "Ghi chú: nộp bản sao",
        "Tổng cộng chi phí (bảng kê)",
    ]
    assert serious(portfolio) == []


def test_unknown_words_are_refused_with_those_accepted():
    value, fault = read_one("channels", "method", "trực tuyên qua")
    assert (value, fault.severity, fault.code) == ("unknown", "error", "cell.category")
    assert fault.cure.vi == "Chọn một trong: trực tiếp, bưu chính, trực tuyến, chưa rõ."
    assert fault.proposal == "trực tuyến"
    value, fault = read_one("procedures", "levels", "cấp xã; sao Hỏa")
    assert (value, fault.value) == ("commune", "sao Hỏa")
    assert read_one("requirements", "certified", "có lẽ")[1].code == "cell.flag"


@pytest.mark.parametrize("name", ["procedures", "channels", "requirements", "marks"])
def test_shown_words_are_read_as_the_same_value(name):
    for column in table(name).columns:
        if column.kind == "flag":
            values = [True, False]
        elif column.categories:
            values = [code for code in column.categories if code]
        else:
            values = [missing(column)] if column.kind == "text" else []
        for value in values:
            for language in ("vi", "en"):
                assert read_one(name, column.name, show(column, value, language))[0] == value


# -- 43 and other references


def test_dangling_ids_are_named_and_kept(tmp_path):
    portfolio = book(
        tmp_path,
        [["1.001193", *NAMED]],
        Cách_thức=[["Thủ tục", "Cách thức nộp"], ["1.001193", "trực tiếp"], ["9.999999", "post"]],
        Phí_lệ_phí=[["Thủ tục", "Cách thức nộp"], ["1.001193", "trực tuyến"]],
    )
    places = {fault.place: fault for fault in serious(portfolio)}
    assert set(places) == {
        "tệp.xlsx › Sheet 'Cách thức' › A3 (9.999999)",
        "tệp.xlsx › Sheet 'Phí lệ phí' › B2 (1.001193)",
    }
    fault = places["tệp.xlsx › Sheet 'Cách thức' › A3 (9.999999)"]
    assert (fault.code, fault.value, fault.severity) == ("reader.dangling", "9.999999", "error")
    assert "không có trong “Thủ tục”" in fault.message.vi
    assert list(portfolio.channels["procedure"]) == ["1.001193", "9.999999"]
    assert list(portfolio.positions("channels", "procedure")) == [0, -1]


def test_one_code_for_several_rows(tmp_path):
    portfolio = book(
        tmp_path,
        [["1.001193", *NAMED], ["1.001193", "Đăng ký lại", "Bộ Tư pháp"]],
        Trường_hợp=[
            ["Thủ tục", "Tên trường hợp"],
            ["1.001193", "a"],
            ["1.001193#2", "b"],
            ["Đăng ký lại", "c"],
        ],
    )
    assert list(portfolio.procedures.index) == ["1.001193", "1.001193#2"]
    assert list(portfolio.cases["procedure"]) == ["1.001193", "1.001193#2", "1.001193#2"]
    (fault,) = serious(portfolio)
    assert (fault.code, fault.severity) == ("reader.code_not_unique", "warning")
    assert "1.001193, 1.001193#2" in fault.cure.vi


def test_duplicate_ids_lose_no_row(tmp_path):
    path = save_book(
        tmp_path / "a.xlsx",
        {
            "Thủ tục": [
                ["Mã trong procsim", *PROCEDURES],
                ["1.001193", "1.001193", *NAMED],
                ["1.001193", "1.001193", "Khác", "Bộ Tư pháp"],
            ]
        },
    )
    portfolio = read_workbook(path)
    assert list(portfolio.procedures.index) == ["1.001193", "1.001193#2"]
    (fault,) = serious(portfolio)
    assert (fault.code, fault.place) == (
        "reader.duplicate_id",
        "a.xlsx › Sheet 'Thủ tục' › A3 (1.001193)",
    )


def test_rows_of_several_cases_must_name_theirs(tmp_path):
    portfolio = book(
        tmp_path,
        [["1.001193", *NAMED]],
        Trường_hợp=[["Thủ tục", "Tên trường hợp"], ["1.001193", "a"], ["1.001193", "b"]],
        Thành_phần_hồ_sơ=[
            ["Thủ tục", "Trường hợp", "Tên thành phần hồ sơ"],
            ["1.001193", "b", "Tờ khai"],
            ["1.001193", "", "Đơn"],
        ],
    )
    (fault,) = serious(portfolio)
    assert (fault.code, fault.value) == ("reader.case_unnamed", "Đơn")
    assert fault.place.endswith("Sheet 'Thành phần hồ sơ' › B3 (1.001193)")
    assert list(portfolio.requirements["case"]) == ["1.001193/c2", ""]


def test_required_cells_and_procedures_without_code(tmp_path):
    portfolio = book(tmp_path, [["", "Thủ tục mới", ""], ["", "", "Bộ Y tế"]])
    assert list(portfolio.procedures.index) == ["chua-co-ma-1", "chua-co-ma-2"]
    found = [(f.code, f.place.rpartition("› ")[2], f.severity) for f in serious(portfolio)]
    assert found == [
        ("reader.no_code", "A2 (Thủ tục mới)", "warning"),
        ("reader.no_code", "A3", "warning"),
        ("reader.required", "B3", "error"),
        ("reader.required", "C2 (Thủ tục mới)", "error"),
    ]


def test_all_faults_of_a_file_at_once(tmp_path):
    head = ["Thủ tục", "Tên thành phần hồ sơ", "Thời gian chuẩn bị (giờ)", "Tỷ lệ phải nộp", "Loại"]
    portfolio = book(
        tmp_path,
        [["1.001193", *NAMED]],
        Thành_phần_hồ_sơ=[head, ["1.001193", "Tờ khai", "1.234", "130%", "tờ rơi"]],
    )
    assert [(f.place.rpartition("› ")[2], f.code) for f in serious(portfolio)] == [
        ("E2 (1.001193)", "cell.category"),
        ("D2 (1.001193)", "number.share_range"),
        ("C2 (1.001193)", "number.ambiguous"),
    ]
    row = portfolio.requirements.iloc[0]
    assert (row["name"], row["kind"]) == ("Tờ khai", "unknown")
    assert row[["hours", "share_needed"]].isna().all()


def test_a_name_that_several_rows_carry_must_be_told_apart(tmp_path):
    portfolio = book(
        tmp_path,
        [["1.001193", *NAMED]],
        Bước_thực_hiện=[["Thủ tục", "Tên bước"], ["1.001193", "Nộp"], ["1.001193", "Nộp"]],
        Quan_hệ_bước=[["Thủ tục", "Bước trước", "Bước sau"], ["1.001193", "Nộp", "2"]],
    )
    (fault,) = serious(portfolio)
    assert (fault.code, fault.value) == ("reader.ambiguous_reference", "Nộp")
    assert fault.place == "tệp.xlsx › Sheet 'Quan hệ bước' › B2 (1.001193)"
    assert fault.cure.vi == "Ghi rõ mã: 1.001193/s1, 1.001193/s2"
    assert portfolio.flow["after"].iloc[0] == "1.001193/s2"


def test_an_example_row_is_never_read_and_never_lost_unseen(tmp_path):
    shown = ["VÍ DỤ", "1.004222", "Đăng ký thường trú", "Bộ Công an"]
    rows = [shown, ["vi du", "1.001193", *NAMED], ["", "1.001193", *NAMED]]
    head = ["Mã trong procsim", *PROCEDURES]
    portfolio = read_workbook(save_book(tmp_path / "a.xlsx", {"Thủ tục": [head, *rows]}))
    assert list(portfolio.procedures.index) == ["1.001193"]
    (fault,) = serious(portfolio)
    assert (fault.code, fault.severity) == ("reader.example_rewritten", "warning")
    assert fault.place == "a.xlsx › Sheet 'Thủ tục' › A3"
    assert "xóa chữ VÍ DỤ" in fault.cure.vi
