from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from procsim.errors import UnknownName
from procsim.measures import cost_sheet, explain, measure
from procsim.measures.cost import (
    cost_expected_vnd,
    cost_vnd,
    cost_why,
    dossiers_per_year,
    fees_vnd,
    work_vnd,
)
from procsim.measures.sheet import COLUMNS, REASONS
from procsim.measures.table import MEASURES, documents, documents_expected, documents_why
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from tests.benchmarks.synthetic import synthetic

P = parameters()


def one(**changes: object) -> Portfolio:
    tables = {
        "procedures": pd.DataFrame(
            {"id": ["1.000001"], "code": "1.000001", "name": ["Cấp giấy"], "ministry": ["Bộ A"]}
        ),
        "cases": pd.DataFrame({"id": ["c"], "procedure": "1.000001"}),
        "channels": pd.DataFrame(
            {"id": ["k1", "k2"], "procedure": "1.000001", "method": ["counter", "online"]}
        ),
        "fees": pd.DataFrame(
            {
                "id": ["f1", "f2"],
                "procedure": "1.000001",
                "kind": "phi",
                "amount_vnd": [50_000.0, np.nan],
                "amount_text": ["50.000đ", "10 USD"],
                "mark": "công bố",
            }
        ),
        "requirements": pd.DataFrame(
            {
                "id": ["r1", "r2", "r3"],
                "procedure": "1.000001",
                "case": "c",
                "position": [1, 2, 3],
                "name": ["Đơn", "Giấy khai sinh", "Sổ cũ"],
                "kind": ["form", "document", "document"],
                "papers": 1.0,
                "originals": 1,
                "hours": [1.0, np.nan, np.nan],
                "hours_mark": ["nhập", "", ""],
                "replaced": [0.0, 1.0, 0.0],
                "coverage": [np.nan, 0.8, np.nan],
                "status": ["required", "required", "dropped"],
            }
        ),
    }
    tables.update(changes)
    return Portfolio.from_tables(tables)


def test_the_sheet_has_a_line_for_each_piece_of_work():
    sheet = cost_sheet(one(), P)
    assert tuple(sheet.columns) == COLUMNS
    assert sheet["group"].tolist() == [1, 1, 1, 2, 2, 3, 3, 3, 3, 6, 6]
    papers = sheet[sheet["group"] == 1]
    assert papers["weight"].tolist() == [1.0, 0.0, 0.0]
    assert papers["note"].tolist() == [
        "",
        "1/1 giấy tờ thay bằng dữ liệu (độ phủ 0,8)",
        "không còn phải nộp",
    ]
    assert papers["source"].tolist() == ["r1", "r2", "r3"]
    assert papers["mark"].tolist() == ["nhập", "giả định", "giả định"]
    fees = sheet[sheet["fees_vnd"] > 0]
    assert "mức trung bình thấp trong 2 mức; 1 mức không đọc được" in set(fees["note"])
    assert set(fees["mark"]) == {"công bố"}  # the same in both channels: no share matters
    english = cost_sheet(one(), P, language="en")
    assert "lower-middle of 2 amounts; 1 could not be read" in set(english["note"])
    assert english["cost_vnd"].equals(sheet["cost_vnd"])


def test_the_explanation_shows_the_sums_in_both_languages():
    made = explain(one(), "1.000001", P)
    text, english = made.text(), made.text("en")
    assert "1. Chuẩn bị hồ sơ" in text
    assert "Đơn: 1 × (1 giờ × 59.422,35) = 59.422 đồng [nhập]" in text
    assert "Chi phí tuân thủ, một hồ sơ: " in text
    assert "Đơn: 1 × (1 hours × 59,422.35) = 59,422 VND [nhập]" in english
    assert "Rests on assumptions (giả định)" in english
    assert "một năm" not in text
    assert made.summary.equals(cost_sheet(one(), P))
    assert made.measures["cost_vnd"] == pytest.approx(made.summary["cost_vnd"].sum())


