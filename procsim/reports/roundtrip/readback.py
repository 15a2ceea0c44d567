"""The round trip: a workbook that an officer edited, read back with everything in it."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from procsim.decisions.roadmap import roadmap
from procsim.decisions.targets import scorecard
from procsim.errors import Fault, InvalidValue, ProcsimError, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.readers.gates.limits import cell_name, column_name, place_of, refusal
from procsim.readers.tables import Book as Read
from procsim.readers.tables import read_book
from procsim.reference import Parameters
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.kinds import changes as reform_changes
from procsim.reforms.plan import Plan, apply
from procsim.reports.content import Content
from procsim.reports.roundtrip.entries import Entry, Input, digest_of, enter
from procsim.reports.roundtrip.plan_reading import Placed, read_placed
from procsim.reports.roundtrip.plan_table import HEAD, TITLES, columns, fields_of

if TYPE_CHECKING:
    from procsim.reports.excel.page import Book
    from procsim.reports.roundtrip.cells import Compared, Edit
    from procsim.reports.roundtrip.stamp import Stamp


_COLUMNS = ("sheet", "cell", "kind", "what_vi", "what_en", "before", "after")
_KINDS = {"procedures": "volume", "channels": "limit"}


@dataclass(frozen=True, eq=False)
class ReadBack:
    """What an officer left in a workbook.

    Attributes
    ----------
    plan
        The reforms, in the order that they had; new ones at the end.
    portfolio
        The list with the figures that the officer entered (marked ``nhập``, or as the
        officer marked them in the same row).
    parameters
        The parameters with those that were changed.
    dates
        Dates that the officer knows better, as `procsim.roadmap` takes them.
    changes
        One row for each change: ``sheet``, ``cell``, ``kind`` (``reform``, ``date``,
        ``volume``, ``cost``, ``limit``, ``parameter``), ``what_vi``, ``what_en``,
        ``before``, ``after``. Empty where nothing was edited.
    notices
        What was changed in cells that are not read.
    entries
        Every figure entered so far in place of one of the list, earlier ones included.
    on, language
        Day and language of the workbook.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = ps.write_report(portfolio, ps.Plan(), Path(folder) / "plan.xlsx")
    ...     ps.read_back(path, portfolio).changes.empty
    True
    """

    plan: Plan
    portfolio: Portfolio = field(repr=False)
    parameters: Parameters = field(repr=False)
    dates: Mapping[str, date]
    changes: pd.DataFrame = field(repr=False)
    notices: tuple[Fault, ...]
    entries: tuple[Entry, ...] = field(repr=False)
    on: date | None
    language: str
    source: Path = field(repr=False)
    base: Portfolio = field(repr=False)
    stamp: Stamp = field(repr=False)

    def write(self, path: str | Path) -> Path:
        """Write the edited plan as a new workbook, with procsim's own figures.

        Raises
        ------
        InvalidValue
            When `path` is the file that was read: an officer's file is never rewritten.
        ProcsimError
            As `procsim.reports.excel.workbook.write_plan`.
        """
        from procsim.reports.excel.workbook import write_plan

        path = Path(path)
        _refuse_same(path, self.source)
        stamp = self.stamp
        changed = apply(self.portfolio, self.plan)
        before, after = measure(self.portfolio, self.parameters), measure(changed, self.parameters)
        card = scorecard(
            *(before, after, stamp.targets_then(), stamp.by or None),
            portfolio=changed,
            plan=self.plan,
            on=self.on,
            entered=stamp.entered,
        )
        return write_plan(
            *(self.base, self.plan, path, before, after, card),
            language=self.language,
            on=self.on,
            parameters=self.parameters,
            dates=self.dates,
            entries=self.entries,
            tornado=True,
        )


def _refuse_same(path: Path, source: Path) -> None:
    same = path.resolve() == source.resolve()
    if same or (path.exists() and source.exists() and path.samefile(source)):
        raise InvalidValue(fault_of("readback.same_file", shorten(path.name), shorten(str(path))))


def written_on(path: str | Path) -> date | None:
    """Return the day that a workbook of `procsim.write_report` was written for.

    Raises
    ------
    UnreadableInput
        When it is no such workbook.
    """
    from procsim.reports.roundtrip.stamp import read_stamp

    return read_stamp(Path(path), read_book(path)).on


def read_back(path: str | Path, portfolio: Portfolio, plan: Plan | None = None) -> ReadBack:
    """Read a workbook that `procsim.write_report` wrote and an officer edited.

    Reforms, due dates and dates of databases and texts, times and subjects a year, hours,
    services and fees, time limits and parameters are read. Rows may be sorted and moved.
    Whatever else was changed is refused where it breaks the workbook (a formula or a
    figure that procsim works out, a unit, a heading, a row, a sheet), or told in
    `ReadBack.notices` where it is text that procsim writes anew.

    Parameters
    ----------
    path
        The workbook; it is only read.
    portfolio
        The list that it was written from, marked in the same way.
    plan
        The plan that it was written from, where it shall be checked; the workbook knows it.

    Returns
    -------
    ReadBack
        The plan, the list, the parameters and the dates as edited, and what changed.

    Raises
    ------
    UnreadableInput
        When the file is no such workbook, is damaged, or was written from another list,
        another plan or by another version of procsim.
    InvalidValue
        With everything that is broken at once, each with its sheet and cell.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = ps.write_report(portfolio, ps.Plan(), Path(folder) / "plan.xlsx")
    ...     back = read_back(path, portfolio)
    >>> len(back.changes), back.plan == ps.Plan()
    (0, True)
    """
    from procsim.readers.gates.sheets import scan_formulas
    from procsim.reports.roundtrip.cells import compare_sheets
    from procsim.reports.roundtrip.stamp import read_stamp

    path = Path(path)
    read = read_book(path)
    stamp = read_stamp(path, read)
    _check_source(path, stamp, portfolio, plan)
    content, book = _rewritten(path, stamp, portfolio)
    parameters = content.parameters
    units = {name: parameters.unit(name).vi for name in parameters}
    found = compare_sheets(path, read, scan_formulas(path), book, units)
    placed, faults = _plan_sheet(path, read)
    made = _Edits(path, content, found)
    entries = made.entries()
    entered = enter(entries, content.portfolio)
    new_parameters, wrong = made.parameters(stamp)
    faults += [*found.faults, *wrong]
    edited = None if placed is None else plan_changes(stamp.plan, placed)
    if edited is not None:
        faults += _unfit(path, edited, entered)
    if faults or edited is None:
        raise InvalidValue(_said_once(faults))
    dates = _live(made.dates(stamp), edited.plan, entered, stamp.on)
    return ReadBack(
        plan=edited.plan,
        portfolio=entered,
        parameters=new_parameters,
        dates=dates,
        changes=_frame([*edited.changes, *made.changes()]),
        notices=tuple(found.notices),
        entries=(*stamp.entries, *entries),
        on=stamp.on,
        language=stamp.language,
        source=path,
        base=portfolio,
        stamp=stamp,
    )


def _frame(changes: Iterable[Change]) -> pd.DataFrame:
    rows = [(c.sheet, c.cell, c.kind, *c.what, c.before, c.after) for c in changes]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)


def _said_once(faults: Sequence[Fault]) -> list[Fault]:
    return list({(fault.place, fault.message): fault for fault in faults}.values())


# -- where the workbook comes from


def _check_source(path: Path, stamp: Stamp, portfolio: Portfolio, plan: Plan | None) -> None:
    if stamp.digest != digest_of(portfolio):
        raise refusal(
            place_of(path),
            "readback.other_source",
            bilingual(
                "reports.workbook_written_another_list",
                source=shorten(stamp.source, 60),
                size=stamp.size,
                source_2=shorten(portfolio.source, 60),
                portfolio=len(portfolio),
            ),
            bilingual("reports.load_list_options_tags"),
            stamp.digest[:12],
        )
    if plan is not None and plan != stamp.plan:
        raise refusal(
            place_of(path),
            "readback.other_plan",
            bilingual(
                "reports.workbook_written_another_plan",
                name=shorten(stamp.plan.name, 60),
                plan=len(stamp.plan),
            ),
            bilingual("reports.load_plan_exported"),
        )


def _rewritten(path: Path, stamp: Stamp, portfolio: Portfolio) -> tuple[Content, Book]:
    """Write the workbook again in memory, as it was before the edits."""
    from procsim.reports.excel.page import Book
    from procsim.reports.excel.workbook import Against, fill, make_content
    from procsim.reports.roundtrip.stamp import layout_of

    try:
        parameters = stamp.parameters_then()
        listed = enter(stamp.entries, portfolio)
        against = Against(stamp.targets_then(), stamp.by or None, stamp.entered)
        content = make_content(
            *(listed, stamp.plan, None, None, against),
            *(None, stamp.language, stamp.on, parameters),
            dates=stamp.dates,
        )
    except (ProcsimError, KeyError) as error:
        raise _other_version(path, error) from error
    book = Book(stamp.language)
    fill(book, content)
    if layout_of(book) != stamp.layout:
        raise _other_version(path, "layout")
    return content, book


def _other_version(path: Path, error: object) -> UnreadableInput:
    return refusal(
        place_of(path),
        "readback.other_version",
        bilingual("reports.another_version_procsim_wrote"),
        bilingual("reports.read_plan_alone_plan"),
        shorten(str(error), 80),
    )


def _plan_sheet(path: Path, read: Read) -> tuple[Placed | None, list[Fault]]:
    try:
        return read_placed(path, read), []
    except (InvalidValue, UnreadableInput) as error:
        # A sheet that is lost is told once, and everything else beside it.
        return None, list(error.faults)


def _unfit(path: Path, edited: PlanChanges, portfolio: Portfolio) -> list[Fault]:
    """Return why reforms cannot be applied to the list, each with its cell."""
    place = place_of(path, TITLES["plan"].vi)
    _, wrong = reform_changes.changed(edited.plan.reforms, portfolio)
    return [edited.placed(fault, place) for fault in wrong]


def _live(
    dates: Mapping[str, date], plan: Plan, portfolio: Portfolio, on: date | None
) -> dict[str, date]:
    """Return the dates that something still waits for: a reform may be gone in the same edit."""
    if not dates or on is None:
        return dict(dates)
    known = roadmap(portfolio, plan, on=on)
    keys = {item.text or key for key, item in known.catalogue.items()}
    return {key: day for key, day in dates.items() if key in keys}


# -- what the edits mean


class _Edits:
    """The edits of inputs as entries, parameters and dates."""

    def __init__(self, path: Path, content: Content, found: Compared) -> None:
        self.path, self.content, self.edits = path, content, found.edits

    def _of(self, *kinds: str) -> list[Edit]:
        return [edit for edit in self.edits if edit.target.kind in kinds]

    def entries(self) -> tuple[Entry, ...]:
        """Return the figures of the list that were entered."""
        made: list[Entry] = []
        for edit in self._of("cell", "limit"):
            target, value = edit.target, _number(edit.after)
            if target.kind == "limit":
                made += self._limits(target.row, _number(edit.before), value, edit.mark)
            else:
                made.append(Entry(target.table, target.row, target.column, value, edit.mark))
        return tuple(made)

    def _limits(self, procedure: str, old: float, new: float, mark: str) -> list[Entry]:
        """Return the longest limits of a procedure with the value that was entered for them."""
        rows = self.content.portfolio.rows("channels", procedure)
        if math.isnan(old):
            rows = rows[rows["limit_value"].isna()]
        else:
            rows = rows[(rows["limit_value"] - old).abs() <= 1e-9 * max(1.0, abs(old))]
        made = []
        for row, unit in zip(rows.index, rows["limit_unit"], strict=True):
            made.append(Entry("channels", str(row), "limit_value", new, mark))
            if not unit:
                made.append(Entry("channels", str(row), "limit_unit", "working_day", mark))
        return made

    def parameters(self, stamp: Stamp) -> tuple[Parameters, list[Fault]]:
        """Return the parameters with those that were entered, or what is wrong with them."""
        from procsim.reports.roundtrip.stamp import parameters_of

        edits = {edit.target.row: edit for edit in self._of("parameter")}
        old = self.content.parameters
        if not edits:
            return old, []
        try:
            entered = old.replace(**{name: _number(e.after) for name, e in edits.items()})
        except ProcsimError as error:
            return old, [self._placed(fault, edits) for fault in error.faults]
        return parameters_of(dict(entered), stamp.day), []

    def _placed(self, fault: Fault, edits: Mapping[str, Edit]) -> Fault:
        """Name a fault of a parameter by its cells."""
        names = [name for name in fault.place.split(", ") if name in edits]
        cells = ", ".join(edits[name].cell for name in names)
        sheet = edits[names[0]].sheet if names else ""
        return Fault(
            place_of(self.path, sheet, cells),
            fault.value,
            fault.message,
            fault.cure,
            fault.severity,
            fault.code,
        )

    def dates(self, stamp: Stamp) -> dict[str, date]:
        """Return the dates entered now and before; a day taken away is no longer entered."""
        dates = dict(stamp.dates)
        for edit in self._of("date"):
            if isinstance(edit.after, date):
                dates[edit.target.row] = edit.after
            else:
                dates.pop(edit.target.row, None)
        return dates

    def changes(self) -> list[Change]:
        """Return the edits in words."""
        return [
            Change(
                edit.sheet,
                edit.cell,
                self._kind(edit.target),
                self._what(edit.target),
                _shown(edit.before),
                _shown(edit.after),
            )
            for edit in self.edits
        ]

    @staticmethod
    def _kind(target: Input) -> str:
        if target.kind == "cell":
            return _KINDS.get(target.table, "cost")
        return target.kind

    def _what(self, target: Input) -> Text:
        portfolio = self.content.portfolio
        if target.kind == "parameter":
            return self.content.parameters.name(target.row)
        if target.kind == "date":
            label = bilingual("reports.ready")
            return Text(f"{label.vi} – {target.row}", f"{label.en} – {target.row}")
        if target.kind == "limit":
            label, name = bilingual("reports.time_limit"), target.row
            name = f"{target.row} – {portfolio.procedures.at[target.row, 'name']}"
        else:
            label = table(target.table)[target.column].label
            frame = getattr(portfolio, target.table)
            column = "name" if "name" in frame else "amount_text"
            name = f"{target.row} – {frame.at[target.row, column]}"
        return Text(f"{label.vi} – {shorten(name, 110)}", f"{label.en} – {shorten(name, 110)}")


def _number(value: float | date | None) -> float:
    return value if isinstance(value, float) else math.nan


def _shown(value: float | date | None) -> str | float:
    if isinstance(value, float):
        return "" if math.isnan(value) else value
    return value.isoformat() if isinstance(value, date) else ""


# What an officer changed in the reforms of a workbook, reform by reform.


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
        what = bilingual("reports.annex_rows_without_match")
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
    what = bilingual("reports.reform_removed", reform=Text(_said(reform), reform.describe().en))
    return Change(TITLES["plan"].vi, "", "reform", what, _said(reform), "")


def _added(reform: Reform, row: int) -> Change:
    what = bilingual("reports.reform_added", reform=Text(_said(reform), reform.describe().en))
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
        yield Change(TITLES["plan"].vi, cell, kind, what, _plan_shown(before), _plan_shown(after))


def _plan_shown(value: object) -> str | float:
    if isinstance(value, bool) or value is None:
        return {True: "có", False: "không", None: ""}[value]
    if isinstance(value, float | int):
        return value
    if isinstance(value, tuple):
        return "; ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)
