"""Items from 48 on of what procsim must survive: `later.csv` names the tests that try each."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
with Path(__file__).with_name("later.csv").open(encoding="utf-8", newline="") as stream:
    TABLE = list(csv.DictReader(stream))


def test_every_item_is_there_once():
    items = [int(row["item"]) for row in TABLE]
    assert items == sorted(set(items))
    assert set(range(48, 64)) <= set(items)


def test_every_test_that_is_named_exists():
    for row in TABLE:
        for name in row["tests"].split(";"):
            file, _, function = name.partition("::")
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            known = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
            assert function in known, f"{row['item']} {row['name']}: {name}"
