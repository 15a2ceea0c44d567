"""The phrases that name a document type: the catalogue's variants and the room's own list."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable
from importlib import resources
from typing import Any

import pandas as pd

from procsim.marking.spelling import bare, expand, spell

__all__ = ["TypeVariants", "catalogue_phrases"]

FORM = "to_khai"
"""The catalogue's entry for forms: a row's `kind` says that, not its types."""


_TOKEN = re.compile(r"\s*(\w+|[^\w\s])")
# Without diacritics these read as other words: "sơ đồ", "chứng từ".
_ONLY_WITH_MARKS = frozenset({"sổ đỏ", "chứng tử"})
_WORD = re.compile(r"\w+")
_END = ""
_Node = dict[str, Any]


def _add(root: _Node, phrase: str, document_type: str) -> None:
    node = root
    for token in _TOKEN.findall(phrase):
        node = node.setdefault(token, {})
    node[_END] = document_type


class TypeVariants:
    """All phrases that name a document type, in one tree of words, longest first.

    Parameters
    ----------
    phrases
        (phrase, document type) pairs in the one spelling; the type is ``""`` for a
        phrase that only looks like a paper. Later pairs win over earlier ones.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._marked: _Node = {}
        self._plain: _Node = {}
        for phrase, document_type in phrases:
            _add(self._marked, phrase, document_type)
            if phrase not in _ONLY_WITH_MARKS:
                _add(self._plain, bare(phrase), document_type)

    def at(self, text: str, position: int, *, plain: bool) -> tuple[str, int] | None:
        """Return the type and the end of the longest phrase that starts at `position`.

        Parameters
        ----------
        text
            A spelled row.
        plain
            Whether the row was written without diacritics.
        """
        node = self._plain if plain else self._marked
        found: tuple[str, int] | None = None
        token = _TOKEN.match(text, position)
        while token is not None:
            following = node.get(token.group(1))
            if following is None:
                break
            node = following
            if _END in node:
                found = (node[_END], token.end())
            token = _TOKEN.match(text, token.end())
        return found

    def starts(self, *, plain: bool) -> Container[str]:
        """Return the words that a phrase can start with."""
        return self._plain if plain else self._marked

    def search(self, text: str, start: int, end: int, *, plain: bool) -> tuple[int, int] | None:
        """Return where the last phrase between `start` and `end` stands."""
        last = None
        taken = start
        for word in _WORD.finditer(text, start, end):
            found = self.at(text, word.start(), plain=plain) if word.start() >= taken else None
            if found is not None and found[1] <= end:
                last = (word.start(), found[1])
                taken = found[1]
        return last


def catalogue_phrases(catalogue: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (phrase, type) pairs from the catalogue and the room's own list.

    Parameters
    ----------
    catalogue
        `procsim.reference.document_types`.
    """
    text = resources.files("procsim.marking").joinpath("variants.csv").read_text(encoding="utf-8")
    own = list(csv.DictReader(text.splitlines()))
    dropped = {
        (row["document_type"], phrase)
        for row in own
        if row["use"] == "drop"
        for phrase in expand(row["phrase"])
    }
    if catalogue.index.name == "id":
        catalogue = catalogue.reset_index()
    pairs: list[tuple[str, str]] = []
    for entry in catalogue.itertuples(index=False):
        if entry.id == FORM:
            continue
        names = [entry.name_vi, *entry.variants.split(";")]
        for name in names:
            phrase = spell(name).text
            if phrase and (entry.id, phrase) not in dropped:
                pairs.append((phrase, entry.id))
    known = set(catalogue["id"])
    for row in own:
        if row["use"] == "drop" or (row["document_type"] and row["document_type"] not in known):
            continue
        document_type = row["document_type"] if row["use"] == "add" else ""
        pairs += [(phrase, document_type) for phrase in expand(row["phrase"])]
    return pairs
