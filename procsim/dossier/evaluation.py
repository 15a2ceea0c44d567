"""How well dossiers are read: on labelled procedures, whole ministries left out.

A label says the base cases, the role, group and count of every row, and the forms and
papers of the ordinary applicant. The learned part is fitted again without the ministry
that is judged; the rules are the same throughout, so a set of labels that nobody saw
while they were written tells more than any of these figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from procsim.dossier.features import Features
from procsim.dossier.learning import Weights, fit_linear, fit_situations
from procsim.dossier.model import Dossier
from procsim.dossier.published import Published, published
from procsim.dossier.reading import judge_rows, read_dossier
from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import bilingual, fault_of
from procsim.model.portfolio import Portfolio

_COUNTED = frozenset({"always", "choice"})
_WORST = 20


@dataclass(frozen=True)
class Label:
    """What careful reading says of one procedure's dossier."""

    code: str
    base: tuple[int, ...]
    roles: Mapping[tuple[int, int], str]
    documents: int
    sure: bool = True
    ministry: str = ""


def read_labels(path: Path | str) -> list[Label]:
    """Read labelled dossiers, one JSON object a line.

    Raises
    ------
    InvalidValue
        When a line is no label: it names ``code``, ``base``, ``rows``, ``forms``, ``papers``.
    """
    path = Path(path)
    made: list[Label] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            roles = {(int(r["case"]), int(r["row"])): str(r["role"]) for r in entry["rows"]}
            made.append(
                Label(
                    str(entry["code"]),
                    tuple(int(case) for case in entry["base"]),
                    roles,
                    int(entry["forms"]) + int(entry["papers"]),
                    bool(entry.get("sure", True)),
                )
            )
        except (ValueError, KeyError, TypeError) as why:
            raise InvalidValue(_not_a_label(path, number, line)) from why
    return made


def _not_a_label(path: Path, line: int, value: str) -> Fault:
    return fault_of("dossier.label", f"{path.name}:{line}", value[:80])


_Pair = tuple[Published, Label]


def _pairs(portfolio: Portfolio, labels: Iterable[Label]) -> list[tuple[Published, Label, str]]:
    """Return labelled dossiers with their ministry; labels of unknown codes are left out."""
    ministry = dict(
        zip(portfolio.procedures["code"], portfolio.procedures["ministry"], strict=True)
    )
    wanted = {label.code: label for label in labels}
    made = []
    for about in published(portfolio):
        label = wanted.pop(about.code, None)
        if label is not None:
            made.append((about, label, str(ministry[about.code])))
    return made


def _base(about: Published, label: Label) -> list[int]:
    return [case.number for case in about.cases if case.origin in label.base]


def _without_trust(pairs: Sequence[_Pair]) -> Weights:
    """Learn the situations and the rows."""
    situations = fit_situations([(about, _base(about, label)) for about, label in pairs])
    facts: list[Features] = []
    answers: list[bool] = []
    for about, label in pairs:
        for one in judge_rows(about, _base(about, label), Weights()):
            role = label.roles.get((about.cases[one.row.case].origin, one.row.number))
            if one.row.kind != "note" and role is not None:
                facts.append(one.facts)
                answers.append(role in _COUNTED)
    return Weights({"situation": situations, "row": fit_linear("row", facts, answers), "trust": {}})


def learn(pairs: Sequence[tuple[Published, Label, str]]) -> Weights:
    """Learn all parts; the trust on dossiers that their own ministry did not teach."""
    facts: list[Features] = []
    answers: list[bool] = []
    groups = _parts(pairs)
    for held in sorted(set(groups)):
        rest = [(a, lab) for (a, lab, _), g in zip(pairs, groups, strict=True) if g != held]
        weights = _without_trust(rest)
        for (about, label, _), group in zip(pairs, groups, strict=True):
            if group == held:
                read = read_dossier(about, weights)
                facts.append(dict(read.trust))
                answers.append(read.documents == label.documents)
    both = _without_trust([(about, label) for about, label, _ in pairs])
    return Weights({**both.parts, "trust": fit_linear("trust", facts, answers)})


def _parts(pairs: Sequence[tuple[Published, Label, str]]) -> list[str]:
    """Return what is left out together: ministries, or every fourth where there is one."""
    ministries = [ministry for _, _, ministry in pairs]
    if len(set(ministries)) > 1:
        return ministries
    return [str(at % 4) for at in range(len(pairs))]


@dataclass(frozen=True)
class Report:
    """The figures: all labels in view, and each ministry read without its labels."""

    in_view: Mapping[str, Any]
    left_out: Mapping[str, Any]
    unknown: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return {"in_view": self.in_view, "left_out": self.left_out, "unknown_codes": self.unknown}

    def text(self, language: str) -> str:
        """Return the figures as lines of text in ``"vi"`` or ``"en"``."""
        say = {key: text.in_language(language) for key, text in _WORDS.items()}
        lines = []
        if self.unknown:
            lines.append(say["unknown"].format(n=self.unknown))
        for key, figures in (("left_out", self.left_out), ("in_view", self.in_view)):
            lines.append(f"\n{say[key]}")
            lines.append("  " + " | ".join(["", *(say[name] for name in _SHOWN)]))
            for name, row in figures["by"].items():
                values = [f"{row[figure]:.3f}" for figure in _SHOWN]
                lines.append(
                    f"  {say.get(name, name)} ({row['procedures']}): " + " | ".join(values)
                )
            lines.append(f"  {say['calibration']}")
            lines += [
                f"    {low:.1f}: {count} | {promised:.2f} | {right:.2f}"
                for low, count, promised, right in figures["calibration"]
            ]
        lines.append(f"\n{say['worst']}")
        for worst in self.left_out["worst"]:
            lines.append(
                f"  {worst['code']} {worst['documents']} → {worst['read']} "
                f"[{worst['min']}–{worst['max']}] ({worst['confidence']:.2f}) {worst['name'][:80]}"
            )
        return "\n".join(lines).strip()


