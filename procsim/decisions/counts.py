"""Targets that count: which procedures they count, of how many, and what is still open."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.effective import NO_DIFFERENCE, effective_simplified
from procsim.decisions.readings import Figures, Open, simplified
from procsim.decisions.scope import NO_PORTFOLIO, Scope
from procsim.decisions.texts import amended_texts
from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.reference import Target, resolution_66_7
from procsim.reference.programmes import programmes

__all__ = ["COUNTED", "Counted", "counted_procedures", "legal_text_figures", "procedure_figures"]

Mask = npt.NDArray[np.bool_]

_DEPTH = {"central": 0, "province": 1, "commune": 2}
_NOTHING = Text("", "")
_PROCEDURES = Text("TTHC", "procedures")
_SHARED_OUT = Text(
    "Chỉ tiêu giao chung cho cả nước, chưa phân bổ cho nhóm này.",
    "The target is set for the nation and is not allotted to this group.",
)
_NO_PLAN = Text(
    "Danh mục không ghi văn bản nào đã được sửa đổi; hãy truyền phương án (plan).",
    "The list does not say which legal texts are amended; pass the plan.",
)
_NO_DAY = Text(
    "Chưa nêu ngày tính (on), nên chưa biết văn bản nào đã đến hạn.",
    "No day was given (on), so it is not known which texts are due.",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Which procedures of a scope a target counts, shape (n,).

    Attributes
    ----------
    yes
        Those counted.
    effective
        Those counted with the data as they answer; None where it makes no difference.
    open
        Those of which coverage is not known.
    effective_reason
        What must be known about `effective`.
    """

    yes: Mask
    effective: Mask | None = None
    open: Mask | None = None
    effective_reason: Text = _NOTHING


def _simplified(own: Scope) -> Counted:
    answer, reason = effective_simplified(own.before, own.after, own.portfolio)
    return Counted(simplified(own.before, own.after), answer, None, reason)


def decentralised(before: pd.Series, after: pd.Series) -> Mask:
    """Return which procedures moved down: central → province → commune.

    The highest or the lowest level that carries the procedure out went down,
    and neither went up. Levels that are not known say nothing.

    Examples
    --------
    >>> decentralised(pd.Series(["central", "province"]), pd.Series(["province", "province"]))
    array([ True, False])
    """

    def reach(texts: pd.Series) -> npt.NDArray[np.float64]:
        made = []
        for text in texts.fillna(""):
            depths = [_DEPTH[level] for level in text.split(";") if level in _DEPTH]
            made.append((min(depths), max(depths)) if depths else (np.nan, np.nan))
        return np.array(made, dtype=float).reshape(-1, 2)

    moved = reach(after) - reach(before)
    return np.asarray((moved >= 0).all(axis=1) & (moved > 0).any(axis=1))


def _decentralised(own: Scope) -> Counted:
    return Counted(decentralised(own.before["levels"], own.after["levels"]))


@cache
def _listed(annex: str) -> frozenset[str]:
    """Return the codes that one annex of Nghị quyết 66.7/2025/NQ-CP lists."""
    rows = resolution_66_7()
    return frozenset(rows.loc[rows["annex"] == annex, "code"])


def _papers(own: Scope) -> dict[str, Mask]:
    flags = own.papers.reindex(own.before.index, fill_value=False)
    return {str(name): flags[name].to_numpy(dtype=bool) for name in flags}


def _replaced(own: Scope) -> Counted:
    papers = _papers(own)
    return Counted(papers["replaced"], papers["answers"], papers["open"])


def _replaced_of_annex(own: Scope) -> Counted:
    """Count the annex's own procedures, not those of Điều 3 khoản 2."""
    listed = own.before["code"].isin(_listed("I")).to_numpy(dtype=bool)
    return _kept(_replaced(own), lambda mask: mask & listed)


