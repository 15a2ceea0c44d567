"""The charts that the app, the notebooks and the reports share, drawn by Altair.

Every chart holds its own data and needs no network; colour never says anything
that is not also written. `figure_png` and `figure_svg` make pictures of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from procsim.decisions.targets import NATION
from procsim.errors import NOTHING, Fault, Text, UnknownName, shorten, spoken
from procsim.language.i18n import bilingual, fault_of, t
from procsim.measures.sheet import REASONS
from procsim.reference import targets_table
from procsim.reports.charts.style import (
    LABEL,
    PERCENT_AXIS,
    Figure,
    axis_of_names,
    columns_needed,
    figure_png,
    figure_svg,
    money_unit,
    percent,
    sentence,
    shown,
    styled,
    unique,
    values,
    wrapped,
)
from procsim.reports.map.drawing import COLOURS

__all__ = [
    "before_after",
    "figure_png",
    "figure_svg",
    "heatmap",
    "tornado",
    "tradeoff",
    "trajectory",
    "waterfall",
]


_ROW = 36.0
_HEAD = 5  # lines of a head in the heatmap
_COMPARED = ("statutory_days", "documents", "conditions", "cost_vnd", "cost_year_vnd")
#: Columns of `procsim.reforms.attribution.effects`, as the measures are called.
_MEASURE = {"days": "statutory_days"}
_FIFTHS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
_CELL = {"met": "mint", "missed": "yellow", "unknown": "grey"}


def _unit(metric: str, largest: float) -> tuple[float, Text]:
    """Return by how much figures of a metric are divided to be read, and their unit."""
    name = _MEASURE.get(metric, metric)
    if name.endswith("_vnd"):
        size, unit = money_unit(largest)
        year = bilingual("reports.year") if name.endswith("year_vnd") else NOTHING
        return size, Text(unit.vi + year.vi, unit.en + year.en)
    key = "days" if name.endswith("days") else "papers" if name.startswith("documents") else name
    return 1.0, Text(t(f"figure.unit.{key}", "vi"), t(f"figure.unit.{key}", "en"))


def _name(metric: str, language: str) -> str:
    return t(f"figure.metric.{_MEASURE.get(metric, metric)}", language)


def _decimals(number: float) -> int:
    return 0 if number == round(number) or abs(number) >= 1000 else 2 if abs(number) < 10 else 1


def _amount(number: float, size: float, language: str) -> str:
    return shown(number / size, language, _decimals(number / size))


def _amount_axis(size: float, title: str) -> alt.Axis:
    # Powers of ten only, so the division leaves no noise in the labels.
    return alt.Axis(title=title, labelExpr=f"format(datum.value / {size:g}, ',~f')", tickCount=5)


def waterfall(
    effects: pd.DataFrame, metric: str = "cost_vnd", *, top: int = 12, language: str = ""
) -> Figure:
    """Return who saves how much, one under the other, down to the whole saving.

    Parameters
    ----------
    effects
        What `procsim.reforms.attribution.effects` returns, by any player.
    metric
        One of its metrics: ``days``, ``cost_vnd``, ``documents``, …
    top
        How many players are drawn by themselves; the others stand in one bar.
    language
        ``"vi"`` or ``"en"``.

    Raises
    ------
    InvalidValue
        When the table lacks the metric or the names.
    """
    language = spoken(language)
    named = "name" if f"name_{language}" in effects else "change"
    columns_needed(effects, [metric, f"{named}_{language}"], "waterfall › effects")
    title = t("figure.waterfall", language, metric=_name(metric, language))
    left_out = effects.attrs.get("left_out", {}).get(metric, 0)
    note = t("figure.left_out", language, count=left_out) if left_out else ""
    known = effects[effects[metric].notna() & (effects[metric] != 0)]
    if known.empty:
        nothing = "nothing_known" if effects[metric].isna().all() else "no_saving"
        return sentence(f"{t(f'figure.empty.{nothing}', language)} {note}", title, language)
    ordered = known.reindex(known[metric].abs().sort_values(ascending=False, kind="stable").index)
    first, rest = ordered.iloc[:top], ordered.iloc[top:]
    names = first[f"{named}_{language}"].astype(str)
    if named == "change":  # the sentences of reforms begin alike; their numbers tell them apart
        names = first.index.astype(str) + ". " + names
    shares = list(zip(names, first[metric].astype(float), strict=True))
    if len(rest):
        others = t("figure.others", language, count=len(rest))
        shares.append((others, float(rest[metric].sum())))
    rows = _cascade(shares, t("figure.total", language))
    size, unit = _unit(metric, max(abs(row["value"]) for row in rows))
    for row in rows:
        row["text"] = _amount(row["value"], size, language)
    return styled(
        _bars(rows, _amount_axis(size, unit.in_language(language))),
        title,
        [t("figure.waterfall.under", language), note],
        language,
    )


def _cascade(shares: list[tuple[str, float]], total: str) -> list[dict[str, Any]]:
    """Return bars that begin where the one above ends, and the whole below them."""
    rows: list[dict[str, Any]] = []
    end = 0.0
    labels = unique(wrapped(name) for name, _ in shares)
    for label, (name, value) in zip(labels, shares, strict=True):
        kind = "saving" if value >= 0 else "loss"
        rows.append(
            {"label": label, "name": name, "value": value, "start": end, "end": end + value}
            | {"kind": kind}
        )
        end += value
    whole = {"label": total, "name": total, "value": end, "start": 0.0, "end": end}
    return [*rows, whole | {"kind": "total"}]


def _bars(rows: list[dict[str, Any]], axis: alt.Axis) -> Figure:
    ends = [edge for row in rows for edge in (row["start"], row["end"])]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    for row in rows:
        row["right"] = max(row["start"], row["end"])
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("label:N", sort=None, axis=axis_of_names()),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("text:N", title=" ")],
    )
    colours = alt.Scale(
        domain=["saving", "loss", "total"],
        range=[COLOURS["blue"], COLOURS["orange"], COLOURS["green"]],
    )
    bars = base.mark_bar(height=18).encode(
        x=alt.X("start:Q", axis=axis, scale=alt.Scale(domain=[low, high + span * 0.2], nice=False)),
        x2="end:Q",
        color=alt.Color("kind:N", scale=colours, legend=None),
    )
    words = base.mark_text(align="left", dx=5).encode(x="right:Q", text="text:N")
    made: Figure = (bars + words).properties(width=360, height=alt.Step(_ROW))
    return made


def tornado(
    frame: pd.DataFrame, base: float, metric: str = "cost_vnd", *, top: int = 15,
    language: str = "",
) -> Figure:  # fmt: skip
    """Return how far the saving moves with each assumed parameter.

    Parameters
    ----------
    frame
        One row for each parameter: ``name_vi``, ``name_en``, ``low`` and ``high``
        (the two values tried) and ``saving_low``, ``saving_high`` (what the plan
        then saves). Rows without a saving are left out and counted.
    base
        What it saves with the parameters as they are.
    metric
        The measure that is saved, for names and units.
    top
        How many parameters are drawn, those that matter most.

    Raises
    ------
    InvalidValue
        When columns are missing.
    """
    language = spoken(language)
    needed = (f"name_{language}", "low", "high", "saving_low", "saving_high")
    columns_needed(frame, needed, "tornado › frame")
    title = t("figure.tornado", language, metric=_name(metric, language))
    known = frame[frame[["saving_low", "saving_high"]].notna().all(axis=1)]
    note = t("figure.unknown_rows", language, count=len(frame) - len(known))
    if known.empty or math.isnan(base):
        return sentence(t("figure.empty.nothing_known", language), title, language)
    reach = (known[["saving_low", "saving_high"]] - base).abs().max(axis=1)
    drawn = known.loc[reach.sort_values(ascending=False, kind="stable").index].iloc[:top]
    most = drawn[["saving_low", "saving_high"]].abs().max(axis=None)
    size, unit = _unit(metric, max(abs(base), most))
    names = unique(wrapped(name) for name in drawn[f"name_{language}"])
    rows = [
        {
            "label": name,
            "kind": t(f"figure.tornado.{kind}", language),
            "saving": float(row[f"saving_{kind}"]),
            "base": base,
            "text": _amount(row[f"saving_{kind}"], size, language),
            "parameter": row[kind] if isinstance(row[kind], str) else shown(row[kind], language),
        }
        for name, (_, row) in zip(names, drawn.iterrows(), strict=True)
        for kind in ("low", "high")
    ]
    for row in rows:
        row["text"] = f"{row['text']} ({row['parameter']})"
    axis = _amount_axis(size, unit.in_language(language))
    told = t(
        "figure.tornado.under",
        language,
        base=f"{_amount(base, size, language)} {unit.in_language(language)}",
    )
    under = [told, note if len(known) < len(frame) else ""]
    return styled(_two_sided(rows, base, axis, language), title, under, language)


def _two_sided(rows: list[dict[str, Any]], base: float, axis: alt.Axis, language: str) -> Figure:
    ends = [base, *(row["saving"] for row in rows)]
    span = (max(ends) - min(ends)) or abs(base) or 1.0
    domain = [min(ends) - span * 0.55, max(ends) + span * 0.55]
    kinds = [t(f"figure.tornado.{kind}", language) for kind in ("low", "high")]
    plot = alt.Chart(values(rows)).encode(
        y=alt.Y("label:N", sort=None, axis=axis_of_names()),
        yOffset=alt.YOffset("kind:N", scale=alt.Scale(domain=kinds)),
    )
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=kinds, range=[COLOURS["orange"], COLOURS["blue"]]),
    )
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    bars = plot.mark_bar().encode(
        x=alt.X("base:Q", axis=axis, scale=scale), x2="saving:Q", color=colour
    )
    ends_at: tuple[tuple[str, Literal["left", "right"], int], ...]
    ends_at = ((">=", "left", 4), ("<", "right", -4))
    right, left = (
        plot.transform_filter(f"datum.saving {sign} datum.base")
        .mark_text(align=align, dx=dx)
        .encode(x="saving:Q", text="text:N")
        for sign, align, dx in ends_at
    )
    line = (
        alt.Chart(values([{"base": base}]))
        .mark_rule(color=COLOURS["ink"], strokeWidth=1.5)
        .encode(x="base:Q")
    )
    made: Figure = (bars + right + left + line).properties(width=380, height=alt.Step(20))
    return made


def heatmap(
    card: pd.DataFrame, targets: Iterable[str] | None = None, *, language: str = ""
) -> Figure:
    """Return ministries (or other groups) against targets: verdict and value in each cell.

    Parameters
    ----------
    card
        ``scorecard(…).summary`` (`procsim.decisions.Scorecard`).
    targets
        Ids of the targets to draw; all of them by default.

    Raises
    ------
    InvalidValue
        When the table is not that of a scorecard.
    UnknownName
        For a target that is not in it.
    """
    language = spoken(language)
    title = t("figure.heatmap", language)
    columns_needed(
        card, ("group", "target_id", f"name_{language}", "value", "verdict", "kind"), "heatmap"
    )
    chosen = list(dict.fromkeys(card["target_id"] if targets is None else targets))
    absent = [name for name in chosen if name not in set(card["target_id"])]
    if absent:
        raise UnknownName([_no_target(name, card["target_id"]) for name in absent])
    drawn = card[card["target_id"].isin(chosen)]
    if drawn.empty:
        return sentence(t("figure.empty.no_target", language), title, language)
    names = drawn.drop_duplicates("target_id").set_index("target_id")[f"name_{language}"]
    heads = dict(zip(chosen, unique(_head(names[one]) for one in chosen), strict=True))
    rows = [_cell(row, heads, language) for row in drawn.to_dict("records")]
    under = [t("figure.heatmap.under", language)]
    return styled(_grid(rows, list(heads.values())), title, under, language)


def _head(name: str) -> str:
    """Return the name of a target in lines, blank ones above so that all heads end alike."""
    made = wrapped(name, 22, _HEAD)
    return "\n" * (_HEAD - 1 - made.count("\n")) + made


def _no_target(name: str, known: Iterable[str]) -> Fault:
    return Fault(
        "heatmap › targets",
        shorten(name),
        bilingual("reports.no_scorecard_such_target"),
        Text(*2 * (", ".join(dict.fromkeys(known)),)),
        code="figure.no_target",
    )


def _cell(row: Mapping[str, Any], heads: Mapping[str, str], language: str) -> dict[str, Any]:
    value = float(row["value"])
    told = percent(value, language) if row["kind"] != "count" else shown(value, language, 0) or "–"
    group = row["group"]
    if row.get("scope") == "nation":
        group = NATION.in_language(language)
    verdict = t(f"figure.verdict.{row['verdict']}", language)
    return {
        "group": wrapped(group, LABEL, 2),
        "target": heads[row["target_id"]],
        "target_id": row["target_id"],
        "value": value,
        "verdict": row["verdict"],
        "text": f"{verdict}\n{told}",
    }


def _grid(rows: list[dict[str, Any]], heads: list[str]) -> Figure:
    above = axis_of_names(orient="top", labelAngle=0, labelPadding=14 * _HEAD - 8, labelOffset=0)
    base = alt.Chart(values(rows)).encode(
        x=alt.X("target:N", sort=heads, axis=above),
        y=alt.Y("group:N", sort=None, axis=axis_of_names()),
    )
    fill = alt.Scale(domain=list(_CELL), range=[COLOURS[colour] for colour in _CELL.values()])
    cells = base.mark_rect(stroke=COLOURS["white"], strokeWidth=2).encode(
        color=alt.Color("verdict:N", scale=fill, legend=None)
    )
    words = base.mark_text(lineBreak="\n", lineHeight=14, dy=-7).encode(text="text:N")
    made: Figure = (cells + words).properties(width=alt.Step(150), height=alt.Step(38))
    return made


def before_after(frame: pd.DataFrame, metric: str | None = None, *, language: str = "") -> Figure:
    """Return the totals before and after a plan.

    Parameters
    ----------
    frame
        What `procsim.measures.compare` returns. Of one group each metric is drawn
        as what is left of 100 %; of several groups (``by="ministry"``) one metric
        is drawn in its own unit.
    metric
        The metric of several groups; ``cost_vnd`` where not given.

    Raises
    ------
    InvalidValue
        When the table is not that of a comparison.
    """
    language = spoken(language)
    columns_needed(
        frame, ("group", "metric", "before", "after", "rate", "missing", "why"), "before_after"
    )
    if metric is None and len(set(frame["group"])) <= 1:
        return _metrics_left(frame[frame["metric"].isin(_COMPARED)], language)
    metric = metric or "cost_vnd"
    title = t("figure.before_after.by", language, metric=_name(metric, language))
    own = frame[(frame["metric"] == metric) & frame["before"].notna() & (frame["before"] > 0)]
    if own.empty:
        return sentence(t("figure.empty.nothing_known", language), title, language)
    size, unit = _unit(metric, own["before"].max())
    own = own.sort_values("before", ascending=False, kind="stable")
    labels = unique(wrapped(group or t("figure.no_group", language)) for group in own["group"])
    rows = []
    for label, (_, row) in zip(labels, own.iterrows(), strict=True):
        rate = t("figure.cut", language, rate=percent(row["rate"], language))
        for when in ("before", "after"):
            told = _amount(row[when], size, language)
            told = f"{told} ({rate})" if when == "after" else told
            rows.append({"label": label, "when": when, "value": float(row[when]), "text": told})
    axis = _amount_axis(size, unit.in_language(language))
    lacking = int(frame.loc[frame["metric"] == metric, "missing"].sum())
    note = t("figure.left_out", language, count=lacking) if lacking else ""
    return styled(_pairs(rows, axis, language), title, [note], language)


def _metrics_left(frame: pd.DataFrame, language: str) -> Figure:
    """Return each metric as what is left of it, its own figures written beside."""
    title = t("figure.before_after", language)
    rows, notes = [], []
    for row in frame.to_dict("records"):
        if row["why"]:
            reason = REASONS[row["why"]].in_language(language)
            notes.append(f"{_name(row['metric'], language)}: {reason}")
            continue
        size, unit = _unit(row["metric"], row["before"])
        label = wrapped(_name(row["metric"], language))
        kept = row["after"] / row["before"]
        said = t("figure.cut", language, rate=percent(row["rate"], language, 2))
        texts = {
            "before": f"{_amount(row['before'], size, language)} {unit.in_language(language)}",
            "after": f"{_amount(row['after'], size, language)} ({said})",
        }
        rows += [
            {
                "label": label,
                "when": when,
                "value": 1.0 if when == "before" else kept,
                "amount": float(row[when]),
                "text": texts[when],
            }
            for when in ("before", "after")
        ]
    note = f"{t('figure.not_drawn', language)} {'; '.join(notes)}." if notes else ""
    if not rows:
        return sentence(note or t("figure.empty.nothing_known", language), title, language)
    axis = alt.Axis(title=t("figure.of_before", language), labelExpr=PERCENT_AXIS, values=_FIFTHS)
    return styled(_pairs(rows, axis, language), title, [note], language)


def _pairs(rows: list[dict[str, Any]], axis: alt.Axis, language: str) -> Figure:
    names = {when: t(f"figure.{when}", language) for when in ("before", "after")}
    for row in rows:
        row["named"] = names[row["when"]]
    most = max(row["value"] for row in rows)
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("label:N", sort=None, axis=axis_of_names()),
        yOffset=alt.YOffset("named:N", scale=alt.Scale(domain=list(names.values()))),
    )
    bars = base.mark_bar(stroke=COLOURS["blue"]).encode(
        x=alt.X(
            "value:Q", axis=axis, scale=alt.Scale(domain=[0, (most or 1.0) * 1.55], nice=False)
        ),
        color=alt.Color(
            "named:N",
            title=None,
            scale=alt.Scale(domain=list(names.values()), range=[COLOURS["sky"], COLOURS["blue"]]),
        ),
    )
    words = base.mark_text(align="left", dx=5).encode(x="value:Q", text="text:N")
    made: Figure = (bars + words).properties(width=400, height=alt.Step(20))
    return made


# The charts that run along a line: targets over time, and what targets cost.

_PANELS = 6
_SERIES = ("blue", "orange", "green", "brown", "dust")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4])


def trajectory(
    frame: pd.DataFrame,
    targets: Iterable[str] | None = None,
    *,
    names: Mapping[str, Text] | None = None,
    language: str = "",
) -> Figure:
    """Return the value of each target by month, against its level and its deadline.

    Parameters
    ----------
    frame
        ``roadmap(…).trajectory(targets)``.
    targets
        Ids of the targets to draw, one panel for each; by default those that have a
        figure, in the order of their deadlines, at most 6 (the others are counted).
    names
        Names of targets that are not the Government's.

    Raises
    ------
    InvalidValue
        When the table is not that of a trajectory.
    UnknownName
        For a target that is not in it.
    """
    language = spoken(language)
    needed = ("month", "target_id", "value", "target", "deadline", "deadline_verdict")
    columns_needed(frame, needed, "trajectory › frame")
    title = t("figure.trajectory", language)
    own = frame[(frame["target_id"] != "") & frame["value"].notna()]
    known = _by_deadline(own)
    chosen = known[:_PANELS] if targets is None else list(dict.fromkeys(targets))
    absent = [name for name in chosen if name not in set(frame["target_id"])]
    if absent:
        raise UnknownName([_lines_no_target(name) for name in absent])
    drawn = [name for name in chosen if name in known]
    if not drawn:
        return sentence(t("figure.empty.nothing_known", language), title, language)
    listed = {one.id: one for one in targets_table()}
    panels = []
    for name in drawn:
        found = listed.get(name)
        named = (names or {}).get(name) or (
            Text(found.name_vi, found.name_en) if found else Text(name, name)
        )
        counted = found is not None and found.kind == "count"
        panels.append(_panel(own[own["target_id"] == name], named, counted, language))
    left = len(known) - len(drawn)
    note = t("figure.more_targets", language, count=left) if left and targets is None else ""
    chart = alt.concat(*panels, columns=2, spacing=24)
    return styled(chart, title, [t("figure.trajectory.under", language), note], language)


def _by_deadline(own: pd.DataFrame) -> list[str]:
    first = own.drop_duplicates("target_id")
    keyed = [
        (deadline is None, str(deadline), name)
        for name, deadline in zip(first["target_id"], first["deadline"], strict=True)
    ]
    return [name for _, _, name in sorted(keyed)]


def _lines_no_target(name: str) -> Fault:
    return fault_of(
        "figure.no_target",
        "trajectory › targets",
        shorten(name),
        says="figure.no_target.no_trajectory_follow",
    )


def _panel(own: pd.DataFrame, name: Text, counted: bool, language: str) -> alt.LayerChart:
    """Return one target: the value as steps, its level, its deadline, all written out."""

    def told(value: float) -> str:
        return shown(value, language, 0) if counted else percent(value, language)

    last = own.iloc[-1]
    goal, deadline = float(last["target"]), last["deadline"]
    rows = [
        {"month": month.isoformat(), "value": float(value)}
        for month, value in zip(own["month"], own["value"], strict=True)
    ]
    most = max([row["value"] for row in rows] + ([] if math.isnan(goal) else [goal]))
    scale = alt.Scale(
        domain=[min(0.0, *(row["value"] for row in rows)), (most or 1.0) * 1.1], nice=False
    )
    expression = "format(datum.value, ',.0f')" if counted else PERCENT_AXIS
    y = alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(labelExpr=expression, tickCount=4))
    months = alt.Axis(
        title=None,
        format="%m/%Y",
        tickCount=alt.TimeIntervalStep("month", 6),
        labelOverlap="greedy",
        grid=False,
    )
    line = (
        alt.Chart(values(rows))
        .mark_line(interpolate="step-after", color=COLOURS["blue"], strokeWidth=2.5)
        .encode(x=alt.X("month:T", axis=months), y=y)
    )
    layers = [line]
    month = own.iloc[-1]["month"].strftime("%m/%Y")
    under = [t("figure.at_end", language, month=month, value=told(rows[-1]["value"]))]
    if not math.isnan(goal):
        rule = alt.Chart(values([{"goal": goal}])).encode(y="goal:Q")
        layers.append(rule.mark_rule(color=COLOURS["green"], strokeDash=[6, 3], strokeWidth=1.5))
        under[0] += f" · {t('figure.goal', language, goal=told(goal))}"
    if deadline is not None:
        rule = alt.Chart(values([{"day": deadline.isoformat()}])).encode(x="day:T")
        layers.append(rule.mark_rule(color=COLOURS["orange"], strokeWidth=1.5))
        verdict = t(f"figure.verdict.{last['deadline_verdict'] or 'unknown'}", language)
        day = deadline.strftime("%d/%m/%Y")
        under.append(t("figure.deadline", language, day=day, verdict=verdict))
    title = alt.TitleParams(
        text=wrapped(name.in_language(language), 46).split("\n"),
        subtitle=under,
        anchor="start",
        fontSize=12,
        subtitleFontSize=11,
        subtitleColor=COLOURS["soft"],
    )
    # Altair gives a facet for charts with data of their own only; these share one.
    made = alt.layer(*layers).properties(width=270, height=130, title=title)
    return cast("alt.LayerChart", made)


def tradeoff(
    frame: pd.DataFrame,
    x: str = "price",
    *,
    chosen: float | None = None,
    names: Mapping[str, str] | None = None,
    language: str = "",
) -> Figure:
    """Return what each rate of reduction costs: the effort along, the rate up.

    Parameters
    ----------
    frame
        A row for each plan found: ``price`` (points of effort) or ``texts`` (legal
        texts to amend), and either ``level`` (the rate, 0–1, of one metric; with a
        column ``metric`` of several) or one column of rates for each metric
        (``statutory_days``, ``cost_vnd``, ``documents``, ``conditions``). With
        ``relaxed``, the price below which no plan exists is drawn too (of ``price``
        and ``level`` only). What was not found is NaN; it is left out and counted.
    x
        ``"price"`` or ``"texts"``.
    chosen
        The effort of the plan chosen; drawn as a line.
    names
        Names of metrics, where ``metric`` holds other keys.

    Raises
    ------
    InvalidValue
        When columns are missing.
    """
    language = spoken(language)
    wide = [m for m in ("statutory_days", "cost_vnd", "documents", "conditions") if m in frame]
    columns_needed(frame, (x, *(() if wide else ("level",))), "tradeoff › frame")
    points = _points(frame, x, wide, language, names or {})
    known = [p for p in points if not math.isnan(p["x"]) and not math.isnan(p["rate"])]
    title = t(f"figure.tradeoff.{x}", language)
    if not known:
        return sentence(t("figure.empty.no_plan", language), title, language)
    lost = len(points) - len(known)
    note = t("figure.unknown_rows", language, count=lost) if lost else ""
    series = list(dict.fromkeys(p["series"] for p in known))
    layers = [*_curves(known, series, t(f"figure.axis.{x}", language), language)]
    if chosen is not None:
        rule = alt.Chart(values([{"x": float(chosen)}])).encode(x="x:Q")
        layers.append(rule.mark_rule(color=COLOURS["ink"], strokeDash=[4, 4]))
        note = f"{t('figure.chosen', language, value=shown(chosen, language))} {note}".strip()
    chart = alt.layer(*layers).properties(width=460, height=280)
    return styled(cast("alt.LayerChart", chart), title, [note], language)


def _points(
    frame: pd.DataFrame, x: str, wide: Sequence[str], language: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    def named(key: str) -> str:
        return names.get(key) or t(f"figure.metric.{key}", language)

    if wide:
        return [
            {"x": float(effort), "rate": float(rate), "series": named(metric)}
            for metric in wide
            for effort, rate in zip(frame[x], frame[metric], strict=True)
        ]
    plan = t("figure.tradeoff.found", language)
    series = [named(m) for m in frame["metric"]] if "metric" in frame else [plan] * len(frame)
    made = [
        {"x": float(effort), "rate": float(level), "series": one}
        for effort, level, one in zip(frame[x], frame["level"], series, strict=True)
    ]
    if x == "price" and "relaxed" in frame:
        bound = t("figure.tradeoff.bound", language)
        made += [
            {"x": float(effort), "rate": float(level), "series": bound}
            for effort, level in zip(frame["relaxed"], frame["level"], strict=True)
        ]
    return made


def _curves(
    points: list[dict[str, Any]], series: list[str], axis: str, language: str
) -> list[alt.Chart]:
    for point in points:
        point["text"] = percent(point["rate"], language, 0)
    count = len(series)
    scales: dict[str, list[Any]] = {
        "color": [COLOURS[_SERIES[i % len(_SERIES)]] for i in range(count)],
        "shape": [_SHAPES[i % len(_SHAPES)] for i in range(count)],
        "dash": [_DASHES[i % len(_DASHES)] for i in range(count)],
    }
    base = alt.Chart(values(points)).encode(
        x=alt.X("x:Q", axis=alt.Axis(title=axis, format=",~f"), scale=alt.Scale(zero=False)),
        y=alt.Y("rate:Q", axis=alt.Axis(title=t("figure.rate", language), labelExpr=PERCENT_AXIS)),
        color=alt.Color(
            "series:N", title=None, scale=alt.Scale(domain=series, range=scales["color"])
        ),
    )
    # Plans may cost the same, so points are joined by rising rate.
    lines = base.mark_line(strokeWidth=2).encode(
        order="rate:Q",
        strokeDash=alt.StrokeDash(
            "series:N", legend=None, scale=alt.Scale(domain=series, range=scales["dash"])
        ),
    )
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(
        shape=alt.Shape(
            "series:N", title=None, scale=alt.Scale(domain=series, range=scales["shape"])
        )
    )
    return [lines, marks]
