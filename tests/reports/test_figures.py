"""Charts: their data are those of the tables, in Vietnamese, without any network."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.decisions import roadmap, scorecard, targets
from procsim.errors import InvalidValue, UnknownName
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.reforms import DropRequirement, Plan, ShortenLimit, apply
from procsim.reforms.attribution import effects
from procsim.reports.charts import figures
from procsim.reports.charts.figures import figure_png, figure_svg
from procsim.reports.charts.style import money_unit, shown, unique, wrapped
from procsim.reports.map.drawing import COLOURS

PNG = b"\x89PNG\r\n\x1a\n"


def portfolio() -> Portfolio:
    """Return two procedures of two ministries: 30 and 10 days, two papers and one."""
    ids = ["1.000001", "1.000002"]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ids,
                    "code": ids,
                    "name": ["Cấp giấy phép", "Đăng ký thường trú"],
                    "ministry": ["Bộ Y tế", "Bộ Công an"],
                    "audience": "business",
                }
            ),
            "cases": pd.DataFrame({"id": [f"{i}/c1" for i in ids], "procedure": ids}),
            "requirements": pd.DataFrame(
                {
                    "id": ["1.000001/c1/r1", "1.000001/c1/r2", "1.000002/c1/r1"],
                    "procedure": ["1.000001", "1.000001", "1.000002"],
                    "case": ["1.000001/c1", "1.000001/c1", "1.000002/c1"],
                    "name": ["Giấy khai sinh", "Sơ yếu lý lịch", "Tờ khai"],
                    "kind": "document",
                    "papers": 1.0,
                }
            ),
            "channels": pd.DataFrame(
                {
                    "id": [f"{i}/k1" for i in ids],
                    "procedure": ids,
                    "method": "counter",
                    "limit_value": [30.0, 10.0],
                    "limit_unit": "working_day",
                }
            ),
        }
    )


PLAN = Plan(
    [
        ShortenLimit("1.000001", days=15, due=dt.date(2026, 6, 30), rank="thong_tu"),
        ShortenLimit("1.000002", days=8, due=dt.date(2026, 9, 30), rank="thong_tu"),
        DropRequirement("1.000001/c1/r2", due=dt.date(2026, 6, 30), rank="thong_tu"),
    ],
    name="Thử",
)


def data(chart: figures.Figure) -> list[dict[str, Any]]:
    """Return every row that stands in a chart."""
    rows: list[dict[str, Any]] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            found = node.get("data")
            if isinstance(found, dict):
                rows.extend(found.get("values", []))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(chart.to_dict())
    return rows


def spec(chart: figures.Figure) -> str:
    return json.dumps(chart.to_dict(), ensure_ascii=False)


def title(chart: figures.Figure) -> str:
    return " ".join(chart.to_dict()["title"]["text"])


def every(language: str = "vi") -> dict[str, figures.Figure]:
    base = portfolio()
    changed = apply(base, PLAN)
    before, after = measure(base), measure(changed)
    asked = [t for t in targets() if t.id in ("business_time_2025", "business_time_2026")]
    card = scorecard(before, after, asked, portfolio=changed, plan=PLAN)
    curve = pd.DataFrame({"level": [0.1, 0.3, 0.5], "price": [2.0, 9.0, np.nan]})
    assumed = pd.DataFrame(
        {
            "name_vi": ["Giờ đi lại", "Giá bản sao"],
            "name_en": ["Travel", "Copies"],
            "low": [2.0, 1000.0],
            "high": [6.5, 5000.0],
            "saving_low": [80.0, 95.0],
            "saving_high": [130.0, 104.0],
        }
    )
    path = roadmap(base, PLAN, on=dt.date(2026, 1, 15)).trajectory(asked)
    return {
        "waterfall": figures.waterfall(effects(base, PLAN), "days", language=language),
        "tornado": figures.tornado(assumed, 100.0, "statutory_days", language=language),
        "heatmap": figures.heatmap(card.summary, language=language),
        "trajectory": figures.trajectory(path, language=language),
        "tradeoff": figures.tradeoff(curve, language=language),
        "before_after": figures.before_after(compare(before, after), language=language),
        "by": figures.before_after(
            compare(before, after, by="ministry"), "statutory_days", language=language
        ),
    }


@pytest.fixture(scope="module")
def charts() -> dict[str, figures.Figure]:
    return every()


# what stands in them ---------------------------------------------------------------------------


def test_the_waterfall_adds_up_to_what_the_plan_saves(charts):
    # 30 → 15 and 10 → 8 days: 15 + 2 = 17.
    rows = {row["label"]: row for row in data(charts["waterfall"])}
    assert [row["value"] for row in rows.values()] == [15.0, 2.0, 17.0]
    first, second, whole = rows.values()
    assert (first["start"], first["end"]) == (0.0, 15.0)
    assert (second["start"], second["end"]) == (15.0, 17.0)
    assert whole["label"] == "Toàn phương án"
    assert whole["kind"] == "total"
    assert whole["end"] == effects(portfolio(), PLAN).attrs["total"]["days"]


def test_a_waterfall_lumps_what_is_beyond_the_top(charts):
    frame = pd.DataFrame(
        {
            "name_vi": [f"CSDL {i}" for i in range(6)],
            "name_en": [f"Base {i}" for i in range(6)],
            "documents": [5.0, 4.0, 3.0, -2.0, 1.0, 0.0],
        }
    )
    rows = data(figures.waterfall(frame, "documents", top=2))
    assert [(row["label"], row["value"]) for row in rows] == [
        ("CSDL 0", 5.0),
        ("CSDL 1", 4.0),
        ("Các nội dung khác (3)", 2.0),
        ("Toàn phương án", 11.0),
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=1, max_size=20))
def test_each_bar_of_a_waterfall_begins_where_the_last_ends(saved):
    frame = pd.DataFrame({"name_vi": "A", "name_en": "A", "documents": saved})
    rows = data(figures.waterfall(frame, "documents"))
    bars = [row for row in rows if row.get("kind") in ("saving", "loss")]
    ends = [0.0, *(row["end"] for row in bars)]
    assert [row["start"] for row in bars] == ends[:-1]
    if bars:
        assert rows[-1]["value"] == pytest.approx(sum(saved), abs=1e-6)
        assert len({row["label"] for row in rows}) == len(rows)
    else:
        assert not any(saved)


def test_the_heatmap_says_verdict_and_value_in_words(charts):
    rows = data(charts["heatmap"])
    # 17 of 40 days are 42.5 %: the target of 30 % is met, that of 50 % is not.
    nation = {r["target_id"]: r for r in rows if r["group"] == "Toàn bộ danh mục"}
    assert nation["business_time_2025"]["text"] == "Đạt\n42,5 %"
    assert nation["business_time_2026"]["text"] == "Chưa đạt\n42,5 %"
    health = [r for r in rows if r["group"] == "Bộ Y tế"]
    assert [r["text"] for r in health] == ["Đạt\n50 %", "Đạt\n50 %"]
    assert len(rows) == 6


def test_the_trajectory_holds_the_values_of_the_roadmap(charts):
    path = roadmap(portfolio(), PLAN, on=dt.date(2026, 1, 15)).trajectory(
        [t for t in targets() if t.id == "business_time_2026"]
    )
    own = path[path["target_id"] == "business_time_2026"]
    drawn = figures.trajectory(path)
    rows = [row for row in data(drawn) if "month" in row]
    assert [row["value"] for row in rows] == pytest.approx(own["value"].tolist())
    assert [row["month"] for row in rows] == [day.isoformat() for day in own["month"]]
    assert {"goal": 0.5} in data(drawn)
    assert {"day": "2026-12-31"} in data(drawn)
    assert "Thời hạn 31/12/2026 (đường đứng): Chưa đạt" in spec(drawn)


def test_the_trade_off_leaves_out_and_counts_what_was_not_found(charts):
    rows = data(charts["tradeoff"])
    assert {(r["x"], r["rate"]) for r in rows} == {(2.0, 0.1), (9.0, 0.3)}
    assert "1 dòng chưa có số liệu" in spec(charts["tradeoff"])


def test_a_trade_off_takes_bounds_metrics_and_rates():
    bound = figures.tradeoff(
        pd.DataFrame({"level": [0.1, 0.2], "price": [2.0, 4.0], "relaxed": [1.0, 3.0]}), chosen=4
    )
    assert {r["series"] for r in data(bound) if "series" in r} == {
        "Phương án tìm được",
        "Cận dưới đã chứng minh",
    }
    assert {"x": 4.0} in data(bound)
    long = pd.DataFrame(
        {"metric": ["cost_vnd", "all"], "level": [0.1, 0.2], "price": [1, 2], "texts": [3, 4]}
    )
    drawn = figures.tradeoff(long, "texts", names={"all": "Mọi chỉ tiêu"})
    assert {(r["series"], r["x"]) for r in data(drawn)} == {
        ("Chi phí tuân thủ, mỗi thủ tục một lần", 3.0),
        ("Mọi chỉ tiêu", 4.0),
    }
    wide = pd.DataFrame({"price": [1.0, 2.0], "documents": [0.1, 0.2], "conditions": [0, np.nan]})
    assert len({r["series"] for r in data(figures.tradeoff(wide))}) == 2


def test_before_and_after_are_the_sums_of_the_comparison(charts):
    rows = [r for r in data(charts["before_after"]) if r["label"] == "Thời hạn giải quyết"]
    assert [(r["amount"], r["value"]) for r in rows] == [(40.0, 1.0), (23.0, 0.575)]
    assert rows[1]["text"] == "23 (giảm 42,5 %)"
    under = " ".join(charts["before_after"].to_dict()["title"]["subtitle"])
    assert under.startswith("Không vẽ được: Yêu cầu, điều kiện: giá trị trước bằng 0")
    assert "Chi phí tuân thủ một năm: không có thủ tục nào có đủ số liệu" in under
    by = {(r["label"], r["when"]): r["value"] for r in data(charts["by"])}
    assert by == {
        ("Bộ Y tế", "before"): 30.0,
        ("Bộ Y tế", "after"): 15.0,
        ("Bộ Công an", "before"): 10.0,
        ("Bộ Công an", "after"): 8.0,
    }


def test_the_tornado_puts_what_matters_most_first_and_writes_the_values(charts):
    rows = [r for r in data(charts["tornado"]) if "saving" in r]
    assert [r["label"] for r in rows[:4]] == ["Giờ đi lại"] * 2 + ["Giá bản sao"] * 2
    assert [r["saving"] for r in rows[:4]] == [80.0, 130.0, 95.0, 104.0]
    assert rows[1]["text"] == "130 (6,5)"
    assert {"base": 100.0} in data(charts["tornado"])


# what is missing, what is wrong ----------------------------------------------------------------


def test_nothing_to_draw_is_said_in_words(charts):
    base = portfolio()
    measures = measure(base)
    none = scorecard(measures, measures, [])
    plan = Plan([ShortenLimit("1.000001", days=15)])
    drawn = {
        "year": figures.waterfall(effects(base, plan), "cost_year_vnd"),
        "zero": figures.waterfall(effects(base, plan), "conditions"),
        "plan": figures.waterfall(effects(base, Plan()), "days"),
        "tornado": figures.tornado(
            pd.DataFrame(columns=["name_vi", "low", "high", "saving_low", "saving_high"]), 0.0
        ),
        "heatmap": figures.heatmap(none.summary),
        "trajectory": figures.trajectory(
            roadmap(base, plan, on=dt.date(2026, 1, 1)).trajectory(targets(2026)).iloc[:0]
        ),
        "tradeoff": figures.tradeoff(pd.DataFrame({"level": [0.1], "price": [np.nan]})),
        "by": figures.before_after(compare(measures, measures, by="ministry"), "cost_year_vnd"),
        "empty": figures.before_after(compare(measures.iloc[:0], measures.iloc[:0])),
    }
    for name, chart in drawn.items():
        (row,) = data(chart)
        assert set(row) == {"words"}, name
        assert row["words"].strip(), name
        assert figure_png(chart).startswith(PNG), name
    said = {name: " ".join(data(chart)[0]["words"].split()) for name, chart in drawn.items()}
    assert said["year"].endswith("1 TTHC chưa có số liệu, không nằm trong tổng.")
    assert said["zero"] == "Phương án không làm giảm chỉ tiêu này."


def test_a_table_of_another_kind_is_refused_with_every_column_it_lacks():
    for draw in (
        lambda: figures.waterfall(pd.DataFrame({"name_vi": []}), "days"),
        lambda: figures.heatmap(pd.DataFrame()),
        lambda: figures.trajectory(pd.DataFrame()),
        lambda: figures.tradeoff(pd.DataFrame({"level": []})),
        lambda: figures.before_after(pd.DataFrame()),
        lambda: figures.tornado(pd.DataFrame({"low": []}), 1.0),
    ):
        with pytest.raises(InvalidValue, match="thiếu cột") as caught:
            draw()
        assert all(fault.value for fault in caught.value.faults)
    with pytest.raises(InvalidValue) as caught:
        figures.tornado(pd.DataFrame({"low": []}), 1.0)
    assert len(caught.value.faults) == 4


def test_an_unknown_target_or_language_is_refused(charts):
    measures = measure(portfolio())
    card = scorecard(measures, measures, targets(2026))
    with pytest.raises(UnknownName, match="không có chỉ tiêu này"):
        figures.heatmap(card.summary, ["không có"])
    path = roadmap(portfolio(), Plan(), on=dt.date(2026, 1, 1)).trajectory(targets(2026))
    with pytest.raises(UnknownName, match="không theo dõi"):
        figures.trajectory(path, ["không có"])
    with pytest.raises(UnknownName, match="hai ngôn ngữ"):
        figures.heatmap(card.summary, language="fr")


# how they look ---------------------------------------------------------------------------------


def test_every_chart_becomes_a_picture(charts):
    for name, chart in charts.items():
        small, large = figure_png(chart, 1.0), figure_png(chart, 2.0)
        assert small.startswith(PNG), name
        width, wide = (int.from_bytes(png[16:20]) for png in (small, large))
        assert wide == pytest.approx(2 * width, abs=2), name
        assert 400 <= width <= 1100, name
    for scale in (0, -1, 9, True):
        with pytest.raises(InvalidValue, match="Độ phóng"):
            figure_png(charts["heatmap"], scale)


def test_vietnamese_words_come_out_whole_in_the_picture(charts):
    # Marks that become text, in letters of a font that has all of Vietnamese.
    drawn = figure_svg(charts["heatmap"])
    assert "Toàn bộ danh mục" in drawn
    assert "Chưa đạt" in drawn
    assert "42,5 %" in drawn
    assert "DejaVu Sans" in drawn


def test_numbers_and_words_follow_the_language(charts):
    english = every("en")
    for name, chart in english.items():
        assert chart.to_dict()["config"]["locale"]["number"]["decimal"] == "."
        assert charts[name].to_dict()["config"]["locale"]["number"]["decimal"] == ","
        assert title(chart) != title(charts[name]), name
        drawn = json.dumps(chart.to_dict()["title"], ensure_ascii=False)
        assert not re.search("[ăâđêôơưạảấầ]", drawn), name
    assert "Met\n42.5 %" in {r["text"] for r in data(english["heatmap"])}


def test_no_chart_reaches_for_the_network(charts):
    for name, chart in charts.items():
        made = chart.to_dict()
        made.pop("$schema")  # the name of the grammar, which nothing fetches
        assert "http" not in json.dumps(made), name
        links = set(re.findall(r"https?://[^\"' )]+", figure_svg(chart)))
        assert links <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, name


def test_colours_are_those_of_the_procedure_map(charts):
    used = set()
    for chart in charts.values():
        used |= set(re.findall(r"#[0-9A-Fa-f]{6}", spec(chart)))
    assert used <= set(COLOURS.values())


def test_charts_are_of_altair_and_hold_no_more_than_their_rows(charts):
    for chart in charts.values():
        assert isinstance(chart, alt.Chart | alt.LayerChart | alt.ConcatChart)
        assert "datasets" not in chart.to_dict()


@settings(max_examples=50)
@given(st.text(max_size=120), st.integers(5, 60), st.integers(1, 4))
def test_a_wrapped_name_keeps_to_its_lines(words, length, lines):
    made = wrapped(words, length, lines).split("\n")
    assert 1 <= len(made) <= lines
    assert all(len(line) <= length for line in made)


def test_wrapped_names_lose_nothing_when_they_fit():
    name = "Cơ sở dữ liệu nền tảng sổ sức khỏe điện tử"
    assert wrapped(name).replace("\n", " ") == name


@given(st.lists(st.sampled_from(["A", "B", "A (2)"])))
def test_unique_names_number_what_comes_again(names):
    made = unique(names)
    assert len(set(made)) == len(made) == len(names)
    assert all(one.startswith(name) for one, name in zip(made, names, strict=True))


def test_amounts_choose_their_unit():
    assert [money_unit(x)[1].vi for x in (5.0, 15_000.0, 2e7, 3e10, -3e10)] == [
        "đồng",
        "nghìn đồng",
        "triệu đồng",
        "tỷ đồng",
        "tỷ đồng",
    ]
    assert shown(-1234.5, "vi") == "−1.234,5"
