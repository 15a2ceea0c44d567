"""From the metric of a target to the figures of a set of procedures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.readings import (
    NO_DIFFERENCE,
    Figures,
    Open,
    cut_figures,
    effective_cut,
    effective_simplified,
    share_figures,
    simplified,
)
from procsim.decisions.routes import amended_texts
from procsim.decisions.scope import NO_PORTFOLIO, Scope, tagged
from procsim.errors import NOTHING, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual, numeral
from procsim.reference import Target, resolution_66_7
from procsim.reference.targets import programmes

Mask = npt.NDArray[np.bool_]

_CUTS: dict[str, tuple[Text, str]] = {
    "statutory_days": (bilingual("decisions.time_limits"), ""),
    "cost_vnd": (bilingual("decisions.compliance_cost"), "cost_year_vnd"),
    "documents": (bilingual("decisions.required_documents"), ""),
    "conditions": (bilingual("decisions.conditions"), ""),
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
        "online", ("full",), "fully_online", bilingual("decisions.online_level")
    ),
    "online_share": _Share(
        "online", ("full", "partial"), "fully_online", bilingual("decisions.online_level")
    ),
    "boundary_free_share": _Share(
        "boundary_free", ("yes",), "boundary_free", bilingual("decisions.freedom_boundaries")
    ),
}
CUT_COLUMNS = tuple(_CUTS)
SHARES = tuple(_SHARES)
_LACKING = {"vneid_utilities": bilingual("decisions.no_vneid_utilities_procedures")}
_ENTERED = bilingual("decisions.figure_entered_officer")
_UNNECESSARY = bilingual("decisions.no_computed_all_conditions")
_NOTHING_CUT = bilingual("decisions.no_condition_cut")


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
        target,
        own,
        found.before - found.after,
        found.before,
        bilingual("decisions.figures.conditions"),
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
        target.metric, bilingual("decisions.no_procsim_measure_list", metric=target.metric)
    )
    return Figures(missing=len(own.before), reason=lacking)


# Targets that count: which procedures they count, of how many, and what is still open.

_DEPTH = {"central": 0, "province": 1, "commune": 2}
_NOTHING = NOTHING
_PROCEDURES = bilingual("decisions.procedures")
_SHARED_OUT = bilingual("decisions.no_target_set_nation")
_NO_PLAN = bilingual("decisions.no_list_say_legal")
_NO_DAY = bilingual("decisions.no_day_given_known")


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
        lacking=bilingual("decisions.no_list_324_procedures"),
    ),
    "data_services": _Metric(
        _replaced,
        needs_portfolio=True,
        by_list=True,
        lacking=bilingual("decisions.no_list_25_assigned"),
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
        reason = bilingual("decisions.no_coverage_data_procedures", still=still)
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
        reason = bilingual("decisions.list_holds_procedures_too", words=Text(vi, en))
    elif own.scope != "nation":
        allotted = float(here)
        reason = bilingual("decisions.procedures_assigned_list", here=numeral(here))
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
        reason = bilingual("decisions.list_holds_only_too", words=Text(vi, en), unit=unit)
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
    reason = bilingual("decisions.plan_amends_texts_list", count=count)
    undecided: Open = "below" if count < own.goal else ""
    if own.scope != "nation":
        reason, undecided = _SHARED_OUT, "always"
    effective, why = math.nan, _NO_DAY
    if own.on is not None:
        known = texts["due"] != ""
        effective = float((known & (texts["due"] <= own.on.isoformat())).sum())
        unknown = int((~known).sum())
        why = (
            _NOTHING if not unknown else bilingual("decisions.no_texts_state_due", unknown=unknown)
        )
    return Figures(
        value=count,
        basis="count",
        known=len(own.before),
        open=undecided,
        effective=effective,
        effective_reason=why,
        reason=reason if undecided else _NOTHING,
    )
