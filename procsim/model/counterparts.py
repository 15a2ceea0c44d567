"""Which procedure and which row of one snapshot is which in another.

Ids of rows are counted by the reader, so a paper inserted at the top of a
dossier moves all of them: rows are told apart by what they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.language.vietnamese import canonical_code, fold
from procsim.model.portfolio import Portfolio, Positions

__all__ = ["Pairs", "Spellings", "procedure_pairs", "row_pairs"]

# Rows alike in all of these columns are the same row; the strictest first.
_ALIKE: dict[str, tuple[tuple[str, ...], ...]] = {
    "cases": (("name",), ("position",)),
    "channels": (("method", "limit_text", "description"), ("method", "description"), ("method",)),
    "fees": (
        ("way", "kind", "note", "amount_text"),
        ("way", "kind", "note"),
        ("way", "kind"),
        ("way",),
    ),
    "requirements": (("case_name", "name"), ("name",)),
    "steps": (("text",), ("name",)),
    "conditions": (("text",),),
    "legal_bases": (("number", "article", "name"), ("number", "article"), ("number",)),
    "results": (("name",),),
}
# What is left is compared word by word: a row reworded is not one gone and one new.
_REWORDED = {"requirements": "name", "steps": "text", "conditions": "text", "results": "name"}
_WORDS_ALIKE = 0.5
_SAME_PLACE = 0.1


@dataclass(frozen=True)
class Pairs:
    """Row numbers that belong together in two tables, and those without counterpart.

    Attributes
    ----------
    old, new
        Shape (pairs,): row numbers in the old and in the new table.
    removed, added
        Row numbers that are only in the old, or only in the new table.
    """

    old: Positions
    new: Positions
    removed: Positions
    added: Positions


class Spellings(dict[str, str]):
    """Texts in the one spelling used for comparing, each worked out once."""

    def __missing__(self, text: str) -> str:
        self[text] = fold(text, diacritics=True)
        return self[text]

    def of(self, texts: pd.Series) -> pd.Series:
        """Return the spellings of a column, diacritics kept."""
        return pd.Series([self[text] for text in texts], index=texts.index, dtype=object)


def procedure_pairs(old: Portfolio, new: Portfolio) -> Pairs:
    """Return which procedures of two snapshots are the same.

    Procedures with the same code and name first, because the number that
    follows a repeated code only says in which order a source had them; then
    the same id; then a code that is left once on both sides.
    """
    frames = []
    spelled = Spellings()
    for portfolio in (old, new):
        table = portfolio.procedures
        code = table["code"].map({c: canonical_code(c) for c in table["code"].unique()})
        key = code.where(code != "", table.index.to_series())
        frames.append(
            pd.DataFrame(
                {
                    "code": key.to_numpy(),
                    "name": spelled.of(table["name"]).to_numpy(),
                    "id": table.index.to_numpy(),
                }
            )
        )
    one, other = frames
    return _paired(one, other, (("code", "name"), ("id",), ("code",)), several=False)


def row_pairs(old: Portfolio, new: Portfolio, name: str, procedures: Pairs) -> Pairs:
    """Return which rows of one table of two snapshots are the same.

    Only rows of procedures that are in both can be; the rows of the others
    are neither removed nor added. Rows alike are taken in their order; a row
    that is left is paired with the one of the same procedure that shares most
    words with it, if that is half of them.
    """
    spelled = Spellings()
    one = _described(old, name, procedures.old, spelled)
    other = _described(new, name, procedures.new, spelled)
    passes = tuple(("owner", *columns) for columns in _ALIKE[name])
    found = _paired(one, other, passes, several=True)
    if name in _REWORDED:
        found = _by_words(one, other, found, _REWORDED[name])
    inside = [np.flatnonzero(frame["owner"] >= 0) for frame in (one, other)]
    return Pairs(
        found.old,
        found.new,
        np.intersect1d(found.removed, inside[0]),
        np.intersect1d(found.added, inside[1]),
    )


def _described(
    portfolio: Portfolio, name: str, shared: Positions, spelled: Spellings
) -> pd.DataFrame:
    """Return what tells the rows apart, with the number of the pair that owns them."""
    table = getattr(portfolio, name)
    pair_of = np.full(len(portfolio.procedures) + 1, -1)  # the last: no procedure
    pair_of[shared] = np.arange(len(shared))
    made = {"owner": pair_of[portfolio.positions(name, "procedure")]}
    if name == "requirements":
        case = portfolio.positions(name, "case")
        made["case_name"] = _taken(spelled.of(portfolio.cases["name"]), case)
    if name == "fees":
        made["way"] = _taken(portfolio.channels["method"], portfolio.positions(name, "channel"))
    for column in {c for columns in _ALIKE[name] for c in columns} - set(made):
        values = table[column]
        made[column] = (values if column == "position" else spelled.of(values)).to_numpy()
    if "position" not in made and "position" in table:
        made["position"] = table["position"].to_numpy()
    return pd.DataFrame(made)


def _taken(values: pd.Series, at: Positions) -> npt.NDArray[np.object_]:
    texts = np.append(values.to_numpy(dtype=object), "")  # −1 reads the last, empty one
    return texts[at]


def _paired(
    old: pd.DataFrame,
    new: pd.DataFrame,
    passes: Sequence[tuple[str, ...]],
    *,
    several: bool,
) -> Pairs:
    """Pair rows that are alike, pass after pass; several alike go by their order, or not at all."""
    pairs = [np.empty((0, 2), dtype=np.intp)]
    left, right = np.arange(len(old)), np.arange(len(new))
    if "owner" in old:
        left, right = left[old["owner"] >= 0], right[new["owner"] >= 0]
    for columns in passes:
        keys = list(columns)
        one, other = old.iloc[left][keys], new.iloc[right][keys]
        if several:
            one = one.assign(_turn=one.groupby(keys).cumcount())
            other = other.assign(_turn=other.groupby(keys).cumcount())
        else:
            one, other = (f[~f.duplicated(keep=False)] for f in (one, other))
        merged = one.reset_index(names="_old").merge(
            other.reset_index(names="_new"), on=list(one.columns)
        )
        pairs.append(merged[["_old", "_new"]].to_numpy(dtype=np.intp))
        left, right = np.setdiff1d(left, merged["_old"]), np.setdiff1d(right, merged["_new"])
    return _sorted(np.concatenate(pairs), len(old), len(new))


def _sorted(pairs: Positions, old: int, new: int) -> Pairs:
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    return Pairs(
        pairs[:, 0],
        pairs[:, 1],
        np.setdiff1d(np.arange(old), pairs[:, 0]),
        np.setdiff1d(np.arange(new), pairs[:, 1]),
    )


def _by_words(old: pd.DataFrame, new: pd.DataFrame, found: Pairs, column: str) -> Pairs:
    """Pair rows that share at least half of their words, the most alike first."""
    one, other = old.iloc[found.removed], new.iloc[found.added]
    one, other = one[one["owner"] >= 0], other[other["owner"] >= 0]
    both = one.reset_index(names="_old").merge(
        other.reset_index(names="_new"), on="owner", suffixes=("", "_then")
    )
    if not len(both):
        return found
    words = {t: Counter(t.split()) for t in {*one[column], *other[column]}}
    alike = np.array(
        [
            _shared_words(words[a], words[b])
            for a, b in zip(both[column], both[f"{column}_then"], strict=True)
        ]
    )
    score = alike + _SAME_PLACE * (both["position"] == both["position_then"]).to_numpy()
    taken: list[tuple[int, int]] = []
    used: set[tuple[str, int]] = set()
    ends = list(zip(both["_old"], both["_new"], strict=True))
    for place in np.argsort(-score, kind="stable"):
        if alike[place] < _WORDS_ALIKE:
            continue
        before, after = ends[place]
        if ("old", before) not in used and ("new", after) not in used:
            used |= {("old", before), ("new", after)}
            taken.append((before, after))
    pairs = np.concatenate(
        [np.stack([found.old, found.new], axis=1), np.array(taken, dtype=np.intp).reshape(-1, 2)]
    )
    return _sorted(pairs, len(old), len(new))


def _shared_words(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of words that two texts have in common (Dice), 0 to 1."""
    size = one.total() + other.total()
    return 2 * (one & other).total() / size if size else 0.0
