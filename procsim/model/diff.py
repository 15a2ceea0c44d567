"""What the published procedures really changed between two snapshots.

Only what a ministry publishes is compared: names, levels, limits, fees,
dossiers, conditions, steps, legal bases and results. How procsim read or marked
the same text, and figures that users entered, are not changes of a procedure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.doors import notebook_page
from procsim.errors import Text, shorten, spoken
from procsim.language.formatting import format_number
from procsim.language.i18n import bilingual, t
from procsim.language.vietnamese import UNIT_NAMES, canonical_code, fold
from procsim.model.portfolio import Portfolio, Positions
from procsim.reference.schema import table

AREAS: dict[str, Text] = {
    "procedure": bilingual("model.general_information"),
    "channel": bilingual("model.ways_submission"),
    "limit": bilingual("model.time_limit"),
    "fee": bilingual("model.fees"),
    "dossier": bilingual("model.dossier"),
    "condition": bilingual("model.conditions"),
    "step": bilingual("model.steps"),
    "legal_basis": bilingual("model.legal_bases"),
    "result": bilingual("model.results"),
}
_COLUMNS = (
    "procedure", "code", "name", "ministry", "area", "kind", "item", "subject", "before", "after",
)  # fmt: skip
_GENERAL = (
    "code", "name", "ministry", "field", "levels", "agency", "applicants", "online",
    "boundary_free", "decision", "decision_date",
)  # fmt: skip
# How the values of a category are shown; what is published is Vietnamese, so are these.
_WORDS = {
    "counter": "trực tiếp", "post": "bưu chính", "online": "trực tuyến", "phi": "phí",
    "le_phi": "lệ phí", "central": "trung ương", "province": "cấp tỉnh", "commune": "cấp xã",
    "full": "toàn trình", "partial": "một phần", "none": "không trực tuyến", "yes": "có",
    "no": "không", "kept": "giữ nguyên", "simplified": "đơn giản hóa", "other": "khác",
    "unknown": "chưa rõ",
}  # fmt: skip
_READ_AS = {"limit_text": ("limit_value", "limit_unit"), "amount_text": ("amount_vnd",)}


@dataclass(frozen=True)
class _Area:
    """How the rows of one table are shown, and which of their columns are compared."""

    table: str
    area: str
    shown: Callable[[Portfolio], pd.Series]
    columns: dict[str, str]  # column: area of its change


def _own(name: str, column: str) -> Callable[[Portfolio], pd.Series]:
    return lambda portfolio: getattr(portfolio, name)[column]


def _mapped(values: pd.Series, shown: Callable[[Any], str]) -> pd.Series:
    # Series.map would make an empty column one of numbers.
    return pd.Series([shown(value) for value in values], index=values.index, dtype="str")


def _in_words(values: pd.Series) -> pd.Series:
    return _mapped(
        values, lambda text: "; ".join(_WORDS.get(part, part) for part in text.split(";"))
    )


def _limits(portfolio: Portfolio) -> pd.Series:
    """Return each channel as ``trực tuyến: 5 ngày làm việc``."""
    ways = portfolio.channels
    return _in_words(ways["method"]) + ": " + _written(ways, "limit_text")


def _fees(portfolio: Portfolio) -> pd.Series:
    """Return each fee as ``lệ phí: 20.000 Việt Nam Đồng /lần``."""
    fees = portfolio.fees
    shown = _in_words(fees["kind"]) + ": " + _written(fees, "amount_text") + " " + fees["note"]
    return shown.str.strip()


def _written(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a limit or an amount as published, else as the number that was entered."""
    number, *unit = _READ_AS[column]
    shown = _mapped(frame[number], lambda value: "" if math.isnan(value) else format_number(value))
    if unit:
        shown = shown + " " + _mapped(frame[unit[0]], lambda name: UNIT_NAMES[name].vi)
    return frame[column].where(frame[column] != "", shown.str.strip())


def _bases(portfolio: Portfolio) -> pd.Series:
    bases = portfolio.legal_bases
    return (
        (bases["number"] + " " + bases["name"] + " " + bases["article"]).str.split().str.join(" ")
    )


_ROWS = (
    _Area("channels", "channel", _limits, {"limit_text": "limit", "description": "channel"}),
    _Area("fees", "fee", _fees, {"kind": "fee", "amount_text": "fee", "per": "fee", "note": "fee"}),
    _Area("cases", "dossier", _own("cases", "name"), {"name": "dossier"}),
    _Area(
        "requirements",
        "dossier",
        _own("requirements", "name"),
        dict.fromkeys(("case", "name", "originals", "copies", "form_files"), "dossier"),
    ),
    _Area(
        "conditions",
        "condition",
        _own("conditions", "text"),
        {"text": "condition", "status": "condition"},
    ),
    _Area("steps", "step", _own("steps", "text"), {"text": "step"}),
    _Area("legal_bases", "legal_basis", _bases, {"name": "legal_basis", "article": "legal_basis"}),
    _Area("results", "result", _own("results", "name"), {"name": "result"}),
)


