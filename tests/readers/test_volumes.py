"""Yearly volumes joined by code: what matches, what does not, what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

import procsim as ps

PROCEDURES = [
    {"id": "1.000001", "code": "1.000001", "name": "A", "ministry": "B"},
    {"id": "1.000002", "code": "1.000002", "name": "C", "ministry": "B", "times_per_year": 4},
    {"id": "1.000002#2", "code": "1.000002", "name": "D", "ministry": "B"},
    {"id": "1.013850", "code": "1.013850", "name": "E", "ministry": "B"},
]


def volumes(given: object) -> tuple[dict[str, tuple[float, float]], dict[str, str]]:
    """Return times and subjects of each procedure, and the codes of what did not match."""
    made = ps.with_volumes(ps.Portfolio.from_tables({"procedures": PROCEDURES}), given)
    rows = made.procedures[["times_per_year", "subjects_per_year"]]
    told = {f.value: f.code for f in made.faults if f.code != "volumes.left"}
    return {i: tuple(row) for i, row in zip(rows.index, rows.to_numpy(), strict=True)}, told


def test_a_csv_of_an_officer_is_joined_by_repaired_code(tmp_path: Path):
    path = tmp_path / "so-luong.csv"
    path.write_text(
        "Mã TTHC;Số hồ sơ/năm\n1.000001;1.200\n1.000002;7\n1.01385;9\n9.000009;3\n1.000001;5\n",
        encoding="utf-8",
    )
    found, told = volumes(path)
    assert found["1.000001"] == (1, 1200)
    assert found["1.013850"] == (1, 9)  # the zero that Excel took away is put back
    assert math.isnan(found["1.000002#2"][1])
    assert told == {
        "1.000002": "volumes.code_shared",
        "9.000009": "volumes.unknown_code",
        "1.000001": "volumes.twice",
    }


def test_ids_tell_procedures_of_one_code_apart_and_empty_cells_leave_what_is_there():
    frame = pd.DataFrame(
        {
            "id": ["1.000002", "1.000002#2"],
            "times_per_year": [None, 2.0],
            "subjects_per_year": [10, 20],
        }
    )
    found, told = volumes(frame)
    assert found["1.000002"] == (4, 10)
    assert found["1.000002#2"] == (2, 20)
    assert told == {}
    made = ps.with_volumes(ps.Portfolio.from_tables({"procedures": PROCEDURES}), frame)
    assert made.procedures["subjects_mark"].tolist() == ["", "nhập", "nhập", ""]
    (left,) = [f for f in made.faults if f.code == "volumes.left"]
    assert (left.value, left.severity) == ("2", "note")


def test_a_number_that_cannot_be_read_is_told_and_not_taken():
    found, told = volumes([{"code": "1.000001", "dossiers_per_year": "rất nhiều"}])
    assert math.isnan(found["1.000001"][0])
    assert list(told) == ["rất nhiều"]


def test_an_excel_sheet_is_read_too(tmp_path: Path):
    path = tmp_path / "so-luong.xlsx"
    rows = [{"Mã": "1.000001", "Số lượng hồ sơ": 15}, {"Mã": "1.013850", "Số lượng hồ sơ": 3}]
    pd.DataFrame(rows).to_excel(path, index=False)
    found, told = volumes(path)
    assert (found["1.000001"], found["1.013850"], told) == ((1, 15), (1, 3), {})


@pytest.mark.parametrize("given", [[{"a": 1}], [{"code": "1"}], [], 5, "khong-co.csv"])
def test_what_is_no_table_of_volumes_is_refused(given):
    with pytest.raises(ps.ProcsimError):
        volumes(given)
