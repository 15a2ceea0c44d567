"""The table of texts: complete in both languages."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

import procsim
from procsim.errors import InvalidValue, Text, UnknownName
from procsim.language import i18n
from procsim.language.i18n import TEXTS, TEXTS_FILES, bilingual, placeholders, t


def test_every_text_is_complete_in_both_languages() -> None:
    for key, text in TEXTS.items():
        assert text.vi.strip(), key
        assert text.en.strip(), key
        assert placeholders(text.vi) == placeholders(text.en), key


@pytest.mark.parametrize("path", TEXTS_FILES, ids=lambda path: path.name)
def test_the_table_is_sorted_and_no_key_is_twice(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        assert next(reader) == ["key", "vi", "en"]
        keys = [row[0] for row in reader]
    assert keys == sorted(set(keys))


def test_texts_are_filled_in_the_way_of_the_language() -> None:
    assert "1.234,5 hoặc 2" in t("flag.number.ambiguous", written="x", first=1234.5, second=2)
    english = t("flag.number.ambiguous", "en", written="x", first=1234.5, second=2)
    assert "1,234.5 or 2" in english
    both = bilingual("flag.number.not_a_number", written="{không}")
    assert isinstance(both, Text)
    assert "“{không}”" in both.vi


@pytest.mark.parametrize(
    ("key", "language", "word"), [("no.such.key", "vi", "no.such.key"), ("app.title", "fr", "fr")]
)
def test_unknown_keys_and_languages_are_refused(key: str, language: str, word: str) -> None:
    with pytest.raises(UnknownName, match=word):
        t(key, language)


def test_a_missing_placeholder_is_named() -> None:
    with pytest.raises(UnknownName, match="second"):
        t("flag.number.ambiguous", written="x", first=1)


def test_a_key_that_is_twice_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    table.write_text("key,vi,en\na,b,c\na,d,e\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="hai lần"):
        i18n._load([table])


def test_every_flag_in_the_code_has_its_sentence() -> None:
    room = Path(procsim.__file__).parent / "language"
    flag = re.compile(r"(?:number|date|limit|fee|amount|code)\.[a-z_]+")
    used = {
        node.value
        for path in room.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if flag.fullmatch(node.value)
    }
    assert len(used) > 60
    assert {name for name in used if f"flag.{name}" not in TEXTS} <= {"number.kind", "date.epoch"}
