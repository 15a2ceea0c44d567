"""The real records, read once for the tests of this room."""

from __future__ import annotations

import pytest

from procsim.model.portfolio import Portfolio
from procsim.readers import read
from tests.shared import SHARED


@pytest.fixture(scope="session")
def records() -> Portfolio:
    return read(SHARED / "portal" / "procedures.jsonl.gz")
