"""Số liệu theo TTHC: one row for each procedure of the whole list, the source of all sums.

What the plan touches is read from the sheets before; every other procedure stands with
one figure that counts both before and after. The columns have names, and the totals,
rates and verdicts of the workbook are formulas over those names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from procsim.decisions.readings import simplified
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.measures import rate
from procsim.reports.content import Content
from procsim.reports.excel.changes import CONDITIONS, DOCUMENTS, TIME
from procsim.reports.excel.costs import AFTER, BEFORE, CostRest, CostRows
from procsim.reports.excel.page import (
    MISSING,
    Book,
    Column,
    Formula,
    Page,
    Value,
    is_missing,
    letter,
    quoted,
)
from procsim.reports.excel.scores import Scopes
from procsim.reports.roundtrip.entries import Input

SHEET = "Số liệu theo TTHC"

#: Columns of pairs: the name in formulas, the measure, the style.
PAIRS = {
    "ngay": ("statutory_days", "number"),
    "giay": ("documents", "whole"),
    "giaydk": ("documents_expected", "number"),
    "dk": ("conditions", "whole"),
    "cp": ("cost_vnd", "whole"),
    "cpdk": ("cost_expected_vnd", "whole"),
    "nam": ("cost_year_vnd", "whole"),
}
_VOLUMES = {"lan": "times_per_year", "doi_tuong": "subjects_per_year"}
_RATED = ("ngay", "dk", "cp")
_WEIGHTED = ("ngay", "dk")
_LABELS = {
    "ngay": bilingual("reports.time_limit_working_days"),
    "giay": bilingual("reports.register.required_documents"),
    "giaydk": bilingual("reports.required_documents_expected"),
    "dk": bilingual("reports.conditions"),
    "cp": bilingual("reports.cost_once_vnd"),
    "cpdk": bilingual("reports.cost_expected_once_vnd"),
    "nam": bilingual("reports.cost_year_vnd"),
}
_TOLERANCE = "0.000000001"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sheets before hold the figures of what the plan touches."""

    time: Mapping[str, int]
    documents: Mapping[str, int]
    conditions: Mapping[str, int]
    before: CostRows
    after: CostRows


def _constant(value: float) -> str:
    """Return a number inside a formula as Excel writes it."""
    return repr(value).upper()


def _pair(text: Text, key: str, style: str) -> list[tuple[str, Column]]:
    # A cost in a year can have thirteen digits, and so have days times dossiers.
    width = 18 if key == "nam" or key.endswith("hs") else 13
    return [
        (f"{key}_truoc", Column(bilingual("reports.register.before", text=text), width, style)),
        (f"{key}_sau", Column(bilingual("reports.register.after", text=text), width, style)),
    ]


def _columns(scopes: Scopes) -> dict[str, Column]:
    """Return every column by its name; the first ones are printed."""
    yes = bilingual("reports.known_before_after_1")
    made: list[tuple[str, Column]] = [
        ("stt", Column(bilingual("reports.no_no"), 6, "centre")),
        ("ma", Column(bilingual("reports.procedure_code"), 11, "centre")),
        ("ten", Column(bilingual("reports.procedure"), 44)),
        ("bo", Column(bilingual("reports.ministry"), 17)),
        ("lan", Column(bilingual("reports.register.times_year"), 10, "whole")),
        ("doi_tuong", Column(bilingual("reports.register.subjects_year"), 10, "whole")),
    ]
    for key in ("ngay", "giay", "dk", "cp", "nam"):
        made += _pair(_LABELS[key], key, PAIRS[key][1])
    for key in ("giaydk", "cpdk"):
        made += _pair(_LABELS[key], key, PAIRS[key][1])
    made += [
        ("co_de_xuat", Column(bilingual("reports.touched_1_0"), 9, "whole")),
        ("nhom", Column(bilingual("reports.group_scorecard"), 9, "whole")),
        ("ho_so", Column(bilingual("reports.dossiers_year"), 11, "whole")),
        ("cp_gia_dinh", Column(bilingual("reports.assumed_part_cost"), 13, "whole")),
    ]
    for key in PAIRS:
        label = Text(f"{_LABELS[key].vi}: {yes.vi}", f"{_LABELS[key].en}: {yes.en}")
        made.append((f"co_{key}", Column(label, 11, "whole")))
    for key in _RATED:
        label = bilingual("reports.register.reduction", labels=_LABELS[key])
        made.append((f"tl_{key}", Column(label, 10, "percent2")))
    for key in _WEIGHTED:
        label = bilingual("reports.dossiers", labels=_LABELS[key])
        made += _pair(label, f"{key}hs", "number")
    label = bilingual("reports.cut_simplified_1_0")
    made.append(("da_cat", Column(label, 10, "whole")))
    for name, flag in scopes.flags.items():
        made.append((name, Column(flag.label, 12, "input whole" if flag.is_input else "whole")))
    return dict(made)


