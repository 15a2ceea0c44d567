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


ROWS = [
    {"id": "1.000001", "name": "Một", "ministry": "Bộ A"},
    {"id": "1.000002", "name": "Hai", "ministry": "Bộ B", "times_per_year": 2},
]


class Polars:
    """What polars and other frames offer: nothing but `to_pandas`."""

    def to_pandas(self) -> pd.DataFrame:
        return pd.DataFrame(ROWS)


@pytest.mark.parametrize(
    "given",
    [
        ROWS,
        tuple(ROWS),
        pd.DataFrame(ROWS),
        Polars(),
        {name: [row.get(name) for row in ROWS] for name in ROWS[1]},
    ],
    ids=["dicts", "tuple", "pandas", "polars", "columns"],
)
def test_a_table_may_be_given_in_any_usual_form(given):
    made = Portfolio.from_tables({"procedures": given})
    assert made.procedures.index.tolist() == ["1.000001", "1.000002"]
    assert made.procedures["times_per_year"].isna().tolist() == [True, False]
    assert made.equals(Portfolio.from_tables({"procedures": pd.DataFrame(ROWS)}))


@pytest.mark.parametrize("given", [None, 3, "1.000001", [1, 2], [["a"]], {"id": ["a"], "name": []}])
def test_what_is_no_table_is_refused_in_words(given):
    with pytest.raises(InvalidValue) as refused:
        Portfolio.from_tables({"procedures": given})
    assert [fault.code for fault in refused.value.faults] == ["model.not_a_table"]


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("procedures", [*ROWS, ROWS[0]], {"1.000001": "1, 3"}),
        ("cases", [{"id": i, "procedure": "p"} for i in "abcab"], {"a": "1, 4", "b": "2, 5"}),
        ("channels", [{"id": 7, "procedure": "p"}, {"id": "7", "procedure": "p"}], {"7": "1, 2"}),
        ("flow", [{"id": "f", "procedure": "p", "before": "s", "after": "t"}] * 2, {"f": "1, 2"}),
    ],
)
def test_an_id_that_stands_twice_is_refused_with_its_rows(name, rows, told):
    with pytest.raises(InvalidValue) as refused:
        Portfolio.from_tables({name: rows})
    faults = [f for f in refused.value.faults if f.code == "model.duplicate_id"]
    assert {f.value: f.message.en.partition(": rows ")[2].strip(".") for f in faults} == told
    assert all(f.place == f"{name} › {f.value}" and f.cure.en for f in faults)
    loose = Portfolio.from_tables({name: rows}, strict=False)
    frame = getattr(loose, name)
    assert len(frame) == len(rows)
    assert frame.index.is_unique
    assert {f.value for f in loose.faults if f.code == "model.duplicate_id"} == set(told)


BASE = {
    "procedures": ROWS,
    "channels": [
        {"id": "k1", "procedure": "1.000001", "limit_value": 5, "limit_unit": "day", "share": 0.5},
        {"id": "k2", "procedure": "1.000002", "limit_value": -3, "limit_unit": "day"},
    ],
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.assign(limit_value=[-5.0, -3.0]), "model.range"),
        (lambda f: f.assign(share=[1.5, np.nan]), "model.range"),
        (lambda f: f.assign(limit_value=["năm", 3]), "model.number"),
        (lambda f: f.assign(limit_value=[np.inf, 3.0]), "model.number"),
        (lambda f: f.assign(limit_unit=["tuần trăng", "day"]), "model.category"),
        (lambda f: f.assign(mua="đông"), "model.unknown_column"),
        (lambda f: f.drop(columns="limit_value"), "model.lost_column"),
        (lambda f: pd.concat([f, f]), "model.duplicate_id"),
        (lambda f: f.assign(procedure=["", "1.000002"]), "model.required"),
        (lambda _: 5, "model.not_a_table"),
    ],
)
def test_replace_refuses_what_does_not_fit(change, code):
    made = Portfolio.from_tables(BASE)
    with pytest.raises(InvalidValue) as refused:
        made.replace(channels=change(made.channels))
    assert code in {fault.code for fault in refused.value.faults}


def test_replace_takes_what_fits_and_what_was_wrong_before():
    made = Portfolio.from_tables(BASE)  # k2 is negative as read: an edit elsewhere may stand
    frame = made.channels.assign(limit_value=[4, -3], limit_text="4 ngày")
    after = made.replace(channels=frame)
    assert after.channels["limit_value"].tolist() == [4.0, -3.0]
    assert after.channels.dtypes.equals(made.channels.dtypes)
    rows = made.replace(channels=BASE["channels"][:1]).channels
    assert rows["limit_value"].tolist() == [5.0]
    with pytest.raises(UnknownName):
        made.replace(kenh=made.channels)


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
