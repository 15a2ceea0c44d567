"""The phrases that name a document type: the catalogue's variants and the room's own list."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib import resources

import pandas as pd

from procsim.marking.spelling import bare, expand, spell, trie

__all__ = ["TypeVariants", "catalogue_phrases"]

FORM = "to_khai"
"""The catalogue's entry for forms: a row's `kind` says that, not its types."""


class TypeVariants:
    """All phrases that name a document type, in one expression, longest first."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._types: dict[str, str] = {}
        self._types_plain: dict[str, str] = {}
        for phrase, document_type in phrases:
            # Phrases added later win: the room's own list corrects the catalogue.
            self._types[phrase] = document_type
            self._types_plain[bare(phrase)] = document_type
        self._marked = trie(self._types)
        self._plain = trie(self._types_plain)

    def at(self, text: str, position: int, *, plain: bool) -> tuple[str, int] | None:
        """Return the type and the end of the phrase that starts at `position`.

        The type is ``""`` for a phrase that only looks like a document type.
        """
        found = (self._plain if plain else self._marked).match(text, position)
        if found is None or not found.group():
            return None
        table = self._types_plain if plain else self._types
        return table[found.group()], found.end()

    def search(self, text: str, start: int, end: int, *, plain: bool) -> tuple[int, int] | None:
        """Return where the last phrase between `start` and `end` stands."""
        last = None
        for found in (self._plain if plain else self._marked).finditer(text, start, end):
            if found.group():
                last = found.span()
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
        (row["document_type"], spell(phrase).text)
        for row in own
        if row["use"] == "drop"
        for phrase in expand(row["phrase"])
    }
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
        pairs += [(spell(phrase).text, document_type) for phrase in expand(row["phrase"])]
    return pairs
