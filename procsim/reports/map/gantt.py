"""The Gantt chart of one procedure: papers and steps before and after, as SVG."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from procsim.errors import shorten, spoken
from procsim.language.formatting import format_number
from procsim.language.i18n import t
from procsim.measures.base import Figures, figures
from procsim.measures.cost import cost_lines
from procsim.measures.time import levels, statutory_days
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Calendar, Day, as_day
from procsim.reports.map.content import Content, Node, chains, content
from procsim.reports.map.drawing import (
    COLOURS,
    FONTS,
    Look,
    frame,
    look_of,
    number,
    rectangle,
    text,
)
from procsim.reports.map.frame import EDGE, head, lane
from procsim.reports.map.text import attribute, escaped, text_width, wrap

_NARROWEST, _WIDEST = 700, 8000
_LABEL, _SMALL = 13.0, 11.5
_AFTER_BAR = 215.0  # room for the words behind the longest bar
_BAR, _THIN, _STUB = 15.0, 7.0, 26.0
_OFF_LINE = ("orange", 1.6, "5 4")
_LIMIT = Look("white", "dust", "ink", "soft", 0.0)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where each working day stands."""

    left: float
    right: float
    first: float
    last: float
    labels: float

    def x(self, day: float) -> float:
        """Return the place of a day."""
        share = (day - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)

    @property
    def ticks(self) -> list[int]:
        """Days that are labelled: from 0 in round steps, at most a dozen."""
        steps = (1, 2, 5, 10, 20, 50, 100, 200, 500)
        step = next((s for s in steps if self.last / s <= 12), 1000)
        return list(range(0, int(self.last) + 1, step))


def gantt_svg(
    before: Portfolio,
    procedure: str,
    after: Portfolio | None = None,
    language: str = "",
    *,
    width: int = 1480,
    handed_in: Day | None = None,
    parameters: Figures | None = None,
    calendar: Calendar | None = None,
) -> str:
    """Return the schedule of one procedure as SVG, before and after in one picture.

    Bars stand on an axis of working days; what the plan leaves is drawn full, what
    stood before it thin and grey above. Tasks of the critical path have a diamond and
    a heavy edge. A step without stated days is a dotted stub: its length means
    nothing. The head names the longest wait.

    Parameters
    ----------
    before, procedure, after, language
        As for `procsim.reports.map.diagram.procedure_map`.
    width
        Width in pixels, kept within 700–8000; the height follows.
    handed_in
        With a day, the axis has dates of Vietnam's calendar.
    parameters
        For the hours of papers; by default the newest.
    calendar
        For the dates; by default that of the law and of what was published.

    Returns
    -------
    str
        One ``<svg>`` element; `procsim.reports.map.diagram.to_png` draws it as a picture.

    Raises
    ------
    UnknownName
        For a procedure or language that is not there.
    InvalidValue
        When the steps wait for each other in a circle, or the calendar does not know
        a day.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "steps": pd.DataFrame({"id": ["s1"], "procedure": "1.000001",
    ...                            "name": ["Thẩm định <hồ sơ>"], "days": [5.0]}),
    ... })
    >>> "Thẩm định &lt;hồ sơ&gt;" in gantt_svg(portfolio, "1.000001")
    True
    """
    handed_in = as_day(handed_in, "handed_in")
    language = spoken(language)
    wide = float(min(max(width, _NARROWEST), _WIDEST))
    p = figures(parameters)
    tasks = gantt_frame(before, procedure, after, parameters=p)
    shown = content(before, procedure, after, language, None)
    hours_per_day, offices = float(p["working_hours_per_day"]), calendar or Calendar()
    drawing = _Drawing(tasks, shown, wide, language, hours_per_day, handed_in, offices)
    parts, height = drawing.parts()
    title = t("gantt.title", language, code=shown.code, name=shown.name)
    size = f'width="{number(wide)}" height="{number(height)}"'
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {number(wide)} {number(height)}" role="img" '
        f'aria-label={attribute(title)} class="procedure-gantt" font-family="{FONTS}">'
    )
    return "\n".join(
        [
            opening,
            f"<title>{escaped(title)}</title>",
            f"<desc>{escaped(' '.join(drawing.sentences()))}</desc>",
            f'<rect width="{number(wide)}" height="{number(height)}" fill="{COLOURS["white"]}"/>',
            *parts,
            "</svg>\n",
        ]
    )


