"""A linear model beside the rules, kept as plain numbers.

Three parts, each a logistic regression: what kind a row is, whether a paper that
it names is asked for, and how far the whole reading can be trusted. The file is a
NumPy archive without pickles; its entry ``about`` is JSON that says what the model
saw and how it scored.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from procsim.errors import Fault, InvalidValue, Text
from procsim.marking.features import (
    KIND_SIZE,
    PAPER_SIZE,
    Candidate,
    Row,
    candidates,
    kind_features,
    paper_features,
    score,
)
from procsim.marking.items import Item, blank
from procsim.marking.rows import Kind, Reading, in_context, read_row, relation_of
from procsim.marking.spelling import Spelled, spell
from procsim.marking.variants import TypeVariants

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "KINDS",
    "RECIPE",
    "TRUST",
    "Judgement",
    "Model",
    "Seen",
    "judge",
    "see",
    "shipped_model",
]

KINDS: tuple[Kind, ...] = ("form", "document", "note")
RECIPE = "1"
"""Version of the features and of the training; a model of another version is refused."""

RULE_SAYS = {"asked": 0.93, "passed": 0.12, "hidden": 0.05}
"""How far a rule's word on one named paper is taken by itself, before the model's."""
CHANGE_KIND, CHANGE_PAPER = 0.65, 0.85
"""How sure rules and model together must be to change what the rules found."""

TRUST = (
    "one",
    "certainty of the kind",
    "certainty of the papers",
    "the model agrees on the kind",
    "doubt of the rule",
    "papers",
    "mixed",
    "length",
    "named but passed over",
)
"""What the trust in a reading is computed from."""


class Seen(NamedTuple):
    """A row as the model sees it: text, the rules' reading, named papers."""

    row: Row
    spelled: Spelled
    blanked: str
    reading: Reading
    named: tuple[Candidate, ...]


class Judgement(NamedTuple):
    """What rules and model say together about one row.

    Attributes
    ----------
    reading
        Kind, items and the calibrated confidence.
    kinds
        Probability of each of `KINDS`.
    papers
        Probability for each document type that the row names.
    changed
        Whether the model changed what the rules said.
    trust
        The numbers behind the confidence, as in `TRUST`.
    """

    reading: Reading
    kinds: tuple[float, ...]
    papers: tuple[tuple[str, float], ...]
    changed: bool
    trust: tuple[float, ...]


def see(row: Row, variants: TypeVariants) -> Seen:
    """Return a row with what the rules read in it."""
    return under(row, alone(row.name, variants), variants)


def alone(name: str, variants: TypeVariants) -> Seen:
    """Return what the rules read in a name, whatever it stands under."""
    spelled = spell(name)
    blanked = blank(spelled)
    return Seen(Row(name), spelled, blanked, read_row(spelled, variants, blanked=blanked), ())


def under(row: Row, first: Seen, variants: TypeVariants) -> Seen:
    """Return a row as it stands under its case and procedure."""
    quantity = 1 if row.quantity is None else row.quantity
    reading = in_context(first.reading, case=row.case, procedure=row.procedure, quantity=quantity)
    named = tuple(candidates(first.spelled, first.blanked, variants, reading))
    return Seen(row, first.spelled, first.blanked, reading, named)


def overruled(seen: Seen, kind: Kind, variants: TypeVariants) -> Seen:
    """Return a row read again as another kind than the rules found."""
    if kind == seen.reading.kind:
        return seen
    reading = read_row(seen.spelled, variants, blanked=seen.blanked, decided=kind)
    groups = tuple(dict.fromkeys((*seen.reading.groups, *reading.groups)))
    reading = reading._replace(groups=groups)
    named = tuple(candidates(seen.spelled, seen.blanked, variants, reading))
    return seen._replace(reading=reading, named=named)


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    made: NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
    return made


def _sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -40, 40)))


