"""Programmes: sizes as published, and every target's list is there."""

from __future__ import annotations

import math

import pytest

from procsim import reference
from procsim.errors import InvalidValue
from procsim.reference.targets import COLUMNS, load_programmes


def test_sizes_are_as_published():
    sizes = reference.programmes()["size"].dropna().to_dict()
    assert sizes == {
        "vneid_324": 324, "data_services_25": 25, "nq66_7_annex_1": 786,
        "nq66_7_annex_2": 8, "nq66_7_annex_3": 221,
    }  # fmt: skip


def test_counts_of_targets_agree_with_their_programme():
    table = reference.programmes()
    for target in reference.targets_table():
        if target.programme and target.kind == "count":
            size = table.at[target.programme, "size"]
            assert math.isnan(size) or size == target.value
        assert target.programme == "" or target.programme in table.index


def test_only_the_text_that_was_read_is_law():
    table = reference.programmes()
    assert set(table.index[table["mark"] == "luật"]) == {
        "nq66_7_annex_1", "nq66_7_annex_2", "nq66_7_annex_3",
    }  # fmt: skip


def test_faults_of_a_table_are_named_together(tmp_path):
    path = tmp_path / "programmes.csv"
    row = "vneid_324,papers,nobody,-3,2026-02-01,2026-01-01,Tên,Name,Luật,Nguồn,đoán,"
    path.write_text(",".join(COLUMNS) + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(InvalidValue) as caught:
        load_programmes(path)
    words = caught.value.in_language("vi")
    for part in ("[papers]", "[nobody]", "[đoán]", "lớn hơn 0 [-3]", "trước ngày bắt đầu"):
        assert part in words