class _Drawing:
    """A chart while it is drawn, from the head down to the legend."""

    def __init__(
        self,
        tasks: pd.DataFrame,
        shown: Content,
        width: float,
        language: str,
        hours_per_day: float,
        handed_in: dt.date | None,
        offices: Calendar,
    ) -> None:
        self.tasks, self.shown, self.width, self.language = tasks, shown, width, language
        self.hours_per_day, self.offices = hours_per_day, offices
        self.received = None if handed_in is None else offices.next_working_day(handed_in)
        self.nodes: Mapping[str, Node] = {n.id: n for n in (*shown.steps, *shown.papers)}
        ends = tasks["finish"] + tasks["slack"].where(tasks["lane"] == "steps", 0.0)
        labels = min(400.0, 0.32 * width)
        self.axis = _Axis(
            EDGE + labels + 30,
            width - EDGE - _AFTER_BAR,
            min(float(tasks["start"].min()), 0.0) if len(tasks) else 0.0,
            max(1.0, math.ceil(float(ends.max()) - 1e-9)) if len(tasks) else 1.0,
            labels,
        )

    def parts(self) -> tuple[list[str], float]:
        """Return the shapes, and the height of all."""
        made, y = head(self.shown, self.width, self.language)
        for sentence in self.sentences():
            for line in wrap(sentence, self.width - 2 * EDGE, _LABEL, 3, bold=True):
                y += 19
                made.append(text(line, EDGE, y, _LABEL, "ink", bold=True))
        y += 22
        ground: list[str] = []
        rows: list[str] = []
        top = y
        for name in ("papers", "steps"):
            found, bottom = self._lane(name, y)
            if found:
                ground.append(lane(name.rstrip("s"), y, bottom, self.width))
                rows += found
                y = bottom + 10
        lines, y = self._grid(top, y)
        legend, y = self._legend(y + 14)
        return [*made, *ground, *lines, *rows, *legend], y + 10

    def sentences(self) -> Iterator[str]:
        """Yield what an officer wants to read first: where the time goes."""
        if not self.shown.steps:
            yield t("map.empty.steps", self.language)
            return
        sides = [side for side in ("before", "after") if (self.tasks["side"] == side).any()]
        waits = {side: longest_wait(self.tasks, side) for side in sides}
        for side, wait in waits.items():
            suffix = ".after" if side == "after" else ""
            if suffix and (wait.id, wait.days, wait.steps) == _key(waits.get("before")):
                continue
            if wait.id:
                node = self.nodes.get(wait.id)
                yield t(
                    f"gantt.wait{suffix}",
                    self.language,
                    step=f"“{_short(node.label if node else wait.name)}”",
                    days=_rounded(wait.days),
                    share=round(100 * wait.share),
                )
            else:
                yield t(f"gantt.wait.none{suffix}", self.language)
        if self.shown.compared and not self.shown.stands:
            yield t("gantt.abolished", self.language)
        yield from self._doubts(longest_wait(self.tasks, sides[-1] if sides else "before"))

    def _doubts(self, wait: Wait) -> Iterator[str]:
        """Yield what does not fit: steps against the limit, and steps without sequence."""
        gap = wait.limit - wait.steps
        values = {
            "steps": _rounded(wait.steps),
            "limit": _rounded(wait.limit),
            "rest": _rounded(gap),
        }
        if gap > 1e-9:
            yield t("gantt.unexplained", self.language, **values)
        elif gap < -1e-9:
            yield t("gantt.over", self.language, **values)
        flow = [link for link in self.shown.flow if link.kind == "flow"]
        count = len(chains([step for step in self.shown.steps if step.state != "removed"], flow))
        if count > 1:
            key = "gantt.chains" if flow else "gantt.no_flow"
            yield t(key, self.language, count=count)

    def _lane(self, name: str, top: float) -> tuple[list[str], float]:
        wanted = ("steps", "limit") if name == "steps" else (name,)
        mine = self.tasks[self.tasks["lane"].isin(wanted)]
        if mine.empty:
            return [], top
        now = mine[mine["side"] == mine["side"].iloc[-1]]
        hours = _rounded(float(now["days"].sum()) * self.hours_per_day)
        title = t(f"gantt.lane.{name}", self.language, hours=hours)
        made = [
            _ground(EDGE + 10, top + 8, text_width(title, 15, bold=True), name.rstrip("s")),
            text(title, EDGE + 12, top + 22, 15, "ink", bold=True),
        ]
        y = top + 34
        for own in self._order(mine):
            found, height = self._row(mine[mine["id"] == own], y)
            made += found
            y += height
        return made, y + 8

    def _order(self, mine: pd.DataFrame) -> list[str]:
        """Return papers as they are prepared, steps as the procedure has them, the limit last."""
        ids = list(dict.fromkeys(mine["id"]))
        if mine["lane"].eq("papers").all():
            starts = mine.drop_duplicates("id", keep="last").set_index("id")["start"]
            return sorted(ids, key=starts.__getitem__)
        place = {own: number for number, own in enumerate(self.nodes)}
        return sorted(ids, key=lambda own: place.get(own, len(place)))

    def _row(self, both: pd.DataFrame, y: float) -> tuple[list[str], float]:
        """Return one task: its label, and its bar on either side."""
        by_side = {row["side"]: row for row in both.to_dict("records")}
        now = by_side.get("after") or by_side["before"]
        node = self.nodes.get(now["id"])
        name = node.label if node else t("gantt.limit", self.language)
        removed = self.shown.compared and "after" not in by_side
        bold = _heavy(now) and not removed
        lines = wrap(name, self.axis.labels - 14, _LABEL, 2, bold=bold)
        height = max(34.0, 17.0 * len(lines) + 12)
        middle = y + height / 2
        colour = "dust" if removed else "ink"
        base = middle + 4.5 - 8.5 * (len(lines) - 1)
        made = [
            f'<g class="task {now["lane"]} {now["state"]}" data-task={attribute(str(now["id"]))}>',
            f"<title>{escaped(name)}</title>",
        ]
        made += [
            text(line, EDGE + 26, base + 17 * place, _LABEL, colour, bold=bold, struck=removed)
            for place, line in enumerate(lines)
        ]
        if bold:
            made.append(_diamond(EDGE + 16, middle))
        if removed:
            made += self._bar(now, middle, thin=True, words=t("gantt.removed", self.language))
        else:
            old = by_side.get("before")
            changed = self.shown.compared and now["state"] in ("changed", "added")
            if changed and old is not None:
                made += self._bar(old, middle - 9, thin=True, words="")
            shift = 5.0 if changed and old is not None else 0.0
            made += self._bar(now, middle + shift, thin=False, words=self._words(now))
            if changed:
                made.append(frame(*self._place(now, middle + shift, _BAR)))
        return [*made, "</g>"], height

    def _words(self, row: Mapping[str, object]) -> str:
        days, slack = float(str(row["days"])), float(str(row["slack"]))
        if not row["stated"]:
            return t("gantt.unstated", self.language)
        if row["lane"] == "papers":
            return t("gantt.hours", self.language, hours=_rounded(days * self.hours_per_day, 2))
        words = t("gantt.days", self.language, days=_rounded(days))
        if row["written"] and not days.is_integer():  # converted: show what the text says
            words += f" ({shorten(str(row['written']), 30)})"
        if row["lane"] == "steps" and slack > 1e-9:
            words += f" · {t('gantt.slack', self.language, days=_rounded(slack))}"
        return words

    def _place(
        self, row: Mapping[str, object], middle: float, height: float
    ) -> tuple[float, float, float, float]:
        x = self.axis.x(float(str(row["start"])))
        long = self.axis.x(float(str(row["finish"]))) - x if row["stated"] else _STUB
        return x, middle - height / 2, max(long, 3.0), height

    def _bar(
        self, row: Mapping[str, object], middle: float, *, thin: bool, words: str
    ) -> Iterator[str]:
        height = _THIN if thin else _BAR
        x, y, long, _ = self._place(row, middle, height)
        step = "paper" if row["lane"] == "papers" else "step"
        look = _LIMIT if row["lane"] == "limit" else look_of(step, str(row["kind"]), "kept")
        if thin:
            look = look_of(step, "unknown", "removed")
        if not row["stated"]:
            look = replace(look, fill="white", dash="2 4")
        look = replace(look, round=min(look.round, height / 2, long / 2))
        heavy = _heavy(row) and not thin
        if heavy:
            look = replace(look, edge="ink")
        yield rectangle("bar", x, y, long, height, look, stroke=2.6 if heavy else 1.2)
        end = x + long
        slack = float(str(row["slack"]))
        if not thin and row["lane"] == "steps" and row["stated"] and slack > 1e-9:
            until = self.axis.x(float(str(row["finish"])) + slack)
            yield _slack(end, until, middle)
            end = until
        if words:
            yield _ground(end + 6, middle - 8, text_width(words, _SMALL), step)
            yield text(words, end + 8, middle + 4, _SMALL, "soft")

    def _grid(self, top: float, bottom: float) -> tuple[list[str], float]:
        """Return the lines of the days behind the bars, their labels, and the holidays."""
        axis = self.axis
        y = bottom + 4
        made = []
        for day in axis.ticks:
            x = axis.x(day)
            made.append(
                _line(x, top, y, "dust", 1.6 if day == 0 else 0.5, "" if day == 0 else "1 4")
            )
            label = format_number(day) if day else t("gantt.handed_in", self.language)
            made.append(text(label, x, y + 15, _SMALL, "ink", bold=day == 0, anchor="middle"))
            if self.received is not None:
                date = self.offices.add_working_days(self.received, day)
                made.append(text(f"{date:%d/%m}", x, y + 30, _SMALL, "soft", anchor="middle"))
        y += 30 if self.received is None else 45
        key, day_text = "gantt.axis", ""
        if self.received is not None:
            key, day_text = "gantt.axis.dates", f"{self.received:%d/%m/%Y}"
        made.append(text(t(key, self.language, day=day_text), axis.x(0), y + 4, _SMALL, "soft"))
        if self.received is not None:
            last = self.offices.add_working_days(self.received, int(axis.last))
            names, places = _holidays(self.offices, self.received, last, self.language)
            made += [_line(axis.x(day), top, bottom + 4, *_OFF_LINE) for day in places]
            sentence = t("gantt.off", self.language, list="; ".join(names)) if names else ""
            for line in wrap(sentence, self.width - 2 * EDGE, _SMALL, 4):
                y += 18
                made.append(text(line, EDGE, y + 4, _SMALL, "soft"))
        return made, y + 6

    def _legend(self, top: float) -> tuple[list[str], float]:
        """Return the legend of what stands on the chart, and where it ends."""
        if self.tasks.empty:
            return [], top
        made = [text(t("map.legend", self.language), EDGE, top + 14, 13, "ink", bold=True)]
        x, y = EDGE, top + 26
        for words, drawn in self._samples():
            wide = 46 + text_width(words, 12)
            if x > EDGE and x + wide > self.width - EDGE:
                x, y = EDGE, y + 28
            made += [drawn(x, y + 11), text(words, x + 42, y + 15, 12, "ink")]
            x += wide + 26
        return made, y + 28

    def _samples(self) -> Iterator[tuple[str, Callable[[float, float], str]]]:
        """Yield name and drawing of everything that stands on the chart."""
        tasks = self.tasks
        steps, papers = (tasks[tasks["lane"] == name] for name in ("steps", "papers"))
        for kind in ("applicant", "office", "both", "unknown"):
            if (steps["kind"] == kind).any():
                yield t(f"map.legend.step.{kind}", self.language), _sample("step", kind)
        for kind in ("form", "document"):
            if (papers["kind"] == kind).any():
                yield t(f"map.legend.{kind}", self.language), _sample("paper", kind)
        for name, drawn, there in (
            ("critical", lambda x, y: _diamond(x + 18, y), steps["critical"].any()),
            ("slack", lambda x, y: _slack(x, x + 34, y), _has_slack(steps)),
            ("unstated", _sample("step", "unknown"), not steps["stated"].all()),
            ("limit", _sample("limit", ""), (tasks["lane"] == "limit").any()),
            ("before", _sample("before", ""), (tasks["state"] != "kept").any()),
            (
                "off",
                lambda x, y: _line(x + 18, y - 10, y + 10, *_OFF_LINE),
                self.received is not None,
            ),
        ):
            if there:
                yield t(f"gantt.legend.{name}", self.language), drawn


