from __future__ import annotations

import gc
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

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
