"""``procsim diff``: two snapshots from files, for people and for programs."""

from __future__ import annotations

import argparse
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from procsim.cli.commands import run_diff
from procsim.measures.decompose import METRICS
from tests.cli import records


def arguments(old: Path, new: Path, **more: Any) -> argparse.Namespace:
    given = {"old": old, "new": new, "lang": "vi", "json": False, "accept_proposals": False}
    return argparse.Namespace(**given | more)


@pytest.fixture
def snapshots(tmp_path: Path) -> tuple[Path, Path]:
    """A year in which one limit fell from 7 to 5 days and one paper was dropped."""
    later = deepcopy(records.RECORDS)
    first = next(record for record in later if record["code"] == "1.004222")
    for way in first["executionMethods"]:
        way["processingTime"] = 5
    del first["executionCases"][0]["profileComponents"][2]
    return (
        records.write_json(tmp_path / "2024.json"),
        records.write_json(tmp_path / "2025.json", later),
    )


def test_people_read_what_changed_and_where_it_comes_from(snapshots, capsys):
    run_diff(arguments(*snapshots))
    text = capsys.readouterr().out
    assert "“7 ngày làm việc” → “5 ngày làm việc”" in text
    assert "1.004222 – bỏ – Thành phần hồ sơ: “Giấy chứng nhận kết hôn”" in text
    assert "Thời hạn giải quyết (ngày làm việc): " in text
    assert "cải cách nội dung thủ tục: 2" in text
    run_diff(arguments(*snapshots, lang="en"))
    assert "reform of the published content: 2" in capsys.readouterr().out


def test_programs_read_changes_summary_and_decomposition(snapshots, capsys):
    code = run_diff(arguments(*snapshots, json=True))
    made = json.loads(capsys.readouterr().out)
    assert set(made) == {"procedures", "changes", "summary", "decomposition"}
    assert {change["area"] for change in made["changes"]} == {"limit", "dossier"}
    assert [row["metric"] for row in made["decomposition"]] == list(METRICS)
    days = made["decomposition"][2]
    assert (days["saved"], days["reform"]) == (2.0, 2.0)
    assert code in (0, 1)


def test_the_same_file_twice_has_no_change(snapshots, capsys):
    run_diff(arguments(snapshots[0], snapshots[0]))
    text = capsys.readouterr().out
    assert "tổng cộng 0 thay đổi" in text
    assert "cải cách nội dung" not in text