def _cut_of_annex(own: Scope) -> Counted:
    listed = own.before["code"].isin(_listed("II")).to_numpy(dtype=bool)
    return Counted(_papers(own)["dropped"] & listed)


def _kept(found: Counted, keep: Callable[[Mask], Mask]) -> Counted:
    """Return the same with every mask narrowed."""
    return replace(
        found,
        yes=keep(found.yes),
        effective=None if found.effective is None else keep(found.effective),
        open=None if found.open is None else keep(found.open),
    )


@dataclass(frozen=True, slots=True)
class _Metric:
    """How one metric counts: what it looks at, and what it needs."""

    find: Callable[[Scope], Counted]
    needs_portfolio: bool = False
    by_list: bool = False
    lacking: Text = _NOTHING


COUNTED: dict[str, _Metric] = {
    "procedures_simplified": _Metric(_simplified),
    "procedures_decentralised": _Metric(_decentralised),
    "procedures_replaced": _Metric(_replaced_of_annex, needs_portfolio=True),
    "procedures_cut": _Metric(_cut_of_annex, needs_portfolio=True),
    "vneid_procedures": _Metric(
        _simplified,
        needs_portfolio=True,
        by_list=True,
        lacking=Text(
            "Chưa có danh sách 324 TTHC gắn với giấy tờ tích hợp trên VNeID (thẻ vneid_324).",
            "The list of the 324 procedures with papers integrated in VNeID is not available "
            "(tag vneid_324).",
        ),
    ),
    "data_services": _Metric(
        _replaced,
        needs_portfolio=True,
        by_list=True,
        lacking=Text(
            "Chưa có danh sách 25 dịch vụ công toàn trình được giao (thẻ data_services_25).",
            "The list of the 25 assigned fully online services is not available "
            "(tag data_services_25).",
        ),
    ),
}


def _once_per_code(codes: pd.Series, yes: Mask) -> Mask:
    """Keep one row for each national code: lists name codes, not rows."""
    keys = codes.where(codes != "", codes.index.to_series())
    again: Mask = keys.where(yes).duplicated().to_numpy(dtype=bool)
    return yes & ~again


def counted_procedures(target: Target, own: Scope) -> Counted | Text:
    """Return which procedures of a scope a target counts, or what is lacking."""
    metric = COUNTED[target.metric]
    if metric.needs_portfolio and own.portfolio is None:
        return NO_PORTFOLIO
    if not metric.by_list:
        return metric.find(own)
    carry = own.listed(target.programme)
    if carry.empty:
        return metric.lacking
    on_list = own.before.index.isin(carry.index)
    return _kept(metric.find(own), lambda mask: _once_per_code(own.before["code"], mask & on_list))


def procedure_figures(target: Target, own: Scope) -> Figures | None:
    """Return the figures of a target that counts procedures; None for no row of a group."""
    found = counted_procedures(target, own)
    by_list = COUNTED[target.metric].by_list
    if isinstance(found, Text):
        if by_list and own.scope != "nation":
            return None
        return Figures(missing=len(own.before), basis="count", reason=found)
    count = float(found.yes.sum())
    if by_list:
        made = _of_list(target, own, count)
    else:
        made = count_figures(target, own, count, len(own.before), _PROCEDURES)
    return None if made is None else _with_effective(made, found)


def _with_effective(made: Figures, found: Counted) -> Figures:
    if found.effective is None:
        return replace(made, effective_reason=NO_DIFFERENCE)
    value, reason = float(found.effective.sum()), found.effective_reason
    still = int(found.open.sum()) if found.open is not None else 0
    if still:
        reason = Text(
            f"Chưa biết độ phủ dữ liệu của {format_number(still)} TTHC; cần nhập.",
            f"The coverage of the data of {format_number_en(still)} procedures is not known; "
            "enter it.",
        )
        value = value or math.nan
    return replace(made, effective=value, effective_reason=reason)


