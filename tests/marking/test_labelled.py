"""Floors of accuracy on rows that people labelled, and of speed on the real records."""

from __future__ import annotations

import json
import time

import pandas as pd
import pytest

from procsim.marking import default_matcher, mark, replaceable
from procsim.model.portfolio import Portfolio
from tests.marking.test_table import GUIDE_TYPES
from tests.shared import SHARED, needs_shared


def labelled():
    path = SHARED / "labelled" / "document_rows.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def portfolio_of(rows):
    procedures = [
        {"id": r["id"], "code": r["code"], "name": r["procedure"], "ministry": r["ministry"]}
        for r in rows
    ]
    cases = [{"id": f"{r['id']}/c1", "procedure": r["id"], "name": r["case"]} for r in rows]
    requirements = [
        {
            "id": f"{r['id']}/c1/r1",
            "procedure": r["id"],
            "case": f"{r['id']}/c1",
            "position": r["row"],
            "name": r["name"],
            "originals": r["originals"],
            "copies": r["copies"],
        }
        for r in rows
    ]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(procedures),
            "cases": pd.DataFrame(cases),
            "requirements": pd.DataFrame(requirements),
        }
    )


def figures(rows):
    marked = mark(portfolio_of(rows))
    made = marked.requirements
    verdicts = replaceable(marked)
    right = wrong = missed = 0
    for row, types in zip(rows, made["types"], strict=True):
        found, due = set(types.split(";")) & GUIDE_TYPES, set(row["types"])
        right += len(found & due)
        wrong += len(found - due)
        missed += len(due - found)
    gold = pd.Series([row["replaceable"] != "no" for row in rows], index=verdicts.index)
    said = verdicts != "no"
    return {
        "kind": (made["kind"] == pd.Series([r["kind"] for r in rows], index=made.index)).mean(),
        "precision": right / (right + wrong),
        "recall": right / (right + missed),
        "f1": 2 * right / (2 * right + wrong + missed),
        "replaced_precision": (gold & said).sum() / said.sum(),
        "replaced_recall": (gold & said).sum() / gold.sum(),
        "certified": (
            made["certified"] == pd.Series([r["certified"] for r in rows], index=made.index)
        ).mean(),
        "conditional": (
            made["conditional"] == pd.Series([r["conditional"] for r in rows], index=made.index)
        ).mean(),
    }


FLOORS = {
    "kind": 0.955,
    "precision": 0.97,
    "recall": 0.955,
    "f1": 0.965,
    "replaced_precision": 0.93,
    "replaced_recall": 0.89,
    "certified": 0.97,
    "conditional": 0.87,
}


@needs_shared
def test_accuracy_on_all_labelled_rows():
    found = figures(labelled())
    assert {k: v for k, v in found.items() if v < FLOORS[k]} == {}


@needs_shared
@pytest.mark.parametrize(
    "ministry", ["bo-tai-chinh", "bo-tu-phap", "bo-nong-nghiep-mt", "bo-cong-an"]
)
def test_no_ministry_falls_behind(ministry):
    found = figures([row for row in labelled() if row["ministry"] == ministry])
    assert found["kind"] >= 0.92
    assert found["f1"] >= 0.90


@needs_shared
def test_sure_rows_come_closer_still():
    found = figures([row for row in labelled() if row["sure"]])
    assert found["kind"] >= 0.975
    assert found["f1"] >= 0.98
    assert found["replaced_precision"] >= 0.97
    assert found["replaced_recall"] >= 0.96


@needs_shared
def test_annexes_papers_are_recognised_by_their_words():
    path = SHARED / "nq66_7" / "phuluc1.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    names = rows["tphs_thay_the"].tolist()
    due = [
        {t.strip() for t in ids.replace(",", ";").split(";")} & GUIDE_TYPES
        for ids in rows["doc_type_ids"]
    ]
    found = [set(match.types) for match in default_matcher().match(names)]
    hit = sum(len(f & d) for f, d in zip(found, due, strict=True))
    assert hit / sum(map(len, due)) >= 0.96


@needs_shared
def test_eleven_thousand_rows_in_seconds():
    import gzip

    names = []
    with gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            for case in json.loads(line)["executionCases"]:
                names += [row["name"] for row in case["profileComponents"]]
    assert len(names) == 11_059
    default_matcher().match(["Đơn"])
    started = time.process_time()
    default_matcher().match(names)
    # The bound of the design is 5 s; other work may share the machine.
    assert time.process_time() - started < 5