def _key(wait: Wait | None) -> tuple[str, float, float] | None:
    return None if wait is None else (wait.id, wait.days, wait.steps)


def _heavy(row: Mapping[str, object]) -> bool:
    """Return whether a task is drawn as critical; every paper is, so none is drawn so."""
    return bool(row["critical"]) and row["lane"] == "steps"


def _has_slack(steps: pd.DataFrame) -> bool:
    return bool((steps["stated"] & (steps["slack"] > 1e-9)).any())


def _sample(lane_name: str, kind: str) -> Callable[[float, float], str]:
    if lane_name == "limit":
        look, height = _LIMIT, _BAR
    elif lane_name == "before":
        look, height = look_of("step", "unknown", "removed"), _THIN
    else:
        look, height = look_of(lane_name, kind, "kept"), _BAR
    look = replace(look, round=min(look.round, height / 2))
    return lambda x, y: rectangle("bar", x, y - height / 2, 34, height, look, stroke=1.2)


def _holidays(
    offices: Calendar, received: dt.date, until: dt.date, language: str
) -> tuple[list[str], list[int]]:
    """Return the holidays up to a day, and after which working days they lie."""
    between = offices.working_days_between
    runs: list[tuple[str, dt.date, dt.date]] = []
    for holiday in offices.days_that_differ(received, until):
        name = holiday.name.in_language(language)
        if holiday.worked:
            continue
        same = runs and runs[-1][0] == name and not between(runs[-1][2], holiday.day)
        first = runs.pop()[1] if same else holiday.day
        runs.append((name, first, holiday.day))
    names = [
        f"{first:%d/%m} {name}" if first == last else f"{first:%d/%m}–{last:%d/%m} {name}"
        for name, first, last in runs
    ]
    return names, sorted({between(received, first) for _, first, _ in runs})


