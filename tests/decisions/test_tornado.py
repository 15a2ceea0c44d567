"""The tornado's table against measuring by hand, and its rules of range and order."""

from __future__ import annotations

import pandas as pd
import pytest

from procsim.decisions.tornado import METRICS, tornado, tornado_tables
from procsim.errors import InvalidValue, UnknownName
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from procsim.reforms import DropRequirement, Plan, ReplaceByData, apply
from procsim.reports.charts import figures
from tests.reforms.small import P, portfolio

PLAN = Plan(
    [
        ReplaceByData(
            f"{P}/c1/r1",
            document_types=("can_cuoc",),
            databases=("csdl_dan_cu",),
            coverage=0.8,
            coverage_mark="giả định",
        ),
        DropRequirement(f"{P}/c1/r2"),
    ]
)


def base() -> Portfolio:
    """Two procedures: papers at the counter and online; the second is left as it is."""
    return portfolio(
        requirements=[{}, {"copies": 1}, {"kind": "form"}, {"procedure": "1.000002"}],
        channels=[
            {"method": "counter"},
            {"method": "online"},
            {"method": "counter", "procedure": "1.000002"},
        ],
        procedures=({}, {}),
    )


def rate_of(before: Portfolio, after: Portfolio, p, column: str = "cost_vnd") -> float:
    table = compare(measure(before, p), measure(after, p)).set_index("metric")
    return float(table.at[column, "rate"])


def test_each_end_is_what_measuring_both_states_gives():
    p, before = parameters(), base()
    after = apply(before, PLAN)
    table = tornado(before, PLAN).set_index("id")
    assert table.attrs["rate"] == pytest.approx(rate_of(before, after, p), rel=1e-12)
    for name, factor, side in (
        ("hours_document_original", 0.8, "low"),
        ("hours_document_original", 1.2, "high"),
        ("hours_submit_counter", 1.2, "high"),
        ("working_hours_per_year", 0.8, "low"),
    ):
        moved = p.replace(**{name: p[name] * factor})
        assert table.at[name, side] == pytest.approx(p[name] * factor)
        wanted = rate_of(before, after, moved)
        assert table.at[name, f"rate_{side}"] == pytest.approx(wanted, rel=1e-12)
        old, new = measure(before, moved)["cost_vnd"], measure(after, moved)["cost_vnd"]
        assert table.at[name, f"saving_{side}"] == pytest.approx((old - new).sum(), rel=1e-9)


def test_shares_of_the_channels_keep_adding_up():
    p, before = parameters(), base()
    row = tornado(before, PLAN).set_index("id").loc["share_counter"]
    share = p["share_counter"] * 1.2
    left = (1 - share) / (1 - p["share_counter"])
    moved = p.replace(
        share_counter=share,
        share_post=p["share_post"] * left,
        share_online=p["share_online"] * left,
    )
    assert row["rate_high"] == pytest.approx(rate_of(before, apply(before, PLAN), moved))


def test_assumed_coverage_moves_the_expected_cost_only():
    before = base()
    made = tornado_tables(before, PLAN, ("cost", "cost_expected"))
    assert "coverage" not in set(made["cost"]["kind"])
    row = made["cost_expected"].set_index("id").loc["csdl_dan_cu"]
    assert (row["kind"], row["value"], row["low"]) == ("coverage", 0.8, pytest.approx(0.64))
    assert row["high"] == pytest.approx(0.96)
    after = apply(before, PLAN)
    worse = after.replace(
        requirements=after.requirements.assign(
            coverage=after.requirements["coverage"].where(after.requirements["replaced"] == 0, 0.64)
        )
    )
    wanted = rate_of(before, worse, parameters(), "cost_expected_vnd")
    assert row["rate_low"] == pytest.approx(wanted)
    assert row["rate_low"] < row["rate_high"]


def test_ranges_stated_by_the_table_come_first_and_entered_ones_before_all():
    p = parameters()
    table = tornado(base(), PLAN).set_index("id")
    form = table.loc["hours_form"]
    assert (form["range"], form["low"], form["high"]) == (
        "stated",
        p["hours_form_simple"],
        p["hours_form_complex"],
    )
    assert set(table["range"]) == {"stated", "giả định"}
    own = tornado(base(), PLAN, spread={"hours_form": (0.0, 2.0)}).set_index("id")
    assert (own.at["hours_form", "low"], own.at["hours_form", "high"]) == (0.0, 2.0)
    wide = tornado(base(), PLAN, spread=0.5).set_index("id")
    value = p["hours_document_original"]
    assert wide.at["hours_document_original", "high"] == pytest.approx(value * 1.5)


def test_the_widest_comes_first_and_what_moves_nothing_is_counted():
    table = tornado(base(), PLAN)
    assert (table["swing"].diff().dropna() <= 1e-15).all()
    assert table.attrs["without_effect"] > 0
    moved = {"lead_months_luat", "price_luat", "hourly_income_vnd"} & set(table["id"])
    assert not moved
    assert tornado(base(), Plan()).attrs["rate"] == 0.0


def test_an_entered_parameter_is_no_assumption_any_more():
    p = parameters().replace(hours_document_original=0.4)
    assert "hours_document_original" not in set(tornado(base(), PLAN, parameters=p)["id"])


def test_it_feeds_the_figure():
    table = tornado(base(), PLAN)
    for language in ("vi", "en"):
        chart = figures.tornado(table, table.attrs["saving"], "cost_vnd", language=language)
        assert table.iloc[0][f"name_{language}"].split()[0] in str(chart.to_dict())


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_a_table(metric):
    table = tornado(base(), PLAN, metric=metric)
    assert isinstance(table, pd.DataFrame)
    assert table.attrs["metric"] == metric


def test_an_empty_portfolio_has_no_row():
    table = tornado(Portfolio.from_tables({}), Plan())
    assert table.empty


@pytest.mark.parametrize(
    ("kind", "words", "asked"),
    [
        (UnknownName, "cost_expected", {"metric": "money"}),
        (UnknownName, "hours_form", {"spread": {"hours_fromm": (0, 1)}}),
        (InvalidValue, "tỷ lệ", {"spread": {"share_conditional": (0.1, 1.5)}}),
        (InvalidValue, "không âm", {"spread": {"hours_form": (-1.0, 1.0)}}),
        (InvalidValue, "Khoảng thử", {"spread": 0.0}),
    ],
)
def test_what_cannot_be_tried_is_refused(kind, words, asked):
    with pytest.raises(kind, match=words):
        tornado(base(), PLAN, **asked)
