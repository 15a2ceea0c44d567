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

__all__ = ["Features", "row_features"]

Features = dict[str, float]


def _bin(value: float, *edges: float) -> str:
    return str(sum(value >= edge for edge in edges))


def row_features(
    row: Row, real: Sequence[Row], about: Published, case: Case, said: Verdict, group: str
) -> Features:
    """Return the features of a row for whether the ordinary applicant hands it in.

    Parameters
    ----------
    row, real
        The row, and all rows of the base cases that are no remarks.
    said
        What the rules say of it.
    group
        The rule that put it into a choice; ``""`` without one.
    """
    clues, text = row.clues, row.clues.spelled.text
    plain = sum(not o.clues.place and "nếu có" not in o.clues.said for o in real)
    f: Features = {"bias": 1.0, f"rule {said.rule}": 1.0, f"role {said.role}": 1.0}
    f[f"group {group}"] = float(bool(group))
    f[f"kind {row.kind}"] = 1.0
    f["file"] = float(row.has_file)
    f["no copies"] = float(row.quantity == 0)
    f["marked conditional"] = float(row.conditional)
    f[f"plain rows {_bin(plain, 1, 2, 4)}"] = 1.0
    f["only row"] = float(len(real) == 1)
    f["only plain row"] = float(plain == 1 and said.role == "always")
    f["long"] = float(len(text) > 300)
    f["very long"] = float(len(text) > 700)
    for clue in clues.said.keys() & _WEIGHED:
        f[f"says {clue}"] = 1.0
        if row.kind != "form" and said.role == "always":
            f[f"plain says {clue}"] = 1.0
    if clues.place in GOVERNS:
        f[f"governs {clues.place}"] = 1.0
        f[f"governs, {row.kind}"] = 1.0
        share = known_share(row, about, case)
        f[f"known {_bin(share, 0.3, 0.5, 0.8)}"] = 1.0
        f["known"] = share
        f[f"opens {clues.opening.split()[-1]}"] = 1.0
        condition = clues.condition
        f["long condition"] = float(len(condition) > 80)
        f["more"] = float("more" in clues.said)
        for name, words in SUBJECTS.items():
            if of_condition(condition, words):
                too = of_condition(about.text, words)
                f[f"condition {name}, subject {too}"] = 1.0
        f["body for bodies"] = float(of_condition(condition, BODY) and about.applicants == {"body"})
        f["body for both"] = float(of_condition(condition, BODY) and len(about.applicants) > 1)
        f["person for persons"] = float(of_condition(condition, PERSON) and "body" not in about.applicants)
        peers = [o for o in real if o is not row and o.clues.place == clues.place]
        f[f"peers {_bin(len(peers), 1, 2, 4)}"] = 1.0
        f["no plain form"] = float(row.kind == "form" and not any(
            o.kind == "form" and o.clues.place not in GOVERNS for o in real))
    words = _HEAD_COPIES.sub("", clues.body).split()
    if said.role != "note":
        for size in (2, 3, 4):
            f[f"{said.role} head {' '.join(words[:size])}"] = 1.0
        if clues.place in GOVERNS:
            for size in (3, 5):
                f[f"if {' '.join(clues.condition.split()[:size])}"] = 1.0
        if group:
            f[f"group of {' '.join(words[:2])}"] = 1.0
    for name in ("note", "online", "authorised", "more", "office"):
        f[f"case {name}"] = float(name in case.clues.said)
    if "foreign" in clues.said:
        f[f"foreign, subject {of_condition(about.text, SUBJECTS['foreign'])}"] = 1.0
        f[f"foreign, applicants {'foreigner' in about.applicants}"] = 1.0
    return f


_HEAD_COPIES = re.compile(
    r"^(?:(?:bản (?:sao|chính|gốc|chụp)|\d+|có chứng thực|hoặc|các|kèm|điện tử)(?!\w)|[ \-(+*])+"
)
_WEIGHED = frozenset(
    "authorised|online|post|other papers|not read|data|need not|except|in place|more|one of|state|by office|"
    "office makes|law only|previous|minor|military|abroad|foreign|lists|counter|wish|nếu có|e-form|deceased|photo|permit".split("|")
)
