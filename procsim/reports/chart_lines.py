"""The charts that run along a line: targets over time, and what targets cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import altair as alt
import pandas as pd

from procsim.errors import Fault, Text, UnknownName, shorten, spoken
from procsim.language.i18n import t
from procsim.reference import targets_table
from procsim.reports.chart_style import (
    PERCENT_AXIS,
    Figure,
    columns_needed,
    percent,
    sentence,
    shown,
    styled,
    values,
    wrapped,
)
from procsim.reports.map_drawing import COLOURS

__all__ = ["tradeoff", "trajectory"]

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
        raise UnknownName([_no_target(name) for name in absent])
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


def _no_target(name: str) -> Fault:
    return Fault(
        "trajectory › targets",
        shorten(name),
        Text("Lộ trình không theo dõi chỉ tiêu này.", "The trajectory does not follow it."),
        Text("Truyền chỉ tiêu vào trajectory().", "Pass the target to trajectory()."),
        code="figure.no_target",
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
    y = alt.Y(
        "value:Q",
        title=None,
        scale=scale,
        axis=alt.Axis(labelExpr=expression, tickCount=4),
    )
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
    frame: pd.DataFrame,
    x: str,
    wide: Sequence[str],
    language: str,
    names: Mapping[str, str],
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
