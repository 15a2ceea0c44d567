"""From the metric of a target to the figures of a set of procedures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from procsim.decisions.counts import (
    COUNTED,
    count_figures,
    legal_text_figures,
    procedure_figures,
)
from procsim.decisions.effective import NO_DIFFERENCE, effective_cut
from procsim.decisions.programmes import tagged
from procsim.decisions.readings import Figures, cut_figures, share_figures
from procsim.decisions.scope import NO_PORTFOLIO, Scope
from procsim.errors import Text
from procsim.reference import Target

__all__ = ["CUT_COLUMNS", "SHARES", "entered_figures", "figures_of", "join", "share_masks"]

Mask = npt.NDArray[np.bool_]

_CUTS: dict[str, tuple[Text, str]] = {
    "statutory_days": (Text("thời hạn giải quyết", "time limits"), ""),
    "cost_vnd": (Text("chi phí tuân thủ", "compliance cost"), "cost_year_vnd"),
    "documents": (Text("thành phần hồ sơ", "required documents"), ""),
    "conditions": (Text("yêu cầu, điều kiện", "conditions"), ""),
}


@dataclass(frozen=True, slots=True)
class _Share:
    """A property that a share of the procedures has: column, values that say yes, tag, words."""

    column: str
    accepted: tuple[str, ...]
    programme: str
    what: Text


_SHARES: dict[str, _Share] = {
    "fully_online_share": _Share(
        "online", ("full",), "fully_online", Text("mức độ trực tuyến", "the online level")
    ),
    "online_share": _Share(
        "online",
        ("full", "partial"),
        "fully_online",
        Text("mức độ trực tuyến", "the online level"),
    ),
    "boundary_free_share": _Share(
        "boundary_free",
        ("yes",),
        "boundary_free",
        Text("việc không phụ thuộc địa giới", "freedom from boundaries"),
    ),
}
CUT_COLUMNS = tuple(_CUTS)
SHARES = tuple(_SHARES)
_LACKING = {
    "vneid_utilities": Text(
        "Tiện ích trên VNeID không phải là TTHC trong danh mục; cần nhập số liệu của Bộ Công an.",
        "VNeID utilities are not procedures of the list; enter the figure of Bộ Công an (entered).",
    ),
}
_ENTERED = Text("Số liệu do cán bộ nhập.", "Figure entered by an officer.")
_UNNECESSARY = Text(
    "Tính trên toàn bộ điều kiện; chỉ tiêu chỉ tính điều kiện không cần thiết, danh sách này "
    "chưa có, nên tỷ lệ thực không thấp hơn mức đã tính.",
    "Computed on all conditions; the target counts unnecessary ones only, a list that is not "
    "available, so the true rate is not lower than this.",
)
_NOTHING_CUT = Text("Chưa cắt giảm điều kiện nào.", "No condition is cut.")


def join(*parts: Text) -> Text:
    """Return sentences one after the other."""
    return Text(
        " ".join(part.vi for part in parts if part.vi),
        " ".join(part.en for part in parts if part.en),
    )


def _cut(target: Target, own: Scope) -> Figures:
    what, yearly = _CUTS.get(target.metric, (target.name, ""))
    found = cut_figures(
        own.before,
        own.after,
        target.metric,
        own.goal,
        what,
        yearly=yearly,
        volume_prescribed=bool(yearly),
    )
    data = effective_cut(own.before, own.after, target.metric, found, own.portfolio)
    found = replace(found, effective=data.value, effective_reason=data.reason)
    if target.metric == "conditions" and 0 <= found.value < own.goal:
        # Nothing cut at all misses the target whatever the list of unnecessary ones is.
        if found.value == 0:
            return replace(found, reason=join(_NOTHING_CUT, found.reason))
        return replace(found, open=found.open or "below", reason=join(_UNNECESSARY, found.reason))
    return found


def share_masks(target: Target, own: Scope) -> tuple[Mask, Mask] | None:
    """Return for which procedures a share holds, and of which that is known; None without data.

    Where the published column is not known, the tag that an officer's list gave says yes.
    """
    share = _SHARES[target.metric]
    if own.portfolio is not None:
        words = own.portfolio.procedures[share.column].reindex(own.before.index)
        named = tagged(own.portfolio, share.programme)
        listed = named.reindex(own.before.index, fill_value=False).to_numpy(dtype=bool)
    elif share.column in own.after:
        words, listed = own.after[share.column], np.zeros(len(own.after), dtype=bool)
    else:
        return None
    words = words.fillna("unknown")
    unsaid = words.isin(("unknown", "")).to_numpy(dtype=bool)
    yes = words.isin(share.accepted).to_numpy(dtype=bool) | (unsaid & listed)
    return yes, ~unsaid | listed


def _share(target: Target, own: Scope) -> Figures:
    share = _SHARES[target.metric]
    masks = share_masks(target, own)
    if masks is None:
        return Figures(missing=len(own.before), basis="count", reason=NO_PORTFOLIO)
    earlier = None
    if share.column in own.before:
        earlier = own.before[share.column].isin(share.accepted).to_numpy(dtype=bool)
    volumes = (
        own.before["dossiers_per_year"].to_numpy(dtype=float, na_value=np.nan)
        if "dossiers_per_year" in own.before
        else np.full(len(own.before), np.nan)
    )
    found = share_figures(*masks, earlier, volumes, own.goal, share.what)
    return replace(found, effective_reason=NO_DIFFERENCE)


def _conditions_simplified(target: Target, own: Scope) -> Figures:
    found = cut_figures(own.before, own.after, "conditions", own.goal, _CUTS["conditions"][0])
    if not found.known:
        return replace(found, basis="count")
    made = count_figures(
        target, own, found.before - found.after, found.before, Text("điều kiện", "conditions")
    )
    return replace(
        made,
        known=found.known,
        missing=found.missing,
        reached=None,
        reachable=None,
        effective_reason=NO_DIFFERENCE,
    )


def entered_figures(value: float, size: int) -> Figures:
    """Return the figures of a number that an officer entered, for what no list holds."""
    return Figures(
        value=float(value),
        basis="entered",
        known=size,
        effective_reason=NO_DIFFERENCE,
        reason=_ENTERED,
    )


def figures_of(target: Target, own: Scope) -> Figures | None:
    """Return what a set of procedures shows for a target.

    Returns
    -------
    Figures or None
        None for a group when the target can be looked at for the whole list only.
    """
    # A rate of any column that was measured, so of a measure of the user's own too.
    if target.kind == "rate" and (target.metric in _CUTS or target.metric in own.before):
        return _cut(target, own)
    if target.metric in _SHARES:
        return _share(target, own)
    if target.metric in COUNTED:
        return procedure_figures(target, own)
    if target.metric == "conditions_simplified":
        return _conditions_simplified(target, own)
    if target.metric == "legal_texts":
        return legal_text_figures(target, own)
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
