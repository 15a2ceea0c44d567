"""Learn the marking model from labelled rows, the shipped examples and the law's own rows.

The recipe is fixed: inputs are sorted, nothing is drawn at random, coefficients are
rounded to six significant digits, so the same examples give the same file.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.marking.features import (
    KIND_SIZE,
    LABELLED,
    PAPER_SIZE,
    Row,
    Values,
    flat,
    kind_features,
    paper_features,
)
from procsim.marking.learning import (
    KINDS,
    RECIPE,
    TRUST,
    Judgement,
    Model,
    Seen,
    judge,
    overruled,
    see,
)
from procsim.marking.rows import Kind
from procsim.marking.spelling import bare, expand, spell
from procsim.marking.variants import TypeVariants, catalogue_phrases

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = [
    "Example",
    "default_variants",
    "digest",
    "law_examples",
    "read_labels",
    "shipped_examples",
    "train",
]

_KIND_STRENGTH = 1.0
_PAPER_STRENGTH = 0.5
_TRUST_STRENGTH = 0.3
_PARTS = 4
_MODESTY = 0.2
"""Taken off the trust: the rules were written with labelled rows in view, so rows that
nobody has looked at go wrong more often than rows that only the model has not seen."""


@dataclass(frozen=True, slots=True)
class Example:
    """A dossier row whose answer is known.

    Attributes
    ----------
    types
        Document types asked for; ``None`` where only the kind is known.
    replaceable
        ``"full"``, ``"part"``, ``"no"`` or ``""`` where nobody said.
    group
        What is left out together when the model is tested, such as a ministry.
    sure
        Whether whoever labelled it was sure.
    source
        ``"labelled"``, ``"officer"``, ``"shipped"`` or ``"law"``.
    """

    row: Row
    kind: Kind
    types: frozenset[str] | None
    relation: str = "one"
    replaceable: str = ""
    group: str = ""
    sure: bool = True
    source: str = "labelled"
    identity: str = ""

    @property
    def is_real(self) -> bool:
        """Whether the row stood in a real dossier."""
        return self.source in {"labelled", "officer"}


def digest(row: Row) -> str:
    """Return a short fingerprint of a row, by which a model knows what it saw."""
    whole = "\n".join((row.name, row.case, row.procedure))
    return hashlib.sha256(whole.encode("utf-8")).hexdigest()[:10]


def default_variants() -> TypeVariants:
    """Return the phrases of the shipped catalogue."""
    from procsim.reference import document_types

    return TypeVariants(catalogue_phrases(document_types()))


def _refuse(path: Path, line: int, value: object) -> InvalidValue:
    return InvalidValue(
        Fault(
            f"{path.name}:{line}",
            shorten(value),
            Text(
                "Dòng nhãn không đọc được: cần JSON có name, kind (form, document, note) và "
                "types (danh sách).",
                "Unreadable label: JSON with name, kind (form, document, note) and types (a "
                "list) is needed.",
            ),
            Text("Sửa dòng này rồi chạy lại.", "Correct this line and run again."),
            code="marking.label",
        )
    )


def read_labels(path: Path | str) -> list[Example]:
    """Read labelled rows, one JSON object a line.

    Parameters
    ----------
    path
        UTF-8 text; each line has ``name``, ``kind``, ``types`` and may have
        ``case``, ``procedure``, ``originals``, ``copies``, ``relation``,
        ``replaceable``, ``ministry``, ``sure``, ``id``.

    Raises
    ------
    InvalidValue
        When a line is no label.
    """
    path = Path(path)
    made: list[Example] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise _refuse(path, number, line) from error
        if not _is_label(entry):
            raise _refuse(path, number, line)
        made.append(_labelled(entry, f"{path.name}:{number}"))
    return made


def _is_label(entry: object) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("name"), str)
        and entry.get("kind") in KINDS
        and isinstance(entry.get("types"), list)
        and all(isinstance(part, str) for part in entry["types"])
    )


def _labelled(entry: Mapping[str, Any], place: str) -> Example:
    stated = [entry[key] for key in ("originals", "copies") if isinstance(entry.get(key), int)]
    return Example(
        Row(
            entry["name"],
            str(entry.get("case") or ""),
            str(entry.get("procedure") or ""),
            sum(stated) if stated else None,
        ),
        entry["kind"],
        frozenset(entry["types"]),
        str(entry.get("relation") or "one"),
        str(entry.get("replaceable") or ""),
        _ministry(str(entry.get("ministry") or "")),
        bool(entry.get("sure", True)),
        "labelled",
        str(entry.get("id") or place),
    )


def _ministry(name: str) -> str:
    """Return one spelling of a ministry: label files write "Bộ Tài chính" or "bo-tai-chinh"."""
    words = bare(spell(name.replace("-", " ")).text).replace(",", " ").split()
    words = ["moi-truong" if word == "mt" else word for word in words if word != "va"]
    return "-".join(words)


def shipped_examples() -> list[Example]:
    """Return the examples in our own wording that come with procsim.

    A template may name ``{paper}``: it stands for each document type in turn.
    """
    from procsim.reference import document_types

    catalogue = document_types()
    names = {
        str(identity): str(name)[:1].lower() + str(name)[1:].split(" / ")[0]
        for identity, name in catalogue["name_vi"].items()
        if identity in LABELLED
    }
    text = resources.files("procsim.marking").joinpath("examples.csv").read_text(encoding="utf-8")
    made: list[Example] = []
    for entry in csv.DictReader(text.splitlines()):
        kind = cast("Kind", entry["kind"])  # the table ships, and a test reads its kinds
        for phrase in expand(entry["template"]):
            papers = list(names) if "{paper}" in phrase else [""]
            # Templates meet every fifth type each, so that none drowns the rest.
            offset = int(hashlib.sha256(phrase.encode()).hexdigest(), 16) % 5
            for paper in papers[offset::5] if len(papers) > 1 else papers:
                name = phrase.replace("{paper}", names.get(paper, ""))
                types = {part for part in entry["types"].split(";") if part}
                if "=paper" in types:
                    types = (types - {"=paper"}) | {paper}
                quantity = int(entry["quantity"]) if entry["quantity"] else None
                known = None if entry["types"] == "?" else frozenset(types)
                made.append(Example(Row(name, quantity=quantity), kind, known, source="shipped"))
    return made


def law_examples() -> list[Example]:
    """Return the papers of Resolution 66.7's annexes, of all ministries, as documents."""
    from procsim.reference import resolution_66_7

    frame = resolution_66_7()
    made: dict[str, Example] = {}
    for paper, types, ministry in zip(
        frame["paper"], frame["document_types"], frame["ministry"], strict=True
    ):
        known = frozenset(part for part in types.split(";") if part)
        if known:
            made.setdefault(
                paper, Example(Row(paper), "document", known, group=ministry, source="law")
            )
    return list(made.values())


