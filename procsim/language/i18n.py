"""The one table of sentences that users see, in Vietnamese and in English.

`texts.csv` has the columns ``key,vi,en``: one row for each key, sorted by key,
both languages complete, the same ``{placeholders}`` on both sides. A reason
code such as ``fee.thousandth`` has its sentence under ``flag.fee.thousandth``.
The files in ``texts/`` hold those of one room or one page of the app each; a
fault's sentence stands under its code, its cure under ``<code>.cure``.

A number that fills ``{field}``, ``{field:,}`` or ``{field:.2f}`` is written in the way of
the language, points and commas changing places; ``{field!s}`` writes it as Python does.
"""

from __future__ import annotations

import csv
import string
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from procsim.errors import (
    LANGUAGES,
    NOTHING,
    Fault,
    InvalidValue,
    Severity,
    Text,
    UnknownName,
    spoken,
)
from procsim.language.formatting import VIETNAMESE, format_number, format_number_en

TEXTS_FILES = (
    Path(__file__).with_name("texts.csv"),
    *sorted((Path(__file__).parent / "texts").glob("*.csv")),
)


def placeholders(sentence: str) -> frozenset[str]:
    """Return the names that stand in braces in `sentence`."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def _load(paths: Iterable[Path]) -> Mapping[str, Text]:
    """Read the tables; a key that is there twice is refused, never silently replaced."""
    texts: dict[str, Text] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["key"] in texts:
                    raise InvalidValue(
                        Fault(
                            f"{path.name}, {row['key']}",
                            row["key"],
                            Text("Khóa xuất hiện hai lần.", "The key is there twice."),
                            code="text.twice",
                        )
                    )
                texts[row["key"]] = Text(row["vi"], row["en"])
    return MappingProxyType(texts)


TEXTS: Mapping[str, Text] = _load(TEXTS_FILES)


def _unknown(value: str, vi: str, en: str, code: str) -> UnknownName:
    return UnknownName(Fault("texts.csv", value, Text(vi, en), code=code))


class _Writer(string.Formatter):
    """Writes what fills a sentence in the way of one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: object, format_spec: str) -> str:
        """Return `value` in the language, in the form that `format_spec` asks for."""
        if format_spec:
            text = format(value, format_spec)
            number = isinstance(value, int | float) and self.language == "vi"
            return text.translate(VIETNAMESE) if number else text
        if isinstance(value, Text):
            return value.in_language(self.language)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return format_number(value) if self.language == "vi" else format_number_en(value)
        return str(value)


_WRITERS = {language: _Writer(language) for language in LANGUAGES}


@cache
def _fields(key: str) -> frozenset[str]:
    """Return the placeholders of the sentence `key`."""
    return placeholders(TEXTS[key].vi)


def t(key: str, language: str = "", **values: object) -> str:
    """Return the sentence `key` in `language` (that of `set_language`), placeholders filled.

    Numbers among `values` are written in the way of the language
    (``1.234,5`` or ``1,234.5``), a `Text` in that language; anything else as
    ``str`` gives it.

    Raises
    ------
    UnknownName
        When the key, the language or a needed placeholder is not there.
    """
    if key not in TEXTS:
        raise _unknown(
            key,
            "Không có câu này trong bảng văn bản.",
            "There is no such sentence in the table of texts.",
            "text.unknown",
        )
    language = spoken(language)
    if language not in LANGUAGES:
        raise _unknown(
            language,
            "Chỉ có hai ngôn ngữ: vi và en.",
            "There are two languages only: vi and en.",
            "text.language",
        )
    lacking = _fields(key) - values.keys()
    if lacking:
        raise _unknown(
            f"{key}: {', '.join(sorted(lacking))}",
            "Thiếu giá trị cho chỗ trống trong câu.",
            "A placeholder of the sentence was given no value.",
            "text.placeholder",
        )
    return _WRITERS[language].vformat(TEXTS[key].in_language(language), (), values)


def bilingual(key: str, **values: object) -> Text:
    """Return the sentence `key` in both languages, its placeholders filled."""
    if not values:
        return _plain(key)
    return Text(t(key, "vi", **values), t(key, "en", **values))


@cache
def _plain(key: str) -> Text:
    return Text(t(key, "vi"), t(key, "en"))


def numeral(number: float | None, decimals: int | None = None) -> Text:
    """Return a number as each language writes it: ``1.234,5`` and ``1,234.5``."""
    return Text(format_number(number, decimals), format_number_en(number, decimals))


def fault_of(
    code: str,
    place: str = "",
    value: str = "",
    *,
    severity: Severity = "error",
    proposal: str = "",
    row: str = "",
    says: str = "",
    cure: str = "",
    **values: object,
) -> Fault:
    """Return the fault `code`, its sentence and cure from the table of texts.

    Parameters
    ----------
    code
        The kind of fault: the key of its sentence; its cure, where there is one, stands
        under ``<code>.cure``.
    says, cure
        Other keys of sentence and cure, where one kind of fault has several.
    place, value, severity, proposal, row
        As in `Fault`.
    **values
        What fills the two sentences.
    """
    message = says or code
    cure = cure or f"{message}.cure"
    return Fault(
        place,
        value,
        bilingual(message, **values),
        bilingual(cure, **values) if cure in TEXTS else NOTHING,
        severity,
        code,
        proposal,
        row,
    )
