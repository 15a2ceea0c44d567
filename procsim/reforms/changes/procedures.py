"""What the reforms of whole procedures do to the tables."""

from __future__ import annotations

import numpy as np

from procsim.errors import Fault, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import Decentralise
from procsim.reforms.actions.procedures import LEVELS
from procsim.reforms.base import Reform
from procsim.reforms.changes.base import (
    DIGITS,
    ENTERED,
    Edited,
    Numbered,
    Tables,
    fault,
    rows,
    weakest,
)

__all__ = [
    "abolish",
    "decentralise",
    "extend",
    "free",
    "merge_procedures",
    "moved_down",
]


def _at(numbered: Numbered, portfolio: Portfolio) -> list[int]:
    at: list[int] = rows(portfolio.procedures, [r.target for _, r in numbered]).tolist()
    return at


def abolish(numbered: Numbered, portfolio: Portfolio, _: list[Fault]) -> Tables:
    """Set the procedures to abolished."""
    made = Edited(portfolio.procedures, "status")
    made["status"][_at(numbered, portfolio)] = "abolished"
    return {"procedures": made.made()}


def free(numbered: Numbered, portfolio: Portfolio, _: list[Fault]) -> Tables:
    """Set the procedures free from boundaries."""
    made = Edited(portfolio.procedures, "boundary_free")
    made["boundary_free"][_at(numbered, portfolio)] = "yes"
    return {"procedures": made.made()}


def merge_procedures(numbered: Numbered, portfolio: Portfolio, _faults: list[Fault]) -> Tables:
    """Set procedures to merged, and give their dossiers to the one that is kept.

    Subjects are counted in the times per year of the procedure kept: ``Σ times
    × subjects ÷ times of the one kept``. Where one figure lacks, the sum is
    missing and ``volume_source`` says of which procedures it is made.
    """
    frame = portfolio.procedures
    made = Edited(frame, "status", "subjects_per_year", "subjects_mark", "volume_source")
    status, subjects, marks = made["status"], made["subjects_per_year"], made["subjects_mark"]
    times = frame["times_per_year"].to_numpy()
    place = dict(zip(frame.index, range(len(frame)), strict=True))
    for _, reform in numbered:
        kept = place[reform.procedure]
        others = [place[i] for i in reform.merged if status[place[i]] == "active"]
        if status[kept] != "active" or not others:
            continue
        status[others] = "merged"
        if reform.subjects_per_year is not None:
            subjects[kept], marks[kept] = reform.subjects_per_year, ENTERED
            continue
        every = [kept, *others]
        subjects[kept] = _subjects(times[every], subjects[every])
        known = not np.isnan(subjects[kept])
        marks[kept] = weakest(marks[every]) if known else ""
        names = ", ".join(str(frame.index[row]) for row in others)
        source = f"gộp với {names}" + ("" if known else ": chưa đủ số liệu để cộng")
        earlier = made["volume_source"][kept]
        made["volume_source"][kept] = f"{earlier}; {source}" if earlier else source
    return {"procedures": made.made()}


def _subjects(times: np.ndarray, subjects: np.ndarray) -> float:
    """Return the subjects of all, in the times of the first; NaN where it cannot be known."""
    alike = np.isnan(times).all() or (times == times[0]).all()
    if alike:
        return float(subjects.sum())
    total = float((times * subjects).sum())
    return round(total / times[0], DIGITS) if times[0] > 0 else np.nan


def moved_down(levels: str, level: str) -> str | None:
    """Return the levels after those above `level` gave way to it; None where none is above.

    Levels below stay. A procedure whose levels are not known, or are outside
    of the three (``other``), goes to `level`.

    Examples
    --------
    >>> moved_down("central;commune", "province")
    'province;commune'
    >>> moved_down("commune", "province") is None
    True
    """
    present = [part for part in levels.split(";") if part]
    rank = LEVELS.index(level)
    known = [LEVELS.index(part) for part in present if part in LEVELS]
    if known and min(known) >= rank:
        return levels if level in present else None
    below = [LEVELS[r] for r in sorted(known) if r > rank]
    return ";".join([level, *below])


def decentralise(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Move the levels down."""
    made = Edited(portfolio.procedures, "levels", "agency")
    for row, item in zip(_at(numbered, portfolio), numbered, strict=True):
        levels = moved_down(made["levels"][row], item[1].level)
        if levels is None:
            faults.append(_level_up(item, made["levels"][row]))
            continue
        made["levels"][row] = levels
        if item[1].agency:
            made["agency"][row] = item[1].agency
    return {"procedures": made.made()}


def _level_up(item: tuple[int, Decentralise], present: str) -> Fault:
    return fault(
        item,
        present,
        Text(
            "Thủ tục đang được giải quyết ở cấp thấp hơn cấp được đề xuất.",
            "The procedure is settled at a lower level than the one proposed.",
        ),
        Text("Phân cấp chỉ chuyển thẩm quyền xuống cấp dưới.", "Decentralising only moves down."),
        "level_up",
    )


def extend(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Lower the times per year."""
    made = Edited(portfolio.procedures, "times_per_year", "times_mark")
    times = made["times_per_year"]
    for row, item in zip(_at(numbered, portfolio), numbered, strict=True):
        reform = item[1]
        if np.isnan(times[row]):
            faults.append(_times_missing(item))
            continue
        new = reform.times_per_year
        if new is None:
            new = round(float(times[row]) * (1 - reform.percent / 100), DIGITS)
        if new > times[row]:
            faults.append(_times_higher(item, new, float(times[row])))
            continue
        times[row], made["times_mark"][row] = new, ENTERED
    return {"procedures": made.made()}


def _times_missing(item: tuple[int, Reform]) -> Fault:
    return fault(
        item,
        "",
        Text(
            "Chưa biết số lần thực hiện trong một năm, nên không tính được mức giảm.",
            "The times per year are not known, so their fall is unknown.",
        ),
        Text(
            "Ghi số lần thực hiện/01 năm của thủ tục, rồi áp dụng lại.",
            "Enter the times per year of the procedure, then apply again.",
        ),
        "times_missing",
    )


def _times_higher(item: tuple[int, Reform], new: float, present: float) -> Fault:
    now, now_en = format_number(present), format_number_en(present)
    return fault(
        item,
        format_number(new),
        Text(
            f"Số lần thực hiện mới nhiều hơn hiện nay ({now} lần/năm).",
            f"The new times are more than the present ones ({now_en} a year).",
        ),
        Text(f"Ghi một số không quá {now}.", f"Give a number of at most {now_en}."),
        "times_higher",
    )
