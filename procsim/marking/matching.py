"""Document types in the words of a dossier row, by rules and by a learned model.

`VariantMatcher` knows the rules alone; `LearnedMatcher` weighs them against a
linear model and says how far the answer can be trusted. Everything else in this
room knows only the `Matcher` protocol.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol, runtime_checkable

import pandas as pd

from procsim.marking.features import Row
from procsim.marking.items import Item
from procsim.marking.learning import Judgement, Model, Seen, alone, judge, shipped_model, under
from procsim.marking.rows import Reading, foreign_context, in_context, read_row
from procsim.marking.spelling import spell
from procsim.marking.variants import TypeVariants, catalogue_phrases

__all__ = [
    "LearnedMatcher",
    "Match",
    "Matcher",
    "VariantMatcher",
    "default_matcher",
    "read_rows",
]


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
        ``"rule"``, or ``"model"`` where the model changed what the rules said.
    alternatives
        For each document type that the row names anywhere, the probability that
        it is asked for, highest first; empty without a model.
    kinds
        Probability of form, document and note; empty without a model.
    """

    types: tuple[str, ...]
    words: tuple[str, ...]
    confidence: float
    reading: Reading
    source: str = "rule"
    alternatives: tuple[tuple[str, float], ...] = field(default=())
    kinds: tuple[float, ...] = field(default=())


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
        return _match(read_row(spell(name), self._variants))


def _match(reading: Reading, judged: Judgement | None = None) -> Match:
    items: dict[str, Item] = {}
    for item in reading.items:
        if item.document_type:
            items.setdefault(item.document_type, item)
    ranked = sorted(judged.papers, key=lambda paper: -paper[1]) if judged else []
    return Match(
        tuple(items),
        tuple(item.words for item in items.values()),
        reading.confidence,
        reading,
        "model" if judged and judged.changed else "rule",
        tuple((kind, round(p, 3)) for kind, p in ranked),
        tuple(round(p, 3) for p in judged.kinds) if judged else (),
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector: what is made here stays, and would be looked through often."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


class LearnedMatcher(VariantMatcher):
    """Rules and model together.

    Parameters
    ----------
    catalogue
        Document types with ``id``, ``name_vi`` and ``variants`` joined by ``;``.
    model
        See `procsim.marking.training.train`.
    """

    def __init__(self, catalogue: pd.DataFrame, model: Model) -> None:
        super().__init__(catalogue)
        self.model = model
        self._names: dict[str, Seen] = {}
        self._rows: dict[Row, Match] = {}

    def match(self, names: Sequence[str]) -> list[Match]:
        """Return one `Match` for each name, as if nothing stood around it."""
        return self.read([Row(name) for name in names])

    def read(self, rows: Sequence[Row]) -> list[Match]:
        """Return one `Match` for each row in its context; equal rows are read once."""
        if len(self._rows) > _REMEMBERED:
            self._rows.clear()
            self._names.clear()
        keys = [_key(row) for row in rows]
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if key not in self._rows}
        todo = sorted(fresh, key=lambda key: key.name)
        with _uncollected():
            for start in range(0, len(todo), _AT_ONCE):
                part = todo[start : start + _AT_ONCE]
                seen = [self._see(fresh[key]) for key in part]
                judgements = judge(self.model, seen, self._variants)
                for key, judged in zip(part, judgements, strict=True):
                    self._rows[key] = _match(judged.reading, judged)
        return [self._rows[key] for key in keys]

    def _see(self, row: Row) -> Seen:
        known = self._names.get(row.name)
        if known is None:
            known = self._names[row.name] = alone(row.name, self._variants)
        return under(row, known, self._variants)


_AT_ONCE = 4096
"""Rows whose features are held in memory together."""


def _key(row: Row) -> Row:
    """Return all of a row that its reading depends on."""
    quantity = None if row.quantity is None else min(row.quantity, 1)
    return Row(row.name, row.case, foreign_context(row.case, row.procedure), quantity)


def read_rows(matcher: Matcher, rows: Sequence[Row]) -> list[Match]:
    """Return what a matcher finds in rows, each read in its context.

    Parameters
    ----------
    matcher
        One that knows names only is asked for them, and the context is added.
    rows
        The rows with what stands around them.
    """
    if isinstance(matcher, LearnedMatcher):
        return matcher.read(rows)
    return [
        replace(
            match,
            reading=in_context(
                match.reading,
                case=row.case,
                procedure=row.procedure,
                quantity=1 if row.quantity is None else row.quantity,
            ),
        )
        for match, row in zip(matcher.match([row.name for row in rows]), rows, strict=True)
    ]


@cache
def default_matcher() -> LearnedMatcher:
    """Return the matcher of the shipped catalogue and model, built once."""
    from procsim.reference import document_types

    return LearnedMatcher(document_types(), shipped_model())
