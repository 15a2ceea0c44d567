"""The portfolio is a value: its shape, its views, its exchange of tables."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from procsim.errors import InvalidValue, UnknownName
from procsim.model import TABLES, Portfolio
from procsim.model.tables import conform, empty
from procsim.reference.schema import schema, table


def small() -> Portfolio:
    """Two procedures; the second code stands for two rows."""
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ["1.000001", "1.000002", "1.000002#2"],
                    "code": ["1.000001", "1.000002", "1.000002"],
                    "name": ["Một", "Hai", "Hai (xã)"],
                    "ministry": ["Bộ A", "Bộ B", "Bộ B"],
                }
            ),
            "cases": pd.DataFrame({"id": ["c1", "c2"], "procedure": ["1.000002", "1.000001"]}),
            "requirements": pd.DataFrame(
                {
                    "id": ["r1", "r2", "r3"],
                    "procedure": ["1.000002", "1.000001", "1.000002"],
                    "case": ["c1", "c2", "c1"],
                    "name": ["Đơn", "CCCD", "Ảnh"],
                    "copies": [0, 1, 2],
                }
            ),
        }
    )


def test_fields_tables_and_schema_are_the_same_list():
    names = tuple(field.name for field in fields(Portfolio))
    assert names[: len(TABLES)] == TABLES == tuple(schema())


def test_every_column_of_the_schema_is_there_with_its_type():
    for name in TABLES:
        frame = empty(name)
        assert list(frame.columns) == [c for c in table(name) if c != "id"]
        for column in table(name).columns:
            if column.is_number:
                assert frame[column.name].dtype == np.float64


def test_missing_text_is_empty_and_missing_number_is_nan():
    rows = small().requirements
    assert (rows["types"] == "").all()
    assert rows["hours"].isna().all()
    assert (rows["kind"] == "unknown").all()
    assert (rows["replaced"] == 0).all()


def test_rows_of_one_procedure_come_in_their_order():
    portfolio = small()
    assert list(portfolio["1.000002"].requirements.index) == ["r1", "r3"]
    assert list(portfolio.rows("requirements", "1.000002").index) == ["r1", "r3"]
    assert list(portfolio.rows("requirements", "1.000002#2").index) == []


def test_a_shared_code_is_refused_with_the_ids_to_choose_from():
    portfolio = small()
    assert portfolio["1.000001"].name == "Một"
    with pytest.raises(UnknownName, match=r"1\.000002, 1\.000002#2"):
        portfolio["1,000002"]
    with pytest.raises(UnknownName, match="Không có thủ tục nào"):
        portfolio["9.999999"]


def test_replace_leaves_the_first_portfolio_alone():
    portfolio = small()
    before = portfolio.requirements.copy()
    changed = portfolio.replace(requirements=portfolio.requirements.assign(replaced=1.0))
    assert portfolio.requirements.equals(before)
    assert (changed.requirements["replaced"] == 1).all()


def test_replace_carries_positions_over_only_while_they_hold():
    portfolio = small()
    first = portfolio.positions("requirements", "procedure")
    same = portfolio.replace(requirements=portfolio.requirements.assign(replaced=1.0))
    assert same.positions("requirements", "procedure") is first
    moved = portfolio.replace(
        requirements=portfolio.requirements.assign(procedure=["1.000001"] * 3)
    )
    assert list(moved.positions("requirements", "procedure")) == [0, 0, 0]
    fewer = portfolio.replace(procedures=portfolio.procedures.iloc[1:])
    assert list(fewer.positions("requirements", "procedure")) == [0, -1, 0]


def test_select_keeps_only_what_belongs_to_the_procedures():
    chosen = small().select(["1.000001"])
    assert list(chosen.procedures.index) == ["1.000001"]
    assert list(chosen.requirements.index) == ["r2"]
    assert list(chosen.cases.index) == ["c2"]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("copies", "hai", "số hữu hạn"),
        ("hours", float("inf"), "số hữu hạn"),
        ("kind", "tờ rơi", "danh mục"),
        ("certified", "có thể", "chỉ nhận"),
        ("màu", "xanh", "không có trong mô hình"),
        ("name", "", "Thiếu"),
    ],
)
def test_what_does_not_fit_the_schema_is_named(column, value, words):
    frame = pd.DataFrame({"id": ["r"], "procedure": ["p"], "case": ["c"], "name": ["Đơn"]})
    _, faults = conform("requirements", frame.assign(**{column: [value]}))
    assert any(words in fault.message.vi for fault in faults), faults


def test_all_faults_come_at_once():
    frame = pd.DataFrame({"id": ["r"], "procedure": ["p"], "hours": ["x"], "kind": ["y"]})
    with pytest.raises(InvalidValue) as caught:
        Portfolio.from_tables({"requirements": frame})
    assert {fault.code for fault in caught.value.faults} >= {
        "model.number",
        "model.category",
        "model.required",
    }


def test_unknown_tables_and_columns_list_those_that_exist():
    with pytest.raises(UnknownName, match="procedures"):
        Portfolio.from_tables({"thủ tục": pd.DataFrame()})
    with pytest.raises(UnknownName, match="limit_value"):
        table("channels")["limit"]
