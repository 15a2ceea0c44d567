"""The Government's dated targets, and a measured change held against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.figures import entered_figures, figures_of, join
from procsim.decisions.readings import Figures, Judgement, judge, paper_flags, threshold
from procsim.decisions.scope import Scope, in_scope
from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, Text, UnknownName, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.measures.grouping import By, column_of, groups, name_of
from procsim.model.portfolio import Portfolio
from procsim.reference import Target, targets_table
from procsim.reference.calendar import Day, as_day
from procsim.reforms.plan import Plan

NATION = bilingual("decisions.whole_list")
_NEEDED = ("ministry", "audience")

SUMMARY_COLUMNS: tuple[str, ...] = (
    "scope",
    "group",
    "target_id",
    "name_vi",
    "name_en",
    "metric",
    "kind",
    "before",
    "after",
    "value",
    "target",
    "gap",
    "verdict",
    "claimed",
    "effective",
    "basis",
    "prescribed",
    "by_sums",
    "by_volume",
    "reached",
    "reachable",
    "base_year",
    "deadline",
    "legal_basis",
    "mark",
    "known",
    "missing",
    "with_volume",
    "assumed_share",
    "reason_vi",
    "reason_en",
    "effective_vi",
    "effective_en",
)


def targets(year: int | None = None) -> tuple[Target, ...]:
    """Return the Government's targets, those due in one year where it is given.

    Parameters
    ----------
    year
        Year of the deadline; None for every target, also those without one.

    Returns
    -------
    tuple of Target
        In the order of the source documents.

    Raises
    ------
    UnknownName
        When no target is due in that year; the message names the years there are.

    Notes
    -----
    Nghị quyết 66/NQ-CP (26/3/2025), Nghị quyết 66.7/2025/NQ-CP and the
    conclusions that followed; each target names its own legal basis and mark.

    Examples
    --------
    >>> [target.value for target in targets(2026) if target.id == "business_time_2026"]
    [0.5]
    """
    every = tuple(targets_table())
    if year is None:
        return every
    due = tuple(t for t in every if t.year == year)
    if not due:
        years = ", ".join(str(y) for y in sorted({t.year for t in every if t.year is not None}))
        raise UnknownName(
            fault_of("decisions.unknown_year", "targets.yaml › year", shorten(year), years=years)
        )
    return due


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Targets held against a measured change.

    Attributes
    ----------
    summary
        One row for each group and target, the whole list first. Columns:
        scope (``"nation"`` or the name of the grouping), group, target_id, name_vi,
        name_en, metric, kind, before and after (totals behind `value`), value and
        target (shares 0–1 for rates and shares, numbers for counts), gap (value −
        target: percentage points, or the unit of a count), verdict
        (``met``/``missed``/``unknown``), claimed (`value` as the law lists it: the
        official count, statutory) and effective (the same with the data as they
        answer, by coverage; NaN where that makes no difference or is not known),
        basis (``once``: mỗi thủ tục tính một lần, ``year``: weighted by dossiers in
        a year, ``count``, ``entered``), prescribed (which of the readings the target
        prescribes and `value` takes: ``by_sums``, ``by_volume``, ``reached``, or
        ``count`` for a plain number), the three readings by_sums (ratio of sums),
        by_volume (weighted by dossiers, on `with_volume` procedures) and reached of
        reachable (procedures that reach the target by themselves), base_year,
        deadline, legal_basis, mark, known and missing (procedures in scope with and
        without the figure), assumed_share (share of the cost before that rests on
        assumptions; cost only), reason_vi, reason_en, and effective_vi, effective_en
        on the effective figure.
    by, grouping
        Name of the grouping, and the grouping as it was given.

    Examples
    --------
    >>> import procsim as ps
    >>> measured = ps.measure(ps.load_sample())
    >>> card = ps.scorecard(measured, measured, ps.targets(2026), by=None)
    >>> card.nation().set_index("target_id").loc["business_time_2026", "verdict"]
    'missed'
    """

    summary: pd.DataFrame
    by: str = ""
    targets: tuple[Target, ...] = field(default=(), repr=False)
    grouping: By | None = field(default=None, repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of `summary`, the caller's to change."""
        return self.summary.copy()

    def nation(self) -> pd.DataFrame:
        """Return the rows of the whole list."""
        return self.summary[self.summary["scope"] == "nation"]

    def __repr__(self) -> str:
        counts = self.nation()["verdict"].value_counts()
        verdicts = ", ".join(f"{counts.get(v, 0)} {v}" for v in ("met", "missed", "unknown"))
        lines = [f"<Scorecard {len(self.targets)} targets: {verdicts}>"]
        for row in self.nation().itertuples():
            value = "?" if pd.isna(row.value) else _shown(row.value, row.kind)
            goal = "?" if pd.isna(row.target) else _shown(row.target, row.kind)
            lines.append(f"  {row.verdict:<8}{value:>10} / {goal:<9}{row.target_id}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return notebook_page(self)


def _shown(value: float, kind: str) -> str:
    return f"{value:,.0f}" if kind == "count" else f"{value * 100:.2f} %"


def _check(before: pd.DataFrame, after: pd.DataFrame, by: By | None) -> None:
    faults: list[Fault] = []
    for name, frame in (("before", before), ("after", after)):
        needed = _NEEDED if name == "before" else ()
        faults += [
            fault_of("decisions.no_column", f"scorecard › {name}", column)
            for column in dict.fromkeys(needed)
            if column not in frame
        ]
        if frame.index.has_duplicates:
            faults.append(
                fault_of(
                    "decisions.twice",
                    f"scorecard › {name}",
                    shorten(str(frame.index[frame.index.duplicated()][0])),
                )
            )
    if faults:
        raise InvalidValue(faults)
    if by is not None:
        column_of(before, by)


def _row(
    scope: str, group: str, target: Target, found: Figures, made: Judgement
) -> dict[str, object]:
    return {
        "scope": scope,
        "group": group,
        "target_id": target.id,
        "name_vi": target.name_vi,
        "name_en": target.name_en,
        "metric": target.metric,
        "kind": target.kind,
        "before": found.before,
        "after": found.after,
        "value": made.value,
        "target": made.target,
        "gap": made.gap,
        "verdict": made.verdict,
        "claimed": made.value,
        "effective": found.effective,
        "basis": found.basis,
        "prescribed": _prescribed(target, found),
        "by_sums": found.by_sums,
        "by_volume": found.by_volume,
        "reached": np.nan if found.reached is None else float(found.reached),
        "reachable": np.nan if found.reachable is None else float(found.reachable),
        "base_year": target.base_year,
        "deadline": target.deadline,
        "legal_basis": target.legal_basis,
        "mark": target.mark,
        "known": found.known,
        "missing": found.missing,
        "with_volume": found.with_volume,
        "assumed_share": found.assumed,
        "reason_vi": made.reason.vi,
        "reason_en": made.reason.en,
        "effective_vi": found.effective_reason.vi,
        "effective_en": found.effective_reason.en,
    }


def _prescribed(target: Target, found: Figures) -> str:
    if target.kind == "rate":
        return "by_volume" if found.basis == "year" else "by_sums"
    return "reached" if target.kind == "share" else "count"


def _verdict(target: Target, found: Figures) -> Judgement:
    """Judge, but leave open what the list at hand cannot decide."""
    if not np.isnan(found.allotted):
        target = replace(target, value=found.allotted)
    made = judge(found.value, target, found.reason)
    if found.open == "always" or (made.verdict == "missed" and found.open == "below"):
        return Judgement(made.value, made.target, made.gap, "unknown", found.reason)
    return made


by_year = targets  # `scorecard` has an argument of the same name


def scorecard(
    before: pd.DataFrame,
    after: pd.DataFrame,
    targets: Iterable[Target] | int,
    by: By | None = "ministry",
    *,
    portfolio: Portfolio | None = None,
    plan: Plan | None = None,
    on: Day | None = None,
    entered: Mapping[str, float] | None = None,
) -> Scorecard:
    """Hold the change between two measurements against targets.

    Parameters
    ----------
    before, after
        What `procsim.measure` returns for the baseline and for the changed
        portfolio. Rows are matched by procedure id; a procedure that has no row
        in `after` counts as missing, never as zero.
    targets
        The targets, such as ``targets(2026)``, or the year.
    by
        As in `procsim.summarise` (``"province"``: others than the People's Committees
        stand in ``(cấp bộ)``), or None for the whole list only.
    portfolio
        The portfolio after the change, for targets on papers replaced, online
        level, boundaries and named lists (`procsim.decisions.tag`); without it
        they are unknown, with what is lacking.
    plan
        The plan behind the change, for targets on legal texts.
    on
        The day of the question, for what is effective by then.
    entered
        Target id → figure of the nation, for what no list of procedures holds
        (utilities on VNeID) or what is known from elsewhere.

    Returns
    -------
    Scorecard
        With ``summary``, one row for each group and target, and `Scorecard.nation`.

    Raises
    ------
    UnknownName
        For a grouping, or a target with an entered figure, that does not exist.
    InvalidValue
        When the tables lack a column or hold a procedure twice.

    Notes
    -----
    The rate is (Σ before − Σ after) / Σ before over the procedures known in
    both, never a mean of percents. Compliance cost is the yearly one (Thông tư
    02/2017/TT-VPCP, Điều 27) where every procedure with a cost has its yearly
    volume; otherwise each procedure counts once, and `basis` says so. Targets
    on business count the procedures tagged ``nq66_business``; where none is, those
    with audience business or both. A group answers for its own part of a named
    list. The
    target on conditions counts the *unnecessary* ones, a list that the
    published data do not hold: the share of all conditions is then a lower
    bound, which can meet the target but leaves a lower value open. National
    counts can be met by a part of the nation's procedures, but only missed
    when the whole is loaded. A rate known for fewer than half of the procedures
    in scope gets no verdict; a share gets one where the procedures without data
    could not change it.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> plan = ps.Plan([ps.ShortenLimit("1.004222", days=5)])
    >>> before, after = ps.measure(portfolio), ps.measure(ps.apply(portfolio, plan))
    >>> card = scorecard(before, after, targets(2026), by="ministry")
    >>> card.nation().set_index("target_id").loc["business_time_2026", "verdict"]
    'missed'
    """
    on = as_day(on, "on")
    _check(before, after, by)
    chosen = tuple(by_year(targets) if isinstance(targets, int) else targets)
    known = _checked(entered or {}, chosen)
    matched = after.reindex(before.index)
    flags = {} if portfolio is None else {"papers": paper_flags(portfolio, on)}
    scopes: list[tuple[str, str, npt.NDArray[np.bool_]]] = [
        ("nation", NATION.vi, np.ones(len(before), dtype=bool))
    ]
    scopes += [(name_of(by), name, mask) for name, mask in groups(before, by)]
    masks = {target.id: in_scope(before, target, portfolio) for target in chosen}
    rows = []
    for scope, group, own in scopes:
        cuts: dict[bytes, tuple[pd.DataFrame, pd.DataFrame]] = {}  # most targets share a scope
        for target in chosen:
            whole, by_list = masks[target.id]
            mask = own & whole
            if scope != "nation" and target.ministries and not mask.any():
                continue
            if scope == "nation" and target.id in known:
                found: Figures | None = entered_figures(known[target.id], int(mask.sum()))
            else:
                key = mask.tobytes()
                if key not in cuts:
                    cuts[key] = before[mask], matched[mask]
                looked_at = Scope(
                    *cuts[key], threshold(target), scope, portfolio, plan, on, **flags
                )
                found = figures_of(target, looked_at)
            if found is None:
                continue
            if by_list:
                found = replace(found, reason=join(found.reason, _listed(target, mask)))
            rows.append(_row(scope, group, target, found, _verdict(target, found)))
    summary = pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))
    summary["base_year"] = summary["base_year"].astype("Int64")
    return Scorecard(summary, name_of(by), chosen, by)


def _listed(target: Target, mask: npt.NDArray[np.bool_]) -> Text:
    count = int(mask.sum())
    return bilingual(
        "decisions.scope_list_tagged_procedures", programme=target.programme, count=count
    )


def _checked(entered: Mapping[str, float], chosen: tuple[Target, ...]) -> Mapping[str, float]:
    """Return the entered figures; each must belong to a target that exists."""
    every = {target.id for target in (*targets_table(), *chosen)}
    wrong = [
        fault_of(
            "decisions.unknown_target", "scorecard › entered", shorten(name), every=", ".join(every)
        )
        for name in entered
        if name not in every
    ]
    if wrong:
        raise UnknownName(wrong)
    return entered
