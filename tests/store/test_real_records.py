"""The real records go through the store: equal, shared between versions, quick to edit."""

from __future__ import annotations

import time

import numpy as np
import pytest

from procsim.model import Portfolio
from procsim.readers import read
from procsim.store import Cell, EditCells, Store
from tests.shared import SHARED, needs_shared
from tests.store.building import NINE

LAN = {"who": "Lan", "at": NINE}


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return read(SHARED / "portal")


@needs_shared
def test_real_records_come_back_equal_and_an_edit_is_small(portfolio, tmp_path):
    path = tmp_path / "procsim.db"
    with Store(path) as store:
        begun = time.perf_counter()
        project = store.create("Thật", portfolio, **LAN)
        whole = time.perf_counter() - begun
        opened = store.open(project.id)
        assert opened.portfolio.equals(portfolio)
        assert opened.portfolio.faults == portfolio.faults
    size = path.stat().st_size
    with Store(path) as store:
        project = store.open(project.id)
        took = []
        for row in portfolio.procedures.index[::200]:
            begun = time.perf_counter()
            project = project.act(EditCells([Cell("procedures", row, "name", "Tên mới")]), **LAN)
            took.append(time.perf_counter() - begun)
        assert len(project.versions()) == 1 + len(took)
    # Ten edits: far less than a copy each, in time and in bytes.
    assert np.median(took) < whole / 3
    assert path.stat().st_size - size < size / 2
