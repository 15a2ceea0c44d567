"""Small portfolios, officers and moments for the tests of the store."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pandas as pd

from procsim.model import Portfolio

__all__ = ["HOUR", "NINE", "small"]

NINE = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
HOUR = dt.timedelta(hours=1)


@cache
def small() -> Portfolio:
    """Return two procedures with a dossier row and a way of submission each."""
    ids = ["1.000001", "1.000002"]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": ids, "code": ids, "name": ["Cấp thẻ", "Cấp giấy phép"], "ministry": "Bộ A"}
            ),
            "cases": pd.DataFrame({"id": [f"{i}/c1" for i in ids], "procedure": ids}),
            "channels": pd.DataFrame(
                {
                    "id": [f"{i}/k1" for i in ids],
                    "procedure": ids,
                    "method": "online",
                    "limit_value": [7.0, None],
                    "limit_unit": ["day", ""],
                }
            ),
            "requirements": pd.DataFrame(
                {
                    "id": [f"{i}/c1/r1" for i in ids],
                    "procedure": ids,
                    "case": [f"{i}/c1" for i in ids],
                    "name": ["Giấy khai sinh", "Phiếu lý lịch tư pháp số 1"],
                    "kind": "document",
                }
            ),
        },
        source="thử",
    )