def test_the_explanation_says_what_is_lacking():
    fees = pd.DataFrame(
        {"id": ["f"], "procedure": "1.000001", "kind": "phi", "amount_text": "10 USD"}
    )
    text = explain(one(fees=fees), "1.000001", P).text()
    assert "= chưa tính được (có mức phí, lệ phí không đọc được: 10 USD)" in text
    assert "Chi phí tuân thủ, một hồ sơ: chưa tính được – có mức phí" in text
    bare = one(channels=pd.DataFrame({"id": []}), fees=pd.DataFrame({"id": []}))
    assert "no way of submission is listed" in explain(bare, "1.000001", P).text("en")


def test_an_abolished_procedure_is_explained_in_one_sentence():
    made = one()
    made = made.replace(procedures=made.procedures.assign(status="abolished"))
    assert "bãi bỏ" in explain(made, "1.000001", P).text()
    assert "abolished" in explain(made, "1.000001", P).text("en")
    assert cost_sheet(made, P).empty


def test_an_unknown_procedure_is_refused():
    with pytest.raises(UnknownName, match="Không có thủ tục"):
        explain(one(), "9.999999", P)


def test_a_year_appears_when_a_volume_is_known():
    made = one()
    made = made.replace(
        procedures=made.procedures.assign(times_per_year=2.0, subjects_per_year=10.0)
    )
    assert "Chi phí tuân thủ, một năm" in explain(made, "1.000001", P).text()
    row = measure(made, P).iloc[0]
    assert row["cost_year_vnd"] == pytest.approx(20 * row["cost_vnd"])


@pytest.mark.parametrize(
    ("column", "value"),
    [("hours", -1.0), ("purchase_vnd", -5.0), ("share_needed", 1.5), ("share_held", -0.1)],
)
def test_an_impossible_entry_is_no_figure(column: str, value: float):
    made = one()
    rows = made.requirements.copy()
    rows.loc["r1", column] = value
    row = measure(made.exchange(requirements=rows), P).iloc[0]
    assert np.isnan(row["cost_vnd"])
    assert row["cost_why"] == "invalid_input"
    assert row["cost_why"] in REASONS


def test_a_negative_fee_cannot_be_read():
    made = one()
    made = made.exchange(fees=made.fees.assign(amount_vnd=-5.0))
    row = measure(made, P).iloc[0]
    assert row["cost_why"] == "fee_unreadable"
    assert row["work_vnd"] > 0


def test_channel_shares_that_add_up_to_nothing_are_no_shares():
    made = one()
    made = made.replace(channels=made.channels.assign(share=0.0))
    row = measure(made, P).iloc[0]
    assert row["cost_why"] == "channel_shares"
    alone = made.replace(channels=made.channels.iloc[:1], fees=made.fees.iloc[:1])
    assert measure(alone, P).iloc[0]["cost_vnd"] > 0


def test_shares_are_an_assumption_only_where_they_matter():
    p = P.replace(
        **{
            name: P[name]
            for name in P
            if not name.startswith("share_") and name != "hourly_income_vnd"
        }
    )
    both = measure(one(), p).iloc[0]
    assert 0 < both["assumed_share"] < 1
    made = one()
    single = made.replace(channels=made.channels.iloc[:1])
    assert measure(single, p).iloc[0]["assumed_share"] == 0


def test_each_measure_alone_is_its_column_of_the_table():
    made = synthetic(60, rng=np.random.default_rng(5))
    table = measure(made, P)
    assert set(MEASURES) <= set(table.columns)
    alone = (
        work_vnd, fees_vnd, cost_vnd, cost_expected_vnd, cost_why,
        documents, documents_expected, documents_why,
    )  # fmt: skip
    for function in alone:
        found = function(made, P)
        pd.testing.assert_series_equal(found, table[function.__name__])
    pd.testing.assert_series_equal(dossiers_per_year(made), table["dossiers_per_year"])


def test_an_empty_portfolio_has_an_empty_sheet():
    empty = Portfolio.from_tables({})
    assert cost_sheet(empty, P).empty
    assert tuple(cost_sheet(empty, P).columns) == COLUMNS
    assert cost_vnd(empty, P).empty


def test_rows_with_broken_references_are_not_lost():
    made = one()
    rows = made.requirements.assign(case="nowhere")
    assert measure(made.replace(requirements=rows), P).iloc[0]["documents"] == 1
    orphan = made.exchange(procedures=made.procedures.iloc[:0])
    assert measure(orphan, P).empty
