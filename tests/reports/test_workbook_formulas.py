"""The workbook's formulas, computed by LibreOffice, against procsim's own figures."""

from __future__ import annotations

import math
import re
import time
from datetime import date

import pandas as pd
import pytest

from procsim.decisions.targets import scorecard, targets
from procsim.marking import mark
from procsim.measures import compare, measure
from procsim.model.portfolio import Portfolio
from procsim.readers import read
from procsim.reference import parameters
from procsim.reforms import (
    AbolishProcedure,
    CutFee,
    DropRequirement,
    ExtendValidity,
    Plan,
    ReplaceByData,
    ShortenLimit,
    apply,
    resolution_66_7,
)
from procsim.reports.excel.workbook import write_plan
from procsim.reports.roundtrip.entries import digest_of
from procsim.reports.roundtrip.readback import read_back
from tests.reports.libreoffice import (
    convert,
    formulas_of,
    needs_libreoffice,
    parts_of,
    place,
    values_of,
    with_inputs,
)
from tests.shared import SHARED, needs_shared

ON = date(2026, 1, 5)
COVER = {
    "Thời hạn giải quyết (cộng các TTHC)": "statutory_days",
    "Chi phí tuân thủ, mỗi thủ tục tính một lần": "cost_vnd",
    "Chi phí tuân thủ một năm": "cost_year_vnd",
}


def wrong_cells(path, computed) -> tuple[int, list[str]]:
    """Return how many formulas there are, and those whose value LibreOffice does not confirm."""
    ours, theirs = values_of(path), values_of(computed)
    wrong, count = [], 0
    for sheet, formulas in formulas_of(path).items():
        for address, formula in formulas.items():
            count += 1
            row, column = place(address)
            mine = ours[sheet][row][column]
            yours = theirs[sheet][row][column] if column < len(theirs[sheet][row]) else ""
            if mine == yours:
                continue
            numbers = isinstance(mine, int | float) and isinstance(yours, int | float)
            if not (numbers and math.isclose(mine, yours, rel_tol=1e-9, abs_tol=1e-9)):
                wrong.append(f"{sheet}!{address} ={formula}: {mine!r}, computed {yours!r}")
    return count, wrong


def defined_names(path) -> set[str]:
    workbook = parts_of(path, "xl/workbook")["xl/workbook.xml"]
    return {n for n in re.findall(r'<definedName[^>]*? name="([^"]+)"', workbook) if n[0] != "_"}


def address_of(path, name: str) -> tuple[str, str]:
    """Return sheet and cell that a defined name stands for."""
    workbook = parts_of(path, "xl/workbook")["xl/workbook.xml"]
    area = re.search(rf'<definedName name="{name}"[^>]*>([^<]*)<', workbook).group(1)
    sheet, _, cell = area.replace("&apos;", "'").rpartition("!")
    return sheet.strip("'"), cell.replace("$", "")


def cover_of(values) -> dict[str, list[object]]:
    """Return before, after, saved and rate of the lines of "Tổng quan" by their measure."""
    return {COVER[row[0]]: row[2:6] for row in values["Tổng quan"] if row[0] in COVER}