class _Register:
    """Writes the register; values are looked up by position in the whole list."""

    def __init__(
        self, book: Book, content: Content, scopes: Scopes, places: Places, rest: CostRest
    ) -> None:
        self.content, self.scopes, self.places, self.rest = content, scopes, places, rest
        self.columns = _columns(scopes)
        self.page: Page = book.page(SHEET, list(self.columns.values()), printed=16, keyed=True)
        self.letters = {name: letter(at) for at, name in enumerate(self.columns, 1)}
        self.missing = quoted(MISSING.in_language(book.language))
        self.ids = (*content.touched, *content.untouched)
        self.touched = frozenset(content.touched)
        self.here: dict[str, str] = {}  # addresses of the row in the making, by column
        order = content.before.index.get_indexer(list(self.ids))
        self.order: npt.NDArray[np.intp] = order
        every = tuple(str(i) for i in content.before.index)
        self.pairs = {
            key: tuple(values[order] for values in content.pair(measure, every))
            for key, (measure, _) in PAIRS.items()
        }
        self.volume = content.before["dossiers_per_year"].to_numpy(dtype=float)[order]
        before, after = content.before, content.after
        self.cut = simplified(before, after)[order]
        table = content.portfolio.procedures
        self.times = table["times_per_year"].to_numpy(dtype=float)[order]
        self.subjects = table["subjects_per_year"].to_numpy(dtype=float)[order]
        share = before["assumed_share"].to_numpy(dtype=float)
        self.share = share[order]
        self.gone = (before["status"] != "active").to_numpy()[order]
        self.gone_after = (after["status"] != "active").to_numpy()[order]

    def write(self) -> None:
        page, content = self.page, self.content
        note = bilingual("reports.no_every_procedure_list")
        page.title(bilingual("reports.figures_procedure"), [note])
        page.head()
        first = page.row + 1
        styles = [column.style for column in self.columns.values()]
        heads = content.heads(self.ids)
        last = first
        for at, procedure in enumerate(self.ids):
            mine = procedure in self.touched
            cells = self._row(at, procedure, heads[at], page.row + 1)
            own = [
                self._style(name, style, cells[name], mine=mine)
                for name, style in zip(self.columns, styles, strict=True)
            ]
            page.line([cells[name] for name in self.columns], own)
            if not mine:
                self._bind(procedure)
            last = page.row if mine else last
        if not self.ids:
            page.line([""] * len(styles), ["text"] * len(styles))
        for name, place in self.letters.items():
            area = f"'{SHEET}'!${place}${first}:${place}${page.row}"
            if name not in ("ma", "ten", "bo"):
                page.book.name(name, area)
        page.finish(filters=True, last_printed=last)
        page.frozen = (page.head_row, 3)

    def _style(self, name: str, style: str, value: Value, *, mine: bool) -> str:
        """Mark the figures that an officer may change here."""
        editable = name in _VOLUMES and not mine and not isinstance(value, Formula)
        return f"input {style}" if editable else style

    def _bind(self, procedure: str) -> None:
        for at, name in enumerate(self.columns, 1):
            if name in _VOLUMES:
                self.page.bind(at, Input("cell", procedure, "procedures", _VOLUMES[name]))

    def _row(
        self, at: int, procedure: str, head: tuple[str, str, str], row: int
    ) -> dict[str, Value]:
        cells: dict[str, Value] = {"stt": at + 1, "ma": head[0], "ten": head[1], "bo": head[2]}
        mine = procedure in self.touched
        self.here = {name: f"{place}{row}" for name, place in self.letters.items()}
        if mine:
            self._touched(cells, at, procedure)
        else:
            self._kept(cells, at, procedure)
        here = self.here
        cells["co_de_xuat"] = int(mine)
        cells["nhom"] = int(self.scopes.group[self.order[at]])
        cells["ho_so"] = Formula(
            f"IF(COUNT({here['lan']},{here['doi_tuong']})=2,"
            f"{here['lan']}*{here['doi_tuong']},{self.missing})",
            float(self.volume[at]),
        )
        self._derived(cells, at)
        for name, flag in self.scopes.flags.items():
            value = flag.values[self.order[at]]
            cells[name] = "" if is_missing(float(value)) else int(value)
        return cells

    def _touched(self, cells: dict[str, Value], at: int, procedure: str) -> None:
        places = self.places
        old, new = places.before.procedures[procedure], places.after.procedures[procedure]
        cells["lan"] = Formula(f"'{BEFORE}'!I{old}", float(self.times[at]))
        cells["doi_tuong"] = Formula(f"'{BEFORE}'!J{old}", float(self.subjects[at]))

        def link(key: str, when: int, sheet: str, cell: str) -> None:
            name = f"{key}_{('truoc', 'sau')[when]}"
            cells[name] = Formula(f"'{sheet}'!{cell}", float(self.pairs[key][when][at]))

        time, papers = places.time[procedure], places.documents[procedure]
        conditions = places.conditions[procedure]
        for when, (row, sheet) in enumerate(((old, BEFORE), (new, AFTER))):
            link("ngay", when, TIME, f"{'FI'[when]}{time}")
            link("giay", when, DOCUMENTS, f"{'DG'[when]}{papers}")
            link("giaydk", when, DOCUMENTS, f"{'IJ'[when]}{papers}")
            link("dk", when, CONDITIONS, f"{'DG'[when]}{conditions}")
            link("cp", when, sheet, f"K{row}")
            link("nam", when, sheet, f"L{row}")
            known = f"ISNUMBER('{sheet}'!K{row})"
            cells[f"cpdk_{('truoc', 'sau')[when]}"] = Formula(
                f"IF({known},'{sheet}'!K{row}+'{sheet}'!Q{row},{self.missing})",
                float(self.pairs["cpdk"][when][at]),
            )
        assumed = float(self.pairs["cp"][0][at] * self.share[at])
        cells["cp_gia_dinh"] = Formula(
            f"'{BEFORE}'!R{old}", 0.0 if self.pairs["cp"][0][at] == 0 else assumed
        )

    def _kept(self, cells: dict[str, Value], at: int, procedure: str) -> None:
        cells["lan"], cells["doi_tuong"] = float(self.times[at]), float(self.subjects[at])
        here = self.here
        for key in PAIRS:
            value = float(self.pairs[key][0][at])
            cells[f"{key}_truoc"] = value
            cells[f"{key}_sau"] = Formula(here[f"{key}_truoc"], value)
        cost = float(self.pairs["cp"][0][at])
        found = self.rest.rows.get(procedure)
        if found is not None:
            cells["cp_truoc"] = Formula(f"'{self.rest.sheet}'!{self.rest.letter}{found}", cost)
        if not self.gone[at]:
            cells["nam_truoc"] = Formula(
                f"IF(COUNT({here['cp_truoc']},{here['ho_so']})=2,"
                f"{here['cp_truoc']}*{here['ho_so']},{self.missing})",
                float(self.pairs["nam"][0][at]),
            )
        if not math.isnan(cost):
            extra = float(self.pairs["cpdk"][0][at]) - cost
            cells["cpdk_truoc"] = Formula(
                f"IF(ISNUMBER({here['cp_truoc']}),{here['cp_truoc']}+{_constant(extra)},{self.missing})",
                float(self.pairs["cpdk"][0][at]),
            )
        share = float(self.share[at])
        assumed = 0.0 if math.isnan(share) else share
        cells["cp_gia_dinh"] = Formula(
            f"IF(ISNUMBER({here['cp_truoc']}),{here['cp_truoc']}*{_constant(assumed)},{self.missing})",
            cost * assumed,
        )

    def _derived(self, cells: dict[str, Value], at: int) -> None:
        """Write what follows from the pairs: known or not, rates, what is cut."""
        here = self.here
        known: dict[str, bool] = {}
        for key in PAIRS:
            old, new = (float(values[at]) for values in self.pairs[key])
            known[key] = not (math.isnan(old) or math.isnan(new))
            both = f"COUNT({here[f'{key}_truoc']},{here[f'{key}_sau']})=2"
            cells[f"co_{key}"] = Formula(f"IF({both},1,0)", int(known[key]))
        for key in _RATED:
            old, new = (float(values[at]) for values in self.pairs[key])
            first, then = here[f"{key}_truoc"], here[f"{key}_sau"]
            share = rate(old, new)
            cells[f"tl_{key}"] = Formula(
                f'IF({here[f"co_{key}"]}=1,IF({first}>0,({first}-{then})/{first},""),"")',
                "" if math.isnan(share) else share,
            )
        volume = float(self.volume[at])
        for key in _WEIGHTED:
            weighed = known[key] and not math.isnan(volume)
            test = f"AND({here[f'co_{key}']}=1,ISNUMBER({here['ho_so']}))"
            for when, values in zip(("truoc", "sau"), self.pairs[key], strict=True):
                text = f'IF({test},{here[f"{key}_{when}"]}*{here["ho_so"]},"")'
                value = float(values[at]) * volume if weighed else ""
                cells[f"{key}hs_{when}"] = Formula(text, value)
        cells["da_cat"] = self._cut(at)

    def _cut(self, at: int) -> Formula:
        if self.gone_after[at] and not self.gone[at]:
            return Formula("1", 1)
        tests = []
        for key in ("ngay", "giay", "dk", "cp"):
            old, new = self.here[f"{key}_truoc"], self.here[f"{key}_sau"]
            # Texts would count as larger than any number, so the flag is asked first.
            tests.append(
                f"IF({self.here[f'co_{key}']}=1,{new}<{old}-{_TOLERANCE}*MAX(1,ABS({old})),FALSE)"
            )
        return Formula(f"IF(OR({','.join(tests)}),1,0)", int(self.cut[at]))


def write_register(
    book: Book, content: Content, scopes: Scopes, places: Places, rest: CostRest
) -> None:
    """Write "Số liệu theo TTHC" and name its columns.

    Parameters
    ----------
    places
        Rows of the sheets that hold what the plan touches.
    rest
        Rows of the sheet that computes the cost of everything else.
    """
    _Register(book, content, scopes, places, rest).write()
