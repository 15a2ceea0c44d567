"""What an officer changed in the reforms of a workbook, reform by reform."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from procsim.errors import Fault, Text, shorten
from procsim.readers.limits import cell_name, column_name
from procsim.reforms.base import Reform
from procsim.reforms.plan import Plan
from procsim.reforms.sheet_columns import HEAD, TITLES, columns, fields_of
from procsim.reforms.sheet_reading import Placed

__all__ = ["Change", "PlanChanges", "plan_changes"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an officer changed.

    Attributes
    ----------
    sheet, cell
        Where; the cell is ``""`` for a row that is no longer there.
    kind
        ``reform``, ``date``, ``volume``, ``cost``, ``limit`` or ``parameter``.
    what
        In words what was changed.
    before, after
        As they are shown; ``""`` for nothing.
    """

    sheet: str
    cell: str
    kind: str
    what: Text
    before: str | float
    after: str | float


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """The edited plan, what changed in it, and the row of each of its reforms."""

    plan: Plan
    changes: tuple[Change, ...]
    rows: tuple[int, ...]
    columns: dict[str, int]

    def placed(self, fault: Fault, place: str) -> Fault:
        """Return a fault of applying the plan, named by the cell of its reform."""
        parts = fault.place.split(" › ")
        if len(parts) < 2 or parts[0] != "plan" or not parts[1].isdecimal():
            return fault
        row = self.rows[int(parts[1]) - 1]
        reform = self.plan.reforms[int(parts[1]) - 1]
        column = self.columns.get(reform.target_field, 1)
        return replace(fault, place=f"{place} › {cell_name(row, column)}")


def plan_changes(old: Plan, placed: Placed) -> PlanChanges:
    """Return the plan that an officer left, its reforms in the order that they had.

    A sheet that was only sorted holds the same plan: reforms that were there keep
    their order, and new ones follow.
    """
    new = Plan.from_file(placed.plan)
    pairs, added = _paired(old.reforms, new.reforms)
    order = [at for at in pairs if at is not None] + added
    plan = replace(new, reforms=tuple(new.reforms[at] for at in order))
    changes = [*_head(old, new)]
    for reform, at in zip(old.reforms, pairs, strict=True):
        if at is None:
            changes.append(_removed(reform))
        elif new.reforms[at] != reform:
            changes += _fields(reform, new.reforms[at], placed.rows[at], placed.columns)
    changes += [_added(new.reforms[at], placed.rows[at]) for at in added]
    if old.unmatched != new.unmatched:
        what = Text("Dòng phụ lục chưa khớp", "Annex rows without a match")
        sheet = TITLES["unmatched"].vi
        changes.append(Change(sheet, "", "reform", what, len(old.unmatched), len(new.unmatched)))
    rows = tuple(placed.rows[at] for at in order)
    return PlanChanges(plan, tuple(changes), rows, placed.columns)


def _paired(old: Sequence[Reform], new: Sequence[Reform]) -> tuple[list[int | None], list[int]]:
    """Return where each old reform is now, and the new ones: equal first, then same target."""
    pairs: list[int | None] = [None] * len(old)
    left = list(range(len(new)))
    for key in (lambda r: r, lambda r: (r.kind, r.target), lambda r: (r.kind, r.procedure_id)):
        waiting: dict[object, deque[int]] = defaultdict(deque)
        for at in left:
            waiting[key(new[at])].append(at)
        for at, reform in enumerate(old):
            if pairs[at] is None and waiting.get(key(reform)):
                pairs[at] = waiting[key(reform)].popleft()
        taken = set(pairs)
        left = [at for at in left if at not in taken]
    return pairs, left


def _head(old: Plan, new: Plan) -> Iterator[Change]:
    for at, (name, label) in enumerate(HEAD.items(), 1):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(TITLES["head"].vi, f"B{at}", "reform", label, before, after)


def _said(reform: Reform) -> str:
    return shorten(reform.describe().vi, 90)


def _removed(reform: Reform) -> Change:
    what = Text(f"Bỏ đề xuất: {_said(reform)}", f"Reform removed: {reform.describe().en}")
    return Change(TITLES["plan"].vi, "", "reform", what, _said(reform), "")


def _added(reform: Reform, row: int) -> Change:
    what = Text(f"Thêm đề xuất: {_said(reform)}", f"Reform added: {reform.describe().en}")
    return Change(TITLES["plan"].vi, f"A{row}", "reform", what, "", _said(reform))


def _fields(old: Reform, new: Reform, row: int, places: dict[str, int]) -> Iterator[Change]:
    labels = {column.name: column.label for column in columns()}
    for name in fields_of(type(old)):
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        what = Text(f"{labels[name].vi} – {_said(old)}", f"{labels[name].en} – {old.describe().en}")
        cell = f"{column_name(places[name])}{row}" if name in places else f"A{row}"
        kind = "date" if name == "due" else "reform"
        yield Change(TITLES["plan"].vi, cell, kind, what, _shown(before), _shown(after))


def _shown(value: object) -> str | float:
    if isinstance(value, bool) or value is None:
        return {True: "có", False: "không", None: ""}[value]
    if isinstance(value, float | int):
        return value
    if isinstance(value, tuple):
        return "; ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)
