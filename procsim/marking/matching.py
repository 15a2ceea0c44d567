"""Document types in the words of a dossier row, by the catalogue's variants.

`VariantMatcher` needs no training. A learning model can stand in its place:
everything else in this room knows only the `Matcher` protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, runtime_checkable

import pandas as pd

from procsim.marking.items import Item
from procsim.marking.rows import Reading, read_row
from procsim.marking.spelling import spell
from procsim.marking.variants import TypeVariants, catalogue_phrases

__all__ = ["Match", "Matcher", "VariantMatcher", "default_matcher"]


_REMEMBERED = 200_000
"""Names kept between runs, so that a second run reads only what is new."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a matcher found in one name.

    Attributes
    ----------
    types
        Ids of document types that the row requires, in reading order.
    words
        For each type, the words that decided.
    confidence
        Share (0–1): how far types, relation and kind can be trusted.
    reading
        The row's kind, items and relation.
    source
        ``"rule"`` or ``"model"``.
    """

    types: tuple[str, ...]
    words: tuple[str, ...]
    confidence: float
    reading: Reading
    source: str = "rule"
    alternatives: tuple[tuple[str, float], ...] = field(default=())


@runtime_checkable
class Matcher(Protocol):
    """Anything that finds document types in the names of dossier rows."""

    def match(self, names: Sequence[str]) -> list[Match]:
        """Return one `Match` for each name, in order."""
        ...


class VariantMatcher:
    """Matcher by rules of language; nothing to fit.

    Parameters
    ----------
    catalogue
        Document types with ``id``, ``name_vi`` and ``variants`` joined by ``;``.
    """

    def __init__(self, catalogue: pd.DataFrame) -> None:
        self._variants = TypeVariants(catalogue_phrases(catalogue))
        self._known: dict[str, Match] = {}

    def match(self, names: Sequence[str]) -> list[Match]:
        """Return one `Match` for each name; equal names are read once."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        for name in names:
            if name not in self._known:
                self._known[name] = self._read(name)
        return [self._known[name] for name in names]

    def _read(self, name: str) -> Match:
        reading = read_row(spell(name), self._variants)
        items: dict[str, Item] = {}
        for item in reading.items:
            if item.document_type:
                items.setdefault(item.document_type, item)
        return Match(
            tuple(items),
            tuple(item.words for item in items.values()),
            reading.confidence,
            reading,
        )


@cache
def default_matcher() -> VariantMatcher:
    """Return the matcher of the shipped catalogue, built once."""
    from procsim.reference import document_types

    return VariantMatcher(document_types())
