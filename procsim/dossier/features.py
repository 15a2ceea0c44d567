"""What the learned part sees of cases and rows: named facts, so that each weight can be read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from procsim.dossier.published import Case, Published, Row
from procsim.dossier.rules import (
    BODY,
    GOVERNS,
    PERSON,
    SUBJECTS,
    Verdict,
    known_share,
    likeness,
    of_condition,
)

__all__ = ["case_features", "likeness", "pair_features", "row_features"]

Features = dict[str, float]


def _bin(value: float, *edges: float) -> str:
    return str(sum(value >= edge for edge in edges))


def _real(case: Case) -> list[Row]:
    return [row for row in case.rows if row.kind != "note"]


def case_features(about: Published) -> list[Features]:
    """Return the features of each case, relative to the other cases."""
    cases = about.cases
    share = [
        len(case.clues.words & about.subject) / max(1, len(case.clues.words)) for case in cases
    ]
    covers = [len(case.clues.words & about.subject) / max(1, len(about.subject)) for case in cases]
    real = [_real(case) for case in cases]
    forms = [any(row.kind == "form" for row in rows) for rows in real]
    most = max((len(rows) for rows in real), default=0)
    repeated = [0.0] * len(cases)
    exclusive = [0] * len(cases)
    for i, j in combinations(range(len(cases)), 2):
        alike_i = sum(any(likeness(a.words, b.words) >= 0.6 for b in real[j]) for a in real[i])
        alike_j = sum(any(likeness(a.words, b.words) >= 0.6 for a in real[i]) for b in real[j])
        if real[i] and real[j]:
            repeated[i] = max(repeated[i], alike_i / len(real[i]))
            repeated[j] = max(repeated[j], alike_j / len(real[j]))
            exclusive[i] += alike_i > 0
            exclusive[j] += alike_j > 0
    many = len(cases)
    said_by = {clue: sum(clue in case.clues.said for case in cases) for case in cases for clue in case.clues.said}
    made: list[Features] = []
    for i, case in enumerate(cases):
        f: Features = {"bias": 1.0}
        name = case.clues.spelled.text.strip(" :;.,-*")
        f["empty"] = float(not name)
        f["others empty"] = float(bool(name) and any(not c.clues.spelled.text.strip(" :;.,-*") for c in cases))
        for clue in case.clues.said:
            f[f"says {clue}"] = 1.0
            if said_by[clue] < many:
                f[f"alone says {clue}"] = 1.0
        for clue, count in said_by.items():
            if clue not in case.clues.said and count:
                f[f"others say {clue}"] = 1.0
        f[f"cases {_bin(many, 2, 3, 4, 6)}"] = 1.0
        f["first"] = float(i == 0)
        f["last"] = float(i == many - 1)
        order = case.clues.order
        orders = [c.clues.order for c in cases if c.clues.order == c.clues.order]
        f["numbered"] = float(order == order)
        f["numbered first"] = float(order == order and order == min(orders))
        f["numbered one"] = float(order == 1)
        f[f"share {_bin(share[i], 0.2, 0.4, 0.6, 0.8)}"] = 1.0
        f["best share"] = float(bool(name) and share[i] == max(share) and share.count(share[i]) == 1)
        f["best cover"] = float(bool(name) and covers[i] == max(covers) and covers.count(covers[i]) == 1)
        f["relative share"] = share[i] - sum(share) / many
        f["no rows"] = float(not real[i])
        f["form"] = float(forms[i])
        f["only form"] = float(forms[i] and sum(forms) == 1)
        f["no form, others"] = float(not forms[i] and any(forms))
        f["most rows"] = float(len(real[i]) == most and most > 0)
        f["most rows alone"] = float(len(real[i]) == most and [len(r) for r in real].count(most) == 1)
        f["relative rows"] = len(real[i]) / max(1, most)
        f["one row"] = float(len(real[i]) == 1)
        f[f"repeated {_bin(repeated[i], 0.01, 0.5, 1.0)}"] = 1.0
        f["exclusive with all"] = float(many > 1 and exclusive[i] == many - 1)
        f["exclusive with some"] = float(exclusive[i] > 0)
        f["none exclusive"] = float(not any(exclusive))
        f["long name"] = float(len(name) > 150)
        f["colon"] = float(case.name.rstrip().endswith(":"))
        quantity0 = sum(row.quantity == 0 for row in case.rows) / max(1, len(case.rows))
        f["no copies asked"] = quantity0
        f["conditional"] = sum(bool(r.clues.condition) for r in real[i]) / max(1, len(real[i]))
        others = [c for j, c in enumerate(cases) if j != i]
        f["all speak of cases"] = float(all({"case", "for"} & c.clues.said.keys() for c in cases))
        f["only one without case"] = float(not {"case", "for"} & case.clues.said.keys() and
                                          all({"case", "for"} & c.clues.said.keys() for c in others))
        for group in ("body", "person"):
            if group in case.clues.said:
                f[f"{group} of {'+'.join(sorted(about.applicants))}"] = 1.0
        subject_says = {clue for clue, words in SUBJECTS.items() if any(w in about.text for w in words)}
        for clue in case.clues.said.keys() & SUBJECTS.keys():
            f[f"says {clue}, subject {'too' if clue in subject_says else 'not'}"] = 1.0
        rows_said = set().union(*(row.clues.said.keys() for row in case.rows)) if case.rows else set()
        for clue in ("authorised", "online", "e-form", "foreign", "not read", "office makes", "military"):
            if clue in rows_said:
                f[f"rows say {clue}"] = sum(clue in r.clues.said for r in case.rows) / len(case.rows)
        made.append(f)
    return made


def row_features(
    row: Row, rows: Sequence[Row], about: Published, case: Case, said: Verdict, group: str
) -> Features:
    """Return the features of a row for whether the ordinary applicant hands it in.

    Parameters
    ----------
    row, rows
        The row, and all rows of the base cases.
    said
        What the rules say of it.
    group
        The rule that put it into a choice; ``""`` without one.
    """
    clues, text = row.clues, row.clues.spelled.text
    real = [other for other in rows if other.kind != "note"]
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
    for name in ("note", "online", "authorised", "more", "office"):
        f[f"case {name}"] = float(name in case.clues.said)
    if "foreign" in clues.said:
        f[f"foreign, subject {of_condition(about.text, SUBJECTS['foreign'])}"] = 1.0
        f[f"foreign, applicants {'foreigner' in about.applicants}"] = 1.0
    return f


_WEIGHED = frozenset(
    "authorised|online|post|other papers|not read|data|need not|except|in place|more|one of|state|by office|"
    "office makes|law only|previous|minor|military|abroad|foreign|lists|counter|wish|nếu có|e-form|deceased|photo|permit".split("|")
)


def pair_features(one: Row, other: Row, about: Published) -> Features:
    """Return the features of two rows of the base for whether the applicant gives one of them."""
    f: Features = {"bias": 1.0}
    a, b = one.clues, other.clues
    alike = likeness(one.words, other.words)
    f["alike"] = alike
    f[f"alike {_bin(alike, 0.3, 0.5, 0.7, 0.9)}"] = 1.0
    f[f"kinds {'+'.join(sorted((one.kind, other.kind)))}"] = 1.0
    f[f"places {'+'.join(sorted((a.place or 'none', b.place or 'none')))}"] = 1.0
    f["same opening"] = float(bool(a.place) and a.opening == b.opening and a.place == b.place)
    f["same condition"] = float(bool(a.place) and a.condition == b.condition)
    for clue in ("e-form", "online", "counter", "lost", "damaged", "in place", "one of", "person", "body", "sibling", "foreign", "wish"):
        held = (clue in a.said) + (clue in b.said)
        if held:
            f[f"{clue} {held}"] = 1.0
    both = {one.kind, other.kind}
    f["form and e-form"] = float(both == {"form"} and (("e-form" in a.said) != ("e-form" in b.said)))
    f["near"] = float(one.case == other.case and abs(one.number - other.number) == 1)
    f["same case"] = float(one.case == other.case)
    heads = (a.body.split()[:2], b.body.split()[:2])
    f["same head"] = float(heads[0] == heads[1])
    f["both files"] = float(one.has_file and other.has_file)
    return f