def _rounded(value: float, digits: int = 1) -> float:
    return round(value, digits)


def _short(words: str) -> str:
    return words if len(words) <= 90 else words[:89].rpartition(" ")[0] + "…"


def _ground(x: float, y: float, width: float, lane_name: str) -> str:
    """Return a ground for words, so that no line of the days runs through them."""
    look = Look(f"lane_{lane_name}", f"lane_{lane_name}", "ink", "soft", 0.0)
    return rectangle("ground", x, y, width, 17, look, stroke=0)


def _line(x: float, top: float, bottom: float, colour: str, width: float, dash: str = "") -> str:
    more = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="M{number(x)} {number(top)}V{number(bottom)}" stroke="{COLOURS[colour]}" '
        f'stroke-width="{number(width)}" fill="none"{more}/>'
    )


def _slack(start: float, end: float, middle: float) -> str:
    """Return the dashed line of the time to spare, with a stop at its end."""
    return (
        f'<path d="M{number(start)} {number(middle)}H{number(end)}" stroke="{COLOURS["dust"]}" '
        'stroke-width="1.4" stroke-dasharray="3 3" fill="none"/>'
        + _line(end, middle - 5, middle + 5, "dust", 1.4)
    )


def _diamond(x: float, y: float) -> str:
    """Return the mark of the critical path."""
    corners = ((0, -6), (6, 0), (0, 6), (-6, 0))
    points = " ".join(f"{number(x + a)},{number(y + b)}" for a, b in corners)
    return f'<polygon class="critical" points="{points}" fill="{COLOURS["ink"]}"/>'


