"""The Gantt chart: times counted by hand, and a drawing that says what it shows."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from xml.etree import ElementTree as ET

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.errors import InvalidValue, UnknownName
from procsim.measures.time import step_days
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from procsim.reports.map.diagram import to_png
from procsim.reports.map.gantt import gantt_frame, gantt_svg, longest_wait

KEY = "1.000001"
NAN = math.nan
SVG = "{http://www.w3.org/2000/svg}"


def procedure(
    steps: dict[str, float],
    flow: list[tuple[str, str]],
    papers: dict[str, float] | None = None,
    limit: float = NAN,
    **cells: object,
) -> Portfolio:
    """Return one procedure; steps and papers by name with days, or hours."""
    papers = papers or {}
    tables = {
        "procedures": {"id": [KEY], "name": ["Cấp phép"], "ministry": ["Bộ A"]},
        "channels": {"id": ["k1"], "procedure": KEY, "method": "counter",
                     "limit_value": [limit], "limit_unit": "working_day"},
        "steps": {"id": list(steps), "procedure": KEY, "position": range(len(steps)),
                  "name": [f"Bước {own}" for own in steps], "actor": "office",
                  "days": list(steps.values()), **cells},
        "flow": {"id": [f"{a}-{b}" for a, b in flow], "procedure": KEY,
                 "before": [a for a, _ in flow], "after": [b for _, b in flow]},
        "requirements": {"id": list(papers), "procedure": KEY, "case": "c1", "kind": "document",
                         "position": range(len(papers)), "name": list(papers),
                         "hours": list(papers.values())},
    }  # fmt: skip
    return Portfolio.from_tables(
        {name: pd.DataFrame(rows, index=pd.RangeIndex(len(rows["id"]))) for name, rows in
         tables.items()}
    )  # fmt: skip


# Receipt 1 day, then appraisal 5 days beside an opinion of 3 days, then the answer, unstated.
STEPS = {"s1": 1.0, "s2": 5.0, "s3": 3.0, "s4": NAN}
FLOW = [("s1", "s2"), ("s1", "s3"), ("s2", "s4"), ("s3", "s4")]
FIGURES = parameters(working_hours_per_day=8)


def test_times_slack_and_critical_path_by_hand():
    portfolio = procedure(STEPS, FLOW, {"Giấy 1": 4.0, "Giấy 2": 2.0}, limit=10)
    made = gantt_frame(portfolio, KEY, parameters=FIGURES).set_index("id")
    # papers: 4 h and 2 h of days of 8 h, the last done when the dossier is handed in
    assert made.loc["Giấy 1", ["start", "finish"]].tolist() == [-0.75, -0.25]
    assert made.loc["Giấy 2", ["start", "finish"]].tolist() == [-0.25, 0]
    times = made.loc[list(STEPS), ["start", "finish", "slack", "critical", "stated"]]
    assert times.to_numpy().tolist() == [
        [0, 1, 0, True, True],
        [1, 6, 0, True, True],
        [1, 4, 2, False, True],  # may take two days more beside s2
        [6, 6, 0, True, False],  # on the path, its own time not known
    ]
    limit = made.loc[f"{KEY}/limit"]
    assert (limit["finish"], limit["slack"], limit["critical"]) == (10, 4, False)
    assert set(made["state"]) == {"kept"}


def test_the_longest_wait_is_named_with_its_share():
    frame = gantt_frame(procedure(STEPS, FLOW, limit=10), KEY)
    wait = longest_wait(frame)
    assert (wait.id, wait.days, wait.share, wait.steps, wait.limit) == ("s2", 5, 5 / 6, 6, 10)
    svg = gantt_svg(procedure(STEPS, FLOW, limit=10), KEY)
    assert "Chờ lâu nhất: bước “2. Bước s2” – 5 ngày làm việc (83 % thời gian các bước)." in svg
    assert "Các bước nêu 6 ngày, thời hạn giải quyết 10 ngày: 4 ngày làm việc" in svg
    english = gantt_svg(procedure(STEPS, FLOW, limit=4), KEY, language="en")
    assert "The longest wait: step “2. Bước s2” – 5 working days (83 %" in english
    assert "The steps state 6 days, more than the time limit of 4 working days" in english


def test_a_longer_step_beside_the_path_is_not_the_longest_wait():
    # s2 → s3 take 3 + 3 days, s4 beside them 5: it holds nothing up
    steps = {"s1": 1.0, "s2": 3.0, "s3": 3.0, "s4": 5.0}
    frame = gantt_frame(procedure(steps, [("s1", "s2"), ("s2", "s3"), ("s1", "s4")]), KEY)
    assert longest_wait(frame).id == "s2"


def test_before_and_after_name_what_the_plan_did():
    before = procedure(STEPS, FLOW, {"A": 4.0, "B": 4.0}, limit=10)
    after = procedure(
        {"s1": 1.0, "s2": 2.0, "s4": NAN, "s9": 1.0},
        [("s1", "s2"), ("s2", "s4"), ("s4", "s9")],
        {"A": 4.0},
        limit=5,
    )
    made = gantt_frame(before, KEY, after, parameters=FIGURES)
    states = made.drop_duplicates("id", keep="last").set_index("id")["state"].to_dict()
    assert states == {
        "A": "kept", "B": "removed", "s1": "kept", "s2": "changed", "s3": "removed",
        "s4": "kept", "s9": "added", f"{KEY}/limit": "changed",
    }  # fmt: skip
    assert longest_wait(made, "after").days == 2
    svg = gantt_svg(before, KEY, after)
    assert "Sau phương án, chờ lâu nhất: bước “2. Bước s2” – 2 ngày làm việc (50 %" in svg
    tree = ET.fromstring(svg)
    groups = {g.get("data-task"): g for g in tree.iter(f"{SVG}g") if g.get("data-task")}
    assert set(groups) == set(states)
    assert "removed" in groups["s3"].get("class")
    assert any(t.get("text-decoration") == "line-through" for t in groups["s3"].iter(f"{SVG}text"))
    frames = [r for r in groups["s2"].iter(f"{SVG}rect") if r.get("class") == "frame"]
    assert len(frames) == 1


def test_an_equal_plan_repeats_no_sentence_and_an_abolished_procedure_keeps_its_steps_struck():
    portfolio = procedure(STEPS, FLOW)
    assert "Sau phương án" not in gantt_svg(portfolio, KEY, portfolio)
    gone = portfolio.replace(procedures=portfolio.procedures.assign(status="abolished"))
    frame = gantt_frame(portfolio, KEY, gone)
    assert set(frame["state"]) == {"removed"}
    assert "Sau phương án, thủ tục không còn bước nào." in gantt_svg(portfolio, KEY, gone)


def test_a_step_without_days_has_no_length_and_a_dotted_stub():
    portfolio = procedure({"s1": NAN, "s2": NAN}, [("s1", "s2")], limit=7)
    frame = gantt_frame(portfolio, KEY)
    steps = frame[frame["lane"] == "steps"]
    assert steps["days"].isna().all()
    assert (steps["finish"] == 0).all()
    assert not steps["critical"].any()
    svg = gantt_svg(portfolio, KEY)
    assert "Không bước nào nêu thời gian" in svg
    tree = ET.fromstring(svg)
    [task] = [g for g in tree.iter(f"{SVG}g") if g.get("data-task") == "s1"]
    [bar] = [r for r in task.iter(f"{SVG}rect") if r.get("class") == "bar"]
    assert bar.get("stroke-dasharray") == "2 4"
    assert "không nêu thời gian" in "".join(task.itertext())


def test_the_critical_path_is_marked_not_by_colour_alone():
    tree = ET.fromstring(gantt_svg(procedure(STEPS, FLOW), KEY))
    tasks = {g.get("data-task"): g for g in tree.iter(f"{SVG}g") if g.get("data-task")}
    marked = {own for own, g in tasks.items() if g.find(f"{SVG}polygon") is not None}
    assert marked == {"s1", "s2", "s4"}
    for own, task in tasks.items():
        bold = any(t.get("font-weight") == "bold" for t in task.iter(f"{SVG}text"))
        assert bold is (own in marked)


def test_the_axis_has_the_dates_of_the_calendar():
    svg = gantt_svg(procedure(STEPS, FLOW), KEY, handed_in=dt.date(2026, 2, 10))
    texts = ["".join(t.itertext()) for t in ET.fromstring(svg).iter(f"{SVG}text")]
    # days 0–6: 10, 11, 12, 13/02, then Tết, 23, 24, 25/02
    dates = [text for text in texts if len(text) == 5 and text[2] == "/"]
    assert dates == ["10/02", "11/02", "12/02", "13/02", "23/02", "24/02", "25/02"]
    assert "Ngày nghỉ trong thời gian này: 16/02–20/02 Tết Nguyên đán." in texts
    sunday = gantt_svg(procedure(STEPS, FLOW), KEY, handed_in=dt.date(2026, 2, 15))
    assert "kể từ ngày tiếp nhận 23/02/2026" in sunday


def test_steps_without_sequence_and_separate_chains_are_said():
    assert "giả định làm lần lượt theo số thứ tự" in gantt_svg(procedure(STEPS, []), KEY)
    two = gantt_svg(procedure(STEPS, [("s1", "s2"), ("s3", "s4")]), KEY)
    assert "Các bước gồm 2 chuỗi tách rời" in two


def test_names_are_escaped_and_converted_days_show_their_text():
    portfolio = procedure(
        {"s1": 30 / 7}, [], {'Giấy <b>"A" & B</b>': 1.0}, days_text="06 ngày", actor="applicant"
    )
    svg = gantt_svg(portfolio, KEY)
    assert "Giấy &lt;b&gt;" in svg
    assert "4,3 ngày làm việc (06 ngày)" in svg
    assert ET.fromstring(svg).tag == f"{SVG}svg"


def test_nothing_to_draw_is_drawn_as_nothing():
    svg = gantt_svg(procedure({}, []), KEY)
    assert "Nguồn không nêu các bước thực hiện của thủ tục này." in svg
    assert "Chú giải" not in svg
    assert gantt_frame(procedure({}, []), KEY).empty


def test_a_picture_is_made_of_it():
    svg = gantt_svg(procedure(STEPS, FLOW), KEY, width=100)
    assert to_png(svg, 700)[:4] == b"\x89PNG"
    assert svg == gantt_svg(procedure(STEPS, FLOW), KEY, width=700)


def test_what_cannot_be_drawn_is_refused():
    portfolio = procedure(STEPS, [*FLOW, ("s4", "s1")])
    with pytest.raises(InvalidValue, match="thành vòng"):
        gantt_frame(portfolio, KEY)
    with pytest.raises(UnknownName):
        gantt_frame(portfolio, "9.999999")


@st.composite
def networks(draw: st.DrawFn) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Return steps with days and a flow without circles."""
    days = draw(st.lists(st.sampled_from([NAN, 0.0, 1.0, 2.5, 5.0]), min_size=1, max_size=6))
    steps = {f"s{i}": value for i, value in enumerate(days)}
    names = list(steps)
    pairs = [(a, b) for i, b in enumerate(names) for a in names[:i]]
    return steps, [pair for pair in pairs if draw(st.booleans())]


@settings(max_examples=40, deadline=None)
@given(networks())
def test_times_agree_with_networkx(made):
    steps, flow = made
    portfolio = procedure(steps, flow)
    frame = gantt_frame(portfolio, KEY).set_index("id")
    length = {own: 0.0 if math.isnan(days) else days for own, days in steps.items()}
    graph = nx.DiGraph(flow or list(pairwise(steps)))  # nothing related: one after the other
    graph.add_nodes_from(steps)

    def longest(own: str, following: bool) -> float:
        around = graph.successors(own) if following else graph.predecessors(own)
        return length[own] + max((longest(other, following) for other in around), default=0.0)

    whole = max(longest(own, following=False) for own in steps)
    for own in steps:
        finish = longest(own, following=False)
        through = finish + longest(own, following=True) - length[own]
        assert frame.loc[own, "finish"] == pytest.approx(finish)
        assert frame.loc[own, "slack"] == pytest.approx(whole - through)
        assert frame.loc[own, "critical"] == (whole > 0 and through == pytest.approx(whole))
    stated = step_days(portfolio).iloc[0]
    assert math.isnan(stated) or frame["finish"].max() == pytest.approx(stated)