def _round(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round to six significant digits, tiny ones to nothing."""
    flat = [float(f"{value:.5e}") if abs(value) > 5e-4 else 0.0 for value in numbers.ravel()]
    return np.asarray(flat, dtype=np.float32).reshape(numbers.shape)


_WEIGHT = {"labelled": 1.0, "officer": 2.0, "law": 0.15, "shipped": 0.15}


@dataclass(frozen=True)
class _Prepared:
    """Everything that every fold needs, computed once."""

    examples: tuple[Example, ...]
    seen: tuple[Seen, ...]
    kind: csr_matrix
    paper: csr_matrix
    paper_of: NDArray[np.int64]
    asked: NDArray[np.bool_]


def _sparse(rows: Sequence[Values], size: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    columns, values, starts = flat(rows)
    ends = np.append(starts, len(columns))
    made = csr_matrix((values, columns, ends), shape=(len(rows), size))
    made.sum_duplicates()
    return made


def _prepare(examples: Sequence[Example], variants: TypeVariants) -> _Prepared:
    seen = tuple(see(example.row, variants) for example in examples)
    rows, owners, asked = [], [], []
    for place, (example, first) in enumerate(zip(examples, seen, strict=True)):
        if example.types is None:
            continue
        s = overruled(first, example.kind, variants)
        for candidate in s.named:
            rows.append(paper_features(s.row, s.spelled, candidate))
            owners.append(place)
            asked.append(candidate.document_type in example.types)
    kind = _sparse([kind_features(s.row, s.spelled) for s in seen], KIND_SIZE)
    paper = _sparse(rows, PAPER_SIZE)
    return _Prepared(
        tuple(examples),
        seen,
        kind,
        paper,
        np.array(owners, dtype=np.int64),
        np.array(asked, dtype=bool),
    )


def _weights(examples: Sequence[Example], places: Sequence[int]) -> NDArray[np.float64]:
    return np.array(
        [_WEIGHT[examples[i].source] * (1.0 if examples[i].sure else 0.5) for i in places]
    )


def _fit_kind(data: _Prepared, places: Sequence[int]) -> NDArray[np.float32]:
    from sklearn.linear_model import LogisticRegression

    answers = np.array([KINDS.index(data.examples[i].kind) for i in places])
    # Balanced: how frequent a kind is counts once, in the rules' own confidence.
    fitted = LogisticRegression(C=_KIND_STRENGTH, class_weight="balanced", tol=1e-3, max_iter=300)
    fitted.fit(data.kind[list(places)], answers, sample_weight=_weights(data.examples, places))
    made = np.zeros((3, KIND_SIZE + 1))
    for place, kind in enumerate(fitted.classes_):
        made[kind, :-1] = fitted.coef_[place]
        made[kind, -1] = fitted.intercept_[place]
    return _round(made)


def _fit_papers(data: _Prepared, places: Sequence[int]) -> NDArray[np.float32]:
    from sklearn.linear_model import LogisticRegression

    chosen = np.flatnonzero(np.isin(data.paper_of, places))
    made = np.zeros(PAPER_SIZE + 1)
    answers = data.asked[chosen]
    if answers.any() and not answers.all():
        fitted = LogisticRegression(
            C=_PAPER_STRENGTH, class_weight="balanced", tol=1e-3, max_iter=300
        )
        owners = data.paper_of[chosen].tolist()
        fitted.fit(data.paper[chosen], answers, sample_weight=_weights(data.examples, owners))
        made[:-1], made[-1] = fitted.coef_[0], fitted.intercept_[0]
    return _round(made)


def is_right(example: Example, found: Judgement) -> bool:
    """Return whether kind and types of a judged row are both right."""
    types = {item.document_type for item in found.reading.items} & LABELLED
    return found.reading.kind == example.kind and types == (example.types or set()) & LABELLED


def _fit_trust(judged: Sequence[tuple[Example, Judgement]]) -> NDArray[np.float32]:
    from sklearn.linear_model import LogisticRegression

    answers = np.array([is_right(example, found) for example, found in judged])
    if not judged or answers.all() or not answers.any():
        fallback = np.zeros(len(TRUST))
        fallback[:3] = (0.8, 0.3, 0.3)
        return _round(fallback)
    fitted = LogisticRegression(C=_TRUST_STRENGTH, fit_intercept=False, tol=1e-8, max_iter=2000)
    fitted.fit(np.array([found.trust for _, found in judged]), answers)
    made = fitted.coef_[0].copy()
    made[0] -= _MODESTY
    return _round(made)


def _two_parts(data: _Prepared, places: Sequence[int]) -> Model:
    return Model(
        _fit_kind(data, places),
        _fit_papers(data, places),
        np.zeros(len(TRUST), dtype=np.float32),
    )


def train(
    examples: Iterable[Example],
    *,
    variants: TypeVariants | None = None,
    about: Mapping[str, Any] | None = None,
) -> Model:
    """Learn a model.

    Parameters
    ----------
    examples
        Labelled rows, shipped examples, rows of the law, in any order.
    variants
        Phrases that name document types; those of the catalogue by default.
    about
        Further facts to keep in the file, such as how it scored.

    Returns
    -------
    Model
        Its confidence is fitted on rows that the fold's own model did not see.
    """
    variants = variants or default_variants()
    order = sorted(examples, key=lambda e: (e.source, digest(e.row), e.kind, sorted(e.types or ())))
    data = _prepare(order, variants)
    model = _two_parts(data, range(len(order)))
    judged = _out_of_fold(data, variants)
    trust = _fit_trust(judged)
    return replace(model, trust=trust, about=_about(order, about or {}))


def _out_of_fold(data: _Prepared, variants: TypeVariants) -> list[tuple[Example, Judgement]]:
    judged: list[tuple[Example, Judgement]] = []
    order = data.examples
    real = [place for place, example in enumerate(order) if example.is_real]
    for part in range(_PARTS):
        places = real[part::_PARTS]
        if not places:
            continue
        held = set(places)
        fold = _two_parts(data, [place for place in range(len(order)) if place not in held])
        found = judge(fold, [data.seen[i] for i in places], variants)
        judged += zip([order[i] for i in places], found, strict=True)
    return judged


def _about(order: Sequence[Example], more: Mapping[str, Any]) -> dict[str, Any]:
    whole = hashlib.sha256()
    for example in order:
        answer = (example.source, example.row.name, example.row.case, example.row.procedure)
        types = "?" if example.types is None else ";".join(sorted(example.types))
        whole.update("\n".join((*answer, str(example.row.quantity), example.kind, types)).encode())
    return {
        "recipe": RECIPE,
        "rows": dict(sorted(Counter(e.source for e in order).items())),
        "kinds": dict(sorted(Counter(e.kind for e in order if e.is_real).items())),
        "inputs": whole.hexdigest(),
        "seen": sorted({digest(e.row) for e in order if e.is_real}),
        **more,
    }
