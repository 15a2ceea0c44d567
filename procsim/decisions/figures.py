"""From the metric of a target to the figures of a set of procedures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from procsim.decisions.readings import Figures, cut_figures, share_figures, simplified
from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.model.portfolio import Portfolio
from procsim.reference import Target, resolution_66_7

__all__ = ["Scope", "figures_of"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The procedures that a target is held against, measured before and after."""

    before: pd.DataFrame
    after: pd.DataFrame
    goal: float
    scope: str
    portfolio: Portfolio | None


_CUTS: dict[str, tuple[Text, str]] = {
    "statutory_days": (Text("thời hạn giải quyết", "time limits"), ""),
    "cost_vnd": (Text("chi phí tuân thủ", "compliance cost"), "cost_year_vnd"),
    "documents": (Text("thành phần hồ sơ", "required documents"), ""),
    "conditions": (Text("yêu cầu, điều kiện", "conditions"), ""),
}
_SHARES: dict[str, tuple[str, tuple[str, ...], Text]] = {
    "fully_online_share": (
        "online",
        ("full",),
        Text("mức độ trực tuyến", "the online level"),
    ),
    "online_share": (
        "online",
        ("full", "partial"),
        Text("mức độ trực tuyến", "the online level"),
    ),
    "boundary_free_share": (
        "boundary_free",
        ("yes",),
        Text("việc không phụ thuộc địa giới", "freedom from boundaries"),
    ),
}
_LACKING = {
    "legal_texts": Text(
        "Danh mục không ghi văn bản nào đã được sửa đổi; cần danh sách văn bản đã ban hành.",
        "The list does not say which legal texts were amended; the texts issued are needed.",
    ),
    "procedures_decentralised": Text(
        "Danh mục không ghi việc phân cấp trước và sau cải cách.",
        "The list does not say what was decentralised by the reform.",
    ),
    "vneid_procedures": Text(
        "Chưa có danh sách 324 TTHC gắn với giấy tờ tích hợp trên VNeID.",
        "The list of the 324 procedures with papers integrated in VNeID is not available.",
    ),
    "data_services": Text(
        "Chưa có danh sách 25 dịch vụ công toàn trình được giao.",
        "The list of the 25 assigned fully online services is not available.",
    ),
    "vneid_utilities": Text(
        "Tiện ích trên VNeID không phải là TTHC trong danh mục; cần số liệu của Bộ Công an.",
        "VNeID utilities are not procedures of the list; figures of Bộ Công an are needed.",
    ),
}
_NO_PORTFOLIO = Text(
    "Chưa truyền danh mục sau cải cách (portfolio), nên không đếm được.",
    "The portfolio after the reform was not passed, so it cannot be counted.",
)
_UNNECESSARY = Text(
    "Tính trên toàn bộ điều kiện; chỉ tiêu chỉ tính điều kiện không cần thiết, danh sách này "
    "chưa có, nên tỷ lệ thực không thấp hơn mức đã tính.",
    "Computed on all conditions; the target counts unnecessary ones only, a list that is not "
    "available, so the true rate is not lower than this.",
)
_NOTHING_CUT = Text("Chưa cắt giảm điều kiện nào.", "No condition is cut.")
_SHARED_OUT = Text(
    "Chỉ tiêu giao chung cho cả nước, chưa phân bổ cho nhóm này.",
    "The target is set for the nation and is not allotted to this group.",
)


def _join(*parts: Text) -> Text:
    return Text(
        " ".join(part.vi for part in parts if part.vi),
        " ".join(part.en for part in parts if part.en),
    )


def _cut(target: Target, own: Scope) -> Figures:
    what, yearly = _CUTS[target.metric]
    found = cut_figures(
        own.before,
        own.after,
        target.metric,
        own.goal,
        what,
        yearly=yearly,
        volume_prescribed=bool(yearly),
    )
    if target.metric == "conditions" and 0 <= found.value < own.goal:
        # Nothing cut at all misses the target whatever the list of unnecessary ones is.
        if found.value == 0:
            return replace(found, reason=_join(_NOTHING_CUT, found.reason))
        return replace(found, open=found.open or "below", reason=_join(_UNNECESSARY, found.reason))
    return found


