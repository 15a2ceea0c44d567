"""The round trip: a workbook that an officer edited is read back, or refused with its cells."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from procsim.decisions.roadmap import roadmap
from procsim.errors import InvalidValue, ProcsimError, UnreadableInput
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from procsim.reforms import DropRequirement, Plan, ShortenLimit, apply
from procsim.reports.excel import costs, register, road, sources
from procsim.reports.excel.changes import TIME
from procsim.reports.excel.workbook import write_plan
from procsim.reports.roundtrip import readback
from procsim.reports.roundtrip.entries import Entry, digest_of, enter
from procsim.reports.roundtrip.readback import ReadBack, read_back, written_on
from procsim.reports.roundtrip.stamp import SHEET as STAMP
from tests.reports.libreoffice import convert, needs_libreoffice, with_inputs
from tests.reports.test_workbook_formulas import with_volumes

ON = date(2026, 1, 5)
FIRST, LAST = "1.000001", "1.000004"  # in the plan, and untouched by it
Edit = Callable[[openpyxl.Workbook], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Portfolio, Plan, Path]:
    """Four procedures with volumes, fees and gaps, and the workbook of their plan."""
    portfolio, plan = with_volumes()
    path = tmp_path_factory.mktemp("made") / "phuong-an.xlsx"
    return portfolio, plan, write_plan(portfolio, plan, path, on=ON)


@pytest.fixture(autouse=True)
def _written_once(monkeypatch, rewritten) -> None:
    """Write the original of each stamp again in memory once, not for each test."""
    real = readback._rewritten

    def kept(path, stamp, portfolio):
        key = (stamp.layout, stamp.digest, stamp.entries, tuple(stamp.parameters.values()))
        if key not in rewritten:
            rewritten[key] = real(path, stamp, portfolio)
        return rewritten[key]

    monkeypatch.setattr(readback, "_rewritten", kept)


@pytest.fixture(scope="module")
def rewritten() -> dict[object, object]:
    return {}


@pytest.fixture
def edited(made, tmp_path) -> Callable[..., ReadBack]:
    """Edit the workbook and read it back."""
    portfolio, _, path = made

    def read(*edits: Edit) -> ReadBack:
        book = openpyxl.load_workbook(path)
        for edit in edits:
            edit(book)
        book.save(tmp_path / "sua.xlsx")
        return read_back(tmp_path / "sua.xlsx", portfolio)

    return read


@pytest.fixture
def refused(edited) -> Callable[..., list[tuple[str, str]]]:
    """Edit the workbook and return codes and places of what is refused."""

    def codes(*edits: Edit) -> list[tuple[str, str]]:
        with pytest.raises(InvalidValue) as caught:
            edited(*edits)
        assert all(fault.message.vi and fault.message.en for fault in caught.value.faults)
        return [(f.code, f.place.removeprefix("sua.xlsx › Sheet ")) for f in caught.value.faults]

    return codes


def row_of(sheet: Worksheet, *words: str) -> int:
    """Return the first row in which all words stand, each in some cell."""
    for row in sheet.iter_rows():
        cells = [str(cell.value) for cell in row if cell.value is not None]
        if all(any(word in cell for cell in cells) for word in words):
            return int(row[0].row)
    raise AssertionError(words)


def put(sheet: str, address: str | Callable[[Worksheet], str], value: object) -> Edit:
    """Return the edit that writes a value into a cell."""

    def edit(book: openpyxl.Workbook) -> None:
        page = book[sheet]
        page[address if isinstance(address, str) else address(page)].value = value

    return edit


def volume(column: str = "J", code: str = FIRST) -> Callable[[Worksheet], str]:
    return lambda page: f"{column}{row_of(page, f'{code} – ')}"


def line(column: str, *words: str) -> Callable[[Worksheet], str]:
    return lambda page: f"{column}{row_of(page, *words)}"


def parameter(name: str, column: str = "C") -> Callable[[Worksheet], str]:
    return lambda page: f"{column}{row_of(page, name)}"


def plan_cell(column: str, row: int = 6) -> Callable[[Worksheet], str]:
    def address(page: Worksheet) -> str:
        names = [cell.value for cell in page[5]]
        return page.cell(row, names.index(column) + 1).coordinate

    return address


# what was not edited --------------------------------------------------------------------------


def test_a_workbook_without_an_edit_has_no_change(made):
    portfolio, plan, path = made
    back = read_back(path, portfolio, plan)
    assert back.changes.empty
    assert back.notices == () == back.entries
    assert back.plan == plan
    assert digest_of(back.portfolio) == digest_of(portfolio)
    assert dict(back.parameters) == dict(parameters())
    assert (back.on, back.dates, written_on(path)) == (ON, {}, ON)


def test_a_workbook_in_english_is_read_back_too(made, tmp_path):
    portfolio, plan, _ = made
    path = write_plan(portfolio, plan, tmp_path / "p.xlsx", language="en", on=ON)
    back = read_back(path, portfolio)
    assert (len(back.changes), back.plan, back.language) == (0, plan, "en")


def test_the_file_of_the_officer_stays_as_it_is(made, tmp_path):
    portfolio, _, path = made
    before = path.read_bytes()
    back = read_back(path, portfolio)
    for same in (path, path.parent / "." / path.name):
        with pytest.raises(InvalidValue) as caught:
            back.write(same)
        assert caught.value.faults[0].code == "readback.same_file"
    link = tmp_path / "lien-ket.xlsx"
    link.hardlink_to(path)
    with pytest.raises(InvalidValue):
        back.write(link)
    back.write(tmp_path / "moi.xlsx")
    assert path.read_bytes() == before


# what is read back ----------------------------------------------------------------------------


def test_every_kind_of_input_is_read_back_and_measured(made, edited):
    portfolio, plan, _ = made
    back = edited(
        put(costs.BEFORE, volume("J"), 250),
        put(costs.BEFORE, volume("I"), 3),
        put(costs.BEFORE, line("D", "Bản vẽ"), 1.5),
        put(costs.BEFORE, line("F", "Đơn"), 12_000),
        put(TIME, line("D", FIRST), 20),
        put(register.SHEET, line("F", LAST), 40),
        put(sources.SHEET, parameter("gio_nop_truc_tiep"), 2),
        put(sources.SHEET, parameter("GDP_binh_quan"), 150_000_000),
    )
    rows = {(r.sheet, r.kind, r.after): r for r in back.changes.itertuples()}
    assert len(rows) == 8
    assert rows[costs.BEFORE, "volume", 250.0].before == 100.0
    assert rows[TIME, "limit", 20.0].before == 30.0  # days: the longest of two channels
    assert rows[register.SHEET, "volume", 40.0].before == 0.0
    hours = rows[costs.BEFORE, "cost", 1.5]
    assert hours.before == 2.5
    assert hours.what_vi.startswith("Thời gian chuẩn bị (giờ) – 1.000001/c1/r3 – Bản vẽ")
    assert hours.what_en.startswith("Preparation hours")
    assert rows[sources.SHEET, "parameter", 2.0].what_vi == "Nộp hồ sơ trực tiếp"
    entries = [
        Entry("procedures", FIRST, "subjects_per_year", 250.0),
        Entry("procedures", FIRST, "times_per_year", 3.0),
        Entry("procedures", LAST, "subjects_per_year", 40.0),
        Entry("requirements", f"{FIRST}/c1/r3", "hours", 1.5),
        Entry("requirements", f"{FIRST}/c1/r1", "purchase_vnd", 12_000.0),
        Entry("channels", f"{FIRST}/k2", "limit_value", 20.0),
    ]
    wanted = enter(entries, portfolio)
    assert digest_of(back.portfolio) == digest_of(wanted)
    assert back.portfolio.procedures.at[FIRST, "subjects_mark"] == "nhập"
    p = parameters().replace(hours_submit_counter=2, gdp_per_head_vnd=150_000_000)
    for state in (wanted, apply(wanted, plan)):
        one = measure(state, p)["cost_year_vnd"]
        other = back.portfolio if state is wanted else apply(back.portfolio, back.plan)
        pd.testing.assert_series_equal(measure(other, back.parameters)["cost_year_vnd"], one)


def test_hours_by_a_parameter_may_be_stated_for_one_paper(edited, made):
    back = edited(put(costs.BEFORE, line("D", "Thẻ căn cước"), 0.75))
    (row,) = back.changes.itertuples()
    assert (row.kind, row.after) == ("cost", 0.75)
    assert row.before == pytest.approx(parameters()["hours_document_certified"])
    assert back.portfolio.requirements.at[f"{FIRST}/c1/r2", "hours"] == 0.75
    assert math.isnan(made[0].requirements.at[f"{FIRST}/c1/r2", "hours"])


def test_reforms_dates_and_names_are_read_back(edited, made):
    plan = made[1]

    def dropped(book: openpyxl.Workbook) -> None:
        book["Phương án"].delete_rows(11)

    def added(book: openpyxl.Workbook) -> None:
        page = book["Phương án"]
        page[plan_cell("kind", 11)(page)].value = DropRequirement.title.vi
        page[plan_cell("requirement", 11)(page)].value = f"{LAST}/c1/r3"

    back = edited(
        put("Phương án", plan_cell("due", 7), date(2026, 9, 30)),
        put("Phương án", plan_cell("days", 7), 4),
        put("Thông tin", "B1", "Đợt 2"),
        dropped,
        added,
    )
    assert back.plan.name == "Đợt 2"
    assert back.plan.reforms == (
        plan.reforms[0],
        ShortenLimit(FIRST, days=4, due=date(2026, 9, 30)),
        *plan.reforms[2:5],
        DropRequirement(f"{LAST}/c1/r3"),
    )
    rows = [(r.cell, r.kind, r.before, r.after) for r in back.changes.itertuples()]
    assert ("B1", "reform", "", "Đợt 2") in rows
    assert [r[1:] for r in rows if r[1] == "date"] == [("date", "", "2026-09-30")]
    assert [r[2:] for r in rows if r[0].endswith("7") and r[1] == "reform"] == [(5.0, 4.0)]
    assert sum(r[0] == "" for r in rows) == 1  # the one that was dropped
    assert any(r[0] == "A11" and r[2] == "" for r in rows)


def test_dates_of_the_roadmap_are_read_back_and_move_it(edited, made):
    portfolio, plan, _ = made
    back = edited(put(road.SHEET, line("D", "dân cư"), date(2027, 3, 1)))
    assert back.dates == {"csdl_dan_cu": date(2027, 3, 1)}
    (row,) = back.changes.itertuples()
    assert (row.kind, row.after) == ("date", "2027-03-01")
    items = roadmap(portfolio, plan, on=ON, dates=back.dates).items.set_index("key")
    assert items.at["csdl_dan_cu", "ready_on"] == date(2027, 3, 1)


def test_numbers_are_read_as_vietnamese_officers_type_them(edited):
    written = {"Bản vẽ": "1.234,5", "Thẻ căn cước": "23,4", "Đơn": "1 200"}
    back = edited(
        *(put(costs.BEFORE, line("F", name), text) for name, text in written.items()),
        put(costs.BEFORE, volume("J"), "1.200"),
    )
    assert sorted(back.changes["after"]) == [23.4, 1200.0, 1200.0, 1234.5]


def test_the_mark_beside_an_edited_figure_is_kept(edited):
    back = edited(
        put(costs.BEFORE, line("D", "Bản vẽ"), 1.5),
        put(costs.BEFORE, line("M", "Bản vẽ"), "công bố"),
    )
    assert back.portfolio.requirements.at[f"{FIRST}/c1/r3", "hours_mark"] == "công bố"
    assert back.notices == ()


def test_a_figure_taken_away_is_missing_again(edited):
    back = edited(put(costs.BEFORE, volume("J"), None))
    assert math.isnan(back.portfolio.procedures.at[FIRST, "subjects_per_year"])
    assert back.portfolio.procedures.at[FIRST, "subjects_mark"] == ""
    assert back.changes["after"].tolist() == [""]


def swap(page: Worksheet, one: int, two: int) -> None:
    """Exchange two rows as sorting does: formulas look at their own row."""

    def moved(value: object, old: int, new: int) -> object:
        if isinstance(value, str) and value.startswith("="):
            return re.sub(rf"(?<![!\w])([A-Z]{{1,3}}){old}\b", rf"\g<1>{new}", value)
        return value

    for first, second in zip(page[one], page[two], strict=True):
        first.value, second.value = (moved(second.value, two, one), moved(first.value, one, two))


def insert(page: Worksheet, row: int, count: int) -> None:
    """Put empty rows in, and move merged cells as Excel does."""
    page.insert_rows(row, count)
    for area in page.merged_cells.ranges:
        if area.min_row >= row:
            area.shift(row_shift=count)


def test_sorted_and_inserted_rows_are_known_again(edited):
    def sort(book: openpyxl.Workbook) -> None:
        page = book[register.SHEET]
        swap(page, row_of(page, FIRST), row_of(page, LAST))
        insert(book[sources.SHEET], 9, 3)
        insert(book[costs.BEFORE], 8, 2)

    back = edited(sort, put(register.SHEET, line("F", LAST), 77))
    assert back.notices == ()
    (row,) = back.changes.itertuples()
    assert row.after == 77.0
    assert back.portfolio.procedures.at[LAST, "subjects_per_year"] == 77.0


def test_a_sorted_plan_is_the_same_plan(edited, made):
    def turned(book: openpyxl.Workbook) -> None:
        page = book["Phương án"]
        for one, two in ((6, 11), (7, 10), (8, 9)):
            swap(page, one, two)

    back = edited(turned)
    assert back.changes.empty
    assert back.plan == made[1]


def test_text_that_procsim_writes_anew_is_told_not_refused(edited):
    back = edited(
        put("Tổng quan", "A1", "BỘ CÔNG AN"),
        put(costs.BEFORE, line("N", "Bản vẽ"), "theo khảo sát"),
    )
    assert back.changes.empty
    assert {notice.severity for notice in back.notices} == {"warning"}
    places = [notice.place.split(" › ")[1] for notice in back.notices]
    assert places.count("Sheet 'Tổng quan'") == 1
    assert f"Sheet '{costs.BEFORE}'" in places


def test_what_was_read_back_is_written_and_edited_again(edited, made, tmp_path):
    portfolio, _, _ = made
    back = edited(
        put(costs.BEFORE, volume("J"), 250),
        put(sources.SHEET, parameter("gio_nop_truc_tiep"), 2),
        put(road.SHEET, line("D", "dân cư"), date(2027, 3, 1)),
    )
    path = back.write(tmp_path / "moi.xlsx")
    again = read_back(path, portfolio)
    assert again.changes.empty
    assert (again.entries, again.dates) == (back.entries, back.dates)
    assert digest_of(again.portfolio) == digest_of(back.portfolio)
    book = openpyxl.load_workbook(path)
    put(costs.BEFORE, volume("I"), 9)(book)
    put(sources.SHEET, parameter("gio_nop_truc_tiep"), 1)(book)
    book.save(tmp_path / "lan-ba.xlsx")
    third = read_back(tmp_path / "lan-ba.xlsx", portfolio)
    assert len(third.changes) == 2
    cells = third.portfolio.procedures.loc[FIRST, ["times_per_year", "subjects_per_year"]]
    assert cells.tolist() == [9.0, 250.0]
    assert third.parameters["hours_submit_counter"] == 1


# what is refused ------------------------------------------------------------------------------


BROKEN: dict[tuple[str, str], tuple[object, str]] = {
    # sheet and words of the row, column: what is written, code
    (costs.BEFORE, f"J {FIRST} – "): ("nhiều", "number"),
    (costs.BEFORE, f"I {FIRST} – "): (-5, "number.negative"),
    (costs.BEFORE, f"K {FIRST} – "): (5_000, "readback.formula"),
    (costs.BEFORE, f"L {FIRST} – "): ("=1+1", "readback.formula"),
    (sources.SHEET, "C gio_mau_don"): (-1, "number.negative"),
    (sources.SHEET, "C có điều kiện"): (1.5, "number"),
    (sources.SHEET, "C gio_ban_chinh"): (None, "readback.nothing"),
    (sources.SHEET, "D gia_sao_chup"): ("nghìn đồng", "readback.unit"),
    (road.SHEET, "D dân cư"): ("khi có", "date"),
    ("Tổng quan", "C Yêu cầu"): (1, "readback.formula"),
    ("Thành phần hồ sơ", f"D {FIRST}"): (1, "readback.figure"),
    (TIME, f"G {FIRST}"): (1, "readback.figure"),
    (TIME, f"E {FIRST}"): ("tháng", "readback.unit"),
    (register.SHEET, f"B {LAST}"): ("1.000009", "readback.text"),
}


def test_every_broken_cell_is_refused_at_once_with_its_address(refused, made):
    book = openpyxl.load_workbook(made[2])
    wanted, edits = {}, []
    for (sheet, where), (value, code) in BROKEN.items():
        column, _, words = where.partition(" ")
        address = f"{column}{row_of(book[sheet], words)}"
        edits.append(put(sheet, address, value))
        wanted[f"'{sheet}' › {address}"] = code
    address = plan_cell("procedure", 7)(book["Phương án"])
    edits.append(put("Phương án", plan_cell("procedure", 7), "9.999999"))
    wanted[f"'Phương án' › {address}"] = "plan.unknown_target"
    found = refused(*edits)
    assert {place for _, place in found} == wanted.keys()
    assert all(code.startswith(wanted[place]) for code, place in found)


def test_a_limit_that_grows_and_shares_that_do_not_add_up_are_refused(refused):
    found = refused(
        put("Phương án", plan_cell("days", 7), 900),
        put(sources.SHEET, parameter("Tỷ lệ hồ sơ nộp trực tiếp"), 0.9),
    )
    assert {code for code, _ in found} == {"plan.limit_longer", "parameter.shares"}
    assert all(re.search(r" › [A-Z]+\d+$", place) for _, place in found)


STRUCTURE: dict[str, tuple[Edit, str]] = {
    "a heading": (put(costs.BEFORE, line("D", "Thời gian thực hiện"), "Số giờ"), "readback.column"),
    "a column gone": (lambda book: book[register.SHEET].delete_cols(5), "readback.column"),
    "the hidden column gone": (lambda book: book[costs.BEFORE].delete_cols(19), "readback.keys"),
    "a row gone": (
        lambda book: book[costs.BEFORE].delete_rows(row_of(book[costs.BEFORE], "Bản vẽ")),
        "readback.row_deleted",
    ),
    "a row of nobody": (
        lambda book: book[costs.BEFORE].append(["", "1.2", "Việc mới", 3]),
        "readback.row_unknown",
    ),
    "a sheet gone": (lambda book: book.remove(book[TIME]), "readback.sheet"),
    "a sheet renamed": (lambda book: setattr(book[TIME], "title", "Giờ"), "readback.sheet"),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_broken_table_is_refused(refused, name):
    edit, code = STRUCTURE[name]
    assert code in {one for one, _ in refused(edit)}


def test_a_row_that_is_there_twice_is_refused(refused):
    def copied(book: openpyxl.Workbook) -> None:
        page = book[register.SHEET]
        page.append([cell.value for cell in page[row_of(page, LAST)]])

    assert {code for code, _ in refused(copied)} == {"readback.row_twice"}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda book: book.remove(book[STAMP]), "readback.no_stamp"),
        (put(STAMP, "A2", "0:abc"), "readback.damaged_stamp"),
        (lambda book: book[STAMP].delete_rows(2), "readback.damaged_stamp"),
    ],
)
def test_a_workbook_of_unknown_origin_is_named_as_such(edited, edit, code):
    with pytest.raises(UnreadableInput) as caught:
        edited(edit)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_a_workbook_of_another_list_plan_or_version_is_named_as_such(made, monkeypatch):
    portfolio, plan, path = made
    other = enter([Entry("procedures", LAST, "times_per_year", 2.0)], portfolio)
    with pytest.raises(UnreadableInput, match="danh mục khác"):
        read_back(path, other)
    with pytest.raises(UnreadableInput, match="phương án khác"):
        read_back(path, portfolio, Plan(plan.reforms[:2]))
    monkeypatch.undo()
    monkeypatch.setattr(costs, "_LONGEST", 3)
    with pytest.raises(UnreadableInput) as caught:
        read_back(path, portfolio)
    assert caught.value.faults[0].code == "readback.other_version"


def test_a_plain_plan_or_another_file_is_refused(made, tmp_path):
    portfolio, plan, _ = made
    plan.write(tmp_path / "p.xlsx")
    with pytest.raises(UnreadableInput, match="Bản gốc"):
        read_back(tmp_path / "p.xlsx", portfolio)
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ProcsimError):
        read_back(tmp_path / "x.xlsx", portfolio)


# LibreOffice, and any numbers -----------------------------------------------------------------


@needs_libreoffice
def test_a_file_saved_by_libreoffice_is_read_back(made, tmp_path):
    portfolio, plan, path = made
    page = openpyxl.load_workbook(path)[costs.BEFORE]
    inputs = {
        (costs.BEFORE, volume("J")(page)): 345.0,
        (costs.BEFORE, line("D", "Bản vẽ")(page)): 0.1,
    }
    saved = convert(with_inputs(path, tmp_path / "sua.xlsx", inputs), tmp_path)
    back = read_back(saved, portfolio, plan)
    assert sorted(back.changes["after"]) == [0.1, 345.0]
    assert back.notices == ()
    assert back.portfolio.procedures.at[FIRST, "subjects_per_year"] == 345.0
    assert back.portfolio.requirements.at[f"{FIRST}/c1/r3", "hours"] == 0.1


AMOUNTS = st.integers(0, 10**12).map(lambda x: x / 1000)


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(volumes=st.tuples(AMOUNTS, AMOUNTS), hours=st.integers(0, 10**6).map(lambda x: x / 4096))
def test_random_volumes_and_hours_read_back_equal(edited, made, volumes, hours):
    back = edited(
        put(costs.BEFORE, volume("I"), volumes[0]),
        put(register.SHEET, line("F", LAST), volumes[1]),
        put(costs.BEFORE, line("D", "Bản vẽ"), hours),
    )
    wanted = enter(
        [
            Entry(table, row, column, value)
            for table, row, column, value, old in (
                ("procedures", FIRST, "times_per_year", volumes[0], 1.0),
                ("procedures", LAST, "subjects_per_year", volumes[1], 0.0),
                ("requirements", f"{FIRST}/c1/r3", "hours", hours, 2.5),
            )
            if value != old
        ],
        made[0],
    )
    assert digest_of(back.portfolio) == digest_of(wanted)