def verdict_of(values, name: str) -> str:
    return next(row[6] for row in values["Bảng điểm"] if str(row[0]).startswith(name))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The whole plan of Resolution 66.7 on the real records, as a workbook."""
    portfolio = mark(read(SHARED / "portal" / "procedures.jsonl.gz"))
    plan = resolution_66_7(portfolio, on=ON)
    path = tmp_path_factory.mktemp("whole") / "phuong-an.xlsx"
    start = time.process_time()
    write_plan(portfolio, plan, path, on=ON)
    return portfolio, plan, path, time.process_time() - start


@needs_shared
@needs_libreoffice
def test_libreoffice_confirms_every_formula_of_the_whole_resolution(whole, tmp_path):
    portfolio, plan, path, _ = whole
    computed = convert(path, tmp_path)
    count, wrong = wrong_cells(path, computed)
    assert count > 50_000
    assert wrong == []
    sheets = parts_of(computed, "xl/worksheets/sheet").values()
    assert not any(' t="e"' in text for text in sheets)
    assert defined_names(path) <= defined_names(computed)
    assert len(parts_of(path, "xl/charts/chart")) == len(parts_of(computed, "xl/charts/chart")) == 4
    back = read_back(computed, portfolio, plan)
    assert (len(back.changes), back.notices, back.plan) == (0, (), plan)


@needs_shared
@needs_libreoffice
def test_totals_and_verdicts_follow_an_input(whole, tmp_path):
    portfolio, plan, path, _ = whole
    values = values_of(path)
    assert verdict_of(values, "Cắt giảm ít nhất 30 % thời gian") == "Chưa đạt"
    business = portfolio.procedures["audience"].isin(("business", "both"))
    codes = set(portfolio.procedures.loc[business, "code"])
    rows = enumerate(values["Thời gian"], 1)
    row = next(n for n, r in rows if r[1] in codes and isinstance(r[5], float))
    old = values["Thời gian"][row - 1]
    changed = with_inputs(
        path,
        tmp_path / "changed.xlsx",
        {
            address_of(path, "gio_nop_truc_tiep"): 1.5,
            address_of(path, "GDP_binh_quan"): 100_000_000.0,
            ("Thời gian", f"D{row}"): 100_000.0,
            ("Thời gian", f"G{row}"): 1.0,
        },
    )
    found = values_of(convert(changed, tmp_path))

    p = parameters().replace(hours_submit_counter=1.5, gdp_per_head_vnd=100_000_000)
    before, after = measure(portfolio, p), measure(apply(portfolio, plan), p)
    mine = compare(before, after).set_index("metric")
    cost = ["before", "after", "saved", "rate"]
    assert cover_of(found)["cost_vnd"] == pytest.approx(mine.loc["cost_vnd", cost].tolist(), 1e-9)
    days = cover_of(found)["statutory_days"]
    factor = old[5] / old[3]
    assert days[2] == pytest.approx(99_999 * factor)
    assert days[0] == pytest.approx(mine.at["statutory_days", "before"] + 1e5 * factor - old[5])
    assert verdict_of(found, "Cắt giảm ít nhất 30 % thời gian") == "Đạt"
    assert verdict_of(found, "Cắt giảm ít nhất 30 % chi phí") == "Chưa đạt"


@needs_shared
def test_the_whole_resolution_is_written_in_time_and_read_back(whole):
    _, plan, path, seconds = whole
    assert seconds < 15
    assert Plan.read(path) == plan


@needs_shared
def test_the_whole_resolution_without_an_edit_is_read_back_equal(whole):
    portfolio, plan, path, _ = whole
    back = read_back(path, portfolio, plan)
    assert (len(back.changes), back.notices, back.plan) == (0, (), plan)
    assert digest_of(back.portfolio) == digest_of(portfolio)


def with_volumes() -> tuple[Portfolio, Plan]:
    """Four procedures with volumes, fees, alternatives and gaps, and every common reform."""
    ids = ["1.000001", "1.000002", "1.000003", "1.000004"]
    portfolio = Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ids,
                    "code": ids,
                    "name": ["A", "=B", "C", "D"],
                    "ministry": ["Bộ Y tế", "Bộ Y tế", "*", "Bộ Tư pháp"],
                    "field": ["X;Y", "Y", "X;=Z", ""],
                    "audience": "business",
                    "online": ["full", "partial", "unknown", "full"],
                    "times_per_year": [1.0, 2.0, float("nan"), 1.0],
                    "subjects_per_year": [100.0, 50.0, 7.0, 0.0],
                }
            ),
            "cases": pd.DataFrame({"id": [f"{i}/c1" for i in ids], "procedure": ids}),
            "channels": pd.DataFrame(
                {
                    "id": [f"{i}/k{n}" for i in ids for n in (1, 2)],
                    "procedure": [i for i in ids for _ in (1, 2)],
                    "method": ["counter", "counter", "post", "online"] * 2,
                    "limit_value": [10, 30, 3, 2, float("nan"), 1, 24, 5],
                    "limit_unit": ["working_day", "day", "month", "day", "", "week", "hour", "day"],
                }
            ),
            "fees": pd.DataFrame(
                {
                    "id": ["1.000001/f1", "1.000001/f2", "1.000003/f1"],
                    "procedure": ["1.000001", "1.000001", "1.000003"],
                    "kind": ["phi", "phi", "le_phi"],
                    "amount_vnd": [50_000, 90_000, float("nan")],
                }
            ),
            "requirements": pd.DataFrame(
                {
                    "id": [f"{i}/c1/r{n}" for i in ids for n in (1, 2, 3)],
                    "procedure": [i for i in ids for _ in range(3)],
                    "case": [f"{i}/c1" for i in ids for _ in range(3)],
                    "position": [1, 2, 3] * 4,
                    "name": ["Đơn", "Thẻ căn cước", "Bản vẽ"] * 4,
                    "kind": ["form", "document", "document"] * 4,
                    "papers": 1,
                    "copies": [0, 1, 2] * 4,
                    "certified": [False, True, False] * 4,
                    "share_held": [float("nan"), 0.4, float("nan")] * 4,
                    "hours": [float("nan"), float("nan"), 2.5] * 4,
                }
            ),
            "conditions": pd.DataFrame(
                {"id": ["d1", "d2"], "procedure": "1.000001", "text": ["a", "b"]}
            ),
        }
    )
    replaced = ReplaceByData(
        "1.000001/c1/r2", document_types=("can_cuoc",), databases=("csdl_dan_cu",), coverage=0.7
    )
    plan = Plan(
        [
            replaced,
            ShortenLimit("1.000001", days=5),
            CutFee("1.000001", amount_vnd=0),
            DropRequirement("1.000002/c1/r3"),
            ExtendValidity("1.000002", times_per_year=0.5),
            AbolishProcedure("1.000003"),
        ]
    )
    return portfolio, plan


@needs_libreoffice
@pytest.mark.parametrize("by", ["ministry", "field"])
def test_volumes_gaps_and_abolished_procedures_agree(tmp_path, by):
    portfolio, plan = with_volumes()
    changed = apply(portfolio, plan)
    before, after = measure(portfolio), measure(changed)
    card = scorecard(
        *(before, after, targets()),
        by=by,
        portfolio=changed,
        plan=plan,
        on=ON,
        entered={"vneid_utilities_2025": 42},
    )
    path = write_plan(portfolio, plan, tmp_path / "p.xlsx", card=card, on=ON)
    computed = convert(path, tmp_path)
    assert wrong_cells(path, computed)[1] == []
    mine = compare(before, after).set_index("metric")
    for metric, line in cover_of(values_of(computed)).items():
        wanted = mine.loc[metric, ["before", "after", "saved", "rate"]].tolist()
        assert line == pytest.approx(wanted, rel=1e-9), metric
