"""Each cause alone and two together, worked out by hand; the parts always add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import procsim as ps
from procsim.errors import UnknownName
from procsim.measures import compare, measure
from procsim.measures.decompose import FACTORS, METRICS, decompose
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, parameters
from tests.measures.portfolios import portfolios

P, Q = "1.000001", "1.000002"
INCOME = 100_000.0


def figures(**changes: float) -> Parameters:
    """A form takes half an hour and a paper one, at 100,000 VND; nothing else costs."""
    plain = {
        "hourly_income_vnd": INCOME,
        "hours_form": 0.5,
        "hours_document_original": 1.0,
        "hours_submit_online": 0.0,
        "hours_submit_counter": 2.0,
        "hours_collect_online": 0.0,
        "hours_collect_counter": 0.0,
        "hours_pay_fee": 0.0,
    }
    return parameters(**{**plain, **changes})


FORM = {"name": "Tờ khai", "kind": "form"}
PAPER = {"name": "Giấy khai sinh", "kind": "document", "originals": 1}


def year(
    *rows: dict[str, Any],
    channels: tuple[dict[str, Any], ...] = ({"method": "online"},),
    fee: float = 0.0,
    subjects: float = 100.0,
    more: tuple[dict[str, Any], ...] = (),
) -> Portfolio:
    """One procedure, done ten times a year by `subjects`; others have two forms each."""
    procedures = [
        {"id": P, "name": "A", "ministry": "Bộ A", "times_per_year": 10.0,
         "subjects_per_year": subjects},
        *({"name": p["id"], "ministry": "Bộ B", **p} for p in more),
    ]  # fmt: skip
    dossier = [
        {"id": f"{P}/c1/r{i}", "procedure": P, "case": f"{P}/c1", "position": i, **row}
        for i, row in enumerate(rows or (FORM, PAPER), start=1)
    ]
    ways = [
        {"id": f"{P}/k{i}", "procedure": P, "limit_value": 10.0, "limit_unit": "working_day", **way}
        for i, way in enumerate(channels, start=1)
    ]
    for other in more:
        owner = other["id"]
        dossier += [
            {"id": f"{owner}/c1/r{i}", "procedure": owner, "case": f"{owner}/c1", **FORM}
            for i in (1, 2)
        ]
        ways.append({"id": f"{owner}/k1", "procedure": owner, "method": "online"})
    fees = [{"id": f"{P}/f1", "procedure": P, "kind": "phi", "amount_vnd": fee}]
    tables = {"procedures": procedures, "requirements": dossier, "channels": ways, "fees": fees}
    tables["cases"] = [{"id": f"{p['id']}/c1", "procedure": p["id"]} for p in procedures]
    return Portfolio.from_tables({name: pd.DataFrame(rows) for name, rows in tables.items()})


def parts(
    before: Portfolio, after: Portfolio, p: Parameters | None = None, q: Parameters | None = None
) -> dict[str, dict[str, float]]:
    """The parts that are not zero, by metric."""
    frame = decompose(before, after, p or figures(), q or figures()).set_index("metric")
    return {
        metric: {
            cause: round(frame.at[metric, cause], 6)
            for cause in FACTORS
            if abs(frame.at[metric, cause]) > 1e-6
        }
        for metric in METRICS
    }


def note(before: Portfolio, after: Portfolio, *p: Parameters, metric: str = "cost_vnd") -> str:
    given_parameters = p or (figures(), figures())
    frame = decompose(before, after, *given_parameters).set_index("metric")
    assert bool(frame.at[metric, "note_vi"]) == frame.at[metric, "not_reform"]
    return str(frame.at[metric, "note_vi"])


def test_a_paper_no_longer_asked_for_is_reform():
    found = parts(year(), year(FORM))
    assert found["cost_vnd"] == {"reform": 100_000}
    assert found["cost_year_vnd"] == {"reform": 100_000_000}
    assert found["documents"] == {"reform": 1}
    assert note(year(), year(FORM)) == ""


def test_a_paper_dropped_a_fee_cut_and_a_limit_shortened_are_reform():
    dropped = year(FORM, {**PAPER, "status": "dropped"})
    assert parts(year(), dropped)["documents"] == {"reform": 1}
    assert parts(year(fee=30_000), year(fee=10_000))["cost_vnd"] == {"reform": 20_000}
    shorter = year(channels=({"method": "online", "limit_value": 6.0},))
    assert parts(year(), shorter)["statutory_days"] == {"reform": 4}
    plain = year(FORM, {**PAPER, "certified": False})
    certified = year(FORM, {**PAPER, "certified": True})
    dear = figures(hours_document_certified=3, price_certified_vnd=0)
    assert parts(certified, plain, dear, dear)["cost_vnd"] == {"reform": 200_000}


def test_fewer_subjects_are_volume():
    found = parts(year(), year(subjects=80))
    assert found["cost_year_vnd"] == {"volume": 30_000_000}
    assert found["cost_vnd"] == {}
    assert note(year(), year(subjects=80), metric="cost_year_vnd") == (
        "Chỉ do đổi số lượng hồ sơ, cơ cấu cách thức nộp, không phải do cải cách"
    )


def test_more_dossiers_online_are_volume():
    # At the counter 2 hours more: 200,000 × (0.8 − 0.3).
    counter, online = {"method": "counter"}, {"method": "online"}
    before = year(channels=({**counter, "share": 0.8}, {**online, "share": 0.2}))
    after = year(channels=({**counter, "share": 0.3}, {**online, "share": 0.7}))
    assert parts(before, after)["cost_vnd"] == {"volume": 100_000}


def test_a_lower_income_is_no_reform_and_is_named_so():
    p, q = figures(), figures(hourly_income_vnd=80_000.0)
    assert parts(year(), year(), p, q)["cost_vnd"] == {"income": 30_000}
    assert note(year(), year(), p, q) == ("Chỉ do đổi thu nhập bình quân, không phải do cải cách")
    frame = decompose(year(), year(), p, q)
    assert frame.loc[frame["metric"] == "cost_vnd", "note_en"].tolist() == [
        "Only because of another hourly income, not of a reform"
    ]
    # Working hours are part of the hourly income.
    longer = parameters(working_hours_per_year=4224.0)
    made = parts(year(), year(), parameters(), longer)["cost_vnd"]
    assert list(made) == ["income"]
    assert made["income"] > 0


def test_another_norm_is_a_parameter_for_all_or_for_one_row():
    quicker = figures(hours_document_original=0.5)
    assert parts(year(), year(), figures(), quicker)["cost_vnd"] == {"parameters": 50_000}
    entered = year(FORM, {**PAPER, "hours": 0.4})
    assert parts(year(), entered)["cost_vnd"] == {"parameters": 60_000}
    needed = year(FORM, {**PAPER, "share_needed": 0.25})
    assert parts(year(), needed)["cost_vnd"] == {"parameters": 75_000}


def test_the_same_words_read_otherwise_are_method():
    read_as_note = year(FORM, {**PAPER, "kind": "note", "papers": 0.0})
    found = parts(year(), read_as_note)
    assert found["cost_vnd"] == {"method": 100_000}
    assert found["documents"] == {"method": 1}
    text = {"method": "online", "limit_text": "2 tuần"}
    before = year(channels=({**text, "limit_value": 14.0},))
    after = year(channels=({**text, "limit_value": 10.0},))
    assert parts(before, after)["statutory_days"] == {"method": 4}
    assert note(before, after, metric="statutory_days") == (
        "Chỉ do đổi cách đọc cùng một văn bản, không phải do cải cách"
    )


def test_other_words_read_otherwise_are_reform():
    reworded = year(FORM, {**PAPER, "name": "Giấy khai sinh (nếu có)", "kind": "note"})
    assert parts(year(), reworded)["documents"] == {"reform": 1}


def test_a_replaced_paper_read_as_two_keeps_being_replaced():
    one = year(FORM, {**PAPER, "papers": 1.0, "replaced": 1.0})
    two = year(FORM, {**PAPER, "papers": 2.0, "replaced": 2.0})
    assert parts(one, two)["documents"] == {}
    # 3 of 3 papers: two fewer by reform, read as 2 papers before that one fewer by method.
    whole = year(FORM, {**PAPER, "papers": 3.0})
    assert parts(whole, two)["documents"] == {"reform": 2.5, "method": 0.5}


def test_papers_merged_are_reform_though_the_one_kept_is_asked_of_more():
    half = {**PAPER, "conditional": True, "share_needed": 0.5}
    before = year(FORM, half, {**half, "name": "Giấy kết hôn"})
    kept = {**PAPER, "conditional": False}
    after = year(FORM, kept, {**half, "name": "Giấy kết hôn", "status": "merged"})
    assert parts(before, after)["documents"] == {"reform": 1}
    assert parts(before, after)["cost_vnd"] == {}


def test_new_and_ended_procedures_are_the_list():
    more, other = ({"id": Q},), ({"id": "1.000003"}, {"id": "1.000004"})
    found = parts(year(more=more), year(more=other))
    assert found["cost_vnd"] == {"catalogue": -100_000}
    assert found["documents"] == {"catalogue": -2}
    frame = decompose(year(more=more), year(), figures(), figures(), by="ministry")
    assert frame["group"].unique().tolist() == ["Bộ A", "Bộ B"]
    row = frame[(frame["group"] == "Bộ B") & (frame["metric"] == "documents")].iloc[0]
    assert (row["before"], row["after"], row["catalogue"], row["procedures"]) == (2, 0, 2, 1)
    assert not row["not_reform"]


def test_reform_and_income_together_share_what_they_do_together():
    # 150,000 → 40,000. The paper saves 100,000 at the old income, 80,000 at the new;
    # the income saves 30,000 with the paper, 10,000 without.
    found = parts(year(), year(FORM), figures(), figures(hourly_income_vnd=80_000.0))
    assert found["cost_vnd"] == {"reform": 90_000, "income": 20_000}
    assert found["documents"] == {"reform": 1}


def test_reform_and_volume_together():
    found = parts(year(), year(FORM, subjects=80))
    assert found["cost_year_vnd"] == {"reform": 90_000_000, "volume": 20_000_000}


def test_a_cut_in_spite_of_a_reform_that_costs_more_is_no_reform():
    dearer = year(fee=5_000)
    p, q = figures(), figures(hourly_income_vnd=80_000.0)
    assert parts(year(), dearer, p, q)["cost_vnd"] == {"reform": -5_000, "income": 30_000}
    assert "thu nhập bình quân" in note(year(), dearer, p, q)


def test_what_no_mixture_can_measure_is_not_told_apart():
    # Before, the row that is not yet marked is not asked for either.
    before = year(FORM, {**PAPER, "kind": "unknown", "status": "dropped"})
    found = parts(before, year())
    assert found["documents"] == {"unseparated": -1}


def test_what_is_unknown_before_or_after_is_left_out_and_counted():
    frame = decompose(year(FORM, {**PAPER, "kind": "unknown"}), year()).set_index("metric")
    assert np.isnan(frame.at["documents", "saved"])
    assert np.isnan(frame.at["documents", "reform"])
    assert frame.at["documents", "missing"] == 1
    assert frame.at["documents", "why"] == "not_marked"
    assert "chưa phân loại" in frame.at["documents", "note_vi"]
    assert frame.at["statutory_days", "procedures"] == 1


def test_another_grouping_is_refused():
    with pytest.raises(UnknownName, match="ministry, province, agency, field"):
        decompose(year(), year(), by="colour")


def test_nothing_at_all():
    nothing = Portfolio.from_tables({})
    assert decompose(nothing, nothing)["procedures"].tolist() == [0] * len(METRICS)


@settings(max_examples=8, deadline=None)
@given(portfolios(most=2), portfolios(most=2), st.floats(50_000, 200_000))
def test_parts_add_up_to_the_change_that_the_measures_show(before, after, income):
    p, q = parameters(), parameters(hourly_income_vnd=income, hours_form=0.7)
    frame = decompose(before, after, p, q).set_index("metric")
    np.testing.assert_allclose(
        frame[list(FACTORS)].sum(axis=1), frame["saved"].fillna(0), rtol=1e-9, atol=1e-3
    )
    ids = before.procedures.index.intersection(after.procedures.index)
    same = [measure(portfolio.select(list(ids)), r) for portfolio, r in ((before, p), (after, q))]
    saved = compare(*same).set_index("metric")["saved"]
    inside = frame["saved"].fillna(0) - frame["catalogue"].fillna(0)
    np.testing.assert_allclose(inside, saved.reindex(frame.index).fillna(0), rtol=1e-9, atol=1e-3)
    everything = before.procedures.index.union(after.procedures.index)
    assert (frame["procedures"] + frame["missing"] == len(everything)).all()


def test_what_cannot_be_computed_says_why():
    unmarked = ps.load_sample()
    unmarked = unmarked.replace(requirements=unmarked.requirements.assign(kind="unknown"))
    made = ps.decompose(unmarked, unmarked).set_index("metric")
    for metric in ("cost_vnd", "cost_year_vnd", "documents"):
        row = made.loc[metric]
        assert np.isnan(row["saved"])
        assert row["why"].split(";")[0] == "not_marked"
        assert row["note_en"].startswith("Cannot be computed: 60 procedures lack the figure")
        assert row["note_vi"].startswith("Không tính được: 60 thủ tục")
    known = made.loc["statutory_days"]
    assert (known["saved"], known["note_vi"], known["why"]) == (0, "", "no_limit")
    assert known["missing"] > 0


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"times_per_year": 2.0}, "no_subjects"),
        ({"subjects_per_year": 2.0}, "no_times"),
        ({}, "no_volume"),
    ],
)
def test_half_a_volume_is_told(cells, why):
    marked = ps.mark(ps.load_sample())
    none = {"times_per_year": np.nan, "subjects_per_year": np.nan}
    some = marked.replace(procedures=marked.procedures.assign(**none | cells))
    row = ps.decompose(some, some).set_index("metric").loc["cost_year_vnd"]
    assert why in row["why"].split(";")
    assert np.isnan(row["saved"])
    assert row["note_en"]
