"""Learning the marking model from labelled rows, and how well it does, measured honestly."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from procsim.errors import InvalidValue, shorten, spoken
from procsim.language.i18n import bilingual, fault_of
from procsim.marking.availability import verdict
from procsim.marking.learning import (
    KIND_SIZE,
    KINDS,
    LABELLED,
    PAPER_SIZE,
    RECIPE,
    TRUST,
    Judgement,
    Model,
    Row,
    Seen,
    Values,
    flat,
    judge,
    kind_features,
    overruled,
    paper_features,
    see,
)
from procsim.marking.matching import LearnedMatcher, Match, default_matcher
from procsim.marking.rows import Kind
from procsim.marking.spelling import TypeVariants, bare, catalogue_phrases, expand, spell

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix


_BINS = 10
_WORST = 10
_LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Scored:
    """One labelled row with what marking said about it."""

    example: Example
    match: Match
    replaceable: str

    @property
    def types(self) -> frozenset[str]:
        """Document types of the guide that marking found."""
        return frozenset(self.match.types) & LABELLED

    @property
    def due(self) -> frozenset[str]:
        """Document types of the guide that the label states."""
        return (self.example.types or frozenset()) & LABELLED

    @property
    def is_right(self) -> bool:
        """Whether kind and types are both right: what the confidence promises."""
        return self.match.reading.kind == self.example.kind and self.types == self.due


def _score(examples: Sequence[Example], matcher: LearnedMatcher) -> list[Scored]:
    matches = matcher.read([example.row for example in examples])
    return [
        Scored(
            example, match, verdict(match.reading.kind, match.reading.items, match.reading.groups)
        )
        for example, match in zip(examples, matches, strict=True)
    ]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _f1(right: int, wrong: int, missed: int) -> float:
    return _ratio(2 * right, 2 * right + wrong + missed)


def calibration(scored: Sequence[Scored]) -> list[dict[str, float]]:
    """Return, for each tenth of confidence, what was promised and what came true."""
    bins: dict[int, list[Scored]] = {}
    for one in scored:
        place = min(int(one.match.reading.confidence * _BINS), _BINS - 1)
        bins.setdefault(place, []).append(one)
    return [
        {
            "from": place / _BINS,
            "rows": len(held),
            "confidence": sum(one.match.reading.confidence for one in held) / len(held),
            "right": sum(one.is_right for one in held) / len(held),
        }
        for place, held in sorted(bins.items())
    ]


def expected_error(scored: Sequence[Scored]) -> float:
    """Return the expected calibration error: Σ share of rows × |promised − right|."""
    return _ratio(
        sum(line["rows"] * abs(line["confidence"] - line["right"]) for line in calibration(scored)),
        len(scored),
    )


def figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return the figures of one set of rows; NaN where nothing could be counted.

    Returns
    -------
    dict
        rows, kind (accuracy), types (precision, recall, micro_f1, macro_f1 over
        the guide's types that occur), replaceable (precision, recall of full or
        part against no; exact among three), relation, right (kind and types),
        ece.
    """
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for one in scored:
        right.update(one.types & one.due)
        wrong.update(one.types - one.due)
        missed.update(one.due - one.types)
    occurring = sorted(right.keys() | wrong.keys() | missed.keys())
    said = [one for one in scored if one.replaceable != "no"]
    known = [one for one in scored if one.example.replaceable]
    due = [one for one in known if one.example.replaceable != "no"]
    hit = sum(one.replaceable != "no" for one in due)
    several = [one for one in scored if len(one.due) > 1 and one.types == one.due]
    r, w, m = right.total(), wrong.total(), missed.total()
    per_type = [_f1(right[t], wrong[t], missed[t]) for t in occurring]
    return {
        "rows": len(scored),
        "kind": _ratio(sum(o.match.reading.kind == o.example.kind for o in scored), len(scored)),
        "types_precision": _ratio(r, r + w),
        "types_recall": _ratio(r, r + m),
        "types_micro_f1": _f1(r, w, m),
        "types_macro_f1": _ratio(sum(per_type), len(per_type)),
        "replaceable_rows": len(due),
        "replaceable_precision": _ratio(hit, sum(bool(o.example.replaceable) for o in said)),
        "replaceable_recall": _ratio(hit, len(due)),
        "replaceable_exact": _ratio(
            sum(o.replaceable == o.example.replaceable for o in known), len(known)
        ),
        "relation": _ratio(
            sum(o.match.reading.relation == o.example.relation for o in several), len(several)
        ),
        "right": _ratio(sum(one.is_right for one in scored), len(scored)),
        "ece": expected_error(scored),
    }


