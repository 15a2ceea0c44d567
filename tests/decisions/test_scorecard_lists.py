"""Scorecards by province, against named lists and legal texts, claimed beside effective."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from procsim.decisions import amended_texts, province_of, scorecard, tag, targets
from procsim.decisions.figures import decentralised
from procsim.errors import UnknownName
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reference import Target, resolution_66_7
from procsim.reforms import DropRequirement, Plan, ReplaceByData, ShortenLimit, apply

BY_ID = {target.id: target for target in targets()}
SENT = dt.date(2026, 6, 1)


def portfolio_of(rows: list[dict]) -> Portfolio:
    """Return procedures with a limit of 10 days and one paper each."""
    ids = [row.get("id", f"1.{number:06d}") for number, row in enumerate(rows, start=1)]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ids,
                    "code": [row.get("code", name) for row, name in zip(rows, ids, strict=True)],
                    "name": "T",
                    "ministry": [row.get("bo", "Bộ Tài chính") for row in rows],
                    "audience": [row.get("doi_tuong", "business") for row in rows],
                    "levels": [row.get("cap", "central") for row in rows],
                    "online": [row.get("online", "unknown") for row in rows],
                }
            ),
            "channels": pd.DataFrame(
                {
                    "id": [f"{name}/k1" for name in ids],
                    "procedure": ids,
                    "limit_value": 10.0,
                    "limit_unit": "working_day",
                    "method": "counter",
                }
            ),
            "cases": pd.DataFrame({"id": [f"{name}/c1" for name in ids], "procedure": ids}),
            "requirements": pd.DataFrame(
                {
                    "id": [f"{name}/c1/r1" for name in ids],
                    "procedure": ids,
                    "case": [f"{name}/c1" for name in ids],
                    "name": "Giấy khai sinh",
                    "kind": "document",
                    "types": "giay_khai_sinh",
                    "papers": 1.0,
                }
            ),
        }
    )


def replaced(name: str, coverage: float | None = None, **route: object) -> ReplaceByData:
    return ReplaceByData(
        requirement=f"{name}/c1/r1",
        document_types="giay_khai_sinh",
        databases="csdl_ho_tich",
        coverage=coverage,
        coverage_mark="nhập" if coverage is not None else "",
        **route,
    )


def rows_of(portfolio: Portfolio, plan: Plan, ids: list[str], **options: object) -> pd.DataFrame:
    after = apply(portfolio, plan)
    card = scorecard(
        measure(portfolio),
        measure(after),
        [BY_ID[name] if isinstance(name, str) else name for name in ids],
        portfolio=after,
        plan=plan,
        **options,
    )
    return card.summary.set_index(["group", "target_id"]).sort_index()


NATION = "Toàn bộ danh mục"


@pytest.mark.parametrize(
    ("written", "province"),
    [
        ("UBND tỉnh Đồng Tháp", "UBND tỉnh Đồng Tháp"),
        ("ỦY BAN NHÂN DÂN TỈNH ĐỒNG THÁP", "UBND tỉnh Đồng Tháp"),
        (unicodedata.normalize("NFD", "Uỷ ban nhân dân  tỉnh Đồng Tháp"), "UBND tỉnh Đồng Tháp"),
        ("Ủy ban nhân dân thành phố Hải Phòng", "UBND thành phố Hải Phòng"),
        ("UBND Thành phố Đồng Nai", "UBND thành phố Đồng Nai"),
        ("UBND TP.HCM", "UBND thành phố Hồ Chí Minh"),
        ("UBND tỉnh Hoà Bình", "UBND tỉnh Hòa Bình"),
        ("Bộ Nông nghiệp và Môi trường", ""),
        ("UBND xã Tam Hợp", ""),
        ("Ủy ban nhân dân tỉnh", ""),
        ("", ""),
    ],
)
def test_people_s_committees_are_recognised(written, province):
    assert province_of(written) == province


def test_card_by_province_puts_ministries_together():
    names = ["UBND tỉnh Cà Mau", "Bộ Y tế", "ỦY BAN NHÂN DÂN TỈNH CÀ MAU", "Bộ Tư pháp"]
    portfolio = portfolio_of([{"bo": name} for name in names])
    plan = Plan([ShortenLimit("1.000001", days=5), ShortenLimit("1.000002", days=8)])
    rows = rows_of(portfolio, plan, ["business_time_2025"], by="province")
    value = rows["value"].droplevel("target_id").to_dict()
    assert value == pytest.approx({NATION: 7 / 40, "UBND tỉnh Cà Mau": 5 / 20, "(cấp bộ)": 2 / 20})
    assert set(rows["prescribed"]) == {"by_sums"}


def test_business_scope_follows_the_named_list():
    portfolio = portfolio_of([{}, {}, {"doi_tuong": "citizen"}])
    plan = Plan([ShortenLimit("1.000001", days=5), ShortenLimit("1.000003", days=1)])
    by_audience = rows_of(portfolio, plan, ["business_time_2025"])
    assert by_audience.loc[(NATION, "business_time_2025"), "value"] == 5 / 20
    listed = tag(portfolio, {"nq66_business": ["1.000002", "1.000003"]})
    row = rows_of(listed, plan, ["business_time_2025"]).loc[(NATION, "business_time_2025")]
    assert (row["value"], row["known"], row["verdict"]) == (9 / 20, 2, "met")
    assert "nq66_business: 2 TTHC" in row["reason_vi"]
    assert "nq66_business" in row["reason_en"]


def test_vneid_list_decides_only_when_it_is_whole():
    size = 324
    portfolio = portfolio_of([{"bo": "Bộ A"}] * 4 + [{"bo": "Bộ B"}] * (size - 4))
    codes = portfolio.procedures["code"].tolist()
    plan = Plan([ShortenLimit(code, days=5) for code in codes[:4]])
    target = ["vneid_procedures"]
    without = rows_of(portfolio, plan, target)
    assert len(without) == 1
    assert without["verdict"].item() == "unknown"
    assert "vneid_324" in without["reason_vi"].item()

    part = rows_of(tag(portfolio, {"vneid_324": codes[:10]}), plan, target)
    row = part.loc[(NATION, "vneid_procedures")]
    assert (row["value"], row["verdict"]) == (4, "unknown")
    assert "10/324" in row["reason_vi"]

    whole = rows_of(tag(portfolio, {"vneid_324": codes}), plan, target)
    assert whole["verdict"].droplevel("target_id").to_dict() == {
        NATION: "missed", "Bộ A": "met", "Bộ B": "missed",
    }  # fmt: skip
    assert whole["target"].droplevel("target_id").to_dict() == {
        NATION: 324, "Bộ A": 4, "Bộ B": 320,
    }  # fmt: skip


def test_data_services_count_papers_replaced_by_data_once_for_each_code():
    rows = [{"id": "1.000001"}, {"id": "1.000001#2", "code": "1.000001"}]
    rows += [{"bo": "Bộ Tư pháp"} for _ in range(24)]
    portfolio = portfolio_of(rows)
    codes = portfolio.procedures["code"].unique().tolist()
    plan = Plan(
        [
            replaced("1.000001"),
            replaced("1.000001#2"),
            DropRequirement(requirement="1.000003/c1/r1"),
        ]
    )
    listed = tag(portfolio, {"data_services_25": codes})
    made = rows_of(listed, plan, ["data_services_10_2025"]).droplevel("target_id")
    # Dropping a paper is not using data in its place.
    assert made["value"].to_dict() == {NATION: 1, "Bộ Tài chính": 1, "Bộ Tư pháp": 0}
    assert made["target"].to_dict() == {NATION: 25, "Bộ Tài chính": 1, "Bộ Tư pháp": 24}
    assert made["verdict"].to_dict() == {
        NATION: "missed", "Bộ Tài chính": "met", "Bộ Tư pháp": "missed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("central", "province", True),
        ("central;province", "province", True),
        ("province", "province;commune", True),
        ("central", "commune", True),
        ("province", "central", False),
        ("central;commune", "province", False),  # one end went down, the other up
        ("province", "province", False),
        ("", "province", False),
        ("other", "commune", False),
    ],
)
def test_levels_moved_down(before, after, moved):
    assert decentralised(pd.Series([before]), pd.Series([after])).tolist() == [moved]


def test_decentralised_procedures_are_counted():
    portfolio = portfolio_of([{"cap": "central"}, {"cap": "central;province"}, {"cap": "commune"}])
    before = measure(portfolio)
    after = before.assign(levels=["province", "central;province", "commune"])
    target = Target(
        id="phan_cap", metric="procedures_decentralised", kind="count", value=1, of=None,
        audience="all", ministries=(), base_year=None, deadline=None, year=None, legal_basis="x",
        source="x", mark="nhập", reading="count", name_vi="Phân cấp", name_en="Decentralise",
    )  # fmt: skip
    row = scorecard(before, after, [target], by=None).summary.iloc[0]
    assert (row["value"], row["verdict"], row["prescribed"]) == (1, "met", "count")
    assert math.isnan(row["effective"])
    assert row["effective_vi"] == "Độ phủ dữ liệu không làm thay đổi chỉ số này."


def test_legal_texts_count_once_and_are_due_on_a_day():
    portfolio = portfolio_of([{}, {}, {}, {}])
    plan = Plan(
        [
            replaced("1.000001", legal_numbers="113/2017/NĐ-CP;82/2022/NĐ-CP", due="2026-03-01"),
            replaced("1.000002", legal_numbers="113/2017/NĐ-CP", due="2026-09-01"),
            replaced("1.000003", legal_text="Nghị quyết 66.7/2025/NQ-CP", due="2026-01-01"),
            ShortenLimit("1.000004", days=3, legal_numbers="01/2099/TT-BTC", due="2026-04-01"),
        ]
    )
    texts = amended_texts(plan)
    assert texts.index.tolist() == ["113/2017/NĐ-CP", "01/2099/TT-BTC"]
    assert texts["reforms"].tolist() == [2, 1]
    assert texts["annex_3"].tolist() == [True, False]
    assert texts["due"].tolist() == ["2026-09-01", "2026-04-01"]  # done when the last of it is
    assert texts["rank"].tolist() == ["nghi_dinh", "thong_tu"]
    ids = ["legal_texts_10_2025", "legal_texts_66_7"]
    made = rows_of(portfolio, plan, ids, by=None, on=SENT).droplevel("group")
    assert made.loc["legal_texts_10_2025", ["value", "claimed", "effective"]].tolist() == [2, 2, 1]
    assert made.loc["legal_texts_66_7", ["value", "effective"]].tolist() == [1, 0]
    assert set(made["verdict"]) == {"unknown"}
    assert "một phần của cả nước" in made.loc["legal_texts_66_7", "reason_vi"]
    no_day = rows_of(portfolio, plan, ids, by=None)
    assert no_day["effective"].isna().all()
    assert no_day["effective_vi"].str.contains("Chưa nêu ngày tính").all()


def test_texts_without_a_due_date_take_that_of_annex_3():
    reforms = [ShortenLimit("1.000001", days=3, legal_numbers=n)
               for n in ("113/2017/NĐ-CP", "01/2099/TT-BTC")]  # fmt: skip
    reforms.append(ShortenLimit("1.000001", days=2, legal_text="Luật  chưa có số"))
    reforms.append(ShortenLimit("1.000001", days=1))
    texts = amended_texts(Plan(reforms))
    assert texts["due"].tolist() == ["2027-03-01", "", ""]
    assert texts.index[-1] == "Luật chưa có số"
    assert amended_texts(Plan(reforms), ["9.999999"]).empty


def test_a_plan_meets_a_small_target_on_texts():
    portfolio = portfolio_of([{}])
    plan = Plan([ShortenLimit("1.000001", days=3, legal_numbers="113/2017/NĐ-CP")])
    small = replace(BY_ID["legal_texts_66_7"], value=1)
    made = rows_of(portfolio, plan, [small]).droplevel("target_id")
    assert made["verdict"].to_dict() == {NATION: "met", "Bộ Tài chính": "unknown"}
    assert "chưa phân bổ" in made.loc["Bộ Tài chính", "reason_vi"]


def test_replaced_papers_are_effective_where_data_answer():
    rows = resolution_66_7()
    codes = rows.loc[rows["annex"] == "I", "code"].drop_duplicates().tolist()[:4]
    portfolio = portfolio_of([{"id": code} for code in codes])
    a, b, c, d = codes
    plan = Plan([replaced(a, 0.8), replaced(b, 0.0), replaced(c), replaced(d, 1.0)])
    target = ["procedures_replaced_2026"]

    def nation(on: dt.date | None) -> pd.Series:
        return rows_of(portfolio, plan, target, on=on).loc[(NATION, target[0])]

    row = nation(SENT)
    # 4 are listed; a and d answer, b answers for nobody, of c nothing is known.
    assert (row["value"], row["claimed"], row["effective"]) == (4, 4, 2)
    assert "độ phủ dữ liệu của 1 TTHC" in row["effective_vi"]
    # The papers of civil status count from 01/01/2026 on: before it no data answer.
    assert nation(dt.date(2025, 12, 31))["effective"] == 0
    unknown = rows_of(portfolio, Plan([replaced(c)]), target).loc[(NATION, target[0])]
    assert unknown["value"] == 1
    assert math.isnan(unknown["effective"])


def test_effective_cost_counts_with_coverage():
    portfolio = portfolio_of([{}, {}])
    plan = Plan([replaced("1.000001", 0.9), replaced("1.000002", 0.9)])
    row = rows_of(portfolio, plan, ["business_cost_2025"]).loc[(NATION, "business_cost_2025")]
    before, after = measure(portfolio), measure(apply(portfolio, plan))
    expected = [float(frame["cost_expected_vnd"].sum()) for frame in (before, after)]
    assert row["claimed"] == row["value"] > row["effective"] > 0
    assert row["effective"] == pytest.approx(1 - expected[1] / expected[0])
    assert row["effective_vi"] == ""  # every coverage was entered
    # Where data answer for few, the fallback of Điều 8 costs more than the paper saves.
    poor = Plan([replaced("1.000001", 0.1), replaced("1.000002", 0.1)])
    row = rows_of(portfolio, poor, ["business_cost_2025"]).loc[(NATION, "business_cost_2025")]
    assert row["effective"] < 0 < row["claimed"]
    unknown = Plan([replaced("1.000001"), replaced("1.000002", 0.5)])
    row = rows_of(portfolio, unknown, ["business_cost_2025"]).loc[(NATION, "business_cost_2025")]
    assert "Độ phủ của 1 giấy tờ" in row["effective_vi"]
    time = rows_of(portfolio, plan, ["business_time_2025"]).iloc[0]
    assert (time["claimed"], math.isnan(time["effective"])) == (0.0, True)


def test_a_replacement_that_answers_for_nobody_simplifies_on_paper_only():
    portfolio = portfolio_of([{}, {}])
    plan = Plan([replaced("1.000001", 0.0), replaced("1.000002", 0.9)])
    row = rows_of(portfolio, plan, ["procedures_simplified_10_2025"], by=None).iloc[0]
    assert (row["claimed"], row["effective"]) == (2, 1)


def test_fully_online_takes_the_list_where_the_column_is_silent():
    portfolio = portfolio_of([{}, {"online": "none"}, {"online": "full"}, {}])
    listed = tag(portfolio, {"fully_online": ["1.000001", "1.000002"]})
    row = rows_of(listed, Plan(), ["fully_online_2025"], by=None).iloc[0]
    # full, none and the one listed are known: 2 of 3; the fourth cannot lift 2 of 4 to 80 %.
    assert (row["value"], row["known"], row["missing"]) == (pytest.approx(2 / 3), 3, 1)
    assert (row["verdict"], row["prescribed"]) == ("missed", "reached")


def test_entered_figures_stand_for_what_no_list_holds():
    before = measure(portfolio_of([{}]))
    target = [BY_ID["vneid_utilities_2025"]]
    row = scorecard(before, before, target, entered={"vneid_utilities_2025": 40}).summary.iloc[0]
    assert (row["value"], row["verdict"], row["basis"]) == (40, "met", "entered")
    assert row["reason_vi"] == "Số liệu do cán bộ nhập."
    with pytest.raises(UnknownName, match="vneid_utilities_2025"):
        scorecard(before, before, target, entered={"tiện ích": 40})


def test_every_target_gives_a_row_and_every_unknown_a_reason():
    portfolio = tag(portfolio_of([{}, {"bo": "UBND tỉnh Cà Mau"}]))
    for by in ("ministry", "province", "field", "levels", "audience"):
        made = scorecard(
            measure(portfolio), measure(portfolio), targets(), by,
            portfolio=portfolio, plan=Plan(), on=SENT,
        )  # fmt: skip
        assert set(made.nation()["target_id"]) == set(BY_ID)
        unknown = made.summary[made.summary["verdict"] == "unknown"]
        assert (unknown["reason_vi"] != "").all()
        assert (unknown["reason_en"] != "").all()
        silent = made.summary[np.isnan(made.summary["effective"])]
        assert (silent["effective_vi"].ne("") | silent["value"].isna()).all()
