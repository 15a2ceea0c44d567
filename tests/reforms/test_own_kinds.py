"""A kind of reform of the user's own: applied, attributed, measured and refused like any other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import pytest

import procsim as ps
from procsim.reforms import KINDS, Reform


def offices(*days: float) -> ps.Portfolio:
    ids = [f"1.00000{i}" for i in range(1, len(days) + 1)]
    return ps.Portfolio.from_tables(
        {
            "procedures": pd.DataFrame({"id": ids, "name": "Cấp phép", "ministry": "Bộ A"}),
            "channels": pd.DataFrame(
                {
                    "id": [f"{i}/k1" for i in ids],
                    "procedure": ids,
                    "limit_value": list(days),
                    "limit_unit": "working_day",
                }
            ),
        }
    )


def days(portfolio: ps.Portfolio) -> list[float]:
    return ps.measure(portfolio)["statutory_days"].tolist()


@dataclass(frozen=True)
class Halve(Reform):
    procedure: str = ""
    kind = "halve"
    title = ps.Text("Giảm một nửa thời hạn", "Halve the limit")

    def describe(self) -> ps.Text:
        return ps.Text(f"Giảm một nửa: {self.procedure}.", f"Halve: {self.procedure}.")

    def change(self, portfolio: ps.Portfolio) -> ps.Portfolio:
        frame = portfolio.channels.copy()
        frame.loc[frame["procedure"] == self.procedure, "limit_value"] /= 2
        return portfolio.replace(channels=frame)


@dataclass(frozen=True)
class Preset(ps.ShortenLimit):
    percent: float | None = 50


@dataclass(frozen=True)
class HalveAtMostTen(Halve):
    kind = "halve_ten"

    def change(self, portfolio: ps.Portfolio) -> ps.Portfolio:
        if portfolio.rows("channels", self.procedure)["limit_value"].gt(10).any():
            raise ps.InvalidValue(ps.Fault("trong lớp", "", ps.Text("Quá 10 ngày.", "Over 10.")))
        return super().change(portfolio)


@dataclass(frozen=True)
class Silent(Reform):
    procedure: str = ""
    kind = "silent"

    def describe(self) -> ps.Text:
        return ps.Text("Không làm gì.", "Does nothing.")


@dataclass(frozen=True)
class Breaks(Silent):
    kind = "breaks"
    how: str = ""

    def change(self, portfolio: ps.Portfolio) -> ps.Portfolio:
        channels = portfolio.channels
        match self.how:
            case "columns":
                return portfolio.exchange(channels=channels.drop(columns="share"))
            case "types":
                return portfolio.exchange(channels=channels.assign(limit_value="năm"))
            case "twice":
                return portfolio.exchange(channels=pd.concat([channels, channels]))
            case "negative":
                return portfolio.replace(channels=channels.assign(limit_value=-1.0))
            case "gone":
                return portfolio.replace(procedures=portfolio.procedures.iloc[:0])
        return portfolio.channels


def test_an_own_kind_changes_its_procedure_and_leaves_the_baseline_alone():
    portfolio = offices(10, 6)
    assert days(ps.apply(portfolio, ps.Plan([Halve("1.000001")]))) == [5, 6]
    assert days(portfolio) == [10, 6]


def test_own_kinds_act_after_those_that_ship_in_the_order_of_the_plan():
    plan = ps.Plan([Halve("1.000001"), ps.ShortenLimit("1.000001", days=8), Halve("1.000001")])
    assert days(ps.apply(offices(10), plan)) == [2]


def test_a_kind_that_inherits_from_one_that_ships_is_changed_like_it():
    assert days(ps.apply(offices(10), ps.Plan([Preset("1.000001")]))) == [5]


def test_effects_share_out_what_an_own_kind_saves():
    # Halving 10 saves 5 alone, to at most 4 days saves 6 alone; both leave 2: 8 are saved.
    plan = ps.Plan([Halve("1.000001"), ps.ShortenLimit("1.000001", days=4)])
    made = ps.effects(offices(10), plan)
    assert made["days_alone"].tolist() == [5, 6]
    assert made["days"].tolist() == [3.5, 4.5]


def test_an_own_kind_that_refuses_is_named_with_its_place_and_the_plan_is_refused():
    plan = ps.Plan([HalveAtMostTen("1.000002"), HalveAtMostTen("1.000001"), Silent("1.000001")])
    with pytest.raises(ps.InvalidValue) as refused:
        ps.apply(offices(12, 6), plan)
    assert [fault.place for fault in refused.value.faults] == [
        "plan › 2 › halve_ten › 1.000001",
        "plan › 3 › silent › 1.000001",
    ]
    assert refused.value.faults[0].message.en == "Over 10."
    assert refused.value.faults[1].code == "plan.own_change"


def test_attribution_leaves_out_an_own_kind_where_it_cannot_act():
    # Alone it is refused (12 > 10); after the limit falls to 8 it saves 4 more.
    plan = ps.Plan([ps.ShortenLimit("1.000001", days=8), HalveAtMostTen("1.000001")])
    made = ps.effects(offices(12), plan)
    assert made["days_alone"].tolist() == [4, 0]
    assert made["days"].tolist() == [6, 2]


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ("columns", "channels"),
        ("types", "channels"),
        ("twice", "channels"),
        ("gone", "procedures"),
        ("", "change"),
    ],
)
def test_what_is_no_portfolio_of_the_same_shape_is_refused(how, named):
    with pytest.raises(ps.InvalidValue, match=r"portfolio.replace") as refused:
        ps.apply(offices(12, 6), ps.Plan([Breaks("1.000001", how=how)]))
    assert [fault.value for fault in refused.value.faults] == [named]


def test_what_replace_refuses_in_an_own_kind_is_told_with_its_place_in_the_plan():
    plan = ps.Plan([Breaks("1.000001", how="negative")])
    with pytest.raises(ps.InvalidValue) as refused:
        ps.apply(offices(12, 6), plan)
    assert {fault.code for fault in refused.value.faults} == {"model.range"}
    assert {fault.place for fault in refused.value.faults} == {"plan › 1 › breaks › 1.000001"}


def test_an_unknown_target_is_found_before_an_own_kind_acts():
    with pytest.raises(ps.InvalidValue) as refused:
        ps.apply(offices(12), ps.Plan([Halve("9.999999")]))
    assert [fault.code for fault in refused.value.faults] == ["plan.unknown_target"]


def test_an_own_kind_is_kept_in_yaml_once_it_is_registered(tmp_path, monkeypatch):
    plan = ps.Plan([Halve("1.000001", reason="Quá dài")], name="Đợt 1")
    plan.write(tmp_path / "plan.yaml")
    with pytest.raises(ps.InvalidValue, match="halve"):
        ps.Plan.read(tmp_path / "plan.yaml")
    monkeypatch.setitem(KINDS, Halve.kind, Halve)
    assert ps.Plan.read(tmp_path / "plan.yaml") == plan


def halved() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return measures with a column of the user's own, before and after a plan."""
    portfolio = offices(10, 6)
    plan = ps.Plan([Halve("1.000001")])
    return tuple(
        ps.measure(p).assign(weeks=p.channels.groupby("procedure")["limit_value"].max() / 5)
        for p in (portfolio, ps.apply(portfolio, plan))
    )


