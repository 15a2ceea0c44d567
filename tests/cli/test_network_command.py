"""The command ``network``: what other programs rely on, and what people read."""

from __future__ import annotations

import argparse
import json
import math

import pytest

from procsim.cli.network import run_network
from procsim.errors import InvalidValue
from procsim.model.graph import read_graph
from procsim.sample import sample_path

DATABASE_KEYS = {
    *("id", "name_vi", "name_en", "procedures", "requirements", "dossiers", "cost_vnd"),
    *("days", "next_best_rank", "cost_vnd_live", "days_live", "cost_vnd_next", "days_next"),
}


@pytest.fixture
def call(capsys):
    """Run the command on the sample; return its exit code and its output."""

    def called(**options: object) -> tuple[int, str]:
        words = {"json": False, "lang": "vi", "on": None, "graph": None, "model": None,
                 "decisions": None, "accept_proposals": False}  # fmt: skip
        args = argparse.Namespace(file=sample_path(), **(words | options))
        code = run_network(args)
        return code, capsys.readouterr().out

    return called


def test_json_has_what_other_programs_rely_on(call):
    _, out = call(json=True)
    made = json.loads(out, parse_constant=lambda name: pytest.fail(name))
    assert {"databases", "document_types", "cycles", "duplicates"} <= made.keys()
    assert len(made["databases"]) >= 27
    for row in made["databases"]:
        assert row.keys() >= DATABASE_KEYS
        assert row["next_best_rank"] is None or isinstance(row["next_best_rank"], int)
    ranks = [row["next_best_rank"] for row in made["databases"] if row["next_best_rank"]]
    assert ranks == list(range(1, len(ranks) + 1))
    assert all(isinstance(code, str) for cycle in made["cycles"] for code in cycle)
    assert made["best"]["value"] <= made["best"]["bound"]
    assert all(len(cluster["procedures"]) > 1 for cluster in made["clusters"])


def test_people_read_it_in_their_language(call):
    code, vi = call()
    _, en = call(lang="en")
    assert code in (0, 1)
    assert "thành phần hồ sơ" in vi
    assert "requirements" in en
    assert "nan" not in vi.lower().split()
    assert "{" not in vi + en


@pytest.mark.parametrize("ending", [".graphml", ".json"])
def test_the_graph_is_written_and_can_be_read(call, tmp_path, ending):
    path = tmp_path / f"mang-luoi{ending}"
    _, out = call(graph=path)
    assert str(path) in out
    kinds = {data["kind"] for _, data in read_graph(path).nodes(data=True)}
    assert kinds <= {"procedure", "document_type"}


def test_another_ending_is_refused_with_a_cure(call, tmp_path):
    with pytest.raises(InvalidValue, match="graphml"):
        call(graph=tmp_path / "mang-luoi.txt")


def test_figures_are_finite(call):
    _, out = call(json=True)
    rows = json.loads(out)["databases"]
    assert all(math.isfinite(row["cost_vnd"]) and row["cost_vnd"] >= 0 for row in rows)