@dataclass(frozen=True)
class Difference:
    """What changed between two snapshots.

    Attributes
    ----------
    frame
        A row for each change: ``procedure`` (id in the new snapshot; in the old
        one where it ended), ``code``, ``name``, ``ministry``, ``area`` (a key
        of `AREAS`), ``kind`` (``added``, ``removed`` or ``changed``), ``item``
        (table, or table and column, of the schema), ``subject`` (which row of
        the procedure), ``before`` and ``after`` as texts.
    old, new
        How many procedures stand in each snapshot.
    """

    frame: pd.DataFrame
    old: int
    new: int

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Counts of changes by ministry and area.

        Columns ``ministry`` (``""`` = all), ``area``, ``added``, ``removed``,
        ``changed`` and ``procedures``, the number of procedures they are in.
        """
        everything = pd.concat([self.frame.assign(ministry=""), self.frame], ignore_index=True)
        order = pd.Categorical(everything["area"], categories=list(AREAS), ordered=True)
        groups = everything.assign(area=order).groupby(["ministry", "area"], observed=True)
        made = pd.DataFrame(
            {
                kind: groups["kind"].agg(lambda kinds, kind=kind: int((kinds == kind).sum()))
                for kind in ("added", "removed", "changed")
            }
        )
        made["procedures"] = groups["procedure"].nunique()
        return made.reset_index().astype({"area": "str"})

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"<Difference {self.old} → {self.new} procedures, {len(self)} changes>"

    def _repr_html_(self) -> str:
        return notebook_page(self)

    def text(self, language: str = "", most: int = 20) -> str:
        """Return the changes for people: the counts, then the first `most` changes."""
        language = spoken(language)
        general = self.frame[self.frame["item"] == "procedures"]
        counts = general["kind"].value_counts()
        lines = [
            t(
                "cli.diff.summary",
                language,
                old=self.old,
                new=self.new,
                added=int(counts.get("added", 0)),
                ended=int(counts.get("removed", 0)),
                changed=int(self.frame.drop(general.index)["procedure"].nunique()),
                changes=len(self.frame),
            )
        ]
        totals = self.summary[self.summary["ministry"] == ""].drop(columns="ministry")
        lines += [
            t("cli.diff.area", language, **{**row, "area": AREAS[row["area"]]})
            for row in totals.to_dict("records")
        ]
        lines += [self._line(row, language) for row in self.frame.head(most).to_dict("records")]
        if len(self.frame) > most:
            lines.append(t("cli.diff.more", language, count=len(self.frame) - most))
        return "\n".join(lines)

    def _line(self, row: dict[str, str], language: str) -> str:
        name, _, column = row["item"].partition(".")
        label = table(name)[column].label if column else AREAS[row["area"]]
        before, after = _apart(row["before"], row["after"])
        cells = {
            "code": row["code"] or row["procedure"],
            "label": label,
            "before": shorten(before, 80),
            "after": shorten(after, 80),
            "subject": f" ({shorten(row['subject'], 60)})" if row["subject"] else "",
        }
        return t(f"cli.diff.{row['kind']}", language, **cells)


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return two long texts from a few words before they differ."""
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    start = one.rfind(" ", 0, max(alike - 20, 0))
    return (one, other) if start < 20 else (f"…{one[start:]}", f"…{other[start:]}")


def diff(old: Portfolio, new: Portfolio) -> Difference:
    """Return what the published procedures changed from one snapshot to another.

    Procedures are the same by code and name, by id, or by a code that is left
    once; rows of a dossier by what they say, not by their ids. What is
    abolished, dropped or cut in a snapshot does not stand in it. Marks,
    decisions, volumes, and everything procsim derives from the texts are left
    out: they are no change of the procedure.

    Parameters
    ----------
    old, new
        Two snapshots of the official database, marked or not.

    Returns
    -------
    Difference
        With ``frame``, a row for each change, and ``summary``.

    Examples
    --------
    >>> def snapshot(days):
    ...     return Portfolio.from_tables({
    ...         "procedures": pd.DataFrame({"id": ["1.000001"], "code": ["1.000001"],
    ...                                     "name": ["A"], "ministry": ["B"]}),
    ...         "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...             "method": "online", "limit_value": [days], "limit_unit": "day"}),
    ...     })
    >>> made = diff(snapshot(7.0), snapshot(5.0)).frame.iloc[0]
    >>> made["area"], made["kind"], made["before"], made["after"]
    ('limit', 'changed', '7 ngày', '5 ngày')
    """
    before, after = _standing(old), _standing(new)
    procedures = procedure_pairs(before, after)
    parts = [*_whole(before, after, procedures), *_general(before, after, procedures)]
    for area in _ROWS:
        parts += _of_rows(area, before, after, procedures)
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    frame = frame[list(_COLUMNS)].astype("str")
    place = pd.Index([*after.procedures.index, *before.procedures.index]).drop_duplicates()
    order = place.get_indexer(frame["procedure"])
    frame = frame.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
    return Difference(frame, len(before), len(after))