_SHOWN = ("exact", "within_one", "precision", "recall", "inside", "width", "roles")
_WORDS = {
    "unknown": bilingual("dossier.no_labelled_codes_data"),
    "left_out": bilingual("dossier.each_ministry_left_out"),
    "in_view": bilingual("dossier.learned_all_labels"),
    "exact": bilingual("dossier.exact"),
    "within_one": bilingual("dossier.within"),
    "precision": bilingual("dossier.row_precision"),
    "recall": bilingual("dossier.row_recall"),
    "inside": bilingual("dossier.inside_range"),
    "width": bilingual("dossier.mean_width"),
    "roles": bilingual("dossier.roles_right"),
    "all": bilingual("dossier.all"),
    "sure": bilingual("dossier.sure_labels"),
    "calibration": bilingual("dossier.confidence_count_promised_right"),
    "worst": bilingual("dossier.twenty_worst"),
}


def _figures(read: Sequence[tuple[Dossier, Label, str]]) -> dict[str, Any]:
    parts: dict[str, list[tuple[Dossier, Label]]] = {"all": [], "sure": []}
    for dossier, label, ministry in read:
        parts["all"].append((dossier, label))
        if label.sure:
            parts["sure"].append((dossier, label))
        parts.setdefault(ministry, []).append((dossier, label))
    off = sorted(
        (
            (abs(d.documents - label.documents), d, label)
            for d, label, _ in read
            if d.documents != label.documents
        ),
        key=lambda one: (-one[0], one[1].code),
    )
    worst = [
        {"code": d.code, "name": d.name, "documents": label.documents, "read": d.documents,
         "min": d.documents_min, "max": d.documents_max, "confidence": round(d.confidence, 3)}
        for _, d, label in off[:_WORST]
    ]  # fmt: skip
    return {
        "by": {name: _part(pairs) for name, pairs in parts.items() if pairs},
        "calibration": _calibration(read),
        "worst": worst,
    }


def _part(pairs: Sequence[tuple[Dossier, Label]]) -> dict[str, float]:
    counted = right = due = same = rows = 0
    for dossier, label in pairs:
        for row in dossier.rows:
            role = label.roles.get((row.case, row.number), "note")
            is_due, is_counted = role in _COUNTED, row.role in _COUNTED
            counted += is_counted
            due += is_due
            right += is_due and is_counted
            same += role == ("note" if row.role == "office" else row.role)
            rows += 1
    n = len(pairs)
    gap = [abs(d.documents - label.documents) for d, label in pairs]
    inside = [d.documents_min <= label.documents <= d.documents_max for d, label in pairs]
    return {
        "procedures": n,
        "exact": sum(value == 0 for value in gap) / n,
        "within_one": sum(value <= 1 for value in gap) / n,
        "precision": right / max(1, counted),
        "recall": right / max(1, due),
        "inside": sum(inside) / n,
        "width": sum(d.documents_max - d.documents_min for d, _ in pairs) / n,
        "roles": same / max(1, rows),
    }


def _calibration(
    read: Sequence[tuple[Dossier, Label, str]],
) -> list[tuple[float, int, float, float]]:
    made = []
    for low in (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        high = {0.0: 0.2, 0.2: 0.4}.get(low, low + 0.1)
        held = [
            (d.confidence, d.documents == lab.documents)
            for d, lab, _ in read
            if low <= d.confidence < high + (low == 0.9)
        ]
        if held:
            made.append(
                (
                    low,
                    len(held),
                    sum(c for c, _ in held) / len(held),
                    sum(r for _, r in held) / len(held),
                )
            )
    return made


def evaluate(portfolio: Portfolio, labels: Sequence[Label]) -> tuple[Report, Weights]:
    """Return how well the labelled dossiers are read, and the weights learned from all.

    Parameters
    ----------
    portfolio
        Read and marked; it holds the labelled procedures.
    labels
        As from `read_labels`.

    Raises
    ------
    InvalidValue
        When the portfolio holds none of the labelled codes.
    """
    pairs = _pairs(portfolio, labels)
    if not pairs:
        raise InvalidValue(fault_of("dossier.no_labels", "labels", str(len(labels))))
    weights = learn(pairs)
    whole = [(read_dossier(about, weights), label, ministry) for about, label, ministry in pairs]
    apart: list[tuple[Dossier, Label, str]] = []
    groups = _parts(pairs)
    for held in sorted(set(groups)):
        rest = [pair for pair, group in zip(pairs, groups, strict=True) if group != held]
        without = learn(rest)
        apart += [
            (read_dossier(about, without), label, ministry)
            for (about, label, ministry), group in zip(pairs, groups, strict=True)
            if group == held
        ]
    report = Report(_figures(whole), _figures(apart), len(labels) - len(pairs))
    return report, weights