def test_a_measure_of_ones_own_is_compared_as_a_ratio_of_sums():
    made = ps.compare(*halved(), metrics=("weeks", "statutory_days")).set_index("metric")
    assert made.index.tolist() == ["weeks", "statutory_days"]
    # 2 + 1.2 weeks before, 1 + 1.2 after.
    assert made.loc["weeks", "rate"] == pytest.approx(1 / 3.2)
    assert made.loc["weeks", "reached"] == 1


def test_a_metric_that_a_table_lacks_is_named_with_the_table():
    before, after = halved()
    with pytest.raises(ps.UnknownName, match="compare › after") as unknown:
        ps.compare(before, after.drop(columns="weeks"), metrics=("weeks",))
    assert len(unknown.value.faults) == 1


def test_a_measure_of_ones_own_is_held_against_a_target_of_ones_own():
    own = replace(
        ps.targets(2026)[0],
        id="weeks",
        metric="weeks",
        value=0.25,
        audience="all",
        name_vi="Số tuần",
        name_en="Weeks",
    )
    row = ps.scorecard(*halved(), [own]).nation().iloc[0]
    assert row["verdict"] == "met"
    assert row["value"] == pytest.approx(1 / 3.2)
    strict = replace(own, value=0.5)
    assert ps.scorecard(*halved(), [strict]).nation()["verdict"].tolist() == ["missed"]
