"""The cases in ``tests/cases/reforms``: procedure and reforms given, result expected.

The words of the files stand in `COLUMNS` (tables and their columns) and
`MEASURES` (figures of `procsim.measure`). Short ids are those of the file: t1,
t2 … for procedures, r1 … requirements, k1 … channels, f1 … fees, s1 … steps,
d1 … conditions, each numbered through the whole case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from procsim.errors import InvalidValue
from procsim.marking import mark
from procsim.measures import measure
from procsim.measures.table import official_count
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters
from procsim.reforms import KINDS, Plan, apply, conflicts, resolution_66_7
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
    "co_dieu_kien": "conditional",
    "ty_le_nop": "share_needed",
    "ty_le_co_san": "share_held",
    "nhom": "applicant_group",
    "da_thay": "replaced",
    "do_phu": "coverage",
    "nguon_do_phu": "coverage_mark",
    "thay_bang": "replaced_by",
    "trang_thai": "status",
}
CHANNEL = {
    "cach": "method",
    "ty_le": "share",
    "thoi_han": "limit_value",
    "don_vi": "limit_unit",
    "ghi": "limit_text",
    "nguon": "limit_mark",
}
FEE = {"cach_nop": "channel", "muc_thu": "amount_vnd", "ghi": "amount_text", "nguon": "mark"}
PROCEDURE = {
    "so_lan": "times_per_year",
    "so_doi_tuong": "subjects_per_year",
    "cap": "levels",
    "co_quan": "agency",
    "truc_tuyen": "online",
    "phi_dia_gioi": "boundary_free",
    "trang_thai": "status",
}
STEP = {"ngay": "days", "trang_thai": "status"}
CONDITION = {"noi_dung": "text", "trang_thai": "status"}
# Section of a case: table, letter of its short ids, words of its columns.
COLUMNS: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "thu_tuc": ("procedures", "t", PROCEDURE),
    "ho_so": ("requirements", "r", REQUIREMENT),
    "cach_nop": ("channels", "k", CHANNEL),
    "phi": ("fees", "f", FEE),
    "buoc": ("steps", "s", STEP),
    "dieu_kien": ("conditions", "d", CONDITION),
}
TABLES = {letter: (table, words) for table, letter, words in COLUMNS.values()}
MEASURES = {
    "thoi_han": "statutory_days",
    "ngay_theo_buoc": "step_days",
    "giay_to": "documents",
    "giay_to_ky_vong": "documents_expected",
    "dieu_kien": "conditions",
    "phi": "fees_vnd",
    "chi_phi": "cost_vnd",
    "chi_phi_ky_vong": "cost_expected_vnd",
    "ho_so_nam": "dossiers_per_year",
    "chi_phi_nam": "cost_year_vnd",
}


@dataclass(frozen=True)
class Given:
    """What a case describes, as a portfolio, with its short ids."""

    case: Mapping[str, Any]

    def full_id(self, short: Any) -> Any:
        """Return the id that ``r1``, ``k1``, ``t1`` … stands for, in a list too."""
        if isinstance(short, list):
            return [self.full_id(item) for item in short]
        if not (isinstance(short, str) and short[:1] in TABLES and short[1:].isdigit()):
            return short
        letter, number = short[0], int(short[1:])
        if letter == "t":
            return f"1.{number:06d}"
        section = next(name for name, (_, mine, _) in COLUMNS.items() if mine == letter)
        rows = self.case.get(section, ())
        owner = rows[number - 1].get("thu_tuc", "t1") if number <= len(rows) else "t1"
        return f"{self.full_id(owner)}/{'c1/' if letter == 'r' else ''}{short}"

    def rows(self, section: str) -> list[dict[str, Any]]:
        """Return the rows of a section with the columns of the model."""
        words = {"thu_tuc": "procedure", **COLUMNS[section][2]}
        return [
            {words[word]: self.full_id(cell) for word, cell in row.items()}
            for row in self.case.get(section, ())
        ]

    def portfolio(self) -> Portfolio:
        """Return the portfolio that the case describes."""
        joins = (join.split("-") for join in self.case.get("noi", ()))
        return portfolio(
            self.rows("ho_so"),
            self.rows("cach_nop"),
            self.rows("phi"),
            self.rows("thu_tuc") or [{}],
            self.rows("buoc"),
            [(int(before[1:]), int(after[1:])) for before, after in joins],
            self.rows("dieu_kien"),
        )

    def plan(self, baseline: Portfolio) -> Plan:
        """Return the plan of the case: its own reforms, or those of the resolution."""
        if "nghi_quyet" in self.case:
            return resolution_66_7(baseline)
        return Plan(
            KINDS[entry["kind"]](**{k: self.full_id(v) for k, v in entry.items() if k != "kind"})
            for entry in self.case["de_xuat"]
        )


@pytest.mark.parametrize("case", CASES)
def test_case_comes_out_as_written(case: dict[str, Any]):
    given = Given(case)
    before = given.portfolio()
    if "nghi_quyet" in case:  # the resolution's plan reads the papers from their names
        before = mark(before)
    plan = given.plan(before)
    if "truoc" in case:
        assert official_count(before).sum() == case["truoc"]
    if "loi" in case:
        with pytest.raises(InvalidValue) as error:
            apply(before, plan)
        assert [fault.code for fault in error.value.faults] == case["loi"]
        return
    after = apply(before, plan)
    if "con_tinh" in case:
        active = after.procedures["status"].eq("active").all()
        assert (official_count(after).sum() if active else 0) == case["con_tinh"]
    check_cells(given, after)
    check_measures(given, before, after)
    assert [f.code for f in conflicts(before, plan)] == case.get("xung_dot", [])


def check_cells(given: Given, after: Portfolio) -> None:
    """Compare single cells of the tables after the reforms."""
    for short, cells in given.case.get("ket_qua", {}).items():
        if short == "thu_tuc":
            assert after.procedures.at[P, "status"] == cells
            continue
        name, words = TABLES[short[0]]
        for word, wanted in cells.items():
            cell = getattr(after, name).at[given.full_id(short), words[word]]
            if wanted == "trong":
                assert pd.isna(cell)
            else:
                assert cell == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)


def check_measures(given: Given, before: Portfolio, after: Portfolio) -> None:
    """Compare figures before and after, and what fell in per cent of the sum before."""
    p = parameters(**given.case.get("tham_so", {}))
    measured = {"do_truoc": measure(before, p), "do_sau": measure(after, p)}
    for when, frame in measured.items():
        wanted = given.case.get(when, {})
        by_procedure = wanted if wanted.keys() <= {"t1", "t2", "t3"} else {"t1": wanted}
        for short, figures in by_procedure.items():
            found = {word: frame.at[given.full_id(short), MEASURES[word]] for word in figures}
            assert found == pytest.approx(figures), f"{when} {short}"
    sums = {when: frame.sum(numeric_only=True) for when, frame in measured.items()}
    for word, rate in given.case.get("ty_le", {}).items():
        old, new = (sums[when][MEASURES[word]] for when in ("do_truoc", "do_sau"))
        assert round((old - new) / old * 100, 2) == rate
