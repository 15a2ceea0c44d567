"""A short, repeatable run of every target, and what longer runs have found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.errors import InvalidValue, ProcsimError, UnreadableInput
from procsim.reference.parameters import parameters
from procsim.reference.readiness import READINESS_COLUMNS, load_readiness
from procsim.reforms import Plan, ReplaceByData, ShortenLimit
from procsim.store import Store
from tests.fuzz import mutate
from tests.fuzz.targets import TARGETS, Finding, Seeds, once, parse_all

INPUTS = {
    "parsers": 150,
    "any_file": 40,
    "workbook_parts": 8,
    "workbook_cells": 3,
    "portal_lines": 12,
    "csv_folder": 8,
    "plan_yaml": 60,
    "plan_workbook": 6,
    "readiness_list": 60,
    "tag_list": 60,
    "issuer_list": 60,
    "project_file": 20,
}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    return Seeds(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_input_is_taken_or_refused_with_reasons(name, seeds):
    outcomes = {once(name, seeds, seed) for seed in range(INPUTS[name])}
    assert outcomes <= {"taken", "refused"}
    assert outcomes


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.one_of(st.sampled_from("0123456789.,%/- đồngày%"), st.characters()), max_size=60),
    st.lists(st.sampled_from(mutate.TOKENS), max_size=4).map(" ".join),
)
def test_every_parser_gives_a_value_or_a_reason(text, note):
    parse_all(text, note)


def test_a_finding_is_not_swallowed(seeds, monkeypatch):
    def wanting(seeds, random):
        raise ValueError("not an error of procsim")

    monkeypatch.setitem(TARGETS, "parsers", wanting)
    with pytest.raises(Finding, match="parsers, seed 7: ValueError"):
        once("parsers", seeds, 7)


def test_a_line_with_more_cells_than_the_heading_is_refused(tmp_path: Path):
    path = tmp_path / "ready.csv"
    row = ["csdl_dan_cu", "technical", "0,8", "2026-01-31", "x", "nhập", "thừa"]
    path.write_text(",".join(READINESS_COLUMNS) + "\n" + ",".join(row) + "\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"ready\.csv · dòng 2: dòng có 8 ô"):
        load_readiness(path)


def test_a_column_that_stands_twice_and_an_empty_list_are_refused(tmp_path: Path):
    path = tmp_path / "ready.csv"
    path.write_text(",".join([*READINESS_COLUMNS, "date"]) + "\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"date: cột lặp lại"):
        load_readiness(path)
    path.write_text("\n\n", encoding="utf-8")
    with pytest.raises(UnreadableInput):
        load_readiness(path)


def test_a_plan_whose_kind_is_no_text_is_refused_with_the_kinds(tmp_path: Path):
    path = tmp_path / "plan.yaml"
    Plan([ShortenLimit("1.000001", days=5)]).write(path)
    text = path.read_text(encoding="utf-8").replace("kind: shorten_limit", "kind: [shorten_limit]")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProcsimError, match="Chọn kind là một trong"):
        Plan.read(path)


def test_an_integer_that_fits_into_no_float_is_refused():
    with pytest.raises(InvalidValue, match="days"):
        ShortenLimit("1.000001", days=10**400)
    with pytest.raises(InvalidValue, match="hours_form"):
        parameters(None, hours_form=10**400)


def test_what_a_replacement_lacks_comes_with_a_cure():
    with pytest.raises(InvalidValue) as caught:
        ReplaceByData("1.000001/c1/r1")
    lacking = {f.code: f.cure.vi for f in caught.value.faults}
    assert "giay_khai_sinh" in lacking["reform.document_types"]
    assert "csdl_dan_cu" in lacking["reform.databases"]


def test_damaged_packing_of_a_project_file_is_told(seeds):
    sound = seeds.files["project"]
    start = sound.index(b"manifest.json") + len("manifest.json")
    with Store(seeds.folder / "damaged.db") as store:
        for at in range(start, start + 200, 10):
            damaged = sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :]
            with pytest.raises(UnreadableInput):
                store.import_file(seeds.put("damaged.procsim", damaged))
        assert store.projects().empty
