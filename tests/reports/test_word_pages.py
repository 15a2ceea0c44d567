"""Page numbers of the contents, worked out by LibreOffice."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from docx import Document

import procsim as ps
from procsim.reports.word import annex as word_pages
from procsim.reports.word.annex import find_office, pages_in_pdf, pages_of, write_annex
from tests.reports.libreoffice import needs_writer

ON = date(2026, 1, 5)
UNKNOWN = "…"


@pytest.fixture(scope="module")
def real():
    base = ps.mark(ps.load_sample())
    return base, ps.resolution_66_7(base)


def contents(path: Path) -> list[str]:
    """Return the page numbers that stand in the contents."""
    paragraphs = Document(str(path)).paragraphs
    lines = [p.text for p in paragraphs if p.style.name.startswith("toc")]
    return [line.rpartition("\t")[2] for line in lines]


def note(path: Path) -> str:
    return next(p.text for p in Document(str(path)).paragraphs if p.text.startswith("(Số trang"))


@needs_writer
def test_the_contents_have_the_pages_of_the_headings(tmp_path, real):
    path = write_annex(*real, tmp_path / "a.docx", maps=2, charts=False, on=ON, count_pages=True)
    pages = [int(number) for number in contents(path)]
    assert 1 <= pages[0] <= 3
    assert pages == sorted(pages)
    assert len(set(pages)) > 3
    assert "LibreOffice" in note(path)
    # Counted once more: the numbers themselves have moved nothing.
    found = pages_of(path)
    assert [found[f"_Toc{place:06d}"] for place in range(1, len(pages) + 1)] == pages


def test_without_libreoffice_the_numbers_are_left_to_word(tmp_path, real, monkeypatch):
    monkeypatch.setattr(word_pages, "find_office", lambda: None)
    path = write_annex(*real, tmp_path / "a.docx", maps=0, charts=False, on=ON, count_pages=True)
    assert set(contents(path)) == {UNKNOWN}
    assert "Word hỏi khi mở tệp" in note(path)


@pytest.mark.parametrize("program", [Path(sys.executable), Path("no-such-program")])
def test_a_program_that_fails_leaves_the_document_as_it_is(tmp_path, real, program):
    path = write_annex(*real, tmp_path / "a.docx", maps=0, charts=False, on=ON)
    before = path.read_bytes()
    assert pages_of(path, program) == {}
    assert path.read_bytes() == before


def test_the_program_is_found_where_windows_installs_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("ProgramFiles(x86)", raising=False)
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    assert find_office() is None
    program = tmp_path / "LibreOffice" / "program" / "soffice.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    assert find_office() == program


def test_pages_are_read_from_both_writings_of_a_place():
    pages = b"/Type/Pages\n/Resources 9 0 R\n/Kids[ 1 0 R 4 0 R\n7 0 R ]"
    escaped = b"<</5FToc000001[4 0 R/XYZ 1 2 0]\n/5FToc000002[7 0 R/XYZ 1 2 0]>>"
    strings = b"[(_Toc000001)[4 0 R/XYZ 1 2 0](_Toc000002)[ 7 0 R/XYZ 1 2 0]]"
    expected = {"_Toc000001": 2, "_Toc000002": 3}
    assert pages_in_pdf(escaped + pages) == pages_in_pdf(strings + pages) == expected
    assert pages_in_pdf(escaped) == {}
    assert pages_in_pdf(b"") == {}
