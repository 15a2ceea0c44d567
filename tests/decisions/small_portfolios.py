"""Small portfolios whose candidates can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd

from procsim.model.portfolio import Portfolio

__all__ = ["FINANCE", "HEALTH", "build", "clinic"]

HEALTH, FINANCE = "Bộ Y tế", "Bộ Tài chính"


def build(**tables: list[dict[str, Any]]) -> Portfolio:
    """Return a portfolio from rows; a row's procedure is the head of its id."""
    made = {}
    for name, rows in tables.items():
        own = [
            row if name == "procedures" else {"procedure": row["id"].split("/")[0], **row}
            for row in rows
        ]
        made[name] = pd.DataFrame(own)
    return Portfolio.from_tables(made)


def clinic(code: str = "1.000001", days: float = 10.0, **more: Any) -> dict[str, Any]:
    """Return the tables of one procedure with papers, channels, a fee, steps and conditions."""
    paper = {"case": f"{code}/c1", "kind": "document", "papers": 1.0, "relation": "one"}
    limit = {"limit_value": days, "limit_unit": "working_day"}
    return {
        "procedures": [
            {
                "id": code,
                "code": code,
                "name": "Cấp giấy phép hoạt động",
                "ministry": HEALTH,
                "field": "Khám bệnh",
                "levels": "province",
                "audience": "business",
                **more,
            }
        ],
        "cases": [{"id": f"{code}/c1"}],
        "requirements": [
            {**paper, "id": f"{code}/c1/r1", "name": "Đơn", "kind": "form", "originals": 1},
            {**paper, "id": f"{code}/c1/r2", "name": "Bằng cấp", "copies": 1, "certified": True},
            {**paper, "id": f"{code}/c1/r3", "name": "Hợp đồng thuê nhà", "copies": 1},
            {**paper, "id": f"{code}/c1/r4", "name": "Hợp đồng  thuê nhà.", "copies": 1},
        ],
        "channels": [
            {"id": f"{code}/k1", "method": "counter", **limit},
            {"id": f"{code}/k2", "method": "online", **limit},
        ],
        "fees": [
            {"id": f"{code}/k1/f1", "channel": f"{code}/k1", "kind": "phi", "amount_vnd": 1e6},
            {"id": f"{code}/k2/f1", "channel": f"{code}/k2", "kind": "phi", "amount_vnd": 1e6},
        ],
        "steps": [
            {"id": f"{code}/s{n}", "position": n, "actor": "office", "days": 2.0, "name": f"B{n}"}
            for n in range(1, 5)
        ],
        "flow": [
            {"id": f"{code}/s{n}-s{n + 1}", "before": f"{code}/s{n}", "after": f"{code}/s{n + 1}"}
            for n in range(1, 4)
        ],
        "conditions": [{"id": f"{code}/d1", "text": "Có đủ bác sĩ"}],
        "legal_bases": [
            {"id": f"{code}/l1", "number": "5/2023/TT-BYT", "rank": "thong_tu", "name": "Hồ sơ"},
            {"id": f"{code}/l2", "number": "96/2023/NĐ-CP", "rank": "nghi_dinh", "name": "Luật"},
            {"id": f"{code}/l3", "number": "59/2023/TT-BTC", "rank": "thong_tu",
             "name": "Mức thu phí, lệ phí"},
        ],
    }  # fmt: skip
