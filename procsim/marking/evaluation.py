"""How well marking does, on rows whose answers are known, and on ministries never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from procsim.errors import Text, spoken
from procsim.marking.availability import verdict
from procsim.marking.features import LABELLED
from procsim.marking.learning import Model
from procsim.marking.matching import LearnedMatcher, Match, default_matcher
from procsim.marking.training import (
    Example,
    digest,
    law_examples,
    read_labels,
    shipped_examples,
    train,
)

__all__ = [
    "Evaluation",
    "Scored",
    "build",
    "calibration",
    "evaluate",
    "evaluate_file",
    "expected_error",
    "figures",
    "leave_one_out",
]

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
            example,
            match,
            verdict(match.reading.kind, match.reading.items, match.reading.groups),
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
        As `procsim.marking.training.read_labels` reads them.
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
    "rows": Text("số dòng", "rows"),
    "kind": Text("loại dòng, đúng", "kind, accuracy"),
    "types_precision": Text("loại giấy tờ, độ chính xác", "types, precision"),
    "types_recall": Text("loại giấy tờ, độ phủ", "types, recall"),
    "types_micro_f1": Text("loại giấy tờ, F1 gộp", "types, micro-F1"),
    "types_macro_f1": Text("loại giấy tờ, F1 trung bình", "types, macro-F1"),
    "replaceable_rows": Text("số dòng thay được", "replaceable rows"),
    "replaceable_precision": Text("thay được, độ chính xác", "replaceable, precision"),
    "replaceable_recall": Text("thay được, độ phủ", "replaceable, recall"),
    "replaceable_exact": Text("thay được, đúng cả mức", "replaceable, exact level"),
    "relation": Text("quan hệ giữa các giấy tờ, đúng", "relation, accuracy"),
    "right": Text("đúng cả loại dòng và loại giấy tờ", "kind and types both right"),
    "ece": Text("sai số hiệu chuẩn (ECE)", "calibration error (ECE)"),
}
_PARTS = {
    "model": Text("Mô hình đang dùng", "The model at hand"),
    "leave_one_out": Text("Bỏ ra từng bộ, ngành", "Leaving one ministry out"),
    "all": Text("tất cả", "all"),
    "sure": Text("dòng chắc chắn", "sure rows"),
    "seen": Text(
        "Số dòng mô hình đã học: {n}. Với các dòng đó, số liệu của mô hình đang dùng là lạc quan.",
        "Rows that the model was trained on: {n}. On them its own figures are optimistic.",
    ),
    "coverage": Text("Độ tin cậy ≥, tỷ lệ dòng, tỷ lệ đúng", "Confidence ≥, share, right"),
    "calibration": Text("Từ, số dòng, hứa, đúng", "From, rows, promised, right"),
    "confusion_kind": Text("Nhầm loại dòng (nhãn → tìm thấy)", "Kinds confused (label → found)"),
    "confusion_types": Text("Nhầm giấy tờ (nhãn → tìm thấy)", "Types confused (label → found)"),
    "worst": Text("Sai mà tin nhất", "Worst errors, most confident first"),
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
