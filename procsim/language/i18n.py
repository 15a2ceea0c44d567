"""The one table of sentences that users see, in Vietnamese and in English.

`texts.csv` has the columns ``key,vi,en``: one row for each key, sorted by key,
both languages complete, the same ``{placeholders}`` on both sides. A reason
code such as ``fee.thousandth`` has its sentence under ``flag.fee.thousandth``.
The pages of the app, which say most, have a file each in ``texts/``.
"""

from __future__ import annotations

import csv
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from procsim.errors import (
    LANGUAGES,
    Fault,
    InvalidValue,
    Severity,
    Text,
    UnknownName,
    shorten,
    spoken,
)
from procsim.language.formatting import format_number, format_number_en

__all__ = ["TEXTS", "bilingual", "fault", "placeholders", "t"]

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


def _shown(value: object, language: str) -> str:
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_number(value) if language == "vi" else format_number_en(value)
    return str(value)


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
    sentence = TEXTS[key].in_language(language)
    shown = {name: _shown(value, language) for name, value in values.items()}
    lacking = placeholders(sentence) - shown.keys()
    if lacking:
        raise _unknown(
            f"{key}: {', '.join(sorted(lacking))}",
            "Thiếu giá trị cho chỗ trống trong câu.",
            "A placeholder of the sentence was given no value.",
            "text.placeholder",
        )
    return sentence.format(**shown)


def bilingual(key: str, **values: object) -> Text:
    """Return the sentence `key` in both languages, its placeholders filled."""
    return Text(t(key, "vi", **values), t(key, "en", **values))


def fault(
    place: str,
    value: object,
    key: str,
    cure: str = "",
    *,
    severity: Severity = "error",
    **values: object,
) -> Fault:
    """Return the fault `key` of the table; its cure stands under ``key.cure`` or `cure`."""
    message, remedy = bilingual(key, **values), bilingual(cure or f"{key}.cure", **values)
    return Fault(place, shorten(value), message, remedy, severity, key)
