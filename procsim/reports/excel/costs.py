"""The cost sheets: Biểu mẫu tính chi phí tuân thủ, before and after, line by line.

Columns of the form in practice, with one more: the part of a dossier that a line stands
for, without which a checker could not recompute it (Thông tư 02/2017/TT-VPCP, Điều 27).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from procsim.errors import shorten
from procsim.language.i18n import bilingual
from procsim.measures.base import Figures, Rows, dossier, total
from procsim.measures.cost import cost_sheet
from procsim.measures.sheet import CLASSES, GROUPS, METHODS, channel_methods, channels, paper_class
from procsim.model.portfolio import Portfolio
from procsim.reports.content import Content, reason_of
from procsim.reports.excel.page import (
    MISSING,
    Book,
    Column,
    Formula,
    Page,
    Value,
    letter,
    quoted,
    reduction,
    saving,
)
from procsim.reports.excel.sources import NAMES
from procsim.reports.roundtrip.entries import Input

BEFORE, AFTER = "Chi phí – hiện tại", "Chi phí – sau đơn giản hóa"
COST, YEAR, ASSUMED, EXTRA, TIMES, SUBJECTS = 11, 12, 18, 17, 9, 10
_PRINTED = 14
_VOLUMES = {TIMES: "times_per_year", SUBJECTS: "subjects_per_year"}
_FOLDED_FROM = 400  # lines: a sheet that would print on more than about 20 pages
_LONGEST = 200  # of a paper's name: the whole of it stands in the dossier
_COLUMNS = (
    Column(bilingual("reports.no_no"), 6, "centre"),
    Column(bilingual("reports.work_procedure_takes"), 10),
    Column(bilingual("reports.activities_ways_detail"), 50),
    Column(bilingual("reports.time_hours"), 9, "hours"),
    Column(bilingual("reports.income_person_hour_vnd"), 11, "whole"),
    Column(bilingual("reports.advice_services_bought_vnd"), 11, "whole"),
    Column(bilingual("reports.fees_other_costs_vnd"), 12, "whole"),
    Column(bilingual("reports.part_dossier_0_1"), 9, "share"),
    Column(bilingual("reports.times_year"), 9.5, "whole"),
    Column(bilingual("reports.subjects_year"), 11, "whole"),
    Column(bilingual("reports.cost_procedure_vnd"), 14, "whole"),
    Column(bilingual("reports.total_cost_year_vnd"), 18, "whole"),
    Column(bilingual("reports.mark"), 8.5, "centre"),
    Column(bilingual("reports.note"), 20),
    Column(bilingual("reports.part_prepared_after_all"), 13, "share"),
    Column(bilingual("reports.part_handed_di_u"), 13, "share"),
    Column(bilingual("reports.expected_additional_cost_vnd"), 14, "whole"),
    Column(bilingual("reports.part_assumed_vnd"), 14, "whole"),
)
_TITLES = {
    BEFORE: bilingual("reports.compliance_cost_sheet_present"),
    AFTER: bilingual("reports.compliance_cost_sheet_after"),
}
_FORMULA = bilingual("reports.no_cost_line_part")


#: What is said above a sheet whose unchanged rows are put away.
FOLDED = bilingual("reports.no_rows_plan_change")


@dataclass(frozen=True, slots=True)
class CostRows:
    """Where the totals of one cost sheet stand.

    Attributes
    ----------
    procedures
        Row of each procedure by its id.
    groups
        Row and cost of each group of work, by procedure and number of the group.
    folded
        Whether what the plan does not change is put away.
    """

    procedures: Mapping[str, int]
    groups: Mapping[tuple[str, int], tuple[int, float]]
    extra: Mapping[str, float] = field(default_factory=dict)
    assumed: Mapping[str, float] = field(default_factory=dict)
    folded: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """One line with what its cells hold; numbers in the order of columns D, F, G, H, O, P."""

    key: tuple[str, int, str, str, int]
    position: int
    numbers: tuple[float, ...]
    names: tuple[str, ...]
    cost: float
    expected: float
    online: float
    mark: str
    note: str


def ministry_heading(ministry: str, language: str) -> str:
    """Return the heading above the procedures of a ministry."""
    unknown = bilingual("reports.no_ministry_known").in_language(language)
    return " ".join(ministry.split()).upper() or unknown


_Lines = Mapping[str, Mapping[int, list[_Line]]]


def _lines(portfolio: Portfolio, content: Content) -> _Lines:
    """Return the lines of the procedures concerned, by procedure and group of work."""
    frame = cost_terms(portfolio.select(content.touched), content.parameters, content.language)
    found: dict[str, dict[int, list[_Line]]] = {}
    seen: Counter[tuple[str, int, str, str]] = Counter()
    for row in frame.itertuples(index=False):
        price = ""
        if row.price_name:
            times = "" if row.price_times == 1 else f"*{row.price_times:g}"
            price = NAMES[row.price_name] + times
        # Paying stands beside the fee itself: the same source, another activity.
        key = (row.procedure, row.group, str(row.source), row.activity)
        seen[key] += 1  # two counters of one procedure have lines of the same words
        line = _Line(
            key=(*key, seen[key]),
            position=len(found.get(row.procedure, {}).get(row.group, ())),
            numbers=(row.hours, row.services_vnd, row.fees_vnd, row.weight, row.again, row.extra),
            names=(NAMES.get(row.hours_name, ""), price, "", "", "", ""),
            cost=row.cost_vnd,
            expected=row.expected_vnd,
            online=row.online,
            mark=row.mark,
            note=row.note,
        )
        found.setdefault(row.procedure, {}).setdefault(row.group, []).append(line)
    return found


def _kept(before: _Lines, after: _Lines) -> frozenset[Hashable]:
    """Return the groups (procedure, number) and the keys of the lines that stay as they are."""
    kept: set[Hashable] = set()
    for procedure, groups in before.items():
        for group, members in groups.items():
            new = {line.key: line for line in after.get(procedure, {}).get(group, ())}
            same = {line.key for line in members if _same(line, new.get(line.key))}
            kept |= same
            if same >= {line.key for line in members} | new.keys():
                kept.add((procedure, group))
    return frozenset(kept)


def _same(line: _Line, other: _Line | None) -> bool:
    return other is not None and all(
        _equal(one, two)
        for one, two in zip((*line.numbers, line.cost), (*other.numbers, other.cost), strict=True)
    )


_PLACES = (4, 6, 7, 8, 15, 16)  # the columns of `_Line.numbers`
_STYLES = ("hours", "whole", "whole", "share", "share", "share")


class _Sheet:
    """Writes one of the two cost sheets; the second refers to the first where nothing changed."""

    def __init__(
        self,
        book: Book,
        content: Content,
        name: str,
        lines: _Lines,
        folded: frozenset[Hashable],
        first: _Sheet | None = None,
    ) -> None:
        self.page = book.page(name, _COLUMNS, _PRINTED, keyed=True)
        self.content, self.first = content, first
        self.lines, self.folded = lines, folded
        self.missing = quoted(MISSING.in_language(book.language))
        self.portfolio = content.portfolio if first is None else content.changed
        self.measures = content.before if first is None else content.after
        self.known: dict[tuple[str, int, str, str, int], tuple[int, _Line]] = {}
        self.procedures: dict[str, int] = {}
        self.groups: dict[tuple[str, int], tuple[int, float]] = {}
        self.extra: dict[str, float] = {}
        self.assumed: dict[str, float] = {}
        self.bound: dict[Input, str] = {}
        self.alone = _alone(self.portfolio)

    def write(self) -> CostRows:
        """Write the sheet and return where its totals stand."""
        page, content = self.page, self.content
        page.title(_TITLES[page.name], [_FORMULA, FOLDED] if self.folded else [_FORMULA])
        page.head()
        volumes = self.portfolio.procedures[["times_per_year", "subjects_per_year"]]
        before = ""
        heads = content.heads(content.touched)
        for number, (procedure, (code, name, ministry)) in enumerate(
            zip(content.touched, heads, strict=True), 1
        ):
            if number == 1 or ministry != before:
                page.group(ministry_heading(ministry, content.language))
                before = ministry
            volume = tuple(float(v) for v in volumes.loc[procedure])
            self._procedure(number, procedure, f"{code} – {name}", volume)
        if not content.touched:
            nothing = bilingual("reports.no_plan_touches_procedure")
            page.span(nothing.in_language(content.language), "text")
        page.finish()
        folded = bool(self.folded)
        return CostRows(self.procedures, self.groups, self.extra, self.assumed, folded)

    def _procedure(
        self, number: int, procedure: str, title: str, volume: tuple[float, ...]
    ) -> None:
        page = self.page
        own = self.lines.get(procedure, {})
        row = page.next_row()
        self.procedures[procedure] = row
        first, rows = row + 1, self._plan_rows(row, own)
        cost = float(self.measures.at[procedure, "cost_vnd"])
        year = float(self.measures.at[procedure, "cost_year_vnd"])
        gone = self.measures.at[procedure, "status"] != "active"
        last = max(rows.values(), default=row)
        last += len(own[max(own)]) if own else 0
        page.put(1, number, "centre")
        page.fill(title, "bold text", 2, 8)
        for place, value in ((TIMES, volume[0]), (SUBJECTS, volume[1])):
            page.put(place, *self._volume(place, procedure, value))
            if self.first is None:
                page.bind(place, Input("cell", procedure, "procedures", _VOLUMES[place]))
        page.put(COST, self._total(list(rows.values()), cost, gone=gone), "bold whole")
        page.put(YEAR, self._year(row, year, gone=gone), "bold whole")
        page.put(13, "", "centre")
        page.put(14, self._note(procedure, gone=gone), "text")
        # Lines written below decide these two sums, so they are worked out beforehand.
        self._sums(procedure, own, first, last)
        for group, members in sorted(own.items()):
            self._group(procedure, group, members)

    @staticmethod
    def _plan_rows(row: int, own: Mapping[int, list[_Line]]) -> dict[int, int]:
        """Return the row of each group of work below the row of a procedure."""
        rows, at = {}, row + 1
        for group, members in sorted(own.items()):
            rows[group] = at
            at += 1 + len(members)
        return rows

    def _volume(self, place: int, procedure: str, value: float) -> tuple[Value, str]:
        if self.first is not None:
            old = float(self.content.portfolio.procedures.at[procedure, _VOLUMES[place]])
            if old == value or (math.isnan(old) and math.isnan(value)):
                there = self.first.page.at(place, self.first.procedures[procedure])
                return Formula(there, value), "whole"
            return value, "whole"  # a reform set it, on the sheet of the plan
        return value, "input whole"

    def _total(self, rows: list[int], cost: float, *, gone: bool) -> Value:
        if gone or not rows:
            return 0.0 if gone else cost
        cells = [f"K{row}" for row in rows]
        return Formula(
            f"IF(COUNT({','.join(cells)})={len(cells)},{'+'.join(cells)},{self.missing})", cost
        )

    def _year(self, row: int, year: float, *, gone: bool) -> Value:
        if gone:
            return 0.0
        return Formula(f"IF(COUNT(I{row}:K{row})=3,I{row}*J{row}*K{row},{self.missing})", year)

    def _note(self, procedure: str, *, gone: bool) -> str:
        language = self.content.language
        if gone:
            return bilingual("reports.abolished_merged").in_language(language)
        return reason_of(str(self.measures.at[procedure, "cost_why"] or ""), language)

    def _sums(self, procedure: str, own: Mapping[int, list[_Line]], first: int, last: int) -> None:
        page = self.page
        every = [line for members in own.values() for line in members]
        extra = float(np.nansum([line.expected - line.cost for line in every]))
        cost = float(self.measures.at[procedure, "cost_vnd"])
        guessed = float(sum(line.cost for line in every if line.mark == "giả định"))
        self.extra[procedure], self.assumed[procedure] = extra, guessed
        if not every:
            self.extra[procedure] = self.assumed[procedure] = 0.0
        row = page.row
        added: Value = 0.0
        assumed: Value = 0.0
        if every:
            known = f"ISNUMBER(K{row})"
            added = Formula(
                f"IF({known},SUM(Q{first}:Q{last}),{self.missing})",
                math.nan if math.isnan(cost) else extra,
            )
            mark = quoted("giả định")
            assumed = Formula(
                f"IF({known},SUMIF(M{first}:M{last},{mark},K{first}:K{last}),{self.missing})",
                math.nan if math.isnan(cost) else guessed,
            )
        page.put(EXTRA, added, "whole")
        page.put(ASSUMED, assumed, "whole")

    def _group(self, procedure: str, group: int, members: list[_Line]) -> None:
        page = self.page
        row = page.next_row()
        total = float(np.sum([line.cost for line in members]))
        self.groups[procedure, group] = (row, total)
        page.put(1, str(group), "centre")
        # Not merged: readers take minutes over a sheet of thousands of merged areas.
        page.put(2, GROUPS[group].in_language(self.content.language), "bold line")
        for place in range(3, COST):
            page.put(place, "", "rule")
        area = f"K{row + 1}:K{row + len(members)}"
        text = f"IF(COUNT({area})=ROWS({area}),SUM({area}),{self.missing})"
        page.put(COST, Formula(text, total), "bold whole")
        for place, style in ((12, "whole"), (13, "centre"), (14, "text")):
            page.put(place, "", style)
        if (procedure, group) in self.folded:
            page.fold()
        for line in members:
            self._line(group, line)
            if line.key in self.folded:
                page.fold()

    def _line(self, group: int, line: _Line) -> None:
        row = self.page.row + 1
        values: list[Value] = [""] * 17
        styles = [column.style for column in _COLUMNS[:17]]
        old_row, old = (
            (0, None) if self.first is None else self.first.known.get(line.key, (0, None))
        )
        targets: dict[int, Input] = {}
        for at, (place, style) in enumerate(zip(_PLACES, _STYLES, strict=True)):
            number = line.numbers[at]
            target = self._target(group, line, at)
            same = old is not None and _equal(number, old.numbers[at])
            if same and self.first is not None:
                values[place - 1] = Formula(self.first.page.at(place, old_row), number)
            elif target in self.bound:  # one figure for several lines is entered once
                values[place - 1], target = Formula(self.bound[target], number), None
            elif line.names[at]:
                values[place - 1] = Formula(line.names[at], number)
            else:
                values[place - 1], style = number, f"input {style}" if target else style
            styles[place - 1] = style
            if target is not None:
                targets[place] = target
                self.bound[target] = f"{letter(place)}{row}"
        values[0] = f"{group}.{line.position + 1}"
        values[2] = shorten(line.key[3], _LONGEST)
        values[4] = Formula(NAMES["hourly_income_vnd"], self.content.parameters.hourly_income_vnd)
        product = f"H{row}*(D{row}*E{row}+F{row}+G{row})"
        values[10] = Formula(
            f"IF(H{row}=0,0,IF(COUNT(D{row}:H{row})=5,{product},{self.missing}))", line.cost
        )
        values[12], values[13] = line.mark or "–", line.note
        if group == 1:
            values[16] = self._added(row, line)
        else:
            values[14:17], styles[14:17] = ["", "", ""], ["text"] * 3
        self.page.line(values, styles)
        for place, target in targets.items():
            self.page.bind(place, target)
        self.known[line.key] = (row, line)

    def _target(self, group: int, line: _Line, at: int) -> Input | None:
        """Return what an officer enters with a number of a line; None for a derived one."""
        source, number = line.key[2], line.numbers[at]
        if self.first is not None or not source:
            return None
        if group == 1 and at < 2 and not math.isnan(number):
            return Input("cell", source, "requirements", ("hours", "purchase_vnd")[at])
        if group == 3 and at == 2 and not line.names[0] and source in self.alone:
            return Input("cell", source, "fees", "amount_vnd")
        return None

    @staticmethod
    def _added(row: int, line: _Line) -> Formula:
        added = line.expected - line.cost
        prepared = f"O{row}*(D{row}*E{row}+F{row}+G{row})"
        handed = f"P{row}*({_handing_in(line.online)})*E{row}"
        known = f"COUNT(D{row}:H{row})=5"
        return Formula(
            f"IF(AND({known},ISNUMBER(K{row})),{prepared}+{handed},0)",
            0.0 if math.isnan(added) else added,
        )


def _alone(portfolio: Portfolio) -> frozenset[str]:
    """Return the fees without alternatives: of several amounts the lower-middle one counts."""
    fees = portfolio.fees
    alike = fees.groupby(["procedure", "kind"], sort=False)["kind"].transform("size")
    return frozenset(str(i) for i in fees.index[alike == 1])


def _handing_in(online: float) -> str:
    """Return the hours of Điều 8: by the share of dossiers that are handed in online."""
    by_hand, net = NAMES["hours_fallback"], NAMES["hours_fallback_online"]
    share = f"{online:.17g}"
    return by_hand if not online > 0 else f"{share}*{net}+(1-{share})*{by_hand}"


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def write_costs(book: Book, content: Content) -> Iterator[CostRows]:
    """Write both cost sheets; yield where the totals of each stand."""
    lines = [_lines(portfolio, content) for portfolio in (content.portfolio, content.changed)]
    count = sum(len(members) for groups in lines[0].values() for members in groups.values())
    folded = _kept(*lines) if count >= _FOLDED_FROM else frozenset()
    first = _Sheet(book, content, BEFORE, lines[0], folded)
    yield first.write()
    yield _Sheet(book, content, AFTER, lines[1], folded, first).write()


# What stands behind the figures of a cost line: a stated input, or a named parameter.

#: Parameters of time and of price that a line can take its figures from.
HOURS = (
    *CLASSES,
    *(f"hours_submit_{method}" for method in METHODS),
    "hours_pay_fee",
    *(f"hours_collect_{method}" for method in METHODS),
)
PRICES = ("price_copy_vnd", "price_certified_vnd", "price_post_vnd")


def cost_terms(portfolio: Portfolio, p: Figures, language: str = "vi") -> pd.DataFrame:
    """Return the lines of the cost sheet with the parameters that they rest on.

    The columns of `procsim.measures.cost_sheet`, and ``hours_name`` (the parameter
    that the hours are, ``""`` for a stated figure), ``price_name`` and
    ``price_times`` (services are so many times that price), ``again`` and
    ``extra``: the shares of applicants who prepare a replaced paper after all, and
    who hand it in afterwards (Điều 8, Nghị quyết 66.7/2025/NQ-CP), and ``online``,
    the share of the procedure's dossiers that are handed in online, so that::

        expected_vnd = cost_vnd + again × (hours × hourly + services) + extra × hourly
            × (online × hours_fallback_online + (1 − online) × hours_fallback)
    """
    sheet = cost_sheet(portfolio, p, language)
    group = sheet["group"].to_numpy()
    names = np.full(len(sheet), "", dtype=object)
    prices, times = names.copy(), np.zeros(len(sheet))
    again, extra = times.copy(), times.copy()

    rows = dossier(portfolio, p)
    table = portfolio.requirements
    paper = np.flatnonzero(group == 1)
    row = table.index.get_indexer(sheet["source"].iloc[paper])
    paper, row = paper[row >= 0], row[row >= 0]
    kind = paper_class(portfolio, rows.form)[row]
    hours_open = table["hours"].isna().to_numpy()[row]
    names[paper] = np.where(hours_open, np.array(CLASSES, dtype=object)[kind], "")
    copies = np.maximum(table["copies"].to_numpy(dtype=float)[row], kind == 1)
    copies = np.where(kind == 0, 0.0, copies)
    priced = table["purchase_vnd"].isna().to_numpy()[row] & (copies > 0)
    prices[paper] = np.where(priced, np.where(kind == 1, PRICES[1], PRICES[0]), "")
    times[paper] = np.where(priced, copies, 0.0)
    counted = (rows.base & rows.asked)[row]
    lost = (rows.needed * rows.fraction * (1.0 - rows.coverage))[row]
    extra[paper] = np.where(counted, lost, 0.0)
    again[paper] = np.where(counted, lost * (1.0 - rows.held[row]), 0.0)

    ways = channels(portfolio, p)
    net = ways.method == METHODS.index("online")
    share = total(ways.owner, np.where(net, ways.weight, 0.0), len(portfolio.procedures))
    online = share[portfolio.procedures.index.get_indexer(sheet["procedure"])]
    methods = channel_methods(portfolio)
    for number, verb in ((2, "submit"), (6, "collect")):
        at = np.flatnonzero(group == number)
        channel = portfolio.channels.index.get_indexer(sheet["source"].iloc[at])
        at, channel = at[channel >= 0], channel[channel >= 0]
        own = np.array([f"hours_{verb}_{name}" for name in METHODS], dtype=object)
        names[at] = own[methods[channel]]
        prices[at] = np.where(methods[channel] == 1, PRICES[2], "")
        times[at] = np.where(methods[channel] == 1, 1.0, 0.0)
    names[(group == 3) & (sheet["hours"].to_numpy() > 0)] = "hours_pay_fee"
    made = sheet.assign(
        hours_name=names,
        price_name=prices,
        price_times=times,
        again=again,
        extra=extra,
        online=online,
    )
    return _unmarked(made)


def _unmarked(lines: pd.DataFrame) -> pd.DataFrame:
    """Take the hours and services of a row of unknown kind away: nobody knows them."""
    inputs = lines[["hours", "services_vnd", "fees_vnd", "weight"]].notna().all(axis=1)
    odd = lines["cost_vnd"].isna() & inputs & (lines["weight"] != 0)
    lines.loc[odd, ["hours", "services_vnd"]] = np.nan
    lines.loc[odd, ["hours_name", "price_name"]] = ""
    return lines


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The cost of procedures as sums of parameters, shapes (procedures, parameters).

    ``cost = (hours · HOURS + other_hours) × hourly + prices · PRICES + other_vnd``.
    """

    hours: np.ndarray
    prices: np.ndarray
    other_hours: np.ndarray
    other_vnd: np.ndarray