@dataclass(frozen=True)
class Model:
    """Coefficients, and what they were learned from.

    Attributes
    ----------
    kind
        Shape (3, `KIND_SIZE` + 1); the last column is the intercept.
    paper
        Shape (`PAPER_SIZE` + 1,).
    trust
        Shape (len(`TRUST`),).
    about
        Recipe, sources, counts, hashes of the rows seen, figures.
    """

    kind: NDArray[np.float32]
    paper: NDArray[np.float32]
    trust: NDArray[np.float32]
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows the model was learned from."""
        return sum(self.about.get("rows", {}).values())

    @cached_property
    def _kind_weights(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.kind[:, :-1].T, dtype=np.float64)

    def kinds(self, seen: Sequence[Seen]) -> NDArray[np.float64]:
        """Return the probability of each kind by the words alone, shape (rows, 3)."""
        made = score([kind_features(s.row, s.spelled) for s in seen], self._kind_weights)
        return _softmax(made + self.kind[:, -1])

    def papers(self, seen: Sequence[Seen]) -> list[tuple[float, ...]]:
        """Return for each row the probability that each named paper is asked for.

        The rules' word is weighed in: as if it were independent evidence.
        """
        rows = [paper_features(s.row, s.spelled, candidate) for s in seen for candidate in s.named]
        if not rows:
            return [() for _ in seen]
        prior = np.array([_logit(RULE_SAYS[c.said]) for s in seen for c in s.named])
        evidence = score(rows, self.paper[:-1].astype(np.float64)) + self.paper[-1]
        scores = _sigmoid(prior + evidence).tolist()
        at = 0
        found: list[tuple[float, ...]] = []
        for s in seen:
            found.append(tuple(scores[at : at + len(s.named)]))
            at += len(s.named)
        return found

    def save(self, target: Path | str | BinaryIO) -> None:
        """Write the model as a NumPy archive without pickles, byte for byte the same."""
        about = json.dumps(self.about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        held = BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in (
                ("about", np.frombuffer(about.encode(), dtype=np.uint8)),
                ("kind", self.kind),
                ("paper", self.paper),
                ("trust", self.trust),
            ):
                part = BytesIO()
                np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
                # A fixed date and origin: the same numbers give the same file.
                entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                archive.writestr(entry, part.getvalue(), compresslevel=9)
        if isinstance(target, (str, Path)):
            Path(target).write_bytes(held.getvalue())
        else:
            target.write(held.getvalue())

    @classmethod
    def load(cls, source: Path | str | BinaryIO) -> Model:
        """Read a model; pickles and models of another recipe are refused.

        Raises
        ------
        InvalidValue
            When the file is no model of this recipe.
        """
        try:
            with np.load(source, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in ("kind", "paper", "trust", "about")}
            about = json.loads(arrays["about"].tobytes().decode("utf-8"))
        except (
            ValueError,
            KeyError,
            TypeError,
            EOFError,
            AttributeError,
            zipfile.BadZipFile,
        ) as why:
            raise InvalidValue(_not_a_model(source, str(why))) from why
        shapes = ((3, KIND_SIZE + 1), (PAPER_SIZE + 1,), (len(TRUST),))
        numbers = (arrays["kind"], arrays["paper"], arrays["trust"])
        fits = all(
            array.dtype == np.float32 and array.shape == shape and bool(np.isfinite(array).all())
            for array, shape in zip(numbers, shapes, strict=True)
        )
        if not isinstance(about, dict) or about.get("recipe") != RECIPE or not fits:
            raise InvalidValue(_not_a_model(source, "recipe"))
        return cls(*numbers, about)


def _not_a_model(source: object, why: str) -> Fault:
    return Fault(
        str(source) if isinstance(source, (str, Path)) else "model",
        why,
        Text(
            "Tệp không phải là mô hình đánh dấu của phiên bản này.",
            "The file is not a marking model of this version.",
        ),
        Text(
            "Tạo lại bằng lệnh: procsim train -o mo-hinh.npz.",
            "Build it again with: procsim train -o model.npz.",
        ),
        code="marking.model",
    )


def shipped_model() -> Model:
    """Return the model that comes with procsim."""
    held = resources.files("procsim.marking").joinpath("model.npz").read_bytes()
    return Model.load(BytesIO(held))


def _decide_papers(
    reading: Reading, seen: Seen, chances: Sequence[float]
) -> tuple[tuple[Item, ...], bool]:
    """Return the items after veto and addition, and whether anything changed."""
    chance = {c.document_type: p for c, p in zip(seen.named, chances, strict=True)}
    items = [
        item for item in reading.items if chance.get(item.document_type, 1.0) >= 1 - CHANGE_PAPER
    ]
    present = {item.document_type for item in items}
    group = max((item.group for item in items), default=-1)
    for candidate, p in zip(seen.named, chances, strict=True):
        if candidate.document_type in present or p < CHANGE_PAPER or reading.kind != "document":
            continue
        group += 1
        words = seen.spelled.text[candidate.start : candidate.end]
        items.append(Item(candidate.document_type, words, group, "strong", candidate.start))
    made = tuple(items)
    return made, made != reading.items


def with_rules(kinds: NDArray[np.float64], seen: Sequence[Seen]) -> NDArray[np.float64]:
    """Return the probability of each kind, the rules' word weighed in.

    Words and rules count as two independent pieces of evidence, the rule with the
    confidence that stands in its own table. Learning the weight of each rule would
    be circular: they were written with the labelled rows in view.
    """
    prior = np.array(
        [
            [
                s.reading.confidence if kind == s.reading.kind else (1 - s.reading.confidence) / 2
                for kind in KINDS
            ]
            for s in seen
        ]
    ).reshape(-1, 3)
    both = np.clip(kinds, 0.005, None) * prior
    made: NDArray[np.float64] = both / both.sum(axis=1, keepdims=True)
    return made


def judge(model: Model, seen: Sequence[Seen], variants: TypeVariants) -> list[Judgement]:
    """Return what rules and model say together, one for each row.

    The rules' decision stays unless the model contradicts it with high
    confidence.
    """
    all_kinds = with_rules(model.kinds(seen), seen).tolist()
    second: list[Seen] = []
    for s, kinds in zip(seen, all_kinds, strict=True):
        best = max(range(3), key=kinds.__getitem__)
        # A row whose papers the rules could name is not made a form or a remark.
        named = s.reading.kind == "document" and any(c.said == "asked" for c in s.named)
        sure = kinds[best] >= CHANGE_KIND and not named
        second.append(overruled(s, KINDS[best], variants) if sure else s)
    made: list[Judgement] = []
    for first, s, kinds, chances in zip(seen, second, all_kinds, model.papers(second), strict=True):
        reading = s.reading
        items, changed = _decide_papers(reading, s, chances)
        if changed:
            reading = reading._replace(items=items, relation=relation_of(items))
        trust = _trust(first, s, reading, kinds, chances)
        confidence = float(_sigmoid(np.asarray(trust) @ model.trust.astype(np.float64)))
        made.append(
            Judgement(
                reading._replace(confidence=confidence),
                tuple(kinds),
                tuple((c.document_type, p) for c, p in zip(s.named, chances, strict=True)),
                reading != first.reading,
                trust,
            )
        )
    return made


def _logit(p: float) -> float:
    p = min(max(p, 0.01), 0.99)
    return math.log(p / (1 - p))


def _trust(
    first: Seen, seen: Seen, reading: Reading, kinds: Sequence[float], chances: Sequence[float]
) -> tuple[float, ...]:
    """Return the numbers that the confidence is computed from, as in `TRUST`."""
    of_kind = kinds[KINDS.index(reading.kind)]
    asked = {item.document_type for item in reading.items}
    papers_sure = 1.0
    for candidate, p in zip(seen.named, chances, strict=True):
        papers_sure *= p if candidate.document_type in asked else 1 - p
    passed = sum(candidate.document_type not in asked for candidate in seen.named)
    return (
        1.0,
        _logit(of_kind),
        _logit(papers_sure),
        float(max(kinds) == of_kind),
        1.0 - first.reading.confidence,
        float(min(len(asked - {""}), 4)),
        float(reading.relation == "mixed"),
        math.log1p(len(seen.spelled.text)) - 5,
        float(min(passed, 3)),
    )
