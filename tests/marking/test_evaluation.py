"""The quality report: figures by hand, and floors on ministries left out."""

from __future__ import annotations

import json
import math

import pytest

from procsim.cli import main
from procsim.marking.evaluation import (
    Example,
    Scored,
    calibration,
    evaluate,
    expected_error,
    figures,
    read_labels,
)
from procsim.marking.items import Item
from procsim.marking.learning import Row
from procsim.marking.matching import Match
from procsim.marking.rows import Reading
from tests.shared import SHARED, needs_shared

LABELS = SHARED / "labelled" / "document_rows.jsonl"


def scored(kind, types, found_kind, found_types, confidence=0.9, due="no", said="no"):
    items = tuple(Item(t, t, 0, "first", 0) for t in found_types)
    reading = Reading(found_kind, "one", items, False, False, (), "default", confidence)
    example = Example(Row("x"), kind, frozenset(types), replaceable=due, group="a")
    return Scored(example, Match(tuple(found_types), (), confidence, reading), said)


SET = [
    scored("document", ["can_cuoc"], "document", ["can_cuoc"], 0.95, "full", "full"),
    scored("document", ["can_cuoc", "ho_chieu"], "document", ["can_cuoc"], 0.85, "full", "part"),
    scored("form", [], "document", ["van_bang"], 0.95, "no", "full"),
    scored("note", [], "note", [], 0.55),
]


def test_figures_by_hand():
    found = figures(SET)
    assert found["kind"] == 0.75
    assert found["types_precision"] == pytest.approx(2 / 3)
    assert found["types_recall"] == pytest.approx(2 / 3)
    assert found["types_micro_f1"] == pytest.approx(2 / 3)
    assert found["types_macro_f1"] == pytest.approx((1 + 0 + 0) / 3)
    assert found["replaceable_precision"] == pytest.approx(2 / 3)
    assert found["replaceable_recall"] == 1.0
    assert found["replaceable_exact"] == 0.5
    assert found["right"] == 0.5


def test_calibration_by_hand():
    lines = calibration(SET)
    assert [line["rows"] for line in lines] == [1, 1, 2]
    assert expected_error(SET) == pytest.approx((0.45 + 0.85 + 2 * 0.45) / 4)


def test_types_outside_the_guide_do_not_count():
    found = figures([scored("document", ["hop_dong"], "document", ["dieu_le"])])
    assert math.isnan(found["types_micro_f1"])
    assert found["right"] == 1.0


def test_nothing_gives_no_figure_instead_of_zero():
    assert math.isnan(figures([])["kind"])


def write(path, ministries=("Bộ A", "Bộ B")):
    lines = [
        {"name": name, "kind": kind, "types": types, "ministry": m, "replaceable": held, "id": m}
        for m in ministries
        for name, kind, types, held in (
            ("Thẻ căn cước", "document", ["can_cuoc"], "full"),
            ("Đơn đề nghị cấp thẻ", "form", [], "no"),
            ("Lưu ý: nộp trước ngày 10", "note", [], "no"),
            ("Giấy khen", "document", ["van_bang"], "no"),
        )
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")


def test_the_command_reports_as_json_and_in_both_languages(tmp_path, capsys):
    path = tmp_path / "labels.jsonl"
    write(path)
    assert main(["mark", "--evaluate", str(path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["rows_seen_in_training"] == 0
    for part in ("model", "leave_one_out"):
        assert report[part]["all"]["rows"] == 8
        assert report[part]["all"]["kind"] == 1.0
        assert report[part]["all"]["types_recall"] == 0.5
        assert set(report[part]["by_group"]) == {"bo-a", "bo-b"}
        assert len(report[part]["worst"]) == 2
        assert report[part]["confusion_types"] == {"van_bang → –": 2}
    text = evaluate(read_labels(path), left_out=False)
    assert "loại giấy tờ, F1 gộp" in text.text("vi")
    assert "types, micro-F1" in text.text("en")
    assert text.left_out == ()


def test_one_ministry_alone_cannot_be_left_out(tmp_path):
    path = tmp_path / "labels.jsonl"
    write(path, ("Bộ A",))
    assert evaluate(read_labels(path)).left_out == ()


def test_marking_needs_a_file_or_labels(capsys):
    assert main(["mark", "--lang", "en"]) == 2
    assert "--evaluate" in capsys.readouterr().err


def test_ministries_are_named_in_one_way(tmp_path):
    path = tmp_path / "labels.jsonl"
    write(path, ("Bộ Nông nghiệp và Môi trường", "bo-nong-nghiep-mt"))
    assert len({example.group for example in read_labels(path)}) == 1


@needs_shared
def test_floors_on_ministries_left_out():
    report = evaluate(read_labels(LABELS))
    found = figures([one for one in report.left_out if one.example.sure])
    assert found["kind"] >= 0.985
    assert found["types_micro_f1"] >= 0.985
    assert found["replaceable_precision"] >= 0.97
    assert found["replaceable_recall"] >= 0.96
    assert found["ece"] <= 0.05
    whole = figures(report.left_out)
    assert whole["kind"] >= 0.955
    assert whole["types_micro_f1"] >= 0.965
    assert whole["ece"] <= 0.03
    assert report.known == len(report.shipped)