def _share(target: Target, own: Scope) -> Figures:
    column, accepted, what = _SHARES[target.metric]
    if own.portfolio is not None:
        words = own.portfolio.procedures[column].reindex(own.before.index)
    elif column in own.after:
        words = own.after[column]
    else:
        return Figures(missing=len(own.before), basis="count", reason=_NO_PORTFOLIO)
    words = words.fillna("unknown")
    yes = words.isin(accepted).to_numpy(dtype=bool)
    known = ~words.isin(("unknown", "")).to_numpy(dtype=bool)
    earlier = None
    if column in own.before:
        earlier = own.before[column].isin(accepted).to_numpy(dtype=bool)
    volumes = (
        own.before["dossiers_per_year"].to_numpy(dtype=float, na_value=np.nan)
        if "dossiers_per_year" in own.before
        else np.full(len(own.before), np.nan)
    )
    return share_figures(yes, known, earlier, volumes, own.goal, what)


def _counted(target: Target, own: Scope, count: float, holds: float, unit: Text) -> Figures:
    """Return a count; it is left open unless the list holds all that the target counts from."""
    whole = float(target.of) if target.of is not None else np.inf
    reason, undecided = Text("", ""), ""
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


def _procedures_simplified(target: Target, own: Scope) -> Figures:
    count = float(simplified(own.before, own.after).sum())
    return _counted(target, own, count, len(own.before), Text("TTHC", "procedures"))


def _conditions_simplified(target: Target, own: Scope) -> Figures:
    found = cut_figures(own.before, own.after, "conditions", own.goal, _CUTS["conditions"][0])
    if not found.known:
        return replace(found, basis="count")
    made = _counted(
        target, own, found.before - found.after, found.before, Text("điều kiện", "conditions")
    )
    return replace(made, known=found.known, missing=found.missing, reached=None, reachable=None)


@cache
def _listed(annex: str) -> frozenset[str]:
    """Return the codes that one annex of Nghị quyết 66.7/2025/NQ-CP lists."""
    rows = resolution_66_7()
    return frozenset(rows.loc[rows["annex"] == annex, "code"])


def _with_requirement(
    annex: str, chosen: Callable[[pd.DataFrame], pd.Series]
) -> Callable[[Target, Scope], Figures]:
    def count(target: Target, own: Scope) -> Figures:
        if own.portfolio is None:
            return Figures(missing=len(own.before), basis="count", reason=_NO_PORTFOLIO)
        rows = own.portfolio.requirements
        touched = own.before.index.isin(rows.loc[chosen(rows), "procedure"].unique())
        # The target counts the annex's own procedures, not those of Điều 3.2.
        touched &= own.before["code"].isin(_listed(annex)).to_numpy(dtype=bool)
        return _counted(
            target, own, float(touched.sum()), len(own.before), Text("TTHC", "procedures")
        )

    return count


_COUNTS: dict[str, Callable[[Target, Scope], Figures]] = {
    "procedures_simplified": _procedures_simplified,
    "conditions_simplified": _conditions_simplified,
    "procedures_replaced": _with_requirement("I", lambda rows: rows["replaced"] > 0),
    "procedures_cut": _with_requirement("II", lambda rows: rows["status"] == "dropped"),
}


def figures_of(target: Target, own: Scope) -> Figures | None:
    """Return what a set of procedures shows for a target.

    Returns
    -------
    Figures or None
        None for a group when the target can be looked at for the whole list only.
    """
    if target.kind == "rate" and target.metric in _CUTS:
        return _cut(target, own)
    if target.metric in _SHARES:
        return _share(target, own)
    if target.metric in _COUNTS:
        return _COUNTS[target.metric](target, own)
    if own.scope != "nation":
        return None
    lacking = _LACKING.get(
        target.metric,
        Text(
            f"procsim chưa đo được “{target.metric}” từ danh mục.",
            f"procsim does not measure “{target.metric}” from a list.",
        ),
    )
    return Figures(missing=len(own.before), reason=lacking)