def _standing(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio without what is abolished, dropped or cut in it."""
    status = portfolio.procedures["status"] == "active"
    if not status.all():
        portfolio = portfolio.select(list(portfolio.procedures.index[status]))
    asked, kept, done = portfolio.requirements, portfolio.conditions, portfolio.steps
    return portfolio.replace(
        requirements=asked[asked["status"] == "required"],
        conditions=kept[kept["status"] != "cut"],
        steps=done[done["status"] == "active"],
    )


def _changes(
    portfolio: Portfolio, at: np.ndarray, area: str, kind: str, item: str, **cells: object
) -> list[pd.DataFrame]:
    if not len(at):
        return []
    owner = portfolio.procedures.iloc[at]
    made = {
        "procedure": owner.index.to_numpy(),
        **{name: owner[name].to_numpy() for name in ("code", "name", "ministry")},
        "area": area, "kind": kind, "item": item, "subject": "", "before": "", "after": "",
    }  # fmt: skip
    return [pd.DataFrame({**made, **cells})]


def _whole(before: Portfolio, after: Portfolio, pairs: Pairs) -> list[pd.DataFrame]:
    ended = before.procedures["name"].iloc[pairs.removed].to_numpy()
    added = after.procedures["name"].iloc[pairs.added].to_numpy()
    return [
        *_changes(before, pairs.removed, "procedure", "removed", "procedures", before=ended),
        *_changes(after, pairs.added, "procedure", "added", "procedures", after=added),
    ]


def _general(before: Portfolio, after: Portfolio, pairs: Pairs) -> list[pd.DataFrame]:
    parts = []
    for column in _GENERAL:
        one = _texts("procedures", column, before.procedures.iloc[pairs.old], before)
        other = _texts("procedures", column, after.procedures.iloc[pairs.new], after)
        at = _differing(one, other)
        cells = {"before": one[at], "after": other[at]}
        item = f"procedures.{column}"
        parts += _changes(after, pairs.new[at], "procedure", "changed", item, **cells)
    return parts


def _differing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return where two columns of texts differ by more than spelling."""
    unequal = np.flatnonzero(one != other)
    same = [fold(one[i], diacritics=True) == fold(other[i], diacritics=True) for i in unequal]
    left: np.ndarray = unequal[~np.array(same, dtype=bool)]
    return left


def _of_rows(
    area: _Area, before: Portfolio, after: Portfolio, procedures: Pairs
) -> list[pd.DataFrame]:
    pairs = row_pairs(before, after, area.table, procedures)
    owners = [p.positions(area.table, "procedure") for p in (before, after)]
    shown = [area.shown(p).to_numpy(dtype=object) for p in (before, after)]
    new_of = np.full(len(before) + 1, -1)
    new_of[procedures.old] = procedures.new
    gone, come = pairs.removed, pairs.added
    if area.table == "cases":  # a dossier of one case names none
        gone, come = gone[shown[0][gone] != ""], come[shown[1][come] != ""]
    parts = [
        *_changes(
            after, new_of[owners[0][gone]], area.area, "removed", area.table, before=shown[0][gone]
        ),
        *_changes(after, owners[1][come], area.area, "added", area.table, after=shown[1][come]),
    ]
    for column, of_area in area.columns.items():
        one, other, differ = _compared(area.table, column, before, after, pairs)
        cells = {"before": one[differ], "after": other[differ]}
        cells["subject"] = np.where(
            one[differ] == shown[0][pairs.old[differ]], "", shown[0][pairs.old[differ]]
        )
        at = owners[1][pairs.new[differ]]
        parts += _changes(after, at, of_area, "changed", f"{area.table}.{column}", **cells)
    return parts


def _compared(
    name: str, column: str, before: Portfolio, after: Portfolio, pairs: Pairs
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a column on both sides as texts, and at which pairs it really differs."""
    sides = [
        (getattr(portfolio, name).iloc[rows], portfolio)
        for portfolio, rows in ((before, pairs.old), (after, pairs.new))
    ]
    one, other = (_texts(name, column, frame, portfolio) for frame, portfolio in sides)
    at = _differing(one, other)
    if column in _READ_AS:  # “03 ngày” and “3 ngày” are the same limit
        first, then = (frame.iloc[at][list(_READ_AS[column])] for frame, _ in sides)
        at = at[(first.to_numpy() != then.to_numpy()).any(axis=1)]
    return one, other, at


def _texts(name: str, column: str, frame: pd.DataFrame, portfolio: Portfolio) -> np.ndarray:
    shape = table(name)[column]
    if column in _READ_AS:
        made = _written(frame, column)
    elif shape.kind == "ref":
        names = getattr(portfolio, shape.target)["name"].to_dict()
        made = _mapped(frame[column], lambda key: names.get(key, ""))
    elif shape.categories:
        made = _in_words(frame[column])
    else:
        made = frame[column].astype(str)
    texts: np.ndarray = made.to_numpy(dtype=object)
    return texts


# Which procedure and which row of one snapshot is which in another.

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
    old: pd.DataFrame, new: pd.DataFrame, passes: Sequence[tuple[str, ...]], *, several: bool
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
