from __future__ import annotations

import gc
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import procsim as ps
from procsim.errors import InvalidValue
from procsim.measures.time import channel_days, levels, statutory_days, statutory_why, step_days
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from tests.benchmarks.synthetic import synthetic

PROCEDURES = pd.DataFrame({"id": ["1.000001", "1.000002"], "name": "A", "ministry": "B"})


def steps(edges: list[tuple[str, str]], owner: dict[str, str] | None = None) -> Portfolio:
    names = sorted({name for edge in edges for name in edge})
    owner = owner or {}
    return Portfolio.from_tables(
        {
            "procedures": PROCEDURES,
            "steps": pd.DataFrame(
                {"id": names, "procedure": [owner.get(n, "1.000001") for n in names], "days": 1.0}
            ),
            "flow": pd.DataFrame(
                {
                    "id": [f"{a}-{b}" for a, b in edges],
                    "procedure": [owner.get(a, "1.000001") for a, _ in edges],
                    "before": [a for a, _ in edges],
                    "after": [b for _, b in edges],
                }
            ),
        }
    )


def test_a_circle_is_named_step_by_step():
    made = steps([("s1", "s2"), ("s2", "s3"), ("s3", "s4"), ("s4", "s2"), ("s4", "s5")])
    with pytest.raises(InvalidValue) as stop:
        levels(made)
    (fault,) = stop.value.faults
    assert fault.code == "model.cycle"
    assert fault.place == "flow › 1.000001"
    assert sorted(set(fault.value.split(" → "))) == ["s2", "s3", "s4"]
    assert "thành vòng" in fault.message.vi
    assert "circle" in fault.message.en
    words = fault.value.split(" → ")
    assert words[0] == words[-1]
    edges = set(zip(made.flow["before"], made.flow["after"], strict=True))
    assert set(pairwise(words)) <= edges


def test_circles_of_all_procedures_are_named_at_once():
    made = steps([("a", "a"), ("b", "c"), ("c", "b")], {"b": "1.000002", "c": "1.000002"})
    with pytest.raises(InvalidValue) as stop:
        levels(made)
    assert step_days(made).isna().all()
    assert [fault.place for fault in stop.value.faults] == ["flow › 1.000001", "flow › 1.000002"]
    assert stop.value.faults[0].value == "a → a"


def test_relations_across_procedures_and_dangling_ones_are_left_out():
    made = steps([("a", "b"), ("b", "a2"), ("a2", "gone")], {"a2": "1.000002"})
    made = made.replace(steps=made.steps.drop(index="gone"))
    assert step_days(made).tolist() == [2.0, 1.0]


def test_levels_are_kept_while_the_flow_is_the_same_and_forgotten_with_it():
    rng = np.random.default_rng(3)
    made = synthetic(20, rng=rng)
    known = levels(made)
    changed = made.replace(steps=made.steps.assign(days=2.0))
    assert levels(changed) is known
    shorter = made.replace(flow=made.flow.iloc[:-5])
    assert levels(shorter) is not known
    del known, changed, shorter
    gc.collect()
    assert step_days(made).notna().any()


def test_days_that_no_step_states_are_missing():
    made = steps([("a", "b")])
    made = made.replace(steps=made.steps.assign(days=np.nan))
    assert step_days(made).isna().all()
    assert step_days(made).index.equals(made.procedures.index)


def test_a_negative_limit_is_no_limit_and_says_so():
    made = Portfolio.from_tables(
        {
            "procedures": PROCEDURES,
            "channels": pd.DataFrame(
                {
                    "id": ["k1", "k2"],
                    "procedure": ["1.000001", "1.000002"],
                    "limit_value": [-3.0, 0.0],
                    "limit_unit": "working_day",
                }
            ),
        }
    )
    assert channel_days(made).isna().tolist() == [True, False]
    assert statutory_days(made)["1.000002"] == 0
    assert statutory_why(made).tolist() == ["invalid_input", ""]


def test_hours_of_a_day_of_zero_give_no_days():
    made = Portfolio.from_tables(
        {
            "procedures": PROCEDURES.iloc[:1],
            "channels": pd.DataFrame(
                {"id": ["k"], "procedure": "1.000001", "limit_value": 4.0, "limit_unit": "hour"}
            ),
        }
    )
    assert statutory_days(made, parameters(working_hours_per_day=0)).isna().all()


# Steps with an order and no flow


def listed(*steps: tuple[int, float], flow: tuple[tuple[int, int], ...] = ()) -> Portfolio:
    """Return a procedure of steps with position and days; pairs of the flow by row from 1."""
    return Portfolio.from_tables(
        {
            "procedures": PROCEDURES.iloc[:1],
            "steps": [
                {"id": f"1.000001/s{n}", "procedure": "1.000001", "position": place, "days": days}
                for n, (place, days) in enumerate(steps, start=1)
            ],
            "flow": [
                {
                    "id": f"{a}{b}",
                    "procedure": "1.000001",
                    "before": f"1.000001/s{a}",
                    "after": f"1.000001/s{b}",
                }
                for a, b in flow
            ],
        }
    )


