from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procsim.measures import compare, cost_sheet, measure, summarise
from procsim.measures.base import base_rows
from procsim.measures.table import DESCRIPTION, MEASURES, expected_count, official_count
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from tests.benchmarks.plain import measure_plain, records
from tests.measures.portfolios import portfolios

P = parameters()
NUMBERS = [name for name in MEASURES if not name.endswith("why")]


def close(found: pd.Series, wanted: pd.Series) -> None:
    scale = np.maximum(1.0, np.abs(wanted.to_numpy(dtype=float)))
    np.testing.assert_allclose(
        found.to_numpy(dtype=float) / scale, wanted.to_numpy(dtype=float) / scale, atol=1e-9, rtol=0
    )


def totals_are_the_sums_of_the_sheet(portfolio: Portfolio):
    made, sheet = measure(portfolio, P), cost_sheet(portfolio, P)
    by = sheet.groupby("procedure")[["cost_vnd", "expected_vnd"]]
    sums = by.agg(lambda column: column.sum(skipna=False)).reindex(made.index)
    empty = ~made.index.isin(sheet["procedure"])
    sums[empty] = 0.0
    assert set(made["status"][empty]) <= {"abolished", "merged"}
    close(made["cost_vnd"], sums["cost_vnd"])
    close(made["cost_expected_vnd"], sums["expected_vnd"])
    lines = sheet["weight"] * (
        sheet["hours"] * sheet["hourly_vnd"] + sheet["services_vnd"] + sheet["fees_vnd"]
    )
    close(sheet["cost_vnd"], lines.mask(sheet["weight"] == 0, 0.0))
    assumed = sheet["cost_vnd"].where(sheet["mark"] == "giả định", 0.0)
    share = assumed.groupby(sheet["procedure"]).sum().reindex(made.index) / made["cost_vnd"]
    close(made["assumed_share"], share.where(made["cost_vnd"] > 0))


def the_fast_measures_are_those_of_a_plain_loop(portfolio: Portfolio):
    made = measure(portfolio, P)
    wanted = pd.DataFrame([measure_plain(r, P) for r in records(portfolio)], index=made.index)
    for column in wanted.columns:
        close(made[column], wanted[column])


def nothing_is_negative_and_every_gap_has_a_reason(portfolio: Portfolio):
    made = measure(portfolio, P)
    assert not (made[NUMBERS] < 0).any(axis=None)
    assert not (made["assumed_share"] > 1).any()
    for value, why in (
        ("statutory_days", "statutory_why"),
        ("documents", "documents_why"),
        ("cost_vnd", "cost_why"),
        ("assumed_share", "assumed_why"),
    ):
        assert made[value].isna().tolist() == (made[why] != "").tolist()
    papers = made[["forms", "papers_original", "papers_copy", "papers_certified"]].sum(axis=1)
    assert (papers <= made["documents"].fillna(0) + 1e-9).all()
    assert (made["documents_expected"].isna() == made["documents"].isna()).all()
    assert not (made["cost_expected_vnd"] < made["cost_vnd"] - 1e-6).any()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(portfolios(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_and_nothing_is_written(portfolio: Portfolio, random):
    kept = {name: table.copy(deep=True) for name, table in portfolio.tables.items()}
    made = measure(portfolio, P)
    assert all(kept[name].equals(table) for name, table in portfolio.tables.items())
    shuffled = {
        name: table.iloc[random.sample(range(len(table)), len(table))]
        for name, table in portfolio.tables.items()
    }
    again = measure(Portfolio.from_tables(shuffled), P).reindex(made.index)
    for column in NUMBERS:
        close(again[column], made[column])


def replacing_and_dropping_never_costs_more_by_law(portfolio: Portfolio):
    rows = portfolio.requirements
    papers = rows["papers"].fillna(1.0)
    before = measure(portfolio, P)
    replaced = portfolio.replace(requirements=rows.assign(replaced=papers))
    dropped = portfolio.replace(requirements=rows.assign(status="dropped"))
    for after in (measure(replaced, P), measure(dropped, P)):
        for column in ("documents", "cost_vnd", "documents_expected"):
            assert not (after[column] > before[column] + 1e-6).any()
        assert not (after["documents"] > 0).any()
    assert (base_rows(dropped) == base_rows(portfolio)).all()


def requirement_counts_add_up_and_keep_their_index(portfolio: Portfolio):
    official, expected = official_count(portfolio, P), expected_count(portfolio, P)
    assert official.index.equals(portfolio.requirements.index)
    owner = portfolio.requirements["procedure"]
    made = measure(portfolio, P)
    listed = made["documents"].notna() & (made["status"] == "active")
    close(official.groupby(owner).sum().reindex(made.index[listed]), made["documents"][listed])
    sums = expected.groupby(owner).sum().reindex(made.index[listed])
    close(sums, made["documents_expected"][listed])


def sums_and_comparisons_hold_together(portfolio: Portfolio):
    made = measure(portfolio, P)
    same = compare(made, made)
    assert not (same["saved"].fillna(0) != 0).any()
    assert not (same["rate"].fillna(0) != 0).any()
    assert (same["procedures"] + same["missing"] == len(made)).all()
    assert (same["why"] != "").tolist() == same["rate"].isna().tolist()
    whole, parts = summarise(made), summarise(made, by="ministry")
    sums = parts.groupby("metric")["total"].sum(min_count=1).reindex(whole["metric"])
    if len(made):
        close(sums, whole.set_index("metric")["total"])
        assert parts.groupby("metric")["known"].sum().reindex(whole["metric"]).tolist() == (
            whole["known"].tolist()
        )
    assert (whole["known"] + whole["missing"] == whole["procedures"]).all()


CHECKS = (
    totals_are_the_sums_of_the_sheet,
    the_fast_measures_are_those_of_a_plain_loop,
    nothing_is_negative_and_every_gap_has_a_reason,
    replacing_and_dropping_never_costs_more_by_law,
    requirement_counts_add_up_and_keep_their_index,
    sums_and_comparisons_hold_together,
)


# Building a portfolio takes longer than any check of it, so all look at the same one.
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(portfolios())
def test_every_property_of_small_random_portfolios(portfolio: Portfolio):
    for check in CHECKS:
        check(portfolio)


def test_columns_stand_in_the_agreed_order():
    made = measure(Portfolio.from_tables({}), P)
    assert tuple(made.columns) == (*DESCRIPTION, *MEASURES)
    assert made.empty
    assert all(made[name].dtype == float for name in NUMBERS)
