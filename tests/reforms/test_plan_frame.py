"""A plan goes out to pandas and comes back equal; what was edited wrongly is named row by row."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given

from procsim.errors import InvalidValue
from procsim.reforms import CutFee, Plan, ReplaceByData, ShortenLimit
from tests.reforms.strategies import plans


@given(plans())
def test_every_kind_comes_back_from_its_row(plan):
    again = Plan.from_frame(plan.to_frame(), plan.name, plan.version, plan.note)
    assert again.to_frame().equals(plan.to_frame())


def test_what_pandas_changed_is_in_the_plan():
    plan = Plan(
        [
            ShortenLimit("1.000001", days=5, legal_numbers=["1/2020/NĐ-CP", "2/2021/TT-BCA"]),
            ReplaceByData("1.000001/c1/r1", document_types="can_cuoc", databases="csdl_dan_cu"),
            CutFee("1.000002", amount_vnd=0.0),
        ],
        name="Đợt 1",
    )
    frame = plan.to_frame()
    assert Plan.from_frame(frame, "Đợt 1") == plan
    frame["owner"] = "Cục C06"
    frame.loc[frame["kind"].eq("shorten_limit"), "days"] -= 1
    made = Plan.from_frame(frame.iloc[:2])
    assert [reform.owner for reform in made.reforms] == ["Cục C06"] * 2
    assert made.reforms[0].days == 4
    assert made.reforms[0].legal_numbers == ("1/2020/NĐ-CP", "2/2021/TT-BCA")


def test_a_table_made_by_hand_is_a_plan():
    table = pd.DataFrame({"kind": "shorten_limit", "target": ["1.000001", "2"], "percent": 30})
    assert [reform.percent for reform in Plan.from_frame(table).reforms] == [30, 30]


def test_every_wrong_row_is_told_at_once():
    table = pd.DataFrame(
        {"kind": ["hurry", "shorten_limit", float("nan")], "target": "1.000001", "days": -1.0}
    )
    with pytest.raises(InvalidValue) as refused:
        Plan.from_frame(table)
    codes = [fault.code for fault in refused.value.faults]
    assert codes == ["plan.kind", "reform.days", "plan.kind"]
    assert refused.value.faults[0].place == "plan › 0 › kind"
