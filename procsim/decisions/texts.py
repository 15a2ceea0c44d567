"""The legal texts that a plan amends, each once."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import pandas as pd

from procsim.reference import legal_texts
from procsim.reference.route import rank_of_number, texts_to_amend
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan

__all__ = ["amended_texts", "texts_of"]

_COLUMNS = ("title", "rank", "annex_3", "reforms", "due")
_RESOLUTION = "66.7/2025/NQ-CP"


def texts_of(reform: Reform) -> tuple[tuple[str, str], ...]:
    """Return (text, rank) of what a reform amends: numbers, or the name where none is given.

    Nghị quyết 66.7/2025/NQ-CP, on which reforms may rest, needs no amendment.

    Examples
    --------
    >>> from procsim.reforms import ShortenLimit
    >>> texts_of(ShortenLimit("1.004222", days=3, legal_numbers="113/2017/NĐ-CP"))
    (('113/2017/NĐ-CP', 'nghi_dinh'),)
    """
    if reform.legal_numbers:
        return _amended(reform.legal_numbers, reform.rank)
    name = " ".join(reform.legal_text.split())
    if not name or _RESOLUTION in name:
        return ()
    return ((name, reform.rank or rank_of_number(name)),)


@cache
def _amended(numbers: tuple[str, ...], rank: str) -> tuple[tuple[str, str], ...]:
    return texts_to_amend(numbers, rank)


def amended_texts(plan: Plan, procedures: Collection[str] | None = None) -> pd.DataFrame:
    """Return the distinct legal texts that a plan amends.

    Parameters
    ----------
    plan
        The plan.
    procedures
        Only reforms that touch one of these procedures; None for all.

    Returns
    -------
    pandas.DataFrame
        Index ``text`` (its number, or its name where no number is given), in the
        order of the plan; ``title``, ``rank``, ``annex_3`` (whether Phụ lục III of
        Nghị quyết 66.7/2025/NQ-CP lists it), ``reforms`` (how many need it) and
        ``due``: the latest due date of those reforms (ISO). Where one of them
        states none it is the date of Phụ lục III, empty for a text not listed there.
    """
    listed = legal_texts()
    found: dict[str, tuple[str, str, list[str]]] = {}
    wanted = None if procedures is None else frozenset(procedures)
    for reform in plan.reforms:
        if wanted is not None and wanted.isdisjoint(reform.procedure_ids):
            continue
        for text, rank in texts_of(reform):
            due = reform.due.isoformat() if reform.due else ""
            found.setdefault(text, (reform.legal_text, rank, []))[2].append(due)
    rows = []
    for text, (name, rank, dues) in found.items():
        known = text in listed.index
        title, fallback = (listed.at[text, "title"], listed.at[text, "due"]) if known else ("", "")
        due = max(dues) if all(dues) else fallback
        rows.append((title or name, rank, known, len(dues), due))
    index = pd.Index(list(found), name="text", dtype="str")
    made = pd.DataFrame(rows, columns=list(_COLUMNS), index=index)
    return made.astype({"annex_3": bool, "reforms": int})