# What stands on a Gantt chart: papers and steps of one procedure, in working days.

COLUMNS = (
    "side",
    "lane",
    "id",
    "name",
    "kind",
    "start",
    "finish",
    "days",
    "written",
    "stated",
    "critical",
    "slack",
    "state",
)


def gantt_frame(
    before: Portfolio,
    procedure: str,
    after: Portfolio | None = None,
    *,
    parameters: Figures | None = None,
) -> pd.DataFrame:
    """Return papers and steps of one procedure with their times, before and after a plan.

    Parameters
    ----------
    before
        The procedures as they stand.
    procedure
        Id, or a national code that stands for one procedure only.
    after
        The same procedures after a plan.
    parameters
        For the hours of papers; by default the newest.

    Returns
    -------
    pandas.DataFrame
        A row for each task: ``side`` (before, after), ``lane`` (papers, steps, limit),
        ``id``, ``name``, ``kind`` (who acts, or form or document), ``start``,
        ``finish``, ``days`` in working days from the handing in (papers negative),
        ``written`` (a step's duration as its text has it),
        ``stated`` (whether a duration is known), ``critical`` (a task that, if it took
        longer, would make the whole longer), ``slack`` (days that it may take longer),
        ``state`` (kept, removed, added or changed by the plan). The lane ``limit`` has
        the thời hạn giải quyết; it is never critical, and its ``slack`` is what it
        leaves beyond the steps. A removed task stands on the side ``before`` only.

    Raises
    ------
    UnknownName
        For a procedure that is not there.
    InvalidValue
        When the steps wait for each other in a circle.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "steps": pd.DataFrame({"id": ["s1", "s2", "s3"], "procedure": "1.000001",
    ...         "name": ["Nhận", "Thẩm định", "Trả"], "days": [1.0, 5.0, np.nan]}),
    ...     "flow": pd.DataFrame({"id": ["a", "b"], "procedure": "1.000001",
    ...         "before": ["s1", "s1"], "after": ["s2", "s3"]}),
    ... })
    >>> made = gantt_frame(portfolio, "1.000001")
    >>> made[["id", "start", "finish", "critical", "slack"]].values.tolist()
    [['s1', 0.0, 1.0, True, 0.0], ['s2', 1.0, 6.0, True, 0.0], ['s3', 1.0, 1.0, False, 5.0]]
    """
    key = before[procedure].id
    p = figures(parameters)
    sides = {"before": _tasks(before.select([key]), p)}
    if after is not None:
        there = key in after.procedures.index
        stands = there and after.procedures.at[key, "status"] == "active"
        sides["after"] = _tasks(after.select([key]), p) if stands else sides["before"].iloc[:0]
    frames = [frame.assign(side=side) for side, frame in sides.items()]
    made = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    return made.assign(state=_states(sides, made))[list(COLUMNS)].reset_index(drop=True)


