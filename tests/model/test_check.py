"""Every fault of a portfolio at once, each with place, value and cure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.errors import Fault, Text
from procsim.model import Portfolio, accept_proposals, check

PROCEDURES = pd.DataFrame(
    {"id": ["p", "q"], "code": ["1.000001", "1.000002"], "name": ["P", "Q"], "ministry": "Bộ A"}
)


def faults_of(**tables: pd.DataFrame) -> dict[str, list]:
    """Return the faults of a portfolio of two procedures, by code."""
    portfolio = Portfolio.from_tables({"procedures": PROCEDURES, **tables})
    found: dict[str, list] = {}
    for fault in check(portfolio):
        found.setdefault(fault.code, []).append(fault)
    return found


def test_an_empty_portfolio_is_said_to_be_empty():
    [fault] = check(Portfolio.from_tables({}))
    assert fault.code == "model.empty"
    assert "không có thủ tục nào" in fault.message.vi


def test_a_duplicate_id_is_named():
    # From outside no such portfolio can be built; one put together by hand is told.
    base = Portfolio.from_tables({"cases": [{"id": "c", "procedure": "p"}]})
    twice = base.exchange(cases=pd.concat([base.cases, base.cases]))
    [fault] = [f for f in check(twice) if f.code == "model.duplicate_id"]
    assert (fault.place, fault.value) == ("cases › c", "c")


def test_dangling_references_are_named_with_table_and_column():
    frame = pd.DataFrame({"id": ["c"], "procedure": ["ma"]})
    [fault] = faults_of(cases=frame)["model.dangling"]
    assert fault.place == "cases › c › procedure"
    assert fault.value == "ma"


def test_an_empty_optional_reference_is_no_fault():
    frame = pd.DataFrame({"id": ["l"], "procedure": ["p"], "number": ["1/2025/NĐ-CP"]})
    assert "model.dangling" not in faults_of(legal_bases=frame)


def test_negative_amounts_and_shares_over_one_are_refused():
    fees = pd.DataFrame({"id": ["f"], "procedure": ["p"], "amount_vnd": [-5.0]})
    channels = pd.DataFrame({"id": ["k"], "procedure": ["p"], "share": [1.5]})
    places = {f.place for f in faults_of(fees=fees, channels=channels)["model.range"]}
    assert places == {"fees › f › amount_vnd", "channels › k › share"}


def test_shares_that_exceed_one_together_are_named():
    channels = pd.DataFrame({"id": ["a", "b"], "procedure": "p", "share": [0.7, 0.6]})
    assert faults_of(channels=channels)["model.share_sum"][0].value == "1.3"


def test_more_papers_replaced_than_there_are():
    rows = pd.DataFrame(
        {
            "id": ["r"],
            "procedure": ["p"],
            "case": [""],
            "name": ["CCCD"],
            "papers": [1.0],
            "replaced": [2.0],
        }
    )
    rows["case"] = "c"
    cases = pd.DataFrame({"id": ["c"], "procedure": ["p"]})
    [fault] = faults_of(requirements=rows, cases=cases)["model.over_replaced"]
    assert fault.value == "2 > 1"
    assert "quá 100 %" in fault.message.vi


def test_a_circle_of_steps_is_named_step_by_step():
    steps = pd.DataFrame({"id": ["a", "b", "c"], "procedure": "p"})
    flow = pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "procedure": "p",
            "before": ["a", "b", "c"],
            "after": ["b", "c", "a"],
        }
    )
    [fault] = faults_of(steps=steps, flow=flow)["model.cycle"]
    assert fault.value == "a → b → c → a"


def test_a_step_that_waits_for_itself_is_a_circle():
    steps = pd.DataFrame({"id": ["a"], "procedure": "p"})
    flow = pd.DataFrame({"id": ["1"], "procedure": "p", "before": ["a"], "after": ["a"]})
    assert faults_of(steps=steps, flow=flow)["model.cycle"][0].value == "a → a"


def test_a_fee_that_differs_tenfold_between_channels_is_doubtful():
    fees = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "procedure": ["p", "p", "q", "q"],
            "channel": ["p/k1", "p/k2", "q/k1", "q/k2"],
            "kind": "le_phi",
            "amount_vnd": [30_000.0, 300_000.0, 10_000.0, 5_000.0],
        }
    )
    channels = pd.DataFrame(
        {"id": ["p/k1", "p/k2", "q/k1", "q/k2"], "procedure": ["p", "p", "q", "q"]}
    )
    [fault] = faults_of(fees=fees, channels=channels)["fee.channels_differ"]
    assert fault.place == "fees › p › le_phi"
    assert fault.value == "30.000 – 300.000 đồng"


def test_lacking_limits_and_dossiers_block_a_figure():
    found = faults_of(
        channels=pd.DataFrame(
            {"id": ["k"], "procedure": ["p"], "limit_value": [5.0], "limit_unit": ["day"]}
        )
    )
    assert [f.place for f in found["model.no_limit"]] == ["procedures › q"]
    assert {f.severity for f in found["model.no_dossier"]} == {"error"}


def test_accepting_takes_only_flagged_values_and_marks_them_entered():
    fees = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "procedure": "p",
            "amount_vnd": [np.nan, 50_000.0, np.nan],
            "flag": ["fee.thousandth", "", "fee.elsewhere"],
            "proposed_vnd": [135_000.0, np.nan, np.nan],
            "mark": ["", "công bố", ""],
        }
    )
    portfolio = Portfolio.from_tables({"procedures": PROCEDURES, "fees": fees})
    taken = accept_proposals(portfolio).fees
    assert taken["amount_vnd"].iloc[:2].tolist() == [135_000.0, 50_000.0]
    assert np.isnan(taken["amount_vnd"].iloc[2])
    assert taken["mark"].tolist() == ["nhập", "công bố", ""]
    assert accept_proposals(portfolio, {"fee.other"}).equals(portfolio)


FLAGGED = pd.DataFrame(
    {
        "id": ["p/k1/f1", "p/k1/f2"],
        "procedure": "p",
        "amount_text": ["135 VNĐ", "0 VNĐ"],
        "amount_vnd": [np.nan, 0.0],
        "flag": ["fee.thousandth", "fee.zero_unexplained"],
        "proposed_vnd": [135_000.0, np.nan],
    }
)


def test_flags_of_tables_read_back_are_told_with_their_sentence_and_proposal():
    found = faults_of(fees=FLAGGED)
    [fault] = found["fee.thousandth"]
    assert fault.place == "fees › p/k1/f1 › amount_vnd"
    assert "chia cho 1.000" in fault.message.vi
    assert (fault.severity, fault.proposal) == ("error", "135000")
    assert [f.severity for f in found["fee.zero_unexplained"]] == ["note"]


def test_what_the_reader_told_is_not_told_twice_and_goes_once_accepted():
    told = Fault("tệp › dòng 1", "135 VNĐ", Text("a", "b"), code="fee.thousandth", row="p/k1/f1")
    portfolio = Portfolio.from_tables({"procedures": PROCEDURES, "fees": FLAGGED}, faults=[told])
    assert [f.place for f in check(portfolio) if f.code == "fee.thousandth"] == ["tệp › dòng 1"]
    accepted = accept_proposals(portfolio)
    assert not [f for f in check(accepted) if f.code == "fee.thousandth"]
