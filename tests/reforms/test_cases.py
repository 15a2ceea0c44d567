"""The cases in ``tests/cases/reforms``: dossier and reform given, result expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from procsim.errors import InvalidValue
from procsim.measures.documents import official_count
from procsim.model.portfolio import Portfolio
from procsim.reforms import KINDS, Plan, apply, conflicts
from tests.reforms.small import P, portfolio

FOLDER = Path(__file__).resolve().parents[1] / "cases" / "reforms"
CASES = [
    pytest.param(case, id=f"{path.stem}-{case['truong_hop']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
REQUIREMENT = {
    "ten": "name",
    "loai": "kind",
    "giay_to": "types",
    "quan_he": "relation",
    "so_giay": "papers",
    "ban_chinh": "originals",
    "ban_sao": "copies",
    "chung_thuc": "certified",
    "da_thay": "replaced",
    "do_phu": "coverage",
    "nguon_do_phu": "coverage_mark",
    "thay_bang": "replaced_by",
    "trang_thai": "status",
}
CHANNEL = {
    "thoi_han": "limit_value",
    "don_vi": "limit_unit",
    "ghi": "limit_text",
    "nguon": "limit_mark",
}
FEE = {"cach_nop": "channel", "muc_thu": "amount_vnd", "ghi": "amount_text", "nguon": "mark"}
TABLES = {
    "r": ("requirements", REQUIREMENT, f"{P}/c1/"),
    "k": ("channels", CHANNEL, f"{P}/"),
    "f": ("fees", FEE, f"{P}/"),
}


def full_id(short: Any) -> Any:
    """Return the id that ``r1``, ``k1`` or ``f1`` stands for."""
    is_short = isinstance(short, str) and short[:1] in TABLES and short[1:].isdigit()
    return TABLES[short[0]][2] + short if is_short else short


def build(case: dict[str, Any]) -> Portfolio:
    """Return the portfolio that a case describes."""
    rows = {
        key: [{names[k]: full_id(v) for k, v in row.items()} for row in case.get(key, ())]
        for key, names in (("ho_so", REQUIREMENT), ("cach_nop", CHANNEL), ("phi", FEE))
    }
    return portfolio(rows["ho_so"], rows["cach_nop"], rows["phi"])


@pytest.mark.parametrize("case", CASES)
def test_case_comes_out_as_written(case: dict[str, Any]):
    before = build(case)
    plan = Plan(
        KINDS[entry["kind"]](**{k: full_id(v) for k, v in entry.items() if k != "kind"})
        for entry in case["de_xuat"]
    )
    if "truoc" in case:
        assert official_count(before).sum() == case["truoc"]
    if "loi" in case:
        with pytest.raises(InvalidValue) as error:
            apply(plan, before)
        assert [fault.code for fault in error.value.faults] == case["loi"]
        return
    after = apply(plan, before)
    if "con_tinh" in case:
        active = after.procedures["status"].eq("active").all()
        assert (official_count(after).sum() if active else 0) == case["con_tinh"]
    for short, cells in case["ket_qua"].items():
        if short == "thu_tuc":
            assert after.procedures.at[P, "status"] == cells
            continue
        name, columns, _ = TABLES[short[0]]
        for key, wanted in cells.items():
            cell = getattr(after, name).at[full_id(short), columns[key]]
            if wanted == "trong":
                assert pd.isna(cell)
            else:
                assert cell == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)
    found = [f.code for f in conflicts(plan, before)]
    assert found == case.get("xung_dot", [])