def _states(sides: Mapping[str, pd.DataFrame], made: pd.DataFrame) -> list[str]:
    if "after" not in sides:
        return ["kept"] * len(made)
    old, new = (
        {row.id: (row.days if row.stated else None, row.name) for row in frame.itertuples()}
        for frame in sides.values()
    )
    return [
        "removed" if own not in new
        else "added" if own not in old
        else "kept" if old[own] == new[own]
        else "changed"
        for own in made["id"]
    ]  # fmt: skip


def _tasks(one: Portfolio, p: Figures) -> pd.DataFrame:
    """Return the tasks of a portfolio of one procedure."""
    # Steps that a plan drops or merges stay in the table, without a place in time.
    standing = one.exchange(steps=one.steps[one.steps["status"] == "active"])
    papers, steps = _papers(one, p), _steps(standing)
    limit = float(statutory_days(one, p).iloc[0])
    end = float(steps["finish"].max()) if len(steps) else 0.0
    frames = [papers, steps]
    if not math.isnan(limit):
        row = {
            "lane": "limit", "id": f"{one.procedures.index[0]}/limit", "name": "", "kind": "",
            "start": 0.0, "finish": limit, "days": limit, "written": "", "stated": True,
            "critical": False, "slack": max(limit - end, 0.0),
        }  # fmt: skip
        frames.append(pd.DataFrame([row]))
    return pd.concat([frame for frame in frames if len(frame)] or [steps], ignore_index=True)


