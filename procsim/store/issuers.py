"""Officers' decisions on who issues a paper, kept among the notes of a project."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from procsim.marking.issuers import DECISION_COLUMNS
from procsim.store.actions import Note

__all__ = ["decision_note", "issuer_decisions"]

_PREFIX = "issuer"
_PARTED = " | "


def decision_note(
    requirement: str, document_type: str, issuer: str, who: str, day: str, reason: str
) -> Note:
    """Return the action that keeps an officer's decision on who issues a paper.

    Parameters
    ----------
    issuer
        Id of the procedure; empty where none issues the paper.
    reason
        Why; empty takes the decision back.
    """
    told = _PARTED.join((issuer, day, who.replace("|", "/"), reason)) if reason else ""
    return Note(f"{_PREFIX}:{document_type}:{requirement}", told)


def issuer_decisions(notes: Mapping[str, str]) -> pd.DataFrame:
    """Return the decisions among the notes of a project, as `procsim.links` takes them.

    Examples
    --------
    >>> note = decision_note("1.000001/c1/r1", "giay_khai_sinh", "2.000002", "Lan",
    ...                      "2026-03-02", "Đã hỏi Sở")
    >>> issuer_decisions({note.about: note.text}).at[0, "issuer"]
    '2.000002'
    """
    rows = []
    for about, told in notes.items():
        prefix, _, rest = about.partition(":")
        parts = told.split(_PARTED, 3)
        if prefix == _PREFIX and len(parts) == 4:
            document_type, _, requirement = rest.partition(":")
            procedure = requirement.split("/", 1)[0]
            issuer, day, who, reason = parts
            rows.append((document_type, procedure, requirement, issuer, who, day, reason))
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype=str)
