"""What the learned part sees of cases and rows: named facts, so that each weight can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from procsim.dossier.published import Case, Published, Row
from procsim.dossier.rules import (
    BODY,
    GOVERNS,
    PERSON,
    SUBJECTS,
    Verdict,
    known_share,
    of_condition,
)

Features = dict[str, float]


def _bin(value: float, *edges: float) -> str:
    return str(sum(value >= edge for edge in edges))


def row_features(
    row: Row,
    real: Sequence[Row],
    plain: int,
    about: Published,
    case: Case,
    said: Verdict,
    group: str,
) -> Features:
    """Return the features of a row for whether the ordinary applicant hands it in.

    Parameters
    ----------
    row, real
        The row, and all rows of the base cases that are no remarks.
    plain
        How many of them hold no condition.
    said
        What the rules say of it.
    group
        The rule that put it into a choice; ``""`` without one.
    """
    clues, kind = row.clues, row.kind
    facts = [
        "always", f"rule {said.rule}", f"role {said.role}", f"kind {kind}",
        f"plain rows {_bin(plain, 1, 2, 4)}",
    ]  # fmt: skip
    length = len(clues.spelled.text)
    due = said.role == "always"
    flags = (
        (bool(group), f"group {group}"),
        (row.has_file, "file"),
        (row.quantity == 0, "no copies"),
        (row.conditional, "marked conditional"),
        (len(real) == 1, "only row"),
        (plain == 1 and due, "only plain row"),
        (length > 300, "long"),
        (length > 700, "very long"),
    )
    facts += [name for holds, name in flags if holds]
    weighed = clues.said.keys() & _WEIGHED
    facts += [f"says {clue}" for clue in weighed]
    if kind != "form" and due:
        facts += [f"plain says {clue}" for clue in weighed]
    words = _HEAD_COPIES.sub("", clues.body[:120]).split()
    facts += [f"{said.role} head {' '.join(words[:size])}" for size in (2, 3, 4)]
    if group:
        facts.append(f"group of {' '.join(words[:2])}")
    facts += [f"case {name}" for name in _CASES if name in case.clues.said]
    if "foreign" in clues.said:
        facts.append(f"foreign, subject {of_condition(about.text, SUBJECTS['foreign'])}")
        facts.append(f"foreign, applicants {'foreigner' in about.applicants}")
    made = dict.fromkeys(facts, 1.0)
    if clues.place in GOVERNS:
        made |= _condition_features(row, real, about, case)
    return made


def _condition_features(row: Row, real: Sequence[Row], about: Published, case: Case) -> Features:
    """Return the features of a row that a condition rules."""
    clues, condition = row.clues, row.clues.condition
    share = known_share(row, about, case)
    peers = sum(other is not row and other.clues.place == clues.place for other in real)
    facts = [
        f"governs {clues.place}", f"governs, {row.kind}", f"known {_bin(share, 0.3, 0.5, 0.8)}",
        f"opens {clues.opening.split()[-1]}", f"peers {_bin(peers, 1, 2, 4)}",
    ]  # fmt: skip
    opening = condition.split()
    facts += [f"if {' '.join(opening[:size])}" for size in (3, 5)]
    for name, words in SUBJECTS.items():
        if of_condition(condition, words):
            facts.append(f"condition {name}, subject {of_condition(about.text, words)}")
    flags = (
        (len(condition) > 80, "long condition"),
        ("more" in clues.said, "more"),
        (of_condition(condition, BODY) and about.applicants == {"body"}, "body for bodies"),
        (of_condition(condition, BODY) and len(about.applicants) > 1, "body for both"),
        (of_condition(condition, PERSON) and "body" not in about.applicants, "person for persons"),
        (
            row.kind == "form"
            and not any(o.kind == "form" and o.clues.place not in GOVERNS for o in real),
            "no plain form",
        ),
    )
    facts += [name for holds, name in flags if holds]
    made = dict.fromkeys(facts, 1.0)
    made["known"] = share
    return made


_CASES = ("note", "online", "authorised", "more", "office")
_HEAD_COPIES = re.compile(
    r"^(?:(?:bản (?:sao|chính|gốc|chụp)|\d+|có chứng thực|hoặc|các|kèm|điện tử)(?!\w)|[ \-(+*])+"
)
_WEIGHED = frozenset(
    {
        "authorised", "online", "post", "other papers", "not read", "data", "need not", "except",
        "in place", "more", "one of", "office makes", "law only", "previous", "minor", "military",
        "foreign", "counter", "nếu có", "e-form",
    }
)  # fmt: skip