def _coverage(scored: Sequence[Scored]) -> list[dict[str, float]]:
    lines = []
    for level in _LEVELS:
        held = [one for one in scored if one.match.reading.confidence >= level]
        lines.append(
            {
                "confidence": level,
                "coverage": _ratio(len(held), len(scored)),
                "right": _ratio(sum(one.is_right for one in held), len(held)),
            }
        )
    return lines


def _worst(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    wrong = [one for one in scored if not one.is_right]
    wrong.sort(key=lambda one: (-one.match.reading.confidence, one.example.identity))
    return [
        {
            "id": one.example.identity,
            "sure": one.example.sure,
            "confidence": round(one.match.reading.confidence, 3),
            "kind": one.example.kind,
            "kind_found": one.match.reading.kind,
            "types_missed": sorted(one.due - one.types),
            "types_wrong": sorted(one.types - one.due),
            "rule": one.match.reading.rule,
            "name": one.example.row.name[:300],
        }
        for one in wrong[:_WORST]
    ]


@dataclass(frozen=True)
class Evaluation:
    """The quality report.

    Attributes
    ----------
    shipped
        Rows judged by the model at hand.
    left_out
        Rows judged by a model that saw nothing of their ministry; empty when
        the rows come from fewer than two.
    known
        How many of the rows the model at hand was trained on.
    """

    shipped: tuple[Scored, ...]
    left_out: tuple[Scored, ...]
    known: int

    def as_dict(self) -> dict[str, Any]:
        """Return the whole report as plain numbers and texts."""
        made: dict[str, Any] = {"rows_seen_in_training": self.known}
        for name, scored in (("model", self.shipped), ("leave_one_out", self.left_out)):
            if scored:
                made[name] = _report(scored)
        return made

    def text(self, language: str = "") -> str:
        """Return the report for people, in Vietnamese or English."""
        language = spoken(language)
        return "\n".join(_lines(self.as_dict(), language))


def _report(scored: Sequence[Scored]) -> dict[str, Any]:
    sure = [one for one in scored if one.example.sure]
    groups = sorted({one.example.group for one in scored})
    confusion = Counter(
        f"{one.example.kind} → {one.match.reading.kind}"
        for one in scored
        if one.example.kind != one.match.reading.kind
    )
    mixed = Counter(
        f"{due} → {found}"
        for one in scored
        for due in sorted(one.due - one.types) or ["–"]
        for found in sorted(one.types - one.due) or ["–"]
        if one.due != one.types
    )
    return {
        "all": figures(scored),
        "sure": figures(sure),
        "by_group": {
            group: figures([one for one in scored if one.example.group == group])
            for group in groups
        },
        "coverage": _coverage(scored),
        "calibration": calibration(scored),
        "confusion_kind": dict(confusion.most_common()),
        "confusion_types": dict(mixed.most_common()),
        "worst": _worst(scored),
    }


def leave_one_out(examples: Sequence[Example]) -> list[Scored]:
    """Return every row judged by a model that saw no row of its group (ministry).

    The shipped examples stay in every fold. The law's rows stay too, as they come
    from the annexes, not from dossiers. The rules of language are the same in all
    folds: they were written with labelled rows in view, so rows that nobody had
    looked at are the harder test.
    """
    from procsim.reference import document_types

    weak = [*shipped_examples(), *law_examples()]
    made: list[Scored] = []
    for group in sorted({example.group for example in examples}):
        rest = [example for example in examples if example.group != group]
        if not rest:
            return []
        matcher = LearnedMatcher(document_types(), train([*rest, *weak]))
        made += _score([example for example in examples if example.group == group], matcher)
    return made


def build(labels: Sequence[Path] = ()) -> Model:
    """Return the model that procsim ships, by its whole recipe.

    Parameters
    ----------
    labels
        Files of labelled rows; without any the model learns from the shipped
        examples and the law's rows alone, which still serves.

    Returns
    -------
    Model
        ``about`` holds how it scored when each ministry was left out.
    """
    examples = [example for path in labels for example in read_labels(path)]
    scored = leave_one_out(examples)
    about: dict[str, object] = {}
    if scored:
        sure = [one for one in scored if one.example.sure]
        held = {"all": figures(scored), "sure": figures(sure)}
        about["leave_one_ministry_out"] = {
            name: {key: round(value, 4) for key, value in found.items()}
            for name, found in held.items()
        }
    return train([*examples, *shipped_examples(), *law_examples()], about=about)


def evaluate(
    examples: Sequence[Example], model: Model | None = None, *, left_out: bool = True
) -> Evaluation:
    """Return the quality report on labelled rows.

    Parameters
    ----------
    examples
        As `procsim.marking.evaluation.read_labels` reads them.
    model
        In place of the shipped one.
    left_out
        Whether to train once for each ministry without it.
    """
    from procsim.reference import document_types

    matcher = default_matcher() if model is None else LearnedMatcher(document_types(), model)
    stated = any(example.row.quantity for example in examples)
    rows = [
        example if stated else replace(example, row=example.row._replace(quantity=None))
        for example in examples
    ]
    seen = set(matcher.model.about.get("seen", ()))
    return Evaluation(
        tuple(_score(rows, matcher)),
        tuple(leave_one_out(rows)) if left_out else (),
        sum(digest(example.row) in seen for example in rows),
    )


def evaluate_file(labels: Path, model: Model | None = None) -> Evaluation:
    """Return the quality report on a file of labelled rows."""
    return evaluate(read_labels(labels), model)


_NAMES = {
    "rows": bilingual("marking.rows"),
    "kind": bilingual("marking.kind_accuracy"),
    "types_precision": bilingual("marking.types_precision"),
    "types_recall": bilingual("marking.types_recall"),
    "types_micro_f1": bilingual("marking.types_micro_f1"),
    "types_macro_f1": bilingual("marking.types_macro_f1"),
    "replaceable_rows": bilingual("marking.replaceable_rows"),
    "replaceable_precision": bilingual("marking.replaceable_precision"),
    "replaceable_recall": bilingual("marking.replaceable_recall"),
    "replaceable_exact": bilingual("marking.replaceable_exact_level"),
    "relation": bilingual("marking.relation_accuracy"),
    "right": bilingual("marking.kind_types_both_right"),
    "ece": bilingual("marking.calibration_error_ece"),
}
_PARTS = {
    "model": bilingual("marking.model_hand"),
    "leave_one_out": bilingual("marking.leaving_ministry_out"),
    "all": bilingual("marking.all"),
    "sure": bilingual("marking.sure_rows"),
    "seen": bilingual("marking.rows_model_trained_them"),
    "coverage": bilingual("marking.confidence_share_right"),
    "calibration": bilingual("marking.rows_promised_right"),
    "confusion_kind": bilingual("marking.kinds_confused_label_found"),
    "confusion_types": bilingual("marking.types_confused_label_found"),
    "worst": bilingual("marking.worst_errors_most_confident"),
}


def _number(value: float, language: str) -> str:
    if isinstance(value, int):
        return str(value)
    if value != value:
        return "–"
    return f"{value:.3f}".replace(".", "," if language == "vi" else ".")


def _lines(report: dict[str, Any], language: str) -> Iterator[str]:
    def say(key: str) -> str:
        return _PARTS[key].in_language(language)

    yield say("seen").format(n=report["rows_seen_in_training"])
    for part in ("model", "leave_one_out"):
        if part not in report:
            continue
        found = report[part]
        columns = {say("all"): found["all"], say("sure"): found["sure"], **found["by_group"]}
        yield ""
        yield f"{say(part)}: {' | '.join(columns)}"
        for key, name in _NAMES.items():
            shown = " | ".join(_number(held[key], language) for held in columns.values())
            yield f"  {name.in_language(language)}: {shown}"
        for key in ("coverage", "calibration"):
            yield f"  {say(key)}:"
            for line in found[key]:
                yield "    " + "  ".join(_number(value, language) for value in line.values())
        for key in ("confusion_kind", "confusion_types"):
            yield f"  {say(key)}:"
            for pair, count in found[key].items():
                yield f"    {count} × {pair}"
        yield f"  {say('worst')}:"
        for error in found["worst"]:
            types = f"-{error['types_missed']} +{error['types_wrong']}"
            yield (
                f"    {error['id']} ({_number(error['confidence'], language)}) "
                f"{error['kind']} → {error['kind_found']} {types} {error['name'][:120]!r}"
            )


# Learn the marking model from labelled rows, the shipped examples and the law's own rows.

_KIND_STRENGTH = 1.0
_PAPER_STRENGTH = 0.5
_TRUST_STRENGTH = 0.3
_TRAINING_PARTS = 4
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
    return InvalidValue(fault_of("marking.label", f"{path.name}:{line}", shorten(value)))


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
        _fit_kind(data, places), _fit_papers(data, places), np.zeros(len(TRUST), dtype=np.float32)
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
    for part in range(_TRAINING_PARTS):
        places = real[part::_TRAINING_PARTS]
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
