"""Reading dossiers: hand-counted cases, properties, the graph, the command, the real records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest
import yaml

import procsim as ps
from procsim.cli import main
from procsim.dossier import Dossier, dossier, read_dossiers
from procsim.dossier.evaluation import Report, evaluate, read_labels
from procsim.dossier.learning import Weights, shipped_weights
from procsim.errors import InvalidValue, UnknownName
from procsim.marking import mark
from procsim.model import Portfolio
from tests.shared import SHARED, needs_shared

CASES = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
CODE = "1.000001"


def marked(case: dict[str, Any]) -> Portfolio:
    """Return one procedure from a case in YAML, marked."""
    cases, rows = [], []
    for number, one in enumerate(case["cases"], start=1):
        identity = f"{CODE}/c{number}"
        cases.append({"id": identity, "procedure": CODE, "position": number, "name": one["name"]})
        for place, row in enumerate(one["rows"], start=1):
            name, originals = row if isinstance(row, list) else (row, 1)
            rows.append(
                {"id": f"{identity}/r{place}", "procedure": CODE, "case": identity,
                 "position": place, "name": name, "originals": originals}
            )  # fmt: skip
    procedure = {"id": CODE, "code": CODE, "name": case["name"], "ministry": "Bộ A",
                 "applicants": case.get("applicants", "Công dân Việt Nam")}  # fmt: skip
    tables = {"procedures": pd.DataFrame([procedure]), "cases": pd.DataFrame(cases)}
    return mark(Portfolio.from_tables({**tables, "requirements": pd.DataFrame(rows)}))


def read(case: dict[str, Any]) -> Dossier:
    return dossier(marked(case), CODE)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_counted_by_hand(case):
    made = read(case)
    assert [row.role for row in made.rows] == case["roles"]
    assert made.documents == case["documents"]
    assert list(made.base) == case.get("base", [0])
    assert made.forms == case.get("forms", made.forms)
    assert made.conditional == case.get("conditional", made.conditional)
    assert all(row.why for row in made.rows if row.role in {"conditional", "fallback", "office"})


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_min_ordinary_max_and_the_graph_agree(case):
    made = read(case)
    assert 0 <= made.documents_min <= made.documents <= made.documents_max
    assert 0 <= made.confidence <= 1
    graph = made.graph()
    assert nx.is_directed_acyclic_graph(graph)
    papers = [n for n, kind in graph.nodes(data="kind") if kind == "paper"]
    assert sorted(papers) == sorted(made.table().index)
    groups = [n for n, kind in graph.nodes(data="kind") if kind == "one_of"]
    assert len(groups) == len(made.groups)
    for row in made.rows:
        assert bool(row.group) == (row.role == "choice")
        assert (row.n > 0) == (row.role in {"always", "choice"})


FREE = [case for case in CASES if len(case["cases"]) == 1 and "rows" not in case["id"]]


@pytest.mark.parametrize("case", FREE, ids=[case["id"] for case in FREE])
def test_order_of_rows_does_not_matter(case):
    turned = {**case, "cases": [{**case["cases"][0], "rows": case["cases"][0]["rows"][::-1]}]}
    assert read(turned).documents == read(case).documents


def test_order_of_headings_and_numbered_cases_does_not_matter():
    for name in ("situations, headings", "situations, first issue", "situations, authorised"):
        [case] = [one for one in CASES if one["id"].startswith(name)]
        turned = read({**case, "cases": case["cases"][::-1]})
        assert turned.documents == case["documents"], name


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_adding_a_note_changes_nothing(case):
    note = ["Số lượng hồ sơ: 01 bộ", 0]
    rows = [*case["cases"][-1]["rows"], note]
    noted = read({**case, "cases": [*case["cases"][:-1], {**case["cases"][-1], "rows": rows}]})
    plain = read(case)
    assert (noted.documents, noted.documents_min, noted.documents_max) == (
        plain.documents, plain.documents_min, plain.documents_max,
    )  # fmt: skip


def test_another_situation_and_channel():
    [case] = [one for one in CASES if one["id"].startswith("situations, authorised")]
    portfolio = marked(case)
    other = dossier(portfolio, CODE, situation=0)
    assert (other.base, other.documents) == ((0,), 2)
    assert dossier(portfolio, CODE, situation=f"{CODE}/c1") == other
    [twins] = [one for one in CASES if one["id"].startswith("choice, the paper form")]
    online = dossier(marked(twins), CODE, channel="online")
    assert [row.role for row in online.rows] == ["other", "always"]
    with pytest.raises(UnknownName, match="trường hợp"):
        dossier(portfolio, CODE, situation=9)
    with pytest.raises(UnknownName, match="cách nộp"):
        dossier(portfolio, CODE, channel="fax")


def test_empty_notes_only_and_five_hundred_rows():
    none = Portfolio.from_tables(
        {"procedures": pd.DataFrame({"id": [CODE], "name": ["A"], "ministry": ["B"]})}
    )
    [empty] = read_dossiers(mark(none))
    assert (empty.documents, empty.rows, empty.base) == (0, (), ())
    notes = read({"name": "A", "cases": [{"name": "", "rows": [["Số lượng hồ sơ: 01 bộ", 0]]}]})
    assert (notes.documents, notes.documents_min, notes.documents_max) == (0, 0, 0)
    rows = [f"Báo cáo chuyên đề thứ {n} về lĩnh vực {n}" for n in range(500)]
    many = read({"name": "Nộp báo cáo", "cases": [{"name": "", "rows": rows}]})
    assert many.documents == 500


def test_weights_are_plain_numbers_and_refused_with_their_line():
    weights = shipped_weights()
    assert Weights.read(weights.text()).text() == weights.text()
    with pytest.raises(InvalidValue, match=r"weights\.csv:2"):
        Weights.read("part,fact,weight\nrow,only,nan\n")


@pytest.fixture
def record(tmp_path):
    row = {"originalQty": 1, "copyQty": 0}
    data = {
        "code": CODE, "name": "Cấp thẻ A", "departmentPromulgateName": "Bộ A",
        "executionCases": [{"name": "", "profileComponents": [
            {"name": "Đơn đề nghị cấp thẻ A", **row}, {"name": "Giấy tờ khác (nếu có)", **row}]}],
    }  # fmt: skip
    path = tmp_path / "in.json"
    path.write_text(json.dumps([data], ensure_ascii=False), encoding="utf-8")
    return path


def test_the_command_prints_the_contract(record, capsys):
    assert main(["dossier", str(record), "--json"]) in (0, 1)
    [line] = capsys.readouterr().out.splitlines()
    made = json.loads(line)
    assert made.keys() == {
        "code", "id", "base", "peers", "rows", "forms", "papers", "documents_min",
        "documents_max", "conditional", "confidence", "review",
    }  # fmt: skip
    first, second = made["rows"]
    assert first.keys() == {"case", "row", "role", "group", "n", "papers", "why"}
    assert first["papers"][0].keys() == {"name", "kind", "types", "role", "group", "n"}
    assert (first["role"], second["role"], second["n"]) == ("always", "conditional", 0)
    assert (made["base"], made["forms"], made["papers"], made["conditional"]) == ([0], 1, 0, 1)
    assert made["documents_min"] <= 1 <= made["documents_max"]


def test_the_command_reads_well_and_refuses_an_unknown_code(record, capsys):
    assert main(["dossier", str(record), "--code", CODE]) in (0, 1)
    out = capsys.readouterr().out
    assert "• Đơn đề nghị cấp thẻ A" in out
    assert "Chỉ nộp khi ở trường hợp riêng" in out
    assert main(["dossier", str(record), "--code", "9.999999"]) == 2
    assert "9.999999" in capsys.readouterr().err
    assert main(["--lang", "en", "dossier", str(record), "--lang", "en"]) in (0, 1)
    assert "1 documents (1 forms" in capsys.readouterr().out


@needs_shared
@pytest.mark.parametrize(("file", "documents"), [
    ("01-line-break-in-paper-name/broken.xlsx", 9), ("01-line-break-in-paper-name/oneline.xlsx", 9),
    ("02-papers-listed-in-one-row/one-row.xlsx", 4),
    ("02-papers-listed-in-one-row/four-rows.xlsx", 4),
    ("06-cases-as-rows/in.json", 2),
])  # fmt: skip
def test_cases_on_which_the_program_was_wrong(file, documents, capsys):
    main(["dossier", str(SHARED / "cases" / file), "--json"])
    [line] = capsys.readouterr().out.splitlines()
    made = json.loads(line)
    assert made["forms"] + made["papers"] == documents


@pytest.fixture(scope="module")
def report() -> tuple[Report, Weights]:
    labels = read_labels(SHARED / "labelled" / "dossiers.jsonl")
    portfolio = ps.read_portal(SHARED / "portal" / "procedures.jsonl.gz")
    codes = {label.code for label in labels}
    chosen = portfolio.procedures.index[portfolio.procedures["code"].isin(codes)]
    return evaluate(mark(portfolio.select(list(chosen))), labels)


@needs_shared
def test_labelled_dossiers_each_ministry_left_out(report):
    figures, _ = report
    found = figures.left_out["by"]["all"]
    assert found["procedures"] == 440
    assert found["exact"] >= BOUNDS["exact"]
    assert found["within_one"] >= BOUNDS["within_one"]
    assert found["precision"] >= BOUNDS["precision"]
    assert found["recall"] >= BOUNDS["recall"]
    assert found["inside"] >= BOUNDS["inside"]
    assert found["width"] <= 3
    assert figures.left_out["by"]["sure"]["exact"] >= BOUNDS["sure"]
    assert "Hai mươi" in figures.text("vi")


@needs_shared
def test_the_shipped_weights_are_rebuilt_bit_for_bit(report):
    _, weights = report
    assert weights.text() == shipped_weights().text()


BOUNDS = {"exact": 0.6, "within_one": 0.84, "precision": 0.81, "recall": 0.83, "inside": 0.92,
          "sure": 0.75}  # fmt: skip
"""Guards a little under what was measured; the aims stand in the README."""


def test_labels_are_refused_with_their_line(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"code": "1.000001"}\n', encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"labels\.jsonl:1"):
        read_labels(path)
    path.write_text('{"code": "9.9", "base": [0], "rows": [], "forms": 1, "papers": 0}\n', "utf-8")
    [case] = [one for one in CASES if one["id"].startswith("note")]
    with pytest.raises(InvalidValue, match="Không mã nào"):
        evaluate(marked(case), read_labels(path))
