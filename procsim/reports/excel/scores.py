"""Bảng điểm: each target for the whole list and each group, as formulas over the register."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.figures import (
    COUNTED,
    CUT_COLUMNS,
    SHARES,
    Counted,
    counted_procedures,
    share_masks,
)
from procsim.decisions.readings import paper_flags, threshold
from procsim.decisions.scope import Scope, in_scope
from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.measures.grouping import groups
from procsim.reference import Target
from procsim.reports.content import Content
from procsim.reports.excel.page import (
    MISSING,
    Book,
    Column,
    Formula,
    Page,
    Value,
    percent_style,
    quoted,
)

SHEET = "Bảng điểm"
VERDICTS = {
    "met": bilingual("reports.met"),
    "missed": bilingual("reports.missed"),
    "unknown": bilingual("reports.unknown"),
}
_BASES = {
    "once": bilingual("reports.each_procedure_once"),
    "year": bilingual("reports.scores.dossiers_year"),
    "entered": bilingual("reports.entered_officer"),
}
_COLUMNS = (
    Column(bilingual("reports.target"), 31),
    Column(bilingual("reports.before"), 18, "number"),
    Column(bilingual("reports.after"), 18, "number"),
    Column(bilingual("reports.result_ratio_sums"), 9.5, "percent2"),
    Column(bilingual("reports.target_value"), 9.5, "percent2"),
    Column(bilingual("reports.gap_points"), 10, "points"),
    Column(bilingual("reports.verdict"), 11, "met"),
    Column(bilingual("reports.weighted_dossiers"), 9.5, "percent2"),
    Column(bilingual("reports.procedures_reach"), 8, "whole"),
    Column(bilingual("reports.data"), 8, "whole"),
    Column(bilingual("reports.without_data"), 8.5, "whole"),
    Column(bilingual("reports.base_year"), 6.5, "centre"),
    Column(bilingual("reports.deadline"), 11, "date"),
    Column(bilingual("reports.legal_basis_mark"), 20),
    Column(bilingual("reports.basis_note"), 30),
)
_CUT_NAMES = {"statutory_days": "ngay", "cost_vnd": "cp", "conditions": "dk", "documents": "giay"}


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """Where one target of the whole list stands, for the chart and the cover."""

    row: int
    name: Text
    kind: str
    value: float
    target: float
    verdict: str


class _Formulas:
    """The formulas of one row; addresses are those of the row itself."""

    def __init__(
        self, target: Target, row: Mapping[str, Any], at: int, scopes: Scopes, language: str
    ) -> None:
        self.target, self.row, self.at = target, row, at
        self.group = None if row["scope"] == "nation" else str(row["group"])
        self.criteria = scopes.criteria(target.id, self.group)
        self.yes = scopes.yes.get(target.id, "")
        self.number = 0 if self.group is None else scopes.numbers[self.group]
        self.missing = quoted(MISSING.in_language(language))
        self.words = {k: quoted(v.in_language(language)) for k, v in VERDICTS.items()}
        self.size = f'COUNTIFS(stt,">0"{self.criteria})'

    @property
    def kind(self) -> str:
        """How the figure comes about: cut, share, count, conditions, texts or a stated one."""
        target = self.target
        if self.row["basis"] == "entered":
            return "stated"
        if target.kind == "rate" and target.metric in CUT_COLUMNS:
            return "cut" if target.metric in _CUT_NAMES else "stated"
        if target.metric == "conditions_simplified":
            return "conditions"
        if target.metric == "legal_texts":
            return "texts"
        if self.yes and target.metric in SHARES:
            return "share"
        if self.yes and target.metric in COUNTED:
            return "count"
        return "stated"

    def cells(self) -> dict[str, str]:
        """Return formulas of before, after, value, reached, weighted, known and missing."""
        return {
            "cut": self._cut,
            "share": self._share,
            "count": self._count,
            "conditions": self._conditions,
            "texts": self._texts,
            "stated": dict,
        }[self.kind]()

    def _cut(self) -> dict[str, str]:
        key, at, more = _CUT_NAMES[self.target.metric], self.at, self.criteria
        known, year = f"co_{key},1{more}", f"co_nam,1,co_{key},1{more}"
        sums = [f"SUMIFS({key}_{when},{known})" for when in ("truoc", "sau")]
        yearly = [f"SUMIFS(nam_{when},{year})" for when in ("truoc", "sau")]
        if key == "cp":  # yearly as soon as every procedure with a cost has its volume
            test = f"AND(COUNTIFS({year})>0,COUNTIFS({year})=J{at})"
            sums = [f"IF({test},{y},{s})" for y, s in zip(yearly, sums, strict=True)]
        else:
            yearly = [f"SUM({key}hs_{when})" for when in ("truoc", "sau")]
            if more:
                yearly = [f"SUMIFS({key}hs_{when}{more})" for when in ("truoc", "sau")]
        if self.target.metric == "documents":
            yearly = []
        weighted = (
            f'IF({yearly[0]}>0,({yearly[0]}-{yearly[1]})/{yearly[0]},"–")' if yearly else '"–"'
        )
        return {
            "before": f"IF(J{at}=0,{self.missing},{sums[0]})",
            "after": f"IF(J{at}=0,{self.missing},{sums[1]})",
            "value": f"IF(COUNT(B{at}:C{at})=2,IF(B{at}>0,(B{at}-C{at})/B{at},{self.missing}),"
            f"{self.missing})",
            "weighted": weighted,
            "reached": f'COUNTIFS(tl_{key},">="&(E{at}-0.000000001){more})'
            if key in ("ngay", "dk", "cp")
            else '"–"',
            "known": f"COUNTIFS({known})",
            "missing": f"COUNTIFS(co_{key},0{more})",
        }

    def _share(self) -> dict[str, str]:
        yes, at, more = self.yes, self.at, self.criteria
        held, known = f"COUNTIFS({yes},1{more})", f'COUNTIFS({yes},">=0"{more})'
        dossiers = f'SUMIFS(ho_so,{yes},">=0"{more})'
        return {
            "after": f"IF(J{at}=0,{self.missing},{held})",
            "value": f"IF(J{at}=0,{self.missing},{held}/J{at})",
            "weighted": f'IF({dossiers}>0,SUMIFS(ho_so,{yes},1{more})/{dossiers},"–")',
            "reached": f'IF(J{at}=0,"–",{held})',
            "known": known,
            "missing": f"{self.size}-{known}",
        }

    def _count(self) -> dict[str, str]:
        count, at = f"COUNTIFS({self.yes},1{self.criteria})", self.at
        return {
            "before": self.size,
            "after": f"B{at}-D{at}",
            "value": count,
            "reached": f"D{at}",
            "known": self.size,
        }

    def _conditions(self) -> dict[str, str]:
        at, known = self.at, f"co_dk,1{self.criteria}"
        return {
            "before": f"IF(J{at}=0,{self.missing},SUMIFS(dk_truoc,{known}))",
            "after": f"IF(J{at}=0,{self.missing},SUMIFS(dk_sau,{known}))",
            "value": f"IF(J{at}=0,{self.missing},B{at}-C{at})",
            "known": f"COUNTIFS({known})",
            "missing": f"COUNTIFS(co_dk,0{self.criteria})",
        }

    def _texts(self) -> dict[str, str]:
        name = f"vb_nhom_{self.number}" if self.number else "vb_tat_ca"
        listed = ",vb_nq66_7,1" if self.target.programme else ""
        return {"value": f"COUNTIFS({name},1{listed})", "known": self.size}

    # -- gap and verdict

    @property
    def met(self) -> str:
        """The test of the target: never rounded first, rounding of floats forgiven."""
        return f"D{self.at}>=E{self.at}-0.000000001*MAX(1,ABS(E{self.at}))"

    def gap(self) -> str:
        """Return the formula of the distance to the target."""
        at, times = self.at, "" if self.target.kind == "count" else "*100"
        return (
            f"IF(COUNT(D{at}:E{at})=2,IF(AND({self.met},D{at}<E{at}),0,"
            f"(D{at}-E{at}){times}),{self.missing})"
        )

    def verdict(self) -> str:
        """Return the formula of the verdict; what the list cannot decide stays open."""
        at, word = self.at, self.words
        unknown, met, missed = word["unknown"], word["met"], word["missed"]
        plain = f"IF({self.met},{met},{missed})"
        below = f"IF({self.met},{met},{unknown})"
        kind = self.kind
        if kind == "cut":
            if self.target.metric == "conditions":
                plain = f"IF({self.met},{met},IF(D{at}>0,{unknown},{missed}))"
            made = f"IF(J{at}<K{at},{unknown},{plain})"
        elif kind == "share":
            least, most = f"C{at}/(J{at}+K{at})", f"(C{at}+K{at})/(J{at}+K{at})"
            goal = f"E{at}-0.000000001"
            made = f"IF(AND({least}<{goal},{most}>={goal}),{unknown},{plain})"
        elif self.group is not None and kind in ("count", "conditions", "texts"):
            made = unknown  # a count of the nation is not shared out among groups
        elif kind in ("count", "conditions"):
            whole = self.target.of
            part = f"IF(B{at}<{whole},{unknown},{missed})"
            made = below if whole is None else f"IF({self.met},{met},{part})"
        elif kind == "texts":
            made = below
        else:
            decided = self.row["verdict"] in ("met", "missed")
            made = plain if decided else below if self.group is None else unknown
        return f"IF(COUNT(D{at}:E{at})=2,{made},{unknown})"


def _line(page: Page, row: Mapping[str, Any], target: Target, scopes: Scopes) -> None:
    language = page.language
    made = _Formulas(target, row, page.row + 1, scopes, language)
    formulas = made.cells()
    count = row["kind"] == "count"
    is_stated = made.kind == "stated"

    def cell(name: str, value: Any) -> Value:
        number = float(value)
        if name in formulas:
            dash = name in ("weighted", "reached") and math.isnan(number)
            return Formula(formulas[name], "–" if dash else number)
        return "–" if math.isnan(number) and (name != "value" or not is_stated) else number

    value, goal = float(row["value"]), float(row["target"])
    deadline = row["deadline"] if isinstance(row["deadline"], date) else "–"
    money = "whole" if row["metric"] == "cost_vnd" else "number"
    shown = "whole" if count else percent_style(value, goal)
    values: list[Value] = [
        str(row["name_vi"] if language == "vi" else row["name_en"]),
        cell("before", row["before"]),
        cell("after", row["after"]),
        cell("value", value),
        goal,
        Formula(made.gap(), float(row["gap"])),
        Formula(made.verdict(), VERDICTS[row["verdict"]].in_language(language)),
        cell("weighted", row["by_volume"]),
        cell("reached", row["reached"]),
        cell("known", row["known"]),
        cell("missing", row["missing"]),
        "–" if pd.isna(row["base_year"]) else str(row["base_year"]),
        deadline,
        f"{row['legal_basis']} ({row['mark']})",
        _note(row, language),
    ]
    percent = "whole" if count else "percent2"
    page.line(
        values,
        (
            "text",
            *("whole" if count else money,) * 2,
            f"input {shown}" if is_stated else shown,
            f"input {percent}",
            "number" if count else "points",
            "met",
            "percent2",
            *("whole",) * 3,
            "centre",
            "date" if deadline != "–" else "centre",
            "text",
            "text",
        ),
    )


def _note(row: Mapping[str, Any], language: str) -> str:
    basis = _BASES[row["basis"]].in_language(language) if row["basis"] in _BASES else ""
    reason = str(row["reason_vi"] if language == "vi" else row["reason_en"])
    return " ".join(part for part in (basis, reason) if part)


def write_scores(book: Book, content: Content, scopes: Scopes) -> list[ScoreRow]:
    """Write "Bảng điểm"; return where the targets of the whole list stand."""
    page = book.page(SHEET, _COLUMNS)
    page.title(
        bilingual("reports.scorecard_target"), [bilingual("reports.prescribed_reading_ratio_sums")]
    )
    page.head()
    known = {target.id: target for target in content.card.targets}
    nation: list[ScoreRow] = []
    previous = None
    for row in content.card.summary.to_dict("records"):
        here = (row["scope"], row["group"])
        if here != previous:
            whole = bilingual("reports.whole_list").in_language(page.language)
            page.group(whole if row["scope"] == "nation" else str(row["group"]).upper())
            previous = here
        _line(page, row, known[row["target_id"]], scopes)
        if row["scope"] == "nation":
            name = Text(str(row["name_vi"]), str(row["name_en"]))
            figures = float(row["value"]), float(row["target"])
            nation.append(ScoreRow(page.row, name, row["kind"], *figures, row["verdict"]))
    first = page.head_row + 1
    for verdict, text in VERDICTS.items():
        word = quoted(text.in_language(page.language))
        page.signal(f"G{first}:G{max(page.row, first)}", f"G{first}={word}", verdict)
    page.finish(filters=True)
    return nation


# Which procedures each target and each group counts, as columns that formulas refer to.

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flag:
    """A column of 1 and 0 (NaN where not known) over the whole list."""

    label: Text
    values: Floats
    is_input: bool = True


@dataclass(frozen=True, slots=True)
class Scopes:
    """Columns of the register that say what counts where.

    Attributes
    ----------
    group
        Number of each procedure's group, from 1; 0 where groups overlap.
    numbers
        Number of each group by its name.
    flags
        The columns by their name in formulas.
    of_target
        Column of the procedures that a target is about, where not all.
    yes
        Column of the procedures for which a share or a count says yes.
    overlapping
        Whether a procedure can be in several groups, which then have columns.
    """

    group: npt.NDArray[np.int64]
    numbers: Mapping[str, int]
    flags: Mapping[str, Flag]
    of_target: Mapping[str, str]
    yes: Mapping[str, str]
    overlapping: bool

    def criteria(self, target: str, group: str | None) -> str:
        """Return the further criteria of COUNTIFS and SUMIFS for a target in a group."""
        made = f",{self.of_target[target]},1" if target in self.of_target else ""
        if group is None:
            return made
        number = self.numbers[group]
        return made + (f",nhom_{number},1" if self.overlapping else f",nhom,{number}")


def find_scopes(content: Content) -> Scopes:
    """Return what each target of the scorecard counts, as columns of the register."""
    before = content.before
    flags: dict[str, Flag] = {}
    found = list(groups(before, content.card.grouping))
    numbers = {name: at for at, (name, _) in enumerate(found, 1)}
    masks = [mask for _, mask in found]
    overlapping = bool(masks) and bool((np.sum(masks, axis=0) != 1).any())
    group = np.zeros(len(before), dtype=np.int64)
    for (name, mask), number in zip(found, numbers.values(), strict=True):
        if overlapping:
            flags[f"nhom_{number}"] = Flag(Text(name, name), mask.astype(float))
        else:
            group[mask] = number
    of_target = _scopes_of_targets(content, flags)
    yes = _yes_of_targets(content, flags)
    return Scopes(group, numbers, flags, of_target, yes, overlapping)


def _scopes_of_targets(content: Content, flags: dict[str, Flag]) -> dict[str, str]:
    named: dict[bytes, str] = {}
    found = {}
    for target in content.card.targets:
        mask, _ = in_scope(content.before, target, content.changed)
        if mask.all():
            continue
        key = mask.tobytes()
        if key not in named:
            named[key] = f"pham_vi_{len(named) + 1}"
            label = bilingual("reports.within_scope_target")
            if target.audience == "business" and not target.ministries:
                label = bilingual("reports.business_procedure_1_0")
            flags[named[key]] = Flag(label, mask.astype(float))
        found[target.id] = named[key]
    return found


def _yes_of_targets(content: Content, flags: dict[str, Flag]) -> dict[str, str]:
    found: dict[str, str] = {}
    of_metric: dict[str, str] = {}
    for target in content.card.targets:
        if target.metric == "procedures_simplified":
            found[target.id] = "da_cat"
            continue
        if target.metric not in of_metric:
            values = _values(target, content)
            if values is None:
                continue
            name = of_metric[target.metric] = f"dem_{len(of_metric) + 1}"
            flags[name] = Flag(Text(f"{target.name_vi} (1/0)", f"{target.name_en} (1/0)"), values)
        found[target.id] = of_metric[target.metric]
    return found


def _values(target: Target, content: Content) -> Floats | None:
    """Return 1, 0 or NaN for each procedure; None for a target that counts otherwise."""
    own = Scope(
        content.before,
        content.after,
        threshold(target),
        "nation",
        content.changed,
        content.plan,
        content.on,
    )
    if target.metric in SHARES:
        masks = share_masks(target, own)
        return None if masks is None else np.where(masks[1], masks[0].astype(float), np.nan)
    if target.metric in COUNTED and not COUNTED[target.metric].by_list:
        counted = counted_procedures(target, _with_papers(own, content))
        return counted.yes.astype(float) if isinstance(counted, Counted) else None
    return None


def _with_papers(own: Scope, content: Content) -> Scope:
    return replace(own, papers=paper_flags(content.changed, content.on))
