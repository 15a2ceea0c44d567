"""Items 1-47 of what procsim must survive, each met on the command line as a user meets it.

`table.csv` is the list: what is given, what must happen (exit code, place and Vietnamese
words of the message), and the tests that look closer.
"""

from __future__ import annotations

import ast
import csv
import json
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from procsim import cli
from procsim.errors import UnreadableInput
from procsim.model import check
from procsim.readers import read
from tests.cli.records import RESIDENCE, write_json
from tests.faults import builders

ROOT = Path(__file__).resolve().parents[2]
with Path(__file__).with_name("table.csv").open(encoding="utf-8", newline="") as stream:
    TABLE = list(csv.DictReader(stream))


def strict(text: str) -> dict:
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


@pytest.fixture
def call(capsys):
    """Run a command in this process; return its code, its output and its errors."""

    def called(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return code, captured.out, captured.err

    return called


# the table --------------------------------------------------------------------------------


def test_the_table_names_every_item_once_in_order():
    items = [int(row["item"]) for row in TABLE]
    assert items == sorted(items)
    assert set(items) == set(range(1, 48))
    made = [row["builder"] for row in TABLE]
    assert len(set(made)) == len(made)
    assert set(made) == {name for name in vars(builders) if name[:1] == "f" and name[1:3].isdigit()}
    assert all(int(row["builder"][1:3]) == int(row["item"]) for row in TABLE)


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["builder"])
def test_the_tests_that_the_table_names_exist(row):
    for identity in row["tests"].split(";"):
        file, name = identity.split("::")
        assert name in functions_in(file), identity


