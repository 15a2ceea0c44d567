"""Published results of LAW.md section 5, recomputed from what was stated."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from procsim.decisions import Published, judge_published, published_scorecard, targets
from procsim.errors import InvalidValue

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "decisions" / "published.yaml").read_text("utf-8")
)


def entry_of(case: dict) -> Published:
    stated = case.get("cong_bo")
    return Published(
        name=case["truong_hop"],
        metric=case["noi_dung"],
        before=case.get("truoc"),
        after=case.get("sau"),
        part=case.get("cat_giam"),
        whole=case.get("tong_so"),
        stated=None if stated is None else stated / 100,
        decimals=len(str(stated).partition(".")[2]) if stated is not None else 2,
        target=case["chi_tieu"] / 100,
    )


@pytest.mark.parametrize("case", CASES, ids=[case["truong_hop"] for case in CASES])
def test_published_case_is_reproduced(case):
    found = judge_published(entry_of(case))
    assert round(found.value * 100, 2) == case["ty_le"]
    assert round(found.gap, 2) == case["con_thieu"]
    assert found.verdict == case["ket_luan"]
    assert found.reason.vi == ""


def test_scorecard_has_a_row_for_each_entry():
    (time,) = (t for t in targets(2025) if t.id == "business_time_2025")
    frame = published_scorecard(
        [
            Published(name="Thời gian", stated=0.292, target=time, source="Bộ Xây dựng"),
            Published(name="Không chỉ tiêu", before=10, after=5),
        ]
    )
    assert frame["verdict"].tolist() == ["missed", "unknown"]
    assert frame["target_id"].tolist() == ["business_time_2025", ""]
    assert frame["mark"].tolist() == ["công bố", "công bố"]
    assert frame.loc[1, "reason_en"] == "There is no target to compare with."


def test_a_stated_rate_that_contradicts_its_totals_is_named():
    entry = Published(name="x", before=100, after=60, stated=0.5, decimals=0, target=0.3)
    found = judge_published(entry)
    assert found.value == 0.4
    assert "50 %" in found.reason.vi
    assert "40,00 %" in found.reason.vi
    assert "40.00 %" in found.reason.en


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({}, "Chưa ghi số liệu nào"),
        ({"before": 3}, "đủ cả hai: before và after"),
        ({"part": 3}, "đủ cả hai: part và whole"),
        ({"before": -1, "after": 2}, "không âm"),
        ({"before": math.inf, "after": 2}, "không âm"),
    ],
)
def test_half_stated_results_are_refused(stated, words):
    with pytest.raises(InvalidValue) as caught:
        Published(name="thiếu", **stated)
    assert words in caught.value.in_language("vi")
    assert caught.value.in_language("en")
