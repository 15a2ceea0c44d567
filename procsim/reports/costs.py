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

from procsim.errors import Text, shorten
from procsim.measures.sheet import GROUPS
from procsim.model.portfolio import Portfolio
from procsim.reports.cells import MISSING, Formula, quoted
from procsim.reports.content import Content, reason_of
from procsim.reports.cost_terms import cost_terms
from procsim.reports.inputs import Input
from procsim.reports.page import Book, Column, Value, letter
from procsim.reports.sources import NAMES

__all__ = ["AFTER", "BEFORE", "FOLDED", "CostRows", "ministry_heading", "write_costs"]

BEFORE, AFTER = "Chi phí – hiện tại", "Chi phí – sau đơn giản hóa"
COST, YEAR, ASSUMED, EXTRA, TIMES, SUBJECTS = 11, 12, 18, 17, 9, 10
_PRINTED = 14
_VOLUMES = {TIMES: "times_per_year", SUBJECTS: "subjects_per_year"}
_FOLDED_FROM = 400  # lines: a sheet that would print on more than about 20 pages
_LONGEST = 200  # of a paper's name: the whole of it stands in the dossier
_COLUMNS = (
    Column(Text("STT", "No."), 6, "centre"),
    Column(Text("Các công việc khi thực hiện TTHC", "Work that the procedure takes"), 10),
    Column(Text("Các hoạt động, cách thức thực hiện cụ thể", "Activities and ways in detail"), 50),
    Column(Text("Thời gian thực hiện (giờ)", "Time (hours)"), 9, "hours"),
    Column(
        Text("Mức TNBQ/01 người/01 giờ làm việc (đồng)", "Income of one person in one hour (VND)"),
        11,
        "whole",
    ),
    Column(
        Text("Mức chi phí thuê tư vấn, dịch vụ (đồng)", "Advice and services bought (VND)"),
        11,
        "whole",
    ),
    Column(Text("Mức phí, lệ phí, chi phí khác (đồng)", "Fees and other costs (VND)"), 12, "whole"),
    Column(Text("Phần hồ sơ áp dụng (0–1)", "Part of a dossier (0–1)"), 9, "share"),
    Column(Text("Số lần thực hiện/01 năm", "Times a year"), 9.5, "whole"),
    Column(Text("Số lượng đối tượng tuân thủ/01 năm", "Subjects a year"), 11, "whole"),
    Column(Text("Chi phí thực hiện TTHC (đồng)", "Cost of the procedure (VND)"), 14, "whole"),
    Column(
        Text("Tổng chi phí thực hiện TTHC/01 năm (đồng)", "Total cost a year (VND)"), 18, "whole"
    ),
    Column(Text("Nguồn", "Mark"), 8.5, "centre"),
    Column(Text("Ghi chú", "Note"), 20),
    Column(
        Text("Phần phải chuẩn bị lại khi tra cứu không được", "Part prepared after all"),
        13,
        "share",
    ),
    Column(Text("Phần phải nộp bổ sung (Điều 8)", "Part handed in (Điều 8)"), 13, "share"),
    Column(Text("Chi phí dự kiến tăng thêm (đồng)", "Expected additional cost (VND)"), 14, "whole"),
    Column(
        Text("Phần chi phí dựa trên giả định (đồng)", "Part that is assumed (VND)"), 14, "whole"
    ),
)
_TITLES = {
    BEFORE: Text(
        "BIỂU MẪU TÍNH CHI PHÍ TUÂN THỦ THỦ TỤC HÀNH CHÍNH – HIỆN TẠI",
        "Compliance cost sheet – at present",
    ),
    AFTER: Text(
        "BIỂU MẪU TÍNH CHI PHÍ TUÂN THỦ THỦ TỤC HÀNH CHÍNH – SAU ĐƠN GIẢN HÓA",
        "Compliance cost sheet – after simplification",
    ),
}
_FORMULA = Text(
    "(Chi phí của một dòng = phần hồ sơ × (giờ × TNBQ + tư vấn, dịch vụ + phí, lệ phí, chi phí "
    "khác). Nhóm việc 4 và 5 không có dòng nào vì chưa có số liệu. Chỉ ghi các TTHC có đề xuất; "
    "các TTHC khác giữ nguyên, xem trang “Số liệu theo TTHC”)",
    "(Cost of a line = part of a dossier × (hours × income + services + fees). Groups 4 and 5 "
    "have no lines for want of data. Only procedures that the plan touches are listed; the others "
    "stay as they are, see the sheet “Số liệu theo TTHC”)",
)


#: What is said above a sheet whose unchanged rows are put away.
FOLDED = Text(
    "(Dòng mà phương án không làm thay đổi được thu gọn và không in; bấm nút 2 ở góc trên bên "
    "trái để mở ra, nút 1 để thu gọn)",
    "(Rows that the plan does not change are put away and not printed; button 2 in the upper left "
    "corner opens them, button 1 puts them away)",
)


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
    unknown = Text("CHƯA RÕ BỘ QUẢN LÝ", "MINISTRY NOT KNOWN").in_language(language)
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
            numbers=(
                row.hours,
                row.services_vnd,
                row.fees_vnd,
                row.weight,
                row.again,
                row.extra,
            ),
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
            nothing = Text("Phương án không sửa TTHC nào.", "The plan touches no procedure.")
            page.span(nothing.in_language(content.language), "text")
        page.finish()
        folded = bool(self.folded)
        return CostRows(self.procedures, self.groups, self.extra, self.assumed, folded)

    def _procedure(
        self,
        number: int,
        procedure: str,
        title: str,
        volume: tuple[float, ...],
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
            return Text("bãi bỏ hoặc gộp vào TTHC khác", "abolished or merged").in_language(
                language
            )
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
