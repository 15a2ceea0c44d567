from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.measures import measure
from procsim.measures.base import base_rows
from procsim.measures.table import condition_counts, conditions
from procsim.reference import parameters
from tests.benchmarks.plain import measure_plain, records
from tests.benchmarks.remeasure import main, reformed
from tests.benchmarks.synthetic import ROWS, STEPS, synthetic


def test_tables_and_a_networkx_loop_agree_on_300_procedures():
    rng = np.random.default_rng(7)
    p = parameters()
    before = synthetic(300, rng=rng)
    assert len(before.steps) == 300 * STEPS
    assert len(before.requirements) == 300 * ROWS
    for portfolio in (before, reformed(before, rng)):
        made = measure(portfolio, p)
        wanted = pd.DataFrame([measure_plain(r, p) for r in records(portfolio)], index=made.index)
        assert wanted.notna().any().all()
        for column in wanted.columns:
            np.testing.assert_allclose(
                made[column].to_numpy(dtype=float), wanted[column].to_numpy(dtype=float), rtol=1e-9
            )


def test_a_reform_changes_the_papers_and_not_the_base_case():
    rng = np.random.default_rng(8)
    before = synthetic(100, rng=rng)
    after = reformed(before, rng)
    assert (base_rows(before) == base_rows(after)).all()
    first, then = measure(before), measure(after)
    assert then["documents"].sum() < first["documents"].sum()
    pd.testing.assert_series_equal(first["statutory_days"], then["statutory_days"])


def test_texts_that_arrow_does_not_hold_give_the_same_figures():
    made = synthetic(60, rng=np.random.default_rng(4))
    texts = {
        name: table.astype({c: object for c in table if table[c].dtype not in (float, int, bool)})
        for name, table in made.tables.items()
    }
    loose = made.exchange(**texts)
    assert loose.requirements["kind"].dtype == object
    wanted = measure(made)
    found = measure(loose)
    for column in wanted:
        assert found[column].astype(object).equals(wanted[column].astype(object)), column


def test_conditions_by_status_add_up():
    made = synthetic(50, rng=np.random.default_rng(9))
    counts = condition_counts(made)
    assert counts.to_numpy().sum() == len(made.conditions)
    pd.testing.assert_series_equal(counts["kept"].rename("conditions"), conditions(made))


def test_the_benchmark_prints_its_table(capsys):
    main(20, 1)
    out = capsys.readouterr().out
    assert "ratio loop" in out
    assert "20 procedures, 240 steps" in out
