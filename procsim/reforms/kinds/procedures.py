"""Reforms of whole procedures and of their conditions: fields, and what they do to the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from procsim.errors import NOTHING, Fault, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters, working_days_per_unit
from procsim.reforms.base import Reform
from procsim.reforms.kinds.limits import copied_fees
from procsim.reforms.kinds.tables import (
    DIGITS,
    ENTERED,
    Edited,
    Numbered,
    Tables,
    appended,
    fault,
    rows,
    rows_by_procedure,
    weakest,
)
from procsim.reforms.wording import PERCENT, SHARE, by_percent, in_units, level_name

LEVELS = ("central", "province", "commune")
"""Levels of authority, from the highest down."""

_ONLINE = {"full": bilingual("reforms.fully_online"), "partial": bilingual("reforms.partly_online")}


@dataclass(frozen=True)
class AbolishProcedure(Reform):
    """Abolish a procedure (bãi bỏ thủ tục hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure.

    Examples
    --------
    >>> AbolishProcedure("1.004222").describe().en
    'Abolish the administrative procedure 1.004222.'
    """

    procedure: str = ""

    kind: ClassVar[str] = "abolish_procedure"
    title: ClassVar[Text] = bilingual("reforms.abolish_procedure")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return bilingual("reforms.abolish_administrative_procedure", procedure=self.procedure)

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class MergeProcedures(Reform):
    """Make one procedure of several (gộp thủ tục hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure that is kept.
    merged
        Ids of the procedures that go up in it; they get the status ``merged``.
    subjects_per_year
        Subjects of the procedure kept from then on. By default the yearly
        dossiers of all are added, where all are known; else they are missing.

    Examples
    --------
    >>> MergeProcedures("1.004222", merged=["1.004194"]).describe().en
    'Merge the procedures 1.004194 into procedure 1.004222.'
    """

    procedure: str = ""
    merged: tuple[str, ...] = ()
    subjects_per_year: float | None = None

    kind: ClassVar[str] = "merge_procedures"
    title: ClassVar[Text] = bilingual("reforms.merge_procedures")
    refers: ClassVar[Mapping[str, str]] = {"procedure": "procedures", "merged": "procedures"}

    @property
    def procedure_ids(self) -> tuple[str, ...]:
        """Ids of the procedure that is kept and of those that go up in it."""
        return (self.procedure, *self.merged)

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others, volume = "; ".join(self.merged), NOTHING
        if self.subjects_per_year is not None:
            volume = bilingual(
                "reforms.procedures.subjects_year", subjects_per_year=self.subjects_per_year
            )
        return bilingual(
            "reforms.merge_procedures_into_procedure",
            others=others,
            procedure=self.procedure,
            volume=volume,
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("merged")
        yield from self._number_faults(
            "subjects_per_year", unit=bilingual("reforms.procedures.faults.subjects_year")
        )


@dataclass(frozen=True)
class MoveOnline(Reform):
    """Offer the procedure online (dịch vụ công trực tuyến).

    Parameters
    ----------
    procedure
        Id of the procedure.
    level
        ``full`` (toàn trình) or ``partial`` (một phần).
    share
        Share of dossiers (0–1) that then come online.

    Notes
    -----
    Where there is no online channel one is added. Its limit is the longest of
    the present ones, and it costs the fees of the channel with most fees (the
    first of them), so that the move itself claims no saving of time or fees.

    Examples
    --------
    >>> MoveOnline("1.004222", level="full", share=0.8).describe().en
    'Offer procedure 1.004222 fully online, 80 % of dossiers handed in so.'
    """

    procedure: str = ""
    level: str = "full"
    share: float | None = None

    kind: ClassVar[str] = "move_online"
    title: ClassVar[Text] = bilingual("reforms.move_online")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        how, share = _ONLINE[self.level], NOTHING
        if self.share is not None:
            part = by_percent(round(self.share * 100, 6))
            share = bilingual("reforms.dossiers_handed", part=part)
        return bilingual("reforms.offer_procedure", how=how, procedure=self.procedure, share=share)

    def _faults(self) -> Iterator[Fault]:
        yield from self._choice_faults("level", tuple(_ONLINE))
        yield from self._number_faults("share", 1, unit=SHARE)


@dataclass(frozen=True)
class FreeFromBoundaries(Reform):
    """Let the procedure be done anywhere (không phụ thuộc địa giới hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure.

    Examples
    --------
    >>> FreeFromBoundaries("1.004222").describe().en
    'Receive and settle procedure 1.004222 independently of administrative boundaries.'
    """

    procedure: str = ""

    kind: ClassVar[str] = "free_from_boundaries"
    title: ClassVar[Text] = bilingual("reforms.free_boundaries")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return bilingual("reforms.receive_settle_procedure_independently", procedure=self.procedure)

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class Decentralise(Reform):
    """Give the procedure to a lower level (phân cấp, phân quyền).

    Parameters
    ----------
    procedure
        Id of the procedure.
    level
        ``province`` or ``commune``: the level that takes over from those above it.
    agency
        Agency that carries it out from then on; empty keeps what is published.

    Examples
    --------
    >>> Decentralise("1.004222", level="commune").describe().en
    'Decentralise procedure 1.004222 to the commune.'
    """

    procedure: str = ""
    level: str = ""
    agency: str = ""

    kind: ClassVar[str] = "decentralise"
    title: ClassVar[Text] = bilingual("reforms.decentralise")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        level = level_name(self.level)
        agency = f" ({self.agency})" if self.agency else ""
        return bilingual(
            "reforms.decentralise_procedure", procedure=self.procedure, level=level, agency=agency
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._choice_faults("level", LEVELS[1:])


@dataclass(frozen=True)
class ExtendValidity(Reform):
    """Let the result hold for longer, so that it is applied for less often.

    Parameters
    ----------
    procedure
        Id of the procedure.
    times_per_year
        How often one subject then does it in a year (0,2: once in five years).
    percent
        Or: by how many per cent (more than 0, at most 100) the times fall.

    Examples
    --------
    >>> ExtendValidity("1.004222", percent=50).describe().en
    'Extend the validity of the result of procedure 1.004222: the times it is done fall by 50 %.'
    """

    procedure: str = ""
    times_per_year: float | None = None
    percent: float | None = None

    kind: ClassVar[str] = "extend_validity"
    title: ClassVar[Text] = bilingual("reforms.extend_validity")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        if self.times_per_year is not None:
            how = bilingual("reforms.fall_year", times_per_year=self.times_per_year)
        else:
            cut = by_percent(self.percent)
            how = bilingual("reforms.fall", cut=cut)
        return bilingual(
            "reforms.extend_validity_result_procedure", procedure=self.procedure, how=how
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults(
            "times_per_year", "percent", bilingual("reforms.times_given_times_year")
        )
        yield from self._number_faults(
            "times_per_year", unit=bilingual("reforms.procedures.times_year")
        )
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)


# Changes of business conditions (yêu cầu, điều kiện).


@dataclass(frozen=True)
class CutCondition(Reform):
    """Cut a condition (bãi bỏ yêu cầu, điều kiện).

    Parameters
    ----------
    condition
        Id of the condition.

    Examples
    --------
    >>> CutCondition("1.004222/d1").describe().en
    'Cut condition 1.004222/d1.'
    """

    condition: str = ""

    kind: ClassVar[str] = "cut_condition"
    title: ClassVar[Text] = bilingual("reforms.cut_condition")
    target_field: ClassVar[str] = "condition"
    refers: ClassVar[Mapping[str, str]] = {"condition": "conditions"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return bilingual("reforms.procedures.cut_condition", condition=self.condition)

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class SimplifyCondition(Reform):
    """Make a condition easier to meet (đơn giản hóa yêu cầu, điều kiện).

    Parameters
    ----------
    condition
        Id of the condition.
    text
        Its new wording; empty while it is not drafted yet.

    Examples
    --------
    >>> SimplifyCondition("1.004222/d1", text="Có chỗ ở hợp pháp").describe().vi
    'Đơn giản hóa yêu cầu, điều kiện 1.004222/d1 thành “Có chỗ ở hợp pháp”.'
    """

    condition: str = ""
    text: str = ""

    kind: ClassVar[str] = "simplify_condition"
    title: ClassVar[Text] = bilingual("reforms.simplify_condition")
    target_field: ClassVar[str] = "condition"
    refers: ClassVar[Mapping[str, str]] = {"condition": "conditions"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        text = " ".join(self.text.split())
        vi, en = (f" thành “{text}”", f" to read “{text}”") if text else ("", "")
        return bilingual(
            "reforms.procedures.simplify_condition", condition=self.condition, words=Text(vi, en)
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


# What the reforms of whole procedures do to the tables.


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
        bilingual("reforms.procedure_settled_lower_level"),
        bilingual("reforms.decentralising_only_moves_down"),
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
        bilingual("reforms.no_times_per_year"),
        bilingual("reforms.enter_times_per_year"),
        "times_missing",
    )


def _times_higher(item: tuple[int, Reform], new: float, present: float) -> Fault:
    now, now_en = format_number(present), format_number_en(present)
    return fault(
        item,
        format_number(new),
        bilingual("reforms.new_times_more_present", now=Text(now, now_en)),
        bilingual("reforms.give_number_most", now=Text(now, now_en)),
        "times_higher",
    )


# What moving a procedure online does to its level and its channels.

_HEIGHT = {"full": 2, "partial": 1}


def move_online(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Raise the online level, add an online channel where there is none, set its share."""
    procedures = Edited(portfolio.procedures, "online")
    at = rows(portfolio.procedures, [reform.procedure for _, reform in numbered])
    for row, (_, reform) in zip(at, numbered, strict=True):
        if _HEIGHT[reform.level] > _HEIGHT.get(procedures["online"][row], 0):
            procedures["online"][row] = reform.level
    opened = _with_channels(numbered, portfolio)
    channels = Edited(opened.channels, "share", "share_mark")
    _set_shares(numbered, opened, channels, faults)
    return {"procedures": procedures.made(), "channels": channels.made(), "fees": opened.fees}


def _with_channels(numbered: Numbered, portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with an online channel for every procedure that is moved."""
    frame = portfolio.channels
    online = (frame["method"] == "online").to_numpy()
    wanted = list(dict.fromkeys(reform.procedure for _, reform in numbered))
    ways_of = rows_by_procedure(portfolio, "channels", wanted)
    lacking = [i for i in wanted if not any(online[row] for row in ways_of[i])]
    fees_of = rows_by_procedure(portfolio, "fees", lacking)
    cells = {name: frame[name].tolist() for name in ("limit_value", "limit_unit", "position")}
    ids = set(frame.index)
    channels: list[dict[str, Any]] = []
    fees: list[dict[str, Any]] = []
    for procedure in lacking:
        ways = ways_of[procedure]
        number = len(ways) + 1
        while f"{procedure}/k{number}" in ids:
            number += 1
        name = f"{procedure}/k{number}"
        last = max((cells["position"][row] for row in ways), default=0)
        channels.append(
            {
                "id": name,
                "procedure": procedure,
                "position": last + 1,
                "method": "online",
                **_longest_limit(ways, cells),
            }
        )
        fees += copied_fees(portfolio, procedure, fees_of[procedure], name)
    if not channels:
        return portfolio
    return portfolio.replace(
        channels=appended("channels", frame, channels), fees=appended("fees", portfolio.fees, fees)
    )


def _longest_limit(ways: list[int], cells: dict[str, list[Any]]) -> dict[str, Any]:
    """Return the longest stated limit; of equal ones that in working days, then the first."""
    in_days = working_days_per_unit(parameters())
    stated = [
        (round(cells["limit_value"][row] * in_days[unit], 9), unit == "working_day", -row)
        for row in ways
        if (unit := cells["limit_unit"][row]) and not np.isnan(cells["limit_value"][row])
    ]
    if not stated:
        return {}
    row = -max(stated)[2]
    value, unit = cells["limit_value"][row], cells["limit_unit"][row]
    return {
        "limit_value": value,
        "limit_unit": unit,
        "limit_text": in_units(value, unit).vi,
        "limit_mark": ENTERED,
    }


def _set_shares(
    numbered: Numbered, portfolio: Portfolio, made: Edited, faults: list[Fault]
) -> None:
    """Write the share of dossiers that come online; several online channels divide it."""
    wanted = [item for item in numbered if item[1].share is not None]
    online = (portfolio.channels["method"] == "online").to_numpy()
    ways_of = rows_by_procedure(portfolio, "channels", [r.procedure for _, r in wanted])
    for item in wanted:
        reform = item[1]
        ways = ways_of[reform.procedure]
        mine = [row for row in ways if online[row]]
        others = float(np.nansum([made["share"][row] for row in ways if not online[row]]))
        if reform.share + others > 1 + 1e-9:
            faults.append(_no_room(item, others))
            continue
        made["share"][mine] = reform.share / len(mine)
        made["share_mark"][mine] = ENTERED


def _no_room(item: tuple[int, MoveOnline], others: float) -> Fault:
    stated, stated_en = format_number(round(others, 6)), format_number_en(round(others, 6))
    return fault(
        item,
        format_number(item[1].share),
        bilingual("reforms.other_channels_take_dossiers", stated=Text(stated, stated_en)),
        bilingual("reforms.correct_shares_other_channels"),
        "share_room",
    )


# What the reforms of business conditions do to their table.


def cut(numbered: Numbered, portfolio: Portfolio, _: list[Fault]) -> Tables:
    """Set the conditions to cut."""
    frame = portfolio.conditions
    made = Edited(frame, "status")
    made["status"][rows(frame, [reform.condition for _, reform in numbered])] = "cut"
    return {"conditions": made.made()}


def simplify(numbered: Numbered, portfolio: Portfolio, _faults: list[Fault]) -> Tables:
    """Set the conditions to simplified, with their new wording where there is one."""
    frame = portfolio.conditions
    made = Edited(frame, "status", "text", "split")
    at = rows(frame, [reform.condition for _, reform in numbered])
    for row, (_, reform) in zip(at, numbered, strict=True):
        if made["status"][row] == "cut":
            continue
        made["status"][row] = "simplified"
        if reform.text.strip():
            made["text"][row], made["split"][row] = reform.text, "entered"
    return {"conditions": made.made()}