S1, S2, S3 = (f"1.000001/s{n}" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("made", "days", "assumed", "noted"),
    [
        (listed((1, 1), (2, 5), (3, 3)), 9, 1, True),  # one after the other
        (listed((3, 3), (1, 1), (2, 5)), 9, 1, True),  # the number counts, not the row
        (listed((0, 1), (0, 5), (0, 3)), 9, 1, True),  # no number: as they stand
        (listed((1, 1), (1, 5), (1, 3)), 5, 0, False),  # one number: side by side
        (listed((1, 1), (2, 5), (2, 7), (3, 3)), 11, 1, True),  # 1 + max(5, 7) + 3
        (listed((1, 1), (2, 5), (2, 7), (3, 3), (3, 4)), 12, 1, True),
        (listed((1, 1), (2, np.nan), (3, 3)), 4, 1, True),
        (listed((1, 4), (2, np.nan)), 4, 0, True),  # the figure does not rest on the order
        (listed((1, 4)), 4, 0, False),
        (listed((1, 1), (2, 5), (3, 3), flow=((1, 2),)), 6, 0, False),  # stated: 3 by itself
    ],
)
def test_steps_that_nothing_relates_follow_one_another(made, days, assumed, noted):
    row = ps.measure(made).iloc[0]
    assert (row["step_days"], row["step_days_why"], row["step_days_assumed"]) == (days, "", assumed)
    notes = [fault for fault in ps.check(made) if fault.code == "model.order_assumed"]
    assert [note.severity for note in notes] == ["note"] * noted


@pytest.mark.parametrize("door", ["folder", "workbook"])
def test_every_door_assumes_the_same_order(tmp_path, door):
    made = listed((1, 1), (2, 5), (3, 3))
    path = tmp_path / ("a" if door == "folder" else "a.xlsx")
    (ps.write_folder if door == "folder" else ps.write_workbook)(made, path)
    read = ps.read(path)
    assert step_days(read).tolist() == [9]
    assert len(read.flow) == 0  # assumed when measured, not written into the data


@pytest.mark.parametrize(
    ("reform", "days", "assumed"),
    [
        (ps.ParallelSteps(S1, (S2,)), 8, 0),  # max(1, 5) + 3
        (ps.ParallelSteps(S1, (S2, S3)), 5, 0),
        (ps.DropStep(S2), 4, 1),
        (ps.MergeSteps(S1, (S2,), days=2), 5, 1),
        (ps.ShortenStep(S2, days=2), 6, 1),
    ],
)
def test_reforms_start_from_the_assumed_order(tmp_path, reform, days, assumed):
    base = listed((1, 1), (2, 5), (3, 3))
    after = ps.apply(base, ps.Plan([reform]))
    row = ps.measure(after).iloc[0]
    assert (row["step_days"], row["step_days_assumed"]) == (days, assumed)
    assert ps.conflicts(base, ps.Plan([reform])) == []
    ps.write_folder(after, tmp_path / "a")
    assert step_days(ps.read(tmp_path / "a")).tolist() == [days]


def test_the_graph_says_which_order_is_assumed():
    graph = listed((1, 1), (2, 5))["1.000001"].graph
    assert graph.edges[S1, S2, "precedes"]["mark"] == "giả định"
    stated = listed((1, 1), (2, 5), flow=((1, 2),))["1.000001"].graph
    assert "mark" not in stated.edges[S1, S2, "precedes"]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (listed(), "no_steps"),
        (listed((1, np.nan), (2, np.nan)), "no_step_days"),
        (listed((1, 2), (2, 3), flow=((1, 2), (2, 1))), "step_circle"),
        (listed((1, -2)), "invalid_input"),
    ],
)
def test_days_of_steps_that_are_missing_say_why(made, why):
    row = ps.measure(made).iloc[0]
    assert np.isnan(row["step_days"])
    assert row["step_days_why"] == why


def test_every_figure_that_is_missing_has_its_reason():
    portfolio = ps.load_sample()
    half = portfolio.procedures.assign(times_per_year=2.0, subjects_per_year=np.nan)
    half.loc[half.index[:5], "subjects_per_year"] = 10.0
    half.loc[half.index[5], "times_per_year"] = np.nan
    measures = ps.measure(portfolio.replace(procedures=half))
    assert measures["dossiers_why"].iloc[[0, 5, 6]].tolist() == ["", "no_volume", "no_subjects"]
    whys = {
        "statutory_days": ["statutory_why"], "step_days": ["step_days_why"],
        "conditions": ["conditions_why"], "dossiers_per_year": ["dossiers_why"],
        "assumed_share": ["assumed_why"], "cost_year_vnd": ["cost_why", "dossiers_why"],
        "cost_expected_year_vnd": ["cost_why", "dossiers_why"],
    }  # fmt: skip
    for name in measures.select_dtypes("float").columns:
        group = "cost_why" if name.endswith("vnd") else "documents_why"
        told = (measures[whys.get(name, [group])] != "").any(axis=1)
        assert told[measures[name].isna()].all(), name