def _of_list(target: Target, own: Scope, count: float) -> Figures | None:
    """Hold a count against its named list; a group answers for its own part of it."""
    carry = own.listed(target.programme)
    whole = carry.nunique()
    here = carry[carry.index.isin(own.before.index)].nunique()
    size = float(programmes().at[target.programme, "size"])
    if own.scope != "nation" and not here:
        return None
    complete = whole >= size
    vi, en = f"{format_number(whole)}/{format_number(size)}", f"{whole:,.0f}/{size:,.0f}"
    undecided: Open = ""
    reason, allotted = _NOTHING, math.nan
    if not complete:
        undecided = "below" if own.scope == "nation" else "always"
        reason = Text(
            f"Danh sách đã nạp có {vi} TTHC, chưa đủ để kết luận.",
            f"The list holds {en} procedures, too few to conclude.",
        )
    elif own.scope != "nation":
        allotted = float(here)
        reason = Text(
            f"Được giao {format_number(here)} TTHC theo danh sách.",
            f"{format_number_en(here)} procedures are assigned by the list.",
        )
    return Figures(
        value=count,
        before=float(here),
        after=here - count,
        basis="count",
        reached=int(count),
        reachable=here,
        known=len(own.before),
        open=undecided,
        allotted=allotted,
        reason=reason,
    )


def count_figures(target: Target, own: Scope, count: float, holds: float, unit: Text) -> Figures:
    """Return a count; it is left open unless the list holds all that the target counts from."""
    whole = float(target.of) if target.of is not None else np.inf
    undecided: Open = ""
    reason = _NOTHING
    if own.scope != "nation":
        reason, undecided = _SHARED_OUT, "always"
    elif count < own.goal and holds < whole:
        undecided = "below"
        numbers = (holds,) if np.isinf(whole) else (holds, whole)
        vi = "/".join(format_number(number, 0) for number in numbers)
        en = "/".join(format_number_en(number, 0) for number in numbers)
        reason = Text(
            f"Danh mục đã nạp chỉ có {vi} {unit.vi}, chưa đủ để kết luận cho cả nước.",
            f"The list holds {en} {unit.en} only, too few to conclude for the nation.",
        )
    return Figures(
        value=count,
        before=holds,
        after=holds - count,
        basis="count",
        reached=int(count),
        reachable=int(holds),
        known=len(own.before),
        missing=0,
        open=undecided,
        reason=reason,
    )


def legal_text_figures(target: Target, own: Scope) -> Figures | None:
    """Return how many legal texts the plan amends, and how many of them are due on the day."""
    if own.plan is None:
        if own.scope != "nation":
            return None
        return Figures(missing=len(own.before), reason=_NO_PLAN)
    procedures = None if own.scope == "nation" else own.before.index
    texts = amended_texts(own.plan, procedures)
    if target.programme:
        texts = texts[texts["annex_3"]]
    count = float(len(texts))
    reason = Text(
        f"Phương án sửa {format_number(count)} văn bản; danh mục đã nạp chỉ là một phần của cả "
        "nước.",
        f"The plan amends {format_number_en(count)} texts; the list is a part of the nation's.",
    )
    undecided: Open = "below" if count < own.goal else ""
    if own.scope != "nation":
        reason, undecided = _SHARED_OUT, "always"
    effective, why = math.nan, _NO_DAY
    if own.on is not None:
        known = texts["due"] != ""
        effective = float((known & (texts["due"] <= own.on.isoformat())).sum())
        unknown = int((~known).sum())
        why = _NOTHING if not unknown else Text(
            f"{format_number(unknown)} văn bản chưa ghi ngày phải xong.",
            f"{format_number_en(unknown)} texts state no due date.",
        )  # fmt: skip
    return Figures(
        value=count,
        basis="count",
        known=len(own.before),
        open=undecided,
        effective=effective,
        effective_reason=why,
        reason=reason if undecided else _NOTHING,
    )
