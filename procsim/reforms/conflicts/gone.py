"""Reforms of what the plan, or an earlier one, has done away with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import pandas as pd

from procsim.errors import Fault, Text
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import (
    AbolishProcedure,
    CutCondition,
    DropRequirement,
    DropStep,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    SelfDeclare,
    SimplifyCondition,
)
from procsim.reforms.base import Reform
from procsim.reforms.changes import named
from procsim.reforms.changes.papers import declared_papers
from procsim.reforms.conflicts.base import Item, told, wants

__all__ = ["meaningless"]

Key = tuple[str, str]  # table and id

_STANDING = {
    "procedures": ("active",),
    "requirements": ("required",),
    "steps": ("active",),
    "conditions": ("kept", "simplified"),
}
_WORDS = {
    "procedures": Text("Thủ tục", "The procedure"),
    "requirements": Text("Thành phần hồ sơ", "The required document"),
    "steps": Text("Bước thực hiện", "The step"),
    "conditions": Text("Yêu cầu, điều kiện", "The condition"),
}


def meaningless(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield changes to what is gone before the plan, or goes by another of its reforms."""
    gone = {table: _gone(portfolio, table) for table in _STANDING}
    declared = _declared(items, portfolio)
    removed: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        for key in _removed(item, declared):
            removed[key].append(item)
    for item in items:
        fault = _before(item, gone) or _within(item, removed, declared)
        if fault is not None:
            yield fault


def _gone(portfolio: Portfolio, table: str) -> set[str]:
    status: pd.Series = getattr(portfolio, table)["status"]
    return set(status.index[~status.isin(_STANDING[table])])


def _declared(items: Sequence[Item], portfolio: Portfolio) -> dict[int, list[str]]:
    """Return the papers that each self-declaration does away with, by its position."""
    mine = [item for item in items if isinstance(item[1], SelfDeclare)]
    if not mine:
        return {}
    ids = portfolio.requirements.index
    found = declared_papers(mine, portfolio)
    return {
        position: [str(ids[row]) for row in papers]
        for (position, _), (papers, _, _) in zip(mine, found, strict=True)
    }


def _removed(item: Item, declared: dict[int, list[str]]) -> Iterator[Key]:
    """Yield table and id of everything that a reform does away with."""
    position, reform = item
    match reform:
        case AbolishProcedure():
            yield "procedures", reform.procedure
        case MergeProcedures():
            yield from (("procedures", i) for i in reform.merged)
        case DropRequirement():
            yield "requirements", reform.requirement
        case MergeRequirements():
            yield from (("requirements", i) for i in reform.merged)
        case SelfDeclare():
            yield from (("requirements", i) for i in declared[position])
        case DropStep():
            yield "steps", reform.step
        case MergeSteps():
            yield from (("steps", i) for i in reform.merged)
        case CutCondition():
            yield "conditions", reform.condition


def _touched(item: Item, declared: dict[int, list[str]]) -> list[Key]:
    """Return what a reform touches, its procedures first."""
    position, reform = item
    found = [("procedures", i) for i in reform.procedure_ids]
    found += [key for key in named(reform) if key[0] in _STANDING]
    found += [("requirements", i) for i in declared.get(position, ())]
    return list(dict.fromkeys(found))


def _before(item: Item, gone: dict[str, set[str]]) -> Fault | None:
    """Return why a reform has no meaning on this portfolio, if so."""
    for table, i in _touched(item, {}):
        if i in gone[table]:
            word = _WORDS[table]
            return told(
                item,
                i,
                Text(
                    f"{word.vi} này đã được bãi bỏ hoặc gộp từ trước.",
                    f"{word.en} is dropped or merged already.",
                ),
                "warning",
                "meaningless",
                Text("Bỏ đề xuất này.", "Remove this reform."),
            )
    return None


def _within(
    item: Item, removed: dict[Key, list[Item]], declared: dict[int, list[str]]
) -> Fault | None:
    """Return which other reform of the plan takes a reform's meaning away, if one does."""
    position, reform = item
    mine = set(_removed(item, declared))
    for key in _touched(item, declared):
        for other_position, other in removed.get(key, ()):
            if other_position == position or _told_elsewhere(reform, other):
                continue
            if key in mine and other_position > position:
                continue  # both do away with it: the later one is told
            how = _how(other, _WORDS[key[0]], key[1])
            return told(
                item,
                other_position,
                Text(
                    f"Không còn ý nghĩa: đề xuất {other_position} {how.vi}.",
                    f"Without meaning: reform {other_position} {how.en}.",
                ),
                "warning",
                "meaningless",
            )
    return None


def _told_elsewhere(one: Reform, other: Reform) -> bool:
    """Return whether the two repeat or contradict each other: that is told as such."""
    conditions = isinstance(one, SimplifyCondition) and isinstance(other, CutCondition)
    return conditions or wants(one) == wants(other)


def _how(reform: Reform, word: Text, i: str) -> Text:
    """Return how a reform does away with something: ``gộp bước thực hiện … vào …``."""
    vi, en = f"{word.vi.lower()} {i}", f"{word.en.lower()} {i}"
    if isinstance(reform, MergeProcedures | MergeRequirements | MergeSteps):
        return Text(f"gộp {vi} vào {reform.target}", f"merges {en} into {reform.target}")
    return Text(f"bãi bỏ {vi}", f"does away with {en}")