# each item through the command line -------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    # The far cell gets a process of its own below; the many rows are read once, below.
    [row for row in TABLE if row["item"] not in {"12", "14"}],
    ids=lambda row: row["builder"],
)
def test_check_tells_what_is_wrong(row, tmp_path, call):
    path = getattr(builders, row["builder"])(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    code, out, err = call("check", path, "--json")
    answer = strict(out)
    assert code == int(row["exit"])
    assert set(answer) == ({"faults"} if code == 2 else {"procedures", "requirements", "faults"})
    told(row, answer["faults"])
    if code == 2:
        assert len(answer["faults"]) == 1
        assert answer["faults"][0]["message"] in err
        code, out, err = call("--lang", "en", "check", path)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        with pytest.raises(UnreadableInput) as caught:
            read(path)
        (fault,) = caught.value.faults
        assert err == f"{fault.in_language('en')}\n"
    assert sorted(tmp_path.rglob("*")) == before, "reading left or took away a file"


def told(row: dict[str, str], faults: list[dict[str, str]]) -> None:
    """Hold the fault of a row: its place, its words, and that it can be cured."""
    if not row["code"]:
        assert faults == []
        return
    (fault, *_) = [fault for fault in faults if fault["code"] == row["code"]]
    assert fault["place"].startswith(row["place"])
    text = f"{fault['value']} {fault['message']} {fault['cure']}"
    for words in row["words"].split("|"):
        assert words in text
    assert all(fault[key].isprintable() for key in ("place", "value"))


def test_12_no_upload_ends_the_program(tmp_path):
    """The file that makes the parser abort the process, through the real command line."""
    (row,) = [row for row in TABLE if row["item"] == "12"]
    path = builders.f12_far_cell(tmp_path)
    for command in ("check", "measure"):
        done = subprocess.run(
            [sys.executable, "-m", "procsim", command, str(path), "--json"],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=120,
            check=False,
        )
        assert done.returncode == 2
        told(row, strict(done.stdout.decode("utf-8"))["faults"])
        errors = done.stderr.decode("utf-8")
        assert "Traceback" not in errors
        assert errors.count("\n") == 1


# what is read, with its right value -------------------------------------------------------


def texts(path: Path, *columns: str) -> list[tuple[object, ...]]:
    frame = read(path).procedures
    return list(zip(*(frame[column].tolist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("builder", "columns", "rows"),
    [
        ("f16_external_links", ("code", "ministry"), [("1.004222", "Bộ Công an")]),
        ("f19_uncached_formula", ("code", "ministry"), [("1.004222", "")]),
        ("f21_merged", ("code", "ministry"), [
            ("1.004222", "Bộ Công an"), ("1.000656", "Bộ Công an"),
        ]),
        ("f22_hidden", ("code",), [("1.004222",), ("1.000656",)]),
        ("f23_duplicate_headers", ("ministry",), [("Bộ Công an",)]),
        ("f24_columns", ("code", "name"), [("1.004222", "Đăng ký thường trú")]),
        ("f25_codes", ("code", "ministry"), [("1.013850", "Bộ Công an"), ("1.004222", "001")]),
        ("f26_one_ten", ("name", "decision"), [("1.10", "1.10")]),
        ("f27_na", ("name", "ministry", "decision"), [("NA", "None", "null")]),
        ("f28_dates", ("decision_date",), [("2025-01-31",), ("2025-01-31",), ("",)]),
        ("f30_long_numbers", ("decision",), [("12345678901234567",)]),
        ("f33_odd_spaces", ("code", "name", "ministry"), [
            ("1.004222", "Đăng ký thường trú", "Bộ Công an"),
        ]),
        ("f34_controls", ("name",), [("Đăng ký thường trú",)]),
        ("f37_markup", ("name",), [(builders.MARKUP,)]),
        ("f32_old_font_in_a_record", ("name",), [("Thñ tôc hµnh chÝnh cña c¬ quan",)]),
        ("f42_newer", ("code",), [("1.004222",)]),
    ],
)  # fmt: skip
def test_values_that_are_read(builder, columns, rows, tmp_path):
    assert texts(getattr(builders, builder)(tmp_path), *columns) == rows


def test_29_numbers_are_read_as_vietnam_writes_them(tmp_path):
    values = read(builders.f29_decimal_commas(tmp_path)).procedures["subjects_per_year"].tolist()
    assert values[:4] == [1234.5, 12.5, 1_234_567, 1234]
    assert math.isnan(values[4])


def test_13_every_row_is_read(tmp_path):
    procedures = read(builders.f13_false_dimension(tmp_path)).procedures
    assert procedures["code"].tolist() == [f"1.{n:06}" for n in range(1, 1001)]
    assert set(procedures["field"]) == {"Cư trú"}  # the fifth column, outside the dimension


def test_14_every_row_is_counted(tmp_path, call):
    (row,) = [row for row in TABLE if row["item"] == "14"]
    code, out, _ = call("measure", builders.f14_many_rows(tmp_path), "--json")
    sums = {line["metric"]: line["total"] for line in strict(out)["rows"]}
    assert (code, sums["conditions"]) == (int(row["exit"]), 65_600)


def test_17_the_place_holds_no_control_characters(tmp_path, call):
    path = builders.f17_hostile_name(tmp_path)
    _, out, _ = call("check", path)
    assert "\u202e" not in out
    portfolio = read(path)
    assert portfolio.source.isprintable()
    assert len(portfolio) == 1


def test_31_both_forms_are_one_group(tmp_path, call):
    path = builders.f31_unicode_forms(tmp_path)
    _, out, _ = call("measure", path, "--json", "--by", "ministry")
    assert {row["group"] for row in strict(out)["rows"]} == {"Bộ Công an"}


def test_35_a_long_text_is_kept_and_its_cut_is_said(tmp_path, call):
    path, target = builders.f35_long_text(tmp_path), tmp_path / "phuong-an.xlsx"
    assert texts(path, "name") == [("ế" * 40_000,)]
    assert call("report", path, "--resolution", "66.7", "--excel", target)[0] == 0
    cells = [
        cell.value
        for sheet in openpyxl.load_workbook(target)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "ếếế" in cell.value
    ]
    assert cells
    for text in cells:
        assert len(text) <= 32_767
        assert text.endswith("[đã rút gọn vì vượt giới hạn ô của Excel; xem nguồn]")


@pytest.mark.parametrize("builder", ["f36_formulas", "f37_markup"])
def test_36_37_texts_stay_texts_in_the_plan(builder, tmp_path, call):
    path, target = getattr(builders, builder)(tmp_path), tmp_path / "phuong-an.xlsx"
    names = read(path).procedures["name"].tolist()
    assert call("report", path, "--resolution", "66.7", "--excel", target)[0] == 0
    # The report's own formulas may hold "-5" as arithmetic, but none is, or calls, a name.
    bare = {name.strip().lstrip("=@") for name in names}
    calls = tuple(name for name in bare if "(" in name or "<" in name)
    found = set()
    for sheet in openpyxl.load_workbook(target):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).lstrip("=") not in bare
                    assert not any(text in str(cell.value) for text in calls)
                if cell.value in names:
                    assert cell.data_type == "s"
                    assert cell.quotePrefix or not cell.value.startswith(tuple("=+-@\t"))
                    found.add(cell.value)
    assert found == set(names)


def test_42_a_plan_of_a_newer_format_is_refused(tmp_path, call):
    plan = tmp_path / "moi.yaml"
    plan.write_text("procsim_plan: 99\nname: Thử\n", encoding="utf-8")
    code, out, _ = call("plan", write_json(tmp_path / "a.json"), "--plan", plan, "--json")
    (fault,) = strict(out)["faults"]
    assert (code, fault["place"]) == (2, "moi.yaml")
    assert "định dạng 99; bản này đọc định dạng 1" in fault["message"]


def test_43_what_dangles_is_told_by_the_model_too(tmp_path):
    portfolio = read(builders.f43_dangling(tmp_path))
    (fault,) = [fault for fault in check(portfolio) if fault.code == "model.dangling"]
    assert (fault.place, fault.value) == ("requirements › r1 › case", "khong-co")


def test_44_a_circle_leaves_only_its_own_figure_missing(tmp_path, call):
    code, out, _ = call("measure", builders.f44_cycle(tmp_path), "--json")
    rows = {row["metric"]: row for row in strict(out)["rows"]}
    assert code == 1
    assert (rows["step_days"]["known"], rows["step_days"]["total"]) == (0, None)


def test_45_a_rate_over_nothing_is_null(tmp_path, call):
    path = builders.f45_zeros(tmp_path)
    code, out, _ = call("plan", path, "--resolution", "66.7", "--json")
    answer = strict(out)
    assert code == 0
    assert answer["before"]["documents"] == answer["after"]["documents"] == 0
    assert answer["rates"]["documents"] is None
    assert answer["rates"]["cost_vnd"] is None


@pytest.mark.parametrize("percent", ["150", "-10", "0", ".nan", ".inf", "abc", "100.01"])
def test_46_reductions_stand_between_0_and_100_percent(percent, tmp_path, call):
    plan = builders.plan_file(tmp_path / "p.yaml", percent)
    path = write_json(tmp_path / "a.json", [RESIDENCE])
    code, out, _ = call("plan", path, "--plan", plan, "--json")
    (fault,) = strict(out)["faults"]
    assert code == 2
    assert fault["place"] == "p.yaml › reforms › 1 › shorten_limit › 1.004222 › percent"
    assert "một số lớn hơn 0 đến 100" in fault["message"]


@pytest.mark.parametrize(("percent", "left"), [("20", 5.6), ("100", 0)])
def test_46_a_sound_reduction_is_applied(percent, left, tmp_path, call):
    plan = builders.plan_file(tmp_path / "p.yaml", percent)
    path = write_json(tmp_path / "a.json", [RESIDENCE])
    code, out, _ = call("plan", path, "--plan", plan, "--json")
    answer = strict(out)
    assert (code, answer["before"]["statutory_days"]) == (0, 7)
    assert answer["after"]["statutory_days"] == pytest.approx(left)


def test_46_a_negative_count_is_missing_and_not_a_gain(tmp_path):
    portfolio = read(builders.f46_over_replaced(tmp_path))
    (fault,) = [fault for fault in portfolio.faults if fault.code == "number.negative"]
    assert fault.place == "requirements.csv › H3 (1.004222)"
    assert not (portfolio.requirements["replaced"] < 0).any()


@pytest.mark.parametrize("command", ["measure", "plan"])
def test_47_an_empty_portfolio_gives_no_zero(command, tmp_path, call):
    words = ["--resolution", "66.7"] if command == "plan" else []
    path = builders.f47_no_procedure(tmp_path)
    code, out, _ = call(command, path, "--json", *words)
    answer = strict(out)
    assert code == 1
    if command == "plan":
        assert answer["reforms"] == 0
        assert set(answer["rates"].values()) <= {None}
    else:
        assert {row["total"] for row in answer["rows"]} <= {None}
