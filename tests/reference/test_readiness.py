"""Readiness of databases: dated criteria, officers' rows, coverage from them."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import InvalidValue, UnknownName
from procsim.reference.readiness import (
    CRITERIA,
    READINESS_COLUMNS,
    check_readiness,
    coverage_from_readiness,
    load_readiness,
    merge_readiness,
    readiness,
    readiness_history,
    readiness_table,
)

ON = dt.date(2026, 6, 30)
HEAD = ",".join(READINESS_COLUMNS)


def rows(*cells: tuple[str, str, float, str]) -> pd.DataFrame:
    made = [[base, name, value, day, "Báo cáo", "nhập", ""] for base, name, value, day in cells]
    return pd.DataFrame(made, columns=list(READINESS_COLUMNS))


def six(values: list[float], base: str = "csdl_gplx") -> pd.DataFrame:
    return rows(*((base, c, v, "2026-01-31") for c, v in zip(CRITERIA, values, strict=True)))


def test_no_value_ships_that_nobody_stated():
    shipped = readiness_table()
    assert shipped["value"].isna().all()
    assert shipped["note"].ne("").all()
    assert readiness(ON).isna().to_numpy().all()
    assert readiness(ON).shape == (27, 6)


def test_the_latest_value_not_after_the_day_counts():
    table = rows(
        ("csdl_gplx", "clean", 0.5, "2026-01-31"),
        ("csdl_gplx", "clean", 0.9, "2026-06-30"),
        ("csdl_gplx", "clean", 0.7, "2026-03-31"),
        ("csdl_gplx", "live", math.nan, "2026-05-31"),
        ("csdl_gplx", "live", 0.4, "2026-02-28"),
    )
    at = {
        day: readiness(dt.date.fromisoformat(day), table).at["csdl_gplx", "clean"]
        for day in ("2026-01-30", "2026-01-31", "2026-03-31", "2026-06-29", "2026-06-30")
    }
    assert math.isnan(at.pop("2026-01-30"))
    assert list(at.values()) == [0.5, 0.7, 0.7, 0.9]
    # A row without a value tells what was asked; it takes no measured value away.
    assert readiness(ON, table).at["csdl_gplx", "live"] == 0.4


def test_an_officers_row_of_the_same_day_replaces_the_shipped_one():
    own = rows(("csdl_dat_dai", "clean", 0.6, "2025-11-30"), ("csdl_gplx", "live", 1, "2026-01-01"))
    merged = merge_readiness(own)
    assert len(merged) == len(readiness_table()) + 1
    assert readiness(ON, merged).at["csdl_dat_dai", "clean"] == 0.6
    assert readiness(ON).isna().to_numpy().all()
    assert len(merge_readiness(rows())) == len(readiness_table())


def test_the_history_of_a_database_stands_by_criterion_and_day():
    table = rows(
        ("csdl_gplx", "clean", 0.9, "2026-06-30"),
        ("csdl_gplx", "correct", 0.2, "2026-03-31"),
        ("csdl_gplx", "clean", 0.5, "2026-01-31"),
        ("csdl_dkdn", "clean", 0.1, "2026-01-31"),
    )
    found = readiness_history("csdl_gplx", table)
    assert found["value"].tolist() == [0.2, 0.5, 0.9]
    with pytest.raises(UnknownName, match="csdl_gplx"):
        readiness_history("csdl_gplxx", table)


def test_coverage_is_the_product_of_six_with_its_bounds():
    found = coverage_from_readiness("csdl_gplx", ON, six([1, 0.9, 0.8, 1, 1, 0.95]))
    assert found.value == pytest.approx(0.9 * 0.8 * 0.95)
    assert found.low == pytest.approx(1 - 0.1 - 0.2 - 0.05)
    assert found.high == 0.8
    assert found.mark == "giả định"


def test_one_criterion_that_is_lacking_leaves_coverage_unknown():
    found = coverage_from_readiness("csdl_gplx", ON, six([1, 0.9, 0.8, 1, 1, 0.95]).iloc[:5])
    assert math.isnan(found.value)
    assert (found.low, found.high, found.mark) == (0, 0.8, "")
    assert "dùng chung" in found.reason.vi
    assert "coverage_default" in found.reason.en


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_coverage_lies_between_its_bounds(values: list[float]):
    found = coverage_from_readiness("csdl_gplx", ON, six(values))
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12 <= 1 + 1e-12


def test_a_file_may_use_vietnamese_words_and_a_decimal_comma(tmp_path: Path):
    path = tmp_path / "muc-do.csv"
    path.write_text(
        f'{HEAD}\ncsdl_gplx,thống nhất,"0,8",2026-01-31,Báo cáo,nhập,\n', encoding="utf-8"
    )
    row = load_readiness(path).iloc[0]
    assert (row["criterion"], row["value"]) == ("unified", 0.8)


def test_all_faults_of_a_file_come_at_once(tmp_path: Path):
    path = tmp_path / "muc-do.csv"
    wrong = [
        "csdl_khong_co,clean,0.5,2026-01-31,Báo cáo,nhập,",
        "csdl_gplx,tốt,0.5,2026-01-31,Báo cáo,nhập,",
        "csdl_gplx,clean,80 %,2026-01-31,Báo cáo,nhập,",
        "csdl_gplx,live,1.2,2026-01-31,Báo cáo,nhập,",
        "csdl_gplx,shared,0.5,31/01/2026,Báo cáo,nhập,",
        "csdl_gplx,unified,0.5,2026-01-31,,đoán,",
        "csdl_gplx,unified,0.6,2026-01-31,Báo cáo,nhập,",
    ]
    path.write_text("\n".join([HEAD, *wrong]), encoding="utf-8")
    with pytest.raises(InvalidValue) as caught:
        load_readiness(path)
    places = {fault.place for fault in caught.value.faults}
    assert places == {
        "muc-do.csv · dòng 2 · database",
        "muc-do.csv · dòng 3 · criterion",
        "muc-do.csv · dòng 4 · value",
        "muc-do.csv · dòng 5 · value",
        "muc-do.csv · dòng 6 · date",
        "muc-do.csv · dòng 7 · source",
        "muc-do.csv · dòng 7 · mark",
        "muc-do.csv · dòng 8 · date",
    }


def test_a_checked_table_reads_back_as_it_was():
    texts = six([1, 0.9, 0.8, 1, 1, 0.95]).astype({"value": str})
    assert check_readiness(texts, "bảng")["value"].tolist() == [1, 0.9, 0.8, 1, 1, 0.95]