def _papers(one: Portfolio, p: Figures) -> pd.DataFrame:
    lines = cost_lines(one, p).papers
    table = one.requirements
    hours = np.where(lines.weight > 0, lines.weight * lines.hours, 0.0)
    asked = np.flatnonzero(lines.shown & (table["status"] == "required").to_numpy() & (hours > 0))
    asked = asked[np.argsort(table["position"].to_numpy()[asked], kind="stable")]
    days = hours[asked] / float(p["working_hours_per_day"])
    finish = np.cumsum(days) - days.sum()
    return pd.DataFrame(
        {
            "lane": "papers",
            "id": table.index[asked],
            "name": table["name"].to_numpy()[asked],
            "kind": table["kind"].to_numpy()[asked],
            "start": finish - days,
            "finish": finish,
            "days": days,
            "written": "",
            "stated": True,
            "critical": True,  # one applicant prepares them one after the other
            "slack": 0.0,
        }
    )


def _steps(one: Portfolio) -> pd.DataFrame:
    table = one.steps
    days = table["days"].to_numpy(dtype=float)
    stated = days >= 0
    length = np.where(stated, days, 0.0)
    finish, latest = _times(one, length)
    slack = latest - finish
    order = np.argsort(table["position"].to_numpy(), kind="stable")
    made = pd.DataFrame(
        {
            "lane": "steps",
            "id": table.index,
            "name": table["name"].to_numpy(),
            "kind": table["actor"].to_numpy(),
            "start": finish - length,
            "finish": finish,
            "days": np.where(stated, days, np.nan),
            "written": table["days_text"].to_numpy(),
            "stated": stated,
            "critical": (slack < 1e-9) & (finish.max(initial=0.0) > 0),
            "slack": slack,
        }
    )
    return made.iloc[order]


def _times(one: Portfolio, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the earliest and the latest finish of each step."""
    known = levels(one)
    finish = length.copy()
    for steps, edges, starts in known.sweeps:
        finish[steps] += np.maximum.reduceat(finish[known.before[edges]], starts)
    latest = np.full(len(length), finish.max(initial=0.0))
    for steps, edges, starts in reversed(known.sweeps):
        counts = np.diff(starts, append=edges.stop - edges.start)
        begins = np.repeat(latest[steps] - length[steps], counts)
        np.minimum.at(latest, known.before[edges], begins)
    return finish, latest


@dataclass(frozen=True)
class Wait:
    """The longest wait on one side.

    Attributes
    ----------
    id, name
        The step; ``""`` where no step states its days.
    days
        Working days of it, NaN where none is stated.
    share
        Share of the whole of the steps (0–1).
    steps, limit
        Working days of the steps one after the other, and the statutory limit; NaN
        where not stated.
    """

    id: str
    name: str
    days: float
    share: float
    steps: float
    limit: float


def longest_wait(frame: pd.DataFrame, side: str = "before") -> Wait:
    """Return the longest of the critical steps that state their days.

    Parameters
    ----------
    frame
        What `gantt_frame` returns.
    """
    mine = frame[frame["side"] == side]
    limits = mine.loc[mine["lane"] == "limit", "days"]
    limit = float(limits.iloc[0]) if len(limits) else math.nan
    steps = mine[(mine["lane"] == "steps") & mine["stated"]]
    whole = float(steps["finish"].max()) if len(steps) else math.nan
    held = steps[steps["critical"] & (steps["days"] > 0)]
    if held.empty:
        return Wait("", "", math.nan, math.nan, whole, limit)
    row = held.loc[held["days"].idxmax()]
    return Wait(
        str(row["id"]), str(row["name"]), float(row["days"]), row["days"] / whole, whole, limit
    )
