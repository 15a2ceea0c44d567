"""Which procedures each target and each group counts, as columns that formulas refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from procsim.decisions.counts import COUNTED, Counted, counted_procedures
from procsim.decisions.effective import paper_flags
from procsim.decisions.figures import SHARES, share_masks
from procsim.decisions.judge import threshold
from procsim.decisions.scope import Scope, in_scope
from procsim.errors import Text
from procsim.measures.grouping import groups
from procsim.reference import Target
from procsim.reports.content import Content

__all__ = ["Flag", "Scopes", "find_scopes"]

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
            label = Text("Thuộc phạm vi chỉ tiêu", "Within the scope of the target")
            if target.audience == "business" and not target.ministries:
                label = Text(
                    "TTHC liên quan sản xuất, kinh doanh (1/0)", "Business procedure (1/0)"
                )
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