def coefficients(lines: pd.DataFrame, ids: pd.Index) -> Coefficients:
    """Add up what each procedure's cost takes from each parameter; unknown lines are left out."""
    lines = lines[lines["cost_vnd"].notna() & (lines["weight"] != 0)]
    owner: Rows = ids.get_indexer(lines["procedure"])
    lines, owner = lines[owner >= 0], owner[owner >= 0]
    weight = lines["weight"].to_numpy(dtype=float)
    size = len(ids)

    def summed(names: pd.Series, wanted: tuple[str, ...], values: np.ndarray) -> np.ndarray:
        made = np.zeros((size, len(wanted)))
        for at, name in enumerate(wanted):
            mine = (names == name).to_numpy()
            made[:, at] = np.bincount(owner[mine], values[mine], size)
        return made

    def rest(free: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(owner[free], (weight * values)[free], size)

    times = lines["price_times"].to_numpy(dtype=float)
    services = lines["services_vnd"].to_numpy(dtype=float)
    fees = lines["fees_vnd"].to_numpy(dtype=float)
    unnamed_price = (lines["price_name"] == "").to_numpy()
    return Coefficients(
        hours=summed(lines["hours_name"], HOURS, weight),
        prices=summed(lines["price_name"], PRICES, weight * times),
        other_hours=rest(
            (lines["hours_name"] == "").to_numpy(), lines["hours"].to_numpy(dtype=float)
        ),
        other_vnd=rest(
            np.ones(len(lines), dtype=bool), fees + np.where(unnamed_price, services, 0)
        ),
    )


# Hệ số chi phí: the cost of procedures that the plan leaves as they are, as formulas.

REST_SHEET = "Hệ số chi phí"
_REST_PRINTED = 30
_FIRST_HOURS = 4
_FIRST_PRICE = _FIRST_HOURS + len(HOURS)
_OTHER_HOURS = _FIRST_PRICE + len(PRICES)
_OTHER_VND, _COST = _OTHER_HOURS + 1, _OTHER_HOURS + 2


@dataclass(frozen=True, slots=True)
class CostRest:
    """Where the cost of each procedure stands."""

    rows: Mapping[str, int]
    sheet: str = REST_SHEET
    letter: str = letter(_COST)


def _columns(content: Content) -> list[Column]:
    norms = [Column(content.parameters.name(name), 10, "share") for name in (*HOURS, *PRICES)]
    return [
        Column(bilingual("reports.no_no"), 6, "centre"),
        Column(bilingual("reports.procedure_code"), 11, "centre"),
        Column(bilingual("reports.procedure"), 40),
        *norms,
        Column(bilingual("reports.other_hours_entered"), 10, "hours"),
        Column(bilingual("reports.costs.fees_other_costs_vnd"), 13, "whole"),
        Column(bilingual("reports.cost_once_vnd"), 14, "whole"),
    ]


def write_cost_rest(book: Book, content: Content) -> CostRest:
    """Write "Hệ số chi phí"; return where each cost stands."""
    page = book.page(REST_SHEET, _columns(content))
    page.title(
        bilingual("reports.cost_procedures_stay"),
        [bilingual("reports.no_how_often_dossier", rest_printed=_REST_PRINTED)],
    )
    page.head()
    values: list[Value] = ["", "", bilingual("reports.value").in_language(page.language)]
    values += [Formula(NAMES[n], content.parameters[n]) for n in (*HOURS, *PRICES)]
    page.line([*values, "", "", ""], ["text"] * 3 + ["hours"] * len(HOURS) + ["whole"] * 6)
    base = page.row
    ids = [i for i in content.untouched if not math.isnan(content.before.at[i, "cost_vnd"])]
    ids = [i for i in ids if content.before.at[i, "status"] == "active"]
    rows = {}
    if ids:
        lines = cost_terms(content.portfolio.select(ids), content.parameters, content.language)
        index = content.before.index[content.before.index.get_indexer(ids)]
        found = coefficients(lines, index)
        hours = (letter(_FIRST_HOURS), letter(_FIRST_PRICE - 1))
        prices = (letter(_FIRST_PRICE), letter(_OTHER_HOURS - 1))
        for at, (procedure, head) in enumerate(zip(ids, content.heads(ids), strict=True)):
            row = page.row + 1
            terms = [
                f"SUMPRODUCT({one}${base}:{two}${base},{one}{row}:{two}{row})"
                for one, two in (hours, prices)
            ]
            other = letter(_OTHER_HOURS), letter(_OTHER_VND)
            cost = float(content.before.at[procedure, "cost_vnd"])
            shares = [*found.hours[at], *found.prices[at]]
            cells: list[Value] = [at + 1, head[0], head[1], *(float(s) or "" for s in shares)]
            cells += [float(found.other_hours[at]), float(found.other_vnd[at])]
            cells.append(
                Formula(
                    f"({terms[0]}+{other[0]}{row})*{NAMES['hourly_income_vnd']}"
                    f"+{terms[1]}+{other[1]}{row}",
                    cost,
                )
            )
            page.line(cells)
            rows[procedure] = row
    page.finish(filters=True, last_printed=min(page.row, base + _REST_PRINTED))
    return CostRest(rows)


# Chi phí – so sánh: the compliance cost of each procedure before and after.

CHANGES_SHEET = "Chi phí – so sánh"
_CHANGES_COLUMNS = (
    Column(bilingual("reports.no_no"), 6, "centre"),
    Column(bilingual("reports.procedure_code"), 11, "centre"),
    Column(bilingual("reports.procedure_group_work"), 46),
    Column(bilingual("reports.cost_present_vnd"), 14, "whole"),
    Column(bilingual("reports.cost_after_vnd"), 14, "whole"),
    Column(bilingual("reports.saved_vnd"), 13, "whole"),
    Column(bilingual("reports.reduction"), 10, "percent2"),
    Column(bilingual("reports.cost_year_present_vnd"), 19, "whole"),
    Column(bilingual("reports.cost_year_after_vnd"), 19, "whole"),
    Column(bilingual("reports.saved_year_vnd"), 18, "whole"),
    Column(bilingual("reports.reduction_year"), 10, "percent2"),
)


def _compared(row: int, place: str, old: Value, new: Value) -> list[Value]:
    """Return four cells from column `place`: before, after, what is saved, the rate."""
    one, two = f"{place}{row}", f"{chr(ord(place) + 1)}{row}"
    first, then = (cell.value if isinstance(cell, Formula) else cell for cell in (old, new))
    figures = (float(str(first)), float(str(then)))
    return [old, new, saving(one, two, *figures), reduction(one, two, *figures)]


def write_cost_changes(book: Book, content: Content, before: CostRows, after: CostRows) -> None:
    """Write "Chi phí – so sánh" from the totals of the two cost sheets."""
    page = book.page(CHANGES_SHEET, _CHANGES_COLUMNS)
    page.title(
        bilingual("reports.compliance_cost_before_after"),
        [bilingual("reports.rate_saved_cost_present"), *([FOLDED] if before.folded else [])],
    )
    page.head()
    costs = content.pair("cost_vnd", content.touched)
    years = content.pair("cost_year_vnd", content.touched)
    ministry = ""
    for at, (procedure, head) in enumerate(
        zip(content.touched, content.heads(content.touched), strict=True)
    ):
        if at == 0 or head[2] != ministry:
            ministry = head[2]
            page.group(ministry_heading(ministry, content.language))
        row = page.row + 1
        old_row, new_row = before.procedures[procedure], after.procedures[procedure]
        cells: list[Value] = [at + 1, head[0], head[1]]
        for place, column, (old, new) in (("D", "K", costs), ("H", "L", years)):
            cells += _compared(
                row,
                place,
                Formula(f"'{BEFORE}'!{column}{old_row}", float(old[at])),
                Formula(f"'{AFTER}'!{column}{new_row}", float(new[at])),
            )
        page.line(cells, _bold())
        _groups(page, procedure, before, after)
    _totals(page, content)
    area = f"F{page.head_row + 1}:F{page.row}"
    page.signal(area, f"AND(ISNUMBER(F{page.head_row + 1}),F{page.head_row + 1}>0)", "changed")
    page.finish()


def _bold() -> list[str]:
    return ["centre", "centre", "bold text"] + 2 * (["bold whole"] * 3 + ["bold percent2"])


def _groups(page: Page, procedure: str, before: CostRows, after: CostRows) -> None:
    for group, name in GROUPS.items():
        old = before.groups.get((procedure, group))
        new = after.groups.get((procedure, group))
        if old is None and new is None:
            continue
        links: list[Value] = [
            0.0 if found is None else Formula(f"'{sheet}'!K{found[0]}", found[1])
            for sheet, found in ((BEFORE, old), (AFTER, new))
        ]
        row = page.row + 1
        label = f"{group}. {name.in_language(page.language)}"
        page.line(
            ("", "", label, *_compared(row, "D", *links), "", "", "", ""),
            ("centre", "centre", "text", *("whole",) * 3, "percent2", *("text",) * 4),
        )
        if before.folded and old is not None and new is not None and _alike(old[1], new[1]):
            page.fold()


def _alike(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _totals(page: Page, content: Content) -> None:
    """Write the sums of what the plan touches, of the rest, and of the whole list."""
    whole = tuple(str(i) for i in content.before.index)
    missing = quoted(MISSING.in_language(page.language))
    for label, ids, criterion in (
        (bilingual("reports.procedures_touched"), content.touched, ",co_de_xuat,1"),
        (bilingual("reports.other_procedures"), content.untouched, ",co_de_xuat,0"),
        (bilingual("reports.total"), whole, ""),
    ):
        cells: list[Value] = ["", "", label.in_language(page.language)]
        for place, column, name in (("D", "cost_vnd", "cp"), ("H", "cost_year_vnd", "nam")):
            old, new = content.pair(column, ids)
            known = [not (math.isnan(a) or math.isnan(b)) for a, b in zip(old, new, strict=True)]
            sums = [float(values[known].sum()) if any(known) else math.nan for values in (old, new)]
            flag = f"co_{name},1{criterion}"
            links = [
                Formula(f"IF(COUNTIFS({flag})=0,{missing},SUMIFS({name}_{when},{flag}))", value)
                for when, value in zip(("truoc", "sau"), sums, strict=True)
            ]
            cells += _compared(page.row + 1, place, *links)
        page.line(cells, ["text", "text", *_bold()[2:]])
