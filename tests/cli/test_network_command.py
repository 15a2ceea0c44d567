"""The command ``network``: what other programs rely on, and what people read."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import math

import pytest

import procsim as ps
from procsim.cli.network import run_network
from procsim.errors import InvalidValue, UnreadableInput
from procsim.marking.issuers import DECISION_COLUMNS
from procsim.model.graph import read_graph
from procsim.sample import sample_path
from procsim.store import SetParameters, Store
from procsim.store.actions import decision_note

AT = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)

DATABASE_KEYS = {
    *("id", "name_vi", "name_en", "procedures", "requirements", "dossiers", "cost_vnd"),
    *("days", "next_best_rank", "cost_vnd_live", "days_live", "cost_vnd_next", "days_next"),
}


@pytest.fixture
def call(capsys):
    """Run the command on the sample; return its exit code and its output."""

    def called(**options: object) -> tuple[int, str]:
        words = {"json": False, "lang": "vi", "on": None, "graph": None, "model": None,
                 "decisions": None, "accept_proposals": False, "issuers": None,
                 "file": sample_path()}  # fmt: skip
        args = argparse.Namespace(**(words | options))
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


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of the sample as the app exports it, and the link that an officer denied."""
    folder = tmp_path_factory.mktemp("project")
    portfolio = ps.tag(ps.mark(ps.load_sample()))
    known = ps.links(portfolio)
    link = known[known["counted"]].iloc[0]
    note = decision_note(
        link["requirement"], link["document_type"], "", "Lan", "2026-03-02", "Đã đối chiếu."
    )
    with Store(folder / "procsim.db") as store:
        made = store.create("Mẫu", portfolio, who="Lan", at=AT).act(note, who="Lan", at=AT)
        store.export(made.id, folder / "du-an.procsim")
        made = made.act(SetParameters({"price_copy_vnd": 20_000.0}), who="Lan", at=AT)
        store.export(made.id, folder / "gia-cao.procsim")
    return folder, link


def test_a_project_of_the_app_brings_its_officers_decisions(call, project):
    folder, _ = project
    without = json.loads(call(json=True)[1])
    made = json.loads(call(file=folder / "du-an.procsim", json=True)[1])
    assert (without["decided"], made["decided"]) == (0, 1)
    _, told = call(file=folder / "du-an.procsim")
    portfolio = ps.tag(ps.mark(ps.load_sample()))
    counted = int(ps.links(portfolio)["counted"].sum())
    assert f"{counted - 1} liên kết giấy tờ" in told
    assert "Đã theo 1 quyết định" in told
    assert f"{counted} liên kết giấy tờ" in call()[1]


def test_a_project_of_the_app_brings_its_parameters(call, project):
    folder, _ = project

    def cost(name):
        rows = json.loads(call(file=folder / name, json=True)[1])["databases"]
        return sum(row["cost_vnd"] for row in rows)

    assert cost("gia-cao.procsim") > cost("du-an.procsim")


def test_decisions_in_a_table_count_too(call, project, tmp_path):
    _, link = project
    path = tmp_path / "noi-cap.csv"
    row = (link["document_type"], "", link["requirement"], "", "Lan", "2026-03-02", "Đã hỏi Sở.")
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([DECISION_COLUMNS, row])
    assert json.loads(call(issuers=path, json=True)[1])["decided"] == 1


def test_a_broken_project_and_options_that_do_not_fit_are_refused(call, project, tmp_path):
    folder, _ = project
    broken = tmp_path / "du-an.procsim"
    broken.write_bytes((folder / "du-an.procsim").read_bytes()[:-50])
    with pytest.raises(UnreadableInput):
        call(file=broken)
    with pytest.raises(InvalidValue, match="--accept-proposals"):
        call(file=folder / "du-an.procsim", accept_proposals=True)
    with pytest.raises(UnreadableInput, match="dự án procsim"):
        ps.read(folder / "du-an.procsim")
