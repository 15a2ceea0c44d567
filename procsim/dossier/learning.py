"""The learned part: weights of named facts, kept as a table of plain numbers.

Three parts, each linear. ``situation`` scores the cases of which an applicant has
one; ``row`` says how likely the ordinary applicant hands a row in, and may overrule
the rules where it is very sure; ``trust`` says how far a whole dossier's count can
be relied upon. The table ships as ``weights.csv``; anybody can read why a case or a
row was judged as it was.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np

from procsim.dossier.cases import alternatives, situation_features
from procsim.dossier.features import Features
from procsim.dossier.published import Published
from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import fault_of

PARTS = ("situation", "row", "trust")
OVERRULES = 0.7
"""How sure the learned part must be to change what the rules say of a row."""

_ROW_STRENGTH, _TRUST_STRENGTH, _SITUATION_PENALTY = 0.3, 0.3, 2.0
_ROUND = 4


def sigmoid(score: float) -> float:
    """Return the probability that belongs to a score."""
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, score))))


@dataclass(frozen=True)
class Weights:
    """Weight of each fact, by part."""

    parts: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {part: {} for part in PARTS}
    )

    def score(self, part: str, features: Features) -> float:
        """Return the weighted sum of some facts; a fact never seen in learning adds nothing."""
        weights = self.parts[part]
        return sum(weights.get(name, 0.0) * value for name, value in features.items())

    def probability(self, part: str, features: Features) -> float:
        """Return the probability that some facts give."""
        return sigmoid(self.score(part, features))

    def text(self) -> str:
        """Return the weights as CSV: part, fact, weight."""
        held = io.StringIO()
        writer = csv.writer(held, lineterminator="\n")
        writer.writerow(("part", "fact", "weight"))
        for part in PARTS:
            for name, weight in sorted(self.parts[part].items()):
                if weight:
                    writer.writerow((part, name, f"{weight:.{_ROUND}f}"))
        return held.getvalue()

    @classmethod
    def read(cls, text: str, place: str = "weights.csv") -> Weights:
        """Read weights from CSV.

        Raises
        ------
        InvalidValue
            When a line is no part, fact and number.
        """
        parts: dict[str, dict[str, float]] = {part: {} for part in PARTS}
        for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
            if number == 1 and row[:1] == ["part"]:
                continue
            try:
                part, name, weight = row
                parts[part][name] = _finite(weight)
            except (ValueError, KeyError) as why:
                raise InvalidValue(_not_weights(place, number, ",".join(row))) from why
        return cls(parts)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _not_weights(place: str, line: int, value: str) -> Fault:
    return fault_of("dossier.weights", f"{place}:{line}", value)


@cache
def shipped_weights() -> Weights:
    """Return the weights that come with procsim."""
    held = resources.files("procsim.dossier").joinpath("weights.csv").read_text(encoding="utf-8")
    return Weights.read(held)


def fit_linear(part: str, facts: Sequence[Features], answers: Sequence[bool]) -> dict[str, float]:
    """Learn one linear part by logistic regression, weights rounded to four decimals."""
    from sklearn.linear_model import LogisticRegression

    names = sorted({name for features in facts for name in features})
    if not names or len(set(answers)) < 2:
        return {}
    column = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(facts), len(names)))
    for at, features in enumerate(facts):
        for name, value in features.items():
            matrix[at, column[name]] = value
    strength = _ROW_STRENGTH if part == "row" else _TRUST_STRENGTH
    model = LogisticRegression(C=strength, fit_intercept=False, tol=1e-8, max_iter=5000)
    model.fit(matrix, np.asarray(answers))
    return {name: round(float(w), _ROUND) for name, w in zip(names, model.coef_[0], strict=True)}


def fit_situations(dossiers: Sequence[tuple[Published, Sequence[int]]]) -> dict[str, float]:
    """Learn which of several situations is the ordinary one (a conditional logit).

    Parameters
    ----------
    dossiers
        Each with the numbers of its base cases.
    """
    from scipy.optimize import minimize

    questions: list[tuple[np.ndarray, int]] = []
    names: list[str] = []
    for about, base in dossiers:
        _, peers = alternatives(about)
        right = [n for n in peers if n in base]
        if len(peers) < 2 or len(right) != 1:
            continue
        facts = situation_features(about, peers)
        names = names or sorted(facts[peers[0]])
        table = np.array([[facts[n][name] for name in names] for n in peers])
        questions.append((table, peers.index(right[0])))
    if not questions:
        return {}

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value = 0.5 * _SITUATION_PENALTY * float(weights @ weights)
        slope = _SITUATION_PENALTY * weights
        for table, right in questions:
            scores = table @ weights
            raised = np.exp(scores - scores.max())
            value += float(np.log(raised.sum()) + scores.max() - scores[right])
            slope = slope + table.T @ (raised / raised.sum()) - table[right]
        return value, slope

    found = minimize(
        loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"ftol": 1e-13}
    )
    return {name: round(float(w), _ROUND) for name, w in zip(names, found.x, strict=True)}
