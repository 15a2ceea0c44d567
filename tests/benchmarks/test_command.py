from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from procsim.measures.cost import cost_table
from procsim.reference import parameters
from tests.benchmarks import __main__ as command
from tests.benchmarks import reading
from tests.benchmarks.cost import cost_by_groups
from tests.benchmarks.synthetic import synthetic
from tests.benchmarks.table import COLUMNS, Row, Skipped, markdown
from tests.benchmarks.timing import Figure, in_turns, peak_mb, timed


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_command_prints_a_table_and_writes_it(capsys, tmp_path: Path):
    made = tmp_path / "table.md"
    words = ["--quick", "--only", "import", "remeasure", "-o", str(made)]
    assert command.main(words) == 0
    text = capsys.readouterr().out
    assert made.read_text(encoding="utf-8") == text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert cells(table[0]) == list(COLUMNS)
    assert set(table[1]) == {"|", "-"}
    assert all(len(cells(line)) == len(COLUMNS) for line in table)
    assert [cells(line)[0] for line in table[2:]] == ["import", "", "remeasure", "", "", "", ""]
    bounded = [cells(line) for line in table[2:] if cells(line)[8]]
    assert [row[8] for row in bounded] == [
        "≤ 1.5 × the plain one",
        "≤ 50 ms; ≥ 50 × faster",
        "≥ 1 × faster",
        "≤ 5 ms",
    ]
    assert {row[9] for row in bounded} == {"not judged"}
    for word in ("cores", "GiB", "Python", "pandas", "numpy", "streamlit", "highspy", "load"):
        assert word in text


def test_every_benchmark_has_its_module_and_a_bound_for_each_line_of_the_design():
    for module in command.BENCHMARKS.values():
        assert (Path(command.__file__).parent / f"{module}.py").is_file(), module
    wanted = {"import", "remeasure", "reading", "marking", "smallest_plan", "workbook", "app"}
    assert wanted <= set(command.BENCHMARKS)


def test_what_a_machine_lacks_is_said(monkeypatch):
    def lacking(*, quick: bool) -> list[Row]:
        raise Skipped("the real records are not on this machine")

    monkeypatch.setattr(reading, "rows", lacking)
    (row,) = command._measure("reading", quick=True)
    (line,) = markdown([("reading", row)])[2:]
    assert cells(line)[0] == "reading"
    assert cells(line)[-1] == "skipped: the real records are not on this machine"


def test_a_benchmark_that_fails_is_a_row_and_an_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(command, "ROOT", Path(command.__file__).parent)  # no tests package there
    assert command.main(["--quick", "--only", "import"]) == 1
    assert "**failed** (exit code 1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "bound", "held"),
    [
        (Row("a", Figure((0.04, 0.01, 0.02)), most=0.03), "≤ 30 ms", "yes"),
        (Row("a", Figure((4.0,)), most=3), "≤ 3 s", "**no**"),
        (Row("a", Figure((4.0,), "s", (2.0,)), most=3), "≤ 3 s", "**no** (yes in processor time)"),
        (Row("a", Figure((4.0,), "%"), most=4), "≤ 4 %", "yes"),
        (Row("a", Figure((1.0,)), Figure((50.0,)), faster=50), "≥ 50 × faster", "yes"),
        (Row("a", Figure((1.0,)), Figure((49.0,)), faster=50), "≥ 50 × faster", "**no**"),
        (Row("a", Figure((1.6,)), Figure((1.0,)), slower=1.5), "≤ 1.5 × the plain one", "**no**"),
        (
            Row("a", Figure((1.0,), "s", (0.5,)), Figure((50.0,)), most=0.5, faster=50),
            "≤ 500 ms; ≥ 50 × faster",
            "**no** (yes in processor time); yes",
        ),
        (Row("a", Figure((1.0,))), "", ""),
    ],
)
def test_bounds_are_held_by_the_median(row: Row, bound: str, held: str):
    assert row.bound() == bound
    assert row.held() == held
    assert Row.read(row.written()) == row


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0152, "s", "15.2 ms (1)"),
        (0.00213, "s", "2.13 ms (1)"),
        (12.34, "s", "12.3 s (1)"),
        (123.4, "s", "123 s (1)"),
        (2.5, "s", "2.50 s (1)"),
        (1357.2, "MB", "1,357 MB (1)"),
        (0.064, "%", "0.064 % (1)"),
        (0.0, "%", "0 % (1)"),
        (5.61, "%", "5.61 % (1)"),
    ],
)
def test_amounts_show_three_digits(value: float, unit: str, shown: str):
    assert Row("a", Figure((value,), unit)).cells()[2] == shown


def test_works_take_turns_after_each_warmed_up():
    seen: list[str] = []
    first, second = in_turns((lambda: seen.append("a"), 2), (lambda: seen.append("b"), 1), rounds=2)
    assert "".join(seen) == "ab" + "aab" + "aab"
    assert (len(first.values), len(second.values)) == (4, 2)
    assert len(first.processor) == 4
    assert first.first is not None
    cold = timed(lambda: time.sleep(0.01), warm=False)
    assert cold.first is None
    assert cold.median >= 0.01 > cold.median_processor
    assert peak_mb() > 10


def test_the_pandas_loop_costs_what_the_tables_cost():
    rng = np.random.default_rng(5)
    p = parameters()
    made = synthetic(80, rng=rng)
    np.testing.assert_allclose(
        cost_table(made, p)["cost_vnd"].to_numpy(float),
        cost_by_groups(made, p).to_numpy(float),
        rtol=1e-9,
    )
