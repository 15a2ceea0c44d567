"""Plans as a workbook: read back equal, shown well, and every broken edit named."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from procsim.errors import InvalidValue, ProcsimError, Text, UnreadableInput
from procsim.language.vietnamese import fold
from procsim.reforms import (
    KINDS,
    AbolishProcedure,
    CutFee,
    DropRequirement,
    Plan,
    ReplaceByData,
    ShortenLimit,
    Unmatched,
)
from procsim.reports.roundtrip.plan_table import choices, codes_by_word, columns, unmatched_columns
from tests.readers.strategies import save_book
from tests.reforms.small import P
from tests.reforms.strategies import IDS, plans, reforms

NAMES = [column.name for column in columns()]
ROW = f"{P}/c1/r1"
PLAN = Plan(
    [
        ReplaceByData(
            ROW,
            ("can_cuoc", "so_bhxh"),
            ("csdl_dan_cu", "csdl_bao_hiem"),
            0.9,
            "giả định",
            part=True,
            reason="=SUM(A1)",
            legal_text="+84 @ - x",
            legal_numbers=("66.7/2025/NQ-CP", "131/2024/NĐ-CP"),
            rank="nghi_dinh",
            due=date(2027, 3, 1),
        ),
        DropRequirement(f"{P}/c1/r2", reason="-5", owner="@Bộ A"),
        ShortenLimit(P, percent=50),
        CutFee(P, amount_vnd=0, channel_method="online"),
        AbolishProcedure("1.000010"),
    ],
    name="Đợt 1",
    version="1.10",
    note="dòng 1\ndòng 2",
    unmatched=[
        Unmatched(
            *("I", "7", "1.000009", "Tên", "Giấy", "not_in_portfolio"),
            reason=Text("vì", "as"),
            procedures=(P,),
        )
    ],
)
REPLACE, DROP, SHORTEN, CUT, ABOLISH = range(3, 8)


def cell(name: str, row: int) -> str:
    """Return the address of a column in a row of the sheet."""
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(NAMES.index(name) + 1)}{row}"


def edited(path: Path, edits: dict[str, Any], plan: Plan = PLAN) -> Path:
    """Write a plan, change cells of the sheet “Phương án” as Excel would, and save it."""
    plan.write(path)
    book = load_workbook(path)
    for address, value in edits.items():
        sheet, _, at = address.rpartition("!")
        book[sheet or "Phương án"][at].value = value
    book.save(path)
    return path


def faults_of(path: Path) -> list[tuple[str, str]]:
    """Return code and cell of every fault, in order."""
    with pytest.raises(InvalidValue) as error:
        Plan.read(path)
    assert all(f.cure.vi and f.cure.en and f.message.en for f in error.value.faults)
    return [(f.code, f.place.rpartition(" › ")[2]) for f in error.value.faults]


# -- round trips


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans())
def test_a_random_plan_read_back_from_yaml_is_equal(plan: Plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "phuong-an.yaml"
    plan.write(path)
    assert Plan.read(path) == plan


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans())
def test_a_random_plan_read_back_from_the_workbook_is_equal(plan: Plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "phuong-an.xlsx"
    plan.write(path)
    assert Plan.read(path) == plan
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.tuples(*(reforms(IDS, [kind]) for kind in KINDS)))
def test_every_kind_of_reform_survives_both_kinds_of_file(made: Any, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    plan = Plan(made)
    for name in ("a.xlsx", "a.yml"):
        plan.write(folder / name)
        assert Plan.read(folder / name) == plan


def test_an_empty_plan_survives(tmp_path: Path):
    Plan().write(tmp_path / "a.xlsx")
    assert Plan.read(tmp_path / "a.xlsx") == Plan()


@pytest.mark.parametrize("percent", [0.004, 0.5, 1.0, 1 / 3, 1.5, 30.0, 33.333, 100.0])
def test_every_percentage_reads_back_as_itself(percent: float, tmp_path: Path):
    plan = Plan([ShortenLimit(P, percent=percent)])
    plan.write(tmp_path / "a.xlsx")
    assert Plan.read(tmp_path / "a.xlsx") == plan


# -- what an officer sees


def test_every_field_of_every_kind_has_a_vietnamese_column_of_its_own():
    labels = [column.label for column in columns()]
    assert all(label.vi != column.name for label, column in zip(labels, columns(), strict=True))
    assert len({fold(label.vi) for label in labels}) == len(labels)
    assert len({fold(label.en) for label in labels}) == len(labels)
    names = {column.name for column in columns()}
    for made in KINDS.values():
        assert {field.name for field in fields(made)} <= names


@pytest.mark.parametrize("name", [c.name for c in columns() if choices(c.name)])
def test_every_word_of_a_drop_down_stands_for_one_code(name: str):
    for code, both in choices(name).items():
        for word in (code, *both):
            assert codes_by_word(name)[fold(word)] == code


def test_the_sheet_is_made_for_an_officer(tmp_path: Path):
    PLAN.write(tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Phương án", "Thông tin", "Dòng chưa khớp", "Danh mục"]
    sheet = book["Phương án"]
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref == f"A2:{cell(NAMES[-1], 7)}"
    assert sheet["A1"].value == "Loại đề xuất"
    assert sheet["A2"].value == "kind"
    assert sheet[f"A{REPLACE}"].value == "Thay giấy tờ bằng dữ liệu"
    due = sheet[cell("due", REPLACE)]
    assert due.value.date() == date(2027, 3, 1)
    assert due.is_date
    assert sheet[cell("databases", REPLACE)].value == "csdl_dan_cu; csdl_bao_hiem"
    assert sheet[cell("rank", REPLACE)].value == "nghị định"
    assert sheet[cell("part", REPLACE)].value == "có"
    assert sheet[cell("coverage", REPLACE)].value == 0.9
    assert sheet[cell("procedure", SHORTEN)].data_type == "s"
    assert sheet[cell("reason", REPLACE)].alignment.wrap_text
    for address in (cell("reason", REPLACE), cell("legal_text", REPLACE), cell("owner", DROP)):
        assert sheet[address].data_type == "s"
        assert sheet[address].quotePrefix
    lists = {str(v.sqref).split(":")[0]: v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists["A3"] == f"'Danh mục'!$A$3:$A${len(KINDS) + 2}"
    words = book["Danh mục"]
    listed = [words.cell(row, 1).value for row in range(3, len(KINDS) + 3)]
    assert listed == [made.title.vi for made in KINDS.values()]


def test_an_officer_edits_a_plan_and_reads_it_back(tmp_path: Path):
    row = ABOLISH + 1
    path = edited(
        tmp_path / "a.xlsx",
        {
            cell("percent", SHORTEN): "23,4",
            cell("due", SHORTEN): date(2026, 6, 30),
            cell("coverage", REPLACE): "85%",
            cell("databases", REPLACE): "csdl_dan_cu ;\ncsdl_bao_hiem",
            cell("amount_vnd", CUT): "20.000",
            cell("lead", CUT): "Bộ Tài chính",
            cell("kind", row): "rút ngắn  THỜI HẠN giải quyết",
            cell("procedure", row): "1.000011",
            cell("days", row): 2.5,
            "Thông tin!B1": "Đợt 2",
        },
    )
    read = Plan.read(path)
    assert read.name == "Đợt 2"
    assert len(read) == 6
    assert (read.reforms[2].percent, read.reforms[2].due) == (23.4, date(2026, 6, 30))
    assert read.reforms[0].coverage == 0.85
    assert read.reforms[0].databases == ("csdl_dan_cu", "csdl_bao_hiem")
    assert (read.reforms[3].amount_vnd, read.reforms[3].lead) == (20000, "Bộ Tài chính")
    assert read.reforms[5] == ShortenLimit("1.000011", days=2.5)


def test_columns_may_move_and_rows_may_be_hidden(tmp_path: Path):
    PLAN.write(tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    rows = [[c.value for c in row] for row in book["Phương án"].iter_rows()]
    sheet = book.create_sheet("tạm")
    for row in rows:
        sheet.append([None, *reversed(row)])
    for row in sheet.iter_rows(min_row=3):
        for made in row:
            if isinstance(made.value, str):
                made.data_type = "s"
    sheet.row_dimensions[4].hidden = True
    book.remove(book["Phương án"])
    sheet.title = "Phương án"
    book.save(tmp_path / "a.xlsx")
    assert Plan.read(tmp_path / "a.xlsx") == PLAN


def test_a_plan_made_by_hand_needs_one_sheet_only(tmp_path: Path):
    rows = [["Loại đề xuất", "Mã thủ tục", "Thời gian mới (số)"], ["shorten_limit", P, 7]]
    path = save_book(tmp_path / "a.xlsx", {"Plan": rows})
    assert Plan.read(path) == Plan([ShortenLimit(P, days=7)])


# -- broken edits

BROKEN: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "unknown kind": ({"A4": "Bãi bỏ thành phần"}, [("plan.kind", "A4")]),
    "no kind": ({"A4": None}, [("plan.kind", "A4")]),
    "empty target": (
        {cell("requirement", DROP): None},
        [("reform.no_target", cell("requirement", DROP))],
    ),
    "code became a number": (
        {cell("procedure", ABOLISH): 1.00001},
        [("plan.code_as_number", cell("procedure", ABOLISH))],
    ),
    "excel error": (
        {cell("requirement", DROP): "#REF!"},
        [("cell.error_value", cell("requirement", DROP))],
    ),
    "formula": (
        {cell("percent", SHORTEN): "=10+5"},
        [
            ("cell.formula_without_value", cell("percent", SHORTEN)),
            ("reform.days_or_percent", f"{cell('days', SHORTEN)}, {cell('percent', SHORTEN)}"),
        ],
    ),
    "a third as a share": (
        {cell("percent", SHORTEN): 0.3},
        [("plan.percent_or_share", cell("percent", SHORTEN))],
    ),
    "too many per cent": (
        {cell("percent", SHORTEN): 130},
        [("reform.percent", cell("percent", SHORTEN))],
    ),
    "ambiguous number": (
        {cell("percent", SHORTEN): "1.234"},
        [("number.ambiguous", cell("percent", SHORTEN))],
    ),
    "words for a number": (
        {cell("amount_vnd", CUT): "miễn"},
        [("number.not_a_number", cell("amount_vnd", CUT))],
    ),
    "days and percent": (
        {cell("days", SHORTEN): 3},
        [("reform.days_or_percent", f"{cell('days', SHORTEN)}, {cell('percent', SHORTEN)}")],
    ),
    "impossible day": ({cell("due", DROP): "30/02/2027"}, [("date.impossible", cell("due", DROP))]),
    "wrong rank": ({cell("rank", DROP): "nghị địnhh"}, [("plan.value", cell("rank", DROP))]),
    "neither yes nor no": ({cell("part", REPLACE): "tùy"}, [("cell.flag", cell("part", REPLACE))]),
    "column of another kind": (
        {cell("days", DROP): 5},
        [("plan.unused_column", cell("days", DROP))],
    ),
    "heading changed": (
        {cell("reason", 1): "Vì sao", cell("reason", 2): None},
        [("plan.field", cell("reason", 1))],
    ),
    "new column": ({"BZ1": "Cột của tôi", "BZ4": "việc riêng"}, [("plan.field", "BZ1")]),
    "head": ({"Thông tin!A2": "Bản số"}, [("plan.field", "A2")]),
    "beside the head": ({"Thông tin!C1": "?"}, [("plan.field", "A1")]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_edit_is_named_with_its_cell(name: str, tmp_path: Path):
    edits, expected = BROKEN[name]
    assert faults_of(edited(tmp_path / "a.xlsx", edits)) == expected


def test_all_broken_edits_come_at_once_and_nothing_is_loaded(tmp_path: Path):
    path = edited(
        tmp_path / "a.xlsx",
        {
            "A3": "bay lên trời",
            cell("coverage", REPLACE): "2",
            cell("requirement", DROP): None,
            cell("percent", SHORTEN): "130",
            cell("unit", SHORTEN): "tuần trăng",
            cell("amount_vnd", CUT): "-5",
        },
    )
    assert faults_of(path) == [
        ("plan.kind", "A3"),
        ("number.share_range", cell("coverage", REPLACE)),
        ("reform.no_target", cell("requirement", DROP)),
        ("plan.value", cell("unit", SHORTEN)),
        ("reform.percent", cell("percent", SHORTEN)),
        ("number.negative", cell("amount_vnd", CUT)),
    ]


def test_a_fault_says_value_accepted_form_and_cure(tmp_path: Path):
    path = edited(tmp_path / "a.xlsx", {"A4": "Bãi bỏ thành phần hồ sơ!"})
    with pytest.raises(InvalidValue) as error:
        Plan.read(path)
    (fault,) = error.value.faults
    assert fault.place == "a.xlsx › Sheet 'Phương án' › A4"
    assert fault.value == "Bãi bỏ thành phần hồ sơ!"
    assert fault.proposal == "Bãi bỏ thành phần hồ sơ"
    assert "Rút ngắn thời hạn giải quyết" in fault.cure.vi
    assert "Shorten the time limit" in fault.cure.en


def test_a_sheet_that_lost_its_name_is_named(tmp_path: Path):
    PLAN.write(tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    book["Thông tin"].title = "Giới thiệu"
    book.save(tmp_path / "a.xlsx")
    assert faults_of(tmp_path / "a.xlsx") == [("plan.unknown_sheet", "Sheet 'Giới thiệu'")]


def test_a_sheet_without_headings_is_named(tmp_path: Path):
    path = save_book(tmp_path / "a.xlsx", {"Phương án": [["gì đó", "khác"], ["a", "b"]]})
    assert faults_of(path) == [("plan.no_headings", "Sheet 'Phương án'")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"procsim_plan: 1", "nội dung là"),
        ("a.xlsx", b"", "trống"),
        ("a.csv", b"a;b", "ghi ở tệp"),
        ("a", b"a", "ghi ở tệp"),
    ],
)
def test_what_is_no_plan_file_is_refused(name: str, content: bytes, words: str, tmp_path: Path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableInput, match=words):
        Plan.read(tmp_path / name)


def test_a_workbook_without_a_plan_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="không có trang “Phương án”"):
        Plan.read(save_book(tmp_path / "a.xlsx", {"Khác": [["a"]]}))


def test_a_newer_format_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="định dạng 2"):
        Plan.read(edited(tmp_path / "a.xlsx", {"Thông tin!B4": 2}))


# -- writing


def test_what_a_cell_cannot_hold_is_refused_and_the_old_file_stands(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    PLAN.write(path)
    wrong = [
        DropRequirement(ROW, reason="đ" * 40_000),
        DropRequirement(ROW, legal_numbers=("a;b", "c")),
    ]
    with pytest.raises(InvalidValue) as error:
        Plan(wrong, note="x" * 32_768).write(path)
    assert [(f.code, f.place.rpartition(" › ")[2]) for f in error.value.faults] == [
        ("write.text_too_long", cell("reason", 3)),
        ("plan.list_entry", cell("legal_numbers", 4)),
        ("write.text_too_long", "B3"),
    ]
    assert Plan.read(path) == PLAN
    with pytest.raises(InvalidValue, match="ghi ở tệp"):
        PLAN.write(tmp_path / "a.csv")
    with pytest.raises(ProcsimError, match="Thư mục không có"):
        PLAN.write(tmp_path / "khong-co" / "a.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def write_nothing(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    PLAN.write(path)
    monkeypatch.setattr(Path, "write_text", write_nothing)
    with pytest.raises(ProcsimError, match="Ổ đĩa đã đầy"):
        Plan().write(path)
    assert Plan.read(path) == PLAN


def test_unmatched_rows_stand_in_their_own_sheet(tmp_path: Path):
    PLAN.write(tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Dòng chưa khớp"]
    assert [c.value for c in sheet[2]] == [column.name for column in unmatched_columns()]
    assert [c.value for c in sheet[3]][:3] == ["I", "7", "1.000009"]


def test_the_frame_has_the_numbers_of_every_kind_as_numbers():
    made = {
        "move_online": {"procedure": P, "share": 0.5},
        "extend_validity": {"procedure": P, "times_per_year": 0.2},
        "merge_procedures": {"procedure": P, "merged": ["1.000002"], "subjects_per_year": 30},
        "shorten_step": {"step": f"{P}/s1", "days": 2},
    }
    frame = Plan(KINDS[kind](**values) for kind, values in made.items()).to_frame()
    assert frame["share"].tolist()[0] == 0.5
    assert frame[["share", "times_per_year", "subjects_per_year", "days"]].sum().tolist() == [
        *(0.5, 0.2, 30.0, 2.0)
    ]
    assert frame["merged"].tolist() == ["", "", "1.000002", ""]
    assert frame["target"].tolist() == [P, P, P, f"{P}/s1"]
