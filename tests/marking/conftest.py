"""A small portfolio in our own words, and the table of rows a lawyer can read."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from procsim.model.portfolio import Portfolio

ROWS = list(
    csv.DictReader(
        (Path(__file__).parent / "data" / "rows.csv").read_text(encoding="utf-8").splitlines()
    )
)


def build(names, *, case="", procedure="Cấp thẻ hội viên", quantity=1, **tables):
    """Return a portfolio with one procedure, one case and these dossier rows."""
    requirements = pd.DataFrame(
        {
            "id": [f"1.000001/c1/r{i}" for i in range(1, len(names) + 1)],
            "procedure": "1.000001",
            "case": "1.000001/c1",
            "position": range(1, len(names) + 1),
            "name": names,
            "originals": quantity,
        }
    )
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                [
                    {
                        "id": "1.000001",
                        "code": "1.000001",
                        "name": procedure,
                        "ministry": "Bộ Thử nghiệm",
                    }
                ]
            ),
            "cases": pd.DataFrame(
                [{"id": "1.000001/c1", "procedure": "1.000001", "position": 1, "name": case}]
            ),
            "requirements": requirements,
            **tables,
        }
    )


@pytest.fixture(scope="session")
def table():
    return ROWS
