"""Marking against a table that a lawyer can read, and its mirror images."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.marking import default_matcher, mark, mark_lines, replaceable
from procsim.reference import document_types
from tests.marking.conftest import ROWS, build

GUIDE_TYPES = {
    "can_cuoc", "ho_chieu", "xac_nhan_cu_tru", "giay_khai_sinh", "giay_cn_ket_hon",
    "xac_nhan_tinh_trang_hon_nhan", "giay_chung_tu", "the_bhyt", "so_bhxh", "giay_phep_lai_xe",
    "gcn_dang_ky_xe", "gcn_dkdn", "gcn_dk_ho_kinh_doanh", "gcn_dk_htx", "gcn_qsdd", "phieu_lltp",
    "giay_kham_suc_khoe", "van_bang", "chung_chi", "anh_the", "van_ban_uy_quyen",
    "quyet_dinh_thanh_lap", "gcn_dau_tu", "xac_nhan_thue", "giay_ly_hon", "bao_cao_tai_chinh",
}  # fmt: skip


def guide_types(name):
    return {t for t in default_matcher().match([name])[0].types if t in GUIDE_TYPES}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"][:40])
def test_row_of_the_table(row):
    portfolio = mark(build([row["name"]]))
    made = portfolio.requirements.iloc[0]
    expected = {part for part in row["types"].split(";") if part}
    assert made["kind"] == row["kind"]
    assert {t for t in made["types"].split(";") if t in GUIDE_TYPES} == expected
    if set(made["types"].split(";")) - {""} == expected:
        assert made["relation"] == row["relation"]
    assert replaceable(portfolio).iloc[0] == row["replaceable"]


def test_the_guides_types_are_in_the_catalogue():
    assert set(document_types().index) >= GUIDE_TYPES


def strip(text):
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in letters if not unicodedata.combining(c))


MIRRORS = {
    "NFD": lambda t: unicodedata.normalize("NFD", t),
    "upper case": str.upper,
    "no diacritics": strip,
    "non-breaking spaces": lambda t: t.replace(" ", "\u00a0"),
    "spaces doubled": lambda t: t.replace(" ", "  "),
    "zero-width": lambda t: t.replace(" ", " \u200b"),
    "dashes": lambda t: t.replace("-", "–"),
    "title": lambda t: re.sub(r"(?<!\w)\w", lambda m: m.group().upper(), t),
}


@pytest.mark.parametrize("mirror", MIRRORS)
@settings(max_examples=60, deadline=None)
@given(row=st.sampled_from(ROWS))
def test_spelling_does_not_change_the_types(mirror, row):
    changed = MIRRORS[mirror](row["name"])
    before, after = default_matcher().match([row["name"], changed])
    assert set(after.types) == set(before.types), changed
    assert after.reading.kind == before.reading.kind, changed
    assert after.reading.relation == before.reading.relation, changed


@settings(max_examples=60, deadline=None)
@given(
    row=st.sampled_from([r for r in ROWS if r["kind"] == "document"]),
    bullet=st.sampled_from(["- ", "+ ", "a) ", "1. ", "(ii) ", "* ", "++ "]),
)
def test_bullets_and_numbers_do_not_matter(row, bullet):
    before, after = default_matcher().match([row["name"], bullet + row["name"]])
    assert set(after.types) == set(before.types)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_marked(text):
    found = default_matcher().match([text])[0]
    assert found.reading.kind in {"form", "document", "note"}
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize("piece", ["(", "- ", "~", "a) ", "hoặc ", "trường hợp ", "1.", ": ", "¶"])
def test_long_rows_stay_fast(piece):
    import time

    started = time.perf_counter()
    default_matcher().match([piece * (30_000 // len(piece))])
    assert time.perf_counter() - started < 5


def test_lines_for_the_command_line():
    lines = list(mark_lines(build([row["name"] for row in ROWS])))
    assert len(lines) == len(ROWS)
    assert list(lines[0]) == [
        "code", "case", "row", "name", "kind", "types", "relation", "databases", "replaceable",
        "confidence", "alternatives", "review",
    ]  # fmt: skip
    both = next(line for line in lines if line["name"].startswith("Bản sao CCCD/"))
    assert both["databases"] == ["csdl_dan_cu"]
    assert both["types"] == ["can_cuoc", "ho_chieu"]
    mixed = next(line for line in lines if line["relation"] == "mixed")
    assert mixed["review"] is True
