"""Whether everything that a reform names is in the portfolio, and belongs together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from procsim.errors import Fault, Text, shorten
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import MergeRequirements
from procsim.reforms.base import Reform
from procsim.reforms.changes.base import place_of

__all__ = ["named", "unknown_targets"]

# Table, id, its procedure ("" for a procedure itself), its case ("" outside a dossier).
Found = dict[tuple[str, str], tuple[str, str]]


def named(reform: Reform) -> Iterator[tuple[str, str]]:
    """Yield table and id of everything that a reform names, its target first."""
    for field, table in reform.refers.items():
        value = getattr(reform, field)
        ids = value if isinstance(value, tuple) else (value,)
        yield from ((table, i) for i in ids if i is not None)


def unknown_targets(reforms: Sequence[Reform], portfolio: Portfolio) -> list[Fault]:
    """Return a fault for every id that is not in the portfolio, or in another procedure.

    The papers of one merger must stand in the same case of the dossier.
    """
    known = _found(reforms, portfolio)
    faults: list[Fault] = []
    for position, reform in enumerate(reforms, start=1):
        (table, target), *others = named(reform)
        home = known.get((table, target))
        if home is None:
            faults.append(_unknown(position, reform, table, target))
        for other_table, other in others:
            found = known.get((other_table, other))
            if found is None:
                faults.append(_unknown(position, reform, other_table, other))
            elif home is not None and other_table != "procedures":
                owner = target if table == "procedures" else home[0]
                if found[0] != owner:
                    faults.append(_unknown(position, reform, other_table, other))
                elif isinstance(reform, MergeRequirements) and found[1] != home[1]:
                    faults.append(_other_case(position, reform, other))
    return faults


def _found(reforms: Sequence[Reform], portfolio: Portfolio) -> Found:
    """Return procedure and case of every id that the reforms name and the tables have."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for reform in reforms:
        for table, i in named(reform):
            wanted[table].add(i)
    found: Found = {}
    for table, ids in wanted.items():
        frame = getattr(portfolio, table)
        listed = sorted(ids)
        at = frame.index.get_indexer(listed)
        there = np.flatnonzero(at >= 0)
        rows = at[there]
        blank = [""] * len(rows)
        owners = blank if table == "procedures" else frame["procedure"].iloc[rows].tolist()
        cases = frame["case"].iloc[rows].tolist() if table == "requirements" else blank
        for place, owner, case in zip(there, owners, cases, strict=True):
            found[table, listed[place]] = (owner, case)
    return found


def _unknown(position: int, reform: Reform, table: str, target: str) -> Fault:
    return Fault(
        place_of(position, reform),
        shorten(target),
        Text(
            f"Danh mục đã nạp không có mã này (bảng {table}), hoặc mã thuộc thủ tục khác.",
            f"The portfolio has no such id (table {table}), or it is of another procedure.",
        ),
        Text(
            "Kiểm tra mã, hoặc nạp đúng danh mục mà phương án được lập trên đó.",
            "Check the id, or load the portfolio that the plan was made for.",
        ),
        code="plan.unknown_target",
    )


def _other_case(position: int, reform: Reform, paper: str) -> Fault:
    return Fault(
        place_of(position, reform),
        shorten(paper),
        Text(
            "Chỉ gộp được các thành phần hồ sơ của cùng một trường hợp.",
            "Only required documents of the same case can be merged.",
        ),
        Text("Lập một đề xuất riêng cho từng trường hợp.", "Make one reform for each case."),
        code="plan.other_case",
    )
