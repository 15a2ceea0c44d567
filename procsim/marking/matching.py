"""Document types in the words of a dossier row, by rules and by a learned model.

`VariantMatcher` knows the rules alone; `LearnedMatcher` weighs them against a
linear model and says how far the answer can be trusted. Everything else in this
room knows only the `Matcher` protocol.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, runtime_checkable

import pandas as pd

from procsim.marking.cache import ReadingCache, rules_digest
from procsim.marking.items import Item
from procsim.marking.learning import Judgement, Model, Row, Seen, alone, judge, shipped_model, under
from procsim.marking.rows import Reading, foreign_context, in_context, read_row
from procsim.marking.spelling import TypeVariants, catalogue_phrases, spell

_REMEMBERED = 200_000
"""Names kept between runs, so that a second run reads only what is new."""


class Match(NamedTuple):
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
    alternatives: tuple[tuple[str, float], ...] = ()
    kinds: tuple[float, ...] = ()


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
        self._catalogue = catalogue
        self._known: dict[str, Match] = {}

    @cached_property
    def _variants(self) -> TypeVariants:
        return TypeVariants(catalogue_phrases(self._catalogue))

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


def _match(reading: Reading, *judged: Any) -> Match:
    """Return the match of a reading; `judged`: source, alternatives and kinds of a model."""
    words: dict[str, str] = {}
    for item in reading.items:
        if item.document_type:
            words.setdefault(item.document_type, item.words)
    return Match(tuple(words), tuple(words.values()), reading.confidence, reading, *judged)


def _judged(judgement: Judgement) -> Match:
    ranked = sorted(judgement.papers, key=lambda paper: -paper[1])
    return _match(
        judgement.reading,
        "model" if judgement.changed else "rule",
        tuple((kind, round(p, 3)) for kind, p in ranked),
        tuple(round(p, 3) for p in judgement.kinds),
    )


def _plain(match: Match) -> list[Any]:
    """Return a match as JSON can hold it; `_restored` gives it back."""
    said = match.reading
    return [
        match.source,
        match.alternatives,
        match.kinds,
        [[i.document_type, i.words, i.group, i.link, i.position] for i in said.items],
        said.groups,
        said.kind,
        said.relation,
        said.conditional,
        said.certified,
        said.rule,
        said.confidence,
    ]


def _restored(plain: list[Any]) -> Match:
    source, alternatives, kinds, items, groups, kind, relation, *rest = plain
    conditional, certified, rule, confidence = rest
    held = tuple([Item(*item) for item in items])
    reading = Reading(kind, relation, held, conditional, certified, tuple(groups), rule, confidence)
    return _match(reading, source, tuple(map(tuple, alternatives)), tuple(kinds))


@contextmanager
def uncollected() -> Iterator[None]:
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
        See `procsim.marking.evaluation.train`.
    cached
        Whether readings are kept on disk for the next process, see
        `procsim.marking.cache`.
    """

    def __init__(self, catalogue: pd.DataFrame, model: Model, *, cached: bool = False) -> None:
        super().__init__(catalogue)
        self.model = model
        self._cached = cached
        self._names: dict[str, Seen] = {}
        self._rows: dict[Row, Match] = {}

    @cached_property
    def _cache(self) -> ReadingCache:
        words = self._catalogue.reset_index()[["id", "name_vi", "variants"]].to_csv()
        reader = blake2b(rules_digest() + words.encode("utf-8", "surrogatepass"), digest_size=16)
        for numbers in (self.model.kind, self.model.paper, self.model.trust):
            reader.update(numbers.tobytes())
        return ReadingCache(reader.digest())

    def match(self, names: Sequence[str]) -> list[Match]:
        """Return one `Match` for each name, as if nothing stood around it."""
        return self.read([Row(name) for name in names])

    def read(self, rows: Sequence[Row]) -> list[Match]:
        """Return one `Match` for each row in its context; equal rows are read once."""
        if len(self._rows) > _REMEMBERED:
            self._rows.clear()
            self._names.clear()
        fresh = [row for row in dict.fromkeys(rows) if row not in self._rows]
        kept = self._cached and len(fresh) >= _WORTH_A_FILE
        with uncollected():
            if kept:
                loaded = self._cache.load(fresh, _restored)
                self._rows |= loaded
                fresh = [row for row in fresh if row not in loaded]
            fresh.sort(key=attrgetter("name"))
            for start in range(0, len(fresh), _AT_ONCE):
                part = fresh[start : start + _AT_ONCE]
                self._read_part(part)
                if kept:
                    self._cache.save({row: _plain(self._rows[row]) for row in part})
        return [self._rows[row] for row in rows]

    def _read_part(self, rows: Sequence[Row]) -> None:
        alike = {_key(row): row for row in rows}
        judgements = judge(self.model, [self._see(row) for row in alike.values()], self._variants)
        made = dict(zip(alike, map(_judged, judgements), strict=True))
        self._rows.update((row, made[_key(row)]) for row in rows)

    def _see(self, row: Row) -> Seen:
        known = self._names.get(row.name)
        if known is None:
            known = self._names[row.name] = alone(row.name, self._variants)
        return under(row, known, self._variants)


_AT_ONCE = 4096
"""Rows whose features are held in memory together."""
_WORTH_A_FILE = 32
"""Fewer rows are read sooner than a file is opened."""


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
        match._replace(
            reading=in_context(
                match.reading,
                case=row.case,
                procedure=row.procedure,
                quantity=1 if row.quantity is None else row.quantity,
            )
        )
        for match, row in zip(matcher.match([row.name for row in rows]), rows, strict=True)
    ]


@cache
def default_matcher() -> LearnedMatcher:
    """Return the matcher of the shipped catalogue and model, built once."""
    from procsim.reference import document_types

    return LearnedMatcher(document_types(), shipped_model(), cached=True)
